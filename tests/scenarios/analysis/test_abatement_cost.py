"""Cost per tonne avoided against closed forms, in every quadrant of the two signs."""

import io
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from scipy import stats

from scenarios.analysis.abatement_cost import FEW, AbatementError, abatement
from scenarios.analysis.comparison.lineup import ComparisonError
from scenarios.errors import ScenarioError
from scenarios.figures import curves, macc
from scenarios.figures.comparison.macc import APART, _apart
from scenarios.words import run as text
from scenarios.words.abatement_cost import sentences
from scenarios.words.catalogue import Words
from tests.builders import made_result
from uncertainty.errors import SampleError

DRAWS = 4000
GRID = (np.arange(DRAWS) + 0.5) / DRAWS
"""Quantile levels: a sample with no sampling noise."""


def result(
    footprints,
    costs,
    *,
    years=None,
    cost_units="CNY/t",
    units="kg CO2e/t",
    config="title: made by hand",
):
    """A result with these draws by scenario; with years, rows of draws."""
    names = list(footprints)

    def stacked(parts):
        rows = [np.asarray(parts[name], dtype=float) for name in names]
        return np.stack(np.broadcast_arrays(*rows))

    dims = ("scenario", "year", "draw") if years else ("scenario", "draw")
    coords = {"scenario": names} | ({"year": years} if years else {})
    footprint = xr.DataArray(stacked(footprints), coords, dims, attrs={"units": units})
    outputs = xr.DataArray(stacked(costs), coords, dims).expand_dims(
        output=["cost_of_levers"], axis=1
    )
    outputs = outputs.assign_coords(output_units=("output", [cost_units]))
    return made_result({"footprint": footprint, "outputs": outputs}, config=config)


def lever(avoided, extra, **options):
    """One lever that avoids kg CO2e/t and costs CNY/t, against a fixed reference."""
    base = np.full(DRAWS, 15_000.0)
    costs = {"base": np.zeros(DRAWS), "lever": extra}
    return result({"base": base, "lever": base - avoided}, costs, **options)


def of_lever(tree, **options):
    return abatement(tree, "cost_of_levers", **options).sel(scenario="lever")


# closed forms


def test_a_fixed_cost_over_a_lognormal_abatement_has_the_quantiles_of_its_inverse():
    avoided = stats.lognorm.ppf(GRID, s=0.4, scale=500)
    found = of_lever(lever(avoided, np.full(DRAWS, 60.0)))
    # 60 CNY/t over 0.5 t CO2e/t; neighbouring quantiles at the middle lie
    # 0.4 x sqrt(2 pi) / 4000 = 2.5e-4 apart in relative terms
    assert float(found["cost_per_tonne"]) == pytest.approx(120, rel=3e-4)
    ends = stats.lognorm.ppf([0.025, 0.975], s=0.4, scale=120)
    # in the tails they lie 0.4 / (4000 x 0.0584) = 1.7e-3 apart
    np.testing.assert_allclose(found["cost_per_tonne_interval"], ends, rtol=2e-3)
    # the ratio of the means is another number: exp(-0.4^2 / 2) of the median
    ratio = float(found["cost_per_tonne_of_means"])
    assert ratio == pytest.approx(120 * np.exp(-0.08), rel=1e-3)  # tails of the grid
    assert found["cost_per_tonne"].attrs["units"] == "CNY/t CO2e"


def test_two_levers_that_add_up_do_so_in_abatement_and_cost_but_not_in_the_ratio():
    rng = np.random.default_rng(3)
    base = rng.normal(15_000, 900, DRAWS)
    first, second = rng.normal(2_000, 150, DRAWS), rng.normal(500, 50, DRAWS)
    dear, cheap = rng.normal(200, 20, DRAWS), rng.normal(-40, 30, DRAWS)
    tree = result(
        {
            "base": base,
            "first": base - first,
            "second": base - second,
            "both": base - first - second,
        },
        {"base": 5.0, "first": 5 + dear, "second": 5 + cheap, "both": 5 + dear + cheap},
    )
    found = abatement(tree, "cost_of_levers")
    alone = found.sel(scenario=["first", "second"])
    for name in ("abatement", "extra_cost"):
        both = float(found[name].sel(scenario="both"))
        # sums of 4000 numbers of about 1e4, in another order
        assert both == pytest.approx(float(alone[name].sum()), rel=1e-10)
    means = alone["extra_cost"].sum() / alone["abatement"].sum()
    got = found["cost_per_tonne_of_means"].sel(scenario="both")
    assert float(got) == pytest.approx(float(means), rel=1e-10)
    middle = np.median((dear + cheap) / (first + second)) * 1000
    # an order statistic against numpy's mean of both middle ones
    got = found["cost_per_tonne"].sel(scenario="both")
    assert float(got) == pytest.approx(middle, rel=1e-3)
    saves = found["probability_saves"].sel(scenario="second")
    assert float(saves) == np.mean(cheap < 0)


