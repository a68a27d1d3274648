"""The inventory of one cell: every flow with its stage, source, account and gas.

What a process emits and what the products it buys emitted before go to the stage of
the process. However the flows are summed, they give the same footprint.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import get_args

from scenarios.language.config import Config, Need, Process, Product
from scenarios.language.supplies import Supply
from scenarios.language.terms import AccountName, Formula
from scenarios.model.cell import Cell
from scenarios.model.chain import requirements
from scenarios.model.levers import (
    Adopted,
    Exchange,
    amount,
    power,
    touched,
    with_lines,
)
from scenarios.model.power import shares_of
from uncertainty.model import Check
from uncertainty.model.graph import Graph

CO2E = "CO2e"
PROCESS, ELECTRICITY = "process", "electricity"
"""Sources of what a process emits and of a supply where nothing else is stated."""
UNSPECIFIED = "unspecified"
"""Gas of factors that are known only as CO2e; no GWP set moves them."""


def sources(config: Config) -> tuple[str, ...]:
    """Every source that a chain names, each once, and those it has by default."""
    named: list[str | None] = [PROCESS, ELECTRICITY]
    for process in config.processes.values():
        named += (x.source for x in process.needs.values())
        named += (x.source for x in process.emits.values())
    for product in config.products.values():
        named += (product.source, *(x.source for x in product.emits.values()))
    for lever in config.levers.values():
        named += (change.source for _, change in touched(lever))
    return tuple(dict.fromkeys(filter(None, named)))


@dataclass(frozen=True)
class Flow:
    """Greenhouse gas of one exchange, kg CO2e per kg of the declared product."""

    process: str
    line: str
    stage: str
    source: str
    account: str
    gas: str
    node: int

    @property
    def name(self) -> str:
        """Process and exchange in one name."""
        return f"{self.process}.{self.line}"


@dataclass
class Inventory:
    """All that a cell emits, takes and makes per unit of the declared product.

    Attributes
    ----------
    flows : list of Flow
    demand : dict of product to node
        Amount made or bought, base units; 0 of what the declared product does not take.
    made : dict of process to node
        What of its product each process makes, base units.
    emitted : dict of "process.line" to node
        Mass of the gas that a process itself emits.
    electricity : dict of supply id to node
        Energy taken from it.
    stages, sources : tuple of str
        Of all processes, those that the declared product does not need included.
    checks : list of Check
    sums : dict of attributes to nodes
        Sums of flows that have been asked for; see `sums`.
    """

    flows: list[Flow] = field(default_factory=list)
    demand: dict[str, int] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    emitted: dict[str, int] = field(default_factory=dict)
    electricity: dict[str, int] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    checks: list[Check] = field(default_factory=list)
    sums: dict[tuple[str, ...], dict[tuple[str, ...], int]] = field(
        default_factory=dict
    )


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
    sources: tuple[str, ...]
    routes: Mapping[str, Mapping[str, Formula]] = field(default_factory=dict)
    """Product -> processes that make it, with shares, where there are several."""

    @cached_property
    def made(self) -> frozenset[str]:
        """Products that a process of the study makes."""
        return frozenset(process.makes.product for process in self.processes.values())


@dataclass(frozen=True)
class Context:
    """A cell with all that its inventory depends on: system, supplies, levers.

    Attributes
    ----------
    cell : Cell
    system : System
        With the exchanges that levers add.
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
    context = Context(cell, system, supplies, adopted)
    graph = cell.graph
    uses: dict[str, dict[str, int]] = {}
    collected = Inventory()
    routed = running(cell, system, collected)
    for name, process in system.processes.items():
        needed = uses.setdefault(process.makes.product, {})
        for line, need in process.needs.items() if name in routed else ():
            product = need.product or line
            if need.supply is None and product in system.made:
                amount = allocated(context, (name, "needs", line), need.amount)
                if (part := routed[name]) is not None:
                    amount = graph.product(part, amount)
                if product in needed:
                    amount = graph.apply("add", (needed[product], amount))
                needed[product] = amount
    made, checks = requirements(graph, uses, system.declared)
    collected.checks += checks
    for product, node in made.items():
        collected.demand[product] = graph.name(node, f"demand.{product}")
    for name, process in system.processes.items():
        if process.makes.product in made and name in routed:
            demand, part = collected.demand[process.makes.product], routed[name]
            scale = demand if part is None else graph.product(part, demand)
            collected.made[name] = scale
            _trace(context, name, process, scale, collected)
    for product in system.products:
        if product in collected.demand:
            graph.name(collected.demand[product], f"demand.{product}")
    _complete(graph.constant(0.0), system, collected)
    collected.checks += cell.checks
    return collected


def running(cell: Cell, system: System, collected: Inventory) -> dict[str, int | None]:
    """Processes that run, with the node of their share; None makes all of it."""
    found: dict[str, int | None] = {}
    for name, process in system.processes.items():
        if process.makes.product not in system.routes:
            found[name] = None
    for route in system.routes.values():
        shares, checks = shares_of(cell, route)
        found |= dict(shares)
        collected.checks += checks
    return found


