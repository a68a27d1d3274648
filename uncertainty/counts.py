"""Counts in bins of equal relative width: quantiles of more draws than fit in memory.

A bin is the leading bits of a draw as a double: sign, exponent and the first twelve
digits behind the leading one. Counts are whole numbers, so they may be added up in any
order, by whom ever, and are the same.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from uncertainty import kernel
from uncertainty.arrays import FloatArray, IntArray

DIGITS = 12
RELATIVE_ERROR = 2.0**-DIGITS
"""Width of a bin over the smaller of its ends: what a quantile may be off by."""

_SHIFT = 52 - DIGITS
_REST = np.int64(0x7FFF_FFFF_FFFF_FFFF)
_ZERO = 1 << (DIGITS + 12)  # number of the bin of 0
_MOST_DENSE = 1 << 17  # bins between least and largest that are counted in one array


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
    """How many draws of one quantity fell into each bin.

    Attributes
    ----------
    first : int
        Number of the first bin in `dense`.
    dense : ndarray of int64
        Counts of bins that follow one another, as long as they are not too many.
    sparse : dict of bin to count
        In place of that where they are.
    """

    first: int = 0
    dense: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    sparse: dict[int, int] | None = None

    def count(self, row: FloatArray, least: float, largest: float) -> None:
        """Count draws, shape (draw,), that lie between `least` and `largest`."""
        low, high = bins(np.array([least, largest])).tolist()
        if not self._reach(low, high):
            self._spread(*np.unique(bins(row), return_counts=True))
        elif not kernel.count(row, _SHIFT, self.first - _ZERO, self.dense):
            found = np.bincount(bins(row) - low)
            self.dense[low - self.first :][: found.size] += found

    def add(self, numbers: IntArray, counts: IntArray) -> None:
        """Add counts of bins, each named once, in rising order."""
        if not numbers.size:
            return
        if self._reach(int(numbers[0]), int(numbers[-1])):
            self.dense[numbers - self.first] += counts
        else:
            self._spread(numbers, counts)

    def filled(self) -> tuple[IntArray, IntArray]:
        """Numbers of the bins that hold a draw, in rising order, and how many."""
        if self.sparse is None:
            places = np.flatnonzero(self.dense)
            return places + self.first, self.dense[places]
        numbers = sorted(self.sparse)
        counts = [self.sparse[number] for number in numbers]
        return np.array(numbers, dtype=np.int64), np.array(counts, dtype=np.int64)

    def values(self, least: float, largest: float, ranks: IntArray) -> FloatArray:
        """Order statistics, to `RELATIVE_ERROR`.

        Parameters
        ----------
        least, largest : float
            Of the draws, which bound what is given.
        ranks : ndarray of int, shape (rank,)
            Counted from 0.

        Returns
        -------
        ndarray, shape (rank,)
            Draws of a bin are taken to lie evenly in it.
        """
        numbers, counts = self.filled()
        above = np.cumsum(counts)
        place = np.searchsorted(above, ranks, side="right")
        low, high = ends(numbers)
        share = (ranks - (above - counts)[place] + 0.5) / counts[place]
        found = low[place] + share * (high - low)[place]
        return np.clip(found, least, largest)

    def _reach(self, low: int, high: int) -> bool:
        """Make room for bins `low` to `high`; False if there would be too many."""
        if self.sparse is not None:
            return False
        end = self.first + self.dense.size
        if self.dense.size and self.first <= low and high < end:
            return True
        if self.dense.size:
            low, high = min(low, self.first), max(high, end - 1)
        if high - low >= _MOST_DENSE:
            self.sparse = dict(zip(*(x.tolist() for x in self.filled()), strict=True))
            return False
        spare = (high - low + 1) // 4  # so that room is not made time and again
        grown = np.zeros(high - low + 1 + 2 * spare, dtype=np.int64)
        if self.dense.size:
            begin = self.first - (low - spare)
            grown[begin : begin + self.dense.size] = self.dense
        self.first, self.dense = low - spare, grown
        return True

    def _spread(self, numbers: IntArray, counts: IntArray) -> None:
        assert self.sparse is not None  # there was no room for an array
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            self.sparse[number] = self.sparse.get(number, 0) + count
