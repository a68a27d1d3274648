"""The comparison of scenarios as a table: one row a scenario, year and output."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.analysis.comparison.compare import compare
from scenarios.analysis.comparison.layout import OF_THRESHOLD
from scenarios.numbers import scale
from scenarios.results.result import Result
from scenarios.results.table import ERRORS, Table, cell_labels, flat, typed

SHARES = ("probability_lower", "probability_higher", "probability_tie")


def comparison(result: Result, stored: xr.Dataset | None = None) -> Table | None:
    """Every scenario against the reference, in paired draws.

    Parameters
    ----------
    result : Result
    stored : Dataset, optional
        As `scenarios.analysis.comparison.compare` makes it; made of the draws of
        `result` where it is left out.

    Returns
    -------
    Table, or None if the result has one scenario
    """
    if stored is None and len(result.scenarios) < 2:
        return None
    data = compare([result]) if stored is None else stored
    dims = [d for d in ("scenario", "year", "output") if d in data["difference"].dims]
    frame = cell_labels(data["difference"], dims)
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
        f"Difference to {_reference(data)}",
        typed(frame[kept].reset_index(drop=True)),
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
            SHARES[0],
        ),
        level=result.percent,
    ).shown()


def _reference(data: xr.Dataset) -> str:
    """Label of the scenario that the others are compared with."""
    place = data["scenario"].values.tolist().index(str(data.attrs["reference"]))
    return str(data["label"].values[place])


def _compared(
    data: xr.Dataset, dims: Sequence[str]
) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Columns of a comparison over `dims`, flat."""
    for name, stem in (("difference", ""), ("ratio", "ratio_")):
        yield name, flat(data[name], dims)
        for bound in ("lower", "upper"):
            yield stem + bound, flat(data[f"{name}_interval"].sel(bound=bound), dims)
    for name in SHARES:
        yield name, flat(data[name], dims)
        for bound in ("lower", "upper"):
            ends = data[f"{name}_confidence"].sel(bound=bound)
            yield f"{name}_confidence_{bound}", flat(ends, dims)
    # of the one output that a threshold or limit is of
    main = str(data.attrs.get("threshold_of", ""))
    for name, array in _limited(data):
        whole = array.expand_dims(output=[main]).reindex(output=data["output"])
        yield name, flat(whole, dims)
    yield "expected_rank", flat(data["expected_rank"], dims)
    for column in ERRORS:
        word = column.removeprefix("error_")
        yield column, flat(data["difference_error"].sel(statistic=word), dims)


def _limited(data: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    """Probabilities of a gap that matters and of lying below each limit."""
    for name in OF_THRESHOLD:
        if name in data:
            yield name, data[name]
    if "probability_below" in data:
        for limit in data["limit"].values:
            one = data["probability_below"].sel(limit=limit, drop=True)
            per, _ = scale(str(data["output_units"].values[0]))
            yield f"probability_below_{float(limit) / per:g}", one
