"""Scenarios of one or more results in one line, their draws side by side.

Scenarios that share draws keep them in the order of the design; what is independent
is joined in random order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenarios.analysis.comparison.pairing import obstacle
from scenarios.errors import ScenarioError
from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result
from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import nearest
from uncertainty.seeds import generator


class ComparisonError(ScenarioError):
    """What is to be compared does not exist or does not measure the same thing."""


@dataclass(frozen=True)
class Member:
    """One scenario of one of the results."""

    name: str
    label: str
    scenario: str
    result: int


@dataclass(frozen=True)
class Couple:
    """Draws of two scenarios side by side.

    Attributes
    ----------
    first, second : ndarray, shape (draw,)
    replicates : int
        Of the design; 1 where the draws were joined at random.
    effective : int
        Draws of the smaller of both; that many independent ones the couple is worth
        where it was joined at random.
    mean_error : float or None
        Standard error of the difference of both means where they are not paired;
        None where it has to come from the paired differences.
    """

    first: FloatArray
    second: FloatArray
    replicates: int
    effective: int
    mean_error: float | None = None


class Lineup:
    """Scenarios of one or more results under unique names.

    Attributes
    ----------
    results : list of Result
    members : list of Member
    years : list of int
        Empty if the results have none.
    quantities : dict of output to units
        The footprint first, if there is one.
    left_out : list of str
        Outputs of which only statistics were stored.
    draws : int
        Of the largest result.

    Raises
    ------
    ComparisonError
        Fewer than two scenarios, results with and without years, or one quantity in
        two units.
    """

    def __init__(
        self, results: Sequence[Result], outputs: Sequence[str] | None = None
    ) -> None:
        self.results = list(results)
        for result in self.results:
            result.need_draws("a comparison")
        self.members = _members(self.results)
        if len(self.members) < 2:
            raise ComparisonError("one scenario alone; a comparison takes two")
        dated = [bool(result.years) for result in self.results]
        if any(dated) and not all(dated):
            raise ComparisonError("one result has years and another has none")
        self.years = sorted({year for one in self.results for year in one.years})
        self.quantities, self.left_out = _quantities(self.results, outputs)
        self.draws = max(result.draws for result in self.results)

    def find(self, name: str | None) -> int:
        """Position of the reference: `name`, or what the first result marks.

        Raises
        ------
        ComparisonError
            There is no such scenario, or several results have one of that name.
        """
        names = [member.name for member in self.members]
        if name is None:
            return self.results[0].scenarios.index(self.results[0].reference)
        if name in names:
            return names.index(name)
        called = [
            i for i, m in enumerate(self.members) if name in (m.scenario, m.label)
        ]
        if len(called) == 1:
            return called[0]
        if called:
            those = ", ".join(names[i] for i in called)
            raise ComparisonError(f"{name} stands in several results: say {those}")
        raise ComparisonError(f"no scenario {name!r}{nearest(name, names)}")

    def values(self, place: int, output: str, year: int | None) -> FloatArray | None:
        """Draws of a quantity in one scenario and year; None where it is absent."""
        member = self.members[place]
        cell = Cell(member.scenario, year, member.label)
        return self.results[member.result].sample(cell, output)

    def cells(self, output: str, year: int | None) -> dict[int, FloatArray]:
        """Draws of a quantity by position of the scenario, where it is present."""
        found = {i: self.values(i, output, year) for i in range(len(self.members))}
        return {i: values for i, values in found.items() if values is not None}

    def reason(self, i: int, j: int) -> str:
        """Why two members are not paired; empty if they are."""
        first, second = sorted((self.members[i].result, self.members[j].result))
        return "" if first == second else self._obstacles[first, second]

    def couple(self, i: int, first: FloatArray, j: int, second: FloatArray) -> Couple:
        """Draws of members i and j side by side."""
        if not self.reason(i, j):
            return Couple(first, second, self.replicates(i), first.size)
        joined = self.joint(i, first), self.joint(j, second)
        errors = (
            _mean_error(values, self.replicates(place))
            for place, values in ((i, first), (j, second))
        )
        effective = min(first.size, second.size)
        return Couple(*joined, 1, effective, math.hypot(*errors))

    def replicates(self, place: int) -> int:
        """Replicates of the design that a member was drawn with."""
        return self.results[self.members[place].result].replicates

    def joint(self, place: int, values: FloatArray) -> FloatArray:
        """Draws of a member in an order common to all: shape (self.draws,)."""
        order = self._orders[self._groups[self.members[place].result]]
        return values if order is None else values[order]

    def shuffled(self, values: FloatArray) -> FloatArray:
        """Draws of the first result in random order: no longer paired with anything."""
        rng = generator(self.results[0].seed, "unpaired", "shuffled")
        return rng.permutation(values)

    @cached_property
    def _obstacles(self) -> dict[tuple[int, int], str]:
        return {
            (i, j): obstacle(self.results[i], self.results[j])
            for j in range(len(self.results))
            for i in range(j)
        }

    @cached_property
    def _groups(self) -> list[int]:
        """Group of each result; all results of a group are paired with each other."""
        groups: list[int] = []
        for j in range(len(self.results)):
            known = range(max(groups, default=-1) + 1)
            fits = (
                g
                for g in known
                if all(
                    not self._obstacles[i, j]
                    for i, own in enumerate(groups)
                    if own == g
                )
            )
            groups.append(next(fits, len(known)))
        return groups

    @cached_property
    def _orders(self) -> list[IntArray | None]:
        """Random order of each group's draws; the first keeps its own if it can.

        A group with fewer draws than the largest is gone through again and again,
        each time in a new order.
        """
        orders: list[IntArray | None] = []
        for group in range(max(self._groups) + 1):
            result = self.results[self._groups.index(group)]
            size = result.draws
            if group == 0 and size == self.draws:
                orders.append(None)
                continue
            rng = generator(result.seed, "unpaired", group)
            rounds = -(-self.draws // size)
            whole = np.concatenate([rng.permutation(size) for _ in range(rounds)])
            orders.append(whole[: self.draws])
        return orders


def _mean_error(values: FloatArray, replicates: int) -> float:
    """Standard error of a mean under its own design."""
    if replicates > 1:
        values = values.reshape(replicates, -1).mean(axis=1)
    return float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else 0


def _members(results: list[Result]) -> list[Member]:
    """Scenarios of all results; a name that several have gets the study's, or more."""
    found: list[Member] = []
    stated = [name for result in results for name in result.scenarios]
    studies = [result.study for result in results]
    for i, result in enumerate(results):
        own = studies[i] if studies.count(studies[i]) == 1 else f"{studies[i]} {i + 1}"
        for name, label in result.labels.items():
            if stated.count(name) == 1:
                found.append(Member(name, label, name, i))
            else:
                found.append(Member(f"{own}:{name}", f"{label} ({own})", name, i))
    return found


def _quantities(
    results: list[Result], outputs: Sequence[str] | None
) -> tuple[dict[str, str], list[str]]:
    """Units of each quantity that has draws, and what has none."""
    found: dict[str, str] = {}
    left_out: dict[str, None] = {}
    kept = {
        PRIMARY: [result for result in results if result.drawn(PRIMARY) is not None],
        OUTPUTS: [result for result in results if result.drawn(OUTPUTS) is not None],
    }
    wanted = [(PRIMARY, result) for result in kept[PRIMARY]]
    wanted += [(name, result) for result in kept[OUTPUTS] for name in result.outputs]
    for name, result in wanted:
        if outputs is not None and name not in outputs:
            continue
        units = result.units_of(name)
        if found.setdefault(name, units) != units:
            raise ComparisonError(f"{name} is in {found[name]} and in {units}")
    for result in results:
        left_out |= dict.fromkeys(result.outputs)
    return found, [name for name in left_out if name not in found]
