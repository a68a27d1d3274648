"""What a run leaves behind in a folder: dataset, table, config and figures."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import ScenarioError
from scenarios.export.drawing import Drawing

if TYPE_CHECKING:
    from scenarios.results.result import Result


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


def write(
    result: "Result",
    folder: Path,
    store: Path | None = None,
    drawing: Drawing | None = None,
) -> None:
    """Everything a run leaves behind; the dataset last, which says it is complete.

    Parameters
    ----------
    result : Result
        As `scenarios.model.study.Study.run` gives it.
    folder : Path
        Made if it is not there.
    store : Path, optional
        Zarr store that holds the draws already.
    drawing : Drawing, optional
        Of the figures; PNG files drawn in this process if not given.

    Raises
    ------
    Unwritable, StorageError
        The folder cannot be made or written to, or the disk is full.
    """
    from scenarios.results.file import (
        NETCDF,
        ZARR,
        open_result,
        write_result,
        write_store,
    )
    from scenarios.results.table import as_csv
    from uncertainty.storage import draft, make_folder, remove, write_text

    drawing = drawing or Drawing(["png"])
    make_folder(folder)
    if store is None:
        drawing.begin(result, folder)
    write_text(folder / "config.yaml", result.config_text)
    write_text(folder / "summary.csv", as_csv(result.statistics))
    if store is not None:
        write_store(result, store, folder / ZARR)
        (folder / NETCDF).unlink(missing_ok=True)  # of an earlier run
        drawing.begin(open_result(folder / ZARR), folder)
        drawing.finish()
        return
    with draft(folder / NETCDF) as part:
        write_result(result, part)
        drawing.finish()
    remove(folder / ZARR)
