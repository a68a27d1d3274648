"""Replay the published values that concern one marginal, row by row."""

import csv
import json
from math import exp, log, sqrt
from pathlib import Path

import pytest
from scipy import stats

from uncertainty.distributions import Marginal, build

TABLE = Path(__file__).parents[1] / "data" / "conformance.csv"
WHOLE_TOPICS = ("input distributions", "stats_arrays codes", "pedigree")


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [
        row
        for row in found
        if row["topic"] in WHOLE_TOPICS or row["id"].startswith("ln-")
    ]


def jcgm_table_1(case: str, x: dict[str, float]) -> Marginal:
    """Inputs of clause 6.4 of JCGM 101 in the words of a config."""
    kind = case.removeprefix("T1-").split("-")
    if kind[0] == "t":
        scale = {
            "t": lambda: x["sigma"],
            "t-readings": lambda: x["s"] / sqrt(x["n"]),
            "t-certificate": lambda: x["U"] / x["k"],
        }["-".join(kind)]()
        mean = x.get("mu", x.get("mean", x.get("x")))
        dof = x["nu"] if "nu" in x else x["n"] - 1
        return build("student_t", {"mean": mean, "scale": scale, "dof": dof})
    ends = {"low": x["a"], "high": x["b"]} if "a" in x else {}
    return {
        "rect": lambda: build("uniform", ends),
        "trap": lambda: build("trapezoid", ends | {"top_ratio": x["beta"]}),
        "tri": lambda: build("triangular", ends | {"mode": (x["a"] + x["b"]) / 2}),
        "arcsine": lambda: build("arcsine", ends),
        "gauss": lambda: build("normal", {"mean": x["x"], "sd": x["u"]}),
        "exp": lambda: build("exponential", {"mean": x["x"]}),
        "gamma": lambda: build("gamma", {"shape": x["q"] + 1, "scale": 1}),
        "ctrap": lambda: build("curvilinear_trapezoid", ends | {"inexactness": x["d"]}),
    }[kind[0]]()


def stats_arrays(x: dict[str, float]) -> Marginal:
    """Uncertainty codes 0 to 13 of that library in the words of a config."""
    code = x["uncertainty_type"]
    loc, scale, shape = (x.get(k) for k in ("loc", "scale", "shape"))
    ends = {"low": x.get("minimum"), "high": x.get("maximum")}
    moved = {"offset": loc} if loc is not None else {}
    if code in (2, 3) and "minimum" in x:
        extra = {"bounds": ends}
    else:
        extra = {"negate": True} if x.get("negative") else {}
    stretched = ends if "minimum" in x else {}
    family, own = {
        0: lambda: ("constant", {"value": loc}),
        1: lambda: ("constant", {"value": loc}),
        2: lambda: ("lognormal", {"median": exp(loc), "gsd": exp(scale)}),
        3: lambda: ("normal", {"mean": loc, "sd": scale}),
        4: lambda: ("uniform", ends),
        5: lambda: ("triangular", ends | {"mode": loc}),
        6: lambda: ("bernoulli", {"probability": loc}),
        7: lambda: ("discrete_uniform", {"low": ends["low"], "high": ends["high"] - 1}),
        8: lambda: ("weibull", {"scale": scale, "shape": shape} | moved),
        9: lambda: ("gamma", {"scale": scale, "shape": shape} | moved),
        10: lambda: ("beta", {"a": loc, "b": shape} | stretched),
        11: lambda: ("gumbel", {"location": loc, "scale": scale}),
        12: lambda: ("student_t", {"mean": loc, "scale": scale, "dof": shape}),
        13: lambda: ("pert", ends | {"mode": loc, "lambda": scale}),
    }[code]()
    return build(family, own | extra)


ONE_FACTOR = {  # where in the older table a factor U of GSD^2 stands alone
    1.01: (None, None, None, 2, None),
    1.02: (None, 2, None, None, None),
    1.03: (None, None, 2, None, None),
    1.05: (2, None, None, None, None),
    1.1: (3, None, None, None, None),
    1.2: (4, None, None, None, None),
    1.5: (5, None, None, None, None),
    2.0: (None, None, None, None, 5),
}


