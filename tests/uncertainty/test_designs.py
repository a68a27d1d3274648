"""Designs: one generic class for all of them, then what each promises of its own."""

import pickle
import random
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.stats import qmc

from uncertainty import designs as sampling
from uncertainty.designs import design
from uncertainty.errors import DesignError
from uncertainty.seeds import PAGE, generator, pages

COLUMNS = ["smelting.electricity", "anode.carbon", "grid.factor", "refining.heat"]
SEEDS = [0, 1, 2**63 - 1]


def column(plan, name) -> np.ndarray:
    """All levels of a column, shape (draws,)."""
    return np.concatenate([plan.levels(name, p) for p in range(pages(plan.draws))])


def table(plan) -> np.ndarray:
    """All levels, shape (columns, replicates, draws in a replicate)."""
    levels = np.stack([column(plan, name) for name in plan.columns])
    return levels.reshape(len(plan.columns), plan.replicates, -1)


def global_state() -> tuple[object, ...]:
    """State of both generators that any library may share."""
    return random.getstate(), np.random.get_state()  # noqa: NPY002 (only looked at)


def plan_of(kind, draws=25_000, seed=1, columns=COLUMNS, **options):
    return design(kind, draws=draws, seed=seed, columns=columns, **options)


@pytest.mark.parametrize("kind", ["random", "latin_hypercube", "sobol"])
@pytest.mark.parametrize("replicates", [1, 16])
class TestEveryDesign:
    def test_pages_hold_all_draws(self, kind, replicates):
        plan = plan_of(kind, replicates=replicates)
        sizes = [len(plan.levels("grid.factor", p)) for p in range(pages(plan.draws))]
        assert set(sizes[:-1]) == {PAGE}
        assert sum(sizes) == plan.draws >= 25_000
        assert plan.draws % plan.replicates == 0
        assert plan.kind == kind
        assert plan.replicates == (1 if kind == "random" else replicates)

    def test_levels_lie_strictly_between_the_ends(self, kind, replicates):
        levels = table(plan_of(kind, replicates=replicates))
        assert levels.min() >= 2.0**-54
        assert levels.max() <= 1 - 2.0**-53

    def test_each_column_is_uniform(self, kind, replicates):
        for levels in table(plan_of(kind, replicates=replicates)):
            # the seed is fixed; a wrong law of 25 000 draws has p below 1e-20
            assert stats.kstest(levels.ravel(), "uniform").pvalue > 1e-3

    def test_columns_are_uncorrelated(self, kind, replicates):
        levels = table(plan_of(kind, replicates=replicates)).reshape(len(COLUMNS), -1)
        off = np.corrcoef(levels)[np.triu_indices(len(COLUMNS), 1)]
        # sd of r is 1/sqrt(25 000) = 0.0063 at most
        assert np.abs(off).max() < 4 * 0.0063

    @pytest.mark.parametrize("seed", SEEDS)
    def test_a_seed_repeats_itself(self, kind, replicates, seed):
        one, two = (plan_of(kind, 999, seed, replicates=replicates) for _ in range(2))
        assert one == two
        assert np.array_equal(table(one), table(two))

    def test_two_seeds_give_two_samples(self, kind, replicates):
        first = [
            plan_of(kind, 99, s, replicates=replicates) for s in (*SEEDS, 2, 2**64)
        ]
        firsts = {plan.levels("grid.factor", 0)[0] for plan in first}
        assert len(firsts) == 5

    @pytest.mark.parametrize("workers", [1, 2, 7])
    def test_threads_and_the_order_of_pages_change_no_bit(
        self, kind, replicates, workers
    ):
        known = table(plan_of(kind, 45_000, replicates=replicates))
        plan = plan_of(kind, 45_000, replicates=replicates)
        asked = [(c, p) for p in range(pages(plan.draws)) for c in COLUMNS]
        random.Random(workers).shuffle(asked)
        with ThreadPoolExecutor(workers) as pool:
            got = dict(
                zip(asked, pool.map(lambda a: plan.levels(*a), asked), strict=True)
            )
        for place, name in enumerate(COLUMNS):
            read = [got[name, p] for p in range(pages(plan.draws))]
            assert np.array_equal(np.concatenate(read), known[place].ravel())

    def test_a_pickled_design_is_small_and_the_same(self, kind, replicates):
        plan = plan_of(kind, replicates=replicates)
        known = table(plan)
        sent = pickle.dumps(plan)
        assert len(sent) < 1000  # the names and numbers, no tables
        assert pickle.loads(sent) == plan
        assert np.array_equal(table(pickle.loads(sent)), known)

    def test_writing_to_a_page_does_not_reach_the_design(self, kind, replicates):
        plan = plan_of(kind, replicates=replicates)
        known = plan.levels("anode.carbon", 1).copy()
        plan.levels("anode.carbon", 1)[:] = 7
        assert np.array_equal(plan.levels("anode.carbon", 1), known)

    def test_new_columns_at_the_end_leave_the_others_as_they_were(
        self, kind, replicates
    ):
        short = plan_of(kind, 2000, columns=COLUMNS[:2], replicates=replicates)
        long = plan_of(kind, 2000, columns=COLUMNS, replicates=replicates)
        assert np.array_equal(table(short), table(long)[:2])

    def test_global_random_state_is_left_alone(self, kind, replicates):
        before = global_state()
        table(plan_of(kind, 5000, replicates=replicates))
        np.testing.assert_equal(global_state(), before)

    def test_the_fewest_draws_are_served(self, kind, replicates):
        plan = plan_of(kind, 1, replicates=replicates)
        assert plan.draws == plan.replicates
        assert table(plan).shape == (len(COLUMNS), plan.replicates, 1)

    def test_a_design_without_columns_still_counts_its_draws(self, kind, replicates):
        assert plan_of(kind, 160, columns=[], replicates=replicates).draws >= 160

    def test_an_unknown_column_is_named_with_the_nearest(self, kind, replicates):
        plan = plan_of(kind, replicates=replicates)
        message = "no column 'grid.facter'; did you mean grid.factor?"
        with pytest.raises(DesignError, match=re.escape(message)):
            plan.levels("grid.facter", 0)

    @pytest.mark.parametrize("page", [-1, 4])
    def test_a_page_that_is_not_there_is_refused(self, kind, replicates, page):
        with pytest.raises(DesignError, match=rf"no page {page}: \d+ draws fill [34] "):
            plan_of(kind, replicates=replicates).levels("grid.factor", page)

    def test_mean_of_a_product_of_lognormals_has_its_closed_form(
        self, kind, replicates
    ):
        sigma = np.array([0.1, 0.2, 0.3, 0.15])
        levels = table(plan_of(kind, replicates=replicates)).reshape(len(sigma), -1)
        product = np.exp(sigma @ special.ndtri(levels))
        variance = sigma @ sigma
        sd = np.exp(variance / 2) * np.sqrt(np.expm1(variance))
        # four standard errors of independent draws; the others do better
        assert abs(product.mean() - np.exp(variance / 2)) < 4 * sd / np.sqrt(25_000)
        # with an excess kurtosis of 3 an sd is known to sqrt(5 / (4 x 25 000)) = 0.7 %
        assert product.std() == pytest.approx(sd, rel=0.03)


