"""Paired differences to the reference, and how often each scenario lies below it."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import of_comparison
from scenarios.figures.base.quantities import ROWS, in_cells, most_telling
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    YELLOW,
    Row,
    house_style,
    legend_above,
    level_bars,
    name_rows,
    page,
    row_height,
    settle,
    value_axis,
    wrapped,
)
from scenarios.figures.comparison.compared import (
    compared,
    label_of,
    main_output,
    paired_words,
    quantity_name,
    units_of,
)
from scenarios.numbers import decimals, interval, percent
from uncertainty.arrays import FloatArray

LAYERS = (
    ("probability_lower", "lower", (BLUE, "")),
    ("probability_tie", "equal", ("#e8e8e8", "")),
    ("probability_higher", "higher", (YELLOW, "///")),
)
"""Variable, word, and colour with hatch of each part of a bar of probabilities."""


@of_comparison("differences", "difference to the reference, draw by draw", against=True)
def differences(
    comparison: xr.Dataset, *, output: str | None = None, title: str = ""
) -> Figure:
    """Difference of each scenario to the reference with its interval and P(lower).

    Parameters
    ----------
    comparison : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it.
    output : str, optional
        By default the footprint, else the first.
    title : str
        By default the name of the study.

    Returns
    -------
    Figure
        Left: mean paired difference and its interval; right: how often the scenario
        lies below, on and above the reference.

    Raises
    ------
    ScenarioError
        There is no such output, or nothing to compare with the reference.
    """
    name = main_output(comparison, output)
    data = comparison.sel(output=name)
    every = compared(data)
    if not every:
        raise ScenarioError("no scenario to compare with the reference")
    size = np.abs(in_cells(data[["difference"]], every)["difference"].values)
    cells = [every[row] for row in most_telling(every, size, ROWS)]
    rows = in_cells(data, cells)
    reference = label_of(comparison, str(comparison.attrs["reference"]))
    level = f"{100 * float(comparison.attrs['coverage_probability']):g} %"
    footer = (
        f"{paired_words(data)}. Dot: mean of the differences draw by draw; line: their "
        f"{level} coverage interval, probabilistically symmetric. Zero: "
        f"{wrapped(reference, 60, most=1)}. Right: in how many of the draws the "
        "scenario lies below, on or above it."
    )
    if left := len(every) - len(cells):
        footer += f" Not shown for want of room: {left} more rows, nearest to zero."
    with house_style():
        labels = [cell.name for cell in cells]
        height = 22 + row_height(labels) * len(labels)
        figure = page(title or str(comparison.attrs["study"]), height, footer)
        left, right = figure.subplots(1, 2, width_ratios=(2.6, 1))
        per, units = units_of(data)
        _gaps(left, rows, per)
        texts = _numbers(rows, per)
        name_rows(left, Row(labels, texts), f"mean ({level} interval)")
        marks = _chances(right, rows)
        words = [f"scenario {word}" for _, word, _ in LAYERS]
        legend_above(left, marks, words)
        value_axis(left, f"{quantity_name(name)}, difference ({units})", 0.04)
        right.set_ylim(left.get_ylim())
        return settle(figure)


def _values(rows: xr.Dataset, per: float) -> tuple[FloatArray, FloatArray]:
    """Mean differences, and both ends of their intervals, in the units shown."""
    both = rows["difference_interval"].sel(bound=["lower", "upper"])
    ends: FloatArray = both.transpose("bound", "row").values / per
    return rows["difference"].values / per, ends


def _gaps(axes: Axes, rows: xr.Dataset, per: float) -> None:
    mean, ends = _values(rows, per)
    places = np.arange(len(mean))
    axes.axvline(0, color=GREY, linewidth=0.9)
    axes.hlines(places, ends[0], ends[1], INK, linewidth=1.1)
    for end in ends:
        axes.plot(end, places, "|", color=INK, markersize=5)
    axes.plot(mean, places, "o", color=BLUE, markersize=4, markeredgecolor=INK)


def _numbers(rows: xr.Dataset, per: float) -> list[str]:
    mean, ends = _values(rows, per)
    widths = (ends[1] - ends[0])[ends[1] > ends[0]]
    typical = float(np.median(widths)) / 4 if widths.size else float(abs(mean).max())
    places_shown = decimals(typical)
    return [
        interval(m, low, high, places_shown)
        for m, low, high in zip(mean, *ends, strict=True)
    ]


def _chances(axes: Axes, rows: xr.Dataset) -> list[PolyCollection]:
    """Bars of how often each scenario lies where; returns those of the legend."""
    starts = np.zeros(rows.sizes["row"])
    marks = []
    for variable, _, fill in LAYERS:
        widths = rows[variable].values
        marks.append(level_bars(axes, starts, starts + widths, fill, 0.6))
        starts = starts + widths
    ties, lower = rows["probability_tie"].values, rows["probability_lower"].values
    for place, (tie, probability) in enumerate(zip(ties, lower, strict=True)):
        text = "equal" if tie == 1 else percent(float(probability))
        axes.text(1.04, place, text, va="center_baseline", fontsize=7.5)
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "50", "100"])
    axes.set_xlabel("share of the draws (%)")
    axes.annotate(
        "P(lower)",
        (1.04, 1),
        xytext=(0, 2),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7,
        color=GREY,
        va="bottom",
    )
    return marks
