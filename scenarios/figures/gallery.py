"""Figures of a result by their kind: one kind, or those that a run leaves behind."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.figure import Figure

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import KINDS, Kind, Pictures
from scenarios.results.result import Result
from uncertainty.errors import nearest


def pictures(
    result: Result,
    kind: str | None = None,
    scenarios: Sequence[str] | None = None,
) -> Pictures:
    """Figures of one kind, or those that a run leaves behind.

    Parameters
    ----------
    result : Result
    kind : str, optional
        One of `KINDS`.
    scenarios : sequence of str, optional
        Those to show. Without, all; a kind that shows one scenario shows the
        reference, `waterfall` each of the others.

    Returns
    -------
    iterator of (str, Figure)
        The name is fit for a file; each figure is drawn when its turn comes.

    Raises
    ------
    ScenarioError
        There is no such kind or scenario, or the result has nothing for it.
    """
    chosen = result.chosen(scenarios) if scenarios is not None else None
    if kind is None:
        every = default_figures(result, chosen)
        return ((name, draw()) for name, draw in every.items())
    if kind not in KINDS:
        raise ScenarioError(
            f"no figure is called {kind}{nearest(kind, KINDS)}; there are "
            f"{', '.join(KINDS)}"
        )
    made = KINDS[kind].make(result, chosen)
    return ((_file_name(kind, suffix), figure) for suffix, figure in made)


def default_figures(
    result: Result, scenarios: Sequence[str] | None = None
) -> dict[str, Callable[[], Figure]]:
    """Figures that a run leaves behind: those that a result alone is enough for.

    Parameters
    ----------
    result : Result
    scenarios : sequence of str, optional
        Names of those to show; all, in the order of the study, if not given.

    Returns
    -------
    dict of name to callable
        The name is fit for a file; nothing is drawn until the callable is called.
        Kinds that the result has nothing for are left out: a study without a chain
        has no bars by stage or source, one without years no fan chart, a result
        without draws, or with more than fit in memory, nothing that takes draws.
    """
    return {
        kind.name: partial(_first, kind, result, scenarios)
        for kind in KINDS.values()
        if kind.is_default and kind.fits(result)
    }


def descriptions() -> dict[str, str]:
    """What each kind of figure shows, in one line, by the name of the kind."""
    return {kind.name: kind.shows for kind in KINDS.values()}


def _first(kind: Kind, result: Result, scenarios: Sequence[str] | None) -> Figure:
    _, figure = next(kind.make(result, scenarios))
    return figure


def _file_name(kind: str, suffix: str) -> str:
    return re.sub(r"[^\w.-]", "_", f"{kind}_{suffix}" if suffix else kind)
