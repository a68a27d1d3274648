"""What is said of a stated footprint: the verdict, what it would take, the limits."""

from rich.table import Table

from scenarios.analysis.stated_footprint import Plausibility
from scenarios.numbers import scale, share_of
from scenarios.words.catalogue import PERCENT, Words

Lines = list[str | Table]
SHOWN = 5
"""Inputs that are listed, those that would have to move furthest."""


def lines(found: list[Plausibility], unit: str, level: float, words: Words) -> Lines:
    """A verdict for each scenario, what it would take, and what it does not say.

    Parameters
    ----------
    found : list of Plausibility
    unit : str
        Units of the result.
    level : float
        Coverage probability of its intervals.
    words : Words
    """
    told: Lines = []
    for one in found:
        told.append(_verdict(one, unit, level, words))
        if one.needed:
            told.append(_table(one, words))
    told.append(words("stated_footprint.limits"))
    return told


def _verdict(one: Plausibility, unit: str, level: float, words: Words) -> str:
    per, shown = scale(unit)
    side = "below" if one.stated < one.mean else "above"
    beyond = one.below if side == "below" else 1 - one.below
    said = words(
        f"stated_footprint.{one.verdict}",
        name=one.cell.name,
        stated=f"{words.number(one.stated / per)} {shown}",
        side=words(f"stated_footprint.{side}"),
        share=share_of(beyond),
        draws=one.draws,
    )
    interval = words(
        "stated_footprint.interval",
        mean=words.number(one.mean / per),
        percent=f"{100 * level:g}{PERCENT}",
        ends=words.interval(one.lower / per, one.upper / per),
        units=shown,
    )
    if one.assumed is None or one.assumed != one.assumed:
        return f"{said} {interval}"
    assumed = words("stated_footprint.assumed", share=words.share(one.assumed, 2))
    return f"{said} {interval} {assumed}"


def _table(one: Plausibility, words: Words) -> Table:
    key = "near" if one.near else "drawn_on"
    title = words(f"stated_footprint.{key}", draws=one.near)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(words("stated_footprint.input"))
    for head in ("mean", "there", "shift"):
        table.add_column(
            words(f"stated_footprint.{head}"), justify="right", no_wrap=True
        )
    table.add_column(words("stated_footprint.units"))
    for need in one.needed[:SHOWN]:
        shift = words.number(need.shift, 2)
        shift = shift if need.shift < 0 else f"+{shift}"
        mean, there = words.number(need.mean), words.number(need.there)
        table.add_row(f"{need.label} ({need.id})", mean, there, shift, need.units)
    return table
