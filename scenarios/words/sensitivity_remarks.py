"""Notes beside a table of sensitivity indices."""

from collections.abc import Iterator, Sequence

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
from scenarios.words.catalogue import Words
from scenarios.words.faults import translated
from uncertainty.sensitivity import DUMMY

NAMED = 4
"""Factors that a note names; of more it says how many."""
LOOKED_AT = 10
PARTNERS = {"told": "told", "own share": "own"}
"""Texts by `Card.dependent`: what the value of a dependent input means."""


def notes(found: xr.Dataset, words: Words) -> Iterator[str]:
    """Notes on a dataset of indices: size, evidence, dependence, what is assumed."""
    yield _size(found, words)
    first = next(cells(found), None)
    if first is None:
        yield words("sensitivity.nothing")
        return
    yield from _evidence(first, words)
    yield from _additivity(first, words)
    yield from _dependent(found, words)
    yield from _partners(found, words)
    yield from _assumed(first, words)
    if constant := str(found.attrs.get("constant", "")):
        yield words("sensitivity.constant", count=constant.count(";") + 1)


def _size(found: xr.Dataset, words: Words) -> str:
    attrs = found.attrs
    runs, level = int(attrs["evaluations"]), ""
    if "level" in attrs:
        percent = f"{100 * float(attrs['level']):g} %"
        level = words("sensitivity.level", percent=percent)
    return words(
        "sensitivity.size",
        answers=translated(card(found).answers, words.language),
        n=attrs["n"],
        runs=words("sensitivity.runs" if runs else "sensitivity.no_runs", count=runs),
        level=level,
        seed=attrs["seed"],
    )


def _evidence(cell: Cell, words: Words) -> Iterator[str]:
    data, what = cell.data, card(cell.data)
    if what.rough:
        yield words("sensitivity.rough")
        return
    index = data[main_index(data)]
    # a factor that the output does not read has 0, exactly
    real = data.sel(
        parameter=(index != 0) & index.notnull() & (index.parameter != DUMMY)
    )
    important, unimportant = real["important"], real["unimportant"]
    percent = f"{100 * float(data.attrs['share']):g} %"
    scale = translated(what.scale, words.language)
    yield words(
        "sensitivity.verdicts",
        name=cell.name,
        important=int(important.sum()),
        count=real.sizes["parameter"],
        share=words("sensitivity.share", percent=percent, scale=scale),
        unimportant=int(unimportant.sum()),
        open=int((~(important | unimportant)).sum()),
    )
    leading = [
        n for n in top(cell, LOOKED_AT) if bool(data["important"].sel(parameter=n))
    ]
    open_ = [n for n in leading if not bool(data["settled"].sel(parameter=n))]
    if open_:
        names = _some(open_, words)
        yield words("sensitivity.rank_open", n=data.attrs["n"], names=names)
    elif leading:
        yield words("sensitivity.rank_settled", count=len(leading))


def _additivity(cell: Cell, words: Words) -> Iterator[str]:
    whole = first_order_sum(cell)
    if whole is None:
        return
    tied = bool(cell.data["first_order"].isnull().any())
    key = "alone"
    if 1 - whole > 0.005:
        key = "together_tied" if tied else "together"
    rest = words(f"sensitivity.{key}", rest=f"{100 * (1 - whole):.1f} %")
    yield words("sensitivity.additive", sum=f"{whole:.3f}", rest=rest)


def _dependent(found: xr.Dataset, words: Words) -> Iterator[str]:
    if "block" in found.coords:
        inside = [str(b) for b in np.unique(found["block"].values) if str(b)]
        if inside:
            yield words("sensitivity.no_single", names=_some(inside, words))
    if "columns" in found.coords and str(found.attrs["groups"]) == "none":
        pairs = zip(found["parameter"].values, found["columns"].values, strict=True)
        tied = [
            str(name)
            for name, columns in pairs
            if ", " in str(columns) or str(columns) not in {"", str(name)}
        ]
        if tied:
            yield words("sensitivity.joined", names=_some(tied, words))


def _partners(found: xr.Dataset, words: Words) -> Iterator[str]:
    """What a value of one of several dependent inputs means."""
    names = str(found.attrs.get("dependent", ""))
    meaning = PARTNERS.get(card(found).dependent)
    if names and meaning:
        yield words(
            "sensitivity.partners",
            names=_some(names.split("; "), words),
            meaning=words(f"sensitivity.partner.{meaning}"),
        )


def _assumed(cell: Cell, words: Words) -> Iterator[str]:
    """Share of the variance of assumed ranges, of a Sobol' analysis by group."""
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
        share = words.range(share, f"{100 * whole:.0f} %")
    yield words("sensitivity.assumed", name=cell.name, share=share)
    if mixed:
        yield words("sensitivity.assumed_mixed")


def _some(names: Sequence[str], words: Words) -> str:
    shown = words.join(brief(name) for name in names[:NAMED])
    more = len(names) - NAMED
    if more <= 0:
        return shown
    # Chinese counts all of them
    count = more if words.language == "en" else len(names)
    return words("sensitivity.and_more", names=shown, count=count)
