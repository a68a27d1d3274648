"""Products of the library run, add up by hand, and are reported as what they are."""

from pathlib import Path

import numpy as np
import pytest

from scenarios import load
from scenarios.report import build

CONFIGS = Path(__file__).parents[3] / "configs"
CLOSE = 1e-12
"""Relative; some dozens of roundings on either side."""


STUDIES = (
    "battery_cells",
    "battery_packs",
    "cement_classes",
    "cement_clinker",
    "electricity_provinces",
    "electricity_technologies",
    "recycled_aluminium_ingot",
    "recycled_aluminium_sheet",
    "solar_module",
    "solar_polysilicon",
    "steel_h2",
    "steel_routes",
    "vehicle_materials",
    "vehicle_routes",
)


@pytest.fixture(scope="module", params=STUDIES)
def result(request):
    """A study of a product, few draws."""
    return load(CONFIGS / f"{request.param}.yaml", settings={"draws": 512}).run()


class TestEveryProduct:
    def test_every_spread_says_how_it_is_known(self, result):
        for cell in result.cells:
            assert result.share_marked("unstated", cell) == 0

    def test_parts_add_up_to_the_footprint_in_every_draw(self, result):
        parts = result.drawn("contribution").sum(["stage", "source"])
        whole = result.footprint
        assert np.allclose(parts, whole, rtol=CLOSE)

    def test_balances_close_in_every_draw(self, result):
        for name, output in result.config.outputs.items():
            if output.balance == "closed":
                gap = result.drawn("outputs").sel(output=name)
                assert abs(gap).max() < 1e-9  # as the run itself prints it

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_a_report_names_no_other_product(self, result, language):
        page = build([result], language=language)
        body = page.split("<body", 1)[1]
        # a source of power data may be called by the metal; nothing else is
        named = any(word in body for word in ("aluminium ingot", "GB/T 44905", "铝锭"))
        assert named == ("luminium" in result.title)

    def test_nothing_is_odd(self, result):
        assert not result.warnings


def test_a_tonne_of_cement_by_hand():
    study = load(CONFIGS / "cement_classes.yaml", point=True)
    result = study.run(draws=256)
    x = {name: float(values) for name, values in result.inputs.items()}
    heat = 105 * 29.3076 / 1000  # GJ/t
    kiln = (
        1.5 * 4
        + 535
        + heat * (0.95 * (89.27 + 10.0) + 0.05 * 60)
        + (57 - 28) * x["power.mee24_method"] * national(x)
    )
    mill = 0.05 * 5 + 0.15 * 30 + 8 + 29 * x["power.mee24_method"] * national(x)
    found = float(result.footprint.sel(scenario="class_42_5").mean())
    # tce is 29.3076 GJ; the rest is rounding of the inputs' own points
    assert found == pytest.approx(0.8 * kiln + mill, rel=1e-6)


def national(x):
    """The national factor over its method: technologies at their shares of 2024."""
    shares = {
        "coal": 0.5777,
        "gas": 0.0318,
        "oil": 0.0088,
        "hydro": 0.1343,
        "nuclear": 0.0447,
        "wind": 0.0988,
        "solar": 0.0832,
        "biomass": 0.0207,
    }
    return sum(share * x[f"power.mee24_{t}"] for t, share in shares.items())


def test_what_is_captured_and_what_leaves_is_the_flue_gas():
    result = load(CONFIGS / "cement_clinker.yaml", settings={"draws": 512}).run()
    x = result.inputs
    heat = x["clinker.fuel"] * 29.3076 / 1000  # GJ/t
    alternative = x["clinker.alternative_share"]
    flue = 1000 * x["clinker.process_co2"] + heat * (
        (1 - alternative) * x["fuel.coal_combustion"]
        + alternative * x["clinker.alternative_fossil"]
    )
    rate = x["ccs.rate"]
    gas = rate * flue / 1000 * x["ccs.mea_heat"] * x["fuel.gas_combustion"]
    direct = result.drawn("accounts").sel(account="direct", scenario="capture")
    quarry = 1000 * x["quarry.limestone"] * x["quarry.factor"]
    assert np.allclose(direct, quarry + (1 - rate) * flue + gas, rtol=CLOSE)


