"""YAML text -> plain data: 1.2, no anchors, no tags, no surprises.

A config is data and can run nothing. Line numbers are looked up only when there is a
fault to report, since keeping them makes reading much slower.
"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scenarios.errors import Fault
from uncertainty.errors import nearest, shown

LIMIT = 5 * 2**20
"""Bytes a config file may have (design section 14.16)."""
DEEPEST = 30
"""Levels of nesting a config may have; the language itself has seven."""
OPEN = 200
"""Brackets that may stand open at once, those within text among them: reading costs
time as the square of their number."""

Path_ = tuple[str | int, ...]


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
        There is no such file, it is too large, is not YAML 1.2, has anchors, tags,
        merge keys, a key twice or a key that is no text, or is no mapping.
    """
    return parse(text_of(path, name), name)


def text_of(path: Path, name: str) -> str:
    """Text of a file of bounded size.

    Raises
    ------
    Unreadable
        There is no such file, it is too large, or no UTF-8 text.
    """
    try:
        if not path.exists():
            near = nearest(path.name, (p.name for p in path.parent.glob("*.y*ml")))
            more = near or f"; `potline init {path.name}` writes one to start from"
            raise Unreadable(Fault(name, 0, (), f"no such file{more}"))
        if not path.is_file():  # reading a device or a pipe might never end
            message = "is a folder or a device, not a file; name the file itself"
            raise Unreadable(Fault(name, 0, (), message))
        size = path.stat().st_size
        if size > LIMIT:
            message = f"{size} bytes; a file may have {LIMIT}, so split it"
            raise Unreadable(Fault(name, 0, (), message))
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is no UTF-8 text; save the file as UTF-8"
        raise Unreadable(Fault(name, 0, (), message)) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise Unreadable(Fault(name, 0, (), message)) from None
    except ValueError:  # a null character in the path
        message = "is not a path that can be; write letters, digits and slashes"
        raise Unreadable(Fault(name, 0, (), message)) from None


def parse(text: str, name: str) -> dict[str, Any]:
    """Plain data of YAML text; see `read`."""
    if re.search(r"[&*!]|<<|^%", text, re.MULTILINE):
        _refuse_references(text, name)  # a scan, which costs as much as reading
    if _brackets(text) > OPEN:
        raise Unreadable(Fault(name, 0, (), _too_deep()))
    data = _load(text, name)
    if data is None:
        message = "is empty; `potline init` writes a study to start from"
        raise Unreadable(Fault(name, 0, (), message))
    if not isinstance(data, dict):
        message = "is no mapping of keys to values; begin with `title: ...`"
        raise Unreadable(Fault(name, 1, (), message))
    for path, message in _misshapen(data, ()):
        line = Lines(text).of(path)
        raise Unreadable(Fault(name, line, path, message))
    return data


def as_json(data: dict[str, Any]) -> str:
    """Plain data as JSON, which tells lists, numbers and truth values apart."""
    return json.dumps(data, default=str)


class Lines:
    """Where the keys of a YAML text stand; the text is read once, with its places."""

    def __init__(self, text: str) -> None:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            self._root: Any = YAML(typ="rt", pure=True).load(io.StringIO(text))
        except (YAMLError, ValueError, RecursionError):
            self._root = None

    def of(self, path: Path_) -> int:
        """Line, counted from 1, of the deepest part of `path` that the text has.

        0 where the text has none of it.
        """
        node, line = self._root, 0
        for part in path:
            place = getattr(node, "lc", None)
            if place is None:
                break
            if isinstance(node, dict):
                keys = [k for k in node if _key(k) == _key(part)]
                if not keys:
                    break
                key = keys[0]
                line = place.key(key)[0] + 1
                node = node[key]
            elif isinstance(part, int) and part < len(node):
                line = place.item(part)[0] + 1
                node = node[part]
            else:
                break
        return line


def _load(text: str, name: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        mark = error.problem_mark
        key = re.search(r'duplicate key "(.*?)"', str(error.problem), re.DOTALL)
        what = shown(key[1] if key else "")
        message = f"the key {what} stands twice in one mapping; keep one"
        raise Unreadable(Fault(name, mark.line + 1, (), message)) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        message = _told(str(error.problem or error.context).strip())
        raise Unreadable(Fault(name, line, (), message)) from None
    except RecursionError:
        raise Unreadable(Fault(name, 0, (), _too_deep())) from None
    except (YAMLError, ValueError, TypeError) as error:
        message = _told(str(error).strip().splitlines()[0])
        raise Unreadable(Fault(name, 0, (), message)) from None


def _brackets(text: str) -> int:
    """Most brackets that stand open at once, wherever they stand."""
    depth = most = 0
    for found in re.finditer(r"[\[\]{}]", text):
        depth += 1 if found[0] in "[{" else -1
        most = max(most, depth)
    return most


def _told(what: str) -> str:
    """A YAML fault in fewer words, with the mend where it is known."""
    if "'\\t'" in what or "\t" in what:
        return "not YAML: a tab where spaces belong; indent with spaces"
    if "another document" in what:
        return "not YAML: a second document begins here; keep one document a file"
    if "special characters" in what:
        return "not YAML: a control character, as of a binary file; save it as text"
    if "digits" in what:
        return (
            "not YAML: a whole number of thousands of digits; write 1e6 for a million"
        )
    if "mapping values are not allowed" in what:
        return 'not YAML: a second ": " on one line; put text with a colon in quotes'
    return f"not YAML: {what}"


def _too_deep() -> str:
    return f"nested more than {DEEPEST} deep; no key of a config lies as deep"


def _misshapen(data: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Keys that are no text, and what is nested too deeply."""
    if len(path) > DEEPEST:
        yield path[:DEEPEST], _too_deep()
        return
    if isinstance(data, dict):
        for key, value in data.items():
            # years are whole numbers and may be keys
            if not isinstance(key, str | int) or isinstance(key, bool):
                message = f"the key {_key(key)} is no text; put it in quotes"
                yield (*path, _key(key)), message
            else:
                yield from _misshapen(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _misshapen(value, (*path, i))


def _key(key: object) -> str:
    """A key as a user would write it."""
    if isinstance(key, str):
        return key
    return shown(list(key) if isinstance(key, tuple) else key).strip('"')


def _refuse_references(text: str, name: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.tokens import (
        AliasToken,
        AnchorToken,
        DirectiveToken,
        ScalarToken,
        TagToken,
    )

    refused = (
        (TagToken, "a tag is not allowed in a config; write the value itself"),
        (AnchorToken, "an anchor is not allowed in a config; write the value itself"),
        (AliasToken, "an alias is not allowed in a config; write the value itself"),
        (DirectiveToken, "a directive is not allowed in a config; leave the line out"),
        (ScalarToken, "a merge key is not allowed in a config; write the keys out"),
    )
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, ScalarToken) and (token.value, token.plain) != (
                "<<",
                True,
            ):
                continue
            for kind, message in refused:
                if isinstance(token, kind):
                    line = token.start_mark.line + 1
                    raise Unreadable(Fault(name, line, (), message))
    except (YAMLError, ValueError, RecursionError):
        return  # what cannot be scanned cannot be read either, and is told there
