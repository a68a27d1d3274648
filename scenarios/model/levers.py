"""Levers: (1 - a) x the recipe as it is + a x the recipe as the lever makes it.

A lever acts on recipes, never on a parameter inside a formula, so that half the
adoption is half the change. Several levers on one line compose in the one order that
does not depend on theirs: one may replace the amount, any number may scale what then
stands there, any number may add to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scenarios.language.config import Emission, Need, Process
from scenarios.language.levers import Lever, LeverChange
from scenarios.language.supplies import Supply
from scenarios.model.cell import Cell
from scenarios.model.power import Supplied, supplied

Exchange = tuple[str, str, str]
"""Process, ``needs`` or ``emits``, and the name it has there."""


@dataclass(frozen=True)
class Adopted:
    """A lever in one cell, with the node of its adoption share."""

    name: str
    lever: Lever
    adoption: int


def touched(lever: Lever) -> Iterable[tuple[Exchange, LeverChange]]:
    """Lines that a lever changes."""
    for process, changes in lever.processes.items():
        for line, change in changes.needs.items():
            yield (process, "needs", line), change
        for line, change in changes.emits.items():
            yield (process, "emits", line), change


def with_lines(
    processes: Mapping[str, Process], levers: Iterable[Lever]
) -> dict[str, Process]:
    """Processes with the lines that levers add, which take nothing by themselves."""
    found = dict(processes)
    for lever in levers:
        for (name, section, line), change in touched(lever):
            process = found[name]
            if section == "needs" and line not in process.needs:
                new = Need(
                    amount=0.0,
                    product=change.product,
                    supply=change.supply,
                    source=change.source,
                    account=change.account,
                    label=change.label,
                )
                needs = {**process.needs, line: new}
                found[name] = process.model_copy(update={"needs": needs})
            elif section == "emits" and line not in process.emits:
                emission = Emission(
                    amount=0.0,
                    gas=change.gas,
                    source=change.source,
                    account=change.account,
                    label=change.label,
                )
                emits = {**process.emits, line: emission}
                found[name] = process.model_copy(update={"emits": emits})
    return found


def amount(cell: Cell, base: int, place: Exchange, adopted: Iterable[Adopted]) -> int:
    """Node of a line's amount under the levers that touch it.

    With every adoption 0 it is `base` itself, to the last bit.
    """
    graph = cell.graph
    one = graph.constant(1.0)
    changes = [
        (use.adoption, change)
        for use in adopted
        for where, change in touched(use.lever)
        if where == place
    ]
    found = base
    for adoption, change in (c for c in changes if c[1].way == "amount"):
        kept = graph.product(graph.apply("sub", (one, adoption)), found)
        new = graph.product(adoption, cell.formula(change.stated))
        found = graph.apply("add", (kept, new))
    for adoption, change in (c for c in changes if c[1].way == "scale"):
        less = graph.apply("sub", (one, cell.formula(change.stated)))
        factor = graph.apply("sub", (one, graph.product(adoption, less)))
        found = graph.product(found, factor)
    for adoption, change in (c for c in changes if c[1].way == "add"):
        more = graph.product(adoption, cell.formula(change.stated))
        found = graph.apply("add", (found, more))
    return found


def power(
    cell: Cell, name: str, supply: Supply, adopted: Iterable[Adopted]
) -> Supplied:
    """A supply under the levers that put another in its place."""
    graph = cell.graph
    one = graph.constant(1.0)
    found = supplied(cell, supply)
    for use in adopted:
        other = use.lever.supplies.get(name)
        if other is None:
            continue
        new = supplied(cell, other)
        kept = graph.apply("sub", (one, use.adoption))
        parts = []
        for word in ("bought", "direct", "owned_upstream"):
            before = graph.product(kept, getattr(found, word))
            after = graph.product(use.adoption, getattr(new, word))
            parts.append(graph.apply("add", (before, after)))
        found = Supplied(*parts)
    return found
