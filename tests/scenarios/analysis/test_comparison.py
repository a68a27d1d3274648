"""Comparisons against closed forms, against peers, and against what must not pair."""

import json
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scenarios.analysis.comparison.compare import compare, pairing_gain
from scenarios.analysis.comparison.lineup import ComparisonError
from scenarios.loading.load import load
from scenarios.numbers import rounded
from scenarios.words import comparison as words
from scenarios.words.catalogue import Words
from scenarios.words.comparison import as_object
from tests.builders import made_result
from uncertainty.designs import design
from uncertainty.errors import SampleError
from uncertainty.seeds import generator

CONFIGS = Path(__file__).parents[3] / "configs"
GSD = 1.58  # independent draws at 1.00 and 1.05 times it give 0.53 (pitfall 13)
PRODUCT = f"""
title: One factor
inputs:
  x: {{units: "1", lognormal: {{median: 2, gsd: {GSD}}}, source: test}}
outputs:
  y: {{units: "1", formula: x}}
scenarios:
  base: {{reference: true}}
  more: {{scale: {{x: 1.05}}}}
"""


WIDER = """set: {x: {lognormal: {median: 1.9, gsd: 1.9}}}}
  fixed: {set: {x: {value: 2.4}}"""


def run(folder, text=PRODUCT, **settings):
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, settings={"draws": 4096, "seed": 3, **settings}).run()


def result(
    footprints,
    *,
    inputs=None,
    reference=None,
    years=None,
    outputs=None,
    units="kg CO2e/t",
    config="title: made by hand",
    **attrs,
):
    """A result with these draws: {scenario: draws} or, with years, {scenario: rows}."""
    names = list(footprints)
    values = np.array([np.asarray(footprints[n], dtype=float) for n in names])
    dims = ("scenario", "year", "draw") if years else ("scenario", "draw")
    coords = {"scenario": names} | ({"year": years} if years else {})
    footprint = xr.DataArray(values, coords, dims, attrs={"units": units})
    draws = {"footprint": footprint} if outputs is None else {}
    if outputs is not None:
        draws["outputs"] = xr.DataArray(
            np.stack([values] * len(outputs), axis=1),
            {**coords, "output": list(outputs)},
            ("scenario", "output", "draw"),
        ).assign_coords(output_units=("output", list(outputs.values())))
    return made_result(
        draws,
        inputs=xr.Dataset(inputs or {}, attrs={"draws_stored": "yes"}),
        config=config,
        reference=reference or names[0],
        **attrs,
    )


def drawn(values, column="x", distribution="normal"):
    attrs = {"column": column, "distribution": distribution}
    return xr.DataArray(np.asarray(values, dtype=float), dims="draw", attrs=attrs)


def normal(seed, mean=0.0, sd=1.0, size=10_000):
    return generator(seed, "test").normal(mean, sd, size)


# the verdict on shared factors


def test_a_product_at_105_per_cent_of_the_same_factor_is_higher_in_every_draw(tmp_path):
    found = compare([run(tmp_path)]).sel(scenario="more", output="y")
    assert float(found["probability_lower"]) == 0.0
    assert float(found["probability_higher"]) == 1.0
    ends = found["probability_higher_confidence"].values
    # n hits of n: the lower end solves p^n = 0.025; rounding of the solver only
    assert ends[0] == pytest.approx(0.025 ** (1 / 4096), rel=1e-12)
    assert ends[1] == 1.0
    # every ratio is the same number, up to the rounding of one product and quotient
    np.testing.assert_allclose(found["ratio"], 1.05, rtol=4e-16)
    np.testing.assert_allclose(found["ratio_interval"], 1.05, rtol=4e-16)


