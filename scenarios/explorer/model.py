"""A study as data and straight-line code in which what a reader may move is open.

The cells of the study are built once more into a graph of their own. There each input,
each supply's factor and each lever's adoption is a leaf, a *slot*, that is filled in the
page: with the study's own draws, or with those moved. Scenarios and years that then
have the same arithmetic share one function.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from scenarios.errors import ScenarioError
from scenarios.explorer.code import loop
from scenarios.explorer.moves import move
from scenarios.language.config import Scenario
from scenarios.language.levers import LeverUse
from scenarios.language.quantities import Supply
from scenarios.language.yaml_text import nearest
from scenarios.library import catalogue as library
from scenarios.model.cell import Cell
from scenarios.model.definitions import Definition, quantity
from scenarios.model.inventory import Inventory, inventory, publish
from scenarios.model.levers import Adopted, touched
from scenarios.model.power import Supplied, blend, supplied
from scenarios.model.scenario import changed, supplies
from scenarios.model.study import Study
from scenarios.units import units
from uncertainty.arrays import FloatArray
from uncertainty.dependence import pearson, score_correlations
from uncertainty.designs import Levels
from uncertainty.distributions import build
from uncertainty.distributions.tabulated import tabulate
from uncertainty.model import Model
from uncertainty.model.graph import Graph, Quantile
from uncertainty.seeds import PAGE

OPEN = build("normal", {"mean": 0.0, "sd": 1.0})
"""Stands for whatever fills a slot; no constant, so that no arithmetic is done on it."""
SUPPLY, INPUT, LEVER = "supply:", "input:", "lever:"
"""What a slot's column begins with; no id of a study has a colon."""
DIGITS = 48
"""Binary digits of a draw in the page, over the range of its input."""
MOST_INPUTS = 1_500
"""Distinct arrays of draws that a page can hold with a useful number of draws."""

Form = tuple[float, tuple[tuple[float, int], ...]]
"""A constant, and (weight, leaf) pairs to add to it."""


class ExplorerError(ScenarioError):
    """A study cannot be put into a page."""


@dataclass(frozen=True)
class Here:
    """One scenario in one year, as the study states it."""

    name: str
    scenario: Scenario
    year: int | None
    definitions: Mapping[str, Definition]


