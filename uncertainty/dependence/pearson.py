"""Linear correlation of values that a Gaussian copula ties."""

from functools import lru_cache
from math import sqrt

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal
from uncertainty.errors import DependenceError

_REACH = 14.0  # normal scores; what lies beyond has a probability of 1e-44
_PANEL = 0.5  # with 16 Gauss nodes good to rounding, for the highest order as well
_ORDERS = 240
_MOST_KNOTS = 2_000  # steps of a longer list of readings are finer than a panel's error


def pearson(correlation: float, first: Marginal, second: Marginal) -> float:
    """Correlation of two values whose normal scores have `correlation`.

    Parameters
    ----------
    correlation : float
        Of the normal scores, -1 to 1, as `GaussianCopula.between` gives it.
    first, second : Marginal

    Returns
    -------
    float
        Pearson's correlation; 0 if either is a constant. Its limits, at 1 and -1, are
        what any dependence whatever can reach between these two marginals.

    Raises
    ------
    DependenceError
        `correlation` is not between -1 and 1.

    Notes
    -----
    Mehler's formula (1866): if the quantiles at normal score z have coefficients a_k
    and b_k in the orthonormal Hermite polynomials, their covariance is the sum of
    r^k a_k b_k, k >= 1. One quadrature a marginal serves all its pairs, and jumps and
    bends of a quantile function cost no accuracy that a product rule in two
    dimensions would lose. At r = 1 and -1 the covariance is a single integral. Smooth
    marginals come out to 1e-10, two discrete ones at abs(r) = 0.95 to 1e-7 and at
    0.99 to 1e-3.

    Examples
    --------
    >>> from uncertainty.distributions import Uniform
    >>> pearson(0.3, Uniform(0, 1), Uniform(0, 1))
    0.28756422
    """
    if not -1 <= correlation <= 1:
        raise DependenceError(f"correlation {correlation:g} is not between -1 and 1")
    if first.constant or second.constant:
        return 0.0
    spread = first.sd * second.sd
    if abs(correlation) == 1:
        return _in_step(first, second, correlation < 0) / spread
    powers = correlation ** np.arange(1, _ORDERS)
    terms = powers * _coefficients(first) * _coefficients(second)
    # the smallest first; a sum over orders, not over draws
    return float(np.sum(terms[::-1])) / spread


@lru_cache(maxsize=1024)
def _coefficients(marginal: Marginal) -> FloatArray:
    """Hermite coefficients of the quantiles at normal scores, orders 1 and up."""
    z, weight = _rule(_knots(marginal))
    # functions h_k(z) sqrt(density), which stay bounded where the polynomials do not
    root = np.exp(-z * z / 4) / (2 * np.pi) ** 0.25
    values = (_quantiles(marginal, z) - marginal.mean) * root * weight
    before, here = np.zeros_like(root), root
    found = np.empty(_ORDERS - 1)
    for k in range(1, _ORDERS):
        before, here = here, (z * here - sqrt(k - 1) * before) / sqrt(k)
        found[k - 1] = np.sum(values * here)
    return found


def _in_step(first: Marginal, second: Marginal, mirrored: bool) -> float:
    """Covariance of two values at the same level, or at opposite ones."""
    sign = -1.0 if mirrored else 1.0
    z, weight = _rule(np.concatenate([_knots(first), sign * _knots(second)]))
    density = np.exp(-z * z / 2) / sqrt(2 * np.pi)
    one = _quantiles(first, z) - first.mean
    other = _quantiles(second, sign * z) - second.mean
    return float(np.sum(one * other * density * weight))


def _quantiles(marginal: Marginal, z: FloatArray) -> FloatArray:
    """Quantiles at normal scores, exact in both tails."""
    tail = special.ndtr(-np.abs(z))
    return np.where(z < 0, marginal.ppf(tail), marginal.isf(tail))


def _knots(marginal: Marginal) -> FloatArray:
    """Normal scores at which the quantile function jumps or bends."""
    if (atoms := marginal.atoms) is not None:
        levels = np.cumsum(atoms[1])[:-1]
    else:
        levels = np.asarray(marginal.cdf(np.asarray(marginal.knots)))
    scores = np.asarray(special.ndtri(levels[(levels > 0) & (levels < 1)]))
    return scores if scores.size <= _MOST_KNOTS else np.empty(0)


def _rule(knots: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on panels that no knot lies inside."""
    inner = knots[np.abs(knots) < _REACH]
    edges = np.unique(np.concatenate([np.arange(-_REACH, _REACH + 0.1, _PANEL), inner]))
    node, weight = np.polynomial.legendre.leggauss(16)
    half = np.diff(edges)[:, None] / 2
    nodes = (edges[:-1, None] + half) + half * node
    return nodes.ravel(), (half * weight).ravel()
