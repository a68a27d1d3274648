"""A whole run: draws, inputs and statistics of a model as one tree of datasets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.model import Model, Table
from uncertainty.propagation import Progress, label, propagate
from uncertainty.sampling import Design, Levels
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
    levels : Levels, optional
        A `Coupling`, where inputs depend on each other.
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
    kept = [
        table
        for i, table in enumerate(outputs)
        if not i or (table.stored and _bytes(table, design) <= budget)
    ]
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
    arrays = [drawn[f"{i}"].rename(table.name) for i, table in enumerate(asked)]
    reduced = _Reduced(model, design, probability, threads)
    for table, array in zip(kept, arrays, strict=False):
        reduced.take(table.nodes, table.factor, array.values)
    reduced.rest(outputs, budget, options)
    groups: dict[str, xr.Dataset] = {
        "draws": xr.Dataset({a.name: a for a in arrays[: len(kept)]}),
        "inputs": _input_dataset(model, arrays[len(kept) :], constant, store),
        "summary": reduced.of(outputs[0]),
    }
    for table in outputs[1:]:
        groups[f"summary/{table.name}"] = reduced.of(table)
    return xr.DataTree.from_dict(groups)


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


def _input_dataset(
    model: Model, drawn: list[xr.DataArray], constant: list[Table], stored: bool
) -> xr.Dataset:
    fixed = {t.name: label(model, t, model.point(t).ravel()) for t in constant}
    found: Mapping[str, xr.DataArray] = {str(a.name): a for a in drawn} | fixed
    ordered = {name: found[name] for name in model.inputs if name in found}
    note = "yes" if stored else "no: the draws exceed the budget; the seed makes them"
    return xr.Dataset(ordered, attrs={"draws_stored": note})


@dataclass
class _Reduced:
    """Statistics by node: what several cells or tables share is reduced once."""

    model: Model
    design: Design
    probability: float
    threads: int
    parts: list[xr.Dataset] = field(default_factory=list)
    rows: dict[tuple[int, float], int] = field(default_factory=dict)

    def take(self, nodes: IntArray, factor: float, values: FloatArray) -> None:
        """Reduce draws of `nodes`, shape (*nodes.shape, draw), in units of `factor`."""
        flat = values.reshape(-1, self.design.draws)
        found, first = np.unique(nodes, return_index=True)
        new = [
            (int(node), int(i))
            for node, i in zip(found, first, strict=True)
            if (int(node), factor) not in self.rows
        ]
        if not new:
            return
        sample = xr.DataArray(flat[[i for _, i in new]], dims=("cell", "draw"))
        part = summarise(
            sample,
            self.probability,
            replicates=self.design.replicates,
            threads=self.threads,
        )
        begin = len(self.rows)
        self.rows |= {(node, factor): begin + k for k, (node, _) in enumerate(new)}
        self.parts.append(part)

    def rest(
        self, tables: list[Table], budget: int, options: Mapping[str, object]
    ) -> None:
        """Reduce what no draws are kept of, as many nodes at a time as fit."""
        wanted: dict[float, list[int]] = {}
        for table in tables:
            for node in np.unique(table.nodes).tolist():
                nodes = wanted.setdefault(table.factor, [])
                if (node, table.factor) not in self.rows and node not in nodes:
                    nodes.append(node)
        size = max(budget // (8 * self.design.draws), 1)
        for factor, nodes in wanted.items():
            for begin in range(0, len(nodes), size):
                piece = np.array(nodes[begin : begin + size])[None, None, :]
                cells = tuple(str(i) for i in range(piece.size))
                table = Table(
                    "rest",
                    "Rest",
                    piece,
                    "",
                    factor,
                    ("cell",),
                    {"cell": cells},
                    shared=("scenario", "year"),
                )
                drawn = propagate(self.model, self.design, [table], **options)  # type: ignore[arg-type]
                self.take(piece, factor, drawn["rest"].values)

    def of(self, table: Table) -> xr.Dataset:
        """Statistics of a table under its own labels."""
        rows = [self.rows[node, table.factor] for node in table.nodes.ravel().tolist()]
        whole = self._whole().isel(cell=rows)
        found = {}
        for name, part in whole.data_vars.items():
            extra = tuple(str(dim) for dim in part.dims if dim != "cell")
            values = part.transpose("cell", ...).values
            array = label(self.model, table, values, extra)
            found[str(name)] = array.assign_coords({d: part[d].values for d in extra})
        found["point"] = label(self.model, table, self.model.point(table).ravel())
        return xr.Dataset(found, attrs=whole.attrs)

    def _whole(self) -> xr.Dataset:
        if len(self.parts) > 1:
            self.parts = [xr.concat(self.parts, "cell", join="exact")]
        return self.parts[0]
