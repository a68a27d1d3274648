"""Replay the published indices of every test function, row by row."""

import csv
import json
from functools import cache
from math import pi
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from uncertainty.distributions import build as law
from uncertainty.model.expressions import parse
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import (
    Problem,
    analyse,
    build,
    mean_square_derivatives,
)

TABLE = Path(__file__).parents[1] / "data" / "conformance.csv"
INDICES = ("S1_", "ST_", "S2_", "shapley_")
RUNS = 2**14
TOLERANCE = 0.02  # of the table, for as many scrambled points


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["topic"] in ("Ishigami", "G-function", "lognormal")
            and row["quantity"].startswith(INDICES)
        ]


ROWS = rows()
INPUTS = {row["id"]: json.loads(row["inputs"]) for row in ROWS}
TOPICS = {row["id"]: row["topic"] for row in ROWS}


def problem(case: str, groups: dict[str, tuple[str, ...]] | None = None) -> Problem:
    """A row's model in the words of a formula, with inputs x1, x2, ..."""
    x, graph = INPUTS[case], Graph()
    count = 3 if TOPICS[case] == "Ishigami" else len(x.get("a", x.get("gsd")))
    names = [f"x{i}" for i in range(1, count + 1)]
    if TOPICS[case] == "Ishigami":
        laws = [law("uniform", {"low": -pi, "high": pi})] * 3
        text = f"sin(x1) + {x['a']} * sin(x2)**2 + {x['b']} * x3**4 * sin(x1)"
    elif TOPICS[case] == "G-function":
        laws = [law("uniform", {"low": 0, "high": 1})] * count
        parts = zip(names, x["a"], strict=True)
        text = " * ".join(f"(abs(4 * {n} - 2) + {a}) / {1 + a}" for n, a in parts)
    else:
        pairs = zip(x["median"], x["gsd"], strict=True)
        laws = [law("lognormal", {"median": m, "gsd": g}) for m, g in pairs]
        if "weight" in x:
            text = " + ".join(
                f"({w}) * {n}" for n, w in zip(names, x["weight"], strict=True)
            )
        else:
            parts = zip(names, x["exponent"], strict=True)
            text = " * ".join(f"{n}**({c})" for n, c in parts)
    leaves = {n: graph.quantile(n, m) for n, m in zip(names, laws, strict=True)}
    node = parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
    return build(graph, xr.DataArray(node), groups=groups)


@cache
def indices(case: str, method: str) -> xr.Dataset:
    if method == "group":
        found = problem(case, {"x1 and x3": ("x1", "x3")})
        return analyse("sobol", found, RUNS, seed=0)
    found = problem(case)
    pairs = found.outputs if method == "sobol" else ()
    # all orders of three inputs take as many runs as the walks of a Sobol' design
    return analyse(method, found, RUNS, seed=0, second_order=pairs)


def index_of(row: dict[str, str]) -> tuple[float, float, float]:
    """What the tool estimates for a row, with its confidence bounds."""
    kind, _, place = row["quantity"].partition("_")
    if place.startswith("group"):
        found, key = indices(row["id"], "group"), "first_order"
        at = {"parameter": "x1 and x3"}
    elif kind == "S2":
        found, key = indices(row["id"], "sobol"), "second_order"
        at = {"parameter": f"x{place[0]}", "parameter_2": f"x{place[1]}"}
    else:
        found = indices(row["id"], "shapley" if kind == "shapley" else "sobol")
        key = {"S1": "first_order", "ST": "total_order", "shapley": "shapley"}[kind]
        at = {"parameter": f"x{place}"}
    value, lower, upper = (
        float(found[key + end].sel(at)) for end in ("", "_lower", "_upper")
    )
    return value, lower, upper


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['id']}-{row['quantity']}")
def test_index_is_the_published_one(row: dict[str, str]) -> None:
    expected = float(row["expected"])
    value, lower, upper = index_of(row)
    # the table's own rule for 2^14 scrambled points
    assert value == pytest.approx(expected, abs=TOLERANCE)
    if expected == 0:
        assert lower <= 0 <= upper


def test_variances_are_the_published_ones() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        known = {
            row["id"]: float(row["expected"])
            for row in csv.DictReader(file)
            if row["id"] in INPUTS and row["quantity"] == "variance"
        }
    found = {case: float(indices(case, "sobol")["variance"]) for case in known}
    assert len(known) == 9
    for case, variance in known.items():
        # kurtosis up to 12 (g4-flat), 2^15 runs: a standard error of
        # sqrt(11 / 2^15) = 1.8 %; four of them
        np.testing.assert_allclose(found[case], variance, rtol=0.075, err_msg=case)


def derivative_rows() -> list[dict[str, str]]:
    """Rows that ``test_functions`` replays as a study, whose formula is the slope."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [r for r in csv.DictReader(file) if r["quantity"].startswith("dgsm_vi_")]


@cache
def derivatives(case: str) -> np.ndarray:
    """Mean square derivatives of 16 independent designs, shape (designs, inputs)."""
    found = problem(case)
    return np.stack(
        [mean_square_derivatives(found, RUNS, seed=seed).values for seed in range(16)]
    )


def test_every_mean_square_derivative_is_replayed() -> None:
    assert len(derivative_rows()) == 3


@pytest.mark.parametrize("row", derivative_rows(), ids=lambda row: row["quantity"])
def test_mean_square_derivative_is_the_published_one(row: dict[str, str]) -> None:
    expected = float(row["expected"])
    found = derivatives(row["id"])[:, int(row["quantity"][-1]) - 1]
    # what the step takes off: sin(2 x2), the fastest wave here, has quotients low by
    # (2 h)^2 / 6 of the slope, and twice that in the square; h as in the function
    step = 2.0**-13 * 0.683 * pi
    # five standard errors of a mean of 16 designs: Student's t with 15 degrees of
    # freedom is outside of that once in 6000
    tolerance = 5 * found.std(ddof=1) / 4 + expected * (2 * step) ** 2 / 3
    assert tolerance < 1e-4 * expected
    assert found.mean() == pytest.approx(expected, rel=0, abs=tolerance)
