"""When a claim fails: claims in words, planted regions, first years, faults."""

import numpy as np
import pytest

import scenarios as pl
from scenarios.analysis.claims import ClaimError, read_claim
from scenarios.analysis.discovery import discover
from scenarios.words.catalogue import Words
from scenarios.words.discovery import lines

INPUTS = {
    f"x{i}": {"units": "1", "uniform": {"low": 0, "high": 1}, "source": "planted"}
    for i in range(1, 6)
}


def planted(x1, x2, x3, x4, x5):
    return np.where((x1 > 0.7) & (x3 < 0.4), 2.0, 1.0) + 0.01 * x5


def study():
    settings = {"draws": 4096, "seed": 3}
    return pl.Study.from_function(planted, INPUTS, {"y": "kg"}, run=settings)


def told(found, language="en"):
    return [line for line in lines(found, Words(language)) if isinstance(line, str)]


def test_a_planted_region_is_named_in_both_languages():
    found = discover(study(), "y < 1.5 kg")
    (where,) = found.regions
    assert {c.id for c in where.conditions} == {"x1", "x3"}
    # 0.3 x 0.4 of the square fails, within the draws' own scatter
    assert found.fails.value == pytest.approx(0.12, abs=0.01)
    assert where.region.coverage == pytest.approx(1, abs=0.02)
    assert where.region.density == pytest.approx(1, abs=0.02)
    head, said = told(found)
    assert head.startswith("y < 1.5 kg: baseline: fails in 12.0 % of draws")
    assert "It fails when x1 is above 0.70" in said or "x3 is below 0.4" in said
    assert "不成立的情形" in told(found, "zh")[1]


def test_what_happens_rarely_is_looked_for():
    found = discover(study(), "y > 1.5 kg")
    assert found.rare == "holds"
    assert "It holds when" in told(found)[1]


def test_a_tree_says_the_same():
    pytest.importorskip("sklearn")
    found = discover(study(), "y < 1.5 kg", method="cart")
    assert {c.id for c in found.regions[0].conditions} == {"x1", "x3"}
    assert not found.path


def test_a_limit_that_no_draw_passes_is_no_search():
    found = discover(study(), "y < 5 kg")
    assert found.fails.value == 0
    assert not found.regions
    assert "Too few draws (0)" in told(found)[1]


def test_what_many_inputs_decide_alike_is_told_as_nothing():
    names = [f"x{i}" for i in range(40)]
    inputs = dict.fromkeys(names, INPUTS["x1"])

    def parity(**x):
        # the sign of each input matters as much as all others together: no box helps
        return np.prod([np.where(value > 0.5, 1.0, -1.0) for value in x.values()], 0)

    sums = pl.Study.from_function(
        parity, inputs, {"y": "kg"}, run={"draws": 2048, "seed": 1, "design": "random"}
    )
    found = discover(sums, "y < 0 kg")
    assert not found.regions
    assert "does better than chance" in told(found)[1]


def test_the_result_of_a_function_is_refused_and_not_answered_wrongly():
    with pytest.raises(ClaimError, match="a Python function stands behind"):
        study().run().discover("y < 1.5 kg")


def test_the_national_factor_is_named_on_the_grid_study(shipped):
    found = discover(shipped("china_grid_mixes").result, "footprint < 13.5 t")
    assert found.regions[0].conditions[0].id == "power.mee24_national"
    assert "electricity carbon-footprint factor" in told(found)[1]
    rows = {cell.scenario: often.value for cell, often in found.probabilities}
    assert rows["yunnan"] == 0 < rows["national_grid"] < rows["shandong"]


def test_a_claim_is_counted_in_the_draws_of_the_run(shipped):
    result = shipped("china_grid_mixes").result
    cases = {
        "footprint < 13.5 t": (result.footprint, "national_grid", 13500),
        "yunnan - shandong < -8 t": (None, "", -8000),
        "footprint[shandong] >= 15700 kg": (result.footprint, "shandong", 15700),
    }
    for claim, (draws, name, limit) in cases.items():
        found = discover(result, claim).fails.value
        if draws is None:
            x = result.footprint.sel(scenario="yunnan").values
            x = x - result.footprint.sel(scenario="shandong").values
        else:
            x = draws.sel(scenario=name).values
        fails = x < limit if ">=" in claim else x >= limit
        assert found == fails.mean()


def test_one_scenario_below_another_is_a_claim(shipped):
    result = shipped("china_grid_mixes").result
    found = discover(result, "shandong < inner_mongolia")
    x = result.footprint
    gap = x.sel(scenario="shandong").values - x.sel(scenario="inner_mongolia").values
    assert found.fails.value == (gap >= 0).mean()
    assert len(found.probabilities) == 1


