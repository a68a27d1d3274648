"""What options of the command line set over a study and its scenarios."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from scenarios.errors import COMMAND_LINE, ConfigError, Misstated
from scenarios.language.changes import Change
from scenarios.language.config import Config, Run
from scenarios.language.quantities import Input
from scenarios.language.supplies import Supply
from scenarios.language.tables import Tables
from scenarios.language.yaml_text import Unreadable, parse
from scenarios.library import catalogue as library
from scenarios.loading.data_files import with_mixes, with_readings
from scenarios.loading.draft import Draft, Folders, stated_by_option
from scenarios.loading.faults import Faults
from scenarios.loading.schema_faults import validated
from uncertainty.errors import nearest
from uncertainty.seeds import new_seed

KEPT = ("units", "label", "kind", "nature")
"""What an input stays when its value is set."""


def with_options(draft: Draft, stated: Mapping[str, str], faults: Faults) -> Draft:
    """A draft with inputs and supplies set from the command line, over scenarios too.

    Parameters
    ----------
    draft : Draft
    stated : mapping of id to text
        Text as it would stand behind the id under ``set`` of a scenario; for a
        supply also the bare name of a mix.
    faults : Faults
    """
    for id, text in stated.items():
        origin = stated_by_option("inputs", id)
        try:
            draft = _with_option(draft, id, text)
        except Misstated as error:
            faults.add(origin.fault(str(error), *error.path))
        except ConfigError as error:
            for fault in error.faults:  # behind the keys that _change has put before
                faults.add(origin.fault(fault.message, *fault.path[4:]))
    return draft


def with_settings(draft: Draft, stated: Mapping[str, object], faults: Faults) -> Draft:
    """A draft with settings of ``run`` from the command line, and with a seed."""
    settings = (draft.config.run or Run()).model_dump()
    settings |= {key: value for key, value in stated.items() if value is not None}
    try:
        run = validated({"run": settings}, COMMAND_LINE).run or Run()
    except ConfigError as error:
        for fault in error.faults:
            option = "--" + "-".join(str(part) for part in fault.path[1:])
            faults.add(stated_by_option(option, "").fault(fault.message))
        return draft
    if run.seed is None:
        run = run.model_copy(update={"seed": new_seed()})
    return draft.updated(run=run)


def _with_option(draft: Draft, id: str, text: str) -> Draft:
    config = draft.config
    tables = config.tables.over(library.tables())
    change = _change(text, draft.folders, tables)
    section: dict[str, dict[str, Supply] | dict[str, Input]]
    if (supply := config.supplies.get(id)) is not None:
        kind = "supplies"
        section = {kind: {**config.supplies, id: _supply(supply, change)}}
    else:
        kind = "inputs"
        before = config.inputs.get(id) or _library_input(id, tables)
        if before is None:
            raise Misstated(_no_input(config, id))
        section = {kind: {**config.inputs, id: _input(before, change)}}
    scenarios = {
        name: scenario.model_copy(
            update={
                word: {k: v for k, v in getattr(scenario, word).items() if k != id}
                for word in ("set", "scale")
            }
        )
        for name, scenario in config.scenarios.items()
    }
    origins = {(kind, id): stated_by_option(kind, id)}
    draft = draft.updated(origins, scenarios=scenarios, **section)
    if kind == "inputs" and id in config.inputs:
        draft = replace(draft, replaced={**draft.replaced, id: config.inputs[id]})
    return draft


def _supply(before: Supply, change: Change) -> Supply:
    """What comes in place of a supply."""
    if change.names_a_source:
        return change.supply()
    if change.of_supply:
        return before.model_copy(update={"losses": change.losses})
    if isinstance(change.formula, str):  # a bare name
        return Supply(mix=change.formula)
    mend = "is a supply; write a mix's name or {factor: 0.5 kg CO2e/kWh}"
    raise Misstated(mend)


def _input(before: Input, change: Change) -> Input:
    """What comes in place of an input."""
    if change.of_supply or not change.stated:
        mend = "is an input; write a value, {formula: ...} or a distribution"
        raise Misstated(mend)
    ways = {word: getattr(change, word) for word in change.stated}
    own = {word: getattr(change, word) for word in ("kind", "nature", "label")}
    given = {word: getattr(before, word) for word in KEPT}
    given |= {word: value for word, value in own.items() if value is not None}
    given |= {"source": change.source or COMMAND_LINE, "confidence": "assumed"}
    return Input.model_construct(**given, **ways)


def _no_input(config: Config, id: str) -> str:
    for one in config.dependence:
        if one.composition is not None and id in one.law.means:
            return f"is a share of {one.composition}; set its means in the file"
    known = [*config.inputs, *config.supplies]
    return f"no such input or supply{nearest(id, known)}"


def _library_input(id: str, tables: Tables) -> Input | None:
    """Units and kind of an input that a row of a table makes, not a file of inputs."""
    factor = tables.factors.get(id.removeprefix("power."))
    if factor is not None and id.startswith("power."):
        return Input.model_construct(units=factor.units, kind="emission factor")
    if id in {f"gwp.{gas}" for one in tables.gwp_sets.values() for gas in one.values}:
        kind = "characterisation factor"
        return Input.model_construct(units="kg CO2e/kg", kind=kind)
    return None


def _change(text: str, folders: Folders, tables: Tables) -> Change:
    """The change that a text states, with readings in place of a data file."""
    try:
        data = parse(f"stated: {text}", COMMAND_LINE)
    except Unreadable as error:
        raise Misstated(error.fault.message) from None
    if len(data) > 1:
        raise Misstated("more than one value; write one, on one line")
    # an id of its own, so that no key of the user's is taken for one of the path
    whole = {"scenarios": {"s": {"set": {"x": data["stated"]}}}}
    stated = validated(whole, COMMAND_LINE).scenarios["s"].set["x"]
    locate = partial(folders.locate, folder=folders.own or Path())
    return with_mixes(with_readings(stated, locate), locate, tables)
