"""The config language as frozen pydantic models: keys, types, and what a key may say.

What needs to know other parts of the study (names, units, shares) is checked where
the study is put together; here each value is checked for itself.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.changes import Change
from scenarios.language.dependence import Dependence
from scenarios.language.distributions import Strict
from scenarios.language.label import Label
from scenarios.language.levers import Fleet, Lever, LeverUse, Mode, Range
from scenarios.language.product import Name, Plausible, Standard, Threshold
from scenarios.language.quantities import Input
from scenarios.language.supplies import Supply, SupplyPath
from scenarios.language.tables import Factor, GwpSet, Mix, Tables
from scenarios.language.terms import AccountName, Formula, Id, Source, Years
from scenarios.units import units


class Emission(Strict):
    """An elementary flow of a process, or of a bought product per unit of it."""

    gas: str | None = None
    amount: Formula
    source: Source | None = None
    account: AccountName | None = None
    label: Label | None = None


class Product(Strict):
    """A bought product: its unit and what making and using a unit of it emits."""

    units: str
    label: Label | None = None
    source: Source
    emits: Annotated[dict[Id, Emission], Field(min_length=1)]


class Need(Strict):
    """What a process takes, per unit of what it makes."""

    amount: Formula
    product: str | None = None
    supply: str | None = None
    source: Source | None = None
    account: AccountName | None = None
    label: Label | None = None


class Makes(Strict):
    """The product of a process and the unit that the process is stated per."""

    product: Id
    amount: Annotated[float, Field(gt=0)] | str = 1.0
    units: str | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _has_units(self) -> Self:
        if (self.units is None) == isinstance(self.amount, float | int):
            raise PydanticCustomError(
                "ways", "write `units: t`, or the amount with its units: 1 t", {}
            )
        return self

    @property
    def counted_in(self) -> str:
        """Units of the product."""
        return self.units or units().quantity(str(self.amount))[1]


class Process(Strict):
    """One unit process."""

    stage: Id
    label: Label | None = None
    source: str | None = None
    makes: Makes
    allocation: Formula | None = None
    needs: dict[Id, Need] = Field(default={})
    emits: dict[Id, Emission] = Field(default={})


class Output(Strict):
    """A named formula over inputs, results and other outputs, with units."""

    units: str
    formula: Formula
    label: Label | None = None
    balance: Literal["closed", "gap"] | None = None


Route = Annotated[dict[Id, Formula], Field(min_length=1)]
"""Processes that make one product, with their shares of it."""


class Scenario(Strict):
    """What one scenario changes."""

    label: Label | None = None
    reference: bool = False
    set: dict[str, Change] = Field(default={})
    scale: dict[str, Change] = Field(default={})
    levers: dict[Id, LeverUse] = Field(default={})
    sweep: dict[Id, Range | list[float]] = Field(default={})
    routes: dict[Id, Route] = Field(default={})
    mode: Mode = "grid"
    years: Years | None = None
    source: str | None = None


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

    title: Label | None = None
    description: Label | None = None
    licence: str | None = None
    source: str | None = None
    imports: list[str] = Field(default=[], alias="import")
    declared_unit: DeclaredUnit | None = None
    operator: Operator | None = None
    run: Run | None = None
    characterisation: Characterisation | None = None
    data_sheet: str | None = None
    inputs: dict[Id, Input] = Field(default={})
    names: dict[Id, Name] = Field(default={})
    standards: dict[Id, Standard] = Field(default={})
    thresholds: dict[Id, Threshold] = Field(default={})
    plausible: dict[Id, Plausible] = Field(default={})
    years: Years = Field(default=[])
    dependence: list[Dependence] = Field(default=[])
    products: dict[Id, Product] = Field(default={})
    paths: dict[Id, SupplyPath] = Field(default={})
    levers: dict[Id, Lever] = Field(default={})
    supplies: dict[Id, Supply] = Field(default={})
    mixes: dict[Id, Mix] = Field(default={})
    factors: dict[Id, Factor] = Field(default={})
    gwp_sets: dict[Id, GwpSet] = Field(default={})
    processes: dict[Id, Process] = Field(default={})
    routes: dict[Id, Route] = Field(default={})
    outputs: dict[Id, Output] = Field(default={})
    fleets: dict[Id, Fleet] = Field(default={})
    scenarios: dict[Id, Scenario] = Field(default={}, max_length=10_000)

    @property
    def tables(self) -> Tables:
        """Rows of mixes, factors and GWP sets that stand in this config."""
        return Tables(self.mixes, self.factors, self.gwp_sets)


def plain(config: Config) -> dict[str, Any]:
    """A config as plain data, without its imports and without what is not stated."""
    found = config.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    found.pop("import", None)
    return found


def schema() -> dict[str, Any]:
    """JSON Schema of the config language, for editors."""
    return Config.model_json_schema(by_alias=True)
