"""Design -> inputs -> model -> labelled draws, page by page over threads."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.errors import ModelError
from uncertainty.graph import ABSENT, Graph, Program, Quantile, program
from uncertainty.model import Model, Table
from uncertainty.quantiles import tabulate
from uncertainty.sampling import Design
from uncertainty.seeds import PAGE, page_slice, pages

Progress = Callable[[int], None]
Levels = Callable[[str, int], FloatArray]


def propagate(
    model: Model,
    design: Design,
    tables: Sequence[Table],
    *,
    levels: Levels | None = None,
    threads: int = 1,
    task_pages: int = 4,
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
    levels : callable, optional
        (column, page) -> quantile levels, where dependence stands between the
        design and the marginals; the design's own levels by default.
    threads : int
        Pages are computed side by side; the result does not depend on it.
    task_pages : int
        Pages a thread takes at a time; the result does not depend on it.
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
    levels = levels or design.levels
    nodes = [t.nodes.ravel().tolist() for t in tables]
    checks = [check.node for check in model.checks]
    run = program(model.graph, [n for table in nodes for n in table] + checks)
    results = [_rows(n, design.draws) for n in nodes]
    writers = _writers(run, tables, nodes, results)
    messages = {run.outputs.index(c.node): c.message for c in model.checks}

    leaves = _Leaves.of(run, levels)

    def one_page(page: int) -> None:
        piece = page_slice(page, design.draws)

        def use(position: int, values: FloatArray | float) -> None:
            if position in messages and not np.all(np.asarray(values) > 0):
                raise ModelError(f"{messages[position]} (draws from {piece.start})")
            if not np.all(np.isfinite(values)):
                raise _Fault(page)
            for row, factor in writers[position]:
                np.divide(values, factor, out=row[piece])

        with np.errstate(all="ignore"):
            run.run(piece.stop - piece.start, leaves.on(page), use)

    def task(first: int) -> int:
        last = min(first + task_pages, pages(design.draws))
        for page in range(first, last):
            one_page(page)
        return min(last * PAGE, design.draws) - first * PAGE

    try:
        _run_tasks(task, range(0, pages(design.draws), task_pages), threads, progress)
    except _Fault as fault:
        raise ModelError(_diagnose(model, design, levels, run, fault.page)) from None
    return xr.Dataset(
        {
            table.name: label(model, table, result, ("draw",))
            for table, result in zip(tables, results, strict=True)
        }
    )


def _rows(nodes: list[int], draws: int) -> FloatArray:
    """Rows to be filled, NaN where a cell is absent."""
    found = np.empty((len(nodes), draws))
    found[[node == ABSENT for node in nodes]] = np.nan
    return found


@dataclass(frozen=True)
class _Leaves:
    """Values of the inputs of a program at the levels that a design gives them."""

    levels: Levels
    laws: Mapping[int, Callable[[FloatArray], FloatArray]]

    @classmethod
    def of(cls, run: Program, levels: Levels) -> "_Leaves":
        """Look every law's table up once, not once a page."""
        leaves = [step[0] for step in run.steps if isinstance(step[0], Quantile)]
        return cls(levels, {id(leaf): tabulate(leaf.marginal) for leaf in leaves})

    def on(self, page: int) -> Callable[[Quantile], FloatArray]:
        """Values on one page, in coherent base units."""

        def leaf(what: Quantile) -> FloatArray:
            values = self.laws[id(what)](self.levels(what.column, page))
            return values if what.factor == 1.0 else values * what.factor

        return leaf


class _Fault(Exception):
    """A page holds a value that is not finite."""

    def __init__(self, page: int) -> None:
        super().__init__(page)
        self.page = page


def _run_tasks(
    task: Callable[[int], int],
    firsts: range,
    threads: int,
    progress: Progress | None,
) -> None:
    if threads == 1 or len(firsts) == 1:
        done = map(task, firsts)
        for count in done:
            if progress:
                progress(count)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(task, first) for first in firsts]
        try:
            for future in futures:
                count = future.result()
                if progress:
                    progress(count)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _writers(
    run: Program,
    tables: Sequence[Table],
    nodes: list[list[int]],
    results: list[FloatArray],
) -> list[list[tuple[FloatArray, float]]]:
    """Rows that each output of the program fills, with their units' factor."""
    rows: dict[int, list[tuple[FloatArray, float]]] = {n: [] for n in run.outputs}
    for table, flat, result in zip(tables, nodes, results, strict=True):
        for node, row in zip(flat, result, strict=True):
            if node != ABSENT:
                rows[node].append((row, table.factor))
    return [rows[node] for node in run.outputs]


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
    DataArray, dims (scenario, year, *table.dims, *extra)
        Without the dims that the table shares, and without ``year`` if the model
        has no years.
    """
    array = xr.DataArray(
        values.reshape(*table.nodes.shape, *values.shape[values.ndim - len(extra) :]),
        dims=("scenario", "year", *table.dims, *extra),
        name=table.name,
        attrs={"units": table.units, "long_name": table.long_name, **table.attrs},
    )
    dropped = set(table.shared) | (set() if model.years else {"year"})
    array = array.isel(dict.fromkeys(dropped, 0))
    labels = {
        "scenario": list(model.scenarios),
        "year": list(model.years),
        **{dim: list(table.coords[dim]) for dim in table.dims},
    }
    return array.assign_coords({d: labels[d] for d in labels if d in array.dims})


def _diagnose(
    model: Model, design: Design, levels: Levels, run: Program, page: int
) -> str:
    """Which formula first made a value that is not finite, in which draw, and why."""
    graph = model.graph
    piece = page_slice(page, design.draws)
    bad: dict[int, int] = {}

    def look(position: int, values: FloatArray | float) -> None:
        where = np.flatnonzero(~np.isfinite(np.atleast_1d(values)))
        if where.size:
            bad[run.outputs[position]] = int(where[0])

    with np.errstate(all="ignore"):
        run.run(piece.stop - piece.start, _Leaves.of(run, levels).on(page), look)
    output, draw = min(bad.items(), key=lambda found: found[1])

    def level(column: str, page: int) -> FloatArray:
        return levels(column, page)[draw : draw + 1]

    path = _path(graph, output, level, page)
    named = [graph.labels[node] for node in reversed(path) if node in graph.labels]
    extremes = []
    for leaf in graph.upstream(path[-1:]):
        payload = graph.payloads[leaf]
        if isinstance(payload, Quantile):
            at = float(level(payload.column, page)[0])
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


def _path(graph: Graph, output: int, level: Levels, page: int) -> list[int]:
    """Nodes from an output down to the first that is not finite, in one draw.

    Only through what was taken: a branch of ``where`` that was not may be anything.
    """
    every = program(graph, graph.upstream([output]))
    values: dict[int, float] = {}

    def keep(position: int, value: FloatArray | float) -> None:
        values[every.outputs[position]] = float(np.ravel(value)[0])

    with np.errstate(all="ignore"):
        every.run(1, _Leaves.of(every, level).on(page), keep)
    path = [output]
    while True:
        operands = graph.operands[path[-1]]
        if graph.operations[path[-1]] == "where":
            operands = (operands[1] if values[operands[0]] else operands[2],)
        bad = [node for node in operands if not np.isfinite(values[node])]
        if not bad:
            return path
        path.append(bad[0])
