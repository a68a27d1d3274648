"""When it is enough: the guide's tolerance, adaptive runs, and the trace of a run."""

from math import sqrt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from uncertainty.dependence import Shared, copula
from uncertainty.designs import design
from uncertainty.distributions import build
from uncertainty.errors import ModelError
from uncertainty.model import Model, Table
from uncertainty.model.expressions import parse
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.run.adaptive import (
    Until,
    adapt,
    block_draws,
    least_draws,
    numerical_tolerance,
    trace,
)
from uncertainty.run.propagation import propagate
from uncertainty.seeds import PAGE

DESIGNS = ["random", "latin_hypercube", "sobol"]
LAWS = {
    "a": ("normal", {"mean": 0, "sd": 1}),
    "b": ("lognormal", {"median": 1, "gsd": 1.2}),
    "c": ("uniform", {"low": -1, "high": 1}),
}


def model_of(*formulas: str) -> Model:
    """A model of one table with a cell for each formula."""
    graph = Graph()
    leaves = {name: graph.quantile(name, build(*law)) for name, law in LAWS.items()}
    nodes = [
        parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
        if text
        else ABSENT
        for text in formulas
    ]
    names = tuple(f"y{i}" for i in range(len(nodes)))
    table = Table("y", "y", np.array([[nodes]]), "1", dims=("o",), coords={"o": names})
    inputs = {
        name: Table(name, name, np.array([[node]]), "1")
        for name, node in leaves.items()
    }
    return Model(graph, ("only",), (), inputs, {"y": table})


def stop_of(model: Model, until: Until, kind: str, seed: int = 1, **more: object):
    return adapt(model, model.outputs["y"], until, kind=kind, seed=seed, **more)  # type: ignore[arg-type]


class TestNumericalTolerance:
    @given(digits=st.integers(1, 6), value=st.floats(1e-9, 1e9))
    def test_it_is_half_a_unit_in_the_last_digit(self, digits, value):
        tolerance = numerical_tolerance(value, digits)
        # rounded to the digits asked for, a value moves by half a unit at most
        rounded = float(f"{value:.{digits - 1}e}")
        assert abs(rounded - value) <= tolerance * (1 + 1e-9)
        steps = rounded / (2 * tolerance)
        assert steps == pytest.approx(round(steps), abs=1e-6)
        assert 10 ** (digits - 1) <= round(steps) < 10**digits

    @given(value=st.floats(1e-9, 1e9), scale=st.sampled_from([1e-3, 1e3, 1e6]))
    def test_it_follows_a_change_of_units(self, value, scale):
        moved = numerical_tolerance(value * scale, 2)
        assert moved == pytest.approx(scale * numerical_tolerance(value, 2), rel=1e-12)

    def test_no_spread_takes_no_tolerance(self):
        assert numerical_tolerance(0, 2) == 0

    def test_no_digits_are_refused(self):
        with pytest.raises(ValueError, match="digits must be 1 or more, not 0"):
            numerical_tolerance(1, 0)

    def test_a_negative_uncertainty_is_refused(self):
        with pytest.raises(ValueError, match="is not below 0: -1"):
            numerical_tolerance(-1, 2)


@pytest.mark.parametrize(
    ("level", "fixed", "block"),
    # the guide's own 95 %, and levels where its block grows beyond 1e4
    [(0.95, 200_000, 10_000), (0.99, 10**6, 10_000), (0.999, 10**7, 100_000)],
)
def test_draws_of_a_fixed_run_and_of_a_block(level, fixed, block):
    assert (least_draws(level), block_draws(level)) == (fixed, block)


