"""Sources combined: published formulas, densities, the words for what cannot be."""

from math import exp, inf, log, sqrt

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from uncertainty.distributions import build, explain, pool
from uncertainty.distributions.tabulated import tabulate
from uncertainty.errors import DistributionError

VALUES = [0.75, 0.98, 1.20, 0.89, 1.05]
SDS = [0.05, 0.08, 0.15, 0.04, 0.20]


def sources(values=VALUES, sds=SDS, **more):
    return [{"value": v, "sd": s} | more for v, s in zip(values, sds, strict=True)]


def evidence(combine, given=None, **more):
    given = sources() if given is None else given
    return build("evidence", {"sources": given, "combine": combine} | more)


class TestPooling:
    def test_fixed_effects_are_the_generalised_least_squares_of_one_mean(self):
        design = np.ones((5, 1)) / np.array(SDS)[:, None]
        target = np.array(VALUES) / np.array(SDS)
        mean = np.linalg.lstsq(design, target)[0][0]
        law = evidence("fixed")
        assert law.mean == pytest.approx(mean, rel=1e-12)
        assert law.sd == pytest.approx(np.linalg.inv(design.T @ design)[0, 0] ** 0.5)

    def test_tau2_makes_q_as_large_as_expected(self):
        # DerSimonian-Laird is the method of moments: E Q(tau2), from the quadratic
        # form with weights of the fixed effects, equals the Q that was found
        found = pool(VALUES, SDS)
        w = np.array(SDS) ** -2.0
        centring = np.diag(w) - np.outer(w, w) / w.sum()

        def excess(tau2):
            covariance = np.diag(np.array(SDS) ** 2 + tau2)
            return np.trace(centring @ covariance) - found.q

        assert found.tau2 == pytest.approx(optimize.brentq(excess, 0, 1), rel=1e-9)
        assert found.p == pytest.approx(stats.chi2.sf(found.q, 4), rel=1e-12)
        assert found.i2 == pytest.approx((found.q - 4) / found.q)

    def test_equal_sds_have_closed_forms(self):
        # then the mean is the average, se^2 = s^2 / k for both random-effect forms
        found = pool(VALUES, [0.05] * 5)
        assert found.mean == pytest.approx(np.mean(VALUES), rel=1e-14)
        se = np.std(VALUES, ddof=1) / sqrt(5)
        assert found.se == pytest.approx(se, rel=1e-12)
        assert found.hartung_knapp == pytest.approx(se, rel=1e-12)

    def test_nine_laboratories_of_a_published_comparison(self):
        # arsenic in oyster tissue: Kacker, Metrologia 41 (2004) 132, as R's metafor
        # has it (rma, method DL, with and without the test of Knapp and Hartung; its
        # figures stand in the tests of statsmodels)
        y = [61.0, 61.4, 62.21, 62.3, 62.34, 62.6, 62.7, 62.84, 65.9]
        v = [0.2025, 1.21, 0.09, 0.2025, 0.3844, 0.5625, 0.0676, 0.0225, 1.8225]
        found = pool(y, np.sqrt(v))
        assert found.mean == pytest.approx(62.3901386044504, rel=1e-12)
        assert found.se == pytest.approx(0.245749668040304, rel=1e-12)
        assert found.tau2 == pytest.approx(0.288049246973751, rel=1e-12)
        assert found.q == pytest.approx(24.801897741835, rel=1e-12)
        assert found.p == pytest.approx(0.00167935146372742, rel=1e-11)
        assert found.i2 == pytest.approx(0.67744403741711, rel=1e-12)
        assert found.hartung_knapp == pytest.approx(0.29477605699879, rel=1e-12)
        given = sources(y, np.sqrt(v).tolist())
        law = evidence("hartung_knapp", given)
        ends = law.ppf([0.025, 0.975])
        assert ends == pytest.approx([61.710383798052, 63.0698934108488], rel=1e-12)
        ends = evidence("random", given).ppf([0.025, 0.975])
        assert ends == pytest.approx([61.9084781058787, 62.8717991030221], rel=1e-12)

    def test_agreeing_sources_have_no_variance_between(self):
        found = pool([1.0, 1.01, 0.99], [0.1, 0.1, 0.2])
        assert (found.tau2, found.i2) == (0, 0)
        fixed = pool([1.0, 1.01, 0.99], [0.1, 0.1, 0.2], random=False)
        assert (found.mean, found.se) == (fixed.mean, fixed.se)

    def test_hartung_knapp_is_the_student_t_of_the_weighted_scatter(self):
        found, law = pool(VALUES, SDS), evidence("hartung_knapp")
        same = stats.t(4, found.mean, found.hartung_knapp)
        levels = np.array([0.025, 0.3, 0.975])
        assert law.ppf(levels) == pytest.approx(same.ppf(levels), rel=1e-9)

    def test_a_lognormal_is_pooled_on_the_logarithm(self):
        given = [{"value": 2, "low": 1, "high": 4}, {"value": 3, "low": 2, "high": 4.5}]
        sds = [
            log(4) / 2 / stats.norm.isf(0.025),
            log(2.25) / 2 / stats.norm.isf(0.025),
        ]
        found = pool([log(2), log(3)], sds)
        law = evidence("random", given, shape="lognormal")
        assert law.point == pytest.approx(exp(found.mean), rel=1e-12)
        one_sd = float(law.isf(stats.norm.sf(1)))
        assert log(one_sd / law.point) == pytest.approx(found.se, rel=1e-9)

    def test_a_bias_widens_its_source(self):
        biased = [{"value": 1, "sd": 3, "bias": 4}, {"value": 2, "sd": 5}]
        assert evidence("fixed", biased) == evidence("fixed", biased)
        same = evidence("fixed", sources([1, 2], [5, 5]))
        assert evidence("fixed", biased).mean == pytest.approx(same.mean)
        assert evidence("fixed", biased).sd == pytest.approx(5 / sqrt(2))


