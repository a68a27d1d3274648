"""What each id of a study stands for, before a scenario changes anything."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scenarios.errors import NOWHERE, Origin
from scenarios.language.dependence import Dependence
from scenarios.language.quantities import Knot, OverYears
from scenarios.language.shorthand import AMOUNT
from scenarios.language.tables import Factor, GwpSet, GwpSpread, Mix, Sourced, share_id
from scenarios.units import units
from uncertainty.dependence import Composition, dirichlet
from uncertainty.dependence import shares as compositions
from uncertainty.distributions import Marginal, Repointed, build, explain
from uncertainty.model.expressions import Expression, parse
from uncertainty.units import Unit


@dataclass(frozen=True)
class Definition:
    """One input: units, value and where it comes from.

    Exactly one of `marginal`, `expression`, `composition` and `knots` is there.

    Attributes
    ----------
    column : str
        Key of the column of the design that an uncertain input reads.
    factors : tuple
        What scenarios scale it by: a formula, or a marginal with its own column.
    knots : tuple of (year, Definition)
        A pathway: the value of a year between two knots is that of both at the same
        quantile, weighted by the distance, or the earlier's with `step`.
    per_year : bool
        Every year has a column of its own.
    origin : Origin
    """

    id: str
    unit: Unit
    papers: Mapping[str, str]
    column: str
    marginal: Marginal | None = None
    expression: Expression | None = None
    composition: Composition | None = None
    knots: tuple[tuple[int, "Definition"], ...] = ()
    step: bool = False
    per_year: bool = False
    factors: tuple["Expression | tuple[Marginal, str]", ...] = ()
    origin: Origin = NOWHERE

    @property
    def varies(self) -> bool:
        """Whether it has draws of its own."""
        if self.marginal is not None:
            return not self.marginal.constant
        return any(knot.varies for _, knot in self.knots)

    def scaled(self, by: "Expression | tuple[Marginal, str]") -> "Definition":
        """The same input, multiplied."""
        return replace(self, factors=(*self.factors, by))


PAPERS = ("kind", "nature", "source", "confidence", "spread_confidence", "note")


def papers(stated: OverYears | Knot | Dependence) -> dict[str, str]:
    """Label, kind, nature, source and confidence marks, as text."""
    words = ("label", *PAPERS)
    return {w: str(getattr(stated, w)) for w in words if getattr(stated, w, None)}


def quantity(
    id: str,
    stated: OverYears | Knot,
    unit: Unit,
    origin: Origin,
    readings: tuple[float, ...] | None = None,
) -> Definition:
    """Definition of an input as stated; `unit` is the one its numbers are in.

    Raises
    ------
    UncertaintyError
        A formula is not arithmetic, a value with units cannot be read, or a
        distribution is impossible.
    """
    what = Definition(id, unit, papers(stated), id, origin=origin)
    if stated.formula is not None:
        if known := literal(stated.formula):
            constant = build("constant", {"value": known[0]})
            return replace(what, unit=known[1], marginal=constant)
        return replace(what, expression=parse(str(stated.formula)))
    if stated.value is not None:
        number, own = number_of(stated.value, unit)
        constant = build("constant", {"value": number})
        return replace(what, unit=own, marginal=constant)
    if isinstance(stated, OverYears) and stated.pathway is not None:
        knots = tuple(
            (year, quantity(id, knot, unit, origin))
            for year, knot in sorted(stated.pathway.items())
        )
        return replace(what, knots=knots, step=stated.interpolation == "step")
    distribution = stated.distribution
    if distribution is None:
        raise AssertionError("the schema lets one way through")
    marginal = distribution.marginal(readings)
    named = distribution.named_sources
    if named and "source" not in what.papers:
        what = replace(what, papers={**what.papers, "source": named})
    if stated.point is not None:
        marginal = Repointed(marginal, stated.point)
    return replace(what, marginal=marginal)


def literal(stated: float | str) -> tuple[float, Unit] | None:
    """A formula that is only a number with units (``13500 kWh/t``), as such.

    Raises
    ------
    UncertaintyError
        It looks like one and its units cannot be read.
    """
    if isinstance(stated, str) and AMOUNT.match(stated):
        number, text = units().quantity(stated)
        return number, units().parse(text)
    return None


def number_of(value: float | str, unit: Unit) -> tuple[float, Unit]:
    """A number, and the unit it is in if it is written with its own."""
    if not isinstance(value, str):
        return float(value), unit
    number, text = units().quantity(value)
    return number, units().parse(text)


def shares(
    made: Composition, known: Mapping[str, str], origin: Origin
) -> Iterator[Definition]:
    """Shares of a composition, one definition each."""
    one = units().parse("1")
    for id in made.names:
        yield Definition(id, one, known, id, composition=made, origin=origin)


def describe(what: Definition) -> str:
    """How an input's value is stated, in a few words."""
    if what.expression is not None:
        text = what.expression.text
    elif what.composition is not None:
        text = _share(what.composition, what.id)
    elif what.knots:
        text = ", ".join(f"{year}: {describe(knot)}" for year, knot in what.knots)
    elif what.marginal is not None:
        text = explain(what.marginal)
    else:
        raise AssertionError(f"{what.id} has no value")
    return f"{text}, scaled" if what.factors else text


