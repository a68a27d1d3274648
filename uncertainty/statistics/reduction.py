"""Rows of draws reduced to numbers, without labels: moments, ranks, their errors.

Sobol' and Latin hypercube draws are not independent, so the plain formulas for the
error of an estimate are wrong there; its spread over independent replicates is
used instead. Quantiles are order statistics: they are never summed or averaged. The
quantile of all draws has an error of its own, which is not that of a mean of the
replicates' quantiles: it is found from how many draws of each replicate lie at or below
it (Woodruff 1952, J. Am. Stat. Assoc. 47, 635-646, for samples in clusters).
"""

import math
from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.statistics.moments import Bounds, join
from uncertainty.statistics.order_statistics import (
    ENDS,
    MARKED,
    Reading,
    least_draws,
)

NORMAL = 1.959963984540054
"""Reach of a 95 % interval of a normal estimate, in standard errors."""


@dataclass(frozen=True)
class Moments:
    """Mean, sd with standard errors, and kurtosis of some rows, shape (row,) each."""

    mean: FloatArray
    sd: FloatArray
    error_mean: FloatArray
    error_sd: FloatArray
    kurtosis: FloatArray

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
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            kurtosis = fourth * draws / second**2
        if replicates > 1:
            sds = np.sqrt(each[..., 1] / max(size - 1, 1))
            apart = [x - x[:, :1] for x in (each[..., 0], sds)]  # equal ones have none
            spread = [x.std(axis=1, ddof=1) for x in apart]
            errors = [x / math.sqrt(replicates) for x in spread]
            if size < 2:  # a draw has no sd
                errors[1] = np.full_like(errors[1], np.nan)
            return cls(mean, sd, errors[0], errors[1], kurtosis)
        second, fourth = second / draws, fourth / draws
        with np.errstate(invalid="ignore", divide="ignore"):
            of_sd = np.sqrt(np.maximum(fourth - second**2, 0) / (4 * second * draws))
        of_sd = np.where(second == 0, 0.0, of_sd)
        return cls(mean, sd, np.sqrt(second / draws), of_sd, kurtosis)


@dataclass(frozen=True)
class OrderStatistics:
    """Quantiles and intervals of some rows.

    Attributes
    ----------
    quantiles : ndarray, shape (row, level)
    symmetric, shortest : ndarray, shape (row, 2)
        Bounds.
    errors : ndarray, shape (row, 3)
        Standard errors of the symmetric bounds and of the median.
    """

    quantiles: FloatArray
    symmetric: FloatArray
    shortest: FloatArray
    errors: FloatArray

    @classmethod
    def of(
        cls, reading: Reading, found: FloatArray, below: FloatArray
    ) -> "OrderStatistics":
        """Statistics from draws that were read.

        Parameters
        ----------
        reading : Reading
        found : ndarray, shape (row, width)
        below : ndarray, shape (row, replicate, 3)
            As `Reading.read` fills them.
        """
        count = len(reading.levels)
        quantiles, marks, sides, shortest = np.split(
            found, [count, count + MARKED, found.shape[1] - ENDS], axis=1
        )
        # a draw by rank, over one binomial sd of the rank on either side of each mark
        low, high = reading.alone[count + MARKED :].reshape(MARKED, 2).T
        by_rank = (sides[:, 1::2] - sides[:, ::2]) / np.maximum(high - low, 1)
        spread = np.array(reading.spreads)
        if reading.replicates > 1:
            spread = _rank_error(below)
        symmetric, errors = marks[:, :ENDS].copy(), by_rank * spread
        if reading.draws < least_draws(reading.probability):
            symmetric[:], shortest, errors[:, :ENDS] = np.nan, shortest + np.nan, np.nan
        return cls(quantiles, symmetric, shortest, errors)


def _rank_error(below: FloatArray) -> FloatArray:
    """Standard error of the rank of a quantile of all draws, to be read by Student's t.

    Parameters
    ----------
    below : ndarray, shape (row, replicate, mark)
        Draws of each replicate at or below the quantile.

    Returns
    -------
    ndarray, shape (row, mark)

    Notes
    -----
    A replicate counts in whole draws. Where all counts are one of two neighbours they
    are a binomial, whose spread is known and needs no Student's factor. Where all
    agree, up to 1 - 0.05^(1/R) of a draw in each of R replicates could still lie on the
    other side: the interval is never narrower than that.
    """
    from scipy.special import stdtrit

    count = below.shape[1]
    student = float(stdtrit(count - 1, 0.975))
    spread = below.std(axis=1, ddof=1)
    two = np.ptp(below, axis=1) <= 1
    spread = np.where(two, below.std(axis=1) * NORMAL / student, spread)
    least = (1 - 0.05 ** (1 / count)) * count / student
    found: FloatArray = np.maximum(spread * math.sqrt(count), least)
    return np.where(np.isnan(spread), np.nan, found)


def ends_of(pieces: FloatArray) -> FloatArray:
    """Least and largest draw of each row, shape (row, 2), of (row, piece, 6)."""
    return np.stack([pieces[..., 4].min(axis=1), pieces[..., 5].max(axis=1)], axis=1)
