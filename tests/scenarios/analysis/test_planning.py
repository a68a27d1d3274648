"""What to measure next: targets, spreads, a choice, brute force, faults."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import scenarios as pl
from scenarios.analysis.planning import COUNTS, PlanError, plan
from scenarios.cli import app
from scenarios.words.catalogue import Words
from scenarios.words.planning import lines

INPUTS = {
    "a": {"units": "kg", "normal": {"mean": 10, "sd": 2}, "source": "set here"},
    "b": {"units": "kg", "uniform": {"low": 0, "high": 4}, "source": "set here"},
    "c": {"units": "kg", "normal": {"mean": 1, "sd": 1e-3}, "source": "set here"},
}
RUN = {"draws": 8192, "seed": 3}


def product(a, b, c):
    return a * b + c


@pytest.fixture(scope="module")
def study():
    return pl.Study.from_function(product, INPUTS, {"y": "kg**2"}, run=RUN)


@pytest.fixture(scope="module")
def smelter(shipped):
    return shipped("minimal").result


def told(found, language="en"):
    return [line for line in lines(found, Words(language)) if isinstance(line, str)]


def test_widths_are_those_of_a_brute_force_simulation(study):
    found = {one.id: one for one in plan(study, output="y").measured}
    assert set(found) == {"a", "b"}  # c adds nothing to the width
    rng = np.random.default_rng(1)
    for id, sd in (("a", 2.0), ("b", 4 / 12**0.5)):
        assert found[id].reading_sd == pytest.approx(sd, rel=1e-3)
        widths = []
        for _ in range(200):
            # the truth, four readings of it, and a grid for the posterior
            grid = np.linspace(-2, 22, 4001) if id == "a" else np.linspace(0, 4, 4001)
            prior = np.exp(-0.5 * ((grid - 10) / 2) ** 2) if id == "a" else grid * 0 + 1
            true = rng.choice(grid, p=prior / prior.sum())
            mean = true + sd / 2 * rng.standard_normal()
            after = prior * np.exp(-0.5 * ((grid - mean) / (sd / 2)) ** 2)
            x = rng.choice(grid, p=after / after.sum(), size=4000)
            other = rng.uniform(0, 4, 4000) if id == "a" else rng.normal(10, 2, 4000)
            widths.append(np.subtract(*np.quantile(x * other, (0.975, 0.025))))
        # 200 sets of readings: their mean errs by the sd over 14
        error = np.std(widths) / 200**0.5
        here = found[id].widths[COUNTS.index(4)]
        assert here == pytest.approx(np.mean(widths), abs=3 * error + 0.01 * here)


def test_the_target_is_reached_by_the_readings_that_are_said(smelter):
    found = plan(smelter, target="8 %")
    first = found.measured[0]
    assert found.target == pytest.approx(0.08 * found.mean)
    assert (first.id, first.needed) == ("power.mee24_national", 2)
    one, four, _ = first.widths
    assert one > found.target > four
    assert "2 readings of" in told(found)[1]
    assert "2 次" in told(found, "zh")[1]
    assert "already" in told(plan(smelter, target="3 t CO2e/t"))[1]
    alone = plan(smelter, target="0.1 t CO2e/t")
    assert {one.needed for one in alone.measured} == {None}
    assert told(alone)[1].startswith("No single input narrows it to 0.1 t CO2e/t")


def test_a_better_reading_narrows_more(smelter):
    id = "power.mee24_national"
    usual, better = (
        plan(smelter, readings=stated).measured[0]
        for stated in ({}, {id: "5 g CO2e/kWh"})
    )
    assert (usual.stated, better.stated) == (False, True)
    assert better.reading_sd == pytest.approx(0.005)
    assert better.widths[0] < usual.widths[0]


def test_a_choice_is_worth_what_readings_can_turn():
    def sides(a, b):
        return {"y": a, "z": b}

    text = {
        "inputs": {
            "a": {"units": "kg", "normal": {"mean": 10, "sd": 2}, "source": "set here"},
            "b": {"units": "kg", "value": 10, "source": "set here"},
        },
        "outputs": {"y": {"units": "kg", "formula": "a"}},
        "scenarios": {"one": {"reference": True}, "other": {"set": {"a": 10.0}}},
        "run": RUN,
    }
    study = pl.Study.from_mapping(text)
    found = plan(study, output="y", against="other")
    (one,) = found.measured
    # normal a against a constant at its mean: 2 sqrt(12 / 13) phi(0)
    assert one.gain == pytest.approx(2 * (12 / 13) ** 0.5 * 0.3989, rel=0.06)
    assert "would lower the expected" in told(found)[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "8 kWh"}, "state a width in such units"),
        ({"target": "-8 %"}, "a width is above 0"),
        ({"target": "eight"}, "write a finite number"),
        ({"readings": {"nothing": "1 kg"}}, "nothing that varies here is called"),
        ({"readings": {"alumina.factor": "1 kWh"}}, "write a standard deviation"),
        ({"against": "hydra"}, "no scenario is called hydra; did you mean hydro"),
        ({"output": "cost"}, "no output is called cost"),
    ],
)
def test_faults_say_what_and_how_to_mend(smelter, options, message):
    with pytest.raises(PlanError, match=message):
        plan(smelter, **options)


def test_a_study_without_a_chain_has_no_footprint(study):
    with pytest.raises(PlanError, match="name an output with --output"):
        plan(study)


def test_the_command_says_the_same_in_data():
    done = CliRunner().invoke(
        app, ["plan", "configs/minimal.yaml", "--target-width", "8 %", "--json"]
    )
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["measured"][0]["id"] == "power.mee24_national"
    assert found["readings"] == list(COUNTS)
