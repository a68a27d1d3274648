"""Paths of supplies read from the user's own files: CSV, IAMC long and wide."""

import numpy as np
import pytest

from scenarios.datafiles.mix_files import MixfileError, knots
from scenarios.errors import ConfigError
from scenarios.language.supplies import SupplyPath
from scenarios.library.catalogue import tables

STUDY = """\
run: {draws: 64, design: sobol, seed: 1, replicates: 4}
declared_unit: {amount: 1, units: t, product: metal}
inputs:
  smelter.electricity: {units: kWh/t, value: 13500, source: a meter}
  grid.losses: {units: "1", uniform: {low: 0.03, high: 0.05}, source: a grid}
years: [2030, 2035, 2040]
paths:
  aps: {PATH}
supplies: {smelter.power: {path: aps}}
processes:
  electrolysis:
    stage: smelting
    makes: {product: metal, units: t}
    needs: {electricity: {amount: smelter.electricity, supply: smelter.power}}
scenarios: {grid: {}}
"""
INLINE = """{source: a book, knots: {
    2030: {shares: {coal: 0.5, hydro: 0.25, wind: 0.25},
           factor_set: mee23, losses: grid.losses},
    2040: {shares: {coal: 0.25, hydro: 0.25, wind: 0.4, other: 0.1},
           factor_set: mee23, losses: grid.losses}}}"""
FILE = "{source: a book, file: mixes.csv, factor_set: mee23, losses: grid.losses MORE}"
CHOICE = ", region: China, scenario: APS, model: GEC"

PLAIN = """\
year,coal,gas,hydro,wind,other
2030,0.5,0,0.25,0.25,0
2040,0.25,0,0.25,0.4,0.1
"""
AMOUNTS = """\
Region,Scenario,Model,Year,Coal,Hydro,Wind,Other
China,STEPS,GEC,2030,9000,1000,0,0
China,APS,GEC,2030,5000,2500,2500,0
World,APS,GEC,2030,1,1,1,1
China,APS,GEC,2040,3000,3000,4800,1200
,,,,,,,,
"""
HEAD = "model,scenario,region,variable,unit"
SE = "Secondary Energy|Electricity"
EJ = {  # other stands in the total alone
    SE: (20, 40),
    f"{SE}|Coal": (10, 10),
    f"{SE}|Coal|w/ CCS": (1, 5),
    f"{SE}|Gas": (0, 0),
    f"{SE}|Hydro": (5, 10),
    f"{SE}|Wind": (5, 16),
    f"{SE}|Wind|Onshore": (5, 16),
}


def long_of(amounts=EJ):
    rows = [
        f"GEC,APS,China,{variable},EJ/yr,{year},{amount}"
        for variable, two in amounts.items()
        for year, amount in zip((2030, 2040), two, strict=True)
    ]
    others = ["GEC,APS,China,Emissions|CO2,Mt CO2/yr,2030,1"]
    others += [f"GEC,STEPS,China,{SE}|Coal,EJ/yr,2030,3"]
    return "\n".join([f"{HEAD},year,value", *rows, *others]) + "\n"


def wide_of(amounts=EJ):
    """As databases write it: capital headings, a year that nobody reports."""
    rows = [
        f"GEC,APS,China,{variable},EJ/yr,{first},,{last}"
        for variable, (first, last) in amounts.items()
    ]
    rows += [f"GEC,APS,World,{SE}|Coal,EJ/yr,1,2,3", "(c) somebody"]
    head = "Model,Scenario,Region,Variable,Unit,2030,2035,2040"
    return "\n".join([head, *rows]) + "\n"


def yaml(more=""):
    return STUDY.replace("{PATH}", FILE.replace(" MORE", more))


@pytest.fixture
def study(written, tmp_path):
    """Study whose path is read from a file of the given text."""

    def make(content, more="", text=None, **options):
        (tmp_path / "mixes.csv").write_text(content, encoding="utf-8")
        return written(text or yaml(more), **options)

    return make


@pytest.fixture
def told(study):
    """What is said of a file at fault."""

    def make(content, more="", text=None):
        with pytest.raises(ConfigError) as caught:
            study(content, more, text)
        return str(caught.value)

    return make


@pytest.fixture
def said(tmp_path):
    """What is said of a file alone, behind the word of the path that is to blame."""

    def make(content, more=""):
        path = tmp_path / "mixes.csv"
        path.write_text(content, encoding="utf-8")
        words = dict(word.split(": ") for word in more.split(", ") if word)
        with pytest.raises(MixfileError) as caught:
            knots(
                path,
                SupplyPath(file="mixes.csv", factor_set="mee23", **words),
                tables(),
            )
        return f"{caught.value.key}: {caught.value}"

    return make


def footprints(study):
    return study.run().tree["draws"]["footprint"].values


