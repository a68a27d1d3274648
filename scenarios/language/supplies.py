"""The words of the config language for a supply of electricity, and one over years."""

import typing
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import Strict
from scenarios.language.label import Label
from scenarios.language.shares import numbers
from scenarios.language.terms import Confidence, Formula, Id, Interpolation, Text, Year

SUPPLY_WAYS = ("mix", "blend", "shares", "factor", "path")
"""Ways to state a supply of electricity; losses go with any of them."""
PATH_KINDS = ("a path's name", "a path itself")
"""What pydantic puts into the place of a fault, for a path named and one written."""
AnySupply = typing.TypeVar("AnySupply", bound="SupplyWords")


class SupplyWords(Strict):
    """How a supply of electricity is stated."""

    mix: str | None = None
    blend: Annotated[dict[str, Formula], Field(min_length=1)] | None = None
    shares: Annotated[dict[str, float], Field(min_length=1)] | None = None
    sds: dict[str, Annotated[float, Field(ge=0, le=1)]] | None = None
    factor_set: str | None = None
    factor: Formula | None = None
    path: "AnyPath | None" = None
    losses: Formula | None = None

    _numbers = field_validator("shares", mode="before")(numbers)


class Supply(SupplyWords):
    """Electricity from a mix, a blend of mixes, shares of one's own, or a factor."""

    source: str | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return one_supply(self)


class SupplyPath(Strict):
    """A supply over years: knots, or a file of mixes, and what stands between two.

    Factors, losses and the words that choose rows go with the file; once it is read
    they are inside the knots.
    """

    label: Label | None = None
    source: str | None = None
    licence: str | None = None
    confidence: Confidence | None = None
    note: str | None = None
    interpolation: Interpolation = "linear"
    knots: Annotated[dict[Year, Supply], Field(min_length=1)] = Field(default={})
    file: Text | None = None
    factor_set: str | None = None
    losses: Formula | None = None
    region: Text | None = None
    scenario: Text | None = None
    model: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        used = [word for word in ("knots", "file") if getattr(self, word)]
        if len(used) != 1:
            told = " and ".join(used) or "none"
            message = "a path takes one of knots, file; found {used}"
            raise PydanticCustomError("ways", message, {"used": told})
        stated = [word for word in FILE_WORDS if getattr(self, word) is not None]
        if stated and not self.file:
            message = "{word} goes with file; a knot states its own supply"
            raise PydanticCustomError("ways", message, {"word": stated[0]})
        return self


FILTERS = ("region", "scenario", "model")
"""Columns of a file of mixes that choose its rows."""
FILE_WORDS = ("factor_set", "losses", *FILTERS)
"""What a path states beside its file of mixes."""


def one_supply(stated: AnySupply) -> AnySupply:
    """Refuse a supply that is stated in no way, or in two."""
    used = [way for way in SUPPLY_WAYS if getattr(stated, way) is not None]
    if len(used) != 1:
        raise PydanticCustomError(
            "ways",
            "a supply takes one of {ways}; found {used}",
            {"ways": ", ".join(SUPPLY_WAYS), "used": " and ".join(used) or "none"},
        )
    if stated.sds and not stated.factor_set:
        message = "shares with spreads take a factor_set; write one"
        raise PydanticCustomError("ways", message, {})
    if stated.factor_set and not stated.shares:
        raise PydanticCustomError("ways", "factor_set goes with shares", {})
    return stated


def _kind_of_path(stated: object) -> str:
    return PATH_KINDS[0] if isinstance(stated, str) else PATH_KINDS[1]


# told apart before they are tried, so that a fault is told of the one that is meant
AnyPath = Annotated[
    Annotated[Id, Tag(PATH_KINDS[0])] | Annotated[SupplyPath, Tag(PATH_KINDS[1])],
    Discriminator(_kind_of_path),
]
SupplyWords.model_rebuild()
Supply.model_rebuild()
SupplyPath.model_rebuild()
