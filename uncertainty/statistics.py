"""Statistics of a Monte Carlo sample: reduce ``draw``, keep every other label.

Sobol' and Latin hypercube draws are not independent, so the plain formulas for the
error of an estimate are wrong there; its spread over independent replicates is
used instead. Quantiles are order statistics: they are never summed or averaged.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.errors import SampleError

Kind = Literal["shortest", "symmetric"]
STATISTICS = ("mean", "sd", "lower", "upper")
SORT_WHOLE = 10_000
"""Draws below which sorting them all is as quick, and every rank is in its place."""
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
    values = sample.transpose(..., "draw").values
    errors = _errors(values, np.sort(values, axis=-1), probability, replicates)
    return _reduced(sample, errors, "statistic", list(STATISTICS))


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
        A quantity is finite in some draws and not in others.
    """
    values = sample.transpose(..., "draw").values
    shape, draws = values.shape[:-1], values.shape[-1]
    if draws < (needed := least_draws(probability)):
        what = sample.name or "sample"
        raise SampleError(f"{what}: {draws} draws, p = {probability} takes {needed}")
    rows = values.reshape(-1, draws)
    widths = {"moments": 2, "symmetric": 2, "shortest": 2, "error": 4}
    parts = {name: np.full((len(rows), w), np.nan) for name, w in widths.items()}
    quantiles = np.full((len(rows), len(levels) + 1), np.nan)

    def reduce(i: int) -> None:
        row = rows[i]
        if np.isnan(row).all():
            return
        if bad := int((~np.isfinite(row)).sum()):
            raise SampleError(f"{sample.name}: {bad} draws not finite")
        ordered = np.sort(row)
        # about a draw of its own a constant has no spread, not one of 1e-16
        apart = row - row[0]
        sd = apart.std(ddof=1) if draws > 1 else 0.0
        parts["moments"][i] = row[0] + apart.mean(), sd
        quantiles[i] = _order(ordered, (0.5, *levels))
        parts["symmetric"][i] = _interval(ordered, probability, "symmetric")
        parts["shortest"][i] = _interval(ordered, probability, "shortest")
        parts["error"][i] = _errors(row, ordered, probability, replicates)

    with ThreadPoolExecutor(threads) as pool:  # partitioning lets go of the lock
        list(pool.map(reduce, range(len(rows))))
    parts = {name: part.reshape(*shape, -1) for name, part in parts.items()}
    quantiles = quantiles.reshape(*shape, -1)
    bounds = ["lower", "upper"]
    return xr.Dataset(
        {
            "mean": _reduced(sample, parts["moments"][..., 0]),
            "sd": _reduced(sample, parts["moments"][..., 1]),
            "median": _reduced(sample, quantiles[..., 0]),
            "coverage": _reduced(sample, parts["symmetric"], "bound", bounds),
            "coverage_shortest": _reduced(sample, parts["shortest"], "bound", bounds),
            "percentile": _reduced(sample, quantiles[..., 1:], "level", list(levels)),
            "monte_carlo_error": _reduced(
                sample, parts["error"], "statistic", list(STATISTICS)
            ),
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


def _span(draws: int, probability: float) -> int:
    """Draws from one end of an interval to the other (JCGM 101, 7.7.2)."""
    return min(int(probability * draws + 0.5), draws - 1)


def _ordered(
    row: FloatArray, probability: float, levels: tuple[float, ...]
) -> FloatArray:
    """Draws sorted where a statistic looks: both tails, and the ranks of `levels`.

    The intervals of probability p and their errors read only the lowest and the
    highest (1 - p) M draws; sorting those and placing a few ranks between is three
    times as quick as sorting all.
    """
    draws = row.shape[-1]
    span = _span(draws, probability)
    tail = 2 * (draws - span)  # room for the errors of the ends
    if draws < SORT_WHOLE or 2 * tail >= draws:
        return np.sort(row)
    top = draws - tail
    inner = [r for r in _ranks(draws, levels) if tail <= r < top]
    found = np.partition(row, sorted({tail, top, *inner}))
    found[:tail].sort()
    found[top:].sort()
    return found


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


def _errors(
    values: FloatArray, ordered: FloatArray, probability: float, replicates: int
) -> FloatArray:
    """Standard errors of the four statistics: shape (..., draw) -> (..., 4)."""
    draws = values.shape[-1]
    values = values - values[..., :1]  # no error depends on the origin
    if replicates > 1:
        parts = values.reshape(*values.shape[:-1], replicates, draws // replicates)
        size = parts.shape[-1]
        sd = parts.std(axis=-1, ddof=1) if size > 1 else np.zeros(parts.shape[:-1])
        span = _span(size, probability)
        ranks = [_first(size, span), _first(size, span) + span]
        ends = np.partition(parts, ranks, axis=-1)[..., ranks]
        each = np.concatenate(
            [parts.mean(axis=-1)[..., None], sd[..., None], ends], axis=-1
        )
        error: FloatArray = each.std(axis=-2, ddof=1) / math.sqrt(replicates)
        return error
    off = values - values.mean(axis=-1, keepdims=True)
    off *= off
    second = off.mean(axis=-1)
    off *= off
    fourth = off.mean(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_sd = np.sqrt(np.maximum(fourth - second**2, 0) / (4 * second * draws))
    tails = ((1 - probability) / 2, (1 + probability) / 2)
    ends = np.stack([_quantile_error(ordered, tail) for tail in tails], axis=-1)
    of_mean = np.sqrt(second / draws)
    of_sd = np.where(second > 0, of_sd, 0.0)
    return np.concatenate([np.stack([of_mean, of_sd], axis=-1), ends], axis=-1)


def _quantile_error(ordered: FloatArray, level: float) -> FloatArray:
    """Half the gap between order statistics one binomial sd either side."""
    draws = ordered.shape[-1]
    spread = math.sqrt(draws * level * (1 - level))
    low = max(math.floor(draws * level - spread), 0)
    high = min(math.ceil(draws * level + spread), draws - 1)
    half: FloatArray = (ordered[..., high] - ordered[..., low]) * (
        spread / max(high - low, 1)
    )
    return half
