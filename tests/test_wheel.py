"""The wheel by itself: everything a run needs is in it."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What a build takes no part of: hidden, built or tested, and results of runs."""
    found = shutil.ignore_patterns(".*", "build", "*.egg-info", "tests")(folder, names)
    return {*found, *({"results"} if Path(folder) == ROOT else set())}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`potline` of a fresh environment that holds the built wheel.

    Its dependencies are those of the environment the tests run in, by their folder:
    a path file in that folder, such as an editable install's, is not followed.
    """
    work = tmp_path_factory.mktemp("wheel")
    sources = work / "sources"
    shutil.copytree(
        ROOT,
        sources,
        ignore=_left_out,
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", work, sources]
    subprocess.run(build, check=True, capture_output=True)
    fresh = [sys.executable, "-m", "venv", "--without-pip", work / "env"]
    subprocess.run(fresh, check=True)
    python = work / "env" / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    told = {"check": True, "capture_output": True, "text": True}
    answer = subprocess.run([python, "-c", ask], **told)
    site = Path(answer.stdout.strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = work.glob("potline-*.whl")
    install = [*pip, "--python", python, "install", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, capture_output=True)
    return work / "env" / "bin" / "potline"


def test_wheel_runs_a_study_from_another_folder(command: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "configs" / "china_grid_mixes.yaml", tmp_path / "mine.yaml")
    done = subprocess.run(
        [command, "run", "mine.yaml", "--draws", "1024", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["draws"] == 1024
    assert (tmp_path / "results" / "mine" / "results.nc").is_file()


def test_wheel_is_what_ran_and_brings_the_library_and_the_template(
    command: Path, tmp_path: Path
) -> None:
    def potline(*words: str) -> str:
        done = subprocess.run(
            [command, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    ask = "import scenarios; print(scenarios.__file__)"
    python = command.parent / "python"
    where = subprocess.run(
        [python, "-c", ask], cwd=tmp_path, capture_output=True, text=True
    )
    assert str(command.parent.parent) in where.stdout
    assert "aluminium/chain" in potline("library", "files")
    potline("init", "study.yaml")
    assert "no faults" in potline("check", "study.yaml")
