"""Which results share their draws.

Scenarios of one result always do. Two results do if one design made both and every
uncertain input that both read was drawn alike; then draw i of one belongs to draw i
of the other.
"""

from typing import Any

import numpy as np
import xarray as xr

from scenarios.results.result import Result
from uncertainty.arrays import FloatArray

DESIGN = ("seed", "design", "draws", "replicates")


def obstacle(first: Result, second: Result) -> str:
    """Why two results cannot be paired.

    Parameters
    ----------
    first, second : Result

    Returns
    -------
    str
        Empty if they can.

    Notes
    -----
    Where the draws of inputs are stored they are compared bit by bit. Where they
    are not, the inputs have to be stated alike, over the same library, and to stand
    in the same columns of the design. A constant is no obstacle: nothing is drawn.
    Columns that only one of the two has may take the same dimension of a Sobol'
    sequence; their scrambles differ, so that estimates stay unbiased and the spread
    over replicates shows what it costs.
    """
    for word in DESIGN:
        one, other = (result.provenance[word] for result in (first, second))
        if one != other:
            return f"other {word}: {one} and {other}"
    columns = _columns(first), _columns(second)
    if moved := _moved(*columns):
        return f"column {moved} takes another dimension of the design"
    if first.inputs_kept == second.inputs_kept == "yes":
        names = first.reference, second.reference
        return _difference(first.inputs, second.inputs, names)
    if not all(columns) or _stated(first) != _stated(second):
        return "draws of the inputs are not stored, and the inputs are not the same"
    return "" if set(columns[0]) & set(columns[1]) else "no uncertain input in common"


def _difference(
    first: xr.Dataset, second: xr.Dataset, references: tuple[str, str]
) -> str:
    """The first input that both read and drew differently, in words."""
    shared = [
        str(id)
        for id in first.data_vars
        if id in second and all("draw" in d[id].dims for d in (first, second))
    ]
    if not shared:
        return "no uncertain input in common"
    told = []
    for id in shared:
        one, other = first[id], second[id]
        for word in ("column", "distribution"):
            a, b = one.attrs.get(word), other.attrs.get(word)
            if a != b:
                told.append(f"other {word} of {id}: {a} and {b}")
                break
        else:
            draws = _row(one, references[0]), _row(other, references[1])
            if not np.array_equal(draws[0], draws[1]):
                told.append(f"other draws of {id}")
    more = f", and {len(told) - 1} more of {len(shared)} inputs" if told[1:] else ""
    return f"{told[0]}{more}" if told else ""


def _row(data: xr.DataArray, scenario: str) -> FloatArray:
    """Draws of an input in the reference scenario, which its papers describe."""
    if "scenario" in data.dims:
        data = data.sel(scenario=scenario)
    values: FloatArray = data.transpose(..., "draw").values
    return values


def _columns(result: Result) -> list[str]:
    """Columns of the design in the order of their dimensions, if they are kept."""
    data = result.first_order
    if data is None or not result.has_footprint:
        return []
    return [str(column) for column in data["parameter"].values]


def _moved(first: list[str], second: list[str]) -> str:
    """A column that both designs have at different places."""
    places = {column: i for i, column in enumerate(second)}
    return next((c for i, c in enumerate(first) if places.get(c, i) != i), "")


def _stated(result: Result) -> dict[str, Any]:
    words = ("inputs", "dependence", "characterisation")
    library = {"library": result.provenance.get("library_checksum")}
    return {word: result.stated.get(word) for word in words} | library