class TestAdaptiveRun:
    @pytest.mark.parametrize("kind", DESIGNS)
    def test_the_estimates_are_within_the_tolerance(self, kind):
        model = model_of("a + 2 * a + c")
        until = Until(digits=2)
        stop = stop_of(model, until, kind)
        assert stop.reached
        assert stop.worst < 1
        plan = design(kind, draws=stop.draws, seed=1, columns=model.columns)
        y = propagate(model, plan, [model.outputs["y"]])["y"].values.ravel()
        sd = sqrt(9 + 1 / 3)
        assert stop.tolerance == numerical_tolerance(sd, 2)
        # two standard errors are within the tolerance; the truth within four
        assert y.mean() == pytest.approx(0, abs=2 * stop.tolerance)
        assert y.std(ddof=1) == pytest.approx(sd, abs=2 * stop.tolerance)

    def test_random_draws_come_in_pages_and_no_fewer_than_told(self):
        model = model_of("0.001 * a")
        stop = stop_of(model, Until(digits=1, min_pages=3), "random")
        assert stop.draws == 3 * PAGE
        two = stop_of(model, Until(digits=1, min_pages=2), "random")
        assert two.draws == 2 * PAGE

    def test_points_of_a_scrambled_sequence_double(self):
        for digits in (1, 2, 3):
            stop = stop_of(model_of("a + b"), Until(digits=digits), "sobol")
            each = stop.draws / 16
            assert stop.reached
            assert each == 2 ** round(np.log2(each)) >= 64

    def test_more_digits_take_more_draws(self):
        draws = [
            stop_of(model_of("a + b"), Until(digits=d), "sobol").draws for d in (1, 3)
        ]
        assert draws[1] > draws[0]

    def test_a_part_of_the_tolerance_takes_more_draws(self):
        stops = [
            stop_of(
                model_of("a"), Until(min_pages=2, tolerance_fraction=part), "random"
            )
            for part in (1, 0.25)
        ]
        assert stops[1].tolerance == stops[0].tolerance / 4
        # errors go with the root of the draws: about sixteen times as many
        assert stops[1].draws > 4 * stops[0].draws

    @pytest.mark.parametrize("kind", DESIGNS)
    def test_the_cap_ends_a_run_and_says_that_it_was_not_enough(self, kind):
        stop = stop_of(model_of("a"), Until(digits=6, cap=50_000), kind)
        assert not stop.reached
        assert stop.worst > 1
        # whole replicates, of a power of two where it is a scrambled sequence
        assert 25_000 < stop.draws <= 50_000

    @pytest.mark.parametrize(
        ("kind", "cap", "draws"),
        [
            ("sobol", 100_000, 65_536),
            ("latin_hypercube", 100_007, 100_000),
            ("random", 30_007, 30_007),
        ],
    )
    def test_a_cap_is_a_cap(self, kind, cap, draws):
        stop = stop_of(model_of("a"), Until(digits=6, cap=cap), kind)
        assert stop.draws == draws

    def test_a_cap_that_holds_no_replicates_is_refused(self):
        with pytest.raises(ModelError, match="a cap of 20 draws does not hold 16 repl"):
            stop_of(model_of("a"), Until(cap=20), "sobol")

    @pytest.mark.parametrize("kind", ["random", "sobol"])
    @pytest.mark.parametrize("formula", ["a / (c + b)", "1 / (1 + 0.3 * a)"])
    def test_what_cannot_be_estimated_is_never_reached(self, kind, formula):
        for seed in range(3):
            until = Until(digits=1, cap=300_000)
            stop = stop_of(model_of(formula), until, kind, seed=seed)
            assert (stop.reached, stop.heavy) == (False, True)
            assert stop.worst == np.inf

    @pytest.mark.parametrize("kind", DESIGNS)
    def test_the_stop_does_not_depend_on_threads(self, kind):
        model = model_of("a + b * c")
        one, two = (stop_of(model, Until(), kind, threads=n) for n in (1, 2))
        assert one == two

    def test_every_cell_has_to_be_stable(self):
        until = Until(min_pages=2, tolerance_fraction=0.5)
        draws = [
            stop_of(model_of(*cells), until, "random").draws
            for cells in (("c",), ("b",), ("c", "b"))
        ]
        assert draws[2] >= max(draws[:2])
        assert draws[0] != draws[1]

    def test_an_absent_cell_and_a_constant_hold_nothing_up(self):
        alone = stop_of(model_of("a"), Until(), "random")
        with_others = stop_of(model_of("a", "", "3 + 0 * a"), Until(), "random")
        assert with_others.draws == alone.draws
        assert with_others.reached

    def test_the_shortest_interval_is_watched_where_it_is_asked_for(self):
        draws = {
            kind: [
                stop_of(
                    model_of("a"),
                    Until(min_pages=2, tolerance_fraction=0.5, interval=kind),
                    "random",
                    seed=seed,
                ).draws
                for seed in range(5)
            ]
            for kind in ("symmetric", "shortest")
        }
        # where a density is flat at its middle the shortest interval slides about
        assert np.median(draws["shortest"]) > np.median(draws["symmetric"])

    def test_ties_are_kept_while_it_runs(self):
        model = model_of("a - b", "a + c")
        ties = (
            Shared(("a", "c"), frozenset({"c"})),
            copula(["a", "b"], {("a", "b"): 0.9}),
        )
        free = stop_of(model, Until(digits=3, cap=200_000), "random")
        tied = stop_of(model, Until(digits=3, cap=200_000), "random", blocks=ties)
        assert free.tolerance != tied.tolerance

    @pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
    def test_one_replicate_tells_no_error(self, kind):
        with pytest.raises(ModelError, match="takes 2 replicates or more"):
            stop_of(model_of("a"), Until(), kind, replicates=1)

    def test_what_is_promised_is_kept_over_many_seeds(self):
        model, until = model_of("a"), Until(digits=2)
        off = []
        for seed in range(60):
            stop = stop_of(model, until, "sobol", seed=seed)
            plan = design("sobol", draws=stop.draws, seed=seed, columns=model.columns)
            y = propagate(model, plan, [model.outputs["y"]])["y"].values.ravel()
            ends = np.sort(y)[[round(0.025 * y.size), round(0.975 * y.size) - 1]]
            off.append(np.abs(ends - stats.norm.ppf([0.025, 0.975])) > 0.05)
        # stopping at the first size that looks good enough costs some of the 95 % a
        # bound holds for one fixed size; 90 % must hold, with three binomial errors
        assert np.mean(off) < 0.1 + 3 * sqrt(0.1 * 0.9 / 120)


