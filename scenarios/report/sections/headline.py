"""Every scenario with its density, interval and statistics; declared outputs."""

import math
from collections.abc import Iterator

from scenarios.report.blocks import (
    Block,
    Figure,
    Head,
    Item,
    Prose,
    Row,
    Table,
)
from scenarios.report.drawing.charts import Line, intervals
from scenarios.report.material import Material, PageCell, Statistics
from scenarios.results.result import PRIMARY

WORDS = ("point", "mean", "median", "sd")
CURVES = 30
"""Most rows that have a density; more have their interval alone."""
PANELS = 4
"""Most declared outputs that get a chart of their own."""


def statistics(material: Material) -> list[Block]:
    """Density and statistics of every scenario, and how many draws it took."""
    words = material.words
    found: list[Block] = []
    if material.has_footprint:
        found += _chart(material, PRIMARY)
        found.append(_table(material, [PRIMARY]))
        found.append(Prose((words("result.reading", percent=material.percent),)))
    else:
        found.append(_table(material, material.outputs))
    found.append(Prose((_draws(material), _errors(material))))
    if material.left_out:
        text = words("result.left_out", count=material.left_out)
        found.append(Prose((text,), "warning"))
    return found


def outputs(material: Material) -> list[Block]:
    """Declared outputs: those that differ drawn, all of them in a table."""
    names = material.outputs
    if not names:
        return [Prose((material.words("result.no_outputs"),))]
    told = [n for n in names if not _alike([x.statistics for x in material.shown(n)])]
    found: list[Block] = []
    for name in told[:PANELS]:
        found += _chart(material, name)
    if material.has_footprint:
        found.append(_table(material, names))
    return found


def _draws(material: Material) -> str:
    """How many draws of which design, and why that many."""
    words, result = material.words, material.result
    design = words.term("design", result.design)
    parts = [words("draws.told", draws=result.draws, design=design, seed=result.seed)]
    if result.replicates > 1:
        parts.append(words("draws.replicates", count=result.replicates))
    known = result.provenance
    if "until_reached" in known:
        word = "enough" if known["until_reached"] == "True" else "capped"
        tolerance = words.number(float(known["until_tolerance"]), 2)
        parts.append(words(f"draws.{word}", tolerance=tolerance))
    elif known["draws_asked"] != known["draws"]:
        parts.append(words("draws.rounded", asked=known["draws_asked"]))
    return words("page.stop").join(parts)


def _errors(material: Material) -> str:
    """Largest Monte Carlo standard errors of mean and interval ends."""
    words = material.words
    of = "mean" if material.has_footprint else "sd"
    worst = dict.fromkeys(("mean", "lower", "upper"), 0.0)
    for one in material.main():
        scale = abs(one.statistics[of])
        for word in worst if scale > 0 else ():
            error = one.statistics[f"error_{word}"]
            if not math.isnan(error):  # of a tail too heavy for a mean
                worst[word] = max(worst[word], error / scale)
    key = "draws.errors" if material.has_footprint else "draws.errors_of_sd"
    return words(key, **{word: words.share(part, 2) for word, part in worst.items()})


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
        every = material.shown(output)
        alike = not of_footprint and _alike([one.statistics for one in every])
        for one in every[:1] if alike else every:
            cell = one.cell
            items = [Item(words("result.every") if alike else cell.label)]
            when = "" if alike else cell.when
            items += [Item(when, cell.year)] if material.dated else []
            if not of_footprint:
                units = Item(material.units_of(output))
                items += [Item(_label(material, output)), units]
            items += _statistics(material, one.statistics)
            if of_footprint:
                items.append(_assumed(material, cell))
            strong = cell.reference and len(material.cells) > 1 and not alike
            key = "" if alike else cell.key
            rows.append(Row(tuple(items), key, when, strong=strong))
    word = "footprint" if of_footprint else "outputs"
    caption = words(f"captions.{word}", units=material.units)
    return Table(word, caption, _heads(material, of_footprint), tuple(rows))


def _statistics(material: Material, values: Statistics) -> list[Item]:
    words, spread = material.words, values["sd"]
    ends = ("lower", "upper", "lower_shortest", "upper_shortest")
    shown = [values[word] for word in (*WORDS, *ends)]
    found = [Item(words.number(value, spread=spread), value) for value in shown]
    error = values["error_mean"]
    return [*found, Item(words.number(error, 2, spread), error)]


def _assumed(material: Material, cell: PageCell) -> Item:
    share = cell.result.assumed_share(cell)
    value = math.nan if share is None else share
    bar = min(max(value, 0.0), 1.0) if math.isfinite(value) else None
    return Item(material.words.share(value, 2), value, bar=bar)


def _alike(every: list[Statistics]) -> bool:
    """Whether an output is the same in every cell."""
    different = {(values["mean"], values["sd"]) for values in every}
    return len(every) > 1 and len(different) == 1


def _label(material: Material, output: str) -> str:
    stated = material.result.config.outputs.get(output)
    return (
        stated.label.told(material.words.language)
        if stated and stated.label
        else output
    )


def _chart(material: Material, output: str) -> Iterator[Figure]:
    """Interval and density of each row; only intervals where no draws are stored."""
    words, units = material.words, material.units_of(output)
    lines = []
    every = material.shown(output)
    for one in every:
        cell, values = one.cell, one.statistics
        numbers = {
            word: words.number(values[word], spread=values["sd"])
            for word in ("mean", "median", "sd")
        }
        interval = words.interval(values["lower"], values["upper"])
        tip = words(
            "tips.interval",
            name=cell.name,
            interval=interval,
            units=units,
            percent=material.percent,
            **numbers,
        )
        said = f"{numbers['mean']} ({interval})"
        ends = values["lower"], values["mean"], values["upper"]
        sample = material.draws(cell, output) if len(every) <= CURVES else None
        lines.append(Line(cell, said, tip, *ends, sample))
    if lines:
        name = words("words.footprint") if output == PRIMARY else output
        axis = f"{name}, {units}" if units != "1" else name
        caption = words("captions.intervals", name=name, percent=material.percent)
        chart = intervals(lines, axis, caption, compact=len(every) > CURVES)
        yield Figure(f"intervals-{output}", caption, chart)
