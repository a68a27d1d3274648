"""YAML text to plain data: 1.2, no anchors, no tags, no surprises.

A config is data and can run nothing. One pass over the parser's events gives the
values, the line of every key, and what a config may not hold. libyaml makes the
events where PyYAML brings it; ruamel.yaml makes them elsewhere, and wherever libyaml
finds a fault or might read a text in another way.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenarios.errors import Fault
from scenarios.language.yaml_scalars import meaning
from uncertainty.errors import nearest, shown

try:
    from yaml import YAMLError as _NotYaml
    from yaml.cyaml import CParser
except ImportError:  # PyYAML is missing, or was built without libyaml
    CParser = None
    _NotYaml = ValueError

LIMIT = 5 * 2**20
"""Bytes a config file may have (design section 14.16)."""
DATA_LIMIT = 100 * 2**20
"""Bytes a file of data may have."""
DEEPEST = 30
"""Levels of nesting a config may have; the language itself has seven."""
OPEN = 200
"""Brackets that may stand open at once, those within text among them: reading costs
time as the square of their number."""

Path_ = tuple[str | int, ...]
Lines = dict[str | int, tuple[int, "Lines | None"]]
"""Line of each key or list position, counted from 1, and the lines below it."""
_UNLIKE = re.compile("[\t\x85\u2028\u2029\ufeff]|[|>][-+0-9]*#|[\\[{,]\\s*[?]")
"""What libyaml, which reads YAML 1.1, may take in another way than YAML 1.2: tabs, rare
line ends, a comment right behind the sign of a block, a question mark in brackets."""
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n)*%")


class Unreadable(Exception):
    """The text is no plain YAML mapping; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True)
class Document:
    """A file's data and where its keys stand.

    Attributes
    ----------
    name : str
        What the file is called in faults.
    data : dict
        Of strings, numbers, truth values, lists and dicts.
    lines : dict
        Empty where the data was never text.
    """

    name: str
    data: dict[str, Any]
    lines: Lines = field(default_factory=dict)

    def line(self, path: Path_) -> int:
        r"""Line, counted from 1, of the deepest part of `path` that the text has.

        0 where the text has none of it.

        Examples
        --------
        >>> compose("a:\n  b: 1\n", "study.yaml").line(("a", "b", "c"))
        2
        """
        here: Lines | None = self.lines
        line = 0
        for part in path:
            if here is None:
                break
            found = here.get(part)
            if found is None:  # a year is a number in the text, and text in a path
                alike = (here[key] for key in here if _key(key) == _key(part))
                found = next(alike, None)
            if found is None:
                break
            line, here = found
        return line


def read(path: Path, name: str) -> dict[str, Any]:
    """Plain data of a YAML file; see `document`."""
    return document(path, name).data


def document(path: Path, name: str) -> Document:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in faults.

    Raises
    ------
    Unreadable
        There is no such file, it is too large, is not YAML 1.2, has anchors, tags,
        merge keys, a key twice or a key that is no text, or is no mapping.
    """
    return compose(text_of(path, name), name)


def text_of(path: Path, name: str, *, data: bool = False) -> str:
    """Text of a file of bounded size; a file of data may be larger than a config.

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
        if size > (DATA_LIMIT if data else LIMIT):
            message = f"{size} bytes; a file may have {LIMIT}, so split it"
            if data:
                message = (
                    f"{size} bytes; a file of data may have {DATA_LIMIT}, so keep the "
                    "rows and columns that are needed"
                )
            raise Unreadable(Fault(name, 0, (), message))
        content = path.read_bytes()
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            message = "is UTF-16 text; save the file as UTF-8"
            raise Unreadable(Fault(name, 0, (), message))
        text = content.decode("utf-8-sig")
        return text.replace("\r\n", "\n").replace("\r", "\n")
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
    """Plain data of YAML text; see `document`.

    Examples
    --------
    >>> parse("years: [2030, 2040]", "study.yaml")
    {'years': [2030, 2040]}
    """
    return compose(text, name).data


def compose(text: str, name: str) -> Document:
    """Data and lines of YAML text; see `document`."""
    if start := _DIRECTIVE.match(text):
        line = start[0].count("\n") + 1
        message = "a directive is not allowed in a config; leave the line out"
        raise Unreadable(Fault(name, line, (), message))
    if _most_open(text) > OPEN:
        raise Unreadable(Fault(name, 0, (), _too_deep()))
    data, lines = _composed(text, name)
    if data is None:
        message = "is empty; `potline init` writes a study to start from"
        raise Unreadable(Fault(name, 0, (), message))
    if not isinstance(data, dict):
        message = "is no mapping of keys to values; begin with `title: ...`"
        raise Unreadable(Fault(name, 1, (), message))
    return Document(name, data, lines)


def as_json(data: Mapping[str, Any]) -> str:
    """Plain data as JSON, which tells lists, numbers and truth values apart."""
    return json.dumps(data, default=str)


