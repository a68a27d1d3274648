"""Figures of a result: one function a kind.

The one part that imports matplotlib. Each function gives a
`matplotlib.figure.Figure`; `save` writes it. `pictures` makes all of them by name, with
what some take besides a result.
"""

from matplotlib.figure import Figure

from scenarios.figures.bars import account_bars, gas_bars, source_bars, stage_bars
from scenarios.figures.base.kinds import KINDS
from scenarios.figures.base.saving import save
from scenarios.figures.comparison.differences import differences
from scenarios.figures.comparison.macc import curves, macc
from scenarios.figures.comparison.ranking import pair_heat_map, rank_heat_map
from scenarios.figures.comparison.waterfall import waterfall
from scenarios.figures.convergence import convergence
from scenarios.figures.densities import density
from scenarios.figures.evidence import evidence
from scenarios.figures.fan import fan
from scenarios.figures.gallery import default_figures, descriptions, pictures
from scenarios.figures.inputs import Marks, inputs
from scenarios.figures.intervals import intervals
from scenarios.figures.process import process_flow
from scenarios.figures.tornado import tornado

__all__ = [
    "KINDS",
    "Figure",
    "Marks",
    "account_bars",
    "convergence",
    "curves",
    "default_figures",
    "density",
    "descriptions",
    "differences",
    "evidence",
    "fan",
    "gas_bars",
    "inputs",
    "intervals",
    "macc",
    "pair_heat_map",
    "pictures",
    "process_flow",
    "rank_heat_map",
    "save",
    "source_bars",
    "stage_bars",
    "tornado",
    "waterfall",
]
