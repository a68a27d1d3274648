"""A graph evaluated at whole columns of levels, and again only where a factor acts.

Exchanging the values of a few columns changes the nodes downstream of them and no
others; a node's bit set of the columns it reads says which these are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.designs import Design
from uncertainty.distributions.tabulated import tabulate
from uncertainty.errors import ModelError, SampleError
from uncertainty.model.graph import ABSENT, Quantile
from uncertainty.seeds import pages
from uncertainty.sensitivity.problem import Problem, inside

ColumnLevels = Callable[[str], FloatArray]
Values = dict[int, Any]  # node -> float or array, shape (draws,)

MOST_RUNS = 2**15
"""Runs whose values of every node are held at once."""


def columns_of(design: Design, prefix: str = "") -> ColumnLevels:
    """Levels of a design's columns over all its pages.

    Parameters
    ----------
    design : Design
    prefix : str
        Of the design's names for the columns.

    Returns
    -------
    callable
        column -> levels, shape (draws,), inside (0, 1).
    """

    def levels(column: str) -> FloatArray:
        every = range(pages(design.draws))
        return np.concatenate([design.levels(prefix + column, p) for p in every])

    return levels


def joined(problem: Problem, plain: ColumnLevels) -> ColumnLevels:
    """Independent levels made dependent by a problem's blocks.

    Parameters
    ----------
    problem : Problem
    plain : callable
        column -> independent levels.

    Returns
    -------
    callable
        column -> levels; a block is joined once, when its first column is asked for.
    """
    block_of = {c: b for b in problem.blocks if b.dependent for c in b.columns}
    known: dict[str, FloatArray] = {}

    def levels(column: str) -> FloatArray:
        block = block_of.get(column)
        if block is None:
            return plain(column)
        if column not in known:
            found = block.joined(np.stack([plain(c) for c in block.columns]))
            known.update(zip(block.columns, found, strict=True))
        return known[column]

    return levels


class Evaluator:
    """The part of a problem's graph behind some nodes, in order of computation."""

    def __init__(self, problem: Problem, nodes: Sequence[int]) -> None:
        self.graph = graph = problem.graph
        self._followers = problem.followers
        self.nodes = [node for node in nodes if node != ABSENT]
        self.order = graph.upstream(self.nodes)
        self._wanted = set(self.nodes)
        self._bit: dict[str, int] = {}
        self._reads: dict[int, int] = {}
        self._leaves: dict[str, list[int]] = {}
        for node in self.order:
            payload = graph.payloads[node]
            if isinstance(payload, Quantile):
                column = self.drawn(node)
                bit = self._bit.setdefault(column, 1 << len(self._bit))
                self._reads[node] = bit
                self._leaves.setdefault(column, []).append(node)
            else:
                reads = 0
                for operand in graph.operands[node]:
                    reads |= self._reads[operand]
                self._reads[node] = reads

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the nodes read."""
        return tuple(self._leaves)

    def drawn(self, node: int) -> str:
        """Column whose draw an uncertain input reads, or "" for any other node."""
        payload = self.graph.payloads[node]
        if not isinstance(payload, Quantile):
            return ""
        return self._followers.get(payload.column, (payload.column,))[0]

    def reads(self, node: int, column: str) -> bool:
        """Whether a node depends on a column's draw."""
        return bool(self._reads[node] & self._bit.get(column, 0))

    def leaves(self, columns: Iterable[str], levels: ColumnLevels) -> Values:
        """Values of the uncertain inputs that `columns` drive."""
        return {
            node: self._value(node, at)
            for column in columns
            if column in self._leaves
            for at in (levels(column),)
            for node in self._leaves[column]
        }

    def _value(self, node: int, levels: FloatArray) -> FloatArray:
        payload = self.graph.payloads[node]
        assert isinstance(payload, Quantile)  # by construction
        if self._followers.get(payload.column, ("", False))[1]:
            levels = inside(1 - levels)
        found = tabulate(payload.marginal)(levels)
        return found if payload.factor == 1.0 else found * payload.factor

    def base(self, leaves: Values) -> Values:
        """Every node's value where the inputs have the values `leaves`."""
        values: Values = {}
        with np.errstate(all="ignore"):
            for node in self.order:
                payload = self.graph.payloads[node]
                if isinstance(payload, float):
                    values[node] = payload
                elif isinstance(payload, Quantile):
                    values[node] = leaves[node]
                else:
                    values[node] = self._compute(node, values, None)
        return values

    def moved(self, base: Values, leaves: Values) -> Values:
        """Values of the wanted nodes that change when some inputs take other values.

        Parameters
        ----------
        base : mapping of node to values
            Of every node, as `base` gives them.
        leaves : mapping of node to values
            Inputs that change.

        Returns
        -------
        mapping of node to values
            Of the wanted nodes downstream of `leaves`, and of no others.
        """
        mask = 0
        for node in leaves:
            mask |= self._reads[node]
        changed = [node for node in self.order if self._reads[node] & mask]
        left = self._readers(changed)
        values: Values = dict(leaves)
        pool: list[FloatArray] = []
        with np.errstate(all="ignore"):
            for node in changed:
                if node in values:
                    continue
                seen = _Over(values, base)
                values[node] = self._compute(node, seen, pool)
                for operand in self.graph.operands[node]:
                    if operand not in left:
                        continue
                    left[operand] -= 1
                    if left[operand] == 0 and operand not in leaves:
                        spent = values.pop(operand)
                        if spent.dtype == np.float64:
                            pool.append(spent)
        return {n: values[n] for n in changed if n in self._wanted}

    def rows(self, values: Mapping[int, Any], draws: int) -> FloatArray:
        """Values of the wanted nodes as an array, shape (nodes, draws)."""
        found = np.empty((len(self.nodes), draws))
        for row, node in zip(found, self.nodes, strict=True):
            row[:] = values[node]
        return found

    def _readers(self, changed: list[int]) -> dict[int, int]:
        """How often each changed node is read by another, where it is not wanted."""
        inside = set(changed)
        count: dict[int, int] = {}
        for node in changed:
            for operand in self.graph.operands[node]:
                if operand in inside and operand not in self._wanted:
                    count[operand] = count.get(operand, 0) + 1
        return count

    def _compute(
        self, node: int, values: Mapping[int, Any], pool: list[FloatArray] | None
    ) -> Any:
        operation = self.graph.operation(node)
        inputs = [values[operand] for operand in self.graph.operands[node]]
        if operation.comparison:
            return operation.function(*inputs)
        if pool:
            out = pool.pop()
        else:
            out = np.empty(np.broadcast_shapes(*(np.shape(v) for v in inputs)))
        operation.function(*inputs, out=out)
        return out


