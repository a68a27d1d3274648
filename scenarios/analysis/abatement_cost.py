"""What a tonne of CO2e avoided costs, draw by draw against a reference.

The cost per tonne is a ratio whose denominator is uncertain. Its median is taken of
the ratios of the draws; where the denominator may be zero or less the ratio says
nothing, neither high nor low, and none is given.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from scenarios.analysis.comparison.lineup import Lineup
from scenarios.errors import ScenarioError
from scenarios.numbers import scale
from scenarios.results.result import PRIMARY, Result
from scenarios.units import currency_of, units
from uncertainty.arrays import FloatArray
from uncertainty.errors import nearest
from uncertainty.statistics import monte_carlo_error, summarise
from uncertainty.statistics.proportions import CONFIDENCE, frequency

FEW = 0.025
"""Part of the draws that may avoid nothing and yet leave a cost per tonne: one tail of
a 95 % interval."""
ROUNDING = 1e-12
"""A difference within this part of the footprint is rounding and avoids nothing."""
MEDIAN = 1e-9
"""Coverage probability of an interval that has shrunk to the median."""

_WORDS = {
    "abatement": "Footprint avoided, mean of reference minus scenario",
    "extra_cost": "Extra cost, mean of scenario minus reference",
    "cost_per_tonne": "Cost per t CO2e avoided, median of the draws that avoid any",
}
"""Quantities with a coverage interval and errors of it."""
OF_MEANS = "cost_per_tonne_of_means"
_ALONE = {
    OF_MEANS: "Mean extra cost over mean footprint avoided",
    "probability_abates": "Probability that the scenario avoids any CO2e",
    "probability_saves": "Probability that the extra cost is below zero",
}


class AbatementError(ScenarioError):
    """A result does not tell what a tonne avoided costs."""


@dataclass(frozen=True)
class _Pair:
    """Draws of one scenario in one year against the reference.

    Attributes
    ----------
    avoided : ndarray, shape (draw,)
        Units of the footprint.
    extra : ndarray, shape (draw,)
        Units of the cost.
    abates : ndarray of bool, shape (draw,)
    """

    avoided: FloatArray
    extra: FloatArray
    abates: np.ndarray


@dataclass(frozen=True)
class _Scales:
    """Factor from units of footprint and of cost over it to those shown."""

    footprint: float
    ratio: float
    units: dict[str, str]


def abatement(
    result: Result,
    cost: str,
    reference: str | None = None,
    *,
    probability: float = 0.95,
) -> xr.Dataset:
    """Footprint avoided, extra cost and cost per tonne avoided of every scenario.

    Parameters
    ----------
    result : Result
        With the draws of its outputs.
    cost : str
        A declared output in a currency per declared unit, as in CNY/t.
    reference : str, optional
        A scenario; by default the one that the result marks.
    probability : float
        Coverage probability of the intervals.

    Returns
    -------
    Dataset
        Over (scenario[, year]): ``abatement`` (t CO2e/t) and ``extra_cost`` (units of
        `cost`), means; ``cost_per_tonne`` (currency/t CO2e), the median of the ratios
        of the draws that avoid any; ``cost_per_tonne_of_means``, the ratio of both
        means. Each of the first three has an ``..._interval`` (symmetric) and, like
        the ratio of means, an ``..._error``: the Monte Carlo standard error of the
        value itself and of both ends (``statistic``). ``probability_abates`` and
        ``probability_saves`` (extra cost below zero, strictly) with their
        ``..._confidence``. ``meaningful`` tells whether there is a cost per tonne:
        where more than `FEW` of the draws avoid nothing its median and interval are
        NaN. ``combined`` (scenario): whether it adopts more than one lever beyond
        those of the reference. What is absent is NaN.

    Raises
    ------
    AbatementError
        The study has no chain, or no such output with draws, or the output is not in
        a currency per declared unit.
    ComparisonError
        There are no two scenarios, or no such reference.
    ValueError
        `probability` is not between 0 and 1.
    SampleError
        There are too few draws for `probability`.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    if not result.has_footprint:
        raise AbatementError(
            f"{result.study} has no chain, and so no footprint to avoid"
        )
    lineup = Lineup([result])
    base = lineup.find(reference)
    scales = _scales(lineup, cost)
    sheet = _blank(lineup, scales)
    for y, year in enumerate(lineup.years or [None]):
        for i, pair in _pairs(lineup, cost, base, year):
            _fill(sheet, (i, y), pair, scales, lineup.replicates(i), probability)
    data = xr.Dataset(sheet)
    if not lineup.years:
        data = data.isel(year=0, drop=True)
    labels = [member.label for member in lineup.members]
    reference = lineup.members[base].name
    data["combined"] = "scenario", _combined(result, lineup, reference)
    data["combined"].attrs = {"long_name": "Whether several levers act together"}
    data["meaningful"] = np.isfinite(data["cost_per_tonne"])
    data["meaningful"].attrs = {"long_name": "Whether there is a cost per t CO2e"}
    data = data.assign_coords(label=("scenario", labels))
    return data.assign_attrs(
        study=result.study,
        title=result.title,
        design=result.design,
        draws=result.draws,
        seed=result.seed,
        replicates=result.replicates,
        reference=reference,
        cost=cost,
        coverage_probability=probability,
        confidence=CONFIDENCE,
    )


