"""What goes wrong in tools of this kind, and that it does not here, study by study.

Named after the numbered rules of the project's list of pitfalls. Designs and
distributions are tested where they live; here the same rules are followed through a
whole study. Rule 10 has `test_recomputed_rows`, rule 12 (balances) `test_footprint`;
2 and 16 (which formula) stand in `tests/uncertainty/test_propagation`.
"""

import io
import random
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from rich.console import Console
from scipy import stats

from scenarios.errors import ConfigError
from scenarios.words import run as text
from scenarios.words.catalogue import Words
from uncertainty.errors import ModelError

PRODUCT = """
title: A product of two inputs
run: {{draws: {draws}, design: {design}, seed: {seed}}}
inputs:
{inputs}
outputs:
  y: {{units: "{units}", formula: "{formula}"}}
{more}
"""


@pytest.fixture
def product(written):
    """Study of one formula; inputs by id as YAML without units and source."""

    def make(
        inputs,
        formula="x * y",
        *,
        draws=4096,
        design="random",
        seed=42,
        more="",
        units="1",
        **options,
    ):
        lines = "\n".join(
            f'  {id}: {{units: "1", source: s, {law}}}' for id, law in inputs.items()
        )
        stated = PRODUCT.format(
            inputs=lines,
            formula=formula,
            draws=draws,
            design=design,
            seed=seed,
            more=more,
            units=units,
        )
        return written(stated, **options)

    return make


def y_of(result, scenario=0) -> np.ndarray:
    return result.drawn("outputs").isel(scenario=scenario, output=0).values


def printed(study, result) -> str:
    """What a run says in a terminal."""
    console = Console(file=io.StringIO(), width=160)
    words = Words("en")
    blocks = (text.summary(result, words), text.notes(result, words))
    for block in (*blocks, text.parting(study, result, words)):
        for line in block:
            console.print(line)
    return console.file.getvalue()


class Test01OneSeedNeverFeedsTwoInputs:
    LAWS = {  # noqa: RUF012
        "power.x": "normal: {mean: 10, sd: 1}",
        "anode.y": "normal: {mean: 5, sd: 1}",
    }

    def test_two_normals_of_one_seed_are_independent(self, product):
        result = product(self.LAWS, "power.x * anode.y", draws=100_000).run()
        x, y = (result.inputs[id].values for id in self.LAWS)
        assert abs(np.corrcoef(x, y)[0, 1]) < 0.01  # three standard errors
        exact = np.sqrt(10**2 + 5**2 + 1)  # (m1 s2)^2 + (m2 s1)^2 + (s1 s2)^2
        assert y_of(result).std(ddof=1) == pytest.approx(exact, rel=0.01)

    def test_over_fifty_seeds_correlations_scatter_about_nothing(self, product):
        study = product(self.LAWS, "power.x * anode.y", draws=2000)
        model = study.model()
        found = []
        for seed in range(50):
            settings = study.settings.model_copy(update={"seed": seed})
            config = study.config.model_copy(update={"run": settings})
            result = replace(study, config=config).run(model=model)
            x, y = (result.inputs[id].values for id in self.LAWS)
            found.append(np.corrcoef(x, y)[0, 1])
        # sd of r is 1 / sqrt(2000); mean of 50 within four of its standard errors
        assert abs(np.mean(found)) < 4 / np.sqrt(2000 * 50)
        assert np.std(found) == pytest.approx(1 / np.sqrt(2000), rel=0.4)
        # nothing near the exact coupling of one stream read twice
        assert np.max(np.abs(found)) < 0.11


