"""Signs that hardly can be meant: a demand below zero, a denominator of both signs.

A demand below zero is a credit, which the footprint counts as such. Where a denominator
comes near zero, neither mean nor standard deviation of the quotient exists.
"""

from collections.abc import Iterator

import numpy as np

from scenarios.errors import Fault, Origin
from scenarios.model.study import Study
from uncertainty.arrays import FloatArray
from uncertainty.errors import ModelError
from uncertainty.model import Model
from uncertainty.model.graph import Graph, Quantile
from uncertainty.run.pages import NotFinite, Pages

DRAWS = 1024
"""First draws of the study's own design that are looked at."""
KEEPS_SIGN = frozenset(("add", "mul", "div", "min", "pow", "sqrt"))
"""Operations on what is nowhere below zero that give nothing below zero."""
ABOVE = frozenset(("exp", "abs"))
DEMAND = "demand."


def odd_signs(study: Study, model: Model) -> Iterator[Fault]:
    """Demands below zero and denominators of both signs, with their shares of draws.

    Yields
    ------
    Fault
        At the process that makes the product, or at the formula.
    """
    graph = model.graph
    order = graph.upstream(
        node
        for table in model.outputs.values()
        for node in table.nodes.ravel().tolist()
    )
    safe = _not_below_zero(graph, order)
    closed = {check.node for check in model.checks}
    below = {
        n: graph.labels[n] for n in order if _is_demand(graph, n) and n not in safe
    }
    over: dict[int, int] = {}
    for node in order:
        if graph.operations[node] == "div":
            under = graph.operands[node][1]
            if under not in safe and under not in closed:
                over.setdefault(under, node)
    nodes = tuple(dict.fromkeys([*below, *over]))
    if not nodes or not (values := _drawn(study, model, nodes)).size:
        return
    rows = dict(zip(nodes, values, strict=True))
    told: dict[str, float] = {}
    for node, label in below.items():
        share = float((rows[node] < 0).mean())
        told[label] = max(told.get(label, 0.0), share)
    for label, share in told.items():
        if share:
            product = label.removeprefix(DEMAND)
            origin = _maker(study, product)
            yield origin.fault(
                f"the demand for {product} lies below zero in {100 * share:.2g} % of "
                "the draws, and is counted as a credit; look at what its users take"
            )
    for under, node in over.items():
        share = float((rows[under] < 0).mean())
        if 0 < share < 1:
            origin = _formula(study, graph, order, node)
            yield origin.fault(
                f"a denominator lies below zero in {100 * share:.2g} % of the draws "
                "and above it in the others: mean and standard deviation do not "
                "exist; narrow what it is made of"
            )


def _is_demand(graph: Graph, node: int) -> bool:
    return graph.labels.get(node, "").startswith(DEMAND)


def _not_below_zero(graph: Graph, order: list[int]) -> set[int]:
    """Nodes that cannot lie below zero, as far as that follows from their parts."""
    found: set[int] = set()
    for node in order:
        payload, operation = graph.payloads[node], graph.operations[node]
        if isinstance(payload, Quantile):
            sure = payload.marginal.support[0] * payload.factor >= 0
        elif isinstance(payload, float):
            sure = payload >= 0
        elif operation == "max":
            sure = any(operand in found for operand in graph.operands[node])
        else:
            sure = operation in ABOVE or (
                operation in KEEPS_SIGN
                and all(operand in found for operand in graph.operands[node])
            )
        if sure:
            found.add(node)
    return found


def _drawn(study: Study, model: Model, nodes: tuple[int, ...]) -> FloatArray:
    """First draws of nodes, shape (node, draw); empty where they are not finite."""
    points, levels = study.plan(model, DRAWS)
    out = np.empty((len(nodes), points.draws))
    try:
        Pages(model.graph, (), nodes, (1.0,) * len(nodes), levels).fill(0, out)
    except (NotFinite, ModelError):
        return np.empty((0, 0))
    return out


def _maker(study: Study, product: str) -> Origin:
    """Where the process stands that makes a product, or the product if it is bought."""
    for name, process in study.config.processes.items():
        if process.makes.product == product:
            return study.origins["processes", name]
    return study.origins["products", product]


def _formula(study: Study, graph: Graph, order: list[int], node: int) -> Origin:
    """The innermost named quantity that a node is a part of."""
    parts = {node}
    for after in order:
        if after == node or parts & set(graph.operands[after]):
            parts.add(after)
            label = graph.labels.get(after, "")
            for section in ("inputs", "outputs"):
                known = study.origins.get((section, label.removeprefix("outputs.")))
                if known is not None:
                    return known.below("formula")
    return Origin("")
