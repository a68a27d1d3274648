"""Why mean and point value part: what each input's own skew does to an output."""

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.model.graph import Graph, Quantile, program


def mean_shifts(graph: Graph, node: int) -> dict[str, float]:
    """Change of an output when one input moves from its point value to its mean.

    Parameters
    ----------
    graph : Graph
    node : int
        The output, base units.

    Returns
    -------
    dict of column to change, base units
        One at a time, all others at their point values; largest first. Interactions
        are left out, so the sum is close to mean - point, not equal to it.
    """
    columns = graph.columns([node])
    place = {column: i for i, column in enumerate(columns)}
    found: list[FloatArray] = []

    def leaf(what: Quantile) -> FloatArray:
        values = np.full(len(columns) + 1, what.marginal.point)
        values[place[what.column]] = what.marginal.mean
        return values * what.factor

    def use(_: int, values: FloatArray | float) -> None:
        found.append(np.broadcast_to(values, len(columns) + 1).copy())

    program(graph, [node]).run(len(columns) + 1, leaf, use)
    changes = found[0][:-1] - found[0][-1]
    order = np.argsort(-np.abs(changes))
    return {columns[i]: float(changes[i]) for i in order}
