"""Statistics of a Monte Carlo sample: reduce ``draw``, keep every other label."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.blocks import each
from uncertainty.errors import SampleError
from uncertainty.moments import bounds_of, of_pieces
from uncertainty.reduction import Moments, OrderStatistics, ends_of, least_draws

Kind = Literal["shortest", "symmetric"]
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
    found = _ordered(sample, 0.5, levels).quantiles[:, 1:]
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
    draws = values.shape[-1]
    if draws < (needed := least_draws(probability)):
        what = sample.name or "sample"
        raise SampleError(f"{what}: {draws} draws, p = {probability} takes {needed}")
    if draws % replicates:
        raise SampleError(f"{draws} draws do not split into {replicates} replicates")
    rows = np.ascontiguousarray(values).reshape(-1, draws)
    bounds = bounds_of(0, draws, draws // replicates)
    pieces = np.full((len(rows), bounds.size - 1, 6), np.nan)
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
        order.take(i, row, ends_of(found), probability, levels, replicates)

    each(reduce, len(rows), threads)  # sorting lets go of the lock
    moments = Moments.of(pieces, bounds, replicates)
    return dataset(moments, order, Frame.of(sample), probability, levels)


@dataclass(frozen=True)
class Frame:
    """Labels of some quantities.

    Attributes
    ----------
    dims : tuple of str
    shape : tuple of int
        Quantities along each.
    coords : mapping of name to coordinate
        Of any of the dims.
    attrs : mapping
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coords: Mapping[str, Any]
    attrs: Mapping[str, Any]

    @classmethod
    def of(cls, sample: xr.DataArray) -> "Frame":
        """Labels of a sample without its draws."""
        sizes = {str(d): n for d, n in sample.sizes.items() if d != "draw"}
        coords = {str(k): c for k, c in sample.coords.items() if "draw" not in c.dims}
        return cls(tuple(sizes), tuple(sizes.values()), coords, sample.attrs)


def dataset(
    moments: Moments,
    order: OrderStatistics,
    frame: Frame,
    probability: float,
    levels: tuple[float, ...],
    beside: Mapping[str, FloatArray] | None = None,
) -> xr.Dataset:
    """Statistics of rows as `summarise` gives them, under the labels of `frame`.

    What stands `beside` them has one value of each row, shape (row,).
    """
    errors = np.concatenate(
        [np.stack([moments.error_mean, moments.error_sd], axis=-1), order.errors],
        axis=-1,
    )
    named: dict[str, tuple[FloatArray, tuple[str, ...]]] = {
        "mean": (moments.mean, ()),
        "sd": (moments.sd, ()),
        "median": (order.quantiles[:, 0], ()),
        "coverage": (order.symmetric, ("bound",)),
        "coverage_shortest": (order.shortest, ("bound",)),
        "percentile": (order.quantiles[:, 1:], ("level",)),
        "monte_carlo_error": (errors, ("statistic",)),
        **{name: (values, ()) for name, values in (beside or {}).items()},
    }
    return xr.Dataset(
        {
            name: (
                (*frame.dims, *dim),
                values.reshape((*frame.shape, *values.shape[1:])),
                frame.attrs,
            )
            for name, (values, dim) in named.items()
        },
        coords=xr.Coordinates(frame.coords) | _labels(levels),
        attrs={"coverage_probability": probability},
    )


@lru_cache(maxsize=8)
def _labels(levels: tuple[float, ...]) -> xr.Coordinates:
    """Labels within a quantity: an index costs more than the numbers under it."""
    return xr.Coordinates(
        {
            "bound": ["lower", "upper"],
            "level": list(levels),
            "statistic": list(STATISTICS),
        }
    )


def _ordered(
    sample: xr.DataArray, probability: float, levels: tuple[float, ...] = ()
) -> OrderStatistics:
    """Order statistics of each quantity, a row each."""
    values = sample.transpose(..., "draw").values
    rows = values.reshape(-1, values.shape[-1])
    found = OrderStatistics.empty(len(rows), len(levels))
    for i, row in enumerate(rows):
        ends = float(row.min()), float(row.max())
        found.take(i, row, ends, probability, levels, replicates=1)
    return found


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
