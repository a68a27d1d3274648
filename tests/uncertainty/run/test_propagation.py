"""Propagation and whole runs: the same numbers however the work is shared out."""

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.loading.load import load
from uncertainty.dependence import Coupling, Shared
from uncertainty.designs import design
from uncertainty.distributions import build
from uncertainty.errors import ModelError
from uncertainty.model import Check, Model, Table
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.run import run
from uncertainty.run.propagation import propagate
from uncertainty.seeds import PAGE

DESIGNS = ["random", "latin_hypercube", "sobol"]
INPUTS = {
    "a": ("lognormal", {"median": 2.0, "gsd": 1.5}, 1.0),
    "b": ("normal", {"mean": 5.0, "sd": 1.0}, 3.6),  # 3.6: a unit that is no base unit
    "c": ("triangular", {"low": 1.0, "mode": 2.0, "high": 4.0}, 1.0),
}
FORMULAS = {
    "sum": "a + b / c",
    "power": "exp(a / b) - c ** 2",
    "choice": "where(a < c, log(a), sqrt(b))",
}


def leaf(graph: Graph, name: str, column: str | None = None) -> int:
    family, parameters, factor = INPUTS[name]
    return graph.quantile(column or name, build(family, parameters), factor)


def model_of(formulas=FORMULAS, *, own_column_in="two", checks=(), years=()) -> Model:
    """Two scenarios; the second has a column of its own for `c` and one output less."""
    graph = Graph()
    cells = {"one": dict.fromkeys(INPUTS), "two": dict.fromkeys(INPUTS)}
    cells[own_column_in] |= {"c": f"c@{own_column_in}"}
    inputs, rows = {name: [] for name in INPUTS}, []
    for columns in cells.values():
        nodes = {name: leaf(graph, name, columns[name]) for name in INPUTS}
        for name, node in nodes.items():
            inputs[name].append(node)
        row = []
        for name, text in formulas.items():
            node = parse(text).fold(graph.constant, nodes.__getitem__, graph.apply)
            row.append(graph.name(node, f"outputs.{name}"))
        rows.append(row)
    table = np.array(rows, dtype=np.int64)
    table[1, -1] = ABSENT
    repeat = max(len(years), 1)

    def spread(nodes) -> np.ndarray:
        return np.repeat(np.asarray(nodes)[:, None], repeat, axis=1)

    total = Table("total", "First formula", spread(table[:, 0]), "Wh", 3600.0)
    detail = Table(
        "detail",
        "Every formula",
        spread(table),
        "1",
        dims=("formula",),
        coords={"formula": tuple(formulas)},
    )
    known = {
        name: Table(name, name, spread(nodes), "kWh", INPUTS[name][2])
        for name, nodes in inputs.items()
    }
    return Model(
        graph,
        tuple(cells),
        tuple(years),
        known,
        {"total": total, "detail": detail},
        tuple(checks),
    )


def plan_of(model, kind="random", draws=25_000, seed=3):
    return design(kind, draws=draws, seed=seed, columns=model.columns)


def identical_bits(one: xr.Dataset, other: xr.Dataset) -> bool:
    return set(one) == set(other) and all(
        one[name].values.tobytes() == other[name].values.tobytes() for name in one
    )