def test_drawn_with_another_seed_the_same_products_tell_little(tmp_path):
    trees = [run(tmp_path), run(tmp_path, seed=4)]
    found = compare(trees, "study 1:base").sel(output="y")
    other = found.sel(scenario="study 2:more")
    expected = stats.norm.cdf(np.log(1.05) / (np.sqrt(2) * np.log(GSD)))
    assert round(expected, 2) == 0.53
    # 4096 random pairs: four standard deviations are 4 sqrt(0.25 / 4096) = 0.031
    assert float(other["probability_higher"]) == pytest.approx(expected, abs=0.031)
    assert not bool(other["paired"])
    assert str(other["reason"].item()) == "other seed: 3 and 4"
    assert bool(found.sel(scenario="study 1:more")["paired"])


def test_two_results_of_one_seed_are_paired_as_two_scenarios_of_one(tmp_path):
    both = run(tmp_path)
    found = compare([both, run(tmp_path)], "study 1:base").sel(scenario="study 2:more")
    assert bool(found["paired"])
    within = compare([both]).sel(scenario="more")
    for name in ("difference", "difference_interval", "probability_higher", "ratio"):
        np.testing.assert_array_equal(found[name], within[name])


# closed forms


@pytest.fixture
def normals():
    """A shared normal of sd 3 and two of sd 1 of their own; means 10 and 12."""
    shared, first, second = (normal(seed) for seed in (1, 2, 3))
    return result({"a": 10 + 3 * shared + first, "b": 12 + 3 * shared + second})


def test_difference_of_normals_has_its_closed_form(normals):
    found = compare([normals], threshold=3.0, limits=[9.0]).sel(output="footprint")
    b = found.sel(scenario="b")
    sd = np.sqrt(2)  # the shared part drops out
    error = sd / np.sqrt(10_000)
    assert float(b["difference"]) == pytest.approx(2.0, abs=4 * error)
    ends = b["difference_interval"].values
    # ends of the interval of M draws: sd sqrt(0.025 x 0.975 / M) / pdf(1.96)
    of_end = sd * np.sqrt(0.025 * 0.975 / 10_000) / stats.norm.pdf(1.96)
    np.testing.assert_allclose(ends, 2 + sd * 1.96 * np.array([-1, 1]), atol=4 * of_end)
    errors = b["difference_error"].sel(statistic=["mean", "lower", "upper"])
    # an estimate of a standard error from 1e4 draws: 1 %; of a quantile's: 16 %
    np.testing.assert_allclose(errors, [error, of_end, of_end], rtol=0.5)
    for name, level in (
        ("probability_lower", -2 / sd),
        ("probability_lower_beyond", (-3 - 2) / sd),
        ("probability_higher_beyond", -(3 - 2) / sd),
    ):
        ends = b[f"{name}_confidence"].values
        # 4 standard errors instead of the 1.96 of the interval
        half = 2.05 * (ends[1] - ends[0]) / 2
        assert float(b[name]) == pytest.approx(stats.norm.cdf(level), abs=half)
    below = found["probability_below"].sel(scenario="a", limit=9.0)
    expected = stats.norm.cdf(-1 / np.sqrt(10))
    assert float(below) == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 10_000))


def test_confidence_of_random_draws_is_that_of_clopper_and_pearson(normals):
    b = compare([normals]).sel(scenario="b", output="footprint")
    hits = round(float(b["probability_lower"]) * 10_000)
    peer = stats.binomtest(hits, 10_000).proportion_ci(0.95, method="exact")
    # two routes to one root of the incomplete beta function
    np.testing.assert_allclose(b["probability_lower_confidence"], peer, rtol=1e-9)


