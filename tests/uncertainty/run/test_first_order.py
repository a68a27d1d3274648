"""The law of propagation of uncertainty against closed forms and the guide."""

from math import exp, log, sqrt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from uncertainty.dependence import Shared, copula, dirichlet, gaussian_correlation
from uncertainty.distributions import build
from uncertainty.model import Model, Table
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.run.first_order import first_order

MASS = {  # JCGM 101:2008, 9.3: mg and kg/m3
    "m_rc": ("normal", {"mean": 100_000, "sd": 0.05}),
    "dm_rc": ("normal", {"mean": 1.234, "sd": 0.02}),
    "rho_a": ("uniform", {"low": 1.1, "high": 1.3}),
    "rho_w": ("uniform", {"low": 7000, "high": 9000}),
    "rho_r": ("uniform", {"low": 7950, "high": 8050}),
}
MASS_OF = "(m_rc + dm_rc) * (1 + (rho_a - 1.2) * (1 / rho_w - 1 / rho_r)) - 100000"


def linear(laws, *formulas, blocks=(), factor=1.0) -> xr.Dataset:
    """First order of formulas, each a scenario; None is a cell that is absent."""
    graph = Graph()
    leaves = {name: graph.quantile(name, build(*law)) for name, law in laws.items()}
    nodes = [
        ABSENT
        if text is None
        else parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
        for text in formulas
    ]
    table = Table("y", "y", np.array(nodes)[:, None], "kg", factor)
    inputs = {
        name: Table(name, name, np.full((len(nodes), 1), node), "1")
        for name, node in leaves.items()
    }
    names = tuple(f"s{i}" for i in range(len(nodes)))
    model = Model(graph, names, (), inputs, {"y": table})
    return first_order(model, table, blocks)


def normal(mean, sd):
    return "normal", {"mean": mean, "sd": sd}


class TestExactWhereItHasToBe:
    @given(
        weights=st.lists(st.floats(-10, 10), min_size=1, max_size=6),
        sds=st.lists(st.floats(0.01, 10), min_size=6, max_size=6),
    )
    def test_a_weighted_sum(self, weights, sds):
        laws = {f"x{i}": normal(i, sds[i]) for i in range(len(weights))}
        text = " + ".join(f"({w!r}) * x{i}" for i, w in enumerate(weights))
        found = linear(laws, text)
        variance = sum((w * s) ** 2 for w, s in zip(weights, sds, strict=False))
        assert float(found["sd"][0]) == pytest.approx(sqrt(variance), rel=1e-12)
        centre = sum(w * i for i, w in enumerate(weights))
        assert float(found["estimate"][0]) == pytest.approx(centre, abs=1e-12)
        if variance:
            assert float(found["variance_share"].sum()) == pytest.approx(1, rel=1e-12)

    @pytest.mark.parametrize("rho", [-1, -0.6, 0, 0.3, 0.95, 1])
    @pytest.mark.parametrize("sign", ["+", "-"])
    def test_two_normals_that_are_correlated(self, rho, sign):
        laws = {"a": normal(1, 3), "b": normal(2, 4)}
        ties = [copula(["a", "b"], {("a", "b"): rho})]
        found = linear(laws, f"a {sign} b", blocks=ties)
        r = float(gaussian_correlation(rho)) * (1 if sign == "+" else -1)
        variance = 9 + 16 + 2 * r * 12
        assert float(found["sd"][0]) == pytest.approx(sqrt(variance), abs=1e-12)
        if variance > 1e-9:
            # each with its own variance and half of the covariance twice over
            shares = found["variance_share"][0].values
            wanted = np.array([9 + 12 * r, 16 + 12 * r]) / variance
            np.testing.assert_allclose(shares, wanted, rtol=1e-10)

    def test_a_shared_draw_is_full_correlation(self):
        laws = {"a": normal(1, 3), "b": normal(2, 4)}
        same, mirrored = (
            linear(laws, "a + b", blocks=[Shared(("a", "b"), frozenset(m))])
            for m in ((), ("b",))
        )
        assert float(same["sd"][0]) == pytest.approx(7, rel=1e-12)
        assert float(mirrored["sd"][0]) == pytest.approx(1, rel=1e-12)

    def test_the_correlation_of_skewed_laws_is_that_of_their_values(self):
        gsd = {"a": 1.2, "b": 2.0}
        laws = {n: ("lognormal", {"median": 1, "gsd": g}) for n, g in gsd.items()}
        ties = [copula(["a", "b"], {("a", "b"): 0.5})]
        found = linear(laws, "a + b", blocks=ties)
        # covariance of two lognormals: m1 m2 (exp(r s1 s2) - 1); a sum is linear
        r = float(gaussian_correlation(0.5))
        s = {n: log(g) for n, g in gsd.items()}
        mean = {n: exp(s[n] ** 2 / 2) for n in s}
        variance = sum(mean[n] ** 2 * (exp(s[n] ** 2) - 1) for n in s)
        covariance = mean["a"] * mean["b"] * (exp(r * s["a"] * s["b"]) - 1)
        exact = sqrt(variance + 2 * covariance)
        # Pearson's r comes from a quadrature that is right to 1e-10
        assert float(found["sd"][0]) == pytest.approx(exact, rel=1e-9)

    def test_declared_units_divide(self):
        found = linear({"a": normal(7.2, 3.6)}, "a", factor=3.6)
        assert (float(found["estimate"][0]), float(found["sd"][0])) == (2, 1)
        assert found["sd"].attrs["units"] == "kg"
        assert found["variance_share"].attrs["units"] == "1"


