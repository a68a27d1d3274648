"""Graph: one node for one thing, and straight-line code that forgets nothing."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from uncertainty.distributions import build
from uncertainty.errors import ModelError
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph, Quantile, point, program

DRAWS = 9
UNIFORM = build("uniform", {"low": -2.0, "high": 2.0})


def leaves(*columns, draws=DRAWS) -> dict[str, np.ndarray]:
    """Values of each column, the same at every call."""
    made = np.random.default_rng(7).uniform(-2, 2, size=(len(columns), draws))
    return dict(zip(columns, made, strict=True))


def nodes_of(graph: Graph, text: str) -> int:
    """Node of a formula whose names are uncertain inputs."""
    return parse(text).fold(
        graph.constant, lambda name: graph.quantile(name, UNIFORM), graph.apply
    )


def computed(graph, outputs, values, draws=DRAWS) -> list[np.ndarray]:
    """Each output as the program hands it over, in the order asked for."""
    run = program(graph, outputs)
    found: dict[int, np.ndarray] = {}

    def use(position, array):
        found[run.outputs[position]] = np.broadcast_to(array, draws).copy()

    run.run(draws, lambda leaf: values[leaf.column] * leaf.factor, use)
    return [found[node] for node in outputs if node != ABSENT]


class TestOneNode:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("a + b", "b + a"),
            ("(a + b) * c", "c * (b + a)"),
            ("min(a, b) - max(b, c)", "min(b, a) - max(c, b)"),
            ("a / (1 + 1)", "a / 2"),
            ("a ** 2", "a ** (1 + 1)"),
            ("where(a < b, c, a)", "where(a < b, c, a)"),
        ],
    )
    def test_equal_expressions_are_one_node(self, one, other):
        graph = Graph()
        node = nodes_of(graph, one)
        before = len(graph.operations)
        assert nodes_of(graph, other) == node
        assert graph.upstream([node]) == graph.upstream([nodes_of(graph, other)])
        # asking again adds constants that folding used up, never an operation
        assert set(graph.operations[before:]) <= {"constant"}

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("a - b", "b - a"),
            ("a / b", "b / a"),
            ("a ** b", "b ** a"),
            ("where(a < b, c, a)", "where(a <= b, c, a)"),
        ],
    )
    def test_operations_that_do_not_commute_stay_apart(self, one, other):
        graph = Graph()
        assert nodes_of(graph, one) != nodes_of(graph, other)

    def test_a_column_under_two_marginals_is_two_leaves_of_one_column(self):
        graph = Graph()
        narrow = graph.quantile("a", build("normal", {"mean": 0.0, "sd": 1.0}))
        wide = graph.quantile("a", build("normal", {"mean": 0.0, "sd": 2.0}))
        assert narrow != wide
        assert graph.columns([wide, narrow]) == ["a"]

    def test_the_same_marginal_stated_again_is_the_same_leaf(self):
        graph = Graph()
        one = graph.quantile("a", build("normal", {"mean": 0.0, "sd": 1.0}), 3.6)
        two = graph.quantile("a", build("normal", {"sd": 1.0, "mean": 0.0}), 3.6)
        assert one == two

    def test_columns_come_in_the_order_they_were_added(self):
        graph = Graph()
        node = nodes_of(graph, "z + y * x")
        assert graph.columns([node]) == ["z", "y", "x"]

    def test_operands_stand_before_what_reads_them(self):
        graph = Graph()
        node = nodes_of(graph, "where(a < b, exp(c), a * b) + floor(a)")
        order = graph.upstream([node, ABSENT])
        place = {n: i for i, n in enumerate(order)}
        for reader in order:
            assert all(place[o] < place[reader] for o in graph.operands[reader])


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("44 / 12 * 3", 11.0),
            ("1 - 0.25 - 0.5", 0.25),
            ("min(3, 2, 5) + max(1, 4)", 6.0),
            ("where(1 < 2, 7, 8)", 7.0),
            ("where(1 >= 2, 7, 8)", 8.0),
            ("-(2 ** 3) + sqrt(9)", -5.0),
            ("0 * a", 0.0),
            ("a * 0", 0.0),
            ("0 * min(a / 2, sin(b)) ** 3", 0.0),
            ("0 * where(a < b, a, -b)", 0.0),
        ],
    )
    def test_arithmetic_on_constants_is_done_at_once(self, text, value):
        graph = Graph()
        assert graph.value(nodes_of(graph, text)) == value

    @pytest.mark.parametrize(
        "text", ["a + 0", "0 + a", "a - 0", "a * 1", "1 * a", "a / 1", "a ** 1"]
    )
    def test_what_changes_nothing_is_left_out(self, text):
        graph = Graph()
        assert nodes_of(graph, text) == graph.quantile("a", UNIFORM)

    @pytest.mark.parametrize("text", ["0 - a", "1 / a", "0 / a", "1 ** a", "a / 0"])
    def test_what_changes_something_stays(self, text):
        graph = Graph()
        node = nodes_of(graph, text)
        assert graph.value(node) is None
        assert node != graph.quantile("a", UNIFORM)

    @pytest.mark.parametrize(
        "text",
        ["0 * (1 / a)", "log(a) * 0", "0 * a ** b", "0 * exp(a)", "0 * (2 - 1 / a)"],
    )
    def test_nothing_times_what_may_not_be_a_number_stays(self, text):
        graph = Graph()
        node = nodes_of(graph, text)
        assert graph.value(node) is None
        zero = np.zeros(DRAWS)
        with np.errstate(all="ignore"):
            (got,) = computed(graph, [node], {"a": zero, "b": zero - 1})
        assert np.isnan(got).all() or text == "0 * exp(a)"

    def test_a_weight_of_nothing_leaves_out_what_it_weighs(self):
        graph = Graph()
        risky = nodes_of(graph, "1 / a")
        for nodes in ((graph.constant(0.0), risky), (risky, graph.constant(0.0))):
            assert graph.value(graph.product(*nodes)) == 0.0

    def test_a_choice_between_the_same_is_no_choice(self):
        graph = Graph()
        assert nodes_of(graph, "where(a < b, c, c)") == graph.quantile("c", UNIFORM)

    def test_a_power_of_two_or_a_half_is_exact(self):
        graph = Graph()
        outputs = [nodes_of(graph, "a ** 2"), nodes_of(graph, "(a * a) ** 0.5")]
        values = leaves("a")
        square, root = computed(graph, outputs, values)
        # one rounding each: square and square root are correctly rounded by IEEE 754
        np.testing.assert_array_equal(square, values["a"] * values["a"])
        np.testing.assert_array_equal(root, np.sqrt(values["a"] * values["a"]))

    def test_the_two_zeros_are_two_nodes(self):
        graph = Graph()
        plus, minus = graph.constant(0.0), graph.constant(-0.0)
        assert plus != minus
        one = graph.constant(1.0)
        assert graph.value(graph.apply("div", (one, plus))) == np.inf
        assert graph.value(graph.apply("div", (one, minus))) == -np.inf
        assert graph.constant(0.0) == plus

    def test_an_input_of_no_width_is_a_constant_in_base_units(self):
        graph = Graph()
        fixed = build("normal", {"mean": 2.0, "sd": 0.0})
        assert graph.value(graph.quantile("a", fixed, 3.6)) == 7.2
        assert graph.columns([graph.quantile("a", fixed)]) == []

    def test_a_point_graph_holds_point_values_only(self):
        graph = Graph(point=True)
        law = build("triangular", {"low": 0.0, "mode": 1.0, "high": 5.0})
        node = graph.apply("exp", (graph.quantile("a", law, 2.0),))
        assert graph.value(node) == np.exp(2.0)


class TestProgram:
    def test_outputs_may_be_constants_leaves_repeats_or_absent(self):
        graph = Graph()
        leaf, number = graph.quantile("a", UNIFORM, 2.0), graph.constant(3.0)
        total = graph.apply("add", (leaf, number))
        outputs = [total, number, leaf, ABSENT, total]
        values = leaves("a")
        got = computed(graph, outputs, values)
        doubled = 2.0 * values["a"]
        for found, expected in zip(
            got,
            [doubled + 3.0, np.full(DRAWS, 3.0), doubled, doubled + 3.0],
            strict=True,
        ):
            np.testing.assert_array_equal(found, expected)
        assert program(graph, outputs).outputs == (total, number, leaf)

    def test_a_choice_is_made_draw_by_draw(self):
        graph = Graph()
        node = nodes_of(graph, "where(a > 0, where(b > a, b, 1), 0 - a)")
        values = leaves("a", "b")
        a, b = values["a"], values["b"]
        expected = [
            (y if y > x else 1.0) if x > 0 else -x for x, y in zip(a, b, strict=True)
        ]
        np.testing.assert_array_equal(computed(graph, [node], values)[0], expected)

    def test_a_condition_is_read_by_two_choices(self):
        graph = Graph()
        outputs = [
            nodes_of(graph, "where(a < b, a, b)"),
            nodes_of(graph, "where(a < b, b, a)"),
        ]
        values = leaves("a", "b")
        low, high = computed(graph, outputs, values)
        np.testing.assert_array_equal(low, np.minimum(values["a"], values["b"]))
        np.testing.assert_array_equal(high, np.maximum(values["a"], values["b"]))

    def test_the_branch_not_taken_does_no_harm(self):
        graph = Graph()
        node = nodes_of(graph, "where(a > 0, log(a), 0)")
        values = leaves("a")
        with np.errstate(invalid="ignore"):
            got = computed(graph, [node], values)[0]
        assert np.isfinite(got).all()

    def test_buffers_are_free_again_after_their_last_reader(self):
        graph, draws = Graph(), 100_000
        node = leaf = graph.quantile("a", UNIFORM)
        for i in range(300):
            step = graph.apply("add", (node, graph.constant(float(i + 2))))
            node = graph.apply("mul", (step, leaf))
        run = program(graph, [node])
        values = leaves("a", draws=draws)["a"] / 4
        tracemalloc.start()
        run.run(draws, lambda _: values.copy(), lambda _, __: None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # alive at once: the leaf, an operand and a result; 600 are computed
        assert peak < 6 * draws * 8

    def test_a_point_run_has_one_draw(self):
        law = build("lognormal", {"median": 3.0, "gsd": 2.0})
        np.testing.assert_array_equal(point(Quantile("a", law, 2.0)), [6.0])

    def test_an_unknown_operation_is_named(self):
        graph = Graph()
        leaf = graph.quantile("a", UNIFORM)
        node = graph.apply("gamma", (leaf, leaf))
        with pytest.raises(ModelError, match="no such operation: gamma"):
            program(graph, [node])


NUMPY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "min": np.minimum,
    "max": np.maximum,
    "neg": np.negative,
    "abs": np.absolute,
    "floor": np.floor,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
}
TESTS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ne": np.not_equal}
UNARY = ("neg", "abs", "floor", "sqrt", "exp", "log")


@dataclass(frozen=True)
class Plan:
    """A random calculation: what each row is made of, and which rows are wanted."""

    rows: tuple
    wanted: tuple[int, ...]


@st.composite
def plans(draw):
    """Rows are a column, a number, an operation on earlier rows, or a choice."""
    rows: list[tuple] = [("column", "a"), ("column", "b"), ("column", "c")]
    for _ in range(draw(st.integers(1, 25))):
        earlier = st.integers(0, len(rows) - 1)
        kind = draw(st.sampled_from(["number", "one", "two", "two", "two", "choice"]))
        if kind == "number":
            numbers = st.sampled_from([0.0, -0.0, 1.0, 2.0, -1.5, 0.25])
            rows.append(("number", draw(numbers)))
        elif kind == "one":
            rows.append((draw(st.sampled_from(UNARY)), draw(earlier)))
        elif kind == "two":
            word = draw(st.sampled_from(sorted(NUMPY.keys() - set(UNARY))))
            rows.append((word, draw(earlier), draw(earlier)))
        else:
            word = draw(st.sampled_from(sorted(TESTS)))
            rows.append(("choice", word, *(draw(earlier) for _ in range(4))))
    wanted = draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=6))
    return Plan(tuple(rows), tuple(wanted))


def naive(plan: Plan, values) -> np.ndarray:
    """Every row as a whole new array, nothing simplified, nothing reused."""
    done: list[np.ndarray] = []
    for word, *rest in plan.rows:
        if word == "column":
            done.append(values[rest[0]])
        elif word == "number":
            done.append(np.full(DRAWS, rest[0]))
        elif word == "choice":
            test, *operands = rest
            a, b, left, right = (done[i] for i in operands)
            done.append(np.where(TESTS[test](a, b), left, right))
        else:
            done.append(NUMPY[word](*(done[i] for i in rest)))
    return np.array(done)


def built(plan: Plan, graph: Graph) -> list[int]:
    nodes: list[int] = []
    for word, *rest in plan.rows:
        if word == "column":
            nodes.append(graph.quantile(rest[0], UNIFORM))
        elif word == "number":
            nodes.append(graph.constant(rest[0]))
        elif word == "choice":
            test, *operands = rest
            a, b, left, right = (nodes[i] for i in operands)
            condition = graph.apply(test, (a, b))
            nodes.append(graph.apply("where", (condition, left, right)))
        else:
            nodes.append(graph.apply(word, tuple(nodes[i] for i in rest)))
    return nodes


@given(plan=plans())
@settings(max_examples=300, deadline=None)
def test_reused_buffers_give_the_numbers_of_naive_evaluation(plan):
    values = leaves("a", "b", "c")
    with np.errstate(all="ignore"):
        expected = naive(plan, values)
        # simplifying is exact on finite numbers; 0 x is 0 even where x is not finite
        finite = np.isfinite(expected).all(axis=0)
        assume(finite.any())
        graph = Graph()
        nodes = built(plan, graph)
        got = computed(graph, [nodes[i] for i in plan.wanted], values)
    for row, found in zip(plan.wanted, got, strict=True):
        np.testing.assert_array_equal(found[finite], expected[row][finite])
