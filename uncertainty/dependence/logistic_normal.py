"""Shares whose log ratios are normal, calibrated to stated means, sds, correlations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, log
from typing import ClassVar

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.dependence.composition import (
    MEAN_TOLERANCE,
    SD_TOLERANCE,
    Composition,
    mean_faults,
    normalised,
    refuse,
    sd_faults,
    shortfalls,
    varying,
)
from uncertainty.dependence.copula import GaussianCopula, Pairs
from uncertainty.distributions import Normal
from uncertainty.seeds import generator

_FITTED, _CHECKED = 12, 15  # binary logarithm of the points in each set
_WELL = 0.2  # part of the tolerances that the fit may use up; the rest is sampling
_CORRECTIONS, _MOST_STEPS = 60, 25
_CORRELATION_TOLERANCE = 0.05
# how loosely correlations are held; where they and the sds cannot all be, sds win
_STATED_CORRELATION, _FREE_CORRELATION = 0.2, 4.0


@dataclass(frozen=True)
class LogRatio(Normal):
    """Normal log ratio of a share to the last one.

    `point` is the log ratio of the stated means, so that a run without spread gives
    these; the mean is what brings the arithmetic means of the shares there.
    """

    at: float = 0.0
    family: ClassVar[str] = "log_ratio"

    @property
    def point(self) -> float:
        """Log ratio of the stated means."""
        return self.at


def logistic_normal(
    means: Mapping[str, float],
    sds: Mapping[str, float],
    correlations: Pairs | None = None,
    *,
    prefix: str = "",
) -> Composition:
    """Shares with a logistic-normal law: stated means, sds, and correlations if any.

    Parameters
    ----------
    means : mapping of share to mean
        Sum one. A mean of 0 or 1 stays so in every draw.
    sds : mapping of share to standard deviation
        One for each share; 0 fixes it.
    correlations : mapping of pairs, optional
        Linear correlation between two shares, -1 to 1. Pairs not named are as in
        independent amounts that are divided by their sum. Of K shares the sds alone
        settle all pairs at K = 3, and K (K - 3) / 2 pairs are free above that.
    prefix : str
        Put before a share's name to make its column's key.

    Returns
    -------
    Composition
        With warnings where a mean is off by more than 0.5 %, a sd by more than 5 %
        or a correlation by more than 0.05.

    Raises
    ------
    DependenceError
        Means, sds or correlations that no shares can have: among them an sd above
        the sum of all others, since what one share gains the others lose.

    Notes
    -----
    Aitchison and Shen, Biometrika 67 (1980) 261. No closed form has the moments, so
    least squares over a fixed set of quasi-random points finds the means and the
    covariance of the log ratios; a second, larger set says what is realised.
    """
    given = {} if correlations is None else dict(correlations)
    faults = mean_faults(means) + sd_faults(means, sds)
    faults += [f"{name}: sd missing" for name in means if name not in sds]
    refuse(faults)
    shares = normalised(means)
    order = varying(shares, sds)
    refuse([*_polygon(sds, order), *_pair_faults(given, order)])
    fixed = tuple((n, p) for n, p in shares.items() if n not in order)
    whole = 1 - fsum(p for _, p in fixed)
    target = _Target(
        tuple(shares[name] / whole for name in order),
        tuple(sds[name] / whole for name in order),
        tuple(
            (order.index(a), order.index(b), float(rho))
            for (a, b), rho in given.items()
        ),
    )
    columns, copulas, got = _fitted(order, target, prefix)
    realised_means = [
        whole * float(got.means[order.index(n)]) if n in order else p
        for n, p in shares.items()
    ]
    realised_sds = [
        whole * float(got.sds[order.index(n)]) if n in order else 0.0 for n in shares
    ]
    asked = list(shares.values()), [sds[name] for name in shares]
    warnings = [
        *shortfalls(shares, asked[0], realised_means, "mean", MEAN_TOLERANCE),
        *shortfalls(shares, asked[1], realised_sds, "sd", SD_TOLERANCE),
    ]
    if warnings:
        warnings[0] += "; no logistic-normal law comes nearer, stick_breaking may"
    warnings += _correlation_warnings(order, target, got)
    return Composition(
        names=tuple(shares),
        kind="logistic_normal",
        means=tuple(shares.values()),
        columns=columns,
        order=order,
        fixed=fixed,
        realised_means=tuple(realised_means),
        realised_sds=tuple(realised_sds),
        warnings=tuple(warnings),
        copulas=copulas,
    )


@dataclass(frozen=True)
class _Target:
    """What shares that sum to one shall have: means, sds, (i, j, correlation)."""

    means: tuple[float, ...]
    sds: tuple[float, ...]
    pairs: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class _Moments:
    """What shares have: arrays (share,), (share,), (share, share)."""

    means: FloatArray
    sds: FloatArray
    correlations: FloatArray


def _fitted(
    order: tuple[str, ...], target: _Target, prefix: str
) -> tuple[tuple[tuple[str, LogRatio], ...], tuple[GaussianCopula, ...], _Moments]:
    """Columns and their copula, with the moments that a second set of points gives."""
    if not order:
        return (), (), _Moments(np.empty(0), np.empty(0), np.empty((0, 0)))
    centre, factor = _calibrated(target)
    sizes = np.sqrt((factor**2).sum(axis=1))
    points = [log(p / target.means[-1]) for p in target.means[:-1]]
    columns = tuple(
        (prefix + name, LogRatio(float(mean), float(sd), at))
        for name, mean, sd, at in zip(order[:-1], centre, sizes, points, strict=True)
    )
    got = _moments(centre, factor, _scores(len(centre), _CHECKED, "check"))
    if len(columns) == 1:
        return columns, (), got
    unit = factor / sizes[:, None]
    matrix = np.clip(unit @ unit.T, -1, 1)
    np.fill_diagonal(matrix, 1.0)
    rows = tuple(tuple(row) for row in ((matrix + matrix.T) / 2).tolist())
    return columns, (GaussianCopula(tuple(key for key, _ in columns), rows),), got


@lru_cache(maxsize=256)
def _calibrated(target: _Target) -> tuple[FloatArray, FloatArray]:
    """Means (K - 1,) and lower factor (K - 1, K - 1) of the log ratios."""
    scores = _scores(len(target.means) - 1, _FITTED, "fit")
    centre, factor, misfit = _corrected(target, scores)
    if misfit < _WELL and not target.pairs:
        return centre, factor
    return _least_squares(target, scores, centre, factor)


def _corrected(
    target: _Target, scores: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Best of some starts, each asking for what the last one fell short by.

    The misfit is the largest of the differences that remain, in tolerances.
    """
    p, sd = np.array(target.means), np.array(target.sds)
    mean_asked, sd_asked = p.copy(), sd.copy()
    best = (*_start(p, sd), np.inf)
    for _ in range(_CORRECTIONS):
        centre, factor = _start(mean_asked, sd_asked)
        got = _moments(centre, factor, scores)
        misfit = max(
            float(np.max(np.abs(got.means / p - 1))) / MEAN_TOLERANCE,
            float(np.max(np.abs(got.sds / sd - 1))) / SD_TOLERANCE,
        )
        if misfit < best[2]:
            best = centre, factor, misfit
        if misfit < _WELL / 4:
            break
        mean_asked *= p / got.means
        mean_asked /= mean_asked.sum()
        sd_asked *= np.clip(sd / got.sds, 0.5, 2)
    return best


