"""Process-flow diagram: masses between the processes, footprint below each."""

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from scenarios.analysis.masses import Amount, Chain, Station
from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import cells_of, of_each
from scenarios.figures.base.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    house_style,
    new_figure,
    settle,
    words_of,
    wrapped,
)
from scenarios.figures.process_layout import (
    Place,
    depths,
    mass_of,
    places_of,
)
from scenarios.results.result import Cell, Result, at
from scenarios.words.catalogue import Words

WIDE = 0.16
"""Width of a process, columns apart."""
ABOVE = 0.34
"""Room above for names and materials, heights of the flows."""
THIN = 0.1
"""Part of that height from which on a band can hold two lines of text."""
ITEMS = 5
"""Bought materials named above a process."""


def process_flow(
    result: Result, chain: Chain, scenario: str, year: int | None = None
) -> Figure:
    """Processes from left to right, bands as wide as the mass, footprint below.

    Parameters
    ----------
    result : Result
        A result of a study with a chain.
    chain : Chain
        Of the same scenario and year; see `scenarios.analysis.masses`.
    scenario : str
    year : int, optional
        By default the first.

    Returns
    -------
    Figure

    Raises
    ------
    ScenarioError
        The study has no chain.
    """
    if not chain.stations:
        raise ScenarioError(f"no chain: {result.title!r} has no process flow")
    cell = result.cell(scenario, year)
    means = _footprints(result, chain, cell)
    _, units = result.shown_units
    words = words_of(result)
    footer = words(
        "figures.process",
        name=wrapped(cell.name, 60, most=1),
        declared=_declared(chain, words),
    )
    places = places_of(chain)
    with house_style():
        figure = new_figure(result, 128, footer, _title(chain, means, cell, words))
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.1, 1))
        _flows(upper, chain, places, words)
        _columns(lower, chain, means)
        lower.set_ylabel(words("figures.process_axis", units=units))
        lower.set_title(
            wrapped(_also(chain, words), 122, most=3),
            loc="left",
            fontsize=6.5,
            color=GREY,
            parse_math=False,
        )
        return settle(figure)


def _title(chain: Chain, means: dict[str, float], cell: Cell, words: Words) -> str:
    """The process with the largest part of the footprint."""
    stations = {station.name: station for station in chain.stations}
    largest, whole = max(means, key=lambda name: means[name]), sum(means.values())
    if whole <= 0:
        return cell.name
    return words(
        "figures.title_process",
        layer=_name(stations[largest], words),
        share=_percent(means[largest] / whole),
        name=cell.name,
    )


def _name(one: Station | Amount, words: Words) -> str:
    """What to call a process or something that is bought."""
    called = words.label(one.label) if one.label else words.name(one.name)
    supply = one.supply if isinstance(one, Amount) else ""
    return f"{called} ({supply})" if supply else called


def _declared(chain: Chain, words: Words) -> str:
    return words(
        "figures.process_unit", units=chain.units, name=words.name(chain.product)
    )


def _also(chain: Chain, words: Words) -> str:
    if not chain.shared:
        return ""
    items = [
        f"{_name(a, words)} {_short(a.value)} {_plain(a.units)}" for a in chain.shared
    ]
    return words(
        "figures.process_also",
        declared=_declared(chain, words),
        items=words.join(items),
    )


def _plain(units: str) -> str:
    return units.replace("*", "\N{MIDDLE DOT}")


