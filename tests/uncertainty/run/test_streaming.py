"""Statistics without draws: counts in bins, and moments by pieces."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from uncertainty import kernel, seeds
from uncertainty.seeds import PAGE
from uncertainty.statistics.binned_counts import RELATIVE_ERROR, Tallies, bins, ends
from uncertainty.statistics.moments import bounds_of, join, of_pieces

FINITE = st.floats(allow_nan=False, allow_infinity=False)
LONG = arrays(np.float64, st.integers(1, 300), elements=FINITE)


class TestBins:
    @settings(deadline=None)
    @given(LONG)
    def test_a_value_lies_in_its_bin_and_bins_rise_with_it(self, values):
        numbers = bins(values)
        low, high = ends(numbers)
        with np.errstate(invalid="ignore"):
            assert np.all((low <= values) & (values <= high))
        assert np.all(np.diff(numbers[np.argsort(values, kind="stable")]) >= 0)

    @settings(deadline=None)
    @given(st.floats(1e-300, 1e300), st.sampled_from([1.0, -1.0]))
    def test_a_bin_is_as_wide_as_is_said(self, size, sign):
        low, high = ends(bins(np.array([sign * size])))
        assert 0 < float(high[0] - low[0]) <= RELATIVE_ERROR * size * (1 + 1e-9)


def tallies_of(*rows) -> Tallies:
    """Counts of rows of as many draws each."""
    found = Tallies(len(rows))
    found.count(np.stack(rows))
    return found


def assert_holds(found: Tallies, *rows):
    for i, row in enumerate(rows):
        here = found.keys // (1 << 12) == i
        octaves, counts = found.keys[here] % (1 << 12), found.counts[here]
        numbers, expected = np.unique(bins(row), return_counts=True)
        dense = dict(zip(octaves.tolist(), counts, strict=True))
        places = zip(
            (numbers >> 12).tolist(), (numbers % (1 << 12)).tolist(), strict=True
        )
        assert [dense[octave][bin] for octave, bin in places] == expected.tolist()
        assert counts.sum() == row.size


NEAR = arrays(np.float64, 200, elements=st.floats(3.0, 50.0))
FAR = arrays(np.float64, 200, elements=st.floats(-1e6, 1e6))


class TestTallies:
    @settings(deadline=None)
    @given(NEAR, FAR, st.randoms())
    def test_any_order_of_adding_is_the_same(self, near, far, random):
        parts = np.array_split(np.arange(200), 7)
        random.shuffle(parts)
        counted, added = Tallies(2), Tallies(2)
        for part in parts:
            counted.count(np.stack([near[part], far[part]]))
            one = tallies_of(near[part], far[part])
            added.add(one.keys, one.counts)
        for found in (counted, added, tallies_of(near, far)):
            assert_holds(found, near, far)

    @settings(deadline=None)
    @given(NEAR, FAR)
    def test_quantiles_are_as_near_as_is_said(self, near, far):
        found = tallies_of(far, near)
        for i, row in enumerate((far, near)):
            values = found.ranked(i, float(row.min()), float(row.max()))
            ordered = np.sort(row)
            # a subnormal bin has no relative width; none is reached by 1e-300
            allowed = RELATIVE_ERROR * np.abs(ordered) * (1 + 1e-9) + 1e-300
            assert np.all(np.abs(values(np.arange(200)) - ordered) <= allowed)

    def test_a_constant_is_itself(self):
        values = tallies_of(np.full(50, 84.7)).ranked(0, 84.7, 84.7)
        assert values(np.array([0, 49])).tolist() == [84.7, 84.7]

    def test_draws_that_span_everything_are_counted_too(self):
        row = np.array([-1e300, -1.0, 0.0, 1e-300, 1e300])
        found = tallies_of(row).ranked(0, -1e300, 1e300)(np.arange(5))
        np.testing.assert_allclose(found, row, rtol=RELATIVE_ERROR, atol=1e-305)

    def test_every_octave_there_is(self):
        sizes = np.ldexp(1.5, np.arange(-1074, 1024))
        row = np.concatenate([sizes, -sizes, [0.0, -0.0, 5e-324, np.finfo(float).max]])
        assert_holds(tallies_of(row[::-1].copy(), row), row, row)

    def test_without_a_compiler(self, monkeypatch):
        rng = seeds.generator(1, "random", "c")
        rows = [rng.normal(50, 3, 5000), rng.normal(0, 3, 5000)]
        quickly = tallies_of(*rows)
        monkeypatch.setattr(kernel, "compiled", lambda: None)
        for found in (quickly, tallies_of(*rows)):
            assert_holds(found, *rows)


class TestMoments:
    @pytest.mark.parametrize("replicate", [16_384, 40_000, 123_456])
    def test_pieces_make_the_whole(self, replicate):
        draws = 3 * replicate
        row = np.exp(seeds.generator(2, "random", "m").normal(3, 0.4, draws))[None]
        bounds = bounds_of(0, draws, replicate)
        mean, second, third, fourth = join(of_pieces(row, bounds), np.diff(bounds))[0]
        exact = math.fsum(row[0]) / draws
        off = row[0] - exact
        # sums of 1e5 terms of one sign in lanes: rounding is far below 1e-12
        np.testing.assert_allclose(mean, exact, rtol=1e-13)
        np.testing.assert_allclose(second, math.fsum(off**2), rtol=1e-12)
        np.testing.assert_allclose(third, math.fsum(off**3), rtol=1e-10)
        np.testing.assert_allclose(fourth, math.fsum(off**4), rtol=1e-11)

    @settings(deadline=None)
    @given(arrays(np.float64, st.integers(1, 40), elements=FINITE))
    def test_ends(self, row):
        found = of_pieces(row[np.newaxis], np.array([0, row.size]))[0, 0, 4:]
        assert found.tolist() == [row.min(), row.max()]
        assert not np.signbit(found[found == 0]).any()  # -0.0 is 0.0

    def test_a_large_origin_costs_no_digits(self):
        row = np.array([[1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]])
        pieces = of_pieces(row, np.array([0, 2, 4]))
        mean, second, *_ = join(pieces, np.array([2, 2]))[0]
        # Wikipedia's example of catastrophic cancellation: variance 30
        assert (mean, second / 3) == (1e9 + 10, 30.0)

    @settings(deadline=None)
    @given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
    def test_bounds_part_pages_and_replicates(self, first, length, replicate):
        found = bounds_of(first, first + length, replicate).tolist()
        assert (found[0], found[-1]) == (first, first + length)
        begin, end = np.array(found[:-1]), np.array(found[1:])
        assert np.all(begin < end)
        assert np.all(begin // PAGE == (end - 1) // PAGE)
        assert np.all(begin // replicate == (end - 1) // replicate)
