"""A run as it lies in a file: statistics first and small, each row of draws once.

============  ==========================================================================
group         variables (dims)
============  ==========================================================================
``/summary``  one a table of statistics (scenario[, year], ..., statistic)
``/rows``     ``values (row, draw)``: each distinct row of draws once. Where quantities
              follow from fewer rows by exact arithmetic, those rows, and the formulas
``/draws``    one a table (scenario[, year], ...): the number of each quantity
``/inputs``   ``quantity`` and ``constant`` (parameter, scenario[, year]); along
              ``parameter``, what is known of each
============  ==========================================================================

A number of -1 stands for what does not exist or is a constant. Labels of ``statistic``
are those of the variables in memory: ``mean``, ``coverage:lower``,
``percentile:0.975``. Other groups lie as they are.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.run.rows import ABSENT, Held, RowStore, expanded, rows_of

Groups = Mapping[str, xr.Dataset]
WITHIN = ("bound", "level", "statistic")
"""Dims of a table's statistics beyond those of its quantities."""
TOP = "table"
"""Attribute of ``/summary``: the name of the table whose statistics stand in it."""
WHOLE = 2**27
"""Bytes of rows that are read from a file at once, and kept."""
BY = "varies_by"
"""What is known of a parameter: the dims that change it, in words."""


def pack(groups: Groups, *, draws: bool = True) -> dict[str, xr.Dataset]:
    """Groups of a run as they are written.

    Parameters
    ----------
    groups : mapping of path to Dataset
        ``summary``, ``summary/<table>``, ``draws``, ``inputs`` and others, as
        `uncertainty.run.run` makes them.
    draws : bool
        Leave ``draws`` and ``inputs`` out if False: they are on disk already.

    Returns
    -------
    dict of path to Dataset
    """
    packed = {"summary": _pack_summary(groups)}
    for path, data in groups.items():
        if path.split("/")[0] not in {"", "summary", "draws", "inputs"}:
            packed[path] = data
    if draws:
        drawn = {
            f"{group}/{name}": variable
            for group in ("draws", "inputs")
            for name, variable in groups[group].variables.items()
            if "draw" in variable.dims and name not in groups[group].coords
        }
        packed["rows"], numbers = _pack_rows(drawn)
        packed["inputs"] = _pack_inputs(groups["inputs"], groups["draws"], numbers)
        packed["draws"] = _pack_draws(groups["draws"], numbers)
    return packed


def encoding(data: xr.Dataset, *, single: bool = False) -> dict[str, dict[str, Any]]:
    """How a packed group is written: rows compressed, a row a chunk.

    Without loss, unless `single` keeps some seven digits of each draw.
    """
    if "values" not in data or not data["values"].size:
        return {}
    chunks = (1, data.sizes["draw"])
    how = {"zlib": True, "complevel": 1, "shuffle": True, "chunksizes": chunks}
    return {"values": {**how, "dtype": "float32"} if single else how}


def unpack(path: str, read: Callable[[str], xr.Dataset | None]) -> xr.Dataset | None:
    """One group of a run out of what a file holds.

    Parameters
    ----------
    path : str
        ``summary``, ``summary/<table>``, ``draws``, ``inputs`` or another.
    read : callable
        Gives a packed group; None where there is none.

    Returns
    -------
    Dataset or None
        Its draws are read when they are asked for.
    """
    group, _, table = path.partition("/")
    data = read("summary" if group == "summary" else path)
    if data is None:
        return None
    if group == "summary":
        return _unpack_summary(data, table or str(data.attrs[TOP]))
    rows = read("rows")
    if rows is None or group not in {"draws", "inputs"}:
        return data
    store = _unpack_rows(rows)
    if group == "draws":
        return _unpack_draws(data, store)
    return _unpack_inputs(data, store)


def tables(packed: xr.Dataset) -> list[str]:
    """Paths of the tables of a packed ``/summary``."""
    top = str(packed.attrs[TOP])
    names = [str(name) for name in packed.data_vars]
    return ["summary" if name == top else f"summary/{name}" for name in names]