@dataclass
class Pool:
    """Things kept once each, by what they are, under a running number."""

    found: dict[Any, int] = field(default_factory=dict)

    def place(self, thing: Any) -> int:
        """Number of a thing; a new one if it was not there."""
        return self.found.setdefault(thing, len(self.found))

    def __iter__(self) -> Iterator[Any]:
        """Things in the order of their numbers."""
        return iter(self.found)


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
        The study has no footprint, or no scenario that can be moved exactly; a name is
        not known.
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
        self.study, self.system = study, system
        self.left_out: list[str] = []
        self.names = self._names(scenarios)
        self.graph = Graph()
        self.slots, self.leaves, self.elements = Pool(), Pool(), Pool()
        self.cells, self.forms, self.rules, self.fills = Pool(), Pool(), Pool(), Pool()
        self.code: dict[str, list[str]] = {"cells": [], "elements": []}
        self.levers = self._levers()
        self.options = {name: self._options(name) for name in system.supplies}
        self.model: Model = study.model()
        self.known = frozenset(self.model.inputs)
        self._check_inputs(inputs)
        self.asked = frozenset(inputs)
        self._shared: dict[Any, dict[str, Any]] = {}
        self._plain = Graph()

    def data(self) -> dict[str, Any]:
        """All of it as plain data; ``code`` is the text of two lists of functions."""
        study = self.study
        heres = {name: list(self._places(name)) for name in self.names}
        every = [here for places in heres.values() for here in places]
        for here in every:
            self._structure(here)
        # what supplies there are to choose from is known when all cells are there
        for structure in self._shared.values():
            self._add_supplies(structure)
        made = [self._scenario(name, places) for name, places in heres.items()]
        points, levels = study.plan(self.model)
        leaves = list(self.leaves)
        if len(leaves) > MOST_INPUTS:
            raise ExplorerError(_too_many(study, len(leaves), made))
        columns = list(dict.fromkeys(leaf.column for leaf in leaves))
        return {
            "name": study.name,
            "title": study.title,
            "units": study.footprint_units,
            "draws": points.draws,
            "replicates": points.replicates,
            "seed": points.seed,
            "design": points.kind,
            "probability": study.settings.coverage_probability,
            "years": sorted({y for one in made for y in one["years"]}),
            "scenarios": made,
            "leftOut": self.left_out,
            "reference": max(
                range(len(made)), key=lambda i: self.names[i] == study.reference
            ),
            "slots": list(self.slots),
            "forms": list(self.forms),
            "fills": list(self.fills),
            "rules": [json.loads(rule) for rule in self.rules],
            "supplies": self._supplies(),
            "levers": self._lever_data(),
            "columns": [self._label(column) for column in columns],
            "leaves": [
                [
                    columns.index(leaf.column),
                    leaf.marginal.mean * leaf.factor,
                    leaf.marginal.sd * leaf.factor,
                    int(leaf.marginal.atoms is not None),
                ]
                for leaf in leaves
            ],
            "values": [_packed(leaf, levels, points.draws) for leaf in leaves],
            "ties": _ties(leaves, columns, study),
            "study": _text(study),
        }

    def script(self) -> str:
        """The functions of the model, to be read after `data` has been made."""
        both = ",".join(
            f"{word}:[{','.join(texts)}]" for word, texts in self.code.items()
        )
        return f"const MODEL={{{both}}};"

    def _names(self, asked: Sequence[str]) -> list[str]:
        known = self.study.scenarios
        for name in asked:
            if name not in known:
                raise ExplorerError(
                    f"no scenario is called {name}{nearest(name, known)}"
                )
        kept = []
        for name in asked or known:
            changes = known[name].set.values()
            if any(c.independent is not None or c.correlated for c in changes):
                self.left_out.append(known[name].label or name)
            else:
                kept.append(name)
        if not kept:
            raise ExplorerError(
                "every scenario asked for draws inputs of its own (`independent`), "
                "which a copy under another name would draw anew"
            )
        return kept

    def _check_inputs(self, asked: Sequence[str]) -> None:
        for id in asked:
            if id not in self.known:
                raise ExplorerError(
                    f"{id} is no input of this study{nearest(id, self.known)}"
                )

    def _levers(self) -> dict[str, Any]:
        """Levers that some scenario adopts: all that they read is drawn."""
        used = {
            name
            for scenario in self.study.scenarios.values()
            for name in scenario.levers
        }
        stated = self.study.config.levers
        return {name: lever for name, lever in stated.items() if name in used}

    def _options(self, name: str) -> list[Supply]:
        """Supplies that scenarios take for one of the study's, each once."""
        found: dict[str, Supply] = {}
        for one in self.names:
            made = supplies(self.system.supplies, self.study.scenarios[one])[name]
            found.setdefault(_stated(made), made)
        return list(found.values())

    def _places(self, name: str) -> Iterator[Here]:
        """A scenario in each of its years."""
        scenario = self.study.scenarios[name]
        origin = self.study.origins.get(("scenarios", name), "")
        definitions = changed(self.study.definitions, name, scenario, origin)
        years = scenario.years if scenario.years is not None else self.study.config.years
        for year in years or (None,):
            yield Here(name, scenario, year, definitions)

    def _scenario(self, name: str, places: Sequence[Here]) -> dict[str, Any]:
        scenario = self.study.scenarios[name]
        cells = [
            [self._structure(here)["number"], self.fills.place(self._fill(here))]
            for here in places
        ]
        chosen = supplies(self.system.supplies, scenario)
        every = {
            supply: [_stated(one) for one in options].index(_stated(chosen[supply]))
            for supply, options in self._used().items()
        }
        return {
            "name": name,
            "label": scenario.label or name,
            "stated": scenario.model_dump(
                mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
            ),
            "years": [here.year for here in places if here.year is not None],
            "cells": cells,
            "supplies": every,
            "levers": {n: u.formula is None for n, u in scenario.levers.items()},
            "adopted": {n: _largest(u) for n, u in scenario.levers.items()},
            "inputs": self._inputs(scenario, places[0].definitions),
        }

    # -- one function for all cells of the same arithmetic

    def _structure(self, here: Here) -> dict[str, Any]:
        formulas = {
            name: str(use.formula)
            for name, use in here.scenario.levers.items()
            if use.formula is not None
        }
        signature = (
            here.year,
            tuple(sorted(formulas.items())),
            tuple(
                (d.id, str(d.expression and d.expression.text), str(d.factors))
                for d in here.definitions.values()
                if d.expression is not None or d.factors
            ),
            tuple(
                (d.id, str([(y, k.expression and k.expression.text) for y, k in d.knots]))
                for d in here.definitions.values()
                if _formula_knots(d)
            ),
        )
        if signature not in self._shared:
            self._shared[signature] = self._built(here) | {
                "number": len(self._shared)
            }
        return self._shared[signature]

    def structures(self) -> list[dict[str, Any]]:
        """Of each kind of cell: its function, flows, and the elements of supplies."""
        return list(self._shared.values())

    def _built(self, here: Here) -> dict[str, Any]:
        definitions = {id: _held(what) for id, what in here.definitions.items()}
        open_supplies = {}
        for name in self.system.supplies:
            id = f"explorer.{name}"
            definitions[id] = Definition(
                id, units().parse("1"), {}, f"{SUPPLY}{name}", marginal=OPEN
            )
            open_supplies[name] = Supply(factor=id)
        cell = Cell(self.graph, definitions, here.year, self.study.config.paths)
        adopted = tuple(
            Adopted(name, lever, self._adoption(cell, here, name))
            for name, lever in self.levers.items()
        )
        found = inventory(cell, self.system, open_supplies, adopted)
        publish(cell, found)
        made: dict[str, Any] = {"cell": self._cell(cell, found), "at": cell}
        made["flows"] = [
            [flow.stage, flow.name, flow.source, flow.account] for flow in found.flows
        ]
        return made

    def _used(self) -> dict[str, list[Supply]]:
        """Supplies that some cell takes energy from, with their options."""
        return {
            name: options
            for name, options in self.options.items()
            if f"{SUPPLY}{name}" in self.slots.found
        }

    def _add_supplies(self, made: dict[str, Any]) -> None:
        """Functions of all that a supply may be, in one kind of cell."""
        cell: Cell = made.pop("at")
        made["options"] = {
            name: [self._element(cell, one) for one in options]
            for name, options in self._used().items()
        }
        made["mixes"] = {
            name: self._element(cell, Supply(mix=name)) for name in self._mixes()
        }
        made["technologies"] = {
            group: {
                word: self._function(cell.node(f"power.{factor}"))
                for word, factor in each.items()
            }
            for group, each in self._technologies().items()
        }
        losses = self._losses()
        made["losses"] = {text: self._function(cell.formula(text)) for text in losses}

    def _adoption(self, cell: Cell, here: Here, name: str) -> int:
        use = here.scenario.levers.get(name)
        if use is not None and use.formula is not None:
            share = quantity(f"adoption.{name}", use, units().parse("1"), ("", ()))
            return cell.build(share)
        return self.graph.quantile(f"{LEVER}{name}", OPEN)

    def _slot(self, leaf: Quantile) -> int:
        if leaf.column.partition(":")[0] + ":" in (SUPPLY, INPUT, LEVER):
            return self.slots.place(leaf.column)
        return self.slots.place(f"leaf:{self.leaves.place(leaf)}")

    def _cell(self, cell: Cell, found: Inventory) -> int:
        footprint = cell.results["footprint"]
        flows = [flow.node for flow in found.flows]
        checks = [check.node for check in found.checks]
        factor = units().parse(str(self.study.footprint_units)).factor
        key = footprint, *flows, ("checks", *checks)
        number = self.cells.place(key)
        if number == len(self.code["cells"]):
            sums = [f"q{i}" for i in range(len(flows))]

            def use(names: list[str]) -> str:
                told = f"F[i]={names[0]}/{factor!r};"
                each = zip(sums, names[1 : 1 + len(flows)], strict=True)
                told += "".join(f"{total}+={name};" for total, name in each)
                return told + "".join(
                    f"if(!({name}>0))bad=1;" for name in names[1 + len(flows) :]
                )

            body = loop(self.graph, [footprint, *flows, *checks], self._slot, use)
            means = "".join(
                f"M[{i}]={total}/n/{factor!r};" for i, total in enumerate(sums)
            )
            start = ",".join(f"{word}=0" for word in [*sums, "bad"])
            self.code["cells"].append(f"(S,n,F,M)=>{{let {start};{body}{means}return bad;}}")
        return number

    def _function(self, node: int) -> int:
        """Number of the function that fills an array with a node."""
        number = self.elements.place(node)
        if number == len(self.code["elements"]):
            body = loop(
                self.graph, [node], self._slot, lambda names: f"o[i]={names[0]};"
            )
            self.code["elements"].append(f"(S,n,o)=>{{{body}}}")
        return number

    def _element(self, cell: Cell, supply: Supply) -> list[Any]:
        """Functions of a supply: as stated, without losses, what losses add; checks."""
        before = len(cell.checks)
        stated = self._sum(supplied(cell, supply))
        checks = [self._function(check.node) for check in cell.checks[before:]]
        found: list[Any] = [self._function(stated)]
        if _takes_losses(supply, self.study):
            bare = self._sum(supplied(cell, _with_losses(supply, 0.0)))
            twice = self._sum(supplied(cell, _with_losses(supply, 1.0)))
            more = self.graph.apply("sub", (twice, bare))
            found += [self._function(bare), self._function(more)]
        else:
            found += [found[0], None]
        del cell.checks[before:]
        return [*found, checks]

    def _sum(self, parts: Supplied) -> int:
        return self.graph.total((parts.bought, parts.direct, parts.owned_upstream))

    # -- what fills the slots of one scenario in one year

    def _fill(self, here: Here) -> tuple[int, ...]:
        """Form that fills each slot, -1 where a formula stands in its place."""
        plain = {id: replace(d, factors=()) for id, d in here.definitions.items()}
        cell = Cell(self._plain, plain, here.year, self.study.config.paths)
        found = []
        for slot in list(self.slots):
            found.append(-1)
            kind, _, name = slot.partition(":")
            if kind == "leaf":
                found[-1] = self.forms.place((0.0, ((1.0, int(name)),)))
                continue
            if kind == "input":
                what = plain.get(name)
                if what is None or what.expression is not None:
                    continue
                node = cell.build(what)
            elif kind == "lever":
                use = here.scenario.levers.get(name)
                if use is not None and use.formula is not None:
                    continue
                node = self._plain.constant(0.0)
                if use is not None:
                    one = units().parse("1")
                    share = quantity(f"adoption.{name}", use, one, ("", ()))
                    node = cell.build(share)
            else:
                continue
            found[-1] = self.forms.place(self._form(node))
        return tuple(found)

    def _form(self, node: int) -> Form:
        """A node of the study's own as a sum of leaves."""
        constant, parts = self._linear(node)
        return constant, tuple((w, self.leaves.place(leaf)) for leaf, w in parts.items())

    def _linear(self, node: int) -> tuple[float, dict[Quantile, float]]:
        payload = self._plain.payloads[node]
        if isinstance(payload, float):
            return payload, {}
        if isinstance(payload, Quantile):
            return 0.0, {payload: 1.0}
        parts = [self._linear(operand) for operand in self._plain.operands[node]]
        (a, first), (b, second) = parts
        if self._plain.operations[node] == "add":
            both = dict(first)
            for leaf, weight in second.items():
                both[leaf] = both.get(leaf, 0.0) + weight
            return a + b, both
        # a pathway: a weight times a knot
        if first:
            a, first, b, second = b, second, a, first
        return a * b, {leaf: a * weight for leaf, weight in second.items()}

    # -- what is offered

    def _inputs(
        self, scenario: Scenario, definitions: Mapping[str, Definition]
    ) -> dict[str, int]:
        """Rule by which each input of a scenario is moved."""
        found = {}
        for slot in self.slots:
            if not slot.startswith(INPUT):
                continue
            id = slot.removeprefix(INPUT)
            what = definitions.get(id)
            before = self.study.definitions[id]
            if what is None or id.startswith("mix.") or what.per_year:
                continue
            if self.asked and id not in self.asked:
                continue
            if before.factors:  # a change of the input would drop them
                continue
            unit = before.unit
            rule: dict[str, Any] = {"factor": unit.factor, "units": unit.text}
            earlier = scenario.scale.get(id)
            if what.marginal is not None and earlier is None:
                number = unit.text in {"1", "%"}
                law = what.marginal
                if what.unit != unit:
                    if not law.constant:
                        continue
                    value = law.point * what.unit.factor / unit.factor
                    law = build("constant", {"value": value})
                rule |= move(law, share=number and unit.factor == 1.0)
            elif (what.marginal or what.knots) and not _formula_knots(what):
                # as a whole, by a factor; what a scenario scales it cannot set too
                at = 1.0
                if earlier is not None:
                    if not isinstance(earlier.value, float | int):
                        continue
                    at = float(earlier.value)
                rule |= {"kind": "path", "point": 1.0, "scale": at, "units": "1"}
            else:
                continue
            rule["label"] = what.papers.get("label", id)
            found[id] = self.rules.place(json.dumps(rule))
        return found

    def _mixes(self) -> list[str]:
        """Mixes that the study's columns hold, for blends."""
        found: dict[str, None] = {}
        for options in self._used().values():
            for one in options:
                found |= dict.fromkeys(blend(one))
        return list(found)

    def _technologies(self) -> dict[str, dict[str, str]]:
        """Technology factors that the study draws, by set."""
        found: dict[str, dict[str, str]] = {}
        groups = dict.fromkeys(
            [
                *(library.mixes()[name].factor_set for name in self._mixes()),
                *(
                    one.factor_set or ""
                    for options in self._used().values()
                    for one in options
                ),
            ]
        )
        for group in filter(None, groups):
            for word in library.TECHNOLOGIES:
                factor = library.technology_factor(group, word)
                if factor and f"power.{factor}" in self.known:
                    found.setdefault(group, {})[word] = factor
        return found

    def _losses(self) -> list[str]:
        """Formulas of grid losses that mixes of the study state."""
        stated = (library.mixes()[name].losses for name in self._mixes())
        return sorted({text for text in stated if text in self.known})

    def _supplies(self) -> list[dict[str, Any]]:
        found = []
        for name, options in self._used().items():
            made = []
            for one in options:
                mixes = blend(one)
                numbers = all(isinstance(share, float | int) for share in mixes.values())
                mix = library.mixes()[one.mix] if one.mix else None
                fixed = (
                    mix is not None
                    and mix.active
                    and not mix.multiplier
                    and mix.kind != "captive"
                    and mix.factor_set in self._technologies()
                )
                shares = dict(one.shares or {})
                group = one.factor_set
                if fixed and mix is not None:
                    shares, group = dict(mix.active), mix.factor_set
                made.append(
                    {
                        "label": self._option_label(one),
                        "stated": json.loads(_stated(one)),
                        "blend": mixes if mixes and numbers else None,
                        "shares": shares or None,
                        "set": group if shares else None,
                        "defaultLosses": mix.losses
                        if fixed and mix is not None and mix.losses in self._losses()
                        else None,
                        "losses": _takes_losses(one, self.study),
                    }
                )
            found.append({"id": name, "options": made})
        return found

    def mix_labels(self) -> dict[str, str]:
        """Label of each mix that a blend may hold."""
        return {name: library.mixes()[name].label for name in self._mixes()}

    def _option_label(self, supply: Supply) -> str:
        if supply.label:
            return supply.label
        if supply.path is not None:
            path = supply.path
            if isinstance(path, str):
                path = self.study.config.paths[path]
                return path.label or str(supply.path)
            return path.label or "path"
        if supply.factor is not None:
            return str(supply.factor)
        if supply.shares is not None:
            return ", ".join(f"{k} {v:.0%}" for k, v in supply.shares.items())
        labels = [library.mixes()[name].label for name in blend(supply)]
        return " + ".join(labels)

    def _lever_data(self) -> list[dict[str, Any]]:
        found = []
        places: dict[str, set[Any]] = {}
        for name, lever in self.levers.items():
            mine: set[Any] = {p for p, change in touched(lever) if change.way == "amount"}
            places[name] = mine | set(lever.supplies)
        for name, lever in self.levers.items():
            against = [
                other
                for other in self.levers
                if other != name and places[name] & places[other]
            ]
            found.append(
                {
                    "id": name,
                    "label": lever.label or name,
                    "available": lever.available,
                    "exclusive": lever.exclusive,
                    "against": against,
                }
            )
        return found

    def _label(self, column: str) -> list[str]:
        id = column.split("@")[0].removeprefix("scale:")
        what = self.study.definitions.get(id)
        label = what.papers.get("label", id) if what is not None else id
        if what is not None and what.composition is not None:
            label = f"{label}: {id.rsplit('.', 1)[-1]}"
        return [column, label]


