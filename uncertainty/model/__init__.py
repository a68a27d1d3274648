"""What a model is: labelled nodes of a graph, cell by cell of scenario and year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.distributions import Marginal
from uncertainty.errors import ModelError
from uncertainty.model.functions import Function, operations
from uncertainty.model.graph import ABSENT, Graph, point, program


@dataclass(frozen=True)
class Table:
    """Labelled nodes that make one variable of the result.

    Attributes
    ----------
    name, long_name : str
        Name in the result and its plain words.
    dims : tuple of str
        Dims beyond scenario, year and draw.
    coords : mapping of dim to labels
    nodes : ndarray of int, shape (scenario, year, *dims)
        Node of each cell; `ABSENT` where a cell does not have it.
    units : str
        Declared units of the result.
    factor : float
        Declared units in coherent base units; nodes are divided by it.
    attrs : mapping
        What else the domain wants to be kept with the variable.
    shared : tuple of str
        Of "scenario" and "year", those that `nodes` has only one cell of because
        all share it.
    stored : bool
        Whether a result keeps its draws, or only their statistics.
    """

    name: str
    long_name: str
    nodes: IntArray
    units: str
    factor: float = 1.0
    dims: tuple[str, ...] = ()
    coords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attrs: Mapping[str, str] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    stored: bool = True

    def compact(self) -> "Table":
        """The same table without the scenario or year dim that changes nothing."""
        nodes, shared = self.nodes, []
        for axis, dim in enumerate(("scenario", "year")):
            first = nodes.take([0], axis=axis)
            if (nodes == first).all():
                nodes = first
                shared.append(dim)
        return replace(self, nodes=nodes, shared=tuple(shared))


@dataclass(frozen=True)
class Check:
    """A node that has to stay above zero in every draw, and what it means if not."""

    node: int
    message: str


@dataclass(frozen=True)
class Model:
    """Inputs and outputs of a study as nodes of one graph.

    Attributes
    ----------
    graph : Graph
    scenarios : tuple of str
    years : tuple of int
        Empty for a study without years; nodes then have one year cell.
    inputs : mapping of id to Table
        What the model reads, uncertain or not, in declared units.
    outputs : mapping of name to Table
        What the model answers. The engine labels their dims without knowing
        what they mean.
    checks : tuple of Check

    Examples
    --------
    >>> import uncertainty
    >>> a = uncertainty.distributions.build("normal", {"mean": 2.0, "sd": 0.1})
    >>> model = uncertainty.Model.from_function(lambda a: a**2, {"a": a}, {"y": "1"})
    >>> list(model.inputs)
    ['a']
    """

    graph: Graph
    scenarios: tuple[str, ...]
    years: tuple[int, ...]
    inputs: Mapping[str, Table]
    outputs: Mapping[str, Table]
    checks: tuple[Check, ...] = ()

    @classmethod
    def from_function(
        cls,
        function: Function,
        inputs: Mapping[str, Marginal],
        outputs: Mapping[str, str],
    ) -> "Model":
        """A model of any Python function of arrays.

        Parameters
        ----------
        function : callable
            Takes each input by keyword, an array of draws, and returns an array, or a
            dict of arrays by output. It is called once a page for each output.
        inputs : mapping of name to Marginal
        outputs : mapping of name to units

        Examples
        --------
        >>> from uncertainty.distributions import build
        >>> a = build("normal", {"mean": 2.0, "sd": 0.1})
        >>> model = Model.from_function(lambda a: a + 1, {"a": a}, {"y": "kg"})
        >>> model.columns
        ('a',)
        """
        one_by_output = operations(function, list(inputs), list(outputs))
        graph = Graph(functions={one.name: one for one in one_by_output.values()})
        nodes = {name: graph.quantile(name, law) for name, law in inputs.items()}

        def table(name: str, node: int, units: str) -> Table:
            return Table(name, name, np.array([[node]]), units)

        return cls(
            graph,
            ("model",),
            (),
            {name: table(name, node, "1") for name, node in nodes.items()},
            {
                name: table(name, graph.apply(one.name, tuple(nodes.values())), units)
                for (name, one), units in zip(
                    one_by_output.items(), outputs.values(), strict=True
                )
            },
        )

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of the design, baseline's first, then those scenarios add."""
        tables = [*self.inputs.values(), *self.outputs.values()]
        cells = len(self.scenarios) * max(len(self.years), 1)
        nodes = np.concatenate([t.nodes.reshape(cells, -1) for t in tables], axis=1)
        columns: dict[str, None] = {}
        for cell in nodes:
            columns |= dict.fromkeys(self.graph.columns(np.unique(cell).tolist()))
        return tuple(columns)

    def point(self, table: Table) -> FloatArray:
        """Deterministic run: `table` with every input at its point value.

        Returns
        -------
        ndarray, shape of ``table.nodes``
            In the table's units, NaN where a cell is absent.

        Raises
        ------
        ModelError
            A check fails at the point values.
        """
        nodes = table.nodes.ravel().tolist()
        values = self._points
        if not values.keys() >= set(nodes):  # a table of the caller's own making
            values = self._values(nodes)
        points = np.array([values[node] for node in nodes])
        return (points / table.factor).reshape(table.nodes.shape)

    @cached_property
    def _points(self) -> dict[int, float]:
        """Point values of the nodes of all inputs and outputs."""
        tables = [*self.inputs.values(), *self.outputs.values()]
        return self._values([n for t in tables for n in t.nodes.ravel().tolist()])

    def _values(self, nodes: Sequence[int]) -> dict[int, float]:
        """Point values of nodes, base units; raises if a check fails."""
        checks = [check.node for check in self.checks]
        run = program(self.graph, [*nodes, *checks])
        values = {ABSENT: float("nan")}

        def keep(position: int, value: FloatArray | float) -> None:
            values[run.outputs[position]] = float(np.ravel(value)[0])

        with np.errstate(all="ignore"):
            run.run(1, point, keep)
        for check in self.checks:
            if not values[check.node] > 0:
                raise ModelError(check.message)
        return values
