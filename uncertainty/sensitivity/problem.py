"""What a sensitivity analysis is about: factors of a graph, and labelled outputs.

A factor is one column or several that move together: a group that somebody named, or
a block of columns that depend on each other. Variance-based indices of a single
column inside such a block mean nothing, so the block is one factor; only Shapley
effects split it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.dependence import GaussianCopula, Shared
from uncertainty.errors import DependenceError, DesignError, ModelError
from uncertainty.model import Check
from uncertainty.model.graph import ABSENT, Graph

DUMMY = "dummy"
"""A factor that no output reads. What a method reports for it is its noise floor."""

Join = Callable[[FloatArray], FloatArray]
"""Independent levels, shape (columns, n) -> dependent levels of the same shape."""


@dataclass(frozen=True, eq=False)
class Block:
    """Columns that depend on each other, or that mean nothing one by one.

    Attributes
    ----------
    name : str
        What the factor is called.
    columns : tuple of str
    correlation : ndarray, shape (columns, columns), optional
        Of a Gaussian copula, in normal space (Pearson, of the normal scores).
    join : callable, optional
        Where the dependence is not a Gaussian copula. With neither, the levels are
        independent and the model ties the columns, as in shares made to sum to 1.

    Raises
    ------
    DependenceError
        The matrix does not fit the columns or is no correlation matrix, or both
        `correlation` and `join` are given.
    """

    name: str
    columns: tuple[str, ...]
    correlation: FloatArray | None = None
    join: Join | None = None

    def __post_init__(self) -> None:
        """Refuse a matrix that cannot be a correlation."""
        if self.correlation is None:
            return
        if self.join is not None:
            raise DependenceError(
                f"block {self.name}: state a correlation or a join, not both"
            )
        matrix = np.array(self.correlation, dtype=np.float64)
        size = len(self.columns)
        if matrix.shape != (size, size):
            raise DependenceError(
                f"block {self.name}: {size} columns take a {size} x {size} "
                f"correlation, not {matrix.shape}"
            )
        unit = np.array_equal(np.diag(matrix), np.ones(size))
        # eigenvalues of a singular matrix come out as low as -n times the rounding
        lowest = np.linalg.eigvalsh(matrix).min() if unit else -1.0
        if not np.array_equal(matrix, matrix.T) or lowest < -1e-12 * size:
            raise DependenceError(
                f"block {self.name}: not a correlation matrix (symmetric, ones on "
                f"the diagonal, no negative eigenvalue)"
            )
        object.__setattr__(self, "correlation", matrix)

    @property
    def dependent(self) -> bool:
        """Whether the levels themselves depend on each other."""
        return self.correlation is not None or self.join is not None

    def joined(self, levels: FloatArray) -> FloatArray:
        """Dependent levels from independent ones, shape (columns, n) of both."""
        if self.join is not None:
            return self.join(levels)
        if self.correlation is None:
            return levels
        from scipy.special import ndtr, ndtri  # slow to import

        return inside(ndtr(root(self.correlation) @ ndtri(levels)))


def root(covariance: FloatArray) -> FloatArray:
    """A matrix L with L Lᵀ = `covariance`; lower triangular unless it is singular.

    Parameters
    ----------
    covariance : ndarray, shape (n, n)
        Positive semi-definite.

    Returns
    -------
    ndarray, shape (n, n)
    """
    try:
        return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        spread: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))
        return spread


def inside(levels: FloatArray) -> FloatArray:
    """Levels kept off 0 and 1, where a quantile may be infinite."""
    return np.clip(levels, 2.0**-54, 1 - 2.0**-53)


@dataclass(frozen=True, eq=False)
class Problem:
    """Factors and outputs of a graph, ready to be analysed.

    Attributes
    ----------
    graph : Graph
    outputs : DataArray of int, any dims
        Node of each output; `ABSENT` where there is none. ``attrs`` may hold
        ``units``.
    factors : mapping of name to columns
    blocks : tuple of Block
    followers : mapping of column to (column, bool)
        Columns that read the draw of another one, and whether they read 1 - u of it.
        They are no columns of a factor; they move with what they follow.
    checks : tuple of Check
        Nodes that have to stay above zero in every run.
    """

    graph: Graph
    outputs: xr.DataArray
    factors: Mapping[str, tuple[str, ...]]
    blocks: tuple[Block, ...] = ()
    followers: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of all factors, factor by factor."""
        return tuple(c for columns in self.factors.values() for c in columns)

    @property
    def nodes(self) -> list[int]:
        """Distinct nodes behind the outputs, in the order of their numbers."""
        found = np.unique(self.outputs.values)
        return [int(node) for node in found if node != ABSENT]

    @property
    def groups(self) -> tuple[str, ...]:
        """Factors of several columns that somebody grouped; no blocks."""
        names = {block.name for block in self.blocks}
        several = (name for name, columns in self.factors.items() if len(columns) > 1)
        return tuple(name for name in several if name not in names)

    @property
    def dependent(self) -> tuple[Block, ...]:
        """Blocks whose levels depend on each other, where the outputs read them."""
        read = set(self.columns)
        return tuple(
            block
            for block in self.blocks
            if block.dependent and len(read & set(block.columns)) > 1
        )


