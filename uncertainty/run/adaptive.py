"""When is it enough: numerical tolerance, the adaptive procedure, and its trace.

The number of draws is an answer, not a habit. JCGM 101:2008 asks for as many as make
the estimate, the standard uncertainty and both ends of the interval stable to the
digits that are to be stated.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from uncertainty.arrays import FloatArray
from uncertainty.dependence import Block, Coupling
from uncertainty.dependence import drawn as drawn_columns
from uncertainty.designs import Design, design
from uncertainty.errors import ModelError
from uncertainty.model import Model, Table
from uncertainty.run.propagation import propagate
from uncertainty.seeds import PAGE
from uncertainty.statistics import (
    STATISTICS,
    Kind,
    coverage_interval,
    monte_carlo_error,
    summarise,
)
from uncertainty.statistics.tails import LOOKED_AT

LEAST_SCRAMBLE = 64
"""Points a scramble starts with: fewer have no 2.5 % order statistic worth the name."""

TELLING = 16_384
"""Draws from which tails are told apart: a sample of long tails gets as many."""

PATIENCE = 131_072
"""Draws after which a run of tails that are too heavy is given up before its cap."""


@dataclass(frozen=True)
class Until:
    """To what the draws are enough.

    Attributes
    ----------
    digits : int
        Significant decimal digits of the standard uncertainty that are to be stated.
    level : float
        Coverage probability of the interval.
    min_pages : int
        Pages of random draws before the rule may stop; the rule of the guide can stop
        by luck after two.
    tolerance_fraction : float
        Part of the numerical tolerance that has to be reached; the guide takes 1.
    interval : {"symmetric", "shortest"}
    cap : int
        Draws beyond which it does not go.
    """

    digits: int = 2
    level: float = 0.95
    min_pages: int = 10
    tolerance_fraction: float = 1.0
    interval: Kind = "symmetric"
    cap: int = 10_000_000


@dataclass(frozen=True)
class Stop:
    """How an adaptive run ended.

    Attributes
    ----------
    draws : int
    reached : bool
        Whether the tolerance was reached before the cap. Never where a mean or a
        standard deviation cannot be estimated from draws.
    tolerance : float
        The smallest over the quantities watched, in the table's units.
    worst : float
        Largest ratio of twice the standard error to its tolerance at the end; infinite
        where an error cannot be stated.
    heavy : bool
        Whether tails are too heavy for the error of a mean or a standard deviation.
    """

    draws: int
    reached: bool
    tolerance: float
    worst: float
    heavy: bool = False


def numerical_tolerance(uncertainty: float, digits: int) -> float:
    """Half a unit in the last of the digits to which an uncertainty is stated.

    Parameters
    ----------
    uncertainty : float
        Standard uncertainty, not negative.
    digits : int
        Significant decimal digits, one or more.

    Returns
    -------
    float
        0 for an uncertainty of 0.

    Raises
    ------
    ValueError
        `digits` is below 1 or `uncertainty` is negative.

    Notes
    -----
    JCGM 101:2008, 7.9.2: with u = c x 10^l and c an integer of `digits` digits the
    tolerance is 10^l / 2. A mantissa that rounds up to the next power of ten counts
    as that power.

    Examples
    --------
    >>> numerical_tolerance(0.00035, 2)
    5e-06
    """
    if digits < 1:
        raise ValueError(f"digits must be 1 or more, not {digits}")
    if uncertainty < 0:
        raise ValueError(f"a standard uncertainty is not below 0: {uncertainty}")
    if uncertainty == 0:
        return 0.0
    exponent = int(f"{uncertainty:.{digits - 1}e}".split("e")[1])
    return 0.5 * 10.0 ** (exponent - digits + 1)


def least_draws(probability: float) -> int:
    """Draws that a fixed run should have: 10^4 / (1 - p) (JCGM 101:2008, 7.2.1)."""
    return math.ceil(round(1e4 / (1 - probability), 6))


def block_draws(probability: float) -> int:
    """Draws of one block of the adaptive procedure (JCGM 101:2008, 7.9.4 b)."""
    return max(math.ceil(round(100 / (1 - probability), 6)), 10_000)


def adapt(
    model: Model,
    table: Table,
    until: Until,
    *,
    kind: str,
    seed: int,
    replicates: int = 16,
    threads: int = 1,
    blocks: Sequence[Block] = (),
) -> Stop:
    """Find how many draws make every cell of `table` stable to the stated digits.

    Parameters
    ----------
    model : Model
    table : Table
        What is watched; all its cells have to be stable.
    until : Until
    kind : {"random", "sobol", "latin_hypercube"}
    seed : int
    replicates : int
        Scrambles or hypercubes, at least 2; not used for random draws.
    threads : int
        The answer does not depend on it.
    blocks : sequence of Block
        Columns that do not vary on their own.

    Returns
    -------
    Stop

    Raises
    ------
    ModelError
        A draw is not finite, or the cap does not hold the least there is.

    Notes
    -----
    Random draws: JCGM 101:2008, 7.9.4, over pages of 10 000: stop when twice the
    standard deviation of the average of the page estimates is below the tolerance,
    for mean, sd and both ends. Replicated designs: points double until the Student t
    bound of the standard error over replicates is below it.
    """
    if kind != "random" and replicates < 2:
        raise ModelError("an adaptive run of this design takes 2 replicates or more")
    ties = tuple(b for b in blocks if set(b.columns) & set(model.columns))
    size = max(until.min_pages, 2) * PAGE if kind == "random" else 0
    size = size or replicates * LEAST_SCRAMBLE
    most = _most(until.cap, kind, replicates)
    while True:
        drawn = design(
            kind,
            draws=min(size, most),
            seed=seed,
            columns=drawn_columns(model.columns, ties),
            replicates=replicates,
        )
        levels = Coupling(drawn, ties) if ties else None
        sample = propagate(
            model, drawn, [table], levels=levels, threads=threads, task_pages=1
        )[table.name]
        watched = _watched(sample)
        if drawn.replicates > 1:
            stop = _by_replicates(watched, until, drawn)
        else:
            stop = _by_pages(watched, until)
        given_up = stop.heavy and drawn.draws >= PATIENCE
        if stop.reached or given_up or drawn.draws >= most:
            return stop
        size *= 2


def _most(cap: int, kind: str, replicates: int) -> int:
    """Most draws of a design that a cap allows: whole replicates, powers of two."""
    if kind == "random":
        return cap
    each = cap // replicates
    if each < 2:
        raise ModelError(
            f"a cap of {cap} draws does not hold {replicates} replicates; make it "
            f"{replicates * LEAST_SCRAMBLE} or more"
        )
    return replicates * (each if kind != "sobol" else 1 << (each.bit_length() - 1))


def _watched(sample: xr.DataArray) -> xr.DataArray:
    """Cells that exist, shape (cell, draw)."""
    values = sample.values.reshape(-1, sample.sizes["draw"])
    there = values[~np.isnan(values).any(axis=1)]
    return xr.DataArray(there, dims=("cell", "draw"), name=sample.name)


def _by_replicates(rows: xr.DataArray, until: Until, drawn: Design) -> Stop:
    found = summarise(rows, until.level, replicates=drawn.replicates)
    error = found["monte_carlo_error"].values
    bound = float(stdtrit(drawn.replicates - 1, 0.975)) * error
    tolerance = _tolerances(rows.values.std(axis=1, ddof=1), until)
    worst = _worst(bound, tolerance)
    stop = Stop(drawn.draws, worst < 1, float(tolerance.min(initial=np.inf)), worst)
    return _looked_at(stop, rows, error)


def _looked_at(stop: Stop, rows: xr.DataArray, error: FloatArray) -> Stop:
    """A stop that is not reached where tails are too heavy, or too few to tell."""
    values = rows.values
    off = values - values.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        kurtosis = (off**4).mean(axis=1) / (off**2).mean(axis=1) ** 2
    early = stop.draws < TELLING and bool((kurtosis > LOOKED_AT).any())
    heavy = bool(np.isnan(error).any())
    worst = math.inf if heavy else stop.worst
    reached = stop.reached and not (early or heavy)
    return replace(stop, reached=reached, worst=worst, heavy=heavy)


def _by_pages(rows: xr.DataArray, until: Until) -> Stop:
    """The first page after which the rule of the guide holds, if it does."""
    pages = rows.sizes["draw"] // PAGE
    parts = rows.values[:, : pages * PAGE].reshape(-1, pages, PAGE)
    blocks = xr.DataArray(parts, dims=("cell", "page", "draw"))
    ends = coverage_interval(blocks, until.level, kind=until.interval).values
    means, variances = parts.mean(-1), parts.var(-1)
    sds = parts.std(-1, ddof=1)
    each = np.concatenate([means[..., None], sds[..., None], ends], axis=-1)
    for page in range(max(until.min_pages, 2), pages + 1):
        spread = each[:, :page].std(axis=1, ddof=1) / math.sqrt(page)
        # of all draws so far: within pages plus between them
        whole = variances[:, :page].mean(1) + means[:, :page].var(1)
        count = page * PAGE
        tolerance = _tolerances(np.sqrt(whole * count / (count - 1)), until)
        worst = _worst(2 * spread, tolerance)
        if worst < 1 or page == pages:
            smallest = float(tolerance.min(initial=np.inf))
            drawn = rows[:, :count]
            error = monte_carlo_error(drawn, until.level).values
            stop = Stop(count, worst < 1, smallest, worst)
            return _looked_at(stop, drawn, error)
    return Stop(rows.sizes["draw"], False, math.inf, math.inf)


def _tolerances(spread: FloatArray, until: Until) -> FloatArray:
    found = [numerical_tolerance(float(u), until.digits) for u in spread]
    return np.array(found) * until.tolerance_fraction


def _worst(twice: FloatArray, tolerance: FloatArray) -> float:
    """Largest ratio of twice an error to its tolerance; a constant has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(twice == 0, 0.0, twice / tolerance[:, None])
    ratio = np.nan_to_num(ratio, nan=np.inf, posinf=np.inf)
    return float(ratio.max(initial=0.0))


