"""What to measure next: how far readings of an input would narrow a footprint."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scenarios.analysis.discovery import Sample, observed
from scenarios.errors import ScenarioError
from scenarios.loading.restore import study_of
from scenarios.model.study import Study
from scenarios.results.result import PRIMARY, Cell, Result
from scenarios.units import units
from uncertainty.arrays import FloatArray
from uncertainty.errors import UncertaintyError, nearest
from uncertainty.sensitivity.readings import (
    exact_count,
    expected_gain,
    expected_width,
)

COUNTS = (1, 4, 12)
"""Numbers of readings that are told."""
MOST_DRAWS = 2**13
"""Draws that are weighted; the first ones of a larger run."""
MOST_QUANTITIES = 8
LEAST = 0.02
"""Narrowing, as a part of the width, below which a quantity is left out: its error is
some 0.005."""


class PlanError(ScenarioError):
    """Nothing can be planned for what was asked."""


@dataclass(frozen=True)
class Measured:
    """What readings of one input would do.

    Attributes
    ----------
    id, label, units : str
    mean, sd : float
        Of the input as the study has it, in `units`.
    reading_sd : float
        Of one reading about the true value.
    stated : bool
        Whether somebody stated it; else it is the sd of the input.
    widths : tuple of float
        Expected width of the interval after each number of `COUNTS`, in units of the
        result.
    exact : float
        The same where the input is as good as known.
    needed : int or None
        Fewest readings that reach the target; None where there is no target, or where
        this input alone does not reach it.
    gain : float
        By how much the footprint that is chosen falls after the last of `COUNTS`; 0
        where there is no choice.
    """

    id: str
    label: str
    units: str
    mean: float
    sd: float
    reading_sd: float
    stated: bool
    widths: tuple[float, ...]
    exact: float
    needed: int | None
    gain: float


@dataclass(frozen=True)
class Plan:
    """What to measure next, the most useful input first.

    Attributes
    ----------
    cell : Cell
    units : str
    level : float
        Coverage probability of the interval.
    mean, lower, upper : float
        Of the footprint as it is now.
    target : float or None
        Width to be reached.
    other : str or None
        Label of the scenario that the footprint is chosen against.
    chosen : str
        Label of the lower one by its mean; empty without a choice.
    measured : tuple of Measured
    """

    cell: Cell
    units: str
    level: float
    mean: float
    lower: float
    upper: float
    target: float | None
    other: str | None
    chosen: str
    measured: tuple[Measured, ...]

    @property
    def width(self) -> float:
        """Width of the interval as it is now."""
        return self.upper - self.lower

    def as_object(self) -> dict[str, Any]:
        """The same for machines."""
        found = {k: v for k, v in vars(self).items() if k != "cell"}
        found["measured"] = [asdict(one) for one in self.measured]
        where = {"scenario": self.cell.scenario, "year": self.cell.year}
        return where | {"readings": list(COUNTS)} | found


def plan(
    subject: Result | Study,
    *,
    target: str | None = None,
    readings: Mapping[str, str] | None = None,
    scenario: str | None = None,
    year: int | None = None,
    output: str = PRIMARY,
    against: str | None = None,
) -> Plan:
    """What readings of each quantity would do to the interval, or to a choice.

    Parameters
    ----------
    subject : Result or Study
        The draws are those of the run, of the inputs and of every formula by name.
    target : str, optional
        Width of the interval to be reached: ``10 %`` of the mean, or ``1 t CO2e/t``.
    readings : mapping of quantity to str, optional
        Standard deviation of one reading, ``80 kWh/t``. Without, a reading is as
        uncertain as the quantity is now.
    scenario : str, optional
        By default the reference.
    year : int, optional
        By default the first.
    output : str
        The footprint, or a declared output.
    against : str, optional
        Another scenario; the lower of the two by its mean is what one chooses.

    Raises
    ------
    PlanError
        A target or a spread cannot be read, there is no such output or scenario, or
        nothing narrows the interval.
    ClaimError
        There is no such year.

    Examples
    --------
    >>> from scenarios import run
    >>> found = plan(run("configs/minimal.yaml", draws=4096), target="8 %")
    >>> found.measured[0].id, found.measured[0].needed
    ('power.mee24_national', 2)
    """
    study = subject if isinstance(subject, Study) else study_of(subject)
    unit = _units(study, output)
    seen = observed(subject, f"{output} < 1 {unit}", scenario=scenario, year=year)
    quantities = dict(_quantities(seen.sample))
    choice, other = None, None
    if against is not None:
        names = (seen.cell.scenario, _name(study, against))
        sides = " - ".join(f"{output}[{name}]" for name in names)
        versus = observed(subject, f"{sides} < 0 {unit}", year=seen.cell.year)
        quantities |= dict(_quantities(versus.sample))
        choice = versus.sample.compared[:MOST_DRAWS]
        other = study.scenarios[names[1]].label or names[1]
    level = study.settings.coverage_probability
    ends = ((1 - level) / 2, (1 + level) / 2)
    footprint = seen.sample.compared
    mean = float(footprint.mean())
    lower, upper = (float(end) for end in np.quantile(footprint, ends))
    wanted = None if target is None else _width(target, mean, unit)
    spreads = _spreads(readings or {}, quantities)
    y = footprint[:MOST_DRAWS]
    per = (upper - lower) / float(np.diff(np.quantile(y, ends))[0])
    found = []
    for one in quantities.values():
        sd = spreads.get(one.id, one.sd)
        x = one.x

        def width(count: int, x: FloatArray = x, sd: float = sd) -> float:
            return per * expected_width(x, y, sd, count, level=level).value

        exact, gain = width(exact_count(x, sd)), 0.0
        if choice is not None:
            gain = expected_gain(x, choice, sd, COUNTS[-1]).value
        if exact < (1 - LEAST) * (upper - lower) or gain > LEAST * (upper - lower):
            widths = tuple(width(count) for count in COUNTS)
            needed = _needed(width, exact_count(x, sd), wanted)
            known = (one.id, one.label, one.units, float(x.mean()), one.sd, sd)
            stated = one.id in spreads
            found.append(Measured(*known, stated, widths, exact, needed, gain))
    if not found:
        raise PlanError(f"{seen.cell.name}: no single quantity narrows the interval")
    found.sort(key=lambda one: (-one.gain, one.exact))
    chosen = ""
    if choice is not None and other is not None:
        chosen = seen.cell.label if choice.mean() <= 0 else other
    measured = tuple(found[:MOST_QUANTITIES])
    ends_now = (mean, lower, upper)
    return Plan(seen.cell, unit, level, *ends_now, wanted, other, chosen, measured)


@dataclass(frozen=True)
class _Quantity:
    """What can be measured: draws ``x`` in `units`."""

    id: str
    label: str
    units: str
    x: FloatArray

    @property
    def sd(self) -> float:
        return float(self.x.std())


def _quantities(sample: Sample) -> Iterator[tuple[str, _Quantity]]:
    for id, label, unit, x in zip(
        sample.ids, sample.labels, sample.units, sample.x, strict=True
    ):
        yield id, _Quantity(id, label, unit, x[:MOST_DRAWS])


def _units(study: Study, output: str) -> str:
    """Units of the footprint or of a declared output."""
    found = study.footprint_units
    if output != PRIMARY:
        known = study.config.outputs
        if output not in known:
            near = nearest(output, known)
            raise PlanError(f"no output is called {output}{near}")
        found = known[output].units
    if found is None:
        raise PlanError(
            f"{study.name}: no chain, so no footprint; name an output with --output"
        )
    return found


def _name(study: Study, called: str) -> str:
    """Name of a scenario that is called by its name or label."""
    labels = {str(one.label): name for name, one in study.scenarios.items()}
    name = labels.get(called, called)
    if name not in study.scenarios:
        near = nearest(called, study.scenarios)
        raise PlanError(f"no scenario is called {called}{near}")
    return name


def _width(text: str, mean: float, unit: str) -> float:
    """A width in units of the result; a pure number is a part of the mean."""
    try:
        number, stated = units().quantity(text.strip())
        given, own = units().parse(stated), units().parse(unit or "1")
    except UncertaintyError as error:
        raise PlanError(str(error)) from None
    found = number * given.factor / own.factor
    if given.dimension == units().parse("1").dimension != own.dimension:
        found = number * given.factor * abs(mean)
    elif given.dimension != own.dimension:
        raise PlanError(
            f"--target-width {text}: the result is in {own.text}; state a width in "
            "such units, or in % of the mean"
        )
    if not found > 0:
        raise PlanError(f"--target-width {text}: a width is above 0")
    return found


def _spreads(
    stated: Mapping[str, str], known: Mapping[str, _Quantity]
) -> dict[str, float]:
    """Standard deviations of a reading in the units of each input."""
    found = {}
    for id, text in stated.items():
        if id not in known:
            raise PlanError(
                f"nothing that varies here is called {id}{nearest(id, known)}"
            )
        try:
            number, unit = units().quantity(text.strip())
            given, own = units().parse(unit), units().parse(known[id].units)
        except UncertaintyError as error:
            raise PlanError(str(error)) from None
        if given.dimension != own.dimension or not number > 0:
            raise PlanError(
                f"--reading {id}={text}: write a standard deviation above 0 in "
                f"{own.text}"
            )
        found[id] = number * given.factor / own.factor
    return found


def _needed(
    width: Callable[[int], float], most: int, wanted: float | None
) -> int | None:
    """Fewest readings that make an interval narrow enough."""
    if wanted is None or width(most) > wanted:
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if width(middle) <= wanted:
            high = middle
        else:
            low = middle
    return high
