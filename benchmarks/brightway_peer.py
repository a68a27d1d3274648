"""A peer: much the same chain as matrices, drawn and solved by Brightway's bw2calc.

    pip install bw2calc bw_processing
    .venv/bin/python benchmarks/brightway_peer.py [--draws 200]

One scenario of a study as the LCA community computes it: a technosphere matrix of the
five unit processes, the products they buy and their electricity, a biosphere matrix
of gases, constant GWPs; every exchange has a distribution of its own, and bw2calc
draws the matrices anew and solves them once a draw.

The same: processes, exchanges, GWPs, the mean of every exchange, and the law of one
that is a normal, lognormal or triangular input of the study. A product is a column:
all who burn coal or buy electricity share one draw of its factor.

Not the same: a matrix holds no formulas. An exchange that the study computes from
several inputs (coke a tonne of anode: green mass less butts, times the coke's share)
is drawn by itself, lognormal with the mean and sd of the tool's own draws. What ties
such exchanges to each other is lost: imported against home ore, fuel shares that sum
to one, bought against own power, net against gross anode, one factor for two products,
rank correlations. The mean has to agree; sd and interval only roughly.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import bw2calc
import bw_processing
import numpy as np

from scenarios.loading.load import load
from scenarios.model.cell import Cell
from scenarios.model.levers import power
from scenarios.model.scenario import supplies
from scenarios.model.study import Study
from uncertainty import distributions as d
from uncertainty.distributions.base import Delegated
from uncertainty.model import Model, Table
from uncertainty.model.graph import Quantile
from uncertainty.run.propagation import propagate

MATCHED = 16_384  # draws of the tool that give the moments of what it computes
Exchange = tuple[str, str, int]  # what is taken or emitted, by which product, node
Row = dict[str, float]  # an exchange in the words of bw_processing


def exchanges(study: Study, cell: Cell) -> tuple[list[Exchange], list[Exchange]]:
    """What products take and what they emit, per base unit, as nodes of the graph."""
    system = study.system()
    assert system is not None
    (scenario,) = study.scenarios.values()
    by_id = supplies(system.supplies, scenario)
    taken: list[Exchange] = []
    factors: dict[str, int] = {}
    sources = {p.makes.product: p.emits for p in system.processes.values()}
    for process in system.processes.values():
        for line, need in process.needs.items():
            product = need.product or line
            if need.supply is not None:
                parts = power(cell, need.supply, by_id[need.supply], ())
                nodes = parts.bought, parts.direct, parts.owned_upstream
                factor = cell.graph.total(nodes)
                product = f"power {factor}"  # supplies of one factor are one product
                factors[product] = factor
            elif product in system.products:
                sources[product] = system.products[product].emits
            taken.append((product, process.makes.product, cell.formula(need.amount)))
    emitted = [("CO2e", product, factor) for product, factor in factors.items()]
    for product, emits in sources.items():
        for line, one in emits.items():
            emitted.append((one.gas or line, product, cell.formula(one.amount)))
    return taken, emitted


def distributions(study: Study, model: Model, nodes: Iterable[int]) -> dict[int, Row]:
    """Of each node the law it has as an input, or a lognormal like the tool's draws."""
    tables = [Table(f"{n}", "", np.array([[n]]), "") for n in dict.fromkeys(nodes)]
    points, levels = study.plan(model, MATCHED)
    drawn = propagate(model, points, tables, levels=levels)
    found = {}
    for table in tables:
        values = drawn[table.name].values
        mean, sd = float(values.mean()), float(values.std())
        law, leaf = None, model.graph.payloads[int(table.name)]
        if isinstance(leaf, Quantile):
            law, factor = leaf.marginal, leaf.factor
            mean, sd = law.mean * factor, law.sd * factor
        while isinstance(law, Delegated):  # a percentage, an interval, ...
            law = law.law
        row: Row = {"amount": mean, "uncertainty_type": 0}
        if isinstance(law, d.Normal):
            row |= {"uncertainty_type": 3, "scale": sd}
        elif isinstance(law, d.Triangular):
            row |= {"uncertainty_type": 5, "loc": law.mode * factor}
            row |= {"minimum": law.low * factor, "maximum": law.high * factor}
        elif model.graph.value(int(table.name)) is None:
            sigma = math.sqrt(math.log1p((sd / mean) ** 2))
            median = mean * math.exp(-(sigma**2) / 2)
            row |= {"uncertainty_type": 2, "loc": math.log(median), "scale": sigma}
        found[int(table.name)] = row
    return found


