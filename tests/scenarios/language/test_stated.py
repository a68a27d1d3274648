"""Uncertainty as people state it: what a study is told comes back from its laws."""

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scenarios.model.definitions import describe
from uncertainty.distributions import build

LEVELS = (0.5, 0.6827, 0.9, 0.95, 0.9545, 0.99)
INTERVALS = {
    "symmetric": {"low": 13411, "high": 13611},
    "symmetric_about_nought": {"low": -3, "high": 3},
    "negative": {"low": -7, "high": -2},
    "asymmetric": {"low": 2, "high": 9, "value": 3},
    "asymmetric_below": {"low": -9, "high": 1, "value": 0.5},
    "lognormal": {"low": 0.02, "high": 0.058, "shape": "lognormal"},
    "lognormal_asymmetric": {
        "low": 0.95,
        "high": 1.4,
        "value": 1.1,
        "shape": "lognormal",
    },
    "lognormal_wide": {"low": 1e-6, "high": 1e3, "shape": "lognormal"},
}
PERCENTS = ((0.143, 6), (1.6, 10), (-40, 50), (13511, 0.74), (2.5, 60))


def study_of(laws: dict[str, str]) -> str:
    lines = [f'  {id}: {{units: "1", {law}, source: s}}' for id, law in laws.items()]
    total = " + ".join(laws)
    return "\n".join(
        [
            "run: {draws: 100000, design: sobol, seed: 44905}",
            "inputs:",
            *lines,
            f'outputs: {{all: {{units: "1", formula: "{total}"}}}}',
        ]
    )


def words(stated: dict[str, object]) -> str:
    return "{" + ", ".join(f"{k}: {v}" for k, v in stated.items()) + "}"


class TestIntervals:
    @pytest.fixture(scope="class")
    @staticmethod
    def every() -> dict[str, tuple[dict[str, object], float]]:
        """Each interval at each level, by the id of its input."""
        return {
            f"{name}_{i}": (stated, level)
            for name, stated in INTERVALS.items()
            for i, level in enumerate(LEVELS)
        }

    @pytest.fixture
    def study(self, written, every):
        laws = {
            id: f"interval: {words(stated | {'level': level})}"
            for id, (stated, level) in every.items()
        }
        return written(study_of(laws))

    def test_both_ends_and_the_value_come_back(self, study, every):
        for id, (stated, level) in every.items():
            law = study.definitions[id].marginal
            tails = (1 - level) / 2, (1 + level) / 2
            ends = law.ppf(tails)
            # the stated figures to 1e-9, computed and not sampled
            np.testing.assert_allclose(
                ends, [stated["low"], stated["high"]], rtol=1e-9, err_msg=id
            )
            np.testing.assert_allclose(law.cdf(ends), tails, rtol=1e-9, err_msg=id)
            if "value" in stated:
                assert float(law.ppf(0.5)) == pytest.approx(stated["value"], rel=1e-12)
                assert law.point == stated["value"]

    def test_a_run_draws_them(self, study, every):
        inputs = study.run().inputs
        for id, (stated, level) in every.items():
            values = np.sort(inputs[id].values)
            inside = np.mean((values >= stated["low"]) & (values <= stated["high"]))
            # a share of the draws, known to sqrt(p q / n) at the worst; four of those
            slack = 4 * sqrt(level * (1 - level) / values.size)
            assert inside == pytest.approx(level, abs=slack), id

    @given(
        low=st.floats(1e-3, 1e6),
        ratio=st.floats(1.001, 50),
        part=st.floats(0.01, 0.99),
        level=st.floats(0.4, 0.999),
        shape=st.sampled_from(["normal", "lognormal"]),
        sign=st.sampled_from([1, -1]),
    )
    def test_whatever_is_stated(self, low, ratio, part, level, shape, sign):
        ends = [low, low + part * (ratio - 1) * low, ratio * low]
        if shape == "normal" and sign < 0:
            ends = [-end for end in reversed(ends)]
        stated = dict(zip(("low", "value", "high"), ends, strict=True))
        law = build("interval", stated | {"level": level, "shape": shape})
        found = law.ppf([(1 - level) / 2, 0.5, (1 + level) / 2])
        np.testing.assert_allclose(found, ends, rtol=1e-9)

    def test_without_a_level_it_is_95_per_cent(self, written):
        study = written(study_of({"x": "interval: {low: 1, high: 5}"}))
        law = study.definitions["x"].marginal
        assert float(law.cdf(1)) == pytest.approx(0.025, rel=1e-12)


