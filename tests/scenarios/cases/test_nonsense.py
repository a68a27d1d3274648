"""Kinds of nonsense: each is refused or told with its place and how to mend it."""

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from scenarios.cli import output

STUDY = """\
title: A smelter
declared_unit: {amount: 1, units: t, product: aluminium_ingot}
run: {draws: 64, seed: 1, replicates: 4}
inputs:
  cell.electricity: {units: kWh/t, normal: {mean: 13500, sd: 50}, source: a meter}
  melt.loss: {units: "%", uniform: {low: 0.2, high: 0.8}, source: a guess}
supplies: {cell.power: {factor: 0.6 kg CO2e/kWh, losses: 0.04}}
processes:
  cells:
    stage: smelting
    makes: {product: metal, units: t}
    needs: {electricity: {amount: cell.electricity, supply: cell.power}}
  cast:
    stage: casting
    makes: {product: aluminium_ingot, units: t}
    needs: {metal: 1 / (1 - melt.loss)}
scenarios:
  base: {reference: true}
  other: {set: {cell.power: {factor: 0.1 kg CO2e/kWh}}}
"""


class Odd(NamedTuple):
    """Something to put in place of something of `STUDY`, and what is said to it."""

    old: str
    new: str
    says: str
    code: int = 0


KWH = "units: kWh/t, normal: {mean: 13500, sd: 50}"
OTHER = "other: {set: {cell.power: {factor: 0.1 kg CO2e/kWh}}}"
SUM = "scenarios:\n"


def units(text: str, says: str) -> Odd:
    return Odd(SUM, f"outputs: {{y: {{units: {text}, formula: 1}}}}\n{SUM}", says, 2)


def other(stated: str, says: str, code: int = 0) -> Odd:
    return Odd(OTHER, f"other: {stated}", says, code)


