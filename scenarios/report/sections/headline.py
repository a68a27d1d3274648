"""The answer first: findings in sentences, every scenario with its interval."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

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
from scenarios.results.rows import PRIMARY, assumed_share

WORDS = ("point", "mean", "median", "sd")
PANELS = 12
"""Most declared outputs that get a chart of their own."""


def headline(material: Material) -> list[Block]:
    """Result with its interval and how many draws it took."""
    words = material.words
    found: list[Block] = []
    if material.has_chain:
        found.append(Listing(tuple(findings(material))))
        found += _chart(material, PRIMARY)
        found.append(_table(material, [PRIMARY]))
        found.append(Prose((words("result.reading", percent=material.percent),)))
    outputs = material.outputs
    if outputs:
        for output in () if material.has_chain else outputs[:PANELS]:
            found += _chart(material, output)
        found.append(_table(material, outputs))
    found.append(Prose((draws_told(material), errors_told(material))))
    if material.left_out:
        text = words("result.left_out", count=material.left_out)
        found.append(Prose((text,), "warning"))
    return found


def findings(material: Material) -> Iterator[str]:
    """What a hurried reader takes away, of the reference first."""
    words, place = material.words, material.reference
    means = {p: cell for p, _, cell in material.cells(PRIMARY)}
    low, high = _ends(means[place], "coverage")
    yield words(
        "result.footprint",
        name=place.name,
        mean=words.number(float(means[place]["mean"])),
        interval=words.interval(low, high),
        units=material.units,
        percent=material.percent,
    )
    if (largest := largest_stage(material, place)) is not None:
        stage, share = largest
        stage = words.term("stage", stage)
        yield words("result.largest", stage=stage, share=words.share(share))
    assumed = assumed_share(material.trees[place.tree], place.scenario, place.year)
    if assumed is not None and np.isfinite(assumed):
        yield words("result.assumed", share=words.share(assumed, 2))
    if len(means) > 1:
        order = sorted(means, key=lambda p: float(means[p]["mean"]))
        yield words(
            "result.range",
            best=order[0].name,
            low=words.number(float(means[order[0]]["mean"])),
            worst=order[-1].name,
            high=words.number(float(means[order[-1]]["mean"])),
            units=material.units,
        )


def largest_stage(material: Material, place: Place) -> tuple[str, float] | None:
    """Stage with the largest mean and its share of the footprint."""
    cell = material.cell(place, "contribution")
    if cell is None:
        return None
    stages = cell["mean"].sum("source")
    best = int(stages.argmax("stage"))
    return str(stages["stage"].values[best]), float(stages[best]) / float(stages.sum())


def draws_told(material: Material) -> str:
    """How many draws of which design, and why that many."""
    words, attrs = material.words, material.attrs
    asked, drawn = int(attrs["draws_asked"]), int(attrs["draws"])
    replicates = int(attrs["replicates"])
    parts = [
        words(
            "draws.told",
            draws=drawn,
            design=words.term("design", str(attrs["design"])),
            seed=attrs["seed"],
        )
    ]
    if replicates > 1:
        parts.append(words("draws.replicates", count=replicates))
    if "until_reached" in attrs:
        word = "enough" if attrs["until_reached"] == "True" else "capped"
        tolerance = words.number(float(attrs["until_tolerance"]), 2)
        parts.append(words(f"draws.{word}", tolerance=tolerance))
    elif asked != drawn:
        parts.append(words("draws.rounded", asked=asked))
    return words("page.stop").join(parts)


def errors_told(material: Material) -> str:
    """Largest Monte Carlo standard errors of mean and interval ends."""
    words = material.words
    of = "mean" if material.has_chain else "sd"
    worst = dict.fromkeys(("mean", "lower", "upper"), 0.0)
    for _, _, cell in material.main():
        scale = abs(float(cell[of]))
        for word in worst if scale > 0 else ():
            error = float(cell["monte_carlo_error"].sel(statistic=word))
            worst[word] = max(worst[word], error / scale)
    key = "draws.errors" if material.has_chain else "draws.errors_of_sd"
    return words(key, **{word: words.share(part, 2) for word, part in worst.items()})


def _ends(cell: xr.Dataset, name: str) -> tuple[float, float]:
    ends = cell[name]
    return float(ends.sel(bound="lower")), float(ends.sel(bound="upper"))


def _heads(material: Material, of_footprint: bool) -> tuple[Head, ...]:
    words = material.words
    heads = [Head(words("heads.scenario"))]
    heads += [Head(words("heads.year"), True)] if material.dated else []
    if not of_footprint:
        heads += [Head(words("heads.output")), Head(words("heads.units"))]
    heads += [Head(words(f"heads.{word}"), True) for word in WORDS]
    for word in ("lower", "upper", "shortest_lower", "shortest_upper"):
        heads.append(Head(words(f"heads.{word}", percent=material.percent), True))
    heads.append(Head(words("heads.error"), True))
    heads += [Head(words("heads.assumed"), True)] if of_footprint else []
    return tuple(heads)


def _table(material: Material, outputs: list[str]) -> Table:
    """Statistics of each cell; an output that is alike in all of them has one row."""
    words = material.words
    of_footprint = outputs == [PRIMARY]
    rows = []
    for output in outputs:
        cells = material.cells(output)
        alike = not of_footprint and _alike([cell for _, _, cell in cells])
        for place, _, cell in cells[:1] if alike else cells:
            items = [Item(words("result.every") if alike else place.label)]
            when = "" if alike else place.when
            items += [Item(when, place.year)] if material.dated else []
            if not of_footprint:
                units = Item(material.units_of(output))
                items += [Item(_label(material, output)), units]
            items += _statistics(material, cell)
            if of_footprint:
                items.append(_assumed(material, place))
            strong = place.reference and len(material.places) > 1 and not alike
            key = "" if alike else place.key
            rows.append(Row(tuple(items), key, when, strong=strong))
    word = "footprint" if of_footprint else "outputs"
    caption = words(f"captions.{word}", units=material.units)
    return Table(word, caption, _heads(material, of_footprint), tuple(rows))


def _statistics(material: Material, cell: xr.Dataset) -> list[Item]:
    words, spread = material.words, float(cell["sd"])
    values = [float(cell[word]) for word in WORDS]
    for name in ("coverage", "coverage_shortest"):
        values += _ends(cell, name)
    error = float(cell["monte_carlo_error"].sel(statistic="mean"))
    found = [Item(words.number(value, spread=spread), value) for value in values]
    return [*found, Item(words.number(error, 2, spread), error)]


def _assumed(material: Material, place: Place) -> Item:
    share = assumed_share(material.trees[place.tree], place.scenario, place.year)
    value = float("nan") if share is None else share
    bar = min(max(value, 0.0), 1.0) if np.isfinite(value) else None
    return Item(material.words.share(value, 2), value, bar=bar)


def _alike(cells: list[xr.Dataset]) -> bool:
    """Whether an output is the same in every cell."""
    found = {(float(cell["mean"]), float(cell["sd"])) for cell in cells}
    return len(cells) > 1 and len(found) == 1


def _label(material: Material, output: str) -> str:
    stated = (material.config.get("outputs") or {}).get(output) or {}
    label = stated.get("label") if isinstance(stated, dict) else None
    return f"{output}: {label}" if label else output


def _chart(material: Material, output: str) -> Iterator[Figure]:
    """Interval and density of each row; only intervals where no draws are stored."""
    words, units = material.words, material.units_of(output)
    lines = []
    for place, _, cell in material.cells(output):
        low, high = _ends(cell, "coverage")
        spread = float(cell["sd"])
        told = {
            word: words.number(float(cell[word]), spread=spread)
            for word in ("mean", "median", "sd")
        }
        interval = words.interval(low, high)
        tip = words(
            "tips.interval",
            name=place.name,
            interval=interval,
            units=units,
            percent=material.percent,
            **told,
        )
        said = f"{told['mean']} ({interval})"
        draws = material.draws(place, output)
        lines.append(Line(place, said, tip, low, float(cell["mean"]), high, draws))
    if lines:
        name = words("words.footprint") if output == PRIMARY else output
        axis = f"{name}, {units}" if units != "1" else name
        caption = words("captions.intervals", name=name, percent=material.percent)
        chart = intervals(lines, axis, caption)
        yield Figure(f"intervals-{output}", caption, chart)