def _composed(text: str, name: str) -> tuple[Any, Lines]:
    """Root of a text, and its lines."""
    if CParser is not None and _UNLIKE.search(text) is None:
        try:
            return _Builder(name).built(iter(CParser(text).get_event, None))
        except (_NotYaml, UnicodeEncodeError):
            pass  # ruamel.yaml finds and words the fault
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return _Builder(name).built(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        message = _in_few_words(str(error.problem or error.context).strip())
        raise Unreadable(Fault(name, line, (), message)) from None
    except (YAMLError, ValueError) as error:
        message = _in_few_words(str(error).strip().splitlines()[0])
        raise Unreadable(Fault(name, 0, (), message)) from None


class _Open:
    """A mapping or list whose end has not come yet."""

    __slots__ = ("data", "key", "line", "lines")

    def __init__(self, data: dict[str | int, Any] | list[Any], line: int) -> None:
        self.data = data
        self.line = line
        self.lines: Lines = {}
        self.key: tuple[str | int, int] | None = None


class _Builder:
    """Puts a document together from the events of a parser."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[_Open] = []
        self.root: tuple[Any, Lines] | None = None

    def built(self, events: Iterable[Any]) -> tuple[Any, Lines]:
        """Data and lines of the one document; None for the data of an empty text."""
        for event in events:
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self._refuse_marks(event)
                self._put(self._scalar(event), {}, event.start_mark.line + 1)
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                self._refuse_marks(event)
                made: Any = {} if kind == "MappingStartEvent" else []
                self.open.append(_Open(made, event.start_mark.line + 1))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                ended = self.open.pop()
                self._put(ended.data, ended.lines, ended.line)
            elif kind == "AliasEvent":
                raise self._refused(event, "an alias")
            elif kind == "DocumentStartEvent" and self.root is not None:
                raise self._fault(event, _in_few_words("another document"))
        return self.root or (None, {})

    def _put(self, value: Any, lines: Lines, line: int) -> None:
        """Take a scalar, or a mapping or list that has ended, to where it belongs."""
        if not self.open:
            self.root = value, lines
            return
        above = self.open[-1]
        if isinstance(above.data, list):
            self._check_depth(line)
            above.lines[len(above.data)] = line, lines
            above.data.append(value)
        elif above.key is None:
            above.key = self._key(above.data, value, line), line
        else:
            self._check_depth(line)
            key, place = above.key
            above.data[key] = value
            above.lines[key] = place, lines
            above.key = None

    def _key(self, data: dict[str | int, Any], key: Any, line: int) -> str | int:
        # years are whole numbers and may be keys, levels such as 0.95 are texts
        if isinstance(key, float):
            key = str(key)
        if not isinstance(key, str | int) or isinstance(key, bool):
            path = (*self._path(), _key(key))
            message = f"the key {_key(key)} is no text; put it in quotes"
            raise Unreadable(Fault(self.name, line, path, message))
        if key in data:
            message = f"the key {shown(key)} stands twice in one mapping; keep one"
            raise Unreadable(Fault(self.name, line, (), message))
        return key

    def _check_depth(self, line: int) -> None:
        if len(self.open) > DEEPEST:
            path = self._path()[:DEEPEST]
            raise Unreadable(Fault(self.name, line, path, _too_deep()))

    def _path(self) -> Path_:
        """Keys down to the innermost mapping or list that is open."""
        steps = (o.key[0] if o.key else len(o.data) for o in self.open[:-1])
        return tuple(steps)

    def _at_key(self) -> bool:
        """Whether a key comes next, not a value."""
        above = self.open[-1] if self.open else None
        return above is not None and above.key is None and above.data.__class__ is dict

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text
        if text == "<<":
            raise self._refused(event, "a merge key", "the keys out")
        if text == "=" and not self._at_key():
            raise self._fault(event, "not YAML: = alone; put it in quotes")
        try:
            return meaning(text)
        except ValueError as error:
            raise self._fault(event, _in_few_words(str(error))) from None

    def _refuse_marks(self, event: Any) -> None:
        if event.tag is not None:
            raise self._refused(event, "a tag")
        if event.anchor is not None:
            raise self._refused(event, "an anchor")

    def _refused(
        self, event: Any, what: str, mend: str = "the value itself"
    ) -> Unreadable:
        message = f"{what} is not allowed in a config; write {mend}"
        return self._fault(event, message)

    def _fault(self, event: Any, message: str) -> Unreadable:
        return Unreadable(Fault(self.name, event.start_mark.line + 1, (), message))


def _most_open(text: str) -> int:
    """Most brackets that stand open at once, wherever they stand."""
    depth = most = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        most = max(most, depth)
    return most


_MENDS = (
    (r"expected ',' or '[}]'", "braces are not closed, or miss a comma"),
    (r"expected ',' or ']'", "brackets are not closed, or miss a comma"),
    (
        r"found character '(.)' that cannot start any token",
        "a value cannot begin with {0}; put it in quotes, or close a quote above",
    ),
    ("unknown escape", 'a \\ in "..." begins a code; put the text in single quotes'),
    ("sequence entries", "a list begins on a line of its own; or write [2020, 2030]"),
    (
        "expected <block end>|expected the node content",
        "a value, colon or bracket is missing here or in the line above, or the line "
        "does not stand as far in as those that it belongs to",
    ),
    ("expected ':'", "a line without a colon; write `key: value`"),
    ("unexpected end of stream", "a quote is not closed; close it"),
    ("must be in|out of range", "a date that cannot be; put it in quotes"),
)
"""What a parser says, and what it means."""


def _in_few_words(problem: str) -> str:
    """A YAML fault in fewer words, with the mend where it is known."""
    for pattern, mend in _MENDS:
        if found := re.search(pattern, problem):
            return f"not YAML: {mend.format(*found.groups())}"
    if "'\\t'" in problem or "\t" in problem:
        return "not YAML: a tab where spaces belong; indent with spaces"
    if "another document" in problem:
        return "not YAML: a second document begins here; keep one document a file"
    if "special characters" in problem:
        return "not YAML: a control character, as of a binary file; save it as text"
    if "digits" in problem:
        return (
            "not YAML: a whole number of thousands of digits; write 1e6 for a million"
        )
    if "mapping values are not allowed" in problem:
        return 'not YAML: a second ": " on one line; put text with a colon in quotes'
    return f"not YAML: {problem}"


def _too_deep() -> str:
    return f"nested more than {DEEPEST} deep; no key of a config lies as deep"


def _key(key: object) -> str:
    """A key as a user would write it."""
    return key if isinstance(key, str) else shown(key).strip('"')
