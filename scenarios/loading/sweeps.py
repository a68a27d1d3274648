"""Sweeps: one scenario a point, on a grid or one input at a time."""

from collections.abc import Iterator, Mapping
from itertools import product

from scenarios.errors import Origin
from scenarios.language.changes import Change
from scenarios.language.config import Scenario
from scenarios.language.label import Label
from scenarios.language.levers import Range
from scenarios.loading.draft import Draft
from scenarios.loading.faults import Faults
from uncertainty.errors import nearest

MOST_POINTS = 1000
"""Points that one sweep may have (design section 14.16)."""

Point = dict[str, float]


def with_sweeps(draft: Draft, faults: Faults) -> Draft:
    """A draft with every sweep written out as scenarios.

    A sweep ``x`` of eleven points becomes ``x_01`` to ``x_11``. One that is at fault is
    left out.
    """
    found: dict[str, Scenario] = {}
    origins: dict[tuple[str, str], Origin] = {}
    for name, scenario in draft.config.scenarios.items():
        if not scenario.sweep:
            found[name] = scenario
            continue
        origin = draft.origin("scenarios", name)
        wrong = list(_faults(scenario, draft.config.inputs))
        for path, message in wrong:
            faults.add(origin.fault(message, "sweep", *path))
        if wrong:
            continue
        points = list(_points(scenario))
        width = len(str(len(points)))
        for i, point in enumerate(points, start=1):
            made = f"{name}_{i:0{width}d}"
            found[made] = _at(scenario, name, point, first=i == 1)
            origins["scenarios", made] = origin
    return draft.updated(origins, scenarios=found)


def _values(stated: Range | list[float]) -> list[float]:
    return stated.values() if isinstance(stated, Range) else stated


def _faults(
    scenario: Scenario, known: Mapping[str, object]
) -> Iterator[tuple[tuple[str, ...], str]]:
    size = 1
    for id, stated in scenario.sweep.items():
        if id not in known:
            yield (id,), f"no such input{nearest(id, known)}"
        elif id in scenario.set or id in scenario.scale:
            yield (id,), "is changed by the same scenario; do one of the two"
        if not _values(stated):
            yield (id,), "has no values"
        size *= len(_values(stated))
    if size > MOST_POINTS:
        yield (), f"{size} points; the limit is {MOST_POINTS}"


def _points(scenario: Scenario) -> Iterator[Point]:
    values = {id: _values(stated) for id, stated in scenario.sweep.items()}
    if scenario.mode == "grid":
        for combination in product(*values.values()):
            yield dict(zip(values, combination, strict=True))
        return
    for id, each in values.items():
        for value in each:
            yield {id: value}


def _at(scenario: Scenario, name: str, point: Point, *, first: bool) -> Scenario:
    """The scenario at one point of its sweep."""
    changes = {
        id: Change(value=value, source=scenario.source or "a point of the sweep")
        for id, value in point.items()
    }
    told = ", ".join(f"{id} = {value:g}" for id, value in point.items())
    label = scenario.label or Label(name)
    zh = f"{label.zh}：{told}" if label.zh else ""
    return scenario.model_copy(
        update={
            "label": Label(f"{label}: {told}", zh),
            "reference": scenario.reference and first,
            "set": {**scenario.set, **changes},
            "sweep": {},
            "mode": "grid",
        }
    )
