"""The words of the config language for a value and where it comes from."""

import typing
from typing import Annotated, Self

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import FAMILY_MODELS, FamilyBase, Strict
from scenarios.language.label import Label
from scenarios.language.terms import (
    Confidence,
    Formula,
    InputKind,
    Interpolation,
    Nature,
    Year,
)

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
        return exactly_one(self, "a knot")


class OverYears(Quantity):  # type: ignore[misc, valid-type]  # a base made at run time
    """A value that may follow a pathway of knots."""

    pathway: Annotated[dict[Year, Knot], Field(min_length=1)] | None = None
    interpolation: Interpolation | None = None


class Documented(Strict):
    """Where a figure comes from and how far it can be trusted."""

    label: Label | None = None
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
        return exactly_one(self, "an input")


def exactly_one(quantity: AnyQuantity, what: str) -> AnyQuantity:
    """Refuse a quantity that is stated in no way, or in two."""
    used = quantity.stated
    if len(used) != 1:
        raise PydanticCustomError(
            "ways",
            "{what} takes one of value, formula or a distribution; found {used}",
            {"what": what, "used": " and ".join(used) or "none"},
        )
    return quantity
