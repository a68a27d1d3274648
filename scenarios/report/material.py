"""What a report is about: results, their cells, and the study behind each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from scenarios.errors import ScenarioError
from scenarios.language.yaml_text import parse
from scenarios.numbers import scale
from scenarios.results.rows import PRIMARY, scenarios
from scenarios.words.catalogue import PERCENT, Words
from uncertainty.arrays import FloatArray

ROWS = 60
"""Most scenarios and years that are shown: more make a page that nobody reads."""


class ReportError(ScenarioError):
    """A report cannot be made as asked."""


@dataclass(frozen=True)
class Place:
    """One scenario in one year of one of the results.

    Attributes
    ----------
    tree : int
        Position of the result.
    scenario : str
    year : int or None
    label : str
        Of the scenario, and the study's name where there are two.
    key : str
        Of the scenario on the page: the picker's.
    reference : bool
    """

    tree: int
    scenario: str
    year: int | None
    label: str
    key: str
    reference: bool

    @property
    def name(self) -> str:
        """Label, and year if there is one."""
        return self.label if self.year is None else f"{self.label}, {self.year}"

    @property
    def focus(self) -> str:
        """Of the cell on the page."""
        return self.key if self.year is None else f"{self.key}y{self.year}"

    @property
    def when(self) -> str:
        """The year as the page's script compares it."""
        return "" if self.year is None else str(self.year)

    @property
    def where(self) -> dict[str, Any]:
        """Labels to select by."""
        found: dict[str, Any] = {"scenario": self.scenario}
        return found if self.year is None else found | {"year": self.year}


Shown = tuple[Place, str, xr.Dataset]
"""A cell, an output that it has, and the statistics of it."""


