"""Maps of a comparison: probability of each rank, and of each pair's order."""

from collections.abc import Sequence

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.figures.base.kinds import of_comparison
from scenarios.figures.base.style import (
    ENGLISH,
    GREY,
    INK,
    house_style,
    page,
    settle,
    shortened,
)
from scenarios.figures.comparison.compared import (
    at_year,
    beginning,
    called,
    main_output,
    quantity_name,
    years_of,
)
from scenarios.numbers import percent
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray, IntArray

MOST = 40
"""Most scenarios in a map."""
NUMBERS = 24
"""Most scenarios of which each cell still has room for its number."""
YEARS = 3
"""Most maps in a figure, one a year."""
LABEL = 46
"""Columns of text that a scenario's label may take."""


@of_comparison("ranks", "probability of each rank, 1 the lowest", against=False)
def rank_heat_map(
    comparison: xr.Dataset, *, output: str | None = None, words: Words = ENGLISH
) -> Figure:
    """Probability that each scenario takes each rank, 1 the lowest.

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
        A map a year; scenarios ordered by expected rank in the last year.

    Raises
    ------
    ScenarioError
        There is no such output.
    """
    return _maps(comparison, output, words, pairs=False)


@of_comparison("pairs", "probability that one lies below another", against=False)
def pair_heat_map(
    comparison: xr.Dataset, *, output: str | None = None, words: Words = ENGLISH
) -> Figure:
    """Probability that the scenario of a row lies below that of a column.

    Parameters, order and errors as for `rank_heat_map`.
    """
    return _maps(comparison, output, words, pairs=True)


def _maps(
    comparison: xr.Dataset, output: str | None, words: Words, *, pairs: bool
) -> Figure:
    name = main_output(comparison, output)
    data = comparison.sel(output=name)
    every = years_of(data)
    years = [*every[: YEARS - 1], every[-1]] if len(every) > YEARS else every
    order = _order(at_year(data, years[-1]))
    shown = order[:MOST]
    names = shortened([called(data)[i] for i in shown], LABEL, most=1)
    chances = [(_pairs if pairs else _ranks)(at_year(data, y), shown) for y in years]
    equal = [_equal(one) if pairs and len(names) <= NUMBERS else [] for one in chances]
    footer = _footer(data, name, words, pairs=pairs, equal=any(equal))
    if left := len(every) - len(years):
        footer += words("figures.no_room_maps", count=left)
    if left := len(order) - len(shown):
        footer += words("figures.no_room_more", count=left)
    with house_style():
        row = 5.0 if len(names) > 8 else 6.5
        height = (row * len(names) + 14) * len(years) + 4
        last = at_year(data, years[-1])
        title = words(
            "figures.title_lowest",
            name=called(data)[order[0]],
            share=percent(float(last["rank_probability"].values[order[0], 0])),
        )
        figure = page(title, height, footer)
        panels = figure.subplots(len(years), 1, squeeze=False)[:, 0]
        for axes, year, one, alike in zip(panels, years, chances, equal, strict=True):
            _map(axes, one, alike)
            _name(axes, names, one.shape[1], pairs=pairs)
            head = words("figures.pair_head" if pairs else "figures.rank_head")
            if year is not None:
                head = words("figures.year_head", year=year, head=head)
            axes.set_title(head, loc="left", fontsize=8)
        return settle(figure)


def _footer(
    data: xr.Dataset, output: str, words: Words, *, pairs: bool, equal: bool
) -> str:
    dated = "year" in data.dims
    keys = ["map"]
    if equal:
        keys.append("map_equal")
    if pairs or dated:
        keys.append("grey_both" if pairs and dated else f"grey_{_GREY[pairs]}")
    keys.append("by_last_rank" if dated else "by_rank")
    quantity = quantity_name(output, words)
    told = words("figures.pairs" if pairs else "figures.ranks", quantity=quantity)
    return beginning(data, words) + told + "".join(words(f"figures.{k}") for k in keys)


_GREY = ("absent", "self")


def _order(data: xr.Dataset) -> IntArray:
    """Positions of the scenarios, lowest expected rank first; absent ones last."""
    ranks = data["expected_rank"].values
    return np.argsort(np.where(np.isnan(ranks), np.inf, ranks), kind="stable")


def _ranks(data: xr.Dataset, order: IntArray) -> FloatArray:
    chances = data["rank_probability"].transpose("scenario", "rank").values
    # ranks beyond the scenarios that the year has are nobody's
    taken = int(np.isfinite(chances).any(axis=0).sum())
    found: FloatArray = chances[order][:, : min(len(order), max(taken, 1))]
    return found


def _pairs(data: xr.Dataset, order: IntArray) -> FloatArray:
    chances = data["pair_probability_lower"].transpose("scenario", "scenario_2").values
    found: FloatArray = chances[np.ix_(order, order)].copy()
    np.fill_diagonal(found, np.nan)
    return found


def _equal(chances: FloatArray) -> list[tuple[int, int]]:
    """Pairs of which neither is ever below the other."""
    both = (chances == 0) & (chances.T == 0)
    return [(int(row), int(column)) for row, column in np.argwhere(both)]


def _map(axes: Axes, chances: FloatArray, equal: Sequence[tuple[int, int]]) -> None:
    colours = matplotlib.colormaps["Blues"].with_extremes(bad="#eeeeee")
    rows, columns = chances.shape
    axes.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        np.ma.masked_invalid(chances),
        cmap=colours,
        vmin=0,
        vmax=1,
        edgecolors="white",
        linewidth=0.6,
    )
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    if max(rows, columns) > NUMBERS:
        return
    for row, column in equal:
        axes.text(column, row, "=", ha="center", va="center_baseline", fontsize=6.5)
    for row, column in np.argwhere(chances >= 0.005):
        value = float(chances[row, column])
        axes.text(
            column,
            row,
            ">99" if 0.995 <= value < 1 else f"{100 * value:.0f}",
            ha="center",
            va="center_baseline",
            fontsize=6.5,
            color="white" if value > 0.62 else INK,
        )


def _name(axes: Axes, names: Sequence[str], columns: int, *, pairs: bool) -> None:
    rows = [f"{name}  {i}" for i, name in enumerate(names, start=1)]
    axes.set_yticks(range(len(names)), rows if pairs else names, parse_math=False)
    axes.set_xticks(range(columns), [str(i + 1) for i in range(columns)])
    axes.tick_params(
        axis="x",
        length=0,
        labelsize=7,
        labelcolor=GREY,
        top=True,
        labeltop=True,
        bottom=False,
        labelbottom=False,
    )