def test_unpaired_difference_of_normals_adds_their_variances():
    first = result({"a": normal(1, 10, 3, 4_000)}, seed=1)
    second = result({"b": normal(2, 12, 4, 10_000)}, seed=2)
    b = compare([first, second]).sel(scenario="b", output="footprint")
    difference = 12 - 10
    # the mean uses all draws of both: errors 3/sqrt(4000) and 4/sqrt(10000)
    error = np.hypot(3 / np.sqrt(4_000), 4 / np.sqrt(10_000))
    assert float(b["difference"]) == pytest.approx(difference, abs=4 * error)
    told = float(b["difference_error"].sel(statistic="mean"))
    assert told == pytest.approx(error, rel=0.05)  # an sd from 4000 draws: 1.1 %
    # worth 4000 independent draws: 5 sqrt(0.025 x 0.975 / 4000) / pdf(1.96) = 0.21
    ends = 2 + 5 * 1.96 * np.array([-1, 1])
    np.testing.assert_allclose(b["difference_interval"], ends, atol=4 * 0.21)
    assert float(b["probability_lower"]) == pytest.approx(
        stats.norm.cdf(-2 / 5), abs=4 * np.sqrt(0.25 / 4_000)
    )
    wide = b["probability_lower_confidence"].values
    # half the width of a binomial interval of 4000 draws, not of 10 000
    half = 1.96 * np.sqrt(0.345 * 0.655 / 4_000)
    assert (wide[1] - wide[0]) / 2 == pytest.approx(half, rel=0.05)


def test_pairing_gain_of_normals_is_that_of_the_shared_variance(normals):
    gain = pairing_gain(normals, "b", "a")
    assert gain.correlation == pytest.approx(0.9, abs=4 * 0.19 / 100)  # (1-r^2)/sqrt M
    expected = np.sqrt(1 / (1 - 0.9))
    # the root of 1 / (1 - r) with r known to 0.002 of 0.1: 1 %, times 4
    assert gain.expected == pytest.approx(expected, rel=0.04)
    # each width from 1e4 draws is known to 1.5 %, times 4
    assert gain.measured == pytest.approx(expected, rel=0.085)


def test_shipped_comparison_gains_from_pairing_what_theory_gives():
    study = load(CONFIGS / "china_grid_mixes.yaml", settings={"draws": 16_384})
    others = ("yunnan", "sichuan", "half_hydro_contract")
    kept = {n: study.scenarios[n] for n in ("national_grid", *others)}
    config = study.config.model_copy(update={"scenarios": kept})
    tree = replace(study, config=config).run(threads=2)
    for other in others:
        gain = pairing_gain(tree, other, "national_grid")
        assert gain.measured > 1.05
        # theory holds for one shape; shuffled draws leave 1 % on a width, skew 2 %
        assert gain.measured == pytest.approx(gain.expected, rel=0.03)
    wide = pairing_gain(tree, "half_hydro_contract", "national_grid")
    assert wide.measured > 1.15


# ties and ranks


def verdict(data: xr.Dataset) -> list[str]:
    """What a comparison says in English."""
    return words.verdict(data, Words("en"))


def test_ties_are_told_apart_from_being_lower():
    found = compare([result({"a": [1, 2, 3, 4] * 5, "b": [1, 2, 2, 9] * 5})])
    b = found.sel(scenario="b", output="footprint")
    names = ("probability_lower", "probability_tie", "probability_higher")
    assert [float(b[name]) for name in names] == [0.25, 0.5, 0.25]
    pairs = found["pair_probability_lower"].sel(output="footprint")
    assert float(pairs.sel(scenario="a", scenario_2="b")) == 0.25
    assert float(pairs.sel(scenario="a", scenario_2="a")) == 0.0


def test_scenarios_that_change_nothing_equal_the_reference_in_every_draw(tmp_path):
    tree = run(tmp_path, PRODUCT.replace("1.05", "1.0"))
    data = compare([tree])
    assert float(data["probability_tie"].sel(scenario="more", output="y")) == 1.0
    assert verdict(data) == ["more, y equals base in every draw"]


