"""Continuous families between two ends: rectangular, triangular, beta, arc sine, ..."""

from dataclasses import dataclass
from functools import cached_property
from math import atanh, log, pi, sqrt
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
    fraction,
    in_order,
    not_negative,
)


@dataclass(frozen=True)
class Uniform(Marginal):
    """Rectangular between two limits (JCGM 101 6.4.2); `point` is the midpoint."""

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
class Trapezoid(Marginal):
    """Symmetric trapezoid: sum of two rectangular quantities (JCGM 101 6.4.4).

    Parameters
    ----------
    low, high : float
        Ends of the base.
    top_ratio : float
        Top width over base width, beta of JCGM 101: 0 is a triangle, 1 a rectangle.

    Raises
    ------
    DistributionError
        low above high, or top_ratio not from 0 to 1.

    Notes
    -----
    Variance (high - low)^2 (1 + beta^2) / 24. `point` is the midpoint.
    """

    low: float
    high: float
    top_ratio: float
    family: ClassVar[str] = "trapezoid"

    def _check(self) -> None:
        in_order(self.low, self.high)
        fraction("top_ratio", self.top_ratio, ends=True)

    @property
    def mean(self) -> float:
        """Arithmetic mean, the midpoint."""
        return self.low + self._half

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self._half * sqrt((1 + self.top_ratio**2) / 6)

    @property
    def support(self) -> tuple[float, float]:
        """Ends of the base."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The midpoint."""
        return self.mean

    @property
    def knots(self) -> tuple[float, ...]:
        """Ends of the top."""
        ramp = (1 - self.top_ratio) * self._half
        return self.low + ramp, self.high - ramp

    @property
    def _half(self) -> float:
        return (self.high - self.low) / 2

    def _ppf(self, u: FloatArray) -> FloatArray:
        tail = self._from_end(np.minimum(u, 1 - u))
        return np.where(u < 0.5, self.low + tail, self.high - tail)

    def _isf(self, q: FloatArray) -> FloatArray:
        tail = self._from_end(np.minimum(q, 1 - q))
        return np.where(q < 0.5, self.high - tail, self.low + tail)

    def _from_end(self, tail: FloatArray) -> FloatArray:
        """Distance from the nearer end of the value with `tail` beyond it."""
        beta = self.top_ratio
        ramp = np.sqrt(2 * tail * (1 - beta * beta))
        flat = (1 - beta) / 2 + tail * (1 + beta)
        return self._half * np.where(tail * 2 * (1 + beta) < 1 - beta, ramp, flat)

    def _cdf(self, x: FloatArray) -> FloatArray:
        tail = self._tail(np.minimum(x - self.low, self.high - x))
        return np.where(x < self.mean, tail, 1 - tail)

    def _sf(self, x: FloatArray) -> FloatArray:
        tail = self._tail(np.minimum(x - self.low, self.high - x))
        return np.where(x < self.mean, 1 - tail, tail)

    def _tail(self, distance: FloatArray) -> FloatArray:
        """Inverse of `_from_end`."""
        beta, share = self.top_ratio, distance / self._half
        ramp = share * share / (2 * (1 - beta * beta) or 1.0)  # a rectangle has none
        flat = (share - (1 - beta) / 2) / (1 + beta)
        return np.where(share < 1 - beta, ramp, flat)


