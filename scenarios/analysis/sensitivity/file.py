"""Indices as a file beside the run, and as one object for machines."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from scenarios.analysis.sensitivity.methods import EVERY
from scenarios.library import catalogue as library
from scenarios.model.study import Study
from scenarios.results.result import Result
from uncertainty.errors import StorageError
from uncertainty.storage import load, save

RUN = ("study", "config", "seed", "library_checksum")
"""What two analyses have to agree in to be of one run."""


def name_of(found: xr.Dataset) -> str:
    """Name of a dataset in the file: its method, and the grouping if there is one."""
    method, groups = str(found.attrs["method"]), str(found.attrs["groups"])
    return method if groups == "none" else f"{method}_by_{groups}"


def store(
    datasets: Sequence[xr.Dataset],
    study: Study,
    path: Path,
    *,
    result: Result | None = None,
) -> xr.DataTree:
    """Write indices to a file, beside those of other methods on the same run.

    Parameters
    ----------
    datasets : sequence of Dataset
        As `explain` gives them.
    study : Study
    path : Path
        ``sensitivity.nc``; its folder exists.
    result : Result, optional
        That was analysed.

    Returns
    -------
    DataTree
        One group a method, called as `name_of` says; root attributes tell the run.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    attrs = {
        "study": study.name,
        "title": study.title,
        "config": study.text,
        "seed": study.settings.seed or 0,
        "library_checksum": library.checksum(),
        "reference": study.reference,
    }
    if result is not None:
        attrs |= {"run": result.provenance["started"]}
    groups = _others(path, attrs)
    groups |= {f"/{name_of(found)}": found for found in datasets}
    whole = xr.DataTree.from_dict(groups)
    whole.attrs = attrs
    save(whole, path)
    return whole


def _others(path: Path, attrs: dict[str, Any]) -> dict[str, xr.Dataset]:
    """What the file holds already of the same run."""
    if not path.exists():
        return {}
    try:
        before = load(path)
    except StorageError:
        return {}
    if any(str(before.attrs.get(word)) != str(attrs[word]) for word in RUN):
        return {}
    return {node.path: node.to_dataset() for node in before.children.values()}


def indices(found: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    """Every index of a dataset with its name; no bounds, no evidence."""
    for name, array in found.data_vars.items():
        is_bound = str(name).endswith(("_lower", "_upper"))
        if "parameter" in array.dims and array.dtype.kind == "f" and not is_bound:
            yield str(name), array


def as_object(
    datasets: Sequence[xr.Dataset], study: Study, method: str
) -> dict[str, Any]:
    """The JSON object of `sensitivity` (design section 9).

    Parameters
    ----------
    datasets : sequence of Dataset
    study : Study
    method : str
        As it was asked for. With "all", ``n`` is null and each row names its own
        method and ``n``.
    """
    one = datasets[0].attrs if method != EVERY else {"n": None}
    n = one["n"]
    return {
        "study": study.name,
        "method": method,
        "n": n if n is None else int(n),
        "results": [
            {**row, **_own(found, method)} for found in datasets for row in _rows(found)
        ],
    }


def _own(found: xr.Dataset, method: str) -> dict[str, Any]:
    if method != EVERY:
        return {}
    return {"method": str(found.attrs["method"]), "n": int(found.attrs["n"])}


def _rows(found: xr.Dataset) -> Iterator[dict[str, Any]]:
    for name, array in indices(found):
        ends = [found.get(f"{name}_{end}") for end in ("lower", "upper")]
        dims = [str(dim) for dim in array.dims]
        for at in np.argwhere(np.isfinite(array.values)):
            place = dict(zip(dims, at.tolist(), strict=True))
            if place.get("parameter_2", place["parameter"] + 1) <= place["parameter"]:
                continue  # a pair stands in the file both ways
            label = {dim: found[dim].values[i] for dim, i in place.items()}
            pair = [str(label[d]) for d in ("parameter", "parameter_2") if d in label]
            values = [None if e is None else e.values[tuple(at)] for e in ends]
            lower, upper = (
                float(v) if v is not None and np.isfinite(v) else None for v in values
            )
            yield {
                "scenario": str(label["scenario"]),
                "year": int(label["year"]) if "year" in label else None,
                "output": str(label["output"]),
                "parameter": pair[0] if len(pair) == 1 else pair,
                "index": name,
                "value": float(array.values[tuple(at)]),
                "lower": lower,
                "upper": upper,
            }