class TestSharingOut:
    @pytest.mark.parametrize("kind", DESIGNS)
    def test_threads_and_pages_a_task_change_no_bit(self, kind):
        model = model_of()
        plan = plan_of(model, kind)
        tables = [*model.outputs.values(), *model.inputs.values()]
        alone = propagate(model, plan, tables, threads=1, task_pages=1)
        for threads, task_pages in [(1, 3), (1, 100), (2, 1), (2, 3), (7, 1), (7, 100)]:
            shared = propagate(
                model, plan, tables, threads=threads, task_pages=task_pages
            )
            assert identical_bits(alone, shared), (threads, task_pages)

    def test_one_table_asked_alone_has_the_same_bits(self):
        model = model_of()
        plan = plan_of(model)
        together = propagate(model, plan, list(model.outputs.values()))
        alone = propagate(model, plan, [model.outputs["detail"]])
        assert alone["detail"].values.tobytes() == together["detail"].values.tobytes()

    def test_a_shorter_random_run_is_the_beginning_of_a_longer_one(self):
        model = model_of()
        tables = list(model.outputs.values())
        short = propagate(model, plan_of(model, draws=PAGE + 77), tables)
        long = propagate(model, plan_of(model, draws=3 * PAGE), tables)
        assert identical_bits(short, long.isel(draw=slice(PAGE + 77)))

    @pytest.mark.parametrize(("threads", "task_pages"), [(1, 1), (1, 2), (3, 1)])
    def test_progress_counts_every_draw_once(self, threads, task_pages):
        model, told = model_of(), []
        propagate(
            model,
            plan_of(model),
            [model.outputs["total"]],
            threads=threads,
            task_pages=task_pages,
            progress=told.append,
        )
        assert sum(told) == 25_000

    def test_scenarios_share_their_draws_save_for_an_own_column(self):
        model = model_of()
        inputs = propagate(model, plan_of(model), list(model.inputs.values()))
        for name in ("a", "b"):
            one, two = inputs[name].transpose("scenario", ...).values
            np.testing.assert_array_equal(one, two)
        one, two = inputs["c"].transpose("scenario", ...).values
        # 25 000 independent pairs: |r| beyond 4.5 / sqrt(25 000) once in 150 000 seeds
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.03

    def test_dependence_may_stand_between_the_design_and_the_marginals(self):
        model = model_of()
        plan = plan_of(model)
        drawn = propagate(
            model,
            plan,
            list(model.inputs.values()),
            levels=Coupling(plan, (Shared(tuple(INPUTS)),)),
        )
        order = [np.argsort(drawn[n].sel(scenario="one").values) for n in INPUTS]
        np.testing.assert_array_equal(order[0], order[1])
        np.testing.assert_array_equal(order[0], order[2])


class TestRows:
    @pytest.mark.parametrize("kind", DESIGNS)
    def test_outputs_are_recomputed_from_the_stored_inputs(self, kind):
        model = model_of()
        tree = run(model, plan_of(model, kind))
        inputs, detail = tree["inputs"].to_dataset(), tree["draws/detail"]
        for scenario in model.scenarios:
            values = {
                # the formulas are in base units
                name: INPUTS[name][2]
                * (x.sel(scenario=scenario) if "scenario" in x.dims else x).values
                for name, x in inputs.items()
            }
            for name, text in FORMULAS.items():
                got = detail.sel(scenario=scenario, formula=name).values
                if scenario == "two" and name == "choice":
                    assert np.isnan(got).all()
                    continue
                expected = parse(text).evaluate(values)
                # units there and back cost a rounding each; `power` subtracts
                scale = np.maximum(np.abs(expected), 1.0)
                assert (np.abs(got - expected) / scale).max() < 1e-12

    def test_units_are_applied_once_on_the_way_out(self):
        model = model_of()
        drawn = propagate(model, plan_of(model), list(model.outputs.values()))
        base = drawn["detail"].sel(formula="sum", drop=True)
        np.testing.assert_array_equal(drawn["total"], base / 3600.0)
        assert drawn["total"].attrs["units"] == "Wh"

    def test_absent_cells_are_nan_in_draws_and_in_every_statistic(self):
        model = model_of()
        tree = run(model, plan_of(model))
        gone = {"scenario": "two", "formula": "choice"}
        assert tree["draws/detail"].sel(gone).isnull().all()
        summary = tree["summary/detail"].to_dataset()
        for name, statistic in summary.items():
            assert statistic.sel(gone).isnull().all(), name
            kept = statistic.sel(scenario="one")
            assert kept.notnull().all(), name