def _pack_summary(groups: Groups) -> xr.Dataset:
    found: dict[str, xr.DataArray] = {}
    labels: list[str] = []
    within: dict[str, str] = {}
    own: dict[str, dict[Hashable, Any]] = {}
    top = str(groups["summary"].attrs[TOP])
    for path, data in groups.items():
        if path.split("/")[0] != "summary":
            continue
        name = path.partition("/")[2] or top
        columns: list[FloatArray] = []
        labels = []
        for word, array in data.data_vars.items():
            if array.attrs != data["mean"].attrs:
                own[str(word)] = dict(array.attrs)
            inner = (
                str(array.dims[-1]) if array.dims[-1:] != data["mean"].dims[-1:] else ""
            )
            if inner not in WITHIN:
                labels.append(str(word))
                columns.append(array.values[..., None])
                continue
            within[str(word)] = inner
            labels += [f"{word}:{label}" for label in data[inner].values.tolist()]
            columns.append(array.values)
        mean = data["mean"]
        found[name] = xr.DataArray(
            np.concatenate(columns, axis=-1),
            dims=(*mean.dims, "statistic"),
            coords=dict(mean.coords),
            attrs={**mean.attrs, **{k: v for k, v in data.attrs.items() if k != TOP}},
        )
    attrs = {TOP: top, "within": json.dumps(within), "own": json.dumps(own)}
    return xr.Dataset(found, attrs=attrs).assign_coords(statistic=labels)


def _unpack_summary(packed: xr.Dataset, table: str) -> xr.Dataset | None:
    if table not in packed:
        return None
    whole = packed[table].transpose(..., "statistic")
    values, dims = whole.values, whole.dims[:-1]
    within = json.loads(packed.attrs["within"])
    places: dict[str, list[int]] = {}
    labels: dict[str, list[Any]] = {}
    for i, label in enumerate(packed["statistic"].values.tolist()):
        word, _, inner = label.partition(":")
        places.setdefault(word, []).append(i)
        labels.setdefault(word, []).append(inner)
    own = json.loads(packed.attrs["own"])
    of_table = ("units", "long_name", "label", "note")
    attrs = {k: v for k, v in whole.attrs.items() if k in of_table}
    found: dict[str, Any] = {}
    coords = {k: c for k, c in whole.coords.items() if "statistic" not in c.dims}
    for word, where in places.items():
        if word not in within:
            found[word] = (dims, values[..., where[0]], own.get(word, attrs))
            continue
        dim = within[word]
        found[word] = ((*dims, dim), values[..., where], own.get(word, attrs))
        known = labels[word]
        coords[dim] = (dim, [float(x) for x in known] if dim == "level" else known)
    rest = {k: v for k, v in whole.attrs.items() if k not in attrs}
    return xr.Dataset(found, coords, {**rest, TOP: table})


def _pack_rows(
    arrays: Mapping[str, xr.Variable],
) -> tuple[xr.Dataset, dict[str, IntArray]]:
    """Rows behind some arrays (..., draw), and the number of each quantity of each."""
    stores = {name: rows_of(array) for name, array in arrays.items()}
    first = next(iter(stores.values()), None)
    from uncertainty.run.recomputed import Recomputed

    if first is not None and isinstance(first[0], Recomputed):
        store = first[0]
        if all(found is not None and found[0] is store for found in stores.values()):
            numbers = {name: found[1] for name, found in stores.items() if found}
            values = store.kept.rows(np.arange(store.kept.size), slice(None))
            data = store.formulas.to_dataset()
            return data.assign(values=(("row", "draw"), values)), numbers
    values, numbers = _common(arrays)
    return xr.Dataset({"values": (("row", "draw"), values)}), numbers


def _unpack_rows(data: xr.Dataset) -> RowStore:
    kept = _Filed(data["values"].variable)
    if "operation" not in data:
        return kept
    from uncertainty.run.recomputed import Formulas, Recomputed

    return Recomputed(kept, Formulas.from_dataset(data))


def _pack_draws(data: xr.Dataset, numbers: Mapping[str, IntArray]) -> xr.Dataset:
    found = {
        name: (array.dims[:-1], numbers[f"draws/{name}"].astype(np.int32), array.attrs)
        for name, array in data.data_vars.items()
    }
    return xr.Dataset(found, data.coords, data.attrs)


def _unpack_draws(packed: xr.Dataset, store: RowStore) -> xr.Dataset:
    found = {
        name: expanded(
            store,
            array.values.astype(np.intp),
            tuple(str(d) for d in array.dims),
            array.coords,
            array.attrs,
        )
        for name, array in packed.data_vars.items()
    }
    return xr.Dataset(found, packed.coords, packed.attrs)


