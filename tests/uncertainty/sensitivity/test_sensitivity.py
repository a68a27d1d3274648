import random
import warnings
from math import pi

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from uncertainty.dependence import GaussianCopula, Shared
from uncertainty.distributions import Marginal
from uncertainty.distributions import build as law
from uncertainty.errors import DependenceError, DesignError, ModelError, SampleError
from uncertainty.model import Check
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.sensitivity import (
    CARDS,
    DUMMY,
    Block,
    Problem,
    analyse,
    build,
    differences,
    sobol,
    with_verdicts,
)
from uncertainty.sensitivity import swapped_runs as exchange_module
from uncertainty.sensitivity.evaluation import Evaluator, evaluate
from uncertainty.sensitivity.matmul import product
from uncertainty.sensitivity.swapped_runs import two_sets

STANDARD = law("normal", {"mean": 0, "sd": 1})
ROUND = law("uniform", {"low": -pi, "high": pi})
SIZES = {"delta": 256, "hdmr": 512, "morris": 16, "dgsm": 32, "fast": 512}


def made(
    laws: dict[str, Marginal], formulas: dict[str, str], **options: object
) -> Problem:
    """A problem whose outputs are formulas of its inputs; "" is an absent output."""
    graph = Graph()
    leaves = {name: graph.quantile(name, found) for name, found in laws.items()}
    nodes = [
        parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
        if text
        else ABSENT
        for text in formulas.values()
    ]
    outputs = xr.DataArray(
        np.array(nodes), dims="output", coords={"output": list(formulas)}
    )
    return build(graph, outputs.assign_attrs(units="kg"), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ishigami() -> Problem:
    text = "sin(x1) + 7 * sin(x2)**2 + 0.1 * x3**4 * sin(x1)"
    laws = dict.fromkeys(("x1", "x2", "x3"), ROUND)
    return made(laws, {"y": text})


@pytest.fixture(scope="module")
def additive() -> Problem:
    laws = {f"x{i}": law("normal", {"mean": i, "sd": i}) for i in (1, 2, 3)}
    return made(laws, {"y": "x1 + x2 + x3"})


TESTS = {
    "ishigami": (
        dict.fromkeys(("x1", "x2", "x3"), ROUND),
        "sin(x1) + 7 * sin(x2)**2 + 0.1 * x3**4 * sin(x1)",
    ),
    "g": (
        {f"x{i}": law("uniform", {"low": 0, "high": 1}) for i in range(4)},
        " * ".join(f"(abs(4 * x{i} - 2) + {i}) / {1 + i}" for i in range(4)),
    ),
    "chain": (
        {f"x{i}": law("lognormal", {"median": i, "gsd": 1.4}) for i in range(1, 6)},
        "x1 * x2 / x3 + x4 * max(x5, 4) + 1000",
    ),
}


def through_salib(problem: Problem, n: int, second: bool) -> dict[str, np.ndarray]:
    """SALib's indices of the first output, on the runs that ours are made of."""
    from SALib.analyze import sobol as analyser

    a, b = two_sets(problem, n, 3)

    def runs(base, other, factor):
        def levels(column):
            return (other if column == factor else base)(column)

        return evaluate(problem, levels, n)[0]

    names = list(problem.factors)
    sets = [runs(a, b, None), *(runs(a, b, name) for name in names)]
    if second:
        sets += [runs(b, a, name) for name in names]
    sets.append(runs(b, a, None))
    spec = {"num_vars": len(names), "names": names, "bounds": [[0, 1]] * len(names)}
    return analyser.analyze(
        spec, np.stack(sets, axis=1).ravel(), calc_second_order=second, seed=1
    )


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("second", [False, True])
def test_indices_are_salibs_on_the_same_runs(name, second):
    problem = made(TESTS[name][0], {"y": TESTS[name][1]})
    theirs = through_salib(problem, 512, second)
    pairs = problem.outputs if second else ()
    ours = sobol(problem, 512, seed=3, centre="all", second_order=pairs).isel(output=0)
    ours = ours.drop_sel(parameter=DUMMY)
    # the estimators are the same and sums are of order 1: rounding alone is left
    np.testing.assert_allclose(ours["first_order"], theirs["S1"], atol=1e-10)
    np.testing.assert_allclose(ours["total_order"], theirs["ST"], atol=1e-10)
    if second:
        above = np.triu_indices(len(theirs["S1"]), 1)
        mine = ours["second_order"].drop_sel(parameter_2=DUMMY).values[above]
        np.testing.assert_allclose(mine, theirs["S2"][above], atol=1e-10)


@pytest.mark.parametrize("name", TESTS)
def test_the_centre_moves_first_order_by_what_is_stated_and_total_not_at_all(name):
    problem = made(TESTS[name][0], {"y": TESTS[name][1]})
    ours = sobol(problem, 512, seed=3).isel(output=0)
    theirs = sobol(problem, 512, seed=3, centre="all").isel(output=0)
    a, b = two_sets(problem, 512, 3)
    rows = {None: evaluate(problem, a, 512)[0], "B": evaluate(problem, b, 512)[0]}
    for factor in problem.factors:
        rows[factor] = evaluate(
            problem, lambda c, f=factor: (b if c == f else a)(c), 512
        )[0]
    both = np.concatenate([rows[None], rows["B"]])
    offset = np.mean(list(rows.values())) - both.mean()
    for factor in problem.factors:
        stated = offset * np.mean(rows[factor] - rows[None]) / both.var()
        got = ours["first_order"] - theirs["first_order"]
        # rounding: terms of order 1
        assert float(got.sel(parameter=factor)) == pytest.approx(stated, abs=1e-10)
    np.testing.assert_allclose(
        ours["total_order"].drop_sel(parameter=DUMMY),
        theirs["total_order"].drop_sel(parameter=DUMMY),
        atol=1e-10,
    )
    # which at this n is far below what any bound can tell
    width = ours["first_order_upper"] - ours["first_order_lower"]
    assert (abs(ours["first_order"] - theirs["first_order"]) <= 0.2 * width).all()


def test_additive_normals_have_their_shares(additive):
    found = sobol(additive, 4096, seed=0).isel(output=0)
    shares = np.array([1, 4, 9]) / 14
    for index in ("first_order", "total_order"):
        # se of a plain estimate is below 2 / sqrt(4096) = 0.03; scrambled nets less
        np.testing.assert_allclose(found[index][:3], shares, atol=0.03)
    # no interactions: the orders agree and sum to 1
    assert float(found["first_order"][:3].sum()) == pytest.approx(1, abs=0.05)
    assert float(found["total_order"][:3].sum()) == pytest.approx(1, abs=0.02)


def test_bounds_hold_the_truth_as_often_as_they_say_and_are_no_wider():
    laws = {f"x{i}": law("lognormal", {"median": 1, "gsd": 1 + i / 5}) for i in (1, 2)}
    problem = made(laws, {"y": "x1 * x2"})
    variances = np.log([1.2, 1.4]) ** 2
    own = np.expm1(variances)
    whole = np.expm1(variances.sum())
    truths = {"first_order": own / whole, "total_order": own * (1 + own[::-1]) / whole}
    found = [
        sobol(problem, 512, seed=s).isel(output=0, parameter=[0, 1]) for s in range(60)
    ]
    for index, truth in truths.items():
        value, lower, upper = (
            np.array([f[index + end].values for f in found])
            for end in ("", "_lower", "_upper")
        )
        inside = (lower <= truth) & (truth <= upper)
        # 120 trials at 95 %, in pairs: a standard error of up to 2.8 %
        assert 0.88 < inside.mean() <= 1
        # Student's 2.36 of a standard error, known to 1/sqrt(118) and better
        reach = (upper - lower).mean(axis=0) / 2 / (2.36 * value.std(axis=0, ddof=1))
        np.testing.assert_allclose(reach, 1, atol=0.35)


def test_a_factor_that_an_output_does_not_read_has_no_index():
    laws = {"x1": STANDARD, "x2": STANDARD}
    problem = made(laws, {"y": "x1 * x2", "one": "exp(x1)", "none": "3", "absent": ""})
    found = sobol(problem, 128, seed=0, second_order=problem.outputs)
    other = found.sel(output="one", parameter="x2")
    for name in ("first_order", "total_order"):
        for end in ("", "_lower", "_upper"):
            assert float(other[name + end]) == 0
    assert float(found["second_order"].sel(output="one")[0, 1]) == 0
    for output in ("none", "absent"):
        assert found["total_order"].sel(output=output).isnull().all()
        assert not found["important"].sel(output=output).any()
    assert found.attrs["constant"] == "output none"
    assert float(found["variance"].sel(output="none")) == 0
    assert np.isnan(found["variance"].sel(output="absent"))


def test_a_constant_that_rounding_blurs_is_a_constant():
    problem = made({"x": STANDARD}, {"y": "x", "flat": "1000 + 1e-12 * x"})
    found = sobol(problem, 128, seed=0)
    assert found["first_order"].sel(output="flat").isnull().all()
    assert found.attrs["constant"] == "output flat"


def test_the_noise_floor_is_exactly_none(ishigami):
    found = sobol(ishigami, 4096, seed=1).isel(output=0).sel(parameter=DUMMY)
    for index in ("first_order", "total_order"):
        assert all(float(found[index + end]) == 0 for end in ("", "_lower", "_upper"))
    assert not bool(found["important"])
    assert not bool(found["unimportant"])


def test_a_verdict_holds_bounds_against_the_share():
    laws = dict.fromkeys(("x1", "x2", "x3"), STANDARD)
    problem = made(laws, {"y": "x1 + 0.2 * x2 + 0.01 * x3"})
    found = sobol(problem, 512, seed=0).isel(output=0)
    # 3.8 % and 1e-4 of the variance
    assert found["important"].values.tolist() == [True, True, False, False]
    assert found["unimportant"].values.tolist() == [False, False, True, False]
    assert found["settling_n"].isnull().all()
    found = sobol(problem, 512, seed=0, share=0.05).isel(output=0)
    assert found["unimportant"].values.tolist() == [False, True, True, False]
    with pytest.raises(DesignError, match="share must lie between 0 and 1, not 5"):
        sobol(problem, 512, seed=0, share=5)


def test_what_is_not_settled_says_at_what_n_it_would_be():
    laws = dict.fromkeys(("x1", "x2"), STANDARD)
    # x2 has 1 % of the variance, to 2 % of itself
    problem = made(laws, {"y": "x1 + 0.1015 * x2"})
    few = sobol(problem, 64, seed=0).isel(output=0, parameter=1)
    assert not bool(few["important"] | few["unimportant"])
    needed = float(few["settling_n"])
    assert needed > 64
    assert np.log2(needed) % 1 == 0


def test_ranks_are_settled_where_bounds_part_and_not_where_they_overlap():
    laws = dict.fromkeys(("x1", "x2", "x3"), STANDARD)
    found = sobol(made(laws, {"y": "x1 + 0.999 * x2 + 3 * x3"}), 1024, seed=0)
    found = found.isel(output=0)
    assert found["settled"].values.tolist()[:3] == [False, False, True]
    assert int(found["rank"].sel(parameter="x3")) == 1
    assert found.attrs["ranked_by"] == "total_order"


def test_an_index_without_bounds_ranks_and_gives_no_verdict():
    indices = xr.Dataset(
        {"score": ("parameter", [0.1, 0.3, np.nan])},
        coords={"parameter": ["a", "b", DUMMY]},
    )
    found = with_verdicts(indices, "score")
    assert found["rank"].values.tolist() == [2, 1, 3]
    assert set(found.data_vars) == {"score", "rank"}


def test_a_group_is_one_factor(ishigami):
    laws, text = TESTS["ishigami"]
    problem = made(laws, {"y": text}, groups={"odd": ("x1", "x3")})
    assert dict(problem.factors) == {"odd": ("x1", "x3"), "x2": ("x2",)}
    found = sobol(problem, 4096, seed=0).isel(output=0)
    # closed form: V(x2) = 7^2 / 8 of 13.8446, the rest is the group's
    share = 49 / 8 / 13.8445879407193
    for index in ("first_order", "total_order"):
        np.testing.assert_allclose(found[index][:2], [1 - share, share], atol=0.03)
    assert found["columns"].values.tolist() == ["x1, x3", "x2", ""]


@pytest.mark.parametrize(
    "block",
    [
        Block("tied", ("x1", "x2"), np.array([[1.0, 0.8], [0.8, 1.0]])),
        GaussianCopula(("x1", "x2"), ((1.0, 0.8), (0.8, 1.0))),
    ],
)
def test_a_dependent_block_is_one_factor_with_its_covariance(block):
    laws = dict.fromkeys(("x1", "x2", "x3"), STANDARD)
    problem = made(laws, {"y": "x1 + x2 + x3"}, blocks=[block])
    found = sobol(problem, 4096, seed=0).isel(output=0)
    assert len(problem.factors) == 2
    # 1 + 1 + 2 x 0.8 of it and 1 more
    shares = [3.6 / 4.6, 1 / 4.6]
    for index in ("first_order", "total_order"):
        np.testing.assert_allclose(found[index][:2], shares, atol=0.03)
    # 8192 runs: a standard error of sqrt(2 / 8192) = 1.6 % of the variance
    assert float(found["variance"]) == pytest.approx(4.6, rel=0.05)


def test_columns_of_a_copula_that_nothing_reads_are_left_out():
    matrix = np.array([[1, 0.5, 0.2], [0.5, 1, 0.1], [0.2, 0.1, 1]])
    problem = made(
        {"x1": STANDARD, "x3": STANDARD},
        {"y": "x1 + x3"},
        blocks=[Block("tied", ("x1", "x2", "x3"), matrix)],
    )
    assert problem.factors == {"tied": ("x1", "x3")}
    assert problem.blocks[0].correlation[0, 1] == 0.2


def test_a_join_of_any_kind_is_drawn_whole():
    def counter(levels: np.ndarray) -> np.ndarray:
        return np.stack([levels[0], 1 - levels[0]])

    problem = made(
        {"x1": STANDARD, "x2": STANDARD, "x3": STANDARD},
        {"y": "x1 + x2 + x3"},
        blocks=[Block("tied", ("x1", "x2"), join=counter)],
    )
    found = sobol(problem, 512, seed=0).isel(output=0)
    # x1 and x2 cancel, up to the error of quantile tables: 1e-7 sd
    np.testing.assert_allclose(found["first_order"][:2], [0, 1], atol=0.1)
    assert float(found["total_order"].sel(parameter="tied")) < 1e-12


def test_columns_that_share_a_draw_are_one():
    problem = made(
        {"x1": STANDARD, "x2": STANDARD, "x3": STANDARD},
        {"y": "x1 + x2", "z": "x1 - x3"},
        blocks=[Shared(("x1", "x2")), Shared(("x2", "x3"), frozenset({"x3"}))],
    )
    assert problem.factors == {"x1": ("x1",)}
    found = sobol(problem, 512, seed=0)
    # both are 2 x1: four times the variance; 1024 runs, standard error 4 %
    np.testing.assert_allclose(found["variance"], [4, 4], rtol=0.15)
    np.testing.assert_allclose(found["variance"][0], found["variance"][1], rtol=1e-6)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
@settings(max_examples=15, deadline=None)
def test_indices_do_not_follow_a_change_of_units(shift, scale):
    problem = made(
        {"x1": STANDARD, "x2": STANDARD},
        {"y": "x1 + x1 * x2", "moved": f"({shift}) + {scale} * (x1 + x1 * x2)"},
    )
    found = sobol(problem, 64, seed=5)
    # a shift of 1e3 on a scale of 1e-3 leaves ten digits of the output
    for name in ("first_order", "total_order", "total_order_upper"):
        np.testing.assert_allclose(*found[name].values, rtol=1e-6, atol=1e-8)


def test_one_more_output_and_outputs_in_parts_change_nothing(monkeypatch):
    laws, text = TESTS["chain"]
    formulas = {"y": text, "z": "x1 + x4", "u": "x5 * x1"}
    whole = sobol(made(laws, formulas), 256, seed=2)
    monkeypatch.setattr(exchange_module, "BUDGET", 1)
    parts = sobol(made(laws, formulas), 256, seed=2)
    # rows are shared out differently among products, whose sums may round otherwise
    xr.testing.assert_allclose(whole, parts, rtol=1e-12, atol=1e-12)
    assert sobol(made(laws, formulas), 256, seed=2).identical(parts)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_only_what_lies_downstream_is_computed_again(data):
    laws = {f"x{i}": law("uniform", {"low": 1, "high": 2}) for i in range(4)}
    formulas = {
        "a": "x0 * x1 + where(x2 > 1.5, x2, x3)",
        "b": "x0 * x1",
        "c": "exp(x0 * x1 - x3) / x2 + x0",
        "d": "x3",
        "e": "2",
    }
    problem = made(laws, formulas)
    draw = st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3)
    a, b = (
        {name: np.array(data.draw(draw)) for name in problem.columns} for _ in range(2)
    )
    changed = data.draw(st.sets(st.sampled_from(problem.columns), min_size=1))
    evaluator = Evaluator(problem, problem.nodes)
    base = evaluator.base(evaluator.leaves(problem.columns, a.__getitem__))
    before = {node: np.copy(value) for node, value in base.items()}
    moved = evaluator.moved(base, evaluator.leaves(changed, b.__getitem__))
    mixed = {name: (b if name in changed else a)[name] for name in problem.columns}
    expected = dict(
        zip(problem.nodes, evaluate(problem, mixed.__getitem__, 3), strict=True)
    )
    for node, value in expected.items():
        np.testing.assert_array_equal(
            np.broadcast_to(moved.get(node, base[node]), 3), value
        )
        reads = set(problem.graph.columns([node]))
        assert (node in moved) == bool(reads & changed)
    for node, value in before.items():
        np.testing.assert_array_equal(base[node], value)


