"""Statistics of a run whose draws are not kept: reduced block by block as they come.

Moments are exact whatever the number of draws. Quantiles are exact as long as the draws
of a table fit a budget of memory; beyond it they are read from counts in bins of equal
relative width, and the result says how far off they may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import numpy as np
import xarray as xr

from uncertainty import counts
from uncertainty.arrays import FloatArray
from uncertainty.blocks import Block, Payload, Runner, Threads, blocks, each
from uncertainty.counts import Counts, Tallies
from uncertainty.draws import DrawStore, Memory, Rows
from uncertainty.errors import SampleError
from uncertainty.model import Model, Table
from uncertainty.moments import bounds_of, of_pieces
from uncertainty.pages import Pages
from uncertainty.propagation import Progress, frame_of, label, perform
from uncertainty.reduction import (
    Moments,
    OrderStatistics,
    end_ranks,
    ends_of,
    least_draws,
)
from uncertainty.sampling import Design, Levels
from uncertainty.seeds import PAGE
from uncertainty.statistics import LEVELS, dataset

BUDGET = 512 * 2**20
"""Bytes of draws that are kept so that their quantiles are exact."""

STARTS = 4_000
"""Ranks at which a shortest interval is tried where quantiles are read from counts."""

Part = TypeVar("Part", Moments, OrderStatistics)


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
        # what is handed over is written where it belongs, unless it is counted too
        split = min(self.shown, self.counted)
        buffer = np.empty((rows - split, min(block.stop - block.start, PAGE)))
        moments = []
        tallies: dict[int, Tallies] = {}
        for page, span in block.pages():
            rest = buffer[:, : span.stop - span.start]
            self.pages.fill(page, shown[:split, span], rest)
            shown[split:, span] = rest[: self.shown - split]
            start = block.start + span.start
            bounds = bounds_of(start, block.start + span.stop, self.replicate)
            parts = (shown[:split, span], rest)
            found = [of_pieces(part, bounds - start) for part in parts]
            moments.append(np.concatenate(found))
            for a, b in pairwise(bounds.tolist() if self.counted < rows else []):
                replicate = a // self.replicate
                if replicate not in tallies:
                    tallies[replicate] = Tallies(rows - self.counted)
                counted = rest[self.counted - split :, a - start : b - start]
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
    moments, order, points
        Of every row.
    """

    model: Model
    rows: Rows
    held: int
    store: DrawStore
    moments: Moments
    order: OrderStatistics
    points: FloatArray

    def statistics(self, table: Table, probability: float) -> xr.Dataset:
        """Statistics of a table, as `statistics.summarise` gives them.

        ``attrs["quantile_relative_error"]`` is 0 where quantiles are exact.
        """
        places = self.rows.find(table)
        exact = max(places, default=-1) < self.held
        found = dataset(
            _picked(self.moments, places),
            _picked(self.order, places),
            frame_of(self.model, table),
            probability,
            LEVELS,
            {"point": np.append(self.points, np.nan)[places]},  # -1 is an absent cell
        )
        error = 0.0 if exact else counts.RELATIVE_ERROR
        found.attrs["quantile_relative_error"] = error
        return found

    def draws(self, table: Table) -> xr.DataArray:
        """Draws of a table that was shown, under its labels."""
        values = np.full((table.nodes.size, self.store.draws), np.nan)
        for cell, row in enumerate(self.rows.find(table)):
            if row >= 0:
                values[cell] = self.store.row(row)
        return label(self.model, table, values, ("draw",))


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
    SampleError
        Too few draws for the interval.
    """
    if design.draws < (needed := least_draws(probability)):
        raise SampleError(f"{design.draws} draws, p = {probability} takes {needed}")
    rows = Rows.of([*shown, *tables])
    first = len(Rows.of(shown).nodes)
    if store is None:
        held = max(_held(tables, rows, first, design.draws, budget), first)
        store = Memory(held, design.draws)
    else:
        held = first if design.draws * 8 <= budget else 0
    made = Pages(model.graph, model.checks, rows.nodes, rows.factors, levels or design)
    replicate = design.draws // design.replicates
    gathered = _Gathered(design, len(rows.nodes), held, probability)

    def take(block: Block, found: Payload) -> None:
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
    found = gathered.statistics(store, threads)
    return Reduced(model, rows, held, store, *found, made.points)


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


def _picked(whole: Part, places: list[int]) -> Part:
    """Rows of a table out of those of all; NaN where one is absent."""
    there = np.array(places) >= 0

    def pick(values: FloatArray) -> FloatArray:
        found = np.full((len(places), *values.shape[1:]), np.nan)
        found[there] = values[np.array(places)[there]]
        return found

    return type(whole)(*(pick(values) for values in vars(whole).values()))


@dataclass
class _Gathered:
    """What blocks handed over, in any order, put together."""

    design: Design
    rows: int
    held: int
    probability: float
    _open: dict[int, Tallies] = field(default_factory=dict)
    _missing: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make room for what is held."""
        draws, replicates = self.design.draws, self.design.replicates
        self._bounds = bounds_of(0, draws, draws // replicates)
        self._pieces = np.empty((self.rows, self._bounds.size - 1, 6))
        counted = self.rows - self.held
        self._whole = Tallies(counted)
        self._apart = np.empty((counted, replicates, 2))

    def take(self, block: Block, found: Payload) -> None:
        """Take one block."""
        first, last = np.searchsorted(self._bounds, [block.start, block.stop])
        self._pieces[:, first:last] = found["moments"]
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
        if self.design.replicates == 1:
            self._whole.add(keys, numbers)
            return
        if replicate not in self._open:
            self._open[replicate] = Tallies(self.rows - self.held)
        tallies = self._open[replicate]
        tallies.add(keys, numbers)
        size = self.design.draws // self.design.replicates
        first, last = replicate * size, (replicate + 1) * size
        done = min(block.stop, last) - max(block.start, first)
        self._missing[replicate] = self._missing.get(replicate, size) - done
        if not self._missing[replicate]:
            ranks = np.array(end_ranks(size, self.probability))
            for i, ends in enumerate(self._apart[:, replicate]):
                ends[:] = tallies.ranked(i)(ranks)
            self._whole.add(tallies.keys, tallies.counts)
            del self._open[replicate]

    def statistics(
        self, store: DrawStore, threads: int
    ) -> tuple[Moments, OrderStatistics]:
        """Statistics of every row; those held are read from the store."""
        draws, replicates = self.design.draws, self.design.replicates
        order = OrderStatistics.empty(self.rows, len(LEVELS))

        def held(i: int) -> None:
            ends = ends_of(self._pieces[i])
            order.take(i, store.row(i), ends, self.probability, LEVELS, replicates)

        each(held, self.held, threads)
        for i in range(self.rows - self.held):
            row = self.held + i
            values = self._whole.ranked(i, *ends_of(self._pieces[row]))
            apart = self._apart[i] if replicates > 1 else None
            order.read(row, values, draws, self.probability, LEVELS, apart, STARTS)
        return Moments.of(self._pieces, self._bounds, replicates), order
