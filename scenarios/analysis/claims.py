"""A claim in words, ``footprint < 8 t``: what it compares with what."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.errors import ScenarioError
from scenarios.model.study import Study
from scenarios.results.result import OUTPUTS, PRIMARY
from scenarios.units import units
from uncertainty.arrays import FloatArray
from uncertainty.errors import UncertaintyError, nearest
from uncertainty.model import Model
from uncertainty.model.graph import ABSENT
from uncertainty.units import Unit

SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_CLAIM = re.compile(r"\s*(.+?)\s*(<=|>=|<|>)\s*(.+?)\s*")
_NUMBER = re.compile(r"([-+]?\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?)\s*(.*)")
_NAMED = re.compile(r"([^\[\]]+?)\s*(?:\[\s*([^\[\]]+?)\s*\])?")
FOOTPRINT = "kg CO2e/t"
MASSES = {"t": 1000.0, "kg": 1.0, "g": 0.001}


class ClaimError(ScenarioError):
    """A claim that cannot be read, or that a study cannot answer."""


@dataclass(frozen=True)
class Term:
    """An output of one scenario, or of the one that is looked at.

    Attributes
    ----------
    sign : float
        1 or -1.
    output : str
    scenario : str or None
        None for the one that is looked at.
    factor : float
        Units of the output in base units.
    """

    sign: float
    output: str
    scenario: str | None
    factor: float


@dataclass(frozen=True)
class Claim:
    """``terms`` compared with a number.

    Attributes
    ----------
    text : str
        As it was written.
    terms : tuple of Term
        Their sum is compared.
    sign : str
        One of `SIGNS`.
    limit : float
        In `units`.
    units : str
    """

    text: str
    terms: tuple[Term, ...]
    sign: str
    limit: float
    units: str

    @property
    def free(self) -> bool:
        """Whether it speaks of any scenario, and not of named ones alone."""
        return any(term.scenario is None for term in self.terms)

    def holds(self, margin: FloatArray) -> Any:
        """In which draws it holds, by the sum of the terms in `units`."""
        return SIGNS[self.sign](margin, self.limit)


def read_claim(text: str, study: Study) -> Claim:
    """A claim about outputs of a study.

    Parameters
    ----------
    text : str
        ``A < B`` (or ``<= > >=``), where each side is a number with units, an output,
        ``output[scenario]``, a scenario (its footprint), or the difference of two. A
        number without units is in those of the output, of a footprint in tonnes.
    study : Study

    Raises
    ------
    ClaimError
        With every fault of it.

    Examples
    --------
    >>> from scenarios import load
    >>> read_claim("footprint < 8 t", load("configs/minimal.yaml")).limit
    8000.0
    """
    parts = _CLAIM.fullmatch(text)
    if parts is None:
        raise ClaimError(
            f"--claim {text}: write two sides and a sign: 'footprint < 8 t'"
        )
    faults: list[str] = []
    found: list[tuple[float, Term | str]] = []
    for side, sign in ((parts[1], 1.0), (parts[3], -1.0)):
        if _NUMBER.fullmatch(side):
            found.append((sign, side))
            continue
        pieces = [side] if _known(side, study) else re.split(r"\s+-\s+|-", side)
        for i, piece in enumerate(pieces):
            term = _term(piece, -sign if i else sign, study, faults)
            found.append((sign, term or ""))
    terms = [term for _, term in found if isinstance(term, Term)]
    numbers = [(sign, one) for sign, one in found if isinstance(one, str) and one]
    if not faults and not terms:
        faults.append("nothing in it depends on a draw; name an output")
    known = {term.output: _unit(term.output, study) for term in terms}
    if len({unit.dimension for unit in known.values()}) > 1:
        listed = ", ".join(f"{name} ({unit.text})" for name, unit in known.items())
        faults.append(f"{listed} do not measure the same thing")
    unit = next(iter(known.values()), units().parse("1"))
    footprint = PRIMARY in known
    limit = 0.0
    for sign, number in numbers if terms else ():
        limit -= sign * _number(number, unit, footprint, faults)
    if faults:
        raise ClaimError("\n".join(f"--claim {text}: {fault}" for fault in faults))
    return Claim(text.strip(), tuple(terms), parts[2], limit, unit.text)


def _known(name: str, study: Study) -> bool:
    rows = (*study.scenarios, *study.config.fleets)
    return name in rows or name in study.config.outputs or name == PRIMARY


def _term(text: str, sign: float, study: Study, faults: list[str]) -> Term | None:
    parts = _NAMED.fullmatch(text.strip())
    if parts is None:
        faults.append(f"{text} is no output; write footprint or footprint[scenario]")
        return None
    name, scenario = parts[1], parts[2]
    rows = (*study.scenarios, *study.config.fleets)
    outputs = [*([PRIMARY] if study.footprint_units else []), *study.config.outputs]
    if name in rows and name not in outputs and scenario is None:
        name, scenario = (PRIMARY if study.footprint_units else outputs[0]), name
    if name not in outputs:
        near = nearest(name, (*outputs, *rows))
        more = near or f"; there are {', '.join(outputs)}"
        faults.append(f"no output is called {name}{more}")
        return None
    if scenario is not None and scenario not in rows:
        faults.append(f"no scenario is called {scenario}{nearest(scenario, rows)}")
        return None
    return Term(sign, name, scenario, _unit(name, study).factor)


def _unit(output: str, study: Study) -> Unit:
    if output == PRIMARY:
        return units().parse(str(study.footprint_units))
    return units().parse(study.config.outputs[output].units)


def _number(text: str, unit: Unit, footprint: bool, faults: list[str]) -> float:
    """A number of a claim in `unit`."""
    parts = _NUMBER.fullmatch(text)
    assert parts is not None
    number, stated = float(parts[1]), parts[2].strip()
    short = stated.removesuffix(" CO2e")
    if footprint and unit.text == FOOTPRINT and (not stated or short in MASSES):
        return number * MASSES[short or "t"]
    if not stated:
        return number
    try:
        own = units().parse(stated)
    except UncertaintyError as error:
        faults.append(str(error))
        return number
    if own.dimension != unit.dimension:
        faults.append(f"{text} is in other units; write it in {unit.text}")
        return number
    return number * own.factor / unit.factor


def terms_of(
    model: Model, claim: Claim, scenario: str, year: int | None
) -> list[tuple[int, float]]:
    """Node of each term in one scenario and year, and what a claim counts it by.

    Empty where the scenario has no such year.
    """
    column = model.years.index(year) if year is not None else 0
    whole = units().parse(claim.units).factor
    found = []
    for term in claim.terms:
        row = model.scenarios.index(term.scenario or scenario)
        table = model.outputs[PRIMARY if term.output == PRIMARY else OUTPUTS]
        if term.output == PRIMARY:
            node, own = int(table.nodes[row, column]), 1.0
        else:  # in its own units already
            place = table.coords["output"].index(term.output)
            node, own = int(table.nodes[row, column, place]), term.factor
        if node == ABSENT:
            return []
        found.append((node, term.sign * own / whole))
    return found
