"""The command ``potline compare``: a verdict between scenarios, not two histograms."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.cli import options

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from scenarios.analysis.break_even import BreakEven
    from scenarios.analysis.thresholds import Judgement
    from scenarios.results.result import Result


def compare(
    results: options.Results,
    reference: options.Reference = None,
    between: options.Between = None,
    threshold: options.Threshold = None,
    limit: options.Limit = None,
    confidence: options.Confidence = None,
    scenario: options.Compared = None,
    attribute: options.Attribute = None,
    break_even: options.BreakEven = None,
    cost: options.Cost = None,
    figures: options.Figures = None,
    as_json: options.AsJson = False,
    out: options.OutFolder = None,
    language: options.Language = None,
) -> None:
    """Compare scenarios draw by draw: difference, ratio, probabilities, ranks.

    Example: potline compare results/china_grid_mixes --reference shandong

    Example: potline compare results/china_grid_mixes --limit '8 t' --confidence 0.9
    """
    from scenarios.analysis.comparison import compare as comparison
    from scenarios.export.run_folder import alone, staged
    from scenarios.results.file import result_file
    from scenarios.words import comparison as verdict
    from uncertainty.storage import save_dataset

    formats = options.formats(figures, drawn=not as_json)
    opened = [options.opened(path) for path in results]
    if between is not None:
        opened, reference = _between(opened, between, reference)
    elif scenario:
        opened, reference = _only(opened, scenario, reference)
    if confidence is not None and (not limit or not 0 < confidence < 1):
        raise options.OptionError("--confidence is a number from 0 to 1 for --limit")
    if confidence is not None and as_json:
        raise options.OptionError("--confidence is told in words: leave out --json")
    first = opened[0]
    if threshold is not None:
        threshold *= first.shown_units[0]
    numbers, judged = _limits(first, limit or [])
    data = comparison.compare(opened, reference, threshold=threshold, limits=numbers)
    reference = str(data.attrs["reference"])
    costs = None if cost is None else _abated(first, cost, reference)
    crossings = [_crossing(first, name, reference) for name in break_even or ()]
    shares = (
        {n: _attributed(first, n, reference) for n in first.chosen(attribute or None)}
        if attribute
        else {}
    )
    folder = out or result_file(results[0]).parent
    written = {"comparison.nc": data} | (
        {} if costs is None else {"abatement.nc": costs}
    )
    written |= {f"attribution_{name}.nc": share for name, share in shares.items()}
    with alone(folder), staged(folder) as stage:
        for name, found in written.items():
            save_dataset(found, stage.path / name)
        if formats:
            stage.drawn(lambda at: _draw(data, costs, shares, at, formats))
    options.tell_lost(stage.lost)
    if as_json:
        more = {"thresholds": [one.as_object() for one in judged]} if judged else {}
        options.print_json(verdict.as_object(data) | more)
        return
    words, console = options.words(), options.make()
    lines: list[Table | str] = [verdict.judgement(one, words) for one in judged]
    if confidence is not None:
        lines += verdict.sure_below(data, confidence, words)
    if costs is not None:
        from scenarios.words.abatement_cost import sentences

        lines += sentences(costs, words)
    lines += [verdict.crossing(one, first, words) for one in crossings]
    for name, share in shares.items():
        lines += verdict.attribution(share, name, reference, first, words)
    for line in [*lines, *verdict.lines(data, words)]:  # what was asked for first
        console.print(line)
    files = [*written, *([words("common.figures")] if formats else [])]
    text = words("common.written", folder=folder, files=words.join(files))
    console.print(text, soft_wrap=True)


def _between(
    opened: "list[Result]", pair: tuple[str, str], reference: str | None
) -> "tuple[list[Result], str]":
    """Results with two scenarios alone, and the second of them as the reference."""
    if reference is not None:
        raise options.OptionError("--between names its reference: the second one")
    from scenarios.errors import ScenarioError

    for result in opened:
        with suppress(ScenarioError):
            names = result.chosen(pair)
            break
    else:
        names = opened[0].chosen(pair)  # and its fault
    if len(names) < 2:
        raise options.OptionError(f"--between {pair[0]} {pair[1]}: two are the same")
    return [result.only(names)], names[1]


def _only(
    opened: "list[Result]", names: list[str], reference: str | None
) -> "tuple[list[Result], str]":
    """Results with some scenarios and the reference, in one result or in each."""
    first = opened[0]
    [base] = first.chosen([reference or first.reference])
    return [one.only(one.chosen([base, *names])) for one in opened], base


def _limits(
    result: "Result", stated: list[str]
) -> "tuple[tuple[float, ...], list[Judgement]]":
    """Limits that are numbers, and what the named ones say of a result."""
    if not stated:
        return (), []
    from scenarios.analysis import thresholds

    numbers, names = thresholds.told_apart(
        stated, result.config.thresholds, result.units
    )
    return numbers, [thresholds.judge(result, name) for name in names]


def _abated(result: "Result", cost: str, reference: str) -> "xr.Dataset":
    from scenarios.analysis.abatement_cost import abatement

    return abatement(result, cost, reference)


def _crossing(result: "Result", sweep: str, reference: str) -> "BreakEven":
    from scenarios.analysis.break_even import break_even

    return break_even(result, sweep, reference)


def _attributed(result: "Result", scenario: str, reference: str) -> "xr.Dataset":
    from scenarios.analysis.attribution import attribute
    from scenarios.loading.restore import study_of

    return attribute(study_of(result), scenario, reference)


def _draw(
    data: "xr.Dataset",
    costs: "xr.Dataset | None",
    shares: "dict[str, xr.Dataset]",
    folder: Path,
    formats: tuple[str, ...],
) -> None:
    """Figures of a comparison, of its costs and of its attributions."""
    from scenarios import figures

    words = options.words()
    drawn = {"differences": figures.differences(data, words=words)}
    if costs is not None:
        drawn |= dict(figures.curves(costs, words=words))
    for name, share in shares.items():
        drawn[f"waterfall_{name}"] = figures.waterfall(share, words=words)
    for name, figure in drawn.items():
        figures.save(figure, folder / name, formats)
