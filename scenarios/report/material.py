"""What a report is about: results, the cells that it shows, and their numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import xarray as xr

from scenarios.analysis.comparison.compare import compare
from scenarios.analysis.comparison.lineup import ComparisonError
from scenarios.errors import ScenarioError
from scenarios.language.config import Characterisation
from scenarios.language.product import CutOff
from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result, at
from scenarios.words.catalogue import PERCENT, Words
from uncertainty.arrays import FloatArray

ROWS = 120
"""Most scenarios and years that are shown: more make a page that nobody reads."""
Statistics = dict[str, float]
"""Statistics of one quantity by their names: mean, sd, lower, upper, ..."""


FOR_ALL = ("GB/T 24067-2024", "ISO 14067:2018")
"""Standards for every product; that of the product itself stands between the two."""
CUSTOM = CutOff(flow=0.01, total=0.05)
"""Cut-off rule where no standard of the product states one."""


class ReportError(ScenarioError):
    """A report cannot be made as asked."""


@dataclass(frozen=True, kw_only=True)
class PageCell(Cell):
    """One scenario in one year, as the page shows it.

    Attributes
    ----------
    label : str
        Of the scenario, and the study's name where there are two results.
    reference : bool
        The first result marks this scenario.
    result : Result
        The one that it is of.
    number : int
        Of the scenario on the page.
    """

    result: Result = field(compare=False)
    number: int

    @property
    def key(self) -> str:
        """Key of the scenario on the page: the picker's."""
        return f"s{self.number}"

    @property
    def focus(self) -> str:
        """Key of the cell on the page."""
        return self.key if self.year is None else f"{self.key}y{self.year}"

    @property
    def when(self) -> str:
        """The year as the page's script compares it."""
        return "" if self.year is None else str(self.year)


@dataclass(frozen=True)
class Shown:
    """A quantity in one cell, with its statistics in the units shown."""

    cell: PageCell
    output: str
    statistics: Statistics

    @property
    def name(self) -> str:
        """The cell, and the output if that is not the footprint."""
        name = self.cell.name
        return name if self.output == PRIMARY else f"{name}, {self.output}"


