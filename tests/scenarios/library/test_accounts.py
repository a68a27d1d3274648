"""CBAM and China's trading scheme against hand arithmetic."""

import csv
from pathlib import Path

import pytest

from scenarios.library import catalogue

STUDY = """
title: Accounts by hand
import: [aluminium/chain, aluminium/china_2024, power/china, aluminium/accounts{more}]
run: {{draws: 1024, seed: 7}}
{years}
scenarios:
  base: {{reference: true, set: {{ {base} }}}}
{scenarios}
"""
PRICE = 75.36
DEFAULT, BENCHMARK = 3.0, 1.423
FREE = {2026: 0.975, 2027: 0.95, 2028: 0.90, 2029: 0.775, 2030: 0.515}
FREE |= {2031: 0.39, 2032: 0.265, 2033: 0.14, 2034: 0}
MARKUP = {2026: 0.10, 2027: 0.20} | dict.fromkeys(range(2028, 2035), 0.30)


def study(written, scenarios="", years="", more="", base="", **options):
    text = STUDY.format(scenarios=scenarios, years=years, more=more, base=base)
    return written(text, **options)


def outputs(tree, scenario="base", year=None, draw=None):
    """Declared outputs of one scenario in their own units."""
    data = tree["draws/outputs"].sel(scenario=scenario)
    data = data if year is None else data.sel(year=year)
    data = data if draw is None else data.isel(draw=draw)
    return {str(n): data.sel(output=n).values for n in data["output"].values}


class TestDefault:
    @pytest.fixture
    def by_year(self, written):
        years = f"years: [{', '.join(map(str, FREE))}]"
        made = study(written, years=years, more=", policy/cbam_years", point=True)
        return made.run().tree

    @pytest.mark.parametrize("year", FREE)
    def test_of_every_year_is_that_of_the_acts(self, by_year, year):
        expected = (DEFAULT * (1 + MARKUP[year]) - FREE[year] * BENCHMARK) * PRICE
        got = outputs(by_year, year=year, draw=0)["cbam_cost_by_default"]
        assert got == pytest.approx(expected, rel=1e-13)

    def test_costs_what_was_worked_out_elsewhere(self, by_year):
        got = {
            y: float(outputs(by_year, year=y, draw=0)["cbam_cost_by_default"])
            for y in FREE
        }
        assert got[2026] == pytest.approx(144.1, abs=0.05)
        assert got[2027] == pytest.approx(169.4, abs=0.05)

    @pytest.mark.parametrize("year", FREE)
    def test_own_data_are_amount_less_free_part_less_what_china_took(
        self, by_year, year
    ):
        x = outputs(by_year, year=year, draw=0)
        due = max(0, float(x["cbam_amount"]) - FREE[year] * BENCHMARK) * PRICE
        expected = max(0, due - max(0, float(x["ets_cost"])) / 7.8)
        assert x["cbam_cost"] == pytest.approx(expected, rel=1e-12)
        gap = expected - float(x["cbam_cost_by_default"])
        assert x["cbam_own_less_default"] == pytest.approx(gap, rel=1e-10)
        assert x["cbam_own_is_cheaper"] == (1 if gap < 0 else 0)


class TestAmount:
    def test_perfluorocarbons_are_those_of_the_class_and_what_is_outside(self, written):
        modern = "{cbam.pfc_slope: {formula: cbam.slope_modern, source: t}, "
        modern += "cbam.c2f6_ratio: {formula: cbam.ratio_modern, source: t}}"
        tree = study(written, f"  modern: {{set: {modern}}}\n", point=True).run().tree
        minutes = float(tree["inputs"]["smelting.anode_effect_minutes"])
        loss = float(tree["inputs"]["casting.melt_loss"]) / 100
        for scenario, slope, ratio in (
            ("base", 0.122, 0.097),
            ("modern", 0.104, 0.057),
        ):
            cf4 = slope * minutes / (1 - loss) * (1 + 0.667)
            expected = cf4 * (6630 + ratio * 11100) / 1000
            got = outputs(tree, scenario, draw=0)["cbam_pfc"]
            assert got == pytest.approx(expected, rel=1e-12)

    def test_an_installation_factor_lies_within_15_per_cent(self, written):
        tree = study(written).run().tree
        slope = tree["inputs"]["cbam.slope_legacy"]
        # normal, +/- 15 % at 95 %
        assert float(slope.std()) == pytest.approx(0.122 * 0.15 / 1.96, rel=0.02)


