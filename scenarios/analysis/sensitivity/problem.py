"""A study as a problem of the engine: nodes of the outputs asked for, and factors."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from scenarios.analysis.sensitivity.dependent_inputs import ties
from scenarios.analysis.sensitivity.errors import DriverError
from scenarios.analysis.sensitivity.groups import grouped
from scenarios.analysis.sensitivity.targets import (
    Question,
    Target,
    chosen_outputs,
    known_outputs,
    targets,
)
from scenarios.model.study import Study
from uncertainty import sensitivity
from uncertainty.errors import ModelError
from uncertainty.model import Model
from uncertainty.model.graph import ABSENT
from uncertainty.sensitivity import Problem

MANY_UNITS = "see output_units"


def problem_of(
    study: Study,
    question: Question,
    *,
    groups: str = "none",
    whole_compositions: bool = False,
    model: Model | None = None,
) -> Problem:
    """Factors and outputs of a study, ready to be analysed.

    Parameters
    ----------
    study : Study
    question : Question
    groups : str
        One of `GROUPINGS`.
    whole_compositions : bool
        Keep shares that sum to one together where a method would split a block.
    model : Model, optional
        The study's, if it is made already; nodes are added to its graph.

    Returns
    -------
    Problem
        Outputs over (scenario, [year,] output), with coordinates ``output_units``,
        ``scenario_label`` and ``less_label``. ``scenario``
        holds differences too, as "a - b".

    Raises
    ------
    DriverError
        A scenario, an output or a grouping is not known, or nothing is uncertain.
    """
    model, labels = model or study.model(), labels_of(study)
    labels = {name: labels.get(name, name) for name in model.scenarios}
    asked = targets(question, labels, study.reference)
    outputs = _outputs(study, model, question, asked)
    tied = ties(study)
    columns = model.graph.columns(np.unique(outputs.values).tolist())
    named = grouped(study, columns, tied, groups)
    blocks = tied.blocks
    if whole_compositions and groups == "none":
        named = {block.name: block.columns for block in tied.compositions}
        blocks = tied.renamed(" shares").blocks
    # a check of another scenario may read what these outputs do not
    checks = [
        check
        for check in model.checks
        if set(columns).issuperset(model.graph.columns([check.node]))
    ]
    try:
        return sensitivity.build(
            model.graph,
            outputs,
            groups=named,
            blocks=blocks,
            checks=checks,
        )
    except ModelError as error:
        raise DriverError(
            f"{study.name}: {error}; give an input of the study a distribution"
        ) from None


def labels_of(study: Study) -> dict[str, str]:
    """What to call each scenario: its label, else its name."""
    return {name: s.label or name for name, s in study.scenarios.items()}


def output_units(study: Study, names: list[str]) -> list[str]:
    """Units of each output; what is no declared output is in the footprint's."""
    stated = {name: output.units for name, output in study.config.outputs.items()}
    return [stated.get(name, study.footprint_units or "1") for name in names]


def common_units(units: list[str]) -> str:
    """Units of all, if they are one."""
    return units[0] if len(set(units)) == 1 else MANY_UNITS


def _outputs(
    study: Study, model: Model, question: Question, asked: list[Target]
) -> xr.DataArray:
    known = known_outputs({name: t.coords for name, t in model.outputs.items()})
    names = chosen_outputs(question, known)
    nodes = {known[n][0]: sensitivity.nodes_of(model, known[n][0]) for n in names}
    parts = [_summed(model, nodes[known[n][0]], known[n][1]) for n in names]
    every = xr.concat(parts, "output").transpose("scenario", ..., "output")
    found = [every.sel(scenario=[t.scenario for t in asked if t.less is None])]
    if subtracted := [t for t in asked if t.less is not None]:
        less = str(subtracted[0].less)
        pairs = every.sel(scenario=[*(t.scenario for t in subtracted), less])
        found.append(sensitivity.differences(model.graph, pairs, "scenario", less))
    units, words = output_units(study, names), labels_of(study)
    nodes_of_all = xr.concat(found, "scenario")
    if question.limit is not None:
        units = ["1"] * len(names)
        nodes_of_all = sensitivity.passing(model.graph, nodes_of_all, question.limit)
    return nodes_of_all.assign_coords(
        output=names,
        output_units=("output", units),
        scenario_label=("scenario", [words[t.scenario] for t in asked]),
        less_label=("scenario", [words[t.less] if t.less else "" for t in asked]),
    ).assign_attrs(units=common_units(units))


def _summed(
    model: Model, nodes: xr.DataArray, chosen: Mapping[str, str]
) -> xr.DataArray:
    """Nodes of a label of a table, summed over the table's other dims."""
    found = nodes.sel(chosen, drop=True)
    over = [dim for dim in found.dims if dim not in {"scenario", "year"}]
    kept = [dim for dim in found.dims if dim not in over]
    flat = found.transpose(*kept, *over).values
    flat = flat.reshape(*(found.sizes[dim] for dim in kept), -1)
    sums = np.full(flat.shape[:-1], ABSENT, dtype=np.int64)
    for at in np.ndindex(*sums.shape):
        there = [int(node) for node in flat[at] if node != ABSENT]
        if there:
            sums[at] = there[0] if len(there) == 1 else model.graph.total(there)
    coords = {dim: found[dim].values for dim in kept if dim in found.coords}
    return xr.DataArray(sums, dims=kept, coords=coords)
