"""Texts for people in the languages there are; numbers are the same in all of them.

Texts of the terminal stand in ``texts/<subject>.toml``, one table a text with a line a
language; those of the report in its own folder. A key names the subject first:
``run.draws``. Files are read when their first text is asked for.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.language.label import LANGUAGES as LANGUAGES
from scenarios.language.label import pairs, told
from scenarios.numbers import (
    decimals,
    fixed,
    floor_share,
    share_of,
    significant,
    written_share,
)

if TYPE_CHECKING:
    import xarray as xr

NAMED = ("stage", "source")
"""Groups of terms that a study has names for."""
MINUS = "\N{MINUS SIGN}"
NOISE = 1e-6
"""Part of a standard uncertainty that says nothing."""
PERCENT = "\N{NO-BREAK SPACE}%"

PURE = re.compile(r"(?:, |，| \(| )\{units\}\)?")
"""Units in a text, with what joins them to it."""

_HERE = Path(__file__).parent
_WIDE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_SEAM = re.compile(f"(?<=[{_WIDE}]) (?=[{_WIDE}])")
EDGE = re.compile(
    "(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])"
)


def spaced(text: str) -> str:
    """Chinese with a space between Han and Latin letters or figures, and no other.

    Examples
    --------
    >>> spaced("高于 方差的1 %的IPCC方法")
    '高于方差的 1 % 的 IPCC 方法'
    """
    return EDGE.sub(" ", _SEAM.sub("", text))


@lru_cache
def subject(name: str) -> dict[str, Any] | None:
    """Texts of one subject, each a mapping of language to text; None if not here."""
    path = _HERE / "texts" / f"{name}.toml"
    if not path.is_file():
        return None
    return tomllib.loads(path.read_text(encoding="utf-8"))


@lru_cache
def texts(language: str) -> dict[str, Any]:
    """Texts of the report in one language, as its file holds them."""
    from scenarios.language.yaml_text import read

    folder = _HERE.parent / "report" / "texts"
    found = read(folder / f"{language}.yaml", language)
    return _unspaced(found) if language == "zh" else found


class Words:
    r"""Looks texts up, fills them in and writes numbers.

    Parameters
    ----------
    language : str
        One of `LANGUAGES`.
    names : mapping of id to mapping of language to text
        What a study calls its stages and sources.
    stated : mapping
        The study as plain data, whose labels `label` translates.

    Examples
    --------
    >>> Words("en")("common.range", low=1, high=2), Words("zh").share(0.25)
    ('1 to 2', '25.0\xa0%')
    """

    def __init__(
        self,
        language: str,
        names: Mapping[str, Mapping[str, str]] | None = None,
        stated: Mapping[str, Any] | None = None,
    ) -> None:
        self.language = language
        self.names = names or {}
        self._stated = stated or {}

    def of(self, stated: Mapping[str, Any]) -> "Words":
        """The same with the names that a study, as plain data, gives its terms."""
        return Words(self.language, stated.get("names"), stated)

    def label(self, english: str) -> str:
        """A label of the study in the language; as it stands where there is no other.

        Examples
        --------
        >>> stated = {"inputs": {"x": {"label": {"en": "Coal", "zh": "煤"}}}}
        >>> Words("zh").of(stated).label("Coal")
        '煤'
        """
        if english in self._labels:
            return self._labels[english]
        # one that was made of another, as "Coal (2)"
        parts = (one for one in self._labels if one in english)
        whole = max(parts, key=len, default="")
        return english.replace(whole, self._labels[whole]) if whole else english

    def name(self, id: str) -> str:
        """What the study calls a product, an exchange or a process without a label.

        Examples
        --------
        >>> Words("zh").of({"names": {"pig_iron": {"zh": "生铁"}}}).name("pig_iron")
        '生铁'
        >>> Words("en").name("pig_iron")
        'pig iron'
        """
        own = self._made.get(id) or self.names.get(id, {}).get(self.language)
        known: dict[str, str] = texts(self.language)["terms"]["source"]
        return own or known.get(id, id.replace("_", " "))

    def called(self, id: str) -> str:
        """What the study's ``names`` call an id, or the id.

        Examples
        --------
        >>> Words("zh", {"a.power": {"zh": "用电"}}).called("a.power")
        '用电'
        """
        return self.names.get(id, {}).get(self.language) or id

    def flow(self, id: str) -> str:
        """A flow of a process, by what the study calls both.

        Examples
        --------
        >>> stated = {"processes": {"a": {"label": "Oven", "makes": {"product": "x"}}}}
        >>> Words("en").of(stated).flow("a.fuel_oil")
        'Oven: fuel oil'
        """
        process, _, exchange = id.partition(".")
        stated = self._stated.get("processes", {}).get(process, {})
        flows = {**stated.get("emits", {}), **stated.get("needs", {})}
        one = flows.get(exchange, {})
        bought = one.get("product", exchange)
        product = self._stated.get("products", {}).get(bought, {})
        label = told(one.get("label") or product.get("label"), self.language)
        name = told(stated.get("label"), self.language) or self.name(process)
        if not exchange:
            return name
        return self("common.of", name=name, part=label or self.name(bought))

    def labelled(self, data: "xr.Dataset") -> "xr.Dataset":
        """Indices of inputs, or of scenarios, with their labels in the language."""
        found = [str(name) for name in data.coords if str(name).endswith("label")]
        return data.assign_coords(
            {
                name: (data[name].dims, [*map(self.label, data[name].values.tolist())])
                for name in found
                if self._labels
            }
        )

    @cached_property
    def _made(self) -> dict[str, str]:
        """Labels of what processes make."""
        every = (one["makes"] for one in self._stated.get("processes", {}).values())
        return {one["product"]: told(one.get("label"), self.language) for one in every}

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {} if self.language == "en" else dict(pairs(self._stated))

    def __call__(self, key: str, /, **values: object) -> str:
        """Text under a dotted key; what is filled in is never read as a pattern."""
        text = str(self._found(key))
        if values.get("units") == "1":  # a pure number stands alone
            text = PURE.sub("", text)
        return self._fit(text.format(**values))

    def points(self, key: str, /, **values: object) -> tuple[str, ...]:
        """Every text of a group, in order."""
        every = self._found(key).values()
        return tuple(self._fit(str(text).format(**values)) for text in every)

    def term(self, group: str, name: str) -> str:
        """A word of the study's vocabulary, as it stands where there is no other."""
        known: dict[str, str] = texts(self.language)["terms"].get(group, {})
        own = self.names.get(name, {}) if group in NAMED else {}
        return own.get(self.language, known.get(name, name))

    def _found(self, key: str) -> Any:
        first, *rest = key.split(".")
        found: Any = subject(first)
        if found is None:
            found, rest = texts(self.language), [first, *rest]
        else:
            rest = [*rest, self.language]
        for part in rest:
            found = found[part]
        return found

    def _fit(self, text: str) -> str:
        """Chinese with a space between Han and Latin letters or figures alone."""
        return spaced(text) if self.language == "zh" else text

    def number(self, value: float, digits: int = 4, spread: float = 0.0) -> str:
        """A number; a dash where there is none, 0 for rounding noise in a `spread`."""
        if not math.isfinite(value):
            return "–"
        if abs(value) < NOISE * spread:
            return "0"
        return significant(value + 0.0, digits).replace("-", MINUS)

    def share(self, value: float, digits: int = 3) -> str:
        """A share of one in per cent; under a thousandth of a per cent is said so."""
        if not math.isfinite(value):
            return "–"
        if 0 < abs(value) < 1e-5:
            return f"< 0.001{PERCENT}"
        return f"{self.number(100 * value, digits)}{PERCENT}"

    def odds(self, value: float) -> str:
        """A probability; what is short of all or none is never shown as either."""
        if value in (0.0, 1.0) or not math.isfinite(value):
            return self.share(value)
        if value < 0.001:
            return f"< 0.1{PERCENT}"
        if value > 0.999:
            return f"> 99.9{PERCENT}"
        decimals = 0 if 0.1 <= value <= 0.9 else 1
        return f"{100 * value:.{decimals}f}{PERCENT}"

    def range(self, low: str, high: str) -> str:
        """Two ends that are written out already."""
        return self("common.range", low=low, high=high)

    def interval(self, low: float, high: float, digits: int = 4) -> str:
        """Two ends of an interval."""
        return self.range(self.number(low, digits), self.number(high, digits))

    def estimate(self, middle: float, low: float, high: float) -> str:
        """A value and its interval, in the digits that the interval leaves sure.

        Examples
        --------
        >>> Words("en").estimate(13.192, 12.486, 13.939)
        '13.2 (12.5 to 13.9)'
        """
        size = high - low
        size = size if size > 0 and math.isfinite(size) else abs(middle)
        if not 1e-4 < size < 1e9:
            middle_, *ends = (self.number(value, 3) for value in (middle, low, high))
        else:
            places = decimals(size)
            middle_, *ends = (fixed(value, places) for value in (middle, low, high))
        return f"{middle_} ({self.range(*ends)})"

    def join(self, parts: Iterable[str]) -> str:
        """Parts with what stands between them in a list."""
        return self("common.comma").join(parts)

    def of_draws(
        self, value: float, ends: tuple[float, float], confidence: float
    ) -> str:
        """A probability in per cent of draws with its confidence interval.

        Parameters
        ----------
        value : float
        ends : pair of float
            Confidence interval of it.
        confidence : float
            Level of that interval.

        Examples
        --------
        >>> Words("en").of_draws(0.5, (0.49, 0.51), 0.95)
        '50 % of draws (49 to 51 %, 95 % confidence)'
        """
        lower, upper = ends
        level = f"{100 * confidence:g} %"
        if value == 1:
            return self("common.all_draws", end=floor_share(lower), level=level)
        if value == 0:
            return self("common.no_draws", end=share_of(upper), level=level)
        # the last figure shown is not finer than what is known of it
        places = min(max(-math.floor(math.log10((upper - lower) * 100)), 0), 3)
        both = self.range(*(f"{100 * end:.{places}f}" for end in ends))
        share = written_share(value, places)
        return self("common.some_draws", share=share, ends=both, level=level)

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
            return self(
                f"page.{word}",
                value=f"{100 * value:.0f}{PERCENT}",
                end=f"{shown}{PERCENT}",
            )
        decimals = min(
            max(-math.floor(math.log10(max(100 * (high - low), 1e-9))), 0), 3
        )
        ends = self.range(*(f"{100 * end:.{decimals}f}" for end in (low, high)))
        told = f"{100 * value:.{decimals}f}"
        if float(told) in {0.0, 100.0}:
            return f"{self.odds(value)} ({ends}{PERCENT})"
        return f"{told}{PERCENT} ({ends}{PERCENT})"


def _unspaced(found: Any) -> Any:
    """Texts without the spaces that YAML puts where a Chinese line is folded."""
    if isinstance(found, dict):
        return {key: _unspaced(text) for key, text in found.items()}
    return _SEAM.sub("", found) if isinstance(found, str) else found


def _down(percent: float) -> str:
    """Per cent with two figures of what is missing to all of it, rounded down."""
    missing = max(100 - percent, 1e-9)
    decimals = max(1 - math.floor(math.log10(missing)), 0)
    return f"{math.floor(percent * 10**decimals) / 10**decimals:.{decimals}f}"
