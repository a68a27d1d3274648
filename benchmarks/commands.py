"""Whole commands as a person waits for them, and where their time goes.

    python -m benchmarks.commands [--other POTLINE] [--runs 5] [--config-root DIR]

Every command is a process of its own, imports and all; the two installations take
turns, and each figure is the median. `--other` runs its own configs from
`--config-root`, so that libraries that differ do not hide what the code costs. Below
the table stand the parts of a run of the main study in one process: reading the study,
the engine, writing, drawing.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN = [sys.executable, "-c", "from scenarios.cli import main; main()"]
MAIN, RESULT = "configs/china_grid_mixes.yaml", "main"
COMMANDS = {
    "run main": ["run", MAIN, "--out", RESULT],
    "run main, no figures": ["run", MAIN, "--figures", "none", "--out", "bare"],
    "show": ["show", RESULT],
    "compare": ["compare", RESULT, "--reference", "shandong"],
    "report": ["report", RESULT],
    "run minimal": ["run", "configs/minimal.yaml", "--out", "minimal"],
    "run pathway": ["run", "configs/national_pathway.yaml", "--out", "pathway"],
    "run wedge": ["run", "configs/decarbonisation_wedge.yaml", "--out", "wedge"],
    "check": ["check", MAIN],
}
NEW = {"run main, no figures"}
"""What the other installation may not know."""


def seconds(command: list[str], words: list[str], folder: Path, root: Path) -> float:
    """Wall time of one command; results lie in `folder`, configs under `root`."""
    made = {"main", "bare", "minimal", "pathway", "wedge"}
    whole = [str(folder / w) if w in made else w for w in words]
    start = time.perf_counter()
    subprocess.run([*command, *whole], check=True, capture_output=True, cwd=root)
    return time.perf_counter() - start


def table(other: str | None, runs: int, root: Path) -> None:
    """Print medians, and how many times the other installation takes."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, "own"), Path(name, "other")]
        for folder in folders:
            folder.mkdir()
        for what, words in COMMANDS.items():
            sides = [(OWN, folders[0])]
            if other and what not in NEW:
                sides.append(([other], folders[1]))
            found: list[list[float]] = [[] for _ in sides]
            for turn in range(runs + 1):
                for i, (command, folder) in enumerate(sides):
                    took = seconds(command, words, folder, root)
                    if turn:  # the first turn warms up
                        found[i].append(took)
            own, *rest = (statistics.median(each) for each in found)
            ratio = f"{rest[0]:8.2f} s {rest[0] / own:6.1f} x" if rest else ""
            print(f"  {what:24} {own:8.2f} s {ratio}", flush=True)


def parts(runs: int) -> None:
    """Print where a run of the main study spends its time, imports apart."""
    from scenarios.export.drawing import draw_files
    from scenarios.loading.load import load
    from scenarios.results.file import open_result, write_result

    study = load(ROOT / MAIN)
    model = study.model()
    result = study.run(model=model, threads=2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "results.nc"
        tasks: dict[str, Callable[[], object]] = {
            "reading and checking": lambda: load(ROOT / MAIN),
            "engine": lambda: study.run(model=model, threads=2),
            "writing results.nc": lambda: write_result(result, path),
            "drawing, PNG": lambda: draw_files(result, folder, ("png",)),
            "opening and statistics": lambda: open_result(path).statistics,
        }
        for what, task in tasks.items():
            times = []
            for turn in range(runs + 1):
                start = time.perf_counter()
                task()
                if turn:
                    times.append(time.perf_counter() - start)
            print(f"  {what:24} {statistics.median(times):8.2f} s", flush=True)
        print(f"  results.nc {path.stat().st_size / 1e6:25.1f} MB")


def main() -> None:
    """Print both tables."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--other", help="another installation's potline command")
    reader.add_argument("--runs", type=int, default=5)
    reader.add_argument("--config-root", type=Path, default=ROOT)
    asked = reader.parse_args()
    table(asked.other, asked.runs, asked.config_root.resolve())
    parts(asked.runs)


if __name__ == "__main__":
    main()
