"""Parameters as two Python libraries take them: SALib problems and scipy.stats."""

from math import exp, inf, log

from scenarios.datafiles.conventions.fields import ExchangeError, Fields
from scenarios.datafiles.conventions.statement import Statement, lognormal

NONE: frozenset[str] = frozenset()
MOVED = frozenset({"offset"})

SALIB_FIELDS: dict[str, str] = {
    "dist": "unif, logunif, triang, norm, truncnorm, lognorm or weibull",
    "bounds": "unif, logunif: [low, high]; triang: [low, high, peak as a fraction of "
    "the width]; norm: [mean, sd]; truncnorm: [low, high, mean, sd]; lognorm: [mean, "
    "sd] of ln x; weibull: [shape, scale] or [shape, scale, offset]",
}
SALIB_WORDS = {
    "unif": "uniform",
    "logunif": "loguniform",
    "triang": "triangular",
    "norm": "normal",
    "truncnorm": "truncated_normal",
    "lognorm": "lognormal",
    "weibull": "weibull",
}
SALIB_LENGTHS = {"triangular": (3,), "truncated_normal": (4,), "weibull": (2, 3)}
SALIB_TAKES: dict[str, frozenset[str]] = {
    "uniform": NONE,
    "loguniform": NONE,
    "triangular": NONE,
    "normal": frozenset({"bounds"}),
    "lognormal": NONE,
    "weibull": MOVED,
}

SCIPY_SHAPES: dict[str, tuple[str, ...]] = {
    "norm": (),
    "lognorm": ("s",),
    "uniform": (),
    "triang": ("c",),
    "truncnorm": ("a", "b"),
    "beta": ("a", "b"),
    "gamma": ("a",),
    "weibull_min": ("c",),
    "expon": (),
    "gumbel_r": (),
    "t": ("df",),
    "loguniform": ("a", "b"),
    "arcsine": (),
}
"""Shape parameters, by name; every law has loc (0) and scale (1) too."""
SCIPY_FIELDS: dict[str, str] = {
    "dist": ", ".join(SCIPY_SHAPES),
    "s": "lognorm: sd of ln x; scale is its median",
    "c": "triang: peak as a fraction of the width; weibull_min: shape",
    "a": "beta, gamma: shape; truncnorm: lower bound in sd from the mean; loguniform: "
    "low",
    "b": "beta: second shape; truncnorm: upper bound in sd; loguniform: high",
    "df": "t: degrees of freedom",
    "loc": "offset, 0 if not given; the mean of norm and t",
    "scale": "factor, 1 if not given; lognorm: the median; norm: the sd",
}
SCIPY_TAKES: dict[str, frozenset[str]] = {
    "normal": frozenset({"bounds"}),
    "lognormal": MOVED,
    "uniform": NONE,
    "triangular": NONE,
    "beta": NONE,
    "pert": NONE,
    "gamma": MOVED,
    "weibull": MOVED,
    "exponential": MOVED,
    "gumbel": NONE,
    "student_t": NONE,
    "loguniform": MOVED,
    "arcsine": NONE,
}


def read_salib(given: Fields) -> Statement:
    """One input of a SALib problem."""
    family = given.word("dist", SALIB_WORDS)
    own = given.numbers("bounds")
    lengths = SALIB_LENGTHS.get(family, (2,))
    if len(own) not in lengths:
        takes = " or ".join(str(length) for length in lengths)
        text = f"{len(own)} numbers; {family} takes {takes} in {given.title}"
        raise given.fault("bounds", text)
    if family == "lognormal":
        _not_negative(given, own[1], "sd of ln x")
        return lognormal(exp(own[0]), own[1])
    if family == "normal":
        return Statement(family, {"mean": own[0], "sd": own[1]})
    if family == "truncated_normal":
        return Statement("normal", {"mean": own[2], "sd": own[3]}, own[0], own[1])
    if family == "weibull":
        shapes: dict[str, object] = {"shape": own[0], "scale": own[1]}
        return Statement(family, shapes, offset=own[2] if len(own) == 3 else 0.0)
    ends = {"low": own[0], "high": own[1]}
    if family == "triangular":
        ends["mode"] = _peak(given, "bounds", *own)
    return Statement(family, ends)


def write_salib(said: Statement) -> dict[str, object]:
    """One input of a SALib problem."""
    take = said.number
    if said.family == "lognormal":
        return {"dist": "lognorm", "bounds": [log(take("median")), said.sigma]}
    if said.family == "normal" and said.bounded:
        if said.low is None or said.high is None:
            text = "SALib cuts a normal on both sides; state low and high bounds"
            raise ExchangeError(f"bounds: {text}", "bounds")
        ends = [said.low, said.high, take("mean"), take("sd")]
        return {"dist": "truncnorm", "bounds": ends}
    if said.family == "normal":
        return {"dist": "norm", "bounds": [take("mean"), take("sd")]}
    if said.family == "weibull":
        own = [take("shape"), take("scale")]
        return {"dist": "weibull", "bounds": own + ([said.offset] * bool(said.offset))}
    ends = [take("low"), take("high")]
    if said.family != "triangular":
        return {
            "dist": "unif" if said.family == "uniform" else "logunif",
            "bounds": ends,
        }
    peak = (take("mode") - ends[0]) / (ends[1] - ends[0])
    if peak == 1:
        text = "SALib takes no triangle with its peak at the upper end"
        raise ExchangeError(f"mode: {text}", "mode")
    return {"dist": "triang", "bounds": [*ends, peak]}


