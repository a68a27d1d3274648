"""Runs a model: draws, inputs and statistics as one tree of datasets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import xarray as xr

from uncertainty.designs import Design, Levels
from uncertainty.designs import design as make_design
from uncertainty.model import Model, Table
from uncertainty.run import Store
from uncertainty.run.draws import DrawStore
from uncertainty.run.propagation import Progress, label
from uncertainty.run.streaming import BUDGET, summarise_model
from uncertainty.statistics import labelled
from uncertainty.workers.blocks import Block, Runner, blocks

HEADLINE = 3
"""Tables that a Zarr store keeps draw by draw whatever they take: the first ones."""


def run(
    model: Model,
    design: Design,
    *,
    levels: Levels | None = None,
    probability: float = 0.95,
    store: Store = "full",
    folder: Path | None = None,
    threads: int = 1,
    task_pages: int | None = None,
    runner: Runner | None = None,
    budget: int = BUDGET,
    progress: Progress | None = None,
) -> xr.DataTree:
    """Propagate `design` through `model` and keep draws, inputs and statistics.

    Parameters
    ----------
    model : Model
        Its first output is the one whose statistics stand in ``/summary`` itself.
    design : Design
    levels : Levels, optional
        A `Coupling`, where inputs depend on each other.
    probability : float
        Coverage probability of the intervals.
    store : {"full", "summary", "zarr"}
        "summary" keeps no draws; "zarr" writes them to `folder` as they come.
    folder : Path, optional
        Of the Zarr store, for "zarr" alone.
    threads, task_pages, runner
        How the work is shared out, as for `propagate`; the result does not depend on
        it.
    budget : int
        Bytes. In full the first output is always kept draw by draw, any other table if
        its draws take no more. Quantiles of what is not kept are exact as long as all
        of its draws take no more, and to ``quantile_relative_error`` beyond.
    progress : callable, optional
        Told how many draws each finished block did.

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
    outputs = list(model.outputs.values())
    uncertain, constant = _inputs(model)
    kept, stored = _shown(model, design, store, budget)
    todo = blocks(design.draws, task_pages)
    draws = _on_disk(model, kept, stored, folder, todo) if store == "zarr" else None
    reduced = summarise_model(
        model,
        design,
        outputs,
        levels=levels,
        probability=probability,
        threads=threads,
        task_pages=task_pages,
        runner=runner,
        budget=budget,
        shown=[*kept, *stored],
        store=draws,
        progress=progress,
    )
    here = [] if draws else kept
    drawn = {table.name: reduced.draws(table) for table in ([] if draws else stored)}
    # draws are still being put in order; numbers come under these labels last
    first, *others = outputs
    found = [reduced.blank(first)]
    known = {str(dim) for dim in found[0].dims}
    found += [reduced.blank(table, known) for table in others]
    found[0].attrs["table"] = first.name
    summary = xr.DataTree(found[0])
    tree = xr.DataTree()
    # node by node: to make it of a mapping copies every group twice
    tree.children = {
        "draws": xr.DataTree(
            xr.Dataset(
                {table.name: reduced.draws(table) for table in here},
                _labels(model, kept),
            )
        ),
        "inputs": xr.DataTree(
            _input_dataset(model, drawn, constant, _note(uncertain, stored, store))
        ),
        "summary": summary,
    }
    summary.children = {
        table.name: xr.DataTree(data)
        for table, data in zip(others, found[1:], strict=True)
    }
    for table, data in zip(outputs, found, strict=True):
        reduced.fill(table, data)
    return tree


def simulate(
    model: Model,
    *,
    draws: int = 16384,
    seed: int = 1,
    design: Literal["sobol", "latin_hypercube", "random"] = "sobol",
    replicates: int = 16,
    probability: float = 0.95,
    threads: int = 1,
) -> xr.DataTree:
    """Draw the inputs of a model, compute its outputs and their statistics.

    Parameters
    ----------
    model : Model
    draws : int
        Rounded up to a whole number of replicates; of powers of 2 with "sobol".
    seed : int
    design : {"sobol", "latin_hypercube", "random"}
    replicates : int
        Independent scrambles or hypercubes, whose spread gives the errors.
    probability : float
        Coverage probability of the intervals.
    threads : int
        The result does not depend on it.

    Returns
    -------
    DataTree
        ``/draws``, ``/inputs`` and ``/summary``; see `run`.

    Raises
    ------
    DesignError
        A number is not possible.
    ModelError
        A draw is not finite.

    Examples
    --------
    >>> from uncertainty.distributions import build
    >>> a = build("uniform", {"low": 0.0, "high": 1.0})
    >>> model = Model.from_function(lambda a: 2 * a, {"a": a}, {"y": "1"})
    >>> tree = simulate(model, draws=1024)
    >>> round(float(tree["summary/mean"][0]), 3)
    1.0
    """
    points = make_design(
        design, draws=draws, seed=seed, columns=model.columns, replicates=replicates
    )
    return run(model, points, probability=probability, threads=threads)


def _on_disk(
    model: Model,
    kept: list[Table],
    stored: list[Table],
    folder: Path | None,
    todo: list[Block],
) -> DrawStore:
    if folder is None:
        raise ValueError("a Zarr store takes a folder")
    from uncertainty.run.zarr_draws import ZarrDraws

    places = [*(("draws", t) for t in kept), *(("inputs", t) for t in stored)]
    return ZarrDraws(folder, model, places, todo)


def _shown(
    model: Model, design: Design, store: Store, budget: int
) -> tuple[list[Table], list[Table]]:
    """Outputs and inputs whose draws a result keeps."""
    if store == "summary":
        return [], []
    outputs = [table for table in model.outputs.values() if table.stored]
    # a store on disk has room for what may be compared, whatever the number of draws
    large = 1 if store == "full" else HEADLINE
    kept = [
        table
        for i, table in enumerate(outputs)
        if i < large or _bytes(table, design) <= budget
    ]
    uncertain, _ = _inputs(model)
    fits = sum(_bytes(table, design) for table in uncertain) <= budget
    return kept, uncertain if fits else []


def _labels(model: Model, kept: list[Table]) -> xr.Coordinates:
    """Labels of what is kept, which stand in a result that holds no draws too."""
    found: dict[str, tuple[str | int, ...]] = {"scenario": model.scenarios}
    if model.years:
        found["year"] = model.years
    found |= {dim: tuple(t.coords[dim]) for t in kept for dim in t.dims}
    return labelled(*found.items())


def _bytes(table: Table, design: Design) -> int:
    return int(table.nodes.size) * design.draws * 8


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


def _note(uncertain: list[Table], stored: list[Table], store: Store) -> str:
    if len(stored) == len(uncertain):
        return "yes"
    if store == "summary":
        return "no: only statistics were asked for; the seed makes them"
    return "no: the draws exceed the budget; the seed makes them"


def _input_dataset(
    model: Model,
    drawn: Mapping[str, xr.DataArray],
    constant: list[Table],
    note: str,
) -> xr.Dataset:
    fixed = {t.name: label(model, t, model.point(t).ravel()) for t in constant}
    found = dict(drawn) | fixed
    ordered = {name: found[name] for name in model.inputs if name in found}
    return xr.Dataset(ordered, attrs={"draws_stored": note})
