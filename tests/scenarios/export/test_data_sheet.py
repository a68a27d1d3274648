"""The plant's data sheet: written, filled in, read back, and every fault in it."""

import csv
import json
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from scenarios.datafiles import spreadsheet_cells as cells
from scenarios.datafiles.spreadsheet_cells import letters
from scenarios.errors import ConfigError, ScenarioError
from scenarios.export import data_sheet as datasheet
from scenarios.loading.load import load

PLANT = """\
title: A plant
run: {draws: 64, seed: 1, replicates: 4}
inputs:
  plant.power:
    label: Electricity of the plant
    units: kWh/t
    normal: {mean: 13500, sd: 100}
    kind: activity data
    nature: variability
    source: a table
  plant.gas: {units: MJ/t, uniform: {low: 1, high: 3}, kind: activity data, source: x}
  plant.lime: {value: 3 kg/t, kind: activity data, source: x}
  plant.loss: {units: "%", value: 1, source: x}
  plant.net:
    {units: kWh/t, formula: plant.power * (1 - plant.loss), kind: activity data}
  plant.spare: {units: t, value: 1, kind: activity data, source: nothing reads it}
  grid.factor: {units: kg CO2e/kWh, value: 0.5, kind: emission factor, source: x}
dependence:
  - composition: fuel
    dirichlet: {means: {fuel.a: 0.5, fuel.b: 0.5}, concentration: 9}
    source: x
outputs:
  total: {units: kWh/t, formula: plant.net + plant.gas}
  share: {units: "1", formula: fuel.a}
  lime: {units: kg/t, formula: plant.lime}
  carbon: {units: kg CO2e/t, formula: plant.power * grid.factor}
"""
ENDINGS = (".csv", ".xlsx")
Fill = Callable[..., Path]


@pytest.fixture
def plant(tmp_path) -> Path:
    """The plant's study, as a file."""
    path = tmp_path / "plant.yaml"
    path.write_text(PLANT)
    return path


@pytest.fixture(params=ENDINGS)
def ending(request) -> str:
    """Ending of a data sheet."""
    return str(request.param)


def heading(word: object) -> str:
    return str(word).partition(" [")[0]


@pytest.fixture
def fill(plant, tmp_path) -> Fill:
    """A study that reads a data sheet of which some rows are filled in."""

    def make(ending: str, /, key: str = "data_sheet: {}", **rows: dict) -> Path:
        given = {id.replace("__", "."): row for id, row in rows.items()}
        path = tmp_path / f"data{ending}"
        path.write_bytes(datasheet.content(load(plant), ending))
        if ending == ".xlsx":
            book = openpyxl.load_workbook(path)
            page = book["data"]
            at = {heading(one.value): one.column for one in page[1]}
            of = {one.value: one.row for one in page["A"]}
            for id, row in given.items():
                place = of.get(id, page.max_row + 1)
                for word, value in {"id": id, **row}.items():
                    page.cell(place, at[word]).value = value
            book.save(path)
        else:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                head, *table = csv.reader(lines)
            at = {heading(word): i for i, word in enumerate(head)}
            for id, row in given.items():
                if id not in [line[0] for line in table]:
                    table.append([""] * len(head))
                    table[-1][0] = id
                line = next(line for line in table if line[0] == id)
                for word, value in row.items():
                    line[at[word]] = "" if value is None else str(value)
            with path.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows([head, *table])
        study = tmp_path / "filled.yaml"
        text = f"import: [plant.yaml]\n{key.format(path.name)}\n"
        study.write_text(text)
        return study

    return make


def faults_of(study: Path) -> list[str]:
    """Each fault of a study, as it is told."""
    with pytest.raises(ConfigError) as found:
        load(study)
    return [str(fault) for fault in found.value.faults]


