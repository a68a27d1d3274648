"""Replay mean, variance and derivatives of the test functions, each as a study."""

import csv
import json
from functools import cache
from math import pi, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xarray as xr

from scenarios.loading.load import load

TABLE = Path(__file__).parents[1] / "data" / "conformance.csv"
DRAWS = 2**17


def rows() -> list[dict[str, str]]:
    """Every row replayed here."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            row
            for row in csv.DictReader(file)
            if row["topic"] in ("Ishigami", "G-function")
            and row["quantity"].startswith(("mean", "variance", "value_", "dgsm_"))
        ]


def formula_of(row: dict[str, str]) -> tuple[list[str], str]:
    """Names of a row's inputs, and its model in the words of a formula."""
    x = json.loads(row["inputs"])
    if row["topic"] == "Ishigami":
        text = f"sin(x1) + {x['a']} * sin(x2) ** 2 + {x['b']} * x3 ** 4 * sin(x1)"
        return ["x1", "x2", "x3"], text
    names = [f"x{i}" for i in range(1, len(x["a"]) + 1)]
    parts = zip(names, x["a"], strict=True)
    return names, " * ".join(f"(abs(4 * {n} - 2) + {a}) / {1 + a}" for n, a in parts)


@cache
def summary(topic: str, inputs: str, output: str, law: str = "") -> xr.Dataset:
    """Statistics of a test function as a study; `law` takes the place of its own."""
    names, formula = formula_of({"topic": topic, "inputs": inputs})
    ends = (-pi, pi) if topic == "Ishigami" else (0, 1)
    law = law or f"uniform: {{low: {ends[0]!r}, high: {ends[1]!r}}}"
    lines = [f'  {name}: {{units: "1", {law}, source: s}}' for name in names]
    if output.startswith("dgsm"):
        formula = squared_derivative(formula, f"x{output[-1]}")
    text = f"""
run: {{draws: {DRAWS}, design: sobol, seed: 44905}}
inputs:
{chr(10).join(lines)}
outputs: {{y: {{units: "1", formula: "{formula}"}}}}
"""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(text, encoding="utf-8")
        result = load(path).run()
    return result.tree["summary"].to_dataset().isel(scenario=0, output=0)


def squared_derivative(formula: str, name: str) -> str:
    """Formula of the squared slope; its step of 1e-4 moves it by less than 1e-7."""
    up, down = (formula.replace(name, f"({name} {s} 0.0001)") for s in "+-")
    return f"(({up} - ({down})) / 0.0002) ** 2"


def drawn(row: dict[str, str]) -> tuple[float, float]:
    """What a study gives for a row, and how far it may be off."""
    name, topic, inputs = row["quantity"], row["topic"], row["inputs"]
    if name == "value_at_zero":
        found = summary(topic, inputs, "y", "value: 0")
        return float(found["mean"]), float(row["tol_abs"])
    found = summary(topic, inputs, name if name.startswith("dgsm") else "y")
    error = found["monte_carlo_error"]
    if name == "mean":
        # the table's rule for scrambled points: no worse than independent runs
        return float(found["mean"]), 4 * float(row["mc_se1"]) / sqrt(DRAWS)
    if name.startswith("dgsm"):
        return float(found["mean"]), 4 * float(error.sel(statistic="mean"))
    sd = float(found["sd"])
    # four stated errors of the sd, squared; and the divisor N - 1, which is that of
    # independent draws and makes the variance of scrambled points high by 1 / N
    return sd**2, 8 * sd * float(error.sel(statistic="sd")) + sd**2 / DRAWS


def test_every_moment_of_a_test_function_is_replayed():
    assert len(rows()) == 22


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['id']} {r['quantity']}")
def test_published_value_comes_back(row):
    got, tolerance = drawn(row)
    assert got == pytest.approx(float(row["expected"]), rel=0, abs=tolerance)
