"""What a study and the library hold: inputs, confidence, mixes, gases, levers."""

from collections.abc import Callable, Iterator
from typing import Any

from rich.table import Table

from scenarios.library import catalogue as shipped
from scenarios.model.definitions import describe
from scenarios.model.study import Study
from scenarios.words.catalogue import Words
from scenarios.words.faults import translated

DOUBTFUL = ("recalled", "assumed")
HEADS = (
    *("input", "value", "units", "value_from", "range_from", "stated_in"),
    "source",
)


def inputs_table(study: Study, words: Words) -> Table:
    """Every input that the study reads: value, units, provenance."""
    title = words("inspection.title", title=study.title)
    table = Table(title=title, title_justify="left", box=None)
    for head in HEADS:
        table.add_column(words(f"inspection.head.{head}"), overflow="fold")
    for id in study.model().inputs:
        definition = study.definitions[id]
        known = definition.papers
        table.add_row(
            id,
            translated(describe(definition), words.language),
            definition.unit.text,
            _confidence(known.get("confidence"), words),
            _confidence(known.get("spread_confidence"), words),
            definition.origin.file,
            known.get("source", "-"),
        )
    return table


def marks(study: Study, words: Words) -> Iterator[str]:
    """Which inputs rest on values or ranges that are recalled or assumed."""
    read = list(study.model().inputs)
    for key, what in (("confidence", "value"), ("spread_confidence", "range")):
        for mark in DOUBTFUL:
            ids = [i for i in read if study.definitions[i].papers.get(key) == mark]
            if ids:
                yield words(
                    f"inspection.marks.{what}.{mark}",
                    count=len(ids),
                    all=len(read),
                    ids=words.join(ids),
                )
    uncertain = [i for i in read if study.definitions[i].varies]
    marked = "spread_confidence"
    ids = [i for i in uncertain if marked not in study.definitions[i].papers]
    if ids:
        yield words(
            "inspection.marks.range.unstated",
            count=len(ids),
            all=len(uncertain),
            ids=words.join(ids),
        )


def _confidence(mark: str | None, words: Words) -> str:
    return words(f"inspection.confidence.{mark}") if mark else "-"


def _mixes() -> Iterator[tuple[str, ...]]:
    for id, mix in shipped.mixes().items():
        shares = ", ".join(f"{t} {100 * s:.3g} %" for t, s in mix.active.items())
        what = shares or f"factor power.{mix.factor}"
        mark, source = str(mix.confidence), str(mix.source)
        yield id, str(mix.label), what, mix.losses, mark, source


def _factors() -> Iterator[tuple[str, ...]]:
    for id, factor in shipped.factors().items():
        value = f"{factor.median:g} (gsd {factor.gsd:g}) {factor.units}"
        mark, source = str(factor.confidence), str(factor.source)
        yield f"power.{id}", str(factor.label), value, str(factor.scope), mark, source


def _gases() -> Iterator[tuple[str, ...]]:
    for name, stated in shipped.gwp_sets().items():
        for gas, value in stated.values.items():
            yield name, gas, f"{value:g}", str(stated.source)


def _files() -> Iterator[tuple[str, ...]]:
    from scenarios.language.yaml_text import read

    for name in shipped.names():
        data = read(shipped.path(name), name)
        yield name, str(data.get("title", "")), str(data.get("licence", ""))


def _levers() -> Iterator[tuple[str, ...]]:
    for name, data in _contents():
        for id, stated in (data.get("levers") or {}).items():
            since = str(stated.get("available", "now"))
            words = (stated.get(w, "-") for w in ("label", "confidence", "source"))
            label, mark, source = (str(word) for word in words)
            yield name, id, label, since, mark, source


def _paths() -> Iterator[tuple[str, ...]]:
    for name, data in _contents():
        for id, stated in (data.get("paths") or {}).items():
            years = ", ".join(str(year) for year in stated["knots"])
            words = (stated.get(w, "-") for w in ("label", "confidence", "source"))
            label, mark, source = (str(word) for word in words)
            yield name, id, label, years, mark, source


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    from scenarios.language.yaml_text import read

    for name in shipped.names():
        yield name, read(shipped.path(name), name)


def _inputs() -> Iterator[tuple[str, ...]]:
    from scenarios.language.yaml_text import read

    for name in shipped.names():
        data = read(shipped.path(name), name)
        for id, stated in (data.get("inputs") or {}).items():
            papers = {"label", "units", "source", "confidence", "kind", "nature"}
            papers |= {"spread_confidence", "note", "data_quality"}
            value = {k: v for k, v in stated.items() if k not in papers}
            text = ", ".join(f"{k} {v}" for k, v in value.items())
            text = text.replace("{", "(").replace("}", ")").replace("'", "")
            units, source = stated.get("units", ""), stated.get("source", "")
            mark = str(stated.get("confidence", "-"))
            yield name, id, text, str(units), mark, str(source)


def _changes() -> Iterator[tuple[str, ...]]:
    from scenarios.library.changes import since_release

    yield from since_release()


LISTS: dict[str, tuple[tuple[str, ...], Callable[[], Iterator[tuple[str, ...]]]]] = {
    "files": (("import", "title", "licence"), _files),
    "mixes": (("mix", "label", "shares", "losses", "value_from", "source"), _mixes),
    "factors": (("input", "label", "value", "scope", "value_from", "source"), _factors),
    "inputs": (("file", "input", "value", "units", "value_from", "source"), _inputs),
    "levers": (("file", "lever", "label", "from", "value_from", "source"), _levers),
    "paths": (("file", "path", "label", "knots", "value_from", "source"), _paths),
    "gases": (("set", "gas", "gwp", "source"), _gases),
    "changes": (("file", "figure", "change", "before", "now"), _changes),
}


def listing(what: str, part: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of one list of the library, with `part` in their ids.

    Parameters
    ----------
    what : str
        A key of `LISTS`.
    part : str
        Text that one of the first two cells holds; "" for all.
    """
    head, rows = LISTS[what]
    return head, [row for row in rows() if any(part in cell for cell in row[:2])]
