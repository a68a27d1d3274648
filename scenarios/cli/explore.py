"""`potline explore`: a study's own model in one HTML file, moved by hand."""

from pathlib import Path
from typing import Annotated

import typer


def explore(
    config: Annotated[Path, typer.Argument(help="A study's YAML file.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File; default explorer.html here.")
    ] = Path("explorer.html"),
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    draws: Annotated[
        int, typer.Option(min=64, help="Number of draws that the page holds.")
    ] = 2048,
    inputs: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Offer only this input; may be repeated."),
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Offer only this one; may be repeated."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Where data files may lie beside the config's folder.",
        ),
    ] = None,
) -> None:
    """Write a page in which power mix, levers and inputs can be moved.

    Example: potline explore configs/china_grid_mixes.yaml -o explorer.html
    """
    from scenarios.explorer import page
    from scenarios.loading.load import load
    from uncertainty.storage import write_text

    if not out.parent.is_dir():
        typer.echo(f"{out}: there is no such folder", err=True)
        raise typer.Exit(2)
    study = load(config, settings={"draws": draws}, data_dir=data_dir)
    text = page(
        study, language=language, scenarios=scenarios or (), inputs=inputs or ()
    )
    write_text(out, text)
    size = len(text.encode()) / 1e6
    print(f"{out} written, {size:.2f} MB; open it in a browser")
