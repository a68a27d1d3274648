"""The inventory of one cell: every flow with its stage, source, account and gas.

A process's own flows go to its stage; what it buys goes to its stage too. Summed in
whatever way, the flows give the same footprint.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from scenarios.language.config import Need, Process, Product
from scenarios.language.supplies import Supply
from scenarios.language.terms import SOURCES, AccountName
from scenarios.model.cell import Cell
from scenarios.model.chain import requirements
from scenarios.model.levers import Adopted, Place, amount, power, with_lines
from uncertainty.model import Check
from uncertainty.model.graph import Graph

CO2E = "CO2e"
UNSPECIFIED = "unspecified"
"""Gas of factors that are known only as CO2e; no GWP set moves them."""


@dataclass(frozen=True)
class Flow:
    """Greenhouse gas of one line, kg CO2e per kg of the declared product."""

    process: str
    line: str
    stage: str
    source: str
    account: str
    gas: str
    node: int

    @property
    def name(self) -> str:
        """Process and line as one word."""
        return f"{self.process}.{self.line}"


@dataclass
class Inventory:
    """Everything a cell emits, takes and makes per unit of the declared product.

    Attributes
    ----------
    flows : list of Flow
    demand : dict of product to node
        Amount made or bought, base units; 0 of what the declared product does not take.
    emitted : dict of "process.line" to node
        Mass of the gas of a process's own emission.
    electricity : dict of supply id to node
        Energy taken from it.
    stages : tuple of str
        Of all processes, those that the declared product does not need included.
    checks : list of Check
    """

    flows: list[Flow] = field(default_factory=list)
    demand: dict[str, int] = field(default_factory=dict)
    emitted: dict[str, int] = field(default_factory=dict)
    electricity: dict[str, int] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    checks: list[Check] = field(default_factory=list)


@dataclass(frozen=True)
class System:
    """Processes, bought products and supplies of a study, checked before."""

    processes: Mapping[str, Process]
    products: Mapping[str, Product]
    supplies: Mapping[str, Supply]
    owned: frozenset[str]
    declared: str
    per: Mapping[str, float]
    """Amount of product, base units, that a process's figures are stated per."""

    def maker(self, product: str) -> str | None:
        """Process that makes a product, if one does."""
        for name, process in self.processes.items():
            if process.makes.product == product:
                return name
        return None


@dataclass(frozen=True)
class Here:
    """A cell with what stands in it: system, supplies, levers at work.

    Attributes
    ----------
    cell : Cell
    system : System
        With the lines that levers add.
    supplies : mapping of id to Supply
        As the scenario has them.
    adopted : tuple of Adopted
    """

    cell: Cell
    system: System
    supplies: Mapping[str, Supply]
    adopted: tuple[Adopted, ...] = ()


def inventory(
    cell: Cell,
    system: System,
    supplies: Mapping[str, Supply],
    adopted: tuple[Adopted, ...] = (),
) -> Inventory:
    """Flows of one cell, scaled to one unit of the declared product."""
    processes = with_lines(system.processes, (use.lever for use in adopted))
    system = replace(system, processes=processes)
    here = Here(cell, system, supplies, adopted)
    graph = cell.graph
    uses: dict[str, dict[str, int]] = {}
    for name, process in system.processes.items():
        mine = uses.setdefault(process.makes.product, {})
        for line, need in process.needs.items():
            product = need.product or line
            if need.supply is None and system.maker(product):
                amount = _amount(here, (name, "needs", line), need.amount)
                if product in mine:
                    amount = graph.apply("add", (mine[product], amount))
                mine[product] = amount
    found = Inventory()
    made, checks = requirements(graph, uses, system.declared)
    found.checks += checks
    for product, node in made.items():
        found.demand[product] = graph.name(node, f"demand.{product}")
    for name, process in system.processes.items():
        if process.makes.product in made:
            _trace(here, name, process, found)
    _complete(graph.constant(0.0), system, found)
    found.checks += cell.checks
    return found


def _complete(zero: int, system: System, found: Inventory) -> None:
    """Say 0 of what one declared unit does not take, so that outputs can read it."""
    processes = system.processes
    found.stages = tuple(process.stage for process in processes.values())
    made = (process.makes.product for process in processes.values())
    for product in (*made, *system.products):
        found.demand.setdefault(product, zero)
    for name, process in processes.items():
        for line in process.emits:
            found.emitted.setdefault(f"{name}.{line}", zero)
    for name in system.supplies:
        found.electricity.setdefault(name, zero)


def _amount(here: Here, place: Place, stated: str | float) -> int:
    """Node of an amount per base unit of what the process makes, as allocated."""
    cell, process = here.cell, place[0]
    graph = cell.graph
    node = amount(cell, cell.formula(stated), place, here.adopted)
    if (per := here.system.per[process]) != 1.0:
        node = graph.apply("div", (node, graph.constant(per)))
    share = here.system.processes[process].allocation
    return node if share is None else graph.product(node, cell.formula(share))