def read_scipy(given: Fields) -> Statement:
    """Parameters of a frozen law of scipy.stats, each by its name."""
    dist = given.word("dist", {name: name for name in SCIPY_SHAPES})
    for name in ("s", "c", "a", "b", "df"):
        if name in given and name not in SCIPY_SHAPES[dist]:
            takes = ", ".join((*SCIPY_SHAPES[dist], "loc", "scale"))
            raise given.fault(name, f"is no parameter of scipy's {dist}: {takes}")
    loc, scale = given.number("loc", 0.0), given.number("scale", 1.0)
    _not_negative(given, scale, "scale", "scale")
    a, b, c, s = (
        given.number(n) if n in SCIPY_SHAPES[dist] else 0.0
        for n in ("a", "b", "c", "s")
    )
    ends = {"low": loc, "high": loc + scale}
    if dist == "lognorm":
        _not_negative(given, s, "sd of ln x", "s")
        plain = lognormal(scale, s)
        return Statement(plain.family, plain.own, offset=loc)
    if dist == "triang":
        peak = _peak(given, "c", loc, loc + scale, c)
        return Statement("triangular", ends | {"mode": peak})
    own: dict[str, tuple[str, dict[str, float]]] = {
        "norm": ("normal", {"mean": loc, "sd": scale}),
        "uniform": ("uniform", ends),
        "arcsine": ("arcsine", ends),
        "beta": ("beta", {"a": a, "b": b, **ends}),
        "gumbel_r": ("gumbel", {"location": loc, "scale": scale}),
    }
    if dist in own:
        return Statement(*own[dist])
    if dist == "t":
        return Statement(
            "student_t", {"mean": loc, "scale": scale, "dof": given.number("df")}
        )
    if dist == "truncnorm":
        bounds = loc + a * scale, loc + b * scale
        return Statement("normal", {"mean": loc, "sd": scale}, *bounds)
    return Statement(*_from_zero(dist, scale, a, b, c), offset=loc)


def _from_zero(
    dist: str, scale: float, a: float, b: float, c: float
) -> tuple[str, dict[str, float]]:
    """Laws that start at loc."""
    if dist == "gamma":
        return "gamma", {"shape": a, "scale": scale}
    if dist == "weibull_min":
        return "weibull", {"shape": c, "scale": scale}
    if dist == "expon":
        return "exponential", {"mean": scale}
    return "loguniform", {"low": a * scale, "high": b * scale}


def write_scipy(said: Statement) -> dict[str, object]:
    """Parameters by name: ``getattr(scipy.stats, dist)(**the_others)``."""
    take, offset = said.number, said.offset
    family = said.family
    if family == "normal" and said.bounded:
        mean, sd = take("mean"), take("sd")
        a = -inf if said.low is None else (said.low - mean) / sd
        b = inf if said.high is None else (said.high - mean) / sd
        return {"dist": "truncnorm", "a": a, "b": b, "loc": mean, "scale": sd}
    if family in ("uniform", "arcsine", "triangular", "beta", "pert"):
        return _between(said)
    if family == "loguniform":
        ends = {"a": take("low"), "b": take("high")}
        return {"dist": "loguniform", **ends, "loc": offset, "scale": 1.0}
    own: dict[str, tuple[str, dict[str, str], str]] = {
        "normal": ("norm", {}, "sd"),
        "lognormal": ("lognorm", {}, "median"),
        "gamma": ("gamma", {"a": "shape"}, "scale"),
        "weibull": ("weibull_min", {"c": "shape"}, "scale"),
        "exponential": ("expon", {}, "mean"),
        "gumbel": ("gumbel_r", {}, "scale"),
        "student_t": ("t", {"df": "dof"}, "scale"),
    }
    dist, shapes, scale = own[family]
    found = {name: take(word) for name, word in shapes.items()}
    if family == "lognormal":
        found["s"] = said.sigma
    centre = {"normal": "mean", "student_t": "mean", "gumbel": "location"}.get(family)
    loc = take(centre) if centre else offset
    return {"dist": dist, **found, "loc": loc, "scale": take(scale)}


def _between(said: Statement) -> dict[str, object]:
    """Laws between two ends, which scipy calls loc and loc + scale."""
    take = said.number
    low, width = take("low"), take("high") - take("low")
    ends = {"loc": low, "scale": width}
    if said.family == "triangular":
        return {"dist": "triang", "c": (take("mode") - low) / width, **ends}
    if said.family == "beta":
        return {"dist": "beta", "a": take("a"), "b": take("b"), **ends}
    if said.family == "pert":
        part, weight = (take("mode") - low) / width, take("lambda")
        a, b = 1 + weight * part, 1 + weight * (1 - part)
        return {"dist": "beta", "a": a, "b": b, **ends}
    return {"dist": said.family, **ends}


def _peak(given: Fields, name: str, low: float, high: float, part: float) -> float:
    """A peak stated as a fraction of the width."""
    if not 0 <= part <= 1:
        text = f"{part:g}: the peak is a fraction of the width, 0 to 1, not a value"
        raise given.fault(name, text)
    return low + part * (high - low)


def _not_negative(given: Fields, value: float, what: str, name: str = "bounds") -> None:
    if value < 0:
        raise given.fault(name, f"{value:g} is negative; it is the {what}")
