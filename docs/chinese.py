"""Chinese navigation around the pages whose names end in ``_zh``."""

import gettext
from pathlib import Path
from typing import Any

NAMES = {
    "Tutorials": "教程（英文）",
    "How-to guides": "操作指南（英文）",
    "Explanation": "说明（英文）",
    "Reference": "参考（英文）",
    "Glossary 术语表": "术语表",
    ">More<": ">更多<",
}
"""Sections of the site, as the head of a Chinese page names them."""


def words(app: Any, page: str, template: str, context: dict[str, Any], *_: Any) -> None:
    """Let theme and Sphinx speak Chinese on one page."""
    if not page.endswith("_zh"):
        return
    import pydata_sphinx_theme
    import sphinx

    found: gettext.NullTranslations = gettext.NullTranslations()
    for package, language in ((sphinx, "zh_CN"), (pydata_sphinx_theme, "zh")):
        folder = Path(str(package.__file__)).parent / "locale"
        other = gettext.translation("sphinx", folder, [language])
        other.add_fallback(found)
        found = other
    context |= {
        "language": "zh-CN",
        "_": found.gettext,
        "gettext": found.gettext,
        "ngettext": found.ngettext,
    }
    for name in ("generate_header_nav_html", "generate_header_nav_before_dropdown"):
        if name in context:
            context[name] = _renamed(context[name])


def _renamed(make: Any) -> Any:
    def made(*arguments: Any, **options: Any) -> str:
        text = str(make(*arguments, **options))
        for english, chinese in NAMES.items():
            text = text.replace(english, chinese)
        return text

    return made
