"""Draws of labelled quantities over distinct rows, expanded only where they are read.

Most scenarios share most of their quantities: eighteen scenarios with thirty
contributions each hold some fifty distinct rows of draws. The rows are kept once; each
quantity says which row it is, and an array over them looks like any other.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from uncertainty.arrays import FloatArray, IntArray

ABSENT = -1
"""In place of a row: the quantity does not exist there, and its draws are NaN."""


class RowStore(Protocol):
    """Where the rows are, in memory or on disk."""

    @property
    def size(self) -> int:
        """Number of rows."""

    @property
    def draws(self) -> int:
        """Draws of a row."""

    def rows(self, which: IntArray, draws: slice) -> FloatArray:
        """Draws of some rows, shape (row, draw); `which` is sorted, without repeats."""


class _Expanded(BackendArray):
    """Array (..., draw) whose cells are rows of a store."""

    def __init__(self, store: RowStore, index: IntArray) -> None:
        self.store, self.index = store, index
        self.shape = (*index.shape, store.draws)
        self.dtype = np.dtype("float64")

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        support = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._some)

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Expanded":
        return self  # nothing writes to it

    def _some(self, key: tuple[Any, ...]) -> Any:
        *cells, draw = key
        index = self.index
        for axis in reversed(range(index.ndim)):  # one axis at a time: outer indexing
            index = index[(slice(None),) * axis + (cells[axis],)]
        index = np.asarray(index)
        part = draw if isinstance(draw, slice) else slice(None)
        there, place = np.unique(index, return_inverse=True)
        absent = int(there.size > 0 and there[0] == ABSENT)
        rows = self.store.rows(there[absent:], part)
        if absent:
            rows = np.concatenate([np.full((1, rows.shape[1]), np.nan), rows])
        if not isinstance(draw, slice):
            rows = rows[:, draw]
        if index.ndim == 0:
            return rows[0]
        return rows[place.reshape(index.shape)]


def expanded(
    store: RowStore,
    index: IntArray,
    dims: tuple[str, ...],
    coords: xr.Coordinates | Mapping[str, Any] | None = None,
    attrs: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> xr.DataArray:
    """Draws of quantities, dims (*dims, draw), read from their rows when asked for.

    Parameters
    ----------
    store : RowStore
    index : ndarray of int, one axis for each of `dims`
        Row of each quantity; `ABSENT` where it does not exist.
    dims : tuple of str
    coords, attrs, name
        As for a DataArray.

    Returns
    -------
    DataArray
    """
    lazy = indexing.LazilyIndexedArray(_Expanded(store, index))
    variable = xr.Variable((*dims, "draw"), lazy, dict(attrs or {}), fastpath=True)
    return xr.DataArray(variable, coords=coords, name=name)


def rows_of(array: xr.Variable) -> tuple[RowStore, IntArray] | None:
    """Store and rows behind an array that `expanded` made and nobody cut since."""
    data = array._data
    if not isinstance(data, indexing.LazilyIndexedArray):
        return None
    inner = data.array
    if not isinstance(inner, _Expanded) or array.shape != inner.shape:
        return None
    return inner.store, inner.index


class Held:
    """Rows in memory, shape (row, draw)."""

    def __init__(self, values: FloatArray) -> None:
        self._values = values
        self.size, self.draws = values.shape

    def rows(self, which: IntArray, draws: slice) -> FloatArray:
        """See `RowStore.rows`."""
        found: FloatArray = self._values[which, draws]
        return found
