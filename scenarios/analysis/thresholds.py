"""Named thresholds of buyers: how likely a scenario lies below, in its own account."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import xarray as xr

from scenarios.errors import ScenarioError
from scenarios.numbers import scale
from scenarios.results.result import Result
from scenarios.units import units
from uncertainty.errors import nearest

NONE = "; write a number: the study states no `thresholds`"


class UnknownThreshold(ScenarioError):
    """A limit is neither a number nor the name of a threshold."""


@dataclass(frozen=True)
class Judgement:
    """Probabilities of lying below one threshold.

    Attributes
    ----------
    name, label : str
    value : float
        In units of the threshold.
    units : str
    probability : DataArray
        Over (scenario[, year]); NaN where a scenario has no such year.
    labels : dict of scenario to label
    """

    name: str
    label: str
    value: float
    units: str
    probability: xr.DataArray
    labels: dict[str, str]

    def named(self) -> list[tuple[str, float]]:
        """Label of each scenario, with its year if it has any, and its probability."""
        return [
            (f"{self.labels.get(scenario, scenario)}{year}", value)
            for scenario, year, value in self._cells()
        ]

    def as_object(self) -> dict[str, object]:
        """The same for machines."""
        return {
            "name": self.name,
            "label": self.label,
            "value": self.value,
            "units": self.units,
            "probability": [
                {"scenario": scenario, "year": year.strip() or None, "below": value}
                for scenario, year, value in self._cells()
            ],
        }

    def _cells(self) -> list[tuple[str, str, float]]:
        series = self.probability.to_series().dropna()
        found = []
        for key, value in series.items():
            scenario, *year = key if isinstance(key, tuple) else (key,)
            found.append((str(scenario), f" {year[0]}" if year else "", float(value)))
        return found


def told_apart(
    limits: Sequence[str], known: Collection[str], own: str = ""
) -> tuple[tuple[float, ...], list[str]]:
    """Limits that are numbers, and names of thresholds that a study knows.

    Parameters
    ----------
    limits : sequence of str
        Numbers in the units that the footprint is shown in, or with ``t`` or ``kg``
        behind, or names.
    known : collection of str
    own : str
        Units of the footprint, in which the numbers are returned.

    Raises
    ------
    UnknownThreshold
        One is neither; names the nearest threshold.

    Examples
    --------
    >>> told_apart(["8000", "buyer_x"], ["buyer_x"])
    ((8000.0,), ['buyer_x'])
    >>> told_apart(["8 t", "7", "6500 kg"], [], "kg CO2e/t")
    ((8000.0, 7000.0, 6500.0), [])
    """
    per = scale(own)[0]
    sizes = {"t": per, "kg": 1.0} if own == "kg CO2e/t" else {}
    numbers, names, faults = [], [], []
    for limit in limits:
        if limit in known:
            names.append(limit)
            continue
        number, _, unit = limit.strip().partition(" ")
        unit = unit.strip().removesuffix(" CO2e/t")
        number, size = (number, sizes[unit]) if unit in sizes else (limit, per)
        try:
            numbers.append(float(number) * size)
        except ValueError:
            near = nearest(limit, known)
            listed = ", ".join(known)
            more = near or (f"; write a number or one of {listed}" if known else NONE)
            faults.append(f"--limit {limit}: no threshold is called so{more}")
    if faults:
        raise UnknownThreshold("\n".join(faults))
    return tuple(numbers), names


def judge(result: Result, name: str) -> Judgement:
    """How likely each scenario of a result lies below a named threshold.

    A threshold of scope 1 and 2 is judged against these accounts alone, whatever the
    whole footprint is.

    Parameters
    ----------
    result : Result
        With its draws, of a study with a chain.
    name : str

    Raises
    ------
    UnknownThreshold
        No threshold is called so, or the result has no accounts in its units.
    """
    stated = result.config.thresholds[name]
    result.need_draws("a threshold")
    unit = units().parse(stated.units)
    own = units().parse(result.units or "1")
    if own.dimension != unit.dimension:
        raise UnknownThreshold(
            f"--limit {name}: it is a limit in {unit.text}, the result has none; "
            "leave it out"
        )
    accounts = result.drawn("accounts")
    if accounts is None:
        raise UnknownThreshold(f"--limit {name}: the result has no accounts")
    wanted = [a for a in stated.accounts if a in accounts["account"].values]
    whole = accounts.sel(account=wanted).sum("account", skipna=True, min_count=1)
    absent = whole.isnull().all("draw")
    below = (whole * own.factor < stated.value * unit.factor).mean("draw")
    return Judgement(
        name,
        stated.label or name,
        stated.value,
        unit.text,
        below.where(~absent),
        result.labels,
    )
