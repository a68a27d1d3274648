"""Datapackages: bw2calc repeats the run draw by draw, and draws for itself."""

import io
import json
import warnings
import zipfile

import numpy as np
import pytest

from scenarios.export.brightway import package
from scenarios.loading.load import from_mapping, load
from scenarios.model.study import Study

with warnings.catch_warnings():  # it asks for a faster solver
    warnings.simplefilter("ignore")
    bw2calc = pytest.importorskip("bw2calc")
import bw_processing
from fsspec.implementations.zip import ZipFileSystem

# every family that stats_arrays has a code for, by code
FAMILIES = {
    2: {"lognormal": {"median": 3, "gsd": 1.2, "negate": True}},
    3: {"normal": {"mean": 3, "sd": 0.2, "bounds": {"low": 2.5}}},
    4: {"uniform": {"low": 1, "high": 2}},
    5: {"triangular": {"low": 1, "mode": 1.5, "high": 3}},
    6: {"bernoulli": {"probability": 0.3}},
    7: {"discrete_uniform": {"low": 1, "high": 4}},
    8: {"weibull": {"shape": 2, "scale": 1, "offset": 0.5}},
    9: {"gamma": {"shape": 3, "scale": 0.5}},
    10: {"beta": {"a": 2, "b": 3, "low": 0, "high": 2}},
    11: {"gumbel": {"location": 2, "scale": 0.1}},
    12: {"student_t": {"mean": 2, "scale": 0.1, "dof": 9}},
    13: {"pert": {"low": 1, "mode": 2, "high": 4}},
}


def looped() -> dict:
    """A loop, a co-product by allocation, a credit, routes, a lever and two GWPs."""
    inputs = {
        f"melt.x{code}": {"units": "kg/t", **law, "source": "s"}
        for code, law in FAMILIES.items()
    }
    inputs |= {
        "melt.scrap": {"units": "t/t", "uniform": {"low": 0.1, "high": 0.3}},
        "melt.share": {
            "units": "1",
            "triangular": {"low": 0.7, "mode": 0.8, "high": 0.9},
        },
        "melt.route": {"units": "1", "uniform": {"low": 0.2, "high": 0.6}},
    }
    for one in inputs.values():
        one["source"] = "s"
    return {
        "declared_unit": {"units": "t", "product": "bar"},
        "run": {"draws": 1024, "seed": 7},
        "characterisation": {"set": "AR6", "uncertain": True},
        "inputs": inputs,
        "products": {
            "coal": {
                "units": "kg",
                "source": "thermal",
                "emits": {"burnt": {"gas": "CH4", "amount": "melt.x3 * 0.01 * 1000"}},
            }
        },
        "supplies": {"grid": {"factor": "0.6 kg CO2e/kWh"}},
        "processes": {
            "rolling": {
                "stage": "a",
                "makes": {"product": "bar", "units": "t"},
                "needs": {"ingot": "1 + melt.scrap"},
            },
            "melting": {
                "stage": "b",
                "makes": {"product": "ingot", "units": "kg"},
                "allocation": "melt.share",
                "needs": {
                    "coal": 0.4,
                    "bar": "melt.scrap / 2",
                    "power": {"amount": "2 kWh/kg", "supply": "grid"},
                },
                "emits": {
                    name: {"gas": "CO2", "amount": name}
                    for name in inputs
                    if name.startswith("melt.x")
                },
            },
            "other_melting": {
                "stage": "b",
                "makes": {"product": "ingot", "units": "kg"},
                "emits": {"credit": {"gas": "CO2", "amount": "-melt.x13"}},
            },
        },
        "routes": {"ingot": {"melting": "melt.route", "other_melting": "rest"}},
        "levers": {
            "less_coal": {
                "label": "less",
                "processes": {"melting": {"needs": {"coal": {"scale": 0.5}}}},
            }
        },
        "scenarios": {
            "base": {"reference": True},
            "less": {"levers": {"less_coal": 0.5}, "scale": {"melt.scrap": 0.5}},
        },
    }


def opened(study: Study, scenario: str, year: int | None, tmp_path) -> tuple:
    """The package as bw_processing reads it, and its demand."""
    path = tmp_path / f"{scenario}.zip"
    path.write_bytes(package(study, scenario, year, study.settings.draws).content)
    found = bw_processing.load_datapackage(ZipFileSystem(path))
    return found, {int(k): v for k, v in found.metadata["demand"].items()}


