"""House style: one rc context, a palette that survives colour blindness and toner."""

import logging
import textwrap
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation
from matplotlib.typing import LineStyleType

from scenarios.numbers import fixed
from scenarios.results.result import Result
from scenarios.words.catalogue import Words
from uncertainty.arrays import FloatArray

ENGLISH = Words("en")
DPI = 300
MM = 1 / 25.4
"""Inch, matplotlib's unit of length."""
WIDTH = 180.0
"""Millimetres across both columns of a journal page, as figures are laid out."""
LABEL = 30
"""Columns of text, on a page, that a scenario's label may take before it is broken."""
LEGEND = 90
"""Columns of text over the axes."""
TITLE = 88
"""Columns of bold text across the page."""
FOOTER = 144
"""Columns of small text across the page."""


@dataclass(frozen=True)
class Size:
    """Where a figure is shown.

    Attributes
    ----------
    width : float
        Millimetres.
    scale : float
        Of letters, lines and heights against those of a page.
    """

    width: float
    scale: float

    def columns(self, page: int) -> int:
        """Columns of text in place of so many on a page."""
        return int(page * self.width / self.scale / WIDTH)


SIZES = {
    "column": Size(88, 0.8),
    "page": Size(WIDTH, 1),
    "slide": Size(254, 254 / WIDTH),
}
"""One column of a journal page, both, and a slide 254 mm wide."""
_SIZE: ContextVar[Size] = ContextVar("size", default=SIZES["page"])


def size() -> Size:
    """Where the figures are shown that are being drawn."""
    return _SIZE.get()


def is_narrow() -> bool:
    """Whether the figures have less room than those of a page."""
    return size().width / size().scale < WIDTH


@contextmanager
def sized(name: str) -> Iterator[None]:
    """A block whose figures are drawn and written in a size, one of `SIZES`."""
    token = _SIZE.set(SIZES[name])
    try:
        yield
    finally:
        _SIZE.reset(token)


_LIMITS: ContextVar[tuple[float, ...]] = ContextVar("limits", default=())


@contextmanager
def limited(values: Sequence[float]) -> Iterator[None]:
    """A block whose figures of footprints show limits, in the units shown."""
    token = _LIMITS.set(tuple(values))
    try:
        yield
    finally:
        _LIMITS.reset(token)


def draw_limits(axes: Axes, *, level: bool = False) -> None:
    """Draw the limits across the values, or level where those go upward."""
    for value in _LIMITS.get():
        draw = axes.axhline if level else axes.axvline
        draw(value, color=VERMILION, linewidth=1, zorder=2.5)


def limits_told(words: Words, units: str) -> str:
    """What a footer says of the limits."""
    told = words.join(f"{value:g} {units}" for value in _LIMITS.get())
    return words("figures.limit", limit=told) if told else ""


INK, GREY, GRID = "#222222", "#595959", "#d9d9d9"
BLUE, ORANGE, GREEN, YELLOW = "#0072B2", "#E69F00", "#009E73", "#F0E442"
VERMILION, SKY, PURPLE = "#D55E00", "#56B4E9", "#CC79A7"
# Okabe and Ito (2008), Color Universal Design
FILLS: tuple[tuple[str, str], ...] = (
    (BLUE, ""),
    (YELLOW, "///"),
    (GREEN, ""),
    (SKY, "..."),
    (VERMILION, ""),
    (ORANGE, 3 * "\\"),
    (PURPLE, ""),
    ("#bbbbbb", "xx"),
)
"""Colour and hatch of each layer of a stack; dark and light, plain and hatched take
turns, so that neighbours differ on a black-and-white print too."""
LINES: tuple[tuple[str, LineStyleType], ...] = (
    (BLUE, "-"),
    (VERMILION, (0, (5, 1.5))),
    (GREEN, (0, (1, 1))),
    (INK, (0, (5, 1.5, 1, 1.5))),
)
"""Colour and dashes of each line that shares its axes with others."""

CJK = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
"""Faces with Chinese characters, which matplotlib's own lack; the first that is
installed is used."""

