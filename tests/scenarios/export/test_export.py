"""Tables of a result in every format: the same numbers, and no text that acts."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

from scenarios.analysis.comparison.compare import compare
from scenarios.datafiles.xlsx import Sheet, WorkbookError, workbook
from scenarios.export import files as export
from scenarios.export import tables
from scenarios.export.latex import latex, number_or_text
from scenarios.language.safe_text import cell, is_formula, script, tex, visible
from scenarios.loading.load import load
from scenarios.numbers import scale
from scenarios.results.file import write_result
from scenarios.results.result import Result
from scenarios.results.table import ExportError
from scenarios.words.comparison import as_object as verdict
from tests.builders import without_tables
from uncertainty.errors import StorageError
from uncertainty.storage import write_bytes

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "＝1+1",
    '=cmd|" /C calc"!A0',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    r"\input{/etc/passwd} \write18{ls}",
    r"$x$ % & # _ ^ ~ { } [1cm] *",
    'a "quoted", b; c|d',
    "line\nend\r\nmore",
    "#N/A",
    "TRUE",
    "电解铝 σ × –",
)


def hostile_study() -> str:
    """A study of one sum whose every text is hostile."""
    inputs = {
        f"x{i}": {
            "units": "t",
            "normal": {"mean": 1 + i, "sd": 0.1},
            "label": text,
            "source": text,
        }
        for i, text in enumerate(HOSTILE)
    }
    scenarios = {
        f"s{i}": {"label": text, "set": {"x0": {"value": float(i), "source": text}}}
        for i, text in enumerate(HOSTILE)
    }
    data = {
        "title": HOSTILE[0],
        "run": {"draws": 64, "seed": 1, "replicates": 4},
        "inputs": inputs,
        "outputs": {"sum": {"units": "kg", "formula": " + ".join(inputs)}},
        "scenarios": scenarios,
    }
    return json.dumps(data)  # which is YAML too


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[list[tables.Table], tables.Table]:
    """Every table of the hostile study."""
    path = tmp_path_factory.mktemp("hostile") / "study.yaml"
    path.write_text(hostile_study(), encoding="utf-8")
    result = load(path).run()
    names = ("summary", "comparison", "inputs", "draws")
    found, notes = export.gather(result, names, path.parent, asked=True)
    assert notes == []
    return found, tables.provenance(result, HOSTILE[0])


@cache
def run_of(text: str) -> Result:
    """Result of a study."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path).run()


@cache
def file_of(text: str) -> bytes:
    """The file that a run of a study leaves."""
    with TemporaryDirectory() as folder:
        write_result(run_of(text), Path(folder) / "results.nc")
        return (Path(folder) / "results.nc").read_bytes()


@pytest.fixture
def result(small) -> Result:
    """Result of the small study, in memory."""
    return run_of(small)


@pytest.fixture
def saved(small, tmp_path) -> None:
    """Result of the small study, in the folder of the command."""
    (tmp_path / "results.nc").write_bytes(file_of(small))


def texts(table: tables.Table) -> list[str]:
    """Every text of a table, its own headings aside."""
    frame = table.frame
    found = [frame[c] for c in frame if isinstance(frame[c].iloc[0], str)]
    return [str(text) for column in found for text in column]


