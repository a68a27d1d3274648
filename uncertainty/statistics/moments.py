"""Moments of draws that come piece by piece, joined in the order of the draws.

A piece is what a page and a replicate have in common, so that pages may be reduced as
they come, by whom ever, and the sums are the same bits as over the whole.
"""

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.kernel import rows as kernel_rows
from uncertainty.seeds import PAGE

Bounds = npt.NDArray[np.int64]
LANES = 8
"""Sums that run side by side through a piece; as in ``kernel.c``."""


def bounds_of(first: int, last: int, replicate: int) -> Bounds:
    """Draws at which pieces begin and end.

    Parameters
    ----------
    first, last : int
        Draws from `first` up to `last`.
    replicate : int
        Draws of one replicate.

    Returns
    -------
    ndarray, shape (piece + 1,)

    Examples
    --------
    >>> bounds_of(10_000, 30_000, 16_384).tolist()
    [10000, 16384, 20000, 30000]
    """
    between = {
        bound
        for step in (PAGE, replicate)
        for bound in range(first - first % step + step, last, step)
    }
    return np.array(sorted({first, last} | between), dtype=np.int64)


def of_pieces(rows: FloatArray, bounds: Bounds) -> FloatArray:
    """Mean, sums of powers of what lies off it, and ends of each piece of each row.

    Parameters
    ----------
    rows : ndarray, shape (row, draw)
        The last axis in C order.
    bounds : ndarray, shape (piece + 1,)
        Counted from the first draw in `rows`.

    Returns
    -------
    ndarray, shape (row, piece, 6)
        Mean; sums of second, third and fourth powers; least and largest.
    """
    out = np.empty((len(rows), bounds.size - 1, 6))
    if not kernel_rows.moments(rows, bounds, out):
        for row, found in zip(rows, out, strict=True):
            for i, begin in enumerate(bounds[:-1]):
                found[i] = _plainly(row[begin : bounds[i + 1]])
    return out


def _plainly(x: FloatArray) -> tuple[float, ...]:
    """What the compiled loop makes of a piece."""
    with np.errstate(invalid="ignore"):  # a row that is absent is NaN
        mean = x[0] + _sum(x - x[0]) / x.size
        off = x - mean
        square = off * off
        powers = (_sum(p) for p in (square, square * off, square * square))
        return mean, *powers, x.min() + 0.0, x.max() + 0.0  # -0.0 is 0.0


def _sum(x: FloatArray) -> float:
    lanes = np.pad(x, (0, -x.size % LANES)).reshape(-1, LANES)
    total = 0.0
    for lane in np.add.reduce(lanes, axis=0).tolist():
        total += lane
    return total


def join(pieces: FloatArray, sizes: Bounds) -> FloatArray:
    """Moments of pieces put together, in their order.

    Parameters
    ----------
    pieces : ndarray, shape (row, piece, 4 or more)
        Moments as `of_pieces` gives them.
    sizes : ndarray, shape (piece,)
        Draws in each.

    Returns
    -------
    ndarray, shape (row, 4)
        Mean and sums of powers over all draws.

    Notes
    -----
    Pebay, Sandia report SAND2008-6212 (2008), equations 2.1, 3.1.
    """
    pieces = np.ascontiguousarray(pieces)
    out = np.empty((len(pieces), 4))
    if not kernel_rows.join(pieces, sizes.astype(np.float64), out):
        _join_plainly(pieces, sizes, out)
    return out


def _join_plainly(pieces: FloatArray, sizes: Bounds, out: FloatArray) -> None:
    """What the compiled loop makes of pieces."""
    mean, second, third, fourth = out.T
    out[:] = pieces[:, 0, :4]
    count = float(sizes[0])
    for piece, size in zip(
        pieces[:, 1:].swapaxes(0, 1), sizes[1:].tolist(), strict=True
    ):
        mean_b, second_b, third_b, fourth_b = piece.T[:4]
        whole = count + size
        gap = mean_b - mean
        step = gap / whole
        cross = gap * step * count * size
        fourth += (
            fourth_b
            + cross * step * step * (count * count - count * size + size * size)
            + 6 * step * step * (count * count * second_b + size * size * second)
            + 4 * step * (count * third_b - size * third)
        )
        third += (
            third_b
            + cross * step * (count - size)
            + 3 * step * (count * second_b - size * second)
        )
        second += second_b + cross
        mean += step * size
        count = whole
