"""Shapley effects: shares of the variance that add up, also for dependent inputs.

The effect of an input is what it adds to the explained variance, averaged over all
orders in which inputs may be let loose. One walk from a run to another, letting one
input loose after the other in a random order, gives a sample of every input's effect
at once. A linear model, whose effects are known exactly, is taken off the outputs
first, so that only what is not linear has to be sampled.

References
----------
Song, Nelson and Staum (2016), SIAM/ASA J. Uncertain. Quantif. 4, 1060-1083 (cost
E[Var(Y | inputs that stay)], random orders). Goda (2021), Reliab. Eng. Syst. Saf. 213,
107685 (one walk a run). Owen and Prieur (2017), SIAM/ASA J. Uncertain. Quantif. 5,
986-1002 (linear models of dependent normal inputs).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import DesignError
from uncertainty.seeds import generator
from uncertainty.sensitivity.conditional import BoolArray, Law, Redrawing
from uncertainty.sensitivity.evaluation import (
    Evaluator,
    refuse_failed,
    refuse_infinite,
)
from uncertainty.sensitivity.labelling import constants, labelled, with_bounds
from uncertainty.sensitivity.matmul import product
from uncertainty.sensitivity.problem import DUMMY, Problem
from uncertainty.sensitivity.replicates import (
    REPLICATES,
    ratio,
    refuse_odd,
    refuse_size,
)
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

Orders = Literal["auto", "all", "random"]

MOST_PLAYERS = 8
"""For all orders: 2^8 = 256 runs for each of the n."""

MOST_SPLIT = 12
"""Columns of a block whose linear part is worked out exactly: 4096 subsets."""

LEAST = 64
"""Walks: eight for each replicate."""


def shapley(
    problem: Problem,
    n: int,
    *,
    seed: int,
    orders: Orders = "auto",
    level: float = 0.95,
    share: float = SHARE,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Shapley effects of every input, blocks split into their columns.

    Parameters
    ----------
    problem : Problem
        A group stays one player. A block that is in no group is split.
    n : int
        Walks, a power of two of 64 or more; a walk takes a run for each player.
    seed : int
    orders : {"auto", "all", "random"}
        All orders of the players (2^players runs for each of the n), or one random
        order for each walk and its reverse for another; all up to 8 players unless
        told.
    level : float
        Confidence level of the bounds.
    share : float
        Effect that counts as important.
    progress : callable, optional
        Told (steps done, steps in all).

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        ``shapley`` with bounds, summing to 1 over the parameters; what
        `with_verdicts` adds; ``variance``. ``dummy`` is 0: a walk does not move an
        output by letting it loose. A constant output has NaN.

    Raises
    ------
    DesignError
        `n` is no power of two of 64 or more, too many players for all orders, or
        bounds that cannot be had.
    DependenceError
        A block to be split is not a Gaussian copula.
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.

    Examples
    --------
    >>> from uncertainty.distributions import build as law
    >>> from uncertainty.model import Model
    >>> from uncertainty.sensitivity import build, nodes_of
    >>> a = law("uniform", {"low": 0.0, "high": 1.0})
    >>> both = {"a": a, "b": a}
    >>> model = Model.from_function(lambda a, b: 3 * a + b, both, {"y": "1"})
    >>> problem = build(model.graph, nodes_of(model, "y"))
    >>> found = shapley(problem, 64, seed=1)
    >>> found["shapley"].values.round(1).ravel().tolist()
    [0.9, 0.1, 0.0]
    """
    refuse_odd(level)
    refuse_size(n, LEAST)
    walk = _Walk(problem, n, seed)
    players = len(walk.redrawing.players)
    if orders == "all" and players > 2 * MOST_PLAYERS:
        raise DesignError(
            f"all orders of {players} players would take 2^{players} runs for each of "
            f"{n}; take random orders"
        )
    every = orders == "all" or (orders == "auto" and players <= MOST_PLAYERS)
    sums = _all_orders(walk, progress) if every else _random(walk, seed, progress)
    effects = (sums + walk.linear[:, None]).swapaxes(1, 2)
    found = np.zeros((len(problem.nodes), 3, players + 1))
    whole = effects.sum(axis=1, keepdims=True)
    found[:, :, :-1] = ratio(effects, whole, level).swapaxes(0, 1)
    found[np.isnan(walk.scale)] = np.nan
    steps = 2**players if every else players + 1
    dataset = _dataset(problem, walk, found).assign_attrs(
        method="shapley",
        n=n,
        seed=seed,
        level=level,
        replicates=REPLICATES,
        orders="all" if every else "random",
        evaluations=n * steps,
    )
    return with_verdicts(dataset, "shapley", share=share)


