"""Is a stated footprint plausible: where it lies in what a study allows, and why.

The draws whose footprint is nearest to the stated one tell where the inputs would have
to be for it to be true: the mean of each input among them, by a straight line through
these draws, which is exact where inputs and footprint are jointly normal.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scenarios.errors import ScenarioError
from scenarios.results.result import Cell, Result, at
from scenarios.units import units
from uncertainty.arrays import FloatArray
from uncertainty.errors import UncertaintyError
from uncertainty.statistics.proportions import frequency

NEAR = 0.05
"""Part of the draws that counts as near to the stated figure."""
FEWEST = 200
"""Draws that are near, at the least: fewer give no mean worth its digits."""
SURE = 3.0
"""Standard errors by which a mean has to move before it is said to."""


class NotStated(ScenarioError):
    """A stated figure cannot be judged against a result."""


@dataclass(frozen=True)
class Needed:
    """Where one input would have to be.

    Attributes
    ----------
    id, label, units : str
    mean, sd : float
        Of all draws.
    there : float
        Mean of the draws in which the footprint is the stated one.
    error : float
        Standard error of `there`.
    """

    id: str
    label: str
    units: str
    mean: float
    sd: float
    there: float
    error: float

    @property
    def shift(self) -> float:
        """How far it would have to move, in standard deviations."""
        return (self.there - self.mean) / self.sd


@dataclass(frozen=True)
class Plausibility:
    """One scenario beside a stated footprint; all figures in units of the result.

    Attributes
    ----------
    cell : Cell
    stated, mean, lower, upper : float
    draws : int
    below : float
        Part of the draws below the stated figure.
    below_interval : tuple of float
        Confidence interval of it.
    verdict : {"plausible", "unlikely", "outside"}
        Within the coverage interval; beyond it, and some draws are further out; or no
        draw is.
    near : int
        Draws behind `needed`; 0 where none is near and a line through all was drawn on.
    needed : tuple of Needed
        The furthest first; inputs that need not move are left out.
    assumed : float or None
        Share of the variance that rests on assumed spreads.
    """

    cell: Cell
    stated: float
    mean: float
    lower: float
    upper: float
    draws: int
    below: float
    below_interval: tuple[float, float]
    verdict: str
    near: int
    needed: tuple[Needed, ...]
    assumed: float | None

    def as_object(self) -> dict[str, Any]:
        """The same for machines."""
        rows = [asdict(one) | {"shift": one.shift} for one in self.needed]
        known = {k: v for k, v in vars(self).items() if k not in {"cell", "needed"}}
        cell = {"scenario": self.cell.scenario, "year": self.cell.year}
        return cell | known | {"needed": rows}


def stated_footprint(text: str, result: Result) -> float:
    """A stated figure in the units of a result.

    Raises
    ------
    NotStated
        It is no number with units, or measures something else.

    Examples
    --------
    >>> from scenarios import run
    >>> stated_footprint("4 t CO2e/t", run("configs/minimal.yaml", draws=1024))
    4000.0
    """
    own = units().parse(result.units or "1")
    try:
        number, unit = units().quantity(text.strip())
    except UncertaintyError as error:
        raise NotStated(str(error)) from None
    if not result.has_footprint or units().parse(unit).dimension != own.dimension:
        raise NotStated(
            f"--stated {text}: the result is in {own.text}; state it in such units"
        )
    return number * units().parse(unit).factor / own.factor


def judge(
    result: Result, stated: float, scenarios: Sequence[str] = ()
) -> list[Plausibility]:
    """Where a stated footprint lies in what each scenario allows.

    Parameters
    ----------
    result : Result
        With its draws.
    stated : float
        Units of the result.
    scenarios : sequence of str
        All of them where none is named.

    Returns
    -------
    list of Plausibility

    Raises
    ------
    ScenarioError
        There is no such scenario.
    NoDraws
        The result keeps statistics only.

    Examples
    --------
    >>> from scenarios import run
    >>> result = run("configs/minimal.yaml", draws=1024)
    >>> [one.verdict for one in judge(result, 4000.0)]
    ['outside', 'plausible']
    """
    result.need_draws("a judgement")
    wanted = result.chosen(scenarios or None)
    found = []
    for cell in result.cells:
        sample = result.sample(cell) if cell.scenario in wanted else None
        if sample is not None:
            found.append(_one(result, cell, sample, stated))
    return found


def _one(result: Result, cell: Cell, sample: FloatArray, stated: float) -> Plausibility:
    tail = (1 - result.coverage_probability) / 2
    lower, upper = np.quantile(sample, (tail, 1 - tail))
    below = frequency(sample < stated, replicates=result.replicates)
    inside = sample.min() <= stated <= sample.max()
    plausible = lower <= stated <= upper
    verdict = "plausible" if plausible else "unlikely" if inside else "outside"
    near = min(max(int(NEAR * sample.size), FEWEST), sample.size) if inside else 0
    chosen = np.argsort(np.abs(sample - stated), kind="stable")[: near or None]
    return Plausibility(
        cell,
        stated,
        float(sample.mean()),
        float(lower),
        float(upper),
        sample.size,
        below.value,
        (below.lower, below.upper),
        verdict,
        near,
        tuple(_needed(result, cell, sample, chosen, stated)),
        result.assumed_share(cell),
    )


def _needed(
    result: Result, cell: Cell, sample: FloatArray, chosen: np.ndarray, stated: float
) -> list[Needed]:
    """Mean of each input where the footprint is the stated one, furthest first."""
    y = sample[chosen]
    away = y - y.mean()
    spread = float(away @ away)
    if spread == 0:
        return []
    ahead = stated - y.mean()
    found = []
    for id, drawn in at(result.inputs, cell).items():
        if "draw" not in drawn.dims:
            continue
        x = np.asarray(drawn.values, dtype=float)
        sd = float(x.std(ddof=1))
        if not sd > 0:
            continue
        slope = float(away @ x[chosen]) / spread
        rest = x[chosen] - x[chosen].mean() - slope * away
        variance = float(rest @ rest) / max(rest.size - 2, 1)
        error = float(np.sqrt(variance * (1 / y.size + ahead**2 / spread)))
        there = float(x[chosen].mean() + slope * ahead)
        if abs(there - x.mean()) > SURE * error:
            label = str(drawn.attrs.get("long_name", id))
            unit = str(drawn.attrs.get("units", "1"))
            mean = float(x.mean())
            found.append(Needed(str(id), label, unit, mean, sd, there, error))
    return sorted(found, key=lambda one: -abs(one.shift))
