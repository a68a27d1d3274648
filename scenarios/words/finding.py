"""What a result shows, in a few sentences: the answer before the tables."""

import math
from collections.abc import Iterator

import numpy as np

from scenarios.numbers import decimals, fixed, scale, significant, with_units
from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result, Row, at
from scenarios.words.catalogue import Words

BALANCE = "balance."
"""Outputs that say what is left of a balance begin with it."""
LEAST = 0.005
"""Share of the variance from which on that of judgement is told."""
MOST_INPUTS = 3
"""Inputs that are named as the first ones to measure."""
NAMED = 0.05
"""Share of the variance from which on an input is named after the first."""


def finding(result: Result, words: Words) -> list[str]:
    """The answer of a run: the reference, the range of scenarios, what to measure.

    Parameters
    ----------
    result : Result
    words : Words

    Returns
    -------
    list of str
        At most three sentences; of the footprint, else of the first declared output.
        With years, the reference in the first and the last, and the range in the last.

    Examples
    --------
    >>> from scenarios import run
    >>> lines = finding(run("configs/minimal.yaml", draws=1024), Words("en"))
    >>> lines[0].startswith("National grid 2024: "), len(lines)
    (True, 3)
    """
    words = words.of(result.stated)
    rows = _rows(result)
    own = [row for row in rows if row.scenario == result.reference] or rows
    if not own:
        return []
    first, last = own[0], own[-1]
    lines = [_of_reference(result, first, last, words)]
    others = [row for row in rows if row.year == last.year]
    if len(others) > 1:
        low, high = _extremes(others)
        if _middle(low) != _middle(high):
            lines.append(_range(result, low, high, words))
    return lines + list(_to_measure(result, last, words))


def headline(result: Result, words: Words) -> str:
    """The finding in a few words, as the title of a figure.

    Returns
    -------
    str
        The lowest and the highest scenario, or the only one; the title of the study
        where there is no number.

    Examples
    --------
    >>> from scenarios import run
    >>> headline(run("configs/minimal.yaml", draws=1024), Words("en"))[:50]
    'Lowest: Hydropower by a direct line, 4.36 t CO2e/t'
    """
    rows = _rows(result)
    if not rows:
        return result.title
    dated = [row for row in rows if row.year == rows[-1].year]
    low, high = _extremes(dated)
    if low is high or _middle(low) == _middle(high):
        return words("finding.single", name=_name(result, low), value=_value(low))
    text = words(
        "finding.lowest_highest",
        low=_name(result, low),
        low_value=_value(low),
        high=_name(result, high),
        high_value=_value(high),
    )
    if low.year is None:
        return text
    return words("finding.dated", year=low.year, text=text)


def _rows(result: Result) -> list[Row]:
    """Rows of the footprint, or of the first output that is declared."""
    if result.has_footprint:
        return list(result.rows(PRIMARY))
    rows = [r for r in result.rows(OUTPUTS) if not r.item.startswith(BALANCE)]
    return [row for row in rows if row.item == rows[0].item]


def _extremes(rows: list[Row]) -> tuple[Row, Row]:
    return min(rows, key=_middle), max(rows, key=_middle)


def _middle(row: Row) -> float:
    """Mean, or median where the tails are too heavy for a mean."""
    heavy = math.isnan(row.values["error_mean"])
    return row.values["median" if heavy else "mean"]


def _name(result: Result, row: Row) -> str:
    """Label of a scenario; of a study with one alone, what was computed."""
    if len(result.scenarios) > 1:
        return result.labels[row.scenario]
    return (
        result.label_of(row.item)
        if row.table == OUTPUTS
        else result.labels[row.scenario]
    )


def _number(value: float, row: Row) -> str:
    """As many decimals as give the width of the interval two digits."""
    per, _ = scale(row.units)
    width = (row.values["upper"] - row.values["lower"]) / per
    size = width if width > 0 and math.isfinite(width) else value / per
    if not 1e-4 < abs(size) < 1e9:  # no row of noughts
        return significant(value / per, 3)
    return fixed(value / per, decimals(abs(size)))


def _value(row: Row) -> str:
    return with_units(_number(_middle(row), row), scale(row.units)[1])


def _ends(row: Row, words: Words) -> str:
    ends = (_number(row.values[end], row) for end in ("lower", "upper"))
    return words.range(*ends)


def _of_reference(result: Result, first: Row, last: Row, words: Words) -> str:
    parts = [
        words(
            "finding.one" if row.year is None else "finding.in_year",
            value=_value(row),
            percent=result.percent,
            ends=_ends(row, words),
            year=row.year,
        )
        for row in ([first] if first is last else [first, last])
    ]
    name, text = _name(result, first), words.join(parts)
    return words("finding.reference", name=name, text=text)


def _range(result: Result, low: Row, high: Row, words: Words) -> str:
    values = {
        f"{word}_{what}": shown
        for word, row in (("low", low), ("high", high))
        for what, shown in (
            ("name", result.labels[row.scenario]),
            ("value", _value(row)),
            ("ends", _ends(row, words)),
        )
    }
    text = words("finding.range", **values)
    return (
        text if low.year is None else words("finding.dated", year=low.year, text=text)
    )


def _to_measure(result: Result, row: Row, words: Words) -> Iterator[str]:
    """Inputs that give most of the variance, and how much of it is judgement."""
    if result.first_order is None:
        return
    data = at(result.first_order, Cell(row.scenario, row.year, ""))
    if "output" in data.dims:
        data = data.sel(output=row.item)
    shares = np.nan_to_num(data["variance_share"].values)
    open_ = shares * (data["nature"].values != "variability")
    order = np.argsort(-open_, kind="stable")
    if not order.size or open_[order[0]] <= 0:
        return
    named = [i for i in order[:MOST_INPUTS] if open_[i] >= NAMED] or [order[0]]
    columns = data["parameter"].values.tolist()
    # results of before keep labels with their draws alone
    labels = data["label"].values.tolist() if "label" in data.coords else columns
    shown: list[str] = []
    for i in named:
        key = "finding.input" if shown else "finding.first_input"
        share = f"{100 * float(open_[i]):.0f} %"
        shown.append(words(key, name=words.label(labels[i]) or columns[i], share=share))
    judged = float(shares[data["spread_confidence"].values == "assumed"].sum())
    text = words("finding.measure", inputs=words.join(shown))
    if judged >= LEAST:
        text += words("finding.judged", share=f"{100 * judged:.0f} %")
    yield text if row.year is None else words("finding.dated", year=row.year, text=text)
