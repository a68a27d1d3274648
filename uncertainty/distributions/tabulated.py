"""Quantile tables: a fast stand-in for ``Marginal.ppf``, at one cost for every family.

A continuous law is tabulated over its odds r = u / (1 - u), which keep every digit of
both tails. Each octave of r is cut into equal pieces with a cubic in each, and the
leading bits of r as a double are the number of its piece. A piece in which the cubic
would miss the law stays empty, and what falls there comes from ``ppf`` itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import inf, isnan, nan

import numpy as np

from uncertainty import distributions as laws
from uncertainty import kernel
from uncertainty.arrays import FloatArray, IntArray, Room
from uncertainty.distributions import Marginal
from uncertainty.distributions.base import Delegated
from uncertainty.distributions.chebyshev import cubic_through, fit
from uncertainty.seeds import PAGE

Quantiles = Callable[[FloatArray], FloatArray]

REACH = 24  # octaves of odds either way; one draw in 8 million lies beyond
PIECE_BITS = 6  # 64 pieces an octave: a cubic misses most laws by 1e-10 to 6e-10 sd
LARGEST_MISS = 2e-8  # of a piece that is kept, in sd: a fifth of what is promised
LARGEST_GAP = 0.02  # probability in empty pieces above which ppf alone is as quick

SLACK = 1e-12  # a knot relatively so close to an edge lies on it
SLIMMEST = 1000.0  # part of a whole piece that a cut may leave over

FEW_ATOMS, MANY_ATOMS = 16, 20_000  # bisection is as quick; the table would be large
MOST_BUCKETS = 1 << 17
SUM_SLACK = 1e-11  # rounding of a running sum of probabilities is less

_PIECES = 1 << PIECE_BITS
_SHARES = np.array([[0.25], [0.5], [0.75]])  # of a piece: where the law is read inside
_SHIFT = 52 - PIECE_BITS  # a double has 52 bits behind its leading one
_FIRST = ((1023 - REACH) << PIECE_BITS) - 1  # so that piece 0 is all that lies below

# A few ufuncs in closed form, as quick as a table or nearly
_QUICK = (
    laws.Uniform,
    laws.Triangular,
    laws.Trapezoid,
    laws.Exponential,
    laws.Loguniform,
    laws.Gumbel,
    laws.Weibull,
)


@lru_cache(maxsize=4096)
def tabulate(marginal: Marginal) -> Quantiles:
    """Stand-in for ``marginal.ppf`` that takes some 6 ns a draw.

    Parameters
    ----------
    marginal : Marginal

    Returns
    -------
    callable, (ndarray of levels in [0, 1]) -> ndarray of the same shape
        Quantiles in the units of the law, at most 1e-7 sd from ``marginal.ppf``; the
        same as ``ppf`` at levels within 5e-8 of 0 or 1 and for laws with atoms. Never
        outside the support. Threads may share it; its argument is not written to.

    Notes
    -----
    A value depends on its level and the law alone, not on where it stands or on what
    stands beside it: one path serves all sizes, and its steps are sums, products and
    quotients, which IEEE 754 rounds in one way. Laws that differ by location and scale
    share one table, of 200 kB.

    Examples
    --------
    >>> from uncertainty.distributions import Beta
    >>> tabulate(Beta(2, 4))(np.array([0.0, 0.5, 1.0]))
    array([0.      , 0.313810, 1.      ])
    """
    form = _form(marginal)
    if marginal.constant or isinstance(form.law, _QUICK):
        return _Exact(marginal)
    if marginal.atoms is not None:
        return _steps(marginal) or _Exact(marginal)
    if (table := _cubics(form.law)) is None:
        return _Exact(marginal)
    return _clipped(_Table(marginal, form, table))


class Inputs:
    """Quantile functions of several inputs, each with the factor of its units.

    Parameters
    ----------
    marginals : sequence of Marginal
    factors : sequence of float
        Declared units in coherent base units.
    """

    def __init__(self, marginals: Sequence[Marginal], factors: Sequence[float]) -> None:
        self._functions = [tabulate(marginal) for marginal in marginals]
        self._factors = tuple(factors)
        self._compiled: kernel.Laws | None = None
        if kernel.compiled() is not None:
            known = [_law(function) for function in self._functions]
            self._others = [i for i, law in enumerate(known) if law.kind == "other"]
            self._compiled = kernel.Laws(known, factors)

    def fill(self, rows: FloatArray) -> None:
        """Turn the levels in each row into values in base units, where they stand.

        Parameters
        ----------
        rows : ndarray, shape (input, draw), C order
            Levels inside (0, 1).
        """
        if self._compiled is None:
            for i in range(len(rows)):
                self._plainly(i, rows[i])
            return
        places, levels = self._compiled.fill(rows)
        empty, draws = np.divmod(places, rows.shape[1])
        for i in np.unique(empty).tolist():
            here = empty == i
            values = self._functions[i](levels[here])
            rows[i, draws[here]] = values * self._factors[i]
        for i in self._others:
            self._plainly(i, rows[i])

    def _plainly(self, i: int, row: FloatArray) -> None:
        """What the compiled loop makes of a row."""
        np.multiply(self._functions[i](row), self._factors[i], out=row)


def _law(function: Quantiles) -> kernel.Law:
    """A quantile function as the compiled loop reads it."""
    match function:
        case _Table(form=form, cubics=cubics):
            numbers = {
                "first": _FIRST,
                "shift": _SHIFT,
                "mirrored": form.mirrored,
                "scale": form.scale,
                "location": form.location,
                "low": function.low,
                "high": function.high,
            }
            return kernel.Law("table", numbers, cubics.packed, np.array(cubics.knots))
        case _Exact(marginal=laws.Uniform(low=low, high=high)):
            return kernel.Law("uniform", {"low": low, "high": high})
        case _Exact(marginal=laws.Triangular(low=low, mode=mode, high=high)):
            return kernel.Law("triangular", {"low": low, "mode": mode, "high": high})
    return kernel.Law()


@dataclass(frozen=True)
class _Form:
    """A law as location + scale * y, where y is a value of a standard law.

    Mirrored, the value is read from the other end, at 1 - u.
    """

    law: Marginal
    location: float = 0.0
    scale: float = 1.0
    mirrored: bool = False


def _form(marginal: Marginal) -> _Form:
    """Strip what moves or stretches a law, so that one table serves each shape."""
    match marginal:
        case Delegated():
            return _form(marginal.law)
        case laws.Negated():
            law = _form(marginal.base)
            law = replace(law, location=-law.location, scale=-law.scale)
            return replace(law, mirrored=not law.mirrored)
        case laws.Shifted():
            law = _form(marginal.base)
            return replace(law, location=law.location + marginal.offset)
        case laws.Normal(mean=mean, sd=sd):
            return _Form(laws.Normal(0, 1), mean, sd)
        case laws.Lognormal(sigma=sigma) if sigma:
            median = float(marginal.ppf(0.5))
            return _Form(laws.Lognormal(1, float(np.exp(sigma))), 0.0, median)
        case laws.StudentT(mean=mean, scale=scale, dof=dof):
            return _Form(laws.StudentT(0, 1, dof), mean, scale)
        case laws.Gamma(shape=shape, scale=scale):
            return _Form(laws.Gamma(shape, 1), 0.0, scale)
        case laws.Beta(a=a, b=b, low=low, high=high):
            return _Form(laws.Beta(a, b), low, high - low)
        case laws.Arcsine(low=low, high=high):
            return _Form(laws.Arcsine(0, 1), low, high - low)
    return _Form(marginal)


@dataclass(frozen=True)
class _Exact:
    """The law's own ``ppf``."""

    marginal: Marginal

    def __call__(self, u: FloatArray) -> FloatArray:
        # numpy may take another kernel, with other last bits, over an array with gaps
        return self.marginal.ppf(np.asarray(u, dtype=np.float64, order="C"))


