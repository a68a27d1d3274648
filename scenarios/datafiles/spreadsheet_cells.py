"""Cells of a table that a person filled in, CSV or XLSX, each with its place.

A spreadsheet shows one thing and holds another: 10 % is 0.1, 1.5 may be a date, a
formula may have no value yet. What a cell holds is taken only where the two agree;
else the cell carries its trouble, and how to mend it.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from scenarios.datafiles.xlsx import openpyxl
from scenarios.errors import ScenarioError
from scenarios.language.safe_text import is_formula
from scenarios.language.yaml_text import LIMIT, Unreadable, text_of
from uncertainty.errors import nearest

MOST_ROWS = 10_000
MOST_COLUMNS = 200
UNPACKED = 20 * LIMIT
"""Bytes that an XLSX file may unpack to."""
ENDINGS = (".csv", ".xlsx")
SHEET = "data"
"""Sheet of a workbook that is read."""


@dataclass(frozen=True)
class Cell:
    """What one cell holds.

    Attributes
    ----------
    value : str, int, float, bool or None
        None if it is empty.
    trouble : str
        Why the value is not to be trusted, if so.
    """

    value: str | int | float | bool | None
    trouble: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it, not even a fault."""
        return not self.trouble and self.text == ""

    @property
    def text(self) -> str:
        """The value as text, without blanks around it."""
        return "" if self.value is None else str(self.value).strip()


NOTHING = Cell(None)


class _Refused(ValueError):
    """A workbook can be read, and is not what is asked for."""


@dataclass(frozen=True)
class Grid:
    """Rows of cells, the headings first.

    Attributes
    ----------
    sheet : str
        Name of the sheet; empty for CSV, which has none.
    rows : list of (row number, cells)
    """

    sheet: str
    rows: list[tuple[int, list[Cell]]]

    def place(self, row: int, column: int, heading: str) -> str:
        """Where a cell stands, as a spreadsheet says it."""
        if not self.sheet:
            return f"column {heading}"
        return f"sheet {self.sheet}, cell {letters(column)}{row} ({heading})"


def letters(column: int) -> str:
    """Letters of a column counted from 0.

    Examples
    --------
    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def grid(path: Path) -> Grid:
    """Cells of a CSV file, or of one sheet of an XLSX file.

    Parameters
    ----------
    path : Path
        A workbook is read from its sheet `SHEET`, or the only one.

    Returns
    -------
    Grid
        Rows without any content are left out.

    Raises
    ------
    ValueError
        No such file, another ending, no table, no such sheet, or too large.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"ends in {ending or 'nothing'}; save it as .xlsx or .csv")
    if not path.exists():
        known = [p.name for p in path.parent.glob("*") if p.suffix in ENDINGS]
        raise ValueError(f"no such data sheet: {path.name}{nearest(path.name, known)}")
    found = _csv(path) if ending == ".csv" else _xlsx(path)
    filled = [(n, row) for n, row in found.rows if not all(c.empty for c in row)]
    if not filled:
        raise ValueError("is empty; `potline sheet` writes one to fill in")
    return Grid(found.sheet, filled)


def _csv(path: Path) -> Grid:
    try:
        text = text_of(path, path.name)
    except Unreadable as error:
        raise ValueError(str(error)) from None
    head = text.partition("\n")[0]
    if ";" in head and "," not in head:
        raise ValueError(
            "cells are parted by semicolons; save it with commas, or .xlsx"
        )
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        before = 0
        for row in reader:
            rows.append((before + 1, [_written(cell) for cell in row]))
            before = reader.line_num
    except csv.Error as error:
        raise ValueError(f"row {reader.line_num}: {error}") from None
    if len(rows) > MOST_ROWS:
        raise ValueError(f"{len(rows)} rows; a data sheet may have {MOST_ROWS}")
    return Grid("", rows)


def _written(text: str) -> Cell:
    """A cell of a CSV file, without the apostrophe that keeps a text from running."""
    plain = text.strip()
    if plain.startswith("'") and is_formula(plain[1:]):
        plain = plain[1:]
    return Cell(plain or None)


def _xlsx(path: Path) -> Grid:
    package = openpyxl_or_csv(path)
    _bounded(path)
    options = {"read_only": True, "keep_links": False}
    try:
        shown = package.load_workbook(path, data_only=True, **options)
        typed = package.load_workbook(path, data_only=False, **options)
        name = _sheet(shown.sheetnames)
        # of each cell what a person sees, and what was typed
        pairs = zip(_cells(shown[name]), _cells(typed[name]), strict=True)
        rows = [
            (i + 1, [_seen(*pair) for pair in zip(*both, strict=True)])
            for i, both in enumerate(pairs)
        ]
        shown.close()
        typed.close()
    except _Refused:
        raise
    except Exception as error:
        # a damaged workbook fails wherever its parts are missed first, in many ways
        raise ValueError(f"is no workbook that can be read ({error})") from None
    return Grid(name, rows)


def openpyxl_or_csv(path: Path) -> Any:
    """The package that reads workbooks, or the advice to do without."""
    try:
        return openpyxl()
    except ScenarioError as error:
        raise ValueError(f"{error}; or save {path.name} as CSV") from None


def _bounded(path: Path) -> None:
    """Refuse a file that is no archive, or would unpack to more than is sensible."""
    try:
        size = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        raise ValueError("is no XLSX workbook; save it as .xlsx or .csv") from None
    if size > LIMIT or unpacked > UNPACKED:
        raise ValueError(f"{unpacked} bytes unpacked; a data sheet may have {UNPACKED}")


def _sheet(names: list[str]) -> str:
    if SHEET in names:
        return SHEET
    if len(names) == 1:
        return names[0]
    raise _Refused(f"no sheet is called {SHEET}; there are {', '.join(names)}")


def _cells(page: Any) -> Iterator[list[Any]]:
    page.reset_dimensions()  # what a file says of its own size may be wrong
    rows = [list(row)[:MOST_COLUMNS] for row in _first(page.iter_rows())]
    width = max(map(len, rows), default=0)
    for row in rows:
        yield row + [None] * (width - len(row))


def _first(rows: Iterator[Any]) -> Iterator[Any]:
    for i, row in enumerate(rows):
        if i == MOST_ROWS:
            raise _Refused(f"more than {MOST_ROWS} rows; a data sheet has fewer")
        yield row


def _seen(shown: Any, typed: Any) -> Cell:
    """One cell: its value, or its trouble."""
    value = shown.value if shown is not None else None
    formula = typed is not None and typed.data_type == "f"
    if value is None and formula:
        return Cell(None, "a formula that was never computed; open and save it there")
    if value is None:
        return NOTHING
    if shown.data_type == "e":
        return Cell(str(value), f"{value} is a spreadsheet error; mend it there")
    if isinstance(value, datetime | date | time | timedelta):
        return Cell(str(value), f"{value} is a date; format the cell as a number")
    if not isinstance(value, str) and "%" in str(shown.number_format):
        message = "is formatted as a percentage; format it as a plain number"
        return Cell(value, f"{value} {message}")
    return Cell(value)
