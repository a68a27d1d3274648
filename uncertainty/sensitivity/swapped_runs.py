"""Two sets of runs, A and B, and the runs between them one factor at a time."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.designs import design
from uncertainty.sensitivity.evaluation import (
    ColumnLevels,
    Evaluator,
    columns_of,
    joined,
    refuse_failed,
    refuse_infinite,
)
from uncertainty.sensitivity.problem import Problem
from uncertainty.sensitivity.replicates import REPLICATES, per_replicate

BUDGET = 400 * 2**20
"""Bytes that the values of all nodes may take before outputs are done in parts."""


def two_sets(problem: Problem, n: int, seed: int) -> tuple[ColumnLevels, ColumnLevels]:
    """Levels of A and of B: the halves of one Sobol' set in twice the dimensions.

    Parameters
    ----------
    problem : Problem
    n : int
        Runs in each, a power of two.
    seed : int

    Returns
    -------
    tuple of callable
        column -> levels, shape (n,), of A and of B: one independent scramble after
        the other.
    """
    a, b = two_independent(problem, n, seed)
    return joined(problem, a), joined(problem, b)


def two_independent(
    problem: Problem, n: int, seed: int
) -> tuple[ColumnLevels, ColumnLevels]:
    """Levels of A and of B as `two_sets` has them, before blocks are joined."""
    plan = design(
        "sobol",
        draws=n,
        seed=seed,
        columns=[side + name for side in ("A:", "B:") for name in problem.columns],
        replicates=REPLICATES,
    )
    return columns_of(plan, "A:"), columns_of(plan, "B:")


def parts(problem: Problem, n: int) -> list[list[int]]:
    """Outputs in parts whose upstream nodes fit the budget, in rising order."""
    waiting, found = [problem.nodes], []
    while waiting:
        nodes = waiting.pop()
        size = len(problem.graph.upstream(nodes)) * n * 8
        if size <= BUDGET or len(nodes) == 1:
            found.append(nodes)
        else:
            half = len(nodes) // 2
            waiting += [nodes[half:], nodes[:half]]
    return found


class Exchange:
    """Some outputs at A and B, and with one factor's columns taken from the other.

    Attributes
    ----------
    nodes : list of int
    a, b : ndarray, shape (nodes, n)
        Outputs centred and scaled: (value - centre) / scale.
    variance, scale : ndarray, shape (nodes,)
        Of A and B together; NaN for a constant.

    Raises
    ------
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.
    """

    def __init__(
        self,
        problem: Problem,
        nodes: list[int],
        n: int,
        a: ColumnLevels,
        b: ColumnLevels,
    ) -> None:
        self.problem, self.nodes, self.n = problem, nodes, n
        self._position = {node: i for i, node in enumerate(nodes)}
        checks = [check.node for check in problem.checks]
        self._evaluator = Evaluator(problem, [*nodes, *checks])
        self._levels = {"A": a, "B": b}
        self._leaves = {
            "A": self._evaluator.leaves(problem.columns, a),
            "B": self._evaluator.leaves(problem.columns, b),
        }
        self._values = self._evaluator.base(self._leaves["B"])
        self.b = self._rows()
        self._values = {}  # let go of B before A is made
        self._values = self._evaluator.base(self._leaves["A"])
        self.a = self._rows()
        self._side = "A"
        both = np.concatenate([self.a, self.b], axis=1)
        self._centre = both.mean(axis=1)
        self.variance = both.var(axis=1)
        # what rounding leaves of a constant is no variance
        floor = (1e-13 * np.abs(both).max(axis=1)) ** 2
        self.variance[self.variance <= floor] = np.nan
        self.scale = np.sqrt(self.variance)
        for rows in (self.a, self.b):
            self._standardise(rows, slice(None))

    @property
    def variances(self) -> FloatArray:
        """Variance in units of `scale` squared by replicate: (nodes, replicates)."""
        mean = (self.a.mean(axis=1) + self.b.mean(axis=1)) / 2
        square = per_replicate(self.a * self.a + self.b * self.b) / 2
        found: FloatArray = square - mean[:, None] ** 2
        return found

    def from_b(self, factor: str) -> tuple[list[int], FloatArray]:
        """Runs A with a factor's columns from B.

        Returns
        -------
        reached : list of int
            Positions of the outputs that the factor reaches.
        rows : ndarray, shape (reached, n)
            Centred and scaled. For all other outputs they equal `a`.
        """
        return self._exchanged(factor, "A", "B")

    def from_a(self, factor: str) -> tuple[list[int], FloatArray]:
        """Runs B with a factor's columns from A: see `from_b`."""
        return self._exchanged(factor, "B", "A")

    def recentre(self, *, both_ways: bool) -> None:
        """Centre outputs on the mean of all runs there are, as SALib does.

        Parameters
        ----------
        both_ways : bool
            Whether the runs B with a factor from A are among them.
        """
        ways: list[Callable[[str], tuple[list[int], FloatArray]]]
        ways = [self.from_b, self.from_a] if both_ways else [self.from_b]
        mean_a, mean_b = self.a.mean(axis=1), self.b.mean(axis=1)
        total, sets = mean_a + mean_b, 2
        for way, usual in zip(ways, (mean_a, mean_b), strict=False):
            for factor in self.problem.factors:
                reached, rows = way(factor)
                mean = usual.copy()
                mean[reached] = rows.mean(axis=1)
                total += mean
                sets += 1
        shift = total / sets
        self._centre = self._centre + shift * self.scale
        self.a -= shift[:, None]
        self.b -= shift[:, None]

    def _exchanged(
        self, factor: str, side: Literal["A", "B"], other: Literal["A", "B"]
    ) -> tuple[list[int], FloatArray]:
        if self._side != side:
            self._values = {}
            self._values = self._evaluator.base(self._leaves[side])
            self._side = side
        columns = set(self.problem.factors[factor])
        moved = self._evaluator.moved(
            self._values,
            {
                n: v
                for n, v in self._leaves[other].items()
                if self._evaluator.drawn(n) in columns
            },
        )
        refuse_failed(self.problem, moved)
        nodes = [node for node in self.nodes if node in moved]
        rows = np.empty((len(nodes), self.n))
        for row, node in zip(rows, nodes, strict=True):
            row[:] = moved[node]
        refuse_infinite(self.problem, nodes, rows)
        reached = [self._position[node] for node in nodes]
        self._standardise(rows, reached)
        return reached, rows

    def _standardise(self, rows: FloatArray, which: slice | list[int]) -> None:
        rows -= self._centre[which, None]
        rows /= self.scale[which, None]

    def _rows(self) -> FloatArray:
        refuse_failed(self.problem, self._values)
        rows = self._evaluator.rows(self._values, self.n)[: len(self.nodes)]
        refuse_infinite(self.problem, self.nodes, rows)
        return rows
