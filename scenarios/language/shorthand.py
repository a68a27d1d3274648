"""Short forms of the config language, written out before anything is checked.

``smelting.power: cn_2023`` is short for ``{mix: cn_2023}``, ``0.97`` for
``{value: 0.97}``, ``0.9 * smelting.steel`` for ``{formula: ...}``,
``casting.melt_ratio`` in a recipe for ``{amount: ...}``. It is done on plain data,
because a schema that rewrites what it reads can no longer tell a list from a tuple or a
key from a number.
"""

import re
from collections.abc import Callable
from typing import Any

from scenarios.language.shares import apart

Rule = Callable[[Any], Any]
AMOUNT = re.compile(
    r"""\s* [+-]? ( \d+\.?\d* | \.\d+ ) ( [eE][+-]?\d+ )?
        \s* (?! (if|and|or)\b | [eE][+-]?\d ) [A-Za-z%一-鿿]""",
    re.VERBOSE,
)
"""How a number with units begins: ``13500 kWh/t``."""


def written_out(data: dict[str, Any]) -> dict[str, Any]:
    """The data of one file with every short form in full; nothing is changed in it."""
    rules: dict[str, Rule] = {
        "inputs": _each(_quantity),
        "supplies": _each(_supply),
        "mixes": _each(apart),
        "paths": _each(_keys({"knots": _each(_supply)})),
        "processes": _each(_keys({"needs": _each(_bare("amount"))})),
        "levers": _each(_lever),
        "routes": _each(_route),
        "scenarios": _each(_scenario),
    }
    return {k: rules[k](v) if k in rules else v for k, v in data.items()}


def _each(rule: Rule) -> Rule:
    """A rule for every value of a mapping."""

    def apply(found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {key: rule(value) for key, value in found.items()}

    return apply


def _keys(rules: dict[str, Rule]) -> Rule:
    """Rules for some keys of a mapping."""

    def apply(found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {k: rules[k](v) if k in rules else v for k, v in found.items()}

    return apply


def _bare(word: str, kinds: tuple[type, ...] = (int, float, str)) -> Rule:
    """A value without keys of its own becomes that of `word`."""

    def apply(found: Any) -> Any:
        bare = isinstance(found, kinds) and not isinstance(found, bool)
        return {word: found} if bare else found

    return apply


def _value(found: Any) -> Any:
    """A number, or one with its units, is a value; any other text is a formula."""
    if isinstance(found, str) and not AMOUNT.match(found):
        return {"formula": found}
    return _bare("value")(found)


def _quantity(found: Any) -> Any:
    return _keys({"pathway": _each(_value)})(found)


def _supply(found: Any) -> Any:
    inner = _keys({"knots": _each(_supply)})
    return apart(_keys({"path": inner})(_bare("mix", (str,))(found)))


def _change(found: Any) -> Any:
    inner = _keys({"knots": _each(_supply)})
    return apart(_keys({"path": inner})(_quantity(_value(found))))


def _lever(found: Any) -> Any:
    lines = _each(_bare("amount"))
    processes = _each(_keys({"needs": lines, "emits": lines}))
    return _keys({"processes": processes, "supplies": _each(_supply)})(found)


def _route(found: Any) -> Any:
    """A process alone makes all of the product."""
    return {found: 1.0} if isinstance(found, str) else found


def _use(found: Any) -> Any:
    """An adoption: a share, a law, or a mapping of years that is a pathway."""
    if isinstance(found, dict) and set(found) == {"adoption"}:
        inner = found["adoption"]
        years = isinstance(inner, dict) and all(isinstance(k, int) for k in inner)
        found = {"pathway": inner} if years else inner
    return _quantity(_value(found))


def _scenario(found: Any) -> Any:
    rules = {"set": _each(_change), "scale": _each(_change), "levers": _each(_use)}
    return _keys(rules | {"routes": _each(_route)})(found)