@settings(max_examples=30)
@given(
    st.integers(2, 5).flatmap(
        lambda count: st.lists(
            st.lists(st.integers(0, 3), min_size=count, max_size=count),
            min_size=20,
            max_size=60,
        )
    )
)
def test_rank_probabilities_add_up_both_ways_and_agree_with_a_peer(draws):
    values = np.array(draws, dtype=float).T
    names = [f"s{i}" for i in range(len(values))]
    found = compare([result(dict(zip(names, values, strict=True)))])
    found = found.sel(output="footprint")
    ranks = found["rank_probability"]
    # sums of up to 60 shares of 1/k: rounding alone
    np.testing.assert_allclose(ranks.sum("rank"), 1, rtol=1e-13)
    np.testing.assert_allclose(ranks.sum("scenario"), 1, rtol=1e-13)
    assert (ranks > -1e-15).all()
    expected = stats.rankdata(values, axis=0).mean(axis=1)
    np.testing.assert_allclose(found["expected_rank"], expected, rtol=1e-12)
    lower = found["pair_probability_lower"].values
    ties = (values[:, None] == values[None]).mean(axis=-1)
    np.testing.assert_allclose(lower + lower.T + ties, 1, rtol=1e-13)


def test_pairs_of_a_sample_agree_with_counting():
    values = {name: normal(seed) for seed, name in enumerate("abc")}
    found = compare([result(values)], "b").sel(output="footprint")
    for one in "abc":
        for two in "abc":
            pair = found.sel(scenario=one, scenario_2=two)
            counted = np.mean(values[one] < values[two])
            assert float(pair["pair_probability_lower"]) == counted
            gap = values[one].mean() - values[two].mean()
            assert float(pair["pair_difference"]) == gap
    assert found.attrs["reference"] == "b"


# honest errors


def test_error_over_replicates_matches_the_spread_over_seeds():
    def once(seed):
        points = design("sobol", draws=1024, seed=seed, columns=["x", "z"])
        x, z = (stats.norm.ppf(points.levels(column, 0)) for column in points.columns)
        base, less = x * (5 + z) ** 2, x * (4.9 + 1.5 * z) ** 2
        tree = result({"base": base, "less": less}, replicates=16, seed=seed)
        return compare([tree]).sel(scenario="less", output="footprint")

    found = xr.concat([once(seed) for seed in range(60)], "seed")
    told = float(found["difference_error"].sel(statistic="mean").mean())
    spread = float(found["difference"].std(ddof=1))
    # an sd from 60 runs is known to 9 %; three times that
    assert told == pytest.approx(spread, rel=0.28)
    plain = float(np.sqrt(2) * 15 / np.sqrt(1024))  # about what random draws leave
    assert spread < plain / 2


@pytest.mark.parametrize("kind", ["sobol", "random", "latin_hypercube"])
def test_verdict_does_not_change_from_1e3_to_1e5_draws(tmp_path, kind):
    text = PRODUCT.replace("scale: {x: 1.05}", WIDER)
    small, large = (
        compare([run(tmp_path, text, draws=draws, design=kind)])
        for draws in (1_000, 100_000)
    )
    lines = [
        [re.sub(r"[-\d.]+", "#", line) for line in verdict(data)]
        for data in (small, large)
    ]
    assert lines[0] == lines[1]
    names = ("probability_lower", "probability_higher")
    for name in names:
        ends = small[f"{name}_confidence"]
        width = ends.sel(bound="upper") - ends.sel(bound="lower")
        # twice the interval's half-width: four standard errors
        assert (abs(small[name] - large[name]) <= width).all()
    error = small["difference_error"].sel(statistic="mean")
    assert (abs(small["difference"] - large["difference"]) <= 4 * error).all()


# which results share draws


def pair(**changes):
    """Reasons why two results with one input are not paired."""
    x = normal(1)
    first = result({"a": x}, inputs={"x": drawn(x)})
    second = result({"b": x + 1}, **({"inputs": {"x": drawn(x)}} | changes))
    found = compare([first, second], "a").sel(scenario="b")
    assert bool(found["paired"]) == (not str(found["reason"].item()))
    return str(found["reason"].item())


def test_equal_inputs_of_one_design_are_paired():
    assert pair() == ""


