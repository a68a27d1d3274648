"""One door to every method of sensitivity analysis."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import xarray as xr

from uncertainty.designs import design
from uncertainty.errors import DesignError, SampleError, nearest
from uncertainty.seeds import generator
from uncertainty.sensitivity.decision import decision_value
from uncertainty.sensitivity.dgsm import dgsm
from uncertainty.sensitivity.evaluation import columns_of, evaluate, joined
from uncertainty.sensitivity.given_data import LEAST_DRAWS, PARTS, given_data
from uncertainty.sensitivity.hsic import hsic
from uncertainty.sensitivity.labelling import labelled
from uncertainty.sensitivity.methods import CARDS
from uncertainty.sensitivity.morris import morris
from uncertainty.sensitivity.pawn import pawn
from uncertainty.sensitivity.pick_freeze import sobol
from uncertainty.sensitivity.problem import Problem
from uncertainty.sensitivity.rank import rank
from uncertainty.sensitivity.salib import salib
from uncertainty.sensitivity.shapley import shapley
from uncertainty.sensitivity.value_of_information import value_of_information
from uncertainty.sensitivity.verdicts import SHARE

REPLICATES = 16
"""Scrambles of a plain run, as a study draws them unless told."""


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
    found = of_run(
        method,
        inputs,
        outputs,
        seed=seed,
        replicates=REPLICATES,
        level=level,
        share=share,
        blocks={block.name: block.columns for block in problem.dependent},
    )
    return found.assign_attrs(n=n, evaluations=outputs.sizes["draw"])


def of_run(
    method: str,
    inputs: xr.DataArray,
    outputs: xr.DataArray,
    *,
    seed: int,
    replicates: int = 1,
    level: float = 0.95,
    share: float = SHARE,
    probability: float = 0.95,
    above: float | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> xr.Dataset:
    """Sensitivity of outputs to inputs of a run that is made, by one method.

    Parameters
    ----------
    method : str
        One of `CARDS` that takes a run.
    inputs : DataArray, dims (parameter, draw)
    outputs : DataArray, dims (..., draw)
    seed, replicates, level, share
        As the method takes them.
    probability : float
        Coverage probability of the interval whose narrowing is asked for.
    above : float, optional
        Look at draws alone in which an output lies above it (conditional sensitivity),
        which takes a single output.
    blocks : mapping of name to inputs, optional
        Inputs that depend on each other.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``attrs["dependent"]`` names inputs whose value holds what they tell of others.

    Raises
    ------
    SampleError, DesignError
        As the method raises them.
    """
    if above is not None:
        inputs, outputs, replicates = _above(inputs, outputs, above)
    ties = blocks or {}
    tied = "; ".join(sorted({name for names in ties.values() for name in names}))
    if method == "pawn":
        found = pawn(inputs, outputs, seed=seed)
    elif method == "value_of_information":
        found = value_of_information(
            inputs, outputs, seed=seed, probability=probability
        )
    else:
        with_bounds: Mapping[str, Callable[..., xr.Dataset]] = {
            "given_data": partial(given_data, blocks=ties),
            "rank": rank,
            "hsic": hsic,
            "decision_value": decision_value,
        }
        found = with_bounds[method](
            inputs, outputs, seed=seed, replicates=replicates, level=level, share=share
        )
    if method == "given_data":
        return found  # it leaves them out
    return found.assign_attrs(dependent=tied)


def _above(
    inputs: xr.DataArray, outputs: xr.DataArray, limit: float
) -> tuple[xr.DataArray, xr.DataArray, int]:
    """Draws that pass a limit, no longer a design: as many as split into parts."""
    one = outputs.transpose(..., "draw").squeeze(
        [d for d in outputs.dims if d != "draw"]
    )
    places = np.flatnonzero(one.values > limit)
    if places.size < LEAST_DRAWS:
        raise SampleError(
            f"{places.size} draws pass {limit:g}; take {LEAST_DRAWS} or more"
        )
    kept = places[: places.size - places.size % PARTS]
    # in an order that no design has left in them
    kept = generator(0, "given_data", "above").permutation(kept)
    return inputs.isel(draw=kept), outputs.isel(draw=kept), 1
