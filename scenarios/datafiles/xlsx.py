"""Spreadsheets through openpyxl: the one module that imports it.

Text is written as text whatever it begins with, so no cell is ever a formula.
"""

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.errors import ScenarioError
from scenarios.language.safe_text import is_formula, visible

LONGEST = 32_767
"""Characters a cell may have."""
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
_WIDEST, _NARROWEST = 60, 9
_LOOKED_AT = 200
"""Rows that the width of a column is found from."""


class WorkbookError(ScenarioError):
    """A spreadsheet cannot be written or read."""


def openpyxl() -> Any:
    """The package openpyxl.

    Raises
    ------
    WorkbookError
        It is not installed; says how to.
    """
    try:
        import openpyxl as found
    except ImportError:
        message = "spreadsheets take openpyxl: pip install 'potline[excel]'"
        raise WorkbookError(message) from None
    return found


@dataclass(frozen=True)
class Sheet:
    """One sheet: a bold row of headings that stays in sight, and rows below it.

    Attributes
    ----------
    name : str
        At most 31 letters.
    headings : sequence of str
    rows : sequence of sequences
        Text, numbers, truth values, or None for an empty cell.
    wholes : mapping of column number to (low, high)
        Columns that take whole numbers between two ends alone.
    digits : int
        Significant digits that are shown, with a filter over every column; 0 for all.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    wholes: tuple[tuple[int, int, int], ...] = ()
    digits: int = 0


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """A spreadsheet as the bytes of an XLSX file.

    Raises
    ------
    WorkbookError
        openpyxl is not installed, or a sheet has more rows or columns than one can.
    """
    package = openpyxl()
    book = package.Workbook(write_only=True)
    for sheet in sheets:
        count, across = len(sheet.rows) + 1, len(sheet.headings)
        if count > MOST_ROWS or across > MOST_COLUMNS:
            raise WorkbookError(
                f"{sheet.name}: {count} rows and {across} columns; a sheet has "
                f"{MOST_ROWS} and {MOST_COLUMNS} at most, so take csv or parquet"
            )
        _write(package, book.create_sheet(sheet.name), sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write(package: Any, page: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    page.freeze_panes = "A2"
    for i, heading in enumerate(sheet.headings):
        shown = [_shown(row[i]) for row in sheet.rows[:_LOOKED_AT]]
        width = max(len(heading), *map(len, shown)) if shown else len(heading)
        letter = get_column_letter(i + 1)
        page.column_dimensions[letter].width = min(max(width, _NARROWEST), _WIDEST) + 2
    for column, low, high in sheet.wholes:
        letter = get_column_letter(column + 1)
        only = DataValidation(
            type="whole", operator="between", formula1=str(low), formula2=str(high)
        )
        only.add(f"{letter}2:{letter}{max(len(sheet.rows) + 1, 2)}")
        page.data_validations.append(only)
    bold = package.styles.Font(bold=True)
    head = [_text(package, page, heading) for heading in sheet.headings]
    for cell in head:
        cell.font = bold
    page.append(head)
    for row in sheet.rows:
        page.append([_cell(package, page, value, sheet.digits) for value in row])
    if sheet.digits:
        last = get_column_letter(len(sheet.headings))
        page.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"


def _cell(package: Any, page: Any, value: object, digits: int) -> object:
    if isinstance(value, str):
        return _text(package, page, value) if value else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if digits and isinstance(value, float):
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(page, value=value)
        size = math.floor(math.log10(abs(value))) if value else 0
        cell.number_format = (
            "0." + "0" * (digits - 1 - size) if size < digits - 1 else "0"
        )
        return cell
    return value


def _text(package: Any, page: Any, text: str) -> Any:
    """A cell that is text, and stays text when somebody edits it."""
    from openpyxl.cell import WriteOnlyCell

    plain = visible(text)[:LONGEST]
    cell = WriteOnlyCell(page, value=plain)
    cell.data_type = "s"  # openpyxl guesses a formula from =, an error from #N/A
    if is_formula(plain):
        cell.quotePrefix = True
    return cell


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value).splitlines()[0] if str(value) else ""
