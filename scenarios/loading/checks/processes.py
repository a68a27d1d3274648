"""Checks of bought products, unit processes, outputs and the declared unit."""

from collections.abc import Mapping
from functools import partial

from scenarios.errors import Fault, Origin, ScenarioError
from scenarios.language.config import Emission, Makes, Process, Run
from scenarios.language.levers import LeverChange
from scenarios.language.terms import SOURCES
from scenarios.loading.checks.findings import Findings, Place
from scenarios.loading.checks.names import made_dimension
from scenarios.loading.checks.supplies import check_shares
from scenarios.model.definitions import literal
from scenarios.model.levers import touched
from scenarios.model.power import REST
from scenarios.units import units
from uncertainty.designs import design, least_draws
from uncertainty.errors import nearest
from uncertainty.units import Dimension

CO2E = "CO2e"


class UnknownLine(ScenarioError):
    """Why a line's units cannot be told."""


def check_names(found: Findings) -> None:
    """Sources are those there are for every product, or have a name of their own."""
    config = found.config
    known = [*SOURCES, *config.names]

    def check(section: str, id: str, place: Place, source: str | None) -> None:
        if source is not None and source not in known:
            message = f"no source is called {source}"
            more = (
                nearest(source, known, cutoff=0.75) or "; give it a name under `names`"
            )
            found.add(section, id, (*place, "source"), f"{message}{more}")

    for id, product in config.products.items():
        check("products", id, (), product.source)
        for line, emission in product.emits.items():
            check("products", id, ("emits", line), emission.source)
    for id, process in config.processes.items():
        for section in ("needs", "emits"):
            for line, exchange in getattr(process, section).items():
                check("processes", id, (section, line), exchange.source)
    for id, lever in config.levers.items():
        for exchange, change in touched(lever):
            check("levers", id, ("processes", *exchange), change.source)
    for section in ("thresholds", "plausible"):
        for id, one in getattr(config, section).items():
            parse = partial(units().parse, one.units)
            found.guard(section, id, ("units",), parse)


def check_products(found: Findings) -> None:
    """What bought products emit per unit."""
    for id, product in found.config.products.items():
        for line, emission in product.emits.items():
            path: Place = ("emits", line)
            _emission(found, "products", id, path, line, emission, product.units)


def _emission(
    found: Findings,
    section: str,
    id: str,
    path: Place,
    line: str,
    emission: Emission,
    per: str,
) -> None:
    """An emission's gas and its amount, stated per unit `per`."""
    gas = emission.gas or line
    settings = found.config.characterisation
    if settings and settings.set not in found.tables.gwp_sets:
        return  # told where the set is named
    if gas != CO2E and gas not in found.gases:
        gases = [*found.gases, CO2E]
        near = nearest(gas, gases)
        message = f"no gas is called {gas}; known: {', '.join(gases)}{near}"
        place = (*path, *(("gas",) if emission.gas else ()))
        found.add(section, id, place, message)
        return
    unit = _per("kg CO2e" if gas == CO2E else "kg", per)
    found.formula(section, id, (*path, "amount"), emission.amount, unit)


def check_processes(found: Findings) -> None:
    """Products, supplies and amounts of every process."""
    makers: dict[str, str] = {}
    for id, process in found.config.processes.items():
        product = process.makes.product
        place = ("makes", "product")
        if product in makers and product not in found.config.routes:
            message = (
                f"{product} is made by {makers[product]} already; state under "
                f"`routes` which of them makes it: {product}: {id}"
            )
            found.add("processes", id, place, message)
        elif product in makers and _made_dimension(found, id) != _made_dimension(
            found, makers[product]
        ):
            message = f"{makers[product]} makes {product} in other units"
            found.add("processes", id, place, message)
        if product in found.config.products:
            message = f"{product} is a bought product too; one of the two has to go"
            found.add("processes", id, place, message)
        makers[product] = id
        per = _made(process.makes)
        for line, emission in process.emits.items():
            path: Place = ("emits", line)
            _emission(found, "processes", id, path, line, emission, per)
        _needs(found, id, process, per)
        if process.allocation is not None:
            path = ("allocation",)
            found.formula("processes", id, path, process.allocation, "1")
            found.share("processes", id, path, process.allocation)


def _made_dimension(found: Findings, process: str) -> Dimension:
    makes = found.config.processes[process].makes
    return made_dimension(makes.amount, makes.units)


def check_routes(found: Findings) -> None:
    """Each route names processes that make the product; their shares add up."""
    config = found.config
    for product, route in config.routes.items():
        _route(found, ("routes", product, ()), product, route)
    for name, scenario in config.scenarios.items():
        for product, route in scenario.routes.items():
            place = ("scenarios", name, ("routes", product))
            _route(found, place, product, route)


def _route(
    found: Findings,
    at: tuple[str, str, Place],
    product: str,
    route: Mapping[str, str | float],
) -> None:
    section, id, place = at
    processes = found.config.processes
    makers = [p for p, one in processes.items() if one.makes.product == product]
    if not makers:
        made = [process.makes.product for process in processes.values()]
        message = f"no process makes {product}{nearest(product, made)}"
        found.add(section, id, place, message)
        return
    for process, share in route.items():
        if process not in makers:
            more = nearest(process, makers) or f"; it is made by {', '.join(makers)}"
            message = f"{process} does not make {product}{more}"
            found.add(section, id, (*place, process), message)
        elif share != REST:
            found.formula(section, id, (*place, process), share, "1")
    check_shares(found, section, id, place, dict(route))


