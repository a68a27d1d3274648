"""Files and folders that commands are pointed at."""

from pathlib import Path

from scenarios.errors import ScenarioError


class OutputError(ScenarioError):
    """A folder cannot be made."""


def result_file(path: Path) -> Path:
    """The dataset of a result that is named by its file or its folder."""
    if not path.is_dir() or path.suffix == ".zarr":
        return path
    store = path / "results.zarr"
    return store if store.is_dir() else path / "results.nc"


def in_folder(path: Path) -> Path:
    """The folder, made if it is not there.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made ({error.strerror})") from None
    return path