CASES = {
    "a milli-tonne": Odd(KWH, "value: 13500 kWh/mt", "metric tonne to the industry", 2),
    "a barrel": units("bbl", "write oil_bbl"),
    "a cubic megametre": units("Mm3", "write hm**3"),
    "a million Btu": units("MMBtu", "write MBtu"),
    "a normal cubic metre": units("Nm3", "write m3"),
    "a glued mass": units("tCO2e/t", "write t CO2e"),
    "a glued gas": units("gCO2/kWh", "write g CO2"),
    "an equivalent with a dash": units("kg CO2-eq/kWh", "write CO2e"),
    "energy in MWh for kWh": Odd("kWh/t, normal", "MWh/t, normal", "energy per mass"),
    "a footprint of thousands": Odd(
        "kWh/t, normal", "MWh/t, normal", "-100 to 1000 t CO2e/t"
    ),
    "a footprint that this product never has": Odd(
        "product: aluminium_ingot}",
        "product: aluminium_ingot}\n"
        "plausible: {aluminium_ingot: {low: 0.1, high: 2, units: kg CO2e/kg}}",
        "lies outside 0.1 to 2 kg CO2e/kg, as aluminium_ingot has it",
    ),
    "losses of 500 per cent": Odd("losses: 0.04", "losses: 5", "losses of 500 %"),
    "a factor of kilograms": other(
        "{set: {cell.power: {factor: 600 kg CO2e/kWh}}}", "is 600 kg or 600 g meant?"
    ),
    "a scale of 97": other(
        "{scale: {cell.electricity: 97}, source: x}", "is 97 % meant? Then write 0.97"
    ),
    "a scale below zero": other(
        "{scale: {cell.electricity: -1}, source: x}", "which turns the sign"
    ),
    "a figure a thousandth of what it was": other(
        "{set: {cell.electricity: 13.5}, source: x}", "1000 times below the 13500"
    ),
    "megajoules for kilowatt-hours": other(
        "{set: {cell.electricity: 48600}, source: x}", "as MJ for kWh would be"
    ),
    "a loss above one": Odd(
        '"%", uniform: {low: 0.2, high: 0.8}', '"1", value: 1.5', "a fraction lies"
    ),
    "a loss of most": Odd("{low: 0.2, high: 0.8}", "{low: 60, high: 70}", "than half"),
    "a loss beyond its ends": Odd(
        "{low: 0.2, high: 0.8}", "{low: 20, high: 160}", "outside 0 to 1"
    ),
    "a GWP of CO2 of two": other(
        "{set: {gwp.CO2: {value: 2}}, source: x}", "the GWP of CO2 is 1"
    ),
    "a scenario that is the reference": other("{}", "is equal to the reference base"),
    "a set that nothing reads": Odd(
        "scenarios:\n  base: {reference: true}",
        "outputs: {y: {units: kWh/t, formula: cell.electricity}}\nscenarios:\n"
        "  base: {reference: true}\n"
        "  idle: {set: {gwp.CH4: {value: 3}}, source: x}",
        "changes nothing: nothing reads it",
    ),
    "years without a path": Odd("inputs:\n", "years: [2020, 2030]\ninputs:\n", "moves"),
    "years of one scenario": other("{years: [2030]}", "has no year to compare", 2),
    "a process nobody needs": Odd(
        "  cast:\n",
        "  idle: {stage: idle, makes: {product: slag, units: t}}\n  cast:\n",
        "nobody needs its slag",
    ),
    "a sweep of equal points": other(
        "{sweep: {cell.electricity: [13000, 13000]}}", "points that are equal"
    ),
    "a sweep backwards": other(
        "{sweep: {cell.electricity: {from: 14000, to: 13000, steps: 2}}}", "backwards"
    ),
    "two equal labels": Odd(
        "base: {reference: true}",
        "base: {label: Grid, reference: true}\n"
        "  twin: {label: Grid, set: {cell.power: {factor: 0.2 kg CO2e/kWh}}}",
        "2 scenarios are labelled Grid",
    ),
    "a mark for a missing measurement": Odd(
        "normal: {mean: 13500, sd: 50}",
        "observed: {of: mean, values: [13500, 13480, 13520, 13510, -9999]}",
        "mark for a missing reading",
    ),
    "a level that is no level": Odd(
        "normal: {mean: 13500, sd: 50}",
        "interval: {low: 13400, high: 13600, level: 1.0e-320}",
        "leaves the standard deviation open",
        2,
    ),
    "a fleet that makes nothing": Odd(
        SUM, f"fleets: {{land: {{output: {{base: 0}}}}}}\n{SUM}", "adds up to 0", 2
    ),
    "too few draws": Odd("draws: 64", "draws: 16", "take 20 or more", 2),
    "a comma in braces": Odd(
        SUM,
        f'outputs: {{y: {{units: "1", formula: where(1 > 0, 1, 0)}}}}\n{SUM}',
        'put the formula in quotes: "where(1 > 0, 1, 0)"',
        2,
    ),
    "a pair tied twice": Odd(
        SUM,
        "dependence:\n"
        "  - {rank_correlation: 0.5, between: [cell.electricity, melt.loss]}\n"
        "  - {rank_correlation: 0.7, between: [melt.loss, cell.electricity]}\n" + SUM,
        "have a rank correlation already",
        2,
    ),
    "draws below zero": Odd("sd: 50", "sd: 12000", "negative in 0.13 of the draws"),
    "a spread of a million times": Odd(
        KWH, "units: kWh/t, lognormal: {median: 13500, gsd: 30}", "write 1.3 for 30 %"
    ),
    "per cent of a mean below zero": Odd(
        KWH,
        "units: kWh/t, percent: {value: 13500, plus_minus: 3000}",
        "above 60, where a normal law turns negative",
        2,
    ),
    "a decimal comma": Odd("sd: 50", "sd: 0,5", "written with a point", 2),
    "a decimal comma in quotes": Odd("sd: 50", 'sd: "0,5"', "write 0.5", 2),
    "per cent for a number": Odd("sd: 50", "sd: 5%", "write 0.05 for 5%", 2),
    "blanks in a number": Odd("mean: 13500", "mean: 13 500", "write 13500", 2),
    "a spread below zero": Odd("sd: 50", "sd: -50", "write 50, or 0", 2),
    "ends the wrong way round": Odd(
        "{low: 0.2, high: 0.8}", "{low: 0.8, high: 0.2}", "swap them", 2
    ),
    "a level in per cent": Odd(
        "normal: {mean: 13500, sd: 50}",
        "interval: {low: 13400, high: 13600, level: 95}",
        "write 0.95 for 95 %",
        2,
    ),
    "a word of another tool": Odd(
        "normal: {mean", "gaussian: {mean", "did you mean normal?", 2
    ),
    "shares in per cent": Odd(
        "{factor: 0.6 kg CO2e/kWh, losses: 0.04}",
        "{shares: {coal: 50, hydro: 50}, factor_set: mee24, losses: 0.04}",
        "write 0.5 for 50 %",
        2,
    ),
    "shares that miss a tenth": Odd(
        "{factor: 0.6 kg CO2e/kWh, losses: 0.04}",
        "{shares: {coal: 0.5, hydro: 0.4}, factor_set: mee24, losses: 0.04}",
        "add up to 0.9, not to 1",
        2,
    ),
    "a factor without units": Odd(
        "factor: 0.6 kg CO2e/kWh", "factor: 0.6", "write its units", 2
    ),
    "a factor of no gas": Odd(
        "factor: 0.6 kg CO2e/kWh", "factor: 0.6 kg/kWh", "mend the amount or", 2
    ),
    "energy without a mass": other(
        "{set: {cell.electricity: 13400 kWh}}", "measures energy, not energy/mass", 2
    ),
    "a short ton": Odd("kWh/t, normal", "kWh/ton, normal", "write t, or short_ton", 2),
    "a degree that starts elsewhere": Odd(
        "kWh/t, normal", "degC, normal", "K or delta_degC", 2
    ),
    "a power with a hat": Odd(
        "1 / (1 - melt.loss)", "1 / (1 - melt.loss)^2", "write ** for a power", 2
    ),
    "a division by zero": Odd("1 / (1 - melt.loss)", "1 / 0", "division by zero", 2),
    "a gas with a nought": Odd(
        "    stage: casting",
        "    stage: casting\n    emits: {a: {gas: C02, amount: 1}}",
        "did you mean CO2?",
        2,
    ),
    "a correlation above one": Odd(
        SUM,
        "dependence:\n"
        "  - {rank_correlation: 1.5, between: [cell.electricity, melt.loss]}\n" + SUM,
        "must be 1 or less",
        2,
    ),
    "a product that nobody makes": Odd(
        "product: aluminium_ingot}\nrun", "product: ingots}\nrun", "made here: metal", 2
    ),
    "a brace that is open": Odd(
        "base: {reference: true}", "base: {reference: true", "are not closed", 2
    ),
    "an escape in a title": Odd("title: A", r'title: "\e[31mA"#', "no faults"),
}


