"""Thresholds of buyers, each judged against its own account."""

import json
from pathlib import Path

import pytest

from scenarios.analysis.comparison.compare import compare
from scenarios.analysis.thresholds import UnknownThreshold, judge, told_apart
from scenarios.language.config import Config
from scenarios.loading.load import load
from scenarios.words.catalogue import Words
from scenarios.words.comparison import sure_below


def test_scope_1_and_2_are_judged_alone(shipped):
    result = shipped("china_grid_mixes").result
    tree = result.tree
    accounts, footprint = tree["draws/accounts"], tree["draws/footprint"]
    own = accounts.sel(account=["direct", "electricity"]).sum("account")
    for name, whole in (("low_carbon_premium", own), ("asi_v3", footprint)):
        limit = result.config.thresholds[name].value
        got = judge(result, name).probability
        for scenario in ("yunnan", "hydro_contract", "captive_coal", "national_grid"):
            expected = float((whole.sel(scenario=scenario) < limit).mean())
            assert float(got.sel(scenario=scenario)) == pytest.approx(
                expected, abs=1e-12
            )
    # Yunnan is above 4 t as a whole in every draw, and not in scope 1 and 2
    yunnan = judge(result, "low_carbon_premium").probability.sel(scenario="yunnan")
    assert float((footprint.sel(scenario="yunnan") < 4000).mean()) == 0
    assert 0.2 < float(yunnan) < 1


@pytest.mark.parametrize("text", ["8 t", "8 t CO2e/t", "8000 kg", "8"])
def test_a_limit_says_its_units(text):
    assert told_apart([text], [], "kg CO2e/t") == ((8000.0,), [])


def test_tonnes_are_no_units_of_another_quantity():
    with pytest.raises(UnknownThreshold, match="8 t"):
        told_apart(["8 t"], [], "kWh/t")


def test_numbers_and_names_are_told_apart():
    known = ["asi_v2", "asi_v3"]
    found = told_apart(["8000", "asi_v2", "1e4"], known)
    assert found == ((8000.0, 10000.0), ["asi_v2"])
    with pytest.raises(UnknownThreshold, match="did you mean asi_v3") as caught:
        told_apart(["asi_v33", "nothing"], known)
    assert "--limit nothing" in str(caught.value)  # all faults at once


def test_a_study_without_a_chain_is_refused(shipped):
    stated = {"label": "x", "value": 1, "units": "kg CO2e/t", "accounts": ["direct"]}
    result = shipped("measurement_model").result
    config = result.config.model_copy(
        update={
            "thresholds": Config.model_validate(
                {"thresholds": {"x": stated}}
            ).thresholds
        }
    )
    vars(result)["config"] = config
    with pytest.raises(UnknownThreshold, match="leave it out"):
        judge(result, "x")


def test_a_study_has_those_of_the_files_it_imports(shipped):
    found = shipped("china_grid_mixes").study.config.thresholds
    assert {one.value for one in found.values()} == {3000, 4000, 8000, 11000}
    assert all(one.source for one in found.values())
    with pytest.raises(UnknownThreshold, match="the study states no `thresholds`"):
        told_apart(["asi_v2"], shipped("measurement_model").study.config.thresholds)


def test_the_command_takes_them(potline, small, no_figures):
    text = f"import: [aluminium/product]\n{small}"
    Path("small.yaml").write_text(text, encoding="utf-8")
    assert potline("run", "small.yaml", "--out", "out").code == 0
    told = potline("compare", "out", "--limit", "asi_v3", "--limit", "9")
    assert "9 t CO2e/t" in told.out
    assert "ASI Performance Standard V3" in told.out
    found = json.loads(potline("compare", "out", "--limit", "asi_v2", "--json").out)
    assert found["thresholds"][0]["name"] == "asi_v2"
    wrong = potline("compare", "out", "--limit", "asi_v9")
    assert wrong.code == 2
    assert "asi_v9: no threshold is called so" in wrong.err


YEARS = """\
title: A falling figure
run: {draws: 64, seed: 1, replicates: 4}
years: [2030, 2040, 2050]
inputs:
  x:
    units: t
    source: s
    pathway:
      2030: {uniform: {low: 9, high: 11}}
      2040: {uniform: {low: 7, high: 9}}
      2050: {uniform: {low: 5, high: 7}}
  half: {units: "1", value: 1, source: s}
outputs: {y: {units: t, formula: x * half}}
scenarios:
  whole: {reference: true}
  less: {set: {half: 0.5}}
"""


@pytest.mark.parametrize(
    ("limit", "confidence", "first"),
    [
        (8.5, 0.7, {"whole": 2040, "less": 2030}),  # uniform on 7 to 9: 0.75 below
        (8.5, 0.8, {"whole": 2050, "less": 2030}),
        (4.0, 0.9, {"less": 2050}),
        (1.0, 0.9, {}),
    ],
)
def test_the_first_year_below_a_limit_is_told(limit, confidence, first, tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(YEARS, encoding="utf-8")
    data = compare([load(path).run()], limits=[limit])
    told = sure_below(data, confidence, Words("en"))
    names = "; ".join(
        f"{name}: {year}" for name, year in sorted(first.items(), key=lambda x: x[1])
    )
    head = f"First year below {limit:g} t with a probability of {100 * confidence:g} %"
    assert told[0] == f"{head}: {names or 'no scenario'}"
    assert len(told) == 1 + (len(first) == 1)
