"""A run on disk: a tree of datasets as one netCDF-4 file, written whole or not.

A file ends in a seal, the checksum of all that is before it, behind what HDF5 reads.
Of a file without one, of another program or of a release before, a process of its own
first reads the structure and all that is small, which a damaged file can neither stop
nor fill for long; damage to its draws is told when they are read.
"""

import os
import platform
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from uncertainty.errors import StorageError

SCHEMA = 2
"""Version of the layout of a result; a reader refuses what it does not know."""
READABLE = (1, 2)
"""Versions that this release reads."""
ZARR_FORMAT: Literal[2] = 2
"""Version of the store: the third has no settled way to write text yet."""
VERSIONED = (
    *("potline", "h5netcdf", "h5py", "jinja2", "matplotlib", "numpy", "pandas", "pint"),
    *("pydantic", "rich", "ruamel.yaml", "SALib", "scipy", "typer", "xarray"),
)
"""Packages that a run depends on, whose versions a result states."""
LARGE = 2**20
"""Bytes from which on a variable is read only when it is looked at."""
SEAL = b"potline\x00"
"""What stands before the checksum at the end of a file."""
WRITTEN: list[Path] = []
"""Files that this process has put in place so far."""
PIECE = 2**22
"""Bytes that are read at once for a checksum."""
PATIENCE = 10
"""Seconds of a processor that a look at a file without a seal may take."""
ROOM = 2**32
"""Bytes of memory that the look may take."""
MEND = "Take a copy of it, or run the study again"
BARE = "This is a netCDF dimension but not a netCDF variable"
"""What netCDF-4 writes into a dimension that has no labels."""
HIDDEN = {
    *("CLASS", "REFERENCE_LIST", "DIMENSION_LIST", "_NCProperties", "_FillValue"),
    *("_Netcdf4Dimid", "_Netcdf4Coordinates"),
}
"""Attributes of the format itself."""


def provenance() -> dict[str, str]:
    """What a result has to say of the machine and packages that made it.

    Returns
    -------
    dict
        ``versions`` as "name version, ...", ``platform``, ``commit`` and
        ``schema_version``.
    """
    found = []
    for name in VERSIONED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} unknown")
    return {
        "versions": ", ".join(found),
        "platform": f"Python {platform.python_version()}, {platform.platform()}",
        "commit": _commit(Path(__file__).parents[1] / ".git"),
        "schema_version": str(SCHEMA),
    }


def _commit(folder: Path) -> str:
    """Commit of the checkout that holds the package; "none" in an installed wheel."""
    try:
        head = (folder / "HEAD").read_text(encoding="ascii").strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        if (loose := folder / name).is_file():
            return loose.read_text(encoding="ascii").strip()
        packed = (folder / "packed-refs").read_text(encoding="ascii").splitlines()
        return next((line[:40] for line in packed if line.endswith(name)), "none")
    except (OSError, UnicodeDecodeError):
        return "none"


def save(
    tree: xr.DataTree,
    path: Path,
    encoding: Mapping[str, Mapping[str, Mapping[str, object]]] | None = None,
) -> None:
    """Write `tree` to `path` so that a reader finds it whole or not at all.

    Parameters
    ----------
    tree : DataTree
        Its root attributes are kept beside those of `provenance`.
    path : Path
        Ends in ``.nc``; its folder exists.
    encoding : mapping of group to variable to how it is written, optional

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    all_ = xr.DataTree.from_dict({n.path: n.to_dataset() for n in tree.subtree})
    all_.attrs = {**provenance(), **tree.attrs}
    groups = [node.to_dataset(inherit=False) for node in all_.subtree]
    with draft(path, _size(groups)) as part:
        all_.to_netcdf(part, engine="h5netcdf", encoding=dict(encoding or {}))
        _seal(part)


def save_store(tree: xr.DataTree, part: Path, path: Path) -> None:
    """Write all of a run but its draws into the Zarr store that holds them.

    Parameters
    ----------
    tree : DataTree
    part : Path
        The store, where it was made.
    path : Path
        Ends in ``.zarr``; the store takes this name once it is whole.

    Raises
    ------
    StorageError
        The store cannot be written or moved.
    """
    import zarr

    whole = tree.copy()
    whole.attrs = {**provenance(), **tree.attrs}
    try:
        for node in whole.subtree:
            data = node.to_dataset()
            data.to_zarr(
                part,
                group=node.path,
                mode="a",
                consolidated=False,
                zarr_format=ZARR_FORMAT,
            )
        zarr.open_group(part, mode="a").attrs.update(whole.attrs)
        remove(path)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error})") from error


def save_dataset(data: xr.Dataset, path: Path) -> None:
    """Write what was derived from a run, whole or not at all.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    all_ = data.assign_attrs(provenance())
    with draft(path, _size([all_])) as part:
        all_.to_netcdf(part, engine="h5netcdf")
        _seal(part)


