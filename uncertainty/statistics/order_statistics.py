"""Which draws of a row its statistics read: their ranks, and how they are found."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.kernel import rows as kernel_rows

ENDS = 2
"""Of an interval."""

MEDIAN = 0.5
MARKED = 3
"""Draws whose error is told: both ends and the median."""

GRID = 33
"""Ranks of a replicate, within 4 sd of each of them, from which draws at or below are
interpolated where a row is known by counts alone."""
REACH = 4

STARTS = 4_000
"""Ranks at which a shortest interval is tried where draws are read from counts."""

Ranked = Callable[[Any], FloatArray]
"""Ranks counted from 0 -> draws of those ranks."""


@dataclass(frozen=True)
class Reading:
    """Ranks, counted from 0, whose draws are read of a row.

    Attributes
    ----------
    draws : int
        Of a row.
    probability : float
        Coverage probability of the intervals.
    levels : tuple of float
        Of quantiles.
    replicates : int
        Independent scrambles or hypercubes one after the other in a row.
    """

    draws: int
    probability: float
    levels: tuple[float, ...]
    replicates: int = 1

    @cached_property
    def span(self) -> int:
        """Draws from one end of an interval to the other (JCGM 101, 7.7.2)."""
        return _span(self.draws, self.probability)

    @cached_property
    def alone(self) -> IntArray:
        """Ranks that are known: of levels, of what is marked, and of both its sides.

        A side lies one binomial sd from its mark.
        """
        # 0.975 x 1000 is 975.0000000000001 in floats
        places = [math.ceil(round(level * self.draws, 6)) for level in self.levels]
        levels = [max(place, 1) - 1 for place in places]
        marks = [*end_ranks(self.draws, self.probability)]
        marks.append(max(math.ceil(self.draws * MEDIAN), 1) - 1)
        sides = []
        for tail, spread in zip(self.tails, self.spreads, strict=True):
            sides.append(max(math.floor(self.draws * tail - spread), 0))
            above = math.ceil(self.draws * tail + spread)
            sides.append(min(above, self.draws - 1))
        return np.array([*levels, *marks, *sides], dtype=np.int64)

    @property
    def width(self) -> int:
        """Draws that are read: `alone`, and the ends of a shortest interval."""
        return self.alone.size + ENDS

    @property
    def tails(self) -> tuple[float, float, float]:
        """Levels of the ends of the symmetric interval, and of the median."""
        return (1 - self.probability) / 2, (1 + self.probability) / 2, MEDIAN

    @property
    def spreads(self) -> list[float]:
        """Binomial sd of the rank of each of them."""
        return [_spread(self.draws, tail) for tail in self.tails]

    def read(
        self, rows: FloatArray, ends: FloatArray, found: FloatArray, below: FloatArray
    ) -> None:
        """Read rows.

        Parameters
        ----------
        rows : ndarray, shape (row, draw)
            Finite; the last axis in C order.
        ends : ndarray, shape (row, 2), C order
            Least and largest draw of each.
        found : ndarray, shape (row, width), C order
            Where draws of `alone` go, and behind them the ends of the shortest
            interval: the first of those that are as short.
        below : ndarray, shape (row, replicate, 3), C order
            Where the number of draws in each replicate goes that lie at or below the
            ends of the symmetric interval and the median of all, if there is more than
            one replicate.
        """
        done = 0
        while done < len(rows):
            done += kernel_rows.ranked(
                rows[done:],
                ends[done:],
                self._wanted,
                self.alone,
                self.span,
                len(self.levels),
                found[done:],
                below[done:],
            )
            if done < len(rows):
                self._plainly(rows[done], found[done], below[done])
                done += 1

    def read_counts(self, values: Ranked, found: FloatArray) -> None:
        """Read a row of which the draws are known by their ranks alone.

        Parameters
        ----------
        values : callable
        found : ndarray, shape (width,)
            As for `read`; a shortest interval is tried at `STARTS` ranks.
        """
        spare = self.draws - self.span
        tried = np.arange(spare)
        if spare > STARTS:
            tried = np.linspace(0, spare - 1, STARTS).astype(np.int64)
        first = tried[np.argmin(values(tried + self.span) - values(tried))]
        found[:] = values(np.array([*self.alone.tolist(), first, first + self.span]))

    def _plainly(self, row: FloatArray, found: FloatArray, below: FloatArray) -> None:
        """What the compiled loop makes of a row."""
        ordered = _placed(row, self._ordered)
        widths = ordered[self.span :] - ordered[: self.draws - self.span]
        first = int(np.argmin(widths))
        found[:-ENDS] = ordered[self.alone]
        found[-ENDS:] = ordered[first], ordered[first + self.span]
        if self.replicates > 1:
            marks = found[len(self.levels) :][:MARKED]
            parts = row.reshape(self.replicates, -1, 1)
            below[:] = np.count_nonzero(parts <= marks, axis=1)

    @cached_property
    def grid(self) -> FloatArray:
        """Ranks of a replicate about each mark, shape (3, `GRID`), that rise."""
        size = self.draws // self.replicates
        steps = np.linspace(-REACH, REACH, GRID)
        ranks = [size * tail + _spread(size, tail) * steps for tail in self.tails]
        return np.clip(np.rint(ranks), 0, size - 1)

    @cached_property
    def _ordered(self) -> list[tuple[int, int]]:
        """Spans of ranks to put in order, rising: both tails, and others one by one."""
        spare = self.draws - self.span
        between = [r for r in self._wanted.tolist() if spare <= r < self.span]
        if spare >= self.span:
            return [(0, self.draws)]
        alone = [(rank, rank + 1) for rank in between]
        return [(0, spare), *alone, (self.span, self.draws)]

    @cached_property
    def _wanted(self) -> IntArray:
        """Ranks that are looked at, rising, each once."""
        return np.unique(self.alone)


def end_ranks(draws: int, probability: float) -> list[int]:
    """Ranks of the ends of the symmetric interval, counted from 0."""
    span = _span(draws, probability)
    first = max((draws - span + 1) // 2 - 1, 0)  # 7.7.2 counts from 1
    return [first, first + span]


def _span(draws: int, probability: float) -> int:
    return min(int(probability * draws + 0.5), draws - 1)


def _spread(draws: int, level: float) -> float:
    """Binomial sd of the rank of a quantile."""
    return math.sqrt(draws * level * (1 - level))


def _placed(row: FloatArray, spans: Sequence[tuple[int, int]]) -> FloatArray:
    """Draws in the order of their size at ranks from the first up to the second.

    What stands at other ranks means nothing: to put all in order costs ten times more.
    """
    edges = {rank for first, last in spans for rank in (first, last - 1)}
    found = np.partition(row, sorted(edges))
    for first, last in spans:
        found[first:last].sort()
    return found
