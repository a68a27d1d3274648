"""The command ``potline export``: tables of a result for other programs."""

from pathlib import Path
from typing import Annotated

import typer

EVERY = "summary,contributions,comparison,sensitivity,inputs"


def export(
    result: Annotated[
        Path, typer.Argument(help="A results.nc, or the folder that holds it.")
    ],
    to: Annotated[str, typer.Option(help="csv, xlsx, parquet, latex or json.")],
    tables: Annotated[
        str | None,
        typer.Option(help=f"Of {EVERY},draws; without it all but the draws."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File, or folder where each table has a file of its own; default "
            "`tables` beside the result.",
        ),
    ] = None,
) -> None:
    """Write tables of a result for a spreadsheet, a paper or another program.

    Example: potline export results/china_grid_mixes --to xlsx -o tables.xlsx
    """
    import shlex
    import sys

    from scenarios.cli.files import result_file
    from scenarios.export import files
    from scenarios.export.tables import provenance, wanted
    from uncertainty.storage import load

    suffix = files.SUFFIXES[files.known_format(to)]
    names = wanted([word.strip() for word in (tables or EVERY).split(",")])
    file = result_file(result)
    tree = load(file)
    path = out or file.parent / ("tables" + suffix * (to in files.WHOLE))
    found, notes = files.gather(tree, names, file.parent, asked=tables is not None)
    words = ["potline", "export", str(result), "--to", to]
    words += ["--tables", ",".join(table.name for table in found)]
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    for written in files.export(found, provenance(tree, shlex.join(words)), to, path):
        print(written)
