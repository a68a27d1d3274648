"""Density of a quantity by scenario: lines on common axes, or a ridge line each."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.figures.base.quantities import Quantity, notes, quantities
from uncertainty.statistics.density import estimate, is_constant
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    LINES,
    SKY,
    Row,
    house_style,
    interval_heading,
    interval_words,
    legend_above,
    name_rows,
    new_figure,
    row_height,
    settle,
    value_axis,
    wrapped,
)
from uncertainty.arrays import FloatArray

Curve = tuple[FloatArray, FloatArray]
"""Grid and density; a constant is one point, of density 0."""
OVERLAP = 0.92
"""Height of a ridge, rows apart."""
UNEVEN = 12.0
"""Peaks further apart than this do not fit on common axes."""


def density(tree: xr.DataTree, scenarios: Sequence[str] | None = None) -> Figure:
    """Density of the footprint by scenario, or of each output without a chain.

    Parameters
    ----------
    tree : DataTree
    scenarios : sequence of str, optional
        Names, in the order to show them; all of the study if not given.

    Returns
    -------
    Figure
        One panel a quantity. Up to four scenarios share their axes; more, or peaks
        too uneven, get a row each, scaled to equal height. A constant is a vertical
        line.

    Raises
    ------
    ScenarioError
        No scenario of that name.
    """
    found = quantities(tree, scenarios)
    curves = [[_curve(row) for row in one.draws.values] for one in found]
    ridged = [_is_ridged(of) for of in curves]
    footer = _footer(tree, found, curves, ridged)
    with house_style():
        heights = [_height(q, r) for q, r in zip(found, ridged, strict=True)]
        figure = new_figure(tree, sum(heights), footer)
        panels = figure.subplots(
            len(found), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for axes, one, of, rows in zip(
            panels[:, 0], found, curves, ridged, strict=True
        ):
            if rows:
                _ridges(axes, one, of, interval_heading(tree))
            else:
                _lines(axes, one, of)
            value_axis(axes, one.axis, 0.03)
        return settle(figure)


def _curve(sample: FloatArray) -> Curve:
    ordered = np.sort(sample)
    if is_constant(ordered):
        return ordered[:1], np.zeros(1)
    return estimate(sample)


def _footer(
    tree: xr.DataTree,
    found: list[Quantity],
    curves: list[list[Curve]],
    ridged: list[bool],
) -> str:
    words = (
        f"Bar under each curve: {interval_words(tree)}; tick: median. Kernel density, "
        "Silverman's bandwidth."
    )
    if beyond := _beyond(found, curves):
        words += f" Up to {beyond:.2g} % of the draws lie beyond the ends of a curve."
    if any(ridged):
        words += " Curves are scaled to equal height."
    if not all(ridged):
        words += f" In the legend: {interval_heading(tree)}."
    return words + notes(tree, found, bold=any(ridged))


def _beyond(found: list[Quantity], curves: list[list[Curve]]) -> float:
    """Percent of the draws that lie beyond the ends of a curve, at most."""
    shares = [0.0]
    for one, of in zip(found, curves, strict=True):
        for sample, (grid, _) in zip(one.draws.values, of, strict=True):
            if grid.size > 1:
                shares.append(float(((sample < grid[0]) | (sample > grid[-1])).mean()))
    return 100 * max(shares)


def _is_ridged(curves: list[Curve]) -> bool:
    peaks = [float(height.max()) for grid, height in curves if grid.size > 1]
    uneven = bool(peaks) and max(peaks) > UNEVEN * min(peaks)
    return len(curves) > len(LINES) or (len(curves) > 1 and uneven)


def _height(one: Quantity, ridged: bool) -> float:
    """Millimetres of a panel with its axis."""
    if ridged:
        return 16 + max(row_height(one.labels), 7) * len(one.labels)
    return 45 + 4 * len(one.labels)


def _ridges(axes: Axes, one: Quantity, curves: list[Curve], heading: str) -> None:
    lower, upper = one.bounds
    median = one.statistics["median"].values
    for row, (grid, height) in enumerate(curves):
        # a later row lies before the one above it
        layer = 2 + row / len(curves)
        if grid.size == 1:
            axes.vlines(grid, row + 0.28, row - 0.6, INK, linewidth=1.2, zorder=layer)
            continue
        base = row + 0.28
        top = base - OVERLAP * height / height.max()
        within = (grid >= lower[row]) & (grid <= upper[row])
        axes.fill_between(grid, base, top, color="white", alpha=0.75, zorder=layer)
        axes.fill_between(grid, base, top, where=within, color=SKY, zorder=layer)
        axes.plot(grid, top, color=BLUE, linewidth=0.8, zorder=layer)
        axes.hlines(base, lower[row], upper[row], INK, linewidth=1.6, zorder=layer)
        axes.plot(median[row], base, "|", color=INK, markersize=5, zorder=layer)
    texts = [one.interval(row) for row in range(len(curves))]
    name_rows(axes, Row(one.labels, texts, one.reference), heading)
    axes.set_ylim(len(curves) - 0.45, -0.85)


def _lines(axes: Axes, one: Quantity, curves: list[Curve]) -> None:
    lower, upper = one.bounds
    median = one.statistics["median"].values
    top = max(float(height.max()) for _, height in curves) or 1.0
    marks: list[Artist] = []
    names = []
    for row, (grid, height) in enumerate(curves):
        colour, dashes = LINES[row]
        name = wrapped(one.labels[row], 60, most=1)
        names.append(f"{name}: {one.interval(row)}")
        if grid.size == 1:
            marks.append(axes.vlines(grid, 0, 1.05 * top, colour, dashes))
        else:
            marks += axes.plot(grid, height, color=colour, linestyle=dashes)
            axes.fill_between(grid, height, color=colour, alpha=0.08, linewidth=0)
        below = -0.06 * top * (row + 1)
        axes.hlines(below, lower[row], upper[row], colour, dashes, linewidth=1.6)
        axes.plot(median[row], below, "|", color=colour, markersize=6)
    axes.set_ylim(-0.06 * top * (len(curves) + 1), 1.08 * top)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.set_yticks([])
    axes.set_ylabel("density")
    legend_above(axes, marks, names)
