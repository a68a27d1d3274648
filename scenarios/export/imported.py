"""A model of another tool as a study: what `potline import` writes.

Each product of a process becomes a process of its own, with its share of all lines;
aggregated processes and those that take nothing become bought products. Amounts with a
spread are inputs in the convention of their file, all others stand in their line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scenarios.datafiles.conventions import ExchangeError, from_config
from scenarios.datafiles.models.model import (
    Amount,
    Line,
    Made,
    Model,
    ModelFileError,
    Process,
)
from scenarios.datafiles.models.names import FREE, gas_of, slug, unit_of
from scenarios.language.safe_text import visible
from scenarios.language.yaml_writer import yaml_of
from scenarios.units import units
from uncertainty.distributions import build
from uncertainty.errors import nearest
from uncertainty.model.expressions import parse

POINT_AGREES = 1e-9
"""Relative difference up to which a distribution's centre is the stated amount."""
OUTSIDE = 1e-6
"""Probability of each tail that no stated amount lies in."""
BIOGENIC = ("biogenic", "non-fossil", "soil")
NAME = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*")
Output = tuple[str, int]
"""Key of a process, and which of its products."""


@dataclass
class Study:
    """A study in the making.

    Attributes
    ----------
    data : dict
        As a config states it.
    """

    model: Model
    names: dict[Output, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    inputs: dict[str, Any] = field(default_factory=dict)
    products: dict[str, Any] = field(default_factory=dict)
    processes: dict[str, Any] = field(default_factory=dict)
    parameters: dict[tuple[str, str], str] = field(default_factory=dict)
    gases: dict[str, float] = field(default_factory=dict)
    makers: dict[str, list[Output]] = field(default_factory=dict)


def with_head(model: Model, data: Mapping[str, Any]) -> str:
    """A study as YAML, below comments that list what the model had and it has not."""
    head = [
        f"# By `potline import` from {model.title} ({model.form}).",
        "# Left out:" if model.left_out else "# Nothing was left out.",
    ]
    for one in model.left_out:
        line = f"{one.where}: {one.what}: {one.why}"
        head.append("#   " + visible(" ".join(line.split())))
    return "\n".join(head) + "\n" + yaml_of(data)


def study_data(model: Model, product: str | None = None) -> dict[str, Any]:
    """A study as a mapping in the config's words.

    Parameters
    ----------
    model : Model
        What cannot be carried is entered in its `left_out`.
    product : str, optional
        Product or process that the footprint is of, by its name or id; by default the
        one that the file names, else the only one that no other process takes.

    Raises
    ------
    ModelFileError
        The file has no processes, or it is not clear which product is meant.
    """
    study = Study(model)
    for key, process in model.processes.items():
        for i, made in enumerate(process.makes):
            study.makers.setdefault(made.flow, []).append((key, i))
            label = process.name if i == 0 else f"{process.name} {made.name}"
            study.names[key, i] = _free(study, slug(label))
    if not study.names:
        raise ModelFileError(f"{model.title}: holds no process that makes a product")
    declared = _declared(study, product)
    todo, seen = [declared], {declared}
    for output in todo:  # it grows while it is read
        for needed in _write(study, output, declared):
            if needed not in seen:
                seen.add(needed)
                todo.append(needed)
    reached = {key for key, _ in seen}
    if unread := len(model.processes) - len(reached):
        text = "the product does not need them"
        model.leave(model.title, f"{unread} processes", text)
    data: dict[str, Any] = {
        "title": model.title,
        "source": f"{model.title}, {model.form}",
        "declared_unit": {
            "amount": 1,
            "units": _units(_made(study, declared)),
            "product": study.names[declared],
        },
        "inputs": study.inputs,
        "products": study.products,
        "processes": study.processes,
    }
    if study.gases:
        values = {"values": study.gases, "source": f"{model.title}, its own factors"}
        data["gwp_sets"] = {"imported": values}
        data["characterisation"] = {"set": "imported"}
    return {key: value for key, value in data.items() if value != {}}


def _free(study: Study, wanted: str) -> str:
    """An id that nothing has yet."""
    found, i = wanted, 2
    while found in study.taken:
        found, i = f"{wanted}_{i}", i + 1
    study.taken.add(found)
    return found


def _made(study: Study, output: Output) -> Made:
    return study.model.processes[output[0]].makes[output[1]]


def _declared(study: Study, wanted: str | None) -> Output:
    """The product that the footprint is of."""
    model = study.model
    named: dict[str, list[Output]] = {}
    for output, id in study.names.items():
        made = _made(study, output)
        process = model.processes[output[0]]
        labels = (id, made.name, made.flow, process.key)
        first = (process.name,) if output[1] == 0 else ()
        for label in dict.fromkeys((*labels, *first)):
            named.setdefault(label, []).append(output)
    if wanted is None and model.demand:
        return model.demand, 0
    if wanted is not None:
        found = named.get(wanted, [])
        if not found:
            near = nearest(wanted, named)
            raise ModelFileError(f"{model.title}: nothing makes {wanted}{near}")
        if len(found) > 1:
            listed = ", ".join(study.names[output] for output in found)
            raise ModelFileError(f"{wanted} is made by {listed}; name one of them")
        return found[0]
    needed = {
        provider
        for process in model.processes.values()
        for line in process.takes
        if (provider := _provider(study, line)) and provider[0] != process.key
    }
    free = [
        (key, 0)
        for key, process in model.processes.items()
        if (key, 0) in study.names and (key, 0) not in needed
        if process.takes or len(model.processes) == 1
    ]
    if len(free) != 1:
        among = free or [output for output in study.names if output[1] == 0]
        listed = ", ".join(study.names[output] for output in among[:20])
        more = f", and {len(among) - 20} more" if len(among) > 20 else ""
        raise ModelFileError(
            f"{model.title}: say by --product which of its products is meant: "
            f"{listed}{more}"
        )
    return free[0]


def _provider(study: Study, line: Line) -> Output | None:
    """The output that a line takes; None where the file has none."""
    makers = study.makers.get(line.flow, [])
    for output in makers:
        if output[0] == line.provider:
            return output
    if line.provider in study.model.processes and not makers:
        return (line.provider, 0) if (line.provider, 0) in study.names else None
    return makers[0] if makers else None


def _write(study: Study, output: Output, declared: Output) -> Iterator[Output]:
    """Enter one product with all its lines; what it takes is given back."""
    process, made = study.model.processes[output[0]], _made(study, output)
    id = study.names[output]
    for what, unit in [(x.name, x.unit) for x in process.takes] + [
        (made.name, made.unit)
    ]:
        if unit_of(unit) is None:
            why = f"the unit {unit or '(none)'} is not known; {FREE} is taken for it"
            study.model.leave(process.name, what, why)
    writer = _Lines(study, process, made, id)
    bought = output != declared and (process.aggregated or not process.takes)
    if bought and process.takes:
        for line in process.takes:
            study.model.leave(
                process.name, line.name, "the process is a result that holds it already"
            )
    takes = [] if bought else process.takes
    needs: dict[str, Any] = {}
    for i, line in enumerate(takes):
        provider = _provider(study, line)
        name = study.names[provider] if provider else _unmade(study, line)
        if provider is not None and len(study.makers.get(line.flow, ())) > 1:
            _say_which(study, process, line, provider)
        target = _units(_made(study, provider)) if provider else _unit(line.unit)
        unit = _unit(line.unit)
        if not units().compatible(unit, target):
            text = f"it is counted in {line.unit}, and made in {target}"
            study.model.leave(process.name, line.name, text)
            continue
        if provider is not None:
            yield provider
        key = _key(needs, name)
        amount = writer.amount(i, line, key)
        needs[key] = amount if key == name else {"product": name, "amount": amount}
    emits = dict(writer.emissions(len(process.takes)))
    if bought:
        if not emits:  # nothing of it is a greenhouse gas
            zero = {"gas": "CO2e", "amount": f"0 kg CO2e/{_units(made)}"}
            emits = {"nothing": zero}
        study.products[id] = {
            "units": _units(made),
            "label": made.name,
            "source": "ancillary",
            "emits": emits,
        }
        return
    found = {
        "stage": slug(process.category.rpartition("/")[2] or "process", 32),
        "label": process.name,
        "source": process.source or process.name,
        "makes": {"product": id, "units": _units(made)},
        "needs": needs,
        "emits": emits,
    }
    study.processes[id] = {key: value for key, value in found.items() if value != {}}


def _say_which(study: Study, process: Process, line: Line, taken: Output) -> None:
    if taken[0] != line.provider:
        text = f"several processes make it; {study.names[taken]} is taken"
        study.model.leave(process.name, line.name, text)


def _unmade(study: Study, line: Line) -> str:
    """A product that no process of the file makes: its factor is still to be stated."""
    key = (f"flow {line.flow} {_unit(line.unit)}", 0)
    if key in study.names:
        return study.names[key]
    id = study.names[key] = _free(study, slug(line.name))
    unit = _unit(line.unit)
    factor = f"factor.{id}"
    text = "no process of the file makes it; its factor is set to 0, state it"
    study.model.leave(factor, line.name, text)
    study.inputs[factor] = {
        "label": line.name,
        "units": f"kg CO2e/{unit}",
        "value": 0,
        "kind": "emission factor",
        "source": f"none: {study.model.title} does not hold it; state it",
        "confidence": "assumed",
    }
    study.products[id] = {
        "units": unit,
        "label": line.name,
        "source": "ancillary",
        "emits": {"unstated": {"gas": "CO2e", "amount": factor}},
    }
    return id


def _key(lines: Mapping[str, Any], wanted: str) -> str:
    found, i = wanted, 2
    while found in lines:
        found, i = f"{wanted}_{i}", i + 1
    return found


def _unit(text: str) -> str:
    """A unit of the file in ours; what is not known is counted in pieces."""
    return unit_of(text) or FREE


def _units(made: Made) -> str:
    return _unit(made.unit)


class _Lines:
    """Amounts of one product's lines as the config states them."""

    def __init__(self, study: Study, process: Process, made: Made, id: str) -> None:
        self.study, self.process, self.made, self.id = study, process, made, id
        self.per = self._per()

    def _per(self) -> float | str:
        """What the lines are stated per, in units of the product."""
        amount = self.made.amount
        if amount.formula:
            text = self._formula(amount, self.made.name)
            if text is not None:
                factor = self.made.factor
                return text if factor == 1 else f"{text} * {factor!r}"
        if amount.spread is not None:
            why = "the amount made is the unit of all lines, and is taken as it stands"
            self.study.model.leave(self.process.name, self.made.name, why)
        return amount.value * self.made.factor

    def emissions(self, first: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Lines of greenhouse gases, numbered from `first`."""
        model, done = self.study.model, dict[str, Any]()
        for i, line in enumerate(self.process.emits, first):
            gas = gas_of(line.name)
            if line.flow in model.factors and gas != "CO2e":
                gas = slug(line.name)
                self.study.gases[gas] = model.factors[line.flow]
            elif gas is None or (model.factors and line.flow not in model.factors):
                why = "no greenhouse gas that has a GWP here"
                model.leave(self.process.name, line.name, why)
                continue
            if gas == "CH4" and any(w in line.name.lower() for w in BIOGENIC):
                why = "it is weighted as fossil methane"
                model.leave(self.process.name, f"the origin of {line.name}", why)
            unit = _unit(line.unit)
            if not units().compatible(unit, "kg"):
                why = f"a gas counted in {line.unit} has no mass"
                model.leave(self.process.name, line.name, why)
                continue
            key = _key(done, slug(line.name))
            if gas == "CO2e":
                line = Line(
                    line.flow, line.name, line.amount, f"{unit} CO2e", "", line.factor
                )
            done[key] = {"gas": gas, "amount": self.amount(i, line, key)}
            yield key, done[key]

    def amount(self, number: int, line: Line, key: str) -> str:
        """The amount of a line per unit of the product."""
        share = self.made.lines.get(number, self.made.share)
        unit = line.unit if line.unit.endswith(" CO2e") else _unit(line.unit)
        units_of = f"{unit}/{_units(self.made)}"
        amount = line.amount
        if amount.formula:
            text = self._formula(amount, line.name)
            if text is not None:
                one = self._one(units_of)
                return self._scaled(f"({text}) * {one}", share * line.factor)
        if amount.spread is not None:
            stated = self._stated(amount, f"{self.process.name}, {line.name}")
            if stated is not None:
                id = _key(self.study.inputs, f"{self.id}.{key}")
                self.study.inputs[id] = {
                    "label": f"{line.name} of {self.process.name}",
                    "units": units_of,
                    **stated,
                    "kind": "activity data",
                    "nature": "uncertainty",
                    "source": self.process.source or self.process.name,
                    "confidence": "read",
                    "spread_confidence": "read",
                }
                return self._scaled(id, share * line.factor)
        value = amount.value * share * line.factor
        if isinstance(self.per, str):
            return f"{value!r} * {self._one(units_of)} / ({self.per})"
        return f"{value / self.per!r} {units_of}"

    def _scaled(self, text: str, factor: float) -> str:
        if factor != 1:
            text = f"{text} * {factor!r}"
        if isinstance(self.per, str):
            return f"{text} / ({self.per})"
        return text if self.per == 1 else f"{text} / {self.per!r}"

    def _stated(self, amount: Amount, where: str) -> dict[str, Any] | None:
        """The distribution as an input states it; None where it cannot be carried."""
        spread = dict(amount.spread or {})
        try:
            word, parameters = from_config(spread)
        except ExchangeError as error:
            self.study.model.leave(where, "its distribution", str(error))
            return None
        law = build(word, parameters)
        if law.constant:
            return None if amount.value == law.point else {"value": amount.value}
        low, high = (float(x) for x in law.ppf([OUTSIDE, 1 - OUTSIDE]))
        if not min(low, high) <= amount.value <= max(low, high):
            text = f"it is about {law.point:.6g}, and the amount is {amount.value!r}"
            self.study.model.leave(where, "its distribution", text)
            return None
        stated: dict[str, Any] = {"convention": spread}
        if abs(law.point - amount.value) > POINT_AGREES * abs(amount.value):
            stated["point"] = amount.value
        return stated

    def _one(self, units_of: str) -> str:
        """An input of the value 1 that gives a pure number its units."""
        id = f"unit.{slug(units_of.replace('/', ' per '))}"
        self.study.inputs.setdefault(
            id,
            {
                "label": f"1 {units_of}",
                "units": units_of,
                "value": 1,
                "kind": "assumption",
                "source": "gives the result of a formula its units",
            },
        )
        return id

    def _formula(self, amount: Amount, what: str) -> str | None:
        """A formula in ids of the study; None where it reads what is not there."""
        try:
            return self._renamed(amount.formula, ())
        except ValueError as error:
            where = f"{self.process.name}, {what}"
            text = f"{error}; its value {amount.value!r} is kept"
            self.study.model.leave(where, f"the formula {amount.formula}", text)
            return None

    def _renamed(self, formula: str, above: tuple[str, ...]) -> str:
        ids = {
            name: self._parameter(name, above) for name in sorted(parse(formula).names)
        }
        return NAME.sub(lambda match: ids.get(match[0], match[0]), formula)

    def _parameter(self, name: str, above: tuple[str, ...]) -> str:
        """The input of a parameter; it and all it reads are entered."""
        local = name in self.process.parameters
        scope = self.process.key if local else ""
        if (known := self.study.parameters.get((scope, name))) is not None:
            return known
        if name in above:
            raise ValueError(f"{name} is stated by itself")
        owner = self.process.parameters if local else self.study.model.parameters
        if name not in owner:
            raise ValueError(f"{name} is no parameter of the file")
        amount = owner[name]
        folder = slug(self.process.name) if local else "parameter"
        id = _key(self.study.inputs, f"{folder}.{slug(name)}")
        stated: dict[str, Any] | None = None
        if amount.formula:
            try:
                stated = {"formula": self._renamed(amount.formula, (*above, name))}
            except ValueError as error:
                text = f"{error}; its value {amount.value!r} is kept"
                self.study.model.leave(id, f"the formula {amount.formula}", text)
        elif amount.spread is not None:
            stated = self._stated(amount, f"parameter {name}")
        self.study.parameters[scope, name] = id
        self.study.inputs[id] = {
            "label": name,
            "units": "1",
            **(stated or {"value": amount.value}),
            "kind": "activity data",
            "nature": "uncertainty",
            "source": f"{self.study.model.title}, parameter {name}",
            "confidence": "read",
            **({"spread_confidence": "read"} if "convention" in (stated or {}) else {}),
        }
        return id