class TestHostileText:
    def test_the_tables_hold_all_of_it(self, made):
        stated = {text for table in made[0] for text in texts(table)}
        assert set(HOSTILE) <= stated

    def test_in_csv_no_cell_begins_like_a_formula(self, made, tmp_path):
        for path in export.export(*made, "csv", tmp_path / "tables"):
            rows = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
            assert len({len(row) for row in rows}) == 1, "no cell breaks out"
            for one in (one for row in rows for one in row):
                assert not is_formula(one) or float(one) < 0

    def test_in_csv_a_reader_still_finds_what_was_stated(self, made, tmp_path):
        export.export(*made, "csv", tmp_path)
        with (tmp_path / "inputs.csv").open(encoding="utf-8", newline="") as lines:
            found = [row["label"] for row in csv.DictReader(lines)]
        assert [text.removeprefix("'") for text in dict.fromkeys(found)] == [*HOSTILE]

    def test_in_xlsx_every_text_is_a_text(self, made, tmp_path):
        [path] = export.export(*made, "xlsx", tmp_path / "tables.xlsx")
        book = openpyxl.load_workbook(path)
        seen = set()
        for one in (one for page in book for row in page for one in row):
            assert one.data_type in {"s", "n", "b"}, "no formula, no error"
            if isinstance(one.value, str):
                seen.add(one.value)
                assert one.quotePrefix == is_formula(one.value)
        # XML tells no line end from another
        plain = {re.sub("\r\n?", "\n", text) for text in HOSTILE}
        assert plain <= {re.sub("\r\n?", "\n", text) for text in seen}
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                assert not re.search(rb"<f[ >]|<script|<hyperlink", archive.read(part))

    def test_in_json_nothing_looks_like_a_tag(self, made, tmp_path):
        [path] = export.export(*made, "json", tmp_path / "tables.json")
        text = path.read_text(encoding="utf-8")
        assert not set("<>&\u2028") & set(text)
        records = json.loads(text)["tables"]["inputs"]["records"]
        assert list(dict.fromkeys(r["label"] for r in records)) == [*HOSTILE]

    def test_in_latex_no_command_survives(self, made, tmp_path):
        few = [table for table in made[0] if table.name != "draws"]
        allowed = {"toprule", "midrule", "bottomrule", "endhead", "endfoot", "times"}
        allowed |= {"begin", "end", "usepackage", "textbackslash", "textbar"}
        allowed |= {"textasciitilde", "textasciicircum", "textless", "textgreater"}
        allowed |= {"textquotedbl", "textsubscript"}
        for path in export.export(few, made[1], "latex", tmp_path):
            head, _, body = path.read_text(encoding="utf-8").partition(r"\toprule")
            # whatever is stated stays behind its comment sign
            frame = r"% |\\begin\{(longtable|tabular|table)\}|\\centering$|\\caption\{"
            assert all(re.match(frame, line) for line in head.splitlines())
            assert set(re.findall(r"\\([A-Za-z]+)", body)) <= allowed
            assert not re.search(r"(?<!\\)[#%_^]", re.sub(r"10\^\{-?\d+\}", "", body))
            assert body.count("{") == body.count("}")

    def test_in_latex_a_reader_still_finds_what_was_stated(self):
        for text in HOSTILE:
            assert untex(tex(text)) == " ".join(visible(text).split())

    def test_in_parquet_it_is_data_and_stays_as_it_is(self, made, tmp_path):
        pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
        export.export(*made, "parquet", tmp_path)
        frame = pd.read_parquet(tmp_path / "inputs.parquet")
        assert list(dict.fromkeys(frame["label"])) == [*HOSTILE]

    def test_letters_that_xml_cannot_hold_become_blanks(self):
        assert visible("a\x00b\x0bc\ud800d\te") == "a b c d\te"
        page = openpyxl.load_workbook(
            io.BytesIO(workbook([Sheet("one", ["a"], [["x\x00\x07y"]])]))
        )["one"]
        assert page["A2"].value == "x  y"

    def test_json_stays_the_same_json(self):
        text = json.dumps([*HOSTILE, "a\u2028b\u2029"], ensure_ascii=False)
        assert json.loads(script(text)) == json.loads(text)

    def test_harmless_text_stays_as_it_is(self):
        for text in ("hydro, 2023", "1 = 1", "a-b", ""):
            assert cell(text) == text


def untex(text: str) -> str:
    """What a line of LaTeX shows, by the meaning of each macro in its own manual."""
    named = {
        "textbackslash": "\\",
        "textasciitilde": "~",
        "textasciicircum": "^",
        "textless": "<",
        "textgreater": ">",
        "textbar": "|",
        "textquotedbl": '"',
    }
    pattern = r"\\([a-z]+)\{\}|\\([{}$&#%_])|\{([\[*])\}"
    return re.sub(pattern, lambda m: named.get(m[1], "") or m[2] or m[3], text)


