"""Replay the published values on how many draws are enough and how well they know."""

import csv
import json
from pathlib import Path

import pytest

from benchmarks.planning import draws_for_mean, expected_error
from benchmarks.tolerance_intervals import (
    draws_to_exceed,
    rank_below,
    rank_coverage,
    rank_interval,
)
from uncertainty.distributions import build
from uncertainty.run.adaptive import block_draws, least_draws, numerical_tolerance

TABLE = Path(__file__).parents[1] / "data" / "conformance.csv"


def rows() -> list[dict[str, str]]:
    """Every row replayed here."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["topic"] == "run statistics"
            or row["id"].startswith(("tol-", "M-", "Mblock-"))
        ]


def standard_error(name: str, x: dict[str, float]) -> float:
    law = build("lognormal", {"median": x["median"], "gsd": x["gsd"]})
    if name.startswith("q"):
        return expected_error(law, int(x["N"]), "quantile", level=float(name[1:]))
    return expected_error(law, int(x["N"]), name)  # type: ignore[arg-type]


def quantity_of(row: dict[str, str]) -> float:
    x, name = json.loads(row["inputs"]), row["quantity"]
    kind = row["id"].partition("-")[0]
    if kind == "osci":
        ranks = rank_interval(x["n"], x["p"], x["conf"])
        known = {"l": ranks[0], "u": ranks[1]}
        known["coverage"] = rank_coverage(x["n"], x["p"], *ranks)
        return known[name]
    if kind == "wilksrank":
        rank = rank_below(x["n"], x["alpha"], x["beta"])
        assert rank is not None
        return rank - 1  # the table counts from 0
    return {
        "tol": lambda: numerical_tolerance(x["u"], x["ndig"]),
        "M": lambda: least_draws(x["p"]),
        "Mblock": lambda: block_draws(x["p"]),
        "wilks": lambda: draws_to_exceed(x["alpha"], x["beta"]),
        "nruns": lambda: draws_for_mean(x["cv"], x["eps"], x["conf"]),
        "se": lambda: standard_error(name.removeprefix("se_"), x),
    }[kind]()


def test_every_row_on_run_statistics_is_replayed():
    assert len(rows()) == 63


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['id']} {r['quantity']}")
def test_published_value_comes_back(row):
    # the table's own tolerance: 0 for whole numbers, 1e-12 for standard errors
    allowed = float(row["tol_abs"])
    got = quantity_of(row)
    assert got == pytest.approx(float(row["expected"]), rel=0, abs=allowed)
