"""Cells of a study with open slots, as functions that draw by draw fill arrays.

Each input, each supply's factor and each lever's adoption is a leaf, a *slot*, that is
filled in the page: with the study's own draws, or with those moved. Scenarios and years
that then have the same arithmetic share one function.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scenarios.errors import NOWHERE
from scenarios.explorer import offers
from scenarios.explorer.code import loop
from scenarios.language.config import Scenario
from scenarios.language.levers import Lever
from scenarios.language.supplies import Supply
from scenarios.model.cell import Cell
from scenarios.model.compile import of_member
from scenarios.model.definitions import Definition, of_mix, quantity
from scenarios.model.inventory import Inventory, System, inventory, publish
from scenarios.model.levers import Adopted
from scenarios.model.power import Supplied, supplied
from scenarios.model.scenario import changed, supplies
from scenarios.model.study import Study
from scenarios.units import units
from uncertainty.distributions import build
from uncertainty.model.graph import Graph, Quantile

OPEN = build("normal", {"mean": 0.0, "sd": 1.0})
"""Stands for what fills a slot; not constant, so that no arithmetic is done on it."""
SUPPLY, INPUT, LEVER = "supply:", "input:", "lever:"
"""What a slot's column begins with; no id of a study has a colon."""

Structure = dict[str, Any]
"""Of one kind of cell: its function, its flows, and what its supplies may be."""


@dataclass(frozen=True)
class Here:
    """One scenario in one year, as the study states it."""

    name: str
    scenario: Scenario
    year: int | None
    definitions: Mapping[str, Definition]

    @property
    def signature(self) -> object:
        """What decides the arithmetic of the cell."""
        levers = self.scenario.levers.items()
        shaped = [
            d
            for d in self.definitions.values()
            if d.expression is not None or d.factors or d.knots
        ]
        return (
            self.year,
            tuple((name, str(use.formula)) for name, use in levers if use.formula),
            tuple((d.id, *map(_shape, (d, *(k for _, k in d.knots)))) for d in shaped),
        )


def _shape(what: Definition) -> tuple[object, ...]:
    formula = what.expression.text if what.expression is not None else None
    return formula, what.factors


def places(study: Study, name: str, fleet: str = "") -> Iterator[Here]:
    """A scenario in each of its years; one place for a study without years.

    As a member of a fleet it has draws of its own of what varies between plants.
    """
    scenario = study.scenarios[name]
    origin = study.origins.get(("scenarios", name), NOWHERE)
    definitions = changed(study.definitions, name, scenario, origin)
    if fleet:
        definitions = of_member(definitions, fleet, name)
    own = scenario.years
    for year in (own if own is not None else study.config.years) or (None,):
        yield Here(name, scenario, year, definitions)


@dataclass
class Pool:
    """Things kept once each, by what they are, under a running number."""

    found: dict[Any, int] = field(default_factory=dict)

    def place(self, thing: Any) -> int:
        """Number of a thing; a new one if it was not there."""
        return self.found.setdefault(thing, len(self.found))

    def __iter__(self) -> Iterator[Any]:
        """Things in the order of their numbers."""
        return iter(self.found)


