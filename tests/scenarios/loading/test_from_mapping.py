"""A study from a mapping: the same steps, faults and bits as from a file."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from scenarios.errors import ConfigError
from scenarios.language.yaml_text import parse
from scenarios.loading.load import from_mapping, load
from scenarios.loading.plain_data import plain_document

CONFIGS = Path(__file__).parents[3] / "configs"


def faults(stated: dict, **options) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        from_mapping(stated, **options)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda p: p.stem)
def test_it_is_the_study_of_the_file_that_says_the_same(path):
    stated = parse(path.read_text(encoding="utf-8"), "x")
    one, other = load(path), from_mapping(stated, path.stem, folder=path.parent)
    assert other.name == one.name
    assert other.text == one.text
    assert other.definitions.keys() == one.definitions.keys()


def test_it_runs_to_the_same_bits(small, written):
    one = written(small).run()
    other = from_mapping(parse(small, "x")).run()
    assert np.array_equal(one.drawn("footprint"), other.drawn("footprint"))


def test_its_faults_are_those_of_the_file_without_lines(small, written):
    text = small.replace("sd: 50", "sd: -50").replace("{mix: cn_2023}", "{mx: cn_2023}")
    with pytest.raises(ConfigError) as of_file:
        written(text)
    head, *others = faults(parse(text, "x"), name="mine")
    assert head == "mine: 2 faults"
    for fault in of_file.value.faults:
        assert any(f"{fault.where}: {fault.message}" in line for line in others)
        assert fault.line > 0
    assert not any("line " in line for line in others)


def test_options_and_settings_win(small):
    stated = parse(small, "x")
    study = from_mapping(
        stated, overrides={"casting.loss": "0.5 %"}, settings={"draws": 32}
    )
    assert study.config.inputs["casting.loss"].value == "0.5 %"
    assert study.settings.draws == 32


def test_values_of_python_become_those_of_yaml():
    stated = {
        "years": (np.int64(2030), 2040),
        "number": np.float32(0.5),
        "array": np.arange(3.0),
        "part": Fraction(1, 4),
        "path": Path("a.yaml"),
        "day": date(2024, 1, 1),
        "nothing": None,
        "yes": True,
        "below": {2030: {"a": [1, "x"]}},
    }
    data = plain_document(stated, "x").data
    assert data == {
        "years": [2030, 2040],
        "number": 0.5,
        "array": [0.0, 1.0, 2.0],
        "part": 0.25,
        "path": "a.yaml",
        "day": date(2024, 1, 1),
        "nothing": None,
        "yes": True,
        "below": {2030: {"a": [1, "x"]}},
    }
    assert [type(year) for year in data["years"]] == [int, int]


def test_what_yaml_does_not_have_is_refused_all_at_once():
    deep: dict = {}
    deep["inputs"] = deep  # a circle
    stated = {"title": object(), "inputs": {2.5: 1, True: 2}, "outputs": deep}
    told = faults(stated)
    assert told[0] == "study: 4 faults"
    assert any("title: " in line and "is no plain value" in line for line in told)
    assert any("the key 2.5 is no text" in line for line in told)
    assert any("the key true is no text" in line for line in told)
    assert any("nested more than 30 deep" in line for line in told)


def test_files_lie_in_the_folder_that_is_told(small, tmp_path, monkeypatch):
    (tmp_path / "more.yaml").write_text("years: [2031]\n")
    stated = parse(small, "x") | {"import": ["more.yaml"]}
    assert from_mapping(stated, folder=tmp_path).config.years == [2031]
    monkeypatch.chdir(tmp_path)
    assert from_mapping(stated).config.years == [2031]
    (line,) = faults(stated, folder=None)[1:]
    assert "import.0: lies outside the config's folder" in line
    monkeypatch.chdir(tmp_path.parent)
    assert any("no such file: more.yaml" in line for line in faults(stated))
