"""`potline sensitivity`: what it finds, prints, writes, and what it refuses."""

import json
import re
import sys
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenarios.analysis.sensitivity import Order, Question, explain, problem_of
from scenarios.figures.sensitivity import sensitivity as pictures
from scenarios.results.file import open_result, write_result
from uncertainty.sensitivity import plain_run
from uncertainty.storage import load as read

# design section 9: what a machine may read
HEAD = ["study", "method", "n", "results"]
ROW = {
    *("scenario", "year", "output", "parameter", "index", "value", "lower", "upper"),
}

# footprint = a * b + c: ln-variances of a product of lognormals add, and c adds its own
ADDED = """\
title: Three inputs
run: {draws: 4096, design: sobol, seed: 5, replicates: 16}
inputs:
  mine.a:
    units: t
    normal: {mean: 10, sd: 3}
    kind: activity data
    spread_confidence: read
    source: x
  mine.b:
    units: t
    normal: {mean: 10, sd: 4}
    kind: activity data
    spread_confidence: assumed
    source: x
  plant.c: {units: t, normal: {mean: 10, sd: 12}, kind: emission factor, source: y}
outputs:
  sum: {units: t, formula: mine.a + mine.b + plant.c}
  twice: {units: t, formula: 2 * mine.a}
scenarios:
  base: {reference: true, label: The base}
  other:
    label: Another
    set: {plant.c: {normal: {mean: 10, sd: 12}, independent: true, source: z}}
  more: {scale: {mine.b: 2}, source: z}
"""
# variances 9, 16 and 144 of 169
FIRST = {"mine.a": 9 / 169, "mine.b": 16 / 169, "plant.c": 144 / 169}

TIED = """
dependence:
  - {rank_correlation: 0.6, between: [mine.a, mine.b], source: x}
"""


def _burning(text: str) -> str:
    """The small study with three fuels, whose shares the footprint reads."""
    three = text.replace("fuel.gas: 0.2}", "fuel.gas: 0.15, fuel.oil: 0.05}")
    burnt = "smelting.anode_co2 * (1 + fuel.coal + 0.5 * fuel.gas)"
    return three.replace("amount: smelting.anode_co2", f'amount: "{burnt}"')


@pytest.fixture
def no_pictures(monkeypatch):
    """Leave pictures out: they take longer than all else that a small study does."""
    monkeypatch.setattr(pictures, "sensitivity_figures", lambda *_: {})


@pytest.fixture
def added(potline, no_pictures, tmp_path):
    """`potline sensitivity` of a sum whose indices are known, in JSON."""
    path = tmp_path / "added.yaml"
    path.write_text(ADDED)

    def ask(*words: object, text: str = ADDED) -> dict:
        path.write_text(text)
        told = potline("sensitivity", "added.yaml", "--json", *words)
        assert (told.code, told.err) == (0, "")
        return json.loads(told.out)

    return ask


@pytest.fixture
def refused(potline, tmp_path):
    """What `potline sensitivity` says of a study it refuses; nothing is written."""

    def ask(*words: object, text: str = ADDED) -> str:
        (tmp_path / "added.yaml").write_text(text)
        told = potline("sensitivity", "added.yaml", *words)
        assert (told.code, told.out) == (2, "")
        assert not Path("results").exists()
        return told.err

    return ask


