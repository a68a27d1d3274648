"""Configuration of the documentation site; offline, nothing loaded at view time."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

project = "potline"
author = "potline developers"
copyright = "potline developers"
version = release = installed("potline")

extensions = [
    "executed",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
]
exclude_patterns = ["_build", "extra"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]
numpydoc_show_class_members = False
autodoc_typehints = "none"

html_theme = "pydata_sphinx_theme"
html_title = "potline"
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "show_prev_next": False,
    "show_nav_level": 1,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_extra_path = ["extra"]
html_show_sourcelink = False
html_copy_source = False


def setup(app):
    """Write the pages that are made from the package before Sphinx lists pages."""
    from chinese import words
    from reference import HERE, live, write

    app.connect("html-page-context", words, priority=900)
    app.connect("config-inited", lambda *_: write(HERE / "reference"))
    app.connect("config-inited", lambda *_: live(HERE / "extra" / "live"))
