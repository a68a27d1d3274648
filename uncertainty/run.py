"""A whole run: draws, inputs and statistics of a model as one tree of datasets."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from uncertainty.model import Model, Table
from uncertainty.propagation import Levels, Progress, label, propagate
from uncertainty.sampling import Design
from uncertainty.statistics import summarise

BUDGET = 512 * 2**20
"""Bytes that the draws of one detailed table may take before only its statistics
are kept."""


def run(
    model: Model,
    design: Design,
    *,
    levels: Levels | None = None,
    probability: float = 0.95,
    threads: int = 1,
    task_pages: int = 4,
    budget: int = BUDGET,
    progress: Progress | None = None,
) -> xr.DataTree:
    """Propagate `design` through `model` and keep draws, inputs and statistics.

    Parameters
    ----------
    model : Model
        Its first output is the one whose statistics stand in ``/summary`` itself.
    design : Design
    levels : callable, optional
        (column, page) -> quantile levels, where inputs depend on each other.
    probability : float
        Coverage probability of the intervals.
    threads, task_pages : int
        How the work is shared out; the result does not depend on them.
    budget : int
        Bytes. The first output is always kept draw by draw; any other table whose
        draws would take more is kept as statistics only.
    progress : callable, optional
        Told how many draws each finished task did.

    Returns
    -------
    DataTree
        ``/draws`` (one variable an output), ``/inputs`` (one variable an input,
        with only the dims it has), ``/summary`` and ``/summary/<output>``.

    Raises
    ------
    ModelError
        A draw is not finite or breaks a check of the model.
    """
    options = {"levels": levels, "threads": threads, "task_pages": task_pages}
    outputs = list(model.outputs.values())
    kept = [t for i, t in enumerate(outputs) if not i or _fits(t, design, budget)]
    uncertain, constant = _inputs(model)
    store = sum(_bytes(t, design) for t in uncertain) <= budget
    asked = [*kept, *(uncertain if store else [])]
    drawn = propagate(
        model,
        design,
        # an input may be called as an output
        [replace(t, name=f"{i}") for i, t in enumerate(asked)],
        progress=progress,
        **options,  # type: ignore[arg-type]  # one dict for both calls
    )
    arrays = [
        drawn[f"{i}"].rename(table.name).drop_attrs().assign_attrs(drawn[f"{i}"].attrs)
        for i, table in enumerate(asked)
    ]
    shown = [a for a, t in zip(arrays, kept, strict=False) if t.stored]
    groups: dict[str, xr.Dataset] = {
        "draws": xr.Dataset({a.name: a for a in shown}),
        "inputs": _input_dataset(model, arrays[len(kept) :], constant, store),
    }
    statistics = {
        t.name: _statistics(model, t, arrays[i], design, probability)
        for i, t in enumerate(kept)
    }
    for table in (t for t in outputs if t not in kept):
        statistics[table.name] = _in_passes(
            model, table, design, probability, budget, options
        )
    groups["summary"] = statistics[outputs[0].name]
    for name, dataset in list(statistics.items())[1:]:
        groups[f"summary/{name}"] = dataset
    return xr.DataTree.from_dict(groups)


def _bytes(table: Table, design: Design) -> int:
    return int(table.nodes.size) * design.draws * 8


def _fits(table: Table, design: Design, budget: int) -> bool:
    return _bytes(table, design) <= budget


def _inputs(model: Model) -> tuple[list[Table], list[Table]]:
    """Inputs as compact tables: those with draws, and those that are constants."""
    uncertain: list[Table] = []
    constant: list[Table] = []
    for table in model.inputs.values():
        compact = table.compact()
        nodes = compact.nodes[compact.nodes >= 0].tolist()
        known = all(model.graph.value(node) is not None for node in nodes)
        (constant if known else uncertain).append(compact)
    return uncertain, constant


def _input_dataset(
    model: Model, drawn: list[xr.DataArray], constant: list[Table], stored: bool
) -> xr.Dataset:
    fixed = {t.name: label(model, t, model.point(t).ravel()) for t in constant}
    found: Mapping[str, xr.DataArray] = {str(a.name): a for a in drawn} | fixed
    ordered = {name: found[name] for name in model.inputs if name in found}
    note = "yes" if stored else "no: the draws exceed the budget; the seed makes them"
    return xr.Dataset(ordered, attrs={"draws_stored": note})


def _statistics(
    model: Model,
    table: Table,
    sample: xr.DataArray,
    design: Design,
    probability: float,
) -> xr.Dataset:
    found = summarise(sample, probability, replicates=design.replicates)
    found["point"] = label(model, table, model.point(table).ravel())
    return found


def _in_passes(
    model: Model,
    table: Table,
    design: Design,
    probability: float,
    budget: int,
    options: Mapping[str, object],
) -> xr.Dataset:
    """Statistics of a table too large to hold, scenario by scenario."""
    parts = []
    for i, scenario in enumerate(model.scenarios):
        one = replace(table, nodes=table.nodes[i : i + 1], shared=("scenario",))
        sample = propagate(model, design, [one], **options)[table.name]  # type: ignore[arg-type]
        parts.append(
            summarise(sample, probability, replicates=design.replicates).expand_dims(
                scenario=[scenario]
            )
        )
        del sample
    found = xr.concat(parts, "scenario", join="exact")
    found["point"] = label(model, table, np.asarray(model.point(table)).ravel())
    return found
