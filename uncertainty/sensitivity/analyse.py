"""One door to every method of sensitivity analysis."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from uncertainty.designs import design
from uncertainty.errors import DesignError, nearest
from uncertainty.sensitivity.evaluation import columns_of, evaluate, joined
from uncertainty.sensitivity.given_data import given_data
from uncertainty.sensitivity.labelling import labelled
from uncertainty.sensitivity.pawn import pawn
from uncertainty.sensitivity.pick_freeze import sobol
from uncertainty.sensitivity.problem import Problem
from uncertainty.sensitivity.resampling import RESAMPLES
from uncertainty.sensitivity.salib import salib
from uncertainty.sensitivity.shapley import shapley
from uncertainty.sensitivity.value_of_information import value_of_information

METHODS: Mapping[str, str] = {
    "sobol": "shares of the variance, first, total and second order",
    "shapley": "shares of the variance that add up, also for dependent inputs",
    "given_data": "first order from a plain run",
    "value_of_information": "narrowing of the interval if an input were known",
    "pawn": "shift of the whole distribution",
    "delta": "shift of the density (slow)",
    "morris": "elementary effects: screening by few runs",
    "dgsm": "derivatives: an upper limit of the total order",
    "fast": "first and total order by frequencies",
    "rbd_fast": "first order by frequencies",
    "hdmr": "shares of the variance from a fitted model, with correlation",
    "regional": "which inputs tell one part of the output from the rest",
}

REPLICATES = 16


def analyse(
    method: str,
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    resamples: int | None = None,
    second_order: Sequence[int] | xr.DataArray = (),
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Sensitivity of every output of a problem by one method.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    problem : Problem
    n : int
        Size of the design in the method's own terms; ``attrs["evaluations"]`` of the
        result says how many runs of the model that is.
    seed : int
        Root seed; 0 is a seed.
    level : float
        Confidence level of the bounds.
    resamples : int, optional
        Of the bootstrap; the method's own default.
    second_order : DataArray or sequence of int
        Nodes whose pairs of factors are wanted; "sobol" alone.
    progress : callable, optional
        Told (done, in all), in steps of the method's.

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        ``attrs``: method, n, seed, level, evaluations and the method's own.

    Raises
    ------
    DesignError
        No such method, or second order with another than "sobol"; and what the
        method itself raises.
    """
    if method not in METHODS:
        near, known = nearest(method, METHODS), ", ".join(METHODS)
        raise DesignError(f"no method {method!r}{near} (there are {known})")
    if method != "sobol" and np.size(second_order):
        raise DesignError(f"{method} has no second order; take sobol")
    if method == "sobol":
        return sobol(
            problem,
            n,
            seed=seed,
            level=level,
            resamples=resamples or RESAMPLES,
            second_order=second_order,
            progress=progress,
        )
    if method == "shapley":
        return shapley(
            problem,
            n,
            seed=seed,
            level=level,
            resamples=resamples or RESAMPLES,
            progress=progress,
        )
    if method in ("given_data", "value_of_information", "pawn"):
        return _from_a_run(method, problem, n, seed, level, resamples or RESAMPLES)
    return salib(
        method,
        problem,
        n,
        seed=seed,
        level=level,
        resamples=resamples,
        progress=progress,
    )


def plain_run(
    problem: Problem, n: int, *, seed: int
) -> tuple[xr.DataArray, xr.DataArray]:
    """Draws of a problem's columns and outputs, for the methods that take a run.

    Parameters
    ----------
    problem : Problem
    n : int
        Draws, rounded up to 16 scrambles of a power of two.
    seed : int

    Returns
    -------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels, blocks joined.
    outputs : DataArray, dims (*dims of ``problem.outputs``, draw)

    Raises
    ------
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.
    """
    plan = design(
        "sobol", draws=n, seed=seed, columns=problem.columns, replicates=REPLICATES
    )
    levels = joined(problem, columns_of(plan))
    rows = evaluate(problem, levels, plan.draws)
    inputs = xr.DataArray(
        np.stack([levels(column) for column in problem.columns]),
        dims=("parameter", "draw"),
        coords={"parameter": list(problem.columns)},
        attrs={"units": "1", "long_name": "quantile level"},
    )
    attrs = {str(key): str(value) for key, value in problem.outputs.attrs.items()}
    return inputs, labelled(problem, rows, ("draw",), attrs)


def _from_a_run(
    method: str, problem: Problem, n: int, seed: int, level: float, resamples: int
) -> xr.Dataset:
    if problem.groups:
        raise DesignError(
            f"{method} has no groups ({', '.join(problem.groups)}); take sobol, morris "
            "or shapley, or ungroup the inputs"
        )
    inputs, outputs = plain_run(problem, n, seed=seed)
    if method == "pawn":
        found = pawn(inputs, outputs, seed=seed)
    elif method == "value_of_information":
        found = value_of_information(inputs, outputs, seed=seed)
    else:
        found = given_data(
            inputs,
            outputs,
            seed=seed,
            replicates=REPLICATES,
            level=level,
            resamples=resamples,
            blocks={block.name: block.columns for block in problem.dependent},
        )
    return found.assign_attrs(n=n, evaluations=outputs.sizes["draw"])
