"""What experts say: quantiles, fitted by a family or a metalog, several pooled."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import exp, inf, log
from typing import ClassVar, Literal

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Delegated,
    Integrated,
    Marginal,
    Part,
    above_zero,
    fault,
    fraction,
    part,
    read,
)
from uncertainty.distributions.continuous import Gumbel, Lognormal, Normal
from uncertainty.distributions.evidence import Mixture
from uncertainty.distributions.lifetimes import Weibull
from uncertainty.errors import DistributionError

Family = Literal["metalog", "normal", "lognormal", "gumbel", "weibull"]
TERMS = 5
"""Terms of a metalog at most; quantiles beyond are fitted by least squares."""
MET = 1e-6
"""Misfit that is rounding."""
BISECTIONS = 200
CHECKED = 2000
"""Levels in each tail at which a metalog must rise."""


@dataclass(frozen=True)
class Metalog(Integrated):
    """Quantile function that is a sum of terms in the level and its log odds.

    Attributes
    ----------
    terms : tuple of float
        Coefficients, in the order of Keelin.
    low, high : float or None
        Bounds: one is a log metalog, two a logit metalog.

    Notes
    -----
    Keelin, Decision Analysis 13 (2016) 243, equations 5, 6, 11 and 13.
    """

    terms: tuple[float, ...]
    low: float | None = None
    high: float | None = None
    family: ClassVar[str] = "metalog"

    @property
    def support(self) -> tuple[float, float]:
        """The bounds, infinite where there is none."""
        return (
            -inf if self.low is None else self.low,
            inf if self.high is None else self.high,
        )

    @property
    def point(self) -> float:
        """The median."""
        return float(self.ppf(0.5))

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._at(u - 0.5, special.logit(u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._at(0.5 - q, -special.logit(q))

    def _at(self, centred: FloatArray, odds: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore"):
            y = basis(centred, odds, len(self.terms)) @ np.array(self.terms)
        return back(y, self.low, self.high)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return special.expit(self._odds(x))

    def _sf(self, x: FloatArray) -> FloatArray:
        return special.expit(-self._odds(x))

    def _odds(self, x: FloatArray) -> FloatArray:
        """Log odds of the level at which the quantile is x, by bisection."""
        low, high = np.full(x.shape, -700.0), np.full(x.shape, 700.0)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            if np.all((middle == low) | (middle == high)):
                break
            centred = np.tanh(middle / 2) / 2
            below = self._at(centred, middle) < x
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return high


def basis(centred: FloatArray, odds: FloatArray, count: int) -> FloatArray:
    """Terms of a metalog at levels; shape (..., count)."""
    shift, odds = np.asarray(centred), np.asarray(odds)
    every = [
        np.ones_like(shift),
        odds,
        shift * odds,
        shift,
        shift**2,
    ]
    return np.stack(every[:count], axis=-1)


def back(y: FloatArray, low: float | None, high: float | None) -> FloatArray:
    """A value from the scale on which a metalog is a sum."""
    with np.errstate(over="ignore"):
        if low is not None and high is not None:
            return np.asarray(low + (high - low) * special.expit(y))
        if low is not None:
            return np.asarray(low + np.exp(y))
        if high is not None:
            return np.asarray(high - np.exp(-y))
    return y


def _there(x: FloatArray, low: float | None, high: float | None) -> FloatArray:
    """A value on the scale on which a metalog is a sum."""
    if low is not None and high is not None:
        return np.asarray(special.logit((x - low) / (high - low)))
    if low is not None:
        return np.log(x - low)
    if high is not None:
        return -np.log(high - x)
    return x


@dataclass(frozen=True)
class Expert:
    """What one expert says.

    Parameters
    ----------
    quantiles : mapping of level to value
    weight : float
        Relative to the other experts.
    source : str, optional
        Who, and where it is written down.
    """

    quantiles: Mapping[str, float]
    weight: float = 1.0
    source: str | None = None

    def __post_init__(self) -> None:
        """Read every field, then check them."""
        for entry in dataclasses.fields(self):
            value = read(entry.name, getattr(self, entry.name), entry.type)
            object.__setattr__(self, entry.name, value)
        object.__setattr__(self, "quantiles", _pairs("quantiles", self.quantiles))
        above_zero("weight", self.weight, "leave the expert out")


@dataclass(frozen=True)
class Elicited(Delegated):
    """Quantiles that one or several experts state.

    Parameters
    ----------
    quantiles : mapping of level to value, optional
        Such as ``{0.05: 0.4, 0.5: 0.42, 0.95: 0.5}``; or
    experts : tuple of Expert, optional
        several, each fitted alone, then pooled.
    fit : {"metalog", "normal", "lognormal", "gumbel", "weibull"}
        A metalog of as many terms as there are quantiles, five at most, meets them;
        the others are fitted by least squares of their quantiles.
    low, high : float, optional
        Bounds of a metalog.
    pool : {"linear", "logarithmic"}
        Mixture of the experts' laws, or the weighted geometric mean of their
        densities (of normal and lognormal fits).

    Raises
    ------
    DistributionError
        Neither quantiles nor experts, or both; fewer than two quantiles (three for
        a metalog); levels outside 0 to 1, values that do not rise with them; a metalog
        that would fall somewhere; bounds with another family.

    Notes
    -----
    The misfit, told with the law, is the largest distance between a stated and a
    fitted quantile over the span of the stated ones. `point` is the median.

    Examples
    --------
    >>> law = Elicited({0.05: 8.0, 0.5: 10.0, 0.95: 14.0})
    >>> [round(float(law.ppf(u)), 6) for u in (0.05, 0.5, 0.95)]
    [8.0, 10.0, 14.0]
    """

    quantiles: Mapping[str, float] | None = None
    experts: tuple[Expert, ...] = ()
    fit: Family = "metalog"
    low: float | None = None
    high: float | None = None
    pool: Literal["linear", "logarithmic"] = "linear"
    family: ClassVar[str] = "elicited"

    def _check(self) -> None:
        if (self.quantiles is None) == (not self.experts):
            raise fault("quantiles", "state quantiles, or experts with theirs")
        if self.quantiles is not None:
            pairs = _pairs("quantiles", self.quantiles)
            object.__setattr__(self, "quantiles", pairs)
        if self.fit != "metalog":
            for name in ("low", "high"):
                if getattr(self, name) is not None:
                    raise fault(name, "is a bound of a metalog; write bounds instead")
        if self.pool == "logarithmic" and self.fit not in ("normal", "lognormal"):
            raise fault("pool", "logarithmic takes fit: normal or lognormal")
        _ = self.law

    @cached_property
    def _stated(self) -> list[tuple[tuple[tuple[float, float], ...], float, str]]:
        """Pairs of level and value, weight and name of each expert."""
        if self.quantiles is not None:
            return [(self.quantiles, 1.0, "quantiles")]  # type: ignore[list-item]
        return [
            (one.quantiles, one.weight, f"experts[{i}].quantiles")  # type: ignore[misc]
            for i, one in enumerate(self.experts)
        ]

    @cached_property
    def fits(self) -> tuple[Marginal, ...]:
        """Law of each expert."""
        return tuple(self._fitted(pairs, name) for pairs, _, name in self._stated)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The experts, where there are several."""
        return tuple(
            part(one.source or str(i), law)
            for i, (one, law) in enumerate(
                zip(self.experts, self.fits, strict=False), start=1
            )
        )

    @property
    def misfit(self) -> float:
        """Largest distance to a stated quantile, over the span of the stated ones."""
        worst = 0.0
        for (pairs, *_), law in zip(self._stated, self.fits, strict=True):
            p, x = np.array(pairs).T
            worst = max(worst, float(np.abs(law.ppf(p) - x).max() / (x[-1] - x[0])))
        return worst

    @property
    def remark(self) -> str:
        """How well the quantiles are met."""
        if self.misfit < MET:
            return "meets the quantiles"
        return f"misses a quantile by {100 * self.misfit:.2g} % of their span"

    @property
    def point(self) -> float:
        """The median."""
        return float(self.law.ppf(0.5))

    @cached_property
    def law(self) -> Marginal:
        """The one law, or the pool."""
        if len(self.fits) == 1:
            return self.fits[0]
        weights = np.array([weight for _, weight, _ in self._stated])
        weights = weights / weights.sum()
        if self.pool == "linear":
            return Mixture(self.fits, tuple(weights.tolist()))
        log_ = self.fit == "lognormal"
        pairs = [
            (log(law.ppf(0.5)), law.sigma)
            if isinstance(law, Lognormal)
            else (law.mean, law.sd)
            for law in self.fits
        ]
        centres, sds = np.array(pairs).T
        precision = weights / sds**2
        centre = float(np.sum(precision * centres) / precision.sum())
        return _shaped(centre, float(precision.sum()) ** -0.5, logarithmic=log_)

    def _fitted(self, pairs: tuple[tuple[float, float], ...], name: str) -> Marginal:
        p, x = np.array(pairs).T
        if self.fit == "metalog":
            return self._metalog(p, x, name)
        if self.fit in ("lognormal", "weibull") and x[0] <= 0:
            raise fault(name, f"{x[0]:g} is not above 0, as {self.fit} takes it")
        score = {
            "normal": special.ndtri(p),
            "lognormal": special.ndtri(p),
            "gumbel": -np.log(-np.log(p)),
            "weibull": np.log(-np.log1p(-p)),
        }[self.fit]
        y = np.log(x) if self.fit in ("lognormal", "weibull") else x
        slope, centre = np.polyfit(score, y, 1)
        if self.fit == "gumbel":
            return Gumbel(float(centre), float(slope))
        if self.fit == "weibull":
            return Weibull(scale=exp(centre), shape=1 / float(slope))
        log_ = self.fit == "lognormal"
        return _shaped(float(centre), float(slope), logarithmic=log_)

    def _metalog(self, p: FloatArray, x: FloatArray, name: str) -> Marginal:
        if p.size < 3:
            raise fault(name, f"{p.size} given, a metalog takes three or more")
        for end, beyond, side in (
            (self.low, x[0], "low"),
            (self.high, x[-1], "high"),
        ):
            if end is not None and (beyond <= end if side == "low" else beyond >= end):
                raise fault(side, f"{end:g} leaves out the quantile {beyond:g}")
        count = min(p.size, TERMS)
        table = basis(p - 0.5, special.logit(p), count)
        y = _there(x, self.low, self.high)
        terms = np.linalg.lstsq(table, y, rcond=None)[0]
        law = Metalog(tuple(terms.tolist()), self.low, self.high)
        odds = np.linspace(-40, 40, 2 * CHECKED + 1)
        with np.errstate(invalid="ignore"):
            rise = np.diff(basis(np.tanh(odds / 2) / 2, odds, count) @ terms)
        if rise.min() <= 0:
            raise fault(
                name,
                f"no metalog of {count} terms rises through them; write fit: normal or "
                "lognormal, or state fewer quantiles",
            )
        heavy = terms[1] + terms[2] / 2 * (1 if self.high is None else -1)
        if (self.low is None) != (self.high is None) and heavy >= 0.5:
            raise fault(
                name,
                "a metalog with one bound has no finite sd here; state both bounds, or "
                "write fit: lognormal",
            )
        return law


def _shaped(centre: float, sd: float, *, logarithmic: bool) -> Marginal:
    if logarithmic:
        return Lognormal(median=exp(centre), gsd=exp(sd))
    return Normal(centre, sd)


def _pairs(name: str, stated: object) -> tuple[tuple[float, float], ...]:
    """Levels and values in rising order."""
    if isinstance(stated, tuple):
        stated = dict(stated)
    if not isinstance(stated, Mapping):
        raise fault(name, f"{stated!r} is no mapping of levels to values")
    pairs = []
    for key, value in stated.items():
        try:
            level = float(key)
        except (TypeError, ValueError):
            raise fault(name, f"{key!r} is no level such as 0.95") from None
        try:
            fraction(f"{name}.{key}", level, ends=False)
        except DistributionError as error:
            raise fault(name, str(error)) from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise fault(name, f"{value!r} is not a number")
        pairs.append((level, float(value)))
    pairs.sort()
    if len(pairs) < 2:
        raise fault(name, f"{len(pairs)} given, two or more state a spread")
    for (p, x), (q, y) in pairwise(pairs):
        if not x < y:
            raise fault(name, f"{y:g} at {q:g} is not above {x:g} at {p:g}")
    return tuple(pairs)
