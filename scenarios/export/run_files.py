"""What a run leaves behind: dataset, table, config and figures."""

from pathlib import Path

from scenarios.export.drawing import Drawing
from scenarios.export.files import as_csv
from scenarios.export.run_folder import staged
from scenarios.export.tables import summary
from scenarios.results.file import (
    NETCDF,
    ZARR,
    open_result,
    write_result,
    write_store,
)
from scenarios.results.result import Result
from uncertainty.storage import make_folder, write_text


def write(
    result: Result,
    folder: Path,
    store: Path | None = None,
    drawing: Drawing | None = None,
) -> list[str]:
    """Everything a run leaves behind: made apart, and put in place together.

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

    Returns
    -------
    list of str
        Why figures are missing, if any are.

    Raises
    ------
    Unwritable, StorageError
        The folder cannot be made or written to, or the disk is full.
    """
    drawing = drawing or Drawing(["png"])
    make_folder(folder)
    with staged(folder) as stage:
        if store is None:
            drawing.begin(result, stage.path)
            write_result(result, stage.path / NETCDF)
        else:
            write_store(result, store, stage.path / ZARR)
            drawing.begin(open_result(stage.path / ZARR), stage.path)
        write_text(stage.path / "config.yaml", result.config_text)
        write_text(stage.path / "summary.csv", as_csv(summary(result)))
        stage.drawn(lambda _: drawing.finish())
    return stage.lost
