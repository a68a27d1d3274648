"""Steel by route: adds up by hand, keeps its carbon, and is reported as steel."""

from pathlib import Path

import numpy as np
import pytest

from scenarios import load
from scenarios.report import build

CONFIGS = Path(__file__).parents[3] / "configs"
CLOSE = 1e-12
"""Relative; some dozens of roundings on either side."""
SHARES = {
    "coal": 0.5777,
    "gas": 0.0318,
    "oil": 0.0088,
    "hydro": 0.1343,
    "nuclear": 0.0447,
    "wind": 0.0988,
    "solar": 0.0832,
    "biomass": 0.0207,
}
"""Of the generation of China in 2024."""


@pytest.fixture(scope="module", params=["steel_routes", "steel_h2"])
def result(request):
    """A study of steel, few draws."""
    return load(CONFIGS / f"{request.param}.yaml", settings={"draws": 512}).run()


@pytest.fixture(scope="module")
def central():
    """The routes at the central values, kg CO2e/t by scenario, and the grid factor."""
    run = load(CONFIGS / "steel_routes.yaml", point=True).run(draws=256)
    x = {name: float(values) for name, values in run.inputs.items()}
    grid = sum(share * x[f"power.mee24_{t}"] for t, share in SHARES.items())
    return run.footprint.mean("draw"), grid * x["power.mee24_method"]


class TestEveryStudy:
    def test_carbon_is_kept_in_every_draw(self, result):
        gap = result.drawn("outputs").sel(output="balance.site_carbon")
        assert float(abs(gap).max()) < 1e-9

    def test_every_spread_says_how_it_is_known(self, result):
        for cell in result.cells:
            assert result.share_marked("unstated", cell) == 0

    def test_parts_add_up_to_the_footprint_in_every_draw(self, result):
        parts = result.drawn("contribution").sum(["stage", "source"])
        assert np.allclose(parts, result.footprint, rtol=CLOSE)

    @pytest.mark.parametrize(
        ("language", "stage"), [("en", "steelmaking"), ("zh", "炼钢")]
    )
    def test_a_report_names_steel_and_no_other_product(self, result, language, stage):
        body = build([result], language=language).split("<body", 1)[1]
        assert f">{stage}</text>" in body
        for word in ("aluminium ingot", "GB/T 44905", "铝锭", "熟料"):
            assert word not in body

    def test_nothing_is_odd(self, result):
        assert not result.warnings


def test_a_tonne_of_converter_steel_by_hand(central):
    found, grid = central
    ore = 16 + 9000 * 0.00373
    coal, coke_rate = 1.3 * 28.2 * 12, 0.505 * 0.6
    oven = coal + 35 * grid + 0.095 * 44 / 12 * 1000
    sinter = 0.95 * ore + 0.0511 * (oven + 0.83 * 44 / 12 * 1000) + 70 + 40.1 * grid
    injected = 0.505 * 0.4
    iron = (
        1.314 * sinter
        + 0.26 * ore
        + coke_rate * (oven + 0.83 * 44 / 12 * 1000)
        + injected * (26.34 * 10 + 0.7 * 44 / 12 * 1000)
        + 110 * grid
    )
    # the carbon of hot metal counts here, so that it need not be known
    scrap = (1.0958 - 0.95) * 0.936 * 30
    steel = 0.95 * iron + scrap + 40 * 1.289 + 10 * 4 - 0.002 * 44 / 12 * 1000
    power = (95 - 260) * grid
    assert float(found.sel(scenario="bof")) == pytest.approx(steel + power, rel=1e-6)


def test_a_tonne_of_scrap_and_of_hydrogen_steel_by_hand(central):
    found, grid = central
    furnace = 1.0257 * 30 + 35 * 1.289 + 440 * grid + 90
    assert float(found.sel(scenario="scrap")) == pytest.approx(furnace, rel=1e-6)
    gas = 55.54 + 9.3
    pellet = 16 + 9000 * 0.00373 + 0.7 * gas + 41 * grid
    iron = 1.36 * pellet + 0.85 * gas + (0.055 * 53000 + 480) * grid
    steel = 1.177 * iron + 100 * 1.289 + 480 * grid + 90
    assert float(found.sel(scenario="hydrogen")) == pytest.approx(steel, rel=1e-6)


