"""What the footprint is made of: stage by source, gases, accounts, single flows."""

import math

import numpy as np

from scenarios.report.blocks import Block, Figure, Head, Item, Prose, Row, Table
from scenarios.report.drawing.charts import Line, stacks
from scenarios.report.material import Material, PageCell, gwp_of
from scenarios.results.result import PRIMARY

BIOGENIC = "biogenic"


def contents(material: Material) -> list[Block]:
    """Stage and source, as two charts and one table."""
    text = material.words("contents.reading", percent=material.percent)
    return [
        _stack(material, "stage", over="source"),
        _stack(material, "source", over="stage"),
        Prose((text,)),
    ]


def matrix(material: Material) -> list[Block]:
    """Stage by source of each scenario."""
    return [_matrix(material)]


def gases(material: Material) -> list[Block]:
    """By gas, fossil and biogenic CO2 apart, and by account."""
    words = material.words
    tables = (("by_gas", "gas"), ("accounts", "account"))
    found: list[Block] = [
        _by(material, table, dim)
        for table, dim in tables
        if table in material.result.tables
    ]
    data = material.result.summary("by_gas")
    names = [] if data is None else [str(name) for name in data["gas"].values]
    word = "biogenic" if any(BIOGENIC in name for name in names) else "no_biogenic"
    found.append(Prose((words(f"gases.{word}"), words("gases.unspecified"))))
    gwp = gwp_of(material.result)
    spread = words("gases.uncertain" if gwp.uncertain else "gases.fixed")
    text = words("gases.set", set=gwp.set, uncertain=spread)
    found.append(Prose((text,)))
    return found


def cut_off(material: Material) -> list[Block]:
    """The test of the product's cut-off rule over every flow that the model holds."""
    words, (rule, said) = material.words, material.cut_off
    heads = ("scenario", "flows", "below", "sum", "verdict")
    rows, below = [], []
    for cell in material.cells:
        shares = _flow_shares(material, cell)
        if not shares:
            continue
        small = {name: x for name, x in shares.items() if abs(x) < rule.flow}
        total = sum(abs(x) for x in small.values())
        key = "passes" if total < rule.total else "fails"
        verdict = words(f"cutoff.{key}", **said)
        count, few = len(shares), len(small)
        items = (
            Item(cell.name),
            Item(str(count), count),
            Item(str(few), few),
            Item(words.share(total), total),
            Item(verdict),
        )
        rows.append(Row(items, cell.key, cell.when, strong=cell.reference))
        below += _small(material, cell, small)
    caption = words("captions.cutoff", **said)
    table = Table("cutoff", caption, _heads(material, heads, 1), tuple(rows))
    of = ("flow", "mean", "share")
    caption = words("captions.below", **said)
    listed = Table(
        "below", caption, _heads(material, of, 1), tuple(below), focused=True
    )
    return [table, listed]


def cut_off_rule(material: Material) -> list[Block]:
    """What was left out, and by which rule."""
    words, said = material.words, material.cut_off[1]
    return [Prose((words("cutoff.verdict"), words("cutoff.method", **said)))]


def _heads(material: Material, names: tuple[str, ...], plain: int) -> tuple[Head, ...]:
    words, said = material.words, material.cut_off[1] | {"units": material.units}
    return tuple(
        Head(words(f"heads.{name}", **said), plain <= i and name != "verdict")
        for i, name in enumerate(names)
    )


def _flow_shares(material: Material, cell: PageCell) -> dict[str, float]:
    """Share of each flow in the mean footprint of a cell."""
    flows, whole = material.table(cell, "flows"), material.mean(cell)
    return {name: x["mean"] / whole for name, x in flows.items()} if whole else {}


def _small(material: Material, cell: PageCell, shares: dict[str, float]) -> list[Row]:
    words, whole = material.words, material.mean(cell) / material.per
    return [
        Row(
            (
                Item(words.flow(name)),
                Item(words.number(share * whole, 3), share * whole),
                Item(
                    words.share(share),
                    share,
                    bar=min(abs(share) / material.cut_off[0].flow, 1.0),
                ),
            ),
            focus=cell.focus,
        )
        for name, share in sorted(shares.items(), key=lambda pair: -abs(pair[1]))
    ]


