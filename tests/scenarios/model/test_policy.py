"""Pathways, levers, sweeps and fleets, held against arithmetic."""

import numpy as np
import pytest

from scenarios.analysis.break_even import BreakEvenError, break_even
from scenarios.errors import ConfigError
from scenarios.model.pathway import OutsidePathway, weights

# a chain one can do by hand: 2 t of ore and 10 MWh a tonne of metal
CHAIN = """
title: a chain by hand
declared_unit: {amount: 1, units: t, product: metal}
run: {draws: 1024, seed: 5}
inputs:
  ore.factor: {units: kg CO2e/kg, lognormal: {median: 1, gsd: 1.2}, source: t}
  smelter.power_use: {units: kWh/t, normal: {mean: 10000, sd: 200}, source: t,
                      nature: variability}
  grid.factor: {units: kg CO2e/kWh, lognormal: {median: 0.5, gsd: 1.1}, source: t}
  clean.factor: {units: kg CO2e/kWh, value: 0.02, source: t}
products:
  ore: {units: kg, source: ancillary, emits: {up: {gas: CO2e, amount: ore.factor}}}
supplies:
  smelter.power: {factor: grid.factor}
processes:
  smelter:
    stage: smelting
    makes: {product: metal, units: t}
    needs:
      ore: 2
      electricity: {amount: smelter.power_use, supply: smelter.power}
    emits:
      anode: {gas: CO2, amount: 1.5}
"""
LEVERS = """
levers:
  inert: {processes: {smelter: {emits: {anode: 0}, needs: {electricity: {scale: 1.1}}}}}
  lean: {processes: {smelter: {needs: {electricity: {scale: 0.9}}}}}
  capture:
    processes:
      smelter:
        needs:
          steam: {add: 100 kWh/t, supply: smelter.power, source: thermal}
        emits: {captured: {add: -0.5, gas: CO2}}
  contract: {supplies: {smelter.power: {factor: clean.factor}}}
"""


def total(result, scenario, year=None):
    data = result.drawn("footprint").sel(scenario=scenario)
    return (data if year is None else data.sel(year=year)).values


def inputs(result):
    data = result.inputs
    return {str(name): data[name].values for name in data}


class TestPathways:
    YEARS = CHAIN + (
        "years: [2020, 2025, 2030]\n"
        "scenarios:\n"
        "  straight: {set: {grid.factor: {source: t, pathway:"
        " {2020: 0.5, 2030: {lognormal: {median: 0.1, gsd: 1.5}}}}}}\n"
        "  stepped: {set: {grid.factor: {source: t, interpolation: step, pathway:"
        " {2020: 0.5, 2030: 0.1}}}}\n"
        "  short: {years: [2020]}\n"
    )

    def test_weights_are_those_of_a_straight_line(self):
        assert weights([2020, 2030, 2040], 2020, step=False) == {2020: 1}
        got = weights([2020, 2030, 2040], 2038, step=False)
        assert got == pytest.approx({2030: 0.2, 2040: 0.8})  # rounding of a quotient
        assert weights([2020, 2030], 2029, step=True) == {2020: 1}

    def test_nothing_is_extrapolated(self):
        with pytest.raises(OutsidePathway, match="2031 lies outside the pathway from"):
            weights([2020, 2030], 2031, step=False)
        with pytest.raises(OutsidePathway, match="needs `years:` in the study"):
            weights([2020, 2030], None, step=False)

    def test_a_year_between_knots_is_both_at_the_same_quantile(self, written):
        result = written(self.YEARS).run()
        factor = result.inputs["grid.factor"].sel(scenario="straight")
        middle, last = factor.sel(year=2025).values, factor.sel(year=2030).values
        # one rounding of each of two products and of their sum
        np.testing.assert_allclose(middle, 0.5 * 0.5 + 0.5 * last, rtol=1e-15)
        assert last.std() > 0

    def test_a_step_holds_until_the_next_knot(self, written):
        factor = written(self.YEARS).run().inputs["grid.factor"]
        stepped = factor.sel(scenario="stepped").isel(draw=0).values
        np.testing.assert_array_equal(stepped, [0.5, 0.5, 0.1])

    def test_a_year_that_a_scenario_does_not_have_is_missing(self, written):
        result = written(self.YEARS).run()
        short = result.drawn("footprint").sel(scenario="short")
        assert np.isfinite(short.sel(year=2020)).all()
        assert np.isnan(short.sel(year=2025)).all()

    def test_a_year_outside_is_refused_with_its_mend(self, written):
        text = self.YEARS.replace("[2020, 2025, 2030]", "[2020, 2035]")
        with pytest.raises(
            ConfigError, match="from 2020 to 2030, not 2035; nothing is"
        ):
            written(text)

    def test_a_supply_follows_a_named_path(self, written):
        text = CHAIN + (
            "years: [2020, 2025, 2030]\n"
            "paths: {green: {knots: {2020: {factor: grid.factor},"
            " 2030: {factor: clean.factor}}}}\n"
            "scenarios: {a: {set: {smelter.power: {path: green}}}}\n"
        )
        result = written(text).run()
        x = inputs(result)
        kwh = x["smelter.power_use"] * (0.5 * x["grid.factor"] + 0.5 * 0.02)
        expected = 2000 * x["ore.factor"] + 1500 + kwh
        # a dozen roundings of one footprint
        np.testing.assert_allclose(total(result, "a", 2025), expected, rtol=1e-13)


