"""Pitfall 10: a number in a result row is the number the model used.

The chain is written here a second time, as straight lines of arithmetic on declared
units, and fed with the stored inputs of the same draw.
"""

import csv
from pathlib import Path

import numpy as np

TABLE = Path(__file__).parents[3] / "scenarios" / "library" / "power" / "mixes.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    MIXES = {row["id"]: row for row in csv.DictReader(file)}

# relative; some fifty roundings of 1e-16 on either side
CLOSE = 1e-12


# shares of the national mix that the national factor is built on: Ember, 2023 and 2024
TECHNOLOGIES = ("coal", "gas", "oil", "hydro", "nuclear", "wind", "solar", "biomass")
NATIONAL = {
    "mee23": (0.6083, 0.0315, 0.0081, 0.1296, 0.046, 0.0937, 0.0618, 0.021),
    "mee24": (0.5777, 0.0318, 0.0088, 0.1343, 0.0447, 0.0988, 0.0832, 0.0207),
}


def weighted(x, factors, chosen):
    """Sum of some technologies of the national mix."""
    parts = zip(TECHNOLOGIES[chosen], NATIONAL[factors][chosen], strict=True)
    return sum(share * x[f"power.{factors}_{t}"] for t, share in parts)


def national(x, factors):
    """The national factor: its technologies and what the method adds."""
    return x[f"power.{factors}_method"] * weighted(x, factors, slice(None))


def consumed(x, row):
    """A province: fossil power and the rest, each as the national mix has it."""
    factors = row["factor_set"].removesuffix("grid")
    total = 0
    for technology, chosen in (("coal", slice(3)), ("other", slice(3, None))):
        mean = weighted(x, factors, chosen) / sum(NATIONAL[factors][chosen])
        total = total + x[f"mix.{row['shares_of'] or row['id']}.{technology}"] * mean
    return total * (1 + x["power.high_voltage_losses"])


def supplied(x, name, losses=None):
    """kg CO2e/kWh of a mix of the tables, grid losses as its row says."""
    row = MIXES[name]
    if row["factor"].endswith("_national"):
        return national(x, row["factor"].removesuffix("_national"))
    if "_consumed_" in name:
        return consumed(x, row)
    if row["factor"]:
        total = x[f"power.{row['factor']}"]
    else:
        prefix = f"mix.{row['shares_of'] or name}."
        total = 0
        for id, share in x.items():
            if id.startswith(prefix):
                # the first of the row's sets that has the technology
                sets = row["factor_set"].split("+")
                ids = (f"power.{one}_{id.removeprefix(prefix)}" for one in sets)
                total = total + share * x[next(one for one in ids if one in x)]
    if row["multiplier"]:
        total = total * x[row["multiplier"]]
    if losses is None:
        losses = x[row["losses"]] if row["losses"].startswith("power.") else 0
    return total * (1 + losses)


def fleet_of_china(x):
    """Captive coal and what smelters take from the grid."""
    share = x["power.cn_captive_share"]
    grid_part = supplied(x, "cn_smelters_grid_part_2024")
    return share * supplied(x, "captive_coal") + (1 - share) * grid_part


def china_supply(x, scenario):
    """kg CO2e/kWh at the smelter, as the study's file describes each scenario."""
    if scenario.startswith("national_grid"):
        return supplied(x, "cn_2023" if scenario.endswith("2023") else "cn_2024")
    if scenario == "captive_coal":
        return supplied(x, "captive_coal_plant", losses=0)
    if scenario == "captive_fleet":
        return supplied(x, "captive_coal", losses=0)
    if scenario == "hydro_contract":
        return supplied(x, "hydro_contract")
    if scenario == "half_hydro_contract":
        return 0.5 * supplied(x, "cn_2024") + 0.5 * supplied(x, "hydro_contract")
    if scenario == "china_smelters":
        return fleet_of_china(x)
    year = "2023" if scenario.endswith("_2023") else "2024"
    return supplied(x, f"cn_{scenario.removesuffix('_2023')}_consumed_{year}")


def of_india(x):
    """Four fifths of captive coal, the rest from the grid."""
    return 0.8 * supplied(x, "captive_coal_india") + 0.2 * supplied(x, "india_2024")


