"""An input that shares its draws with one that a scenario does not read is kept."""

from scenarios.analysis.sensitivity import Question
from scenarios.analysis.sensitivity.from_draws import from_draws
from scenarios.library.catalogue import folder
from scenarios.loading.load import load


def test_the_factors_of_a_year_lead_where_those_of_another_are_not_read():
    study = load(folder().parents[1] / "configs" / "china_grid_mixes.yaml")
    result = study.run(draws=1024)
    asked = Question(scenarios=("national_grid",))
    found = from_draws("rank", result, study, asked, seed=1)
    names = set(found["parameter"].values.tolist())
    assert {"power.mee24_coal", "power.mee24_method"} <= names
    assert "power.mee23_coal" not in names