class TestFaults:
    def test_a_value_that_is_not_finite_names_formula_and_draw(self):
        model = model_of({"fine": "a + c", "bad": "log(b / 3.6 - 1.2)", "more": "c"})
        plan = plan_of(model)
        levels = np.concatenate([plan.levels("b", page) for page in range(3)])
        b = build(*INPUTS["b"][:2]).ppf(levels)
        first = int(np.flatnonzero(b <= 1.2)[0])
        expected = (
            rf"^draw {first}: outputs\.bad is not finite \(log\); the inputs behind "
            rf"it: b = {b[first]:.6g} \(quantile level {levels[first]:.3g}\)"
        )
        for threads in (1, 3):
            with pytest.raises(ModelError, match=expected):
                propagate(
                    model,
                    plan,
                    [model.outputs["detail"]],
                    threads=threads,
                    task_pages=1,
                )

    def test_a_branch_not_taken_is_not_blamed(self):
        model = model_of(
            {"guarded": "where(a > 1, log(a - 1), 0)", "bad": "log(b / 3.6 - 1.2)"}
        )
        plan = plan_of(model)
        levels = np.concatenate([plan.levels("b", page) for page in range(3)])
        b = build(*INPUTS["b"][:2]).ppf(levels)
        first = int(np.flatnonzero(b <= 1.2)[0])
        with pytest.raises(
            ModelError, match=rf"draw {first}: outputs\.bad .* it: b = "
        ):
            propagate(model, plan, [model.outputs["detail"]])

    def test_infinity_is_refused_as_nan_is(self):
        model = model_of({"bad": "exp(a * 1000)", "other": "c"})
        with pytest.raises(ModelError, match=r"outputs\.bad is not finite \(exp\)"):
            run(model, plan_of(model))

    def test_an_output_made_of_constants_alone_says_so(self):
        model = model_of({"bad": "log(0 - 1)", "other": "c"})
        with pytest.raises(ModelError, match=r"inputs behind it: constants only"):
            run(model, plan_of(model))

    def test_a_check_that_fails_in_one_draw_stops_the_run(self):
        model = model_of()
        graph = model.graph
        node = graph.apply("sub", (leaf(graph, "b"), graph.constant(3.6 * 1.3)))
        broken = Model(
            graph,
            model.scenarios,
            (),
            model.inputs,
            model.outputs,
            (Check(node, "the store runs dry"),),
        )
        with pytest.raises(ModelError, match=r"the store runs dry \(draws from 0\)"):
            run(broken, plan_of(broken))

    def test_a_check_that_fails_at_the_point_values_stops_the_point_run(self):
        graph = Graph()
        model = model_of()
        graph = model.graph
        never = graph.apply("sub", (leaf(graph, "c"), graph.constant(2.0)))
        broken = Model(
            graph,
            model.scenarios,
            (),
            model.inputs,
            model.outputs,
            (Check(never, "nothing is left"),),
        )
        with pytest.raises(ModelError, match=r"^nothing is left$"):
            broken.point(broken.outputs["total"])


class TestPoint:
    def test_the_point_run_stands_beside_the_statistics(self):
        model = model_of()
        tree = run(model, plan_of(model))
        a, b, c = 2.0, 5.0 * 3.6, 2.0  # median, mean, mode
        got = tree["summary/detail/point"]
        # a handful of roundings
        np.testing.assert_allclose(got.sel(formula="sum"), a + b / c, rtol=1e-14)
        power = np.exp(a / b) - c**2
        np.testing.assert_allclose(got.sel(formula="power"), power, rtol=1e-14)
        one = got.sel(scenario="one", formula="choice")
        np.testing.assert_allclose(one, np.sqrt(b), rtol=1e-14)


class TestBudget:
    @pytest.mark.parametrize("years", [(), (2023, 2030)])
    @pytest.mark.parametrize("kind", ["random", "sobol"])
    def test_a_run_beyond_the_budget_has_the_same_statistics(self, kind, years):
        model = model_of(years=years)
        plan = plan_of(model, kind)
        full = run(model, plan)
        lean = run(model, plan, budget=0, threads=2, task_pages=1)
        xr.testing.assert_identical(
            full["summary"].to_dataset(), lean["summary"].to_dataset()
        )
        exact, counted = full["summary/detail"], lean["summary/detail"]
        for name in ("mean", "sd", "point"):
            xr.testing.assert_identical(exact[name], counted[name])
        error = counted.attrs["quantile_relative_error"]
        assert 0 == exact.attrs["quantile_relative_error"] < error < 3e-4
        for name in ("median", "percentile", "coverage"):
            xr.testing.assert_allclose(exact[name], counted[name], rtol=error)
        widths = [x["coverage_shortest"].diff("bound") for x in (exact, counted)]
        size = abs(exact["coverage_shortest"]).max("bound")
        # where it begins is ill-defined, how wide it is is not: two ends, two errors
        assert float((abs(widths[0] - widths[1]) / size).max()) < 2 * error
        xr.testing.assert_identical(full["draws/total"], lean["draws/total"])
        assert "detail" in full["draws"]
        assert "detail" not in lean["draws"]
        assert full["inputs"].attrs["draws_stored"] == "yes"
        assert lean["inputs"].attrs["draws_stored"].startswith("no: ")
        assert not set(lean["inputs"].data_vars)

    @pytest.mark.parametrize("threads", [1, 2])
    @pytest.mark.parametrize("kind", ["random", "sobol"])
    def test_a_summary_may_keep_no_draws_at_all(self, kind, threads):
        model = model_of()
        plan = plan_of(model, kind)
        full, none = (
            run(model, plan, store="summary", budget=budget, threads=threads)["summary"]
            for budget in (2**30, 0)
        )
        error = none.attrs["quantile_relative_error"]
        assert error > full.attrs["quantile_relative_error"] == 0
        xr.testing.assert_identical(full["mean"], none["mean"])
        xr.testing.assert_allclose(full["coverage"], none["coverage"], rtol=error)

    def test_years_are_a_dim_only_where_there_are_years(self):
        with_years = model_of(years=(2023, 2030))
        drawn = run(with_years, plan_of(with_years))["draws/detail"]
        assert drawn.dims == ("scenario", "year", "formula", "draw")
        assert drawn["year"].values.tolist() == [2023, 2030]
        without = model_of()
        drawn = run(without, plan_of(without))["draws/detail"]
        assert drawn.dims == ("scenario", "formula", "draw")

    def test_an_input_has_only_the_dims_it_needs(self):
        model = model_of(years=(2023, 2030))
        inputs = run(model, plan_of(model))["inputs"]
        assert inputs["a"].dims == ("draw",)
        assert inputs["c"].dims == ("scenario", "draw")


