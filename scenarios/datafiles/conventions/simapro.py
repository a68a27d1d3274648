"""The columns of uncertainty in a SimaPro CSV file."""

from math import log

from scenarios.datafiles.conventions.fields import Fields
from scenarios.datafiles.conventions.statement import Statement, lognormal

WORDS = {
    "Undefined": "constant",
    "Lognormal": "lognormal",
    "Normal": "normal",
    "Triangle": "triangular",
    "Uniform": "uniform",
}
FIELDS: dict[str, str] = {
    "distribution": ", ".join(WORDS),
    "mean": "the amount. Lognormal: geometric mean, the median; Normal: mean; "
    "Triangle: mode; Undefined: the value; Uniform: not used",
    "xsd": "Lognormal: GSD^2, 1 for no spread; Normal: two standard deviations",
    "min": "Triangle, Uniform: lower end; else 0",
    "max": "Triangle, Uniform: upper end; else 0",
}
TAKES: dict[str, frozenset[str]] = {
    "constant": frozenset(),
    "lognormal": frozenset({"negate"}),
    "normal": frozenset(),
    "triangular": frozenset(),
    "uniform": frozenset(),
}


def read(given: Fields) -> Statement:
    """GSD^2 about a geometric mean, or two standard deviations about a mean."""
    family = given.word("distribution", WORDS)
    if family in ("triangular", "uniform"):
        given.only_with("xsd", "Lognormal and Normal", empty=(0, 1))
        own = {"low": given.number("min"), "high": given.number("max")}
        if family == "triangular":
            own["mode"] = given.number("mean")
        return Statement(family, own)
    # the other laws have no bounds; their rows hold 0 in both columns
    for name in ("min", "max"):
        given.only_with(name, "Triangle and Uniform", empty=(0,))
    centre = given.number("mean")
    if family == "constant":
        given.only_with("xsd", "Lognormal and Normal", empty=(0, 1))
        return Statement(family, {"value": centre})
    if family == "normal":
        two_sd = given.not_below("xsd", 0.0, "it is two standard deviations")
        return Statement(family, {"mean": centre, "sd": two_sd / 2})
    if not centre:
        raise given.fault("mean", "0 has no lognormal; write Undefined")
    squared = given.not_below("xsd", 1.0, "it is GSD^2, 1 for no spread")
    return lognormal(centre, log(squared) / 2)


def write(said: Statement) -> dict[str, object]:
    """Every column, 0 where the row says nothing."""
    word = {family: word for word, family in WORDS.items()}[said.family]
    take = said.number
    own: dict[str, float] = {"xsd": 0.0, "min": 0.0, "max": 0.0}
    if said.family == "constant":
        own["mean"] = take("value")
    elif said.family == "lognormal":
        own |= {"mean": said.median, "xsd": take("gsd") ** 2}
    elif said.family == "normal":
        own |= {"mean": take("mean"), "xsd": 2 * take("sd")}
    else:
        own |= {"min": take("low"), "max": take("high")}
        own["mean"] = (
            take("mode") if said.family == "triangular" else said.marginal().mean
        )
    return {"distribution": word, **own}
