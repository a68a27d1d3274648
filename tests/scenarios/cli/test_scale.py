"""Runs beyond memory, beyond one process and beyond an interruption: the same bits."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.loading.load import load
from scenarios.model.study import Study
from scenarios.results.file import open_result, write_result
from scenarios.results.result import Result
from uncertainty.storage import load_draws
from uncertainty.workers.blocks import Threads
from uncertainty.workers.checkpoint import Checkpoint

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "configs" / "china_grid_mixes.yaml"
SMALL = """
title: Two ways
run: {draws: 1000, design: sobol, seed: 7}
inputs:
  power: {units: kWh/t, lognormal: {median: 13500, gsd: 1.02}, source: a test}
  factor: {units: kg/kWh, triangular: {low: 0.4, mode: 0.6, high: 0.9}, source: a test}
outputs:
  footprint_of_power: {units: kg/t, formula: power * factor}
  balance.nothing: {units: kWh/t, formula: power - power}
scenarios:
  one: {reference: true}
  two: {scale: {factor: 0.5}, source: a test}
"""
POTLINE = Path(sys.executable).with_name("potline")
DRAWS = 130_000  # four blocks of random draws, the last of them short


def potline(*words, check=True, cwd=None):
    done = subprocess.run(
        [POTLINE, *map(str, words)], capture_output=True, text=True, cwd=cwd
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def groups_of(run: Result | xr.DataTree) -> dict[str, xr.Dataset]:
    """Datasets of a result, or of what the engine gave, by their path."""
    if isinstance(run, Result):
        return dict(run.groups)
    return {node.path: node.to_dataset() for node in run.subtree}


def same(one: Result | xr.DataTree, other: Result | xr.DataTree) -> int:
    """Numbers of all variables that have to agree to the bit."""
    compared = 0
    others = groups_of(other)
    for path, group in groups_of(one).items():
        for name, array in group.data_vars.items():
            found = others[path][name]
            assert array.dims == found.dims
            mine, yours = array.values, found.values
            equal = np.array_equal(mine, yours, equal_nan=mine.dtype.kind == "f")
            assert equal, f"{path}/{name}"
            compared += mine.size
    return compared


def statistics_of(result: Result) -> Result:
    """A result without its draws and inputs."""
    kept = {k: v for k, v in result.groups.items() if k.split("/")[0] == "summary"}
    return Result(kept, result.attributes)


@pytest.fixture(scope="module")
def study() -> Study:
    return load(CONFIG, settings={"design": "random", "draws": DRAWS})


@pytest.fixture(scope="module")
def alone(study) -> Result:
    """One thread, nothing kept, nothing lost."""
    return study.run(store="summary")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A small run of each store by the command line."""
    found = {}
    config = tmp_path_factory.mktemp("config") / "small.yaml"
    config.write_text(SMALL)
    for store in ("full", "summary", "zarr"):
        found[store] = tmp_path_factory.mktemp(store)
        done = potline(
            *("run", config, "--draws", 45_000, "--store", store, "-q"),
            *("--out", found[store]),
        )
        assert done.stderr == done.stdout == ""
    return found


