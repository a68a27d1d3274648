"""How far the interval moves if everything is drawn independently, as it often is.

    .venv/bin/python benchmarks/naive_independence.py [--draws 131072]

Runs three scenarios of ``configs/china_grid_mixes.yaml`` as shipped, then with its
dependence taken out bit by bit:

- shares: compositions give way to independent normals of the same mean and sd, cut off
  at 0 and 1 (clipped, not redrawn; nothing makes them sum to one);
- ties: no rank correlations either;
- factors: and every use of an emission factor, a fuel share or a share of a mix has a
  draw of its own, one for each line of each process, as when each exchange of an
  inventory is sampled by itself;
- everything: and so has every other input, such as the butts that one balance takes
  from another.

Laws, formulas and the number of draws are the same throughout; cutting a normal off
moves the mean of a small share. "By themselves" takes one piece out of what is shipped
and leaves the others in, but a factor with a draw for each use is tied to nothing.
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from scenarios.loading.load import load
from scenarios.model.definitions import Definition
from scenarios.model.study import Study
from uncertainty.distributions import Normal
from uncertainty.model import Model, Table
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph, Quantile
from uncertainty.run import run
from uncertainty.statistics import monte_carlo_error

CONFIG = Path(__file__).parents[1] / "configs" / "china_grid_mixes.yaml"
SCENARIOS = ("national_grid", "captive_coal", "china_smelters")
FACTORS = ("emission factor", "characterisation factor")


def only(study: Study, names: Iterable[str]) -> Study:
    """The same study with a few of its scenarios."""
    kept = {name: study.config.scenarios[name] for name in names}
    return replace(study, config=study.config.model_copy(update={"scenarios": kept}))


def clipped(study: Study) -> Study:
    """Shares that are independent normals, cut off at 0 and 1."""
    found: dict[str, Definition] = {}
    for id, what in study.definitions.items():
        if (made := what.composition) is None:
            found[id] = what
            continue
        place = made.names.index(id)
        mean, sd = made.realised_means[place], made.realised_sds[place]
        plain = f"naive.{id}"
        found[plain] = replace(
            what, id=plain, column=plain, composition=None, marginal=Normal(mean, sd)
        )
        cut = parse(f"min(1, max(0, {plain}))")
        found[id] = replace(what, composition=None, expression=cut)
    inside = {c for block in study.blocks for c in block.columns if c in found}
    kept = tuple(b for b in study.blocks if set(b.columns) <= inside)
    return replace(study, definitions=found, blocks=kept)


def untied(study: Study) -> Study:
    """No rank correlations between inputs."""
    return replace(study, blocks=())


def by_line(study: Study, of: Callable[[str], bool]) -> Model:
    """The model with draws of their own, line by line, for the columns that `of` picks.

    A line is one flow of one process: its amount times its factor, all inputs that
    both read. The footprint is the sum of its lines.
    """
    model = study.model()
    flows, graph = model.outputs["flows"], Graph()
    lines = flows.coords["flow"]
    nodes = np.full(flows.nodes.shape[:2], ABSENT, dtype=np.int64)
    for i in range(len(model.scenarios)):
        parts = [
            _copied(model.graph, graph, int(node), line, of)
            for line, node in zip(lines, flows.nodes[i, 0], strict=True)
            if node != ABSENT
        ]
        nodes[i, 0] = graph.total(parts)
    footprint = model.outputs["footprint"]
    table = Table("footprint", "Footprint", nodes, footprint.units, footprint.factor)
    return Model(graph, model.scenarios, (), {}, {"footprint": table})


def _copied(
    source: Graph, target: Graph, node: int, line: str, of: Callable[[str], bool]
) -> int:
    """A node and all behind it in another graph, columns renamed where `of` says so."""
    made: dict[int, int] = {}
    for each in source.upstream([node]):
        payload = source.payloads[each]
        if isinstance(payload, Quantile):
            column = payload.column
            name = f"{column}#{line}" if of(column) else column
            made[each] = target.quantile(name, payload.marginal, payload.factor)
        elif isinstance(payload, float):
            made[each] = target.constant(payload)
        else:
            operands = tuple(made[o] for o in source.operands[each])
            made[each] = target.apply(source.operations[each], operands)
    return made[node]


def is_factor(study: Study) -> Callable[[str], bool]:
    """Whether a column is an emission factor or a share of fuels or of a mix."""
    kinds = {d.column: d.papers.get("kind") for d in study.definitions.values()}

    def of(column: str) -> bool:
        return kinds.get(column) in FACTORS or column.startswith("naive.")

    return of


def intervals(study: Study, model: Model | None = None) -> dict[str, list[float]]:
    """Mean, sd, both ends and the largest Monte Carlo error, t CO2e/t, by scenario."""
    model = model or study.model()
    kept = {"footprint": model.outputs["footprint"]}
    points, levels = study.plan(model)
    tree = run(replace(model, outputs=kept), points, levels=levels, threads=2)
    draws, summary = tree["draws/footprint"], tree["summary"].to_dataset()
    errors = monte_carlo_error(draws, replicates=points.replicates)
    found = {}
    for name in SCENARIOS:
        one = summary.sel(scenario=name)
        ends = one["coverage"].values
        worst = float(errors.sel(scenario=name).max())
        values = (one["mean"].item(), one["sd"].item(), *ends, worst)
        found[name] = [float(v) / 1000 for v in values]
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=131_072)
    options = parser.parse_args()
    shipped = only(load(CONFIG, settings={"draws": options.draws}), SCENARIOS)
    shares = clipped(shipped)
    loose = untied(shares)
    variants: dict[str, tuple[Study, Model | None]] = {
        "as shipped": (shipped, None),
        "shares": (shares, None),
        "shares, ties": (loose, None),
        "shares, ties, factors": (loose, by_line(loose, is_factor(loose))),
        "shares, ties, everything": (loose, by_line(loose, lambda _: True)),
        "ties by themselves": (_compositions_kept(shipped), None),
        "factors by themselves": (shipped, by_line(shipped, is_factor(shipped))),
    }
    reference = intervals(*variants["as shipped"])
    for scenario in SCENARIOS:
        print(f"{scenario}, t CO2e/t")
        for name, variant in variants.items():
            mean, sd, low, high, error = intervals(*variant)[scenario]
            before = reference[scenario]
            width = (high - low) / (before[3] - before[2]) - 1
            print(
                f"  {name:26} mean {mean:6.3f}  sd {sd:5.3f}  {low:6.2f} to "
                f"{high:6.2f}  (+/- {error:.3f})  width {100 * width:+5.1f} %"
            )


def _compositions_kept(study: Study) -> Study:
    """Without rank correlations of inputs, but with what compositions need."""
    made = [d.composition for d in study.definitions.values() if d.composition]
    needed = {id(copula) for composition in made for copula in composition.copulas}
    return replace(study, blocks=tuple(b for b in study.blocks if id(b) in needed))


if __name__ == "__main__":
    main()
