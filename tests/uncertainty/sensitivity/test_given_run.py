"""Methods that take a run against closed forms: ranks, HSIC, decisions, targets."""

from math import exp, log, pi, sqrt

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from uncertainty.designs import design
from uncertainty.distributions import Marginal
from uncertainty.distributions import build as law
from uncertainty.errors import DesignError, SampleError
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.seeds import pages
from uncertainty.sensitivity import (
    DUMMY,
    Problem,
    analyse,
    build,
    decision_value,
    hsic,
    of_run,
    passing,
    plain_run,
    rank,
)

NORMAL = law("normal", {"mean": 0, "sd": 1})
WEIGHTS = {"a": 1.0, "b": 0.5, "c": 0.2}


def made(laws: dict[str, Marginal], text: str, limit: float | None = None) -> Problem:
    graph = Graph()
    leaves = {name: graph.quantile(name, found) for name, found in laws.items()}
    node = parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
    nodes = xr.DataArray(np.array([node]), dims="output", attrs={"units": "kg"})
    return build(graph, nodes if limit is None else passing(graph, nodes, limit))


def line(shift: float = 0.0, limit: float | None = None) -> Problem:
    text = " + ".join(f"{w} * {name}" for name, w in WEIGHTS.items())
    return made(dict.fromkeys(WEIGHTS, NORMAL), f"{shift} + {text}", limit)


def bounded(found: xr.Dataset, index: str, count: int = 3) -> list[np.ndarray]:
    cell = found.isel(output=0, parameter=slice(count))
    return [cell[index + end].values for end in ("", "_lower", "_upper")]


def random_run(draws: int, seed: int) -> tuple[xr.DataArray, xr.DataArray]:
    rng = np.random.default_rng(seed)
    inputs = xr.DataArray(
        rng.random((3, draws)),
        dims=("parameter", "draw"),
        coords={"parameter": list("abc")},
    )
    score = stats.norm.ppf(inputs.values)
    rows = np.array([1.0, 0.5, 0.0]) @ score
    return inputs, xr.DataArray(rows[None], dims=("output", "draw"))


class TestRank:
    def test_first_order_is_the_closed_form(self):
        uniform = law("uniform", {"low": -pi, "high": pi})
        text = "sin(a) + 7 * sin(b)**2 + 0.1 * c**4 * sin(a)"
        problem = made(dict.fromkeys("abc", uniform), text)
        found = analyse("rank", problem, 16_384, seed=1)
        value, lower, upper = bounded(found, "first_order")
        truth = np.array([0.313905191147811, 0.442411144790041, 0.0])
        # twice a 95 % interval
        assert (np.abs(value - truth) < upper - lower).all()
        assert (upper - lower < 0.08).all()
        # the output is no function of any one of them, and c tells of its spread
        assert float(found["xi"].sel(parameter="c")[0]) > 0.005

    def test_of_a_function_of_one_input_both_are_one(self):
        problem = made({"a": NORMAL}, "exp(a)")
        found = analyse("rank", problem, 16_384, seed=1)
        assert float(found["xi"][0, 0]) == pytest.approx(1, abs=2e-3)
        # neighbours in the tail of a lognormal lie apart
        assert float(found["first_order"][0, 0]) == pytest.approx(1, abs=0.02)
        assert abs(float(found["xi"].sel(parameter=DUMMY)[0])) < 0.03

    def test_bounds_hold_for_random_draws(self):
        truth, inside = np.array([0.8, 0.2, 0.0]), []
        for seed in range(60):
            found = rank(*random_run(4096, seed), seed=seed)
            _, lower, upper = bounded(found, "first_order")
            inside.append((lower <= truth) & (truth <= upper))
        # 180 trials in threes: a standard error of 2 to 3 %
        assert np.mean(inside) > 0.87

    @pytest.mark.parametrize("replicates", [2, 3, 8])
    def test_few_scrambles_are_paired_with_others(self, replicates):
        # neighbours within one scrambled net are no independent draws
        for seed in range(3):
            plan = design(
                "sobol",
                draws=8192,
                seed=seed,
                columns=list("abc"),
                replicates=replicates,
            )
            pages_of = range(pages(plan.draws))
            levels = np.stack(
                [np.concatenate([plan.levels(c, p) for p in pages_of]) for c in "abc"]
            )
            rows = np.array([2.0, 1.0, 0.0]) @ stats.norm.ppf(levels)
            inputs = xr.DataArray(
                levels, dims=("parameter", "draw"), coords={"parameter": list("abc")}
            )
            outputs = xr.DataArray(rows[None], dims=("output", "draw"))
            found = rank(inputs, outputs, seed=0, replicates=replicates)
            value, lower, upper = bounded(found, "first_order")
            assert (np.abs(value - [0.8, 0.2, 0.0]) < upper - lower).all()

    def test_draws_have_to_split_into_replicates_and_need_not_into_parts(self):
        inputs, outputs = random_run(1020, 0)
        with pytest.raises(
            SampleError, match="1020 draws do not split into 7 replicat"
        ):
            rank(inputs, outputs, seed=0, replicates=7)
        # 17 replicates of 60 are 34 halves of 30; 1 of 1020 is 16 parts of 63
        assert rank(inputs, outputs, seed=0, replicates=17).attrs["n"] == 1020
        assert rank(inputs, outputs, seed=0).attrs["n"] == 1008