def _stack(material: Material, word: str, *, over: str) -> Figure:
    """Mean of each stage, or source, as bars: the dim `over` is summed."""
    words, units = material.words, material.units
    names = {name: i for i, name in enumerate(_steady_first(material, word, over))}
    every = {one.cell: one for one in material.shown(PRIMARY)}
    lines = []
    for shown in (every[cell] for cell in material.rising):
        cell, mean = shown.cell, shown.statistics["mean"]
        low, high = (shown.statistics[end] for end in ("lower", "upper"))
        said = f"{words.number(mean)} ({words.interval(low, high)})"
        parts = []
        contribution = material.contribution(cell)
        if contribution is None:
            continue
        sums = contribution.sum(over) / material.per
        values = {
            str(name): float(sums.sel({word: name})) for name in sums[word].values
        }
        for name, layer in names.items():
            if value := values.get(name, 0.0):
                told = words(
                    "tips.part",
                    name=cell.name,
                    part=words.term(word, name),
                    value=words.number(value),
                    units=units,
                    share=words.share(value / mean if mean else math.nan),
                )
                parts.append((layer, value, told))
        tip = f"{cell.name}: {said} {units}"
        lines.append(Line(cell, said, tip, low, mean, high, parts=tuple(parts)))
    layers = [words.term(word, name) for name in names]
    caption = words(f"captions.by_{word}", percent=material.percent)
    axis = f"{words('words.footprint')}, {units}"
    picked = words(f"page.by_{word}")
    chart = stacks(lines, layers, axis, caption)
    return Figure(f"by-{word}", caption, chart, "parts", picked)


def _steady_first(material: Material, word: str, over: str) -> list[str]:
    """Layers by how much they differ: what differs most stands last."""
    ends: dict[str, tuple[float, float]] = {}
    for cell in material.cells:
        found = material.contribution(cell)
        if found is not None:
            sums = found.sum(over)
            for name, value in zip(
                map(str, sums[word].values), sums.values.tolist(), strict=True
            ):
                low, high = ends.get(name, (value, value))
                ends[name] = min(low, value), max(high, value)
    return sorted(ends, key=lambda name: ends[name][1] - ends[name][0])


def _matrix(material: Material) -> Table:
    """Stage by source of each cell; the page shows one cell at a time."""
    words = material.words
    data = material.result.summary("contribution")
    sources = [] if data is None else [str(s) for s in data["source"].values]
    heads = [Head(words("heads.stage"))]
    heads += [Head(words.term("source", s), True) for s in sources]
    heads += [
        Head(words("heads.all"), True),
        Head(words("heads.interval", percent=material.percent), True),
    ]
    rows = []
    for shown in material.shown(PRIMARY):
        cell, total = shown.cell, material.mean(shown.cell)
        contribution = material.contribution(cell)
        if contribution is None:
            continue
        means = contribution.reindex(source=sources).transpose("stage", "source")
        for stage, line in zip(means["stage"].values, means.values, strict=True):
            parts = [*map(float, line), float(np.nansum(line))]
            items = [_part(material, x, total) for x in parts]
            name = words.term("stage", str(stage))
            rows.append(Row((Item(name), *items, Item("")), focus=cell.focus))
        sums = [float(x) for x in np.nansum(means.values, axis=0)]
        items = [_part(material, x, total) for x in (*sums, total)]
        low, high = (shown.statistics[end] for end in ("lower", "upper"))
        last = Item(words.interval(low, high))
        whole = (Item(words("heads.all")), *items, last)
        rows.append(Row(whole, focus=cell.focus, strong=True, last=True))
    caption = words("captions.matrix", units=material.units)
    return Table(
        "matrix", caption, tuple(heads), tuple(rows), shares=True, focused=True
    )


def _part(material: Material, value: float, total: float) -> Item:
    words = material.words
    if not math.isfinite(value):
        return Item("", -math.inf)
    share = words.share(value / total, 2) if total else "–"
    return Item(words.number(value / material.per, 3), value, other=share)


def _by(material: Material, table: str, dim: str) -> Table:
    """Mean and interval of each label of `dim`."""
    words, per = material.words, material.per
    rows = []
    for cell in material.cells:
        total = material.mean(cell)
        for name, values in material.table(cell, table).items():
            mean, low, high = (values[word] for word in ("mean", "lower", "upper"))
            low, high = low / per, high / per
            share = mean / total if total else math.nan
            items = (
                Item(words.term(dim, name)),
                Item(words.number(mean / per, 3), mean),
                Item(words.interval(low, high, 3), low),
                Item(words.share(share), share, bar=min(max(share, 0.0), 1.0)),
            )
            rows.append(Row(items, focus=cell.focus))
    names = (dim, "mean", "interval", "share")
    heads = [
        Head(words(f"heads.{n}", percent=material.percent, units=material.units), i > 0)
        for i, n in enumerate(names)
    ]
    caption = words(f"captions.{table}", units=material.units)
    return Table(table, caption, tuple(heads), tuple(rows), focused=True)
