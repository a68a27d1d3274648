"""First-order propagation: the law of propagation of uncertainty on the same graph.

IPCC Approach 1 and the GUM: each input's sensitivity coefficient times its standard
uncertainty. It costs milliseconds, checks Monte Carlo, and says which inputs the
variance comes from; what it leaves out is curvature and interaction.
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.graph import Quantile, program
from uncertainty.model import Model, Table

STEP = 1e-3
"""Step of the central difference in standard deviations: truncation and rounding
errors of the derivative both stay below 1e-6 of it."""


def first_order(model: Model, table: Table) -> xr.Dataset:
    """Variance of an output by the law of propagation of uncertainty.

    Parameters
    ----------
    model : Model
    table : Table
        An output without dims of its own, such as the footprint.

    Returns
    -------
    Dataset
        ``sd (scenario[, year])`` in the table's units and ``variance_share
        (scenario[, year], parameter)``, which adds up to one over the parameters of
        a scenario; 0 for a parameter that the scenario does not read.

    Notes
    -----
    JCGM 100:2008, 5.1.2, with all derivatives taken at the means; inputs are taken
    as independent.
    """
    columns = model.columns
    nodes = table.nodes.ravel().tolist()
    steps = _effects(model, nodes, columns) / table.factor
    variance = (steps**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(variance[:, None] > 0, steps**2 / variance[:, None], 0.0)
    shape = table.nodes.shape
    dims = ("scenario", "year")
    data = xr.Dataset(
        {
            "sd": (dims, np.sqrt(variance).reshape(shape)),
            "variance_share": (
                (*dims, "parameter"),
                shares.reshape(*shape, len(columns)),
            ),
        },
        coords={"scenario": list(model.scenarios), "parameter": list(columns)},
    )
    data["sd"].attrs = {"units": table.units, "long_name": "First-order sd"}
    data["variance_share"].attrs = {
        "units": "1",
        "long_name": "First-order share of the variance",
    }
    if not model.years:
        return data.isel(year=0, drop=True)
    return data.assign_coords(year=list(model.years))


def _effects(model: Model, nodes: list[int], columns: tuple[str, ...]) -> FloatArray:
    """Derivative times sd: shape (node, column), base units."""
    place = {column: i for i, column in enumerate(columns)}
    width = 2 * len(columns)
    run = program(model.graph, nodes)
    values = {}

    def leaf(what: Quantile) -> FloatArray:
        law = what.marginal
        found = np.full(width, law.mean)
        i = place[what.column]
        found[2 * i] += STEP * law.sd
        found[2 * i + 1] -= STEP * law.sd
        return found * what.factor

    def use(position: int, found: FloatArray | float) -> None:
        values[run.outputs[position]] = np.broadcast_to(found, width).copy()

    with np.errstate(all="ignore"):
        run.run(width, leaf, use)
    pairs = np.array([values[node] for node in nodes])
    effects: FloatArray = (pairs[:, 0::2] - pairs[:, 1::2]) / (2 * STEP)
    return effects
