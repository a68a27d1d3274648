"""What a study and the library hold: inputs, marks of confidence, mixes, gases."""

from collections.abc import Callable, Iterator
from typing import Any

from rich.table import Table

from scenarios.library import catalogue as shipped
from scenarios.model.definitions import describe
from scenarios.model.study import Study

DOUBTFUL = ("recalled", "assumed")


def inputs_table(study: Study) -> Table:
    """Every input that the study reads: value, units, papers."""
    table = Table(title=f"Inputs of {study.title}", title_justify="left", box=None)
    head = ("input", "value", "units", "value is", "spread is", "stated in", "source")
    for word in head:
        table.add_column(word, overflow="fold")
    for id in study.model().inputs:
        what = study.definitions[id]
        papers = what.papers
        table.add_row(
            id,
            describe(what),
            what.unit.text,
            papers.get("confidence", "-"),
            papers.get("spread_confidence", "-"),
            what.origin[0],
            papers.get("source", "-"),
        )
    return table


def marks(study: Study) -> Iterator[str]:
    """Which inputs rest on figures that are recalled or assumed."""
    read = list(study.model().inputs)
    for word, what in (("confidence", "values"), ("spread_confidence", "spreads")):
        for mark in DOUBTFUL:
            found = [i for i in read if study.definitions[i].papers.get(word) == mark]
            if found:
                yield f"{what} {mark} ({len(found)} of {len(read)}): {', '.join(found)}"


def _mixes() -> Iterator[tuple[str, ...]]:
    for mix in shipped.mixes().values():
        shares = ", ".join(f"{t} {100 * s:.3g} %" for t, s in mix.active.items())
        what = shares or f"factor power.{mix.factor}"
        found = mix.provenance
        yield mix.id, mix.label, what, mix.losses, found.confidence, found.source


def _factors() -> Iterator[tuple[str, ...]]:
    for factor in shipped.factors().values():
        found = factor.provenance
        value = f"{factor.median:g} (gsd {factor.gsd:g}) {factor.units}"
        name = f"power.{factor.id}"
        yield name, factor.label, value, factor.scope, found.confidence, found.source


def _gases() -> Iterator[tuple[str, ...]]:
    for name, stated in shipped.gwp_sets().items():
        for gas, value in stated["values"].items():
            yield name, gas, f"{value:g}", str(stated["source"])


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
    "mixes": (("mix", "label", "shares", "losses", "value is", "source"), _mixes),
    "factors": (("input", "label", "value", "scope", "value is", "source"), _factors),
    "inputs": (("file", "input", "value", "units", "value is", "source"), _inputs),
    "levers": (("file", "lever", "label", "from", "value is", "source"), _levers),
    "paths": (("file", "path", "label", "knots", "value is", "source"), _paths),
    "gases": (("set", "gas", "kg CO2e/kg", "source"), _gases),
    "changes": (("file", "figure", "is", "last release", "now"), _changes),
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