# region -> mix of its smelters, mix of its mines, refineries and anode plants
WORLD = {
    "china": (fleet_of_china, "cn_2024"),
    "uae": ("captive_gas_uae", "uae_2024"),
    "bahrain": ("captive_gas_bahrain", "bahrain_2022"),
    "gulf_other": ("captive_gas_gulf_other", "middle_east_2023"),
    "india": (of_india, "india_2024"),
    "asia_other": ("asia_other_smelters_2024", "malaysia_2024"),
    "russia_soderberg": ("russia_smelters_2021", "russia_2024"),
    "russia_prebake": ("russia_smelters_2021", "russia_2024"),
    "norway": ("norway_2022", "norway_2023"),
    "iceland": ("iceland_grid_2022", "iceland_grid_2022"),
    "europe_other": ("europe_smelters_2022", "eu27_2022"),
    "canada": ("canada_smelters_2022", "canada_2024"),
    "usa": ("usa_smelters_2020", "usa_2024"),
    "south_america": ("south_america_smelters_2021", "brazil_2024"),
    "australia_nsw": ("australia_nsw_2024", "australia_2024"),
    "australia_qld": ("australia_qld_2024", "australia_2024"),
    "australia_vic": ("australia_vic_2024", "australia_2024"),
    "australia_tas": ("australia_tas_2024", "australia_2024"),
    "new_zealand": ("new_zealand_2023", "new_zealand_2023"),
    "africa": ("africa_smelters_2020", "south_africa_2024"),
}
REFINERIES = (
    *("china", "oceania", "south_america", "europe"),
    *("asia", "north_america", "russia"),
)


def recipe_of_china(x) -> dict:
    """Ore, chemicals and anodes: two ores by share, butts and coke share stated."""
    imported = x["refining.imported_share"]
    bought = x["refining.electricity"] * (1 - x["refining.own_power_share"])
    guinea = x["refining.guinea_share_of_imports"]
    ore = imported * x["refining.bauxite_per_alumina_imported"]
    home = 1 - imported
    return {
        "guinea": ore * guinea,
        "others": ore * (1 - guinea),
        "home": home * x["refining.bauxite_per_alumina_home"],
        "caustic": imported * x["refining.caustic_soda_imported_ore"]
        + home * x["refining.caustic_soda_home_ore"],
        "lime": imported * x["refining.lime_imported_ore"]
        + home * x["refining.lime_home_ore"],
        "bought": bought,
        "fuel": x["refining.total_energy"] - 3.6 * bought,
        "fuels": [x[f"refining.{fuel}_share"] for fuel in ("coal", "gas", "oil")],
        "butts": x["smelting.butt_fraction"],
        "coke": (x["anode.green_baked_ratio"] - x["smelting.butt_fraction"])
        * x["anode.coke_share"],
        "pitch": (x["anode.green_baked_ratio"] - x["smelting.butt_fraction"])
        * (1 - x["anode.coke_share"]),
    }


def alumina_by_origin(x) -> dict:
    """Energy of the refineries where the alumina comes from, per t of alumina."""
    energy = bought = 0
    fuels = dict.fromkeys(("coal", "gas", "oil"), 0)
    for place in REFINERIES:
        taken = x[f"origin.{place}"] * x[f"refinery_{place}.energy"]
        share = x[f"refinery_{place}.bought"]
        energy, bought = energy + taken, bought + taken * share
        for fuel in fuels:
            part = x.get(f"refinery_{place}.{fuel}", 0)
            fuels[fuel] = fuels[fuel] + taken * (1 - share) * part
    whole = sum(fuels.values())
    return {
        "energy": energy,
        "bought": bought / 3.6,
        "fuel": energy - bought,
        "fuels": [part / whole for part in fuels.values()],
    }


def recipe_of_the_world(x) -> dict:
    """The same from a survey: one ore, coke and pitch stated and butts the rest."""
    ore, afar = x["refining.bauxite_survey"], x["refining.seaborne_share"]
    guinea = x["refining.guinea_share_of_imports"]
    green = x["anode.green_baked_ratio"]
    if "smelting.butt_fraction" in x:  # paste: no butts, pitch by its own share
        butts, part = x["smelting.butt_fraction"], x["anode.coke_share"]
        coke, pitch = (green - butts) * part, (green - butts) * (1 - part)
    else:
        coke, pitch = x["anode.coke_survey"], x["anode.pitch_survey"]
        butts = green - coke - pitch
    return alumina_by_origin(x) | {
        "guinea": ore * afar * guinea,
        "others": ore * afar * (1 - guinea),
        "home": ore * (1 - afar),
        "caustic": x["refining.caustic_soda"],
        "lime": x["refining.lime"],
        "butts": butts,
        "coke": coke,
        "pitch": pitch,
    }


def recipe_of_china_in_the_world(x) -> dict:
    """China's own recipe, with the energy of its refineries from their table."""
    origin = alumina_by_origin(x)
    fuels = zip(("coal", "gas", "oil"), origin["fuels"], strict=True)
    shares = {f"refining.{fuel}_share": share for fuel, share in fuels}
    return recipe_of_china({**x, "refining.total_energy": origin["energy"], **shares})