def test_what_is_uncertain_in_reference_and_lever_alike_drops_out():
    base = np.random.default_rng(4).normal(15_000, 3_000, DRAWS)
    tree = result(
        {"base": base, "lever": base - 500}, {"base": base, "lever": base + 50}
    )
    found = of_lever(tree)
    # the difference of two numbers of 1e4 carries 1e-12 of rounding
    np.testing.assert_allclose(found["cost_per_tonne_interval"], 100, rtol=1e-9)


@pytest.mark.parametrize("reference", [None, "base"])
def test_the_marked_reference_is_the_default(reference):
    found = of_lever(lever(500.0, 50.0), reference=reference)
    assert float(found["cost_per_tonne"]) == pytest.approx(100, rel=1e-9)


def test_another_reference_turns_both_signs_and_keeps_no_cost_for_what_emits_more():
    found = abatement(lever(500.0, 50.0), "cost_of_levers", "lever")
    base = found.sel(scenario="base")
    assert (float(base["abatement"]), float(base["extra_cost"])) == (-0.5, -50.0)
    assert not bool(base["meaningful"])
    assert np.isnan(base["cost_per_tonne_of_means"])


@pytest.mark.parametrize(
    ("cost_units", "per_tonne"),
    [("CNY/t", 100.0), ("CNY/kg", 100_000.0), ("USD/t", 100.0), ("EUR/kg", 1e5)],
)
def test_units_of_the_cost_are_converted(cost_units, per_tonne):
    found = of_lever(lever(500.0, 50.0, cost_units=cost_units))
    assert float(found["cost_per_tonne"]) == pytest.approx(per_tonne, rel=1e-9)
    currency = cost_units.partition("/")[0]
    assert found["cost_per_tonne"].attrs["units"] == f"{currency}/t CO2e"
    assert found["extra_cost"].attrs["units"] == cost_units


def test_units_of_the_footprint_are_converted():
    found = of_lever(lever(500.0, 50.0, units="g CO2e/kg", cost_units="CNY/t"))
    assert float(found["cost_per_tonne"]) == pytest.approx(100, rel=1e-9)
    assert float(found["abatement"]) == 500
    assert found["abatement"].attrs["units"] == "g CO2e/kg"


# signs


@pytest.mark.parametrize(
    ("avoided", "extra", "cost", "saves"),
    [
        (500.0, 50.0, 100.0, 0.0),
        (500.0, -50.0, -100.0, 1.0),
        (-500.0, 50.0, np.nan, 0.0),
        (-500.0, -50.0, np.nan, 1.0),  # 100 as well, were it a mere quotient
        (0.0, 50.0, np.nan, 0.0),
    ],
)
def test_only_what_avoids_something_has_a_cost_per_tonne(avoided, extra, cost, saves):
    found = of_lever(lever(avoided, extra))
    np.testing.assert_allclose(found["cost_per_tonne"], cost, rtol=1e-9)
    np.testing.assert_allclose(found["cost_per_tonne_of_means"], cost, rtol=1e-9)
    np.testing.assert_allclose(found["cost_per_tonne_interval"], [cost] * 2, rtol=1e-9)
    assert float(found["probability_abates"]) == (avoided > 0)
    assert float(found["probability_saves"]) == saves
    assert bool(found["meaningful"]) == (avoided > 0)


@pytest.mark.parametrize("many", [False, True])
def test_a_cost_per_tonne_stands_while_few_draws_avoid_nothing(many):
    nothing = int(FEW * DRAWS) + many
    avoided = np.full(DRAWS, 500.0)
    avoided[:nothing] = -1e-3  # a quotient of -5e7 that would be the lower end
    found = of_lever(lever(avoided, np.full(DRAWS, 50.0)))
    assert float(found["probability_abates"]) == 1 - nothing / DRAWS
    assert bool(found["meaningful"]) is not many
    expected = [np.nan] * 2 if many else [100, 100]
    np.testing.assert_allclose(found["cost_per_tonne_interval"], expected, rtol=1e-9)