class TestOpinionPools:
    @pytest.mark.parametrize("shape", ["normal", "lognormal"])
    def test_a_linear_pool_is_the_mixture(self, shape):
        given = sources([1.0, 3.0], [0.2, 0.5])
        given[0]["weight"] = 3
        law = evidence("linear_pool", given, shape=shape)
        laws = [stats.norm(1, 0.2), stats.norm(3, 0.5)]
        if shape == "lognormal":
            sigmas = [sqrt(np.log1p((s / m) ** 2)) for m, s in ((1, 0.2), (3, 0.5))]
            laws = [
                stats.lognorm(s, scale=m) for m, s in zip((1, 3), sigmas, strict=True)
            ]
        x = np.linspace(0.2, 5, 40)
        cdf = 0.75 * laws[0].cdf(x) + 0.25 * laws[1].cdf(x)
        assert law.cdf(x) == pytest.approx(cdf, rel=1e-12)
        assert law.cdf(law.ppf(cdf)) == pytest.approx(cdf, rel=1e-12)
        assert law.sf(law.isf(1e-12)) == pytest.approx(1e-12, rel=1e-9)
        first, second = (
            sum(w * d.moment(k) for w, d in zip((0.75, 0.25), laws, strict=True))
            for k in (1, 2)
        )
        assert law.mean == pytest.approx(first, rel=1e-12)
        assert law.sd == pytest.approx(sqrt(second - first**2), rel=1e-10)

    def test_a_logarithmic_pool_is_the_geometric_mean_of_densities(self):
        given = sources([1.0, 3.0], [0.4, 0.8])
        given[0]["weight"] = 3
        law = evidence("logarithmic_pool", given)

        def density(x, power=0):
            parts = stats.norm(1, 0.4).logpdf(x) * 0.75
            return x**power * np.exp(parts + stats.norm(3, 0.8).logpdf(x) * 0.25)

        whole, first, second = (
            integrate.quad(density, -inf, inf, args=(k,))[0] for k in (0, 1, 2)
        )
        assert law.mean == pytest.approx(first / whole, rel=1e-8)
        variance = second / whole - (first / whole) ** 2
        assert law.sd == pytest.approx(sqrt(variance), rel=1e-7)

    def test_the_table_of_a_mixture_keeps_its_promise(self):
        law = evidence("linear_pool", sources([1.0, 3.0], [0.2, 0.5]))
        u = (np.arange(20_000) + 0.5) / 20_000
        assert np.max(np.abs(tabulate(law)(u) - law.ppf(u))) < 1e-7 * law.sd


def test_sources_that_contradict_each_other_are_told():
    law = evidence("random", sources([1, 1.3], [0.1, 0.1]))
    assert law.conflict == ""
    apart = evidence("random", sources([1, 1.1, 2], [0.1, 0.1, 0.1]))
    assert (
        apart.conflict == "the 95 % intervals of sources 1 and 3, 2 and 3 do not meet"
    )
    assert apart.conflict in explain(apart)


ONE = {"value": 1, "sd": 0.1}


@pytest.mark.parametrize(
    ("given", "parameter", "text"),
    [
        ({"sources": [ONE]}, "sources", "1 given, two or more"),
        ({"combine": "hartung_knapp"}, "combine", "write combine: random"),
        ({"combine": "average"}, "combine", "none of random, fixed"),
        ({"sources": [ONE, {"value": 1}]}, "sources[1].sd", "both low and high"),
        ({"sources": [ONE, ONE | {"low": 0}]}, "sources[1].sd", "both low and high"),
        ({"sources": [ONE, ONE | {"sd": 0}]}, "sources[1].sd", "is not above 0"),
        ({"sources": [ONE, ONE | {"bias": -1}]}, "sources[1].bias", "is negative"),
        ({"sources": [ONE, ONE | {"weight": 0}]}, "sources[1].weight", "above 0"),
        ({"sources": [ONE, ONE | {"n": 3}]}, "sources[1].n", "no such field"),
        ({"sources": [ONE, {"sd": 1}]}, "sources[1].value", "is missing"),
        ({"sources": [ONE, ONE | {"year": "x"}]}, "sources[1].year", "whole number"),
        ({"sources": [ONE, ONE | {"source": 3}]}, "sources[1].source", "not a text"),
        ({"sources": [ONE, 3]}, "sources[1]", "no mapping"),
        (
            {"sources": [ONE, {"value": 5, "low": 1, "high": 2}]},
            "sources[1].value",
            "5 is not inside 1 to 2",
        ),
        (
            {"sources": [ONE, ONE | {"value": -1}], "shape": "lognormal"},
            "sources[1].value",
            "use shape: normal",
        ),
        (
            {
                "sources": [ONE] * 4,
                "combine": "hartung_knapp",
                "shape": "lognormal",
            },
            "combine",
            "no finite sd of a lognormal",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(given, parameter, text):
    with pytest.raises(DistributionError, match=text) as caught:
        build("evidence", {"sources": [ONE, ONE], "combine": "random"} | given)
    assert caught.value.parameter == parameter