class TestNumbers:
    def test_summary_says_what_show_says(self, result):
        frame = tables.summary(result).frame
        rows = result.as_object()["results"]
        assert len(frame) == len(rows)
        for (_, mine), row in zip(frame.iterrows(), rows, strict=True):
            assert (mine["scenario"], mine["output"]) == (
                row["scenario"],
                row["output"],
            )
            per, units = scale(row["units"])
            assert mine["units"] == units
            for word in (*("mean", "sd", "median", "lower", "upper", "point"),):
                assert mine[word] == row[word] / per
            assert mine["error_mean"] == row["monte_carlo_error"]["mean"] / per

    def test_each_breakdown_adds_up_to_the_footprint(self, result):
        whole = tables.summary(result).frame
        whole = whole[whole["output"] == "footprint"].set_index("scenario")["mean"]
        table = tables.contributions(result)
        parts = table.frame.groupby(["by", "scenario"])["mean"].sum()
        assert set(parts.index.get_level_values("by")) == set(tables.DETAILS.values())
        for (_, scenario), total in parts.items():
            # sums of some ten floats of one size
            assert total == pytest.approx(whole[scenario], rel=1e-12)
        assert table.heading("mean") == "mean [t CO2e/t]"
        assert {"smelting", "casting"} >= set(table.frame["stage"]) - {""}

    def test_comparison_says_what_compare_says(self, result):
        frame = tables.comparison(result).frame
        rows = verdict(compare([result]))["results"]
        assert len(frame) == len(rows) == 4
        for (_, mine), row in zip(frame.iterrows(), rows, strict=True):
            per, units = scale(row["units"])
            assert mine["units"] == units
            for word in ("scenario", "output"):
                assert mine[word] == row[word]
            for word in ("difference", "lower", "upper"):
                assert mine[word] == row[word] / per
            assert mine["ratio_upper"] == row["ratio_upper"]
            assert mine["probability_lower"] == row["probability_lower"]
            assert [
                mine["probability_lower_confidence_lower"],
                mine["probability_lower_confidence_upper"],
            ] == row["probability_lower_confidence"]
            assert bool(mine["paired"]) is row["paired"]

    def test_a_comparison_beside_the_result_is_taken(self, result, tmp_path):
        stored = compare([result], "hydro", threshold=100, limits=[5000])
        stored.to_netcdf(tmp_path / "comparison.nc", engine="h5netcdf")
        [table], _ = export.gather(result, ["comparison"], tmp_path, asked=True)
        assert set(table.frame["scenario"]) == {"grid", "frugal"}
        of = table.frame.set_index(["scenario", "output"])
        beyond = stored["probability_higher_beyond"].sel(scenario="grid")
        assert of.loc[("grid", "footprint"), "probability_higher_beyond"] == beyond
        # a limit is of the footprint, so other outputs have none
        assert np.isnan(of.loc[("grid", "energy"), "probability_below_5"])

    def test_a_comparison_of_another_run_is_refused(self, result, tmp_path):
        stored = compare([result]).assign_attrs(runs="study sobol 64 1 2001-01-01")
        stored.to_netcdf(tmp_path / "comparison.nc", engine="h5netcdf")
        with pytest.raises(ExportError, match=r"comparison\.nc: is of another run"):
            export.gather(result, ["comparison"], tmp_path, asked=True)

    def test_indices_of_a_study_count_for_every_run_of_its_config(
        self, result, tmp_path
    ):
        stored = xr.Dataset({"mu": ("parameter", [1.0])}, {"parameter": ["a"]})
        path = tmp_path / "sensitivity.nc"
        stored.assign_attrs(config=result.config_text).to_netcdf(path)
        [table], _ = export.gather(result, ["sensitivity"], tmp_path, asked=True)
        assert table.frame["value"].tolist() == [1.0]
        stored.assign_attrs(config="title: another").to_netcdf(path)
        with pytest.raises(ExportError, match=r"sensitivity\.nc: is of another run"):
            export.gather(result, ["sensitivity"], tmp_path, asked=True)

    def test_a_file_beside_the_result_that_is_damaged_is_told(self, result, tmp_path):
        (tmp_path / "sensitivity.nc").write_bytes(b"no such format")
        with pytest.raises(ExportError, match=r"sensitivity\.nc: cannot be read"):
            export.gather(result, ["sensitivity"], tmp_path, asked=True)

    def test_sensitivity_has_a_row_an_index(self, result, tmp_path):
        dims = ("scenario", "parameter")
        names = {
            "scenario": ["grid"],
            "parameter": ["a", "b"],
            "parameter_2": ["a", "b"],
        }
        stored = xr.Dataset(
            {
                "first_order": (dims, [[0.25, 0.5]], {"units": "1"}),
                "first_order_lower": (dims, [[0.2, 0.4]]),
                "first_order_upper": (dims, [[0.3, 0.6]]),
                "second_order": (
                    (*dims, "parameter_2"),
                    [[[np.nan, 0.1], [0.1, np.nan]]],
                ),
                "variance": ("scenario", [9.0]),
            },
            names,
            {"method": "sobol", "run": result.provenance["started"]},
        )
        stored.to_netcdf(tmp_path / "sensitivity.nc", engine="h5netcdf")
        [table], _ = export.gather(result, ["sensitivity"], tmp_path, asked=True)
        frame = table.frame.set_index(["index", "parameter"])
        # a pair has one row, though it stands in the array both ways
        assert list(frame.index) == [
            *(("first_order", "a"), ("first_order", "b"), ("second_order", "a"))
        ]
        first = frame.loc[("first_order", "b")]
        assert list(first[["value", "lower", "upper"]]) == [0.5, 0.4, 0.6]
        assert frame.loc[("second_order", "a"), "parameter_2"] == "b"
        assert set(frame["method"]) == {"sobol"}

    def test_sensitivity_without_an_index_is_told(self):
        empty = xr.DataTree(xr.Dataset({"variance": 1.0}))
        with pytest.raises(ExportError, match="holds no index of a parameter"):
            tables.sensitivity(empty)

    def test_inputs_have_moments_papers_and_point_values(self, result):
        table = tables.inputs(result)
        frame = table.frame.set_index("id")
        alumina = frame.loc["smelting.alumina"]
        # triangular on 1.91, 1.93, 1.95: mode and mean 1.93, sd width / sqrt(24);
        # 64 Sobol' points know the mean to 1e-3 of the sd and the sd to 3 %
        assert alumina["point"] == pytest.approx(1.93, abs=1e-12)
        assert alumina["mean"] == pytest.approx(1.93, abs=1e-3)
        assert alumina["sd"] == pytest.approx(0.04 / 24**0.5, rel=0.05)
        assert (alumina["units"], alumina["source"]) == ("t/t", "a table")
        assert alumina["distribution"].startswith("triangular")
        assert frame.loc["alumina.factor", "sd"] == 0.0
        assert table.note == ""

    def test_an_input_that_scenarios_change_has_a_row_for_each(self, result):
        frame = tables.inputs(result).frame
        mine = frame[frame["id"] == "smelting.electricity"].set_index("scenario")
        assert list(mine.index) == ["grid", "hydro", "frugal"]
        assert mine.loc["frugal", "point"] == pytest.approx(0.97 * 13500)
        assert mine.loc["frugal", "distribution"].endswith(", scaled")
        assert not mine.loc["grid", "distribution"].endswith(", scaled")

    def test_point_values_of_another_library_are_left_out_and_told(self, result):
        table = tables.inputs(without_tables(result))
        assert table.frame["point"].isna().all()
        assert "the library is not the one that the result was made with" in table.note

    def test_point_values_of_another_library_are_those_of_the_run(self, result):
        known = {**result.attributes, "library_checksum": "another"}
        table = tables.inputs(replace(result, attributes=known))
        frame = tables.inputs(result).frame
        assert table.frame["point"].equals(frame["point"])

    def test_draws_have_a_column_each_with_its_units(self, result):
        table = tables.draws(result)
        np.testing.assert_array_equal(
            table.frame["footprint | hydro"],
            result.footprint.sel(scenario="hydro") / 1000,
        )
        np.testing.assert_array_equal(
            table.frame["energy | frugal"],
            result.drawn("outputs").sel(scenario="frugal", output="energy"),
        )
        assert table.heading("energy | frugal") == "energy | frugal [kWh/t]"
        assert list(table.frame["draw"]) == list(range(64))

    def test_years_and_cells_that_do_not_exist(self, written):
        text = (
            "title: t\nrun: {draws: 64, seed: 1, replicates: 4}\nyears: [2030, 2040]\n"
            "inputs: {a: {units: t, normal: {mean: 1, sd: 0.1}, source: x}}\n"
            "outputs: {b: {units: kg, formula: a}}\n"
            "scenarios: {one: {reference: true}, two: {years: [2040]}}\n"
        )
        result = written(text).run()
        found = tables.summary(result).frame
        places = list(zip(found["scenario"], found["year"], strict=True))
        assert places == [("one", 2030), ("one", 2040), ("two", 2040)]
        assert list(tables.draws(result).frame) == [
            "draw",
            *("b | one | 2030", "b | one | 2040", "b | two | 2040"),
        ]
        assert list(tables.comparison(result).frame["year"]) == [2040]
        assert tables.inputs(result).frame["point"].tolist() == [1.0]


