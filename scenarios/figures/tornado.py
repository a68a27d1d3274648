"""Tornado: what one standard uncertainty of each input does to the footprint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import cells_of, of_each
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    YELLOW,
    Row,
    house_style,
    legend_above,
    name_rows,
    new_figure,
    row_height,
    settle,
    value_axis,
    words_of,
    wrapped,
)
from scenarios.results.result import Cell, Result, at
from uncertainty.arrays import FloatArray

TOP = 15
"""Inputs with a row of their own."""
OTHERS = "others_together"
CONFIDENCE: Mapping[str, tuple[str, str]] = {
    "read": (BLUE, ""),
    "derived": (SKY, "..."),
    "recalled": (YELLOW, "///"),
    "assumed": (ORANGE, "xx"),
    "unstated": ("#dddddd", "..."),
    OTHERS: ("#bbbbbb", ""),
}
"""Colour and hatch by how far the spread of an input can be trusted."""
SURE = 4.0
"""Standard errors that a correlation must reach before its sign is shown."""


@dataclass(frozen=True)
class Bar:
    """One input, or what the others leave together.

    Attributes
    ----------
    label : str
    share : float
        Of the first-order variance; below 0 where covariances take away.
    effect : float
        One standard uncertainty of the input, in the units of the footprint shown.
    confidence : str
        Of the spread.
    sign : int
        Which way the footprint goes when the input rises; 0 where that is not known.
    """

    label: str
    share: float
    effect: float
    confidence: str
    sign: int


def tornado(
    result: Result,
    scenario: str | None = None,
    year: int | None = None,
    *,
    top: int = TOP,
) -> Figure:
    """First-order effects of the inputs that matter most, in one scenario.

    Parameters
    ----------
    result : Result
        A result of a study with a chain.
    scenario : str, optional
        By default the reference.
    year : int, optional
        By default the first.
    top : int
        Inputs with a row of their own.

    Returns
    -------
    Figure
        Bars reach one standard uncertainty of the input to either side of the
        estimate; their squares add up to the variance where no inputs are tied.

    Raises
    ------
    ScenarioError
        The study has no chain, no scenario of that name, or nothing is uncertain.
    """
    cell = result.cell(scenario or result.reference, year)
    if result.first_order is None or not result.has_footprint:
        raise ScenarioError(f"no chain: {result.title!r} has no tornado")
    data = at(result.first_order, cell)
    per, units = result.shown_units
    bars = _bars(result, data, cell, top)
    if not bars:
        raise ScenarioError(f"{cell.scenario}: no input is uncertain, nothing to show")
    centre, sd = float(data["estimate"]) / per, float(data["sd"]) / per
    words = words_of(result)
    footer = words(
        "figures.tornado",
        name=wrapped(cell.name, 60, most=1),
        estimate=f"{centre:.4g}",
        sd=f"{sd:.3g}",
        units=units,
    )
    if any(bar.share < 0 for bar in bars):
        footer += words("figures.covariance")
    title = words(
        "figures.title_driver",
        name=cell.name,
        input=bars[0].label,
        share=_percent(bars[0].share),
    )
    with house_style():
        names = [bar.label for bar in bars]
        height = 24 + row_height(names) * len(bars)
        figure = new_figure(result, height, footer, title)
        axes = figure.add_subplot()
        _draw(axes, bars, centre)
        texts = [_text(bar) for bar in bars]
        name_rows(axes, Row(names, texts), words("figures.share"))
        quantity = words("figures.carbon_footprint")
        value_axis(axes, words("figures.axis", name=quantity, units=units), 0.04)
        found = [w for w in CONFIDENCE if any(b.confidence == w for b in bars)]
        marks = [_patch(word) for word in found]
        keys = [word if word == OTHERS else f"spread_{word}" for word in found]
        legend_above(axes, marks, [words(f"figures.{key}") for key in keys])
        return settle(figure)


def _bars(result: Result, data: xr.Dataset, cell: Cell, top: int) -> list[Bar]:
    shares = data["variance_share"].values
    per, _ = result.shown_units
    sd = float(data["sd"]) / per
    order = np.argsort(-np.abs(shares), kind="stable")
    order = order[shares[order] != 0]
    result.need_draws("a tornado")
    inputs = _inputs(result, cell)
    names = _names(result, data["parameter"].values[order[:top]].tolist())
    footprint = result.sample(cell)
    assert footprint is not None
    found = []
    for i in order[:top]:
        column = str(data["parameter"].values[i])
        share = float(shares[i])
        sign = _sign(inputs[column], footprint) if column in inputs else 0
        confidence = str(data["spread_confidence"].values[i])
        known = confidence if confidence in CONFIDENCE else "unstated"
        effect = sd * abs(share) ** 0.5
        found.append(Bar(names[column], share, effect, known, sign))
    if (rest := order[top:]).size:
        share = float(shares[rest].sum())
        label = words_of(result)("figures.other_inputs", count=rest.size)
        found.append(Bar(label, share, sd * abs(share) ** 0.5, OTHERS, 0))
    return found


def _inputs(result: Result, cell: Cell) -> dict[str, FloatArray]:
    """Draws of each input by its column, as one cell has them."""
    data = at(result.inputs, cell)
    found = {str(x.attrs["column"]): x.values for x in data.values() if x.dims}
    return {column: draws for column, draws in found.items() if draws.ndim == 1}


def _names(result: Result, columns: list[str]) -> dict[str, str]:
    """What to call each column: its label, and its id where others are called so."""
    words = words_of(result)
    labels = {
        str(x.attrs["column"]): words.label(str(x.attrs["long_name"]).strip())
        for x in result.inputs.values()
    }
    shown = {column: labels.get(column) or column for column in columns}
    every = list(shown.values())
    return {
        column: label if every.count(label) == 1 else f"{label} ({column})"
        for column, label in shown.items()
    }


def _sign(draws: FloatArray, footprint: FloatArray) -> int:
    """Sign of a correlation, 0 where it could be chance."""
    if np.ptp(draws) == 0 or np.ptp(footprint) == 0:
        return 0
    r = float(np.corrcoef(draws, footprint)[0, 1])
    return int(np.sign(r)) if abs(r) * draws.size**0.5 > SURE else 0


def _text(bar: Bar) -> str:
    return _percent(bar.share) + {1: " ↑", -1: " ↓", 0: ""}[bar.sign]


def _percent(share: float) -> str:
    percent = 100 * share
    shown = f"{percent:.0f} %" if abs(percent) >= 9.5 else f"{percent:.1f} %"
    return shown.replace("-", "\N{MINUS SIGN}")


def _patch(word: str) -> Patch:
    colour, hatch = CONFIDENCE[word]
    return Patch(facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.4)


def _draw(axes: Axes, bars: list[Bar], centre: float) -> None:
    axes.use_sticky_edges = False
    for row, bar in enumerate(bars):
        colour, hatch = CONFIDENCE[bar.confidence]
        axes.barh(
            row,
            2 * bar.effect,
            left=centre - bar.effect,
            height=0.66,
            color=colour if bar.share >= 0 else "white",
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.4,
        )
    axes.axvline(centre, color=GREY, linewidth=0.9)


@of_each("tornado", "first-order effect of each input, one scenario", "chain", "draws")
def _kind(result: Result, scenario: str) -> Iterator[Figure]:
    yield tornado(result, scenario, cells_of(result, scenario)[-1].year)
