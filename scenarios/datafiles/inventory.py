"""An inventory table as inputs: a figure a row, with unit, spread, source and marks."""

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from scenarios.datafiles.csv_columns import Line, rows_of
from scenarios.errors import ConfigError, Fault
from scenarios.language.terms import ID, Confidence
from scenarios.units import units
from uncertainty.distributions import build
from uncertainty.errors import UncertaintyError, nearest

NEEDED = ("input_id", "value", "units", "distribution", "source", "confidence_value")
KNOWN = (
    *NEEDED,
    *("product", "process", "meaning", "p1", "p2", "year", "geography"),
    *("confidence_spread", "note"),
)
SECOND = "read-2"
"""Mark of a figure read in a copy of its source, not in the source."""
MARKS = (*get_args(Confidence), SECOND)
FAMILIES: dict[str, tuple[int, Callable[[float, float, float], dict[str, float]]]] = {
    "fixed": (0, lambda value, _p1, _p2: {"value": value}),
    "normal": (1, lambda value, p1, _p2: {"mean": value, "sd": p1}),
    "lognormal": (1, lambda value, p1, _p2: {"median": value, "gsd": p1}),
    "triangular": (2, lambda value, p1, p2: {"low": p1, "mode": value, "high": p2}),
    "uniform": (2, lambda _value, p1, p2: {"low": p1, "high": p2}),
}
"""Distribution -> parameters beside the value, and what they are."""


def inventory(path: Path) -> dict[str, dict[str, Any]]:
    """Inputs of a table, as a config states them.

    Parameters
    ----------
    path : Path
        A CSV with the columns ``input_id, value, units, distribution, source,
        confidence_value`` and, where wanted, ``product, process, meaning, p1, p2, year,
        geography, confidence_spread, note``. `p1` and `p2` are the sd of a normal, the
        gsd of a lognormal whose median is the value, the ends of a triangular whose
        mode is the value or of a uniform; a ``fixed`` value has none.

    Returns
    -------
    dict of id to dict

    Raises
    ------
    ConfigError
        Every fault, each with its row and column.
    """
    name = path.name
    try:
        rows = rows_of(path)
    except (OSError, ValueError) as error:
        raise ConfigError([Fault(name, 0, (), str(error))]) from None
    faults: list[Fault] = []
    header = [cell.lower() for cell in rows[0].cells] if rows else []
    for word in header:
        if word not in KNOWN:
            message = f"no such column{nearest(word, KNOWN)}"
            faults.append(Fault(name, rows[0].number, (word,), message))
    for word in NEEDED:
        if word not in header:
            faults.append(Fault(name, 1, (), f"the column {word} is missing"))
    found: dict[str, dict[str, Any]] = {}
    for line in rows[1:] if not faults else ():
        row = _Row(name, line, header, faults)
        id = row["input_id"]
        if id in found:
            row.fault("input_id", f"{id} stands in an earlier row too; keep one")
        else:
            found[id] = row.stated()
    if faults:
        raise ConfigError(faults)
    return found


class _Row:
    """One row of a table, whose faults are noted."""

    def __init__(
        self, file: str, line: Line, header: list[str], faults: list[Fault]
    ) -> None:
        self.file, self.number, self.faults = file, line.number, faults
        self.cells = dict(zip(header, line.cells, strict=False))
        if any(line.cells[len(header) :]):
            message = "more cells than the header has; write a decimal point, no comma"
            self.fault("", message)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def fault(self, column: str, message: str) -> None:
        place = (column,) if column else ()
        self.faults.append(Fault(self.file, self.number, place, message))

    def number_of(self, column: str) -> float:
        """The number in a cell; NaN, and a fault, where there is none."""
        try:
            value = float(self[column])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            text = self[column] or "an empty cell"
            self.fault(column, f"{text} is no finite number with a decimal point")
            return math.nan
        return value

    def chosen(self, column: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        """A word of a cell that has to be one of those known."""
        word = self[column]
        if word not in known:
            more = nearest(word, known) or f"; write one of {', '.join(known)}"
            self.fault(column, f"{word or 'an empty cell'} is none of them{more}")
        return word

    def stated(self) -> dict[str, Any]:
        """The input as a config states it."""
        if not re.fullmatch(ID, self["input_id"]):
            said = self["input_id"] or "an empty cell"
            self.fault("input_id", f"{said} is no id; write words joined by dots")
        try:
            units().parse(self["units"] or "?")
        except UncertaintyError as error:
            self.fault("units", str(error))
        if not self["source"]:
            self.fault("source", "is empty; say where the figure comes from")
        input: dict[str, Any] = {"label": self["meaning"]} if self["meaning"] else {}
        input |= {"units": self["units"], **self._value()}
        is_factor = "CO2" in self["units"].replace("CO2e", "CO2")
        input["kind"] = "emission factor" if is_factor else "activity data"
        input["nature"] = "uncertainty"
        place = ", ".join(filter(None, (self["geography"], self["year"])))
        input["source"] = f"{self['source']} ({place})" if place else self["source"]
        notes = [self["note"]] if self["note"] else []
        for column, word in (
            ("confidence_value", "confidence"),
            ("confidence_spread", "spread_confidence"),
        ):
            if column == "confidence_spread" and self["distribution"] == "fixed":
                continue
            mark = self.chosen(column, MARKS)
            if mark == SECOND:
                mark = "read"
                notes.append("Read in a copy.")
            input[word] = mark
        return input | ({"note": " ".join(notes)} if notes else {})

    def _value(self) -> dict[str, Any]:
        """The value or the distribution."""
        family = self.chosen("distribution", FAMILIES)
        value = self.number_of("value")
        if family not in FAMILIES:
            return {}
        count, parameters = FAMILIES[family]
        ends = [math.nan, math.nan]
        for i, column in enumerate(("p1", "p2")):
            if i < count:
                ends[i] = self.number_of(column)
            elif self[column]:
                message = f"{family} takes {count} of p1, p2; leave this one empty"
                self.fault(column, message)
        made = parameters(value, *ends)
        if any(map(math.isnan, made.values())):
            return {}
        if family == "fixed":
            return made
        try:
            build(family, made)
        except UncertaintyError as error:
            self.fault("distribution", str(error))
        return {family: made}
