"""Shares of stated means and standard deviations, broken off a stick one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import fsum, inf, log, sqrt

from uncertainty.dependence.composition import (
    SD_TOLERANCE,
    Composition,
    mean_faults,
    normalised,
    refuse,
    sd_faults,
    shortfalls,
    varying,
)
from uncertainty.distributions import Beta
from uncertainty.errors import DependenceError

_MOST_TRIED = 7  # shares whose every order is tried: 5040 of them


@dataclass(frozen=True)
class _Break:
    """Moments of the part that a share takes of what is left, and what it may be.

    ``least`` and ``most`` are the standard deviations possible for the share at this
    place; `most` itself is not.
    """

    name: str
    mean: float
    variance: float
    sd: float
    least: float
    most: float

    @property
    def amiss(self) -> float:
        """How far outside its range the sd is, as a logarithm; 0 inside."""
        if self.sd < self.least * (1 - 1e-9):  # rounding refuses nothing
            return log(self.least / self.sd)
        if self.sd >= self.most:
            return log(self.sd / self.most) + 1e-9 if self.most > 0 else inf
        return 0.0


@dataclass(frozen=True)
class _Attempt:
    """Shares in one order, with the sd that falls to the last."""

    order: tuple[str, ...]
    breaks: tuple[_Break, ...]
    last_sd: float

    @property
    def amiss(self) -> float:
        return sum(each.amiss for each in self.breaks)


def stick_breaking(
    means: Mapping[str, float],
    sds: Mapping[str, float | None],
    *,
    order: Sequence[str] | None = None,
    prefix: str = "",
) -> Composition:
    """Shares that each have a standard deviation of their own.

    Parameters
    ----------
    means : mapping of share to mean
        Sum one. A mean of 0 or 1 stays so in every draw.
    sds : mapping of share to standard deviation
        0 fixes a share. One share may have none (missing, or None): it takes what
        the others leave.
    order : sequence of str, optional
        Shares that vary, in the order in which they are broken off; the last has no
        free parameter. Without it, the order in which the last share's sd comes
        nearest to the stated one. State it where scenarios with other means are to
        read the same columns.
    prefix : str
        Put before a share's name to make its column's key.

    Returns
    -------
    Composition
        Means exact, and all sds but the last's. Of the last a warning gives the
        numbers if it is off by more than 5 %.

    Raises
    ------
    DependenceError
        Means or sds that no shares can have, or that betas broken off one by one
        cannot; the message has the nearest possible sd.

    Notes
    -----
    Connor and Mosimann, J. Am. Stat. Assoc. 64 (1969) 194: shares s_k = b_k R_{k-1}
    with independent betas b_k and R_k = R_{k-1} - s_k. With m = E b_k = p_k / E R,
    the variance of what is left goes W_k = (1 - 2 m) W_{k-1} + sd_k^2, and
    E b_k^2 = (p_k^2 + sd_k^2) / E R^2; a beta exists if that lies above m^2 and
    below m.

    Examples
    --------
    >>> mix = stick_breaking(
    ...     {"coal": 0.6, "hydro": 0.3, "wind": 0.1},
    ...     {"coal": 0.05, "hydro": 0.05, "wind": None},
    ... )
    >>> mix.order, mix.realised_sds
    (('coal', 'hydro', 'wind'), (0.05, 0.05, 0.0353553))
    """
    refuse(mean_faults(means) + sd_faults(means, sds))
    shares = normalised(means)
    known = {name: sds.get(name) for name in shares}
    moving = varying(shares, known)
    without = [name for name in moving if known[name] is None]
    faults = []
    if len(without) > 1:
        faults.append(
            f"sd missing for {', '.join(without)}; only one share can go without"
        )
    if order is not None and sorted(order) != sorted(moving):
        faults.append(f"order has to name {', '.join(moving)}, not {', '.join(order)}")
    if order is not None and without and order[-1] != without[0]:
        faults.append(f"{without[0]} has no sd and must stand last in order")
    refuse(faults)
    if not moving:
        return _made(shares, known, _Attempt((), (), 0.0), prefix)
    orders = _orders(shares, known, moving) if order is None else iter([tuple(order)])
    attempts = [_attempt(shares, known, each) for each in orders]
    best = min(attempts, key=lambda each: _rank(each, known))
    if best.amiss:
        raise DependenceError(_impossible(best))
    return _made(shares, known, best, prefix)


def _orders(
    shares: Mapping[str, float],
    sds: Mapping[str, float | None],
    moving: tuple[str, ...],
) -> Iterator[tuple[str, ...]]:
    """Orders worth trying: all, or of many shares all of the seven that vary most.

    What is left varies more with every share taken, relative to its mean, and a share
    may not vary less than that: the steady ones have to go first.
    """
    free = [name for name in moving if sds[name] is None]
    rest = sorted(
        (name for name in moving if name not in free),
        key=lambda name: (sds[name] or 0.0) / shares[name],
    )
    room = _MOST_TRIED - len(free)
    steady, tried = rest[: max(len(rest) - room, 0)], rest[max(len(rest) - room, 0) :]
    for each in permutations(tried):
        yield (*steady, *each, *free)


def _attempt(
    shares: Mapping[str, float],
    sds: Mapping[str, float | None],
    order: tuple[str, ...],
) -> _Attempt:
    """Moments of every break in one order, possible or not."""
    left = whole = fsum(shares[name] for name in order)
    spread = 0.0  # variance of what is left
    breaks = []
    for name in order[:-1]:
        p, sd = shares[name], sds[name] or 0.0
        mean = p / left
        square = (p * p + sd * sd) / (spread + left * left)
        least = mean * sqrt(spread)
        most = sqrt(max(mean * spread + p * (left - p), 0.0))
        breaks.append(_Break(name, mean, square - mean * mean, sd, least, most))
        spread = max((1 - 2 * mean) * spread + sd * sd, 0.0)
        left = max(left - p, 1e-16 * whole)
    return _Attempt(order, tuple(breaks), sqrt(spread))


def _rank(attempt: _Attempt, sds: Mapping[str, float | None]) -> tuple[float, float]:
    """Possible first, then the last sd nearest to what was asked for."""
    wanted = sds[attempt.order[-1]]
    off = 0.0
    if wanted is not None:
        off = abs(log(attempt.last_sd / wanted)) if attempt.last_sd > 0 else inf
    return attempt.amiss, round(off, 9)  # rounding must not decide between equals


def _impossible(attempt: _Attempt) -> str:
    """Name the first share that does not fit in the best order, and what would."""
    worst = next(each for each in attempt.breaks if each.amiss)
    if worst.sd < worst.least:  # and by more than rounding
        return (
            f"{worst.name}: sd {worst.sd:.4g} is too small beside the spread of the "
            f"other shares; the nearest possible is {worst.least:.4g}, or narrow the "
            "others, or use logistic_normal"
        )
    return (
        f"{worst.name}: sd {worst.sd:.4g} is too large beside the other shares; it "
        f"has to stay below {worst.most:.4g}"
    )


def _made(
    shares: Mapping[str, float],
    sds: Mapping[str, float | None],
    attempt: _Attempt,
    prefix: str,
) -> Composition:
    columns = []
    for each in attempt.breaks:
        # a share of sd equal to the least possible would need a beta of no width
        variance = max(each.variance, 1e-12 * each.mean * (1 - each.mean))
        total = each.mean * (1 - each.mean) / variance - 1
        law = Beta(each.mean * total, (1 - each.mean) * total)
        columns.append((prefix + each.name, law))
    realised = {name: sds[name] or 0.0 for name in attempt.order[:-1]}
    realised |= dict.fromkeys(attempt.order[-1:], attempt.last_sd)
    got = tuple(realised.get(name, 0.0) for name in shares)
    return Composition(
        names=tuple(shares),
        kind="stick_breaking",
        means=tuple(shares.values()),
        columns=tuple(columns),
        order=attempt.order,
        fixed=tuple((n, p) for n, p in shares.items() if n not in attempt.order),
        realised_means=tuple(shares.values()),
        realised_sds=got,
        warnings=tuple(_warnings(shares, sds, got)),
    )


def _warnings(
    shares: Mapping[str, float],
    sds: Mapping[str, float | None],
    realised: Sequence[float],
) -> Iterator[str]:
    """Say what the last share, which takes what is left, has instead of its sd."""
    wanted = [sds[name] for name in shares]
    off = shortfalls(shares, wanted, realised, "sd", SD_TOLERANCE)
    if not off:
        return
    reason = "it takes what the others leave; logistic_normal may do"
    stated = {name: sd for name in shares if (sd := sds[name])}
    for name, sd in stated.items():
        others = fsum(stated.values()) - sd
        if sd > others and None not in wanted:
            reason = (
                f"no shares have these sds; that of {name} cannot pass {others:.4g}, "
                "the sum of the others, which lose what it gains"
            )
    yield f"{off[0]}: {reason}"