@pytest.mark.parametrize(
    ("word", "other"),
    [("seed", 2), ("design", "sobol"), ("draws", 20_000), ("replicates", 16)],
)
def test_another_design_is_not_paired(word, other):
    before = {"seed": 1, "design": "random", "draws": 10_000, "replicates": 1}[word]
    if word == "draws":
        x = normal(1, size=other)
        first = result({"a": x[:10_000]}, inputs={"x": drawn(x[:10_000])})
        second = result({"b": x}, inputs={"x": drawn(x)})
        found = compare([first, second], "a").sel(scenario="b")
        assert str(found["reason"].item()) == "other draws: 10000 and 20000"
    else:
        assert pair(**{word: other}) == f"other {word}: {before} and {other}"


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"x": drawn(normal(1), column="x@b")}, "other column of x: x and x@b"),
        (
            {"x": drawn(normal(1), distribution="uniform")},
            "other distribution of x: normal and uniform",
        ),
        ({"x": drawn(normal(2))}, "other draws of x"),
        ({"z": drawn(normal(1))}, "no uncertain input in common"),
        ({"x": xr.DataArray(1.0)}, "no uncertain input in common"),
    ],
)
def test_an_input_drawn_otherwise_is_not_paired(inputs, reason):
    assert pair(inputs=inputs) == reason


def test_reason_counts_the_inputs_that_differ():
    one = {name: drawn(normal(i), name) for i, name in enumerate("xyz")}
    two = {name: drawn(normal(i + 1), name) for i, name in enumerate("xyz")}
    trees = [result({"a": normal(5)}, inputs=one), result({"b": normal(5)}, inputs=two)]
    reason = compare(trees)["reason"].sel(scenario="b").item()
    assert reason == "other draws of x, and 2 more of 3 inputs"


def test_a_constant_of_one_result_does_not_unpair_the_rest():
    x = normal(1)
    common = {"x": drawn(x)}
    one = result({"a": x}, inputs={**common, "k": drawn(normal(2), "k")})
    two = result({"b": x}, inputs={**common, "k": xr.DataArray(3.0)})
    assert bool(compare([one, two], "a")["paired"].sel(scenario="b"))


def test_an_input_with_scenarios_is_judged_by_the_reference():
    x = normal(1)
    rows = np.stack([2 * x, x])
    dims = ("scenario", "draw")
    attrs = {"column": "x", "distribution": "normal"}
    wide = xr.DataArray(rows, {"scenario": ["c", "b"]}, dims, attrs=attrs)
    two = result({"c": x + 2, "b": x + 1}, inputs={"x": wide}, reference="b")
    one = result({"a": x}, inputs={"x": drawn(x)})
    assert bool(compare([one, two], "a")["paired"].sel(scenario="b"))
    two = replace(two, attributes={**two.attributes, "reference": "c"})
    assert compare([one, two], "a")["reason"].sel(scenario="b") == "other draws of x"


def unstored(name, *, columns=("x", "k"), config="title: made by hand", **attrs):
    one = result({name: normal(1)}, config=config, **attrs)
    groups = dict(one.groups)
    groups["inputs"] = xr.Dataset(attrs={"draws_stored": "no: too many"})
    if columns:
        first_order = xr.Dataset(coords={"parameter": list(columns)})
        groups["first_order"] = first_order
    return replace(one, groups=groups)


def test_inputs_without_draws_pair_if_they_are_stated_alike():
    def reason(second):
        return str(
            compare([unstored("a"), second], "a")["reason"].sel(scenario="b").item()
        )

    assert reason(unstored("b", config="title: another\nrun: {draws: 10}")) == ""
    told = "draws of the inputs are not stored, and the inputs are not the same"
    assert reason(unstored("b", config="inputs: {x: 1}")) == told
    assert reason(unstored("b", library_checksum="1")) == told
    assert reason(unstored("b", columns=())) == told
    assert reason(unstored("b", columns=("z",))) == "no uncertain input in common"
    moved = "column x takes another dimension of the design"
    assert reason(unstored("b", columns=("k", "x"))) == moved


