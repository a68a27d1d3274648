"""stats_arrays rows, and the exchanges that Brightway reads from a spreadsheet."""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log, nan

from scenarios.datafiles.conventions.fields import ExchangeError, Fields
from scenarios.datafiles.conventions.statement import (
    Statement,
    lognormal,
    lognormal_by_mean,
)

CODES = {
    0: "constant",
    1: "constant",
    2: "lognormal",
    3: "normal",
    4: "uniform",
    5: "triangular",
    6: "bernoulli",
    7: "discrete_uniform",
    8: "weibull",
    9: "gamma",
    10: "beta",
    11: "gumbel",
    12: "student_t",
    13: "pert",
}
"""Uncertainty codes of stats_arrays 4.0; 0 is undefined, 1 no uncertainty."""

ROW_FIELDS: dict[str, str] = {
    "loc": "lognormal: mean of ln x, the log of the median; normal, Student t: mean; "
    "triangular, PERT: mode; beta: alpha; Bernoulli: probability of 1; Weibull, "
    "gamma: offset; undefined, fixed: the value",
    "scale": "lognormal: sd of ln x; normal: sd; Weibull, gamma, Gumbel, Student t: "
    "scale (t: 1 if not given); PERT: lambda (4 if not given)",
    "shape": "Weibull: k; gamma: k; beta: the second exponent; Student t: degrees of "
    "freedom; generalised extreme value: 0, which is Gumbel",
    "minimum": "lower end or, for a law without ends, a bound kept by redrawing",
    "maximum": "upper end or bound; a discrete uniform never draws it",
    "negative": "minus the law: honoured for lognormal, Weibull and gamma only",
    "uncertainty_type": "code 0 to 13",
}

BOUNDED = frozenset({"bounds"})
MIRRORED = frozenset({"bounds", "negate"})
MOVED = frozenset({"bounds", "negate", "offset"})
ROW_TAKES: dict[str, frozenset[str]] = {
    "constant": frozenset(),
    "lognormal": MIRRORED,
    "normal": BOUNDED,
    "uniform": frozenset(),
    "triangular": frozenset(),
    "bernoulli": frozenset(),
    "discrete_uniform": frozenset(),
    "weibull": MOVED,
    "gamma": MOVED,
    "exponential": MOVED,
    "beta": frozenset(),
    "gumbel": BOUNDED,
    "student_t": BOUNDED,
    "pert": frozenset(),
}

EXCEL_TYPE = "uncertainty type"
EXCEL_FIELDS: dict[str, str] = {
    "amount": "the exchange's amount, negative for a credit",
    EXCEL_TYPE: "code 0 to 13 of stats_arrays",
    **{k: v for k, v in ROW_FIELDS.items() if k != "uncertainty_type"},
}


def read_row(given: Fields) -> Statement:
    """A row of stats_arrays."""
    return _row(given, "uncertainty_type")


def read_excel(given: Fields) -> Statement:
    """An exchange whose amount is the median of a lognormal."""
    if _code(given, EXCEL_TYPE) != 2:
        return _other_excel(given)
    amount, sigma = _amount(given), _sigma(given)
    if "loc" in given and abs(given.number("loc") - log(abs(amount))) > 1e-6:
        raise _other_centre(given, amount, sigma)
    return _with_bounds(given, lognormal(amount, sigma))


def read_excel_mean(given: Fields) -> Statement:
    """An exchange whose amount is the mean of a lognormal; loc follows from it."""
    if _code(given, EXCEL_TYPE) != 2:
        return _other_excel(given)
    return _with_bounds(given, lognormal_by_mean(_amount(given), _sigma(given)))


def write_row(said: Statement) -> dict[str, object]:
    """All seven fields, NaN where the row has none, as the library's arrays do."""
    low, high = said.drawn_ends
    row = {"loc": nan, "scale": nan, "shape": nan, "minimum": low, "maximum": high}
    row |= _own(said)
    ends = {k: nan if row[k] is None else row[k] for k in ("minimum", "maximum")}
    codes = {family: code for code, family in CODES.items()}
    family = "gamma" if said.family == "exponential" else said.family
    return {**row, **ends, "negative": said.negate, "uncertainty_type": codes[family]}


def write_excel(said: Statement) -> dict[str, object]:
    """An exchange whose amount is the median of a lognormal, else the point value."""
    return _excel(said, said.median if said.family == "lognormal" else None)


def write_excel_mean(said: Statement) -> dict[str, object]:
    """An exchange whose amount is the mean of a lognormal, else the point value."""
    mean = None
    if said.family == "lognormal":
        # of the law before any bounds: so the importer works loc out
        mean = said.median * exp(said.sigma**2 / 2)
    return _excel(said, mean)


def _row(given: Fields, type_field: str) -> Statement:
    code = _code(given, type_field)
    family = CODES[code]
    low, high = given.optional("minimum"), given.optional("maximum")
    if family in ("uniform", "triangular", "pert"):
        low, high = given.number("minimum"), given.number("maximum")
    ends: dict[str, object] = {"low": low, "high": high}
    if family == "constant":
        return Statement(family, {"value": given.number("loc")})
    if family == "uniform":
        return Statement(family, ends)
    if family == "triangular":
        return Statement(family, ends | {"mode": given.number("loc")})
    if family == "pert":
        weight = given.number("scale", 4.0)
        return Statement(family, ends | {"mode": given.number("loc"), "lambda": weight})
    if family == "beta":
        own = {"a": given.number("loc"), "b": given.number("shape")}
        return Statement(
            family,
            {
                **own,
                "low": 0.0 if low is None else low,
                "high": 1.0 if high is None else high,
            },
        )
    if family == "bernoulli":
        for name in ("minimum", "maximum"):
            given.only_with(name, "laws that can be cut", empty=(0, 1))
        return Statement(family, {"probability": given.number("loc")})
    if family == "discrete_uniform":
        top = given.number("maximum") - 1
        return Statement(family, {"low": given.number("minimum", 0.0), "high": top})
    return _with_bounds(given, _open_ended(given, family))


