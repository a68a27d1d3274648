"""The page: sections in the order of a template, put into one HTML file."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import jinja2
import xarray as xr

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

_CHAIN = ("system", "contents", "gases", "cutoff", "drivers", "standards", "approach")
"""Sections that a study without a chain has nothing for."""
_PARTS: dict[str, Part] = {
    "standards": frame.standards,
    "scope": frame.scope,
    "system": frame.system,
    "result": headline.headline,
    "contents": contents.contents,
    "gases": contents.gases,
    "compared": compared.compared,
    "drivers": drivers.drivers,
    "records": records.records,
    "quality": records.quality,
    "cutoff": contents.cut_off,
    "assumptions": frame.assumptions,
    "convergence": research.convergence,
    "approach": research.approach_1,
    "percentiles": research.percentiles,
    "balances": research.balances,
    "method": frame.method,
    "limits": frame.limits,
    "repeat": frame.repeat,
}
TEMPLATES: dict[str, tuple[str, ...]] = {
    "gbt": (
        *("scope", "system", "result", "contents", "gases", "compared", "drivers"),
        *("cutoff", "quality", "records", "assumptions", "balances", "limits"),
        *("method", "standards", "repeat"),
    ),
    "research": (
        *("result", "scope", "system", "contents", "compared", "drivers"),
        *("convergence", "approach", "percentiles", "gases", "records", "quality"),
        *("cutoff", "balances", "assumptions", "limits", "method", "repeat"),
    ),
}
"""Sections of each template, in order."""


def build(
    results: Sequence[Result],
    *,
    language: str = "en",
    template: str | None = None,
    sensitivities: Sequence[xr.DataTree | None] = (),
    live: bool = False,
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
    found = []
    for name in TEMPLATES[template]:
        if not material.has_footprint and name in _CHAIN:
            continue
        if name == "compared" and len(material.scenarios) < 2:
            continue
        blocks = tuple(_PARTS[name](material))
        found.append(Section(name, material.words(f"titles.{name}"), blocks))
    return found


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
