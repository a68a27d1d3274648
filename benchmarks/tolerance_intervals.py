"""What order statistics say of a quantile, whatever the law that was drawn from.

All of it holds for independent draws of a continuous law and rests on one fact: the
number of draws below a quantile of level p is binomial (n, p). Draws of a Sobol'
sequence or of a Latin hypercube are not independent; for those the spread over
replicates says how well a quantile is known (`uncertainty.statistics`).
"""

import math

import numpy as np
import xarray as xr
from scipy import special

from uncertainty.errors import SampleError


def rank_interval(
    draws: int, level: float, confidence: float = 0.95
) -> tuple[int, int]:
    """Ranks of the order statistics that bound a quantile.

    Parameters
    ----------
    draws : int
        Independent draws, 1 or more.
    level : float
        Of the quantile, 0 < level < 1.
    confidence : float
        Probability, at least, that the quantile lies between the two, 0 < confidence
        < 1; what it leaves is shared by both sides.

    Returns
    -------
    tuple of int
        Lower and upper rank, counted from 1.

    Raises
    ------
    ValueError
        `draws` is below 1, or a probability is not between 0 and 1.
    SampleError
        So few draws that one of the ends would lie outside them.

    Notes
    -----
    Lower rank: least l with P(B <= l) >= (1 - confidence) / 2; upper rank: one more
    than the least u with P(B <= u) >= (1 + confidence) / 2, B binomial (draws,
    level). David and Nagaraja, Order Statistics (2003), 7.1.

    Examples
    --------
    >>> rank_interval(1000, 0.975)
    (965, 985)
    """
    _refuse(draws, level=level, confidence=confidence)
    tail = (1 - confidence) / 2
    lower = _binomial_quantile(tail, draws, level)
    upper = _binomial_quantile(1 - tail, draws, level) + 1
    if lower < 1 or upper > draws:
        raise SampleError(
            f"{draws} draws do not bound the quantile of level {level:g} with "
            f"confidence {confidence:g}; draw {_draws_to_bound(level, confidence)}"
        )
    return lower, upper


def rank_coverage(draws: int, level: float, lower: int, upper: int) -> float:
    """Probability that a quantile lies between two order statistics.

    Parameters
    ----------
    draws : int
        Independent draws.
    level : float
        Of the quantile, 0 < level < 1.
    lower, upper : int
        Ranks counted from 1, 1 <= lower < upper <= draws.

    Raises
    ------
    ValueError
        `draws` is below 1, the level not between 0 and 1, or ranks out of order.

    Examples
    --------
    >>> rank_coverage(1000, 0.5, 469, 532)
    0.9537088
    """
    _refuse(draws, level=level)
    if not 1 <= lower < upper <= draws:
        raise ValueError(f"ranks {lower} and {upper} do not rise from 1 to {draws}")
    below = special.bdtr([upper - 1, lower - 1], draws, level)
    return float(below[0] - below[1])


def quantile_bounds(
    sample: xr.DataArray, level: float, confidence: float = 0.95
) -> xr.DataArray:
    """Confidence interval of a quantile, with no distribution assumed.

    Parameters
    ----------
    sample : DataArray, dims (..., draw)
        Independent draws.
    level, confidence : float
        As for `rank_interval`.

    Returns
    -------
    DataArray, dims (..., bound), units of `sample`
        ``bound`` is "lower", "upper".

    Raises
    ------
    ValueError
        A probability is not between 0 and 1.
    SampleError
        Too few draws, or one that is not finite.
    """
    ranks = rank_interval(sample.sizes["draw"], level, confidence)
    if bad := int((~np.isfinite(sample)).sum()):
        raise SampleError(f"{sample.name or 'sample'}: {bad} draws not finite")
    places = [rank - 1 for rank in ranks]
    values = sample.transpose(..., "draw").values
    frame = sample.transpose(..., "draw").isel(draw=0, drop=True)
    ends = np.partition(values, places, axis=-1)[..., places]
    found = xr.DataArray(
        ends, dims=(*frame.dims, "bound"), coords=frame.coords, attrs=sample.attrs
    )
    return found.assign_coords(bound=["lower", "upper"]).assign_attrs(
        level=level, confidence=confidence
    )


def draws_to_exceed(level: float, confidence: float = 0.95) -> int:
    """Fewest draws whose largest exceeds a quantile with some confidence.

    Parameters
    ----------
    level : float
        Of the quantile, 0 < level < 1.
    confidence : float
        0 < confidence < 1.

    Raises
    ------
    ValueError
        A probability is not between 0 and 1.

    Notes
    -----
    Wilks, Ann. Math. Stat. 12 (1941) 91: least n with 1 - level^n >= confidence.

    Examples
    --------
    >>> draws_to_exceed(0.95, 0.95)
    59
    """
    _refuse(1, level=level, confidence=confidence)
    found = math.ceil(math.log1p(-confidence) / math.log(level) - 1e-9)
    return found if 1 - level**found >= confidence else found + 1


def rank_below(draws: int, level: float, confidence: float = 0.95) -> int | None:
    """Highest order statistic that lies below a quantile with some confidence.

    Parameters
    ----------
    draws : int
        Independent draws.
    level : float
        Of the quantile, 0 < level < 1.
    confidence : float
        0 < confidence < 1.

    Returns
    -------
    int or None
        Rank counted from 1; None if even the least draw may lie above.

    Raises
    ------
    ValueError
        `draws` is below 1, or a probability is not between 0 and 1.

    Notes
    -----
    Order statistic k lies below the quantile if k draws or more do, which has the
    probability P(B >= k), B binomial (draws, level).

    Examples
    --------
    >>> rank_below(59, 0.05), rank_below(58, 0.05)
    (1, None)
    """
    _refuse(draws, level=level, confidence=confidence)
    at_least = special.bdtrc(np.arange(draws), draws, level)  # P(B > k), k = 0, 1, ...
    held = int(np.count_nonzero(at_least >= confidence))
    return held or None


def _binomial_quantile(probability: float, draws: int, level: float) -> int:
    """Least k with P(B <= k) >= probability."""
    spread = math.sqrt(draws * level * (1 - level))
    guess = draws * level + special.ndtri(probability) * spread
    # the normal law is off by less than this, whatever the skewness
    low = max(math.floor(guess - 4 - spread), 0)
    high = min(math.ceil(guess + 4 + spread), draws)
    below = special.bdtr(np.arange(low, high + 1), draws, level)
    return low + int(np.searchsorted(below, probability))


def _draws_to_bound(level: float, confidence: float) -> int:
    """Fewest draws of which the least and the largest bound a quantile."""
    tail = math.log((1 - confidence) / 2)
    below, above = tail / math.log1p(-level), tail / math.log(level)
    return max(math.floor(below + 1e-9) + 1, math.ceil(above - 1e-9))


def _refuse(draws: int, **probabilities: float) -> None:
    if draws < 1:
        raise ValueError(f"draws must be 1 or more, not {draws}")
    for name, value in probabilities.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1, not {value}")
