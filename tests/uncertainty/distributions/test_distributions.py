"""One generic class for every family with every modifier, then what is special."""

import dataclasses
import itertools
from functools import cache
from math import exp, inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from uncertainty.distributions import (
    FAMILIES,
    Beta,
    CurvilinearTrapezoid,
    Empirical,
    Interval,
    Lognormal,
    Marginal,
    Negated,
    Normal,
    Pedigree,
    Shifted,
    StudentT,
    Truncated,
    TruncatedAtoms,
    Uniform,
    build,
    explain,
    parameters,
    truncate,
)
from uncertainty.errors import DistributionError

READINGS = (13512.0, 13380.0, 13467.0, 13598.0, 13421.0, 13505.0, 13444.0)

# name: family, parameters, bounds low and high inside the law, scipy's peer or None
CASES = {
    "normal": ("normal", {"mean": 3, "sd": 0.8}, (1, 3.5), stats.norm(3, 0.8)),
    "lognormal": (
        "lognormal",
        {"median": 0.944, "gsd": 1.5},
        (0.7, 2),
        stats.lognorm(log(1.5), scale=0.944),
    ),
    "lognormal by mean": (
        "lognormal",
        {"mean": 16.5, "cv": 0.25},
        (12, 30),
        stats.lognorm(sqrt(log(1.0625)), scale=16.5 / sqrt(1.0625)),
    ),
    "uniform": ("uniform", {"low": -1, "high": 3}, (0, 2), stats.uniform(-1, 4)),
    "triangular": (
        "triangular",
        {"low": 1, "mode": 3, "high": 4},
        (2, 3.5),
        stats.triang(2 / 3, 1, 3),
    ),
    "triangular, mode at low": (
        "triangular",
        {"low": 0, "mode": 0, "high": 4},
        (0, 3),
        stats.triang(0, 0, 4),
    ),
    "pert": (
        "pert",
        {"low": 1, "mode": 1.5, "high": 3},
        (1.2, 2.5),
        stats.beta(2, 4, 1, 2),
    ),
    "pert of another weight": (
        "pert",
        {"low": 0, "mode": 1, "high": 2, "lambda": 6},
        (0, 1.5),
        stats.beta(4, 4, 0, 2),
    ),
    "beta": ("beta", {"a": 3.3, "b": 2.2}, (0.2, 0.9), stats.beta(3.3, 2.2)),
    "beta with two poles": (
        "beta",
        {"a": 0.4, "b": 0.7, "low": 2, "high": 5},
        (2.5, 4.5),
        stats.beta(0.4, 0.7, 2, 3),
    ),
    "truncated_normal": (
        "truncated_normal",
        {"mean": 0.97, "sd": 0.02, "low": 0.9, "high": 1},
        (0.95, 0.99),
        stats.truncnorm(-3.5, 1.5, 0.97, 0.02),
    ),
    "student_t": (
        "student_t",
        {"mean": 10, "scale": 2, "dof": 5},
        (8, 20),
        stats.t(5, 10, 2),
    ),
    "trapezoid": (
        "trapezoid",
        {"low": -1, "high": 3, "top_ratio": 0.5},
        (-0.5, 2),
        stats.trapezoid(0.25, 0.75, -1, 4),
    ),
    "trapezoid, a rectangle": (
        "trapezoid",
        {"low": -1, "high": 3, "top_ratio": 1},
        (-0.5, 2),
        stats.uniform(-1, 4),
    ),
    "curvilinear_trapezoid": (
        "curvilinear_trapezoid",
        {"low": -1, "high": 1, "inexactness": 0.5},
        (-1, 1.2),
        None,
    ),
    "arcsine": ("arcsine", {"low": -2, "high": 3}, (-1, 2.5), stats.arcsine(-2, 5)),
    "loguniform": (
        "loguniform",
        {"low": 0.1, "high": 20},
        (1, 10),
        stats.loguniform(0.1, 20),
    ),
    "weibull": (
        "weibull",
        {"scale": 2, "shape": 5},
        (1, 2.2),
        stats.weibull_min(5, scale=2),
    ),
    "gamma": ("gamma", {"shape": 2, "scale": 5}, (3, 30), stats.gamma(2, scale=5)),
    "gamma with a pole": (
        "gamma",
        {"shape": 0.3, "scale": 5},
        (0, 4),
        stats.gamma(0.3, scale=5),
    ),
    "exponential": ("exponential", {"mean": 3}, (0, 12), stats.expon(scale=3)),
    "gumbel": (
        "gumbel",
        {"location": 2, "scale": 5},
        (-1, 22),
        stats.gumbel_r(2, 5),
    ),
    "interval": (
        "interval",
        {"low": 2, "high": 4},
        (1, 3.5),
        stats.norm(3, 1 / stats.norm.isf(0.025)),
    ),
    "interval in two halves": (
        "interval",
        {"low": 2, "high": 4, "value": 2.5},
        (1.5, 3.5),
        None,
    ),
    "lognormal interval in two halves": (
        "interval",
        {"low": 0.2, "high": 4, "value": 0.6, "level": 0.9, "shape": "lognormal"},
        (0.1, 3),
        None,
    ),
    "percent": (
        "percent",
        {"value": -50, "plus_minus": 10},
        (-58, -50),
        stats.norm(-50, 5 / stats.norm.isf(0.025)),
    ),
    "pedigree": (
        "pedigree",
        {"value": 3, "basic": 0.0006, "scores": [4, 4, 4, 4, 4]},
        (2, 6),
        stats.lognorm(sqrt(0.0592), scale=3),
    ),
    "evidence": (  # precisions 1 and 3: mean (4 + 3 * 8) / 4, sd 1 / 2
        "evidence",
        {
            "sources": (
                {"value": 4, "sd": 1},
                {"value": 8, "sd": sqrt(1 / 3)},
            ),
            "combine": "fixed",
        },
        (6, 7.5),
        stats.norm(7, 0.5),
    ),
    "elicited": (
        "elicited",
        {
            "quantiles": {"0.5": 7, "0.9": 7 + 0.5 * stats.norm.ppf(0.9)},
            "fit": "normal",
        },
        (6, 7.5),
        stats.norm(7, 0.5),
    ),
    "updated": (  # precisions 1 and 3: mean (4 + 3 * 8) / 4, sd 1 / 2
        "updated",
        {
            "prior": {"normal": {"mean": 4, "sd": 1}},
            "values": [8, 8, 8],
            "sd": 1,
        },
        (6, 7.5),
        stats.norm(7, 0.5),
    ),
    "observed mean": (
        "observed",
        {"values": READINGS, "of": "mean"},
        (13400, 13500),
        stats.t(6, np.mean(READINGS), stats.sem(READINGS)),
    ),
    "observed bootstrap": (
        "observed",
        {"values": READINGS, "of": "bootstrap"},
        (13450, 13500),
        None,
    ),
    "observed readings": (
        "observed",
        {"values": READINGS, "of": "readings"},
        (13400, 13512),
        None,
    ),
    "discrete": (
        "discrete",
        {"values": [5, 1, 2], "probabilities": [0.2, 0.5, 0.3]},
        (1.5, 5),
        None,
    ),
    "empirical": ("empirical", {"values": [2, 4, 4, 8, -1]}, (2, 7), None),
    "bernoulli": ("bernoulli", {"probability": 0.3}, (0, 0.5), stats.bernoulli(0.3)),
    "discrete_uniform": (
        "discrete_uniform",
        {"low": 5, "high": 9},
        (6, 8.5),
        stats.randint(5, 10),
    ),
}
MODIFIERS = ("plain", "at least", "at most", "both", "negated", "moved", "all")