class Cells:
    """Functions of a study's cells and supplies, each text once.

    Parameters
    ----------
    study : Study
    system : System
    names : list of str
        Scenarios to choose from.

    Attributes
    ----------
    slots : Pool of str
        ``input:ID``, ``supply:ID``, ``lever:NAME``, and ``leaf:NUMBER`` for what the
        study draws and nothing moves.
    leaves : Pool of Quantile
    code : dict of str to list of str
        JavaScript of ``cells`` and ``elements``.
    """

    def __init__(self, study: Study, system: System, names: list[str]) -> None:
        self.study, self.system, self.names = study, system, names
        self.known = frozenset(study.model().inputs)
        self.tables = offers.tables(study)
        used = {lever for s in study.scenarios.values() for lever in s.levers}
        self.levers: dict[str, Lever] = {
            name: lever for name, lever in study.config.levers.items() if name in used
        }
        self.slots, self.leaves = Pool(), Pool()
        self.code: dict[str, list[str]] = {"cells": [], "elements": []}
        self._graph = Graph()
        self._cells, self._elements = Pool(), Pool()
        self._made: dict[object, Structure] = {}
        self._build(here for name in names for here in places(study, name))

    def of(self, here: Here) -> Structure:
        """What a place is computed with."""
        return self._made[here.signature]

    @property
    def structures(self) -> list[Structure]:
        """All of them, in the order of their numbers."""
        return list(self._made.values())

    def _build(self, every: Iterator[Here]) -> None:
        open_cells: list[tuple[Structure, Cell]] = []
        for here in every:
            if here.signature not in self._made:
                cell, found = self._cell(here)
                made: Structure = {
                    "number": len(self._made),
                    "cell": self._function_of(cell, found),
                    "flows": [[f.stage, f.name, f.source] for f in found.flows],
                }
                self._made[here.signature] = made
                open_cells.append((made, cell))
        # what supplies there are to choose from is known when all cells are there
        self.options = {
            name: self._options(name)
            for name in self.system.supplies
            if f"{SUPPLY}{name}" in self.slots.found
        }
        every_option = [one for each in self.options.values() for one in each]
        self.mixes = (
            offers.mixes(every_option, self.study, self.known) if every_option else []
        )
        self.technologies = offers.technologies(
            self.mixes, every_option, self.study, self.known
        )
        stated = {self.tables.mixes[name].losses for name in self.mixes}
        self.losses = sorted(stated & self.known)
        # shares of mixes that no scenario takes
        self.shares = {
            what.id: what
            for name in self.mixes
            for what in of_mix(name, self.tables.mixes[name], NOWHERE)
            if what.id not in self.study.definitions
        }
        for made, cell in open_cells:
            made |= self._supplies(cell)

    def _options(self, name: str) -> list[Supply]:
        """Supplies that scenarios take for one of the study's, each once."""
        found: dict[str, Supply] = {}
        for one in self.names:
            made = supplies(self.system.supplies, self.study.scenarios[one])[name]
            found.setdefault(offers.stated(made), made)
        return list(found.values())

    def _cell(self, here: Here) -> tuple[Cell, Inventory]:
        definitions = {id: _held(what) for id, what in here.definitions.items()}
        taken = {}
        for name in self.system.supplies:
            id, one = f"explorer.{name}", units().parse("1")
            slot = Definition(id, one, {}, f"{SUPPLY}{name}", marginal=OPEN)
            definitions[id], taken[name] = slot, Supply(factor=id)
        paths, tables = self.study.config.paths, self.tables
        cell = Cell(self._graph, definitions, here.year, paths, tables=tables)
        adopted = tuple(
            Adopted(name, lever, self._adoption(cell, here, name))
            for name, lever in self.levers.items()
        )
        found = inventory(cell, self.system, taken, adopted)
        publish(cell, found)
        return cell, found

    def _adoption(self, cell: Cell, here: Here, name: str) -> int:
        use = here.scenario.levers.get(name)
        if use is not None and use.formula is not None:
            share = quantity(f"adoption.{name}", use, units().parse("1"), NOWHERE)
            return cell.build(share)
        return self._graph.quantile(f"{LEVER}{name}", OPEN)

    def _supplies(self, cell: Cell) -> Structure:
        """Functions of all that a supply may be, in one kind of cell."""
        held = {id: _held(what) for id, what in self.shares.items()}
        cell.definitions = {**cell.definitions, **held}
        return {
            "options": {
                name: [self._element(cell, one) for one in options]
                for name, options in self.options.items()
            },
            "mixes": {
                name: self._element(cell, Supply(mix=name)) for name in self.mixes
            },
            "technologies": {
                group: {
                    word: self._filling(cell.node(f"power.{factor}"))
                    for word, factor in each.items()
                }
                for group, each in self.technologies.items()
            },
            "losses": {text: self._filling(cell.formula(text)) for text in self.losses},
        }

    def _element(self, cell: Cell, supply: Supply) -> list[Any]:
        """Functions of a supply: as stated, without losses, what losses add; checks."""
        before = len(cell.checks)
        stated = self._sum(supplied(cell, supply))
        checks = [self._filling(check.node) for check in cell.checks[before:]]
        found: list[Any] = [self._filling(stated), None, None, checks]
        if offers.takes_losses(supply, self.study):
            bare, doubled = (
                self._sum(supplied(cell, supply.model_copy(update={"losses": losses})))
                for losses in (0.0, 1.0)
            )
            more = self._graph.apply("sub", (doubled, bare))
            found[1:3] = self._filling(bare), self._filling(more)
        del cell.checks[before:]
        return found

    def _sum(self, parts: Supplied) -> int:
        return self._graph.total((parts.bought, parts.direct, parts.owned_upstream))

    def _slot(self, leaf: Quantile) -> int:
        if leaf.column.startswith((SUPPLY, INPUT, LEVER)):
            return self.slots.place(leaf.column)
        return self.slots.place(f"leaf:{self.leaves.place(leaf)}")

    def _filling(self, node: int) -> int:
        """Number of the function that fills an array with a node."""
        number = self._elements.place(node)
        if number == len(self.code["elements"]):
            body = loop(self._graph, [node], self._slot, lambda x: f"o[i]={x[0]};")
            self.code["elements"].append(f"(S,n,o)=>{{{body}}}")
        return number

    def _function_of(self, cell: Cell, found: Inventory) -> int:
        """Number of the function of a cell: footprint, mean of each flow, checks."""
        flows = [flow.node for flow in found.flows]
        checks = [check.node for check in found.checks]
        nodes = [cell.results["footprint"], *flows, *checks]
        number = self._cells.place((len(flows), *nodes))
        if number == len(self.code["cells"]):
            factor = units().parse(str(self.study.footprint_units)).factor
            sums = [f"q{i}" for i in range(len(flows))]

            def use(names: list[str]) -> str:
                told = [f"F[i]={names[0]}/{factor!r};"]
                parts = zip(sums, names[1 : 1 + len(flows)], strict=True)
                told += [f"{total}+={name};" for total, name in parts]
                told += [f"if(!({x}>0))bad=1;" for x in names[1 + len(flows) :]]
                return "".join(told)

            body = loop(self._graph, nodes, self._slot, use)
            start = ",".join(f"{word}=0" for word in [*sums, "bad"])
            means = "".join(f"M[{i}]={x}/n/{factor!r};" for i, x in enumerate(sums))
            whole = f"(S,n,F,M)=>{{let {start};{body}{means}return bad;}}"
            self.code["cells"].append(whole)
        return number


def _held(what: Definition) -> Definition:
    """A definition whose own value is a slot; formulas and shares stay as they are."""
    if what.expression is not None or what.composition is not None:
        return what
    if offers.formula_knots(what):
        return what
    return replace(
        what, marginal=OPEN, knots=(), column=f"{INPUT}{what.id}", per_year=False
    )
