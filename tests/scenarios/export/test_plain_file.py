"""A result as a plain netCDF file, read by xarray alone."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from scenarios.results.file import open_result, write_result
from scenarios.results.result import Result


@pytest.fixture
def result(written, small, tmp_path) -> Result:
    """Result of the small study over two years, as its own file holds it."""
    found = written(f"years: [2020, 2030]\n{small}").run()
    write_result(found, tmp_path / "results.nc")
    return open_result(tmp_path)


@pytest.fixture
def plain(result, tmp_path):
    """The plain file."""
    result.to_netcdf(tmp_path / "plain.nc")
    return tmp_path / "plain.nc"


def test_every_draw_stands_under_its_labels_with_its_units(result, plain):
    with xr.open_dataset(plain, group="draws") as draws:
        footprint = draws["footprint"]
        assert footprint.attrs["units"] == result.units == "kg CO2e/t"
        assert footprint.dims == ("scenario", "year", "draw")
        for cell in result.cells:
            one = footprint.sel(cell.where)
            np.testing.assert_array_equal(one, result.sample(cell))
        energy = draws["outputs"].sel(output="energy")
        assert energy["output_units"] == "kWh/t"


def test_every_input_stands_there_with_its_source(result, plain):
    with xr.open_dataset(plain, group="inputs") as inputs:
        assert set(inputs) == set(result.inputs)
        for name, values in result.inputs.items():
            np.testing.assert_array_equal(inputs[name], values)
            assert inputs[name].attrs["units"] == values.attrs["units"]
        assert inputs["smelting.electricity"].attrs["source"] == "a meter"


def test_statistics_stand_there_and_no_convention_is_claimed(result, plain):
    with xr.open_datatree(plain) as tree:
        assert tree.attrs["study"] == "study"
        assert tree.attrs["config"] == result.config_text
        lower = tree["summary"]["coverage"].sel(
            scenario="hydro", year=2030, bound="lower"
        )
        frame = result.statistics.set_index(["table", "scenario", "year"])
        assert float(lower) == frame.loc[("footprint", "hydro", 2030), "lower"].item()
        for node in tree.subtree:
            assert "Conventions" not in node.attrs
        # what the file of a run is packed with is no part of the result
        assert set(tree.children) == {"draws", "inputs", "summary", "first_order"}


def test_it_opens_as_a_result_again(result, plain):
    again = open_result(plain)
    pd.testing.assert_frame_equal(again.statistics, result.statistics)
    assert again.provenance == result.provenance | {"layout": "labelled"}
    assert again.cells == result.cells
