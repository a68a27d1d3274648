"""A table for other programs: a pandas frame and what its numbers are in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.errors import ScenarioError
from scenarios.numbers import scale
from scenarios.results import PRIMARY

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
    level : str
        Coverage probability of ``lower`` and ``upper``, in per cent.
    digits : int
        Significant digits that a spreadsheet shows, with a filter over every column;
        0 for all of them.
    """

    name: str
    title: str
    frame: pd.DataFrame
    measured: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    printed: tuple[str, ...] = ()
    note: str = ""
    level: str = ""
    digits: int = 0

    def shown(self) -> "Table":
        """The same in the units that people are shown: t where a run stores kg.

        Examples
        --------
        >>> frame = pd.DataFrame({"units": ["kg CO2e/t"], "mean": [13190.0]})
        >>> Table("summary", "", frame, ("mean",)).shown().frame.values.tolist()
        [['t CO2e/t', 13.19]]
        """
        frame, units = self.frame.copy(), dict(self.units)
        if self.measured and "units" in frame:
            both = frame["units"].map(lambda stored: scale(str(stored)))
            frame["units"] = [shown for _, shown in both]
            per = np.array([one for one, _ in both])
            for column in self.measured:
                frame[column] = frame[column] / per
        for column, stored in self.units.items():
            factor, units[column] = scale(stored)
            if units[column] != stored:
                frame[column] = frame[column] / factor
        return replace(self, frame=frame, units=units)

    def units_of(self, column: str) -> str:
        """Units that every number of a column is in; empty if the rows differ."""
        if column in self.measured:
            found = self.frame["units"].unique()
            return str(found[0]) if len(found) == 1 else ""
        return self.units.get(column, "")

    def heading(self, column: str) -> str:
        """A column's name with its units, where all rows share them."""
        units = self.units_of(column)
        return f"{column} [{units}]" if units not in {"", "1"} else column


def statistics(tables: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Every statistic of a result, made once from its arrays.

    Parameters
    ----------
    tables : mapping of name to Dataset
        See `Result.summary`.

    Returns
    -------
    DataFrame
        One row a quantity, scenario and year that is present: ``scenario``, ``year`` if
        there are years, ``table``, ``item``, ``units``, then a column a statistic.
    """
    parts = [_table(name, data) for name, data in tables.items()]
    frame = pd.concat(parts, ignore_index=True)
    return typed(frame)


def _table(name: str, data: xr.Dataset) -> pd.DataFrame:
    mean = data["mean"]
    dims = [str(dim) for dim in mean.dims]
    frame = cell_labels(mean, dims)
    extra = [dim for dim in dims if dim not in {"scenario", "year"}]
    item: object = PRIMARY
    if extra:
        item = list(map("/".join, zip(*(frame[dim] for dim in extra), strict=True)))
    units = str(mean.attrs.get("units", ""))
    if "output_units" in data.coords:
        known = dict(
            zip(data["output"].values, data["output_units"].values, strict=True)
        )
        units = frame["output"].map(known)
    found = frame[[dim for dim in dims if dim not in extra]].assign(
        table=name, item=item, units=units, **numbers_of(data)
    )
    return found[np.isfinite(found["mean"])]


def numbers_of(data: xr.Dataset) -> dict[str, np.ndarray[Any, Any]]:
    """Statistics of a table as plain columns, cells in C order."""
    found = {word: data[word].values.ravel() for word in STATISTICS}
    for name, suffix in (("coverage", ""), ("coverage_shortest", "_shortest")):
        for bound in ("lower", "upper"):
            values = data[name].sel(bound=bound).values.ravel()
            found[f"{bound}{suffix}"] = values
    for word in ("mean", "sd", "lower", "upper"):
        values = data["monte_carlo_error"].sel(statistic=word).values.ravel()
        found[f"error_{word}"] = values
    return found


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