@pytest.mark.parametrize("kind", ["random", "latin_hypercube"])
@settings(max_examples=40, deadline=None)
@given(
    before=st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1),
    after=st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1),
    seed=st.integers(0, 2**64),
)
def test_edits_of_the_inputs_leave_untouched_columns_bit_identical(
    kind, before, after, seed
):
    one = plan_of(kind, 200, seed, before)
    two = plan_of(kind, 200, seed, after)
    for name in set(before) & set(after):
        assert np.array_equal(one.levels(name, 0), two.levels(name, 0))


class TestRandom:
    @given(short=st.integers(1, 25_000), long=st.integers(1, 25_000))
    @settings(max_examples=25, deadline=None)
    def test_a_shorter_run_is_the_beginning_of_a_longer_one(self, short, long):
        short, long = sorted([short, long])
        beginning = column(plan_of("random", long), "anode.carbon")[:short]
        assert np.array_equal(
            column(plan_of("random", short), "anode.carbon"), beginning
        )

    def test_draws_come_from_the_stream_named_after_the_column(self):
        stream = generator(1, "random", "anode.carbon").random(25_000)
        assert np.array_equal(column(plan_of("random"), "anode.carbon"), stream)

    def test_replicates_are_one_whatever_is_asked(self):
        assert plan_of("random", 999, replicates=16).draws == 999

    def test_one_seed_never_couples_two_inputs(self):
        for seed in range(50):
            plan = plan_of("random", 100_000, seed, ["anode.carbon", "anode.price"])
            one, two = special.ndtri(table(plan)[:, 0])
            # sd of r is 0.0032; one stream used twice gives 1
            assert abs(np.corrcoef(one, two)[0, 1]) < 0.015

    def test_product_of_two_normals_has_its_closed_form_sd(self):
        plan = plan_of("random", 100_000, 42, ["one", "two"])
        one, two = special.ndtri(table(plan)[:, 0])
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.01  # three sd of r
        got = ((3 + one) * (5 + 2 * two)).std()
        # var(XY) = mx² sy² + my² sx² + sx² sy²; 1 % is four standard errors
        assert got == pytest.approx(np.sqrt(9 * 4 + 25 * 1 + 4 * 1), rel=0.01)


