"""The loops of ``kernel.c`` over rows of draws: moments, order statistics, counts.

As in `kernel`, which opens the door, the plain meaning of each stands in NumPy where
it is called.
"""

import numpy as np
import numpy.typing as npt

from uncertainty import kernel
from uncertainty.arrays import FloatArray, Room
from uncertainty.kernel import Places, at, whole

_EACH, _MOST = 32, 1 << 16  # draws of a bucket, about; buckets of a row
_BUCKETS, _ROOM = Room(np.int32), Room()


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


def join(pieces: FloatArray, sizes: FloatArray, out: FloatArray) -> bool:
    """Join pieces' moments as `moments.join` does; False if not compiled.

    Parameters
    ----------
    pieces : ndarray, shape (row, piece, 4 or more), C order
    sizes : ndarray, shape (piece,)
        Draws in each.
    out : ndarray, shape (row, 4), C order
    """
    if (loaded := kernel.compiled()) is None:
        return False
    rows, count, width = pieces.shape
    loaded.potline_join(
        at(pieces), whole(rows), whole(count), whole(width), at(sizes), at(out)
    )
    return True


def ranked(
    rows: FloatArray,
    ends: FloatArray,
    wanted: Places,
    alone: Places,
    span: int,
    marked: int,
    found: FloatArray,
    below: FloatArray,
) -> int:
    """Read rows by rank as `reading.Reading` does.

    Parameters
    ----------
    rows : ndarray, shape (row, draw)
        Finite; the last axis in C order.
    ends : ndarray, shape (row, 2), C order
        Least and largest draw of each.
    wanted : ndarray, shape (rank,)
        Those in `alone`, in rising order, each once.
    alone : ndarray, shape (rank,)
        Ranks of draws that are read.
    span : int
        Ranks from one end of a shortest interval to the other.
    marked : int
        First of three places in `alone` whose draws are counted up to.
    found : ndarray, shape (row, rank + 2), C order
    below : ndarray, shape (row, replicate, 3), C order
        Left as it is with one replicate.

    Returns
    -------
    int
        Rows that are read: all before one for which this does not pay; none if not
        compiled.
    """
    if (loaded := kernel.compiled()) is None:
        return 0
    draws = rows.shape[1]
    buckets = min(draws // _EACH + 16, _MOST)
    done: int = loaded.potline_ranked(
        at(rows),
        whole(len(rows)),
        whole(rows.strides[0] // rows.itemsize),
        whole(draws),
        at(ends),
        at(wanted),
        whole(wanted.size),
        at(alone),
        whole(alone.size),
        whole(span),
        whole(buckets),
        at(_BUCKETS.of(3 * (buckets + 1))),
        at(_ROOM.of(draws)),
        at(found),
        whole(below.shape[1]),
        whole(marked),
        at(below),
    )
    return done


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