class Material:
    """Results in the order given, with no more scenarios than can be shown.

    Attributes
    ----------
    results : list of Result
    words : Words
    sensitivities : list of DataTree or None
        Indices that lay beside each result.
    left_out : int
        Scenarios that there was no room for.
    """

    def __init__(
        self,
        results: Sequence[Result],
        words: Words,
        sensitivities: Sequence[xr.DataTree | None] = (),
    ) -> None:
        if len({result.units for result in results}) > 1:
            raise ReportError("the results do not measure the same thing")
        self.words = words
        room = max(ROWS // len(results), 2)
        self.results = [_shown(result, room) for result in results]
        pairs = zip(results, self.results, strict=True)
        self.left_out = sum(len(a.scenarios) - len(b.scenarios) for a, b in pairs)
        missing = [None] * (len(results) - len(sensitivities))
        self.sensitivities = [*sensitivities, *missing]
        self._statistics: dict[tuple[int, str], dict[Cell, dict[str, Statistics]]] = {}

    @property
    def result(self) -> Result:
        """The first result, which the report is of."""
        return self.results[0]

    @cached_property
    def standards(self) -> str:
        """Standards that the report follows, the product's among them, as words."""
        own = [one.label for one in self.result.config.standards.values()]
        return self.words.join([FOR_ALL[0], *own, *FOR_ALL[1:]])

    @cached_property
    def cut_off(self) -> tuple[CutOff, dict[str, str]]:
        """The cut-off rule, and what texts say of it."""
        stated = self.result.config.standards.values()
        rules = [(one.label, one.cut_off) for one in stated if one.cut_off]
        standard, rule = rules[0] if rules else ("", CUSTOM)
        key = "cutoff.by_standard" if rules else "cutoff.by_custom"
        percent = {w: f"{100 * getattr(rule, w):g}{PERCENT}" for w in ("flow", "total")}
        return rule, percent | {"rule": self.words(key, standard=standard)}

    @property
    def has_footprint(self) -> bool:
        """Whether the study has a chain, and with it a footprint."""
        return self.result.has_footprint

    @property
    def percent(self) -> str:
        """Coverage probability in per cent."""
        return f"{100 * self.result.coverage_probability:g}{PERCENT}"

    @cached_property
    def cells(self) -> list[PageCell]:
        """Cells that the results have, scenario by scenario."""
        return list(self._page_cells())

    @property
    def rising(self) -> list[PageCell]:
        """The same from the lowest to the highest; with years, as they are."""
        if self.dated or not self.has_footprint:
            return self.cells
        return sorted(self.cells, key=self.mean)

    @property
    def scenarios(self) -> list[PageCell]:
        """The first cell of each scenario."""
        firsts = {cell.key: cell for cell in reversed(self.cells)}
        return list(firsts.values())[::-1]

    @property
    def years(self) -> list[int]:
        """Years of all cells."""
        return sorted({cell.year for cell in self.cells if cell.year is not None})

    @cached_property
    def reference(self) -> PageCell:
        """The first cell of the reference of the first result."""
        return next(cell for cell in self.cells if cell.reference)

    @property
    def dated(self) -> bool:
        """Whether the results have years."""
        return bool(self.result.years)

    @property
    def per(self) -> float:
        """Stored units of a footprint in one of those shown."""
        return self.result.shown_units[0]

    @property
    def units(self) -> str:
        """Units in which a footprint is shown; of outputs, that each has its own."""
        if not self.has_footprint:
            return self.words("words.own_units")
        return self.result.shown_units[1]

    @property
    def outputs(self) -> list[str]:
        """Declared outputs, balances apart."""
        return [name for name in self.result.outputs if not is_balance(name)]

    def units_of(self, output: str) -> str:
        """Units in which an output is shown."""
        return self.units if output == PRIMARY else self.result.units_of(output)

    def per_of(self, output: str) -> float:
        """Stored units of an output in one of those shown."""
        return self.per if output == PRIMARY else 1.0

    @cached_property
    def comparison(self) -> xr.Dataset | str:
        """Every scenario against the reference, draw by draw; why not, if not."""
        words = self.words
        output = PRIMARY if self.has_footprint else self.outputs[0]
        table = PRIMARY if self.has_footprint else OUTPUTS
        if any(result.drawn(table) is None for result in self.results):
            return words("compared.no_draws")
        probability = self.result.coverage_probability
        try:
            data = compare(self.results, probability=probability, outputs=[output])
        except ComparisonError as error:
            return words("compared.none", reason=error)
        return data.isel(output=0)

    def compared(self, cell: PageCell) -> xr.Dataset:
        """One cell of the comparison."""
        assert isinstance(self.comparison, xr.Dataset)
        one = self.comparison.isel(scenario=cell.number)
        return one if cell.year is None else one.sel(year=cell.year)

    def table(self, cell: PageCell, table: str) -> dict[str, Statistics]:
        """Statistics of each item of a table in one cell, in the units stored."""
        key = id(cell.result), table
        if key not in self._statistics:
            found: dict[Cell, dict[str, Statistics]] = {}
            where = {(c.scenario, c.year): c for c in self.cells_of(cell.result)}
            for row in cell.result.rows(table):
                if one := where.get((row.scenario, row.year)):
                    found.setdefault(one, {})[row.item] = row.values
            self._statistics[key] = found
        return self._statistics[key].get(cell, {})

    def cells_of(self, result: Result) -> list[PageCell]:
        """Cells of one of the results."""
        return [cell for cell in self.cells if cell.result is result]

    def mean(self, cell: PageCell) -> float:
        """Mean footprint of a cell in the units stored."""
        return self.table(cell, PRIMARY)[PRIMARY]["mean"]

    def main(self) -> list[Shown]:
        """The footprint in each cell, or each declared output without a chain."""
        outputs = [PRIMARY] if self.has_footprint else self.outputs
        return [one for output in outputs for one in self.shown(output)]

    def shown(self, output: str) -> list[Shown]:
        """An output in each cell that has it."""
        table, per = PRIMARY if output == PRIMARY else OUTPUTS, self.per_of(output)
        found = []
        for cell in self.cells:
            if (values := self.table(cell, table).get(output)) is not None:
                scaled = {word: value / per for word, value in values.items()}
                found.append(Shown(cell, output, scaled))
        return found

    def draws(self, cell: PageCell, output: str) -> FloatArray | None:
        """Draws of an output in one cell, units shown; None if not stored."""
        values = cell.result.sample(cell, output)
        return None if values is None else values / self.per_of(output)

    def percentiles(self, shown: Shown) -> xr.DataArray:
        """Percentiles of an output in one cell, over ``level``, in the units shown."""
        output = shown.output
        data = shown.cell.result.summary(PRIMARY if output == PRIMARY else OUTPUTS)
        assert data is not None
        found = at(data[["percentile"]], shown.cell)["percentile"]
        found = found if output == PRIMARY else found.sel(output=output)
        return found / self.per_of(output)

    def contribution(self, cell: PageCell) -> xr.DataArray | None:
        """Mean of each stage and source in one cell, units stored; None if absent."""
        data = cell.result.summary("contribution")
        if data is None:
            return None
        means = at(data[["mean"]], cell)["mean"]
        return means if bool(np.isfinite(means).any()) else None

    def _page_cells(self) -> Iterator[PageCell]:
        first = 0
        for result in self.results:
            numbers = {name: first + i for i, name in enumerate(result.scenarios)}
            first += len(numbers)
            for cell in result.cells:
                label = cell.label
                if len(self.results) > 1:
                    label = f"{result.study}: {label}"
                yield PageCell(
                    cell.scenario,
                    cell.year,
                    label,
                    cell.reference and result is self.result,
                    result=result,
                    number=numbers[cell.scenario],
                )


def gwp_of(result: Result) -> Characterisation:
    """Which GWP values a result has."""
    return result.config.characterisation or Characterisation()


def is_balance(output: str) -> bool:
    """Whether an output says how well a balance is closed."""
    return output.startswith("balance.")


def _shown(result: Result, room: int) -> Result:
    """A result with the reference and those that are farthest from it."""
    most = max(room // max(len(result.years), 1), 1)
    names = result.scenarios
    if len(names) <= most:
        return result
    means = {(row.scenario, row.year): row.values["mean"] for row in result.headline()}
    gaps = dict.fromkeys(names, 0.0)
    for (name, year), mean in means.items():
        gap = abs(mean - means.get((result.reference, year), mean))
        gaps[name] = max(gaps[name], gap)
    far = sorted(names, key=lambda n: (n != result.reference, -gaps[n]))[:most]
    return result.only([name for name in names if name in far])
