"""EcoSpold 2, EcoSpold 1 and ILCD: three files, three meanings of one spread."""

from math import log, sqrt

from scenarios.datafiles.conventions.fields import Fields
from scenarios.datafiles.conventions.statement import Statement, lognormal

_CENTRE = "lognormal: geometric mean, the median; normal: mean; undefined: value"

TAKES: dict[str, frozenset[str]] = {
    "constant": frozenset(),
    "lognormal": frozenset({"negate"}),
    "normal": frozenset(),
    "triangular": frozenset(),
    "uniform": frozenset(),
}

SPOLD2_WORDS = {
    "lognormal": "lognormal",
    "normal": "normal",
    "triangular": "triangular",
    "uniform": "uniform",
    "undefined": "constant",
    "beta": "",
    "gamma": "",
    "binomial": "",
}
SPOLD2_FIELDS: dict[str, str] = {
    "distribution": "name of the element: lognormal, normal, triangular, uniform; "
    "undefined has no spread",
    "meanValue": _CENTRE,
    "mu": "lognormal: ln of meanValue; must agree with it",
    "variance": "lognormal: variance of ln x, pedigree left out; normal: of x",
    "varianceWithPedigreeUncertainty": "the same with the pedigree's: the law drawn; "
    "if not given, variance is",
    "minValue": "triangular, uniform: lower end",
    "mostLikelyValue": "triangular: mode",
    "maxValue": "triangular, uniform: upper end",
}

SPOLD1_TYPES = {
    0: "constant",
    1: "lognormal",
    2: "normal",
    3: "triangular",
    4: "uniform",
}
SPOLD1_FIELDS: dict[str, str] = {
    "uncertaintyType": "0 undefined, no spread; 1 lognormal; 2 normal; 3 triangular; "
    "4 uniform",
    "meanValue": _CENTRE,
    "standardDeviation95": "lognormal: GSD^2; normal: two standard deviations",
    "minValue": "triangular, uniform: lower end; else the 2.5 % point, not used",
    "maxValue": "triangular, uniform: upper end; else the 97.5 % point, not used",
    "mostLikelyValue": "triangular: mode",
}

ILCD_WORDS = {
    "undefined": "constant",
    "log-normal": "lognormal",
    "normal": "normal",
    "triangular": "triangular",
    "uniform": "uniform",
}
ILCD_FIELDS: dict[str, str] = {
    "uncertaintyDistributionType": ", ".join(ILCD_WORDS),
    "meanAmount": _CENTRE,
    "relativeStandardDeviation95In": "lognormal: GSD^2; normal: two sd in the amount's "
    "units; some tools write a percentage, so 100 and more is refused",
    "minimumAmount": "triangular, uniform: lower end; else not used",
    "maximumAmount": "triangular, uniform: upper end; else not used",
    "mostLikelyValue": "triangular: mode; the schema has none, openLCA adds it",
}

MU_AGREES = 0.01
"""Files print mu with two or three decimals."""
PERCENT_FROM = 100.0


def read_spold2(given: Fields) -> Statement:
    """Variance of ln x about a geometric mean."""
    family = given.word("distribution", SPOLD2_WORDS)
    if family == "constant":
        for name in ("minValue", "maxValue", "variance"):
            given.only_with(name, "laws with a spread", empty=(0,))
        return Statement(family, {"value": given.number("meanValue")})
    if family in ("triangular", "uniform"):
        return _between(given, family, "minValue", "mostLikelyValue", "maxValue")
    centre, variance = given.number("meanValue"), _variance(given)
    if family == "normal":
        return Statement(family, {"mean": centre, "sd": sqrt(variance)})
    _not_zero(given, "meanValue", centre)
    mu = given.optional("mu")
    if mu is not None and abs(mu - log(abs(centre))) > MU_AGREES:
        text = f"{mu:g} is not the ln of meanValue, {log(abs(centre)):.6g}"
        raise given.fault("mu", f"{text}; one of the two is wrong")
    return lognormal(centre, sqrt(variance))


def write_spold2(said: Statement) -> dict[str, object]:
    """One variance twice: no pedigree of its own is claimed."""
    if said.family in ("triangular", "uniform"):
        return {"distribution": said.family, **_ends(said, "Value")}
    if said.family == "constant":
        return {"distribution": "undefined", "meanValue": said.number("value")}
    if said.family == "normal":
        own = {"meanValue": said.number("mean")}
        variance = said.number("sd") ** 2
    else:
        own = {"meanValue": said.median, "mu": log(said.number("median"))}
        variance = said.sigma**2
    both = {"variance": variance, "varianceWithPedigreeUncertainty": variance}
    return {"distribution": said.family, **own, **both}


