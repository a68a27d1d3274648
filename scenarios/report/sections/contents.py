"""What the footprint is made of: stage by source, gases, accounts, single flows."""

from collections.abc import Callable

import numpy as np

from scenarios.language.config import Characterisation
from scenarios.report.blocks import Block, Figure, Head, Item, Prose, Row, Table
from scenarios.report.drawing.charts import Line, stacks
from scenarios.report.material import Material, Place
from scenarios.results.rows import PRIMARY
from uncertainty.arrays import FloatArray

FLOW = 0.01
"""GB/T 44905-2024, as summarised: a flow below this share may be left out ..."""
IN_ALL = 0.05
"""... and all that are left out together have to stay below this one."""
BIOGENIC = "biogenic"


def contents(material: Material) -> list[Block]:
    """Stage and source, as two charts and one table."""
    words = material.words
    found: list[Block] = []
    for word in ("stage", "source"):
        other = "source" if word == "stage" else "stage"
        by: Callable[[Place], dict[str, FloatArray]] = lambda p, o=other: _layers(  # type: ignore[misc]  # noqa: E731
            material, p, o
        )
        found.append(_stack(material, word, by))
    found.append(_matrix(material))
    text = words("contents.reading", percent=material.percent)
    found.append(Prose((text,)))
    return found


def gases(material: Material) -> list[Block]:
    """By gas, fossil and biogenic CO2 apart, and by account."""
    words = material.words
    found: list[Block] = []
    for table, dim in (("by_gas", "gas"), ("accounts", "account")):
        if material.data(0, table) is not None:
            found.append(_by(material, table, dim))
    data = material.data(0, "by_gas")
    names = [] if data is None else [str(name) for name in data["gas"].values]
    has = any(BIOGENIC in name for name in names)
    stated = material.config.get("characterisation") or {}
    word = "biogenic" if has else "no_biogenic"
    found.append(Prose((words(f"gases.{word}"), words("gases.unspecified"))))
    chosen = str(stated.get("set") or Characterisation().set)
    spread = "uncertain" if stated.get("uncertain") else "fixed"
    text = words("gases.set", set=chosen, uncertain=words(f"gases.{spread}"))
    found.append(Prose((text,)))
    return found


def cut_off(material: Material) -> list[Block]:
    """The 1 % and 5 % test over every flow that the model holds."""
    words = material.words
    heads = ("scenario", "flows", "below", "sum", "verdict")
    rows, below = [], []
    for place in material.places:
        shares = _flows(material, place)
        if not shares:
            continue
        small = {name: x for name, x in shares.items() if abs(x) < FLOW}
        total = sum(abs(x) for x in small.values())
        verdict = words("cutoff.passes" if total < IN_ALL else "cutoff.fails")
        count, few = len(shares), len(small)
        items = (
            Item(place.name),
            Item(str(count), count),
            Item(str(few), few),
            Item(words.share(total), total),
            Item(verdict),
        )
        rows.append(Row(items, place.key, place.when, strong=place.reference))
        below += _small(material, place, small)
    caption = words("captions.cutoff")
    table = Table("cutoff", caption, _heads(material, heads, 1), tuple(rows))
    of = ("flow", "mean", "share")
    caption = words("captions.below")
    listed = Table(
        "below", caption, _heads(material, of, 1), tuple(below), focused=True
    )
    return [Prose((words("cutoff.method"),)), table, listed]


def _heads(material: Material, names: tuple[str, ...], plain: int) -> tuple[Head, ...]:
    words, units = material.words, material.units
    return tuple(
        Head(words(f"heads.{name}", units=units), plain <= i and name != "verdict")
        for i, name in enumerate(names)
    )


def _flows(material: Material, place: Place) -> dict[str, float]:
    """Share of each flow in the mean footprint of a cell."""
    cell, whole = material.cell(place, "flows"), material.cell(place, PRIMARY)
    if cell is None or whole is None or float(whole["mean"]) == 0:
        return {}
    names = [str(name) for name in cell["flow"].values]
    shares = (cell["mean"] / float(whole["mean"])).values
    named = zip(names, shares, strict=True)
    return {name: float(x) for name, x in named if np.isfinite(x)}


def _small(material: Material, place: Place, shares: dict[str, float]) -> list[Row]:
    whole = material.cell(place, PRIMARY)
    mean = 0.0 if whole is None else float(whole["mean"]) / material.per
    words = material.words
    order = sorted(shares, key=lambda name: -abs(shares[name]))
    return [
        Row(
            (
                Item(name),
                Item(words.number(share * mean, 3), share * mean),
                Item(words.share(share), share, bar=min(abs(share) / FLOW, 1.0)),
            ),
            focus=place.focus,
        )
        for name in order
        for share in (shares[name],)
    ]