_ODDS, _TERM, _PIECE = Room(), Room(), Room(np.int64)  # of a page


@dataclass(frozen=True, eq=False)
class _Cubics:
    """Cubics in the odds, piece by piece.

    Attributes
    ----------
    packed : ndarray, shape (1 + 2 REACH _PIECES + 1, 4)
        Third power first; NaN in empty pieces, the first and last of which stand for
        all that lies beyond the reach. A piece with a knot inside counts as two.
    columns : four ndarrays
        The same, for one power each.
    knots : tuple of float
        Odds of the standard law at which pieces are cut in two.
    """

    packed: FloatArray
    columns: tuple[FloatArray, ...]
    knots: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Table:
    """Cubics of a standard law, stretched and moved.

    Attributes
    ----------
    low, high : float
        Where values are clipped; infinite where rounding cannot lead outside.
    """

    marginal: Marginal
    form: _Form
    cubics: _Cubics
    low: float = -inf
    high: float = inf

    def __call__(self, u: FloatArray) -> FloatArray:
        given = np.asarray(u, dtype=np.float64)
        levels = given.ravel()
        values = np.empty(levels.size)
        for start in range(0, levels.size, PAGE):
            page = slice(start, start + PAGE)
            self._page(levels[page], values[page])
        return values.reshape(given.shape)

    def _page(self, u: FloatArray, out: FloatArray) -> None:
        self._standard(u, out)
        if self.form.scale != 1:
            np.multiply(out, self.form.scale, out=out)
        if self.form.location:
            np.add(out, self.form.location, out=out)
        if self.low > -inf:
            np.maximum(out, self.low, out=out)
        if self.high < inf:
            np.minimum(out, self.high, out=out)
        if isnan(out.min()):
            empty = np.flatnonzero(np.isnan(out))
            out[empty] = self.marginal.ppf(u[empty])

    def _standard(self, u: FloatArray, out: FloatArray) -> None:
        """Values of the standard law, NaN in empty pieces."""
        odds: FloatArray = _ODDS.of(u.size)
        term: FloatArray = _TERM.of(u.size)
        piece: IntArray = _PIECE.of(u.size)
        np.subtract(1.0, u, out=odds)
        with np.errstate(divide="ignore", invalid="ignore"):
            pair = (odds, u) if self.form.mirrored else (u, odds)
            np.divide(*pair, out=odds)
        np.right_shift(odds.view(np.int64), _SHIFT, out=piece)
        np.subtract(piece, _FIRST, out=piece)
        for knot in self.cubics.knots:
            np.add(piece, odds >= knot, out=piece)
        # clipping sends all that lies beyond the reach to the empty pieces at the ends
        third, *lower = self.cubics.columns
        third.take(piece, out=out, mode="clip")
        for coefficient in lower:
            np.multiply(out, odds, out=out)
            coefficient.take(piece, out=term, mode="clip")
            np.add(out, term, out=out)