class TestPercentages:
    @pytest.mark.parametrize("level", LEVELS)
    def test_plus_and_minus_come_back(self, written, level):
        laws = {
            f"x{i}": f"percent: {{value: {v}, plus_minus: {p}, level: {level}}}"
            for i, (v, p) in enumerate(PERCENTS)
        }
        definitions = written(study_of(laws)).definitions
        for i, (value, per_cent) in enumerate(PERCENTS):
            law = definitions[f"x{i}"].marginal
            half = abs(value) * per_cent / 100
            ends = law.ppf([(1 - level) / 2, (1 + level) / 2])
            np.testing.assert_allclose(ends, [value - half, value + half], rtol=1e-9)
            assert (law.mean, law.point) == (value, value)

    def test_the_slope_of_the_perfluorocarbons_is_stated_so(self, shipped):
        law = shipped("china_grid_mixes").study.definitions["smelting.pfc_slope"]
        ends = law.marginal.ppf([0.025, 0.975])
        # IPCC 2006 vol. 3 table 4.16, centre-worked prebake: 0.143 +/- 6 %
        np.testing.assert_allclose(ends, [0.143 * 0.94, 0.143 * 1.06], rtol=1e-9)


# ecoinvent report 1 (v2) 2007, factors of GSD^2 by score; v3 2013, variances of ln x
FACTORS = {
    "reliability": (1, 1.05, 1.10, 1.20, 1.50),
    "completeness": (1, 1.02, 1.05, 1.10, 1.20),
    "temporal": (1, 1.03, 1.10, 1.20, 1.50),
    "geographical": (1, 1.01, 1.02, 1.02, 1.10),
    "technological": (1, 1.0, 1.20, 1.50, 2.00),
}
VARIANCES = (
    (0, 0.0006, 0.002, 0.008, 0.04),
    (0, 0.0001, 0.0006, 0.002, 0.008),
    (0, 0.0002, 0.002, 0.008, 0.04),
    (0, 0.000025, 0.0001, 0.0006, 0.002),
    (0, 0.0006, 0.008, 0.04, 0.12),
)
SCORES = ([1, 1, 1, 1, 1], [2, 3, 1, 4, 2], [5, 5, 5, 5, 5], [3, 4, 2, 1, 5])


class TestPedigree:
    @pytest.mark.parametrize("scores", SCORES)
    @pytest.mark.parametrize("basic", [0.0006, 0.04])
    def test_sigma_is_the_documented_combination(self, written, scores, basic):
        laws = {
            table: f"pedigree: {{value: 3, basic: {basic}, scores: {scores}, "
            f"table: {table}}}"
            for table in ("ecoinvent_2", "ecoinvent_3")
        }
        definitions = written(study_of(laws)).definitions
        by_factor = basic + sum(
            (log(row[score - 1]) / 2) ** 2
            for row, score in zip(FACTORS.values(), scores, strict=True)
        )
        by_variance = basic + sum(
            row[score - 1] for row, score in zip(VARIANCES, scores, strict=True)
        )
        for table, variance in (
            ("ecoinvent_2", by_factor),
            ("ecoinvent_3", by_variance),
        ):
            law = definitions[table].marginal
            one_sd = float(law.isf(stats.norm.sf(1)))
            assert log(one_sd / 3) == pytest.approx(sqrt(variance), rel=0, abs=1e-12)
            assert law.point == float(law.ppf(0.5)) == 3

    def test_the_square_of_the_gsd_is_said_to_span_95_45_per_cent(self, written):
        stated = "pedigree: {value: 3, basic: 0.0006, scores: [2, 3, 1, 4, 2]}"
        study = written(study_of({"x": stated}))
        told = describe(study.definitions["x"])
        assert "by the table ecoinvent_3" in told
        assert "value / gsd^2 to value * gsd^2 spans 95.45 %, not 95 %" in told
        law = study.definitions["x"].marginal
        gsd = exp(sqrt(law.variance_of_log))
        inside = float(law.cdf(3 * gsd**2) - law.cdf(3 / gsd**2))
        assert inside == pytest.approx(0.9544997361, abs=1e-10)
        # and it stands with the result
        assert told == study.run().tree["inputs/x"].attrs["distribution"]


