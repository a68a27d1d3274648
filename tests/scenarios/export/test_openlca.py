"""Studies as openLCA JSON-LD: read back they make the same numbers, to the bit."""

import io
import json
import zipfile

import numpy as np
import pytest

from scenarios.datafiles.models import read_model
from scenarios.errors import ScenarioError
from scenarios.export.imported import study_data
from scenarios.export.openlca import openlca
from scenarios.loading.load import from_mapping, load
from scenarios.model.study import Study


def smelter() -> dict:
    """The four families, a loop, a co-product, a credit, a bool, an own GWP set."""
    inputs = {
        "mill.loss": {"units": "%", "triangular": {"low": 1, "mode": 2, "high": 5}},
        "mill.scrap": {"units": "t/t", "uniform": {"low": 0.1, "high": 0.3}},
        "mill.power": {"units": "kWh/t", "normal": {"mean": 200, "sd": 10}},
        "mill.share": {"units": "1", "lognormal": {"median": 0.8, "gsd": 1.05}},
        "mill.credit": {
            "units": "kg/t",
            "lognormal": {"median": 30, "gsd": 1.3, "negate": True},
        },
        "coal.factor": {"units": "kg CO2e/kg", "interval": {"low": 2, "high": 3}},
        "grid.factor": {"units": "kg CO2e/MWh", "percent": PERCENT},
    }
    for one in inputs.values():
        one["source"] = "s"
    return {
        "declared_unit": {"units": "t", "product": "bar"},
        "run": {"draws": 4096, "seed": 44905},
        "gwp_sets": {"mine": {"values": {"CO2": 1.5, "CF4": 7000}, "source": "s"}},
        "characterisation": {"set": "mine"},
        "inputs": inputs,
        "products": {
            "coal": {
                "units": "kg",
                "source": "thermal",
                "emits": {"burnt": {"gas": "CO2e", "amount": "coal.factor"}},
            }
        },
        "supplies": {"grid": {"factor": "grid.factor", "losses": 0.05}},
        "processes": {
            "rolling": {
                "stage": "rolling",
                "makes": {"product": "bar", "units": "t"},
                "needs": {
                    "ingot": "1 / (1 - mill.loss)",
                    "power": {"amount": "mill.power", "supply": "grid"},
                },
                "emits": {"credit": {"gas": "CO2", "amount": "mill.credit"}},
            },
            "melting": {
                "stage": "melting",
                "makes": {"product": "ingot", "units": "kg"},
                "allocation": "where(mill.share > 0.9, 0.9, mill.share)",
                "needs": {"coal": "0.4", "bar": "mill.scrap ** 2"},
                "emits": {"CF4": {"amount": "0.1 kg/t"}},
            },
        },
    }


PERCENT = {"value": 600, "plus_minus": 10}


BEYOND = {
    "bounded": {"normal": {"mean": 3, "sd": 0.2, "bounds": {"low": 2.5}}},
    "bernoulli": {"bernoulli": {"probability": 0.3}},
    "discrete": {"discrete_uniform": {"low": 1, "high": 4}},
    "weibull": {"weibull": {"shape": 2, "scale": 1, "offset": 0.5}},
    "gamma": {"gamma": {"shape": 3, "scale": 0.5}},
    "beta": {"beta": {"a": 2, "b": 3, "low": 0, "high": 2}},
    "gumbel": {"gumbel": {"location": 2, "scale": 0.1}},
    "student": {"student_t": {"mean": 2, "scale": 0.1, "dof": 9}},
    "pert": {"pert": {"low": 1, "mode": 2, "high": 4}},
}
"""What stats_arrays has a code for, and openLCA no family."""


def back(study: Study, scenario: str, year: int | None, tmp_path) -> Study:
    path = tmp_path / "x.zip"
    path.write_bytes(openlca(study, scenario, year).content)
    model = read_model(path)
    found = from_mapping(study_data(model), "back")
    assert model.left_out == []
    return found


