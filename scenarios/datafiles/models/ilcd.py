"""ILCD: an archive of process, flow, flow property and unit group datasets."""

from xml.etree.ElementTree import Element

from scenarios.datafiles.models.containers import Archive, xml
from scenarios.datafiles.models.model import (
    Amount,
    Line,
    Made,
    Model,
    ModelFileError,
    Process,
)
from scenarios.datafiles.models.names import formula_of
from uncertainty.errors import UncertaintyError

FORM = "ILCD"
SPREAD = (
    *("relativeStandardDeviation95In", "minimumAmount", "maximumAmount"),
    "mostLikelyValue",
)


def read(archive: Archive) -> Model:
    """The model of an archive.

    Raises
    ------
    ModelFileError
        A dataset is damaged, or lacks what it needs.
    """
    model = Model(archive.name, FORM)
    flows = _flows(archive)
    for name in sorted(archive.names("processes", ".xml")):
        root = xml(archive.read(name), f"{archive.name}: {name}")
        try:
            found = _process(model, root, flows)
        except (KeyError, ValueError, TypeError) as error:
            text = f"{archive.name}: {name}: lacks or misstates {error}"
            raise ModelFileError(text) from None
        model.processes[found.key] = found
    for folder in ("lciamethods",):
        if count := len(archive.names(folder, ".xml")):
            why = "a footprint is weighted by the GWPs of the study"
            model.leave(model.title, f"{count} files of {folder}", why)
    return model


def _flows(archive: Archive) -> dict[str, tuple[str, str, str]]:
    """Flow -> its name, kind and unit."""
    units: dict[str, str] = {}
    for name in archive.names("unitgroups", ".xml"):
        root = xml(archive.read(name), name)
        wanted = root.findtext(".//referenceToReferenceUnit")
        for unit in root.iter("unit"):
            if unit.get("dataSetInternalID") == wanted:
                units[_uuid(root)] = unit.findtext("name") or ""
    groups: dict[str, str] = {}
    for name in archive.names("flowproperties", ".xml"):
        root = xml(archive.read(name), name)
        group = root.find(".//referenceToReferenceUnitGroup")
        if group is not None:
            groups[_uuid(root)] = units.get(group.get("refObjectId", ""), "")
    found = {}
    for name in archive.names("flows", ".xml"):
        root = xml(archive.read(name), name)
        wanted = root.findtext(".//referenceToReferenceFlowProperty")
        counted = ""
        for one in root.iter("flowProperty"):
            reference = one.find("referenceToFlowPropertyDataSet")
            if one.get("dataSetInternalID") == wanted and reference is not None:
                counted = groups.get(reference.get("refObjectId", ""), "")
        kind = root.findtext(".//typeOfDataSet") or ""
        label = root.findtext(".//baseName") or _uuid(root)
        found[_uuid(root)] = (label, kind, counted)
    return found


def _uuid(root: Element) -> str:
    return root.findtext(".//UUID") or ""


