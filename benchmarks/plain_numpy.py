"""The aluminium chain as a careful user would write it in plain NumPy.

The same inputs, distributions and equations as ``configs/china_grid_mixes.yaml``, one
whole array an input, NumPy's own generators, a loop over the scenarios. It is the
yardstick of the benchmarks and a peer of the tool: without the rank correlations,
which it leaves out, both have to give the same footprints
(``tests/scenarios/test_peer.py``).
"""

import numpy as np

from scenarios.library import catalogue as shipped
from scenarios.model.definitions import Definition
from scenarios.model.study import Study
from uncertainty import distributions as d

Draws = dict[str, np.ndarray]


def draw(rng: np.random.Generator, law: d.Marginal, n: int) -> np.ndarray:
    """`n` draws of a marginal by NumPy's own generator for its family."""
    match law:
        case d.Constant():
            return np.full(n, law.point)
        case d.Lognormal():
            return rng.lognormal(np.log(float(law.ppf(0.5))), law.sigma, n)
        case d.Triangular():
            return rng.triangular(law.low, law.mode, law.high, n)
        case d.Uniform():
            return rng.uniform(law.low, law.high, n)
        case d.Beta():
            return law.low + (law.high - law.low) * rng.beta(law.a, law.b, n)
        case d.Truncated():
            values = rng.normal(law.base.mean, law.base.sd, n)
            outside = (values < law.support[0]) | (values > law.support[1])
            while outside.any():
                again = rng.normal(law.base.mean, law.base.sd, int(outside.sum()))
                values[outside] = again
                outside = (values < law.support[0]) | (values > law.support[1])
            return values
        case _:  # normal, percent and symmetric interval
            return rng.normal(law.mean, law.sd, n)


def inputs(study: Study, rng: np.random.Generator, n: int) -> Draws:
    """Every input that the chain reads, in coherent base units (kg, J, m)."""
    found: Draws = {}
    for id, what in study.definitions.items():
        read = not id.startswith(("mix.", "power.", "gwp."))
        if read and what.marginal is not None:
            found[id] = draw(rng, what.marginal, n) * what.unit.factor
    for one in study.config.dependence:
        if one.composition is None or one.dirichlet is None:
            continue
        means = one.dirichlet.means
        alpha = np.array(list(means.values())) * one.dirichlet.concentration
        shares = rng.dirichlet(alpha, n)
        found |= {id: shares[:, i] for i, id in enumerate(means)}
    return found