def pedigree(case: str, x: dict[str, object]) -> Marginal:
    if case.startswith(("v2", "emp")):
        table = "ecoinvent_2" if case.startswith("v2") else "empirical_2013"
        basic, scores = (log(x["basic_gsd2"]) / 2) ** 2, x["scores"]
    elif case.startswith("v3"):
        table, basic, scores = "ecoinvent_3", x["basic_variance"], x["scores"]
    else:
        table, basic, scores = "ecoinvent_2", 0, ONE_FACTOR[x["U"]]
    given = {"value": 1, "basic": basic, "scores": scores, "table": table}
    return build("pedigree", given)


def other_formats(case: str, x: dict[str, float]) -> Marginal:
    return {
        "conv-simapro-ln": lambda: build(
            "lognormal", {"median": x["mean_field"], "gsd": sqrt(x["xsd_field"])}
        ),
        "conv-simapro-n": lambda: build(
            "normal", {"mean": x["mean_field"], "sd": x["xsd_field"] / 2}
        ),
        "conv-spold2-ln": lambda: build(
            "pedigree",
            {
                "value": x["meanValue"],
                "basic": x["varianceWithPedigree"],
                "scores": [None] * 5,
            },
        ),
        "conv-sa-ln": lambda: build(
            "lognormal", {"median": exp(x["loc"]), "gsd": exp(x["scale"])}
        ),
    }[case]()


def marginal_of(row: dict[str, str]) -> Marginal:
    case, x = row["id"], json.loads(row["inputs"])
    if row["topic"] == "input distributions":
        return jcgm_table_1(case, x)
    if row["topic"] == "stats_arrays codes":
        return stats_arrays(x)
    if case.startswith("ln-ci"):
        ends = {"low": x["p025"], "high": x["p975"]}
        return build("interval", ends | {"shape": "lognormal"})
    if row["topic"] == "lognormal":
        return build("lognormal", x)
    return (other_formats if case.startswith("conv") else pedigree)(case, x)


def slope(law: Marginal, x: float, step: float) -> float:
    """Density at `x` from the cdf, by a difference of fourth order."""
    near = law.cdf(x + step) - law.cdf(x - step)
    far = law.cdf(x + 2 * step) - law.cdf(x - 2 * step)
    return float((8 * near - far) / (12 * step))


def quantity_of(row: dict[str, str]) -> float:
    law, x = marginal_of(row), json.loads(row["inputs"])
    median = float(law.ppf(0.5))
    # from quantiles one sd of the logarithm apart, not from a stored parameter
    gsd = float(law.isf(stats.norm.sf(1)) / median) if median > 0 else 1.0
    name = row["quantity"]
    if name.startswith("q"):
        return float(law.ppf(float(name[1:])))
    step = 1e-3  # a difference of fourth order leaves 1e-12, rounding 1e-13
    return {
        "mean": lambda: law.mean,
        "sd": lambda: law.sd,
        "cv": lambda: law.sd / law.mean,
        "cdf": lambda: float(law.cdf(x["x"])),
        "pdf": lambda: slope(law, x["x"], step),
        "pdf_at_mode": lambda: slope(law, median, step),
        "median": lambda: median,
        "mu": lambda: log(median),
        "mode": lambda: median * exp(-(log(gsd) ** 2)),
        "sigma": lambda: log(gsd),
        "variance_of_log": lambda: log(gsd) ** 2,
        "gsd": lambda: gsd,
        "gsd2": lambda: gsd**2,
        "gsd_squared": lambda: gsd**2,
        "interval_gsd2_lo": lambda: median / gsd**2,
        "interval_gsd2_hi": lambda: median * gsd**2,
        "coverage_of_gsd2_interval": lambda: float(
            law.cdf(median * gsd**2) - law.cdf(median / gsd**2)
        ),
    }[name]()


def test_every_row_about_one_marginal_is_replayed():
    assert len(rows()) == 322


@pytest.mark.parametrize("row", rows(), ids=lambda r: r["id"])
def test_published_value_comes_back(row):
    # the table's own tolerance; 1e-14 of the value for those it wants exact
    expected, allowed = float(row["expected"]), float(row["tol_abs"])
    got = quantity_of(row)
    assert got == pytest.approx(expected, rel=1e-14, abs=allowed), row["quantity"]
