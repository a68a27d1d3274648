"""How well a run will know its answers, before it is made: independent draws."""

import math
from typing import Literal

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal

_REACH, _PANEL = 14.0, 0.25  # normal scores; what lies beyond has probability 1e-44
_STEP = 0.02
"""Step of the difference in normal scores: of sixth order, so its error is below
1e-11 for a law whose logarithm has a sd of one, and rounding adds 1e-13."""


def draws_for_mean(cv: float, precision: float, confidence: float = 0.95) -> int:
    """Draws that make the confidence interval of a mean as narrow as wished.

    Parameters
    ----------
    cv : float
        Standard deviation over mean of what is averaged, above 0.
    precision : float
        Half-width of the interval over the mean, above 0.
    confidence : float
        Of the interval, 0 < confidence < 1.

    Raises
    ------
    ValueError
        `cv` or `precision` is not above 0, or the confidence not between 0 and 1.

    Notes
    -----
    Least N with z cv / sqrt(N) <= precision, z the two-sided normal quantile.

    Examples
    --------
    >>> draws_for_mean(0.1, 0.01)
    385
    """
    for name, value in (("cv", cv), ("precision", precision)):
        if not value > 0:
            raise ValueError(f"{name} must be above 0, not {value}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    z = -float(special.ndtri((1 - confidence) / 2))
    return math.ceil(round((z * cv / precision) ** 2, 9))


def expected_error(
    law: Marginal,
    draws: int,
    statistic: Literal["mean", "sd", "quantile"] = "mean",
    *,
    level: float = 0.5,
) -> float:
    """Standard error that an estimate will have, if draws follow a law.

    Parameters
    ----------
    law : Marginal
        Continuous.
    draws : int
        Independent draws, 1 or more.
    statistic : {"mean", "sd", "quantile"}
    level : float
        Of the quantile, 0 < level < 1.

    Returns
    -------
    float
        In the units of the law; 0 for a law without width.

    Raises
    ------
    ValueError
        `draws` is below 1, the statistic unknown, or the level not between 0 and 1.

    Notes
    -----
    mean: s / sqrt(N); sd: sqrt((m4 - s^4) / (4 s^2 N)) with the fourth central
    moment m4; quantile: sqrt(p (1 - p) / N) over the density there. The two last
    hold for many draws. Kendall and Stuart, Advanced Theory of Statistics 1, ch. 10.

    Examples
    --------
    >>> from uncertainty.distributions import Normal
    >>> expected_error(Normal(0, 1), 10_000, "quantile", level=0.975)
    0.0267131
    """
    if draws < 1:
        raise ValueError(f"draws must be 1 or more, not {draws}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    if law.constant:
        return 0.0
    if statistic == "mean":
        return law.sd / math.sqrt(draws)
    if statistic == "sd":
        fourth = _central_moment(law, 4)
        return math.sqrt((fourth - law.sd**4) / (4 * law.sd**2 * draws))
    if statistic == "quantile":
        return math.sqrt(level * (1 - level) / draws) * _slope(law, level)
    raise ValueError(f"statistic must be mean, sd or quantile, not {statistic!r}")


def _at(law: Marginal, scores: FloatArray) -> FloatArray:
    """Quantiles at normal scores, exact in both tails."""
    tail = special.ndtr(-np.abs(scores))
    return np.where(scores < 0, law.ppf(tail), law.isf(tail))


def _central_moment(law: Marginal, order: int) -> float:
    """Gauss-Legendre panels over the normal score, split where the density bends."""
    bends = special.ndtri(np.asarray(law.cdf(np.asarray(law.knots))))
    inner = bends[np.abs(bends) < _REACH]
    edges = np.unique(np.concatenate([np.arange(-_REACH, _REACH + 0.1, _PANEL), inner]))
    node, weight = np.polynomial.legendre.leggauss(16)
    half = np.diff(edges)[:, None] / 2
    scores = (edges[:-1, None] + half + half * node).ravel()
    density = np.exp(-(scores**2) / 2) / math.sqrt(2 * math.pi)
    values = (_at(law, scores) - law.mean) ** order
    return float(np.sum(values * density * (half * weight).ravel()))


def _slope(law: Marginal, level: float) -> float:
    """Derivative of the quantile by its level: one over the density."""
    centre = float(special.ndtri(level))
    away = _STEP * np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    weights = np.array([-1.0, 9.0, -45.0, 45.0, -9.0, 1.0]) / 60
    by_score = float(np.sum(weights * _at(law, centre + away))) / _STEP
    return by_score * math.sqrt(2 * math.pi) * math.exp(centre**2 / 2)
