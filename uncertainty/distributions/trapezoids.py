"""Trapezoids of JCGM 101: sums of two rectangles, and limits that are inexact."""

from dataclasses import dataclass
from math import atanh, sqrt
from typing import ClassVar

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Marginal,
    fault,
    fraction,
    in_order,
    not_negative,
)


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

    Examples
    --------
    >>> round(CurvilinearTrapezoid(1.0, 3.0, 0.1).mean, 3)
    2.0
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
