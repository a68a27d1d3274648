"""Convergence: how mean, sd and interval ends settled as the draws grew."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from scenarios.figures.base.quantities import Quantity, quantities
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    SKY,
    house_style,
    interval_words,
    new_figure,
    settle,
    wrapped,
)
from scenarios.numbers import decimals, fixed
from uncertainty.run.adaptive import trace

WORDS = {
    "mean": "mean",
    "sd": "standard uncertainty",
    "lower": "lower end",
    "upper": "upper end",
}
ERRORS = 2
"""Standard errors on either side that the band is wide."""
TICKS = 6
"""Most labels of numbers of draws below one panel."""


def convergence(
    tree: xr.DataTree, scenario: str | None = None, year: int | None = None
) -> Figure:
    """Running estimates of one quantity with their Monte Carlo error.

    Parameters
    ----------
    tree : DataTree
    scenario : str, optional
        By default the reference.
    year : int, optional
        By default the first that the scenario has.

    Returns
    -------
    Figure
        Four panels: mean, standard uncertainty and both ends of the interval of the
        footprint, or of the first declared output of a study without a chain.

    Raises
    ------
    ScenarioError
        No scenario of that name.
    """
    name = str(tree.attrs["reference"]) if scenario is None else scenario
    one = quantities(tree, [name])[0]
    row = _row(one, year)
    replicates = int(tree.attrs["replicates"])
    found = trace(
        one.draws.isel(row=row),
        float(tree.attrs["coverage_probability"]),
        replicates=replicates,
    )
    footer = (
        f"{_subject(one, row)}. Line: estimate from the first draws"
        f"{' of every replicate' if replicates > 1 else ''}, doubled from point to "
        f"point; band: {ERRORS} Monte Carlo standard errors on either side (about "
        f"95 % for the estimate, not for the footprint); dashed: estimate from all "
        f"draws. Ends: of the {interval_words(tree)}."
    )
    if tree.attrs["design"] == "latin_hypercube":
        footer += " The first draws of a Latin hypercube are plain random ones."
    with house_style():
        figure = new_figure(tree, 96, footer)
        panels = figure.subplots(2, 2, sharex=True)
        for axes, word in zip(panels.flat, WORDS, strict=True):
            _panel(axes, found.sel(statistic=word), WORDS[word])
            axes.set_ylabel(one.units)
        for axes in panels[1]:
            axes.set_xlabel("draws")
        return settle(figure)


def _row(one: Quantity, year: int | None) -> int:
    if year is None:
        return 0
    return int(np.flatnonzero(one.statistics["year"].values == year)[0])


def _subject(one: Quantity, row: int) -> str:
    label = wrapped(one.labels[row], 60, most=1)
    return label if label == one.name else f"{one.name}, {label}"


def _panel(axes: Axes, found: xr.Dataset, word: str) -> None:
    draws = found["draws"].values
    estimate, error = found["estimate"].values, found["error"].values
    axes.fill_between(
        draws,
        estimate - ERRORS * error,
        estimate + ERRORS * error,
        color=SKY,
        alpha=0.5,
        linewidth=0,
    )
    if draws.size == 1:
        reach = ERRORS * error
        axes.vlines(draws, estimate - reach, estimate + reach, SKY, linewidth=3)
    axes.axhline(estimate[-1], color=GREY, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.plot(draws, estimate, "o-", color=BLUE, markersize=3, linewidth=1)
    axes.set_xscale("log", base=2)
    step = -(-draws.size // TICKS)
    ticks = draws[::-1][::step]
    axes.set_xticks(ticks, [f"{int(tick):,}".replace(",", " ") for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.grid()
    places = decimals(float(error[-1]))
    axes.set_title(
        f"{word}: {fixed(float(estimate[-1]), places)}, standard error "
        f"{fixed(float(error[-1]), places)}",
        loc="left",
        fontsize=7.5,
        color=INK,
    )
