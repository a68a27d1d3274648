"""Scenarios against the reference, draw by draw."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from scenarios.numbers import rounded
from scenarios.report.blocks import (
    Block,
    Figure,
    Head,
    Item,
    Listing,
    Prose,
    Row,
    Table,
)
from scenarios.report.drawing.charts import Line, intervals
from scenarios.report.material import Material, PageCell
from scenarios.results.result import PRIMARY
from scenarios.words.catalogue import MINUS

ROUNDING = 1e-12
"""Part of the footprint that a difference can have from the arithmetic alone."""
PAIRS = 25
"""Most scenarios of a table of pairs."""
RANKED = 3
"""How many of those that are lowest most often are named."""


def compared(material: Material) -> list[Block]:
    """Paired differences to the reference, who is lowest how often, every pair."""
    words, data = material.words, material.comparison
    if isinstance(data, str):
        return [Prose((data,), "note")]
    output = PRIMARY if material.has_footprint else material.outputs[0]
    cells = {cell: material.compared(cell) for cell in material.rising}
    reference = material.reference.label
    what = words("words.footprint") if output == PRIMARY else output
    found: list[Block] = [
        Prose((words("compared.reading", reference=reference, what=what),)),
        Listing(tuple(_lowest(material, data))),
    ]
    units = material.units_of(output)
    lines = list(_lines(material, cells, output))
    if lines:
        caption = words(
            "captions.differences", reference=reference, percent=material.percent
        )
        axis = words("words.difference", units=units)
        found.append(
            Figure("differences", caption, intervals(lines, axis, caption, zero=True))
        )
    found.append(_table(material, cells, output))
    return found


def pairs(material: Material) -> list[Block]:
    """How surely each scenario lies below each other."""
    data = material.comparison
    if isinstance(data, str) or data.sizes["scenario"] > PAIRS:
        return []
    return [_pairs(material, data)]


def _is_base(material: Material, cell: PageCell) -> bool:
    """Whether the others are compared with this scenario."""
    return cell.key == material.reference.key


def _difference(material: Material, data: xr.Dataset, output: str) -> tuple[str, str]:
    """Difference and its interval, no finer than is known of them."""
    words, per = material.words, material.per_of(output)
    ends = data["difference_interval"].values
    size = abs(material.shown(output)[0].statistics["mean"]) * per
    if np.abs(ends).max() <= ROUNDING * size:
        return "0", words.range("0", "0")
    errors = data["difference_error"] / per
    of_ends = max(float(errors.sel(statistic=w)) for w in ("lower", "upper"))
    of_mean = float(errors.sel(statistic="mean"))
    middle = rounded(float(data["difference"]) / per, of_mean)
    shown = [rounded(end, of_ends) for end in (ends / per).tolist()]
    middle, *shown = (text.replace("-", MINUS) for text in (middle, *shown))
    return middle, words.range(*shown)


def _lines(
    material: Material, cells: Mapping[PageCell, xr.Dataset], output: str
) -> Iterator[Line]:
    per, units = material.per_of(output), material.units_of(output)
    for cell, data in cells.items():
        value = float(data["difference"]) / per
        if _is_base(material, cell) or not math.isfinite(value):
            continue
        middle, interval = _difference(material, data, output)
        low, high = (data["difference_interval"].values / per).tolist()
        said = f"{middle} ({interval})"
        yield Line(cell, said, f"{cell.name}: {said} {units}", low, value, high)


def _table(
    material: Material, cells: Mapping[PageCell, xr.Dataset], output: str
) -> Table:
    words = material.words
    heads = [Head(words("heads.scenario"))]
    heads += [Head(words("heads.year"), True)] if material.dated else []
    for word in ("difference", "interval", "ratio", "probability_lower"):
        units = material.units_of(output)
        text = words(f"heads.{word}", units=units, percent=material.percent)
        heads.append(Head(text, True))
    heads += [Head(words("heads.expected_rank"), True), Head(words("heads.paired"))]
    rows = []
    for cell, data in cells.items():
        value = float(data["difference"])
        if not math.isfinite(value):
            continue
        items = [Item(cell.label)]
        items += [Item(cell.when, cell.year)] if material.dated else []
        if is_base := _is_base(material, cell):
            items += [Item(words("compared.reference"), 0.0), *[Item("–", 0.0)] * 3]
        else:
            middle, interval = _difference(material, data, output)
            chance, ratio = float(data["probability_lower"]), float(data["ratio"])
            ends = data["probability_lower_confidence"].values.tolist()
            items += [
                Item(middle, value),
                Item(interval, float(data["difference_interval"].values[0])),
                Item(words.number(ratio, 3), ratio),
                Item(words.chance(chance, *ends), chance),
            ]
        rank, reason = float(data["expected_rank"]), str(data["reason"].item())
        paired = words("compared.not", reason=reason) if reason else words("page.yes")
        items += [Item(words.number(rank, 3), rank), Item(paired)]
        rows.append(Row(tuple(items), cell.key, cell.when, strong=is_base))
    caption = words("captions.compared", reference=material.reference.label)
    return Table("compared", caption, tuple(heads), tuple(rows))


def _lowest(material: Material, data: xr.Dataset) -> Iterator[str]:
    """Which scenario is lowest how often, where there are three or more."""
    count = data.sizes["scenario"]
    if count < 3:
        return
    words = material.words
    first = data["rank_probability"].sel(rank=1)
    for year in first["year"].values if "year" in first.dims else [None]:
        shares = first.values if year is None else first.sel(year=year).values
        named = [(one.label, float(shares[one.number])) for one in material.scenarios]
        named = sorted((pair for pair in named if pair[1] > 0), key=lambda p: -p[1])
        text = words("page.comma").join(
            words("compared.in", name=name, share=words.odds(share))
            for name, share in named[:RANKED]
        )
        when = "" if year is None else f"{int(year)}: "
        if text:
            yield when + words("compared.lowest", count=count, told=text)


def _pairs(material: Material, data: xr.Dataset) -> Table:
    """Probability that the row's scenario is below the column's, in the first year."""
    words, firsts = material.words, material.scenarios
    chances, when = data["pair_probability_lower"], ""
    if "year" in chances.dims:
        chances = chances.isel(year=0)
        when = f" ({int(chances['year'])})"
    heads = [Head(words("heads.scenario"))]
    heads += [Head(cell.label, True) for cell in firsts]
    rows = []
    for row in firsts:
        items = [Item(row.label)]
        for column in firsts:
            value = float(chances.values[row.number, column.number])
            other = float(chances.values[column.number, row.number])
            shown = words.odds(value) if value or other else words("compared.equal")
            shown = "" if row == column else shown
            items.append(Item(shown, value, scenario=column.key))
        rows.append(Row(tuple(items), row.key, strong=row.reference))
    caption = words("captions.pairs") + when
    return Table("pairs", caption, tuple(heads), tuple(rows), sortable=False)