class _Over(dict[int, Any]):
    """One mapping laid over another, neither copied."""

    def __init__(self, top: Values, below: Values) -> None:
        super().__init__()
        self._top, self._below = top, below

    def __getitem__(self, node: int) -> Any:
        found = self._top.get(node)
        return self._below[node] if found is None else found


def evaluate(problem: Problem, levels: ColumnLevels, draws: int) -> FloatArray:
    """All outputs of a problem at given levels.

    Parameters
    ----------
    problem : Problem
    levels : callable
        column -> levels, shape (draws,).
    draws : int

    Returns
    -------
    ndarray, shape (len(problem.nodes), draws)

    Raises
    ------
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.
    """
    checks = [check.node for check in problem.checks]
    evaluator = Evaluator(problem, [*problem.nodes, *checks])
    every = {column: levels(column) for column in evaluator.columns}
    rows = np.empty((len(problem.nodes), draws))
    for first in range(0, draws, MOST_RUNS):
        piece = slice(first, min(first + MOST_RUNS, draws))
        at = {column: level[piece] for column, level in every.items()}
        values = evaluator.base(evaluator.leaves(evaluator.columns, at.__getitem__))
        refuse_failed(problem, values)
        found = evaluator.rows(values, piece.stop - first)
        rows[:, piece] = found[: len(problem.nodes)]
    refuse_infinite(problem, problem.nodes, rows)
    return rows


def refuse_failed(problem: Problem, values: Mapping[int, Any]) -> None:
    """Raise ModelError where a check's node, if among `values`, is not above 0."""
    for check in problem.checks:
        if check.node in values and not np.all(np.asarray(values[check.node]) > 0):
            raise ModelError(check.message)


def refuse_infinite(problem: Problem, nodes: Sequence[int], rows: FloatArray) -> None:
    """Raise SampleError where a run of an output is not finite.

    Parameters
    ----------
    problem : Problem
    nodes : sequence of int
        Node of each row.
    rows : ndarray, shape (nodes, draws)
    """
    bad = ~np.isfinite(rows)
    if not bad.any():
        return
    row = int(np.argmax(bad.any(axis=1)))
    raise SampleError(
        f"{name_of(problem, nodes[row])}: {int(bad[row].sum())} of {rows.shape[1]} "
        "runs are not finite, and no index is estimated from the rest; bound the "
        "inputs behind (bounds: {low: ..., high: ...}) or mend the formula"
    )


def name_of(problem: Problem, node: int) -> str:
    """Labels of the first output that a node stands for."""
    outputs = problem.outputs
    where = np.argwhere(outputs.values == node)[0]
    labels = [
        f"{dim} {outputs[dim].values[i] if dim in outputs.coords else i}"
        for dim, i in zip(outputs.dims, where, strict=True)
    ]
    return ", ".join(labels) or str(outputs.name or "the output")