STUDY = """
title: Two inputs
run: {{draws: 12000, design: {design}, seed: 5}}
inputs:
{inputs}
outputs:
  y: {{units: "1", formula: "{formula}"}}
"""
LINES = {
    "x.one": '  x.one: {units: "1", normal: {mean: 1, sd: 0.1}, source: s}',
    "x.two": '  x.two: {units: "1", lognormal: {median: 2, gsd: 1.3}, source: s}',
    "new": '  a.new: {units: "1", uniform: {low: 1, high: 2}, source: s}',
}


def inputs_of(folder: Path, design: str, order, formula) -> dict[str, np.ndarray]:
    """Stored inputs of a small study as they come out of a whole run."""
    path = folder / "study.yaml"
    lines = "\n".join(LINES[name] for name in order)
    path.write_text(STUDY.format(design=design, inputs=lines, formula=formula))
    stored = load(path).run().inputs
    return {name: x.values for name, x in stored.items() if x.dims == ("draw",)}


class TestUnrelatedInputs:
    """Pitfall 2 where a user meets it: a study with one input more, less, or moved."""

    @pytest.mark.parametrize("kind", DESIGNS)
    @pytest.mark.parametrize(
        ("order", "formula"),
        [
            (["new", "x.one", "x.two"], "x.one * x.two"),  # nothing reads it
            (["x.one", "x.two", "new"], "x.one * x.two * a.new"),  # read last
        ],
    )
    def test_an_input_added_leaves_the_others_draws(
        self, tmp_path, kind, order, formula
    ):
        before = inputs_of(tmp_path, kind, ["x.one", "x.two"], "x.one * x.two")
        after = inputs_of(tmp_path, kind, order, formula)
        for name in ("x.one", "x.two"):
            np.testing.assert_array_equal(before[name], after[name])

    @pytest.mark.parametrize("kind", ["random", "latin_hypercube"])
    def test_order_and_place_do_not_matter_where_columns_have_no_place(
        self, tmp_path, kind
    ):
        before = inputs_of(tmp_path, kind, ["x.one", "x.two"], "x.one * x.two")
        after = inputs_of(
            tmp_path, kind, ["new", "x.two", "x.one"], "a.new + x.two * x.one"
        )
        for name in ("x.one", "x.two"):
            np.testing.assert_array_equal(before[name], after[name])

    def test_an_input_fixed_leaves_the_others_draws(self, tmp_path):
        order, formula = ["x.one", "x.two"], "x.one * x.two"
        before = inputs_of(tmp_path, "random", order, formula)
        path = tmp_path / "study.yaml"
        fixed = load(path, {"x.one": "1"}).run().inputs
        assert fixed["x.one"].dims == ()
        np.testing.assert_array_equal(before["x.two"], fixed["x.two"])


def test_the_message_of_a_run_that_failed_says_how_to_mend_it():
    model = model_of({"bad": "log(b / 3.6 - 1.2)", "other": "c"})
    mend = re.escape("Bound them (bounds: {low: ..., high: ...}) or mend the formula")
    with pytest.raises(ModelError, match=mend):
        run(model, plan_of(model))
