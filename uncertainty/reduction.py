"""Rows of draws reduced to numbers, without labels: moments, ranks, their errors.

Sobol' and Latin hypercube draws are not independent, so the plain formulas for the
error of an estimate are wrong there; its spread over independent replicates is
used instead. Quantiles are order statistics: they are never summed or averaged.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from uncertainty import kernel_rows
from uncertainty.arrays import FloatArray, Room
from uncertainty.moments import Bounds, join
from uncertainty.selection import placed

_ROOM, _PART = Room(), Room()  # where draws of a row, of a replicate are put in order

NEAR = 4
"""Standard deviations of a rank within which an end of a replicate is looked for."""

Ranked = Callable[[Any], FloatArray]
"""Ranks counted from 0, or a slice of them if all are tried -> draws of those ranks."""


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
    """Quantiles and intervals of some rows, NaN for a row that is absent.

    Attributes
    ----------
    quantiles : ndarray, shape (row, 1 + level)
        Median first.
    symmetric, shortest, errors : ndarray, shape (row, 2)
        Bounds, and the standard errors of the symmetric ones.
    """

    quantiles: FloatArray
    symmetric: FloatArray
    shortest: FloatArray
    errors: FloatArray

    @classmethod
    def empty(cls, rows: int, levels: int) -> "OrderStatistics":
        """Room for some rows."""
        widths = (levels + 1, 2, 2, 2)
        return cls(*(np.full((rows, width), np.nan) for width in widths))

    def take(
        self,
        i: int,
        row: FloatArray,
        ends: tuple[float, float],
        probability: float,
        levels: tuple[float, ...],
        replicates: int,
    ) -> None:
        """Order the draws of one row, shape (draw,), and read it.

        Its least and largest draw are known by now.
        """
        spans = _read(row.size, probability, (0.5, *levels))
        ordered = placed(row, spans, _ROOM.of(row.size), ends).__getitem__
        apart = None
        if replicates > 1:
            parts = row.reshape(replicates, -1)
            apart = _replicate_ends(parts, probability, ordered)
        self.read(i, ordered, row.size, probability, levels, apart)

    def read(
        self,
        i: int,
        values: Ranked,
        draws: int,
        probability: float,
        levels: tuple[float, ...],
        replicate_ends: FloatArray | None,
        starts: int | None = None,
    ) -> None:
        """Read one row by ranks.

        Parameters
        ----------
        i : int
            Number of the row.
        values : callable
            Ranks, counted from 0, shape (rank,) -> draws of those ranks.
        draws : int
        probability : float
        levels : tuple of float
        replicate_ends : ndarray, shape (replicate, 2), optional
            Ends of the symmetric interval in each replicate.
        starts : int, optional
            At how many ranks, evenly apart, a shortest interval is tried; at all
            without it.
        """
        span = _span(draws, probability)
        spare = draws - span
        if starts is None:
            widths = values(slice(span, draws)) - values(slice(spare))
            narrowest = int(np.argmin(widths))
        else:
            tried = np.arange(spare)
            if starts < spare:
                tried = np.linspace(0, spare - 1, starts).astype(np.int64)
            narrowest = int(tried[np.argmin(values(tried + span) - values(tried))])
        wanted = _alone(draws, probability, (0.5, *levels))
        found = values(np.array([*wanted, narrowest, narrowest + span]))
        count = self.quantiles.shape[1]
        self.quantiles[i] = found[:count]
        self.symmetric[i], gaps, self.shortest[i] = np.split(
            found[count:], [2, len(found) - count - 2]
        )
        if replicate_ends is None:
            # half the gap between draws one binomial sd either side of each end
            low, high = np.reshape(wanted[-4:], (2, 2)).T
            sds = [_spread(draws, tail) for tail in _tails(probability)]
            self.errors[i] = (gaps[1::2] - gaps[::2]) * sds / np.maximum(high - low, 1)
        else:
            # no error depends on the origin; about one of them equal ends have none
            apart = replicate_ends - replicate_ends[0]
            self.errors[i] = apart.std(axis=0, ddof=1) / math.sqrt(len(apart))


def ends_of(pieces: FloatArray) -> tuple[float, float]:
    """Least and largest draw of one row's pieces, shape (piece, 6)."""
    return float(pieces[:, 4].min()), float(pieces[:, 5].max())


