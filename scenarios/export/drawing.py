"""Figures of a run, drawn by a second process while this one writes the other files."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.errors import ScenarioError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from scenarios.results.result import Result


def draw_files(result: "Result", folder: Path, formats: Sequence[str]) -> list[Path]:
    """Draw the figures that a run leaves behind, each once, and write them.

    Parameters
    ----------
    result : Result
        In memory or of a file.
    folder : Path
        Must exist.
    formats : sequence of {"png", "svg", "pdf"}

    Returns
    -------
    list of Path
        The files, in the order of the kinds of figures.

    Raises
    ------
    ScenarioError
        A file cannot be written.
    """
    from scenarios import figures

    files: list[Path] = []
    for name, draw in figures.default_figures(result).items():
        files += figures.save(draw(), folder / name, formats)
    return files


class Drawing:
    """Draws the figures of one result, in a second process where that pays.

    Made early, it loads what drawing takes on a second processor while this process
    loads the study and runs it. `begin` hands over the result, `finish` waits. The
    files are the same to the byte with and without a second process.

    Parameters
    ----------
    formats : sequence of {"png", "svg", "pdf"}
        None are drawn if it is empty.
    language : str
        Of their texts and labels.
    """

    def __init__(self, formats: Sequence[str], language: str = "en") -> None:
        self._formats = tuple(formats)
        self._language = language
        self._asked: tuple[Result, Path] | None = None
        self._pipe: Connection | None = None
        if formats and _can_fork():
            self._start()

    @property
    def is_apart(self) -> bool:
        """Whether a second process draws."""
        return self._pipe is not None

    def begin(self, result: "Result", folder: Path) -> None:
        """Hand over a result to draw, and the folder to write to."""
        result = result.in_language(self._language)
        self._asked = (result, folder)
        if self._pipe is None:
            return
        try:
            self._pipe.send((result.light(), str(folder), self._formats))
        except OSError:  # it ended, and this process draws
            self._pipe = None

    def finish(self) -> list[Path]:
        """Wait until all files are written, and list them.

        Raises
        ------
        ScenarioError
            A file cannot be written.
        """
        if not self._formats or self._asked is None:
            return []
        if self._pipe is not None:
            try:
                answer = self._pipe.recv()
            except EOFError:
                pass
            else:
                if isinstance(answer, str):
                    raise ScenarioError(answer)
                return [Path(name) for name in answer]
        result, folder = self._asked
        return draw_files(result, folder, self._formats)

    def _start(self) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        here, there = context.Pipe()
        context.Process(target=_serve, args=(there, here), daemon=True).start()
        there.close()
        self._pipe = here


def _can_fork() -> bool:
    """Whether a second process can be split off, and has a processor to run on.

    Once numerical libraries have started their threads it is too late to split off a
    process safely.
    """
    apart = hasattr(os, "fork") and sys.platform != "darwin"
    return apart and (os.cpu_count() or 1) > 1 and "numpy" not in sys.modules


def _serve(pipe: "Connection", other: Any) -> None:
    """Draw one result for the process that started this one."""
    import gc
    import signal

    other.close()
    # the other process hears it too, and decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from scenarios import figures  # noqa: F401  # load it while the other one runs

    gc.freeze()
    try:
        result, folder, formats = pipe.recv()
    except EOFError:
        return
    answer: list[str] | str
    try:
        answer = [str(path) for path in draw_files(result, Path(folder), formats)]
    except ScenarioError as error:
        answer = str(error)
    with suppress(BrokenPipeError):  # the other process has failed meanwhile
        pipe.send(answer)
