"""A prior updated: closed forms, the grid against them, and what cannot be."""

import numpy as np
import pytest
from scipy import integrate, stats

from uncertainty.distributions import build, explain
from uncertainty.distributions.tabulated import tabulate
from uncertainty.errors import DistributionError

U = np.array([1e-6, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-6])
READINGS = (13.2, 14.1, 13.7, 15.0)


def updated(prior, values=READINGS, **more):
    return build("updated", {"prior": prior, "values": values} | more)


def test_normal_and_normal():
    law = updated({"normal": {"mean": 10.0, "sd": 2.0}}, sd=1.5)
    precision = 1 / 4 + 4 / 2.25
    mean = (10 / 4 + 4 / 2.25 * np.mean(READINGS)) / precision
    assert law.exact
    assert law.mean == pytest.approx(mean, rel=1e-12)
    assert law.sd == pytest.approx(precision**-0.5, rel=1e-12)


def test_lognormal_and_lognormal():
    prior = {"lognormal": {"median": 12.0, "gsd": 1.3}}
    law = updated(prior, likelihood="lognormal", sd=0.1)
    precision = 1 / np.log(1.3) ** 2 + 400
    centre = np.log(12) / np.log(1.3) ** 2 + 400 * np.mean(np.log(READINGS))
    assert law.point == pytest.approx(np.exp(centre / precision), rel=1e-12)


def test_gamma_and_poisson():
    law = updated(
        {"gamma": {"shape": 3.0, "scale": 0.5}},
        (4, 2, 5),
        likelihood="poisson",
        exposure=2.0,
    )
    expected = stats.gamma(3 + 11, scale=1 / (2 + 6))
    np.testing.assert_allclose(law.ppf(U), expected.ppf(U), rtol=1e-9)


def test_beta_and_binomial():
    law = updated(
        {"beta": {"a": 2.0, "b": 5.0}}, (3, 7), likelihood="binomial", trials=10.0
    )
    expected = stats.beta(2 + 10, 5 + 10)
    np.testing.assert_allclose(law.ppf(U), expected.ppf(U), rtol=1e-9)


@pytest.mark.parametrize(
    ("conjugate", "other", "more"),
    [
        # the same priors in the words of families that have no closed form
        (
            {"normal": {"mean": 10.0, "sd": 2.0}},
            {"truncated_normal": {"mean": 10.0, "sd": 2.0, "low": -1e3}},
            {"sd": 1.5},
        ),
        (
            {"beta": {"a": 1.0, "b": 1.0}},
            {"uniform": {"low": 0.0, "high": 1.0}},
            {"values": (3, 7), "likelihood": "binomial", "trials": 10.0},
        ),
        (
            {"gamma": {"shape": 1.0, "scale": 2.0}},
            {"exponential": {"mean": 2.0}},
            {"values": (4, 2), "likelihood": "poisson"},
        ),
        (
            {"lognormal": {"median": 12.0, "gsd": 1.3}},
            {"interval": {"low": 6.0, "high": 24.0, "shape": "lognormal"}},
            {"likelihood": "lognormal", "sd": 0.1},
        ),
    ],
)
def test_the_grid_meets_the_closed_form(conjugate, other, more):
    if "interval" in other:
        gsd = np.exp(np.log(24 / 6) / 2 / 1.959963984540054)
        conjugate = {"lognormal": {"median": 12.0, "gsd": float(gsd)}}
    exact, grid = updated(conjugate, **more), updated(other, **more)
    assert exact.exact
    assert not grid.exact
    # cubics over 4001 levels; further out the tail follows the slope at its end
    inner = U[1:-1]
    np.testing.assert_allclose(
        grid.ppf(inner), exact.ppf(inner), rtol=0, atol=1e-7 * exact.sd
    )
    np.testing.assert_allclose(grid.ppf(U), exact.ppf(U), rtol=0, atol=1e-4 * exact.sd)
    assert grid.mean == pytest.approx(exact.mean, rel=1e-8)
    assert grid.sd == pytest.approx(exact.sd, rel=1e-7)