class Material:
    """Results in the order given, cut to what can be shown.

    Attributes
    ----------
    trees : list of DataTree
        With no more scenarios than are shown.
    words : Words
    sensitivities : list of DataTree or None
        Indices that lay beside each result.
    left_out : int
        Scenarios that there was no room for.
    """

    def __init__(
        self,
        trees: Sequence[xr.DataTree],
        words: Words,
        sensitivities: Sequence[xr.DataTree | None] = (),
    ) -> None:
        if len({str(tree.attrs["units"]) for tree in trees}) > 1:
            raise ReportError("the results do not measure the same thing")
        self.words = words
        room = max(ROWS // len(trees), 2)
        self.trees = [_shortened(tree, room) for tree in trees]
        before = sum(len(scenarios(tree)) for tree in trees)
        self.left_out = before - sum(len(scenarios(tree)) for tree in self.trees)
        missing = [None] * (len(trees) - len(sensitivities))
        self.sensitivities = [*sensitivities, *missing]
        self._cells: dict[tuple[str, str], xr.Dataset | None] = {}
        self._shown: dict[str, list[Shown]] = {}
        self._data: dict[tuple[int, str], xr.Dataset | None] = {}

    @property
    def tree(self) -> xr.DataTree:
        """The first result, which the report is of."""
        return self.trees[0]

    @property
    def attrs(self) -> Mapping[Any, Any]:
        """Root attributes of the first result."""
        return self.tree.attrs

    @property
    def has_chain(self) -> bool:
        """Whether there is a footprint."""
        return bool(str(self.attrs["units"]))

    @property
    def percent(self) -> str:
        """Coverage probability in per cent."""
        return f"{100 * float(self.attrs['coverage_probability']):g}{PERCENT}"

    @cached_property
    def configs(self) -> list[dict[str, Any]]:
        """Config of each result, imports resolved."""
        return [parse(str(tree.attrs["config"]), "config") for tree in self.trees]

    @property
    def config(self) -> dict[str, Any]:
        """Config of the first result."""
        return self.configs[0]

    @cached_property
    def places(self) -> list[Place]:
        """Cells that the results have, scenario by scenario."""
        return list(self._places())

    @cached_property
    def reference(self) -> Place:
        """The first cell of the reference of the first result."""
        return next(place for place in self.places if place.reference)

    @property
    def dated(self) -> bool:
        """Whether the results have years."""
        return self.places[0].year is not None

    @cached_property
    def per(self) -> float:
        """Stored units in one of those shown."""
        return scale(str(self.attrs["units"]))[0]

    @property
    def units(self) -> str:
        """Units in which a footprint is shown; of outputs, that each has its own."""
        if not self.has_chain:
            return self.words("words.own_units")
        return scale(str(self.attrs["units"]))[1]

    @property
    def outputs(self) -> list[str]:
        """Declared outputs, balances apart."""
        data = self.data(0, "outputs")
        names = [] if data is None else [str(name) for name in data["output"].values]
        return [name for name in names if not name.startswith("balance.")]

    def data(self, tree: int, table: str) -> xr.Dataset | None:
        """Statistics of one table of a result; None if it has none."""
        if (tree, table) not in self._data:
            self._data[tree, table] = self._table(tree, table)
        return self._data[tree, table]

    def cell(self, place: Place, table: str) -> xr.Dataset | None:
        """Statistics of one table in one cell; None where they are absent."""
        key = place.focus, table
        if key not in self._cells:
            data = self.data(place.tree, table)
            found = None if data is None else data.sel(place.where)
            if found is not None and not bool(np.isfinite(found["mean"]).any()):
                found = None
            self._cells[key] = found
        return self._cells[key]

    def main(self) -> list[Shown]:
        """Cells of the footprint, or of each declared output without a chain."""
        if self.has_chain:
            return self.cells(PRIMARY)
        return [cell for output in self.outputs for cell in self.cells(output)]

    def cells(self, output: str) -> list[Shown]:
        """Cells that have an output, with their statistics in the units shown."""
        if output not in self._shown:
            self._shown[output] = list(self._cells_of(output))
        return self._shown[output]

    def _cells_of(self, output: str) -> Iterator[Shown]:
        for place in self.places:
            cell = self.cell(place, PRIMARY if output == PRIMARY else "outputs")
            if cell is None:
                continue
            if output != PRIMARY:
                if output not in cell["output"].values:
                    continue
                cell = cell.sel(output=output)
            if np.isfinite(float(cell["mean"])):
                yield place, output, cell / self.per_of(output)

    def per_of(self, output: str) -> float:
        """Stored units of an output in one of those shown."""
        return self.per if output == PRIMARY else 1.0

    def units_of(self, output: str) -> str:
        """Units in which an output is shown."""
        data = self.data(0, "outputs")
        if output == PRIMARY or data is None:
            return self.units
        return str(data["output_units"].sel(output=output).item())

    def draws(self, place: Place, output: str) -> FloatArray | None:
        """Draws of an output in one cell, units shown; None if not stored."""
        data = self.trees[place.tree]["draws"].to_dataset()
        where = place.where
        if output != PRIMARY:
            where = where | {"output": output}
        word = PRIMARY if output == PRIMARY else "outputs"
        if word not in data:
            return None
        values: FloatArray = data[word].sel(where).values / self.per_of(output)
        return values if np.isfinite(values).all() else None

    def _table(self, tree: int, table: str) -> xr.Dataset | None:
        summary = self.trees[tree]["summary"]
        if table in summary.children:
            return summary[table].to_dataset()
        data = summary.to_dataset()
        if "mean" not in data:
            return None
        wanted = "outputs" if "output" in data["mean"].dims else PRIMARY
        return data if wanted == table else None

    def _places(self) -> Iterator[Place]:
        many = len(self.trees) > 1
        count = 0
        for t, tree in enumerate(self.trees):
            config = self.configs[t]
            stated = {**(config.get("scenarios") or {}), **(config.get("fleets") or {})}
            marked = str(tree.attrs["reference"])
            for name in scenarios(tree):
                label = (
                    str((stated.get(name) or {}).get("label") or name).strip() or name
                )
                if many:
                    label = f"{tree.attrs['study']}: {label}"
                draws = tree["draws"].to_dataset()
                years = draws["year"].values if "year" in draws.coords else [None]
                is_marked = t == 0 and name == marked
                for year in years:
                    when = None if year is None else int(year)
                    place = Place(t, name, when, label, f"s{count}", is_marked)
                    if self.cell(place, PRIMARY if self.has_chain else "outputs"):
                        yield place
                count += 1


def _shortened(tree: xr.DataTree, room: int) -> xr.DataTree:
    """The same result with its first scenarios alone, the reference among them."""
    names = scenarios(tree)
    draws = tree["draws"].to_dataset()
    most = max(room // draws.sizes.get("year", 1), 1)
    if len(names) <= most:
        return tree
    reference = str(tree.attrs["reference"])
    kept = names[:most]
    if reference not in kept:
        kept = [*kept[: most - 1], reference]
    groups = {}
    for node in tree.subtree:
        data = node.to_dataset()
        groups[node.path] = data.sel(scenario=kept) if "scenario" in data.dims else data
    found = xr.DataTree.from_dict(groups)
    found.attrs = dict(tree.attrs)
    return found
