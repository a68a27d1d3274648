"""The page: sections in the order of a template, put into one HTML file."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import ascii_uppercase

import jinja2
import xarray as xr

import scenarios.report.sections.answer as answer
import scenarios.report.sections.compared as compared
import scenarios.report.sections.contents as contents
import scenarios.report.sections.drivers as drivers
import scenarios.report.sections.frame as frame
import scenarios.report.sections.headline as headline
import scenarios.report.sections.records as records
import scenarios.report.sections.research as research
from scenarios.explorer.page import Fragment, fragment
from scenarios.loading.restore import study_of
from scenarios.report.blocks import Block, Section
from scenarios.report.drawing.svg import clean
from scenarios.report.material import Material, ReportError
from scenarios.results.result import Result
from scenarios.words.catalogue import LANGUAGES, Words
from scenarios.words.finding import finding

Part = Callable[[Material], list[Block]]

_CHAIN = {"system", "contents", "gases", "matrix", "cutoff", "flows"}
_CHAIN |= {"drivers", "advice", "approach", "standards", "outputs"}
"""Parts that a study without a chain has nothing for."""
_PARTS: dict[str, Part] = {
    "answer": answer.answer,
    "cover": answer.cover,
    "goal": frame.goal,
    "scope": frame.scope,
    "system": frame.system,
    "cutoff": contents.cut_off_rule,
    "quality": records.quality,
    "balances": research.balances,
    "contents": contents.contents,
    "outputs": headline.outputs,
    "compared": compared.compared,
    "drivers": drivers.drivers,
    "advice": answer.advice,
    "assumptions": frame.assumptions,
    "limits": frame.limits,
    "statistics": headline.statistics,
    "pairs": compared.pairs,
    "matrix": contents.matrix,
    "gases": contents.gases,
    "flows": contents.cut_off,
    "convergence": research.convergence,
    "approach": research.approach_1,
    "percentiles": research.percentiles,
    "records": records.records,
    "method": frame.method,
    "standards": frame.standards,
    "repeat": frame.repeat,
}
CHAPTERS: dict[str, tuple[str, ...]] = {
    "overview": ("cover",),
    "purpose": ("goal",),
    "extent": ("scope", "system", "cutoff"),
    "inventory": ("quality", "balances"),
    "impact": ("contents", "outputs", "compared"),
    "interpretation": ("drivers", "advice", "assumptions", "limits"),
}
"""Chapters between page one and the annexes, in the order of the standards' own
report template, and their parts."""
TEMPLATES: dict[str, tuple[str, ...]] = {
    "gbt": (
        *("statistics", "pairs", "matrix", "gases", "flows"),
        *("records", "method", "standards", "repeat"),
    ),
    "research": (
        *("statistics", "convergence", "approach", "percentiles", "pairs"),
        *("matrix", "gases", "flows", "records", "method", "repeat"),
    ),
}
"""Annexes of each template, in order."""


def build(
    results: Sequence[Result],
    *,
    language: str = "en",
    template: str | None = None,
    sensitivities: Sequence[xr.DataTree | None] = (),
    live: bool = False,
    brief: bool = False,
) -> str:
    """The report of one result or of two side by side.

    Parameters
    ----------
    results : sequence of Result
        With their draws; the first marks the reference.
    language : {"en", "zh"}
    template : {"gbt", "research"}, optional
        What GB/T 24067, the product's standard and ISO 14067 ask for, as far as
        published summaries tell; or the same with what a reviewer asks for. By
        default ``gbt`` for a study with a chain.
    sensitivities : sequence of DataTree or None
        Indices that belong to each result.
    live : bool
        Put the live page of the first result's study into a section of its own.
    brief : bool
        Page one alone: the answer for whoever decides, on one printed page.

    Returns
    -------
    str
        One HTML page that loads nothing.

    Raises
    ------
    NoDraws
        A result keeps statistics only.
    ReportError
        There is no such language or template, ``gbt`` is asked of a study without a
        chain, or the results do not measure the same thing.
    """
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ReportError(f"no language is called {language}; there are {known}")
    if template is not None and template not in TEMPLATES:
        known = ", ".join(TEMPLATES)
        raise ReportError(f"no template is called {template}; there are {known}")
    for result in results:
        result.need_draws("a report")
    results = [result.in_language(language) for result in results]
    material = Material(results, Words(language).of(results[0].stated), sensitivities)
    if brief:
        if live or template:
            raise ReportError("--brief is page one alone: no --live, no --template")
        blocks = (*answer.answer(material), *answer.cover(material, brief=True))
        sections = [Section("answer", material.words("titles.answer"), blocks)]
        return _page(material, "brief", sections, None)
    if template == "gbt" and not material.has_footprint:
        raise ReportError(
            "the template gbt is for a footprint, and this study has no chain; ask "
            "for --template research"
        )
    template = template or ("gbt" if material.has_footprint else "research")
    explorer = None
    if live:
        explorer = fragment(study_of(results[0]), language=language)
    return _page(material, template, _sections(material, template), explorer)


def _sections(material: Material, template: str) -> list[Section]:
    """Page one, the chapters and the annexes."""
    words = material.words
    chapters: list[Section] = []
    for name, names in CHAPTERS.items():
        parts = tuple(_parts(material, names))
        if parts:
            number = str(len(chapters) + 1)
            title = words(f"chapters.{name}")
            chapters.append(Section(name, title, parts=parts, number=number))
    annexes = [
        replace(one, number=words("page.annex", letter=ascii_uppercase[i]), folded=True)
        for i, one in enumerate(_parts(material, TEMPLATES[template]))
    ]
    return [*_parts(material, ("answer",)), *chapters, *annexes]


def _parts(material: Material, names: Sequence[str]) -> Iterator[Section]:
    for name in names:
        if not material.has_footprint and name in _CHAIN:
            continue
        if name in {"compared", "pairs"} and len(material.scenarios) < 2:
            continue
        if blocks := tuple(_PARTS[name](material)):
            yield Section(name, material.words(f"titles.{name}"), blocks)


def _page(
    material: Material,
    template: str,
    sections: list[Section],
    explorer: Fragment | None,
) -> str:
    script, style = _file("report.js"), _file("report.css")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            result=material.result,
            finding=finding(material.result, material.words),
            language={"en": "en", "zh": "zh-CN"}[material.words.language],
            words=material.words,
            template=template,
            brief=template == "brief",
            standards=material.standards,
            sections=sections,
            cells=material.cells,
            scenarios=material.scenarios,
            years=material.years,
            focus=material.reference.focus,
            script=script,
            style=style,
            digest=digest,
            explorer=explorer,
        )
    )


@lru_cache
def _environment() -> jinja2.Environment:
    folder = Path(str(files("scenarios"))) / "report" / "templates"
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _file(name: str) -> str:
    folder = Path(str(files("scenarios"))) / "report" / "templates"
    return (folder / name).read_text(encoding="utf-8")
