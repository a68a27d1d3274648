"""From a path to a checked study: the one door through which configs come in."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios.errors import COMMAND_LINE, ConfigError, Fault
from scenarios.language.config import Config, Run
from scenarios.language.quantities import Input
from scenarios.language.yaml_text import Document, document
from scenarios.library import catalogue as library
from scenarios.loading.checks import check
from scenarios.loading.merge import Merged, gather
from scenarios.loading.overrides import override
from scenarios.loading.schema_faults import validate
from scenarios.loading.study_warnings import cautions
from scenarios.loading.sweeps import expanded
from scenarios.loading.trial_run import trial
from scenarios.model.definitions import (
    Definition,
    Origin,
    gwp,
    of_factor,
    of_mix,
    papers,
    quantity,
    shares,
)
from scenarios.model.dependence import blamed, blocks, compose, released
from scenarios.model.mixes_used import used_mixes
from scenarios.model.study import Study
from scenarios.units import units
from uncertainty.dependence import Block
from uncertainty.errors import DependenceError, UncertaintyError
from uncertainty.seeds import new_seed


def load(
    path: str | Path,
    overrides: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    data_dir: Path | None = None,
    point: bool = False,
) -> Study:
    """Read, merge and check a study.

    Parameters
    ----------
    path : str or Path
        The study's YAML file.
    overrides : mapping of id to text, optional
        Inputs and supplies set over the file and over its scenarios.
    settings : mapping, optional
        Keys of ``run`` (draws, design, seed, ...) that win over the file's.
    data_dir : Path, optional
        Where data files may lie beside the config's own folder.
    point : bool
        Put every uncertain input at its point value.

    Returns
    -------
    Study
        Frozen, with units checked.

    Raises
    ------
    ConfigError
        Every fault found, each with file, line, path and how to mend it.
    """
    path = Path(path)
    merged = gather(path, data_dir)
    _raise(merged)
    override(merged, overrides or {})
    known = merged.sections["inputs"]
    swept, faults = expanded(merged.sections["scenarios"], known, merged.origins)
    merged.sections["scenarios"] = swept
    merged.faults += faults
    config = _with_settings(merged, merged.config(), settings or {})
    definitions = _definitions(merged, config)
    ties, told = released(config.dependence, definitions, merged.origins)
    config = config.model_copy(update={"dependence": ties})
    merged.faults += check(config, definitions, merged.origins)
    _raise(merged)
    study = Study(
        path.stem,
        config,
        definitions,
        merged.origins,
        _blocks(merged, config, definitions),
        point=point,
    )
    _raise(merged)
    file = str(path)
    model = trial(study, file)
    if isinstance(model, list):
        merged.faults += model
        _raise(merged)
        raise AssertionError("a fault has been raised")
    return replace(study, warnings=(*told, *cautions(study, model, file)))


def _blocks(
    merged: Merged, config: Config, definitions: Mapping[str, Definition]
) -> tuple[Block, ...]:
    """Blocks of dependent columns, or a fault at the correlation to blame."""
    try:
        return blocks(config, definitions, config.scenarios)
    except DependenceError as error:
        position = blamed(error, config.dependence)
        one = config.dependence[position or 0]
        file = merged.origins.get(("dependence", one.name), COMMAND_LINE)
        at = int(merged.origins.get(("dependence.position", one.name), "0"))
        place = () if position is None else ("dependence", at, "rank_correlation")
        merged.faults.append(Fault(file, 0, place, str(error)))
        return ()


def _raise(merged: Merged) -> None:
    """Raise all faults found so far, each with its line."""
    if not merged.faults:
        return
    places: dict[str, Document] = {}
    placed = []
    for fault in dict.fromkeys(merged.faults):
        path = merged.files.get(fault.file)
        if fault.line or path is None or not fault.path:
            placed.append(fault)
            continue
        if fault.file not in places:
            places[fault.file] = document(path, fault.file)
        placed.append(replace(fault, line=places[fault.file].line(fault.path)))
    raise ConfigError(placed)


def _with_settings(
    merged: Merged, config: Config, settings: Mapping[str, Any]
) -> Config:
    stated = (config.run or Run()).model_dump()
    stated |= {key: value for key, value in settings.items() if value is not None}
    found = validate({"run": stated}, COMMAND_LINE)
    if isinstance(found, list):
        for fault in found:
            option = "--" + "-".join(str(part) for part in fault.path[1:])
            merged.faults.append(Fault(COMMAND_LINE, 0, (option,), fault.message))
        return config
    run = found.run or Run()
    if run.seed is None:
        run = run.model_copy(update={"seed": new_seed()})
    return config.model_copy(update={"run": run})


def _definitions(merged: Merged, config: Config) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    settings = config.characterisation
    set_name = settings.set if settings else "AR6"
    if set_name in library.gwp_sets():
        gases = gwp(set_name, bool(settings and settings.uncertain))
        found |= {what.id: what for what in gases}
    found |= {what.id: what for what in map(of_factor, library.factors().values())}
    for name in used_mixes(config):
        if name in library.mixes():
            found |= {what.id: what for what in of_mix(library.mixes()[name])}
    place: Origin
    for one in config.dependence:
        if one.composition is None:
            continue
        origin = merged.origins["dependence", one.name]
        position = int(merged.origins["dependence.position", one.name])
        place = (origin, ("dependence", position, one.law_name))
        known = {**papers(one), "composition": one.composition}
        try:
            found |= {what.id: what for what in shares(compose(one), known, place)}
        except DependenceError as error:
            merged.faults.append(Fault(place[0], 0, place[1], str(error)))
    for id, stated in config.inputs.items():
        file = merged.origins["inputs", id]
        place = (file, ("inputs", id) if file != COMMAND_LINE else (f"--set {id}",))
        try:
            mine = _stated(id, stated, place)
            _same_kind(mine, found.get(id))
            found[id] = mine
        except _Misstated as fault:
            path = (*place[1], *fault.path)
            merged.faults.append(Fault(file, 0, path, str(fault)))
    return found


class _Misstated(Exception):
    """An input cannot be what it is stated to be; `path` leads to the key."""

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.path = path


def _stated(id: str, stated: Input, place: Origin) -> Definition:
    """Definition of an input of a file; its own units win where it has them."""
    if stated.units is None and not isinstance(stated.value, str):
        raise _Misstated('are missing; write units: "1" for a pure number', "units")
    try:
        unit = units().parse(stated.units or "1")
    except UncertaintyError as error:
        raise _Misstated(str(error), "units") from None
    try:
        what = quantity(id, stated, unit, place)
    except UncertaintyError as error:
        raise _Misstated(str(error), *stated.stated[:1]) from None
    if stated.units is not None and what.unit.dimension != unit.dimension:
        word = stated.stated[0]
        raise _Misstated(
            f"{getattr(stated, word)} is no amount of {stated.units}; the two measure "
            f"{what.unit.dimension} and {unit.dimension}",
            word,
        )
    return what


def _same_kind(mine: Definition, shipped: Definition | None) -> None:
    """Refuse to put another kind of quantity in place of a table's own."""
    if shipped is None or shipped.composition is not None:
        return  # that a share is stated twice is told with the shares
    if mine.unit.dimension != shipped.unit.dimension:
        raise _Misstated(
            f"{mine.unit.text} is not what the library's own {mine.id} measures; "
            f"write {shipped.unit.text}",
            "units",
        )
