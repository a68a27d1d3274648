"""What options of the command line set over a study and its scenarios."""

from collections.abc import Mapping
from typing import Any

from scenarios.errors import COMMAND_LINE, Fault
from scenarios.language.changes import Change
from scenarios.language.quantities import Input
from scenarios.language.supplies import Supply, SupplyPath
from scenarios.language.yaml_text import Unreadable, parse
from scenarios.library import catalogue as library
from scenarios.loading.merge import Merged, embedded, followed
from scenarios.loading.schema_faults import validate
from uncertainty.errors import nearest

KEPT = ("units", "label", "kind", "nature")
"""What an input stays when its value is set."""


def override(merged: Merged, stated: Mapping[str, str]) -> None:
    """Set inputs and supplies from the command line, over scenarios too.

    Parameters
    ----------
    merged : Merged
        Faults are added to it.
    stated : mapping of id to text
        Text as it would stand behind the id under ``set`` of a scenario; for a
        supply also the bare name of a mix.
    """
    sections = merged.sections
    for id, text in stated.items():
        change = _change(merged, id, text)
        if change is None:
            continue
        problem, section, whole = _replaced(merged, id, change)
        if problem is not None:
            merged.faults.append(Fault(COMMAND_LINE, 0, (f"--set {id}",), problem))
            continue
        sections[section][id] = whole
        merged.origins[section, id] = COMMAND_LINE
        for name, scenario in sections["scenarios"].items():
            kept = {
                word: {k: v for k, v in getattr(scenario, word).items() if k != id}
                for word in ("set", "scale")
            }
            sections["scenarios"][name] = scenario.model_copy(update=kept)


def _replaced(
    merged: Merged, id: str, change: Change
) -> tuple[str | None, str, Input | Supply | None]:
    """What is wrong, if anything; else the section, and what comes to stand there."""
    sections = merged.sections
    if (supply := sections["supplies"].get(id)) is not None:
        if change.names_a_source:
            return None, "supplies", change.supply()
        if change.of_supply:
            kept = supply.model_copy(update={"losses": change.losses})
            return None, "supplies", kept
        if isinstance(change.value, str):
            return None, "supplies", Supply(mix=change.value)
        mend = "is a supply; write a mix's name or {factor: 0.5 kg CO2e/kWh}"
        return mend, "", None
    before = sections["inputs"].get(id) or _library_input(id)
    if before is None:
        return _no_input(sections, id), "", None
    if change.of_supply or not change.stated:
        mend = "is an input; write a value, {formula: ...} or a distribution"
        return mend, "", None
    ways = {word: getattr(change, word) for word in change.stated}
    own = {word: getattr(change, word) for word in ("kind", "nature", "label")}
    given = {word: getattr(before, word) for word in KEPT}
    given |= {word: value for word, value in own.items() if value is not None}
    given |= {"source": change.source or COMMAND_LINE, "confidence": "assumed"}
    return None, "inputs", Input.model_construct(**given, **ways)


def _no_input(sections: Mapping[str, Any], id: str) -> str:
    for one in sections["dependence"]:
        if one.composition is not None and id in one.law.means:
            return f"is a share of {one.composition}; set its means in the file"
    known = [*sections["inputs"], *sections["supplies"]]
    return f"no such input or supply{nearest(id, known)}"


def _library_input(id: str) -> Input | None:
    """Papers of an input that the library's tables make, not a file of inputs."""
    factor = library.factors().get(id.removeprefix("power."))
    if factor is not None and id.startswith("power."):
        return Input.model_construct(units=factor.units, kind="emission factor")
    gases = {f"gwp.{gas}" for s in library.gwp_sets().values() for gas in s["values"]}
    if id in gases:
        kind = "characterisation factor"
        return Input.model_construct(units="kg CO2e/kg", kind=kind)
    return None


def _change(merged: Merged, id: str, text: str) -> Change | None:
    """The change that a text states, with readings in place of a data file."""
    place = (f"--set {id}",)
    try:
        data = parse(f"stated: {text}", COMMAND_LINE)
    except Unreadable as error:
        merged.faults.append(Fault(COMMAND_LINE, 0, place, error.fault.message))
        return None
    if len(data) > 1:
        message = "more than one value; write one, on one line"
        merged.faults.append(Fault(COMMAND_LINE, 0, place, message))
        return None
    # an id of its own, so that no key of the user's is taken for one of the path
    found = validate({"scenarios": {"s": {"set": {"x": data["stated"]}}}}, COMMAND_LINE)
    if isinstance(found, list):
        for fault in found:
            path = (*place, *fault.path[4:])
            merged.faults.append(Fault(COMMAND_LINE, 0, path, fault.message))
        return None
    stated = found.scenarios["s"].set["x"]
    problem, whole = embedded(merged, stated, merged.folders[0])
    if isinstance(stated.path, SupplyPath):
        told, mixed = followed(merged, stated.path, merged.folders[0])
        problem = [(("path", *key), message) for key, message in told]
        whole = stated.model_copy(update={"path": mixed})
    for path, message in problem:
        merged.faults.append(Fault(COMMAND_LINE, 0, (*place, *path), message))
    return None if problem else whole
