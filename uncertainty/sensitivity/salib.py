"""The door to SALib: any of its methods, for every output, under our labels.

Outputs are analysed one at a time, on the same runs and with the same seed. They are
checked first, since SALib turns NaN into 0; one that does not vary is not handed over.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.errors import DependenceError, DesignError
from uncertainty.seeds import generator
from uncertainty.sensitivity.evaluation import evaluate, joined
from uncertainty.sensitivity.labelling import constants, labelled
from uncertainty.sensitivity.problem import DUMMY, Problem, inside
from uncertainty.sensitivity.salib_methods import (
    SALIB_METHODS,
    Found,
    Method,
    Runs,
)
from uncertainty.sensitivity.verdicts import with_verdicts

_WORDS = {
    "first_order": "first-order index",
    "total_order": "total-order index",
    "delta": "moment-independent delta index",
    "structural": "structural share of the variance",
    "correlative": "share of the variance through correlation",
    "regional_mean": "Cramér-von Mises distance, mean over parts of the output",
    "regional_maximum": "Cramér-von Mises distance, largest over parts of the output",
}


def salib(
    method: str,
    problem: Problem,
    n: int,
    *,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """One of SALib's analyses of every output.

    Parameters
    ----------
    method : {"fast", "rbd_fast", "delta", "hdmr", "regional"}
    problem : Problem
    n : int
        Runs a curve (fast), or runs.
    seed : int
        Root seed of the design and of SALib's; 0 is a seed.
    progress : callable, optional
        Told (outputs done, outputs in all).

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        The method's indices and ranks by the main one. They are rough: there are no
        bounds and no verdicts, and what ``dummy`` has is the noise floor. A constant
        output has NaN.

    Raises
    ------
    DesignError
        Unknown method, an `n` that it cannot work with, or groups.
    DependenceError
        Dependent inputs with a method that assumes independence.
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
    >>> found = salib("rbd_fast", problem, 1024, seed=1)
    >>> sorted(found.data_vars)[:3]
    ['first_order', 'rank']
    """
    if method not in SALIB_METHODS:
        raise DesignError(
            f"SALib has no {method!r} here; there are {', '.join(SALIB_METHODS)}"
        )
    how = SALIB_METHODS[method]
    members, names = _parameters(problem, method, how)
    least = how.least + how.least_each * (len(names) - 1)
    if n < least:
        raise DesignError(f"{method} takes an n of {least} or more, not {n}")
    own = int(generator(seed, "salib", method).integers(1, 2**31))
    levels = how.levels(problem, members, n, own, seed)
    drawn = _as_columns(problem, levels)
    values = evaluate(problem, drawn, len(levels))
    held = levels
    if how.given:
        held = np.stack([*(drawn(c) for c in problem.columns), levels[:, -1]], axis=1)
    runs = Runs(names, members, held, own)
    parts: list[Found | None] = []
    for i, row in enumerate(values):
        constant = row.std() <= 1e-13 * np.abs(row).max()
        # its own copy: an analyser may write to what it is given
        parts.append(None if constant else how.analyse(runs, row.copy()))
        if progress is not None:
            progress(i + 1, len(values))
    dataset = _dataset(problem, names, parts).assign_attrs(
        method=method,
        n=n,
        seed=seed,
        evaluations=len(levels),
        dependent="; ".join(c for block in problem.dependent for c in block.columns),
        constant=constants(
            problem, np.array([0.0 if p is None else 1.0 for p in parts])
        ),
    )
    return with_verdicts(dataset, how.main) if how.main in dataset else dataset


def _parameters(
    problem: Problem, method: str, how: Method
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Parameter of each column of the design, and the parameters' names."""
    if problem.groups:
        raise DesignError(
            f"{method} has no groups ({', '.join(problem.groups)}); take sobol or "
            "morris, or ungroup the inputs"
        )
    if how.independent and problem.dependent:
        block = problem.dependent[0]
        raise DependenceError(
            f"{method} assumes independent inputs, and block {block.name} holds "
            f"{', '.join(block.columns)}; take sobol or morris, where it is one "
            "factor, or shapley, which splits it"
        )
    names = (*problem.columns, DUMMY)
    return tuple(range(len(names))), names


def _as_columns(problem: Problem, levels: FloatArray) -> Callable[[str], FloatArray]:
    place = {column: i for i, column in enumerate(problem.columns)}
    return joined(problem, lambda column: inside(levels[:, place[column]]))


def _dataset(
    problem: Problem, names: tuple[str, ...], parts: list[Found | None]
) -> xr.Dataset:
    example = next((part for part in parts if part is not None), {})
    variables = {}
    for name in example:
        blank = np.full(len(names), np.nan)
        values = np.stack([blank if p is None else p[name] for p in parts])
        attrs = {"units": "1", "long_name": _WORDS[name]}
        variables[name] = labelled(problem, values, ("parameter",), attrs)
    return xr.Dataset(variables, {"parameter": list(names)})
