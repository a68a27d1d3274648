"""The boundary diagram, made of the study's own processes and products."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from scenarios.analysis.masses import Amounts, amounts, exchanges, in_order
from scenarios.report.blocks import Figure
from scenarios.report.drawing.svg import cut, drawing, element, path, text, tip
from scenarios.report.material import Material

MOST = 30
"""Most processes of a diagram; of a longer chain the first are drawn."""
LEFT, RIGHT = 372.0, 622.0
"""Edges of the boxes."""
MIDDLE = (LEFT + RIGHT) / 2
OUT = RIGHT + 84
"""Where what leaves is told."""
PITCH, GAP, LANE = 17.0, 46.0, 12.0
LANES = 4


@dataclass(frozen=True)
class Demand:
    """What one declared unit takes of a product or a supply."""

    label: str
    origin: str
    amount: float
    units: str


@dataclass(frozen=True)
class Boundary:
    """Diagram and demands of the reference scenario, and what to know of them."""

    figure: Figure
    demands: tuple[Demand, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """One process as drawn."""

    id: str
    top: float
    height: float

    @property
    def middle(self) -> float:
        """Half-way down."""
        return self.top + self.height / 2

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.top + self.height


def boundary(material: Material) -> Boundary:
    """Draw the processes from raw material to gate, with what enters and leaves."""
    words, config = material.words, material.result.config
    taken = amounts(material.result, material.reference.scenario)
    boxes, top = [], 64.0
    order = in_order(config)
    idle = [id for id in order if taken.is_idle(id)]
    for id in [id for id in order if not taken.is_idle(id)][:MOST]:
        bought = sum(exchange.bought for exchange in exchanges(config, id))
        boxes.append(Box(id, top, max(58.0, PITCH * bought + 16)))
        top = boxes[-1].bottom + GAP
    label = words("captions.boundary", name=material.reference.name)
    parts = [_frame(material, boxes[-1])]
    for box in boxes:
        inside = [
            *_process(material, box, taken),
            *_entering(material, box, taken),
            *_leaving(material, box),
        ]
        parts.append(element("g", tip(_tip(material, box)), *inside))
    parts += _links(material, boxes, taken)
    parts += _gate(material, boxes[-1])
    chart = drawing(top + 24, label, *parts, name="boundary")
    remarks = []
    if taken.why_not:
        remarks.append(words("boundary.why_not", reason=taken.why_not))
    if idle:
        names = words("page.comma").join(_label(material, id) for id in idle)
        remarks.append(words("boundary.idle", names=names))
    demands = tuple(_demands(material, taken))
    return Boundary(Figure("boundary", label, chart), demands, tuple(remarks))


def _centred(words: str, y: float, name: str) -> Markup:
    return text(words, MIDDLE, y, class_=name, text_anchor="middle")


def _arrow(name: str, *points: tuple[float, float]) -> Markup:
    return element("path", class_=name, d=path(points), marker_end="url(#head)")


def _with_amount(material: Material, words: str, pair: tuple[float, str] | None) -> str:
    if pair is None:
        return words
    return f"{words} {material.words.number(pair[0], 3)} {pair[1]}"


def _frame(material: Material, last: Box) -> Markup:
    """The dashed line of the boundary and the heads of the three columns."""
    words = material.words
    box = {"x": LEFT - 26, "y": 44.0, "width": RIGHT - LEFT + 92}
    frame = element("rect", class_="limit", height=last.bottom - 30, rx=8, **box)
    enters = words("boundary.enters")
    heads = [
        text(enters, LEFT - 40, 34, class_="axis", text_anchor="end"),
        _centred(words("boundary.inside"), 34, "axis"),
        text(words("boundary.leaves"), OUT, 34, class_="axis"),
    ]
    return Markup("").join([frame, *heads])


def _label(material: Material, process: str) -> str:
    label = material.result.config.processes[process].label
    return label or material.words.name(process)


def _process(material: Material, box: Box, taken: Amounts) -> Iterator[Markup]:
    """The box with its label, product and stage."""
    stated = material.result.config.processes[box.id]
    made = stated.makes.product
    product = _with_amount(material, material.words.name(made), taken.made.get(box.id))
    stage = material.words.term("stage", stated.stage)
    edges = {"x": LEFT, "y": box.top, "width": RIGHT - LEFT, "height": box.height}
    yield element("rect", class_="process", rx=5, **edges)
    yield _centred(cut(_label(material, box.id), 34), box.middle - 8, "label strong")
    yield _centred(cut(product, 38), box.middle + 10, "said")
    yield _centred(cut(stage, 34), box.middle + 25, "tick")


def _entering(material: Material, box: Box, taken: Amounts) -> Iterator[Markup]:
    """What the process buys, with amounts."""
    bought = [x for x in exchanges(material.result.config, box.id) if x.bought]
    first = box.middle - PITCH * (len(bought) - 1) / 2
    for i, exchange in enumerate(bought):
        y = first + i * PITCH
        pair = taken.exchanges.get((box.id, exchange.name))
        label = exchange.label or material.words.name(exchange.name)
        shown = _with_amount(material, cut(label, 30), pair)
        yield text(shown, LEFT - 58, y + 4, class_="said", text_anchor="end")
        yield _arrow("arrow", (LEFT - 52, y), (LEFT - 3, y))


def _leaving(material: Material, box: Box) -> Iterator[Markup]:
    """What the process adds to the footprint, and the gases it emits itself."""
    share, value = _share(material, box.id)
    yield _arrow("arrow", (RIGHT + 2, box.middle), (OUT - 8, box.middle))
    shown = f"{value} {material.units} ({share})"
    yield text(shown, OUT, box.middle - 2, class_="label strong")
    emits = material.result.config.processes[box.id].emits
    gases = dict.fromkeys(flow.gas or name for name, flow in emits.items())
    if gases:
        direct = material.words("boundary.direct", gases=cut(", ".join(gases), 26))
        yield text(direct, OUT, box.middle + 15, class_="said")


def _tip(material: Material, box: Box) -> str:
    share, value = _share(material, box.id)
    return material.words(
        "tips.part",
        name=material.reference.name,
        part=_label(material, box.id),
        value=value,
        units=material.units,
        share=share,
    )


def _share(material: Material, process: str) -> tuple[str, str]:
    """Share of the footprint and value of what a process emits and buys."""
    flows = material.table(material.reference, "flows")
    if not flows:
        return "–", "–"
    names = sorted(material.result.config.processes, key=len, reverse=True)
    total = 0.0
    for flow, values in flows.items():
        owner = next((n for n in names if flow.startswith(f"{n}.")), "")
        total += values["mean"] if owner == process else 0.0
    words, mean = material.words, material.mean(material.reference)
    share = words.share(total / mean, 2) if mean else "–"
    return share, words.number(total / material.per, 3)


def _links(
    material: Material, boxes: Sequence[Box], taken: Amounts
) -> Iterator[Markup]:
    """Arrows of what one process makes for another."""
    config = material.result.config
    numbers = {box.id: i for i, box in enumerate(boxes)}
    makers: dict[str, list[Box]] = {}
    for box in boxes:
        makers.setdefault(config.processes[box.id].makes.product, []).append(box)
    lane = 0
    taken_from = (
        (box, exchange, start)
        for box in boxes
        for exchange in exchanges(config, box.id)
        if not exchange.bought
        for start in makers.get(exchange.product, ())
    )
    for box, exchange, start in taken_from:
        pair = taken.exchanges.get((box.id, exchange.name))
        label = material.words.name(exchange.product)
        shown = cut(_with_amount(material, label, pair), 40)
        if numbers[box.id] - numbers[start.id] == 1:
            yield _arrow("flow", (MIDDLE, start.bottom), (MIDDLE, box.top - 4))
            yield text(shown, MIDDLE + 10, box.top - GAP / 2 + 4, class_="said")
            continue
        x = RIGHT + 8 + LANE * (lane % LANES + 1)
        lane += 1
        out, into = start.middle + 12, box.top + 10
        yield _arrow("flow", (RIGHT, out), (x, out), (x, into), (RIGHT + 4, into))
        at = (RIGHT - 4, start.bottom + 14)
        yield text(shown, *at, class_="said", text_anchor="end")


def _gate(material: Material, last: Box) -> Iterator[Markup]:
    """The arrow of the declared product through the gate, and the arrow head."""
    declared = material.result.config.declared_unit
    unit, product = (declared.units, declared.product) if declared else ("t", "")
    named = material.words.name(product)
    leaves = material.words("boundary.gate", unit=unit, product=named)
    shape = element("path", d="M0 0 L8 4 L0 8 Z", class_="tip")
    size = {"markerWidth": "7", "markerHeight": "7", "orient": "auto"}
    spot = {"viewBox": "0 0 8 8", "refX": "7", "refY": "4"}
    yield element("defs", element("marker", shape, id="head", **size, **spot))
    yield _arrow("flow", (MIDDLE, last.bottom), (MIDDLE, last.bottom + 40))
    yield _centred(leaves, last.bottom + 58, "label strong")


def _demands(material: Material, taken: Amounts) -> Iterator[Demand]:
    """Demands as rows: what is made, what is bought, electricity; none of nothing."""
    config = material.result.config
    for id, (amount, units) in taken.demands.items():
        product = config.products.get(id)
        label = (product.label if product else None) or material.words.name(id)
        if amount:
            yield Demand(label, "bought" if product else "made", amount, units)
    for id, (amount, units) in taken.supplies.items():
        if amount:
            label = config.supplies[id].label or material.words.called(id)
            yield Demand(label, "electricity", amount, units)
