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
from scenarios.numbers import decimals, fixed, with_units
from scenarios.results.result import Result
from scenarios.words.catalogue import Words
from uncertainty.run.adaptive import trace

STATISTICS = ("mean", "sd", "lower", "upper")
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
    words = one.words
    footer = words(
        "figures.convergence",
        subject=_subject(one, row),
        errors=ERRORS,
        interval=interval_words(result),
    )
    if replicates > 1:
        footer += words("figures.first_replicates")
    if result.design == "latin_hypercube":
        footer += words("figures.first_hypercube")
    with house_style():
        title = _title(one, row, float(found["error"].sel(statistic="mean")[-1]))
        figure = new_figure(result, 96, footer, title)
        panels = figure.subplots(2, 2, sharex=True)
        for axes, word in zip(panels.flat, STATISTICS, strict=True):
            _panel(axes, found.sel(statistic=word), word, words)
            axes.set_ylabel(one.units)
        for axes in panels[1]:
            axes.set_xlabel(words("figures.draws_axis"))
        return settle(figure)


def _title(one: Quantity, row: int, error: float) -> str:
    if math.isnan(error):
        return one.words(
            "figures.title_one", name=one.labels[row], value=one.value(row)
        )
    places = decimals(error)
    return one.words(
        "figures.title_known",
        name=one.labels[row],
        value=fixed(float(one.statistics["mean"].values[row]), places),
        error=with_units(fixed(error, places), one.units),
    )


def _row(one: Quantity, year: int | None) -> int:
    if year is None:
        return 0
    return [cell.year for cell in one.cells].index(year)


def _subject(one: Quantity, row: int) -> str:
    label = wrapped(one.labels[row], 60, most=1)
    return label if label == one.name else f"{one.name}, {label}"


def _panel(axes: Axes, found: xr.Dataset, statistic: str, words: Words) -> None:
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
    last, word = float(error[-1]), words(f"figures.{statistic}")
    if math.isnan(last):
        told = words("figures.heavy", word=word, value=f"{estimate[-1]:.3g}")
    else:
        places = decimals(last)
        value = fixed(float(estimate[-1]), places)
        told = words(
            "figures.settled", word=word, value=value, error=fixed(last, places)
        )
    axes.set_title(
        told,
        loc="left",
        fontsize=7.5,
        color=INK,
    )


@of_each("convergence", "estimates of one scenario as the draws grew", "draws")
def _kind(result: Result, scenario: str) -> Iterator[Figure]:
    yield convergence(result, scenario)
