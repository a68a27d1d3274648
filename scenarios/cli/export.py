"""The command ``potline export``: tables of a result, or formats of other programs."""

from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.cli import options

if TYPE_CHECKING:
    from scenarios.export.outside import Source

EVERY = "summary,contributions,comparison,sensitivity,inputs"


def export(
    source: options.Source,
    to: options.To,
    tables: options.Tables = None,
    scenario: options.Chosen = None,
    about: options.About = None,
    out: options.TablesOut = None,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Write a result for a spreadsheet, a paper or another program.

    Example: potline export results/china_grid_mixes --to xlsx -o tables.xlsx

    Example: potline export results/china_grid_mixes --to csv --tables summary,inputs
    """
    import sys

    from scenarios.export import files, outside

    is_table = to in files.SUFFIXES
    if not is_table and to not in outside.FORMATS:
        raise files.unknown_format(to, (*files.SUFFIXES, *outside.FORMATS))
    for option, stated, of_tables in (
        ("--tables", tables, True),
        ("--scenario", scenario, False),
        ("--about", about, False),
    ):
        if stated is not None and of_tables != is_table:
            raise options.OptionError(f"{option} says nothing of --to {to}; leave it")
    opened = _source(source, data_dir)
    if is_table:
        written, notes = _tables(opened, source, to, tables, out)
    else:
        opened.chosen = scenario
        opened.about = outside.read_about(about or ())
        found = outside.FORMATS[to](opened)
        folder = out or _folder(source) / to
        written, notes = outside.write(found, folder), list(found.notes)
    for note in notes:
        text = options.words()("common.note", text=options.message(note))
        print(options.printable(text), file=sys.stderr)
    for path in written:
        print(path)


def _source(path: Path, data_dir: Path | None) -> "Source":
    """A stored result, or a study that is run when its numbers are asked for."""
    from scenarios.export.outside import Source
    from scenarios.loading.load import load

    if options.is_result(path):
        return Source(stored=options.opened(path))
    return Source(loaded=load(path, data_dir=data_dir))


def _folder(path: Path) -> Path:
    """The result's own folder, or the one that a run of the study would have."""
    from scenarios.results.file import result_file

    if options.is_result(path):
        return result_file(path).parent
    return Path("results") / path.stem


def _tables(
    source: "Source", path: Path, to: str, tables: str | None, out: Path | None
) -> tuple[list[Path], list[str]]:
    import shlex

    from scenarios.export import files
    from scenarios.export.tables import provenance, wanted

    suffix = files.SUFFIXES[to]
    names = wanted([word.strip() for word in (tables or EVERY).split(",")])
    folder = _folder(path)
    target = out or folder / ("tables" + suffix * (to in files.WHOLE))
    found, notes = files.gather(source.result, names, folder, asked=tables is not None)
    command = ["potline", "export", str(path), "--to", to]
    command += ["--tables", ",".join(table.name for table in found)]
    origin = provenance(source.result, shlex.join(command))
    return files.export(found, origin, to, target), notes
