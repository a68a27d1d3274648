"""First order beside Monte Carlo: silent where it holds, and why where it does not."""

from math import exp, log, sqrt

import numpy as np
import pytest

from scenarios.analysis.first_order import cross_checks, nature_split
from scenarios.words import run as lines
from scenarios.words.catalogue import Words
from uncertainty.run.adaptive import numerical_tolerance

CHAIN = """
declared_unit: {{amount: 1, units: t, product: metal}}
run: {{draws: 65536, design: {design}, seed: 44905}}
inputs:
{inputs}
dependence: {dependence}
processes:
  cells:
    stage: cells
    makes: {{product: metal, units: t}}
    emits:
      one: {{gas: CO2, amount: {formula}}}
"""
NORMAL = """
  a: {units: t/t, normal: {mean: 2, sd: 0.3}, nature: uncertainty, source: s}
  b: {units: t/t, normal: {mean: 5, sd: 0.4}, nature: variability, source: s}
"""
SKEWED = """
  a: {units: t/t, lognormal: {median: 2, gsd: 1.6}, nature: uncertainty, source: s}
  b: {units: t/t, normal: {mean: 5, sd: 0.4}, nature: variability, source: s}
"""
WIDE = """
  a: {units: "1", lognormal: {median: 1, gsd: 1.6}, source: s}
  b: {units: t/t, lognormal: {median: 1, gsd: 1.6}, source: s}
"""
FLAT = """
  a: {units: t/t, uniform: {low: 0, high: 10}, source: s}
  b: {units: t/t, normal: {mean: 5, sd: 0.1}, source: s}
"""


@pytest.fixture
def run(written):
    def make(inputs, formula="a + b", *, design="sobol", dependence="[]"):
        text = CHAIN.format(
            inputs=inputs, formula=formula, design=design, dependence=dependence
        )
        return written(text).run()

    return make


def split_of(result, scenario, year=None) -> dict[str, float]:
    return nature_split(result, result.cell(scenario, year))


def told(result) -> str:
    return "\n".join(lines.first_order(result, Words("en")))


class TestWhereItHolds:
    @pytest.mark.parametrize("design", ["sobol", "random", "latin_hypercube"])
    def test_a_sum_of_normals_agrees(self, run, design):
        result = run(NORMAL, design=design)
        (check,) = cross_checks(result)
        assert not check.apart
        assert check.reason == ""
        assert check.gap <= check.tolerance
        # the guide's tolerance of the sd, and twice the error of an end
        sd = float(result.tree["summary"]["sd"][0])
        assert check.tolerance >= numerical_tolerance(sd, 2)
        assert "agrees with Monte Carlo to two digits of the sd in 1 of 1" in told(
            result
        )

    def test_it_is_the_closed_form(self, run):
        data = run(NORMAL).first_order
        assert float(data["sd"][0]) == pytest.approx(500, rel=1e-12)  # 0.3, 0.4 t/t
        assert float(data["estimate"][0]) == pytest.approx(7000, rel=1e-12)
        assert data["sd"].attrs["units"] == "kg CO2e/t"

    def test_the_same_dependence_is_in_both(self, run):
        ties = "[{rank_correlation: 0.8, between: [a, b], source: s}]"
        result = run(NORMAL, dependence=ties)
        (check,) = cross_checks(result)
        assert not check.apart
        r = 2 * np.sin(np.pi * 0.8 / 6)
        wanted = 1000 * sqrt(0.3**2 + 0.4**2 + 2 * r * 0.12)
        assert float(result.first_order["sd"][0]) == pytest.approx(wanted, rel=1e-9)
        # sd of 65 536 scrambled points; independent ones would be known to 0.3 %
        assert float(result.tree["summary"]["sd"][0]) == pytest.approx(
            wanted, rel=0.003
        )

    def test_a_study_without_spread_agrees(self, run):
        fixed = "  a: {units: t/t, value: 2, source: s}\n"
        (check,) = cross_checks(run(fixed + "  b: {units: t/t, value: 5, source: s}"))
        assert not check.apart


