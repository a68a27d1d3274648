"""The config language as frozen pydantic models: keys, types, and what a key may say.

What needs to know other parts of the study (names, units, shares) is checked where
the study is put together; here each value is checked for itself.
"""

import typing
from typing import Annotated, Any, Literal, Self

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from scenarios.families import FAMILY_MODELS, FamilyBase, Strict

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
        words = ["value", "formula", *FAMILY_MODELS]
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
    **{word: (model | None, None) for word, model in FAMILY_MODELS.items()},  # type: ignore[call-overload]
)


class _Documented(Strict):
    """Where a figure comes from and how far it can be trusted."""

    label: str | None = None
    kind: InputKind | None = None
    nature: Nature | None = None
    source: str | None = None
    confidence: Confidence | None = None
    spread_confidence: Confidence | None = None
    data_quality: dict[str, int] | None = None
    note: str | None = None


class Input(_Documented, Quantity):  # type: ignore[misc, valid-type]
    """One input: units, one way to state its value, where it comes from."""

    units: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return _exactly_one(self, "an input")


SUPPLY_WAYS = ("mix", "blend", "shares", "factor")
"""Ways to state a supply of electricity; losses go with any of them."""
AnySupply = typing.TypeVar("AnySupply", "Supply", "Change")


class Supply(Strict):
    """Electricity from a mix, a blend of mixes, shares of one's own, or a factor."""

    mix: str | None = None
    blend: Annotated[dict[str, Formula], Field(min_length=1)] | None = None
    shares: Annotated[dict[str, float], Field(min_length=1)] | None = None
    factor_set: str | None = None
    factor: Formula | None = None
    losses: Formula | None = None
    source: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Supply":
        return _one_supply(self)


