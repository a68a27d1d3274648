"""Dot and interval of each scenario: where the mean, median and point value lie."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from scenarios.figures.base.kinds import of_all
from scenarios.figures.base.quantities import Quantity, notes, quantities, range_of
from scenarios.figures.base.style import (
    GREY,
    INK,
    ORANGE,
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
    value_axis,
    words_of,
)
from scenarios.results.result import Result


@of_all("intervals", "mean, median, point value and interval of each", default=True)
def intervals(result: Result, scenarios: Sequence[str] | None = None) -> Figure:
    """Coverage interval of each scenario with mean, median and point value.

    Parameters
    ----------
    result : Result
    scenarios : sequence of str, optional
        Names, in the order to show them; all of the study if not given.

    Returns
    -------
    Figure
        One panel a quantity: the footprint, or each declared output of a study
        without a chain.

    Raises
    ------
    ScenarioError
        No scenario of that name.
    """
    found = quantities(result, scenarios)
    words = words_of(result)
    footer = words("figures.intervals", interval=interval_words(result))
    if any(one.reference is not None for one in found):
        footer += words("figures.dashed_mean")
    footer += notes(result, found) + limits_told(words, found[0].units)
    with house_style():
        heights = [16 + row_height(q.labels) * len(q.labels) for q in found]
        title = range_of(result, scenarios)
        figure = new_figure(result, sum(heights) + 5, footer, title)
        panels = figure.subplots(
            len(found), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        heading = interval_heading(result)
        for axes, one in zip(panels[:, 0], found, strict=True):
            marks = _draw(axes, one)
            draw_limits(axes)
            texts = [one.interval(row) for row in range(len(one.labels))]
            rows = Row(one.labels, texts, one.reference)
            name_rows(axes, rows, heading)
            heading = ""
            value_axis(axes, one.axis, 0.04)
        names = [words(f"figures.{word}") for word in ("mean", "median", "point")]
        legend_above(panels[0, 0], marks, names)
        return settle(figure)


def _draw(axes: Axes, one: Quantity) -> list[Line2D]:
    """Lines and marks; returns those of mean, median and point value."""
    data = one.statistics
    places = np.arange(len(one.labels))
    axes.hlines(places, *one.bounds, INK, linewidth=0.9)
    quarter, three = (data["percentile"].sel(level=level) for level in (0.25, 0.75))
    axes.hlines(places, quarter, three, SKY, linewidth=4)
    mark: dict[str, Any] = {
        "color": INK,
        "markeredgecolor": INK,
        "linestyle": "",
        "zorder": 3,
    }
    mean = axes.plot(data["mean"], places, marker="o", markersize=3, **mark)
    median = axes.plot(data["median"], places, marker="|", markersize=9, **mark)
    # below the line, or it would hide the others where all three nearly agree
    point = axes.plot(
        data["point"],
        places + 0.3,
        marker="^",
        markersize=3.5,
        **{**mark, "color": ORANGE, "markeredgewidth": 0.4},
    )
    if one.reference is not None:
        at = float(data["mean"][one.reference])
        axes.axvline(at, color=GREY, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
    return [*mean, *median, *point]