FORMS = {
    "plain": (PLAIN, ""),
    "amounts": (AMOUNTS, CHOICE),
    "long": (long_of(), CHOICE),
    "wide": (wide_of(), CHOICE),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_gives_what_its_shares_written_inline_give(form, study, written):
    found = study(*FORMS[form])
    inline = footprints(written(STUDY.replace("{PATH}", INLINE)))
    assert inline.std() > 0
    # shares are quotients here and decimals there: some roundings of a double
    np.testing.assert_allclose(footprints(found), inline, rtol=1e-13)


@pytest.mark.parametrize("form", FORMS)
def test_the_resolved_config_runs_without_the_file(form, study, written, tmp_path):
    found = study(*FORMS[form])
    (tmp_path / "mixes.csv").unlink()
    again = written(found.text)
    assert "mixes.csv: " in found.text or not FORMS[form][1]
    np.testing.assert_array_equal(footprints(again), footprints(found))
    assert again.text == found.text


def test_headings_may_be_chinese(study):
    english = "year,coal (TWh),gas,oil,hydro,nuclear,wind,solar,biomass,other"
    chinese = "年份,煤电（亿千瓦时）,气电,燃油,水电,核电,风电,光伏,生物质,其他"
    rows = "\n2030,40,5,1,20,5,15,10,3,1\n2040,0,5,1,40,10,25,15,3,1\n"
    first, second = (
        study(text + rows).config.paths["aps"] for text in (english, chinese)
    )
    assert first == second
    assert first.knots[2030].shares["solar"] == 0.1


def test_zero_shares_are_dropped_and_a_note_says_what_was_read(study):
    path = study(long_of(), CHOICE + ", note: mine").config.paths["aps"]
    assert set(path.knots) == {2030, 2040}
    assert path.knots[2030].shares == {"coal": 0.5, "hydro": 0.25, "wind": 0.25}
    assert path.note == (
        "mine; read from mixes.csv: region China, scenario APS, model GEC; "
        "Coal|w/ CCS with the factor of plants without capture; "
        "other is what the total leaves, 0.00% to 10.00% of it"
    )
    assert (path.file, path.region, path.factor_set) == (None, None, None)


def test_without_a_total_the_parts_are_all(study):
    parts = {k: v for k, v in EJ.items() if k != SE} | {f"{SE}|Other": (0, 4)}
    knots = study(long_of(parts), CHOICE).config.paths["aps"].knots
    assert knots[2040].shares == {
        "coal": 0.25,
        "hydro": 0.25,
        "wind": 0.4,
        "other": 0.1,
    }


def test_a_total_may_be_missed_by_rounding(study):
    knots = study(long_of(EJ | {SE: (20.01, 40)}), CHOICE).config.paths["aps"].knots
    assert "other" not in knots[2030].shares


def test_a_step_between_the_knots_of_a_file(study):
    at = footprints(study(PLAIN, ", interpolation: step"))
    flat = at.reshape(-1, at.shape[-1])
    assert flat.shape[0] == 3
    np.testing.assert_array_equal(flat[0], flat[1])  # the same mix, in the same draws


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("supplies", yaml().replace("{path: aps}", "{path: FILE}")),
        (
            "set",
            yaml().replace(
                "{grid: {}}", "{grid: {set: {smelter.power: {path: FILE}}}}"
            ),
        ),
        (
            "levers",
            yaml() + "levers: {green: {label: g, supplies: {smelter.power: "
            "{path: FILE}}}}\n",
        ),
    ],
)
def test_a_path_written_where_it_is_taken_may_name_a_file(place, text, study, told):
    text = text.replace("FILE", FILE.replace(" MORE", ""))
    assert "file:" not in study(PLAIN, text=text).text
    assert f"{place}" in told(PLAIN, text=text.replace("file: mixes", "file: mixed"))


def test_an_option_may_name_a_file(study):
    stated = {"smelter.power": f"{{path: {FILE.replace(' MORE', '')}}}"}
    text = STUDY.replace("{PATH}", "{source: b, knots: {2030: {mix: cn_2023}}}")
    found = study(PLAIN, text=text, overrides=stated)
    np.testing.assert_array_equal(footprints(found), footprints(study(PLAIN)))
    wrong = {"smelter.power": stated["smelter.power"].replace("mixes", "mixed")}
    with pytest.raises(ConfigError, match=r"path\.file: no such data file: mixed\.csv"):
        study(PLAIN, text=text, overrides=wrong)


def test_a_file_may_lie_in_the_data_folder_and_nowhere_else(study, told, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "there.csv").write_text(PLAIN)
    text = yaml().replace("mixes.csv", "there.csv")
    found = study("", text=text, data_dir=tmp_path / "data")
    assert set(found.config.paths["aps"].knots) == {2030, 2040}
    outside = told(PLAIN, text=yaml().replace("mixes.csv", "../mixes.csv"))
    assert "lies outside the config's folder; move it there" in outside


