"""Shares of technologies, each with a spread of its own where one is stated.

``coal: 0.45``, ``coal: 0.45 +- 0.05`` and ``coal: {value: 0.45, sd: 0.05}``, in a mix
and in a supply alike. Behind the plus-minus sign stands a standard uncertainty.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

_NUMBER = r"\s*(\d+\.?\d*|\.\d+)\s*(%?)\s*"
_PLUS_MINUS = re.compile(f"{_NUMBER}(?:\\+-|\\+/-|±){_NUMBER}")


def apart(stated: Any) -> Any:
    """A mix or a supply with the spreads of its shares under ``sds``.

    A share that is written otherwise stays, for `numbers` to refuse.

    Examples
    --------
    >>> apart({"shares": {"coal": "0.45 +- 0.05", "wind": 0.55}})
    {'shares': {'coal': 0.45, 'wind': 0.55}, 'sds': {'coal': 0.05}}
    """
    if not isinstance(stated, Mapping) or not isinstance(stated.get("shares"), Mapping):
        return stated
    shares = dict(stated["shares"])
    sds = dict(stated.get("sds") or {})
    for technology, share in shares.items():
        if isinstance(share, Mapping) and share.keys() == {"value", "sd"}:
            shares[technology], sds[technology] = share["value"], share["sd"]
        elif isinstance(share, str) and (found := _PLUS_MINUS.fullmatch(share)):
            value, of_value, sd, of_sd = found.groups()
            shares[technology] = _fraction(value, of_value)
            sds[technology] = _fraction(sd, of_sd or of_value)
    return {**stated, "shares": shares, **({"sds": sds} if sds else {})}


def numbers(shares: Any) -> Any:
    """Refuse shares that are no numbers, before each is told by its own."""
    if isinstance(shares, Mapping):
        odd = [t for t, share in shares.items() if isinstance(share, str | Mapping)]
        if odd:
            message = (
                "the share of {technology} is a number, 0.45 +- 0.05 or "
                "{value: 0.45, sd: 0.05}"
            )
            raise PydanticCustomError("share", message, {"technology": str(odd[0])})
    return shares


def _fraction(number: str, percent: str) -> float:
    return float(number) / 100 if percent else float(number)