def write_text(path: Path, text: str) -> None:
    """Write a text file so that a reader finds it whole or not at all.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    with draft(path) as part:
        part.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds it whole or not at all.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    with draft(path) as part:
        part.write_bytes(content)


def remove(folder: Path) -> None:
    """Remove a folder and all in it, if it is there.

    Raises
    ------
    StorageError
        It cannot be removed.
    """
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be removed ({error})") from error


def make_folder(folder: Path) -> None:
    """Make a folder and what is above it.

    Raises
    ------
    StorageError
        It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made ({error})") from error


@contextmanager
def draft(path: Path, size: int = 0) -> Iterator[Path]:
    """A file beside `path` that takes its name once it is whole.

    Parameters
    ----------
    path : Path
    size : int
        Bytes that must be free: HDF5 may bring the process down on a full disk.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    part = path.with_name(f".{os.urandom(8).hex()}.part")
    try:
        # open to whom the user's umask says, as any new file is
        part.touch(mode=0o666, exist_ok=False)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        if size > (free := shutil.disk_usage(path.parent).free):
            raise StorageError(
                f"{path}: cannot be written (No space left on device: {free} bytes "
                f"are free, up to {size} are needed)"
            )
        yield part
        part.replace(path)
        WRITTEN.append(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise StorageError(f"{path}: cannot be written ({why})") from error
    except RuntimeError as error:  # of HDF5, where the disk has become full
        raise StorageError(f"{path}: cannot be written ({error})") from error
    finally:
        part.unlink(missing_ok=True)


def _size(groups: Iterable[xr.Dataset]) -> int:
    """Bytes that datasets may take in a file, without compression."""
    found = 2**16
    for data in groups:
        found += data.nbytes + 2**12 * len(data.variables)
        found += sum(len(str(value)) for value in data.attrs.values())
    return found


def _checksum(path: Path, size: int) -> bytes:
    """Checksum of the first `size` bytes of a file."""
    found, left = 0, size
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            found = zlib.crc32(piece, found)
            left -= len(piece)
    return found.to_bytes(4, "big")


def _seal(path: Path) -> None:
    """Put the checksum of a file to its end."""
    sum_ = _checksum(path, path.stat().st_size)
    with path.open("ab") as file:
        file.write(SEAL + sum_)


def whole(path: Path) -> bool:
    """Refuse a netCDF file that is damaged, or is none.

    Returns
    -------
    bool
        Whether it is proven to be what was written.

    Raises
    ------
    StorageError
        It cannot be read, or is not what was written.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
            file.seek(max(size - len(SEAL) - 4, 0))
            end = file.read()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    if head.startswith(b"CDF"):
        text = "a netCDF-3 file of another program"
    elif not head:
        text = "it is empty"
    elif head != b"\x89HDF\r\n\x1a\n":
        text = "no netCDF-4 file"
    elif not end.startswith(SEAL):
        text = _looked_at(path)
    elif _checksum(path, size - len(end)) == end[len(SEAL) :]:
        return True
    else:
        text = "damaged: it is not what was written"
    if text:
        raise StorageError(f"{path}: not a potline result ({text}). {MEND}")
    return False


