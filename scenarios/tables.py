"""A result as tables for other programs: one pandas frame a subject."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.attribution import study_of
from scenarios.comparison import compare
from scenarios.definitions import describe
from scenarios.errors import ScenarioError
from scenarios.reader import nearest
from scenarios.results import PRIMARY, group, labels, scenarios
from scenarios.scenario import changed
from scenarios.study import Study

STATISTICS = ("point", "mean", "sd", "median")
ENDS = ("lower", "upper", "lower_shortest", "upper_shortest")
ERRORS = ("error_mean", "error_sd", "error_lower", "error_upper")
"""Monte Carlo standard errors of the statistics."""
DETAILS = {
    "contribution": "stage and source",
    "accounts": "account",
    "by_gas": "gas",
    "flows": "flow",
}
"""Breakdowns of the footprint, and what each is by."""
_PLACE = ("scenario", "label", "year")
_SHARES = ("probability_lower", "probability_higher", "probability_tie")


class ExportError(ScenarioError):
    """A table does not exist or cannot be written as asked."""


@dataclass(frozen=True)
class Table:
    """Rows on one subject, and what their numbers are in.

    Attributes
    ----------
    name, title : str
    frame : DataFrame
        Plain column names; text, whole numbers, floats and truth values.
    measured : tuple of str
        Columns in the units that the row's own column ``units`` states.
    units : mapping of column to units
        Of columns that are in one unit whatever the row.
    printed : tuple of str
        Columns that a printed page has room for.
    note : str
        What a reader has to know, if anything.
    """

    name: str
    title: str
    frame: pd.DataFrame
    measured: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    printed: tuple[str, ...] = ()
    note: str = ""

    def units_of(self, column: str) -> str:
        """Units that every number of a column is in; empty if the rows differ."""
        if column in self.measured:
            found = self.frame["units"].unique()
            return str(found[0]) if len(found) == 1 else ""
        return self.units.get(column, "")

    def heading(self, column: str) -> str:
        """A column's name with its units, where all rows share them."""
        units = self.units_of(column)
        return f"{column} [{units}]" if units else column


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


def comparison(tree: xr.DataTree, stored: xr.Dataset | None = None) -> Table | None:
    """Every scenario against the reference, in paired draws.

    Parameters
    ----------
    tree : DataTree
    stored : Dataset, optional
        As `scenarios.comparison.compare` gives it; made of the result's own draws
        where it is left out.

    Returns
    -------
    Table, or None if the result has one scenario
    """
    if stored is None and len(scenarios(tree)) < 2:
        return None
    data = compare([tree]) if stored is None else stored
    dims = [d for d in ("scenario", "year", "output") if d in data["difference"].dims]
    frame = _labels(data["difference"], dims)
    of_scenario = data["scenario"].to_index().get_indexer(frame["scenario"])
    frame.insert(1, "label", data["label"].values[of_scenario])
    if "year" not in dims:
        frame.insert(2, "year", pd.NA)
    of_output = data["output"].to_index().get_indexer(frame["output"])
    frame["units"] = data["output_units"].values[of_output]
    for name, column in _compared(data, dims):
        frame[name] = column
    frame["paired"] = data["paired"].values[of_scenario].astype(bool)
    frame["reason"] = data["reason"].values[of_scenario].astype(str)
    ratios = [column for column in frame if str(column).startswith(("ratio", "prob"))]
    kept = np.isfinite(frame["difference"].astype(float))
    kept &= frame["scenario"] != str(data.attrs["reference"])
    return Table(
        "comparison",
        f"Difference to {data.attrs['reference']}",
        _typed(frame[kept].reset_index(drop=True)),
        ("difference", "lower", "upper", *ERRORS),
        {str(column): "1" for column in [*ratios, "expected_rank"]},
        (
            "label",
            "year",
            "output",
            "units",
            "difference",
            "lower",
            "upper",
            _SHARES[0],
        ),
    )


