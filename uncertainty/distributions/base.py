"""What every marginal can do: quantiles, tail probabilities, moments, a short name."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, ClassVar, Literal, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.errors import DistributionError

Atoms = tuple[FloatArray, FloatArray]

LARGEST_WIDTH = 1e150  # its square is a double still


@dataclasses.dataclass(frozen=True)
class Part:
    """What one source says, beside the law that several make together.

    Attributes
    ----------
    label : str
        Its source; or ``prior``, ``readings``, or its number.
    low, middle, high : float
        Ends of its 95 % interval, and its median.
    """

    label: str
    low: float
    middle: float
    high: float


class Marginal(ABC):
    """Distribution of one uncertain parameter: frozen, hashable, exact.

    A family is a frozen dataclass whose fields are its parameters, spelt out. A
    parameter whose word is taken in Python or by a property below has an underscore
    after it as a field (``lambda_``, ``mean_``); the config says it without.

    Attributes
    ----------
    mean, sd : float
        Of the law as it is drawn, after any truncation.
    support : tuple of float
        Its two ends, infinite where it has none.
    point : float
        The stated central value, used by a run without spread.

    Notes
    -----
    A family writes the kernels ``_ppf``, ``_isf`` and ``_cdf``, and ``_sf`` too where
    one minus a probability would lose the upper tail. The faces below deal with zero
    width, with what lies outside the support, and with rounding at its ends.
    """

    family: ClassVar[str] = ""

    if TYPE_CHECKING:  # at run time a property here would hide a field of that name

        @property
        def mean(self) -> float:
            """Arithmetic mean."""

        @property
        def sd(self) -> float:
            """Standard deviation."""

    def __post_init__(self) -> None:
        """Read every field as its annotation says, then check them together."""
        for entry in dataclasses.fields(self):  # type: ignore[arg-type]
            value = read(word(entry.name), getattr(self, entry.name), entry.type)
            object.__setattr__(self, entry.name, value)
        self._check()

    def _check(self) -> None:  # noqa: B027  # many families can refuse nothing
        """Refuse parameters that no such law can have."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Lower and upper end of the law."""

    @property
    @abstractmethod
    def point(self) -> float:
        """The stated central value."""

    @property
    def constant(self) -> bool:
        """Whether the law has no width."""
        low, high = self.support
        return low == high

    @property
    def knots(self) -> tuple[float, ...]:
        """Inner points where the density jumps or bends; quadrature splits there."""
        return ()

    @property
    def atoms(self) -> Atoms | None:
        """Values in rising order with their probabilities; None if continuous."""
        return None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the law was put together from; empty for most."""
        return ()

    @property
    def remark(self) -> str:
        """What a reader of the parameters has to know to read them right."""
        return ""

    def ppf(self, u: ArrayLike) -> FloatArray:
        """Quantile at each level `u`, 0 <= u <= 1; any shape, never written to."""
        return self._quantile(u, self._ppf, self.support)

    def isf(self, q: ArrayLike) -> FloatArray:
        """Value exceeded with probability `q`; exact for the smallest q."""
        return self._quantile(q, self._isf, self.support[::-1])

    def _quantile(
        self, u: ArrayLike, kernel: "_Kernel", ends: tuple[float, float]
    ) -> FloatArray:
        level = np.asarray(u, dtype=np.float64)
        if self.constant:
            return np.full(level.shape, ends[0])
        with np.errstate(divide="ignore", over="ignore"):
            # rounding in a kernel must not put a draw outside
            inside = np.clip(kernel(level), min(ends), max(ends))
        # at 0 kernels lose the end: scipy 1.17 has stdtrit(5, 0) = +inf, for one
        inside = np.where(level == 0, ends[0], inside)
        return np.where(level == 1, ends[1], inside)

    def cdf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value of at most `x`."""
        return self._probability(x, self._cdf, outside=(0.0, 1.0))

    def sf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value above `x`, exact in the upper tail."""
        return self._probability(x, self._sf, outside=(1.0, 0.0))

    def below(self, x: ArrayLike) -> FloatArray:
        """Probability of a value below `x`: `cdf` unless there is an atom at x."""
        if self.constant:
            return np.where(self.support[0] < np.asarray(x), 1.0, 0.0)
        return self.cdf(x)

    def at_least(self, x: ArrayLike) -> FloatArray:
        """Probability of a value of at least `x`: `sf` unless there is an atom at x."""
        return 1 - self.below(x) if self.constant else self.sf(x)

    def _probability(
        self, x: ArrayLike, kernel: "_Kernel", outside: tuple[float, float]
    ) -> FloatArray:
        value = np.asarray(x, dtype=np.float64)
        (low, high), (before, after) = self.support, outside
        if self.constant:
            return np.where(value < low, before, after)
        with np.errstate(divide="ignore", over="ignore"):
            inside = kernel(np.clip(value, low, high))
        inside = np.where(value < low, before, inside)
        return np.where(value >= high, after, inside)

    @abstractmethod
    def _ppf(self, u: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _cdf(self, x: FloatArray) -> FloatArray: ...

    @abstractmethod
    def _isf(self, q: FloatArray) -> FloatArray: ...

    def _sf(self, x: FloatArray) -> FloatArray:
        return 1 - self._cdf(x)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Kernel = Callable[[FloatArray], FloatArray]


class Integrated(Marginal):
    """A marginal whose moments come by quadrature of its quantiles.

    Steadier than a difference of closed forms where the spread is small beside the
    mean. Good to 1e-10 relative, unless a tail is so heavy that the variance hardly
    exists (a Student t of fewer than 2.3 degrees of freedom, bounded on one side).
    """

    @cached_property
    def _moments(self) -> tuple[float, float]:
        return moments(self)

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self._moments[0]

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self._moments[1]


class Delegated(Marginal):
    """A marginal that is another one, stated in other words."""

    @cached_property
    @abstractmethod
    def law(self) -> Marginal:
        """The marginal that does the work."""

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self.law.mean

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.law.sd

    @property
    def support(self) -> tuple[float, float]:
        """Lower and upper end of the law."""
        return self.law.support

    @property
    def point(self) -> float:
        """The stated central value."""
        return self.law.point

    @property
    def knots(self) -> tuple[float, ...]:
        """Inner points where the density jumps or bends."""
        return self.law.knots

    @property
    def atoms(self) -> Atoms | None:
        """Values with their probabilities; None if continuous."""
        return self.law.atoms

    def below(self, x: ArrayLike) -> FloatArray:
        """Probability of a value below `x`."""
        return self.law.below(x)

    def at_least(self, x: ArrayLike) -> FloatArray:
        """Probability of a value of at least `x`."""
        return self.law.at_least(x)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.law.ppf(u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.law.isf(q)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return self.law.cdf(x)

    def _sf(self, x: FloatArray) -> FloatArray:
        return self.law.sf(x)


def moments(law: Marginal) -> tuple[float, float]:
    """Mean and standard deviation by tanh-sinh quadrature over the quantile level.

    Each half of the law is integrated over the probability of its own tail, split at
    the knots; the step is halved until neither result moves by 1e-13 of the sd.

    Notes
    -----
    Takahasi and Mori, Publ. RIMS 9 (1974) 721: the nodes crowd towards both ends of a
    panel so fast that the infinite ends of a quantile function do no harm.
    """
    knots = np.asarray(law.knots, dtype=np.float64)
    halves = [(law.ppf, law.cdf(knots)), (law.isf, law.sf(knots))]
    centre = float(law.ppf(0.5))
    mean, sd = np.nan, np.nan
    for level in range(3, 9):
        fraction, weight = _nodes(2.0**-level)
        values: list[FloatArray] = []
        weights: list[FloatArray] = []
        for quantile, split in halves:
            inner = np.unique(split[(split > 0) & (split < 0.5)])
            edges = np.concatenate([[0.0], inner, [0.5]])
            for start, width in zip(edges[:-1], np.diff(edges), strict=True):
                values.append(quantile(start + width * fraction) - centre)
                weights.append(width * weight)
        x, w = np.concatenate(values), np.concatenate(weights)
        before, mean = (mean, sd), float(np.sum(w * x))
        sd = float(np.sqrt(np.sum(w * (x - mean) ** 2)))
        if max(abs(mean - before[0]), abs(sd - before[1])) <= 1e-13 * sd:
            break
    return centre + mean, sd


def _nodes(step: float) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of the tanh-sinh rule on (0, 1), ends at 1e-100."""
    reach = np.arcsinh(np.log(1e100) / np.pi)
    t = step * np.arange(-int(reach / step), int(reach / step) + 1)
    fraction = special.expit(np.pi * np.sinh(t))
    other = special.expit(-np.pi * np.sinh(t))
    return fraction, step * np.pi * np.cosh(t) * fraction * other


