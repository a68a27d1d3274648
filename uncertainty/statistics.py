"""Statistics of a Monte Carlo sample: reduce ``draw``, keep every other label.

Sobol' and Latin hypercube draws are not independent, so the plain formulas for the
error of an estimate are wrong there; its spread over independent replicates is
used instead. Quantiles are order statistics: they are never summed or averaged.
"""

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import SampleError
from uncertainty.moments import Bounds, bounds_of, join, of_pieces
from uncertainty.selection import placed

Kind = Literal["shortest", "symmetric"]
Ranked = Callable[[IntArray], FloatArray]
"""Ranks counted from 0 -> draws of those ranks."""
STATISTICS = ("mean", "sd", "lower", "upper")
LEVELS = (0.01, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.99)


def coverage_interval(
    sample: xr.DataArray, probability: float = 0.95, *, kind: Kind = "shortest"
) -> xr.DataArray:
    """Coverage interval of each quantity, with no distribution assumed.

    Parameters
    ----------
    sample : DataArray, dims (..., draw)
        Finite draws, in ``sample.attrs["units"]``.
    probability : float
        Coverage probability p, 0 < p < 1.
    kind : {"shortest", "symmetric"}
        The narrowest interval that holds p of the draws, or the one that leaves
        (1 - p)/2 of them on either side.

    Returns
    -------
    DataArray, dims (..., bound), units of `sample`
        ``bound`` is "lower", "upper"; ``attrs`` keep p and `kind`.

    Raises
    ------
    ValueError
        `probability` is not between 0 and 1.
    SampleError
        A draw is not finite, or there are too few draws for p.

    Notes
    -----
    JCGM 101:2008, 7.7: of M sorted draws the interval spans draw r to r + q with
    q = floor(pM + 1/2); `kind` chooses r.
    """
    _refuse(sample, probability)
    ordered = np.sort(sample.transpose(..., "draw").values, axis=-1)
    bounds = _interval(ordered, probability, kind)
    return _reduced(sample, bounds, "bound", ["lower", "upper"]).assign_attrs(
        coverage_probability=probability, coverage_kind=kind
    )


def percentile(
    sample: xr.DataArray, levels: tuple[float, ...] = LEVELS
) -> xr.DataArray:
    """Quantiles of each quantity as order statistics of rank ceil(level x M).

    Parameters
    ----------
    sample : DataArray, dims (..., draw)
    levels : tuple of float
        Between 0 and 1.

    Returns
    -------
    DataArray, dims (..., level), units of `sample`

    Raises
    ------
    ValueError
        A level is not between 0 and 1.
    SampleError
        A draw is not finite.
    """
    if not all(0 < level < 1 for level in levels):
        raise ValueError(f"levels must lie between 0 and 1, not {levels}")
    _refuse(sample, 0.5)
    ordered = np.sort(sample.transpose(..., "draw").values, axis=-1)
    return _reduced(sample, _order(ordered, levels), "level", list(levels))


def monte_carlo_error(
    sample: xr.DataArray, probability: float = 0.95, *, replicates: int = 1
) -> xr.DataArray:
    """Standard error of mean, sd and both ends of the symmetric interval.

    Parameters
    ----------
    sample : DataArray, dims (..., draw)
        Draws in the order of the design: replicate by replicate.
    probability : float
        Coverage probability of the interval.
    replicates : int
        Independent scrambles or hypercubes in the sample; 1 for random draws.

    Returns
    -------
    DataArray, dims (..., statistic), units of `sample`
        ``statistic`` is "mean", "sd", "lower", "upper".

    Raises
    ------
    ValueError
        `probability` is not between 0 and 1.
    SampleError
        A draw is not finite, there are too few draws, or they do not split evenly
        into replicates.

    Notes
    -----
    Random draws: s/sqrt(M) for the mean; sqrt((m4 - s^4)/(4 s^2 M)) for the sd;
    for a quantile the order statistics whose ranks lie one binomial standard
    deviation either side. Replicates: standard deviation over them / sqrt(R).
    """
    _refuse(sample, probability)
    if sample.sizes["draw"] % replicates:
        raise SampleError(
            f"{sample.sizes['draw']} draws do not split into {replicates} replicates"
        )
    found = summarise(sample, probability, replicates=replicates)
    return found["monte_carlo_error"]


