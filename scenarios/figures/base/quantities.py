"""What a figure shows: quantities of a result with a labelled row a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from scenarios.figures.base.style import spread, words_of
from scenarios.numbers import decimals, fixed, scale, with_units
from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result
from scenarios.words.catalogue import Words
from scenarios.words.finding import headline
from uncertainty.arrays import FloatArray

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
    result : Result
        That it is a quantity of.
    output : str
        Name in the result: the footprint, or a declared output.
    name : str
        What to write along the axis.
    units : str
        Units shown.
    per : float
        Units stored per unit shown.
    cells : tuple of Cell
        One a row; the first of several years in a row with the same numbers.
    until : tuple of int or None
        Last year of each row that stands for several; None for one of its own.
    statistics : Dataset, dims (row[, bound | level | statistic])
    left_out : int
        Rows that there was no room for.
    """

    result: Result
    output: str
    name: str
    units: str
    per: float
    cells: tuple[Cell, ...]
    until: tuple[int | None, ...]
    statistics: xr.Dataset
    left_out: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Label of each row: its scenario and year, or the quantity if it is alone."""
        if len(self.result.scenarios) == 1 and not (
            self.result.has_footprint or self.result.years
        ):
            return (self.name,)
        return tuple(
            cell.name
            if last is None
            else self.words("figures.until", name=cell.name, year=last)
            for cell, last in zip(self.cells, self.until, strict=True)
        )

    @cached_property
    def words(self) -> Words:
        """Texts in the language of the result."""
        return words_of(self.result)

    @property
    def reference(self) -> int | None:
        """Row of the reference, if it has just one and is not alone."""
        marked = [row for row, cell in enumerate(self.cells) if cell.reference]
        return marked[0] if len(marked) == 1 and len(self.cells) > 1 else None

    def sample(self, row: int) -> FloatArray:
        """Draws of one row.

        Raises
        ------
        NoDraws
            The result keeps statistics only.
        """
        self.result.need_draws(f"a figure of the draws of {self.name}")
        sample = self.result.sample(self.cells[row], self.output)
        assert sample is not None
        return sample / self.per

    @property
    def axis(self) -> str:
        """Name and units, for the axis."""
        return self.words("figures.axis", name=self.name, units=self.units)

    @cached_property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper end of the symmetric interval of each row."""
        both = self.statistics["coverage"]
        return both.sel(bound="lower").values, both.sel(bound="upper").values

    @cached_property
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
        return spread(self.words, mean, low, high, self.decimals)

    def value(self, row: int) -> str:
        """Mean of a row with its units."""
        mean = fixed(self.statistics["mean"].values[row], self.decimals)
        return with_units(mean, self.units)


