"""Rows of draws that are computed again from fewer rows, to the same bits.

A result of some hundred quantities rests on some hundred uncertain inputs. What the
inputs were drawn as is kept; what is only added, multiplied or chosen from it follows
by the same operations in the same order, each rounded as IEEE 754 rounds it, on any
machine. The result of any other operation (``exp``, ``log``, a power, a function) is
kept like an input.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.distributions import Constant
from uncertainty.model.graph import Graph, Program, Quantile, program
from uncertainty.run.rows import RowStore

CHUNK = 2**16
"""Draws computed at a time: their buffers stay in the cache."""


def kept_nodes(graph: Graph, nodes: Sequence[int]) -> list[int]:
    """Nodes whose draws are enough to compute those of `nodes` to the same bits."""
    found: set[int] = set()
    seen: set[int] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if _exact(graph, node):
            stack.extend(graph.operands[node])
        elif graph.value(node) is None:
            found.add(node)
    return sorted(found)


def _exact(graph: Graph, node: int) -> bool:
    """Whether a node is an operation that every machine rounds alike."""
    if graph.payloads[node] is not None:
        return False
    return graph.operation(node).kernel is not None


@dataclass(frozen=True, eq=False)
class Formulas:
    """Rows as formulas over kept rows.

    Attributes
    ----------
    operations : tuple of str
        Of each node, operands before what reads them; "kept" and "constant" too.
    operands : tuple of tuple of int
    constants : ndarray, shape (node,)
        NaN where a node is none.
    kept : ndarray of int, shape (node,)
        Row that is kept; -1 where a node is computed.
    nodes, factors : ndarray, shape (row,)
        Node of each row, and what its values are divided by.
    """

    operations: tuple[str, ...]
    operands: tuple[tuple[int, ...], ...]
    constants: FloatArray
    kept: IntArray
    nodes: IntArray
    factors: FloatArray

    @classmethod
    def of(
        cls,
        graph: Graph,
        kept: Sequence[int],
        nodes: Sequence[int],
        factors: Sequence[float],
    ) -> "Formulas":
        """Formulas of some nodes of a graph, over the rows of `kept`."""
        row = {node: i for i, node in enumerate(kept)}
        order: set[int] = set()
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if node not in order:
                order.add(node)
                stack.extend(() if node in row else graph.operands[node])
        place = {node: i for i, node in enumerate(sorted(order))}
        names, operands, constants, rows = [], [], [], []
        for node in place:
            value = graph.value(node)
            is_kept = node in row
            names.append("kept" if is_kept else graph.operations[node])
            read = () if is_kept else graph.operands[node]
            operands.append(tuple(place[operand] for operand in read))
            constants.append(np.nan if value is None else value)
            rows.append(row.get(node, -1))
        return cls(
            tuple(names),
            tuple(operands),
            np.array(constants),
            np.array(rows, dtype=np.int64),
            np.array([place[node] for node in nodes], dtype=np.int64),
            np.array(factors),
        )

    def to_dataset(self) -> xr.Dataset:
        """As plain arrays, to be written."""
        known = list(dict.fromkeys(self.operations))
        code = {name: i for i, name in enumerate(known)}
        ends = np.cumsum([len(each) for each in self.operands])
        flat = [operand for each in self.operands for operand in each]
        return xr.Dataset(
            {
                "operation": ("node", np.array([code[n] for n in self.operations])),
                "operands_end": ("node", ends.astype(np.int32)),
                "operand": ("read", np.array(flat, dtype=np.int32)),
                "constant": ("node", self.constants),
                "kept": ("node", self.kept.astype(np.int32)),
                "node_of": ("quantity", self.nodes.astype(np.int32)),
                "factor": ("quantity", self.factors),
            },
            attrs={"operations": " ".join(known)},
        )

    @classmethod
    def from_dataset(cls, data: xr.Dataset) -> "Formulas":
        """From what `to_dataset` gave."""
        known = str(data.attrs["operations"]).split(" ")
        ends = data["operands_end"].values.tolist()
        flat = data["operand"].values.tolist()
        starts = [0, *ends[:-1]]
        return cls(
            tuple(known[i] for i in data["operation"].values.tolist()),
            tuple(tuple(flat[a:b]) for a, b in zip(starts, ends, strict=True)),
            data["constant"].values,
            data["kept"].values.astype(np.int64),
            data["node_of"].values.astype(np.int64),
            data["factor"].values,
        )

    @cached_property
    def graph(self) -> Graph:
        """A graph whose leaves are the kept rows, each a column named by its number."""
        leaf = Constant(0.0)
        payloads = [
            Quantile(str(row), leaf, 1.0)
            if row >= 0
            else (float(constant) if name == "constant" else None)
            for name, constant, row in zip(
                self.operations, self.constants, self.kept.tolist(), strict=True
            )
        ]
        return Graph(
            operations=list(self.operations),
            operands=list(self.operands),
            payloads=list(payloads),
        )

    def program(self, which: tuple[int, ...]) -> Program:
        """Straight-line code for some rows."""
        return _program(self, which)


@lru_cache(maxsize=16)
def _program(formulas: Formulas, which: tuple[int, ...]) -> Program:
    return program(formulas.graph, formulas.nodes[list(which)].tolist())


class Recomputed:
    """Rows of formulas over kept rows; see `RowStore`."""

    def __init__(self, kept: RowStore, formulas: Formulas) -> None:
        self.kept, self.formulas = kept, formulas
        self.size, self.draws = formulas.nodes.size, kept.draws

    def rows(self, which: IntArray, draws: slice) -> FloatArray:
        """See `RowStore.rows`."""
        start, stop, step = draws.indices(self.draws)
        if step != 1:
            found: FloatArray = self.rows(which, slice(None))[:, draws]
            return found
        out = np.empty((which.size, max(stop - start, 0)))
        code = self.formulas.program(tuple(which.tolist()))
        needed = np.array(sorted(int(column) for column in code.columns), dtype=np.intp)
        place = {str(row): i for i, row in enumerate(needed.tolist())}
        places: dict[int, list[int]] = {}
        position = {node: i for i, node in enumerate(code.outputs)}
        for i, row in enumerate(which.tolist()):
            node = int(self.formulas.nodes[row])
            places.setdefault(position[node], []).append(i)
        factors = self.formulas.factors[which]
        for begin in range(start, stop, CHUNK):
            part = slice(begin, min(begin + CHUNK, stop))
            values = self.kept.rows(needed, part)
            target = out[:, part.start - start : part.stop - start]

            def leaf(what: Quantile, values: FloatArray = values) -> FloatArray:
                row: FloatArray = values[place[what.column]].copy()
                return row

            def use(
                output: int, found: FloatArray | float, target: FloatArray = target
            ) -> None:
                for i in places[output]:
                    np.divide(found, factors[i], out=target[i])

            with np.errstate(all="ignore"):
                code.run(part.stop - part.start, leaf, use)
        return out