def test_two_inputs_of_one_name_are_told_apart_in_a_difference(written):
    study = written(
        "run: {draws: 4096, seed: 2}\n"
        "inputs:\n"
        "  a: {units: kg, normal: {mean: 1, sd: 0.1}, source: s}\n"
        "outputs: {y: {units: kg, formula: a, label: Y}}\n"
        "scenarios:\n"
        "  one: {reference: true}\n"
        "  two: {set: {a: {normal: {mean: 1.1, sd: 0.3}, independent: true}}}\n"
    )
    found = discover(study, "y[two] - y[one] < 0.4 kg")
    assert set(found.sample.ids) == {"a@two", "a"}


YEARS = """\
run: {draws: 4096, seed: 2}
inputs:
  a: {units: t, normal: {mean: 10, sd: 1}, source: s}
  cut:
    units: t
    pathway: {2030: {value: 0}, 2040: {value: 4}, 2050: {value: 4}}
    source: s
outputs: {y: {units: t, formula: a - cut, label: Y}}
years: [2030, 2040, 2050]
"""


def test_the_first_year_is_interpolated_draw_by_draw(written):
    found = discover(written(YEARS), "y < 9.5 t", probability=0.9)
    (first,) = found.years
    # a - 0.4 (year - 2030) < 9.5 with 90 %: year > 2030 + (0.5 + 1.2816) / 0.4
    assert first.year == 2035
    assert not first.computed
    assert first.between == (2030, 2040)
    assert first.lasting
    assert "from 2035 on, interpolated" in told(found)[1]


@pytest.mark.parametrize(
    ("claim", "year", "said"),
    [
        ("y < 20 t", 2030, "from 2030 on, a year of the study"),
        ("y < 2 t", None, "does not hold with 95"),
    ],
)
def test_a_year_of_the_study_and_no_year(written, claim, year, said):
    found = discover(written(YEARS), claim)
    assert found.years[0].year == year
    assert said in told(found)[1]


@pytest.mark.parametrize(
    ("claim", "limit"),
    [
        ("footprint < 8 t", 8000),
        ("footprint < 8", 8000),
        ("footprint < 8 t CO2e/t", 8000),
        ("footprint < 8000 kg CO2e/t", 8000),
        ("8 t > footprint", -8000),
        ("hydro - national_grid < -6 t", -6000),
    ],
)
def test_limits_in_their_units(claim, limit):
    assert read_claim(claim, pl.load("configs/minimal.yaml")).limit == limit


@pytest.mark.parametrize(
    ("claim", "faults"),
    [
        ("footprint", ["write two sides and a sign"]),
        ("8 t < 9 t", ["nothing in it depends on a draw"]),
        ("footprnt < 8 kWh", ["did you mean footprint?"]),
        ("footprint < 8 kWh", ["8 kWh is in other units; write it in kg CO2e/t"]),
        (
            "footprint[hidro] < footprnt",
            ["no scenario is called hidro; did you mean hydro?", "called footprnt"],
        ),
        ("a[b[c]] < 3", ["is no output"]),
        ("footprint < 8 lightyears_", ["lightyears_"]),
    ],
)
def test_every_fault_of_a_claim_is_told(claim, faults):
    with pytest.raises(ClaimError) as caught:
        read_claim(claim, pl.load("configs/minimal.yaml"))
    for fault in faults:
        assert fault in str(caught.value)
    assert str(caught.value).startswith(f"--claim {claim}: ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "trees"}, "no method is called trees"),
        ({"probability": 1.5}, "1.5 is no probability"),
        ({"scenario": "two"}, "no scenario is called two"),
        ({"year": 2031}, "baseline has no year 2031; it has 2030, 2040, 2050"),
    ],
)
def test_bad_options(written, options, said):
    with pytest.raises(ClaimError, match=said):
        discover(written(YEARS), "y < 9.5 t", **options)


def test_a_scenario_beside_named_ones_is_refused(shipped):
    with pytest.raises(ClaimError, match="names its scenarios"):
        discover(shipped("minimal").result, "hydro < national_grid", scenario="hydro")


def test_the_figure_has_a_frame_and_the_trade_off():
    from scenarios.figures.discovery import discovery_figure

    pair, trade, *_ = discovery_figure(discover(study(), "y < 1.5 kg")).axes
    assert pair.patches
    assert trade.get_xlabel().startswith("coverage")
    (alone, *_) = discovery_figure(discover(study(), "y < 5 kg")).axes
    assert not alone.patches
