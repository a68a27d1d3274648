"""What a run costs: ratios against drawing uniforms and against a plain NumPy script.

    .venv/bin/python benchmarks/china_grid_mixes.py [--runs 5] [--draws 100000 1000000]

Times ``configs/china_grid_mixes.yaml`` (all its scenarios, draws and statistics in
memory, nothing written) in one process, alternating with (a) one thread that fills as
many uniforms as the study has columns x draws and (b) ``plain_numpy.run``, the same
chain as a careful user would write it. Prints medians and their ratios.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import plain_numpy

from scenarios.loading import load
from scenarios.study import Study

CONFIG = Path(__file__).parent.parent / "configs" / "china_grid_mixes.yaml"
PAGE = 10_000


def uniforms(columns: int, draws: int) -> None:
    """Fill the same number of uniforms, one thread, a page at a time."""
    rng = np.random.default_rng(1)
    page = np.empty(PAGE)
    for _ in range(columns * draws // PAGE):
        rng.random(out=page)


def seconds(task: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def only(study: Study, name: str) -> Study:
    """The same study with one scenario."""
    kept = {name: study.config.scenarios[name]}
    return replace(study, config=study.config.model_copy(update={"scenarios": kept}))


def measure(design: str, draws: int, runs: int) -> None:
    """Print one row of the table."""
    study = load(CONFIG, settings={"design": design, "draws": draws})
    one = only(study, "national_grid")
    whole, single = study.model(), one.model()
    tasks: dict[str, Callable[[], object]] = {
        "uniforms, all": lambda: uniforms(len(whole.columns), draws),
        "uniforms, one": lambda: uniforms(len(single.columns), draws),
        "script": lambda: plain_numpy.run(study, 1, draws),
        "18, 1 thread": lambda: study.run(model=whole, threads=1),
        "18, 2 threads": lambda: study.run(model=whole, threads=2),
        "1, 2 threads": lambda: one.run(model=single, threads=2),
    }
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(runs + 1):
        for name, task in tasks.items():
            took = seconds(task)
            if turn:  # the first turn warms up
                found[name].append(took)
    median = {name: statistics.median(times) for name, times in found.items()}
    print(f"{design}, {draws} draws, {len(whole.columns)} columns, medians of {runs}")
    for name, took in median.items():
        low, high = min(found[name]), max(found[name])
        print(f"  {name:14} {took:8.3f} s  ({low:.3f} to {high:.3f})")
    run = median["18, 2 threads"]
    print(f"  18 scenarios / uniforms        {run / median['uniforms, all']:6.2f}")
    print(f"  script / 18 scenarios          {median['script'] / run:6.2f}")
    print(
        f"  1 scenario / uniforms          "
        f"{median['1, 2 threads'] / median['uniforms, one']:6.2f}"
    )
    print(f"  18 scenarios / 1 scenario      {run / median['1, 2 threads']:6.2f}")
    print(f"  1 thread / 2 threads           {median['18, 1 thread'] / run:6.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--draws", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--designs", nargs="+", default=["random", "sobol"])
    options = parser.parse_args()
    for design in options.designs:
        for draws in options.draws:
            measure(design, draws, options.runs)