def _compared(data: xr.Dataset, dims: Sequence[str]) -> list[tuple[str, Any]]:
    """Columns of a comparison over `dims`, flat."""
    found: list[tuple[str, Any]] = [("difference", _flat(data["difference"], dims))]
    for stem, name in (("difference", ""), ("ratio", "ratio_")):
        if stem == "ratio":
            found.append(("ratio", _flat(data["ratio"], dims)))
        ends = data[f"{stem}_interval"]
        for bound in ("lower", "upper"):
            found.append((f"{name}{bound}", _flat(ends.sel(bound=bound), dims)))
    counted = [*_SHARES]
    main = str(data.attrs.get("threshold_of", ""))
    limited: dict[str, xr.DataArray] = {}
    for name in ("probability_lower_beyond", "probability_higher_beyond"):
        if name in data:
            limited[name] = data[name]
    if "probability_below" in data:
        for limit in data["limit"].values:
            one = data["probability_below"].sel(limit=limit, drop=True)
            limited[f"probability_below_{float(limit):g}"] = one
    for name in counted:
        found.append((name, _flat(data[name], dims)))
        ends = data[f"{name}_confidence"]
        for bound in ("lower", "upper"):
            found.append((f"{name}_confidence_{bound}", _flat(ends.sel(bound=bound), dims)))
    for name, array in limited.items():
        # of the one output that a threshold or limit is of
        whole = array.expand_dims(output=[main]).reindex(output=data["output"])
        found.append((name, _flat(whole, dims)))
    found.append(("expected_rank", _flat(data["expected_rank"], dims)))
    for word in ("mean", "sd", "lower", "upper"):
        error = data["difference_error"].sel(statistic=word)
        found.append((f"error_{word}", _flat(error, dims)))
    return found


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
            found = _labels(array, dims).assign(value=_flat(array, dims))
            for end in ("lower", "upper"):
                bound = data.get(f"{name}_{end}")
                found[end] = np.nan if bound is None else _flat(bound, dims)
            found.insert(0, "index", str(name))
            found.insert(0, "method", str(data.attrs.get("method", "")))
            found["units"] = str(array.attrs.get("units", "1"))
            parts.append(found[np.isfinite(found["value"])])
    if not parts:
        raise ExportError("sensitivity.nc holds no index of a parameter")
    frame = pd.concat(parts, ignore_index=True)
    last = ["units", "value", "lower", "upper"]
    frame = frame[[column for column in frame if column not in last] + last]
    printed = [column for column in frame if column not in {"method"}]
    return Table(
        "sensitivity",
        "Sensitivity indices",
        _typed(frame),
        ("value", "lower", "upper"),
        printed=tuple(str(column) for column in printed),
    )


def inputs(tree: xr.DataTree) -> Table:
    """Every input that the study reads, with its papers.

    An input that scenarios or years change has one row for each.
    """
    try:
        study = study_of(tree)
    except ScenarioError as error:
        study, note = None, f"no point values: {error}"
    else:
        note = ""
    points = _points(study) if study else {}
    data = tree["inputs"].to_dataset()
    parts = []
    for id, array in data.data_vars.items():
        dims = [str(dim) for dim in array.dims if dim != "draw"]
        found = _labels(array, dims) if dims else pd.DataFrame(index=[0])
        drawn = "draw" in array.dims
        found["id"] = str(id)
        found["mean"] = _flat(array.mean("draw") if drawn else array, dims)
        found["sd"] = _flat(array.std("draw"), dims) if drawn else 0.0
        point = points.get(str(id))
        found["point"] = np.nan if point is None else _flat(point, dims)
        found["label"] = array.attrs["long_name"]
        for word in _PAPERS:
            found[word] = array.attrs.get(word, "")
        parts.append(found)
    frame = pd.concat(parts, ignore_index=True)
    for place in ("scenario", "year"):
        if place not in frame:
            frame[place] = pd.NA
    frame = _told(study, frame) if study else frame
    first = ["id", "label", *_PLACE[::2], "units", "distribution", "point"]
    frame = frame[[*first, "mean", "sd", *_PAPERS[2:]]]
    return Table(
        "inputs",
        "Inputs",
        _typed(frame),
        ("point", "mean", "sd"),
        printed=("id", "scenario", "year", "distribution", "units", "source"),
        note=note,
    )


