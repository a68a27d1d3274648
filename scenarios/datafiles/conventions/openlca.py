"""The uncertainty object of openLCA's JSON-LD."""

from math import exp, log

from scenarios.datafiles.conventions.fields import Fields
from scenarios.datafiles.conventions.statement import (
    Statement,
    lognormal,
    lognormal_by_mean,
)

TYPES = {
    "LOG_NORMAL_DISTRIBUTION": "lognormal",
    "NORMAL_DISTRIBUTION": "normal",
    "TRIANGLE_DISTRIBUTION": "triangular",
    "UNIFORM_DISTRIBUTION": "uniform",
}

_VALUES = {
    "geomMean": "lognormal: geometric mean, which is the median",
    "geomSd": "lognormal: geometric standard deviation, not its square",
    "mean": "normal: mean",
    "sd": "normal: standard deviation",
    "minimum": "triangle, uniform: lower end",
    "mode": "triangle: most likely value",
    "maximum": "triangle, uniform: upper end",
}
FIELDS: dict[str, str] = {
    "@type": "the word Uncertainty, if given",
    "distributionType": ", ".join(TYPES),
    **_VALUES,
    **{f"{name}Formula": "a formula; refused where it is given" for name in _VALUES},
}
FIELDS_AS_SAMPLED: dict[str, str] = FIELDS | {
    "geomMean": "lognormal: the arithmetic mean of what is drawn, whatever its name"
}

TAKES: dict[str, frozenset[str]] = {
    "constant": frozenset(),
    "lognormal": frozenset({"negate"}),
    "normal": frozenset(),
    "triangular": frozenset(),
    "uniform": frozenset(),
}


def read(given: Fields) -> Statement:
    """Lognormal by its median, as the schema defines geomMean."""
    return _read(given, mean=False)


def read_as_sampled(given: Fields) -> Statement:
    """Lognormal by its mean, as openLCA since 2024-11 takes geomMean when it draws."""
    return _read(given, mean=True)


def write(said: Statement) -> dict[str, object]:
    """GeomMean is the median."""
    return _write(said, said.median if said.family == "lognormal" else 0.0)


def write_as_sampled(said: Statement) -> dict[str, object]:
    """GeomMean is the mean, so that openLCA draws the law that was meant."""
    if said.family != "lognormal":
        return _write(said, 0.0)
    return _write(said, said.median * exp(said.sigma**2 / 2))


def _read(given: Fields, *, mean: bool) -> Statement:
    for name in _VALUES:
        if f"{name}Formula" in given:
            text = "cannot be worked out here; write the value and the spread"
            raise given.fault(f"{name}Formula", text)
    family = given.word("distributionType", TYPES)
    if family == "normal":
        own = {"mean": given.number("mean"), "sd": given.number("sd")}
        return Statement(family, own)
    if family == "uniform":
        own = {"low": given.number("minimum"), "high": given.number("maximum")}
        return Statement(family, own)
    if family == "triangular":
        own = {"low": given.number("minimum"), "high": given.number("maximum")}
        return Statement(family, own | {"mode": given.number("mode")})
    centre = given.number("geomMean")
    sigma = log(given.not_below("geomSd", 1.0, "a geometric sd is 1 or more"))
    return lognormal_by_mean(centre, sigma) if mean else lognormal(centre, sigma)


def _write(said: Statement, geometric_mean: float) -> dict[str, object]:
    words = {family: word for word, family in TYPES.items()}
    if said.family == "constant":
        # no word of the schema says "fixed"; openLCA takes a normal of no width
        own = {"mean": said.number("value"), "sd": 0.0}
        return {"@type": "Uncertainty", "distributionType": words["normal"], **own}
    if said.family == "lognormal":
        own = {"geomMean": geometric_mean, "geomSd": said.number("gsd")}
    elif said.family == "normal":
        own = {"mean": said.number("mean"), "sd": said.number("sd")}
    else:
        own = {"minimum": said.number("low"), "maximum": said.number("high")}
        if said.family == "triangular":
            own["mode"] = said.number("mode")
    return {"@type": "Uncertainty", "distributionType": words[said.family], **own}