def _scales(lineup: Lineup, cost: str) -> _Scales:
    """Units of what is found; refuses a cost that is none."""
    quantities = lineup.quantities
    outputs = [name for name in quantities if name != PRIMARY]
    if cost in lineup.left_out:
        raise AbatementError(f"only statistics of {cost} were stored, and no draws")
    if cost not in outputs:
        near = nearest(cost, outputs)
        raise AbatementError(f"no declared output {cost!r}{near}")
    stated, footprint = (units().parse(quantities[name]) for name in (cost, PRIMARY))
    per_unit = footprint.text.rpartition("/")[2]
    money = stated.dimension * units().parse(per_unit).dimension
    if currency := currency_of(money):
        per_tonne = units().parse(f"{currency}/t CO2e")
        per, shown = scale(footprint.text)
        words = dict(zip(_WORDS, (shown, stated.text, per_tonne.text), strict=True))
        words[OF_MEANS] = per_tonne.text
        ratio = stated.factor / footprint.factor / per_tonne.factor
        return _Scales(1 / per, ratio, words)
    raise AbatementError(
        f"{cost} is in {stated.text}, which is no currency per {per_unit}: declare a "
        f"cost in CNY/{per_unit}, or in another currency"
    )


def _blank(lineup: Lineup, scales: _Scales) -> dict[str, xr.DataArray]:
    """Arrays of everything that is found, full of NaN."""
    coords: dict[str, list[str] | list[int]] = {
        "scenario": [member.name for member in lineup.members],
        "year": lineup.years or [0],
        "bound": ["lower", "upper"],
        "statistic": ["value", "lower", "upper"],
    }
    sheet = {}

    def add(name: str, of: str, words: str, *more: str) -> None:
        dims = ("scenario", "year", *more)
        attrs = {"units": scales.units.get(of, "1"), "long_name": words}
        blank = np.full([len(coords[dim]) for dim in dims], np.nan)
        known = {dim: coords[dim] for dim in dims}
        sheet[name] = xr.DataArray(blank, known, dims, attrs=attrs)

    for name, text in (_WORDS | _ALONE).items():
        add(name, name, text)
        if name in _WORDS:
            add(f"{name}_interval", name, f"{text}: coverage interval", "bound")
            add(f"{name}_error", name, f"{text}: Monte Carlo error", "statistic")
        elif name != OF_MEANS:
            add(f"{name}_confidence", name, f"{text}: confidence interval", "bound")
    add(f"{OF_MEANS}_error", OF_MEANS, f"{_ALONE[OF_MEANS]}: Monte Carlo error")
    return sheet


