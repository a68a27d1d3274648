"""Marginals: spelt-out parameters in; quantiles, probabilities, moments out.

Examples
--------
>>> from uncertainty import distributions
>>> factor = distributions.build("lognormal", {"median": 2.0, "gsd": 1.1})
>>> round(factor.mean, 3)
2.009
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import cast

from uncertainty.distributions.base import Marginal, explain, fault, read, word
from uncertainty.distributions.bounded import (
    Arcsine,
    Beta,
    Loguniform,
    Pert,
    Triangular,
    Uniform,
)
from uncertainty.distributions.continuous import (
    Gumbel,
    Lognormal,
    Normal,
    StudentT,
)
from uncertainty.distributions.discrete import (
    Bernoulli,
    Constant,
    Discrete,
    DiscreteUniform,
    Empirical,
)
from uncertainty.distributions.elicited import Elicited, Expert, Metalog
from uncertainty.distributions.evidence import Evidence, Pooled, Source, pool
from uncertainty.distributions.lifetimes import Exponential, Gamma, Weibull
from uncertainty.distributions.modifiers import (
    Negated,
    Repointed,
    Shifted,
    Truncated,
    TruncatedAtoms,
    truncate,
)
from uncertainty.distributions.pedigree import Pedigree
from uncertainty.distributions.stated import (
    Interval,
    Observed,
    Percent,
    TruncatedNormal,
)
from uncertainty.distributions.trapezoids import CurvilinearTrapezoid, Trapezoid
from uncertainty.distributions.updated import Updated
from uncertainty.errors import DistributionError, nearest

__all__ = [
    "FAMILIES",
    "MODIFIERS",
    "Arcsine",
    "Bernoulli",
    "Beta",
    "Constant",
    "CurvilinearTrapezoid",
    "Discrete",
    "DiscreteUniform",
    "Elicited",
    "Empirical",
    "Evidence",
    "Expert",
    "Exponential",
    "Gamma",
    "Gumbel",
    "Interval",
    "Lognormal",
    "Loguniform",
    "Marginal",
    "Metalog",
    "Negated",
    "Normal",
    "Observed",
    "Pedigree",
    "Percent",
    "Pert",
    "Pooled",
    "Repointed",
    "Shifted",
    "Source",
    "StudentT",
    "Trapezoid",
    "Triangular",
    "Truncated",
    "TruncatedAtoms",
    "TruncatedNormal",
    "Uniform",
    "Updated",
    "Weibull",
    "build",
    "explain",
    "parameters",
    "pool",
    "truncate",
]

FAMILIES: dict[str, type[Marginal]] = {
    kind.family: kind
    for kind in (
        Constant,
        Normal,
        Lognormal,
        Uniform,
        Triangular,
        Pert,
        Beta,
        TruncatedNormal,
        StudentT,
        Discrete,
        Empirical,
        Trapezoid,
        CurvilinearTrapezoid,
        Arcsine,
        Loguniform,
        Weibull,
        Gamma,
        Exponential,
        Gumbel,
        Bernoulli,
        DiscreteUniform,
        Interval,
        Percent,
        Pedigree,
        Observed,
        Evidence,
        Elicited,
        Updated,
    )
}

MODIFIERS = ("bounds", "negate", "offset")


def parameters(family: str) -> dict[str, bool]:
    """Config words of a family's parameters, each with whether it must be given.

    Raises
    ------
    DistributionError
        There is no such family; the message has the nearest.

    Examples
    --------
    >>> parameters("pert")
    {'low': True, 'mode': True, 'high': True, 'lambda': False}
    """
    if family not in FAMILIES:
        raise DistributionError(f"{family} is no distribution{_near(family, FAMILIES)}")
    return {
        word(entry.name): entry.default is dataclasses.MISSING
        for entry in dataclasses.fields(FAMILIES[family])  # type: ignore[arg-type]
    }


def build(family: str, parameters: Mapping[str, object]) -> Marginal:
    """Make a marginal from the words of a config.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    parameters : mapping
        The family's own parameters, and any of ``bounds: {low, high}`` (either may be
        missing), ``negate: bool`` and ``offset: float``. They act in that order: the
        bounds cut the law as its parameters state it, then it is mirrored about 0,
        then moved.

    Returns
    -------
    Marginal

    Raises
    ------
    DistributionError
        Unknown family or parameter (with the nearest known one), a parameter missing,
        not a finite number or impossible, bounds that hold no probability. Where one
        parameter is at fault the message begins with its name and a colon.

    Examples
    --------
    >>> law = build("normal", {"mean": 3, "sd": 0.8, "bounds": {"low": 1, "high": 4}})
    >>> explain(law)
    'normal (mean 3, sd 0.8), from 1 to 4'
    >>> law.mean, law.sd
    (2.851266, 0.649444)
    """
    given = dict(parameters)
    bounds, negate, offset = (given.pop(key, None) for key in MODIFIERS)
    law = _plain(family, given)
    if bounds is not None:
        law = truncate(law, *_bounds(bounds))
    if negate not in (None, True, False):
        raise fault("negate", f"{negate!r} is not true or false")
    if negate:
        law = Negated(law)
    if offset is not None:
        law = Shifted(law, cast(float, read("offset", offset, float)))
    return law


def _plain(family: str, given: dict[str, object]) -> Marginal:
    takes = parameters(family)
    for key in given:
        if key not in takes:
            near = _near(key, (*takes, *MODIFIERS))
            raise fault(key, f"{family} has no such parameter{near}")
    if missing := [key for key in takes if takes[key] and key not in given]:
        raise fault(missing[0], f"missing; {family} takes {', '.join(takes)}")
    kind = FAMILIES[family]
    names = [entry.name for entry in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: given[word(name)] for name in names if word(name) in given})


def _bounds(bounds: object) -> tuple[float | None, float | None]:
    if not isinstance(bounds, Mapping):
        raise fault("bounds", f"{bounds!r} is not {{low: ..., high: ...}}")
    for key in bounds:
        if key not in ("low", "high"):
            raise fault("bounds", f"{key} is neither low nor high")
    low, high = (
        read(f"bounds.{end}", bounds.get(end), float | None) for end in ("low", "high")
    )
    return cast("float | None", low), cast("float | None", high)


def _near(key: str, known: Iterable[str]) -> str:
    return nearest(key, known) or f"; there are {', '.join(known)}"