@given(st.integers(1, 70), st.integers(1, 300), st.integers(1, 400))
@settings(max_examples=20, deadline=None)
def test_a_product_in_pieces_is_the_product(m, k, n):
    rng = np.random.default_rng(m)
    left, right = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    np.testing.assert_allclose(product(left, right), left @ right, atol=1e-11)


def test_differences_are_labelled_and_cancel_what_is_shared():
    graph = Graph()
    x, y = graph.quantile("x", STANDARD), graph.quantile("y", STANDARD)
    nodes = xr.DataArray(
        np.array([[x, x], [graph.apply("add", (x, y)), ABSENT]]),
        dims=("scenario", "output"),
        coords={"scenario": ["now", "then"], "output": ["a", "b"]},
    )
    found = differences(graph, nodes, "scenario", "now")
    assert found["scenario"].values.tolist() == ["then - now"]
    assert found.sel(output="b").item() == ABSENT
    indices = sobol(build(graph, found), 512, seed=0)
    np.testing.assert_allclose(
        indices["total_order"].sel(parameter=["x", "y"])[0, 0], [0, 1], atol=0.15
    )
    with pytest.raises(ModelError, match="no scenario 'never' among the outputs"):
        differences(graph, nodes, "scenario", "never")


@pytest.mark.parametrize("method", CARDS)
@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_a_seed_gives_the_same_twice_and_leaves_the_world_alone(method, seed, additive):
    size = SIZES.get(method, 512)
    legacy, plain = np.random.get_state(), random.getstate()  # noqa: NPY002
    formatter, filters = warnings.formatwarning, list(warnings.filters)
    first = analyse(method, additive, size, seed=seed)
    np.random.random(3)  # noqa: NPY002  # what others draw must not matter
    np.random.set_state(legacy)  # noqa: NPY002
    second = analyse(method, additive, size, seed=seed)
    assert first.identical(second)
    np.testing.assert_equal(np.random.get_state(), legacy)  # noqa: NPY002
    assert random.getstate() == plain
    assert warnings.formatwarning is formatter
    assert list(warnings.filters) == filters
    assert {"method", "n", "seed", "evaluations"} <= first.attrs.keys()
    assert first["parameter"].values.tolist()[-1] == DUMMY
    assert ("important" in first) == (not CARDS[method].rough)
    if not CARDS[method].rough:
        assert not first["important"].sel(parameter=DUMMY).any()
    assert set(CARDS[method].shown) <= set(first.data_vars)


