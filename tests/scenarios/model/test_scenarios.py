"""Scenarios: what a change changes, what it leaves, and who shares whose draws."""

import numpy as np
import pytest
from scipy import stats

from scenarios.errors import ConfigError
from uncertainty.distributions import build

STUDY = """
title: Changes
run: {{draws: {draws}, design: {design}, seed: 8}}
inputs:
  cell.power:
    {{units: kWh/t, normal: {{mean: 13500, sd: 100}}, kind: activity data, source: s}}
  grid.factor:
    {{units: kg CO2e/kWh, lognormal: {{median: 0.6, gsd: 1.1}}, source: t}}
  cell.hours: {{units: "1", uniform: {{low: 0.9, high: 1}}, source: u}}
outputs:
  carbon: {{units: kg CO2e/t, formula: cell.power * grid.factor * cell.hours}}
  power: {{units: kWh/t, formula: cell.power * cell.hours}}
scenarios:
{scenarios}
"""
DESIGNS = ["sobol", "random", "latin_hypercube"]


@pytest.fixture
def run(written):
    """Run of the study with scenarios given as YAML, `base` always first."""

    def make(design="random", draws=4096, **scenarios):
        lines = ["  base: {reference: true}"]
        lines += [f"  {name}: {text}" for name, text in scenarios.items()]
        text = STUDY.format(scenarios="\n".join(lines), design=design, draws=draws)
        return written(text).run()

    return make


def of(result, id, scenario) -> np.ndarray:
    """Draws of an input as a scenario has it."""
    x = result.inputs[id]
    return (x.sel(scenario=scenario) if "scenario" in x.dims else x).values


def output(result, name, scenario) -> np.ndarray:
    return result.drawn("outputs").sel(output=name, scenario=scenario).values


@pytest.mark.parametrize("design", DESIGNS)
class TestCommonRandomNumbers:
    def test_a_distribution_set_takes_the_same_quantiles(self, run, design):
        result = run(
            design,
            wide="{source: v, set: {cell.power: {normal: {mean: 14000, sd: 500}}}}",
            other="{source: v, set: {cell.power: {uniform: {low: 1, high: 2}}}}",
        )
        before = build("normal", {"mean": 13500.0, "sd": 100.0})
        level = before.cdf(of(result, "cell.power", "base"))
        wide = build("normal", {"mean": 14000.0, "sd": 500.0})
        # quantiles may come from tables that are right to 1e-7 sd (design section 10)
        np.testing.assert_allclose(
            wide.cdf(of(result, "cell.power", "wide")), level, atol=1e-7
        )
        np.testing.assert_allclose(
            of(result, "cell.power", "other"), 1 + level, atol=1e-7
        )

    def test_what_a_scenario_leaves_alone_is_the_same_draw(self, run, design):
        result = run(design, more="{source: v, set: {cell.power: 15000}}")
        assert "scenario" not in result.tree["inputs/grid.factor"].dims
        ratio = output(result, "carbon", "more") / output(result, "carbon", "base")
        expected = 15000 / of(result, "cell.power", "base")
        np.testing.assert_allclose(ratio, expected, rtol=1e-14)

    def test_scenarios_that_change_nothing_agree_to_the_last_bit(self, run, design):
        result = run(design, same="{label: The same}")
        for name in ("carbon", "power"):
            one, two = output(result, name, "base"), output(result, name, "same")
            np.testing.assert_array_equal(one, two)

    def test_a_scenario_added_leaves_the_others_as_they_were(self, run, design):
        wide = "{source: v, set: {cell.power: {normal: {mean: 14000, sd: 500}}}}"
        before = run(design, wide=wide)
        after = run(
            design,
            wide=wide,
            own="{set: {cell.power: {independent: true}}}",
            scaled="{source: v, scale: {grid.factor: {uniform: {low: 0.8, high: 1}}}}",
        )
        for scenario in ("base", "wide"):
            np.testing.assert_array_equal(
                output(before, "carbon", scenario), output(after, "carbon", scenario)
            )


class TestIndependent:
    OWN = "{set: {cell.power: {independent: true}}}"

    def test_an_independent_input_has_draws_of_its_own_from_the_same_law(self, run):
        result = run(own=self.OWN)
        shared, own = (of(result, "cell.power", s) for s in ("base", "own"))
        # 4 096 independent pairs: |r| beyond 4.5 / 64 once in 150 000 seeds
        assert abs(np.corrcoef(shared, own)[0, 1]) < 4.5 / 64
        # Kolmogorov-Smirnov, fixed seed: fails once in 10 000 seeds
        assert stats.kstest(own, stats.norm(13500, 100).cdf).pvalue > 1e-4

    def test_it_is_the_only_input_that_moves(self, run):
        result = run(own=self.OWN)
        for id in ("grid.factor", "cell.hours"):
            assert "scenario" not in result.inputs[id].dims

    def test_each_scenario_has_its_own(self, run):
        result = run(own=self.OWN, other=self.OWN)
        pair = [of(result, "cell.power", s) for s in ("own", "other")]
        assert abs(np.corrcoef(*pair)[0, 1]) < 4.5 / 64

    def test_it_repeats_itself_and_does_not_depend_on_other_scenarios(self, run):
        one = of(run(own=self.OWN), "cell.power", "own")
        two = of(run(other=self.OWN, own=self.OWN), "cell.power", "own")
        np.testing.assert_array_equal(one, two)

    def test_a_new_law_may_be_independent_too(self, run):
        result = run(
            own="{source: v, set: {cell.power: "
            "{uniform: {low: 1, high: 2}, independent: true}}}"
        )
        own, shared = of(result, "cell.power", "own"), of(result, "cell.power", "base")
        assert own.min() > 1
        assert own.max() < 2
        assert abs(np.corrcoef(own, shared)[0, 1]) < 4.5 / 64


