"""A file and what it imports as one config: later wins, and it is known where from."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from scenarios.datafiles.csv_columns import readings
from scenarios.datafiles.mix_files import MixfileError, with_knots
from scenarios.errors import Fault
from scenarios.language.changes import Change
from scenarios.language.config import Config
from scenarios.language.quantities import QuantityBase
from scenarios.language.supplies import Supply, SupplyPath
from scenarios.language.yaml_text import Unreadable, read
from scenarios.library import catalogue as library
from scenarios.loading.data_sheets import measured, short_name
from scenarios.loading.schema_faults import validate
from uncertainty.errors import nearest

MAPPINGS = (
    "paths",
    "levers",
    "fleets",
    "inputs",
    "products",
    "supplies",
    "processes",
    "outputs",
    "scenarios",
)
SINGLES = (
    "title",
    "description",
    "licence",
    "source",
    "declared_unit",
    "operator",
    "run",
    "characterisation",
)
DEEPEST = 20
"""Files that may import one another in a row."""

Place = tuple[str | int, ...]
AnyQuantity = TypeVar("AnyQuantity", bound=QuantityBase)
AnySupply = TypeVar("AnySupply", Supply, Change)


@dataclass
class Merged:
    """What has been read so far.

    Attributes
    ----------
    folders : tuple of Path
        Where files may lie: the study's own folder, and one for data.
    sections : dict
        Values of the keys of a config, as validated models.
    origins : dict of (section, id) to file
    files : dict of file to path on disk
    faults : list of Fault
    """

    folders: tuple[Path, ...] = ()
    sections: dict[str, Any] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def config(self) -> Config:
        """Everything as one config that imports nothing."""
        return Config.model_construct(**{"imports": [], **self.sections})

    def problem(self, target: Path) -> str | None:
        """Why a file may not be read from where it lies, if so."""
        try:
            target.exists()
            whole = target.resolve()
            folders = [folder.resolve() for folder in self.folders]
        except (OSError, ValueError):  # too long, or with a null character
            return "is not a path that can be; write letters, digits and slashes"
        if any(whole.is_relative_to(folder) for folder in folders):
            return None
        return "lies outside the config's folder; move it there or pass --data-dir"


def gather(path: Path, data_dir: Path | None = None) -> Merged:
    """Read a study's file and everything it imports.

    Parameters
    ----------
    path : Path
    data_dir : Path, optional
        Where data files may lie beside the config's own folder.
    """
    merged = Merged((path.parent, *([data_dir] if data_dir else [])))
    for section in MAPPINGS:
        merged.sections[section] = {}
    merged.sections["dependence"] = []
    _add(merged, path, str(path), ())
    return merged


def _add(merged: Merged, path: Path, name: str, within: tuple[str, ...]) -> None:
    """Read one file, what it imports first."""
    merged.files[name] = path
    try:
        data = read(path, name)
    except Unreadable as error:
        merged.faults.append(error.fault)
        return
    sheet = short_name(data)
    found = validate(data, name)
    # where the file is at fault, what it imports may be too: all is told at once
    stated = found.imports if isinstance(found, Config) else data.get("import")
    for i, wanted in enumerate(stated if isinstance(stated, list) else ()):
        if isinstance(wanted, str):
            problem = _import(merged, wanted, path, (*within, name))
            if problem is not None:
                merged.faults.append(Fault(name, 0, ("import", i), problem))
    if isinstance(found, Config):
        whole = _with_readings(merged, found, path.parent, name)
        _merge(merged, _with_mixes(merged, whole, path.parent, name), name)
        _fill_in(merged, found.data_sheet, sheet, path.parent, name)
    else:
        merged.faults += found


def _import(
    merged: Merged, wanted: str, importer: Path, within: tuple[str, ...]
) -> str | None:
    """Read a file that another imports; what is wrong with the import, if anything."""
    if wanted in library.names():
        target, name = library.path(wanted), wanted
    elif wanted.endswith((".yaml", ".yml")):
        target = importer.parent / wanted
        if problem := merged.problem(target):
            return problem
        name = os.path.normpath(target)
        if not target.exists():
            near = nearest(target.name, (p.name for p in target.parent.glob("*.y*ml")))
            return f"no such file: {name}{near}"
    else:
        near = nearest(wanted, library.names())
        more = near or "; `potline library files` lists them; a file ends in .yaml"
        return f"no library file is called {wanted}{more}"
    known = {path.resolve(): file for file, path in merged.files.items()}
    name = known.get(target.resolve(), name)
    if name in within:
        return f"files import in a circle: {' -> '.join((*within, name))}"
    if len(within) > DEEPEST:
        return f"more than {DEEPEST} files import one another in a row"
    if name not in merged.files:
        _add(merged, target, name, within)
    return None


def _merge(merged: Merged, config: Config, name: str) -> None:
    for section in MAPPINGS:
        for id, value in getattr(config, section).items():
            merged.sections[section][id] = value
            merged.origins[section, id] = name
    for i, one in enumerate(config.dependence):
        merged.origins["dependence", one.name] = name
        merged.origins["dependence.position", one.name] = str(i)
        others = merged.sections["dependence"]
        kept = [d for d in others if d.name != one.name]
        merged.sections["dependence"] = [*kept, one]
    if config.years:
        merged.sections["years"] = config.years
    for key in SINGLES:
        if (value := getattr(config, key)) is not None:
            merged.sections[key] = value
            merged.origins[key, ""] = name


def _fill_in(
    merged: Merged, long: str | None, short: str | None, folder: Path, name: str
) -> None:
    """Put what a data sheet measured in place of the inputs read so far."""
    place: Place = ("data_sheet",) if long is not None else ("inputs", "sheet")
    named = long if long is not None else short
    if named is None:
        return
    if long is not None and short is not None:
        message = "a data sheet stands under inputs too; keep one of the two"
        merged.faults.append(Fault(name, 0, place, message))
        return
    target, problem = located(merged, named, folder)
    if problem is not None:
        merged.faults.append(Fault(name, 0, place, problem))
        return
    sections = merged.sections
    found = measured(target, named, sections["inputs"], sections["dependence"])
    if isinstance(found, str):
        merged.faults.append(Fault(name, 0, place, f"{named} {found}"))
    elif isinstance(found, list):
        merged.faults += found
    else:
        sections["inputs"] |= found
        merged.origins |= {("inputs", id): named for id in found}


def _with_readings(merged: Merged, config: Config, folder: Path, name: str) -> Config:
    """The config with readings from data files in place of the files' names."""

    def embed(stated: AnyQuantity, *place: str) -> AnyQuantity:
        problem, whole = embedded(merged, stated, folder)
        for path, message in problem:
            merged.faults.append(Fault(name, 0, (*place, *path), message))
        return whole

    inputs = {id: embed(one, "inputs", id) for id, one in config.inputs.items()}
    scenarios = {
        id: scenario.model_copy(
            update={
                word: {
                    input: embed(change, "scenarios", id, word, input)
                    for input, change in getattr(scenario, word).items()
                }
                for word in ("set", "scale")
            }
        )
        for id, scenario in config.scenarios.items()
    }
    return config.model_copy(update={"inputs": inputs, "scenarios": scenarios})


