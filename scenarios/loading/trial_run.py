"""A run at the point values, before any draw: what only arithmetic brings to light."""

from collections.abc import Iterator, Mapping

import numpy as np

from scenarios.errors import NOWHERE, ConfigError, Fault, Origin
from scenarios.language.config import Scenario
from scenarios.loading.checks.findings import Place
from scenarios.loading.checks.inputs import SHARE_TOLERANCE
from scenarios.model.cell import Cell
from scenarios.model.power import REST
from scenarios.model.scenario import changed, supplies
from scenarios.model.study import Study
from uncertainty.errors import ModelError
from uncertainty.model import Model
from uncertainty.model.graph import Graph

MEND = (
    "is not finite at the point values; look for a division by zero, or the "
    "logarithm or root of a number that is not above zero"
)


def trial(study: Study, file: str) -> Model:
    """Build a study's model and run it at its point values.

    Parameters
    ----------
    study : Study
        Checked.
    file : str
        Where to place a fault that belongs to no part of the study.

    Raises
    ------
    ConfigError
        The faults, without the lines of their deeper parts.
    """
    if found := list(_shares(study)):
        raise ConfigError(found)
    try:
        model = study.model()
        finite = all(
            np.isfinite(model.point(table)[table.nodes >= 0]).all()
            for table in model.outputs.values()
        )
    except ModelError as error:
        process = next(iter(study.config.processes), "")
        origin = study.origins.get(("processes", process), Origin(file))
        message = f"{error}; lower what one of its processes takes"
        raise ConfigError([Fault(origin.file, 0, ("processes",), message)]) from None
    if not finite:
        raise ConfigError([_not_finite(study, model, file)])
    return model


def cells_of(study: Study) -> Iterator[tuple[str, Scenario, Cell]]:
    """Each scenario and year with its definitions at their point values."""
    for name, scenario in study.scenarios.items():
        origin = study.origins.get(("scenarios", name), NOWHERE)
        mine = changed(study.definitions, name, scenario, origin)
        own = scenario.years
        for year in (study.config.years if own is None else own) or (None,):
            graph = Graph(point=True)
            yield name, scenario, Cell(graph, mine, year, tables=study.config.tables)


def _shares(study: Study) -> Iterator[Fault]:
    """Blends whose shares, stated by formulas, are none at the point values."""
    for name, scenario, cell in cells_of(study):
        for id, supply in supplies(study.config.supplies, scenario).items():
            stated = supply.blend or {}
            nodes = {m: cell.formula(s) for m, s in stated.items() if s != REST}
            values = {m: cell.graph.value(node) for m, node in nodes.items()}
            if id in scenario.set:
                origin = study.origins["scenarios", name].below("set", id, "blend")
            else:
                origin = study.origins["supplies", id].below("blend")
            known = {m: v for m, v in values.items() if v is not None}
            for below, message in _no_shares(known, stated) if stated else ():
                yield origin.fault(message, *below)


def _no_shares(
    known: Mapping[str, float], stated: Mapping[str, str | float]
) -> Iterator[tuple[Place, str]]:
    """What is wrong with shares whose values are known, and where."""
    for mix, share in known.items():
        if not -SHARE_TOLERANCE <= share <= 1 + SHARE_TOLERANCE:
            message = f"{stated[mix]} is {share:.6g} at the point values; a share "
            yield (mix,), f"{message}lies between 0 and 1"
    total = sum(known.values())
    left = 1 - total if REST not in stated.values() else min(1 - total, 0.0)
    if abs(left) > SHARE_TOLERANCE:
        message = f"the shares add up to {total:.6g} at the point values, not to 1; "
        yield (), f"{message}write one of them as `rest`, or mend them"


def _not_finite(study: Study, model: Model, file: str) -> Fault:
    """The first input, flow or output that is not finite."""
    for name, _, cell in cells_of(study):
        for id, what in cell.definitions.items():
            value = cell.graph.value(cell.node(id))
            if what.expression is None or value is None or np.isfinite(value):
                continue
            if all(_finite(cell, read) for read in what.expression.names):
                message = f"{MEND} (scenario {name})"
                return what.origin.fault(message, "formula")
        for process, parts in study.config.processes.items():
            for word, lines in (("needs", parts.needs), ("emits", parts.emits)):
                for line, stated in lines.items():
                    if not _finite(cell, stated.amount):
                        origin = study.origins["processes", process]
                        message = f"{MEND} (scenario {name})"
                        return origin.fault(message, word, line)
    for table in (model.outputs.get("flows"), model.outputs.get("outputs")):
        if table is None:
            continue
        points = model.point(table)
        bad = np.argwhere((table.nodes >= 0) & ~np.isfinite(points))
        if not len(bad):
            continue
        item = table.coords[table.dims[0]][int(bad[0][2])]
        message = f"{MEND} (scenario {model.scenarios[int(bad[0][0])]})"
        if table.name == "outputs":
            return study.origins["outputs", item].fault(message, "formula")
        process, *path = _flow(study, item)
        origin = study.origins.get(("processes", process), Origin(file))
        return origin.fault(message, *path)
    return Fault(file, 0, (), f"a result {MEND}")


def _finite(cell: Cell, stated: str | float) -> bool:
    """Whether an input, or what a formula gives, is finite at the point values."""
    value = cell.graph.value(cell.formula(stated))
    return value is None or bool(np.isfinite(value))


def _flow(study: Study, item: str) -> tuple[str, ...]:
    """Process, section and line of a flow that is called ``process.line``."""
    for name, process in study.config.processes.items():
        for word, lines in (("needs", process.needs), ("emits", process.emits)):
            for line in lines:
                if item == f"{name}.{line}":
                    return name, word, line
    return ("",)
