"""Tables of a result as files: CSV, XLSX, Parquet, LaTeX or JSON.

Whatever a config holds comes out as text: no formula, no tag, no macro. Numbers go
out as numbers, in full; on paper they are rounded.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from scenarios.datafiles.xlsx import Sheet, workbook
from scenarios.export import tables
from scenarios.export.comparison import comparison
from scenarios.export.latex import latex
from scenarios.language.safe_text import cell, script
from scenarios.results.result import Result
from scenarios.results.table import ExportError, Table
from uncertainty.errors import nearest
from uncertainty.storage import write_bytes

LONGEST_PRINT = 2_000
"""Rows of a table that LaTeX is still asked to set."""
SUFFIXES = {
    "csv": ".csv",
    "xlsx": ".xlsx",
    "parquet": ".parquet",
    "latex": ".tex",
    "json": ".json",
}
"""Ending of the files of each format."""
WHOLE = ("xlsx", "json")
"""Formats that hold every table in one file."""


def unknown_format(to: str, known: Sequence[str] = tuple(SUFFIXES)) -> ExportError:
    """Error about a format that does not exist; names the nearest."""
    near = nearest(to, known)
    return ExportError(f"no format is called {to}{near}; there are {', '.join(known)}")


def gather(
    result: Result, names: Sequence[str], folder: Path, *, asked: bool
) -> tuple[list[Table], list[str]]:
    """Tables of a result, and what to tell of them.

    Parameters
    ----------
    result : Result
    names : sequence of str
        Of `tables.TABLES`.
    folder : Path
        Where ``comparison.nc`` and ``sensitivity.nc`` may lie.
    asked : bool
        Whether the user named the tables, so that none may be missing.

    Returns
    -------
    tables : list of Table
    notes : list of str

    Raises
    ------
    ExportError
        There is no such table, one that was asked for does not exist, or a file
        beside the result cannot be read or is of another run.
    """
    found, notes = [], []
    for name in tables.wanted(names):
        table = _table(result, name, folder)
        if table is None:
            if asked:
                raise ExportError(f"no table {name}: {tables.ABSENT[name]}")
            notes.append(f"{name} left out: {tables.ABSENT[name]}")
            continue
        if table.note:
            notes.append(f"{name}: {table.note}")
        found.append(table)
    return found, notes


def _table(result: Result, name: str, folder: Path) -> Table | None:
    if name == "sensitivity":
        stored = _beside(result, folder / "sensitivity.nc")
        return None if stored is None else tables.sensitivity(stored)
    if name == "comparison":
        stored = _beside(result, folder / "comparison.nc")
        return comparison(result, None if stored is None else stored.to_dataset())
    return tables.MAKERS[name](result)


def _beside(result: Result, path: Path) -> xr.DataTree | None:
    """A dataset beside the result, if there is one; it must be of the same run."""
    if not path.exists():
        return None
    try:
        with xr.open_datatree(path, engine="h5netcdf") as opened:
            stored = opened.load()
    except (OSError, ValueError, KeyError) as error:
        raise ExportError(f"{path}: cannot be read ({error})") from None
    runs = [str(stored.attrs[word]) for word in ("runs", "run") if word in stored.attrs]
    same = any(result.provenance["started"] in run for run in runs)
    if not runs:  # made of the study, not of a run of it
        same = stored.attrs.get("config") == result.config_text
    if not same:
        raise ExportError(
            f"{path}: is of another run than results.nc; make it again, or move it away"
        )
    return stored


def export(found: Sequence[Table], origin: Table, to: str, path: Path) -> list[Path]:
    """Write tables; each file is whole or not there.

    Parameters
    ----------
    found : sequence of Table
    origin : Table
        As `tables.provenance` gives it.
    to : str
        A key of `SUFFIXES`.
    path : Path
        The file; a folder where a format takes one file a table. One table alone may
        go to a file by its ending.

    Returns
    -------
    list of Path
        Written, `path` or below it.

    Raises
    ------
    ExportError
        Several tables for one file, a table too long to print, or a folder that
        cannot be made.
    WorkbookError
        A sheet cannot hold a table, or openpyxl is not installed.
    StorageError
        A file cannot be written.
    """
    if to not in SUFFIXES:
        raise unknown_format(to)
    suffix = SUFFIXES[to]
    alone = path.suffix.lower() == suffix
    if to in WHOLE:
        if not alone:
            raise ExportError(f"{path}: a file of {to} ends in {suffix}")
        contents = {path: _WHOLE[to](found, origin)}
    elif alone:
        if len(found) > 1:
            names = ", ".join(table.name for table in found)
            raise ExportError(
                f"{path}: {to} holds one table a file, and these are {names}; name a "
                "folder, or one table with --tables"
            )
        contents = {path: _SINGLE[to](found[0], origin)}
    else:
        if path.suffix.lower() in SUFFIXES.values():
            raise ExportError(f"{path}: a file of {to} ends in {suffix}")
        each = [*found, origin]
        contents = {path / f"{t.name}{suffix}": _SINGLE[to](t, origin) for t in each}
    for file, content in contents.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{file.parent}: cannot be made ({error.strerror})"
            raise ExportError(message) from None
        write_bytes(file, content)
    return list(contents)


def _rows(frame: pd.DataFrame) -> list[list[object]]:
    """Cells as Python's own text, numbers and truth values; None where empty."""
    columns = [_plain(frame[column]) for column in frame]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(column: "pd.Series[Any]") -> list[object]:
    return [_value(value) for value in column.tolist()]


