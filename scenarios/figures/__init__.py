"""Figures of a result: one function a kind.

The one part that imports matplotlib. Each function gives a
`matplotlib.figure.Figure`; `save` writes it. `scenarios.figures.gallery` has all of
them by name, with what some take besides a result.
"""

from collections.abc import Callable, Sequence
from functools import partial

import xarray as xr
from matplotlib.figure import Figure

from scenarios.figures.bars import account_bars, gas_bars, source_bars, stage_bars
from scenarios.figures.base.saving import save
from scenarios.figures.comparison.differences import differences
from scenarios.figures.comparison.macc import curves, macc
from scenarios.figures.comparison.ranking import pair_heat_map, rank_heat_map
from scenarios.figures.comparison.waterfall import waterfall
from scenarios.figures.convergence import convergence
from scenarios.figures.densities import density
from scenarios.figures.fan import fan
from scenarios.figures.inputs import Marks, inputs
from scenarios.figures.intervals import intervals
from scenarios.figures.process import process_flow
from scenarios.figures.tornado import tornado

__all__ = [
    "Figure",
    "Marks",
    "account_bars",
    "convergence",
    "curves",
    "default_figures",
    "density",
    "differences",
    "fan",
    "gas_bars",
    "inputs",
    "intervals",
    "macc",
    "pair_heat_map",
    "process_flow",
    "rank_heat_map",
    "save",
    "source_bars",
    "stage_bars",
    "tornado",
    "waterfall",
]


MOST_BYTES = 2**30
"""Draws of a quantity that a figure reads into memory without being asked for."""


def default_figures(
    tree: xr.DataTree, scenarios: Sequence[str] | None = None
) -> dict[str, Callable[[], Figure]]:
    """Figures that a run leaves behind: those that a result alone is enough for.

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
        A study without a chain has no bars by stage or source, one without years no
        fan chart, a result without draws neither that nor density and convergence,
        and one with more than fit in memory neither; convergence is of the first
        scenario named, else of the reference.
    """
    found: dict[str, Callable[[], Figure]] = {}
    if "contribution" in tree["summary"].children:
        found["stages"] = partial(stage_bars, tree, scenarios)
        found["sources"] = partial(source_bars, tree, scenarios)
    drawn = tree["draws"].to_dataset()
    sample = drawn.get("footprint", drawn.get("outputs"))
    if sample is None or sample.nbytes > MOST_BYTES:
        found["intervals"] = partial(intervals, tree, scenarios)
        return found
    found["density"] = partial(density, tree, scenarios)
    found["intervals"] = partial(intervals, tree, scenarios)
    if "year" in tree["summary"].to_dataset().coords:
        found["fan"] = partial(fan, tree, scenarios)
    first = scenarios[0] if scenarios else None
    found["convergence"] = partial(convergence, tree, first)
    return found