class TestWhereItParts:
    def test_a_skewed_result_is_told_with_its_side(self, run):
        result = run(SKEWED)
        (check,) = cross_checks(result)
        assert check.apart
        assert "skewed to the right" in check.reason
        text = told(result)
        assert text.startswith("note: error propagation (IPCC Approach 1)")
        assert "for 1 of 1, most for baseline: " in text
        assert check.reason in text
        # the sum is linear, so mean and sd do agree, as the reason says
        data, summary = result.first_order, result.tree["summary"]
        s2 = log(1.6) ** 2
        wanted = 1000 * sqrt(4 * exp(s2) * (exp(s2) - 1) + 0.16)
        assert float(data["sd"][0]) == pytest.approx(wanted, rel=1e-9)
        assert float(summary["sd"][0]) == pytest.approx(wanted, rel=0.02)

    def test_one_skewed_to_the_left_too(self, run):
        (check,) = cross_checks(run(SKEWED, "b - a"))
        assert "skewed to the left" in check.reason

    def test_inputs_that_multiply_differ_in_their_sd(self, run):
        (check,) = cross_checks(run(WIDE, "a * b"))
        assert check.apart
        assert "Its sd differs too" in check.reason
        s2 = log(1.6) ** 2
        first = 1000 * exp(s2) * sqrt(2 * (exp(s2) - 1))
        assert f"({first:.4g} against " in check.reason

    def test_tails_without_an_sd_are_told(self, run):
        (check,) = cross_checks(run(WIDE.replace("1.6", "4"), "a * b"))
        assert "tails are too heavy for an sd" in check.reason

    def test_a_curved_output_moves_its_mean(self, run):
        # x^2 with x = 5 +/- 1: the sd, 10.1 and not 10, agrees to two digits; the mean
        # lies the variance of x higher
        law = '  a: {units: "1", normal: {mean: 100, sd: 1}, source: s}\n'
        inputs = law + "  b: {units: t/t, value: 1, source: s}"
        result = run(inputs, "b * (a - 95) ** 2")
        (check,) = cross_checks(result)
        assert check.apart
        assert (
            check.reason == "The output is curved in its inputs, which moves its mean."
        )
        assert float(result.first_order["estimate"][0]) == pytest.approx(25_000)
        assert float(result.tree["summary"]["mean"][0]) == pytest.approx(
            26_000, rel=1e-3
        )

    def test_a_flat_result_has_lighter_tails(self, run):
        (check,) = cross_checks(run(FLAT))
        assert check.apart
        assert "lighter tails than a normal law" in check.reason
        assert "skewed" not in check.reason

    def test_a_cell_of_its_own_for_each_scenario(self, written):
        text = CHAIN.format(
            inputs=NORMAL, formula="a + b", design="sobol", dependence="[]"
        )
        text += """
scenarios:
  base: {reference: true}
  wide: {source: s, set: {a: {lognormal: {median: 2, gsd: 2}}}}
"""
        result = written(text).run()
        assert {c.scenario: c.apart for c in cross_checks(result)} == {
            "base": False,
            "wide": True,
        }
        assert "for 1 of 2, most for wide" in told(result)


class TestWithoutAChain:
    """A measurement model: the declared outputs are cross-checked instead."""

    def test_jcgm_101_9_2_agrees_for_normals_alone(self, shipped):
        result = shipped("measurement_model").result
        found = {check.item: check for check in cross_checks(result)}
        assert set(found) == {"y_normal", "y_rectangular", "y_dominated"}
        assert not found["y_normal"].apart
        assert found["y_dominated"].apart
        assert found["y_dominated"].units == "1"
        assert "y_dominated: " in told(result)

    def test_balances_are_no_results_to_check(self, written):
        study = """
inputs: {x: {units: kg, normal: {mean: 1, sd: 0.1}, source: s}}
outputs:
  y: {units: kg, formula: x}
  balance.mass: {units: kg, formula: x - x, balance: closed}
"""
        checks = list(cross_checks(written(study).run()))
        assert [check.item for check in checks] == ["y"]


class TestNature:
    def test_the_variance_is_split_by_what_inputs_say_they_are(self, run):
        split = split_of(run(NORMAL), "baseline")
        # variances 0.09 and 0.16 of 0.25
        assert split["uncertainty"] == pytest.approx(0.36, rel=1e-9)
        assert split["variability"] == pytest.approx(0.64, rel=1e-9)
        assert "36 % lack of knowledge" in told(run(NORMAL))

    def test_what_no_input_says_is_not_guessed(self, run):
        split = split_of(run(FLAT), "baseline")
        assert split == {"unstated": pytest.approx(1)}

    def test_a_draw_of_its_own_keeps_the_nature_of_its_input(self, written):
        text = CHAIN.format(
            inputs=NORMAL, formula="a + b", design="sobol", dependence="[]"
        )
        text += """
years: [2023, 2030]
scenarios:
  base: {reference: true}
  own: {set: {a: {independent: true}, b: {independent: year}}}
"""
        result = written(text).run()
        for year in (2023, 2030):
            split = split_of(result, "own", year)
            assert split["variability"] == pytest.approx(0.64, rel=1e-9)
            assert split["uncertainty"] == pytest.approx(0.36, rel=1e-9)

    def test_shares_add_up_in_the_shipped_study(self, shipped):
        result = shipped("china_grid_mixes").result
        for scenario in result.first_order["scenario"].values:
            total = sum(split_of(result, str(scenario)).values())
            assert total == pytest.approx(1, rel=1e-9)
