"""How well a named law fits n readings, and what the readings say of their mean.

A fit says how a quantity scatters. How well its mean is known is another question,
and a third is where the next reading may lie: the report answers each by itself.
"""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal, Observed, build
from uncertainty.errors import SampleError
from uncertainty.seeds import generator

FAMILIES = ("lognormal", "normal", "triangular", "gamma", "weibull", "uniform")
POSITIVE = frozenset({"lognormal", "gamma", "weibull"})
LEAST = 4
"""Readings: below that the mean's Student t has no finite sd."""
FEW = 20
"""Readings below which a test hardly ever tells one law from another."""
RESAMPLES, FEWER = 999, 199
"""Samples drawn from each fitted law, so that p-values come in steps of 1/1000; and
from `MANY` readings on, where each takes longer and the power is ample."""
MANY = 500
REJECTED = 0.05

Question = Literal["mean", "bootstrap", "readings"]
QUESTIONS: dict[Question, str] = {
    "mean": "where the long-run mean lies, if readings are independent and normal",
    "bootstrap": "where the long-run mean lies, if readings are independent",
    "readings": "where the next reading lies, if they go on to scatter as they did",
}


@dataclass(frozen=True)
class Fit:
    """One law fitted to the readings.

    Attributes
    ----------
    family : str
    parameters : dict of str to float
        As a config states them, in the units of the readings where they have units.
    statistic : float
        Anderson and Darling's A^2.
    p_value : float
        Share of samples from the fitted law, itself fitted anew to each, that lie as
        far from it. A small one speaks against the law, a large one not for it.
    aicc : float
        Akaike's criterion with Hurvich and Tsai's correction: of two laws the one
        with the smaller is better supported; infinite with too few readings.
    """

    family: str
    parameters: dict[str, float]
    statistic: float
    p_value: float
    aicc: float

    @cached_property
    def marginal(self) -> Marginal:
        """The law itself."""
        return build(self.family, self.parameters)

    @property
    def config(self) -> str:
        """The law as a config writes it: ``lognormal: {median: 3.02, gsd: 1.21}``."""
        inside = ", ".join(f"{k}: {v:.6g}" for k, v in self.parameters.items())
        return f"{self.family}: {{{inside}}}"


@dataclass(frozen=True)
class Answer:
    """What the readings answer to one question.

    Attributes
    ----------
    of : {"mean", "bootstrap", "readings"}
        As `observed` of the config takes it.
    question : str
    centre, sd : float
        Average of the readings, and the standard uncertainty of what is asked for.
    lower, upper : float
        Probabilistically symmetric coverage interval.
    """

    of: Question
    question: str
    centre: float
    sd: float
    lower: float
    upper: float


