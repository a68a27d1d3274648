"""What scenarios and years cost: only what changes is computed again.

    .venv/bin/python benchmarks/axes.py [--runs 5] [--draws 131072]

Times the national chain with one scenario and one year against twelve provinces whose
power follows a path over five years, same draws, one process, in turn; prints the
medians and their ratio.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from scenarios.loading.load import load
from scenarios.model.study import Study

HEAD = """
title: axes
import: [aluminium/chain, aluminium/china_2023, power/china]
run: {{draws: {draws}, seed: 1}}
"""
PROVINCES = (
    *("yunnan", "sichuan", "qinghai", "gansu", "guangxi", "guizhou", "ningxia"),
    *("xinjiang", "henan", "shandong", "chongqing", "shanxi"),
)


def study(text: str) -> Study:
    """A study from its text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "axes.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)


def single(draws: int) -> Study:
    """One scenario, one year."""
    change = "{set: {smelting.power: {mix: cn_yunnan_consumed_2023}}}"
    return study(HEAD.format(draws=draws) + f"scenarios: {{yunnan: {change}}}\n")


def grid(draws: int) -> Study:
    """Twelve scenarios, five years."""
    lines = [
        f"  {name}: {{set: {{smelting.power: {{path: {{knots: "
        f"{{2023: cn_{name}_2023, 2060: hydro_contract}}}}}}}}}}\n"
        for name in PROVINCES
    ]
    years = "years: [2023, 2030, 2040, 2050, 2060]\nscenarios:\n"
    return study(HEAD.format(draws=draws) + years + "".join(lines))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--draws", type=int, default=131_072)
    options = parser.parse_args()
    studies = {"1 x 1": single(options.draws), "12 x 5": grid(options.draws)}
    models = {name: one.model() for name, one in studies.items()}
    for what in ("footprint drawn and propagated", "whole run, every statistic"):
        found: dict[str, list[float]] = {name: [] for name in studies}
        for turn in range(options.runs + 1):
            for name, one in studies.items():
                start = time.perf_counter()
                if what.startswith("whole"):
                    one.run(model=models[name], threads=2)
                else:
                    footprint(one, models[name])
                if turn:  # the first turn warms up
                    found[name].append(time.perf_counter() - start)
        medians = {name: statistics.median(times) for name, times in found.items()}
        print(what)
        for name, took in medians.items():
            print(f"  {name:7} {took:7.3f} s")
        print(f"  ratio   {medians['12 x 5'] / medians['1 x 1']:7.2f}")


def footprint(one: Study, model: object) -> None:
    """Draw and propagate the footprint alone."""
    from uncertainty.model import Model
    from uncertainty.run.propagation import propagate

    assert isinstance(model, Model)
    plan, levels = one.plan(model)
    table = model.outputs["footprint"]
    propagate(model, plan, [table], levels=levels, threads=2)


if __name__ == "__main__":
    main()
