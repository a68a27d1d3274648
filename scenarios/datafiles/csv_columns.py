"""Readings from a data file: one column of a CSV table, every cell a plain number."""

import csv
import io
import math
from pathlib import Path

from scenarios.language.yaml_text import Unreadable, text_of
from uncertainty.errors import nearest


def readings(path: Path, column: str | None) -> tuple[float, ...]:
    """Numbers of one column of a CSV file; empty cells are no readings.

    Parameters
    ----------
    path : Path
        UTF-8, with a header row; cells parted by commas.
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
        raise ValueError(f"no such data file: {name}{near}")
    try:
        text = text_of(path, name)
    except Unreadable as error:
        raise ValueError(f"{name}: {error}") from None
    table = csv.DictReader(io.StringIO(text, newline=""))
    try:
        wanted = _column(name, [h for h in table.fieldnames or [] if h], column)
        # with cells beyond the header's a decimal comma has split a number
        rows = [(table.line_num, row[wanted], row.get(None)) for row in table]
    except csv.Error as error:
        raise ValueError(f"{name}, row {table.line_num}: {error}") from None
    for row, _, beyond in rows:
        if beyond:
            message = "more cells than the header has; write a decimal point, no comma"
            raise ValueError(f"{name}, row {row}: {message}")
    found = [_cell(name, row, cell) for row, cell, _ in rows if (cell or "").strip()]
    if not found:
        raise ValueError(f"{name}: the column {wanted} holds no readings")
    return tuple(found)


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


def plain_number(cell: str) -> float:
    """The number that a cell holds, written with a decimal point and nothing else.

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
            mend = "write a number, or leave the cell empty where there is no reading"
        else:
            if math.isfinite(number):
                return number
            mend = "leave the cell empty where there is no reading"
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    raise ValueError(f"{shown!r} is no number; {mend}")
