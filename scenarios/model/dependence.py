"""Stated dependence -> compositions of shares and blocks of columns of the engine."""

from collections.abc import Iterable, Mapping

from scenarios.errors import Origin
from scenarios.language.config import Config, Scenario
from scenarios.language.dependence import Dependence, Dirichlet, LogisticNormal
from scenarios.model.definitions import Definition
from scenarios.model.own_columns import variants, widened
from uncertainty.dependence import (
    Block,
    Composition,
    GaussianCopula,
    Shared,
    copulas,
    dirichlet,
    logistic_normal,
    shares,
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
    groups = [
        Shared(tuple(one.same_draw), frozenset(one.mirrored))
        for one in config.dependence
        if one.same_draw
    ]
    made = {
        what.composition: None
        for what in definitions.values()
        if what.composition is not None
    }
    tied = [copula for composition in made for copula in composition.copulas]
    own = correlated(config, definitions)
    found = list(variants(config, scenarios, definitions))
    return (*widened(own, found), *groups, *tied)


def correlated(
    config: Config, definitions: Mapping[str, Definition]
) -> tuple[GaussianCopula, ...]:
    """Copulas between the study's own columns, one for each set that pairs join.

    Raises
    ------
    DependenceError
        As for `blocks`. Where an entry of a set says `nearest`, the nearest valid
        matrix is taken instead.
    """
    stated = [one for one in config.dependence if one.between]
    pairs: Pairs = {}
    for one in stated:
        pairs |= _every_pair(one.between or [], one.rank_correlation or 0.0)
    joined = {name: {name} for one in stated for name in one.between or ()}
    for first, second in pairs:
        whole = joined[first] | joined[second]
        joined |= dict.fromkeys(whole, whole)
    found: list[GaussianCopula] = []
    for whole in {id(whole): whole for whole in joined.values()}.values():
        nearest = any(one.nearest and set(one.between or ()) <= whole for one in stated)
        order = [name for name in definitions if name in whole]
        inside = {pair: r for pair, r in pairs.items() if pair[0] in whole}
        found += copulas(order, inside, nearest=nearest)
    return tuple(found)


def _every_pair(ids: list[str], correlation: float) -> Pairs:
    return {(a, b): correlation for i, a in enumerate(ids) for b in ids[i + 1 :]}


def released(
    stated: Iterable[Dependence],
    definitions: Mapping[str, Definition],
    origins: Mapping[tuple[str, str], Origin],
) -> tuple[list[tuple[str, Dependence]], list[str]]:
    """Ties without the inputs that a later file or an option has fixed.

    A library ties two inputs; a study that states one of them as a number, or as a
    formula of its own, has nothing left to tie there. A file that ties its own
    constant is at fault, which `check` tells.

    Parameters
    ----------
    stated : iterable of Dependence
    definitions : mapping of id to Definition
    origins : mapping of (section, id) to Origin

    Returns
    -------
    tuple of (entries, warnings)
        Each entry with the name under which it was stated, since one that loses an
        input is called otherwise; a warning for each tie that a formula has ended.
    """
    kept: list[tuple[str, Dependence]] = []
    warnings = []
    for one in stated:
        word = "between" if one.between else "same_draw"
        ids = getattr(one, word) or []
        file = origins["dependence", one.name].file
        gone = [id for id in ids if _fixed(id, definitions, origins, file)]
        if not gone:
            kept.append((one.name, one))
            continue
        left = [id for id in ids if id not in gone]
        for id in gone:
            if left and definitions[id].expression is not None:
                warnings.append(
                    f"{id} is a formula here, so it is not tied to {', '.join(left)} "
                    f"as {file} has it"
                )
        if len(left) > 1:
            mirrored = [id for id in one.mirrored if id in left[1:]]
            less = one.model_copy(update={word: left, "mirrored": mirrored})
            kept.append((one.name, less))
    return kept, warnings


def _fixed(
    id: str,
    definitions: Mapping[str, Definition],
    origins: Mapping[tuple[str, str], Origin],
    file: str,
) -> bool:
    """Whether another file than the one that ties an input has taken its draws."""
    what = definitions.get(id)
    origin = origins.get(("inputs", id))
    other = origin is not None and origin.file != file
    return other and what is not None and not what.composition and not what.varies


def blamed(error: DependenceError, stated: Iterable[Dependence]) -> int | None:
    """Position of the entry that states the pair an error names, or one of the two."""
    pair = set(getattr(error, "pair", ()) or ())
    near = None
    for position, one in enumerate(stated):
        named = pair & set(one.between or ())
        if named and named == pair:
            return position
        if named and near is None:
            near = position
    return near