class TestTradingScheme:
    """Rate, cap and sign below, at and above the balance value."""

    @staticmethod
    def by_hand(amount, balance, price):
        rate = 0.15 * (balance - amount) / balance
        rate = max(-0.03, min(0.03, rate))
        return rate, -rate * amount * price

    # own intensity over the balance: 20 % and beyond is capped
    @pytest.mark.parametrize("over", [0.70, 0.80, 0.90, 1.0, 1.1, 1.2, 1.3])
    def test_rate_cost_and_sign(self, written, over):
        plain = study(written, base="ets.balance: 1.6", point=True).run().tree
        amount = float(outputs(plain, draw=0)["ets_amount"])
        base = f"ets.balance: {amount / over!r}, ets.price: 70"
        x = outputs(study(written, base=base, point=True).run().tree, draw=0)
        rate, cost = self.by_hand(amount, amount / over, 70)
        # a difference of two numbers that may be equal, in CNY/t
        assert x["ets_rate"] == pytest.approx(rate, rel=1e-9, abs=1e-12)
        assert x["ets_cost"] == pytest.approx(cost, rel=1e-9, abs=1e-9)
        if over <= 0.8:
            assert x["ets_rate"] == pytest.approx(0.03, rel=1e-12)
        if over < 1:
            assert x["ets_cost"] < 0  # a gain is a gain
        if over >= 1.2:
            assert x["ets_rate"] == pytest.approx(-0.03, rel=1e-12)

    def test_a_gain_is_not_taken_off_at_the_border(self, written):
        x = outputs(
            study(written, base="ets.balance: 3", point=True).run().tree, draw=0
        )
        assert x["ets_cost"] < 0
        due = (float(x["cbam_amount"]) - 0.975 * BENCHMARK) * PRICE
        assert x["cbam_cost"] == pytest.approx(due, rel=1e-12)

    def test_2024_gives_what_was_emitted(self, written):
        made = study(written, years="years: [2024, 2025]", more=", policy/cbam_years")
        tree = made.run().tree
        assert (outputs(tree, year=2024)["ets_cost"] == 0).all()
        assert (outputs(tree, year=2025)["ets_cost"] != 0).any()

    def test_the_grid_case_at_a_balance_of_1_70_and_70_cny(self, written):
        base = "ets.balance: 1.70, ets.price: 70"
        made = study(written, base=base, settings={"draws": 8192})
        cost = (
            made.run().tree["summary/outputs"].sel(scenario="base", output="ets_cost")
        )
        mean, ends = float(cost["mean"]), cost["coverage"].values
        error = cost["monte_carlo_error"]
        # 0.97 (-0.50 to 3.18) was worked out with other draws: four errors of each side
        for got, expected, word in (
            (mean, 0.97, "mean"),
            (ends[0], -0.50, "lower"),
            (ends[1], 3.18, "upper"),
        ):
            band = 4 * float(error.sel(statistic=word)) + 0.05
            assert got == pytest.approx(expected, abs=band), word


class TestGoods:
    """The worked example of the documentation: a profile with process scrap."""

    def test_a_profile_by_hand(self, written):
        tree = study(written, more=", policy/cbam_goods", point=True).run().tree
        x = outputs(tree, draw=0)
        metal = float(x["cbam_amount"])
        amount = (
            0.08 + 1.35 * metal
        )  # 0.35 t of scrap is metal too, and carries nothing
        assert x["good_amount"] == pytest.approx(amount, rel=1e-12)
        # own data: the process, and the metal by its own benchmark
        assert x["good_free"] == pytest.approx(0.975 * (0.060 + 1.35 * 1.423))
        due = (amount - 0.975 * (0.060 + 1.35 * 1.423)) * PRICE
        own = due - 1.35 * max(0, float(x["ets_cost"])) / 7.8
        assert x["good_cost"] == pytest.approx(own, rel=1e-12)
        default = (4.8808 * 1.10 - 0.975 * 1.493) * PRICE
        assert x["good_cost_by_default"] == pytest.approx(default, rel=1e-12)
        assert x["good_own_is_cheaper"] == (1 if own < default else 0)

    def test_secondary_metal_has_its_own_factor(self, written):
        base = "good.primary_metal: 0, good.secondary_metal: 1.35"
        made = study(written, more=", policy/cbam_goods", base=base, point=True)
        x = outputs(made.run().tree, draw=0)
        assert x["good_amount"] == pytest.approx(0.08 + 1.35 * 0.091, rel=1e-12)

    def test_the_study_of_goods_states_what_the_table_states(self, shipped):
        with (catalogue.folder() / "policy/cbam_goods.csv").open() as file:
            table = {row["cn"]: row for row in csv.DictReader(file)}
        for name, cn in (
            ("profile", "7604 profiles"),
            ("bar", "7604 bars"),
            ("wire", "7605"),
            ("plate", "7606"),
            ("foil", "7607"),
            ("tube", "7608"),
            ("structure", "7610"),
        ):
            stated = shipped("cbam_goods").study.scenarios[name].set
            row = table[cn]
            process = stated["good.process_benchmark"].value
            assert process == float(row["process_benchmark"])
            assert stated["good.benchmark"].value == float(row["benchmark_primary"])
            assert stated["good.default"].value == float(row["default_china_direct"])

    def test_the_documentation_prints_what_the_study_gives(self, written):
        docs = Path(__file__).parents[3] / "docs" / "library.md"
        text = docs.read_text(encoding="utf-8")
        tree = study(written, more=", policy/cbam_goods", point=True).run().tree
        x = outputs(tree, draw=0)
        assert f"**{float(x['good_cost']):.1f} EUR/t**" in text
        assert f"**{float(x['good_cost_by_default']):.1f} EUR/t**" in text
        assert (
            f"x {float(x['cbam_amount']):.3f} = {float(x['good_amount']):.3f} t" in text
        )
        for year, free in FREE.items():
            default = (DEFAULT * (1 + MARKUP[year]) - free * BENCHMARK) * PRICE
            paid = max(0, float(x["ets_cost"])) / 7.8
            own = (float(x["cbam_amount"]) - free * BENCHMARK) * PRICE - paid
            assert f"| {year} | {default:.1f} | {own:.1f} |" in text