def coke_factor(x):
    """kg CO2e per kg of calcined coke, from the calciner's inventory."""
    oil = (x["fuel.oil_combustion"] + x["fuel.oil_upstream"]) * 1e-3
    if x["fuel.oil_combustion"].attrs["units"] == "kg/TJ":
        oil = x["fuel.oil_combustion"] * 1e-6 + x["fuel.oil_upstream"] * 1e-3
    return (
        x["coke.calciner_co2"]
        + x["coke.green_per_calcined"] * x["coke.green_factor"]
        + x["coke.oil"] * oil
        + x["coke.lime"] * x["material.lime_factor"]
    )


def burning(x) -> dict:
    """kg CO2e per MJ burnt, supply of the fuel included."""
    gases = {
        "coal": ("coal", "coal"),
        "natural_gas": ("gas", "gas"),
        "fuel_oil": ("oil", "oil"),
        "diesel": ("diesel", "oil"),  # its methane is that of oil
    }
    per_mj = {"kg/GJ": 1e-3, "kg CO2e/GJ": 1e-3, "kg/TJ": 1e-6, "kg CO2e/TJ": 1e-6}

    def factor(id):
        return x[f"fuel.{id}"] * per_mj[x[f"fuel.{id}"].attrs["units"]]

    return {
        fuel: factor(f"{own}_combustion")
        + factor(f"{own}_upstream")
        + factor(f"{other}_methane") * x["gwp.CH4"]
        + factor(f"{other}_nitrous_oxide") * x["gwp.N2O"]
        for fuel, (own, other) in gases.items()
    }


def chain(x, recipe, smelter, background) -> dict:
    """The whole chain in straight lines: kg CO2e per t of ingot by stage and source."""
    burn = burning(x)
    pct = {id: x[id] / 100 for id in x if x[id].attrs["units"] == "%"}
    # t of ore per t of alumina, t of anode per t of metal
    bauxite = recipe["guinea"] + recipe["others"] + recipe["home"]
    wet = 1 - pct["mining.moisture"]
    gross = x["smelting.anode_net"] / (1 - recipe["butts"])
    metal = 1 / (1 - pct["casting.melt_loss"])
    # per t of bauxite, alumina, anode, metal, ingot
    bought, fuel = recipe["bought"], recipe["fuel"]
    coal, gas, oil = recipe["fuels"]
    coke = coke_factor(x)
    soda = (
        x["caustic.electricity"] * background
        + x["caustic.gas"] * burn["natural_gas"]
        + x["caustic.salt"] * x["material.salt_factor"]
    )
    sea = (
        recipe["guinea"] * x["transport.guinea_distance"]
        + recipe["others"] * x["transport.other_import_distance"]
    ) / wet
    land = recipe["home"] / wet * x["transport.bauxite_land_distance"]
    road = x["transport.bauxite_road_share"]
    packing = x["anode.packing_coke"]
    volatiles = (
        x["anode.green_baked_ratio"] * (1 - pct["anode.hydrogen"] - x["anode.tar"]) - 1
    )
    packing_carbon = packing * (
        1 - pct["anode.packing_sulphur"] - pct["anode.packing_ash"]
    )
    impure = pct["smelting.anode_sulphur"] + pct["smelting.anode_ash"]
    cf4 = x["smelting.pfc_slope"] * x["smelting.anode_effect_minutes"]
    per = {
        ("mining", "thermal"): x["mining.diesel"] * burn["diesel"]
        + x["mining.fuel_oil"] * burn["fuel_oil"]
        + x["mining.coal"] * burn["coal"],
        ("mining", "electricity"): x["mining.electricity"] * background,
        ("refining", "thermal"): fuel
        * (coal * burn["coal"] + gas * burn["natural_gas"] + oil * burn["fuel_oil"]),
        ("refining", "electricity"): bought * background,
        ("refining", "ancillary"): recipe["caustic"] * soda
        + recipe["lime"] * x["material.lime_factor"],
        ("refining", "transport"): sea * x["transport.sea_factor"]
        + land
        * (road * x["transport.road_factor"] + (1 - road) * x["transport.rail_factor"]),
        ("anode", "thermal"): x["anode.heat"]
        * (
            x["anode.gas_share"] * burn["natural_gas"]
            + x["anode.oil_share"] * burn["fuel_oil"]
        ),
        ("anode", "electricity"): x["anode.electricity"] * background,
        ("anode", "ancillary"): 1000
        * (
            recipe["coke"] * coke
            + recipe["pitch"] * x["material.pitch_factor"]
            + packing * coke
        ),
        ("anode", "process"): 1000 * (volatiles + packing_carbon) * 44 / 12,
        ("smelting", "electricity"): x["smelting.ac_electricity"] * smelter,
        ("smelting", "process"): 1000
        * x["smelting.anode_net"]
        * (1 - impure)
        * 44
        / 12,
        ("smelting", "pfc"): cf4
        * (x["gwp.CF4"] + x["smelting.c2f6_ratio"] * x["gwp.C2F6"]),
        ("smelting", "ancillary"): x["smelting.aluminium_fluoride"]
        * x["material.aluminium_fluoride_factor"]
        + x["smelting.cathode_carbon"] * x["material.cathode_factor"]
        + x["smelting.steel"] * x["material.steel_factor"],
        ("smelting", "transport"): (
            x["smelting.alumina"] * x["transport.alumina_distance"]
            + gross * x["transport.anode_distance"]
        )
        * x["transport.rail_factor"]
        + x["smelting.alumina"]
        * x["transport.alumina_sea_distance"]
        * x["transport.sea_factor"],
        ("casting", "thermal"): x["casting.gas"] * burn["natural_gas"]
        + x["casting.fuel_oil"] * burn["fuel_oil"],
        ("casting", "electricity"): x["casting.electricity"] * smelter,
    }
    scale = {
        "casting": 1.0,
        "smelting": metal,
        "anode": metal * gross,
        "refining": metal * x["smelting.alumina"],
        "mining": metal * x["smelting.alumina"] * bauxite,
    }
    return {key: value * scale[key[0]] for key, value in per.items()}


