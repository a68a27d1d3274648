"""From a draft to its definitions: what each id of the study stands for."""

import re
from collections.abc import Iterator

from scenarios.errors import Misstated, Origin
from scenarios.language.config import Config
from scenarios.language.quantities import Input
from scenarios.language.tables import Factor, Tables
from scenarios.library import catalogue as library
from scenarios.loading.draft import Draft
from scenarios.loading.faults import Faults
from scenarios.model.definitions import (
    Definition,
    gwp,
    of_factor,
    of_mix,
    papers,
    quantity,
    shares,
)
from scenarios.model.dependence import compose
from scenarios.model.mixes_used import all_supplies, used_mixes
from scenarios.units import units
from uncertainty.errors import DependenceError, UncertaintyError

FILES = {"mixes": "power/mixes.csv", "factors": "power/factors.csv", "gwp_sets": "gwp"}
"""Section of a config -> file of the library that holds such rows."""
GWP_SET = "AR6"
"""Set of GWP100 values of a study that names none."""


def with_tables(draft: Draft) -> Draft:
    """A draft that holds the rows of the library's tables which it uses.

    Its own rows stay and come first; they win over the library's of the same id.
    """
    config = draft.config
    known = config.tables.over(library.tables())
    mixes = [name for name in used_mixes(config) if name in known.mixes]
    named = GWP_SET if config.characterisation is None else config.characterisation.set
    factors = set(_factors_used(config, mixes, known))
    used = Tables(
        {id: known.mixes[id] for id in mixes},
        {id: row for id, row in known.factors.items() if id in factors},
        {id: row for id, row in known.gwp_sets.items() if id == named},
    )
    used = config.tables.over(used)
    origins = {
        (section, id): Origin(file, (id,))
        for section, file in FILES.items()
        for id in getattr(used, section)
    }
    sections = {section: dict(getattr(used, section)) for section in FILES}
    return draft.updated(origins | dict(draft.origins), **sections)


def _factors_used(config: Config, mixes: list[str], known: Tables) -> Iterator[str]:
    """Ids of factors that mixes and supplies take, or that the config names."""
    for name in mixes:
        mix = known.mixes[name]
        if mix.factor is not None:
            yield mix.factor
        yield from (id for _, id in known.factors_of(mix) if id is not None)
    for supply in all_supplies(config):
        for technology in supply.shares or {}:
            id = known.technology_factor(supply.factor_set or "", technology)
            if id is not None:
                yield id
    # a formula, a change or a correlation says power.<id>; a note that does so adds
    # a row which nothing reads
    text = config.model_dump_json(exclude_defaults=True)
    yield from re.findall(r"\bpower\.([A-Za-z0-9_]+)", text)


def define(draft: Draft, faults: Faults) -> dict[str, Definition]:
    """Definitions of a draft's inputs; one that is at fault is missing."""
    config = draft.config
    found: dict[str, Definition] = {}
    for what in _of_tables(draft, faults):
        found[what.id] = what
    for one in config.dependence:
        if one.composition is None:
            continue
        origin = draft.origin("dependence", one.name).below(one.law_name)
        known = {**papers(one), "composition": one.composition}
        try:
            made = compose(one)
        except DependenceError as error:
            faults.add(origin.fault(str(error)))
        else:
            found |= {what.id: what for what in shares(made, known, origin)}
    for id, stated in config.inputs.items():
        origin = draft.origin("inputs", id)
        with faults.caught(origin):
            what = _stated(id, stated, origin)
            _check_kind(what, found.get(id))
            found[id] = what
    return found


def _of_tables(draft: Draft, faults: Faults) -> Iterator[Definition]:
    """Definitions of the rows of tables that the draft holds."""
    config = draft.config
    settings = config.characterisation
    named = GWP_SET if settings is None else settings.set
    if named in config.gwp_sets:
        uncertain = bool(settings and settings.uncertain)
        origin = draft.origin("gwp_sets", named)
        yield from gwp(config.gwp_sets[named], uncertain, origin)
    for id, factor in config.factors.items():
        origin = draft.origin("factors", id)
        with faults.caught(origin):
            yield _factor(id, factor, origin)
    for id in used_mixes(config):
        if id in config.mixes:
            origin = draft.origin("mixes", id)
            try:
                yield from of_mix(id, config.mixes[id], origin)
            except DependenceError as error:
                faults.add(origin.fault(str(error), "shares"))


def _factor(id: str, stated: Factor, origin: Origin) -> Definition:
    try:
        what = of_factor(id, stated, origin)
    except UncertaintyError as error:
        raise Misstated(str(error), "units") from None
    if what.unit.dimension != units().parse("kg CO2e/kWh").dimension:
        message = f"{stated.units} is no emission factor of electricity; write"
        raise Misstated(f"{message} kg CO2e/kWh", "units")
    return what


def _stated(id: str, stated: Input, origin: Origin) -> Definition:
    """Definition of an input of a file; its own units win where it has them."""
    if stated.units is None and not isinstance(stated.value, str):
        raise Misstated('are missing; write units: "1" for a pure number', "units")
    try:
        unit = units().parse(stated.units or "1")
    except UncertaintyError as error:
        raise Misstated(str(error), "units") from None
    try:
        what = quantity(id, stated, unit, origin)
    except UncertaintyError as error:
        raise Misstated(str(error), *stated.stated[:1]) from None
    if stated.units is not None and what.unit.dimension != unit.dimension:
        word = stated.stated[0]
        raise Misstated(
            f"{getattr(stated, word)} is no amount of {stated.units}; the two measure "
            f"{what.unit.dimension} and {unit.dimension}",
            word,
        )
    return what


def _check_kind(stated: Definition, shipped: Definition | None) -> None:
    """Refuse to put another kind of quantity in place of a table's own."""
    if shipped is None or shipped.composition is not None:
        return  # that a share is stated twice is told with the shares
    if stated.unit.dimension != shipped.unit.dimension:
        raise Misstated(
            f"{stated.unit.text} is not what the library's own {stated.id} measures; "
            f"write {shipped.unit.text}",
            "units",
        )