def read_spold1(given: Fields) -> Statement:
    """GSD^2 about a geometric mean, or two standard deviations about a mean."""
    code = given.code("uncertaintyType") if "uncertaintyType" in given else 0
    if code not in SPOLD1_TYPES:
        text = f"{code} is no type of EcoSpold 1; there are 0 to 4"
        raise given.fault("uncertaintyType", text)
    family = SPOLD1_TYPES[code]
    if family in ("triangular", "uniform"):
        return _between(given, family, "minValue", "mostLikelyValue", "maxValue")
    return _about(given, family, "meanValue", "standardDeviation95")


def write_spold1(said: Statement) -> dict[str, object]:
    """GSD^2 or two standard deviations; a triangle keeps its own mean beside."""
    code = {family: code for code, family in SPOLD1_TYPES.items()}[said.family]
    found: dict[str, object] = {"uncertaintyType": code}
    if said.family in ("triangular", "uniform"):
        return found | {"meanValue": said.marginal().mean} | _ends(said, "Value")
    return found | _centred(said, "meanValue", "standardDeviation95")


def read_ilcd(given: Fields) -> Statement:
    """GSD^2 about a geometric mean, or two standard deviations about a mean."""
    family = given.word("uncertaintyDistributionType", ILCD_WORDS, "undefined")
    if family in ("triangular", "uniform"):
        ends = "minimumAmount", "mostLikelyValue", "maximumAmount"
        return _between(given, family, *ends)
    field = "relativeStandardDeviation95In"
    if family == "lognormal" and given.number(field) >= PERCENT_FROM:
        squared = given.number(field)
        text = f"{squared:g} may be a percentage, which is a GSD^2 of {squared / 100:g}"
        raise given.fault(
            field, f"{text}, or a GSD of 10 and more; state the lognormal"
        )
    return _about(given, family, "meanAmount", field)


def write_ilcd(said: Statement) -> dict[str, object]:
    """GSD^2 or two standard deviations; a triangle's mode in openLCA's extension."""
    word = {family: word for word, family in ILCD_WORDS.items()}[said.family]
    found: dict[str, object] = {"uncertaintyDistributionType": word}
    if said.family in ("triangular", "uniform"):
        return found | {"meanAmount": said.marginal().mean} | _ends(said, "Amount")
    return found | _centred(said, "meanAmount", "relativeStandardDeviation95In")


def _variance(given: Fields) -> float:
    """Variance of the law drawn, with the pedigree's where that is stated."""
    why = "it is a variance"
    total, basic = "varianceWithPedigreeUncertainty", "variance"
    if total not in given:
        return given.not_below(basic, 0.0, why)
    variance = given.not_below(total, 0.0, why)
    if basic in given and given.number(basic) > variance * (1 + 1e-9):
        text = f"{variance:g} is less than variance {given.number(basic):g}"
        raise given.fault(total, f"{text}; the pedigree only adds to it")
    return variance


def _about(given: Fields, family: str, centre: str, spread: str) -> Statement:
    value = given.number(centre)
    if family == "constant":
        given.only_with(spread, "laws with a spread", empty=(0, 1))
        return Statement(family, {"value": value})
    if family == "normal":
        two_sd = given.not_below(spread, 0.0, "it is two standard deviations")
        return Statement(family, {"mean": value, "sd": two_sd / 2})
    _not_zero(given, centre, value)
    squared = given.not_below(spread, 1.0, "it is GSD^2, 1 for no spread")
    return lognormal(value, log(squared) / 2)


def _centred(said: Statement, centre: str, spread: str) -> dict[str, object]:
    if said.family == "constant":
        return {centre: said.number("value")}
    if said.family == "normal":
        return {centre: said.number("mean"), spread: 2 * said.number("sd")}
    return {centre: said.median, spread: said.number("gsd") ** 2}


def _between(given: Fields, family: str, low: str, mode: str, high: str) -> Statement:
    own = {"low": given.number(low), "high": given.number(high)}
    if family == "triangular":
        if mode not in given:
            text = f"missing; a mean is no mode, {given.title} must state it"
            raise given.fault(mode, text)
        own["mode"] = given.number(mode)
    return Statement(family, own)


def _ends(said: Statement, ending: str) -> dict[str, object]:
    words = ("minimum", "maximum") if ending == "Amount" else ("min", "max")
    low, high = (f"{word}{ending}" for word in words)
    found: dict[str, object] = {low: said.number("low"), high: said.number("high")}
    if said.family == "triangular":
        found["mostLikelyValue"] = said.number("mode")
    return found


def _not_zero(given: Fields, name: str, value: float) -> None:
    if not value:
        raise given.fault(name, "0 has no lognormal; state a value without spread")
