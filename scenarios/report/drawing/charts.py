"""The report's charts, drawn from numbers so that each mark can tell its value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from scenarios.report.drawing.svg import (
    BLUE,
    FILLS,
    SKY,
    WIDTH,
    Axis,
    axis_over,
    broken,
    columns,
    curve,
    cut,
    drawing,
    element,
    path,
    text,
    tip,
)
from scenarios.report.material import PageCell
from uncertainty.arrays import FloatArray

LEFT, RIGHT, TOP = 270.0, 760.0, 46.0
"""Where a chart's plane begins and ends; labels to the left, figures to the right."""
WIDE, NARROW = 310.0, 660.0
"""Where the plane of a compact chart begins, and ends with two columns of figures."""
EMPTY = Markup("")
LABEL = 34
"""Columns of a row's label."""


@dataclass(frozen=True)
class Line:
    """One row of a chart.

    Attributes
    ----------
    cell : PageCell
    said : str
        Figures to the right of the plane.
    tip : str
    low, middle, high : float
        Interval and mark, in the units of the axis.
    sample : ndarray or None
        Draws, for a density.
    parts : tuple of (layer, value, tip)
        Layers of a stack.
    more : str
        In a column of its own at the right edge.
    name : str
        Label of the row, where it is not that of the cell.
    """

    cell: PageCell
    said: str
    tip: str
    low: float
    middle: float
    high: float
    sample: FloatArray | None = None
    parts: tuple[tuple[int, float, str], ...] = ()
    more: str = ""
    name: str = ""


def intervals(
    lines: Sequence[Line],
    title: str,
    label: str,
    *,
    zero: bool = False,
    compact: bool = False,
    more: str = "",
) -> Markup:
    """Interval of each row with its middle; a density over it where there are draws.

    Parameters
    ----------
    lines : sequence of Line
    title : str
        Of the axis, with units.
    label : str
        What the chart shows.
    zero : bool
        Zero is on the axis: of differences.
    compact : bool
        Rows as low as they can be read.
    more : str
        Head of the column at the right edge; none without it.
    """
    ends = [v for line in lines for v in (line.low, line.middle, line.high)]
    ridged = any(line.sample is not None for line in lines)
    curves = [None if x.sample is None else curve(x.sample) for x in lines]
    if ridged:
        ends += [float(v) for c in curves if c for v in (c[0][0], c[0][-1])]
    axis = axis_over(
        ends, WIDE if compact else LEFT, NARROW if more else RIGHT, zero=zero
    )
    pitch = 22.0 if compact else 40.0 if ridged else 30.0
    rows = []
    for line, shape in zip(lines, curves, strict=True):
        base = pitch - 8 if ridged else pitch / 2
        marks = []
        if shape is not None:
            marks.append(_ridge(axis, line, shape, base, pitch - 10))
        x1, x2 = axis(line.low), axis(line.high)
        at = {"y1": base, "y2": base}
        marks.append(element("line", class_="bar", x1=x1, x2=x2, **at))
        marks.append(
            element("circle", cx=axis(line.middle), cy=base, r=3.5, class_="dot")
        )
        rows.append(_row(line, marks, base, pitch, axis))
    head = text(more, WIDTH - 4, TOP - 9, class_="tick", text_anchor="end")
    legend = head if more else EMPTY
    return _framed(rows, axis, pitch, title, label, legend)


def stacks(
    lines: Sequence[Line], layers: Sequence[str], title: str, label: str
) -> Markup:
    """Stacked bars with the interval of their sum.

    Parameters
    ----------
    lines : sequence of Line
    layers : sequence of str
        Names of the layers, for the legend.
    title, label : str
        As for `intervals`.
    """
    ends = [v for line in lines for v in (line.low, line.high, 0.0)]
    ends += [sum(v for _, v, _ in line.parts if v > 0) for line in lines]
    axis = axis_over(ends, LEFT, RIGHT, zero=True)
    pitch = 32.0
    rows = []
    for line in lines:
        marks, above, below = [], 0.0, 0.0
        for layer, value, words in line.parts:
            start = above if value >= 0 else below + value
            above, below = above + max(value, 0.0), below + min(value, 0.0)
            width = axis(start + abs(value)) - axis(start)
            box = {"x": axis(start), "y": 6.0, "height": pitch - 14, "width": width}
            fill = FILLS[layer % len(FILLS)]
            marks.append(element("rect", tip(words), class_="part", fill=fill, **box))
        y = pitch / 2 - 1
        x1, x2 = axis(line.low), axis(line.high)
        whisker = path([(x1, y - 4), (x1, y + 4)]) + path([(x1, y), (x2, y)])
        whisker += path([(x2, y - 4), (x2, y + 4)])
        for name in ("halo", "whisker"):
            marks.append(element("path", tip(line.tip), class_=name, d=whisker))
        rows.append(_row(line, marks, y, pitch, axis))
    legend, depth = _legend(layers)
    return _framed(rows, axis, pitch, title, label, legend, depth)


