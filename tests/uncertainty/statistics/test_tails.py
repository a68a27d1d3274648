"""Tails for which no mean or sd can be had from draws are seen, and others are not."""

from math import log

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from uncertainty.designs import design
from uncertainty.seeds import pages
from uncertainty.statistics import summarise
from uncertainty.statistics.tails import tail_index, tail_index_by_rank, unstated


def lognormal(gsd):
    return lambda x, z: np.exp(log(gsd) * stats.norm.ppf(x))


def student(freedom):
    return lambda x, z: stats.t.ppf(x, freedom)


HEAVY = {
    "normal over normal": lambda x, z: (
        (1 + 0.1 * stats.norm.ppf(x)) / (1 + 0.3 * stats.norm.ppf(z))
    ),
    "lognormal gsd 10": lognormal(10),
    "t 1": student(1),
    "t 2": student(2),
    "t 3": student(3),
}
LIGHT = {
    "lognormal gsd 2": lognormal(2),
    "t 10": student(10),
    "exponential": lambda x, z: -np.log1p(-x),
    "normal": lambda x, z: stats.norm.ppf(x),
}
NO_MEAN = ("normal over normal", "t 1")


def errors(shape, kind, seed, draws=16_384):
    plan = design(kind, draws=draws, seed=seed, columns=("x", "z"))
    columns = (
        np.concatenate([plan.levels(name, p) for p in range(pages(plan.draws))])
        for name in plan.columns
    )
    sample = xr.DataArray(shape(*columns), dims="draw")
    found = summarise(sample, replicates=plan.replicates)
    return found["monte_carlo_error"].sel(statistic=["mean", "sd"]).values


@pytest.mark.parametrize("kind", ["random", "sobol"])
class TestMarks:
    @pytest.mark.parametrize("name", HEAVY)
    def test_no_error_is_stated_where_tails_are_too_heavy(self, name, kind):
        mean, sd = errors(HEAVY[name], kind, 5)
        assert np.isnan(sd)
        assert np.isnan(mean) or name not in NO_MEAN

    @pytest.mark.parametrize("name", LIGHT)
    def test_errors_are_stated_where_moments_exist(self, name, kind):
        assert np.isfinite(errors(LIGHT[name], kind, 5)).all()

    @pytest.mark.slow
    def test_marks_and_false_alarms_over_seeds(self, kind):
        for name, shape in HEAVY.items():
            marked = [np.isnan(errors(shape, kind, seed)[1]) for seed in range(200)]
            assert np.mean(marked) >= 0.97, name
        for name, shape in LIGHT.items():
            marked = [np.isnan(errors(shape, kind, seed)).any() for seed in range(200)]
            assert np.mean(marked) <= 0.01, name


def test_few_draws_raise_the_bar():
    alarms = [
        np.isnan(errors(lognormal(2), "random", s, 1024)).any() for s in range(60)
    ]
    assert np.mean(alarms) <= 0.05
    few, many = (unstated(np.array([0.3]), draws)[1] for draws in (2048, 16_384))
    assert (few, many) == (False, True)


@pytest.mark.parametrize("index", [0.2, 0.4])
def test_the_index_is_that_of_the_heavier_side_and_of_ranks_alike(index):
    u = (np.arange(100_000) + 0.5) / 100_000
    row = (1 - u) ** -index
    # bias of some hundredths at the outermost of a grid
    assert tail_index(row) == pytest.approx(index, abs=0.03)
    assert tail_index(-row) == pytest.approx(tail_index(row), abs=1e-12)
    by_rank = tail_index_by_rank(lambda ranks: row[ranks], row.size)
    assert by_rank == pytest.approx(tail_index(row), abs=1e-12)


def test_a_tail_that_ends_in_an_atom_and_few_draws_are_light():
    row = np.minimum(np.arange(10_000.0), 9_000)
    assert tail_index(row) < 0.05
    assert tail_index(np.arange(100.0) ** 9) == 0


@pytest.mark.parametrize("events", [1, 12, 49, 50, 400, 2000])
def test_a_rare_event_has_all_moments(events):
    # 0 or 1: bounded, however large its kurtosis
    row = np.zeros(16_384)
    row[:events] = 1.0
    assert tail_index(row) <= 0
    assert tail_index(1 - row) <= 0
