"""Replay the published values that take a whole study, each stated as a config.

What a study can compute without drawing (first-order propagation is exact where the
model is linear) is judged by the table's own tolerance; what it draws by the table's
rule for N runs, four standard errors.
"""

import csv
import json
import re
from dataclasses import replace
from functools import cache
from math import exp, log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xarray as xr

from scenarios.loading.load import load
from scenarios.model.study import Study
from uncertainty.distributions import build
from uncertainty.run.first_order import first_order
from uncertainty.statistics import coverage_interval, percentile

TABLE = Path(__file__).parents[1] / "data" / "conformance.csv"
RUNS = {"random": 10**6, "latin_hypercube": 2**17, "sobol": 2**17}
"""Draws of each design; the guide's examples are stated for 1e6 independent ones."""
SEEDS = 5
"""Adaptive runs of each case: an odd number, so that one is in the middle."""
MASS = """
inputs:
  m_rc: {units: mg, normal: {mean: 100000, sd: 0.050}, source: table 5}
  dm_rc: {units: mg, normal: {mean: 1.234, sd: 0.020}, source: table 5}
  rho_a: {units: kg/m^3, uniform: {low: 1.10, high: 1.30}, source: table 5}
  rho_w: {units: kg/m^3, uniform: {low: 7000, high: 9000}, source: table 5}
  rho_r: {units: kg/m^3, uniform: {low: 7950, high: 8050}, source: table 5}
  rho_0: {units: kg/m^3, value: 1.2, source: 9.3.1}
  m_nom: {units: mg, value: 100000, source: 9.3.1}
outputs:
  y:
    units: mg
    formula: >-
      (m_rc + dm_rc) * (1 + (rho_a - rho_0) * (1 / rho_w - 1 / rho_r)) - m_nom
"""


def rows() -> list[dict[str, str]]:
    """Every row replayed here."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [
        row
        for row in found
        if row["id"].startswith(("S1-", "lnprod-", "lnsum-"))
        and not row["quantity"].startswith(("S1_", "ST_"))
    ]


def is_stop(row: dict[str, str]) -> bool:
    return row["quantity"] == "adaptive_M_median"


def is_computed(row: dict[str, str]) -> bool:
    """Whether a study gives the value without drawing."""
    if row["id"] == "S1-9.3":
        return row["quantity"].startswith("gum_")
    return row["id"].startswith("ln") or row["quantity"] in ("mean", "sd")


def is_drawn(row: dict[str, str]) -> bool:
    """Whether the table says how far the value of a sample may be off."""
    return bool(row["mc_se1"]) or row["quantity"].startswith("shortest95")


CASES = {
    row["id"]: json.loads(row["inputs"])
    for row in rows()
    if not is_stop(row)  # whose inputs say how to stop
}
COMPUTED = [row for row in rows() if is_computed(row)]
DRAWN = [row for row in rows() if is_drawn(row)]
STOPS = [row for row in rows() if is_stop(row)]


def study_of(
    case: str, run: str = "draws: 1000, design: random", **more: bool
) -> Study:
    """A case of the table as a config that has been read."""
    body = MASS if case == "S1-9.3" else _additive(case, **more)
    text = f"title: {case}\nrun: {{{run}, seed: 44905}}\n{body}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)


def _additive(case: str, logarithm: bool = False) -> str:
    """Sums and products; of a product also the sum of its factors' logarithms."""
    x = CASES[case]
    if case.startswith("S1-"):
        laws = {name: _law(text) for name, text in x.items()}
        formula = " + ".join(laws)
    elif logarithm:
        pairs = zip(x["median"], x["gsd"], strict=True)
        laws = {
            f"x{i}": f"normal: {{mean: {log(m)!r}, sd: {log(g)!r}}}"
            for i, (m, g) in enumerate(pairs, 1)
        }
        parts = zip(x["exponent"], laws, strict=True)
        formula = " + ".join(f"({c}) * {name}" for c, name in parts)
    else:
        pairs = zip(x["median"], x["gsd"], strict=True)
        laws = {
            f"x{i}": f"lognormal: {{median: {m}, gsd: {g}}}"
            for i, (m, g) in enumerate(pairs, 1)
        }
        if "weight" in x:
            parts = zip(x["weight"], laws, strict=True)
            formula = " + ".join(f"({w}) * {name}" for w, name in parts)
        else:
            parts = zip(x["exponent"], laws, strict=True)
            formula = " * ".join(f"{name} ** ({c})" for c, name in parts)
    lines = [f'  {n}: {{units: "1", {law}, source: s}}' for n, law in laws.items()]
    output = f'outputs:\n  y: {{units: "1", formula: "{formula}"}}'
    return "\n".join(["inputs:", *lines, output])


def _law(text: str) -> str:
    """``N(0,1)`` and ``R(-10sqrt3,10sqrt3)`` in the words of a config."""
    kind, first, second = re.fullmatch(r"([NR])\((.+),(.+)\)", text).groups()
    if kind == "N":
        return f"normal: {{mean: {first}, sd: {second}}}"
    low, high = (
        float(end.replace("sqrt3", "") + ("1" if end in ("sqrt3", "-sqrt3") else ""))
        * sqrt(3)
        for end in (first, second)
    )
    return f"uniform: {{low: {low!r}, high: {high!r}}}"