class TestTemplate:
    def test_it_has_every_datum_that_the_study_reads(self, plant):
        [data, how_to] = datasheet.sheets(load(plant))
        # no formula, no factor, no share, nothing that nobody reads; but what has no
        # stated kind may be a datum
        ids = ["plant.power", "plant.gas", "plant.lime", "plant.loss"]
        assert [row[0] for row in data.rows] == ids
        first = dict(zip(data.headings, data.rows[0], strict=True))
        assert first["meaning"] == "Electricity of the plant"
        assert first["units"] == "kWh/t"
        assert first["now"] == "normal (mean 13500, sd 100); a table"
        prefilled = {"id", "meaning", "units", "now"}
        assert {heading(word) for word, value in first.items() if value} == prefilled
        told = {heading(word) for word in data.headings} - {"id", "meaning"}
        explained = " ".join(str(row[0]) for row in how_to.rows).replace(" ... r12", "")
        assert told - {f"r{i}" for i in range(2, 13)} <= set(explained.split())

    def test_scores_take_one_to_five_in_the_spreadsheet_too(self, plant, tmp_path):
        path = tmp_path / "data.xlsx"
        path.write_bytes(datasheet.content(load(plant), ".xlsx"))
        page = openpyxl.load_workbook(path)["data"]
        rules = page.data_validations.dataValidation
        assert len(rules) == 5
        ends = {(rule.type, rule.formula1, rule.formula2) for rule in rules}
        assert ends == {("whole", "1", "5")}
        assert page.freeze_panes == "A2"

    def test_a_study_without_data_is_told(self, written):
        study = written(
            "title: t\ninputs: {a: {units: t, value: 1, kind: assumption, source: x}}\n"
            "outputs: {b: {units: t, formula: a}}\n"
        )
        with pytest.raises(ScenarioError, match="no input of kind `activity data`"):
            datasheet.sheets(study)

    def test_hostile_text_is_inert_in_it(self, tmp_path):
        text = '=HYPERLINK("http://x")'
        data = {"title": "t", "outputs": {"b": {"units": "t", "formula": "a"}}}
        one = {"units": "t", "value": 1, "label": text, "source": "<script>\r\n@x"}
        path = tmp_path / "hostile.yaml"
        path.write_text(json.dumps({**data, "inputs": {"a": one}}))
        (tmp_path / "x.xlsx").write_bytes(datasheet.content(load(path), ".xlsx"))
        page = openpyxl.load_workbook(tmp_path / "x.xlsx")["data"]
        assert {one.data_type for row in page for one in row} <= {"s", "n"}
        assert page["B2"].value == text
        assert b"'=HYPERLINK" in datasheet.content(load(path), ".csv")

    def test_the_command_writes_it_and_never_over_one_that_exists(
        self, plant, potline, ending
    ):
        out = f"data{ending}"
        told = potline("sheet", plant.name, "-o", out)
        assert told.code == 0, told.err
        assert f"a study reads it by `data_sheet: {out}`" in told.out
        before = Path(out).read_bytes()
        told = potline("sheet", plant.name, "-o", out)
        assert told.code == 2
        assert "exists already; pass --force" in told.err
        assert Path(out).read_bytes() == before
        assert potline("sheet", plant.name, "-o", out, "--force").code == 0

    def test_another_ending_is_refused(self, plant, potline):
        told = potline("sheet", plant.name, "-o", "data.xls")
        assert told.code == 2
        assert "ends in .xlsx or .csv, not in .xls" in told.err

    def test_a_folder_that_is_not_there_is_told(self, plant, potline):
        told = potline("sheet", plant.name, "-o", "no/data.csv")
        assert told.code == 2
        assert "no/data.csv: cannot be written" in told.err