@dataclass(frozen=True)
class FitReport:
    """Fits, answers and warnings about one column of readings.

    Attributes
    ----------
    values : tuple of float
        The readings in the order given.
    units : str
    level : float
        Coverage probability of the answers' intervals.
    seed, resamples : int
        Of the p-values.
    fits : tuple of Fit
        Best supported first.
    excluded : dict of str to str
        Families that were not fitted, with the reason.
    answers : tuple of Answer
    warnings : tuple of str
    """

    values: tuple[float, ...]
    units: str
    level: float
    seed: int
    resamples: int
    fits: tuple[Fit, ...]
    excluded: dict[str, str]
    answers: tuple[Answer, ...]
    warnings: tuple[str, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """Table of the fits as text, its header first."""
        head = ("law", "parameters", "A^2", "p", "dAICc")
        best = min((fit.aicc for fit in self.fits), default=0.0)
        return [head, *(_row(fit, best, self.resamples) for fit in self.fits)]

    def lines(self) -> list[str]:
        """The whole report as lines of plain text."""
        unit = f" {self.units}" if self.units else ""
        found = [f"{len(self.values)} readings{unit}", "", *_aligned(self.rows())]
        found += [f"{name}: not fitted, {why}" for name, why in self.excluded.items()]
        found += ["", f"{100 * self.level:g} % interval of"]
        for answer in self.answers:
            ends = f"{answer.lower:.6g} to {answer.upper:.6g}{unit}"
            found.append(f"  {answer.of}: {ends} ({answer.question})")
        if self.warnings:
            found += ["", *(f"caution: {text}" for text in self.warnings)]
        return found


def report(
    values: Sequence[float],
    units: str,
    seed: int,
    *,
    level: float = 0.95,
    resamples: int | None = None,
) -> FitReport:
    """Fit each family to the readings, and answer what they say.

    Parameters
    ----------
    values : sequence of float
        At least 4 finite readings in the order in which they were taken, not all
        alike.
    units : str
        Of the readings.
    seed : int
        Root of the streams of the p-values, one stream a family.
    level : float
        Coverage probability of the answers' intervals, 0 < level < 1.
    resamples : int, optional
        Samples drawn for each p-value, at least 1; 999, or 199 for 500 readings and
        more, if not given.

    Returns
    -------
    FitReport

    Raises
    ------
    SampleError
        Fewer than 4 readings, one is not finite, or all are alike.
    ValueError
        `level` is not between 0 and 1, or `resamples` is below 1.

    Notes
    -----
    Maximum likelihood, with the sd of normal and lognormal divided by n - 1 and the
    ends of a rectangle moved outwards by a step of (high - low) / (n - 1), as their
    least bias asks; AICc is that of the largest likelihood, of a rectangle that of the
    one stated. A triangle's peak is put at a reading. p-values by parametric bootstrap (`scipy.stats.goodness_of_fit`): a
    tabulated one does not hold where parameters are fitted. Weibull is fitted as the
    law of smallest values of ln x, lognormal as the normal of ln x; A^2 is the same.
    The ends of a triangle and a rectangle are no regular parameters: their AICc is a
    rough guide.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    if resamples is not None and resamples < 1:
        raise ValueError(f"resamples must be 1 or more, not {resamples}")
    sample = _checked(values)
    resamples = resamples or (RESAMPLES if sample.size < MANY else FEWER)
    excluded = _excluded(sample)
    fits = [
        _fit(family, sample, seed, resamples)
        for family in FAMILIES
        if family not in excluded
    ]
    fits.sort(key=lambda fit: fit.aicc)
    return FitReport(
        values=tuple(sample.tolist()),
        units=units,
        level=level,
        seed=seed,
        resamples=resamples,
        fits=tuple(fits),
        excluded=excluded,
        answers=tuple(_answer(sample, of, level) for of in QUESTIONS),
        warnings=tuple(_warnings(sample, fits, level)),
    )


def lag_one(values: FloatArray) -> float:
    """Correlation of each reading with the one before it, of order 1/n biased.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Readings in the order in which they were taken, not all alike.

    Returns
    -------
    float
        Sum of the products of neighbours over the sum of squares, both about the
        average (Box, Jenkins and Reinsel, Time Series Analysis, 2.1.5).
    """
    away = values - values.mean()
    return float(np.sum(away[1:] * away[:-1]) / np.sum(away * away))


def _checked(values: Sequence[float]) -> FloatArray:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or sample.size < LEAST:
        text = f"{sample.size} readings; a fit takes {LEAST} or more, in one column"
        raise SampleError(f"{text}; with fewer state an interval")
    if bad := int((~np.isfinite(sample)).sum()):
        raise SampleError(f"{bad} of {sample.size} readings not finite; leave them out")
    width = float(np.ptp(sample))
    if width <= 1e-12 * float(np.abs(sample).max()):
        raise SampleError(
            f"all {sample.size} readings are {sample[0]:g}; no law to fit"
        )
    return sample


def _excluded(sample: FloatArray) -> dict[str, str]:
    if not (count := int((sample <= 0).sum())):
        return {}
    why = f"{count} of {sample.size} readings not above 0"
    return {family: why for family in FAMILIES if family in POSITIVE}


def _answer(sample: FloatArray, of: Question, level: float) -> Answer:
    law = Observed(tuple(sample.tolist()), of)
    tail = (1 - level) / 2
    lower, upper = float(law.ppf(tail)), float(law.isf(tail))
    return Answer(of, QUESTIONS[of], law.point, law.sd, lower, upper)


def _warnings(sample: FloatArray, fits: list[Fit], level: float) -> list[str]:
    count, found = sample.size, []
    if count < FEW:
        text = f"{count} readings hardly tell one law from another"
        found.append(f"{text}; a p above {REJECTED} is no proof of a fit")
    needed = math.ceil(round(2 / (1 - level), 6))
    if count < needed:
        text = f"the interval of the readings spans their extremes: {100 * level:g} %"
        found.append(f"{text} takes {needed} readings or more")
    if repeated := count - np.unique(sample).size:
        text = f"{repeated} of {count} readings repeat another, as rounded ones do"
        found.append(f"{text}; every p is then too small")
    near = lag_one(sample)
    # the large-sample 95 % limits of a series of independent readings
    if near > 1.96 / math.sqrt(count):
        worth = count * (1 - near) / (1 + near)
        text = f"each reading follows the one before (lag-1 correlation {near:.2f})"
        text += f": {count} are worth about {max(worth, 1):.0f} independent ones"
        found.append(f"{text}, so the intervals of the mean are too narrow")
    if fits and all(fit.p_value < REJECTED for fit in fits):
        text = f"no law fits (every p is below {REJECTED})"
        found.append(f"{text}; take the readings themselves, or look for two groups")
    return found


def _row(fit: Fit, best: float, resamples: int) -> tuple[str, ...]:
    least = 1 / (resamples + 1)
    p = f"< {2 * least:.2g}" if fit.p_value <= least else f"{fit.p_value:.3f}"
    words = ", ".join(f"{k} {v:.5g}" for k, v in fit.parameters.items())
    behind = f"{fit.aicc - best:.1f}" if math.isfinite(fit.aicc) else "-"
    return fit.family, words, f"{fit.statistic:.3f}", p, behind


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = [
        [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]
    return ["  ".join(row).rstrip() for row in cells]


@dataclass(frozen=True)
class _Law:
    """How a family is fitted.

    `dist` is the scipy law of `log x` or of x; `fixed` its parameters that are known;
    `words` turns fitted ones into a config's, `likelihood` the sample into ln L.
    """

    dist: Any
    log: bool
    fixed: dict[str, float]
    words: Callable[[Any], dict[str, float]]
    likelihood: Callable[[FloatArray, Any], float]
    parameters: int = 2


def _fit(family: str, sample: FloatArray, seed: int, resamples: int) -> Fit:
    from scipy.stats import goodness_of_fit  # a second to import; no run needs it

    law = _laws()[family]
    data = np.log(sample) if law.log else sample
    # released under another name before scipy 1.15
    named = inspect.signature(goodness_of_fit).parameters
    stream = {
        "rng" if "rng" in named else "random_state": generator(seed, "fit", family)
    }
    # a search for the largest likelihood steps where densities under- or overflow
    with np.errstate(all="ignore"):
        test = goodness_of_fit(
            law.dist,
            data,
            known_params=law.fixed,
            statistic="ad",
            n_mc_samples=resamples,
            **stream,
        )
    params = test.fit_result.params
    likelihood = law.likelihood(data, params) - (float(data.sum()) if law.log else 0.0)
    return Fit(
        family=family,
        parameters={k: float(v) for k, v in law.words(params).items()},
        statistic=float(test.statistic),
        p_value=float(test.pvalue),
        aicc=_aicc(likelihood, law.parameters, sample.size),
    )


def _aicc(likelihood: float, parameters: int, count: int) -> float:
    """AICc of Hurvich and Tsai, Biometrika 76 (1989) 297."""
    spare = count - parameters - 1
    if spare < 1:
        return math.inf
    return 2 * parameters * (1 + (parameters + 1) / spare) - 2 * likelihood


@cache
def _laws() -> dict[str, _Law]:
    """Every family as scipy's, made once: importing scipy.stats takes a second."""
    from scipy import stats

    def normal(data: FloatArray, _: Any) -> float:
        variance = float(data.var())
        return -data.size / 2 * (math.log(2 * math.pi * variance) + 1)

    def density(dist: Any) -> Callable[[FloatArray, Any], float]:
        return lambda data, p: float(np.sum(dist.logpdf(data, *p)))

    # as stated: the likelihood of ends that touch the readings would flatter it
    def rectangle(data: FloatArray, p: Any) -> float:
        return -data.size * math.log(p.scale)

    triangle, wide = _triangle(stats.rv_continuous), _wide(stats.rv_continuous)
    return {
        "lognormal": _Law(
            stats.norm,
            log=True,
            fixed={},
            words=lambda p: {"median": math.exp(p.loc), "gsd": math.exp(p.scale)},
            likelihood=normal,
        ),
        "normal": _Law(
            stats.norm,
            log=False,
            fixed={},
            words=lambda p: {"mean": p.loc, "sd": p.scale},
            likelihood=normal,
        ),
        "triangular": _Law(
            triangle,
            log=False,
            fixed={},
            words=lambda p: {
                "low": p.loc,
                "mode": p.loc + p.c * p.scale,
                "high": p.loc + p.scale,
            },
            likelihood=density(triangle),
            parameters=3,
        ),
        "gamma": _Law(
            stats.gamma,
            log=False,
            fixed={"loc": 0.0},
            words=lambda p: {"shape": p.a, "scale": p.scale},
            likelihood=density(stats.gamma),
        ),
        "weibull": _Law(
            stats.gumbel_l,
            log=True,
            fixed={},
            words=lambda p: {"scale": math.exp(p.loc), "shape": 1 / p.scale},
            likelihood=density(stats.gumbel_l),
        ),
        "uniform": _Law(
            wide,
            log=False,
            fixed={},
            words=lambda p: {"low": p.loc, "high": p.loc + p.scale},
            likelihood=rectangle,
        ),
    }


def _wide(base: Any) -> Any:
    """The rectangle, with ends that no reading stands on: A^2 is finite."""

    class Wide(base):  # type: ignore[misc]
        def _pdf(self, x: FloatArray) -> FloatArray:
            return np.ones_like(x)

        def _cdf(self, x: FloatArray) -> FloatArray:
            return x

        def _ppf(self, q: FloatArray) -> FloatArray:
            return q

        def fit(self, data: FloatArray, **_: float) -> tuple[float, float]:
            low, high = float(data.min()), float(data.max())
            step = (high - low) / (data.size - 1)
            return low - step, high - low + 2 * step

    return Wide(a=0.0, b=1.0, name="wide")


def _triangle(base: Any) -> Any:
    """The triangle, fitted by its own search, a thousand times as fast as scipy's."""

    class Triangle(base):  # type: ignore[misc]
        def _argcheck(self, c: FloatArray) -> Any:
            return (c > 0) & (c < 1)

        def _pdf(self, x: FloatArray, c: FloatArray) -> FloatArray:
            return 2 * np.where(x < c, x / c, (1 - x) / (1 - c))

        def _cdf(self, x: FloatArray, c: FloatArray) -> FloatArray:
            return np.where(x < c, x * x / c, 1 - (1 - x) ** 2 / (1 - c))

        def _sf(self, x: FloatArray, c: FloatArray) -> FloatArray:
            return np.where(x < c, 1 - x * x / c, (1 - x) ** 2 / (1 - c))

        def _ppf(self, q: FloatArray, c: FloatArray) -> FloatArray:
            rising = np.sqrt(c * q)
            return np.where(q < c, rising, 1 - np.sqrt((1 - c) * (1 - q)))

        def fit(self, data: FloatArray, **_: float) -> tuple[float, float, float]:
            low, mode, high = fit_triangle(data)
            return (mode - low) / (high - low), low, high - low

    return Triangle(a=0.0, b=1.0, name="triangle", shapes="c")


GRID = 9
ZOOMS = 5
NARROWEST, WIDEST = 1e-3, 2.0
"""Ends lie that many ranges of the readings beyond the least and the greatest."""


def fit_triangle(values: FloatArray) -> tuple[float, float, float]:
    """Ends and peak of the triangle of the largest likelihood.

    Parameters
    ----------
    values : ndarray, shape (n,)
        At least 4 readings, not all alike.

    Returns
    -------
    tuple of float
        low, mode, high in the units of `values`. The mode is one of the readings but
        the least and the greatest; the ends lie beyond these by 0.001 to 2 of their
        range.

    Notes
    -----
    For given ends the likelihood is largest with the mode at a reading (Johnson and
    Kotz, The Statistician 48 (1999) 179). ln L is then a sum of one term for each
    end, so a grid of ends costs little; it is narrowed about its best cell until the
    ends are known to a part in a hundred.
    """
    ordered = np.sort(values)
    width = float(ordered[-1] - ordered[0])
    x = (ordered - ordered[0]) / width
    near = np.log([NARROWEST, WIDEST])
    ends = np.array([near, near])
    low, high, mode = 0, 0, 0
    for _ in range(ZOOMS):
        grid = np.linspace(ends[:, 0], ends[:, 1], GRID, axis=1)
        beyond = np.exp(grid)
        left, right = _side(x, beyond[0]), _side(1 - x[::-1], beyond[1])[:, ::-1]
        span = np.log(1 + beyond[0][:, None] + beyond[1])
        total = left[:, None, 1:-1] + right[None, :, 1:-1] - x.size * span[..., None]
        found = np.unravel_index(int(np.argmax(total)), total.shape)
        low, high, mode = (int(place) for place in found)
        best = np.array([[grid[0, low]], [grid[1, high]]])
        reach = grid[:, 1:2] - grid[:, :1]
        ends = np.clip(best + reach * [-1, 1], near[0], near[1])
    before, after = beyond[0, low] * width, beyond[1, high] * width
    return (
        float(ordered[0] - before),
        float(ordered[1 + mode]),
        float(ordered[-1] + after),
    )


def _side(x: FloatArray, beyond: FloatArray) -> FloatArray:
    """Ln of the likelihood left of the mode: shape (end, mode), x rising from 0."""
    away = np.log(x + beyond[:, None])
    below = np.cumsum(away, axis=1) - away
    return below - np.arange(x.size) * away