class TestLatinHypercube:
    @pytest.mark.parametrize(
        ("draws", "replicates"), [(997, 1), (25_000, 16), (30, 30)]
    )
    def test_each_stratum_is_hit_once_in_each_replicate(self, draws, replicates):
        plan = plan_of("latin_hypercube", draws, replicates=replicates)
        levels = table(plan)
        strata = levels.shape[-1]
        hits = np.sort(np.floor(levels * strata), axis=-1)
        assert np.array_equal(hits, np.broadcast_to(np.arange(strata), levels.shape))

    @pytest.mark.parametrize(
        ("asked", "given"), [(1, 16), (16, 16), (17, 32), (1000, 1008)]
    )
    def test_draws_are_rounded_up_to_whole_replicates(self, asked, given):
        assert plan_of("latin_hypercube", asked).draws == given

    def test_variance_of_a_linear_mean_falls_with_the_cube_of_the_draws(self):
        n, seeds = 100, 300
        means = [
            table(plan_of("latin_hypercube", n, s, replicates=1)).mean(-1).sum()
            for s in range(seeds)
        ]
        # only the jitter, var 1/12 in each of n strata of width 1/n, is left;
        # a variance from 300 samples has a relative sd of sqrt(2/300) = 8 %
        expected = len(COLUMNS) / (12 * n**3)
        assert np.var(means) == pytest.approx(expected, rel=0.33)

    def test_replicates_and_columns_have_permutations_of_their_own(self):
        levels = table(plan_of("latin_hypercube", 16_000)).reshape(-1, 1000)
        off = np.corrcoef(levels)[np.triu_indices(len(levels), 1)]
        # sd of r is 0.032; the largest of 2016 stays below 4.5 of them
        assert np.abs(off).max() < 4.5 * 0.032
        assert off.std() == pytest.approx(0.0316, rel=0.1)

    def test_no_level_slips_over_the_edge_of_a_narrow_stratum(self, monkeypatch):
        n = 10**7
        plan = plan_of("latin_hypercube", n, columns=["a"], replicates=1)
        strata = []
        for end in (2.0**-54, 1 - 2.0**-53):  # the least and the greatest jitter
            monkeypatch.setattr(
                sampling, "uniforms", lambda *a, end=end: np.full(a[-1], end)
            )
            levels = column(plan, "a")
            assert 0 < levels.min() < levels.max() < 1
            strata.append(np.floor(levels * n))
        assert np.array_equal(*strata)


