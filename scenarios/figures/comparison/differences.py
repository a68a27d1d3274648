"""Paired differences to the reference, and how often each scenario lies below it."""

from collections.abc import Sequence

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
    ENGLISH,
    GREY,
    INK,
    YELLOW,
    Row,
    house_style,
    is_narrow,
    legend_above,
    level_bars,
    name_rows,
    page,
    row_height,
    settle,
    spread,
    value_axis,
    wrapped,
)
from scenarios.figures.comparison.compared import (
    beginning,
    compared,
    interval_of,
    label_of,
    main_output,
    percent_of,
    quantity_name,
    units_of,
)
from scenarios.numbers import decimals, fixed, percent
from scenarios.results.result import Cell
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray

LAYERS = (
    ("probability_lower", "lies_lower", (BLUE, "")),
    ("probability_tie", "lies_equal", ("#e8e8e8", "")),
    ("probability_higher", "lies_higher", (YELLOW, "///")),
)
"""Variable, text, and colour with hatch of each part of a bar of probabilities."""
SURE = 0.95
"""Share of the draws from which on a scenario counts as lower in the title."""


@of_comparison("differences", "difference to the reference, draw by draw", against=True)
def differences(
    comparison: xr.Dataset, *, output: str | None = None, words: Words = ENGLISH
) -> Figure:
    """Difference of each scenario to the reference with its interval and P(lower).

    Parameters
    ----------
    comparison : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it.
    output : str, optional
        By default the footprint, else the first.
    words : Words
        Texts in the language of the figure.

    Returns
    -------
    Figure
        Rows from the lowest to the highest. Left: mean paired difference and its
        interval; right: how often the scenario lies below, on and above the reference.

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
    gaps = np.abs(in_cells(data[["difference"]], every)["difference"].values)
    cells = [every[row] for row in most_telling(every, gaps, ROWS)]
    if "year" not in data.dims:
        gaps = in_cells(data[["difference"]], cells)["difference"].values
        cells = [cells[row] for row in np.argsort(gaps, kind="stable")]
    rows = in_cells(data, cells)
    reference = label_of(comparison, str(comparison.attrs["reference"]))
    footer = beginning(data, words) + words(
        "figures.differences",
        interval=interval_of(comparison, words),
        reference=wrapped(reference, 60, most=1),
    )
    if left := len(every) - len(cells):
        footer += words("figures.no_room_rows", count=left)
    with house_style():
        labels = [cell.name for cell in cells]
        height = 22 + row_height(labels) * len(labels)
        figure = page(_title(rows, cells, reference, words), height, footer)
        left, right = figure.subplots(1, 2, width_ratios=(2.6, 1))
        per, units = units_of(data)
        _gaps(left, rows, per)
        texts = _numbers(rows, per, words)
        heading = words("figures.heading", percent=percent_of(comparison))
        heading = words("figures.mean") if is_narrow() else heading
        name_rows(left, Row(labels, texts), heading)
        marks = _chances(right, rows, words)
        legend_above(left, marks, [words(f"figures.{text}") for _, text, _ in LAYERS])
        quantity = quantity_name(name, words)
        label = words("figures.difference_axis", name=quantity, units=units)
        value_axis(left, label, 0.04)
        right.set_ylim(left.get_ylim())
        return settle(figure)


def _title(
    rows: xr.Dataset, cells: Sequence[Cell], reference: str, words: Words
) -> str:
    """How many scenarios lie below the reference, or how often the only one does."""
    chances = rows["probability_lower"].values
    if len(cells) == 1:
        share = percent(float(chances[0]))
        return words(
            "figures.title_pair", name=cells[0].name, reference=reference, share=share
        )
    count = int((chances >= SURE).sum())
    return words(
        "figures.title_lower",
        count=count,
        all=len(cells),
        reference=reference,
        share=f"{100 * SURE:g} %",
    )


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


def _numbers(rows: xr.Dataset, per: float, words: Words) -> list[str]:
    mean, ends = _values(rows, per)
    widths = (ends[1] - ends[0])[ends[1] > ends[0]]
    typical = float(np.median(widths)) / 4 if widths.size else float(abs(mean).max())
    places_shown = decimals(typical)
    if is_narrow():
        return [fixed(m, places_shown) for m in mean]
    return [
        spread(words, m, low, high, places_shown)
        for m, low, high in zip(mean, *ends, strict=True)
    ]


def _chances(axes: Axes, rows: xr.Dataset, words: Words) -> list[PolyCollection]:
    """Bars of how often each scenario lies where; returns those of the legend."""
    starts = np.zeros(rows.sizes["row"])
    marks = []
    for variable, _, fill in LAYERS:
        widths = rows[variable].values
        marks.append(level_bars(axes, starts, starts + widths, fill, 0.6))
        starts = starts + widths
    ties, lower = rows["probability_tie"].values, rows["probability_lower"].values
    for place, (tie, probability) in enumerate(zip(ties, lower, strict=True)):
        text = words("figures.equal") if tie == 1 else percent(float(probability))
        axes.text(1.04, place, text, va="center_baseline", fontsize=7.5)
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    ticks = [0, 1] if is_narrow() else [0, 0.5, 1]
    axes.set_xticks(ticks, [f"{100 * tick:g}" for tick in ticks])
    axes.set_xlabel(words("figures.share_of_draws"))
    axes.annotate(
        words("figures.p_lower"),
        (1.04, 1),
        xytext=(0, 2),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7,
        color=GREY,
        va="bottom",
    )
    return marks