@pytest.mark.parametrize("method", CARDS)
def test_another_seed_gives_something_else(method, additive):
    one, two = (
        analyse(method, additive, SIZES.get(method, 512), seed=s) for s in (0, 1)
    )
    assert not one.drop_attrs().identical(two.drop_attrs())


@pytest.mark.parametrize("method", CARDS)
def test_a_run_that_is_not_finite_is_refused(method):
    problem = made({"x1": STANDARD, "x2": STANDARD}, {"bad": "log(x1) + x2"})
    with pytest.raises(SampleError, match=r"output bad: .* runs are not finite"):
        analyse(method, problem, SIZES.get(method, 512), seed=0)


@pytest.mark.parametrize("method", ["sobol", "shapley", "pawn", "morris"])
def test_a_failed_check_is_told(method, additive):
    checks = [Check(int(additive.outputs[0]), "y must be positive")]
    problem = build(additive.graph, additive.outputs, checks=checks)
    with pytest.raises(ModelError, match="y must be positive"):
        analyse(method, problem, SIZES.get(method, 512), seed=0)


def test_a_method_is_asked_for_by_its_name(additive):
    with pytest.raises(DesignError, match=r"no method 'sobl'; did you mean sobol\?"):
        analyse("sobl", additive, 64, seed=0)
    with pytest.raises(DesignError, match="morris has no second order; take sobol"):
        analyse("morris", additive, 8, seed=0, second_order=additive.outputs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 1000}, "n must be a power of two, 16 or more, not 1000"),
        ({"level": 1.0}, "level must lie between 0 and 1, not 1"),
        ({"second_order": [10**6]}, r"nodes \[1000000\], which are no outputs"),
    ],
)
def test_what_cannot_be_had_is_refused(additive, options, message):
    with pytest.raises(DesignError, match=message):
        sobol(additive, **{"n": 64, "seed": 0} | options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"groups": {"a": ["x1"], "b": ["x1"]}},
            DesignError,
            "x1 stands in two groups",
        ),
        ({"groups": {"dummy": ["x1"]}}, DesignError, "'dummy' is kept for the factor"),
        ({"groups": {"x2": ["x1"]}}, DesignError, "x2 is the name of a group and of a"),
        (
            {"groups": {"g": ["x1"]}, "blocks": [Block("tied", ("x1", "x2"))]},
            DependenceError,
            r"block tied holds dependent inputs \(x1, x2\) .* put all of it in one",
        ),
        (
            {"blocks": [Block("a", ("x1", "x2")), Block("b", ("x1",))]},
            DesignError,
            "x1 stands in two blocks: a and b",
        ),
    ],
)
def test_factors_that_contradict_each_other_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        made({"x1": STANDARD, "x2": STANDARD}, {"y": "x1 + x2"}, **options)


