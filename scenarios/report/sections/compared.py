"""Scenarios against the reference, draw by draw."""

import math

import xarray as xr

from scenarios.analysis.comparison.compare import compare
from scenarios.analysis.comparison.lineup import ComparisonError
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
from scenarios.report.material import Material, Place
from scenarios.results.rows import PRIMARY

ROUNDING = 1e-12
"""Part of the footprint that a difference can have from the arithmetic alone."""
PAIRS = 25
"""Most scenarios of a table of pairs."""
RANKED = 3
"""How many of those that are lowest most often are named."""


def compared(material: Material) -> list[Block]:
    """Paired differences to the reference, who is lowest how often, every pair."""
    words = material.words
    footprints = [PRIMARY in tree["draws"].to_dataset() for tree in material.trees]
    if material.has_chain and not all(footprints):
        return [Prose((words("compared.no_draws"),), "note")]
    try:
        probability = float(material.attrs["coverage_probability"])
        trees = [_slim(material, tree) for tree in material.trees]
        data = compare(trees, probability=probability)
    except ComparisonError as error:
        return [Prose((words("compared.none", reason=error),), "note")]
    output = PRIMARY if material.has_chain else material.outputs[0]
    if output not in data["output"].values:
        return [Prose((words("compared.no_draws"),), "note")]
    data = data.sel(output=output)
    names = [str(name) for name in data["scenario"].values]
    members = {f"s{i}": name for i, name in enumerate(names)}
    reference = material.reference.label
    what = words("words.footprint") if output == PRIMARY else output
    found: list[Block] = [
        Prose((words("compared.reading", reference=reference, what=what),)),
        Listing(tuple(_lowest(material, data, members))),
    ]
    lines = _lines(material, data, members)
    if lines:
        caption = words(
            "captions.differences", reference=reference, percent=material.percent
        )
        units = _units(material, data)[1]
        axis = words("words.difference", units=units)
        found.append(Figure("differences", caption, intervals(lines, axis, caption)))
    found.append(_table(material, data, members))
    if len(names) <= PAIRS:
        found += _pairs(material, data, members)
    return found


def _slim(material: Material, tree: xr.DataTree) -> xr.DataTree:
    """A result without the outputs that the report does not compare."""
    draws = tree["draws"].to_dataset()
    if material.has_chain:
        draws = draws.drop_vars([v for v in draws.data_vars if v != PRIMARY])
    groups = {"draws": draws}
    groups |= {name: tree[name].to_dataset() for name in ("inputs", "summary")}
    found = xr.DataTree.from_dict(groups)
    found.attrs = dict(tree.attrs)
    return found


def _units(material: Material, data: xr.Dataset) -> tuple[float, str]:
    if material.has_chain:
        return material.per, material.units
    return 1.0, str(data["output_units"].item())


def _at(data: xr.Dataset, place: Place, name: str) -> xr.Dataset:
    cell = data.sel(scenario=name)
    return cell if place.year is None else cell.sel(year=place.year)


def _told(material: Material, cell: xr.Dataset, per: float) -> tuple[str, str]:
    """Difference and its interval, no finer than is known of them."""
    size = abs(float(material.main()[0][2]["mean"])) * per
    if float(abs(cell["difference_interval"]).max()) <= ROUNDING * size:
        return "0", material.words.range("0", "0")
    errors = cell["difference_error"] / per
    ends = cell["difference_interval"] / per
    of_ends = max(float(errors.sel(statistic=w)) for w in ("lower", "upper"))
    shown = [rounded(float(x), of_ends).replace("-", "−") for x in ends.values]
    middle = rounded(
        float(cell["difference"]) / per, float(errors.sel(statistic="mean"))
    )
    return middle.replace("-", "−"), material.words.range(*shown)


def _lines(material: Material, data: xr.Dataset, members: dict[str, str]) -> list[Line]:
    per, units = _units(material, data)
    lines = []
    for place in material.places:
        cell = _at(data, place, members[place.key])
        if place.scenario == material.reference.scenario and place.tree == 0:
            continue
        if not math.isfinite(float(cell["difference"])):
            continue
        middle, interval = _told(material, cell, per)
        low, high = (float(x) / per for x in cell["difference_interval"].values)
        said = f"{middle} ({interval})"
        tip = f"{place.name}: {said} {units}"
        lines.append(Line(place, said, tip, low, float(cell["difference"]) / per, high))
    return lines


