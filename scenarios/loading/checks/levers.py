"""Checks of levers, pathways, fleets and years."""

from collections.abc import Iterator

from scenarios.language.config import Scenario
from scenarios.language.levers import Lever, LeverUse
from scenarios.language.quantities import Input, OverYears, QuantityBase
from scenarios.language.supplies import Supply, SupplyPath
from scenarios.loading.checks.findings import Findings, Place, as_number
from scenarios.loading.checks.names import UnknownName
from scenarios.loading.checks.processes import UnknownLine, line_units
from scenarios.loading.checks.supplies import check_supply
from scenarios.model.levers import touched
from scenarios.model.pathway import weights
from scenarios.model.power import REST
from scenarios.units import CURRENCIES, currency_of, units
from uncertainty.errors import UncertaintyError, nearest

SLACK = 1e-9
"""How far the weights of a fleet may miss one: rounding of their sum."""


def check_paths(found: Findings) -> None:
    """Named supplies over years: each knot is a supply itself, and no path."""
    for id, path in found.config.paths.items():
        _knots(found, "paths", id, (), path)
    for section, id, place, supply in _supplies(found):
        if isinstance(supply.path, SupplyPath):
            _knots(found, section, id, (*place, "path"), supply.path)
        elif supply.path is not None and supply.path not in found.config.paths:
            near = nearest(supply.path, found.config.paths)
            message = f"no path is called {supply.path}{near}"
            found.add(section, id, (*place, "path"), message)


def _knots(
    found: Findings, section: str, id: str, place: Place, path: SupplyPath
) -> None:
    losses = None
    for year, knot in path.knots.items():
        here = (*place, "knots", year)
        if knot.path is not None:
            found.add(section, id, here, "a knot is a supply of one year, not a path")
            continue
        # stated once for all that a file of mixes holds, they are told once
        told = knot.shares is not None and knot.losses == losses
        once = knot.model_copy(update={"losses": None}) if told else knot
        check_supply(found, section, id, here, once)
        losses = knot.losses


def _supplies(found: Findings) -> Iterator[tuple[str, str, Place, Supply]]:
    for id, supply in found.config.supplies.items():
        yield "supplies", id, (), supply
    for name, scenario in found.config.scenarios.items():
        for id, change in scenario.set.items():
            if change.names_a_source:
                yield "scenarios", name, ("set", id), change.supply()
    for name, lever in found.config.levers.items():
        for id, supply in lever.supplies.items():
            yield "levers", name, ("supplies", id), supply


def check_levers(found: Findings) -> None:
    """What levers change exists and is stated in its units; adoptions fit."""
    for name, lever in found.config.levers.items():
        _lever(found, name, lever)
    for name, scenario in found.config.scenarios.items():
        _together(found, name, scenario)
        _exclusive(found, name, scenario)
        for id, use in scenario.levers.items():
            lever_used = found.config.levers.get(id)
            if lever_used is None:
                near = nearest(id, found.config.levers)
                more = (
                    near
                    or "; import a library file that has it, or state it under `levers`"
                )
                message = f"no lever is called {id}{more}"
                found.add("scenarios", name, ("levers", id), message)
            else:
                _adoption(found, name, id, use)
                _available(found, name, id, use, lever_used)


def _lever(found: Findings, name: str, lever: Lever) -> None:
    for (process, section, line), change in touched(lever):
        place: Place = ("processes", process, section, line)
        if process not in found.config.processes:
            near = nearest(process, found.config.processes)
            message = f"no process is called {process}{near}"
            found.add("levers", name, place[:2], message)
            continue
        try:
            unit = line_units(found, process, section, line, change)
        except UnknownLine as error:
            found.add("levers", name, place, str(error))
            continue
        wanted = "1" if change.way == "scale" else unit
        found.formula("levers", name, (*place, change.way), change.stated, wanted)
    for id, supply in lever.supplies.items():
        if id not in found.config.supplies:
            near = nearest(id, found.config.supplies)
            message = f"no supply is called {id}{near}"
            found.add("levers", name, ("supplies", id), message)
        else:
            check_supply(found, "levers", name, ("supplies", id), supply)
    if lever.cost is not None:
        _cost(found, name, lever.cost)


