"""Inputs redrawn in part: some players take new values, given those of the others.

A player is one column or several. Independent columns take the value they have in a
second set of runs. Columns of a Gaussian copula take a new value from their law given
the columns that stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import DependenceError
from uncertainty.sensitivity.evaluation import (
    ColumnLevels,
    Evaluator,
    Values,
    joined,
)
from uncertainty.sensitivity.problem import Block, Problem, inside, root
from uncertainty.sensitivity.swapped_runs import two_independent

BoolArray = npt.NDArray[np.bool_]


def players_of(problem: Problem) -> dict[str, tuple[str, ...]]:
    """Factors with each block that is one split into its columns.

    A group that somebody named stays together.

    Returns
    -------
    dict of name to columns

    Raises
    ------
    DependenceError
        A block's dependence is not a Gaussian copula, so that its columns cannot be
        redrawn given each other.
    """
    blocks = {block.name: block for block in problem.blocks}
    players: dict[str, tuple[str, ...]] = {}
    for name, columns in problem.factors.items():
        block = blocks.get(name)
        if block is None or not set(columns) <= set(block.columns):
            players[name] = columns
        elif block.join is not None:
            raise DependenceError(
                f"block {name} is not a Gaussian copula and cannot be split; make it "
                f"a group: groups = {{{name}_together: {', '.join(block.columns)}}}"
            )
        else:
            players.update({column: (column,) for column in columns})
    return players


@dataclass(frozen=True, eq=False)
class Law:
    """Of some columns of a copula given the others, in normal space.

    The scores are ``slope @ others + spread @ new``.
    """

    moved: IntArray
    stay: IntArray
    slope: FloatArray
    spread: FloatArray
    covariance: FloatArray

    @classmethod
    def of(cls, correlation: FloatArray, moved: BoolArray) -> "Law":
        """Law of the columns in `moved` where the rest are known."""
        inner, rest = np.flatnonzero(moved), np.flatnonzero(~moved)
        across = correlation[np.ix_(inner, rest)]
        slope = across @ np.linalg.pinv(correlation[np.ix_(rest, rest)], hermitian=True)
        covariance = correlation[np.ix_(inner, inner)] - slope @ across.T
        return cls(inner, rest, slope, root(covariance), covariance)


class Copula:
    """Scores of one block's columns, redrawn where players move.

    Attributes
    ----------
    columns : tuple of str
    correlation : ndarray, shape (columns, columns)
    players : ndarray of int, shape (columns,)
        Player of each column.
    """

    def __init__(
        self,
        block: Block,
        players: Mapping[str, int],
        sides: tuple[ColumnLevels, ColumnLevels],
    ) -> None:
        from scipy.special import ndtri

        assert block.correlation is not None  # the caller chose it so
        self.columns, self.correlation = block.columns, block.correlation
        self.players = np.array([players[column] for column in self.columns])
        a, b = (np.stack([ndtri(s(c)) for c in self.columns]) for s in sides)
        self._score, self._new = root(self.correlation) @ a, b
        self._laws: dict[bytes, Law] = {}

    def redrawn(self, moved: BoolArray) -> FloatArray:
        """Scores where each run has its own players moved, shape (columns, n)."""
        score = self._score.copy()
        cases, which = np.unique(moved[self.players], axis=1, return_inverse=True)
        for i, case in enumerate(cases.T):
            if not case.any():
                continue
            law = self._law(case)
            runs = np.flatnonzero(which.ravel() == i)
            new = law.spread @ self._new[np.ix_(law.moved, runs)]
            score[np.ix_(law.moved, runs)] = (
                law.slope @ score[np.ix_(law.stay, runs)] + new
            )
        return score

    def _law(self, moved: BoolArray) -> Law:
        key = moved.tobytes()
        if key not in self._laws:
            self._laws[key] = Law.of(self.correlation, moved)
        return self._laws[key]


class Redrawing:
    """A problem's inputs at one set of runs, with any players moved in any run.

    Attributes
    ----------
    players : dict of name to columns
    free : list of str
        Columns that are redrawn independently of what stays: all but those of the
        blocks that are split.
    free_players : ndarray of int, shape (free,)
    copulas : list of Copula
        The blocks that are split.
    """

    def __init__(
        self, problem: Problem, evaluator: Evaluator, n: int, seed: int
    ) -> None:
        from scipy.special import ndtri

        self.players = players_of(problem)
        number = {c: i for i, own in enumerate(self.players.values()) for c in own}
        sides = two_independent(problem, n, seed)
        self.copulas = [
            Copula(block, number, sides)
            for block in problem.blocks
            if block.correlation is not None
            and len({number.get(c) for c in block.columns}) > 1
        ]
        split = {c for copula in self.copulas for c in copula.columns}
        self.free = [c for c in number if c not in split]
        self.free_players = np.array([number[c] for c in self.free], dtype=np.int64)
        a, b = (joined(problem, side) for side in sides)
        self._evaluator = evaluator
        self._a, self._b = (evaluator.leaves(self.free, side) for side in (a, b))
        self._scores = np.empty((2, len(self.free), n))
        for side, levels in zip(self._scores, (a, b), strict=True):
            for row, column in zip(side, self.free, strict=True):
                row[:] = ndtri(levels(column))
        self._row = {column: i for i, column in enumerate(self.free)}

    def at(self, moved: BoolArray) -> tuple[Values, FloatArray]:
        """Inputs with players moved.

        Parameters
        ----------
        moved : ndarray of bool, shape (players, n)

        Returns
        -------
        values : mapping of node to values
            Of every uncertain input.
        scores : ndarray, shape (columns, n)
            Normal scores of the columns `free`, then of each copula's.
        """
        from scipy.special import ndtr

        own = moved[self.free_players]
        values: Values = {}
        for node, value in self._a.items():
            values[node] = np.where(
                own[self._row[self._evaluator.drawn(node)]], self._b[node], value
            )
        scores = [np.where(own, self._scores[1], self._scores[0])]
        for copula in self.copulas:
            score = copula.redrawn(moved)
            scores.append(score)
            levels = dict(zip(copula.columns, inside(ndtr(score)), strict=True))
            values |= self._evaluator.leaves(levels, levels.__getitem__)
        return values, np.concatenate(scores)
