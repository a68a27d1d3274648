"""From bare arrays, one row a node, to variables under the outputs' own labels."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.model.graph import ABSENT
from uncertainty.sensitivity.evaluation import name_of
from uncertainty.sensitivity.problem import Problem

SUFFIXES = ("", "_lower", "_upper")


def labelled(
    problem: Problem,
    values: FloatArray,
    dims: Sequence[str] = (),
    attrs: Mapping[str, str] | None = None,
) -> xr.DataArray:
    """Values of nodes under the labels of the outputs that they stand for.

    Parameters
    ----------
    problem : Problem
    values : ndarray, shape (len(problem.nodes), *dims)
    dims : sequence of str
        Dims of `values` behind the nodes.
    attrs : mapping, optional

    Returns
    -------
    DataArray, dims (*dims of ``problem.outputs``, *dims)
        NaN where an output is absent.
    """
    outputs = problem.outputs
    flat = outputs.values.ravel()
    found = values[np.searchsorted(problem.nodes, flat).clip(max=len(values) - 1)]
    found[flat == ABSENT] = np.nan
    found = found.reshape((*outputs.shape, *values.shape[1:]))
    return xr.DataArray(
        found,
        dims=(*outputs.dims, *dims),
        coords={name: outputs[name] for name in outputs.coords},
        attrs=dict(attrs or {}),
    )


def parameters(names: Sequence[str], problem: Problem) -> dict[str, object]:
    """Coordinates of the dim ``parameter``: its names, and the columns behind each."""
    behind = [", ".join(problem.factors.get(name, ())) for name in names]
    return {"parameter": list(names), "columns": ("parameter", behind)}


def with_bounds(
    problem: Problem,
    name: str,
    long_name: str,
    estimates: FloatArray,
    dims: Sequence[str] = ("parameter",),
    units: str = "1",
) -> dict[str, xr.DataArray]:
    """An index and its bounds as three variables.

    Parameters
    ----------
    problem : Problem
    name, long_name, units : str
    estimates : ndarray, shape (nodes, 3, *dims)
        Estimate, lower and upper bound.
    dims : sequence of str

    Returns
    -------
    dict of name to DataArray
        `name`, ``name_lower`` and ``name_upper``.
    """
    words = (long_name, f"lower bound of {long_name}", f"upper bound of {long_name}")
    return {
        name + suffix: labelled(
            problem, estimates[:, i], dims, {"units": units, "long_name": text}
        )
        for i, (suffix, text) in enumerate(zip(SUFFIXES, words, strict=True))
    }


def constants(problem: Problem, variance: FloatArray) -> str:
    """Names of the outputs without variance, which have no indices."""
    nodes = [n for n, v in zip(problem.nodes, variance, strict=True) if v == 0]
    return "; ".join(name_of(problem, node) for node in nodes)