def least_draws(probability: float) -> int:
    """Fewest draws from which an interval of this probability can be read."""
    return math.ceil(round(1 / (1 - probability), 9))


def _ranks(draws: int, levels: tuple[float, ...]) -> list[int]:
    """Ranks ceil(level M) of order statistics, counted from 0."""
    # 0.975 x 1000 is 975.0000000000001 in floats
    return [max(math.ceil(round(level * draws, 6)), 1) - 1 for level in levels]


@lru_cache(maxsize=8)
def _read(
    draws: int, probability: float, levels: tuple[float, ...]
) -> list[tuple[int, int]]:
    """Ranks that the statistics read: both tails, and others one by one."""
    span = _span(draws, probability)
    alone = [(rank, rank + 1) for rank in _alone(draws, probability, levels)]
    return [(0, draws - span), (span, draws), *alone]


@lru_cache(maxsize=8)
def _alone(
    draws: int, probability: float, levels: tuple[float, ...]
) -> tuple[int, ...]:
    """Ranks of the levels, of the ends, and one binomial sd either side of each end."""
    sides = []
    for tail in _tails(probability):
        spread = _spread(draws, tail)
        sides.append(max(math.floor(draws * tail - spread), 0))
        sides.append(min(math.ceil(draws * tail + spread), draws - 1))
    return (*_ranks(draws, levels), *end_ranks(draws, probability), *sides)


def _span(draws: int, probability: float) -> int:
    """Draws from one end of an interval to the other (JCGM 101, 7.7.2)."""
    return min(int(probability * draws + 0.5), draws - 1)


def _first(draws: int, span: int) -> int:
    """Rank at which the symmetric interval begins; 7.7.2 counts from 1."""
    return max((draws - span + 1) // 2 - 1, 0)


def end_ranks(draws: int, probability: float) -> list[int]:
    """Ranks of the ends of the symmetric interval."""
    span = _span(draws, probability)
    return [_first(draws, span), _first(draws, span) + span]


def _replicate_ends(
    parts: FloatArray, probability: float, ordered: Ranked
) -> FloatArray:
    """Ends of the symmetric interval in each replicate.

    Parameters
    ----------
    parts : ndarray, shape (replicate, draw)
    probability : float
    ordered : callable
        Gives draws of all replicates together by their ranks, near those ends.

    Returns
    -------
    ndarray, shape (replicate, 2)
    """
    ranks = np.array(end_ranks(parts.shape[1], probability))
    # an end of a replicate lies near that of the whole, whose tails are in order
    reach = NEAR * np.array(
        [_spread(parts.shape[1], tail) for tail in _tails(probability)]
    )
    places = np.rint([ranks - reach, ranks + reach]) * len(parts)
    places = np.clip(places, 0, parts.size - 1).astype(np.int64)
    low, high = ordered(places)
    found = np.empty((len(parts), 2))
    room = _PART.of(parts.shape[1])
    if kernel_rows.near(parts, ranks, low, high, room, found):
        return found
    spans = [(rank, rank + 1) for rank in ranks.tolist()]
    return np.stack([placed(part, spans, room)[ranks] for part in parts])


def _tails(probability: float) -> tuple[float, float]:
    """Levels of the ends of the symmetric interval."""
    return (1 - probability) / 2, (1 + probability) / 2


def _spread(draws: int, level: float) -> float:
    """Binomial sd of the rank of a quantile."""
    return math.sqrt(draws * level * (1 - level))
