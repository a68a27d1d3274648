"""Draws at the ranks that are asked for: sorting them all costs ten times as much."""

from collections.abc import Iterable

import numpy as np

from uncertainty import kernel_rows
from uncertainty.arrays import FloatArray

Span = tuple[int, int]
FEW = 2_000
"""Draws below which sorting them all is as quick."""


def placed(
    row: FloatArray,
    spans: Iterable[Span],
    room: FloatArray | None = None,
    ends: tuple[float, float] | None = None,
) -> FloatArray:
    """Draws in the order of their size, where it is asked for.

    Parameters
    ----------
    row : ndarray, shape (draw,)
        Finite.
    spans : iterable of (first, last)
        Ranks from `first` up to `last`, counted from 0.
    room : ndarray, shape (draw or more,), optional
        Where the answer may stand; fresh memory costs a fifth of what is done.
    ends : tuple of float, optional
        Least and largest draw, if they are known.

    Returns
    -------
    ndarray, shape (draw,)
        As if sorted at those ranks; what stands at other ranks means nothing.

    Examples
    --------
    >>> placed(np.array([3.0, 1.0, 2.0]), [(0, 1), (2, 3)])[[0, 2]]
    array([1., 3.])
    """
    joined = _joined(spans, row.size)
    if row.size < FEW or joined == [(0, row.size)]:
        return np.sort(row)
    out = np.empty(row.size) if room is None else room[: row.size]
    row = np.ascontiguousarray(row)
    wanted = np.array(joined, dtype=np.int64).reshape(-1, 2)
    if kernel_rows.order(
        row, ends or (float(row.min()), float(row.max())), wanted, out
    ):
        return out
    edges = {rank for first, last in joined for rank in (first, last - 1)}
    found = np.partition(row, sorted(edges))
    for first, last in joined:
        found[first:last].sort()
    return found


def _joined(spans: Iterable[Span], draws: int) -> list[Span]:
    """Spans in rising order, with those that touch made one."""
    found: list[Span] = []
    for first, last in sorted((max(a, 0), min(b, draws)) for a, b in spans):
        if first >= last:
            continue
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found
