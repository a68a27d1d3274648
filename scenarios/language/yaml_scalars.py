"""What a plain word of YAML 1.2 means: a number, a truth value, nothing, or text."""

import re
from datetime import date
from functools import lru_cache

Scalar = str | int | float | bool | date | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9A-Fa-f_]+|[0-9_]+)")
_DECIMAL = re.compile(
    r"""[-+]? [0-9][0-9_]* ( \.[0-9_]* ([eE][-+]?[0-9]+)? | [eE][-+]?[0-9]+ )
      | [-+]? \.[0-9_]+ ([eE][-+][0-9]+)?
      | [-+]? \.(inf|Inf|INF)
      | \.(nan|NaN|NAN)""",
    re.VERBOSE,
)
_DATE = re.compile(
    r"""[0-9]{4}-[0-9]{2}-[0-9]{2}
      | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} ([Tt]|[ \t]+)
        [0-9]{1,2}:[0-9]{2}:[0-9]{2} (\.[0-9]*)?
        ([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?""",
    re.VERBOSE,
)
_BASES = {"0b": 2, "0o": 8, "0x": 16}


@lru_cache(maxsize=2**14)
def meaning(text: str) -> Scalar:
    """Value of a plain scalar, that is of one without quotes.

    Raises
    ------
    ValueError
        It looks like a number or a date and is none.

    Examples
    --------
    >>> meaning("1e3"), meaning("0o7"), meaning("yes"), meaning("~")
    (1000.0, 7, 'yes', None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _WHOLE.fullmatch(text):
        return _whole(text.replace("_", ""))
    if _DECIMAL.fullmatch(text):
        return _decimal(text.replace("_", "").lower())
    if _DATE.fullmatch(text):
        return _date(text)
    return text


def _whole(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    base = _BASES.get(digits[:2], 10)
    return sign * int(digits if base == 10 else digits[2:], base)


def _decimal(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def _date(text: str) -> date:
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.nodes import ScalarNode

    made = SafeConstructor().construct_yaml_timestamp(ScalarNode(None, text))
    assert isinstance(made, date)
    return made
