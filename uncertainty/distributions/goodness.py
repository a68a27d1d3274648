"""One family at a time: parameters of the largest likelihood, and how far they miss.

scipy has the tests; what it lacks, or takes minutes for, stands here: a rectangle and a
triangle whose ends are fitted.
"""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal, build
from uncertainty.seeds import generator

FAMILIES = ("lognormal", "normal", "triangular", "gamma", "weibull", "uniform")
POSITIVE = frozenset({"lognormal", "gamma", "weibull"})

ENOUGH = 2000
"""Readings from which on A^2 of samples from a fitted law is spread as at any number:
of more, so many stand for all where a p-value is drawn."""


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
    digits : int
        To which the parameters tell the readings apart.
    """

    family: str
    parameters: dict[str, float]
    statistic: float
    p_value: float
    aicc: float
    digits: int = 5

    @cached_property
    def marginal(self) -> Marginal:
        """The law itself."""
        return build(self.family, self.parameters)

    @property
    def config(self) -> str:
        """The law as a config writes it: ``lognormal: {median: 3.02, gsd: 1.21}``."""
        return f"{self.family}: {{{self.words(': ')}}}"

    def words(self, between: str = " ") -> str:
        """Parameters as text: ``median 3.02, gsd 1.21``."""
        pairs = self.parameters.items()
        return ", ".join(f"{k}{between}{v:.{self.digits}g}" for k, v in pairs)


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


def fit(family: str, sample: FloatArray, seed: int, resamples: int) -> Fit:
    """Fit one family, and test it against samples drawn from the fit.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    sample : ndarray, shape (n,)
        At least 4 readings, not all alike; above 0 for a family in `POSITIVE`.
    seed : int
        Root of the family's own stream.
    resamples : int
        Samples drawn from the fitted law, each fitted anew.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError, RuntimeError
        scipy's search for the parameters fails.
    """
    from scipy.stats import goodness_of_fit  # a second to import; no run needs it

    law = _laws()[family]
    data = np.log(sample) if law.log else sample
    options: dict[str, Any] = {
        "known_params": law.fixed,
        "statistic": "ad",
        "n_mc_samples": resamples,
    }
    # its name before scipy 1.15 was another
    named = inspect.signature(goodness_of_fit).parameters
    word = "rng" if "rng" in named else "random_state"
    options[word] = generator(seed, "goodness of fit", family)
    # a search for the largest likelihood steps where densities under- or overflow
    with np.errstate(all="ignore"):
        few = data if data.size <= ENOUGH else _thinned(data)
        test = goodness_of_fit(law.dist, few, **options)
        params, statistic = test.fit_result.params, float(test.statistic)
        p_value = float(test.pvalue)
        if few is not data:
            known = {f"f{word}": value for word, value in law.fixed.items()}
            params = type(params)(*law.dist.fit(data, **known))
            statistic = _anderson_darling(law.dist, params, data)
            beyond = int(np.sum(test.null_distribution >= statistic))
            p_value = (beyond + 1) / (resamples + 1)
    likelihood = law.likelihood(data, params) - (float(data.sum()) if law.log else 0.0)
    return Fit(
        family=family,
        parameters={k: float(v) for k, v in law.words(params).items()},
        statistic=statistic,
        p_value=p_value,
        aicc=_aicc(likelihood, law.parameters, sample.size),
        digits=digits_of(sample),
    )


def _thinned(data: FloatArray) -> FloatArray:
    """`ENOUGH` values that are spread as all are."""
    places = np.linspace(0, data.size - 1, ENOUGH).round().astype(int)
    thinned: FloatArray = np.sort(data)[places]
    return thinned


def _anderson_darling(dist: Any, params: Any, data: FloatArray) -> float:
    """A^2 of a sample and a law whose parameters are known."""
    ordered = np.sort(data)
    below, above = dist.logcdf(ordered, *params), dist.logsf(ordered, *params)
    weights = 2 * np.arange(1, ordered.size + 1) - 1
    return float(-ordered.size - np.mean(weights * (below + above[::-1])))


def _aicc(likelihood: float, parameters: int, count: int) -> float:
    """AICc of Hurvich and Tsai, Biometrika 76 (1989) 297."""
    spare = count - parameters - 1
    if spare < 1:
        return math.inf
    return 2 * parameters * (1 + (parameters + 1) / spare) - 2 * likelihood


def digits_of(sample: FloatArray) -> int:
    """Significant digits that tell values apart to a thousandth of their range."""
    return 4 + math.ceil(math.log10(float(np.abs(sample).max() / np.ptp(sample)) + 1))


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
        low, mode, high in the units of `values`. The mode is one of the readings; the
        ends lie beyond these by 0.001 to 2 of their range.

    Notes
    -----
    For given ends the likelihood is largest with the mode at a reading (Johnson and
    Kotz, The Statistician 48 (1999) 179); ln L is then a sum of one term for each end,
    so a grid of ends costs little. It is narrowed about its best cell until the ends
    are known to a part in a hundred of their distance from the readings. An end on a
    reading would make A^2 infinite.
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
        total = left[:, None] + right[None] - x.size * span[..., None]
        found = np.unravel_index(int(np.argmax(total)), total.shape)
        low, high, mode = (int(place) for place in found)
        best = np.array([[grid[0, low]], [grid[1, high]]])
        reach = grid[:, 1:2] - grid[:, :1]
        ends = np.clip(best + reach * [-1, 1], near[0], near[1])
    before, after = beyond[0, low] * width, beyond[1, high] * width
    return (
        float(ordered[0] - before),
        float(ordered[mode]),
        float(ordered[-1] + after),
    )


def _side(x: FloatArray, beyond: FloatArray) -> FloatArray:
    """Ln of the likelihood left of the mode: shape (end, mode), x rising from 0."""
    away = np.log(x + beyond[:, None])
    below = np.cumsum(away, axis=1) - away
    return below - np.arange(x.size) * away
