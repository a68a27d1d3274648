"""Checks of scenarios: what they change exists, fits, and is changed once."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from scenarios.errors import NOWHERE
from scenarios.language.changes import Change
from scenarios.language.quantities import Knot
from scenarios.loading.checks.findings import Findings, Place
from scenarios.loading.checks.supplies import check_supply
from scenarios.model.definitions import Definition, literal
from scenarios.model.scenario import changed
from uncertainty.errors import UncertaintyError, nearest, shown
from uncertainty.model.expressions import parse


def check_scenarios(found: Findings) -> None:
    """Changes that name nothing, do not fit, or touch the same thing twice."""
    scenarios = found.config.scenarios
    marked = [name for name, scenario in scenarios.items() if scenario.reference]
    for name in marked[1:]:
        message = f"{marked[0]} is the reference already; there is one"
        found.add("scenarios", name, ("reference",), message)
    for name, scenario in scenarios.items():
        for id in sorted(scenario.set.keys() & scenario.scale.keys()):
            message = "is set and scaled by the same scenario; do one of the two"
            found.add("scenarios", name, ("scale", id), message)
        for id, change in scenario.set.items():
            _set(found, name, id, change)
        for id, change in scenario.scale.items():
            _scale(found, name, id, change)


def _unknown(found: Findings, id: str, kind: str) -> str | None:
    """What is wrong with the id of a change, if nothing is called so."""
    if id in found.config.supplies or id in found.config.inputs:
        return None
    if id in found.definitions or id in found.names.unread:
        return None
    known = [*found.config.inputs, *found.config.supplies]
    return f"no such {kind}{nearest(id, known)}"


def _set(found: Findings, name: str, id: str, change: Change) -> None:
    """One thing that a scenario puts in place of another."""
    place: Place = ("set", id)
    for path, why in _own_column(found, name, id, change):
        found.add("scenarios", name, (*place, *path), why)
    for year, knot in (change.pathway or {}).items():
        if (known := found.definitions.get(id)) is not None:
            _input(found, name, (*place, "pathway", year), knot, known.unit.text)
    is_supply = id in found.config.supplies
    kind = "supply" if change.of_supply else "input"
    if message := _unknown(found, id, kind):
        found.add("scenarios", name, place, message)
    elif change.of_supply != is_supply:
        mend = (
            "is a supply; write {mix: ...}, {blend: {...}} or {factor: ...}"
            if is_supply
            else "is an input; write a value, a formula or a distribution"
        )
        found.add("scenarios", name, place, mend)
    elif is_supply:
        _supply(found, name, place, id, change)
    elif _one_share(found, name, place, id, change):
        pass
    elif (what := found.definitions.get(id)) is not None:
        _input(found, name, place, change, what.unit.text)


def _own_column(
    found: Findings, name: str, id: str, change: Change
) -> Iterator[tuple[Place, str]]:
    """What is wrong with asking for a column of its own, and with what ties it."""
    if change.correlated is not None and not change.independent:
        mend = "goes with `independent: true`, a column of its own to be correlated"
        yield ("correlated",), mend
    if not change.independent:
        return
    path: Place = ("independent",)
    what = found.definitions.get(id)
    if change.of_supply or id in found.config.supplies:
        yield path, "a supply has no draw; make the inputs it reads independent"
    elif what is not None and what.composition is not None:
        yield path, "a share cannot vary alone; compare two studies that state them"
    elif change.formula is not None or _is_formula(what, change):
        yield path, "a formula has no draw; make the inputs it reads independent"
    elif not _varies(what, change):
        yield path, "a constant has no draw; state a distribution, or leave it out"
    scenario = found.config.scenarios[name]
    years = found.config.years if scenario.years is None else scenario.years
    if change.independent == "year" and not years:
        yield path, "there are no `years`; state them, or write independent: true"
    if change.independent == "year" and (change.correlated or 0) < 0:
        mend = "a correlation from year to year that fades with the gap is 0 or more"
        yield ("correlated",), f"{change.correlated:g} would change sign; {mend}"


def _is_formula(what: Definition | None, change: Change) -> bool:
    return not change.stated and what is not None and what.expression is not None


def _varies(what: Definition | None, change: Change) -> bool:
    """Whether an input has draws once a change is made; unknown ids are told of."""
    if change.value is not None:
        return False
    return bool(change.stated) or what is None or what.varies


def _scale(found: Findings, name: str, id: str, change: Change) -> None:
    """One input that a scenario multiplies."""
    place: Place = ("scale", id)
    for word in ("independent", "correlated"):
        if getattr(change, word) is not None:
            mend = "belongs under `set`; a factor has one column for all scenarios"
            found.add("scenarios", name, (*place, word), mend)
    if message := _unknown(found, id, "input"):
        found.add("scenarios", name, place, message)
    elif id in found.config.supplies or change.of_supply:
        message = "only inputs can be scaled; `set` another supply"
        found.add("scenarios", name, place, message)
    elif not _one_share(found, name, place, id, change):
        _input(found, name, place, change, "1")


def _one_share(
    found: Findings, name: str, place: Place, id: str, change: Change
) -> bool:
    """Whether a change is of one share, so that all of them would miss one."""
    what = found.definitions.get(id)
    of_mix = id.startswith("mix.")
    tied = what is not None and what.composition is not None
    if not change.stated or not (of_mix or tied):
        return False
    mend = (
        "state `shares:` or a `blend:` on the supply"
        if of_mix
        else "compare two studies that state the shares"
    )
    message = f"is one of shares that sum to one and cannot be changed alone; {mend}"
    found.add("scenarios", name, place, message)
    return True


def _input(
    found: Findings, name: str, place: Place, change: Change | Knot, unit: str
) -> None:
    """The value of a change, which must measure what `unit` does."""
    if change.formula is not None:
        path = (*place, "formula")
        found.formula("scenarios", name, path, change.formula, unit)
    elif isinstance(change.value, str):
        try:
            known = literal(change.value)
        except UncertaintyError as error:
            found.add("scenarios", name, place, str(error))
            return
        if known is None:
            given = shown(change.value)
            message = f"{given} is no number; write a number, or one with its units"
            found.add("scenarios", name, place, message)
            return
        found.formula("scenarios", name, place, change.value, unit)


def _supply(found: Findings, name: str, place: Place, id: str, change: Change) -> None:
    """A supply that a scenario puts in place, or losses alone."""
    supply = found.config.supplies[id]
    if change.names_a_source:
        supply = change.supply()
    else:  # the mix stays as it was, and its factor may hold the losses already
        supply = supply.model_copy(update={"losses": change.losses})
    check_supply(found, "scenarios", name, place, supply)


def check_cycles(found: Findings) -> None:
    """Formulas that need themselves, in the study or in one of its scenarios."""
    if path := _circle(_outputs_read(found)):
        message = f"the outputs need each other: {' -> '.join(path)}"
        found.add("outputs", path[0], ("formula",), message)
    if path := _cycle(found.definitions):
        message = f"the formulas need each other: {' -> '.join(path)}"
        found.add("inputs", path[0], ("formula",), message)
        return
    for name, scenario in found.config.scenarios.items():
        changes = (*scenario.set.items(), *scenario.scale.items())
        if all(change.formula is None for _, change in changes):
            continue
        mine = changed(found.definitions, name, scenario, NOWHERE)
        if path := _cycle(mine):
            message = f"the formulas need each other: {' -> '.join(path)}"
            found.add("scenarios", name, ("set",), message)


def _cycle(definitions: Mapping[str, Definition]) -> list[str]:
    """Ids along the first circle of formulas, none if there is no circle."""
    return _circle({id: sorted(_read_by(what)) for id, what in definitions.items()})


def _outputs_read(found: Findings) -> dict[str, list[str]]:
    """Other outputs that each output reads; names of inputs and results go first."""
    stated, names = found.config.outputs, found.names
    known = stated.keys() - names.inputs.keys() - names.results.keys()
    formulas = {id: output.formula for id, output in stated.items()}
    return {
        id: [] if literal(text) else sorted(parse(str(text)).names & known)
        for id, text in formulas.items()
    }


def _circle(needs: Mapping[str, list[str]]) -> list[str]:
    """Ids along the first circle, none if there is no circle."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def _read_by(what: Definition) -> Iterator[str]:
    if what.expression is not None:
        yield from what.expression.names
    for by in what.factors:
        if not isinstance(by, tuple):
            yield from by.names
