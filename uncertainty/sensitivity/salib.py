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
from uncertainty.sensitivity.labelling import constants, labelled, with_bounds
from uncertainty.sensitivity.noise_floor import with_evidence
from uncertainty.sensitivity.problem import DUMMY, Problem, inside
from uncertainty.sensitivity.salib_methods import (
    SALIB_METHODS,
    Found,
    Method,
    Runs,
)

_WORDS = {
    "mu_star": "mean size of the elementary effects",
    "mu": "mean elementary effect",
    "sigma": "standard deviation of the elementary effects",
    "first_order": "first-order index",
    "total_order": "total-order index",
    "delta": "moment-independent delta index",
    "structural": "structural share of the variance",
    "correlative": "share of the variance through correlation",
    "dgsm": "upper limit of the total-order index, from derivatives",
    "regional_mean": "Cramér-von Mises distance, mean over parts of the output",
    "regional_maximum": "Cramér-von Mises distance, largest over parts of the output",
}
_IN_UNITS = ("mu_star", "mu", "sigma")


def salib(
    method: str,
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    resamples: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """One of SALib's analyses of every output.

    Parameters
    ----------
    method : {"morris", "fast", "rbd_fast", "delta", "hdmr", "dgsm", "regional"}
    problem : Problem
    n : int
        Trajectories (morris), runs a curve (fast), base points (dgsm), or runs.
    seed : int
        Root seed of the design and of SALib's; 0 is a seed.
    level : float
        Confidence level of the bounds, which are SALib's: symmetric about the index.
    resamples : int, optional
        100, but 20 for delta and 10 for hdmr, where each may take seconds.
    progress : callable, optional
        Told (outputs done, outputs in all).

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        The method's indices; those that have bounds with ``_lower`` and ``_upper``;
        what `with_evidence` adds, by the method's main index. A constant output has
        NaN.

    Raises
    ------
    DesignError
        Unknown method, a `level` or an `n` that it cannot work with, or groups with a
        method that has none.
    DependenceError
        Dependent inputs with a method that assumes independence.
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.
    """
    if method not in SALIB_METHODS:
        raise DesignError(
            f"SALib has no {method!r} here; there are {', '.join(SALIB_METHODS)}"
        )
    if not 0 < level < 1:
        raise DesignError(f"level must lie between 0 and 1, not {level}")
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
    runs = Runs(names, members, held, level, resamples or how.resamples, own)
    parts: list[Found | None] = []
    for i, row in enumerate(values):
        constant = row.std() <= 1e-13 * np.abs(row).max()
        # its own copy: an analyser may write to what it is given
        parts.append(None if constant else how.analyse(runs, row.copy()))
        if progress is not None:
            progress(i + 1, len(values))
    dataset = _dataset(problem, how, names, parts)
    return dataset.assign_attrs(
        method=method,
        n=n,
        seed=seed,
        level=level,
        resamples=runs.resamples,
        bounds="symmetric, SALib's",
        evaluations=len(levels),
        constant=constants(
            problem, np.array([0.0 if p is None else 1.0 for p in parts])
        ),
    )


def _parameters(
    problem: Problem, method: str, how: Method
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Parameter of each column of the design, and the parameters' names."""
    if how.groups:
        factors = list(problem.factors.values())
        members = [i for i, columns in enumerate(factors) for _ in columns]
        return (*members, len(factors)), (*problem.factors, DUMMY)
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
    problem: Problem,
    how: Method,
    names: tuple[str, ...],
    parts: list[Found | None],
) -> xr.Dataset:
    variables: dict[str, xr.DataArray] = {}
    example = next((part for part in parts if part is not None), {})
    own = str(problem.outputs.attrs.get("units", "1"))
    for name, shape in ((name, value.shape) for name, value in example.items()):
        blank = np.full(shape, np.nan)
        values = np.stack([blank if p is None else p[name] for p in parts])
        units = own if name in _IN_UNITS else "1"
        if len(shape) == 2:
            variables |= with_bounds(problem, name, _WORDS[name], values, units=units)
        else:
            attrs = {"units": units, "long_name": _WORDS[name]}
            variables[name] = labelled(problem, values, ("parameter",), attrs)
    dataset = xr.Dataset(variables).assign_coords(parameter=list(names))
    return (
        with_evidence(dataset, how.main, floor=how.floor)
        if how.main in variables
        else dataset
    )
