"""The command ``potline rerun``: repeat a run from its file alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import xarray as xr


def rerun(
    result: Annotated[
        Path, typer.Argument(help="A results.nc, or the folder that holds it.")
    ],
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads; the bits do not depend on it.")
    ] = None,
) -> None:
    """Repeat a run from its file alone, and say whether every bit agrees.

    Example: potline rerun results/china_grid_mixes
    """
    import os

    from scenarios import shipped
    from scenarios.attribution import study_of
    from scenarios.commands.files import result_file
    from uncertainty.storage import load

    stored = load(result_file(result))
    if stored.attrs["library_checksum"] != shipped.checksum():
        print("note: the library has changed since; mixes and factors may differ")
    study = study_of(stored)
    again = study.run(threads=threads or os.cpu_count() or 1)
    compared, worst, where = _differences(stored, again)
    if not worst:
        print(f"every bit agrees: {compared} numbers of draws, inputs and statistics")
        return
    print(f"{compared} numbers; largest relative difference {worst:.3g}, in {where}")
    raise typer.Exit(1)


def _differences(stored: "xr.DataTree", again: "xr.DataTree") -> tuple[int, float, str]:
    """Numbers compared, the largest relative difference, and where it is."""
    import numpy as np
    import xarray as xr

    compared, worst, where = 0, 0.0, ""
    for node in stored.subtree:
        for name, array in node.to_dataset().data_vars.items():
            if array.dtype.kind != "f":
                continue
            place = f"{node.path}/{name}"
            found = again.get(place)
            if not isinstance(found, xr.DataArray):
                return compared, float("inf"), f"{place}, which is not made any more"
            mine, other = array.values, found.values
            compared += mine.size
            if mine.shape != other.shape:
                return compared, float("inf"), f"{place}, whose shape has changed"
            if np.array_equal(mine, other, equal_nan=True):
                continue
            scale = np.maximum(np.abs(mine), np.finfo(float).tiny)
            gap = float(np.nanmax(np.abs(mine - other) / scale))
            if gap > worst:
                worst, where = gap, place
    return compared, worst, where
