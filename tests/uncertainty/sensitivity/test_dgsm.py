import sys

import numpy as np
import pytest
import xarray as xr

from uncertainty.dependence import Shared
from uncertainty.distributions import build as law
from uncertainty.distributions.base import Marginal
from uncertainty.errors import DependenceError, DesignError, ModelError, SampleError
from uncertainty.model import Check
from uncertainty.model.expressions import parse
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import (
    DUMMY,
    Block,
    Problem,
    build,
    dgsm,
    mean_square_derivatives,
)
from uncertainty.sensitivity.dgsm import _levels

NORMAL = law("normal", {"mean": 2, "sd": 0.5})
UNIT = law("uniform", {"low": 0, "high": 1})


def made(*texts: str, factor: float = 1.0, laws: dict[str, Marginal], **options):
    """A problem with an output for each text, and the nodes of its inputs."""
    graph = Graph()
    leaves = {name: graph.quantile(name, m, factor) for name, m in laws.items()}
    nodes = [
        parse(t).fold(graph.constant, leaves.__getitem__, graph.apply) for t in texts
    ]
    outputs = xr.DataArray(
        np.array(nodes), dims="output", coords={"output": list(texts)}
    )
    return build(graph, outputs, **options)


def found(problem: Problem, n: int = 64) -> list[list[float]]:
    return mean_square_derivatives(problem, n, seed=3).values.tolist()


def test_slope_of_a_straight_line_comes_back_and_an_unread_input_has_nought():
    laws = {"x": NORMAL, "z": UNIT}
    result = mean_square_derivatives(made("3 * x", "z - x", laws=laws), 64, seed=0)
    assert result.dims == ("output", "parameter")
    assert result.attrs["units"] == "(1)**2 by units of the input squared"
    assert result["parameter"].values.tolist() == ["x", "z"]
    # a step of 6e-5 (x) and 4e-5 (z) beside values of 2: rounding of some 1e-11
    np.testing.assert_allclose(result, [[9, 0], [1, 1]], rtol=1e-9)
    assert result.values[0, 1] == 0


def test_derivative_is_by_the_input_as_declared_not_by_base_units():
    # x in km, y in m: a metre for each thousandth of what is declared
    [[value]] = found(made("2 * x", factor=1000.0, laws={"x": NORMAL}))
    assert value == pytest.approx(2000.0**2, rel=1e-9)  # rounding, as above


def test_square_has_four_times_the_second_moment():
    [[value]] = found(made("x ** 2", laws={"x": UNIT}), 2**12)
    # E[(2 x)^2] = 4/3; a scrambled net of 4096 points of a smooth function of one
    # variable is off by a few 4096^-1.5 = 4e-6
    assert value == pytest.approx(4 / 3, abs=5e-5)


def test_no_step_leaves_the_bounds():
    # beyond either end the root is not a number, and that would be refused
    [[value]] = found(made("sqrt(x) + sqrt(1 - x)", laws={"x": UNIT}), 2**16)
    assert np.isfinite(value)


def test_law_of_orders_of_magnitude_has_steps_that_fit_its_bulk():
    # an sd of 1e8 medians: a step against that would leave nothing of the law
    long = law("lognormal", {"median": 1, "gsd": 75})
    [[value]] = found(made("2 * x", laws={"x": long}))
    # a step of 5e-3 beside values of up to 1e6: rounding of some 1e-8
    assert value == pytest.approx(4, rel=1e-7)


def test_discrete_input_has_no_derivative_where_it_is_read():
    laws = {"x": NORMAL, "k": law("bernoulli", {"probability": 0.5})}
    values = np.array(found(made("x * (1 + k)", "x", laws=laws)))
    assert np.isnan(values[0, 1])
    assert values[1, 1] == 0
    assert values[1, 0] == pytest.approx(1, rel=1e-9)  # rounding, as above


