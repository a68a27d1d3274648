"""Compositions: uncertain shares that sum to one, as columns and plain arithmetic."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal, TypeVar

from uncertainty.dependence.copula import GaussianCopula
from uncertainty.distributions import Beta, Marginal
from uncertainty.errors import DependenceError

T = TypeVar("T")
Kind = Literal["dirichlet", "stick_breaking", "logistic_normal"]

WHOLE = 1e-9
"""How far stated means may be from a sum of one: rounding of long decimals, no more."""
MEAN_TOLERANCE, SD_TOLERANCE = 0.005, 0.05
"""Relative differences between stated and realised beyond which a warning is due."""


@dataclass(frozen=True)
class Composition:
    """Shares that are never negative and sum to one in every draw.

    Attributes
    ----------
    names : tuple of str
        All shares, as stated.
    kind : str
        dirichlet, stick_breaking or logistic_normal.
    means : tuple of float
        Stated means, by `names`; also the point values.
    columns : tuple of (str, Marginal)
        What has to be drawn: a column's key with its marginal, for each share of
        `order` but the last.
    order : tuple of str
        Shares that vary, in the order in which they are made.
    fixed : tuple of (str, float)
        Shares that do not vary, zeros among them.
    realised_means, realised_sds : tuple of float
        What the shares really have, by `names`.
    warnings : tuple of str
        Where that is not what was asked for, with the numbers.
    copulas : tuple of GaussianCopula
        Ties between the columns.
    """

    names: tuple[str, ...]
    kind: Kind
    means: tuple[float, ...]
    columns: tuple[tuple[str, Marginal], ...]
    order: tuple[str, ...]
    fixed: tuple[tuple[str, float], ...]
    realised_means: tuple[float, ...]
    realised_sds: tuple[float, ...]
    warnings: tuple[str, ...] = ()
    copulas: tuple[GaussianCopula, ...] = ()

    def build(
        self,
        leaf: Callable[[str, Marginal], T],
        constant: Callable[[float], T],
        apply: Callable[[str, tuple[T, ...]], T],
    ) -> dict[str, T]:
        """Make every share by arithmetic on the columns.

        Parameters
        ----------
        leaf : callable
            (column key, marginal) -> what stands for the column: a node, an array.
        constant : callable
            Number -> what stands for it.
        apply : callable
            (operation word, operands) -> what stands for the result; the words are
            add, sub, mul, div and exp, as in a graph.

        Returns
        -------
        dict of share name to what stands for it, in the order of `names`
        """
        made = {name: constant(share) for name, share in self.fixed}
        whole = 1 - fsum(share for _, share in self.fixed)
        drawn = [leaf(key, marginal) for key, marginal in self.columns]
        if not self.order:
            return {name: made[name] for name in self.names}
        if self.kind == "logistic_normal":
            parts = [apply("exp", (each,)) for each in drawn]
            total = constant(1.0)  # the last share, whose logarithm counts as 0
            for part in parts:
                total = apply("add", (total, part))
            unit = apply("div", (constant(whole), total))
            shares = [apply("mul", (part, unit)) for part in parts]
            made |= dict(zip(self.order, [*shares, unit], strict=True))
            return {name: made[name] for name in self.names}
        left = constant(whole)
        for name, stick in zip(self.order, drawn, strict=False):
            made[name] = apply("mul", (stick, left))
            # not (1 - stick) * left: differences telescope, so the sum stays one
            left = apply("sub", (left, made[name]))
        made[self.order[-1]] = left
        return {name: made[name] for name in self.names}


def dirichlet(
    means: Mapping[str, float], concentration: float, *, prefix: str = ""
) -> Composition:
    """Shares with a Dirichlet law.

    Parameters
    ----------
    means : mapping of share to mean
        Sum one. A mean of 0 stays 0 and a mean of 1 stays 1 in every draw.
    concentration : float
        Sum of the Dirichlet parameters, above 0: a share of mean p has the standard
        deviation sqrt(p (1 - p) / (concentration + 1)).
    prefix : str
        Put before a share's name to make its column's key.

    Raises
    ------
    DependenceError
        Means that are negative or do not sum to one, or a concentration that is not
        above 0. All faults at once.

    Notes
    -----
    The stick-breaking form of the Dirichlet law: the part that share k takes of what
    is left is beta with exponents a_k and the sum of those after it. Connor and
    Mosimann, J. Am. Stat. Assoc. 64 (1969) 194.

    Examples
    --------
    >>> fuels = dirichlet({"coal": 0.8, "gas": 0.2, "oil": 0}, 30)
    >>> [key for key, _ in fuels.columns], fuels.realised_sds
    (['coal'], (0.0718421, 0.0718421, 0.0))
    """
    faults = mean_faults(means)
    if not 0 < concentration < float("inf"):
        faults.append(
            f"concentration {concentration:g} is not above 0; for a share of mean p "
            "and standard deviation s write p (1 - p) / s**2 - 1"
        )
    refuse(faults)
    shares = normalised(means)
    order = varying(shares)
    columns, left = [], fsum(shares[name] for name in order)
    for name in order[:-1]:
        a, b = shares[name] * concentration, (left - shares[name]) * concentration
        columns.append((prefix + name, Beta(a, b)))
        left -= shares[name]
    sds = [sqrt(p * (1 - p) / (concentration + 1)) for p in shares.values()]
    return Composition(
        names=tuple(shares),
        kind="dirichlet",
        means=tuple(shares.values()),
        columns=tuple(columns),
        order=order,
        fixed=tuple((n, p) for n, p in shares.items() if n not in order),
        realised_means=tuple(shares.values()),
        realised_sds=tuple(sds),
    )


def mean_faults(means: Mapping[str, float]) -> list[str]:
    """Say what keeps numbers from being mean shares."""
    faults = [
        f"{name}: mean {mean:g} is not between 0 and 1"
        + (f"; write {mean / 100:g} for {mean:g} %" if 1 < mean <= 100 else "")
        for name, mean in means.items()
        if not 0 <= mean <= 1
    ]
    if not faults and abs((total := fsum(means.values())) - 1) > WHOLE:
        faults.append(
            f"means sum to {total:.10g}, not 1; {abs(1 - total):.3g} is "
            f"{'missing' if total < 1 else 'too much'}"
        )
    return faults


def sd_faults(means: Mapping[str, float], sds: Mapping[str, float | None]) -> list[str]:
    """Say which standard deviations no share of such a mean can have."""
    faults = [f"{name}: sd given, but no mean" for name in sds if name not in means]
    for name, mean in means.items():
        sd = sds.get(name)
        if sd is None or not 0 <= mean <= 1:
            continue  # that of the mean is the fault
        most = sqrt(mean * (1 - mean))
        if not sd >= 0:
            faults.append(f"{name}: sd {sd:g} is not 0 or more")
        elif mean in (0, 1) and sd > 0:
            faults.append(
                f"{name}: a share of {mean:g} cannot vary; write sd 0, or another mean"
            )
        elif sd >= most and sd > 0:
            faults.append(
                f"{name}: sd {sd:g} is out of reach; a share of mean {mean:g} stays "
                f"below {most:.4g}"
            )
    return faults


def normalised(means: Mapping[str, float]) -> dict[str, float]:
    """Means whose sum is one to rounding, not only to what was written."""
    total = fsum(means.values())
    return {name: mean / total for name, mean in means.items()}


def varying(
    means: Mapping[str, float], sds: Mapping[str, float | None] | None = None
) -> tuple[str, ...]:
    """Shares that vary, as they are named: one alone cannot."""
    given = sds or {}
    found = [
        name
        for name, mean in means.items()
        if 0 < mean < 1 and given.get(name, None) != 0
    ]
    return tuple(found) if len(found) > 1 else ()


def shortfalls(
    names: Iterable[str],
    stated: Sequence[float | None],
    realised: Sequence[float],
    what: str,
    tolerance: float,
) -> list[str]:
    """Where realised figures part from stated ones by more than `tolerance`."""
    return [
        f"{name}: {what} {wish:.4g} was asked for, {got:.4g} is realised"
        for name, wish, got in zip(names, stated, realised, strict=True)
        if wish is not None and abs(got - wish) > tolerance * wish
    ]


def refuse(faults: Sequence[str]) -> None:
    """Raise all faults at once, if there are any."""
    if faults:
        raise DependenceError("; ".join(faults))