def _share(made: Composition, id: str) -> str:
    place = made.names.index(id)
    mean, sd = made.realised_means[place], made.realised_sds[place]
    if sd == 0:
        return f"constant (value {mean:g})"
    kind = made.kind.replace("_", "-")
    return f"{kind} share (mean {mean:.4g}, sd {sd:.3g})"


def of_factor(id: str, factor: Factor, origin: Origin) -> Definition:
    """An electricity emission factor of a table as an input."""
    given = {"median": factor.median, "gsd": factor.gsd}
    kind = {"kind": "emission factor", "nature": "uncertainty"}
    return Definition(
        f"power.{id}",
        units().parse(factor.units),
        _papers_of(factor) | kind,
        f"power.{id}",
        marginal=build("lognormal", given),
        origin=origin,
    )


def of_mix(id: str, mix: Mix, origin: Origin) -> Iterator[Definition]:
    """Shares of a mix of a table as inputs."""
    if not mix.active:
        return
    kind = {"kind": "activity data", "nature": "uncertainty"}
    known = _papers_of(mix) | kind
    means = {share_id(id, mix, t): share for t, share in mix.active.items()}
    if mix.concentration is not None:
        yield from shares(dirichlet(means, mix.concentration), known, origin)
        return
    if mix.sds:
        sds = {str(t): sd for t, sd in mix.sds.items()}
        spreads = {share_id(id, mix, t): sds.get(t, 0.0) for t in mix.active}
        yield from shares(compositions(means, spreads), known, origin)
        return
    one = units().parse("1")
    for name, share in means.items():
        fixed = build("constant", {"value": share})
        yield Definition(name, one, known, name, marginal=fixed, origin=origin)


def gwp(stated: GwpSet, uncertain: bool, origin: Origin) -> Iterator[Definition]:
    """GWP100 of each gas of a set as inputs ``gwp.<gas>``.

    The part of the error that all values of AR6 share, that of CO2's own absolute
    GWP, is one input; each gas adds its own part.
    """
    known = {"kind": "characterisation factor", "nature": "uncertainty"}
    known |= {"source": str(stated.source), "confidence": "read"}
    per_kg = units().parse("kg CO2e/kg")
    spread = stated.uncertainty if uncertain else None
    if spread:
        yield from _gwp_errors(spread, known, origin)
    for gas, value in stated.values.items():
        what = Definition(f"gwp.{gas}", per_kg, known, f"gwp.{gas}", origin=origin)
        constant = build("constant", {"value": float(value)})
        if spread and gas in spread.total_percent:
            own = spread.own_like.get(gas, gas)
            error = parse(f"1 + gwp.shared_error + gwp.{own}_error")
            yield replace(what, marginal=constant).scaled(error)
        else:
            yield replace(what, marginal=constant)


def _gwp_errors(
    spread: GwpSpread, known: Mapping[str, str], origin: Origin
) -> Iterator[Definition]:
    from scipy.special import ndtri

    one = units().parse("1")
    # half-width of the stated interval in standard deviations, per cent to 1
    width = float(ndtri((1 + spread.level) / 2)) * 100
    shared = spread.shared_percent
    sds = {"shared_error": shared / width}
    for gas, total in spread.total_percent.items():
        if gas not in spread.own_like:
            sds[f"{gas}_error"] = (max(total**2 - shared**2, 0.0)) ** 0.5 / width
    for name, sd in sds.items():
        id = f"gwp.{name}"
        marginal = build("normal", {"mean": 0.0, "sd": sd})
        yield Definition(id, one, known, id, marginal=marginal, origin=origin)


def _papers_of(row: Sourced) -> dict[str, str]:
    words = ("label", "source", "confidence", "spread_confidence", "note")
    return {word: str(text) for word in words if (text := getattr(row, word))}