class TestFaultsOfThePath:
    @pytest.mark.parametrize(
        ("path", "message"),
        [
            (
                "{file: a.csv, knots: {2030: {mix: cn_2023}}}",
                ": a path takes one of kno",
            ),
            ("{fil: a.csv}", ".fil: unknown key; did you mean file"),
            ("3", ": must be a mapping of keys to values, not 3"),
            ("3x", ': "3x" is no id; write words of letters'),
        ],
    )
    def test_is_told_where_the_path_is_taken(self, path, message, told):
        said = told(PLAIN, text=yaml().replace("{path: aps}", f"{{path: {path}}}"))
        assert f"supplies.smelter.power.path{message}" in said

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("{source: b}", "takes one of knots, file; found none"),
            (
                "{file: mixes.csv, factor_set: mee23, knots: {2030: {mix: cn_2023}}}",
                "takes one of knots, file; found knots and file",
            ),
            (
                "{region: China, knots: {2030: {mix: cn_2023}}}",
                "region goes with file; a knot states its own supply",
            ),
            ("{file: mixes.csv}", "factor_set: is missing; write one of "),
            ("{file: mixes.csv, factor_set: mee32}", "is not mee32; did you mean mee"),
            ("{file: mixes.csv, factor_set: mee23, regoin: x}", "did you mean region"),
            (
                "{knots: {2030: {mx: cn_2023}}}",
                "2030.mx: unknown key; did you mean mix",
            ),
            ("{file: mixs.csv, factor_set: mee23}", "did you mean mixes.csv"),
            ("{file: m.xlsx, factor_set: mee23}", "is no XLSX workbook; save it"),
            ("{file: m.ods, factor_set: mee23}", "is a spreadsheet; save the sheet"),
            (
                "{file: mixes.csv, factor_set: mee23, losses: grid.loses}",
                "did you mean grid.losses",
            ),
        ],
    )
    def test_is_told_with_its_line(self, path, message, told, tmp_path):
        (tmp_path / "m.xlsx").write_bytes(b"PK")
        (tmp_path / "m.ods").write_bytes(b"PK")
        said = told(PLAIN, text=STUDY.replace("{PATH}", path))
        assert message in said
        assert "study.yaml: 1 fault\n  line 8: paths.aps" in said

    def test_a_technology_needs_a_factor(self, told):
        said = told(PLAIN, text=yaml().replace("mee23", "gulf"))
        message = "factor_set: has no factor for coal, 50.000% of mixes.csv in 2030;"
        assert f"paths.aps.{message} choose another set" in said

    def test_wrong_losses_are_told_once(self, told):
        said = told(PLAIN, text=yaml().replace("losses: grid.losses", "losses: -1"))
        message = "paths.aps.knots.2030.losses: must be 0 or more, not -1.0"
        assert said.endswith(f"1 fault\n  line 8: {message}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("0.5,0,", "#NUM!,0,"),
            "mixes.csv, row 2, coal: '#NUM!' is no number; a spre",
        ),
        (("0.5,0,", '"0,5",0,'), "row 2, coal: '0,5' is no number; write a decimal p"),
        (
            ("0.5,0,", "0,5,0,"),
            "row 2: more cells than the header has; write a decimal",
        ),
        (
            ("0.5,0,", "50%,0,"),
            "row 2, coal: '50%' is no number; write the number with",
        ),
        (("0.4,0.1", "-0.4,0.1"), "row 3, wind: -0.4 is negative; an amount of elect"),
        (("0.4,0.1", ",0.1"), "row 3, wind: is empty; write 0 where there is none"),
        (("0.4,0.1", "inf,0.1"), "row 3, wind: 'inf' is no number"),
        (("2040", "2040.5"), "row 3, year: '2040.5' is no year; write one from 1900"),
        (("2040", "1066"), "row 3, year: '1066' is no year"),
        (("2040", "2030"), "row 3: coal of 2030 stands in row 2 too; keep one of them"),
        (("year", "yaer"), "has no column year; did you mean yaer"),
        (("year", "when"), "has no column year; add it"),
        (("wind", "wnid"), "no column is called wnid; did you mean wind"),
        (("wind", "zzz"), "no column is called zzz; known here: year, coal"),
        (("wind", "Coal"), "two columns are called Coal; take one of them out"),
        (("wind", ""), "column 5 has no name; name it, or take it out"),
        ((PLAIN, "year,region\n2030,a\n"), "has no column of a technology: coal"),
        ((PLAIN, ""), "mixes.csv: is empty; the first row names the columns"),
        ((PLAIN, "year;coal\n2030;1\n"), "its cells are parted by semicolons; save it"),
        ((PLAIN, "year,coal\n"), "has no rows below its header; add them"),
        ((PLAIN, "year,coal\n2030,\n"), "holds no amounts; no year is stated"),
        ((PLAIN, "year,coal\n2030,0\n"), "the amounts of 2030 add up to nothing"),
        ((PLAIN, "year,coal,,\n2030,1,,\n2031,a,,"), "row 3, coal: 'a' is no number"),
        ((PLAIN, "x" * 200_000), "mixes.csv, row 1: field larger than field limit"),
    ],
)
def test_what_is_wrong_with_a_plain_table_is_said(change, message, said):
    assert PLAIN.replace(*change) != PLAIN
    assert message in said(PLAIN.replace(*change))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (", scenario: APS", "holds several of region: China, World; write region: one"),
        (
            ", region: China",
            "holds several of scenario: STEPS, APS; write scenario: one ",
        ),
        (", region: Chine, scenario: APS", "rows for region Chine; did you mean China"),
        (", region: X, scenario: APS", "no rows for region X; it has China, World"),
        (
            ", region: World, scenario: STEPS",
            "scenario: mixes.csv has no rows for scenario STEPS with region World; it",
        ),
        (
            ", region: China, scenario: APS, model: GCE",
            "model GCE with region China, s",
        ),
    ],
)
def test_rows_of_one_region_and_scenario_are_asked_for(more, message, said):
    assert message in said(AMOUNTS, more)