class TestScale:
    def test_a_number_multiplies_every_draw(self, run):
        result = run(less="{source: v, scale: {grid.factor: 0.9}}")
        before, after = (of(result, "grid.factor", s) for s in ("base", "less"))
        np.testing.assert_allclose(after, 0.9 * before, rtol=1e-15)
        ratio = output(result, "carbon", "less") / output(result, "carbon", "base")
        np.testing.assert_allclose(ratio, 0.9, rtol=1e-14)
        np.testing.assert_array_equal(
            output(result, "power", "less"), output(result, "power", "base")
        )

    def test_a_formula_multiplies_draw_by_draw(self, run):
        result = run(less="{source: v, scale: {grid.factor: {formula: cell.hours}}}")
        before, after = (of(result, "grid.factor", s) for s in ("base", "less"))
        hours = of(result, "cell.hours", "base")
        np.testing.assert_allclose(after, before * hours, rtol=1e-14)

    def test_a_distribution_is_one_column_that_scenarios_share(self, run):
        by = "{uniform: {low: 0.8, high: 1}}"
        result = run(
            one=f"{{source: v, scale: {{grid.factor: {by}}}}}",
            two=f"{{source: v, scale: {{grid.factor: {by}}}, set: {{cell.power: 1}}}}",
        )
        base, one, two = (of(result, "grid.factor", s) for s in ("base", "one", "two"))
        np.testing.assert_array_equal(one, two)
        factor = one / base
        assert factor.min() > 0.8
        assert factor.max() < 1
        assert abs(np.corrcoef(factor, base)[0, 1]) < 4.5 / 64
        assert stats.kstest(factor, stats.uniform(0.8, 0.2).cdf).pvalue > 1e-4

    def test_two_inputs_scaled_alike_have_a_column_each(self, run):
        by = "{uniform: {low: 0.8, high: 1}}"
        result = run(
            both=f"{{source: v, scale: {{grid.factor: {by}, cell.hours: {by}}}}}"
        )
        one, two = (
            of(result, id, "both") / of(result, id, "base")
            for id in ("grid.factor", "cell.hours")
        )
        assert abs(np.corrcoef(one, two)[0, 1]) < 4.5 / 64


class TestSet:
    def test_a_value_may_come_in_other_units(self, run):
        result = run(more="{source: v, set: {cell.power: 14 MWh/t}}")
        np.testing.assert_allclose(of(result, "cell.power", "more"), 14000, rtol=1e-15)
        ratio = output(result, "power", "more") / of(result, "cell.hours", "base")
        np.testing.assert_allclose(ratio, 14000, rtol=1e-14)

    def test_a_formula_may_take_the_place_of_a_law(self, run):
        text = "{source: v, set: {cell.power: {formula: 13000 kWh/t}}}"
        result = run(fixed=text)
        np.testing.assert_allclose(of(result, "cell.power", "fixed"), 13000, rtol=1e-15)

    def test_text_that_is_no_amount_is_a_formula(self, run):
        result = run(
            short="{source: v, set: {cell.hours: cell.power / cell.power}}",
            long="{source: v, set: {cell.hours: {formula: cell.power / cell.power}}}",
            scaled="{source: v, scale: {cell.power: 1 / 2}}",
        )
        short, long = (output(result, "power", name) for name in ("short", "long"))
        np.testing.assert_array_equal(short, long)
        half = output(result, "power", "scaled") / output(result, "power", "base")
        np.testing.assert_allclose(half, 0.5, rtol=1e-15)

    def test_units_and_kind_stay(self, run):
        result = run(
            wide="{source: v, set: {cell.power: {uniform: {low: 1, high: 2}}}}"
        )
        attrs = result.inputs["cell.power"].attrs
        assert attrs["units"] == "kWh/t"
        assert attrs["kind"] == "activity data"

    @pytest.mark.parametrize(
        ("scenario", "message"),
        [
            (
                "{source: v, set: {grid.factor: 1}, scale: {grid.factor: 2}}",
                "set and scaled by the same scenario; do one of the two",
            ),
            ("{source: v, set: {grid.facter: 1}}", "no such input; did you mean grid"),
            ("{source: v, scale: {cell.pwer: 2}}", "no such input; did you mean cell"),
            ("{source: v, set: {cell.power: 14 kg/t}}", "cell.power"),
            ("{source: v, set: {cell.power: {formula: grid.factor}}}", "cell.power"),
            ("{source: v, set: {cell.power: {mix: cn_2023}}}", "is an input"),
            ("{reference: true}", "base is the reference already"),
        ],
    )
    def test_a_change_that_cannot_be_says_why(self, run, scenario, message):
        with pytest.raises(ConfigError, match=message):
            run(bad=scenario)

    def test_formulas_that_need_each_other_are_refused_where_they_meet(self, run):
        with pytest.raises(ConfigError, match="need each other"):
            run(
                bad="{source: v, set: {cell.power: {formula: cell.power * cell.hours}}}"
            )