def summarise(
    sample: xr.DataArray,
    probability: float = 0.95,
    *,
    replicates: int = 1,
    levels: tuple[float, ...] = LEVELS,
    threads: int = 1,
) -> xr.Dataset:
    """Every statistic of a sample that a result keeps.

    Parameters
    ----------
    sample : DataArray, dims (..., draw)
        A quantity that is absent (NaN in every draw) stays absent.
    probability : float
        Coverage probability of the intervals.
    replicates : int
        Independent scrambles or hypercubes in the sample; 1 for random draws.
    levels : tuple of float
        Levels of the percentiles.
    threads : int
        Quantities are reduced side by side; the result does not depend on it.

    Returns
    -------
    Dataset
        ``mean sd median (...)``, ``coverage coverage_shortest (..., bound)``,
        ``percentile (..., level)``, ``monte_carlo_error (..., statistic)``.

    Raises
    ------
    SampleError
        A quantity is finite in some draws and not in others, there are too few draws,
        or they do not split evenly into replicates.
    """
    values = sample.transpose(..., "draw").values
    shape, draws = values.shape[:-1], values.shape[-1]
    if draws < (needed := least_draws(probability)):
        what = sample.name or "sample"
        raise SampleError(f"{what}: {draws} draws, p = {probability} takes {needed}")
    if draws % replicates:
        raise SampleError(f"{draws} draws do not split into {replicates} replicates")
    rows = np.ascontiguousarray(values).reshape(-1, draws)
    bounds = bounds_of(0, draws, draws // replicates)
    pieces = np.full((len(rows), bounds.size - 1, 4), np.nan)
    order = OrderStatistics.empty(len(rows), len(levels))

    def reduce(i: int) -> None:
        row = rows[i]
        found = of_pieces(row[np.newaxis], bounds)[0]
        if not np.isfinite(found).all():
            if np.isnan(row).all():
                return
            if bad := int((~np.isfinite(row)).sum()):
                raise SampleError(f"{sample.name}: {bad} draws not finite")
        pieces[i] = found
        order.take(i, row, probability, levels, replicates)

    with ThreadPoolExecutor(threads) as pool:  # sorting lets go of the lock
        list(pool.map(reduce, range(len(rows))))
    moments = Moments.of(pieces, bounds, replicates)
    return dataset(moments, order, sample, shape, probability, levels)


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
        pieces : ndarray, shape (row, piece, 4)
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


class _Room(threading.local):
    """Where a thread puts the draws of one row in order."""

    def __init__(self) -> None:
        self._kept = np.empty(0)

    def of(self, draws: int) -> FloatArray:
        """Room for some draws, the thread's own."""
        if self._kept.size < draws:
            self._kept = np.empty(draws)
        return self._kept


_ROOM = _Room()


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
        probability: float,
        levels: tuple[float, ...],
        replicates: int,
    ) -> None:
        """Order the draws of one row, shape (draw,), and read it."""
        ends = _replicate_ends(row, probability, replicates) if replicates > 1 else None
        spans = _read(row.size, probability, (0.5, *levels))
        ordered = placed(row, spans, _ROOM.of(row.size))
        self.read(i, ordered.__getitem__, row.size, probability, levels, ends)

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
        spare, first = draws - span, _first(draws, span)
        tried = np.arange(spare)
        if starts is not None and starts < spare:
            tried = np.linspace(0, spare - 1, starts).astype(np.int64)
        narrowest = tried[np.argmin(values(tried + span) - values(tried))]
        self.quantiles[i] = values(np.array(_ranks(draws, (0.5, *levels))))
        self.symmetric[i] = values(np.array([first, first + span]))
        self.shortest[i] = values(np.array([narrowest, narrowest + span]))
        if replicate_ends is None:
            tails = ((1 - probability) / 2, (1 + probability) / 2)
            self.errors[i] = [_quantile_error(values, draws, tail) for tail in tails]
        else:
            # no error depends on the origin; about one of them equal ends have none
            apart = replicate_ends - replicate_ends[0]
            self.errors[i] = apart.std(axis=0, ddof=1) / math.sqrt(len(apart))


def dataset(
    moments: Moments,
    order: OrderStatistics,
    frame: xr.DataArray,
    shape: tuple[int, ...],
    probability: float,
    levels: tuple[float, ...],
) -> xr.Dataset:
    """Statistics of rows as `summarise` gives them, under the labels of `frame`."""
    errors = np.concatenate(
        [np.stack([moments.error_mean, moments.error_sd], axis=-1), order.errors],
        axis=-1,
    )
    cell = frame.transpose(..., "draw").isel(draw=0, drop=True)
    named: dict[str, tuple[FloatArray, tuple[str, ...]]] = {
        "mean": (moments.mean, ()),
        "sd": (moments.sd, ()),
        "median": (order.quantiles[:, 0], ()),
        "coverage": (order.symmetric, ("bound",)),
        "coverage_shortest": (order.shortest, ("bound",)),
        "percentile": (order.quantiles[:, 1:], ("level",)),
        "monte_carlo_error": (errors, ("statistic",)),
    }
    return xr.Dataset(
        {
            name: (
                (*cell.dims, *dim),
                values.reshape((*shape, *values.shape[1:])),
                frame.attrs,
            )
            for name, (values, dim) in named.items()
        },
        coords={
            **cell.coords,
            "bound": ["lower", "upper"],
            "level": list(levels),
            "statistic": list(STATISTICS),
        },
        attrs={"coverage_probability": probability},
    )


