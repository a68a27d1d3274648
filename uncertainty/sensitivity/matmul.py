"""Matrix products in pieces too small to be shared out among threads.

OpenBLAS shares out any product of more than 2^18 multiplications. Its threads wait by
spinning, so that on a machine with something else to do a product of a millisecond
takes thirty; in pieces it takes one, and the same bits come out whatever the number
of threads.
"""

import numpy as np

from uncertainty.arrays import FloatArray

PIECE = 2**18
ROWS = 32  # a piece of that many rows still keeps the arithmetic busy


def product(left: FloatArray, right: FloatArray) -> FloatArray:
    """``left @ right``, one thread, piece by piece.

    Parameters
    ----------
    left : ndarray, shape (m, k)
    right : ndarray, shape (k, n)

    Returns
    -------
    ndarray, shape (m, n)
    """
    (m, k), n = left.shape, right.shape[1]
    found = np.empty((m, n))
    width = max(1, PIECE // max(k * min(m, ROWS), 1))
    whole = n - n % width
    pieces = right[:, :whole].reshape(k, -1, width).swapaxes(0, 1)
    for first in range(0, m, ROWS):
        rows = slice(first, min(first + ROWS, m))
        if whole:
            part = np.matmul(left[rows], pieces)  # (pieces, rows, width)
            found[rows, :whole] = part.swapaxes(0, 1).reshape(-1, whole)
        if whole < n:
            np.matmul(left[rows], right[:, whole:], out=found[rows, whole:])
    return found
