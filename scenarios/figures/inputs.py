"""Marginals of the inputs: a small histogram each, its law, point value and bounds."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import cells_of, of_each
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    SKY,
    VERMILION,
    house_style,
    is_narrow,
    new_figure,
    settle,
    words_of,
    wrapped,
)
from scenarios.model.study import Study
from scenarios.results.result import Result, at
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray
from uncertainty.model import Model, Table
from uncertainty.model.graph import ABSENT, Quantile

COLUMNS, ROWS = 4, 6
"""Panels of a page."""
HEIGHT = 35.0
"""Millimetres of a row of panels."""
BINS = 40
TITLE = 30
"""Columns of text over a panel."""
TAIL = 0.001
"""Part of the draws that a histogram leaves off on either side."""


@dataclass(frozen=True)
class Marks:
    """What is stated of an input, in its declared units.

    Attributes
    ----------
    point : float
        The point value.
    low, high : float
        Ends of what is possible; infinite where there is none.
    """

    point: float
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class _Panel:
    name: str
    law: str
    units: str
    draws: FloatArray
    marks: Marks | None


def inputs(
    result: Result,
    scenario: str | None = None,
    year: int | None = None,
    *,
    marks: Mapping[str, Marks] | None = None,
) -> Iterator[Figure]:
    """Histogram of each uncertain input of one scenario, page by page.

    Parameters
    ----------
    result : Result
    scenario : str, optional
        By default the reference.
    year : int, optional
        By default the first.
    marks : mapping of id to Marks, optional
        Point value and bounds, which a result does not store.

    Yields
    ------
    Figure
        At most `COLUMNS` x `ROWS` panels.

    Raises
    ------
    ScenarioError
        No scenario of that name, or nothing is uncertain.
    """
    cell = result.cell(scenario or result.reference, year)
    result.need_draws("a figure of the inputs")
    words = words_of(result)
    found, fixed = _panels(at(result.inputs, cell), marks or {}, words)
    if not found:
        raise ScenarioError(f"{cell.scenario}: no input is uncertain, nothing to show")
    most = COLUMNS * ROWS
    pages = math.ceil(len(found) / most)
    for number in range(pages):
        part = found[number * most : (number + 1) * most]
        footer = words(
            "figures.inputs",
            name=wrapped(cell.label, 60, most=1),
            page=number + 1,
            pages=pages,
            count=len(found),
            fixed=fixed,
            tail=f"{100 * TAIL:g}",
        )
        if marks:
            footer += words("figures.inputs_marks")
        title = words("figures.title_inputs", count=len(found), name=cell.label)
        with house_style():
            yield _page(result, part, footer, title)


def _panels(
    data: xr.Dataset, marks: Mapping[str, Marks], words: Words
) -> tuple[list[_Panel], int]:
    """Inputs that vary, and how many do not."""
    labels = [words.label(str(x.attrs["long_name"])) for x in data.values()]
    found = []
    for id, x in data.items():
        if x.dims != ("draw",) or np.ptp(x.values) == 0:
            continue
        label = words.label(str(x.attrs["long_name"]))
        alike = labels.count(label) > 1
        name = str(id) if alike or not label.strip() else label
        law = str(x.attrs.get("distribution", ""))
        units = str(x.attrs["units"])
        found.append(_Panel(name, law, units, x.values, marks.get(str(id))))
    return found, len(labels) - len(found)


def _page(result: Result, part: list[_Panel], footer: str, title: str) -> Figure:
    columns = COLUMNS - 2 if is_narrow() else COLUMNS
    rows = math.ceil(len(part) / columns)
    figure = new_figure(result, HEIGHT * rows + 2, footer, title)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes, panel in zip(panels.flat, part, strict=False):
        _histogram(axes, panel)
    for axes in list(panels.flat)[len(part) :]:
        axes.set_axis_off()
    return settle(figure)


def _histogram(axes: Axes, panel: _Panel) -> None:
    low, high = np.quantile(panel.draws, (TAIL, 1 - TAIL))
    if low == high:
        low, high = panel.draws.min(), panel.draws.max()
    heights, edges = np.histogram(panel.draws, BINS, (low, high))
    axes.stairs(heights, edges, fill=True, color=SKY)
    axes.stairs(heights, edges, color=BLUE, linewidth=0.6)
    if panel.marks is not None:
        axes.axvline(panel.marks.point, color=VERMILION, linewidth=1)
        reach = 0.25 * (high - low)
        for bound in (panel.marks.low, panel.marks.high):
            # one far beyond the draws would leave them no room
            if low - reach <= bound <= high + reach:
                axes.axvline(bound, color=INK, linewidth=0.8, linestyle=(0, (3, 2)))
    axes.set_yticks([])
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.ticklabel_format(axis="x", useOffset=False, scilimits=(-4, 5))
    axes.tick_params(axis="x", labelsize=6.5)
    axes.xaxis.get_offset_text().set_fontsize(6)
    axes.set_title(_title(panel.name), fontsize=6.5, loc="left", parse_math=False)
    units = "" if panel.units == "1" else f"{panel.units}\n"
    axes.set_xlabel(
        units + wrapped(panel.law, 36, most=2),
        fontsize=6,
        color=GREY,
        parse_math=False,
    )


def _title(name: str) -> str:
    """A label in two lines; an id that is too long for one breaks at its last dot."""
    head, dot, tail = name.rpartition(".")
    if len(name) <= TITLE or " " in name or not dot:
        return wrapped(name, TITLE, most=2)
    return f"{wrapped(head, TITLE, most=1)}\n{wrapped(dot + tail, TITLE, most=1)}"


@of_each("inputs", "histogram of each uncertain input, one scenario", "draws", "study")
def _kind(result: Result, scenario: str) -> Iterator[Figure]:
    from scenarios.loading.restore import study_of

    year = cells_of(result, scenario)[0].year
    marks = marks_of(study_of(result), scenario, year)
    yield from inputs(result, scenario, year, marks=marks)


def marks_of(study: Study, scenario: str, year: int | None = None) -> dict[str, Marks]:
    """Point value and bounds of each input in one scenario, in declared units.

    Parameters
    ----------
    study : Study
    scenario : str
    year : int, optional
        By default the first.
    """
    model = study.model()
    cell = (
        model.scenarios.index(scenario),
        model.years.index(year) if year is not None else 0,
    )
    shares = {id for id, what in study.definitions.items() if what.composition}
    return {
        id: _marks(model, table, cell, is_share=id in shares)
        for id, table in model.inputs.items()
    }


def _marks(
    model: Model, table: Table, cell: tuple[int, int], *, is_share: bool
) -> Marks:
    node = int(table.nodes[cell])
    if node == ABSENT:
        return Marks(np.nan)
    one = replace(table, nodes=table.nodes[cell].reshape(1, 1))
    point = float(model.point(one).item())
    if is_share:
        return Marks(point, 0.0, 1.0 / table.factor)
    distribution = model.graph.payloads[node]
    if not isinstance(distribution, Quantile):
        return Marks(point)
    support = distribution.marginal.support
    low, high = (end * distribution.factor / table.factor for end in support)
    return Marks(point, min(low, high), max(low, high))