class TestSobol:
    @pytest.mark.parametrize(
        ("asked", "replicates", "given"),
        [
            *[(1, 16, 16), (16, 16, 16), (17, 16, 32), (1000, 16, 1024)],
            *[(1025, 16, 2048), (1000, 1, 1024), (1000, 3, 1536), (10**9, 16, 2**30)],
        ],
    )
    def test_draws_are_rounded_up_to_powers_of_two(self, asked, replicates, given):
        assert plan_of("sobol", asked, replicates=replicates).draws == given

    @pytest.mark.parametrize("bits", [0, 1, 7, 9, 13])
    def test_each_stratum_is_hit_once_in_each_scramble(self, bits):
        levels = table(plan_of("sobol", 16 << bits, columns=[*"abcdefghij"]))
        hits = np.sort(np.floor(levels * 2**bits), axis=-1)
        assert np.array_equal(hits, np.broadcast_to(np.arange(2**bits), levels.shape))

    def test_two_first_dimensions_keep_every_elementary_interval(self):
        bits = 10
        one, two = table(plan_of("sobol", 16 << bits, columns=["a", "b"]))
        for cut in range(bits + 1):
            # boxes of 2**cut by 2**(bits - cut): a (0, m, 2)-net has a point in each
            box = np.floor(one * 2**cut) * 2 ** (bits - cut)
            box += np.floor(two * 2 ** (bits - cut))
            hit = np.sort(box, axis=-1)
            assert np.array_equal(hit, np.broadcast_to(np.arange(2**bits), hit.shape))

    def test_scrambling_keeps_the_leading_digit_of_the_sequence(self):
        bits, dimensions = 9, 40
        names = [f"x{i}" for i in range(dimensions)]
        plan = plan_of("sobol", 3 << bits, columns=names, replicates=3)
        words = (table(plan) * 2.0**52).astype(np.uint64)
        # the shift cancels; a lower-triangular matrix leaves the first 1 where it is
        moved = words ^ words[..., :1]
        gray = np.arange(2**bits) ^ (np.arange(2**bits) >> 1)
        peer = qmc.Sobol(dimensions, scramble=False).random_base2(bits)
        in_order = np.empty_like(peer)
        in_order[gray] = peer
        first_one = np.frexp(in_order.T)[1][:, np.newaxis, 1:]
        got = np.frexp(moved[..., 1:] * 2.0**-52)[1]
        assert np.array_equal(got, np.broadcast_to(first_one, got.shape))

    def test_scrambling_draws_the_digits_below_the_leading_one_at_random(self):
        words = (table(plan_of("sobol", 64 << 6, replicates=64)) * 2.0**52).astype("u8")
        moved = words[..., 1:] ^ words[..., :1]  # the matrix alone, without the shift
        # a shift alone, or one matrix for all, gives the same differences 64 times
        for difference in moved.transpose(0, 2, 1).reshape(-1, 64):
            assert len(np.unique(difference)) == 64
        # the leading 1 of a difference stands in the first 6 of 52 digits; of the
        # 46 below, in 64 x 6 random columns of 4 matrices, half are set, sd 0.4 %
        digits = np.unpackbits(moved.copy().view("u1"), bitorder="little")
        below = digits.reshape(-1, 64)[:, :46]
        assert below.mean() == pytest.approx(0.5, abs=0.016)

    def test_levels_are_the_middles_of_their_last_digit(self):
        doubled = table(plan_of("sobol")) * 2.0**53
        # so 0 cannot come up, nor 1: digits m give (2 m + 1) / 2**53
        assert np.array_equal(doubled % 2, np.ones_like(doubled))

    def test_a_longer_scramble_begins_with_the_shorter(self):
        short, long = (table(plan_of("sobol", 16 << bits)) for bits in (7, 12))
        assert np.array_equal(short, long[..., : short.shape[-1]])

    def test_no_two_scrambles_share_a_level(self):
        levels = table(plan_of("sobol", 2**15)).reshape(len(COLUMNS), -1)
        for of_one in levels:
            # 2**15 levels of 52 digits: two agree by chance once in 8e6 columns
            assert len(np.unique(of_one)) == of_one.size

    @pytest.mark.parametrize("bits", [3, 6, 10, 14])
    def test_pages_cut_across_scrambles_of_any_length(self, bits):
        plan = plan_of("sobol", 48 << bits, columns=["a"], replicates=48)
        alone = plan_of("sobol", 1 << bits, columns=["a"], replicates=1)
        parts = table(plan)[0]
        assert np.array_equal(parts[0], column(alone, "a"))
        assert np.array_equal(np.sort(np.floor(parts[47] * 2**bits)), range(2**bits))

    def test_error_of_a_smooth_mean_is_far_below_that_of_random_draws(self):
        sigma = np.array([0.1, 0.2, 0.3, 0.15])
        truth = np.exp(sigma @ sigma / 2)

        def error(kind):
            z = [special.ndtri(table(plan_of(kind, 2**14, s))) for s in range(20)]
            means = [np.exp(np.tensordot(sigma, one, 1)).mean() for one in z]
            return np.sqrt(np.mean((np.array(means) - truth) ** 2))

        # worth 300 random draws each and more, a ratio of errors of 17 (known from
        # measurement); 20 seeds tell an error to a sixth
        assert error("random") > 10 * error("sobol")

    def test_spread_over_scrambles_gives_an_honest_standard_error(self):
        sigma = np.array([0.1, 0.2, 0.3, 0.15, 0.05, 0.25])
        truth = np.exp(sigma @ sigma / 2)
        names, runs = [*"abcdef"], 300
        z = [special.ndtri(table(plan_of("sobol", 512, s, names))) for s in range(runs)]
        means = np.array([np.exp(np.tensordot(sigma, one, 1)).mean(-1) for one in z])
        miss = means.mean(-1) - truth
        error = means.std(-1, ddof=1) / 4  # of 16 scrambles
        # the variance of 300 misses is known to 8 % or so; coupled scrambles raise it
        assert np.mean(miss**2) / np.mean(error**2) == pytest.approx(1, abs=0.3)
        inside = np.abs(miss) < stats.t.ppf(0.975, 15) * error
        # 95 % of 300 has a binomial sd of 1.3 %
        assert inside.mean() == pytest.approx(0.95, abs=0.04)

    def test_two_halves_of_one_design_give_first_order_indices(self):
        sigma = np.array([0.3, 0.2, 0.1])
        names = [f"{half}:{i}" for half in "ab" for i in range(3)]
        z = special.ndtri(table(plan_of("sobol", 2**16, columns=names)))
        a, b = z[:3], z[3:]
        total = np.exp(np.tensordot(sigma, a, 1))
        for i in range(3):
            mixed = b.copy()
            mixed[i] = a[i]
            other = np.exp(np.tensordot(sigma, mixed, 1))
            shared = np.mean(total * other, -1) - np.mean(total, -1) * np.mean(
                other, -1
            )
            index = shared / total.var(-1)
            expected = np.expm1(sigma[i] ** 2) / np.expm1(sigma @ sigma)
            # the spread over scrambles says how far the mean may be
            assert abs(index.mean() - expected) < 4 * index.std(ddof=1) / 4
            assert index.std(ddof=1) / 4 < 0.005

    def test_a_column_in_another_place_takes_another_dimension(self):
        there, back = (
            plan_of("sobol", 512, columns=c) for c in (["a", "b"], ["b", "a"])
        )
        assert not np.array_equal(there.levels("b", 0), back.levels("b", 0))


