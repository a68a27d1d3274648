"""Plus or minus a percentage of a value, as the tables of the IPCC have it."""

from math import inf

from scenarios.datafiles.conventions.fields import ExchangeError, Fields
from scenarios.datafiles.conventions.statement import Statement
from uncertainty.distributions.stated import LARGEST_PERCENT

SHAPES = {"normal": "normal", "lognormal": "lognormal"}
FIELDS: dict[str, str] = {
    "value": "the stated value, the median of the law; of either sign",
    "lower": "percent of the value from it down to the lower end, such as 10",
    "upper": "percent of the value from it up to the upper end",
    "level": "coverage probability of the interval, 0.95 if not given",
    "distribution": "normal or lognormal",
}
TAKES: dict[str, frozenset[str]] = {
    "constant": frozenset(),
    "normal": frozenset(),
    "lognormal": frozenset({"negate"}),
    "interval": frozenset({"negate"}),
}

EQUAL = 1e-9
"""Relative difference up to which two halves are one law."""


def read(given: Fields) -> Statement:
    """The law of which value, lower and upper end all come back."""
    shape = given.word("distribution", SHAPES)
    value = given.number("value")
    lower = given.not_below("lower", 0.0, "write it without its sign")
    upper = given.not_below("upper", 0.0, "write it without its sign")
    level = given.number("level", 0.95)
    if not value:
        raise given.fault(
            "value", "0 has no percentage; write normal {mean: 0, sd: ...}"
        )
    if not lower and not upper:
        return Statement("constant", {"value": value})
    low, high = (abs(value) * share / 100 for share in (lower, upper))
    negative = value < 0 and shape == "lognormal"
    if shape == "normal" and abs(lower - upper) <= EQUAL * upper:
        own = {"value": value, "plus_minus": upper}
        if upper > LARGEST_PERCENT:
            text = f"{upper:g} is above {LARGEST_PERCENT:g}, where a normal law of a "
            raise given.fault("upper", text + "positive quantity turns negative")
        return Statement("percent", own | {"level": level})
    if negative:
        value, low, high = -value, high, low
    if shape == "lognormal" and low >= value:
        side = "upper" if negative else "lower"
        text = f"{given.number(side):g} reaches 0, which no lognormal does"
        raise given.fault(side, f"{text}; write less than 100")
    ends: dict[str, object] = {"low": value - low, "high": value + high}
    found = ends | {"level": level, "shape": shape}
    product = (value - low) * (value + high) if shape == "lognormal" else inf
    if abs(product / value**2 - 1) > EQUAL:
        found["value"] = value
    return Statement("interval", found, negate=negative)


def write(said: Statement) -> dict[str, object]:
    """Both ends of the 95 % interval, in percent of the median."""
    law = said.marginal()
    shape = said.own.get("shape", said.family)
    if said.family == "constant":
        return {"distribution": "normal", "value": said.number("value")} | {
            "lower": 0.0,
            "upper": 0.0,
        }
    low, value, high = (float(x) for x in law.ppf([0.025, 0.5, 0.975]))
    if not value:
        raise ExchangeError("value: 0 has no percentage; state the law itself", "value")
    lower, upper = (100 * width / abs(value) for width in (value - low, high - value))
    even = shape == "normal" and abs(lower - upper) <= EQUAL * upper
    if even and upper > LARGEST_PERCENT:
        text = f"plus or minus {upper:.4g} % of a normal law reaches below 0"
        raise ExchangeError(f"value: {text}; state both ends", "value")
    return {"distribution": shape, "value": value, "lower": lower, "upper": upper}
