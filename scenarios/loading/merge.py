"""A file and what it imports as one draft: later wins, and origins are kept."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from scenarios.errors import Misstated, Origin
from scenarios.language.config import Config, Output
from scenarios.language.dependence import Dependence
from scenarios.language.quantities import Input
from scenarios.language.tables import Tables
from scenarios.language.yaml_text import Document, document
from scenarios.library import catalogue as library
from scenarios.loading.data_files import with_data_files
from scenarios.loading.data_sheets import measured, short_name
from scenarios.loading.draft import Draft, Folders
from scenarios.loading.faults import Faults
from scenarios.loading.schema_faults import validated
from scenarios.units import units
from uncertainty.errors import UncertaintyError, nearest

MAPPINGS = (
    "names",
    "standards",
    "thresholds",
    "plausible",
    "paths",
    "levers",
    "fleets",
    "inputs",
    "products",
    "supplies",
    "processes",
    "routes",
    "outputs",
    "scenarios",
    "mixes",
    "factors",
    "gwp_sets",
)
OWN = ("title", "description", "licence", "source", "report")
"""What a study says of itself; an import never says it in its place."""
SINGLES = (
    *OWN,
    "declared_unit",
    "operator",
    "run",
    "characterisation",
    "years",
)
DEEPEST = 20
"""Files that may import one another in a row."""


@dataclass(frozen=True)
class _File:
    """One file that has been read.

    Attributes
    ----------
    name : str
        What it is called in faults.
    folder : Path
        Where data files named in it lie.
    document : Document
    config : Config
    sheet : str or None
        Data sheet that stands under ``inputs``.
    """

    name: str
    folder: Path
    document: Document
    config: Config
    sheet: str | None


def gather(first: Path | Document, folders: Folders, faults: Faults) -> Draft:
    """Read a study and everything it imports.

    Parameters
    ----------
    first : Path or Document
        The study's file, or its data where no file holds it.
    folders : Folders
    faults : Faults
        Gets every fault of every file, and the files' texts.
    """
    reader = _Reader(folders, faults)
    if isinstance(first, Document):
        folder = folders.own or Path()
        reader.take(first, folder / first.name, ())
    else:
        reader.read(first, str(first), ())
    return _merged(reader.files, folders, faults)


class _Reader:
    """Reads files, each once and behind those that it imports."""

    def __init__(self, folders: Folders, faults: Faults) -> None:
        self.folders = folders
        self.faults = faults
        self.files: list[_File] = []
        self.names: dict[Path, str] = {}

    def read(self, path: Path, name: str, within: tuple[str, ...]) -> None:
        """Read one file."""
        self.names[path.resolve()] = name
        with self.faults.caught():
            self.take(document(path, name), path, within)

    def shipped(self, name: str, within: tuple[str, ...]) -> None:
        """Take a file of the library, which is parsed once in a process."""
        path = library.path(name)
        self.names[path.resolve()] = name
        file = _shipped(name, path.stat().st_mtime_ns)
        self._imports(file.config.imports, file.name, path, within)
        self._keep(file)

    def take(self, stated: Document, path: Path, within: tuple[str, ...]) -> None:
        """Take the data of one file, what it imports first."""
        name = stated.name
        self.faults.documents[name] = stated
        data, sheet = short_name(stated.data)
        # where the file is at fault, what it imports may be too: all is told at once
        imports = data.get("import")
        self._imports(imports if isinstance(imports, list) else [], name, path, within)
        with self.faults.caught():
            config = validated(data, name)
            self._keep(_File(name, path.parent, stated, config, sheet))

    def _keep(self, file: _File) -> None:
        self.faults.documents[file.name] = file.document
        self.files.append(file)

    def _imports(
        self, stated: list[Any], name: str, path: Path, within: tuple[str, ...]
    ) -> None:
        for i, wanted in enumerate(stated):
            if isinstance(wanted, str):
                with self.faults.caught(Origin(name, ("import", i))):
                    self._import(wanted, path, (*within, name))

    def _import(self, wanted: str, importer: Path, within: tuple[str, ...]) -> None:
        """Read a file that another imports."""
        target, name = self._target(wanted, importer)
        name = self.names.get(target.resolve(), name)
        if name in within:
            circle = " -> ".join((*within, name))
            raise Misstated(f"files import in a circle: {circle}")
        if len(within) > DEEPEST:
            message = f"more than {DEEPEST} files import one another in a row"
            raise Misstated(message)
        if name in self.names.values():
            return
        if wanted in library.names():
            self.shipped(name, within)
        else:
            self.read(target, name, within)

    def _target(self, wanted: str, importer: Path) -> tuple[Path, str]:
        """Where an import lies, and what to call it."""
        if wanted in library.names():
            return library.path(wanted), wanted
        if not wanted.endswith((".yaml", ".yml")):
            near = nearest(wanted, library.names())
            more = near or "; `potline library files` lists them; a file ends in .yaml"
            raise Misstated(f"no library file is called {wanted}{more}")
        target = importer.parent / wanted
        self.folders.check(target)
        name = os.path.normpath(target)
        if not target.exists():
            near = nearest(target.name, (p.name for p in target.parent.glob("*.y*ml")))
            raise Misstated(f"no such file: {name}{near}")
        return target, name


@lru_cache
def _shipped(name: str, changed: int) -> _File:
    """A file of the library; `changed` makes one that was edited be read anew."""
    path = library.path(name)
    stated = document(path, name)
    return _File(name, path.parent, stated, validated(stated.data, name), None)


def _merged(files: list[_File], folders: Folders, faults: Faults) -> Draft:
    """All files as one config; of what several state, the last counts."""
    sections: dict[str, Any] = {section: {} for section in MAPPINGS}
    ties: list[Dependence] = []
    origins: dict[tuple[str, str], Origin] = {}
    replaced: dict[str, Input] = {}
    per: dict[str, str] = {}
    for file in files:
        own = Tables(factors={**sections["factors"], **file.config.factors})
        locate = partial(folders.locate, folder=file.folder)
        tables = own.over(library.tables())
        config = with_data_files(file.config, file.name, locate, tables, faults)
        for section in MAPPINGS:
            for id, value in getattr(config, section).items():
                if section == "inputs" and id in sections[section]:
                    replaced[id] = sections[section][id]
                sections[section][id] = value
                origins[section, id] = _origin(file, section, id)
        for i, one in enumerate(config.dependence):
            origin = _origin(file, "dependence", i)
            before = origins.get(("dependence", one.name))
            if before is not None and before.file == file.name and one.between:
                first, second = one.between[0], one.between[-1]
                message = f"{first} and {second} have a rank correlation already"
                faults.add(origin.fault(f"{message}; state the pair once", "between"))
            origins["dependence", one.name] = origin
            ties = [tie for tie in ties if tie.name != one.name] + [one]
        for section in SINGLES:
            value = getattr(config, section)
            stated = value is not None and value != []
            if stated and (section not in OWN or file is files[-1]):
                sections[section] = value
                origins[section, ""] = _origin(file, section)
        if (declared := sections.get("declared_unit")) is not None:
            per |= dict.fromkeys(file.config.outputs, declared.units)
        with faults.caught(_origin(file)):
            measured_inputs = _measured(file, sections["inputs"], ties, locate)
            for id in measured_inputs.inputs:
                replaced[id] = sections["inputs"][id]
            sections["inputs"] |= measured_inputs.inputs
            for id in measured_inputs.inputs:
                origins["inputs", id] = Origin(measured_inputs.name, ("inputs", id))
    if (declared := sections.get("declared_unit")) is not None:
        for id, units in per.items():
            output = sections["outputs"][id]
            sections["outputs"][id] = _per(output, units, declared.units)
    config = Config.model_construct(imports=[], dependence=ties, **sections)
    return Draft(config, origins, folders, replaced)


def _per(output: Output, declared: str, wanted: str) -> Output:
    """An output per declared unit of its own file, per that of a study.

    A chain of ingots says MWh/t; in a study of cells the same formula gives MWh/kWh.
    Nothing changes where both measure the same.

    >>> output = Output(units="MWh/t", formula="supply.electricity")
    >>> _per(output, "t", "kWh").units, _per(output, "t", "kg").units
    ('MWh/kWh', 'MWh/t')
    """
    try:
        same = units().parse(declared).dimension == units().parse(wanted).dimension
    except UncertaintyError:  # told where units are checked
        return output
    if same or not output.units.endswith(f"/{declared}"):
        return output
    numerator = output.units.removesuffix(declared)
    return output.model_copy(update={"units": numerator + wanted})


def _origin(file: _File, *path: str | int) -> Origin:
    return Origin(file.name, path, file.document.line(path))


@dataclass(frozen=True)
class _Sheet:
    """Inputs that a data sheet measured, and what the sheet is called."""

    name: str
    inputs: Mapping[str, Input]


def _measured(
    file: _File,
    known: Mapping[str, Input],
    ties: Sequence[Dependence],
    locate: Callable[[str], Path],
) -> _Sheet:
    """What the data sheet of a file puts in place of the inputs read so far."""
    named = file.config.data_sheet
    place = ("data_sheet",) if named is not None else ("inputs", "sheet")
    if named is not None and file.sheet is not None:
        message = "a data sheet stands under inputs too; keep one of the two"
        raise Misstated(message, *place)
    named = named if named is not None else file.sheet
    if named is None:
        return _Sheet("", {})
    try:
        return _Sheet(named, measured(locate(named), named, known, ties))
    except Misstated as error:
        raise Misstated(str(error), *place) from None
    except ValueError as error:
        raise Misstated(f"{named} {error}", *place) from None
