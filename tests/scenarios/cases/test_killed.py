"""Commands that end at any moment, or on a full disk: no half file, nothing untrue."""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenarios.results.file import open_result
from uncertainty.storage import whole

ROOT = Path(__file__).parents[3]
MINIMAL = ROOT / "configs" / "minimal.yaml"
TIMES = int(os.environ.get("POTLINE_KILLS", "20"))
COMMANDS = {
    "run": ("run", MINIMAL, "--draws", "4096", "--figures", "png", "--out", "out"),
    "sensitivity": ("sensitivity", "out", "--n", "64", "--figures", "png"),
    "compare": ("compare", "out", "--figures", "png"),
    "report": ("report", "out"),
    "export": ("export", "out", "--to", "csv", "-o", "out/tables"),
}
ENDS = {signal.SIGKILL: {-9}, signal.SIGTERM: {130, -15}, signal.SIGINT: {130, -2}}


def finish(folder, words, after=None, number=None):
    """A command to its end, or to a signal; its exit status and standard error."""
    # before it is loaded the signal is Python's own affair
    code = """import sys; sys.argv[0] = 'potline'
from scenarios.cli import main; print('loaded', flush=True); main()"""
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as going:
        assert going.stdout.readline() == "loaded\n"
        if after is not None:
            time.sleep(after)
            going.send_signal(number)
        _, told = going.communicate(timeout=120)
        return going.returncode, told


def seen(folder):
    """Files that a person sees."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield path


def contents(folder):
    return {path: path.read_bytes() for path in seen(folder)}


def is_whole(folder):
    """Every file is whole, and those of a run are of one run."""
    for path in seen(folder):
        if path.suffix == ".nc":
            assert whole(path), path
        elif path.suffix == ".png":
            assert path.read_bytes().endswith(b"IEND\xaeB`\x82"), path
        elif path.suffix == ".html":
            assert path.read_text().rstrip().endswith("</html>"), path
    if (folder / "results.nc").exists():
        result = open_result(folder)
        assert (folder / "config.yaml").read_text() == result.config_text
        with (folder / "summary.csv").open(newline="") as file:
            first = next(csv.DictReader(file))
        mean = float(result.statistics["mean"].iloc[0]) / result.shown_units[0]
        assert float(first["mean"]) == pytest.approx(mean, rel=1e-9)


@pytest.fixture
def work(tmp_path):
    """A folder in which a run stands."""
    assert finish(tmp_path, COMMANDS["run"])[0] == 0
    return tmp_path


def ends_well(work, name, number, times):
    """A command that a signal ends at random moments; how often it did."""
    start = time.perf_counter()
    assert finish(work, COMMANDS[name])[0] == 0
    takes = time.perf_counter() - start
    out, ended = work / "out", 0
    chance = random.Random(f"{name} {number}")
    for turn in range(times):
        words = COMMANDS[name]
        if name == "run":  # numbers of its own, so that files of two runs are told
            words = (*words, "--seed", turn)
        before = contents(out)
        code, told = finish(work, words, chance.uniform(0.1, 1.0) * takes, number)
        assert code in {0, *ENDS[number]}, (turn, told)
        assert "Traceback" not in told, (turn, told)
        ended += code != 0
        is_whole(out)
        if "nothing was written" in told:
            assert contents(out) == before, turn
        if not (out / "results.nc").exists():  # a run that was putting it there
            assert finish(work, COMMANDS["run"])[0] == 0
    assert finish(work, COMMANDS[name])[0] == 0
    is_whole(out)
    return ended


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_ends_at_any_moment(name, number, work):
    assert ends_well(work, name, number, TIMES) > TIMES / 4


@pytest.mark.parametrize("name", ["run", "compare", "export"])
def test_a_command_ends_at_a_moment(name, work):
    number = dict(zip(("run", "compare", "export"), ENDS, strict=True))[name]
    ends_well(work, name, number, 1)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 600 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(made, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_told_and_leaves_nothing_half(name, small_disk):
    words = ("run", MINIMAL, "--draws", "256", "--figures", "none", "--out", "out")
    assert finish(small_disk, words) == (0, "")
    filler = small_disk / "filler"
    before = contents(small_disk / "out")
    refused = 0
    for spare in range(0, 200_000, 20_000):
        filler.unlink(missing_ok=True)
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(bytes(max(free - spare, 0)))
        code, told = finish(small_disk, COMMANDS[name])
        assert "Traceback" not in told, (spare, told)
        now = contents(small_disk / "out")
        if code:
            assert code in {1, 2}, (spare, told)
            assert "No space left on device" in told, (spare, told)
            assert now == before, spare
            refused += 1
        is_whole(small_disk / "out")
        before = now
    assert refused > 0
