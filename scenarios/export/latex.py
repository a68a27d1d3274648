"""A table as LaTeX for the package booktabs, to be read in by a paper."""

from collections.abc import Iterable, Sequence

from scenarios.language.safe_text import tex

DIGITS = 4
"""Significant figures of a number on paper."""
LINE = 48
"""Letters of a text from which on its column breaks."""
PAGE = 40
"""Rows that go on one page; longer tables break across pages."""


def latex(
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    remarks: Sequence[str],
    name: str = "table",
) -> str:
    r"""A table between ``\toprule`` and ``\bottomrule``.

    Parameters
    ----------
    headings : sequence of str
    rows : sequence of sequences
        Text, numbers, truth values, or None for an empty cell.
    remarks : sequence of str
        The caption, then comments to put before it, one a line.
    name : str
        Of its label: ``tab:<name>``.

    Returns
    -------
    str
        A ``table``, or a ``longtable`` if it would not fit a page, with caption and
        label; needs booktabs, and in the second case longtable.
    """
    count = len(headings)
    numeric = [_numeric(row[i] for row in rows) for i in range(count)]
    columns = [[row[i] for row in rows] for i in range(count)]
    pairs = zip(columns, numeric, strict=True)
    align = "".join("r" if is_number else _text_column(c) for c, is_number in pairs)
    body = [_row(map(number_or_text, row)) for row in rows]
    long = len(rows) > PAGE
    kind = "longtable" if long else "tabular"
    needs = r"\usepackage{booktabs,longtable}" if long else r"\usepackage{booktabs}"
    caption = rf"\caption{{{_subscript(tex(remarks[0]))}}}\label{{tab:{name}}}"
    lines = [
        *(f"% {tex(remark)}" for remark in remarks),
        f"% needs {needs}",
        *([] if long else [r"\begin{table}", r"\centering", caption]),
        rf"\begin{{{kind}}}{{@{{}}{align}@{{}}}}",
        *([caption + r" \\"] if long else []),
        r"\toprule",
        _row(_subscript(tex(head)) for head in headings),
        r"\midrule",
        *([r"\endhead", r"\bottomrule", r"\endfoot"] if long else []),
        *body,
        *([] if long else [r"\bottomrule"]),
        rf"\end{{{kind}}}",
        *([] if long else [r"\end{table}"]),
    ]
    return "\n".join(lines) + "\n"


def number_or_text(value: object) -> str:
    r"""A cell: text without commands, or a number to `DIGITS` figures.

    Examples
    --------
    >>> print(number_or_text(-13500.2), number_or_text(1.234e-5), number_or_text("a_b"))
    $-$13500 $1.234\times10^{-5}$ a\_b
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"$-${-value}" if value < 0 else str(value)
    if isinstance(value, float):
        return _number(value)
    return _subscript(tex(str(value)))


def _subscript(text: str) -> str:
    """Text with the index of CO2 where it belongs."""
    return text.replace("CO2", r"CO\textsubscript{2}")


def _text_column(values: Sequence[object]) -> str:
    """A column of text: as wide as it is, or broken where it is longer than that."""
    longest = max((len(str(value or "")) for value in values), default=0)
    return "l" if longest <= LINE else r"p{5cm}"


def _number(value: float) -> str:
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e9:
        digits, power = f"{value:.{DIGITS - 1}e}".split("e")
        return rf"${digits}\times10^{{{int(power)}}}$"
    magnitude = int(f"{abs(value):.{DIGITS - 1}e}".split("e")[1])
    text = f"{abs(value):.{max(DIGITS - 1 - magnitude, 0)}f}"
    return f"$-${text}" if value < 0 else text


def _numeric(values: Iterable[object]) -> bool:
    known = [v for v in values if v is not None]
    return bool(known) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in known
    )


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