class TestHsic:
    def test_independence_has_its_p_values(self):
        rng = np.random.default_rng(0)
        p_values = []
        for seed in range(100):
            inputs = xr.DataArray(
                rng.random((4, 1024)),
                dims=("parameter", "draw"),
                coords={"parameter": list("abcd")},
            )
            outputs = xr.DataArray(rng.normal(size=(3, 1024)), dims=("output", "draw"))
            p_values += (
                hsic(inputs, outputs, seed=seed)["p_value"].values.ravel().tolist()
            )
        shares = [np.mean(np.array(p_values) < level) for level in (0.01, 0.05, 0.5)]
        # 1500 p-values, some of one sample: three standard errors
        off = np.abs(np.array(shares) - [0.01, 0.05, 0.5])
        assert (off < [0.01, 0.02, 0.05]).all()

    def test_a_monotone_function_has_one_and_a_hidden_one_is_seen(self):
        found = analyse("hsic", made({"a": NORMAL}, "exp(a)"), 4096, seed=0)
        assert float(found["hsic"][0, 0]) == pytest.approx(1, abs=1e-3)
        # symmetric: no correlation, first order of ranks alone
        found = analyse(
            "hsic", made({"a": NORMAL, "b": NORMAL}, "a**2 + b"), 4096, seed=0
        )
        assert (found["p_value"][0, :2] < 1e-6).all()
        assert bool(found["important"].sel(parameter="a")[0])
        assert float(found["p_value"].sel(parameter=DUMMY)[0]) > 0.01
        assert not bool(found["important"].sel(parameter=DUMMY)[0])

    def test_nothing_depends_on_units_or_tails(self):
        inputs, outputs = random_run(1024, 3)
        plain = hsic(inputs, outputs, seed=0)
        moved = hsic(inputs, np.exp(9 * outputs), seed=0)
        xr.testing.assert_allclose(plain, moved, rtol=1e-9)


class TestDecision:
    @pytest.mark.parametrize("shift", [0.0, 0.3, -1.0])
    def test_values_are_the_closed_form(self, shift):
        def worth(spread: float) -> float:
            ratio = abs(shift) / spread
            return spread * stats.norm.pdf(ratio) - abs(shift) * stats.norm.cdf(-ratio)

        found = analyse("decision_value", line(shift), 16_384, seed=2)
        value, lower, upper = bounded(found, "evppi")
        truth = np.array([worth(weight) for weight in WEIGHTS.values()])
        # twice a 95 % interval; a choice that is made falls short by next to nothing
        assert (np.abs(value - truth) <= upper - lower + 1e-4).all()
        whole = worth(sqrt(sum(w**2 for w in WEIGHTS.values())))
        assert float(found["evpi"][0]) == pytest.approx(whole, rel=0.02)
        assert found["evppi"].attrs["units"] == "kg"
        assert float(found["evppi"].sel(parameter=DUMMY)[0]) == pytest.approx(
            0, abs=2e-3
        )

    def test_where_nothing_can_change_the_choice_it_is_worth_nothing(self):
        found = analyse("decision_value", line(50.0), 16_384, seed=2)
        assert float(found["evpi"][0]) == 0
        assert (found["evppi"] == 0).all()
        assert not (found["important"] | found["unimportant"]).any()


