"""First-order propagation: the law of propagation of uncertainty on the same graph.

IPCC Approach 1 and the GUM: each input's sensitivity coefficient times its standard
uncertainty. It costs milliseconds, checks Monte Carlo, and says which inputs the
variance comes from; what it leaves out is curvature and interaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.dependence import Block, pearson, score_correlations
from uncertainty.distributions import Marginal
from uncertainty.model import Model, Table
from uncertainty.model.linearise import linearise
from uncertainty.run.propagation import label


def first_order(model: Model, table: Table, blocks: Sequence[Block] = ()) -> xr.Dataset:
    """Variance of an output by the law of propagation of uncertainty.

    Parameters
    ----------
    model : Model
    table : Table
        An output.
    blocks : sequence of Block
        Columns that do not vary on their own.

    Returns
    -------
    Dataset
        ``estimate`` (the output at all means) and ``sd``, both with the table's own
        dims and units, and ``variance_share (..., parameter)``, which adds up to one
        over the parameters of a cell; 0 for a parameter that it does not read, NaN
        where the cell is absent.
        A parameter of a block has half of each covariance it takes part in.

    Notes
    -----
    JCGM 100:2008, 5.1.2 and 5.2.2, with all derivatives taken at the means and the
    linear correlations that the blocks give the values.
    """
    columns = model.columns
    nodes = table.nodes.ravel().tolist()
    linear = linearise(model.graph, nodes, columns)
    effects = linear.effects / table.factor
    ties = _correlations(columns, linear.laws, blocks)
    # each parameter's own variance and half of its covariances
    parts = effects**2
    for i, j, r in ties:
        covariance = r * effects[:, i] * effects[:, j]
        parts[:, i] += covariance
        parts[:, j] += covariance
    variance = parts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(variance[:, None] > 0, parts / variance[:, None], 0.0)
    shares[np.isnan(variance)] = np.nan
    sd = np.sqrt(np.maximum(variance, 0))
    centre = linear.values / table.factor
    return _labelled(model, table, centre, sd, shares, columns)


def _labelled(
    model: Model,
    table: Table,
    estimate: FloatArray,
    sd: FloatArray,
    shares: FloatArray,
    columns: tuple[str, ...],
) -> xr.Dataset:
    """Labels of the table on all, and the parameters on the shares."""
    middle = replace(table, name="estimate", long_name="Output at the means")
    spread = replace(table, name="sd", long_name="First-order sd")
    share = replace(
        table,
        name="variance_share",
        long_name="First-order share of the variance",
        units="1",
    )
    return xr.Dataset(
        {
            "estimate": label(model, middle, estimate),
            "sd": label(model, spread, sd),
            "variance_share": label(model, share, shares, ("parameter",)),
        },
        coords={"parameter": list(columns)},
    )


def _correlations(
    columns: tuple[str, ...], laws: Mapping[str, Marginal], blocks: Sequence[Block]
) -> list[tuple[int, int, float]]:
    """Linear correlations between the values of tied columns."""
    place = {column: i for i, column in enumerate(columns)}
    read = [column for column in columns if column in laws]
    return [
        (place[a], place[b], pearson(normal, laws[a], laws[b]))
        for a, b, normal in score_correlations(read, blocks)
    ]
