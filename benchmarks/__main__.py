"""What a run costs, as ratios: one table in one command.

    .venv/bin/python -m pip install -e '.[bench,cluster]'
    .venv/bin/python benchmarks [--runs 5] [--largest 1e8] [--only floor peers ...]

Everything runs on this machine, in turn, and each figure is the median of `--runs`
after one turn that warms up. What is timed of potline is a run of
``configs/china_grid_mixes.yaml`` that keeps statistics only: footprint, accounts and
stage totals with moments, both intervals, percentiles and their Monte Carlo errors.

growth   with draws, inputs, scenarios and years
floor    against `Generator.random` filling as many uniforms on one thread, and against
         the plain NumPy script (its footprints alone); 1 and 2 threads
peers    OpenTURNS and bw2calc on the same chain; SALib's Sobol' pipeline
workers  1, 2 and 4 Dask processes on this machine
loading  seconds until a large study can be run
"""

import argparse
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import axes
import loading
import plain_numpy
import sensitivity
from studies import CONFIG, only, shipped

from scenarios.model.study import Study
from uncertainty.designs import design as design_of
from uncertainty.distributions import build
from uncertainty.model import Model, Table
from uncertainty.model.graph import Graph
from uncertainty.run import run
from uncertainty.workers.blocks import Runner

PAGE = 10_000
TIMED = ("footprint", "accounts", "stages")
Task = Callable[[], object]


