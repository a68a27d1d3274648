"""Exact derivatives of a graph against differences of high order and closed forms."""

from math import e, exp, log

import numpy as np
import pytest

from uncertainty.distributions import build
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.model.linearise import linearise
from uncertainty.model.operations import OPERATIONS

AT = {"a": 0.7, "b": 1.9, "c": -0.4}
SD = {"a": 0.1, "b": 0.3, "c": 0.2}
FORMULAS = {
    "a + b - c": {"a": 1, "b": 1, "c": -1},
    "a * b * c": {"a": 1.9 * -0.4, "b": 0.7 * -0.4, "c": 0.7 * 1.9},
    "a / b": {"a": 1 / 1.9, "b": -0.7 / 1.9**2},
    "a ** b": {"a": 1.9 * 0.7**0.9, "b": 0.7**1.9 * log(0.7)},
    "c ** 3": {"c": 3 * 0.16},
    "a ** 2": {"a": 1.4},
    "a ** 0.5": {"a": 0.5 / 0.7**0.5},
    "2 ** a": {"a": 2**0.7 * log(2)},
    "-a": {"a": -1},
    "min(a, b)": {"a": 1},
    "max(a, b, c)": {"b": 1},
    "abs(c)": {"c": -1},
    "floor(b)": {},
    "exp(a)": {"a": exp(0.7)},
    "log(b)": {"b": 1 / 1.9},
    "log10(b)": {"b": 1 / (1.9 * log(10))},
    "sqrt(b)": {"b": 0.5 / 1.9**0.5},
    "sin(a)": {"a": np.cos(0.7)},
    "cos(a)": {"a": -np.sin(0.7)},
    "tan(a)": {"a": 1 / np.cos(0.7) ** 2},
    "asin(a)": {"a": 1 / (1 - 0.49) ** 0.5},
    "acos(c)": {"c": -1 / (1 - 0.16) ** 0.5},
    "atan(b)": {"b": 1 / (1 + 1.9**2)},
    "atan2(b, c)": {"b": -0.4 / (1.9**2 + 0.16), "c": -1.9 / (1.9**2 + 0.16)},
    "where(a < b, a * c, b)": {"a": -0.4, "c": 0.7},
    "where(a > b, a * c, b ** 2)": {"b": 3.8},
    "(a + b) * (a - c) / exp(c * b)": None,
    "3": {},
}


def graph_of(**laws: object) -> tuple[Graph, dict[str, int]]:
    graph = Graph()
    known = {n: ("normal", {"mean": AT[n], "sd": SD[n]}) for n in AT} | laws
    leaves = {n: graph.quantile(n, build(*law)) for n, law in known.items()}  # type: ignore[misc]
    return graph, leaves


def node_of(graph: Graph, leaves: dict[str, int], text: str) -> int:
    return parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)


def value_at(text: str, at: dict[str, float]) -> float:
    graph = Graph()
    node = parse(text).fold(
        graph.constant, lambda name: graph.constant(at[name]), graph.apply
    )
    return graph.value(node)


def slope(text: str, name: str) -> float:
    """Central difference of sixth order: truncation and rounding below 1e-11."""
    step, weights = 1e-2, {1: 45, 2: -9, 3: 1}
    total = 0.0
    for k, weight in weights.items():
        up, down = AT | {name: AT[name] + k * step}, AT | {name: AT[name] - k * step}
        total += weight * (value_at(text, up) - value_at(text, down))
    return total / 60 / step


@pytest.mark.parametrize("text", FORMULAS)
def test_every_operation_has_its_derivative(text):
    graph, leaves = graph_of()
    found = linearise(graph, [node_of(graph, leaves, text)], list(AT))
    assert found.values[0] == value_at(text, AT)
    known = FORMULAS[text] or {name: slope(text, name) for name in AT}
    # closed forms to rounding; the one without by a difference that leaves 1e-11
    allowed = 1e-9 if FORMULAS[text] is None else 1e-14
    for i, name in enumerate(AT):
        wanted = SD[name] * known.get(name, 0.0)
        assert found.effects[0, i] == pytest.approx(wanted, rel=allowed, abs=1e-15)


def test_no_operation_is_left_out():
    graph, leaves = graph_of()
    for text in FORMULAS:
        node_of(graph, leaves, text)
    every = {name for name, one in OPERATIONS.items() if not one.comparison}
    assert every == set(graph.operations) - {"constant", "quantile", "lt", "gt"}


def test_at_a_corner_it_is_the_mean_of_both_sides():
    graph, leaves = graph_of(b=("normal", {"mean": AT["a"], "sd": 1}))
    nodes = [node_of(graph, leaves, text) for text in ("min(a, b)", "max(a, b)")]
    found = linearise(graph, nodes, list(AT))
    np.testing.assert_allclose(found.effects[:, :2], [[0.05, 0.5], [0.05, 0.5]])


def test_one_node_may_be_asked_for_twice_and_another_be_absent():
    graph, leaves = graph_of()
    node = node_of(graph, leaves, "a * b")
    found = linearise(graph, [node, ABSENT, node], list(AT))
    assert np.isnan(found.values[1])
    assert np.isnan(found.effects[1]).all()
    np.testing.assert_array_equal(found.effects[0], found.effects[2])


def test_units_of_an_input_count():
    graph = Graph()
    node = graph.quantile("a", build("normal", {"mean": 2.0, "sd": 0.1}), 3.6e6)
    found = linearise(graph, [node], ["a"])
    assert (found.values[0], found.effects[0, 0]) == (7.2e6, 3.6e5)


def test_a_law_of_a_few_values_has_half_the_change_over_two_sd():
    switch = ("bernoulli", {"probability": 0.3})
    graph, leaves = graph_of(c=switch)
    text = "where(c > 0.5, 10 * a, b)"
    found = linearise(graph, [node_of(graph, leaves, text)], list(AT))
    # at the mean, 0.3, the switch is off; one sd up it is on, one sd down off
    assert found.values[0] == AT["b"]
    np.testing.assert_allclose(found.effects[0], [0, SD["b"], (7 - 1.9) / 2])


def test_a_sum_that_cancels_keeps_its_digits():
    # a finite difference of 1e12 + a - 1e12 would lose all of them
    graph, leaves = graph_of()
    text = "exp((1000000 + a) ** 2 / 1000000000000) - 1"
    found = linearise(graph, [node_of(graph, leaves, text)], ["a", "b", "c"])
    wanted = SD["a"] * 2 * (1e6 + 0.7) / 1e12 * exp((1e6 + 0.7) ** 2 / 1e12)
    assert found.effects[0, 0] == pytest.approx(wanted, rel=1e-14)
    assert found.values[0] == pytest.approx(e - 1, rel=1e-5)
