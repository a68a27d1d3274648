"""Design -> inputs -> model -> labelled draws, page by page over threads."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.designs import Design, Levels
from uncertainty.distributions.tabulated import tabulate
from uncertainty.errors import ModelError
from uncertainty.model import Model, Table
from uncertainty.model.graph import ABSENT, Graph, Quantile, program
from uncertainty.run.pages import NotFinite, Pages
from uncertainty.seeds import page_slice
from uncertainty.statistics import Frame, labelled
from uncertainty.workers.blocks import (
    Block,
    Payload,
    Room,
    Runner,
    Take,
    Threads,
    Work,
    blocks,
)

Progress = Callable[[int], None]


def propagate(
    model: Model,
    design: Design,
    tables: Sequence[Table],
    *,
    levels: Levels | None = None,
    threads: int = 1,
    task_pages: int | None = None,
    runner: Runner | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Draws of `tables` under `design`.

    Parameters
    ----------
    model : Model
    design : Design
        Points on the unit cube, page by page.
    tables : sequence of Table
        Inputs or outputs of `model`; only what they depend on is computed.
    levels : Levels, optional
        A `Coupling`, where dependence stands between the design and the marginals;
        the design's own levels by default.
    threads : int
        Pages are computed side by side; the result does not depend on it.
    task_pages : int, optional
        Pages that are done at a time; the result does not depend on it.
    runner : Runner, optional
        Who does the work, in place of threads; the result does not depend on it.
    progress : callable, optional
        Told after each task how many draws it did.

    Returns
    -------
    Dataset, variables (scenario, year, ..., draw)
        ``year`` is absent if the model has none. Absent cells are NaN.

    Raises
    ------
    ModelError
        A draw is not finite or breaks a check; names the formula, the draw and the
        inputs that were extreme.
    """
    nodes = [t.nodes.ravel() for t in tables]
    rows = np.concatenate(nodes) if nodes else np.empty(0, dtype=np.intp)
    factors = np.repeat([t.factor for t in tables], [n.size for n in nodes])
    made = Pages(
        model.graph,
        model.checks,
        tuple(rows.tolist()),
        tuple(factors.tolist()),
        levels or design,
    )
    values = np.empty((rows.size, design.draws))
    values[rows == ABSENT] = np.nan

    def take(block: Block, found: Payload) -> None:
        if not np.may_share_memory(found["draws"], values):  # it came from elsewhere
            values[:, block.draws] = found["draws"]
        if progress:
            progress(block.stop - block.start)

    perform(
        model,
        design,
        Drawing(made),
        runner or Threads(threads),
        blocks(design.draws, task_pages),
        take,
        lambda block: values[:, block.draws],
    )
    ends = np.cumsum([n.size for n in nodes])
    return xr.Dataset(
        {
            table.name: label(model, table, values[end - n.size : end], ("draw",))
            for table, n, end in zip(tables, nodes, ends.tolist(), strict=True)
        }
    )


def perform(
    model: Model,
    design: Design,
    work: "PageWork",
    runner: Runner,
    todo: Sequence[Block],
    take: Take,
    room: Room | None = None,
) -> None:
    """Have every block worked out; say which formula is at fault where one fails.

    Raises
    ------
    ModelError
        As for `propagate`.
    """
    try:
        runner.run(work, todo, take, room)
    except NotFinite as fault:
        text = diagnose(model, design, work.pages, fault.page)
        raise ModelError(text) from None


class PageWork(Work, Protocol):
    """Work that consists of pages."""

    @property
    def pages(self) -> Pages:
        """What is filled."""


@dataclass(frozen=True)
class Drawing:
    """Draws of every node, block by block."""

    pages: Pages

    def __call__(self, block: Block, room: FloatArray | None = None) -> Payload:
        """See `Work`; ``draws`` has the shape (node, draw)."""
        out = room
        if out is None:
            absent = [node == ABSENT for node in self.pages.nodes]
            out = np.empty((len(absent), block.stop - block.start))
            out[absent] = np.nan
        for page, span in block.pages():
            self.pages.fill(page, out[:, span])
        return {"draws": out}


