"""Every message of the rooms below has its Chinese, and is found again by it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.words.catalogue import spaced
from scenarios.words.faults import SLOT, translated

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
FAULTS = ROOT / "scenarios" / "words" / "texts" / "faults.toml"
RAISED = tuple(
    f"scenarios/{room}" for room in ("figures", "report", "explorer", "cli", "api")
)
"""Where only what is raised is a message; all else there has a catalogue of its own."""
SILENT = ("scenarios/words", "scenarios/library")
"""Where nothing is raised that a user reads."""
ATTRIBUTES = {"long_name", "units", "description", "help", "metavar", "title"}
"""What a string is given as that describes data, or an option."""


def sources() -> Iterator[Path]:
    """Modules of both packages."""
    for package in ("scenarios", "uncertainty"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if not str(path.relative_to(ROOT)).startswith(SILENT):
                yield path


def template(node: ast.AST) -> str | None:
    """A string with ``{0}``, ``{1}``, ... for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return numbered(node.value)
    if not isinstance(node, ast.JoinedStr):
        return None
    parts, count = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts)


def numbered(text: str) -> str:
    """A text for `str.format` with ``{0}``, ``{1}``, ... in place of its names."""
    names = re.findall(r"(?<!\{)\{([a-z_]+)\}", text)
    if not names:
        return text
    for count, name in enumerate(names):
        text = text.replace(f"{{{name}}}", f"{{{count}}}", 1)
    return text.replace("{{", "{").replace("}}", "}")


def strings(tree: ast.AST) -> Iterator[ast.AST]:
    """Strings of a module that may be read by somebody."""
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            hidden |= {id(part) for part in node.values}
        elif isinstance(node, ast.Expr):
            hidden.add(id(node.value))  # a docstring
        elif isinstance(node, ast.arg) and node.annotation is not None:
            hidden |= {id(n) for n in ast.walk(node.annotation)}
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            hidden |= {id(n) for n in ast.walk(node.returns)}
        elif isinstance(node, ast.AnnAssign):
            hidden |= {id(n) for n in ast.walk(node.annotation)}
        elif isinstance(node, ast.keyword) and node.arg in ATTRIBUTES:
            hidden.add(id(node.value))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in ATTRIBUTES:
                    hidden.add(id(value))
    for node in ast.walk(tree):
        if id(node) not in hidden and isinstance(node, ast.Constant | ast.JoinedStr):
            yield node


def is_sentence(text: str) -> bool:
    """Whether a string has two words or more, or one beside what is filled in."""
    words = re.findall("[A-Za-z]{2,}", SLOT.sub(" ", text))
    least = 1 if SLOT.search(text) else 2
    return " " in text and "\n" not in text and len(words) >= least


def messages() -> dict[str, str]:
    """Every message in the sources, and where it stands."""
    found: dict[str, str] = {}
    for path in sources():
        name = str(path.relative_to(ROOT))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts: list[ast.AST] = [tree]
        if name.startswith(RAISED):
            parts = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
        for part in parts:
            for node in strings(part):
                text = template(node)
                if text is not None and is_sentence(text):
                    line = getattr(node, "lineno", 0)
                    found.setdefault(text, f"{name}:{line}")
    return found


def left_alone() -> set[str]:
    """Strings of the sources that are no messages: names, labels, descriptions."""
    lines = (HERE / "no_messages.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line}


ENTRIES = tomllib.loads(FAULTS.read_text(encoding="utf-8"))
MESSAGES = messages()


def test_the_walk_finds_messages_of_every_kind():
    assert "no scenario is called {0}{1}; there are {2}" in MESSAGES
    assert "; did you mean {0}?" in MESSAGES
    assert len(MESSAGES) > 400


def test_every_message_has_its_chinese():
    known = ENTRIES["sentences"].keys() | left_alone()
    missing = {text: where for text, where in MESSAGES.items() if text not in known}
    listed = "\n".join(f'"{text}" = ""  # {where}' for text, where in missing.items())
    assert not missing, (
        f"state these in {FAULTS.name}, or in no_messages.txt:\n{listed}"
    )


def test_no_entry_is_of_a_message_that_is_gone():
    entries = ENTRIES["sentences"].keys()
    assert sorted(entries - MESSAGES.keys() - ENTRIES["from_elsewhere"].keys()) == []
    assert sorted(left_alone() - MESSAGES.keys()) == []


@pytest.mark.parametrize("table", ["sentences", "from_elsewhere"])
def test_a_translation_fills_in_what_the_message_fills_in(table):
    for english, chinese in ENTRIES[table].items():
        asked, given = ({n for _, n in SLOT.findall(t)} for t in (english, chinese))
        assert given <= asked, english
        # an English plural may go
        gone = asked - given
        assert len(gone) <= 1, english
        assert re.search("[\u4e00-\u9fff]", chinese), english


def filled(text: str, clauses: set[str]) -> str:
    """A sentence with a name in each slot, or a clause."""
    return SLOT.sub(lambda m: f"{'; ' if m[2] in clauses else ''}x{m[2]}", text)


@pytest.mark.parametrize("table", ["sentences", "from_elsewhere"])
def test_every_message_is_found_again(table):
    wrong = {}
    for english, chinese in ENTRIES[table].items():
        # a clause follows something, and what leads to a value is followed by it
        clauses = set(re.findall(r"(?<=\})\{(\d+)\}", english))
        before = "x9" if english.startswith((" ", ";", ",", ":")) else ""
        after = "x8" if english.endswith(" ") else ""
        said = translated(f"{before}{filled(english, clauses)}{after}", "zh")
        wanted = spaced(f"{before}{filled(chinese, clauses)}{after}")
        if said.replace(" ", "") != wanted.replace(" ", ""):
            wrong[english] = said
    assert wrong == {}
