"""Thresholds of buyers, each judged against its own account."""

import json
from pathlib import Path

import pytest

from scenarios.analysis.thresholds import UnknownThreshold, judge, told_apart
from scenarios.library import catalogue


def test_scope_1_and_2_are_judged_alone(shipped):
    result = shipped("china_grid_mixes").result
    tree = result.tree
    accounts, footprint = tree["draws/accounts"], tree["draws/footprint"]
    own = accounts.sel(account=["direct", "electricity"]).sum("account")
    for name, whole in (("low_carbon_premium", own), ("asi_v3", footprint)):
        limit = catalogue.thresholds()[name]["value"]
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


def test_numbers_and_names_are_told_apart():
    assert told_apart(["8000", "asi_v2", "1e4"]) == ((8000.0, 10000.0), ["asi_v2"])
    with pytest.raises(UnknownThreshold, match="did you mean asi_v3") as caught:
        told_apart(["asi_v33", "nothing"])
    assert "--limit nothing" in str(caught.value)  # all faults at once


def test_a_study_without_a_chain_is_refused(shipped):
    with pytest.raises(UnknownThreshold, match="leave it out"):
        judge(shipped("measurement_model").result, "asi_v3")


def test_each_has_a_boundary_and_a_source():
    found = catalogue.thresholds()
    assert {one["value"] for one in found.values()} == {3000, 4000, 8000, 11000}
    for one in found.values():
        assert one["source"]
        assert set(one["accounts"]) <= {"direct", "electricity", "upstream"}


def test_the_command_takes_them(potline, small, no_figures):
    Path("small.yaml").write_text(small, encoding="utf-8")
    assert potline("run", "small.yaml", "--out", "out").code == 0
    told = potline("compare", "out", "--limit", "asi_v3", "--limit", "9000")
    assert "ASI Performance Standard V3" in told.out
    found = json.loads(potline("compare", "out", "--limit", "asi_v2", "--json").out)
    assert found["thresholds"][0]["name"] == "asi_v2"
    wrong = potline("compare", "out", "--limit", "asi_v9")
    assert wrong.code == 2
    assert "asi_v9: no threshold is called so" in wrong.err
