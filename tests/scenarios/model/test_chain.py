"""Chains by hand, and loops against a linear solver in every draw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.errors import ConfigError
from scenarios.language.config import Makes, Need, Process
from scenarios.loading.load import load
from scenarios.model.chain import requirements
from scenarios.model.study import Study
from uncertainty.designs import design
from uncertainty.distributions import build
from uncertainty.errors import ModelError
from uncertainty.model.graph import Graph, program
from uncertainty.run.propagation import propagate

CONFIGS = Path(__file__).parents[3] / "configs"
DRAWS = 11
UNIFORM = build("uniform", {"low": 0.0, "high": 1.0})


def solved(graph, uses, declared, values):
    """Amount of each product in every draw, and every pivot that is checked."""
    made, checks = requirements(graph, uses, declared)
    run = program(graph, [*made.values(), *(check.node for check in checks)])
    found: dict[int, np.ndarray] = {}

    def use(position, array):
        found[run.outputs[position]] = np.broadcast_to(array, DRAWS).copy()

    with np.errstate(all="ignore"):
        run.run(DRAWS, lambda leaf: values[leaf.column].copy(), use)
    return (
        {product: found[node] for product, node in made.items()},
        [(found[check.node], check.message) for check in checks],
    )


def by_linear_algebra(products, coefficients, declared) -> dict[str, np.ndarray]:
    """x = A x + e, draw by draw: x_i - sum_j (what a unit of j takes of i) x_j."""
    size = len(products)
    amounts = np.empty((size, DRAWS))
    for draw in range(DRAWS):
        matrix = np.eye(size)
        for (taker, taken), values in coefficients.items():
            matrix[products.index(taken), products.index(taker)] -= values[draw]
        unit = np.zeros(size)
        unit[products.index(declared)] = 1.0
        amounts[:, draw] = np.linalg.solve(matrix, unit)
    return dict(zip(products, amounts, strict=True))


def graph_of(coefficients):
    """The same coefficients as uncertain nodes, and their values by column."""
    graph = Graph()
    uses: dict[str, dict[str, int]] = {}
    values = {}
    for (taker, taken), array in coefficients.items():
        column = f"{taker}>{taken}"
        uses.setdefault(taker, {})[taken] = graph.quantile(column, UNIFORM)
        uses.setdefault(taken, {})
        values[column] = array
    return graph, uses, values


def spread(low, high, seed) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, DRAWS)


class TestLoops:
    def test_two_processes_by_hand(self):
        taken = spread(1.0, 2.0, 1)
        graph, uses, values = graph_of({("ingot", "metal"): taken})
        made, checks = solved(graph, uses, "ingot", values)
        np.testing.assert_array_equal(made["ingot"], np.ones(DRAWS))
        np.testing.assert_array_equal(made["metal"], taken)
        assert checks == []

    def test_a_product_taken_by_two_is_the_sum_of_both(self):
        a, b, c, d = (spread(0.1, 2.0, seed) for seed in range(4))
        coefficients = {
            ("ingot", "metal"): a,
            ("ingot", "power"): b,
            ("metal", "alumina"): c,
            ("alumina", "power"): d,
        }
        graph, uses, values = graph_of(coefficients)
        made, _ = solved(graph, uses, "ingot", values)
        # three roundings
        np.testing.assert_allclose(made["power"], b + a * c * d, rtol=1e-15)

    def test_a_self_loop_is_a_geometric_series(self):
        back = spread(0.05, 0.9, 5)
        graph, uses, values = graph_of({("anode", "anode"): back})
        made, checks = solved(graph, uses, "anode", values)
        np.testing.assert_array_equal(made["anode"], 1 / (1 - back))
        ((pivot, message),) = checks
        np.testing.assert_array_equal(pivot, 1 - back)
        assert message == (
            "the loop anode -> anode uses up at least as much as it makes"
        )

    def test_a_loop_of_two_in_the_middle_of_a_chain(self):
        coefficients = {
            ("ingot", "metal"): spread(1.0, 1.1, 1),
            ("metal", "anode"): spread(0.4, 0.6, 2),
            ("anode", "metal"): spread(0.0, 0.3, 3),
            ("metal", "alumina"): spread(1.9, 2.0, 4),
        }
        graph, uses, values = graph_of(coefficients)
        made, checks = solved(graph, uses, "ingot", values)
        expected = by_linear_algebra(
            ["ingot", "metal", "anode", "alumina"], coefficients, "ingot"
        )
        for product, amount in expected.items():
            # a system of four, condition below 10: some 1e-15 of either way
            np.testing.assert_allclose(made[product], amount, rtol=1e-13)
        assert all((pivot > 0).all() for pivot, _ in checks)

    def test_a_loop_of_three_each_with_a_self_loop(self):
        names = ["a", "b", "c"]
        coefficients = {
            (taker, taken): spread(0.02, 0.3, 10 * i + j)
            for i, taker in enumerate(names)
            for j, taken in enumerate(names)
        } | {("product", "b"): spread(0.5, 1.5, 99)}
        graph, uses, values = graph_of(coefficients)
        made, checks = solved(graph, uses, "product", values)
        expected = by_linear_algebra(["product", *names], coefficients, "product")
        for product, amount in expected.items():
            # Hawkins-Simon holds by 1 - 0.9: condition below 30
            np.testing.assert_allclose(made[product], amount, rtol=1e-13)
        assert len(checks) == 3
        assert "the loop " in checks[0][1]

    def test_two_loops_one_behind_the_other(self):
        coefficients = {
            ("a", "b"): spread(0.1, 0.5, 1),
            ("b", "a"): spread(0.1, 0.5, 2),
            ("b", "c"): spread(0.1, 0.5, 3),
            ("c", "d"): spread(0.1, 0.5, 4),
            ("d", "c"): spread(0.1, 0.5, 5),
            ("a", "d"): spread(0.1, 0.5, 6),
        }
        graph, uses, values = graph_of(coefficients)
        made, checks = solved(graph, uses, "a", values)
        for product, amount in by_linear_algebra(
            list("abcd"), coefficients, "a"
        ).items():
            np.testing.assert_allclose(made[product], amount, rtol=1e-13)
        # the first pivot of each is 1
        assert [message for _, message in checks] == [
            f"the loop {path} uses up at least as much as it makes"
            for path in ("a -> b -> a", "d -> c -> d")
        ]

    def test_what_the_declared_product_does_not_take_is_not_there(self):
        graph, uses, values = graph_of(
            {("ingot", "metal"): spread(1, 2, 1), ("car", "ingot"): spread(1, 2, 2)}
        )
        made, _ = solved(graph, uses, "ingot", values)
        assert set(made) == {"ingot", "metal"}

    @pytest.mark.parametrize("back", [1.0, 1.2])
    def test_a_loop_that_uses_up_what_it_makes_has_a_pivot_that_is_not_positive(
        self, back
    ):
        half = np.full(DRAWS, 0.5)
        graph, uses, values = graph_of(
            {("a", "b"): half, ("b", "a"): 2 * back * np.ones(DRAWS)}
        )
        _, checks = solved(graph, uses, "a", values)
        # Hawkins-Simon: 1 - 0.5 x 2 x back
        assert min(pivot.min() for pivot, _ in checks) == pytest.approx(1 - back)

    @given(data=st.data(), size=st.integers(1, 6))
    @settings(max_examples=80, deadline=None)
    def test_any_chain_agrees_with_a_linear_solver(self, data, size):
        names = [f"p{i}" for i in range(size)]
        pairs = [(a, b) for a in names for b in names]
        used = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14))
        # what a unit takes of the loop adds up to at most 0.9: it can be run
        share = 0.9 / size
        coefficients = {
            pair: spread(0.0, share, seed) for seed, pair in enumerate(used)
        }
        graph, uses, values = graph_of(coefficients)
        uses.setdefault("p0", {})
        made, checks = solved(graph, uses, "p0", values)
        expected = by_linear_algebra(names, coefficients, "p0")
        for product, amount in expected.items():
            got = made.get(product, np.zeros(DRAWS))
            # norm of the inverse at most 1 / (1 - 0.9)
            np.testing.assert_allclose(got, amount, rtol=1e-12, atol=1e-15)
        assert all((pivot > 0).all() for pivot, _ in checks)

    @given(data=st.data(), size=st.integers(2, 14))
    @settings(max_examples=80, deadline=None)
    def test_any_strongly_connected_chain_agrees_with_a_linear_solver(self, data, size):
        names = [f"p{i}" for i in range(size)]
        ring = [(names[i], names[i - 1]) for i in range(size)]
        pairs = [(a, b) for a in names for b in names if (a, b) not in ring]
        chords = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30))
        used = data.draw(st.permutations([*ring, *chords]))
        # what a unit takes of the others adds up to at most 0.9: it can be run
        takes = {a: sum(taker == a for taker, _ in used) for a in names}
        coefficients = {
            (taker, taken): spread(0.0, 0.9 / takes[taker], seed)
            for seed, (taker, taken) in enumerate(used)
        }
        outside = ("product", data.draw(st.sampled_from(names)))
        coefficients[outside] = spread(0.5, 2.0, 99)
        graph, uses, values = graph_of(coefficients)
        made, checks = solved(graph, uses, "product", values)
        every = ["product", *names]
        expected = by_linear_algebra(every, coefficients, "product")
        assert made.keys() == expected.keys()
        for product, amount in expected.items():
            # norm of the inverse at most 1 / (1 - 0.9)
            np.testing.assert_allclose(made[product], amount, rtol=1e-12)
        assert checks
        assert all((pivot > 0).all() for pivot, _ in checks)

    def test_a_large_part_stays_sparse(self):
        size = 200
        names = [f"p{i}" for i in range(size)]
        coefficients = {
            (names[i], names[(i + 1) % size]): spread(0.3, 0.5, i) for i in range(size)
        } | {
            (names[i + 75], names[i]): spread(0.1, 0.2, 1000 + i)
            for i in range(0, 125, 16)
        }
        graph, uses, values = graph_of(coefficients)
        made, checks = solved(graph, uses, "p0", values)
        expected = by_linear_algebra(names, coefficients, "p0")
        for product, amount in expected.items():
            np.testing.assert_allclose(made[product], amount, rtol=1e-12)
        assert len(graph.operations) < 10 * len(coefficients)
        assert len(checks) <= 9  # one for each back-edge: the others are all 1

    @pytest.mark.parametrize(
        ("back", "said"),
        [
            ({},
             "p0 -> p1 -> p2 -> p3 -> ... (13 more) ... -> p17 -> p18 -> p19 -> p0"),
            ({("p6", "p5"): 0.5},
             "p5 -> p6 -> p5, with the loops it shares products with,"),
        ],
    )  # fmt: skip
    def test_the_message_names_a_loop_that_is_there(self, back, said):
        # p0 takes p1 takes ... takes p19 takes p0, a unit of each a little more
        stated = {(f"p{i}", f"p{(i + 1) % 20}"): 1.05 for i in range(20)} | back
        graph, uses, values = graph_of(
            {pair: np.full(DRAWS, value) for pair, value in stated.items()}
        )
        _, checks = solved(graph, uses, "p0", values)
        ((pivot, message),) = checks
        assert (pivot <= 0).all()
        assert message == f"the loop {said} uses up at least as much as it makes"


def written(folder, text) -> Study:
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


TWO = """
title: Two processes
declared_unit: {amount: 1, units: t, product: ingot}
run: {draws: 64, design: random, seed: 1}
inputs:
  melt.loss: {units: "%", uniform: {low: 1, high: 5}, source: s}
  cell.co2: {units: t/t, normal: {mean: 1.5, sd: 0.1}, source: s}
  cell.cf4: {units: kg/t, lognormal: {median: 0.03, gsd: 1.5}, source: s}
  scrap.share: {units: "1", uniform: {low: 0.1, high: 0.3}, source: s}