def trace(
    sample: xr.DataArray, probability: float = 0.95, *, replicates: int = 1
) -> xr.Dataset:
    """How the estimates of one quantity settled as the draws grew.

    Parameters
    ----------
    sample : DataArray, dims (draw,)
        In the order of the design: replicate by replicate.
    probability : float
    replicates : int
        1 for random draws.

    Returns
    -------
    Dataset, dims (draws, statistic)
        ``estimate`` and ``error`` (Monte Carlo standard error) from the first draws
        of every replicate, doubling up to all of them.
    """
    values = sample.values.reshape(replicates, -1)
    sizes = [values.shape[1]]
    while sizes[-1] >= 2 * LEAST_SCRAMBLE:
        sizes.append(sizes[-1] // 2)
    sizes.reverse()
    estimates, errors = [], []
    for size in sizes:
        part = xr.DataArray(values[:, :size].ravel(), dims="draw", name=sample.name)
        ends = coverage_interval(part, probability, kind="symmetric").values
        estimates.append([float(part.mean()), float(part.std(ddof=1)), *ends])
        error = monte_carlo_error(part, probability, replicates=replicates)
        errors.append(error.values)
    dims = ("draws", "statistic")
    return xr.Dataset(
        {"estimate": (dims, np.array(estimates)), "error": (dims, np.array(errors))},
        coords={
            "draws": [replicates * size for size in sizes],
            "statistic": list(STATISTICS),
        },
        attrs=dict(sample.attrs) | {"coverage_probability": probability},
    )
