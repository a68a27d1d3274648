"""Probabilities of events: peers, coverage of the intervals, every refusal."""

import numpy as np
import pytest
from scipy import stats

from uncertainty.designs import design
from uncertainty.errors import SampleError
from uncertainty.seeds import generator
from uncertainty.statistics.proportions import clopper_pearson, frequency
from uncertainty.statistics.ranks import BLOCK, rank_shares


def event(hits, draws):
    return np.arange(draws) < hits


@pytest.mark.parametrize(("hits", "draws"), [(0, 50), (1, 50), (20, 50), (50, 50)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_interval_is_that_of_a_peer(hits, draws, confidence):
    peer = stats.binomtest(hits, draws).proportion_ci(confidence, method="exact")
    found = frequency(event(hits, draws), confidence=confidence)
    # two routes to one root of the incomplete beta function
    np.testing.assert_allclose((found.lower, found.upper), peer, rtol=1e-9)
    assert found.value == hits / draws
    assert found.method == "Clopper-Pearson"


def test_all_or_nothing_leaves_the_closed_form():
    # n of n hits: p^n = 0.025 (rounding of the solver only)
    assert clopper_pearson(16384, 16384)[0] == pytest.approx(0.025 ** (1 / 16384))
    found = frequency(event(0, 1600), replicates=16)
    assert (found.value, found.lower) == (0.0, 0.0)
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 1600))
    assert found.method == "Clopper-Pearson"


def test_replicates_give_the_t_interval_over_them():
    hits = [40, 50, 60, 70]
    happened = np.concatenate([event(h, 100) for h in hits])
    found = frequency(happened, replicates=4)
    parts = np.array(hits) / 100
    peer = stats.t.interval(0.95, 3, parts.mean(), stats.sem(parts))
    np.testing.assert_allclose((found.lower, found.upper), peer, rtol=1e-12)
    assert found.method == "replicates"


def test_replicates_that_agree_are_not_taken_for_certainty():
    found = frequency(np.tile(event(39, 64), 16), replicates=16)
    # had 1 - 0.025^(1/16) = 0.206 of them counted 40, all 16 agreeing is 2.5 % likely
    assert found.upper - found.value == pytest.approx((1 - 0.025 ** (1 / 16)) / 64)
    assert found.lower == pytest.approx(2 * found.value - found.upper)


@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube", "random"])
@pytest.mark.parametrize("bar", [0.0, 0.35, 1.3])
@pytest.mark.parametrize("slope", [0.0, 0.7])
def test_interval_covers_the_truth_as_often_as_it_says(kind, bar, slope):
    true = stats.norm.cdf(bar / np.hypot(1, slope))
    inside = 0
    for seed in range(200):
        points = design(kind, draws=1024, seed=seed, columns=["x", "z"])
        x, z = (stats.norm.ppf(points.levels(column, 0)) for column in points.columns)
        found = frequency(x + slope * z < bar, replicates=points.replicates)
        inside += found.lower <= true <= found.upper
    # at 95 % fewer than 180 of 200 would happen once in 500 times
    assert inside >= 180


def test_fewer_effective_draws_widen_the_interval():
    found = frequency(event(300, 1000), effective=100)
    assert (found.lower, found.upper) == clopper_pearson(30, 100)


@pytest.mark.parametrize(("draws", "replicates"), [(0, 1), (10, 4)])
def test_draws_have_to_split_into_replicates(draws, replicates):
    with pytest.raises(SampleError, match=f"{draws} draws do not split into"):
        frequency(event(0, draws), replicates=replicates)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_confidence_has_to_be_a_probability(confidence):
    with pytest.raises(ValueError, match=f"between 0 and 1, not {confidence}"):
        frequency(event(1, 10), confidence=confidence)


def test_ranks_are_counted_across_blocks():
    samples = generator(1, "test").normal(size=(3, BLOCK + 100))
    samples += np.array([[0], [1], [0.5]])
    order = stats.rankdata(samples, axis=0).astype(int) - 1
    counted = [[np.mean(row == rank) for rank in range(3)] for row in order]
    # counts of up to 16 484 added and divided: rounding alone
    np.testing.assert_allclose(rank_shares(list(samples)), counted, rtol=1e-12)
