"""The words of the config language for what is said of a product, not computed for it.

Names of its stages and sources in the languages of a reader, the standard that a report
on it cites with its cut-off rule, the limits that buyers
state, and the footprints that such products have.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import Strict
from scenarios.language.label import Label
from scenarios.language.tables import Share, Sourced
from scenarios.language.terms import AccountName


class Name(Strict):
    """What a stage or a source is called, by language; its id where nothing is said."""

    en: str | None = None
    zh: str | None = None


class CutOff(Strict):
    """Shares of the footprint below which one flow, or all together, may be omitted."""

    flow: Share
    total: Share


class Standard(Strict):
    """A standard for the product, named in its report beside those for all products."""

    label: Label
    reference: Name
    cut_off: CutOff | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _is_cited(self) -> Self:
        if self.reference.en is None and self.reference.zh is None:
            message = "a reference is written in en, in zh or in both"
            raise PydanticCustomError("ways", message, {})
        return self


class Plausible(Strict):
    """Footprints that a product has; what lies outside hardly can be meant."""

    low: float
    high: float
    units: str

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.low >= self.high:
            message = "low must lie below high"
            raise PydanticCustomError("range", message, {})
        return self


class Threshold(Sourced):
    """A limit that a buyer states, and the accounts that it is judged against."""

    value: Annotated[float, Field(gt=0)]
    units: str
    accounts: Annotated[list[AccountName], Field(min_length=1)]