def test_an_unknown_scatter_is_integrated_out():
    law = updated({"triangular": {"low": 8.0, "mode": 13.0, "high": 16.0}})
    prior = stats.triang((13 - 8) / 8, 8, 8)
    y = np.array(READINGS)

    def density(x):
        t = (x - y.mean()) / (y.std(ddof=1) / 2)
        return prior.pdf(x) * stats.t.pdf(t, 3)

    whole = integrate.quad(density, 8, 16, points=[13], epsabs=1e-14)[0]
    for x in (12.5, 13.5, 14.2, 15.0):
        part = integrate.quad(density, 8, x, points=[13], epsabs=1e-14)[0] / whole
        # the density of the prior bends at its mode, where cubics are less exact
        assert law.cdf(x) == pytest.approx(part, abs=1e-6)


def test_readings_a_thousand_times_sharper_than_the_prior():
    law = updated({"uniform": {"low": 0.0, "high": 1000.0}}, (3.0, 3.2), sd=0.01)
    expected = stats.norm(3.1, 0.01 / np.sqrt(2))
    np.testing.assert_allclose(law.ppf(U[1:-1]), expected.ppf(U[1:-1]), rtol=1e-7)


def test_levels_and_quantiles_are_inverse_and_a_table_holds_them():
    law = updated({"triangular": {"low": 8.0, "mode": 13.0, "high": 16.0}})
    np.testing.assert_allclose(law.cdf(law.ppf(U)), U, rtol=1e-6)
    assert np.abs(tabulate(law)(U) - law.ppf(U)).max() < 1e-7 * law.sd


def test_prior_and_posterior_are_told_and_a_conflict_too():
    law = updated({"normal": {"mean": 10.0, "sd": 2.0}}, sd=1.5)
    assert "4 readings, conjugate: sd 2 before, 0.702 after" in explain(law)
    assert law.conflict == ""
    law = updated({"normal": {"mean": 100.0, "sd": 2.0}}, sd=1.5)
    assert "do not meet" in law.conflict


def test_the_prior_may_be_evidence():
    sources = [{"value": 10.0, "sd": 2.0}, {"value": 12.0, "sd": 2.0}]
    law = updated({"evidence": {"sources": sources, "combine": "fixed"}}, sd=1.5)
    simple = updated({"normal": {"mean": 11.0, "sd": 2**0.5}}, sd=1.5)
    assert law.mean == pytest.approx(simple.mean, rel=1e-8)
    assert law.sd == pytest.approx(simple.sd, rel=1e-7)
    assert [one.label for one in law.parts] == ["1", "2", "prior", "readings"]
    readings = law.parts[-1]
    assert readings.middle == pytest.approx(np.mean(READINGS))
    half = 1.959963984540054 * 1.5 / 2
    assert readings.high - readings.middle == pytest.approx(half, rel=1e-9)


PRIOR = {"normal": {"mean": 10.0, "sd": 2.0}}


@pytest.mark.parametrize(
    ("prior", "more", "parameter", "message"),
    [
        (PRIOR, {"values": ()}, "values", "is empty"),
        (PRIOR, {"values": (3.0,)}, "sd", "do not say how they scatter"),
        (PRIOR, {"sd": 0.0}, "sd", "is not above 0"),
        ({}, {}, "prior", "state one distribution"),
        ({"normal": {"mean": 1.0}}, {}, "prior", "missing; normal takes mean, sd"),
        ({"nromal": {"mean": 1.0}}, {}, "prior", "did you mean normal?"),
        ({"normal": 3.0}, {}, "prior", "takes its parameters"),
        ({"bernoulli": {"probability": 0.3}}, {}, "prior", "has no density"),
        (PRIOR, {"likelihood": "binomial"}, "trials", "binomial, which needs it"),
        (
            PRIOR,
            {"likelihood": "binomial", "trials": 3.0, "values": (4,)},
            "values[0]",
            "is more than 3 trials",
        ),
        (PRIOR, {"likelihood": "poisson", "values": (1.5,)}, "values[0]", "no count"),
        (PRIOR, {"likelihood": "poisson", "sd": 1.0}, "sd", "no part of poisson"),
        (
            PRIOR,
            {"likelihood": "lognormal", "values": (-1.0, 2.0)},
            "values[0]",
            "is not above 0",
        ),
        (
            {"uniform": {"low": -3.0, "high": -2.0}},
            {"likelihood": "poisson", "values": (4,)},
            "values",
            "cannot be under the prior",
        ),
    ],
)
def test_what_cannot_be_is_told(prior, more, parameter, message):
    with pytest.raises(DistributionError) as caught:
        updated(prior, **more).ppf(0.5)
    assert caught.value.parameter == parameter
    assert message in str(caught.value)
