"""Bootstrap by weights: how often each run stands in each resample.

A mean over a resample is then a product with a matrix of weights, the same matrix for
every factor and output, and bounds are quantiles over the resamples.
"""

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.errors import DesignError
from uncertainty.seeds import generator

Float32Array = npt.NDArray[np.float32]

RESAMPLES = 200
"""Enough that the ends of a 95 % interval move by a tenth of its width."""

def weights(runs: int, resamples: int, seed: int, *keys: str | int) -> Float32Array:
    """Weights of resamples with replacement.

    Parameters
    ----------
    runs, resamples : int
    seed : int
        Root seed; the stream is named "bootstrap" and `keys`.

    Returns
    -------
    ndarray of float32, shape (runs, resamples)
        Each column sums to 1. Half the width of a double doubles the speed, and
        bounds need no more digits.
    """
    rng = generator(seed, "bootstrap", *keys)
    counts = np.empty((runs, resamples), np.float32)
    for i in range(resamples):
        counts[:, i] = np.bincount(rng.integers(runs, size=runs), minlength=runs)
    counts /= np.float32(runs)
    return counts


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
