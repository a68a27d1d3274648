"""Results for a terminal: tables that read well, plain when they are piped."""

from collections.abc import Mapping
from typing import Any

import xarray as xr
from rich.console import Console
from rich.table import Table

from scenarios.analysis.first_order import cross_checks, nature_split
from scenarios.model.study import Study
from scenarios.numbers import scale, significant
from scenarios.results.rows import (
    PRIMARY,
    Row,
    assumed_share,
    at,
    headline,
    labels,
    rows,
    scenarios,
)
from uncertainty.model import Model
from uncertainty.model.mean_shifts import mean_shifts

PART = 0.02
"""Mean and point value that part by more than this are told apart (design 8)."""


MOST_OUTPUTS = 40
"""Declared outputs, scenario by scenario, that a terminal is filled with."""


def summary(tree: xr.DataTree, console: Console) -> None:
    """The table of a run: one line a scenario, or a scenario and output."""
    names = labels(tree)
    percent = 100 * float(tree.attrs["coverage_probability"])
    if tree.attrs["units"]:
        per, shown = scale(str(tree.attrs["units"]))
        table = _table(f"Carbon footprint, {shown}", percent)
        table.add_column("largest stage", overflow="fold")
        table.add_column("assumed", justify="right", no_wrap=True)
        for row in rows(tree, PRIMARY):
            stage = largest_stage(tree, row.scenario, row.year)
            share = assumed_share(tree, row.scenario, row.year)
            rests = "-" if share is None or share != share else f"{100 * share:.0f} %"
            place = _place(names[row.scenario], row)
            table.add_row(place, *_cells(row, per), stage, rests)
        console.print(table)
        console.print(
            "assumed: share of the variance that rests on spreads somebody assumed "
            "rather than measured (first order)."
        )
    outputs = [row for row in headline(tree) if row.table == "outputs"]
    declared = [r for r in outputs if not r.item.startswith("balance.")]
    if len(declared) > MOST_OUTPUTS:
        reference = str(tree.attrs["reference"])
        kept = [row for row in declared if row.scenario == reference]
        console.print(_outputs(kept[:MOST_OUTPUTS], names, percent, False))
        console.print(
            f"These are of {names[reference]}; all {len(declared)} declared outputs "
            "stand in summary.csv."
        )
    elif declared:
        console.print(_outputs(declared, names, percent, len(names) > 1))
    balances(tree, console)


def _place(name: str, row: Row) -> str:
    return name if row.year is None else f"{name}, {row.year}"


def _table(title: str, percent: float) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("scenario", overflow="fold")
    for word in ("point", "mean", "median", "sd"):
        table.add_column(word, justify="right", no_wrap=True)
    table.add_column(f"lower {percent:g} %", justify="right", no_wrap=True)
    table.add_column(f"upper {percent:g} %", justify="right", no_wrap=True)
    return table


def _cells(row: Row, per: float) -> list[str]:
    words = ("point", "mean", "median", "sd", "lower", "upper")
    return [significant(row.values[word] / per) for word in words]


def _outputs(
    found: list[Row], names: dict[str, str], percent: float, many: bool
) -> Table:
    table = _table("Declared outputs", percent)
    table.columns[0].header = "scenario, output" if many else "output"
    table.add_column("units")
    for item in dict.fromkeys(row.item for row in found):
        mine = [row for row in found if row.item == item]
        if many and all(row.values == mine[0].values for row in mine):
            table.add_row(f"every one, {item}", *_cells(mine[0], 1.0), mine[0].units)
            continue
        for row in mine:
            place = _place(names[row.scenario], row)
            place = f"{place}, {item}" if many else _place(item, row)
            table.add_row(place, *_cells(row, 1.0), row.units)
    return table


def largest_stage(tree: xr.DataTree, scenario: str, year: int | None = None) -> str:
    """The stage with the largest mean, and its share of the footprint."""
    data = at(tree["summary/contribution"].to_dataset(), scenario, year)
    stages = data["mean"].sum("source")
    whole = float(stages.sum())
    best = str(stages["stage"].values[int(stages.argmax("stage"))])
    return f"{best} {100 * float(stages.max()) / whole:.0f} %"


