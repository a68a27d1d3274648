"""What the live page needs of a study, as plain data and code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scenarios.errors import NOWHERE, ScenarioError, called
from scenarios.explorer import draws, offers
from scenarios.explorer.cells import Cells, Here, Pool, places
from scenarios.language.config import Scenario
from scenarios.language.label import told
from scenarios.language.levers import Fleet
from scenarios.model.cell import Cell
from scenarios.model.definitions import Definition, quantity
from scenarios.model.scenario import supplies
from scenarios.model.study import Study
from scenarios.units import units
from uncertainty.errors import nearest
from uncertainty.model.graph import Graph, Quantile

MOST_INPUTS = 1_500
"""Distinct arrays of draws that a page can hold with a useful number of draws."""

Form = tuple[float, tuple[tuple[float, int], ...]]
"""A constant, and (weight, leaf) pairs to add to it."""


class ExplorerError(ScenarioError):
    """A study cannot be put into a page."""


class Explored:
    """What the page needs of a study.

    Parameters
    ----------
    study : Study
        Loaded with the number of draws that the page takes.
    scenarios : sequence of str
        Scenarios to choose from; all that can be moved by default.
    inputs : sequence of str
        Inputs to offer; all that can be moved by default.
    language : {"en", "zh"}
        Of its labels.
    technologies : mapping of str to str, optional
        Technologies of power in that language, by their ids.

    Raises
    ------
    ExplorerError
        The study has no footprint, no scenario that can be moved exactly, or too many
        inputs; a name is not known.
    """

    def __init__(
        self,
        study: Study,
        scenarios: Sequence[str] = (),
        inputs: Sequence[str] = (),
        language: str = "en",
        technologies: Mapping[str, str] | None = None,
    ) -> None:
        system = study.system()
        if system is None:
            raise ExplorerError(
                f"{study.name} has no declared unit and no processes, so there is no "
                "footprint to move; plot its outputs with `potline plot`"
            )
        self.names, self.fleets, closed = _names(study, scenarios)
        self.technologies = technologies or {}
        self.text = draws.text(study)  # in both languages
        self.study, self.language = study.in_language(language), language
        self.left_out = [self.study.config.fleets[n].label or n for n in closed]
        members = (study.config.fleets[fleet].shares for fleet in self.fleets)
        needed = [*self.names, *(name for shares in members for name in shares)]
        self.cells = Cells(self.study, system, list(dict.fromkeys(needed)))
        for id in inputs:
            if id not in self.cells.known:
                near = nearest(id, self.cells.known)
                raise ExplorerError(f"{id} is no input of this study{near}")
        self.asked = frozenset(inputs)
        self.forms, self.fills, self.rules = Pool(), Pool(), Pool()
        self._graph = Graph()  # values of the inputs as the study has them

    def data(self) -> dict[str, Any]:
        """All of it as plain data, but for the functions."""
        study, cells = self.study, self.cells
        made = [self._scenario(name) for name in self.names]
        for fleet in self.fleets:
            made += self._fleet(fleet, len(made))
        leaves: list[Quantile] = list(cells.leaves)
        if len(leaves) > MOST_INPUTS:
            shown = " ".join(f"--scenarios {name}" for name in self.names[:2])
            raise ExplorerError(
                f"the study draws {len(leaves)} inputs, more than the {MOST_INPUTS} "
                f"that a page can hold; choose scenarios that need fewer, such as "
                f"{shown}, or state inputs that matter little as plain numbers"
            )
        points, levels = study.plan(study.model())
        columns = list(dict.fromkeys(leaf.column for leaf in leaves))
        reference = study.reference
        return {
            "name": study.name,
            "title": study.title,
            "units": study.footprint_units,
            "draws": points.draws,
            "replicates": points.replicates,
            "seed": points.seed,
            "design": points.kind,
            "probability": study.settings.coverage_probability,
            "years": sorted({year for one in made for year in one["years"]}),
            "scenarios": made,
            "leftOut": self.left_out,
            "reference": self.names.index(reference) if reference in self.names else 0,
            "kept": self._kept(leaves),
            "slots": list(cells.slots),
            "forms": list(self.forms),
            "fills": list(self.fills),
            "rules": [json.loads(rule) for rule in self.rules],
            "supplies": [
                {
                    "id": name,
                    "options": [
                        offers.option(
                            one, study, cells.technologies, cells.losses, self.language
                        )
                        for one in options
                    ],
                }
                for name, options in cells.options.items()
            ],
            "mixes": {
                n: told(cells.tables.mixes[n].label, self.language) or n
                for n in cells.mixes
            },
            "starts": offers.starts(cells.technologies, study),
            "levers": offers.levers(cells.levers),
            "structures": cells.structures,
            "columns": [[column, self._label(column)] for column in columns],
            "leaves": [
                [
                    columns.index(leaf.column),
                    leaf.marginal.mean * leaf.factor,
                    leaf.marginal.sd * leaf.factor,
                    int(leaf.marginal.atoms is not None),
                ]
                for leaf in leaves
            ],
            "values": [
                draws.packed(draws.values(leaf, levels, points.draws))
                for leaf in leaves
            ],
            "ties": draws.ties(leaves, columns, study),
            "study": self.text,
        }

    def script(self) -> str:
        """The functions of the model."""
        lists = (f"{word}:[{','.join(x)}]" for word, x in self.cells.code.items())
        return f"const MODEL={{{','.join(lists)}}};"

    def _fleet(self, name: str, place: int) -> list[dict[str, Any]]:
        """A fleet, and behind it its members, which are no choice of their own."""
        fleet = self.study.config.fleets[name]
        members = [self._scenario(member, name) for member in fleet.shares]
        years = [set(member["years"]) for member in members]
        weights = zip(fleet.shares.values(), range(place + 1, 10**9), strict=False)
        whole: dict[str, Any] = {
            "name": name,
            "label": fleet.label or name,
            "years": sorted(set.intersection(*years)),
            "members": list(weights),
            **{word: {} for word in ("inputs", "supplies", "levers", "adopted")},
            "fixed": True,
        }
        return [whole, *members]

    def _scenario(self, name: str, fleet: str = "") -> dict[str, Any]:
        here = list(places(self.study, name, fleet))
        scenario = here[0].scenario
        fixed = bool(fleet) or _draws_alone(scenario)
        chosen = supplies(self.study.config.supplies, scenario)
        return {
            "name": f"{fleet}.{name}" if fleet else name,
            "label": scenario.label or name,
            "fixed": fixed,
            "member": bool(fleet),
            "stated": scenario.model_dump(
                mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
            ),
            "years": [one.year for one in here if one.year is not None],
            "cells": [
                [self.cells.of(one)["number"], self.fills.place(self._fill(one))]
                for one in here
            ],
            "supplies": {
                supply: _place(options, chosen[supply])
                for supply, options in self.cells.options.items()
            },
            "levers": {n: u.formula is None for n, u in scenario.levers.items()},
            "adopted": {n: offers.largest(u) for n, u in scenario.levers.items()},
            "inputs": {} if fixed else self._inputs(here[0]),
        }

    def _inputs(self, here: Here) -> dict[str, int]:
        """Rule by which each input of a scenario is moved."""
        found = {}
        for slot in self.cells.slots:
            kind, _, id = slot.partition(":")
            before = self.study.definitions.get(id)
            if kind != "input" or before is None or id.startswith("mix."):
                continue
            if self.asked and id not in self.asked:
                continue
            rule = offers.rule(here.definitions[id], before, here.scenario)
            if rule is not None:
                found[id] = self.rules.place(json.dumps(rule))
        return found

    def _kept(self, leaves: list[Quantile]) -> dict[str, list[str]]:
        """Labels of what is not offered, by the reason why."""
        used = {leaf.column for leaf in leaves}
        definitions = self.study.definitions
        shares = [id for id, w in definitions.items() if w.composition and id in used]
        scaled = [id for id in definitions if self._is_scaled(id)]
        return {
            "composition": [self._label(id) for id in shares],
            "scaled": [self._label(id) for id in scaled],
        }

    def _is_scaled(self, id: str) -> bool:
        return f"input:{id}" in self.cells.slots.found and bool(
            self.study.definitions[id].factors
        )

    def _fill(self, here: Here) -> tuple[int, ...]:
        """Form that fills each slot, -1 where a formula stands in its place."""
        stated: Mapping[str, Definition] = {**self.cells.shares, **here.definitions}
        plain = {id: replace(what, factors=()) for id, what in stated.items()}
        paths, tables = self.study.config.paths, self.cells.tables
        cell = Cell(self._graph, plain, here.year, paths, tables=tables)
        return tuple(self._form_of(slot, cell, here) for slot in self.cells.slots)

    def _form_of(self, slot: str, cell: Cell, here: Here) -> int:
        kind, _, name = slot.partition(":")
        if kind == "leaf":
            return self.forms.place((0.0, ((1.0, int(name)),)))
        if kind == "input" and cell.definitions[name].expression is None:
            return self.forms.place(self._form(cell.build(cell.definitions[name])))
        if kind != "lever":
            return -1
        use = here.scenario.levers.get(name)
        if use is None:
            return self.forms.place((0.0, ()))
        if use.formula is not None:
            return -1
        share = quantity(f"adoption.{name}", use, units().parse("1"), NOWHERE)
        return self.forms.place(self._form(cell.build(share)))

    def _form(self, node: int) -> Form:
        """A node of the study's own as a sum of leaves."""
        constant, parts = self._linear(node)
        leaves = self.cells.leaves
        return constant, tuple((w, leaves.place(leaf)) for leaf, w in parts.items())

    def _linear(self, node: int) -> tuple[float, dict[Quantile, float]]:
        payload = self._graph.payloads[node]
        if isinstance(payload, float):
            return payload, {}
        if isinstance(payload, Quantile):
            return 0.0, {payload: 1.0}
        first, second = (self._linear(x) for x in self._graph.operands[node])
        if self._graph.operations[node] == "add":
            both = dict(first[1])
            for leaf, weight in second[1].items():
                both[leaf] = both.get(leaf, 0.0) + weight
            return first[0] + second[0], both
        # on a pathway: the weight of a knot times its value
        weight, knot = (second[0], first) if first[1] else (first[0], second)
        return weight * knot[0], {leaf: weight * w for leaf, w in knot[1].items()}

    def _label(self, column: str) -> str:
        id = column.split("@")[0].removeprefix("scale:")
        what = self.study.definitions.get(id)
        if what is None:
            return id
        label = what.papers.get("label", id)
        if what.composition is not None and label != id:
            part = id.rsplit(".", 1)[-1]
            label = f"{self.technologies.get(part, part)}: {label}"
        return label