@pytest.fixture(scope="module")
def ran(command, tmp_path_factory):
    """A folder with a run of the sum, and with its config."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "added.yaml").write_text(ADDED)
    with chdir(folder):
        assert command("run", "added.yaml", "--quiet").code == 0
    return folder


def table(found: dict, index: str, scenario: str = "base", output: str = "sum") -> dict:
    """Values of an index by parameter."""
    return {
        row["parameter"]
        if isinstance(row["parameter"], str)
        else tuple(row["parameter"]): row["value"]
        for row in found["results"]
        if (row["index"], row["scenario"], row["output"]) == (index, scenario, output)
    }


def read_by(values: dict) -> dict:
    """Indices of what an output reads: any other factor has 0, and dummy a floor."""
    return {name: value for name, value in values.items() if value and name != "dummy"}


class TestSobol:
    def test_a_sum_of_normals_has_its_shares_and_the_fields_of_the_design(self, added):
        found = added("--n", "4096")
        assert list(found) == HEAD
        assert (found["study"], found["method"], found["n"]) == ("added", "sobol", 4096)
        assert all(row.keys() == ROW for row in found["results"])
        for index in ("first_order", "total_order"):
            values = read_by(table(found, index))
            # 4096 Sobol' points: the bootstrap's own half-width is below 0.03
            assert values == pytest.approx(FIRST, abs=0.03)
        for row in found["results"]:
            assert row["lower"] <= row["value"] <= row["upper"]
            assert row["year"] is None

    def test_a_difference_reads_an_independent_input_twice(self, added):
        found = added("--n", "1024")
        values = table(found, "total_order", "other - base")
        # c of each side has half of the variance, a and b drop out
        assert values["plant.c"] == pytest.approx(0.5, abs=0.05)
        assert values["plant.c@other"] == pytest.approx(0.5, abs=0.05)
        # but for rounding: (a + b + c) - (a + b + c') is no c - c'
        assert abs(values["mine.a"]) < 1e-20

    def test_a_stored_result_gives_the_bits_that_its_config_gives(self, ran, command):
        with chdir(ran):
            words = ("--n", "256", "--json", "--out")
            one = json.loads(command("sensitivity", "added.yaml", *words, "a").out)
            two = json.loads(command("sensitivity", "results/added", *words, "b").out)
            assert one == two
            of_result = read(Path("b/sensitivity.nc"))
            started = read(Path("results/added/results.nc")).attrs["started"]
            assert of_result.attrs["run"] == started

    def test_groups_are_named_by_papers_and_add_up(self, added):
        by_kind = table(added("--groups", "kind", "--n", "1024"), "first_order")
        assert by_kind.keys() == {"activity data", "emission factor", "dummy"}
        assert by_kind["activity data"] == pytest.approx(25 / 169, abs=0.05)
        by_stage = table(added("--groups", "stage", "--n", "1024"), "first_order")
        assert by_stage.keys() == {"mine", "plant", "dummy"}
        # the same columns under other names
        assert by_stage["mine"] == by_kind["activity data"]
        words = ("--groups", "source", "--n", "1024")
        by_source = table(added(*words), "first_order")
        assert by_source.keys() == {"x", "y", "z", "dummy"}

    def test_second_order_is_of_outputs_and_of_no_difference(self, added):
        found = added("--second-order", "--n", "1024", "--outputs", "sum,twice")
        pairs = read_by(table(found, "second_order"))
        assert pairs.keys() == {
            ("mine.a", "mine.b"),
            ("mine.a", "plant.c"),
            ("mine.b", "plant.c"),
        }
        # a sum has no interactions
        assert all(abs(value) < 0.1 for value in pairs.values())
        assert table(found, "second_order", "more - base") == {}

    def test_tied_inputs_are_one_factor_named_after_the_copula(self, added):
        values = table(added("--n", "1024", text=ADDED + TIED), "first_order")
        assert read_by(values).keys() == {"mine.a, mine.b", "plant.c"}
        # variance of the pair: 9 + 16 + 2 rho 12, Pearson of a Spearman of 0.6
        pair = 25 + 2 * 2 * np.sin(np.pi * 0.6 / 6) * 12
        assert values["mine.a, mine.b"] == pytest.approx(pair / (pair + 144), abs=0.05)

    @pytest.mark.parametrize("method", ["sobol", "shapley"])
    def test_shares_that_sum_to_one_are_one_factor_of_that_name(
        self, written, small, method
    ):
        study = written(_burning(small))
        found = explain(study, Question(), Order(method=method, n=64))
        fuel = found.sel(parameter="fuel", scenario="grid", output="footprint")
        assert fuel["columns"].item() == "fuel.coal, fuel.gas"
        assert fuel["label"].item() == "Shares of fuel"
        assert float(fuel[found.attrs["ranked_by"]]) > 0

    def test_tied_inputs_stay_together_in_a_group_named_by_all_their_marks(
        self, written
    ):
        study = written(ADDED + TIED)
        problem = problem_of(study, Question(), groups="spread_confidence")
        assert dict(problem.factors) == {
            "assumed and read": ("mine.a", "mine.b"),
            "unstated": ("plant.c", "plant.c@other"),
        }

    def test_scenarios_and_reference_are_as_asked(self, added):
        found = added("--n", "64", "--scenarios", "more,other", "--reference", "other")
        names = {row["scenario"] for row in found["results"]}
        assert names == {"more", "other", "more - other"}
        every = added("--n", "64", "--scenarios", "all")
        names = {row["scenario"] for row in every["results"]}
        assert names == {"base", "other", "more", "other - base", "more - base"}


class TestGivenData:
    def test_stored_draws_give_first_order_and_no_run_of_the_model(
        self, ran, command, monkeypatch
    ):
        from scenarios.model.study import Study

        monkeypatch.setattr(Study, "run", None)  # a run would raise
        with chdir(ran):
            told = command(
                "sensitivity", "results/added", "--method", "given_data", "--json"
            )
        found = json.loads(told.out)
        values = read_by(table(found, "first_order"))
        # 4096 draws: the standard error of an index is some 0.01
        assert values == pytest.approx(FIRST, abs=0.03)
        apart = table(found, "first_order", "other - base")
        assert apart["plant.c"] == pytest.approx(0.5, abs=0.05)
        assert apart["plant.c@other"] == pytest.approx(0.5, abs=0.05)
        assert abs(apart["mine.a"]) < 0.01

    def test_knowing_the_widest_input_narrows_the_interval_most(self, ran, command):
        with chdir(ran):
            told = command(
                "sensitivity", "results/added", "--method", "value_of_information"
            )
        assert told.code == 0
        assert "narrowing" in told.out
        # known c leaves sd 5 of 13: the interval of a normal narrows by 8 / 13
        row = next(x for x in told.out.splitlines() if x.startswith("plant.c"))
        narrowing = float(re.findall(r"\d\.\d+", row)[0])
        assert narrowing == pytest.approx(8 / 13, abs=0.03)

    def test_single_inputs_of_a_block_have_no_index(self, added):
        text = ADDED + TIED
        found = added("--method", "given_data", "--n", "2048", text=text)
        assert read_by(table(found, "first_order")).keys() == {"plant.c"}

    def test_a_result_without_stored_inputs_says_what_to_do(
        self, ran, command, tmp_path
    ):
        path = tmp_path / "results.nc"
        result = open_result(ran / "results/added")
        inputs = result.inputs.assign_attrs(draws_stored="no: too many")
        groups = {**result.groups, "inputs": inputs}
        write_result(replace(result, groups=groups), path)
        told = command("sensitivity", path, "--method", "pawn")
        assert (told.code, told.out) == (2, "")
        assert "not stored (no: too many)" in told.err
        assert "such as sobol" in told.err


@pytest.fixture(scope="module")
def every(command, tmp_path_factory):
    """Every method on the sum, and what was printed."""
    folder = tmp_path_factory.mktemp("all")
    (folder / "added.yaml").write_text(ADDED)
    with chdir(folder):
        told = command("sensitivity", "added.yaml", "--method", "all", "--n", "256")
    return folder / "results/added", told


class TestAll:
    def test_every_method_stands_in_the_file_and_in_the_table(self, every):
        folder, told = every
        assert (told.code, told.err) == (0, "")
        tree = read(folder / "sensitivity.nc")
        methods = {
            *("sobol", "shapley", "given_data", "value_of_information", "pawn"),
            *("rank", "hsic", "decision_value"),
            *("morris", "dgsm", "regional", "rbd_fast", "delta", "hdmr", "fast"),
        }
        assert set(tree.children) == methods
        for method in methods:
            assert str(tree[method].attrs["method"]) == method
            assert f"{method}: " in told.out
            # c does most by any method
            data = tree[method].to_dataset().isel(scenario=0).sel(output="sum")
            index = data[data.attrs["ranked_by"]]
            best = index.where(index.parameter != "dummy", -1.0).argmax("parameter")
            name = str(index.parameter.values[int(best)])
            # of a difference the one that the other scenario draws apart
            assert name.partition("@")[0] == "plant.c"

    def test_figures_are_drawn_of_each_method(self, every):
        folder, _ = every
        names = {path.stem for path in folder.glob("*.png")}
        assert {
            *("sensitivity_sobol", "sensitivity_sobol_scenarios"),
            *("sensitivity_morris", "sensitivity_delta"),
        } < names
        assert not list(folder.glob("*.svg"))

    def test_what_a_method_cannot_do_is_left_out_and_said(
        self, potline, no_pictures, tmp_path
    ):
        (tmp_path / "added.yaml").write_text(ADDED + TIED)
        told = potline("sensitivity", "added.yaml", "--method", "all", "--n", "64")
        assert told.code == 0
        text = re.sub(r"\s+", " ", told.out)
        for method in ("rbd_fast", "dgsm", "fast"):
            assert f"{method} left out: {method} assumes independent inputs" in text
        assert "One factor each, since their inputs depend on each other" in text


class TestFiles:
    def test_methods_of_one_run_share_a_file_and_another_run_does_not(
        self, added, tmp_path
    ):
        path = Path("results/added/sensitivity.nc")
        added("--n", "64")
        added("--n", "8", "--method", "morris")
        added("--n", "64", "--groups", "kind")
        assert set(read(path).children) == {"sobol", "morris", "sobol_by_kind"}
        added("--n", "64", text=ADDED.replace("seed: 5", "seed: 6"))
        assert set(read(path).children) == {"sobol"}
        assert read(path).attrs["seed"] == 6

    def test_pairs_have_a_picture_and_quiet_says_nothing(self, potline, tmp_path):
        (tmp_path / "added.yaml").write_text(ADDED)
        words = ("--second-order", "--n", "64", "--quiet", "--out", "a/b")
        words = (*words, "--figures", "png")
        told = potline("sensitivity", "added.yaml", *words)
        assert (told.code, told.out, told.err) == (0, "", "")
        assert Path("a/b/sensitivity_sobol_pairs.png").is_file()
        assert Path("a/b/sensitivity.nc").is_file()


class TestTable:
    def test_the_table_tells_factors_floor_sum_and_what_is_settled(
        self, potline, no_pictures, tmp_path
    ):
        (tmp_path / "added.yaml").write_text(ADDED)
        told = potline("sensitivity", "added.yaml", "--n", "4096")
        assert (told.code, told.err) == (0, "")
        lines = told.out.splitlines()
        assert lines[0].startswith("Drivers of sum, The base (sobol)")
        assert lines[2].startswith("plant.c")
        for words in (
            "noise floor",
            "sum of first order",
            "Drivers of each difference to The base (sobol, total order)",
            "First-order indices add up to",
            "factors are important (lower bound above 1 % of the variance)",
            "The ranking of the first 3 is settled at this n.",
            "Written to results/added: sensitivity.nc, figures",
        ):
            assert words in told.out

    def test_a_ranking_that_is_not_settled_is_a_warning(
        self, potline, no_pictures, tmp_path
    ):
        (tmp_path / "added.yaml").write_text(re.sub(r"sd: \d+", "sd: 5", ADDED))
        told = potline("sensitivity", "added.yaml", "--n", "512")
        text = re.sub(r"\s+", " ", told.out)
        assert "warning: at n = 512 the rank of " in text
        assert "a larger --n may settle it" in text

    def test_the_share_on_assumed_spreads_is_printed(
        self, potline, no_pictures, tmp_path
    ):
        (tmp_path / "added.yaml").write_text(ADDED)
        words = ("--groups", "spread_confidence", "--outputs", "sum", "--n", "8192")
        told = potline("sensitivity", "added.yaml", *words)
        share = re.search(r"The base: (\d+) % of the variance comes from", told.out)
        assert share is not None
        # 16 of 169; the interval at this n is some 1 %
        assert int(share[1]) == pytest.approx(9.5, abs=2)

    def test_where_marks_are_tied_the_share_on_assumed_spreads_has_two_ends(
        self, potline, no_pictures, tmp_path
    ):
        (tmp_path / "added.yaml").write_text(ADDED + TIED)
        words = ("--groups", "spread_confidence", "--outputs", "sum", "--n", "4096")
        told = potline("sensitivity", "added.yaml", *words)
        share = re.search(r"The base: (\d+) % to (\d+) % of the variance", told.out)
        assert share is not None
        pair = 25 + 2 * 2 * np.sin(np.pi * 0.6 / 6) * 12
        assert int(share[1]) == 0
        # the half-width of a group's index is some 2 % at this n
        assert int(share[2]) == pytest.approx(100 * pair / (pair + 144), abs=3)

    def test_a_block_is_told_by_its_first_input_and_their_number(
        self, potline, no_pictures, tmp_path
    ):
        (tmp_path / "added.yaml").write_text(ADDED + TIED)
        told = potline("sensitivity", "added.yaml", "--n", "256")
        assert "\nmine.a +1 " in told.out
        assert "2 tied inputs: mine.a, ..." in told.out


class TestRefused:
    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("--method", "sobbol"), "no method is called sobbol; did you mean sobol?"),
            (("--groups", "stages"), "no grouping is called stages; did you mean stag"),
            (("--outputs", "summ"), "no output is called summ; did you mean sum?"),
            (("--scenarios", "othr"), "no scenario is called othr; did you mean other"),
            (("--reference", "bas"), "no scenario is called bas; did you mean base?"),
            (("--n", "100"), "n must be a power of two, 16 or more, not 100"),
            (("--n", "0"), "--n 0: takes 1 or more"),
            (("--seed", "-1"), "--seed -1: takes 0 or more"),
            (("--level", "95"), "--level 95.0: takes a number between 0 and 1"),
            (
                ("--method", "pawn", "--groups", "kind"),
                "pawn has no groups; take one of sobol, shapley, morris",
            ),
            (
                ("--method", "morris", "--second-order"),
                "morris has no second order; take --method sobol",
            ),
            (("--method", "given_data", "--n", "16"), "draws"),
        ],
    )
    def test_what_cannot_be_had_is_told_with_the_mend(self, refused, words, says):
        assert says in refused(*words)

    @pytest.mark.parametrize("method", ["fast", "rbd_fast", "dgsm"])
    def test_tied_inputs_are_refused_where_independence_is_assumed(
        self, refused, method
    ):
        said = refused("--method", method, text=ADDED + TIED)
        assert f"{method} assumes independent inputs" in said
        assert "take sobol or morris" in said

    def test_a_study_in_which_nothing_is_uncertain_is_refused(self, refused):
        text = re.sub(r"normal: {mean: 10, sd: \d+}", "value: 10", ADDED)
        text = text.replace(" independent: true,", "")
        assert "give an input of the study a distribution" in refused(text=text)

    def test_what_is_no_result_is_refused(self, potline):
        told = potline("sensitivity", "nothing.nc")
        assert told.code == 2
        assert "no such file" in told.err


class TestQuestion:
    def test_parts_of_a_footprint_are_outputs_and_add_up(self, written, small):
        study = written(small)
        patterns = ("footprint", "stage.*", "source.*", "account.*", "gas.*", "energy")
        problem = problem_of(study, Question(outputs=patterns))
        names = [str(name) for name in problem.outputs["output"].values]
        assert {"footprint", "stage.smelting", "source.electricity"} < set(names)
        assert {"account.upstream", "gas.CO2", "energy"} < set(names)
        _, draws = plain_run(problem, 64, seed=1)
        draws = draws.sel(scenario="grid")
        whole = draws.sel(output="footprint")
        for word in ("stage.", "source.", "account."):
            parts = draws.sel(output=[n for n in names if n.startswith(word)])
            # sums of the same flows in another order: some roundings apart
            np.testing.assert_allclose(parts.sum("output"), whole, rtol=1e-12)

    def test_years_stand_beside_each_other(self, added):
        text = ADDED.replace("scenarios:", "years: [2025, 2030]\nscenarios:")
        found = added("--n", "64", "--outputs", "sum", text=text)
        assert {row["year"] for row in found["results"]} == {2025, 2030}
        stored = added("--method", "given_data", "--n", "1024", text=text)
        assert {row["year"] for row in stored["results"]} == {2025, 2030}


def test_help_of_the_command_loads_no_numpy():
    import subprocess

    program = (
        "import sys; from scenarios.cli import sensitivity; "
        "print({'numpy', 'xarray', 'scipy'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"
