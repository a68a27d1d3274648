"""Fits against known samples, scipy's own, and printed critical values."""

import random
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from uncertainty.distributions import FAMILIES, build, fitting, parameters
from uncertainty.distributions.fitting import FitReport, answer, lag_one, report
from uncertainty.distributions.goodness import fit, fit_triangle
from uncertainty.errors import DistributionError, SampleError

READINGS = (13512.0, 13380.0, 13467.0, 13598.0, 13421.0, 13505.0, 13444.0, 13476.0)


def grid(law: object, count: int) -> np.ndarray:
    """Quantiles on a grid: a sample with no sampling noise."""
    return np.asarray(law.ppf((np.arange(count) + 0.5) / count))


def of(found: FitReport, family: str) -> fitting.Fit:
    return next(one for one in found.fits if one.family == family)


@pytest.fixture(scope="module")
def skewed() -> FitReport:
    sample = stats.lognorm(log(1.6), scale=30).rvs(200, random_state=5)
    return report(sample, "kg/t", 0, resamples=199)


class TestParameters:
    @pytest.mark.parametrize(
        ("family", "own", "rel"),
        [
            # sd of a grid of n quantiles falls short by about 1 / n of itself
            ("normal", {"mean": -3.0, "sd": 0.8}, 5e-3),
            ("lognormal", {"median": 30.0, "gsd": 1.6}, 5e-3),
            ("gamma", {"shape": 4.0, "scale": 2.0}, 1e-2),
            ("weibull", {"scale": 2.0, "shape": 3.0}, 1e-2),
            ("uniform", {"low": 2.0, "high": 5.0}, 1e-3),
            # the ends of a triangle lie where few readings are
            ("triangular", {"low": 2.0, "mode": 3.0, "high": 6.0}, 2e-2),
        ],
    )
    def test_parameters_of_a_grid_of_quantiles_come_back(self, family, own, rel):
        found = fit(family, grid(build(family, own), 1000), 0, 1)
        assert found.parameters == pytest.approx(own, rel=rel)

    def test_spreads_are_divided_by_n_less_one(self):
        sample = np.array(READINGS)
        normal, lognormal = (fit(f, sample, 0, 1) for f in ("normal", "lognormal"))
        assert normal.parameters["sd"] == pytest.approx(sample.std(ddof=1), rel=1e-12)
        spread = np.log(sample).std(ddof=1)
        assert lognormal.parameters["gsd"] == pytest.approx(exp(spread), rel=1e-12)

    def test_gamma_meets_its_likelihood_equations(self):
        sample = stats.gamma(3, scale=2).rvs(50, random_state=1)
        own = fit("gamma", sample, 0, 1).parameters
        assert own["shape"] * own["scale"] == pytest.approx(sample.mean(), rel=1e-12)
        left = log(own["shape"]) - special.digamma(own["shape"])
        right = log(sample.mean()) - np.log(sample).mean()
        assert left == pytest.approx(right, rel=1e-9)  # the search stops at 1e-12 or so

    def test_weibull_is_that_of_scipy(self):
        sample = stats.weibull_min(2.5, scale=4).rvs(50, random_state=1)
        own = fit("weibull", sample, 0, 1).parameters
        shape, _, scale = stats.weibull_min.fit(sample, floc=0)
        # scipy's general search stops at about 1e-5 of the parameters
        assert (own["shape"], own["scale"]) == pytest.approx((shape, scale), rel=1e-4)

    def test_ends_of_a_rectangle_are_without_bias(self):
        # least bias: low = x1 - (xn - x1) / (n - 1), whose expectation is the end
        rng = np.random.default_rng(3)
        lows = [
            fit("uniform", rng.random(8), 0, 1).parameters["low"] for _ in range(200)
        ]
        # its sd is near 1 / n = 0.125; over sqrt(200) 0.009, times 4
        assert np.mean(lows) == pytest.approx(0, abs=0.036)

    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("mode", [0.05, 0.3, 0.8])
    def test_triangle_is_as_likely_as_the_one_scipy_finds(self, seed, mode):
        sample = stats.triang(mode, 2, 5).rvs(40, random_state=seed)
        low, peak, high = fit_triangle(sample)
        mine = stats.triang.logpdf(sample, (peak - low) / (high - low), low, high - low)
        c, start, width = stats.triang.fit(sample)
        # ends kept off the readings by 0.001 of their range cost 40 ln(1.001) = 0.04
        # each where the peak is at that end; the search leaves 0.01
        assert mine.sum() > stats.triang.logpdf(sample, c, start, width).sum() - 0.1

    @settings(max_examples=20, deadline=None)
    @given(scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
    def test_triangle_follows_a_change_of_units(self, scale, shift):
        sample = stats.triang(0.3).rvs(20, random_state=2)
        moved = fit_triangle(scale * sample + shift)
        expected = scale * np.array(fit_triangle(sample)) + shift
        # the shift takes digits of the readings: 1e3 of 1e-3 leaves 1e-10 of a range
        np.testing.assert_allclose(moved, expected, rtol=1e-9, atol=1e-8 * scale)

    def test_mirrored_readings_have_the_mirrored_triangle(self):
        sample = stats.triang(0.3).rvs(20, random_state=2)
        low, mode, high = fit_triangle(-sample)
        # to the fineness of the search over the ends
        assert (-high, -mode, -low) == pytest.approx(fit_triangle(sample), abs=0.02)


class TestGoodness:
    def test_statistic_is_anderson_and_darlings(self):
        sample = np.sort(stats.norm(3, 2).rvs(15, random_state=1))
        found = fit("normal", sample, 0, 1)
        law = stats.norm(sample.mean(), sample.std(ddof=1))
        i = np.arange(1, 16)
        terms = (2 * i - 1) * (law.logcdf(sample) + law.logsf(sample[::-1]))
        # one formula in two orders of summation
        assert found.statistic == pytest.approx(-15 - terms.mean(), rel=1e-12)

    @pytest.mark.parametrize(
        ("family", "critical"),
        [
            # 5 % points for fitted parameters, D'Agostino and Stephens (1986),
            # Goodness-of-fit techniques, tables 4.7 and 4.17, for n = 30
            ("normal", 0.752 / (1 + 0.75 / 30 + 2.25 / 30**2)),
            ("lognormal", 0.752 / (1 + 0.75 / 30 + 2.25 / 30**2)),
            ("weibull", 0.757 / (1 + 0.2 / sqrt(30))),
        ],
    )
    def test_p_value_at_the_printed_5_percent_point_is_5_percent(
        self, family, critical
    ):
        base = stats.gumbel_l if family == "weibull" else stats.norm
        quantiles = grid(base, 30)

        def bent(by: float) -> np.ndarray:
            sample = np.sinh(by * quantiles) / by  # tails grow with the bend
            return sample if family == "normal" else np.exp(sample / 10)

        def above(by: float) -> float:
            return fit(family, bent(by), 0, 1).statistic - critical

        by = optimize.brentq(above, 0.1, 2.0, xtol=1e-6)
        found = fit(family, bent(by), 1, 999)
        # four standard errors of a share of 0.05 among 999; the table has two digits
        assert found.p_value == pytest.approx(0.05, abs=4 * sqrt(0.05 * 0.95 / 999))

    def test_rectangle_is_rejected_no_more_often_than_stated(self):
        rng = np.random.default_rng(8)
        p = [fit("uniform", rng.random(10), s, 99).p_value for s in range(150)]
        # 5 % of 150 with a binomial error of 0.018, times 4
        assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.072)
        # and p is spread evenly: the KS distance at 1e-3 is 1.95 / sqrt(150)
        assert stats.kstest(p, "uniform").statistic < 1.95 / sqrt(150)

    def test_aicc_is_its_formula_on_the_largest_likelihood(self, skewed):
        x = np.array(skewed.values)
        count = x.size
        shape, _, scale = stats.gamma.fit(x, floc=0)
        likelihood = {
            "normal": (stats.norm(x.mean(), x.std()).logpdf(x).sum(), 2),
            "lognormal": (
                stats.lognorm(np.log(x).std(), scale=exp(np.log(x).mean()))
                .logpdf(x)
                .sum(),
                2,
            ),
            "gamma": (stats.gamma(shape, scale=scale).logpdf(x).sum(), 2),
        }
        for family in ("weibull", "triangular", "uniform"):
            own = of(skewed, family).parameters
            law = {
                "weibull": lambda p: stats.weibull_min(p["shape"], scale=p["scale"]),
                "triangular": lambda p: stats.triang(
                    (p["mode"] - p["low"]) / (p["high"] - p["low"]),
                    p["low"],
                    p["high"] - p["low"],
                ),
                "uniform": lambda p: stats.uniform(p["low"], p["high"] - p["low"]),
            }[family](own)
            likelihood[family] = law.logpdf(x).sum(), len(own)
        for family, (ln, k) in likelihood.items():
            expected = 2 * k - 2 * ln + 2 * k * (k + 1) / (count - k - 1)
            # sums of 200 logarithms in another order
            assert of(skewed, family).aicc == pytest.approx(expected, rel=1e-9), family

    def test_law_the_readings_come_from_is_best_supported(self, skewed):
        assert skewed.fits[0].family == "lognormal"
        assert of(skewed, "lognormal").p_value > 0.05
        for family in ("normal", "uniform"):
            assert of(skewed, family).p_value <= 0.01
        assert [one.aicc for one in skewed.fits] == sorted(
            one.aicc for one in skewed.fits
        )

    def test_too_few_readings_for_three_parameters_have_no_aicc(self):
        found = report((1.0, 2.0, 2.5, 4.0), "t", 0, resamples=9)
        assert of(found, "triangular").aicc == np.inf
        assert found.rows()[-1][-1] == "-"