class TestLevers:
    def run(self, written, scenarios):
        return written(CHAIN + LEVERS + "scenarios:\n  none: {}\n" + scenarios).run()

    def test_an_adoption_of_0_changes_nothing_to_the_last_bit(self, written):
        zero = "  zero: {levers: {inert: 0, lean: 0, capture: 0, contract: 0}}\n"
        result = self.run(written, zero)
        np.testing.assert_array_equal(total(result, "zero"), total(result, "none"))

    def test_half_the_adoption_is_half_the_change(self, written):
        result = self.run(
            written, "  h: {levers: {inert: 0.5}}\n  f: {levers: {inert: 1}}\n"
        )
        none, half, full = (total(result, name) for name in ("none", "h", "f"))
        # the two halves are sums of a dozen rounded terms
        np.testing.assert_allclose(half - none, (full - none) / 2, rtol=1e-10)

    def test_levers_compose_whatever_their_order(self, written):
        result = self.run(
            written,
            "  ab: {levers: {inert: 0.5, lean: 1, capture: 0.2, contract: 0.3}}\n"
            "  ba: {levers: {contract: 0.3, capture: 0.2, lean: 1, inert: 0.5}}\n",
        )
        x = inputs(result)
        kwh = x["smelter.power_use"] * (1 - 0.5 * -0.1) * 0.9 + 0.2 * 100
        factor = 0.7 * x["grid.factor"] + 0.3 * 0.02
        expected = 2000 * x["ore.factor"] + 750 - 100 + kwh * factor
        for name in ("ab", "ba"):
            np.testing.assert_allclose(total(result, name), expected, rtol=1e-13)

    def test_adoption_is_monotone_where_each_step_saves(self, written):
        steps = "".join(
            f"  s{i}: {{levers: {{contract: {i / 4}}}}}\n" for i in range(5)
        )
        result = self.run(written, steps)
        found = np.stack([total(result, f"s{i}") for i in range(5)])
        assert (np.diff(found, axis=0) < 0).all()

    def test_an_adoption_may_be_uncertain(self, written):
        result = self.run(
            written, "  u: {levers: {lean: {uniform: {low: 0, high: 1}}}}\n"
        )
        x = inputs(result)
        saved = (total(result, "none") - total(result, "u")) / (
            x["smelter.power_use"] * x["grid.factor"]
        )
        assert 0 < saved.min() < 0.005  # 1024 points of a uniform reach both ends
        assert 0.095 < saved.max() < 0.1

    def test_two_levers_that_replace_one_line_are_refused(self, written):
        other = "  other: {processes: {smelter: {emits: {anode: 1}}}}\n"
        text = CHAIN + LEVERS + other + "scenarios: {a: {levers: {inert: 1, other: 1}}}"
        with pytest.raises(
            ConfigError, match=r"inert replaces smelter\.emits\.anode too"
        ):
            written(text)

    def test_a_lever_is_not_adopted_before_it_is_available(self, written):
        late = LEVERS.replace("inert: {", "inert: {available: 2030, ")
        use = "scenarios: {a: {levers: {inert: {adoption: {2020: 0, 2030: 1}}}}}\n"
        text = CHAIN + late + "years: [2020, 2025, 2030]\n" + use
        with pytest.raises(ConfigError, match="available from 2030, but not 0 in 2025"):
            written(text)