class TestStores:
    def test_statistics_are_the_same_bits(self, folders):
        full, summary, zarr = (
            statistics_of(open_result(folders[store]))
            for store in ("full", "summary", "zarr")
        )
        assert same(full, summary) == same(full, zarr) > 80

    def test_draws_on_disk_are_the_draws(self, folders):
        full = open_result(folders["full"])
        zarr = open_result(folders["zarr"])
        assert set(full.groups["draws"]) == set(zarr.groups["draws"])
        for name, array in full.groups["draws"].data_vars.items():
            found = zarr.drawn(name)
            assert array.attrs == found.attrs
            np.testing.assert_array_equal(array.values, found.values)
        for name, array in full.inputs.data_vars.items():
            np.testing.assert_array_equal(array.values, zarr.inputs[name].values)
        assert zarr.store == "zarr"
        assert zarr.seed == full.seed

    def test_a_summary_is_small_and_says_what_it_lacks(self, folders):
        sizes = {
            store: (folders[store] / "results.nc").stat().st_size
            for store in ("full", "summary")
        }
        assert sizes["summary"] < sizes["full"] / 5
        result = open_result(folders["summary"])
        assert not result.has_draws
        assert result.inputs_kept.startswith("no: only statistics")

    @pytest.mark.parametrize("store", ["summary", "zarr"])
    def test_every_result_is_shown(self, folders, store):
        shown, full = (
            potline("show", folders[name]).stdout.splitlines()
            for name in (store, "full")
        )
        assert shown == full

    def test_what_a_store_on_disk_can_tell(self, folders):
        for store in ("full", "zarr"):
            potline("compare", folders[store])
        one, other = (
            xr.load_dataset(folders[s] / "comparison.nc", engine="h5netcdf")
            for s in ("full", "zarr")
        )
        assert one.sizes["scenario"] > 1
        xr.testing.assert_equal(one, other)

    @pytest.mark.parametrize(
        "words",
        [
            ("compare",),
            ("report",),
            ("plot", "--kind", "density"),
            ("plot", "--kind", "inputs"),
            ("export", "--to", "csv", "--tables", "draws"),
            ("sensitivity", "--method", "pawn"),
        ],
    )
    def test_what_takes_draws_is_refused_by_name(self, folders, words, tmp_path):
        command, *options = words
        done = potline(command, folders["summary"], *options, check=False, cwd=tmp_path)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "--store" in done.stderr or "not stored" in done.stderr
        assert not any(tmp_path.iterdir())

    @pytest.mark.parametrize("store", ["full", "summary", "zarr"])
    def test_a_run_is_repeated_from_what_it_left(self, folders, store):
        told = potline("rerun", folders[store]).stdout
        assert told.startswith("every bit agrees"), told

    def test_a_run_replaces_what_another_store_left(self, tmp_path):
        config = tmp_path / "small.yaml"
        config.write_text(SMALL)
        words = ("run", config, "--draws", 2000, "-q", "--out", tmp_path)
        potline(*words, "--store", "zarr")
        assert (tmp_path / "results.zarr").is_dir()
        potline(*words)
        assert (tmp_path / "results.nc").is_file()
        assert not (tmp_path / "results.zarr").exists()
        potline(*words, "--store", "zarr")
        assert not (tmp_path / "results.nc").exists()


def test_options_that_cannot_be_met_are_told_together(tmp_path):
    done = potline(
        *("run", CONFIG, "--store", "sumary", "--threads", 0, "--workers", 0),
        *("--out", tmp_path / "out"),
        check=False,
    )
    assert done.returncode == 2
    assert "did you mean summary" in done.stderr
    assert "--threads 0" in done.stderr
    assert "--workers 0" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_scheduler_that_is_not_there_is_said(tmp_path):
    done = potline(
        *("run", CONFIG, "--scheduler", "tcp://127.0.0.1:9", "--out", tmp_path / "o"),
        check=False,
    )
    assert done.returncode == 1
    assert "nobody answers" in done.stderr
    assert "Traceback" not in done.stderr


class TestBits:
    @pytest.mark.parametrize("each", [1, 3, 100])
    @pytest.mark.parametrize("threads", [1, 2, 5])
    def test_threads_and_blocks(self, study, alone, threads, each):
        found = study.run(store="summary", threads=threads, task_pages=each)
        assert same(alone, found) > 10_000

    def test_a_run_that_goes_on(self, study, alone, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 0.0)

        class Stop(Exception):
            pass

        def after_two(count, told=[]):  # noqa: B006  # one list for all calls
            told.append(count)
            if len(told) == 2:
                raise Stop

        with pytest.raises(Stop):
            study.run(store="summary", runner=kept.over(Threads(1)), progress=after_two)
        assert kept.count() == 1
        found = study.run(store="summary", runner=kept.over(Threads(2)))
        assert same(alone, found) > 10_000

    def test_counts_do_not_depend_on_who_counted(self, study):
        settings = study.config.run.model_copy(update={"draws": DRAWS})
        assert settings.draws == DRAWS
        from uncertainty.run import run

        model = study.model()
        plan, levels = study.plan(model)
        one, other = (
            run(
                model,
                plan,
                levels=levels,
                store="summary",
                budget=0,
                threads=threads,
                task_pages=each,
            )
            for threads, each in ((1, 2), (3, 5))
        )
        assert one["summary"].attrs["quantile_relative_error"] > 0
        assert same(one, other) > 10_000