def _clipped(table: _Table) -> _Table:
    """Let a table clip at those ends of the support that its values come close to."""
    least, greatest = table(np.array([2.0**-REACH, 1 - 2.0**-REACH]))
    margin = 1e-6 * (greatest - least)  # some hundred times what a cubic may miss by
    low, high = table.marginal.support
    low = low if least - low < margin else -inf
    return replace(table, low=low, high=high if high - greatest < margin else inf)


@lru_cache(maxsize=4096)
def _cubics(law: Marginal) -> _Cubics | None:
    """Cubics of a law over its odds, and its knots; None if too many miss it.

    Each goes through the law at both ends of its piece, so that neighbours meet, and
    at a quarter of the way from either: the Chebyshev points of the second kind.
    """
    series = fit(law, REACH)
    regular = _edges()
    knots = [r for r in np.exp(series.knots) if np.abs(regular / r - 1).min() > SLACK]
    edges = np.sort(np.append(regular, knots))
    left, width = edges[:-1], np.diff(edges)
    if isinstance(law, laws.Lognormal):  # of median 1
        ends, inside = (np.exp(law.sigma * scores) for scores in _scores())
    else:
        ends, inside = series(edges), series(left + _SHARES * width)
    start, rise = ends[:-1], np.diff(ends)
    near, middle, far = inside - start
    c3, c2, c1 = cubic_through(near, far, rise)
    # from powers of r / width - m to powers of r: m is at most 127, so the terms stay
    # as small as the law's change over an octave and no digits are lost
    m = left / width
    cubics = (
        c3 / width**3,
        (c2 - 3 * m * c3) / width**2,
        (c1 - m * (2 * c2 - 3 * m * c3)) / width,
        start - m * (c1 - m * (c2 - m * c3)),
    )
    r = left + 0.5 * width  # where such a cubic is farthest from a smooth law
    guess = ((cubics[0] * r + cubics[1]) * r + cubics[2]) * r + cubics[3]
    empty = ~(np.abs(guess - (start + middle)) <= LARGEST_MISS * series.sd)
    empty |= m > SLIMMEST * 2 * _PIECES  # beside a knot, where digits would be lost
    if np.sum((width / (1 + left) / (1 + edges[1:]))[empty]) > LARGEST_GAP:
        return None
    for cubic in cubics:
        cubic[empty] = np.nan
    columns = tuple(np.pad(c, 1, constant_values=nan) for c in cubics)
    packed = np.stack(columns, axis=1)
    return _Cubics(packed, columns, tuple(float(r) for r in knots))


