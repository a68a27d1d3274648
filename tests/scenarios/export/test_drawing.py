"""Figures of a run in a second process: the same files, the same faults."""

import subprocess
import sys

import pytest

from scenarios.errors import ScenarioError
from scenarios.export.drawing import Drawing, draw_files
from scenarios.results.file import open_result, write_result

APART = """\
import sys
from pathlib import Path
from scenarios.export.drawing import Drawing
source, folder, stop = sys.argv[1:]
drawing = Drawing(("png", "svg"))
assert drawing.is_apart
if stop == "stop":
    from multiprocessing import active_children
    (child,) = active_children()
    child.terminate()
    child.join()
from scenarios.results.file import open_result
from scenarios.errors import ScenarioError
drawing.begin(open_result(source), Path(folder))
try:
    print(*(path.name for path in drawing.finish()))
except ScenarioError as error:
    print("refused:", error)
"""
KINDS = ("stages", "sources", "intervals")


@pytest.fixture(scope="module")
def result(shipped):
    return shipped("minimal").result


@pytest.fixture(scope="module")
def source(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("result") / "results.nc"
    write_result(result, path)
    return path


@pytest.fixture(scope="module")
def here(source, tmp_path_factory):
    """Files that this process draws."""
    folder = tmp_path_factory.mktemp("here")
    return draw_files(open_result(source), folder, ("png", "svg"))


def apart(*words) -> str:
    """What a process that has a second one draw says."""
    ran = subprocess.run(
        [sys.executable, "-c", APART, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return ran.stdout.strip()


@pytest.mark.parametrize("stop", ["go on", "stop"])
def test_files_of_a_second_process_are_the_same_to_the_byte(
    source, here, tmp_path, stop
):
    names = [path.name for path in here]
    assert names == [f"{kind}.{end}" for kind in KINDS for end in ("png", "svg")]
    # without its second process it draws by itself
    assert apart(source, tmp_path, stop).split() == names
    for path in here:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_figures_of_a_file_are_those_of_memory(result, here, tmp_path):
    for path in draw_files(result.light(), tmp_path, ("png", "svg")):
        same = next(p for p in here if p.name == path.name)
        assert path.read_bytes() == same.read_bytes(), path.name


def test_a_file_that_a_second_process_cannot_write_is_refused(source, tmp_path):
    missing = tmp_path / "none"
    words = apart(source, missing, "go on")
    assert words.startswith(f"refused: {missing / 'stages.png'}: cannot be written")


def test_in_a_process_with_numbers_loaded_the_files_are_drawn_here(result, tmp_path):
    drawing = Drawing(["png"])
    assert not drawing.is_apart
    drawing.begin(result, tmp_path)
    assert [p.name for p in drawing.finish()] == [f"{kind}.png" for kind in KINDS]
    drawing.begin(result, tmp_path / "none")
    with pytest.raises(ScenarioError, match=r"stages\.png: cannot be written"):
        drawing.finish()


def test_without_a_format_nothing_is_drawn(result, tmp_path):
    drawing = Drawing([])
    drawing.begin(result, tmp_path)
    assert drawing.finish() == []
    assert list(tmp_path.iterdir()) == []


def test_figures_speak_the_language_of_the_call(result, tmp_path):
    drawing = Drawing(["svg"], "zh")
    drawing.begin(result, tmp_path)
    drawing.finish()
    text = (tmp_path / "intervals.svg").read_text(encoding="utf-8")
    assert "全国电网 2024" in text
    assert "National grid" not in text