def worst(got, expected) -> float:
    # relative; what is nought in one (no baking of paste) has to be so in the other
    return float((abs(got - expected) / np.maximum(abs(expected), 1e-12)).max())


def compare(run, scenario, found):
    """Every stage and source, what is missing, and the footprint."""
    mine = run.draws("contribution").sel(scenario=scenario)
    for (stage, source), expected in found.items():
        got = mine.sel(stage=stage, source=source)
        assert worst(got, expected) < CLOSE, (scenario, stage, source)
    assert int(mine.notnull().all("draw").sum()) == len(found)
    footprint = run.draws("footprint").sel(scenario=scenario)
    assert worst(footprint, sum(found.values())) < CLOSE, scenario


class TestEveryScenario:
    def test_of_china_is_recomputed_from_its_stored_inputs(self, shipped):
        run = shipped("china_grid_mixes")
        for scenario in run.model.scenarios:
            x = run.inputs(scenario)
            year = "2023" if scenario.endswith("_2023") else "2024"
            smelter, background = china_supply(x, scenario), supplied(x, f"cn_{year}")
            compare(run, scenario, chain(x, recipe_of_china(x), smelter, background))

    def test_of_the_world_is_recomputed_from_its_stored_inputs(self, shipped):
        run = shipped("world_regions")
        assert set(run.study.scenarios) == set(WORLD)
        for scenario, (smelters, grid) in WORLD.items():
            x, recipe = run.inputs(scenario), recipe_of_the_world
            if scenario == "china":
                mine = {i: x[i] for i in x if i.startswith("china.")}
                x = {**x, **{i.removeprefix("china."): v for i, v in mine.items()}}
                recipe = recipe_of_china_in_the_world
            by_mix = isinstance(smelters, str)
            smelter = supplied(x, smelters) if by_mix else smelters(x)
            compare(run, scenario, chain(x, recipe(x), smelter, supplied(x, grid)))

    def test_of_the_smallest_is_recomputed_from_its_stored_inputs(self, shipped):
        run = shipped("minimal")
        for scenario in run.model.scenarios:
            x = run.inputs(scenario)
            supply = {
                "national_grid": "power.mee24_national",
                "hydro": "power.mee24_hydro",
            }[scenario]
            per_metal = (
                1000 * x["smelting.alumina"] * x["alumina.factor"]
                + x["smelting.ac_electricity"] * x[supply]
                + 1000 * x["smelting.anode_co2"]
            )
            expected = per_metal / (1 - x["casting.melt_loss"] / 100)
            got = run.draws("footprint").sel(scenario=scenario)
            assert worst(got, expected) < CLOSE


def test_an_input_that_shares_its_id_with_an_output_stays_an_input(written):
    result = written(
        """
title: Twice the same word
run: {draws: 64, design: random, seed: 1}
inputs:
  x: {units: "1", uniform: {low: 1, high: 2}, source: s}
outputs:
  y: {units: "1", formula: 3 * x}
  x: {units: "1", formula: 10 * x}
  z: {units: "1", formula: x + 1}
"""
    ).run()
    stored = result.inputs["x"].values
    outputs = result.drawn("outputs").isel(scenario=0)
    assert stored.max() < 2
    for name, expected in (("y", 3 * stored), ("x", 10 * stored), ("z", stored + 1)):
        np.testing.assert_allclose(outputs.sel(output=name), expected, rtol=1e-15)
