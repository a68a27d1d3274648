"""What the result rests on: every input with its papers, and what scenarios change."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from scenarios.report.blocks import Block, Facts, Head, Item, Prose, Row, Table
from scenarios.report.material import Material, gwp_of
from scenarios.report.sections.drivers import by_mark, shares
from scenarios.results.result import Result, at

MARKS = ("read", "derived", "recalled", "assumed", "unstated")
"""Marks of confidence, the best first."""


def records(material: Material) -> list[Block]:
    """The data table, and what each scenario changes."""
    words = material.words
    found: list[Block] = [
        Prose((words("records.reading", percent=material.percent),)),
        _inputs(material),
    ]
    changes = list(_changes(material))
    if changes:
        heads = [
            Head(words(f"heads.{n}"))
            for n in ("scenario", "section", "parameter", "stated", "source")
        ]
        caption = words("captions.changes")
        found.append(Table("changes", caption, tuple(heads), tuple(changes)))
    return found


def quality(material: Material) -> list[Block]:
    """Rating of the data: from scores where they are given, and from the marks."""
    words = material.words
    found: list[Block] = [Facts(tuple(_rating(material)))]
    known = [data.attrs for data in material.result.inputs.values()]
    rows = []
    data = shares(material.reference)
    of_spread = by_mark(data, "spread_confidence") if data is not None else {}
    of_value = by_mark(data, "confidence") if data is not None else {}
    for mark in MARKS:
        counts = [
            sum(str(attrs.get(word, "unstated")) == mark for attrs in known)
            for word in ("confidence", "spread_confidence")
        ]
        parts = [of_value.get(mark, 0.0), of_spread.get(mark, 0.0)]
        items = [Item(words.term("confidence", mark), MARKS.index(mark))]
        items += [Item(str(count), count) for count in counts]
        if data is not None:
            items += [Item(words.share(p), p, bar=max(p, 0.0)) for p in parts]
        rows.append(Row(tuple(items)))
    names = ["mark", "values", "spreads"]
    names += ["variance_values", "variance_spreads"] if data is not None else []
    heads = [Head(words(f"heads.{name}"), name != "mark") for name in names]
    caption = words("captions.quality", name=material.reference.name)
    found.append(Table("quality", caption, tuple(heads), tuple(rows)))
    found.append(Prose(words.points("quality.marks")))
    return found


def _scores(result: Result, id: str) -> dict[str, int]:
    """Data-quality scores that the config states for an input."""
    stated = result.config.inputs.get(id)
    return (stated.data_quality if stated else None) or {}


def _rating(material: Material) -> Iterator[tuple[str, str]]:
    """Mean score, plain and weighted with what each input does to the variance."""
    words, result = material.words, material.result
    inputs = [str(id) for id in result.inputs]
    rated = {id: scores for id in inputs if (scores := _scores(result, id))}
    yield (
        words("quality.rated"),
        words("quality.count", rated=len(rated), all=len(inputs)),
    )
    if not rated:
        yield words("quality.overall"), words("quality.none")
        return
    means = {id: float(np.mean(list(s.values()))) for id, s in rated.items()}
    plain = float(np.mean(list(means.values())))
    yield words("quality.overall"), words("quality.mean", value=f"{plain:.2f}")
    data = shares(material.reference)
    if data is not None:
        names = [str(n) for n in data["parameter"].values]
        values = np.nan_to_num(data["variance_share"].values)
        weights = {
            n: float(v) for n, v in zip(names, values, strict=True) if n in means
        }
        whole = sum(weights.values())
        if whole > 0:
            mean = sum(means[n] * w for n, w in weights.items()) / whole
            share = words.share(whole)
            text = words("quality.weighted", value=f"{mean:.2f}", share=share)
            yield words("quality.by_variance"), text
    aspects = dict.fromkeys(a for s in rated.values() for a in s)
    for aspect in aspects:
        given = [s[aspect] for s in rated.values() if aspect in s]
        text = words("quality.aspect", value=f"{np.mean(given):.2f}", count=len(given))
        yield aspect, text


def _inputs(material: Material) -> Table:
    words = material.words
    many = len(material.results) > 1
    heads = [Head(words("heads.study"))] if many else []
    names = (
        *("parameter", "label", "stated", "mean_of", "interval_of", "units", "kind"),
        *("nature", "confidence_of", "spread_confidence", "scores", "source", "note"),
    )
    numeric = ("mean_of", "interval_of")
    heads += [
        Head(words(f"heads.{n}", percent=material.percent), n in numeric) for n in names
    ]
    rows = []
    seen: dict[str, tuple[str, ...]] = {}
    for result in material.results:
        cell = material.cells_of(result)[0]
        reference = result.cell(result.reference, cell.year)
        for id, data in at(result.inputs, reference).items():
            items = _input(material, result, str(id), data)
            text = tuple(item.text for item in items)
            is_known = seen.setdefault(str(id), text) == text
            if is_known and result is not material.result:
                continue  # as in the first result
            first = [Item(result.study)] if many else []
            rows.append(Row((*first, *items)))
    caption = words("captions.inputs", count=len(rows))
    note = words("records.second") if many else ""
    return Table("inputs", caption, tuple(heads), tuple(rows), note)


def _input(
    material: Material, result: Result, id: str, data: xr.DataArray
) -> tuple[Item, ...]:
    words, attrs = material.words, data.attrs
    drawn = data.values.ravel()
    drawn = drawn[np.isfinite(drawn)]
    mean = float(drawn.mean()) if drawn.size else float("nan")
    level = material.result.coverage_probability
    interval = Item("–", float("inf"))
    if drawn.size > 1:
        ends = ((1 - level) / 2, (1 + level) / 2)
        low, high = np.quantile(drawn, ends).tolist()
        interval = Item(words.interval(low, high), high - low)
    label = words.label(str(attrs.get("label", "")))
    if not label and id.startswith("gwp."):
        gas = id.removeprefix("gwp.")
        label = words("records.gwp", gas=gas, set=gwp_of(result).set)
    scores = _scores(result, id).items()
    rating = ", ".join(f"{aspect} {score}" for aspect, score in scores)
    marks = [
        Item(words.term(word, str(attrs.get(word, "unstated"))))
        for word in ("kind", "nature", "confidence", "spread_confidence")
    ]
    return (
        Item(id),
        Item(label),
        Item(str(attrs.get("distribution", ""))),
        Item(words.number(mean), mean),
        interval,
        Item(str(attrs.get("units", ""))),
        *marks,
        Item(rating or words("quality.not_scored")),
        Item(str(attrs.get("source", "")) or "–"),
        Item(str(attrs.get("note", ""))),
    )


def _changes(material: Material) -> Iterator[Row]:
    """One row for each thing that a scenario sets, scales or does."""
    words = material.words
    for cell in material.scenarios:
        stated = cell.result.stated
        stated = {**(stated.get("scenarios") or {}), **(stated.get("fleets") or {})}
        scenario = stated.get(cell.scenario) or {}
        for section, changes in scenario.items():
            if section in {"label", "reference", "source", "note"}:
                continue
            parts = changes.items() if isinstance(changes, dict) else [("", changes)]
            for id, change in parts:
                own = change.get("source") if isinstance(change, dict) else None
                items = (
                    Item(cell.label),
                    Item(words.term("section", str(section))),
                    Item(str(id)),
                    Item(plain(change)),
                    Item(str(own or scenario.get("source") or "–")),
                )
                yield Row(items, cell.key)


def plain(stated: object) -> str:
    """A piece of a config in one line, as its language writes it."""
    if isinstance(stated, dict):
        kept = {k: v for k, v in stated.items() if k not in {"source", "label"}}
        return ", ".join(f"{k}: {_inner(v)}" for k, v in kept.items())
    return _inner(stated)


def _inner(stated: object) -> str:
    if isinstance(stated, dict):
        return "{" + ", ".join(f"{k}: {_inner(v)}" for k, v in stated.items()) + "}"
    if isinstance(stated, list):
        return "[" + ", ".join(map(_inner, stated)) + "]"
    return f"{stated:g}" if isinstance(stated, float) else str(stated)