@pytest.mark.parametrize(
    ("product", "clinker"), [("clinker", 1.0), ("cement", 0.8)], ids=str
)
def test_the_border_and_the_trading_scheme_of_cement_by_hand(written, product, clinker):
    text = (CONFIGS / "cement_clinker.yaml").read_text(encoding="utf-8")
    stated = text.replace("product: clinker", f"product: {product}")
    result = written(stated, point=True).run(draws=256)
    kiln = 535 + 105 * 29.3076 / 1000 * (0.95 * 89.27 + 0.05 * 60)  # kg CO2/t
    power = clinker * (57 - 28) + (29 if product == "cement" else 0)
    power *= 0.5306  # kg CO2/kWh, China in 2023, burning alone
    amount = (clinker * kiln + power) / 1000
    x = result.drawn("outputs").sel(scenario="plant").mean("draw").to_series()
    assert x["cbam_amount"] == pytest.approx(amount, rel=1e-6)
    free = 0.975 * 0.666 * clinker
    rate = 0.15 * (0.81 - kiln / 1000) / 0.81
    due = -rate * kiln / 1000 * 98.45
    assert x["ets_rate"] == pytest.approx(rate, rel=1e-4)  # of a small difference
    assert x["ets_cost"] == pytest.approx(due, rel=1e-4)
    paid = max(0, (amount - free) * 75.36 - max(0, due) / 7.8)
    assert x["cbam_cost"] == pytest.approx(paid, rel=1e-6)


def test_a_kilowatt_hour_by_hand():
    study = load(CONFIGS / "electricity_technologies.yaml", point=True)
    result = study.run(draws=256)
    found = result.footprint.mean("draw").to_series()
    # factors of the national set of 2024 and what transmission adds, kg CO2e/kWh
    assert found["coal"] == pytest.approx(0.924, rel=CLOSE)
    assert found["wind"] == pytest.approx(0.0324, rel=CLOSE)
    added = found["coal_delivered"] - found["coal"]
    assert added == pytest.approx(found["wind_delivered"] - found["wind"], rel=1e-9)
    assert added == pytest.approx(0.0327, abs=5e-5)  # as printed, to four decimals
    assert found["national"] == pytest.approx(0.5777, abs=5e-5)


def test_a_kilowatt_of_modules_by_hand():
    study = load(CONFIGS / "solar_module.yaml", point=True)
    result = study.run(draws=256)
    x = {name: float(values.mean()) for name, values in result.inputs.items()}
    grid = x["power.mee24_method"] * national(x)
    coal, gas = (89.27 + 10.0) / 1000, (55.54 + 9.3) / 1000  # kg/MJ
    silicon = 2.7 * 0.02 + 12.5 * grid + 4.0
    polysilicon = 1.13 * silicon + 25 * coal + 57 * grid + 2.2
    wafer = 0.595 * (1.05 * polysilicon + 30 * grid) + 4 * gas + 4 * grid
    cell = 1.03 * wafer + 0.0034 * 150 + 12 * grid + 3
    glass = 11 * gas + 0.46 * grid + 0.18
    module = 0.93 * cell + 8.81 * glass + 1.3 * 14.6 + (0.8 + 0.4) * 3.2
    module += 0.1 * 4.1 + 0.76 * 1 + 2.9 * grid
    found = float(result.footprint.sel(scenario="national").mean())
    assert found == pytest.approx(module / 0.215, rel=1e-6)


def test_a_tonne_of_secondary_ingot_by_hand():
    study = load(CONFIGS / "recycled_aluminium_ingot.yaml", point=True)
    result = study.run(draws=256)
    x = {name: float(values.mean()) for name, values in result.inputs.items()}
    grid = x["power.mee24_method"] * national(x)
    gas = 5.0 * (55.54 + 9.3)  # kg CO2e/t
    ingot = 1.042 * 60 + 0.021 * 13600 + 0.009 * 250 + gas + 218 * grid
    found = result.footprint.mean("draw").to_series()
    assert found["cut_off"] == pytest.approx(ingot, rel=1e-6)
    burden = 1.042 * 0.35 * 13600  # pre-consumer scrap as primary metal
    assert found["burdened"] - found["cut_off"] == pytest.approx(burden, rel=1e-6)
    # what the border counts: direct, and the precursor; scrap carries nothing
    amount = (5.0 * 55.54 + 0.021 * 1897) / 1000
    outputs = result.drawn("outputs").sel(scenario="cut_off").mean("draw").to_series()
    assert outputs["cbam_secondary_ingot"] == pytest.approx(amount, rel=1e-6)
    assert outputs["cbam_cost"] == pytest.approx(
        (amount - 0.975 * (0.091 + 0.021 * 1.423)) * 75.36, rel=1e-6
    )


def test_process_scrap_that_leaves_takes_its_metal_along():
    result = load(
        CONFIGS / "recycled_aluminium_sheet.yaml", settings={"draws": 512}
    ).run()
    looped = result.footprint.sel(scenario="primary")
    mill = (
        result.drawn("contribution")
        .sel(scenario="primary", stage="shaping")
        .sum("source")
    )
    added = result.footprint.sel(scenario="scrap_leaves") - looped
    scrap = 1 / result.inputs["rolling.gross_yield"] - 1
    assert np.allclose(added, (looped - mill) * scrap, rtol=1e-9)