class TestFilledIn:
    @pytest.mark.parametrize("key", ["data_sheet: {}", "inputs: {{sheet: {}}}"])
    def test_an_empty_sheet_changes_nothing(self, fill, plant, ending, key):
        study = fill(ending, key)
        # the filled study imports the plant's, and an import gives no title
        titled = load(plant).text.split("\n", 1)
        assert titled == ["title: A plant", load(study).text]

    def test_readings_are_a_mean_observed_with_its_uncertainty(self, fill, ending):
        study = load(
            fill(
                ending,
                plant__power={
                    **{
                        "units": "MWh/t",
                        "r1": 13.1,
                        "r2": 13.2,
                        "r5": 13.3,
                        "r12": 13.4,
                    },
                    **{"source": "meter", "period": 2024, "comment": "year's end"},
                },
            )
        )
        found = study.definitions["plant.power"].marginal
        # JCGM 101 6.4.9: scaled and shifted t of 3 degrees of freedom about the
        # average, scale s / sqrt(4), so sd = s / 2 * sqrt(3 / (3 - 2));
        # s^2 = (150^2 + 50^2 + 50^2 + 150^2) / 3, in kWh/t
        assert found.mean == pytest.approx(13250, rel=1e-12)
        assert found.sd == pytest.approx((50_000 / 3) ** 0.5 / 2 * 3**0.5, rel=1e-12)
        stated = study.config.inputs["plant.power"]
        assert stated.observed.of == "mean"
        assert stated.units == "kWh/t"
        assert (stated.kind, stated.nature) == ("activity data", "variability")
        assert stated.label == "Electricity of the plant"
        assert stated.source == "meter; 2024"
        assert (stated.confidence, stated.spread_confidence) == ("read", "derived")
        assert stated.note == "year's end"

    def test_a_value_with_a_percentage_is_a_law_of_that_width(self, fill, ending):
        study = load(
            fill(
                ending,
                plant__gas={"value": 2.5, "plus_minus": 10, "source": "invoice"},
            )
        )
        found = study.definitions["plant.gas"].marginal
        assert found.mean == 2.5
        # half of a 95 % interval of a normal law is 1.959964 sd
        assert found.sd == pytest.approx(0.25 / 1.959964, rel=1e-6)
        stated = study.config.inputs["plant.gas"]
        assert (stated.confidence, stated.spread_confidence) == ("read", "read")

    def test_a_wide_percentage_is_a_skewed_interval_about_the_value(self, fill, ending):
        row = {"value": 2.0, "plus_minus": 80, "source": "guess"}
        found = load(fill(ending, plant__gas=row)).definitions["plant.gas"].marginal
        ends = found.ppf([0.025, 0.5, 0.975])
        assert ends == pytest.approx([0.4, 2.0, 3.6], rel=1e-9)
        assert found.support[0] >= 0

    def test_a_value_alone_is_a_constant(self, fill, ending):
        row = {"value": 0.004, "units": "t/t", "source": "scales"}
        study = load(fill(ending, plant__lime=row))
        # the study states it as 3 kg/t, with the units in the value
        stated = study.config.inputs["plant.lime"]
        assert (stated.units, stated.value) == ("kg/t", pytest.approx(4.0, rel=1e-15))
        assert stated.spread_confidence is None

    def test_a_formula_gives_way_to_what_was_measured(self, fill, ending):
        row = {"value": 13000, "units": "kWh/t", "source": "meter"}
        stated = load(fill(ending, plant__net=row)).config.inputs["plant.net"]
        assert (stated.value, stated.formula) == (13000, None)

    def test_scores_land_in_the_data_quality(self, fill, ending):
        row = {"value": 1, "source": "x", "reliability": 2, "technology": 5}
        stated = load(fill(ending, plant__gas=row)).config.inputs["plant.gas"]
        assert stated.data_quality == {"reliability": 2, "technology": 5}

    def test_a_run_carries_what_was_measured(self, fill, potline, no_figures, ending):
        from scenarios.loading.restore import study_of
        from scenarios.results.file import open_result

        row = {"value": 2.5, "plus_minus": 10, "source": "invoice", "time": 1}
        study = fill(ending, plant__gas=row)
        told = potline("run", study.name, "--out", "out")
        assert told.code == 0, told.err
        Path(f"data{ending}").unlink()
        result = open_result("out")
        again = study_of(result).config.inputs["plant.gas"]
        assert again == load_only(again, value=2.5, plus_minus=10)
        assert again.data_quality == {"time": 1}
        assert result.inputs["plant.gas"].attrs["source"] == "invoice"

    def test_check_says_that_it_is_stated_in_the_sheet(self, fill, potline, ending):
        study = fill(ending, plant__gas={"value": 2, "source": "invoice"})
        [line] = [
            line
            for line in potline("check", study.name, "--inputs").out.splitlines()
            if "plant.gas" in line
        ]
        assert f"data{ending}" in line

    def test_the_command_line_wins_over_the_sheet(self, fill, ending):
        study = fill(ending, plant__gas={"value": 2, "source": "invoice"})
        assert load(study, {"plant.gas": "3"}).config.inputs["plant.gas"].value == 3

    def test_more_readings_may_be_added(self, fill, tmp_path):
        study = fill(".csv")
        path = tmp_path / "data.csv"
        head = "id,units,value,source,r13,r14,r15,r16\n"
        path.write_text(head + "plant.gas,MJ/t,,meter,1,2,3,4\n")
        values = load(study).config.inputs["plant.gas"].observed.values
        assert values == (1, 2, 3, 4)

    def test_text_kept_from_running_is_read_as_it_was(self, fill):
        study = fill(".csv", plant__gas={"value": 1, "source": "'=meter"})
        assert load(study).config.inputs["plant.gas"].source == "=meter"


