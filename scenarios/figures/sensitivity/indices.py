"""What every picture of sensitivity indices says of how they were made."""

import xarray as xr

from scenarios.analysis.sensitivity.cells import Cell, main_index, top
from scenarios.numbers import significant
from scenarios.words.catalogue import Words

LEAST = 0.005
"""A share of the variance that would print as 0 %."""
SHARES = ("first_order", "total_order", "shapley")
"""Indices that are shares of the variance."""


def lead(data: xr.Dataset, title: str, words: Words) -> str:
    """Study, method, size, runs and seed, for the footer."""
    attrs = data.attrs
    runs = int(attrs["evaluations"])
    text = words(
        "figures.sensitivity" if runs else "figures.sensitivity_draws",
        method=str(attrs["method"]).replace("_", " "),
        n=attrs["n"],
        runs=runs,
        seed=attrs["seed"],
    )
    return words("figures.start", title=title, rest=text)


def index_name(index: str, words: Words) -> str:
    """What an index is called: "total order"."""
    known = ("first_order", "total_order")
    return words(f"figures.{index}") if index in known else index.replace("_", " ")


def finding(cell: Cell, words: Words) -> str:
    """The leading factor of a cell, as a title."""
    index, name = main_index(cell.data), top(cell, 1)[0]
    row = cell.data.sel(parameter=name)
    value = float(row[index])
    if index in SHARES:
        return words(
            "figures.title_driver",
            name=cell.title,
            input=str(row["label"].values),
            share=words.share(value, 2),
        )
    text = f"{row['label'].values}, {index_name(index, words)} {significant(value, 3)}"
    return words("figures.title_one", name=cell.title, value=text)
