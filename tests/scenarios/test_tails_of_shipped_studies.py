"""No output of a shipped study is marked as having tails too heavy for its moments."""

from pathlib import Path

import numpy as np
import pytest

from scenarios import load

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_no_tail_is_marked(path):
    table = load(path).run().statistics
    stated = table[table["table"].isin(("footprint", "outputs"))]
    assert len(stated)
    for word in ("error_mean", "error_sd"):
        marked = stated[~np.isfinite(stated[word])]
        assert marked["item"].tolist() == []