class Test03LognormalConventions:
    # one law: ln-sd 0.4, median 2
    GSD, CV = float(np.exp(0.4)), float(np.sqrt(np.exp(0.16) - 1))
    MEAN = 2 * float(np.exp(0.08))
    WORDS = (
        f"lognormal: {{median: 2, gsd: {GSD!r}}}",
        f"lognormal: {{mean: {MEAN!r}, cv: {CV!r}}}",
        f"interval: {{low: {float(2 * np.exp(-0.4 * stats.norm.ppf(0.975)))!r}, "
        f"high: {float(2 * np.exp(0.4 * stats.norm.ppf(0.975)))!r}, level: 0.95, "
        "shape: lognormal}",
    )

    def test_one_law_in_three_wordings_gives_the_same_draws(self, product):
        found = [y_of(product({"x": law}, "x").run()) for law in self.WORDS]
        for other in found[1:]:
            # parameters are recovered through logarithms and roots to 1e-15; quantiles
            # may come from tables that are right to 1e-7 sd (design section 10)
            np.testing.assert_allclose(other, found[0], rtol=1e-7)

    def test_mean_median_and_ends_are_those_of_the_law(self, product):
        study = product({"x": self.WORDS[0]}, "x", design="sobol", draws=16384)
        summary = study.run().tree["summary"].to_dataset().isel(scenario=0, output=0)
        # 16 scrambles of 1 024: 1 % is more than four standard errors of each
        assert float(summary["mean"]) == pytest.approx(self.MEAN, rel=0.01)
        assert float(summary["median"]) == pytest.approx(2, rel=0.01)
        for bound, sign in (("lower", -1), ("upper", 1)):
            end = 2 * np.exp(sign * 0.4 * 1.959964)
            got = float(summary["coverage"].sel(bound=bound))
            assert got == pytest.approx(end, rel=0.01)


class Test04TheMiddleHasAName:
    SKEWED = {"x": "lognormal: {median: 1, gsd: 2}"}  # noqa: RUF012

    def test_point_mean_and_median_are_all_printed(self, product):
        study = product({"x": "normal: {mean: 1, sd: 0.1}"}, "x")
        said = printed(study, study.run())
        head = next(line for line in said.splitlines() if "median" in line)
        assert all(word in head.split() for word in ("point", "mean", "median", "sd"))

    def test_a_mean_that_parts_from_the_point_by_more_than_2_percent_is_told(
        self, product
    ):
        study = product(self.SKEWED, "x", design="sobol")
        said = " ".join(printed(study, study.run()).split())
        # exp(ln(2)^2 / 2) = 1.272
        assert "mean and central value differ by +27" in said
        assert "(skewed input)" in said

    def test_a_curved_output_is_told_from_a_skewed_input(self, product):
        study = product({"x": "normal: {mean: 1, sd: 0.5}"}, "x * x", design="sobol")
        said = " ".join(printed(study, study.run()).split())
        # E[x^2] = 1.25
        assert "of which x +25.0 % (the output is curved or jumps along it)" in said

    def test_a_mean_that_does_not_exist_is_marked_and_not_explained(self, product):
        laws = {"x": "normal: {mean: 1, sd: 0.1}", "z": "normal: {mean: 1, sd: 0.3}"}
        study = product(laws, "x / z", design="sobol", draws=16384)
        said = " ".join(printed(study, study.run()).split())
        assert "too heavy for a mean or an sd" in said
        assert said.count("* ") >= 2
        assert "mean and central value differ" not in said

    @pytest.mark.parametrize(("gsd", "told"), [(1.15, False), (1.3, True)])
    def test_two_percent_is_where_it_begins(self, product, gsd, told):
        # exp(s^2 / 2) - 1: 0.98 % at 1.15, 3.5 % at 1.3
        study = product({"x": f"lognormal: {{median: 1, gsd: {gsd}}}"}, "x")
        assert bool(list(text.parting(study, study.run(), Words("en")))) is told

    @pytest.mark.parametrize(
        "text_of",
        [
            "import: [aluminium/chain, aluminium/china_2023, power/china]",
            "import: [aluminium/chain, aluminium/world, power/world]",
        ],
    )
    def test_a_run_without_spread_is_the_point_value(self, written, text_of):
        stated = f"title: Point\n{text_of}\nrun: {{draws: 64}}\n"
        plain, without = written(stated), written(stated, point=True)
        result, point = plain.run(), without.run()
        for table in ("contribution", "accounts", "by_gas", "flows", "outputs"):
            one = result.tree[f"summary/{table}/point"]
            two = point.summary(table)
            # balances are nought: absolute there
            np.testing.assert_allclose(two["mean"], one, rtol=1e-12, atol=1e-12)
            assert float(two["sd"].max()) == 0
        drawn = point.drawn("footprint")
        assert float(abs(drawn / result.tree["summary/point"] - 1).max()) < 1e-12

    def test_a_point_that_is_stated_overrides_the_law(self, product):
        law = "lognormal: {median: 1, gsd: 2}, point: 1.5"
        study = product({"x": law}, "x", point=True)
        assert y_of(study.run())[0] == 1.5


