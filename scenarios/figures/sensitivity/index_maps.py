"""Heat maps of indices: factors by scenario, and pairs of factors."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from scenarios.analysis.sensitivity.cells import cells, main_index, top
from scenarios.errors import ScenarioError
from scenarios.figures.base.style import (
    ENGLISH,
    house_style,
    page,
    settle,
    wrapped,
)
from scenarios.figures.sensitivity.indices import LEAST, finding, index_name, lead
from scenarios.figures.sensitivity.share_map import share_map
from scenarios.words.catalogue import Words

ROWS, COLUMNS, PAIRS = 16, 24, 12
"""Most factors, columns, and factors whose pairs are shown: more could not be read."""


def by_scenario(data: xr.Dataset, title: str, words: Words = ENGLISH) -> Figure:
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
    footer = lead(data, title, words)
    footer += words("figures.by_scenario", index=index_name(index, words))
    if less:
        footer += words("figures.by_scenario_less", names=words.join(sorted(less)))
    if left_out := len(found) - len(shown):
        footer += words("figures.no_room_more", count=left_out)
    labels = [str(label) for label in data["label"].values[order]]
    with house_style():
        head = finding(shown[0], words)
        figure = page(head, 5.2 * len(order) + 52, footer)
        axes = figure.add_subplot()
        share_map(axes, values, labels, columns, least=LEAST)
        for text, cell in zip(axes.get_xticklabels(), shown, strict=True):
            text.set_fontweight("bold" if less and not cell.less else "normal")
        return settle(figure)


def pairs(data: xr.Dataset, title: str, words: Words = ENGLISH) -> Figure:
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
    footer = lead(data, title, words) + words("figures.second_order")
    labels = [str(v) for v in cell.data["label"].sel(parameter=names).values]
    with house_style():
        figure = page(finding(cell, words), 5.2 * len(names) + 58, footer)
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