def load_only(stated, **words):
    """The input itself, if that is the percentage it states."""
    assert stated.percent.model_dump(exclude_none=True, include=set(words)) == words
    return stated


# column -> value, column at fault, what is said
FAULTS = {
    "a spreadsheet error": ({"value": "#NUM!"}, "value", "spreadsheet error; mend it"),
    "a decimal comma": ({"value": "13,5"}, "value", "write a decimal point, no comma"),
    "a percent sign": ({"plus_minus": "5 %"}, "plus_minus", "without the sign"),
    "a word": ({"value": "much"}, "value", "'much' is no number"),
    "infinity": ({"value": "inf"}, "value", "'inf' is no number"),
    "an underscore": ({"value": "13_500"}, "value", "write digits and a decimal point"),
    "wrong units": ({"units": "kg/t"}, "units", "do not measure the same thing"),
    "unknown units": ({"units": "mj/t"}, "units", "mj is not a unit known here"),
    "no units": ({"units": None}, "units", "are missing; write MJ/t"),
    "no source": ({"source": None}, "source", "say where the figure comes from"),
    "a score of 6": ({"time": 6}, "time", "a score is 1, 2, 3, 4 or 5 (1 the best)"),
    "a score of 1.5": ({"reliability": 1.5}, "reliability", "not 1.5"),
    "no value": ({"value": None, "plus_minus": 5}, "value", "is missing; fill it"),
    "scores alone": ({"value": None, "time": 2}, "value", "is missing; fill it"),
    "both": ({"r1": 1, "r2": 2, "r3": 3, "r4": 4}, "value", "stands beside readings"),
    "a spread of readings": (
        {"value": None, "plus_minus": 5, "r1": 1, "r2": 2, "r3": 3, "r4": 4},
        "plus_minus",
        "stands beside readings",
    ),
    "three readings": (
        {"value": None, "r1": 1, "r2": 2, "r3": 3},
        "r1",
        "3 alone; a mean with its uncertainty takes 4 or more",
    ),
    "a bad reading": (
        {"value": None, "r1": 1, "r2": 2, "r3": "#REF!", "r4": 4},
        "r3",
        "spreadsheet error; mend it",
    ),
    "a negative spread": ({"plus_minus": -5}, "plus_minus", "-5"),
    "a spread of zero": ({"value": 0, "plus_minus": 5}, "value", "0 has no percentage"),
    "a spread below zero": ({"plus_minus": 120}, "plus_minus", "state an interval"),
}