class Change(_Documented, Quantity):  # type: ignore[misc, valid-type]
    """What a scenario puts in place of an input or of a supply."""

    mix: str | None = None
    blend: Annotated[dict[str, Formula], Field(min_length=1)] | None = None
    shares: Annotated[dict[str, float], Field(min_length=1)] | None = None
    factor_set: str | None = None
    factor: Formula | None = None
    losses: Formula | None = None
    independent: bool | Literal["year"] | None = None
    correlated: Annotated[float, Field(ge=-1, le=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """A bare number or "13500 kWh/t" is short for ``{value: ...}``."""
        if isinstance(given, int | float | str) and not isinstance(given, bool):
            return {"value": given}
        return given

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


class Emission(Strict):
    """An elementary flow of a process, or of a bought product per unit of it."""

    gas: str | None = None
    amount: Formula
    source: Source | None = None
    account: AccountName | None = None
    label: str | None = None


class Product(Strict):
    """A bought product: its unit and what making and using a unit of it emits."""

    units: str
    label: str | None = None
    source: Source
    emits: Annotated[dict[Id, Emission], Field(min_length=1)]


class Need(Strict):
    """What a process takes, per unit of what it makes."""

    amount: Formula
    product: str | None = None
    supply: str | None = None
    source: Source | None = None
    account: AccountName | None = None
    label: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """A bare formula is short for ``{amount: ...}``."""
        if isinstance(given, int | float | str) and not isinstance(given, bool):
            return {"amount": given}
        return given


class Makes(Strict):
    """The product of a process and the unit that the process is stated per."""

    product: Id
    amount: Annotated[float, Field(gt=0)] | str = 1.0
    units: str | None = None

    @model_validator(mode="after")
    def _has_units(self) -> Self:
        if (self.units is None) == isinstance(self.amount, float | int):
            raise PydanticCustomError(
                "ways", "write `units: t`, or the amount with its units: 1 t", {}
            )
        return self


class Process(Strict):
    """One unit process."""

    stage: Id
    label: str | None = None
    source: str | None = None
    makes: Makes
    allocation: Formula | None = None
    needs: dict[Id, Need] = Field(default={})
    emits: dict[Id, Emission] = Field(default={})


class Output(Strict):
    """A named formula over inputs and results, with units."""

    units: str
    formula: Formula
    label: str | None = None
    balance: Literal["closed", "gap"] | None = None


class Scenario(Strict):
    """What one scenario changes."""

    label: str | None = None
    reference: bool = False
    set: dict[str, Change] = Field(default={})
    scale: dict[str, Change] = Field(default={})
    years: Years | None = None
    source: str | None = None


class Dirichlet(Strict):
    """Shares that sum to one about stated means, as tight as the concentration."""

    means: Annotated[dict[Id, float], Field(min_length=1)]
    concentration: Annotated[float, Field(gt=0)]


class Spreads(Strict):
    """Shares that sum to one, each with a standard deviation of its own."""

    means: Annotated[dict[Id, float], Field(min_length=2)]
    sds: Annotated[dict[Id, float], Field(min_length=1)]


class ShareCorrelation(Strict):
    """Linear correlation between two shares of a composition."""

    between: Annotated[list[Id], Field(min_length=2, max_length=2)]
    correlation: Annotated[float, Field(ge=-1, le=1)]


class LogisticNormal(Spreads):
    """Shares as a logistic normal, with correlations between them."""

    correlations: list[ShareCorrelation] = Field([])


Law = Dirichlet | Spreads | LogisticNormal
LAWS = ("dirichlet", "shares", "logistic_normal")


class Dependence(_Documented):
    """Inputs that do not vary on their own.

    A `composition` of shares, a `rank_correlation` between inputs, or inputs that
    read the `same_draw`.
    """

    composition: Id | None = None
    dirichlet: Dirichlet | None = None
    shares: Spreads | None = None
    logistic_normal: LogisticNormal | None = None
    rank_correlation: Annotated[float, Field(ge=-1, le=1)] | None = None
    between: Annotated[list[Id], Field(min_length=2)] | None = None
    nearest: bool = False
    same_draw: Annotated[list[Id], Field(min_length=2)] | None = None
    mirrored: list[Id] = Field([])

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        laws = sum(getattr(self, law) is not None for law in LAWS)
        stated = {
            "composition": self.composition is not None or laws > 0,
            "correlation": self.rank_correlation is not None or bool(self.between),
            "draw": self.same_draw is not None or bool(self.mirrored),
        }
        whole = (
            (self.composition is not None and laws == 1)
            or (self.rank_correlation is not None and bool(self.between))
            or self.same_draw is not None
        )
        if sum(stated.values()) != 1 or not whole:
            raise PydanticCustomError(
                "ways",
                "takes one of: composition with one of {laws}; rank_correlation with "
                "between; same_draw",
                {"laws": ", ".join(LAWS)},
            )
        return self

    @property
    def law(self) -> Law:
        """What the shares of a composition follow."""
        for law in LAWS:
            found = getattr(self, law)
            if isinstance(found, Law):
                return found
        raise AssertionError("the schema lets one law through")

    @property
    def law_name(self) -> str:
        """Config word of `law`."""
        return next(law for law in LAWS if getattr(self, law) is not None)

    @property
    def name(self) -> str:
        """What a later file replaces it by."""
        if self.composition is not None:
            return self.composition
        return ", ".join(sorted(self.between or self.same_draw or []))


class DeclaredUnit(Strict):
    """What the footprint refers to."""

    amount: float = 1.0
    units: str = "t"
    product: Id

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.amount != 1:
            raise PydanticCustomError(
                "ways", "a footprint is stated per 1 of its units; write amount: 1", {}
            )
        return self


class Operator(Strict):
    """Processes that the one who states the footprint owns."""

    owns: list[str]


class Until(Strict):
    """Draw until an output is stable to so many digits (JCGM 101:2008, 7.9)."""

    digits: Annotated[int, Field(ge=1, le=6)] = 2
    output: str = "footprint"
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    min_pages: Annotated[int, Field(ge=2)] = 10
    tolerance_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    interval: Literal["symmetric", "shortest"] = "symmetric"
    cap: Annotated[int, Field(ge=20_000, le=10**9)] = 10_000_000


class Run(Strict):
    """How many draws, of which design, from which seed."""

    draws: Annotated[int, Field(ge=1, le=10**9)] = 16384
    design: Literal["sobol", "latin_hypercube", "random"] = "sobol"
    # a result keeps the seed as a 64-bit integer
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = 1
    replicates: Annotated[int, Field(ge=1, le=1000)] = 16
    coverage_probability: Annotated[float, Field(gt=0, lt=1)] = 0.95
    until: Until | None = None


class Characterisation(Strict):
    """Which GWP100 values, and whether their own uncertainty is drawn."""

    set: str = "AR6"
    uncertain: bool = False


class Config(Strict):
    """One file of the config language, a study's or a library's."""

    title: str | None = None
    description: str | None = None
    licence: str | None = None
    source: str | None = None
    imports: list[str] = Field(default=[], alias="import")
    declared_unit: DeclaredUnit | None = None
    operator: Operator | None = None
    run: Run | None = None
    characterisation: Characterisation | None = None
    inputs: dict[Id, Input] = Field(default={})
    years: Years = Field(default=[])
    dependence: list[Dependence] = Field(default=[])
    products: dict[Id, Product] = Field(default={})
    supplies: dict[Id, Supply] = Field(default={})
    processes: dict[Id, Process] = Field(default={})
    outputs: dict[Id, Output] = Field(default={})
    scenarios: dict[Id, Scenario] = Field(default={}, max_length=10_000)


def schema() -> dict[str, Any]:
    """JSON Schema of the config language, for editors."""
    return Config.model_json_schema(by_alias=True)


def _exactly_one(quantity: AnyQuantity, what: str) -> AnyQuantity:
    used = quantity.stated
    if len(used) != 1:
        raise PydanticCustomError(
            "ways",
            "{what} takes one of value, formula or a distribution; found {used}",
            {"what": what, "used": " and ".join(used) or "none"},
        )
    return quantity
