"""A cell of a study as openLCA JSON-LD: processes whose amounts are formulas.

Inputs become global parameters, with a distribution where openLCA has its family.
Amounts become formulas over them, in base units, with the very steps of the study's
arithmetic. Read back, they make the same numbers. What cannot be held is listed.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scenarios.datafiles.conventions import ExchangeError, write
from scenarios.errors import ScenarioError
from scenarios.export.zipped import zipped
from scenarios.model.inventory import CO2E
from scenarios.model.matrices import Column, Exchange, Matrices, matrices
from scenarios.model.study import Study
from scenarios.results.table import ExportError
from scenarios.units import units
from uncertainty.distributions import Marginal
from uncertainty.model import Model
from uncertainty.model.graph import Graph, Quantile

BASE = ("kg", "J", "m3", "kg m", "m2", "m", "s", "piece", "m2 s", "1")
"""Units that amounts are stated in; each of a dimension of its own."""
INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "^"}
COMPARED = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "<>"}
CALLED = {
    **{name: name for name in ("min", "max", "abs", "floor", "exp", "sqrt")},
    **{"sin": "sin", "cos": "cos", "tan": "tan", "log": "ln", "log10": "log10"},
    "where": "if",
}
"""Operations of the graph -> operators and functions of openLCA."""
LONG = 400
"""Letters after which a formula goes on in a parameter of its own."""
GASES = {
    "CO2": "Carbon dioxide, fossil",
    "CO2_biogenic": "Carbon dioxide, biogenic",
    "CH4": "Methane, fossil",
    "N2O": "Dinitrogen monoxide",
    "SF6": "Sulfur hexafluoride",
}
"""What inventories call a gas; the others keep their own name."""
TAG, UNITS, SPREAD = "potline: ", "units: ", "stats_arrays: "


@dataclass
class Export:
    """An export in the making.

    Attributes
    ----------
    content : bytes
        Of the zip.
    left_out : list of str
        What openLCA's format cannot hold, item by item, with why.
    """

    content: bytes = b""
    left_out: list[str] = field(default_factory=list)


def openlca(study: Study, scenario: str, year: int | None) -> Export:
    """A scenario in one year as the zip that openLCA imports.

    Raises
    ------
    ModelError
        The study has no chain.
    ScenarioError
        The scenario is a fleet.
    ExportError
        A product is counted in a unit that openLCA has no quantity for.

    Examples
    --------
    >>> import scenarios
    >>> made = openlca(scenarios.load("configs/minimal.yaml"), "hydro", None)
    >>> made.left_out
    ['the other scenarios: export them each']
    """
    if scenario not in study.scenarios:
        raise ScenarioError(
            f"{scenario} is a fleet, a sum of several systems; export its members"
        )
    model = study.model()
    context = study.compiler(model.graph).context(scenario, year)
    declared = study.config.declared_unit
    assert declared is not None  # the compiler has refused it
    found = matrices(context, declared.units, merged=False)
    made = Export()
    writer = _Writer(study, model, made, f"{study.name} {scenario} {year or ''}")
    writer.inputs(scenario, year, found)
    order = list(study.config.processes)
    columns = sorted(
        found.columns, key=lambda c: order.index(c[1]) if c[0] == "process" else -1
    )
    for column in columns:
        writer.process(found, column)
    writer.gwps(found)
    writer.system(found)
    if len(study.scenarios) > 1 or year is not None:
        made.left_out.append("the other scenarios: export them each")
    for block in study.blocks:
        tied = [column for column in block.columns if column in writer.names]
        if len(tied) < 2:
            continue
        listed = ", ".join(tied)
        made.left_out.append(
            f"the dependence of {listed}: openLCA draws each by itself"
        )
    if study.config.outputs:
        listed = ", ".join(study.config.outputs)
        made.left_out.append(f"the outputs {listed}: openLCA has processes alone")
    made.content = writer.zip()
    return made


def _group_of(
    objects: Mapping[str, dict[str, Any]], quantity: Mapping[str, Any]
) -> dict[str, Any]:
    """The unit group of a flow property."""
    stated = objects[f"flow_properties/{quantity['@id']}.json"]
    return objects[f"unit_groups/{stated['unitGroup']['@id']}.json"]


def _base(text: str) -> str:
    """The base unit of a unit."""
    for base in BASE:
        if units().compatible(text, base):
            return base
    raise ExportError(f"openLCA has no quantity that is counted in {text}")


class _Writer:
    def __init__(self, study: Study, model: Model, made: Export, space: str) -> None:
        self.study, self.model, self.made = study, model, made
        self.graph: Graph = model.graph
        self.space = uuid.uuid5(uuid.NAMESPACE_OID, f"{study.text}\n{space}")
        self.objects: dict[str, dict[str, Any]] = {}
        self.names: dict[str, str] = {}
        self.own: dict[int, str] = {}
        self.readers: dict[int, int] = {}
        self.last: dict[int, int] = {}
        self.links: list[dict[str, Any]] = []

    # --- objects --------------------------------------------------------------------

    def id(self, *words: str) -> str:
        return str(uuid.uuid5(self.space, "/".join(words)))

    def ref(self, kind: str, folder: str, *words: str, **more: Any) -> dict[str, Any]:
        """A reference to an object, which is entered where it is new."""
        key = self.id(folder, *words)
        if (path := f"{folder}/{key}.json") not in self.objects:
            self.objects[path] = {}
            stated = {"@type": kind, "@id": key, "name": words[-1], **more}
            self.objects[path] = stated
        return {"@type": kind, "@id": key, "name": words[-1]}

    def counted(self, base: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Unit and flow property of a base unit."""
        unit = {
            "@type": "Unit",
            "@id": self.id("unit", base),
            "name": base,
            "conversionFactor": 1.0,
            "isRefUnit": True,
        }
        group = self.ref("UnitGroup", "unit_groups", f"Units of {base}", units=[unit])
        kind = "PHYSICAL_QUANTITY"
        words = ("flow_properties", f"Quantity in {base}")
        quantity = self.ref(
            "FlowProperty", *words, flowPropertyType=kind, unitGroup=group
        )
        return {k: unit[k] for k in ("@type", "@id", "name")}, quantity

    def flow(self, kind: str, name: str, base: str) -> dict[str, Any]:
        _, quantity = self.counted(base)
        factor = {
            "@type": "FlowPropertyFactor",
            "conversionFactor": 1.0,
            "isRefFlowProperty": True,
            "flowProperty": quantity,
        }
        more = {"flowType": kind, "flowProperties": [factor]}
        return {**self.ref("Flow", "flows", name, **more), "flowType": kind}

    def zip(self) -> bytes:
        about = {"openlca.json": json.dumps({"schemaVersion": 2}).encode()}
        return zipped(
            about
            | {
                path: json.dumps(stated, ensure_ascii=False, indent=1).encode()
                for path, stated in self.objects.items()
            }
        )

    # --- parameters -------------------------------------------------------------------

    def inputs(self, scenario: str, year: int | None, found: Matrices) -> None:
        """Uncertain inputs as parameters, in the order of the study's columns."""
        groups = (found.technosphere, found.biosphere)
        wanted = [e.node for group in groups for e in group]
        nodes = self.graph.upstream(wanted)
        self.readers = dict.fromkeys(nodes, 0)
        leaves: dict[str, Quantile] = {}
        order = {column: i for i, column in enumerate(self.model.columns)}
        for node in nodes:
            operands = self.graph.operands[node]
            for operand in operands:
                self.readers[operand] += 1
            payload = self.graph.payloads[node]
            used = [self.last[operand] for operand in operands]
            if isinstance(payload, Quantile):
                leaves[payload.column] = payload
                used.append(order[payload.column])
            self.last[node] = max(used, default=-1)
        for column in (c for c in self.model.columns if c in leaves):
            leaf = leaves[column]
            name = self._name(re.sub(r"\W", "__", column))
            self.names[column] = name
            spread, whole = self._spread(column, leaf.marginal)
            papers = self.study.definitions.get(column)
            label = papers.papers.get("label", column) if papers else column
            self._parameter(
                name,
                {
                    "description": str(label),
                    "tags": [f"{TAG}{column}", f"{UNITS}{self._units(column)}", *whole],
                    "isInputParameter": True,
                    "value": float(leaf.marginal.point),
                    **spread,
                },
            )

    def _spread(
        self, column: str, marginal: Marginal
    ) -> tuple[dict[str, object], list[str]]:
        """A distribution as openLCA has it, or else in a tag that an import reads."""
        try:
            return {"uncertainty": write("openlca", marginal)}, []
        except ExchangeError as error:
            self.made.left_out.append(f"the distribution of {column}: {error}")
        try:
            fields = write("stats_arrays", marginal)
        except ExchangeError:  # it has neither's family
            return {}, []
        given = {name: value for name, value in fields.items() if value == value}
        return {}, [f"{SPREAD}{json.dumps(given)}"]

    def _units(self, column: str) -> str:
        """Units that the parameter of a column is in; "1" of a pure number."""
        known = self.study.definitions.get(column)
        return known.unit.text if known else "1"

    def _name(self, wanted: str) -> str:
        taken = {name.lower() for name in self.names.values()}
        found, i = wanted, 2
        while found.lower() in taken:
            found, i = f"{wanted}_{i}", i + 1
        return found

    def _parameter(self, name: str, stated: Mapping[str, Any]) -> None:
        self.ref(
            "Parameter",
            "parameters",
            name,
            parameterScope="GLOBAL_SCOPE",
            **stated,
        )

    def formula(self, node: int) -> str:
        """A node as a formula: the same steps, parts that are read twice named."""
        for part in self.graph.upstream([node]):
            payload = self.graph.payloads[part]
            if payload is not None or part in self.own:
                continue
            text = self._step(part)
            if self.readers[part] > 1 or len(text) > LONG or self._own_function(part):
                name = f"potline_{len(self.own) + 1}"
                value = self._value(part)
                stated = {"isInputParameter": False, "formula": text, "value": value}
                if self._own_function(part):
                    stated = {"isInputParameter": True, "value": value}
                    what = self.graph.operations[part]
                    why = "openLCA has no such function; its value is kept"
                    self.made.left_out.append(f"{what} in a formula: {why}")
                self._parameter(name, stated)
                text = name
            self.own[part] = text
        return self._text(node)

    def _own_function(self, node: int) -> bool:
        known = {*INFIX, *COMPARED, *CALLED, "neg", "square"}
        return self.graph.operations[node] not in known

    def _text(self, node: int) -> str:
        payload = self.graph.payloads[node]
        if isinstance(payload, float):
            return repr(payload) if payload >= 0 else f"({payload!r})"
        if isinstance(payload, Quantile):
            name = self.names[payload.column]
            same = payload.factor == 1
            return name if same else f"({name} * {payload.factor!r})"
        return self.own[node]

    def _step(self, node: int) -> str:
        operation = self.graph.operations[node]
        operands = self.graph.operands[node]
        if operation in ("add", "mul"):  # read back, inputs come in the study's order
            operands = tuple(sorted(operands, key=lambda operand: self.last[operand]))
        parts = [self._text(operand) for operand in operands]
        if operation in INFIX:
            return f"({parts[0]} {INFIX[operation]} {parts[1]})"
        if operation in COMPARED:
            return f"{parts[0]} {COMPARED[operation]} {parts[1]}"
        if operation == "neg":
            return f"(-{parts[0]})"
        if operation == "square":
            return f"({parts[0]} ^ 2)"
        return f"{CALLED.get(operation, operation)}({'; '.join(parts)})"

    def _value(self, node: int) -> float:
        return self.model._values([node])[node]

    # --- processes --------------------------------------------------------------------

    def process(self, found: Matrices, column: Column) -> None:
        kind, name = column
        base = _base(found.columns[column])
        made = self._exchange(column, base, 1.0, "", is_input=False)
        made["isQuantitativeReference"] = True
        exchanges = [{**made, "internalId": 1}]
        for one in (*found.technosphere, *found.biosphere):
            if one.column == column:
                exchanges.append(
                    {**self._line(found, one), "internalId": len(exchanges) + 1}
                )
        config = self.study.config
        stage, label = name, name
        if kind == "process":
            stage = config.processes[name].stage
            label = config.processes[name].label or name
        elif kind == "supply":
            stage = "electricity"
        elif name in config.products:
            stage = config.products[name].source
        is_bought = kind == "supply" or name in config.products
        key = self.ref(
            "Process",
            "processes",
            *column,
            category=stage,
            description=label,
            tags=[f"{TAG}{name}"],
            processType="LCI_RESULT" if is_bought else "UNIT_PROCESS",
            isInfrastructureProcess=False,
            exchanges=exchanges,
            lastInternalId=len(exchanges),
        )
        for exchange in exchanges:
            if provider := exchange.get("defaultProvider"):
                self.links.append(
                    {
                        "@type": "ProcessLink",
                        "process": key,
                        "provider": provider,
                        "flow": exchange["flow"],
                        "exchange": {"internalId": exchange["internalId"]},
                    }
                )

    def _line(self, found: Matrices, one: Exchange) -> dict[str, Any]:
        value = self.graph.value(one.node)
        text = self.formula(one.node) if value is None else ""
        amount = self._value(one.node) if value is None else value
        about = f"source: {one.source}" if one.source else ""
        if one.row[0] == "gas":
            gas = one.row[1]
            unit, quantity = self.counted("kg")
            flow = self.flow("ELEMENTARY_FLOW", GASES.get(gas, gas), "kg")
            line: dict[str, Any] = {
                **{"@type": "Exchange", "isInput": False, "amount": amount},
                **{"flow": flow, "unit": unit, "flowProperty": quantity},
            }
        else:
            base = _base(found.columns[one.row])
            line = self._exchange(one.row, base, amount, text, is_input=True)
            line["defaultProvider"] = {
                "@type": "Process",
                "@id": self.id("processes", *one.row),
                "name": one.row[1],
            }
        line |= {"amountFormula": text} if text else {}
        return line | ({"description": about} if about else {})

    def _exchange(
        self, column: Column, base: str, amount: float, text: str, *, is_input: bool
    ) -> dict[str, Any]:
        unit, quantity = self.counted(base)
        made: dict[str, Any] = {
            "@type": "Exchange",
            "isInput": is_input,
            "amount": amount,
            "flow": self.flow("PRODUCT_FLOW", self._product(column), base),
            "unit": unit,
            "flowProperty": quantity,
        }
        return made | ({"amountFormula": text} if text else {})

    def _product(self, column: Column) -> str:
        kind, name = column
        if kind == "process":
            return self.study.config.processes[name].makes.product
        return name

    def gwps(self, found: Matrices) -> None:
        """The GWPs as an impact category."""
        factors = []
        unit, quantity = self.counted("kg")
        for one in found.characterisation:
            gas = one.row[1]
            value = self.graph.value(one.node)
            if value is None:
                value = self._value(one.node)
                why = "openLCA has no distributions of impact factors here"
                self.made.left_out.append(f"the spread of the GWP of {gas}: {why}")
            flow = self.flow("ELEMENTARY_FLOW", GASES.get(gas, gas), "kg")
            factors.append(
                {
                    "@type": "ImpactFactor",
                    "flow": flow,
                    "unit": unit,
                    "flowProperty": quantity,
                    "value": value,
                }
            )
        gwp_set = self.study.config.characterisation
        name = gwp_set.set if gwp_set else "AR6"
        category = self.ref(
            "ImpactCategory",
            "lcia_categories",
            f"GWP100, {name}",
            refUnit=f"kg {CO2E}",
            impactFactors=factors,
            tags=[f"{TAG}{name}"],
        )
        words = ("lcia_methods", f"GWP100, {name}")
        self.ref("ImpactMethod", *words, impactCategories=[category])

    def system(self, found: Matrices) -> None:
        """The product system: what the footprint is of, and every link."""
        text = found.columns[found.declared]
        unit, quantity = self.counted(_base(text))
        if text != unit["name"]:
            unit = {"@type": "Unit", "@id": self.id("unit", text), "name": text}
            size = units().parse(text).factor
            group = _group_of(self.objects, quantity)
            group["units"].append({**unit, "conversionFactor": size})
        settings = self.study.settings.model_dump(
            include={"draws", "design", "seed", "replicates"}
        )
        processes = [
            {k: stated[k] for k in ("@type", "@id", "name")}
            for path, stated in self.objects.items()
            if path.startswith("processes/")
        ]
        self.ref(
            "ProductSystem",
            "product_systems",
            self.study.name,
            description=self.study.title,
            tags=[f"{TAG}{json.dumps(settings)}"],
            processes=processes,
            refProcess={
                "@type": "Process",
                "@id": self.id("processes", *found.declared),
                "name": found.declared[1],
            },
            refExchange={"@type": "ExchangeRef", "internalId": 1},
            targetAmount=1.0,
            targetUnit=unit,
            targetFlowProperty=quantity,
            processLinks=self.links,
        )