def medians(tasks: Mapping[str, Task], runs: int) -> dict[str, float]:
    """Median seconds of each task; the tasks take turns."""
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(runs + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if turn:  # the first turn warms up
                found[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in found.items()}


def uniforms(columns: int, draws: int) -> None:
    """Fill as many uniforms, one thread, a page at a time."""
    rng = np.random.default_rng(1)
    page = np.empty(PAGE)
    for _ in range(columns * draws // PAGE):
        rng.random(out=page)


def timed(model: Model) -> Model:
    """What is timed of a model."""
    kept = {name: model.outputs[name] for name in TIMED}
    return replace(model, outputs=kept, inputs={})


def task(study: Study, threads: int = 2, runner: Runner | None = None) -> Task:
    """A run of a study that keeps statistics only."""
    model = timed(study.model())

    def one() -> object:
        plan, levels = study.plan(model)
        return run(
            model, plan, levels=levels, store="summary", threads=threads, runner=runner
        )

    return one


def line(what: str, value: float, unit: str = "") -> None:
    """Print one row of the table."""
    print(f"  {what:64} {value:9.3g} {unit}", flush=True)


def floor(runs: int, draws: int) -> None:
    """Near what drawing costs, and far from what a script costs?"""
    for design in ("random", "sobol"):
        study = shipped(design, draws)
        one = only(study, "national_grid")
        few, many = len(timed(one.model()).columns), len(timed(study.model()).columns)
        found = medians(
            {
                "uniforms": lambda few=few: uniforms(few, draws),
                "one": task(one),
                "one, 1 thread": task(one, threads=1),
                "all": task(study),
                "all, 1 thread": task(study, threads=1),
                "script, one": lambda one=one: plain_numpy.run(one, 1, draws),
                "script, all": lambda study=study: plain_numpy.run(study, 1, draws),
            },
            runs,
        )
        count = len(study.config.scenarios)
        print(f"{design}, {draws} draws, {few} columns (all scenarios: {many})")
        line("one scenario, two threads", found["one"], "s")
        line("one scenario / uniforms", found["one"] / found["uniforms"], "x")
        line(f"{count} scenarios / one scenario", found["all"] / found["one"], "x")
        line("script / one scenario", found["script, one"] / found["one"], "x")
        line(f"script / {count} scenarios", found["script, all"] / found["all"], "x")
        line("1 thread / 2 threads, one", found["one, 1 thread"] / found["one"], "x")
        line("1 thread / 2 threads, all", found["all, 1 thread"] / found["all"], "x")


def peers(runs: int, draws: int) -> None:
    """The same chain by others, per draw; those that are not installed are left out."""
    one = only(shipped("random", draws), "national_grid")
    mine = medians({"mine": task(one)}, runs)["mine"] / draws
    line("potline, one scenario, two threads", mine * 1e6, "us a draw")
    print("OpenTURNS SymbolicFunction (footprint alone), and bw2calc Monte Carlo")
    try:
        import openturns_peer

        free = openturns_peer.uncorrelated(one)
        for threads in (1, 2):
            peer = openturns_peer.prepare(free, threads=threads)
            took = medians({"peer": lambda peer=peer: peer(100_000)}, runs)["peer"]
            line(f"OpenTURNS / potline, {threads} threads", took / 100_000 / mine, "x")
    except ImportError as error:
        print(f"  left out: {error}")
    try:
        import brightway_peer

        calculate = brightway_peer.prepare(one)
        took = medians({"peer": lambda: calculate(200)}, runs)["peer"]
        line("bw2calc / potline", took / 200 / mine, "x")
    except ImportError as error:
        print(f"  left out: {error}")
    print("SALib, first and total order, 69 outputs x 133 inputs, N = 4096")
    problem = sensitivity.study(CONFIG)
    ours = medians({"ours": lambda: sensitivity.sobol(problem, 4096, seed=1)}, 1)
    sampling, each = sensitivity.salib(len(problem.factors), 4096, False, 3)
    theirs = sampling + each * len(problem.nodes)
    line("SALib / potline", theirs / ours["ours"], "x")


def workers(runs: int, draws: int) -> None:
    """Dask on this machine; starting the workers is not counted."""
    from uncertainty.workers.cluster import connected

    study = shipped("random", 4 * draws)
    base = medians({"local": task(study, threads=1)}, runs)["local"]
    print(f"{len(study.config.scenarios)} scenarios, {4 * draws} draws")
    line("one thread of this process", base, "s")
    for count in (1, 2, 4):
        with connected(workers=count) as cluster:
            took = medians({"far": task(study, runner=cluster)}, runs)["far"]
        line(f"one thread / {count} Dask workers", base / took, "x")


def growth(runs: int, largest: float) -> None:
    """Seconds with draws, inputs, scenarios and years."""
    print("draws: cost of one draw of one scenario, and peak memory so far")
    for threads in (1, 2):
        draws = 100_000
        while draws <= largest:
            study = only(shipped("random", draws), "national_grid")
            # some two seconds of each, for a short run wavers more
            turns = max(runs, 2_000_000 // draws) if draws <= 10_000_000 else 1
            took = medians({"run": task(study, threads)}, turns)["run"]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            what = f"{threads} threads, {draws:11,} draws, peak {peak:.0f} MB"
            line(what, took / draws * 1e6, "us a draw")
            draws *= 10
    print("inputs: product of n lognormals, 1e6 draws")
    base = 0.0
    for count in (10, 30, 100, 300):
        took = medians({"run": product(count)}, runs)["run"]
        base = base or took
        line(f"{count} inputs / 10 inputs", took / base, "x")
    print("scenarios and years, 131 072 draws")
    study = shipped("sobol", 131_072)
    names = list(study.config.scenarios)
    base = 0.0
    for count in (1, 2, 6, 12, len(names)):
        some = only(study, *names[:count])
        took = medians({"run": task(some)}, runs)["run"]
        base = base or took
        line(f"{count} scenarios / one", took / base, "x")
    single, grid = axes.single(131_072), axes.grid(131_072)
    found = medians({"1 x 1": task(single), "12 x 5": task(grid)}, runs)
    line("12 scenarios x 5 years / one x one", found["12 x 5"] / found["1 x 1"], "x")


def product(count: int) -> Task:
    """A model of `count` inputs and one output."""
    graph = Graph()
    law = [
        build("lognormal", {"median": 1.0, "gsd": 1 + 0.001 * i})
        for i in range(1, count + 1)
    ]
    leaves = [graph.quantile(f"x{i}", one) for i, one in enumerate(law)]
    nodes = np.array([[graph.product(*leaves)]])
    model = Model(graph, ("one",), (), {}, {"y": Table("y", "Product", nodes, "1")})
    plan = design_of("random", draws=1_000_000, seed=1, columns=model.columns)
    return lambda: run(model, plan, store="summary", threads=2)


def machine() -> str:
    """What the figures were measured on."""
    python, cores = platform.python_version(), os.cpu_count()
    return (
        f"{platform.machine()}, {cores} cores, Python {python}, NumPy {np.__version__}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--draws", type=float, default=1e6)
    parser.add_argument("--largest", type=float, default=1e8)
    parts = ("growth", "floor", "peers", "workers", "loading")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    asked = parser.parse_args()
    print(machine())
    if "growth" in asked.only:  # first: its peaks of memory are those of the process
        growth(min(asked.runs, 3), asked.largest)
    if "floor" in asked.only:
        floor(asked.runs, int(asked.draws))
    if "peers" in asked.only:
        peers(asked.runs, int(asked.draws))
    if "workers" in asked.only:
        workers(min(asked.runs, 3), int(asked.draws))
    if "loading" in asked.only:
        loading.table(min(asked.runs, 3))


if __name__ == "__main__":
    main()
