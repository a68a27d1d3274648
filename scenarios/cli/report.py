"""The command ``potline report``: a result, or two side by side, as one HTML file."""

from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.cli import options

if TYPE_CHECKING:
    import xarray as xr


def report(
    result: options.Result,
    result_2: options.SecondResult = None,
    out: options.ReportFile = None,
    template: options.Template = None,
    live: options.Live = False,
    brief: options.Brief = False,
    scenario: options.Compared = None,
    language: options.Language = None,
) -> None:
    """Write a report that opens anywhere: one HTML file, nothing to load.

    Example: potline report results/china_grid_mixes -o report.html --language zh

    Example: potline report results/china_grid_mixes --brief
    """
    from scenarios.report import build
    from scenarios.results.file import result_file
    from uncertainty.storage import write_text

    files = [result_file(path) for path in (result, result_2) if path is not None]
    results = [options.opened(path) for path in files]
    if scenario:
        base = results[0].reference
        results = [one.only(one.chosen([base, *scenario])) for one in results]
    indices = [_sensitivity(path) for path in files]
    spoken = options.LANGUAGE.get()
    page = build(
        results,
        language=spoken,
        template=template,
        sensitivities=indices,
        live=live,
        brief=brief,
    )
    out = out or files[0].parent / ("brief.html" if brief else "report.html")
    if not out.parent.is_dir():
        raise options.OptionError(f"{out}: there is no such folder")
    write_text(out, page)
    size = len(page.encode()) / 1e6
    print(options.words()("common.open", file=out, size=size))


def _sensitivity(result: Path) -> "xr.DataTree | None":
    """Indices that lie beside a result, if there are any."""
    from uncertainty.storage import load

    path = result.with_name("sensitivity.nc")
    return load(path) if path.is_file() else None
