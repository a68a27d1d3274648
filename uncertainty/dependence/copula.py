"""Gaussian copulas: rank correlations in, a checked matrix and its factor out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from uncertainty.arrays import FloatArray
from uncertainty.dependence.correlation import (
    ROUNDING,
    Blame,
    blame,
    gaussian_correlation,
    is_valid,
    lower_factor,
    nearest_correlation,
    spearman_correlation,
)
from uncertainty.errors import DependenceError

Pairs = Mapping[tuple[str, str], float]


class CorrelationError(DependenceError):
    """Rank correlations contradict each other; ``pair`` names the two to blame."""

    def __init__(self, message: str, pair: tuple[str, str]) -> None:
        super().__init__(message)
        self.pair = pair


@dataclass(frozen=True)
class Move:
    """How far the nearest valid matrix lies from the stated one.

    Attributes
    ----------
    pair : tuple of str
        The pair that moved most.
    stated, taken : float
        Its rank correlation before and after.
    """

    pair: tuple[str, str]
    stated: float
    taken: float

    @property
    def largest(self) -> float:
        """Largest change of a rank correlation."""
        return abs(self.taken - self.stated)

    def __str__(self) -> str:
        """Say it in a sentence's part, for reports."""
        first, second = self.pair
        return (
            f"rank correlations moved by up to {self.largest:.2g}: {first} and "
            f"{second} from {self.stated:g} to {self.taken:.3g}"
        )


@dataclass(frozen=True)
class GaussianCopula:
    """Columns whose normal scores are jointly normal.

    Attributes
    ----------
    columns : tuple of str
        Two or more; the first keeps the design's own levels.
    correlation : tuple of tuple of float
        Correlation matrix of the normal scores (not the rank correlations).
    moved : Move or None
        What `nearest` changed; None if the stated matrix was valid.
    """

    columns: tuple[str, ...]
    correlation: tuple[tuple[float, ...], ...]
    moved: Move | None = None

    @cached_property
    def factor(self) -> FloatArray:
        """Lower triangle that makes correlated scores of independent ones."""
        return lower_factor(np.array(self.correlation))

    @property
    def spearman(self) -> FloatArray:
        """Rank correlations, shape (column, column)."""
        return spearman_correlation(self.correlation)

    def between(self, first: str, second: str) -> float:
        """Correlation of the normal scores of two columns."""
        rows = self.columns.index(first), self.columns.index(second)
        return self.correlation[rows[0]][rows[1]]


def copula(
    columns: Sequence[str], stated: Pairs | ArrayLike, *, nearest: bool = False
) -> GaussianCopula:
    """Gaussian copula with stated rank correlations.

    Parameters
    ----------
    columns : sequence of str
        Two or more, each once.
    stated : mapping of pairs, or array_like of shape (column, column)
        Spearman's rank correlations, -1 to 1. Pairs that a mapping does not name
        are 0. Correlations of exactly 1 and -1 are legal.
    nearest : bool
        Take the nearest valid matrix where the stated one is not; ``moved`` of the
        result says how far that went.

    Returns
    -------
    GaussianCopula

    Raises
    ------
    CorrelationError
        No joint law has these rank correlations through a Gaussian copula; the
        message has the pair to blame and what the others leave it.
    DependenceError
        Names or numbers that cannot be: all such faults at once.

    Examples
    --------
    >>> tied = copula(["a", "b"], {("a", "b"): 0.5})
    >>> tied.between("a", "b")
    0.5176381
    """
    names = tuple(columns)
    if isinstance(stated, Mapping):
        rank = _of_pairs(names, stated)
    else:
        rank = _of_matrix(names, stated)
    return _checked(names, gaussian_correlation(rank), nearest)


