"""What a figure shows: quantities of a result with a labelled row a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from scenarios.errors import ScenarioError
from scenarios.numbers import decimals, interval
from scenarios.results.rows import labels
from scenarios.results.rows import scenarios as names
from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import nearest

ROWS = 60
"""Most rows a figure shows in all: more would fill metres of paper, unread."""
LEAST = 5
"""Rows that each panel may have, however many panels."""
PANELS = 12
"""Most quantities a figure shows, one below the other."""


@dataclass(frozen=True)
class Quantity:
    """One quantity in every scenario (and year) that has it, in the units shown.

    Attributes
    ----------
    name : str
        What to write along the axis.
    units : str
    factor : float
        Units shown per unit stored.
    labels : tuple of str
        One a row.
    reference : int or None
        Row of the reference scenario.
    statistics : Dataset, dims (row[, bound | level | statistic])
    draws_kept : DataArray, dims (row, draw), or None
        None if the result keeps statistics only.
    left_out : int
        Rows that there was no room for.
    """

    name: str
    units: str
    factor: float
    labels: tuple[str, ...]
    reference: int | None
    statistics: xr.Dataset
    draws_kept: xr.DataArray | None
    left_out: int

    @property
    def draws(self) -> xr.DataArray:
        """Draws, dims (row, draw); ScenarioError if the result keeps none."""
        if self.draws_kept is None:
            raise ScenarioError(
                f"a figure of the draws of {self.name}: the result keeps statistics "
                "only; run it again with --store full, or zarr"
            )
        return self.draws_kept

    @property
    def axis(self) -> str:
        """Name and units, for the axis."""
        return f"{self.name} ({self.units})"

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper end of the symmetric interval of each row."""
        both = self.statistics["coverage"]
        return both.sel(bound="lower").values, both.sel(bound="upper").values

    @property
    def decimals(self) -> int:
        """So many that a typical standard uncertainty has two significant digits.

        Notes
        -----
        JCGM 100:2008, 7.2.6.
        """
        sds = self.statistics["sd"].values
        sds = sds[sds > 0]
        return decimals(float(np.median(sds)) if sds.size else self._middle())

    def _middle(self) -> float:
        return float(np.median(np.abs(self.statistics["mean"].values))) / 100

    def interval(self, row: int) -> str:
        """Mean and interval of a row in words."""
        mean = self.statistics["mean"].values[row]
        low, high = (end[row] for end in self.bounds)
        return interval(mean, low, high, self.decimals)


def quantities(
    tree: xr.DataTree, scenarios: Sequence[str] | None = None, *, most: int = ROWS
) -> list[Quantity]:
    """The footprint, or each declared output of a study without a chain.

    Parameters
    ----------
    tree : DataTree
    scenarios : sequence of str, optional
        Names, in the order to show them; all of the study if not given.
    most : int
        Rows in all.

    Returns
    -------
    list of Quantity
        Never empty; rows that the study does not have are left out.

    Raises
    ------
    ScenarioError
        A scenario is named that the result does not have, or none is.
    """
    chosen = choice(tree, scenarios)
    statistics = tree["summary"].to_dataset()
    draws = tree["draws"].to_dataset()
    if tree.attrs["units"]:
        stored = str(tree.attrs["units"])
        name = str(statistics["mean"].attrs["long_name"])
        sample = draws.get("footprint")
        return [_quantity(tree, chosen, name, stored, statistics, sample, most)]
    outputs = [str(name) for name in statistics["output"].values[:PANELS]]
    rows = max(most // len(outputs), LEAST)
    return [
        _quantity(
            tree,
            chosen,
            output,
            str(statistics["output_units"].sel(output=output).item()),
            statistics.sel(output=output),
            draws["outputs"].sel(output=output) if "outputs" in draws else None,
            rows,
        )
        for output in outputs
    ]


def choice(tree: xr.DataTree, scenarios: Sequence[str] | None) -> list[str]:
    """Names of the scenarios to show; see `quantities`."""
    known = names(tree)
    if scenarios is None:
        return known
    if not scenarios:
        raise ScenarioError("no scenario named, nothing to show")
    for name in scenarios:
        if name not in known:
            near = nearest(name, known)
            raise ScenarioError(f"the result has no scenario {name!r}{near}")
    return list(dict.fromkeys(scenarios))


def shown(stored: str) -> tuple[float, str]:
    """Factor and units in which to show a quantity: t CO2e/t reads best."""
    return (1e-3, "t CO2e/t") if stored == "kg CO2e/t" else (1.0, stored)


def as_rows(data: xr.Dataset | xr.DataArray, chosen: list[str]) -> xr.Dataset:
    """Scenario, and year if there is one, as one dim ``row``, scenario by scenario."""
    dataset = data.to_dataset(name="draws") if isinstance(data, xr.DataArray) else data
    picked = dataset.sel(scenario=chosen)
    dims = ("scenario", "year") if "year" in picked.dims else ("scenario",)
    stacked = picked.stack(row=dims, create_index=False)
    return stacked.transpose("row", ...)


def _quantity(
    tree: xr.DataTree,
    chosen: list[str],
    name: str,
    stored: str,
    statistics: xr.Dataset,
    draws: xr.DataArray | None,
    most: int,
) -> Quantity:
    factor, units = shown(stored)
    rows = as_rows(statistics, chosen)
    there = present(rows)
    left_out = max(len(there) - most, 0)
    there = there[:most]
    rows = rows.isel(row=there) * factor
    present_names = [str(n) for n in rows["scenario"].values]
    return Quantity(
        name,
        units,
        factor,
        _row_labels(tree, rows, name),
        _place(present_names, str(tree.attrs["reference"])),
        rows,
        None
        if draws is None
        else as_rows(draws, chosen)["draws"].isel(row=there) * factor,
        left_out,
    )


def present(rows: xr.Dataset) -> IntArray:
    """Places of the rows that the study has."""
    return np.flatnonzero(np.isfinite(rows["mean"].values))


def _row_labels(tree: xr.DataTree, rows: xr.Dataset, name: str) -> tuple[str, ...]:
    stated = labels(tree)
    if len(stated) == 1 and not tree.attrs["units"] and "year" not in rows.coords:
        return (name,)
    called = [
        stated[str(name)].strip() or str(name) for name in rows["scenario"].values
    ]
    if "year" not in rows.coords:
        return tuple(called)
    years = rows["year"].values
    return tuple(f"{n}, {int(y)}" for n, y in zip(called, years, strict=True))


def notes(tree: xr.DataTree, found: Sequence[Quantity], *, bold: bool = True) -> str:
    """What a footer has to say of the rows: the bold one, and those left out."""
    words = ""
    if bold and any(one.reference is not None for one in found):
        words += " Bold: reference scenario."
    if rows := found[0].left_out:
        words += f" Not shown for want of room: {rows} more scenarios"
        words += " and years." if "year" in found[0].statistics.coords else "."
    if not tree.attrs["units"]:
        outputs = tree["summary"].sizes["output"] - len(found)
        words += f" Not shown: {outputs} more outputs." if outputs else ""
    return words


def _place(rows: list[str], reference: str) -> int | None:
    """Row of the reference, if it has just one and is not alone."""
    found = len(rows) > 1 and rows.count(reference) == 1
    return rows.index(reference) if found else None
