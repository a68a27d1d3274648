"""The command ``potline sheet``: a data sheet for a plant to fill in."""

from pathlib import Path
from typing import Annotated

import typer


def sheet(
    config: Annotated[Path, typer.Argument(help="A study's YAML file.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File to write, .xlsx or .csv.")
    ],
    force: Annotated[bool, typer.Option(help="Overwrite a file that exists.")] = False,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Where data files may lie beside the config's folder.",
        ),
    ] = None,
) -> None:
    """Write a data sheet: every activity datum of a study, for a plant to fill in.

    Filled in, a study reads it back by `data_sheet: data.xlsx`.

    Example: potline sheet configs/minimal.yaml -o data.xlsx
    """
    from scenarios.errors import ScenarioError
    from scenarios.export.data_sheet import content
    from scenarios.loading.load import load
    from uncertainty.storage import write_bytes

    if out.exists() and not force:
        # it may hold what a plant has filled in
        raise ScenarioError(f"{out}: exists already; pass --force to overwrite it")
    found = content(load(config, data_dir=data_dir), out.suffix.lower())
    write_bytes(out, found)
    print(f"{out} written; filled in, a study reads it by `data_sheet: {out.name}`")
