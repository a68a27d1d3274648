"""A graph of array arithmetic in which equal sub-expressions are one node.

Every scenario and year of a study is built into the same graph. What two of them
share is found by construction, because asking twice for the same operation on the
same operands gives the same node: it is computed once a page, whatever the number
of scenarios that read it. Arithmetic on constants is done when it is asked for.
Nothing here or in what walks over a graph is recursive: it may be of any depth.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal
from uncertainty.errors import ModelError
from uncertainty.model.operations import OPERATIONS, Operation

ABSENT = -1
"""Stands in a table for a node that does not exist: missing, never zero."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """A leaf: the quantile function of `marginal` at the levels of one column."""

    column: str
    marginal: Marginal
    factor: float  # declared units -> coherent base units


@dataclass(eq=False)
class Graph:
    """Nodes by number; operands always stand before what reads them.

    With `point`, every uncertain input is built as a constant at its point value.

    Examples
    --------
    >>> graph = Graph()
    >>> three = graph.apply("add", (graph.constant(1.0), graph.constant(2.0)))
    >>> graph.value(three)
    3.0
    """

    point: bool = False
    operations: list[str] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    payloads: list[float | Quantile | None] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    functions: dict[str, Operation] = field(default_factory=dict)
    """Operations of this graph alone, such as a user's own function."""
    _known: dict[tuple[Any, ...], int] = field(default_factory=dict, repr=False)
    _finite: list[bool] = field(default_factory=list, repr=False)

    def constant(self, value: float) -> int:
        """Node of a number."""
        return self._intern(("constant", (), float(value)))

    def quantile(self, column: str, marginal: Marginal, factor: float = 1.0) -> int:
        """Node of an uncertain input; one of zero width is a constant."""
        if marginal.constant or self.point:
            return self.constant(marginal.point * factor)
        return self._intern(("quantile", (), Quantile(column, marginal, factor)))

    def apply(self, operation: str, operands: tuple[int, ...]) -> int:
        """Node of an operation on nodes, simplified where that is exact.

        A product with 0 is 0 only where the other factor is finite in every draw; see
        `product` for one that leaves out what has the weight 0.
        """
        if (simple := self._simplify(operation, operands)) is not None:
            return simple
        known = OPERATIONS.get(operation)
        if known is not None and known.commutative and operands[0] > operands[1]:
            operands = (operands[1], operands[0])
        return self._intern((operation, operands, None))

    def operation(self, node: int) -> Operation:
        """What a node does with its operands.

        Raises
        ------
        ModelError
            There is no such operation.
        """
        name = self.operations[node]
        found = self.functions.get(name) or OPERATIONS.get(name)
        if found is None:
            raise ModelError(f"no such operation: {name}")
        return found

    def total(self, nodes: Iterable[int]) -> int:
        """Node of a sum, added up in the order given; of nothing it is 0."""
        result = self.constant(0.0)
        for node in nodes:
            result = self.apply("add", (result, node))
        return result

    def product(self, *nodes: int) -> int:
        """Node of a product, multiplied in the order given.

        A factor that is the number 0 makes it 0 whatever the others are: what a share,
        an adoption or a demand of 0 multiplies takes no part in the model at all.
        """
        result = nodes[0]
        for node in nodes[1:]:
            if self.value(result) == 0.0 or self.value(node) == 0.0:
                result = self.constant(0.0)
            else:
                result = self.apply("mul", (result, node))
        return result

    def value(self, node: int) -> float | None:
        """The number a node stands for if nothing uncertain is upstream of it."""
        payload = self.payloads[node]
        return payload if isinstance(payload, float) else None

    def name(self, node: int, label: str) -> int:
        """Keep the name of a formula's node, for messages."""
        self.labels.setdefault(node, label)
        return node

    def upstream(self, nodes: Iterable[int]) -> list[int]:
        """`nodes` and all they depend on, in the order of computation."""
        seen: set[int] = set()
        stack = [node for node in nodes if node != ABSENT]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(self.operands[node])
        return sorted(seen)

    def columns(self, nodes: Iterable[int]) -> list[str]:
        """Columns that `nodes` depend on, in the order in which they were added."""
        columns: dict[str, None] = {}
        for node in self.upstream(nodes):
            payload = self.payloads[node]
            if isinstance(payload, Quantile):
                columns.setdefault(payload.column)
        return list(columns)

    def _intern(self, key: tuple[str, tuple[int, ...], float | Quantile | None]) -> int:
        # 0.0 and -0.0 are equal as keys but not as divisors
        known = (*key, str(key[2])) if key[2] == 0.0 else key
        node = self._known.get(known)
        if node is None:
            node = self._known[known] = len(self.operations)
            self.operations.append(key[0])
            self.operands.append(key[1])
            self.payloads.append(key[2])
            self._finite.append(self._is_finite(*key))
        return node

    def _is_finite(
        self,
        operation: str,
        operands: tuple[int, ...],
        payload: float | Quantile | None,
    ) -> bool:
        """Whether a node is finite in every draw, overflow apart."""
        if payload is not None:
            return not isinstance(payload, float) or isfinite(payload)
        last = self.value(operands[-1]) if operands else None
        if operation == "div":
            total = bool(last)
        elif operation == "pow":
            total = last is not None and last >= 0 and last.is_integer()
        else:
            total = operation in OPERATIONS and OPERATIONS[operation].total
        return total and all(self._finite[operand] for operand in operands)

    def _simplify(self, operation: str, operands: tuple[int, ...]) -> int | None:
        if operation == "where":
            return self._simplify_where(operands)
        known = OPERATIONS.get(operation)
        if known is not None and known.comparison:
            return None  # truth values stay with the ``where`` that reads them
        values = [self.value(node) for node in operands]
        if None not in values and known is not None:
            with np.errstate(all="ignore"):
                result = known.function(*(np.float64(v) for v in values))
            return self.constant(float(result))
        match operation, values:
            case ("add", [0.0, None]) | ("mul", [1.0, None]):
                return operands[1]
            case ("add" | "sub", [None, 0.0]) | ("mul" | "div" | "pow", [None, 1.0]):
                return operands[0]
            case ("mul", [0.0, None]) if self._finite[operands[1]]:
                return self.constant(0.0)
            case ("mul", [None, 0.0]) if self._finite[operands[0]]:
                return self.constant(0.0)
            case ("pow", [None, 2.0]):
                return self.apply("square", operands[:1])
            case ("pow", [None, 0.5]):
                return self.apply("sqrt", operands[:1])
        return None

    def _simplify_where(self, operands: tuple[int, ...]) -> int | None:
        condition, left, right = operands
        if left == right:
            return left
        sides = [self.value(node) for node in self.operands[condition]]
        if None in sides:
            return None
        test = OPERATIONS[self.operations[condition]].function
        return left if test(*sides) else right