_RC: dict[Any, object] = {
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 1.2 * MM,
    "figure.constrained_layout.w_pad": 1.2 * MM,
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0,
    "hatch.linewidth": 0.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    # a label is text, whatever dollars and underscores stand in it
    "text.parse_math": False,
    "text.usetex": False,
    # fitting glyphs to pixels takes longer than drawing them and helps no print
    "text.hinting": "none",
    "savefig.dpi": DPI,
    # text stays text in SVG, and its ids do not change from run to run
    "svg.fonttype": "none",
    "svg.hashsalt": "potline",
    "pdf.fonttype": 42,
}


@cache
def chinese_faces() -> list[str]:
    """The face with Chinese characters that is used; empty if none is installed.

    Matplotlib keeps a list of faces on disk; a face that was installed since is found
    by reading the folders anew.
    """
    found = [face for face in CJK if face in set(fontManager.get_font_names())]
    if not found:
        for path in findSystemFonts():
            if Path(path).name.lower().startswith(_FILES):
                with suppress(OSError, RuntimeError):  # a file that is no font
                    fontManager.addfont(path)
        found = [face for face in CJK if face in set(fontManager.get_font_names())]
    return found[:1]


def boxes(texts: Iterable[str]) -> str:
    """Characters of texts that no installed face has, which a bitmap shows as boxes.

    Examples
    --------
    >>> boxes(["Strasse", "Straße"])
    ''
    """
    faces = ["DejaVu Sans", *chinese_faces()]
    fonts = [FT2Font(findfont(face)) for face in faces]
    letters = dict.fromkeys(c for text in texts for c in text if c.isprintable())
    return "".join(
        c for c in letters if not any(font.get_char_index(ord(c)) for font in fonts)
    )


_FILES = ("notosanscjk", "notosanssc", "sourcehansans", "wqy", "simhei", "msyh")
"""How the files of those faces begin."""


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's defaults with the house style on top, for the block alone.

    The user's own matplotlibrc does not reach in: the same result gives the same
    figure on every machine.
    """
    log = logging.getLogger("matplotlib.font_manager")
    before = log.level
    with matplotlib.rc_context():
        log.setLevel(logging.ERROR)  # a face without a bold cut is drawn as it is
        matplotlib.rcdefaults()
        chinese = chinese_faces()
        matplotlib.rcParams.update({**_RC, "font.family": ["DejaVu Sans", *chinese]})
        try:
            yield
        finally:
            log.setLevel(before)


@contextmanager
def any_glyph() -> Iterator[None]:
    """A block in which a character that no installed face has is no warning.

    It is an empty box in a bitmap and right in SVG, where text stays text: no reason
    to refuse the figure.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
        yield


@contextmanager
def laid_out() -> Iterator[None]:
    """A block in which a figure without a layout engine gets none."""
    with matplotlib.rc_context({"figure.constrained_layout.use": False}):
        yield


def settle(figure: Figure) -> Figure:
    """Lay a finished figure out, once and for all.

    Matplotlib would do it anew at each drawing, from where the last left off: no two
    files would be alike.
    """
    figure.dpi = DPI
    engine = figure.get_layout_engine()
    if engine is not None:
        with any_glyph():
            engine.execute(figure)
    with laid_out():
        figure.set_layout_engine(None)
    figure.dpi = DPI * size().scale
    return figure


@dataclass(frozen=True)
class Row:
    """Where labelled rows stand in axes: the first on top, one unit apart."""

    labels: Sequence[str]
    texts: Sequence[str]
    reference: int | None = None


def words_of(result: Result) -> Words:
    """Texts in the language of a result, with its names of stages and sources."""
    return Words(getattr(result, "language", "en")).of(result.stated)


def new_figure(result: Result, height: float, footer: str, title: str) -> Figure:
    """An empty figure of full width: the finding, and below how it was made.

    Parameters
    ----------
    result : Result
    height : float
        Millimetres, without title and footer.
    footer : str
        What the marks mean; study, draws, design and seed are put before it.
    title : str
        What the figure shows.
    """
    words = words_of(result)
    key = "drawn_replicates" if result.replicates > 1 else "drawn"
    made = words(
        f"figures.{key}",
        draws=result.draws,
        design=result.design,
        replicates=result.replicates,
        seed=result.seed,
    )
    rest = " ".join((made, footer)) if words.language == "en" else made + footer
    text = words("figures.start", title=result.title, rest=rest)
    return page(title, height, text)


