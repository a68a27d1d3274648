"""A file and what it imports as one config: later wins, and it is known where from."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios import shipped as library
from scenarios.config import Change, Config, FamilyBase, Input, Supply, validate
from scenarios.errors import Fault
from scenarios.reader import Unreadable, nearest, parse, read

MAPPINGS = ("inputs", "products", "supplies", "processes", "outputs", "scenarios")
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


@dataclass
class Merged:
    """What has been read so far.

    Attributes
    ----------
    sections : dict
        Values of the keys of a config, as validated models.
    origins : dict of (section, id) to file
    files : dict of file to path on disk
    faults : list of Fault
    notes : list of str
        What a later file replaced.
    """

    sections: dict[str, Any] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def config(self) -> Config:
        """Everything as one config that imports nothing."""
        return Config.model_construct(**{"imports": [], **self.sections})


def gather(path: Path, data_dir: Path | None = None) -> Merged:
    """Read a study's file and everything it imports.

    Parameters
    ----------
    path : Path
    data_dir : Path, optional
        Where data files may lie beside the config's own folder.
    """
    merged = Merged()
    for section in MAPPINGS:
        merged.sections[section] = {}
    merged.sections["dependence"] = []
    _add(merged, path, str(path), data_dir, ())
    return merged


def _add(
    merged: Merged,
    path: Path,
    name: str,
    data_dir: Path | None,
    within: tuple[str, ...],
) -> None:
    merged.files[name] = path
    try:
        data = read(path, name)
    except Unreadable as error:
        merged.faults.append(error.fault)
        return
    found = validate(data, name)
    if isinstance(found, list):
        merged.faults += found
        # what it imports may be at fault too, and all faults are told at once
        stated = data.get("import")
        imports = [i for i in stated if isinstance(i, str)] if isinstance(
            stated, list
        ) else []
    else:
        imports = found.imports
    for i, wanted in enumerate(imports):
        _import(merged, wanted, (path, name), i, data_dir, (*within, name))
    if isinstance(found, Config):
        _merge(merged, _embedded(merged, found, path, name, data_dir), name)


def _import(
    merged: Merged,
    wanted: str,
    importer: tuple[Path, str],
    position: int,
    data_dir: Path | None,
    within: tuple[str, ...],
) -> None:
    path, name = importer
    place = ("import", position)
    if wanted in library.names():
        target, called = library.path(wanted), wanted
    elif wanted.endswith((".yaml", ".yml")):
        target, called = path.parent / wanted, str(path.parent / wanted)
        if problem := _outside(target, path.parent, data_dir):
            merged.faults.append(Fault(name, 0, place, problem))
            return
    else:
        near = nearest(wanted, library.names())
        message = f"no library file is called {wanted!r}{near}"
        merged.faults.append(Fault(name, 0, place, message))
        return
    if called in within:
        chain = " -> ".join((*within, called))
        merged.faults.append(Fault(name, 0, place, f"files import in a circle: {chain}"))
    elif called not in merged.files:
        _add(merged, target, called, data_dir, within)


def _merge(merged: Merged, config: Config, name: str) -> None:
    for section in MAPPINGS:
        for id, value in getattr(config, section).items():
            before = merged.origins.get((section, id))
            if before is not None:
                merged.notes.append(f"{name}: {section}.{id} replaces {before}'s")
            merged.sections[section][id] = value
            merged.origins[section, id] = name
    for i, one in enumerate(config.dependence):
        merged.origins["dependence", one.composition] = name
        merged.origins["dependence.position", one.composition] = str(i)
        others = merged.sections["dependence"]
        kept = [d for d in others if d.composition != one.composition]
        merged.sections["dependence"] = [*kept, one]
    for key in SINGLES:
        if (value := getattr(config, key)) is not None:
            merged.sections[key] = value
            merged.origins[key, ""] = name


def _embedded(
    merged: Merged, config: Config, path: Path, name: str, data_dir: Path | None
) -> Config:
    """The config with readings from data files in place of the files' names."""
    inputs = dict(config.inputs)
    for id, stated in config.inputs.items():
        distribution = stated.distribution
        if not isinstance(distribution, FamilyBase) or not distribution.from_file:
            continue
        word = distribution.family()
        place = ("inputs", id, word, "file")
        target = path.parent / str(distribution.file)
        problem = _outside(target, path.parent, data_dir)
        values: tuple[float, ...] = ()
        if problem is None:
            try:
                values = readings(target, distribution.column)
            except ValueError as error:
                problem = str(error)
        if problem is not None:
            merged.faults.append(Fault(name, 0, place, problem))
            continue
        whole = distribution.model_copy(
            update={"values": values, "file": None, "column": None}
        )
        inputs[id] = stated.model_copy(update={word: whole})
    return config.model_copy(update={"inputs": inputs})