@cache
def linear(case: str, logarithm: bool = False) -> xr.Dataset:
    """First-order propagation of a case."""
    model = (study := study_of(case, logarithm=logarithm)).model()
    return first_order(model, model.outputs["outputs"], study.blocks).isel(
        scenario=0, output=0
    )


@cache
def sample(case: str, design: str) -> xr.DataArray:
    """Draws of a case."""
    draws = RUNS[design]
    result = study_of(case, f"draws: {draws}, design: {design}").run()
    return result.drawn("outputs").isel(scenario=0, output=0)


def quantity_of(row: dict[str, str]) -> float:
    """What the tool computes for a row without drawing."""
    case, name = row["id"], row["quantity"]
    if case.startswith("lnprod"):
        # the logarithm of the product is a sum of normals: first order is exact
        known = linear(case, logarithm=True)
        median, gsd = exp(float(known["estimate"])), exp(float(known["sd"]))
        if name.startswith("share_of_log_variance"):
            parameter = "x" + name.rpartition("_")[2]
            return float(known["variance_share"].sel(parameter=parameter))
        law = build("lognormal", {"median": median, "gsd": gsd})
        if name.startswith("q"):
            return float(law.ppf(float(name[1:])))
        return {"median": median, "gsd": gsd, "mean": law.mean, "sd": law.sd}[name]
    known = linear(case)
    middle, spread = float(known["estimate"]), float(known["sd"])
    reach = float(build("normal", {"mean": 0, "sd": 1}).isf(0.025)) * spread
    return {
        "mean": middle,
        "sd": spread,
        "gum_first_order_u": spread,
        "gum_first_order_ci95_lo": middle - reach,
        "gum_first_order_ci95_hi": middle + reach,
    }[name]


def drawn(row: dict[str, str], design: str = "random") -> tuple[float, float]:
    """What a run gives for a row, and how far it may be off by the table's rule."""
    values = sample(row["id"], design)
    name = row["quantity"]
    if name.startswith("shortest95"):
        ends = coverage_interval(values, 0.95, kind="shortest")
        bound = "lower" if name.endswith("_lo") else "upper"
        return float(ends.sel(bound=bound)), float(row["tol_abs"])
    tolerance = 4 * float(row["mc_se1"]) / sqrt(values.size)
    if name in ("mean", "sd"):
        return float(values.mean() if name == "mean" else values.std(ddof=1)), tolerance
    level = {"median": 0.5, "ci95_hi": 0.975}.get(name) or float(name[1:])
    return float(percentile(values, (level,))[0]), tolerance


@cache
def stops(case: str, seeds: int) -> list[int]:
    """Draws at the stop of the adaptive procedure, seed by seed."""
    x = next(json.loads(row["inputs"]) for row in STOPS if row["id"] == case)
    part = 1 / float(x["tolerance"].partition("/")[2])
    until = (
        f"{{digits: {x['ndig']}, output: y, level: {x['p']}, min_pages: 2, "
        f"tolerance_fraction: {part}, interval: symmetric}}"
    )
    study = study_of(case, f"draws: 1, design: random, until: {until}")
    model, found = study.model(), []
    for seed in range(seeds):
        settings = study.settings.model_copy(update={"seed": seed})
        config = study.config.model_copy(update={"run": settings})
        stop = replace(study, config=config).enough(model)
        assert stop is not None
        assert stop.reached
        found.append(stop.draws)
    return found


def test_no_row_is_left_out():
    left = [r for r in rows() if not (is_computed(r) or is_drawn(r) or is_stop(r))]
    assert left == []
    assert (len(rows()), len(COMPUTED), len(DRAWN), len(STOPS)) == (63, 49, 38, 4)


@pytest.mark.parametrize("row", COMPUTED, ids=lambda r: f"{r['id']} {r['quantity']}")
def test_published_value_is_computed(row):
    # the table's own tolerance; rounding of values about 1e2 leaves 1e-14 of them
    expected, allowed = float(row["expected"]), float(row["tol_abs"])
    assert quantity_of(row) == pytest.approx(expected, rel=1e-14, abs=allowed)


@pytest.mark.parametrize(
    ("row", "design"),
    [
        pytest.param(row, design, id=f"{row['id']} {row['quantity']} {design}")
        for row in DRAWN
        for design in RUNS
        # the table states the tolerance of the shortest interval for 1e6 runs
        if design == "random" or not row["quantity"].startswith("shortest95")
    ],
)
def test_published_value_is_drawn(row, design):
    got, tolerance = drawn(row, design)
    assert got == pytest.approx(float(row["expected"]), rel=0, abs=tolerance)


@pytest.mark.parametrize("row", STOPS, ids=lambda r: r["id"])
def test_adaptive_procedure_stops_where_it_was_seen_to(row):
    found = stops(row["id"], SEEDS)
    low, high = json.loads(row["inputs"])["band"]
    assert all(low <= draws <= high for draws in found), found
    middle = sorted(found)[SEEDS // 2]
    assert middle == pytest.approx(float(row["expected"]), abs=float(row["tol_abs"]))
