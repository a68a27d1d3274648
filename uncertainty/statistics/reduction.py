"""Rows of draws reduced to numbers, without labels: moments, ranks, their errors.

Sobol' and Latin hypercube draws are not independent, so the plain formulas for the
error of an estimate are wrong there; its spread over independent replicates is
used instead. Quantiles are order statistics: they are never summed or averaged.
"""

import math
from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.statistics.moments import Bounds, join
from uncertainty.statistics.order_statistics import ENDS, Reading


@dataclass(frozen=True)
class Moments:
    """Mean and sd of some rows with their standard errors, shape (row,) each."""

    mean: FloatArray
    sd: FloatArray
    error_mean: FloatArray
    error_sd: FloatArray

    @classmethod
    def of(cls, pieces: FloatArray, bounds: Bounds, replicates: int) -> "Moments":
        """Join pieces.

        Parameters
        ----------
        pieces : ndarray, shape (row, piece, 6)
            As `moments.of_pieces` gives them.
        bounds : ndarray, shape (piece + 1,)
            Of all the draws, as `moments.bounds_of` gives them.
        replicates : int
        """
        draws = int(bounds[-1])
        size, sizes = draws // replicates, np.diff(bounds)
        owner = bounds[:-1] // size
        each = np.stack(
            [join(pieces[:, owner == r], sizes[owner == r]) for r in range(replicates)],
            axis=1,
        )
        whole = join(each, np.full(replicates, size))
        mean, second, _, fourth = whole.T
        sd = np.sqrt(second / max(draws - 1, 1))
        if replicates > 1:
            sds = np.sqrt(each[..., 1] / max(size - 1, 1))
            apart = [x - x[:, :1] for x in (each[..., 0], sds)]  # equal ones have none
            spread = [x.std(axis=1, ddof=1) for x in apart]
            errors = [x / math.sqrt(replicates) for x in spread]
            return cls(mean, sd, *errors)
        second, fourth = second / draws, fourth / draws
        with np.errstate(invalid="ignore", divide="ignore"):
            of_sd = np.sqrt(np.maximum(fourth - second**2, 0) / (4 * second * draws))
        of_sd = np.where(second == 0, 0.0, of_sd)
        return cls(mean, sd, np.sqrt(second / draws), of_sd)


@dataclass(frozen=True)
class OrderStatistics:
    """Quantiles and intervals of some rows.

    Attributes
    ----------
    quantiles : ndarray, shape (row, level)
    symmetric, shortest, errors : ndarray, shape (row, 2)
        Bounds, and the standard errors of the symmetric ones.
    """

    quantiles: FloatArray
    symmetric: FloatArray
    shortest: FloatArray
    errors: FloatArray

    @classmethod
    def of(
        cls, reading: Reading, found: FloatArray, apart: FloatArray
    ) -> "OrderStatistics":
        """Statistics from draws that were read.

        Parameters
        ----------
        reading : Reading
        found : ndarray, shape (row, width)
        apart : ndarray, shape (row, replicate, 2)
            As `Reading.read` fills them.
        """
        count = len(reading.levels)
        quantiles, symmetric, sides, shortest = np.split(
            found, [count, count + ENDS, found.shape[1] - ENDS], axis=1
        )
        if reading.replicates > 1:
            # no error depends on the origin; about one of them equal ends have none
            spread = (apart - apart[:, :1]).std(axis=1, ddof=1)
            errors = spread / math.sqrt(reading.replicates)
        else:
            # half the gap between draws one binomial sd either side of each end
            low, high = reading.alone[count + ENDS :].reshape(ENDS, 2).T
            gaps = (sides[:, 1::2] - sides[:, ::2]) * reading.spreads
            errors = gaps / np.maximum(high - low, 1)
        return cls(quantiles, symmetric, shortest, errors)


def ends_of(pieces: FloatArray) -> FloatArray:
    """Least and largest draw of each row, shape (row, 2), of (row, piece, 6)."""
    return np.stack([pieces[..., 4].min(axis=1), pieces[..., 5].max(axis=1)], axis=1)
