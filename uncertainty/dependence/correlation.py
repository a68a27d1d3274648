"""Correlation matrices: what is valid, what is nearest, and which pair is to blame."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from uncertainty.arrays import FloatArray

ROUNDING = 1e-12
"""An eigenvalue or pivot this small counts as zero: a hundred times what rounding
leaves in a singular matrix of some hundred rows, and it moves no correlation by more
than its root, 1e-6."""
_STILL = 1e-11  # relative change at which the projections have settled
_MOST_STEPS = 20_000


def gaussian_correlation(spearman: ArrayLike) -> FloatArray:
    """Correlation of the normal scores that gives a rank correlation, exactly.

    Parameters
    ----------
    spearman : array_like
        Spearman's rank correlation, -1 to 1.

    Returns
    -------
    ndarray, same shape
        Parameter r = 2 sin(pi rho / 6) of the Gaussian copula.

    Notes
    -----
    Pearson (1907), as in Kruskal, J. Am. Stat. Assoc. 53 (1958) 814, section 6. The
    inverse is `spearman_correlation`. -1, 0 and 1 map to themselves without rounding.

    Examples
    --------
    >>> float(gaussian_correlation(0.5))
    0.5176381
    """
    rank = np.asarray(spearman, dtype=np.float64)
    return np.where(np.abs(rank) == 1, rank, 2 * np.sin(np.pi / 6 * rank))


def spearman_correlation(gaussian: ArrayLike) -> FloatArray:
    """Rank correlation rho = (6 / pi) arcsin(r / 2) of a Gaussian copula."""
    r = np.asarray(gaussian, dtype=np.float64)
    return np.where(np.abs(r) == 1, r, 6 / np.pi * np.arcsin(r / 2))


def kendall_correlation(gaussian: ArrayLike) -> FloatArray:
    """Kendall's tau = (2 / pi) arcsin(r) of a Gaussian copula.

    Both values lie on the same side of their medians with probability (1 + tau) / 2.
    """
    return 2 / np.pi * np.arcsin(np.asarray(gaussian, dtype=np.float64))


def is_valid(matrix: FloatArray) -> bool:
    """Whether a symmetric matrix with ones on its diagonal is a correlation matrix."""
    return float(np.linalg.eigvalsh(matrix)[0]) >= -ROUNDING


def nearest_correlation(matrix: FloatArray) -> FloatArray:
    """Correlation matrix nearest to a symmetric one in the Frobenius norm.

    Notes
    -----
    Higham, IMA J. Numer. Anal. 22 (2002) 329, algorithm 3.3: projections in turn on
    the semi-definite matrices (with Dykstra's correction) and on those of unit
    diagonal. A last projection and scaling make it semi-definite to rounding.
    """
    answer = matrix.copy()
    correction = np.zeros_like(matrix)
    for _ in range(_MOST_STEPS):
        before = answer - correction
        inside = _semi_definite(before)
        correction = inside - before
        last, answer = answer, inside.copy()
        np.fill_diagonal(answer, 1.0)
        # not inside - answer: that is small already when they creep along together
        if np.linalg.norm(answer - last) <= _STILL * np.linalg.norm(answer):
            break
    answer = _semi_definite(answer)
    scale = np.sqrt(np.diag(answer))
    scaled: FloatArray = answer / np.outer(scale, scale)
    np.fill_diagonal(scaled, 1.0)
    return scaled


def _semi_definite(matrix: FloatArray) -> FloatArray:
    """Nearest positive semi-definite matrix: negative eigenvalues become zero."""
    values, vectors = np.linalg.eigh(matrix)
    made: FloatArray = (vectors * np.maximum(values, 0)) @ vectors.T
    return (made + made.T) / 2


def lower_factor(matrix: FloatArray) -> FloatArray:
    """Lower triangle L with L Lᵀ = `matrix`, which may be singular.

    Rows have length one to rounding, so what they mix keeps a variance of one.
    """
    size = len(matrix)
    factor = np.zeros((size, size))
    for j in range(size):
        rest = matrix[j:, j] - factor[j:, :j] @ factor[j, :j]
        if rest[0] > ROUNDING:
            factor[j:, j] = rest / np.sqrt(rest[0])
    lengths = np.sqrt((factor**2).sum(axis=1, keepdims=True))
    factor /= lengths
    return factor


@dataclass(frozen=True)
class Blame:
    """The pair of rows that keeps a matrix from being a correlation matrix.

    Attributes
    ----------
    pair : tuple of int
        Two rows.
    nearest : float
        Rank correlation of the pair in the nearest valid matrix.
    possible : tuple of float or None
        Rank correlations that the others leave to the pair; None if they contradict
        each other without it.
    """

    pair: tuple[int, int]
    nearest: float
    possible: tuple[float, float] | None


def blame(matrix: FloatArray) -> Blame:
    """Find the pair whose change alone mends a matrix, as after a typing error.

    Of several such pairs it is the one that the nearest valid matrix moves most; if
    there is none, the one that it moves most of all.
    """
    near = nearest_correlation(matrix)
    moved = np.abs(spearman_correlation(near) - spearman_correlation(matrix))
    rows, columns = np.triu_indices(len(matrix), 1)
    # rounding must not decide between pairs that move alike
    order = np.argsort(-np.round(moved[rows, columns], 6), kind="stable")
    pairs = [(int(rows[k]), int(columns[k])) for k in order]
    for pair in pairs:
        if (possible := _possible(matrix, *pair)) is not None:
            return Blame(pair, float(spearman_correlation(near[pair])), possible)
    return Blame(pairs[0], float(spearman_correlation(near[pairs[0]])), None)


def _possible(matrix: FloatArray, i: int, j: int) -> tuple[float, float] | None:
    """Rank correlations of rows i and j that make the matrix valid, if any do.

    Given the others, the partial correlation of the two is free in -1 ... 1.
    """
    for left_out in (i, j):
        if not is_valid(np.delete(np.delete(matrix, left_out, 0), left_out, 1)):
            return None
    rest = [k for k in range(len(matrix)) if k not in (i, j)]
    inverse = np.linalg.pinv(matrix[np.ix_(rest, rest)], 1e-10, hermitian=True)
    first, second = matrix[rest, i], matrix[rest, j]
    centre = float(first @ inverse @ second)
    free = float((1 - first @ inverse @ first) * (1 - second @ inverse @ second))
    half = sqrt(max(free, 0.0))
    gaussian = [max(centre - half, -1.0), min(centre + half, 1.0)]
    ends = spearman_correlation(gaussian)
    return float(ends[0]), float(ends[1])
