"""Options of the command line at fault: told like a config's, nothing is written."""

from pathlib import Path

import pytest

OPTIONS = {
    "an unknown id": (
        ["--set", "smelting.electrcity=5"],
        "--set smelting.electrcity: no such input or supply; did you mean smelting.el",
    ),
    "a word": (
        ["--set", "smelting.electricity=abc"],
        "--set smelting.electricity.formula: no input is called abc",
    ),
    "another kind": (
        ["--set", "smelting.electricity=13000 MJ"],
        "--set smelting.electricity.value: 13000 MJ is no amount of kWh/t",
    ),
    "a truth value": (["--set", "smelting.electricity=true"], "not true"),
    "NaN": (["--set", "smelting.electricity=.nan"], "must be a finite number"),
    "an impossible distribution": (
        ["--set", "smelting.electricity={normal: {mean: 1, sd: -1}}"],
        "--set smelting.electricity.normal.sd: -1 is negative",
    ),
    "half a mapping": (["--set", "smelting.electricity={normal: {mean"], "not YAML"),
    "a tag": (["--set", "smelting.electricity=!x 5"], "a tag is not allowed"),
    "an anchor": (["--set", "smelting.electricity=&x 5"], "an anchor is not allowed"),
    "more than a value": (
        ["--set", "smelting.electricity=5\ntitle: x"],
        "more than one value; write one",
    ),
    "a supply on an input": (
        ["--set", "smelting.electricity={mix: cn_2023}"],
        "is an input; write a value",
    ),
    "no value": (
        ["--set", "smelting.electricity={independent: true}"],
        "is an input; write a value",
    ),
    "a number on a supply": (
        ["--set", "smelting.power=0.5"],
        "is a supply; write a mix's name or {factor: 0.5 kg CO2e/kWh}",
    ),
    "a misspelt mix": (
        ["--set", "smelting.power=cn_2032"],
        "--set smelting.power.mix: no mix is called cn_2032",
    ),
    "a blend short of one": (
        ["--set", "smelting.power={blend: {cn_2023: 0.5, hydro_contract: 0.4}}"],
        "--set smelting.power.blend: the shares add up to 0.9",
    ),
    "losses upon losses": (
        ["--set", "smelting.power={losses: 0.02}"],
        "--set smelting.power.losses: the factor of cn_2023 includes grid losses",
    ),
    "a share of fuel": (
        ["--set", "fuel.coal=0.5"],
        "is a share of fuel; set its means in the file",
    ),
    "another kind of GWP": (["--set", "gwp.CH4=30 kg/kg"], "no amount of kg CO2e/kg"),
    "a formula of itself": (
        ["--set", "casting.melt={formula: casting.melt + 1}"],
        "--set casting.melt.formula: the formulas need each other",
    ),
    "a file outside": (
        ["--set", "casting.melt={empirical: {file: ../x.csv}}"],
        "--set casting.melt.empirical.file: lies outside the config's folder",
    ),
    "no sign": (["--set", "nonsense"], "--set nonsense: write id=value"),
    "no id": (["--set", "=5"], "write id=value"),
    "nothing": (["--set", "a="], "write id=value"),
    "no draws": (["--draws", "0"], "--draws: must be 1 or more, not 0"),
    "draws without end": (["--draws", str(10**10)], "must be 1000000000 or less"),
    "half a draw": (["--draws", "1.5"], "Invalid value for '--draws'"),
    "an unknown design": (["--design", "foo"], '--design: "foo" is not one of sobol'),
    "a negative seed": (["--seed", "-1"], "--seed: must be 0 or more, not -1"),
    "a seed without end": (["--seed", "9" * 30], f"--seed: must be below {2**63}"),
    "no threads": (["--threads", "0"], "--threads 0: one or more"),
    "an unknown option": (["--drawz", "5"], "No such option: --drawz"),
    "results in a file": (
        ["--out", "study.yaml"],
        "cannot be made, study.yaml is a fil",
    ),
    "results below a file": (["--out", "study.yaml/x"], "study.yaml is a file"),
    "no folder of data": (["--data-dir", "nowhere"], "'nowhere' does not exist"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_at_fault_is_told_and_nothing_is_written(
    name, small, potline, tmp_path
):
    options, says = OPTIONS[name]
    (tmp_path / "study.yaml").write_text(small)
    told = potline("run", "study.yaml", *options)
    assert (told.code, told.out) == (2, "")
    assert says in told.err
    assert [path.name for path in Path.cwd().rglob("*")] == ["study.yaml"]
    assert Path("study.yaml").read_text() == small