def _table(material: Material, data: xr.Dataset, members: dict[str, str]) -> Table:
    words = material.words
    per, units = _units(material, data)
    heads = [Head(words("heads.scenario"))]
    heads += [Head(words("heads.year"), True)] if material.dated else []
    for word in ("difference", "interval", "ratio", "probability_lower"):
        told = words(f"heads.{word}", units=units, percent=material.percent)
        heads.append(Head(told, True))
    heads += [Head(words("heads.expected_rank"), True), Head(words("heads.paired"))]
    rows = []
    for place in material.places:
        cell = _at(data, place, members[place.key])
        value = float(cell["difference"])
        if not math.isfinite(value):
            continue
        items = [Item(place.label)]
        items += [Item(place.when, place.year)] if material.dated else []
        is_reference = place.tree == 0 and place.scenario == material.reference.scenario
        if is_reference:
            items += [Item(words("compared.reference"), 0.0), *[Item("–", 0.0)] * 3]
        else:
            middle, interval = _told(material, cell, per)
            chance = float(cell["probability_lower"])
            ends = [float(x) for x in cell["probability_lower_confidence"].values]
            ratio = float(cell["ratio"])
            items += [
                Item(middle, value),
                Item(interval, float(cell["difference_interval"].values[0])),
                Item(words.number(ratio, 3), ratio),
                Item(words.chance(chance, *ends), chance),
            ]
        rank = float(cell["expected_rank"])
        paired = bool(cell["paired"])
        reason = str(cell["reason"].item())
        told = words("page.yes") if paired else words("compared.not", reason=reason)
        items += [Item(words.number(rank, 3), rank), Item(told)]
        rows.append(Row(tuple(items), place.key, place.when, strong=is_reference))
    caption = words("captions.compared", reference=material.reference.label)
    return Table("compared", caption, tuple(heads), tuple(rows))


def _lowest(material: Material, data: xr.Dataset, members: dict[str, str]) -> list[str]:
    """Which scenario is lowest how often, where there are three or more."""
    if data.sizes["scenario"] < 3:
        return []
    words = material.words
    labels = {members[p.key]: p.label for p in material.places}
    first = data["rank_probability"].sel(rank=1)
    lines = []
    for year in first["year"].values if "year" in first.dims else [None]:
        one = first if year is None else first.sel(year=year)
        named = [
            (labels[str(n)], float(p))
            for n, p in zip(one["scenario"].values, one.values, strict=True)
            if str(n) in labels and p > 0
        ]
        named.sort(key=lambda pair: -pair[1])
        told = words("page.comma").join(
            words("compared.in", name=name, share=words.odds(p))
            for name, p in named[:RANKED]
        )
        when = "" if year is None else f"{int(year)}: "
        if told:
            count = data.sizes["scenario"]
            lines.append(when + words("compared.lowest", count=count, told=told))
    return lines


def _pairs(
    material: Material, data: xr.Dataset, members: dict[str, str]
) -> list[Table]:
    """Probability that the row's scenario is below the column's."""
    words = material.words
    chances = data["pair_probability_lower"]
    firsts = list({place.key: place for place in material.places}.values())
    years = (
        [int(y) for y in chances["year"].values] if "year" in chances.dims else [None]
    )
    year = years[0]
    one = chances if year is None else chances.sel(year=year)
    heads = [Head(words("heads.scenario"))]
    heads += [Head(place.label, True) for place in firsts]
    rows = []
    for row in firsts:
        items = [Item(row.label)]
        for column in firsts:
            names = {"scenario": members[row.key], "scenario_2": members[column.key]}
            value = float(one.sel(names))
            shown = "" if row == column else words.odds(value)
            items.append(Item(shown, value, scenario=column.key))
        rows.append(Row(tuple(items), row.key, strong=row.reference))
    when = "" if year is None else f" ({year})"
    caption = words("captions.pairs") + when
    return [Table("pairs", caption, tuple(heads), tuple(rows), sortable=False)]
