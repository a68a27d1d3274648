"""Laws with atoms: a constant, a list of values, readings, whole numbers."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import fsum, sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Atoms,
    Marginal,
    fault,
    fraction,
    in_order,
)

LARGEST_RANGE = 1_000_000


class Atomic(Marginal):
    """A law of finitely many values; quantiles are steps, never interpolated.

    ``ppf(u)`` is the least value with ``cdf`` of at least u. `point` is the most likely
    value; of several the one nearest the mean, and of two such the lower.
    """

    @property
    @abstractmethod
    def atoms(self) -> Atoms:
        """Values in rising order with their probabilities, which sum to 1."""

    @cached_property
    def _steps(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Values, cdf at each, and sf-or-equal at each, counted from the top."""
        values, probabilities = self.atoms
        rising = np.cumsum(probabilities)
        falling = np.cumsum(probabilities[::-1])
        rising[-1] = falling[-1] = 1.0  # whatever the rounding of the sum
        return values, rising, falling

    @cached_property
    def mean(self) -> float:
        """Arithmetic mean."""
        values, probabilities = self.atoms
        return fsum(values * probabilities)

    @cached_property
    def sd(self) -> float:
        """Standard deviation of the law itself (n, not n - 1, below the line)."""
        values, probabilities = self.atoms
        return sqrt(fsum((values - self.mean) ** 2 * probabilities))

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value."""
        values = self.atoms[0]
        return float(values[0]), float(values[-1])

    @property
    def point(self) -> float:
        """The most likely value."""
        values, probabilities = self.atoms
        likely = values[probabilities >= probabilities.max() * (1 - 1e-12)]
        return float(likely[np.argmin(np.abs(likely - self.mean))])

    def below(self, x: ArrayLike) -> FloatArray:
        """Probability of a value below `x`."""
        return self._count(np.asarray(x, dtype=np.float64), "left")

    def at_least(self, x: ArrayLike) -> FloatArray:
        """Probability of a value of at least `x`."""
        return 1 - self.below(x)

    def _count(self, x: FloatArray, side: str) -> FloatArray:
        values, rising, _ = self._steps
        index = np.searchsorted(values, x, side="left" if side == "left" else "right")
        return np.concatenate([[0.0], rising])[index]

    def _ppf(self, u: FloatArray) -> FloatArray:
        values, rising, _ = self._steps
        return values[np.searchsorted(rising, u)]

    def _isf(self, q: FloatArray) -> FloatArray:
        values, _, falling = self._steps
        return values[::-1][np.searchsorted(falling, q)]

    def _cdf(self, x: FloatArray) -> FloatArray:
        return self._count(x, "right")


class Even(Atomic):
    """A law of equally likely values."""

    @cached_property
    def _steps(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Steps at k / n exactly, which a running sum of 1 / n would miss."""
        count = self.atoms[0].size
        steps = np.arange(1, count + 1) / count
        return self.atoms[0], steps, steps


@dataclass(frozen=True)
class Constant(Even):
    """One value, no spread.

    Examples
    --------
    >>> round(Constant(2.0).mean, 3)
    2.0
    """

    value: float
    family: ClassVar[str] = "constant"

    @property
    def atoms(self) -> Atoms:
        """The value, with probability 1."""
        return np.array([self.value]), np.array([1.0])


@dataclass(frozen=True)
class Discrete(Atomic):
    """Listed values with their probabilities.

    DistributionError if the lists differ in length or are empty, or if a probability
    is negative, or their sum is not 1 within 1e-9. A probability of 0 is legal.

    Examples
    --------
    >>> round(Discrete((1.0, 2.0), (0.5, 0.5)).mean, 3)
    1.5
    """

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    family: ClassVar[str] = "discrete"

    def _check(self) -> None:
        count, weights = len(self.values), self.probabilities
        if not count:
            raise fault("values", "is empty; it takes one value at least")
        if count != len(weights):
            text = f"{len(weights)} for {count} values; each value takes one"
            raise fault("probabilities", text)
        for i, weight in enumerate(weights):
            fraction(f"probabilities[{i}]", weight, ends=True)
        if abs((total := fsum(weights)) - 1) > 1e-9:
            text = f"sum to {total:g}, not 1"
            if total > 0:
                mended = ", ".join(f"{w / total:.4g}" for w in weights[:6])
                text += f"; divided by the sum they are {mended}"
            raise fault("probabilities", text + (", ..." if count > 6 else ""))

    @cached_property
    def atoms(self) -> Atoms:
        """Values in rising order with their probabilities."""
        order = np.argsort(self.values, kind="stable")
        values = np.asarray(self.values)[order]
        weights = np.asarray(self.probabilities)[order]
        return values[weights > 0], weights[weights > 0] / fsum(weights)


@dataclass(frozen=True)
class Empirical(Even):
    """The given values themselves, each as likely as the next.

    A draw is one of the values: quantiles are steps, nothing is smoothed, nothing lies
    between or beyond. DistributionError if there is none.

    Examples
    --------
    >>> round(Empirical((1.0, 2.0, 6.0)).mean, 3)
    3.0
    """

    values: tuple[float, ...]
    family: ClassVar[str] = "empirical"

    def _check(self) -> None:
        if not self.values:
            raise fault("values", "is empty; it takes one value at least")

    @cached_property
    def atoms(self) -> Atoms:
        """Values in rising order, each with probability 1 / n."""
        count = len(self.values)
        return np.sort(np.asarray(self.values)), np.full(count, 1 / count)


@dataclass(frozen=True)
class Bernoulli(Atomic):
    """1 with the given probability, else 0.

    Examples
    --------
    >>> round(Bernoulli(0.25).mean, 3)
    0.25
    """

    probability: float
    family: ClassVar[str] = "bernoulli"

    def _check(self) -> None:
        fraction("probability", self.probability, ends=True)

    @cached_property
    def atoms(self) -> Atoms:
        """0 and 1, less the one that cannot be."""
        weights = np.array([1 - self.probability, self.probability])
        return np.array([0.0, 1.0])[weights > 0], weights[weights > 0]


@dataclass(frozen=True)
class DiscreteUniform(Even):
    """Whole numbers from `low` to `high`, both included, each as likely.

    stats_arrays (code 7) leaves its maximum out: its 5 to 10 is ``{low: 5, high: 9}``
    here. DistributionError if an end is not whole, low above high, or more than a
    million steps lie between.
    """

    low: float
    high: float
    family: ClassVar[str] = "discrete_uniform"

    def _check(self) -> None:
        for name, value in (("low", self.low), ("high", self.high)):
            if value != int(value):
                raise fault(name, f"{value:g} is not whole; write {round(value)}")
        in_order(self.low, self.high)
        if self.high - self.low > LARGEST_RANGE:
            text = f"{self.high:g} is over a million steps above low; use uniform"
            raise fault("high", text)

    @cached_property
    def atoms(self) -> Atoms:
        """The whole numbers, each with the same probability."""
        values = np.arange(self.low, self.high + 1)
        return values, np.full(values.size, 1 / values.size)
