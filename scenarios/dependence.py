"""Stated dependence -> compositions of shares and blocks of columns of the engine."""

from collections.abc import Iterable, Mapping

from scenarios.config import Config, Scenario
from scenarios.definitions import Definition
from scenarios.ties import Dependence, Dirichlet, LogisticNormal
from uncertainty.dependence import (
    Block,
    Composition,
    Shared,
    copulas,
    dirichlet,
    gaussian_correlation,
    logistic_normal,
    shares,
    spearman_correlation,
)
from uncertainty.errors import DependenceError

Pairs = dict[tuple[str, str], float]


def compose(stated: Dependence) -> Composition:
    """Composition of shares as a study states it.

    Raises
    ------
    DependenceError
        The shares cannot have what is asked of them; says what they could have.
    """
    law = stated.law
    if isinstance(law, Dirichlet):
        return dirichlet(law.means, law.concentration)
    if isinstance(law, LogisticNormal):
        tied = {(c.between[0], c.between[1]): c.correlation for c in law.correlations}
        return logistic_normal(law.means, law.sds, tied or None)
    return shares(law.means, law.sds)


def blocks(
    config: Config,
    definitions: Mapping[str, Definition],
    scenarios: Mapping[str, Scenario],
) -> tuple[Block, ...]:
    """Blocks of columns that do not vary on their own.

    Parameters
    ----------
    config : Config
        Checked: what is tied exists, is uncertain and is tied once.
    definitions : mapping of id to Definition
    scenarios : mapping of name to Scenario
        Their ``correlated`` inputs have columns of their own, tied to the study's.

    Raises
    ------
    DependenceError
        The stated correlations cannot hold together; names the pair to blame.
    """
    pairs: Pairs = {}
    nearest = False
    groups: list[Block] = []
    for one in config.dependence:
        if one.rank_correlation is not None and one.between:
            nearest |= one.nearest
            pairs |= _every_pair(one.between, one.rank_correlation)
        if one.same_draw:
            mirrored = frozenset(one.mirrored)
            groups.append(Shared(tuple(one.same_draw), mirrored))
    pairs |= _variants(scenarios)
    order = list(dict.fromkeys([*definitions, *(c for pair in pairs for c in pair)]))
    made = {
        what.composition: None
        for what in definitions.values()
        if what.composition is not None
    }
    tied = [copula for composition in made for copula in composition.copulas]
    return (*copulas(order, pairs, nearest=nearest), *groups, *tied)


def _every_pair(ids: list[str], correlation: float) -> Pairs:
    return {(a, b): correlation for i, a in enumerate(ids) for b in ids[i + 1 :]}


def _variants(scenarios: Mapping[str, Scenario]) -> Pairs:
    """An input's columns of several scenarios, each tied to the study's own.

    Two scenarios' columns are tied only through the study's: the correlation of
    their normal scores is the product of theirs with it.
    """
    tied: dict[str, dict[str, float]] = {}
    for name, scenario in scenarios.items():
        for id, change in scenario.set.items():
            if change.correlated is not None:
                tied.setdefault(id, {})[f"{id}@{name}"] = change.correlated
    pairs: Pairs = {}
    for id, columns in tied.items():
        names = list(columns)
        for i, a in enumerate(names):
            pairs[id, a] = columns[a]
            for b in names[i + 1 :]:
                r = gaussian_correlation(columns[a]) * gaussian_correlation(columns[b])
                pairs[a, b] = float(spearman_correlation(r))
    return pairs


def blamed(error: DependenceError, stated: Iterable[Dependence]) -> int | None:
    """Position of the entry that states the pair an error names."""
    pair = set(getattr(error, "pair", ()) or ())
    for position, one in enumerate(stated):
        if pair and pair <= set(one.between or ()):
            return position
    return None
