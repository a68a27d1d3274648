"""What the live page needs of a study, as plain data and code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scenarios.errors import NOWHERE, ScenarioError, called
from scenarios.explorer import draws, offers
from scenarios.explorer.cells import Cells, Here, Pool, places
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
    ) -> None:
        system = study.system()
        if system is None:
            raise ExplorerError(
                f"{study.name} has no declared unit and no processes, so there is no "
                "footprint to move; plot its outputs with `potline plot`"
            )
        self.study = study
        self.names, self.left_out = _names(study, scenarios)
        self.cells = Cells(study, system, self.names)
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
        leaves: list[Quantile] = list(cells.leaves)
        if len(leaves) > MOST_INPUTS:
            raise ExplorerError(_too_many(len(leaves), self.names))
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
            "slots": list(cells.slots),
            "forms": list(self.forms),
            "fills": list(self.fills),
            "rules": [json.loads(rule) for rule in self.rules],
            "supplies": [
                {
                    "id": name,
                    "options": [
                        offers.option(one, study, cells.technologies, cells.losses)
                        for one in options
                    ],
                }
                for name, options in cells.options.items()
            ],
            "mixes": {n: cells.tables.mixes[n].label or n for n in cells.mixes},
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
            "study": draws.text(study),
        }

    def script(self) -> str:
        """The functions of the model."""
        lists = (f"{word}:[{','.join(x)}]" for word, x in self.cells.code.items())
        return f"const MODEL={{{','.join(lists)}}};"

    def _scenario(self, name: str) -> dict[str, Any]:
        here = list(places(self.study, name))
        scenario = here[0].scenario
        chosen = supplies(self.study.config.supplies, scenario)
        return {
            "name": name,
            "label": scenario.label or name,
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
            "inputs": self._inputs(here[0]),
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
        if what.composition is not None:
            label = f"{id.rsplit('.', 1)[-1]}: {label}"
        return label


def _names(study: Study, asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """Scenarios that can be moved exactly, and labels of those that cannot."""
    known = study.scenarios
    labels = {name: one.label or name for name, one in known.items()}
    asked = [called(name, labels) for name in asked]
    for name in asked:
        if name not in known:
            raise ExplorerError(f"no scenario is called {name}{nearest(name, known)}")
    own = {
        name: any(c.independent is not None or c.correlated for c in s.set.values())
        for name, s in known.items()
        if not asked or name in asked
    }
    kept = [name for name, draws_alone in own.items() if not draws_alone]
    if not kept:
        raise ExplorerError(
            "every scenario asked for draws inputs of its own (`independent`), which "
            "a copy under another name would draw anew"
        )
    return kept, [known[name].label or name for name in own if name not in kept]


def _place(options: list[Any], supply: Any) -> int:
    return [offers.stated(one) for one in options].index(offers.stated(supply))


def _too_many(count: int, names: Sequence[str]) -> str:
    shown = " ".join(f"--scenarios {name}" for name in names[:2])
    return (
        f"the study draws {count} inputs, more than the {MOST_INPUTS} that a page can "
        f"hold; choose scenarios that need fewer, such as {shown}, or state inputs "
        "that matter little as plain numbers"
    )
