"""Readings from a data file: one column of a CSV table, every cell a plain number."""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from scenarios.language.yaml_text import Unreadable, text_of
from uncertainty.errors import nearest

FROM = "; a path begins at the folder of the file that states it"
"""How to mend a name that no file has."""


def readings(path: Path, column: str | None) -> tuple[float, ...]:
    """Numbers of one column of a CSV file; empty cells are no readings.

    Parameters
    ----------
    path : Path
        UTF-8, with a header row; cells parted by commas. Blanks around cells go.
    column : str or None
        None where the table has one column.

    Returns
    -------
    tuple of float
        One at least, all finite.

    Raises
    ------
    ValueError
        No such file or column, no readings, or a cell is no plain number; names the
        row.
    """
    name = path.name
    if not path.exists():
        near = nearest(name, (p.name for p in path.parent.glob("*.csv")))
        raise ValueError(f"no such data file: {name}{near or FROM}")
    try:
        lines = rows_of(path)
    except ValueError as error:
        raise ValueError(f"{name}{error}") from None
    if not lines:
        raise ValueError(f"{name}: is empty; the first row names the columns")
    header = lines[0].cells
    for i, heading in enumerate(header):
        if heading and heading in header[:i]:
            message = f"two columns are called {heading}; take one of them out"
            raise ValueError(f"{name}: {message}")
    wanted = _column(name, [h for h in header if h], column)
    place = header.index(wanted)
    found = []
    for line in lines[1:]:
        # with cells beyond the header's a decimal comma has split a number
        if any(line.cells[len(header) :]):
            message = "more cells than the header has; write a decimal point, no comma"
            raise ValueError(f"{name}, row {line.number}: {message}")
        if place < len(line.cells) and line.cells[place]:
            found.append(_cell(name, line.number, line.cells[place]))
    if not found:
        raise ValueError(f"{name}: the column {wanted} holds no readings")
    return tuple(found)


@dataclass(frozen=True)
class Line:
    """One row of a table with something in it: its number, its cells without blanks."""

    number: int
    cells: list[str]


def rows_of(path: Path) -> list[Line]:
    """Rows of a CSV file, the headings first; rows without any text are left out.

    What spreadsheets and data offices put before the headings is passed over: a line
    ``sep=,`` and lines that begin with ``#``.

    Raises
    ------
    ValueError
        It cannot be read, its cells are not parted by commas, or a title stands above
        the headings; begins with the place in the file.
    """
    try:
        text = text_of(path, path.name, data=True)
    except Unreadable as error:
        raise ValueError(f": {error}") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    found: list[Line] = []
    try:
        for cells in reader:
            plain = [cell.strip() for cell in cells]
            first = plain[0] if plain else ""
            before = not found and (first.startswith("#") or first[:4] == "sep=")
            if any(plain) and not before:
                found.append(Line(reader.line_num, plain))
    except csv.Error as error:
        raise ValueError(f", row {reader.line_num}: {error}") from None
    if found:
        _refuse_layout(found)
    return found


def _refuse_layout(rows: list[Line]) -> None:
    """Refuse a table whose first row is not headings parted by commas."""
    head = [cell for cell in rows[0].cells if cell]
    mend = "save it with commas between cells, and decimal points"
    if len(head) == 1:
        if ";" in head[0]:
            raise ValueError(f": its cells are parted by semicolons; {mend}")
        if "\t" in head[0]:
            raise ValueError(f": its cells are parted by tabs; {mend}")
        wide = [row for row in rows[1:10] if sum(map(bool, row.cells)) > 1]
        if wide and _is_title(head[0], wide):
            message = "the first row is a title; take out the rows above the headings"
            raise ValueError(f": {message}")


def _is_title(text: str, wide: list[Line]) -> bool:
    """Whether one cell above wider rows is no heading of a column of numbers."""
    words = [cell for cell in wide[0].cells if cell]
    return " " in text or not any(cell[0].isdigit() for cell in words)


def _column(file: str, header: list[str], column: str | None) -> str:
    if not header:
        raise ValueError(f"{file}: is empty; the first row names the columns")
    wanted = column or (header[0] if len(header) == 1 else None)
    if wanted is None:
        raise ValueError(f"{file}: say which column: {', '.join(header)}")
    if wanted not in header:
        near = nearest(wanted, header) or f"; it has {', '.join(header)}"
        raise ValueError(f"{file}: no column {wanted}{near}")
    return wanted


def _cell(file: str, row: int, cell: str) -> float:
    try:
        return plain_number(cell)
    except ValueError as error:
        raise ValueError(f"{file}, row {row}: {error}") from None


def plain_number(
    cell: str, absent: str = "leave the cell empty where there is no reading"
) -> float:
    """The number that a cell holds, written with a decimal point and nothing else.

    Parameters
    ----------
    cell : str
    absent : str
        What to do where there is none.

    Raises
    ------
    ValueError
        It holds anything else, or a number that is not finite; says how to mend it.
    """
    text = cell.strip()
    if "_" in text:  # Python would read 13_500
        mend = "write digits and a decimal point"
    elif text.startswith("#"):
        mend = "a spreadsheet error; mend it there"
    elif "," in text:
        mend = "write a decimal point, no comma"
    elif "%" in text:
        mend = "write the number without the sign, in the input's units"
    else:
        try:
            number = float(text)
        except ValueError:
            mend = f"write a number, or {absent}"
        else:
            if math.isfinite(number):
                return number
            mend = absent
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    raise ValueError(f"{shown!r} is no number; {mend}")
