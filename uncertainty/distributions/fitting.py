"""How well a named law fits n readings, and what the readings say of their mean.

A fit says how a quantity scatters. How well its mean is known is another question,
and a third is where the next reading may lie: the report answers each by itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Observed
from uncertainty.distributions.goodness import FAMILIES, POSITIVE, Fit, digits_of, fit
from uncertainty.errors import SampleError

LEAST = 4
"""Readings: below that the mean's Student t has no finite sd."""
FEW = 20
"""Readings below which a test hardly ever tells one law from another."""
RESAMPLES, FEWER = 999, 199
"""Samples drawn from each fitted law, so that p-values come in steps of 1/1000; and
from `MANY` readings on, where each takes longer and the power is ample."""
MANY = 500
REJECTED = 0.05
NARROW = 1e-5
"""Range of the readings over their size below which a shape cannot be searched for."""

MARKS = (-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0)
"""What tables write where there is no reading."""
FAR = 30.0
"""Spreads from the others beyond which such a value is told of."""

Question = Literal["mean", "bootstrap", "readings"]
QUESTIONS: dict[Question, str] = {
    "mean": "where the long-run mean lies, if readings are independent and normal",
    "bootstrap": "where the long-run mean lies, if readings are independent",
    "readings": "where the next reading lies, if they go on to scatter as they did",
}


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

    def p_words(self, one: Fit) -> str:
        """A p-value no finer than its samples tell: ``= 0.43`` or ``< 0.002``."""
        least = 1 / (self.resamples + 1)
        if one.p_value <= least:
            return f"< {2 * least:.2g}"
        return f"= {one.p_value:.2g}"

    def rows(self) -> list[tuple[str, ...]]:
        """Table of the fits as text, its header first."""
        head = ("law", "parameters", "A^2", "p", "dAICc")
        best = min((one.aicc for one in self.fits), default=0.0)
        found: list[tuple[str, ...]] = [head]
        for one in self.fits:
            behind = f"{one.aicc - best:.1f}" if math.isfinite(one.aicc) else "-"
            p = self.p_words(one).removeprefix("= ")
            found.append((one.family, one.words(), f"{one.statistic:.3f}", p, behind))
        return found

    def lines(self) -> list[str]:
        """The whole report as lines of plain text."""
        unit = f" {self.units}" if self.units else ""
        found = [f"{len(self.values)} readings{unit}", "", *_aligned(self.rows())]
        found.append(
            f"A^2: Anderson and Darling; p: from {self.resamples} samples of the law; "
            "dAICc: behind the best; differences below 2 are not meaningful"
        )
        found += [f"{name}: not fitted, {why}" for name, why in self.excluded.items()]
        found += ["", f"{100 * self.level:g} % interval of"]
        for one in self.answers:
            digits = f".{digits_of(np.asarray(self.values))}g"
            ends = f"{one.lower:{digits}} to {one.upper:{digits}}{unit}"
            found.append(f"  {one.of}: {ends} ({one.question})")
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
    least bias asks. A triangle's peak is put at a reading. AICc is that of the largest
    likelihood, of a rectangle that of the one stated; the ends of both are no regular
    parameters, which makes it a rough guide there.

    p-values by parametric bootstrap (`scipy.stats.goodness_of_fit`): a tabulated one
    does not hold where parameters are fitted. Weibull is fitted as the law of smallest
    values of ln x, lognormal as the normal of ln x; A^2 is the same.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    if resamples is not None and resamples < 1:
        raise ValueError(f"resamples must be 1 or more, not {resamples}")
    sample = _checked(values)
    resamples = resamples or (RESAMPLES if sample.size < MANY else FEWER)
    readings = tuple(sample.tolist())
    excluded = _excluded(sample)
    fits = []
    for family in FAMILIES:
        if family in excluded:
            continue
        try:
            fits.append(fit(family, sample, seed, resamples))
        except (ValueError, RuntimeError) as error:  # as scipy's searches end
            excluded[family] = f"the search for its parameters fails ({error})"
    fits.sort(key=lambda one: one.aicc)
    return FitReport(
        values=readings,
        units=units,
        level=level,
        seed=seed,
        resamples=resamples,
        fits=tuple(fits),
        excluded=excluded,
        answers=tuple(answer(readings, of, level=level) for of in QUESTIONS),
        warnings=tuple(_warnings(sample, fits, level)),
    )


def lag_one(values: FloatArray) -> float:
    """Correlation of each reading with the one before it.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Readings in the order in which they were taken, not all alike.

    Returns
    -------
    float
        Sum of the products of neighbours over the sum of squares, both about the
        average (Box, Jenkins and Reinsel, Time Series Analysis, 2.1.5); about -1/n
        for independent readings.
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
    if count := int((sample <= 0).sum()):
        why = f"{count} of {sample.size} readings not above 0"
        return {family: why for family in FAMILIES if family in POSITIVE}
    if float(np.ptp(sample)) < NARROW * float(sample.max()):
        why = f"the readings differ by less than {NARROW:g} of their size"
        return dict.fromkeys(("gamma", "weibull"), why)
    return {}


def answer(values: Sequence[float], of: Question, *, level: float = 0.95) -> Answer:
    """Answer one question from the readings, as `observed` of a config does.

    Parameters
    ----------
    values : sequence of float
        The n readings; 4 or more for the mean, 2 for the others.
    of : {"mean", "bootstrap", "readings"}
    level : float
        Coverage probability of the interval, 0 < level < 1.

    Returns
    -------
    Answer
        In the units of the readings.

    Raises
    ------
    DistributionError
        Too few readings, or one is not finite.
    """
    law = Observed(tuple(values), of)
    tail = round((1 - level) / 2, 12)  # a step of the readings must not be missed
    lower, upper = float(law.ppf(tail)), float(law.isf(tail))
    return Answer(of, QUESTIONS[of], law.point, law.sd, lower, upper)


def sentinels(values: Sequence[float] | FloatArray) -> list[str]:
    """Readings that look like marks for a missing one, such as -999.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    list of str
        One a value: how far it stands from the others.

    Examples
    --------
    >>> sentinels([13200, 13150, -9999, 13250, 13190])
    ['-9999 stands 626 spreads from the median of the others, as a mark for a missing \
reading does']
    """
    sample = np.asarray(values, dtype=np.float64)
    found = []
    for value in MARKS:
        others = sample[sample != value]
        if others.size < LEAST - 1 or others.size == sample.size:
            continue
        middle = float(np.median(others))
        spread = 1.4826 * float(np.median(np.abs(others - middle)))
        away = abs(value - middle) / max(spread, 1e-9 * abs(middle), 1e-300)
        if away > FAR:
            text = f"{value:g} stands {away:.3g} spreads from the median of the others"
            found.append(f"{text}, as a mark for a missing reading does")
    return found


def _warnings(sample: FloatArray, fits: list[Fit], level: float) -> list[str]:
    count, found = sample.size, []
    found += [f"{text}; leave the cell empty" for text in sentinels(sample)]
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
        text = "as they stand, each reading follows the one before"
        text += f" (lag-1 correlation {near:.2f})"
        text += f": {count} are worth about {max(worth, 1):.0f} independent ones"
        found.append(f"{text}, so the intervals of the mean are too narrow")
    if fits and all(one.p_value < REJECTED for one in fits):
        text = f"no law fits (every p is below {REJECTED})"
        found.append(f"{text}; take the readings themselves, or look for two groups")
    return found


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
