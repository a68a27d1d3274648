"""A run on disk: a tree of datasets as one netCDF-4 file, written whole or not."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import xarray as xr

from uncertainty.errors import StorageError

SCHEMA = 1
"""Version of the layout of a result; a reader refuses what it does not know."""
ZARR_FORMAT: Literal[2] = 2
"""Version of the store: the third has no settled way to write text yet."""
VERSIONED = ("potline", "numpy", "scipy", "xarray", "h5netcdf")


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
        "Conventions": "CF-1.11",
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


def save(tree: xr.DataTree, path: Path) -> None:
    """Write `tree` to `path` so that a reader finds it whole or not at all.

    Parameters
    ----------
    tree : DataTree
        Its root attributes are kept beside those of `provenance`.
    path : Path
        Ends in ``.nc``; its folder exists.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    whole = xr.DataTree.from_dict({n.path: n.to_dataset() for n in tree.subtree})
    whole.attrs = {**provenance(), **tree.attrs}
    with draft(path) as part:
        whole.to_netcdf(part, engine="h5netcdf")


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
    whole = data.assign_attrs(provenance())
    with draft(path) as part:
        whole.to_netcdf(part, engine="h5netcdf")


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
def draft(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name once it is whole.

    Raises
    ------
    StorageError
        The folder cannot be written to or the disk is full.
    """
    try:
        handle, name = tempfile.mkstemp(suffix=".part", prefix=".", dir=path.parent)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error})") from error
    finally:
        part.unlink(missing_ok=True)


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
            with xr.open_datatree(path, engine="h5netcdf") as opened:
                tree = opened.load()
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise StorageError(f"{path}: not a potline result ({error})") from error
    found = str(tree.attrs.get("schema_version", "none"))
    if found != str(SCHEMA):
        raise StorageError(
            f"{path}: schema version {found}; this potline reads version {SCHEMA}. "
            "Run the study again with this release"
        )
    return tree


def load_draws(path: Path) -> xr.DataTree:
    """Open the draws of a Zarr store, as they were written block by block."""
    return xr.open_datatree(path, engine="zarr", consolidated=False)
