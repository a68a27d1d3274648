"""Masses that go through a chain, in one scenario and year, for a diagram of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from scenarios.errors import ScenarioError
from scenarios.language.config import Output, Process
from scenarios.model.inventory import System
from scenarios.model.levers import with_lines
from scenarios.model.study import Study
from scenarios.units import units

NOTHING = 1e-9
"""Amounts below this part of a declared unit are not shown."""
MASS, ENERGY = "t", "MWh"


@dataclass(frozen=True)
class Amount:
    """Something that is bought: what it is called, how much, in which units."""

    label: str
    value: float
    units: str


@dataclass(frozen=True)
class Station:
    """One process as the diagram shows it.

    Attributes
    ----------
    name, label : str
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
    declared : str
        Units of the declared product, with its name.
    shared : tuple of Amount
        What several processes buy: electricity, fuels, freight.
    """

    stations: tuple[Station, ...]
    declared: str
    shared: tuple[Amount, ...] = ()


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
        factor = units().parse(self.per).factor / units().parse(shown).factor
        return self.values[name] * factor

    def runs(self, name: str) -> bool:
        """Whether the declared product takes anything that a process makes."""
        return self.values[f"made.{name}"] > NOTHING

    def takers(self, product: str) -> dict[str, float]:
        """Processes that need a product, with what they need of it before levers."""
        found: dict[str, float] = {}
        for name, process in self.system.processes.items():
            if not self.runs(name):
                continue
            made = self.values[f"made.{name}"] / self.system.per[name]
            for line, need in process.needs.items():
                if need.supply is None and (need.product or line) == product:
                    amount = self.values[f"need.{name}.{line}"] * made
                    found[name] = found.get(name, 0.0) + amount
        return found


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
    called = system.declared.replace("_", " ")
    return Chain(
        tuple(stations), f"{declared.units} of {called}", tuple(_shared(balance))
    )


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
    config = study.config.model_copy(update={"outputs": asked})
    model = replace(study, config=config).model()
    column = model.years.index(year) if year is not None else 0
    row = model.scenarios.index(scenario)
    answers = model.point(model.outputs["outputs"])[row, column]
    return _Balance(system, per, dict(zip(asked, answers.tolist(), strict=True)))


def _questions(system: System) -> Iterator[tuple[str, Output]]:
    """Outputs that say what the diagram shows."""
    for name, process in system.processes.items():
        demand = f"demand.{process.makes.product}"
        yield f"made.{name}", Output(units="1", formula=demand)
        for line, need in process.needs.items():
            if need.supply is None:
                yield f"need.{name}.{line}", Output(units="1", formula=need.amount)
    for name in system.products:
        yield f"bought.{name}", Output(units="1", formula=f"demand.{name}")
    for name in system.supplies:
        yield f"supply.{name}", Output(units="1", formula=f"supply.{name}")


def _station(balance: _Balance, name: str, process: Process) -> Station:
    product = process.makes.product
    mass = float("nan")
    if _is_mass(_units_made(process)):
        mass = balance.amount(f"made.{name}", MASS)
    takers = {} if product == balance.system.declared else balance.takers(product)
    whole = sum(takers.values())
    users = {
        user: mass * (part / whole if whole else 1 / len(takers))
        for user, part in takers.items()
    }
    bought = [
        Amount(_called(one), balance.amount(f"bought.{one}", MASS), MASS)
        for one, only in _sole_buyers(balance).items()
        if only == name
    ]
    bought = sorted((a for a in bought if a.value > NOTHING), key=lambda a: -a.value)
    return Station(name, process.label or name, product, mass, users, tuple(bought))


def _units_made(process: Process) -> str:
    amount = process.makes.amount
    stated = process.makes.units
    return stated or units().quantity(str(amount))[1]


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


def _called(name: str) -> str:
    return name.replace("_", " ")


def _shared(balance: _Balance) -> Iterator[Amount]:
    """Electricity by supply, then what else several processes buy."""
    for name in balance.system.supplies:
        if (value := balance.amount(f"supply.{name}", ENERGY)) > NOTHING:
            yield Amount(f"electricity ({name})", value, ENERGY)
    alone = _sole_buyers(balance)
    for name, product in balance.system.products.items():
        value = balance.amount(f"bought.{name}", product.units)
        if name not in alone and value > NOTHING:
            yield Amount(_called(name), value, product.units)
