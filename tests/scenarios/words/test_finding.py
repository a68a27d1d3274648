"""The answer in a few sentences, held against the result's own numbers."""

import html
import re
from io import StringIO

import pytest
from rich.console import Console

from scenarios import run
from scenarios.analysis.comparison.compare import compare
from scenarios.cli import main
from scenarios.errors import ScenarioError
from scenarios.loading.load import load
from scenarios.report import build
from scenarios.words.catalogue import Words
from scenarios.words.comparison import lines
from scenarios.words.finding import finding, headline

DRAWS = 1024


@pytest.fixture(scope="module")
def grid():
    return run("configs/china_grid_mixes.yaml", draws=DRAWS)


def test_the_first_three_lines_answer_a_policy_reader(grid):
    national, extremes, measure = finding(grid, Words("en"))
    means = {r.scenario: r.values["mean"] / 1000 for r in grid.rows("footprint")}
    (own,) = (r for r in grid.rows("footprint") if r.scenario == "national_grid")
    low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    assert national.startswith(grid.labels["national_grid"])
    rest = national.removeprefix(grid.labels["national_grid"])
    value, lower, upper = (
        float(x) for x in re.findall(r"[ (]([\d.]+\d)", rest) if x != "95"
    )
    assert value == pytest.approx(means["national_grid"], abs=0.05)
    assert lower == pytest.approx(own.values["lower"] / 1000, abs=0.05)
    assert upper == pytest.approx(own.values["upper"] / 1000, abs=0.05)
    assert extremes.index(grid.labels[low]) < extremes.index(grid.labels[high])
    assert f"{means[low]:.2f} t CO2e/t" in extremes
    assert f"{means[high]:.1f} t CO2e/t" in extremes
    shares = grid.first_order["variance_share"].sel(scenario="national_grid")
    largest = str(shares["parameter"].values[int(shares.values.argmax())])
    assert grid.inputs[largest].attrs["label"] in measure
    assert f"({100 * float(shares.max()):.0f} % of the variance)" in measure


def test_in_chinese_the_words_around_names_and_units_are_chinese(grid):
    text = " ".join(finding(grid, Words("zh")))
    for label in [
        *grid.labels.values(),
        *(x.attrs.get("label", "") for x in grid.inputs.values()),
    ]:
        text = text.replace(label, "")
    assert set(re.findall("[A-Za-z]+", text)) <= {"t", "CO", "e"}


def test_with_years_the_reference_is_told_at_both_ends():
    result = run("configs/national_pathway.yaml", draws=DRAWS)
    first, extremes, _ = finding(result, Words("en"))
    assert f"in {result.years[0]}" in first
    assert f"in {result.years[-1]}" in first
    assert extremes.startswith(f"{result.years[-1]}: Lowest")


def test_a_study_without_a_chain_tells_its_first_output():
    result = run("configs/measurement_model.yaml", draws=DRAWS)
    lines = finding(result, Words("en"))
    assert "95 % interval" in lines[0]
    assert not any("e-" in line for line in lines)


def test_nothing_uncertain_names_nothing_to_measure():
    result = load("configs/minimal.yaml", point=True).run(draws=DRAWS)
    assert not any("Measure" in line for line in finding(result, Words("en")))


def test_a_headline_names_the_lowest_and_the_highest(grid):
    text = headline(grid, Words("en"))
    assert text.startswith("Lowest: Hydropower contract, 5.")
    assert "; highest: " in text


def test_many_scenarios_are_compared_in_a_sentence_and_a_sorted_table(grid):
    counted, lowest, table, *rest = lines(compare([grid], "shandong"), Words("en"))
    assert counted.startswith(f"Against {grid.labels['shandong']}: ")
    assert sum(map(int, re.findall(r"(\d+) (?:lower|higher|not)", counted))) == 22
    assert "Hydropower contract" in lowest
    assert not rest
    labels, differences = (list(table.columns[i].cells) for i in (0, 1))
    assert labels[0] == "Hydropower contract"
    assert len(labels) == len(grid.scenarios) - 1
    assert differences == sorted(differences, key=float)
    console = Console(width=84, file=StringIO())
    console.print(table)
    # a row a scenario: at this width no label is broken
    assert len(console.file.getvalue().splitlines()) == len(labels) + 2


def test_few_scenarios_have_a_sentence_each(grid):
    part = grid.only(["yunnan", "shandong"])
    (text,) = lines(compare([part], "shandong"), Words("en"))
    assert text.startswith("Yunnan grid is lower than Shandong grid in 100 % of draws")


def test_a_scenario_is_found_by_its_label(grid):
    assert grid.chosen(["Yunnan grid", "shandong"]) == ["yunnan", "shandong"]
    with pytest.raises(ScenarioError, match="yunnan"):
        grid.chosen(["yunan"])


def test_two_scenarios_are_compared_by_name_or_label(
    grid, tmp_path, capsys, monkeypatch
):
    grid.to_netcdf(tmp_path / "results.nc")

    def called(*between):
        words = ["compare", str(tmp_path), "--figures", "none", "--between", *between]
        monkeypatch.setattr("sys.argv", ["potline", *words])
        try:
            main()
        except SystemExit as left:
            return left.code
        return 0

    assert not called("Yunnan grid", "shandong")
    out = capsys.readouterr().out
    assert out.startswith("Yunnan grid is lower than Shandong grid")
    assert called("yunnan", "Yunnan grid") == 2
    assert called("yunnan", "shandong", "--reference", "sichuan") == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_s_first_screen_is_the_finding(grid, language):
    page = build([grid], language=language)
    first = page.partition("<nav")[0]
    for line in finding(grid.in_language(language), Words(language)):
        assert line in html.unescape(first)