class Test05BoundsBelongToTheLaw:
    @pytest.mark.parametrize("design", ["random", "latin_hypercube", "sobol"])
    @pytest.mark.parametrize(
        ("law", "bounds", "cdf"),
        [
            ("normal: {mean: 0, sd: 1, %s}", (-0.5, 0.5), stats.norm.cdf),
            ("normal: {mean: 0, sd: 1, %s}", (0, None), stats.norm.cdf),
            ("normal: {mean: 0, sd: 1, %s}", (None, -1), stats.norm.cdf),
            ("lognormal: {median: 1, gsd: 3, %s}", (0.8, 1.1), None),
        ],
    )
    def test_no_draw_of_any_design_leaves_them(self, product, design, law, bounds, cdf):
        low, high = bounds
        stated = {"low": low, "high": high}
        inside = ", ".join(f"{k}: {v}" for k, v in stated.items() if v is not None)
        study = product(
            {"x": law % f"bounds: {{{inside}}}"}, "x", design=design, draws=2000
        )
        drawn = y_of(study.run())
        low, high = (
            (-np.inf if low is None else low),
            (np.inf if high is None else high),
        )
        assert drawn.min() >= low
        assert drawn.max() <= high
        cdf = cdf or stats.lognorm(np.log(3)).cdf
        below, above = cdf(low), cdf(high)
        found = stats.kstest(drawn, lambda x: (cdf(x) - below) / (above - below))
        # fixed seeds; a wrong truncation of 2 000 draws has p below 1e-20
        assert found.pvalue > 1e-4


class Test06OneDrawPerStratum:
    def test_every_input_of_a_study_hits_each_stratum_once(self, product):
        laws = {
            "x": "normal: {mean: 0, sd: 1}",
            "y": "triangular: {low: 0, mode: 1, high: 3}",
        }
        study = product(laws, design="latin_hypercube", draws=1600)
        inputs = study.run().inputs
        triangle = stats.triang(1 / 3, 0, 3)
        for id, cdf in (("x", stats.norm.cdf), ("y", triangle.cdf)):
            strata = np.floor(cdf(inputs[id].values) * 100).reshape(16, 100)
            for replicate in strata:
                assert sorted(replicate) == list(range(100))


class Test07ZeroIsASeed:
    LAWS = {"x": "normal: {mean: 0, sd: 1}"}  # noqa: RUF012

    @pytest.mark.parametrize("seed", [0, 1, 2**53, 2**63 - 1])
    def test_a_seed_repeats_itself_and_is_recorded(self, product, seed):
        one, two = (product(self.LAWS, "x", seed=seed).run() for _ in range(2))
        np.testing.assert_array_equal(y_of(one), y_of(two))
        assert one.seed == seed

    def test_zero_and_one_are_two_seeds(self, product):
        one, two = (product(self.LAWS, "x", seed=seed).run() for seed in (0, 1))
        assert not (y_of(one) == y_of(two)).any()

    def test_no_seed_draws_one_and_says_which(self, product):
        one = product(self.LAWS, "x", seed="null").run()
        two = product(self.LAWS, "x", seed="null").run()
        assert one.seed != two.seed
        again = product(self.LAWS, "x", seed=one.seed).run()
        np.testing.assert_array_equal(y_of(again), y_of(one))

    def test_a_seed_given_to_a_run_wins_over_the_file(self, product):
        study = product(self.LAWS, "x", seed=5, settings={"seed": 0})
        assert study.run().seed == 0


