"""The face in Python: what a user's script may write, and that it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import scenarios as pl
from scenarios.errors import ConfigError

INPUTS = {
    "a": {"units": "kg", "normal": {"mean": 2.0, "sd": 0.1}, "source": "a scale"},
    "b": {"units": "1", "uniform": {"low": 1.0, "high": 3.0}, "source": "a guess"},
}
RUN = {"draws": 1024, "seed": 5}
STUDY = {
    "title": "A product",
    "run": RUN,
    "inputs": INPUTS,
    "outputs": {"y": {"units": "kg", "formula": "a * b + a"}},
}

SCRIPT = """
import scenarios as pl

study = pl.load("configs/minimal.yaml")
result: pl.Result = study.run(draws=1024, seed=1)
names: list[str] = result.scenarios
labels: dict[str, str] = result.labels
frame = result.statistics
difference = result.compare(reference="national_grid")["difference"]
indices = result.sensitivity(method="sobol", n=256)
figure = result.plot("stages")
again = pl.open_result("results/minimal")
other = pl.Study.from_mapping({"inputs": {}, "outputs": {}})
version: str = pl.__version__
"""


def test_a_script_over_the_face_is_typed(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(script)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert told.returncode == 0, told.stdout


def test_a_mapping_a_file_and_a_function_give_the_same_bits(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(STUDY, sort_keys=False), encoding="utf-8")
    by_function = pl.Study.from_function(
        lambda a, b: a * b + a, INPUTS, {"y": "kg"}, run=RUN
    )
    studies = (pl.load(path), pl.Study.from_mapping(STUDY), by_function)
    first, *others = (study.run() for study in studies)
    for other in others:
        for table in ("draws", "inputs", "summary"):
            one, two = first.groups[table], other.groups[table]
            assert set(one) == set(two)
            for name in one:
                if name != "point" or other is others[0]:
                    np.testing.assert_array_equal(one[name].values, two[name].values)


def test_a_function_of_several_outputs_returns_them_by_name():
    def model(a, b):
        return {"sum": a + b, "larger": np.maximum(a, b)}

    study = pl.Study.from_function(model, INPUTS, {"sum": "kg", "larger": "kg"})
    result = study.run(draws=1024)
    drawn = result.drawn("outputs").isel(scenario=0)
    assert (drawn.sel(output="sum") > drawn.sel(output="larger")).all()
    found = pl.sensitivity(study, "sobol", n=1024, outputs=["sum"])
    index = found["total_order"].squeeze().to_series()
    # variances 0.01 and 1/3
    assert index["b"] == pytest.approx(1 / 3 / (1 / 3 + 0.01), abs=0.01)  # 1024 points


def test_inputs_that_a_function_does_not_take_are_told():
    with pytest.raises(ConfigError) as caught:
        pl.Study.from_function(lambda a, c: a * c, INPUTS, {"y": "kg"})
    text = str(caught.value)
    assert "inputs.b: the function takes no such argument" in text
    assert "the function takes c: add this input" in text


def test_a_result_says_what_it_holds(tmp_path):
    result = pl.run("configs/minimal.yaml", draws=1024)
    assert result.footprint.dims == ("scenario", "draw")
    assert result.footprint["label"].values.tolist() == list(result.labels.values())
    frame = result.statistics
    assert set(frame["table"]) == set(result.tables)
    mean = frame[(frame["table"] == "footprint")]["mean"].to_numpy()
    np.testing.assert_array_equal(mean, result.summary("footprint")["mean"].values)
    assert json.dumps(result.as_object())
    path = tmp_path / "plain.nc"
    result.to_netcdf(path)
    import xarray as xr

    with xr.open_datatree(path, engine="h5netcdf") as plain:
        np.testing.assert_array_equal(
            plain["draws/footprint"].values, result.footprint.values
        )