def test_own_power_is_never_sold():
    result = load(CONFIGS / "steel_routes.yaml", settings={"draws": 512}).run()
    bought = result.drawn("outputs").sel(output="electricity_bought", scenario="bof")
    assert float(bought.min()) >= -1e-9


@pytest.mark.parametrize("product", ["coke", "sinter", "hot_metal", "hot_rolled"])
def test_carbon_is_kept_whatever_is_sold(written, product):
    study = written(
        "import: [steel/chain, power/china]\n"
        f"declared_unit: {{amount: 1, units: t, product: {product}}}\n"
        "scenarios: {only: {reference: true}}\n"
    )
    gap = study.run(draws=256).drawn("outputs").sel(output="balance.site_carbon")
    assert float(abs(gap).max()) < 1e-9


def test_what_the_border_frees_follows_the_route():
    run = load(CONFIGS / "steel_routes.yaml", settings={"draws": 512}).run()
    x = run.drawn("outputs").mean("draw").sel(output="cbam_free").to_series()
    by_route = {"bof": 1.288, "scrap": 0.027, "gas": 0.424, "hydrogen": 0.424}
    for scenario, benchmark in by_route.items():
        assert x[scenario] == pytest.approx(0.975 * benchmark, rel=CLOSE)


def test_the_border_and_the_trading_scheme_of_steel_by_hand():
    run = load(CONFIGS / "steel_routes.yaml", settings={"draws": 512}).run()
    x, inputs = run.drawn("outputs").sel(scenario="bof"), run.inputs
    # the carbon that comes in and is not in the steel, and that of fluxes
    iron = inputs["bof.hot_metal"]
    coke = inputs["bf.fuel_rate"] * (1 - inputs["bf.pci_share"])
    breeze = inputs["bf.sinter"] * inputs["sinter.coke_breeze"]
    made = (coke + breeze) * (
        inputs["coking.coke_carbon"] + inputs["coking.gas_carbon"]
    )
    injected = inputs["bf.fuel_rate"] * inputs["bf.pci_share"] * inputs["bf.pci_carbon"]
    burnt = iron * (made + injected) - inputs["bof.steel_carbon"]
    flux = iron * inputs["bf.sinter"] * inputs["sinter.flux_co2"]
    amount = burnt * 44 / 12 + flux / units_of(inputs["sinter.flux_co2"])
    assert np.allclose(x.sel(output="cbam_amount"), amount, rtol=1e-9)
    rate = 0.15 * (1 - amount / inputs["ets.balance"])
    due = -np.clip(rate, -0.03, 0.03) * amount * 98.45
    assert np.allclose(x.sel(output="ets_cost"), due, rtol=1e-6, atol=1e-9)
    paid = (amount - 0.975 * 1.288) * 75.36 - np.maximum(0, due) / 7.8
    assert np.allclose(x.sel(output="cbam_cost"), np.maximum(0, paid), atol=1e-6)


def units_of(values):
    """Of one t of CO2 per t: 1000 where an input is in kg/t, else 1."""
    return 1000 if values.attrs["units"].startswith("kg") else 1


def test_a_report_draws_the_route_that_is_taken():
    run = load(CONFIGS / "steel_routes.yaml", settings={"draws": 512}).run()
    page = build([run])
    drawn = page.split('id="fig-boundary"', 1)[1].split("</svg>", 1)[0]
    assert "Blast furnace</text>" in drawn
    assert "Pelletising" not in drawn
    assert "Direct reduction" not in drawn
    told = page.split("Not drawn, for this scenario does not use them: ", 1)[1]
    assert told.startswith("Pelletising, Electric furnace, scrap, ")