class TestWords:
    def test_every_fit_is_a_law_of_the_config(self, skewed):
        assert {one.family for one in skewed.fits} == set(fitting.FAMILIES)
        assert set(fitting.FAMILIES) <= set(FAMILIES)
        for one in skewed.fits:
            assert set(one.parameters) <= set(parameters(one.family))
            assert one.marginal == build(one.family, one.parameters)

    def test_config_line_keeps_what_tells_the_readings_apart(self):
        found = report(READINGS, "kWh/t", 0, resamples=9)
        line = of(found, "normal").config
        mean, sd = np.mean(READINGS), np.std(READINGS, ddof=1)
        assert line.startswith("normal: {mean: 13475.4")
        stated = [float(part.split(": ")[-1].strip("}")) for part in line.split(", ")]
        # to a thousandth of the range, which is 218
        assert stated == pytest.approx([mean, sd], abs=0.218)

    def test_rows_are_a_header_and_one_line_for_each_law(self, skewed):
        head, *rows = skewed.rows()
        assert head == ("law", "parameters", "A^2", "p", "dAICc")
        assert [row[0] for row in rows] == [one.family for one in skewed.fits]
        assert rows[0][-1] == "0.0"
        assert (
            dict(zip([r[0] for r in rows], [r[3] for r in rows], strict=True))[
                "uniform"
            ]
            == "< 0.01"
        )  # of 199 samples none is as far off

    def test_lines_say_units_questions_and_cautions(self):
        lines = "\n".join(report(READINGS, "kWh/t", 0, resamples=9).lines())
        assert lines.startswith("8 readings kWh/t")
        for text in fitting.QUESTIONS.values():
            assert text in lines
        assert "caution: 8 readings hardly tell one law from another" in lines


