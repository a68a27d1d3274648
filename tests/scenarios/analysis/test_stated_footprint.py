"""A stated footprint in a linear-Gaussian study, beside the closed form."""

import json
import math
from pathlib import Path
from statistics import NormalDist

import pytest

from scenarios.analysis.stated_footprint import NotStated, judge, stated_footprint
from scenarios.errors import ScenarioError
from scenarios.loading.load import from_mapping

MEANS, SDS, SLOPES = (2.0, 5.0, 1.0), (0.3, 0.5, 0.2), (1.0, 0.4, -2.0)
MU = sum(a * m for a, m in zip(SLOPES, MEANS, strict=True))
VARIANCE = sum((a * s) ** 2 for a, s in zip(SLOPES, SDS, strict=True))
SD = math.sqrt(VARIANCE)
AMOUNT = " + ".join(f"{a} * x{i}" for i, a in enumerate(SLOPES))


@pytest.fixture(scope="module")
def linear():
    """y = x0 + 0.4 x1 - 2 x2, independent and normal; x3 is in another scenario."""
    inputs = {
        f"x{i}": {"units": "t/t", "normal": {"mean": m, "sd": s}, "source": "test"}
        for i, (m, s) in enumerate(zip(MEANS, SDS, strict=True))
    }
    inputs["x3"] = {"units": "t/t", "normal": {"mean": 1, "sd": 1}, "source": "test"}
    return from_mapping(
        {
            "declared_unit": {"amount": 1, "units": "t", "product": "y"},
            "inputs": inputs,
            "processes": {
                "making": {
                    "stage": "making",
                    "makes": {"product": "y", "units": "t"},
                    "emits": {"CO2": {"amount": f"{AMOUNT} + 0 * x3"}},
                }
            },
            "scenarios": {"as_is": {}, "other": {"set": {"x0": 3}}},
            "run": {"draws": 65536, "seed": 11, "design": "random"},
        }
    ).run()


@pytest.mark.parametrize("away", [-2.5, -1.0, 0.5, 2.0])
def test_means_and_probability_are_those_of_the_closed_form(linear, away):
    stated = MU + away * SD
    (found,) = judge(linear, 1000 * stated, ["as_is"])
    assert found.below_interval[0] <= NormalDist().cdf(away) <= found.below_interval[1]
    assert found.verdict == ("plausible" if abs(away) < 1.96 else "unlikely")
    assert found.near == 3276
    moved = {one.id: one for one in found.needed}
    for i, (a, m, s) in enumerate(zip(SLOPES, MEANS, SDS, strict=True)):
        exact = a * s**2 / VARIANCE * (stated - MU)
        one = moved[f"x{i}"]
        assert abs(one.there - (m + exact)) < 4 * one.error
        assert one.error < 0.05 * s
        assert one.shift == pytest.approx(exact / s, abs=0.05 + 4 * one.error / s)
    assert "x3" not in moved  # read, and of no effect


def test_what_no_draw_reaches_is_drawn_on_along_a_line(linear):
    stated = MU + 8 * SD
    (found,) = judge(linear, 1000 * stated, ["as_is"])
    assert (found.verdict, found.near, found.below) == ("outside", 0, 1.0)
    one = next(n for n in found.needed if n.id == "x2")
    exact = MEANS[2] + SLOPES[2] * SDS[2] ** 2 / VARIANCE * (stated - MU)
    assert one.there == pytest.approx(exact, abs=4 * one.error)
    shifts = [abs(n.shift) for n in found.needed]
    assert shifts == sorted(shifts, reverse=True)


def test_every_scenario_is_judged_unless_some_are_named(linear):
    assert [one.cell.scenario for one in judge(linear, 4000)] == ["as_is", "other"]
    with pytest.raises(ScenarioError, match="no scenario 'othr'; did you mean other"):
        judge(linear, 4000, ["othr"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("4", "write a finite number"),
        ("4 t", "the result is in kg CO2e/t"),
        ("4 tt CO2e/t", "tt is not a unit"),
    ],
)
def test_a_figure_that_is_none_is_refused(linear, text, says):
    with pytest.raises(NotStated, match=says):
        stated_footprint(text, linear)


def test_the_command_tells_in_both_languages(potline, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text(small, encoding="utf-8")
    words = ("judge", "study.yaml", "--stated", "4 t CO2e/t", "--draws", "1024")
    told = potline(*words, "--scenario", "hydro")
    assert told.code == 0
    assert "is not plausible under this study" in told.out
    assert "no proof against it" in " ".join(told.out.split())
    assert "不合理" in potline(*words, "--language", "zh").out
    found = json.loads(potline(*words, "--json").out)
    assert [row["verdict"] for row in found["results"]] == ["outside"] * 3
    assert potline("judge", "study.yaml", "--stated", "4 t").code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["study.yaml"]


def test_the_documentation_prints_what_the_study_gives(shipped):
    text = (Path(__file__).parents[3] / "docs" / "judge.md").read_text(encoding="utf-8")
    result = shipped("china_grid_mixes").result
    rows = [line.strip("| \n").split(" | ") for line in text.splitlines()]
    rows = [row for row in rows if row[0].startswith("`") and len(row) == 8]
    assert len(rows) == 8
    words = {"outside": "no", "plausible": "yes", "unlikely": "unlikely"}
    for name, _, *cells in rows:
        for stated, cell in zip((2, 4, 8, 12, 16, 20), cells, strict=True):
            (found,) = judge(result, 1000.0 * stated, [name.strip("`")])
            rare = min(found.below, 1 - found.below) < 0.001
            # so rare that fewer draws than those of the table may miss it
            assert cell.startswith(words[found.verdict]) or (rare and "0.04 %" in cell)