class TestShares:
    """A share of a composition has one definition: what the others leave."""

    STUDY = """
title: Shares
run: {{draws: 1000, design: random, seed: 1}}
dependence:
  - composition: fuel
    dirichlet: {{means: {{f.coal: 0.5, f.gas: 0.3, f.oil: 0.2}}, concentration: 30}}
    source: s
outputs:
  all: {{units: "1", formula: f.coal + f.gas + f.oil}}
  least: {{units: "1", formula: "min(f.coal, f.gas, f.oil)"}}
scenarios:
  base: {{reference: true}}
  changed: {change}
"""

    @pytest.mark.parametrize("draws_of", ["f.coal", "f.gas", "f.oil"])
    def test_a_share_cannot_be_independent_alone(self, written, draws_of):
        change = f"{{set: {{{draws_of}: {{independent: true}}}}}}"
        with pytest.raises(ConfigError, match="a share cannot vary alone"):
            written(self.STUDY.format(change=change))

    @pytest.mark.parametrize(
        "change",
        [
            "{source: s, set: {f.oil: 0.5}}",
            "{source: s, set: {f.coal: 1.5}}",
            "{source: s, scale: {f.gas: 2}}",
        ],
    )
    def test_a_share_changed_alone_is_refused_or_leaves_a_whole(self, written, change):
        try:
            result = written(self.STUDY.format(change=change)).run()
        except ConfigError:
            return
        whole = result.drawn("outputs").sel(output="all", scenario="changed")
        least = result.drawn("outputs").sel(output="least", scenario="changed")
        assert float(abs(whole - 1).max()) < 1e-12
        assert float(least.min()) >= 0


class TestSupplies:
    TEXT = """
title: Supplies
import: [aluminium/chain, aluminium/china_2023, power/china]
run: {draws: 256, design: random, seed: 4}
scenarios:
  base: {reference: true}
  yunnan: {set: {smelting.power: {mix: cn_yunnan_consumed_2023}}}
  lossless: {set: {smelting.power: {mix: cn_yunnan_consumed_2023, losses: 0}}}
  captive: {set: {smelting.power: {mix: captive_coal}}}
  captive_far: {set: {smelting.power: {mix: captive_coal, losses: 0.05}}}
"""

    @pytest.fixture
    def by_stage(self, written):
        return written(self.TEXT).run().tree["draws/contribution"].sum("source")

    def test_a_supply_changes_the_stages_that_take_it_and_no_other(self, by_stage):
        base = by_stage.sel(scenario="base")
        for name in ("yunnan", "captive"):
            other = by_stage.sel(scenario=name)
            for stage in ("mining", "refining", "anode"):
                np.testing.assert_array_equal(
                    other.sel(stage=stage), base.sel(stage=stage)
                )
            for stage in ("smelting", "casting"):
                assert not (other.sel(stage=stage) == base.sel(stage=stage)).any()

    def test_losses_may_be_set_alone(self, written):
        text = (
            self.TEXT.replace("supplies:", "")
            + "  dry: {set: {background.power: {losses: 0}}}\n"
        )
        text = text.replace(
            "scenarios:\n",
            "supplies: {background.power: {mix: cn_2023_mix}}\nscenarios:\n",
        )
        result = written(text).run()
        power = result.drawn("contribution").sel(stage="mining", source="electricity")
        losses = result.inputs["power.high_voltage_losses"].values
        ratio = power.sel(scenario="base") / power.sel(scenario="dry")
        np.testing.assert_allclose(ratio, 1 + losses, rtol=1e-13)


class TestNames:
    def test_a_study_without_scenarios_has_a_baseline(self, written):
        text = STUDY.format(scenarios="", design="random", draws=64)
        study = written(text.replace("scenarios:\n", ""))
        result = study.run()
        assert result.tree["draws"]["scenario"].values.tolist() == ["baseline"]
        assert result.attributes["reference"] == study.reference == "baseline"

    def test_the_reference_is_the_marked_one_else_the_first(self, written):
        marked = "  a: {}\n  b: {reference: true}\n"
        plain = "  a: {}\n  b: {}\n"
        for lines, expected in ((marked, "b"), (plain, "a")):
            text = STUDY.format(scenarios=lines, design="random", draws=64)
            assert written(text).run().reference == expected