class TestForReading:
    """The first sheet of a spreadsheet."""

    def test_has_labels_and_the_units_of_the_screen(self, result):
        table = tables.reading(result)
        frame = table.frame
        assert len(frame) == len(result.headline())
        for (_, mine), row in zip(frame.iterrows(), result.headline(), strict=False):
            assert mine["Scenario"] in result.labels.values()
            assert mine["Units"] != "kg CO2e/t"
            assert row.item

    def test_says_how_often_a_scenario_is_below_the_reference(self, result):
        frame = tables.reading(result).frame
        data = compare([result])["probability_lower"].sel(output="footprint")
        column = frame.iloc[:, -1][frame["Quantity"] == "Carbon footprint"]
        shown = dict(zip(result.scenarios, column, strict=True))
        for name, chance in shown.items():
            if name == result.reference:
                assert np.isnan(chance)
            else:
                assert chance == float(data.sel(scenario=name))

    def test_speaks_chinese(self, result):
        assert tables.reading(result.in_language("zh")).frame.columns[0] == "情景"

    def test_shows_three_digits_and_filters(self, result, tmp_path):
        origin = tables.provenance(result, "")
        table = tables.reading(result)
        [path] = export.export([table], origin, "xlsx", tmp_path / "one.xlsx")
        page = openpyxl.load_workbook(path).worksheets[0]
        assert page.title == "Overview"
        assert page.auto_filter.ref.startswith("A1:")
        mean = page.cell(2, 1 + list(table.frame).index("Mean"))
        assert mean.number_format == "0.00" if mean.value < 10 else "0.0"