_LOOK = """
import sys
most, seconds, large = map(int, sys.argv[2:])
try:
    import resource
    for limit, value in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CPU, seconds)):
        resource.setrlimit(limit, (value, value))
except ImportError:
    pass
import h5py
def note(name, node):
    dict(node.attrs)
    if isinstance(node, h5py.Dataset) and node.size:
        if node.nbytes <= large:
            node[()]
            return
        if node.chunks:
            node.id.get_num_chunks()
        node[(0,) * node.ndim], node[(-1,) * node.ndim]
with h5py.File(sys.argv[1]) as file:
    dict(file.attrs)
    file.visititems(note)
"""


def _looked_at(path: Path) -> str:
    """What is wrong with a file, as another process finds that reads its structure."""
    command = [sys.executable, "-c", _LOOK, str(path.absolute())]
    command += [str(ROOM), str(PATIENCE), str(LARGE)]
    endless = "damaged: reading it comes to no end"
    try:  # the limit is of a processor: the machine may be busy
        subprocess.run(command, check=True, capture_output=True, timeout=20 * PATIENCE)
    except subprocess.TimeoutExpired:
        return endless
    except subprocess.CalledProcessError as error:
        if error.returncode < 0:  # ended by the limit
            return endless
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        return f"damaged: {lines[-1][:200]}" if lines else "damaged: reading it fails"
    except OSError as error:
        return f"it cannot be looked at: {error.strerror}"
    return ""


def load(path: Path) -> xr.DataTree:
    """Read a result whole into memory, or the statistics of one in a Zarr store.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataTree

    Raises
    ------
    StorageError
        There is no such file, it is not a result, or its layout is of a version
        that this release does not know.
    """
    if not path.exists():
        raise StorageError(f"{path}: no such file; `potline run` writes results.nc")
    try:
        if path.suffix == ".zarr":  # its draws may be more than fit in memory
            tree = load_draws(path)
        else:
            whole(path)
            with xr.open_datatree(path, engine="h5netcdf") as opened:
                tree = opened.load()
    except (OSError, ValueError, LookupError, ImportError, RuntimeError) as error:
        raise StorageError(f"{path}: not a potline result ({error})") from error
    known_schema(path, tree.attrs)
    return tree


def known_schema(path: Path, attributes: Mapping[Any, object]) -> int:
    """Version of a file's layout.

    Raises
    ------
    StorageError
        This release does not know it.
    """
    found = str(attributes.get("schema_version", "none"))
    if found == "none":
        maker = attributes.get("source") or attributes.get("history") or "nobody said"
        raise StorageError(
            f"{path}: not a potline result (a netCDF file of another program: "
            f"{str(maker)[:80]})"
        )
    if found not in map(str, READABLE):
        newer = found.isdecimal() and int(found) > SCHEMA
        mend = "Take a newer release" if newer else "Run the study again"
        raise StorageError(
            f"{path}: schema version {found}; this potline reads version {SCHEMA}. "
            f"{mend}, or read it with the release that wrote it"
        )
    return int(found)


