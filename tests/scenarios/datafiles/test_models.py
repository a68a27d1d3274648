"""Models of other tools: what each format says arrives, and what cannot is listed."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from scenarios.datafiles.models import read_model
from scenarios.datafiles.models.model import Model, ModelFileError
from scenarios.datafiles.models.names import formula_of
from scenarios.errors import ScenarioError
from scenarios.export.imported import study_data, with_head
from scenarios.language.yaml_text import parse
from scenarios.loading.load import from_mapping, load
from scenarios.model.study import Study

# One system in every format: a bar takes 1.1 kg of ingot and gives back 0.1 kg of bar
# to the ingot (a loop); the ingot takes 2 kWh of power, emits 0.5 kg of CO2 with a
# spread of GSD 1.2, 1 g of CF4, and takes up 0.05 kg of CO2 by a credit; power emits
# 0.6 kg of CO2 a kWh.
DEMAND = 1 / (1 - 1.1 * 0.1)
INGOT = 1.1 * DEMAND
GWP_CF4 = 7380.0
EXPECTED = INGOT * (2 * 0.6 + 0.5 + 0.001 * GWP_CF4 - 0.05)
GSD = 1.2
SD = INGOT * 0.5 * np.sqrt(np.expm1(np.log(GSD) ** 2) * np.exp(np.log(GSD) ** 2))


def zipped(path: Path, files: Mapping[str, bytes | str | dict]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if isinstance(content, dict):
                content = json.dumps(content)
            archive.writestr(name, content)
    return path


def imported(path: Path, product: str | None = None) -> tuple[Study, Model]:
    model = read_model(path)
    assert model is not None
    data = study_data(model, product)
    text = with_head(model, data)
    assert parse(text, "study.yaml") == data
    return from_mapping(data, "study"), model


def point(study: Study) -> float:
    model = study.model()
    return float(model.point(model.outputs["footprint"]).item())


# --- openLCA --------------------------------------------------------------------------


def olca_exchange(flow: str, amount: float, *, made=False, taken=True, **more) -> dict:
    kinds = {"bar": "kg", "ingot": "kg", "power": "kWh"}
    kind = "PRODUCT_FLOW" if flow in kinds else "ELEMENTARY_FLOW"
    return {
        "flow": {"@id": flow, "name": flow, "flowType": kind},
        "amount": amount,
        "unit": {"@id": "u", "name": kinds.get(flow, "kg")},
        "isInput": taken and not made,
        "isQuantitativeReference": made,
        **more,
    }


LOGNORMAL = {
    "distributionType": "LOG_NORMAL_DISTRIBUTION",
    "geomMean": 0.5,
    "geomSd": GSD,
}


def olca_files() -> dict[str, dict]:
    bar = {
        "@id": "p1",
        "name": "Bar, rolled",
        "processType": "UNIT_PROCESS",
        "exchanges": [
            olca_exchange("bar", 1, made=True),
            olca_exchange("ingot", 1.1),
        ],
    }
    ingot = {
        "@id": "p2",
        "name": "Ingot, cast",
        "version": "00.00.001",
        "parameters": [
            {"name": "Kilowatts", "value": 1.0, "isInputParameter": True},
            {"name": "twice", "formula": "2*kilowatts", "isInputParameter": False},
        ],
        "exchanges": [
            olca_exchange("ingot", 1, made=True),
            olca_exchange("bar", 0.1),
            olca_exchange("power", 9, amountFormula="if(Twice>1; twice^1; 0)"),
            olca_exchange("CO2", 0.5, taken=False, uncertainty=LOGNORMAL),
            olca_exchange("cf4", 0.001, taken=False),
            olca_exchange("Carbon dioxide, fossil", 0.05, taken=True),
            olca_exchange("Ammonia", 1, taken=False),
        ],
    }
    power = {
        "@id": "p3",
        "name": "Power",
        "processType": "LCI_RESULT",
        "exchanges": [
            olca_exchange("power", 10, made=True),
            olca_exchange("CO2", 6, taken=False),
        ],
    }
    return {f"processes/{p['@id']}.json": p for p in (bar, ingot, power)}


def test_openlca(tmp_path):
    path = zipped(tmp_path / "model.zip", olca_files())
    study, model = imported(path, "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)
    drawn = study.run(draws=16384).footprint.values
    assert drawn.std() == pytest.approx(SD, rel=0.02)
    assert list(study.config.products) == ["power"]
    assert [(one.where, one.what) for one in model.left_out] == [
        ("Ingot, cast", "Ammonia")
    ]
    stated = study_data(read_model(path), "bar")
    (uncertain,) = [i for i in stated["inputs"].values() if "convention" in i]
    assert uncertain["convention"]["format"] == "openlca"
    assert "p2, version 00.00.001" in uncertain["source"]


def test_openlca_of_version_1_says_the_same(tmp_path):
    files = json.loads(
        json.dumps(olca_files())
        .replace("isInputParameter", "inputParameter")
        .replace("isInput", "input")
        .replace("isQuantitativeReference", "quantitativeReference")
    )
    study, _ = imported(zipped(tmp_path / "model.zip", files), "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)


def test_openlca_co_products_units_and_avoided_products(tmp_path):
    """Half of a process goes to each product; MJ and a flow property are converted."""
    exchanges = [
        olca_exchange("bar", 2, made=True),
        {**olca_exchange("slag", 4, taken=False)},
        olca_exchange("power", 7.2, unit={"@id": "mj", "name": "MJ"}),
        olca_exchange("CO2", 3, taken=False),
        olca_exchange("power", 1, isAvoidedProduct=True),
    ]
    exchanges[1]["flow"]["flowType"] = "PRODUCT_FLOW"
    shares = [("bar", 0.25), ("slag", 0.75)]
    process = {
        "@id": "p1",
        "name": "Furnace",
        "exchanges": exchanges,
        "defaultAllocationMethod": "PHYSICAL_ALLOCATION",
        "allocationFactors": [
            {
                "allocationType": "PHYSICAL_ALLOCATION",
                "product": {"@id": flow},
                "value": share,
            }
            for flow, share in shares
        ],
    }
    files = {"processes/p1.json": process}
    files["processes/p3.json"] = olca_files()["processes/p3.json"]
    path = zipped(tmp_path / "model.zip", files)
    whole = 3 + (2 - 1) * 0.6  # 7.2 MJ are 2 kWh
    for flow, share in shares:
        study, _ = imported(path, flow)
        made = 2 if flow == "bar" else 4
        assert point(study) == pytest.approx(whole * share / made, rel=1e-12)


def test_what_openlca_states_and_a_study_cannot_hold_is_listed(tmp_path):
    files = olca_files()
    lines = files["processes/p2.json"]["exchanges"]
    lines[2]["amountFormula"] = "log(2)"
    lines[3]["uncertainty"] = {**LOGNORMAL, "geomSd": 0.5}
    lines[4]["uncertainty"] = {**LOGNORMAL, "geomMean": 5.0}
    lines[1]["costValue"] = 3.0
    del files["processes/p3.json"]
    files["lcia_categories/x.json"] = {"@id": "x"}
    path = zipped(tmp_path / "model.zip", files)
    study, model = imported(path, "bar")
    listed = " | ".join(f"{o.where}: {o.what}: {o.why}" for o in model.left_out)
    for told in (
        *("log(2)", "geomSd", "it is about 5, and the amount is 0.001", "cost"),
        *("lcia_categories", "no process of the file makes it", "Ammonia"),
    ):
        assert told in listed
    assert "factor.power" in study.config.inputs
    assert point(study) == pytest.approx(EXPECTED - INGOT * 2 * 0.6, rel=1e-12)


# --- Brightway ------------------------------------------------------------------------


def array(values) -> bytes:
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    return content.getvalue()


def package_files(rows=None, spread=None) -> dict[str, bytes | dict]:
    """Bar 1, ingot 2, power 3; CO2 11, CF4 12, and a characterisation."""
    pairs = np.dtype([("row", np.int64), ("col", np.int64)])
    matrices = {
        "technosphere": [
            *((i, i, 1.0, False) for i in (1, 2, 3)),
            *((2, 1, 1.1, True), (1, 2, 0.1, True), (3, 2, 2.0, True)),
        ],
        "biosphere": rows
        or [
            *((11, 2, 0.5, False), (12, 2, 0.001, False)),
            *((11, 2, 0.05, True), (11, 3, 0.6, False)),
        ],
        "characterization": [(11, 11, 1.0, False), (12, 12, GWP_CF4, False)],
    }
    files, resources = {}, []
    for name, cells in matrices.items():
        parts = {
            "indices": np.array([c[:2] for c in cells], dtype=pairs),
            "data": np.array([c[2] for c in cells]),
            "flip": np.array([c[3] for c in cells]),
        }
        if name == "biosphere":
            made = np.zeros(len(cells), dtype=DISTRIBUTION)
            made["uncertainty_type"] = 1
            fields = spread or {"uncertainty_type": 2, "loc": np.log(0.5)}
            fields = {"scale": np.log(GSD)} | fields if spread is None else fields
            for word in ("loc", "scale", "shape", "minimum", "maximum"):
                made[word] = np.nan
            for word, value in fields.items():
                made[word][0] = value
            parts["distributions"] = made
        for kind, values in parts.items():
            path = f"{name}.{kind}.npy"
            files[path] = array(values)
            resources.append(
                {
                    **{"group": name, "kind": kind, "path": path},
                    "matrix": f"{name}_matrix",
                }
            )
    about = {"name": "x", "resources": resources, "demand": {"1": 1}}
    return {"datapackage.json": about, **files}


DISTRIBUTION = [
    ("uncertainty_type", np.uint8),
    *((word, np.float32) for word in ("loc", "scale", "shape", "minimum", "maximum")),
    ("negative", bool),
]


def test_datapackage(tmp_path):
    study, model = imported(zipped(tmp_path / "p.zip", package_files()))
    assert point(study) == pytest.approx(EXPECTED, rel=1e-7)  # loc is of seven digits
    drawn = study.run(draws=16384).footprint.values
    assert drawn.std() == pytest.approx(SD, rel=0.02)
    assert model.left_out == []


@pytest.mark.parametrize(
    ("fields", "mean"),
    [
        ({"uncertainty_type": 3, "loc": 0.5, "scale": 0.1}, 0.5),
        ({"uncertainty_type": 4, "minimum": 0.25, "maximum": 0.75}, 0.5),
        ({"uncertainty_type": 5, "loc": 0.5, "minimum": 0.2, "maximum": 0.8}, 0.5),
        ({"uncertainty_type": 6, "loc": 0.5}, 0.5),
        ({"uncertainty_type": 7, "minimum": 0, "maximum": 2}, 0.5),
        ({"uncertainty_type": 8, "loc": 0.25, "scale": 0.25, "shape": 1}, 0.5),
        ({"uncertainty_type": 9, "loc": 0, "scale": 0.25, "shape": 2}, 0.5),
        ({"uncertainty_type": 10, "loc": 2, "shape": 2}, 0.5),
        ({"uncertainty_type": 11, "loc": 0.5, "scale": 0.125}, 0.5721519),
        ({"uncertainty_type": 12, "loc": 0.5, "scale": 0.125, "shape": 9}, 0.5),
        ({"uncertainty_type": 13, "loc": 0.5, "minimum": 0.25, "maximum": 0.75}, 0.5),
    ],
)
def test_every_code_of_a_datapackage_is_drawn(tmp_path, fields, mean):
    path = zipped(tmp_path / "p.zip", package_files(spread=fields))
    study, model = imported(path)
    drawn = study.run(draws=16384).footprint.values
    others = EXPECTED - INGOT * 0.5
    # a Sobol' mean of 16384 draws
    assert drawn.mean() == pytest.approx(others + INGOT * mean, rel=1e-3)
    assert drawn.std() > 0
    assert model.left_out == []
    assert point(study) == pytest.approx(EXPECTED, rel=1e-6)


def test_negative_lognormals_stay_negative(tmp_path):
    rows = [(11, 2, -0.5, False), (12, 2, 0.001, False), (11, 3, 0.6, False)]
    fields = {"uncertainty_type": 2, "loc": np.log(0.5), "scale": 0.1, "negative": True}
    study, _ = imported(zipped(tmp_path / "p.zip", package_files(rows, fields)))
    others = INGOT * (2 * 0.6 + 0.001 * GWP_CF4)
    drawn = study.run(draws=4096).footprint.values
    assert (drawn < others).all()


def test_our_own_package_comes_back_as_the_study_it_was_made_of(tmp_path):
    from scenarios.export.brightway import package

    for name in ("minimal", "steel_routes"):
        made = load(f"configs/{name}.yaml", settings={"draws": 4096})
        path = tmp_path / f"{name}.zip"
        path.write_bytes(package(made, made.reference, None, 4096).content)
        study, model = imported(path)
        table = made.model().outputs["footprint"]
        row = list(made.scenarios).index(made.reference)
        assert point(study) == pytest.approx(
            made.model().point(table)[row, 0], rel=1e-6
        )
        assert any("pre-sampled" in one.what for one in model.left_out)


def workbook(path: Path, rows: list[list]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


HEAD = ["name", "amount", "unit", "type", "formula", "uncertainty type", "loc", "scale"]


def test_brightway_excel(tmp_path):
    lognormal = [2, float(np.log(0.5)), float(np.log(GSD))]
    rows = [
        *(["Database", "Mine"], [None], ["Database parameters"]),
        *(["name", "amount", "formula"], ["kilowatts", 1], ["twice", 7, "2*kilowatts"]),
        [None],
        *(["Activity", "bar"], ["unit", "kilogram"], ["Exchanges"], HEAD),
        *(["bar", 1, "kilogram", "production"], ["ingot", 1.1, "kilogram"]),
        [None],
        *(["Activity", "ingot"], ["unit", "kilogram"], ["Exchanges"], HEAD),
        ["ingot", 1, "kilogram", "production"],
        ["bar", 0.1, "kilogram", "technosphere"],
        ["power", 9, "kilowatt hour", "technosphere", "twice"],
        ["Carbon dioxide, fossil", 0.5, "kilogram", "biosphere", None, *lognormal],
        ["CF4", 0.001, "kilogram", "biosphere"],
        ["Carbon dioxide, fossil", -0.05, "kilogram", "biosphere"],
        [None],
        *(["Activity", "power"], ["unit", "kilowatt hour"], ["Exchanges"], HEAD),
        ["Carbon dioxide, fossil", 0.6, "kilogram", "biosphere"],
    ]
    rows[12] += ["technosphere"]
    rows = [row if row != [None] else [""] for row in rows]
    study, model = imported(workbook(tmp_path / "m.xlsx", rows), "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)
    assert study.run(draws=16384).footprint.values.std() == pytest.approx(SD, rel=0.02)
    assert model.left_out == []


# --- EcoSpold, ILCD, SimaPro ----------------------------------------------------------


def spold1() -> str:
    def dataset(name: str, unit: str, lines: str) -> str:
        return f"""<dataset number="1"><metaInformation><processInformation>
        <referenceFunction name="{name}" unit="{unit}" amount="1"/>
        <geography location="CN"/></processInformation></metaInformation>
        <flowData>{lines}</flowData></dataset>"""

    def line(name: str, unit: str, amount: float, group: str, more: str = "") -> str:
        side = "output" if name in ("CO2", "CF4") and group == "4" else "input"
        return (
            f'<exchange number="{name}" name="{name}" unit="{unit}" '
            f'meanValue="{amount}" {more}><{side}Group>{group}</{side}Group></exchange>'
        )

    spread = f'uncertaintyType="1" standardDeviation95="{GSD**2!r}"'
    ingot = (
        line("bar", "kg", 0.1, "5")
        + line("power", "kWh", 2, "2")
        + line("CO2", "kg", 0.5, "4", spread)
        + line("CF4", "g", 1, "4")
        + line("Carbon dioxide, fossil", "kg", 0.05, "4")
    )
    return (
        '<?xml version="1.0"?><ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">'
        + dataset("bar", "kg", line("ingot", "kg", 1.1, "5"))
        + dataset("ingot", "kg", ingot)
        + dataset("power", "kWh", line("CO2", "kg", 0.6, "4"))
        + "</ecoSpold>"
    )


def test_ecospold_1(tmp_path):
    path = tmp_path / "m.xml"
    path.write_text(spold1())
    study, model = imported(path, "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)
    assert study.run(draws=16384).footprint.values.std() == pytest.approx(SD, rel=0.02)
    assert model.left_out == []


def spold2(key: str, name: str, unit: str, lines: str, amount: float = 1) -> str:
    return f"""<?xml version="1.0"?>
    <ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02"><activityDataset>
    <activityDescription><activity id="{key}"><activityName>{name}</activityName>
    </activity></activityDescription><flowData>
    <intermediateExchange intermediateExchangeId="{name}" amount="{amount}">
    <name>{name}</name><unitName>{unit}</unitName><outputGroup>0</outputGroup>
    </intermediateExchange>{lines}
    <parameter variableName="kilowatts" amount="1"/>
    </flowData></activityDataset></ecoSpold>"""


def spold2_line(name: str, unit: str, amount: float, link: str = "", more: str = ""):
    tag = "intermediateExchange" if link else "elementaryExchange"
    group = "<inputGroup>5</inputGroup>" if link else "<outputGroup>4</outputGroup>"
    about = f'activityLinkId="{link}"' if link else ""
    inside = more if more.startswith("<") else ""
    attributes = "" if inside else more
    return (
        f'<{tag} {tag}Id="{name}" amount="{amount}" {about} {attributes}>'
        f"<name>{name}</name><unitName>{unit}</unitName>{inside}{group}</{tag}>"
    )


def test_ecospold_2_with_a_treatment(tmp_path):
    variance = float(np.log(GSD) ** 2)
    spread = (
        f'<uncertainty><lognormal meanValue="0.5" mu="-0.693147" variance="0.01" '
        f'varianceWithPedigreeUncertainty="{variance!r}"/></uncertainty>'
    )
    ingot = (
        spold2_line("bar", "kg", 0.1, "a")
        + spold2_line("power", "kWh", 9, "c", 'mathematicalRelation="2*kilowatts"')
        + spold2_line("waste", "kg", -3, "d")
        + spold2_line("CO2", "kg", 0.5, "", spread)
        + spold2_line("CF4", "kg", 0.001)
        + spold2_line("CO2", "kg", -0.05 - 3 * 0.2)
    )
    files = {
        "1.spold": spold2("a", "bar", "kg", spold2_line("ingot", "kg", 1.1, "b")),
        "2.spold": spold2("b", "ingot", "kg", ingot),
        "3.spold": spold2("c", "power", "kWh", spold2_line("CO2", "kg", 0.6)),
        "4.spold": spold2("d", "waste", "kg", spold2_line("CO2", "kg", 0.2), -1),
    }
    study, model = imported(zipped(tmp_path / "m.zip", files), "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)
    assert study.run(draws=16384).footprint.values.std() == pytest.approx(SD, rel=0.02)
    assert model.left_out == []


def ilcd_process(key: str, name: str, exchanges: list[tuple], more: str = "") -> str:
    lines = "".join(
        f'<exchange dataSetInternalID="{i}"><referenceToFlowDataSet '
        f'refObjectId="{flow}"/><exchangeDirection>{way}</exchangeDirection>'
        f"<meanAmount>{amount}</meanAmount>{extra}</exchange>"
        for i, (flow, way, amount, extra) in enumerate(exchanges)
    )
    return (
        f'<processDataSet xmlns="http://lca.jrc.it/ILCD/Process"><UUID>{key}</UUID>'
        f"<baseName>{name}</baseName><referenceToReferenceFlow>0"
        f"</referenceToReferenceFlow>{more}<exchanges>{lines}</exchanges>"
        "</processDataSet>"
    )


def ilcd_files() -> dict[str, str]:
    spread = (
        "<relativeStandardDeviation95In>"
        f"{GSD**2!r}</relativeStandardDeviation95In><uncertaintyDistributionType>"
        "log-normal</uncertaintyDistributionType>"
    )
    parameter = (
        '<mathematicalRelations><variableParameter name="kw"><meanValue>1</meanValue>'
        "</variableParameter></mathematicalRelations>"
    )
    variable = "<referenceToVariable>kw</referenceToVariable>"
    ingot = [
        ("ingot", "Output", 1, ""),
        ("bar", "Input", 0.1, ""),
        ("power", "Input", 2, variable),
        ("CO2", "Output", 0.5, spread),
        ("CF4", "Output", 0.001, ""),
        ("CO2", "Input", 0.05, ""),
    ]
    files = {
        "processes/1.xml": ilcd_process(
            "p1", "bar", [("bar", "Output", 1, ""), ("ingot", "Input", 1.1, "")]
        ),
        "processes/2.xml": ilcd_process("p2", "ingot", ingot, parameter),
        "processes/3.xml": ilcd_process(
            "p3", "power", [("power", "Output", 1, ""), ("CO2", "Output", 0.6, "")]
        ),
    }
    for flow in ("bar", "ingot", "power", "CO2", "CF4"):
        kind = "Product flow" if flow.islower() else "Elementary flow"
        unit = "energy" if flow == "power" else "mass"
        files[f"flows/{flow}.xml"] = (
            f"<flowDataSet><UUID>{flow}</UUID><baseName>{flow}</baseName>"
            "<referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty>"
            f'<typeOfDataSet>{kind}</typeOfDataSet><flowProperty dataSetInternalID="0">'
            f'<referenceToFlowPropertyDataSet refObjectId="{unit}"/></flowProperty>'
            "</flowDataSet>"
        )
    for unit, name in (("energy", "kWh"), ("mass", "kg")):
        files[f"flowproperties/{unit}.xml"] = (
            f"<flowPropertyDataSet><UUID>{unit}</UUID><referenceToReferenceUnitGroup "
            f'refObjectId="g{unit}"/></flowPropertyDataSet>'
        )
        files[f"unitgroups/{unit}.xml"] = (
            f"<unitGroupDataSet><UUID>g{unit}</UUID><referenceToReferenceUnit>0"
            '</referenceToReferenceUnit><unit dataSetInternalID="0"><name>'
            f"{name}</name></unit></unitGroupDataSet>"
        )
    return files


def test_ilcd(tmp_path):
    study, model = imported(zipped(tmp_path / "m.zip", ilcd_files()), "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)
    assert study.run(draws=16384).footprint.values.std() == pytest.approx(SD, rel=0.02)
    assert model.left_out == []


def simapro(separator: str = ";", decimal: str = ".") -> str:
    word = {";": "Semicolon", ",": "Comma", "\t": "Tab"}[separator]
    blocks = [
        ("bar", "kg", {"Materials/fuels": ["ingot;kg;1.1;Undefined;0;0;0"]}),
        (
            "ingot",
            "kg",
            {
                "Materials/fuels": ["bar;kg;0.1;Undefined;0;0;0"],
                "Electricity/heat": ["power;kWh;twice*1;Undefined;0;0;0"],
                "Emissions to air": [
                    f"Carbon dioxide, fossil;low. pop.;kg;0.5;Lognormal;{GSD**2!r};0;0",
                    "CF4;;g;1;Undefined;0;0;0",
                    "Carbon dioxide, fossil;;kg;-0.05;Undefined;0;0;0",
                ],
                "Input parameters": ["Kilowatts;1;Undefined;0;0;0;No;"],
                "Calculated parameters": ["twice;2*kilowatts;"],
            },
        ),
        ("power", "kWh", {"Emissions to air": ["CO2;;kg;0.6;Undefined;0;0;0"]}),
    ]
    rows = ["{SimaPro 9.0}", "{processes}", f"{{CSV separator: {word}}}"]
    rows += [f"{{Decimal separator: {decimal}}}", ""]
    lines = []
    for name, unit, sections in blocks:
        lines += ["Process", "", "Type", "Unit process", ""]
        lines += ["Products", f"{name};{unit};1;100;not defined;Metals\\{name}", ""]
        for head, cells in sections.items():
            lines += [head, *cells, ""]
        lines += ["End", ""]
    changed = []
    for line in lines:
        cells = [
            cell.replace(".", decimal)
            if cell[:1].isdigit() or cell[:1] == "-"
            else cell
            for cell in line.split(";")
        ]
        quoted = [f'"{c}"' if separator in c else c for c in cells]
        changed.append(separator.join(quoted))
    return "\n".join([*rows, *changed])


@pytest.mark.parametrize(
    ("separator", "decimal"), [(";", "."), (";", ","), ("\t", "."), (",", ".")]
)
def test_simapro(tmp_path, separator, decimal):
    path = tmp_path / "m.csv"
    path.write_text(simapro(separator, decimal), encoding="utf-8")
    study, model = imported(path, "bar")
    assert point(study) == pytest.approx(EXPECTED, rel=1e-12)
    assert study.run(draws=16384).footprint.values.std() == pytest.approx(SD, rel=0.02)
    assert model.left_out == []


# --- formulas -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "text", "value"),
    [
        ("openlca", "if(a > 2; ln(a); lg(100))", np.log(3)),
        ("openlca", "A^2 + min(a;1)", 10),
        ("python", "a ** 2 + log(a)", 9 + np.log(3)),
        ("simapro", "Iff(a>4; 1; Log(100))", 2),
        ("ecospold2", "a * 1.5e-3", 0.0045),
    ],
)
def test_formulas_mean_what_they_meant(dialect, text, value):
    from uncertainty.model.expressions import parse as expression

    found = expression(formula_of(text, dialect, str.lower))
    assert float(found.evaluate({"a": 3.0})) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["log(a)", "a.b(1)", "a; b c", "__import__(a)", "a!"])
def test_formulas_without_a_counterpart_are_refused(text):
    from uncertainty.errors import UncertaintyError

    with pytest.raises((ValueError, UncertaintyError)):
        formula_of(text, "openlca", lambda name: name if name in "ab" else None)


# --- damaged and hostile files --------------------------------------------------------


def bomb(tmp_path: Path) -> Path:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("processes/a.json", b" " * 50_000_000)
    return path


def lying(tmp_path: Path) -> Path:
    """A zip whose member states a small size and unpacks to a large one."""
    path = zipped(tmp_path / "m.zip", {"processes/a.json": b"1" * 3_000_000})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.index(mark) + offset
        content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    return path


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">'
        for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    + "]><ecoSpold>&g;</ecoSpold>"
)
FILES = (
    ' <!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><ecoSpold>&f;</ecoSpold>'
)


def hostile(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    def text(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    files = package_files()
    about = files["datapackage.json"]
    return {
        "bomb": (bomb(tmp_path), "unpacks from"),
        "lying size": (lying(tmp_path), "is damaged|another size"),
        "path out": (
            zipped(tmp_path / "1.zip", {"../processes/a.json": "{}"}),
            "leads out of the archive",
        ),
        "absolute path": (
            zipped(tmp_path / "2.zip", {"/processes/a.json": "{}"}),
            "leads out of the archive",
        ),
        "resource out": (
            zipped(
                tmp_path / "3.zip",
                {
                    "datapackage.json": {
                        "resources": [
                            {**one, "path": "../../etc/passwd"}
                            for one in about["resources"]
                        ]
                    }
                },
            ),
            "is missing",
        ),
        "entities": (text("4.xml", ENTITIES), "document type"),
        "file entity": (text("5.xml", FILES.strip()), "document type"),
        "deep xml": (text("6.xml", "<a>" * 5000), "deep"),
        "deep json": (
            zipped(tmp_path / "7.zip", {"processes/a.json": "[" * 100_000}),
            "is no JSON",
        ),
        "not json": (zipped(tmp_path / "8.zip", {"processes/a.json": "{"}), "no JSON"),
        "NaN": (
            zipped(tmp_path / "9.zip", {"processes/a.json": '{"amount": NaN}'}),
            "NaN is no number",
        ),
        "no key": (
            zipped(tmp_path / "10.zip", {"processes/a.json": {"exchanges": [{}]}}),
            "lacks or misstates",
        ),
        "pickle": (
            zipped(
                tmp_path / "11.zip",
                {**files, "technosphere.data.npy": pickled()},
            ),
            "is no array",
        ),
        "short array": (
            zipped(
                tmp_path / "12.zip",
                {**files, "technosphere.data.npy": array(np.ones(2))},
            ),
            "is damaged",
        ),
        "infinite": (
            zipped(
                tmp_path / "13.zip",
                {**files, "technosphere.data.npy": array(np.full(6, np.inf))},
            ),
            "is damaged",
        ),
        "store of a program": (text("x.bw2package", b"BZh9"), "store of a program"),
        "unknown": (text("x.bin", b"\x00\x01\x02"), "is none of the formats"),
        "no process": (zipped(tmp_path / "14.zip", {"a.txt": "x"}), "none of the"),
        "ilcd alone": (text("p.xml", "<processDataSet/>"), "needs its flows"),
        "html": (text("h.xml", "<html></html>"), "none of the formats"),
        "workbook": (
            zipped(tmp_path / "w.xlsx", {"[Content_Types].xml": "<x/>"}),
            "no sound workbook",
        ),
        "simapro": (
            text("s.csv", simapro().replace("bar;kg;1;100", "bar;kg;;100")),
            "row 12: an empty cell",
        ),
        "spold number": (
            text("s.xml", spold1().replace('meanValue="1.1"', 'meanValue="x"')),
            "lacks or misstates",
        ),
    }


def pickled() -> bytes:
    content = io.BytesIO()
    np.save(content, np.array([{}], dtype=object), allow_pickle=True)
    return content.getvalue()


def test_hostile_files_are_refused_by_name_and_nothing_is_written(tmp_path, command):
    source = tmp_path / "source"
    source.mkdir()
    for name, (path, told) in hostile(source).items():
        with pytest.raises(ModelFileError, match=told):
            study_data(read_model(path))
        out = tmp_path / "study.yaml"
        answer = command("import", path, "--out", out)
        assert (answer.code, out.exists()) == (2, False), name
        assert path.name in answer.err, name
        assert "Traceback" not in answer.err, name


@pytest.mark.parametrize("make", [olca_files, package_files, ilcd_files])
def test_flipped_bytes_are_refused_or_read_never_worse(tmp_path, make):
    path = zipped(tmp_path / "m.zip", make())
    content = path.read_bytes()
    refused = 0
    for at in range(0, len(content), max(len(content) // 60, 1)):
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            model = read_model(path)
            from_mapping(study_data(model, None if model.demand else "bar"), "study")
        except ScenarioError:
            refused += 1
    assert refused > 10


def test_which_product_is_meant_is_asked_and_never_guessed(tmp_path):
    path = zipped(tmp_path / "m.zip", olca_files())
    with pytest.raises(ModelFileError, match="--product"):
        study_data(read_model(path))
    with pytest.raises(ModelFileError, match="did you mean bar"):
        study_data(read_model(path), "barr")


# --- the command ----------------------------------------------------------------------


def test_the_command_writes_a_study_that_runs(tmp_path, command):
    path = zipped(tmp_path / "m.zip", olca_files())
    out = tmp_path / "study.yaml"
    told = command("import", path, "--product", "bar", "--out", out)
    assert told.code == 0, told.err
    assert "2 processes, 1 bought products, 1 inputs with a spread" in told.out
    assert "left out: Ingot, cast: Ammonia: no greenhouse gas" in told.err
    assert "Ammonia" in out.read_text()
    assert point(load(out)) == pytest.approx(EXPECTED, rel=1e-12)
    again = command("import", path, "--product", "bar", "--out", out)
    assert again.code == 2
    assert "--force" in again.err