def _least_squares(
    target: _Target, scores: FloatArray, centre: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log ratios that come nearest to the target, all of it weighed together."""
    p, sd = np.array(target.means), np.array(target.sds)
    size = len(p) - 1
    lower, above = np.tril_indices(size), np.triu_indices(size + 1, 1)
    wanted = _moments(centre, factor, scores).correlations
    hold = np.full_like(wanted, _FREE_CORRELATION)
    for i, j, rho in target.pairs:
        wanted[i, j] = wanted[j, i] = rho
        hold[i, j] = hold[j, i] = _STATED_CORRELATION

    def split(unknown: FloatArray) -> tuple[FloatArray, FloatArray]:
        matrix = np.zeros((size, size))
        matrix[lower] = unknown[size:]
        return unknown[:size], matrix

    def misfit(unknown: FloatArray) -> FloatArray:
        got = _moments(*split(unknown), scores)
        off = (got.correlations - wanted) / hold
        return np.concatenate(
            [
                (got.means / p - 1) / MEAN_TOLERANCE,
                np.log(got.sds / sd) / SD_TOLERANCE,
                off[above],
            ]
        )

    start = np.concatenate([centre, factor[lower]])
    from scipy import optimize  # its import costs more than most studies do

    found = optimize.least_squares(
        misfit, start, ftol=1e-3, xtol=1e-4, max_nfev=_MOST_STEPS
    )
    return split(found.x)


def _start(p: FloatArray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log ratios whose shares have about these sds, as if amounts were lognormal.

    Logarithms of lognormal amounts have the covariance log(1 + c) where c is that of
    the amounts relative to their means.
    """
    relative = _covariance(p, sd) / np.outer(p, p)
    logs = np.log1p(np.maximum(relative, -0.9))
    ratios = logs[:-1, :-1] - logs[:-1, -1:] - logs[-1:, :-1] + logs[-1, -1]
    values, vectors = np.linalg.eigh(ratios)
    # never quite singular: from there least squares would see no slope
    values = np.maximum(values, 1e-4 * values[-1])
    centre = np.log(p[:-1] / p[-1]) - (np.diag(logs)[:-1] - logs[-1, -1]) / 2
    return centre, np.linalg.cholesky((vectors * values) @ vectors.T)


def _covariance(p: FloatArray, sd: FloatArray) -> FloatArray:
    """Covariance of shares with these sds, near that of independent amounts.

    To first order amounts of variances e give the shares the variances
    (1 - 2 p_i) e_i + p_i^2 sum(e). The nearest e that are not negative are taken;
    then shares, as vectors whose products are covariances, are made to have the right
    length and to sum to zero in turn.
    """
    system = np.diag(1 - 2 * p) + np.outer(p**2, np.ones_like(p))
    from scipy import optimize  # its import costs more than most studies do

    parts, _ = optimize.nnls(system / sd[:, None] ** 2, np.ones_like(p))
    parts = np.maximum(parts, 0.05 * sd**2)
    vectors = (np.eye(len(p)) - np.outer(p, np.ones_like(p))) * np.sqrt(parts)
    weight = (sd**2 / np.sum(sd**2))[:, None]
    for _ in range(200):
        vectors *= (sd / np.sqrt((vectors**2).sum(axis=1)))[:, None]
        vectors -= weight * vectors.sum(axis=0)
    covariance: FloatArray = vectors @ vectors.T
    return covariance


def _moments(centre: FloatArray, factor: FloatArray, scores: FloatArray) -> _Moments:
    """Moments of the shares over normal scores of shape (K - 1, points)."""
    size, points = scores.shape
    shares = np.ones((size + 1, points))
    for i in range(size):
        ratio = np.full(points, centre[i])
        for j in range(i + 1):
            ratio += factor[i, j] * scores[j]
        np.exp(np.clip(ratio, -300, 300), out=shares[i])
    shares /= shares.sum(axis=0)
    means = shares.mean(axis=1)
    shares -= means[:, None]
    # einsum as it stands calls no BLAS, whose sums may change with its threads
    covariance = np.einsum("in,jn->ij", shares, shares) / points
    sds = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    return _Moments(means, sds, covariance / np.outer(sds, sds))


@lru_cache(maxsize=32)
def _scores(size: int, bits: int, purpose: str) -> FloatArray:
    """Quasi-random normal scores, shape (size, 2**bits), the same in every run."""
    from scipy.stats import qmc  # most of a second: only where it is needed

    points = qmc.Sobol(size, scramble=False).random_base2(bits).T
    shift = generator(0, "logistic_normal", purpose).random(size)
    # a random shift modulo one keeps the even spread and leaves the ends
    levels = np.clip((points + shift[:, None]) % 1.0, 2.0**-54, 1 - 2.0**-53)
    return special.ndtri(levels)


def _polygon(sds: Mapping[str, float], order: tuple[str, ...]) -> Iterator[str]:
    """Refuse a share that varies more than all others can make up for."""
    for name in order:
        others = fsum(sds[other] for other in order if other != name)
        if sds[name] > (1 + SD_TOLERANCE) * others:
            yield (
                f"{name}: sd {sds[name]:.4g} is more than the {others:.4g} that the "
                "sds of the others sum to, and what it gains they lose; the nearest "
                f"possible is {others:.4g}"
            )
    alone = [name for name, sd in sds.items() if sd > 0 and name not in order]
    for name in alone:
        yield f"{name}: sd {sds[name]:.4g}, but no other share varies; the only sd is 0"


def _pair_faults(pairs: Pairs, order: tuple[str, ...]) -> Iterator[str]:
    for (first, second), rho in pairs.items():
        for name in (first, second):
            if name not in order:
                yield f"{name} is no share that varies; there are {', '.join(order)}"
        if first == second:
            yield f"{first} is paired with itself"
        elif (second, first) in pairs and first < second:
            yield f"{first} and {second} stand twice; state the pair once"
        if not abs(rho) <= 1:
            yield f"{first} and {second}: correlation {rho:g} is not between -1 and 1"


def _correlation_warnings(
    order: tuple[str, ...], target: _Target, got: _Moments
) -> Iterator[str]:
    for i, j, wish in target.pairs:
        realised = float(got.correlations[i, j])
        if abs(realised - wish) > _CORRELATION_TOLERANCE:
            yield (
                f"{order[i]} and {order[j]}: correlation {wish:g} was asked for, "
                f"{realised:.3g} is realised; the sds leave no more room"
            )
