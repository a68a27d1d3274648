"""A peer: the same chain in plain NumPy, written by hand, gives the same footprints."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenarios.loading.load import load

ROOT = Path(__file__).parents[2]
DRAWS = 100_000


@pytest.fixture(scope="module")
def script():
    """`benchmarks/plain_numpy.py`, which is in no package."""
    path = ROOT / "benchmarks" / "plain_numpy.py"
    spec = importlib.util.spec_from_file_location("plain_numpy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def study():
    """The shipped study without its rank correlations, which the script leaves out."""
    whole = load(ROOT / "configs" / "china_grid_mixes.yaml")
    alone = [d for d in whole.config.dependence if d.composition is not None]
    config = whole.config.model_copy(update={"dependence": alone})
    return replace(whole, config=config, blocks=())


def test_both_give_the_same_footprints(script, study):
    result = study.run(threads=2)
    summary = result.tree["summary"].to_dataset()
    for name, found in script.run(study, 1, DRAWS).items():
        mine = summary.sel(scenario=name)
        # the script's own sampling error; the tool's Sobol' error is far below it.
        # 4 standard errors: one of 36 means and sds misses by chance in 1 run of 400
        error = found["sd"] / np.sqrt(DRAWS)
        assert abs(found["mean"] - float(mine["mean"])) < 4 * error, name
        # an sd errs by sd / sqrt(2 n) for a normal; skewed laws by up to twice that
        assert abs(found["sd"] - float(mine["sd"])) < 4 * 2 * error / np.sqrt(2), name
        # the density at a 2.5 % quantile is 0.058 / sd, its error 2.7 sd / sqrt(n)
        for end in ("lower", "upper"):
            gap = abs(found[end] - float(mine["coverage"].sel(bound=end)))
            own = float(mine["monte_carlo_error"].sel(statistic=end))
            # the upper tail of a skewed law is thinner: half the density, twice that
            assert gap < 4 * (2 * 2.7 * error + own), (name, end)
