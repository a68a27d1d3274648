"""What a study and the library hold: inputs, confidence, mixes, gases, levers."""

from collections.abc import Callable, Iterator
from typing import Any

from rich.table import Table

from scenarios.errors import NOWHERE
from scenarios.language.label import told
from scenarios.library import catalogue as shipped
from scenarios.model.definitions import Definition, describe, quantity
from scenarios.model.study import Study
from scenarios.numbers import significant, with_units
from scenarios.units import units
from scenarios.words.catalogue import LANGUAGES, Words
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


def _mixes(language: str) -> Iterator[tuple[str, ...]]:
    for id, mix in shipped.mixes().items():
        shares = ", ".join(f"{t} {100 * s:.3g} %" for t, s in mix.active.items())
        what = shares or f"factor power.{mix.factor}"
        mark, source = str(mix.confidence), str(mix.source)
        yield id, told(mix.label, language), what, mix.losses, mark, source


def _factors(language: str) -> Iterator[tuple[str, ...]]:
    for id, factor in shipped.factors().items():
        value = f"{factor.median:g} (gsd {factor.gsd:g}) {factor.units}"
        label, scope = told(factor.label, language), str(factor.scope)
        mark, source = str(factor.confidence), str(factor.source)
        yield f"power.{id}", label, value, scope, mark, source


def _gases(language: str) -> Iterator[tuple[str, ...]]:
    for name, stated in shipped.gwp_sets().items():
        for gas, value in stated.values.items():
            yield name, gas, f"{value:g}", str(stated.source)


def _files(language: str) -> Iterator[tuple[str, ...]]:
    from scenarios.language.yaml_text import read

    for name in shipped.names():
        data = read(shipped.path(name), name)
        yield name, told(data.get("title"), language), str(data.get("licence", ""))


def _levers(language: str) -> Iterator[tuple[str, ...]]:
    for name, data in _contents():
        for id, stated in (data.get("levers") or {}).items():
            since = str(stated.get("available", "now"))
            label = told(stated.get("label", "-"), language)
            mark, source = (str(stated.get(w, "-")) for w in ("confidence", "source"))
            yield name, id, label, since, mark, source


def _paths(language: str) -> Iterator[tuple[str, ...]]:
    for name, data in _contents():
        for id, stated in (data.get("paths") or {}).items():
            years = ", ".join(str(year) for year in stated["knots"])
            label = told(stated.get("label", "-"), language)
            mark, source = (str(stated.get(w, "-")) for w in ("confidence", "source"))
            yield name, id, label, years, mark, source


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    from scenarios.language.yaml_text import read

    for name in shipped.names():
        yield name, read(shipped.path(name), name)


def _inputs(language: str) -> Iterator[tuple[str, ...]]:
    from scenarios.loading.schema_faults import validated

    words = Words(language)
    for name, data in _contents():
        for id, stated in validated(data, name).inputs.items():
            what = quantity(id, stated, units().parse(stated.units or "1"), NOWHERE)
            value, spread = _amount(what)
            marks = [
                _confidence(what.papers.get(mark), words)
                for mark in ("confidence", "spread_confidence")
            ]
            label = told(stated.label or "-", language)
            source = what.papers.get("source", "-")
            yield label, id, value, spread, " / ".join(marks), name, source


def _amount(what: Definition) -> tuple[str, str]:
    """Central value with units, and the 95 % interval of an input."""
    law = what.marginal
    if law is None:
        return describe(what), "-"
    value = with_units(significant(law.point), what.unit.text)
    if law.constant:
        return value, "-"
    low, high = (significant(float(law.ppf(tail))) for tail in (0.025, 0.975))
    return value, f"{low} – {high}"


def _changes(language: str) -> Iterator[tuple[str, ...]]:
    from scenarios.library.changes import since_release

    yield from since_release()


LISTS: dict[str, tuple[tuple[str, ...], Callable[[str], Iterator[tuple[str, ...]]]]] = {
    "files": (("import", "title", "licence"), _files),
    "mixes": (("mix", "label", "shares", "losses", "value_from", "source"), _mixes),
    "factors": (("input", "label", "value", "scope", "value_from", "source"), _factors),
    "inputs": (
        ("label", "input", "value", "spread", "marks", "file", "source"),
        _inputs,
    ),
    "levers": (("file", "lever", "label", "from", "value_from", "source"), _levers),
    "paths": (("file", "path", "label", "knots", "value_from", "source"), _paths),
    "gases": (("set", "gas", "gwp", "source"), _gases),
    "changes": (("file", "figure", "change", "before", "now"), _changes),
}


def listing(
    what: str, part: str, language: str = "en"
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of one list of the library that hold some words.

    Parameters
    ----------
    what : str
        A key of `LISTS`.
    part : str
        Words, each of which stands in some cell, in one language or the other; ""
        for all rows.
    language : str
        Of labels and titles.
    """
    head, rows = LISTS[what]
    wanted = part.casefold().split()
    both = zip(*(rows(one) for one in LANGUAGES), strict=True)
    texts = ((pair, " ".join(map(" ".join, pair)).casefold()) for pair in both)
    place = LANGUAGES.index(language)
    return head, [
        pair[place] for pair, text in texts if all(word in text for word in wanted)
    ]
