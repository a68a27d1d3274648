"""Footprints: every way to add the flows up, balances that close, physical bounds."""

import numpy as np
import pytest

CHAINS = ["minimal", "china_grid_mixes", "world_regions"]
WITH_BALANCES = ["china_grid_mixes", "world_regions"]


def closed(study) -> list[str]:
    return [n for n, o in study.config.outputs.items() if o.balance == "closed"]


def relative(one, other) -> float:
    return float(np.abs(one / other - 1).max())


@pytest.mark.parametrize("name", CHAINS)
class TestSums:
    """One set of flows, added up in five ways; rounding of some fifty additions."""

    def test_stages_and_sources_sum_to_the_footprint_in_every_draw(self, shipped, name):
        run = shipped(name)
        total = run.draws("contribution").sum(["stage", "source"])
        assert relative(total, run.draws("footprint")) < 1e-12

    def test_accounts_sum_to_the_footprint_in_every_draw(self, shipped, name):
        run = shipped(name)
        total = run.draws("accounts").sum("account")
        assert relative(total, run.draws("footprint")) < 1e-12

    def test_gases_sum_to_the_footprint_in_every_draw(self, shipped, name):
        run = shipped(name)
        assert relative(run.draws("by_gas").sum("gas"), run.draws("footprint")) < 1e-12

    def test_flows_sum_to_the_footprint_in_every_draw(self, shipped, name):
        run = shipped(name)
        assert relative(run.flows.sum("flow"), run.draws("footprint")) < 1e-12

    def test_flows_of_a_stage_sum_to_the_stage_in_every_draw(self, shipped, name):
        run = shipped(name)
        stages = {p: process.stage for p, process in run.study.config.processes.items()}
        of_flow = [stages[str(f).split(".")[0]] for f in run.flows["flow"].values]
        by_stage = run.flows.assign_coords(flow=of_flow).groupby("flow").sum()
        expected = run.draws("contribution").sum("source")
        for stage in expected["stage"].values:
            part = by_stage.sel(flow=stage).transpose("scenario", "draw").values
            whole = expected.sel(stage=stage).transpose("scenario", "draw").values
            np.testing.assert_allclose(part, whole, rtol=1e-12)

    def test_a_combination_that_is_there_is_there_in_every_draw(self, shipped, name):
        there = shipped(name).draws("contribution").notnull()
        assert (there.any("draw") == there.all("draw")).all()

    def test_nothing_of_this_chain_is_a_credit(self, shipped, name):
        run = shipped(name)
        assert float(run.flows.min()) >= 0


@pytest.mark.parametrize("name", WITH_BALANCES)
class TestBalances:
    def test_closed_balances_are_closed_in_every_draw(self, shipped, name):
        run = shipped(name)
        names = closed(run.study)
        assert set(names) == {
            "balance.carbon",
            "balance.anode_mass",
            "balance.fuel_energy",
            "balance.metal",
        }
        gaps = abs(run.draws("outputs").sel(output=names)).max(["scenario", "draw"])
        # design section 8; in MJ/t this is 1e-13 of what is in the balance
        tolerance = 1e-9
        assert (gaps <= tolerance).all(), dict(zip(names, gaps.values, strict=True))

    def test_the_alumina_gap_is_what_the_cell_is_fed_beyond_the_metal(
        self, shipped, name
    ):
        run = shipped(name)
        gap = run.draws("outputs").sel(output="balance.alumina")
        assert float(gap.min()) >= 0
        # losses, moisture and impurities beyond 5 % would be no smelter
        assert float(gap.max()) < 0.1


IMPORTS = {
    "china": "aluminium/chain, aluminium/china_2023, power/china",
    "world": "aluminium/chain, aluminium/world, power/world",
}


TIES = {
    "anode.calcined_coke": ("0.735 t/t", "balance.carbon"),
    "anode.coal_tar_pitch": ("0.168 t/t", "balance.carbon"),
    "smelting.anode_co2": ("1.5 t/t", "balance.carbon"),
    "anode.volatiles_co2": ("0.15 t/t", "balance.carbon"),
    "anode.packing_co2": ("0.05 t/t", "balance.carbon"),
    "smelting.anode_gross": ("0.49 t/t", "balance.anode_mass"),
    "refining.fuel_energy": ("9500 MJ/t", "balance.fuel_energy"),
    "casting.melt_ratio": ("1.004 t/t", "balance.metal"),
}


