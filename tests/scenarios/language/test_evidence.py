"""Evidence in a config: one marginal, its sources, and faults with their lines."""

import pytest

from scenarios.errors import ConfigError
from scenarios.model.definitions import describe
from uncertainty.distributions import pool

STUDY = """\
inputs:
  lime:
    units: kg CO2e/kg
    evidence:
      combine: random
      sources:
        - {value: 0.75, sd: 0.02, source: Plant survey, year: 2019}
        - {value: 1.2, low: 1.1, high: 1.3, source: Handbook, place: China}
outputs:
  x: {label: X, units: kg CO2e/kg, formula: lime}
"""


def test_sources_become_one_input_that_names_them(written):
    lime = written(STUDY).definitions["lime"]
    found = pool([0.75, 1.2], [0.02, 0.1 / 1.959963984540054])
    assert lime.marginal.mean == pytest.approx(found.mean, rel=1e-12)
    assert lime.marginal.sd == pytest.approx(found.se, rel=1e-12)
    assert lime.papers["source"] == "Plant survey 2019; Handbook China"
    assert "I2" in describe(lime)


def test_a_run_has_the_mean_and_tells_the_conflict(written):
    study = written(STUDY)
    assert any(
        "lime: the 95 % intervals of sources 1 and 2 do not meet" in warning
        for warning in study.warnings
    )


def test_a_fault_of_a_source_has_its_line(written):
    with pytest.raises(ConfigError) as caught:
        written(STUDY.replace("low: 1.1", "low: 1.25"))
    fault = str(caught.value)
    assert "line 8" in fault
    assert "1.2 is not inside 1.25 to 1.3" in fault
