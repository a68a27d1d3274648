"""What there is to know of each method: one card, which all that tell of it read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Dependent = Literal["one factor", "split", "refused", "left out", "told", "own share"]
"""What a method does with inputs that depend on each other: takes them as one factor;
splits their share; refuses them; leaves them out; gives each a value that holds what it
tells of its partners too; or splits it into a structural and a correlative part."""


@dataclass(frozen=True)
class Card:
    """A method of sensitivity analysis.

    Attributes
    ----------
    answers : str
        What it finds.
    shown : tuple of str
        Indices that a table shows, the one that ranks first.
    n, least : int
        Size of the design unless told, in the method's own terms, and the smallest
        that is worth it; 0 for as many as it takes for so many inputs.
    size : str
        What `n` counts, and what that costs in runs of the model.
    assumes : str
        What has to hold; empty if nothing.
    scale : str
        What the share of its verdicts is a share of; empty for a method without
        intervals, which ranks and gives no verdict.
    dependent : Dependent
    power : bool
        Whether `n` has to be a power of two.
    groups : bool
        Whether it knows groups.
    stored : bool
        Whether it takes a run's draws, and no new runs of the model.
    narrow : bool
        Whether its time or memory grows so fast that, unless told, it looks at the
        reference alone.
    additive : bool
        Whether its first-order indices add up to at most 1.
    of_differences : bool
        Whether it is about the choice between two scenarios, and has nothing to say of
        one alone.
    """

    answers: str
    shown: tuple[str, ...]
    n: int
    least: int
    size: str
    assumes: str = ""
    scale: str = ""
    dependent: Dependent = "one factor"
    power: bool = False
    groups: bool = False
    stored: bool = False
    narrow: bool = False
    additive: bool = False
    of_differences: bool = False

    @property
    def ranked_by(self) -> str:
        """Index that factors are ranked by."""
        return self.shown[0]

    @property
    def rough(self) -> bool:
        """Whether it has no interval that was shown to hold."""
        return not self.scale


_DRAWS = "draws of a plain run"
_VARIANCE = "the variance"

CARDS: Mapping[str, Card] = {
    "sobol": Card(
        "shares of the variance, first, total and second order",
        ("total_order", "first_order"),
        4096,
        64,
        "runs of each of two sets; n x (factors + 2) runs",
        scale=_VARIANCE,
        power=True,
        groups=True,
        additive=True,
    ),
    "shapley": Card(
        "shares of the variance that add up, also for dependent inputs",
        ("shapley",),
        1024,
        64,
        "walks; n x (factors + 1) runs",
        scale=_VARIANCE,
        dependent="split",
        power=True,
        groups=True,
    ),
    "given_data": Card(
        "first order from a plain run",
        ("first_order", "total_order_limit"),
        16384,
        1024,
        _DRAWS,
        "outputs that bend slowly along an input",
        scale=_VARIANCE,
        dependent="left out",
        stored=True,
        additive=True,
    ),
    "rank": Card(
        "first order, and dependence of any form, from ranks of a plain run",
        ("first_order", "xi"),
        16384,
        1024,
        _DRAWS,
        scale=_VARIANCE,
        dependent="told",
        stored=True,
    ),
    "hsic": Card(
        "dependence of any form, with a p-value",
        ("hsic", "p_value"),
        16384,
        1024,
        _DRAWS,
        scale="full dependence",
        dependent="told",
        stored=True,
    ),
    "decision_value": Card(
        "worth of knowing an input before choosing between two scenarios (EVPPI)",
        ("evppi_share", "evppi"),
        16384,
        1024,
        _DRAWS,
        "the lower output is chosen",
        scale="the value of knowing everything",
        dependent="told",
        stored=True,
        of_differences=True,
    ),
    "value_of_information": Card(
        "narrowing of the interval if an input were known",
        ("narrowing", "variance_reduction", "expected_width"),
        16384,
        1024,
        _DRAWS,
        dependent="told",
        stored=True,
    ),
    "pawn": Card(
        "shift of the whole distribution",
        ("pawn_median", "pawn_maximum"),
        16384,
        1024,
        _DRAWS,
        dependent="told",
        stored=True,
    ),
    "morris": Card(
        "elementary effects: screening by few runs",
        ("effect_share", "mu_star", "sigma"),
        64,
        8,
        "trajectories; n x (factors + 2) runs",
        "effects over the central 90 % of each input",
        scale="the squared mean effects",
        groups=True,
    ),
    "dgsm": Card(
        "limits of the total order, from derivatives",
        ("dgsm", "dgsm_low"),
        256,
        32,
        "points; n x (2 x inputs + 1) runs",
        "outputs without steps",
        scale=_VARIANCE,
        dependent="refused",
        power=True,
        narrow=True,
    ),
    "regional": Card(
        "which inputs tell one part of the output from the rest",
        ("regional_mean", "regional_maximum"),
        4096,
        512,
        "runs",
        dependent="told",
        narrow=True,
    ),
    "rbd_fast": Card(
        "first order by frequencies",
        ("first_order",),
        4096,
        256,
        "runs",
        dependent="refused",
        narrow=True,
        additive=True,
    ),
    "delta": Card(
        "shift of the density (slow)",
        ("delta",),
        1024,
        256,
        "runs",
        dependent="told",
        narrow=True,
    ),
    "hdmr": Card(
        "shares of the variance from a fitted model, with correlation",
        ("total_order", "structural", "correlative"),
        2048,
        384,
        "runs",
        dependent="own share",
        narrow=True,
        additive=True,
    ),
    "fast": Card(
        "first and total order by frequencies",
        ("total_order", "first_order"),
        0,
        0,
        "runs of each input's curve",
        dependent="refused",
        narrow=True,
        additive=True,
    ),
}
"""By name, in the order in which "all" runs them: what is quick and asked for most
first."""