@pytest.mark.parametrize("region", IMPORTS)
def test_a_tie_that_is_cut_opens_its_balance(written, region):
    cuts = "".join(
        f"  cut_{i}: {{source: s, set: {{{tie}: {value}}}}}\n"
        for i, (tie, (value, _)) in enumerate(TIES.items())
    )
    study = written(
        f"title: Cut\nimport: [{IMPORTS[region]}]\nrun: {{draws: 64}}\n"
        f"scenarios:\n  whole: {{reference: true}}\n{cuts}"
    )
    outputs = study.run().tree["draws/outputs"].sel(output=closed(study))
    assert float(abs(outputs.sel(scenario="whole")).max()) < 1e-9
    for i, (tie, (_, opened)) in enumerate(TIES.items()):
        balance = outputs.sel(scenario=f"cut_{i}", output=opened)
        # far outside what rounding can do; and nothing ties it, so it has a spread
        assert float(abs(balance).max()) > 1e-4, tie
        assert float(balance.std("draw")) > 1e-5, tie


class TestPhysics:
    """Checks that the chain should hold, from its conventions; in every draw."""

    @pytest.mark.parametrize("name", WITH_BALANCES)
    def test_alumina_covers_what_the_metal_binds(self, shipped, name):
        run = shipped(name)
        for scenario in run.model.scenarios:
            # 101.961 / (2 x 26.982), of pure Al2O3
            assert run.inputs(scenario)["smelting.alumina"].min() >= 1.8895

    @pytest.mark.parametrize("name", WITH_BALANCES)
    def test_anode_carbon_covers_what_the_current_takes(self, shipped, name):
        run = shipped(name)
        for scenario in run.model.scenarios:
            x = run.inputs(scenario)
            impure = (x["smelting.anode_sulphur"] + x["smelting.anode_ash"]) / 100
            carbon = x["smelting.anode_net"] * (1 - impure)
            # 0.3339 t C/t from 2 Al2O3 + 3 C; current efficiency of 92.5 %
            assert float(carbon.min()) >= 0.3339 / 0.925

    @pytest.mark.parametrize("name", WITH_BALANCES)
    def test_butts_coke_and_pitch_are_the_green_mass(self, shipped, name):
        run = shipped(name)
        flows, x = run.flows.isel(scenario=0), run.inputs(run.model.scenarios[0])
        mine = {i.removeprefix("china."): v for i, v in x.items() if "china." in i}
        x = {**x, **mine}  # the first row of the world is China on its own figures
        lime = x["coke.lime"] * x["material.lime_factor"]
        heat = x["fuel.oil_combustion"] + x["fuel.oil_upstream"]
        assert x["fuel.oil_combustion"].attrs["units"] == "kg/GJ"
        factors = {
            "calcined_coke": x["coke.calciner_co2"]
            + x["coke.green_per_calcined"] * x["coke.green_factor"]
            + x["coke.oil"] * heat / 1000
            + lime,
            "coal_tar_pitch": x["material.pitch_factor"],
        }
        butts = x["smelting.butt_fraction"]
        gross = x["smelting.anode_net"] / (1 - butts)
        baked = gross / (1 - x["casting.melt_loss"] / 100)
        virgin = sum(
            flows.sel(flow=f"anode_production.{line}") / factor / 1000
            for line, factor in factors.items()
        )
        green = virgin / baked + butts
        assert relative(green, x["anode.green_baked_ratio"]) < 1e-12

    @pytest.mark.parametrize("name", CHAINS)
    def test_shares_sum_to_one_and_are_shares(self, shipped, name):
        run = shipped(name)
        for scenario in run.model.scenarios:
            x = run.inputs(scenario)
            groups: dict[str, list] = {}
            for id in x:
                words = id.split(".")
                if words[0] == "mix":
                    groups.setdefault(words[1], []).append(x[id])
            for fuel in ("refining", "anode"):
                parts = [f"{fuel}.{f}_share" for f in ("coal", "gas", "oil")]
                if found := [x[id] for id in parts if id in x]:
                    groups[fuel] = found
            for group, parts in groups.items():
                assert all((part >= 0).all() for part in parts), group
                # subtracted from one in turn: a rounding for each share
                assert (abs(sum(parts) - 1) < 1e-12).all(), group

    @pytest.mark.parametrize("name", WITH_BALANCES)
    def test_a_tonne_of_metal_takes_what_a_smelter_takes(self, shipped, name):
        run = shipped(name)
        power = run.draws("outputs").sel(output="electricity_total")
        # 6.34 kWh/kg is the least that thermodynamics allows (2 Al2O3 + 3 C, 960 C);
        # no smelter of this century takes more than 17, and caustic soda half a MWh
        assert float(power.min()) > 6.34
        assert float(power.max()) < 17.5