@dataclass(frozen=True)
class Program:
    """The nodes behind some outputs as straight-line code on reused buffers.

    ``steps`` are (operation, operand slots, slot of the result, slots that are free
    afterwards). The operation is a `Quantile`, an `Operation`, or the position of an
    output that is handed over; a number among the operands is the constant itself; the
    slot of a truth value is negative. Written buffers are free again after their last
    reader, so a page of a large study stays in the cache.
    """

    outputs: tuple[int, ...]
    slots: int
    steps: tuple[tuple[Any, ...], ...]
    columns: tuple[str, ...]

    def run(
        self,
        draws: int,
        leaf: Callable[[Quantile], FloatArray],
        use: Callable[[int, FloatArray | float], None],
    ) -> None:
        """Compute one page and hand over each output while it is alive.

        `leaf` gives an uncertain input's values, a new array of shape (draws,) in
        coherent base units. `use` gets the position of the output and its values, a
        buffer that is written again afterwards.
        """
        buffers: list[Any] = [None] * self.slots
        pool: list[FloatArray] = []
        for operation, operands, result, released in self.steps:
            if isinstance(operation, Quantile):
                buffers[result] = leaf(operation)
            elif isinstance(operation, int):
                source = operands[0]
                use(operation, buffers[source] if isinstance(source, int) else source)
            else:
                inputs = [buffers[o] if isinstance(o, int) else o for o in operands]
                if result < 0:  # a truth value: its own small array
                    buffers[-result] = operation.function(*inputs)
                else:
                    out = pool.pop() if pool else np.empty(draws)
                    operation.function(*inputs, out=out)
                    buffers[result] = out
            for slot in released:
                if buffers[slot].dtype == np.float64:
                    pool.append(buffers[slot])
                buffers[slot] = None


def point(leaf: Quantile) -> FloatArray:
    """The one value of an uncertain input in a deterministic run."""
    return np.array([leaf.marginal.point * leaf.factor])


def program(graph: Graph, outputs: Sequence[int]) -> Program:
    """Straight-line code for `outputs` (node numbers, repeats and ABSENT allowed).

    Examples
    --------
    >>> from uncertainty.distributions import build
    >>> graph = Graph()
    >>> x = graph.quantile("x", build("uniform", {"low": 0.0, "high": 4.0}))
    >>> code = program(graph, [graph.apply("sqrt", (x,))])
    >>> code.run(2, lambda leaf: np.array([1.0, 4.0]), lambda i, y: print(y))
    [1. 2.]
    """
    wanted = list(dict.fromkeys(node for node in outputs if node != ABSENT))
    order = graph.upstream(wanted)
    readers = dict.fromkeys(order, 0)
    for node in order:
        for operand in graph.operands[node]:
            readers[operand] += 1
    positions = {node: position for position, node in enumerate(wanted)}
    steps: list[tuple[Any, ...]] = []
    where: dict[int, int | float] = {}
    columns: list[str] = []
    for slot, node in enumerate(order, start=1):
        payload = graph.payloads[node]
        if isinstance(payload, Quantile):
            columns.append(payload.column)
        if isinstance(payload, float):
            where[node] = payload
            if node in positions:
                steps.append((positions[node], (payload,), 0, ()))
            continue
        where[node] = slot
        operands = graph.operands[node]
        released = []
        for operand in operands:
            readers[operand] -= 1
            slot_of = where[operand]
            if readers[operand] == 0 and isinstance(slot_of, int):
                released.append(slot_of)
        steps.append(_step(graph, node, payload, where, slot, tuple(released)))
        if node in positions:
            last = () if readers[node] else (slot,)
            steps.append((positions[node], (slot,), 0, last))
    return Program(
        tuple(wanted),
        len(order) + 1,
        tuple(steps),
        tuple(dict.fromkeys(columns)),
    )


def _step(
    graph: Graph,
    node: int,
    payload: float | Quantile | None,
    where: dict[int, int | float],
    slot: int,
    released: tuple[int, ...],
) -> tuple[Any, ...]:
    if isinstance(payload, Quantile):
        return (payload, (), slot, ())
    operation = graph.operation(node)
    operands = tuple(where[operand] for operand in graph.operands[node])
    place = -slot if operation.comparison else slot
    return (operation, operands, place, released)
