"""Sobol' indices of all outputs at once, with no pick-freeze matrix made.

Two independent sets of runs A and B are evaluated whole. For each factor the runs
AB, which are A with that factor's columns from B, are evaluated only downstream of
those columns, turned into means over all outputs, and forgotten.

References
----------
Saltelli et al. (2010), Comput. Phys. Commun. 181, 259-270 (table 2: first order (b),
total order (f), after Jansen). Saltelli (2002), Comput. Phys. Commun. 145, 280-297
(second order).
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
from uncertainty.sensitivity.problem import DUMMY, Problem
from uncertainty.sensitivity.replicates import (
    REPLICATES,
    per_replicate,
    ratio,
    refuse_odd,
    refuse_size,
)
from uncertainty.sensitivity.second_order import pairs
from uncertainty.sensitivity.swapped_runs import Exchange, parts, two_sets
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

Centre = Literal["base", "all"]
Progress = Callable[[int, int], None]


def sobol(
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    share: float = SHARE,
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
        Runs of A, a power of two of 16 or more, in 8 independent scrambles of a
        Sobol' set. A and B are its halves in twice the dimensions.
    seed : int
        Root seed of the design; 0 is a seed.
    level : float
        Confidence level of the bounds: Student's t over the scrambles.
    share : float
        Total order that counts as important.
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
        `with_verdicts` adds, and ``variance`` in the outputs' units squared;
        ``second_order`` with its bounds over (parameter, parameter_2), NaN for outputs
        it was not asked for. An output that is constant has NaN for indices and stands
        in ``attrs["constant"]``. A factor that does not reach an output has 0, exactly.

    Raises
    ------
    DesignError
        `n` is no power of two of 16 or more, or `level` or `share` is not between 0
        and 1.
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.

    Notes
    -----
    The estimators subtract AB from A, so a column that nothing reads gets 0 without
    error whatever n is. That is the noise floor, and what ``dummy`` holds.

    Examples
    --------
    >>> from uncertainty.distributions import build as law
    >>> from uncertainty.model import Model
    >>> from uncertainty.sensitivity import build, nodes_of
    >>> a = law("uniform", {"low": 0.0, "high": 1.0})
    >>> both = {"a": a, "b": a}
    >>> model = Model.from_function(lambda a, b: 3 * a + b, both, {"y": "1"})
    >>> problem = build(model.graph, nodes_of(model, "y"))
    >>> found = sobol(problem, 1024, seed=1)
    >>> found["total_order"].values.round(2).ravel().tolist()  # 9 to 1
    [0.9, 0.1, 0.0]
    """
    refuse_odd(level)
    refuse_size(n, 2 * REPLICATES)
    a, b = two_sets(problem, n, seed)
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
        found[here] = _first_and_total(exchange, level, told)
        variance[here] = np.nan_to_num(exchange.variance)
        done += len(nodes)
    interactions = {}
    for node in asked:
        exchange = Exchange(problem, [node], n, a, b)
        if centre == "all":
            exchange.recentre(both_ways=True)
        interactions[node] = pairs(exchange, level)
    factors = len(problem.factors)
    dataset = _dataset(problem, found, variance, interactions).assign_attrs(
        method="sobol",
        n=n,
        seed=seed,
        level=level,
        replicates=REPLICATES,
        centre=centre,
        evaluations=n * ((2 * factors if asked else factors) + 2),
        constant=constants(problem, variance),
    )
    return with_verdicts(dataset, "total_order", share=share)


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
    exchange: Exchange, level: float, progress: Progress
) -> FloatArray:
    """Indices of an exchange's outputs.

    Returns
    -------
    ndarray, shape (outputs, 3, 2, factors + 1)
        Estimate, lower and upper bound of first and total order; the dummy last.
    """
    names = list(exchange.problem.factors)
    variance = exchange.variances
    found = np.zeros((len(exchange.nodes), 3, 2, len(names) + 1))
    for i, name in enumerate(names):
        reached, ab = exchange.from_b(name)
        ab -= exchange.a[reached]
        first = per_replicate(exchange.b[reached] * ab)
        total = per_replicate(np.square(ab, out=ab)) / 2
        for k, top in enumerate((first, total)):
            found[reached, :, k, i] = ratio(top, variance[reached], level).T
        progress(i + 1, len(names))
    found[np.isnan(exchange.scale)] = np.nan
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
