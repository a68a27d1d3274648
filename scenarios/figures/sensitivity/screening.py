"""Morris' plot: which inputs do much, and which of them not by themselves."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.analysis.sensitivity.cells import cells, in_units, top
from scenarios.figures.base.style import (
    BLUE,
    ENGLISH,
    GREY,
    house_style,
    page,
    settle,
    wrapped,
)
from scenarios.figures.sensitivity.indices import finding, lead
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray

NAMED = 8
"""Points with a name: more could not be read."""


def screening(data: xr.Dataset, title: str, words: Words = ENGLISH) -> Figure:
    """Morris plot: mean size of the elementary effects against their spread.

    Parameters
    ----------
    data : Dataset
        Of the Morris method.
    title : str
    """
    cell = next(cells(data))
    per, units = in_units(cell, "mu_star")
    names = top(cell, cell.data.sizes["parameter"])
    rows = cell.data.sel(parameter=names)
    x, y = rows["mu_star"].values / per, rows["sigma"].values / per
    # the signs of several columns that step together say nothing of a spread
    together = np.isnan(y)
    y = np.nan_to_num(y)
    footer = lead(data, title, words) + words("figures.screening")
    if together.any():
        footer += words("figures.screening_together")
    with house_style():
        figure = page(finding(cell, words), 96, footer)
        axes = figure.add_subplot()
        matters = rows["important"].values
        for which, colour in ((~matters, "#bbbbbb"), (matters, BLUE)):
            single, several = which & ~together, which & together
            axes.plot(x[single], y[single], "o", color=colour, markersize=4)
            axes.plot(
                x[several],
                y[several],
                "s",
                color=colour,
                fillstyle="none",
            )
        reach = float(x.max()) * 1.3
        axes.set_xlim(0, reach)
        high = max(float(y.max()) * 1.15, 0.05 * reach)
        axes.set_ylim(-0.015 * high, high)
        # ends at the frame: a line beyond it would count in the layout
        for slope in (1.0, 0.1):
            end = min(reach, axes.get_ylim()[1] / slope)
            axes.plot([0, end], [0, slope * end], color=GREY, lw=0.7, ls=(0, (4, 3)))
        _names(axes, x, y, [str(v) for v in rows["label"].values])
        axes.grid()
        axes.spines["left"].set_visible(True)
        axes.set_xlabel(words("figures.screening_x", name=cell.title, units=units))
        axes.set_ylabel(words("figures.screening_y", units=units))
        return settle(figure)


def _names(axes: Axes, x: FloatArray, y: FloatArray, labels: Sequence[str]) -> None:
    """Names of the points furthest right, each clear of those before it."""
    taken: list[tuple[float, float]] = []
    wide, (low, high) = axes.get_xlim()[1], axes.get_ylim()
    for i in range(min(NAMED, len(labels))):
        right, up = x[i] / wide, (y[i] - low) / (high - low) + 0.02
        while any(abs(up - u) < 0.05 and abs(right - r) < 0.45 for u, r in taken):
            up += 0.05
        taken.append((up, right))
        on_left = right > 0.6
        text = axes.annotate(
            wrapped(labels[i], 44, most=1),
            (x[i], y[i]),
            xytext=(right + (-0.015 if on_left else 0.015), up),
            textcoords="axes fraction",
            fontsize=7,
            va="center",
            ha="right" if on_left else "left",
            parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.4},
        )
        text.set_in_layout(False)
