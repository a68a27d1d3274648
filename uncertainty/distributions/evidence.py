"""Several sources of one figure, combined into one marginal."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import exp, log, nan, sqrt
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Delegated,
    Marginal,
    Part,
    above_zero,
    fault,
    fraction,
    in_order,
    not_negative,
    part,
    read,
)
from uncertainty.distributions.continuous import Lognormal, Normal, StudentT
from uncertainty.distributions.discrete import Constant

BISECTIONS = 200  # halvings that leave two neighbouring doubles of any bracket
CONFLICT = 0.95  # intervals of this coverage that do not meet are told


@dataclass(frozen=True)
class Source:
    """What one source says of the figure.

    Parameters
    ----------
    value : float
        Its estimate.
    sd : float, optional
        Standard uncertainty of the estimate; or
    low, high : float, optional
        a coverage interval, from which the sd is taken as that of a normal law.
    level : float
        Coverage probability of that interval.
    weight : float
        Share in an opinion pool, relative to the others.
    bias : float
        A further standard uncertainty (another place or year, a coarse method), added
        in quadrature.
    source, place : str, optional
        Where it was published, and of where it speaks.
    year : int, optional
        Of when it speaks.

    Raises
    ------
    DistributionError
        Neither an sd nor both ends, or both; an sd or weight not above 0; a negative
        bias; a value outside its own interval.
    """

    value: float
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    weight: float = 1.0
    bias: float = 0.0
    source: str | None = None
    place: str | None = None
    year: int | None = None

    def __post_init__(self) -> None:
        """Read every field as its annotation says, then check them together."""
        for entry in dataclasses.fields(self):
            value = read(entry.name, getattr(self, entry.name), entry.type)
            object.__setattr__(self, entry.name, value)
        fraction("level", self.level, ends=False)
        above_zero("weight", self.weight, "leave the source out")
        not_negative("bias", self.bias)
        ends = [self.low is not None, self.high is not None]
        if [self.sd is not None, *ends] not in (
            [True, False, False],
            [False, True, True],
        ):
            raise fault("sd", "state the sd, or both low and high, of each source")
        if self.sd is not None:
            above_zero("sd", self.sd, "a source without uncertainty outweighs all")
        if self.low is not None and self.high is not None:
            in_order(self.low, self.high)
            if not self.low < self.value < self.high:
                text = f"{self.value:g} is not inside {self.low:g} to {self.high:g}"
                raise fault("value", text)

    def normal(self, *, logarithmic: bool) -> tuple[float, float]:
        """Centre and sd of the source, of the logarithm if `logarithmic`."""
        k = -float(special.ndtri((1 - self.level) / 2))
        if self.low is not None and self.high is not None:
            sd = (self.high - self.low) / 2 / k
            if logarithmic:
                sd = log(self.high / self.low) / 2 / k
        else:
            sd = self.sd or 0.0
            if logarithmic:
                sd = sqrt(np.log1p((sd / self.value) ** 2))
        bias = self.bias
        if logarithmic:
            bias = sqrt(np.log1p((bias / self.value) ** 2))
        return log(self.value) if logarithmic else self.value, float(np.hypot(sd, bias))


@dataclass(frozen=True)
class Pooled:
    """Estimate of one mean from several sources.

    Attributes
    ----------
    mean, se : float
        Pooled estimate and its standard error, in the units of the estimates.
    tau2 : float
        Variance between sources (their units squared); 0 under fixed effects.
    q, p : float
        Cochran's Q about the fixed-effect mean, and its tail probability if the
        sources agree (chi-square of k - 1 degrees of freedom).
    i2 : float
        Share of Q beyond what agreement explains, 0 to 1.
    hartung_knapp : float
        Standard error by Hartung and Knapp, to be used with Student t of k - 1.
    """

    mean: float
    se: float
    tau2: float
    q: float
    p: float
    i2: float
    hartung_knapp: float


def pool(estimates: FloatArray, sds: FloatArray, *, random: bool = True) -> Pooled:
    """Pool estimates by their precision.

    Parameters
    ----------
    estimates, sds : array_like, shape (source,)
        One estimate a source with its standard uncertainty, in one unit.
    random : bool
        Whether sources may have true values of their own (DerSimonian and Laird,
        Control. Clin. Trials 7 (1986) 177); else all measure the same value.

    Returns
    -------
    Pooled

    Notes
    -----
    Hartung and Knapp, Statist. Med. 20 (2001) 3875: the squared standard error is
    sum w (y - mean)^2 / ((k - 1) sum w). It is nan for a single source.

    Examples
    --------
    >>> both = pool([10.0, 14.0], [1.0, 1.0])
    >>> both.mean, both.tau2, both.se
    (12.0, 7.0, 2.0)
    """
    y, s = np.asarray(estimates, dtype=float), np.asarray(sds, dtype=float)
    w, free = s**-2.0, len(y) - 1
    fixed = float(np.sum(w * y) / np.sum(w))
    q = float(np.sum(w * (y - fixed) ** 2))
    tau2 = 0.0
    if random and free:
        scale = float(np.sum(w) - np.sum(w**2) / np.sum(w))
        tau2 = max(0.0, (q - free) / scale)
    w = 1 / (s**2 + tau2)
    mean = float(np.sum(w * y) / np.sum(w))
    spread = float(np.sum(w * (y - mean) ** 2))
    return Pooled(
        mean=mean,
        se=float(np.sum(w)) ** -0.5,
        tau2=tau2,
        q=q,
        p=float(special.chdtrc(free, q)) if free else 1.0,
        i2=max(0.0, 1 - free / q) if q else 0.0,
        hartung_knapp=sqrt(spread / free / np.sum(w)) if free else nan,
    )


@dataclass(frozen=True)
class Mixture(Marginal):
    """Continuous laws, each with its probability."""

    laws: tuple[Marginal, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Nothing to read: `Evidence` has checked it all."""

    @property
    def mean(self) -> float:
        """Weighted mean of the means."""
        return float(np.dot(self.weights, [law.mean for law in self.laws]))

    @property
    def sd(self) -> float:
        """Root of the variance within and between the laws."""
        parts = [law.sd**2 + (law.mean - self.mean) ** 2 for law in self.laws]
        return sqrt(np.dot(self.weights, parts))

    @property
    def support(self) -> tuple[float, float]:
        """From the lowest end to the highest."""
        ends = [law.support for law in self.laws]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._solve(
            [law.ppf(u) for law in self.laws], lambda x: self._cdf(x) < u
        )

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._solve([law.isf(q) for law in self.laws], lambda x: self._sf(x) > q)

    @staticmethod
    def _solve(
        ends: list[FloatArray], too_low: Callable[[FloatArray], NDArray[np.bool_]]
    ) -> FloatArray:
        """Bisect between the lowest and highest quantile of the laws."""
        low, high = np.min(ends, axis=0), np.max(ends, axis=0)
        for _ in range(BISECTIONS):
            middle = low / 2 + high / 2  # an infinite end stays
            if np.all((middle == low) | (middle == high)):
                break
            below = too_low(middle)
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return high

    def _cdf(self, x: FloatArray) -> FloatArray:
        parts = zip(self.weights, self.laws, strict=True)
        return np.sum([w * law.cdf(x) for w, law in parts], axis=0)

    def _sf(self, x: FloatArray) -> FloatArray:
        parts = zip(self.weights, self.laws, strict=True)
        return np.sum([w * law.sf(x) for w, law in parts], axis=0)


