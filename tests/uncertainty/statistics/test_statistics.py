"""Statistics of a sample against closed forms, JCGM 101 and repeated sampling."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from uncertainty.designs import design, least_draws
from uncertainty.errors import SampleError
from uncertainty.seeds import pages
from uncertainty.statistics import (
    LEVELS,
    coverage_interval,
    monte_carlo_error,
    percentile,
    summarise,
)

CASES = Path(__file__).parents[2] / "data" / "conformance.csv"


def sample_of(values, dims=("draw",), **attrs) -> xr.DataArray:
    return xr.DataArray(values, dims=dims, name="footprint", attrs=attrs)


def ranks(draws) -> xr.DataArray:
    """The numbers 1 to M in no order: each is its own rank."""
    shuffled = np.random.default_rng(4).permutation(np.arange(1.0, draws + 1))
    return sample_of(shuffled)


def grid(law, draws=100_000) -> xr.DataArray:
    """A law on a grid of quantiles: a sample with no sampling noise."""
    return sample_of(law.ppf((np.arange(draws) + 0.5) / draws), units="kg")


class TestCoverageInterval:
    @pytest.mark.parametrize(
        ("law", "kind", "expected"),
        [
            (stats.expon, "shortest", (0, -np.log(0.05))),
            (stats.expon, "symmetric", -np.log([0.975, 0.025])),
            (stats.norm, "shortest", stats.norm.ppf([0.025, 0.975])),
            (stats.norm, "symmetric", stats.norm.ppf([0.025, 0.975])),
        ],
    )
    def test_laws_have_their_closed_form_intervals(self, law, kind, expected):
        got = coverage_interval(grid(law), 0.95, kind=kind).sel(
            bound=["lower", "upper"]
        )
        # in the tail neighbouring quantiles of Exp(1) lie 1e-5 / 0.025 = 4e-4 apart;
        # the shortest normal interval is flat about its optimum: its length has a
        # minimum there, so its ends may slip by sqrt(4e-4 x 2 / 1.96) = 0.02
        slip = 0.02 if law is stats.norm and kind == "shortest" else 5e-4
        np.testing.assert_allclose(got, expected, atol=slip)
        length = float(got[1] - got[0])
        # but its length may not
        assert abs(length - (expected[1] - expected[0])) < 1e-3
        assert got.attrs["units"] == "kg"
        assert got.attrs["coverage_probability"] == 0.95
        assert got.attrs["coverage_kind"] == kind

    @pytest.mark.parametrize(
        ("draws", "probability", "lower", "upper"),
        [
            # pM whole: q = pM, M - q even: r = (M - q) / 2
            (1000, 0.95, 25, 975),
            (10_000, 0.95, 250, 9750),
            # M - q odd: r = (M - q + 1) / 2
            (1000, 0.9, 50, 950),
            (20, 0.95, 1, 20),
            (100, 0.95, 3, 98),
            # pM not whole: q = floor(pM + 1/2)
            (1024, 0.95, 26, 999),  # q = 973, M - q = 51, r = 26
            (999, 0.95, 25, 974),  # q = 949, M - q = 50
            (30, 0.9, 2, 29),  # q = 27, M - q = 3
        ],
    )
    def test_symmetric_ends_are_the_order_statistics_of_jcgm_101_7_7(
        self, draws, probability, lower, upper
    ):
        got = coverage_interval(ranks(draws), probability, kind="symmetric")
        assert got.values.tolist() == [lower, upper]

    def test_the_shortest_is_the_least_of_all_that_span_q_draws(self):
        values = np.sort(np.random.default_rng(2).lognormal(size=400))
        q = int(0.9 * 400 + 0.5)
        widths = [values[r + q] - values[r] for r in range(400 - q)]
        r = int(np.argmin(widths))
        got = coverage_interval(sample_of(values), 0.9, kind="shortest")
        assert got.values.tolist() == [values[r], values[r + q]]

    def test_other_dims_keep_their_labels_wherever_draw_stands(self):
        values = np.random.default_rng(3).normal(size=(500, 2, 3))
        sample = sample_of(values, ("draw", "scenario", "stage")).assign_coords(
            scenario=["a", "b"]
        )
        got = coverage_interval(sample, 0.95)
        assert got.dims == ("scenario", "stage", "bound")
        assert got["scenario"].values.tolist() == ["a", "b"]
        alone = coverage_interval(sample.isel(scenario=1, stage=2), 0.95)
        np.testing.assert_array_equal(got.isel(scenario=1, stage=2), alone)

    @given(
        scale=st.floats(1e-3, 1e3),
        shift=st.floats(-1e3, 1e3),
        kind=st.sampled_from(["shortest", "symmetric"]),
    )
    @settings(deadline=None)
    def test_interval_follows_a_change_of_units(self, scale, shift, kind):
        draws = sample_of(np.random.default_rng(1).normal(size=999))
        moved = coverage_interval(scale * draws + shift, kind=kind)
        expected = scale * coverage_interval(draws, kind=kind) + shift
        # the scaled differences that decide the shortest may tie to rounding, and the
        # shift costs digits: 1e3 x 2**-52 over the least interval of 4e-3
        np.testing.assert_allclose(moved, expected, rtol=1e-9, atol=1e-9)

    @given(scale=st.floats(1e-3, 1e3))
    @settings(deadline=None)
    def test_symmetric_interval_mirrors_with_the_sign(self, scale):
        # M - q = 50 leaves 25 below r and 25 - 1 above r + q: one rank apart
        draws = sample_of(np.random.default_rng(1).normal(size=999))
        low, high = coverage_interval(draws, kind="symmetric").values
        ordered = np.sort(draws.values)
        mirrored = coverage_interval(-scale * draws, kind="symmetric").values
        below = ordered[np.searchsorted(ordered, low) + 1]
        above = ordered[np.searchsorted(ordered, high) + 1]
        np.testing.assert_allclose(mirrored, [-scale * above, -scale * below])

    def test_arguments_are_left_alone(self):
        draws = ranks(100)
        before = draws.copy(deep=True)
        coverage_interval(draws)
        percentile(draws)
        monte_carlo_error(draws)
        summarise(draws)
        xr.testing.assert_identical(draws, before)


class TestFaults:
    @pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, 95.0, math.nan])
    def test_a_probability_lies_between_0_and_1(self, probability):
        message = f"must lie between 0 and 1, not {probability}"
        for function in (coverage_interval, monte_carlo_error):
            with pytest.raises(ValueError, match=message):
                function(ranks(100), probability)

    @pytest.mark.parametrize("levels", [(0.0,), (0.5, 1.0), (-0.1,), (50.0,)])
    def test_levels_lie_between_0_and_1(self, levels):
        with pytest.raises(ValueError, match="levels must lie between 0 and 1, not"):
            percentile(ranks(100), levels)

    @pytest.mark.parametrize(
        ("draws", "probability", "needed"),
        [(10, 0.95, 20), (19, 0.95, 20), (99, 0.99, 100), (9, 0.9, 10)],
    )
    def test_too_few_draws_says_how_many_it_takes(self, draws, probability, needed):
        message = (
            rf"footprint: {draws} draws, p = {str(probability).replace('.', '[.]')} "
            f"takes {needed}"
        )
        for function in (coverage_interval, monte_carlo_error):
            with pytest.raises(SampleError, match=message):
                function(ranks(draws), probability)
        assert least_draws(probability) == needed
        coverage_interval(ranks(needed), probability)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_a_draw_that_is_not_finite_is_counted(self, bad):
        values = np.arange(100.0)
        values[[3, 7]] = bad
        for function in (coverage_interval, percentile, monte_carlo_error):
            with pytest.raises(
                SampleError, match="footprint: 2 draws not finite; bound the inputs"
            ):
                function(sample_of(values))
        with pytest.raises(SampleError, match="footprint: 2 draws not finite"):
            summarise(sample_of(values))

    def test_draws_that_do_not_split_into_replicates_are_refused(self):
        with pytest.raises(SampleError, match="100 draws do not split into 16"):
            monte_carlo_error(ranks(100), replicates=16)


class TestPercentile:
    @given(draws=st.integers(2, 3000), level=st.sampled_from(LEVELS))
    @settings(deadline=None)
    def test_rank_is_the_least_whole_number_not_below_pm(self, draws, level):
        got = float(percentile(ranks(draws), (level,)).item())
        # exact arithmetic: levels have at most three decimals
        assert got == max(-(-round(level * 1000) * draws // 1000), 1)

    def test_a_level_that_meets_a_rank_takes_that_rank(self):
        got = percentile(ranks(1000), (0.025, 0.5, 0.975))
        assert got.values.tolist() == [25, 500, 975]
        assert got["level"].values.tolist() == [0.025, 0.5, 0.975]

    def test_quantiles_of_a_sum_are_not_sums_of_quantiles(self):
        # pitfall 15: eight lognormals of sigma 0.5; sum of p95s 8 exp(0.5 x 1.645)
        plan = design("sobol", draws=2**14, seed=1, columns=[f"x{i}" for i in range(8)])
        parts = np.stack(
            [
                np.exp(
                    0.5
                    * stats.norm.ppf(
                        np.concatenate(
                            [
                                plan.levels(name, page)
                                for page in range(pages(plan.draws))
                            ]
                        )
                    )
                )
                for name in plan.columns
            ]
        )
        contribution = sample_of(parts, ("stage", "draw"))
        each = percentile(contribution, (0.95,)).sum("stage").item()
        whole = percentile(contribution.sum("stage"), (0.95,)).item()
        # figures of the published comparison, given to one decimal
        assert each == pytest.approx(8 * np.exp(0.5 * stats.norm.ppf(0.95)), rel=2e-3)
        assert each == pytest.approx(18.2, abs=0.05)
        assert whole == pytest.approx(12.1, abs=0.1)


class TestSummary:
    def test_every_statistic_agrees_with_its_own_function(self):
        values = np.random.default_rng(5).lognormal(size=(3, 1600))
        sample = sample_of(values, ("stage", "draw"), units="kg")
        got = summarise(sample, 0.9, replicates=16)
        np.testing.assert_allclose(got["mean"], values.mean(axis=1), rtol=1e-14)
        np.testing.assert_allclose(got["sd"], values.std(axis=1, ddof=1), rtol=1e-14)
        for name, expected in {
            "median": percentile(sample, (0.5,)).isel(level=0, drop=True),
            "percentile": percentile(sample),
            "coverage": coverage_interval(sample, 0.9, kind="symmetric"),
            "coverage_shortest": coverage_interval(sample, 0.9, kind="shortest"),
            "monte_carlo_error": monte_carlo_error(sample, 0.9, replicates=16),
        }.items():
            np.testing.assert_array_equal(got[name], expected, err_msg=name)
            assert got[name].dims == expected.dims
            assert got[name].attrs["units"] == "kg"

    def test_what_is_absent_stays_absent_and_what_is_there_is_whole(self):
        values = np.random.default_rng(5).normal(size=(2, 100))
        values[1] = np.nan
        got = summarise(sample_of(values, ("stage", "draw")))
        for name, statistic in got.items():
            assert statistic.isel(stage=1).isnull().all(), name
            assert statistic.isel(stage=0).notnull().all(), name

    @pytest.mark.parametrize("value", [7.0, 84.7, 1 / 3, -1e9 / 7, 0.0])
    @pytest.mark.parametrize("replicates", [1, 10, 16])
    def test_a_constant_has_no_spread_and_no_error(self, value, replicates):
        # 84.7 added up 1 600 times and divided again is not 84.7
        got = summarise(sample_of(np.full(1600, value)), replicates=replicates)
        assert float(got["sd"]) == 0
        assert float(got["mean"]) == value
        assert got["coverage"].values.tolist() == [value, value]
        assert got["monte_carlo_error"].values.tolist() == [0, 0, 0, 0]

    def test_draws_whose_fourth_powers_overflow_have_quantiles(self):
        values = np.linspace(1e100, 2e100, 1001)
        both = xr.DataArray(np.stack([values, values / 1e100]), dims=("what", "draw"))
        with np.errstate(over="ignore"):
            found = summarise(both)
        np.testing.assert_allclose(found["median"], [1.5e100, 1.5])
        np.testing.assert_allclose(found["coverage"][0], 1e100 * found["coverage"][1])

    def test_an_interval_from_too_few_draws_is_refused_in_a_summary_too(self):
        with pytest.raises(SampleError, match=r"3 draws, p = 0\.95 takes 20"):
            summarise(ranks(3))


def rows_of(prefix) -> dict[str, dict[str, float]]:
    """Cases of the table by id, with what they expect."""
    found: dict[str, dict] = {}
    with CASES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["id"].startswith(prefix):
                case = found.setdefault(row["id"], json.loads(row["inputs"]))
                case[row["quantity"]] = float(row["expected"])
    return found


ERRORS = rows_of("se-")
STATED = {  # quantity of the table -> statistic, coverage probability that reaches it
    "se_mean": ("mean", 0.95),
    "se_sd": ("sd", 0.95),
    "se_q0.025": ("lower", 0.95),
    "se_q0.975": ("upper", 0.95),
    "se_q0.5": ("lower", 1e-6),  # (1 - p)/2 is the median to six digits
}


def test_the_table_has_cases_about_standard_errors():
    assert len(ERRORS) == 3
    assert all(STATED.keys() <= case.keys() for case in ERRORS.values())


@pytest.mark.parametrize("quantity", STATED)
@pytest.mark.parametrize("case", ["se-ln1.2", "se-ln2"])
def test_stated_error_is_the_spread_of_repeated_runs(case, quantity):
    known, (statistic, probability) = ERRORS[case], STATED[quantity]
    repeats, draws = 400, int(known["N"])
    rng = np.random.default_rng(11)
    values = rng.lognormal(0.0, math.log(known["gsd"]), (repeats, draws))
    sample = sample_of(values, ("run", "draw"))
    stated = monte_carlo_error(sample, probability).sel(statistic=statistic).values
    if statistic == "mean":
        estimates = values.mean(axis=1)
    elif statistic == "sd":
        estimates = values.std(axis=1, ddof=1)
    else:
        ends = coverage_interval(sample, probability, kind="symmetric")
        estimates = ends.sel(bound=statistic).values
    expected = known[quantity]
    kurtosis = stats.kurtosis(estimates, fisher=False)
    # error of a standard deviation from R repeats, four of them
    band = 4 * math.sqrt((kurtosis - 1) / (4 * repeats))
    assert estimates.std(ddof=1) == pytest.approx(expected, rel=band)
    # four standard errors of the mean stated error; and 2 % of bias: order statistics
    # n p -+ sqrt(n p q) see the density about a quantile, not at it (2nd order), and
    # the fourth moment of a lognormal of gsd 2 is biased low at 1e4 draws (seen: 3 %)
    noise = 4 * stated.std(ddof=1) / math.sqrt(repeats) / expected
    bias = 0.05 if (case, statistic) == ("se-ln2", "sd") else 0.02
    assert stated.mean() == pytest.approx(expected, rel=noise + bias)


@pytest.mark.parametrize("quantity", STATED)
def test_stated_error_of_one_long_run(quantity):
    known, (statistic, probability) = ERRORS["se-ln1.2b"], STATED[quantity]
    draws = int(known["N"])
    rng = np.random.default_rng(12)
    sample = sample_of(rng.lognormal(0.0, math.log(known["gsd"]), draws))
    stated = monte_carlo_error(sample, probability).sel(statistic=statistic).item()
    # moments are known to 1 / sqrt(N); a gap of 2 sqrt(N p q) spacings, each of which
    # is exponential, to 1 / sqrt(2 sqrt(N p q)): 5.7 % in the tails; four of those
    spacings = 2 * math.sqrt(draws * 0.025 * 0.975)
    band = 0.01 if statistic in {"mean", "sd"} else 4 / math.sqrt(spacings)
    assert stated == pytest.approx(known[quantity], rel=band)


class TestErrorOverReplicates:
    REPEATS = 120

    def runs(self, kind, draws=16 * 256) -> np.ndarray:
        """Repeated runs of a skewed product: (repeat, draw)."""
        found = []
        for seed in range(self.REPEATS):
            plan = design(kind, draws=draws, seed=seed, columns=["a", "b", "c"])
            a, b, c = (stats.norm.ppf(plan.levels(n, 0)) for n in plan.columns)
            found.append(np.exp(0.2 * a + 0.3 * b) + 0.1 * c)
        return np.array(found)

    @pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
    def test_stated_error_is_the_spread_of_repeated_runs(self, kind):
        values = self.runs(kind)
        sample = sample_of(values, ("run", "draw"))
        stated = monte_carlo_error(sample, replicates=16)
        ends = coverage_interval(sample, kind="symmetric")
        spread = {
            "mean": values.mean(axis=1).std(ddof=1),
            "sd": values.std(axis=1, ddof=1).std(ddof=1),
            "lower": ends.sel(bound="lower").std(ddof=1).item(),
            "upper": ends.sel(bound="upper").std(ddof=1).item(),
        }
        for statistic, seen in spread.items():
            typical = np.sqrt((stated.sel(statistic=statistic) ** 2).mean()).item()
            # the spread over K repeats is known to 1 / sqrt(2 K) = 6.5 %; four of those
            assert typical / seen == pytest.approx(
                1, abs=4 / math.sqrt(2 * self.REPEATS)
            ), statistic

    def test_the_formula_for_independent_draws_would_be_far_off(self):
        values = self.runs("sobol")
        sample = sample_of(values, ("run", "draw"))
        naive = monte_carlo_error(sample).sel(statistic="mean").mean().item()
        # 4 096 points of a smooth function: at least ten times better than random
        assert values.mean(axis=1).std(ddof=1) < naive / 10
