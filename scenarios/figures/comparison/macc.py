"""Marginal abatement cost curve: levers side by side, the cheapest tonne first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from scenarios.errors import ScenarioError
from scenarios.figures.base.style import (
    BLUE,
    ENGLISH,
    GREY,
    INK,
    MM,
    ORANGE,
    house_style,
    legend_above,
    page,
    settle,
    shortened,
    spread,
    value_axis,
    wrapped,
)
from scenarios.figures.comparison.compared import (
    at_year,
    called,
    interval_of,
    percent_of,
    study_of,
    years_of,
)
from scenarios.numbers import decimals, fixed, with_units
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray
from uncertainty.errors import nearest

MOST = 24
"""Most bars: more could not be told apart."""
APART = 0.03
"""Least distance of two numbers over the bars, in widths of the axes."""
NARROW = 0.02
"""Bars up to this part of all take no white rim around the line of their interval."""
_SAVES, _COSTS = (BLUE, ""), (ORANGE, "///")
_COLUMNS = (0.03, 0.48, 0.74)
"""Where the columns of the table begin, in widths of the axes."""


@dataclass(frozen=True)
class _Bars:
    """Bars of one curve, the cheapest first.

    Attributes
    ----------
    labels : list of str
    width : ndarray, shape (bar,)
        Mean footprint avoided.
    height : ndarray, shape (bar,)
        Median cost per tonne.
    ends : ndarray, shape (bar, 2)
        Of the interval of the cost.
    avoided : ndarray, shape (bar, 2)
        Of the interval of the footprint avoided.
    left_out : dict of reason, as a text, to labels
    """

    labels: list[str]
    width: FloatArray
    height: FloatArray
    ends: FloatArray
    avoided: FloatArray
    left_out: dict[str, list[str]]

    @property
    def start(self) -> FloatArray:
        """Where each bar begins: behind the widths of those before it."""
        return np.cumsum(self.width) - self.width


def macc(
    abatement: xr.Dataset,
    scenarios: Sequence[str] | None = None,
    *,
    year: int | None = None,
    words: Words = ENGLISH,
) -> Figure:
    """Marginal abatement cost curve of levers, each alone against the reference.

    Parameters
    ----------
    abatement : Dataset
        As `scenarios.analysis.abatement_cost.abatement` gives it.
    scenarios : sequence of str, optional
        Names of those to show; by default every one but the reference that does not
        combine several levers.
    year : int, optional
        By default the last in which there is a bar.
    words : Words
        Texts in the language of the figure.

    Returns
    -------
    Figure
        A bar a scenario in order of median cost: as wide as the mean footprint it
        avoids, as high as the median cost per tonne, with the interval of that; below
        the same in figures. A scenario without a cost per tonne is named in the
        footer.

    Raises
    ------
    ScenarioError
        There is no such scenario or year, or none of them has a cost per tonne.
    """
    chosen = _chosen(abatement, scenarios)
    years = years_of(abatement)
    if year is not None and year not in years:
        raise ScenarioError(f"there is no year {year} to draw a cost curve of")
    if year is None:
        filled = [y for y in years if _bars(at_year(abatement, y), chosen).labels]
        year = filled[-1] if filled else years[-1]
    data = at_year(abatement, year)
    bars = _bars(data, chosen)
    if not bars.labels:
        raise ScenarioError("no lever alone here has a cost per tonne of CO2e avoided")
    return _figure(data, bars, words, year)


def curves(
    abatement: xr.Dataset,
    scenarios: Sequence[str] | None = None,
    *,
    words: Words = ENGLISH,
) -> Iterator[tuple[str, Figure]]:
    """The curve of every year that has a bar; parameters as for `macc`.

    Yields
    ------
    tuple of str and Figure
        Name of the file, ``macc`` or ``macc_2030``, and what to write to it.
    """
    chosen = _chosen(abatement, scenarios)
    for year in years_of(abatement):
        if _bars(at_year(abatement, year), chosen).labels:
            name = "macc" if year is None else f"macc_{year}"
            yield name, macc(abatement, scenarios, year=year, words=words)


def _chosen(data: xr.Dataset, scenarios: Sequence[str] | None) -> list[str]:
    """Names of the scenarios to show."""
    known = [str(name) for name in data["scenario"].values]
    reference = str(data.attrs["reference"])
    if scenarios is None:
        single = ~data["combined"].values
        named = zip(known, single, strict=True)
        return [name for name, alone in named if alone and name != reference]
    for name in scenarios:
        if name not in known:
            near = nearest(name, known)
            raise ScenarioError(f"the result has no scenario {name!r}{near}")
        if name == reference:
            raise ScenarioError(f"{name} is the reference and avoids nothing")
    return list(dict.fromkeys(scenarios))


def _bars(data: xr.Dataset, chosen: list[str]) -> _Bars:
    """Bars of one year, and who has none for which reason."""
    labels = dict(zip(map(str, data["scenario"].values), called(data), strict=True))
    there = [name for name in chosen if _exists(data, name)]
    fit = [
        name
        for name in there
        if bool(data["meaningful"].sel(scenario=name))
        and float(data["abatement"].sel(scenario=name)) > 0
    ]
    fit.sort(key=lambda name: float(data["cost_per_tonne"].sel(scenario=name)))
    kept = fit[:MOST]
    together = [
        name
        for name in labels
        if name not in chosen and name != data.attrs["reference"]
    ]
    left_out = {
        "macc_nothing": [n for n in there if n not in fit],
        "macc_room": fit[MOST:],
        "macc_combined": [n for n in together if _exists(data, n)],
    }
    one = data.sel(scenario=kept)
    by_bound = {
        name: one[name].transpose("scenario", "bound").values
        for name in ("cost_per_tonne_interval", "abatement_interval")
    }
    return _Bars(
        [labels[name] for name in kept],
        one["abatement"].values,
        one["cost_per_tonne"].values,
        by_bound["cost_per_tonne_interval"],
        by_bound["abatement_interval"],
        {why: [labels[n] for n in names] for why, names in left_out.items() if names},
    )


def _exists(data: xr.Dataset, name: str) -> bool:
    return bool(np.isfinite(data["abatement"].sel(scenario=name)))


def _figure(data: xr.Dataset, bars: _Bars, words: Words, year: int | None) -> Figure:
    rows = 5.0 * (len(bars.labels) + 1)
    price = str(data["cost_per_tonne"].attrs["units"])
    digits = _places(bars.height, bars.ends)
    cheapest = with_units(fixed(float(bars.height[0]), digits), price)
    title = words("figures.title_cheapest", name=bars.labels[0], value=cheapest)
    if year is not None:
        title = words("figures.year_head", year=year, head=title)
    with house_style():
        figure = page(title, 82 + rows, _footer(data, bars, words))
        above, below = figure.subplots(2, height_ratios=(82, rows))
        _draw(above, bars, words)
        amount = str(data["abatement"].attrs["units"])
        reference = wrapped(_reference(data), 40, most=1)
        label = words("figures.macc_x", reference=reference, units=amount)
        value_axis(above, label, 0.0)
        above.set_xlim(0, float(bars.width.sum()))
        above.set_ylabel(words("figures.macc_y", units=price))
        above.yaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
        above.grid(axis="y")
        above.margins(y=0.06)
        level = percent_of(data)
        keys = ("macc_avoided", "macc_cost")
        heads = [words(f"figures.{key}", percent=level) for key in keys]
        _table(below, bars, ("", *heads), words)
        return settle(figure)


def _reference(data: xr.Dataset) -> str:
    return called(data.sel(scenario=[data.attrs["reference"]]))[0]


def _footer(data: xr.Dataset, bars: _Bars, words: Words) -> str:
    text = words(
        "figures.macc",
        draws=data.attrs["draws"],
        cost=data.attrs["cost"],
        interval=interval_of(data, words),
    )
    text = words("figures.start", title=study_of(data), rest=text)
    if (bars.height < 0).sum() > 1:
        text += words("figures.macc_saves")
    for why, names in bars.left_out.items():
        reason = words(f"figures.{why}")
        text += words("figures.macc_left_out", why=reason, names=words.join(names))
    return text


def _draw(axes: Axes, bars: _Bars, words: Words) -> None:
    """Bars with their intervals, a number over each."""
    saves = bars.height < 0
    for side, (colour, hatch) in ((saves, _SAVES), (~saves, _COSTS)):
        axes.bar(
            bars.start[side],
            bars.height[side],
            bars.width[side],
            align="edge",
            color=colour,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.4,
        )
    middle = bars.start + bars.width / 2
    low, high = bars.ends.T
    wide = bars.width > NARROW * bars.width.sum()  # a halo would hide the others
    axes.vlines(middle[wide], low[wide], high[wide], "white", linewidth=2.8, zorder=3)
    axes.vlines(middle, low, high, INK, linewidth=1, zorder=4)
    for ends in (low, high):
        axes.plot(middle, ends, "_", color=INK, markersize=5, zorder=4)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=2)
    _number(axes, middle / float(bars.width.sum()))
    kinds = [("saves", _SAVES)] * bool(saves.any())
    kinds += [("costs", _COSTS)] * bool((~saves).any())
    marks = [
        Patch(facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.4)
        for _, (colour, hatch) in kinds
    ]
    legend_above(axes, marks, [words(f"figures.{key}") for key, _ in kinds])


def _number(axes: Axes, middles: FloatArray) -> None:
    """Write the number of each bar between axes and legend, over the bar if it fits."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    higher = ScaledTranslation(0, 2.2 * MM, figure.dpi_scale_trans)
    for i, (middle, place) in enumerate(zip(middles, _apart(middles), strict=True)):
        axes.annotate(
            str(i + 1),
            (float(middle), 1),
            xytext=(float(place), 1),
            xycoords=axes.transAxes,
            textcoords=axes.transAxes + higher,
            ha="center",
            va="center",
            fontsize=7.5,
            arrowprops={
                "arrowstyle": "-",
                "color": GREY,
                "linewidth": 0.5,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )


def _apart(wanted: FloatArray) -> FloatArray:
    """Places in rising order, none nearer to the next than `APART`, all within 0-1."""
    steps = APART * np.arange(len(wanted))
    right: FloatArray = np.maximum.accumulate(wanted - steps) + steps
    return np.array(np.minimum(right, 1 - steps[::-1]))


def _table(axes: Axes, bars: _Bars, heads: Sequence[str], words: Words) -> None:
    """Number, label, amount and cost of each bar, a row each."""
    axes.set_axis_off()
    axes.set_ylim(len(bars.labels) - 0.4, -1.6)
    for x, head in zip(_COLUMNS, heads, strict=True):
        axes.text(x, -1, head, fontsize=7, color=GREY, va="center_baseline")
    columns = ((bars.width, bars.avoided), (bars.height, bars.ends))
    places = [_places(middle, ends) for middle, ends in columns]
    for i, label in enumerate(shortened(bars.labels, 48, most=1)):
        cells = [label]
        for (middle, ends), digits in zip(columns, places, strict=True):
            cells.append(spread(words, middle[i], ends[i, 0], ends[i, 1], digits))
        axes.text(0.015, i, str(i + 1), fontsize=7.5, ha="right", va="center_baseline")
        for x, cell in zip(_COLUMNS, cells, strict=True):
            axes.text(x, i, cell, fontsize=7.5, va="center_baseline")


def _places(middle: FloatArray, ends: FloatArray) -> int:
    """Decimals that show two figures of a typical spread, three where there is none."""
    spreads = (ends[:, 1] - ends[:, 0]) / 4
    typical = np.median(np.abs(middle))
    return decimals(max(float(np.median(spreads)), float(typical) / 1000))
