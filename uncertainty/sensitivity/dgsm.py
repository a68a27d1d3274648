"""Derivatives of all outputs: limits of the total-order index, and mean squares.

The method ``dgsm`` works in normal scores, where derivatives limit the total-order
index whatever the inputs' distributions: with V the variance of the output y and z an
input's normal score, E[dy/dz]^2 <= V S <= V T <= E[(dy/dz)^2], S and T being its first-
and total-order index. The left side is the first Hermite coefficient of y in z, the
right side Poincare's inequality, whose constant for a normal score is 1.
`mean_square_derivatives` takes them in the inputs' own units.

References
----------
Sobol' and Kucherenko (2009), Math. Comput. Simul. 79, 3009-3017. Lamboni et al.
(2013), Math. Comput. Simul. 87, 45-54 (upper limit). Kucherenko and Song
(2016), Int. J. Uncertain. Quantif. 6, 549-562 (lower limit).
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.designs import design
from uncertainty.errors import DependenceError, DesignError
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
from uncertainty.sensitivity.labelling import constants, labelled, with_bounds
from uncertainty.sensitivity.problem import DUMMY, Problem, inside
from uncertainty.sensitivity.replicates import (
    REPLICATES,
    per_replicate,
    ratio,
    refuse_odd,
    refuse_size,
    with_t,
)
from uncertainty.sensitivity.swapped_runs import BUDGET
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

# of half the central 68 %, sd for short: the slope is off by step² / 6 = 2.5e-9 of the
# third derivative times sd², and by rounding, 1e-12 of the output by sd
_STEP = 2.0**-13
_ONE_SD = (0.15865525393145707, 0.8413447460685429)
_NARROWEST = 2.0**-39  # of the value: 14 binary digits of the difference are left

LONG = 6.0
"""Kurtosis above which bounds of the limits do not hold: for a product of lognormals in
80 of 100 cases where 95 are promised, whatever the number of points."""

SCORE_STEP = 1e-3
"""Of a normal score: small, but far above the error of quantile tables."""


def dgsm(
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    share: float = SHARE,
) -> xr.Dataset:
    """Limits of the total-order index of every input, from derivatives.

    Parameters
    ----------
    problem : Problem
        Independent inputs without groups.
    n : int
        Points, a power of two of 32 or more, in 8 independent scrambles.
    seed : int
        Root seed of the design; 0 is a seed.
    level : float
        Confidence level of the bounds of both limits: Student's t over the scrambles.
    share : float
        Total order that counts as important.

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        ``dgsm``, an upper limit of the total-order index, and ``dgsm_low``, a lower
        one, each with bounds; what `with_verdicts` adds: important where the lower
        bound of the lower limit lies above `share`, unimportant where the upper bound
        of the upper limit lies below. An input that does not reach an output has 0,
        exactly; one that is discrete has no derivative and NaN. Of an output with a
        kurtosis above 6 the limits have no bounds, for none were found that hold.

    Raises
    ------
    DesignError
        `n` is no power of two of 32 or more, `level` or `share` is not between 0 and
        1, or there are groups.
    DependenceError
        Inputs depend on each other.
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.

    Examples
    --------
    >>> from uncertainty.distributions import build as law
    >>> from uncertainty.model import Model
    >>> from uncertainty.sensitivity import build, nodes_of
    >>> a = law("uniform", {"low": 0.0, "high": 1.0})
    >>> both = {"a": a, "b": a}
    >>> model = Model.from_function(lambda a, b: 3 * a + b, both, {"y": "1"})
    >>> problem = build(model.graph, nodes_of(model, "y"))
    >>> found = dgsm(problem, 64, seed=1)
    >>> bool(found["important"].sel(parameter="a").all())
    True
    """
    refuse_odd(level)
    refuse_size(n, 4 * REPLICATES)
    if problem.groups:
        raise DesignError(
            f"dgsm has no groups ({', '.join(problem.groups)}); take sobol or morris, "
            "or ungroup the inputs"
        )
    if problem.dependent:
        block = problem.dependent[0]
        raise DependenceError(
            f"dgsm assumes independent inputs, and block {block.name} holds "
            f"{', '.join(block.columns)}; take sobol or morris, where it is one "
            "factor, or shapley, which splits it"
        )
    rows, slopes = _by_score(problem, n, seed)
    variance = rows.var(axis=1)
    constant = variance <= (1e-13 * np.abs(rows).max(axis=1)) ** 2
    scale = np.sqrt(np.where(constant, np.nan, variance))
    rows = (rows - rows.mean(axis=1, keepdims=True)) / scale[:, None]
    slopes /= scale[:, None, None]
    spread = per_replicate(rows**2)[:, None]
    high = ratio(
        per_replicate(slopes**2),
        np.broadcast_to(spread, (*slopes.shape[:2], REPLICATES)),
        level,
    )
    mean = per_replicate(slopes)
    middle = mean.mean(axis=-1)
    off = 2 * middle[..., None] * mean - middle[..., None] ** 2 * spread
    low = with_t(middle**2, off, level)
    # its fourth powers are too few to say how well the mean square is known
    long = (rows**4).mean(axis=1) > LONG
    high[1:, long] = low[1:, long] = np.nan
    names = [*problem.columns, DUMMY]
    units = {"limits": "limit of the total-order index, from derivatives"}
    found = xr.Dataset(
        {
            **with_bounds(
                problem, "dgsm", f"upper {units['limits']}", _padded(high, constant)
            ),
            **with_bounds(
                problem, "dgsm_low", f"lower {units['limits']}", _padded(low, constant)
            ),
        },
        {"parameter": names},
        {
            "method": "dgsm",
            "n": n,
            "seed": seed,
            "level": level,
            "replicates": REPLICATES,
            "evaluations": n * (2 * len(problem.columns) + 1),
            "constant": constants(problem, np.where(constant, 0.0, 1.0)),
        },
    )
    bounds = ("dgsm_low_lower", "dgsm_upper")
    return with_verdicts(found, "dgsm", share=share, bounds=bounds)


def _padded(found: FloatArray, constant: np.ndarray) -> FloatArray:
    """Estimates with the dummy's zeros, shape (outputs, 3, parameters)."""
    wide = np.pad(found, ((0, 0), (0, 0), (0, 1))).swapaxes(0, 1)
    wide[constant] = np.nan
    return wide