def _pack_inputs(
    data: xr.Dataset, draws: xr.Dataset, numbers: Mapping[str, IntArray]
) -> xr.Dataset:
    """Inputs as one labelled array, with what is known of each along ``parameter``."""
    names = [str(name) for name in data.data_vars]
    cells = {d: draws.coords[d] for d in ("scenario", "year") if d in draws.coords}
    shape = tuple(c.size for c in cells.values())
    where = np.full((len(names), *shape), ABSENT, dtype=np.int32)
    constant = np.full((len(names), *shape), np.nan)
    known: dict[str, list[str]] = {}
    for i, name in enumerate(names):
        array = data.variables[name]  # data[name] would look at all the others
        dims = [d for d in array.dims if d != "draw"]
        spread = tuple(slice(None) if d in dims else None for d in cells)
        if "draw" in array.dims:
            where[i] = numbers[f"inputs/{name}"][spread]
        else:
            constant[i] = array.values[spread]
        for word, value in {**array.attrs, BY: " ".join(map(str, dims))}.items():
            known.setdefault(str(word), [""] * len(names))[i] = str(value)
    axes = ("parameter", *cells)
    found: dict[str, Any] = {
        "quantity": (axes, where),
        "constant": (axes, constant),
    }
    coords: dict[str, Any] = {"parameter": names, **cells}
    found |= {f"known_{word}": ("parameter", each) for word, each in known.items()}
    return xr.Dataset(found, coords, data.attrs)


def _unpack_inputs(packed: xr.Dataset, store: RowStore) -> xr.Dataset:
    where = packed["quantity"].values.astype(np.intp)
    constant = packed["constant"].values
    words = {
        str(name).removeprefix("known_"): packed[name].values
        for name in packed.data_vars
        if str(name).startswith("known_")
    }
    by = words.pop(BY, np.empty(0, dtype=str))
    cells = [str(d) for d in packed["quantity"].dims[1:]]
    found: dict[str, xr.DataArray] = {}
    for i, name in enumerate(packed["parameter"].values.tolist()):
        dims = tuple(str(by[i]).split())
        cut = tuple(slice(None) if d in dims else 0 for d in cells)
        attrs = {word: str(each[i]) for word, each in words.items() if each[i] != ""}
        coords = {d: packed.coords[d] for d in dims}
        if (where[i] != ABSENT).any():
            found[name] = expanded(store, where[i][cut], dims, coords, attrs, name)
        else:
            found[name] = xr.DataArray(constant[i][cut], coords, dims, name, attrs)
    return xr.Dataset(found, attrs=packed.attrs)


def _common(
    arrays: Mapping[str, xr.Variable],
) -> tuple[FloatArray, dict[str, IntArray]]:
    """Distinct rows of some arrays (..., draw) together, and which each cell is."""
    place: dict[bytes, int] = {}
    rows: list[FloatArray] = []
    seen: dict[tuple[int, int], int] = {}
    found: dict[str, IntArray] = {}
    for name, array in arrays.items():
        store, index = rows_of(array) or _held(array.values)
        new = [ABSENT] * index.size
        for cell, row in enumerate(index.ravel().tolist()):
            if row == ABSENT:
                continue
            if (id(store), row) not in seen:
                one = store.rows(np.array([row]), slice(None))[0]
                if np.isnan(one[0]):  # absent in every draw
                    seen[id(store), row] = ABSENT
                else:
                    last = len(rows)
                    seen[id(store), row] = place.setdefault(one.tobytes(), last)
                    if seen[id(store), row] == last:
                        rows.append(one)
            new[cell] = seen[id(store), row]
        places: IntArray = np.array(new, dtype=np.int32)
        found[name] = places.reshape(index.shape)
    return np.stack(rows) if rows else np.empty((0, 0)), found


def _held(values: FloatArray) -> tuple[RowStore, IntArray]:
    """A plain array (..., draw) as rows of its own."""
    flat = values.reshape(-1, values.shape[-1])
    index: IntArray = np.arange(len(flat)).reshape(values.shape[:-1])
    return Held(flat), index


class _Filed:
    """Rows in a file; see `RowStore`. They are read once if they are few."""

    def __init__(self, rows: xr.Variable) -> None:
        self._rows = rows
        self.size, self.draws = int(rows.sizes["row"]), int(rows.sizes["draw"])

    def rows(self, which: IntArray, draws: slice) -> FloatArray:
        """See `RowStore.rows`."""
        if self.size * self.draws * 8 <= WHOLE:
            found: FloatArray = self._values[which, draws]
            return found
        if not which.size:
            return np.empty((0, len(range(*draws.indices(self.draws)))))
        first, last = int(which[0]), int(which[-1]) + 1
        if last - first <= 2 * which.size:  # one piece is read at once
            piece = self._rows[first:last, draws].values
            found = piece[which - first].astype(float, copy=False)
            return found
        rows = [self._rows[int(i), draws].values for i in which]
        return np.stack(rows).astype(float, copy=False)

    @cached_property
    def _values(self) -> FloatArray:
        # a file may keep them in single precision; what follows is in double
        values: FloatArray = self._rows.values.astype(float, copy=False)
        return values


_: type[RowStore] = _Filed
