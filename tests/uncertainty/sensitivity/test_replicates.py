"""Bounds from independent replicates."""

import numpy as np
import pytest

from uncertainty.sensitivity.replicates import of_pairs, with_t

COUNT = 16


def pairs(linear, noise):
    """Symmetric products of a replicate's own part and of what a pair has."""
    both = np.triu(noise, 1)
    return linear[..., :, None] + linear[..., None, :] + both + both.swapaxes(-1, -2)


def bounds(products):
    apart = np.where(np.eye(COUNT, dtype=bool), 0.0, products)
    total, own = apart.sum(axis=(-2, -1)), apart.sum(axis=-1)
    whole = total / (COUNT * (COUNT - 1))
    without = (total[..., None] - 2 * own) / ((COUNT - 1) * (COUNT - 2))
    return of_pairs(whole, without, products, 0.95)


def test_without_noise_of_pairs_they_are_student_bounds_of_the_replicates():
    linear = np.random.default_rng(1).normal(size=COUNT)
    found = bounds(pairs(linear, np.zeros((COUNT, COUNT))))
    assert found == pytest.approx(with_t(2 * linear.mean(), 2 * linear, 0.95))


@pytest.mark.parametrize("of_a_pair", [0.0, 1.0, 10.0, 1e4])
def test_they_cover_whatever_varies_in_pairs_alone(of_a_pair):
    rng = np.random.default_rng(2)
    linear = rng.normal(size=(4000, COUNT))
    noise = of_a_pair * rng.normal(size=(4000, COUNT, COUNT))
    _, low, high = bounds(pairs(linear, noise))
    covered = ((low <= 0) & (high >= 0)).mean()
    # 95 % within 4 standard errors below; a part that counted twice made it 99.5 %
    assert 0.936 <= covered <= 0.98
