"""Every command of the page of questions answers as the page says."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
RUNS, *QUESTIONS = PAGE.split("\n## ")
ASKED = re.compile(r"(.+)\n\n```sh\n(potline .+)\n```\n\n> `(.+)`")


def words(command: str) -> list[str]:
    """Arguments of a command line of the page."""
    return shlex.split(command)[1:]


def test_there_are_twenty_questions_with_a_line_each():
    assert len(QUESTIONS) == 20
    assert all(ASKED.fullmatch(one.strip()) for one in QUESTIONS)


@pytest.mark.slow
def test_each_command_begins_its_answer_with_the_line(potline, tmp_path, monkeypatch):
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.setenv("COLUMNS", "100")
    for command in re.findall(r"^potline .+$", RUNS, re.M):
        ran = potline(*words(command))
        assert ran.code == 0, ran.err
    told = {}
    for one in QUESTIONS:
        question, command, line = ASKED.fullmatch(one.strip()).groups()
        answer = potline(*words(command))
        assert answer.code == 0, answer.err
        first = answer.out.splitlines()[0].rstrip()
        if first != line:
            told[question] = first
    assert told == {}
