"""The command ``potline discover``: when a claim fails."""

from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.cli import options

if TYPE_CHECKING:
    from scenarios.model.study import Study
    from scenarios.results.result import Result


def discover(
    source: options.Source,
    claim: options.Claim,
    scenario: options.Searched = None,
    year: options.SearchedYear = None,
    method: options.Search = "prim",
    probability: options.Sure = 0.95,
    figures: options.FigureFolder = None,
    as_json: options.AsJson = False,
    data_dir: options.DataDir = None,
    language: options.Language = None,
) -> None:
    """Find when a claim fails: how often, for which inputs, and until which year.

    Example: potline discover results/china_grid_mixes --claim 'footprint < 13.5 t'
    """
    from scenarios.analysis.discovery import discover as found_by
    from scenarios.words.discovery import lines

    found = found_by(
        _opened(source, data_dir),
        claim,
        scenario=scenario,
        year=year,
        method=method,
        probability=probability,
    )
    if figures is not None:
        from scenarios.figures import save
        from scenarios.figures.discovery import discovery_figure
        from uncertainty.storage import make_folder

        make_folder(figures)
        save(discovery_figure(found), figures / "discovery", ("png", "svg"))
    if as_json:
        options.print_json(found.as_object())
        return
    words, console = options.words(), options.make()
    for line in lines(found, words):
        console.print(line)
    if figures is not None:
        files = words("common.figures")
        console.print(words("common.written", folder=figures, files=files))


def _opened(source: Path, data_dir: Path | None) -> "Result | Study":
    if options.is_result(source):
        from scenarios.results.file import open_result

        return open_result(source)
    from scenarios.loading.load import load

    return load(source, data_dir=data_dir)
