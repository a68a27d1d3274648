"""Electricity: factors of supplies by hand, draw by draw, and what stays fixed.

A process that takes one kWh per tonne shows the factor of its supply: the footprint
in kg CO2e/t is the factor in kg CO2e/kWh.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.errors import ConfigError
from scenarios.language.supplies import Supply
from scenarios.model.cell import Cell
from scenarios.model.power import supplied
from uncertainty.model.graph import Graph

POWER = Path(__file__).parents[3] / "scenarios" / "library" / "power"
TECHNOLOGIES = [
    *("coal", "gas", "oil", "hydro", "nuclear"),
    *("wind", "solar", "biomass", "other"),
]
LOSSES = 0.0236  # power/china and power/world: central value
CAPTIVE = 1.10
SETTINGS = {"draws": 1024, "design": "random", "seed": 3}

METER = """
title: One kilowatt-hour
import: [power/{region}]
declared_unit: {{amount: 1, units: t, product: thing}}
supplies: {{meter: {{mix: {first}}}}}
processes:
  making:
    stage: making
    makes: {{product: thing, units: t}}
    needs: {{electricity: {{amount: 1 kWh/t, supply: meter}}}}
scenarios:
{scenarios}
"""


def meter(written, supplies, region="china", first="cn_2023", **options):
    """Study with one scenario a supply."""
    lines = "\n".join(
        f"  {name}: {{set: {{meter: {s}}}}}" for name, s in supplies.items()
    )
    text = METER.format(region=region, scenarios=lines, first=first)
    return written(text, settings=SETTINGS, **options)


def table(name) -> dict[str, dict[str, str]]:
    with (POWER / name).open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


FACTORS, MIXES = table("factors.csv"), table("mixes.csv")


def shares(mix) -> dict[str, float]:
    found = {t: float(MIXES[mix][t] or 0) for t in TECHNOLOGIES}
    whole = sum(found.values())
    return {t: s / whole for t, s in found.items() if s}


def technology(factor_set, name) -> str:
    """Row of the factor of a technology in a set."""
    (row,) = (
        id
        for id, factor in FACTORS.items()
        if id.startswith(f"{factor_set}_")
        and factor["kind"] == "technology"
        and factor["technology"] == name
    )
    return row


def by_hand(mix, of=lambda id: float(FACTORS[id]["median"]), share=None):
    """Factor of a mix as the tables state it, losses and multiplier left out."""
    factor_set = MIXES[mix]["factor_set"]
    share = share or shares(mix)
    return sum(part * of(technology(factor_set, t)) for t, part in share.items())


GRIDS = ["cn_2023_mix", "cn_2025_mix", "cn_2022_mix", "cn_smelters_2020"]


class TestPoint:
    @pytest.fixture
    def points(self, written):
        supplies = {mix: f"{{mix: {mix}}}" for mix in GRIDS} | {
            "published": "{mix: cn_2023}",
            "captive": "{mix: captive_coal_2023}",
            "contract": "{mix: hydro_contract_2023}",
            "lossless": "{mix: cn_2025_mix, losses: 0}",
            "lossy": "{mix: hydro_contract_2023, losses: 0.1}",
            "half": "{blend: {cn_2025_mix: 0.3, captive_coal_2023: 0.7}}",
            "formula": "{blend: {captive_coal_2023: power.cn_captive_share, "
            "hydro_contract_2023: 1 - power.cn_captive_share}}",
            "own": "{shares: {coal: 0.25, wind: 0.75}, factor_set: mee23}",
            "own_lossy": "{shares: {coal: 1}, factor_set: mee23, losses: 0.05}",
            "factor": "{factor: 0.4 kg CO2e/kWh}",
            "factor_lossy": "{factor: 0.4 kg CO2e/kWh, losses: 0.25}",
        }
        study = meter(written, supplies, point=True)
        result = study.run()
        return result.drawn("footprint").isel(draw=0).to_series().to_dict()

    @pytest.mark.parametrize("mix", GRIDS)
    def test_a_grid_mix_is_shares_times_factors_and_losses_once(self, points, mix):
        assert MIXES[mix]["losses"] == "power.high_voltage_losses"
        # nine products and a sum
        assert points[mix] == pytest.approx(by_hand(mix) * (1 + LOSSES), rel=1e-14)

    def test_every_other_supply_by_hand(self, points):
        coal, wind = (float(FACTORS[f"mee23_{t}"]["median"]) for t in ("coal", "wind"))
        hydro = float(FACTORS["mee23_hydro"]["median"])
        published = float(FACTORS["mee23_national"]["median"])
        newest = by_hand("cn_2025_mix")
        captive = CAPTIVE * coal
        share = 58.58 / (58.58 + 30.18)  # mean of the beta; its point value
        expected = {
            "published": published,  # it holds its losses
            "captive": captive,
            "contract": by_hand("hydro_contract_2023"),
            "lossless": newest,
            "lossy": 1.1 * hydro,
            "half": 0.3 * newest * (1 + LOSSES) + 0.7 * captive,
            "own": 0.25 * coal + 0.75 * wind,
            "own_lossy": 1.05 * coal,
            "factor": 0.4,
            "factor_lossy": 0.5,
        }
        for name, value in expected.items():
            assert points[name] == pytest.approx(value, rel=1e-14), name
        # the point of a beta is its mode or mean, as its family says: between the two
        mode = (58.58 - 1) / (58.58 + 30.18 - 2)
        seen = (points["formula"] - hydro) / (captive - hydro)
        assert min(share, mode) - 1e-12 <= seen <= max(share, mode) + 1e-12

    @pytest.mark.parametrize("year", ["2023", "2024"])
    def test_the_published_national_factor_is_the_central_value(self, written, year):
        # built from its technologies, and still what was announced
        study = meter(written, {"a": f"{{mix: cn_{year}}}"}, point=True)
        value = float(study.run().drawn("footprint").isel(draw=0).squeeze())
        announced = {"2023": 0.6205, "2024": 0.5777}[year]
        assert value == pytest.approx(announced, rel=1e-12)

    def test_the_set_of_2024_is_that_of_the_annex(self):
        annex = {
            **{"national": 0.5777, "coal": 0.9240, "gas": 0.4503, "hydro": 0.0141},
            **{"nuclear": 0.0065, "wind": 0.0324, "solar": 0.0520, "csp": 0.0312},
            **{"biomass": 0.0404, "transmission": 0.0046},
            "transmission_losses": 0.0327,
        }
        for name, value in annex.items():
            assert float(FACTORS[f"mee24_{name}"]["median"]) == value, name

    def test_figures_of_the_announcement_stand_in_the_table(self):
        # MEE 2023: national 0.6205; coal 0.944, hydro 0.0143 kg CO2e/kWh
        stated = {"mee23_national": 0.6205, "mee23_coal": 0.944, "mee23_hydro": 0.0143}
        for id, value in stated.items():
            assert float(FACTORS[id]["median"]) == value

    def test_the_national_mix_lies_near_the_national_factor(self, points):
        # two independent statistics of the same grid and year: the closing sum of the
        # announcement's own factors over the national mix, within 5 %
        assert points["cn_2023_mix"] == pytest.approx(points["published"], rel=0.05)


class TestDraws:
    @pytest.fixture
    def run(self, written):
        supplies = {mix: f"{{mix: {mix}}}" for mix in GRIDS} | {
            "published": "{mix: cn_2023}",
            "captive": "{mix: captive_coal_2023}",
            "contract": "{mix: hydro_contract_2023}",
            "lossless": "{mix: cn_2025_mix, losses: 0}",
            "pure_coal": "{shares: {coal: 1}, factor_set: mee23}",
            "coal_lossy": "{shares: {coal: 1}, factor_set: mee23, losses: 0.1}",
            "half": "{blend: {cn_2025_mix: 0.3, captive_coal_2023: 0.7}}",
        }
        return meter(written, supplies).run()

    @pytest.fixture
    def inputs(self, run) -> xr.Dataset:
        return run.inputs

    def factor(self, run, name) -> np.ndarray:
        return run.drawn("footprint").sel(scenario=name).values

    @pytest.mark.parametrize("mix", GRIDS)
    def test_shares_sum_to_one_in_every_draw(self, inputs, mix):
        parts = [inputs[f"mix.{mix}.{t}"] for t in shares(mix)]
        # each is what the others leave: a rounding for each
        assert float(abs(sum(parts) - 1).max()) < 1e-12
        assert all(float(part.min()) >= 0 for part in parts)

    @pytest.mark.parametrize("mix", GRIDS)
    def test_a_mix_is_its_own_shares_times_shared_factors(self, run, inputs, mix):
        drawn = {t: inputs[f"mix.{mix}.{t}"] for t in shares(mix)}
        factor = by_hand(mix, lambda id: inputs[f"power.{id}"], drawn)
        expected = factor * (1 + inputs["power.high_voltage_losses"])
        np.testing.assert_allclose(self.factor(run, mix), expected, rtol=1e-13)

    def test_a_share_of_zero_is_no_input_at_all(self, inputs):
        for mix in GRIDS:
            held = {str(n).split(".")[2] for n in inputs if f"mix.{mix}." in str(n)}
            assert held == set(shares(mix))
        assert "mix.cn_2025_mix.oil" not in inputs

    def test_a_mix_of_one_is_constant(self, inputs):
        share = inputs["mix.hydro_contract_2023.hydro"]
        assert share.dims == ()
        assert float(share) == 1

    def test_losses_are_applied_once(self, run, inputs):
        ratio = self.factor(run, "cn_2025_mix") / self.factor(run, "lossless")
        expected = 1 + inputs["power.high_voltage_losses"].values
        np.testing.assert_allclose(ratio, expected, rtol=1e-14)

    def test_a_published_factor_takes_no_losses(self, run, inputs):
        mix = by_hand("cn_2023_mix", lambda id: inputs[f"power.{id}"])
        published = (inputs["power.mee23_method"] * mix).values
        # eight products and a sum; there and back to the units of the footprint
        np.testing.assert_allclose(self.factor(run, "published"), published, rtol=1e-14)

    def test_captive_coal_is_the_coal_factor_times_its_multiplier(self, run, inputs):
        coal = inputs["power.mee23_coal"].values
        multiplier = inputs["power.captive_multiplier"].values
        np.testing.assert_allclose(
            self.factor(run, "captive"), coal * multiplier, rtol=1e-14
        )

    def test_one_draw_of_a_technology_factor_serves_every_mix(self, run, inputs):
        pure, lossy, captive = (
            self.factor(run, name) for name in ("pure_coal", "coal_lossy", "captive")
        )
        np.testing.assert_allclose(pure, inputs["power.mee23_coal"], rtol=1e-15)
        # rounding of a correlation of exact multiples
        assert np.corrcoef(pure, lossy)[0, 1] == pytest.approx(1, abs=1e-12)
        per_multiplier = captive / inputs["power.captive_multiplier"].values
        assert np.corrcoef(pure, per_multiplier)[0, 1] == pytest.approx(1, abs=1e-12)
        assert "scenario" not in inputs["power.mee23_coal"].dims

    def test_a_blend_is_the_sum_of_its_parts(self, run):
        expected = 0.3 * self.factor(run, "cn_2025_mix") + 0.7 * self.factor(
            run, "captive"
        )
        np.testing.assert_allclose(self.factor(run, "half"), expected, rtol=1e-14)

    def test_captive_power_is_direct_and_upstream_of_its_owner(self, run, inputs):
        accounts = run.drawn("accounts")
        captive = accounts.sel(scenario="captive")
        assert captive.sel(account="electricity").isnull().all()
        whole = self.factor(run, "captive")
        stack = inputs["power.coal_stack_share"].values
        direct = captive.sel(account="direct").values
        np.testing.assert_allclose(direct, whole * stack, rtol=1e-13)
        upstream = captive.sel(account="upstream").values
        # a difference of two numbers of about 1 that leaves a tenth
        np.testing.assert_allclose(upstream, whole * (1 - stack), rtol=1e-12)
        bought = accounts.sel(scenario="contract", account="electricity").values
        np.testing.assert_array_equal(bought, self.factor(run, "contract"))
        half = accounts.sel(scenario="half")
        assert half.notnull().all("draw").all()


class TestCell:
    """`supplied` on its own, where a config does not reach."""

    def cell(self, written) -> Cell:
        study = meter(
            written,
            {"a": "{mix: captive_coal_2023}", "b": "{mix: hydro_contract_2023}"},
        )
        graph, tables = Graph(point=True), study.config.tables
        return Cell(graph, study.definitions, tables=tables)

    def test_rest_takes_what_the_other_parts_leave(self, written):
        cell = self.cell(written)
        blend = {"hydro_contract_2023": "rest", "captive_coal_2023": 0.3}
        found = supplied(cell, Supply(blend=blend))
        coal, hydro = (
            float(FACTORS[f"mee23_{t}"]["median"]) for t in ("coal", "hydro")
        )
        kwh = 3.6e6  # J: nodes are in base units
        bought = cell.graph.value(found.bought) * kwh
        assert bought == pytest.approx(0.7 * hydro, rel=1e-14)
        own = cell.graph.value(found.direct) + cell.graph.value(found.owned_upstream)
        assert own * kwh == pytest.approx(0.3 * coal * CAPTIVE, rel=1e-14)

    def test_rest_may_be_written_in_a_config(self, written):
        half = "{blend: {hydro_contract: rest, captive_coal: 0.3}}"
        same = "{blend: {hydro_contract: 0.7, captive_coal: 0.3}}"
        result = meter(written, {"rest": half, "same": same}).run()
        one, two = result.drawn("footprint").values
        np.testing.assert_allclose(one, two, rtol=1e-14)


class TestFaults:
    @pytest.mark.parametrize(
        ("supply", "message"),
        [
            ("{mix: cn_yunan_2023}", "no mix is called cn_yunan_2023"),
            ("{mix: cn_2023, losses: 0.02}", "includes grid losses; leave losses out"),
            ("{blend: {cn_2023: 0.5, hydro_contract: 0.4}}", "add up to 0.9, not to 1"),
            ("{blend: {cn_2023: 1.5, hydro_contract: -0.5}}", "lies between 0 and 1"),
            ("{shares: {coal: 0.9}, factor_set: mee23}", "add up to 0.9, not to 1"),
            ("{factor: 0.4 kg CO2e/t}", "kg CO2e/kWh"),
        ],
    )
    def test_a_supply_that_cannot_be_says_why(self, written, supply, message):
        with pytest.raises(ConfigError, match=message):
            meter(written, {"a": supply})

    def test_shares_by_formula_that_miss_one_are_refused(self, written):
        twice = (
            "{blend: {captive_coal: power.cn_captive_share, "
            "hydro_contract: power.cn_captive_share}}"
        )
        with pytest.raises(ConfigError, match="add up to"):
            meter(written, {"a": twice})