class _Walk:
    """Outputs on the way from one set of runs to another, less their linear part.

    Attributes
    ----------
    linear : ndarray, shape (outputs, players)
        Effects of the linear part, exactly.
    scale, variance : ndarray, shape (outputs,)
        scale is NaN for a constant.
    """

    def __init__(self, problem: Problem, n: int, seed: int) -> None:
        self.problem, self.n = problem, n
        checks = [check.node for check in problem.checks]
        self._evaluator = Evaluator(problem, [*problem.nodes, *checks])
        self.redrawing = Redrawing(problem, self._evaluator, n, seed)
        self.players = len(self.redrawing.players)
        self.scale = np.ones(len(problem.nodes))
        self._centre = np.zeros(len(problem.nodes))
        start = np.zeros((self.players, n), dtype=np.bool_)
        rows, scores = self._outputs(start)
        self._centre = rows.mean(axis=1)
        variance = rows.var(axis=1)
        variance[variance <= (1e-13 * np.abs(rows).max(axis=1)) ** 2] = np.nan
        self.variance, self.scale = np.nan_to_num(variance), np.sqrt(variance)
        rows = (rows - self._centre[:, None]) / self.scale[:, None]
        self._slopes = self._fit(rows, scores)
        self.linear = self._linear_effects()
        self._start, self._start_scores = rows, scores

    def cost(self, moved: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Half the squared way from the start, of the outputs and of their linear part.

        Parameters
        ----------
        moved : ndarray of bool, shape (players, n)

        Returns
        -------
        tuple of ndarray, shape (outputs, n)
            Their means estimate E[Var(Y | players that stay)] and the same of the
            linear part.
        """
        rows, scores = self._outputs(moved)
        rows -= self._start
        line = product(self._slopes, scores - self._start_scores)
        return np.square(rows, out=rows) / 2, np.square(line, out=line) / 2

    def _outputs(self, moved: BoolArray) -> tuple[FloatArray, FloatArray]:
        inputs, scores = self.redrawing.at(moved)
        values = self._evaluator.base(inputs)
        refuse_failed(self.problem, values)
        rows = self._evaluator.rows(values, self.n)[: len(self.problem.nodes)]
        refuse_infinite(self.problem, self.problem.nodes, rows)
        rows -= self._centre[:, None]
        rows /= self.scale[:, None]
        return rows, scores

    def _fit(self, rows: FloatArray, scores: FloatArray) -> FloatArray:
        """Slopes of each output in the columns' scores, shape (outputs, columns).

        Any slopes leave the estimate unbiased; good ones leave little to sample. A
        column that an output does not read has a slope of 0, and so has one of a block
        that stays together or is too large to be worked out exactly.
        """
        redrawing = self.redrawing
        tied = {c for b in self.problem.blocks if b.dependent for c in b.columns}
        usable = [column not in tied for column in redrawing.free]
        for copula in redrawing.copulas:
            usable += [len(copula.columns) <= MOST_SPLIT] * len(copula.columns)
        use = np.flatnonzero(usable)
        slopes = np.zeros((len(rows), len(usable)))
        if 4 * len(use) <= self.n:
            good = ~np.isnan(self.scale)
            centred = scores[use] - scores[use].mean(axis=1, keepdims=True)
            solved = np.linalg.lstsq(centred.T, rows[good].T, rcond=None)[0]
            slopes[np.ix_(np.flatnonzero(good), use)] = solved.T
        columns = [*redrawing.free, *(c for k in redrawing.copulas for c in k.columns)]
        for row, node in zip(slopes, self.problem.nodes, strict=True):
            row[[not self._evaluator.reads(node, c) for c in columns]] = 0.0
        return slopes

    def _linear_effects(self) -> FloatArray:
        effects = np.zeros((len(self._slopes), self.players))
        free = len(self.redrawing.free)
        np.add.at(effects.T, self.redrawing.free_players, self._slopes[:, :free].T ** 2)
        for copula in self.redrawing.copulas:
            own = self._slopes[:, free : free + len(copula.columns)]
            free += len(copula.columns)
            if own.any():
                effects[:, copula.players] += linear_effects(copula.correlation, own)
        return effects


def linear_effects(covariance: FloatArray, slopes: FloatArray) -> FloatArray:
    """Shapley effects of a linear model of dependent normal inputs, exactly.

    Parameters
    ----------
    covariance : ndarray, shape (inputs, inputs)
        Of the inputs; unit variances for slopes per standard deviation.
    slopes : ndarray, shape (outputs, inputs)

    Returns
    -------
    ndarray, shape (outputs, inputs)
        Shares of the variance, in units of the output squared; they sum to it.

    Examples
    --------
    >>> linear_effects(np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.0]]))
    array([[0.875, 0.125]])
    """
    count = covariance.shape[0]
    effects = np.zeros(slopes.shape)
    for subset in _subsets(count):
        law = Law.of(covariance, subset.moved)
        own = slopes[:, law.moved]
        cost = np.einsum("oi,ij,oj->o", own, law.covariance, own)
        effects += cost[:, None] * subset.share
    return effects


@dataclass(frozen=True, eq=False)
class _Subset:
    """Players that are let loose, and what their cost counts in each effect."""

    moved: BoolArray
    share: FloatArray


def _subsets(players: int) -> Iterator[_Subset]:
    """All subsets but the empty one, which costs nothing."""
    for number in range(1, 2**players):
        moved = (number >> np.arange(players)) & 1 == 1
        size = int(moved.sum())
        # orders in which the set is completed by one of its own, or left by another
        own = math.factorial(size - 1) * math.factorial(players - size)
        next_ = math.factorial(size) * math.factorial(max(players - size - 1, 0))
        orders = math.factorial(players)
        yield _Subset(moved, np.where(moved, own / orders, -next_ / orders))


def _all_orders(walk: _Walk, progress: Callable[[int, int], None] | None) -> FloatArray:
    """Effects beyond the linear part, shape (outputs, replicates, players)."""
    sums = np.zeros((len(walk.problem.nodes), REPLICATES, walk.players))
    for i, subset in enumerate(_subsets(walk.players), start=1):
        moved = np.broadcast_to(subset.moved[:, None], (walk.players, walk.n))
        cost, linear = walk.cost(moved)
        batch = (cost - linear).reshape(len(cost), REPLICATES, -1).mean(axis=-1)
        sums += batch[..., None] * subset.share
        if progress is not None:
            progress(i, 2**walk.players - 1)
    return sums


def _random(
    walk: _Walk, seed: int, progress: Callable[[int, int], None] | None
) -> FloatArray:
    """Effects beyond the linear part, shape (outputs, replicates, players)."""
    from scipy import sparse

    n, players = walk.n, walk.players
    place = _orders(players, n, seed)
    batch = np.arange(n) * REPLICATES // n
    sums = np.zeros((REPLICATES * players, len(walk.problem.nodes)))
    before = np.zeros((len(walk.problem.nodes), n))
    for step in range(players):
        cost, linear = walk.cost(place <= step)
        cost -= linear
        player = np.argmax(place == step, axis=0)
        cell = batch * players + player
        gather = sparse.csr_array((np.ones(n), (cell, np.arange(n))), (len(sums), n))
        sums += gather @ np.ascontiguousarray((cost - before).T)
        before = cost
        if progress is not None:
            progress(step + 1, players)
    sums *= REPLICATES / n
    return np.moveaxis(sums.reshape(REPLICATES, players, -1), -1, 0)


def _orders(players: int, n: int, seed: int) -> IntArray:
    """Place of each player in each walk, shape (players, n): orders and reverses."""
    rng = generator(seed, "shapley", "orders")
    half = np.tile(np.arange(players), (n // 2, 1))
    place = rng.permuted(half, axis=1).T
    both = np.empty((players, n), dtype=np.int64)
    # side by side, so that a replicate holds both
    both[:, ::2], both[:, 1::2] = place, players - 1 - place
    return both


def _dataset(problem: Problem, walk: _Walk, found: FloatArray) -> xr.Dataset:
    players = walk.redrawing.players
    variables = with_bounds(problem, "shapley", "Shapley effect", found)
    units = str(problem.outputs.attrs.get("units", "1"))
    variables["variance"] = labelled(
        problem, walk.variance, (), {"units": f"({units})**2", "long_name": "variance"}
    )
    dataset = xr.Dataset(variables).assign_coords(
        parameter=[*players, DUMMY],
        columns=("parameter", [", ".join(c) for c in players.values()] + [""]),
    )
    return dataset.assign_attrs(constant=constants(problem, walk.variance))
