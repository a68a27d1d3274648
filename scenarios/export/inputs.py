"""Inputs of a result as a table, with where each comes from."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.errors import NOWHERE, ScenarioError
from scenarios.loading.restore import study_of
from scenarios.model.definitions import describe
from scenarios.model.scenario import changed
from scenarios.model.study import Study
from scenarios.results.result import Result
from scenarios.results.table import Table, cell_labels, flat, typed

_DOCUMENTED = (
    "units",
    "distribution",
    "kind",
    "nature",
    "confidence",
    "spread_confidence",
    "source",
    "column",
)


def inputs(result: Result) -> Table:
    """Every input that the study reads, with where it comes from.

    An input that scenarios or years change has one row for each.
    """
    try:
        study = study_of(result)
    except ScenarioError as error:
        study, note = None, f"no point values: {error}"
    else:
        note = ""
    points = _points(study) if study else {}
    parts = []
    for id, array in result.inputs.items():
        dims = [str(dim) for dim in array.dims if dim != "draw"]
        found = cell_labels(array, dims) if dims else pd.DataFrame(index=[0])
        drawn = "draw" in array.dims
        found["id"] = str(id)
        found["mean"] = flat(array.mean("draw") if drawn else array, dims)
        found["sd"] = flat(array.std("draw"), dims) if drawn else 0.0
        point = points.get(str(id))
        found["point"] = np.nan if point is None else flat(point, dims)
        found["label"] = array.attrs["long_name"]
        for word in _DOCUMENTED:
            found[word] = array.attrs.get(word, "")
        parts.append(_present(found, dims))
    frame = pd.concat(parts, ignore_index=True)
    for column in ("scenario", "year"):
        if column not in frame:
            frame[column] = pd.NA
    frame = _as_stated(study, frame) if study else frame
    first = ["id", "label", "scenario", "year", "units", "distribution", "point"]
    frame = frame[[*first, "mean", "sd", *_DOCUMENTED[2:]]]
    return Table(
        "inputs",
        "Inputs",
        typed(frame),
        ("point", "mean", "sd"),
        printed=("id", "scenario", "year", "distribution", "units", "source"),
        note=note,
    )


def _present(found: pd.DataFrame, dims: list[str]) -> pd.DataFrame:
    """Rows of cells that exist; one if the input is the same in all of them."""
    kept = found[np.isfinite(found["mean"].astype(float))]
    alike = kept[["mean", "sd", "point"]].nunique(dropna=False).max() == 1
    return kept.iloc[:1].drop(columns=dims) if alike else kept


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


def _as_stated(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """Distributions as each scenario states them, not as the reference does."""
    stated: dict[tuple[str, str], str] = {}
    for name, scenario in study.scenarios.items():
        definitions = changed(study.definitions, name, scenario, NOWHERE)
        wanted = set(frame.loc[frame["scenario"] == name, "id"])
        stated |= {(name, id): describe(definitions[id]) for id in wanted}
    keys = zip(frame["scenario"], frame["id"], strict=True)
    known = list(zip(keys, frame["distribution"], strict=True))
    return frame.assign(distribution=[stated.get(key, text) for key, text in known])
