import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from scipy.stats import gaussian_kde

from uncertainty.distributions import build as law
from uncertainty.errors import DependenceError, DesignError
from uncertainty.model.expressions import parse
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import DUMMY, Block, Problem, build, salib, sobol
from uncertainty.sensitivity.salib_methods import (
    SALIB_METHODS,
    Runs,
    _Density,
    untouched,
)

SIZES = {"fast": 512, "rbd_fast": 4096, "delta": 512}
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


@pytest.fixture(scope="module")
def truth() -> xr.Dataset:
    return sobol(made(), 2**14, seed=0).isel(output=0).drop_sel(parameter=DUMMY)


@pytest.mark.parametrize("method", SALIB_METHODS)
def test_every_method_puts_the_inputs_in_their_order(method):
    found = salib(method, made(), SIZES.get(method, 1024), seed=0).isel(output=0)
    assert found["rank"][:2].values.tolist() == [1, 2]
    # they are rough: no bounds, and so no verdicts
    assert not any(name.endswith(("_lower", "important")) for name in found)
    assert found["parameter"].values.tolist() == ["x1", "x2", "x3", DUMMY]


@pytest.mark.parametrize(
    ("method", "index", "tolerance"),
    [
        # shares of the variance of some thousand runs, and bias of few frequencies
        ("fast", "first_order", 0.06),
        ("fast", "total_order", 0.06),
        ("rbd_fast", "first_order", 0.04),
        ("hdmr", "first_order", 0.06),
        ("hdmr", "total_order", 0.06),
    ],
)
def test_shares_of_the_variance_are_those_of_sobol(truth, method, index, tolerance):
    found = salib(method, made(), SIZES.get(method, 1024), seed=0).isel(output=0)
    np.testing.assert_allclose(
        found[index].drop_sel(parameter=DUMMY), truth[index], atol=tolerance
    )


@pytest.mark.parametrize("method", ["fast", "rbd_fast"])
def test_dependent_inputs_are_refused_where_independence_is_assumed(method):
    matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    problem = made(blocks=[Block("tied", ("x1", "x2"), matrix)])
    with pytest.raises(DependenceError, match="block tied holds x1, x2; take sobol or"):
        salib(method, problem, 512, seed=0)


@pytest.mark.parametrize("method", ["delta", "hdmr", "regional"])
def test_dependent_inputs_are_taken_one_by_one_where_that_has_a_meaning(method):
    matrix = np.array([[1.0, 0.9], [0.9, 1.0]])
    block = Block("tied", ("x2", "x3"), matrix)
    found = salib(method, made("x1 + 4 * x2", blocks=[block]), 512, seed=0)
    assert found["parameter"].values.tolist() == ["x1", "x2", DUMMY]
    found = salib(method, made("x1 / 9 + x2 + x3 / 1e6", blocks=[block]), 512, seed=0)
    # x3 does next to nothing, but it tells of x2
    index = found[SALIB_METHODS[method].main][0]
    assert float(index.sel(parameter="x3")) > float(index.sel(parameter="x1"))


@pytest.mark.parametrize("method", SALIB_METHODS)
def test_groups_are_refused_where_there_are_none(method):
    problem = made(groups={"both": ("x1", "x2")})
    with pytest.raises(DesignError, match=rf"{method} has no groups \(both\)"):
        salib(method, problem, 512, seed=0)


def test_what_cannot_be_analysed_is_refused():
    with pytest.raises(DesignError, match="SALib has no 'sobol' here; there are fast"):
        salib("sobol", made(), 64, seed=0)
    # three inputs and the dummy: 65 and 64 for each but one
    with pytest.raises(DesignError, match="fast takes an n of 257 or more, not 256"):
        salib("fast", made(), 256, seed=0)
    with pytest.raises(DesignError, match="hdmr takes an n of 300 or more, not 64"):
        salib("hdmr", made(), 64, seed=0)


def test_the_plain_density_is_scipys():
    rng = np.random.default_rng(0)
    values, points = rng.lognormal(size=50), np.linspace(0, 5, 100)
    theirs = gaussian_kde(values, bw_method="silverman")(points)
    # the same sum in another order
    np.testing.assert_allclose(
        _Density(values, "silverman")(points), theirs, rtol=1e-10
    )
    with pytest.raises(ValueError, match="no bandwidth rule 'scott'"):
        _Density(values, "scott")


def test_delta_is_what_salib_gives_by_itself():
    from SALib.analyze import delta as analyser

    rng = np.random.default_rng(0)
    level = rng.random((300, 3))
    output = level[:, 0] + level[:, 1] ** 2
    runs = Runs(("a", "b", DUMMY), (0, 1, 2), level, 7)
    ours = SALIB_METHODS["delta"].analyse(runs, output)["delta"]
    with untouched(7):
        theirs = analyser.analyze(
            runs.problem(), level, output, num_resamples=20, seed=7, method="delta"
        )
    key = "delta_raw" if "delta_raw" in theirs else "delta"
    np.testing.assert_allclose(ours, theirs[key], atol=1e-10)
    assert analyser.gaussian_kde is gaussian_kde


def test_salib_is_imported_when_it_is_used_and_not_before():
    code = (
        "import sys, uncertainty.sensitivity; "
        "sys.exit(any(name.startswith('SALib') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