READINGS = [13480.0, 13510.5, 13495.2, 13530.9, 13502.2, 13470.1, 13515.6, 13498.0]


class TestReadings:
    @pytest.fixture
    def law_of(self, written, tmp_path):
        """Law of readings in a CSV file, by what is uncertain."""
        cells = "".join(f"{i},{value},x\n" for i, value in enumerate(READINGS))
        (tmp_path / "meter.csv").write_text(f"day,kwh,note\n{cells},,\n")

        def make(of: str):
            stated = f"observed: {{file: meter.csv, column: kwh, of: {of}}}"
            return written(study_of({"x": stated}))

        return make

    def test_the_mean_is_a_t_of_jcgm_101_6_4_9(self, law_of):
        law = law_of("mean").definitions["x"].marginal
        n, s = len(READINGS), np.std(READINGS, ddof=1)
        peer = stats.t(n - 1, np.mean(READINGS), s / sqrt(n))
        levels = [0.001, 0.025, 0.5, 0.975, 0.999]
        np.testing.assert_allclose(law.ppf(levels), peer.ppf(levels), rtol=1e-12)
        assert law.point == pytest.approx(np.mean(READINGS), rel=1e-15)

    def test_the_bootstrap_has_the_closed_form_moments(self, law_of):
        law = law_of("bootstrap").definitions["x"].marginal
        n = len(READINGS)
        # mean and sd of all n^n resamples
        assert law.mean == pytest.approx(np.mean(READINGS), rel=1e-12)
        assert law.sd == pytest.approx(np.std(READINGS) / sqrt(n), rel=1e-9)
        rng = np.random.default_rng(2)
        means = rng.choice(READINGS, (20_000, n)).mean(axis=1)
        # quantiles of 1e4 and of 2e4 resamples: sqrt(p q / n) / density is 0.03 sd
        got, peer = law.ppf([0.025, 0.975]), np.quantile(means, [0.025, 0.975])
        np.testing.assert_allclose(got, peer, atol=0.12 * law.sd)

    def test_the_readings_themselves_scatter_as_they_do(self, law_of):
        study = law_of("readings")
        law = study.definitions["x"].marginal
        assert law.mean == pytest.approx(np.mean(READINGS), rel=1e-12)
        assert law.sd == pytest.approx(np.std(READINGS), rel=1e-12)
        drawn = study.run().tree["inputs/x"].values
        values, counts = np.unique(drawn, return_counts=True)
        np.testing.assert_allclose(values, sorted(READINGS), rtol=1e-12)
        # each an eighth of the draws, to four binomial standard errors
        p, n = 1 / len(READINGS), drawn.size
        assert abs(counts / n - p).max() < 4 * sqrt(p * (1 - p) / n)

    def test_each_says_what_it_is_of(self, law_of):
        told = {
            of: describe(law_of(of).definitions["x"])
            for of in ("mean", "bootstrap", "readings")
        }
        assert "of the long-run mean, Student t of 7 degrees of freedom" in told["mean"]
        assert "of the long-run mean, 10000 resamples of 8" in told["bootstrap"]
        assert "of a single reading, each of 8 as likely" in told["readings"]

    def test_a_mean_is_known_better_than_one_reading(self, law_of):
        sds = {
            of: law_of(of).definitions["x"].marginal.sd
            for of in ("mean", "bootstrap", "readings")
        }
        assert sds["bootstrap"] < sds["mean"] < sds["readings"]

    def test_the_stored_config_holds_the_readings(self, law_of, written):
        study = law_of("mean")
        again = written(study.text)
        assert again.definitions["x"].marginal == study.definitions["x"].marginal
