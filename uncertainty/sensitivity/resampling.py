"""Bootstrap by weights: how often each batch of runs stands in each resample.

Runs are drawn in random order and summed in batches first. A mean over a resample is
then a product with a small matrix of weights, the same for every factor and output,
and bounds are quantiles over the resamples.
"""

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.errors import DesignError
from uncertainty.seeds import generator

RESAMPLES = 200
"""Enough that the ends of a 95 % interval move by a tenth of its width."""

BATCHES = 256
"""A standard error from 256 batches is itself known to 1/sqrt(2 x 256) = 4 %, less
than what 200 resamples leave open."""


def batched(rows: FloatArray) -> FloatArray:
    """Mean over each batch of runs, shape (..., runs) -> (..., batches).

    Runs are a power of two, or fewer than `BATCHES`.
    """
    runs = rows.shape[-1]
    batches = min(runs, BATCHES)
    found: FloatArray = rows.reshape(*rows.shape[:-1], batches, runs // batches).mean(
        axis=-1
    )
    return found


def weights(batches: int, resamples: int, seed: int, *keys: str | int) -> FloatArray:
    """Weights of batches in resamples with replacement.

    Parameters
    ----------
    batches, resamples : int
    seed : int
        Root seed; the stream is named "bootstrap" and `keys`.

    Returns
    -------
    ndarray, shape (batches, resamples)
        Each column sums to 1.
    """
    rng = generator(seed, "bootstrap", *keys)
    drawn = rng.integers(batches, size=(resamples, batches))
    counts = [np.bincount(row, minlength=batches) for row in drawn]
    return np.stack(counts, axis=1) / batches


def bounds(resampled: npt.NDArray[np.floating], level: float) -> FloatArray:
    """Percentile interval over the last axis.

    Parameters
    ----------
    resampled : ndarray, shape (..., resamples)
    level : float
        Confidence level, 0 < level < 1.

    Returns
    -------
    ndarray, shape (2, ...)
    """
    tails = ((1 - level) / 2, (1 + level) / 2)
    found: FloatArray = np.quantile(resampled, tails, axis=-1)
    return found


def refuse_odd(level: float, resamples: int) -> None:
    """Raise DesignError where no bounds can be had as asked."""
    if not 0 < level < 1:
        raise DesignError(f"level must lie between 0 and 1, not {level}")
    least = round(2 / (1 - level))
    if resamples < least:
        raise DesignError(
            f"{resamples} resamples are too few for bounds at level {level:g}; "
            f"take {least} or more"
        )
