"""How often each of several quantities takes each rank."""

from collections.abc import Sequence

import numpy as np

from uncertainty.arrays import FloatArray

BLOCK = 16_384
"""Draws that are ranked at a time, so that the ranks of many quantities fit memory."""


def rank_shares(samples: Sequence[FloatArray]) -> FloatArray:
    """Probability of each rank, draw by draw.

    Parameters
    ----------
    samples : sequence of ndarray, shape (draw,)
        Finite draws of each quantity, side by side.

    Returns
    -------
    ndarray, shape (quantity, rank)
        Rank 0 is the lowest. Of k quantities that tie for k ranks each takes 1/k of
        every one of them, so that rows and columns add up to 1.
    """
    count = len(samples)
    steps = np.zeros((count, count + 1))
    draws = samples[0].size if count else 0
    for start in range(0, draws, BLOCK):
        steps += _steps(np.stack([s[start : start + BLOCK] for s in samples]))
    shares: FloatArray = np.cumsum(steps, axis=1)[:, :count] / draws
    return shares


def _steps(block: FloatArray) -> FloatArray:
    """Steps between ranks, in draws: shape (quantity, draw) -> (quantity, rank + 1)."""
    size = len(block) + 1
    steps = np.empty((len(block), size))
    for i, values in enumerate(block):
        below = np.zeros(values.size, np.int64)
        level = np.zeros(values.size, np.int64)
        for other in block:
            below += other < values
            level += other == values
        share = 1.0 / level
        steps[i] = np.bincount(below, share, size)
        steps[i] -= np.bincount(below + level, share, size)
    return steps