def _complete(zero: int, system: System, collected: Inventory) -> None:
    """Enter 0 for what one declared unit does not take, so that outputs can read it."""
    processes = system.processes
    collected.stages = tuple(process.stage for process in processes.values())
    collected.sources = system.sources
    made = (process.makes.product for process in processes.values())
    for product in (*made, *system.products):
        collected.demand.setdefault(product, zero)
    for name, process in processes.items():
        collected.made.setdefault(name, zero)
        for line in process.emits:
            collected.emitted.setdefault(f"{name}.{line}", zero)
    for name in system.supplies:
        collected.electricity.setdefault(name, zero)


def allocated(context: Context, exchange: Exchange, stated: str | float) -> int:
    """Node of an amount per base unit of what the process makes, as allocated."""
    cell, process = context.cell, exchange[0]
    graph = cell.graph
    node = amount(cell, cell.formula(stated), exchange, context.adopted)
    if (per := context.system.per[process]) != 1.0:
        node = graph.apply("div", (node, graph.constant(per)))
    share = context.system.processes[process].allocation
    return node if share is None else graph.product(node, cell.formula(share))


def _trace(
    context: Context, name: str, process: Process, scale: int, collected: Inventory
) -> None:
    """Flows of one process that makes `scale`: what it emits, and what it buys."""
    cell, system = context.cell, context.system
    graph = cell.graph
    owned = name in system.owned

    def add(line: str, source: str, account: str, gas: str, node: int) -> None:
        inside = account if owned else "upstream"
        label = UNSPECIFIED if gas == CO2E else gas
        flow = Flow(name, line, process.stage, source, inside, label, node)
        graph.name(node, f"{name}.{line}")
        collected.flows.append(flow)

    for line, emission in process.emits.items():
        gas = emission.gas or line
        per_unit = allocated(context, (name, "emits", line), emission.amount)
        mass = graph.product(per_unit, scale)
        collected.emitted[f"{name}.{line}"] = mass
        account = emission.account or "direct"
        source = emission.source or PROCESS
        add(line, source, account, gas, _characterised(cell, gas, mass))
    for line, need in process.needs.items():
        product = need.product or line
        if need.supply is None and product in system.made:
            continue
        per_unit = allocated(context, (name, "needs", line), need.amount)
        taken = graph.product(per_unit, scale)
        if need.supply is not None:
            _electricity(context, need, taken, line, add, collected)
        else:
            before = collected.demand.get(product, graph.constant(0.0))
            collected.demand[product] = graph.apply("add", (before, taken))
            bought = system.products[product]
            _bought(cell, bought, need, taken, line, add)


_Add = Callable[[str, str, str, str, int], None]


def _electricity(
    context: Context, need: Need, taken: int, line: str, add: _Add, collected: Inventory
) -> None:
    graph = context.cell.graph
    name = str(need.supply)
    before = collected.electricity.get(name, graph.constant(0.0))
    collected.electricity[name] = graph.apply("add", (before, taken))
    parts = power(context.cell, name, context.supplies[name], context.adopted)
    source = need.source or ELECTRICITY
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
    collected = Inventory()
    for weight, part in parts:
        for flow in part.flows:
            collected.flows.append(replace(flow, node=graph.product(weight, flow.node)))
        for word in ("demand", "made", "emitted", "electricity"):
            totals = getattr(collected, word)
            for name, node in getattr(part, word).items():
                more = graph.product(weight, node)
                before = totals.get(name, graph.constant(0.0))
                totals[name] = graph.apply("add", (before, more))
        collected.checks += part.checks
        collected.stages, collected.sources = part.stages, part.sources
    return collected


def sums(cell: Cell, found: Inventory, *words: str) -> dict[tuple[str, ...], int]:
    """Node of the sum of flows for each combination of the attributes named."""
    if words not in found.sums:
        groups: dict[tuple[str, ...], list[int]] = {}
        for flow in found.flows:
            key = tuple(str(getattr(flow, word)) for word in words)
            groups.setdefault(key, []).append(flow.node)
        found.sums[words] = {k: cell.graph.total(nodes) for k, nodes in groups.items()}
    return found.sums[words]


def publish(cell: Cell, collected: Inventory) -> None:
    """Make results readable by the formulas of outputs."""
    graph = cell.graph
    stages = sums(cell, collected, "stage", "source")
    cell.results["footprint"] = graph.name(graph.total(stages.values()), "footprint")
    known = {
        "stage": collected.stages,
        "source": collected.sources,
        "account": get_args(AccountName),
    }
    for word, labels in known.items():
        zero = graph.constant(0.0)
        cell.results |= {f"{word}.{label}": zero for label in labels}
        for key, node in sums(cell, collected, word).items():
            cell.results[f"{word}.{key[0]}"] = node
    for name, node in collected.demand.items():
        cell.results[f"demand.{name}"] = node
    for name, node in collected.made.items():
        cell.results[f"made.{name}"] = node
    for name, node in collected.emitted.items():
        cell.results[f"emitted.{name}"] = node
    for name, node in collected.electricity.items():
        cell.results[f"supply.{name}"] = node
    cell.results["supply.electricity"] = graph.total(collected.electricity.values())
