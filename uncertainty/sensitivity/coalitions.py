"""Shapley values: what each of several changes adds, over all orders of making them.

A combination of changes is a bit mask, bit i standing for change i. Its value is a
node of a graph, and so is what each change contributes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.model import Model, Table
from uncertainty.model.graph import ABSENT, Graph
from uncertainty.run.propagation import label
from uncertainty.seeds import generator

EXACT = 10
"""Most changes of which every combination is worked out, 2^10 of them."""
ORDERS = 64
"""Orders drawn where there are more changes, each followed by its reverse."""


@dataclass(frozen=True)
class Game:
    """Combinations of changes and what the steps between them weigh.

    Attributes
    ----------
    coalitions : tuple of int
        From no change to all of them.
    steps : tuple, by change, of (mask without it, weight)
    orders : tuple of orders of the changes
        Those drawn, each followed by its reverse; empty if all count.
    """

    coalitions: tuple[int, ...]
    steps: tuple[tuple[tuple[int, float], ...], ...]
    orders: tuple[tuple[int, ...], ...] = ()


def game_of(count: int, seed: int, orders: int) -> Game:
    """All combinations of up to `EXACT` changes, those of some orders beyond.

    Parameters
    ----------
    count : int
        Number of changes, 1 or more.
    seed : int
        Of the orders that are drawn.
    orders : int
        How many to draw where there are more than `EXACT` changes; rounded down to
        pairs, at least two.

    Returns
    -------
    Game

    Notes
    -----
    A step to a set of s others weighs s! (k - s - 1)! / k!, which is 1 / k over the
    number of such sets (Shapley, 1953). A drawn order and its reverse together see
    each change early and late, so that a pair of changes that act on each other is
    shared out exactly.
    """
    if count <= EXACT:
        weights = [1 / (count * math.comb(count - 1, s)) for s in range(count)]
        steps = tuple(
            tuple(
                (mask, weights[mask.bit_count()])
                for mask in range(1 << count)
                if not mask >> bit & 1
            )
            for bit in range(count)
        )
        return Game(tuple(range(1 << count)), steps)
    rng = generator(seed, "attribution", count)
    drawn: list[tuple[int, ...]] = []
    for _ in range(max(orders // 2, 2)):
        order = tuple(int(i) for i in rng.permutation(count))
        drawn += [order, order[::-1]]
    found: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    masks = {0: None}
    for order in drawn:
        mask = 0
        for bit in order:
            found[bit].append((mask, 1 / len(drawn)))
            mask |= 1 << bit
            masks[mask] = None
    return Game(tuple(sorted(masks)), tuple(map(tuple, found)), tuple(drawn))


def shapley(
    model: Model, tables: Sequence[Table], game: Game, changes: Sequence[str]
) -> Model:
    """A model whose outputs are the contributions themselves.

    Parameters
    ----------
    model : Model
        Its scenarios are the combinations, in the order of ``game.coalitions``.
    tables : sequence of Table
        Outputs of `model`.
    game : Game
    changes : sequence of str
        Labels.

    Returns
    -------
    Model
        On the graph of `model`, so that what combinations share is worked out once
        and no more is kept of a draw than the contributions. For each table t:
        ``t (year, change, ...)``, ``t_reference``, ``t_scenario`` and ``t_difference
        (year, ...)``, without a scenario dim.
    """
    outputs: dict[str, Table] = {}
    for table in tables:
        values = dict(zip(game.coalitions, table.nodes, strict=True))
        nodes = np.full((table.nodes.shape[1], len(changes), *table.nodes.shape[2:]), 0)
        sides = {word: np.full_like(table.nodes[0], ABSENT) for word in _SIDES}
        for cell in np.ndindex(*table.nodes.shape[1:]):
            of_cell = {mask: int(found[cell]) for mask, found in values.items()}
            year, place = cell[0], cell[1:]
            for i, node in enumerate(_cell(model.graph, of_cell, game)):
                nodes[(year, i, *place)] = node
            ends = of_cell[0], of_cell[game.coalitions[-1]]
            for word, node in zip(_SIDES, _ends(model.graph, *ends), strict=True):
                sides[word][cell] = node
        whole = replace(table, shared=("scenario",), stored=True)
        outputs[table.name] = replace(
            whole,
            long_name=f"{table.long_name}, contribution of a change",
            nodes=nodes[None],
            dims=("change", *table.dims),
            coords={**table.coords, "change": tuple(changes)},
        )
        for word, found in sides.items():
            name, words = f"{table.name}_{word}", f"{table.long_name}, {word}"
            outputs[name] = replace(
                whole, name=name, long_name=words, nodes=found[None]
            )
    return Model(model.graph, ("",), model.years, {}, outputs, model.checks)


_SIDES = ("reference", "scenario", "difference")


def _cell(graph: Graph, values: Mapping[int, int], game: Game) -> list[int]:
    """Node of each change's contribution; absent if no combination has the cell.

    A part of a sum that some combinations lack counts as nothing there. Steps that
    lead from a node to itself are left out, so that a change without effect comes
    to 0 exactly.
    """
    if all(node == ABSENT for node in values.values()):
        return [ABSENT] * len(game.steps)
    present = {mask: _or_zero(graph, node) for mask, node in values.items()}
    found = []
    for bit, steps in enumerate(game.steps):
        weights: dict[tuple[int, int], float] = {}
        for mask, weight in steps:
            pair = present[mask | 1 << bit], present[mask]
            weights[pair] = weights.get(pair, 0.0) + weight
        terms = (
            graph.product(graph.constant(weight), graph.apply("sub", pair))
            for pair, weight in weights.items()
            if pair[0] != pair[1]
        )
        found.append(graph.total(terms))
    return found


def _ends(graph: Graph, before: int, after: int) -> tuple[int, int, int]:
    """Nodes of reference, scenario and their difference."""
    if before == after == ABSENT:
        return ABSENT, ABSENT, ABSENT
    sides = _or_zero(graph, after), _or_zero(graph, before)
    return before, after, graph.apply("sub", sides)


def _or_zero(graph: Graph, node: int) -> int:
    return graph.constant(0.0) if node == ABSENT else node


def order_error(model: Model, split: Model, table: Table, game: Game) -> xr.DataArray:
    """Standard error that drawn orders leave, at the point values.

    Parameters
    ----------
    model, split : Model
        Of the combinations, and as `shapley` made it of them.
    table : Table
        Of `model`.
    game : Game
        One whose orders were drawn.

    Returns
    -------
    DataArray, dims (change, ...), units of the table
    """
    points = np.nan_to_num(model.point(table))
    value = dict(zip(game.coalitions, points, strict=True))
    rows: list[list[FloatArray]] = []
    for order in game.orders:
        mask = 0
        steps: dict[int, FloatArray] = {}
        for bit in order:
            steps[bit] = value[mask | 1 << bit] - value[mask]
            mask |= 1 << bit
        rows.append([steps[bit] for bit in range(len(order))])
    # shape (pair, change, year, ...): an order and its reverse are one trial
    pairs = np.array(rows).reshape(-1, 2, *np.shape(rows)[1:]).mean(axis=1)
    error = pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs))
    found = label(split, split.outputs[table.name], np.moveaxis(error, 0, 1).ravel())
    return found.assign_attrs(
        units=table.units, long_name="Standard error that drawn orders leave"
    )
