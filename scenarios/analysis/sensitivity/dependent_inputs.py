"""Columns of a study that mean nothing one by one, as blocks of the engine."""

from dataclasses import dataclass, replace

import numpy as np

from scenarios.model.study import Study
from uncertainty.dependence import Composition, GaussianCopula, Shared
from uncertainty.sensitivity import Block


@dataclass(frozen=True)
class Ties:
    """What ties the columns of a study.

    Attributes
    ----------
    compositions : tuple of Block
        Columns behind shares that sum to one. A column is no share: it decides how
        what is left is split.
    copulas : tuple of GaussianCopula
        Of inputs that are no shares.
    shared : tuple of Shared
        Columns that read one draw.
    shares : mapping of block's name to ids
        Shares of each composition.
    """

    compositions: tuple[Block, ...]
    copulas: tuple[GaussianCopula, ...]
    shared: tuple[Shared, ...]
    shares: dict[str, tuple[str, ...]]

    @property
    def blocks(self) -> tuple[Block | GaussianCopula | Shared, ...]:
        """All of them, for the engine."""
        return (*self.compositions, *self.copulas, *self.shared)

    def renamed(self, ending: str) -> "Ties":
        """The same, with another name for each composition."""
        blocks = tuple(replace(b, name=b.name + ending) for b in self.compositions)
        return replace(self, compositions=blocks)

    @property
    def sets(self) -> list[tuple[str, ...]]:
        """Columns that have to stay together."""
        return [block.columns for block in self.blocks]


def ties(study: Study) -> Ties:
    """Ties of a study's columns, a composition whole and named as it is stated."""
    made = {
        what.composition: None
        for what in study.definitions.values()
        if what.composition is not None
    }
    blocks, shares = [], {}
    within: set[GaussianCopula] = set()
    for composition in made:
        if not composition.columns:
            continue
        name = _name(study, composition)
        blocks.append(_block(name, composition))
        shares[name] = composition.names
        within |= set(composition.copulas)
    return Ties(
        tuple(blocks),
        tuple(
            b for b in study.blocks if isinstance(b, GaussianCopula) and b not in within
        ),
        tuple(b for b in study.blocks if isinstance(b, Shared)),
        shares,
    )


def _block(name: str, composition: Composition) -> Block:
    columns = tuple(column for column, _ in composition.columns)
    if not composition.copulas:
        return Block(name, columns)
    place = {column: i for i, column in enumerate(columns)}
    matrix = np.eye(len(columns))
    for tie in composition.copulas:
        at = [place[column] for column in tie.columns]
        matrix[np.ix_(at, at)] = tie.correlation
    return Block(name, columns, matrix)


def _name(study: Study, composition: Composition) -> str:
    """As the study states it, else what the ids of its shares begin with."""
    for stated in study.config.dependence:
        if stated.composition and set(stated.law.means) == set(composition.names):
            taken = stated.composition in study.definitions
            return f"{stated.composition} shares" if taken else stated.composition
    heads = {id.rpartition(".")[0] for id in composition.names}
    return heads.pop() if len(heads) == 1 else ", ".join(composition.names)
