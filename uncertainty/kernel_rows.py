"""The loops of ``kernel.c`` over rows of draws: moments, order statistics, counts.

As in `kernel`, which opens the door, the plain meaning of each stands in NumPy where
it is called.
"""

import ctypes

import numpy as np
import numpy.typing as npt

from uncertainty import kernel
from uncertainty.arrays import FloatArray, Room
from uncertainty.kernel import Places, at, whole

_BUCKETS = Room(np.int32)


def moments(rows: FloatArray, bounds: Places, out: FloatArray) -> bool:
    """Fill the pieces' moments as `moments.of_pieces` does; False if not compiled.

    Parameters
    ----------
    rows : ndarray, shape (row, draw)
        The last axis in C order.
    bounds : ndarray, shape (piece + 1,)
        Draws at which pieces begin and end.
    out : ndarray, shape (row, piece, 6), C order
    """
    if (loaded := kernel.compiled()) is None:
        return False
    loaded.potline_moments(
        at(rows),
        whole(len(rows)),
        whole(rows.strides[0] // rows.itemsize),
        at(bounds),
        whole(bounds.size - 1),
        at(out),
    )
    return True


def order(
    row: FloatArray, ends: tuple[float, float], wanted: Places, out: FloatArray
) -> bool:
    """Place draws at their ranks as `selection.placed` does; False if it did not.

    Parameters
    ----------
    row : ndarray, shape (draw,), C order
        Finite.
    ends : tuple of float
        Least and largest draw.
    wanted : ndarray, shape (span, 2)
        Ranks from the first up to the second, in rising order.
    out : ndarray, shape (draw,)
    """
    if (loaded := kernel.compiled()) is None:
        return False
    buckets = max(min(row.size // 8, 1 << 16), 16)
    failed = loaded.potline_order(
        at(row),
        whole(row.size),
        *map(ctypes.c_double, ends),
        at(wanted),
        whole(len(wanted)),
        whole(buckets),
        at(_BUCKETS.of(2 * (buckets + 1))),
        at(out),
    )
    return not failed


def near(
    parts: FloatArray,
    ranks: Places,
    low: FloatArray,
    high: FloatArray,
    room: FloatArray,
    out: FloatArray,
) -> bool:
    """Find draws of given ranks in each part; False if not compiled or not found.

    Parameters
    ----------
    parts : ndarray, shape (part, draw), C order
        Finite.
    ranks : ndarray of int64, shape (rank,)
        Counted from 0.
    low, high : ndarrays, shape (rank,)
        Between which each is looked for.
    room : ndarray, shape (draw or more,)
    out : ndarray, shape (part, rank), C order
    """
    if (loaded := kernel.compiled()) is None:
        return False
    failed = loaded.potline_near(
        at(parts),
        whole(len(parts)),
        whole(parts.shape[1]),
        at(ranks),
        at(low),
        at(high),
        whole(ranks.size),
        at(room),
        at(out),
    )
    return not failed


def count(
    rows: FloatArray,
    shift: int,
    begin: int,
    place: npt.NDArray[np.int32],
    used: Places,
    keys: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int32],
) -> int:
    """Count draws by their leading bits, as `counts.bins` numbers them.

    Parameters
    ----------
    rows : ndarray, shape (row, draw)
        The last axis in C order; finite.
    shift : int
        Bits that are left out.
    begin : int
        Draws that are counted already, over all rows in their order.
    place : ndarray, shape (row, octave)
        Where an octave's counts stand, -1 for one that has none yet.
    used : ndarray, shape (1,)
        How many octaves have a place.
    keys : ndarray, shape (room,)
        Their numbers over all rows.
    counts : ndarray, shape (room, bin)

    Returns
    -------
    int
        Draws that are counted now; not all if there is no room for an octave more.
    """
    loaded = kernel.compiled()
    assert loaded is not None  # who calls this has asked
    done: int = loaded.potline_count(
        at(rows),
        whole(len(rows)),
        whole(rows.strides[0] // rows.itemsize),
        whole(rows.shape[1]),
        whole(shift),
        whole(begin),
        at(place),
        at(used),
        whole(len(keys)),
        at(keys),
        at(counts),
    )
    return done