@dataclass(frozen=True)
class CurvilinearTrapezoid(Marginal):
    """Rectangular quantity whose limits are inexact themselves (JCGM 101 6.4.3).

    Parameters
    ----------
    low, high : float
        Best estimates of the limits, a and b of JCGM 101.
    inexactness : float
        d: each limit lies within plus or minus d. The law ends at low - d, high + d.

    Raises
    ------
    DistributionError
        low above high, or d negative or not below half the width.

    Notes
    -----
    Variance (high - low)^2 / 12 + d^2 / 9. `point` is the midpoint.
    """

    low: float
    high: float
    inexactness: float
    family: ClassVar[str] = "curvilinear_trapezoid"

    def _check(self) -> None:
        in_order(self.low, self.high)
        not_negative("inexactness", self.inexactness)
        if self.inexactness and self.inexactness >= self._half:
            text = f"{self.inexactness:g} is not below half the width, {self._half:g}"
            raise fault("inexactness", text)

    @property
    def mean(self) -> float:
        """Arithmetic mean, the midpoint."""
        return self.low + self._half

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return sqrt(self._half**2 / 3 + self.inexactness**2 / 9)

    @property
    def support(self) -> tuple[float, float]:
        """Each limit moved outwards by its inexactness."""
        return self.low - self.inexactness, self.high + self.inexactness

    @property
    def point(self) -> float:
        """The midpoint."""
        return self.mean

    @property
    def knots(self) -> tuple[float, ...]:
        """Ends of the flat part."""
        return self.low + self.inexactness, self.high - self.inexactness

    @property
    def _half(self) -> float:
        return (self.high - self.low) / 2

    @property
    def _height(self) -> float:
        """Density of the flat part, ln((w + d) / (w - d)) / (4 d)."""
        w, d = self._half, self.inexactness
        return atanh(d / w) / (2 * d) if d else 1 / (2 * w)

    def _ppf(self, u: FloatArray) -> FloatArray:
        away = self._from_centre(np.minimum(u, 1 - u))
        return self.mean + np.where(u < 0.5, -away, away)

    def _isf(self, q: FloatArray) -> FloatArray:
        away = self._from_centre(np.minimum(q, 1 - q))
        return self.mean + np.where(q < 0.5, away, -away)

    def _from_centre(self, tail: FloatArray) -> FloatArray:
        """Distance from the midpoint of the value with `tail` beyond it."""
        w, d = self._half, self.inexactness
        flat = (0.5 - tail) / self._height
        if not d:
            return flat
        widest = np.asarray(2 * d / (w + d))
        target = np.minimum(4 * d / (w + d) * tail, _curve(widest))
        # Newton on a rising convex function, from the right: never overshoots
        y = np.minimum(np.sqrt(2 * target), widest)
        for _ in range(12):
            slope = -np.log1p(-y)
            y = y - (_curve(y) - target) / np.where(slope > 0, slope, 1.0)
        return np.where(flat <= w - d, flat, (w + d) * (1 - y))

    def _cdf(self, x: FloatArray) -> FloatArray:
        tail = self._tail(np.abs(x - self.mean))
        return np.where(x < self.mean, tail, 1 - tail)

    def _sf(self, x: FloatArray) -> FloatArray:
        tail = self._tail(np.abs(x - self.mean))
        return np.where(x < self.mean, 1 - tail, tail)

    def _tail(self, away: FloatArray) -> FloatArray:
        """Inverse of `_from_centre`."""
        w, d = self._half, self.inexactness
        flat = 0.5 - self._height * away
        if not d:
            return flat
        y = np.clip((w + d - away) / (w + d), 0, 2 * d / (w + d))
        return np.where(away <= w - d, flat, (w + d) / (4 * d) * _curve(y))


def _curve(y: FloatArray) -> FloatArray:
    """Return y + (1 - y) ln(1 - y) = y^2 / 2 + y^3 / 6 + ... + y^k / (k (k - 1))."""
    series = np.zeros_like(y)
    for k in range(14, 1, -1):
        series = series * y + 1 / (k * (k - 1))
    # below 0.05 the closed form would lose the digits that the series keeps
    return np.where(y < 0.05, series * y * y, y + (1 - y) * np.log1p(-y))


@dataclass(frozen=True)
class Arcsine(Marginal):
    """U-shaped law of a quantity that swings between two ends (JCGM 101 6.4.6).

    `point` is the midpoint.
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
        return 2 / pi * np.arcsin(np.sqrt((x - self.low) / (self.high - self.low)))

    def _sf(self, x: FloatArray) -> FloatArray:
        return 2 / pi * np.arcsin(np.sqrt((self.high - x) / (self.high - self.low)))


@dataclass(frozen=True)
class Loguniform(Integrated):
    """Law whose logarithm is rectangular: only the order of magnitude is known.

    `point` is the median, sqrt(low high). DistributionError unless low is above 0.
    """

    low: float
    high: float
    family: ClassVar[str] = "loguniform"

    def _check(self) -> None:
        above_zero("low", self.low, "use uniform for a range that reaches 0")
        in_order(self.low, self.high)

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def point(self) -> float:
        """The median, the geometric mean of the ends."""
        return sqrt(self.low) * sqrt(self.high)

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