class TestRoundTrips:
    @pytest.fixture
    def summary(self, result):
        return tables.summary(result), tables.provenance(result, "potline export x")

    def test_csv(self, summary, tmp_path):
        table, origin = summary
        [path] = export.export([table], origin, "csv", tmp_path / "one.csv")
        found = pd.read_csv(path, dtype={"year": "Int64"})
        pd.testing.assert_frame_equal(found, table.frame, check_dtype=False)

    def test_csv_draws_have_units_in_their_headings(self, result, tmp_path):
        origin = tables.provenance(result, "")
        table = tables.draws(result)
        [path] = export.export([table], origin, "csv", tmp_path / "draws.csv")
        found = pd.read_csv(path)
        assert "footprint | grid [t CO2e/t]" in found
        np.testing.assert_array_equal(found.to_numpy(), table.frame.to_numpy())

    def test_parquet(self, summary, tmp_path):
        pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
        from pyarrow import parquet

        table, origin = summary
        [path] = export.export([table], origin, "parquet", tmp_path / "one.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(path), table.frame)
        units = parquet.read_schema(path).field("mean").metadata
        assert units == {b"units": b""}, "rows differ and state their own"

    def test_json(self, summary, tmp_path):
        table, origin = summary
        [path] = export.export([table], origin, "json", tmp_path / "one.json")
        found = json.loads(path.read_text(encoding="utf-8"))
        assert (found["seed"], found["design"], found["draws"]) == ("1", "sobol", "64")
        frame = pd.DataFrame(found["tables"]["summary"]["records"])
        frame = frame.astype({"year": "Int64"})
        pd.testing.assert_frame_equal(frame, table.frame, check_dtype=False)

    def test_xlsx(self, summary, tmp_path):
        table, origin = summary
        [path] = export.export([table], origin, "xlsx", tmp_path / "one.xlsx")
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["summary", "provenance"]
        told = {a.value: b.value for a, b in book["provenance"].iter_rows(min_row=2)}
        assert told["command"] == "potline export x"
        assert "numpy" in told["versions"]
        page = book["summary"]
        assert page.freeze_panes == "A2"
        assert page.column_dimensions["A"].width >= len("scenario")
        found = pd.read_excel(path, sheet_name="summary", dtype={"year": "Int64"})
        # openpyxl writes 16 figures of a float that may have 17
        pd.testing.assert_frame_equal(found, table.frame, check_dtype=False, rtol=1e-15)

    def test_xlsx_headings_have_the_units_that_all_rows_share(self, result, tmp_path):
        table = tables.contributions(result)
        origin = tables.provenance(result, "")
        [path] = export.export([table], origin, "xlsx", tmp_path / "one.xlsx")
        page = openpyxl.load_workbook(path)["contributions"]
        assert "mean [t CO2e/t]" in [one.value for one in page[1]]

    def test_latex_is_a_booktabs_table_of_rounded_numbers(self):
        text = latex(
            ["name", "mean [t]"], [["a_b", -13500.2], ["c", None]], ["of a run"]
        )
        assert text == (
            "% of a run\n"
            "% needs \\usepackage{booktabs}\n"
            "\\begin{table}\n"
            "\\centering\n"
            "\\caption{of a run}\\label{tab:table}\n"
            "\\begin{tabular}{@{}lr@{}}\n"
            "\\toprule\n"
            "name & mean {[}t] \\\\\n"
            "\\midrule\n"
            "a\\_b & $-$13500 \\\\\n"
            "c &  \\\\\n"
            "\\bottomrule\n"
            "\\end{tabular}\n"
            "\\end{table}\n"
        )

    def test_a_long_latex_table_breaks_across_pages(self):
        text = latex(["a"], [[i] for i in range(41)], ["CO2"], "long")
        assert (
            "\\begin{longtable}{@{}r@{}}\n"
            "\\caption{CO\\textsubscript{2}}\\label{tab:long} \\\\\n"
            "\\toprule\na \\\\\n\\midrule\n\\endhead" in text
        )
        assert text.endswith("40 \\\\\n\\end{longtable}\n")

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (0.0, "0"),
            (1.0, "1.000"),
            (9999.6, "10000"),
            (12.345678, "12.35"),
            (-0.5, "$-$0.5000"),
            (1.5e-7, r"$1.500\times10^{-7}$"),
            (-2e12, r"$-2.000\times10^{12}$"),
            (7, "7"),
            (-7, "$-$7"),
            (True, "yes"),
            (None, ""),
        ],
    )
    def test_numbers_on_paper(self, value, shown):
        assert number_or_text(value) == shown


