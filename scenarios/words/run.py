"""A result for a terminal: tables that read well, plain when they are piped."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from rich.table import Table

from scenarios.numbers import largest_part, significant, with_units
from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result, Row, at
from scenarios.words.catalogue import NOISE, Words
from scenarios.words.finding import BALANCE

if TYPE_CHECKING:
    from scenarios.model.study import Study
    from uncertainty.model import Model

Lines = Iterator[Table | str]
"""What a console prints, one after the other."""
APART = 0.02
"""Mean and point value that differ by more than this are explained."""
CLOSED = 1e-9
"""Largest remainder of a balance that is closed, in its units."""
MOST_OUTPUTS = 40
"""Declared outputs, scenario by scenario, that a terminal is filled with."""
NAMED = 0.05
"""Part of the difference from which an input is named."""
NEAR_ZERO = 0.1
"""Part of the sd below which a value is too near to zero for per cent of it."""
LEAST_OPEN = 0.005
"""Share of the variance without a mark from which on it is told."""
MOST_APART = 6
"""Lines about mean and point value before the rest is only counted."""
STATISTICS = ("point", "mean", "median", "sd", "lower", "upper")


def summary(result: Result, words: Words) -> Lines:
    """The table of a run: one line a scenario, or a scenario and output."""
    if result.has_footprint:
        yield _footprints(result, words)
        yield words("run.assumed")
        cells = [_cell(result, row) for row in result.rows(PRIMARY)]
        unmarked = [result.share_marked("unstated", cell) or 0.0 for cell in cells]
        if any(share >= LEAST_OPEN for share in unmarked):
            yield words("run.unmarked")
    declared = [r for r in result.rows(OUTPUTS) if not r.item.startswith(BALANCE)]
    if len(declared) > MOST_OUTPUTS:
        kept = [row for row in declared if row.scenario == result.reference]
        yield _outputs(result, kept[:MOST_OUTPUTS], words, many=False)
        name = result.labels[result.reference]
        yield words("run.more_outputs", name=name, count=len(declared))
    elif declared:
        yield _outputs(result, declared, words, many=len(result.scenarios) > 1)
    yield from balances(result, words)
    if count := sum(bool(_unstated(row)) for row in result.headline()):
        yield words("run.heavy", count=count)


MARK = "*"
"""Behind a mean or an sd that cannot be estimated from draws."""


def _unstated(row: Row) -> set[str]:
    """Statistics whose error cannot be stated: tails are too heavy for them."""
    return {word for word in ("mean", "sd") if np.isnan(row.values[f"error_{word}"])}


def notes(result: Result, words: Words) -> Lines:
    """How many draws, what the interval is, how well its ends are known."""
    replicates = result.replicates
    yield words(
        "run.draws",
        draws=result.draws,
        rounded=_rounded(result, words),
        design=words(f"run.design.{result.design}"),
        replicates=words("run.replicates", count=replicates) if replicates > 1 else "",
        seed=result.seed,
        percent=result.percent,
    )
    if off := result.quantile_error:
        yield words("run.counted", error=f"{100 * off:.2g} %")
    frame = result.statistics
    frame = frame[(frame["table"] == PRIMARY) & (frame["mean"] != 0)]
    if len(frame):
        size = frame["mean"].abs()
        errors = {
            word: float((frame[f"error_{word}"] / size).max())
            for word in ("mean", "lower", "upper")
            if frame[f"error_{word}"].notna().all()
        }
        shown = (
            words(f"run.error_of.{word}", value=f"{100 * error:.2g} %")
            for word, error in errors.items()
        )
        yield words("run.error", errors=words.join(shown))


def claims(result: Result, words: Words) -> Lines:
    """That contracted power is still in the mix of the grid it is made in."""
    if result.contracts:
        yield words("run.contracts", names=words.join(result.contracts))


def balances(result: Result, words: Words) -> Lines:
    """Which balances are closed in every draw, and what gap the data leave."""
    frame = result.statistics
    frame = frame[frame["item"].str.startswith(BALANCE) & (frame["table"] == OUTPUTS)]
    for item, rows in frame.groupby("item", sort=False):
        name, units = str(item).removeprefix(BALANCE), str(rows["units"].iloc[0])
        # no draw lies farther from the mean than this
        reach = rows["sd"] * np.sqrt(result.draws)
        if float((rows["mean"].abs() + reach).max()) <= CLOSED:
            yield words("run.closed", name=name, units=units)
        else:
            low, high = float(rows["lower"].min()), float(rows["upper"].max())
            ends = words.range(significant(low), significant(high))
            yield words("run.gap", name=name, ends=ends, units=units)


def first_order(result: Result, words: Words) -> Lines:
    """Approach 1 beside Monte Carlo, and what kind of spread the variance is."""
    from scenarios.analysis.first_order import cross_checks, nature_split
    from scenarios.numbers import scale
    from scenarios.words.faults import translated

    checks = list(cross_checks(result))
    apart = [check for check in checks if check.apart]
    if checks and not apart:
        yield words("run.agrees", count=len(checks))
    elif apart:
        worst = max(apart, key=lambda c: c.gap / c.tolerance)
        per, shown = scale(worst.units)
        item = [] if worst.item == PRIMARY else [worst.item]
        yield words(
            "run.differs",
            count=len(apart),
            all=len(checks),
            where=words.join([result.labels[worst.scenario], *item]),
            end=words(f"run.end.{worst.end}"),
            first=significant(worst.approach_1 / per),
            second=significant(worst.monte_carlo / per),
            units=shown,
            reason=translated(worst.reason, words.language),
        )
    if not result.has_footprint or result.first_order is None:
        return
    cell = next(cell for cell in result.cells if cell.reference)
    split = nature_split(result, cell)
    if list(split) == ["uncertainty"]:
        yield words("run.all_unknown", name=cell.label)
    elif split:
        shares = (
            words(f"run.nature_of.{nature}", share=f"{100 * share:.0f} %")
            for nature, share in split.items()
        )
        yield words("run.nature", name=cell.label, shares=words.join(shares))


def stages(result: Result, cell: Cell, words: Words) -> Lines:
    """Stage by source of one scenario, and every flow behind it."""
    per, shown = result.shown_units
    contribution = result.summary("contribution")
    if contribution is None:
        return
    data = at(contribution, cell)["mean"] / per
    parts, whole = data.sum("source"), float(data.sum())
    largest, share = largest_part(parts.values.tolist())
    if share is not None:
        stage = words.of(result.stated).term(
            "stage", str(parts["stage"].values[largest])
        )
        value = with_units(significant(whole, 3), shown)
        yield words(
            "run.largest_stage",
            name=cell.name,
            value=value,
            stage=stage,
            share=f"{100 * share:.0f} %",
        )
    title = words("run.by_stage", name=cell.name, units=shown)
    yield _stage_table(data, title, words.of(result.stated))
    table = _table(words("run.flows", name=cell.name, units=shown), result, words)
    table.columns[0].header = words("run.head.flow")
    for row in result.rows("flows"):
        if (row.scenario, row.year) == (cell.scenario, cell.year):
            table.add_row(row.item, *_numbers(row, per))
    yield table


def parting(study: "Study", result: Result, words: Words) -> Lines:
    """Why mean and point value differ, wherever they do by over 2 %."""
    apart = [
        row
        for row in result.headline()
        if not row.item.startswith(BALANCE)
        and "mean" not in _unstated(row)
        and abs(row.values["mean"] - row.values["point"])
        > APART * (abs(row.values["point"]) or row.values["sd"])
    ]
    if not apart:
        return
    model = study.model()
    for row in apart[:MOST_APART]:
        yield _why(model, result, row, words)
    if len(apart) > MOST_APART:
        yield words("run.more_shifted", count=len(apart) - MOST_APART)


def _footprints(result: Result, words: Words) -> Table:
    per, shown = result.shown_units
    table = _table(words("run.title", units=shown), result, words)
    table.add_column(words("run.head.largest"), overflow="fold")
    table.add_column(words("run.head.assumed"), justify="right", no_wrap=True)
    largest = _largest_stages(result, words)
    for row in result.rows(PRIMARY):
        cell = _cell(result, row)
        share = result.assumed_share(cell)
        known = share is not None and np.isfinite(share)
        assumed = f"{100 * share:.0f} %" if known and share is not None else "-"
        open_ = result.share_marked("unstated", cell) or 0.0
        if known and open_ >= LEAST_OPEN:
            assumed = words("run.open", assumed=assumed, share=f"{100 * open_:.0f} %")
        stage = largest.get((cell.scenario, cell.year), "-")
        table.add_row(cell.name, *_numbers(row, per), stage, assumed)
    return table


def _cell(result: Result, row: Row) -> Cell:
    return Cell(row.scenario, row.year, result.labels[row.scenario])


def _table(title: str, result: Result, words: Words) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(words("run.head.scenario"), overflow="fold")
    for word in STATISTICS:
        head = words(f"run.head.{word}", percent=result.percent)
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _numbers(row: Row, per: float) -> list[str]:
    """Statistics of a row; what is rounding noise beside its sd is 0."""
    noise, marked = NOISE * row.values["sd"], _unstated(row)
    shown = []
    for word in STATISTICS:
        value = row.values[word]
        text = "0" if abs(value) < noise else significant(value / per)
        shown.append(text + MARK if word in marked else text)
    return shown


def _outputs(result: Result, rows: list[Row], words: Words, *, many: bool) -> Table:
    table = _table(words("run.outputs"), result, words)
    head = "scenario_output" if many else "output"
    table.columns[0].header = words(f"run.head.{head}")
    table.add_column(words("run.head.units"))
    for item in dict.fromkeys(row.item for row in rows):
        of_item = [row for row in rows if row.item == item]
        first = of_item[0]
        if many and all(row.values == first.values for row in of_item):
            name = words("run.everywhere", output=item)
            table.add_row(name, *_numbers(first, 1.0), first.units)
            continue
        for row in of_item:
            year = [] if row.year is None else [str(row.year)]
            name = _cell(result, row).name
            names = [name, item] if many else [item, *year]
            table.add_row(words.join(names), *_numbers(row, 1.0), row.units)
    return table


def _largest_stages(result: Result, words: Words) -> dict[tuple[str, int | None], str]:
    """The stage with the largest mean in each cell, and its share of the footprint."""
    data = result.summary("contribution")
    if data is None:
        return {}
    stages = data["mean"].sum("source")
    names = [str(name) for name in stages["stage"].values]
    if words.language != "en":
        named = words.of(result.stated)
        names = [named.term("stage", name) for name in names]
    dims = [dim for dim in ("scenario", "year") if dim in stages.dims]
    values = stages.transpose(*dims, "stage").values
    found = {}
    for place in np.ndindex(*values.shape[:-1]):
        label = dict(zip(dims, place, strict=True))
        scenario = str(stages["scenario"].values[label["scenario"]])
        year = int(stages["year"].values[label["year"]]) if "year" in label else None
        best, share = largest_part(values[place].tolist())
        shown = "" if share is None else f" {100 * share:.0f} %"
        found[scenario, year] = names[best] + shown
    return found


def _rounded(result: Result, words: Words) -> str:
    """How the number of draws was found, if it is not the one that was asked for."""
    stop = result.stop
    if stop is not None and stop.heavy:
        return words("run.hopeless", tolerance=significant(stop.tolerance, 2))
    if stop is not None:
        return words(
            "run.enough" if stop.reached else "run.capped",
            tolerance=significant(stop.tolerance, 2),
            ratio=f"{100 * stop.worst:.0f} %",
        )
    asked = result.draws_asked
    return words("run.rounded", asked=asked) if asked != result.draws else ""


def _stage_table(data: xr.DataArray, title: str, words: Words) -> Table:
    """Means by stage and source with their sums; what is absent stays blank."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(words("run.head.stage"))
    whole = words("run.head.all")

    def called(group: str, name: str) -> str:
        return name if words.language == "en" else words.term(group, name)

    for source in data["source"].values:
        head = called("source", str(source))
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column(whole, justify="right", no_wrap=True)
    values = data.transpose("stage", "source").values
    for stage, row in zip(data["stage"].values, values, strict=True):
        cells = ["" if np.isnan(value) else f"{value:.3f}" for value in row]
        table.add_row(called("stage", str(stage)), *cells, f"{np.nansum(row):.3f}")
    totals = [f"{total:.3f}" for total in np.nansum(values, axis=0)]
    table.add_row(whole, *totals, f"{np.nansum(values):.3f}")
    return table


