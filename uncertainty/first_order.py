"""First-order propagation: the law of propagation of uncertainty on the same graph.

IPCC Approach 1 and the GUM: each input's sensitivity coefficient times its standard
uncertainty. It costs milliseconds, checks Monte Carlo, and says which inputs the
variance comes from; what it leaves out is curvature and interaction.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.dependence import Block, Shared, pearson
from uncertainty.distributions import Marginal
from uncertainty.graph import ABSENT, Quantile, program
from uncertainty.model import Model, Table
from uncertainty.propagation import label

STEP = 1e-3
"""Step of the central difference in standard deviations: truncation and rounding
errors of the derivative both stay below 1e-6 of it."""


def first_order(model: Model, table: Table, blocks: Sequence[Block] = ()) -> xr.Dataset:
    """Variance of an output by the law of propagation of uncertainty.

    Parameters
    ----------
    model : Model
    table : Table
        An output without dims of its own, such as the footprint.
    blocks : sequence of Block
        Columns that do not vary on their own.

    Returns
    -------
    Dataset
        ``estimate`` (the output at all means) and ``sd``, both (scenario[, year]) in
        the table's units, and ``variance_share
        (scenario[, year], parameter)``, which adds up to one over the parameters of
        a cell; 0 for a parameter that it does not read, NaN where the cell is absent.
        A parameter of a block has half of each covariance it takes part in.

    Notes
    -----
    JCGM 100:2008, 5.1.2 and 5.2.2, with all derivatives taken at the means and the
    linear correlations that the blocks give the values.
    """
    columns = model.columns
    nodes = table.nodes.ravel().tolist()
    centre, effects, laws = _effects(model, nodes, columns)
    effects = effects / table.factor
    ties = _correlations(columns, laws, blocks)
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
    return _labelled(model, table, centre / table.factor, sd, shares, columns)


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


def _effects(
    model: Model, nodes: list[int], columns: tuple[str, ...]
) -> tuple[FloatArray, FloatArray, dict[str, Marginal]]:
    """Output at the means and derivative times sd, base units; laws of the columns.

    Shapes (node,) and (node, column).
    """
    place = {column: i for i, column in enumerate(columns)}
    width = 2 * len(columns) + 1  # the last has every column at its mean
    run = program(model.graph, nodes)
    values = {ABSENT: np.full(width, np.nan)}
    laws: dict[str, Marginal] = {}

    def leaf(what: Quantile) -> FloatArray:
        law = laws.setdefault(what.column, what.marginal)
        own = what.marginal
        found = np.full(width, own.mean)
        i = place[what.column]
        # a law with few values has no derivative: the step is the sd itself there
        step = STEP if law.atoms is None else 1.0
        found[2 * i] += step * own.sd
        found[2 * i + 1] -= step * own.sd
        return found * what.factor

    def use(position: int, found: FloatArray | float) -> None:
        values[run.outputs[position]] = np.broadcast_to(found, width).copy()

    with np.errstate(all="ignore"):
        run.run(width, leaf, use)
    pairs = np.array([values[node] for node in nodes])
    steps = np.array(
        [1.0 if c in laws and laws[c].atoms is not None else STEP for c in columns]
    )
    ups, downs = pairs[:, 0:-1:2], pairs[:, 1:-1:2]
    return pairs[:, -1], (ups - downs) / (2 * steps), laws


def _correlations(
    columns: tuple[str, ...], laws: dict[str, Marginal], blocks: Sequence[Block]
) -> list[tuple[int, int, float]]:
    """Linear correlations between the values of tied columns."""
    found = []
    for block in blocks:
        tied = [column for column in block.columns if column in laws]
        for k, a in enumerate(tied):
            for b in tied[k + 1 :]:
                if isinstance(block, Shared):
                    normal = (
                        -1.0 if (a in block.mirrored) != (b in block.mirrored) else 1.0
                    )
                else:
                    normal = block.between(a, b)
                if normal:
                    r = pearson(normal, laws[a], laws[b])
                    found.append((columns.index(a), columns.index(b), r))
    return found
