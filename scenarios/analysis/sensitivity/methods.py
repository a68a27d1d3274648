"""Methods of sensitivity analysis as a study calls them: what each takes and asks."""

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.analysis.sensitivity.errors import DriverError
from uncertainty.errors import nearest

EVERY = "all"
BASE = 4096
"""Size of Sobol' analysis; with "all", others keep their proportion to it."""


@dataclass(frozen=True)
class Plan:
    """How a method is run.

    Attributes
    ----------
    n : int
        Size unless told, in the method's own terms; 0 for as few as it takes.
    least : int
        Smallest that is worth it.
    power : bool
        Whether `n` has to be a power of two.
    groups : bool
        Whether it knows groups.
    stored : bool
        Whether it takes a run's draws, and no new runs of the model.
    narrow : bool
        Whether its time or memory grows so fast that, unless told, it looks at the
        reference alone.
    resamples : int, optional
        With "all", where each takes seconds.
    """

    n: int
    least: int
    power: bool = False
    groups: bool = False
    stored: bool = False
    narrow: bool = False
    resamples: int | None = None


PLANS: Mapping[str, Plan] = {
    "sobol": Plan(BASE, 64, power=True, groups=True),
    "shapley": Plan(1024, 64, power=True, groups=True),
    "given_data": Plan(16384, 1024, stored=True),
    "value_of_information": Plan(16384, 1024, stored=True),
    "pawn": Plan(16384, 1024, stored=True),
    "morris": Plan(64, 8, groups=True),
    "dgsm": Plan(256, 16, narrow=True),
    "regional": Plan(4096, 512, narrow=True),
    "rbd_fast": Plan(1024, 256, narrow=True),
    "delta": Plan(1024, 256, narrow=True),
    "hdmr": Plan(1024, 384, narrow=True, resamples=4),
    "fast": Plan(0, 0, narrow=True),
}
"""In the order in which "all" runs them: what is quick and asked for most first."""


def chosen(method: str) -> list[str]:
    """The methods that a word stands for.

    Raises
    ------
    DriverError
        There is no such method.
    """
    if method == EVERY:
        return list(PLANS)
    if method not in PLANS:
        known = [*PLANS, EVERY]
        raise DriverError(
            f"no method is called {method}{nearest(method, known)}; there are "
            f"{', '.join(known)}"
        )
    return [method]


def size(method: str, asked: int | None, *, among_all: bool) -> int:
    """Size of a method's design; 0 for as few runs as it takes.

    Parameters
    ----------
    method : str
    asked : int or None
        By the user.
    among_all : bool
        Whether `asked` is that of Sobol' analysis, one method of all.
    """
    plan = PLANS[method]
    if asked is None:
        return plan.n
    if not among_all or method == "sobol":
        return asked
    share = max(int(plan.n * asked / BASE), plan.least)
    return 1 << (share - 1).bit_length() if plan.power else share


def refuse_groups(method: str, groups: str) -> None:
    """Refuse a grouping that the method does not know.

    Raises
    ------
    DriverError
    """
    if groups != "none" and not PLANS[method].groups:
        able = ", ".join(name for name, plan in PLANS.items() if plan.groups)
        raise DriverError(
            f"{method} has no groups; take one of {able}, or leave --groups out"
        )
