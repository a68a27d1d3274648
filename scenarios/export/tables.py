"""A result as tables for other programs: one pandas frame a subject."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.analysis.comparison.compare import compare
from scenarios.export.comparison import comparison
from scenarios.export.inputs import inputs
from scenarios.numbers import scale
from scenarios.results.result import OUTPUTS, PRIMARY, Result
from scenarios.results.table import (
    ENDS,
    ERRORS,
    STATISTICS,
    ExportError,
    Table,
    cell_labels,
    flat,
    typed,
)
from scenarios.words.catalogue import Words
from scenarios.words.finding import BALANCE
from uncertainty import storage
from uncertainty.errors import nearest

DETAILS = {
    "contribution": "stage and source",
    "accounts": "account",
    "by_gas": "gas",
    "flows": "flow",
}
"""Breakdowns of the footprint, and what each is by."""


def summary(result: Result) -> Table:
    """Footprint and declared outputs of each scenario, with Monte Carlo errors."""
    frame = pd.concat([_labelled(result, PRIMARY), _labelled(result, OUTPUTS)])
    order = {name: i for i, name in enumerate(result.scenarios)}
    frame = frame.sort_values(
        ["scenario", "year"],
        key=lambda column: column.map(order) if column.name == "scenario" else column,
        kind="stable",
        ignore_index=True,
    )
    return Table(
        "summary",
        "Footprint and declared outputs",
        frame.rename(columns={"item": "output"}),
        (*STATISTICS, *ENDS, *ERRORS),
        printed=("label", "year", "output", "units", "mean", "sd", "lower", "upper"),
        level=result.percent,
    ).shown()


def reading(result: Result) -> Table:
    """The summary for a reader: labels, units as on the screen, each scenario once.

    Parameters
    ----------
    result : Result
        Its language is that of labels and headings.
    """
    words = Words(result.language).of(result.stated)
    rows = []
    chances = _chances(result)
    for row in (*result.rows(PRIMARY), *result.rows(OUTPUTS)):
        if row.item.startswith(BALANCE):
            continue
        per, units = scale(row.units)
        is_output = row.table == OUTPUTS
        rows.append(
            [
                result.labels[row.scenario],
                row.year,
                result.label_of(row.item) if is_output else words("export.footprint"),
                units,
                *(row.values[word] / per for word in ("mean", "lower", "upper", "sd")),
                None if is_output else chances.get((row.scenario, row.year)),
            ]
        )
    names = ("scenario", "year", "quantity", "units", "mean", "lower", "upper", "sd")
    heads = [words(f"export.{name}", percent=result.percent) for name in names]
    reference = result.labels[result.reference]
    heads.append(words("export.chance", reference=reference))
    frame = pd.DataFrame(rows, columns=heads)
    kept = [head for head in heads if frame[head].notna().any()]
    return Table(words("export.sheet"), result.title, frame[kept], digits=3)


def _chances(result: Result) -> dict[tuple[str, int | None], float]:
    """How often each scenario lies below the reference."""
    if not result.has_footprint or len(result.scenarios) < 2 or not result.has_draws:
        return {}
    data = compare([result], outputs=[PRIMARY])["probability_lower"].isel(output=0)
    years = data["year"].values.tolist() if "year" in data.dims else [None]
    return {
        (name, year): float(data.sel(scenario=name, **({"year": year} if year else {})))
        for name in result.scenarios
        for year in years
        if name != result.reference
    }


def contributions(result: Result) -> Table | None:
    """The footprint by stage and source, account, gas and flow; None without one."""
    if not result.has_footprint:
        return None
    parts = []
    for table, by in DETAILS.items():
        frame = _labelled(result, table)
        pairs = frame["item"].str.partition("/") if table == "contribution" else None
        frame.insert(3, "by", by)
        for i, column in enumerate(("stage", "source")):
            frame.insert(5 + i, column, "" if pairs is None else pairs[2 * i])
        parts.append(frame)
    return Table(
        "contributions",
        "The footprint in parts",
        pd.concat(parts, ignore_index=True),
        (*STATISTICS, *ENDS, *ERRORS),
        printed=("label", "year", "by", "item", "units", "mean", "lower", "upper"),
        level=result.percent,
    ).shown()


def sensitivity(stored: xr.DataTree) -> Table:
    """Every index of a sensitivity analysis, one row an index.

    Parameters
    ----------
    stored : DataTree
        Datasets as `uncertainty.sensitivity.analyse` gives them, one a group.
    """
    parts = []
    for node in stored.subtree:
        data = node.to_dataset()
        for name, array in data.data_vars.items():
            is_end = str(name).endswith(("_lower", "_upper"))
            if is_end or "parameter" not in array.dims or array.dtype.kind != "f":
                continue
            dims = [str(dim) for dim in array.dims]
            found = cell_labels(array, dims).assign(value=flat(array, dims))
            for end in ("lower", "upper"):
                bound = data.get(f"{name}_{end}")
                found[end] = np.nan if bound is None else flat(bound, dims)
            found.insert(0, "index", str(name))
            groups = str(data.attrs.get("groups", "none"))
            by = "" if groups == "none" else f" by {groups}"
            found.insert(0, "method", f"{data.attrs.get('method', '')}{by}")
            found["units"] = str(array.attrs.get("units", "1"))
            kept = np.isfinite(found["value"])
            if "parameter_2" in dims:  # a pair stands in the array both ways
                size = data.sizes["parameter"]
                places = np.arange(len(found)) % (size * data.sizes["parameter_2"])
                kept &= places // size < places % size
            parts.append(found[kept])
    if not parts:
        raise ExportError("sensitivity.nc holds no index of a parameter")
    frame = pd.concat(parts, ignore_index=True)
    last = ["units", "value", "lower", "upper"]
    frame = frame[[column for column in frame if column not in last] + last]
    alone = frame["method"].nunique() == 1
    printed = [column for column in frame if not (alone and column == "method")]
    return Table(
        "sensitivity",
        "Sensitivity indices",
        typed(frame),
        ("value", "lower", "upper"),
        printed=tuple(str(column) for column in printed),
    ).shown()


def draws(result: Result) -> Table:
    """Footprint and declared outputs draw by draw, one column each."""
    result.need_draws("a table of draws")
    columns: dict[str, Any] = {"draw": np.arange(result.draws)}
    units: dict[str, str] = {}
    for outputs in ([PRIMARY], result.outputs):
        for cell in result.cells:
            for output in outputs:
                values = result.sample(cell, output)
                if values is not None:
                    name = " | ".join(map(str, (output, *cell.where.values())))
                    columns[name], units[name] = values, result.units_of(output)
    return Table("draws", "Draws", pd.DataFrame(columns), units=units).shown()


MAKERS: Mapping[str, Callable[[Result], Table | None]] = {
    "summary": summary,
    "contributions": contributions,
    "comparison": comparison,
    "inputs": inputs,
    "draws": draws,
}
TABLES = (
    "summary",
    "contributions",
    "comparison",
    "sensitivity",
    "inputs",
    "draws",
)
ABSENT = {
    "contributions": "the study has no chain, so nothing contributes",
    "comparison": "the result has one scenario; a comparison takes two",
    "sensitivity": "no sensitivity.nc lies beside the result; `potline sensitivity` "
    "writes it",
}
"""Why a result may lack a table."""


def wanted(words: Sequence[str]) -> list[str]:
    """Names of tables in the order of `TABLES`.

    Raises
    ------
    ExportError
        There is no such table; names the nearest.
    """
    for word in words:
        if word not in TABLES:
            raise ExportError(
                f"no table is called {word}{nearest(word, TABLES)}; there are "
                f"{', '.join(TABLES)}"
            )
    return [name for name in TABLES if name in words]


_ORIGIN = (
    *("study", "title", "units", "reference", "seed", "design", "draws"),
    *("replicates", "coverage_probability", "started", "versions", "platform"),
    *("commit", "library_checksum", "warnings"),
)


def provenance(result: Result, command: str) -> Table:
    """What a result is of, and how to make it and its tables again."""
    # a result that was never saved is of these very versions
    known = {**storage.provenance(), **result.provenance, "command": command}
    found = {word: known.get(word, "") for word in (*_ORIGIN, "command")}
    frame = pd.DataFrame({"what": list(found), "value": list(found.values())})
    return Table("provenance", "Where these tables come from", frame)


def _labelled(result: Result, table: str) -> pd.DataFrame:
    """Statistics of one table, each with the label of its scenario and its year."""
    frame = result.statistics
    frame = frame[frame["table"] == table].drop(columns="table")
    frame.insert(1, "label", frame["scenario"].map(result.labels))
    if "year" not in frame:
        frame.insert(2, "year", pd.NA)
    return typed(frame.reset_index(drop=True))