def _cost(found: Findings, name: str, cost: str | float) -> None:
    """A cost is in a currency per declared unit, the same one for all levers."""
    declared = found.config.declared_unit
    per = units().parse(declared.units if declared else "1")
    money = found.names.results.get("lever_cost", per.dimension)
    unit = currency_of(money * per.dimension) or CURRENCIES[0]
    unit = f"{unit}/{declared.units}" if declared else unit
    before = len(found.faults)
    found.formula("levers", name, ("cost",), cost, unit)
    if len(found.faults) == before:
        return
    try:
        measured = found.names.measure(cost)
    except (UncertaintyError, UnknownName):
        return
    if measured and (other := currency_of(measured * per.dimension)):
        del found.faults[before:]
        message = (
            f"is in {other}, another lever's cost in {unit.partition('/')[0]}; "
            "multiply by an input that holds the exchange rate"
        )
        found.add("levers", name, ("cost",), message)


def _together(found: Findings, name: str, scenario: Scenario) -> None:
    """Two levers of one scenario that would replace the same thing."""
    owner: dict[object, str] = {}
    for id in scenario.levers:
        lever = found.config.levers.get(id)
        if lever is None:
            continue
        replaced: list[object] = [
            place for place, change in touched(lever) if change.way == "amount"
        ]
        for what in [*replaced, *lever.supplies]:
            if what in owner:
                told = ".".join(what) if isinstance(what, tuple) else what
                message = (
                    f"{owner[what]} replaces {told} too; let one of them `scale` or "
                    "`add`, or adopt one"
                )
                found.add("scenarios", name, ("levers", id), message)
            owner[what] = id


def _exclusive(found: Findings, name: str, scenario: Scenario) -> None:
    """Levers that serve the same need and together more than all of it."""
    groups: dict[str, list[str]] = {}
    for id in scenario.levers:
        lever = found.config.levers.get(id)
        if lever is not None and lever.exclusive is not None:
            groups.setdefault(lever.exclusive, []).append(id)
    for group, ids in groups.items():
        years: list[int | None] = [*_years(found, scenario)]
        for year in years or [None]:
            shares = [_at(scenario.levers[id], year) for id in ids]
            if (total := sum(shares)) > 1 + SLACK:
                when = f" in {year}" if year is not None else ""
                message = (
                    f"{' and '.join(ids)} serve the same need ({group}) and add up "
                    f"to {total:.3g}{when}; together they are at most 1"
                )
                found.add("scenarios", name, ("levers", ids[-1]), message)
                break


def _at(use: LeverUse, year: int | None) -> float:
    """Adoption in one year at its point value; 0 where only a formula knows it."""
    knots = dict(use.pathway or {})
    if knots:
        if year is None or not min(knots) <= year <= max(knots):
            return 0.0  # told with the years
        step = use.interpolation == "step"
        parts = weights(sorted(knots), year, step=step).items()
        return sum(weight * _number(knots[knot]) for knot, weight in parts)
    return _number(use)


def _number(stated: QuantityBase) -> float:
    if stated.value is not None:
        return as_number(stated.value) or 0.0
    return stated.distribution.marginal().point if stated.distribution else 0.0


def _adoption(found: Findings, name: str, id: str, use: LeverUse) -> None:
    """An adoption is a share of one, in every draw and at every knot."""
    place: Place = ("levers", id)
    parts: list[tuple[Place, QuantityBase]] = [(place, use)]
    parts += [((*place, year), knot) for year, knot in (use.pathway or {}).items()]
    for here, stated in parts:
        number = as_number(stated.value) if stated.value is not None else None
        law = stated.distribution
        low, high = law.marginal().support if law else (number, number)
        if low is not None and high is not None and not 0 <= low <= high <= 1:
            reach = f"{low:g} to {high:g}" if low != high else f"{low:g}"
            message = f"an adoption lies between 0 and 1, not at {reach}"
            found.add("scenarios", name, here, message)
        if stated.formula is not None:
            found.formula("scenarios", name, here, stated.formula, "1")


def _available(
    found: Findings, name: str, id: str, use: LeverUse, lever: Lever
) -> None:
    """Nothing is adopted before it is available."""
    if lever.available is None:
        return
    knots = dict(use.pathway or {})
    for year in _years(found, found.config.scenarios[name]):
        if year >= lever.available:
            continue
        stated: list[QuantityBase] = [use]
        if knots:
            if not min(knots) <= year <= max(knots):
                continue  # told with the years
            step = use.interpolation == "step"
            stated = [knots[y] for y in weights(sorted(knots), year, step=step)]
        if any(s.value != 0 for s in stated):
            message = (
                f"{id} is available from {lever.available}, but not 0 in {year}; "
                f"write an adoption of 0 up to {lever.available}"
            )
            found.add("scenarios", name, ("levers", id), message)
            return


