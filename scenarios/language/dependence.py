"""The words of the config language for what does not vary on its own."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.language.distributions import Strict
from scenarios.language.quantities import Documented
from scenarios.language.terms import Id


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

    correlations: list[ShareCorrelation] = Field(default=[])


Law = Dirichlet | Spreads | LogisticNormal
LAWS = ("dirichlet", "shares", "logistic_normal")


class Dependence(Documented):
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
    mirrored: list[Id] = Field(default=[])

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
        if self.nearest and self.rank_correlation is None:
            raise PydanticCustomError(
                "ways", "nearest goes with a rank_correlation; leave it out", {}
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
