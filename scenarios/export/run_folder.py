"""What a run leaves behind in a folder: dataset, table, config and figures."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import ScenarioError

if TYPE_CHECKING:
    import xarray as xr


NETCDF, ZARR = "results.nc", "results.zarr"


class Unwritable(ScenarioError):
    """A file or a folder cannot be written where it is asked for."""


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made, before a run and not after it.

    Raises
    ------
    Unwritable
        Something above it is a file, or is protected.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise Unwritable(f"{folder}: cannot be made, {there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Unwritable(f"{folder}: cannot be written, {there} is protected")


def write_file(path: Path, text: str) -> None:
    """Write a text file.

    Raises
    ------
    Unwritable
        Its folder is not there or is protected, or the disk is full.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unwritable(f"{path}: cannot be written ({error.strerror})") from None


def write(tree: "xr.DataTree", folder: Path, store: Path | None = None) -> None:
    """Everything a run leaves behind; the dataset last, which says it is whole.

    Parameters
    ----------
    tree : DataTree
        As `scenarios.study.Study.run` gives it.
    folder : Path
        Made if it is not there.
    store : Path, optional
        Zarr store that holds the draws already.

    Raises
    ------
    Unwritable, StorageError
        The folder cannot be made or written to, or the disk is full.
    """
    from scenarios import figures
    from scenarios.results.rows import as_csv
    from uncertainty.storage import (
        load,
        make_folder,
        remove,
        save,
        save_store,
        write_text,
    )

    make_folder(folder)
    write_text(folder / "config.yaml", str(tree.attrs["config"]))
    write_text(folder / "summary.csv", as_csv(tree))
    if store is not None:
        save_store(tree, store, folder / ZARR)
        (folder / NETCDF).unlink(missing_ok=True)  # of an earlier run
        tree = load(folder / ZARR)
    for name, draw in figures.default_figures(tree).items():
        figures.save(draw(), folder / name)
    if store is None:
        save(tree, folder / NETCDF)
        remove(folder / ZARR)
