"""Intervals of estimates from independent replicates of a design.

The points of one scrambled net are not independent, so a bootstrap over them gives
intervals that are many times too wide. Whole scrambles are independent: an estimate is
made of all of them together, and its standard error of how they differ.

References
----------
L'Ecuyer, Nakayama, Owen and Tuffin (2023), Proc. Winter Simulation Conf. (Student t
over few replicates covers best). Efron and Stein (1981), Ann. Stat. 9, 586-596. Nadeau
and Bengio (2003), Mach. Learn. 52, 239-281 (parts that are judged by the others).
"""

import math

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.errors import DesignError

REPLICATES = 8
"""Independent scrambles of a design. More would be known better by their spread (8 have
a Student's factor of 2.36 at 95 %) but each has fewer points, whose errors fall faster
than 1/sqrt(n)."""


def per_replicate(rows: FloatArray, replicates: int = REPLICATES) -> FloatArray:
    """Mean over each replicate, shape (..., runs) -> (..., replicates)."""
    parts = rows.reshape(*rows.shape[:-1], replicates, rows.shape[-1] // replicates)
    found: FloatArray = parts.mean(axis=-1)
    return found


def with_t(
    estimate: FloatArray, off: FloatArray, level: float, *, crossed: bool = False
) -> FloatArray:
    """An estimate and its Student t bounds.

    Parameters
    ----------
    estimate : ndarray, shape (...)
    off : ndarray, shape (..., replicates)
        What each replicate alone would move the estimate by, times the number of
        replicates; its mean does not matter.
    level : float
        Confidence level, 0 < level < 1.
    crossed : bool
        Each replicate was judged by what was fitted to all the others, so that they
        vary together; the variance is that of Nadeau and Bengio.

    Returns
    -------
    ndarray, shape (3, ...)
        Estimate, lower and upper bound.
    """
    from scipy.special import stdtrit

    count = off.shape[-1]
    weight = 1 / count + (1 / (count - 1) if crossed else 0.0)
    error = (off - off[..., :1]).std(axis=-1, ddof=1) * math.sqrt(weight)
    half = float(stdtrit(count - 1, (1 + level) / 2)) * error
    return np.stack([estimate, estimate - half, estimate + half])


def ratio(
    top: FloatArray, bottom: FloatArray, level: float, *, crossed: bool = False
) -> FloatArray:
    """Ratio of the means of two quantities with bounds, by the delta method.

    Parameters
    ----------
    top, bottom : ndarray, shape (..., replicates)
    level : float
    crossed : bool
        As for `with_t`.

    Returns
    -------
    ndarray, shape (3, ...)
        Estimate, lower and upper bound.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 2.0]), 0.95)
    array([0.5, 0.5, 0.5])
    """
    whole = bottom.mean(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = top.mean(axis=-1) / whole
        off = (top - found[..., None] * bottom) / whole[..., None]
    return with_t(found, off, level, crossed=crossed)


def of_pairs(
    whole: FloatArray, without: FloatArray, products: FloatArray, level: float
) -> FloatArray:
    """A mean of products of two replicates, with bounds by a jackknife.

    The jackknife counts twice what varies in a pair and in neither of its two alone
    (Efron and Stein 1981), which is all there is where an input does nothing.

    Parameters
    ----------
    whole : ndarray, shape (...)
        The estimate.
    without : ndarray, shape (..., replicates)
        What it is without each replicate in turn.
    products : ndarray, shape (..., replicates, replicates)
        One for each pair, in units of the estimate; symmetric, the diagonal unread.
    level : float

    Returns
    -------
    ndarray, shape (3, ...)
        Estimate, lower and upper bound.
    """
    from scipy.special import stdtrit

    count = without.shape[-1]
    apart = ~np.eye(count, dtype=np.bool_)
    own = np.where(apart, products, 0.0).sum(axis=-1)
    mean = own.mean(axis=-1, keepdims=True) / (count - 1)
    own = (own - (count - 1) * mean) / (count - 2)
    rest = products - mean[..., None] - own[..., None] - own[..., None, :]
    pair = np.where(apart, rest**2, 0.0).sum(axis=(-2, -1)) / (count * (count - 3))
    once = 2 * pair / (count * (count - 1))
    variance = (count - 1) ** 2 / count * without.var(axis=-1, ddof=1)
    variance -= 4 * pair / (count * (count - 2)) - once
    half = float(stdtrit(count - 1, (1 + level) / 2)) * np.sqrt(
        np.maximum(variance, once)
    )
    return np.stack([whole, whole - half, whole + half])


def refuse_odd(level: float) -> None:
    """Raise DesignError where no bounds can be had as asked."""
    if not 0 < level < 1:
        raise DesignError(f"level must lie between 0 and 1, not {level}")


def refuse_size(n: int, least: int) -> None:
    """Raise DesignError where `n` does not split into scrambles of powers of two."""
    if n < least or n & (n - 1):
        raise DesignError(f"n must be a power of two, {least} or more, not {n}")
