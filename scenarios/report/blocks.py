"""What a section is made of: prose, facts, lists, tables, figures, text as it stands.

The parts of the report fill these; one template turns them into HTML. They hold plain
text, which the template escapes, but for a figure, which is `Markup` already.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

LONG = 8
"""Rows above which a table gets a filter."""


@dataclass(frozen=True)
class Prose:
    """Paragraphs.

    Attributes
    ----------
    paragraphs : tuple of str
    tone : str
        ``""``, ``note`` or ``warning``.
    """

    kind: ClassVar[str] = "prose"
    paragraphs: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True)
class Facts:
    """Terms with what they are."""

    kind: ClassVar[str] = "facts"
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listing:
    """Points of a list."""

    kind: ClassVar[str] = "listing"
    points: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Text as it stands, folded away."""

    kind: ClassVar[str] = "source"
    title: str
    text: str


@dataclass(frozen=True)
class Figure:
    """A drawing.

    Attributes
    ----------
    name : str
        Id on the page.
    caption : str
    drawing : Markup
        One ``<svg>`` element, its texts escaped.
    pick : str
        Tables and figures that say the same in two ways share this; a switch on the
        page shows one of them.
    picked : str
        What the switch calls this one.
    """

    kind: ClassVar[str] = "figure"
    name: str
    caption: str
    drawing: Markup
    pick: str = ""
    picked: str = ""


@dataclass(frozen=True)
class Head:
    """Head of a column."""

    text: str
    numeric: bool = False


@dataclass(frozen=True)
class Item:
    """One cell of a table.

    Attributes
    ----------
    text : str
    sort : float, str or None
        What to sort by, the text if None.
    bar : float or None
        Length of a bar behind the text, 0 to 1.
    other : str
        What stands here while the table shows shares.
    scenario : str
        Column's scenario, where columns are scenarios.
    """

    text: str
    sort: float | str | None = None
    bar: float | None = None
    other: str = ""
    scenario: str = ""


@dataclass(frozen=True)
class Row:
    """One row; its first cell is its head.

    Attributes
    ----------
    items : tuple of Item
    scenario : str
        Key of the scenario that the picker hides it with; empty if none.
    year : str
    focus : str
        Key of the cell whose details it is part of; empty if none.
    strong : bool
        The reference, or a total.
    last : bool
        Stays at the end however the table is sorted.
    """

    items: tuple[Item, ...]
    scenario: str = ""
    year: str = ""
    focus: str = ""
    strong: bool = False
    last: bool = False


@dataclass(frozen=True)
class Table:
    """Rows that a reader can sort and filter.

    Attributes
    ----------
    name : str
        Id on the page.
    caption : str
    heads : tuple of Head
    rows : tuple of Row
    note : str
    shares : bool
        Cells have an `other` text to switch to.
    focused : bool
        Only the rows of the cell in focus are shown.
    sortable : bool
    """

    kind: ClassVar[str] = "table"
    name: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    note: str = ""
    shares: bool = False
    focused: bool = False
    sortable: bool = True

    @property
    def filterable(self) -> bool:
        """Whether a filter is worth its place."""
        seen = self.rows
        if self.focused and seen:
            seen = tuple(row for row in seen if row.focus == seen[0].focus)
        return self.sortable and len(seen) > LONG


Block = Prose | Facts | Listing | Source | Figure | Table


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes
    ----------
    name : str
        Id on the page.
    title : str
    blocks : tuple of Block
    parts : tuple of Section
        What a chapter is divided into.
    number : str
        Of a chapter; the letter of an annex; empty on page one.
    folded : bool
        An annex, folded until somebody opens it.
    """

    name: str
    title: str
    blocks: tuple[Block, ...] = field(default=())
    parts: tuple["Section", ...] = ()
    number: str = ""
    folded: bool = False
