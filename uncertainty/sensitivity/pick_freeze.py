"""Sobol' indices of all outputs at once, with no pick-freeze matrix made.

Two independent sets of runs A and B are evaluated whole. For each factor the runs
AB, which are A with that factor's columns from B, are evaluated only downstream of
those columns, turned into means over all outputs, and forgotten.

References
----------
Saltelli et al. (2010), Comput. Phys. Commun. 181, 259-270 (table 2: first order (b),
total order (f), after Jansen). Saltelli (2002), Comput. Phys. Commun. 145, 280-297
(second order). Khorashadi Zadeh et al. (2017), Environ. Model. Softw. 91, 210-222
(indices of a dummy).
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.errors import DesignError
from uncertainty.model.graph import ABSENT
from uncertainty.sensitivity.labelling import (
    constants,
    labelled,
    parameters,
    with_bounds,
)
from uncertainty.sensitivity.matmul import product
from uncertainty.sensitivity.noise_floor import with_evidence
from uncertainty.sensitivity.problem import DUMMY, Problem
from uncertainty.sensitivity.resampling import (
    BATCHES,
    RESAMPLES,
    batched,
    bounds,
    refuse_odd,
    weights,
)
from uncertainty.sensitivity.second_order import pairs
from uncertainty.sensitivity.swapped_runs import Exchange, parts, two_sets

Centre = Literal["base", "all"]
Progress = Callable[[int, int], None]


def sobol(
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    second_order: Sequence[int] | xr.DataArray = (),
    centre: Centre = "base",
    progress: Progress | None = None,
) -> xr.Dataset:
    """First, total and, where asked for, second-order indices with their bounds.

    Parameters
    ----------
    problem : Problem
        A block or a group is one factor.
    n : int
        Runs of A, a power of two. A and B are the halves of one scrambled Sobol' set
        in twice the dimensions.
    seed : int
        Root seed of the design and of the bootstrap; 0 is a seed.
    level : float
        Confidence level of the bounds.
    resamples : int
        Of the bootstrap over runs, in at most 256 batches of random runs.
    second_order : DataArray or sequence of int
        Nodes of the few outputs whose pairs of factors are wanted as well.
    centre : {"base", "all"}
        Which mean is taken off the outputs before products are formed: that of A and
        B, or that of every run there is, as SALib does. A first-order index differs by
        the difference of the two means times mean(AB - A), over the variance.
    progress : callable, optional
        Told (factors done, factors in all).

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        ``first_order`` and ``total_order`` with ``_lower`` and ``_upper``, what
        `with_evidence` adds, and ``variance`` in the outputs' units squared;
        ``second_order`` with its bounds over (parameter, parameter_2), NaN for outputs
        it was not asked for. An output that is constant has NaN for indices and stands
        in ``attrs["constant"]``. A factor that does not reach an output has 0, exactly.

    Raises
    ------
    DesignError
        `n` is no power of two of 2 or more, or the bounds cannot be had as asked.
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.

    Notes
    -----
    The estimators subtract AB from A, so a column that nothing reads gets 0 without
    error whatever n is. ``dummy`` therefore holds what the correlation form of the
    estimators gives it, mean(A B)/V and 1 - var(A)/V: the size of an index that n
    runs cannot tell from none.
    """
    refuse_odd(level, resamples)
    if n < 2 or n & (n - 1):
        raise DesignError(f"n must be a power of two, 2 or more, not {n}")
    a, b = two_sets(problem, n, seed)
    resample = weights(min(n, BATCHES), resamples, seed, "pick_freeze")
    asked = _asked(problem, second_order)
    found = np.empty((len(problem.nodes), 3, 2, len(problem.factors) + 1))
    variance = np.empty(len(problem.nodes))
    pieces = parts(problem, n)
    done = 0
    for i, nodes in enumerate(pieces):
        exchange = Exchange(problem, nodes, n, a, b)
        if centre == "all":
            exchange.recentre(both_ways=bool(asked))
        here = slice(done, done + len(nodes))
        told = _piecewise(progress, i, len(pieces))
        found[here] = _first_and_total(exchange, resample, level, told)
        variance[here] = np.nan_to_num(exchange.variance)
        done += len(nodes)
    interactions = {}
    for node in asked:
        exchange = Exchange(problem, [node], n, a, b)
        if centre == "all":
            exchange.recentre(both_ways=True)
        interactions[node] = pairs(exchange, resample, level)
    dataset = _dataset(problem, found, variance, interactions)
    factors = len(problem.factors)
    return dataset.assign_attrs(
        method="sobol",
        n=n,
        seed=seed,
        level=level,
        resamples=resamples,
        centre=centre,
        evaluations=n * ((2 * factors if asked else factors) + 2),
        constant=constants(problem, variance),
    )


def _asked(problem: Problem, nodes: Sequence[int] | xr.DataArray) -> list[int]:
    flat = np.unique(nodes.values if isinstance(nodes, xr.DataArray) else [*nodes])
    asked = [int(node) for node in flat if node != ABSENT]
    if strange := set(asked) - set(problem.nodes):
        raise DesignError(
            f"second order is asked of nodes {sorted(strange)}, which are no outputs"
        )
    return asked


def _piecewise(progress: Progress | None, piece: int, pieces: int) -> Progress:
    """Progress over all pieces from the progress in one."""

    def tell(done: int, of: int) -> None:
        if progress is not None:
            progress(piece * of + done, pieces * of)

    return tell


def _first_and_total(
    exchange: Exchange,
    resample: FloatArray,
    level: float,
    progress: Progress,
) -> FloatArray:
    """Indices of an exchange's outputs.

    Returns
    -------
    ndarray, shape (outputs, 3, 2, factors + 1)
        Estimate, lower and upper bound of first and total order; the dummy last.
    """
    names = list(exchange.problem.factors)
    variances = _variances(exchange.a, exchange.b, resample)

    found = np.zeros((len(exchange.nodes), 3, 2, len(names) + 1))
    for i, name in enumerate(names):
        reached, ab = exchange.from_b(name)
        ab -= exchange.a[reached]
        first = exchange.b[reached]
        first *= ab
        total = np.square(ab, out=ab)
        total /= 2
        found[reached, :, :, i] = _estimate(
            (first, total), [v[reached] for v in variances], resample, level
        )
        progress(i + 1, len(names))
    found[..., -1] = _dummy(exchange, variances, resample, level)
    found[np.isnan(exchange.scale)] = np.nan
    return found


def _variances(
    a: FloatArray, b: FloatArray, resample: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Variance of A and B together, and that of each resample.

    Returns
    -------
    whole : ndarray, shape (outputs,)
    resampled : ndarray, shape (outputs, resamples)
    """
    mean = _means(a + b, resample) / 2
    square = _means(a * a + b * b, resample) / 2
    whole = (np.mean(a * a, axis=1) + np.mean(b * b, axis=1)) / 2
    return whole - ((a.mean(axis=1) + b.mean(axis=1)) / 2) ** 2, square - mean**2