def _largest(use: LeverUse) -> float:
    """Adoption of a lever at its point value; on a path the largest of the knots."""
    parts = [use, *(use.pathway or {}).values()]
    values = [part.value for part in parts if isinstance(part.value, float | int)]
    values += [p.distribution.marginal().point for p in parts if p.distribution]
    return float(max(values, default=0.0))


def _held(what: Definition) -> Definition:
    """A definition whose own value is a slot; formulas and shares stay as they are."""
    if what.expression is not None or what.composition is not None:
        return what
    if _formula_knots(what):
        return what
    return replace(
        what, marginal=OPEN, knots=(), column=f"{INPUT}{what.id}", per_year=False
    )


def _formula_knots(what: Definition) -> bool:
    return any(knot.marginal is None for _, knot in what.knots)


def _stated(supply: Supply) -> str:
    return json.dumps(
        supply.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
        )
    )


def _with_losses(supply: Supply, losses: float) -> Supply:
    return supply.model_copy(update={"losses": losses})


def _takes_losses(supply: Supply, study: Study) -> bool:
    """Whether losses may be stated for a supply: no factor in it includes them."""
    path = supply.path
    if path is not None:
        if isinstance(path, str):
            path = study.config.paths[path]
        return all(_takes_losses(knot, study) for knot in path.knots.values())
    return not any(library.mixes()[name].includes_losses for name in blend(supply))


