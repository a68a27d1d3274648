"""Readings that nobody has taken yet, against closed forms of the normal model."""

import numpy as np
import pytest
from scipy import special, stats

from uncertainty.designs import design
from uncertainty.sensitivity.readings import (
    exact_count,
    expected_gain,
    expected_width,
)

DRAWS = 2**13
Z = float(special.ndtri(0.975))


@pytest.fixture(scope="module")
def normals():
    plan = design("sobol", draws=DRAWS, seed=7, columns=["x", "rest"], replicates=1)
    return (special.ndtri(plan.levels(name, 0)) for name in ("x", "rest"))


@pytest.fixture(scope="module")
def output(normals):
    """An input of sd 1, and an output of variance 5 to which it adds 4."""
    x, rest = normals
    return x, 2 * x + rest


@pytest.mark.parametrize("sd", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("count", [1, 4, 12])
def test_the_width_is_that_of_the_posterior(output, sd, count):
    x, y = output
    left = 1 / (1 + count / sd**2)
    found = expected_width(x, y, sd, count)
    # 0.4 % is the spread over seeds of the mean of 64 weighted intervals
    assert found.value == pytest.approx(2 * Z * np.sqrt(4 * left + 1), rel=0.012)


def test_an_input_that_does_nothing_narrows_nothing(output):
    x, y = output
    other = y - 2 * x
    now = 2 * Z
    assert expected_width(x, other, 1.0, 12).value == pytest.approx(now, rel=0.012)


@pytest.mark.parametrize("mean", [0.0, 0.3, -1.0])
@pytest.mark.parametrize("sd", [0.5, 3.0])
def test_the_gain_is_the_unit_normal_loss(output, mean, sd):
    x, y = output
    s = 2 * np.sqrt(1 - 1 / (1 + 4 / sd**2))
    loss = s * stats.norm.pdf(mean / s) - abs(mean) * stats.norm.cdf(-abs(mean) / s)
    # 64 sets of readings in place of all: 5 % where readings say little
    assert expected_gain(x, y + mean, sd, 4).value == pytest.approx(loss, rel=0.06)


def test_a_choice_that_no_reading_turns_is_worth_nothing(output):
    x, y = output
    assert expected_gain(x, y + 50.0, 1.0, 12).value == 0.0


def test_readings_beyond_exact_say_no_more(output):
    x, y = output
    most = exact_count(x, 1.0)
    assert most == pytest.approx(100, abs=2)  # a tenth of the sd
    widths = [expected_width(x, y, 1.0, count).value for count in (most, 50 * most)]
    assert widths[0] == pytest.approx(widths[1], rel=1e-3)