def quantities(
    result: Result,
    scenarios: Sequence[str] | None = None,
    *,
    every: bool = False,
) -> list[Quantity]:
    """The footprint, or each declared output of a study without a chain.

    Parameters
    ----------
    result : Result
    scenarios : sequence of str, optional
        Names, in the order to show them; if not given, all of the study: those of a
        footprint without years from the lowest to the highest.
    every : bool
        Whether each year has a row of its own, however many there are.

    Returns
    -------
    list of Quantity
        Never empty; rows that the study does not have are left out. Years in a row in
        which nothing of a scenario changes share one. Where there are more than a
        figure has room for, it shows the scenarios that are farthest from the
        reference, or that move most over the years, in the order of the study.

    Raises
    ------
    ScenarioError
        A scenario is named that the result does not have, or none is.
    """
    chosen = result.chosen(scenarios)
    data = result.summary(PRIMARY if result.has_footprint else OUTPUTS)
    assert data is not None
    if result.has_footprint:
        name = words_of(result)("figures.carbon_footprint")
        if scenarios is None and not result.years:
            mean = dict(zip(result.scenarios, data["mean"].values, strict=True))
            chosen = sorted(chosen, key=lambda scenario: float(mean[scenario]))
        return [_quantity(result, chosen, PRIMARY, name, data, None if every else ROWS)]
    outputs = result.outputs[:PANELS]
    rows = None if every else max(ROWS // len(outputs), LEAST)
    return [
        _quantity(result, chosen, output, output, data.sel(output=output), rows)
        for output in outputs
    ]


def in_cells(data: xr.Dataset, cells: Sequence[Cell]) -> xr.Dataset:
    """Values in each of some cells, along a dim ``row`` that comes first."""
    dims = [dim for dim in ("scenario", "year") if dim in data.dims]
    labels = {d: xr.DataArray([c.where[d] for c in cells], dims="row") for d in dims}
    return data.sel(labels).transpose("row", ...)


def _quantity(
    result: Result,
    chosen: list[str],
    output: str,
    name: str,
    statistics: xr.Dataset,
    most: int | None,
) -> Quantity:
    per, units = scale(result.units_of(output))
    every = [result.cell(s, year) for s in chosen for year in result.years or (None,)]
    present = np.isfinite(in_cells(statistics[["mean"]], every)["mean"].values)
    cells = [cell for cell, is_there in zip(every, present, strict=True) if is_there]
    rows = in_cells(statistics, cells) / per
    shown = list(range(len(cells)))
    if most is not None:
        shown = _first_of_runs(cells, rows)
    kept = shown
    if most is not None and len(shown) > most:
        at = [cells[i] for i in shown]
        size = _weight(at, rows["mean"].values[shown])
        kept = [shown[i] for i in most_telling(at, size, most)]
    after = dict(zip(shown, [*shown[1:], len(cells)], strict=True))
    until = tuple(cells[after[i] - 1].year if after[i] - i > 1 else None for i in kept)
    return Quantity(
        result,
        output,
        name,
        units,
        per,
        tuple(cells[i] for i in kept),
        until,
        rows.isel(row=kept),
        len(shown) - len(kept),
    )


def _first_of_runs(cells: Sequence[Cell], rows: xr.Dataset) -> list[int]:
    """Rows that differ from the year before of the same scenario."""
    words = [name for name in ("mean", "median", "sd", "point") if name in rows]
    numbers = np.stack([rows[word].values for word in words])
    same = (numbers[:, 1:] == numbers[:, :-1]).all(axis=0)
    return [
        row
        for row, cell in enumerate(cells)
        if row == 0 or not same[row - 1] or cell.scenario != cells[row - 1].scenario
    ]


def _weight(cells: Sequence[Cell], mean: FloatArray) -> FloatArray:
    """How far each scenario moves over its years, else from the reference."""
    if cells[0].year is None:
        base = [m for cell, m in zip(cells, mean, strict=True) if cell.reference]
        distance: FloatArray = np.abs(mean - (base[0] if base else mean.mean()))
        return distance
    names = np.array([cell.scenario for cell in cells])
    return np.array([float(np.ptp(mean[names == name])) for name in names])


def most_telling(cells: Sequence[Cell], size: FloatArray, most: int) -> list[int]:
    """Rows to show where there is no room for all.

    Parameters
    ----------
    cells : sequence of Cell
    size : ndarray, shape (row,)
        How much each row has to say; that of a scenario is its largest.
    most : int
        Rows that there is room for.

    Returns
    -------
    list of int
        The reference, then scenarios as a whole, those with most to say first; in
        the order of `cells`.
    """
    largest: dict[str, float] = {}
    for cell, value in zip(cells, size, strict=True):
        largest[cell.scenario] = max(float(value), largest.get(cell.scenario, 0.0))

    def rank(scenario: str) -> tuple[bool, float]:
        return scenario not in references, -largest[scenario]

    references = {cell.scenario for cell in cells if cell.reference}
    kept: list[int] = []
    for scenario in sorted(largest, key=rank):
        rows = [row for row, cell in enumerate(cells) if cell.scenario == scenario]
        if not kept or len(kept) + len(rows) <= most:
            kept += rows
    return sorted(kept)[:most]


def range_of(result: Result, scenarios: Sequence[str] | None) -> str:
    """The lowest and the highest of the scenarios shown, as a title."""
    shown = result if scenarios is None else result.only(scenarios)
    return headline(shown, words_of(result))


def notes(result: Result, shown: Sequence[Quantity], *, bold: bool = True) -> str:
    """What a footer has to say of the rows: the bold one, and those left out."""
    words, told = words_of(result), ""
    if bold and any(one.reference is not None for one in shown):
        told += words("figures.bold")
    if rows := shown[0].left_out:
        key = "no_room_years" if result.years else "no_room_scenarios"
        told += words(f"figures.{key}", count=rows)
    if not result.has_footprint and (rest := len(result.outputs) - len(shown)):
        told += words("figures.no_room_outputs", count=rest)
    return told
