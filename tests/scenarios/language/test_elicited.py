"""Quantiles of experts and updated priors in a config: levels as keys, lines, files."""

import pytest

from scenarios.errors import ConfigError
from scenarios.model.definitions import describe

STUDY = """\
inputs:
  net:
    units: t/t
    elicited:
      quantiles: {0.05: 0.40, 0.5: 0.42, 0.95: 0.46}
    source: plant manager, interview of 2026
  lime:
    units: kg/t
    elicited:
      experts:
        - {quantiles: {0.1: 60, 0.5: 90, 0.9: 140}, source: A. Lime}
        - {quantiles: {0.1: 80, 0.5: 95, 0.9: 120}, weight: 2, source: B. Soda}
  dc:
    units: kWh/t
    updated:
      prior: {normal: {mean: 13500, sd: 300}}
      values: [13310, 13480, 13520, 13610]
      sd: 120
    source: literature and meter
outputs:
  x: {label: X, units: kWh/t, formula: dc * net}
"""


def test_levels_may_be_keys_and_experts_are_the_source(written):
    known = written(STUDY).definitions
    assert float(known["net"].marginal.ppf(0.95)) == pytest.approx(0.46, rel=1e-9)
    assert known["lime"].papers["source"] == "A. Lime; B. Soda"
    assert "sd 300 before, 58.8 after" in describe(known["dc"])


def test_a_run_and_its_stored_config_have_the_same_draws(written, tmp_path):
    from scenarios import open_result
    from scenarios.loading.restore import study_of
    from scenarios.results.file import write_result

    result = written(STUDY).run(draws=1024)
    write_result(result, tmp_path / "results.nc")
    again = study_of(open_result(tmp_path / "results.nc")).run(draws=1024)
    assert again.statistics.equals(result.statistics)


def test_readings_come_from_a_file(written, tmp_path):
    (tmp_path / "meter.csv").write_text("dc\n13310\n13480\n13520\n13610\n")
    values = "      values: [13310, 13480, 13520, 13610]\n"
    by_file = "      file: meter.csv\n      column: dc\n"
    one = written(STUDY).definitions["dc"].marginal
    two = written(STUDY.replace(values, by_file)).definitions["dc"].marginal
    assert one.mean == two.mean


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("0.5: 0.42", "0.5: 0.39", 5, "0.39 at 0.5 is not above 0.4 at 0.05"),
        ("weight: 2", "weight: -2", 9, "is not above 0; leave the expert out"),
        ("mean: 13500, sd: 300", "mean: 13500", 16, "missing; normal takes mean, sd"),
        ("sd: 120", "sd: 0", 18, "leave it out where it is not known"),
    ],
)
def test_a_fault_has_its_line(written, old, new, line, said):
    with pytest.raises(ConfigError) as caught:
        written(STUDY.replace(old, new))
    assert f"line {line}" in str(caught.value)
    assert said in str(caught.value)


def test_readings_against_the_prior_are_a_warning(written):
    study = written(STUDY.replace("mean: 13500", "mean: 16000"))
    assert any("dc: the 95 % intervals of the prior" in w for w in study.warnings)
