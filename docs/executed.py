"""Directives whose content runs when the site is built: what a page shows is true.

`{run}` runs lines that begin with ``potline``, `{file} NAME` writes a file, `{python}`
runs Python; all blocks of a page share one folder, in which ``configs/`` lies. A
command or block that fails stops the build.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[1]
FOLDERS: dict[str, Any] = {}
CALL = "import sys; from scenarios.cli import main; sys.argv[0] = 'potline'; main()"


class Executed(SphinxDirective):
    """A block that runs in the folder of its page."""

    has_content = True
    option_spec: ClassVar = {"lines": directives.positive_int}

    def folder(self) -> Path:
        """Folder of the page, made when its first block asks for it."""
        if self.env.docname not in FOLDERS:
            held = tempfile.TemporaryDirectory()
            (Path(held.name) / "configs").symlink_to(ROOT / "configs")
            FOLDERS[self.env.docname] = held
        return Path(FOLDERS[self.env.docname].name)

    def call(self, *arguments: str) -> str:
        """Output of Python with these arguments; a failure is a warning."""
        environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder(),
            env=environment | {"PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise self.error(f"{' '.join(arguments)}: {done.stderr}")
        lines = [line.rstrip() for line in done.stdout.splitlines()]
        most = self.options.get("lines", len(lines))
        return "\n".join(lines[:most] + ["..."] * (len(lines) > most))

    def block(self, text: str, language: str) -> list[nodes.Node]:
        """A code block; nothing if there is nothing to show."""
        return [nodes.literal_block(text, text, language=language)] if text else []


class Run(Executed):
    """Commands and what they print."""

    def run(self) -> list[nodes.Node]:
        """Show each command, and its output below it."""
        shown: list[nodes.Node] = []
        for line in self.content:
            shown += self.block(line, "bash")
            words = shlex.split(line)[1:]
            shown += self.block(self.call("-c", CALL, *words), "text")
        return shown


class File(Executed):
    """A file that later commands of the page read."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write it and show it under its name."""
        name, text = self.arguments[0], "\n".join(self.content)
        (self.folder() / name).write_text(text + "\n", encoding="utf-8")
        language = {".py": "python", ".csv": "text"}.get(Path(name).suffix, "yaml")
        return [
            nodes.paragraph("", "", nodes.literal(name, name)),
            *self.block(text, language),
        ]


class Python(Executed):
    """Python and what it prints."""

    def run(self) -> list[nodes.Node]:
        """Show the code, and its output below it."""
        text = "\n".join(self.content)
        return self.block(text, "python") + self.block(self.call("-c", text), "text")


def setup(app: Any) -> dict[str, bool]:
    """Register the directives with Sphinx."""
    for name, kind in {"run": Run, "file": File, "python": Python}.items():
        app.add_directive(name, kind, override=True)
    return {"parallel_read_safe": False}
