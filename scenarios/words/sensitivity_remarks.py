"""What has to be said beside a table of indices."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from scenarios.analysis.sensitivity.cells import (
    Cell,
    brief,
    card,
    cells,
    first_order_sum,
    main_index,
    top,
)
from uncertainty.sensitivity import DUMMY

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
    yield from _partners(found)
    yield from _assumed(first)
    if constant := str(found.attrs.get("constant", "")):
        count = constant.count(";") + 1
        yield f"Without indices, since nothing in them varies: {count} of the outputs."


def _size(found: xr.Dataset) -> str:
    attrs = found.attrs
    runs = int(attrs["evaluations"])
    made = f"{runs} runs of the model" if runs else "no new run of the model"
    level = f", bounds at {100 * float(attrs['level']):g} %" if "level" in attrs else ""
    return (
        f"{card(found).answers}; n = {attrs['n']}, {made}, seed {attrs['seed']}{level}."
    )


def _evidence(cell: Cell) -> Iterator[str]:
    data, what = cell.data, card(cell.data)
    if what.rough:
        yield (
            "Rough: no interval of this method was found to hold, so none is stated "
            "and no input is called important or unimportant; its ranking is a first "
            "look."
        )
        return
    index = data[main_index(data)]
    # a factor that the output does not read has 0, exactly
    real = data.sel(
        parameter=(index != 0) & index.notnull() & (index.parameter != DUMMY)
    )
    important, unimportant = real["important"], real["unimportant"]
    either = important | unimportant
    share = f"{100 * float(data.attrs['share']):g} % of {what.scale}"
    yield (
        f"{cell.name}: {int(important.sum())} of {real.sizes['parameter']} factors are "
        f"important (lower bound above {share}), {int(unimportant.sum())} unimportant "
        f"(upper bound below), {int((~either).sum())} not settled at this n."
    )
    leading = [
        n for n in top(cell, LOOKED_AT) if bool(data["important"].sel(parameter=n))
    ]
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


PARTNERS = {
    "told": "an input's value holds what it tells of the inputs it depends on as well",
    "own share": "structural is an input's own part, correlative what it shares with "
    "the inputs it depends on",
}


def _partners(found: xr.Dataset) -> Iterator[str]:
    """What a value of one of several dependent inputs means."""
    names = str(found.attrs.get("dependent", ""))
    meaning = PARTNERS.get(card(found).dependent)
    if names and meaning:
        yield f"Inputs depend on each other ({_some(names.split('; '))}): {meaning}."


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
