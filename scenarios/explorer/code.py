"""Nodes of a graph as straight-line JavaScript, one pass over the draws."""

from collections.abc import Callable, Sequence

from uncertainty.model.graph import Graph, Quantile

FORMS = {
    "add": "{0}+{1}",
    "sub": "{0}-{1}",
    "mul": "{0}*{1}",
    "div": "{0}/{1}",
    "pow": "Math.pow({0},{1})",
    "neg": "-{0}",
    "min": "Math.min({0},{1})",
    "max": "Math.max({0},{1})",
    "abs": "Math.abs({0})",
    "floor": "Math.floor({0})",
    "exp": "Math.exp({0})",
    "log": "Math.log({0})",
    "log10": "Math.log10({0})",
    "sqrt": "Math.sqrt({0})",
    "square": "{0}*{0}",
    "sin": "Math.sin({0})",
    "cos": "Math.cos({0})",
    "tan": "Math.tan({0})",
    "where": "{0}?{1}:{2}",
    "lt": "{0}<{1}",
    "le": "{0}<={1}",
    "gt": "{0}>{1}",
    "ge": "{0}>={1}",
    "eq": "{0}==={1}",
    "ne": "{0}!=={1}",
}
"""Each operation of a graph in JavaScript; operands are names and numbers."""


def number(value: float) -> str:
    """A number as JavaScript reads it back, to the last bit.

    Examples
    --------
    >>> number(0.1), number(-2.0), number(float("inf"))
    ('0.1', '(-2.0)', 'Infinity')
    """
    text = {"inf": "Infinity", "-inf": "(-Infinity)", "nan": "NaN"}.get(
        repr(value), repr(value)
    )
    return f"({text})" if text.startswith("-") else text


def loop(
    graph: Graph,
    nodes: Sequence[int],
    slot: Callable[[Quantile], int],
    use: Callable[[list[str]], str],
) -> str:
    """Body of a function ``(S, n, ...)`` that computes nodes draw by draw.

    Parameters
    ----------
    graph : Graph
    nodes : sequence of int
        What is wanted.
    slot : callable
        Position in ``S`` of the array that a leaf reads.
    use : callable
        Names of `nodes`, as they stand inside the loop, to the statements that take
        them.

    Returns
    -------
    str

    Examples
    --------
    >>> graph = Graph()
    >>> three = graph.constant(3.0)
    >>> loop(graph, [three], lambda leaf: 0, lambda names: f"F[i]={names[0]};")
    'for(let i=0;i<n;i++){F[i]=3.0;}'
    """
    names: dict[int, str] = {}
    arrays: dict[int, str] = {}
    steps: list[str] = []
    for node in graph.upstream(nodes):
        payload = graph.payloads[node]
        if isinstance(payload, float):
            names[node] = number(payload)
            continue
        names[node] = f"x{node}"
        if isinstance(payload, Quantile):
            place = slot(payload)
            arrays.setdefault(place, f"s{place}")
            steps.append(f"const x{node}=s{place}[i];")
            continue
        operands = [names[operand] for operand in graph.operands[node]]
        form = FORMS[graph.operations[node]].format(*operands)
        steps.append(f"const x{node}={form};")
    head = "".join(f"const {name}=S[{place}];" for place, name in arrays.items())
    told = use([names[node] for node in nodes])
    return f"{head}for(let i=0;i<n;i++){{{''.join(steps)}{told}}}"
