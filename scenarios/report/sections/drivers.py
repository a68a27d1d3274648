"""What drives the result: first-order variance shares, and indices where there are."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from scenarios.report.blocks import Block, Head, Item, Prose, Row, Table
from scenarios.report.material import Material, PageCell
from scenarios.results.result import PRIMARY, at

MOST = 12
"""Parameters that are shown by name; the others are summed."""
CELLS = 60
"""Most cells of a table of indices."""
MARKS = ("spread_confidence", "nature", "kind")
SHOWN = MARKS[::-1]
OTHER_DIMS = {"scenario", "year", "output", "parameter"}
SKIPPED = (
    *("_lower", "_upper", "rank", "important", "unimportant", "settling_n"),
    *("settled", "variance"),
)


def drivers(material: Material) -> list[Block]:
    """Variance shares by parameter and by mark; then sensitivity indices."""
    words = material.words
    found: list[Block] = []
    if material.has_footprint and material.result.first_order is not None:
        found.append(Prose((words("drivers.reading"),)))
        found.append(_parameters(material))
        found.append(_marks(material))
    for number in range(len(material.results)):
        found += _indices(material, number)
    if not any(data is not None for data in material.sensitivities):
        found.append(Prose((words("drivers.no_indices"),), "note"))
    return found


def shares(cell: PageCell) -> xr.Dataset | None:
    """Shares of a footprint's first-order variance, with the marks of each input."""
    data = cell.result.first_order if cell.result.has_footprint else None
    return None if data is None else at(data, cell)


def by_mark(data: xr.Dataset, word: str) -> dict[str, float]:
    """Variance share of each value of a mark, the largest first."""
    values = np.nan_to_num(data["variance_share"].values)
    marks = data[word].values
    found = {str(m): float(values[marks == m].sum()) for m in np.unique(marks)}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _parameters(material: Material) -> Table:
    words = material.words
    rows: list[Row] = []
    for cell in material.cells:
        data = shares(cell)
        if data is not None:
            rows += _of_cell(material, cell, data)
    names = ("parameter", "variance", "kind", "nature", "spread_confidence")
    heads = [Head(words(f"heads.{n}"), n == "variance") for n in names]
    caption = words("captions.drivers")
    return Table("drivers", caption, tuple(heads), tuple(rows), focused=True)


def _of_cell(material: Material, cell: PageCell, data: xr.Dataset) -> Iterator[Row]:
    words, inputs = material.words, cell.result.inputs.variables
    values = np.nan_to_num(data["variance_share"].values)
    order = np.argsort(-values, kind="stable")
    marks_of = {word: data[word].values for word in SHOWN}
    for i in order[:MOST]:
        share = float(values[i])
        if share <= 0:
            break
        name = str(data["parameter"].values[i])
        id = name.split("@")[0].removeprefix("scale:")
        label = inputs[id].attrs.get("label", "") if id in inputs else ""
        marks = [Item(words.term(w, str(marks_of[w][i]))) for w in SHOWN]
        shown = Item(words.share(share), share, bar=min(share, 1.0))
        items = (Item(words.label(str(label)) or words.called(name)), shown, *marks)
        yield Row(items, focus=cell.focus)
    rest = order[MOST:]
    if float(values[rest].sum()) > 0:
        share = float(values[rest].sum())
        name = words("drivers.rest", count=int((values[rest] > 0).sum()))
        shown = Item(words.share(share), share, bar=min(share, 1.0))
        blank = [Item("")] * 3
        yield Row((Item(name), shown, *blank), focus=cell.focus, last=True)


def _marks(material: Material) -> Table:
    words = material.words
    rows = []
    for cell in material.cells:
        data = shares(cell)
        if data is None:
            continue
        for word in MARKS:
            for mark, share in by_mark(data, word).items():
                items = (
                    Item(words(f"heads.{word}")),
                    Item(words.term(word, mark)),
                    Item(words.share(share), share, bar=min(max(share, 0.0), 1.0)),
                )
                rows.append(Row(items, focus=cell.focus))
    heads = (
        Head(words("heads.grouped_by")),
        Head(words("heads.group")),
        Head(words("heads.variance"), True),
    )
    return Table("marks", words("captions.marks"), heads, tuple(rows), focused=True)


def _indices(material: Material, number: int) -> Iterator[Block]:
    """A table for each method whose indices lie beside a result."""
    found = material.sensitivities[number]
    if found is None:
        return
    started = material.results[number].provenance["started"]
    if str(found.attrs.get("run")) != started:
        yield Prose((material.words("drivers.other_run"),), "note")
        return
    for node in found.subtree:
        data = node.to_dataset()
        names = [str(name) for name, x in data.data_vars.items() if _is_index(name, x)]
        if names:
            yield _method(material, data, names, f"{node.name or 'indices'}-{number}")


def _is_index(name: object, values: xr.DataArray) -> bool:
    over = set(values.dims)
    fits = "parameter" in over and over <= OTHER_DIMS and values.dtype.kind == "f"
    return fits and not str(name).endswith(SKIPPED)


def _method(
    material: Material, data: xr.Dataset, names: list[str], called: str
) -> Table:
    words = material.words
    heads = [Head(words(f"heads.{w}")) for w in ("parameter", "label", "scenario")]
    heads += [Head(words("heads.year"), True)] if "year" in data.dims else []
    heads.append(Head(words("heads.output")))
    for name in names:
        heads.append(Head(words.term("index", name), True))
        if f"{name}_lower" in data:
            heads.append(Head(words("heads.confidence"), True))
    method, n = data.attrs.get("method", called), data.attrs.get("n", "–")
    caption = words("captions.index", name=method, n=n)
    rows = tuple(_ranked(material, data, names))
    return Table(f"index-{called}", caption, tuple(heads), rows)


def _ranked(material: Material, data: xr.Dataset, names: list[str]) -> Iterator[Row]:
    """The first few parameters of each cell, by the index that the method ranks by."""
    by = str(data.attrs.get("ranked_by", names[0]))
    by = by if by in names else names[0]
    dims = [str(dim) for dim in data[by].dims if dim != "parameter"]
    cells = list(np.ndindex(*(data.sizes[dim] for dim in dims)))
    data = material.words.labelled(data)
    for index in cells[:CELLS]:
        one = data.isel(dict(zip(dims, index, strict=True)))
        size = np.nan_to_num(np.abs(one[by].values), nan=-1.0)
        for i in np.argsort(-size, kind="stable")[:MOST]:
            if size[i] >= 0:
                yield Row(_index(material, one.isel(parameter=i), names))


def _index(material: Material, one: xr.Dataset, names: list[str]) -> tuple[Item, ...]:
    words = material.words

    def label(*known: str) -> str:
        return next((str(one[k].item()) for k in known if k in one.coords), "")

    items = [Item(label("parameter")), Item(label("label"))]
    less = label("less_label")
    minuend = label("scenario_label", "scenario")
    items.append(Item(f"{minuend} − {less}" if less else minuend))
    if "year" in one.coords:
        items.append(Item(label("year")))
    items.append(Item(label("output") or PRIMARY))
    for name in names:
        value = float(one[name])
        shares = 0 <= value <= 1
        items.append(Item(words.number(value, 3), value, bar=value if shares else None))
        if f"{name}_lower" in one:
            low, high = (float(one[f"{name}_{end}"]) for end in ("lower", "upper"))
            items.append(Item(words.interval(low, high, 3), value))
    return tuple(items)
