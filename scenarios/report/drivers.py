"""What drives the result: first-order variance shares, and indices where there are."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from scenarios.report.blocks import Block, Head, Item, Prose, Row, Table
from scenarios.report.material import Material, Place
from scenarios.results import PRIMARY

MOST = 12
"""Parameters that are shown by name; the others are summed."""
MARKS = ("spread_confidence", "nature", "kind")
OTHER_DIMS = {"scenario", "year", "output", "parameter"}
SKIPPED = ("_lower", "_upper", "rank", "important", "settled", "variance")


def drivers(material: Material) -> list[Block]:
    """Variance shares by parameter and by mark; then sensitivity indices."""
    words = material.words
    found: list[Block] = []
    if "first_order" in material.tree.children:
        found.append(Prose((words("drivers.reading"),)))
        found.append(_parameters(material))
        found.append(_marks(material))
    found += [
        table for t in range(len(material.trees)) for table in _indices(material, t)
    ]
    if not any(data is not None for data in material.sensitivities):
        found.append(Prose((words("drivers.no_indices"),), "note"))
    return found


def shares(material: Material, place: Place) -> xr.Dataset | None:
    """First-order variance shares of a cell, with the marks of each parameter."""
    tree = material.trees[place.tree]
    if "first_order" not in tree.children:
        return None
    return tree["first_order"].to_dataset().sel(place.where)


def by_mark(data: xr.Dataset, word: str) -> dict[str, float]:
    """Variance share of each value of a mark, the largest first."""
    values = np.nan_to_num(data["variance_share"].values)
    marks = data[word].values
    found = {str(m): float(values[marks == m].sum()) for m in np.unique(marks)}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _parameters(material: Material) -> Table:
    words = material.words
    rows: list[Row] = []
    for place in material.places:
        data = shares(material, place)
        if data is not None:
            rows += _of_cell(material, place, data)
    names = ("parameter", "label", "variance", "kind", "nature", "spread_confidence")
    heads = [Head(words(f"heads.{n}"), n == "variance") for n in names]
    caption = words("captions.drivers")
    return Table("drivers", caption, tuple(heads), tuple(rows), focused=True)


def _of_cell(material: Material, place: Place, data: xr.Dataset) -> Iterator[Row]:
    words = material.words
    values = np.nan_to_num(data["variance_share"].values)
    order = np.argsort(-values, kind="stable")
    stored = material.trees[place.tree]["inputs"].to_dataset()
    for i in order[:MOST]:
        share = float(values[i])
        if share <= 0:
            break
        name = str(data["parameter"].values[i])
        id = name.split("@")[0].removeprefix("scale:")
        label = stored[id].attrs.get("label", "") if id in stored else ""
        marks = [
            Item(words.term(w, str(data[w].values[i])))
            for w in ("kind", "nature", "spread_confidence")
        ]
        shown = Item(words.share(share), share, bar=min(share, 1.0))
        items = (Item(name), Item(str(label)), shown, *marks)
        yield Row(items, focus=place.focus)
    rest = order[MOST:]
    if float(values[rest].sum()) > 0:
        share = float(values[rest].sum())
        name = words("drivers.rest", count=int((values[rest] > 0).sum()))
        shown = Item(words.share(share), share, bar=min(share, 1.0))
        blank = [Item("")] * 3
        yield Row((Item(name, "\uffff"), Item(""), shown, *blank), focus=place.focus)


def _marks(material: Material) -> Table:
    words = material.words
    rows = []
    for place in material.places:
        data = shares(material, place)
        if data is None:
            continue
        for word in MARKS:
            for mark, share in by_mark(data, word).items():
                items = (
                    Item(words(f"heads.{word}")),
                    Item(words.term(word, mark)),
                    Item(words.share(share), share, bar=min(max(share, 0.0), 1.0)),
                )
                rows.append(Row(items, focus=place.focus))
    heads = (
        Head(words("heads.grouped_by")),
        Head(words("heads.group")),
        Head(words("heads.variance"), True),
    )
    return Table("marks", words("captions.marks"), heads, tuple(rows), focused=True)


def _indices(material: Material, tree: int) -> Iterator[Table]:
    """Every index over parameters that lies beside a result."""
    data = material.sensitivities[tree]
    if data is None:
        return
    words = material.words
    for name, values in data.data_vars.items():
        word = str(name)
        is_index = "parameter" in values.dims and set(values.dims) <= OTHER_DIMS
        if not is_index or word.endswith(SKIPPED) or values.dtype.kind != "f":
            continue
        rows = list(_ranked(material, data, word))
        if not rows:
            continue
        heads = [
            Head(words(f"heads.{n}"), i == 4)
            for i, n in enumerate(("parameter", "scenario", "year", "output"))
        ]
        heads += [
            Head(words("heads.index"), True),
            Head(words("heads.confidence"), True),
        ]
        shown = words.term("index", word)
        caption = words("captions.index", name=shown)
        yield Table(f"index-{tree}-{word}", caption, tuple(heads), tuple(rows))


def _ranked(material: Material, data: xr.Dataset, word: str) -> Iterator[Row]:
    words, values = material.words, data[word]
    dims = [dim for dim in values.dims if dim != "parameter"]
    shape = [values.sizes[dim] for dim in dims]
    for place in np.ndindex(*shape):
        where = {str(d): i for d, i in zip(dims, place, strict=True)}
        one = values.isel(where)
        finite = np.nan_to_num(one.values, nan=-np.inf)
        for i in np.argsort(-finite, kind="stable")[:MOST]:
            if not np.isfinite(finite[i]):
                break
            ends = [
                float(data[f"{word}{end}"].isel(where).values[i])
                for end in ("_lower", "_upper")
                if f"{word}{end}" in data
            ]
            told = words.interval(ends[0], ends[1], 3) if len(ends) == 2 else "–"
            labels = [
                str(one[dim].item()) if dim in one.coords else ""
                for dim in ("scenario", "year", "output")
            ]
            labels[2] = labels[2] or PRIMARY
            value = float(one.values[i])
            yield Row(
                (
                    Item(str(one["parameter"].values[i])),
                    *(Item(label) for label in labels),
                    Item(words.number(value, 3), value, bar=min(max(value, 0.0), 1.0)),
                    Item(told, value),
                )
            )
