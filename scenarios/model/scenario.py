"""A scenario: the study's definitions and supplies with its changes made."""

from collections.abc import Mapping
from dataclasses import replace

from scenarios.errors import Origin
from scenarios.language.changes import Change
from scenarios.language.config import Scenario
from scenarios.language.supplies import Supply
from scenarios.model.definitions import Definition, papers, quantity
from uncertainty.distributions import Marginal, build
from uncertainty.model.expressions import Expression


def changed(
    definitions: Mapping[str, Definition],
    name: str,
    scenario: Scenario,
    origin: Origin,
) -> dict[str, Definition]:
    """Definitions of one scenario.

    Parameters
    ----------
    definitions : mapping of id to Definition
        The study's.
    name : str
        The scenario's; keys the columns of inputs it draws for itself.
    scenario : Scenario
    origin : Origin
        Where the scenario is stated.

    Returns
    -------
    dict of id to Definition
        ``set`` replaces the value and keeps units, kind and nature unless it says
        otherwise; ``scale`` multiplies.
    """
    found = dict(definitions)
    for id, change in scenario.set.items():
        if id in definitions and not change.of_supply:
            place = origin.below("set", id)
            found[id] = _set(definitions[id], name, scenario, change, place)
    for id, change in scenario.scale.items():
        if id in found:
            place = origin.below("scale", id)
            found[id] = found[id].scaled(_factor(id, change, place))
    return found


def supplies(stated: Mapping[str, Supply], scenario: Scenario) -> dict[str, Supply]:
    """Supplies of one scenario; a bare ``losses`` keeps the mix as it was."""
    found = dict(stated)
    for id, change in scenario.set.items():
        if id not in stated or not change.of_supply:
            continue
        if change.losses is not None and not change.names_a_source:
            found[id] = stated[id].model_copy(update={"losses": change.losses})
        else:
            found[id] = change.supply()
    return found


def _set(
    before: Definition,
    name: str,
    scenario: Scenario,
    change: Change,
    place: Origin,
) -> Definition:
    column = f"{before.id}@{name}" if change.independent else before.column
    if not change.stated:
        return replace(before, column=column, per_year=change.independent == "year")
    after = quantity(before.id, change, before.unit, place)
    source = {"source": scenario.source} if scenario.source else {}
    kept = {k: v for k, v in before.papers.items() if k in {"label", "kind", "nature"}}
    return replace(
        after,
        column=column,
        per_year=change.independent == "year",
        papers=kept | source | papers(change),
    )


def _factor(
    id: str, change: Change, place: Origin
) -> Expression | tuple[Marginal, str]:
    from scenarios.units import units

    stated = quantity(id, change, units().parse("1"), place)
    if stated.expression is not None:
        return stated.expression
    if stated.marginal is None:
        raise AssertionError("the schema lets one way through")
    if stated.unit.factor != 1:  # 97 % is 0.97
        fixed = {"value": float(stated.marginal.point) * stated.unit.factor}
        return build("constant", fixed), f"scale:{id}"
    return stated.marginal, f"scale:{id}"
