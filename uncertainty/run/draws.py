"""Where the draws of a run go, and which row of them each cell of a table is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.model import Table
from uncertainty.model.graph import ABSENT
from uncertainty.workers.blocks import Block

ASIDE = 520
"""Numbers that lie between the rows of draws in memory: some whole cache lines."""


class DrawStore(Protocol):
    """Where draws go that are wanted one by one."""

    @property
    def rows(self) -> int:
        """Rows that are handed to it, from the first."""

    @property
    def draws(self) -> int:
        """Draws of a row."""

    def room(self, block: Block) -> FloatArray | None:
        """Where a block's draws may be written; None if they have to be put."""

    def put(self, block: Block, values: FloatArray) -> None:
        """Take a block's draws, shape (row, draw)."""

    @property
    def together(self) -> int:
        """Rows that may be asked for at once."""

    def some(self, first: int, last: int) -> FloatArray:
        """All draws of rows from `first` up to `last`, shape (row, draw)."""


class Memory:
    """Draws in one array."""

    def __init__(self, rows: int, draws: int) -> None:
        self.rows, self.draws = rows, draws
        # rows a power of two apart would fight for the same few lines of the cache
        self._values = np.empty((rows, draws + ASIDE))[:, :draws]

    def room(self, block: Block) -> FloatArray | None:
        """See `DrawStore.room`."""
        view: FloatArray = self._values[:, block.draws]
        return view

    def put(self, block: Block, values: FloatArray) -> None:
        """See `DrawStore.put`."""
        if not np.may_share_memory(values, self._values):  # it came from elsewhere
            self._values[:, block.draws] = values

    @property
    def together(self) -> int:
        """All of them, which lie in memory."""
        return self.rows

    def some(self, first: int, last: int) -> FloatArray:
        """See `DrawStore.some`."""
        found: FloatArray = self._values[first:last]
        return found


@dataclass(frozen=True)
class Rows:
    """Distinct rows behind some tables: a node in the units of a factor, once each.

    Attributes
    ----------
    nodes, factors : tuple
        Of each row.
    place : mapping of (node, factor) to row
    """

    nodes: tuple[int, ...]
    factors: tuple[float, ...]
    place: dict[tuple[int, float], int]

    @classmethod
    def of(cls, tables: Sequence[Table]) -> "Rows":
        """Rows of tables, in their order."""
        place: dict[tuple[int, float], int] = {}
        for table in tables:
            for node in table.nodes.ravel().tolist():
                if node != ABSENT:
                    place.setdefault((node, table.factor), len(place))
        nodes, factors = zip(*place, strict=True) if place else ((), ())
        return cls(tuple(nodes), tuple(factors), place)

    def find(self, table: Table) -> list[int]:
        """Row of each cell of a table in C order, -1 where it is absent."""
        key = ((node, table.factor) for node in table.nodes.ravel().tolist())
        return [self.place.get(one, -1) for one in key]
