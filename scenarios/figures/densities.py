"""Density of a quantity by scenario: lines on common axes, or a ridge line each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.figures.base.kinds import of_all
from scenarios.figures.base.quantities import Quantity, notes, quantities
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
from scenarios.results.result import Result
from uncertainty.arrays import FloatArray
from uncertainty.statistics.density import estimate, is_constant

OVERLAP = 0.92
"""Height of a ridge, rows apart."""
UNEVEN = 12.0
"""Peaks further apart than this do not fit on common axes."""


class Curve(NamedTuple):
    """Density of one sample; a constant is one point, of density 0."""

    grid: FloatArray
    height: FloatArray
    beyond: float
    """Part of the draws that lies beyond the ends of the grid."""


@of_all("density", "probability density of each scenario", "draws", default=True)
def density(result: Result, scenarios: Sequence[str] | None = None) -> Figure:
    """Density of the footprint by scenario, or of each output without a chain.

    Parameters
    ----------
    result : Result
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
    found = quantities(result, scenarios)
    curves = [[_curve(one.sample(r)) for r in range(len(one.cells))] for one in found]
    ridged = [_is_ridged(of) for of in curves]
    footer = _footer(result, found, curves, ridged)
    with house_style():
        heights = [_height(q, r) for q, r in zip(found, ridged, strict=True)]
        figure = new_figure(result, sum(heights), footer)
        panels = figure.subplots(
            len(found), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for axes, one, of, rows in zip(
            panels[:, 0], found, curves, ridged, strict=True
        ):
            if rows:
                _ridges(axes, one, of, interval_heading(result))
            else:
                _lines(axes, one, of)
            value_axis(axes, one.axis, 0.03)
        return settle(figure)


def _curve(sample: FloatArray) -> Curve:
    ordered = np.sort(sample)
    if is_constant(ordered):
        return Curve(ordered[:1], np.zeros(1), 0.0)
    grid, height = estimate(ordered)
    below, above = np.searchsorted(ordered, grid[0]), len(ordered)
    above -= np.searchsorted(ordered, grid[-1], side="right")
    return Curve(grid, height, float(below + above) / len(ordered))


def _footer(
    result: Result,
    found: list[Quantity],
    curves: list[list[Curve]],
    ridged: list[bool],
) -> str:
    words = (
        f"Bar under each curve: {interval_words(result)}; tick: median. Kernel "
        "density, Silverman's bandwidth."
    )
    if beyond := 100 * max(curve.beyond for of in curves for curve in of):
        words += f" Up to {beyond:.2g} % of the draws lie beyond the ends of a curve."
    if any(ridged):
        words += " Curves are scaled to equal height."
    if not all(ridged):
        words += f" In the legend: {interval_heading(result)}."
    return words + notes(result, found, bold=any(ridged))


def _is_ridged(curves: list[Curve]) -> bool:
    peaks = [float(c.height.max()) for c in curves if c.grid.size > 1]
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
    for row, (grid, height, _) in enumerate(curves):
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
    top = max(float(curve.height.max()) for curve in curves) or 1.0
    marks: list[Artist] = []
    names = []
    for row, (grid, height, _) in enumerate(curves):
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
