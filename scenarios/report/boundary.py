"""The boundary diagram, made of the study's own processes and products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from scenarios.report.amounts import Amounts, amounts
from scenarios.report.blocks import Figure
from scenarios.report.material import Material
from scenarios.report.svg import cut, drawing, element, path, text, tip
from scenarios.results import PRIMARY

MOST = 30
"""Most processes of a diagram; a longer chain is listed."""
LEFT, RIGHT = 340.0, 580.0
"""Edges of the boxes."""
PITCH, GAP, LANE = 17.0, 46.0, 12.0


@dataclass(frozen=True)
class Demand:
    """What one declared unit takes of a product or a supply."""

    label: str
    origin: str
    amount: float
    units: str


@dataclass(frozen=True)
class Boundary:
    """Diagram and demands of the reference scenario."""

    figure: Figure
    demands: tuple[Demand, ...]
    why_not: str


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


def boundary(material: Material) -> Boundary:
    """Draw the processes from raw material to gate, with what enters and leaves."""
    words, config = material.words, material.config
    found = amounts(material.tree)
    order = ordered(config)[:MOST]
    boxes, top = [], 64.0
    for id in order:
        entering = len(_entering(config, id))
        height = max(58.0, PITCH * entering + 16)
        boxes.append(Box(id, top, height))
        top += height + GAP
    label = words("captions.boundary", name=material.reference.name)
    parts = [_frame(material, boxes)]
    for box in boxes:
        parts.append(_process(material, box, found))
    parts += _links(material, boxes, found)
    parts.append(_gate(material, boxes[-1]))
    chart = drawing(top + 24, label, *parts, name="boundary")
    why = words("boundary.why_not", reason=found.why_not) if found.why_not else ""
    demands = tuple(_demands(material, found))
    return Boundary(Figure("boundary", label, chart), demands, why)


def ordered(config: Mapping[str, Any]) -> list[str]:
    """Processes with makers before users, as far as loops allow."""
    processes: dict[str, Any] = config.get("processes") or {}
    makers = {p["makes"]["product"]: id for id, p in processes.items()}
    found: list[str] = []
    open_: set[str] = set()

    def visit(id: str) -> None:
        if id in found or id in open_:
            return
        open_.add(id)
        for product in _taken(processes[id]):
            if product in makers:
                visit(makers[product])
        found.append(id)

    for id in processes:
        visit(id)
    return found


def _taken(process: Mapping[str, Any]) -> list[str]:
    """Products that a process needs."""
    needs = (process.get("needs") or {}).items()
    return [_product(line, need) for line, need in needs if not _supply(need)]


def _product(line: str, need: object) -> str:
    stated = need.get("product") if isinstance(need, dict) else None
    return str(stated or line)


def _supply(need: object) -> str | None:
    return need.get("supply") if isinstance(need, dict) else None


def _entering(config: Mapping[str, Any], id: str) -> list[tuple[str, str]]:
    """Lines of what a process buys, with a word for each."""
    process = config["processes"][id]
    made = {p["makes"]["product"] for p in config["processes"].values()}
    products = config.get("products") or {}
    found = []
    for line, need in (process.get("needs") or {}).items():
        product = _product(line, need)
        if _supply(need) is None and product in made:
            continue
        stated = need.get("label") if isinstance(need, dict) else None
        label = stated or (products.get(product) or {}).get("label")
        if _supply(need) is not None:
            label = stated or line.replace("_", " ")
        found.append((line, str(label or product.replace("_", " "))))
    return found


def _amount(material: Material, pair: tuple[float, str] | None) -> str:
    if pair is None:
        return ""
    return f"{material.words.number(pair[0], 3)} {pair[1]}"


def _frame(material: Material, boxes: Sequence[Box]) -> Markup:
    """The dashed line of the boundary and the heads of the three columns."""
    words = material.words
    bottom = boxes[-1].top + boxes[-1].height + 14
    frame = element(
        "rect", class_="limit", x=LEFT - 26, y=44.0, width=RIGHT - LEFT + 92, height=bottom - 44, rx=8
    )
    middle = (LEFT + RIGHT) / 2
    return (
        frame
        + text(words("boundary.enters"), LEFT - 40, 34, class_="axis", text_anchor="end")
        + text(words("boundary.inside"), middle + 20, 34, class_="axis", text_anchor="middle")
        + text(words("boundary.leaves"), RIGHT + 84, 34, class_="axis")
    )


def _process(material: Material, box: Box, found: Amounts) -> Markup:
    words, config = material.words, material.config
    stated = config["processes"][box.id]
    label = str(stated.get("label") or box.id.replace("_", " "))
    stage = words.term("stage", str(stated["stage"]))
    made = stated["makes"]["product"]
    amount = _amount(material, found.demands.get(made))
    made_words = f"{made.replace('_', ' ')} {amount}".strip()
    middle = (LEFT + RIGHT) / 2
    parts = [
        element("rect", class_="process", x=LEFT, y=box.top, width=RIGHT - LEFT, height=box.height, rx=5),
        text(cut(label, 34), middle, box.middle - 8, class_="label strong", text_anchor="middle"),
        text(cut(made_words, 38), middle, box.middle + 10, class_="said", text_anchor="middle"),
        text(cut(stage, 34), middle, box.middle + 25, class_="tick", text_anchor="middle"),
    ]
    entering = _entering(config, box.id)
    first = box.middle - PITCH * (len(entering) - 1) / 2
    for i, (line, called) in enumerate(entering):
        y = first + i * PITCH
        shown = f"{cut(called, 30)} {_amount(material, found.lines.get((box.id, line)))}"
        parts.append(text(shown.strip(), LEFT - 58, y + 4, class_="said", text_anchor="end"))
        parts.append(element("path", class_="arrow", d=path([(LEFT - 52, y), (LEFT - 3, y)]), marker_end="url(#head)"))
    share, value = _share(material, box.id)
    told = words("tips.part", name=material.reference.name, part=label, value=value, units=material.units, share=share)
    x = RIGHT + 84
    at = [(RIGHT + 2, box.middle), (x - 8, box.middle)]
    parts.append(element("path", class_="arrow", d=path(at), marker_end="url(#head)"))
    parts.append(text(f"{value} {material.units} ({share})", x, box.middle - 2, class_="label strong"))
    if gases := _gases(stated):
        direct = words("boundary.direct", gases=cut(gases, 26))
        parts.append(text(direct, x, box.middle + 15, class_="said"))
    return element("g", tip(told), *parts, class_="unit")


def _gases(process: Mapping[str, Any]) -> str:
    lines = (process.get("emits") or {}).items()
    names = [str(e.get("gas") or line) if isinstance(e, dict) else line for line, e in lines]
    return ", ".join(dict.fromkeys(names))


def _share(material: Material, process: str) -> tuple[str, str]:
    """Share of the footprint and value of what a process emits and buys."""
    cell = material.cell(material.reference, "flows")
    whole = material.cell(material.reference, PRIMARY)
    if cell is None or whole is None:
        return "–", "–"
    names = sorted(material.config["processes"], key=len, reverse=True)
    total = 0.0
    for flow, mean in zip(cell["flow"].values, cell["mean"].values, strict=True):
        owner = next((n for n in names if str(flow).startswith(f"{n}.")), "")
        if owner == process and mean == mean:
            total += float(mean)
    words = material.words
    mean = float(whole["mean"])
    share = words.share(total / mean, 2) if mean else "–"
    return share, words.number(total / material.per, 3)


def _links(material: Material, boxes: Sequence[Box], found: Amounts) -> list[Markup]:
    """Arrows of what one process makes for another."""
    places = {box.id: i for i, box in enumerate(boxes)}
    processes = material.config["processes"]
    makers = {processes[box.id]["makes"]["product"]: box.id for box in boxes}
    parts, lane = [], 0
    for box in boxes:
        for line, need in (processes[box.id].get("needs") or {}).items():
            product = _product(line, need)
            if _supply(need) is not None or product not in makers:
                continue
            start = boxes[places[makers[product]]]
            name = f"{product.replace('_', ' ')} "
            shown = (name + _amount(material, found.lines.get((box.id, line)))).strip()
            if places[box.id] - places[start.id] == 1:
                x, bottom = (LEFT + RIGHT) / 2, start.top + start.height
                points = [(x, bottom), (x, box.top - 4)]
                where = (x + 10, (bottom + box.top) / 2 + 4, "start")
            else:
                lane += 1
                x = RIGHT + 8 + LANE * ((lane - 1) % 4 + 1)
                points = [(RIGHT, start.middle + 12), (x, start.middle + 12)]
                points += [(x, box.top + 10), (RIGHT + 4, box.top + 10)]
                where = (RIGHT - 4, start.top + start.height + 14, "end")
            parts.append(element("path", tip(shown), class_="flow", d=path(points), marker_end="url(#head)"))
            parts.append(text(cut(shown, 40), where[0], where[1], class_="said", text_anchor=where[2]))
    return parts


def _gate(material: Material, last: Box) -> Markup:
    """The arrow of the declared product through the gate, and the arrow head."""
    words = material.words
    declared = material.config.get("declared_unit") or {}
    product = str(declared.get("product") or "").replace("_", " ")
    told = words("boundary.gate", unit=declared.get("units") or "t", product=product)
    x, bottom = (LEFT + RIGHT) / 2, last.top + last.height
    head = element(
        "defs",
        element(
            "marker",
            element("path", d="M0 0 L8 4 L0 8 Z", class_="tip"),
            id="head", viewBox="0 0 8 8", refX="7", refY="4", markerWidth="7", markerHeight="7", orient="auto",
        ),
    )
    arrow = element("path", class_="flow", d=path([(x, bottom), (x, bottom + 40)]), marker_end="url(#head)")
    return head + arrow + text(told, x, bottom + 58, class_="label strong", text_anchor="middle")


def _demands(material: Material, found: Amounts) -> list[Demand]:
    """Demands as rows: what is made, what is bought, electricity."""
    config = material.config
    products = config.get("products") or {}
    supplies = config.get("supplies") or {}
    listed = []
    for id, (amount, units) in found.demands.items():
        if id.startswith("supply "):
            name = id.removeprefix("supply ")
            label = str((supplies.get(name) or {}).get("label") or name)
            listed.append(Demand(label, "electricity", amount, units))
            continue
        label = str((products.get(id) or {}).get("label") or id.replace("_", " "))
        listed.append(Demand(label, "bought" if id in products else "made", amount, units))
    return listed
