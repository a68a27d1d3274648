"""The live page: model, data, controls and charts in one HTML file."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import jinja2

from scenarios.explorer.model import Explored, ExplorerError
from scenarios.language.yaml_text import read
from scenarios.model.study import Study
from scenarios.numbers import scale
from scenarios.words.catalogue import LANGUAGES
from uncertainty.errors import nearest

LARGEST = 3_000_000
"""Bytes of a page that still goes into an e-mail and opens at once."""
DRAWS = 2048
"""Draws of a page: enough for an interval that follows the hand at once."""
FEWEST = 256
"""Draws below which no page is made unless they are asked for."""
SCRIPTS = ("model.js", "charts.js", "controls.js")


@dataclass(frozen=True)
class Fragment:
    """The explorer without a page around it, for a page that has its own.

    Attributes
    ----------
    html : str
        Markup, data and script.
    style : str
        CSS; all of it is below ``.explorer``.
    digest : str
        Of the script, for a content-security policy.
    """

    html: str
    style: str
    digest: str


def page(
    study: Study,
    *,
    draws: int | None = None,
    language: str = "en",
    scenarios: Sequence[str] = (),
    inputs: Sequence[str] = (),
) -> str:
    """One HTML file in which a study's model runs under the reader's hand.

    Parameters
    ----------
    study : Study
    draws : int, optional
        Draws of the study's design that the page holds: 2048, or as many as fit into
        `LARGEST`, at least 256.
    language : {"en", "zh"}
    scenarios : sequence of str
        Scenarios to choose from; all that can be moved by default.
    inputs : sequence of str
        Inputs to offer; all that can be moved by default.

    Returns
    -------
    str
        A page that loads nothing and whose policy forbids all but itself.

    Raises
    ------
    ExplorerError
        There is no such language, scenario or input, the study has no footprint, or
        the page would be larger than `LARGEST`; says what to leave out.

    Examples
    --------
    >>> from scenarios.library.catalogue import folder
    >>> from scenarios.loading.load import load
    >>> small = folder().parents[1] / "configs" / "minimal.yaml"
    >>> text = page(load(small), draws=256)
    >>> text.startswith("<!DOCTYPE html>"), len(text) < 200_000
    (True, True)
    """
    return sized(
        study, draws=draws, language=language, scenarios=scenarios, inputs=inputs
    )[0]


def sized(study: Study, *, draws: int | None, **options: Any) -> tuple[str, int]:
    """A page, and how many draws it holds; see `page`."""
    text = _whole(study, draws or DRAWS, **options)
    held, size = draws or DRAWS, len(text.encode())
    while size > LARGEST:
        fits = _fits(held, size)
        if draws is not None or fits < FEWEST:
            _too_large(held, size)
        held = fits
        text = _whole(study, held, **options)
        size = len(text.encode())
    return text, held


def _whole(study: Study, draws: int, language: str, **options: Any) -> str:
    made = fragment(study, draws=draws, language=language, **options)
    own = _texts(language)
    style = _file("page.css") + made.style
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=study.in_language(language).title,
            language={"en": "en", "zh": "zh-CN"}[language],
            texts=own,
            made=own["page"]["made"].format(
                name=study.name,
                draws=draws,
                design=study.settings.design,
                seed=study.settings.seed or 0,
            ),
            fragment=made.html,
            style=style,
            style_digest=_digest(style),
            digests=made.digest,
        )
    )


def fragment(
    study: Study,
    *,
    draws: int = DRAWS,
    language: str = "en",
    scenarios: Sequence[str] = (),
    inputs: Sequence[str] = (),
) -> Fragment:
    """The explorer for another page, such as a report; see `page`."""
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ExplorerError(
            f"no language is called {language}{nearest(language, LANGUAGES)}; "
            f"there are {known}"
        )
    run = study.settings.model_copy(update={"draws": draws, "until": None})
    config = study.config.model_copy(update={"run": run})
    own = _texts(language)
    terms = own["terms"]
    study = replace(study, config=config)
    explored = Explored(study, scenarios, inputs, language, terms["technology"])
    data = explored.data()
    size, shown = scale(str(data["units"]))
    names = {i: n for i, one in config.names.items() if (n := getattr(one, language))}
    terms = terms | {w: terms[w] | names for w in ("stage", "source")}
    data |= {"scale": size, "shown": shown, "texts": own | {"terms": terms}}
    data["language"] = language
    whole = '"use strict";(()=>{{{}}})();'
    script = whole.format(
        "\n".join([explored.script(), *(_file(name) for name in SCRIPTS)])
    )
    html = (
        _environment()
        .get_template("fragment.html.j2")
        .render(texts=own, data=_inert(data), script=script)
    )
    return Fragment(html, _file("explorer.css"), _digest(script))


def _inert(data: Any) -> str:
    """JSON that no HTML parser takes for markup."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _fits(draws: int, size: int) -> int:
    """A power of two of draws that a page has room for, by the size with `draws`."""
    return 1 << max((draws * LARGEST * 9 // (size * 10)).bit_length() - 1, 0)


def _too_large(draws: int, size: int) -> NoReturn:
    fits, large, most = _fits(draws, size), f"{size / 1e6:.1f}", LARGEST // 1_000_000
    if fits >= FEWEST:
        raise ExplorerError(
            f"the page would take {large} MB, more than {most} MB: every uncertain "
            f"input takes 8 bytes a draw; take --draws {fits}, --scenarios with the "
            "few that matter, or inputs that matter little as plain numbers"
        )
    raise ExplorerError(
        f"the page would take {large} MB, more than {most} MB: every uncertain input "
        "takes 8 bytes a draw; take --scenarios with the few that matter, or inputs "
        "that matter little as plain numbers"
    )


@lru_cache
def _texts(language: str) -> dict[str, Any]:
    folder = Path(str(files("scenarios"))) / "explorer" / "texts"
    return read(folder / f"{language}.yaml", language)


@lru_cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _folder() -> Path:
    return Path(str(files("scenarios"))) / "explorer" / "templates"


def _file(name: str) -> str:
    return (_folder() / name).read_text(encoding="utf-8")
