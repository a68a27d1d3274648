"""Exact derivatives of a graph's nodes where every input stands at its mean.

Forward mode: each node carries its value and its derivative with respect to every
column, in standard deviations of the column, so that no step has to be chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal
from uncertainty.model.graph import ABSENT, Graph, Quantile
from uncertainty.model.operations import Operation


@dataclass(frozen=True)
class Linear:
    """Nodes as linear functions of standardised inputs.

    Attributes
    ----------
    values : ndarray, shape (node,)
        With every input at its mean, base units; NaN where the node is absent.
    effects : ndarray, shape (node, column)
        Derivative times standard deviation, base units.
    laws : mapping of column to Marginal
        The law by which a column was first met.
    """

    values: FloatArray
    effects: FloatArray
    laws: Mapping[str, Marginal]


def linearise(graph: Graph, nodes: Sequence[int], columns: Sequence[str]) -> Linear:
    """Linear form of nodes about the means of the inputs.

    Parameters
    ----------
    graph : Graph
    nodes : sequence of int
        Repeats and ABSENT allowed.
    columns : sequence of str
        Those of the design; all that the nodes read are among them.

    Returns
    -------
    Linear

    Notes
    -----
    A discrete distribution has no derivative that is of use: its effect is half the
    change from one standard deviation below the mean to one above. Where an
    operation has a corner (abs, min, max) the effect is the mean of both sides.

    Examples
    --------
    >>> from uncertainty.distributions import build
    >>> graph = Graph()
    >>> x = graph.quantile("x", build("normal", {"mean": 3.0, "sd": 0.5}))
    >>> linear = linearise(graph, [graph.apply("square", (x,))], ["x"])
    >>> linear.values, linear.effects
    (array([9.]), array([[3.]]))
    """
    order = graph.upstream(nodes)
    atoms = _with_atoms(graph, order)
    wanted = {node for node in nodes if node != ABSENT}
    readers = _readers(graph, order)
    sweep = _Sweep({c: i for i, c in enumerate(columns)}, atoms)
    results: dict[int, tuple[FloatArray, FloatArray | None]] = {}
    known: dict[int, tuple[FloatArray, FloatArray | None]] = {}
    with np.errstate(all="ignore"):
        for node in order:
            operands = graph.operands[node]
            known[node] = sweep.node(
                None if graph.payloads[node] is not None else graph.operation(node),
                graph.payloads[node],
                [known[operand] for operand in operands],
            )
            if node in wanted:
                results[node] = known[node]
            for operand in operands:
                readers[operand] -= 1
                if not readers[operand]:
                    del known[operand]
    values = np.full(len(nodes), np.nan)
    effects = np.full((len(nodes), len(columns)), np.nan)
    for i, node in enumerate(nodes):
        if node != ABSENT:
            values[i], effects[i] = sweep.at_means(*results[node])
    return Linear(values, effects, sweep.laws)


def _with_atoms(graph: Graph, order: Sequence[int]) -> dict[str, int]:
    """Columns of discrete distributions, numbered."""
    columns: dict[str, int] = {}
    for node in order:
        leaf = graph.payloads[node]
        if isinstance(leaf, Quantile) and leaf.marginal.atoms is not None:
            columns.setdefault(leaf.column, len(columns))
    return columns


def _readers(graph: Graph, order: Sequence[int]) -> dict[int, int]:
    """How often each node is read, so that it can be let go after the last time."""
    readers = dict.fromkeys(order, 0)
    for node in order:
        for operand in graph.operands[node]:
            readers[operand] += 1
    return readers


class _Sweep:
    """One pass over a graph.

    A value has shape (1 + 2 a,) for a columns with atoms: with all at their means,
    then with each of those one sd up, then down. A derivative holds at the first and
    is None for what depends on nothing uncertain.
    """

    def __init__(self, place: Mapping[str, int], atoms: Mapping[str, int]) -> None:
        self.place, self.atoms = place, atoms
        self.width = 1 + 2 * len(atoms)
        self.laws: dict[str, Marginal] = {}

    def node(
        self,
        known: Operation | None,
        payload: float | Quantile | None,
        operands: list[tuple[FloatArray, FloatArray | None]],
    ) -> tuple[FloatArray, FloatArray | None]:
        """Value and derivative of a node from those of its operands."""
        if isinstance(payload, Quantile):
            return self._leaf(payload)
        if isinstance(payload, float):
            return np.array([payload]), None
        values = [value for value, _ in operands]
        assert known is not None  # by construction: it has no payload
        if known.comparison:
            return known.function(*values), None
        result = np.empty(np.broadcast_shapes(*(value.shape for value in values)))
        known.function(*values, out=result)
        slopes = [slope for _, slope in operands]
        if all(slope is None for slope in slopes):
            return result, None
        at = [float(value[0]) for value in values]
        total = np.zeros(len(self.place))
        for partial, slope in zip(known.derivatives, slopes, strict=True):
            if slope is not None:
                total += partial(float(result[0]), *at) * slope
        return result, total

    def _leaf(self, leaf: Quantile) -> tuple[FloatArray, FloatArray | None]:
        law = leaf.marginal
        self.laws.setdefault(leaf.column, law)
        value = np.full(self.width, law.mean * leaf.factor)
        slope = np.zeros(len(self.place))
        spread = law.sd * leaf.factor
        if law.atoms is None:
            slope[self.place[leaf.column]] = spread
        else:
            i = 1 + 2 * self.atoms[leaf.column]
            value[i] += spread
            value[i + 1] -= spread
        return value, slope

    def at_means(
        self, value: FloatArray, slope: FloatArray | None
    ) -> tuple[float, FloatArray]:
        """Value at the means and effects of all columns."""
        value = np.broadcast_to(value, self.width)
        effects = np.zeros(len(self.place)) if slope is None else slope.copy()
        for column, i in self.atoms.items():
            up, down = value[1 + 2 * i], value[2 + 2 * i]
            effects[self.place[column]] += (up - down) / 2
        return float(value[0]), effects
