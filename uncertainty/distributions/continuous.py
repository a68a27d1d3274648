"""Continuous families with open ends: normal, lognormal, Student t, Gumbel."""

from dataclasses import dataclass
from math import exp, expm1, inf, isfinite, log, log1p, pi, sqrt
from typing import ClassVar

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Marginal,
    above_zero,
    doubles,
    fault,
    not_negative,
)
from uncertainty.errors import DistributionError

LARGEST_SIGMA = 18.0  # of a logarithm: a gsd of 66 million


@dataclass(frozen=True)
class Normal(Marginal):
    """Gaussian with a mean and a standard deviation (JCGM 101 6.4.7).

    `point` is the mean. sd 0 is a constant, a negative sd DistributionError.

    Examples
    --------
    >>> Normal(2.0, 0.5).mean
    2.0
    """

    mean: float
    sd: float
    family: ClassVar[str] = "normal"

    def _check(self) -> None:
        not_negative("sd", self.sd)

    @property
    def support(self) -> tuple[float, float]:
        """The whole line, or the mean if there is no spread."""
        return (-inf, inf) if self.sd else (self.mean, self.mean)

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.mean + self.sd * special.ndtri(u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.mean - self.sd * special.ndtri(q)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return special.ndtr((x - self.mean) / self.sd)

    def _sf(self, x: FloatArray) -> FloatArray:
        return special.ndtr((self.mean - x) / self.sd)


@dataclass(frozen=True)
class Lognormal(Marginal):
    """Law of a positive quantity whose logarithm is normal.

    Parameters
    ----------
    median, gsd : float
        Geometric mean and geometric standard deviation, not its square; or
    mean_, cv : float
        arithmetic mean and sd / mean; one pair, not a mixture.

    Raises
    ------
    DistributionError
        Not one whole pair; median or mean not above 0; gsd below 1; cv negative; or
        a spread so wide that the sd overflows. gsd 1 and cv 0 are constants.

    Notes
    -----
    `point` is what was stated, median or mean. The two differ by exp(sigma^2 / 2), so
    a Monte Carlo mean above a stated median is right.
    """

    median: float | None = None
    gsd: float | None = None
    mean_: float | None = None
    cv: float | None = None
    family: ClassVar[str] = "lognormal"

    def _check(self) -> None:
        given = [v is not None for v in (self.median, self.gsd, self.mean_, self.cv)]
        if given not in ([True, True, False, False], [False, False, True, True]):
            raise DistributionError("takes median and gsd, or mean and cv")
        for name, value in (("median", self.median), ("mean", self.mean_)):
            if value is not None and value <= 0:
                hint = f"write {-value:g} and negate: true" if value else "use constant"
                above_zero(name, value, hint)
        if self.gsd is not None and self.gsd < 1:
            raise fault("gsd", _above_one(self.gsd))
        if self.cv is not None:
            not_negative("cv", self.cv)
        if self.sigma > LARGEST_SIGMA or not isfinite(self.sd):
            name = "gsd" if self.cv is None else "cv"
            raise fault(name, f"{getattr(self, name):g} is too wide to be drawn from")

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        if self.gsd is not None:
            return log(self.gsd)
        cv = self.cv or 0.0
        return sqrt(log1p(cv * cv))

    @property
    def _median(self) -> float:
        if self.median is not None:
            return self.median
        return (self.mean_ or 0) * exp(-(self.sigma**2) / 2)

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        if self.mean_ is not None:
            return self.mean_
        return self._median * exp(self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * sqrt(expm1(self.sigma**2))

    @property
    def support(self) -> tuple[float, float]:
        """From 0 up, or the median if there is no spread."""
        return (0.0, inf) if self.sigma else (self._median, self._median)

    @property
    def point(self) -> float:
        """What was stated, the median or the mean."""
        return self._median if self.mean_ is None else self.mean_

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._median * np.exp(self.sigma * special.ndtri(u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._median * np.exp(-self.sigma * special.ndtri(q))

    def _cdf(self, x: FloatArray) -> FloatArray:
        return special.ndtr(np.log(x / self._median) / self.sigma)

    def _sf(self, x: FloatArray) -> FloatArray:
        return special.ndtr(-np.log(x / self._median) / self.sigma)


def _above_one(gsd: float) -> str:
    """Say what to write instead of a gsd below 1: it was a share, or one less it."""
    text = f"{gsd:g} is not above 1"
    spread = gsd if 0 < gsd < 0.5 else 1 - gsd if 0.5 <= gsd < 1 else 0.12
    return f"{text}; write {1 + spread:.4g} for a spread of {100 * spread:.3g} %"


@dataclass(frozen=True)
class StudentT(Marginal):
    """Scaled and shifted Student t, ``t_dof(mean, scale^2)`` (JCGM 101 6.4.9).

    Parameters
    ----------
    mean, scale : float
        Centre and factor of the t; the sd is scale * sqrt(dof / (dof - 2)).
    dof : float
        Degrees of freedom, above 2.

    Raises
    ------
    DistributionError
        scale negative, or dof of 2 and less: the sd would be infinite, and with it
        the standard uncertainty of all that follows.

    Notes
    -----
    From a certificate with expanded uncertainty U, coverage factor k and effective
    degrees of freedom: scale = U / k (JCGM 101 6.4.9.7). `point` is the mean.
    """

    mean: float
    scale: float
    dof: float
    family: ClassVar[str] = "student_t"

    def _check(self) -> None:
        not_negative("scale", self.scale)
        if self.dof <= 2:
            text = "leaves no finite sd; it takes more than 2, or state an interval"
            raise fault("dof", f"{self.dof:g} {text}")

    @property
    def sd(self) -> float:
        """Standard deviation, above the scale."""
        return self.scale * sqrt(self.dof / (self.dof - 2))

    @property
    def support(self) -> tuple[float, float]:
        """The whole line, or the mean if there is no spread."""
        return (-inf, inf) if self.scale else (self.mean, self.mean)

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.mean + self.scale * doubles(special.stdtrit(self.dof, u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.mean - self.scale * doubles(special.stdtrit(self.dof, q))

    def _cdf(self, x: FloatArray) -> FloatArray:
        return doubles(special.stdtr(self.dof, (x - self.mean) / self.scale))

    def _sf(self, x: FloatArray) -> FloatArray:
        return doubles(special.stdtr(self.dof, (self.mean - x) / self.scale))


@dataclass(frozen=True)
class Gumbel(Marginal):
    """Gumbel law of largest values, cdf exp(-exp(-(x - location) / scale)).

    `point` is the mean. Scale 0 is a constant, a negative one DistributionError. For
    smallest values write the mirrored location and negate: true.
    """

    location: float
    scale: float
    family: ClassVar[str] = "gumbel"

    def _check(self) -> None:
        not_negative("scale", self.scale)

    @property
    def mean(self) -> float:
        """Arithmetic mean, Euler's constant times the scale above the location."""
        return self.location + float(np.euler_gamma) * self.scale

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return pi / sqrt(6) * self.scale

    @property
    def support(self) -> tuple[float, float]:
        """The whole line, or the location if there is no spread."""
        return (-inf, inf) if self.scale else (self.location, self.location)

    @property
    def point(self) -> float:
        """The mean."""
        return self.mean

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.location - self.scale * np.log(-np.log(u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.location - self.scale * np.log(-np.log1p(-q))

    def _cdf(self, x: FloatArray) -> FloatArray:
        return np.exp(-np.exp((self.location - x) / self.scale))

    def _sf(self, x: FloatArray) -> FloatArray:
        return -np.expm1(-np.exp((self.location - x) / self.scale))
