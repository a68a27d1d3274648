"""The live page: a study's own model in one HTML file, moved by hand."""

from scenarios.explorer.model import ExplorerError
from scenarios.explorer.page import DRAWS, fragment, page, sized

__all__ = ["DRAWS", "ExplorerError", "fragment", "page", "sized"]
