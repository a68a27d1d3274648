"""Formats of other programs: IAMC tables, PACT footprints, and what they refuse."""

import io
import json
import re

import jsonschema
import numpy as np
import openpyxl
import pandas as pd
import pytest

from scenarios.errors import ConfigError, ScenarioError
from scenarios.export.iamc import INDEX, iamc
from scenarios.export.outside import FORMATS, Source, read_about
from scenarios.export.pact import DECIMAL, FOOTPRINT, PRODUCT, SCHEMA, pact
from scenarios.loading.load import load

ABOUT = {
    "companyName": "A smelter",
    "companyIds": ["urn:company:example:1"],
    "productIds": ["urn:gtin:4712345060507"],
    "productNameCompany": "Ingot",
    "referencePeriodStart": "2024-01-01T00:00:00Z",
    "referencePeriodEnd": "2024-12-31T23:59:59Z",
    "geographyCountry": "CN",
    "fossilCarbonContent": 0,
    "exemptedEmissionsPercent": 0.5,
    "crossSectoralStandards": ["ISO14067"],
}


@pytest.fixture(scope="module")
def result():
    return load("configs/minimal.yaml").run(draws=1024)


@pytest.fixture(scope="module")
def dated():
    return load("configs/national_pathway.yaml").run(draws=1024)


# --- IAMC -----------------------------------------------------------------------------


def test_a_wide_and_a_long_table_and_a_workbook_say_the_same(dated):
    names = dated.scenarios[:2]
    made = iamc(dated, names, {"region": "China"})
    wide = pd.read_csv(io.BytesIO(made["iamc.csv"]))
    long = pd.read_csv(io.BytesIO(made["iamc_long.csv"]))
    assert tuple(wide.columns) == (*INDEX, *map(str, dated.years))
    assert tuple(long.columns) == (*INDEX, "year", "value")
    back = wide.melt(list(INDEX), var_name="year").dropna()
    assert sorted(back["value"]) == sorted(long["value"])
    book = openpyxl.load_workbook(io.BytesIO(made["iamc.xlsx"]))
    assert book.sheetnames == ["data", "meta"]
    assert book["data"].max_row == len(wide) + 1
    assert [row[1].value for row in book["meta"].iter_rows(min_row=2)] == names


def test_its_numbers_are_those_of_the_result(result):
    made = iamc(result, ["hydro"], {"region": "China", "year": 2024})
    table = pd.read_csv(io.BytesIO(made["iamc_long.csv"])).set_index("variable")
    head = "Product Carbon Footprint|Aluminium ingot"
    draws = result.footprint.sel(scenario="hydro").values
    assert table.loc[head, "value"] == pytest.approx(draws.mean(), rel=1e-12)
    ranks = np.sort(draws)
    for percent in (2.5, 50, 97.5):
        value = table.loc[f"{head}|{percent:.1f}th Percentile", "value"]
        rank = ranks[int(np.ceil(percent / 100 * draws.size)) - 1]
        assert value == pytest.approx(rank, rel=1e-12)
    parts = [v for v in table.index if re.fullmatch(re.escape(head) + r"\|\w+", v)]
    assert parts
    assert table.loc[parts, "value"].sum() == pytest.approx(draws.mean(), rel=1e-12)


def test_pyam_opens_every_file(result, tmp_path):
    pyam = pytest.importorskip("pyam")
    made = iamc(result, result.scenarios, {"region": "China", "year": 2024})
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
        opened = pyam.IamDataFrame(tmp_path / name)
        assert opened.scenario == sorted(result.scenarios)
        head = "Product Carbon Footprint|Aluminium ingot"
        parts = opened.filter(variable=f"{head}|*", level=0).variable
        parts = [part for part in parts if "Percentile" not in part]
        assert opened.check_aggregate(head, components=parts) is None


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"region": "China"}, "--about year="),
        ({"year": 2024}, "--about region="),
        ({"region": "China", "year": 2024, "colour": 1}, "has no colour"),
    ],
)
def test_an_iamc_table_guesses_nothing(result, about, told):
    with pytest.raises(ScenarioError, match=told):
        iamc(result, ["hydro"], about)


def test_a_year_beside_the_studys_own_is_refused(dated):
    with pytest.raises(ScenarioError, match="years of its own"):
        iamc(dated, dated.scenarios, {"region": "China", "year": 2024})


# --- PACT -----------------------------------------------------------------------------


def subset() -> dict:
    """Field names, types and needed fields of PACT 3.0, as its text states them."""
    number = {"type": "string", "pattern": f"^{DECIMAL}$"}
    footprint = {
        "type": "object",
        "properties": {
            "declaredUnitOfMeasurement": {
                "enum": [
                    *("liter", "kilogram", "cubic meter", "kilowatt hour", "megajoule"),
                    *("ton kilometer", "square meter", "piece", "hour"),
                    "megabit second",
                ]
            },
            "declaredUnitAmount": number,
            "productMassPerDeclaredUnit": number,
            "pcfExcludingBiogenicUptake": number,
            "pcfIncludingBiogenicUptake": number,
            "fossilCarbonContent": number,
            "fossilGhgEmissions": number,
            "exemptedEmissionsPercent": number,
            "ipccCharacterizationFactors": {"type": "array", "minItems": 1},
            "crossSectoralStandards": {"type": "array", "minItems": 1},
            "referencePeriodStart": {"type": "string"},
            "referencePeriodEnd": {"type": "string"},
        },
    }
    footprint["required"] = list(footprint["properties"])
    product = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
            "specVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
            "created": {"type": "string"},
            "status": {"enum": ["Active", "Deprecated"]},
            "companyName": {"type": "string", "minLength": 1},
            "companyIds": {"type": "array", "minItems": 1},
            "productDescription": {"type": "string"},
            "productIds": {"type": "array", "minItems": 1},
            "productNameCompany": {"type": "string", "minLength": 1},
            "pcf": footprint,
        },
    }
    product["required"] = list(product["properties"])
    return product


