"""Methods of sensitivity analysis as a study calls them: which, and how large."""

from scenarios.analysis.sensitivity.errors import DriverError
from uncertainty.errors import nearest
from uncertainty.sensitivity import CARDS

EVERY = "all"


def chosen(method: str) -> list[str]:
    """The methods that a word stands for.

    Raises
    ------
    DriverError
        There is no such method.
    """
    if method == EVERY:
        return list(CARDS)
    if method not in CARDS:
        known = [*CARDS, EVERY]
        raise DriverError(
            f"no method is called {method}{nearest(method, known)}; there are "
            f"{', '.join(known)}"
        )
    return [method]


def size(method: str, asked: int | None, *, among_all: bool) -> int:
    """Size of a method's design; 0 for as many runs as its inputs take.

    Parameters
    ----------
    method : str
    asked : int or None
        By the user.
    among_all : bool
        Whether `asked` is that of Sobol' analysis, one method of all.
    """
    plan = CARDS[method]
    if asked is None:
        return plan.n
    if not among_all or method == "sobol":
        return asked
    part = max(int(plan.n * asked / CARDS["sobol"].n), plan.least)
    return 1 << (part - 1).bit_length() if plan.power else part


def refuse_groups(method: str, groups: str) -> None:
    """Refuse a grouping that the method does not know.

    Raises
    ------
    DriverError
    """
    if groups != "none" and not CARDS[method].groups:
        able = ", ".join(name for name, plan in CARDS.items() if plan.groups)
        raise DriverError(
            f"{method} has no groups; take one of {able}, or leave --groups out"
        )
