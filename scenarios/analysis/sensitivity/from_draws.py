"""Indices from the draws that a run keeps: no model is run again.

A scenario's outputs depend on its own values of the inputs. In a difference an input
that both sides drew alike is one factor; one that they drew apart is two, the second
called ``id@scenario``.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from scenarios.analysis.sensitivity.dependent_inputs import Ties, ties
from scenarios.analysis.sensitivity.errors import DriverError
from scenarios.analysis.sensitivity.problem import (
    common_units,
    labels_of,
    output_units,
    problem_of,
)
from scenarios.analysis.sensitivity.targets import (
    Question,
    Target,
    chosen_outputs,
    known_outputs,
    targets,
)
from scenarios.model.study import Study
from scenarios.results.result import Result
from uncertainty import sensitivity
from uncertainty.arrays import FloatArray
from uncertainty.model import Model
from uncertainty.sensitivity import CARDS, DUMMY, Problem

Tell = Callable[[int, int], None]
Rows = dict[str, FloatArray]
"""Draws by factor."""


def from_draws(
    method: str,
    result: Result,
    study: Study,
    question: Question,
    *,
    seed: int,
    level: float = 0.95,
    share: float = sensitivity.SHARE,
    model: Model | None = None,
    progress: Tell | None = None,
) -> xr.Dataset:
    """Indices of stored outputs by stored inputs.

    Parameters
    ----------
    method : str
        One that takes a run.
    result : Result
        With the draws of its inputs.
    study : Study
        That it is of.
    question : Question
    seed : int
    level, share : float
        Confidence level of bounds, and what counts as important.
    model : Model, optional
        The study's, if it is made already: it says which inputs an output reads.
    progress : callable, optional
        Told (cells done, cells in all).

    Returns
    -------
    Dataset, dims (scenario, [year,] output, parameter)

    Raises
    ------
    DriverError
        The result holds no draws of its inputs, or not those of an output asked for;
        a scenario or an output is not known; or nothing varies.
    SampleError
        Too few draws.
    """
    inputs = _inputs(result)
    model = model or study.model()
    asked = targets(question, result.labels, study.reference)
    if CARDS[method].of_differences:
        asked = [target for target in asked if target.less is not None]
        if not asked:
            raise DriverError(
                f"{method} is about the choice between two scenarios; name another one "
                "beside the reference"
            )
    outputs = _outputs(result, study, question, asked)
    tied = ties(study)
    reads = _read(model, problem_of(study, question, model=model))
    years = outputs["year"].values.tolist() if "year" in outputs.dims else [None]
    cells: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    rows: dict[tuple[str, ...], Rows] = {}
    for i, target in enumerate(asked):
        for j, year in enumerate(years):
            mine = inputs[reads[target.name]]
            own = _rows(mine, target, year, study.reference, tied)
            key = tuple(f"{name}:{hash(v.tobytes())}" for name, v in own.items())
            cells.setdefault(key, []).append((i, j))
            rows[key] = own
    parts = []
    for done, (key, places) in enumerate(cells.items(), start=1):
        if rows[key]:
            flat = _cells(outputs, places)
            found = _analysed(method, rows[key], flat, tied, result, seed, level, share)
            parts.append((places, found))
        if progress is not None:
            progress(done, len(cells))
    if not parts:
        raise DriverError(
            f"{study.name}: no input varies in the draws; nothing to analyse"
        )
    return _joined(outputs, parts)


def _inputs(result: Result) -> xr.Dataset:
    mend = (
        "run the study again with fewer draws, or take a method that runs the model, "
        "such as sobol"
    )
    if (kept := result.inputs_kept) != "yes":
        raise DriverError(
            f"{result.study}: draws of the inputs are not stored ({kept}); {mend}"
        )
    return result.inputs


def _read(model: Model, problem: Problem) -> dict[str, list[str]]:
    """Stored inputs that each target of a problem reads."""
    columns = {
        id: set(model.graph.columns(np.unique(table.nodes).tolist()))
        for id, table in model.inputs.items()
    }
    found = {}
    for target in problem.outputs["scenario"].values:
        nodes = np.unique(problem.outputs.sel(scenario=target)).tolist()
        read = set(model.graph.columns(nodes))
        found[str(target)] = [id for id, own in columns.items() if own & read]
    return found


def _outputs(
    result: Result, study: Study, question: Question, asked: Sequence[Target]
) -> xr.DataArray:
    """Draws of the outputs asked for, dims (scenario, [year,] output, draw)."""
    draws = {name: x for name in result.tables if (x := result.drawn(name)) is not None}
    labels = {
        name: {str(d): [str(v) for v in array[d].values] for d in array.dims[1:-1]}
        for name, array in draws.items()
    }
    known = known_outputs(labels)
    names = chosen_outputs(question, known)
    parts = []
    for name in names:
        table, chosen = known[name]
        array = draws[table].sel(chosen).drop_vars("output_units", errors="ignore")
        over = [d for d in array.dims if d not in {"scenario", "year", "draw"}]
        array = array.sum(over, min_count=1) if over else array
        parts.append(array.drop_vars([*chosen], errors="ignore"))
    every = xr.concat(parts, "output").transpose("scenario", ..., "output", "draw")
    rows = [
        every.sel(scenario=t.scenario, drop=True)
        if t.less is None
        else every.sel(scenario=t.scenario, drop=True)
        - every.sel(scenario=t.less, drop=True)
        for t in asked
    ]
    units, words = output_units(study, names), labels_of(study)
    drawn = xr.concat(rows, "scenario")
    if question.limit is not None:
        units = ["1"] * len(names)
        drawn = (drawn > question.limit).astype(float).where(drawn.notnull())
    return drawn.assign_coords(
        scenario=[t.name for t in asked],
        output=names,
        output_units=("output", units),
        scenario_label=("scenario", [words[t.scenario] for t in asked]),
        less_label=("scenario", [words[t.less] if t.less else "" for t in asked]),
    ).assign_attrs(units=common_units(units))


def _rows(
    inputs: xr.Dataset, target: Target, year: int | None, reference: str, tied: Ties
) -> Rows:
    """Draws of every factor that may move a target in a year."""
    alike = ([c for c in one.columns if c in inputs] for one in tied.shared)
    followers = {c for columns in alike for c in columns[1:]}
    found: Rows = {}
    for id, array in inputs.items():
        if "draw" not in array.dims or id in followers:
            continue
        own = _cell(array, target.scenario, year)
        other = own if target.less is None else _cell(array, target.less, year)
        rows = [values for values in (other, own) if not _constant(values)]
        if not rows:
            continue
        if len(rows) == 1 or _alike(*rows):
            found[str(id)] = rows[0]
            continue
        for name, values in zip((target.less, target.scenario), rows, strict=True):
            at_home = _alike(values, _cell(array, reference, year))
            found[str(id) if at_home else f"{id}@{name}"] = values
    return found


def _cell(array: xr.DataArray, scenario: str, year: int | None) -> FloatArray:
    if "scenario" in array.dims:
        array = array.sel(scenario=scenario)
    if "year" in array.dims:
        array = array.sel(year=year)
    values: FloatArray = array.values
    return values


def _constant(values: FloatArray) -> bool:
    return bool(np.isnan(values).all() or values.min() == values.max())


def _alike(one: FloatArray, other: FloatArray) -> bool:
    """Whether two rows were drawn alike: they rise together in every draw."""
    if one is other or np.array_equal(one, other):
        return True
    rising = other[np.argsort(one, kind="stable")]
    return bool((np.diff(rising) >= 0).all())


def _cells(outputs: xr.DataArray, places: list[tuple[int, int]]) -> xr.DataArray:
    """Outputs of some cells of scenario and year, dims (cell, output, draw)."""
    values = outputs.values
    rows = [values[i, j] if "year" in outputs.dims else values[i] for i, j in places]
    return xr.DataArray(
        np.stack(rows), dims=("cell", "output", "draw"), attrs=outputs.attrs
    )


def _analysed(
    method: str,
    rows: Rows,
    outputs: xr.DataArray,
    tied: Ties,
    result: Result,
    seed: int,
    level: float,
    share: float,
) -> xr.Dataset:
    inputs = xr.DataArray(
        np.stack(list(rows.values())),
        dims=("parameter", "draw"),
        coords={"parameter": list(rows)},
    )
    return sensitivity.of_run(
        method,
        inputs,
        outputs,
        seed=seed,
        replicates=result.replicates,
        level=level,
        share=share,
        probability=result.coverage_probability,
        blocks=_dependent(rows, tied),
    )


def _dependent(rows: Rows, tied: Ties) -> Mapping[str, Sequence[str]]:
    """Factors that depend on each other, by the name of what ties them."""
    sets = dict(tied.shares)
    sets |= {", ".join(c.columns): c.columns for c in tied.copulas}
    inside = {name: [id for id in ids if id in rows] for name, ids in sets.items()}
    return {name: ids for name, ids in inside.items() if len(ids) > 1}


def _joined(
    outputs: xr.DataArray, parts: list[tuple[list[tuple[int, int]], xr.Dataset]]
) -> xr.Dataset:
    """Cells put back under the outputs' labels, factors of all of them together."""
    every = [str(p) for _, part in parts for p in part["parameter"].values]
    names = [*(n for n in dict.fromkeys(every) if n != DUMMY), DUMMY]
    place = {name: i for i, name in enumerate(names)}
    frame = outputs.isel(draw=0, drop=True)
    found: dict[str, xr.DataArray] = {}
    for name, example in parts[0][1].data_vars.items():
        wide = "parameter" in example.dims
        shape = (*frame.shape, len(names)) if wide else frame.shape
        blank = {"f": np.nan, "b": False}.get(example.dtype.kind, 0)
        values = np.full(shape, blank, dtype=example.dtype)
        for places, part in parts:
            at = [place[str(p)] for p in part["parameter"].values]
            for (i, j), cell in zip(places, part[name].values, strict=True):
                row = values[i, j] if "year" in frame.dims else values[i]
                row[(..., at) if wide else ...] = cell
        dims = (*frame.dims, "parameter") if wide else frame.dims
        found[str(name)] = xr.DataArray(values, dims=dims, attrs=example.attrs)
    dataset = xr.Dataset(found, attrs=parts[0][1].attrs)
    dataset = dataset.assign_coords({**frame.coords, "parameter": names})
    tied = (str(part.attrs.get("dependent", "")) for _, part in parts)
    dependent = dict.fromkeys(n for names in tied for n in names.split("; ") if n)
    if "dependent" in dataset.attrs:
        dataset.attrs["dependent"] = "; ".join(dependent)
    blocks = {
        str(p): str(b)
        for _, part in parts
        if "block" in part.coords
        for p, b in zip(part["parameter"].values, part["block"].values, strict=True)
    }
    if blocks:
        told = [blocks.get(name, "") for name in names]
        dataset = dataset.assign_coords(block=("parameter", told))
    return dataset