def test_a_message_has_what_pact_needs(result):
    made = pact(result, result.scenarios, ABOUT)
    message = json.loads(made["pact.json"])
    for product in message["data"]:
        jsonschema.validate(product, subset())
        data = product["extensions"][0]["data"]
        jsonschema.validate(data, json.loads(made["uncertainty.schema.json"]))
        draws = result.footprint.sel(scenario=data["scenario"]).values / 1000
        assert float(product["pcf"]["pcfExcludingBiogenicUptake"]) == pytest.approx(
            draws.mean(), rel=1e-12
        )
        ends = data["coverageInterval"]
        inside = (draws >= float(ends["lower"])) & (draws <= float(ends["upper"]))
        assert inside.mean() == pytest.approx(0.95, abs=1.5 / 1024)
    ids = [product["id"] for product in message["data"]]
    assert len(set(ids)) == len(ids)
    assert made == pact(result, result.scenarios, ABOUT)


def test_the_table_of_fields_needs_what_the_subset_needs():
    needed = {name for name, kind in PRODUCT.items() if kind.endswith("!")}
    assert needed == set(subset()["required"]) - {"pcf"}
    needed = {name for name, kind in FOOTPRINT.items() if kind.endswith("!")}
    assert needed == set(subset()["properties"]["pcf"]["required"])
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"companyNam": "x"}, "did you mean companyName"),
        ({"companyIds": []}, "companyIds: PACT takes a list"),
        ({"productIds": ["4712"]}, "takes a URN"),
        ({"fossilCarbonContent": -1}, "0 or more"),
        ({"biogenicCO2Uptake": 1}, "0 or less"),
        ({"referencePeriodEnd": "2024"}, "takes a time"),
        ({"geographyCountrySubdivision": "CN-SD"}, "state one of them"),
        ({"ccuCalculationApproach": "Guess"}, "Cut-off or Credit"),
        ({"packagingEmissionsIncluded": "yes"}, "true or false"),
        ({"dqi": "good"}, "a mapping"),
        ({"secondaryEmissionFactorSources": ["x"]}, "a list of mappings"),
    ],
)
def test_what_pact_cannot_take_is_told(result, changed, told):
    with pytest.raises(ScenarioError, match=told):
        pact(result, ["hydro"], ABOUT | changed)


def test_every_missing_field_is_told_at_once(result):
    with pytest.raises(ScenarioError) as raised:
        pact(result, ["hydro"], {})
    for name in ("companyName", "fossilCarbonContent", "exemptedEmissionsPercent"):
        assert f"{name}: missing" in str(raised.value)


def test_biogenic_uptake_lowers_the_sum_that_includes_it(result):
    made = pact(result, ["hydro"], ABOUT | {"biogenicCO2Uptake": -0.25})
    (product,) = json.loads(made["pact.json"])["data"]
    fields = product["pcf"]
    without = float(fields["pcfExcludingBiogenicUptake"])
    assert float(fields["pcfIncludingBiogenicUptake"]) == pytest.approx(without - 0.25)


# --- the command ----------------------------------------------------------------------


def test_about_is_read_from_files_and_words(tmp_path):
    path = tmp_path / "about.yaml"
    path.write_text("region: China\nyear: 2020\n")
    assert read_about([str(path), "year=2024"]) == {"region": "China", "year": 2024}
    path.write_text("- region\n")
    with pytest.raises(ConfigError, match="no mapping"):
        read_about([str(path)])
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_about([str(tmp_path / "none.yaml")])


def test_a_scenario_that_is_not_there_is_told():
    source = Source(loaded=load("configs/minimal.yaml"), chosen=["hydr"])
    for make in FORMATS.values():
        with pytest.raises(ScenarioError, match="did you mean hydro"):
            make(source)


def test_the_command_writes_a_format_of_another_program(command, tmp_path):
    about = ["--about", "region=China", "--about", "year=2024"]
    told = command("export", "configs/minimal.yaml", "--to", "iamc", *about,
                "--out", str(tmp_path / "out"))  # fmt: skip
    assert told.code == 0, told.err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        *("iamc.csv", "iamc.xlsx", "iamc_long.csv")
    ]
    told = command("export", "configs/minimal.yaml", "--to", "iamc", *about,
                "--out", str(tmp_path / "one.csv"))  # fmt: skip
    assert told.code == 2
    assert "name a folder" in told.err
    assert not (tmp_path / "one.csv").exists()
    for option, to in (("--tables", "iamc"), ("--scenario", "csv"), ("--about", "csv")):
        told = command("export", "configs/minimal.yaml", "--to", to, option, "x=y")
        assert told.code == 2
        assert f"{option} says nothing of --to {to}" in told.err
