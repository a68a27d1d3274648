"""When a claim fails: how often, for which inputs, and from which year it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from scenarios.analysis.claims import Claim, ClaimError, read_claim, terms_of
from scenarios.loading.restore import study_of
from scenarios.model.study import Study
from scenarios.results.result import Cell, Result
from scenarios.units import units
from uncertainty.arrays import FloatArray
from uncertainty.errors import nearest
from uncertainty.model import Model, Table
from uncertainty.run.propagation import propagate
from uncertainty.sensitivity.regions import (
    SMALLEST,
    BoolArray,
    Found,
    Region,
    Step,
    cart,
    prim,
)
from uncertainty.statistics.proportions import Frequency, frequency

SURE = 0.95
"""Probability with which a claim is said to hold."""
METHODS = ("prim", "cart")
ROUNDING = 1e-6
"""Range of a quantity, over its size, that is no variation."""


@dataclass(frozen=True)
class Condition:
    """Ends within which one quantity of the study lies.

    Attributes
    ----------
    id, label, units : str
    low, high : float
        In `units`; infinite where there is no end.
    quasi_p : float
        Probability by chance of what it adds; see `Region`.
    """

    id: str
    label: str
    units: str
    low: float
    high: float
    quasi_p: float


@dataclass(frozen=True)
class Where:
    """A region of inputs in the words of the study."""

    conditions: tuple[Condition, ...]
    region: Region


@dataclass(frozen=True)
class FirstYear:
    """From when on a claim holds.

    Attributes
    ----------
    scenario, label : str
    year : int or None
        None where it does not hold in the years computed.
    computed : bool
        Whether `year` is a year of the study; if not, the outputs of the years before
        and after are joined by a straight line in every draw.
    between : (int, int)
        Years of the study that it lies between.
    lasting : bool
        Whether it holds in all later years of the study too.
    """

    scenario: str
    label: str
    year: int | None
    computed: bool
    between: tuple[int, int]
    lasting: bool


@dataclass(frozen=True)
class Sample:
    """What a search looked at, for figures.

    Attributes
    ----------
    ids, labels, units : tuple of str
        Of the quantities.
    x : ndarray, shape (quantity, draw)
    compared : ndarray, shape (draw,)
        What is compared with the limit, in the units of the claim.
    fails : ndarray of bool, shape (draw,)
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    units: tuple[str, ...]
    x: FloatArray
    compared: FloatArray
    fails: BoolArray


@dataclass(frozen=True)
class Discovery:
    """What is found about a claim.

    Attributes
    ----------
    claim : Claim
    cell : Cell
        Scenario and year that were searched.
    probabilities : tuple of (Cell, Frequency)
        That the claim fails, for each scenario and year.
    rare : {"fails", "holds"}
        What happens in fewer draws, whose regions are looked for.
    method : str
    regions : tuple of Where
        Empty if none is better than chance on draws that were not searched.
    path : tuple of Step
        Of the first peeling.
    years : tuple of FirstYear
        Of each scenario; empty for a study without years.
    sure : float
        Probability asked of `years`.
    sample : Sample
    """

    claim: Claim
    cell: Cell
    probabilities: tuple[tuple[Cell, Frequency], ...]
    rare: Literal["fails", "holds"]
    method: str
    regions: tuple[Where, ...]
    path: tuple[Step, ...]
    years: tuple[FirstYear, ...]
    sure: float
    sample: Sample

    @property
    def fails(self) -> Frequency:
        """Probability that the claim fails where it was searched."""
        return next(p for cell, p in self.probabilities if cell == self.cell)

    def as_object(self) -> dict[str, Any]:
        """The same for machines; an end that is not there is null."""
        return {
            "claim": self.claim.text,
            "units": self.claim.units,
            "scenario": self.cell.scenario,
            "year": self.cell.year,
            "method": self.method,
            "probabilities": [
                {"scenario": c.scenario, "year": c.year, "fails": asdict(p)}
                for c, p in self.probabilities
            ],
            "regions_of": self.rare,
            "regions": [
                {
                    "conditions": [
                        {k: _ended(v) for k, v in asdict(c).items()}
                        for c in one.conditions
                    ],
                    **{k: getattr(one.region, k) for k in _SHOWN},
                    "held_out": dict(
                        zip(("coverage", "density"), one.region.held_out, strict=True)
                    ),
                }
                for one in self.regions
            ],
            "first_years": [asdict(one) for one in self.years],
            "probability": self.sure,
        }


