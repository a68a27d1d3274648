"""Indices for a terminal: what matters most, how sure that is, and what to do next."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

from scenarios.analysis.sensitivity.analyse import Left
from scenarios.analysis.sensitivity.cells import (
    Cell,
    brief,
    card,
    cells,
    first_order_sum,
    floor,
    in_units,
    main_index,
    top,
)
from scenarios.numbers import significant
from scenarios.results.result import PRIMARY
from scenarios.words.sensitivity_remarks import notes

ROWS, TABLES, LEADERS = 10, 4, 3


def tell(
    datasets: Sequence[xr.Dataset], left: Sequence[Left], console: Console
) -> None:
    """Print what drives the outputs, and how far that can be trusted.

    Parameters
    ----------
    datasets : sequence of Dataset
        As `scenarios.analysis.sensitivity.explain_all` gives them.
    left : sequence of Left
        Methods that were left out.
    console : Console
    """
    if len(datasets) == 1:
        _one(datasets[0], console)
    else:
        console.print(_side_by_side(datasets))
        _differences(datasets[0], console)
        first, *rest = datasets
        for line in notes(first):
            console.print(f"{first.attrs['method']}: {line}")
        for found in rest:
            console.print(f"{found.attrs['method']}: {next(iter(notes(found)))}")
    for one in left:
        console.print(f"{one.method} left out: {one.why}")


def _one(found: xr.Dataset, console: Console) -> None:
    whole = [cell for cell in cells(found) if not cell.difference]
    for cell in whole[:TABLES]:
        console.print(_ranked(cell))
    if len(whole) > TABLES:
        console.print(f"{len(whole) - TABLES} more outputs stand in sensitivity.nc.")
    _differences(found, console)
    for line in notes(found):
        console.print(line)


def _table(title: str) -> Table:
    # as wide as its title, which would be broken otherwise
    return Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        min_width=len(title),
    )


def _ranked(cell: Cell) -> Table:
    """Factors of one cell, largest first, and the noise floor."""
    method = str(cell.data.attrs["method"])
    shown = card(cell.data).shown
    table = _table(f"What decides {cell.title} ({method})")
    table.add_column("factor", no_wrap=True)
    table.add_column("", overflow="fold", max_width=46)
    for name in shown:
        units = in_units(cell, name)[1]
        heading = name.replace("_", " ") + (f", {units}" if units else "")
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict" if "important" in cell.data else "")
    for name in top(cell, ROWS):
        row = cell.data.sel(parameter=name)
        label = str(row["label"].item())
        values = [_value(cell, row, index) for index in shown]
        shown_label = "" if label == name else label
        table.add_row(brief(name), shown_label, *values, _standing(row))
    ends = [None if in_units(cell, i)[1] else floor(cell, i) for i in shown]
    if any(end is not None for end in ends):
        told = ["" if end is None else f"{end:.3g}" for end in ends]
        table.add_row("noise floor", "what an inert input gets", *told, "")
    if (whole := first_order_sum(cell)) is not None and "first_order" in shown:
        blank = ["" if n != "first_order" else f"{whole:.3f}" for n in shown]
        table.add_row("sum of first order", "of all factors", *blank, "")
    return table


def _value(cell: Cell, row: xr.Dataset, index: str) -> str:
    per, _ = in_units(cell, index)
    value = float(row[index]) / per
    if not np.isfinite(value):
        return "-"
    if f"{index}_lower" not in row:
        return f"{value:.3f}" if per == 1 else significant(value)
    ends = [float(row[f"{index}_{end}"]) / per for end in ("lower", "upper")]
    return f"{value:.3f} ({ends[0]:.3f} to {ends[1]:.3f})"


def _standing(row: xr.Dataset) -> str:
    if "important" not in row:
        return ""
    if bool(row["important"]):
        return "important" if bool(row["settled"]) else "important, rank open"
    if bool(row["unimportant"]):
        return "unimportant"
    n = float(row["settling_n"])
    if not np.isfinite(n):
        return "not settled" if not np.isnan(n) else ""
    return f"not settled: takes n = {n:.0f}"


def _differences(found: xr.Dataset, console: Console) -> None:
    """Leaders of each difference: what decides the ranking of two scenarios."""
    apart = [cell for cell in cells(found) if cell.difference]
    if not apart:
        return
    index = main_index(found)
    words = index.replace("_", " ")
    common = {cell.less for cell in apart}
    to = f" to {common.pop()}" if len(common) == 1 else ""
    table = _table(
        f"What decides each difference{to} ({found.attrs['method']}, {words})"
    )
    table.add_column("difference", overflow="fold")
    for place in range(LEADERS):
        table.add_column(f"{place + 1}.", overflow="fold")
    for cell in apart:
        per, _ = in_units(cell, index)
        told = [
            f"{brief(name)} {float(cell.data[index].sel(parameter=name)) / per:.2f}"
            for name in top(cell, LEADERS)
        ]
        name = cell.more if to else cell.name
        table.add_row(
            name if cell.output == PRIMARY else f"{cell.output}, {name}",
            *(told + [""] * (LEADERS - len(told))),
        )
    console.print(table)


def _side_by_side(datasets: Sequence[xr.Dataset]) -> Table:
    """Methods beside each other for the first output, to see if they agree."""
    first = {str(d.attrs["method"]): next(cells(d)) for d in datasets if any(cells(d))}
    lead = next(iter(first.values()))
    table = _table(f"What decides {lead.title}: each method's own index, with its rank")
    table.add_column("factor", no_wrap=True)
    for method in first:
        table.add_column(method.replace("_", "\n"), justify="right", no_wrap=True)
    # a method that splits a block has its inputs among its first
    also = (name for cell in first.values() for name in top(cell, LEADERS))
    for name in dict.fromkeys([*top(lead, ROWS), *also]):
        values = (_ranked_value(cell, name) for cell in first.values())
        table.add_row(brief(name), *values)
    return table


def _ranked_value(cell: Cell, name: str) -> str:
    index = main_index(cell.data)
    if name not in cell.data["parameter"].values:
        return "-"
    value = float(cell.data[index].sel(parameter=name)) / in_units(cell, index)[0]
    order = top(cell, cell.data.sizes["parameter"])
    if not np.isfinite(value) or name not in order:
        return "-"
    return f"{value:.2f} ({order.index(name) + 1})"
