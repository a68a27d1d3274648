"""Second-order indices of one output: every pair of factors by matrix products."""

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.sensitivity.exchange import Exchange
from uncertainty.sensitivity.resampling import Float32Array, bounds


def pairs(
    exchange: Exchange, resample: Float32Array, level: float
) -> FloatArray:
    """Second-order indices of the one output of an exchange, with bounds.

    Parameters
    ----------
    exchange : Exchange
        Of a single output.
    resample : ndarray, shape (n, resamples)
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
    a, b = exchange.a[0], exchange.b[0]
    found[:] = 0.0
    if read:
        runs = (a, b, np.stack(ab), np.stack(ba))
        even = np.full(exchange.n, 1 / exchange.n)
        estimate = _indices(*runs, even)
        # bounds need no more digits than a float32 has, and come twice as fast
        small = tuple(v.astype(np.float32) for v in runs)
        spread = np.stack([_indices(*small, w) for w in resample.T], axis=-1)
        lower, upper = bounds(spread, level)
        for part, values in zip(found, (estimate, lower, upper), strict=True):
            part[np.ix_(read, read)] = values
    for part in found:
        above = np.triu(part, 1)
        part[:] = above + above.T
        np.fill_diagonal(part, np.nan)
    return found


def _indices(
    a: FloatArray, b: FloatArray, ab: FloatArray, ba: FloatArray, weight: FloatArray
) -> FloatArray:
    """Indices where run d counts `weight` d; shape (factors, factors)."""
    mean = (weight @ a + weight @ b) / 2
    variance = (weight @ (a * a) + weight @ (b * b)) / 2 - mean**2
    weighted = ba * weight
    first = (ab - a) @ (weight * b)
    joint: FloatArray = weighted @ ab.T - weight @ (a * b)
    joint -= first[:, None]
    joint -= first[None, :]
    joint /= variance
    return joint
