"""Why mean and point value differ: what each input's own spread does to an output."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import Marginal
from uncertainty.model.graph import Graph, Quantile, program

NODES = 64
"""Of the quadrature over an input: exact for polynomials of degree 127 in its normal
score."""


@dataclass(frozen=True)
class Shift:
    """What one input alone adds to the mean of an output, all others at their points.

    Attributes
    ----------
    column : str
    skew : float
        From the point value of the input to its mean: that of a skewed distribution, or
        of a point value that was not chosen as the mean. Base units of the output.
    curvature : float
        From there to the mean over the input's distribution: the output is curved, or
        jumps, along it.
    """

    column: str
    skew: float
    curvature: float

    @property
    def whole(self) -> float:
        """Both together."""
        return self.skew + self.curvature


def mean_shifts(graph: Graph, node: int) -> list[Shift]:
    """What each input of an output adds to mean - point value, one at a time.

    Parameters
    ----------
    graph : Graph
    node : int
        The output, base units.

    Returns
    -------
    list of Shift
        Largest first. What inputs add together, or by depending on each other, is not
        among it: mean - point less their sum.

    Examples
    --------
    >>> from uncertainty.distributions import build
    >>> graph = Graph()
    >>> x = graph.quantile("x", build("normal", {"mean": 0, "sd": 2}))
    >>> [shift] = mean_shifts(graph, graph.apply("mul", (x, x)))
    >>> shift.skew, shift.curvature
    (0.0, 4.0)
    """
    columns = graph.columns([node])
    leaves = [
        payload
        for payload in (graph.payloads[n] for n in graph.upstream([node]))
        if isinstance(payload, Quantile)
    ]
    # an input may have another distribution in another scenario, but here it is one
    law = {leaf.column: leaf.marginal for leaf in leaves}
    spans: dict[str, slice] = {}
    begin = 1  # all at their points
    for column in columns:
        end = begin + 1 + len(_points(law[column])[0])
        spans[column], begin = slice(begin, end), end
    count = begin

    def leaf(what: Quantile) -> FloatArray:
        values = np.full(count, what.marginal.point)
        place = spans[what.column]
        at = values[place]
        at[0] = what.marginal.mean
        at[1:] = _points(what.marginal)[0]
        return values * what.factor

    found: list[FloatArray] = []

    def use(_: int, values: FloatArray | float) -> None:
        found.append(np.broadcast_to(values, count).copy())

    with np.errstate(all="ignore"):
        program(graph, [node]).run(count, leaf, use)
    shifts = list(_shifts(found[0], spans, law))
    return sorted(shifts, key=lambda shift: -abs(np.nan_to_num(shift.whole)))


def _shifts(
    values: FloatArray, spans: dict[str, slice], law: dict[str, Marginal]
) -> Iterator[Shift]:
    for column, place in spans.items():
        at_mean, *over = values[place].tolist()
        mean = float(np.dot(_points(law[column])[1], over))
        yield Shift(column, at_mean - float(values[0]), mean - at_mean)


@lru_cache(maxsize=512)
def _points(law: Marginal) -> tuple[FloatArray, FloatArray]:
    """Values of a distribution with weights for a mean over it."""
    if law.atoms is not None:
        return law.atoms
    from numpy.polynomial.hermite_e import hermegauss
    from scipy.special import ndtr

    score, weight = hermegauss(NODES)
    levels = np.clip(ndtr(score), 2.0**-54, 1 - 2.0**-53)
    return law.ppf(levels), weight / weight.sum()
