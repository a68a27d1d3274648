"""Readings against the laws fitted to them: distribution, quantiles, intervals."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec
from matplotlib.ticker import MaxNLocator
from scipy import special

from scenarios.figures.base.style import (
    BLUE,
    ENGLISH,
    GREY,
    INK,
    LINES,
    SKY,
    house_style,
    page,
    settle,
    wrapped,
)
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray
from uncertainty.distributions.fitting import Answer, FitReport
from uncertainty.distributions.goodness import Fit

HEIGHT = 112.0
"""Millimetres, without title and footer."""
COLUMNS = 2
"""Of quantile panels."""
POINTS = 400
"""Readings drawn in a quantile panel; of more, evenly spaced ones in their order."""


def readings_fit(report: FitReport, name: str, words: Words = ENGLISH) -> Figure:
    """Empirical distribution with fitted laws, quantile plots, the three answers.

    Parameters
    ----------
    report : FitReport
        With one fit at least.
    name : str
        Of the readings, for title and axis.
    words : Words
        Texts in the language of the figure.

    Returns
    -------
    Figure
        Left: share of the readings below each value with the four laws best supported,
        and below it the interval of each answer. Right: each law's quantiles against
        the readings, best supported first, with the band in which each point lies with
        95 % probability.
    """
    axis = name
    if report.units:
        axis = words("figures.axis", name=name, units=report.units)
    with house_style():
        figure = _figure(report, name, words)
        halves = figure.add_gridspec(1, 2, width_ratios=(1.15, 1))
        left = GridSpecFromSubplotSpec(2, 1, halves[0], height_ratios=(3.2, 1))
        top = figure.add_subplot(left[0])
        _distribution(top, report, words)
        below = figure.add_subplot(left[1], sharex=top)
        _answers(below, report.answers, wrapped(axis, 38, most=2), words)
        rows = math.ceil(len(report.fits) / COLUMNS)
        right = GridSpecFromSubplotSpec(rows, COLUMNS, halves[1])
        for place, one in enumerate(report.fits):
            panel = figure.add_subplot(right[divmod(place, COLUMNS)])
            _quantiles(panel, one, np.sort(np.asarray(report.values)))
            p = report.p_words(one)
            panel.set_title(f"{one.family}, p {p}", fontsize=7.5, pad=3)
        return settle(figure)


def _figure(report: FitReport, name: str, words: Words) -> Figure:
    footer = words(
        "figures.fit",
        count=len(report.values),
        percent=f"{100 * report.level:g} %",
        resamples=report.resamples,
        seed=report.seed,
    )
    if report.excluded:
        footer += words("figures.not_fitted", names=words.join(report.excluded))
    best = report.fits[0].family
    return page(words("figures.title_one", name=name, value=best), HEIGHT, footer)


def _distribution(axes: Axes, report: FitReport, words: Words) -> None:
    ordered = np.sort(np.asarray(report.values))
    margin = 0.12 * (ordered[-1] - ordered[0])
    grid = np.linspace(ordered[0] - margin, ordered[-1] + margin, 401)
    axes.ecdf(ordered, color=GREY, linewidth=1.4, label=words("figures.readings"))
    for one, (colour, dashes) in zip(report.fits, LINES, strict=False):
        share = one.marginal.cdf(grid)
        axes.plot(
            grid, share, color=colour, linestyle=dashes, linewidth=1.1, label=one.family
        )
    axes.set_xlim(grid[0], grid[-1])
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel(words("figures.readings_below"))
    axes.grid()
    axes.tick_params(labelbottom=False)
    axes.legend(loc="lower right", handlelength=2.2, borderaxespad=0.4)


def _answers(axes: Axes, answers: tuple[Answer, ...], label: str, words: Words) -> None:
    for row, answer in enumerate(answers):
        axes.hlines(row, answer.lower, answer.upper, INK, linewidth=2)
        axes.plot(answer.centre, row, "|", color=INK, markersize=8)
    names = [words(f"figures.answer_{answer.of}") for answer in answers]
    axes.set_yticks(range(len(answers)), names)
    axes.set_ylim(len(answers) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(axis="x")
    axes.set_xlabel(label, parse_math=False)


def _quantiles(axes: Axes, one: Fit, ordered: FloatArray) -> None:
    """Readings over the median quantile of their place, with its band."""
    count = ordered.size
    place = np.unique(np.linspace(1, count, min(count, POINTS)).round())
    # the k-th smallest of n levels has a beta law of k and n + 1 - k
    levels = [
        special.betaincinv(place, count + 1 - place, part)
        for part in (0.5, 0.025, 0.975)
    ]
    middle, lower, upper = (one.marginal.ppf(level) for level in levels)
    axes.fill_between(middle, lower, upper, color=SKY, alpha=0.35, linewidth=0)
    axes.plot(middle, middle, color=GREY, linewidth=0.8)
    readings = ordered[place.astype(np.int64) - 1]
    axes.plot(middle, readings, ".", color=BLUE, markersize=3)
    for side in (axes.xaxis, axes.yaxis):
        side.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.tick_params(labelsize=6.5)
    axes.grid()
    width = ordered[-1] - ordered[0]
    axes.set_ylim(ordered[0] - 0.25 * width, ordered[-1] + 0.25 * width)