def test_ranks_over_results_keep_what_is_paired_together():
    x, z = normal(1), normal(2)
    one = result({"a": x}, inputs={"x": drawn(x)})
    two = result({"b": z}, inputs={"x": drawn(z)}, seed=2)
    three = result({"c": x + 1e-9}, inputs={"x": drawn(x)})
    four = result({"d": z + 1e-9}, inputs={"x": drawn(z)}, seed=2)
    found = compare([one, two, three, four]).sel(output="footprint")
    lower = found["pair_probability_lower"]
    paired = found["pair_paired"]
    for first, second in ("ac", "bd"):
        assert bool(paired.sel(scenario=first, scenario_2=second))
        assert float(lower.sel(scenario=first, scenario_2=second)) == 1.0
    assert not bool(paired.sel(scenario="a", scenario_2="b"))
    ranks = found["rank_probability"]
    # c and d lie just above a and b in every draw, so neither is ever the lowest;
    # were any of the four joined out of step, each would be in a quarter
    assert ranks.sel(rank=1).values[[2, 3]].tolist() == [0.0, 0.0]
    half = 4 * np.sqrt(0.25 / 10_000)
    np.testing.assert_allclose(ranks.sel(rank=1).values[[0, 1]], 0.5, atol=half)
    with np.errstate(all="raise"):
        np.testing.assert_allclose(ranks.sum("rank"), 1, rtol=1e-12)


# what is absent


def test_absent_cells_are_nan_in_the_data_and_no_rows_for_a_machine():
    nothing = np.full(100, np.nan)
    a, b = normal(1, 5, size=100), normal(2, 5, size=100)
    tree = result({"a": [a, a], "b": [b, nothing]}, years=[2023, 2030])
    found = compare([tree], limits=[5.0])
    cell = found.sel(scenario="b", year=2030, output="footprint")
    for name in ("difference", "ratio", "probability_lower", "expected_rank"):
        assert np.isnan(cell[name])
    assert np.isnan(cell["probability_below"]).all()
    alone = found["rank_probability"].sel(scenario="a", year=2030, output="footprint")
    np.testing.assert_array_equal(alone, [1.0, np.nan])
    rows = as_object(found)["results"]
    assert [(row["scenario"], row["year"]) for row in rows] == [("b", 2023)]
    assert verdict(found)[0].startswith("2023: b is ")
    assert verdict(found)[1].count("2030") == 1  # of the limit: a alone


def test_a_reference_that_lacks_a_year_leaves_the_pairs_of_the_others():
    nothing = np.full(100, np.nan)
    rows = {"a": [nothing], "b": [normal(1, size=100)], "c": [normal(2, size=100)]}
    found = compare([result(rows, years=[2030])]).sel(year=2030, output="footprint")
    assert np.isnan(found["difference"]).all()
    pairs = found["pair_probability_lower"]
    both = pairs.sel(scenario="b", scenario_2="c") + pairs.sel(
        scenario="c", scenario_2="b"
    )
    assert float(both) == 1.0


def test_ratio_to_a_reference_of_both_signs_is_absent():
    found = compare([result({"a": normal(1), "b": normal(2, 5)})])
    b = found.sel(scenario="b", output="footprint")
    assert np.isnan(b["ratio"])
    assert as_object(found)["results"][0]["ratio"] is None
    assert np.isfinite(b["difference"])
    # like quantities that are all below zero have one
    debts = compare([result({"a": [-2.0] * 20, "b": [-3.0] * 20})])
    assert float(debts["ratio"].sel(scenario="b", output="footprint")) == 1.5


def test_outputs_of_which_only_statistics_were_kept_are_named():
    one = result({"a": normal(1), "b": normal(2)})
    names = ["cost", "energy"]
    mean = xr.DataArray([1.0, 1.0], {"output": names}, ("output",))
    statistics = xr.Dataset({"mean": mean})
    one = replace(one, groups={**one.groups, "summary/outputs": statistics})
    assert compare([one]).attrs["left_out"] == "cost, energy"


def test_an_output_of_one_result_alone_is_absent_in_the_other():
    one = result({"a": normal(1)}, outputs={"cost": "CNY/t"})
    two = result({"b": normal(1)}, outputs={"energy": "MJ/t"})
    found = compare([one, two])
    assert found["output"].values.tolist() == ["cost", "energy"]
    assert np.isnan(found["difference"].sel(scenario="b")).all()


