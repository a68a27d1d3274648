"""`--language zh`: no English is left but what a study and its language are made of."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from scenarios import cli, figures
from scenarios.language.config import schema
from scenarios.library import catalogue as library
from scenarios.words.catalogue import subject
from tests.scenarios.loading import test_bad_configs as configs
from tests.scenarios.loading import test_bad_statements as statements

FOLDER = Path(__file__).parents[3] / "scenarios" / "words" / "texts"
WORD = re.compile("[A-Za-z]{2,}")
NAMES = [
    "potline",
    "YAML",
    "UTF",
    "JSON",
    "CSV",
    "XLSX",
    "GWP",
    "NumPy",
    "Python",
    "SALib",
    "Student",
    "Gumbel",
    "README",
    "md",
    "yaml",
    "kg",
    "kWh",
    "MWh",
    "GWh",
    "MJ",
    "GJ",
    "TJ",
    "Mt",
    "kt",
    "Gg",
    "km",
    "min",
    "day",
    "ton",
    "short",
    "megatesla",
    "permille",
    "percent",
    "delta",
    "degC",
    "deg",
    "mass",
    "length",
    "time",
    "energy",
    "currency",
    "CNY",
    "EUR",
    "USD",
    "carbon",
    "dioxide",
    "equivalent",
    "dimensionless",
    "where",
    "exp",
    "log",
    "sqrt",
    "abs",
    "min",
    "max",
    "floor",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "nan",
    "inf",
    "true",
    "false",
    "null",
    "study",
    "command",
    "gulf",
    "ipcc",
    "mee",
    "ecoinvent",
    "temporal",
    "CO",
    "CH",
    "CF",
    "SF",
    "biogenic",
]
"""Names, units and functions that are the same in Chinese."""
CASES = {
    f"{group}-{name}": bad
    for module in (configs, statements)
    for group, cases in module.GROUPS.items()
    for name, bad in cases.items()
}


@cache
def vocabulary() -> frozenset[str]:
    """Words that are no English: keys of the language, ids of the library, code."""
    texts = [json.dumps(schema())]
    texts += [library.path(name).read_text("utf-8") for name in library.names()]
    faults = subject("faults")
    assert faults is not None
    texts += [text for table in faults.values() for text in table.values()]
    keys = [*re.findall(r'"(\w+)":', texts[0])]
    for values in re.findall(r'"enum": \[([^]]*)\]|"const": ("[^"]*")', texts[0]):
        keys += values
    ids = re.findall(r"[\w.]+(?=:)", " ".join(texts[1 : len(library.names()) + 1]))
    code = texts[len(library.names()) + 1 :]
    sets = library.tables().factor_sets
    words = [*keys, *ids, *code, *library.names(), *sets]
    return frozenset(WORD.findall(" ".join(words)))


def english(said: str, study: str) -> set[str]:
    """Words of a message that are neither the study's nor the language's."""
    known = {*NAMES, *vocabulary(), *WORD.findall(study)}
    said = re.sub(r"\w+\.\.\.", "", said)  # a text that is cut off
    return {word for word in WORD.findall(said) if word not in known}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_in_chinese(name, small, potline, tmp_path):
    bad = CASES[name]
    study = small.replace(bad.old, bad.new, 1)
    for file, content in getattr(bad, "files", {}).items():
        target = tmp_path / file
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        study += f" {file} {content!r}"
    (tmp_path / "study.yaml").write_text(small.replace(bad.old, bad.new, 1))
    told = potline("--language", "zh", "check", "study.yaml")
    assert (told.code, told.out) == (2, "")
    head, *faults = told.err.splitlines()
    assert head == f"study.yaml：{len(faults)} 处错误"
    for fault in faults:
        assert re.search("[\u4e00-\u9fff]", fault)
        assert english(fault, study) == set(), fault


def test_faults_as_json_are_chinese_too(small, potline, tmp_path):
    text = small.replace("mix: cn_2023", "mix: cn_2032")
    (tmp_path / "study.yaml").write_text(text)
    told = potline("check", "study.yaml", "--json", "--language", "zh")
    (fault,) = json.loads(told.out)["faults"]
    assert fault["path"] == "supplies.smelting.power.mix"
    assert fault["message"].startswith("没有名为 cn_2032 的电力结构；是否想写 cn_20")


class TestTerminal:
    """What the commands print of a study that is fine."""

    STUDY = """\
title: 两个情景
declared_unit: {amount: 1, units: t, product: ingot}
run: {draws: 256, seed: 1, replicates: 4}
inputs:
  smelting.electricity:
    units: kWh/t
    lognormal: {median: 13500, gsd: 1.2}
    spread_confidence: assumed
    nature: variability
    source: 表计
  price: {units: CNY/kWh, value: 0.4, source: 市场}
  smelting.anode: {units: t/t, normal: {mean: 1.6, sd: 0.1}, source: 手册}
supplies:
  smelting.power: {mix: cn_2023}
processes:
  electrolysis:
    stage: smelting
    makes: {product: ingot, units: t}
    needs:
      electricity: {amount: smelting.electricity, supply: smelting.power}
    emits:
      anodes: {gas: CO2, amount: smelting.anode}