_SHOWN = ("draws", "events", "coverage", "density", "mass", "p")


def _ended(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def discover(
    subject: Result | Study,
    claim: str,
    *,
    scenario: str | None = None,
    year: int | None = None,
    method: str = "prim",
    probability: float = SURE,
) -> Discovery:
    """When a claim fails, and where among the inputs.

    Parameters
    ----------
    subject : Result or Study
        The draws are those of the run, of the inputs and of every formula by name.
    claim : str
        See `read_claim`.
    scenario : str, optional
        Where to look; by default the reference. Not where the claim names its own.
    year : int, optional
        By default the first of the study.
    method : {"prim", "cart"}
        Boxes, or a tree (extra ``discover``).
    probability : float
        With which the claim is to hold, for the first year of it.

    Raises
    ------
    ClaimError
        The claim cannot be read or answered.
    SampleError
        Too few draws to search; no scikit-learn for a tree.

    Examples
    --------
    >>> from scenarios import load
    >>> study = load("configs/minimal.yaml", settings={"draws": 4096})
    >>> found = discover(study, "footprint < 12 t")
    >>> found.regions[0].conditions[0].id
    'power.mee24_national'
    """
    if method not in METHODS:
        raise ClaimError(f"no method is called {method}; write prim or cart")
    if not 0 < probability < 1:
        raise ClaimError(f"{probability:g} is no probability between 0 and 1")
    seen = observed(subject, claim, scenario=scenario, year=year)
    read, cell, margins, sample = seen.claim, seen.cell, seen.margins, seen.sample
    fails = {one: ~read.holds(margin) for one, margin in margins.items()}
    told = tuple(
        (one, frequency(event, replicates=seen.replicates))
        for one, event in fails.items()
    )
    rare: Literal["fails", "holds"] = "fails" if fails[cell].mean() <= 0.5 else "holds"
    event = fails[cell] if rare == "fails" else ~fails[cell]
    few = event.sum() < SMALLEST
    search = {"prim": prim, "cart": cart}[method]
    searched = Found(()) if few else search(sample.x, event)
    return Discovery(
        read,
        cell,
        told,
        rare,
        method,
        tuple(_where(sample, region) for region in searched.regions),
        searched.path,
        tuple(_first_years(read, margins, probability)),
        probability,
        sample,
    )


@dataclass(frozen=True)
class Observed:
    """Draws of what a claim compares, and of every quantity behind it.

    Attributes
    ----------
    claim : Claim
    cell : Cell
        Scenario and year that are looked at.
    margins : mapping of Cell to ndarray, shape (draw,)
        What is compared with the limit, in the units of the claim.
    sample : Sample
        Of the one cell.
    replicates : int
    """

    claim: Claim
    cell: Cell
    margins: dict[Cell, FloatArray]
    sample: Sample
    replicates: int


def observed(
    subject: Result | Study,
    claim: str,
    *,
    scenario: str | None = None,
    year: int | None = None,
) -> Observed:
    """Draws behind a claim; parameters and errors as for `discover`."""
    study = subject if isinstance(subject, Study) else study_of(subject)
    draws = None if isinstance(subject, Study) else subject.draws
    read = read_claim(claim, study)
    model = study.model()
    rows = list(_rows(study, model, read))
    cell = _cell(study, model, read, rows, scenario, year)
    wanted = {node for _, terms in rows for node, _ in terms}
    found = _candidates(study, model, read, cell, dict(rows)[cell])
    drawn = _drawn(study, model, [*wanted, *(node for node, _ in found)], draws)
    margins = {
        one: np.sum([drawn[node] * by for node, by in terms], axis=0)
        for one, terms in rows
    }
    if isinstance(subject, Result):
        _same(subject, read, cell, margins[cell])
    fails = ~read.holds(margins[cell])
    sample = _sample(study, found, drawn, margins[cell], fails)
    replicates = study.plan(model, draws)[0].replicates
    return Observed(read, cell, margins, sample, replicates)


Terms = list[tuple[int, float]]
"""Nodes of a claim, and what each is counted by."""


def _rows(study: Study, model: Model, claim: Claim) -> Iterator[tuple[Cell, Terms]]:
    """Scenarios and years that have what a claim speaks of."""
    labels = {
        **{name: one.label for name, one in study.scenarios.items()},
        **{name: one.label for name, one in study.config.fleets.items()},
    }
    named = [term.scenario for term in claim.terms if term.scenario is not None]
    for name in model.scenarios if claim.free else named[:1]:
        label = (labels.get(name) or name) if claim.free else claim.text
        for year in model.years or (None,):
            if terms := terms_of(model, claim, name, year):
                yield Cell(name, year, label, name == study.reference), terms


def _cell(
    study: Study,
    model: Model,
    claim: Claim,
    rows: Sequence[tuple[Cell, Terms]],
    scenario: str | None,
    year: int | None,
) -> Cell:
    """The cell to search."""
    if not claim.free and scenario is not None:
        raise ClaimError("the claim names its scenarios; leave --scenario out")
    labels = {cell.label: cell.scenario for cell, _ in rows}
    name = labels.get(str(scenario), scenario) or study.reference
    if not claim.free:
        name = rows[0][0].scenario if rows else ""
    if name not in model.scenarios:
        near = nearest(name, model.scenarios)
        raise ClaimError(f"no scenario is called {name}{near}")
    own = [cell for cell, _ in rows if cell.scenario == name]
    found = [cell for cell in own if year is None or cell.year == year]
    if not found:
        there = ", ".join(str(cell.year) for cell in own if cell.year) or "none"
        raise ClaimError(f"{name} has no year {year}; it has {there}")
    return found[0]


def _candidates(
    study: Study, model: Model, claim: Claim, cell: Cell, terms: Terms
) -> list[tuple[int, str]]:
    """Inputs and named formulas that the claim reads, with what to call them."""
    graph = model.graph
    found: dict[int, str] = {}
    sides = [
        (term.scenario or cell.scenario, node)
        for term, (node, _) in zip(claim.terms, terms, strict=True)
    ]
    # what the reference has keeps its bare name
    for scenario, node in sorted(sides, key=lambda one: one[0] != study.reference):
        for one in graph.upstream([node]):
            label = graph.labels.get(one, "")
            if label not in study.definitions or graph.value(one) is not None:
                continue
            if one in found or label not in found.values():
                found.setdefault(one, label)
                continue
            # the same id, drawn or made otherwise: in another scenario, or a plant
            other = f"{label}@{scenario}"
            count = sum(name.startswith(other) for name in found.values())
            found[one] = f"{other}#{count + 1}" if count else other
    return list(found.items())


def _drawn(
    study: Study, model: Model, nodes: Sequence[int], draws: int | None
) -> dict[int, FloatArray]:
    """Draws of some nodes, in base units, as a run makes them."""
    every = list(dict.fromkeys(nodes))
    table = Table(
        "nodes",
        "Nodes",
        np.array(every, dtype=np.int64).reshape(1, 1, -1),
        "1",
        dims=("node",),
        coords={"node": tuple(map(str, every))},
        shared=("scenario", "year"),
    )
    points, levels = study.plan(model, draws)
    values = propagate(model, points, [table], levels=levels)["nodes"].values
    return dict(zip(every, values, strict=True))


def _same(result: Result, claim: Claim, cell: Cell, margin: FloatArray) -> None:
    """Refuse a result whose draws are not those that its config makes again."""
    stored = np.zeros_like(margin)
    for term in claim.terms:
        own = replace(cell, scenario=term.scenario or cell.scenario)
        sample = result.sample(own, term.output)
        if sample is None:
            return  # statistics only
        whole = units().parse(claim.units).factor
        stored = stored + term.sign * sample * (term.factor / whole)
    if not np.allclose(stored, margin, rtol=1e-5, atol=1e-6 * np.abs(stored).max()):
        raise ClaimError(
            f"{result.study}: the config in the result does not make its draws again "
            "(a Python function stands behind them); ask the study itself"
        )


def _sample(
    study: Study,
    found: Sequence[tuple[int, str]],
    drawn: dict[int, FloatArray],
    compared: FloatArray,
    fails: BoolArray,
) -> Sample:
    """Quantities that vary, each once, in their own units."""
    ids, labels, names, rows = [], [], [], []
    seen: set[bytes] = set()
    for node, id in found:
        what = study.definitions[id.partition("@")[0]]
        x = drawn[node] / what.unit.factor
        order = np.argsort(x, kind="stable")
        # one that only rises or falls with another says nothing more
        keys = {order.tobytes(), np.argsort(-x, kind="stable").tobytes()}
        low, high = float(x[order[0]]), float(x[order[-1]])
        if high - low <= ROUNDING * max(abs(low), abs(high)) or keys & seen:
            continue
        seen |= keys
        ids.append(id)
        labels.append(_label(study, id))
        names.append(what.unit.text)
        rows.append(x)
    if not rows:
        raise ClaimError("no input varies in what the claim speaks of")
    x = np.stack(rows)
    return Sample(tuple(ids), tuple(labels), tuple(names), x, compared, fails)


def _label(study: Study, id: str) -> str:
    """What to call a quantity; one share of several is told by its own word."""
    bare, _, where = id.partition("@")
    what = study.definitions[bare]
    label = str(what.papers.get("label") or bare)
    if what.composition is not None and label != bare:
        label = f"{label} ({bare.rpartition('.')[2]})"
    return f"{label} [{where}]" if where else label


def _where(sample: Sample, region: Region) -> Where:
    """A region by the names of the study, what matters most first."""
    limits = sorted(region.limits.items(), key=lambda one: region.quasi_p[one[0]])
    conditions = (
        Condition(
            sample.ids[i],
            sample.labels[i],
            sample.units[i],
            *ends,
            region.quasi_p[i],
        )
        for i, ends in limits
    )
    return Where(tuple(conditions), region)


def _first_years(
    claim: Claim, margins: dict[Cell, FloatArray], sure: float
) -> Iterator[FirstYear]:
    """For each scenario the first year from which a claim holds."""
    for name in dict.fromkeys(cell.scenario for cell in margins):
        cells = sorted(
            (c for c in margins if c.scenario == name and c.year is not None),
            key=lambda cell: cell.year or 0,
        )
        if len(cells) < 2:
            continue
        years = [int(cell.year or 0) for cell in cells]
        hold = [float(claim.holds(margins[c]).mean()) >= sure for c in cells]
        if not any(hold):
            ends = (years[-1], years[-1])
            yield FirstYear(name, cells[0].label, None, True, ends, False)
            continue
        k = hold.index(True)
        before = max(k - 1, 0)
        year = years[k]
        low, high = margins[cells[before]], margins[cells[k]]
        for between in range(years[before] + 1, years[k]):
            part = (between - years[before]) / (years[k] - years[before])
            joined = (1 - part) * low + part * high
            if claim.holds(joined).mean() >= sure:
                year = between
                break
        ends = (years[before], years[k])
        computed = year == years[k]
        yield FirstYear(name, cells[0].label, year, computed, ends, all(hold[k:]))