# what is said


def test_verdict_says_how_often_by_how_much_and_how_well_it_is_known():
    a = 1000.0 * np.linspace(12, 14, 1000)
    tree = result({"a": a, "b": a - 6000.0, "c": a + 500.0}, config=LABELS)
    lines = verdict(compare([tree], threshold=1000.0, limits=[7500.0]))
    assert lines == [
        "Hydro is lower than Grid in 100 % of draws (at least 99.63 %, Clopper-Pearson "
        "95 %); difference -6.00 t CO2e/t, 95 % interval -6.00 to -6.00; lower by more "
        "than 1 t CO2e/t in 100 % of draws (at least 99.63 %, Clopper-Pearson 95 %)",
        "c is higher than Grid in 100 % of draws (at least 99.63 %, Clopper-Pearson "
        "95 %); difference 0.500 t CO2e/t, 95 % interval 0.500 to 0.500; higher by "
        "more than 1 t CO2e/t in 0 % of draws (at most 0.37 %, Clopper-Pearson 95 %)",
        "below 7.5 t CO2e/t: Grid 0 %, Hydro 75 %, c 0 %",
        "lowest of 3: Hydro in 100 %",
    ]


LABELS = """
scenarios:
  a: {label: Grid}
  b: {label: Hydro}
  c: {}
"""


def test_verdict_says_that_results_are_not_paired():
    trees = [result({"a": normal(1, 9)}), result({"b": normal(2, 12)}, seed=2)]
    (line,) = verdict(compare(trees))
    assert line.startswith("b is higher than a in 98.")
    assert line.endswith("; not paired (other seed: 1 and 2)")


def test_verdict_tells_ties_and_never_rounds_to_certainty():
    a = np.arange(30_000.0)
    some = np.where(a < 3, a + 1, np.where(a < 600, a, a - 1))
    (line,) = verdict(compare([result({"a": a, "b": some})]))
    assert "lower than a in 98.0 % of draws (97.8 to 98.2 %, 95 % conf" in line
    assert ", equal in 2.0 %; " in line
    rare = np.where(a < 1, a + 1, a - 1)
    (line,) = verdict(compare([result({"a": a, "b": rare})]))
    assert "lower than a in > 99.99 % of draws (99.98 to 100.00 %, 95 %" in line


def test_no_star_and_no_p_value_in_a_verdict(normals):
    text = " ".join(verdict(compare([normals])))
    assert "*" not in text
    assert "signific" not in text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (-6.1163, 0.0005, "-6.12"),
        (-6.1163, 0.09, "-6.1"),
        (12.3, 9.0, "10"),
        (0.4, 3.0, "0"),
        (-0.04, 0.3, "0"),
        (5.0, 0.0, "5.00"),
        (0.0, 0.0, "0.00"),
        (123456.0, 0.0, "123000"),
    ],
)
def test_a_number_shows_no_figure_finer_than_its_error(value, error, text):
    assert rounded(value, error) == text


def test_json_is_the_object_of_the_design_and_plain_json(normals):
    data = compare([normals])
    found = json.loads(json.dumps(as_object(data), allow_nan=False))
    assert list(found) == ["study", "reference", "results"]
    (row,) = found["results"]
    asked = "scenario year output difference lower upper ratio probability_lower paired"
    assert set(asked.split()) <= set(row)
    assert row["scenario"] == "b"
    assert row["year"] is None
    assert row["paired"] is True
    cell = data.sel(scenario="b", output="footprint")
    assert row["difference"] == float(cell["difference"])
    assert row["lower"] == float(cell["difference_interval"].sel(bound="lower"))