def package(matrix: str, rows: list[Row], seed: int) -> bw_processing.Datapackage:
    """One matrix. With one seed for all, all would read one stream from its start."""
    made = bw_processing.create_datapackage(seed=seed)
    made.add_persistent_vector_from_iterator(matrix=matrix, dict_iterator=iter(rows))
    return made


def calculator(study: Study, seed: int) -> tuple[bw2calc.LCA, int]:
    """The LCA of one base unit, ready to be drawn, and its uncertain exchanges."""
    model, declared = study.model(), study.config.declared_unit
    assert declared is not None
    cell = Cell(model.graph, study.definitions, None, study.config.paths)
    taken, emitted = exchanges(study, cell)
    law = distributions(study, model, [node for *_, node in taken + emitted])
    products = dict.fromkeys(name for *names, _ in taken for name in names)
    at = {name: i for i, name in enumerate(products, start=1)}
    gases = {gas: i for i, gas in enumerate(dict.fromkeys(g for g, *_ in emitted), 101)}
    made = [{"row": i, "col": i, "amount": 1.0} for i in at.values()]
    used = [{"row": at[p], "col": at[q], "flip": True, **law[n]} for p, q, n in taken]
    gas_rows = [{"row": gases[g], "col": at[p], **law[n]} for g, p, n in emitted]
    factor = {g: cell.node(f"gwp.{g}") for g in gases if g != "CO2e"}
    factor["CO2e"] = cell.graph.constant(1.0)
    gwps = [{"row": gases[g], "amount": cell.graph.value(factor[g])} for g in gases]
    lca = bw2calc.LCA(
        {at[declared.product]: 1.0},
        data_objs=[
            package("technosphere_matrix", made + used, seed),
            package("biosphere_matrix", gas_rows, seed + 1),
            package("characterization_matrix", gwps, seed + 2),
        ],
        use_distributions=True,
        selective_use={"characterization_matrix": {"use_distributions": False}},
    )
    lca.lci()
    lca.lcia()
    return lca, sum(row["uncertainty_type"] > 0 for row in used + gas_rows)


def prepare(study: Study, *, seed: int = 1) -> Callable[[int], dict[str, float]]:
    """Build everything that is built once; the function returned does the draws.

    `study` has one scenario, which changes nothing but supplies, and constant GWPs.
    """
    lca, _ = calculator(study, seed)
    factor = study.model().outputs["footprint"].factor

    def run(draws: int) -> dict[str, float]:
        values = np.empty(draws)
        for draw in range(draws):
            next(lca)
            values[draw] = lca.score / factor
        low, high = np.quantile(values, [0.025, 0.975]).tolist()
        mean, sd = float(values.mean()), float(values.std(ddof=1))
        return {"mean": mean, "sd": sd, "lower": low, "upper": high}

    return run


def potline(study: Study, model: Model) -> dict[str, float]:
    """The tool's own run in the same words."""
    found = study.run(model=model).tree["summary"].to_dataset().squeeze()
    low, high = found["coverage"].sel(bound=["lower", "upper"]).values.tolist()
    mean, sd = float(found["mean"]), float(found["sd"])
    return {"mean": mean, "sd": sd, "lower": low, "upper": high}


def main() -> None:
    """Print Brightway's result beside the tool's own."""
    from studies import CONFIG, only

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    draws, own = parser.parse_args().draws, 100_000
    settings = {"design": "random", "draws": own}
    study = only(load(CONFIG, settings=settings), "national_grid")
    model, (_, uncertain) = study.model(), calculator(study, 1)
    print(f"kg CO2e/t, bw2calc {bw2calc.__version__}, {uncertain} uncertain exchanges")
    alone = {"footprint": model.outputs["footprint"]}
    alone_model = replace(model, outputs=alone, inputs={})
    for name, task, n in (
        ("bw2calc", partial(prepare(study), draws), draws),
        ("potline, footprint", partial(potline, study, alone_model), own),
        ("potline, everything", partial(potline, study, model), own),
    ):
        task()  # warms up
        start = time.perf_counter()
        words = "  ".join(f"{key} {value:8.1f}" for key, value in task().items())
        took = (time.perf_counter() - start) / n
        print(f"{name:20} {n:6} draws  {words}  {took:.2e} s/draw")


if __name__ == "__main__":
    main()
