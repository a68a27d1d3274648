"""Sensitivity indices for a terminal: what matters most and how sure that is."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from rich.cells import cell_len
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
from scenarios.words.catalogue import Words, subject
from scenarios.words.faults import translated
from scenarios.words.sensitivity_remarks import notes

ROWS, TABLES, LEADERS = 10, 4, 3


Lines = Iterator[Table | str]
"""What a console prints, one after the other."""


def lines(datasets: Sequence[xr.Dataset], left: Sequence[Left], words: Words) -> Lines:
    """What drives the outputs, and how far that can be trusted.

    Parameters
    ----------
    datasets : sequence of Dataset
        As `scenarios.analysis.sensitivity.explain_all` gives them.
    left : sequence of Left
        Methods that were left out, and why.
    words : Words
    """
    first, *rest = datasets
    if not rest:
        yield from _one(first, words)
    else:
        yield _side_by_side(datasets, words)
        yield from _differences(first, words)
        of_first = [(first, text) for text in notes(first, words)]
        of_rest = [(found, next(iter(notes(found, words)))) for found in rest]
        for found, text in (*of_first, *of_rest):
            method = found.attrs["method"]
            yield words("sensitivity.of_method", method=method, text=text)
    for one in left:
        reason = translated(one.why, words.language)
        yield words("sensitivity.left_out", method=one.method, reason=reason)


def _one(found: xr.Dataset, words: Words) -> Lines:
    of_scenarios = [cell for cell in cells(found) if not cell.difference]
    for cell in of_scenarios[:TABLES]:
        yield _ranked(cell, words)
    if len(of_scenarios) > TABLES:
        yield words("sensitivity.more", count=len(of_scenarios) - TABLES)
    yield from _differences(found, words)
    yield from notes(found, words)


def _table(title: str) -> Table:
    # as wide as its title, which would be broken otherwise
    return Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        min_width=cell_len(title),
    )


def _title(cell: Cell, words: Words) -> str:
    """Output and scenario."""
    primary = cell.output == PRIMARY
    output = words("common.footprint") if primary else cell.output
    return words.join([output, cell.name])


def _index(name: str, words: Words) -> str:
    """An index in words."""
    known = subject("sensitivity") or {}
    if name in known["index"]:
        return words(f"sensitivity.index.{name}")
    return name.replace("_", " ")


def _ranked(cell: Cell, words: Words) -> Table:
    """Factors of one cell, largest first, and the noise floor."""
    method = str(cell.data.attrs["method"])
    shown = card(cell.data).shown
    table = _table(words("sensitivity.ranked", name=_title(cell, words), method=method))
    table.add_column(words("sensitivity.head.factor"), no_wrap=True)
    table.add_column("", overflow="fold", max_width=46)
    for name in shown:
        units = in_units(cell, name)[1]
        head = _index(name, words) + (f", {units}" if units else "")
        table.add_column(head, justify="right", no_wrap=True)
    judged = "important" in cell.data
    table.add_column(words("sensitivity.head.verdict") if judged else "")
    for name in top(cell, ROWS):
        row = cell.data.sel(parameter=name)
        label = translated(str(row["label"].item()), words.language)
        values = [_value(cell, row, index, words) for index in shown]
        shown_label = "" if label == name else label
        table.add_row(brief(name), shown_label, *values, _standing(row, words))
    ends = [None if in_units(cell, i)[1] else floor(cell, i) for i in shown]
    if any(end is not None for end in ends):
        floors = ["" if end is None else f"{end:.3g}" for end in ends]
        heads = words("sensitivity.floor"), words("sensitivity.floor_of")
        table.add_row(*heads, *floors, "")
    if (whole := first_order_sum(cell)) is not None and "first_order" in shown:
        sums = ["" if n != "first_order" else f"{whole:.3f}" for n in shown]
        heads = words("sensitivity.sum"), words("sensitivity.sum_of")
        table.add_row(*heads, *sums, "")
    return table


def _value(cell: Cell, row: xr.Dataset, index: str, words: Words) -> str:
    per, _ = in_units(cell, index)
    value = float(row[index]) / per
    if not np.isfinite(value):
        return "-"
    if f"{index}_lower" not in row:
        return f"{value:.3f}" if per == 1 else significant(value)
    ends = (f"{float(row[f'{index}_{end}']) / per:.3f}" for end in ("lower", "upper"))
    return f"{value:.3f} ({words.range(*ends)})"


def _standing(row: xr.Dataset, words: Words) -> str:
    if "important" not in row:
        return ""
    if bool(row["important"]):
        settled = bool(row["settled"])
        return words("sensitivity.important" if settled else "sensitivity.open")
    if bool(row["unimportant"]):
        return words("sensitivity.unimportant")
    n = float(row["settling_n"])
    if not np.isfinite(n):
        return words("sensitivity.unsettled") if not np.isnan(n) else ""
    return words("sensitivity.takes", n=f"{n:.0f}")


def _differences(found: xr.Dataset, words: Words) -> Lines:
    """Leaders of each difference: what decides the ranking of two scenarios."""
    apart = [cell for cell in cells(found) if cell.difference]
    if not apart:
        return
    index, method = main_index(found), found.attrs["method"]
    common = {cell.less for cell in apart}
    alone = len(common) == 1
    title = words(
        "sensitivity.differences_to" if alone else "sensitivity.differences",
        reference=common.pop(),
        method=method,
        index=_index(index, words),
    )
    table = _table(title)
    table.add_column(words("sensitivity.head.difference"), overflow="fold")
    for place in range(LEADERS):
        table.add_column(f"{place + 1}.", overflow="fold")
    for cell in apart:
        per, _ = in_units(cell, index)
        leaders = [
            f"{brief(name)} {float(cell.data[index].sel(parameter=name)) / per:.2f}"
            for name in top(cell, LEADERS)
        ]
        name = cell.more if alone else cell.name
        table.add_row(
            name if cell.output == PRIMARY else words.join([cell.output, name]),
            *(leaders + [""] * (LEADERS - len(leaders))),
        )
    yield table


def _side_by_side(datasets: Sequence[xr.Dataset], words: Words) -> Table:
    """Methods beside each other for the first output, to see if they agree."""
    first = {str(d.attrs["method"]): next(cells(d)) for d in datasets if any(cells(d))}
    lead = next(iter(first.values()))
    table = _table(words("sensitivity.side_by_side", name=_title(lead, words)))
    table.add_column(words("sensitivity.head.factor"), no_wrap=True)
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