def test_a_comparison_survives_the_disk(tmp_path, normals):
    data = compare([normals], threshold=1.0, limits=[9.0])
    data.to_netcdf(tmp_path / "comparison.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "comparison.nc", engine="h5netcdf") as opened:
        again = opened.load()
    assert verdict(again) == verdict(data)
    assert as_object(again) == as_object(data)
    for name, variable in data.data_vars.items():
        assert variable.attrs["long_name"], name


def test_a_comparison_takes_memory_by_the_pair_not_by_the_table():
    draws = 200_000
    tree = result({f"s{i}": normal(i, size=draws) for i in range(12)})
    tracemalloc.start()
    compare([tree], threshold=1.0, limits=[1.0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # a pair, its difference, and what a summary sorts and centres: some 8 rows of
    # doubles; all pairs together would take 144
    assert peak < 14 * draws * 8


# what cannot be compared


def test_one_scenario_cannot_be_compared():
    with pytest.raises(ComparisonError, match="one scenario alone"):
        compare([result({"a": normal(1)})])


def test_an_unknown_reference_is_answered_with_the_nearest(normals):
    tree = result({"hydro": normal(1), "grid": normal(2)})
    with pytest.raises(ComparisonError, match=r"'hydra'; did you mean hydro\?"):
        compare([tree], "hydra")
    with pytest.raises(ComparisonError, match="no scenario 'x'"):
        pairing_gain(normals, "x", "a")


def test_a_name_of_several_results_has_to_say_which():
    trees = [result({"a": normal(1), "b": normal(2)}), result({"a": normal(3)})]
    with pytest.raises(ComparisonError, match="say hand 1:a, hand 2:a"):
        compare(trees, "a")
    assert compare(trees, "hand 2:a").attrs["reference"] == "hand 2:a"
    assert compare(trees).attrs["reference"] == "hand 1:a"
    other = result({"a": normal(3)}, study="other")
    assert compare([trees[0], other], "other:a").attrs["reference"] == "other:a"


def test_results_with_and_without_years_cannot_be_compared():
    dated = result({"a": [normal(1)]}, years=[2023])
    with pytest.raises(ComparisonError, match="one result has years and another"):
        compare([dated, result({"b": normal(1)})])


def test_one_quantity_in_two_units_cannot_be_compared():
    trees = [result({"a": normal(1)}), result({"b": normal(1)}, units="kg CO2e/kg")]
    with pytest.raises(ComparisonError, match="footprint is in kg CO2e/t and in"):
        compare(trees)


def test_a_threshold_has_to_be_of_something():
    tree = result({"a": normal(1), "b": normal(2)}, outputs={"c": "1", "d": "1"})
    with pytest.raises(ComparisonError, match=r"which output\? There are c, d"):
        compare([tree], threshold=1.0)
    with pytest.raises(ComparisonError, match=r"which output\? There are c, d"):
        compare([tree], limits=[1.0])
    one = result({"a": normal(1), "b": normal(2)}, outputs={"c": "1"})
    assert compare([one], threshold=1.0).attrs["threshold_of"] == "c"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"probability": 95}, "probability must lie between 0 and 1, not 95"),
        ({"threshold": -1.0}, "threshold must be a number of 0 or more, not -1.0"),
        ({"threshold": np.nan}, "threshold must be a number of 0 or more, not nan"),
        ({"limits": [np.inf]}, "limits must be finite numbers"),
    ],
)
def test_impossible_settings_are_refused(normals, given, message):
    with pytest.raises(ValueError, match=message):
        compare([normals], **given)


def test_a_draw_that_is_not_finite_is_refused():
    bad = normal(1)
    bad[7] = np.inf
    with pytest.raises(SampleError, match="1 draws not finite"):
        compare([result({"a": normal(2), "b": bad})])


def test_pairing_gain_needs_the_quantity_in_both():
    nothing = np.full(100, np.nan)
    tree = result({"a": [normal(1, size=100)], "b": [nothing]}, years=[2030])
    with pytest.raises(ComparisonError, match="b has no footprint"):
        pairing_gain(tree, "a", "b")


def test_pairing_gain_is_endless_where_the_difference_is_certain():
    gain = pairing_gain(result({"a": normal(1), "b": normal(1) + 1}), "a", "b")
    assert gain.measured > 1e12  # the widths that are left are rounding
