"""A result on disk: written whole or not, opened group by group."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import xarray as xr

from scenarios.results.result import LABELLED, Result
from uncertainty import storage
from uncertainty.errors import StorageError
from uncertainty.run.layout import encoding, pack, tables, unpack

NEEDED = (
    *("study", "title", "config", "units", "seed", "design", "draws", "draws_asked"),
    *("replicates", "coverage_probability", "reference"),
)
"""Attributes that every result has."""
NETCDF, ZARR = "results.nc", "results.zarr"


def open_result(path: str | Path) -> Result:
    """Open a result that ``potline run`` wrote.

    Parameters
    ----------
    path : str or Path
        Its file, or the folder that holds it.

    Returns
    -------
    Result
        Groups of the file are read when they are asked for.

    Raises
    ------
    StorageError
        There is no such file, it is not a result, or its layout is of a version that
        this release does not know.

    Examples
    --------
    >>> import tempfile
    >>> from scenarios.loading.load import load
    >>> result = load("configs/minimal.yaml").run(draws=1024)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_result(result, Path(folder) / "results.nc")
    ...     open_result(folder).study
    'minimal'
    """
    path = result_file(Path(path))
    opened = storage.Opened(path)
    absent = [word for word in NEEDED if word not in opened.attributes]
    missing = sorted({"summary", "draws", "inputs"} - set(opened))
    if absent or missing:
        parts = (("attribute", absent), ("group", missing))
        told = [f"no {what} {', '.join(words)}" for what, words in parts if words]
        text = "; ".join(told)
        raise StorageError(f"{path}: not a potline result ({text})")
    labelled = opened.schema == 1 or opened.attributes.get("layout") == LABELLED
    groups = _Inherited(opened) if labelled else _Unpacked(opened)
    result = Result(groups, opened.attributes, path)
    if opened.sealed:
        return result
    try:
        _ = result.config, result.statistics, result.draws, result.replicates
        _ = result.seed, result.coverage_probability, result.labels[result.reference]
    except StorageError:
        raise
    except Exception as error:  # whatever a file holds that no run has written
        text = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise StorageError(f"{path}: not a potline result ({text})") from error
    return result


def result_file(path: Path) -> Path:
    """The dataset of a result that is named by its file or its folder."""
    if not path.is_dir() or path.suffix == ".zarr":
        return path
    store = path / ZARR
    return store if store.is_dir() else path / NETCDF


def write_result(result: Result, path: Path) -> None:
    """Write a result as ``results.nc``: each distinct row of draws once.

    An attribute ``precision`` of "single" keeps draws as 32-bit numbers; statistics
    stay those of the draws in double precision.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    packed = pack(result.groups)
    tree = xr.DataTree.from_dict(packed)
    tree.attrs = dict(result.attributes)
    single = result.attributes.get("precision") == "single"
    how = {f"/{n}": encoding(data, single=single) for n, data in packed.items()}
    storage.save(tree, path, {name: each for name, each in how.items() if each})


def write_store(result: Result, part: Path, path: Path) -> None:
    """Write all but the draws into the Zarr store that holds them already.

    Raises
    ------
    StorageError
        The store cannot be written or moved.
    """
    groups = result.groups
    fixed = groups["inputs"].drop_vars(
        [n for n, x in groups["inputs"].items() if "draw" in x.dims]
    )
    packed = pack(groups, draws=False) | {"draws": groups["draws"], "inputs": fixed}
    tree = xr.DataTree.from_dict(packed)
    tree.attrs = dict(result.attributes)
    storage.save_store(tree, part, path)


class _Unpacked(Mapping[str, xr.Dataset]):
    """Groups as they are in memory, out of those of a file."""

    def __init__(self, opened: storage.Opened) -> None:
        self._opened = opened
        self._read: dict[str, xr.Dataset] = {}

    def __getitem__(self, path: str) -> xr.Dataset:
        """One group, read once."""
        if path not in self._read:
            found = unpack(path, self._opened.get)
            if found is None:
                raise KeyError(path)
            self._read[path] = found
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        """Paths of the groups."""
        for name in self._opened:
            if name == "summary":
                yield from tables(self._opened[name])
            elif name != "rows":  # it stands behind the draws and the inputs
                yield name

    def __len__(self) -> int:
        """Number of groups."""
        return sum(1 for _ in self)


class _Inherited(Mapping[str, xr.Dataset]):
    """Groups that stand in a file as they are; tables inherit their labels."""

    def __init__(self, opened: storage.Opened) -> None:
        self._opened = opened

    def __getitem__(self, path: str) -> xr.Dataset:
        """One group with the labels of what it stands under."""
        data = self._opened[path]
        above, _, _ = path.partition("/")
        if above != path and above in self._opened:
            known = self._opened[above].coords
            missing = {k: c for k, c in known.items() if k not in data.coords}
            fits = {k: c for k, c in missing.items() if set(c.dims) <= set(data.dims)}
            data = data.assign_coords(fits)
        return data

    def __iter__(self) -> Iterator[str]:
        """Paths of the groups."""
        return iter(self._opened)

    def __len__(self) -> int:
        """Number of groups."""
        return len(self._opened)
