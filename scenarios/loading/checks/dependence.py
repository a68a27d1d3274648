"""Checks of dependence: shares that sum to one, and ties between inputs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from scenarios.language.dependence import Dependence
from scenarios.loading.checks.findings import Findings, Place
from uncertainty.errors import nearest


def check_ties(found: Findings) -> None:
    """Compositions whose means are no shares of one; ties to what cannot be tied."""
    seen = _Seen()
    stated = found.config.dependence
    told = [(one, *fault) for one in stated for fault in _of(found, one, seen)]
    told += [(one, *fault) for one in stated for fault in _followers(one, seen)]
    for one, path, message in told:
        found.add("dependence", one.name, path, message)


@dataclass
class _Seen:
    """What entries have tied so far.

    Attributes
    ----------
    shares : dict of share to composition
    pairs : set of pairs that have a rank correlation
    draws : dict of input to the one whose draw it reads
    """

    shares: dict[str, str] = field(default_factory=dict)
    pairs: set[frozenset[str]] = field(default_factory=set)
    draws: dict[str, str] = field(default_factory=dict)


def _of(found: Findings, one: Dependence, seen: _Seen) -> Iterator[tuple[Place, str]]:
    """What is wrong with one entry."""
    if one.composition is not None:
        yield from _owned(found, one, seen)
    elif one.between:
        yield from _tied(found, "between", one.between)
        yield from _paired(one, seen)
    else:
        yield from _tied(found, "same_draw", one.same_draw or [])
        yield from _grouped(one, seen)


def _followers(one: Dependence, seen: _Seen) -> Iterator[tuple[Place, str]]:
    """Inputs that read another's draw and have a rank correlation all the same."""
    correlated = {id for pair in seen.pairs for id in pair}
    for i, id in enumerate(one.same_draw or ()):
        if i and id in correlated:
            first = seen.draws[id]
            message = f"{id} reads the draw of {first} and has no rank correlation of "
            yield ("same_draw", i), f"{message}its own; state it for {first}"


def _owned(
    found: Findings, one: Dependence, seen: _Seen
) -> Iterator[tuple[Place, str]]:
    for id in one.law.means:
        place: Place = (one.law_name, "means", id)
        if id in found.config.inputs:
            yield place, f"{id} is an input too; a share has one definition"
        elif id in seen.shares:
            yield place, f"{id} is a share of {seen.shares[id]} already"
        else:
            seen.shares[id] = str(one.composition)


def _tied(found: Findings, word: str, ids: list[str]) -> Iterator[tuple[Place, str]]:
    for i, id in enumerate(ids):
        if id in ids[:i]:
            yield (word, i), f"{id} is tied to itself"
        elif message := _untied(found, id):
            yield (word, i), message


def _untied(found: Findings, id: str) -> str | None:
    """Why nothing can be tied to an id, if so."""
    what = found.definitions.get(id)
    if what is None:
        return f"no input is called {id}{nearest(id, found.config.inputs)}"
    if what.composition is not None:
        return f"{id} is a share; state `correlations` of its composition"
    if what.expression is not None:
        return f"{id} is a formula; tie the inputs it reads"
    if not what.varies:
        return f"{id} is a constant; there is nothing to tie"
    return None


def _paired(one: Dependence, seen: _Seen) -> Iterator[tuple[Place, str]]:
    """Pairs that an entry before states already."""
    ids = one.between or []
    for i, second in enumerate(ids):
        for first in ids[:i]:
            pair = frozenset((first, second))
            if pair in seen.pairs and first != second:
                message = f"{first} and {second} have a rank correlation already"
                yield ("between", i), f"{message}; state the pair once"
            seen.pairs.add(pair)


def _grouped(one: Dependence, seen: _Seen) -> Iterator[tuple[Place, str]]:
    """Inputs that read two draws, and mirrors of nothing."""
    first, *others = one.same_draw or [""]
    for i, id in enumerate(others, start=1):
        if id in seen.draws and seen.draws[id] != first:
            message = f"{id} reads the draw of {seen.draws[id]} already"
            yield ("same_draw", i), f"{message}; put all of them in one list"
        seen.draws[id] = first
    if first in seen.draws:
        message = f"{first} reads the draw of {seen.draws[first]} already"
        yield ("same_draw", 0), f"{message}; put all of them in one list"
    for i, id in enumerate(one.mirrored):
        if id == first:
            message = f"{id} is the one that the others follow; mirror those instead"
            yield ("mirrored", i), message
        elif id not in others:
            near = nearest(id, others) or f"; write one of {', '.join(others)}"
            yield ("mirrored", i), f"{id} is not in same_draw{near}"
