"""Types of the arrays that pass between the modules of the engine; room for them."""

import math
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Room(threading.local):
    """An array that each thread keeps: a fresh one costs as much as what is done in it.

    Parameters
    ----------
    dtype : dtype
        Of its numbers.
    """

    def __init__(self, dtype: npt.DTypeLike = np.float64) -> None:
        self._kept = np.empty(0, dtype)

    def of(self, *shape: int) -> npt.NDArray[Any]:
        """Room of a shape, C order; what stands in it means nothing."""
        size = math.prod(shape)
        if self._kept.size < size:
            self._kept = np.empty(size, self._kept.dtype)
        return self._kept[:size].reshape(shape)