def test_08_global_random_state_is_left_alone(written):
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    study = written(
        "title: State\nimport: [aluminium/chain, aluminium/china_2023, power/china]\n"
        "run: {draws: 64, seed: null}\n"
    )
    for design in ("random", "sobol", "latin_hypercube"):
        settings = study.settings.model_copy(update={"design": design})
        config = study.config.model_copy(update={"run": settings})
        replace(study, config=config).run(threads=2)
    after = random.getstate(), np.random.get_state()  # noqa: NPY002
    assert before[0] == after[0]
    for one, two in zip(before[1], after[1], strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("design", ["random", "sobol"])
def test_09_workers_and_their_share_change_no_bit_of_a_study(product, design):
    laws = {
        "x": "lognormal: {median: 1, gsd: 1.5}",
        "y": "beta: {a: 2, b: 3, low: 1, high: 2}",
    }
    study = product(laws, draws=25_000, design=design)
    alone = study.run(threads=1, task_pages=1)
    for threads, task_pages in [(2, 1), (7, 1), (2, 100)]:
        shared = study.run(threads=threads, task_pages=task_pages)
        for group in ("draws", "inputs", "summary"):
            xr.testing.assert_identical(
                alone.tree[group].to_dataset(), shared.tree[group].to_dataset()
            )


class Test11SharesKeepWhatWasAsked:
    def test_shares_of_every_mix_have_the_moments_of_their_dirichlet(self, written):
        mixes = [
            "cn_yunnan_consumed_2023",
            "cn_guizhou_consumed_2023",
            "cn_smelters_grid_part_2023",
        ]
        scenarios = "\n".join(
            f"  {m}: {{set: {{smelting.power: {{mix: {m}}}}}}}" for m in mixes
        )
        study = written(
            "title: Shares\n"
            "import: [aluminium/chain, aluminium/china_2023, power/china]\n"
            f"run: {{draws: 8192, seed: 3}}\nscenarios:\n{scenarios}\n"
        )
        inputs = study.run().inputs
        from scenarios.library.catalogue import mixes as table

        for name in mixes:
            stated = table()[name]
            total = sum(inputs[f"mix.{name}.{t}"] for t in stated.active)
            assert float(abs(total - 1).max()) < 1e-12
            for technology, mean in stated.active.items():
                share = inputs[f"mix.{name}.{technology}"]
                sd = np.sqrt(mean * (1 - mean) / (stated.concentration + 1))
                # rule 11: the mean to 0.5 %, the sd to 5 % of the request; a small
                # share is known to four standard errors of 8 192 draws at the worst
                slack = 4 * sd / np.sqrt(8192)
                assert float(share.mean()) == pytest.approx(
                    mean, abs=max(0.005 * mean, slack)
                )
                assert float(share.std()) == pytest.approx(sd, rel=0.05)

    def test_shares_of_nought_and_one_stay_so(self, product):
        more = (
            "dependence:\n"
            "  - {composition: a, source: s, dirichlet: "
            "{means: {a.one: 1, a.none: 0}, concentration: 10}}\n"
            "  - {composition: b, source: s, dirichlet: "
            "{means: {b.none: 0, b.some: 0.4, b.rest: 0.6}, concentration: 10}}\n"
        )
        result = product(
            {"x": "value: 1"},
            "a.one + a.none + b.none + b.some + b.rest + x",
            more=more,
        ).run()
        inputs = result.inputs
        assert (float(inputs["a.one"]), inputs["a.one"].dims) == (1, ())
        assert (float(inputs["a.none"]), inputs["a.none"].dims) == (0, ())
        assert (float(inputs["b.none"]), inputs["b.none"].dims) == (0, ())
        np.testing.assert_allclose(y_of(result), 3, rtol=1e-15)


class Test13PairBeforeYouCompare:
    # ln-sd 0.4: Phi(ln 1.05 / (0.4 sqrt 2)) = 0.534 for two independent products
    STUDY = """
title: Five per cent
run: {{draws: 16384, design: random, seed: 2}}
inputs:
  factor: {{units: "1", lognormal: {{median: 1, gsd: 1.4918247}}, source: s}}
outputs:
  carbon: {{units: "1", formula: factor}}
scenarios:
  a: {{reference: true}}
  b: {change}
"""

    def test_the_same_factor_five_per_cent_up_is_higher_in_every_draw(self, written):
        change = "{source: s, scale: {factor: 1.05}}"
        a, b = (
            written(self.STUDY.format(change=change)).run().tree["draws/outputs"].values
        )
        assert np.mean(a < b) == 1
        np.testing.assert_allclose(b / a, 1.05, rtol=1e-15)

    def test_an_independent_factor_is_higher_in_half_of_them(self, written):
        law = "lognormal: {median: 1.05, gsd: 1.4918247}, independent: true"
        change = f"{{source: s, set: {{factor: {{{law}}}}}}}"
        a, b = (
            written(self.STUDY.format(change=change)).run().tree["draws/outputs"].values
        )
        expected = stats.norm.cdf(np.log(1.05) / (0.4 * np.sqrt(2)))
        # a share of 16 384 draws: four standard errors
        assert np.mean(a < b) == pytest.approx(expected, abs=4 * 0.5 / 128)


class Test15QuantilesAreNeverAddedUp:
    def test_the_interval_of_the_whole_is_that_of_its_draws(self, shipped):
        run = shipped("china_grid_mixes")
        for scenario in ("national_grid", "china_smelters"):
            sample = run.draws("contribution").sel(scenario=scenario)
            total = np.sort(sample.sum(["stage", "source"]).values)
            stored = run.result.tree["summary/percentile"].sel(scenario=scenario)
            # ceil(0.95 x 1024) = 973, counted from 1; another order of adding
            got = float(stored.sel(level=0.95))
            assert got == pytest.approx(total[972], rel=1e-12)
            parts = run.result.tree["summary/contribution/percentile"]
            added = float(parts.sel(scenario=scenario, level=0.95).sum())
            # and adding those of the parts would say something else
            assert added > 1.01 * got


class Test16NothingIsLost:
    def test_a_value_that_is_not_finite_stops_the_run_and_is_named(self, product):
        study = product({"x": "normal: {mean: 2.5, sd: 1}"}, "log(x)", draws=4096)
        with pytest.raises(
            ModelError, match=r"draw \d+: outputs\.y is not finite \(log\); .* x = -"
        ):
            study.run()

    def test_one_that_shows_at_the_point_values_is_a_fault_of_the_config(self, product):
        with pytest.raises(ConfigError, match="not finite at the point values"):
            product({"x": "normal: {mean: -1, sd: 1}"}, "log(x)")

    @pytest.mark.parametrize(
        ("design", "asked", "drawn"),
        [
            ("random", 1000, 1000),
            ("sobol", 1000, 1024),
            ("latin_hypercube", 1001, 1008),
        ],
    )
    def test_draws_asked_and_drawn_are_both_told(self, product, design, asked, drawn):
        study = product(
            {"x": "normal: {mean: 0, sd: 1}"}, "x", draws=asked, design=design
        )
        result = study.run()
        assert result.attributes["draws_asked"] == asked
        assert result.attributes["draws"] == result.tree["draws"].sizes["draw"] == drawn
        said = printed(study, result)
        assert (f"{drawn} draws (rounded up from {asked})" in said) == (asked != drawn)


class Test17SignTravelsWithTheValue:
    @pytest.mark.parametrize(
        "law",
        [
            "normal: {{mean: 2, sd: 0.3{more}}}",
            "lognormal: {{median: 2, gsd: 1.3{more}}}",
            "triangular: {{low: 1, mode: 2, high: 4{more}}}",
            "uniform: {{low: 1, high: 4{more}}}",
            "pert: {{low: 1, mode: 2, high: 4{more}}}",
        ],
    )
    def test_a_credit_mirrors_the_burden(self, product, law):
        burden = product({"x": law.format(more="")}, "x", design="sobol", draws=16384)
        credit = product(
            {"x": law.format(more=", negate: true")}, "x", design="sobol", draws=16384
        )
        one, two = (
            s.run().tree["summary"].to_dataset().squeeze() for s in (burden, credit)
        )
        assert float(two["point"]) == pytest.approx(-float(one["point"]), rel=1e-14)
        assert float(two["mean"]) == pytest.approx(-float(one["mean"]), rel=1e-3)
        assert float(two["sd"]) == pytest.approx(float(one["sd"]), rel=1e-2)
        for low, high in (("lower", "upper"), ("upper", "lower")):
            mirrored = -float(two["coverage"].sel(bound=low))
            # other levels of the same sequence: 1 % is beyond its error
            assert mirrored == pytest.approx(
                float(one["coverage"].sel(bound=high)), rel=1e-2
            )

    def test_a_negative_factor_lowers_the_footprint(self, written):
        text_of = """
title: Credit
declared_unit: {amount: 1, units: t, product: thing}
run: {draws: 256, seed: 1}
inputs:
  by.product:
    {units: kg CO2e/kg, lognormal: {median: 2, gsd: 1.2, negate: true}, source: s}
products:
  steam: {units: kg, source: thermal, emits: {saved: {gas: CO2e, amount: by.product}}}
processes:
  making:
    stage: making
    makes: {product: thing, units: t}
    needs: {steam: 100 kg/t}
    emits: {CO2: {amount: 500 kg/t}}
"""
        result = written(text_of).run()
        expected = 500 + 100 * result.inputs["by.product"]
        got = result.drawn("footprint").isel(scenario=0)
        np.testing.assert_allclose(got, expected, rtol=1e-14)
        assert float(got.max()) < 500


class Test18NoSpreadIsLegal:
    @pytest.mark.parametrize(
        ("law", "value"),
        [
            ("normal: {mean: 2, sd: 0}", 2),
            ("lognormal: {median: 2, gsd: 1}", 2),
            ("lognormal: {mean: 2, cv: 0}", 2),
            ("uniform: {low: 2, high: 2}", 2),
            ("triangular: {low: 2, mode: 2, high: 2}", 2),
            ("pert: {low: 2, mode: 2, high: 2}", 2),
            ("percent: {value: 2, plus_minus: 0, level: 0.95}", 2),
            ("interval: {low: 2, high: 2, level: 0.95, shape: normal}", 2),
            ("discrete: {values: [2], probabilities: [1]}", 2),
            ("bernoulli: {probability: 1}", 1),
            ("value: 2", 2),
        ],
    )
    def test_a_law_without_width_is_a_constant(self, product, law, value):
        result = product(
            {"x": law, "z": "uniform: {low: 0, high: 1}"}, "x + 0 * z"
        ).run()
        inputs, summary = result.inputs, result.tree["summary"].to_dataset()
        assert inputs["x"].dims == ()
        assert float(inputs["x"]) == value
        assert (y_of(result) == value).all()
        assert float(summary["sd"].squeeze()) == 0
        assert float(summary["mean"].squeeze()) == value
        assert (summary["monte_carlo_error"] == 0).all()

    def test_a_study_without_any_spread_runs(self, product):
        result = product({"x": "value: 84.7"}, "x / 3").run()
        assert (y_of(result) == 84.7 / 3).all()
        assert float(result.tree["summary/sd"].squeeze()) == 0


class Test19MissingStaysMissing:
    def test_what_a_scenario_lacks_is_nan_in_draws_and_has_no_row(self, shipped):
        run = shipped("china_grid_mixes")
        by = run.draws("contribution")
        for stage, source in (("mining", "pfc"), ("casting", "process")):
            cell = by.sel(stage=stage, source=source)
            assert cell.isnull().all()
            told = {row.item for row in run.result.rows("contribution")}
            assert f"{stage}/{source}" not in told
        summary = run.result.tree["summary/contribution"].to_dataset()
        gone = {"stage": "mining", "source": "pfc"}
        assert summary["mean"].sel(gone).isnull().all()
        assert summary["point"].sel(gone).isnull().all()

    def test_an_account_that_one_scenario_lacks_is_missing_there_alone(self, written):
        result = written(
            "title: Accounts\n"
            "import: [aluminium/chain, aluminium/china_2023, power/china]\n"
            "run: {draws: 64}\noperator: {owns: [electrolysis, casting]}\n"
            "scenarios:\n  grid: {reference: true}\n"
            "  captive: {set: {smelting.power: {mix: captive_coal}}}\n"
        ).run()
        bought = result.drawn("accounts").sel(account="electricity")
        assert bought.sel(scenario="grid").notnull().all()
        assert bought.sel(scenario="captive").isnull().all()
        found = [r for r in result.rows("accounts") if r.item == "electricity"]
        assert {r.scenario for r in found} == {"grid"}

    def test_json_holds_no_nan(self, shipped):
        for row in shipped("china_grid_mixes").result.as_object()["results"]:
            numbers = [v for v in row.values() if isinstance(v, float)]
            numbers += row["monte_carlo_error"].values()
            assert np.isfinite(numbers).all()


def _is_number(change) -> bool:
    return change is not None and change.value is not None


class Test20ReadingKeepsEverySpread:
    @pytest.mark.parametrize("name", ["minimal", "china_grid_mixes", "world_regions"])
    def test_every_law_of_the_files_has_a_spread_in_the_run(self, shipped, name):
        run = shipped(name)
        stored = run.result.inputs
        stated = [
            id
            for id, given in run.study.config.inputs.items()
            if given.distribution is not None and id in stored
        ]
        assert len(stated) >= 5
        scenarios = run.study.scenarios
        for id in stated:
            assert "draw" in stored[id].dims, id
            spread = stored[id].std("draw")
            if "scenario" in spread.dims:  # what a scenario states as a number has none
                fixed = [n for n, s in scenarios.items() if _is_number(s.set.get(id))]
                spread = spread.drop_sel(scenario=fixed)
            assert float(spread.min()) > 0, id

    @pytest.mark.parametrize("name", ["china_grid_mixes", "world_regions"])
    def test_every_factor_and_share_of_the_tables_has_its_spread(self, shipped, name):
        from scenarios.library.catalogue import factors, mixes

        run = shipped(name)
        stored = run.result.inputs
        for id, x in stored.items():
            kind, _, rest = str(id).partition(".")
            if kind == "power" and rest in factors() and factors()[rest].gsd > 1:
                sd = float(np.log(x).std("draw"))
                # 1 024 points of a scrambled sequence
                assert sd == pytest.approx(np.log(factors()[rest].gsd), rel=0.02), id
            if kind == "mix":
                mix_of = mixes()[rest.split(".")[0]]
                alone = len(mix_of.active) == 1 or mix_of.concentration is None
                assert ("draw" in x.dims) != alone, id

    def test_the_config_of_a_result_keeps_every_law(self, shipped):
        run = shipped("china_grid_mixes")
        from scenarios.language.yaml_text import parse

        kept = parse(run.result.attributes["config"], "config")["inputs"]
        for id, given in run.study.config.inputs.items():
            for word in given.stated:
                assert word in kept[id], id
