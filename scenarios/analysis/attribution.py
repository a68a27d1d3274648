"""Which change of a scenario makes how much of its difference to a reference.

The changes of a scenario act together: what a cleaner grid saves depends on how
much electricity is still used. So each change gets its Shapley value, the mean of
what it adds over all orders in which the changes could be made, draw by draw.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import xarray as xr

from scenarios.errors import ScenarioError, called
from scenarios.language.changes import Change
from scenarios.language.config import Scenario
from scenarios.model.study import Study
from uncertainty.arrays import FloatArray
from uncertainty.designs import Levels
from uncertainty.errors import nearest
from uncertainty.model import Model, Table
from uncertainty.run.propagation import propagate
from uncertainty.sensitivity.coalitions import ORDERS, game_of, order_error, shapley
from uncertainty.statistics import summarise

SECTIONS = ("set", "scale", "levers", "routes")
"""Parts of a scenario whose keys are its changes."""
Player = tuple[str, str]
"""Section and key of one change."""


class AttributionError(ScenarioError):
    """A difference cannot be attributed as asked."""


def attribute(
    study: Study,
    scenario: str,
    reference: str | None = None,
    *,
    tables: Sequence[str] = ("footprint",),
    draws: int | None = None,
    threads: int = 1,
    orders: int = ORDERS,
) -> xr.Dataset:
    """Attribute the difference between two scenarios to the changes between them.

    Parameters
    ----------
    study : Study
    scenario, reference : str
        The difference is `scenario` minus `reference`, by default the study's.
    tables : sequence of str
        Outputs of the model: ``footprint``, ``outputs``, ``accounts``, ...
    draws : int, optional
        Instead of the study's.
    threads : int
        The result does not depend on it.
    orders : int
        Orders drawn where there are more than `EXACT` changes; an even number.

    Returns
    -------
    Dataset
        For each table t, in its units: ``t_contribution`` (change, ...), the mean;
        ``t_contribution_interval`` (symmetric, with ``bound``),
        ``t_contribution_error`` (Monte Carlo, with ``statistic``), ``t_share`` of
        the mean difference; ``t_difference``, ``t_difference_interval``,
        ``t_reference``, ``t_reference_interval``, ``t_scenario``,
        ``t_scenario_interval``, without ``change``. ``change`` is the key's path
        within the scenario. Where orders were drawn, ``t_order_error``, the
        standard error that they leave, found at the point values.

    Raises
    ------
    AttributionError
        There is no such scenario or table, or the two do not differ.
    ModelError
        A combination of the changes gives a draw that is not finite.
    """
    found = contributions(
        study,
        scenario,
        reference,
        tables=tables,
        draws=draws,
        threads=threads,
        orders=orders,
    )
    settings = study.settings
    parts: dict[str, xr.DataArray] = {}
    for table in tables:
        for name, word in ((table, "contribution"), (f"{table}_difference", "")):
            reduced = summarise(
                found[name],
                settings.coverage_probability,
                replicates=int(found.attrs["replicates"]),
                levels=(0.5,),
            )
            stem = f"{name}_{word}" if word else name
            parts[stem] = reduced["mean"]
            parts[f"{stem}_interval"] = reduced["coverage"]
            parts[f"{stem}_error"] = reduced["monte_carlo_error"]
        whole = parts[f"{table}_difference"]
        share = parts[f"{table}_contribution"] / whole.where(whole != 0)
        parts[f"{table}_share"] = share.assign_attrs(
            units="1", long_name="Share of the mean difference"
        )
        for side in ("reference", "scenario"):
            sample = found[f"{table}_{side}"]
            parts[f"{table}_{side}"] = sample.mean("draw").assign_attrs(sample.attrs)
            reduced = summarise(sample, settings.coverage_probability, levels=(0.5,))
            parts[f"{table}_{side}_interval"] = reduced["coverage"]
        if (error := f"{table}_order_error") in found:
            parts[error] = found[error]
    return xr.Dataset(parts, attrs=found.attrs)


def contributions(
    study: Study,
    scenario: str,
    reference: str | None = None,
    *,
    tables: Sequence[str] = ("footprint",),
    draws: int | None = None,
    threads: int = 1,
    orders: int = ORDERS,
) -> xr.Dataset:
    """Contribution of each change in each draw; parameters as for `attribute`.

    Returns
    -------
    Dataset
        ``t`` (change, ..., draw), ``t_difference``, ``t_reference`` and
        ``t_scenario`` (..., draw) for each table t. Over the changes ``t`` adds up to
        ``t_difference`` in every draw. The draws are those of the study's own run.

    Raises
    ------
    AttributionError, ModelError
        As for `attribute`.
    """
    labels = {name: one.label or name for name, one in study.scenarios.items()}
    scenario, reference = (
        called(name, labels) for name in (scenario, reference or study.reference)
    )
    before, after = (_stated(study, name) for name in (reference, scenario))
    players = _players(before, after)
    if not players:
        raise AttributionError(f"{scenario} and {reference} differ in no change")
    game = game_of(len(players), study.settings.seed or 0, orders)
    parts = {
        _name(mask): _mixed(before, after, players, mask) for mask in game.coalitions
    }
    config = study.config.model_copy(update={"scenarios": parts, "fleets": {}})
    model = replace(study, config=config).model()
    wanted = [_table(model, name) for name in tables]
    changes = [".".join(player) for player in players]
    split = shapley(model, wanted, game, changes)

    def original(column: str) -> str:
        """A column that a combination draws for itself, as its scenario calls it."""
        id, *owner = column.split("@")
        if not owner or owner[0] not in parts:
            return column
        mask = game.coalitions[list(parts).index(owner[0])]
        taken = mask >> players.index(("set", id)) & 1
        return "@".join([id, scenario if taken else reference, *owner[1:]])

    points, levels = study.plan(study.model(), draws, map(original, split.columns))
    found = propagate(
        split,
        points,
        list(split.outputs.values()),
        levels=_Renamed(levels, {c: original(c) for c in split.columns}),
        threads=threads,
    )
    for table in wanted if game.orders else ():
        found[f"{table.name}_order_error"] = order_error(model, split, table, game)
    if "output" in found.dims:
        words = [study.config.outputs[str(o)].units for o in found["output"].values]
        found = found.assign_coords(output_units=("output", words))
    return found.assign_attrs(
        study=study.name,
        scenario=scenario,
        reference=reference,
        method="sampled orders" if game.orders else "exact",
        orders=len(game.orders) or math.factorial(len(players)),
        draws=points.draws,
        replicates=points.replicates,
        coverage_probability=study.settings.coverage_probability,
    )


@dataclass(frozen=True)
class _Renamed:
    """Levels of a study's columns under the names that combinations give them."""

    base: Levels
    names: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.names)

    def levels(self, column: str, page: int) -> FloatArray:
        return self.base.levels(self.names[column], page)

    def fill(self, columns: tuple[str, ...], page: int, out: FloatArray) -> None:
        for column, row in zip(columns, out, strict=True):
            row[:] = self.levels(column, page)