WORKER_KILLED = """
import os, signal, sys
from pathlib import Path
from scenarios.loading.load import load
from scenarios.results.file import write_result
from uncertainty.workers.cluster import connected

if __name__ == "__main__":
    config, out, draws, count = sys.argv[1:]
    study = load(Path(config), settings={"design": "random", "draws": int(draws)})
    with connected(workers=int(count)) as cluster:
        killed = []

        def kill(done):
            if not killed:
                pids = cluster.client.run(os.getpid)
                killed.append(list(pids.values())[0])
                os.kill(killed[0], signal.SIGKILL)

        result = study.run(
            store="summary", runner=cluster, progress=kill, task_pages=1
        )
        assert killed
        write_result(result, Path(out))
"""


class TestCluster:
    def test_one_worker_that_is_killed_costs_time_alone(self, alone, tmp_path):
        script = tmp_path / "killed.py"
        script.write_text(WORKER_KILLED)
        out = tmp_path / "out.nc"
        words = [sys.executable, script, CONFIG, out, str(DRAWS), "2"]
        subprocess.run(words, check=True, capture_output=True, timeout=120)
        assert same(alone, open_result(out)) > 10_000

    @pytest.mark.parametrize("workers", [1, 4])
    def test_workers_make_the_bits_of_a_thread(self, alone, workers, tmp_path):
        potline(
            *("run", CONFIG, "--design", "random", "--draws", DRAWS, "-q"),
            *("--store", "summary", "--workers", workers, "--out", tmp_path),
        )
        assert same(alone, open_result(tmp_path)) > 10_000


INTERRUPTED = """
import sys
from pathlib import Path
from scenarios.loading.load import load
from scenarios.export.run_files import write
from uncertainty.workers.blocks import Threads
from uncertainty.workers.checkpoint import Checkpoint

config, folder, draws, store = sys.argv[1:]
folder = Path(folder)
study = load(Path(config), settings={"design": "random", "draws": int(draws)})
kept = Checkpoint(folder / ".partial", study.identity(store), 0.0)
kept.begin(resume=True)
chunks = kept.folder / "draws.zarr" if store == "zarr" else None
print("begins", flush=True)
runner = kept.over(Threads(2), without=("draws",) if chunks else ())
result = study.run(store=store, folder=chunks, runner=runner, task_pages=1)
write(result, folder, chunks, ())
print(kept.count(), flush=True)
kept.end()
"""


def killed_at_random(folder, store, draws, kills, seed):
    """Kill -9 at random moments, then let it end; final names are whole or absent."""
    script = folder.parent / "interrupted.py"
    script.write_text(INTERRUPTED)
    words = [sys.executable, script, CONFIG, folder, str(draws), store]
    folder.mkdir()
    moments = np.random.default_rng(seed).uniform(0.0, 2.5, kills)
    for moment in moments.tolist():
        going = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        going.stdout.readline()
        time.sleep(moment)
        going.kill()
        going.wait()
        going.stdout.close()
        for name in ("results.nc", "results.zarr"):
            if (folder / name).exists():
                assert len(open_result(folder / name).config_text) > 1000
    subprocess.run(words, check=True, capture_output=True)
    name = "results.zarr" if store == "zarr" else "results.nc"
    return open_result(folder / name)


