"""Second-order indices of one output: every pair of factors by matrix products."""

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.sensitivity.matmul import PIECE
from uncertainty.sensitivity.replicates import REPLICATES, per_replicate, ratio
from uncertainty.sensitivity.swapped_runs import Exchange


def pairs(exchange: Exchange, level: float) -> FloatArray:
    """Second-order indices of the one output of an exchange, with bounds.

    Parameters
    ----------
    exchange : Exchange
        Of a single output.
    level : float

    Returns
    -------
    ndarray, shape (3, factors, factors)
        Estimate, lower and upper bound; symmetric, NaN on the diagonal. Exactly 0
        where the output does not read one of the two.

    Notes
    -----
    Saltelli (2002): V_jk = mean(BA_j AB_k - A B) - V_j - V_k, j before k.
    """
    names = list(exchange.problem.factors)
    found = np.full((3, len(names), len(names)), np.nan)
    if np.isnan(exchange.scale[0]):
        return found
    ab, ba, read = [], [], []
    for i, name in enumerate(names):
        reached, rows = exchange.from_b(name)
        if reached:
            read.append(i)
            ab.append(rows[0])
    for i in read:
        ba.append(exchange.from_a(names[i])[1][0])
    found[:] = 0.0
    if read:
        top = _products(exchange.a[0], exchange.b[0], np.stack(ab), np.stack(ba))
        estimates = ratio(top, exchange.variances[0], level)
        for part, values in zip(found, estimates, strict=True):
            part[np.ix_(read, read)] = values
    for part in found:
        above = np.triu(part, 1)
        part[:] = above + above.T
        np.fill_diagonal(part, np.nan)
    return found


def _products(
    a: FloatArray, b: FloatArray, ab: FloatArray, ba: FloatArray
) -> FloatArray:
    """V_jk of each replicate, shape (factors, factors, replicates)."""
    factors = len(ab)
    left = ba.reshape(factors, REPLICATES, -1).swapaxes(0, 1)
    right = ab.reshape(factors, REPLICATES, -1).transpose(1, 2, 0)
    runs = left.shape[-1]
    step = max(1, PIECE // factors**2)
    joint = np.zeros((REPLICATES, factors, factors))
    for first in range(0, runs, step):
        piece = slice(first, first + step)
        joint += left[..., piece] @ right[:, piece]
    own = per_replicate((ab - a) * b)
    found: FloatArray = np.moveaxis(joint, 0, -1) / runs - per_replicate(a * b)
    found -= own[:, None]
    found -= own[None]
    return found
