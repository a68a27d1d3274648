"""Which names a formula may use where, and what each of them measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scenarios.errors import ScenarioError
from scenarios.language.config import Config
from scenarios.model.definitions import Definition, literal
from scenarios.model.inventory import sources
from scenarios.units import CURRENCIES, currency_of, units
from uncertainty.errors import UncertaintyError, nearest
from uncertainty.model.expressions import dimension, parse
from uncertainty.units import Dimension

ACCOUNTS = ("direct", "electricity", "upstream")


class UnknownName(ScenarioError):
    """A formula uses a name that stands for nothing there."""


@dataclass(frozen=True)
class Namespace:
    """Dimensions of inputs, results and outputs.

    Attributes
    ----------
    inputs, results, outputs : mapping of name to Dimension
        Formulas of outputs may read all of them, all others only inputs. A name that
        several have is the input's, else the result's.
    unread : frozenset of str
        Inputs that are at fault themselves, so that nothing is known of them.
    """

    inputs: Mapping[str, Dimension]
    results: Mapping[str, Dimension]
    outputs: Mapping[str, Dimension]
    unread: frozenset[str] = frozenset()

    def measure(
        self, stated: str | float, *, results: bool = False
    ) -> Dimension | None:
        """Dimension of a formula or of a number with units.

        Returns
        -------
        Dimension, or None where an input it reads is at fault itself

        Raises
        ------
        UncertaintyError
            It is no formula, or its units do not agree.
        UnknownName
            A name in it is unknown.
        """
        if known := literal(stated):
            return known[1].dimension
        expression = parse(str(stated))
        for name in sorted(expression.names - self.unread):
            if name not in (self._all if results else self.inputs):
                raise UnknownName(self._unknown(name, results))
        if expression.names & self.unread:
            return None
        return dimension(expression, self._all.__getitem__)

    @cached_property
    def _all(self) -> Mapping[str, Dimension]:
        return {**self.outputs, **self.results, **self.inputs}

    def _unknown(self, name: str, results: bool) -> str:
        if name in self._all:
            what = "a result" if name in self.results else "an output"
            return f"{name} is {what}; only outputs may read it"
        known = [*(self._all if results else self.inputs), *self.unread]
        what = "input, result or output" if results else "input"
        return f"no {what} is called {name}{nearest(name, known)}"


def namespace(config: Config, definitions: Mapping[str, Definition]) -> Namespace:
    """Names of a study; units that cannot be read are told elsewhere."""
    inputs = {id: what.unit.dimension for id, what in definitions.items()}
    compositions = [one for one in config.dependence if one.composition is not None]
    shares = {id for one in compositions for id in one.law.means}
    unread = frozenset((config.inputs.keys() | shares) - definitions.keys())
    outputs = {
        name: units().parse(output.units).dimension
        for name, output in config.outputs.items()
    }
    money = _money(config, Namespace(inputs, {}, {}, unread))
    return Namespace(inputs, _results(config, money), outputs, unread)


def product_dimension(config: Config, product: str) -> Dimension | None:
    """What an amount of a product measures, if the product is known."""
    for process in config.processes.values():
        if process.makes.product == product:
            return made_dimension(process.makes.amount, process.makes.units)
    bought = config.products.get(product)
    return units().parse(bought.units).dimension if bought else None


def made_dimension(amount: float | str, text: str | None) -> Dimension:
    """What the amount that a process makes measures."""
    known = literal(amount)
    return known[1].dimension if known else units().parse(text or "1").dimension


def _money(config: Config, names: Namespace) -> Dimension:
    """What `lever_cost` measures: the currency of the first lever that has a cost."""
    per = units().parse(config.declared_unit.units if config.declared_unit else "1")
    for lever in config.levers.values():
        try:
            found = lever.cost is not None and names.measure(lever.cost)
        except (UncertaintyError, UnknownName):
            continue  # told where the cost is stated
        if found and (currency := currency_of(found * per.dimension)):
            return units().parse(currency).dimension / per.dimension
    return units().parse(CURRENCIES[0]).dimension / per.dimension


def _results(config: Config, money: Dimension) -> dict[str, Dimension]:
    declared = config.declared_unit
    if declared is None:
        return {}
    per = units().parse(declared.units).dimension
    greenhouse = units().parse("kg CO2e").dimension / per
    mass, energy = units().parse("kg").dimension, units().parse("kWh").dimension
    found = {
        "lever_cost": money,
        "footprint": greenhouse,
        "supply.electricity": energy / per,
    }
    found |= {f"source.{source}": greenhouse for source in sources(config)}
    found |= {f"account.{account}": greenhouse for account in ACCOUNTS}
    found |= {f"supply.{name}": energy / per for name in config.supplies}
    for name, process in config.processes.items():
        makes = process.makes
        found[f"made.{name}"] = made_dimension(makes.amount, makes.units) / per
    for name, process in config.processes.items():
        found[f"stage.{process.stage}"] = greenhouse
        for line, emission in process.emits.items():
            is_co2e = (emission.gas or line) == "CO2e"
            found[f"emitted.{name}.{line}"] = greenhouse if is_co2e else mass / per
    made = [process.makes.product for process in config.processes.values()]
    for product in (*made, *config.products):
        if (measured := product_dimension(config, product)) is not None:
            found[f"demand.{product}"] = measured / per
    return found
