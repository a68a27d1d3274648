"""How often something happens in a sample, and how well that is known."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.errors import SampleError

BoolArray = npt.NDArray[np.bool_]
CONFIDENCE = 0.95
"""Confidence level of the interval of a probability, where nothing else is asked."""


@dataclass(frozen=True)
class Frequency:
    """Estimate of a probability with its confidence interval.

    Attributes
    ----------
    value, lower, upper : float
        Pure numbers, 0 to 1.
    method : {"Clopper-Pearson", "replicates"}
        How the interval was found.
    """

    value: float
    lower: float
    upper: float
    method: Literal["Clopper-Pearson", "replicates"]


def frequency(
    happened: BoolArray,
    *,
    replicates: int = 1,
    effective: int | None = None,
    confidence: float = CONFIDENCE,
) -> Frequency:
    """Probability of an event, from the draws in which it happened.

    Parameters
    ----------
    happened : ndarray of bool, shape (draw,)
        In the order of the design: replicate by replicate.
    replicates : int
        Independent scrambles or hypercubes in the sample; 1 for random draws.
    effective : int, optional
        Independent draws that a sample of random draws is worth, if fewer than it
        has.
    confidence : float
        Confidence level of the interval.

    Returns
    -------
    Frequency

    Raises
    ------
    SampleError
        There are no draws, or they do not split evenly into replicates.
    ValueError
        `confidence` is not between 0 and 1.

    Notes
    -----
    Random draws: the interval of Clopper and Pearson. Replicates: Student's t over
    their frequencies, cut at 0 and 1. A replicate only counts in whole draws, and
    well stratified ones often agree on the count, which is no proof of it: if all R
    do, up to 1 - (tail)^(1/R) of them could still have counted one more or one less,
    so the interval is never narrower than that part of a draw. Where the event
    happened, or failed to, in fewer draws than there are replicates, most have seen
    nothing and Clopper-Pearson is used too; it is on the safe side, since a
    stratified sample varies less than a random one.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26(4), 404-413.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    draws = happened.size
    if not draws or draws % replicates:
        raise SampleError(f"{draws} draws do not split into {replicates} replicates")
    hits = np.count_nonzero(happened.reshape(replicates, -1), axis=1)
    total = int(hits.sum())
    value = total / draws
    if replicates == 1 or min(total, draws - total) < replicates:
        size = draws if effective is None else effective
        low, high = clopper_pearson(value * size, size, confidence)
        return Frequency(value, low, high, "Clopper-Pearson")
    each = draws // replicates
    unseen = clopper_pearson(0, replicates, confidence)[1]
    half = max(_half_width(hits / each, confidence), unseen / each)
    return Frequency(
        value, max(value - half, 0.0), min(value + half, 1.0), "replicates"
    )


def clopper_pearson(
    hits: float, draws: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Exact binomial confidence interval, two-sided.

    Parameters
    ----------
    hits : float
        Draws in which the event happened; need not be whole.
    draws : int
    confidence : float

    Returns
    -------
    tuple of float
        Lower and upper bound; at 0 and `draws` hits one of them is 0 or 1.
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, draws - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, draws - hits, 1 - tail)) if hits < draws else 1.0
    return low, high


def _half_width(parts: FloatArray, confidence: float) -> float:
    """Half the t interval of a mean over independent replicates."""
    from scipy.special import stdtrit

    error = float(parts.std(ddof=1)) / math.sqrt(parts.size)
    return float(stdtrit(parts.size - 1, (1 + confidence) / 2)) * error
