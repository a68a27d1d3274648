"""Tails so heavy that a mean or a standard deviation cannot be estimated from draws.

The largest draws of either side are taken to exceed their threshold as a generalised
Pareto distribution does. Its shape k, the tail index, says which moments exist: those
of an order below 1/k. The error of a mean needs the second, that of a standard
deviation the fourth.

References
----------
Hosking and Wallis (1987), Technometrics 29, 339-349 (probability-weighted moments).
Vehtari, Simpson, Gelman, Yao and Gabry (2024), J. Mach. Learn. Res. 25, 72 (the index
as a diagnosis of Monte Carlo).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray, IntArray

PART, MOST, LEAST = 0.075, 20_000, 50
"""Part of the draws that is a tail, draws of it at most, and at least."""

LOOKED_AT = 10.0
"""Kurtosis of a sample from which tails are looked at: 9 is that of an exponential."""

SD_BAR, MEAN_BAR = 0.23, 0.50
"""Index from which the error of a standard deviation, or of a mean, is not stated.

A fourth moment ends at 1/4. At 16 384 draws the estimate for Student's t with three
degrees of freedom (1/3) lies above 0.23 in 98 of 100 samples, and for a lognormal with
gsd 2, whose moments all exist, in none of 400 (0.13, sd 0.03).
"""
_FEW, _LESS = 2.1, 0.06
"""With few draws the bars are raised by 1.5 sd of the estimate, some 1.4/sqrt(draws of
the tail), less what that is at 16 384 draws."""


def tail_draws(draws: int) -> int:
    """Draws of a tail; 0 where there are too few to tell."""
    found = min(int(draws * PART), MOST)
    return found if found >= LEAST else 0


def tail_index(row: FloatArray) -> float:
    """Index of the heavier tail of draws; 0 of too few of them.

    Parameters
    ----------
    row : ndarray, shape (draw,)

    Examples
    --------
    >>> u = (np.arange(100_000) + 0.5) / 100_000
    >>> tail_index((1 - u) ** -0.4)  # Pareto with index 0.4
    0.40
    >>> tail_index(-np.log(1 - u))  # exponential
    0.00
    """
    if not (size := tail_draws(row.size)):
        return 0.0
    kept = np.partition(row, [size, row.size - size - 1])
    low, high = np.sort(kept[:size]), np.sort(kept[-size:])
    return _heavier(low, kept[size], kept[row.size - size - 1], high)


def tail_index_by_rank(values: Callable[[Any], FloatArray], draws: int) -> float:
    """The same of draws that are known by their ranks, counted from 0."""
    if not (size := tail_draws(draws)):
        return 0.0
    low: IntArray = np.arange(size + 1)
    found, top = values(low), values(draws - 1 - low)[::-1]
    return _heavier(found[:-1], found[-1], top[0], top[1:])


def unstated(
    index: FloatArray, draws: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Whether tails are too heavy for the error of a mean, and of an sd.

    Parameters
    ----------
    index : ndarray
        Tail indices.
    draws : int

    Returns
    -------
    tuple of ndarray of bool
    """
    raised = max(_FEW / math.sqrt(max(tail_draws(draws), 1)) - _LESS, 0.0)
    return index > MEAN_BAR + raised, index > SD_BAR + raised


def _heavier(low: FloatArray, below: float, above: float, high: FloatArray) -> float:
    """Of the two tails, each in rising order, beyond their thresholds."""
    return max(_index(high - above), _index((below - low)[::-1]))


def _index(excess: FloatArray) -> float:
    """Index of excesses in rising order; 0 where too few draws exceed the threshold."""
    if excess[-1] <= 0:
        return -math.inf  # a tail that ends in an atom
    excess = excess[excess > 0]
    if excess.size < LEAST:
        return 0.0
    mean = float(excess.mean())
    places = (np.arange(1, excess.size + 1) - 0.35) / excess.size
    weighted = float(((1 - places) * excess).mean())
    # of equal excesses, which end in an atom, rounding leaves a little or nothing
    apart = max(mean - 2 * weighted, 0.0)
    return 2 - mean / apart if apart else -math.inf
