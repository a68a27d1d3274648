"""Continuous families between two ends: rectangular, triangular, beta, arc sine."""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite, log, pi, sqrt
from typing import ClassVar

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Delegated,
    Integrated,
    Marginal,
    above_zero,
    fault,
    in_order,
)


@dataclass(frozen=True)
class Uniform(Marginal):
    """Rectangular between two limits (JCGM 101 6.4.2); `point` is the midpoint.

    Examples
    --------
    >>> round(Uniform(0.0, 2.0).mean, 3)
    1.0
    """

    low: float
    high: float
    family: ClassVar[str] = "uniform"

    def _check(self) -> None:
        in_order(self.low, self.high)

    @property
    def mean(self) -> float:
        """Arithmetic mean, the midpoint."""
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / sqrt(12)

    @property
    def support(self) -> tuple[float, float]:
        """The two limits."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The midpoint."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * u

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.high - (self.high - self.low) * q

    def _cdf(self, x: FloatArray) -> FloatArray:
        return (x - self.low) / (self.high - self.low)

    def _sf(self, x: FloatArray) -> FloatArray:
        return (self.high - x) / (self.high - self.low)


@dataclass(frozen=True)
class Triangular(Marginal):
    """Triangle with its peak at the mode, which may stand at an end.

    `point` is the mode. DistributionError if the mode is not between low and high.

    Examples
    --------
    >>> round(Triangular(0.0, 1.0, 2.0).mean, 3)
    1.0
    """

    low: float
    mode: float
    high: float
    family: ClassVar[str] = "triangular"

    def _check(self) -> None:
        _mode_inside(self.low, self.mode, self.high)

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self.low + ((self.mode - self.low) + (self.high - self.low)) / 3

    @property
    def sd(self) -> float:
        """Standard deviation, (l^2 + m^2 + h^2 - lm - mh - hl) / 18 under the root."""
        left, right = self.mode - self.low, self.high - self.mode
        return sqrt((left * left + left * right + right * right) / 18)

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The mode."""
        return self.mode

    @property
    def knots(self) -> tuple[float, ...]:
        """The mode."""
        return (self.mode,)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._between(u, 1 - u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._between(1 - q, q)

    def _between(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        width, left = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(lower * width * left)
        falling = self.high - np.sqrt(upper * width * (self.high - self.mode))
        return np.where(lower * width < left, rising, falling)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return np.where(x < self.mode, self._rising(x), 1 - self._falling(x))

    def _sf(self, x: FloatArray) -> FloatArray:
        return np.where(x < self.mode, 1 - self._rising(x), self._falling(x))

    def _rising(self, x: FloatArray) -> FloatArray:
        area = (self.high - self.low) * (self.mode - self.low)
        return (x - self.low) ** 2 / (area or 1.0)  # no left side: never chosen

    def _falling(self, x: FloatArray) -> FloatArray:
        area = (self.high - self.low) * (self.high - self.mode)
        return (self.high - x) ** 2 / (area or 1.0)  # only x = high: 0 / 1


def _mode_inside(low: float, mode: float, high: float) -> None:
    in_order(low, high)
    if not low <= mode <= high:
        text = f"{mode:g} is not between low {low:g} and high {high:g}"
        raise fault("mode", f"{text}; it may equal either")


@dataclass(frozen=True)
class Beta(Marginal):
    """Beta of exponents a and b, stretched to `low` ... `high` (0 ... 1).

    `point` is the mean. DistributionError unless a and b are above 0.
    """

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0
    family: ClassVar[str] = "beta"

    def _check(self) -> None:
        above_zero("a", self.a, "1 is flat at the lower end")
        above_zero("b", self.b, "1 is flat at the upper end")
        in_order(self.low, self.high)

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        total = self.a + self.b
        spread = sqrt(self.a / total * self.b / total / (total + 1))
        return (self.high - self.low) * spread

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        width = self.high - self.low
        return self.low + width * special.betaincinv(self.a, self.b, u)

    def _isf(self, q: FloatArray) -> FloatArray:
        width = self.high - self.low
        return self.high - width * special.betaincinv(self.b, self.a, q)

    def _cdf(self, x: FloatArray) -> FloatArray:
        share = (x - self.low) / (self.high - self.low)
        return special.betainc(self.a, self.b, share)

    def _sf(self, x: FloatArray) -> FloatArray:
        share = (self.high - x) / (self.high - self.low)
        return special.betainc(self.b, self.a, share)


@dataclass(frozen=True)
class Pert(Delegated):
    """PERT: a beta about a most likely value, of mean (low + lambda mode + high) / ...

    Parameters
    ----------
    low, mode, high : float
        Ends and most likely value; the mode is not the mean.
    lambda_ : float
        Weight of the mode, 4 by custom; 0 is rectangular. The mean is
        (low + lambda mode + high) / (lambda + 2).

    Raises
    ------
    DistributionError
        Mode not between low and high, or lambda negative.

    Notes
    -----
    Vose, Risk Analysis (2008). `point` is the mode.

    Examples
    --------
    >>> round(Pert(1.0, 2.0, 4.0).mean, 3)
    2.167
    """

    low: float
    mode: float
    high: float
    lambda_: float = 4.0
    family: ClassVar[str] = "pert"

    def _check(self) -> None:
        _mode_inside(self.low, self.mode, self.high)
        if self.lambda_ < 0:
            text = "is negative; 4 is the custom, 0 a rectangle"
            raise fault("lambda", f"{self.lambda_:g} {text}")

    @cached_property
    def law(self) -> Marginal:
        """The beta, with a + b = lambda + 2."""
        width = self.high - self.low or 1.0
        a = 1 + self.lambda_ * (self.mode - self.low) / width
        b = 1 + self.lambda_ * (self.high - self.mode) / width
        return Beta(a, b, self.low, self.high)

    @property
    def point(self) -> float:
        """The mode."""
        return self.mode


@dataclass(frozen=True)
class Arcsine(Marginal):
    """U-shaped law of a quantity that swings between two ends (JCGM 101 6.4.6).

    `point` is the midpoint.

    Examples
    --------
    >>> round(Arcsine(0.0, 2.0).mean, 3)
    1.0
    """

    low: float
    high: float
    family: ClassVar[str] = "arcsine"

    def _check(self) -> None:
        in_order(self.low, self.high)

    @property
    def mean(self) -> float:
        """Arithmetic mean, the midpoint."""
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / sqrt(8)

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The midpoint."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * np.sin(pi / 2 * u) ** 2

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.high - (self.high - self.low) * np.sin(pi / 2 * q) ** 2

    def _cdf(self, x: FloatArray) -> FloatArray:
        tail = self._tail(x)
        return np.where(x < self.mean, tail, 1 - tail)

    def _sf(self, x: FloatArray) -> FloatArray:
        tail = self._tail(x)
        return np.where(x < self.mean, 1 - tail, tail)

    def _tail(self, x: FloatArray) -> FloatArray:
        """Probability beyond `x` on its side, from the nearer end: exact there."""
        share = np.minimum(x - self.low, self.high - x) / (self.high - self.low)
        return 2 / pi * np.arcsin(np.sqrt(share))


@dataclass(frozen=True)
class Loguniform(Integrated):
    """Law whose logarithm is rectangular: only the order of magnitude is known.

    `point` is the median, sqrt(low high). DistributionError unless low is above 0 and
    high / low is a number.

    Examples
    --------
    >>> round(Loguniform(1.0, 100.0).mean, 3)
    21.498
    """

    low: float
    high: float
    family: ClassVar[str] = "loguniform"

    def _check(self) -> None:
        above_zero("low", self.low, "use uniform for a range that reaches 0")
        in_order(self.low, self.high)
        if not isfinite(self.high / self.low):
            raise fault("high", f"{self.high:g} is too far above low {self.low:g}")

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The median, the geometric mean of the ends."""
        return self.low * sqrt(self.high / self.low)

    @property
    def _log_width(self) -> float:
        return log(self.high / self.low)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.low * np.exp(self._log_width * u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.high * np.exp(-self._log_width * q)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return np.log(x / self.low) / self._log_width

    def _sf(self, x: FloatArray) -> FloatArray:
        return np.log(self.high / x) / self._log_width