def _stated(study: Study, name: str) -> Scenario:
    known = study.scenarios
    if name not in known:
        raise AttributionError(f"no scenario {name!r}{nearest(name, known)}")
    return known[name]


def _changes(scenario: Scenario, section: str) -> Mapping[str, object]:
    found: Mapping[str, object] = getattr(scenario, section, None) or {}
    return found


def _players(before: Scenario, after: Scenario) -> list[Player]:
    """Changes in which two scenarios differ, in an order of their own.

    One that both state alike still differs if each draws it for itself.
    """
    found = []
    for section in SECTIONS:
        one, other = _changes(before, section), _changes(after, section)
        for key in sorted({*one, *other}):
            a, b = one.get(key), other.get(key)
            if a != b or (isinstance(a, Change) and a.independent):
                found.append((section, key))
    return found


def _name(mask: int) -> str:
    """Name of a combination; the blank keeps it apart from any scenario's."""
    return f"combination {mask}"


def _mixed(
    before: Scenario, after: Scenario, players: list[Player], mask: int
) -> Scenario:
    """The reference with those changes of the scenario whose bit in `mask` is set."""
    sections = {s: dict(_changes(before, s)) for s in SECTIONS}
    for bit, (section, key) in enumerate(players):
        if mask >> bit & 1:
            sections[section].pop(key, None)
            stated = _changes(after, section)
            if key in stated:
                sections[section][key] = stated[key]
    known = {s: changes for s, changes in sections.items() if hasattr(before, s)}
    return before.model_copy(update=known)


def _table(model: Model, name: str) -> Table:
    if name not in model.outputs:
        known = ", ".join(model.outputs)
        raise AttributionError(f"no output {name!r}; the study has {known}")
    return model.outputs[name]
