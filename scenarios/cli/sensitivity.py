"""The command ``potline sensitivity``: what drives a footprint, what a ranking."""

from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.cli import options

if TYPE_CHECKING:
    import xarray as xr

    from scenarios.model.study import Study
    from scenarios.results.result import Result


def sensitivity(
    source: options.Source,
    method: options.Method = "sobol",
    groups: options.Groups = "none",
    second_order: options.SecondOrder = False,
    n: options.Size = None,
    outputs: options.Outputs = None,
    scenarios: options.Explained = None,
    reference: options.Reference = None,
    level: options.Level = 0.95,
    share: options.Share = 0.01,
    limit: options.PassLimit = None,
    seed: options.Seed = None,
    figures: options.Figures = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    out: options.AnyFolder = None,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Find which input drives a footprint, and which one decides a ranking.

    Example: potline sensitivity configs/china_grid_mixes.yaml --method sobol

    Example: potline sensitivity results/china_grid_mixes --method rank --scenarios all
    """
    from scenarios.analysis import sensitivity as drivers
    from scenarios.cli import progress
    from scenarios.export.run_folder import check_folder
    from scenarios.words.sensitivity import lines

    quiet = quiet or as_json
    formats = options.formats(figures, drawn=not quiet)
    folder = out or _folder(source)
    check_folder(folder)
    order = drivers.Order(method, groups, second_order, n, seed, level, share)
    drivers.check(order)
    question = drivers.Question(_split(outputs), _split(scenarios), reference, limit)
    study, result = _opened(source, data_dir)
    with progress.steps(study.name, quiet=quiet) as step:
        found, left = drivers.explain_all(
            study, question, order, result=result, progress=step
        )
    _write(found, study, result, folder, formats)
    if as_json:
        options.print_json(drivers.as_object(found, study, method))
    elif not quiet:
        words, console = options.words_for(study), options.make()
        for line in lines([words.labelled(one) for one in found], left, words):
            console.print(line)
        files = ["sensitivity.nc", *([words("common.figures")] if formats else [])]
        console.print(words("common.written", folder=folder, files=words.join(files)))


def _write(
    found: "list[xr.Dataset]",
    study: "Study",
    result: "Result | None",
    folder: Path,
    formats: tuple[str, ...],
) -> None:
    """Figures and dataset; the dataset last, which says that all is there."""
    from scenarios.analysis import sensitivity as drivers
    from uncertainty.storage import make_folder

    make_folder(folder)
    if formats:
        from scenarios import figures
        from scenarios.figures.sensitivity.sensitivity import sensitivity_figures

        words = options.words_for(study)
        shown = [words.labelled(one) for one in found]
        title = words.label(study.title)
        for name, draw in sensitivity_figures(shown, title, words).items():
            figures.save(draw(), folder / name, formats)
    drivers.store(found, study, folder / "sensitivity.nc", result=result)


def _folder(source: Path) -> Path:
    if source.is_dir():
        return source
    return source.parent if options.is_result(source) else Path("results") / source.stem


def _opened(source: Path, data_dir: Path | None) -> "tuple[Study, Result | None]":
    """The study, and the result of it where one is given."""
    if not options.is_result(source):
        from scenarios.loading.load import load

        return load(source, data_dir=data_dir), None
    from scenarios.loading.restore import study_of

    result = options.opened(source)
    return study_of(result), result


def _split(stated: list[str] | None) -> tuple[str, ...]:
    """Words of an option that may be given again, or hold several with commas."""
    every = (word.strip() for text in stated or () for word in text.split(","))
    return tuple(word for word in every if word)