class Opened(Mapping[str, xr.Dataset]):
    """Groups of a netCDF file or a Zarr store, each read when it is asked for.

    Parameters
    ----------
    path : Path

    Raises
    ------
    StorageError
        There is no such file, or it is not a result.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise StorageError(f"{path}: no such file; `potline run` writes results.nc")
        self.sealed = path.suffix != ".zarr" and whole(path)
        self._path = path
        self._read: dict[str, xr.Dataset] = {}
        self.attributes: dict[str, object] = {}
        with self._told():
            self._names = self._look()
        self.schema = known_schema(path, self.attributes)

    def __getitem__(self, name: str) -> xr.Dataset:
        """One group; its large variables are read when they are looked at."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            with self._told():
                self._read[name] = self._group(name)
        return self._read[name]

    def _group(self, name: str) -> xr.Dataset:
        if self._path.suffix != ".zarr":
            return _netcdf_group(self._path, name)
        return xr.open_dataset(
            self._path, engine="zarr", group=name, cache=False, consolidated=False
        )

    def __iter__(self) -> Iterator[str]:
        """Paths of the groups."""
        return iter(self._names)

    def __len__(self) -> int:
        """Number of groups."""
        return len(self._names)

    def _look(self) -> list[str]:
        """Paths of the groups that hold something, and the attributes of the root."""
        names: list[str] = []
        if self._path.suffix == ".zarr":
            import zarr

            store = zarr.open_group(self._path, mode="r")
            self.attributes = dict(store.attrs)
            names = [n for n, _ in store.members(max_depth=None)]
            return [n for n in names if isinstance(store[n], zarr.Group)]
        import h5py

        def note(name: str, node: object) -> None:
            if isinstance(node, h5py.Group):
                names.append(name)

        with h5py.File(self._path) as file:
            file.visititems(note)
            self.attributes = {
                k: v.item() if hasattr(v, "item") else v
                for k, v in _attributes(file).items()
            }
        return names

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except StorageError:
            raise
        except Exception as error:  # HDF5, Zarr and numcodecs raise many kinds
            text = f"{self._path}: not a potline result ({error})"
            raise StorageError(text) from error


def load_draws(path: Path) -> xr.DataTree:
    """Open the draws of a Zarr store, as they were written block by block."""
    return xr.open_datatree(path, engine="zarr", consolidated=False)


def _netcdf_group(path: Path, group: str) -> xr.Dataset:
    """One group of a netCDF-4 file; its large variables are read when looked at.

    Notes
    -----
    Reads what `save` writes (numbers, truth values and text, absent values as NaN)
    straight from HDF5. `xarray.open_dataset` gives the same dataset in some twenty
    times the time, which a command that shows one table would mostly spend on it.
    """
    import h5py

    with h5py.File(path) as file:
        node = file[group]
        found: dict[str, xr.Variable] = {}
        attrs = _attributes(node)
        labels = set(str(attrs.pop("coordinates", "")).split())
        for name, data in node.items():
            if not isinstance(data, h5py.Dataset):
                continue
            known = _attributes(data)
            if str(known.pop("NAME", "")).startswith(BARE):
                continue
            if data.is_scale:
                dims = [name]
            else:
                dims = [dim[0].name.rpartition("/")[2] for dim in data.dims]
            labels |= {name} & set(dims)
            labels |= set(str(known.pop("coordinates", "")).split())
            is_truth = known.pop("dtype", "") == "bool"
            values: Any
            if data.dtype.kind == "O":
                values = data.asstr()[...].astype(str)
            elif data.nbytes > LARGE and not is_truth:
                values = indexing.LazilyIndexedArray(_Filed(path, data))
            else:
                values = data[...].astype(bool) if is_truth else data[...]
            found[name] = xr.Variable(dims, values, known)
    return xr.Dataset(found, attrs=attrs).set_coords(labels & found.keys())


def _attributes(node: Any) -> dict[str, Any]:
    """Attributes of a group or variable but those of the format itself."""
    found = {}
    for name, value in node.attrs.items():
        if name in HIDDEN:
            continue
        if isinstance(value, bytes):
            value = value.decode()
        elif not isinstance(value, str):
            value = "" if value.shape is None else value.ravel()
            value = value[0] if len(value) == 1 else value
        found[name] = value
    return found


class _Filed(BackendArray):
    """A variable of a netCDF file, read when it is looked at."""

    def __init__(self, path: Path, data: Any) -> None:
        self.path, self.name = path, data.name
        self.shape, self.dtype = data.shape, data.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        support = indexing.IndexingSupport.OUTER_1VECTOR
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._some)

    def _some(self, key: tuple[Any, ...]) -> Any:
        import h5py

        try:
            with h5py.File(self.path) as file:
                return file[self.name][key]
        except Exception as error:  # HDF5 raises many kinds
            text = f"{self.path}: damaged in {self.name.lstrip('/')} ({error}). "
            raise StorageError(text + MEND) from error
