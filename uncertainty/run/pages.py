"""One page of a model: levels -> values of the inputs -> straight-line code -> rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from uncertainty import kernel
from uncertainty.arrays import FloatArray, Room
from uncertainty.designs import Levels
from uncertainty.distributions.tabulated import tabulate
from uncertainty.errors import ModelError
from uncertainty.model import Check
from uncertainty.model.graph import Graph, Program, Quantile
from uncertainty.run.compiled import Compiled, compiled
from uncertainty.seeds import PAGE

_ROOM = Room()  # values of the inputs on a page


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

    def fill(self, page: int, out: FloatArray) -> None:
        """Values of every node on a page.

        Parameters
        ----------
        page : int
            Page number, counted from 0.
        out : ndarray, shape (node, draw)
            Where they go; the last axis is in C order. Rows of absent nodes are left
            as they are.

        Raises
        ------
        NotFinite
            A value is not finite.
        ModelError
            A check fails.
        """
        if not self._quickly(page, out):
            self._plainly(page, out)

    @property
    def points(self) -> FloatArray:
        """Values with every input at its point value, shape (node,); NaN if absent.

        Raises
        ------
        ModelError
            A check fails.
        """
        return self._made.points

    def _plainly(self, page: int, out: FloatArray) -> None:
        """Plain meaning: one NumPy operation after another on whole pages."""
        made = self._made

        def leaf(what: Quantile) -> FloatArray:
            values = tabulate(what.marginal)(self.levels.levels(what.column, page))
            return values * what.factor

        def use(position: int, values: FloatArray | float) -> None:
            message = made.messages.get(position)
            if message and not np.all(np.asarray(values) > 0):
                text = f"{message} (draws from {page * PAGE})"
                raise ModelError(text)
            if not np.all(np.isfinite(values)):
                raise NotFinite(page)
            for row in made.rows[position]:
                np.divide(values, self.factors[row], out=out[row])

        with np.errstate(all="ignore"):
            made.program.run(out.shape[1], leaf, use)

    def _quickly(self, page: int, out: FloatArray) -> bool:
        """The same bits from compiled loops; False if there are none, or at a fault."""
        made = self._made
        if kernel.compiled() is None or made.code is None:
            return False
        values = _ROOM.of(len(made.leaves), out.shape[1])
        drawn = values[: len(made.columns)]
        self.levels.fill(made.columns, page, drawn)
        for i, leaf in enumerate(made.leaves[len(drawn) :], start=len(drawn)):
            values[i] = drawn[made.columns.index(leaf.column)]
        made.inputs.fill(values)
        return made.code.run(values, out)

    @property
    def program(self) -> Program:
        """Straight-line code for the nodes and the checks."""
        return self._made.program

    @cached_property
    def _made(self) -> Compiled:
        return compiled(self.graph, self.checks, self.nodes, self.factors)

    def __getstate__(self) -> dict[str, object]:
        """Fields alone: what was compiled holds addresses."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