def test_a_file_that_is_no_utf8_is_told(tmp_path):
    (tmp_path / "mixes.csv").write_bytes("year,coal\n2030,ü".encode("latin-1"))
    stated = SupplyPath(file="mixes.csv", factor_set="mee23")
    with pytest.raises(MixfileError, match="byte 15 is no UTF-8 text; save the file"):
        knots(tmp_path / "mixes.csv", stated, tables())


def test_a_filter_without_its_column_is_said(said):
    found = said(PLAIN, ", region: China")
    assert "region: mixes.csv has no column region; leave region out" in found


@pytest.mark.parametrize("form", [long_of, wide_of])
@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        (
            EJ | {SE: (20, 35)},
            f"the parts of {SE} add up to 36 in 2040, 1 above the total of 35; mend",
        ),
        (
            {k: v for k, v in EJ.items() if "Coal" not in k},
            "add up to 10 in 2030, 10 below the total of 20; add what is missing "
            "(no Coal, Oil, Nuclear, Solar, Biomass), or state the rest as "
            f"{SE}|Other",
        ),
        ({k: v for k, v in EJ.items() if k != f"{SE}|Coal"}, "add the row of"),
        ({SE: (20, 40)}, f"has {SE} alone, none of its parts such as {SE}|Coal"),
        (
            {f"{SE}|Coal": (1, 2), f"{SE}|Fossil": (1, 2)},
            f"whether {SE}|Fossil is a part of its own is not known; add the total",
        ),
        (EJ | {f"{SE}|Gas": (0, "")}, "is empty; write 0 where there is none"),
        (EJ | {f"{SE}|Gas": (0, "#N/A")}, "'#N/A' is no number; a spreadsheet error"),
        (EJ | {f"{SE}|Gas": (-1, 0)}, "-1 is negative"),
    ],
)
def test_what_is_wrong_with_iamc_amounts_is_said(form, amounts, message, said):
    assert message in said(form(amounts), CHOICE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            long_of().replace(f"{SE}|Hydro,EJ/yr", f"{SE}|Hydro,TWh/yr"),
            "row 10, unit: TWh/yr here, EJ/yr in row 2; convert one of them",
        ),
        (
            long_of().replace(f"GEC,APS,China,{SE}|Hydro,EJ/yr,2040,10\n", ""),
            f"2040 has no row of {SE}|Hydro, which other years have; write 0",
        ),
        (long_of().replace("year", "yaer"), "no column called by a year; did you mean"),
        (long_of().replace("value", "vlaue"), "is called vlaue; did you mean value"),
        (f"{HEAD},year\n", "has no column value; add it"),
        (
            f"{HEAD},sort,2030\n",
            "no column is called sort; known here: model, scenario",
        ),
        (
            long_of().replace("Secondary Energy", "Secondary energy"),
            f"has no variable {SE}|...; did you mean Secondary energy|Electricity|Coal",
        ),
        (f"{HEAD},0203\n", "no column year, and no column called by a year; add it"),
        (f"{HEAD},2030\n,,,Price,,1\n", f"|...; rows of {SE}|Coal are needed"),
        (
            wide_of().replace(",,40", ",,#REF!"),
            "mixes.csv, row 2, 2040: '#REF!' is no number; a spreadsheet error",
        ),
    ],
)
def test_what_is_wrong_with_an_iamc_table_is_said(content, message, said):
    assert message in said(content, CHOICE)
