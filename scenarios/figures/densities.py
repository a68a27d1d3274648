"""Density of a quantity by scenario: lines on common axes, or a ridge line each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path

from scenarios.figures.base.kinds import of_all
from scenarios.figures.base.quantities import Quantity, notes, quantities, range_of
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    LINES,
    SKY,
    Row,
    draw_limits,
    house_style,
    interval_heading,
    interval_words,
    legend_above,
    limits_told,
    name_rows,
    new_figure,
    row_height,
    settle,
    shortened,
    size,
    value_axis,
    words_of,
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


@of_all("density", "probability density of each scenario", "draws")
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
        title = range_of(result, scenarios)
        figure = new_figure(result, sum(heights), footer, title)
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
            draw_limits(axes)
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
    words = words_of(result)
    told = words("figures.density", interval=interval_words(result))
    if beyond := 100 * max(curve.beyond for of in curves for curve in of):
        told += words("figures.beyond", share=f"{beyond:.2g}")
    if any(ridged):
        told += words("figures.equal_height")
    if not all(ridged):
        told += words("figures.in_legend", heading=interval_heading(result))
    told += notes(result, found, bold=any(ridged))
    return told + limits_told(words, found[0].units)


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
    base = np.arange(len(curves)) + 0.28
    paths, fills, edges = [], [], []
    for row, (grid, height, _) in enumerate(curves):
        if grid.size == 1:
            continue
        # a later row lies before the one above it
        top = base[row] - OVERLAP * height / height.max()
        within = (grid >= lower[row]) & (grid <= upper[row])
        for part in (np.ones_like(within), within):
            x = grid[part][[0, *range(part.sum()), -1]] if part.any() else grid[:0]
            y = np.pad(top[part], 1, constant_values=base[row])
            paths.append(Path(np.stack([x, y], axis=1) if x.size else np.empty((0, 2))))
        paths.append(Path(np.stack([grid, top], axis=1)))
        fills += [to_rgba("white", 0.75), to_rgba(SKY), to_rgba(SKY, 0)]
        edges += [to_rgba(SKY, 0), to_rgba(SKY, 0), to_rgba(BLUE)]
    ridges = PathCollection(
        paths, facecolors=fills, edgecolors=edges, linewidths=0.8, zorder=2
    )
    axes.add_collection(ridges)
    varies = np.array([curve.grid.size > 1 for curve in curves])
    fixed = np.array([curve.grid[0] for curve in curves])[~varies]
    axes.vlines(fixed, base[~varies], base[~varies] - 0.88, INK, linewidth=1.2)
    axes.hlines(base[varies], lower[varies], upper[varies], INK, linewidth=1.6)
    axes.plot(median[varies], base[varies], "|", color=INK, markersize=5, zorder=3)
    texts = [one.interval(row) for row in range(len(curves))]
    name_rows(axes, Row(one.labels, texts, one.reference), heading)
    axes.set_ylim(len(curves) - 0.45, -0.85)


def _lines(axes: Axes, one: Quantity, curves: list[Curve]) -> None:
    lower, upper = one.bounds
    median = one.statistics["median"].values
    top = max(float(curve.height.max()) for curve in curves) or 1.0
    marks: list[Artist] = []
    short = shortened(one.labels, size().columns(60), most=1)
    names = []
    for row, (grid, height, _) in enumerate(curves):
        colour, dashes = LINES[row]
        names.append(f"{short[row]}: {one.interval(row)}")
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
    axes.set_ylabel(one.words("figures.density_axis"))
    legend_above(axes, marks, names)
