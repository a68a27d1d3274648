"""Sobol' indices of all outputs at once against SALib looped over the outputs.

    python benchmarks/sensitivity.py [--n 4096] [--repeats 3] [--outputs 4]
    python benchmarks/sensitivity.py --study configs/china_grid_mixes.yaml

SALib's side is its sampler once, and its analyser for each output. Its time for one
output does not depend on which output it is, so it is measured on a few (`--outputs`)
and multiplied; running the model is left out of SALib's side, in its favour, and is
part of ours. Both run in this process, one after the other; medians of `--repeats`.
"""

import argparse
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import xarray as xr

from uncertainty.distributions import build as law
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import Problem, build, nodes_of, sobol

STAGES, INPUTS, SCENARIOS = 8, 60, 12


def chain() -> Problem:
    """60 inputs in 8 stages of sums of products, 12 scenarios that scale them."""
    graph = Graph()
    laws = [
        law("lognormal", {"median": 1 + i % 7, "gsd": 1.05 + 0.02 * (i % 9)})
        for i in range(INPUTS)
    ]
    inputs = [graph.quantile(f"x{i:02d}", found) for i, found in enumerate(laws)]
    rows = []
    for scenario in range(SCENARIOS):
        amount, stages = graph.constant(1.0 + 0.1 * scenario), []
        for stage in range(STAGES):
            own = inputs[stage::STAGES]
            terms = [graph.product(amount, a, b) for a, b in pairwise(own)]
            stages.append(graph.total(terms))
            amount = graph.apply("mul", (amount, own[0]))
            amount = graph.apply("div", (amount, own[-1]))
        rows.append([*stages, graph.total(stages)])
    names = [*(f"stage_{i}" for i in range(STAGES)), "footprint"]
    outputs = xr.DataArray(
        np.array(rows), dims=("scenario", "output"), coords={"output": names}
    )
    return build(graph, outputs)


def study(path: Path) -> Problem:
    """Stage by source contributions and the footprint of a study."""
    from scenarios.loading import load as loading

    model = loading.load(path).model()
    parts = nodes_of(model, "contribution").stack(output=("stage", "source"))
    whole = nodes_of(model, "footprint")
    nodes = np.concatenate([parts.values, whole.values[..., None]], axis=-1)
    outputs = xr.DataArray(nodes, dims=(*whole.dims, "output"))
    return build(model.graph, outputs, checks=model.checks)


def median(work: Callable[[], object], repeats: int) -> float:
    """Median seconds of a call."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def salib(factors: int, n: int, second: bool, outputs: int) -> tuple[float, float]:
    """Seconds of SALib's sampler, and of its analyser for one output."""
    from SALib.analyze import sobol as analyser
    from SALib.sample import sobol as sampler

    problem = {
        "num_vars": factors,
        "names": [f"x{i}" for i in range(factors)],
        "bounds": [[0.0, 1.0]] * factors,
    }
    start = time.perf_counter()
    sample = sampler.sample(problem, n, calc_second_order=second, seed=1)
    sampling = time.perf_counter() - start
    values = sample @ np.linspace(0.1, 1, factors) + sample[:, 0] * sample[:, 1]
    seconds = []
    for _ in range(outputs):
        start = time.perf_counter()
        analyser.analyze(problem, values, calc_second_order=second, seed=1)
        seconds.append(time.perf_counter() - start)
    return sampling, statistics.median(seconds)


def main() -> None:
    """Print one line for each comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--outputs", type=int, default=4)
    parser.add_argument("--study", type=Path)
    parser.add_argument("--second-order", action="store_true")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    problem = study(asked.study) if asked.study else chain()
    outputs, factors = len(problem.nodes), len(problem.factors)
    print(f"{factors} factors, {outputs} outputs, n = {asked.n}")
    ours = median(lambda: sobol(problem, asked.n, seed=1), asked.repeats)
    # before SALib's own matrix comes on top
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sampling, each = salib(factors, asked.n, False, asked.outputs)
    theirs = sampling + each * outputs
    print(f"first and total: ours {ours:.2f} s; SALib {sampling:.2f} s + {each:.2f} s")
    print(
        f"  an output = {theirs:.0f} s; ratio {theirs / ours:.0f}; peak {peak:.0f} MB"
    )
    if asked.second_order:
        last = problem.outputs.values[..., -1].ravel()
        base = median(lambda: sobol(problem, asked.n, seed=1), 1)
        whole = median(
            lambda: sobol(problem, asked.n, seed=1, second_order=list(last)), 1
        )
        ours = (whole - base) / len(set(last.tolist()))
        sampling, each = salib(factors, asked.n, True, 1)
        print(f"second order, an output: ours {ours:.2f} s; SALib {each:.1f} s (and")
        print(f"  {sampling:.1f} s of sampling once); ratio {each / ours:.0f}")


if __name__ == "__main__":
    main()
