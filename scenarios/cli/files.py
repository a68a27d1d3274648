"""Files and folders that commands are pointed at."""

from pathlib import Path


def result_file(path: Path) -> Path:
    """The dataset of a result that is named by its file or its folder."""
    if not path.is_dir() or path.suffix == ".zarr":
        return path
    store = path / "results.zarr"
    return store if store.is_dir() else path / "results.nc"
