"""The command ``potline fit``: how well laws fit a plant's readings."""

from pathlib import Path
from typing import Annotated

import typer


def fit(
    file: Annotated[Path, typer.Argument(help="A CSV file of readings.")],
    column: Annotated[
        str | None, typer.Option(help="Its column; default the only one.")
    ] = None,
    units: Annotated[str, typer.Option(help="Units of the readings.")] = "1",
    seed: Annotated[int, typer.Option(help="Root seed of the resamples.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the figure; default none.")
    ] = None,
) -> None:
    """Say how well laws fit readings, and what each answer of `observed` is.

    Example: potline fit voltage.csv --column volts --units V --out results/fit
    """
    from rich.table import Table

    from scenarios.cli.options import make
    from scenarios.datafiles.csv_columns import readings
    from scenarios.errors import ScenarioError
    from uncertainty.distributions.fitting import report

    try:
        values = readings(file, column)
    except ValueError as error:
        raise ScenarioError(str(error)) from None
    found = report(values, units, seed)
    head, *rows = found.rows()
    table = Table(box=None, pad_edge=False)
    for word in head:
        table.add_column(word, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = make()
    console.print(table)
    for line in found.lines():
        console.print(line)
    if out is not None:
        from scenarios import figures
        from scenarios.figures.fit import readings_fit
        from uncertainty.storage import make_folder

        make_folder(out)
        figure = readings_fit(found, column or file.stem)
        for path in figures.save(figure, out / "fit"):
            console.print(str(path))
