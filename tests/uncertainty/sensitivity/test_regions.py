"""Boxes and trees against boxes that were planted, and against noise."""

import numpy as np
import pytest

from uncertainty.errors import SampleError
from uncertainty.seeds import generator
from uncertainty.sensitivity.regions import BY_CHANCE, cart, prim


def planted(seed, inputs=8, draws=4096, noise=0.03):
    """Two of the inputs make the event; part of the draws is turned over."""
    rng = generator(seed, "planted")
    x = rng.random((inputs, draws))
    truth = (x[2] > 0.6) & (x[5] < 0.45)
    return x, truth, truth ^ (rng.random(draws) < noise)


def binomial_sd(share, count):
    return np.sqrt(share * (1 - share) / count)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_box_comes_back(seed):
    x, truth, event = planted(seed)
    box = prim(x, event).regions[0]
    assert box.limits.keys() == {2, 5}
    # one draw in 4096 more or less, and what is turned over near an edge
    assert box.limits[2] == pytest.approx((0.6, np.inf), abs=0.01)
    assert box.limits[5] == pytest.approx((-np.inf, 0.45), abs=0.01)
    coverage = (truth & event).sum() / event.sum()
    density = (truth & event).sum() / truth.sum()
    for found in ((box.coverage, box.density), box.held_out):
        assert found[0] == pytest.approx(
            coverage, abs=4 * binomial_sd(coverage, event.sum())
        )
        assert found[1] == pytest.approx(
            density, abs=4 * binomial_sd(density, truth.sum())
        )
    assert box.mass == box.draws / event.size
    assert max(box.quasi_p.values()) < 1e-10


def test_statistics_of_a_box_are_counts_of_draws():
    x, _, event = planted(11)
    box = prim(x, event).regions[0]
    inside = (x[2] >= box.limits[2][0]) & (x[5] <= box.limits[5][1])
    assert np.array_equal(box.inside(x), inside)
    assert (box.draws, box.events) == (inside.sum(), (inside & event).sum())
    assert box.coverage == box.events / event.sum()
    assert box.density == box.events / box.draws


def test_quasi_p_is_the_binomial_tail_without_the_restriction():
    from scipy import stats

    x, _, event = planted(3)
    box = prim(x, event).regions[0]
    rate = event[x[5] <= box.limits[5][1]].mean()
    tail = stats.binom.sf(box.events - 1, box.draws, rate)
    assert box.quasi_p[2] == pytest.approx(tail, rel=1e-9)


def test_noise_gives_nothing_in_at_least_95_of_100_seeds():
    found = 0
    for seed in range(100):
        rng = generator(seed, "noise")
        x, event = rng.random((8, 1024)), rng.random(1024) < 0.15
        found += bool(prim(x, event).regions)
    assert found <= 5


def test_a_tree_of_noise_has_no_leaf_in_at_least_95_of_100_seeds():
    pytest.importorskip("sklearn")
    found = 0
    for seed in range(100):
        rng = generator(seed, "noise")
        x, event = rng.random((8, 1024)), rng.random(1024) < 0.15
        found += bool(cart(x, event).regions)
    assert found <= 5


def test_a_tree_finds_the_planted_box():
    pytest.importorskip("sklearn")
    x, truth, event = planted(4)
    (leaf,) = cart(x, event).regions
    assert leaf.limits.keys() == {2, 5}
    assert (leaf.inside(x) ^ truth).mean() < 0.01
    assert leaf.p < BY_CHANCE


def test_two_boxes_are_told_one_after_the_other():
    rng = generator(5, "two")
    x = rng.random((6, 8192))
    event = (x[0] > 0.8) | ((x[1] < 0.2) & (x[2] > 0.5))
    first, second = prim(x, event).regions
    assert first.limits.keys() == {0}
    assert second.limits.keys() == {1, 2}
    # the second is counted outside the first
    assert first.events + second.events <= event.sum()
    assert first.coverage + second.coverage > 0.95


def test_an_input_of_few_values_is_peeled_by_whole_values():
    rng = generator(6, "steps")
    x = rng.random((4, 4096))
    x[1] = np.floor(4 * x[1])
    box = prim(x, (x[1] == 3) & (rng.random(4096) < 0.9)).regions[0]
    assert box.limits.keys() == {1}
    assert 2 < box.limits[1][0] <= 3
    assert box.coverage == 1


def test_one_monotone_change_of_an_input_changes_no_draw_of_the_box():
    x, _, event = planted(7)
    other = x.copy()
    other[2] = np.exp(5 * x[2])
    one, two = prim(x, event).regions[0], prim(other, event).regions[0]
    assert np.array_equal(one.inside(x), two.inside(other))


@pytest.mark.parametrize("method", [prim, cart])
def test_too_few_events_are_refused(method):
    x, _, _ = planted(1)
    event = np.zeros(x.shape[1], dtype=bool)
    event[:7] = True
    with pytest.raises(SampleError, match="7 of 4096 draws: a search takes 20"):
        method(x, event)