def build(
    graph: Graph,
    outputs: xr.DataArray,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    blocks: Iterable[Block | GaussianCopula | Shared] = (),
    checks: Iterable[Check] = (),
) -> Problem:
    """Sort the columns that `outputs` read into factors.

    Parameters
    ----------
    graph : Graph
    outputs : DataArray of int, any dims
        Node of each output, `ABSENT` allowed.
    groups : mapping of name to columns, optional
        Columns to be taken together. A column that stands in none, and no block, is
        a factor of its own.
    blocks : iterable of Block, GaussianCopula or Shared
        A block is one factor, or part of one group. A copula is a block named after
        its columns. Columns that share a draw are one column, the one that is drawn.
    checks : iterable of Check

    Returns
    -------
    Problem
        With factors in the order in which the outputs read their first column.
        Columns that no output reads are left out, except from a block's `join`.

    Raises
    ------
    DesignError
        A column stands in two groups or in two blocks, two factors have one name,
        or one is called "dummy".
    DependenceError
        A group takes part of a block but not all of it.
    ModelError
        No output reads an uncertain input.
    """
    tied, followers = _sorted(blocks)
    read = list(
        dict.fromkeys(
            followers.get(column, (column,))[0]
            for column in graph.columns(np.unique(outputs.values).tolist())
        )
    )
    if not read:
        raise ModelError("no output depends on an uncertain input: nothing to analyse")
    owner = _owner(
        {
            name: [followers.get(column, (column,))[0] for column in columns]
            for name, columns in (groups or {}).items()
        },
        "group",
    )
    block_of = _owner({b.name: b.columns for b in tied}, "block")
    _refuse_split(owner, tied)
    tied = [_restricted(block, read) for block in tied]
    for block in tied:
        if block.join is not None and not set(block.columns).isdisjoint(read):
            read += [c for c in block.columns if c not in read]
    return Problem(
        graph,
        outputs,
        _factors(read, owner, block_of),
        tuple(tied),
        followers,
        tuple(checks),
    )


def _sorted(
    blocks: Iterable[Block | GaussianCopula | Shared],
) -> tuple[list[Block], dict[str, tuple[str, bool]]]:
    """Blocks of one kind, and what each follower reads in the end."""
    tied: list[Block] = []
    direct: dict[str, tuple[str, bool]] = {}
    for block in blocks:
        if isinstance(block, Shared):
            source = block.columns[0]
            for column in block.columns[1:]:
                direct[column] = source, column in block.mirrored
        elif isinstance(block, GaussianCopula):
            matrix = np.array(block.correlation)
            tied.append(Block(", ".join(block.columns), block.columns, matrix))
        else:
            tied.append(block)
    followers = {}
    for column in direct:
        source, mirrored = direct[column]
        while source in direct:
            source, turned = direct[source]
            mirrored ^= turned
        followers[column] = source, mirrored
    return tied, followers


def _factors(
    read: Iterable[str], owner: Mapping[str, str], block_of: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Columns by factor, in the order in which they are read."""
    factors: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for column in read:
        kind, name = next(
            (kind, table[column])
            for kind, table in (
                ("group", owner),
                ("block", block_of),
                ("column", {column: column}),
            )
            if column in table
        )
        if kinds.setdefault(name, kind) != kind:
            raise DesignError(
                f"{name} is the name of a {kinds[name]} and of a {kind}; rename one"
            )
        factors.setdefault(name, []).append(column)
    if DUMMY in factors:
        raise DesignError(f"{DUMMY!r} is kept for the factor that nothing reads")
    return {name: tuple(columns) for name, columns in factors.items()}


def _owner(sets: Mapping[str, Sequence[str]], what: str) -> dict[str, str]:
    """Set that each column stands in."""
    owner: dict[str, str] = {}
    for name, columns in sets.items():
        for column in columns:
            if owner.setdefault(column, name) != name:
                raise DesignError(
                    f"{column} stands in two {what}s: {owner[column]} and {name}"
                )
    return owner


def _refuse_split(owner: Mapping[str, str], blocks: Iterable[Block]) -> None:
    for block in blocks:
        found = {owner.get(column) for column in block.columns}
        if len(found) > 1:
            names = ", ".join(sorted(name or "no group" for name in found))
            raise DependenceError(
                f"block {block.name} holds dependent inputs ({', '.join(block.columns)}"
                f") and would be split over {names}; put all of it in one group"
            )


def _restricted(block: Block, read: Sequence[str]) -> Block:
    """A block without the columns of a Gaussian copula that nothing reads."""
    if block.correlation is None:
        return block
    kept = [i for i, column in enumerate(block.columns) if column in read]
    return replace(
        block,
        columns=tuple(block.columns[i] for i in kept),
        correlation=block.correlation[np.ix_(kept, kept)],
    )
