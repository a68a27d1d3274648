"""What has to be said beside a table of indices."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from scenarios.analysis.sensitivity.cells import (
    Cell,
    brief,
    cells,
    first_order_sum,
    main_index,
    top,
)
from uncertainty.sensitivity import DUMMY, METHODS

NAMED = 4
"""Factors that a note names; of more it says how many."""
LOOKED_AT = 10


def notes(found: xr.Dataset) -> Iterator[str]:
    """Notes on a dataset of indices: size, evidence, ties, what is assumed."""
    yield _size(found)
    first = next(cells(found), None)
    if first is None:
        yield "no output varies: nothing to explain."
        return
    yield from _evidence(first)
    yield from _additivity(first)
    yield from _ties(found)
    yield from _assumed(first)
    if constant := str(found.attrs.get("constant", "")):
        count = constant.count(";") + 1
        yield f"Without indices, since nothing in them varies: {count} of the outputs."


def _size(found: xr.Dataset) -> str:
    attrs = found.attrs
    method = str(attrs["method"])
    runs = int(attrs["evaluations"])
    made = f"{runs} runs of the model" if runs else "no new run of the model"
    level = f", bounds at {100 * float(attrs['level']):g} %" if "level" in attrs else ""
    return f"{METHODS[method]}; n = {attrs['n']}, {made}, seed {attrs['seed']}{level}."


def _evidence(cell: Cell) -> Iterator[str]:
    data = cell.data
    if "important" not in data:
        return
    important = data["important"].where(data["parameter"] != DUMMY, False)
    index = data[main_index(data)]
    # a factor that the output does not read has 0, exactly
    whole = int(((index != 0) & index.notnull() & (index.parameter != DUMMY)).sum())
    count = int(important.sum())
    yield (
        f"{cell.name}: {count} of {whole} factors stand above the noise floor of a "
        "dummy input; nothing below it is called important."
    )
    if "settled" not in data:
        return
    leading = [n for n in top(cell, LOOKED_AT) if bool(important.sel(parameter=n))]
    open_ = [n for n in leading if not bool(data["settled"].sel(parameter=n))]
    if open_:
        yield (
            f"warning: at n = {data.attrs['n']} the rank of {_some(open_)} is not "
            "settled (bounds overlap a neighbour's); a larger --n may tell them apart."
        )
    elif leading:
        yield f"The ranking of the first {len(leading)} is settled at this n."


def _additivity(cell: Cell) -> Iterator[str]:
    whole = first_order_sum(cell)
    if whole is None:
        return
    rest = 1 - whole
    tied = bool(cell.data["first_order"].isnull().any())
    also = "inputs that depend on each other and from " if tied else ""
    together = (
        f"the other {100 * rest:.1f} % come from {also}inputs acting together"
        if rest > 0.005
        else "nothing to speak of comes from inputs acting together"
    )
    yield f"First-order indices add up to {whole:.3f}: {together}."


def _ties(found: xr.Dataset) -> Iterator[str]:
    if "block" in found.coords:
        inside = [str(b) for b in np.unique(found["block"].values) if str(b)]
        if inside:
            yield (
                "No index of single inputs that depend on each other "
                f"({_some(inside)}): a share of one of them does not exist; take "
                "--method shapley."
            )
    if "columns" in found.coords and str(found.attrs["groups"]) == "none":
        pairs = zip(found["parameter"].values, found["columns"].values, strict=True)
        tied = [
            str(name)
            for name, columns in pairs
            if ", " in str(columns) or str(columns) not in {"", str(name)}
        ]
        if tied:
            yield (
                f"One factor each, since their inputs depend on each other: "
                f"{_some(tied)}."
            )


def _assumed(cell: Cell) -> Iterator[str]:
    """Share of the variance on assumed spreads, of a Sobol' analysis by group."""
    data = cell.data
    if data.attrs["groups"] != "spread_confidence" or "first_order" not in data:
        return
    names = [str(name) for name in data["parameter"].values]
    mixed = [n for n in names if "assumed" in n.split(" and ") and n != "assumed"]
    first = data["first_order"]
    alone = float(first.sel(parameter=[n for n in names if n == "assumed"]).sum())
    share = f"{100 * alone:.0f} %"
    if mixed:
        whole = alone + float(first.sel(parameter=mixed).sum())
        share += f" to {100 * whole:.0f} %"
    yield (
        f"{cell.name}: {share} of the variance rests on spreads somebody assumed "
        "rather than measured (first order)."
    )
    if mixed:
        yield (
            "The higher figure takes in all that is tied to an input with an assumed "
            "spread; `potline run` shares that out by input."
        )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(brief(name) for name in names[:NAMED]) + more