def _values_of(leaf: Quantile, levels: Levels, draws: int) -> FloatArray:
    """Draws of an input in base units, as the engine makes them."""
    pages = [
        tabulate(leaf.marginal)(levels.levels(leaf.column, page))
        for page in range(-(-draws // PAGE))
    ]
    found: FloatArray = np.concatenate(pages) * leaf.factor
    return found


def _packed(leaf: Quantile, levels: Levels, draws: int) -> list[Any]:
    """Draws of an input as (least, range, base64 of 48-bit integers).

    The rounding is 2**-49 of the range: less than that of the arithmetic behind it.
    """
    values = _values_of(leaf, levels, draws)
    low = float(values.min())
    reach = float(values.max()) - low
    if reach == 0.0:
        return [low, 0.0, ""]
    whole = np.rint((values - low) / reach * (2.0**DIGITS - 1)).astype("<u8")
    parts = whole.view(np.uint8).reshape(-1, 8)[:, : DIGITS // 8]
    return [low, reach, b64encode(np.ascontiguousarray(parts)).decode()]


def _ties(
    leaves: Iterable[Quantile], columns: list[str], study: Study
) -> list[list[float]]:
    """Pairs of columns with the linear correlation of their values."""
    laws: dict[str, Any] = {}
    for leaf in leaves:
        laws.setdefault(leaf.column, leaf.marginal)
    return [
        [columns.index(a), columns.index(b), pearson(normal, laws[a], laws[b])]
        for a, b, normal in score_correlations(columns, study.blocks)
    ]


def _text(study: Study) -> dict[str, str]:
    """The study's own text in three parts: before ``run``, scenarios, and the rest."""
    found = {"head": "", "run": "", "scenarios": ""}
    word = "head"
    for line in study.text.splitlines(keepends=True):
        if line[:1].strip():
            key = line.partition(":")[0]
            word = key if key in ("run", "scenarios") else "head"
        found[word] += line
    if not found["scenarios"]:
        found["scenarios"] = "scenarios:\n  baseline:\n    reference: true\n"
    return found


def _too_many(study: Study, count: int, made: Sequence[Mapping[str, Any]]) -> str:
    names = ", ".join(one["name"] for one in made[:2])
    return (
        f"{study.name} draws {count} inputs, more than a page can hold "
        f"({MOST_INPUTS}); choose scenarios that need fewer: --scenarios {names}, or "
        "state some inputs as numbers"
    )