def test_rounding_of_the_footprint_is_no_abatement():
    base = np.random.default_rng(5).normal(15_000, 900, DRAWS)
    other = 0.3 * base + 0.7 * base
    assert (other < base).any()  # so it would count, by the last bit
    tree = result(
        {"base": base, "lever": other}, {"base": 0.0, "lever": 1.0 + 0 * base}
    )
    assert float(of_lever(tree)["probability_abates"]) == 0


@given(
    by=st.floats(1e-2, 1e2),
    share=st.floats(0.1, 1.0),
)
@settings(max_examples=8, deadline=None)
def test_half_the_lever_at_half_the_cost_has_the_same_cost_per_tonne(by, share):
    rng = np.random.default_rng(6)
    avoided, extra = rng.uniform(300, 900, DRAWS), rng.normal(20, 40, DRAWS)
    whole = of_lever(lever(avoided, extra))
    part = of_lever(lever(share * avoided, by * share * extra))
    for name in ("cost_per_tonne", "cost_per_tonne_interval"):
        # avoided is the difference of two numbers of 1.5e4: 2e-12 / 30 of rounding
        np.testing.assert_allclose(part[name], by * whole[name], rtol=1e-9)


# errors of the estimates


def test_monte_carlo_errors_agree_with_the_spread_over_many_runs():
    rng, runs = np.random.default_rng(7), range(60)
    avoided, extra = {}, {}
    for run in runs:
        avoided[f"run_{run}"] = rng.normal(500, 60, 1000)
        extra[f"run_{run}"] = rng.normal(50, 30, 1000)
    footprints = {name: 15_000 - x for name, x in avoided.items()}
    nothing = np.zeros(1000)
    tree = result({"base": nothing + 15_000, **footprints}, {"base": nothing, **extra})
    found = abatement(tree, "cost_of_levers").isel(scenario=slice(1, None))
    for name in ("cost_per_tonne", "cost_per_tonne_of_means"):
        error = found[f"{name}_error"]
        if "statistic" in error.dims:
            error = error.sel(statistic="value")
        # an sd of 60 runs is known to 1/sqrt(118) = 9 %: three of these
        spread = float(found[name].std("scenario", ddof=1))
        assert float(error.mean()) == pytest.approx(spread, rel=0.28)


def test_too_few_draws_for_the_interval_are_refused():
    with pytest.raises(SampleError, match=r"4000 draws, p = 0\.9999 takes 1000\d"):
        abatement(lever(500.0, 50.0), "cost_of_levers", probability=0.9999)


# years


@pytest.fixture
def yearly():
    """Avoids 100, then 500 kg; in 2040 the lever does not exist."""
    base = np.full((3, DRAWS), 15_000.0)
    avoided = np.array([[100.0], [500.0], [np.nan]])
    extra = np.array([[50.0], [50.0], [np.nan]]) + np.zeros(DRAWS)
    return result(
        {"base": base, "lever": base - avoided},
        {"base": np.zeros((3, DRAWS)), "lever": extra},
        years=[2025, 2030, 2040],
    )


def test_each_year_has_its_own_cost_and_an_absent_one_none(yearly):
    found = of_lever(yearly)
    # 15 000 - (15 000 - 100) is exact; the quotient is rounded twice
    np.testing.assert_allclose(found["cost_per_tonne"], [500, 100, np.nan], rtol=1e-12)
    assert np.isnan(found["probability_abates"].sel(year=2040))


def test_sentences_name_the_year_and_leave_out_what_is_absent(yearly):
    told = sentences(abatement(yearly, "cost_of_levers"), Words("en"))
    assert [line.partition(" avoids")[0] for line in told[1:]] == [
        "2025: lever",
        "2030: lever",
    ]


def test_there_is_a_curve_for_every_year_with_a_bar(yearly):
    found = dict(curves(abatement(yearly, "cost_of_levers")))
    assert list(found) == ["macc_2025", "macc_2030"]
    assert found["macc_2030"].get_suptitle().startswith("2030: ")


# sentences


