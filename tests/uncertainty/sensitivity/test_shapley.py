import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from uncertainty.distributions import Marginal
from uncertainty.distributions import build as law
from uncertainty.errors import DependenceError, DesignError
from uncertainty.model.expressions import parse
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import (
    DUMMY,
    Block,
    Problem,
    build,
    linear_effects,
    shapley,
    sobol,
)

STANDARD = law("normal", {"mean": 0, "sd": 1})


def made(laws: dict[str, Marginal], *formulas: str, **options: object) -> Problem:
    graph = Graph()
    leaves = {name: graph.quantile(name, found) for name, found in laws.items()}
    nodes = [
        parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
        for text in formulas
    ]
    return build(graph, xr.DataArray(np.array(nodes), dims="output"), **options)  # type: ignore[arg-type]


def by_definition(covariance: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Shapley effects over all orders, from variances explained by regression."""
    from itertools import permutations

    def explained(known: list[int]) -> float:
        if not known:
            return 0.0
        across = covariance[known] @ slopes
        return float(across @ np.linalg.solve(covariance[np.ix_(known, known)], across))

    count = len(slopes)
    effects = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        for place, one in enumerate(order):
            before = list(order[:place])
            effects[one] += explained([*before, one]) - explained(before)
    return effects / len(orders)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_linear_effects_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(4, 6))
    covariance, slopes = factor @ factor.T, rng.normal(size=(2, 4))
    found = linear_effects(covariance, slopes)
    expected = [by_definition(covariance, row) for row in slopes]
    # the least of four eigenvalues of six normals may be some 1e-4 of the greatest
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(
        found.sum(axis=1), np.einsum("oi,ij,oj->o", slopes, covariance, slopes)
    )


@pytest.mark.parametrize("orders", ["all", "random"])
def test_a_linear_model_of_dependent_normals_is_exact(orders):
    matrix = np.array([[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]])
    sds, slopes = np.array([1, 2, 3, 4]), np.array([1, 2, -1, 0.5])
    laws = {
        f"x{i}": law("normal", {"mean": 5, "sd": float(sd)}) for i, sd in enumerate(sds)
    }
    text = " + ".join(f"({c}) * x{i}" for i, c in enumerate(slopes))
    problem = made(laws, text, blocks=[Block("tied", ("x1", "x2", "x3"), matrix)])
    found = shapley(problem, 128, seed=0, orders=orders).isel(output=0)
    covariance = np.eye(4)
    covariance[1:, 1:] = matrix
    expected = by_definition(covariance * np.outer(sds, sds), slopes)
    expected /= expected.sum()
    # quantile tables err by 1e-7 sd at most; nothing is left to sampling
    np.testing.assert_allclose(found["shapley"][:4], expected, atol=1e-6)
    np.testing.assert_allclose(found["shapley_upper"][:4], expected, atol=1e-5)
    assert float(found["shapley"].sel(parameter=DUMMY)) == 0
    assert found["parameter"].values.tolist() == ["x0", "x1", "x2", "x3", DUMMY]


@pytest.mark.parametrize("orders", ["all", "random"])
def test_a_quadratic_model_of_dependent_normals_has_its_closed_form(orders):
    rho = 0.6
    problem = made(
        {"x1": STANDARD, "x2": STANDARD},
        "x1**2 + x2",
        blocks=[Block("tied", ("x1", "x2"), np.array([[1, rho], [rho, 1]]))],
    )
    found = shapley(problem, 2**14, seed=0, orders=orders).isel(output=0)
    # x1 given x2 is N(rho x2, s2): E Var(x1^2 | x2) = 2 s2^2 + 4 rho^2 s2; Var y = 3
    s2 = 1 - rho**2
    first, second = 2 * s2**2 + 4 * rho**2 * s2, s2
    expected = np.array([3 + first - second, 3 + second - first]) / 6
    # 2^14 runs of squares of squares: standard error sqrt(15 / 2^14) = 3 % of a share
    np.testing.assert_allclose(found["shapley"][:2], expected, atol=0.05)
    lower, upper = (found[f"shapley_{end}"][:2] for end in ("lower", "upper"))
    assert ((lower <= expected) & (expected <= upper)).all()


def test_effects_lie_between_first_and_total_order_and_sum_to_one():
    names = [f"x{i}" for i in range(1, 11)]
    laws = {
        name: law("lognormal", {"median": 1, "gsd": 1 + i / 25})
        for i, name in enumerate(names, start=1)
    }
    problem = made(laws, " * ".join(names[:5]) + " + " + " * ".join(names[5:]), "x1")
    effects = shapley(problem, 1024, seed=0)
    assert effects.attrs["orders"] == "random"
    assert effects.attrs["evaluations"] == 1024 * 11
    found = effects["shapley"].drop_sel(parameter=DUMMY)
    np.testing.assert_allclose(found.sum("parameter"), 1, atol=1e-12)
    ends = sobol(problem, 4096, seed=0).drop_sel(parameter=DUMMY)
    # standard errors of the three are below 1.5 %
    assert (found > ends["first_order"] - 0.05).all()
    assert (found < ends["total_order"] + 0.05).all()
    # the second output reads x1 alone
    assert found[1].values.tolist() == [1] + [0] * 9


def test_random_orders_agree_with_all_of_them():
    laws = {f"x{i}": law("uniform", {"low": 0, "high": 1}) for i in range(4)}
    text = " * ".join(f"(abs(4 * x{i} - 2) + {i}) / {1 + i}" for i in range(4))
    problem = made(laws, text)
    every, random = (
        shapley(problem, 4096, seed=0, orders=orders).isel(output=0)
        for orders in ("all", "random")
    )
    gap = abs(every["shapley"] - random["shapley"])
    width = random["shapley_upper"] - random["shapley_lower"]
    # a 95 % interval is four standard errors wide; the two share their runs
    assert (gap <= width).all()


def test_a_group_stays_one_player_and_may_hold_a_block():
    matrix = np.array([[1, 0.8], [0.8, 1]])
    problem = made(
        {"x1": STANDARD, "x2": STANDARD, "x3": STANDARD},
        "x1 + x2 + x3",
        blocks=[Block("tied", ("x1", "x2"), matrix)],
        groups={"both": ("x1", "x2")},
    )
    found = shapley(problem, 4096, seed=0).isel(output=0)
    assert found["parameter"].values.tolist() == ["both", "x3", DUMMY]
    # 3.6 of 4.6; the block's part is sampled: standard error sqrt(2/4096) = 2 %
    np.testing.assert_allclose(found["shapley"][:2], [3.6 / 4.6, 1 / 4.6], atol=0.05)


def test_two_inputs_that_are_one_share_alike():
    matrix = np.ones((2, 2))
    problem = made(
        {"x1": STANDARD, "x2": STANDARD},
        "3 * x1 + x2",
        blocks=[Block("same", ("x1", "x2"), matrix)],
    )
    found = shapley(problem, 256, seed=0).isel(output=0)
    # either tells all there is to know; eigenvectors of a singular matrix: 1e-8
    np.testing.assert_allclose(found["shapley"][:2], [0.5, 0.5], atol=1e-6)


def test_what_cannot_be_walked_is_refused():
    problem = made({"x1": STANDARD, "x2": STANDARD}, "x1 + x2")
    with pytest.raises(DesignError, match="a power of two, 64 or more, not 32"):
        shapley(problem, 32, seed=0)
    with pytest.raises(DesignError, match="level must lie between 0 and 1"):
        shapley(problem, 64, seed=0, level=0)
    laws = {f"x{i}": STANDARD for i in range(17)}
    many = made(laws, " + ".join(laws))
    with pytest.raises(DesignError, match=r"17 players would take 2\^17 runs"):
        shapley(many, 64, seed=0, orders="all")
    joined = made(
        {"x1": STANDARD, "x2": STANDARD},
        "x1 + x2",
        blocks=[Block("tied", ("x1", "x2"), join=lambda levels: levels)],
    )
    with pytest.raises(DependenceError, match="tied is not a Gaussian copula"):
        shapley(joined, 64, seed=0)
