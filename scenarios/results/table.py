"""A table for other programs: a pandas frame and what its numbers are in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.errors import ScenarioError

STATISTICS = ("point", "mean", "sd", "median")
ENDS = ("lower", "upper", "lower_shortest", "upper_shortest")
ERRORS = ("error_mean", "error_sd", "error_lower", "error_upper")
"""Monte Carlo standard errors of the statistics."""


class ExportError(ScenarioError):
    """A table does not exist or cannot be written as asked."""


@dataclass(frozen=True)
class Table:
    """Rows on one subject, and what their numbers are in.

    Attributes
    ----------
    name, title : str
    frame : DataFrame
        Plain column names; text, whole numbers, floats and truth values.
    measured : tuple of str
        Columns in the units that the row's own column ``units`` states.
    units : mapping of column to units
        Of columns that are in one unit whatever the row.
    printed : tuple of str
        Columns that a printed page has room for.
    note : str
        What a reader has to know, if anything.
    """

    name: str
    title: str
    frame: pd.DataFrame
    measured: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    printed: tuple[str, ...] = ()
    note: str = ""

    def units_of(self, column: str) -> str:
        """Units that every number of a column is in; empty if the rows differ."""
        if column in self.measured:
            found = self.frame["units"].unique()
            return str(found[0]) if len(found) == 1 else ""
        return self.units.get(column, "")

    def heading(self, column: str) -> str:
        """A column's name with its units, where all rows share them."""
        units = self.units_of(column)
        return f"{column} [{units}]" if units else column


def cell_labels(array: xr.DataArray, dims: Sequence[str]) -> pd.DataFrame:
    """Labels of every cell of an array, one column a dim."""
    known = [array[dim].values for dim in dims]
    return pd.MultiIndex.from_product(known, names=list(dims)).to_frame(index=False)


def flat(array: xr.DataArray, dims: Sequence[str]) -> np.ndarray[Any, Any]:
    """Values in the order of `cell_labels`; others hold one value."""
    if missing := [dim for dim in array.dims if dim not in dims]:
        # what no scenario or year changes is the same wherever it is present
        array = array.max(missing)
    found: np.ndarray[Any, Any] = array.transpose(*dims).values.ravel()
    return found


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Years as whole numbers where there are any; all else as it is."""
    return frame.astype({"year": "Int64"}) if "year" in frame else frame