def power_factors(
    study: Study, rng: np.random.Generator, n: int
) -> tuple[Draws, Draws]:
    """Kg CO2e per J of every scenario's supply and grid, technologies shared."""
    known: dict[str, np.ndarray] = {}

    def factor(id: str) -> np.ndarray:
        if id not in known:
            what: Definition = study.definitions[id]
            if id.endswith("_national"):
                known[id] = national(id.removesuffix("_national"))
                return known[id]
            if "grid_" in id:  # what is fossil of a province, or what is not
                known[id] = part_of_nation(*id.split("grid_"))
                return known[id]
            # the two years of a technology read one draw
            twin = id.replace("mee23_", "mee24_") if "mee23_" in id else id
            if twin != id:
                what_twin = study.definitions[twin]
                ratio = what.marginal.point / what_twin.marginal.point
                known[id] = factor(twin) * ratio
                return known[id]
            assert what.marginal is not None
            known[id] = draw(rng, what.marginal, n) * what.unit.factor
        return known[id]

    def shares_of_nation(of: str) -> dict[str, float]:
        year = {"power.mee23": "cn_2023_mix", "power.mee24": "cn_2024_mix"}[of]
        return {str(tech): s for tech, s in shipped.mixes()[year].active.items()}

    def part_of_nation(of: str, part: str) -> np.ndarray:
        fossil = ("coal", "gas", "oil")
        active = {
            tech: share
            for tech, share in shares_of_nation(of).items()
            if (tech in fossil) == (part == "coal")
        }
        parts = (share * factor(f"{of}_{tech}") for tech, share in active.items())
        return np.asarray(sum(parts) / sum(active.values()))

    def national(of: str) -> np.ndarray:
        active = shares_of_nation(of)
        parts = (share * factor(f"{of}_{tech}") for tech, share in active.items())
        return np.asarray(factor(f"{of}_method") * sum(parts))

    def mix(name: str, losses: object) -> np.ndarray:
        stated = shipped.mixes()[name]
        if stated.factor:
            return factor(f"power.{stated.factor}")
        active = stated.active
        if stated.concentration and len(active) > 1:
            alpha = np.array(list(active.values())) * stated.concentration
            shares = rng.dirichlet(alpha, n).T
        else:
            shares = np.array(list(active.values()))[:, None]
        total = sum(
            share * factor(f"power.{id}")
            for (_, id), share in zip(
                shipped.tables().factors_of(stated), shares, strict=True
            )
        )
        if stated.multiplier:
            total = total * factor(stated.multiplier)
        if losses is None and stated.losses.startswith("power."):
            total = total * (1 + factor(stated.losses))
        return np.asarray(total)

    found, grid = {}, {}
    for name, scenario in study.scenarios.items():
        change = scenario.set.get("smelting.power")
        supply = change.supply() if change else study.config.supplies["smelting.power"]
        if supply.mix:
            found[name] = mix(supply.mix, supply.losses)
        else:
            total = np.zeros(n)
            for part, share in (supply.blend or {}).items():
                if isinstance(share, str):
                    captive = factor("power.cn_captive_share")
                    weight = 1 - captive if share.startswith("1 -") else captive
                else:
                    weight = share
                total = total + weight * mix(part, supply.losses)
            found[name] = total
        back = scenario.set.get("background.power")
        year = back.supply().mix if back else "cn_2024"
        grid[name] = factor(f"power.{shipped.mixes()[year].factor}")
    return found, grid


def chain(x: Draws, power: Draws, grids: Draws) -> Draws:
    """Footprint of each scenario, kg CO2e per kg of ingot."""
    # what does not depend on the grid once for every grid there is
    by_grid = {id(grid): _base(x, grid) for grid in grids.values()}
    found = {}
    for name, smelter in power.items():
        base, kwh = by_grid[id(grids[name])]
        found[name] = base + kwh * smelter
    return found


