"""A cell of a study as matrices: what each column takes, emits and is weighted by.

A column is a process, a product that several processes make, a bought product or a
supply of electricity; each makes one unit of itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from scenarios.model.inventory import CO2E, Context, Inventory, allocated, running
from scenarios.model.levers import power
from scenarios.units import units

Column = tuple[str, str]
"""``process``, ``product``, ``supply`` or ``gas``, and its id."""
ENERGY = "kWh"
"""What supplies are counted in."""
MASS = "kg"


@dataclass(frozen=True)
class Exchange:
    """A cell of a matrix.

    Attributes
    ----------
    row, column : Column
    node : int
        Of the model's graph, in base units.
    factor : float
        What it is divided by to be in units of the row per unit of the column.
    """

    row: Column
    column: Column
    node: int
    factor: float


@dataclass
class Matrices:
    """What one declared unit needs, as matrices in the words of LCA.

    Attributes
    ----------
    declared : Column
        What the footprint is of.
    columns : dict of Column to units
    technosphere, biosphere : list of Exchange
        What a unit of a column takes, and emits.
    characterisation : list of Exchange
        kg CO2e per kg of a gas; row and column are the gas.
    """

    declared: Column
    columns: dict[Column, str] = field(default_factory=dict)
    technosphere: list[Exchange] = field(default_factory=list)
    biosphere: list[Exchange] = field(default_factory=list)
    characterisation: list[Exchange] = field(default_factory=list)

    @property
    def gases(self) -> list[str]:
        """Gases that are emitted."""
        return [exchange.row[1] for exchange in self.characterisation]


def matrices(context: Context, declared_units: str) -> Matrices:
    """Matrices of all that the declared product needs.

    Parameters
    ----------
    context : Context
        Of a cell that has been built without faults.
    declared_units : str
        What the declared product is counted in.

    Examples
    --------
    >>> import scenarios
    >>> study = scenarios.load("configs/minimal.yaml")
    >>> context = study.compiler(study.model().graph).context("hydro", None)
    >>> found = matrices(context, "t")
    >>> [name for _, name in found.columns]
    ['casting', 'electrolysis', 'alumina', 'smelting.power']
    >>> [(e.row[1], e.column[1]) for e in found.biosphere]
    [('CO2', 'electrolysis'), ('CO2e', 'alumina'), ('CO2e', 'smelting.power')]
    """
    lines = _Lines(context)
    found = Matrices(lines.maker(context.system.declared))
    found.columns[found.declared] = declared_units
    gases: dict[Column, None] = {}
    todo = [found.declared]
    for column in todo:  # it grows while it is read
        here = units().parse(found.columns[column]).factor
        rows: dict[Column, int] = {}
        for row, node in lines.of(column):
            before = rows.get(row, context.cell.graph.constant(0.0))
            rows[row] = context.cell.graph.apply("add", (before, node))
        for row, node in rows.items():
            if row[0] == "gas":
                gases[row] = None
                factor = units().parse(MASS).factor / here
                found.biosphere.append(Exchange(row, column, node, factor))
                continue
            if row not in found.columns:
                found.columns[row] = lines.units_of(row)
                todo.append(row)
            factor = units().parse(found.columns[row]).factor / here
            found.technosphere.append(Exchange(row, column, node, factor))
    for gas in gases:
        known = gas[1] != CO2E
        cell = context.cell
        node = cell.node(f"gwp.{gas[1]}") if known else cell.graph.constant(1.0)
        found.characterisation.append(Exchange(gas, gas, node, 1.0))
    return found


class _Lines:
    """What each column takes and emits, in base units."""

    def __init__(self, context: Context) -> None:
        self.context, system = context, context.system
        self.shares = running(context.cell, system, Inventory())
        self.makers: dict[str, list[str]] = {}
        for name in self.shares:
            product = system.processes[name].makes.product
            self.makers.setdefault(product, []).append(name)

    def maker(self, product: str) -> Column:
        """The column that makes a product."""
        makers = self.makers.get(product, ())
        return ("process", makers[0]) if len(makers) == 1 else ("product", product)

    def units_of(self, column: Column) -> str:
        kind, name = column
        system = self.context.system
        if kind == "supply":
            return ENERGY
        if kind == "product" and name in system.products:
            return system.products[name].units
        process = name if kind == "process" else self.makers[name][0]
        return system.processes[process].makes.counted_in

    def of(self, column: Column) -> Iterator[tuple[Column, int]]:
        """Rows of a column with their nodes; a row may come twice."""
        kind, name = column
        context, cell = self.context, self.context.cell
        if kind == "supply":
            parts = power(cell, name, context.supplies[name], context.adopted)
            every = (parts.bought, parts.direct, parts.owned_upstream)
            yield ("gas", CO2E), cell.graph.total(every)
        elif kind == "process":
            yield from self._of_process(name)
        elif name in context.system.products:
            for line, emission in context.system.products[name].emits.items():
                yield ("gas", emission.gas or line), cell.formula(emission.amount)
        else:
            for process in self.makers[name]:
                share = self.shares[process]
                node = cell.graph.constant(1.0) if share is None else share
                yield ("process", process), node

    def _of_process(self, name: str) -> Iterator[tuple[Column, int]]:
        process = self.context.system.processes[name]
        for line, need in process.needs.items():
            node = allocated(self.context, (name, "needs", line), need.amount)
            if need.supply is not None:
                yield ("supply", need.supply), node
            else:
                yield self.maker(need.product or line), node
        for line, emission in process.emits.items():
            node = allocated(self.context, (name, "emits", line), emission.amount)
            yield ("gas", emission.gas or line), node


def nodes(exchanges: list[Exchange]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Nodes of exchanges, as a table of a model takes them."""
    return np.array([exchange.node for exchange in exchanges], dtype=np.int64)
