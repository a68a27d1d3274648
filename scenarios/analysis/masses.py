"""A chain of processes and what goes through it, at the point values of one scenario.

`chain_of` gives the masses between processes, for a diagram of the flow; `amounts` what
one declared unit takes in all, for a table; `exchanges` what each process takes, as the
config states it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from scenarios.errors import ScenarioError
from scenarios.language.config import Config, Output, Process
from scenarios.loading.restore import study_of
from scenarios.model.inventory import System
from scenarios.model.levers import with_lines
from scenarios.model.study import Study
from scenarios.results.result import Result
from scenarios.units import units
from uncertainty.errors import UncertaintyError

NOTHING = 1e-9
"""Amounts below this part of a declared unit are not shown."""
MASS, ENERGY = "t", "MWh"


@dataclass(frozen=True)
class Amount:
    """Something that is bought.

    Attributes
    ----------
    name, label : str
        Its key in the config, and its label if it has one.
    value : float
    units : str
    supply : str
        The supply that electricity comes from.
    """

    name: str
    label: str
    value: float
    units: str
    supply: str = ""


@dataclass(frozen=True)
class Station:
    """One process as the diagram shows it.

    Attributes
    ----------
    name, label : str
        Its key in the config, and its label if it has one.
    product : str
        What it makes.
    mass : float
        Mass made, t per declared unit; NaN for what is no mass.
    users : mapping of process to float
        Mass that goes to each process that needs it.
    bought : tuple of Amount
        Materials by mass that this process alone buys, the largest first.
    """

    name: str
    label: str
    product: str
    mass: float
    users: Mapping[str, float] = field(default_factory=dict)
    bought: tuple[Amount, ...] = ()


@dataclass(frozen=True)
class Chain:
    """A chain of processes in one scenario and year.

    Attributes
    ----------
    stations : tuple of Station
    units, product : str
        Of the declared unit.
    shared : tuple of Amount
        What several processes buy: electricity, fuels, freight.
    """

    stations: tuple[Station, ...]
    units: str
    product: str
    shared: tuple[Amount, ...] = ()


@dataclass(frozen=True)
class Amounts:
    """What one declared unit takes in one scenario, in its first year.

    Attributes
    ----------
    demands : dict of product to (amount, units)
        All processes together.
    supplies : dict of supply to (amount, units)
        Electricity.
    exchanges : dict of (process, exchange) to (amount, units)
        Of one process; empty where levers or an allocation change what it takes.
    made : dict of process to (amount, units)
        What each process makes; nothing where the scenario takes another route.
    why_not : str
        Why there are none.
    """

    demands: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    supplies: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    exchanges: Mapping[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    made: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    why_not: str = ""

    def is_idle(self, process: str) -> bool:
        """Whether a process makes nothing here."""
        amount, _ = self.made.get(process, (math.inf, ""))
        return abs(amount) < NOTHING


@dataclass(frozen=True)
class Exchange:
    """Something that a process takes.

    Attributes
    ----------
    name : str
        Its key in the config.
    product : str
        What is taken; the name itself where the config says nothing else.
    label : str
        Empty where nobody stated one.
    bought : bool
        Not made by a process of the study; electricity is bought.
    """

    name: str
    product: str
    label: str
    bought: bool


@dataclass(frozen=True)
class _Balance:
    """A chain in one cell with what the model says of it.

    Attributes
    ----------
    system : System
        With the lines that the cell's levers add.
    per : str
        Units of the declared product.
    values : mapping of question to float
        Coherent base units, per base unit of the declared product.
    """

    system: System
    per: str
    values: Mapping[str, float]

    def amount(self, name: str, shown: str) -> float:
        """An amount per declared unit, in the units shown."""
        return self.values[name] * self.factor(shown)

    def factor(self, shown: str) -> float:
        """Units shown per declared unit in what `values` are in."""
        return units().parse(self.per).factor / units().parse(shown).factor

    def runs(self, name: str) -> bool:
        """Whether the declared product takes anything that a process makes."""
        return self.values[f"made.{name}"] > NOTHING

    def takers(self, product: str) -> dict[str, float]:
        """Processes that need a product, with what they need of it before levers."""
        found: dict[str, float] = {}
        for name, process in self.system.processes.items():
            if not self.runs(name):
                continue
            for line, need in process.needs.items():
                if need.supply is None and (need.product or line) == product:
                    found[name] = found.get(name, 0.0) + self.taken(name, line)
        return found

    def taken(self, process: str, exchange: str) -> float:
        """What a process takes by one exchange, before any lever."""
        made = self.values[f"made.{process}"] / self.system.per[process]
        return self.values[f"need.{process}.{exchange}"] * made


def chain_of(study: Study, scenario: str, year: int | None = None) -> Chain:
    """Masses made and bought per declared unit, at the point values.

    Parameters
    ----------
    study : Study
    scenario : str
        A scenario or a fleet.
    year : int, optional
        By default the first.

    Returns
    -------
    Chain
        A product that several processes take is shared out by what they need of it
        before any lever.

    Raises
    ------
    ScenarioError
        The study has no chain.
    """
    system, declared = study.system(), study.config.declared_unit
    if system is None or declared is None:
        raise ScenarioError(f"no chain: {study.title!r} has no process flow")
    balance = _solved(study, system, declared.units, (scenario, year))
    stations = [
        _station(balance, name, process)
        for name, process in balance.system.processes.items()
        if balance.runs(name)
    ]
    return Chain(
        tuple(stations),
        declared.units,
        system.declared,
        tuple(_shared(balance)),
    )


def amounts(result: Result, scenario: str) -> Amounts:
    """What one declared unit takes, at the point values.

    Parameters
    ----------
    result : Result
        With a chain.
    scenario : str

    Returns
    -------
    Amounts
        Without figures if the study cannot be made again from what the result holds,
        for example because the library has changed.
    """
    try:
        return _amounts(study_of(result), scenario)
    except (ScenarioError, UncertaintyError) as error:
        return Amounts(why_not=str(error))


def _amounts(study: Study, scenario: str) -> Amounts:
    system, declared = study.system(), study.config.declared_unit
    if system is None or declared is None:
        return Amounts()
    balance = _solved(study, system, declared.units, (scenario, None))
    asked = {
        product: (f"bought.{product}", stated.units)
        for product, stated in system.products.items()
    }
    for process in system.processes.values():
        product = process.makes.product
        asked[product] = f"product.{product}", process.makes.counted_in
    if not all(map(math.isfinite, balance.values.values())):
        return Amounts()  # the scenario has no first year
    demands = {p: (balance.amount(name, u), u) for p, (name, u) in asked.items()}
    made = {
        name: (balance.amount(f"made.{name}", u := process.makes.counted_in), u)
        for name, process in system.processes.items()
    }
    supplies = {
        name: (balance.amount(f"supply.{name}", ENERGY), ENERGY)
        for name in system.supplies
    }
    if scenario not in study.scenarios or study.scenarios[scenario].levers:
        return Amounts(demands, supplies, made=made)
    taken = {}
    for name, process in system.processes.items():
        for key, need in process.needs.items() if process.allocation is None else ():
            shown = ENERGY if need.supply else asked[need.product or key][1]
            taken[name, key] = balance.taken(name, key) * balance.factor(shown), shown
    return Amounts(demands, supplies, taken, made)


def in_order(config: Config) -> list[str]:
    """Processes with makers before users, as far as loops allow."""
    makers: dict[str, list[str]] = {}
    for name, process in config.processes.items():
        makers.setdefault(process.makes.product, []).append(name)
    found: dict[str, None] = {}
    begun: set[str] = set()
    waiting = list(reversed(config.processes))
    while waiting:
        name = waiting[-1]
        if name in begun:
            found.setdefault(waiting.pop())
            continue
        begun.add(name)
        taken = (x.product for x in exchanges(config, name) if not x.bought)
        made = [maker for product in taken for maker in makers[product]]
        waiting += [maker for maker in reversed(made) if maker not in begun]
    return list(found)


def exchanges(config: Config, process: str) -> Iterator[Exchange]:
    """What a process takes, one by one."""
    made = {p.makes.product for p in config.processes.values()}
    for name, need in config.processes[process].needs.items():
        product = need.product or name
        label = need.label
        if need.supply is None and product == name and product in config.products:
            # several exchanges of one product are told apart by their names
            label = label or config.products[product].label
        bought = need.supply is not None or product not in made
        yield Exchange(name, product, label or "", bought)


def _solved(
    study: Study, system: System, per: str, cell: tuple[str, int | None]
) -> _Balance:
    scenario, year = cell
    fleets = study.config.fleets
    members = list(fleets[scenario].shares) if scenario in fleets else [scenario]
    used = {lever for name in members for lever in study.scenarios[name].levers}
    levers = (study.config.levers[name] for name in sorted(used))
    system = replace(system, processes=with_lines(system.processes, levers))
    asked = dict(_questions(system))
    update = {
        "outputs": asked,
        "scenarios": {n: s for n, s in study.config.scenarios.items() if n in members},
        "fleets": {n: f for n, f in fleets.items() if n == scenario},
    }
    model = replace(study, config=study.config.model_copy(update=update)).model()
    column = model.years.index(year) if year is not None else 0
    row = model.scenarios.index(scenario)
    answers = model.point(model.outputs["outputs"])[row, column]
    return _Balance(system, per, dict(zip(asked, answers.tolist(), strict=True)))


def _questions(system: System) -> Iterator[tuple[str, Output]]:
    """Outputs that say what the diagram shows."""
    for name, process in system.processes.items():
        product = process.makes.product
        yield f"made.{name}", Output(units="1", formula=f"made.{name}")
        yield f"product.{product}", Output(units="1", formula=f"demand.{product}")
        for line, need in process.needs.items():
            yield f"need.{name}.{line}", Output(units="1", formula=need.amount)
    for name in system.products:
        yield f"bought.{name}", Output(units="1", formula=f"demand.{name}")
    for name in system.supplies:
        yield f"supply.{name}", Output(units="1", formula=f"supply.{name}")


def _station(balance: _Balance, name: str, process: Process) -> Station:
    product = process.makes.product
    mass = float("nan")
    if _is_mass(process.makes.counted_in):
        mass = balance.amount(f"made.{name}", MASS)
    takers = {} if product == balance.system.declared else balance.takers(product)
    whole = sum(takers.values())
    users = {
        user: mass * (part / whole if whole else 1 / len(takers))
        for user, part in takers.items()
    }
    labels = _labels(balance)
    bought = [
        Amount(one, labels[one], balance.amount(f"bought.{one}", MASS), MASS)
        for one, only in _sole_buyers(balance).items()
        if only == name
    ]
    bought = sorted((a for a in bought if a.value > NOTHING), key=lambda a: -a.value)
    return Station(name, process.label or "", product, mass, users, tuple(bought))


def _labels(balance: _Balance) -> dict[str, str]:
    """Labels of what is bought."""
    return {n: p.label or "" for n, p in balance.system.products.items()}


def _is_mass(text: str) -> bool:
    return units().parse(text).dimension == units().parse(MASS).dimension


def _sole_buyers(balance: _Balance) -> dict[str, str]:
    """Bought products by mass that one process alone takes, and which one."""
    found = {}
    for name, product in balance.system.products.items():
        takers = list(balance.takers(name))
        if len(takers) == 1 and _is_mass(product.units):
            found[name] = takers[0]
    return found


def _shared(balance: _Balance) -> Iterator[Amount]:
    """Electricity by supply, then what else several processes buy."""
    for name in balance.system.supplies:
        if (value := balance.amount(f"supply.{name}", ENERGY)) > NOTHING:
            yield Amount("electricity", "", value, ENERGY, name)
    alone, labels = _sole_buyers(balance), _labels(balance)
    for name, product in balance.system.products.items():
        value = balance.amount(f"bought.{name}", product.units)
        if name not in alone and value > NOTHING:
            yield Amount(name, labels[name], value, product.units)