class TestTrace:
    def sample(self, n=4096) -> xr.DataArray:
        values = np.random.default_rng(4).normal(10, 2, n)
        return xr.DataArray(values, dims="draw", attrs={"units": "kg"}, name="y")

    @pytest.mark.parametrize("replicates", [1, 16])
    def test_it_doubles_up_to_the_whole_run(self, replicates):
        found = trace(self.sample(), replicates=replicates)
        draws = found["draws"].values
        assert draws[-1] == 4096
        np.testing.assert_array_equal(draws[1:], 2 * draws[:-1])
        assert found.attrs["units"] == "kg"

    def test_its_end_is_the_estimate_of_the_run(self):
        sample = self.sample()
        last = trace(sample, 0.9).isel(draws=-1)
        assert float(last["estimate"].sel(statistic="mean")) == pytest.approx(
            float(sample.mean()), rel=1e-15
        )
        assert float(last["estimate"].sel(statistic="sd")) == pytest.approx(
            float(sample.std(ddof=1)), rel=1e-15
        )

    def test_errors_shrink_with_the_root_of_the_draws(self):
        error = trace(self.sample(65_536))["error"].sel(statistic="mean")
        # 2^16 over 2^6 draws: by 32; the first knows its own sd to 9 %
        ratio = float(error[0] / error[-1])
        first, last = (float(error["draws"][i]) for i in (0, -1))
        assert ratio == pytest.approx(sqrt(last / first), rel=0.36)

    def test_it_takes_the_first_draws_of_every_replicate(self):
        values = np.concatenate([np.arange(256.0), 1000 + np.arange(256.0)])
        first = trace(xr.DataArray(values, dims="draw"), replicates=2).isel(draws=0)
        size = int(first["draws"]) // 2
        mean = (np.arange(size).mean() + 1000 + np.arange(size).mean()) / 2
        assert float(first["estimate"].sel(statistic="mean")) == pytest.approx(mean)