class TestWhatItLeavesOut:
    @pytest.mark.parametrize("gsd", [1.02, 1.1, 1.5])
    def test_a_product_of_lognormals_is_too_narrow(self, gsd):
        laws = {n: ("lognormal", {"median": 1, "gsd": gsd}) for n in "abc"}
        found = linear(laws, "a * b * c")
        s2 = log(gsd) ** 2
        mean = exp(1.5 * s2)
        # derivatives at the means: cv^2 of the product is the sum of the cv^2
        wanted = mean * sqrt(3 * (exp(s2) - 1))
        assert float(found["sd"][0]) == pytest.approx(wanted, rel=1e-13)
        exact = mean * sqrt(exp(3 * s2) - 1)
        # by half the variance of a logarithm, to first order in it
        apart = 1 - float(found["sd"][0]) / exact
        assert apart == pytest.approx(s2 / 2, rel=s2)
        # the mean of a product of independent factors is right all the same
        assert float(found["estimate"][0]) == pytest.approx(mean, rel=1e-13)

    def test_the_guides_example_loses_its_interactions(self):
        found = linear(MASS, MASS_OF)
        # 9.3.2.4: the terms in the densities vanish, and 0.0539 is left of 0.0755
        assert float(found["sd"][0]) == pytest.approx(sqrt(0.05**2 + 0.02**2), rel=1e-9)
        assert float(found["estimate"][0]) == pytest.approx(1.234, abs=1e-9)
        shares = found["variance_share"][0]
        assert float(shares.sel(parameter="m_rc")) == pytest.approx(25 / 29, rel=1e-9)
        for name in ("rho_a", "rho_w", "rho_r"):
            assert float(shares.sel(parameter=name)) == pytest.approx(0, abs=1e-12)

    def test_a_square_about_nought_has_no_first_order(self):
        found = linear({"a": normal(0, 1)}, "a ** 2")
        assert float(found["sd"][0]) == 0
        assert float(found["variance_share"].sum()) == 0


class TestShares:
    def test_they_add_up_to_one_in_every_cell(self):
        laws = {
            "a": normal(3, 0.5),
            "b": ("lognormal", {"median": 1, "gsd": 1.5}),
            "c": ("uniform", {"low": 0, "high": 2}),
        }
        ties = [copula(["a", "c"], {("a", "c"): -0.5})]
        found = linear(laws, "a * b + c", "a - c", "b", None, "5", blocks=ties)
        total = found["variance_share"].sum("parameter", skipna=False).values
        np.testing.assert_allclose(total[:3], 1, rtol=1e-12)
        assert np.isnan(total[3])  # absent
        assert total[4] == 0  # a constant has no variance to share
        assert float(found["variance_share"].sel(scenario="s2", parameter="a")) == 0

    def test_one_that_works_against_another_may_be_negative(self):
        laws = {"a": normal(0, 1), "b": normal(0, 3)}
        found = linear(laws, "a - b", blocks=[copula("ab", {("a", "b"): 0.9})])
        shares = found["variance_share"][0]
        assert float(shares.sel(parameter="a")) < 0
        assert float(shares.sum()) == pytest.approx(1, rel=1e-12)

    def test_a_composition_has_the_sd_of_its_shares(self):
        graph = Graph()
        made = dirichlet({"coal": 0.6, "gas": 0.3, "oil": 0.1}, 30)
        nodes = made.build(graph.quantile, graph.constant, graph.apply)
        factor = {"coal": 95.0, "gas": 56.0, "oil": 77.0}
        parts = [
            graph.apply("mul", (node, graph.constant(factor[name])))
            for name, node in nodes.items()
        ]
        table = Table("y", "y", np.array([[graph.total(parts)]]), "1")
        inputs = {n: Table(n, n, np.array([[node]]), "1") for n, node in nodes.items()}
        model = Model(graph, ("only",), (), inputs, {"y": table})
        found = first_order(model, table)
        mean = sum(made.means[i] * f for i, f in enumerate(factor.values()))
        second = sum(made.means[i] * f**2 for i, f in enumerate(factor.values()))
        exact = sqrt((second - mean**2) / 31)
        # sticks multiply, so first order is not exact: their cv is below 0.3
        assert float(found["sd"][0]) == pytest.approx(exact, rel=0.03)
        assert float(found["estimate"][0]) == pytest.approx(mean, rel=1e-12)
