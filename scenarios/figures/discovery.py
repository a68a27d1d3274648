"""Where a claim fails: draws over the inputs of the first region, and the trade-off."""

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scenarios.analysis.discovery import Condition, Discovery
from scenarios.figures.base.style import (
    GREY,
    INK,
    SKY,
    VERMILION,
    house_style,
    page,
    settle,
    wrapped,
)
from uncertainty.arrays import FloatArray

HEIGHT = 62.0
"""Millimetres of a row of panels."""
POINTS = 3000
"""Draws shown; of more, every so many-th."""
SHOWN = 3
"""Conditions whose pairs are shown."""
COLUMNS = 2


def discovery_figure(found: Discovery) -> Figure:
    """Draws in which a claim fails and holds, over pairs of inputs, with the first box.

    Parameters
    ----------
    found : Discovery

    Returns
    -------
    Figure
        A panel for each pair of the first three conditions of the first region; of one
        condition alone, it against what is claimed. Last, for boxes, coverage against
        density on the way to the box.
    """
    conditions = found.regions[0].conditions[:SHOWN] if found.regions else ()
    pairs: list[tuple[Condition, Condition | None]]
    pairs = [(a, b) for a, b in combinations(conditions, 2)]
    if len(conditions) == 1:
        pairs = [(conditions[0], None)]
    count = len(pairs) + bool(found.path)
    rows = -(-max(count, 1) // COLUMNS)
    words = (
        f"{found.cell.name}. Points: draws, orange where the claim fails. Frame: the "
        f"first region of where it {found.rare}. Trade-off: boxes of the first "
        "peeling, darker with more restricted inputs; the ring is the region reported."
    )
    with house_style():
        figure = page(found.claim.text, HEIGHT * rows, words)
        panels = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
        for axes, (a, b) in zip(panels, pairs, strict=False):
            _pair(axes, found, a, b)
        if found.path:
            _trade_off(panels[len(pairs)], found)
        for axes in panels[count:]:
            axes.set_axis_off()
        return settle(figure)


def _pair(axes: Axes, found: Discovery, a: Condition, b: Condition | None) -> None:
    sample = found.sample
    step = -(-sample.fails.size // POINTS)
    x = sample.x[sample.ids.index(a.id)][::step]
    y = (sample.x[sample.ids.index(b.id)] if b else sample.compared)[::step]
    fails = sample.fails[::step]
    for some, colour in ((~fails, SKY), (fails, VERMILION)):
        axes.plot(x[some], y[some], ".", color=colour, markersize=1.5, rasterized=True)
    left, right = _ends(x, a)
    low, high = _ends(y, b)
    frame = Rectangle(
        (left, low), right - left, high - low, fill=False, edgecolor=INK, linewidth=1.1
    )
    axes.add_patch(frame)
    axes.set_xlabel(_name(a), parse_math=False)
    if b is None:
        axes.axhline(found.claim.limit, color=GREY, linewidth=0.8)
        axes.set_ylabel(found.claim.units, parse_math=False)
    else:
        axes.set_ylabel(_name(b), parse_math=False)


def _ends(values: FloatArray, one: Condition | None) -> tuple[float, float]:
    """Ends of a condition, those of the draws where it has none."""
    low, high = float(values.min()), float(values.max())
    room = 0.03 * (high - low)
    if one is None:
        return low - room, high + room
    return (
        one.low if np.isfinite(one.low) else low - room,
        one.high if np.isfinite(one.high) else high + room,
    )


def _name(one: Condition) -> str:
    text = one.label if one.units == "1" else f"{one.label} ({one.units})"
    return wrapped(text, 36, most=2)


def _trade_off(axes: Axes, found: Discovery) -> None:
    steps = found.path
    shown = axes.scatter(
        [step.coverage for step in steps],
        [step.density for step in steps],
        c=[step.restricted for step in steps],
        cmap="Blues",
        vmin=0,
        s=12,
        edgecolors=GREY,
        linewidths=0.3,
    )
    bar = axes.figure.colorbar(shown, ax=axes)
    bar.set_label("restricted inputs")
    if found.regions:
        region = found.regions[0].region
        axes.plot(
            region.coverage,
            region.density,
            "o",
            markersize=9,
            markerfacecolor="none",
            color=VERMILION,
        )
    axes.set_xlabel(f"coverage: part of the draws in which it {found.rare}")
    axes.set_ylabel("density: part of the box")
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.05)
