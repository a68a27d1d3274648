"""The command ``potline fit``: how well distributions fit measurements."""

from scenarios.cli import options


def fit(
    file: options.DataFile,
    column: options.Column = None,
    units: options.Units = "1",
    seed: options.FitSeed = 1,
    out: options.FigureFolder = None,
    language: options.Language = None,
) -> None:
    """Show how well distributions fit measurements, and each answer of `observed`.

    Example: potline fit voltage.csv --column volts --units V --out results/fit

    Example: potline fit voltage.csv --units V --seed 7
    """
    from rich.table import Table

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
    console = options.make()
    console.print(table)
    for line in found.lines():
        console.print(line)
    if out is not None:
        from scenarios import figures
        from scenarios.figures.fit import readings_fit
        from uncertainty.storage import make_folder

        make_folder(out)
        figure = readings_fit(found, column or file.stem, options.words())
        for path in figures.save(figure, out / "fit"):
            console.print(str(path))