class TestAnswers:
    def test_mean_is_the_interval_of_student(self):
        found = report(READINGS, "kWh/t", 0, level=0.9, resamples=1).answers[0]
        centre, error = np.mean(READINGS), np.std(READINGS, ddof=1) / sqrt(8)
        expected = stats.t(7, centre, error).interval(0.9)
        # scipy's inverse of the t is good to about 1e-10
        assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-9)
        assert found.centre == pytest.approx(centre, rel=1e-15)

    def test_bootstrap_has_the_closed_sd_of_the_resampled_mean(self):
        found = report(READINGS, "kWh/t", 0, resamples=1).answers[1]
        assert found.of == "bootstrap"
        # stretched to it, so exact but for rounding
        assert found.sd == pytest.approx(np.std(READINGS) / sqrt(8), rel=1e-9)

    def test_readings_answer_with_their_own_quantiles(self):
        sample = np.arange(1.0, 201)
        found = report(sample, "t", 0, resamples=1).answers[2]
        assert (found.lower, found.upper) == (5, 196)  # k of 200 is at level k / 200

    def test_the_three_answers_ask_three_questions(self, skewed):
        assert [answer.of for answer in skewed.answers] == list(fitting.QUESTIONS)
        mean, bootstrap, readings = (a.upper - a.lower for a in skewed.answers)
        # a mean of 200 is known sqrt(200) = 14 times as well as one reading
        assert readings / mean > 10
        assert bootstrap == pytest.approx(mean, rel=0.1)

    def test_interval_of_the_mean_holds_the_mean_as_often_as_stated(self):
        rng = np.random.default_rng(11)
        held = 0
        for _ in range(2000):
            found = answer(rng.normal(-7, 2, 6), "mean")
            held += found.lower <= -7 <= found.upper
        # four binomial errors of a share of 0.95 among 2000, 0.02; an interval of 1.96
        # standard errors would hold the mean of six readings in 0.893
        assert held / 2000 == pytest.approx(0.95, abs=4 * sqrt(0.95 * 0.05 / 2000))

    def test_too_few_readings_for_a_mean_are_refused(self):
        with pytest.raises(DistributionError, match="3 given, mean takes 4 or more"):
            answer((1.0, 2.0, 3.0), "mean")


