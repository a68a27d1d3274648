"""The words of the config language for what a scenario changes."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.quantities import Documented, OverYears, exactly_one
from scenarios.language.supplies import SUPPLY_WAYS, Supply, SupplyWords, one_supply


class Change(Documented, OverYears, SupplyWords):
    """What a scenario puts in place of an input or of a supply."""

    independent: bool | Literal["year"] | None = None
    correlated: Annotated[float, Field(ge=-1, le=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.of_supply:
            if self.stated:
                raise PydanticCustomError(
                    "ways", "a change is of an input or of a supply, not both", {}
                )
            return one_supply(self) if self.names_a_source else self
        if self.stated or self.independent is None:
            return exactly_one(self, "a change")
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
        words = (*SUPPLY_WAYS, "sds", "losses", "factor_set", "source", "label")
        stated = {word: getattr(self, word) for word in words}
        return Supply(**{k: v for k, v in stated.items() if v is not None})
