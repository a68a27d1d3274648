"""What a data sheet says once it is filled in: inputs of a study, or every fault.

One row an input. Readings make an observed mean, a value with a percentage a law of
that width, a value alone a constant; the sheet's units are converted to the study's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios.datafiles.csv_columns import plain_number
from scenarios.datafiles.spreadsheet_cells import NOTHING, Cell, Grid, grid
from scenarios.errors import ConfigError, Fault
from scenarios.language.dependence import Dependence
from scenarios.language.quantities import Input
from scenarios.loading.schema_faults import validated
from scenarios.units import units
from uncertainty.distributions.stated import LARGEST_PERCENT
from uncertainty.errors import UncertaintyError, nearest

SCORES = ("reliability", "completeness", "time", "geography", "technology")
"""Data-quality indicators, each scored from 1 (best) to 5."""
NEEDED = ("id", "units", "value", "source")
KNOWN = (
    *("id", "meaning", "units", "value", "plus_minus", "period", "source"),
    *SCORES,
    *("comment", "now"),
)
"""Columns beside the readings; ``meaning`` and ``now`` are for the reader alone."""
READING = re.compile(r"r[1-9][0-9]{0,2}")
FEWEST = 4
"""Readings that a mean with its uncertainty takes (Student t with a finite sd)."""


def short_name(data: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """A file's data without ``inputs: {sheet: data.xlsx}``, and the sheet's name."""
    inputs = data.get("inputs")
    if not isinstance(inputs, dict) or not isinstance(inputs.get("sheet"), str):
        return data, None
    others = {id: stated for id, stated in inputs.items() if id != "sheet"}
    return {**data, "inputs": others}, str(inputs["sheet"])


def measured(
    path: Path, name: str, known: Mapping[str, Input], ties: Sequence[Dependence] = ()
) -> dict[str, Input]:
    """Inputs that a data sheet replaces.

    Parameters
    ----------
    path : Path
        CSV or XLSX, as `scenarios.export.data_sheet` writes it.
    name : str
        What to call the file in faults.
    known : mapping of id to Input
        Of the study; a row keeps label, kind, nature and units of its input.
    ties : sequence of Dependence
        Of the study; a share of a composition is no input of its own.

    Returns
    -------
    dict of id to Input
        Of the rows that are filled in.

    Raises
    ------
    ValueError
        The file cannot be read at all.
    ConfigError
        Every fault, each with sheet, row and column.
    """
    reading = _Reading(grid(path), name, known, _shares(ties))
    if reading.head():
        for number, cells in reading.table.rows[1:]:
            reading.row(number, cells)
    return reading.inputs()


def _shares(ties: Sequence[Dependence]) -> dict[str, str]:
    made = [one for one in ties if one.composition is not None]
    return {id: str(one.composition) for one in made for id in one.law.means}


@dataclass
class _Reading:
    """One pass over the rows of a sheet."""

    table: Grid
    name: str
    known: Mapping[str, Input]
    shares: Mapping[str, str]
    columns: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    found: dict[str, dict[str, object]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def fault(self, row: int, column: str, message: str) -> None:
        place = self.table.place(row, self.columns.get(column, 0), column)
        self.faults.append(Fault(self.name, row, (place,), message))

    def head(self) -> bool:
        """Read the headings; whether the rows can be."""
        number, cells = self.table.rows[0]
        for i, cell in enumerate(cells):
            heading = cell.text.partition("[")[0].strip().lower()
            if heading in self.columns:
                self.fault(number, heading, "stands twice; keep one column")
            elif heading in KNOWN or READING.fullmatch(heading):
                self.columns[heading] = i
            elif heading:
                place = self.table.place(number, i, cell.text[:40])
                message = f"no such column{nearest(heading, KNOWN)}"
                self.faults.append(Fault(self.name, number, (place,), message))
        for word in NEEDED:
            if word not in self.columns:
                message = f"the column {word} is missing; `potline sheet` writes it"
                self.faults.append(Fault(self.name, number, (), message))
        return not self.faults

    def row(self, number: int, cells: list[Cell]) -> None:
        """Read one row; nothing if it is not filled in."""
        of = {
            word: cells[i] if i < len(cells) else NOTHING
            for word, i in self.columns.items()
        }
        beyond = cells[max(self.columns.values()) + 1 :]
        if not self.table.sheet and not all(cell.empty for cell in beyond):
            message = "more cells than the header has; write a decimal point, no comma"
            self.faults.append(Fault(self.name, number, (), message))
            return
        words = [w for w in of if READING.fullmatch(w) and not of[w].empty]
        filled = [w for w in ("value", "plus_minus", *SCORES) if w in of]
        filled = [w for w in filled if not of[w].empty]
        if not words and not filled:
            return  # a source or a comment alone is a note to oneself
        before = self._before(number, of["id"])
        stated = _Row(self, number, of, words)
        factor = stated.factor(before) if before else 1.0
        law = stated.law(factor)
        given = {**law, **stated.papers(law)}
        if before is None or not law:
            return
        id = of["id"].text
        kept = {w: getattr(before, w) for w in ("label", "kind", "nature")}
        self.found[id] = {"units": _units(before), **given}
        self.found[id] |= {w: text for w, text in kept.items() if text is not None}
        self.lines[id] = number

    def _before(self, number: int, cell: Cell) -> Input | None:
        """The input that a row replaces."""
        id = cell.text
        if not id:
            message = "is missing; it says which input the row is of"
        elif id in self.lines:
            message = f"{id} stands in row {self.lines[id]} too; keep one"
        elif id in self.known:
            return self.known[id]
        elif id in self.shares:
            of = self.shares[id]
            message = f"{id} is a share of {of}; state its means in the config"
        else:
            message = f"no input is called {id[:80]}{nearest(id, self.known)}"
        self.fault(number, "id", message)
        return None

    def inputs(self) -> dict[str, Input]:
        """The inputs that the rows state; raises every fault at once."""
        try:
            stated = validated({"inputs": self.found}, self.name).inputs
        except ConfigError as error:
            stated = {}
            for one in error.faults:
                id, *path = map(str, one.path[1:])
                word = path[-1] if path and path[-1] in self.columns else "value"
                self.fault(self.lines[id], word, one.message)
        if self.faults:
            raise ConfigError(self.faults)
        return dict(stated)


@dataclass
class _Row:
    """One row that is filled in."""

    whole: _Reading
    number: int
    of: Mapping[str, Cell]
    readings: Sequence[str]

    def fault(self, column: str, message: str) -> None:
        self.whole.fault(self.number, column, message)

    def amount(self, column: str) -> float | None:
        """The number of a cell; None if it is empty or at fault."""
        cell = self.of.get(column, NOTHING)
        if cell.trouble:
            self.fault(column, cell.trouble)
        elif isinstance(cell.value, bool):
            self.fault(column, f"{cell.value} is no number")
        elif isinstance(cell.value, int | float):
            return float(cell.value)
        elif not cell.empty:
            try:
                return plain_number(cell.text)
            except ValueError as error:
                self.fault(column, str(error))
        return None

    def factor(self, before: Input) -> float:
        """From the sheet's units to the input's."""
        cell, wanted = self.of["units"], _units(before)
        if cell.empty:
            self.fault("units", f"are missing; write {wanted}")
            return 1.0
        try:
            return units().conversion(cell.text, wanted)
        except UncertaintyError as error:
            self.fault("units", str(error))
            return 1.0

    def law(self, factor: float) -> dict[str, object]:
        """How the row states its value, in the input's units; empty if at fault."""
        spread = self.amount("plus_minus")
        if self.readings:
            return self._observed(factor)
        value = self.amount("value")
        if value is None:
            if self.of["value"].empty:
                self.fault("value", "is missing; fill it or the readings, or neither")
            return {}
        value *= factor
        if spread is None:
            return {"value": value}
        if spread <= LARGEST_PERCENT:
            return {"percent": {"value": value, "plus_minus": spread}}
        return self._wide(value, spread)

    def _observed(self, factor: float) -> dict[str, object]:
        for word in ("value", "plus_minus"):
            if not self.of.get(word, NOTHING).empty:
                self.fault(word, "stands beside readings; keep one of the two")
        values = [self.amount(word) for word in self.readings]
        known = [value * factor for value in values if value is not None]
        if len(known) < len(values):
            return {}
        if len(known) < FEWEST:
            message = f"{len(known)} alone; a mean with its uncertainty takes {FEWEST}"
            mend = "or more: with fewer write their mean as value, with plus_minus"
            self.fault(self.readings[0], f"{message} {mend}")
            return {}
        return {"observed": {"values": known, "of": "mean"}}

    def _wide(self, value: float, spread: float) -> dict[str, object]:
        """A spread that a normal law would take below zero, as a skewed interval."""
        if spread >= 100 or value <= 0:
            message = f"{value:g} ± {spread:g} % has an end that is not above zero"
            self.fault("plus_minus", f"{message}; state an interval in the config")
            return {}
        ends = {"low": value * (1 - spread / 100), "high": value * (1 + spread / 100)}
        return {"interval": {**ends, "shape": "lognormal", "value": value}}

    def papers(self, law: Mapping[str, object]) -> dict[str, object]:
        """Source, confidence, data quality and note."""
        source, period = self.text("source"), self.text("period")
        if not source:
            message = (
                "is missing; say where the figure comes from: meter, invoice, book"
            )
            self.fault("source", message)
        found: dict[str, object] = {
            "source": f"{source}; {period}" if period else source,
            "confidence": "read",
        }
        if "value" not in law:
            # the scatter of readings is computed, a percentage somebody read
            found["spread_confidence"] = "derived" if self.readings else "read"
        scores = {word: self.score(word) for word in SCORES if word in self.of}
        if known := {word: n for word, n in scores.items() if n is not None}:
            found["data_quality"] = known
        if note := self.text("comment"):
            found["note"] = note
        return found

    def text(self, column: str) -> str:
        """A cell as text; a date or a number is one too."""
        return self.of.get(column, NOTHING).text

    def score(self, column: str) -> int | None:
        """A data-quality score; None if it is empty or at fault."""
        number = self.amount(column)
        if number is None or number in range(1, 6):
            return None if number is None else int(number)
        self.fault(column, f"a score is 1, 2, 3, 4 or 5 (1 the best), not {number:g}")
        return None


def _units(before: Input) -> str:
    """Units of an input; those of its value where it is written with them."""
    if before.units is None and isinstance(before.value, str):
        return units().quantity(before.value)[1]
    return before.units or "1"
