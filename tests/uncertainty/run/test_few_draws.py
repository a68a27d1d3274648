"""A run with too few draws for an interval still says what it can."""

import numpy as np
import pytest

from uncertainty.designs import design
from uncertainty.distributions import build
from uncertainty.model import Model, Table
from uncertainty.model.graph import Graph
from uncertainty.run import run


@pytest.mark.parametrize(("kind", "draws"), [("random", 7), ("sobol", 16)])
def test_mean_and_sd_are_there_and_no_interval(kind, draws):
    graph = Graph()
    node = graph.quantile("x", build("normal", {"mean": 1, "sd": 1}))
    table = Table("y", "y", np.array([[node]]), "1")
    model = Model(graph, ("one",), (), {}, {"y": table})
    tree = run(model, design(kind, draws=draws, seed=1, columns=model.columns))
    values = tree["draws/y"].values.ravel()
    summary = tree["summary"].to_dataset()
    assert summary["mean"].item() == pytest.approx(values.mean())
    assert summary["sd"].item() == pytest.approx(values.std(ddof=1))
    for name in ("coverage", "coverage_shortest"):
        assert summary[name].isnull().all()
    error = summary["monte_carlo_error"]
    assert np.isfinite(error.sel(statistic="mean")).all()
    assert error.sel(statistic=["lower", "upper"]).isnull().all()
    # one draw a replicate has no sd whose spread could be seen
    assert bool(error.sel(statistic="sd").isnull()) == (kind == "sobol")