PAGE = Path(__file__).parents[3] / "docs" / "nonsense.md"
"""Made by ``docs/make_nonsense.py``."""


def on_the_page(name: str) -> str:
    """What the page has the tool say to a kind of nonsense."""
    (line,) = (x for x in PAGE.read_text().splitlines() if x.startswith(f"| {name} |"))
    return line[2:-2].split(" | ")[-1].replace("\\|", "|")


@pytest.mark.parametrize("name", CASES)
def test_nonsense_is_told_with_its_place(name, potline, tmp_path):
    odd = CASES[name]
    assert odd.old in STUDY
    (tmp_path / "study.yaml").write_text(STUDY.replace(odd.old, odd.new, 1))
    told = potline("check", "study.yaml")
    said = " ".join((told.out + told.err).split())
    assert told.code == odd.code, said
    assert " ".join(odd.says.split()) in said
    assert "\x1b" not in told.out
    if odd.says != "no faults":
        assert "line " in said
        assert on_the_page(name) in said


def test_the_factor_that_nothing_reads_keeps_its_name(potline, tmp_path):
    from uncertainty.sensitivity import DUMMY

    text = STUDY.replace("melt.loss", DUMMY)
    (tmp_path / "study.yaml").write_text(text)
    told = potline("check", "study.yaml")
    assert told.code == 2
    assert f"inputs.{DUMMY}: {DUMMY} has a meaning of its own" in told.err


