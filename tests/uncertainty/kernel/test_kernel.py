"""The compiled loops against the plain lines they stand beside: the same bits."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from scenarios.loading.load import load
from uncertainty import kernel, seeds
from uncertainty.dependence import mixing
from uncertainty.dependence.mixing import Mixing
from uncertainty.designs import design
from uncertainty.distributions import (
    Beta,
    Constant,
    Discrete,
    Exponential,
    Gamma,
    Interval,
    Lognormal,
    Negated,
    Normal,
    Shifted,
    StudentT,
    Triangular,
    TruncatedNormal,
    Uniform,
)
from uncertainty.distributions.tabulated import Inputs
from uncertainty.errors import DesignError, ModelError
from uncertainty.model import Check
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.model.operations import OPERATIONS
from uncertainty.run.pages import NotFinite, Pages
from uncertainty.run.propagation import propagate
from uncertainty.seeds import PAGE
from uncertainty.statistics.moments import join, of_pieces
from uncertainty.statistics.order_statistics import MARKED, Reading, end_ranks

CONFIGS = Path(__file__).parents[3] / "configs"
LAWS = (
    Normal(13500, 120),
    Normal(0, 1),
    Lognormal(7, 1.5),
    Lognormal(5, 10),
    Negated(Lognormal(2, 1.4)),
    Shifted(Negated(Beta(5, 0.3)), 3),
    Beta(0.3, 0.3),
    Gamma(0.02, 1),
    StudentT(10, 2, 2.1),
    TruncatedNormal(0.97, 0.02, 0.9, 1),
    Interval(1, 5, value=2),
    Triangular(1, 3, 4),
    Triangular(1, 1, 4),
    Triangular(-1, 4, 4),
    Uniform(-1, 3),
    Exponential(3),
    Discrete((1.0, 2.0, 5.0), (0.2, 0.3, 0.5)),
)


@pytest.fixture
def plain(monkeypatch):
    """As on a machine without a compiler."""
    monkeypatch.setattr(kernel, "compiled", lambda: None)
    mixing._normals.cache_clear()
    yield
    mixing._normals.cache_clear()


def same_bits(one, other):
    assert one.shape == other.shape
    np.testing.assert_array_equal(one.view(np.int64), other.view(np.int64))


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler: the plain lines run")
def test_the_loops_are_built_where_there_is_a_compiler():
    assert kernel.compiled() is not None


def test_a_kernel_of_another_release_is_not_used(monkeypatch):
    class Other:
        def __init__(self, path):
            raise OSError(f"{path}: wrong ELF class")

    monkeypatch.setattr(kernel.ctypes, "CDLL", Other)
    assert kernel.compiled.__wrapped__() is None


def test_loops_that_an_upgrade_left_behind_are_not_used(monkeypatch):
    monkeypatch.setattr(kernel, "LAYOUT", kernel.LAYOUT + 1)
    assert kernel.compiled.__wrapped__() is None


class TestLevels:
    @pytest.mark.parametrize("size", [1, 3, 4, 77, PAGE])
    @pytest.mark.parametrize("page", [0, 1, 12_345])
    def test_uniforms(self, page, size):
        columns = ("anode.carbon", "b", "a.very@long.name")
        rows = np.empty((3, size))
        seeds.fill_uniforms(44905, "random", columns, page, rows)
        for column, row in zip(columns, rows, strict=True):
            same_bits(row, seeds.uniforms(44905, "random", column, page, size))

    @pytest.mark.parametrize("kind", ["random", "latin_hypercube", "sobol"])
    @pytest.mark.parametrize("draws", [16, 12_500, 40_000, 1 << 18])
    def test_a_filled_page_holds_the_levels_of_its_columns(self, kind, draws):
        plan = design(kind, draws=draws, seed=3, columns="abcde", replicates=16)
        for page in {0, seeds.pages(plan.draws) - 1}:
            piece = seeds.page_slice(page, plan.draws)
            rows = np.empty((3, piece.stop - piece.start))
            plan.fill(("d", "a", "e"), page, rows)
            for column, row in zip("dae", rows, strict=True):
                same_bits(row, plan.levels(column, page))

    def test_nothing_is_filled_for_a_column_that_is_not_there(self):
        plan = design("random", draws=10, seed=3, columns="ab")
        with pytest.raises(DesignError, match="no column 'c'"):
            plan.fill(("a", "c"), 0, np.empty((2, 10)))


def test_quantiles(plain):
    levels = seeds.uniforms(1, "random", "u", 0)
    levels[:4] = 2.0**-54, 1 - 2.0**-53, 1e-12, 0.5
    rows = np.tile(levels, (len(LAWS), 1))
    factors = [3.6, 1.0, 1000.0] * 6
    plainly, quickly = rows.copy(), rows.copy()
    Inputs(LAWS, factors[: len(LAWS)]).fill(plainly)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", as_compiled)
        Inputs(LAWS, factors[: len(LAWS)]).fill(quickly)
    same_bits(quickly, plainly)


FACTOR = np.array(  # a column, its mirror image, one of two, itself again, one of all
    [
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [-1.0, 0.0, 0.0, 0.0, 0.0],
        [0.6, 0.0, 0.8, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [0.1, 0.0, -0.7, 0.5, 0.5],
    ]
)


def test_levels_that_are_tied(plain):
    page = np.stack([seeds.uniforms(1, "random", c, 0, 5_001) for c in "abcdefg"])
    page[:, :4] = [[2.0**-54, 1 - 2.0**-53, 1e-12, 0.5]]
    rows = (6, 0, 3, 4, 1)
    plainly, quickly = page.copy(), page.copy()
    Mixing([(rows, FACTOR)]).tie(plainly)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", as_compiled)
        mixing._normals.cache_clear()
        Mixing([(rows, FACTOR)]).tie(quickly)
    same_bits(quickly, plainly)
    same_bits(plainly[[2, 5, 6]], page[[2, 5, 6]])  # not tied, or alone
    same_bits(plainly[0], np.clip(1 - page[6], 2.0**-54, 1 - 2.0**-53))
    same_bits(plainly[4], page[3])
    # two tables: of the scores, at most 1e-7 off, and of the levels
    scores = ndtri(page[6]) * 0.6 + ndtri(page[3]) * 0.8
    slope = np.exp(-(scores**2) / 2) / np.sqrt(2 * np.pi)
    assert np.all(np.abs(plainly[3] - ndtr(scores)) <= 2e-7 * slope + 2.0**-52)


as_compiled = kernel.compiled
KNOWN = {o.name: o for o in OPERATIONS.values() if o.kernel is not None}
COMPARISONS = [name for name, o in KNOWN.items() if o.comparison]
CODED = [n for n, o in KNOWN.items() if not o.comparison and n != "where"]


@st.composite
def graphs(draw):
    """A graph of random operations over four inputs and some constants."""
    graph = Graph()
    nodes = [graph.quantile(c, law) for c, law in zip("abca", LAWS[1:9:2], strict=True)]
    nodes += [
        graph.constant(x) for x in (0.0, -0.0, 2.5, float(draw(st.floats(-9, 9))))
    ]
    pick = st.integers(0, 200)
    for _ in range(draw(st.integers(1, 40))):
        one, two, three, four = (nodes[draw(pick) % len(nodes)] for _ in range(4))
        word = draw(st.sampled_from([*CODED, "where"]))
        if word == "where":
            test = graph.apply(draw(st.sampled_from(COMPARISONS)), (one, two))
            nodes.append(graph.apply("where", (test, three, four)))
        else:
            nodes.append(graph.apply(word, (one, two)[: KNOWN[word].arity]))
    return graph, nodes


class TestPrograms:
    @settings(max_examples=200, deadline=None)
    @given(graphs())
    def test_any_program_of_its_operations(self, found):
        graph, nodes = found
        plan = design("random", draws=700, seed=5, columns="abc")
        wanted = (*nodes, ABSENT, nodes[-1])
        made = Pages(
            graph, (), wanted, tuple(1.0 + i for i in range(len(wanted))), plan
        )
        plainly = np.full((len(wanted), 700), -7.0)
        quickly = plainly.copy()
        assert made._made.code is not None
        try:
            made._plainly(0, plainly)
        except NotFinite:
            assert not made._quickly(0, quickly)
        else:
            assert made._quickly(0, quickly)
            same_bits(quickly, plainly)
            assert np.all(quickly[-2] == -7.0)

    def test_operations_that_only_numpy_has_take_the_plain_way(self):
        graph = Graph()
        a = graph.quantile("a", LAWS[1])
        plan = design("random", draws=700, seed=5, columns="a")
        made = Pages(graph, (), (graph.apply("exp", (a,)),), (1.0,), plan)
        assert made._made.code is None
        out = np.empty((1, 700))
        made.fill(0, out)
        levels = plan.levels("a", 0)
        # a table is within 1e-7 sd of the law
        np.testing.assert_allclose(np.log(out[0]), LAWS[1].ppf(levels), atol=1e-7)

    def test_a_failed_check_is_told_as_ever(self):
        graph = Graph()
        a = graph.quantile("a", LAWS[1])
        plan = design("random", draws=700, seed=5, columns="a")
        made = Pages(graph, (Check(a, "a must be above 0"),), (a,), (1.0,), plan)
        with pytest.raises(ModelError, match="a must be above 0"):
            made.fill(0, np.empty((1, 700)))

    def test_it_is_sent_as_what_it_was_made_of(self):
        graph = Graph()
        a = graph.apply("mul", (graph.quantile("a", LAWS[3]), graph.constant(3.0)))
        plan = design("sobol", draws=700, seed=5, columns="a", replicates=2)
        made = Pages(graph, (), (a,), (1.0,), plan)
        here, there = np.empty((1, plan.draws)), np.empty((1, plan.draws))
        made.fill(0, here)
        pickle.loads(pickle.dumps(made)).fill(0, there)
        same_bits(here, there)


@pytest.mark.parametrize("kind", ["random", "sobol"])
def test_a_whole_study(kind, monkeypatch):
    study = load(
        CONFIGS / "china_grid_mixes.yaml", settings={"design": kind, "draws": 12_345}
    )
    model = study.model()
    plan, levels = study.plan(model)
    tables = list(model.outputs.values())
    quickly = propagate(model, plan, tables, levels=levels)
    monkeypatch.setattr(kernel, "compiled", lambda: None)
    mixing._normals.cache_clear()
    plan, levels = study.plan(model)
    plainly = propagate(model, plan, tables, levels=levels)
    mixing._normals.cache_clear()
    for name in quickly:
        same_bits(quickly[name].values, plainly[name].values)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 4000])
def test_moments(size, plain):
    rows = np.stack([seeds.uniforms(1, "random", c, 0, size) * 9 - 2 for c in "ab"])
    bounds = np.unique([0, size // 3, size // 2, size])
    plainly = of_pieces(rows, bounds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", as_compiled)
        same_bits(of_pieces(rows, bounds), plainly)


@pytest.mark.parametrize("power", [0, 4])  # equal pieces; some of 243 million draws
def test_moments_joined(power, plain):
    rows = np.stack([seeds.uniforms(1, "random", c, 0, 9_000) * 9 - 2 for c in "ab"])
    pieces = of_pieces(rows, np.arange(0, 9_001, 300))
    pieces[1, 3] = np.nan  # an absent row is NaN
    sizes = np.full(30, 300) * np.arange(1, 31) ** power
    plainly = join(pieces, sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "compiled", as_compiled)
        same_bits(join(pieces, sizes), plainly)
        same_bits(join(pieces[:, :, :4], sizes), plainly)


SHAPES = {
    "uniform": lambda u: u,
    "long tail": lambda u: (1 - u) ** -3,
    "tails without end": lambda u: np.tan(np.pi * (u - 0.5)),
    "few values": lambda u: np.floor(u * 7),
    "one value": lambda u: u * 0 + 3,
    "an outlier": lambda u: np.where(u == u.max(), 1e300, u),
}


def read(reading, rows):
    """What a reading finds in rows, and in each replicate."""
    ends = np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1)
    found = np.full((len(rows), reading.width), np.nan)
    below = np.full((len(rows), reading.replicates, MARKED), np.nan)
    reading.read(rows, ends, found, below)
    return found, below


def sorted_whole(reading, row):
    """The same of one row by putting all of it in order."""
    ordered, q = np.sort(row), reading.span
    first = np.argmin(ordered[q:] - ordered[: row.size - q])
    ends = end_ranks(row.size, reading.probability)
    marks = ordered[[*ends, -(-row.size // 2) - 1]]
    parts = row.reshape(reading.replicates, -1)
    below = [[float((part <= mark).sum()) for mark in marks] for part in parts]
    return ordered[[*reading.alone, first, first + q]], np.array(below)


@pytest.mark.parametrize("how", ["compiled", "plain"])
@pytest.mark.parametrize("probability", [0.4, 0.8, 0.95])
@pytest.mark.parametrize(
    ("replicates", "size"), [(1, 20), (1, 2_000), (1, 30_001), (16, 200), (16, 5_000)]
)
class TestReading:
    """Draws read by rank are those of the whole row in order."""

    @pytest.fixture(autouse=True)
    def way(self, how, request):
        if how == "plain":
            request.getfixturevalue("plain")

    @pytest.mark.parametrize("shape", SHAPES)
    def test_draws_are_those_of_the_whole_in_order(
        self, shape, replicates, size, probability
    ):
        u = seeds.generator(1, "random", "order").random(replicates * size)
        reading = Reading(u.size, probability, (0.5, 0.01, 0.9), replicates)
        rows = np.stack([SHAPES[shape](u), -SHAPES[shape](1 - u)])
        for row, *found in zip(rows, *read(reading, rows), strict=True):
            expected = sorted_whole(reading, row)
            same_bits(found[0], expected[0])
            if replicates > 1:
                same_bits(found[1], expected[1])

    def test_rows_may_lie_apart(self, replicates, size, probability):
        draws = replicates * size
        whole = seeds.generator(2, "random", "rows").normal(size=(3, draws + 24))
        reading = Reading(draws, probability, (0.5,), replicates)
        rows = whole[:, 7 : 7 + draws]
        for one, other in zip(
            read(reading, rows), read(reading, np.ascontiguousarray(rows)), strict=True
        ):
            same_bits(one, other)


@given(
    st.lists(
        st.floats(-1000, 1000, width=16) | st.floats(allow_nan=False, width=32),
        min_size=20,
        max_size=300,
    ).map(np.array),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_any_draws_are_read_as_if_all_were_in_order(row, probability):
    row = np.clip(row, -1e300, 1e300) + 0.0  # finite; -0.0 and 0.0 have no order
    reading = Reading(row.size, probability, (0.5,))
    same_bits(read(reading, row[np.newaxis])[0][0], sorted_whole(reading, row)[0])


def test_a_constant_takes_no_row():
    rows = np.full((1, 5), 0.25)
    Inputs([Constant(4.0)], [2.0]).fill(rows)
    assert np.all(rows == 8.0)
