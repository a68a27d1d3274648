"""The ways people state an uncertainty: an interval, a percentage, readings."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import exp, inf, log, sqrt
from typing import ClassVar, Literal

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Delegated,
    Integrated,
    Marginal,
    above_zero,
    fault,
    fraction,
    in_order,
    not_negative,
)
from uncertainty.distributions.continuous import (
    LARGEST_SIGMA,
    Lognormal,
    Normal,
    StudentT,
)
from uncertainty.distributions.discrete import Constant, Empirical
from uncertainty.distributions.modifiers import truncate
from uncertainty.seeds import generator

RESAMPLES = 10_000
LARGEST_PERCENT = 60.0

Shape = Literal["normal", "lognormal"]


SMALLEST_LEVEL = 1e-9
"""Least coverage of an interval, and least rest beyond it, that states an sd."""


def _coverage_factor(level: float) -> float:
    """Half-width of a symmetric interval of a normal law, in sd.

    Raises
    ------
    DistributionError
        The interval holds so little, or so much, that it says nothing of the sd.
    """
    if not SMALLEST_LEVEL <= level <= 1 - SMALLEST_LEVEL:
        text = f"{level:g} leaves the standard deviation open; 0.95 is usual"
        raise fault("level", text)
    return -float(special.ndtri((1 - level) / 2))


@dataclass(frozen=True)
class TruncatedNormal(Delegated):
    """Normal law cut to bounds, stated by the mean and sd it has before the cut.

    Parameters
    ----------
    mean_, sd_ : float
        Of the normal law that is cut; the law drawn from has others.
    low, high : float, optional
        Bounds, one at least.

    Raises
    ------
    DistributionError
        sd negative, no bound, low above high, or bounds that hold no probability.

    Notes
    -----
    `point` is the stated mean, or the mean of the law drawn if the bounds shut it out.
    """

    mean_: float
    sd_: float
    low: float | None = None
    high: float | None = None
    family: ClassVar[str] = "truncated_normal"

    def _check(self) -> None:
        _ = self.law

    @cached_property
    def law(self) -> Marginal:
        """The normal law inside the bounds."""
        return truncate(Normal(self.mean_, self.sd_), self.low, self.high)


@dataclass(frozen=True)
class Interval(Delegated):
    """A coverage interval, with or without a central value.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    level : float
        Its coverage probability; the rest is shared by the two tails.
    shape : {"normal", "lognormal"}
        Law of the quantity, or of its logarithm.
    value : float, optional
        Median, strictly inside. Without it the interval alone fixes the law and the
        median is the midpoint, or the geometric midpoint; with it each half of the
        law has its own spread, so that low, value and high all come back.

    Raises
    ------
    DistributionError
        low above high, level not between 0 and 1, value not inside, a lognormal whose
        low is not above 0 or that is too wide.

    Notes
    -----
    `point` is the median. Two half laws about a common median: Wallis, Statistical
    Science 29 (2014) 106, has those about a common mode. low = high is a constant.

    Examples
    --------
    >>> round(Interval(1.0, 3.0).mean, 3)
    2.0
    """

    low: float
    high: float
    level: float = 0.95
    shape: Shape = "normal"
    value: float | None = None
    family: ClassVar[str] = "interval"

    def _check(self) -> None:
        in_order(self.low, self.high)
        fraction("level", self.level, ends=False)
        if self.shape == "lognormal":
            above_zero("low", self.low, "as a lognormal must be; use shape: normal")
        if self.value is not None and not self._inside(self.value):
            text = f"{self.value:g} is not inside {self.low:g} to {self.high:g}"
            raise fault("value", f"{text}; triangular takes a mode at an end")
        _ = self.law  # a lognormal can be too wide

    def _inside(self, value: float) -> bool:
        if self.low == self.high:
            return value == self.low
        return self.low < value < self.high

    @cached_property
    def law(self) -> Marginal:
        """A normal or lognormal law, or two halves of them."""
        k = _coverage_factor(self.level)
        if self.low == self.high:
            return Constant(self.low)
        if self.shape == "normal":
            if self.value is None:
                half = (self.high - self.low) / 2
                return Normal(self.low + half, half / k)
            left, right = (self.value - self.low) / k, (self.high - self.value) / k
            return _Halves(self.value, left, right, logarithmic=False)
        median = self.value
        if median is None:
            median = self.low * sqrt(self.high / self.low)
            left = right = log(self.high / self.low) / 2 / k
        else:
            left, right = log(median / self.low) / k, log(self.high / median) / k
        if max(left, right) > LARGEST_SIGMA:
            text = f"{self.high:g} is too far above low {self.low:g} for a lognormal"
            raise fault("high", text)
        if left == right:
            return Lognormal(median=median, gsd=exp(left))
        return _Halves(median, left, right, logarithmic=True)


@dataclass(frozen=True)
class _Halves(Integrated):
    """Two half laws, each with probability 1/2, that meet at the median.

    Left and right are the sd of the whole normal that each half belongs to, of the
    logarithm if `logarithmic`.
    """

    median: float
    left: float
    right: float
    logarithmic: bool

    def __post_init__(self) -> None:
        """Nothing to read: `Interval` has checked it all."""

    @property
    def support(self) -> tuple[float, float]:
        """From 0 up if logarithmic, else the whole line."""
        return 0.0 if self.logarithmic else -inf, inf

    @property
    def point(self) -> float:
        """The median."""
        return self.median

    @property
    def knots(self) -> tuple[float, ...]:
        """The median, where the density jumps."""
        return (self.median,)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._value(special.ndtri(u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._value(-special.ndtri(q))

    def _value(self, z: FloatArray) -> FloatArray:
        away = np.where(z < 0, self.left, self.right) * z
        return self.median * np.exp(away) if self.logarithmic else self.median + away

    def _cdf(self, x: FloatArray) -> FloatArray:
        return special.ndtr(self._z(x))

    def _sf(self, x: FloatArray) -> FloatArray:
        return special.ndtr(-self._z(x))

    def _z(self, x: FloatArray) -> FloatArray:
        away = np.log(x / self.median) if self.logarithmic else x - self.median
        return away / np.where(away < 0, self.left, self.right)


@dataclass(frozen=True)
class Percent(Delegated):
    """A value plus or minus a percentage, as in the tables of IPCC 2006.

    Parameters
    ----------
    value : float
        Mean, of either sign.
    plus_minus : float
        Half-width of the coverage interval in percent of the value, at most 60.
    level : float
        Coverage probability of the interval.

    Raises
    ------
    DistributionError
        plus_minus negative, or above 60, where a normal law of a positive quantity
        turns negative in more than one draw of 2000; value 0; level not in (0, 1).

    Notes
    -----
    IPCC 2006 Guidelines vol. 1 ch. 3: percentages bound the 95 % interval. `point` is
    the value.

    Examples
    --------
    >>> round(Percent(10.0, 20.0).mean, 3)
    10.0
    """

    value: float
    plus_minus: float
    level: float = 0.95
    family: ClassVar[str] = "percent"

    def _check(self) -> None:
        fraction("level", self.level, ends=False)
        not_negative("plus_minus", self.plus_minus)
        if self.plus_minus > LARGEST_PERCENT:
            away = abs(self.value) * self.plus_minus / 100
            low = f"{self.value - away:g}" if self.plus_minus < 100 else "..."
            ends = f"low: {low}, high: {self.value + away:g}, shape: lognormal"
            text = f"{self.plus_minus:g} is above 60, where a normal law turns negative"
            raise fault("plus_minus", f"{text}; write interval {{{ends}}}")
        if self.plus_minus and not self.value:
            raise fault("value", "0 has no percentage; write normal {mean: 0, sd: ...}")

    @cached_property
    def law(self) -> Marginal:
        """The normal law."""
        share = self.plus_minus / 100 / _coverage_factor(self.level)
        return Normal(self.value, abs(self.value) * share)


@dataclass(frozen=True)
class Observed(Delegated):
    """Readings of one quantity from a plant.

    Parameters
    ----------
    values : tuple of float
        The n readings.
    of : {"mean", "bootstrap", "readings"}
        What is uncertain. ``mean``: the long-run mean, known from n readings taken as
        independent and normal: Student t of n - 1 degrees of freedom about their
        average with scale s / sqrt(n). ``bootstrap``: the same mean without the
        normal law. ``readings``: the quantity itself, which goes on to scatter as the
        readings do, each as likely.

    Raises
    ------
    DistributionError
        Fewer than 4 readings for ``mean`` (below that the t has no finite sd), than 2
        for the others.

    Notes
    -----
    JCGM 101 6.4.9. The bootstrap (Efron 1979) is that of 10 000 resamples from a
    stream keyed by the readings alone, so it is the same in every run; their means
    are stretched to the mean and sd that the full bootstrap has in closed form, the
    average and sqrt(sum (x - average)^2) / n. `point` is the average.

    Examples
    --------
    >>> round(Observed((1.0, 2.0, 3.0, 6.0), "mean").mean, 3)
    3.0
    """

    values: tuple[float, ...]
    of: Literal["mean", "bootstrap", "readings"]
    family: ClassVar[str] = "observed"

    def _check(self) -> None:
        needed = 4 if self.of == "mean" else 2
        if (count := len(self.values)) < needed:
            text = f"{count} given, {self.of} takes {needed} or more"
            raise fault("values", f"{text}; with fewer state an interval")

    @property
    def point(self) -> float:
        """The average."""
        return float(np.mean(self.values))

    @property
    def remark(self) -> str:
        """What the law is of."""
        count = len(self.values)
        return {
            "mean": "of the long-run mean, "
            f"Student t of {count - 1} degrees of freedom",
            "bootstrap": f"of the long-run mean, {RESAMPLES} resamples of {count}",
            "readings": f"of a single reading, each of {count} as likely",
        }[self.of]

    @cached_property
    def law(self) -> Marginal:
        """Student t, resampled means, or the readings."""
        if self.of == "readings":
            return Empirical(self.values)
        if self.of == "bootstrap":
            return Empirical(tuple(_resampled_means(np.asarray(self.values)).tolist()))
        count = len(self.values)
        scale = float(np.std(self.values, ddof=1)) / sqrt(count)
        return StudentT(self.point, scale, count - 1)


def _resampled_means(values: FloatArray) -> FloatArray:
    """Means of resamples of `values`: shape (n,) -> (RESAMPLES,)."""
    rng = generator(0, "bootstrap of readings", sha256(values.tobytes()).hexdigest())
    count, centre = values.size, values.mean()
    means = np.empty(RESAMPLES)
    step = max(1, 1_000_000 // count)  # resamples at a time: a few MB
    for start in range(0, RESAMPLES, step):
        part = means[start : start + step]
        picks = rng.integers(count, size=(part.size, count))
        part[:] = values[picks].mean(axis=1)
    if (spread := means.std()) == 0:
        return np.full(RESAMPLES, centre)
    stretch = values.std() / sqrt(count) / spread
    return np.asarray(centre + (means - means.mean()) * stretch)
