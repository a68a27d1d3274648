"""The command ``potline compare``: a verdict between scenarios, not two histograms."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import xarray as xr


def compare(
    results: Annotated[
        list[Path], typer.Argument(help="results.nc files, or folders that hold one.")
    ],
    reference: Annotated[
        str | None, typer.Option(help="Scenario to compare with; default the study's.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="A gap in kg CO2e/t: how likely is a larger one?"),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            help="A limit in kg CO2e/t, or the name of one (asi_v3, asi_v2, "
            "low_carbon_premium, first_movers): how likely is less?"
        ),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(help="Share out this scenario's difference among its changes."),
    ] = None,
    break_even: Annotated[
        list[str] | None,
        typer.Option(help="At which value does this sweep meet the reference?"),
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(help="What does a tonne avoided cost, by this declared output?"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder; default the first result's own.")
    ] = None,
) -> None:
    """Compare scenarios draw by draw: difference, ratio, probabilities, ranks.

    Example: potline compare results/china_grid_mixes --reference shandong
    """
    import json

    from scenarios import figures
    from scenarios.analysis import thresholds
    from scenarios.analysis.abatement_cost import abatement
    from scenarios.analysis.comparison import compare as comparison
    from scenarios.cli.files import result_file
    from scenarios.cli.options import make
    from scenarios.words import comparison as verdict
    from uncertainty.storage import load, make_folder, save_dataset

    trees = [load(result_file(path)) for path in results]
    numbers, names = thresholds.told_apart(limit or ())
    judged = [thresholds.judge(trees[0], name) for name in names]
    data = comparison.compare(trees, reference, threshold=threshold, limits=numbers)
    reference = str(data.attrs["reference"])
    costs = None if cost is None else abatement(trees[0], cost, reference)
    folder = out or result_file(results[0]).parent
    make_folder(folder)
    save_dataset(data, folder / "comparison.nc")
    for name, draw in (
        ("differences", figures.differences),
        ("ranks", figures.rank_heat_map),
        ("pairs", figures.pair_heat_map),
    ):
        title = str(trees[0].attrs["title"])
        figures.save(draw(data, title=title), folder / name)
    told = [] if costs is None else _abated(costs, folder)
    crossings = [_crossing(trees[0], name, reference) for name in break_even or ()]
    shared = [
        _attributed(trees[0], name, reference, folder) for name in attribute or ()
    ]
    if as_json:
        found = verdict.as_object(data)
        if judged:
            found["thresholds"] = [one.as_object() for one in judged]
        print(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
        return
    console = make()
    for line in verdict.verdict(data):
        console.print(line)
    for line in (*(one.words() for one in judged), *told, *crossings):
        console.print(line)
    for lines in shared:
        for line in lines:
            console.print(line)
    files = "comparison.nc, " + ("" if costs is None else "abatement.nc, ")
    console.print(f"Written to {folder}: {files}figures")


def _abated(costs: "xr.Dataset", folder: Path) -> list[str]:
    """Write what a tonne avoided costs, with its curves, and say it in words."""
    from scenarios import figures
    from scenarios.words.abatement_cost import words
    from uncertainty.storage import save_dataset

    save_dataset(costs, folder / "abatement.nc")
    lines = words(costs)
    drawn = 0
    for name, figure in figures.curves(costs, title=str(costs.attrs["title"])):
        figures.save(figure, folder / name)
        drawn += 1
    if not drawn:
        lines.append("No cost curve: no lever alone has a cost per t CO2e")
    return lines


def _crossing(tree: "xr.DataTree", sweep: str, reference: str) -> str:
    from scenarios.analysis.break_even import break_even as meet

    return meet(tree, sweep, reference).words()


def _attributed(
    tree: "xr.DataTree", scenario: str, reference: str, folder: Path
) -> list[str]:
    """Write a waterfall of one scenario's difference, and say it in words."""
    from scenarios import figures
    from scenarios.analysis import attribution
    from scenarios.numbers import scale, significant
    from uncertainty.storage import save_dataset

    study = attribution.study_of(tree)
    data = attribution.attribute(study, scenario, reference)
    save_dataset(data, folder / f"attribution_{scenario}.nc")
    figures.save(figures.waterfall(data), folder / f"waterfall_{scenario}")
    per, shown = scale(str(tree.attrs["units"]))
    lines = [f"{scenario} against {reference}, {shown}, by change:"]
    for change in data["change"].values:
        one = data.sel(change=change)
        middle = one["footprint_contribution"]
        bounds = one["footprint_contribution_interval"]
        for place in [{}] if not middle.dims else _places(middle):
            value = float(middle.sel(place)) / per
            low, high = (float(b) / per for b in bounds.sel(place).values)
            year = f", {place['year']}" if place else ""
            ends = f"{significant(low)} to {significant(high)}"
            lines.append(f"  {change}{year}: {significant(value)} ({ends})")
    return lines


def _places(array: "xr.DataArray") -> list[dict[str, int]]:
    return [{"year": int(year)} for year in array["year"].values]
