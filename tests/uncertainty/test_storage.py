"""Storage: what is written is what was, whole or not at all."""

import os
import stat

import h5netcdf
import numpy as np
import pytest
import xarray as xr

from uncertainty import storage
from uncertainty.errors import StorageError
from uncertainty.storage import SCHEMA, load, provenance, save, write_text


@pytest.fixture
def tree() -> xr.DataTree:
    """A small run: nested groups, text labels, a dotted name, NaN, attributes."""
    draws = xr.Dataset(
        {
            "footprint": (
                ("scenario", "draw"),
                np.random.default_rng(1).lognormal(size=(2, 5)),
                {"units": "kg CO2e/t", "long_name": "Carbon footprint"},
            )
        },
        coords={"scenario": ["grid", "hydro — Flüsse"]},
    )
    inputs = xr.Dataset(
        {"smelting.ac_electricity": ("draw", np.arange(5.0), {"units": "kWh/t"})}
    )
    summary = xr.Dataset({"mean": ("scenario", [1.0, np.nan])})
    found = xr.DataTree.from_dict(
        {
            "draws": draws,
            "inputs": inputs,
            "summary": summary,
            "summary/by_gas": summary * 2,
        }
    )
    found.attrs = {"seed": 2**53 - 1, "config": "title: é\nrun: {draws: 5}\n"}
    return found


class TestSave:
    def test_a_tree_comes_back_as_it_was(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        back = load(path)
        assert [node.path for node in back.subtree] == [n.path for n in tree.subtree]
        for node in tree.subtree:
            there, here = back[node.path].to_dataset(), node.to_dataset()
            if node.path != "/":
                xr.testing.assert_identical(there, here)
        for name, value in tree.attrs.items():
            assert back.attrs[name] == value

    def test_numbers_come_back_bit_by_bit(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        one, two = tree["draws/footprint"].values, load(path)["draws/footprint"].values
        assert one.tobytes() == two.tobytes()

    def test_what_made_it_stands_in_the_file(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        attrs = load(path).attrs
        assert attrs["schema_version"] == str(SCHEMA)
        assert f"numpy {np.__version__}" in attrs["versions"]
        assert attrs["platform"].startswith("Python 3.")
        # units such as kg CO2e/t are none of CF's, so no such claim is made
        assert "Conventions" not in attrs

    def test_a_package_that_is_not_there_is_unknown(self, monkeypatch):
        monkeypatch.setattr(storage, "VERSIONED", ("no-such-package",))
        assert provenance()["versions"] == "no-such-package unknown"

    def test_the_tree_is_left_alone(self, tree, tmp_path):
        before = tree.copy(deep=True)
        save(tree, tmp_path / "results.nc")
        assert tree.identical(before)

    def test_others_may_read_the_file(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        # a temporary file is its owner's alone until it is whole
        assert stat.S_IMODE(path.stat().st_mode) == 0o644

    def test_a_new_result_takes_the_place_of_the_old(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        tree.attrs["seed"] = 7
        save(tree, path)
        assert load(path).attrs["seed"] == 7
        assert [p.name for p in tmp_path.iterdir()] == ["results.nc"]


class TestWholeOrNotAtAll:
    def test_a_reader_of_the_old_result_keeps_the_old_result(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        before = path.read_bytes()
        with path.open("rb") as reader:
            tree.attrs["seed"] = 7
            save(tree, path)
            # the new file takes the name; the old one is never written to
            assert reader.read() == before

    def broken(self, *_, **__):
        raise OSError(28, "No space left on device")

    def test_a_write_that_fails_leaves_nothing_behind(
        self, tree, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(xr.DataTree, "to_netcdf", self.broken)
        path = tmp_path / "results.nc"
        with pytest.raises(
            StorageError, match=r"results\.nc: cannot be written .*No space left"
        ):
            save(tree, path)
        assert list(tmp_path.iterdir()) == []

    def test_a_write_that_breaks_off_half_way_keeps_the_old_result(
        self, tree, tmp_path, monkeypatch
    ):
        path = tmp_path / "results.nc"
        save(tree, path)
        before = path.read_bytes()
        whole = xr.DataTree.to_netcdf

        def half(self, target, **options):
            whole(self, target, **options)
            os.truncate(target, 100)
            raise KeyboardInterrupt

        monkeypatch.setattr(xr.DataTree, "to_netcdf", half)
        with pytest.raises(KeyboardInterrupt):
            save(tree, path)
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["results.nc"]

    def test_text_is_written_whole_or_not_at_all(self, tmp_path):
        path = tmp_path / "config.yaml"
        write_text(path, "title: é\n")
        assert path.read_text(encoding="utf-8") == "title: é\n"
        with pytest.raises(UnicodeEncodeError):
            write_text(path, "\ud800")
        assert path.read_text(encoding="utf-8") == "title: é\n"
        assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]

    def test_a_folder_that_is_not_there_is_told(self, tree, tmp_path):
        path = tmp_path / "no" / "results.nc"
        for write in (lambda: save(tree, path), lambda: write_text(path, "")):
            with pytest.raises(
                StorageError, match=r"results\.nc: cannot be written \(No such file"
            ):
                write()


class TestLoad:
    def test_a_file_that_is_not_there_says_what_would_write_it(self, tmp_path):
        with pytest.raises(StorageError, match="no such file; `potline run` writes"):
            load(tmp_path / "results.nc")

    def test_a_file_of_another_kind_is_no_result(self, tmp_path):
        path = tmp_path / "results.nc"
        path.write_text("scenario,mean\n")
        with pytest.raises(StorageError, match=r"results\.nc: not a potline result"):
            load(path)

    def test_a_result_cut_short_is_no_result(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        save(tree, path)
        os.truncate(path, path.stat().st_size // 2)
        with pytest.raises(StorageError, match=r"results\.nc: not a potline result"):
            load(path)

    @pytest.mark.parametrize("version", ["3", "0"])
    def test_another_schema_version_is_refused_by_its_number(
        self, tree, tmp_path, version
    ):
        path = tmp_path / "results.nc"
        tree.attrs["schema_version"] = version
        save(tree, path)
        with pytest.raises(
            StorageError,
            match=f"schema version {version}; this potline reads version 2",
        ):
            load(path)

    def test_a_result_of_the_release_before_still_opens(self, tree, tmp_path):
        path = tmp_path / "results.nc"
        tree.attrs["schema_version"] = "1"
        save(tree, path)
        assert load(path)["draws"].to_dataset().equals(tree["draws"].to_dataset())

    def test_a_netcdf_file_of_someone_else_has_no_schema(self, tmp_path):
        path = tmp_path / "other.nc"
        with h5netcdf.File(path, "w") as file:
            file.dimensions = {"x": 2}
            file.create_variable("a", ("x",), data=np.arange(2.0))
        with pytest.raises(StorageError, match="of another program"):
            load(path)

    def test_draws_damaged_behind_a_whole_structure_are_told_when_read(self, tmp_path):
        path = tmp_path / "results.nc"
        values = np.random.default_rng(1).random(2**19)
        tree = xr.DataTree.from_dict({"draws": xr.Dataset({"y": ("draw", values)})})
        save(tree, path, {"/draws": {"y": {"zlib": True, "chunksizes": (2**14,)}}})
        content = bytearray(path.read_bytes()[:-12])  # as a release before wrote it
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
        draws = storage.Opened(path)["draws"]
        assert draws.sizes == {"draw": 2**19}
        with pytest.raises(StorageError, match=r"results\.nc: damaged in draws/y"):
            draws["y"].load()