def test_a_sentence_tells_cost_probabilities_and_ratio():
    avoided = np.where(np.arange(DRAWS) < 40, -1.0, 500.0)
    found = sentences(
        abatement(lever(avoided, np.full(DRAWS, -50.0)), "cost_of_levers"), Words("en")
    )
    assert found[0].startswith("Abatement against base, cost: cost_of_levers; in")
    assert "lever avoids 0.495 t CO2e/t" in found[1]
    assert "in 99.0 % of draws" in found[1]
    assert "extra cost -50.0 CNY/t (-50.0 to -50.0), below zero in 100 %" in found[1]
    assert "-100 CNY/t CO2e (-100 to -100) (median of the draws that avoid" in found[1]
    assert "Do not rank measures by negative costs" in found[2]


def test_a_lever_that_may_avoid_nothing_gets_words_in_place_of_a_ratio():
    avoided = np.linspace(-100, 300, DRAWS)
    (_, line) = sentences(
        abatement(lever(avoided, 50 + 0 * avoided), "cost_of_levers"), Words("en")
    )
    assert "no cost per t CO2e: more than 2.5 % of draws avoid nothing" in line
    assert "CNY/t CO2e" not in line


# faults


@pytest.mark.parametrize(
    ("tree", "cost", "message"),
    [
        (lever(1.0, 1.0), "cost_of_lever", "no declared output 'cost_of_lever'; did"),
        (lever(1.0, 1.0), "footprint", "no declared output 'footprint'"),
        (
            lever(1.0, 1.0, cost_units="kWh/t"),
            "cost_of_levers",
            "is in kWh/t, which is no currency per t: declare a cost in CNY/t, or in",
        ),
        (lever(1.0, 1.0, cost_units="CNY"), "cost_of_levers", "is in CNY, which is no"),
        (lever(1.0, 1.0, units=""), "cost_of_levers", "hand has no chain"),
    ],
)
def test_faults_say_what_is_missing(tree, cost, message):
    with pytest.raises(AbatementError, match=message):
        abatement(tree, cost)


def test_a_cost_without_stored_draws_is_refused():
    whole = lever(1.0, 1.0)
    draws = whole.groups["draws"].drop_vars(["outputs", "output"])
    tree = replace(whole, groups={**whole.groups, "draws": draws})
    with pytest.raises(AbatementError, match="only statistics of cost_of_levers"):
        abatement(tree, "cost_of_levers")


def test_an_unknown_reference_is_told_the_nearest():
    with pytest.raises(ComparisonError, match="no scenario 'bse'; did you mean base"):
        abatement(lever(1.0, 1.0), "cost_of_levers", "bse")


def test_a_probability_beyond_one_is_refused():
    with pytest.raises(ValueError, match="must lie between 0 and 1, not 95"):
        abatement(lever(1.0, 1.0), "cost_of_levers", probability=95)


# the curve


TOGETHER = """
title: by hand
scenarios:
  base: {levers: {old: 1}}
  dear: {levers: {old: 1, dear: 1}}
  cheap: {levers: {old: 1, cheap: 0.5}}
  unsure: {levers: {old: 1, unsure: 1}}
  both: {levers: {old: 1, dear: 1, cheap: 0.5}}
"""


@pytest.fixture
def several():
    """Costs of 200 and -100 CNY/t CO2e, one unsure, one of both levers at once."""
    base, draws = 15_000.0, np.zeros(DRAWS)
    avoided = {
        "base": draws,
        "dear": 500 + draws,
        "cheap": 1_000 + draws,
        "unsure": np.linspace(-100, 200, DRAWS),
        "both": 1_500 + draws,
    }
    paid = {"base": 0.0, "dear": 100.0, "cheap": -100.0, "unsure": 9.0, "both": 0.0}
    extra = {name: cost + draws for name, cost in paid.items()}
    tree = result(
        {name: base - x for name, x in avoided.items()}, extra, config=TOGETHER
    )
    return abatement(tree, "cost_of_levers")


def bars(figure):
    """Left end, width and height of each bar, from the left."""
    rows = [
        (bar.get_x(), bar.get_width(), bar.get_height())
        for bar in figure.axes[0].patches
    ]
    return np.array(sorted(rows))


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_bars_stand_in_order_of_cost_as_wide_as_what_they_avoid(several):
    figure = macc(several)
    expected = [(0, 1, -100), (1, 0.5, 200)]
    # quotients of exact numbers, rounded twice
    np.testing.assert_allclose(bars(figure), expected, rtol=1e-9, atol=1e-12)
    assert {"cheap", "dear"} <= set(texts(figure))
    assert "−100.00 (−100.00 to −100.00)" in texts(figure)
    assert figure.axes[0].get_ylabel() == "Cost of avoiding (CNY/t CO2e)"
    assert "(t CO2e/t)" in figure.axes[0].get_xlabel()


