"""Stacked bars: what the footprint of each scenario is made of."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

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
    house_style,
    interval_heading,
    interval_words,
    legend_above,
    level_bars,
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
OTHER = "other"
"""Name of the layer that holds what there is no fill left for."""


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
    scenarios = result.chosen(scenarios)
    if not result.has_footprint:
        raise ScenarioError(
            f"no chain: {result.title!r} declares outputs alone and has no "
            f"{by}s; `density` and `intervals` show them"
        )
    footprint = quantities(result, scenarios)[0]
    layers = _layers(footprint, by)
    footer = (
        f"Bars: mean by {by}, credits left of zero; dot: mean of the footprint; "
        f"line: its {interval_words(result)}.{notes(result, [footprint])}"
    )
    with house_style():
        rows = len(footprint.labels)
        height = 20 + row_height(footprint.labels) * rows
        figure = new_figure(result, height, footer)
        axes = figure.add_subplot()
        marks = _stack(axes, layers)
        _totals(axes, footprint)
        texts = [footprint.interval(row) for row in range(rows)]
        named = Row(footprint.labels, texts, footprint.reference)
        name_rows(axes, named, interval_heading(result))
        value_axis(axes, footprint.axis, 0.03)
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
    values = {str(name): means.sel({by: name}).values for name in means[by].values}
    if len(values) <= len(FILLS):
        return values
    size = {name: float(np.abs(v).max()) for name, v in values.items()}
    large = sorted(size, key=lambda name: -size[name])[: len(FILLS) - 1]
    kept = {name: v for name, v in values.items() if name in large}
    rest = [v for name, v in values.items() if name not in large]
    return {**kept, f"{OTHER} ({len(rest)})": np.sum(rest, axis=0)}


def _stack(axes: Axes, layers: dict[str, FloatArray]) -> list[PolyCollection]:
    """Bars of each layer, end to end; what is negative, to the left of zero."""
    rows = len(next(iter(layers.values())))
    right, left = np.zeros(rows), np.zeros(rows)
    marks = []
    for widths, fill in zip(layers.values(), FILLS, strict=False):
        starts = np.where(widths >= 0, right, left)
        marks.append(level_bars(axes, starts, starts + widths, fill))
        right += np.maximum(widths, 0)
        left += np.minimum(widths, 0)
    if left.min() < 0:
        axes.axvline(0, color=GREY, linewidth=0.8)
    return marks


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
