"""What `results.nc` says of its run, and what it keeps of the draws."""

from pathlib import Path

import numpy as np
import pytest

from scenarios import open_result
from uncertainty import kernel

MINIMAL = str(Path(__file__).parents[3] / "configs" / "minimal.yaml")
SINGLE = 2.0**-24
"""Relative error of a number rounded to 24 binary digits, at most."""


@pytest.fixture
def ran(potline, tmp_path):
    """Run the smallest shipped study, with further options, and open its result."""

    def run(*options: str):
        asked = ("run", MINIMAL, "--draws", "1024", "--figures", "none")
        told = potline(*asked, "--out", "made", *options)
        assert told.code == 0, told.err
        return open_result(tmp_path / "made")

    return run


def test_a_result_says_how_it_was_made(ran):
    result = ran("--seed", "7")
    made = result.attributes
    assert made["command"].startswith("potline run ")
    assert made["command"].endswith("--out made --seed 7")
    assert made["compiled_loops"] == ("yes" if kernel.compiled() else "no")
    assert made["precision"] == "double"
    for package in ("numpy", "scipy", "xarray", "potline"):
        assert f"{package} " in made["versions"]


def test_single_precision_rounds_draws_and_leaves_statistics(ran):
    double = ran()
    exact, statistics = double.footprint.values, double.statistics
    size = double.path.stat().st_size
    single = ran("--precision", "single")
    assert single.attributes["precision"] == "single"
    assert single.statistics.equals(statistics)
    found = single.footprint.values
    assert found.dtype == np.float64
    # a footprint is kept as a row of its own, or is a sum of rows that are
    assert np.abs(found / exact - 1).max() < 4 * SINGLE
    assert (found != exact).any()
    assert single.path.stat().st_size < size


def test_bad_precision_is_told(potline):
    told = potline("run", MINIMAL, "--precision", "half")
    assert told.code == 2
    assert "--precision half; there are double, single" in told.err
    told = potline("run", MINIMAL, "--precision", "single", "--store", "zarr")
    assert "only --store full keeps draws in one file" in told.err
