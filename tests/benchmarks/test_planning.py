"""Errors that a run will have, before it is made: closed forms and repeated samples."""

from math import ceil, exp, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.planning import draws_for_mean, expected_error
from uncertainty.distributions import Normal, Triangular, build

FAMILIES = (
    ("normal", {"mean": 5, "sd": 2}),
    ("uniform", {"low": -1, "high": 3}),
    ("triangular", {"low": 0, "mode": 1, "high": 4}),
    ("lognormal", {"median": 2, "gsd": 1.4}),
    ("exponential", {"mean": 3}),
    ("beta", {"a": 2, "b": 3, "low": 0, "high": 1}),
    ("interval", {"low": 1, "high": 5, "value": 2}),
)


class TestDrawsForMean:
    @given(
        cv=st.floats(0.01, 3), precision=st.floats(1e-3, 0.5), p=st.floats(0.5, 0.999)
    )
    def test_it_is_the_least_number_that_does(self, cv, precision, p):
        n = draws_for_mean(cv, precision, p)
        z = stats.norm.isf((1 - p) / 2)
        assert z * cv / sqrt(n) <= precision * (1 + 1e-9)
        assert n == 1 or z * cv / sqrt(n - 1) > precision * (1 - 1e-9)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((0, 0.1), "cv must be above 0, not 0"),
            ((0.1, -1), "precision must be above 0, not -1"),
            ((0.1, 0.1, 95), "confidence must lie between 0 and 1, not 95"),
        ],
    )
    def test_what_cannot_be_is_refused(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            draws_for_mean(*arguments)


class TestExpectedError:
    def test_a_normal_law_has_its_closed_forms(self):
        law, n = Normal(5, 2), 10_000
        assert expected_error(law, n) == 2 / 100
        assert expected_error(law, n, "sd") == pytest.approx(2 / sqrt(2 * n), rel=1e-12)
        median = expected_error(law, n, "quantile")
        assert median == pytest.approx(2 * sqrt(pi / 2 / n), rel=1e-11)

    def test_a_lognormal_law_has_its_closed_forms(self):
        s, n = log(1.5), 400
        law = build("lognormal", {"median": 2, "gsd": 1.5})
        w = exp(s * s)
        kurtosis = w**4 + 2 * w**3 + 3 * w**2 - 3
        wanted = law.sd * sqrt((kurtosis - 1) / (4 * n))
        assert expected_error(law, n, "sd") == pytest.approx(wanted, rel=1e-11)
        z = stats.norm.ppf(0.9)
        slope = 2 * exp(s * z) * s / stats.norm.pdf(z)
        wanted = sqrt(0.9 * 0.1 / n) * slope
        got = expected_error(law, n, "quantile", level=0.9)
        assert got == pytest.approx(wanted, rel=1e-11)

    @pytest.mark.parametrize("law", FAMILIES, ids=lambda law: law[0])
    @pytest.mark.parametrize("statistic", ["mean", "sd", "quantile"])
    def test_repeated_runs_scatter_so(self, law, statistic):
        marginal, repeats, draws = build(*law), 500, 2000
        values = marginal.ppf(np.random.default_rng(8).random((repeats, draws)))
        estimates = {
            "mean": lambda: values.mean(axis=1),
            "sd": lambda: values.std(axis=1, ddof=1),
            "quantile": lambda: np.quantile(values, 0.8, axis=1),
        }[statistic]()
        got = expected_error(marginal, draws, statistic, level=0.8)
        # a sd from R repeats is known to 1 / sqrt(2 R) = 3.2 %; four of those
        assert estimates.std(ddof=1) == pytest.approx(got, rel=4 / sqrt(2 * repeats))

    def test_four_times_the_draws_halve_it(self):
        law = Triangular(0, 1, 4)
        for statistic in ("mean", "sd", "quantile"):
            ratio = expected_error(law, 100, statistic) / expected_error(
                law, 400, statistic
            )
            assert ratio == pytest.approx(2, rel=1e-12)

    def test_a_constant_has_none(self):
        assert expected_error(Normal(3, 0), 10, "sd") == 0

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"draws": 0}, "draws must be 1 or more, not 0"),
            ({"level": 1.0}, r"level must lie between 0 and 1, not 1\.0"),
            (
                {"statistic": "mode"},
                "statistic must be mean, sd or quantile, not 'mode'",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(self, options, message):
        with pytest.raises(ValueError, match=message):
            expected_error(Normal(0, 1), **({"draws": 10} | options))

    def test_it_agrees_with_the_number_of_draws_it_takes(self):
        law = build("lognormal", {"median": 1, "gsd": 1.3})
        n = draws_for_mean(law.sd / law.mean, 0.01)
        assert 1.96 * expected_error(law, n) <= 0.01 * law.mean
        assert n == ceil((1.959963984540054 * law.sd / law.mean / 0.01) ** 2)