def _layers(material: Material, place: Place, over: str) -> dict[str, FloatArray]:
    """Mean of each stage, or source: the dim `over` is summed."""
    cell = material.cell(place, "contribution")
    if cell is None:
        return {}
    sums = cell["mean"].sum(over) / material.per
    names = [str(name) for name in sums[sums.dims[0]].values]
    return dict(zip(names, sums.values, strict=True))


def _stack(
    material: Material, word: str, by: Callable[[Place], dict[str, FloatArray]]
) -> Figure:
    words, units = material.words, material.units
    names = list(dict.fromkeys(n for p in material.places for n in by(p)))
    lines = []
    for place in material.places:
        cell = material.cell(place, PRIMARY)
        if cell is None:
            continue
        ends = cell["coverage"] / material.per
        low, high = (float(ends.sel(bound=b)) for b in ("lower", "upper"))
        mean = float(cell["mean"]) / material.per
        interval = words.interval(low, high)
        said = f"{words.number(mean)} ({interval})"
        parts = []
        for name, value in by(place).items():
            if value:
                told = words(
                    "tips.part",
                    name=place.name,
                    part=words.term(word, name),
                    value=words.number(float(value)),
                    units=units,
                    share=words.share(float(value) / mean if mean else float("nan")),
                )
                parts.append((names.index(name), float(value), told))
        tip = f"{place.name}: {said} {units}"
        lines.append(Line(place, said, tip, low, mean, high, parts=tuple(parts)))
    layers = [words.term(word, name) for name in names]
    caption = words(f"captions.by_{word}", percent=material.percent)
    axis = f"{words('words.footprint')}, {units}"
    picked = words(f"page.by_{word}")
    chart = stacks(lines, layers, axis, caption)
    return Figure(f"by-{word}", caption, chart, "parts", picked)


def _matrix(material: Material) -> Table:
    """Stage by source of each cell; the page shows one cell at a time."""
    words = material.words
    data = material.data(0, "contribution")
    sources = [] if data is None else [str(s) for s in data["source"].values]
    heads = [Head(words("heads.stage"))]
    heads += [Head(words.term("source", s), True) for s in sources]
    heads += [
        Head(words("heads.all"), True),
        Head(words("heads.interval", percent=material.percent), True),
    ]
    rows = []
    for place in material.places:
        cell, whole = (
            material.cell(place, "contribution"),
            material.cell(place, PRIMARY),
        )
        if cell is None or whole is None:
            continue
        total = float(whole["mean"])
        means = cell["mean"].reindex(source=sources)
        for stage in cell["stage"].values:
            line = means.sel(stage=stage).values
            items = [_part(material, float(x), total) for x in line]
            items.append(_part(material, float(np.nansum(line)), total))
            name = words.term("stage", str(stage))
            rows.append(Row((Item(name), *items, Item("")), focus=place.focus))
        sums = [float(x) for x in means.sum("stage").values]
        items = [_part(material, x, total) for x in (*sums, total)]
        ends = [float(x) / material.per for x in whole["coverage"].values]
        last = Item(words.interval(ends[0], ends[1]))
        head = Item(words("heads.all"))
        rows.append(
            Row((head, *items, last), focus=place.focus, strong=True, last=True)
        )
    caption = words("captions.matrix", units=material.units)
    return Table(
        "matrix", caption, tuple(heads), tuple(rows), shares=True, focused=True
    )


def _part(material: Material, value: float, total: float) -> Item:
    words = material.words
    if not np.isfinite(value):
        return Item("", float("-inf"))
    share = words.share(value / total, 2) if total else "–"
    return Item(words.number(value / material.per, 3), value, other=share)


def _by(material: Material, table: str, dim: str) -> Table:
    """Mean and interval of each label of `dim`."""
    words = material.words
    rows = []
    for place in material.places:
        cell, whole = material.cell(place, table), material.cell(place, PRIMARY)
        if cell is None or whole is None:
            continue
        total = float(whole["mean"])
        for name in cell[dim].values:
            one = cell.sel({dim: name})
            mean = float(one["mean"])
            if not np.isfinite(mean):
                continue
            ends = [float(x) / material.per for x in one["coverage"].values]
            share = mean / total if total else float("nan")
            items = (
                Item(words.term(dim, str(name))),
                Item(words.number(mean / material.per, 3), mean),
                Item(words.interval(ends[0], ends[1], 3), ends[0]),
                Item(words.share(share), share, bar=min(max(share, 0.0), 1.0)),
            )
            rows.append(Row(items, focus=place.focus))
    names = (dim, "mean", "interval", "share")
    heads = [
        Head(words(f"heads.{n}", percent=material.percent, units=material.units), i > 0)
        for i, n in enumerate(names)
    ]
    caption = words(f"captions.{table}", units=material.units)
    return Table(table, caption, tuple(heads), tuple(rows), focused=True)
