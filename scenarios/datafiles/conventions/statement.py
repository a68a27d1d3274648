"""One marginal in plain words: what every reader makes and every writer takes."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, expm1, log, sqrt

from scenarios.datafiles.conventions.fields import ExchangeError
from uncertainty.distributions import (
    Interval,
    Lognormal,
    Marginal,
    Negated,
    Pert,
    Shifted,
    Truncated,
    TruncatedAtoms,
    build,
)
from uncertainty.distributions.base import Delegated


@dataclass(frozen=True)
class Statement:
    """A family with its parameters, and what is done to it, as a config says it.

    Attributes
    ----------
    family : str
    own : mapping of str to float
        The family's own parameters.
    low, high : float or None
        Bounds on the law as the parameters state it, before `negate` and `offset`.
    negate : bool
    offset : float
    """

    family: str
    own: Mapping[str, object]
    low: float | None = None
    high: float | None = None
    negate: bool = False
    offset: float = 0.0

    def parameters(self) -> dict[str, object]:
        """Parameters as `uncertainty.distributions.build` and a config take them."""
        found = dict(self.own)
        ends = {"low": self.low, "high": self.high}
        if self.bounded:
            found["bounds"] = {k: v for k, v in ends.items() if v is not None}
        if self.negate:
            found["negate"] = True
        if self.offset:
            found["offset"] = self.offset
        return found

    def marginal(self) -> Marginal:
        """The distribution itself."""
        return build(self.family, self.parameters())

    def number(self, name: str) -> float:
        """One of the family's own parameters."""
        value = self.own[name]
        if not isinstance(value, float | int):
            raise TypeError(f"{name} of {self.family} is {value!r}, not a number")
        return float(value)

    @property
    def bounded(self) -> bool:
        """Whether the law is cut."""
        return self.low is not None or self.high is not None

    @property
    def sign(self) -> int:
        """-1 for a law that is mirrored, else 1."""
        return -1 if self.negate else 1

    @property
    def median(self) -> float:
        """Median of a lognormal, with its sign."""
        return self.sign * self.number("median")

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm of a lognormal."""
        return log(self.number("gsd"))

    @property
    def drawn_ends(self) -> tuple[float | None, float | None]:
        """Bounds as they lie on the values drawn: mirrored and moved with the law."""
        ends = [
            None if end is None else self.sign * end + self.offset
            for end in (self.low, self.high)
        ]
        return (ends[1], ends[0]) if self.negate else (ends[0], ends[1])


def lognormal(median: float, sigma: float) -> Statement:
    """Lognormal of a median of either sign and the sd of ln abs(x).

    A negative amount is minus a lognormal of its absolute value.
    """
    own = {"median": abs(median), "gsd": exp(sigma)}
    return Statement("lognormal", own, negate=median < 0)


def lognormal_by_mean(mean: float, sigma: float) -> Statement:
    """Lognormal of an arithmetic mean of either sign and the sd of ln abs(x).

    It keeps the mean as the point value: that is what was stated.
    """
    cv = sqrt(expm1(sigma * sigma))
    return Statement("lognormal", {"mean": abs(mean), "cv": cv}, negate=mean < 0)


def state(marginal: Marginal) -> Statement:
    """Put a marginal into the plainest words that say the same law.

    Parameters
    ----------
    marginal : Marginal
        Of any family, with any modifiers in any order.

    Returns
    -------
    Statement
        A law without width is ``constant``. A lognormal has median and gsd. An
        interval, a percentage or a pedigree is the law it stands for. Where mirroring
        or moving leaves the family, the parameters take it up: minus a normal of mean
        3 is a normal of mean -3.
    """
    if marginal.constant:
        return Statement("constant", {"value": marginal.support[0]})
    return _absorbed(_peeled(marginal))


def _peeled(law: Marginal) -> Statement:
    """Modifiers off, from the outermost inwards."""
    if isinstance(law, Shifted):
        inside = _peeled(law.base)
        return replace(inside, offset=inside.offset + law.offset)
    if isinstance(law, Negated):
        inside = _peeled(law.base)
        return replace(inside, negate=not inside.negate, offset=-inside.offset)
    if isinstance(law, Truncated | TruncatedAtoms):
        return _cut(_peeled(law.base), law.low, law.high)
    if isinstance(law, Lognormal):
        median = float(law.ppf(0.5))
        return Statement("lognormal", {"median": median, "gsd": exp(law.sigma)})
    if isinstance(law, Interval) and not law.law.family:
        own = {"low": law.low, "high": law.high, "level": law.level}
        return Statement("interval", own | {"shape": law.shape, "value": law.value})
    if isinstance(law, Delegated) and not isinstance(law, Pert):
        return _peeled(law.law)
    fields = {
        entry.name.rstrip("_"): getattr(law, entry.name)
        for entry in dataclasses.fields(law)  # type: ignore[arg-type]  # every marginal is a dataclass
    }
    return Statement(law.family, fields)


def _cut(inside: Statement, low: float | None, high: float | None) -> Statement:
    """Bounds on the values drawn, moved to the law inside."""
    ends = [
        None if end is None else inside.sign * (end - inside.offset)
        for end in (low, high)
    ]
    floor, ceiling = reversed(ends) if inside.negate else ends
    floors = [end for end in (inside.low, floor) if end is not None]
    ceilings = [end for end in (inside.high, ceiling) if end is not None]
    return replace(
        inside,
        low=max(floors, default=None),
        high=min(ceilings, default=None),
    )


PLACES = {
    "normal": ("mean",),
    "student_t": ("mean",),
    "uniform": ("low", "high"),
    "arcsine": ("low", "high"),
    "trapezoid": ("low", "high"),
    "curvilinear_trapezoid": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "beta": ("low", "high"),
}
"""Parameters that are values of the quantity, in the families that mirroring keeps."""


def _absorbed(said: Statement) -> Statement:
    """Mirror and move the parameters themselves, where the family allows it."""
    if not (said.negate or said.offset):
        return said
    if said.family == "gumbel" and not said.negate:
        own = dict(said.own) | {"location": said.number("location") + said.offset}
    elif said.family in PLACES:
        own = dict(said.own)
        places = PLACES[said.family]
        moved = [said.sign * said.number(p) + said.offset for p in places]
        own |= zip(places, moved[:: said.sign], strict=True)
        if said.family == "beta" and said.negate:
            own |= {"a": said.own["b"], "b": said.own["a"]}
    else:
        return said
    low, high = said.drawn_ends
    return Statement(said.family, own, low, high)


SCALES = PLACES | {
    "constant": ("value",),
    "normal": ("mean", "sd"),
    "student_t": ("mean", "scale"),
    "lognormal": ("median",),
    "weibull": ("scale",),
    "gamma": ("scale",),
    "exponential": ("mean",),
    "gumbel": ("location", "scale"),
}
"""Parameters that are in the units of the quantity, in the families that have such."""


def scaled(said: Statement, factor: float) -> Statement:
    """The distribution of a quantity in other units.

    Parameters
    ----------
    said : Statement
    factor : float
        Above 0; values are multiplied by it.

    Raises
    ------
    ExchangeError
        The family has no parameters that can be scaled.

    Examples
    --------
    >>> scaled(Statement("normal", {"mean": 2.0, "sd": 0.5}), 10).own
    {'mean': 20.0, 'sd': 5.0}
    """
    if factor == 1:
        return said
    if said.family not in SCALES:
        text = f"{said.family} cannot be stated in other units"
        raise ExchangeError(text, said.family)
    low, high = (None if end is None else end * factor for end in (said.low, said.high))
    own = {name: said.number(name) * factor for name in SCALES[said.family]}
    return Statement(
        said.family,
        {**said.own, **own},
        low,
        high,
        said.negate,
        said.offset * factor,
    )
