"""The words of the config language for a value: numbers, laws, formulas, pathways."""

import typing
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, create_model, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import FAMILY_MODELS, FamilyBase, Strict

Confidence = Literal["read", "derived", "recalled", "assumed"]
InputKind = Literal[
    "activity data", "emission factor", "characterisation factor", "assumption"
]
Nature = Literal["uncertainty", "variability"]
AccountName = Literal["direct", "electricity", "upstream"]
SOURCES = ("process", "pfc", "electricity", "thermal", "ancillary", "transport")
Source = Literal["process", "pfc", "electricity", "thermal", "ancillary", "transport"]
ID = r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$"
Id = Annotated[str, Field(pattern=ID)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Formula = float | Text
"""A number, a number with units, or arithmetic over ids."""
Years = list[Annotated[int, Field(ge=1900, le=2200)]]

AnyQuantity = typing.TypeVar("AnyQuantity", bound="QuantityBase")


class QuantityBase(Strict):
    """Something that has a value: a number, a formula or a distribution."""

    value: float | str | None = None
    formula: Formula | None = None
    point: float | None = None

    @property
    def stated(self) -> list[str]:
        """Which of the ways to state a value are used."""
        words = ["value", "formula", "pathway", *FAMILY_MODELS]
        return [word for word in words if getattr(self, word, None) is not None]

    @property
    def distribution(self) -> FamilyBase | None:
        """The distribution, if that is how the value is stated."""
        for word in self.stated:
            found = getattr(self, word)
            if isinstance(found, FamilyBase):
                return found
        return None


Quantity = create_model(
    "Quantity",
    __base__=QuantityBase,
    **{word: (model | None, None) for word, model in FAMILY_MODELS.items()},  # type: ignore[call-overload]  # made at run time
)


class Knot(Quantity):  # type: ignore[misc, valid-type]  # a base made at run time
    """The value of one year on a pathway."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return _exactly_one(self, "a knot")


Interpolation = Literal["linear", "step"]
"""What stands between two knots: a straight line, or the earlier of the two."""
# a key of JSON is text, which a strict integer is not
Year = Annotated[int, Field(ge=1900, le=2200, strict=False)]


class OverYears(Quantity):  # type: ignore[misc, valid-type]  # a base made at run time
    """A value that may follow a pathway of knots."""

    pathway: Annotated[dict[Year, Knot], Field(min_length=1)] | None = None
    interpolation: Interpolation | None = None


class Documented(Strict):
    """Where a figure comes from and how far it can be trusted."""

    label: str | None = None
    kind: InputKind | None = None
    nature: Nature | None = None
    source: str | None = None
    confidence: Confidence | None = None
    spread_confidence: Confidence | None = None
    data_quality: dict[str, int] | None = None
    note: str | None = None


class Input(Documented, OverYears):
    """One input: units, one way to state its value, where it comes from."""

    units: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return _exactly_one(self, "an input")


SUPPLY_WAYS = ("mix", "blend", "shares", "factor", "path")
"""Ways to state a supply of electricity; losses go with any of them."""
PATH_KINDS = ("a path's name", "a path itself")
"""What pydantic puts into the place of a fault, for a path named and one written."""
AnySupply = typing.TypeVar("AnySupply", "Supply", "Change")


class Supply(Strict):
    """Electricity from a mix, a blend of mixes, shares of one's own, or a factor."""

    mix: str | None = None
    blend: Annotated[dict[str, Formula], Field(min_length=1)] | None = None
    shares: Annotated[dict[str, float], Field(min_length=1)] | None = None
    factor_set: str | None = None
    factor: Formula | None = None
    path: "AnyPath | None" = None
    losses: Formula | None = None
    source: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Supply":
        return _one_supply(self)


class SupplyPath(Strict):
    """A supply over years: knots, or a file of mixes, and what stands between two.

    Factors, losses and the words that choose rows go with the file; once it is read
    they are inside the knots.
    """

    label: str | None = None
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


class Change(Documented, OverYears):
    """What a scenario puts in place of an input or of a supply."""

    mix: str | None = None
    blend: Annotated[dict[str, Formula], Field(min_length=1)] | None = None
    shares: Annotated[dict[str, float], Field(min_length=1)] | None = None
    factor_set: str | None = None
    factor: Formula | None = None
    path: "AnyPath | None" = None
    losses: Formula | None = None
    independent: bool | Literal["year"] | None = None
    correlated: Annotated[float, Field(ge=-1, le=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.of_supply:
            if self.stated:
                raise PydanticCustomError(
                    "ways", "a change is of an input or of a supply, not both", {}
                )
            return _one_supply(self) if self.names_a_source else self
        if self.stated or self.independent is None:
            return _exactly_one(self, "a change")
        return self

    @property
    def names_a_source(self) -> bool:
        """Whether it puts another supply in place, not other losses alone."""
        return any(getattr(self, way) is not None for way in SUPPLY_WAYS)

    @property
    def of_supply(self) -> bool:
        """Whether it changes a supply of electricity."""
        return self.names_a_source or self.losses is not None

    def supply(self) -> Supply:
        """The supply it puts in place."""
        words = (*SUPPLY_WAYS, "losses", "factor_set", "source", "label")
        stated = {word: getattr(self, word) for word in words}
        return Supply(**{k: v for k, v in stated.items() if v is not None})


def _one_supply(stated: AnySupply) -> AnySupply:
    used = [way for way in SUPPLY_WAYS if getattr(stated, way) is not None]
    if len(used) != 1:
        raise PydanticCustomError(
            "ways",
            "a supply takes one of {ways}; found {used}",
            {"ways": ", ".join(SUPPLY_WAYS), "used": " and ".join(used) or "none"},
        )
    if stated.factor_set and not stated.shares:
        raise PydanticCustomError("ways", "factor_set goes with shares", {})
    return stated


def _exactly_one(quantity: AnyQuantity, what: str) -> AnyQuantity:
    used = quantity.stated
    if len(used) != 1:
        raise PydanticCustomError(
            "ways",
            "{what} takes one of value, formula or a distribution; found {used}",
            {"what": what, "used": " and ".join(used) or "none"},
        )
    return quantity


def _kind_of_path(stated: object) -> str:
    return PATH_KINDS[0] if isinstance(stated, str) else PATH_KINDS[1]


# told apart before they are tried, so that a fault is told of the one that is meant
AnyPath = Annotated[
    Annotated[Id, Tag(PATH_KINDS[0])] | Annotated[SupplyPath, Tag(PATH_KINDS[1])],
    Discriminator(_kind_of_path),
]
Supply.model_rebuild()
Change.model_rebuild()