def part(label: str, law: Marginal) -> Part:
    """A law as one of the parts of another."""
    low, middle = (float(law.ppf(u)) for u in (0.025, 0.5))
    return Part(label, low, middle, float(law.isf(0.025)))


def explain(marginal: Marginal) -> str:
    """Short plain text for tables, such as ``lognormal (median 0.944, gsd 1.06)``.

    Parameters left at their defaults are not repeated; a list shows its length and
    its two ends. A remark of the family follows, then modifiers in the order in which
    they act.
    """
    return marginal._text() if isinstance(marginal, Modified) else _plain(marginal)


class Modified(Marginal):
    """A marginal made from another by bounds, a change of sign or an offset."""

    @abstractmethod
    def _text(self) -> str:
        """Write the law inside, then what is done to it."""


def _plain(marginal: Marginal) -> str:
    parts = []
    for entry in dataclasses.fields(marginal):  # type: ignore[arg-type]
        value = getattr(marginal, entry.name)
        if value is None or value == entry.default:
            continue
        parts.append(f"{word(entry.name)} {show(value)}")
    remark = f"; {marginal.remark}" if marginal.remark else ""
    return f"{marginal.family.replace('_', ' ')} ({', '.join(parts)}{remark})"


def show(value: object) -> str:
    """Write a parameter for people: six digits, long lists by length and ends."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if not isinstance(value, tuple):
        return str(value)
    if value and all(isinstance(v, tuple) and len(v) == 2 for v in value):
        return "{" + ", ".join(f"{show(k)} {show(v)}" for k, v in value) + "}"
    if any(dataclasses.is_dataclass(v) for v in value):
        return f"{len(value)}"
    if len(value) <= 6:
        return "[" + ", ".join("-" if v is None else show(v) for v in value) + "]"
    return f"[{len(value)} from {show(min(value))} to {show(max(value))}]"


def word(field: str) -> str:
    """Config word of a dataclass field: ``lambda_`` is written ``lambda``."""
    return field.rstrip("_")


def fault(parameter: str, text: str) -> DistributionError:
    """Error about one parameter; its message starts with the parameter's name."""
    return DistributionError(f"{parameter}: {text}", parameter)


