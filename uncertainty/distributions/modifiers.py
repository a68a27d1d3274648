"""What may be done to any marginal: bounds, a change of sign, an offset."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import fsum, inf

import numpy as np
from numpy.typing import ArrayLike

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Atoms,
    Delegated,
    Integrated,
    Marginal,
    Modified,
    explain,
    fault,
    show,
)
from uncertainty.distributions.discrete import Atomic

LEAST_MASS = 1e-200


def truncate(base: Marginal, low: float | None, high: float | None) -> Marginal:
    """Cut `base` to what lies from `low` to `high`, the bounds included.

    The law is the conditional one, as if draws outside were drawn again; clipping
    would pile weight on the bounds instead. Draws are inside always.

    Parameters
    ----------
    base : Marginal
        Law to cut.
    low, high : float or None
        Bounds, in the units of the law; None leaves that side open.

    Returns
    -------
    Marginal
        `base` itself if it is a constant inside the bounds.

    Raises
    ------
    DistributionError
        No bound given, low above high, or the bounds hold no probability (less than
        1e-200, beyond which tail probabilities lose their digits).
    """
    floor, ceiling = -inf if low is None else low, inf if high is None else high
    if low is None and high is None:
        raise fault("bounds", "takes low, high or both")
    if floor > ceiling:
        raise fault("bounds", f"low {floor:g} is above high {ceiling:g}; swap them")
    if base.constant and floor <= base.support[0] <= ceiling:
        return base
    if base.constant or _mass(base, floor, ceiling) < LEAST_MASS:
        least, most = _reach(base)
        text = f"{bounds_text(low, high)} holds no part of {explain(base)}"
        raise fault("bounds", f"{text}, which lies between {least:.6g} and {most:.6g}")
    if base.atoms is not None:
        return TruncatedAtoms(base, low, high)
    return Truncated(base, low, high)


def _mass(base: Marginal, low: float, high: float) -> float:
    """Probability of low <= X <= high, from whichever tail keeps its digits."""
    before, after = float(base.below(low)), float(base.sf(high))
    if before > 0.5:
        return float(base.at_least(low)) - after
    if after > 0.5:
        return float(base.cdf(high)) - before
    return 1 - before - after


def _reach(base: Marginal) -> tuple[float, float]:
    """Where a law lies, but for 1e-9 at each open end."""
    low, high = base.support
    least = low if np.isfinite(low) else float(base.ppf(1e-9))
    return least, high if np.isfinite(high) else float(base.isf(1e-9))


def bounds_text(low: float | None, high: float | None) -> str:
    """Bounds for people: ``at least 1``, ``at most 2`` or ``from 1 to 2``."""
    if low is None:
        return f"at most {show(high)}"
    if high is None:
        return f"at least {show(low)}"
    return f"from {show(low)} to {show(high)}"


class Bounded(Modified):
    """A marginal cut to bounds; the faces that its two kinds share."""

    base: Marginal
    low: float | None
    high: float | None

    @property
    def point(self) -> float:
        """The point of the law inside, or the mean if the bounds shut it out."""
        low, high = self.support
        stated = self.base.point
        return stated if low <= stated <= high else self.mean

    def _text(self) -> str:
        return f"{explain(self.base)}, {bounds_text(self.low, self.high)}"


@dataclass(frozen=True)
class Truncated(Bounded, Integrated):
    """A continuous law between bounds; made by `truncate`.

    Notes
    -----
    With F the cdf inside, ppf(u) = F^-1(F(low) + u (F(high) - F(low))), read from the
    upper tail where that lies past the median, so that bounds far out keep their
    digits.
    """

    base: Marginal
    low: float | None = None
    high: float | None = None

    @cached_property
    def _cut(self) -> tuple[float, float, float]:
        """Probability before the bounds, after them, and between them."""
        low, high = self.support
        before, after = float(self.base.cdf(low)), float(self.base.sf(high))
        return before, after, _mass(self.base, low, high)

    @property
    def support(self) -> tuple[float, float]:
        """The bounds, or the ends of the law where they are nearer."""
        low, high = self.base.support
        floor, ceiling = self.low, self.high
        return (
            low if floor is None else max(low, floor),
            high if ceiling is None else min(high, ceiling),
        )

    @property
    def knots(self) -> tuple[float, ...]:
        """Those of the law inside that lie between the bounds."""
        low, high = self.support
        return tuple(knot for knot in self.base.knots if low < knot < high)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._level(u, 1 - u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._level(1 - q, q)

    def _level(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        """Quantile with probability `lower` of this law below it, `upper` above."""
        before, after, mass = self._cut
        level = before + lower * mass
        rising = level <= 0.5
        if rising.all():
            return self.base.ppf(level)
        value = self.base.isf(np.where(rising, 0.5, after + upper * mass))
        return np.where(rising, self.base.ppf(np.where(rising, level, 0.5)), value)

    def _cdf(self, x: FloatArray) -> FloatArray:
        before, after, mass = self._cut
        if before > 0.5:
            inside = after + mass - self.base.sf(x)
        else:
            inside = self.base.cdf(x) - before
        return np.clip(inside / mass, 0, 1)

    def _sf(self, x: FloatArray) -> FloatArray:
        before, after, mass = self._cut
        if after > 0.5:
            inside = before + mass - self.base.cdf(x)
        else:
            inside = self.base.sf(x) - after
        return np.clip(inside / mass, 0, 1)


@dataclass(frozen=True)
class TruncatedAtoms(Bounded, Atomic):
    """A law with atoms, less those outside the bounds; an atom at a bound stays."""

    base: Marginal
    low: float | None = None
    high: float | None = None

    @cached_property
    def atoms(self) -> Atoms:
        """The atoms kept, their probabilities divided by what they sum to."""
        if self.base.atoms is None:
            raise TypeError(f"{explain(self.base)} has no atoms")
        values, weights = self.base.atoms
        low = -inf if self.low is None else self.low
        high = inf if self.high is None else self.high
        kept = (values >= low) & (values <= high)
        return values[kept], weights[kept] / fsum(weights[kept])


class _Moved(Modified):
    """Faces of a marginal that is another one moved along its axis."""

    base: Marginal

    @property
    def sd(self) -> float:
        """Standard deviation of the law inside."""
        return self.base.sd

    @property
    def mean(self) -> float:
        """Arithmetic mean."""
        return self._move(self.base.mean)

    @property
    def point(self) -> float:
        """The stated central value, moved."""
        return self._move(self.base.point)

    @property
    def knots(self) -> tuple[float, ...]:
        """Those of the law inside, moved."""
        return tuple(sorted(self._move(knot) for knot in self.base.knots))

    @abstractmethod
    def _move(self, value: float) -> float:
        """Where a value of the law inside comes to lie."""


@dataclass(frozen=True)
class Negated(_Moved):
    """Minus a marginal: quantiles are mirrored, u with 1 - u."""

    base: Marginal

    def _move(self, value: float) -> float:
        return -value

    def _text(self) -> str:
        return f"{explain(self.base)}, negated"

    @property
    def support(self) -> tuple[float, float]:
        """The ends inside, swapped and mirrored."""
        low, high = self.base.support
        return -high, -low

    @property
    def atoms(self) -> Atoms | None:
        """Those of the law inside, mirrored."""
        if (inside := self.base.atoms) is None:
            return None
        return -inside[0][::-1], inside[1][::-1]

    def below(self, x: ArrayLike) -> FloatArray:
        """Probability of a value below `x`."""
        return self.base.sf(-np.asarray(x, dtype=np.float64))

    def at_least(self, x: ArrayLike) -> FloatArray:
        """Probability of a value of at least `x`."""
        return self.base.cdf(-np.asarray(x, dtype=np.float64))

    def _ppf(self, u: FloatArray) -> FloatArray:
        return -self.base.isf(u)

    def _isf(self, q: FloatArray) -> FloatArray:
        return -self.base.ppf(q)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return self.base.at_least(-x)

    def _sf(self, x: FloatArray) -> FloatArray:
        return self.base.below(-x)


@dataclass(frozen=True)
class Shifted(_Moved):
    """A marginal plus a fixed offset."""

    base: Marginal
    offset: float = 0.0

    def _move(self, value: float) -> float:
        return value + self.offset

    def _text(self) -> str:
        return f"{explain(self.base)}, offset {show(self.offset)}"

    @property
    def support(self) -> tuple[float, float]:
        """The ends inside, moved."""
        low, high = self.base.support
        return low + self.offset, high + self.offset

    @property
    def atoms(self) -> Atoms | None:
        """Those of the law inside, moved."""
        if (inside := self.base.atoms) is None:
            return None
        return inside[0] + self.offset, inside[1]

    def below(self, x: ArrayLike) -> FloatArray:
        """Probability of a value below `x`."""
        return self.base.below(np.asarray(x, dtype=np.float64) - self.offset)

    def at_least(self, x: ArrayLike) -> FloatArray:
        """Probability of a value of at least `x`."""
        return self.base.at_least(np.asarray(x, dtype=np.float64) - self.offset)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self.base.ppf(u) + self.offset

    def _isf(self, q: FloatArray) -> FloatArray:
        return self.base.isf(q) + self.offset

    def _cdf(self, x: FloatArray) -> FloatArray:
        return self.base.cdf(x - self.offset)

    def _sf(self, x: FloatArray) -> FloatArray:
        return self.base.sf(x - self.offset)


@dataclass(frozen=True)
class Repointed(Delegated):
    """A marginal whose central value is stated beside it."""

    base: Marginal
    at: float

    @property
    def law(self) -> Marginal:
        """The marginal that is drawn."""
        return self.base

    @property
    def point(self) -> float:
        """The stated central value."""
        return self.at
