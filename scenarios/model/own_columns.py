"""Columns that scenarios, years and members of fleets have of their own.

An input that is `independent` in a scenario reads a column of its own there. What the
study states of its inputs holds inside a scenario as well: two inputs that both have
columns of their own keep their rank correlation with each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import sqrt

import numpy as np

from scenarios.language.config import Config, Scenario
from scenarios.model.definitions import Definition
from uncertainty.dependence import (
    GaussianCopula,
    copula,
    gaussian_correlation,
    spearman_correlation,
)


@dataclass(frozen=True)
class Variant:
    """A column for an input: the study's own, or one of a scenario or of its years.

    Attributes
    ----------
    column : str
        Its key.
    id : str
        The input.
    owner : str
        Scenario or member of a fleet; empty for the study's own column.
    year : int or None
        None for all years.
    correlation : float
        Correlation of its normal scores with the study's own column.
    fading : float
        Correlation of its normal scores from one year to the next; 0 if the years
        have nothing in common.
    """

    column: str
    id: str
    owner: str = ""
    year: int | None = None
    correlation: float = 1.0
    fading: float = 0.0


def variants(
    config: Config,
    scenarios: Mapping[str, Scenario],
    definitions: Mapping[str, Definition],
) -> Iterator[Variant]:
    """Columns that are not the study's own.

    Parameters
    ----------
    config : Config
    scenarios : mapping of name to Scenario
    definitions : mapping of id to Definition
        A fleet has columns for each member of what varies between plants.
    """
    for name, scenario in scenarios.items():
        for id in scenario.set:
            yield from _of(config, scenario, id, name, f"{id}@{name}")
    varying = [d.id for d in definitions.values() if _varies(d)]
    for fleet, stated in config.fleets.items():
        for member, id in product(stated.shares, varying):
            scenario, owner = scenarios[member], f"{fleet}.{member}"
            change = scenario.set.get(id)
            own = f"{id}@{member}" if change and change.independent else id
            found = list(_of(config, scenario, id, owner, f"{own}@{owner}"))
            yield from found or [Variant(f"{own}@{owner}", id, owner, correlation=0.0)]


def _varies(what: Definition) -> bool:
    return what.papers.get("nature") == "variability"


def _of(
    config: Config, scenario: Scenario, id: str, owner: str, column: str
) -> Iterator[Variant]:
    """Columns that one change of a scenario asks for."""
    change = scenario.set.get(id)
    if change is None or not change.independent:
        return
    r = float(gaussian_correlation(change.correlated or 0.0))
    if change.independent != "year":
        yield Variant(column, id, owner, correlation=r)
        return
    for year in config.years if scenario.years is None else scenario.years:
        yield Variant(f"{column}@{year}", id, owner, year, 0.0, r)


def widened(
    blocks: Sequence[GaussianCopula], found: Sequence[Variant]
) -> tuple[GaussianCopula, ...]:
    """Copulas that hold the variants of their columns too, and new ones for the rest.

    Parameters
    ----------
    blocks : sequence of GaussianCopula
        Between the study's own columns.
    found : sequence of Variant

    Notes
    -----
    With own scores x of correlation R, a scenario's are W x + sqrt(1 - W^2) e, where e
    has the correlation R too and is no other scenario's: a joint distribution whatever
    R and the correlations W are. Columns of years have none with the study's; the
    correlation between two is that of the inputs times the fading over the years
    between.
    """
    made = []
    for block in blocks:
        inside = [v for v in found if v.id in block.columns]
        made.append(_with(block, inside) if inside else block)
    correlated = {column for block in blocks for column in block.columns}
    for id in dict.fromkeys(v.id for v in found if v.id not in correlated):
        of_one = [v for v in found if v.id == id]
        if any(v.correlation or v.fading for v in of_one):
            made.append(_with(GaussianCopula((id,), ((1.0,),)), of_one))
    return tuple(made)


def _with(block: GaussianCopula, found: Sequence[Variant]) -> GaussianCopula:
    """The copula over its own columns and the variants of them."""
    every = [*(Variant(id, id) for id in block.columns), *found]
    matrix = np.array(
        [[shared(a, b) * block.between(a.id, b.id) for b in every] for a in every]
    )
    made = copula([v.column for v in every], spearman_correlation(matrix))
    return GaussianCopula(made.columns, made.correlation, block.moved)


def shared(one: Variant, other: Variant) -> float:
    """Correlation of the scores of two columns, as if they were of one input."""
    if one.owner != other.owner:
        return one.correlation * other.correlation
    if one.year is not None and other.year is not None:
        if one.fading != other.fading:
            return 0.0  # no distribution holds a correlation through both at once
        return one.fading ** abs(one.year - other.year)
    if one.year != other.year:
        return 0.0
    return one.correlation * other.correlation + sqrt(
        (1 - one.correlation**2) * (1 - other.correlation**2)
    )


def weakened(
    blocks: Sequence[GaussianCopula], found: Sequence[Variant]
) -> Iterator[tuple[str, str, str, float, float]]:
    """Rank correlations that a column of its own takes from an input.

    Yields
    ------
    tuple (owner, input, other input, as stated, as it is there)
    """
    for block in blocks:
        inside = [v for v in found if v.id in block.columns]
        for owner, year in dict.fromkeys((v.owner, v.year) for v in inside):
            there = {id: Variant(id, id) for id in block.columns}
            there |= {v.id: v for v in inside if (v.owner, v.year) == (owner, year)}
            for a, b in combinations(block.columns, 2):
                whole = block.between(a, b)
                part = shared(there[a], there[b]) * whole
                if abs(part - whole) > 1e-9:
                    stated, taken = spearman_correlation([whole, part]).tolist()
                    yield owner, a, b, stated, taken