class TestDeclaredProduct:
    """The gate moved from the casthouse to the potroom."""

    TEXT = """
title: Liquid metal
import: [aluminium/chain, aluminium/china_2023, power/china]
run: {{draws: 256, design: random, seed: 4}}
declared_unit: {{amount: 1, units: t, product: {product}}}
"""

    @pytest.fixture
    def ingot(self, written):
        return written(self.TEXT.format(product="aluminium_ingot")).run()

    @pytest.fixture
    def liquid(self, written):
        return written(self.TEXT.format(product="liquid_aluminium")).run()

    def test_liquid_metal_has_no_casting_stage(self, ingot, liquid):
        assert "casting" in ingot.drawn("contribution")["stage"].values
        assert "casting" not in liquid.drawn("contribution")["stage"].values
        assert "casting" not in {
            str(flow).split(".")[0] for flow in liquid.summary("flows")["flow"].values
        }

    def test_liquid_metal_is_the_ingot_without_casting_and_melt_loss(
        self, ingot, liquid
    ):
        ratio = 1 - ingot.inputs["casting.melt_loss"] / 100
        by_stage = ingot.drawn("contribution").sum("source")
        before = by_stage.drop_sel(stage="casting") * ratio
        after = liquid.drawn("contribution").sum("source")
        assert relative(after, before.sel(stage=after["stage"])) < 1e-12
        assert relative(liquid.drawn("footprint"), before.sum("stage")) < 1e-12

    def test_what_is_not_taken_reads_as_nothing(self, written):
        text = self.TEXT.format(product="liquid_aluminium") + (
            "outputs:\n"
            '  ingot: {units: t/t, formula: "demand.aluminium_ingot"}\n'
            '  casting: {units: kg CO2e/t, formula: "stage.casting"}\n'
            '  metal: {units: t/t, formula: "demand.liquid_aluminium"}\n'
        )
        outputs = written(text).run().tree["draws/outputs"].isel(scenario=0)
        assert (outputs.sel(output="ingot") == 0).all()
        assert (outputs.sel(output="casting") == 0).all()
        assert (outputs.sel(output="metal") == 1).all()


class TestOwner:
    """What the operator does not own is upstream of it, whatever it is elsewhere."""

    TEXT = """
title: Owners
import: [aluminium/chain, aluminium/china_2023, power/china]
run: {{draws: 64, design: random, seed: 4}}
operator: {{owns: [{owned}]}}
"""
    ALL = "bauxite_mining, alumina_refining, anode_production, electrolysis, casting"

    def test_ownership_moves_between_accounts_and_changes_no_total(self, written):
        one = written(self.TEXT.format(owned="electrolysis, casting")).run()
        every = written(self.TEXT.format(owned=self.ALL)).run()
        none = written(self.TEXT.format(owned="")).run()
        for other in (every, none):
            np.testing.assert_allclose(
                one.drawn("footprint"), other.drawn("footprint"), rtol=1e-13
            )
        assert none.drawn("accounts")["account"].values.tolist() == ["upstream"]
        bought = every.drawn("accounts").sel(account="electricity")
        by_source = every.drawn("contribution").sum("stage").sel(source="electricity")
        np.testing.assert_allclose(bought, by_source, rtol=1e-13)

    def test_a_smelter_that_owns_its_cells_emits_its_anodes_and_its_gas(self, written):
        result = written(self.TEXT.format(owned="electrolysis, casting")).run()
        flows = result.tree["summary/flows/mean"].isel(scenario=0)
        own = [f"electrolysis.{line}" for line in ("anode_consumption", "CF4", "C2F6")]
        x = result.inputs
        fuels = {"gas": "natural_gas", "oil": "fuel_oil"}
        burnt = 0.0
        for fuel in fuels:
            need = x["casting.gas" if fuel == "gas" else "casting.fuel_oil"]
            # kg/GJ and kg/TJ to kg/MJ
            carbon = x[f"fuel.{fuel}_combustion"] / 1e3
            methane = x[f"fuel.{fuel}_methane"] / 1e6 * 29.8
            nitrous = x[f"fuel.{fuel}_nitrous_oxide"] / 1e6 * 273
            burnt = burnt + need * (carbon + methane + nitrous)
        expected = float(flows.sel(flow=own).sum()) + float(burnt.mean())
        direct = float(result.drawn("accounts").sel(account="direct").mean())
        # means of the same draws, summed in another order
        assert direct == pytest.approx(expected, rel=1e-12)
