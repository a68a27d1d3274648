"""The config language as frozen pydantic models: keys, types, and what a key may say.

What needs to know other parts of the study (names, units, shares) is checked where
the study is put together; here each value is checked for itself.
"""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from scenarios.errors import Fault
from scenarios.reader import as_json, nearest
from uncertainty import distributions
from uncertainty.distributions import Marginal
from uncertainty.errors import DistributionError

Confidence = Literal["read", "derived", "recalled", "assumed"]
InputKind = Literal[
    "activity data", "emission factor", "characterisation factor", "assumption"
]
Nature = Literal["uncertainty", "variability"]
AccountName = Literal["direct", "electricity", "upstream"]
SOURCES = ("process", "pfc", "electricity", "thermal", "ancillary", "transport")
Source = Literal["process", "pfc", "electricity", "thermal", "ancillary", "transport"]
ID = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
Id = Annotated[str, Field(pattern=ID)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Formula = float | Text
"""A number, a number with units, or arithmetic over ids."""


AnyQuantity = typing.TypeVar("AnyQuantity", bound="QuantityBase")


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
        if self.from_file:
            return self
        try:
            self.marginal()
        except DistributionError as error:
            raise PydanticCustomError(
                "distribution",
                "{reason}",
                {"reason": str(error), "parameter": error.parameter},
            ) from None
        return self


def _field(field: dataclasses.Field[Any], hint: Any) -> tuple[Any, Any]:
    """Pydantic field of a distribution's parameter."""
    alias = field.name.rstrip("_")
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
    def _one_way(self) -> Self:
        ways = ("mix", "blend", "shares", "factor")
        used = [way for way in ways if getattr(self, way) is not None]
        if len(used) != 1:
            raise PydanticCustomError(
                "ways",
                "a supply takes one of {ways}; found {used}",
                {"ways": ", ".join(ways), "used": " and ".join(used) or "none"},
            )
        if self.factor_set and not self.shares:
            raise PydanticCustomError("ways", "factor_set goes with shares", {})
        return self


class Change(_Documented, Quantity):  # type: ignore[misc, valid-type]
    """What a scenario puts in place of an input or of a supply."""

    mix: str | None = None
    blend: dict[str, Formula] | None = None
    shares: dict[str, float] | None = None
    factor_set: str | None = None
    factor: Formula | None = None
    losses: Formula | None = None
    independent: bool | Literal["year"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        """A bare number or "13500 kWh/t" is short for ``{value: ...}``."""
        if isinstance(given, int | float | str) and not isinstance(given, bool):
            return {"value": given}
        return given

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if any(getattr(self, way) is not None for way in SUPPLY_WAYS):
            if self.stated:
                raise PydanticCustomError(
                    "ways", "a change is of an input or of a supply, not both", {}
                )
            return self
        if self.stated or self.independent is None:
            return _exactly_one(self, "a change")
        return self

    @property
    def of_supply(self) -> bool:
        """Whether it changes a supply of electricity."""
        return any(getattr(self, way) is not None for way in SUPPLY_WAYS)

    def supply(self) -> Supply:
        """The supply it puts in place."""
        words = (*SUPPLY_WAYS, "factor_set", "source", "label")
        stated = {word: getattr(self, word) for word in words}
        return Supply(**{k: v for k, v in stated.items() if v is not None})


SUPPLY_WAYS = ("mix", "blend", "shares", "factor", "losses")


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
    needs: dict[Id, Need] = {}
    emits: dict[Id, Emission] = {}


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
    set: dict[str, Change] = {}
    scale: dict[str, Change] = {}
    source: str | None = None


class Dirichlet(Strict):
    """Shares that sum to one about stated means, as tight as the concentration."""

    means: Annotated[dict[Id, float], Field(min_length=1)]
    concentration: Annotated[float, Field(gt=0)]


class Dependence(_Documented):
    """Inputs that do not vary on their own."""

    composition: Id
    dirichlet: Dirichlet


class DeclaredUnit(Strict):
    """What the footprint refers to."""

    amount: Annotated[float, Field(ge=1, le=1)] = 1.0
    units: str = "t"
    product: Id


class Operator(Strict):
    """Processes that the one who states the footprint owns."""

    owns: list[str]


class Run(Strict):
    """How many draws, of which design, from which seed."""

    draws: Annotated[int, Field(ge=1, le=10**9)] = 16384
    design: Literal["sobol", "latin_hypercube", "random"] = "sobol"
    seed: Annotated[int, Field(ge=0)] | None = 1
    replicates: Annotated[int, Field(ge=1, le=1000)] = 16
    coverage_probability: Annotated[float, Field(gt=0, lt=1)] = 0.95


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
    imports: Annotated[list[str], Field(alias="import")] = []
    declared_unit: DeclaredUnit | None = None
    operator: Operator | None = None
    run: Run | None = None
    characterisation: Characterisation | None = None
    inputs: dict[Id, Input] = {}
    dependence: list[Dependence] = []
    products: dict[Id, Product] = {}
    supplies: dict[Id, Supply] = {}
    processes: dict[Id, Process] = {}
    outputs: dict[Id, Output] = {}
    scenarios: Annotated[dict[Id, Scenario], Field(max_length=10_000)] = {}


def validate(data: Mapping[str, Any], file: str) -> Config | list[Fault]:
    """Check the data of one file for itself.

    Parameters
    ----------
    data : mapping
        As the reader gives it.
    file : str
        What to call the file in faults.

    Returns
    -------
    Config, or every fault, without lines
    """
    try:
        # through JSON, where a list is a list and true is no number
        return Config.model_validate_json(as_json(dict(data)), strict=True)
    except ValidationError as error:
        return [_fault(found, file) for found in error.errors(include_url=False)]


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


MENDS = {
    "missing": "is missing",
    "float_type": "must be a number, not {input!r}",
    "float_parsing": "must be a number, not {input!r}",
    "int_type": "must be a whole number, not {input!r}",
    "int_from_float": "must be a whole number, not {input!r}",
    "bool_type": "must be true or false, not {input!r}",
    "string_type": "must be text, not {input!r}",
    "finite_number": "must be a finite number, not {input!r}",
    "dict_type": "must be a mapping of keys to values, not {input!r}",
    "model_type": "must be a mapping of keys to values, not {input!r}",
    "model_attributes_type": "must be a mapping of keys to values, not {input!r}",
    "list_type": "must be a list, not {input!r}",
    "string_pattern_mismatch": "{input!r} is no id: letters, digits, _ and dots only",
}


def _fault(found: Any, file: str) -> Fault:
    kind, path = found["type"], tuple(found["loc"])
    context = found.get("ctx") or {}
    given = found.get("input")
    path = tuple(part for part in path if not _is_union_tag(part))
    if kind == "distribution":
        if context.get("parameter"):
            path = (*path, context["parameter"])
        message = str(context.get("reason", found["msg"]))
    elif kind == "extra_forbidden":
        message = f"unknown key{_nearest_key(path)}"
    elif kind == "literal_error":
        expected = str(context["expected"]).replace("'", "")
        near = nearest(str(given), expected.replace(" or ", ", ").split(", "))
        message = f"{given!r} is not one of {expected}{near}"
    elif kind in MENDS:
        message = MENDS[kind].format(input=given)
    else:
        message = str(found["msg"])
    if path and path[-1] == "[key]":
        path = path[:-1]
    return Fault(file, 0, path, message)


def _is_union_tag(part: str | int) -> bool:
    """Whether pydantic put it into the path to tell the members of a union apart."""
    return isinstance(part, str) and (
        part in {"float", "str", "bool", "int"}
        or part.startswith(("constrained-", "literal[", "function-"))
    )


def _nearest_key(path: tuple[str | int, ...]) -> str:
    """The nearest key that is known where `path` ends."""
    sections: dict[str, type[BaseModel]] = {
        "inputs": Input,
        "products": Product,
        "supplies": Supply,
        "processes": Process,
        "outputs": Output,
        "scenarios": Scenario,
        "dependence": Dependence,
        "run": Run,
        "declared_unit": DeclaredUnit,
        "characterisation": Characterisation,
        "needs": Need,
        "emits": Emission,
        "makes": Makes,
        "set": Change,
        "scale": Change,
        "dirichlet": Dirichlet,
        "bounds": Bounds,
        "operator": Operator,
        **FAMILY_MODELS,
    }
    model: type[BaseModel] = Config
    for part in path[:-1]:
        model = sections.get(str(part), model)
    names = [f.alias or name for name, f in model.model_fields.items()]
    known = f"; known here: {', '.join(sorted(names))}" if len(names) < 14 else ""
    return nearest(str(path[-1]), names) or known
