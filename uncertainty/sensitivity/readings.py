"""What readings of one input would do to an output before anyone has taken them.

Readings vary about the true value of the input with a standard deviation of their own.
What they would say is averaged over what the input may be (preposterior analysis): the
draws of a run are weighted by the likelihood of each set of readings, so that any law
of the input and any model will do, and no model is run again.

Source: Raiffa and Schlaifer, Applied Statistical Decision Theory (1961); Strong et al.,
Medical Decision Making 35 (2015) 570, for draws that are there already.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from uncertainty.arrays import FloatArray

DATASETS = 64
"""Sets of readings that are averaged."""
EXACT = 0.1
"""Standard deviation of the readings' mean, over that of the input, which counts as
exact; draws between narrower readings are too few to tell more."""
GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Expected:
    """A mean over sets of readings, and its standard error."""

    value: float
    error: float


def exact_count(x: FloatArray, sd: float) -> int:
    """Readings after which an input counts as known exactly."""
    return max(int(np.ceil((sd / (EXACT * float(x.std()))) ** 2)), 1)


def expected_width(
    x: FloatArray, y: FloatArray, sd: float, count: int, *, level: float = 0.95
) -> Expected:
    """Expected width of the coverage interval of an output after readings of an input.

    Parameters
    ----------
    x, y : ndarray, shape (draw,)
        Input and output in the same draws.
    sd : float
        Standard deviation of one reading about the true value, in units of `x`.
    count : int
        Readings. More than `exact_count` are taken for that many.
    level : float
        Coverage probability of the interval, probabilistically symmetric.

    Returns
    -------
    Expected
        In units of `y`.

    Examples
    --------
    An output that is its input, a reading as uncertain as the input is: the variance
    halves.

    >>> x = special.ndtri((np.arange(8192) + 0.5) / 8192)
    >>> width = expected_width(x, x, sd=1.0, count=1).value
    >>> abs(width - 2 * 1.959964 * 0.5**0.5) < 0.02
    True
    """
    order = np.argsort(y, kind="stable")
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    widths = []
    for weights in _weights(x[order], sd, count):
        reached = np.cumsum(weights) - weights / 2
        low, high = np.interp(ends * weights.sum(), reached, y[order])
        widths.append(high - low)
    return _mean(widths)


def expected_gain(
    x: FloatArray, difference: FloatArray, sd: float, count: int
) -> Expected:
    """What readings are worth to somebody who takes the lower of two outputs.

    Parameters
    ----------
    x : ndarray, shape (draw,)
        The input.
    difference : ndarray, shape (draw,)
        One output less the other in the same draws.
    sd, count
        As for `expected_width`.

    Returns
    -------
    Expected
        By how much the expected value of the output that is taken falls, since some
        readings turn the choice; 0 or more.

    Examples
    --------
    >>> x = special.ndtri((np.arange(8192) + 0.5) / 8192)
    >>> round(expected_gain(x, x, sd=1e-9, count=1).value, 1)  # 0.399, the density at 0
    0.4
    """
    means = np.array([w @ difference / w.sum() for w in _weights(x, sd, count)])
    gains = min(means.mean(), 0.0) - np.minimum(means, 0.0)
    return _mean(gains)


def _weights(x: FloatArray, sd: float, count: int) -> Iterator[FloatArray]:
    """Likelihoods of the draws, a set of readings each."""
    spread = max(sd / np.sqrt(count), EXACT * float(x.std()))
    place = (np.arange(DATASETS) + 0.5) / DATASETS
    true = np.quantile(x, place)
    noise = special.ndtri((place + GOLDEN * np.arange(DATASETS)) % 1.0)
    for mean in true + spread * noise:
        yield np.exp(-0.5 * ((x - mean) / spread) ** 2)


def _mean(values: "list[float] | FloatArray") -> Expected:
    found = np.asarray(values, dtype=float)
    return Expected(float(found.mean()), float(found.std(ddof=1) / np.sqrt(found.size)))
