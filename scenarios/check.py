"""What can be wrong between the parts of a study: names, units, shares, circles."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from scenarios import shipped as library
from scenarios.config import Change, Config, Emission, Process, Supply
from scenarios.definitions import Definition, literal
from scenarios.errors import Fault
from scenarios.namespace import (
    Namespace,
    UnknownName,
    made_dimension,
    namespace,
    product_dimension,
)
from scenarios.power import REST, blend
from scenarios.reader import nearest
from scenarios.scenario import changed
from scenarios.study import BASELINE, Study
from scenarios.units import units
from uncertainty.errors import UncertaintyError
from uncertainty.units import Dimension

Place = tuple[str | int, ...]
CO2E_GASES = ("CO2e",)


def check(
    config: Config,
    definitions: Mapping[str, Definition],
    origins: Mapping[tuple[str, str], str],
) -> list[Fault]:
    """Every fault that shows only between the parts of a study.

    Parameters
    ----------
    config : Config
        Merged.
    definitions : mapping of id to Definition
        Of the inputs that could be read.
    origins : mapping of (section, id) to file

    Returns
    -------
    list of Fault, without lines
    """
    checker = _Checker(config, definitions, origins)
    for part in (
        checker.units,
        checker.inputs,
        checker.dependence,
        checker.products,
        checker.supplies,
        checker.processes,
        checker.declared_unit,
        checker.outputs,
        checker.scenarios,
        checker.whole,
    ):
        if part is checker.inputs and checker.faults:
            break  # dimensions need units that can be read
        part()
    if not checker.faults:
        checker.cycles()
    return checker.faults


@dataclass
class _Checker:
    config: Config
    definitions: Mapping[str, Definition]
    origins: Mapping[tuple[str, str], str]
    faults: list[Fault] = field(default_factory=list)
    _names: Namespace | None = None

    @property
    def names(self) -> Namespace:
        """Names and dimensions, once every units string can be read."""
        if self._names is None:
            self._names = namespace(self.config, self.definitions)
        return self._names

    def add(self, section: str, id: str, path: Place, message: str) -> None:
        """Note a fault where `section` and `id` are stated."""
        file = self.origins.get((section, id), "command line")
        place = (section, *((id,) if id else ()), *path)
        self.faults.append(Fault(file, 0, place, message))

    def formula(
        self,
        section: str,
        id: str,
        path: Place,
        stated: str | float,
        wanted: Dimension | None,
        *,
        results: bool = False,
        unit: str = "",
    ) -> None:
        """Check a formula's names, and its units against what is `wanted`."""
        try:
            found = self.names.measure(stated, results=results)
        except (UncertaintyError, UnknownName) as error:
            self.add(section, id, path, str(error))
            return
        if wanted is not None and found != wanted:
            here = f" ({unit})" if unit else ""
            self.add(
                section, id, path, f"{stated} measures {found}, not {wanted}{here}"
            )

    def units(self) -> None:
        """Units strings that cannot be read."""
        config = self.config
        stated: list[tuple[str, str, Place, str | None]] = []
        stated += [("products", i, ("units",), p.units) for i, p in config.products.items()]
        stated += [("outputs", i, ("units",), o.units) for i, o in config.outputs.items()]
        for id, process in config.processes.items():
            stated.append(("processes", id, ("makes", "units"), process.makes.units))
        if config.declared_unit:
            stated.append(("declared_unit", "", ("units",), config.declared_unit.units))
        for section, id, path, text in stated:
            if text is not None:
                self.guard(section, id, path, lambda text=text: units().parse(text))
        for id, process in config.processes.items():
            amount = process.makes.amount
            if isinstance(amount, str):
                place = ("makes", "amount")
                self.guard("processes", id, place, lambda a=amount: units().quantity(a))

    def guard(
        self, section: str, id: str, path: Place, attempt: Callable[[], object]
    ) -> None:
        """Note what an attempt raises."""
        try:
            attempt()
        except UncertaintyError as error:
            self.add(section, id, path, str(error))

    def inputs(self) -> None:
        """Formulas of inputs, and figures without a source."""
        for id, stated in self.config.inputs.items():
            if stated.formula is not None:
                known = self.definitions.get(id)
                wanted = known.unit.dimension if known else None
                unit = str(stated.units or "")
                self.formula("inputs", id, ("formula",), stated.formula, wanted, unit=unit)
            elif not stated.source:
                message = "source is missing; say where the figure comes from"
                self.add("inputs", id, (), message)

    def dependence(self) -> None:
        """Compositions whose means are no shares of one."""
        for one in self.config.dependence:
            means = one.dirichlet.means
            position = int(self.origins["dependence.position", one.composition])
            file = self.origins["dependence", one.composition]
            place: Place = ("dependence", position, "dirichlet", "means")
            if any(mean < 0 for mean in means.values()):
                self.faults.append(Fault(file, 0, place, "a share is below 0"))
            if abs(total := sum(means.values())) - 1 > 1e-6 or total < 1 - 1e-6:
                message = f"the shares add up to {total:.6g}, not to 1"
                self.faults.append(Fault(file, 0, place, message))
            for id in means:
                if id in self.config.inputs:
                    message = f"{id} is an input too; a share has one definition"
                    self.faults.append(Fault(file, 0, (*place, id), message))

    def products(self) -> None:
        """What bought products emit per unit."""
        for id, product in self.config.products.items():
            per = units().parse(product.units).dimension
            for line, emission in product.emits.items():
                self.emission("products", id, ("emits", line), line, emission, per)

    def emission(
        self,
        section: str,
        id: str,
        path: Place,
        line: str,
        emission: Emission,
        per: Dimension,
    ) -> None:
        """An emission's gas and amount."""
        gas = emission.gas or line
        known = [i.removeprefix("gwp.") for i in self.definitions if i.startswith("gwp.")]
        gases = [g for g in known if not g.endswith("_error")]
        if gas not in (*gases, *CO2E_GASES):
            near = nearest(gas, [*gases, *CO2E_GASES])
            listed = ", ".join([*gases, *CO2E_GASES])
            message = f"no gas is called {gas}{near}; known: {listed}"
            self.add(section, id, path, message)
            return
        word = "kg CO2e" if gas in CO2E_GASES else "kg"
        wanted = units().parse(word).dimension / per
        unit = f"{word} per unit"
        self.formula(section, id, (*path, "amount"), emission.amount, wanted, unit=unit)

    def supplies(self) -> None:
        """Mixes, shares, factors and losses of each supply."""
        for id, supply in self.config.supplies.items():
            self.supply("supplies", id, (), supply)

    def supply(self, section: str, id: str, path: Place, supply: Supply) -> None:
        """One supply, of the study or of a scenario."""
        pure = units().parse("1").dimension
        mixes = library.mixes()
        stated = blend(supply)
        for name, share in stated.items():
            place = (*path, *(("blend", name) if supply.blend else ("mix",)))
            if name == REST and supply.blend:
                continue
            if name not in mixes:
                message = f"no mix is called {name}{nearest(name, mixes)}"
                self.add(section, id, place, message)
                continue
            if supply.losses is not None and mixes[name].includes_losses:
                message = f"the factor of {name} includes grid losses; leave losses out"
                self.add(section, id, (*path, "losses"), message)
            multiplier = mixes[name].multiplier
            for needed in (multiplier, str(supply.losses or mixes[name].losses)):
                if "." in needed and needed not in self.names.inputs and literal_free(needed):
                    message = f"{name} needs the input {needed}; import power/china"
                    self.add(section, id, place, message)
            self.formula(section, id, place, share, pure)
        if supply.losses is not None:
            self.formula(section, id, (*path, "losses"), supply.losses, pure)
        if supply.factor is not None:
            wanted = units().parse("kg CO2e/kWh").dimension
            self.formula(
                section, id, (*path, "factor"), supply.factor, wanted, unit="kg CO2e/kWh"
            )
        self.shares(section, id, path, supply)

    def shares(self, section: str, id: str, path: Place, supply: Supply) -> None:
        """Shares that do not add up to one, or name no technology."""
        if supply.blend and REST not in supply.blend:
            known = [s for s in supply.blend.values() if isinstance(s, float | int)]
            whole = len(known) == len(supply.blend)
            if whole and abs(sum(known) - 1) > 1e-9:
                message = (
                    f"the shares add up to {sum(known):.6g}, not to 1; "
                    "write one of them as `rest`, or mend them"
                )
                self.add(section, id, (*path, "blend"), message)
        for name, share in (supply.blend or {}).items():
            if isinstance(share, float | int) and not 0 <= share <= 1:
                message = f"a share lies between 0 and 1, not at {share}"
                self.add(section, id, (*path, "blend", name), message)
        if supply.shares is None:
            return
        place = (*path, "shares")
        sets = library.factor_sets()
        if supply.factor_set not in sets:
            near = f"one of {', '.join(sets)}"
            message = f"shares need factor_set: {near}, not {supply.factor_set}"
            self.add(section, id, place, message)
            return
        if abs(sum(supply.shares.values()) - 1) > 1e-6:
            total = sum(supply.shares.values())
            self.add(section, id, place, f"the shares add up to {total:.6g}, not to 1")
        for technology, share in supply.shares.items():
            factor = library.technology_factor(str(supply.factor_set), technology)
            if factor is None:
                near = nearest(technology, library.TECHNOLOGIES)
                message = f"{supply.factor_set} has no factor for {technology}{near}"
                self.add(section, id, (*place, technology), message)
            if not 0 <= share <= 1:
                message = f"a share lies between 0 and 1, not at {share}"
                self.add(section, id, (*place, technology), message)

    def processes(self) -> None:
        """Products, supplies and amounts of every process."""
        makers: dict[str, str] = {}
        for id, process in self.config.processes.items():
            product = process.makes.product
            if product in makers:
                message = f"{product} is made by {makers[product]} already"
                self.add("processes", id, ("makes", "product"), message)
            if product in self.config.products:
                message = f"{product} is a bought product too; one of the two has to go"
                self.add("processes", id, ("makes", "product"), message)
            makers[product] = id
            per = made_dimension(process.makes.amount, process.makes.units)
            for line, emission in process.emits.items():
                place: Place = ("emits", line)
                self.emission("processes", id, place, line, emission, per)
            self.needs(id, process, per)
            if process.allocation is not None:
                pure = units().parse("1").dimension
                self.formula("processes", id, ("allocation",), process.allocation, pure)

    def needs(self, id: str, process: Process, per: Dimension) -> None:
        """What one process takes."""
        for line, need in process.needs.items():
            place: Place = ("needs", line)
            product = need.product or line
            if need.supply is not None:
                if need.supply not in self.config.supplies:
                    near = nearest(need.supply, self.config.supplies)
                    message = f"no supply is called {need.supply}{near}"
                    self.add("processes", id, (*place, "supply"), message)
                    continue
                wanted: Dimension | None = units().parse("kWh").dimension
            else:
                wanted = product_dimension(self.config, product)
            if wanted is None:
                made = [p.makes.product for p in self.config.processes.values()]
                near = nearest(product, [*made, *self.config.products])
                message = f"nothing makes or sells {product}{near}"
                self.add("processes", id, place, message)
                continue
            path = (*place, "amount")
            unit = f"{product} per unit made"
            self.formula("processes", id, path, need.amount, wanted / per, unit=unit)

    def declared_unit(self) -> None:
        """The declared product is made by a process, in units that fit."""
        declared = self.config.declared_unit
        if declared is None:
            if self.config.processes:
                place = next(iter(self.config.processes))
                message = "declared_unit is missing: {amount: 1, units: t, product: ...}"
                self.add("processes", place, (), message)
            elif not self.config.outputs:
                file = self.origins.get(("title", ""), "study")
                message = "nothing to compute: state processes and declared_unit, or outputs"
                self.faults.append(Fault(file, 0, (), message))
            return
        makers = {p.makes.product: p.makes for p in self.config.processes.values()}
        if declared.product not in makers:
            near = nearest(declared.product, makers)
            message = f"no process makes {declared.product}{near}"
            self.add("declared_unit", "", ("product",), message)
            return
        makes = makers[declared.product]
        made = made_dimension(makes.amount, makes.units)
        if units().parse(declared.units).dimension != made:
            message = f"{declared.product} is made in other units than {declared.units}"
            self.add("declared_unit", "", ("units",), message)

    def outputs(self) -> None:
        """Formulas of outputs, which may read results and earlier outputs."""
        for id, output in self.config.outputs.items():
            wanted = units().parse(output.units).dimension
            self.formula(
                "outputs",
                id,
                ("formula",),
                output.formula,
                wanted,
                results=True,
                unit=output.units,
            )

    def scenarios(self) -> None:
        """Changes that name nothing, do not fit, or touch the same thing twice."""
        marked = [n for n, s in self.config.scenarios.items() if s.reference]
        for name in marked[1:]:
            message = f"{marked[0]} is the reference already"
            self.add("scenarios", name, ("reference",), message)
        for name, scenario in self.config.scenarios.items():
            for id in sorted(scenario.set.keys() & scenario.scale.keys()):
                message = "is set and scaled by the same scenario; do one of the two"
                self.add("scenarios", name, ("scale", id), message)
            for word, changes in (("set", scenario.set), ("scale", scenario.scale)):
                for id, change in changes.items():
                    self.change(name, word, id, change)

    def change(self, name: str, word: str, id: str, change: Change) -> None:
        """One change of one scenario."""
        place: Place = (word, id)
        is_supply = id in self.config.supplies
        what = self.definitions.get(id)
        if not is_supply and what is None:
            near = nearest(id, [*self.config.inputs, *self.config.supplies])
            kind = "supply" if change.of_supply else "input"
            self.add("scenarios", name, place, f"no such {kind}{near}")
        elif word == "scale":
            if is_supply or change.of_supply:
                self.add("scenarios", name, place, "only inputs can be scaled")
            elif change.formula is not None:
                pure = units().parse("1").dimension
                path = (*place, "formula")
                self.formula("scenarios", name, path, change.formula, pure)
        elif change.of_supply != is_supply:
            mend = (
                "takes a supply: {mix: ...}, {blend: ...}, {factor: ...}"
                if is_supply
                else "is an input; it takes a value, a formula or a distribution"
            )
            self.add("scenarios", name, place, mend)
        elif is_supply:
            ways = (change.mix, change.blend, change.shares, change.factor)
            if any(way is not None for way in ways):
                self.guarded_supply(name, place, change)
        elif what is not None:
            self.changed_input(name, place, change, what)

    def guarded_supply(self, name: str, place: Place, change: Change) -> None:
        """A supply that a scenario puts in place."""
        try:
            supply = change.supply()
        except ValueError:
            message = "takes one of mix, blend, shares, factor"
            self.add("scenarios", name, place, message)
            return
        self.supply("scenarios", name, place, supply)

    def changed_input(
        self, name: str, place: Place, change: Change, what: Definition
    ) -> None:
        """An input that a scenario sets."""
        if change.formula is not None:
            wanted = what.unit.dimension
            path = (*place, "formula")
            unit = what.unit.text
            self.formula("scenarios", name, path, change.formula, wanted, unit=unit)
        elif isinstance(change.value, str):
            wanted = what.unit.dimension
            unit = what.unit.text
            if literal(change.value) is None:
                message = f"{change.value!r} is no number; write a number or 1 {unit}"
                self.add("scenarios", name, place, message)
                return
            self.formula("scenarios", name, place, change.value, wanted, unit=unit)

    def whole(self) -> None:
        """What concerns the study as a whole."""
        settings = self.config.characterisation
        sets = library.gwp_sets()
        if settings and settings.set not in sets:
            message = f"no GWP set is called {settings.set}; known: {', '.join(sets)}"
            self.add("characterisation", "", ("set",), message)
        elif settings and settings.uncertain and "uncertainty" not in sets[settings.set]:
            message = f"{settings.set} states no uncertainty; take AR6 or leave it fixed"
            self.add("characterisation", "", ("uncertain",), message)
        if self.config.operator:
            for i, process in enumerate(self.config.operator.owns):
                if process not in self.config.processes:
                    near = nearest(process, self.config.processes)
                    message = f"no process is called {process}{near}"
                    self.add("operator", "", ("owns", i), message)

    def cycles(self) -> None:
        """Formulas that need themselves, in the study or in one of its scenarios."""
        self.cycle(self.definitions, None)
        for name, scenario in self.config.scenarios.items():
            if any(c.formula is not None for c in scenario.set.values()):
                origin = self.origins.get(("scenarios", name), "")
                mine = changed(self.definitions, name, scenario, origin)
                self.cycle(mine, name)

    def cycle(self, definitions: Mapping[str, Definition], name: str | None) -> None:
        """One set of definitions."""
        needs = {id: set(_read_by(what)) for id, what in definitions.items()}
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            path = list(reversed(error.args[1]))
            message = f"the formulas need each other: {' -> '.join(path)}"
            if name:
                self.add("scenarios", name, ("set",), message)
            else:
                self.add("inputs", path[0], ("formula",), message)


