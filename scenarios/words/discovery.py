"""What is said of a claim: how often it fails, where, and from which year it holds."""

from collections.abc import Iterator

import numpy as np
from rich.table import Table

from scenarios.analysis.discovery import Condition, Discovery, FirstYear, Where
from scenarios.words.catalogue import Words
from uncertainty.sensitivity.regions import SMALLEST


def lines(found: Discovery, words: Words) -> Iterator[str | Table]:
    """The probability, a table of scenarios and years, regions, and the first year."""
    own = found.fails
    count = found.sample.fails.size
    share = words.of_draws(own.value, (own.lower, own.upper), 0.95)
    claim = found.claim.text
    key = "fails" if found.claim.free else "fails_named"
    yield words(
        f"discovery.{key}", claim=claim, name=words.label(found.cell.name), share=share
    )
    if len(found.probabilities) > 1:
        yield _years(found, words) if found.years else _table(found, words)
    for one in found.years:
        if one.scenario == found.cell.scenario:
            yield _year(one, found.sure, words)
    yield from regions(found, words)
    if not found.regions:
        events = int(found.sample.fails.sum())
        events = events if found.rare == "fails" else count - events
        few = events < SMALLEST
        yield words(f"discovery.{'few' if few else 'nothing'}", count=events)


def regions(found: Discovery, words: Words) -> Iterator[str]:
    """Where it fails, or holds if that is rarer, one sentence a region."""
    for i, where in enumerate(found.regions):
        yield _region(where, found, words)
        if i == 1 and found.method == "prim":
            yield words("discovery.counted")


def _region(where: Where, found: Discovery, words: Words) -> str:
    region = where.region
    often = found.fails.value
    key = "when" if region.density > 0.5 else "more"
    coverage, density = region.held_out
    said = words(
        f"discovery.{key}_{found.rare}",
        conditions=words("discovery.and").join(
            condition(one, words) for one in where.conditions
        ),
        coverage=words.share(region.coverage, 2),
        density=words.share(region.density, 2),
        share=words.share(often if found.rare == "fails" else 1 - often, 2),
    )
    held_out = words(
        "discovery.held_out",
        coverage=words.share(coverage, 2),
        density=words.share(density, 2),
        ids=words.join(one.id for one in where.conditions),
    )
    return words("discovery.sentences", first=said, second=held_out)


def condition(one: Condition, words: Words) -> str:
    """One restriction in words."""
    key = "within"
    if not np.isfinite(one.low):
        key = "below"
    elif not np.isfinite(one.high):
        key = "above"
    return words(
        f"discovery.{key}",
        label=words.label(one.label),
        low=words.number(one.low, 3),
        high=words.number(one.high, 3),
        units=one.units,
    )


def _table(found: Discovery, words: Words) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(words("discovery.scenario"))
    table.add_column(words("discovery.probability"), no_wrap=True)
    for cell, often in found.probabilities:
        chance = words.chance(often.value, often.lower, often.upper)
        table.add_row(words.label(cell.name), chance)
    return table


def _years(found: Discovery, words: Words) -> Table:
    """Probabilities that the claim fails, a row a scenario and a column a year."""
    table = Table(box=None, pad_edge=False, title_justify="left")
    table.title = words("discovery.by_year")
    table.add_column(words("discovery.scenario"))
    odds = {(c.scenario, c.year): words.odds(p.value) for c, p in found.probabilities}
    years = sorted({cell.year or 0 for cell, _ in found.probabilities})
    for year in years:
        table.add_column(str(year), justify="right", no_wrap=True)
    sure = words.share(found.sure, 2)
    table.add_column(words("discovery.holds_from", sure=sure), no_wrap=True)
    for one in found.years:
        since = words("discovery.in_no_year")
        if one.year is not None:
            key = "year" if one.computed else "between"
            since = words(f"discovery.{key}", year=one.year)
        row = (odds.get((one.scenario, year), "–") for year in years)
        table.add_row(words.label(one.label), *row, since)
    return table


def _year(one: FirstYear, sure: float, words: Words) -> str:
    key = "never" if one.year is None else "interpolated"
    if one.year is not None and one.computed:
        key = "computed"
    said = words(
        f"discovery.{key}",
        name=words.label(one.label),
        sure=words.share(sure, 2),
        year=one.year,
        first=one.between[0],
        last=one.between[1],
    )
    if one.year is not None and not one.lasting:
        more = words("discovery.not_lasting")
        said = words("discovery.sentences", first=said, second=more)
    return said
