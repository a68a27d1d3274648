"""Counts in bins of equal relative width: quantiles of more draws than fit in memory.

A bin is the leading bits of a draw as a double: sign, exponent and the first twelve
digits behind the leading one. Counts are whole numbers, so they may be added up in any
order, by whom ever, and are the same.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from uncertainty import kernel
from uncertainty.arrays import FloatArray, IntArray
from uncertainty.kernel import rows as kernel_rows

DIGITS = 12
RELATIVE_ERROR = 2.0**-DIGITS
"""Width of a bin over the smaller of its ends: what a quantile may be off by."""

_SHIFT = 52 - DIGITS
_REST = np.int64(0x7FFF_FFFF_FFFF_FFFF)
_BINS = 1 << DIGITS  # in an octave: from a power of two to the next
_OCTAVES = 1 << 12  # of either sign
_ZERO = _BINS * _OCTAVES // 2  # number of the bin of 0

_USUAL = 8  # octaves of a row, for which there is room at once

Counts = npt.NDArray[np.int32]
"""A design has fewer draws than such a number holds."""


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


class Tallies:
    """How many draws of some rows fell into each bin.

    Parameters
    ----------
    rows : int

    Notes
    -----
    Counts stand octave by octave, those alone that hold a draw: whatever draws span,
    they take little room.
    """

    def __init__(self, rows: int) -> None:
        self._place = np.full((rows, _OCTAVES), -1, np.int32)  # of an octave's counts
        self._used = np.zeros(1, np.int64)
        room = _USUAL * rows
        self._keys = np.empty(room, np.int32)
        self._counts = np.zeros((room, _BINS), np.int32)

    @property
    def keys(self) -> Counts:
        """Row and octave of each octave that holds a draw, in one number."""
        return self._keys[: self._used[0]]

    @property
    def counts(self) -> Counts:
        """Draws in the bins of each of these octaves, shape (octave, bin)."""
        return self._counts[: self._used[0]]

    def count(self, rows: FloatArray) -> None:
        """Count finite draws, shape (row, draw), the last axis in C order."""
        if kernel.compiled() is None:
            for i, row in enumerate(rows):
                numbers, counts = np.unique(bins(row), return_counts=True)
                keys = (i * _OCTAVES + (numbers >> DIGITS)).astype(np.int32)
                self._find(np.unique(keys))
                place = self._place.ravel()[keys]
                self._counts[place, numbers % _BINS] += counts.astype(np.int32)
            return
        done = 0
        while done < rows.size:
            self._grow(len(rows))
            done = kernel_rows.count(
                rows, _SHIFT, done, self._place, self._used, self._keys, self._counts
            )

    def add(self, keys: Counts, counts: Counts) -> None:
        """Add what another has counted of the same rows: its `keys` and `counts`."""
        for place, more in zip(self._find(keys).tolist(), counts, strict=True):
            self._counts[place] += more

    def ranked(
        self, row: int, least: float = -np.inf, largest: float = np.inf
    ) -> Callable[[IntArray], FloatArray]:
        """Order statistics of a row, to `RELATIVE_ERROR`.

        Parameters
        ----------
        row : int
        least, largest : float
            Of its draws, which bound what is given.

        Returns
        -------
        callable
            Ranks counted from 0 -> draws of those ranks; draws of a bin are taken to
            lie evenly in it.
        """
        octaves = np.flatnonzero(self._place[row] >= 0)
        counts = self._counts[self._place[row, octaves]].ravel()
        above = np.cumsum(counts)

        def values(ranks: IntArray) -> FloatArray:
            place = np.searchsorted(above, ranks, side="right")
            low, high = ends(octaves[place // _BINS] * _BINS + place % _BINS)
            count = counts[place]
            share = (ranks - (above[place] - count) + 0.5) / count
            found: FloatArray = np.clip(low + share * (high - low), least, largest)
            return found

        return values

    def _find(self, keys: Counts) -> Counts:
        """Place of the counts of each key; room is made for those that have none."""
        places = self._place.ravel()
        new = keys[places[keys] < 0]
        self._grow(new.size)
        first = self._used[0]
        places[new] = np.arange(first, first + new.size)
        self._keys[first : first + new.size] = new
        self._used += new.size
        found: Counts = places[keys]
        return found

    def _grow(self, more: int) -> None:
        """Make room for some octaves more."""
        used = int(self._used[0])
        if used + more <= len(self._keys) and used < len(self._keys):
            return
        room = 2 * used + more
        keys, counts = np.zeros(room, np.int32), np.zeros((room, _BINS), np.int32)
        keys[:used], counts[:used] = self.keys, self.counts
        self._keys, self._counts = keys, counts