def literal_free(text: str) -> bool:
    """Whether a text is an id, not a number."""
    return not text.replace(".", "", 1).replace("-", "", 1).isdigit()


def _read_by(what: Definition) -> Iterator[str]:
    if what.expression is not None:
        yield from what.expression.names
    if what.share is not None:
        yield from what.share.before
    for by in what.factors:
        if not isinstance(by, tuple):
            yield from by.names


def warnings(study: Study, notes: list[str]) -> Iterator[str]:
    """What is legal and still worth a look.

    Inputs that can become negative though they measure an activity or a factor,
    inputs of the study's own that nothing reads, changes without a source.
    """
    model = study.model()
    read = set(model.inputs)
    for id, what in study.definitions.items():
        physical = what.papers.get("kind") in {"activity data", "emission factor"}
        marginal = what.marginal
        if id in read and physical and marginal is not None and marginal.support[0] < 0:
            below = float(marginal.cdf(0.0))
            if below > 1e-6:
                yield (
                    f"{id} can become negative in {below:.2g} of the draws; bound it: "
                    "bounds: {low: 0}"
                )
    for name, scenario in study.config.scenarios.items():
        for id, change in scenario.set.items():
            stated = change.source or scenario.source
            if not change.of_supply and change.stated and not stated:
                yield f"scenarios.{name}.set.{id}: no source stated"
    if study.scenarios.keys() == {BASELINE}:
        return


