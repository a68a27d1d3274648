"""The words of the config language for policy: levers, sweeps and fleets."""

from math import isfinite
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import Strict
from scenarios.language.label import Label
from scenarios.language.quantities import OverYears
from scenarios.language.supplies import Supply
from scenarios.language.terms import AccountName, Confidence, Formula, Id, Source, Year

WAYS = ("amount", "scale", "add")


class LeverChange(Strict):
    """What a lever at full adoption makes of one line of a process.

    `amount` replaces the line's amount, `scale` multiplies it, `add` adds to it. A
    line that the process does not have yet starts from nothing and says what it is.
    """

    amount: Formula | None = None
    scale: Formula | None = None
    add: Formula | None = None
    product: str | None = None
    supply: str | None = None
    gas: str | None = None
    source: Source | None = None
    account: AccountName | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        used = [way for way in WAYS if getattr(self, way) is not None]
        if len(used) != 1:
            raise PydanticCustomError(
                "ways",
                "a line of a lever takes one of amount, scale, add; found {used}",
                {"used": " and ".join(used) or "none"},
            )
        return self

    @property
    def way(self) -> str:
        """Which of amount, scale and add it is."""
        return next(way for way in WAYS if getattr(self, way) is not None)

    @property
    def stated(self) -> Formula:
        """The formula of that way."""
        found = getattr(self, self.way)
        return found if isinstance(found, float | int) else str(found)


class LeverProcess(Strict):
    """What a lever changes in one process."""

    needs: dict[Id, LeverChange] = Field(default={})
    emits: dict[Id, LeverChange] = Field(default={})


class Lever(Strict):
    """A measure: changes to recipes and supplies at full adoption.

    Levers of one `exclusive` group serve the same need: together their adoptions are
    at most one.
    """

    label: Label | None = None
    source: str | None = None
    url: str | None = None
    note: str | None = None
    confidence: Confidence | None = None
    available: Year | None = None
    exclusive: Id | None = None
    processes: dict[Id, LeverProcess] = Field(default={})
    supplies: dict[Id, Supply] = Field(default={})
    cost: Formula | None = None

    @model_validator(mode="after")
    def _changes(self) -> Self:
        if not self.processes and not self.supplies:
            raise PydanticCustomError(
                "ways", "a lever changes processes or supplies; state one", {}
            )
        return self


class LeverUse(OverYears):
    """How far a scenario adopts a lever: a share from 0 to 1."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self.stated) != 1:
            raise PydanticCustomError(
                "ways", "a lever takes an adoption: a share, a law or a pathway", {}
            )
        return self


class Range(Strict):
    """Evenly spaced values."""

    start: Annotated[float, Field(alias="from")]
    to: float
    steps: Annotated[int, Field(ge=2, le=1000)]

    def values(self) -> list[float]:
        """The values, both ends among them."""
        step = (self.to - self.start) / (self.steps - 1)
        return [self.start + i * step for i in range(self.steps)]


class Fleet(Strict):
    """Plants that together make a supply: scenarios with their weights."""

    label: Label | None = None
    source: str | None = None
    weights: Annotated[dict[Id, Formula], Field(min_length=1)] | None = None
    output: Annotated[dict[Id, float], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.weights is None) == (self.output is None):
            raise PydanticCustomError(
                "ways",
                "a fleet takes weights that sum to 1, or the output of each member",
                {},
            )
        if self.output is not None:
            _amounts(self.output)
        return self

    @property
    def shares(self) -> dict[str, Formula]:
        """Weight of each member."""
        if self.weights is not None:
            return dict(self.weights)
        whole = sum((self.output or {}).values())
        return {name: amount / whole for name, amount in (self.output or {}).items()}


def _amounts(output: dict[str, float]) -> None:
    """Refuse outputs of members that give no weights."""
    message = ""
    if min(output.values()) < 0:
        message = "an output is 0 or more"
    elif sum(output.values()) == 0:
        message = "adds up to 0; write what each member makes"
    elif not isfinite(sum(output.values())):
        message = "adds up to no finite number"
    if message:
        reason = {"parameter": "output", "reason": message}
        raise PydanticCustomError("distribution", "{reason}", reason)


Mode = Literal["grid", "one_at_a_time"]
