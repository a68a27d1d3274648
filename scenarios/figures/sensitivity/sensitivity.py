"""What drives the outputs: factors ranked, and every figure of an analysis."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from scenarios.analysis.sensitivity.cells import (
    Cell,
    cells,
    floor,
    in_units,
    main_index,
    top,
)
from scenarios.errors import ScenarioError
from scenarios.figures.base.style import (
    BLUE,
    ENGLISH,
    GREY,
    INK,
    VERMILION,
    Row,
    house_style,
    name_rows,
    page,
    row_height,
    settle,
    value_axis,
    wrapped,
)
from scenarios.figures.sensitivity.index_maps import by_scenario, pairs
from scenarios.figures.sensitivity.indices import (
    LEAST,
    SHARES,
    finding,
    index_name,
    lead,
)
from scenarios.figures.sensitivity.screening import screening
from scenarios.words.catalogue import Words

BARS, PANELS = 10, 3
"""Most factors in a panel, and panels: more could not be read."""
ENDS = ("lower", "upper")


def sensitivity_figures(
    datasets: Sequence[xr.Dataset], title: str, words: Words = ENGLISH
) -> dict[str, Callable[[], Figure]]:
    """Every figure that indices have something for.

    Parameters
    ----------
    datasets : sequence of Dataset
        As `scenarios.analysis.sensitivity.explain_all` gives them.
    title : str
        The study's.
    words : Words
        Texts in the language of the figures.

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
            found[name] = partial(screening, data, title, words)
        else:
            found[name] = partial(ranked, data, title, words)
        if method == "sobol" and len(list(cells(data))) > 1:
            found[f"{name}_scenarios"] = partial(by_scenario, data, title, words)
        if "second_order" in data:
            found[f"{name}_pairs"] = partial(pairs, data, title, words)
    return found


def ranked(
    data: xr.Dataset,
    title: str,
    words: Words = ENGLISH,
    *,
    chosen: Sequence[str] | None = None,
) -> Figure:
    """Factors ranked by what they do, with bounds and the noise floor.

    Parameters
    ----------
    data : Dataset
        Indices of one method.
    title : str
        The study's.
    words : Words
        Texts in the language of the figure.
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
    footer = lead(data, title, words)
    if paired:
        footer += words("figures.first_and_total")
    if has_bounds:
        level = f"{100 * float(data.attrs['level']):g}"
        footer += words("figures.confidence_bounds", level=level)
    if any(floor(cell, index) for cell in shown):
        footer += words("figures.noise_floor")
    with house_style():
        heights = [20 + _high(cell) * len(_leading(cell)) for cell in shown]
        figure = page(finding(shown[0], words), sum(heights) + 6, footer)
        panels = figure.subplots(
            len(shown), squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        for axes, cell in zip(panels[:, 0], shown, strict=True):
            _bars(axes, cell, words, paired=paired)
            value_axis(axes, _axis(cell, index, words), 0.02)
            axes.set_title(
                wrapped(cell.title, 76, most=1), loc="left", pad=4, parse_math=False
            )
        if paired:
            marks = [Patch(facecolor=BLUE), Line2D([], [], color=INK, marker="o")]
            names = [index_name(name, words) for name in ("first_order", index)]
            panels[0, 0].legend(marks, names, loc="lower right")
        return settle(figure)


def _leading(cell: Cell) -> list[str]:
    """Factors worth a bar: half a per cent of the variance, or above the noise."""
    index, names = main_index(cell.data), top(cell, BARS)
    if index in SHARES:
        index_of = cell.data[index].sel(parameter=names)
        kept = [n for n in names if float(index_of.sel(parameter=n)) >= LEAST]
    else:
        limit = floor(cell, index) or 0.0
        kept = [n for n in names if float(cell.data[index].sel(parameter=n)) > limit]
    return kept or names[:1]


def _high(cell: Cell) -> float:
    labels = cell.data["label"].sel(parameter=_leading(cell)).values
    return row_height([str(label) for label in labels])


def _axis(cell: Cell, index: str, words: Words) -> str:
    units, name = in_units(cell, index)[1], str(cell.data[index].attrs["long_name"])
    if index in SHARES:
        return words("figures.share_of_variance", name=index_name(index, words))
    return words("figures.axis", name=name, units=units) if units else name


def _bars(axes: Axes, cell: Cell, words: Words, *, paired: bool) -> None:
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
    if limit := floor(cell, index):  # at 0 there is a line already
        axes.axvline(limit / per, color=VERMILION, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.axvline(0, color=GREY, linewidth=0.6)
    labels = [str(label) for label in rows["label"].values]
    name_rows(axes, Row(labels, texts), index_name(index, words))


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
