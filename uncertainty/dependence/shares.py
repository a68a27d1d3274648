"""Shares with stated means and standard deviations, by the law that can hold them."""

from collections.abc import Mapping

from uncertainty.dependence.composition import Composition
from uncertainty.dependence.logistic_normal import logistic_normal
from uncertainty.dependence.stick_breaking import stick_breaking
from uncertainty.errors import DependenceError


def shares(
    means: Mapping[str, float],
    sds: Mapping[str, float | None],
    *,
    prefix: str = "",
) -> Composition:
    """Shares that sum to one, each with a mean and a standard deviation of its own.

    Parameters
    ----------
    means : mapping of share to mean
        Sum one.
    sds : mapping of share to standard deviation
        One share may have none; it takes what the others leave.
    prefix : str
        Put before a share's name to make its column's key.

    Returns
    -------
    Composition
        Stick-breaking betas, whose moments are exact, if they can also give the last
        share its sd within 5 %; else the logistic-normal law if that can; else, where
        no law may be able to, the betas with a warning that has the numbers. ``kind``
        says which.

    Raises
    ------
    DependenceError
        As for `stick_breaking`, where the logistic-normal law cannot do it either.

    Examples
    --------
    >>> means = {"coal": 0.5, "gas": 0.3, "oil": 0.2}
    >>> shares(means, {"coal": 0.06, "gas": 0.05, "oil": 0.04}).kind
    'stick_breaking'
    >>> shares(means, {"coal": 0.09, "gas": 0.05, "oil": 0.05}).kind
    'logistic_normal'
    """
    refused: DependenceError | None = None
    broken: Composition | None = None
    try:
        broken = stick_breaking(means, sds, prefix=prefix)
    except DependenceError as error:
        refused = error
    if broken is not None and not broken.warnings:
        return broken
    stated = {name: sd for name, sd in sds.items() if sd is not None}
    try:
        normal = logistic_normal(means, stated, prefix=prefix)
    except DependenceError:
        normal = None
    if normal is not None and not normal.warnings:
        return normal
    if broken is not None:
        return broken
    raise refused or AssertionError("the betas were neither made nor refused")