def test_a_kilowatt_hour_of_cells_by_hand():
    study = load(CONFIGS / "battery_cells.yaml", point=True)
    result = study.run(draws=256)
    x = {name: float(values.mean()) for name, values in result.inputs.items()}
    grid, gas = x["power.mee24_method"] * national(x), (55.54 + 9.3) / 1000  # kg/MJ
    lithium = 0.7 * 18.42 + 0.3 * 8.473
    graphite = 0.8 * 17 + 0.2 * 8
    electrolyte = 0.125 * 18 + 0.875 * 1.9
    binder = 0.025 * 18 + 0.025 * 2.5 + 0.0056 * 5
    copper = 4.1 + 6 * grid
    precursor = 0.508 * 22 + 0.0638 * 45.8 + 0.157 * 1 + 0.854 * 1.2 + 39.1 * gas
    hydroxide = 0.246 * (6.94 + 17.007 + 18.015) / (6.94 + 17.007)  # monohydrate
    oxide = 0.949 * precursor + hydroxide * lithium + 7.26 * grid
    plant = 37 * (0.52 * 3.6 * gas + 0.48 * grid)  # kWh are 3.6 MJ
    nmc = 0.3773 * (0.95 * oxide + binder) + 0.2181 * graphite + 0.1683 * electrolyte
    nmc += 0.1573 * copper + 0.0568 * 15 + 0.0182 * 5
    lfp = 0.3892 * (0.95 * 6 + binder) + 0.1315 * graphite + 0.2115 * electrolyte
    lfp += 0.1292 * copper + 0.056 * 15 + 0.0513 * 5
    found = result.footprint.mean("draw").to_series()
    assert found["nmc811"] == pytest.approx(nmc / 0.28 / 0.95 + plant, rel=1e-6)
    assert found["lfp"] == pytest.approx(lfp / 0.16 / 0.95 + plant, rel=1e-6)


def test_cells_of_a_chemistry_that_the_density_is_not_of_leave_a_gap():
    study = load(CONFIGS / "battery_cells.yaml", {"cell.density": "0.2 kWh/kg"})
    gap = study.run(draws=256).drawn("outputs").sel(output="balance.chemistry")
    assert abs(gap.sel(scenario="nmc811")).min() > 0.1  # kg/kWh; 1/0.34 less 1/0.2 is 2


def test_a_chain_per_tonne_serves_a_product_per_kilowatt_hour():
    result = load(CONFIGS / "battery_packs.yaml", settings={"draws": 512}).run()
    assert result.units_of("electricity_total") == "MWh/kWh"
    assert result.units_of("balance.carbon") == "t/kWh"
    # one input that both chains read is one column: the factor of its draws gives both
    x = {name: result.inputs[name].values for name in result.inputs}
    factor = x["power.mee24_method"] * national(x)
    part = result.drawn("contribution").sel(scenario="nmc811", source="electricity")
    metal = result.drawn("outputs").sel(scenario="nmc811", output="anode_net_per_ingot")
    metal = metal.values / 1000 / x["smelting.anode_net"]  # t/kWh
    smelter = metal * x["smelting.ac_electricity"] * factor
    assert np.allclose(part.sel(stage="smelting"), smelter, rtol=CLOSE)
    cells = x["cell.energy"] * (1 - x["cell.gas_share"]) * factor
    assert np.allclose(part.sel(stage="cell_making"), cells, rtol=CLOSE)


def test_a_vehicle_is_the_sum_of_its_parts(tmp_path):
    study = load(CONFIGS / "vehicle_materials.yaml", point=True)
    result = study.run(draws=256)
    whole = float(result.footprint.sel(scenario="grid").mean())
    # kg CO2e per kg, and per kWh of the pack, each declared alone
    amounts = {
        "hot_rolled": ("t", 700),
        "aluminium_sheet": ("t", 60),
        "aluminium_profile": ("t", 30),
        "aluminium_casting": ("t", 80),
        "battery_pack": ("kWh", 60),
    }
    total = 30 * 4.1  # copper
    for product, (units, amount) in amounts.items():
        file = tmp_path / f"{product}.yaml"
        file.write_text(
            "import: [vehicle/chain, power/china]\n"
            f"declared_unit: {{amount: 1, units: {units}, product: {product}}}\n"
            "characterisation: {set: AR6, uncertain: false}\n"
            "scenarios: {grid: {reference: true}}\n"
        )
        part = float(load(file, point=True).run(draws=256).footprint.mean())
        total += amount * part / (1000 if units == "t" else 1)
    assert whole == pytest.approx(total, rel=1e-9)


def test_power_moves_all_parts_of_a_vehicle_in_the_same_draws():
    result = load(CONFIGS / "vehicle_materials.yaml", settings={"draws": 512}).run()
    grid, hydro = (result.footprint.sel(scenario=s).values for s in ("grid", "hydro"))
    assert np.var(grid - hydro) < 0.25 * (grid.var() + hydro.var())
    parts = result.drawn("contribution").sum("source")
    less = parts.sel(scenario="grid") - parts.sel(scenario="hydro")
    for stage in ("ironmaking", "smelting", "shaping", "cathode", "cell_making"):
        assert (less.sel(stage=stage) > 0).all()
