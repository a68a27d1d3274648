"""How a stated distribution can be moved: its value, and its spread about it.

A moved input has to be a distribution that a config can state, so that what the page
shows can be run. A value x of an input with the point c becomes v + a (x - c), with v
the new value; a is the factor of the spread, times v / c for a quantity that is not
about zero, whose relative spread stays. A lognormal is moved on its own scale, to
v (x / c)**s. Both map quantiles to quantiles of a distribution of the same family.
"""

import dataclasses
from math import isfinite
from typing import Any

from uncertainty.distributions import (
    Constant,
    Lognormal,
    Marginal,
    Negated,
    Repointed,
    Shifted,
    Truncated,
    TruncatedAtoms,
)
from uncertainty.distributions.base import Delegated, word

ROLES: dict[str, dict[str, str]] = {
    "normal": {"mean": "place", "sd": "width"},
    "uniform": {"low": "place", "high": "place"},
    "triangular": {"low": "place", "mode": "place", "high": "place"},
    "pert": {"low": "place", "mode": "place", "high": "place", "lambda": "shape"},
    "beta": {"a": "shape", "b": "shape", "low": "place", "high": "place"},
    "truncated_normal": {
        "mean": "place",
        "sd": "width",
        "low": "place",
        "high": "place",
    },
    "student_t": {"mean": "place", "scale": "width", "dof": "shape"},
    "arcsine": {"low": "place", "high": "place"},
    "trapezoid": {"low": "place", "high": "place", "top_ratio": "shape"},
    "curvilinear_trapezoid": {"low": "place", "high": "place", "inexactness": "width"},
    "interval": {
        "low": "place",
        "high": "place",
        "value": "place",
        "level": "shape",
        "shape": "shape",
    },
    "percent": {"value": "place", "plus_minus": "percent", "level": "shape"},
    "discrete": {"values": "place", "probabilities": "shape"},
    "empirical": {"values": "place"},
    "observed": {"values": "place", "of": "shape"},
    "gumbel": {"location": "place", "scale": "width"},
    "gamma": {"shape": "shape", "scale": "width"},
    "weibull": {"scale": "width", "shape": "shape"},
    "exponential": {"mean": "width"},
}
"""What each parameter of a family is: a place on the axis, a width, or neither."""
FROM_ZERO = frozenset({"gamma", "weibull", "exponential"})
"""Families that begin at zero: an offset moves them."""
LARGEST_PERCENT = 60.0
MOST_VALUES = 200
"""Values of a discrete distribution that a copied scenario can be read with."""


def move(law: Marginal, *, share: bool = False) -> dict[str, Any]:
    """How a distribution is moved, in plain data for the page.

    Parameters
    ----------
    law : Marginal
    share : bool
        A pure number that lies between 0 and 1 has to stay there.

    Returns
    -------
    dict
        ``kind``: constant, affine, log or fixed (its value may be moved, without a
        spread); ``point``; for affine ``family``, ``parameters`` (word, role, value),
        ``ratio`` and what else the config states; ``limits``, the largest factor of
        the spread, and the ends between which all values have to stay.

    Examples
    --------
    >>> from uncertainty.distributions import build
    >>> made = move(build("normal", {"mean": 4, "sd": 1}))
    >>> made["kind"], made["point"], made["parameters"]
    ('affine', 4.0, [['mean', 'place', 4.0], ['sd', 'width', 1.0]])
    >>> move(build("lognormal", {"median": 2, "gsd": 1.5}))["gsd"]
    1.5
    """
    point = float(law.point)
    low, high = law.support
    if law.constant or isinstance(law, Constant):
        ends = [0.0 if point >= 0 else None, 1.0 if share and point <= 1 else None]
        return {"kind": "constant", "point": point, "floor": ends[0], "roof": ends[1]}
    found: dict[str, Any] = {"kind": "fixed", "point": point}
    found["low"] = low if isfinite(low) else None
    found["high"] = high if isfinite(high) else None
    found["floor"] = 0.0 if low >= 0 else None
    found["roof"] = 1.0 if share and high <= 1 else None
    found["sd"] = float(law.sd)
    plain = _lognormal(law)
    if plain is not None and point > 0:
        gsd = plain.gsd if plain.gsd is not None else _gsd(plain)
        median = float(plain.ppf(0.5))
        return found | {"kind": "log", "median": median, "gsd": gsd}
    stated = _stated(law)
    if stated is None:
        return found
    return found | stated | {"kind": "affine", "ratio": point != 0.0}


def _lognormal(law: Marginal) -> Lognormal | None:
    """The lognormal that a distribution is, however it is stated."""
    while isinstance(law, Delegated):
        law = law.law
    return law if isinstance(law, Lognormal) else None


def _gsd(law: Lognormal) -> float:
    from math import exp

    return exp(law.sigma)


def _stated(law: Marginal) -> dict[str, Any] | None:
    """Family, parameters and modifiers of an affine family; None of any other."""
    more: dict[str, Any] = {}
    if isinstance(law, Repointed):
        more["repointed"] = True
        law = law.base
    if isinstance(law, Shifted):
        more["offset"] = law.offset
        law = law.base
    if isinstance(law, Negated):
        more["negate"] = True
        law = law.base
    if isinstance(law, Truncated | TruncatedAtoms):
        more["bounds"] = {"low": law.low, "high": law.high}
        law = law.base
    roles = ROLES.get(law.family)
    if roles is None:
        return None
    if law.family in FROM_ZERO:
        more.setdefault("offset", 0.0)
    parameters: list[list[Any]] = []
    for entry in dataclasses.fields(law):  # type: ignore[arg-type]  # all are dataclasses
        name, value = word(entry.name), getattr(law, entry.name)
        if value is None:
            continue
        if name == "shape" and value == "lognormal":
            return None
        if value == "bootstrap":  # other readings are resampled in another way
            return None
        if isinstance(value, tuple):
            if len(value) > MOST_VALUES:
                return None
            value = list(value)
        parameters.append([name, roles[name], value])
        if roles[name] == "percent":
            more["widest"] = LARGEST_PERCENT / value
    if {"negate", "offset"} & more.keys() and law.family == "percent":
        return None  # a percentage is of the value before it is moved
    return {"family": law.family, "parameters": parameters, **more}
