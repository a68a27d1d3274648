"""A prior and what was observed: one marginal, exact where it is conjugate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from math import exp, log, sqrt
from typing import Any, ClassVar, Literal

import numpy as np
from scipy import interpolate, special

from uncertainty.arrays import FloatArray
from uncertainty.distributions.base import (
    Delegated,
    Integrated,
    Marginal,
    Part,
    above_zero,
    fault,
    part,
)
from uncertainty.distributions.bounded import Beta
from uncertainty.distributions.continuous import Lognormal, Normal
from uncertainty.distributions.lifetimes import Gamma
from uncertainty.errors import DistributionError

Likelihood = Literal["normal", "lognormal", "poisson", "binomial"]
NODES = 4001
"""Levels of the prior at which the likelihood is computed."""
REACH = 1e-12
"""Part of the largest likelihood below which a level is left out."""


@dataclass(frozen=True)
class Updated(Delegated):
    """A prior, updated by readings.

    Parameters
    ----------
    prior : mapping of family to its parameters
        Such as ``{normal: {mean: 13500, sd: 300}}``.
    values : tuple of float
        The readings; counts under ``poisson``, successes under ``binomial``.
    likelihood : {"normal", "lognormal", "poisson", "binomial"}
        How readings scatter about what is sought: their mean, their median, their
        rate, their probability.
    sd : float, optional
        Known sd of one reading, of its logarithm under ``lognormal``. Without it the
        sd is unknown too and integrated out (its prior is flat in log sd).
    exposure : float
        Under ``poisson``: units of exposure of each reading.
    trials : float, optional
        Under ``binomial``: of each reading.

    Raises
    ------
    DistributionError
        A prior that is no law, or has no width; no readings, too few for an unknown
        sd, or such as the likelihood cannot make; readings that the prior excludes.

    Notes
    -----
    Exact where prior and likelihood are conjugate: normal and normal of known sd,
    lognormal and lognormal of known sd, gamma and poisson, beta and binomial. Else
    the posterior is the prior's own quantile function at levels that the likelihood
    has moved: cumulated over 4001 levels of the prior, between the levels that matter,
    and joined by monotone cubics. `point` is the median.

    Examples
    --------
    >>> law = Updated({"normal": {"mean": 10, "sd": 2}}, (14.0,), sd_=2)
    >>> law.mean, round(law.sd, 4)
    (12.0, 1.4142)
    """

    prior: Mapping[str, object]
    values: tuple[float, ...]
    likelihood: Likelihood = "normal"
    sd_: float | None = None
    exposure: float = 1.0
    trials: float | None = None
    family: ClassVar[str] = "updated"

    def _check(self) -> None:
        object.__setattr__(self, "prior", _frozen(self.prior))
        if not self.values:
            raise fault("values", "is empty; it takes one reading at least")
        if self.sd_ is not None:
            above_zero("sd", self.sd_, "leave it out where it is not known")
        above_zero("exposure", self.exposure)
        scatter = self.likelihood in ("normal", "lognormal")
        told = len(self.values) > 1 and np.ptp(self.values) > 0
        if scatter and self.sd_ is None and not told:
            raise fault(
                "sd", "is missing; these readings alone do not say how they scatter"
            )
        if not scatter and self.sd_ is not None:
            raise fault("sd", f"is no part of {self.likelihood}")
        if (self.likelihood == "binomial") != (self.trials is not None):
            raise fault("trials", "goes with likelihood: binomial, which needs it")
        for i, value in enumerate(self.values):
            self._possible(f"values[{i}]", value)
        if isinstance(self.law, Reweighted):
            _ = self.law.levels  # the prior may exclude the readings

    def _possible(self, name: str, value: float) -> None:
        if self.likelihood == "lognormal":
            above_zero(name, value, "as a lognormal must be; use likelihood: normal")
        if self.likelihood in ("poisson", "binomial"):
            if value < 0 or value != int(value):
                raise fault(name, f"{value:g} is no count")
            if self.trials is not None and value > self.trials:
                raise fault(name, f"{value:g} is more than {self.trials:g} trials")

    @cached_property
    def before(self) -> Marginal:
        """The prior."""
        build = import_module("uncertainty.distributions").build
        stated = dict(self.prior)
        if len(stated) != 1:
            raise fault(
                "prior", "state one distribution: {normal: {mean: ..., sd: ...}}"
            )
        ((name, given),) = stated.items()
        if name == self.family or not isinstance(given, tuple):
            raise fault(
                "prior", f"{name} takes its parameters: {{low: ..., high: ...}}"
            )
        try:
            law: Marginal = build(name, dict(_thawed(given)))
        except DistributionError as error:
            raise fault("prior", str(error)) from None
        if law.constant or law.atoms is not None:
            raise fault("prior", "has no density; state a distribution with a spread")
        return law

    @cached_property
    def law(self) -> Marginal:
        """The posterior."""
        y, scatter, trials = np.array(self.values), self.sd_, self.trials
        match self.likelihood, self.before:
            case "normal", Normal() as prior if scatter is not None:
                return Normal(*_weighed(prior.mean, prior.sd, y, scatter))
            case "lognormal", Lognormal() as prior if scatter is not None:
                centre = log(float(prior.ppf(0.5)))
                mean, sd = _weighed(centre, prior.sigma, np.log(y), scatter)
                return Lognormal(median=exp(mean), gsd=exp(sd))
            case "poisson", Gamma() as prior:
                rate = 1 / prior.scale + y.size * self.exposure
                return Gamma(shape=prior.shape + float(y.sum()), scale=1 / rate)
            case "binomial", Beta(low=0.0, high=1.0) as prior:
                misses = y.size * (trials or 0.0) - float(y.sum())
                return Beta(prior.a + float(y.sum()), prior.b + misses)
            case _, prior:
                return Reweighted(prior, self._log_likelihood)

    @property
    def exact(self) -> bool:
        """Whether the posterior has a closed form."""
        return not isinstance(self.law, Reweighted)

    @property
    def point(self) -> float:
        """The median."""
        return float(self.law.ppf(0.5))

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the prior was made from, the prior, and the readings."""
        low, high = self._told
        middle = float(np.mean(self.values))
        if self.likelihood == "lognormal":
            middle = exp(float(np.mean(np.log(self.values))))
        elif self.likelihood == "poisson":
            middle /= self.exposure
        elif self.trials is not None:
            middle /= self.trials
        readings = Part("readings", low, middle, high)
        return (*self.before.parts, part("prior", self.before), readings)

    @property
    def remark(self) -> str:
        """Prior against posterior, and how it was found."""
        how = "conjugate" if self.exact else "on a grid"
        prior, after = self.before, self.law
        parts = [
            f"{len(self.values)} readings, {how}: sd {prior.sd:.3g} before, "
            f"{after.sd:.3g} after"
        ]
        return "; ".join([*parts, *filter(None, [self.conflict])])

    @property
    def conflict(self) -> str:
        """Whether prior and readings contradict each other; empty if they do not."""
        low, high = self._told
        if low > float(self.before.isf(0.025)) or high < float(self.before.ppf(0.025)):
            return "the 95 % intervals of the prior and of the readings do not meet"
        return ""

    @property
    def _told(self) -> tuple[float, float]:
        """95 % interval of what the readings alone say."""
        y = np.array(self.values)
        n, total = y.size, float(y.sum())
        if self.likelihood == "poisson":
            scale = n * self.exposure
            low = special.gammaincinv(total, 0.025) if total else 0.0
            return float(low) / scale, float(
                special.gammaincinv(total + 1, 0.975)
            ) / scale
        if self.likelihood == "binomial":
            trials = n * (self.trials or 0.0)
            low = special.betaincinv(total, trials - total + 1, 0.025) if total else 0.0
            rest = trials - total
            high = special.betaincinv(total + 1, rest, 0.975) if rest else 1.0
            return float(low), float(high)
        logarithmic = self.likelihood == "lognormal"
        y = np.log(y) if logarithmic else y
        if self.sd_ is not None:
            half = -float(special.ndtri(0.025)) * self.sd_ / sqrt(n)
        else:
            half = (
                -float(special.stdtrit(n - 1, 0.025)) * float(y.std(ddof=1)) / sqrt(n)
            )
        ends = float(y.mean()) - half, float(y.mean()) + half
        return (exp(ends[0]), exp(ends[1])) if logarithmic else ends

    def _log_likelihood(self, x: FloatArray) -> FloatArray:
        """Of what is sought being x, less a constant; -inf where it cannot be."""
        y = np.array(self.values)
        n, total = y.size, float(y.sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.likelihood == "poisson":
                found = special.xlogy(total, x) - n * self.exposure * x
                return np.where(x >= 0, found, -np.inf)
            if self.likelihood == "binomial":
                misses = n * (self.trials or 0.0) - total
                found = special.xlogy(total, x) + special.xlog1py(misses, -x)
                return np.where((x >= 0) & (x <= 1), found, -np.inf)
            if self.likelihood == "lognormal":
                y, x = np.log(y), np.where(x > 0, np.log(x), np.nan)
            away = n * (x - y.mean()) ** 2
            if self.sd_ is not None:
                found = -away / (2 * self.sd_**2)
            else:
                found = -n / 2 * np.log1p(away / (n * y.var()))
            return np.where(np.isnan(found), -np.inf, found)


def _weighed(
    mean: float, sd: float, y: FloatArray, scatter: float
) -> tuple[float, float]:
    """Mean and sd of a normal prior after readings of known scatter."""
    before, told = 1 / sd**2, y.size / scatter**2
    total = before + told
    return (before * mean + told * float(y.mean())) / total, total**-0.5


@dataclass(frozen=True)
class Reweighted(Integrated):
    """A law whose levels a likelihood has moved."""

    base: Marginal
    log_likelihood: Callable[[FloatArray], FloatArray]

    def __post_init__(self) -> None:
        """Nothing to read: `Updated` has checked it all."""

    @cached_property
    def levels(
        self,
    ) -> tuple[interpolate.PchipInterpolator, interpolate.PchipInterpolator]:
        """Level of the base by that of the posterior, as normal scores; and back."""
        z = np.linspace(-8, 8, NODES)
        for _ in range(4):  # the part that matters may be a thousandth of the prior
            weight = self._weight(z)
            kept = np.flatnonzero(weight > REACH * weight.max())
            first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, NODES - 1)
            if last - first > NODES // 4:
                break
            z = np.linspace(z[first], z[last], NODES)
        weight = self._weight(z)
        mass = interpolate.PchipInterpolator(z, weight).antiderivative()(z)
        below, above = mass / mass[-1], (mass[-1] - mass) / mass[-1]
        score = np.where(below < 0.5, special.ndtri(below), -special.ndtri(above))
        inner = np.isfinite(score)
        z, score = z[inner], score[inner]
        rising = np.concatenate([[True], np.diff(score) > 0])
        z, score = z[rising], score[rising]
        return (
            interpolate.PchipInterpolator(score, z),
            interpolate.PchipInterpolator(z, score),
        )

    def _weight(self, z: FloatArray) -> FloatArray:
        """Prior times likelihood over normal scores of the prior's level."""
        told = self.log_likelihood(self._value(z)) - z**2 / 2
        if not np.isfinite(told.max()):
            raise fault("values", "cannot be under the prior; widen the prior")
        return np.exp(told - told.max())

    def _value(self, z: FloatArray) -> FloatArray:
        low = z < 0
        return np.where(
            low, self.base.ppf(special.ndtr(z)), self.base.isf(special.ndtr(-z))
        )

    @property
    def support(self) -> tuple[float, float]:
        """Of the prior."""
        return self.base.support

    @property
    def point(self) -> float:
        """The median."""
        return float(self.ppf(0.5))

    def _moved(self, score: FloatArray) -> FloatArray:
        """Scores of the prior; beyond the grid they go on at the slope of its end."""
        there = self.levels[0]
        ends = there.x[[0, -1]]
        inside = np.clip(score, *ends)
        slope = np.where(score < ends[0], there(ends[0], 1), there(ends[1], 1))
        beyond = np.where(score == inside, 0.0, (score - inside) * slope)
        return self._value(there(inside) + beyond)

    def _ppf(self, u: FloatArray) -> FloatArray:
        return self._moved(special.ndtri(u))

    def _isf(self, q: FloatArray) -> FloatArray:
        return self._moved(-special.ndtri(q))

    def _score(self, x: FloatArray) -> FloatArray:
        below, above = self.base.cdf(x), self.base.sf(x)
        z = np.where(below < 0.5, special.ndtri(below), -special.ndtri(above))
        back = self.levels[1]
        ends = back.x[[0, -1]]
        inside = np.clip(z, *ends)
        slope = np.where(z < ends[0], back(ends[0], 1), back(ends[1], 1))
        beyond = np.where(z == inside, 0.0, (z - inside) * slope)
        return np.asarray(back(inside) + beyond)

    def _cdf(self, x: FloatArray) -> FloatArray:
        return special.ndtr(self._score(x))

    def _sf(self, x: FloatArray) -> FloatArray:
        return special.ndtr(-self._score(x))


def _frozen(stated: object) -> object:
    """Mappings and lists as tuples, which can be hashed."""
    if isinstance(stated, Mapping):
        return tuple((str(key), _frozen(value)) for key, value in stated.items())
    if isinstance(stated, list | tuple):
        return tuple(_frozen(value) for value in stated)
    return stated


def _thawed(stated: object) -> Any:
    """Mappings back from their tuples."""
    if not isinstance(stated, tuple):
        return stated
    if stated and all(
        isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str)
        for one in stated
    ):
        return {key: _thawed(value) for key, value in stated}
    return tuple(_thawed(value) for value in stated)
