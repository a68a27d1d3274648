"""The command line: what each command prints, writes, and answers when it cannot."""

import csv
import json
import re
import shlex
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest
import typer

from scenarios import cli
from scenarios.loading import load as loading
from scenarios.results.file import open_result
from scenarios.words.catalogue import Words

CONFIGS = Path(cli.__file__).parents[2] / "configs"
MINIMAL = CONFIGS / "minimal.yaml"
MEASUREMENT = CONFIGS / "measurement_model.yaml"
COMMANDS = tuple(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]

# design section 9: what a machine may read
HEAD = ["study", "draws", "seed", "design", "units", "results"]
ROW = {
    *("scenario", "year", "output", "units", "mean", "sd", "median", "lower", "upper"),
    *("lower_shortest", "upper_shortest", "monte_carlo_error"),
}


@pytest.fixture
def study(small, tmp_path) -> Path:
    """The small study, as a file in the folder of the command."""
    path = tmp_path / "study.yaml"
    path.write_text(small)
    return path


@pytest.fixture
def run(potline, no_figures, study):
    """`potline run` of the small study, without figures."""
    return lambda *options: potline("run", study.name, *options)


TINY = """\
title: A sum
run: {draws: 64, seed: 1, replicates: 4}
inputs:
  one: {units: t, normal: {mean: 1, sd: 1}, source: x}
  two: {units: t, lognormal: {median: 1, gsd: 2}, source: x}
outputs:
  sum: {units: kg, formula: one + two}
"""


@pytest.fixture
def tiny(potline, no_figures, tmp_path):
    """`potline run` of a study that takes no time."""
    (tmp_path / "study.yaml").write_text(TINY)
    return lambda *options: potline("run", "study.yaml", *options)


@pytest.fixture(scope="module")
def minimal(command, tmp_path_factory):
    """A shipped study with a chain, run as a user would, figures and all."""
    folder = tmp_path_factory.mktemp("minimal")
    with chdir(folder):
        told = command("run", MINIMAL, "--draws", "1024")
    return folder / "results" / "minimal", told


@pytest.fixture(scope="module")
def measurement(command, tmp_path_factory):
    """A shipped study of outputs alone, as JSON."""
    folder = tmp_path_factory.mktemp("measurement")
    with chdir(folder):
        told = command("run", MEASUREMENT, "--draws", "16384", "--json")
    return folder / "results" / "measurement_model", told