def _short(value: float) -> str:
    """Three significant digits, thousands apart."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 2
    return f"{round(value, digits):,.{max(digits, 0)}f}".replace(",", " ")


def _footprints(result: Result, chain: Chain, cell: Cell) -> dict[str, float]:
    """Mean of all flows of each process, in the units shown."""
    flows = result.summary("flows")
    assert flows is not None
    data = at(flows, cell)["mean"] / result.shown_units[0]
    found = {station.name: 0.0 for station in chain.stations}
    for flow, value in zip(data["flow"].values, data.values, strict=True):
        owners = [name for name in found if str(flow).startswith(f"{name}.")]
        if owners and np.isfinite(value):
            found[max(owners, key=len)] += float(value)
    return found


def _flows(axes: Axes, chain: Chain, places: dict[str, Place], words: Words) -> None:
    used = {name: place.y + place.inward / 2 for name, place in places.items()}
    for station in chain.stations:
        place = places[station.name]
        _bought(axes, station, place, used, words)
        axes.add_patch(
            Rectangle(
                (place.x - WIDE / 2, place.y - place.height / 2),
                WIDE,
                place.height,
                facecolor=GREY,
                edgecolor=INK,
                linewidth=0.5,
                zorder=3,
            )
        )
    # what comes from above enters a process above what comes from below
    for station in sorted(chain.stations, key=lambda s: -places[s.name].y):
        place = places[station.name]
        leaves = place.y + place.outward / 2
        for user, mass in station.users.items():
            start = (place.x + WIDE / 2, leaves - mass_of(mass) / 2)
            end = (places[user].x - WIDE / 2, used[user] - mass_of(mass) / 2)
            _band(axes, start, end, mass_of(mass))
            leaves -= mass_of(mass)
            used[user] -= mass_of(mass)
        if not station.users:
            start = (place.x + WIDE / 2, place.y)
            _band(axes, start, (place.x + 0.84, place.y), place.outward)
    top = max(p.y + p.height / 2 for p in places.values())
    bottom = min(p.y - p.height / 2 for p in places.values())
    for station in chain.stations:
        _made(axes, station, places[station.name], THIN * (top - bottom), words)
    axes.set_ylim(bottom - 0.12 * (top - bottom), top + ABOVE * (top - bottom))
    axes.set_xlim(-0.75, len(places) - 0.1)
    axes.set_axis_off()


def _band(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    width: float,
    colour: str = SKY,
) -> None:
    """A band of even height from one point to another, level at both."""
    (x0, y0), (x1, y1) = start, end
    middle, half = (x0 + x1) / 2, width / 2
    corners = [
        *((x0, y0 + half), (middle, y0 + half), (middle, y1 + half), (x1, y1 + half)),
        *((x1, y1 - half), (middle, y1 - half), (middle, y0 - half), (x0, y0 - half)),
        (x0, y0 + half),
    ]
    bend = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *bend, Path.LINETO, *bend, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(
            Path(corners, codes),
            facecolor=colour,
            edgecolor=INK,
            linewidth=0.4,
            alpha=0.75,
            zorder=2,
        )
    )


def _bought(
    axes: Axes,
    station: Station,
    place: Place,
    used: dict[str, float],
    words: Words,
) -> None:
    """Materials that come in beside what is made in the chain, and the name above."""
    total = sum(a.value for a in station.bought)
    lines = [wrapped(_name(station, words), 17, most=3)]
    # beside the main path a band goes up to it on the right of the names
    is_main = place.y == 0
    over = (place.x if is_main else place.x + WIDE / 2, place.y + place.height / 2)
    side: Literal["center", "right"] = "center" if is_main else "right"
    axes.annotate(
        lines[0],
        over,
        xytext=(0, 3),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=7,
        fontweight="bold",
        parse_math=False,
    )
    if not total:
        return
    top = used[station.name]
    start = (place.x - 0.34, top - total / 2)
    _band(axes, start, (place.x - WIDE / 2, top - total / 2), total, ORANGE)
    used[station.name] -= total
    items = [f"{_name(a, words)} {_short(a.value)} t" for a in station.bought[:ITEMS]]
    if rest := station.bought[ITEMS:]:
        mass = _short(sum(a.value for a in rest))
        items.append(words("figures.process_more", count=len(rest), mass=mass))
    axes.annotate(
        "\n".join(wrapped(item, 34, most=1) for item in items),
        over,
        xytext=(0, 7 + 9 * (1 + lines[0].count("\n"))),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=6,
        color=GREY,
        parse_math=False,
    )


def _made(
    axes: Axes, station: Station, place: Place, thin: float, words: Words
) -> None:
    """What a process makes: on its band, or below where the band is too thin."""
    product = wrapped(words.name(station.product), 16, most=2)
    amount = "" if np.isnan(station.mass) else f"{_short(station.mass)} t"
    is_wide = place.outward >= thin
    under = place.y - place.height / 2
    axes.annotate(
        f"{product}\n{amount}",
        (place.x + WIDE / 2, place.y) if is_wide else (place.x, under),
        xytext=(3, 0) if is_wide else (0, -3),
        textcoords="offset points",
        ha="left" if is_wide else "center",
        va="center" if is_wide else "top",
        fontsize=7,
        zorder=4,
        parse_math=False,
    )


def _percent(share: float) -> str:
    digits = 0 if abs(share) >= 0.095 else 1
    return f"{100 * share:.{digits}f} %".replace("-", "\N{MINUS SIGN}")


def _columns(axes: Axes, chain: Chain, means: dict[str, float]) -> None:
    depth = depths(chain)
    names = [s.name for s in sorted(chain.stations, key=lambda s: -depth[s.name])]
    values = np.array([means[name] for name in names])
    total = float(values.sum())
    bars = axes.bar(
        range(len(names)), values, 0.5, color=BLUE, edgecolor=INK, linewidth=0.4
    )
    for bar, value in zip(bars, values, strict=True):
        share = f"\n{_percent(value / total)}" if total else ""
        axes.annotate(
            f"{value:.2f}{share}",
            (bar.get_x() + bar.get_width() / 2, max(value, 0)),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=7.5,
        )
    axes.set_xticks([])
    axes.margins(y=0.3)
    axes.axhline(0, color=GREY, linewidth=0.6)


@of_each(
    "process",
    "mass between processes, footprint of each, one scenario",
    "chain",
    "study",
)
def _kind(result: Result, scenario: str) -> Iterator[Figure]:
    from scenarios.analysis.masses import chain_of
    from scenarios.loading.restore import study_of

    year = cells_of(result, scenario)[-1].year
    yield process_flow(
        result, chain_of(study_of(result), scenario, year), scenario, year
    )
