"""The command ``potline sensitivity``: what drives a footprint, what a ranking."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import xarray as xr

    from scenarios.model.study import Study


def sensitivity(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG|RESULT",
            help="A study's YAML file, a results.nc, or the folder that holds it.",
        ),
    ],
    method: Annotated[
        str,
        typer.Option(
            help="sobol, shapley, given_data, value_of_information, pawn, morris, "
            "dgsm, regional, rbd_fast, delta, hdmr, fast, or all."
        ),
    ] = "sobol",
    groups: Annotated[
        str,
        typer.Option(
            help="Inputs taken together by stage, kind, nature, source, confidence "
            "or spread_confidence; or none."
        ),
    ] = "none",
    second_order: Annotated[
        bool, typer.Option("--second-order", help="Pairs of inputs too (sobol).")
    ] = False,
    n: Annotated[
        int | None,
        typer.Option(
            help="Size of the design in the method's own terms; with all, that of "
            "sobol, and the others in proportion."
        ),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            help="footprint, stage.*, source.*, account.*, gas.*, declared outputs; "
            "again or with commas for more."
        ),
    ] = None,
    scenarios: Annotated[
        list[str] | None,
        typer.Option(
            help="Scenarios to explain, with their differences to the reference; all "
            "for every one. Default: the reference, and all differences to it."
        ),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="In place of the study's own.")
    ] = None,
    level: Annotated[float, typer.Option(help="Confidence level of bounds.")] = 0.95,
    share: Annotated[
        float,
        typer.Option(
            help="What counts as important, as a part of the variance or of the "
            "method's own scale."
        ),
    ] = 0.01,
    seed: Annotated[
        int | None, typer.Option(help="In place of the study's, 0 or more.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no table.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder; default the result's own, or results/<config>."),
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
    """Find which input drives a footprint, and which one decides a ranking.

    Example: potline sensitivity configs/china_grid_mixes.yaml --method sobol
    """
    import json

    from scenarios.analysis import sensitivity as drivers
    from scenarios.cli import progress
    from scenarios.cli.options import make
    from scenarios.export.run_folder import check_folder
    from scenarios.words.sensitivity import tell

    folder = out or _folder(source)
    check_folder(folder)
    order = drivers.Order(method, groups, second_order, n, seed, level, share)
    drivers.check(order)
    question = drivers.Question(_words(outputs), _words(scenarios), reference)
    study, tree = _opened(source, data_dir)
    with progress.steps(study.name, quiet=quiet or as_json) as told:
        found, left = drivers.explain_all(
            study, question, order, tree=tree, progress=told
        )
    _write(found, study, tree, folder)
    if as_json:
        what = drivers.as_object(found, study, method)
        print(json.dumps(what, indent=2, ensure_ascii=False, allow_nan=False))
    elif not quiet:
        console = make()
        tell(found, left, console)
        console.print(f"Written to {folder}: sensitivity.nc, figures")


def _write(
    found: "list[xr.Dataset]",
    study: "Study",
    tree: "xr.DataTree | None",
    folder: Path,
) -> None:
    """Figures and dataset; the dataset last, which says that all is there."""
    from scenarios import figures
    from scenarios.analysis import sensitivity as drivers
    from scenarios.figures.sensitivity.sensitivity import sensitivity_figures
    from uncertainty.storage import make_folder

    make_folder(folder)
    for name, draw in sensitivity_figures(found, study.title).items():
        figures.save(draw(), folder / name)
    drivers.store(found, study, folder / "sensitivity.nc", tree=tree)


def _folder(source: Path) -> Path:
    if source.is_dir():
        return source
    return source.parent if _is_result(source) else Path("results") / source.stem


def _is_result(source: Path) -> bool:
    return source.is_dir() or source.suffix == ".nc"


def _opened(source: Path, data_dir: Path | None) -> "tuple[Study, xr.DataTree | None]":
    """The study, and the result of it where one is given."""
    from scenarios.analysis.attribution import study_of
    from scenarios.cli.files import result_file
    from scenarios.loading.load import load
    from uncertainty.storage import load as read

    if not _is_result(source):
        return load(source, data_dir=data_dir), None
    tree = read(result_file(source))
    return study_of(tree), tree


def _words(stated: list[str] | None) -> tuple[str, ...]:
    """Words of an option that may be given again, or hold several with commas."""
    every = (word.strip() for text in stated or () for word in text.split(","))
    return tuple(word for word in every if word)
