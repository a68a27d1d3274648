"""A whole run: draws, inputs and statistics of a model as one tree of datasets."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from uncertainty.run.simulation import run, simulate

__all__ = ["Store", "run", "simulate"]

Store = Literal["full", "summary", "zarr"]
"""Where a result keeps its draws: with it, nowhere, or in a Zarr store as they come."""


def __getattr__(name: str) -> Any:
    """What a run takes is imported when it is asked for: a file opens without it."""
    if name in __all__:
        return getattr(import_module("uncertainty.run.simulation"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
