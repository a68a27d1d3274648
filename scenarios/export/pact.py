"""A result as product footprints of the PACT data exchange, version 3.

Field names, which of them are needed and what they may hold are those of the PACT
Technical Specifications 3.0. What no study knows (company, product ids, reference
period, exempted emissions, ...) comes from the user in these names; nothing is assumed.
The distribution travels in a data model extension, described by `SCHEMA`.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from scenarios.results.result import PRIMARY, Cell, Result, at
from scenarios.results.table import ExportError
from scenarios.units import units
from uncertainty.errors import nearest

VERSION = "3.0.3"
EXTENSION = "1.0.0"
DATA_SCHEMA = "urn:potline:uncertainty:1.0.0"
DECIMAL = r"[+-]?\d+(\.\d+)?"

KINDS: Mapping[str, tuple[str, str]] = {
    "text": (r".+", "text"),
    "decimal": (DECIMAL, 'a decimal in quotes, such as "0.5"'),
    "positive": (r"\+?(?=.*[1-9])\d+(\.\d+)?", "a decimal above 0, in quotes"),
    "unsigned": (r"\+?\d+(\.\d+)?", "a decimal of 0 or more, in quotes"),
    "removed": (r"-\d+(\.\d+)?|0+(\.0+)?", "a decimal of 0 or less, in quotes"),
    "time": (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)",
        "a time such as 2024-01-01T00:00:00Z",
    ),
    "urn": (r"[uU][rR][nN]:.+", "a URN such as urn:gtin:4712345060507"),
    "uuid": (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a UUID"),
    "country": (r"[A-Z]{2}", "two letters of ISO 3166-1"),
    "uri": (r"[A-Za-z][A-Za-z0-9+.-]*:.+", "a URI"),
}
"""Kind of a field -> what it has to match in full, and its words."""

PRODUCT = {
    "id": "uuid!",
    "specVersion": "text!",
    "precedingPfIds": "uuid*",
    "created": "time!",
    "status": "Active|Deprecated!",
    "validityPeriodStart": "time",
    "validityPeriodEnd": "time",
    "companyName": "text!",
    "companyIds": "urn*!",
    "productDescription": "text!",
    "productIds": "urn*!",
    "productClassifications": "urn*",
    "productNameCompany": "text!",
    "comment": "text",
}
UNSIGNED = (
    *("biogenicCarbonContent", "recycledCarbonContent", "landUseChangeGhgEmissions"),
    *("landCarbonLeakage", "landManagementFossilGhgEmissions", "landAreaOccupation"),
    *("landManagementBiogenicCO2Emissions", "biogenicNonCO2Emissions"),
    *("aircraftGhgEmissions", "packagingGhgEmissions", "ccuCarbonContent"),
    *("packagingBiogenicCarbonContent", "outboundLogisticsGhgEmissions"),
)
REMOVED = (
    *("landManagementBiogenicCO2Removals", "biogenicCO2Uptake"),
    *("ccsTechnologicalCO2Capture", "technologicalCO2Removals"),
)
FOOTPRINT = {
    "declaredUnitOfMeasurement": "text!",
    "declaredUnitAmount": "positive!",
    "productMassPerDeclaredUnit": "decimal!",
    "referencePeriodStart": "time!",
    "referencePeriodEnd": "time!",
    "geographyRegionOrSubregion": "text",
    "geographyCountry": "country",
    "geographyCountrySubdivision": "text",
    "boundaryProcessesDescription": "text",
    "pcfExcludingBiogenicUptake": "decimal!",
    "pcfIncludingBiogenicUptake": "decimal!",
    "fossilCarbonContent": "unsigned!",
    "fossilGhgEmissions": "unsigned!",
    **dict.fromkeys(UNSIGNED, "unsigned"),
    **dict.fromkeys(REMOVED, "removed"),
    "packagingEmissionsIncluded": "flag",
    "ccsTechnologicalCO2CaptureIncluded": "flag",
    "technologicalCO2CaptureOrigin": "text",
    "ccuCalculationApproach": "Cut-off|Credit",
    "ccuCreditCertification": "uri",
    "ipccCharacterizationFactors": "text*!",
    "crossSectoralStandards": "text*!",
    "productOrSectorSpecificRules": "objects",
    "exemptedEmissionsPercent": "decimal!",
    "exemptedEmissionsDescription": "text",
    "allocationRulesDescription": "text",
    "secondaryEmissionFactorSources": "objects",
    "primaryDataShare": "decimal",
    "dqi": "object",
    "verification": "object",
}
"""Field -> kind, ``*`` for a list that is not empty, ``!`` for one that is needed."""
PLACES = [name for name in FOOTPRINT if name.startswith("geography")]

UNITS = {
    "kilogram": "kg",
    "kilowatt hour": "kWh",
    "cubic meter": "m3",
    "ton kilometer": "t km",
    "square meter": "m2",
    "piece": "piece",
    "hour": "h",
}
"""Units of PACT in ours; one of each dimension."""

_NUMBER = {"type": "string", "pattern": f"^{DECIMAL}$"}
_INTERVAL = {
    "type": "object",
    "properties": dict.fromkeys(("lower", "upper", "coverageProbability"), _NUMBER),
    "required": ["lower", "upper", "coverageProbability"],
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": DATA_SCHEMA,
    "title": "Distribution of a product carbon footprint by Monte Carlo simulation",
    "type": "object",
    "properties": {
        **dict.fromkeys(("mean", "median", "standardDeviation"), _NUMBER),
        "coverageInterval": _INTERVAL,
        "units": {"type": "string"},
        "draws": {"type": "integer", "minimum": 1},
        "design": {"type": "string"},
        "seed": {"type": "integer", "minimum": 0},
        "scenario": {"type": "string"},
        "shareOfVarianceAssumed": _NUMBER,
        "largestContributionsToVariance": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"input": {"type": "string"}, "share": _NUMBER},
                "required": ["input", "share"],
            },
        },
    },
    "required": ["mean", "median", "standardDeviation", "coverageInterval", "units"],
}
"""JSON Schema of the extension's data."""