def test_draws_come_back_to_the_bit(tmp_path):
    study = from_mapping(smelter(), "smelter")
    again = back(study, "baseline", None, tmp_path)
    first, second = study.run(), again.run()
    assert first.units == second.units == "kg CO2e/t"
    assert np.array_equal(first.footprint.values, second.footprint.values)
    assert again.model().columns == study.model().columns
    assert again.settings.model_dump() == study.settings.model_dump()


def test_families_that_openlca_lacks_come_back_to_the_bit(tmp_path):
    data = smelter()
    emits = data["processes"]["melting"]["emits"]
    for name, law in BEYOND.items():
        data["inputs"][f"x.{name}"] = {"units": "kg/t", **law, "source": "s"}
        emits[name] = {"gas": "CO2", "amount": f"x.{name}"}
    study = from_mapping(data, "smelter")
    again = back(study, "baseline", None, tmp_path)
    assert np.array_equal(study.run().footprint.values, again.run().footprint.values)
    listed = openlca(study, "baseline", None).left_out
    assert [line.partition(":")[0] for line in listed] == [
        f"the distribution of x.{name}" for name in BEYOND
    ]


def test_of_several_scenarios_with_a_random_design(tmp_path):
    settings = {"draws": 1024, "design": "random"}
    study = load("configs/minimal.yaml", settings=settings)
    result = study.run()
    for name in study.scenarios:
        again = back(study, name, None, tmp_path).run()
        own = result.sample(result.cell(name))
        assert np.array_equal(own, again.footprint.values.ravel())


@pytest.mark.parametrize(
    ("name", "scenario", "year"),
    [
        ("china_grid_mixes", "yunnan", None),
        ("steel_routes", "scrap", None),
        ("national_pathway", "frozen_grid", 2030),
    ],
)
def test_point_values_of_shipped_studies_come_back_to_the_bit(
    name, scenario, year, tmp_path
):
    study = load(f"configs/{name}.yaml", settings={"draws": 64})
    again = back(study, scenario, year, tmp_path)
    model = study.model()
    row = model.scenarios.index(scenario)
    column = model.years.index(year) if year else 0
    point = model.point(model.outputs["footprint"])[row, column]
    found = again.model().point(again.model().outputs["footprint"]).item()
    assert found == point


def test_what_openlca_cannot_hold_is_listed():
    made = openlca(load("configs/china_grid_mixes.yaml"), "yunnan", None)
    listed = "\n".join(made.left_out)
    for told in (
        "the distribution of refining.coal_share",
        "openLCA draws each by itself",
        "the outputs ",
        "the other scenarios",
    ):
        assert told in listed


def test_the_same_study_makes_the_same_bytes_that_openlca_can_read():
    study = from_mapping(smelter(), "smelter")
    content = openlca(study, "baseline", None).content
    assert content == openlca(study, "baseline", None).content
    archive = zipfile.ZipFile(io.BytesIO(content))
    objects = [json.loads(archive.read(name)) for name in archive.namelist()]
    assert {"schemaVersion": 2} in objects
    known = {one["@id"] for one in objects if "@id" in one}
    known |= {u["@id"] for one in objects for u in one.get("units", [])}
    text = json.dumps(objects)
    for kind in ("Flow", "Process", "FlowProperty", "UnitGroup"):
        for part in text.split(f'{{"@type": "{kind}", "@id": "')[1:]:
            assert part[:36] in known
    schema = pytest.importorskip("olca_schema")
    for one in objects[1:]:
        made = getattr(schema, one["@type"]).from_dict(one)
        assert made.name == one["name"]


def test_a_fleet_is_refused():
    study = load("configs/national_fleet.yaml")
    fleet = next(iter(study.config.fleets))
    with pytest.raises(ScenarioError, match="export its members"):
        openlca(study, fleet, None)