def test_inputs_that_share_a_draw_or_depend_have_their_own_partial_derivatives():
    laws = {"x": NORMAL, "z": UNIT}
    shared = made("2 * x - 5 * z", laws=laws, blocks=[Shared(("x", "z"))])
    tied = Block("b", ("x", "z"), np.array([[1, 0.9], [0.9, 1]]))
    for problem in (shared, made("2 * x - 5 * z", laws=laws, blocks=[tied])):
        np.testing.assert_allclose(found(problem), [[4, 25]], rtol=1e-9)  # rounding


def test_input_with_another_law_in_another_scenario_moves_by_the_same_in_each():
    graph = Graph()
    one, two = graph.quantile("x", NORMAL), graph.quantile("x", UNIT)
    nodes = [graph.apply("sub", (graph.product(graph.constant(3.0), one), two)), two]
    problem = build(graph, xr.DataArray(np.array(nodes), dims="output"))
    np.testing.assert_allclose(found(problem), [[4], [1]], rtol=1e-9)  # rounding


@pytest.mark.parametrize("n", [0, 1, 100])
def test_number_of_points_is_a_power_of_two(n):
    with pytest.raises(DesignError, match=f"power of two, 2 or more, not {n}"):
        found(made("x", laws={"x": NORMAL}), n)


def test_group_is_refused():
    laws = {"x": NORMAL, "z": UNIT}
    problem = made("x + z", laws=laws, groups={"both": ["x", "z"]})
    with pytest.raises(DesignError, match=r"a group has no derivative \(both\)"):
        found(problem)


def test_law_too_narrow_for_a_step_is_refused():
    sliver = law("uniform", {"low": 1e6, "high": 1e6 + 1e-4})
    with pytest.raises(DesignError, match="x: too narrow a law for a derivative"):
        found(made("x", laws={"x": sliver}))


def test_run_that_is_not_finite_is_refused():
    with pytest.raises(SampleError, match="runs are not finite"):
        found(made("log(x - 0.5)", laws={"x": UNIT}))


def test_run_that_is_finite_at_the_points_and_not_beside_them_is_refused():
    one, two = _levels(made("x", laws={"x": UNIT}), 2, 3)("x").tolist()
    away = f"min(abs(x - {one!r}), abs(x - {two!r}))"  # a step of 4e-5 is too far
    with pytest.raises(SampleError, match="2 of 2 runs are not finite"):
        found(made(f"sqrt(1e-6 - {away})", laws={"x": UNIT}), 2)


def test_discrete_law_in_one_scenario_leaves_the_other_its_derivative():
    graph = Graph()
    coin = law("bernoulli", {"probability": 0.5})
    nodes = [graph.quantile("x", coin), graph.quantile("x", UNIT)]
    problem = build(graph, xr.DataArray(np.array(nodes), dims="output"))
    [[first], [second]] = found(problem)
    assert np.isnan(first)
    assert second == pytest.approx(1, rel=1e-9)  # rounding


def test_same_seed_gives_the_same_and_another_seed_another():
    problem = made("x ** 2", laws={"x": UNIT})
    one, again, other = (
        mean_square_derivatives(problem, 64, seed=seed).values for seed in (0, 0, 1)
    )
    assert one == again
    assert one != other


def test_runs_in_pieces_are_the_runs_in_one(monkeypatch):
    problem = made("x ** 2 * z", laws={"x": NORMAL, "z": UNIT})
    whole = found(problem)
    monkeypatch.setattr(sys.modules[_levels.__module__], "MOST_RUNS", 24)
    np.testing.assert_allclose(found(problem), whole, rtol=1e-14)  # order of a sum


def test_check_of_the_model_is_refused_where_it_fails():
    graph = Graph()
    x = graph.quantile("x", UNIT)
    low = graph.apply("sub", (x, graph.constant(0.5)))
    outputs = xr.DataArray(np.array([x]), dims="output")
    problem = build(graph, outputs, checks=[Check(low, "x is below a half")])
    with pytest.raises(ModelError, match="x is below a half"):
        mean_square_derivatives(problem, 16, seed=0)


