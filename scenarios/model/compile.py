"""A checked study -> one model: every scenario and year built into one graph."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from scenarios.errors import NOWHERE, Origin
from scenarios.language.config import Config, Scenario
from scenarios.model.cell import Cell
from scenarios.model.definitions import Definition, describe, quantity
from scenarios.model.inventory import (
    Context,
    Inventory,
    System,
    inventory,
    publish,
    sums,
    weighted,
)
from scenarios.model.levers import Adopted, with_lines
from scenarios.model.scenario import changed, supplies
from scenarios.units import units
from uncertainty.arrays import IntArray
from uncertainty.errors import ModelError
from uncertainty.model import Model, Table
from uncertainty.model.functions import FUNCTION
from uncertainty.model.graph import ABSENT, Graph


@dataclass(frozen=True)
class BuiltCell:
    """One scenario in one year, built.

    Attributes
    ----------
    row, column : int
        Position of scenario and year in the tables.
    members : tuple of (node, Cell)
        Weights and cells of a fleet's members.
    """

    row: int
    column: int
    cell: Cell
    inventory: Inventory
    members: tuple[tuple[int, Cell], ...] = ()


@dataclass
class Compiler:
    """Builds the cells of a study one by one into a graph.

    Attributes
    ----------
    config : Config
    definitions : mapping of id to Definition
    origins : mapping of (section, id) to Origin
    scenarios : mapping of name to Scenario
    reference : str
    system : System or None
        None for a study without a chain.
    footprint_units : str or None
    graph : Graph
    """

    config: Config
    definitions: Mapping[str, Definition]
    origins: Mapping[tuple[str, str], Origin]
    scenarios: Mapping[str, Scenario]
    reference: str
    system: System | None
    footprint_units: str | None
    graph: Graph

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the tables' rows: scenarios, then fleets."""
        return (*self.scenarios, *self.config.fleets)

    @property
    def years(self) -> tuple[int, ...]:
        """Years of any scenario, rising; empty if none has any."""
        found = {year for name in self.scenarios for year in self.years_of(name)}
        return tuple(sorted(found))

    def years_of(self, name: str) -> tuple[int, ...]:
        """Years of a scenario: its own, else the study's; those all members share."""
        if (fleet := self.config.fleets.get(name)) is not None:
            each = [set(self.years_of(member)) for member in fleet.shares]
            return tuple(sorted(set.intersection(*each)))
        own = self.scenarios[name].years
        return tuple(own if own is not None else self.config.years)

    def cells_of(self, name: str) -> tuple[tuple[str, int | None], ...]:
        """A scenario in each of its years, or in none."""
        return tuple((name, year) for year in self.years_of(name) or (None,))

    def model(self) -> Model:
        """The model; see `scenarios.model.study.Study.model`."""
        built_cells = [
            self._build(row, name, column, year)
            for row, name in enumerate(self.rows)
            for column, year in enumerate(self.years or (None,))
            if year is None or year in self.years_of(name)
        ]
        tables = self._footprint(built_cells) if self.system is not None else []
        if self.config.outputs:
            tables.insert(1 if tables else 0, self._outputs(built_cells))
        checks = {c.node: c for built in built_cells for c in built.inventory.checks}
        return Model(
            self.graph,
            self.rows,
            self.years,
            {table.name: table for table in self._inputs(built_cells)},
            {table.name: table for table in tables},
            tuple(checks.values()),
        )

    def _build(self, row: int, name: str, column: int, year: int | None) -> BuiltCell:
        if name not in self.scenarios:
            return self._fleet(row, name, column, year)
        scenario = self.scenarios[name]
        origin = self.origins.get(("scenarios", name), NOWHERE)
        definitions = changed(self.definitions, name, scenario, origin)
        cell, found = self._built(name, definitions, year)
        return BuiltCell(row, column, cell, found)

    def _built(
        self, name: str, definitions: Mapping[str, Definition], year: int | None
    ) -> tuple[Cell, Inventory]:
        """A scenario's cell and inventory on some definitions."""
        scenario = self.scenarios[name]
        outputs = {name: out.formula for name, out in self.config.outputs.items()}
        tables = self.config.tables
        cell = Cell(
            self.graph, definitions, year, self.config.paths, outputs, tables=tables
        )
        found = Inventory()
        if self.system is not None:
            supplied = supplies(self.system.supplies, scenario)
            adopted = self._adopted(cell, name, scenario)
            routes = {**self.system.routes, **scenario.routes}
            system = replace(self.system, routes=routes)
            found = inventory(cell, system, supplied, adopted)
            publish(cell, found)
            cell.results["lever_cost"] = self._cost(cell, adopted)
        return cell, found

    def context(self, name: str, year: int | None) -> Context:
        """A cell of a study with a chain, with the system as its scenario has it."""
        if self.system is None:
            raise ModelError("the study has no chain, so it has no matrices")
        scenario = self.scenarios[name]
        definitions = changed(self.definitions, name, scenario, NOWHERE)
        tables = self.config.tables
        cell = Cell(self.graph, definitions, year, self.config.paths, tables=tables)
        adopted = self._adopted(cell, name, scenario)
        lines = with_lines(self.system.processes, (use.lever for use in adopted))
        routes = {**self.system.routes, **scenario.routes}
        system = replace(self.system, processes=lines, routes=routes)
        supplied = supplies(self.system.supplies, scenario)
        return Context(cell, system, supplied, adopted)

    def _fleet(self, row: int, name: str, column: int, year: int | None) -> BuiltCell:
        """A fleet: its members' inventories, weighted.

        What varies between plants has a column of its own in each member and averages
        out; what is not known is one draw for all and does not.
        """
        own = Cell(
            self.graph,
            self.definitions,
            year,
            self.config.paths,
            tables=self.config.tables,
        )
        members: list[tuple[int, Cell, Inventory]] = []
        for member, share in self.config.fleets[name].shares.items():
            origin = self.origins.get(("scenarios", member), NOWHERE)
            stated = changed(self.definitions, member, self.scenarios[member], origin)
            definitions = of_member(stated, name, member)
            weight = own.formula(share)
            members.append((weight, *self._built(member, definitions, year)))
        whole = weighted(self.graph, [(w, found) for w, _, found in members])
        if self.system is not None:
            publish(own, whole)
            each = [(w, c.results["lever_cost"]) for w, c, _ in members]
            costs = [self.graph.product(weight, cost) for weight, cost in each]
            own.results["lever_cost"] = self.graph.total(costs)
        return BuiltCell(row, column, own, whole, tuple((w, c) for w, c, _ in members))

    def _adopted(
        self, cell: Cell, name: str, scenario: Scenario
    ) -> tuple[Adopted, ...]:
        """Levers of a scenario with the nodes of their adoption shares."""
        found = []
        for lever, use in scenario.levers.items():
            origin = self.origins.get(("scenarios", name), NOWHERE)
            origin = origin.below("levers", lever)
            share = quantity(f"adoption.{lever}", use, units().parse("1"), origin)
            node = cell.build(share)
            self.graph.name(node, f"adoption.{lever}")
            found.append(Adopted(lever, self.config.levers[lever], node))
        return tuple(found)

    def _cost(self, cell: Cell, adopted: tuple[Adopted, ...]) -> int:
        """What the levers cost per unit of the declared product."""
        costs = [
            self.graph.product(use.adoption, cell.formula(use.lever.cost))
            for use in adopted
            if use.lever.cost is not None
        ]
        return self.graph.total(costs)

    def _empty(self, *sizes: int) -> IntArray:
        shape = (len(self.rows), max(len(self.years), 1), *sizes)
        return np.full(shape, ABSENT, dtype=np.int64)

    def _footprint(self, built_cells: list[BuiltCell]) -> list[Table]:
        text = str(self.footprint_units)
        factor = units().parse(text).factor
        nodes = self._empty()
        for built in built_cells:
            nodes[built.row, built.column] = built.cell.results["footprint"]
        tables = [Table("footprint", "Carbon footprint", nodes, text, factor)]
        details = (
            ("accounts", "Footprint by account", ("account",)),
            ("contribution", "Footprint by stage and source", ("stage", "source")),
            ("by_gas", "Footprint by greenhouse gas", ("gas",)),
            ("stages", "Footprint by stage", ("stage",)),
            ("sources", "Footprint by source", ("source",)),
            ("flow", "Footprint by flow", ("name",)),
        )
        for name, words, dims in details:
            blank = Table(name, words, nodes, text, factor, dims)
            tables.append(self._sums(blank, built_cells))
        # totals of what is kept already, and every leg and material: statistics only,
        # the draws would fill the disk
        *kept, stages, sources, flow = tables
        coords = {"flow": flow.coords["name"]}
        flows = replace(flow, name="flows", dims=("flow",), coords=coords)
        rest = [replace(table, stored=False) for table in (stages, sources, flows)]
        return [*kept, *rest]

    def _sums(self, table: Table, built_cells: list[BuiltCell]) -> Table:
        """Sums of flows by label; a combination that a cell lacks is absent."""
        dims = table.dims
        parts = [sums(built.cell, built.inventory, *dims) for built in built_cells]
        coords = {
            dim: tuple(dict.fromkeys(key[i] for part in parts for key in part))
            for i, dim in enumerate(dims)
        }
        nodes = self._empty(*(len(coords[dim]) for dim in dims))
        at = {dim: {k: i for i, k in enumerate(coords[dim])} for dim in dims}
        for built, part in zip(built_cells, parts, strict=True):
            for key, node in part.items():
                where = (at[dim][k] for dim, k in zip(dims, key, strict=True))
                nodes[(built.row, built.column, *where)] = node
        return replace(table, nodes=nodes, coords=coords)

    def _outputs(self, built_cells: list[BuiltCell]) -> Table:
        stated = self.config.outputs
        nodes = self._empty(len(stated))
        for built in built_cells:
            for i, (name, output) in enumerate(stated.items()):
                unit = self.graph.constant(units().parse(output.units).factor)
                node = self._output(built, name)
                self.graph.name(node, f"outputs.{name}")
                nodes[built.row, built.column, i] = self.graph.apply(
                    "div", (node, unit)
                )
        return Table(
            "outputs",  # a variable may not be called as one of its own dims
            "Declared outputs, each in its own units",
            nodes,
            "see output_units",
            dims=("output",),
            coords={"output": tuple(stated)},
        )

    def _output(self, built: BuiltCell, name: str) -> int:
        """An output of one cell; of a fleet the weighted mean of its members'."""
        if not built.members:
            return self._one_output(built.cell, name)
        parts = [
            self.graph.product(weight, self._one_output(cell, name))
            for weight, cell in built.members
        ]
        return self.graph.total(parts)

    def _one_output(self, cell: Cell, name: str) -> int:
        """An output of a cell: its formula, or what a Python function makes of it."""
        operation = f"{FUNCTION}{name}"
        if operation not in self.graph.functions:
            return cell.output(name)
        apply, constant = self.graph.apply, self.graph.constant
        arguments = [
            apply("div", (cell.node(id), constant(cell.definitions[id].unit.factor)))
            for id in self.config.inputs
        ]
        unit = constant(units().parse(self.config.outputs[name].units).factor)
        return apply("mul", (apply(operation, tuple(arguments)), unit))

    def _inputs(self, built_cells: list[BuiltCell]) -> list[Table]:
        """Inputs that some output reads; formulas are not inputs but the config's."""
        tables = []
        row = self.rows.index(self.reference)
        shown = next(built for built in built_cells if built.row == row)
        for id, what in self.definitions.items():
            single = [built for built in built_cells if not built.members]
            if not any(id in built.cell.built for built in single):
                continue
            known = [built.cell.definitions[id] for built in single]
            if all(d.expression is not None for d in known):
                continue
            nodes = self._empty()
            for built in built_cells:
                # of what varies between plants a fleet has as many as members
                own = what.papers.get("nature") == "variability"
                if not (built.members and own):
                    nodes[built.row, built.column] = built.cell.node(id)
            stated = shown.cell.definitions[id]
            attrs = dict(stated.papers)
            attrs["distribution"] = describe(stated)
            attrs["column"] = stated.column
            label = attrs.get("label", id)
            unit = what.unit
            tables.append(Table(id, label, nodes, unit.text, unit.factor, attrs=attrs))
        return tables


def of_member(
    definitions: Mapping[str, Definition], fleet: str, member: str
) -> dict[str, Definition]:
    """Definitions of a member of a fleet: what varies between plants is its own."""
    return {
        id: replace(what, column=f"{what.column}@{fleet}.{member}")
        if what.papers.get("nature") == "variability"
        else what
        for id, what in definitions.items()
    }
