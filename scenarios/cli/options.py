"""Where commands print: colour on a terminal, plain text in a pipe."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def make() -> "Console":
    """A console; a piped table keeps its columns, whatever reads it."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 160
    return Console(width=wide, highlight=False, markup=False)