class TestSweeps:
    TEXT = CHAIN + (
        "  \nscenarios:\n  base: {}\n"
        "  grid: {sweep: {grid.factor: {from: 0, to: 1, steps: 5}}}\n"
    )

    def test_a_sweep_makes_one_scenario_a_point(self, written):
        result = written(self.TEXT).run()
        names = [str(name) for name in result.drawn("scenario").values]
        assert names == ["base", "grid_1", "grid_2", "grid_3", "grid_4", "grid_5"]
        x = inputs(result)
        expected = 2000 * x["ore.factor"] + 1500 + 0.25 * x["smelter.power_use"]
        np.testing.assert_allclose(total(result, "grid_2"), expected, rtol=1e-13)

    def test_a_grid_is_every_combination_and_one_at_a_time_is_not(self, written):
        both = "{grid.factor: [0, 1], ore.factor: [1, 2, 3]}"
        for mode, points in (("grid", 6), ("one_at_a_time", 5)):
            text = CHAIN + f"scenarios: {{s: {{sweep: {both}, mode: {mode}}}}}"
            assert len(written(text).scenarios) == points

    def test_break_even_is_where_the_two_are_equal(self, written):
        found = break_even(written(self.TEXT).run(), "grid", "base")
        # the sweep meets the base where the factors agree: the base's own law
        assert found.median == pytest.approx(0.5, rel=0.01)  # 1024 draws of gsd 1.1
        assert found.upper == pytest.approx(0.5 * 1.1**1.96, rel=0.02)
        assert found.probability == 1

    def test_break_even_of_no_sweep_names_the_nearest(self, written):
        result = written(self.TEXT).run()
        with pytest.raises(
            BreakEvenError, match="no sweep is called gird; did you mean"
        ):
            break_even(result, "gird", "base")

    def test_faults_of_a_sweep_are_told(self, written):
        text = CHAIN + "scenarios: {s: {sweep: {grid.facto: [1, 2]}}}"
        with pytest.raises(
            ConfigError, match=r"no such input; did you mean grid\.factor"
        ):
            written(text)
        long = (
            CHAIN + "scenarios: {s: {sweep: {grid.factor: {from: 0, to: 1, steps: 999},"
            " ore.factor: [1, 2]}}}"
        )
        with pytest.raises(ConfigError, match="1998 points; the limit is 1000"):
            written(long)


class TestFleets:
    def fleet(self, written, members=4):
        names = [f"m{i}" for i in range(members)]
        scenarios = "".join(f"  {name}: {{}}\n" for name in names)
        shares = ", ".join(f"{name}: {1 / members}" for name in names)
        fleets = f"fleets: {{all: {{weights: {{{shares}}}}}}}\n"
        text = CHAIN.replace("draws: 1024", "draws: 16384")
        return written(text + f"scenarios:\n{scenarios}{fleets}").run()

    def test_what_varies_between_plants_averages_out_and_the_rest_does_not(
        self, written
    ):
        result = self.fleet(written)
        x = inputs(result)
        plants = 0.5 * 200  # kg CO2e/t: the spread of power use at the median factor
        shared = np.std(2000 * x["ore.factor"] + 1e4 * x["grid.factor"])
        one, fleet = total(result, "m0").std(), total(result, "all").std()
        # products of two spreads of 2 % and 10 % add less than 1 %
        assert one == pytest.approx(np.hypot(shared, plants), rel=0.01)
        assert fleet == pytest.approx(np.hypot(shared, plants / 2), rel=0.01)

    def test_a_fleet_of_one_is_its_member_in_law(self, written):
        result = self.fleet(written, members=1)
        one, fleet = total(result, "m0"), total(result, "all")
        # both are 16384 Sobol' points of the same law
        assert fleet.mean() == pytest.approx(one.mean(), rel=1e-3)
        assert fleet.std() == pytest.approx(one.std(), rel=0.02)

    def test_stages_and_sources_of_a_fleet_add_up_too(self, written):
        result = self.fleet(written)
        parts = (
            result.drawn("contribution").sel(scenario="all").sum(("stage", "source"))
        )
        np.testing.assert_allclose(parts.values, total(result, "all"), rtol=1e-12)

    @pytest.mark.parametrize(
        ("fleets", "said"),
        [
            ("{f: {weights: {a: 0.5, b: 0.4}}}", "the weights add up to 0.9, not to 1"),
            ("{f: {weights: {a: 0.5, bb: 0.5}}}", "no scenario is called bb"),
            ("{f: {weights: {a: 1.5, b: -0.5}}}", "a share lies between 0 and 1"),
            ("{a: {weights: {a: 1}}}", "is a scenario too"),
            ("{f: {}}", "weights that sum to 1, or the output of each member"),
        ],
    )
    def test_faults_of_a_fleet_are_told(self, written, fleets, said):
        with pytest.raises(ConfigError, match=said):
            written(CHAIN + f"scenarios: {{a: {{}}, b: {{}}}}\nfleets: {fleets}\n")
