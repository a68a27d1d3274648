"""Page one: what whoever decides takes away, and on one printed page alone."""

import math
from collections.abc import Iterator

import numpy as np

from scenarios.language.label import Label
from scenarios.numbers import largest_part
from scenarios.report.blocks import Block, Facts, Figure, Listing, Prose
from scenarios.report.drawing.charts import Line, intervals
from scenarios.report.material import Material, PageCell, Shown, Statistics
from scenarios.report.sections.drivers import shares
from scenarios.results.result import PRIMARY

ROWS = 26
"""Most rows of the chart: with the sentences they fill one printed page."""
SURE = 0.95
"""Probability from which on one scenario is said to lie below another."""
DRIVERS = 3


def answer(material: Material) -> list[Block]:
    """Every scenario by its mean, what drives the reference, what that rests on."""
    words = material.words
    lines, left_out = _lines(material)
    found: list[Block] = []
    if lines:
        name = _name(material)
        units = material.units_of(lines[0][1].output)
        axis = f"{name}, {units}" if units != "1" else name
        caption = words("captions.answer", name=name, percent=material.percent)
        if year := _year(material):
            caption = words("captions.of_year", caption=caption, year=year)
        drawn = [line for line, _ in lines]
        head = words("answer.chance") if any(line.more for line in drawn) else ""
        chart = intervals(drawn, axis, caption, compact=True, more=head)
        found.append(Figure("answer", caption, chart))
    if left_out:
        rows = len(lines)
        found.append(Prose((words("answer.rows", count=left_out, rows=rows),), "note"))
    return [*found, Listing(tuple(_points(material)))]


def cover(material: Material, *, brief: bool = False) -> list[Block]:
    """Who made what for whom; in `brief` only what is stated."""
    words, config = material.words, material.result.config
    stated, pairs = config.report, []
    for word in ("producer", "product", "site", "period", "prepared_by", "verified_by"):
        text = getattr(stated, word) if stated else None
        if text is None and word == "product" and config.declared_unit:
            text = words.name(config.declared_unit.product)
        if text is None and word == "period" and material.years:
            text = words.join(map(str, material.years))
        told = text.told(words.language) if isinstance(text, Label) else text
        if not told and brief:
            continue
        pairs.append((words(f"cover.{word}"), told or words("cover.not_stated")))
    if material.has_footprint:
        pairs.append((words("cover.standards"), material.standards))
    pairs.append((words("cover.made"), material.result.provenance["started"][:10]))
    return [Facts(tuple(pairs))]


def advice(material: Material) -> list[Block]:
    """What lowers the footprint, by the study's own scenarios, and what to measure."""
    words = material.words
    points = list(_measures(material))
    data = shares(material.reference)
    if data is not None:
        values = np.nan_to_num(data["variance_share"].values)
        for i in np.argsort(-values, kind="stable")[:DRIVERS]:
            mark = str(data["spread_confidence"].values[i])
            if values[i] > 0 and mark in {"assumed", "recalled", "unstated"}:
                name = words.label(str(data["label"].values[i]))
                share = words.share(float(values[i]), 2)
                points.append(words("advice.measure", name=name, share=share))
    return [Listing(tuple(points or [words("advice.none")]))]


def _name(material: Material) -> str:
    output = material.main()[0].output
    if output == PRIMARY:
        return material.words("words.footprint")
    return material.result.label_of(output)


def _year(material: Material) -> int | None:
    return material.years[-1] if material.years else None


def _lines(material: Material) -> tuple[list[tuple[Line, Shown]], int]:
    """Rows in the order of their means, and how many there was no room for."""
    first = material.main()[0].output
    year = _year(material)
    shown = [one for one in material.shown(first) if one.cell.year in (None, year)]
    shown.sort(key=lambda one: _middle(one.statistics))
    kept = shown
    if len(shown) > ROWS:  # lowest and highest, and every so many between
        places = np.linspace(0, len(shown) - 1, ROWS).round().astype(int).tolist()
        mine = next((i for i, one in enumerate(shown) if one.cell.reference), 0)
        places[min(range(1, ROWS - 1), key=lambda i: abs(places[i] - mine))] = mine
        kept = [shown[i] for i in sorted(set(places))]
    return [(_line(material, one), one) for one in kept], len(shown) - len(kept)