def least_draws(probability: float) -> int:
    """Fewest draws from which an interval of this probability can be read."""
    return math.ceil(round(1 / (1 - probability), 9))


def _refuse(sample: xr.DataArray, probability: float) -> None:
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    what, draws = sample.name or "sample", sample.sizes["draw"]
    if draws < (needed := least_draws(probability)):
        raise SampleError(f"{what}: {draws} draws, p = {probability} takes {needed}")
    if bad := int((~np.isfinite(sample)).sum()):
        raise SampleError(f"{what}: {bad} draws not finite; bound the inputs behind")


def _reduced(
    sample: xr.DataArray,
    values: FloatArray,
    dim: str | None = None,
    labels: list[str] | list[float] | None = None,
) -> xr.DataArray:
    """Values with the sample's labels, ``draw`` gone and perhaps one dim more."""
    frame = sample.transpose(..., "draw").isel(draw=0, drop=True)
    dims = (*frame.dims, dim) if dim else frame.dims
    reduced = xr.DataArray(values, dims=dims, coords=frame.coords, attrs=sample.attrs)
    return reduced.assign_coords({dim: labels}) if dim else reduced


def _ranks(draws: int, levels: tuple[float, ...]) -> list[int]:
    """Ranks ceil(level M) of order statistics, counted from 0."""
    # 0.975 x 1000 is 975.0000000000001 in floats
    return [max(math.ceil(round(level * draws, 6)), 1) - 1 for level in levels]


def _order(ordered: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Order statistics of rank ceil(level M): shape (..., draw) -> (..., level)."""
    return ordered[..., _ranks(ordered.shape[-1], levels)]


def _read(
    draws: int, probability: float, levels: tuple[float, ...]
) -> list[tuple[int, int]]:
    """Ranks that the statistics read: both tails, and those of the levels."""
    tail = 2 * (draws - _span(draws, probability))  # room for the errors of the ends
    ranks = [(rank, rank + 1) for rank in _ranks(draws, levels)]
    return [(0, tail), (draws - tail, draws), *ranks]


def _span(draws: int, probability: float) -> int:
    """Draws from one end of an interval to the other (JCGM 101, 7.7.2)."""
    return min(int(probability * draws + 0.5), draws - 1)


def _interval(ordered: FloatArray, probability: float, kind: Kind) -> FloatArray:
    """Bounds over the last axis: shape (..., draw) -> (..., 2)."""
    draws = ordered.shape[-1]
    q = _span(draws, probability)
    spare = draws - q
    if kind == "shortest":
        r = np.argmin(ordered[..., q:] - ordered[..., :spare], axis=-1)
    else:
        r = np.full(ordered.shape[:-1], _first(draws, q))
    return np.take_along_axis(ordered, np.stack([r, r + q], axis=-1), axis=-1)


def _first(draws: int, span: int) -> int:
    """Rank at which the symmetric interval begins; 7.7.2 counts from 1."""
    return max((draws - span + 1) // 2 - 1, 0)


def end_ranks(draws: int, probability: float) -> list[int]:
    """Ranks of the ends of the symmetric interval."""
    span = _span(draws, probability)
    return [_first(draws, span), _first(draws, span) + span]


def _replicate_ends(row: FloatArray, probability: float, replicates: int) -> FloatArray:
    """Ends of the symmetric interval in each replicate: (draw,) -> (replicate, 2)."""
    parts = row.reshape(replicates, -1)
    ranks = end_ranks(parts.shape[-1], probability)
    spans = [(rank, rank + 1) for rank in ranks]
    room = _ROOM.of(parts.shape[-1])
    return np.stack([placed(part, spans, room)[ranks] for part in parts])


def _quantile_error(values: Ranked, draws: int, level: float) -> float:
    """Half the gap between order statistics one binomial sd either side."""
    spread = math.sqrt(draws * level * (1 - level))
    low = max(math.floor(draws * level - spread), 0)
    high = min(math.ceil(draws * level + spread), draws - 1)
    below, above = values(np.array([low, high])).tolist()
    return float((above - below) * (spread / max(high - low, 1)))
