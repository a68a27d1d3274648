"""A supply of electricity: shares of technologies, their factors, grid losses.

Technology factors are inputs of the study, one for every mix that uses them, so two
mixes differ by their shares and never by a second draw of the same factor.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.language.supplies import Supply, SupplyPath
from scenarios.language.tables import Mix, share_id
from scenarios.model.cell import Cell
from scenarios.model.pathway import weights
from uncertainty.model import Check

REST = "rest"
"""In a blend: takes what the other parts leave of one."""
SHARE_SLACK = 1e-9
"""How far the shares of a blend may miss one in a draw: rounding of their formulas."""
STACK = "power.{technology}_stack_share"
"""Input that says which part of a technology's factor leaves its own stack."""


@dataclass(frozen=True)
class Supplied:
    """Nodes of a supply, kg CO2e per unit of energy delivered.

    Attributes
    ----------
    bought : int
        Life-cycle factor of what is bought, grid losses included.
    direct : int
        What leaves the stack of power plants the operator owns.
    owned_upstream : int
        Fuel supply and building of the plants the operator owns.
    """

    bought: int
    direct: int
    owned_upstream: int


def supplied(cell: Cell, supply: Supply) -> Supplied:
    """Nodes of a supply in one cell; the study has been checked before."""
    graph = cell.graph
    zero = graph.constant(0.0)
    if supply.path is not None:
        return _on_path(cell, supply)
    if supply.factor is not None:
        factor = cell.formula(supply.factor)
        return Supplied(_with_losses(cell, factor, supply.losses), zero, zero)
    if supply.shares is not None:
        terms = []
        for technology, share in supply.shares.items():
            name = cell.tables.technology_factor(supply.factor_set or "", technology)
            factor = cell.node(f"power.{name}")
            terms.append(graph.product(graph.constant(share), factor))
        total = graph.total(terms)
        return Supplied(_with_losses(cell, total, supply.losses), zero, zero)
    parts = [(share, _mix(cell, name, supply)) for name, share in _shares(cell, supply)]
    return _weighted(cell, parts)


def _on_path(cell: Cell, supply: Supply) -> Supplied:
    """A supply between two knots: both, weighted by the distance in years."""
    graph = cell.graph
    path = supply.path
    if not isinstance(path, SupplyPath):
        path = cell.paths[str(path)]
    step = path.interpolation == "step"
    parts = []
    for year, weight in weights(sorted(path.knots), cell.year, step=step).items():
        knot = path.knots[year]
        if supply.losses is not None:
            knot = knot.model_copy(update={"losses": supply.losses})
        parts.append((graph.constant(weight), supplied(cell, knot)))
    return _weighted(cell, parts)


def _weighted(cell: Cell, parts: list[tuple[int, Supplied]]) -> Supplied:
    """Weighted sum of supplies."""
    graph = cell.graph
    return Supplied(
        *(
            graph.total(
                graph.product(share, getattr(part, word)) for share, part in parts
            )
            for word in ("bought", "direct", "owned_upstream")
        )
    )


def blend(supply: Supply) -> dict[str, str | float]:
    """Mixes of a supply with their shares; one mix is a blend of itself."""
    if supply.mix is not None:
        return {supply.mix: 1.0}
    return dict(supply.blend or {})


def _shares(cell: Cell, supply: Supply) -> list[tuple[str, int]]:
    found, checks = shares_of(cell, blend(supply))
    cell.checks += checks
    return found


def shares_of(
    cell: Cell, stated: Mapping[str, str | float]
) -> tuple[list[tuple[str, int]], list[Check]]:
    """Nodes of shares that add up to one, one of which may be the `rest`.

    Returns
    -------
    shares : list of (name, node)
    checks : list of Check
        That shares given by formulas leave no gap in any draw.
    """
    graph = cell.graph
    found: list[tuple[str, int]] = []
    left = graph.constant(1.0)
    for name, share in stated.items():
        if share != REST:
            node = cell.formula(share)
            found.append((name, node))
            left = graph.apply("sub", (left, node))
    rest = [(name, left) for name, share in stated.items() if share == REST]
    if graph.value(left) is not None:
        return found + rest, []  # numbers were checked when the study was read
    slack = graph.constant(SHARE_SLACK)
    if rest:  # the rest is what is left, and may not be less than nothing
        room = graph.apply("add", (left, slack))
    else:
        room = graph.apply("sub", (slack, graph.apply("abs", (left,))))
    listed = ", ".join(f"{name}: {share}" for name, share in stated.items())
    message = f"the shares {{{listed}}} do not add up to one in every draw"
    return found + rest, [Check(room, message)]


def _mix(cell: Cell, name: str, supply: Supply) -> Supplied:
    graph = cell.graph
    mix = cell.tables.mixes[name]
    zero = graph.constant(0.0)
    if mix.factor:
        factor = cell.node(f"power.{mix.factor}")
        if not mix.includes_losses:
            factor = _with_losses(cell, factor, _losses(mix, supply))
        return Supplied(factor, zero, zero)
    terms, stacks = [], []
    for technology, factor_id in cell.tables.factors_of(mix):
        share = cell.node(share_id(name, mix, technology))
        term = graph.product(share, cell.node(f"power.{factor_id}"))
        terms.append(term)
        stack = STACK.format(technology=technology)
        known = stack in cell.definitions
        part = cell.node(stack) if known else graph.constant(1.0)
        stacks.append(graph.product(term, part))
    scale = cell.node(mix.multiplier) if mix.multiplier else graph.constant(1.0)
    factor = graph.product(graph.total(terms), scale)
    factor = _with_losses(cell, factor, _losses(mix, supply))
    if mix.kind != "captive":
        return Supplied(factor, zero, zero)
    direct = graph.product(graph.total(stacks), scale)
    return Supplied(zero, direct, graph.apply("sub", (factor, direct)))


def _losses(mix: Mix, supply: Supply) -> str | float | None:
    if supply.losses is not None:
        return supply.losses
    return mix.losses if mix.losses not in {"none", "included", ""} else None


def _with_losses(cell: Cell, factor: int, losses: str | float | None) -> int:
    if losses is None:
        return factor
    more = cell.graph.apply("add", (cell.graph.constant(1.0), cell.formula(losses)))
    return cell.graph.apply("mul", (factor, more))
