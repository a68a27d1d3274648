"""Forest plot: what each source of an input says, and what they become together."""

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.errors import ScenarioError
from scenarios.figures.base.kinds import of_each
from scenarios.figures.base.style import (
    BLUE,
    INK,
    VERMILION,
    Row,
    house_style,
    name_rows,
    new_figure,
    settle,
    value_axis,
    words_of,
    wrapped,
)
from scenarios.model.study import Study
from scenarios.numbers import significant, with_units
from scenarios.results.result import Result
from scenarios.words.catalogue import Words
from uncertainty.distributions import Marginal
from uncertainty.distributions.base import Part, part

PANELS = 4
"""Inputs on a page."""
TOGETHER = "together"
OWN = ("prior", "readings", TOGETHER)
"""Parts that no source names."""
WHISKERS = "figures.evidence_interval"


@of_each("evidence", "sources of each input, and what they become together", "study")
def evidence(result: Result, scenario: str) -> Iterator[Figure]:
    """Whiskers of every source of an input, with the result beneath.

    Parameters
    ----------
    result : Result
    scenario : str
        Inputs are those of the study, before its changes.

    Yields
    ------
    Figure
        At most `PANELS` inputs a page.

    Raises
    ------
    ScenarioError
        No input has sources of its own.
    """
    from scenarios.loading.restore import study_of

    study = study_of(result)
    found = [
        (id, what.marginal)
        for id, what in study.definitions.items()
        if what.marginal is not None and what.marginal.parts
    ]
    if not found:
        raise ScenarioError(
            f"{result.study}: no input is stated by evidence, experts or a prior"
        )
    for start in range(0, len(found), PANELS):
        yield _page(result, study, found[start : start + PANELS])


def _page(result: Result, study: Study, found: list[tuple[str, Marginal]]) -> Figure:
    words = words_of(result)
    rows = [[*law.parts, part(TOGETHER, law)] for _, law in found]
    heights = [6.5 * len(every) + 16 for every in rows]
    with house_style():
        title = _title(study, *found[0], words)
        figure = new_figure(result, sum(heights), words("figures.evidence"), title)
        panels = figure.subplots(len(found), 1, squeeze=False, height_ratios=heights)
        for axes, (id, _), every in zip(panels.flat, found, rows, strict=True):
            label = f"{_called(study, id, words)}, {study.definitions[id].unit.text}"
            _panel(axes, every, label, words)
        return settle(figure)


def _called(study: Study, id: str, words: Words) -> str:
    label = study.definitions[id].papers.get("label")
    return words.label(label) if label else id


def _title(study: Study, id: str, law: Marginal, words: Words) -> str:
    made, units = part(TOGETHER, law), study.definitions[id].unit.text
    return words(
        "figures.title_evidence",
        name=_called(study, id, words),
        value=with_units(significant(made.middle, 4), units),
        low=significant(made.low, 4),
        high=significant(made.high, 4),
        count=len(law.parts),
    )


def _panel(axes: Axes, rows: list[Part], label: str, words: Words) -> None:
    for place, one in enumerate(rows):
        colour = {TOGETHER: VERMILION, "prior": INK}.get(one.label, BLUE)
        width = 2.2 if one.label == TOGETHER else 1.2
        axes.plot([one.low, one.high], [place, place], color=colour, linewidth=width)
        axes.plot([one.middle], [place], "o", color=colour, markersize=4)
    named = [
        words(f"figures.evidence_{one.label}") if one.label in OWN else one.label
        for one in rows
    ]
    texts = [
        words(
            WHISKERS,
            middle=significant(one.middle, 4),
            low=significant(one.low, 4),
            high=significant(one.high, 4),
        )
        for one in rows
    ]
    name_rows(axes, Row(named, texts, len(rows) - 1), words("figures.evidence_head"))
    value_axis(axes, wrapped(label, 70, most=1), 0.04)
