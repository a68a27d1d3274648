import numpy as np
import pytest
import xarray as xr

from uncertainty.distributions import build as law
from uncertainty.errors import DesignError
from uncertainty.model.expressions import parse
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import DUMMY, Block, Problem, build, morris
from uncertainty.sensitivity.morris import EDGES
from uncertainty.sensitivity.salib_methods import salib_problem

LAWS = {
    "x1": law("lognormal", {"median": 1, "gsd": 1.5}),
    "x2": law("lognormal", {"median": 1, "gsd": 1.35}),
    "x3": law("normal", {"mean": 1, "sd": 0.02}),
}


def made(text: str = "x1 * x2 + x3", **options: object) -> Problem:
    graph = Graph()
    leaves = {name: graph.quantile(name, found) for name, found in LAWS.items()}
    node = parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
    outputs = xr.DataArray(np.array([node]), dims="output", attrs={"units": "kg"})
    return build(graph, outputs, **options)  # type: ignore[arg-type]


def test_effects_are_salibs():
    from SALib.analyze import morris as analyser

    from uncertainty.sensitivity.evaluation import evaluate
    from uncertainty.sensitivity.morris import _trajectories

    problem = made("x1 * x2 + exp(x3)")
    found = morris(problem, 20, seed=3).isel(output=0)
    levels = _trajectories((0, 1, 2, 3), 20, 3)
    place = {name: i for i, name in enumerate(problem.columns)}
    rows = evaluate(problem, lambda name: levels[:, place[name]], len(levels))
    theirs = analyser.analyze(
        salib_problem((0, 1, 2, 3), *EDGES), levels, rows[0], num_resamples=2, seed=1
    )
    for name in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose(found[name], theirs[name], rtol=1e-9, atol=1e-12)


def test_effects_of_a_line_are_its_steps():
    found = morris(made("2 * x3 + 5"), 20, seed=0).isel(output=0)
    # two levels of four, 0.05 -> 0.65 or 0.35 -> 0.95, over a step of 2/3
    low, high = LAWS["x3"].ppf([0.05, 0.65])
    assert float(found["mu_star"][0]) == pytest.approx(3 * (high - low), rel=1e-6)
    assert float(found["sigma"][0]) == pytest.approx(0, abs=1e-6)
    assert found["mu_star"].attrs["units"] == "kg"
    assert float(found["effect_share"][0]) == 1


def test_an_input_of_small_effect_is_unimportant_and_an_inert_one_is_nothing():
    found = morris(made("x1 + 1e-4 * x2 + x3"), 64, seed=0).isel(output=0)
    # the spread of x3 is a twentieth of that of x1: 0.25 % of the squares
    assert found["important"].values.tolist() == [True, False, False, False]
    assert found["unimportant"].values.tolist() == [False, True, True, False]
    for end in ("", "_lower", "_upper"):
        assert float(found[f"effect_share{end}"].sel(parameter=DUMMY)) == 0


def test_a_block_is_one_factor_without_a_sign():
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    problem = made(blocks=[Block("tied", ("x1", "x2"), matrix)])
    found = morris(problem, 20, seed=0).isel(output=0)
    assert found["parameter"].values.tolist() == ["tied", "x3", DUMMY]
    assert np.isnan(found["sigma"].sel(parameter="tied"))
    assert np.isnan(found["mu"].sel(parameter="tied"))
    assert int(found["rank"].sel(parameter="tied")) == 1


def test_too_few_trajectories_are_refused():
    with pytest.raises(DesignError, match="morris takes an n of 8 or more, not 7"):
        morris(made(), 7, seed=0)
    with pytest.raises(DesignError, match="level must lie between 0 and 1, not 95"):
        morris(made(), 64, seed=0, level=95)
