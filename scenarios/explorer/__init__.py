"""The live page: a study's own model in one HTML file, moved by hand."""

from scenarios.explorer.page import ExplorerError, fragment, page

__all__ = ["ExplorerError", "fragment", "page"]
