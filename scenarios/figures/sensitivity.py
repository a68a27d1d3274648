"""What drives the outputs: ranked bars, factors by scenario, screening, pairs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scenarios.drivers.cells import Cell, cells, floor, in_units, main_index, top
from scenarios.errors import ScenarioError
from scenarios.figures.share_map import share_map
from scenarios.figures.style import (
    BLUE,
    FOOTER,
    GREY,
    INK,
    MM,
    TITLE,
    VERMILION,
    WIDTH,
    Row,
    house_style,
    name_rows,
    row_height,
    settle,
    value_axis,
    wrapped,
)
from uncertainty.arrays import FloatArray

BARS, ROWS, COLUMNS, PAIRS, NAMED = 10, 16, 24, 12, 8
"""Most factors in bars, rows and columns of a heat map, factors whose pairs are
shown, and names beside points: more could not be read."""
PANELS = 3
SHARES = ("first_order", "total_order", "shapley")
"""Indices that are shares of the variance."""
ENDS = ("lower", "upper")
LEAST = 0.005
"""A share of the variance that would print as 0 %."""


def sensitivity_figures(
    datasets: Sequence[xr.Dataset], title: str
) -> dict[str, Callable[[], Figure]]:
    """Every figure that indices have something for.

    Parameters
    ----------
    datasets : sequence of Dataset
        As `scenarios.drivers.explain_all` gives them.
    title : str
        The study's.

    Returns
    -------
    dict of name to callable
        The name is fit for a file; nothing is drawn until the callable is called.
    """
    found: dict[str, Callable[[], Figure]] = {}
    for data in datasets:
        if not any(cells(data)):
            continue
        method, groups = str(data.attrs["method"]), str(data.attrs["groups"])
        name = "sensitivity_" + method + ("" if groups == "none" else f"_by_{groups}")
        if method == "morris":
            found[name] = partial(screening, data, title)
        else:
            found[name] = partial(ranked, data, title)
        if method == "sobol" and len(list(cells(data))) > 1:
            found[f"{name}_scenarios"] = partial(by_scenario, data, title)
        if "second_order" in data:
            found[f"{name}_pairs"] = partial(pairs, data, title)
    return found


def ranked(
    data: xr.Dataset, title: str, *, chosen: Sequence[str] | None = None
) -> Figure:
    """Factors ranked by what they do, with bounds and the noise floor.

    Parameters
    ----------
    data : Dataset
        Indices of one method.
    title : str
    chosen : sequence of str, optional
        Scenarios or differences ("yunnan - shandong"), a panel each; the first three
        unless told.

    Returns
    -------
    Figure

    Raises
    ------
    ScenarioError
        There is no index of such a scenario.
    """
    shown = _chosen(data, chosen)[:PANELS]
    index = main_index(data)
    paired = index == "total_order"
    has_bounds = f"{index}_lower" in data
    footer = _lead(data)
    if paired:
        footer += " Bar: first order, alone; dot: total order, with all it shares."
    if has_bounds:
        level = 100 * float(data.attrs["level"])
        footer += f" Lines: {level:g} % confidence bounds."
        footer += " Dashed: noise floor, upper bound of an input that nothing reads."
    with house_style():
        heights = [20 + _high(cell) * len(_leading(cell)) for cell in shown]
        figure = _figure(title, sum(heights) + 6, footer)
        panels = figure.subplots(
            len(shown), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for axes, cell in zip(panels[:, 0], shown, strict=True):
            _bars(axes, cell, paired=paired)
            value_axis(axes, _axis(cell, index), 0.02)
            axes.set_title(
                wrapped(cell.title, 76, most=1), loc="left", pad=4, parse_math=False
            )
        if paired:
            marks = [Patch(facecolor=BLUE), Line2D([], [], color=INK, marker="o")]
            names = ["first order", "total order"]
            panels[0, 0].legend(marks, names, loc="lower right")
        return settle(figure)


def _leading(cell: Cell) -> list[str]:
    """Factors worth a bar: half a per cent of the variance, or above the noise."""
    index, names = main_index(cell.data), top(cell, BARS)
    if index in SHARES:
        index_of = cell.data[index].sel(parameter=names)
        kept = [n for n in names if float(index_of.sel(parameter=n)) >= LEAST]
    else:
        marks = cell.data["important"].sel(parameter=names)
        kept = [n for n in names if bool(marks.sel(parameter=n))]
    return kept or names[:1]


def _high(cell: Cell) -> float:
    labels = cell.data["label"].sel(parameter=_leading(cell)).values
    return row_height([str(label) for label in labels])


def _axis(cell: Cell, index: str) -> str:
    units = in_units(cell, index)[1]
    told = f" ({units})" if units else ""
    told = ", share of the variance" if index in SHARES else told
    return f"{cell.data[index].attrs['long_name']}{told}"


def _bars(axes: Axes, cell: Cell, *, paired: bool) -> None:
    index = main_index(cell.data)
    per, _ = in_units(cell, index)
    names = _leading(cell)
    rows = cell.data.sel(parameter=names)
    places = np.arange(len(names))
    values = rows[index].values / per
    bar = rows["first_order"].values if paired else values
    axes.barh(places, bar, height=0.62, color=BLUE, edgecolor=INK, linewidth=0.4)
    if paired:
        axes.plot(values, places, "o", color=INK, markersize=3.5, zorder=4)
        axes.plot(values, places, "o", color="white", markersize=1.2, zorder=5)
    texts = [f"{value:.3f}" if per == 1 else f"{value:.4g}" for value in values]
    if f"{index}_lower" in rows:
        lower, upper = (rows[f"{index}_{end}"].values / per for end in ENDS)
        axes.hlines(places, lower, upper, "white", linewidth=2.6, zorder=2)
        axes.hlines(places, lower, upper, INK, linewidth=1, zorder=3)
        texts = [
            f"{text} ({low:.3f} to {high:.3f})" if per == 1 else text
            for text, low, high in zip(texts, lower, upper, strict=True)
        ]
    limit = floor(cell, index)
    if limit is not None:
        axes.axvline(limit / per, color=VERMILION, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.axvline(0, color=GREY, linewidth=0.6)
    labels = [str(label) for label in rows["label"].values]
    name_rows(axes, Row(labels, texts), index.replace("_", " "))


def by_scenario(data: xr.Dataset, title: str) -> Figure:
    """Heat map: factors by scenario, total-order index in per cent.

    Parameters
    ----------
    data : Dataset
        Of Sobol' analysis.
    title : str
    """
    found = list(cells(data))
    whole = [cell for cell in found if not cell.less]
    found = whole if len(whole) > 1 else found
    shown, index = found[:COLUMNS], main_index(data)
    largest = (
        data[index]
        .where(data["parameter"] != "dummy")
        .max([dim for dim in data[index].dims if dim != "parameter"])
    )
    order = np.argsort(-largest.fillna(0).values, kind="stable")[:ROWS]
    order = order[largest.values[order] > LEAST]
    values = np.stack([c.data[index].values[order] for c in shown], axis=1)
    several = len({cell.output for cell in shown}) > 1
    columns = [
        f"{cell.output}, {cell.more}" if several else cell.more for cell in shown
    ]
    less = {cell.less for cell in shown if cell.less}
    footer = (
        f"{_lead(data)} Number: {index.replace('_', ' ')} index, per cent of the "
        "variance; blank: below 0.5."
    )
    if less:
        footer += (
            f" Bold: the {'output' if several else 'footprint'} itself; others: its "
            f"difference to {', '.join(sorted(less))}."
        )
    if left_out := len(found) - len(shown):
        footer += f" Not shown for want of room: {left_out} more."
    labels = [str(label) for label in data["label"].values[order]]
    with house_style():
        figure = _figure(title, 5.2 * len(order) + 52, footer)
        axes = figure.add_subplot()
        share_map(axes, values, labels, columns, least=LEAST)
        for text, cell in zip(axes.get_xticklabels(), shown, strict=True):
            text.set_fontweight("bold" if less and not cell.less else "normal")
        return settle(figure)


def screening(data: xr.Dataset, title: str) -> Figure:
    """Morris plot: mean size of the elementary effects against their spread.

    Parameters
    ----------
    data : Dataset
        Of the Morris method.
    title : str
    """
    cell = next(cells(data))
    per, units = in_units(cell, "mu_star")
    names = top(cell, cell.data.sizes["parameter"])
    rows = cell.data.sel(parameter=names)
    x, y = rows["mu_star"].values / per, rows["sigma"].values / per
    # the signs of several columns that step together say nothing of a spread
    together = np.isnan(y)
    y = np.nan_to_num(y)
    footer = (
        f"{_lead(data)} Right: does much; up: its effect depends on the other inputs "
        "or is curved. Dashed: sigma = mu* and sigma = mu*/10; below the lower an "
        "effect is nearly linear. Grey: not told from an input that nothing reads."
    )
    if together.any():
        footer += " Open squares: inputs that step together, which have no sigma."
    with house_style():
        figure = _figure(title, 96, footer)
        axes = figure.add_subplot()
        matters = rows["important"].values
        for which, colour in ((~matters, "#bbbbbb"), (matters, BLUE)):
            single, several = which & ~together, which & together
            axes.plot(x[single], y[single], "o", color=colour, markersize=4)
            axes.plot(
                x[several],
                y[several],
                "s",
                color=colour,
                fillstyle="none",
            )
        reach = float(x.max()) * 1.3
        axes.set_xlim(0, reach)
        high = max(float(y.max()) * 1.15, 0.05 * reach)
        axes.set_ylim(-0.015 * high, high)
        # ends at the frame: a line beyond it would count in the layout
        for slope in (1.0, 0.1):
            end = min(reach, axes.get_ylim()[1] / slope)
            axes.plot([0, end], [0, slope * end], color=GREY, lw=0.7, ls=(0, (4, 3)))
        _names(axes, x, y, [str(v) for v in rows["label"].values])
        axes.grid()
        axes.spines["left"].set_visible(True)
        axes.set_xlabel(f"{cell.title}: mu*, mean size of the effect ({units})")
        axes.set_ylabel(f"sigma of the effect ({units})")
        return settle(figure)


def _names(axes: Axes, x: FloatArray, y: FloatArray, labels: Sequence[str]) -> None:
    """Names of the points furthest right, each clear of those before it."""
    taken: list[tuple[float, float]] = []
    wide, (low, high) = axes.get_xlim()[1], axes.get_ylim()
    for i in range(min(NAMED, len(labels))):
        right, up = x[i] / wide, (y[i] - low) / (high - low) + 0.02
        while any(abs(up - u) < 0.05 and abs(right - r) < 0.45 for u, r in taken):
            up += 0.05
        taken.append((up, right))
        on_left = right > 0.6
        text = axes.annotate(
            wrapped(labels[i], 44, most=1),
            (x[i], y[i]),
            xytext=(right + (-0.015 if on_left else 0.015), up),
            textcoords="axes fraction",
            fontsize=7,
            va="center",
            ha="right" if on_left else "left",
            parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.4},
        )
        text.set_in_layout(False)


def pairs(data: xr.Dataset, title: str) -> Figure:
    """Heat map of second-order indices among the factors that do most.

    Parameters
    ----------
    data : Dataset
        With ``second_order``.
    title : str

    Raises
    ------
    ScenarioError
        No output has second-order indices.
    """
    found = [c for c in cells(data) if c.data["second_order"].notnull().any()]
    if not found:
        raise ScenarioError("no second-order indices; ask for --second-order")
    cell = found[0]
    names = top(cell, PAIRS)
    both = {"parameter": names, "parameter_2": names}
    values = cell.data["second_order"].sel(both).values.copy()
    clear = cell.data["second_order_lower"].sel(both).values > 0
    values[np.triu(np.ones_like(clear))] = np.nan
    footer = (
        f"{_lead(data)} Number: share of the variance, per cent, that two factors make "
        "only together. Grey: its bounds take in 0; blank: below 0.05."
    )
    labels = [str(v) for v in cell.data["label"].sel(parameter=names).values]
    with house_style():
        figure = _figure(title, 5.2 * len(names) + 58, footer)
        axes = figure.add_subplot()
        share_map(
            axes,
            values[1:, :-1],
            labels[1:],
            labels[:-1],
            least=5e-4,
            digits=1,
            clear=clear[1:, :-1],
        )
        axes.set_title(wrapped(cell.title, 90, most=1), loc="left", parse_math=False)
        return settle(figure)


def _chosen(data: xr.Dataset, chosen: Sequence[str] | None) -> list[Cell]:
    known: Mapping[str, list[Cell]] = {
        str(name): list(cells(data.sel(scenario=[name])))
        for name in data["scenario"].values
    }
    if chosen is None:
        return [cell for found in known.values() for cell in found]
    for name in chosen:
        if name not in known:
            raise ScenarioError(f"no indices of {name!r}; there are {', '.join(known)}")
    return [cell for name in chosen for cell in known[name]]


def _lead(data: xr.Dataset) -> str:
    attrs = data.attrs
    runs = int(attrs["evaluations"])
    made = f", {runs} runs of the model" if runs else ", draws of the run"
    method = str(attrs["method"]).replace("_", " ")
    return f"Method {method}, n = {attrs['n']}{made}, seed {attrs['seed']}."


def _figure(title: str, height: float, footer: str) -> Figure:
    """An empty figure of full width; `height` in millimetres, without the texts."""
    lines = wrapped(footer, FOOTER, most=6)
    head = wrapped(title, TITLE, most=2)
    extra = 5 * (1 + head.count("\n")) + 3 * (1 + lines.count("\n")) + 3
    figure = Figure(figsize=(WIDTH, (height + extra) * MM))
    FigureCanvasAgg(figure)
    figure.suptitle(head, x=0.01, ha="left", fontsize=9, fontweight="bold")
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=6.5, color=GREY)
    return figure
