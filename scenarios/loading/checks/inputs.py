"""Checks of ids, units and inputs."""

from collections.abc import Iterator
from functools import partial

from scenarios.loading.checks.findings import Findings, Place
from scenarios.units import units
from uncertainty.model.expressions import check_id

RESERVED = frozenset({"rest", "scenario", "year", "draw", "dummy"})
"""Words with a meaning of their own in a blend or in a result."""
SHARE_TOLERANCE = 1e-6
"""How far stated shares may miss one; the loader divides by their sum."""


def check_units(found: Findings) -> None:
    """Units strings that cannot be read."""
    for section, id, path, text in _units(found):
        found.guard(section, id, path, partial(units().parse, text))
    for id, process in found.config.processes.items():
        amount = process.makes.amount
        path = ("makes", "amount")
        if not isinstance(amount, str):
            continue
        readable = found.guard("processes", id, path, partial(units().quantity, amount))
        if readable and not units().quantity(amount)[0] > 0:
            found.add("processes", id, path, f"must be above 0, not {amount}")


def _units(found: Findings) -> Iterator[tuple[str, str, Place, str]]:
    config = found.config
    for id, product in config.products.items():
        yield "products", id, ("units",), product.units
    for id, output in config.outputs.items():
        yield "outputs", id, ("units",), output.units
    for id, process in config.processes.items():
        if process.makes.units is not None:
            yield "processes", id, ("makes", "units"), process.makes.units
    if config.declared_unit:
        yield "declared_unit", "", ("units",), config.declared_unit.units


def check_ids(found: Findings) -> None:
    """Ids that no formula could read, or that something else has already."""
    config = found.config
    sections = ("inputs", "products", "supplies", "processes", "outputs")
    for section in sections:
        for id in getattr(config, section):
            found.guard(section, id, (), partial(check_id, id))
    for id, process in config.processes.items():
        found.guard("processes", id, ("stage",), partial(check_id, process.stage))
        made = process.makes.product
        path = ("makes", "product")
        found.guard("processes", id, path, partial(check_id, made))
    for id in config.inputs:
        if id in RESERVED:
            message = f"{id} has a meaning of its own; choose another id"
        elif id in config.supplies:
            message = f"{id} is a supply too; one of the two has to go"
        elif id.startswith("mix."):
            message = "is a share of a mix; state `shares:` on the supply instead"
        else:
            continue
        found.add("inputs", id, (), message)


def check_inputs(found: Findings) -> None:
    """Formulas of inputs, figures without a source, names that results have."""
    for id, stated in found.config.inputs.items():
        known = found.definitions.get(id)
        if id in found.names.results:
            message = "is the name of a result; choose another id"
            found.add("inputs", id, (), message)
        own = stated.distribution
        named = stated.source or (own is not None and own.named_sources)
        if stated.formula is None and not named:
            message = "source is missing; say where the figure comes from"
            found.add("inputs", id, (), message)
        elif stated.formula is not None and known is not None:
            path: Place = ("formula",)
            found.formula("inputs", id, path, stated.formula, known.unit.text)
        for year, knot in (stated.pathway or {}).items():
            if known is not None and isinstance(knot.value, str):
                path = ("pathway", year)
                found.formula("inputs", id, path, knot.value, known.unit.text)
            elif known is not None and knot.formula is not None:
                path = ("pathway", year)
                found.formula("inputs", id, path, knot.formula, known.unit.text)
