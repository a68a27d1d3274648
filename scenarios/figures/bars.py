"""Stacked bars: what the footprint of each scenario is made of."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import of_all
from scenarios.figures.base.quantities import (
    Quantity,
    in_cells,
    notes,
    quantities,
)
from scenarios.figures.base.style import (
    FILLS,
    GREY,
    INK,
    Row,
    called,
    draw_limits,
    house_style,
    interval_heading,
    interval_words,
    legend_above,
    level_bars,
    limits_told,
    name_rows,
    new_figure,
    row_height,
    settle,
    value_axis,
    wrapped,
)
from scenarios.results.result import Result
from uncertainty.arrays import FloatArray

By = Literal["stage", "source", "gas", "account"]
TABLES = {
    "stage": "contribution",
    "source": "contribution",
    "gas": "by_gas",
    "account": "accounts",
}
"""Table of a result that the layers are taken from."""


@of_all("stages", "mean footprint by stage, with its interval", "chain", default=True)
def stage_bars(
    result: Result, scenarios: Sequence[str] | None = None, *, by: By = "stage"
) -> Figure:
    """Mean contribution of each stage, one bar a scenario, with the interval.

    Parameters
    ----------
    result : Result
        A result of a study with a chain.
    scenarios : sequence of str, optional
        Names, in the order to show them; all of the study if not given.
    by : {"stage", "source", "gas", "account"}
        What the layers are.

    Returns
    -------
    Figure
        Means add up, so the layers do; intervals do not, and only the footprint's
        is drawn. Negative contributions stand left of zero. At most as many layers
        as there are fills: the smallest are put together as "other".

    Raises
    ------
    ScenarioError
        The study has no chain, or no scenario of that name.
    """
    if not result.has_footprint:
        raise ScenarioError(
            f"no chain: {result.title!r} declares outputs alone and has no "
            f"{by}s; `density` and `intervals` show them"
        )
    footprint = quantities(result, scenarios)[0]
    words = footprint.words
    layers = _layers(footprint, by)
    footer = words(
        "figures.bars", by=words(f"figures.{by}"), interval=interval_words(result)
    )
    footer += notes(result, [footprint]) + limits_told(words, footprint.units)
    with house_style():
        rows = len(footprint.labels)
        height = 20 + row_height(footprint.labels) * rows
        figure = new_figure(result, height, footer, _title(footprint, layers))
        axes = figure.add_subplot()
        _stack(axes, layers)
        _totals(axes, footprint)
        draw_limits(axes)
        texts = [footprint.interval(row) for row in range(rows)]
        named = Row(footprint.labels, texts, footprint.reference)
        name_rows(axes, named, interval_heading(result))
        value_axis(axes, footprint.axis, 0.03)
        marks = [_patch(fill) for fill in FILLS[: len(layers)]]
        legend_above(axes, marks, [wrapped(n, 24, most=1) for n in layers])
        return settle(figure)


@of_all("sources", "mean footprint by source, with its interval", "chain", default=True)
def source_bars(result: Result, scenarios: Sequence[str] | None = None) -> Figure:
    """Mean contribution of each source; see `stage_bars`."""
    return stage_bars(result, scenarios, by="source")


@of_all("gases", "mean footprint by greenhouse gas, with its interval", "chain")
def gas_bars(result: Result, scenarios: Sequence[str] | None = None) -> Figure:
    """Mean contribution of each greenhouse gas; see `stage_bars`."""
    return stage_bars(result, scenarios, by="gas")


@of_all("accounts", "mean footprint by account, with its interval", "chain")
def account_bars(result: Result, scenarios: Sequence[str] | None = None) -> Figure:
    """Mean of each account; see `stage_bars`."""
    return stage_bars(result, scenarios, by="account")


def _layers(footprint: Quantity, by: By) -> dict[str, FloatArray]:
    """Mean of each layer in each row of `footprint`, in the units shown.

    A layer that no row has is left out; in a row that lacks it, it is 0 wide.
    """
    table = footprint.result.summary(TABLES[by])
    assert table is not None
    means = in_cells(table[["mean"]], footprint.cells)["mean"]
    means = means.sum({"stage", "source"} & set(means.dims) - {by}, min_count=1)
    means = means.dropna(by, how="all").fillna(0) / footprint.per
    values = {
        called(footprint.words, by, str(name)): means.sel({by: name}).values
        for name in means[by].values
    }
    if len(values) <= len(FILLS):
        return values
    size = {name: float(np.abs(v).max()) for name, v in values.items()}
    large = sorted(size, key=lambda name: -size[name])[: len(FILLS) - 1]
    kept = {name: v for name, v in values.items() if name in large}
    rest = [v for name, v in values.items() if name not in large]
    other = footprint.words("figures.other", count=len(rest))
    return {**kept, other: np.sum(rest, axis=0)}


def _title(footprint: Quantity, layers: dict[str, FloatArray]) -> str:
    """The largest layer of the reference, or of the first row."""
    row = footprint.reference or 0
    whole = float(footprint.statistics["mean"].values[row])
    sizes = {name: float(values[row]) for name, values in layers.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    of = {"name": footprint.labels[row], "value": footprint.value(row)}
    if whole <= 0 or min(sizes.values()) < 0:  # a share of what is left of credits
        return footprint.words("figures.title_one", **of)
    share = footprint.words.share(sizes[largest] / whole, 2)
    return footprint.words(
        "figures.title_layer",
        layer=f"{largest[:1].upper()}{largest[1:]}",
        share=share,
        **of,
    )


def _patch(fill: tuple[str, str]) -> Patch:
    return Patch(facecolor=fill[0], hatch=fill[1], edgecolor=INK, linewidth=0.4)


def _stack(axes: Axes, layers: dict[str, FloatArray]) -> None:
    """Bars of each layer, end to end; what is negative, to the left of zero.

    What is alike in all rows comes first, so that the rest begins at one place.
    """
    rows = len(next(iter(layers.values())))
    right, left = np.zeros(rows), np.zeros(rows)
    filled = zip(layers.values(), FILLS, strict=False)
    for widths, fill in sorted(filled, key=lambda layer: float(np.ptp(layer[0]))):
        starts = np.where(widths >= 0, right, left)
        level_bars(axes, starts, starts + widths, fill)
        right += np.maximum(widths, 0)
        left += np.minimum(widths, 0)
    if left.min() < 0:
        axes.axvline(0, color=GREY, linewidth=0.8)


def _totals(axes: Axes, footprint: Quantity) -> None:
    """Mean and interval of the footprint, on white so that no fill hides them."""
    mean = footprint.statistics["mean"].values
    lower, upper = footprint.bounds
    places = np.arange(len(mean))
    axes.hlines(places, lower, upper, "white", linewidth=2.8, zorder=3)
    axes.hlines(places, lower, upper, INK, linewidth=1, zorder=4)
    for end in (lower, upper):
        axes.plot(end, places, "|", color=INK, markersize=5, zorder=4)
    axes.plot(
        mean,
        places,
        "o",
        color=INK,
        markersize=3.5,
        markeredgecolor="white",
        markeredgewidth=0.4,
        zorder=5,
    )