def _means(rows: FloatArray, resample: FloatArray) -> FloatArray:
    """Mean of each row over each resample, shape (rows, resamples)."""
    return product(batched(rows), resample)


def _estimate(
    products: Sequence[FloatArray],
    variances: Sequence[FloatArray],
    resample: FloatArray,
    level: float,
) -> FloatArray:
    """Means of products over the variance, with bounds: (outputs, 3, products)."""
    whole, resampled = variances
    found = np.empty((len(whole), 3, len(products)))
    for i, runs in enumerate(products):
        found[:, 0, i] = runs.mean(axis=1) / whole
        spread = _means(runs, resample) / resampled
        found[:, 1:, i] = bounds(spread, level).T
    return found


def _dummy(
    exchange: Exchange,
    variances: tuple[FloatArray, FloatArray],
    resample: FloatArray,
    level: float,
) -> FloatArray:
    """Indices of a column that nothing reads, shape (outputs, 3, 2)."""
    a, b = exchange.a, exchange.b
    whole, resampled = variances
    found = _estimate((a * b, a * a), variances, resample, level)
    found[:, 0, 1] = 1 - a.var(axis=1) / whole
    mean = _means(a, resample)
    spread = 1 - (_means(a * a, resample) - mean**2) / resampled
    found[:, 1:, 1] = bounds(spread, level).T
    return found


def _dataset(
    problem: Problem,
    found: FloatArray,
    variance: FloatArray,
    interactions: dict[int, FloatArray],
) -> xr.Dataset:
    names = [*problem.factors, DUMMY]
    variables = {
        **with_bounds(problem, "first_order", "first-order index", found[:, :, 0]),
        **with_bounds(problem, "total_order", "total-order index", found[:, :, 1]),
    }
    units = str(problem.outputs.attrs.get("units", "1"))
    variables["variance"] = labelled(
        problem, variance, (), {"units": f"({units})**2", "long_name": "variance"}
    )
    dataset = xr.Dataset(variables).assign_coords(parameters(names, problem))
    dataset = with_evidence(dataset, "total_order")
    if not interactions:
        return dataset
    count = len(names)
    pairwise = np.full((len(problem.nodes), 3, count, count), np.nan)
    for node, values in interactions.items():
        pairwise[problem.nodes.index(node), :, :-1, :-1] = values
    return dataset.assign(
        with_bounds(
            problem,
            "second_order",
            "second-order index",
            pairwise,
            ("parameter", "parameter_2"),
        )
    ).assign_coords(parameter_2=names)
