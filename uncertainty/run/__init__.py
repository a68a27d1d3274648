"""A whole run: draws, inputs and statistics of a model as one tree of datasets.

Examples
--------
>>> import uncertainty
>>> a = uncertainty.distributions.build("uniform", {"low": 0.0, "high": 1.0})
>>> model = uncertainty.Model.from_function(lambda a: 2 * a, {"a": a}, {"y": "1"})
>>> tree = uncertainty.run.simulate(model, draws=1024, seed=1)
>>> round(float(tree["summary/mean"][0]), 2)
1.0
"""

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