class TestFaults:
    @pytest.mark.parametrize("what", FAULTS)
    def test_a_cell_at_fault_is_told_with_its_place(self, what, fill, ending):
        row, column, says = FAULTS[what]
        [fault] = faults_of(
            fill(ending, plant__gas={"value": 2, "source": "meter", **row})
        )
        at = [heading(word) for word in datasheet.HEADINGS].index(column)
        place = (
            f"column {column}"
            if ending == ".csv"
            else f"sheet data, cell {letters(at)}3 ({column})"
        )
        assert fault.startswith(f"line 3: {place}: ")
        assert says in fault

    def test_all_faults_are_told_at_once_in_the_order_of_the_rows(
        self, fill, potline, ending
    ):
        study = fill(
            ending,
            plant__power={"value": "13,5"},
            plant__gas={"value": 2, "units": "kg", "time": 9, "source": "x"},
            plant__gass={"value": 2, "units": "MJ/t", "source": "x"},
            fuel__a={"value": 0.5, "units": "1", "source": "x"},
        )
        told = potline("run", study.name)
        assert told.code == 2
        head, *lines = told.err.splitlines()
        assert head == f"data{ending}: 6 faults"
        assert [line.split(":")[0].strip() for line in lines] == [
            *("line 2", "line 2", "line 3", "line 3", "line 6", "line 7")
        ]
        assert "no input is called plant.gass; did you mean plant.gas?" in lines[4]
        assert "fuel.a is a share of fuel; state its means" in lines[5]
        assert not Path("results").exists()

    def test_a_machine_reads_the_row_as_the_line(self, fill, potline, ending):
        study = fill(ending, plant__gas={"value": "x", "source": "y"})
        [fault] = json.loads(potline("check", study.name, "--json").out)["faults"]
        assert (fault["file"], fault["line"]) == (f"data{ending}", 3)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("id,units,value,sauce\n", "column sauce: no such column; did you mean so"),
            ("id,units,value\n", "the column source is missing"),
            ("id,units,value,value,source\n", "column value: stands twice"),
            ("id;units;value;source\n", "parted by semicolons; save it with commas"),
            ("", "is empty; `potline sheet` writes one"),
            (",,\n,,\n", "is empty; `potline sheet` writes one"),
            ("id,units,value,source\n,MJ/t,1,x\n", "line 2: column id: is missing"),
            (
                "id,units,value,source\nplant.gas,MJ/t,1,x\n\nplant.gas,MJ/t,2,x\n",
                "line 4: column id: plant.gas stands in row 2 too",
            ),
            (
                "id,units,source,value\nplant.gas,MJ/t,x,13,5\n",
                "line 2: more cells than the header has; write a decimal point",
            ),
        ],
    )
    def test_a_table_at_fault_is_told(self, text, says, fill, tmp_path):
        study = fill(".csv")
        (tmp_path / "data.csv").write_text(text)
        assert any(says in fault for fault in faults_of(study))

    @pytest.mark.parametrize(
        ("value", "format_", "says"),
        [
            (0.1, "0.0%", "0.1 is formatted as a percentage; format it as a plain"),
            (date(2024, 5, 1), "d.m", "is a date; format the cell as a number"),
            (True, "General", "True is no number"),
            ("=1+1", "General", "a formula that was never computed; open and save"),
        ],
    )
    def test_what_a_spreadsheet_shows_otherwise_than_it_holds(
        self, value, format_, says, fill, tmp_path
    ):
        study = fill(".xlsx", plant__gas={"source": "x"})
        book = openpyxl.load_workbook(tmp_path / "data.xlsx")
        cell = book["data"]["D3"]
        cell.value = value
        cell.number_format = format_
        book.save(tmp_path / "data.xlsx")
        [fault] = faults_of(study)
        assert fault.startswith("line 3: sheet data, cell D3 (value): ")
        assert says in fault

    def test_a_computed_formula_counts_by_its_value(self, fill, tmp_path):
        study = fill(".xlsx", plant__gas={"value": 7.25, "source": "x"})
        path = tmp_path / "data.xlsx"
        # as a spreadsheet program leaves it: the formula, and what came out
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = "xl/worksheets/sheet1.xml"
        assert parts[name].count(b"<v>7.25</v>") == 1
        parts[name] = parts[name].replace(b"<v>7.25</v>", b"<f>29/4</f><v>7.25</v>")
        with zipfile.ZipFile(path, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        assert load(study).config.inputs["plant.gas"].value == 7.25


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("data.xls", b"x", "ends in .xls; save it as .xlsx or .csv"),
            ("data.xlsx", b"x", "is no XLSX workbook"),
            ("data.csv", b"\xff\xfe", "is UTF-16 text; save"),
            ("data.txt", b"x", "ends in .txt"),
        ],
    )
    def test_another_file_is_refused(self, name, content, says, plant, tmp_path):
        (tmp_path / name).write_bytes(content)
        study = tmp_path / "filled.yaml"
        study.write_text(f"import: [plant.yaml]\ndata_sheet: {name}\n")
        [fault] = faults_of(study)
        assert fault.startswith(f"line 2: data_sheet: {name}")
        assert says in fault

    def test_an_archive_that_is_no_workbook_is_refused(self, fill, tmp_path):
        study = fill(".xlsx")
        with zipfile.ZipFile(tmp_path / "data.xlsx", "w") as archive:
            archive.writestr("a.txt", "hello")
        assert "is no workbook that can be read" in faults_of(study)[0]

    def test_a_workbook_that_unpacks_to_too_much_is_refused(self, fill, tmp_path):
        study = fill(".xlsx")
        with zipfile.ZipFile(
            tmp_path / "data.xlsx", "w", zipfile.ZIP_DEFLATED
        ) as archive:
            archive.writestr("xl/workbook.xml", bytes(cells.UNPACKED + 1))
        assert "bytes unpacked; a data sheet may have" in faults_of(study)[0]

    def test_too_many_rows_are_refused(self, fill, ending, monkeypatch):
        study = fill(ending)
        monkeypatch.setattr(cells, "MOST_ROWS", 3)
        assert "rows; a data sheet" in faults_of(study)[0]

    def test_another_sheet_of_a_workbook_is_named(self, fill, tmp_path):
        study = fill(".xlsx")
        book = openpyxl.load_workbook(tmp_path / "data.xlsx")
        book["data"].title = "my data"
        book.save(tmp_path / "data.xlsx")
        assert (
            "no sheet is called data; there are my data, how to" in faults_of(study)[0]
        )
        del book["how to"]  # the only one needs no name
        book.save(tmp_path / "data.xlsx")
        assert load(study)

    def test_a_missing_file_names_the_nearest(self, fill):
        study = fill(".csv", key="data_sheet: dta.csv # {}")
        assert (
            "no such data sheet: dta.csv; did you mean data.csv?"
            in (faults_of(study)[0])
        )

    def test_both_ways_to_name_it_are_refused(self, fill):
        study = fill(".csv", key="data_sheet: {0}\ninputs: {{sheet: {0}}}")
        assert "stands under inputs too; keep one of the two" in faults_of(study)[0]

    def test_an_input_may_be_called_sheet(self, written):
        study = written(
            "title: t\ninputs: {sheet: {units: t, value: 1, source: x}}\n"
            "outputs: {b: {units: t, formula: sheet}}\n"
        )
        assert study.config.inputs["sheet"].value == 1

    def test_it_lies_below_the_config_or_in_the_data_folder(
        self, fill, tmp_path, tmp_path_factory
    ):
        away = tmp_path_factory.mktemp("away")
        study = fill(".csv", plant__gas={"value": 5, "source": "x"})
        (tmp_path / "data.csv").rename(away / "data.csv")
        assert load(study, data_dir=away).config.inputs["plant.gas"].value == 5
        study.write_text(f"import: [plant.yaml]\ndata_sheet: {away}/data.csv\n")
        assert "lies outside the config's folder" in faults_of(study)[0]

    def test_without_openpyxl_csv_is_the_way(self, fill, monkeypatch):
        study = fill(".xlsx")
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        [fault] = faults_of(study)
        assert "pip install 'potline[excel]'; or save data.xlsx as CSV" in fault
