"""Draws that follow from fewer rows: the same bits as those the engine computed."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from uncertainty import storage
from uncertainty.distributions import build
from uncertainty.model.graph import Graph, program
from uncertainty.run.layout import encoding, pack, tables, unpack
from uncertainty.run.recomputed import Formulas, Recomputed, kept_nodes
from uncertainty.run.rows import Held

DRAWS = 257
EXACT = ("add", "sub", "mul", "div", "min", "max")
INEXACT = ("exp", "log", "sin")


@st.composite
def graphs(draw):
    """A graph of some leaves and operations, and nodes that are wanted."""
    graph = Graph()
    law = build("uniform", {"low": 1.0, "high": 2.0})
    nodes = [
        graph.quantile(f"x{i}", law, draw(st.sampled_from([1.0, 3.6])))
        for i in range(3)
    ]
    nodes.append(graph.constant(0.1))
    for _ in range(draw(st.integers(1, 12))):
        some = st.sampled_from(nodes)
        if draw(st.booleans()):
            node = graph.apply(draw(st.sampled_from(EXACT)), (draw(some), draw(some)))
        else:
            node = graph.apply(draw(st.sampled_from(INEXACT)), (draw(some),))
        nodes.append(node)
    return graph, nodes[3:]


def values_of(graph: Graph, nodes: list[int]) -> np.ndarray:
    """Values of nodes by the engine's own straight-line code."""
    out = np.empty((len(nodes), DRAWS))
    code = program(graph, nodes)
    level = {f"x{i}": np.random.default_rng(i).uniform(1, 2, DRAWS) for i in range(3)}

    def use(position, values):
        for row, node in enumerate(nodes):
            if node == code.outputs[position]:
                out[row] = values

    with np.errstate(all="ignore"):
        code.run(DRAWS, lambda leaf: level[leaf.column] * leaf.factor, use)
    return out


@given(graphs(), st.data())
def test_any_rows_of_any_graph_come_back_to_the_bit(made, data):
    graph, nodes = made
    kept = kept_nodes(graph, nodes)
    factors = [3.6] * len(nodes)
    formulas = Formulas.of(graph, kept, nodes, factors)
    again = Formulas.from_dataset(formulas.to_dataset())
    store = Recomputed(Held(values_of(graph, kept)), again)
    some = data.draw(st.sets(st.integers(0, len(nodes) - 1), min_size=1))
    which = np.array(sorted(some))
    expected = values_of(graph, nodes)[which] / 3.6
    np.testing.assert_array_equal(store.rows(which, slice(None)), expected)
    np.testing.assert_array_equal(store.rows(which, slice(3, 9)), expected[:, 3:9])


def test_what_a_machine_may_round_in_its_own_way_is_kept():
    graph = Graph()
    x = graph.quantile("x", build("uniform", {"low": 1.0, "high": 2.0}))
    y = graph.apply("exp", (graph.apply("mul", (x, x)),))
    z = graph.apply("add", (y, x))
    assert kept_nodes(graph, [z]) == sorted([x, y])


@pytest.fixture
def written(tmp_path) -> tuple[xr.DataTree, storage.Opened]:
    """A run of a small model, and its packed file."""
    from uncertainty import Model, simulate

    laws = {n: build("normal", {"mean": 2.0, "sd": 0.1}) for n in "ab"}
    model = Model.from_function(
        lambda a, b: {"sum": a + b, "ratio": a / b}, laws, {"sum": "1", "ratio": "1"}
    )
    tree = simulate(model, draws=1024)
    groups = {n.path.strip("/"): n.to_dataset() for n in tree.subtree if n.path != "/"}
    packed = pack(groups)
    path = Path(tmp_path) / "results.nc"
    how = {f"/{name}": encoding(data) for name, data in packed.items()}
    storage.save(
        xr.DataTree.from_dict(packed),
        path,
        {n: each for n, each in how.items() if each},
    )
    return tree, storage.Opened(path)


def test_a_packed_run_is_what_it_was(written):
    tree, opened = written
    for path in ("summary", "summary/ratio", "draws", "inputs"):
        one, two = tree[path].to_dataset(), unpack(path, opened.get)
        assert set(one) == set(two)
        for name in one:
            np.testing.assert_array_equal(one[name].values, two[name].values)
            assert one[name].dims == two[name].dims
    assert tables(opened["summary"]) == ["summary", "summary/ratio"]
