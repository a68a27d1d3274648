"""One door to every method of sensitivity analysis."""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from uncertainty.designs import design
from uncertainty.errors import DesignError, nearest
from uncertainty.sensitivity.dgsm import dgsm
from uncertainty.sensitivity.evaluation import columns_of, evaluate, joined
from uncertainty.sensitivity.given_data import given_data
from uncertainty.sensitivity.labelling import labelled
from uncertainty.sensitivity.methods import CARDS
from uncertainty.sensitivity.morris import morris
from uncertainty.sensitivity.pawn import pawn
from uncertainty.sensitivity.pick_freeze import sobol
from uncertainty.sensitivity.problem import Problem
from uncertainty.sensitivity.replicates import REPLICATES
from uncertainty.sensitivity.salib import salib
from uncertainty.sensitivity.shapley import shapley
from uncertainty.sensitivity.value_of_information import value_of_information
from uncertainty.sensitivity.verdicts import SHARE


def analyse(
    method: str,
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    share: float = SHARE,
    second_order: Sequence[int] | xr.DataArray = (),
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Sensitivity of every output of a problem by one method.

    Parameters
    ----------
    method : str
        One of `CARDS`.
    problem : Problem
    n : int
        Size of the design in the method's own terms; ``attrs["evaluations"]`` of the
        result says how many runs of the model that is.
    seed : int
        Root seed; 0 is a seed.
    level : float
        Confidence level of the bounds.
    share : float
        Share of the method's scale above which an input counts as important.
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
    if method not in CARDS:
        near, known = nearest(method, CARDS), ", ".join(CARDS)
        raise DesignError(f"no method {method!r}{near} (there are {known})")
    if method != "sobol" and np.size(second_order):
        raise DesignError(f"{method} has no second order; take sobol")
    if method == "sobol":
        return sobol(
            problem,
            n,
            seed=seed,
            level=level,
            share=share,
            second_order=second_order,
            progress=progress,
        )
    if method == "shapley":
        return shapley(
            problem, n, seed=seed, level=level, share=share, progress=progress
        )
    if method == "morris":
        return morris(problem, n, seed=seed, level=level, share=share)
    if method == "dgsm":
        return dgsm(problem, n, seed=seed, level=level, share=share)
    if CARDS[method].stored:
        return _from_a_run(method, problem, n, seed, level, share)
    return salib(method, problem, n, seed=seed, progress=progress)


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
    method: str, problem: Problem, n: int, seed: int, level: float, share: float
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
            share=share,
            blocks={block.name: block.columns for block in problem.dependent},
        )
    return found.assign_attrs(n=n, evaluations=outputs.sizes["draw"])