class Stops:
    """Threads that end after some blocks, as if the process had been ended."""

    def __init__(self, blocks):
        self.blocks = blocks

    def run(self, work, todo, take, room=None):
        Threads(2).run(work, todo[: self.blocks], take, room)
        raise KeyboardInterrupt


@pytest.mark.parametrize("store", ["full", "summary", "zarr"])
@pytest.mark.parametrize("blocks", [0, 3, 5])
def test_a_run_that_ended_after_some_blocks_is_gone_on_with(store, blocks, tmp_path):
    config = tmp_path / "small.yaml"
    config.write_text(SMALL)
    study = load(config, settings={"design": "random", "draws": 50_000})
    on_disk = store == "zarr"
    kept = Checkpoint(tmp_path / ".partial", study.identity(store), 0.0)
    kept.begin(resume=False)

    def run(runner, name):
        folder = tmp_path / name if on_disk else None
        return study.run(store=store, folder=folder, runner=runner, task_pages=1)

    def over(runner):
        return kept.over(runner, without=("draws",) if on_disk else ())

    with pytest.raises(KeyboardInterrupt):
        run(over(Stops(blocks)), "draws.zarr")
    assert kept.count() == blocks
    found, plain = run(over(Threads(2)), "draws.zarr"), run(Threads(1), "plain.zarr")
    assert kept.count() == 5
    assert same(plain, found) > 80
    if on_disk:
        one, other = (load_draws(tmp_path / f"{n}.zarr") for n in ("draws", "plain"))
        for group in ("draws", "inputs"):
            first, second = (
                xr.DataTree(tree[group].to_dataset()) for tree in (one, other)
            )
            assert same(first, second) >= 100_000


class TestKilled:
    def test_a_few_times(self, alone, tmp_path):
        found = killed_at_random(tmp_path / "out", "summary", DRAWS, 2, seed=1)
        assert same(alone, found) > 10_000

    @pytest.mark.slow
    @pytest.mark.parametrize("store", ["full", "summary", "zarr"])
    def test_twenty_times(self, store, tmp_path):
        study = load(CONFIG, settings={"design": "random", "draws": 400_000})
        found = killed_at_random(tmp_path / "out", store, 400_000, 20, seed=2)
        folder = tmp_path / "plain.zarr" if store == "zarr" else None
        plain = study.run(store=store, folder=folder)
        assert same(plain, found) > 10_000
        if folder:
            draws = load_draws(folder)["draws"]
            assert same(draws, found["draws"]) > 10_000

    @pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
    def test_an_interrupt_is_told_and_gone_on_from(self, asked, tmp_path):
        words = ("run", CONFIG, "--store", "summary", "--design", "random", "-q")
        words = (*words, "--draws", 20_000_000, "--out", tmp_path)
        going = subprocess.Popen(
            [POTLINE, *map(str, words)], stderr=subprocess.PIPE, text=True
        )
        blocks = tmp_path / ".partial"
        for _ in range(600):
            if list(blocks.glob("pass-0/*.npz")):
                break
            time.sleep(0.1)
        going.send_signal(asked)
        _, told = going.communicate(timeout=60)
        assert going.returncode == 130
        assert "finished blocks are kept, continue with --resume" in told
        assert not (tmp_path / "results.nc").exists()
        other = potline(
            *words[:-2], "--seed", 8, "--out", tmp_path, "--resume", check=False
        )
        assert other.returncode == 2
        assert "another config, seed" in other.stderr


def test_a_full_disk_leaves_no_half_result(tmp_path, monkeypatch):
    study = load(CONFIG, settings={"design": "random", "draws": 2000})
    result = study.run(store="summary")
    from uncertainty.errors import StorageError

    monkeypatch.setattr(
        xr.DataTree,
        "to_netcdf",
        lambda *a, **k: (_ for _ in ()).throw(OSError(28, "full")),
    )
    with pytest.raises(StorageError, match="full"):
        write_result(result, tmp_path / "results.nc")
    assert list(tmp_path.iterdir()) == []