class TestCommand:
    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("--to", "xlxs"), "no format is called xlxs; did you mean xlsx?"),
            (
                ("--to", "csv", "--tables", "summry"),
                "no table is called summry; did you mean summary?",
            ),
            (
                ("--to", "csv", "--tables", "sensitivity"),
                "no table sensitivity: no sensitivity.nc lies beside the result",
            ),
            (("--to", "csv", "-o", "all.csv"), "csv holds one table a file"),
            (("--to", "xlsx", "-o", "all.csv"), "a file of xlsx ends in .xlsx"),
            (("--to", "csv", "-o", "all.xlsx"), "a file of csv ends in .csv"),
            (("--to", "csv", "-o", "results.nc/x"), "cannot be made"),
        ],
    )
    def test_what_cannot_be_is_told_with_the_mend(self, words, says, saved, potline):
        told = potline("export", "results.nc", *words)
        assert (told.code, told.out) == (2, "")
        assert says in told.err

    def test_tables_lie_beside_the_result_unless_told_otherwise(self, saved, potline):
        told = potline("export", ".", "--to", "csv")
        assert told.code == 0, told.err
        names = ["summary", "contributions", "comparison", "inputs", "provenance"]
        assert told.out.split() == [f"tables/{name}.csv" for name in names]
        assert "note: sensitivity left out: no sensitivity.nc lies beside" in told.err
        with Path("tables/provenance.csv").open(encoding="utf-8") as lines:
            again = dict(csv.reader(lines))
        assert again["command"] == (
            "potline export . --to csv --tables summary,contributions,comparison,inputs"
        )
        assert potline("export", ".", "--to", "json").out == "tables.json\n"

    def test_a_study_without_chain_or_scenarios_has_fewer_tables(
        self, potline, tmp_path
    ):
        (tmp_path / "one.yaml").write_text(
            "title: t\nrun: {draws: 64, seed: 1, replicates: 4}\n"
            "inputs: {a: {units: t, normal: {mean: 1, sd: 0.1}, source: x}}\n"
            "outputs: {b: {units: kg, formula: a}}\n"
        )
        write_result(load(tmp_path / "one.yaml").run(), tmp_path / "results.nc")
        told = potline("export", ".", "--to", "json")
        assert "contributions left out: the study has no chain" in told.err
        assert "comparison left out: the result has one scenario" in told.err
        whole = json.loads(Path("tables.json").read_text())
        assert list(whole["tables"]) == ["summary", "inputs"]

    @pytest.mark.parametrize(
        ("to", "package", "extra"),
        [("xlsx", "openpyxl", "excel"), ("parquet", "pyarrow.parquet", "parquet")],
    )
    def test_a_missing_package_is_told_with_the_command_that_mends_it(
        self, to, package, extra, saved, potline, monkeypatch
    ):
        monkeypatch.setitem(sys.modules, package, None)
        if package == "pyarrow.parquet":  # pandas itself may have loaded pyarrow
            pyarrow = pytest.importorskip("pyarrow")
            monkeypatch.delattr(pyarrow, "parquet", raising=False)
        told = potline("export", "results.nc", "--to", to)
        assert told.code == 2
        assert f"pip install 'potline[{extra}]'" in told.err

    def test_what_no_page_can_hold_is_refused(self, saved, potline, monkeypatch):
        monkeypatch.setattr(export, "LONGEST_PRINT", 5)
        told = potline("export", ".", "--to", "latex", "--tables", "draws")
        assert told.code == 2
        assert "draws: 64 rows are too many to print; take csv" in told.err

    def test_what_no_sheet_can_hold_is_refused(self):
        with pytest.raises(
            WorkbookError, match="a: 2000001 rows and 1 columns; a sheet"
        ):
            workbook([Sheet("a", ["x"], range(2_000_000))])  # type: ignore[arg-type]

    def test_a_file_that_cannot_be_written_is_told(self, tmp_path):
        with pytest.raises(StorageError, match=r"one\.csv: cannot be written"):
            write_bytes(tmp_path / "no" / "one.csv", b"")

    def test_nothing_heavy_is_loaded_before_the_command_is_called(self):
        code = (
            "import sys, scenarios.cli.export, scenarios.cli.sheet\n"
            "print({n.partition('.')[0] for n in sys.modules}"
            " & {'numpy', 'pandas', 'xarray', 'openpyxl', 'pyarrow', 'pydantic'})"
        )
        told = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert told.stdout == "set()\n"