def _process(
    model: Model, root: Element, flows: dict[str, tuple[str, str, str]]
) -> Process:
    key = _uuid(root)
    name = root.findtext(".//baseName") or key
    version = root.findtext(".//dataSetVersion") or ""
    kind = root.findtext(".//LCIMethodAndAllocation/typeOfDataSet") or ""
    process = Process(
        key,
        name,
        root.findtext(".//classificationInformation//class") or "",
        f"{name}, {key}" + (f", version {version}" if version else ""),
        aggregated=kind.startswith("LCI result"),
    )
    references = {(r.text or "") for r in root.iter("referenceToReferenceFlow")}
    names = {p.get("name") for p in root.iter("variableParameter")}
    for parameter in root.iter("variableParameter"):
        own = parameter.get("name", "")
        value = float(parameter.findtext("meanValue") or 0)
        text = _formula(model, parameter.findtext("formula") or "", names, name)
        process.parameters[own] = Amount(value, text, _spread(parameter, value))
    outputs: list[tuple[str, Made, Element]] = []
    numbers: list[Element] = []
    for exchange in root.iter("exchange"):
        reference = exchange.find("referenceToFlowDataSet")
        if reference is None:
            raise ValueError("referenceToFlowDataSet of an exchange")
        flow = reference.attrib["refObjectId"]
        label = reference.findtext("shortDescription") or flow
        _, kind, unit = flows.get(flow, (label, "", ""))
        label = flows[flow][0] if flow in flows else label
        is_input = exchange.findtext("exchangeDirection") == "Input"
        amount = _amount(model, exchange, names, f"{name}, {label}")
        identity = exchange.get("dataSetInternalID", "")
        product = kind.startswith(("Product", "Waste")) or identity in references
        if product and (identity in references or not is_input):
            outputs.append((identity, Made(flow, label, amount, unit), exchange))
        elif product:
            process.takes.append(Line(flow, label, amount, unit))
        else:
            sign = -1.0 if is_input else 1.0
            process.emits.append(Line(flow, label, amount, unit or "kg", "", sign))
        if not (product and (identity in references or not is_input)):
            numbers.append(exchange)
    outputs.sort(key=lambda one: one[0] not in references)
    process.makes = [made for _, made, _ in outputs]
    if len(outputs) > 1:
        process.makes = _shared(model, process, outputs, numbers, flows)
    return process


def _shared(
    model: Model,
    process: Process,
    outputs: list[tuple[str, Made, Element]],
    exchanges: list[Element],
    flows: dict[str, tuple[str, str, str]],
) -> list[Made]:
    """Products with their shares of each line."""

    def takes(exchange: Element) -> bool:
        reference = exchange.find("referenceToFlowDataSet")
        flow = "" if reference is None else reference.get("refObjectId", "")
        return flows.get(flow, ("", "", ""))[1].startswith(("Product", "Waste"))

    ordered = [e for e in exchanges if takes(e)] + [
        e for e in exchanges if not takes(e)
    ]
    shares: dict[str, dict[int, float]] = {identity: {} for identity, _, _ in outputs}
    for i, exchange in enumerate(ordered):
        for allocation in exchange.iter("allocation"):
            product = allocation.get("internalReferenceToCoProduct", "")
            if product in shares:
                fraction = float(allocation.get("allocatedFraction", 0)) / 100
                shares[product][i] = fraction
    if not any(shares.values()):
        for _, made, _ in outputs[1:]:
            why = "the dataset states no allocation; all goes to its reference"
            model.leave(process.name, made.name, why)
        return [outputs[0][1]]
    return [
        Made(made.flow, made.name, made.amount, made.unit, 1.0, 0.0, shares[identity])
        for identity, made, _ in outputs
    ]


def _amount(
    model: Model, exchange: Element, names: set[str | None], where: str
) -> Amount:
    mean = float(exchange.findtext("meanAmount") or 0)
    value = float(exchange.findtext("resultingAmount") or mean)
    variable = exchange.findtext("referenceToVariable") or ""
    if variable:
        text = _formula(model, f"{mean!r} * {variable}", names, where)
        return Amount(value, text)
    return Amount(value, "", _spread(exchange, mean))


def _formula(model: Model, text: str, names: set[str | None], where: str) -> str:
    if not text:
        return ""
    try:
        return formula_of(text, "openlca", lambda name: name if name in names else None)
    except (ValueError, UncertaintyError) as error:
        model.leave(where, f"the formula {text}", f"{error}; its value is kept")
        return ""


def _spread(stated: Element, mean: float) -> dict[str, object] | None:
    kind = stated.findtext("uncertaintyDistributionType") or "undefined"
    own = {
        w: text for w in SPREAD if (text := (stated.findtext(f".//{w}") or "").strip())
    }
    if kind == "undefined" or not own:
        return None
    given = {"uncertaintyDistributionType": kind, "meanAmount": mean}
    return {"format": "ilcd", **given, **own}
