"""Chebyshev series of a law: from few quantiles to all, while a table is made.

A quantile may cost a microsecond and a table needs 12 000. Over the logarithm of the
odds u / (1 - u) a law is analytic but at its ends and knots, so that series through
some 300 quantiles give the others to 1e-10 sd.
"""

from dataclasses import dataclass
from functools import cache
from math import inf, log

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal

SEGMENT = 4  # octaves of odds under one series, before any halving
DEGREE = 20
PROBES = np.array([1, 6, 13, 18]) + 0.5  # between the nodes, counted from the right
HALVINGS = 4
LARGEST_MISS = 1e-10  # sd
LARGEST_NOISE = 1e-8  # sd; of a segment whose quantiles scatter however short it is
SLACK = 1e-12  # a knot so close to the end of a segment lies on it


@dataclass(frozen=True, eq=False)
class Series:
    """A law as Chebyshev series over the logarithm of its odds, one a segment.

    Attributes
    ----------
    low : float
        Lower end of the law; if finite the series are of ln(x - low), so that what
        lies close to the end keeps its digits.
    sd : float
        Rough standard deviation of the law, the yardstick of what is missed.
    knots : ndarray, shape (knot,)
        Logarithms of the odds at which the law has its knots.
    left, right : ndarray, shape (segment,)
        Ends of the segments, logarithms of odds.
    coefficients : ndarray, shape (DEGREE + 1, segment)
        NaN where the law is not smooth, or too steep.
    """

    low: float
    sd: float
    knots: FloatArray
    left: FloatArray
    right: FloatArray
    coefficients: FloatArray

    def __call__(self, odds: FloatArray) -> FloatArray:
        """Quantiles at u / (1 - u), or NaN."""
        return self._at(np.log(odds))

    def _at(self, log_odds: FloatArray) -> FloatArray:
        """Clenshaw's recurrence."""
        segment = np.searchsorted(self.left, log_odds, side="right") - 1
        segment = np.maximum(segment, 0)
        middle, width = (self.left + self.right) / 2, self.right - self.left
        t2 = (log_odds - middle[segment]) * (4 / width)[segment]
        last, before = np.zeros_like(t2), np.zeros_like(t2)
        with np.errstate(over="ignore", invalid="ignore"):  # of series to be refused
            for row in self.coefficients[:0:-1]:
                last, before = t2 * last - before + row[segment], last
            y = t2 / 2 * last - before + self.coefficients[0][segment]
            return np.asarray(y if self.low == -inf else self.low + np.exp(y))


def fit(law: Marginal, reach: int) -> Series:
    """Series of a continuous law from odds of 2**-reach to 2**reach.

    Parameters
    ----------
    law : Marginal
    reach : int
        Octaves, a multiple of `SEGMENT`.

    Returns
    -------
    Series
        Segments end at the knots of the law.
    """
    end = reach * log(2)
    edges = np.linspace(-end, end, 2 * reach // SEGMENT + 1)
    knots = _knots(law)
    knots = knots[np.abs(knots) < end]
    inner = [k for k in knots if np.abs(edges - k).min() > SLACK]
    edges = np.sort(np.append(edges, inner))
    frame = Series(law.support[0], _rough_sd(law), knots, *[np.empty(0)] * 3)
    return _halved(law, frame, edges[:-1], edges[1:], HALVINGS)


def _halved(
    law: Marginal, frame: Series, left: FloatArray, right: FloatArray, halvings: int
) -> Series:
    """Series on segments, each halved up to so many times while its series misses."""
    nodes, matrix = _chebyshev()
    middle, half = (left + right) / 2, (right - left) / 2
    log_odds = middle[:, None] + half[:, None] * nodes
    x = _exact(law, log_odds)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = x if frame.low == -inf else np.log(x - frame.low)
        # einsum, not BLAS, whose last bits may depend on its number of threads
        coefficients = np.einsum("kj,sj->ks", matrix, y[:, : DEGREE + 1])
    probes = slice(DEGREE + 1, None)
    series = Series(frame.low, frame.sd, frame.knots, left, right, coefficients)
    miss = np.abs(series._at(log_odds[:, probes]) - x[:, probes]).max(axis=1)
    bound = frame.sd * (LARGEST_MISS if halvings else LARGEST_NOISE)
    good = miss <= np.maximum(bound, 8 * np.spacing(np.abs(x).max(axis=1)))
    if not halvings:
        coefficients[:, ~good] = np.nan
    if not halvings or good.all():
        return series
    bad = ~good
    halves = np.sort([*left[bad], *middle[bad]]), np.sort([*middle[bad], *right[bad]])
    rest = _halved(law, frame, *halves, halvings - 1)
    left, right = np.append(left[good], rest.left), np.append(right[good], rest.right)
    coefficients = np.append(coefficients[:, good], rest.coefficients, axis=1)
    order = np.argsort(left)
    segments = left[order], right[order], coefficients[:, order]
    return Series(frame.low, frame.sd, frame.knots, *segments)


def _exact(law: Marginal, log_odds: FloatArray) -> FloatArray:
    """Quantiles from the nearer tail, so that both keep their digits."""
    below = log_odds < 0
    x = np.empty(log_odds.shape)
    x[below] = law.ppf(special.expit(log_odds[below]))
    x[~below] = law.isf(special.expit(-log_odds[~below]))
    return x


def _knots(law: Marginal) -> FloatArray:
    """Logarithms of the odds of a law's knots."""
    knots = np.asarray(law.knots, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(law.cdf(knots)) - np.log(law.sf(knots)))


def _rough_sd(law: Marginal) -> float:
    """Sd of a law less its outermost 1e-7, to some percent, as a mere yardstick."""
    log_odds = np.linspace(-16, 16, 65)
    weight = special.expit(log_odds) * special.expit(-log_odds) / 2
    x = _exact(law, log_odds)
    return float(np.sqrt(np.sum(weight * (x - np.sum(weight * x)) ** 2)))


@cache
def _chebyshev() -> tuple[FloatArray, FloatArray]:
    """Nodes on [-1, 1] followed by probes, and the matrix from values to series.

    The nodes are Chebyshev points of the second kind, for which the matrix is that of
    the discrete cosine transform of the first kind.
    """
    k = np.arange(DEGREE + 1)
    halved = np.where((k == 0) | (k == DEGREE), 0.5, 1.0)
    matrix = np.cos(np.pi * np.outer(k, k) / DEGREE) * np.outer(halved, halved)
    return np.cos(np.pi * np.append(k, PROBES) / DEGREE), matrix * 2 / DEGREE


def cubic_through(
    near: FloatArray, far: FloatArray, rise: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients of t, third power first, of cubics that are 0 at t = 0.

    They go through `near` at t = 1/4, `far` at 3/4 and `rise` at 1, shape (piece,).
    """
    first = (24 * near - 8 * far + 3 * rise) / 3
    second = (40 * far - 56 * near - 16 * rise) / 3
    third = (32 * near - 32 * far + 16 * rise) / 3
    return third, second, first
