"""Replay the published values on Gaussian copulas, row by row."""

import csv
import json
from math import log, sqrt
from pathlib import Path

import pytest

from uncertainty.dependence import (
    copula,
    gaussian_correlation,
    kendall_correlation,
    pearson,
    spearman_correlation,
)
from uncertainty.distributions import Marginal, build

TABLE = Path(__file__).parents[1] / "data" / "conformance.csv"


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [row for row in found if row["topic"] == "Gaussian copula"]


def pair_of(row: dict[str, str]) -> tuple[Marginal, Marginal]:
    x = json.loads(row["inputs"])
    if "gsd1" not in x:
        uniform = build("uniform", {"low": 0, "high": 1})
        return uniform, uniform
    first, second = (
        build("lognormal", {"median": 1, "gsd": x[key]}) for key in ("gsd1", "gsd2")
    )
    return first, second


def sd_of_log(row: dict[str, str], sign: int) -> float:
    """Of the product (sign 1) or the ratio (-1): logarithms are normal and add up."""
    x = json.loads(row["inputs"])
    one, other = (
        build("normal", {"mean": 0, "sd": log(x[key])}) for key in ("gsd1", "gsd2")
    )
    r = pearson(x["rho"], one, other)
    return sqrt(one.sd**2 + other.sd**2 + sign * 2 * r * one.sd * other.sd)


def quantity_of(row: dict[str, str]) -> float:
    x = json.loads(row["inputs"])
    if row["quantity"] == "rho":
        made = copula(["a", "b"], {("a", "b"): x["spearman"]}).between("a", "b")
        assert made == float(gaussian_correlation(x["spearman"]))
        return made
    r = x["rho"]
    return {
        "spearman": lambda: float(spearman_correlation(r)),
        "kendall": lambda: float(kendall_correlation(r)),
        "pearson": lambda: pearson(r, *pair_of(row)),
        "pearson_max_attainable": lambda: pearson(1, *pair_of(row)),
        "pearson_min_attainable": lambda: pearson(-1, *pair_of(row)),
        "sd_of_log_product": lambda: sd_of_log(row, 1),
        "sd_of_log_ratio": lambda: sd_of_log(row, -1),
        # both above is as likely as both below, and together they are (1 + tau) / 2
        "P_both_below_median": lambda: (1 + float(kendall_correlation(r))) / 4,
    }[row["quantity"]]()


def test_every_row_on_copulas_is_replayed():
    assert len(rows()) == 55
    assert len({row["id"] for row in rows()}) == 25


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['id']} {r['quantity']}")
def test_published_value_comes_back(row):
    # the table's own tolerance, 1e-9: all are computed, none is sampled
    got = quantity_of(row)
    assert got == pytest.approx(float(row["expected"]), rel=0, abs=1e-9)
    assert float(row["tol_abs"]) == 1e-9
