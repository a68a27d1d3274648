"""Statistics of a Monte Carlo sample: reduce ``draw``, keep every other label."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.designs import least_draws
from uncertainty.errors import SampleError
from uncertainty.statistics.moments import bounds_of, of_pieces
from uncertainty.statistics.order_statistics import ENDS, MARKED, MEDIAN, Reading
from uncertainty.statistics.reduction import Moments, OrderStatistics, ends_of
from uncertainty.statistics.tails import LOOKED_AT, tail_index, unstated
from uncertainty.workers.blocks import begin

Kind = Literal["shortest", "symmetric"]
STATISTICS = ("mean", "sd", "lower", "upper")
BOUNDS = ("lower", "upper")
TAIL = {"units": "1", "long_name": "index of the heavier tail, 0 if light"}
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
    order = _ordered(sample, probability)
    bounds = order.shortest if kind == "shortest" else order.symmetric
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
    found = _ordered(sample, 0.5, levels).quantiles
    return _reduced(sample, found, "level", list(levels))


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
    deviation either side. Replicates: standard deviation over them / sqrt(R) for mean
    and sd; for a quantile that of the number of draws at or below it, times the
    distance between neighbouring draws there. All are standard errors of a Student t
    of R - 1 degrees of freedom.
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
        ``percentile (..., level)``, ``monte_carlo_error (..., statistic)``,
        ``median_error tail_index (...)``: see `tails`. Errors of a mean or an sd that
        tails are too heavy for are NaN.

    Raises
    ------
    SampleError
        A quantity is finite in some draws and not in others, there are too few draws,
        or they do not split evenly into replicates.
    """
    values = sample.transpose(..., "draw").values
    draws = values.shape[-1]
    if draws < (needed := least_draws(probability)):
        what = sample.name or "sample"
        raise SampleError(f"{what}: {draws} draws, p = {probability} takes {needed}")
    if draws % replicates:
        raise SampleError(f"{draws} draws do not split into {replicates} replicates")
    rows = np.ascontiguousarray(values).reshape(-1, draws)
    bounds = bounds_of(0, draws, draws // replicates)
    pieces = of_pieces(rows, bounds)
    there = np.full(len(rows), True)
    for i in np.flatnonzero(~np.isfinite(pieces).all(axis=(1, 2))).tolist():
        bad = int((~np.isfinite(rows[i])).sum())
        if bad and not np.isnan(rows[i]).all():
            raise SampleError(f"{sample.name}: {bad} draws not finite")
        there[i] = not bad
    pieces[~there] = np.nan
    moments = Moments.of(pieces, bounds, replicates)
    reading = Reading(draws, probability, (MEDIAN, *levels), replicates)
    order = _read(rows, there, ends_of(pieces), reading, threads)
    tails = np.where(there, 0.0, np.nan)
    for i in np.flatnonzero(moments.kurtosis > LOOKED_AT).tolist():
        tails[i] = tail_index(rows[i])
    data = blank(Frame.of(sample), probability, levels)
    fill(data, numbers(moments, order, tails, draws))
    return data


@dataclass(frozen=True)
class Frame:
    """Labels of some quantities.

    Attributes
    ----------
    dims : tuple of str
    shape : tuple of int
        Quantities along each.
    coords : Coordinates
        Of any of the dims.
    attrs : mapping
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coords: xr.Coordinates
    attrs: Mapping[str, Any]

    @classmethod
    def of(cls, sample: xr.DataArray) -> "Frame":
        """Labels of a sample without its draws."""
        sizes = {str(d): n for d, n in sample.sizes.items() if d != "draw"}
        coords = {str(k): c for k, c in sample.coords.items() if "draw" not in c.dims}
        labels = xr.Coordinates(coords)
        return cls(tuple(sizes), tuple(sizes.values()), labels, sample.attrs)


def blank(
    frame: Frame,
    probability: float,
    levels: tuple[float, ...],
    more: tuple[str, ...] = (),
    *,
    inner: bool = False,
) -> xr.Dataset:
    """Statistics as `summarise` gives them, under their labels, all of them NaN.

    Parameters
    ----------
    frame : Frame
    probability : float
    levels : tuple of float
    more : tuple of str
        Further variables, of one number a quantity.
    inner : bool
        Leave out the labels of bounds, levels and statistics, for what it is put
        under has them.
    """
    dims: dict[str, tuple[str, ...]] = {
        "mean": (),
        "sd": (),
        "median": (),
        "coverage": ("bound",),
        "coverage_shortest": ("bound",),
        "percentile": ("level",),
        "monte_carlo_error": ("statistic",),
        "median_error": (),
        "tail_index": (),
        **dict.fromkeys(more, ()),
    }
    within = {"bound": BOUNDS, "level": levels, "statistic": STATISTICS}
    found = xr.Dataset(
        {
            name: (
                (*frame.dims, *dim),
                np.full((*frame.shape, *(len(within[d]) for d in dim)), np.nan),
                TAIL if name == "tail_index" else frame.attrs,
            )
            for name, dim in dims.items()
        },
        coords=frame.coords,
        attrs={"coverage_probability": probability},
    )
    return found if inner else found.assign_coords(labelled(*within.items()))


def numbers(
    moments: Moments, order: OrderStatistics, tails: FloatArray, draws: int
) -> dict[str, FloatArray]:
    """Numbers of rows by the names of `blank`, shape (row, ...) each.

    Parameters
    ----------
    moments : Moments
    order : OrderStatistics
    tails : ndarray, shape (row,)
        Tail indices.
    draws : int
    """
    of_moments = np.stack([moments.error_mean, moments.error_sd], axis=1)
    of_moments[np.stack(unstated(tails, draws), axis=1)] = np.nan
    return {
        "mean": moments.mean,
        "sd": moments.sd,
        "median": order.quantiles[:, 0],
        "coverage": order.symmetric,
        "coverage_shortest": order.shortest,
        "percentile": order.quantiles[:, 1:],
        "monte_carlo_error": np.concatenate(
            [of_moments, order.errors[:, :ENDS]], axis=1
        ),
        "median_error": order.errors[:, ENDS],
        "tail_index": tails,
    }


def fill(data: xr.Dataset, found: Mapping[str, FloatArray]) -> None:
    """Write numbers of rows, one for each quantity in C order, into what `blank` made.

    They show in whatever shares its memory, such as a tree it was put into.
    """
    for name, values in found.items():
        place = data.variables[name].values
        place[...] = values.reshape(place.shape)


@lru_cache(maxsize=64)
def labelled(*labels: tuple[str, tuple[str | int | float, ...]]) -> xr.Coordinates:
    """Labels of some dims: an index costs more than the few numbers under it.

    Parameters
    ----------
    *labels : tuples of (dim, labels)
    """
    return xr.Coordinates({dim: list(each) for dim, each in labels})


def _ordered(
    sample: xr.DataArray, probability: float, levels: tuple[float, ...] = ()
) -> OrderStatistics:
    """Order statistics of each quantity, a row each."""
    values = sample.transpose(..., "draw").values
    rows = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    ends = np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1)
    reading = Reading(rows.shape[1], probability, levels)
    return _read(rows, np.full(len(rows), True), ends, reading, threads=1)


def _read(
    rows: FloatArray,
    there: npt.NDArray[np.bool_],
    ends: FloatArray,
    reading: Reading,
    threads: int,
) -> OrderStatistics:
    """Order statistics of rows, NaN of those that are not there."""
    found = np.full((len(rows), reading.width), np.nan)
    below = np.full((len(rows), reading.replicates, MARKED), np.nan)

    def read(i: int) -> None:
        if there[i]:
            one = slice(i, i + 1)
            reading.read(rows[one], ends[one], found[one], below[one])

    begin(read, len(rows), threads)()  # what is compiled lets go of the lock
    return OrderStatistics.of(reading, found, below)


def _refuse(sample: xr.DataArray, probability: float) -> None:
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    what, draws = sample.name or "sample", sample.sizes["draw"]
    if draws < (needed := least_draws(probability)):
        raise SampleError(f"{what}: {draws} draws, p = {probability} takes {needed}")
    if bad := int((~np.isfinite(sample)).sum()):
        raise SampleError(f"{what}: {bad} draws not finite; bound the inputs behind")


def _reduced(
    sample: xr.DataArray, rows: FloatArray, dim: str, labels: list[str] | list[float]
) -> xr.DataArray:
    """Rows (quantity, label) with the sample's labels, `dim` in place of ``draw``."""
    frame = sample.transpose(..., "draw").isel(draw=0, drop=True)
    return xr.DataArray(
        rows.reshape((*frame.shape, len(labels))),
        dims=(*frame.dims, dim),
        coords={**frame.coords, dim: labels},
        attrs=sample.attrs,
    )
