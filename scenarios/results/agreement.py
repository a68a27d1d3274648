"""Whether two results hold the same numbers, to the bit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from scenarios.results.result import Result
from uncertainty.arrays import FloatArray

LARGEST = 1 << 25
"""Numbers that are compared at a time."""


@dataclass(frozen=True)
class Agreement:
    """What a comparison of two results to the bit found.

    Attributes
    ----------
    numbers : int
        Compared.
    worst : float
        Largest relative difference; infinite where a variable is missing or has
        another shape.
    where : str
        Variable that differs most; empty if none does.
    """

    numbers: int
    worst: float = 0.0
    where: str = ""

    @property
    def exact(self) -> bool:
        """Whether every number agrees to the bit."""
        return not self.where


def agreement(stored: Result, again: Result) -> Agreement:
    """Compare every number of a result with those of another run.

    Parameters
    ----------
    stored, again : Result
        Every variable of `stored` is looked for in `again`.
    """
    numbers, worst, where = 0, 0.0, ""
    for path, group in stored.groups.items():
        others = again.groups.get(path)
        for name, array in group.data_vars.items():
            if array.dtype.kind != "f":
                continue
            variable = f"{path}/{name}"
            other = None if others is None else others.get(name)
            if other is None:
                text = f"{variable}, which is not computed any more"
                return Agreement(numbers, float("inf"), text)
            if array.shape != other.shape:
                text = f"{variable}, whose shape has changed"
                return Agreement(numbers, float("inf"), text)
            for one, two in _pieces(array, other):
                numbers += one.size
                if np.array_equal(one, two, equal_nan=True):
                    continue
                size = np.maximum(np.abs(one), np.finfo(float).tiny)
                gap = float(np.nanmax(np.abs(one - two) / size, initial=0.0))
                # a NaN on one side alone has no relative difference
                gap = gap or float("inf")
                if gap > worst:
                    worst, where = gap, variable
    return Agreement(numbers, worst, where)


def _pieces(
    one: xr.DataArray, other: xr.DataArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Values of two arrays, a part of the draws at a time."""
    draws = one.sizes.get("draw", 1)
    size = max(LARGEST * draws // max(one.size, 1), 1) if "draw" in one.dims else 1
    for begin in range(0, draws, size):
        part = {"draw": slice(begin, begin + size)} if "draw" in one.dims else {}
        yield one.isel(part).values, other.isel(part).values
