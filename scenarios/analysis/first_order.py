"""First-order propagation beside Monte Carlo: where they part, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import xarray as xr

from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result, Row, at
from uncertainty.run.adaptive import numerical_tolerance

DIGITS = 2
"""Significant digits of the standard uncertainty to which the two have to agree."""


@dataclass(frozen=True)
class CrossCheck:
    """One end of one interval, by both approaches.

    Attributes
    ----------
    scenario : str
    year : int or None
    item : str
        footprint, or a declared output of a study without a chain.
    units : str
    end : str
        lower or upper: the end that parts more.
    approach_1, monte_carlo : float
        In `units`.
    tolerance : float
        Numerical tolerance of the standard uncertainty plus twice the Monte Carlo
        error of the end.
    reason : str
        Why they part; empty if they do not.
    """

    scenario: str
    year: int | None
    item: str
    units: str
    end: str
    approach_1: float
    monte_carlo: float
    tolerance: float
    reason: str

    @property
    def gap(self) -> float:
        """Distance between the two."""
        return abs(self.approach_1 - self.monte_carlo)

    @property
    def apart(self) -> bool:
        """Whether they differ by more than their error."""
        return self.gap > self.tolerance


ROUNDING = 1e-12
"""Part of a value that arithmetic may leave between two ways to reach it."""


def cross_checks(result: Result) -> Iterator[CrossCheck]:
    """Compare both approaches in every cell of the footprint, or of the outputs.

    Notes
    -----
    JCGM 101:2008, 8.1: the ends of the first-order interval, taken as normal, lie
    within the numerical tolerance of those of Monte Carlo, or first order does not
    hold. The Monte Carlo ends' own error is allowed for.
    """
    data = result.first_order
    if data is None:
        return
    for row in result.rows(OUTPUTS if "output" in data.dims else PRIMARY):
        if row.item.startswith("balance."):
            continue  # what is left of it is rounding, or a gap of the data
        one = at(data, result.cell(row.scenario, row.year))
        if "output" in one.dims:
            one = one.sel(output=row.item)
        yield _compare(row, one, result.coverage_probability)


def _compare(row: Row, cell: xr.Dataset, probability: float) -> CrossCheck:
    middle, sd = float(cell["estimate"]), float(cell["sd"])
    reach = NormalDist().inv_cdf((1 + probability) / 2) * sd
    found = []
    for end, value in (("lower", middle - reach), ("upper", middle + reach)):
        tolerance = numerical_tolerance(row.values["sd"], DIGITS)
        tolerance += 2 * row.values[f"error_{end}"]
        drawn = row.values[end]
        tolerance += ROUNDING * abs(drawn)
        found.append(
            (abs(value - drawn) / max(tolerance, 1e-300), end, value, tolerance)
        )
    _, end, value, tolerance = max(found)
    apart = abs(value - row.values[end]) > tolerance
    why = _reason(row, middle, sd, reach) if apart else ""
    return CrossCheck(
        row.scenario,
        row.year,
        row.item,
        row.units,
        end,
        value,
        row.values[end],
        tolerance,
        why,
    )


def _reason(row: Row, middle: float, sd: float, reach: float) -> str:
    """Curvature moves mean and sd; the shape moves the ends alone."""
    tolerance = numerical_tolerance(row.values["sd"], DIGITS)
    error = 2 * row.values["error_sd"]
    if np.isnan(error):
        return (
            "Its tails are too heavy for an sd to be estimated from draws; a straight "
            "line has no such tails."
        )
    if abs(sd - row.values["sd"]) > tolerance + error:
        return (
            f"Its sd differs too ({sd:.4g} against {row.values['sd']:.4g}): inputs "
            "that multiply are spread too widely for a straight line."
        )
    if abs(middle - row.values["mean"]) > tolerance + 2 * row.values["error_mean"]:
        return "The output is curved in its inputs, which moves its mean."
    low = row.values["mean"] - row.values["lower"]
    high = row.values["upper"] - row.values["mean"]
    tails = (low + high) / 2 - reach
    if abs(high - low) > 2 * abs(tails):
        side = "right" if high > low else "left"
        what = f"is skewed to the {side}"
    else:
        what = f"has {'heavier' if tails > 0 else 'lighter'} tails than a normal law"
    return f"Mean and sd agree; the result {what}, and the interval with it."


def nature_split(result: Result, cell: Cell) -> dict[str, float]:
    """First-order shares of a footprint's variance by nature.

    Returns
    -------
    dict of nature to share
        ``variability`` between plants, ``uncertainty`` (lack of knowledge), and
        ``unstated``, what no input says of itself; no share of 0.
    """
    found = result.first_order
    if found is None:
        return {}
    data = at(found, cell)
    shares = np.nan_to_num(data["variance_share"].values)
    nature = data["nature"].values
    natures = ("variability", "uncertainty", "unstated")
    split = {word: float(shares[nature == word].sum()) for word in natures}
    return {word: share for word, share in split.items() if share}