def test_a_study_without_nonsense_is_told_nothing(potline, tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    told = potline("check", "study.yaml", "--strict")
    assert told.code == 0
    assert "warning" not in told.out


def test_a_strict_check_makes_a_fault_of_a_warning(potline, tmp_path):
    text = STUDY.replace("losses: 0.04", "losses: 5")
    (tmp_path / "study.yaml").write_text(text)
    told = potline("check", "study.yaml", "--strict")
    assert told.code == 2
    assert "line 7: supplies.cell.power.losses: losses of 500 %" in told.err


def test_a_scale_in_per_cent_is_a_hundredth(written):
    text = STUDY.replace(OTHER, "other: {scale: {cell.electricity: 97 %}, source: x}")
    mean = written(text).run().statistics.set_index(["table", "scenario"])["mean"]
    ratio = mean["footprint", "other"] / mean["footprint", "base"]
    assert ratio == pytest.approx(0.97, rel=1e-12)


TABLES = {
    "tabs": ("year\tcoal\thydro\n2020\t60\t40\n", "parted by tabs", 2),
    "semicolons": ("year;coal;hydro\n2020;60;40\n", "parted by semicolons", 2),
    "sep": ("sep=,\nyear,coal,hydro\n2020,60,40\n", "no faults", 0),
    "comments": ("# TWh\nyear,coal,hydro\n2020,60,40\n", "no faults", 0),
    "a title": ("Power by fuel\n\nyear,coal,hydro\n2020,60,40\n", "is a title", 2),
    "no number": ("year,coal,hydro\n2020,60,n/a\n", "write 0 where there is none", 2),
    "two unknown columns": (
        "year,coal,hydro,peat,tide\n2020,60,40,1,1\n",
        "no column is called peat, tide",
        2,
    ),
    "Ember": (
        "year,Bioenergy,Coal,Gas,Hydro,Nuclear,Other Fossil,Solar,Wind\n"
        "2020,2,60,3,20,5,1,3,6\n",
        "no faults",
        0,
    ),
    "Our World in Data": (
        "Entity,Code,Year,Electricity from hydro - TWh (chart),"
        "Electricity from coal - TWh (chart)\nAland,ALA,2020,40,60\n",
        "no faults",
        0,
    ),
    "decimal years": (
        "Model,Scenario,Region,Variable,Unit,2020.0,Notes\n"
        "M,B,R,Secondary Energy|Electricity,EJ/yr,10,\n"
        "M,B,R,Secondary Energy|Electricity|Coal,EJ/yr,6,\n"
        "M,B,R,Secondary Energy|Electricity|Hydro,EJ/yr,4,rounded\n",
        "no faults",
        0,
    ),
}


def with_mix() -> str:
    """The study with its power from the table ``mix.csv``."""
    path = "{path: {file: mix.csv, factor_set: mee23, losses: 0.04, source: x}}"
    study = STUDY.replace("{factor: 0.6 kg CO2e/kWh, losses: 0.04}", path)
    return study.replace("inputs:\n", "years: [2020]\ninputs:\n", 1)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_mixes_is_read_or_called_what_it_is(name, potline, tmp_path):
    text, says, code = TABLES[name]
    (tmp_path / "mix.csv").write_text(text)
    (tmp_path / "study.yaml").write_text(with_mix())
    told = potline("check", "study.yaml")
    said = " ".join((told.out + told.err).split())
    assert told.code == code, said
    assert says in said
    if code:
        assert on_the_page(f"table: {name}") in said


def test_two_columns_of_measurements_of_one_name_are_refused(potline, tmp_path):
    (tmp_path / "r.csv").write_text("kWh,kWh\n1,2\n2,3\n3,4\n4,5\n")
    told = potline("fit", "r.csv", "--column", "kWh")
    assert told.code == 2
    assert "two columns are called kWh" in told.err


def test_blanks_around_headings_are_none(potline, tmp_path):
    (tmp_path / "r.csv").write_text("date, kWh\na, 1\nb, 2\nc, 3\nd, 4.5\n")
    assert potline("fit", "r.csv", "--column", "kWh").code == 0


@pytest.fixture
def run(potline, no_figures, tmp_path):
    """The study, run into the folder ``out``."""
    (tmp_path / "study.yaml").write_text(STUDY)
    told = potline("run", "study.yaml", "--out", "out", "-q")
    assert told.code == 0, told.err
    return tmp_path / "out"


class TestResults:
    def test_a_damaged_one_is_one_line(self, run, potline):
        path = run / "results.nc"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
        told = potline("show", "out")
        assert told.code == 2
        assert "damaged: it is not what was written" in told.err
        assert told.err.count("\n") == 1

    def test_one_without_a_seal_opens(self, run, potline):
        path = run / "results.nc"
        path.write_bytes(path.read_bytes()[:-12])
        assert potline("show", "out").code == 0

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "it is empty"),
            (b"CDF\x01" + b"\0" * 100, "netCDF-3 file of another program"),
            (b"PK\x03\x04 a workbook", "no netCDF-4 file"),
            (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "damaged"),
        ],
    )
    def test_what_is_none_is_called_what_it_is(self, content, says, potline, tmp_path):
        (tmp_path / "x.nc").write_bytes(content)
        told = potline("show", "x.nc")
        assert told.code == 2
        assert says in told.err

    def test_what_an_attribute_is_missing_of_is_said(self, potline, tmp_path):
        import h5netcdf

        with h5netcdf.File(tmp_path / "x.nc", "w") as file:
            file.attrs["schema_version"] = "1"
        told = potline("show", "x.nc")
        assert told.code == 2
        assert "no attribute study, title, config" in told.err

    def test_a_new_run_leaves_nothing_of_the_old_one(self, run, potline):
        assert potline("compare", "out", "--figures", "none").code == 0
        assert (run / "comparison.nc").exists()
        (run / "notes.txt").write_text("mine")
        told = potline("run", "study.yaml", "--out", "out", "-q", "--seed", "2")
        assert told.code == 0
        assert not (run / "comparison.nc").exists()
        assert sorted(p.name for p in run.iterdir()) == [
            *("config.yaml", "notes.txt", "results.nc", "summary.csv"),
        ]

    def test_a_second_run_into_the_folder_is_refused(self, run, potline):
        from scenarios.export.run_folder import alone

        before = (run / "results.nc").read_bytes()
        with alone(Path("out")):
            told = potline("run", "study.yaml", "--out", "out", "-q", "--seed", "2")
        assert told.code == 2
        assert "another run writes to it" in told.err
        assert (run / "results.nc").read_bytes() == before

    def test_the_umask_is_kept(self, potline, no_figures, tmp_path):
        import os

        (tmp_path / "study.yaml").write_text(STUDY)
        before = os.umask(0o077)
        try:
            assert potline("run", "study.yaml", "--out", "o", "-q").code == 0
        finally:
            os.umask(before)
        modes = {p.stat().st_mode & 0o777 for p in (tmp_path / "o").iterdir()}
        assert modes == {0o600}

    def test_a_picture_that_has_no_place_is_a_warning(self, potline, tmp_path):
        (tmp_path / "study.yaml").write_text(STUDY)
        (tmp_path / "o" / "intervals.png").mkdir(parents=True)
        told = potline("run", "study.yaml", "--out", "o")
        assert told.code == 0
        assert "intervals.png: cannot be written" in told.err
        assert (tmp_path / "o" / "results.nc").exists()


def test_an_empty_option_is_refused(potline, tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    told = potline("run", "study.yaml", "--out", "")
    assert told.code == 2
    assert "--out: is empty" in told.err


def test_a_closed_output_says_so(monkeypatch):
    monkeypatch.setattr("sys.stdout", output._Closed())
    with pytest.raises(output.Lost):
        sys.stdout.write("something")
