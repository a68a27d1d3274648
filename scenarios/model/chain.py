"""How much of each product one declared unit takes, loops solved exactly.

Demand is passed on from the declared product to what it takes. A loop (butts back to
the plant that made them, scrap back to melting) is a linear system; its products are
eliminated one by one, in an order that keeps the system sparse, and the elimination is
written down as arithmetic of the graph. Its pivots are checked in every draw.
"""

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from uncertainty.model import Check
from uncertainty.model.graph import Graph

Uses = Mapping[str, Mapping[str, int]]
"""Product -> product that it takes -> node of the amount per unit of the first."""


def requirements(
    graph: Graph, uses: Uses, declared: str
) -> tuple[dict[str, int], list[Check]]:
    """Amount of every product made in the chain, per unit of the declared one.

    Parameters
    ----------
    graph : Graph
    uses : mapping of product to mapping of product to node
        Products made by a process of the study only.
    declared : str

    Returns
    -------
    amounts : dict of product to node
        Only products that the declared one takes, itself included.
    checks : list of Check
        Pivots that must stay above zero: a loop that uses up what it makes has no
        solution (Hawkins-Simon condition).

    Examples
    --------
    A product of which a fifth goes back into its own making is made 1.25 times.

    >>> graph = Graph()
    >>> uses = {"anode": {"anode": graph.constant(0.2)}}
    >>> amounts, _ = requirements(graph, uses, "anode")
    >>> graph.value(amounts["anode"])
    1.25
    """
    reached = _reached(uses, declared)
    demand = {product: graph.constant(0.0) for product in reached}
    demand[declared] = graph.constant(1.0)
    checks: list[Check] = []
    for part in _parts(uses, reached):
        if len(part) > 1 or part[0] in uses[part[0]]:
            checks += _solve(graph, uses, part, demand)
        inside = set(part)
        for product in part:
            for taken, amount in uses[product].items():
                if taken not in inside:
                    more = graph.product(demand[product], amount)
                    demand[taken] = graph.apply("add", (demand[taken], more))
    return demand, checks


def _reached(uses: Uses, declared: str) -> list[str]:
    reached, stack = {declared: None}, [declared]
    while stack:
        for taken in uses[stack.pop()]:
            if taken not in reached:
                reached[taken] = None
                stack.append(taken)
    return list(reached)


def _parts(uses: Uses, products: Sequence[str]) -> list[tuple[str, ...]]:
    """Strongly connected parts, takers before what they take."""
    part = _part_of(uses, products)
    members: dict[int, list[str]] = {}
    for product in products:
        members.setdefault(part[product], []).append(product)
    order: TopologicalSorter[int] = TopologicalSorter({m: set() for m in members})
    for product in products:
        for taken in uses[product]:
            if part[product] != part[taken]:
                order.add(part[taken], part[product])
    return [tuple(members[m]) for m in order.static_order()]


def _part_of(uses: Uses, products: Sequence[str]) -> dict[str, int]:
    """Number of the strongly connected part of each product.

    Notes
    -----
    Tarjan (1972), SIAM Journal on Computing 1, with a stack of its own: a chain may be
    longer than Python recurses.
    """
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    part: dict[str, int] = {}
    open_products: list[str] = []
    for start in products:
        if start in index:
            continue
        path = [(start, iter(uses[start]))]
        index[start] = lowest[start] = len(index)
        open_products.append(start)
        while path:
            product, rest = path[-1]
            for taken in rest:
                if taken not in index:
                    index[taken] = lowest[taken] = len(index)
                    open_products.append(taken)
                    path.append((taken, iter(uses[taken])))
                    break
                if taken not in part:
                    lowest[product] = min(lowest[product], index[taken])
            else:
                path.pop()
                if path:
                    taker = path[-1][0]
                    lowest[taker] = min(lowest[taker], lowest[product])
                if lowest[product] == index[product]:
                    while product not in part:
                        part[open_products.pop()] = index[product]
    return part


def _solve(
    graph: Graph, uses: Uses, part: tuple[str, ...], demand: dict[str, int]
) -> list[Check]:
    """Replace the demand from outside of a part by what it has to make in all.

    Notes
    -----
    Solves x_i = b_i + sum_j a_ij x_j, where a unit of j takes a_ij of i. If I - A has
    a solution with x >= 0 for every b >= 0, the pivots on its diagonal are above zero
    in any order, so that the order is free to keep the system sparse: the product with
    the least takers times taken comes next (Markowitz 1957, Management Science 3).
    """
    zero, one = graph.constant(0.0), graph.constant(1.0)
    inside = set(part)
    # takers[i][j]: what a unit of j takes of i; takes[j]: of which i it takes something
    takers: dict[str, dict[str, int]] = {product: {} for product in part}
    takes: dict[str, dict[str, None]] = {product: {} for product in part}
    pivots = dict.fromkeys(part, one)
    for j in part:
        for i, amount in uses[j].items():
            if i == j:
                pivots[j] = graph.apply("sub", (one, amount))
            elif i in inside:
                takers[i][j] = amount
                takes[j][i] = None
    exchanges = sum(taken in inside for j in part for taken in uses[j])
    single = exchanges == len(part)
    others = "" if single else ", with the loops it shares products with,"
    checks = []
    place = {product: i for i, product in enumerate(part)}
    eliminated: list[str] = []
    left = set(part)
    while left:
        k = min(left, key=lambda p: (len(takers[p]) * len(takes[p]), place[p]))
        left.remove(k)
        eliminated.append(k)
        if not (graph.value(pivots[k]) or 0.0) > 0.0:
            path = _path(_shortest_loop(uses, k, set(eliminated)), place)
            message = f"the loop {path}{others} uses up at least as much as it makes"
            checks.append(Check(pivots[k], message))
        for i in takes[k]:
            ratio = graph.apply("div", (takers[i].pop(k), pivots[k]))
            for j, amount in takers[k].items():
                more = graph.product(ratio, amount)
                if i == j:
                    pivots[i] = graph.apply("sub", (pivots[i], more))
                else:
                    before = takers[i].get(j, zero)
                    takers[i][j] = graph.apply("add", (before, more))
                    takes[j][i] = None
            more = graph.product(ratio, demand[k])
            demand[i] = graph.apply("add", (demand[i], more))
        for j in takers[k]:
            del takes[j][k]
    for k in reversed(eliminated):
        for j, amount in takers[k].items():
            more = graph.product(amount, demand[j])
            demand[k] = graph.apply("add", (demand[k], more))
        demand[k] = graph.apply("div", (demand[k], pivots[k]))
    return checks


def _shortest_loop(uses: Uses, product: str, among: set[str]) -> list[str]:
    """Products along a shortest way from a product back to itself."""
    taker: dict[str, str] = {}
    queue = [product]
    for one in queue:  # it grows while it is read
        for taken in uses[one]:
            if taken in among and taken not in taker:
                taker[taken] = one
                queue.append(taken)
        if product in taker:
            break
    loop = [product, taker[product]]
    while loop[-1] != product:
        loop.append(taker[loop[-1]])
    return loop[::-1]


def _path(loop: Sequence[str], place: Mapping[str, int]) -> str:
    """A loop as a message shows it, a long one without its middle."""
    ring = loop[1:]
    start = ring.index(min(ring, key=lambda product: place[product]))
    loop = [*ring[start:], *ring[: start + 1]]
    if len(loop) <= 9:
        return " -> ".join(loop)
    first, last = " -> ".join(loop[:4]), " -> ".join(loop[-4:])
    return f"{first} -> ... ({len(loop) - 8} more) ... -> {last}"
