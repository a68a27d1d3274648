"""An inventory table as inputs, and the skeleton of a product that runs with it."""

import pytest

from scenarios.datafiles.inventory import inventory
from scenarios.errors import ConfigError
from scenarios.loading.load import from_mapping, load

HEAD = "input_id,meaning,value,units,distribution,p1,p2,source,year,geography,"
HEAD += "confidence_value,confidence_spread,note\n"
GOOD = """\
a.heat,"Heat, net",105,kgce/t,normal,7.2,,Somebody,2022,CN,derived,derived,
a.factor,,0.9,t CO2e/t,lognormal,1.2,,Somebody,,,read-2,assumed,see table 3
a.ratio,Ratio,1.2,t/t,triangular,1.1,1.3,Somebody,2020,,recalled,assumed,
a.share,Share,0.5,1,fixed,,,Somebody,,,assumed,,
a.range,Range,5,kWh/t,uniform,4,6,Somebody,,,read,read,
"""


def written(tmp_path, text):
    path = tmp_path / "inventory.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_every_family_is_stated_as_a_config_states_it(tmp_path):
    found = inventory(written(tmp_path, GOOD))
    assert found["a.heat"] == {
        "label": "Heat, net",
        "units": "kgce/t",
        "normal": {"mean": 105, "sd": 7.2},
        "kind": "activity data",
        "nature": "uncertainty",
        "source": "Somebody (CN, 2022)",
        "confidence": "derived",
        "spread_confidence": "derived",
    }
    assert found["a.factor"]["lognormal"] == {"median": 0.9, "gsd": 1.2}
    assert found["a.factor"]["kind"] == "emission factor"
    assert found["a.factor"]["confidence"] == "read"
    assert found["a.factor"]["note"] == "see table 3 Read in a copy."
    assert found["a.ratio"]["triangular"] == {"low": 1.1, "mode": 1.2, "high": 1.3}
    assert found["a.share"]["value"] == 0.5
    assert "spread_confidence" not in found["a.share"]
    assert found["a.range"]["uniform"] == {"low": 4, "high": 6}
    outputs = {"x": {"units": "t/t", "formula": "a.ratio * a.share"}}
    study = from_mapping({"inputs": found, "outputs": outputs})
    assert study.definitions["a.ratio"].varies


def test_every_fault_is_told_with_its_row_and_column(tmp_path):
    bad = """\
a.one,,1,t/t,norml,1,,Somebody,,,read,read,
a b,,x,tonnn,normal,,,,,,seen,read,
a.three,,1,t/t,fixed,2,,Somebody,,,read,,
a.three,,1,t/t,normal,-2,,Somebody,,,read,read,
a.five,,2,t/t,triangular,3,4,Somebody,,,read,read,
"""
    with pytest.raises(ConfigError) as caught:
        inventory(written(tmp_path, bad))
    told = str(caught.value)
    for said in (
        "line 2: distribution: norml is none of them; did you mean normal?",
        "line 3: input_id: a b is no id",
        "line 3: units: tonnn: tonnn is not a unit",
        "line 3: source: is empty",
        "line 3: value: x is no finite number",
        "line 3: p1: an empty cell is no finite number",
        "line 3: confidence_value: seen is none of them",
        "line 4: p1: fixed takes 0 of p1, p2",
        "line 5: input_id: a.three stands in an earlier row too",
        "line 6: distribution:",
    ):
        assert said in told, said


def test_a_heading_that_is_none_is_told(tmp_path):
    path = tmp_path / "inventory.csv"
    path.write_text("input_id,valeu,units\nx,1,t\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        inventory(path)
    assert "valeu: no such column; did you mean value?" in str(caught.value)
    assert "the column source is missing" in str(caught.value)


def test_a_skeleton_runs_and_its_mean_is_that_of_its_six_numbers(
    potline, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert potline("init", "--product", "brick").code == 0
    told = potline("import", "brick/inventory.csv", "--out", "brick/inputs.yaml")
    assert told.code == 2
    assert "exists already" in told.err
    before = (tmp_path / "brick" / "inputs.yaml").read_bytes()
    words = ("import", "brick/inventory.csv", "--out", "brick/inputs.yaml", "--force")
    assert "6" in potline(*words).out
    assert (tmp_path / "brick" / "inputs.yaml").read_bytes() == before
    assert potline("init", "--product", "brick").code == 2
    assert potline("init", "--product", "Brick 1").code == 2
    study = load("brick/study.yaml", point=True)
    result = study.run(draws=1024)
    hydro = result.footprint.sel(scenario="hydro").values[0]
    by_hand = 1.2 * 5 + 2.5 * (55.5 + 9.3)
    power = result.tree["draws/accounts"].sel(scenario="hydro", account="electricity")
    assert hydro - power.values[0] == pytest.approx(by_hand, rel=1e-3)
