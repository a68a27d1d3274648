"""A heat map of shares: one hue, the number in each cell."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from scenarios.figures.base.style import (
    BLUE,
    GREY,
    GRID,
    INK,
    LABEL,
    shortened,
    size,
)
from uncertainty.arrays import FloatArray

HUE = LinearSegmentedColormap.from_list("potline", ["#ffffff", "#9fd0ee", BLUE])
DARK = 0.6
"""Part of the scale above which a number is written in white."""


def share_map(
    axes: Axes,
    values: FloatArray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    least: float = 0.0,
    digits: int = 0,
    clear: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Draw shares as coloured cells with their per cents.

    Parameters
    ----------
    axes : Axes
    values : ndarray, shape (rows, columns)
        Shares of 1; NaN and what is below `least` stay blank.
    rows, columns : sequence of str
        Names of factors, and what stands over each column, on its side.
    least : float
    digits : int
        Decimals of a per cent.
    clear : ndarray of bool, shape (rows, columns), optional
        Which of them are told from 0; the others are grey numbers without colour.
    """
    shown = np.where(values >= least, values, np.nan)
    sure = np.isfinite(shown) if clear is None else clear
    coloured = np.where(sure, shown, np.nan)
    top = max(float(np.nanmax(coloured, initial=0.0)), 1e-12)
    axes.imshow(coloured, cmap=HUE, vmin=0, vmax=top, aspect="auto")
    for (i, j), value in np.ndenumerate(shown):
        if np.isfinite(value):
            colour = "white" if value > DARK * top else INK
            colour = colour if sure[i, j] else GREY
            axes.text(
                j,
                i,
                f"{100 * value:.{digits}f}",
                ha="center",
                va="center_baseline",
                color=colour,
                fontsize=7,
            )
    names = shortened(rows, size().columns(LABEL + 12), most=1)
    axes.set_yticks(range(len(rows)), names, parse_math=False)
    over = shortened(columns, 46, most=1)
    axes.set_xticks(
        range(len(columns)), over, rotation=90, parse_math=False, fontsize=7
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=GRID, linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