outputs:
  cost: {units: CNY/t, formula: smelting.electricity * price}
  balance.power: {units: kWh/t, formula: supply.electricity - smelting.electricity}
scenarios:
  grid: {reference: true, label: 全国电网}
  hydro: {label: 水电合同, set: {smelting.power: {mix: hydro_contract}}}
  frugal: {label: 节电, scale: {smelting.electricity: 0.9}}
"""

    @pytest.fixture
    def spoken(self, potline, tmp_path, monkeypatch):
        """A command in Chinese, and what of it is English."""
        monkeypatch.setenv("POTLINE_LANGUAGE", "zh")
        (tmp_path / "study.yaml").write_text(self.STUDY, "utf-8")
        ran = potline("run", "study.yaml", "-q")
        assert ran.code == 0, ran.err

        def ask(*words: str) -> tuple[str, set[str]]:
            told = potline(*words)
            assert told.code == 0, told.err
            said = told.out + told.err
            bare = re.sub(r"[\w/]+\.(nc|csv|yaml)|potline \w+", "", said)
            if words[0] in {"check", "library"}:  # sources are quoted as they are
                bare = bare[bare.find("由专家判断") :] if words[0] == "check" else ""
            labels = " ".join(f.label for f in library.factors().values())
            return said, english(bare, self.STUDY + labels)

        return ask

    NAMES = frozenset({"Clopper", "Pearson", "Sobol", "IPCC", "results"})

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("run", "study.yaml", "--figures", "none"), "抽样 256 次"),
            (("show", "results/study"), "产品碳足迹，t CO2e/t"),
            (("show", "results/study", "--scenario", "hydro"), "按阶段和排放源"),
            (("check", "study.yaml"), "study.yaml：没有错误"),
            (("compare", "results/study", "--figures", "none"), "水电合同低于全国电网"),
            (
                ("compare", "results/study", "--figures", "none", "--cost", "cost"),
                "减排",
            ),
            (
                (
                    *("compare", "results/study", "--figures", "none"),
                    *("--attribute", "hydro", "--limit", "9"),
                ),
                "按变动项划分",
            ),
            (("rerun", "results/study"), "逐位一致"),
            (
                ("sensitivity", "study.yaml", "--n", "64", "--figures", "none"),
                "主要影响因素",
            ),
            (("library", "files"), "许可"),
            (("sheet", "study.yaml", "--out", "d.csv"), "已写入"),
            (("init", "new.yaml"), "下一步"),
        ],
    )
    def test_a_command_speaks_chinese(self, spoken, words, says):
        said, left = spoken(*words)
        assert says in said
        assert left - self.NAMES == set(), said

    def test_no_han_letter_touches_a_latin_one(self, spoken):
        said, _ = spoken("run", "study.yaml", "--figures", "none")
        assert not re.search("[\u4e00-\u9fff][A-Za-z0-9]", said)


def test_a_language_that_is_not_spoken_is_refused(potline, monkeypatch):
    told = potline("--language", "fr", "library")
    assert (told.code, told.out) == (2, "")
    assert told.err == "no language is called fr; there are en, zh\n"
    monkeypatch.setenv("POTLINE_LANGUAGE", "fr")
    assert potline("library").code == 2


@pytest.mark.parametrize("name", ["", "run", "compare", "sensitivity", "check"])
def test_help_is_chinese(name, potline):
    told = potline("--language", "zh", *([name] if name else []), "--help")
    assert told.code == 0
    assert "选项：" in told.out
    body = re.sub("<[^>]*>|--?[\\w-]+|示例.*", " ", told.out)
    assert "Show" not in body
    assert len(re.findall("[\u4e00-\u9fff]", body)) > 40


def texts_of_help() -> list[str]:
    """What commands and their options say of themselves in English."""
    group = typer.main.get_command(cli.app)
    found = []
    for command in (group, *group.commands.values()):  # type: ignore[attr-defined]
        found += (command.help or "").split("\n\n")
        found += [p.help for p in command.params if getattr(p, "help", None)]
    found += [kind.shows for kind in figures.KINDS.values()]
    found.append("Kinds of figures (* those that a run draws):")
    return [" ".join(text.split()) for text in dict.fromkeys(found)]


def test_every_text_of_help_has_its_chinese():
    known = subject("help")
    assert known is not None
    texts = [text for text in texts_of_help() if not text.startswith("Example:")]
    assert [text for text in texts if text not in known] == []
    assert sorted(known.keys() - set(texts)) == []


def test_every_text_of_the_terminal_is_in_both_languages():
    def pairs(table: dict, path: str) -> Iterator[tuple[str, dict]]:
        if set(table) == {"en", "zh"}:
            yield path, table
            return
        for key, value in table.items():
            assert isinstance(value, dict), f"{path}.{key}"
            yield from pairs(value, f"{path}.{key}")

    slots = re.compile(r"\{(\w+)")
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem in {"faults", "help"}:
            continue
        table = subject(path.stem)
        assert table is not None
        for key, text in pairs(table, path.stem):
            both = [set(slots.findall(text[language])) for language in ("en", "zh")]
            assert both[0] == both[1], key
