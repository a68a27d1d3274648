"""A result as one HTML file: what it says, what it rests on, how to repeat it.

`build` makes the page; `TEMPLATES` names the two orders it comes in. The page loads
nothing: style and script stand in it, figures are SVG drawn from the numbers, and
every text of the study is escaped where it is put in.
"""

from scenarios.report.build import TEMPLATES, build
from scenarios.report.material import ReportError
from scenarios.words.catalogue import LANGUAGES

__all__ = ["LANGUAGES", "TEMPLATES", "ReportError", "build"]
