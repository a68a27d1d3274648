"""What a run leaves behind in a folder: dataset, table, config and figures."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import ScenarioError

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
    formats: Sequence[str] = ("png",),
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
    formats : sequence of {"png", "svg", "pdf"}
        Of the figures; none are drawn if it is empty.

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
    from uncertainty.storage import make_folder, remove, write_text

    make_folder(folder)
    write_text(folder / "config.yaml", result.config_text)
    write_text(folder / "summary.csv", as_csv(result))
    if store is not None:
        write_store(result, store, folder / ZARR)
        (folder / NETCDF).unlink(missing_ok=True)  # of an earlier run
        result = open_result(folder / ZARR)
    if formats:
        from scenarios import figures

        for name, draw in figures.default_figures(result).items():
            figures.save(draw(), folder / name, formats)
    if store is None:
        write_result(result, folder / NETCDF)
        remove(folder / ZARR)