def _pairs(
    lineup: Lineup, cost: str, base: int, year: int | None
) -> Iterator[tuple[int, _Pair]]:
    """Scenarios that have footprint and cost in a year in which the reference has."""
    footprints, costs = (lineup.cells(name, year) for name in (PRIMARY, cost))
    if base not in footprints or base not in costs:
        return
    for i, footprint in footprints.items():
        if i in costs:
            avoided = footprints[base] - footprint
            abates = avoided > ROUNDING * np.abs(footprints[base])
            yield i, _Pair(avoided, costs[i] - costs[base], abates)


def _fill(
    sheet: dict[str, xr.DataArray],
    place: tuple[int, int],
    pair: _Pair,
    scales: _Scales,
    replicates: int,
    probability: float,
) -> None:
    """Statistics of one scenario in one year."""
    avoided = pair.avoided * scales.footprint
    _reduce(sheet, "abatement", place, avoided, replicates, probability)
    _reduce(sheet, "extra_cost", place, pair.extra, replicates, probability)
    events = {"probability_abates": pair.abates, "probability_saves": pair.extra < 0}
    for name, happened in events.items():
        found = frequency(happened, replicates=replicates)
        sheet[name].values[place] = found.value
        sheet[f"{name}_confidence"].values[place] = found.lower, found.upper
    mean = float(pair.avoided.mean())
    if pair.abates.any() and mean > 0:
        ratio = float(pair.extra.mean()) / mean
        # to first order the error of a ratio of means is that of this mean
        rest = (pair.extra - ratio * pair.avoided) / mean * scales.ratio
        error = _summary(rest, replicates, probability)["monte_carlo_error"]
        sheet[OF_MEANS].values[place] = ratio * scales.ratio
        sheet[f"{OF_MEANS}_error"].values[place] = error.sel(statistic="mean")
    if pair.abates.mean() >= 1 - FEW:
        some = pair.abates
        ratios = pair.extra[some] / pair.avoided[some] * scales.ratio
        # what is left of the replicates is not of one size: taken as random draws,
        # which errs on the safe side
        even = replicates if some.all() else 1
        _reduce(sheet, "cost_per_tonne", place, ratios, even, probability)


def _reduce(
    sheet: dict[str, xr.DataArray],
    name: str,
    place: tuple[int, int],
    values: FloatArray,
    replicates: int,
    probability: float,
) -> None:
    """Mean, or median of a ratio, with interval and the errors of all three."""
    found = _summary(values, replicates, probability)
    errors = found["monte_carlo_error"]
    value, error = found["mean"], errors.sel(statistic="mean")
    if name == "cost_per_tonne":
        # a ratio has no mean to speak of: its denominator may come near zero
        sample = xr.DataArray(values, dims="draw")
        narrow = monte_carlo_error(sample, MEDIAN, replicates=replicates)
        value, error = found["median"], narrow.sel(statistic="lower")
    ends = errors.sel(statistic=["lower", "upper"]).values
    sheet[name].values[place] = value
    sheet[f"{name}_interval"].values[place] = found["coverage"]
    sheet[f"{name}_error"].values[place] = float(error), *ends


def _summary(values: FloatArray, replicates: int, probability: float) -> xr.Dataset:
    sample = xr.DataArray(values, dims="draw", name="abatement")
    return summarise(sample, probability, replicates=replicates, levels=(0.5,))


def _combined(result: Result, lineup: Lineup, reference: str) -> list[bool]:
    """Whether each scenario adopts several levers that the reference does not."""
    stated = result.stated.get("scenarios") or {}
    levers = {name: (what or {}).get("levers") or {} for name, what in stated.items()}
    before = levers.get(reference, {})
    return [
        sum(use != before.get(lever) for lever, use in own.items()) > 1
        for own in (levers.get(member.scenario, {}) for member in lineup.members)
    ]
