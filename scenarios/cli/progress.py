"""A bar on standard error for a run that takes a while; nothing where it is piped."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

Tell = Callable[[int], None]
Steps = Callable[[str, int, int], None]


class Drawn(ProgressColumn):
    """How many draws are done, and how many a second."""

    def render(self, task: Task) -> Text:
        """Text of the column; there is no speed before the first draws are done."""
        speed = f", {task.speed:,.0f}/s" if task.speed else ""
        return Text(f"{task.completed:,.0f} draws{speed}")


@contextmanager
def bar(name: str, draws: int, *, quiet: bool = False) -> Iterator[Tell | None]:
    """Show a bar while a run goes on.

    Parameters
    ----------
    name : str
        Of the study.
    draws : int
        How many it takes in all.
    quiet : bool
        Show nothing.

    Yields
    ------
    callable or None
        To be told how many draws each finished task did; None where standard error
        is no terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.fields[name]}"), BarColumn(), Drawn())
    shown = Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    )
    with shown:
        task = shown.add_task("", total=draws, name=name)
        yield lambda count: shown.update(task, advance=count)


@contextmanager
def steps(name: str, *, quiet: bool = False) -> Iterator[Steps | None]:
    """Show a bar for each method of an analysis while it goes on.

    Parameters
    ----------
    name : str
        Of the study.
    quiet : bool
        Show nothing.

    Yields
    ------
    callable or None
        To be told (method, steps done, steps in all); None where nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def tell(method: str, done: int, whole: int) -> None:
            if method not in tasks:
                tasks[method] = shown.add_task(f"{name}, {method}")
            shown.update(tasks[method], completed=done, total=whole)

        yield tell