def read(name: str, value: object, kind: object) -> object:
    """`value` as the annotation `kind` asks, or DistributionError about `name`.

    Numbers become finite floats, sequences tuples; a word must be one of a Literal.
    """
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise fault(name, f"{value!r} is not a number")
        if not np.isfinite(number := float(value)):
            raise fault(name, f"{number} is not a finite number")
        return number
    if get_origin(kind) is tuple:
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise fault(name, f"{value!r} is not a list of numbers")
        item = get_args(kind)[0]
        return tuple(read(f"{name}[{i}]", v, item) for i, v in enumerate(value))
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise fault(name, f"{value!r} is none of {', '.join(get_args(kind))}")
        return value
    if value is None or isinstance(value, Marginal) or get_origin(kind) is Mapping:
        return value
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _record(name, value, kind)
    if kind in (str, int):
        if isinstance(value, bool) or not isinstance(value, kind):
            if kind is str:
                raise fault(name, f"{value!r} is not a text")
            raise fault(name, f"{value!r} is not a whole number")
        return value
    return read(name, value, get_args(kind)[0] if get_args(kind) else float)


def _record(name: str, value: object, kind: type) -> object:
    """A parameter of several fields, such as one source of many."""
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        raise fault(name, f"{value!r} is no mapping of its fields")
    entries = dataclasses.fields(kind)
    for key in value:
        if key not in {entry.name for entry in entries}:
            known = ", ".join(entry.name for entry in entries)
            raise fault(f"{name}.{key}", f"no such field; there are {known}")
    for entry in entries:
        if entry.default is dataclasses.MISSING and entry.name not in value:
            raise fault(f"{name}.{entry.name}", "is missing")
    try:
        return kind(**value)
    except DistributionError as error:
        inner = str(error).removeprefix(f"{error.parameter}: ")
        raise fault(f"{name}.{error.parameter}", inner) from None


def above_zero(name: str, value: float, hint: str = "") -> None:
    """Refuse a parameter that must be positive."""
    if value <= 0:
        raise fault(name, f"{value:g} is not above 0" + (f"; {hint}" if hint else ""))


def not_negative(name: str, value: float) -> None:
    """Refuse a negative spread; zero is legal and means a constant."""
    if value < 0:
        text = f"{value:g} is negative; write {-value:g}, or 0 for no spread"
        raise fault(name, text)


def in_order(low: float, high: float) -> None:
    """Refuse ends that are the wrong way round; equal ends are a constant."""
    if low > high:
        raise fault("low", f"{low:g} is above high {high:g}; swap them")
    if high - low > LARGEST_WIDTH:
        raise fault("high", f"{high:g} is too far above low {low:g}")


def fraction(name: str, value: float, *, ends: bool) -> None:
    """Refuse what is no share of one; `ends` says whether 0 and 1 are allowed."""
    if (0 <= value <= 1) if ends else (0 < value < 1):
        return
    hint = f"; write {value / 100:g} for {value:g} %" if 1 < value < 100 else ""
    raise fault(name, f"{value:g} is not between 0 and 1{hint}")


def doubles(values: ArrayLike) -> FloatArray:
    """Say that doubles are doubles where scipy's stubs leave it open; no copy."""
    return np.asarray(values, dtype=np.float64)
