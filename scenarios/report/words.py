"""Texts of the report in its languages; numbers are the same in all of them."""

import math
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from scenarios.reader import read
from scenarios.text import number

LANGUAGES = ("en", "zh")
MINUS = "\N{MINUS SIGN}"


@lru_cache
def texts(language: str) -> dict[str, Any]:
    """Texts of one language, as its file holds them."""
    folder = Path(str(files("scenarios"))) / "report" / "texts"
    return read(folder / f"{language}.yaml", language)


class Words:
    """Looks texts up, fills them in and writes numbers.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """Text under a dotted key; what is filled in is never read as a pattern."""
        found: Any = self._texts
        for part in key.split("."):
            found = found[part]
        return str(found).strip().format(**values)

    def points(self, key: str, /, **values: object) -> tuple[str, ...]:
        """Every text of a group, in order."""
        found: Any = self._texts
        for part in key.split("."):
            found = found[part]
        return tuple(str(text).strip().format(**values) for text in found.values())

    def term(self, group: str, name: str) -> str:
        """A word of the study's vocabulary, as it stands where there is no other."""
        known: dict[str, str] = self._texts["terms"].get(group, {})
        return known.get(name, name)

    def number(self, value: float, digits: int = 4) -> str:
        """A number; a dash where there is none."""
        if not math.isfinite(value):
            return "–"
        return number(value + 0.0, digits).replace("-", MINUS)

    def share(self, value: float, digits: int = 3) -> str:
        """A share of one in per cent; under a thousandth of a per cent is said so."""
        if not math.isfinite(value):
            return "–"
        if 0 < abs(value) < 1e-5:
            return "< 0.001 %"
        return f"{self.number(100 * value, digits)} %"

    def range(self, low: str, high: str) -> str:
        """Two ends that are written out already."""
        return self("page.range", low=low, high=high)

    def interval(self, low: float, high: float, digits: int = 4) -> str:
        """Two ends of an interval."""
        return self.range(self.number(low, digits), self.number(high, digits))

    def chance(self, value: float, low: float, high: float) -> str:
        """A probability and how well it is known.

        Parameters
        ----------
        value : float
        low, high : float
            Confidence interval of it.
        """
        if not math.isfinite(value):
            return "–"
        if value in (0.0, 1.0):
            word = "at_most" if value == 0 else "at_least"
            end = 100 * (high if value == 0 else low)
            shown = self.number(end, 3) if value == 0 else _down(end)
            return self(f"page.{word}", value=f"{100 * value:.0f} %", end=f"{shown} %")
        decimals = min(max(-math.floor(math.log10(max(100 * (high - low), 1e-9))), 0), 3)
        ends = self.range(*(f"{100 * end:.{decimals}f}" for end in (low, high)))
        return f"{100 * value:.{decimals}f} % ({ends} %)"


def _down(percent: float) -> str:
    """Per cent with two figures of what is missing to all of it, rounded down."""
    missing = max(100 - percent, 1e-9)
    decimals = max(1 - math.floor(math.log10(missing)), 0)
    return f"{math.floor(percent * 10**decimals) / 10**decimals:.{decimals}f}"
