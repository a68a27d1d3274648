"""Waterfall: from the reference through its changes to a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import Pictures, kind
from scenarios.figures.base.style import (
    BLUE,
    ENGLISH,
    GREY,
    INK,
    ORANGE,
    Row,
    house_style,
    legend_above,
    name_rows,
    page,
    row_height,
    settle,
    spread,
    value_axis,
    words_of,
)
from scenarios.figures.comparison.compared import interval_of, percent_of, study_of
from scenarios.numbers import decimals, fixed, scale, with_units
from scenarios.results.result import Result
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray

MOST = 20
"""Most changes with a row of their own; the smallest others share one."""
ZERO = 0.25
"""Changes that reach less than this part of the reference leave zero off the axis."""
WIDE = 4.0
"""Intervals of the ends this many times as wide as all changes are numbers only."""


@dataclass(frozen=True)
class Steps:
    """Rows of a waterfall, in the units shown.

    Attributes
    ----------
    labels : list of str
        Reference, changes, all changes together if they are several, scenario.
    start, end : ndarray, shape (row,)
        Of each bar; those of reference and scenario start at 0.
    bounds : ndarray, shape (2, row)
        Ends of the interval of each bar, placed where the bar starts; NaN where there
        is none.
    texts : list of str
    """

    labels: list[str]
    start: FloatArray
    end: FloatArray
    bounds: FloatArray
    texts: list[str]


def waterfall(
    attribution: xr.Dataset,
    *,
    year: int | None = None,
    labels: tuple[str, str] | None = None,
    words: Words = ENGLISH,
) -> Figure:
    """What each change adds to or takes from the footprint of the reference.

    Parameters
    ----------
    attribution : Dataset
        As `scenarios.analysis.attribution.attribute` gives it, with the footprint.
    year : int, optional
        By default the last that the difference exists in.
    labels : pair of str, optional
        What to call reference and scenario.
    words : Words
        Texts in the language of the figure.

    Returns
    -------
    Figure
        Changes in order of size; those that would not fit are one row.
    """
    data = attribution
    if "year" in data.dims:
        there = data["year"].values[np.isfinite(data["footprint_difference"].values)]
        data = data.sel(year=int(there[-1]) if year is None else year)
    ends = labels or (str(data.attrs["reference"]), str(data.attrs["scenario"]))
    if "year" in data.coords:
        ends = (f"{ends[0]}, {int(data['year'])}", f"{ends[1]}, {int(data['year'])}")
    per, units = scale(str(data["footprint_contribution"].attrs["units"]))
    steps = _steps(data, ends, per, words)
    from_zero = _from_zero(steps)
    how = words("figures.exact")
    if data.attrs["method"] != "exact":
        how = words("figures.sampled", orders=data.attrs["orders"])
    text = words(
        "figures.waterfall",
        draws=data.attrs["draws"],
        how=how,
        interval=interval_of(data, words),
    )
    footer = words("figures.start", title=study_of(data), rest=text)
    if not from_zero:
        footer += words("figures.not_from_zero")
    if not _ends_fit(steps):
        footer += words("figures.ends_do_not_fit")
    with house_style():
        height = 22 + row_height(steps.labels) * len(steps.labels)
        figure = page(_title(data, ends, words), height, footer)
        axes = figure.add_subplot()
        _draw(axes, _without_ends(steps), from_zero=from_zero)
        heading = words("figures.heading", percent=percent_of(data))
        name_rows(axes, Row(steps.labels, steps.texts), heading)
        quantity = words("figures.carbon_footprint")
        value_axis(axes, words("figures.axis", name=quantity, units=units), 0.04)
        if from_zero:
            axes.set_xlim(left=min(0, axes.get_xlim()[0] if _negative(steps) else 0))
        _legend(axes, steps, words)
        return settle(figure)


def _title(data: xr.Dataset, ends: tuple[str, str], words: Words) -> str:
    """How much less or more the scenario has than the reference."""
    per, units = scale(str(data["footprint_contribution"].attrs["units"]))
    first, last = (
        float(data[f"footprint_{word}"]) / per for word in ("reference", "scenario")
    )
    size = abs(last - first)
    value = with_units(fixed(size, decimals(_typical(data, per) or size)), units)
    key = "title_more" if last > first else "title_less"
    return words(f"figures.{key}", name=ends[1], reference=ends[0], value=value)


_TOTAL, _LESS, _MORE = (("#bbbbbb", ""), (BLUE, ""), (ORANGE, "///"))


def _steps(data: xr.Dataset, ends: tuple[str, str], per: float, words: Words) -> Steps:
    means = data["footprint_contribution"].values / per
    both = data["footprint_contribution_interval"].transpose("change", "bound")
    bounds = both.sel(bound=["lower", "upper"]).values / per
    order = np.argsort(-np.abs(means), kind="stable")
    kept = order if len(order) <= MOST else order[: MOST - 1]
    names = [_change(str(data["change"].values[i]), words) for i in kept]
    values, spans = list(means[kept]), [bounds[i] for i in kept]
    if rest := len(order) - len(kept):
        names.append(words("figures.other_changes", count=rest))
        values.append(float(means[order[len(kept) :]].sum()))
        spans.append(np.full(2, np.nan))
    first = float(data["footprint_reference"]) / per
    last = float(data["footprint_scenario"]) / per
    before, after, whole = (
        data[f"footprint_{of}_interval"].sel(bound=["lower", "upper"]).values / per
        for of in ("reference", "scenario", "difference")
    )
    reached = first + np.concatenate([[0.0], np.cumsum(values)])
    start, end = reached[:-1], reached[1:]
    if len(values) > 1:
        names.append(words("figures.total"))
        values.append(last - first)
        spans.append(whole)
        start, end = np.append(start, first), np.append(end, last)
    shifted = [at + span for at, span in zip(start, spans, strict=True)]
    places = decimals(_typical(data, per) or abs(first) / 100)
    texts = [
        spread(words, first, before[0], before[1], places),
        *(_signed(m, s, places, words) for m, s in zip(values, spans, strict=True)),
        spread(words, last, after[0], after[1], places),
    ]
    return Steps(
        [ends[0], *names, ends[1]],
        np.concatenate([[0.0], start, [0.0]]),
        np.concatenate([[first], end, [last]]),
        np.stack([before, *shifted, after]).T,
        texts,
    )


def _ends_fit(steps: Steps) -> bool:
    """Whether the axis has room for the intervals of reference and scenario."""
    ends = np.ptp(steps.bounds[:, [0, -1]], axis=0)
    return _from_zero(steps) or bool(ends.max() <= WIDE * _reach(steps))


def _without_ends(steps: Steps) -> Steps:
    """The same rows, without intervals of the ends where they would not fit."""
    if _ends_fit(steps):
        return steps
    bounds = steps.bounds.copy()
    bounds[:, [0, -1]] = np.nan
    return replace(steps, bounds=bounds)


def _reach(steps: Steps) -> float:
    """What all changes span, with their intervals."""
    inner = np.concatenate([steps.end, steps.bounds[:, 1:-1].ravel()])
    return float(np.nanmax(inner) - np.nanmin(inner))


def _typical(data: xr.Dataset, per: float) -> float:
    """Quarter of the width of the whole difference: near its standard uncertainty."""
    ends = data["footprint_difference_interval"]
    width = float(ends.sel(bound="upper")) - float(ends.sel(bound="lower"))
    return width / per / 4


def _signed(mean: float, span: FloatArray, places: int, words: Words) -> str:
    plus = "+" if mean > 0 else ""
    if np.isnan(span).any():
        return plus + fixed(mean, places)
    return plus + spread(words, mean, float(span[0]), float(span[1]), places)


def _change(path: str, words: Words) -> str:
    """Path of a change in words: "set.smelting.power" is of smelting.power."""
    section, _, key = path.partition(".")
    known = {"levers": "of_lever", "scale": "scaled"}
    return words(f"figures.{known[section]}", name=key) if section in known else key


def _negative(steps: Steps) -> bool:
    found = np.concatenate([steps.end, steps.start, steps.bounds.ravel()])
    return bool(np.nanmin(found) < 0)


def _from_zero(steps: Steps) -> bool:
    """Whether the changes are large enough to be seen on an axis from zero."""
    return _reach(steps) >= ZERO * abs(float(steps.end[0]))


def _legend(axes: Axes, steps: Steps, words: Words) -> None:
    change = (steps.end - steps.start)[1:-1]
    kinds = [("footprint", _TOTAL)]
    kinds += [("lowers", _LESS)] * bool((change < 0).any())
    kinds += [("raises", _MORE)] * bool((change > 0).any())
    marks = [
        Patch(facecolor=colour, hatch=hatch, edgecolor=INK, linewidth=0.4)
        for _, (colour, hatch) in kinds
    ]
    legend_above(axes, marks, [words(f"figures.{key}") for key, _ in kinds])


def _draw(axes: Axes, steps: Steps, *, from_zero: bool) -> None:
    axes.use_sticky_edges = False
    last = len(steps.labels) - 1
    places = np.arange(last + 1)
    for row in places:
        total = row in (0, last)
        start, end = float(steps.start[row]), float(steps.end[row])
        if total and not from_zero:  # a bar that starts anywhere says nothing
            axes.plot(end, row, "D", color=GREY, markersize=5, markeredgecolor=INK)
            continue
        colour, hatch = _TOTAL if total else _LESS if end < start else _MORE
        axes.barh(
            row,
            end - start,
            left=start,
            height=0.62,
            color=colour,
            hatch=hatch,
            edgecolor=INK,
            linewidth=0.4,
        )
    axes.vlines(steps.end[:-1], places[:-1], places[1:], GREY, linewidth=0.6, zorder=1)
    lines = np.flatnonzero(np.isfinite(steps.bounds[0]))
    low, high = steps.bounds[:, lines]
    axes.hlines(lines, low, high, "white", linewidth=2.8, zorder=3)
    axes.hlines(lines, low, high, INK, linewidth=1, zorder=4)
    for ends in (low, high):
        axes.plot(ends, lines, "|", color=INK, markersize=5, zorder=4)


@kind("waterfall", "from the reference through its changes to each", "chain", "study")
def _waterfalls(result: Result, scenarios: Sequence[str] | None) -> Pictures:
    from scenarios.analysis.attribution import attribute
    from scenarios.loading.restore import study_of

    study = study_of(result)
    reference = study.reference
    # a fleet is a mean of scenarios and has no changes of its own
    names = [n for n in scenarios or study.scenarios if n != reference]
    if not names:
        raise ScenarioError(f"{reference} is the reference; a waterfall leads from it")
    for name in names:
        data = attribute(study, name, draws=result.draws)
        ends = result.labels[reference], result.labels[name]
        yield name, waterfall(data, labels=ends, words=words_of(result))