def readings(path: Path, column: str | None) -> tuple[float, ...]:
    """Numbers of one column of a CSV file.

    Raises
    ------
    ValueError
        No such file or column, or a cell is no plain number; names the row.
    """
    if not path.is_file():
        near = nearest(path.name, (p.name for p in path.parent.glob("*.csv")))
        raise ValueError(f"no such data file: {path.name}{near}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        header = [h for h in table.fieldnames or [] if h]
        wanted = column or (header[0] if len(header) == 1 else None)
        if wanted is None:
            raise ValueError(f"{path.name}: say which column: {', '.join(header)}")
        if wanted not in header:
            near = nearest(wanted, header)
            raise ValueError(f"{path.name}: no column {wanted!r}{near}")
        rows = [(i, row[wanted]) for i, row in enumerate(table, start=2)]
    return tuple(_cell(path.name, i, cell) for i, cell in rows if (cell or "").strip())


def _cell(file: str, row: int, cell: str) -> float:
    text = cell.strip()
    mend = ""
    if text.startswith("#"):
        mend = "a spreadsheet error; mend it there"
    elif "," in text:
        mend = "write a decimal point, no comma"
    elif "%" in text:
        mend = "write the number without the sign, in the input's units"
    else:
        try:
            number = float(text)
        except ValueError:
            mend = "write a number"
        else:
            if math.isfinite(number):
                return number
            mend = "leave the cell empty where there is no reading"
    raise ValueError(f"{file}, row {row}: {text!r} is no number; {mend}")


def _outside(target: Path, base: Path, data_dir: Path | None) -> str | None:
    """Why a file may not be read from where it lies, if so."""
    roots = [base.resolve()] + ([data_dir.resolve()] if data_dir else [])
    if any(target.resolve().is_relative_to(root) for root in roots):
        return None
    return "lies outside the config's folder; move it there or pass --data-dir"


def override(merged: Merged, stated: Mapping[str, str]) -> None:
    """Set inputs and supplies from the command line, over scenarios too."""
    sections = merged.sections
    for id, text in stated.items():
        place = ("--set", id)
        change = _change(merged, id, text)
        if change is None:
            continue
        if id in sections["supplies"]:
            sections["supplies"][id] = _override_supply(change)
        elif before := sections["inputs"].get(id) or _library_input(id):
            papers = before.model_dump(include={"units", "label", "kind", "nature"})
            ways = {word: getattr(change, word) for word in change.stated}
            given = {**papers, "source": "command line", "confidence": "assumed"}
            sections["inputs"][id] = Input.model_construct(**given, **ways)
        else:
            known = [*sections["inputs"], *sections["supplies"]]
            near = nearest(id, known)
            merged.faults.append(Fault("command line", 0, place, f"no such input{near}"))
            continue
        for name, scenario in sections["scenarios"].items():
            kept = {
                "set": {k: v for k, v in scenario.set.items() if k != id},
                "scale": {k: v for k, v in scenario.scale.items() if k != id},
            }
            sections["scenarios"][name] = scenario.model_copy(update=kept)


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


def _override_supply(change: Change) -> Supply:
    if change.of_supply:
        return change.supply()
    return Supply(mix=str(change.value))


def _change(merged: Merged, id: str, text: str) -> Change | None:
    place = ("--set", id)
    try:
        data = parse(f"scenarios: {{s: {{set: {{{id!r}: {text}}}}}}}", "command line")
    except Unreadable as error:
        merged.faults.append(Fault("command line", 0, place, error.fault.message))
        return None
    found = validate(data, "command line")
    if isinstance(found, Config):
        changes = found.scenarios["s"].set
        if id in changes:
            return changes[id]
        merged.faults.append(Fault("command line", 0, place, "cannot be read"))
        return None
    for fault in found:
        path = (*place, *fault.path[4:])
        merged.faults.append(Fault("command line", 0, path, fault.message))
    return None
