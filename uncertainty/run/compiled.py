"""Nodes of a model as straight-line code, with the inputs that it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from uncertainty import kernel
from uncertainty.arrays import FloatArray
from uncertainty.distributions.tabulated import Inputs
from uncertainty.errors import ModelError
from uncertainty.model import Check
from uncertainty.model.graph import (
    ABSENT,
    Graph,
    Program,
    Quantile,
    point,
    program,
)

_MOST = 8  # of one graph that are kept


@dataclass(frozen=True, eq=False)
class Compiled:
    """Some nodes of a graph, compiled.

    Attributes
    ----------
    program : Program
        Straight-line code for the nodes and the checks.
    checks, nodes, factors
        As for `pages.Pages`.
    """

    program: Program
    checks: tuple[Check, ...]
    nodes: tuple[int, ...]
    factors: tuple[float, ...]

    @cached_property
    def points(self) -> FloatArray:
        """Values with every input at its point value, shape (node,); NaN if absent.

        Raises
        ------
        ModelError
            A check fails.
        """
        points = np.full(len(self.nodes), np.nan)
        messages = self.messages

        def use(position: int, values: FloatArray | float) -> None:
            value = float(np.ravel(values)[0])
            if position in messages and not value > 0:
                raise ModelError(messages[position])
            for row in self.rows[position]:
                points[row] = value / self.factors[row]

        with np.errstate(all="ignore"):
            self.program.run(1, point, use)
        points.flags.writeable = False
        return points

    @cached_property
    def messages(self) -> dict[int, str]:
        """Message of each check, by the output of the program that it looks at."""
        position = {node: i for i, node in enumerate(self.program.outputs)}
        return {position[c.node]: c.message for c in self.checks}

    @cached_property
    def rows(self) -> list[list[int]]:
        """Rows that each output of the program fills."""
        rows: dict[int, list[int]] = {node: [] for node in self.program.outputs}
        for row, node in enumerate(self.nodes):
            if node != ABSENT:
                rows[node].append(row)
        return [rows[node] for node in self.program.outputs]

    @cached_property
    def leaves(self) -> list[Quantile]:
        """Uncertain inputs: one for each column first, then what shares a column."""
        leaves = [s[0] for s in self.program.steps if isinstance(s[0], Quantile)]
        first = {leaf.column: leaf for leaf in reversed(leaves)}
        ones = [leaf for leaf in leaves if first[leaf.column] is leaf]
        return [*ones, *(leaf for leaf in leaves if first[leaf.column] is not leaf)]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns that they read, each once."""
        return tuple(dict.fromkeys(leaf.column for leaf in self.leaves))

    @cached_property
    def inputs(self) -> Inputs:
        """Quantile functions of the leaves."""
        leaves = self.leaves
        return Inputs([leaf.marginal for leaf in leaves], [x.factor for x in leaves])

    @cached_property
    def code(self) -> kernel.Code | None:
        """The program for ``kernel.c``; None if an operation is NumPy's alone."""
        checked = {c.node for c in self.checks}
        return _coded(
            self.program,
            self.leaves,
            self.rows,
            self.factors,
            {i for i, node in enumerate(self.program.outputs) if node in checked},
        )


_Key = tuple[tuple[Check, ...], tuple[int, ...], tuple[float, ...]]
_KEPT: WeakKeyDictionary[Graph, dict[_Key, Compiled]] = WeakKeyDictionary()


def compiled(
    graph: Graph,
    checks: tuple[Check, ...],
    nodes: tuple[int, ...],
    factors: tuple[float, ...],
) -> Compiled:
    """Compile nodes, or find what they were compiled to: a model is run many times.

    Parameters
    ----------
    graph, checks, nodes, factors
        As for `pages.Pages`.
    """
    kept = _KEPT.setdefault(graph, {})
    key = checks, nodes, factors
    if key not in kept:
        run = program(graph, [*nodes, *(c.node for c in checks)])
        if len(kept) >= _MOST:
            kept.clear()
        kept[key] = Compiled(run, checks, nodes, factors)
    return kept[key]


def _coded(
    run: Program,
    leaves: Sequence[Quantile],
    rows: Sequence[Sequence[int]],
    factors: Sequence[float],
    checked: set[int],
) -> kernel.Code | None:
    """Compiled form of a program; None if it holds an operation that only NumPy has."""
    constants: dict[str, int] = {}  # by its text: 0.0 and -0.0 are two
    for _, operands, *_ in run.steps:
        for operand in operands:
            if isinstance(operand, float):
                constants.setdefault(operand.hex(), len(leaves) + len(constants))
    place = {id(leaf): i for i, leaf in enumerate(leaves)}
    row_of: dict[int, int] = {}  # slot of the program -> row
    begin = len(leaves) + len(constants)
    end, free, steps = begin, list[int](), list[kernel.Step]()
    for operation, operands, result, released in run.steps:
        if isinstance(operation, Quantile):
            row_of[result] = place[id(operation)]
            continue
        read = [
            constants[o.hex()] if isinstance(o, float) else row_of[o] for o in operands
        ]
        if isinstance(operation, int):
            if operation in checked:
                steps.append(kernel.Step(kernel.CHECK, 0, read[0]))
            for row in rows[operation]:
                steps.append(kernel.Step(kernel.STORE, row, read[0], row))
        elif operation.kernel is None:
            return None
        else:
            if free:
                row_of[abs(result)] = free.pop()
            else:
                row_of[abs(result)], end = end, end + 1
            steps.append(kernel.Step(operation.kernel, row_of[abs(result)], *read))
        free += [row_of[slot] for slot in released if row_of[slot] >= begin]
    numbers = [float.fromhex(text) for text in constants]
    return kernel.Code(steps, len(leaves), numbers, end - begin, factors)
