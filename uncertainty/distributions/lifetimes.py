"""Continuous families from 0 up, as of lifetimes and counts: gamma, Weibull, ..."""

from dataclasses import dataclass
from math import inf, sqrt
from typing import ClassVar

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Integrated,
    Marginal,
    above_zero,
    doubles,
    fault,
)


@dataclass(frozen=True)
class Exponential(Marginal):
    """Non-negative quantity of which only a best estimate is known (JCGM 101 6.4.10).

    `point` is the mean. Mean 0 is a constant, a negative mean DistributionError.
    """

    mean: float
    family: ClassVar[str] = "exponential"

    def _check(self) -> None:
        if self.mean < 0:
            text = f"is negative; write {-self.mean:g} and negate: true"
            raise fault("mean", f"{self.mean:g} {text}")

    @property
    def sd(self) -> float:
        """Standard deviation, as large as the mean."""
        return self.mean

    @property
    def support(self) -> tuple[float, float]:
        """From 0 up."""
        return (0.0, inf) if self.mean else (0.0, 0.0)

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return -self.mean * np.log1p(-u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return -self.mean * np.log(q)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return -np.expm1(-x / self.mean)

    def _sf(self, x: FloatArray) -> FloatArray:
        return np.exp(-x / self.mean)


@dataclass(frozen=True)
class Gamma(Marginal):
    """Gamma with mean shape * scale; counts q with a flat prior have shape q + 1.

    JCGM 101 6.4.11. `point` is the mean. DistributionError unless both are above 0.
    """

    shape: float
    scale: float
    family: ClassVar[str] = "gamma"

    def _check(self) -> None:
        above_zero("shape", self.shape, "1 makes an exponential")
        above_zero("scale", self.scale, "scale is mean / shape")

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self.shape * self.scale

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return sqrt(self.shape) * self.scale

    @property
    def support(self) -> tuple[float, float]:
        """From 0 up."""
        return 0.0, inf

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.scale * doubles(special.gammaincinv(self.shape, u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.scale * doubles(special.gammainccinv(self.shape, q))

    def _cdf(self, x: FloatArray) -> FloatArray:
        return doubles(special.gammainc(self.shape, x / self.scale))

    def _sf(self, x: FloatArray) -> FloatArray:
        return doubles(special.gammaincc(self.shape, x / self.scale))


@dataclass(frozen=True)
class Weibull(Integrated):
    """Weibull with survival function exp(-(x / scale)^shape).

    `point` is the mean. DistributionError unless both are above 0, or if the shape is
    below 0.02, where the sd overflows.
    """

    scale: float
    shape: float
    family: ClassVar[str] = "weibull"

    def _check(self) -> None:
        above_zero("scale", self.scale, "63 % of the law lies below the scale")
        above_zero("shape", self.shape, "1 makes an exponential")
        if self.shape < 0.02:
            text = "is too wide to be drawn from; shapes from 0.02 are possible"
            raise fault("shape", f"{self.shape:g} {text}")

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self.scale * float(special.gamma(1 + 1 / self.shape))

    @property
    def support(self) -> tuple[float, float]:
        """From 0 up."""
        return 0.0, inf

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.scale * (-np.log1p(-u)) ** (1 / self.shape)

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.scale * (-np.log(q)) ** (1 / self.shape)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return -np.expm1(-((x / self.scale) ** self.shape))

    def _sf(self, x: FloatArray) -> FloatArray:
        return np.exp(-((x / self.scale) ** self.shape))