MOST_BYTES = 2**30
"""Draws that balances are looked for in without being asked."""


def balances(tree: xr.DataTree, console: Console) -> None:
    """Which balances are closed in every draw, and what gap the data leave."""
    draws = tree["draws"].to_dataset()
    if "outputs" not in draws or draws["outputs"].nbytes > MOST_BYTES:
        return
    values = draws["outputs"]
    for name in values["output"].values:
        if not str(name).startswith("balance."):
            continue
        one = values.sel(output=name)
        units = str(one["output_units"].item())
        low, high = float(one.min()), float(one.max())
        if max(abs(low), abs(high)) <= 1e-9:
            console.print(f"{name}: closed in every draw (within 1e-9 {units})")
        else:
            gap = f"{significant(low)} to {significant(high)} {units}"
            console.print(f"{name}: the data leave a gap of {gap}")


def notes(tree: xr.DataTree, console: Console) -> None:
    """How many draws, what the interval is, how well its ends are known."""
    attrs = tree.attrs
    asked, drawn = int(attrs["draws_asked"]), int(attrs["draws"])
    rounded = f" (rounded up from {asked})" if asked != drawn else ""
    if "until_reached" in attrs:
        rounded = _adaptive(attrs)
    replicates = int(attrs["replicates"])
    of = f", {replicates} replicates" if replicates > 1 else ""
    percent = 100 * float(attrs["coverage_probability"])
    console.print(
        f"{drawn} draws{rounded}, {attrs['design']} design{of}, seed {attrs['seed']}. "
        f"lower and upper: {percent:g} % coverage interval, probabilistically "
        "symmetric; the shortest one stands in summary.csv."
    )
    if off := float(tree["summary"].attrs.get("quantile_relative_error", 0.0)):
        console.print(
            f"Ends and median are read from counts: off by {100 * off:.2g} % of "
            "themselves at most."
        )
    errors = [
        (row.values[f"error_{w}"] / abs(row.values["mean"]), w)
        for row in rows(tree, PRIMARY)
        for w in ("mean", "lower", "upper")
        if row.values["mean"]
    ]
    if errors:
        worst = {w: max(e for e, word in errors if word == w) for _, w in errors}
        told = ", ".join(f"{w} {100 * e:.2g} %" for w, e in worst.items())
        console.print(f"Monte Carlo standard error, at most: {told} of the mean.")


def claims(tree: xr.DataTree, console: Console) -> None:
    """Say that contracted power is still in the mix of the grid it is made in."""
    if named := str(tree.attrs.get("contracts", "")):
        console.print(
            f"Contracts ({named}) are claims of their buyer: no grid mix here is "
            "lowered by what they take, so the two must not be added up."
        )


def _adaptive(attrs: Mapping[Any, Any]) -> str:
    """How the draws were found to be enough, or were not."""
    tolerance = significant(float(attrs["until_tolerance"]), 2)
    ratio = 100 * float(attrs["until_worst_ratio"])
    if attrs.get("until_heavy") == "True":
        return (
            f" (NOT enough for a tolerance of {tolerance}, and no number is: tails are "
            "too heavy for a mean or an sd)"
        )
    if attrs["until_reached"] == "True":
        return f" (enough for a tolerance of {tolerance}: {ratio:.0f} % of it is used)"
    return f" (the cap; NOT enough for a tolerance of {tolerance}: {ratio:.0f} % of it)"


