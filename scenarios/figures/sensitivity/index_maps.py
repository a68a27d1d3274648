"""Heat maps of indices: factors by scenario, and pairs of factors."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from scenarios.analysis.sensitivity.cells import cells, main_index, top
from scenarios.errors import ScenarioError
from scenarios.figures.base.style import house_style, settle, wrapped
from scenarios.figures.sensitivity.indices import LEAST, blank, lead
from scenarios.figures.sensitivity.share_map import share_map

ROWS, COLUMNS, PAIRS = 16, 24, 12
"""Most factors, columns, and factors whose pairs are shown: more could not be read."""


def by_scenario(data: xr.Dataset, title: str) -> Figure:
    """Heat map: factors by scenario, total-order index in per cent.

    Parameters
    ----------
    data : Dataset
        Of Sobol' analysis.
    title : str
    """
    found = list(cells(data))
    whole = [cell for cell in found if not cell.less]
    found = whole if len(whole) > 1 else found
    shown, index = found[:COLUMNS], main_index(data)
    largest = (
        data[index]
        .where(data["parameter"] != "dummy")
        .max([dim for dim in data[index].dims if dim != "parameter"])
    )
    order = np.argsort(-largest.fillna(0).values, kind="stable")[:ROWS]
    order = order[largest.values[order] > LEAST]
    values = np.stack([c.data[index].values[order] for c in shown], axis=1)
    several = len({cell.output for cell in shown}) > 1
    columns = [
        f"{cell.output}, {cell.more}" if several else cell.more for cell in shown
    ]
    less = {cell.less for cell in shown if cell.less}
    footer = (
        f"{lead(data)} Number: {index.replace('_', ' ')} index, per cent of the "
        "variance; blank: below 0.5."
    )
    if less:
        footer += (
            f" Bold: the {'output' if several else 'footprint'} itself; others: its "
            f"difference to {', '.join(sorted(less))}."
        )
    if left_out := len(found) - len(shown):
        footer += f" Not shown for want of room: {left_out} more."
    labels = [str(label) for label in data["label"].values[order]]
    with house_style():
        figure = blank(title, 5.2 * len(order) + 52, footer)
        axes = figure.add_subplot()
        share_map(axes, values, labels, columns, least=LEAST)
        for text, cell in zip(axes.get_xticklabels(), shown, strict=True):
            text.set_fontweight("bold" if less and not cell.less else "normal")
        return settle(figure)


def pairs(data: xr.Dataset, title: str) -> Figure:
    """Heat map of second-order indices among the factors that do most.

    Parameters
    ----------
    data : Dataset
        With ``second_order``.
    title : str

    Raises
    ------
    ScenarioError
        No output has second-order indices.
    """
    found = [c for c in cells(data) if c.data["second_order"].notnull().any()]
    if not found:
        raise ScenarioError("no second-order indices; ask for --second-order")
    cell = found[0]
    names = top(cell, PAIRS)
    both = {"parameter": names, "parameter_2": names}
    values = cell.data["second_order"].sel(both).values.copy()
    clear = cell.data["second_order_lower"].sel(both).values > 0
    values[np.triu(np.ones_like(clear))] = np.nan
    footer = (
        f"{lead(data)} Number: share of the variance, per cent, that two factors make "
        "only together. Grey: its bounds take in 0; blank: below 0.05."
    )
    labels = [str(v) for v in cell.data["label"].sel(parameter=names).values]
    with house_style():
        figure = blank(title, 5.2 * len(names) + 58, footer)
        axes = figure.add_subplot()
        share_map(
            axes,
            values[1:, :-1],
            labels[1:],
            labels[:-1],
            least=5e-4,
            digits=1,
            clear=clear[1:, :-1],
        )
        axes.set_title(wrapped(cell.title, 90, most=1), loc="left", parse_math=False)
        return settle(figure)
