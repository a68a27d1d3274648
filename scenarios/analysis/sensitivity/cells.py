"""Cells of a dataset of indices, and their factors in order of what they do."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from uncertainty.sensitivity import CARDS, DUMMY, Card

SIDES = ("scenario", "less")


@dataclass(frozen=True)
class Cell:
    """One output in one scenario, or difference, and year.

    Attributes
    ----------
    name : str
        For a reader: "National grid 2023", "Yunnan grid - Shandong grid, 2030".
    more, less : str
        Both sides of a difference; `less` is empty for what is none.
    output : str
    units : str
    data : Dataset, dims (parameter, ...)
    """

    name: str
    more: str
    less: str
    output: str
    units: str
    data: xr.Dataset

    @property
    def difference(self) -> bool:
        """Whether it is one scenario less another."""
        return bool(self.less)

    @property
    def title(self) -> str:
        """Output and scenario."""
        return f"{self.output}, {self.name}"


def cells(found: xr.Dataset) -> Iterator[Cell]:
    """Cells of a dataset in which something varies, in its order."""
    years = found["year"].values.tolist() if "year" in found.dims else [None]
    index = found[main_index(found)]
    for i in range(found.sizes["scenario"]):
        for year in years:
            for k, output in enumerate(found["output"].values):
                at = {"scenario": i, "output": k}
                at |= {} if year is None else {"year": years.index(year)}
                if not np.isfinite(index.isel(at).values).any():
                    continue
                more, less = (str(found[f"{w}_label"].values[i]) for w in SIDES)
                label = f"{more} - {less}" if less else more
                when = "" if year is None else f", {year}"
                yield Cell(
                    label + when,
                    more + when,
                    less,
                    str(output),
                    str(found["output_units"].values[k]),
                    found.isel(at),
                )


def main_index(found: xr.Dataset) -> str:
    """Name of the index that factors are ranked by."""
    return card(found).ranked_by


def card(found: xr.Dataset) -> Card:
    """What there is to know of the method of a dataset."""
    return CARDS[str(found.attrs["method"])]


def top(cell: Cell, most: int) -> list[str]:
    """Factors that do most to a cell, first the one that does most; no zeros."""
    index = cell.data[main_index(cell.data)]
    order = np.argsort(-np.nan_to_num(index.values, nan=-np.inf), kind="stable")
    names = [str(name) for name in index["parameter"].values[order]]
    values = dict(zip(names, index.values[order], strict=True))
    return [n for n in names if n != DUMMY and values[n] > 0][:most]


def brief(name: str) -> str:
    """A factor's name for a table: of a block, its first column and how many more."""
    first, *more = name.split(", ")
    return f"{first} +{len(more)}" if more else name


def in_units(cell: Cell, name: str) -> tuple[float, str]:
    """Divisor and units in which to show an index of a cell."""
    units = str(cell.data[name].attrs.get("units", "1"))
    if units == "1":
        return 1.0, ""
    return (1000.0, "t CO2e/t") if cell.units == "kg CO2e/t" else (1.0, cell.units)


def floor(cell: Cell, name: str) -> float | None:
    """What the method gives an input that nothing reads; None if it has no such.

    Of an index with bounds the upper one: exactly 0 where the estimator is.
    """
    index = cell.data.get(f"{name}_upper", cell.data[name])
    value = float(index.sel(parameter=DUMMY))
    return max(value, 0.0) if np.isfinite(value) else None


def first_order_sum(cell: Cell) -> float | None:
    """Sum of the first-order indices, where it means something."""
    if not card(cell.data).additive:
        return None
    first = cell.data["first_order"]
    return float(first.where(first["parameter"] != DUMMY).sum())