def _years(found: Findings, scenario: Scenario) -> list[int]:
    return scenario.years if scenario.years is not None else found.config.years


def check_years(found: Findings) -> None:
    """Every pathway that a scenario follows reaches all of its years."""
    config = found.config
    if not found.faults:
        _reference_has_years(found)
    base = [(f"inputs.{id}", stated) for id, stated in config.inputs.items()]
    stated: list[tuple[str, Scenario | None]] = list(config.scenarios.items())
    for name, scenario in stated or [("", None)]:
        years = _years(found, scenario) if scenario else config.years
        followed = [*base, *_followed(found, scenario)]
        for what, knots in _reaches(found, followed):
            section, id = ("scenarios", name) if name else ("years", "")
            if not years:
                message = f"{what} follows a pathway; state `years:`"
                found.add(section, id, (), message)
                return
            out = [year for year in years if not min(knots) <= year <= max(knots)]
            if out:
                message = (
                    f"{what} reaches from {min(knots)} to {max(knots)}, not {out[0]}; "
                    "nothing is extrapolated: add a knot, or leave the year out"
                )
                found.add(section, id, (), message)


def _reference_has_years(found: Findings) -> None:
    """Years of a scenario alone, where the one that it is compared with has none."""
    config = found.config
    if config.years:
        return
    stated = config.scenarios
    named = [name for name, scenario in stated.items() if scenario.reference]
    reference = named[0] if named else next(iter(stated), None)
    if reference is None or stated[reference].years:
        return
    for name, scenario in stated.items():
        if scenario.years:
            message = (
                f"the reference {reference} has no year to compare with; state "
                "`years:` of the study, or of the reference too"
            )
            found.add("scenarios", name, ("years",), message)


_Followed = tuple[str, OverYears | Supply]


def _followed(found: Findings, scenario: Scenario | None) -> Iterator[_Followed]:
    set_here = scenario.set if scenario else {}
    for id, supply in found.config.supplies.items():
        if id not in set_here or not set_here[id].names_a_source:
            yield f"supplies.{id}", supply
    for id, change in set_here.items():
        yield f"set.{id}", change.supply() if change.names_a_source else change
    for id, use in (scenario.levers if scenario else {}).items():
        yield f"levers.{id}", use


def _reaches(
    found: Findings, followed: list[_Followed]
) -> Iterator[tuple[str, list[int]]]:
    for what, stated in followed:
        if isinstance(stated, Input) and what.removeprefix("inputs.") not in (
            found.definitions
        ):
            continue
        if isinstance(stated, Supply):
            path = stated.path
            if isinstance(path, str):
                path = found.config.paths.get(path)
            if path is not None:
                yield what, list(path.knots)
        elif stated.pathway is not None:
            yield what, list(stated.pathway)


def check_fleets(found: Findings) -> None:
    """Members are scenarios, and their weights add up to one."""
    for name, fleet in found.config.fleets.items():
        word = "weights" if fleet.weights is not None else "output"
        if name in found.config.scenarios:
            found.add("fleets", name, (), "is a scenario too; choose another name")
        for member, share in (fleet.weights or fleet.output or {}).items():
            place: Place = (word, member)
            if member not in found.config.scenarios:
                near = nearest(member, found.config.scenarios)
                found.add(
                    "fleets", name, place, f"no scenario is called {member}{near}"
                )
            if fleet.output is not None:
                found.not_negative("fleets", name, place, share)
            elif share == REST:
                found.add(
                    "fleets", name, place, "write the weight; a fleet has no rest"
                )
            else:
                found.formula("fleets", name, place, share, "1")
                found.share("fleets", name, place, share)
        known = [as_number(share) for share in fleet.shares.values()]
        if None not in known and abs(sum(k or 0 for k in known) - 1) > SLACK:
            total = sum(k or 0 for k in known)
            message = f"the weights add up to {total:.6g}, not to 1; mend one of them"
            found.add("fleets", name, (word,), message)