def values(folder: Path | str = "results/study") -> dict[str, np.ndarray]:
    """Draws of every output and input of a result."""
    result = open_result(folder)
    return {
        f"{group}.{name}": array.values
        for group in ("draws", "inputs")
        for name, array in result.tree[group].to_dataset().items()
    }


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether every bit of two results agrees."""
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name], equal_nan=True) for name in one
    )


class TestRun:
    def test_a_run_leaves_dataset_table_config_and_figures(self, minimal):
        folder, told = minimal
        assert (told.code, told.err) == (0, "")
        names = {path.name for path in folder.iterdir()}
        assert {"results.nc", "summary.csv", "config.yaml"} < names
        figures = {name for name in names if name.endswith(".png")}
        assert len(figures) == len(names) - 3
        assert {Path(name).suffix for name in figures} == {".png"}

    def test_a_run_prints_its_table_its_draws_and_where_it_lies(self, minimal):
        _, told = minimal
        assert "Carbon footprint, t CO2e/t" in told.out
        for word in ("National grid 2024", "Hydropower by a direct line", "point"):
            assert word in told.out
        assert "1024 draws, sobol design, 16 replicates, seed 44905" in told.out
        assert "Written to results/minimal: results.nc" in told.out

    def test_piped_output_has_no_escape_codes_and_keeps_its_columns(self, minimal):
        _, told = minimal
        assert "\x1b" not in told.out
        head = next(x for x in told.out.splitlines() if x.startswith("scenario"))
        assert "largest stage" in head

    def test_the_csv_holds_what_the_json_says(self, minimal, command):
        folder, _ = minimal
        shown = json.loads(command("show", folder, "--json").out)
        rows = csv.DictReader((folder / "summary.csv").read_text().splitlines())
        whole = [r for r in rows if r["output"] == "footprint"]
        for row, result in zip(whole, shown["results"], strict=True):
            assert row["scenario"] == result["scenario"]
            assert row["units"] == "t CO2e/t"  # as the screen shows it
            assert float(row["mean"]) == result["mean"] / 1000

    def test_a_study_of_outputs_alone_finds_the_intervals_of_the_guide(
        self, measurement
    ):
        _, told = measurement
        found = json.loads(told.out)
        assert found["units"] is None
        upper = {r["output"]: r["upper"] for r in found["results"]}
        # JCGM 101:2008, 9.2; at 16384 points an end is known to some 0.5 % of itself
        assert upper["y_normal"] == pytest.approx(3.92, rel=0.01)
        assert upper["y_rectangular"] == pytest.approx(3.88, rel=0.01)
        assert upper["y_dominated"] == pytest.approx(17.0, rel=0.01)

    def test_json_is_one_object_with_the_fields_of_the_design(self, measurement):
        folder, told = measurement
        assert (told.code, told.err) == (0, "")
        found = json.loads(told.out)  # and nothing else: json refuses what follows
        assert list(found) == HEAD
        assert found["study"] == "measurement_model"
        assert (found["draws"], found["seed"]) == (16384, 44905)
        assert found["design"] == "sobol"
        for row in found["results"]:
            assert row.keys() >= ROW
            assert row["year"] is None
            assert list(row["monte_carlo_error"]) == ["mean", "sd", "lower", "upper"]
        assert (folder / "results.nc").is_file()

    def test_json_stays_alone_where_there_are_warnings(self, run, study, small):
        study.write_text(small.replace("a meter", "a meter\n    kind: activity data"))
        text = study.read_text().replace("sd: 50}", "sd: 9000}")
        study.write_text(text)
        told = run("--json")
        assert json.loads(told.out)["units"] == "kg CO2e/t"
        assert told.err.startswith("warning: study.yaml: line 9: inputs.")
        assert "smelting.electricity: can become negative" in told.err

    def test_quiet_prints_nothing(self, tiny):
        told = tiny("--quiet")
        assert (told.code, told.out, told.err) == (0, "", "")
        assert Path("results/study/results.nc").is_file()

    def test_out_puts_the_results_elsewhere(self, tiny):
        assert tiny("--quiet", "--out", "a/b").code == 0
        assert Path("a/b/results.nc").is_file()
        assert not Path("results").exists()

    def test_the_same_seed_gives_the_same_bits_and_another_does_not(self, tiny):
        for seed, out in ((7, "a"), (7, "b"), (8, "c")):
            assert tiny("--quiet", "--seed", str(seed), "--out", out).code == 0
        assert same(values("a"), values("b"))
        assert not same(values("a"), values("c"))

    def test_threads_change_no_bit(self, tiny):
        for threads in ("1", "3"):
            # three pages, so that there is something to share out
            words = ("--draws", "30000", "--threads", threads, "--out", threads)
            assert tiny("--quiet", *words).code == 0
        assert same(values("1"), values("3"))

    @pytest.mark.parametrize("design", ["sobol", "latin_hypercube", "random"])
    def test_a_design_is_drawn_as_asked(self, tiny, design):
        found = json.loads(tiny("--json", "--design", design, "--draws", "128").out)
        assert (found["design"], found["draws"]) == (design, 128)

    def test_draws_that_are_rounded_up_say_so(self, tiny):
        told = tiny("--draws", "65")
        assert "128 draws (rounded up from 65)" in told.out

    def test_an_input_is_set_over_the_file_and_over_its_scenarios(self, run):
        found = json.loads(run("--json", "--set", "smelting.electricity=10 MWh/t").out)
        energy = {
            row["scenario"]: (row["mean"], row["sd"])
            for row in found["results"]
            if row["output"] == "energy"
        }
        # per tonne of ingot, a melt loss of about 0.5 % more; `frugal` scales no more
        for mean, sd in energy.values():
            assert mean == pytest.approx(10_000 * 1.005, rel=1e-3)
            assert 0 < sd < 20
        assert energy["frugal"] == energy["grid"]

    def test_a_supply_is_set_by_the_name_of_a_mix(self, run):
        found = json.loads(run("--json", "--set", "smelting.power=hydro_contract").out)
        mean = {
            row["scenario"]: row["mean"]
            for row in found["results"]
            if row["output"] == "footprint"
        }
        assert mean["grid"] == mean["hydro"]

    def test_a_point_run_has_no_spread(self, run):
        spread = json.loads(run("--json", "--out", "a").out)
        point = json.loads(run("--json", "--point", "--out", "b").out)
        for one, other in zip(spread["results"], point["results"], strict=True):
            assert one["sd"] > 0
            # the mean of equal numbers is that number to rounding
            assert other["sd"] == pytest.approx(0, abs=1e-9)
            assert other["mean"] == pytest.approx(one["point"], rel=1e-12)

    @pytest.mark.parametrize(
        "options",
        [
            (),
            (
                *("--set", "smelting.electricity={percent: {value: 9, plus_minus: 2}}"),
                *("--set", "smelting.power={mix: hydro_contract, losses: 0}"),
                *("--set", "gwp.CO2=1.0001", "--seed", "11", "--design", "random"),
            ),
        ],
    )
    def test_the_stored_config_is_a_study_that_gives_the_same_draws(
        self, run, command, options
    ):
        assert run("--quiet", *options).code == 0
        stored = Path("results/study/config.yaml")
        told = command("run", stored, "--quiet", "--out", "again")
        assert told.code == 0
        assert same(values(), values("again"))
        assert stored.read_text() == Path("again/config.yaml").read_text()

    def test_the_stored_config_holds_what_it_imports_and_reads(
        self, run, command, study, small, tmp_path
    ):
        readings = "observed: {of: mean, file: d.csv, column: kwh}"
        text = small.replace("normal: {mean: 13500, sd: 50}", readings)
        study.write_text(f"import: [more.yaml]\n{text}")
        Path("d.csv").write_text("kwh\n13500\n13510\n13490\n13505\n")
        more = 'inputs:\n  twice: {units: "1", value: 2, source: x}\n'
        more += 'outputs:\n  four: {units: "1", formula: twice + 2}\n'
        Path("more.yaml").write_text(more)
        assert run("--quiet").code == 0
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        text = Path("results/study/config.yaml").read_text()
        (elsewhere / "config.yaml").write_text(text)
        # nothing beside it
        told = command("run", elsewhere / "config.yaml", "--quiet", "--out", "again")
        assert told.code == 0, told.err
        assert same(values(), values("again"))

    def test_a_study_without_a_seed_stores_the_one_it_took(self, tiny):
        Path("study.yaml").write_text(TINY.replace("seed: 1", "seed: null"))
        assert tiny("--quiet").code == 0
        first = values()
        taken = re.search(r"seed: (\d+)", Path("results/study/config.yaml").read_text())
        assert taken is not None
        assert tiny("--quiet", "--seed", taken[1], "--out", "again").code == 0
        assert same(first, values("again"))


class TestFailingRuns:
    # finite at the point values, so that no check can see it before the draws
    LOGARITHM = "formula: supply.electricity * log(smelting.electricity / more)"
    MORE = "  more: {units: kWh/t, normal: {mean: 1, sd: 1}, source: x}\ndependence:"

    def test_a_draw_that_is_not_finite_names_formula_and_draw(self, run, study, small):
        text = small.replace("formula: supply.electricity", self.LOGARITHM)
        study.write_text(text.replace("dependence:", self.MORE))
        before = sorted(Path().rglob("*"))
        told = run()
        assert (told.code, told.out) == (1, "")
        assert re.search(r"(?m)^the run failed: draw \d+: outputs\.energy is", told.err)
        assert re.search(r"more = -?\d", told.err), "the input that was extreme"
        assert "bounds: {low: ..., high: ...}" in told.err
        assert sorted(Path().rglob("*")) == before

    def test_a_loop_that_cannot_run_in_some_draw_is_named(self, run, study, small):
        loop = "    needs:\n      ingot: back\n      alumina"
        text = small.replace("    needs:\n      alumina", loop)
        more = self.MORE.replace("more", "back").replace("kWh/t", '"1"')
        study.write_text(
            text.replace("dependence:", more.replace("mean: 1", "mean: 0"))
        )
        before = sorted(Path().rglob("*"))
        told = run()
        assert told.code == 1
        assert "the run failed: the loop ingot -> metal -> ingot uses up" in told.err
        assert sorted(Path().rglob("*")) == before

    @pytest.mark.parametrize(
        ("error", "code", "says"),
        [
            (KeyboardInterrupt, 130, "interrupted; nothing was written"),
            (MemoryError, 1, "out of memory; ask for fewer draws"),
        ],
    )
    def test_what_stops_a_run_is_told_without_a_traceback(
        self, run, monkeypatch, error, code, says
    ):
        def stop(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(loading, "trial", stop)
        told = run()
        assert told.code == code
        assert says in told.err
        assert not Path("results").exists()

    def test_a_bug_keeps_its_traceback(self, run, monkeypatch):
        def stop(*_: object, **__: object) -> None:
            raise ZeroDivisionError("a bug")

        monkeypatch.setattr(loading, "trial", stop)
        with pytest.raises(ZeroDivisionError, match="a bug"):
            run()


class TestShow:
    def test_a_result_is_shown_as_it_was_when_it_ran(self, minimal, command):
        folder, told = minimal
        table = told.out.split("Written to")[0]
        shown = command("show", folder)
        assert shown.code == 0
        assert shown.out.strip() in table
        assert command("show", folder / "results.nc").out == shown.out

    def test_json_is_the_same_object_as_the_run_gave(self, measurement, command):
        folder, told = measurement
        assert json.loads(command("show", folder, "--json").out) == json.loads(told.out)

    def test_one_scenario_is_shown_by_stage_source_and_flow(self, minimal, command):
        folder, _ = minimal
        shown = command("show", folder, "--scenario", "hydro")
        assert shown.code == 0
        text = re.sub(r"\s+", " ", shown.out)
        for word in ("mean by stage and source", "electrolysis.anode_consumption"):
            assert word in text

    def test_an_unknown_scenario_names_the_nearest(self, minimal, command):
        folder, _ = minimal
        for words in (("show", folder), ("plot", folder)):
            told = command(*words, "--scenario", "hidro")
            assert (told.code, told.out) == (2, "")
            text = "the result has no scenario 'hidro'; did you mean hydro?\n"
            assert told.err == text

    def test_a_label_stands_for_a_scenario_everywhere(self, minimal, command, tmp_path):
        folder, label = minimal[0], "Hydropower by a direct line"
        quiet = ("--figures", "none", "--json")
        for words in (
            ("show", folder, "--scenario"),
            ("judge", folder, "--stated", "12 t CO2e/t", "--json", "--scenario"),
            ("compare", folder, *quiet, "--out", tmp_path, "--reference"),
            ("compare", folder, *quiet, "--out", tmp_path, "--attribute"),
            (
                *("sensitivity", folder, "--method", "rank", *quiet, "--out", tmp_path),
                "--scenarios",
            ),
            ("explore", MINIMAL, "-o", tmp_path / "page.html", "--scenarios"),
        ):
            told = [command(*map(str, words), name) for name in ("hydro", label)]
            assert (told[0].code, told[0].err) == (0, "")
            assert told[1] == told[0]

    def test_what_is_no_result_is_refused(self, potline, study):
        assert "`potline run` writes results.nc" in potline("show", "nothing").err
        told = potline("show", study.name)
        assert told.code == 2
        assert "study.yaml: not a potline result" in told.err


class TestPlot:
    def test_one_kind_is_drawn_where_it_is_asked_for(self, minimal, command, tmp_path):
        folder, _ = minimal
        told = command("plot", folder, "--kind", "stages", "--out", tmp_path / "new")
        assert (told.code, told.err) == (0, "")
        drawn = sorted(path.name for path in (tmp_path / "new").iterdir())
        assert drawn == ["stages.png", "stages.svg"]
        assert [Path(line).name for line in told.out.split()] == drawn

    def test_an_unknown_kind_names_the_nearest_and_all_there_are(
        self, minimal, command
    ):
        folder, _ = minimal
        told = command("plot", folder, "--kind", "stage")
        assert (told.code, told.out) == (2, "")
        assert "no figure is called stage; did you mean stages?" in told.err


class TestLibrary:
    @pytest.mark.parametrize(
        ("what", "holds"),
        [
            ("files", "aluminium/chain"),
            ("mixes", "cn_2023"),
            ("factors", "power.mee23_coal"),
            ("inputs", "smelting.ac_electricity"),
            ("gases", "CH4"),
        ],
    )
    def test_a_list_holds_what_is_shipped_with_its_source(self, potline, what, holds):
        told = potline("library", what)
        assert (told.code, told.err) == (0, "")
        assert holds in told.out
        found = json.loads(potline("library", what, "--json").out)
        assert any(holds in row.values() for row in found)
        for row in found:
            # a formula is arithmetic, and needs no source
            assert row.get("source", "-") or row["value"].startswith("formula ")

    @pytest.mark.parametrize(
        ("words", "id"),
        [
            ("per tonne of bauxite", "mining.diesel"),
            ("DIESEL mj/t", "mining.diesel"),
            ("smelting.ac", "smelting.ac_electricity"),
            ("bx_diesel_2019", "mining.diesel"),
            ("引自文献 diesel bauxite", "mining.diesel"),
        ],
    )
    def test_inputs_are_found_by_words_of_any_column(self, potline, words, id):
        found = json.loads(potline("library", "inputs", words, "--json").out)
        assert id in [one["input"] for one in found]
        every = json.loads(potline("library", "inputs", "--json").out)
        assert len(found) < len(every) / 4
        (row,) = (r for r in found if r["input"] == id and "china_2023" in r["file"])
        assert set(row) >= {"label", "value", "spread", "marks", "source"}

    def test_a_part_of_a_name_narrows_the_list(self, potline):
        found = json.loads(potline("library", "mixes", "yunnan", "--json").out)
        assert found
        assert all("yunnan" in row["mix"] for row in found)

    def test_an_unknown_list_names_the_nearest(self, potline):
        told = potline("library", "mixs")
        assert (told.code, told.out) == (2, "")
        assert "no such list: mixs; did you mean mixes?" in told.err


class TestSchema:
    def test_the_schema_knows_every_key_of_a_shipped_study(self, potline):
        found = json.loads(potline("schema").out)
        assert {"inputs", "scenarios", "import", "run"} <= found["properties"].keys()
        assert found["additionalProperties"] is False

    def test_the_schema_is_written_where_it_is_asked_for(self, potline):
        assert potline("schema", "--out", "s.json").out == ""
        assert json.loads(Path("s.json").read_text())["title"] == "Config"
        told = potline("schema", "--out", "nowhere/s.json")
        assert told.code == 2
        assert "nowhere/s.json: cannot be written" in told.err


class TestInit:
    def test_the_study_it_writes_passes_check_and_runs(self, potline, no_figures):
        told = potline("init", "mine.yaml")
        assert told.code == 0
        assert "next: potline check mine.yaml, then potline run mine.yaml" in told.out
        checked = potline("check", "mine.yaml")
        assert (checked.code, checked.err) == (0, "")
        assert checked.out.startswith("mine.yaml: no faults")
        ran = potline("run", "mine.yaml", "--draws", "256", "--quiet")
        assert (ran.code, ran.err) == (0, "")

    def test_a_file_is_overwritten_only_when_forced(self, potline, study, small):
        told = potline("init", study.name)
        assert told.code == 2
        assert "study.yaml: exists already; pass --force" in told.err
        assert study.read_text() == small
        assert potline("init", study.name, "--force").code == 0
        assert study.read_text() != small

    def test_a_folder_that_is_not_there_is_told(self, potline):
        told = potline("init", "nowhere/study.yaml")
        assert told.code == 2
        assert "nowhere/study.yaml: cannot be written" in told.err


class TestCheck:
    def test_inputs_and_marks_are_listed(self, potline):
        told = potline("check", MINIMAL)
        assert (told.code, told.err) == (0, "")
        assert "smelting.ac_electricity  " not in told.out  # the verdict, no table
        told = potline("check", MINIMAL, "--inputs")
        assert "smelting.ac_electricity" in told.out
        assert re.search(
            r"uncertainty ranges assumed \(\d of \d+\): .*casting.melt_loss", told.out
        )
        assert "minimal.yaml: no faults" in told.out

    def test_json_of_a_study_without_a_fault(self, potline, study):
        found = json.loads(potline("check", study.name, "--json").out)
        assert found == {"faults": [], "warnings": []}

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            (
                "normal: {mean: 13500, sd: 50}",
                "kind: activity data\n    normal: {mean: 1, sd: 1}",
                "study.yaml: line 9: inputs.smelting.electricity: "
                "can become negative in 0.16 of the draws; "
                "bound it: bounds: {low: 0}",
            ),
            (
                "dependence:",
                "  casting.los: {units: t, value: 1, source: x}\ndependence:",
                "inputs.casting.los: nothing reads it; did you mean casting.loss?",
            ),
            (
                "{scale: {smelting.electricity: 0.97}}",
                "{set: {smelting.electricity: 13000}}",
                "scenarios.frugal.set.smelting.electricity: no source stated",
            ),
        ],
    )
    def test_what_is_worth_a_look_is_a_warning(
        self, potline, study, small, old, new, says
    ):
        study.write_text(small.replace(old, new, 1))
        assert json.loads(potline("check", study.name, "--json").out) == {
            "faults": [],
            "warnings": [says],
        }
        assert f"warning: {says}"[:60] in potline("check", study.name).out


class TestHelp:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_help_with_two_examples_that_it_knows(
        self, potline, name
    ):
        told = potline(name, "--help")
        assert (told.code, told.err) == (0, "")
        text = re.sub(r"\s+", " ", told.out)
        head, _, rest = re.split(r"( Arguments:| Options:)", text, maxsplit=1)
        examples = head.split("Example: ")[1:]
        assert len(examples) == 2
        assert len(set(examples)) == 2
        for example in examples:
            program, command, *words = shlex.split(example)
            assert (program, command) == ("potline", name)
            for word in words:
                if word.startswith("-"):
                    assert word in rest

    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_the_commands_stand_by_task(self, potline, language):
        told = potline("--language", language, "--help").out
        tasks = [Words(language)(f"commands.tasks.{t}") for t in cli.TASKS]
        assert [line[:-1] for line in told.splitlines() if line[:-1] in tasks] == tasks
        for name in COMMANDS:
            assert len(re.findall(rf"(?m)^  {name}  ", told)) == 1

    def test_no_command_is_help(self, potline):
        told = potline()
        assert all(name in told.out + told.err for name in COMMANDS)

    def test_the_version_is_printed(self, potline):
        assert re.fullmatch(r"potline \d+\.\d+\.\d+\S*\n", potline("--version").out)

    def test_an_unknown_command_is_refused(self, potline):
        told = potline("rnu")
        assert told.code == 2
        assert "No such command 'rnu'" in told.err

    def test_colour_is_left_out_where_it_is_not_wanted(
        self, potline, study, monkeypatch
    ):
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b" not in potline("check", study.name).out
        assert "\x1b" not in potline("run", "--help").out