class TestLimits:
    """`dgsm`: limits of the total-order index from derivatives in normal scores."""

    def test_they_hold_the_total_order_of_a_product(self):
        gsd = {"a": 1.25, "b": 1.15}
        laws = {n: law("lognormal", {"median": 1, "gsd": g}) for n, g in gsd.items()}
        found = dgsm(made("a * b", laws=laws), 4096, seed=0).isel(output=0)
        own = np.log(list(gsd.values())) ** 2
        variance = np.expm1(own.sum())
        # y = exp(sum of normals): E[dy/dz]^2 = s^2 E[y]^2, E[(dy/dz)^2] = s^2 E[y^2]
        low, high = own / variance, own * np.exp(own.sum()) / variance
        truth = np.exp(own.sum() - own) * np.expm1(own) / variance
        assert ((low < truth) & (truth < high)).all()
        for name, limit in (("dgsm_low", low), ("dgsm", high)):
            value, lower, upper = (
                found[name + end][:2].values for end in ("", "_lower", "_upper")
            )
            np.testing.assert_allclose(value, limit, rtol=0.05)
            # twice a 95 % interval: one in some 10 000 is not held
            assert (abs(value - limit) < upper - lower).all()

    def test_a_long_tail_has_limits_without_bounds(self):
        laws = {n: law("lognormal", {"median": 1, "gsd": 2.5}) for n in "ab"}
        found = dgsm(made("a * b", laws=laws), 1024, seed=0)
        assert found["dgsm"].notnull().all()
        assert found["dgsm_upper"][0, :2].isnull().all()
        assert not (found["important"] | found["unimportant"]).any()
        assert found["settling_n"].isnull().all()

    def test_of_a_line_both_are_the_share_and_give_the_verdict(self):
        laws = {name: law("normal", {"mean": 0, "sd": 1}) for name in "abc"}
        found = dgsm(made("a + 0.2 * b + 1e-4 * c", laws=laws), 256, seed=0).isel(
            output=0
        )
        shares = np.array([1, 0.04, 1e-8]) / 1.04000001
        for name in ("dgsm_low", "dgsm"):
            # the variance of 256 points of a net; the slopes are exact
            np.testing.assert_allclose(found[name][:3], shares, rtol=0.1)
        assert found["important"].values.tolist() == [True, True, False, False]
        assert found["unimportant"].values.tolist() == [False, False, True, False]
        for end in ("", "_lower", "_upper"):
            assert float(found[f"dgsm{end}"].sel(parameter=DUMMY)) == 0

    def test_a_wave_is_neither_proved_to_matter_nor_not(self):
        laws = {"a": law("uniform", {"low": 0, "high": 1})}
        found = dgsm(made("cos(25.132741228718345 * a)", laws=laws), 1024, seed=0)
        assert not (found["important"] | found["unimportant"]).any()

    def test_a_step_has_no_derivative(self):
        laws = {
            "a": law("discrete_uniform", {"low": 1, "high": 6}),
            "b": law("normal", {"mean": 0, "sd": 1}),
        }
        found = dgsm(made("a + b", laws=laws), 64, seed=0).isel(output=0)
        assert np.isnan(found["dgsm"].sel(parameter="a"))
        assert not bool(found["unimportant"].sel(parameter="a"))

    def test_dependent_inputs_and_groups_are_refused(self):
        laws = {name: law("normal", {"mean": 0, "sd": 1}) for name in "ab"}
        block = Block("tied", ("a", "b"), np.array([[1, 0.5], [0.5, 1]]))
        with pytest.raises(DependenceError, match="block tied holds a, b; take sobol"):
            dgsm(made("a + b", laws=laws, blocks=[block]), 64, seed=0)
        grouped = made("a + b", laws=laws, groups={"both": ("a", "b")})
        with pytest.raises(DesignError, match=r"dgsm has no groups \(both\)"):
            dgsm(grouped, 64, seed=0)