names: {pfc: {en: PFC}}
products:
  gas:
    units: MJ
    source: thermal
    emits:
      combustion: {gas: CO2, amount: 0.0561 kg/MJ, account: direct}
      upstream: {gas: CO2e, amount: 0.01 kg CO2e/MJ, account: upstream}
processes:
  casting:
    stage: casting
    makes: {product: ingot, units: t}
    needs: {metal: 1 / (1 - melt.loss), gas: 700 MJ/t}
  electrolysis:
    stage: smelting
    makes: {product: metal, units: t}
    emits:
      anode: {gas: CO2, amount: cell.co2, source: process}
      CF4: {amount: cell.cf4, source: pfc}
"""


class TestStudies:
    def test_two_processes_by_hand_in_every_draw(self, tmp_path):
        result = written(tmp_path, TWO).run()
        x = result.inputs
        melt = 1 / (1 - x["melt.loss"].values / 100)
        carbon = 1000 * x["cell.co2"].values * melt  # kg per t of ingot
        pfc = 7380 * x["cell.cf4"].values * melt
        expected = carbon + pfc + 700 * (0.0561 + 0.01)
        got = result.drawn("footprint").isel(scenario=0).values
        # a dozen roundings
        np.testing.assert_allclose(got, expected, rtol=1e-14)
        by = result.drawn("contribution").isel(scenario=0)
        cells = {
            ("smelting", "process"): carbon,
            ("smelting", "pfc"): pfc,
            ("casting", "thermal"): np.full(64, 700 * 0.0661),
        }
        for (stage, source), amount in cells.items():
            part = by.sel(stage=stage, source=source)
            np.testing.assert_allclose(part, amount, rtol=1e-14)
        assert int(by.notnull().all("draw").sum()) == len(cells)
        accounts = result.drawn("accounts").isel(scenario=0)
        np.testing.assert_allclose(accounts.sel(account="upstream"), 7.0, rtol=1e-14)

    def test_a_product_needed_on_two_lines_is_needed_twice(self, tmp_path):
        # the very first thing the graph is asked for: its node has the number 0
        text = TWO.replace(
            "needs: {metal: 1 / (1 - melt.loss), gas: 700 MJ/t}",
            "needs: {fresh: {product: metal, amount: 0.75}, "
            "more: {product: metal, amount: 0.5}}",
        )
        result = written(tmp_path, text).run()
        x = result.inputs
        per_metal = 1000 * x["cell.co2"].values + 7380 * x["cell.cf4"].values
        got = result.drawn("footprint").isel(scenario=0).values
        np.testing.assert_allclose(got, 1.25 * per_metal, rtol=1e-14)

    def test_allocation_takes_its_share_of_everything_the_process_does(self, tmp_path):
        share = "allocation: 1 - scrap.share\n    makes: {product: metal, units: t}"
        text = TWO.replace("makes: {product: metal, units: t}", share)
        whole = written(tmp_path, TWO).run()
        part = written(tmp_path, text).run()
        kept = 1 - part.inputs["scrap.share"].values
        smelting = {"stage": "smelting"}
        for source in ("process", "pfc"):
            one = whole.drawn("contribution").sel(smelting | {"source": source})
            two = part.drawn("contribution").sel(smelting | {"source": source})
            np.testing.assert_allclose(two, kept * one.values, rtol=1e-14)
        casting = {"stage": "casting", "source": "thermal"}
        np.testing.assert_array_equal(
            part.drawn("contribution").sel(casting),
            whole.drawn("contribution").sel(casting),
        )

    def test_scrap_back_to_the_casthouse_is_an_exact_loop(self, tmp_path):
        # a tonne of metal takes a share of ingot back: metal = melt (1 + ...)
        text = TWO.replace(
            "makes: {product: metal, units: t}",
            "makes: {product: metal, units: t}\n    needs: {ingot: scrap.share}",
        )
        result = written(tmp_path, text).run()
        x = result.inputs
        melt = 1 / (1 - x["melt.loss"].values / 100)
        ingot = 1 / (1 - melt * x["scrap.share"].values)  # made in all per t declared
        metal = melt * ingot
        expected = (
            1000 * x["cell.co2"].values + 7380 * x["cell.cf4"].values
        ) * metal + 700 * 0.0661 * ingot
        got = result.drawn("footprint").isel(scenario=0).values
        np.testing.assert_allclose(got, expected, rtol=1e-13)

    def test_a_loop_that_cannot_run_at_all_is_a_fault_of_the_config(self, tmp_path):
        text = TWO.replace(
            "makes: {product: metal, units: t}",
            "makes: {product: metal, units: t}\n    needs: {ingot: 0.99}",
        )
        with pytest.raises(ConfigError, match="uses up at least as much as it makes"):
            written(tmp_path, text)

    def test_a_loop_that_cannot_run_in_some_draws_stops_the_run(self, tmp_path):
        text = TWO.replace(
            "makes: {product: metal, units: t}",
            "makes: {product: metal, units: t}\n    needs: {ingot: 4 * scrap.share}",
        ).replace("uniform: {low: 0.1, high: 0.3}", "uniform: {low: 0.1, high: 0.28}")
        study = written(tmp_path, text)
        loop = r"the loop (ingot -> metal -> ingot|metal -> ingot -> metal) uses up"
        with pytest.raises(ModelError, match=loop):
            study.run()

    @pytest.mark.parametrize(
        "makes",
        [
            "{product: metal, units: t}",
            "{product: metal, amount: 1 t}",
            "{product: metal, amount: 1000 kg}",
        ],
    )
    def test_amounts_with_units_are_per_unit_whatever_the_unit_made(
        self, tmp_path, makes
    ):
        text = TWO.replace("{product: metal, units: t}", makes)
        got = written(tmp_path, text).run().tree["draws/footprint"]
        expected = written(tmp_path, TWO).run().tree["draws/footprint"]
        np.testing.assert_allclose(got, expected, rtol=1e-14)


def with_butts_as_a_loop(study: Study) -> Study:
    """The shipped chain with butts returned by a loop, not by net / (1 - butts)."""
    config = study.config
    cell = config.processes["electrolysis"]
    needs = {line: need for line, need in cell.needs.items() if line != "baked_anode"}
    needs["anode_set"] = Need(amount="smelting.anode_net")
    setting = Process(
        stage="smelting",
        makes=Makes(product="anode_set", units="t"),
        needs={
            "baked_anode": Need(amount=1.0),
            # a butt takes the place of as much of a new anode's net mass
            "anode_set": Need(amount="smelting.butt_fraction"),
        },
    )
    processes = dict(config.processes)
    processes["electrolysis"] = cell.model_copy(update={"needs": needs})
    processes["anode_setting"] = setting
    return replace(study, config=config.model_copy(update={"processes": processes}))


def test_butts_written_as_a_loop_give_the_shipped_formula_of_gross_anode():
    shipped = load(CONFIGS / "china_grid_mixes.yaml", settings={"draws": 1024})
    looped = with_butts_as_a_loop(shipped)
    results = []
    for study in (shipped, looped):
        model = study.model()
        columns = shipped.model().columns
        plan = design("random", draws=1024, seed=1, columns=columns)
        names = ["footprint", "contribution", "by_gas", "outputs"]
        tables = [model.outputs[name] for name in names]
        results.append(propagate(model, plan, tables))
    one, two = results
    told = [c.message for c in looped.model().checks]
    assert [message for message in told if "loop" in message] == [
        "the loop anode_set -> anode_set uses up at least as much as it makes"
    ]
    for name in ("footprint", "contribution", "by_gas"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-12)
    balance = two["outputs"].sel(output="balance.anode_mass")
    assert float(abs(balance).max()) < 1e-12
