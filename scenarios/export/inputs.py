"""Inputs of a result as a table, with where each comes from."""

import math
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.errors import NOWHERE, ScenarioError
from scenarios.loading.restore import study_of
from scenarios.model.definitions import describe
from scenarios.model.scenario import changed
from scenarios.model.study import Study
from scenarios.results.result import Result
from scenarios.results.table import Table, typed
from uncertainty.arrays import FloatArray

CELL = ("scenario", "year")
NUMBERS = ("point", "mean", "sd")
DOCUMENTED = (
    *("units", "distribution", "kind", "nature", "confidence", "spread_confidence"),
    *("source", "column"),
)
"""What is known of an input: where it comes from, and how far it can be trusted."""
COLUMNS = ["id", "label", *CELL, *DOCUMENTED[:2], *NUMBERS, *DOCUMENTED[2:]]


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
    rows = [
        row
        for id, data in result.inputs.items()
        for row in _rows(str(id), data, points.get(str(id)))
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = _as_stated(study, frame) if study else frame
    return Table(
        "inputs",
        "Inputs",
        typed(frame),
        ("point", "mean", "sd"),
        printed=("id", "scenario", "year", "distribution", "units", "source"),
        note=note,
    )


def _rows(
    id: str, data: xr.DataArray, point: FloatArray | None
) -> list[dict[str, object]]:
    """A row for each cell that has the input; one if it is the same in all of them.

    Parameters
    ----------
    id : str
    data : DataArray, dims ([scenario,] [year,] [draw])
    point : ndarray, shape (scenario, year), or None
    """
    dims = [str(dim) for dim in data.dims if dim != "draw"]
    values = data.values
    is_drawn = "draw" in data.dims
    mean = values.mean(axis=-1) if is_drawn else values
    sd = values.std(axis=-1) if is_drawn else np.zeros_like(mean)
    at_point = np.full_like(mean, np.nan)
    if point is not None:
        # what no scenario or year changes is the same wherever it is present
        at_point = np.fmax.reduce(
            point, axis=tuple(i for i, dim in enumerate(CELL) if dim not in dims)
        )
    known = {word: data.attrs.get(word, "") for word in DOCUMENTED}
    known |= {"id": id, "label": data.attrs["long_name"]}
    cells = product(*(data[dim].values.tolist() for dim in dims))
    numbers = (x.ravel().tolist() for x in (mean, sd, at_point))
    found = [
        {**known, **dict(zip(dims, cell, strict=True)), "mean": m, "sd": s, "point": p}
        for cell, m, s, p in zip(cells, *numbers, strict=True)
        if math.isfinite(m)
    ]
    if len({str([row[word] for word in NUMBERS]) for row in found}) > 1:
        return found
    return [{k: v for k, v in row.items() if k not in CELL} for row in found[:1]]


def _points(study: Study) -> dict[str, FloatArray]:
    """Point value of each input, shape (scenario, year)."""
    model = study.model()
    return {id: model.point(table) for id, table in model.inputs.items()}


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