def first_order(tree: xr.DataTree, console: Console) -> None:
    """Approach 1 beside Monte Carlo, and what kind of spread the variance is."""
    every = list(cross_checks(tree))
    found = [check for check in every if check.apart]
    if every and not found:
        console.print(
            "First-order propagation (IPCC Approach 1) agrees with Monte Carlo to two "
            f"digits of the sd in {len(every)} of {len(every)}."
        )
    elif found:
        worst = max(found, key=lambda c: c.gap / c.tolerance)
        per, shown = scale(worst.units)
        item = "" if worst.item == PRIMARY else f", {worst.item}"
        console.print(
            "warning: first-order propagation (IPCC Approach 1) parts from Monte "
            f"Carlo in {len(found)} of {len(every)}, most in {worst.scenario}{item}: "
            f"{worst.end} {significant(worst.approach_1 / per)} against "
            f"{significant(worst.monte_carlo / per)} {shown}. {worst.reason}"
        )
    if "first_order" not in tree.children:
        return
    reference = str(tree.attrs["reference"])
    first = next(row for row in rows(tree, PRIMARY) if row.scenario == reference)
    split = nature_split(tree, first.scenario, first.year)
    told = ", ".join(f"{100 * part:.0f} % {word}" for word, part in split.items())
    console.print(f"Variance of {reference} by nature: {told}.")


def stages(
    tree: xr.DataTree, scenario: str, console: Console, year: int | None = None
) -> None:
    """Stage by source of one scenario, and every flow behind it."""
    per, shown = scale(str(tree.attrs["units"]))
    data = at(tree["summary/contribution"].to_dataset(), scenario, year)["mean"]
    name = labels(tree)[scenario]
    if "year" in data.coords:
        year = int(data["year"])
        name = f"{name}, {year}"
    console.print(
        _stage_table(data / per, f"{name}: mean by stage and source, {shown}")
    )
    percent = 100 * float(tree.attrs["coverage_probability"])
    lines = _table(f"{name}: every flow, {shown}", percent)
    lines.columns[0].header = "process.flow"
    for row in rows(tree, "flows"):
        if row.scenario == scenario and row.year in (None, year):
            lines.add_row(row.item, *(f"{float(c):.4g}" for c in _cells(row, per)))
    console.print(lines)


def _stage_table(data: xr.DataArray, title: str) -> Table:
    """Means by stage and source with their sums; what is absent stays blank."""
    sources = [str(s) for s in data["source"].values]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("stage")
    for source in (*sources, "all"):
        table.add_column(source, justify="right", no_wrap=True)
    for stage in data["stage"].values:
        line = data.sel(stage=stage)
        values = [line.sel(source=source) for source in sources]
        cells = ["" if v.isnull() else f"{float(v):.3f}" for v in values]
        table.add_row(str(stage), *cells, f"{float(line.sum()):.3f}")
    totals = [f"{float(data.sel(source=s).sum()):.3f}" for s in sources]
    table.add_row("all", *totals, f"{float(data.sum()):.3f}")
    return table


MOST_PARTINGS = 6
"""Lines about mean and point value before the rest is only counted."""


def parting(study: Study, tree: xr.DataTree) -> list[str]:
    """Why mean and point value part, wherever they do by over 2 %."""
    apart = [
        row
        for row in headline(tree)
        if not row.item.startswith("balance.")
        and abs(row.values["mean"] - row.values["point"])
        > PART * (abs(row.values["point"]) or row.values["sd"])
    ]
    if not apart:
        return []
    model = study.model()
    found = [_why(model, tree, row) for row in apart[:MOST_PARTINGS]]
    if len(apart) > MOST_PARTINGS:
        found.append(f"and {len(apart) - MOST_PARTINGS} more for the same reason")
    return found


def _why(model: Model, tree: xr.DataTree, row: Row) -> str:
    """What pulls the mean of one output away from its point value."""
    point, mean = row.values["point"], row.values["mean"]
    name = _place(f"{row.scenario}, {row.item}", row)
    if not point:
        return f"{name}: the point value is 0, the mean {significant(mean)} {row.units}"
    table = model.outputs[row.table]
    column = model.years.index(row.year) if row.year is not None else 0
    nodes = table.nodes[scenarios(tree).index(row.scenario), column]
    place = table.coords["output"].index(row.item) if table.dims else ()
    shifts = mean_shifts(model.graph, int(nodes[place]))
    told = ", ".join(
        f"{column} {significant(change / table.factor, 2)}"
        for column, change in list(shifts.items())[:3]
    )
    return (
        f"{name}: the mean lies {100 * (mean / point - 1):+.1f} % from the point "
        "value, because inputs are skewed (the mean of a lognormal lies above its "
        f"median). Largest, in {row.units}: {told}"
    )