def page(title: str, height: float, footer: str) -> Figure:
    """An empty figure of full width with a title and a footer.

    Parameters
    ----------
    title : str
    height : float
        Millimetres, without title and footer.
    footer : str
    """
    columns = size().columns
    lines = wrapped(footer, columns(FOOTER), most=int(6 * WIDTH / _across()))
    heading = wrapped(title, columns(TITLE), most=3)
    extra = 5 * (1 + heading.count("\n")) + 3 * (1 + lines.count("\n")) + 3
    figure = Figure(figsize=(_across() * MM, (height + extra) * MM))
    FigureCanvasAgg(figure)
    figure.suptitle(heading, x=0.01, ha="left", fontsize=9, fontweight="bold")
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=6.5, color=GREY)
    return figure


def _across() -> float:
    """Millimetres across a figure before it is scaled."""
    return size().width / size().scale


def interval_heading(result: Result) -> str:
    """Head of the column of numbers beside the rows."""
    return words_of(result)("figures.heading", percent=result.percent)


def interval_words(result: Result) -> str:
    """What the interval is: "95 % coverage interval, probabilistically symmetric"."""
    return words_of(result)("figures.interval", percent=result.percent)


def spread(words: Words, middle: float, low: float, high: float, places: int) -> str:
    """A value and its interval in words: "1.000 (0.902 to 1.098)"."""
    shown = [fixed(value, places) for value in (middle, low, high)]
    return words("figures.spread", middle=shown[0], low=shown[1], high=shown[2])


def called(words: Words, group: str, name: str) -> str:
    """A stage, source, gas or account in words."""
    own = words.names.get(name, {}).get(words.language)
    if own is None and words.language == "zh":
        own = words.term(group, name)
    return own or name


def name_rows(axes: Axes, rows: Row, heading: str) -> None:
    """Label rows on the left, write their figures in a column on the right.

    Parameters
    ----------
    axes : Axes
    rows : Row
    heading : str
        Of the column.
    """
    places = range(len(rows.labels))
    names = shortened(rows.labels, size().columns(LABEL), most=2)
    axes.set_yticks(list(places), names, parse_math=False, linespacing=1.1)
    if rows.reference is not None:
        axes.get_yticklabels()[rows.reference].set_fontweight("bold")
    axes.set_ylim(len(rows.labels) - 0.4, -0.6)
    beside = axes.get_yaxis_transform()
    widest = max(map(len, rows.texts), default=0)
    for place, text in zip(places, rows.texts, strict=True):
        written = axes.text(
            1.02, place, text, transform=beside, va="center_baseline", fontsize=7.5
        )
        # the longest ones say how wide the column is
        written.set_in_layout(len(text) == widest)
    axes.annotate(
        heading,
        (1.02, 1),
        xytext=(0, 2),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7,
        color=GREY,
        va="bottom",
    )


def level_bars(
    axes: Axes,
    start: FloatArray,
    end: FloatArray,
    fill: tuple[str, str],
    height: float = 0.66,
) -> PolyCollection:
    """Bars along the axis of values, one a row, as one thing to draw.

    Parameters
    ----------
    axes : Axes
    start, end : ndarray, shape (row,)
    fill : tuple of str
        Colour and hatch.
    height : float
        Part of the distance between rows.
    """
    rows = np.arange(len(start))
    below, above = rows - height / 2, rows + height / 2
    x = np.stack([start, end, end, start], axis=1)
    y = np.stack([below, below, above, above], axis=1)
    bars = PolyCollection(
        list(np.stack([x, y], axis=2)),
        facecolor=fill[0],
        hatch=fill[1],
        edgecolor=INK,
        linewidth=0.4,
    )
    bars.sticky_edges.x.append(0.0)
    axes.add_collection(bars)
    axes.autoscale_view()
    return bars


