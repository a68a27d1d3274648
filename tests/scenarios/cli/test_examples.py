"""`potline examples`: every shipped study is listed, and one is copied as it stands."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scenarios.cli import app, options

CONFIGS = Path(__file__).parents[3] / "configs"


def test_every_study_is_listed_with_its_title():
    done = CliRunner().invoke(app, ["examples"])
    assert done.exit_code == 0
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert names == sorted(path.stem for path in CONFIGS.glob("*.yaml"))
    assert "A smelter in five inputs" in done.stdout


def test_one_is_copied_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["examples", "get", "minimal"]).exit_code == 0
    copied = Path("minimal.yaml").read_text(encoding="utf-8")
    assert copied == (CONFIGS / "minimal.yaml").read_text(encoding="utf-8")
    again = CliRunner().invoke(app, ["examples", "get", "minimal"])
    assert isinstance(again.exception, options.OptionError)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["get", "minimul"], "no example is called minimul.*minimal"),
        (["get"], "potline examples get NAME"),
        (["fetch", "minimal"], "potline examples get NAME"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["examples", *words])
    with pytest.raises(options.OptionError, match=message):
        raise done.exception
    assert not list(tmp_path.iterdir())
