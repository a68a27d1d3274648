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
from scenarios.report.charts import Line, intervals
from scenarios.report.material import Material, Place
from scenarios.results import PRIMARY, assumed_share

WORDS = ("point", "mean", "median", "sd")
PANELS = 12
"""Most declared outputs that get a chart of their own."""


def headline(material: Material) -> list[Block]:
    """Result with its interval and how many draws it took."""
    words = material.words
    found: list[Block] = []
    if material.has_chain:
        found.append(Listing(tuple(findings(material))))
        found += _chart(material, PRIMARY, None)
        found.append(_table(material, PRIMARY, [None]))
        found.append(Prose((words("result.reading", percent=material.percent),)))
    outputs = material.outputs
    if outputs:
        for output in () if material.has_chain else outputs[:PANELS]:
            found += _chart(material, "outputs", output)
        found.append(_table(material, "outputs", list(outputs)))
    found.append(Prose((draws_told(material), errors_told(material))))
    if material.left_out:
        text = words("result.left_out", count=material.left_out)
        found.append(Prose((text,), "warning"))
    return found


def findings(material: Material) -> Iterator[str]:
    """What a hurried reader takes away, of the reference first."""
    words, place = material.words, material.reference
    cell = material.cell(place, PRIMARY)
    if cell is None:
        return
    low, high = _ends(cell, "coverage", material.per)
    yield words(
        "result.footprint",
        name=place.name,
        mean=words.number(float(cell["mean"]) / material.per),
        interval=words.interval(low, high),
        units=material.units,
        percent=material.percent,
    )
    if (largest := largest_stage(material, place)) is not None:
        stage, share = largest
        stage = words.term("stage", stage)
        yield words("result.largest", stage=stage, share=words.share(share))
    share = assumed_share(material.trees[place.tree], place.scenario)
    if share is not None and np.isfinite(share):
        yield words("result.assumed", share=words.share(share, 2))
    means = {p: _mean(material, p) for p in material.places}
    if len(means) > 1:
        best, worst = min(means, key=lambda p: means[p]), max(means, key=lambda p: means[p])
        yield words(
            "result.range",
            best=best.name,
            low=words.number(means[best] / material.per),
            worst=worst.name,
            high=words.number(means[worst] / material.per),
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
    table = PRIMARY if material.has_chain else "outputs"
    worst: dict[str, float] = {}
    for place in material.places:
        cell = material.cell(place, table)
        if cell is None:
            continue
        scale = np.abs(cell["mean"].values if table == PRIMARY else cell["sd"].values)
        for word in ("mean", "lower", "upper"):
            error = cell["monte_carlo_error"].sel(statistic=word).values
            with np.errstate(divide="ignore", invalid="ignore"):
                part = np.asarray(np.where(scale > 0, error / scale, 0.0))
            if table == "outputs":
                names = [str(n) for n in cell["output"].values]
                part = part[[not n.startswith("balance.") for n in names]]
            worst[word] = max(worst.get(word, 0.0), float(np.nanmax(part, initial=0.0)))
    key = "draws.errors" if table == PRIMARY else "draws.errors_of_sd"
    return words(key, **{word: words.share(part, 2) for word, part in worst.items()})


def _mean(material: Material, place: Place) -> float:
    cell = material.cell(place, PRIMARY)
    return float("nan") if cell is None else float(cell["mean"])


def _ends(cell: xr.Dataset, name: str, per: float) -> tuple[float, float]:
    ends = cell[name] / per
    return float(ends.sel(bound="lower")), float(ends.sel(bound="upper"))


def _cells(
    material: Material, table: str, outputs: list[str | None]
) -> Iterator[tuple[Place, str | None, xr.Dataset]]:
    for output in outputs:
        for place in material.places:
            cell = material.cell(place, table)
            if cell is None:
                continue
            if output is not None:
                if output not in cell["output"].values:
                    continue
                cell = cell.sel(output=output)
            if np.isfinite(float(cell["mean"])):
                yield place, output, cell


def _scale(material: Material, cell: xr.Dataset, output: str | None) -> tuple[float, str]:
    if output is None:
        return material.per, material.units
    return 1.0, str(cell["output_units"].item())


def _table(material: Material, table: str, outputs: list[str | None]) -> Table:
    words = material.words
    of_footprint = table == PRIMARY
    heads = [Head(words("heads.scenario"))]
    heads += [Head(words("heads.year"), True)] if material.dated else []
    if not of_footprint:
        heads += [Head(words("heads.output")), Head(words("heads.units"))]
    heads += [Head(words(f"heads.{word}"), True) for word in WORDS]
    for word in ("lower", "upper", "shortest_lower", "shortest_upper"):
        heads.append(Head(words(f"heads.{word}", percent=material.percent), True))
    heads.append(Head(words("heads.error"), True))
    heads += [Head(words("heads.assumed"), True)] if of_footprint else []
    rows = []
    for place, output, cell in _cells(material, table, outputs):
        per, units = _scale(material, cell, output)
        items = [Item(place.label)]
        items += [Item(place.when, place.year)] if material.dated else []
        if output is not None:
            items += [Item(_label(material, output)), Item(units)]
        items += [_number(material, float(cell[w]) / per) for w in WORDS]
        for name in ("coverage", "coverage_shortest"):
            items += [_number(material, end) for end in _ends(cell, name, per)]
        error = float(cell["monte_carlo_error"].sel(statistic="mean")) / per
        items.append(Item(words.number(error, 2), error))
        if of_footprint:
            share = assumed_share(material.trees[place.tree], place.scenario)
            shown = float("nan") if share is None else share
            items.append(Item(words.share(shown, 2), shown, bar=_bar(shown)))
        strong = place.reference and len(material.places) > 1
        rows.append(Row(tuple(items), place.key, place.when, strong=strong))
    word = "footprint" if of_footprint else "outputs"
    caption = words(f"captions.{word}", units=material.units)
    return Table(word, caption, tuple(heads), tuple(rows))


def _bar(share: float) -> float | None:
    return min(max(share, 0.0), 1.0) if np.isfinite(share) else None


def _number(material: Material, value: float) -> Item:
    return Item(material.words.number(value), value)


def _label(material: Material, output: str) -> str:
    stated = (material.config.get("outputs") or {}).get(output) or {}
    label = stated.get("label") if isinstance(stated, dict) else None
    return f"{output}: {label}" if label else output


def _chart(material: Material, table: str, output: str | None) -> Iterator[Figure]:
    """Interval and density of each row; only intervals where no draws are stored."""
    words = material.words
    lines, units = [], material.units
    for place, _, cell in _cells(material, table, [output]):
        per, units = _scale(material, cell, output)
        low, high = _ends(cell, "coverage", per)
        mean = words.number(float(cell["mean"]) / per)
        said = f"{mean} ({words.interval(low, high)})"
        lines.append(
            Line(
                place,
                said,
                words(
                    "tips.interval",
                    name=place.name,
                    mean=mean,
                    median=words.number(float(cell["median"]) / per),
                    sd=words.number(float(cell["sd"]) / per, 3),
                    interval=words.interval(low, high),
                    units=units,
                    percent=material.percent,
                ),
                low,
                float(cell["mean"]) / per,
                high,
                _draws(material, place, table, output, per),
            )
        )
    if lines:
        name = words("words.footprint") if output is None else output
        axis = f"{name}, {units}" if units != "1" else name
        caption = words("captions.intervals", name=name, percent=material.percent)
        chart = intervals(lines, axis, caption)
        yield Figure(f"intervals-{output or PRIMARY}", caption, chart)


def _draws(
    material: Material, place: Place, table: str, output: str | None, per: float
) -> np.ndarray | None:
    data = material.trees[place.tree]["draws"].to_dataset()
    if table not in data:
        return None
    where = place.where if output is None else place.where | {"output": output}
    values: np.ndarray = data[table].sel(where).values / per
    return values if np.isfinite(values).all() else None
