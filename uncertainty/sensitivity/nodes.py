"""Which nodes to analyse: a model's output tables, and differences between labels."""

import numpy as np
import xarray as xr

from uncertainty.errors import ModelError
from uncertainty.model import Model
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.run.propagation import label


def nodes_of(model: Model, table: str) -> xr.DataArray:
    """Nodes of one output table of a model, in its declared units.

    Parameters
    ----------
    model : Model
        Its graph is added to where a table's units call for a division.
    table : str

    Returns
    -------
    DataArray of int, dims (scenario, year, ...)
        Without ``year`` if the model has no years; `ABSENT` where there is no cell.

    Raises
    ------
    ModelError
        The model has no such table.
    """
    if table not in model.outputs:
        raise ModelError(f"no output {table!r}; there are {', '.join(model.outputs)}")
    found = model.outputs[table]
    factor = model.graph.constant(found.factor)
    scaled = [
        ABSENT if node == ABSENT else model.graph.apply("div", (node, factor))
        for node in found.nodes.ravel().tolist()
    ]
    return label(model, found, np.array(scaled, dtype=np.int64))


def differences(
    graph: Graph, nodes: xr.DataArray, dim: str, reference: str
) -> xr.DataArray:
    """Nodes of each label's difference from a reference label.

    Parameters
    ----------
    graph : Graph
        The subtractions are added to it.
    nodes : DataArray of int
    dim : str
        Dim of `nodes` along which to subtract, such as "scenario".
    reference : str
        Label of `dim` that is subtracted.

    Returns
    -------
    DataArray of int, dims and attrs of `nodes`
        Labels of `dim` read "a - reference"; the reference itself is left out. A
        difference is `ABSENT` where either side is.

    Raises
    ------
    ModelError
        `nodes` has no such dim or label.
    """
    if dim not in nodes.dims or reference not in nodes[dim].values.tolist():
        raise ModelError(f"no {dim} {reference!r} among the outputs to subtract")
    others = [name for name in nodes[dim].values.tolist() if name != reference]
    left = nodes.sel({dim: others})
    right = nodes.sel({dim: reference}).broadcast_like(left).transpose(*left.dims)
    pairs = zip(
        left.values.ravel().tolist(), right.values.ravel().tolist(), strict=True
    )
    found = [ABSENT if ABSENT in pair else graph.apply("sub", pair) for pair in pairs]
    result = left.copy(data=np.array(found, dtype=np.int64).reshape(left.shape))
    return result.assign_coords({dim: [f"{name} - {reference}" for name in others]})


def passing(graph: Graph, nodes: xr.DataArray, limit: float) -> xr.DataArray:
    """Nodes that are 1 where an output lies above a limit, else 0.

    Their sensitivity says which inputs make an output pass the limit (target
    sensitivity: Marrel and Chabridon 2021, Reliab. Eng. Syst. Saf. 214, 107711).

    Parameters
    ----------
    graph : Graph
        The comparisons are added to it.
    nodes : DataArray of int
    limit : float
        In the outputs' units.

    Returns
    -------
    DataArray of int, dims of `nodes`
        `ABSENT` where an output is; ``attrs["units"]`` is "1".
    """
    bar, one, nothing = (graph.constant(value) for value in (limit, 1.0, 0.0))
    found = [
        ABSENT
        if node == ABSENT
        else graph.apply("where", (graph.apply("gt", (node, bar)), one, nothing))
        for node in nodes.values.ravel().tolist()
    ]
    result = nodes.copy(data=np.array(found, dtype=np.int64).reshape(nodes.shape))
    return result.assign_attrs(nodes.attrs | {"units": "1"})
