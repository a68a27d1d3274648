"""A mapping of Python as a document: the same plain data as a YAML file gives."""

from collections.abc import Mapping
from datetime import date
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

from scenarios.errors import ConfigError, Fault, Origin
from scenarios.language.yaml_text import DEEPEST, Document
from uncertainty.errors import shown


def plain_document(stated: Mapping[str, Any], name: str) -> Document:
    """The data of a mapping, as if a file called `name` had stated it.

    Raises
    ------
    ConfigError
        A value is none that YAML has, or a key is no text.

    Examples
    --------
    >>> plain_document({"years": (2030, 2040)}, "study").data
    {'years': [2030, 2040]}
    """
    faults: list[Fault] = []
    data: Any = _mapping(stated, Origin(name), faults)
    if faults:
        raise ConfigError(faults)
    return Document(name, data)


def _mapping(
    stated: Mapping[Any, Any], origin: Origin, faults: list[Fault]
) -> dict[str | int, Any]:
    found: dict[str | int, Any] = {}
    for key, value in stated.items():
        if isinstance(key, Integral) and not isinstance(key, bool):
            key = int(key)  # a year
        elif not isinstance(key, str):
            message = f"the key {shown(key)} is no text; put it in quotes"
            faults.append(origin.fault(message, shown(key)))
            continue
        found[key] = _plain(value, origin.below(key), faults)
    return found


def _plain(value: Any, origin: Origin, faults: list[Fault]) -> Any:
    """A value in the plain types that YAML has; a fault where there is none."""
    if isinstance(value, Mapping | list | tuple) and len(origin.path) > DEEPEST:
        faults.append(origin.fault(f"nested more than {DEEPEST} deep"))
        return None
    match value:
        case Mapping():
            return _mapping(value, origin, faults)
        case list() | tuple():
            return [_plain(v, origin.below(i), faults) for i, v in enumerate(value)]
        case None | bool() | date():
            return value
        case str() | PurePath():
            return str(value)
        case Integral():
            return int(value)
        case Real():
            return float(value)
    if hasattr(value, "tolist"):  # an array or a number of NumPy
        return _plain(value.tolist(), origin, faults)
    message = f"{shown(value)} is no plain value; write a number, text, list or mapping"
    faults.append(origin.fault(message))
    return None