def _middle(values: Statistics) -> float:
    heavy = math.isnan(values["error_mean"])
    return values["median" if heavy else "mean"]


def _line(material: Material, one: Shown) -> Line:
    words, values = material.words, one.statistics
    low, middle, high = values["lower"], _middle(values), values["upper"]
    said = words.estimate(middle, low, high)
    tip = f"{one.cell.label}: {said} {material.units_of(one.output)}"
    more = _chance(material, one.cell)
    return Line(one.cell, said, tip, low, middle, high, more=more, name=one.cell.label)


def _chance(material: Material, cell: PageCell) -> str:
    """How often a cell lies below the reference."""
    words = material.words
    if isinstance(material.comparison, str) or len(material.scenarios) < 2:
        return ""
    if cell.key == material.reference.key:
        return words("compared.reference")
    data = material.compared(cell)
    lower, tie = (float(data[f"probability_{w}"]) for w in ("lower", "tie"))
    return words("compared.equal") if tie == 1 else words.odds(lower)


def _points(material: Material) -> Iterator[str]:
    words, cell = material.words, _last(material)
    yield from _clear(material)
    contribution = material.contribution(cell)
    if contribution is not None:
        stages = contribution.sum("source")
        largest, share = largest_part(stages.values.tolist())
        stage = words.term("stage", str(stages["stage"].values[largest]))
        if share is None:
            yield words("result.largest_by_size", stage=stage)
        else:
            yield words("result.largest", stage=stage, share=words.share(share, 2))
    yield from _drivers(material, cell)
    yield from _basis(material, cell)


def _last(material: Material) -> PageCell:
    """The reference in the last year."""
    key = material.reference.key
    return [cell for cell in material.cells if cell.key == key][-1]


def _clear(material: Material) -> Iterator[str]:
    """How many scenarios lie surely below and above the reference."""
    others = [
        cell
        for cell in material.cells
        if cell.key != material.reference.key
        and cell.year in (None, _year(material))
        and not isinstance(material.comparison, str)
    ]
    data = [material.compared(cell) for cell in others]
    lower = sum(float(one["probability_lower"]) >= SURE for one in data)
    higher = sum(float(one["probability_higher"]) >= SURE for one in data)
    if others:
        yield material.words(
            "answer.clear",
            reference=material.reference.label,
            lower=lower,
            higher=higher,
            open=len(others) - lower - higher,
            share=f"{100 * SURE:g} %",
        )


def _drivers(material: Material, cell: PageCell) -> Iterator[str]:
    words, data = material.words, shares(cell)
    if data is None:
        return
    values = np.nan_to_num(data["variance_share"].values)
    labels, ids = data["label"].values.tolist(), data["parameter"].values.tolist()
    named = [
        words(
            "answer.driver",
            name=words.label(labels[i]) or ids[i],
            share=words.share(float(values[i]), 2),
        )
        for i in np.argsort(-values, kind="stable")[:DRIVERS]
        if values[i] > 0
    ]
    if named:
        yield words("answer.drivers", inputs=words.join(named))


def _basis(material: Material, cell: PageCell) -> Iterator[str]:
    """What the interval rests on: data, and judgement."""
    words, result = material.words, cell.result
    judged = result.assumed_share(cell)
    if judged is not None and math.isfinite(judged):
        count = len(result.inputs)
        yield words("answer.basis", count=count, share=words.share(judged, 2))


def _measures(material: Material) -> Iterator[str]:
    """The three scenarios that lie farthest below the reference."""
    if isinstance(material.comparison, str):
        return
    words, year = material.words, _year(material)
    per = material.per_of(PRIMARY)
    gaps = [
        (float(data["difference"]) / per, cell, data)
        for cell in material.cells
        if cell.key != material.reference.key and cell.year in (None, year)
        for data in [material.compared(cell)]
    ]
    gaps = [one for one in gaps if one[0] < 0]
    for gap, cell, data in sorted(gaps, key=lambda one: one[0])[:DRIVERS]:
        ends = (data["difference_interval"].values / per).tolist()
        yield words(
            "advice.scenario",
            name=cell.name,
            change=words.estimate(gap, *ends),
            units=material.units,
            chance=words.odds(float(data["probability_lower"])),
        )