_PAPERS = (
    "units",
    "distribution",
    "kind",
    "nature",
    "confidence",
    "spread_confidence",
    "source",
    "column",
)


def _points(study: Study) -> dict[str, xr.DataArray]:
    """Point value of each input, with every dim that it may have."""
    model = study.model()
    coords: dict[str, Any] = {"scenario": list(model.scenarios)}
    coords |= {"year": list(model.years)} if model.years else {}
    found = {}
    for id, table in model.inputs.items():
        values = model.point(table)
        values = values if model.years else values[:, 0]
        found[id] = xr.DataArray(values, coords, list(coords))
    return found


def _told(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """Distributions as each scenario states them, not as the reference does."""
    told: dict[tuple[str, str], str] = {}
    for name, scenario in study.scenarios.items():
        mine = changed(study.definitions, name, scenario, "")
        wanted = set(frame.loc[frame["scenario"] == name, "id"])
        told |= {(name, id): describe(mine[id]) for id in wanted}
    places = zip(frame["scenario"], frame["id"], strict=True)
    known = list(zip(places, frame["distribution"], strict=True))
    return frame.assign(distribution=[told.get(key, text) for key, text in known])


def draws(tree: xr.DataTree) -> Table:
    """Footprint and declared outputs draw by draw, one column each."""
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
            _labels(array, dims).to_dict("records"), stacked, strict=True
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


def provenance(tree: xr.DataTree, command: str) -> Table:
    """What a result is of, and how to make it and its tables again."""
    words = ("study", "title", "units", "reference", "seed", "design", "draws")
    words += ("replicates", "coverage_probability", "started", "versions", "platform")
    words += ("library_checksum", "warnings")
    found = {word: str(tree.attrs.get(word, "")) for word in words}
    found["command"] = command
    frame = pd.DataFrame({"what": list(found), "value": list(found.values())})
    return Table("provenance", "Where these tables come from", frame)


def _statistics(tree: xr.DataTree, data: xr.Dataset) -> pd.DataFrame:
    """Statistics of one table of a result; cells that are absent have no row."""
    dims = [str(dim) for dim in data["mean"].dims]
    frame = _labels(data["mean"], dims)
    frame.insert(1, "label", frame["scenario"].map(labels(tree)))
    if "year" not in dims:
        frame.insert(2, "year", pd.NA)
    if "output_units" in data.coords:
        known = data["output_units"].to_series()
        frame["units"] = frame["output"].map(known)
    else:
        frame["units"] = str(data["mean"].attrs["units"])
    for word in STATISTICS:
        frame[word] = _flat(data[word], dims)
    for stem, suffix in (("coverage", ""), ("coverage_shortest", "_shortest")):
        for bound in ("lower", "upper"):
            frame[bound + suffix] = _flat(data[stem].sel(bound=bound), dims)
    for word in ERRORS:
        statistic = word.removeprefix("error_")
        error = data["monte_carlo_error"].sel(statistic=statistic)
        frame[word] = _flat(error, dims)
    kept = np.isfinite(frame["mean"].astype(float))
    return _typed(frame[kept].reset_index(drop=True))


def _labels(array: xr.DataArray, dims: Sequence[str]) -> pd.DataFrame:
    """Labels of every cell of an array, one column a dim."""
    known = [array[dim].values for dim in dims]
    return pd.MultiIndex.from_product(known, names=list(dims)).to_frame(index=False)


def _flat(array: xr.DataArray, dims: Sequence[str]) -> np.ndarray[Any, Any]:
    """Values in the order of `_labels`; others hold one value."""
    if missing := [dim for dim in array.dims if dim not in dims]:
        # what no scenario or year changes is the same wherever it is present
        array = array.max(missing)
    found: np.ndarray[Any, Any] = array.transpose(*dims).values.ravel()
    return found


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Years as whole numbers where there are any; all else as it is."""
    return frame.astype({"year": "Int64"}) if "year" in frame else frame