def _with_mixes(merged: Merged, config: Config, folder: Path, name: str) -> Config:
    """The config with knots from files of mixes in place of the files' names."""

    def embed(stated: SupplyPath, *place: str) -> SupplyPath:
        problem, whole = followed(merged, stated, folder)
        for path, message in problem:
            merged.faults.append(Fault(name, 0, (*place, *path), message))
        return whole

    def within(stated: AnySupply, *place: str) -> AnySupply:
        if not isinstance(stated.path, SupplyPath):
            return stated
        whole = embed(stated.path, *place, "path")
        return stated.model_copy(update={"path": whole})

    levers = {
        id: lever.model_copy(
            update={
                "supplies": {
                    supply: within(one, "levers", id, "supplies", supply)
                    for supply, one in lever.supplies.items()
                }
            }
        )
        for id, lever in config.levers.items()
    }
    scenarios = {
        id: scenario.model_copy(
            update={
                "set": {
                    what: within(change, "scenarios", id, "set", what)
                    for what, change in scenario.set.items()
                }
            }
        )
        for id, scenario in config.scenarios.items()
    }
    update = {
        "paths": {id: embed(one, "paths", id) for id, one in config.paths.items()},
        "supplies": {
            id: within(one, "supplies", id) for id, one in config.supplies.items()
        },
        "levers": levers,
        "scenarios": scenarios,
    }
    return config.model_copy(update=update)


def followed(
    merged: Merged, stated: SupplyPath, folder: Path
) -> tuple[list[tuple[Place, str]], SupplyPath]:
    """What is wrong with a path's file of mixes, and the path with its knots."""
    if stated.file is None:
        return [], stated
    target, problem = located(merged, stated.file, folder)
    if problem is not None:
        return [(("file",), problem)], stated
    try:
        return [], with_knots(stated, target)
    except MixfileError as error:
        return [((error.key,), str(error))], stated


def embedded(
    merged: Merged, stated: AnyQuantity, folder: Path
) -> tuple[list[tuple[Place, str]], AnyQuantity]:
    """What is wrong with a quantity's data file, and the quantity with its readings.

    Parameters
    ----------
    merged : Merged
    stated : QuantityBase
        An input or a change; one without a data file comes back as it is.
    folder : Path
        Where the data file lies, if not in another of ``merged.folders``.
    """
    distribution = stated.distribution
    if distribution is None or not distribution.from_file:
        return [], stated
    word = distribution.family()
    named = str(distribution.file)
    target, problem = located(merged, named, folder)
    if problem is None:
        try:
            values = readings(target, distribution.column)
        except ValueError as error:
            problem = str(error)
    if problem is not None:
        return [((word, "file"), problem)], stated
    data = {"values": values, "file": None, "column": None}
    whole = distribution.model_copy(update=data)
    parameter, problem = whole.fault()
    if problem is not None:
        key = "file" if parameter in {"", "values"} else parameter
        return [((word, key), problem.removeprefix(f"{parameter}: "))], stated
    return [], stated.model_copy(update={word: whole})


def located(merged: Merged, named: str, folder: Path) -> tuple[Path, str | None]:
    """Where a data file lies, and why it may not be read from there, if so."""
    places = [base / named for base in (folder, *merged.folders[1:])]
    within = [place for place in places if merged.problem(place) is None]
    problem = None if within else merged.problem(places[0])
    return next((place for place in within if place.exists()), places[0]), problem
