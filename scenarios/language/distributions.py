"""Distributions as the config language writes them: one model for each family.

The families and their parameters are the engine's; nothing about them is repeated
here, so that a family added there can be written in a config at once.
"""

import dataclasses
import typing
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from uncertainty import distributions
from uncertainty.distributions import Marginal
from uncertainty.errors import DistributionError


class Strict(BaseModel):
    """No unknown key, no guessed type, no NaN, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


class Bounds(Strict):
    """Truncation of a distribution; either end may be left open."""

    low: float | None = None
    high: float | None = None


class FamilyBase(Strict):
    """What any distribution may carry beside its own parameters."""

    bounds: Bounds | None = None
    offset: float | None = None
    negate: bool | None = None
    file: str | None = None
    column: str | None = None

    @classmethod
    def family(cls) -> str:
        """The word of the config language."""
        return str(cls.model_config["title"])

    @property
    def from_file(self) -> bool:
        """Whether the readings stand in a data file that is still to be read."""
        return self.file is not None

    @property
    def named_sources(self) -> str:
        """Sources that the distribution itself names, if it names each of them."""
        stated = getattr(self, "sources", None) or getattr(self, "experts", None) or ()
        if not all(one.source for one in stated):
            return ""
        words = ("source", "place", "year")
        parts = [[getattr(one, word, None) for word in words] for one in stated]
        return "; ".join(" ".join(str(p) for p in row if p) for row in parts)

    def parameters(self) -> dict[str, Any]:
        """Parameters as the engine takes them."""
        stated = self.model_dump(exclude_none=True, by_alias=True)
        stated.pop("file", None)
        stated.pop("column", None)
        return stated

    def marginal(self, values: tuple[float, ...] | None = None) -> Marginal:
        """The distribution itself, on `values` where they come from a file."""
        given = self.parameters() | ({"values": values} if values else {})
        return distributions.build(self.family(), given)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        has_values = "values" in type(self).model_fields
        if self.from_file and not has_values:
            raise PydanticCustomError(
                "distribution",
                "only `empirical` and `observed` read a file",
                {"parameter": "file"},
            )
        if self.from_file and getattr(self, "values", None) is not None:
            raise PydanticCustomError(
                "distribution",
                "values stand here too; keep one of the two",
                {"parameter": "file"},
            )
        if self.column is not None and not self.from_file:
            raise PydanticCustomError(
                "distribution",
                "a column is of a file; add file: readings.csv",
                {"parameter": "column"},
            )
        if self.from_file:
            return self
        try:
            self.marginal()
        except DistributionError as error:
            context = {"reason": str(error), "parameter": error.parameter}
            raise PydanticCustomError("distribution", "{reason}", context) from None
        return self


def _language(hint: Any) -> Any:
    """A list of the engine's records as a list of models with the same fields."""
    item = (*typing.get_args(hint), None)[0]
    if not dataclasses.is_dataclass(item):
        return hint
    name = typing.cast(type, item).__name__
    hints = typing.get_type_hints(item)
    fields = {f.name: _field(f, hints[f.name]) for f in dataclasses.fields(item)}
    model: Any = create_model(name, __base__=Strict, **fields)  # type: ignore[call-overload]  # names come from the engine
    return tuple[model, ...]


def _field(field: dataclasses.Field[Any], hint: Any) -> tuple[Any, Any]:
    """Pydantic field of a distribution's parameter."""
    alias = field.name.rstrip("_")
    hint = _language(hint)
    optional = field.default is not dataclasses.MISSING
    from_file = field.name == "values"
    default = None if optional or from_file else ...
    wanted = hint | None if optional or from_file else hint
    return wanted, Field(default, alias=alias) if alias != field.name else default


def _family_model(word: str, cls: type[Marginal]) -> type[FamilyBase]:
    hints = typing.get_type_hints(cls)
    fields = {
        f.name: _field(f, hints[f.name])
        for f in dataclasses.fields(cls)  # type: ignore[arg-type]  # all are dataclasses
        if f.init
    }
    config = ConfigDict(title=word, extra="forbid", frozen=True, strict=True)
    model = create_model(
        f"{word.title().replace('_', '')}",
        __base__=FamilyBase,
        __doc__=(cls.__doc__ or word).strip().splitlines()[0],
        **fields,  # type: ignore[call-overload]  # names come from the engine
    )
    model.model_config |= config
    return typing.cast(type[FamilyBase], model)


FAMILY_MODELS: dict[str, type[FamilyBase]] = {
    word: _family_model(word, cls)
    for word, cls in distributions.FAMILIES.items()
    if word != "constant"
}
