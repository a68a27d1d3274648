"""What it takes to load large studies: reading, checks, model and trial run.

    python -m benchmarks.loading [--runs 3]

Each study is written as YAML, so that reading it counts too. ``load`` is all that
stands between the file and a study that can be run; ``model`` is the part of it that
builds the graph; ``run`` propagates 256 draws. Medians of `--runs` after one turn that
warms up, formulas parsed anew each time.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from scenarios.loading.load import load
from uncertainty.model.expressions import parse

Exchanges = dict[tuple[int, int], str]
"""(taker, taken) -> amount as the study writes it."""


def chain_text(processes: int, exchanges: Exchanges, inputs: int) -> str:
    """A study of processes, each of which emits what one or several inputs say."""
    needs: dict[int, list[str]] = {}
    for (taker, taken), amount in exchanges.items():
        needs.setdefault(taker, []).append(f"p{taken}: {amount}")
    lines = [
        "declared_unit: {amount: 1, units: kg, product: p0}",
        "run: {draws: 256, design: sobol, seed: 1}",
        "inputs:",
    ]
    law = "{units: kg/kg, lognormal: {median: 0.5, gsd: 1.1}, source: made up}"
    lines += [f"  e{i}: {law}" for i in range(inputs)]
    lines.append("processes:")
    for i in range(processes):
        emitted = " + ".join(f"e{j}" for j in range(i, inputs, processes)) or "e0"
        lines += [
            f"  q{i}:",
            f"    stage: s{i % 6}",
            f"    makes: {{product: p{i}, units: kg}}",
            f"    needs: {{{', '.join(needs.get(i, ()))}}}",
            f"    emits: {{CO2: {{amount: {emitted}, source: process}}}}",
        ]
    return "\n".join(lines) + "\n"


def ring(processes: int, chords: int) -> str:
    """One strongly connected part: a ring, and exchanges across it."""
    pick = random.Random(1)
    exchanges: Exchanges = {
        (i, (i + 1) % processes): "0.5 * e0" for i in range(processes)
    }
    while len(exchanges) < processes + chords:
        taker, taken = pick.sample(range(processes), 2)
        exchanges.setdefault((taker, taken), "0.05 * e1")
    return chain_text(processes, exchanges, inputs=50)


def forward(processes: int, width: int) -> Exchanges:
    """Exchanges that go forward: each process takes the next, and others near it."""
    pick = random.Random(2)
    exchanges: Exchanges = {(i, i + 1): "0.4 * e0" for i in range(processes - 1)}
    for taker in range(processes - 1):
        for _ in range(width - 1):
            taken = pick.randrange(taker + 1, min(processes, taker + 30))
            exchanges.setdefault((taker, taken), "0.2 * e1")
    return exchanges


def looped(processes: int, back: int) -> str:
    """A chain with edges from its end back towards its beginning."""
    pick = random.Random(3)
    exchanges = forward(processes, width=3)
    exchanges[processes - 1, 0] = "0.01 * e2"
    for _ in range(back - 1):
        taker = pick.randrange(processes // 2, processes)
        exchanges[taker, pick.randrange(processes // 2)] = "0.01 * e2"
    return chain_text(processes, exchanges, inputs=50)


def formulas(count: int) -> str:
    """Formulas of which each reads the one before."""
    lines = [
        "run: {draws: 256, design: sobol, seed: 1}",
        "inputs:",
        '  a0: {units: "1", normal: {mean: 1, sd: 0.1}, source: made up}',
        *(
            f'  a{i}: {{units: "1", formula: a{i - 1} + 1}}'
            for i in range(1, count + 1)
        ),
        f'outputs: {{last: {{units: "1", formula: a{count}}}}}',
    ]
    return "\n".join(lines) + "\n"


def studies() -> Iterable[tuple[str, str]]:
    """What is loaded, and its text."""
    yield "120 processes in one loop", ring(120, chords=0)
    yield "120 processes in one part, 240 exchanges", ring(120, chords=120)
    yield "120 processes in one part, 480 exchanges", ring(120, chords=360)
    yield "300 processes, 8 back-edges", looped(300, back=8)
    text = chain_text(300, forward(300, width=3), inputs=2000)
    yield "300 processes without loops, 2 000 inputs", text
    yield "10 000 chained formulas", formulas(10_000)


def seconds(path: Path) -> tuple[float, float, float, int]:
    """Seconds of load, model and run, and nodes of the graph."""
    parse.cache_clear()
    times = [time.perf_counter()]
    study = load(path)
    times.append(time.perf_counter())
    model = study.model()
    times.append(time.perf_counter())
    study.run(model=model, store="summary")
    times.append(time.perf_counter())
    load_, model_, run_ = (b - a for a, b in pairwise(times))
    return load_, model_, run_, len(model.graph.operations)


def table(runs: int) -> None:
    """Print the table."""
    print(f"  {'':44} {'load':>8} {'model':>8} {'run':>8} {'nodes':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for what, text in studies():
            path = Path(folder) / "study.yaml"
            path.write_text(text, encoding="utf-8")
            found = [seconds(path) for _ in range(runs + 1)][1:]
            times = [statistics.median(one[i] for one in found) for i in range(3)]
            cells = " ".join(f"{value:6.2f} s" for value in times)
            print(f"  {what:44} {cells} {found[0][3]:9}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    table(parser.parse_args().runs)
