"""SVG by hand: elements whose texts are escaped, an axis, a frame of rows."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from uncertainty.arrays import FloatArray
from uncertainty.statistics.density import estimate, is_constant

WIDTH = 960
"""Width of every drawing, in its own units."""
INK, GREY, GRID = "#1f2328", "#57606a", "#d8dee4"
BLUE, SKY = "#0072b2", "#a9d2ee"
FILLS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#cc79a7",
    "#8c959f",
)
"""Okabe and Ito (2008), Color Universal Design, dark and light in turn."""
CURVE = 70
"""Points of a density that a reader can tell apart at this size."""


_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def clean(words: object) -> object:
    """Text without characters that no HTML page can hold; other things as they are."""
    if not isinstance(words, str):
        return words
    found = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", words)
    return Markup(found) if isinstance(words, Markup) else found


def element(name: str, *inside: Markup, **attributes: object) -> Markup:
    """An element; ``_`` in an attribute's name stands for ``-``.

    An attribute of None is left out. Values are escaped.
    """
    written = []
    for key, value in attributes.items():
        if value is not None:
            if isinstance(value, float):
                value = f"{value:.5g}" if abs(value) < 1 else f"{value:.1f}"
            word = key.rstrip("_").replace("_", "-")
            written.append(f' {word}="{Markup.escape(clean(value))}"')
    content = Markup("").join(inside)  # escapes what is no markup yet
    return Markup(f"<{name}{''.join(written)}>{content}</{name}>")


def text(words: str, x: float, y: float, **attributes: object) -> Markup:
    """A line of text."""
    return element(
        "text", Markup.escape(clean(words)), x=float(x), y=float(y), **attributes
    )


def tip(words: str) -> Markup:
    """What a mark says when it is pointed at."""
    return element("title", Markup.escape(clean(words)))


def drawing(
    height: float, label: str, *inside: Markup, rows: str = "", name: str = ""
) -> Markup:
    """The ``<svg>`` element around a drawing.

    Parameters
    ----------
    height : float
    label : str
        What the drawing shows, for those who cannot see it.
    *inside : Markup
    rows : str
        "top pitch bottom" where the page's script may close up rows.
    name : str
        Class.
    """
    return element(
        "svg",
        *inside,
        viewBox=f"0 0 {WIDTH} {height:.0f}",
        role="img",
        aria_label=label,
        class_=f"chart {name}".strip(),
        data_rows=rows or None,
    )


def columns(words: str) -> int:
    """Columns that a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


def cut(words: str, most: int) -> str:
    """A text that takes no more than so many columns, on one line."""
    words = " ".join(words.split())
    if columns(words) <= most:
        return words
    return _beginning(words, most - 1).rstrip() + "…"


def broken(words: str, most: int) -> list[str]:
    """A text on one line or two, each of at most so many columns."""
    words = " ".join(words.split())
    if columns(words) <= most:
        return [words]
    first = _beginning(words, most)
    space = first.rfind(" ")
    if space > most // 3 and words[len(first)] != " ":
        first = first[:space]
    return [first.rstrip(), cut(words[len(first) :], most)]


def _beginning(words: str, most: int) -> str:
    """As much of a text as takes no more than so many columns."""
    taken = 0
    for i, letter in enumerate(words):
        taken += columns(letter)
        if taken > most:
            return words[:i]
    return words


@dataclass(frozen=True)
class Axis:
    """A linear scale across a drawing.

    Attributes
    ----------
    low, high : float
        Values at `left` and `right`.
    left, right : float
    """

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        """Where a value stands."""
        part = (value - self.low) / (self.high - self.low)
        return self.left + part * (self.right - self.left)

    def ticks(self) -> list[float]:
        """Round values along it, some five to eight."""
        rough = (self.high - self.low) / 7
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= rough)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(k * step, 12) for k in range(first, last + 1)]

    def drawn(self, top: float, bottom: float, title: str) -> Markup:
        """Grid lines from `top` to `bottom`, figures and title above."""
        parts = []
        for tick in self.ticks():
            x = self(tick)
            line = {"x1": x, "x2": x, "y1": top - 4, "y2": bottom}
            zero = tick == 0 and self.low < 0
            parts.append(element("line", class_="zero" if zero else "grid", **line))
            shown = f"{tick:.10g}".replace("-", "−")
            parts.append(text(shown, x, top - 9, class_="tick", text_anchor="middle"))
        middle = (self.left + self.right) / 2
        parts.append(text(title, middle, top - 27, class_="axis", text_anchor="middle"))
        return Markup("").join(parts)


def axis_over(
    values: Sequence[float], left: float, right: float, *, zero: bool = False
) -> Axis:
    """An axis that holds `values` with a little room, and zero if asked."""
    finite = [v for v in values if math.isfinite(v)] or [0.0]
    low, high = min(finite), max(finite)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.04 * (high - low) or 0.5 * abs(high) or 0.5
    at_zero = zero and low == 0
    return Axis(low if at_zero else low - room, high + room, left, right)


def curve(sample: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Grid and density of a sample, few points; None of a constant."""
    ordered = sample.copy()
    ordered.sort()
    if is_constant(ordered):
        return None
    grid, density = estimate(ordered)
    stride = max(grid.size // CURVE, 1)
    return grid[::stride], density[::stride]


def path(points: Sequence[tuple[float, float]], *, closed: bool = False) -> str:
    """The ``d`` of a polyline."""
    words = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M{words}{' Z' if closed else ''}"