def _names(
    study: Study, asked: Sequence[str]
) -> tuple[list[str], list[str], list[str]]:
    """Scenarios and fleets to choose from, and fleets that cannot be."""
    fleets = study.config.fleets
    stated: dict[str, Scenario | Fleet] = {**study.scenarios, **fleets}
    labels = {name: one.label or name for name, one in stated.items()}
    asked = [called(name, labels) for name in asked]
    for name in asked:
        if name not in stated:
            raise ExplorerError(f"no scenario is called {name}{nearest(name, stated)}")
    wanted = [name for name in stated if not asked or name in asked]
    closed = [
        name
        for name in wanted
        if name in fleets
        and not all(isinstance(x, float | int) for x in fleets[name].shares.values())
    ]
    names = [name for name in wanted if name in study.scenarios]
    if not names:
        raise ExplorerError(
            "fleets are shown beside a scenario; ask for one with --scenarios too"
        )
    kept = [name for name in wanted if name in fleets and name not in closed]
    return names, kept, closed


def _draws_alone(scenario: Scenario) -> bool:
    """Whether a copy of a scenario under another name would draw inputs anew."""
    changes = scenario.set.values()
    return any(one.independent is not None or one.correlated for one in changes)


def _place(options: list[Any], supply: Any) -> int:
    return [offers.stated(one) for one in options].index(offers.stated(supply))
