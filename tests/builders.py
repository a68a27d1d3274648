"""Results that tests make or change."""

import json
from collections.abc import Mapping
from dataclasses import replace

import xarray as xr

from scenarios.results.result import Result


def made_result(
    draws: Mapping[str, xr.DataArray],
    *,
    inputs: xr.Dataset | None = None,
    config: str = "title: made by hand",
    groups: Mapping[str, xr.Dataset] | None = None,
    **attributes: object,
) -> Result:
    """A result of draws that a test states, with their means as its statistics.

    Parameters
    ----------
    draws : mapping of table to DataArray (scenario[, year], ..., draw)
        The first table's statistics stand in ``/summary`` itself.
    inputs : Dataset, optional
    config : str
        YAML.
    groups : mapping of path to Dataset, optional
        What else the result has.
    **attributes
        In place of usual ones.
    """
    first, *others = draws
    sample = draws[first]

    def summary(table: str) -> xr.Dataset:
        mean = draws[table].mean("draw").assign_attrs(draws[table].attrs)
        return mean.to_dataset(name="mean")

    found = {
        "draws": xr.Dataset(dict(draws)),
        "inputs": inputs if inputs is not None else xr.Dataset(),
        "summary": summary(first),
        **{f"summary/{table}": summary(table) for table in others},
        **(groups or {}),
    }
    usual = {
        "study": "hand",
        "title": "By hand",
        "units": str(sample.attrs.get("units", "")) if first == "footprint" else "",
        "seed": 1,
        "design": "random",
        "draws": sample.sizes["draw"],
        "replicates": 1,
        "coverage_probability": 0.95,
        "reference": str(sample["scenario"].values[0]),
        "config": config,
        "library_checksum": "0",
        "started": "2026-01-01T00:00:00+00:00",
    }
    return Result(found, usual | attributes)


def without_tables(result: Result) -> Result:
    """A result as an older release left it, made with another library."""
    tables = {"mixes", "factors", "gwp_sets"}
    stated = {key: x for key, x in result.stated.items() if key not in tables}
    known = {"config_json": json.dumps(stated), "library_checksum": "another"}
    return replace(result, attributes={**result.attributes, **known})
