"""The command ``potline rerun``: repeat a run from its file alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr

    from uncertainty.arrays import FloatArray

LARGEST = 1 << 25
"""Numbers that are compared at a time."""


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
    import tempfile

    from scenarios.analysis.attribution import study_of
    from scenarios.cli.files import result_file
    from scenarios.library import catalogue as shipped
    from uncertainty.storage import load, load_draws

    path = result_file(result)
    stored = load(path)
    if stored.attrs["library_checksum"] != shipped.checksum():
        print("note: the library has changed since; mixes and factors may differ")
    study = study_of(stored)
    store = stored.attrs.get("store", "full")
    count = threads or os.cpu_count() or 1
    # draws beyond memory go where there was room for them before
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".rerun-") as name:
        folder = Path(name) / "draws.zarr" if store == "zarr" else None
        again = study.run(threads=count, store=store, folder=folder)
        compared, worst, where = _differences(
            stored, again, load_draws(folder) if folder else None
        )
    if not worst:
        what = "statistics" if store == "summary" else "draws, inputs and statistics"
        print(f"every bit agrees: {compared} numbers of {what}")
        return
    print(f"{compared} numbers; largest relative difference {worst:.3g}, in {where}")
    raise typer.Exit(1)


def _differences(
    stored: "xr.DataTree", again: "xr.DataTree", draws: "xr.DataTree | None"
) -> tuple[int, float, str]:
    """Numbers compared, the largest relative difference, and where it is."""
    import numpy as np

    compared, worst, where = 0, 0.0, ""
    for node in stored.subtree:
        for name, array in node.to_dataset().data_vars.items():
            if array.dtype.kind != "f":
                continue
            place = f"{node.path}/{name}"
            trees = (again, draws) if draws is not None else (again,)
            every = (_find(tree, node.path, str(name)) for tree in trees)
            found = next((one for one in every if one is not None), None)
            if found is None:
                return compared, float("inf"), f"{place}, which is not made any more"
            if array.shape != found.shape:
                return compared, float("inf"), f"{place}, whose shape has changed"
            for mine, other in _pieces(array, found):
                compared += mine.size
                if np.array_equal(mine, other, equal_nan=True):
                    continue
                scale = np.maximum(np.abs(mine), np.finfo(float).tiny)
                gap = float(np.nanmax(np.abs(mine - other) / scale))
                if gap > worst:
                    worst, where = gap, place
    return compared, worst, where


def _find(tree: "xr.DataTree", path: str, name: str) -> "xr.DataArray | None":
    """Variable of a group; None where there is no such group or variable."""
    try:
        return tree[path].to_dataset()[name]
    except KeyError:
        return None


def _pieces(
    one: "xr.DataArray", other: "xr.DataArray"
) -> "Iterator[tuple[FloatArray, FloatArray]]":
    """Values of two arrays, a part of the draws at a time."""
    draws = one.sizes.get("draw", 1)
    size = max(LARGEST * draws // max(one.size, 1), 1) if "draw" in one.dims else 1
    for begin in range(0, draws, size):
        part = {"draw": slice(begin, begin + size)} if "draw" in one.dims else {}
        yield one.isel(part).values, other.isel(part).values
