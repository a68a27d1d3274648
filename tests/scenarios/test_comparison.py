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

from scenarios.comparison import compare, pairing_gain
from scenarios.lineup import ComparisonError
from scenarios.loading import load
from scenarios.verdict import as_object, rounded, verdict
from uncertainty.errors import SampleError
from uncertainty.sampling import design
from uncertainty.seeds import generator

CONFIGS = Path(__file__).parents[2] / "configs"
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
    tree = xr.DataTree.from_dict(
        {
            "draws": xr.Dataset(draws),
            "inputs": xr.Dataset(inputs or {}, attrs={"draws_stored": "yes"}),
            "summary": xr.Dataset(),
        }
    )
    tree.attrs = {
        "study": "hand",
        "seed": 1,
        "design": "random",
        "draws": values.shape[-1],
        "replicates": 1,
        "reference": reference or names[0],
        "config": config,
        "library_checksum": "0",
        **attrs,
    }
    return tree


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
    assert verdict(data) == ["more, y, equals base in every draw"]


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
    words = [
        [re.sub(r"[-\d.]+", "#", line) for line in verdict(data)]
        for data in (small, large)
    ]
    assert words[0] == words[1]
    names = ("probability_lower", "probability_higher")
    for name in names:
        ends = small[f"{name}_confidence"]
        width = ends.sel(bound="upper") - ends.sel(bound="lower")
        # twice the interval's half-width: four standard errors
        assert (abs(small[name] - large[name]) <= width).all()
    error = small["difference_error"].sel(statistic="mean")
    assert (abs(small["difference"] - large["difference"]) <= 4 * error).all()
