"""Statistics of a run whose draws are not kept: reduced block by block as they come.

Moments are exact whatever the number of draws. Quantiles are exact as long as the draws
of a table fit a budget of memory; beyond it they are read from counts in bins of equal
relative width, and the result says how far off they may be.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, Room
from uncertainty.designs import Design, Levels
from uncertainty.model import Model, Table
from uncertainty.run.draws import DrawStore, Memory, Rows
from uncertainty.run.pages import Pages
from uncertainty.run.propagation import Progress, frame_of, perform
from uncertainty.run.recomputed import Formulas, Recomputed, kept_nodes
from uncertainty.run.rows import Held, RowStore, expanded
from uncertainty.statistics import LEVELS, blank, fill, numbers
from uncertainty.statistics import binned_counts as counts
from uncertainty.statistics.binned_counts import Counts, Tallies
from uncertainty.statistics.moments import bounds_of, of_pieces
from uncertainty.statistics.order_statistics import (
    GRID,
    MARKED,
    MEDIAN,
    Reading,
)
from uncertainty.statistics.reduction import Moments, OrderStatistics, ends_of
from uncertainty.statistics.tails import LOOKED_AT, tail_index, tail_index_by_rank
from uncertainty.workers.blocks import Block, Payload, Runner, Threads, begin, blocks

BUDGET = 512 * 2**20
"""Bytes of draws that are kept so that their quantiles are exact."""

AT_A_TIME = 1_000_000
"""Draws put in order by one call: who has done them may have to wait for the lock."""

_ROOM = Room()  # draws of a page


@dataclass(frozen=True)
class Summing:
    """Moments of every row of a block, draws of the first and counts of the last.

    Attributes
    ----------
    pages : Pages
    replicate : int
        Draws of one replicate.
    shown : int
        Rows, from the first, whose draws are handed over.
    counted : int
        First of the rows that are counted.
    """

    pages: Pages
    replicate: int
    shown: int
    counted: int

    def __call__(self, block: Block, room: FloatArray | None = None) -> Payload:
        """See `Work`.

        Returns
        -------
        dict
            ``draws (shown, draw)``; ``moments (row, piece, 6)``; of the rows that are
            counted, `keys` and `counts` of a `Tallies` for each of the ``replicates``,
            up to ``ends``.
        """
        rows = len(self.pages.nodes)
        shown = (
            np.empty((self.shown, block.stop - block.start)) if room is None else room
        )
        moments = []
        tallies: dict[int, Tallies] = {}
        for page, span in block.pages():
            values = _ROOM.of(rows, span.stop - span.start)
            self.pages.fill(page, values)
            shown[:, span] = values[: self.shown]
            start = block.start + span.start
            bounds = bounds_of(start, block.start + span.stop, self.replicate)
            moments.append(of_pieces(values, bounds - start))
            for a, b in pairwise(bounds.tolist() if self.counted < rows else []):
                replicate = a // self.replicate
                if replicate not in tallies:
                    tallies[replicate] = Tallies(rows - self.counted)
                counted = values[self.counted :, a - start : b - start]
                tallies[replicate].count(counted)
        return {
            "draws": shown,
            "moments": np.concatenate(moments, axis=1),
            **(_packed(tallies) if tallies else {}),
        }


def _packed(tallies: dict[int, Tallies]) -> Payload:
    """Counts of a block as plain arrays, replicate by replicate."""
    each = list(tallies.values())
    return {
        "replicates": np.array(list(tallies)),
        "ends": np.cumsum([tally.keys.size for tally in each]),
        "keys": np.concatenate([tally.keys for tally in each]),
        "counts": np.concatenate([tally.counts for tally in each]),
    }


@dataclass(frozen=True)
class Reduced:
    """Statistics of rows, and where their draws are.

    Attributes
    ----------
    model : Model
    rows : Rows
    held : int
        Rows, from the first, whose quantiles are exact.
    store : DrawStore
    reading : Reading
        Of every row.
    points : ndarray, shape (row,)
        Values with every input at its point value.
    shown : int
        Rows, from the first, whose draws are kept.
    wanted : sequence of Table
        Whose draws can be asked for.
    finish : callable
        Waits for the draws to be read, and gives the statistics of every row and its
        tail index; behind the last stands one that is absent.
    """

    model: Model
    rows: Rows
    held: int
    store: DrawStore
    reading: Reading
    points: FloatArray
    shown: int
    wanted: Sequence[Table]
    finish: Callable[[], tuple[Moments, OrderStatistics, FloatArray]]

    def blank(self, table: Table, known: Collection[str] = ()) -> xr.Dataset:
        """Labels for the statistics of a table, which may still be under way.

        ``attrs["quantile_relative_error"]`` is 0 where quantiles are exact.

        Parameters
        ----------
        table : Table
        known : collection of str
            Dims whose labels are left out, for what it is put under has them.
        """
        frame = frame_of(self.model, table, known)
        probability, inner = self.reading.probability, bool(known)
        found = blank(frame, probability, LEVELS, ("point",), inner=inner)
        exact = max(self.rows.find(table), default=-1) < self.held
        error = 0.0 if exact else counts.RELATIVE_ERROR
        found.attrs["quantile_relative_error"] = error
        return found

    def fill(self, table: Table, data: xr.Dataset) -> None:
        """Write the statistics of a table under the labels that were made for it."""
        places = self.rows.find(table)  # -1, the last, where a cell is absent
        fill(data, {name: rows[places] for name, rows in self._numbers.items()})

    def draws(self, table: Table) -> xr.DataArray:
        """Draws of a table, under its labels; computed when they are asked for."""
        frame = frame_of(self.model, table)
        index = np.array(self._quantities.find(table), dtype=np.intp)
        return expanded(
            self._computed,
            index.reshape(frame.shape),
            frame.dims,
            frame.coords,
            frame.attrs,
            table.name,
        )

    @cached_property
    def _quantities(self) -> Rows:
        """Quantities whose draws can be asked for, each once."""
        return Rows.of(self.wanted)

    @cached_property
    def _computed(self) -> RowStore:
        """Draws of the quantities: rows that are kept, or what follows from them."""
        values = self.store.some(0, self.shown)
        kept = Held(values if self.shown == self.store.rows else values.copy())
        rows = self._quantities
        nodes = self.rows.nodes[: self.shown]
        if rows.nodes == nodes:
            return kept
        formulas = Formulas.of(self.model.graph, nodes, rows.nodes, rows.factors)
        return Recomputed(kept, formulas)

    @cached_property
    def _numbers(self) -> dict[str, FloatArray]:
        found = numbers(*self.finish(), self.store.draws)
        return {**found, "point": np.append(self.points, np.nan)}


def summarise_model(
    model: Model,
    design: Design,
    tables: Sequence[Table],
    *,
    levels: Levels | None = None,
    probability: float = 0.95,
    threads: int = 1,
    task_pages: int | None = None,
    runner: Runner | None = None,
    budget: int = BUDGET,
    shown: Sequence[Table] = (),
    store: DrawStore | None = None,
    progress: Progress | None = None,
) -> Reduced:
    """Statistics of tables, with no more draws in memory than a budget.

    Parameters
    ----------
    model : Model
    design : Design
    tables : sequence of Table
        Those that stand first have exact quantiles while their draws fit the budget.
    levels : Levels, optional
        A `Coupling`, where inputs depend on each other.
    probability : float
        Coverage probability of the intervals.
    threads, task_pages, runner
        Who does the work, as for `propagate`; the result does not depend on it.
    budget : int
        Bytes.
    shown : sequence of Table
        Tables whose draws are wanted too.
    store : DrawStore, optional
        Where those go; memory without it.
    progress : callable, optional
        Told how many draws each finished block did.

    Returns
    -------
    Reduced

    Raises
    ------
    ModelError
        A draw is not finite or breaks a check.

    Notes
    -----
    With too few draws for the interval its ends and their errors are NaN.
    """
    # on disk, where anybody reads them, all; in memory what the others follow from
    wanted = list(shown) if store is not None else _kept(model, shown)
    rows = Rows.of([*wanted, *tables])
    first = len(Rows.of(wanted).nodes)
    if store is None:
        held = max(_held(tables, rows, first, design.draws, budget), first)
        if tables[0] in shown:  # whatever its draws take, its quantiles are exact
            held = max(held, 1 + max(rows.find(tables[0]), default=-1))
        store = Memory(held, design.draws)
    else:
        held = first if design.draws * 8 <= budget else 0
    made = Pages(model.graph, model.checks, rows.nodes, rows.factors, levels or design)
    replicate = design.draws // design.replicates
    reading = Reading(design.draws, probability, (MEDIAN, *LEVELS), design.replicates)
    gathered = _Gathered(reading, len(rows.nodes), held)

    def take(block: Block, found: Payload) -> None:
        # what an ended run has left of a block may lack draws, which it had put already
        if "draws" in found:
            store.put(block, found["draws"])
        gathered.take(block, found)
        if progress:
            progress(block.stop - block.start)

    perform(
        model,
        design,
        Summing(made, replicate, store.rows, held),
        runner or Threads(threads),
        blocks(design.draws, task_pages),
        take,
        store.room,
    )
    finish = gathered.begin_reading(store, threads)
    return Reduced(model, rows, held, store, reading, made.points, first, shown, finish)


def _kept(model: Model, shown: Sequence[Table]) -> list[Table]:
    """Nodes that draws of some tables follow from, unless there are more of them."""
    rows = Rows.of(shown)
    nodes = kept_nodes(model.graph, rows.nodes)
    if len(nodes) >= len(rows.nodes):
        return list(shown)
    return [Table("kept", "Draws that others follow from", np.array(nodes), "1")]


def _held(
    tables: Sequence[Table], rows: Rows, shown: int, draws: int, budget: int
) -> int:
    """Rows whose draws are held for exact quantiles: whole tables, while they fit."""
    held = shown
    for table in tables:
        wanted = max(held, 1 + max(rows.find(table), default=-1))
        if (wanted - shown) * draws * 8 > budget:
            break
        held = wanted
    return held


@dataclass
class _Gathered:
    """What blocks handed over, in any order, put together."""

    reading: Reading
    rows: int
    held: int
    _open: dict[int, Tallies] = field(default_factory=dict)
    _missing: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make room for what is handed over; the row behind the last is absent."""
        replicates, size = self.reading.replicates, self._size
        self._bounds = bounds_of(0, self.reading.draws, size)
        self._pieces = np.full((self.rows + 1, self._bounds.size - 1, 6), np.nan)
        self._whole = Tallies(self.rows - self.held)
        self._below = np.full((self.rows + 1, replicates, MARKED), np.nan)
        counted = self.rows - self.held
        # draws of the replicates of rows that are counted, about each mark
        self._near = np.empty((counted, replicates, MARKED, GRID))

    @property
    def _size(self) -> int:
        return self.reading.draws // self.reading.replicates

    def take(self, block: Block, found: Payload) -> None:
        """Take one block."""
        first, last = np.searchsorted(self._bounds, [block.start, block.stop])
        self._pieces[:-1, first:last] = found["moments"]
        if "counts" not in found:
            return
        cuts = found["ends"][:-1]
        parts = (np.split(found[name], cuts) for name in ("keys", "counts"))
        for replicate, *part in zip(found["replicates"].tolist(), *parts, strict=True):
            self._take_counts(block, replicate, *part)

    def _take_counts(
        self, block: Block, replicate: int, keys: Counts, numbers: Counts
    ) -> None:
        """Take a block's part of a replicate; read its ends once it is whole."""
        if self.reading.replicates == 1:
            self._whole.add(keys, numbers)
            return
        if replicate not in self._open:
            self._open[replicate] = Tallies(self.rows - self.held)
        tallies = self._open[replicate]
        tallies.add(keys, numbers)
        size = self._size
        first, last = replicate * size, (replicate + 1) * size
        done = min(block.stop, last) - max(block.start, first)
        self._missing[replicate] = self._missing.get(replicate, size) - done
        if not self._missing[replicate]:
            ranks = self.reading.grid.astype(np.int64)
            for i in range(self.rows - self.held):
                self._near[i, replicate] = tallies.ranked(i)(ranks)
            self._whole.add(tallies.keys, tallies.counts)
            del self._open[replicate]

    def begin_reading(
        self, store: DrawStore, threads: int
    ) -> Callable[[], tuple[Moments, OrderStatistics, FloatArray]]:
        """Begin to read every row, those held from the store.

        Returns
        -------
        callable
            Waits for that and gives the statistics, and the tail index of each row.
        """
        moments = Moments.of(self._pieces, self._bounds, self.reading.replicates)
        heavy = moments.kurtosis > LOOKED_AT
        tails = np.where(np.isnan(moments.mean), np.nan, 0.0)
        ends = ends_of(self._pieces)
        found = np.full((self.rows + 1, self.reading.width), np.nan)
        some = max(min(AT_A_TIME // self.reading.draws, store.together), 1)
        parts = [slice(i, min(i + some, self.held)) for i in range(0, self.held, some)]

        def held(i: int) -> None:
            part = parts[i]
            rows = store.some(part.start, part.stop)
            self.reading.read(rows, ends[part], found[part], self._below[part])
            for i in np.flatnonzero(heavy[part]).tolist():
                tails[part.start + i] = tail_index(rows[i])

        wait = begin(held, len(parts), threads)

        def finish() -> tuple[Moments, OrderStatistics, FloatArray]:
            for i, row in enumerate(range(self.held, self.rows)):
                values = self._whole.ranked(i, *ends[row].tolist())
                self.reading.read_counts(values, found[row])
                self._count(i, found[row], self._below[row])
                if heavy[row]:
                    tails[row] = tail_index_by_rank(values, self.reading.draws)
            wait()
            order = OrderStatistics.of(self.reading, found, self._below)
            return moments, order, tails

        return finish

    def _count(self, row: int, found: FloatArray, below: FloatArray) -> None:
        """Draws of each replicate at or below the marks of a row that is counted."""
        if self.reading.replicates == 1:
            return
        marks = found[len(self.reading.levels) :][:MARKED]
        for near, place in zip(self._near[row], below, strict=True):
            for k, (mark, ranks) in enumerate(
                zip(marks, self.reading.grid, strict=True)
            ):
                place[k] = np.interp(mark, near[k], ranks + 1)
