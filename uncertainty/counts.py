"""Counts in bins of equal relative width: quantiles of more draws than fit in memory.

A bin is the leading bits of a draw as a double: sign, exponent and the first twelve
digits behind the leading one. Counts are whole numbers, so they may be added up in any
order, by whom ever, and are the same.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray, IntArray

DIGITS = 12
RELATIVE_ERROR = 2.0**-DIGITS
"""Width of a bin over the smaller of its ends: what a quantile may be off by."""

_SHIFT = 52 - DIGITS
_REST = np.int64(0x7FFF_FFFF_FFFF_FFFF)
_SPAN, _ZERO = 1 << (DIGITS + 13), 1 << (DIGITS + 12)  # bins, and that of 0
_MOST_DENSE = 1 << 17  # bins between least and largest that are counted in one array
_PENDING = 1_000_000


def bins(values: FloatArray) -> npt.NDArray[np.int64]:
    """Number of the bin of each value; it rises with the value.

    Parameters
    ----------
    values : ndarray of float64, C order, finite
    """
    bits = (values + 0.0).view(np.int64)  # -0.0 is 0.0
    size = (bits & _REST) >> _SHIFT
    return np.where(bits < 0, _ZERO - 1 - size, _ZERO + size)


def ends(numbers: IntArray) -> tuple[FloatArray, FloatArray]:
    """Lower and upper end of bins."""
    size = np.asarray(numbers, dtype=np.int64) - _ZERO
    negative = size < 0
    size = np.where(negative, -1 - size, size)
    inner = (size << _SHIFT).view(np.float64)
    outer = ((size + 1) << _SHIFT).view(np.float64)
    return np.where(negative, -outer, inner), np.where(negative, -inner, outer)


@dataclass
class Tally:
    """How many draws of each of some rows fell into each bin.

    Attributes
    ----------
    keys, counts : ndarray of int64
        Row number x number of bins + bin, in rising order, and how many.
    """

    keys: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _pending: list[tuple[IntArray, IntArray]] = field(default_factory=list)
    _size: int = 0

    @classmethod
    def of(cls, rows: FloatArray) -> "Tally":
        """Count the draws of rows, shape (row, draw)."""
        keys, counts = [], []
        for i, row in enumerate(bins(np.ascontiguousarray(rows))):
            least = int(row.min())
            if int(row.max()) - least < _MOST_DENSE:
                dense = np.bincount(row - least)
                found = np.flatnonzero(dense)
                count = dense[found]
                found += least
            else:
                found, count = np.unique(row, return_counts=True)
            keys.append(found + i * _SPAN)
            counts.append(count)
        return cls(np.concatenate(keys), np.concatenate(counts))

    def add(self, keys: IntArray, counts: IntArray) -> None:
        """Add counts of the same rows."""
        self._pending.append((keys, counts))
        self._size += keys.size
        if self._size > _PENDING + 2 * self.keys.size:
            self.settle()

    def settle(self) -> None:
        """Put what was added in its place."""
        if not self._pending:
            return
        keys = np.concatenate([self.keys, *(k for k, _ in self._pending)])
        counts = np.concatenate([self.counts, *(c for _, c in self._pending)])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        self.keys, self.counts = keys[first], np.add.reduceat(counts[order], first)
        self._pending, self._size = [], 0

    def values(
        self, row: int, least: float, largest: float, ranks: IntArray
    ) -> FloatArray:
        """Order statistics of a row, to `RELATIVE_ERROR`.

        Parameters
        ----------
        row : int
        least, largest : float
            Of the row's draws, which bound what is given.
        ranks : ndarray of int, shape (rank,)
            Counted from 0.

        Returns
        -------
        ndarray, shape (rank,)
            Draws of a bin are taken to lie evenly in it.
        """
        self.settle()
        begin, end = np.searchsorted(self.keys, [row * _SPAN, (row + 1) * _SPAN])
        counts = self.counts[begin:end]
        above = np.cumsum(counts)
        place = np.searchsorted(above, ranks, side="right")
        low, high = ends(self.keys[begin:end] - row * _SPAN)
        share = (ranks - (above - counts)[place] + 0.5) / counts[place]
        found = low[place] + share * (high - low)[place]
        return np.clip(found, least, largest)