def _value(value: object) -> object:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def _csv(table: Table, _: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    # a column whose rows may differ in units has them in a column of their own
    fixed = {c: u for c, u in table.units.items() if table.name == "draws"}
    heads = [f"{c} [{fixed[c]}]" if c in fixed else str(c) for c in table.frame]
    writer.writerow([cell(head) for head in heads])
    for row in _rows(table.frame):
        writer.writerow([cell(v) if isinstance(v, str) else v for v in row])
    return text.getvalue().encode()


def _json(found: Sequence[Table], origin: Table) -> bytes:
    whole: dict[str, Any] = dict(_rows(origin.frame))  # type: ignore[arg-type]  # of two columns: pairs
    whole["tables"] = {
        table.name: {
            "units": dict(table.units),
            "records": [
                dict(zip(map(str, table.frame), row, strict=True))
                for row in _rows(table.frame)
            ],
        }
        for table in found
    }
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1)
    # half of a surrogate pair is no character that a file could hold
    return script(text).encode("utf-8", "replace")


def _xlsx(found: Sequence[Table], origin: Table) -> bytes:
    return workbook(
        Sheet(
            table.name,
            [table.heading(str(column)) for column in table.frame],
            _rows(table.frame),
        )
        for table in (origin, *found)
    )


def _latex(table: Table, origin: Table) -> bytes:
    frame = table.frame
    if len(frame) > LONGEST_PRINT:
        raise ExportError(
            f"{table.name}: {len(frame)} rows are too many to print; take csv"
        )
    columns = [str(c) for c in table.printed or frame if not frame[c].isna().all()]
    if "units" in columns and frame["units"].nunique() == 1:
        columns.remove("units")  # the headings have them
    remarks = [f"{what}: {value}" for what, value in _rows(origin.frame)]
    kept = [r for r in remarks if r.startswith(("study", "seed", "draws", "command"))]
    heads = [table.heading(column) for column in columns]
    return latex(heads, _rows(frame[columns]), [table.title, *kept]).encode()


def _parquet(table: Table, _: Table) -> bytes:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        message = "Parquet takes pyarrow: pip install 'potline[parquet]'"
        raise ExportError(message) from None
    arrays = pa.Table.from_pandas(table.frame, preserve_index=False)
    fields = [
        field.with_metadata({"units": table.units_of(field.name)})
        for field in arrays.schema
    ]
    known = {**(arrays.schema.metadata or {}), b"title": table.title.encode()}
    content = io.BytesIO()
    parquet.write_table(arrays.cast(pa.schema(fields, known)), content)
    return content.getvalue()


_SINGLE: Mapping[str, Callable[[Table, Table], bytes]] = {
    "csv": _csv,
    "latex": _latex,
    "parquet": _parquet,
}
_WHOLE: Mapping[str, Callable[[Sequence[Table], Table], bytes]] = {
    "json": _json,
    "xlsx": _xlsx,
}