@dataclass(frozen=True)
class Evidence(Delegated):
    """Several sources of one figure, combined.

    Parameters
    ----------
    sources : tuple of Source
        Two or more.
    combine : {"random", "fixed", "hartung_knapp", "linear_pool", "logarithmic_pool"}
        ``fixed``: all sources measure one value; weighted by precision. ``random``:
        each has a true value of its own, scattered about the mean sought
        (DerSimonian-Laird). ``hartung_knapp``: the same with a standard error from
        the scatter itself and Student t; four sources or more. ``linear_pool``: the
        mixture of what the sources say, each by its weight. ``logarithmic_pool``: the
        weighted geometric mean of their densities.
    shape : {"normal", "lognormal"}
        Law of the figure, or of its logarithm.

    Raises
    ------
    DistributionError
        Fewer than two sources, fewer than four under ``hartung_knapp``; a lognormal
        with a value or low end not above 0, or under ``hartung_knapp`` (its sd would
        be infinite); what a `Source` cannot be.

    Notes
    -----
    The first three are laws of the *mean* over the sources; a linear pool is a law of
    the figure for one unknown source. `point` is the median, the mean of a linear
    pool.

    Examples
    --------
    >>> law = Evidence(({"value": 10, "sd": 1}, {"value": 14, "sd": 1}), "fixed")
    >>> law.mean, law.sd
    (12.0, 0.707107)
    >>> law.conflict
    'the 95 % intervals of sources 1 and 2 do not meet'
    """

    sources: tuple[Source, ...]
    combine: Literal[
        "random", "fixed", "hartung_knapp", "linear_pool", "logarithmic_pool"
    ]
    shape: Literal["normal", "lognormal"] = "normal"
    family: ClassVar[str] = "evidence"

    def _check(self) -> None:
        if len(self.sources) < 2:
            raise fault(
                "sources",
                f"{len(self.sources)} given, two or more are combined; state one as "
                "normal or interval",
            )
        if self.combine == "hartung_knapp":
            if len(self.sources) < 4:
                raise fault(
                    "combine",
                    f"hartung_knapp leaves no finite sd with {len(self.sources)} "
                    "sources; write combine: random",
                )
            if self.shape == "lognormal":
                raise fault(
                    "combine",
                    "hartung_knapp leaves no finite sd of a lognormal; write combine: "
                    "random",
                )
        if self.shape == "lognormal":
            for i, source in enumerate(self.sources):
                for end in ("value", "low"):
                    if (number := getattr(source, end)) is not None:
                        hint = "as a lognormal must be; use shape: normal"
                        above_zero(f"sources[{i}].{end}", number, hint)
        _ = self.law  # a lognormal can be too wide

    @cached_property
    def _normals(self) -> tuple[FloatArray, FloatArray]:
        log_ = self.shape == "lognormal"
        pairs = np.array([s.normal(logarithmic=log_) for s in self.sources])
        return pairs[:, 0], pairs[:, 1]

    @property
    def pooled(self) -> Pooled:
        """The pooled mean, of the logarithm under ``shape: lognormal``."""
        return pool(*self._normals, random=self.combine != "fixed")

    @cached_property
    def law(self) -> Marginal:
        """The combined law."""
        centres, sds = self._normals
        weights = np.array([source.weight for source in self.sources])
        weights = weights / weights.sum()
        if self.combine == "linear_pool":
            pairs = zip(centres.tolist(), sds.tolist(), strict=True)
            laws = tuple(self._shaped(mean, sd) for mean, sd in pairs)
            return Mixture(laws, tuple(weights.tolist()))
        if self.combine == "logarithmic_pool":
            precision = weights / sds**2
            mean = float(np.sum(precision * centres) / precision.sum())
            return self._shaped(mean, float(precision.sum()) ** -0.5)
        pooled = self.pooled
        if self.combine == "hartung_knapp":
            if not pooled.hartung_knapp:
                return Constant(pooled.mean)
            free = float(len(centres) - 1)
            return StudentT(pooled.mean, pooled.hartung_knapp, free)
        return self._shaped(pooled.mean, pooled.se)

    def _shaped(self, centre: float, sd: float) -> Marginal:
        if self.shape == "lognormal":
            return Lognormal(median=exp(centre), gsd=exp(sd))
        return Normal(centre, sd)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The sources."""
        pairs = zip(*self._normals, strict=True)
        laws = [self._shaped(float(mean), float(sd)) for mean, sd in pairs]
        return tuple(
            part(
                " ".join(map(str, filter(None, [s.source or i, s.place, s.year]))), law
            )
            for i, (s, law) in enumerate(zip(self.sources, laws, strict=True), start=1)
        )

    @property
    def conflict(self) -> str:
        """Which sources contradict each other; empty if none do."""
        centres, sds = self._normals
        k = -float(special.ndtri((1 - CONFLICT) / 2))
        apart = [
            (i, j)
            for i, j in combinations(range(len(sds)), 2)
            if abs(centres[i] - centres[j]) > k * (sds[i] + sds[j])
        ]
        if not apart:
            return ""
        pairs = ", ".join(f"{i + 1} and {j + 1}" for i, j in apart)
        return f"the 95 % intervals of sources {pairs} do not meet"

    @property
    def remark(self) -> str:
        """How far the sources agree."""
        pooled = self.pooled
        parts = [f"Q {pooled.q:.3g} (p {pooled.p:.2g}), I2 {100 * pooled.i2:.0f} %"]
        return "; ".join([*parts, *filter(None, [self.conflict])])
