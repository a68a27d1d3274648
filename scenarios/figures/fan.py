"""Fan chart: a quantity over the years, a panel a scenario, nested bands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import of_all
from scenarios.figures.base.quantities import PANELS, Quantity, quantities
from scenarios.figures.base.style import (
    GREY,
    INK,
    MM,
    draw_limits,
    house_style,
    interval_words,
    is_narrow,
    limits_told,
    new_figure,
    settle,
    shortened,
)
from scenarios.results.result import Result
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray, IntArray

INNER = (0.8, 0.5)
"""Probabilities of the bands within the coverage interval."""
SHADES = ("#cfe6f5", "#8cc6ea", "#3a94cf")
"""Fill of the bands from the widest to the narrowest, lighter to darker."""
COLUMNS = 3
"""Panels side by side."""
CLOSE = 0.2
"""Least distance between two years written, parts of all years."""
HEIGHT = 44.0
"""Millimetres of a row of panels."""


@dataclass(frozen=True)
class Fan:
    """One quantity of one scenario over its years.

    Attributes
    ----------
    label : str
    years : ndarray of int, shape (year,)
    median : ndarray, shape (year,)
    bands : dict of probability to ndarray, shape (2, year)
        The widest first.
    is_reference : bool
    """

    label: str
    years: IntArray
    median: FloatArray
    bands: dict[float, FloatArray]
    is_reference: bool


@of_all("fan", "median and bands over the years", "years", "draws", default=True)
def fan(result: Result, scenarios: Sequence[str] | None = None) -> Figure:
    """Median and nested bands of each scenario over the years.

    Parameters
    ----------
    result : Result
        A result of a study with years.
    scenarios : sequence of str, optional
        Names, in the order to show them; all of the study if not given.

    Returns
    -------
    Figure
        One panel a scenario, all with the same axes; of the footprint, or of the
        first declared output of a study without a chain.

    Raises
    ------
    ScenarioError
        The study has no years, or no scenario of that name.
    """
    chosen = result.chosen(scenarios)
    if not result.years:
        raise ScenarioError(
            f"no years: {result.title!r} has no fan chart; `intervals` shows it"
        )
    one = quantities(result, chosen, every=True)[0]
    fans = _fans(one)
    kept = _most_moving(fans)
    words = one.words
    footer = words(
        "figures.fan", bands=_bands(kept[0], words), interval=interval_words(result)
    )
    if any(f.is_reference for f in fans) and len(kept) > 1:
        footer += words("figures.dashed_median")
    footer += limits_told(words, one.units)
    if len(fans) > len(kept):
        footer += words("figures.no_room_moving", count=len(fans) - len(kept))
    with house_style():
        columns = min(COLUMNS - 1 if is_narrow() else COLUMNS, len(kept))
        rows = math.ceil(len(kept) / columns)
        title = _title(one, max(kept, key=lambda fan: float(np.ptp(fan.median))))
        figure = new_figure(result, 12 + HEIGHT * rows, footer, title)
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.set(wspace=0.06)  # type: ignore[call-arg]  # the house's engine takes it
        panels = figure.subplots(
            rows,
            columns,
            sharex=True,
            sharey=True,
            squeeze=False,
        )
        ticks = _ticks(np.unique(np.concatenate([f.years for f in kept])))
        reference = next((f for f in fans if f.is_reference), None)
        titles = shortened([f.label for f in kept], 34, most=2)
        for axes, shown, title in zip(panels.flat, kept, titles, strict=False):
            _panel(axes, shown, None if shown.is_reference else reference, ticks)
            axes.set_title(
                title,
                loc="left",
                fontweight="bold" if shown.is_reference else "normal",
                parse_math=False,
            )
        for axes in list(panels.flat)[len(kept) :]:
            axes.set_axis_off()
        # the last panel of each column has the years
        for axes in list(panels.flat)[max(len(kept) - panels.shape[1], 0) : len(kept)]:
            axes.tick_params(labelbottom=True)
        figure.supylabel(one.axis, fontsize=8)
        _legend(figure, kept[0], words)
        return settle(figure)


def _fans(one: Quantity) -> list[Fan]:
    widest = one.result.coverage_probability
    coverage = np.stack(one.bounds)
    medians = one.statistics["median"].values
    fans = []
    for name in dict.fromkeys(cell.scenario for cell in one.cells):
        rows = [row for row, cell in enumerate(one.cells) if cell.scenario == name]
        draws = np.stack([one.sample(row) for row in rows])
        bands = {widest: coverage[:, rows]}
        for p in INNER:
            if p < widest:
                bands[p] = np.quantile(draws, ((1 - p) / 2, (1 + p) / 2), axis=1)
        first = one.cells[rows[0]]
        years = np.array([one.cells[row].year for row in rows])
        fans.append(Fan(first.label, years, medians[rows], bands, first.reference))
    return fans


def _most_moving(fans: list[Fan]) -> list[Fan]:
    """Those that change most over the years, and the reference, as far as they fit."""

    def rank(shown: Fan) -> tuple[bool, float]:
        return not shown.is_reference, -float(np.ptp(shown.median))

    kept = sorted(fans, key=rank)[:PANELS]
    return [shown for shown in fans if any(shown is one for one in kept)]


def _panel(axes: Axes, shown: Fan, reference: Fan | None, ticks: list[int]) -> None:
    for (lower, upper), shade in zip(shown.bands.values(), SHADES, strict=False):
        axes.fill_between(shown.years, lower, upper, color=shade, linewidth=0)
        if shown.years.size == 1:
            axes.vlines(shown.years, lower, upper, shade, linewidth=6)
    if reference is not None:
        axes.plot(
            reference.years,
            reference.median,
            color=GREY,
            linewidth=0.9,
            linestyle=(0, (4, 3)),
        )
    axes.plot(shown.years, shown.median, "o-", color=INK, markersize=2.8, linewidth=1.1)
    draw_limits(axes, level=True)
    axes.grid()
    axes.set_xticks(ticks)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))


def _title(one: Quantity, shown: Fan) -> str:
    """The scenario that moves most, in the first and the last year."""
    rows = [row for row, cell in enumerate(one.cells) if cell.label == shown.label]
    first, last = one.cells[rows[0]], one.cells[rows[-1]]
    return one.words(
        "figures.title_years",
        name=first.label,
        first=one.value(rows[0]),
        start=first.year,
        last=one.value(rows[-1]),
        end=last.year,
    )


def _bands(shown: Fan, words: Words) -> str:
    *most, last = [f"{100 * p:g}" for p in shown.bands]
    if not most:
        return f"{last} %"
    return words("figures.bands", most=words.join(most), last=last)


def _ticks(years: IntArray) -> list[int]:
    """Years to write below a panel: the first, the last, and what has room between."""
    first, last = int(years[0]), int(years[-1])
    room = (last - first) * CLOSE
    found = [first]
    for year in years[1:-1].tolist():
        if year - found[-1] >= room and last - year >= room:
            found.append(year)
    return [*found, last] if last > first else found


def _legend(figure: Figure, shown: Fan, words: Words) -> None:
    """Legend in a line of its own below the title."""
    title = figure.get_suptitle()
    below = "\n\n" if is_narrow() else "\n"
    figure.suptitle(title + below, x=0.01, ha="left", fontsize=9, fontweight="bold")
    marks = [Line2D([], [], color=INK, marker="o", markersize=2.8)]
    marks += [Patch(color=shade) for shade in SHADES[: len(shown.bands)]]  # type: ignore[misc]  # legends take both
    height = figure.get_figheight()
    legend = figure.legend(
        marks,
        [
            words("figures.median"),
            *(words("figures.band", share=f"{100 * p:g}") for p in shown.bands),
        ],
        loc="upper left",
        bbox_to_anchor=(0.01, 1 - (2.5 + 4 * (1 + title.count("\n"))) * MM / height),
        ncols=2 if is_narrow() else len(marks),
        borderpad=0,
        borderaxespad=0,
    )
    legend.set_in_layout(False)
