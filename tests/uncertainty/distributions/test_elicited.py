"""Quantiles of experts: the metalog's formula, pools, and what cannot be."""

import numpy as np
import pytest
from scipy import stats

from uncertainty.distributions import build, explain
from uncertainty.distributions.tabulated import tabulate
from uncertainty.errors import DistributionError

THREE = {"0.1": 14.0, "0.5": 20.0, "0.9": 32.0}
U = np.array([1e-6, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1 - 1e-6])


def elicited(**stated):
    return build("elicited", stated)


def test_three_quantiles_have_keelins_closed_form():
    # Keelin 2016: symmetric triplet at a, 1/2, 1 - a
    law = elicited(quantiles=THREE)
    odds = np.log(9)
    a1, a2 = 20.0, (32 - 14) / (2 * odds)
    a3 = (1 - 2 * (20 - 14) / (32 - 14)) / ((0.9 - 0.5) * 2 * odds) * (32 - 14)
    expected = a1 + a2 * np.log(U / (1 - U)) + a3 * (U - 0.5) * np.log(U / (1 - U))
    np.testing.assert_allclose(law.ppf(U), expected, rtol=1e-9)


def test_moments_of_a_metalog_are_keelins():
    # mean a1 + a3 / 2; variance of three terms, his equation for four less a4
    law = elicited(quantiles=THREE)
    a1, a2, a3 = law.law.terms
    assert law.mean == pytest.approx(a1 + a3 / 2, rel=1e-9)
    pi2 = np.pi**2
    variance = pi2 * a2**2 / 3 + (1 / 12 + pi2 / 36) * a3**2
    assert law.sd**2 == pytest.approx(variance, rel=1e-9)


def test_one_bound_and_two_bounds_are_log_and_logit_metalogs():
    low = elicited(quantiles=THREE, low=5.0)
    logs = {k: float(np.log(v - 5)) for k, v in THREE.items()}
    np.testing.assert_allclose(
        low.ppf(U), 5 + np.exp(elicited(quantiles=logs).ppf(U)), rtol=1e-9
    )
    both = elicited(quantiles=THREE, low=5.0, high=50.0)
    share = (both.ppf(U) - 5) / 45
    logits = {k: float(np.log((v - 5) / (50 - v))) for k, v in THREE.items()}
    np.testing.assert_allclose(
        np.log(share / (1 - share)), elicited(quantiles=logits).ppf(U), rtol=1e-6
    )
    assert both.support == (5, 50)


@pytest.mark.parametrize(
    ("fit", "law"),
    [
        ("normal", stats.norm(20, 3)),
        ("lognormal", stats.lognorm(0.3, scale=20)),
        ("gumbel", stats.gumbel_r(20, 3)),
        ("weibull", stats.weibull_min(2.5, scale=20)),
    ],
)
def test_quantiles_of_a_family_give_it_back(fit, law):
    stated = {str(p): float(law.ppf(p)) for p in (0.05, 0.25, 0.5, 0.75, 0.95)}
    found = elicited(quantiles=stated, fit=fit)
    np.testing.assert_allclose(found.ppf(U), law.ppf(U), rtol=1e-9)
    assert found.misfit < 1e-9
    assert "meets the quantiles" in explain(found)


def test_the_misfit_is_told():
    found = elicited(quantiles=THREE, fit="normal")
    away = np.abs(found.ppf([0.1, 0.5, 0.9]) - [14, 20, 32]).max() / 18
    assert found.misfit == pytest.approx(away, rel=1e-12)
    assert f"misses a quantile by {100 * away:.2g} %" in explain(found)


@pytest.mark.parametrize("options", [{}, {"low": 0.0}, {"low": 0.0, "high": 60.0}])
def test_levels_and_quantiles_are_inverse_and_a_table_holds_them(options):
    law = elicited(quantiles=THREE, **options)
    np.testing.assert_allclose(law.cdf(law.ppf(U)), U, rtol=1e-9)
    np.testing.assert_allclose(law.sf(law.isf(U)), U, rtol=1e-9)
    assert np.abs(tabulate(law)(U) - law.ppf(U)).max() < 1e-7 * law.sd


OTHER = {"0.1": 18.0, "0.5": 24.0, "0.9": 40.0}


def test_a_linear_pool_averages_probabilities():
    experts = [{"quantiles": THREE, "weight": 1}, {"quantiles": OTHER, "weight": 3}]
    law = elicited(experts=experts)
    one, two = elicited(quantiles=THREE), elicited(quantiles=OTHER)
    x = np.linspace(10, 50, 9)
    expected = (one.cdf(x) + 3 * two.cdf(x)) / 4
    np.testing.assert_allclose(law.cdf(x), expected, rtol=1e-9)


def test_a_logarithmic_pool_is_the_geometric_mean_of_densities():
    experts = [{"quantiles": THREE, "weight": 1}, {"quantiles": OTHER, "weight": 3}]
    law = elicited(experts=experts, fit="lognormal", pool="logarithmic")
    pair = [elicited(quantiles=q, fit="lognormal").law for q in (THREE, OTHER)]

    def log_density(one, x):
        # of the logarithm, without constants
        return -(((np.log(x) - np.log(one.ppf(0.5))) / one.sigma) ** 2) / 2

    x = np.array([15.0, 20, 25, 40])
    mixed = (log_density(pair[0], x) + 3 * log_density(pair[1], x)) / 4
    found = log_density(law.law, x)
    np.testing.assert_allclose(np.diff(found), np.diff(mixed), rtol=1e-9)


@pytest.mark.parametrize(
    ("stated", "parameter", "message"),
    [
        ({}, "quantiles", "state quantiles, or experts"),
        ({"quantiles": {"0.5": 1.0}}, "quantiles", "1 given, two or more"),
        ({"quantiles": {"0.5": 1.0, "0.9": 2.0}}, "quantiles", "three or more"),
        ({"quantiles": {"x": 1.0, "0.9": 2.0}}, "quantiles", "is no level"),
        ({"quantiles": {"5": 1.0, "0.9": 2.0}}, "quantiles", "write 0.05 for 5 %"),
        ({"quantiles": {"0.1": 3.0, "0.9": 2.0}}, "quantiles", "is not above 3"),
        ({"quantiles": {"0.1": "a", "0.9": 2.0}}, "quantiles", "is not a number"),
        ({"quantiles": THREE, "fit": "normal", "low": 0.0}, "low", "a metalog"),
        ({"quantiles": THREE, "low": 15.0}, "low", "leaves out the quantile 14"),
        ({"quantiles": THREE, "pool": "logarithmic"}, "pool", "fit: normal or"),
        (
            {"quantiles": {"0.1": 0.0, "0.5": 9.9, "0.9": 10.0}},
            "quantiles",
            "no metalog of 3 terms rises",
        ),
        (
            {"quantiles": {"0.1": 1.0, "0.5": 9.0, "0.9": 300.0}, "low": 0.0},
            "quantiles",
            "no finite sd",
        ),
        (
            {"quantiles": {"0.1": -1.0, "0.9": 2.0}, "fit": "lognormal"},
            "quantiles",
            "is not above 0, as lognormal takes it",
        ),
        (
            {"experts": [{"quantiles": THREE, "weight": 0}]},
            "experts[0].weight",
            "leave the expert out",
        ),
    ],
)
def test_what_cannot_be_is_told(stated, parameter, message):
    with pytest.raises(DistributionError) as caught:
        elicited(**stated)
    assert caught.value.parameter == parameter
    assert message in str(caught.value)
