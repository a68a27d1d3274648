"""The studies whose loading is timed: they are what their names say."""

import pytest

from benchmarks.loading import chain_text, formulas, forward, looped, ring
from scenarios.loading.load import load


@pytest.mark.parametrize(
    ("text", "inputs", "checks"),
    [
        (ring(6, chords=0), 6, 1),
        (ring(6, chords=4), 6, None),
        (looped(9, back=3), 9, None),
        (chain_text(9, forward(9, width=3), inputs=20), 20, 0),
        (formulas(5), 1, 0),
    ],
)
def test_each_loads_with_its_inputs_and_loops(tmp_path, text, inputs, checks):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    model = load(path).model()
    # of those that stand in the study, every one is read
    assert len(model.inputs) >= inputs
    assert len(model.checks) == checks if checks is not None else model.checks
