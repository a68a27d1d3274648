"""Dependence between a design and the marginals: levels in, tied levels out."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.dependence.copula import GaussianCopula
from uncertainty.dependence.mixing import Mixing
from uncertainty.designs import Levels
from uncertainty.errors import DependenceError
from uncertainty.seeds import HIGHEST, LOWEST


@dataclass(frozen=True)
class Shared:
    """Columns that read one draw: the levels of the first.

    Attributes
    ----------
    columns : tuple of str
        The one that is drawn, then those that follow it.
    mirrored : frozenset of str
        Followers that read 1 - u: high where the first is low.
    """

    columns: tuple[str, ...]
    mirrored: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a group of one and a mirrored column that follows nothing."""
        if len(self.columns) < 2 or len(set(self.columns)) < len(self.columns):
            raise DependenceError(
                f"a shared draw takes two different inputs, not {list(self.columns)}"
            )
        if stray := sorted(self.mirrored - set(self.columns[1:])):
            raise DependenceError(
                f"{', '.join(stray)} cannot be mirrored; only {self.columns[1:]} "
                f"follow {self.columns[0]}"
            )


Block = GaussianCopula | Shared


def drawn(columns: Sequence[str], blocks: Sequence[Block]) -> tuple[str, ...]:
    """Columns that a design has to draw so that `columns` can be read.

    Parameters
    ----------
    columns : sequence of str
        What a model reads.
    blocks : sequence of GaussianCopula or Shared

    Returns
    -------
    tuple of str
        `columns` in their order, with each follower replaced by what it follows,
        then what else the copulas of these need.

    Raises
    ------
    DependenceError
        The blocks contradict each other, as for `Coupling`.
    """
    sources = _sources(blocks)
    own = dict.fromkeys(sources.get(column, (column,))[0] for column in columns)
    for block in blocks:
        if isinstance(block, GaussianCopula) and not own.keys().isdisjoint(
            block.columns
        ):
            own |= dict.fromkeys(block.columns)
    return tuple(own)


def score_correlations(
    columns: Sequence[str], blocks: Sequence[Block]
) -> Iterator[tuple[str, str, float]]:
    """Pairs of columns that are tied, with the correlation of their normal scores.

    Parameters
    ----------
    columns : sequence of str
        What a model reads.
    blocks : sequence of GaussianCopula or Shared
        As for `Coupling`. A column that follows another is correlated with all that
        the other is correlated with, the other way round if it is mirrored.

    Yields
    ------
    tuple (first, second, correlation)
        In the order of `columns`; pairs that are not correlated are left out.

    Raises
    ------
    DependenceError
        The blocks contradict each other.
    """
    sources = _sources(blocks)
    copulas = {
        column: block
        for block in blocks
        if isinstance(block, GaussianCopula)
        for column in block.columns
    }
    tied = {column for block in blocks for column in block.columns}
    read = [
        (column, *sources.get(column, (column, False)))
        for column in columns
        if column in tied
    ]
    for i, (first, one, turned) in enumerate(read):
        for second, other, mirrored in read[i + 1 :]:
            block = copulas.get(one)
            if one == other:
                r = 1.0
            elif block is not None and other in block.columns:
                r = block.between(one, other)
            else:
                continue
            if r:
                yield first, second, -r if turned != mirrored else r


