"""Plain data to YAML 1.2 for people to read, and for `yaml_text` to read back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.language.yaml_scalars import meaning

WIDTH = 100
"""Columns after which a long text or list goes on in the next line."""
_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=<~ ")
"""Letters that a text without quotes may not begin with."""
_IN_LIST = re.compile(r"\w[\w .+/()-]*")
"""Texts that need no quotes between brackets."""
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def yaml_of(data: Mapping[str, Any]) -> str:
    r"""Write a mapping of numbers, truth values, text, lists and mappings as YAML.

    Examples
    --------
    >>> print(yaml_of({"a": {"x": 1.5, "y": "1.5"}, "b": [1, 2], "c": "x: y"}), end="")
    a:
      x: 1.5
      y: "1.5"
    b: [1, 2]
    c: "x: y"
    """
    return "".join(_mapping(data, "")) or "{}\n"


def _mapping(data: Mapping[Any, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{indent}{scalar(key)}:", value, f"{indent}  ")


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    """Lines of a value behind its key or behind the dash of a list."""
    if isinstance(value, Mapping) and value:
        yield f"{head}\n"
        yield from _mapping(value, indent)
    elif isinstance(value, list) and any(isinstance(v, list | Mapping) for v in value):
        yield f"{head}\n"
        for one in value:
            yield from _item(one, indent)
    elif isinstance(value, list):
        words = [_in_list(one) for one in value]
        words = [f"{word}," for word in words[:-1]] + words[-1:]
        yield _folded(f"{head} [", words, "]\n", indent)
    elif isinstance(value, str) and "" not in value.split(" "):
        yield _folded(f"{head} ", scalar(value).split(" "), "\n", indent)
    else:
        yield f"{head} {scalar(value)}\n"


def _item(value: Any, indent: str) -> Iterator[str]:
    """Lines of one entry of a list of mappings or lists."""
    if isinstance(value, Mapping) and value:
        first, *others = _mapping(value, f"{indent}  ")
        yield f"{indent}- {first.lstrip(' ')}"
        yield from others
    else:
        yield from _entry(f"{indent}-", value, f"{indent}  ")


def _folded(head: str, words: list[str], tail: str, indent: str) -> str:
    """Words with a blank between them, in lines of bounded width."""
    lines = [head + words[0]] if words else [head]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(indent + word)
    return "\n".join(lines) + tail


def scalar(value: object) -> str:
    """A text, number, truth value or nothing as it stands in YAML.

    Examples
    --------
    >>> scalar("yes"), scalar("true"), scalar(1e-6), scalar(None)
    ('yes', '"true"', '1e-06', 'null')
    """
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    if isinstance(value, float) and text[-1] in "fn":  # inf, nan
        return text.replace("inf", ".inf").replace("nan", ".nan")
    if isinstance(value, int | float | Mapping | list):
        return text  # of the last two only {} and [] come here
    raise TypeError(f"{text} has no place in YAML")


def _in_list(value: object) -> str:
    text = scalar(value)
    plain = not isinstance(value, str) or text[0] == '"' or _IN_LIST.fullmatch(text)
    return text if plain else _quoted(str(value))


def _is_plain(text: str) -> bool:
    """Whether a text can stand without quotes and is still read as text."""
    return (
        text != ""
        and text[0] not in _FIRST
        and text[-1] not in " :"
        and text.isprintable()
        and ": " not in text
        and " #" not in text
        and text[:3] not in ("---", "...")
        and isinstance(_meaning(text), str)
    )


def _meaning(text: str) -> object:
    try:
        return meaning(text)
    except ValueError:  # looks like a number and is none
        return None


def _quoted(text: str) -> str:
    return f'"{"".join(map(_letter, text))}"'


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"
