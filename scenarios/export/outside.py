"""Studies and results in the formats of other programs, by the format's name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scenarios.errors import ConfigError
from scenarios.language.yaml_text import Unreadable, parse
from scenarios.loading.restore import study_of
from scenarios.model.study import Study
from scenarios.results.result import Result
from scenarios.results.table import ExportError
from uncertainty.errors import nearest
from uncertainty.storage import write_bytes


@dataclass
class Source:
    """What is exported: a result, or a study that is run where its numbers are asked.

    Attributes
    ----------
    stored : Result or None
    loaded : Study or None
        One of the two is there.
    chosen : list of str or None
        Scenarios by name; all for None.
    about : mapping
        What the format needs and no study knows, in the format's own words.
    """

    stored: Result | None = None
    loaded: Study | None = None
    chosen: list[str] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def study(self) -> Study:
        """The study, made again where a result was given."""
        if self.stored is not None:
            return study_of(self.stored)
        assert self.loaded is not None
        return self.loaded

    @cached_property
    def result(self) -> Result:
        """The result, of a run in memory where a study was given."""
        return self.stored if self.stored is not None else self.study.run()

    @property
    def draws(self) -> int:
        """Draws of the run; those of the study where it has not run."""
        if self.stored is not None:
            return self.stored.draws
        model = self.study.model()
        stop = self.study.enough(model)
        return self.study.plan(model, stop.draws if stop else None)[0].draws

    def scenarios(self) -> list[str]:
        """Names of the scenarios asked for, by name or label."""
        if self.stored is not None:
            return self.stored.chosen(self.chosen)
        known = self.study.scenarios
        for name in self.chosen or ():
            if name not in known:
                near = nearest(name, known)
                raise ExportError(f"no scenario is called {name}{near}")
        return self.chosen or list(known)


@dataclass(frozen=True)
class Files:
    """What an export writes, and what has to be said of it.

    Attributes
    ----------
    contents : mapping of file name to bytes
    notes : tuple of str
    """

    contents: Mapping[str, bytes]
    notes: tuple[str, ...] = ()


def brightway(source: Source) -> Files:
    """A datapackage for each scenario and year."""
    from scenarios.export.brightway import package

    study = source.study
    compiler = study.compiler(study.model().graph)
    contents, notes = {}, []
    for name in source.scenarios():
        for _, year in compiler.cells_of(name):
            made = package(study, name, year, source.draws)
            where = name if year is None else f"{name}_{year}"
            contents[f"{where}.zip"] = made.content
            notes.append(
                f"{where}: use_arrays=True repeats the run draw by draw; with "
                f"use_distributions=True {len(made.exact)} exchanges have the "
                f"distribution of their input, and {len(made.fitted)} that formulas "
                "make have a lognormal or normal of the same mean and sd, on its own"
            )
    return Files(contents, tuple(notes))


def iamc(source: Source) -> Files:
    """Wide and long tables, and a workbook of both."""
    from scenarios.export.iamc import iamc as made

    return Files(made(source.result, source.scenarios(), source.about))


def pact(source: Source) -> Files:
    """Product footprints of the PACT data exchange."""
    from scenarios.export.pact import pact as made

    return Files(made(source.result, source.scenarios(), source.about))


FORMATS: Mapping[str, Callable[[Source], Files]] = {
    "brightway": brightway,
    "iamc": iamc,
    "pact": pact,
}
"""Names that ``--to`` takes beside those of tables."""


def read_about(stated: Sequence[str]) -> dict[str, Any]:
    """What ``--about`` says of the product beside the study.

    Parameters
    ----------
    stated : sequence of str
        Each a YAML file, or ``KEY=VALUE``; later wins.

    Raises
    ------
    ExportError
        A file cannot be read.
    ConfigError
        It is no YAML of keys and values.

    Examples
    --------
    >>> read_about(["region=China", "year=2024"])
    {'region': 'China', 'year': 2024}
    """
    found: dict[str, Any] = {}
    for text in stated:
        key, sign, value = text.partition("=")
        if sign:
            found |= _keys(f"{key}: {value}", "--about")
            continue
        path = Path(text)
        try:
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ExportError(f"{path}: cannot be read ({error})") from None
        found |= _keys(content, path.name)
    return found


def _keys(text: str, name: str) -> dict[str, Any]:
    try:
        return parse(text, name)
    except Unreadable as error:
        raise ConfigError([error.fault]) from None


def write(files: Files, out: Path) -> list[Path]:
    """Write files to a folder, or the only one to a file of its ending.

    Raises
    ------
    ExportError
        Several files for one, or a folder that cannot be made.
    StorageError
        A file cannot be written.
    """
    names = list(files.contents)
    alone = out.suffix.lower() == Path(names[0]).suffix and out.suffix != ""
    if alone and len(names) > 1:
        listed = ", ".join(names)
        raise ExportError(f"{out}: these are several files, {listed}; name a folder")
    paths = [out] if alone else [out / name for name in names]
    try:
        paths[0].parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{paths[0].parent}: cannot be made ({error.strerror})"
        raise ExportError(message) from None
    for path, content in zip(paths, files.contents.values(), strict=True):
        write_bytes(path, content)
    return paths
