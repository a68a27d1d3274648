"""openLCA's JSON-LD, versions 1 and 2 of its schema."""

from collections.abc import Callable, Mapping
from typing import Any

from scenarios.datafiles.models.containers import Archive
from scenarios.datafiles.models.model import (
    Amount,
    Line,
    Made,
    Model,
    ModelFileError,
    Process,
)
from scenarios.datafiles.models.names import formula_of, unit_of
from uncertainty.errors import UncertaintyError

FORM = "openLCA JSON-LD"
NOT_CARRIED = {
    "lcia_categories": "a footprint is weighted by the GWPs of the study",
    "lcia_methods": "a footprint is weighted by the GWPs of the study",
    "epds": "a study makes its own result",
    "results": "a study makes its own result",
    "social_indicators": "a footprint has no social indicators",
    "projects": "scenarios are written by hand",
}
"""Folders of an export that a study has no place for, and why."""
PRODUCTS = ("PRODUCT_FLOW", "WASTE_FLOW")


def read(archive: Archive) -> Model:
    """The model of an export.

    Raises
    ------
    ModelFileError
        The archive is damaged, or an object lacks what it needs.
    """
    model = Model(archive.name, FORM)
    files = _Files(archive)
    for parameter in archive.objects("parameters"):
        _parameter(model, model.parameters, parameter, model.title)
    for process in archive.objects("processes"):
        try:
            found = _process(model, files, process)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            name = process.get("name") or process.get("@id")
            text = f"{archive.name}: process {name}: lacks or misstates {error}"
            raise ModelFileError(text) from None
        model.processes[found.key] = found
    systems = list(archive.objects("product_systems"))
    if len(systems) == 1:
        _system(model, systems[0])
    elif systems:
        why = "there are several; say by --product what the footprint is of"
        model.leave(model.title, f"{len(systems)} product systems", why)
    for folder, why in NOT_CARRIED.items():
        if count := len(archive.names(folder, ".json")):
            model.leave(model.title, f"{count} files of {folder}", why)
    return model


class _Files:
    """Flows, flow properties and units of an export."""

    def __init__(self, archive: Archive) -> None:
        self.flows = {one["@id"]: one for one in archive.objects("flows") if _id(one)}
        groups = {one["@id"]: one for one in archive.objects("unit_groups") if _id(one)}
        self.units: dict[str, tuple[float, str]] = {}
        for group in groups.values():
            units = group.get("units") or []
            reference = next((u["name"] for u in units if _is(u, "RefUnit")), "")
            for unit in units:
                size = float(unit.get("conversionFactor", 1.0))
                self.units[unit["@id"]] = (size, reference)

    def line_units(self, exchange: Mapping[str, Any]) -> tuple[str, float]:
        """Unit of a line, and what its amount is multiplied by to be in it."""
        unit = exchange.get("unit") or {}
        size, reference = self.units.get(unit.get("@id", ""), (1.0, ""))
        flow = self.flows.get(exchange["flow"]["@id"], {})
        stated = (exchange.get("flowProperty") or {}).get("@id", "")
        for one in flow.get("flowProperties") or []:
            if one["flowProperty"]["@id"] == stated and not _is(one, "RefFlowProperty"):
                # counted in another quantity than the flow's own
                target = str(exchange["flow"].get("refUnit") or "")
                return target, size / float(one["conversionFactor"])
        name = str(unit.get("name") or exchange["flow"].get("refUnit") or "")
        if unit_of(name) is None and reference:
            return reference, size
        return name, 1.0

    def kind(self, flow: Mapping[str, Any]) -> str:
        """Product, waste or elementary flow."""
        own = self.flows.get(flow["@id"], {})
        return str(flow.get("flowType") or own.get("flowType") or "")


def _id(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("@id"), str)


def _is(one: Mapping[str, Any], word: str) -> bool:
    """A truth value, by its name in version 2 (isInput) or in version 1 (input)."""
    older = {
        "RefUnit": "referenceUnit",
        "RefFlowProperty": "referenceFlowProperty",
    }.get(word, word[0].lower() + word[1:])
    return bool(one.get(f"is{word}", one.get(older, False)))


