"""Figures of a result: footprint by stage, density by scenario, intervals.

The one part that imports matplotlib. Each function takes a result tree and gives a
`matplotlib.figure.Figure`; `save` writes it.
"""

from collections.abc import Callable, Sequence
from functools import partial

import xarray as xr
from matplotlib.figure import Figure

from scenarios.figures.bars import source_bars, stage_bars
from scenarios.figures.densities import density
from scenarios.figures.intervals import intervals
from scenarios.figures.saving import save

__all__ = [
    "default_figures",
    "density",
    "intervals",
    "save",
    "source_bars",
    "stage_bars",
]


def default_figures(
    tree: xr.DataTree, scenarios: Sequence[str] | None = None
) -> dict[str, Callable[[], Figure]]:
    """Every figure that a result has something for.

    Parameters
    ----------
    tree : DataTree
        As `uncertainty.storage.load` reads it.
    scenarios : sequence of str, optional
        Names of those to show; all, in the order of the study, if not given.

    Returns
    -------
    dict of name to callable
        The name is fit for a file; nothing is drawn until the callable is called.
        A study without a chain has no bars by stage or source.
    """
    found: dict[str, Callable[[], Figure]] = {}
    if "contribution" in tree["summary"].children:
        found["stages"] = partial(stage_bars, tree, scenarios)
        found["sources"] = partial(source_bars, tree, scenarios)
    found["density"] = partial(density, tree, scenarios)
    found["intervals"] = partial(intervals, tree, scenarios)
    return found
