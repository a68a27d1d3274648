"""EcoSpold 1 and 2: one file with one or several datasets, or an archive of such."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

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

SPOLD1, SPOLD2 = "EcoSpold 1", "EcoSpold 2"
SPOLD1_FIELDS = (
    *("uncertaintyType", "meanValue", "standardDeviation95", "minValue", "maxValue"),
    "mostLikelyValue",
)
ROOTS = ("ecoSpold", "notecoSpold")
DISTRIBUTIONS = (
    *("lognormal", "normal", "triangular", "uniform", "undefined", "beta", "gamma"),
    "binomial",
)


def read(title: str, roots: Iterable[tuple[str, Element]]) -> Model:
    """The model of all datasets of some files, of either version.

    Raises
    ------
    ModelFileError
        A dataset lacks what it needs.
    """
    model = Model(title, SPOLD1)
    for name, root in roots:
        try:
            _file(model, root)
        except (KeyError, ValueError, TypeError) as error:
            text = f"{name}: a dataset lacks or misstates {error}"
            raise ModelFileError(text) from None
    return model


def _file(model: Model, root: Element) -> None:
    for dataset in root:
        if dataset.tag == "dataset":
            found = _spold1(model, dataset)
        elif dataset.tag in ("activityDataset", "childActivityDataset"):
            model.form = SPOLD2
            found = _spold2(model, dataset)
        else:
            continue
        if found is not None:
            model.processes[found.key] = found


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _group(exchange: Element) -> tuple[str, int]:
    """Whether it is an input or an output, and of which group."""
    for side in ("input", "output"):
        text = _text(exchange, f"{side}Group")
        if text:
            return side, int(text)
    raise ValueError("inputGroup or outputGroup of an exchange")


# --- version 1 ------------------------------------------------------------------------


def _spold1(model: Model, dataset: Element) -> Process | None:
    function = dataset.find(".//referenceFunction")
    about = dataset.find(".//dataSetInformation")
    if function is None:
        raise ValueError("referenceFunction")
    name = function.get("name", "")
    if about is not None and about.get("impactAssessmentResult") == "true":
        model.leave(name, "an impact assessment", "a footprint is weighted by GWPs")
        return None
    place = dataset.find(".//geography")
    location = "" if place is None else place.get("location", "")
    number = dataset.get("number", "")
    process = Process(
        f"{name}|{location}",
        name,
        function.get("subCategory") or function.get("category") or "",
        f"{name}, {location}, dataset {number}",
        aggregated=about is not None and about.get("type") == "2",
    )
    outputs: dict[str, Made] = {}
    order: dict[str, int] = {}
    lines: list[tuple[str, bool, Line]] = []
    for exchange in dataset.iter("exchange"):
        side, group = _group(exchange)
        label, unit = exchange.attrib["name"], exchange.get("unit", "")
        amount = _amount1(exchange)
        key = f"{label}|{exchange.get('location', location)}"
        identity = exchange.get("number", "")
        if side == "output" and group in (0, 2):
            outputs[identity] = Made(key if group else process.key, label, amount, unit)
            continue
        nature = group == 4
        if side == "output" and group == 1:  # an avoided product
            sign = -1.0
        elif nature:
            sign = -1.0 if side == "input" else 1.0
        else:
            sign = 1.0
        lines.append((identity, nature, Line(key, label, amount, unit, key, sign)))
    process.takes = [line for _, nature, line in lines if not nature]
    process.emits = [line for _, nature, line in lines if nature]
    ordered = [i for i, nature, _ in lines if not nature]
    ordered += [i for i, nature, _ in lines if nature]
    order = {identity: i for i, identity in enumerate(ordered)}
    if not outputs:
        amount = Amount(float(function.get("amount", 1)))
        made = Made(process.key, name, amount, function.get("unit", ""))
        process.makes = [made]
        return process
    process.makes = _shared(model, process, dataset, outputs, order)
    return process


def _shared(
    model: Model,
    process: Process,
    dataset: Element,
    outputs: dict[str, Made],
    order: dict[str, int],
) -> list[Made]:
    """Products with their shares of each line."""
    if len(outputs) == 1:
        return list(outputs.values())
    shares: dict[str, dict[int, float]] = {identity: {} for identity in outputs}
    for allocation in dataset.iter("allocation"):
        product = allocation.get("referenceToCoProduct", "")
        for reference in allocation.iter("referenceToInputOutput"):
            line = (reference.text or "").strip()
            if product in shares and line in order:
                fraction = float(allocation.attrib["fraction"]) / 100
                shares[product][order[line]] = fraction
    if not any(shares.values()):
        first, *others = outputs.values()
        for made in others:
            why = "the dataset states no allocation; all goes to its reference"
            model.leave(process.name, made.name, why)
        return [first]
    return [
        Made(made.flow, made.name, made.amount, made.unit, 1.0, 0.0, shares[identity])
        for identity, made in outputs.items()
    ]


def _amount1(exchange: Element) -> Amount:
    value = float(exchange.attrib["meanValue"])
    given: dict[str, Any] = {
        word: exchange.get(word) for word in SPOLD1_FIELDS if exchange.get(word)
    }
    code = given.get("uncertaintyType", "0")
    if int(code) == 0 or (value == 0 and int(code) == 1):
        return Amount(value)
    return Amount(value, "", {"format": "ecospold1", **given})


# --- version 2 ------------------------------------------------------------------------


def _spold2(model: Model, dataset: Element) -> Process:
    activity = dataset.find(".//activityDescription/activity")
    if activity is None:
        raise ValueError("activityDescription/activity")
    key = activity.attrib["id"]
    name = _text(activity, "activityName")
    location = _text(dataset, ".//geography/shortname")
    process = Process(
        key,
        name,
        _category(dataset),
        f"{name}, {location}, {key}",
        aggregated=activity.get("type") == "2",
    )
    names = {p.get("variableName") for p in dataset.iter("parameter")}
    variables = {
        str(one.get("variableName")): one
        for tag in ("intermediateExchange", "elementaryExchange")
        for one in dataset.iter(tag)
        if one.get("variableName")
    }
    for parameter in dataset.iter("parameter"):
        own = parameter.get("variableName")
        if own:
            where = f"{name}, parameter {own}"
            process.parameters[own] = _amount2(model, parameter, names, where)
    others: list[Made] = []
    for exchange in dataset.iter("intermediateExchange"):
        side, group = _group(exchange)
        label = _text(exchange, "name")
        flow = exchange.get("intermediateExchangeId") or label
        amount = _amount2(model, exchange, names, f"{name}, {label}", variables)
        unit = _text(exchange, "unitName")
        if side == "output" and group == 0:
            if amount.value == 0:
                continue
            # a treatment makes less of the waste that it takes
            sign = -1.0 if amount.value < 0 else 1.0
            process.makes.append(Made(f"{flow}", label, amount, unit, sign))
        elif side == "output":
            others.append(Made(flow, label, amount, unit))
        else:
            sign = -1.0 if amount.value < 0 and exchange.get("activityLinkId") else 1.0
            provider = exchange.get("activityLinkId", "")
            process.takes.append(Line(flow, label, amount, unit, provider, sign))
    for made in others:
        why = "a by-product is not divided here; all goes to the reference product"
        model.leave(name, made.name, why)
    for made in process.makes[1:]:
        why = "an undivided dataset has several references; the first takes all"
        model.leave(name, made.name, why)
    process.makes = process.makes[:1]
    for exchange in dataset.iter("elementaryExchange"):
        side, _ = _group(exchange)
        label = _text(exchange, "name")
        flow = exchange.get("elementaryExchangeId") or label
        amount = _amount2(model, exchange, names, f"{name}, {label}", variables)
        sign = -1.0 if side == "input" else 1.0
        unit = _text(exchange, "unitName")
        process.emits.append(Line(flow, label, amount, unit, "", sign))
    return process


def _category(dataset: Element) -> str:
    for one in dataset.iter("classification"):
        if "ISIC" in _text(one, "classificationSystem"):
            return _text(one, "classificationValue").rpartition(":")[2]
    return ""


def _amount2(
    model: Model,
    stated: Element,
    names: set[str | None],
    where: str,
    variables: dict[str, Element] | None = None,
) -> Amount:
    value = float(stated.attrib["amount"])
    text = stated.get("mathematicalRelation") or ""
    if text:
        try:
            text = formula_of(text, "ecospold2", lambda n: n if n in names else None)
        except (ValueError, UncertaintyError) as error:
            model.leave(where, f"the formula {text}", f"{error}; its value is kept")
            text = ""
    return Amount(value, text, _spread2(stated))


def _spread2(stated: Element) -> dict[str, object] | None:
    found = stated.find("uncertainty")
    for one in () if found is None else found:
        if one.tag in DISTRIBUTIONS and one.tag != "undefined":
            own: Iterator[tuple[str, str]] = iter(one.attrib.items())
            return {"format": "ecospold2", "distribution": one.tag, **dict(own)}
    return None
