"""How much of each product one declared unit takes, loops solved exactly.

Products are scaled from the declared one backwards. A loop (butts back to the anode
plant, scrap back to the cast house) is a small linear system; it is eliminated to
straight-line arithmetic here, symbolically, and its pivots are checked in every draw.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from uncertainty.model import Check
from uncertainty.model.graph import Graph


def requirements(
    graph: Graph, uses: Mapping[str, Mapping[str, int]], declared: str
) -> tuple[dict[str, int], list[Check]]:
    """Amount of every product made in the chain, per unit of the declared one.

    Parameters
    ----------
    graph : Graph
    uses : mapping of product to mapping of product to node
        Node of the amount of the inner product that one unit of the outer takes;
        products made by a process of the study only.
    declared : str

    Returns
    -------
    amounts : dict of product to node
        Only products that the declared one takes, itself included.
    checks : list of Check
        Pivots that must stay above zero: a loop that uses up what it makes has no
        solution (Hawkins-Simon condition).
    """
    reached = _reached(uses, declared)
    loops = _loops(uses, reached)
    demand = {product: graph.constant(0.0) for product in reached}
    demand[declared] = graph.constant(1.0)
    checks: list[Check] = []
    for loop in loops:
        checks += _solve(graph, uses, loop, demand)
        for product in loop:
            for taken, amount in uses[product].items():
                if taken not in loop:
                    more = graph.apply("mul", (demand[product], amount))
                    demand[taken] = graph.apply("add", (demand[taken], more))
    return demand, checks


def _reached(uses: Mapping[str, Mapping[str, int]], declared: str) -> list[str]:
    found, stack = {declared: None}, [declared]
    while stack:
        for taken in uses[stack.pop()]:
            if taken not in found:
                found[taken] = None
                stack.append(taken)
    return list(found)


def _loops(
    uses: Mapping[str, Mapping[str, int]], products: list[str]
) -> list[tuple[str, ...]]:
    """Strongly connected parts, takers before what they take."""
    number = {product: i for i, product in enumerate(products)}
    pairs = [(number[p], number[t]) for p in products for t in uses[p]]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    size = len(products)
    matrix = csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
    _, part = connected_components(matrix, directed=True, connection="strong")
    members: dict[int, list[str]] = {}
    for product in products:
        members.setdefault(int(part[number[product]]), []).append(product)
    order: TopologicalSorter[int] = TopologicalSorter({m: set() for m in members})
    for taker, taken in pairs:
        if part[taker] != part[taken]:
            order.add(int(part[taken]), int(part[taker]))
    return [tuple(members[m]) for m in order.static_order()]


def _solve(
    graph: Graph,
    uses: Mapping[str, Mapping[str, int]],
    loop: tuple[str, ...],
    demand: dict[str, int],
) -> list[Check]:
    """Replace the demand from outside of a part by what it has to make in all."""
    if len(loop) == 1 and loop[0] not in uses[loop[0]]:
        return []
    zero, one = graph.constant(0.0), graph.constant(1.0)
    # x_i - sum_j a_ji x_j = b_i, with a_ji what a unit of j takes of i
    matrix = {
        (i, j): graph.apply("sub", (one if i == j else zero, uses[j].get(i, zero)))
        for i in loop
        for j in loop
    }
    path = " -> ".join((*loop, loop[0]))
    message = f"the loop {path} uses up at least as much as it makes"
    checks = []
    for k, pivot in enumerate(loop):
        checks.append(Check(matrix[pivot, pivot], message))
        for i in loop[k + 1 :]:
            ratio = graph.apply("div", (matrix[i, pivot], matrix[pivot, pivot]))
            for j in loop[k + 1 :]:
                less = graph.apply("mul", (ratio, matrix[pivot, j]))
                matrix[i, j] = graph.apply("sub", (matrix[i, j], less))
            less = graph.apply("mul", (ratio, demand[pivot]))
            demand[i] = graph.apply("sub", (demand[i], less))
    for k in reversed(range(len(loop))):
        row = loop[k]
        for j in loop[k + 1 :]:
            less = graph.apply("mul", (matrix[row, j], demand[j]))
            demand[row] = graph.apply("sub", (demand[row], less))
        demand[row] = graph.apply("div", (demand[row], matrix[row, row]))
    return checks
