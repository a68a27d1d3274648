"""One page of a model: levels -> values of the inputs -> straight-line code -> rows."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from uncertainty import kernel
from uncertainty.arrays import FloatArray
from uncertainty.errors import ModelError
from uncertainty.graph import (
    ABSENT,
    ARITHMETIC,
    COMPARISONS,
    Graph,
    Program,
    Quantile,
    point,
    program,
)
from uncertainty.model import Check
from uncertainty.quantiles import Inputs, tabulate
from uncertainty.sampling import Levels
from uncertainty.seeds import PAGE

_WORDS = {function: word for word, function in (ARITHMETIC | COMPARISONS).items()}


class NotFinite(Exception):
    """A page holds a value that is not finite."""

    def __init__(self, page: int) -> None:
        super().__init__(page)
        self.page = page


@dataclass(frozen=True)
class Pages:
    """Some nodes of a graph, page by page.

    Attributes
    ----------
    graph : Graph
    checks : tuple of Check
        Nodes that have to be above 0 in every draw.
    nodes : tuple of int
        What is wanted; a node may stand more than once, and one that is `ABSENT`
        stays away.
    factors : tuple of float
        Units of each in coherent base units; values are divided by them.
    levels : Levels
        A design, or a `Coupling` of one.

    Notes
    -----
    It pickles to these fields, so that any process can make any page. What a page
    holds depends on nothing else: not on threads, nor on who made it.
    """

    graph: Graph
    checks: tuple[Check, ...]
    nodes: tuple[int, ...]
    factors: tuple[float, ...]
    levels: Levels

    def fill(self, page: int, *outs: FloatArray) -> None:
        """Values of every node on a page.

        Parameters
        ----------
        page : int
            Page number, counted from 0.
        *outs : ndarrays, shape (node, draw) each
            Where they go, the first nodes to the first; the last axis is in C order.
            Rows of absent nodes are left as they are.

        Raises
        ------
        NotFinite
            A value is not finite.
        ModelError
            A check fails.
        """
        if self._code is None or not self._quickly(self._code, page, *outs):
            self._plainly(page, *outs)

    def points(self) -> FloatArray:
        """Values with every input at its point value, shape (node,); NaN if absent.

        Raises
        ------
        ModelError
            A check fails.
        """
        found = np.full(len(self.nodes), np.nan)
        messages = self._messages

        def use(position: int, values: FloatArray | float) -> None:
            value = float(np.ravel(values)[0])
            if position in messages and not value > 0:
                raise ModelError(messages[position])
            for row in self._rows[position]:
                found[row] = value / self.factors[row]

        with np.errstate(all="ignore"):
            self.program.run(1, point, use)
        return found

    def _plainly(self, page: int, *outs: FloatArray) -> None:
        """Plain meaning: one NumPy operation after another on whole pages."""
        messages = self._messages
        place = [row for out in outs for row in out]

        def leaf(what: Quantile) -> FloatArray:
            values = tabulate(what.marginal)(self.levels.levels(what.column, page))
            return values * what.factor

        def use(position: int, values: FloatArray | float) -> None:
            if position in messages and not np.all(np.asarray(values) > 0):
                text = f"{messages[position]} (draws from {page * PAGE})"
                raise ModelError(text)
            if not np.all(np.isfinite(values)):
                raise NotFinite(page)
            for row in self._rows[position]:
                np.divide(values, self.factors[row], out=place[row])

        with np.errstate(all="ignore"):
            self.program.run(outs[0].shape[1], leaf, use)

    def _quickly(self, code: kernel.Code, page: int, *outs: FloatArray) -> bool:
        """The same bits from compiled loops; False if something is wrong."""
        values = _room(len(self._leaves), outs[0].shape[1])
        drawn = values[: len(self._columns)]
        self.levels.fill(self._columns, page, drawn)
        for i, leaf in enumerate(self._leaves[len(drawn) :], start=len(drawn)):
            values[i] = drawn[self._columns.index(leaf.column)]
        self._inputs.fill(values)
        return code.run(values, outs)

    @cached_property
    def program(self) -> Program:
        """Straight-line code for the nodes and the checks."""
        return program(self.graph, [*self.nodes, *(c.node for c in self.checks)])

    @cached_property
    def _messages(self) -> dict[int, str]:
        """What a check says, by the output of the program that it looks at."""
        outputs = self.program.outputs
        return {outputs.index(c.node): c.message for c in self.checks}

    @cached_property
    def _rows(self) -> list[list[int]]:
        """Rows that each output of the program fills."""
        rows: dict[int, list[int]] = {node: [] for node in self.program.outputs}
        for row, node in enumerate(self.nodes):
            if node != ABSENT:
                rows[node].append(row)
        return [rows[node] for node in self.program.outputs]

    @cached_property
    def _leaves(self) -> list[Quantile]:
        """Uncertain inputs: one for each column first, then what shares a column."""
        found = [s[0] for s in self.program.steps if isinstance(s[0], Quantile)]
        first = {leaf.column: leaf for leaf in reversed(found)}
        ones = [leaf for leaf in found if first[leaf.column] is leaf]
        return [*ones, *(leaf for leaf in found if first[leaf.column] is not leaf)]

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(leaf.column for leaf in self._leaves))

    @cached_property
    def _inputs(self) -> Inputs:
        leaves = self._leaves
        return Inputs([leaf.marginal for leaf in leaves], [x.factor for x in leaves])

    @cached_property
    def _code(self) -> kernel.Code | None:
        if kernel.compiled() is None:
            return None
        checked = {c.node for c in self.checks}
        return _compiled(
            self.program,
            self._leaves,
            self._rows,
            self.factors,
            {i for i, node in enumerate(self.program.outputs) if node in checked},
        )

    def __getstate__(self) -> dict[str, object]:
        """Fields alone: what was compiled holds addresses."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def _compiled(
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
    for function, operands, result, released in run.steps:
        if isinstance(function, Quantile):
            row_of[result] = place[id(function)]
            continue
        read = [
            constants[o.hex()] if isinstance(o, float) else row_of[o] for o in operands
        ]
        if isinstance(function, int):
            if function in checked:
                steps.append(kernel.Step("check", 0, read[0]))
            steps += [kernel.Step("store", row, read[0], row) for row in rows[function]]
        elif (word := _WORDS[function]) not in kernel.CODES:
            return None
        else:
            if free:
                row_of[abs(result)] = free.pop()
            else:
                row_of[abs(result)], end = end, end + 1
            steps.append(kernel.Step(word, row_of[abs(result)], *read))
        free += [row_of[slot] for slot in released if row_of[slot] >= begin]
    numbers = [float.fromhex(text) for text in constants]
    return kernel.Code(steps, len(leaves), numbers, end - begin, factors)


class _Room(threading.local):
    """Values of the inputs on a page; a fresh array would cost more than to fill it."""

    def __init__(self) -> None:
        self.kept = np.empty(0)


_ROOM = _Room()


def _room(rows: int, draws: int) -> FloatArray:
    if _ROOM.kept.size < rows * draws:
        _ROOM.kept = np.empty(rows * draws)
    return _ROOM.kept[: rows * draws].reshape(rows, draws)