def _trace(here: Here, name: str, process: Process, found: Inventory) -> None:
    """Flows of one process, its own and those of what it buys."""
    cell, system = here.cell, here.system
    graph = cell.graph
    scale = found.demand[process.makes.product]
    owned = name in system.owned

    def add(line: str, source: str, account: str, gas: str, node: int) -> None:
        inside = account if owned else "upstream"
        label = UNSPECIFIED if gas == CO2E else gas
        flow = Flow(name, line, process.stage, source, inside, label, node)
        graph.name(node, f"{name}.{line}")
        found.flows.append(flow)

    for line, emission in process.emits.items():
        gas = emission.gas or line
        own = _amount(here, (name, "emits", line), emission.amount)
        mass = graph.product(own, scale)
        found.emitted[f"{name}.{line}"] = mass
        account = emission.account or "direct"
        source = emission.source or "process"
        add(line, source, account, gas, _characterised(cell, gas, mass))
    for line, need in process.needs.items():
        product = need.product or line
        if need.supply is None and system.maker(product):
            continue
        own = _amount(here, (name, "needs", line), need.amount)
        taken = graph.product(own, scale)
        if need.supply is not None:
            _electricity(here, need, taken, line, add, found)
        else:
            before = found.demand.get(product, graph.constant(0.0))
            found.demand[product] = graph.apply("add", (before, taken))
            bought = system.products[product]
            _bought(cell, bought, need, taken, line, add)


_Add = Callable[[str, str, str, str, int], None]


def _electricity(
    here: Here, need: Need, taken: int, line: str, add: _Add, found: Inventory
) -> None:
    graph = here.cell.graph
    name = str(need.supply)
    before = found.electricity.get(name, graph.constant(0.0))
    found.electricity[name] = graph.apply("add", (before, taken))
    parts = power(here.cell, name, here.supplies[name], here.adopted)
    source = need.source or "electricity"
    # what a captive plant emits is its owner's own; the rest of its factor is fuel
    for account, node in (
        (need.account or "electricity", parts.bought),
        ("direct", parts.direct),
        ("upstream", parts.owned_upstream),
    ):
        if graph.value(node) != 0.0:
            add(line, source, account, CO2E, graph.product(node, taken))


def _bought(
    cell: Cell, product: Product, need: Need, taken: int, line: str, add: _Add
) -> None:
    graph = cell.graph
    for part, emission in product.emits.items():
        gas = emission.gas or part
        mass = graph.product(cell.formula(emission.amount), taken)
        account = need.account or emission.account or "upstream"
        source = need.source or emission.source or product.source
        add(line, source, account, gas, _characterised(cell, gas, mass))


def _characterised(cell: Cell, gas: str, mass: int) -> int:
    return mass if gas == CO2E else cell.graph.product(mass, cell.node(f"gwp.{gas}"))


def weighted(graph: Graph, parts: list[tuple[int, Inventory]]) -> Inventory:
    """Weighted sum of inventories: what a fleet emits, takes and makes."""
    found = Inventory()
    for weight, part in parts:
        for flow in part.flows:
            found.flows.append(replace(flow, node=graph.product(weight, flow.node)))
        for word in ("demand", "emitted", "electricity"):
            mine, theirs = getattr(found, word), getattr(part, word)
            for name, node in theirs.items():
                more = graph.product(weight, node)
                before = mine.get(name, graph.constant(0.0))
                mine[name] = graph.apply("add", (before, more))
        found.checks += part.checks
        found.stages = part.stages
    return found


def sums(cell: Cell, flows: Iterable[Flow], *words: str) -> dict[tuple[str, ...], int]:
    """Node of the sum of flows for each combination of the attributes named."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for flow in flows:
        key = tuple(str(getattr(flow, word)) for word in words)
        groups.setdefault(key, []).append(flow.node)
    return {key: cell.graph.total(nodes) for key, nodes in groups.items()}


def publish(cell: Cell, found: Inventory) -> None:
    """Make results readable by the formulas of outputs."""
    graph = cell.graph
    stages = sums(cell, found.flows, "stage", "source")
    cell.results["footprint"] = graph.name(graph.total(stages.values()), "footprint")
    known = {"stage": found.stages, "source": SOURCES, "account": get_args(AccountName)}
    for word, labels in known.items():
        zero = graph.constant(0.0)
        cell.results |= {f"{word}.{label}": zero for label in labels}
        for key, node in sums(cell, found.flows, word).items():
            cell.results[f"{word}.{key[0]}"] = node
    for name, node in found.demand.items():
        cell.results[f"demand.{name}"] = node
    for name, node in found.emitted.items():
        cell.results[f"emitted.{name}"] = node
    for name, node in found.electricity.items():
        cell.results[f"supply.{name}"] = node
    cell.results["supply.electricity"] = graph.total(found.electricity.values())