def scores(found, demand, count: int, **use) -> np.ndarray:
    """Scores of an LCA, one a draw."""
    lca = bw2calc.LCA(demand, data_objs=[found], **use)
    lca.lci()
    lca.lcia()
    drawn = [lca.score]
    for _ in range(count - 1):
        next(lca)
        drawn.append(lca.score)
    return np.array(drawn)


def study_of(name: str) -> Study:
    if name == "looped":
        return from_mapping(looped(), "looped")
    return load(f"configs/{name}.yaml", settings={"draws": 1024})


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("minimal", [("national_grid", None), ("hydro", None)]),
        ("looped", [("base", None), ("less", None)]),
        ("steel_routes", [("scrap", None)]),
        ("national_pathway", [("frozen_grid", 2030)]),
    ],
)
def test_bw2calc_repeats_every_draw(name, cells, tmp_path):
    study = study_of(name)
    result = study.run()
    for scenario, year in cells:
        found, demand = opened(study, scenario, year, tmp_path)
        own = result.sample(result.cell(scenario, year))
        drawn = scores(found, demand, 200, use_arrays=True)
        assert drawn == pytest.approx(own[:200], rel=1e-9)  # two solvers' rounding
        fixed = scores(found, demand, 1)
        point = study.model().point(study.model().outputs["footprint"])
        row = result.scenarios.index(scenario)
        column = result.years.index(year) if year else 0
        assert fixed[0] == pytest.approx(point[row, column], rel=1e-9)


def test_its_own_draws_have_the_mean_and_spread_of_the_run(tmp_path):
    study = study_of("minimal")
    own = study.run().footprint.sel(scenario="hydro").values
    found, demand = opened(study, "hydro", None, tmp_path)
    drawn = scores(found, demand, 400, use_distributions=True)
    # bw2calc has no seed here: five standard errors of 400 draws
    assert drawn.mean() == pytest.approx(own.mean(), abs=5 * own.std() / 20)
    assert drawn.std() == pytest.approx(own.std(), rel=5 / np.sqrt(2 * 400))


@pytest.mark.parametrize("code", FAMILIES)
def test_a_family_has_its_code(code, tmp_path):
    law = FAMILIES[code]
    study = from_mapping(
        {
            "declared_unit": {"units": "t", "product": "bar"},
            "run": {"draws": 1024, "seed": 7},
            "inputs": {"x": {"units": "g/t", **law, "source": "s"}},
            "processes": {
                "rolling": {
                    "stage": "a",
                    "makes": {"product": "bar", "units": "t"},
                    "emits": {"line": {"gas": "CO2", "amount": "x"}},
                }
            },
        },
        "one",
    )
    made = package(study, "baseline", None, 1024)
    scalable = code not in (6, 7)  # a Bernoulli in grams is none in kilograms
    assert len(made.exact) == scalable
    found = opened(study, "baseline", None, tmp_path)[0]
    (row,), _ = found.get_resource("biosphere.amounts.distributions")
    assert (row["uncertainty_type"] == code) == scalable
    drawn = study.run().footprint.values
    values, _ = found.get_resource("biosphere.draws.data")
    assert values[0] == pytest.approx(drawn[0], rel=1e-12)


def test_the_package_says_what_it_holds_and_is_the_same_each_time(tmp_path):
    study = study_of("minimal")
    content = package(study, "hydro", None, 1024).content
    assert content == package(study, "hydro", None, 1024).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        about = json.loads(archive.read("datapackage.json"))
    assert about["sequential"] is True
    assert about["combinatorial"] is False
    assert about["seed"] is None
    assert (about["scenario"], about["draws"]) == ("hydro", 1024)
    names = [node["name"] for node in about["nodes"]]
    assert names == [
        *("casting", "electrolysis", "alumina", "smelting.power", "CO2", "CO2e")
    ]
    found = opened(study, "hydro", None, tmp_path)[0]
    labels, _ = found.get_resource("technosphere.draws.param_labels")
    values, _ = found.get_resource("technosphere.draws.params")
    own = study.run().inputs["casting.melt_loss"].values
    at = labels["values"].index("casting.melt_loss")
    assert values[at] == pytest.approx(own, rel=1e-15)