def test_the_footer_names_what_has_no_bar_and_why(several):
    footer = " ".join(macc(several).get_supxlabel().split())
    assert "4000 draws" in footer
    assert "may avoid nothing, so no cost per tonne: unsure" in footer
    assert "not one lever alone: both" in footer


def test_named_scenarios_are_shown_even_if_they_combine_levers(several):
    found = bars(macc(several, ["both", "dear"]))
    np.testing.assert_allclose(found, [(0, 1.5, 0), (1.5, 0.5, 200)], atol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scenarios": ["chep"]}, "no scenario 'chep'; did you mean cheap"),
        ({"scenarios": ["base"]}, "base is the reference and avoids nothing"),
        ({"scenarios": ["unsure"]}, "no lever alone here has a cost per tonne"),
        ({"year": 2030}, "no year 2030"),
    ],
)
def test_a_curve_of_nothing_is_refused(several, options, message):
    with pytest.raises(ScenarioError, match=message):
        macc(several, **options)


def test_no_curve_is_written_where_no_lever_has_a_cost(several):
    assert list(curves(several, ["unsure"])) == []


@given(wanted=st.lists(st.floats(0, 1), min_size=1, max_size=24))
def test_numbers_over_the_bars_keep_apart_within_the_axes(wanted):
    places = _apart(np.sort(wanted))
    assert (np.diff(places) >= APART - 1e-12).all()  # rounding of a sum
    assert places[0] >= 0
    assert places[-1] <= 1


# the command and the table


STUDY = """
title: Costs
declared_unit: {amount: 1, units: t, product: metal}
run: {draws: 64, design: sobol, seed: 1, replicates: 4}
inputs:
  power: {units: kWh/t, normal: {mean: 13500, sd: 50}, source: a meter}
  price: {units: CNY/t, uniform: {low: 10, high: 30}, source: a guess}
supplies: {grid: {mix: cn_2023}}
levers:
  frugal:
    source: a guess
    cost: price
    processes: {cell: {needs: {electricity: {scale: 0.9}}}}
processes:
  cell:
    stage: smelting
    makes: {product: metal, units: t}
    needs: {electricity: {amount: power, supply: grid}}
outputs:
  spent: {units: CNY/t, formula: lever_cost}
scenarios:
  plain: {reference: true}
  thrift: {levers: {frugal: 1}}
"""


@pytest.fixture
def stored(tmp_path, potline, no_figures):
    """A run on disk, in the folder `out`."""
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    assert potline("run", "study.yaml", "--out", "out").code == 0
    return tmp_path / "out"


def test_the_command_writes_dataset_and_curve_and_says_it(stored, potline):
    told = potline("compare", "out", "--cost", "spent")
    assert told.code == 0, told.err
    assert "thrift avoids" in told.out
    assert "abatement.nc" in told.out
    for name in ("macc.png", "abatement.nc"):
        assert (stored / name).stat().st_size > 1000
    with xr.open_dataset(stored / "abatement.nc") as data:
        assert data["cost_per_tonne"].attrs["units"] == "CNY/t CO2e"
        assert float(data["extra_cost"].sel(scenario="thrift")) == pytest.approx(
            20,
            abs=0.1,  # a mean over 64 stratified draws of a range of 20
        )


def test_a_wrong_output_ends_with_2_and_writes_nothing(stored, potline):
    told = potline("compare", "out", "--cost", "spend")
    assert told.code == 2
    assert "no declared output 'spend'; did you mean spent?" in told.err
    assert not (stored / "comparison.nc").exists()


@pytest.mark.parametrize("many", [False, True])
def test_a_table_of_many_outputs_shrinks_to_the_reference(written, many, monkeypatch):
    monkeypatch.setattr(text, "MOST_OUTPUTS", 1 if many else 2)
    out = io.StringIO()
    console = Console(file=out, width=160)
    for line in text.summary(written(STUDY).run(), Words("en")):
        console.print(line)
    assert ("see summary.csv for all 2 declared outputs" in out.getvalue()) == many
    assert ("thrift, spent" in out.getvalue()) != many
    assert "spent" in out.getvalue()
