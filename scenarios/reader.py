"""YAML text -> plain data: 1.2, no anchors, no tags, no surprises.

A config is data and can run nothing. Line numbers are looked up only when there is a
fault to report, since keeping them makes reading much slower.
"""

import difflib
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scenarios.errors import Fault

LIMIT = 5 * 2**20
"""Bytes a config file may have (design section 14.16)."""


class Unreadable(Exception):
    """The text is no plain YAML mapping; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read(path: Path, name: str) -> dict[str, Any]:
    """Plain data of a YAML file.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in faults.

    Returns
    -------
    dict
        Of strings, numbers, truth values, lists and dicts.

    Raises
    ------
    Unreadable
        There is no such file, it is too large, is not YAML 1.2, has anchors, tags or
        a key twice, or is no mapping.
    """
    try:
        size = path.stat().st_size
        if size > LIMIT:
            raise Unreadable(_fault(name, 0, f"{size} bytes; the limit is {LIMIT}"))
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = nearest(path.name, (p.name for p in path.parent.glob("*.y*ml")))
        raise Unreadable(_fault(name, 0, f"no such file{near}")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(_fault(name, 0, f"cannot be read: {error}")) from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[str, Any]:
    """Plain data of YAML text; see `read`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        if re.search(r"[&*!]", text):  # scanning costs as much as reading
            _refuse_references(text, name)
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = str(error.problem or error.context).strip()
        line = mark.line + 1 if mark else 0
        raise Unreadable(_fault(name, line, f"not YAML: {what}")) from None
    except (YAMLError, ValueError, RecursionError) as error:
        first = str(error).strip().splitlines()[0]
        raise Unreadable(_fault(name, 0, f"not YAML: {first}")) from None
    if data is None:
        raise Unreadable(_fault(name, 0, "is empty; `potline init` writes a study"))
    if not isinstance(data, dict):
        raise Unreadable(_fault(name, 1, "is no mapping of keys to values"))
    return data


def as_json(data: dict[str, Any]) -> str:
    """Plain data as JSON, which tells lists, numbers and truth values apart."""
    return json.dumps(data, default=str)


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Line, counted from 1, of the deepest part of `path` that the text has."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        node: Any = YAML(typ="rt", pure=True).load(io.StringIO(text))
    except (YAMLError, ValueError, RecursionError):
        return 0
    line = 0
    for part in path:
        place = getattr(node, "lc", None)
        if place is None:
            break
        if isinstance(node, dict):
            key = next((k for k in node if str(k) == str(part)), None)
            if key is None:
                break
            line = place.key(key)[0] + 1
            node = node[key]
        elif isinstance(part, int) and part < len(node):
            line = place.item(part)[0] + 1
            node = node[part]
        else:
            break
    return line


def nearest(word: str, known: Iterable[str]) -> str:
    """A closing question with the nearest known name, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def _refuse_references(text: str, name: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.tokens import AliasToken, AnchorToken, TagToken

    for token in YAML(typ="safe", pure=True).scan(text):
        if isinstance(token, AliasToken | AnchorToken | TagToken):
            what = "a tag" if isinstance(token, TagToken) else "an anchor or alias"
            message = f"{what} is not allowed in a config; write the value itself"
            raise Unreadable(_fault(name, token.start_mark.line + 1, message))


def _fault(name: str, line: int, message: str) -> Fault:
    return Fault(name, line, (), message)
