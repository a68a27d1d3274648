"""A result as tables for other programs: one pandas frame a subject."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.export.comparison import comparison
from scenarios.export.inputs import inputs
from scenarios.results.rows import PRIMARY, group, labels, need_draws, scenarios
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
from uncertainty import storage
from uncertainty.errors import nearest

DETAILS = {
    "contribution": "stage and source",
    "accounts": "account",
    "by_gas": "gas",
    "flows": "flow",
}
"""Breakdowns of the footprint, and what each is by."""


def summary(tree: xr.DataTree) -> Table:
    """Footprint and declared outputs of each scenario, with Monte Carlo errors."""
    parts = []
    for word in (PRIMARY, "outputs"):
        data = group(tree, word)
        if data is not None:
            found = _statistics(tree, data)
            if word == PRIMARY:
                found.insert(3, "output", PRIMARY)
            parts.append(found)
    frame = pd.concat(parts, ignore_index=True)
    order = {name: i for i, name in enumerate(scenarios(tree))}
    frame = frame.sort_values(
        ["scenario", "year"],
        key=lambda column: column.map(order) if column.name == "scenario" else column,
        kind="stable",
        ignore_index=True,
    )
    return Table(
        "summary",
        "Footprint and declared outputs",
        frame,
        (*STATISTICS, *ENDS, *ERRORS),
        printed=("label", "year", "output", "units", "mean", "sd", "lower", "upper"),
    )


def contributions(tree: xr.DataTree) -> Table | None:
    """The footprint by stage and source, account, gas and flow; None without one."""
    parts = []
    for word, by in DETAILS.items():
        data = group(tree, word)
        if data is None:
            continue
        found = _statistics(tree, data)
        dims = [d for d in data["mean"].dims if d not in {"scenario", "year"}]
        item = found[dims].agg("/".join, axis=1) if len(dims) > 1 else found[dims[0]]
        found = found.drop(columns=[d for d in dims if d not in {"stage", "source"}])
        for i, column in enumerate(("stage", "source")):
            if column not in found:
                found.insert(3 + i, column, "")
        found.insert(3, "by", by)
        found.insert(4, "item", item)
        parts.append(found)
    if not parts:
        return None
    return Table(
        "contributions",
        "The footprint in parts",
        pd.concat(parts, ignore_index=True),
        (*STATISTICS, *ENDS, *ERRORS),
        printed=("label", "year", "by", "item", "units", "mean", "lower", "upper"),
    )


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
    )


def draws(tree: xr.DataTree) -> Table:
    """Footprint and declared outputs draw by draw, one column each."""
    need_draws(tree, "a table of draws")
    data = tree["draws"].to_dataset()
    columns: dict[str, Any] = {"draw": np.arange(data.sizes["draw"])}
    units: dict[str, str] = {}
    for word in (PRIMARY, "outputs"):
        if word not in data:
            continue
        array = data[word]
        dims = [str(dim) for dim in array.dims if dim != "draw"]
        stacked = array.transpose(*dims, "draw").values.reshape(-1, data.sizes["draw"])
        for place, values in zip(
            cell_labels(array, dims).to_dict("records"), stacked, strict=True
        ):
            if np.isnan(values[0]):
                continue
            output = place.pop("output", PRIMARY)
            name = " | ".join(str(part) for part in (output, *place.values()))
            columns[name] = values
            own = (
                array["output_units"].sel(output=output) if word == "outputs" else None
            )
            units[name] = str(array.attrs["units"] if own is None else own.item())
    return Table("draws", "Draws", pd.DataFrame(columns), units=units)


MAKERS: Mapping[str, Callable[[xr.DataTree], Table | None]] = {
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


def provenance(tree: xr.DataTree, command: str) -> Table:
    """What a result is of, and how to make it and its tables again."""
    # a result that was never saved is of these very versions
    own = storage.provenance()
    found = {w: str(tree.attrs.get(w, own.get(w, ""))) for w in _ORIGIN}
    found["command"] = command
    frame = pd.DataFrame({"what": list(found), "value": list(found.values())})
    return Table("provenance", "Where these tables come from", frame)


def _statistics(tree: xr.DataTree, data: xr.Dataset) -> pd.DataFrame:
    """Statistics of one table of a result; cells that are absent have no row."""
    dims = [str(dim) for dim in data["mean"].dims]
    frame = cell_labels(data["mean"], dims)
    frame.insert(1, "label", frame["scenario"].map(labels(tree)))
    if "year" not in dims:
        frame.insert(2, "year", pd.NA)
    if "output_units" in data.coords:
        known = data["output_units"].to_series()
        frame["units"] = frame["output"].map(known)
    else:
        frame["units"] = str(data["mean"].attrs["units"])
    for word in STATISTICS:
        frame[word] = flat(data[word], dims)
    for stem, suffix in (("coverage", ""), ("coverage_shortest", "_shortest")):
        for bound in ("lower", "upper"):
            frame[bound + suffix] = flat(data[stem].sel(bound=bound), dims)
    for word in ERRORS:
        statistic = word.removeprefix("error_")
        error = data["monte_carlo_error"].sel(statistic=statistic)
        frame[word] = flat(error, dims)
    kept = np.isfinite(frame["mean"].astype(float))
    return typed(frame[kept].reset_index(drop=True))