def _by_score(problem: Problem, n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Outputs, shape (outputs, n), and derivatives by each column's normal score."""
    from scipy.special import ndtr, ndtri

    names = [f"slope:{column}" for column in problem.columns]
    plan = design("sobol", draws=n, seed=seed, columns=names, replicates=REPLICATES)
    levels = columns_of(plan, "slope:")
    checks = [check.node for check in problem.checks]
    evaluator = Evaluator(problem, [*problem.nodes, *checks])
    rows = np.empty((len(problem.nodes), n))
    slopes = np.zeros((len(rows), len(problem.columns), n))
    position = {node: i for i, node in enumerate(problem.nodes)}
    length = min(MOST_RUNS, max(1, BUDGET // (8 * len(evaluator.order))))
    for first in range(0, n, length):
        piece = slice(first, min(first + length, n))
        at = {column: levels(column)[piece] for column in evaluator.columns}
        base = evaluator.base(evaluator.leaves(evaluator.columns, at.__getitem__))
        _refuse(problem, base)
        rows[:, piece] = evaluator.rows(base, piece.stop - first)[: len(rows)]
        for i, column in enumerate(problem.columns):
            if column not in at:
                continue  # what a check alone reads
            score = ndtri(at[column])
            ends = [
                inside(ndtr(score + step / 2)) for step in (-SCORE_STEP, SCORE_STEP)
            ]
            low, high = (
                evaluator.moved(
                    base, evaluator.leaves([column], {column: end}.__getitem__)
                )
                for end in ends
            )
            width = ndtri(ends[1]) - ndtri(ends[0])
            _refuse(problem, low)
            _refuse(problem, high)
            steps = any(
                _discrete(evaluator, node)
                for node in evaluator.leaves([column], at.__getitem__)
            )
            for node in high.keys() & position.keys():
                slope = np.nan if steps else (high[node] - low[node]) / width
                slopes[position[node], i, piece] = slope
    return rows, slopes


def _discrete(evaluator: Evaluator, node: int) -> bool:
    payload = evaluator.graph.payloads[node]
    return isinstance(payload, Quantile) and payload.marginal.atoms is not None


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