def runs(
    lines: Sequence[tuple[str, Sequence[tuple[float, float, float]]]],
    titles: tuple[str, str],
    label: str,
) -> Markup:
    """Estimates as draws are added, each with a band of twice its standard error.

    Parameters
    ----------
    lines : sequence of (name, points)
        A point is (draws, estimate, standard error); a panel each.
    titles : tuple of str
        Of the axis along and of the one up.
    label : str
    """
    height, left, right = 120.0, 90.0, WIDTH - 30.0
    panels = []
    top = 34.0
    for name, stated in lines:
        # an error that cannot be stated has no band
        points = [(d, v, 0.0 if math.isnan(e) else e) for d, v, e in stated]
        most = max(p[0] for p in points)
        ends = [p[1] + s * 2 * p[2] for p in points for s in (-1, 1)]
        up = axis_over(ends, top + height, top + 14)
        width = max(abs(up.high - up.low), 1e-12)
        decimals = min(max(1 - math.floor(math.log10(width)), 0), 8)
        along = Axis(0.0, most, left, right)
        inside = [text(name, left, top, class_="axis")]
        for tick in (up.low, (up.low + up.high) / 2, up.high):
            y = up(tick)
            line = {"x1": left, "x2": right, "y1": y, "y2": y}
            inside.append(element("line", class_="grid", **line))
            shown = f"{tick:.{decimals}f}".replace("-", "−")
            inside.append(
                text(shown, left - 8, y + 4, class_="tick", text_anchor="end")
            )
        edge = [(along(p[0]), up(p[1] + 2 * p[2])) for p in points]
        edge += [(along(p[0]), up(p[1] - 2 * p[2])) for p in reversed(points)]
        inside.append(element("path", d=path(edge, closed=True), fill=SKY))
        middle = path([(along(p[0]), up(p[1])) for p in points])
        inside.append(element("path", d=middle, class_="curve"))
        for draws, value, error in points:
            words = f"{draws:.0f}: {value:.6g} ± {2 * error:.2g}"
            spot = {"cx": along(draws), "cy": up(value), "r": 3.0}
            inside.append(element("circle", tip(words), fill=BLUE, **spot))
        for tick in along.ticks():
            x, y = along(tick), top + height + 16
            inside.append(
                text(f"{tick:.10g}", x, y, class_="tick", text_anchor="middle")
            )
        panels.append(element("g", *inside))
        top += height + 48
    middle_x = (left + right) / 2
    foot = text(titles[0], middle_x, top - 8, class_="axis", text_anchor="middle")
    return drawing(top, label, text(titles[1], 8, 14, class_="axis"), *panels, foot)


def _ridge(
    axis: Axis,
    line: Line,
    shape: tuple[FloatArray, FloatArray],
    base: float,
    height: float,
) -> Markup:
    grid, density = shape
    peak = float(density.max())
    points = [
        (axis(float(x)), base - height * float(d) / peak)
        for x, d in zip(grid, density, strict=True)
    ]
    ends = [(points[-1][0], base), (points[0][0], base)]
    inside = [
        (axis(float(x)), base - height * float(d) / peak)
        for x, d in zip(grid, density, strict=True)
        if line.low <= x <= line.high
    ]
    filled = Markup("")
    if inside:
        feet = [(inside[-1][0], base), (inside[0][0], base)]
        filled = element("path", class_="within", d=path([*inside, *feet], closed=True))
    area = element("path", class_="area", d=path([*points, *ends], closed=True))
    return area + filled + element("path", class_="curve", d=path(points))


def _row(
    line: Line, marks: list[Markup], middle: float, pitch: float, axis: Axis
) -> Markup:
    name = "label strong" if line.cell.reference else "label"
    full = line.name or line.cell.name
    shown = [cut(full, LABEL + 6)] if axis.left == WIDE else broken(full, LABEL)
    first = middle + 4 - 7 * (len(shown) - 1)
    named = [
        text(words, axis.left - 14, first + 14 * i, class_=name, text_anchor="end")
        for i, words in enumerate(shown)
    ]
    band = element(
        "rect", class_="band", x=0.0, y=0.0, width=float(WIDTH), height=pitch
    )
    return element(
        "g",
        tip(line.tip),
        band,
        *named,
        *marks,
        text(line.said, axis.right + 12, middle + 4, class_="said"),
        text(line.more, WIDTH - 4, middle + 4, class_="said", text_anchor="end"),
        class_="row",
        data_scenario=line.cell.key,
        data_year=line.cell.when or None,
    )


def _framed(
    rows: list[Markup],
    axis: Axis,
    pitch: float,
    title: str,
    label: str,
    legend: Markup = EMPTY,
    depth: float = 0.0,
) -> Markup:
    top = TOP + depth
    bottom = top + pitch * len(rows) + 8
    placed = [
        element(
            "g", row, class_="slot", transform=f"translate(0 {top + i * pitch:.1f})"
        )
        for i, row in enumerate(rows)
    ]
    frame = axis.drawn(top, bottom, title)
    about = f"{top:g} {pitch:g} 8"
    return drawing(bottom, label, legend, frame, *placed, rows=about)


def _legend(layers: Sequence[str]) -> tuple[Markup, float]:
    """Keys of the layers above a chart, and how deep they are."""
    x, y, parts = 20.0, 10.0, []
    for i, layer in enumerate(layers):
        shown = cut(layer, 40)
        wide = 34 + 7.4 * columns(shown)
        if x + wide > WIDTH:
            x, y = 20.0, y + 20
        box = {"x": x, "y": y - 9, "width": 14.0, "height": 12.0}
        fill = FILLS[i % len(FILLS)]
        parts.append(element("rect", class_="part", fill=fill, **box))
        parts.append(text(shown, x + 20, y + 2, class_="key"))
        x += wide
    return Markup("").join(parts), y + 6
