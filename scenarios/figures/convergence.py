"""Convergence: how mean, sd and interval ends settled as the draws grew."""

import math
from collections.abc import Iterator

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from scenarios.figures.base.kinds import of_each
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
from scenarios.results.result import Result
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
    result: Result, scenario: str | None = None, year: int | None = None
) -> Figure:
    """Running estimates of one quantity with their Monte Carlo error.

    Parameters
    ----------
    result : Result
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
    one = quantities(result, [scenario or result.reference], every=True)[0]
    row = _row(one, year)
    replicates = result.replicates
    found = trace(
        xr.DataArray(one.sample(row), dims="draw"),
        result.coverage_probability,
        replicates=replicates,
    )
    footer = (
        f"{_subject(one, row)}. Line: estimate from the first draws"
        f"{' of every replicate' if replicates > 1 else ''}, doubled from point to "
        f"point; band: {ERRORS} Monte Carlo standard errors on either side (about "
        f"95 % for the estimate, not for the footprint); dashed: estimate from all "
        f"draws. Ends: of the {interval_words(result)}."
    )
    if result.design == "latin_hypercube":
        footer += " The first draws of a Latin hypercube are plain random ones."
    with house_style():
        figure = new_figure(result, 96, footer)
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
    return [cell.year for cell in one.cells].index(year)


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
    last = float(error[-1])
    if math.isnan(last):
        told = f"{word}: {estimate[-1]:.3g}, no error: tails too heavy"
    else:
        places = decimals(last)
        value = fixed(float(estimate[-1]), places)
        told = f"{word}: {value}, standard error {fixed(last, places)}"
    axes.set_title(
        told,
        loc="left",
        fontsize=7.5,
        color=INK,
    )


@of_each("convergence", "estimates of one scenario as the draws grew", "draws")
def _kind(result: Result, scenario: str) -> Iterator[Figure]:
    yield convergence(result, scenario)
