"""Ranks that bound quantiles: binomial truth, scipy as a peer, and repeated samples."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.tolerance_intervals import (
    draws_to_exceed,
    quantile_bounds,
    rank_below,
    rank_coverage,
    rank_interval,
)
from uncertainty.errors import SampleError


class TestRankInterval:
    @given(
        draws=st.integers(1, 10**6),
        level=st.floats(0.001, 0.999),
        confidence=st.floats(0.5, 0.999),
    )
    def test_it_is_that_of_the_binomial_law(self, draws, level, confidence):
        tails = (1 - confidence) / 2, (1 + confidence) / 2
        low, high = stats.binom.ppf(tails, draws, level)
        if low < 1 or high + 1 > draws:
            with pytest.raises(SampleError, match=f"{draws} draws do not bound"):
                rank_interval(draws, level, confidence)
            return
        assert rank_interval(draws, level, confidence) == (low, high + 1)

    @given(draws=st.integers(50, 10**5), level=st.floats(0.1, 0.9))
    def test_it_covers_what_it_promises_and_no_rank_more(self, draws, level):
        lower, upper = rank_interval(draws, level)
        assert rank_coverage(draws, level, lower, upper) >= 0.95
        # a rank taken from either end leaves more than its half of 5 % outside
        assert stats.binom.cdf(lower, draws, level) >= 0.025
        assert stats.binom.sf(upper - 2, draws, level) >= 0.025

    def test_it_mirrors_with_the_level(self):
        lower, upper = rank_interval(1000, 0.025)
        assert rank_interval(1000, 0.975) == (1001 - upper, 1001 - lower)

    @given(level=st.floats(0.02, 0.98), confidence=st.floats(0.5, 0.99))
    def test_too_few_draws_say_how_many_it_takes(self, level, confidence):
        with pytest.raises(SampleError, match="1 draws do not bound") as caught:
            rank_interval(1, level, confidence)
        enough = int(str(caught.value).rpartition(" ")[2])
        assert rank_interval(enough, level, confidence)
        with pytest.raises(SampleError, match=f"draw {enough}$"):
            rank_interval(enough - 1, level, confidence)

    @pytest.mark.parametrize("level", [0, 1, -0.1, 97.5])
    def test_a_level_lies_between_0_and_1(self, level):
        with pytest.raises(ValueError, match=f"level must lie between.*not {level}"):
            rank_interval(1000, level)

    def test_a_confidence_lies_between_0_and_1(self):
        with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
            rank_interval(1000, 0.5, 95)

    def test_no_draws_are_refused(self):
        with pytest.raises(ValueError, match="draws must be 1 or more, not 0"):
            rank_interval(0, 0.5)


class TestRankCoverage:
    @given(st.data())
    def test_it_is_a_sum_of_binomial_probabilities(self, data):
        draws = data.draw(st.integers(2, 500))
        lower = data.draw(st.integers(1, draws - 1))
        upper = data.draw(st.integers(lower + 1, draws))
        level = data.draw(st.floats(0.01, 0.99))
        # the quantile is above x_(lower) and below x_(upper): lower .. upper - 1 below
        wanted = stats.binom.pmf(np.arange(lower, upper), draws, level).sum()
        assert rank_coverage(draws, level, lower, upper) == pytest.approx(
            wanted, rel=1e-9, abs=1e-13
        )

    @pytest.mark.parametrize("ranks", [(0, 5), (5, 5), (6, 5), (1, 11)])
    def test_ranks_have_to_rise(self, ranks):
        with pytest.raises(ValueError, match="do not rise from 1 to 10"):
            rank_coverage(10, 0.5, *ranks)


class TestQuantileBounds:
    def test_they_are_the_draws_of_the_ranks(self):
        values = np.random.default_rng(3).permutation(1000.0 + np.arange(1000))
        sample = xr.DataArray(
            np.stack([values, -values]),
            dims=("sign", "draw"),
            coords={"sign": ["plus", "minus"]},
            attrs={"units": "kg"},
        )
        found = quantile_bounds(sample, 0.975)
        assert found.sel(sign="plus").values.tolist() == [1964, 1984]
        assert found.sel(sign="minus").values.tolist() == [-1035, -1015]
        assert found.attrs["units"] == "kg"
        assert found["bound"].values.tolist() == ["lower", "upper"]

    @pytest.mark.parametrize("level", [0.025, 0.5, 0.975])
    def test_they_hold_the_quantile_as_often_as_promised(self, level):
        repeats, draws = 2000, 1000
        values = np.random.default_rng(5).lognormal(0, 0.5, (repeats, draws))
        ends = quantile_bounds(xr.DataArray(values, dims=("run", "draw")), level)
        truth = stats.lognorm(0.5).ppf(level)
        held = (ends.sel(bound="lower") < truth) & (truth < ends.sel(bound="upper"))
        promised = rank_coverage(draws, level, *rank_interval(draws, level))
        low, high = stats.binom.ppf([5e-5, 1 - 5e-5], repeats, promised)
        assert low <= int(held.sum()) <= high

    def test_a_draw_that_is_not_finite_is_counted(self):
        sample = xr.DataArray([np.nan, *range(200)], dims="draw", name="y")
        with pytest.raises(SampleError, match="y: 1 draws not finite"):
            quantile_bounds(sample, 0.5)

    def test_the_argument_is_left_alone(self):
        values = np.arange(500.0)[::-1].copy()
        quantile_bounds(xr.DataArray(values, dims="draw"), 0.5)
        np.testing.assert_array_equal(values, np.arange(500.0)[::-1])


class TestWilks:
    @given(level=st.floats(0.01, 0.999), confidence=st.floats(0.01, 0.999))
    def test_it_is_the_least_number_that_does(self, level, confidence):
        n = draws_to_exceed(level, confidence)
        assert 1 - level**n >= confidence * (1 - 1e-9)
        assert n == 1 or 1 - level ** (n - 1) < confidence * (1 + 1e-9)

    @given(
        draws=st.integers(1, 3000),
        level=st.floats(0.01, 0.5),
        confidence=st.floats(0.5, 0.99),
    )
    def test_the_rank_is_the_highest_that_does(self, draws, level, confidence):
        rank = rank_below(draws, level, confidence)
        if rank is None:
            assert stats.binom.sf(0, draws, level) < confidence
            return
        # k draws or more below: P(B >= k)
        assert stats.binom.sf(rank - 1, draws, level) >= confidence * (1 - 1e-12)
        assert stats.binom.sf(rank, draws, level) < confidence * (1 + 1e-12)

    def test_probabilities_lie_between_0_and_1(self):
        with pytest.raises(ValueError, match="level must lie between 0 and 1, not 1"):
            draws_to_exceed(1)
        with pytest.raises(ValueError, match="confidence must lie between"):
            rank_below(10, 0.5, 0)