class TestWarnings:
    @staticmethod
    def cautions(values: np.ndarray) -> str:
        return "\n".join(report(values, "t", 0, resamples=199).warnings)

    def test_good_readings_have_none(self):
        assert not self.cautions(stats.norm(10, 1).rvs(60, random_state=4))

    def test_few_readings(self):
        text = self.cautions(np.array(READINGS))
        assert "8 readings hardly tell one law from another" in text
        assert "95 % takes 40 readings or more" in text

    def test_rounded_readings(self):
        sample = np.round(stats.norm(10, 1).rvs(60, random_state=4), 1)
        repeated = 60 - np.unique(sample).size
        assert f"{repeated} of 60 readings repeat another" in self.cautions(sample)

    def test_readings_that_follow_one_another(self):
        rng = np.random.default_rng(0)
        sample = np.empty(400)
        sample[0] = 0
        for i in range(1, 400):
            sample[i] = 0.6 * sample[i - 1] + rng.normal()
        text = self.cautions(sample)
        assert "each reading follows the one before (lag-1 correlation 0." in text
        worth = float(text.split("worth about ")[1].split()[0])
        # 400 (1 - 0.6) / (1 + 0.6) = 100, with 0.6 known to 0.8 / 20 = 0.04, which
        # is 12.5 of them, times 4
        assert worth == pytest.approx(100, abs=50)

    def test_no_law_fits_two_groups(self):
        sample = np.r_[np.linspace(1, 2, 30), np.linspace(90, 91, 30)]
        assert "no law fits (every p is below 0.05)" in self.cautions(sample)

    def test_readings_of_0_and_less_leave_out_the_positive_laws(self):
        found = report((-1.0, 0.0, 2.0, 3.0, 5.0), "t", 0, resamples=9)
        why = "2 of 5 readings not above 0"
        assert found.excluded == dict.fromkeys(("lognormal", "gamma", "weibull"), why)
        assert "lognormal: not fitted, 2 of 5 readings not above 0" in found.lines()

    def test_readings_too_close_for_a_shape_leave_it_out(self):
        found = report(1 + 1e-8 * np.array(READINGS) / 13500, "t", 0, resamples=9)
        assert set(found.excluded) == {"gamma", "weibull"}
        assert "differ by less than 1e-05 of their size" in found.excluded["gamma"]

    def test_a_search_that_fails_leaves_its_law_out_with_the_reason(self, monkeypatch):
        def failing(family: str, *rest: object) -> fitting.Fit:
            if family == "gamma":
                raise RuntimeError("no root")
            return fit(family, *rest)

        monkeypatch.setattr(fitting, "fit", failing)
        found = report(READINGS, "t", 0, resamples=9)
        assert found.excluded == {
            "gamma": "the search for its parameters fails (no root)"
        }
        assert len(found.fits) == 5


class TestRefusals:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ((1.0, 2.0, 3.0), "3 readings; a fit takes 4 or more"),
            ((1.0, 2.0, np.nan, np.inf), "2 of 4 readings not finite"),
            ((2.0,) * 5, "all 5 readings are 2; no law to fit"),
            ([[1.0, 2.0], [3.0, 4.0]], "4 or more, in one column"),
        ],
    )
    def test_readings_that_cannot_be_fitted(self, values, message):
        with pytest.raises(SampleError, match=message):
            report(values, "t", 0)

    def test_level_and_resamples_out_of_range(self):
        with pytest.raises(ValueError, match="level must lie between 0 and 1, not 95"):
            report(READINGS, "t", 0, level=95)
        with pytest.raises(ValueError, match="resamples must be 1 or more, not 0"):
            report(READINGS, "t", 0, resamples=0)


class TestRandomness:
    def test_same_seed_gives_the_same_report_and_another_seed_other_p_values(self):
        one, same, other = (report(READINGS, "t", s, resamples=99) for s in (0, 0, 1))
        assert one.fits == same.fits
        assert [a.p_value for a in one.fits] != [a.p_value for a in other.fits]
        assert of(one, "normal").statistic == of(other, "normal").statistic

    def test_a_law_left_out_does_not_move_the_p_value_of_another(self):
        whole = report(READINGS, "t", 0, resamples=99)
        # moved down to below 0, where the positive laws are left out
        moved = report(np.array(READINGS) - 13500, "t", 0, resamples=99)
        assert of(moved, "normal").p_value == of(whole, "normal").p_value

    def test_global_random_states_are_left_alone(self):
        before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
        report(READINGS, "t", 0, resamples=9)
        np.testing.assert_array_equal(before[0], np.random.get_state()[1])  # noqa: NPY002
        assert before[1] == random.getstate()

    def test_many_readings_take_fewer_samples(self):
        sample = stats.norm(-50, 1).rvs(500, random_state=1)
        assert report(sample, "t", 0).resamples == 199
        assert report(READINGS, "t", 0).resamples == 999


def test_lag_one_of_an_alternating_series_is_its_closed_form():
    sample = np.array([1.0, -1.0] * 10)
    assert lag_one(sample) == pytest.approx(-19 / 20, rel=1e-15)