class TestFaults:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                {"kind": "sobel"},
                "no design 'sobel'; did you mean sobol?"
                " (there are random, latin_hypercube, sobol)",
            ),
            ({"kind": "?"}, "no design '?' (there are random, latin_hypercube, sobol)"),
            ({"draws": 0}, "draws must be a whole number from 1 to 1e9, not 0"),
            ({"draws": 10**9 + 1}, "from 1 to 1e9, not 1000000001"),
            (
                {"draws": 1e6},
                "draws must be a whole number from 1 to 1e9, not 1000000.0",
            ),
            ({"draws": True}, "draws must be a whole number from 1 to 1e9, not True"),
            (
                {"replicates": 0},
                "replicates must be a whole number from 1 to 1000, not 0",
            ),
            ({"replicates": 1001}, "whole number from 1 to 1000, not 1001"),
            ({"seed": -1}, "seed must be a whole number, 0 or more, not -1"),
            ({"seed": None}, "seed must be a whole number, 0 or more, not None"),
            ({"columns": ["b", "a", "b"]}, "columns stand more than once: b"),
            (
                {"columns": [str(i) for i in range(21_202)]},
                "sobol serves 21201 columns, not 21202; take latin_hypercube or random",
            ),
            (
                {"kind": "latin_hypercube", "draws": 10**7 + 1},
                "latin_hypercube holds its permutations in memory and stops at 1e7"
                " draws, not 10000001; take sobol or random",
            ),
        ],
    )
    def test_what_cannot_be_built_says_what_can(self, change, message):
        asked = {"kind": "sobol", "draws": 100, "seed": 1, "columns": ["a"]} | change
        with pytest.raises(DesignError, match=re.escape(message)):
            design(asked.pop("kind"), **asked)

    def test_all_faults_are_named_at_once(self):
        with pytest.raises(DesignError) as fault:
            design("lhs", draws=-5, seed=-1, columns=["a", "a"], replicates=0)
        for word in ("'lhs'", "-5", "seed", "replicates", "more than once: a"):
            assert word in str(fault.value)

    def test_the_most_columns_are_served_by_a_short_sequence(self):
        names = [str(i) for i in range(sampling.MAX_SOBOL_COLUMNS)]
        plan = plan_of("sobol", 64, columns=names)
        for name in [*names[::1000], names[-1]]:
            hits = np.sort(np.floor(plan.levels(name, 0).reshape(16, 4) * 4))
            assert np.array_equal(hits, np.broadcast_to(np.arange(4), (16, 4)))

    def test_numpy_numbers_are_taken(self):
        plan = plan_of("sobol", np.int64(100), np.int64(1), replicates=np.int32(4))
        assert plan == plan_of("sobol", 100, 1, replicates=4)


@pytest.mark.parametrize(("dimensions", "bits"), [(1, 4), (7, 10), (600, 6)])
def test_direction_numbers_are_those_of_scipys_sequence(dimensions, bits):
    # scipy counts in Gray code: point 2**j - 1 joins numbers 0 to j, by exclusive or
    points = qmc.Sobol(dimensions, scramble=False, bits=32).random(1 << bits)
    digits = (points * 2.0**52).astype(np.uint64)
    numbers = sampling._direction_numbers(dimensions, bits)
    for index in range(1 << bits):
        gray = index ^ (index >> 1)
        picked = [j for j in range(bits) if gray >> j & 1]
        expected = np.bitwise_xor.reduce(numbers[:, picked], axis=1)
        np.testing.assert_array_equal(digits[index], expected)
