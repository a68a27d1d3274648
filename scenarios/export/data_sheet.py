"""A data sheet to fill in: one row for each activity datum of a study."""

import csv
import io

from scenarios.datafiles.spreadsheet_cells import SHEET
from scenarios.datafiles.xlsx import Sheet, workbook
from scenarios.errors import ScenarioError
from scenarios.language.safe_text import cell
from scenarios.loading.data_sheets import SCORES
from scenarios.model.definitions import describe
from scenarios.model.study import Study

READINGS = 12
"""Columns for readings: a year by months; more may be added as r13, r14, ..."""
_BEFORE = ("id", "meaning", "units", "value", "plus_minus [% at 95 %]")
_BEHIND = ("period", "source", *(f"{word} [1-5]" for word in SCORES), "comment", "now")
HEADINGS = (*_BEFORE, *(f"r{i + 1}" for i in range(READINGS)), *_BEHIND)
HOW_TO = (
    (
        "sheet",
        "Fill in what you measured; a row without numbers leaves its input alone.",
    ),
    (
        "units",
        "Of the numbers in this row; change them to yours, e.g. MWh/t for kWh/t.",
    ),
    ("value", "One number, decimal point, no percent sign, no thousands separator."),
    ("plus_minus", "Half-width of its 95 % interval in percent of it; empty: exact."),
    ("r1 ... r12", "Readings instead of a value, four or more; their mean is used."),
    ("source", "Meter, invoice, stock book, laboratory: mandatory in a filled row."),
    ("period", "What the numbers cover, e.g. 2024, or 2024-01 to 2024-06."),
    ("reliability", "1 measured and verified ... 5 a guess."),
    ("completeness", "1 all of the plant and period ... 5 unknown or a small part."),
    ("time", "1 within three years of the study ... 5 older than fifteen, or unknown."),
    ("geography", "1 the plant itself ... 5 elsewhere, under other conditions."),
    ("technology", "1 the process itself ... 5 another process or scale."),
    ("comment", "Kept with the input as its note."),
    ("now", "What the study uses until you fill the row in; not read back."),
)


def sheets(study: Study) -> list[Sheet]:
    """The data sheet of a study, and how to fill it in.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Sheet
        The first has every input that the study reads and that is an activity datum,
        or of no stated kind; formulas are no data.

    Raises
    ------
    ScenarioError
        The study has no such input.
    """
    rows = []
    for id in study.model().inputs:
        stated = study.config.inputs.get(id)
        if stated is None or stated.formula is not None:
            continue
        if stated.kind not in {"activity data", None}:
            continue
        what = study.definitions[id]
        source = what.papers.get("source", "")
        told = {
            "id": id,
            "meaning": what.papers.get("label", ""),
            "units": what.unit.text,
            "now": f"{describe(what)}; {source}" if source else describe(what),
        }
        rows.append([told.get(heading) for heading in HEADINGS])
    if not rows:
        raise ScenarioError(
            f"{study.name}: no input of kind `activity data`, so there is nothing to "
            "fill in; state `kind: activity data` on those that a plant can measure"
        )
    scores = tuple((HEADINGS.index(f"{word} [1-5]"), 1, 5) for word in SCORES)
    how_to = Sheet("how to", ("column", "what to write"), HOW_TO)
    return [Sheet(SHEET, HEADINGS, rows, scores), how_to]


def content(study: Study, ending: str) -> bytes:
    """The data sheet as the bytes of a file.

    Parameters
    ----------
    study : Study
    ending : str
        ``.xlsx`` or ``.csv``.

    Raises
    ------
    ScenarioError
        Another ending, or the study has nothing to fill in.
    WorkbookError
        openpyxl is not installed.
    """
    if ending == ".xlsx":
        return workbook(sheets(study))
    if ending != ".csv":
        found = ending or "nothing"
        raise ScenarioError(f"a data sheet ends in .xlsx or .csv, not in {found}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    data = sheets(study)[0]
    for row in (data.headings, *data.rows):
        writer.writerow(["" if v is None else cell(str(v)) for v in row])
    # a spreadsheet reads UTF-8 as such only behind this mark
    return text.getvalue().encode("utf-8-sig")