def _process(model: Model, files: _Files, stated: Mapping[str, Any]) -> Process:
    name = str(stated.get("name") or stated["@id"])
    version = stated.get("version", "")
    category = stated.get("category") or ""
    if isinstance(category, Mapping):
        category = category.get("name", "")
    found = Process(
        str(stated["@id"]),
        name,
        str(category),
        f"{name}, {stated['@id']}" + (f", version {version}" if version else ""),
        aggregated=stated.get("processType") == "LCI_RESULT",
    )
    for parameter in stated.get("parameters") or []:
        _parameter(model, found.parameters, parameter, name)
    names = {p.lower() for p in (*model.parameters, *found.parameters)}
    ids: dict[int, Line] = {}
    outputs: list[tuple[Mapping[str, Any], Made]] = []
    for exchange in stated.get("exchanges") or []:
        flow = exchange["flow"]
        unit, factor = files.line_units(exchange)
        kind = files.kind(flow)
        label = str(flow.get("name") or flow["@id"])
        amount = _amount(model, exchange, names.__contains__, f"{name}, {label}")
        takes = _is(exchange, "Input") != (kind == "WASTE_FLOW")
        if exchange.get("costValue") or exchange.get("costs"):
            model.leave(
                name, f"the cost of {label}", "costs of exchanges are no inputs"
            )
        if kind in PRODUCTS and not takes:
            made = Made(str(flow["@id"]), label, amount, unit, factor)
            outputs.append((exchange, made))
            continue
        provider = str((exchange.get("defaultProvider") or {}).get("@id", ""))
        sign = -1.0 if _is(exchange, "AvoidedProduct") else 1.0
        if kind not in PRODUCTS:
            sign = -1.0 if _is(exchange, "Input") else 1.0
        line = Line(str(flow["@id"]), label, amount, unit, provider, sign * factor)
        (found.takes if kind in PRODUCTS else found.emits).append(line)
        ids[int(exchange.get("internalId") or 0)] = line
    outputs.sort(key=lambda one: not _is(one[0], "QuantitativeReference"))
    if len(outputs) > 1 and not _is(outputs[0][0], "QuantitativeReference"):
        model.leave(name, "the process", "no product of it is its reference")
        outputs = []
    found.makes = _allocated(model, stated, found, [m for _, m in outputs], ids)
    return found


def _allocated(
    model: Model,
    stated: Mapping[str, Any],
    process: Process,
    outputs: list[Made],
    ids: Mapping[int, Line],
) -> list[Made]:
    """Products with their shares by the process's default method."""
    if len(outputs) < 2:
        return outputs
    method = stated.get("defaultAllocationMethod")
    shares: dict[str, float] = {}
    single: dict[str, dict[int, float]] = {}
    order = {id(line): i for i, line in enumerate([*process.takes, *process.emits])}
    for factor in stated.get("allocationFactors") or []:
        if factor.get("allocationType") != method:
            continue
        product, value = str(factor["product"]["@id"]), float(factor.get("value", 0.0))
        if factor.get("formula"):
            why = f"its value {value!r} is kept"
            model.leave(process.name, f"the allocation by {factor['formula']}", why)
        line = ids.get(int((factor.get("exchange") or {}).get("internalId") or 0))
        if factor.get("exchange") is None:
            shares[product] = value
        elif line is not None:
            single.setdefault(product, {})[order[id(line)]] = value
    if not shares and not single:
        for made in outputs[1:]:
            why = "the process states no allocation; all goes to its reference"
            model.leave(process.name, made.name, why)
        return outputs[:1]
    return [
        Made(
            made.flow,
            made.name,
            made.amount,
            made.unit,
            made.factor,
            shares.get(made.flow, 0.0),
            single.get(made.flow, {}),
        )
        for made in outputs
    ]


def _amount(
    model: Model,
    stated: Mapping[str, Any],
    known: Callable[[str], bool],
    where: str,
    formula: str = "amountFormula",
    value: str = "amount",
) -> Amount:
    number = float(stated.get(value) or 0.0)
    text = str(stated.get(formula) or "")
    spread = stated.get("uncertainty") or None
    if text:
        try:
            text = formula_of(
                text,
                "openlca",
                lambda name: name.lower() if known(name.lower()) else None,
            )
        except (ValueError, UncertaintyError) as error:
            model.leave(where, f"the formula {text}", f"{error}; its value is kept")
            text = ""
    if stated.get("baseUncertainty") and not spread:
        why = "without its distribution it says nothing; the value has no spread"
        model.leave(where, "the base uncertainty", why)
    if spread is not None:
        spread = {"format": "openlca", **spread}
    return Amount(number, text, spread)


def _parameter(
    model: Model, into: dict[str, Amount], stated: Mapping[str, Any], where: str
) -> None:
    name = str(stated.get("name", "")).lower()
    is_input = stated.get("isInputParameter", stated.get("inputParameter", True))
    given = dict(stated) if not is_input else {**stated, "formula": ""}
    if not name:
        raise ModelFileError(f"{where}: a parameter has no name")
    into[name] = _amount(
        model, given, lambda _: True, f"{where}, parameter {name}", "formula", "value"
    )


def _system(model: Model, stated: Mapping[str, Any]) -> None:
    """What a product system says: its reference and its links."""
    reference = stated.get("refProcess") or stated.get("referenceProcess") or {}
    if reference.get("@id") in model.processes:
        model.demand = str(reference["@id"])
    links = {
        (str(link["process"]["@id"]), str(link["flow"]["@id"])): str(
            link["provider"]["@id"]
        )
        for link in stated.get("processLinks") or []
        if {"process", "flow", "provider"} <= link.keys()
    }
    for key, process in model.processes.items():
        process.takes = [
            Line(
                line.flow,
                line.name,
                line.amount,
                line.unit,
                links.get((key, line.flow), line.provider),
                line.factor,
            )
            for line in process.takes
        ]
    if stated.get("parameterSets") or stated.get("parameterRedefs"):
        why = "scenarios are written by hand; parameters have their own values"
        model.leave(model.title, "parameter sets of the product system", why)