def copulas(
    order: Sequence[str], stated: Pairs, *, nearest: bool = False
) -> tuple[GaussianCopula, ...]:
    """One copula for each set of columns that stated pairs join.

    Parameters
    ----------
    order : sequence of str
        All columns there are; within a copula columns stand in this order.
    stated : mapping of pairs
        Spearman's rank correlations.
    nearest : bool
        As for `copula`.

    Raises
    ------
    DependenceError
        As for `copula`.

    Examples
    --------
    >>> pairs = {("a", "d"): 0.5, ("b", "c"): 0.2}
    >>> [each.columns for each in copulas("abcd", pairs)]
    [('a', 'd'), ('b', 'c')]
    """
    _raise(_pair_faults(tuple(order), stated))
    group = {name: {name} for name in order}
    for first, second in stated:
        joined = group[first] | group[second]
        group |= dict.fromkeys(joined, joined)
    found = []
    for name in order:
        columns = [other for other in order if other in group[name]]
        if columns[0] != name or len(columns) == 1:
            continue
        inside = {pair: rho for pair, rho in stated.items() if pair[0] in group[name]}
        found.append(copula(columns, inside, nearest=nearest))
    return tuple(found)


def exchangeable(columns: Sequence[str], spearman: float) -> GaussianCopula:
    """Columns of which every two have the same rank correlation.

    For one input in several scenarios that are neither the same nor independent.

    Raises
    ------
    DependenceError
        As for `copula`; among K columns the rank correlation cannot be below the one
        that goes with -1 / (K - 1).
    """
    names = tuple(columns)
    _raise([*_name_faults(names), *_number_faults(spearman, "any two")])
    least = -1 / (len(names) - 1)
    r = float(gaussian_correlation(spearman))
    if r < least - 1e-12:
        limit = math.ceil(float(spearman_correlation(least)) * 1000) / 1000
        raise DependenceError(
            f"{len(names)} inputs cannot all have a rank correlation of {spearman:g} "
            f"with each other; the least possible is {limit:g}"
        )
    matrix = np.full((len(names), len(names)), r)
    np.fill_diagonal(matrix, 1.0)
    return _checked(names, matrix, False)


def autoregressive(
    columns: Sequence[str], times: Sequence[float], spearman: float
) -> GaussianCopula:
    """Columns whose correlation fades with the time between them.

    Parameters
    ----------
    columns : sequence of str
        One input at several times.
    times : sequence of float
        When each stands, such as its year; any unit, any order, no two the same.
    spearman : float
        Rank correlation one unit of time apart, 0 to 1.

    Returns
    -------
    GaussianCopula
        Normal scores with correlation r^gap, where r is exact for `spearman`; so a
        rank correlation at a longer gap is within 0.03 of ``spearman**gap``.

    Raises
    ------
    DependenceError
        As for `copula`; or the correlation is negative, or times do not fit.
    """
    names = tuple(columns)
    faults = [*_name_faults(names), *_number_faults(spearman, "neighbours in time")]
    if spearman < 0:
        faults.append(f"rank correlation {spearman:g} would change sign with the gap")
    if len(times) != len(names) or len(set(times)) < len(times):
        faults.append(f"{len(names)} inputs need as many different times")
    _raise(faults)
    when = np.asarray(times, dtype=np.float64)
    gaps = np.abs(when[:, None] - when[None, :])
    return _checked(names, gaussian_correlation(spearman) ** gaps, False)


def _checked(
    names: tuple[str, ...], matrix: FloatArray, nearest: bool
) -> GaussianCopula:
    """Copula of a matrix of normal scores that may not be valid."""
    moved = None
    if not is_valid(matrix):
        if not nearest:
            found = blame(matrix)
            first, second = (names[i] for i in found.pair)
            stated = float(spearman_correlation(matrix[found.pair]))
            text = _contradiction(first, second, stated, found)
            raise CorrelationError(text, (first, second))
        stated_matrix, matrix = matrix, nearest_correlation(matrix)
        moved = _move(names, stated_matrix, matrix)
    rows = tuple(tuple(row) for row in matrix.tolist())
    return GaussianCopula(names, rows, moved)