def pact(
    result: Result, scenarios: list[str], about: Mapping[str, Any]
) -> dict[str, bytes]:
    """A message with a footprint a scenario and year, and the extension's schema.

    Parameters
    ----------
    result : Result
        With a footprint.
    scenarios : list of str
    about : mapping
        Fields of PACT by their names, of the product and of its footprint.

    Raises
    ------
    ExportError
        Fields are missing, unknown, or hold what they may not; all at once.
    """
    if not result.has_footprint:
        raise ExportError(f"{result.study} has no chain, so it has no footprint")
    cells = [cell for cell in result.cells if cell.scenario in scenarios]
    found = [_product(result, cell, about) for cell in cells]
    faults = dict.fromkeys(fault for _, faults in found for fault in faults)
    if faults:
        raise ExportError("\n".join(["PACT needs more to be said of it:", *faults]))
    return {
        "pact.json": _json({"data": [product for product, _ in found]}),
        "uncertainty.schema.json": _json(SCHEMA),
    }


def _product(
    result: Result, cell: Cell, about: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The footprint of one scenario and year, and what is at fault."""
    stated = {key: _plain(value) for key, value in about.items()}
    schema = stated.pop("dataSchema", DATA_SCHEMA)
    product = {
        "id": str(
            uuid.uuid5(uuid.NAMESPACE_OID, f"{result.config_text}\n{cell.where}")
        ),
        "specVersion": VERSION,
        "created": _created(result),
        "status": "Active",
        "productDescription": f"{result.title}: {cell.name}",
    }
    footprint = _footprint(result, cell)
    faults = []
    for key, value in stated.items():
        if key in FOOTPRINT:
            footprint[key] = value
        elif key in PRODUCT:
            product[key] = value
        else:
            near = nearest(key, [*PRODUCT, *FOOTPRINT])
            faults.append(f"{key}: is no field of PACT {VERSION}{near}")
    # what the two sums share follows from what has been said
    if "biogenicCO2Uptake" in stated and "pcfIncludingBiogenicUptake" not in stated:
        total = Decimal(footprint["pcfExcludingBiogenicUptake"])
        if re.fullmatch(DECIMAL, str(stated["biogenicCO2Uptake"])):
            total += Decimal(stated["biogenicCO2Uptake"])
        footprint["pcfIncludingBiogenicUptake"] = f"{total:f}"
    faults += [*_faults(product, PRODUCT), *_faults(footprint, FOOTPRINT)]
    if len(places := [name for name in PLACES if name in footprint]) > 1:
        faults.append(f"{' and '.join(places)}: state one of them")
    extension = {
        "specVersion": EXTENSION,
        "dataSchema": schema,
        "data": _distribution(result, cell),
    }
    return {**product, "pcf": footprint, "extensions": [extension]}, faults


def _footprint(result: Result, cell: Cell) -> dict[str, Any]:
    """Fields of the footprint that the study answers."""
    config = result.config
    assert config.declared_unit is not None  # there is a footprint
    word, factor = _unit(config.declared_unit.units)
    mean = float(at(_summary(result), cell)["mean"]) * factor
    gwps = config.characterisation
    processes = [
        f"{process.stage}: {process.label or name}"
        for name, process in config.processes.items()
    ]
    found: dict[str, Any] = {
        "declaredUnitOfMeasurement": word,
        "declaredUnitAmount": "1",
        "boundaryProcessesDescription": "; ".join(processes),
        "pcfExcludingBiogenicUptake": _decimal(mean),
        "ipccCharacterizationFactors": [gwps.set if gwps else "AR6"],
    }
    if word == "kilogram":
        found["productMassPerDeclaredUnit"] = "1"
    elif word == "kilowatt hour":
        found["productMassPerDeclaredUnit"] = "0"
    # biogenic carbon weighs nothing in a study: its uptake has to be stated
    gases = result.summary("by_gas")
    fossil = gases is not None and "CO2_biogenic" not in gases["gas"].values
    if fossil:
        found["pcfIncludingBiogenicUptake"] = _decimal(mean)
        if mean >= 0:
            found["fossilGhgEmissions"] = _decimal(mean)
    if cell.year is not None:
        found["referencePeriodStart"] = f"{cell.year}-01-01T00:00:00Z"
        found["referencePeriodEnd"] = f"{cell.year}-12-31T23:59:59Z"
    return found


def _distribution(result: Result, cell: Cell) -> dict[str, Any]:
    """What the extension says: the interval, and how it came about."""
    assert result.config.declared_unit is not None  # there is a footprint
    word, factor = _unit(result.config.declared_unit.units)
    data = at(_summary(result), cell)
    ends = data["coverage"]
    found: dict[str, Any] = {
        "mean": _decimal(float(data["mean"]) * factor),
        "median": _decimal(float(data["median"]) * factor),
        "standardDeviation": _decimal(float(data["sd"]) * factor),
        "coverageInterval": {
            **{
                end: _decimal(float(ends.sel(bound=end)) * factor)
                for end in ("lower", "upper")
            },
            "coverageProbability": _decimal(result.coverage_probability),
        },
        "units": f"kg CO2e per {word}",
        "draws": result.draws,
        "design": result.design,
        "seed": result.seed,
        "scenario": cell.scenario,
    }
    assumed = result.assumed_share(cell)
    if assumed is not None and assumed == assumed:
        found["shareOfVarianceAssumed"] = _decimal(round(assumed, 6))
    if result.first_order is not None:
        shares = at(result.first_order, cell)["variance_share"]
        largest = shares.sortby(shares, ascending=False)[:3]
        found["largestContributionsToVariance"] = [
            {"input": str(name), "share": _decimal(round(float(share), 6))}
            for name, share in zip(
                largest["parameter"].values, largest.values, strict=True
            )
            if share > 0
        ]
    return found


def _summary(result: Result) -> Any:
    return result.summary(PRIMARY)


def _unit(text: str) -> tuple[str, float]:
    """The unit of PACT for a declared unit, and how many of ours it is."""
    known = units()
    for word, ours in UNITS.items():
        if known.compatible(text, ours):
            return word, known.conversion(ours, text)
    listed = ", ".join(UNITS)
    raise ExportError(f"PACT counts products in {listed}, not in {text}")


def _created(result: Result) -> str:
    started = result.attributes.get("started")
    when = datetime.fromisoformat(str(started)) if started else datetime.now(UTC)
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _faults(stated: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[str]:
    for name, kind in fields.items():
        needed = kind.endswith("!")
        if name in stated:
            if what := _wrong(stated[name], kind.rstrip("!")):
                yield f"{name}: PACT takes {what} here, not {stated[name]!r}"
        elif needed:
            yield f"{name}: missing; state it by --about"


def _wrong(value: Any, kind: str) -> str:
    """What a value should be and is not; empty if it is."""
    if kind == "flag":
        return "" if isinstance(value, bool) else "true or false"
    if kind == "object":
        return "" if isinstance(value, dict) and value else "a mapping"
    if kind == "objects":
        is_list = isinstance(value, list) and value
        mappings = is_list and all(isinstance(item, dict) for item in value)
        return "" if mappings else "a list of mappings"
    if kind.endswith("*"):
        if not isinstance(value, list) or not value:
            return "a list"
        return next(filter(None, (_wrong(item, kind[:-1]) for item in value)), "")
    pattern, words = KINDS.get(kind, (kind, kind.replace("|", " or ")))
    is_text = isinstance(value, str)
    return "" if is_text and re.fullmatch(pattern, value, re.DOTALL) else words


def _plain(value: Any) -> Any:
    """Numbers as the decimals in quotes that the format has."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _decimal(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _decimal(value: float) -> str:
    """A number in digits, without an exponent, that reads back the same."""
    return f"{Decimal(repr(value)):f}"


def _json(found: Mapping[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, indent=2).encode()