def label(
    model: Model,
    table: Table,
    values: FloatArray,
    extra: tuple[str, ...] = (),
) -> xr.DataArray:
    """Values of a table, shape (cell, *extra), under the table's dims and labels.

    Parameters
    ----------
    model : Model
    table : Table
    values : ndarray, shape (cells of ``table.nodes`` in C order, *extra)
    extra : tuple of str
        Dims that `values` has behind the cells.

    Returns
    -------
    DataArray, dims of `frame_of` and `extra`
    """
    frame = frame_of(model, table)
    return xr.DataArray(
        values.reshape((*frame.shape, *values.shape[values.ndim - len(extra) :])),
        dims=(*frame.dims, *extra),
        coords=frame.coords,
        name=table.name,
        attrs=frame.attrs,
    )


def frame_of(model: Model, table: Table, known: Collection[str] = ()) -> Frame:
    """Labels of a table's cells, dims (scenario, year, *table.dims).

    Without the dims that the table shares, and without ``year`` if the model has no
    years. Dims that are `known` have no labels: what they are put under has them.
    """
    dropped = set(table.shared) | (set() if model.years else {"year"})
    labels: dict[str, tuple[str | int, ...]] = {
        "scenario": model.scenarios,
        "year": model.years,
        **{dim: table.coords[dim] for dim in table.dims},
    }
    # what is dropped has one cell
    sizes = zip(labels, table.nodes.shape, strict=True)
    kept = {dim: size for dim, size in sizes if dim not in dropped}
    coords = labelled(*((dim, labels[dim]) for dim in kept if dim not in known))
    attrs = {"units": table.units, "long_name": table.long_name, **table.attrs}
    return Frame(tuple(kept), tuple(kept.values()), coords, attrs)


def diagnose(model: Model, design: Design, made: Pages, page: int) -> str:
    """Which formula first made a value that is not finite, in which draw, and why."""
    graph, run, levels = model.graph, made.program, made.levels
    piece = page_slice(page, design.draws)
    bad: dict[int, int] = {}

    def look(position: int, values: FloatArray | float) -> None:
        where = np.flatnonzero(~np.isfinite(np.atleast_1d(values)))
        if where.size:
            bad[run.outputs[position]] = int(where[0])

    def leaf(what: Quantile) -> FloatArray:
        values = tabulate(what.marginal)(levels.levels(what.column, page))
        return values * what.factor

    with np.errstate(all="ignore"):
        run.run(piece.stop - piece.start, leaf, look)
    draw = min(bad.values())

    def one(what: Quantile) -> FloatArray:
        level = levels.levels(what.column, page)[draw : draw + 1]
        return tabulate(what.marginal)(level) * what.factor

    # what a formula leads to has a name, what was kept on the way to it has none
    paths = [_path(graph, node, one) for node, first in bad.items() if first == draw]
    path = max(paths, key=lambda nodes: not graph.labels.keys().isdisjoint(nodes))
    named = [graph.labels[node] for node in reversed(path) if node in graph.labels]
    extremes = []
    for node in graph.upstream(path[-1:]):
        payload = graph.payloads[node]
        if isinstance(payload, Quantile):
            at = float(levels.levels(payload.column, page)[draw])
            value = float(payload.marginal.ppf(np.array([at]))[0])
            extremes.append((min(at, 1 - at), payload.column, value, at))
    told = ", ".join(
        f"{column} = {value:.6g} (quantile level {at:.3g})"
        for _, column, value, at in sorted(extremes)[:3]
    )
    return (
        f"draw {piece.start + draw}: {named[0] if named else 'an output'} is not "
        f"finite ({graph.operations[path[-1]]}); the inputs behind it: "
        f"{told or 'constants only'}. Bound them (bounds: {{low: ..., high: ...}}) or "
        "mend the formula"
    )


def _path(
    graph: Graph, output: int, leaf: Callable[[Quantile], FloatArray]
) -> list[int]:
    """Nodes from an output down to the first that is not finite, in one draw.

    Only through what was taken: a branch of ``where`` that was not may be anything.
    """
    every = program(graph, graph.upstream([output]))
    values: dict[int, float] = {}

    def keep(position: int, value: FloatArray | float) -> None:
        values[every.outputs[position]] = float(np.ravel(value)[0])

    with np.errstate(all="ignore"):
        every.run(1, leaf, keep)
    path = [output]
    while True:
        operands = graph.operands[path[-1]]
        if graph.operations[path[-1]] == "where":
            operands = (operands[1] if values[operands[0]] else operands[2],)
        bad = [node for node in operands if not np.isfinite(values[node])]
        if not bad:
            return path
        path.append(bad[0])