def _open_ended(given: Fields, family: str) -> Statement:
    """Laws whose minimum and maximum are bounds."""
    if family == "lognormal":
        sign = -1 if given.flag("negative") else 1
        return lognormal(sign * exp(given.number("loc")), _sigma(given))
    if family == "normal":
        own = {"mean": given.number("loc"), "sd": given.number("scale")}
        return Statement(family, own)
    if family == "student_t":
        own = {"mean": given.number("loc", 0.0), "scale": given.number("scale", 1.0)}
        return Statement(family, {**own, "dof": given.number("shape")})
    if family == "gumbel":
        if given.number("shape", 0.0):
            text = f"{given.number('shape'):g}: of the generalised extreme value laws "
            raise given.fault("shape", text + "only 0, Gumbel, is supported")
        own = {"location": given.number("loc"), "scale": given.number("scale")}
        return Statement(family, own)
    # Weibull and gamma: the whole of it, offset and all, is mirrored
    own = {"shape": given.number("shape"), "scale": given.number("scale")}
    mirrored, offset = given.flag("negative"), given.number("loc", 0.0)
    moved = -offset if mirrored else offset
    return Statement(family, own, negate=mirrored, offset=moved)


def _with_bounds(given: Fields, said: Statement) -> Statement:
    """Bounds apply to the values as drawn, after their sign."""
    low, high = given.optional("minimum"), given.optional("maximum")
    inside = [None if e is None else said.sign * (e - said.offset) for e in (low, high)]
    low, high = reversed(inside) if said.negate else inside
    return replace(said, low=low, high=high)


def _own(said: Statement) -> dict[str, float | None]:
    """What a row says of the law itself."""
    take = said.number
    if said.family == "constant":
        return {"loc": take("value")}
    if said.family == "lognormal":
        return {"loc": log(take("median")), "scale": said.sigma}
    if said.family == "normal":
        return {"loc": take("mean"), "scale": take("sd")}
    if said.family == "bernoulli":
        return {"loc": take("probability")}
    if said.family == "gumbel":
        return {"loc": take("location"), "scale": take("scale"), "shape": 0.0}
    if said.family == "student_t":
        return {"loc": take("mean"), "scale": take("scale"), "shape": take("dof")}
    if said.family in ("weibull", "gamma"):
        offset = said.sign * said.offset
        return {"loc": offset, "scale": take("scale"), "shape": take("shape")}
    if said.family == "exponential":
        offset = said.sign * said.offset
        return {"loc": offset, "scale": take("mean"), "shape": 1.0}
    ends: dict[str, float | None] = {"minimum": take("low"), "maximum": take("high")}
    if said.family == "discrete_uniform":
        return ends | {"maximum": take("high") + 1}
    if said.family == "triangular":
        return ends | {"loc": take("mode")}
    if said.family == "pert":
        return ends | {"loc": take("mode"), "scale": take("lambda")}
    if said.family == "beta":
        return ends | {"loc": take("a"), "shape": take("b")}
    return ends


def _excel(said: Statement, amount: float | None) -> dict[str, object]:
    row = write_row(said)
    code = row.pop("uncertainty_type")
    point = said.marginal().point if amount is None else amount
    if amount is not None:
        row["loc"] = log(said.number("median"))
    return {"amount": point, EXCEL_TYPE: code, **row}


def _other_excel(given: Fields) -> Statement:
    code = _code(given, EXCEL_TYPE)
    if CODES[code] == "constant":
        return Statement("constant", {"value": given.number("amount")})
    return _row(given, EXCEL_TYPE)


def _code(given: Fields, name: str) -> int:
    code = given.code(name)
    if code not in CODES:
        known: Mapping[int, str] = CODES
        listed = ", ".join(f"{c} {family}" for c, family in known.items())
        raise given.fault(
            name, f"{code} is no code of stats_arrays; there are {listed}"
        )
    return code


def _sigma(given: Fields) -> float:
    return given.not_below("scale", 0.0, "it is the sd of ln x")


def _amount(given: Fields) -> float:
    amount = given.number("amount")
    if not amount:
        raise given.fault("amount", "0 has no lognormal; write uncertainty type 1")
    if "negative" in given and given.flag("negative") != (amount < 0):
        raise given.fault("negative", f"does not agree with the amount, {amount:g}")
    return amount


def _other_centre(given: Fields, amount: float, sigma: float) -> ExchangeError:
    """The amount is no median: say so, and whether it is the mean."""
    median = exp(given.number("loc"))
    text = (
        f"{given.number('loc'):g} is a median of {median:g}, the amount is {amount:g}"
    )
    if abs(log(abs(amount) / median) - sigma * sigma / 2) < 1e-6:
        return given.fault("loc", f"{text}, its mean; use brightway_excel_mean")
    return given.fault("loc", f"{text}; keep one of the two")
