"""Second-order indices of one output: every pair of factors by matrix products."""

from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.sensitivity.matmul import PIECE, product
from uncertainty.sensitivity.resampling import batched, bounds
from uncertainty.sensitivity.swapped_runs import Exchange


def pairs(exchange: Exchange, resample: FloatArray, level: float) -> FloatArray:
    """Second-order indices of the one output of an exchange, with bounds.

    Parameters
    ----------
    exchange : Exchange
        Of a single output.
    resample : ndarray, shape (batches, resamples)
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
        sums = _Sums.of(exchange.a[0], exchange.b[0], np.stack(ab), np.stack(ba))
        spread = np.moveaxis(sums.indices(resample), 0, -1)
        estimate = sums.indices(np.full((len(resample), 1), 1 / len(resample)))[0]
        for part, values in zip(found, (estimate, *bounds(spread, level)), strict=True):
            part[np.ix_(read, read)] = values
    for part in found:
        above = np.triu(part, 1)
        part[:] = above + above.T
        np.fill_diagonal(part, np.nan)
    return found


@dataclass(frozen=True, eq=False)
class _Sums:
    """Means over batches of runs: shape (factors, factors, batches), or less."""

    joint: FloatArray  # BA_j AB_k - A B
    first: FloatArray  # B (AB - A)
    mean: FloatArray  # A + B
    square: FloatArray  # A^2 + B^2

    @classmethod
    def of(
        cls, a: FloatArray, b: FloatArray, ab: FloatArray, ba: FloatArray
    ) -> "_Sums":
        both = batched(a * b)
        factors, batches = len(ab), len(both)
        left = ba.reshape(factors, batches, -1).swapaxes(0, 1)
        right = ab.reshape(factors, batches, -1).transpose(1, 2, 0)
        runs = left.shape[-1]
        step = max(1, PIECE // factors**2)
        joint = np.zeros((batches, factors, factors))
        for first in range(0, runs, step):
            piece = slice(first, first + step)
            joint += left[..., piece] @ right[:, piece]
        joint = np.moveaxis(joint, 0, -1) / runs - both
        return cls(joint, batched((ab - a) * b), batched(a + b), batched(a * a + b * b))

    def indices(self, weight: FloatArray) -> FloatArray:
        """Indices of resamples, shape (resamples, factors, factors)."""
        factors = len(self.first)
        first = product(self.first, weight).T
        joint = product(self.joint.reshape(factors**2, -1), weight)
        joint = joint.T.reshape(-1, factors, factors)
        variance = self.square @ weight / 2 - (self.mean @ weight / 2) ** 2
        joint -= first[:, :, None]
        joint -= first[:, None, :]
        joint /= variance[:, None, None]
        return joint
