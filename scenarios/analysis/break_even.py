"""Break-even: at which value of a swept input one scenario meets another."""

from dataclasses import dataclass

import numpy as np

from scenarios.errors import ScenarioError
from scenarios.results.result import Result
from uncertainty.arrays import FloatArray
from uncertainty.errors import nearest


class BreakEvenError(ScenarioError):
    """A result has no sweep of that name, or one that cannot be read along."""


@dataclass(frozen=True)
class BreakEven:
    """Where a sweep crosses another scenario.

    Attributes
    ----------
    sweep, against : str
    parameter : str
        The input that is swept.
    units : str
    probability : float
        Part of the draws in which the two cross within the sweep.
    below, above : float
        Part of the draws in which the sweep lies below, or above, all the way.
    median, lower, upper : float
        Of the value at which they cross, over the draws in which they do; NaN if
        there is none.
    """

    sweep: str
    against: str
    parameter: str
    units: str
    probability: float
    below: float
    above: float
    median: float
    lower: float
    upper: float


def break_even(
    result: Result, sweep: str, against: str, probability: float = 0.95
) -> BreakEven:
    """Value of the swept input at which the footprints are equal, draw by draw.

    Parameters
    ----------
    result : Result
        Its study sweeps one input under the name `sweep`.
    sweep, against : str
        The sweep's name, and the scenario it is held against.
    probability : float
        Coverage probability of the interval, symmetric.

    Returns
    -------
    BreakEven
        Between two points of the sweep the difference is taken as a straight line.

    Raises
    ------
    BreakEvenError
        There is no such sweep or scenario, it sweeps several inputs, or the result
        has years.
    """
    result.need_draws("a break-even")
    names, parameter, values = _points(result, sweep)
    if result.years:
        raise BreakEvenError("a break-even is of a study without years")
    if against not in result.scenarios:
        near = nearest(against, result.scenarios)
        raise BreakEvenError(f"no scenario is called {against}{near}")
    data = result.footprint
    gap = data.sel(scenario=names).values - data.sel(scenario=against).values
    crossing = _crossing(values, gap)
    found = np.sort(crossing[np.isfinite(crossing)])
    tail = (1 - probability) / 2
    cuts = np.quantile(found, [0.5, tail, 1 - tail]) if found.size else [np.nan] * 3
    units = str(result.inputs[parameter].attrs["units"])
    return BreakEven(
        sweep,
        against,
        parameter,
        units,
        float(np.isfinite(crossing).mean()),
        float((gap < 0).all(axis=0).mean()),
        float((gap > 0).all(axis=0).mean()),
        *(float(cut) for cut in cuts),
    )


def _points(result: Result, sweep: str) -> tuple[list[str], str, FloatArray]:
    """Scenarios of a sweep with the input they differ in, in rising order."""
    stated = result.stated.get("scenarios") or {}
    names = [n for n in stated if n.rpartition("_")[0] == sweep and n[-1].isdigit()]
    if len(names) < 2:
        bases = {n.rpartition("_")[0] for n in stated if n[-1].isdigit()} - {""}
        raise BreakEvenError(f"no sweep is called {sweep}{nearest(sweep, bases)}")
    sets = [stated[name].get("set") or {} for name in names]
    swept = [id for id in sets[0] if any(s.get(id) != sets[0][id] for s in sets)]
    if len(swept) != 1:
        raise BreakEvenError(f"{sweep} sweeps several inputs; a break-even is of one")
    values = np.array([float(s[swept[0]]["value"]) for s in sets])
    order = np.argsort(values)
    return [names[i] for i in order], swept[0], values[order]


def _crossing(values: FloatArray, gap: FloatArray) -> FloatArray:
    """First value at which the gap, shape (point, draw), passes zero; NaN if never."""
    sign = np.signbit(gap)
    turns = sign[1:] != sign[:-1]
    has = turns.any(axis=0)
    first = np.argmax(turns, axis=0)
    draws = np.arange(gap.shape[1])
    low, high = gap[first, draws], gap[first + 1, draws]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = low / (low - high)
    found = values[first] + part * (values[first + 1] - values[first])
    return np.where(has, found, np.nan)