# both ends of what a design can give, their neighbours, and the body
LEVELS = np.concatenate(
    [[2**-54, 1e-12, 1e-6], np.linspace(0.001, 0.999, 333), [1 - 1e-6, 1 - 2**-53]]
)


@cache
def marginal(name: str, modifier: str) -> Marginal:
    family, own, (low, high), _ = CASES[name]
    extra = {
        "plain": {},
        "at least": {"bounds": {"low": low}},
        "at most": {"bounds": {"high": high}},
        "both": {"bounds": {"low": low, "high": high}},
        "negated": {"negate": True},
        "moved": {"offset": 2.5},
        "all": {"bounds": {"low": low, "high": high}, "negate": True, "offset": 2.5},
    }[modifier]
    return build(family, own | extra)


@cache
def gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on (0, 1)."""
    t, weight = np.polynomial.legendre.leggauss(600)
    return (t + 1) / 2, weight / 2


def bounds_of(name: str, modifier: str) -> tuple[float, float]:
    low, high = CASES[name][2]
    return (
        low if modifier in ("at least", "both", "all") else -inf,
        high if modifier in ("at most", "both", "all") else inf,
    )


@pytest.mark.parametrize("modifier", MODIFIERS)
@pytest.mark.parametrize("name", CASES)
class TestEveryMarginal:
    def test_levels_come_back_from_their_quantiles(self, name, modifier):
        law = marginal(name, modifier)
        x = law.ppf(LEVELS)
        if law.atoms is None:
            # x is rounded, after the offset too; what that is worth in levels
            ulp = np.spacing(np.abs(x) + 5)
            step = law.cdf(x + ulp) - law.cdf(x - ulp)
            np.testing.assert_array_less(abs(law.cdf(x) - LEVELS), 4e-15 + 2 * step)
        else:  # the least value whose cdf reaches the level
            assert (law.cdf(x) >= LEVELS - 1e-15).all()
            assert (law.below(x) <= LEVELS + 1e-15).all()

    def test_quantiles_never_fall(self, name, modifier):
        law = marginal(name, modifier)
        assert (np.diff(law.ppf(LEVELS)) >= 0).all()
        assert (np.diff(law.isf(LEVELS)) <= 0).all()

    def test_both_tails_tell_the_same(self, name, modifier):
        law = marginal(name, modifier)
        level = np.linspace(0.013, 0.987, 50)  # on no step of a law with atoms
        # the sd sets the size of what rounding of 1 - u can move
        np.testing.assert_allclose(
            law.isf(level),
            law.ppf(1 - level),
            atol=1e-13 * abs(law.mean) + 1e-12 * law.sd,
        )
        x = law.ppf(level) + 1e-3 * law.sd
        np.testing.assert_allclose(law.sf(x) + law.cdf(x), 1, atol=1e-14)
        np.testing.assert_allclose(law.at_least(x) + law.below(x), 1, atol=1e-14)

    def test_ends_of_the_support_are_the_extreme_quantiles(self, name, modifier):
        law = marginal(name, modifier)
        assert (float(law.ppf(0.0)), float(law.ppf(1.0))) == law.support
        assert (float(law.isf(1.0)), float(law.isf(0.0))) == law.support
        assert np.isfinite(law.ppf(LEVELS)).all()
        low, high = law.support
        assert (law.cdf(low - 1), law.cdf(high + 1)) == (0, 1)
        assert (law.sf(low - 1), law.sf(high + 1)) == (1, 0)

    def test_draws_stay_inside_the_bounds(self, name, modifier):
        law, (low, high) = marginal(name, modifier), bounds_of(name, modifier)
        draws = law.ppf(np.concatenate([[0.0], LEVELS, [1.0]]))
        if modifier == "all":
            draws = -(draws - 2.5)
            # an offset rounds once more
            low, high = np.nextafter(low, -inf) - 1e-12, high + 1e-12
        assert low <= draws.min()
        assert draws.max() <= high

    def test_mean_and_sd_are_those_of_the_quantiles(self, name, modifier):
        law = marginal(name, modifier)
        if law.atoms is not None:
            values, weights = law.atoms
            assert weights.sum() == pytest.approx(1, abs=1e-13)
            mean = np.average(values, weights=weights)
            sd = sqrt(np.average((values - mean) ** 2, weights=weights))
            assert (law.mean, law.sd) == pytest.approx((mean, sd), rel=1e-10)
            return
        # Gauss-Legendre after u = t^2 (3 - 2 t), whose flat ends tame the tails
        t, weight = gauss_legendre()
        x = np.where(
            t < 0.5, law.ppf(t * t * (3 - 2 * t)), law.isf((1 - t) ** 2 * (1 + 2 * t))
        )
        weight = weight * 6 * t * (1 - t)
        mean = np.sum(weight * x)
        sd = sqrt(np.sum(weight * (x - mean) ** 2))
        # kinks leave the rule 1e-6; against peers the moments are held to 1e-10
        assert law.mean == pytest.approx(mean, abs=5e-6 * sd)
        assert law.sd == pytest.approx(sd, rel=5e-6)

    def test_argument_is_left_alone_and_shape_kept(self, name, modifier):
        law = marginal(name, modifier)
        levels = np.array([[0.2, 0.5, 0.9], [0.1, 0.6, 0.3]])
        levels.flags.writeable = False
        for answer in (law.ppf, law.isf, law.cdf, law.sf, law.below, law.at_least):
            got = answer(levels)
            assert got.shape == levels.shape
            assert got.dtype == np.float64
        # numpy's power of one number and of many may differ in the last digit
        assert float(law.ppf(0.2)) == pytest.approx(law.ppf(levels)[0, 0], rel=1e-15)

    def test_is_a_value_that_can_be_a_key(self, name, modifier):
        law = marginal(name, modifier)
        twin = marginal.__wrapped__(name, modifier)
        assert twin is not law
        assert {twin: 1}[law] == 1
        with pytest.raises(dataclasses.FrozenInstanceError):
            law.family = "other"
        assert law.constant == (law.sd == 0)

    def test_point_lies_in_the_support(self, name, modifier):
        law = marginal(name, modifier)
        assert law.support[0] <= law.point <= law.support[1]


WITH_PEER = [name for name in CASES if CASES[name][3] is not None]
CONTINUOUS = [name for name in WITH_PEER if marginal(name, "plain").atoms is None]


@pytest.mark.parametrize("name", WITH_PEER)
def test_law_agrees_with_scipy(name):
    law, peer = marginal(name, "plain"), CASES[name][3]
    assert law.mean == pytest.approx(peer.mean(), rel=1e-10)
    assert law.sd == pytest.approx(peer.std(), rel=1e-10)
    # scipy's own tail quantiles are good to some 1e-11
    np.testing.assert_allclose(law.ppf(LEVELS), peer.ppf(LEVELS), rtol=1e-10)
    x = law.ppf(np.linspace(0.01, 0.99, 99))
    np.testing.assert_allclose(law.cdf(x), peer.cdf(x), rtol=1e-11)
    np.testing.assert_allclose(law.sf(x), peer.sf(x), rtol=1e-11)


@pytest.mark.parametrize("modifier", ["at least", "at most", "both"])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_bounds_give_the_conditional_law(name, modifier):
    law, peer = marginal(name, modifier), CASES[name][3]
    low, high = bounds_of(name, modifier)
    mass = peer.cdf(high) - peer.cdf(low)
    x = law.ppf(np.linspace(0.01, 0.99, 50))
    got = (peer.cdf(x) - peer.cdf(low)) / mass
    np.testing.assert_allclose(got, np.linspace(0.01, 0.99, 50), rtol=1e-11)
    np.testing.assert_allclose(law.cdf(x), got, rtol=1e-11)
    np.testing.assert_allclose(law.sf(x), 1 - got, rtol=1e-10)


# those whose density has no pole that adaptive quadrature over x stumbles on
SMOOTH = ["normal", "lognormal", "triangular", "pert", "student_t", "loguniform"]
SMOOTH += ["weibull", "gamma", "exponential", "gumbel", "trapezoid"]


@pytest.mark.parametrize("modifier", ["at least", "at most", "both"])
@pytest.mark.parametrize("name", SMOOTH)
def test_moments_between_bounds_agree_with_integrals_over_x(name, modifier):
    law, peer = marginal(name, modifier), CASES[name][3]
    low, high = law.support
    edges = [low, *(k for k in law.knots if low < k < high), high]

    def integral(of):
        return sum(
            integrate.quad(lambda x: of(x) * peer.pdf(x), a, b, epsabs=0, epsrel=1e-12)[
                0
            ]
            for a, b in itertools.pairwise(edges)
        )

    with np.errstate(over="ignore"):  # scipy's Gumbel density far below its location
        mass = integral(lambda x: 1.0)
        mean = integral(lambda x: x) / mass
        sd = sqrt(integral(lambda x: (x - mean) ** 2) / mass)
    assert law.mean == pytest.approx(mean, rel=1e-10)
    assert law.sd == pytest.approx(sd, rel=1e-10)


@pytest.mark.parametrize(("low", "high"), [(11, None), (11, 13), (None, -5), (1, 1.2)])
def test_normal_cut_far_out_keeps_its_digits(low, high):
    # 11 is ten sd above the mean: 1 - cdf would be 0 there
    law = truncate(Normal(1, 1), low, high)
    a, b = (-inf if low is None else low - 1), (inf if high is None else high - 1)
    peer = stats.truncnorm(a, b, 1, 1)
    np.testing.assert_allclose(law.ppf(LEVELS), peer.ppf(LEVELS), rtol=1e-12)
    assert law.mean == pytest.approx(peer.mean(), rel=1e-12)
    # scipy's variance is a difference that loses seven digits out here
    assert law.sd == pytest.approx(peer.std(), rel=1e-7)


def test_student_t_bounded_on_one_side_has_its_closed_moments():
    nu, a = 3.0, -0.5
    law = truncate(StudentT(0, 1, nu), a, None)
    t = stats.t(nu)
    mass = t.sf(a)
    mean = (nu + a * a) / (nu - 1) * t.pdf(a) / mass
    inner = stats.t(nu - 2).sf(a * sqrt((nu - 2) / nu))
    second = (nu * (nu - 1) / (nu - 2) * inner - nu * mass) / mass
    assert law.mean == pytest.approx(mean, rel=1e-12)
    assert law.sd == pytest.approx(sqrt(second - mean**2), rel=1e-10)


@pytest.mark.parametrize("inexactness", [1e-6, 0.1, 0.5, 0.999])
def test_curvilinear_trapezoid_has_the_density_of_jcgm_101(inexactness):
    w, d = 1.0, inexactness
    law = CurvilinearTrapezoid(-1, 1, d)

    def density(x):
        return log((w + d) / max(abs(x), w - d)) / (4 * d)

    for x in (-1 - 0.7 * d, -1 + 0.2 * d, -0.3, 0.0, 1 - 0.9 * d, 1 + 0.9 * d):
        edges = [e for e in (-w - d, -w + d, w - d) if e < x]
        pieces = itertools.pairwise([*edges, x])
        want = sum(integrate.quad(density, a, b, epsrel=1e-12)[0] for a, b in pieces)
        # quadrature is good to 1e-12; the logarithm of nearly 1 costs 1e-16 / d
        assert float(law.cdf(x)) == pytest.approx(want, abs=1e-12 + 1e-15 / d)


def test_curvilinear_trapezoid_without_inexactness_is_a_rectangle():
    law = CurvilinearTrapezoid(-1, 3, 0)
    np.testing.assert_allclose(law.ppf(LEVELS), Uniform(-1, 3).ppf(LEVELS), atol=1e-15)
    np.testing.assert_allclose(law.cdf([0, 2.5]), [0.25, 0.875], rtol=1e-15)
    assert law.sd == pytest.approx(4 / sqrt(12), rel=1e-15)


DEGENERATE = [
    ("constant", {"value": 4.2}, 4.2),
    ("normal", {"mean": -3, "sd": 0}, -3),
    ("lognormal", {"median": 3, "gsd": 1}, 3),
    ("lognormal", {"mean": 3, "cv": 0}, 3),
    ("uniform", {"low": 2, "high": 2}, 2),
    ("triangular", {"low": 2, "mode": 2, "high": 2}, 2),
    ("pert", {"low": 2, "mode": 2, "high": 2}, 2),
    ("beta", {"a": 2, "b": 3, "low": 2, "high": 2}, 2),
    ("truncated_normal", {"mean": 2, "sd": 0, "low": 0, "high": 2}, 2),
    ("student_t", {"mean": 2, "scale": 0, "dof": 4}, 2),
    ("trapezoid", {"low": 2, "high": 2, "top_ratio": 0.3}, 2),
    ("curvilinear_trapezoid", {"low": 2, "high": 2, "inexactness": 0}, 2),
    ("arcsine", {"low": 2, "high": 2}, 2),
    ("loguniform", {"low": 2, "high": 2}, 2),
    ("exponential", {"mean": 0}, 0),
    ("gumbel", {"location": 2, "scale": 0}, 2),
    ("bernoulli", {"probability": 1}, 1),
    ("bernoulli", {"probability": 0}, 0),
    ("discrete", {"values": [2, 3], "probabilities": [1, 0]}, 2),
    ("discrete", {"values": [2, 2], "probabilities": [0.5, 0.5]}, 2),
    ("empirical", {"values": [2]}, 2),
    ("discrete_uniform", {"low": 2, "high": 2}, 2),
    ("interval", {"low": 2, "high": 2}, 2),
    ("interval", {"low": 2, "high": 2, "value": 2, "shape": "lognormal"}, 2),
    ("percent", {"value": 2, "plus_minus": 0}, 2),
    ("percent", {"value": 0, "plus_minus": 0}, 0),
    ("pedigree", {"value": 2, "basic": 0, "scores": [1, 1, None, 1, 1]}, 2),
    ("observed", {"values": [2, 2, 2, 2], "of": "mean"}, 2),
    ("observed", {"values": [2, 2], "of": "bootstrap"}, 2),
    ("observed", {"values": [2, 2], "of": "readings"}, 2),
]


@pytest.mark.parametrize(("family", "given_", "value"), DEGENERATE)
def test_no_spread_is_legal_and_constant(family, given_, value):
    law = build(family, given_)
    assert law.constant
    assert (law.mean, law.point, law.support) == (value, value, (value, value))
    assert law.sd == 0
    np.testing.assert_array_equal(law.ppf([0, 2**-54, 0.5, 1]), np.full(4, value))
    np.testing.assert_array_equal(law.cdf([value - 1, value, value + 1]), [0, 1, 1])
    np.testing.assert_array_equal(law.sf([value - 1, value, value + 1]), [1, 0, 0])
    around = [value - 1, value, value + 1]
    np.testing.assert_array_equal(law.below(around), [0, 0, 1])
    np.testing.assert_array_equal(law.at_least(around), [1, 1, 0])
    moved = build(family, given_ | {"negate": True, "offset": 1})
    assert float(moved.ppf(0.3)) == 1 - value
    np.testing.assert_array_equal(moved.below([1 - value, 1.5 - value]), [0, 1])
    np.testing.assert_array_equal(moved.cdf([0.5 - value, 1 - value]), [0, 1])
    held = build(family, given_ | {"bounds": {"low": value, "high": value}})
    assert float(held.ppf(0.3)) == value
    with pytest.raises(DistributionError, match="holds no part of"):
        build(family, given_ | {"bounds": {"low": value + 1}})


def test_every_family_is_in_the_cases():
    seen = {family for family, *_ in CASES.values()} | {"constant"}
    assert seen == set(FAMILIES)
    assert {family for family, *_ in DEGENERATE} == set(FAMILIES) - {
        "evidence",  # a source without uncertainty is refused
        "elicited",  # so are quantiles that do not rise
        "updated",  # and a prior without spread
        "weibull",  # neither has a limit without spread at finite parameters
        "gamma",
    }


PED = {"value": 1, "basic": 0.0006, "scores": [1, 1, 1, 1, 1]}
REFUSED = [
    ("normal", {"mean": 1, "sd": -0.2}, "sd", "-0.2 is negative; write 0.2, or 0"),
    ("normal", {"mean": float("nan"), "sd": 1}, "mean", "nan is not a finite number"),
    ("normal", {"mean": 1, "sd": inf}, "sd", "inf is not a finite number"),
    ("normal", {"mean": "3 kg", "sd": 1}, "mean", "'3 kg' is not a number"),
    ("normal", {"mean": True, "sd": 1}, "mean", "True is not a number"),
    ("normal", {"mean": None, "sd": 1}, "mean", "None is not a number"),
    ("normal", {"mean": 1}, "sd", "missing; normal takes mean, sd"),
    ("normal", {"mean": 1, "sdd": 1}, "sdd", "no such parameter; did you mean sd?"),
    ("normal", {"mean": 1, "sd": 1, "bound": 1}, "bound", "did you mean bounds?"),
    ("normal", {"mean": 1, "sd": 1, "qqq": 1}, "qqq", "there are mean, sd, bounds"),
    ("normale", {"mean": 1, "sd": 1}, "", "no distribution; did you mean normal?"),
    ("lognormal", {"median": 1, "gsd": 0.88}, "gsd", "write 1.12 for a spread of 12 %"),
    ("lognormal", {"median": 1, "gsd": 0.12}, "gsd", "write 1.12 for a spread of 12 %"),
    ("lognormal", {"median": 1, "gsd": -2}, "gsd", "write 1.12 for a spread of 12 %"),
    ("lognormal", {"median": -2, "gsd": 2}, "median", "write 2 and negate: true"),
    ("lognormal", {"mean": 0, "cv": 2}, "mean", "0 is not above 0; use constant"),
    ("lognormal", {"mean": 1, "cv": -0.1}, "cv", "-0.1 is negative; write 0.1"),
    ("lognormal", {"median": 1, "gsd": 1e9}, "gsd", "1e+09 is too wide"),
    ("lognormal", {"mean": 1e300, "cv": 1e60}, "cv", "1e+60 is too wide"),
    ("lognormal", {"mean": 1, "cv": 1e200}, "cv", "1e+200 is too wide"),
    ("uniform", {"low": -1e308, "high": 1e308}, "high", "1e+308 is too far above low"),
    ("lognormal", {"median": 1, "cv": 1}, "", "takes median and gsd, or mean and cv"),
    ("lognormal", {"median": 1}, "", "takes median and gsd, or mean and cv"),
    ("uniform", {"low": 5, "high": 3}, "low", "5 is above high 3; swap them"),
    (
        "triangular",
        {"low": 1, "mode": 9, "high": 5},
        "mode",
        "9 is not between low 1 and high 5; it may equal either",
    ),
    ("triangular", {"low": 5, "mode": 4, "high": 1}, "low", "5 is above high 1"),
    ("pert", {"low": 1, "mode": 0, "high": 5}, "mode", "0 is not between low 1"),
    (
        "pert",
        {"low": 1, "mode": 2, "high": 5, "lambda": -1},
        "lambda",
        "-1 is negative; 4 is the custom",
    ),
    ("beta", {"a": 0, "b": 2}, "a", "0 is not above 0; 1 is flat"),
    ("beta", {"a": 1, "b": -2}, "b", "-2 is not above 0; 1 is flat"),
    ("beta", {"a": 1, "b": 2, "low": 2}, "low", "2 is above high 1"),
    ("truncated_normal", {"mean": 1, "sd": 1}, "bounds", "takes low, high or both"),
    ("truncated_normal", {"mean": 1, "sd": -1, "low": 0}, "sd", "-1 is negative"),
    (
        "truncated_normal",
        {"mean": 0, "sd": 1, "low": 40},
        "bounds",
        r"at least 40 holds no part of normal (mean 0, sd 1), which lies between -5.9",
    ),
    ("student_t", {"mean": 0, "scale": -1, "dof": 5}, "scale", "-1 is negative"),
    ("student_t", {"mean": 0, "scale": 1, "dof": 2}, "dof", "it takes more than 2"),
    ("trapezoid", {"low": 2, "high": 1, "top_ratio": 0}, "low", "2 is above high 1"),
    (
        "trapezoid",
        {"low": 0, "high": 1, "top_ratio": 50},
        "top_ratio",
        "50 is not between 0 and 1; write 0.5 for 50 %",
    ),
    (
        "curvilinear_trapezoid",
        {"low": 2, "high": 1, "inexactness": 0},
        "low",
        "2 is above high 1",
    ),
    (
        "curvilinear_trapezoid",
        {"low": 0, "high": 1, "inexactness": -0.1},
        "inexactness",
        "-0.1 is negative",
    ),
    (
        "curvilinear_trapezoid",
        {"low": 0, "high": 4, "inexactness": 3},
        "inexactness",
        "3 is not below half the width, 2",
    ),
    ("arcsine", {"low": 2, "high": 1}, "low", "2 is above high 1"),
    ("loguniform", {"low": 0, "high": 1}, "low", "0 is not above 0; use uniform"),
    ("loguniform", {"low": 2, "high": 1}, "low", "2 is above high 1"),
    ("loguniform", {"low": 1e-300, "high": 1e100}, "high", "1e+100 is too far above"),
    ("weibull", {"scale": 0, "shape": 1}, "scale", "0 is not above 0; 63 %"),
    ("weibull", {"scale": 1, "shape": 0}, "shape", "0 is not above 0; 1 makes"),
    ("weibull", {"scale": 1, "shape": 0.01}, "shape", "shapes from 0.02"),
    ("gamma", {"shape": -1, "scale": 1}, "shape", "-1 is not above 0; 1 makes"),
    ("gamma", {"shape": 1, "scale": 0}, "scale", "0 is not above 0; scale is mean"),
    ("exponential", {"mean": -3}, "mean", "-3 is negative; write 3 and negate: true"),
    ("gumbel", {"location": 0, "scale": -1}, "scale", "-1 is negative; write 1"),
    ("bernoulli", {"probability": 30}, "probability", "write 0.3 for 30 %"),
    ("bernoulli", {"probability": -0.1}, "probability", "-0.1 is not between 0 and 1"),
    ("discrete", {"values": [], "probabilities": []}, "values", "is empty"),
    (
        "discrete",
        {"values": [1, 2], "probabilities": [1]},
        "probabilities",
        "1 for 2 values",
    ),
    (
        "discrete",
        {"values": [1, 2], "probabilities": [1.5, -0.5]},
        "probabilities[0]",
        "1.5 is not between 0 and 1",
    ),
    (
        "discrete",
        {"values": [1, 2], "probabilities": [0.3, 0.6]},
        "probabilities",
        "sum to 0.9, not 1; divided by the sum they are 0.3333, 0.6667",
    ),
    (
        "discrete",
        {"values": [1, 2], "probabilities": [0, 0]},
        "probabilities",
        "sum to 0, not 1",
    ),
    ("empirical", {"values": []}, "values", "is empty; it takes one value at least"),
    ("empirical", {"values": 3}, "values", "3 is not a list of numbers"),
    ("empirical", {"values": "12"}, "values", "'12' is not a list of numbers"),
    ("empirical", {"values": [1, "x"]}, "values[1]", "'x' is not a number"),
    ("empirical", {"values": [1, None]}, "values[1]", "None is not a number"),
    ("discrete_uniform", {"low": 0.5, "high": 3}, "low", "0.5 is not whole; write 0"),
    ("discrete_uniform", {"low": 4, "high": 3}, "low", "4 is above high 3"),
    ("discrete_uniform", {"low": 0, "high": 1e9}, "high", "use uniform"),
    ("interval", {"low": 4, "high": 3}, "low", "4 is above high 3"),
    ("interval", {"low": 1, "high": 3, "level": 95}, "level", "write 0.95 for 95 %"),
    ("interval", {"low": 1, "high": 3, "level": 1}, "level", "1 is not between"),
    ("interval", {"low": 1, "high": 3, "shape": "flat"}, "shape", "none of normal, lo"),
    (
        "interval",
        {"low": 0, "high": 3, "shape": "lognormal"},
        "low",
        "0 is not above 0; as a lognormal must be; use shape: normal",
    ),
    (
        "interval",
        {"low": 1, "high": 3, "value": 3},
        "value",
        "3 is not inside 1 to 3; triangular takes a mode at an end",
    ),
    ("interval", {"low": 1, "high": 1, "value": 2}, "value", "2 is not inside 1 to 1"),
    (
        "interval",
        {"low": 1e-300, "high": 1e300, "shape": "lognormal"},
        "high",
        "1e+300 is too far above low 1e-300",
    ),
    (
        "interval",
        {"low": 1e-30, "high": 2, "value": 1, "shape": "lognormal"},
        "high",
        "2 is too far above low 1e-30 for a lognormal",
    ),
    (
        "percent",
        {"value": 100, "plus_minus": 75},
        "plus_minus",
        "write interval {low: 25, high: 175, shape: lognormal}",
    ),
    ("percent", {"value": 2, "plus_minus": 150}, "plus_minus", "{low: ..., high: 5,"),
    ("percent", {"value": 2, "plus_minus": -5}, "plus_minus", "-5 is negative"),
    ("percent", {"value": 0, "plus_minus": 5}, "value", "0 has no percentage"),
    ("percent", {"value": 2, "plus_minus": 5, "level": 0}, "level", "0 is not between"),
    ("pedigree", PED | {"value": -1}, "value", "write 1 and negate: true"),
    ("pedigree", PED | {"value": 0}, "value", "0 is not above 0"),
    ("pedigree", PED | {"basic": -1}, "basic", "-1 is negative"),
    (
        "pedigree",
        PED | {"basic": 1.05},
        "basic",
        "1.05 is a factor of GSD^2, not a variance; write 0.0005951",
    ),
    ("pedigree", PED | {"scores": [1, 2]}, "scores", "2 given; ecoinvent_3 takes 5"),
    (
        "pedigree",
        PED | {"scores": [1] * 7, "table": "ecoinvent_2"},
        "scores",
        "7 given; ecoinvent_2 takes 5, or 6 with sample_size",
    ),
    (
        "pedigree",
        PED | {"scores": [1, 6, 1, 1, 1]},
        "scores[1]",
        "completeness is 6; scores are 1 to 5, or null",
    ),
    ("pedigree", PED | {"scores": [1, 1, 1, 1, 2.5]}, "scores[4]", "is 2.5"),
    ("pedigree", PED | {"table": "mine"}, "table", "none of ecoinvent_3, ecoinvent_2"),
    (
        "observed",
        {"values": [1, 2, 3], "of": "mean"},
        "values",
        "3 given, mean takes 4 or more; with fewer state an interval",
    ),
    ("observed", {"values": [1], "of": "bootstrap"}, "values", "takes 2 or more"),
    ("observed", {"values": [1], "of": "readings"}, "values", "takes 2 or more"),
    ("observed", {"values": [1, 2], "of": "median"}, "of", "none of mean, bootstrap"),
    ("uniform", {"low": 1, "high": 3, "bounds": {}}, "bounds", "takes low, high or"),
    ("uniform", {"low": 1, "high": 3, "bounds": 2}, "bounds", "2 is not {low"),
    (
        "uniform",
        {"low": 1, "high": 3, "bounds": {"lo": 2}},
        "bounds",
        "lo is neither low nor high",
    ),
    (
        "uniform",
        {"low": 1, "high": 3, "bounds": {"low": "2"}},
        "bounds.low",
        "'2' is not a number",
    ),
    (
        "uniform",
        {"low": 1, "high": 3, "bounds": {"low": 3, "high": 2}},
        "bounds",
        "low 3 is above high 2; swap them",
    ),
    (
        "uniform",
        {"low": 1, "high": 3, "bounds": {"low": 5}},
        "bounds",
        "at least 5 holds no part of uniform (low 1, high 3), which lies between 1 and",
    ),
    (
        "empirical",
        {"values": [1, 3], "bounds": {"low": 1.5, "high": 2}},
        "bounds",
        "from 1.5 to 2 holds no part of empirical (values [1, 3])",
    ),
    ("uniform", {"low": 1, "high": 3, "offset": "x"}, "offset", "'x' is not a number"),
    ("uniform", {"low": 1, "high": 3, "negate": 3}, "negate", "3 is not true or false"),
]


@pytest.mark.parametrize(("family", "given_", "parameter", "text"), REFUSED)
def test_impossible_request_says_what_would_be_possible(
    family, given_, parameter, text
):
    with pytest.raises(DistributionError) as caught:
        build(family, given_)
    assert text in str(caught.value)
    assert caught.value.parameter == parameter
    if parameter:
        assert str(caught.value).startswith(f"{parameter}: ")


def test_parameters_says_the_words_and_which_must_be_given():
    assert parameters("lognormal") == dict.fromkeys(
        ["median", "gsd", "mean", "cv"], False
    )
    assert parameters("interval")["low"]
    with pytest.raises(DistributionError, match="did you mean uniform"):
        parameters("unifrom")


def test_atoms_are_wanted_where_atoms_are_cut():
    with pytest.raises(TypeError, match=r"normal \(mean 0, sd 1\) has no atoms"):
        _ = TruncatedAtoms(Normal(0, 1), 0, 1).atoms


@pytest.mark.parametrize(
    ("family", "given_", "point"),
    [
        ("lognormal", {"median": 3, "gsd": 2}, 3),
        ("lognormal", {"mean": 3, "cv": 2}, 3),
        ("triangular", {"low": 0, "mode": 1, "high": 5}, 1),
        ("pert", {"low": 0, "mode": 1, "high": 5}, 1),
        ("uniform", {"low": 0, "high": 5}, 2.5),
        ("arcsine", {"low": 0, "high": 5}, 2.5),
        ("trapezoid", {"low": 0, "high": 5, "top_ratio": 0.2}, 2.5),
        ("curvilinear_trapezoid", {"low": 0, "high": 5, "inexactness": 1}, 2.5),
        ("interval", {"low": 2, "high": 8}, 5),
        ("interval", {"low": 2, "high": 8, "shape": "lognormal"}, 4),
        ("interval", {"low": 2, "high": 8, "value": 3}, 3),
        ("percent", {"value": 7, "plus_minus": 10}, 7),
        ("pedigree", PED | {"value": 7}, 7),
        ("observed", {"values": [1, 2, 3, 6], "of": "mean"}, 3),
        ("observed", {"values": [1, 2, 3, 6], "of": "bootstrap"}, 3),
        ("observed", {"values": [1, 2, 3, 6], "of": "readings"}, 3),
        ("loguniform", {"low": 1, "high": 100}, 10),
        ("beta", {"a": 1, "b": 3}, 0.25),
        ("gamma", {"shape": 2, "scale": 3}, 6),
        ("exponential", {"mean": 3}, 3),
        ("gumbel", {"location": 1, "scale": 0.5}, 1 + 0.5 * np.euler_gamma),
        # of a discrete distribution one of its values, the most likely
        ("bernoulli", {"probability": 0.3}, 0),
        ("discrete", {"values": [0, 4], "probabilities": [0.25, 0.75]}, 4),
        ("discrete", {"values": [1, 2, 9], "probabilities": [0.4, 0.4, 0.2]}, 2),
        ("discrete_uniform", {"low": 1, "high": 4}, 2),
        ("empirical", {"values": [1, 2, 6]}, 2),
        ("truncated_normal", {"mean": 3, "sd": 1, "low": 2.9}, 3),
        ("normal", {"mean": 3, "sd": 1, "negate": True, "offset": 1}, -2),
        ("normal", {"mean": 3, "sd": 1, "bounds": {"low": 2}}, 3),
    ],
)
def test_point_is_the_stated_centre(family, given_, point):
    assert build(family, given_).point == pytest.approx(point, rel=1e-15)


def test_point_shut_out_by_the_bounds_gives_way_to_the_mean():
    law = build("truncated_normal", {"mean": 3, "sd": 1, "low": 4})
    assert law.point == law.mean == pytest.approx(3 + 1.5251352761609807, rel=1e-12)


@pytest.mark.parametrize(
    ("family", "given_", "text"),
    [
        (
            "lognormal",
            {"median": 0.944, "gsd": 1.06},
            "lognormal (median 0.944, gsd 1.06)",
        ),
        ("pert", {"low": 1, "mode": 2, "high": 3}, "pert (low 1, mode 2, high 3)"),
        (
            "pert",
            {"low": 1, "mode": 2, "high": 3, "lambda": 2},
            "pert (low 1, mode 2, high 3, lambda 2)",
        ),
        (
            "student_t",
            {"mean": 1, "scale": 2, "dof": 5},
            "student t (mean 1, scale 2, dof 5)",
        ),
        ("empirical", {"values": range(9)}, "empirical (values [9 from 0 to 8])"),
        (
            "pedigree",
            PED | {"scores": [1, None, 2, 3, 4], "table": "empirical_2013"},
            "pedigree (value 1, basic 0.0006, scores [1, -, 2, 3, 4], "
            "table empirical_2013; gsd 1.447 by the table empirical_2013; "
            "value / gsd^2 to value * gsd^2 spans 95.45 %, not 95 %)",
        ),
        (
            "exponential",
            {"mean": 1 / 3, "bounds": {"high": 4}, "negate": True, "offset": -2},
            "exponential (mean 0.333333), at most 4, negated, offset -2",
        ),
        (
            "bernoulli",
            {"probability": 0.5, "bounds": {"low": 0}},
            "bernoulli (probability 0.5), at least 0",
        ),
    ],
)
def test_explain_fits_a_table(family, given_, text):
    assert explain(build(family, given_)) == text


def test_bounds_act_before_the_sign_and_the_sign_before_the_offset():
    given_ = {"mean": 3, "sd": 1, "bounds": {"low": 2}, "negate": True, "offset": 10}
    law = build("normal", given_)
    assert law == Shifted(Negated(Truncated(Normal(3, 1), 2, None)), 10.0)
    assert law.support == (-inf, 8)


def test_bounds_on_a_moved_law_are_the_moved_bounds():
    base = build("triangular", {"low": 1, "mode": 3, "high": 4})
    inner = Shifted(Negated(truncate(base, 2, 3.5)), 10.0)
    outer = truncate(Shifted(Negated(base), 10.0), 6.5, 8)
    np.testing.assert_allclose(outer.ppf(LEVELS), inner.ppf(LEVELS), rtol=1e-14)
    assert (outer.mean, outer.sd) == pytest.approx((inner.mean, inner.sd), rel=1e-13)
    assert outer.knots == (7,)


def test_an_atom_at_a_bound_stays():
    given_ = {"values": [1, 2, 3, 4], "probabilities": [0.1, 0.2, 0.3, 0.4]}
    law = build("discrete", given_ | {"bounds": {"low": 2, "high": 3}})
    values, weights = law.atoms
    assert values.tolist() == [2, 3]
    np.testing.assert_allclose(weights, [0.4, 0.6], rtol=1e-15)
    np.testing.assert_array_equal(law.ppf([0, 2**-54, 0.39, 0.41, 1]), [2, 2, 2, 3, 3])


def test_empirical_quantiles_are_steps_at_k_over_n():
    law = Empirical(tuple(float(k) for k in range(1, 50)))
    level = np.arange(1, 50) / 49
    np.testing.assert_array_equal(law.ppf(level), np.arange(1, 50))
    np.testing.assert_array_equal(
        law.ppf(np.nextafter(level[:-1], 1)), np.arange(2, 50)
    )


def test_bounds_at_three_sd_and_bounds_that_cut_nothing():
    wide = truncate(Normal(0, 1), -3, 3)
    peer = stats.truncnorm(-3, 3)
    np.testing.assert_allclose(wide.ppf(LEVELS), peer.ppf(LEVELS), atol=1e-14)
    loose = truncate(Beta(2, 3), -5, 5)
    np.testing.assert_allclose(loose.ppf(LEVELS), Beta(2, 3).ppf(LEVELS), rtol=1e-14)
    assert loose.support == (0, 1)
    assert loose.sd == pytest.approx(0.2, rel=1e-13)


@pytest.mark.parametrize("of", ["bootstrap", "readings"])
def test_spread_of_readings_has_its_closed_form(of):
    law = build("observed", {"values": READINGS, "of": of})
    spread = np.std(READINGS) / (sqrt(7) if of == "bootstrap" else 1)
    assert law.mean == pytest.approx(np.mean(READINGS), rel=1e-12)
    assert law.sd == pytest.approx(spread, rel=1e-12)


def test_bootstrap_is_that_of_all_resamples():
    values = (1.0, 2.0, 4.5, 9.0, 3.0)
    law = build("observed", {"values": values, "of": "bootstrap"})
    every = np.array([np.mean(pick) for pick in itertools.product(values, repeat=5)])
    level = (every[:, None] <= (x := np.linspace(2, 7, 40) + 0.017)).mean(axis=0)
    # Kolmogorov's bound for 10 000 resamples at one in a million is 0.027
    np.testing.assert_allclose(law.cdf(x), level, atol=0.027)
    again = build("observed", {"values": values, "of": "bootstrap"})
    np.testing.assert_array_equal(again.ppf(LEVELS), law.ppf(LEVELS))


def test_same_scores_spread_differently_under_each_table():
    scores = (3, 4, 2, 3, 2)

    def gsd(table):
        return exp(sqrt(Pedigree(1, 0.0006, scores, table).variance_of_log))

    # by hand from the printed factors: (ln f / 2)^2 summed, and the v3 variances
    assert gsd("ecoinvent_3") == pytest.approx(exp(sqrt(0.0055)), rel=1e-12)
    for table, factors in [
        ("ecoinvent_2", (1.1, 1.1, 1.03, 1.02, 1.0)),
        ("empirical_2013", (1.61, 1.08, 1.03, 1.08, 1.18)),
    ]:
        variance = 0.0006 + sum((log(f) / 2) ** 2 for f in factors)
        assert gsd(table) == pytest.approx(exp(sqrt(variance)), rel=1e-12)


numbers = st.floats(-1e3, 1e3)
spreads = st.floats(1e-3, 1e3)
levels = st.floats(2**-54, 1 - 2**-53)
names = st.sampled_from(sorted(CASES))
unhurried = settings(deadline=None)  # the first use of a law may build its tables


@unhurried
@given(name=names, level=levels)
def test_negation_mirrors_the_quantiles(name, level):
    law, mirror = marginal(name, "plain"), marginal(name, "negated")
    assert float(mirror.ppf(level)) == -float(law.isf(level))
    assert float(mirror.isf(level)) == -float(law.ppf(level))
    x = float(law.ppf(level))
    assert float(mirror.cdf(-x)) == float(law.at_least(x))
    assert float(mirror.sf(-x)) == float(law.below(x))


@unhurried
@given(name=names, level=levels)
def test_offset_moves_the_quantiles(name, level):
    law, moved = marginal(name, "plain"), marginal(name, "moved")
    assert float(moved.ppf(level)) == float(law.ppf(level)) + 2.5
    assert moved.mean == law.mean + 2.5
    assert moved.sd == law.sd


@unhurried
@given(mean=numbers, sd=spreads, ends=st.tuples(numbers, numbers), level=levels)
def test_truncation_stays_inside(mean, sd, ends, level):
    low, high = sorted(ends)
    try:
        law = truncate(Normal(mean, sd), low, high)
    except DistributionError:
        mass = abs(stats.norm.sf(low, mean, sd) - stats.norm.sf(high, mean, sd))
        far = min(abs(low - mean), abs(high - mean)) > 30 * sd
        assert mass == 0 or far
        return
    assert low <= float(law.ppf(level)) <= high
    assert low <= float(law.isf(level)) <= high


@unhurried
@given(
    low=st.floats(0.1, 1e3),
    width=st.floats(1e-3, 1e3),
    share=st.floats(0.01, 0.99),
    level=st.floats(0.5, 0.999),
    shape=st.sampled_from(["normal", "lognormal"]),
)
def test_interval_gives_back_what_was_stated(low, width, share, level, shape):
    high = low + width
    value = low + share * width
    tail = (1 - level) / 2
    # ndtri of the tail and back: a few roundings of the largest number
    near = {"rel": 1e-13, "abs": 1e-13 * high}
    for law in (
        Interval(low, high, level, shape),
        Interval(low, high, level, shape, value),
    ):
        got = float(law.ppf(tail)), float(law.isf(tail))
        assert got == pytest.approx((low, high), **near)
    assert float(law.ppf(0.5)) == law.point == value


@unhurried
@given(median=st.floats(1e-6, 1e6), gsd=st.floats(1.0001, 20), level=levels)
def test_lognormal_is_the_same_in_either_wording(median, gsd, level):
    law = Lognormal(median=median, gsd=gsd)
    other = Lognormal(mean_=law.mean, cv=law.sd / law.mean)
    assert float(other.ppf(level)) == pytest.approx(float(law.ppf(level)), rel=1e-11)


@unhurried
@given(value=spreads | spreads.map(lambda v: -v), percent=st.floats(0.1, 60))
def test_percentage_bounds_the_95_percent_interval(value, percent):
    law = build("percent", {"value": value, "plus_minus": percent})
    away = abs(value) * percent / 100
    low, high = float(law.ppf(0.025)), float(law.isf(0.025))
    assert (low, high) == pytest.approx(
        (value - away, value + away), abs=1e-13 * abs(value)
    )