def _move(names: tuple[str, ...], stated: FloatArray, taken: FloatArray) -> Move:
    before, after = spearman_correlation(stated), spearman_correlation(taken)
    change = np.round(np.triu(np.abs(after - before)), 6)  # rounding decides nothing
    i, j = np.unravel_index(int(change.argmax()), change.shape)
    return Move((names[i], names[j]), float(before[i, j]), float(after[i, j]))


def _contradiction(first: str, second: str, stated: float, found: Blame) -> str:
    """Say which pair is to blame and how to mend it."""
    way_out = (
        "or write nearest: true to take the nearest valid matrix, which has "
        f"{found.nearest:.3g} there"
    )
    what = f"rank correlation {stated:g} between {first} and {second}"
    what += " (0 where none is stated)" if stated == 0 else ""
    if found.possible is None:
        return (
            f"{what} fits the others least, and they contradict each other without "
            f"it too; weaken what {first} and {second} have with others, {way_out}"
        )
    low, high = found.possible
    # rounded inwards, so that the ends as written are possible
    ends = math.ceil(low * 1000) / 1000, math.floor(high * 1000) / 1000
    if ends[0] > ends[1]:
        ends = low, high
    return (
        f"{what} cannot stand beside the others, which leave it {ends[0]:.7g} to "
        f"{ends[1]:.7g}; state one in that range, {way_out}"
    )


def _of_pairs(names: tuple[str, ...], stated: Pairs) -> FloatArray:
    """Rank correlations as a matrix, faults refused."""
    _raise([*_name_faults(names), *_pair_faults(names, stated)])
    place = {name: i for i, name in enumerate(names)}
    rank = np.eye(len(names))
    for (first, second), rho in stated.items():
        rank[place[first], place[second]] = rank[place[second], place[first]] = rho
    return rank


def _of_matrix(names: tuple[str, ...], stated: ArrayLike) -> FloatArray:
    """Rank correlations of a matrix, faults refused."""
    rank = np.array(stated, dtype=np.float64)
    size = len(names)
    faults = list(_name_faults(names))
    if rank.shape != (size, size):
        shape = " x ".join(map(str, rank.shape))
        faults.append(f"{size} columns need a {size} x {size} matrix, not {shape}")
        _raise(faults)
    if not np.all(np.abs(rank) <= 1 + ROUNDING):  # not a number is refused too
        faults.append("a rank correlation in the matrix is not between -1 and 1")
    elif np.any(np.abs(np.diag(rank) - 1) > ROUNDING):
        faults.append("the diagonal of the matrix is not 1")
    elif np.any(different := np.abs(rank - rank.T) > ROUNDING):
        i, j = np.argwhere(different)[0]
        faults.append(
            f"the matrix has {rank[i, j]:g} for {names[i]} and {names[j]}, and "
            f"{rank[j, i]:g} the other way round"
        )
    _raise(faults)
    # a matrix that was computed has the rounding of its computation
    rank = np.clip((rank + rank.T) / 2, -1, 1)
    np.fill_diagonal(rank, 1.0)
    return rank


def _name_faults(names: tuple[str, ...]) -> Iterator[str]:
    if len(names) < 2:
        yield f"a rank correlation takes two inputs, not {len(names)}"
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"named more than once: {', '.join(twice)}"


def _pair_faults(names: tuple[str, ...], stated: Pairs) -> Iterator[str]:
    for (first, second), rho in stated.items():
        what = f"{first} and {second}"
        if unknown := [name for name in (first, second) if name not in names]:
            yield f"{what}: no input {' or '.join(unknown)} among those correlated"
        if first == second:
            yield f"{first} is paired with itself"
        elif (second, first) in stated and first < second:
            yield f"{what} stand twice; state the pair once"
        yield from _number_faults(rho, what)


def _number_faults(rho: float, what: str) -> Iterator[str]:
    if not abs(rho) <= 1:
        hint = f"; write {rho / 100:g} for {rho:g} %" if 1 < abs(rho) <= 100 else ""
        yield f"{what}: rank correlation {rho:g} is not between -1 and 1{hint}"


def _raise(faults: Iterator[str] | Sequence[str]) -> None:
    if found := list(faults):
        raise DependenceError("; ".join(found))