def _base(x: Draws, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Footprint without the smelter's electricity, and that electricity."""
    gwp = {"CH4": 29.8, "N2O": 273.0, "CF4": 7380.0, "C2F6": 12400.0}  # AR6
    heat = {}
    for fuel, gases in (("coal", "coal"), ("gas", "gas"), ("oil", "oil")):
        heat[fuel] = (
            x[f"fuel.{fuel}_combustion"]
            + x[f"fuel.{gases}_methane"] * gwp["CH4"]
            + x[f"fuel.{gases}_nitrous_oxide"] * gwp["N2O"]
            + x[f"fuel.{fuel}_upstream"]
        )
    diesel = (
        x["fuel.diesel_combustion"]
        + x["fuel.oil_methane"] * gwp["CH4"]
        + x["fuel.oil_nitrous_oxide"] * gwp["N2O"]
        + x["fuel.diesel_upstream"]
    )
    mining = (
        x["mining.diesel"] * diesel
        + x["mining.fuel_oil"] * heat["oil"]
        + x["mining.coal"] * heat["coal"]
        + x["mining.electricity"] * grid
    )
    imported = x["refining.imported_share"]
    guinea = x["refining.guinea_share_of_imports"]
    ore = imported * x["refining.bauxite_per_alumina_imported"]
    home = (1 - imported) * x["refining.bauxite_per_alumina_home"]
    caustic = (
        imported * x["refining.caustic_soda_imported_ore"]
        + (1 - imported) * x["refining.caustic_soda_home_ore"]
    )
    lime = (
        imported * x["refining.lime_imported_ore"]
        + (1 - imported) * x["refining.lime_home_ore"]
    )
    bought = x["refining.electricity"] * (1 - x["refining.own_power_share"])
    fuel = x["refining.total_energy"] - bought
    soda = (
        x["caustic.electricity"] * grid
        + x["caustic.gas"] * heat["gas"]
        + x["caustic.salt"] * x["material.salt_factor"]
    )
    wet = 1 / (1 - x["mining.moisture"])
    sea = x["transport.sea_factor"]
    land = home * wet * x["transport.bauxite_land_distance"]
    road = x["transport.bauxite_road_share"]
    refining = (
        (ore + home) * mining
        + caustic * soda
        + lime * x["material.lime_factor"]
        + fuel
        * (
            x["refining.coal_share"] * heat["coal"]
            + x["refining.gas_share"] * heat["gas"]
            + x["refining.oil_share"] * heat["oil"]
        )
        + bought * grid
        + ore * guinea * wet * x["transport.guinea_distance"] * sea
        + ore * (1 - guinea) * wet * x["transport.other_import_distance"] * sea
        + land * road * x["transport.road_factor"]
        + land * (1 - road) * x["transport.rail_factor"]
    )
    green, butts = x["anode.green_baked_ratio"], x["smelting.butt_fraction"]
    virgin = green - butts
    calcined = (
        x["coke.calciner_co2"]
        + x["coke.green_per_calcined"] * x["coke.green_factor"]
        + x["coke.oil"] * (x["fuel.oil_combustion"] + x["fuel.oil_upstream"])
        + x["coke.lime"] * x["material.lime_factor"]
    )
    coke = x["anode.coke_share"]
    volatiles = (green * (1 - x["anode.hydrogen"] - x["anode.tar"]) - 1) * 44 / 12
    packing = x["anode.packing_coke"]
    burnt = packing * (1 - x["anode.packing_sulphur"] - x["anode.packing_ash"])
    anode = (
        (virgin * coke + packing) * calcined
        + virgin * (1 - coke) * x["material.pitch_factor"]
        + x["anode.heat"]
        * (x["anode.gas_share"] * heat["gas"] + x["anode.oil_share"] * heat["oil"])
        + x["anode.electricity"] * grid
        + volatiles
        + burnt * 44 / 12
    )
    net = x["smelting.anode_net"]
    gross = net / (1 - butts)
    cf4 = x["smelting.pfc_slope"] * x["smelting.anode_effect_minutes"]
    pfc = cf4 * (gwp["CF4"] + x["smelting.c2f6_ratio"] * gwp["C2F6"])
    carbon = net * (1 - x["smelting.anode_sulphur"] - x["smelting.anode_ash"]) * 44 / 12
    rail = x["transport.rail_factor"]
    metal = (
        x["smelting.alumina"] * (refining + x["transport.alumina_distance"] * rail)
        + gross * (anode + x["transport.anode_distance"] * rail)
        + x["smelting.aluminium_fluoride"] * x["material.aluminium_fluoride_factor"]
        + x["smelting.cathode_carbon"] * x["material.cathode_factor"]
        + x["smelting.steel"] * x["material.steel_factor"]
        + carbon
        + pfc
    )
    melt = 1 / (1 - x["casting.melt_loss"])
    cast = x["casting.gas"] * heat["gas"] + x["casting.fuel_oil"] * heat["oil"]
    kwh = x["smelting.ac_electricity"] * melt + x["casting.electricity"]
    return metal * melt + cast, kwh


def run(study: Study, seed: int, n: int) -> dict[str, dict[str, float]]:
    """Mean, sd, median and 95 % interval of every scenario, kg CO2e/t."""
    rng = np.random.default_rng(seed)
    totals = chain(inputs(study, rng, n), *power_factors(study, rng, n))
    found = {}
    for name, total in totals.items():
        values = total * 1000
        low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
        found[name] = {
            "mean": float(values.mean()),
            "sd": float(values.std(ddof=1)),
            "median": float(median),
            "lower": float(low),
            "upper": float(high),
        }
    return found