@cache
def _scores() -> tuple[FloatArray, FloatArray]:
    """Normal scores at the edges of the pieces, and inside them."""
    series, edges = fit(laws.Normal(0, 1), REACH), _edges()
    return series(edges), series(edges[:-1] + _SHARES * np.diff(edges))


@cache
def _edges() -> FloatArray:
    """Odds at the edges of the pieces, for a law without knots."""
    octave = 2.0 ** np.repeat(np.arange(-REACH, REACH), _PIECES)
    share = np.tile(np.arange(_PIECES) / _PIECES, 2 * REACH)
    return np.append(octave * (1 + share), 2.0**REACH)


@dataclass(frozen=True, eq=False)
class _Steps:
    """A law with atoms: equal buckets of the level, with one step at most in each."""

    threshold: FloatArray
    values: FloatArray  # before and after the step of each bucket in turn

    def __call__(self, u: FloatArray) -> FloatArray:
        level = np.asarray(u, dtype=np.float64)
        bucket = np.multiply(level, self.threshold.size).astype(np.int64)
        above = level > self.threshold.take(bucket, mode="clip")
        return np.asarray(self.values.take(bucket * 2 + above, mode="clip"))


def _steps(marginal: Marginal) -> _Steps | None:
    """Buckets of a law with atoms, the same as its ``ppf``; None if they do not pay."""
    values, weights = marginal.atoms or (np.empty(0), np.empty(0))
    if not FEW_ATOMS < values.size <= MANY_ATOMS:
        return None
    last = np.append(np.flatnonzero(np.diff(values)), values.size - 1)  # of equal ones
    values = values[last]
    levels = _thresholds(marginal, values, np.cumsum(weights)[last[:-1]])
    buckets = 1 << (values.size - 1).bit_length()
    while levels is not None and buckets <= MOST_BUCKETS:
        edges = np.arange(buckets + 1) / buckets
        first = np.searchsorted(levels, edges[:-1])
        behind = np.searchsorted(levels, np.nextafter(edges[1:], 0))
        if np.all(behind - first <= 1):
            after = np.minimum(first + 1, values.size - 1)
            pairs = values[np.stack([first, after], axis=1).ravel()]
            return _Steps(np.append(levels, inf)[first], pairs)
        buckets *= 2
    return None


def _thresholds(
    marginal: Marginal, values: FloatArray, guess: FloatArray
) -> FloatArray | None:
    """Greatest level at which ``ppf`` gives each value but the last, by bisection."""
    low, high = np.maximum(guess - SUM_SLACK, 0), np.minimum(guess + SUM_SLACK, 1)
    below, above = (marginal.ppf(level) <= values[:-1] for level in (low, high))
    if not below.all() or above.any():
        return None
    while True:
        middle = (low + high) / 2
        if not np.any((middle > low) & (middle < high)):
            return low
        reached = marginal.ppf(middle) <= values[:-1]
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