def _needs(found: Findings, id: str, process: Process, per: str) -> None:
    """What one process takes, stated per unit `per`."""
    for line, need in process.needs.items():
        place: Place = ("needs", line)
        product = need.product or line
        if need.supply is None:
            unit = _unit_of(found, product)
            if unit is None:
                known = [p.makes.product for p in found.config.processes.values()]
                near = nearest(product, [*known, *found.config.products])
                more = near or "; state a process that makes it, or a product"
                message = f"nothing makes or sells {product}{more}"
                found.add("processes", id, place, message)
                continue
        elif need.supply not in found.config.supplies:
            near = nearest(need.supply, found.config.supplies)
            message = f"no supply is called {need.supply}{near}"
            found.add("processes", id, (*place, "supply"), message)
            continue
        else:
            unit = "kWh"
        path = (*place, "amount")
        found.formula("processes", id, path, need.amount, _per(unit, per))


def _made(makes: Makes) -> str:
    """Units that what a process makes is counted in."""
    known = literal(makes.amount)
    return known[1].text if known else str(makes.units)


def _unit_of(found: Findings, product: str) -> str | None:
    """Units that a product is counted in, if it is known."""
    for process in found.config.processes.values():
        if process.makes.product == product:
            return _made(process.makes)
    bought = found.config.products.get(product)
    return bought.units if bought else None


def line_units(
    found: Findings, process: str, section: str, line: str, change: LeverChange
) -> str:
    """Units of what a lever makes of a line, known or new, per unit made.

    Raises
    ------
    UnknownLine
        There is no such line, and the lever does not say what it is.
    """
    stated = found.config.processes[process]
    per = _made(stated.makes)
    if section == "emits":
        emission = stated.emits.get(line)
        gas = change.gas or (emission.gas if emission else None) or line
        if gas != CO2E and f"gwp.{gas}" not in found.definitions:
            message = f"{line} is no line of {process}; a new one says its gas"
            raise UnknownLine(message)
        return _per("kg CO2e" if gas == CO2E else "kg", per)
    need = stated.needs.get(line)
    supply = change.supply or (need.supply if need else None)
    if supply is not None:
        if supply not in found.config.supplies:
            near = nearest(supply, found.config.supplies)
            raise UnknownLine(f"no supply is called {supply}{near}")
        return _per("kWh", per)
    product = change.product or (need.product if need else None) or line
    unit = _unit_of(found, product)
    if unit is None:
        raise UnknownLine(
            f"{line} is no line of {process}{nearest(line, stated.needs)}; a new one "
            "says its product or supply"
        )
    return _per(unit, per)


def _per(unit: str, by: str) -> str:
    """Units of an amount for each unit of something else."""
    if by == "1":
        return unit
    return f"{unit}/{by}" if by.isalnum() else f"{unit}/({by})"


def check_declared_unit(found: Findings) -> bool:
    """The declared product is made by a process, in units that fit; whether so."""
    config = found.config
    declared = config.declared_unit
    if declared is None:
        if config.processes:
            message = "is missing; add {amount: 1, units: t, product: ...}"
            file = found.origins["processes", next(iter(config.processes))].file
            found.faults.append(Fault(file, 0, ("declared_unit",), message))
            return False
        if not config.outputs:
            message = (
                "nothing to compute: state processes and declared_unit, or outputs"
            )
            origin = next(iter(found.origins.values()), Origin("study"))
            found.faults.append(Fault(origin.file, 0, (), message))
        return True
    makers = {p.makes.product: p.makes for p in config.processes.values()}
    if declared.product not in makers:
        near = nearest(declared.product, makers) or f"; made here: {', '.join(makers)}"
        message = f"no process makes {declared.product}{near}"
        found.add("declared_unit", "", ("product",), message)
        return False
    makes = makers[declared.product]
    wanted = units().parse(declared.units).dimension
    if wanted != made_dimension(makes.amount, makes.units):
        unit = _made(makes)
        message = f"{declared.product} is made in {unit}, not in {declared.units}"
        found.add("declared_unit", "", ("units",), message)
        return False
    return True


def check_outputs(found: Findings) -> None:
    """Formulas of outputs, which may read results beside inputs."""
    for id, output in found.config.outputs.items():
        path = ("formula",)
        found.formula("outputs", id, path, output.formula, output.units, results=True)


def check_settings(found: Findings) -> None:
    """The GWP set, and the processes that the operator owns."""
    config = found.config
    settings, sets = config.characterisation, found.tables.gwp_sets
    if settings and settings.set not in sets:
        message = f"no GWP set is called {settings.set}; known: {', '.join(sets)}"
        found.add("characterisation", "", ("set",), message)
    elif settings and settings.uncertain and sets[settings.set].uncertainty is None:
        message = f"{settings.set} states no uncertainty; take AR6 or leave it fixed"
        found.add("characterisation", "", ("uncertain",), message)
    until = config.run.until if config.run else None
    watched = [*config.outputs, *(["footprint"] if config.declared_unit else [])]
    if until and until.output not in watched:
        message = f"no output is called {until.output}{nearest(until.output, watched)}"
        found.add("run", "", ("until", "output"), message)
    if config.run and not until:
        _check_draws(found, config.run)
    for i, process in enumerate(config.operator.owns if config.operator else ()):
        if process not in config.processes:
            near = nearest(process, config.processes)
            message = f"no process is called {process}{near}"
            found.add("operator", "", ("owns", i), message)


def _check_draws(found: Findings, run: Run) -> None:
    """Too few draws for the ends of an interval of that probability."""
    probability = run.coverage_probability
    needed = least_draws(probability)
    drawn = design(
        run.design, draws=run.draws, seed=0, columns=(), replicates=run.replicates
    ).draws
    if drawn < needed:
        message = (
            f"{drawn} draws have no interval of {100 * probability:g} %; take {needed} "
            "or more"
        )
        found.add("run", "", ("draws",), message)
