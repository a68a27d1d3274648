"""Mean square derivatives of all outputs, in the inputs' own units.

The method ``dgsm`` works in normal scores, where the derivative limits the total-order
index of any law. Here it is taken as Sobol' and Kucherenko define it.

References
----------
Sobol' and Kucherenko (2009), Math. Comput. Simul. 79, 3009-3017.
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.designs import design
from uncertainty.errors import DesignError
from uncertainty.model.graph import Quantile
from uncertainty.sensitivity.evaluation import (
    MOST_RUNS,
    ColumnLevels,
    Evaluator,
    Values,
    columns_of,
    joined,
    refuse_failed,
    refuse_infinite,
)
from uncertainty.sensitivity.labelling import labelled
from uncertainty.sensitivity.problem import Problem
from uncertainty.sensitivity.swapped_runs import BUDGET

# of half the central 68 %, sd for short: the slope is off by step² / 6 = 2.5e-9 of the
# third derivative times sd², and by rounding, 1e-12 of the output by sd
_STEP = 2.0**-13
_ONE_SD = (0.15865525393145707, 0.8413447460685429)
_NARROWEST = 2.0**-39  # of the value: 14 binary digits of the difference are left


def mean_square_derivatives(problem: Problem, n: int, *, seed: int) -> xr.DataArray:
    """E[(dy/dx)²] of every output y by every input x, the other inputs held.

    Parameters
    ----------
    problem : Problem
        Without groups, which have no derivative.
    n : int
        Points of one scrambled Sobol' set, a power of two.
    seed : int
        Root seed of the design; 0 is a seed.

    Returns
    -------
    DataArray, dims (*dims of ``problem.outputs``, parameter)
        In units of the output squared by units of the input squared, the input's as
        declared. Parameters are the inputs in the order in which they are read, each
        for itself even where several share a draw. An input that does not reach an
        output has 0, exactly; one that is discrete has NaN.

    Raises
    ------
    DesignError
        `n` is no power of two of 2 or more, there are groups, or an input's law is
        too narrow for a step.
    SampleError
        A run is not finite, at a point or a step beside it.
    ModelError
        A check of the model fails there.

    Notes
    -----
    Central differences of 2^-13 of half the central 68 % of a law, which is the
    standard deviation of a normal one and does not grow with a long tail. The point is
    moved away from a bound that is nearer than the step. Dependent inputs are drawn
    together, and the derivative is still the partial one. An input that has another
    law in another scenario moves by the same amount in each.
    """
    if n < 2 or n & (n - 1):
        raise DesignError(f"n must be a power of two, 2 or more, not {n}")
    if problem.groups:
        raise DesignError(
            f"a group has no derivative ({', '.join(problem.groups)}); ungroup the "
            "inputs"
        )
    checks = [check.node for check in problem.checks]
    evaluator = Evaluator(problem, [*problem.nodes, *checks])
    levels = _levels(problem, n, seed)
    every = {column: levels(column) for column in evaluator.columns}
    inputs = problem.graph.columns(problem.nodes)
    total = np.zeros((len(problem.nodes), len(inputs)))
    length = min(MOST_RUNS, max(1, BUDGET // (8 * len(evaluator.order))))
    for first in range(0, n, length):
        piece = slice(first, first + length)
        at = {column: level[piece] for column, level in every.items()}
        base = evaluator.base(evaluator.leaves(evaluator.columns, at.__getitem__))
        _refuse(problem, base)
        for i, column in enumerate(inputs):
            for node, slope in _slopes(problem, evaluator, base, column).items():
                total[problem.nodes.index(node), i] += np.square(slope).sum()
    units = str(problem.outputs.attrs.get("units", "1"))
    attrs = {
        "units": f"({units})**2 by units of the input squared",
        "long_name": "mean square derivative",
    }
    found = labelled(problem, total / n, ("parameter",), attrs)
    return found.assign_coords(parameter=inputs).assign_attrs(n=n, seed=seed)


def _levels(problem: Problem, n: int, seed: int) -> ColumnLevels:
    """Levels of the points, in dimensions that no other method draws from."""
    names = [f"slope:{column}" for column in problem.columns]
    plan = design("sobol", draws=n, seed=seed, columns=names, replicates=1)
    return joined(problem, columns_of(plan, "slope:"))


def _slopes(
    problem: Problem, evaluator: Evaluator, base: Values, column: str
) -> dict[int, FloatArray]:
    """Derivatives by one input of the outputs that it reaches, each of shape (runs,).

    An input has a leaf for each law that scenarios give it; derivatives by each add up.
    """
    graph, wanted = problem.graph, set(problem.nodes)
    slopes: dict[int, FloatArray] = {}
    for leaf in evaluator.order:
        payload = graph.payloads[leaf]
        if not isinstance(payload, Quantile) or payload.column != column:
            continue
        if payload.marginal.atoms is not None:
            reached = (n for n in wanted if leaf in graph.upstream([n]))
            slopes |= {node: np.array([np.nan]) for node in reached}
            continue
        draw = evaluator.drawn(leaf)
        # what shares the draw is held: it has a derivative of its own
        held = {n: base[n] for n in evaluator.order if evaluator.drawn(n) == draw}
        ends = down, up = _beside(base[leaf] / payload.factor, payload)
        low, high = (
            evaluator.moved(base, held | {leaf: x * payload.factor}) for x in ends
        )
        _refuse(problem, low)
        _refuse(problem, high)
        for node in low.keys() & wanted:
            slope = (high[node] - low[node]) / (up - down)
            slopes[node] = slopes[node] + slope if node in slopes else slope
    return slopes


def _beside(x: FloatArray, payload: Quantile) -> tuple[FloatArray, FloatArray]:
    """Values a step below and above `x`, inside the law's support."""
    law = payload.marginal
    below, above = law.ppf(np.array(_ONE_SD))
    step = _STEP * float(above - below) / 2
    start, end = law.support
    middle = np.clip(x, start + step, end - step)
    down, up = middle - step, middle + step
    if not np.all(up - down > _NARROWEST * np.abs(middle)):
        raise DesignError(
            f"{payload.column}: too narrow a law for a derivative; fix it at its value"
        )
    return down, up


def _refuse(problem: Problem, values: Values) -> None:
    """Refuse runs that fail a check, or where an output is not finite."""
    refuse_failed(problem, values)
    for node in problem.nodes:
        if node in values:
            refuse_infinite(problem, [node], np.atleast_2d(values[node]))