def test_nothing_uncertain_is_nothing_to_analyse():
    with pytest.raises(ModelError, match="no output depends on an uncertain input"):
        made({}, {"y": "2"})


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(3), r"2 columns take a 2 x 2 correlation, not \(3, 3\)"),
        ([[1, 0.5], [0.4, 1]], "not a correlation matrix"),
        ([[2, 0.5], [0.5, 2]], "not a correlation matrix"),
        ([[1, 1.5], [1.5, 1]], "not a correlation matrix"),
    ],
)
def test_a_matrix_that_is_no_correlation_is_refused(matrix, message):
    with pytest.raises(DependenceError, match=message):
        Block("tied", ("x1", "x2"), np.array(matrix))
    with pytest.raises(DependenceError, match="state a correlation or a join"):
        Block("tied", ("x1", "x2"), np.eye(2), join=lambda levels: levels)


def test_a_joined_block_has_its_rank_correlation():
    block = Block("tied", ("x1", "x2"), np.array([[1.0, 0.6], [0.6, 1.0]]))
    levels = np.random.default_rng(0).random((2, 20_000))
    found = stats.spearmanr(*block.joined(levels)).statistic
    # 6 / pi arcsin(r / 2); standard error 1 / sqrt(20000) = 0.007
    assert found == pytest.approx(6 / pi * np.arcsin(0.3), abs=0.025)