def value_axis(axes: Axes, label: str, margin: float) -> None:
    """The axis of values: few round ticks, a light grid, a label with units."""
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.grid(axis="x")
    axes.margins(x=margin)


def legend_above(
    axes: Axes, marks: Sequence[Artist | Container], names: Sequence[str]
) -> None:
    """Legend over the axes, in as many columns as fit."""
    room = size().columns(LEGEND)
    one_line = sum(width(name) + 6 for name in names) <= room
    fitting = room // (max(map(width, names)) + 6)
    figure = axes.get_figure(root=True)
    assert figure is not None
    higher = ScaledTranslation(0, 4.2 * MM, figure.dpi_scale_trans)
    legend = axes.legend(
        marks,
        ["-"] * len(marks),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        # clear of the head of the column of numbers
        bbox_transform=axes.transAxes + higher,
        ncols=len(names) if one_line else max(fitting, 1),
        handlelength=1.6,
        handleheight=0.9,
        columnspacing=1.2,
        borderaxespad=0,
        borderpad=0,
    )
    # set afterwards, since matplotlib hides names that start with an underscore
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)


def row_height(labels: Sequence[str]) -> float:
    """Millimetres that each row takes."""
    room = size().columns(LABEL)
    two = any("\n" in wrapped(label, room, most=2) for label in labels)
    return 8.0 if two else 5.5


def wrapped(text: str, columns: int, *, most: int) -> str:
    """Text broken into lines, cut with an ellipsis after the last of them.

    Parameters
    ----------
    text : str
        Of any origin: control characters and line breaks become spaces.
    columns : int
        Width of a line; a Chinese character takes two.
    most : int
        Lines.
    """
    clean = "".join(" " if _is_control(c) else c for c in text)
    narrow = columns * len(clean) // width(clean) if clean else columns
    lines = textwrap.wrap(clean, max(narrow, 4), break_on_hyphens=False)
    if len(lines) > most:
        last = lines[most - 1][: max(narrow, 4) - 1]
        lines[most - 1 :] = [f"{last.rstrip()}…"]
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns that a text takes; a Chinese character takes two."""
    return len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in text)


def shortened(labels: Sequence[str], columns: int, *, most: int) -> list[str]:
    """Labels broken and cut as by `wrapped`, so that different ones stay different.

    Where several would be cut to the same text, they lose what they have in common
    instead of their ends.

    Parameters
    ----------
    labels : sequence of str
    columns, most : int
        See `wrapped`.

    Examples
    --------
    >>> shortened(["Captive coal: share 5 %", "Captive coal: share 9 %"], 16, most=1)
    ['Captive… 5 %', 'Captive… 9 %']
    """
    shown = [wrapped(label, columns, most=most) for label in labels]
    groups: dict[str, list[int]] = {}
    for i, text in enumerate(shown):
        groups.setdefault(text, []).append(i)
    for alike in groups.values():
        if len({labels[i] for i in alike}) > 1:
            same = _shared([labels[i] for i in alike])
            for i in alike:
                shown[i] = _without_middle(labels[i], same, columns, most)
    return shown


def _shared(labels: Sequence[str]) -> int:
    """Number of characters with which all labels begin."""
    columns = enumerate(zip(*labels, strict=False))
    shortest = min(map(len, labels))
    return next((i for i, found in columns if len(set(found)) > 1), shortest)


def _without_middle(label: str, same: int, columns: int, most: int) -> str:
    """As much of the start as leaves room for all that differs, by whole words."""
    for start in (label.rfind(" ", 0, same) + 1, same):
        head, tail = label[:start].rstrip(), label[start:]
        space = " " if " " in head else ""
        parts = head.split(" ") if space else list(head)
        for count in range(len(parts) - 1, -1, -1):
            short = f"{space.join(parts[:count])}… {tail}"
            text = wrapped(short, columns, most=most)
            if not text.endswith("…"):
                return text
    return wrapped(f"… {label[same:]}", columns, most=most)


def _is_control(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ"