class TestTarget:
    LIMIT = 1.5

    def first_order(self) -> np.ndarray:
        """Of the indicator of a normal sum: from the bivariate normal."""
        variance = sum(w**2 for w in WEIGHTS.values())
        bar = self.LIMIT / sqrt(variance)
        beyond = stats.norm.sf(bar)
        shares = []
        for weight in WEIGHTS.values():
            # E[P(y > limit | x)^2] is that of two sums that share x alone
            rho = weight**2 / variance
            both = stats.multivariate_normal(cov=[[1, rho], [rho, 1]])
            shares.append(both.cdf([-bar, -bar]) - beyond**2)
        return np.array(shares) / (beyond * (1 - beyond))

    @pytest.mark.parametrize("method", ["sobol", "given_data", "rank"])
    def test_what_passes_a_limit_is_the_closed_form(self, method):
        found = analyse(method, line(limit=self.LIMIT), 16_384, seed=4)
        value, lower, upper = bounded(found, "first_order")
        assert (np.abs(value - self.first_order()) < upper - lower + 0.003).all()

    def test_a_limit_that_no_draw_passes_has_no_index(self):
        found = analyse("sobol", line(limit=99.0), 512, seed=0)
        assert found["first_order"].isnull().all()

    def test_absent_outputs_stay_absent(self):
        graph = Graph()
        x = graph.quantile("x", NORMAL)
        nodes = xr.DataArray(np.array([x, ABSENT]), dims="output")
        assert passing(graph, nodes, 0.0).values[1] == ABSENT

    def test_within_what_passes_other_inputs_may_matter(self):
        # only b moves what lies above 0.3: exp(a) has next to no part of it
        problem = made(
            {"a": NORMAL, "b": NORMAL}, "where(a > 0.5, 1 + 0.1 * b, 0.1 * a)"
        )
        inputs, outputs = plain_run(problem, 16_384, seed=0)
        there = of_run("hsic", inputs, outputs, seed=0, replicates=16, above=0.7)
        assert int(there["rank"].sel(parameter="b")[0]) == 1
        assert bool(there["unimportant"].sel(parameter="a")[0])
        usual = of_run("hsic", inputs, outputs, seed=0, replicates=16)
        assert int(usual["rank"].sel(parameter="a")[0]) == 1
        with pytest.raises(SampleError, match="draws pass 50; take 256 or more"):
            of_run("hsic", inputs, outputs, seed=0, replicates=16, above=50)


@pytest.mark.parametrize("method", [rank, hsic, decision_value])
def test_a_share_and_a_level_that_are_none_are_refused(method):
    inputs, outputs = random_run(1024, 0)
    with pytest.raises(DesignError, match="level must lie between 0 and 1, not 2"):
        method(inputs, outputs, seed=0, level=2)
    with pytest.raises(DesignError, match="share must lie between 0 and 1, not 2"):
        method(inputs, outputs, seed=0, share=2)


@pytest.mark.parametrize("method", [rank, hsic, decision_value])
def test_absent_and_constant_outputs_have_nothing(method):
    inputs, outputs = random_run(1024, 0)
    rows = np.concatenate(
        [outputs, np.full((1, 1024), 7.0), np.full((1, 1024), np.nan)]
    )
    found = method(inputs, xr.DataArray(rows, dims=("output", "draw")), seed=0)
    main = found.attrs["ranked_by"]
    assert found[main][1:].isnull().all()
    assert not found["important"][1:].any()


def test_lognormal_products_have_their_first_order():
    gsd = {"a": 1.5, "b": 1.3}
    laws = {n: law("lognormal", {"median": 1, "gsd": g}) for n, g in gsd.items()}
    found = analyse("rank", made(laws, "a * b"), 16_384, seed=0)
    value, lower, upper = bounded(found, "first_order", 2)
    own = np.array([exp(log(g) ** 2) - 1 for g in gsd.values()])
    truth = own / (np.prod(1 + own) - 1)
    assert (np.abs(value - truth) < upper - lower).all()
