"""Draws beyond memory: chunks of a Zarr store, written block by block as they come."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.errors import StorageError
from uncertainty.model import Model, Table
from uncertainty.run.draws import Rows
from uncertainty.run.propagation import frame_of
from uncertainty.storage import ZARR_FORMAT as FORMAT
from uncertainty.workers.blocks import Block

Place = tuple[str, Table]
"""Group of the store, and what goes there."""


class ZarrDraws:
    """Draws of some tables as arrays of a Zarr store, one chunk a block.

    Parameters
    ----------
    path : Path
        Folder of the store; made if it is not there, gone on with if it is.
    model : Model
    places : sequence of (group, Table)
    todo : sequence of Block
        All blocks of the run.

    Raises
    ------
    StorageError
        Zarr is not installed, or the store cannot be written.
    """

    def __init__(
        self,
        path: Path,
        model: Model,
        places: Sequence[Place],
        todo: Sequence[Block],
    ) -> None:
        zarr = _zarr()
        rows = Rows.of([table for _, table in places])
        self.rows, self.draws = len(rows.nodes), todo[-1].stop
        self._first: dict[int, tuple[int, int]] = {}
        self._arrays: list[tuple[Any, list[int], tuple[int, ...]]] = []
        try:
            store = zarr.open_group(path, mode="a", zarr_format=FORMAT)
            for group, table in places:
                frame = frame_of(model, table)
                words = {str(k): v for k, v in frame.attrs.items()}
                words["_ARRAY_DIMENSIONS"] = [*frame.dims, "draw"]
                array = store.require_group(group).require_array(
                    table.name,
                    shape=(*frame.shape, self.draws),
                    chunks=(*frame.shape, todo[0].stop),
                    dtype="float64",
                    fill_value=math.nan,
                    compressors=None,  # draws are noise: little would be saved
                    attributes=words,
                )
                found = rows.find(table)
                for cell, row in enumerate(found):
                    self._first.setdefault(row, (len(self._arrays), cell))
                self._arrays.append((array, found, frame.shape))
        except OSError as error:
            raise StorageError(f"{path}: cannot be written ({error})") from error

    def room(self, block: Block) -> FloatArray | None:
        """None: a block has to be put."""
        return None

    def put(self, block: Block, values: FloatArray) -> None:
        """Write the chunks of a block."""
        for array, places, shape in self._arrays:
            cells = np.full((len(places), values.shape[1]), np.nan)
            there = np.array(places) >= 0
            cells[there] = values[np.array(places)[there]]
            try:
                array[..., block.draws] = cells.reshape((*shape, values.shape[1]))
            except OSError as error:
                raise StorageError(
                    f"{array.path}: cannot be written ({error})"
                ) from error

    @property
    def together(self) -> int:
        """One: each is read into memory."""
        return 1

    def some(self, first: int, last: int) -> FloatArray:
        """Read all draws of some rows."""
        return np.stack([self._row(i) for i in range(first, last)])

    def _row(self, i: int) -> FloatArray:
        number, cell = self._first[i]
        array, _, shape = self._arrays[number]
        return np.asarray(array[(*np.unravel_index(cell, shape), slice(None))])


def _zarr() -> Any:
    try:
        import zarr
    except ImportError as error:
        raise StorageError(
            "draws beyond memory take Zarr: pip install 'potline[zarr]'"
        ) from error
    return zarr