@dataclass(frozen=True)
class Coupling:
    """A design whose columns are tied to each other.

    Parameters
    ----------
    design : Levels
        Independent columns, among them all that `drawn` names.
    blocks : tuple of GaussianCopula or Shared
        A column stands in at most one copula and follows at most one other; one that
        others follow may stand in a copula. A block of which the design has no
        column is of no effect.

    Raises
    ------
    DependenceError
        A column has two places, follows itself, or is missing from the design.

    Notes
    -----
    The normal scores of a block are mixed by the lower triangle of its correlation
    matrix, column by column and in a fixed order, so that the bits of a level do not
    depend on which columns were asked before, on threads, or on other blocks. The
    first column of a copula keeps its levels, and so does every other that is
    correlated with none before it. A level stays uniform, so every marginal stays
    exact; a column mixed of several is no longer stratified by itself in a Latin
    hypercube.
    """

    design: Levels
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        """Refuse blocks that contradict each other or the design."""
        object.__setattr__(self, "blocks", tuple(self.blocks))
        sources = _sources(self.blocks)
        known = set(self.design.columns)
        for block in self.blocks:
            if not isinstance(block, GaussianCopula) or known.isdisjoint(block.columns):
                continue
            if missing := [name for name in block.columns if name not in known]:
                raise DependenceError(
                    f"the design draws no {', '.join(missing)}, which is correlated "
                    f"with {next(c for c in block.columns if c in known)}; build it "
                    "over drawn(columns, blocks)"
                )
        for follower, (source, _) in sources.items():
            if follower in known and source not in known:
                raise DependenceError(
                    f"the design draws no {source}, which {follower} follows; build "
                    "it over drawn(columns, blocks)"
                )

    def levels(self, column: str, page: int) -> FloatArray:
        """Quantile levels of a column on a page; read only.

        Parameters
        ----------
        column : str
        page : int
            Page number, counted from 0.

        Returns
        -------
        ndarray, shape (n,), pure numbers
            Inside (0, 1), as the design gives them.

        Raises
        ------
        DesignError
            The design has no such column or page.
        """
        source, mirrored = self._followed.get(column, (column, False))
        if source in self._places:
            block, row = self._places[source]
            level: FloatArray = self._block(block, page)[row]
        else:
            level = self.design.levels(source, page)
        return np.clip(1 - level, LOWEST, HIGHEST) if mirrored else level

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the design draws, and those that follow them."""
        return tuple(dict.fromkeys([*self.design.columns, *self._followed]))

    def fill(self, columns: tuple[str, ...], page: int, out: FloatArray) -> None:
        """Levels of several columns at once: see `Levels.fill`."""
        plan = self._plan(columns)
        self.design.fill(plan.drawn, page, out)
        plan.mixing.tie(out)
        for i in plan.others:
            out[i] = self.levels(columns[i], page)

    def _plan(self, columns: tuple[str, ...]) -> "_Plan":
        """How to fill rows with the levels of these columns, worked out once."""
        if columns not in self._plans:
            place = {column: i for i, column in enumerate(columns)}
            blocks = {id(block): block for block, _ in self._places.values()}
            whole = tuple(
                (block, tuple(place[column] for column in block.columns))
                for block in blocks.values()
                if place.keys() >= set(block.columns)
            )
            done = {i for _, rows in whole for i in rows}
            tied = self._followed.keys() | self._places.keys()
            others = [i for c, i in place.items() if c in tied and i not in done]
            drawn = tuple(self._followed.get(c, (c, False))[0] for c in columns)
            mixing = Mixing([(rows, block.factor) for block, rows in whole])
            self._plans[columns] = _Plan(drawn, mixing, tuple(others))
        return self._plans[columns]

    def _block(self, block: GaussianCopula, page: int) -> FloatArray:
        """Levels of a block's columns on a page, kept until the thread turns it."""
        kept: dict[tuple[str, ...], tuple[int, FloatArray]]
        kept = self._local.__dict__.setdefault("pages", {})
        if block.columns not in kept or kept[block.columns][0] != page:
            levels = np.array([self.design.levels(c, page) for c in block.columns])
            Mixing([(range(len(levels)), block.factor)]).tie(levels)
            levels.flags.writeable = False
            kept[block.columns] = page, levels
        return kept[block.columns][1]

    @cached_property
    def _followed(self) -> dict[str, tuple[str, bool]]:
        return _sources(self.blocks)

    @cached_property
    def _places(self) -> dict[str, tuple[GaussianCopula, int]]:
        known = set(self.design.columns)
        return {
            column: (block, row)
            for block in self.blocks
            if isinstance(block, GaussianCopula) and not known.isdisjoint(block.columns)
            for row, column in enumerate(block.columns)
        }

    @cached_property
    def _plans(self) -> dict[tuple[str, ...], "_Plan"]:
        return {}

    @cached_property
    def _local(self) -> threading.local:
        # two threads that make one each only forget a page
        return threading.local()

    def __getstate__(self) -> dict[str, object]:
        """Fields alone: what threads keep cannot be sent."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class _Plan:
    """What a design draws for some columns, and which rows are tied afterwards."""

    drawn: tuple[str, ...]
    mixing: Mixing
    others: tuple[int, ...]


def _sources(blocks: Sequence[Block]) -> dict[str, tuple[str, bool]]:
    """What each follower reads in the end, and whether mirrored; faults refused."""
    direct: dict[str, tuple[str, bool]] = {}
    placed: set[str] = set()
    for block in blocks:
        if isinstance(block, GaussianCopula):
            if twice := sorted(placed.intersection(block.columns)):
                raise DependenceError(
                    f"{', '.join(twice)} stands in two sets of rank correlations; "
                    "join them in one"
                )
            placed.update(block.columns)
            continue
        for column in block.columns[1:]:
            if column in direct:
                raise DependenceError(
                    f"{column} follows both {direct[column][0]} and "
                    f"{block.columns[0]}; put all in one group"
                )
            direct[column] = block.columns[0], column in block.mirrored
    for column in direct:
        if column in placed:
            raise DependenceError(
                f"{column} follows {direct[column][0]} and cannot have a rank "
                f"correlation of its own; state it for {direct[column][0]}"
            )
    return {column: _followed_to_the_end(column, direct) for column in direct}


def _followed_to_the_end(
    column: str, direct: dict[str, tuple[str, bool]]
) -> tuple[str, bool]:
    source, mirrored, steps = column, False, 0
    while source in direct:
        source, turned = direct[source]
        mirrored ^= turned
        steps += 1
        if steps > len(direct):
            raise DependenceError(f"{column} follows itself; break the ring of groups")
    return source, mirrored
