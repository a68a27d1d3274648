"""A peer: the same chain, drawn and computed by OpenTURNS.

    pip install openturns
    .venv/bin/python benchmarks/openturns_peer.py [--draws 100000] [--threads 1 2]

One scenario of a study as an OpenTURNS user would run it: a `JointDistribution` with
the independent copula over the study's uncertain columns, and a `SymbolicFunction`
written from the compiled model's own graph, so it is the very same chain with the
very same marginals. Only the rank correlations are left out, as in `plain_numpy`.

The fast ways of OpenTURNS are taken: ExprTk formulas in which only what is read more
than once is a variable of its own (one for each operation takes 2 to 3 times as
long), units folded into the distributions, draws a page at a time. It runs on one
thread unless told otherwise; more threads serve the formula, not the drawing.
"""

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import openturns as ot

from scenarios.loading.load import load
from scenarios.model.study import Study
from uncertainty import distributions as d
from uncertainty.distributions.base import Delegated
from uncertainty.model.graph import Graph, Quantile

PAGE = 10_000
OPERATORS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


def distribution(law: d.Marginal, factor: float) -> ot.Distribution:
    """A marginal times `factor`, which is above zero, in OpenTURNS's own family."""
    match law:
        case Delegated():  # a percentage, an interval, ...: another law in other words
            return distribution(law.law, factor)
        case d.Normal():
            return ot.Normal(law.mean * factor, law.sd * factor)
        case d.Lognormal():
            median = float(law.ppf(0.5)) * factor
            return ot.LogNormal(math.log(median), law.sigma)
        case d.Uniform():
            return ot.Uniform(law.low * factor, law.high * factor)
        case d.Triangular():
            return ot.Triangular(law.low * factor, law.mode * factor, law.high * factor)
        case d.Beta():
            return ot.Beta(law.a, law.b, law.low * factor, law.high * factor)
        case d.Truncated():
            whole = distribution(law.base, factor)
            low, high = (end * factor for end in law.support)
            ends = [math.isfinite(low)], [math.isfinite(high)]
            return ot.TruncatedDistribution(whole, ot.Interval([low], [high], *ends))
        case _:
            raise TypeError(f"no OpenTURNS distribution for {law}")


def formula(graph: Graph, output: int, factor: float) -> tuple[list[Quantile], str]:
    """Leaves, called x0, x1, ... in the formula, and the formula of y."""
    order = graph.upstream([output])
    readers = dict.fromkeys(order, 0)
    for node in order:
        for operand in graph.operands[node]:
            readers[operand] += 1
    leaves: list[Quantile] = []
    lines: list[str] = []
    text: dict[int, str] = {}
    for node in order:
        payload = graph.payloads[node]
        if isinstance(payload, Quantile):
            text[node] = f"x{len(leaves)}"
            leaves.append(payload)
        elif isinstance(payload, float):
            text[node] = repr(payload)
        else:
            left, right = (text[operand] for operand in graph.operands[node])
            text[node] = f"({left} {OPERATORS[graph.operations[node]]} {right})"
            if readers[node] > 1:
                lines.append(f"var n{node} := {text[node]};")
                text[node] = f"n{node}"
    return leaves, " ".join([*lines, f"y := {text[output]} / {factor!r};"])


def prepare(
    study: Study, *, seed: int = 1, threads: int | None = None
) -> Callable[[int], dict[str, float]]:
    """Build everything that is built once; the function returned does the draws.

    `study` has one scenario. `threads` is OpenTURNS's own setting of the whole
    process, left alone if None.
    """
    model = study.model()
    table = model.outputs["footprint"]
    leaves, text = formula(model.graph, int(table.nodes.item()), table.factor)
    names = [f"x{i}" for i in range(len(leaves))]
    footprint = ot.SymbolicFunction(names, ["y"], text)
    laws = [distribution(leaf.marginal, leaf.factor) for leaf in leaves]
    inputs = ot.JointDistribution(laws)

    def run(draws: int) -> dict[str, float]:
        if threads is not None:
            ot.TBB.SetThreadsNumber(threads)
        ot.RandomGenerator.SetSeed(seed)
        pages = [
            np.asarray(footprint(inputs.getSample(min(PAGE, draws - start))))
            for start in range(0, draws, PAGE)
        ]
        values = np.concatenate(pages).ravel()
        low, high = np.quantile(values, [0.025, 0.975])
        return {
            "mean": float(values.mean()),
            "sd": float(values.std(ddof=1)),
            "lower": float(low),
            "upper": float(high),
        }

    return run


def uncorrelated(study: Study) -> Study:
    """The study without its rank correlations; shares still sum to one."""
    kept = [one for one in study.config.dependence if one.composition is not None]
    config = study.config.model_copy(update={"dependence": kept})
    return replace(study, config=config, blocks=())


def potline(
    study: Study, *, threads: int = 1, whole: bool = True
) -> Callable[[], dict[str, float]]:
    """The tool's own run of a study with one scenario, in the same words.

    It also draws and reduces every stage, source, gas and flow and keeps the inputs;
    not `whole`, and it does the footprint alone, as the peer does.
    """
    model = study.model()
    if not whole:
        alone = {"footprint": model.outputs["footprint"]}
        model = replace(model, outputs=alone, inputs={})

    def run() -> dict[str, float]:
        result = study.run(model=model, threads=threads)
        found = result.tree["summary"].to_dataset().squeeze()
        bounds = found["coverage"].sel(bound=["lower", "upper"]).values
        return {
            "mean": float(found["mean"]),
            "sd": float(found["sd"]),
            "lower": float(bounds[0]),
            "upper": float(bounds[1]),
        }

    return run


def show(name: str, task: Callable[[], dict[str, float]], draws: int) -> None:
    """Run a task twice, print what it found and what the faster run took."""
    took = []
    for _ in range(2):
        start = time.perf_counter()
        found = task()
        took.append(time.perf_counter() - start)
    words = "  ".join(f"{key} {value:9.1f}" for key, value in found.items())
    print(f"{name:31} {words}  {min(took) / draws:.2e} s/draw")


def main() -> None:
    """Print OpenTURNS's result beside the tool's own."""
    from studies import CONFIG, only

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    draws = options.draws
    settings = {"design": "random", "draws": draws}
    shipped = only(load(CONFIG, settings=settings), "national_grid")
    study = uncorrelated(shipped)
    print(f"kg CO2e/t, {draws} draws, OpenTURNS {ot.__version__}")
    for threads in options.threads:
        run = partial(prepare(study, threads=threads), draws)
        show(f"OpenTURNS, threads: {threads}", run, draws)
        for whole, what in ((False, "footprint"), (True, "everything")):
            mine = potline(study, threads=threads, whole=whole)
            show(f"potline {what}, threads: {threads}", mine, draws)
    show("potline, ranks tied", potline(shipped), draws)


if __name__ == "__main__":
    main()
