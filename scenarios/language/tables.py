"""The words of the config language for power mixes, emission factors and GWP sets.

The library ships such rows as tables; a study may state its own, and a resolved study
holds every row that it uses, so that a later library cannot move its numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import Strict
from scenarios.language.label import Label
from scenarios.language.shares import numbers
from scenarios.language.terms import Confidence, Id

Technology = Literal[
    "coal", "gas", "oil", "hydro", "nuclear", "wind", "solar", "biomass", "other"
]
TECHNOLOGIES: tuple[str, ...] = get_args(Technology)
Row = TypeVar("Row")
Share = Annotated[float, Field(ge=0, le=1)]


class Sourced(Strict):
    """Where a row comes from and how far it can be trusted."""

    label: Label | None = None
    source: str | None = None
    url: str | None = None
    licence: str | None = None
    confidence: Confidence | None = None
    spread_confidence: Confidence | None = None
    note: str | None = None


class Factor(Sourced):
    """An electricity emission factor; becomes the input ``power.<id>``.

    One of a technology belongs to the set that its id begins with: ``mee23_coal``.
    """

    kind: Literal["technology", "grid"] = "grid"
    technology: Technology | None = None
    region: str | None = None
    year: int | str | None = None
    scope: str | None = None
    units: str = "kg CO2e/kWh"
    median: Annotated[float, Field(gt=0)]
    gsd: Annotated[float, Field(ge=1)] = 1.0
    includes_losses: bool = False


class Mix(Sourced):
    """Shares of technologies in a supply, or a factor published for the whole.

    `losses` is the input that holds them, or ``none``, or ``included`` where the
    published factor has them already. A mix that names another in `shares_of` is
    the same shares at other factors, and takes the draws of the other's shares.
    """

    region: str | None = None
    year: int | str | None = None
    kind: Literal["grid", "published", "industry", "contract", "captive"] = "grid"
    factor_set: str | None = None
    factor: str | None = None
    multiplier: str | None = None
    losses: str = "none"
    concentration: Annotated[float, Field(gt=0)] | None = None
    shares_of: Id | None = None
    shares: dict[Technology, Share] = Field(default={})
    sds: dict[Technology, Share] = Field(default={})

    _numbers = field_validator("shares", mode="before")(numbers)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.sds and self.concentration is not None:
            message = "a concentration and sds of the shares: state one of them"
            raise PydanticCustomError("ways", message, {})
        whole = self.factor is not None
        parts = self.factor_set is not None and bool(self.active)
        if whole == parts or (whole and (self.factor_set or self.active)):
            message = "a mix takes shares above 0 with their factor_set, or one factor"
            raise PydanticCustomError("ways", message, {})
        return self

    @property
    def includes_losses(self) -> bool:
        """Whether grid losses are inside the published factor."""
        return self.losses == "included"

    @property
    def active(self) -> dict[str, float]:
        """Shares that are not zero, adding up to one."""
        kept = {str(t): s for t, s in self.shares.items() if s > 0}
        total = sum(kept.values())
        return {t: s / total for t, s in kept.items()}


class GwpSpread(Strict):
    """Uncertainty of a set in per cent: what its gases share, and the whole of each."""

    source: str | None = None
    confidence: Confidence | None = None
    note: str | None = None
    level: Annotated[float, Field(gt=0, lt=1)]
    shared_percent: Annotated[float, Field(ge=0)]
    total_percent: dict[Id, Annotated[float, Field(ge=0)]]
    own_like: dict[Id, Id] = Field(default={})

    @model_validator(mode="after")
    def _known(self) -> Self:
        own = self.total_percent.keys() - self.own_like.keys()
        for gas, like in self.own_like.items():
            if like not in own:
                message = "{gas} moves with {like}, which has no total_percent itself"
                context = {"gas": gas, "like": like}
                raise PydanticCustomError("ways", message, context)
        return self


class GwpSet(Sourced):
    """GWP100 of each gas, kg CO2e/kg; become the inputs ``gwp.<gas>``."""

    values: Annotated[dict[Id, float], Field(min_length=1)]
    uncertainty: GwpSpread | None = None


@dataclass(frozen=True)
class Tables:
    """Rows by id: those of a study, of the library, or of both.

    Examples
    --------
    >>> own = Tables(factors={"own_coal": Factor(median=1.0, kind="technology",
    ...                                          technology="coal")})
    >>> own.factor_sets, own.technology_factor("own", "coal")
    (['own'], 'own_coal')
    """

    mixes: Mapping[str, Mix] = field(default_factory=dict)
    factors: Mapping[str, Factor] = field(default_factory=dict)
    gwp_sets: Mapping[str, GwpSet] = field(default_factory=dict)

    def over(self, other: "Tables") -> "Tables":
        """These rows, and of `other` those that are missing here."""
        return Tables(
            {**self.mixes, **_missing(other.mixes, self.mixes)},
            {**self.factors, **_missing(other.factors, self.factors)},
            {**self.gwp_sets, **_missing(other.gwp_sets, self.gwp_sets)},
        )

    @cached_property
    def _by_technology(self) -> dict[tuple[str, str], str]:
        """Id of the factor of each set and technology; of several the first."""
        found: dict[tuple[str, str], str] = {}
        for id, factor in self.factors.items():
            if factor.kind == "technology":
                key = id.partition("_")[0], str(factor.technology)
                found.setdefault(key, id)
        return found

    @property
    def factor_sets(self) -> list[str]:
        """Names of the sets of technology factors."""
        return sorted({name for name, _ in self._by_technology})

    def has_sets(self, factor_set: str | None) -> bool:
        """Whether each set that is named (``india+ipcc14``) is known."""
        return factor_set is not None and set(factor_set.split("+")) <= set(
            self.factor_sets
        )

    def technology_factor(self, factor_set: str, technology: str) -> str | None:
        """Id of a set's factor for a technology, if it has one.

        Of several sets, ``india+ipcc14``, the first that has one.
        """
        ids = (self._by_technology.get((s, technology)) for s in factor_set.split("+"))
        return next((id for id in ids if id is not None), None)

    def factors_of(self, mix: Mix) -> Iterator[tuple[str, str | None]]:
        """Technology and factor's id of each part of a mix, None if there is none."""
        for technology in mix.active:
            yield technology, self.technology_factor(mix.factor_set or "", technology)


def _missing(other: Mapping[str, Row], known: Mapping[str, Row]) -> dict[str, Row]:
    return {id: row for id, row in other.items() if id not in known}


def share_id(name: str, mix: Mix, technology: str) -> str:
    """Id of the input that is one share of a mix."""
    return f"mix.{mix.shares_of or name}.{technology}"