def _why(model: "Model", result: Result, row: Row, words: Words) -> str:
    """What pulls the mean of one output away from its point value."""
    from uncertainty.model.mean_shifts import mean_shifts

    point, mean = row.values["point"], row.values["mean"]
    item = words("common.footprint") if row.item == PRIMARY else row.item
    name = words.join([_cell(result, row).name, item])
    if not point:
        return words(
            "run.point_zero", name=name, mean=significant(mean), units=row.units
        )
    table = model.outputs[row.table]
    column = model.years.index(row.year) if row.year is not None else 0
    nodes = table.nodes[result.scenarios.index(row.scenario), column]
    place = table.coords["output"].index(row.item) if table.dims else ()
    shifts = mean_shifts(model.graph, int(nodes[place]))
    gap, scale, percent = mean - point, 100 / table.factor / point, True
    if abs(point) < NEAR_ZERO * row.values["sd"]:  # per cent of next to nothing
        scale, percent = 1 / table.factor, False

    def shown(value: float) -> str:
        return f"{value:+.1f} %" if percent else f"{value:+.3g} {row.units}"

    parts = []
    for shift in shifts[:3]:
        if abs(shift.whole) < NAMED * abs(gap * table.factor):
            break
        bent = abs(shift.curvature) > abs(shift.skew)
        why = words("run.curved" if bent else "run.skewed")
        parts.append(f"{shift.column} {shown(shift.whole * scale)} ({why})")
    rest = gap - sum(shift.whole for shift in shifts) / table.factor
    if abs(rest) > NAMED * abs(gap):
        parts.append(words("run.together", part=shown(rest * scale * table.factor)))
    return words(
        "run.shifted",
        name=name,
        percent=shown(gap * scale * table.factor),
        parts=words.join(parts),
    )
