"""`potline report`: a result, or two side by side, as one HTML file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import xarray as xr


def report(
    result: Annotated[
        Path, typer.Argument(help="A results.nc, or the folder that holds it.")
    ],
    result_2: Annotated[
        Path | None, typer.Argument(help="A second one to compare it with.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File; default report.html there."),
    ] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    template: Annotated[
        str | None,
        typer.Option(help="gbt or research; default gbt where there is a footprint."),
    ] = None,
) -> None:
    """Write a report that opens anywhere: one HTML file, nothing to load.

    Example: potline report results/china_grid_mixes -o report.html --language zh
    """
    from scenarios.cli.files import result_file
    from scenarios.report import build
    from uncertainty.storage import load, write_text

    found = [result_file(path) for path in (result, result_2) if path is not None]
    trees = [load(path) for path in found]
    indices = [_sensitivity(path) for path in found]
    page = build(trees, language=language, template=template, sensitivities=indices)
    out = out or found[0].parent / "report.html"
    if not out.parent.is_dir():
        typer.echo(f"{out}: there is no such folder", err=True)
        raise typer.Exit(2)
    write_text(out, page)
    size = len(page.encode()) / 1e6
    print(f"{out} written, {size:.2f} MB; open it in a browser")


def _sensitivity(result: Path) -> "xr.DataTree | None":
    """Indices that lie beside a result, if there are any."""
    from uncertainty.storage import load

    path = result.with_name("sensitivity.nc")
    return load(path) if path.is_file() else None
