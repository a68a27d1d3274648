"""Draws of a study's inputs and its own text, as the page holds them."""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import numpy as np

from scenarios.model.study import BASELINE, Study
from uncertainty.arrays import FloatArray
from uncertainty.dependence import pearson, score_correlations
from uncertainty.designs import Levels
from uncertainty.distributions.tabulated import tabulate
from uncertainty.model.graph import Quantile
from uncertainty.seeds import PAGE

DIGITS = 48
"""Binary digits of a draw in the page, over the range of its input."""


def values(leaf: Quantile, levels: Levels, draws: int) -> FloatArray:
    """Draws of an input in base units, as the engine makes them."""
    pages = [
        tabulate(leaf.marginal)(levels.levels(leaf.column, page))
        for page in range(-(-draws // PAGE))
    ]
    found: FloatArray = np.concatenate(pages) * leaf.factor
    return found


def packed(row: FloatArray) -> list[Any]:
    """Draws as least, range and base64 of 48-bit integers.

    They are rounded to 2**-49 of the range, which is less than the rounding of the
    arithmetic behind them.

    Examples
    --------
    >>> packed(np.array([1.0, 3.0]))
    [1.0, 2.0, 'AAAAAAAA////////']
    """
    low = float(row.min())
    reach = float(row.max()) - low
    if reach == 0.0:
        return [low, 0.0, ""]
    whole = np.rint((row - low) / reach * (2.0**DIGITS - 1)).astype("<u8")
    parts = whole.view(np.uint8).reshape(-1, 8)[:, : DIGITS // 8]
    return [low, reach, b64encode(parts.tobytes()).decode()]


def ties(
    leaves: Iterable[Quantile], columns: list[str], study: Study
) -> list[tuple[int, int, float]]:
    """Pairs of columns with the linear correlation of their values."""
    laws = {leaf.column: leaf.marginal for leaf in reversed(list(leaves))}
    return [
        (columns.index(a), columns.index(b), pearson(normal, laws[a], laws[b]))
        for a, b, normal in score_correlations(columns, study.blocks)
    ]


def text(study: Study) -> dict[str, str]:
    """The study's text in parts: ``run``, ``scenarios``, and the ``head`` of the rest.

    A scenario that is put at the end adds no column and moves none, so that all draws
    stay as they are.
    """
    found = {"head": "", "run": "", "scenarios": ""}
    part = "head"
    for line in study.text.splitlines(keepends=True):
        if line[:1].strip():
            key = line.partition(":")[0]
            part = key if key in ("run", "scenarios") else "head"
        found[part] += line
    if not found["scenarios"]:
        found["scenarios"] = f"scenarios:\n  {BASELINE}:\n    reference: true\n"
    return found
