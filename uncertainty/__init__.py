"""Domain-free stochastic engine: it knows no process, gas or kWh by name.

Examples
--------
>>> import uncertainty
>>> a = uncertainty.distributions.build("normal", {"mean": 2.0, "sd": 0.1})
>>> model = uncertainty.Model.from_function(lambda a: a**2, {"a": a}, {"y": "1"})
>>> tree = uncertainty.simulate(model, draws=4096, seed=1)
>>> round(float(tree["summary/mean"][0]), 3)
4.01
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uncertainty import distributions, run, sensitivity
    from uncertainty.model import Model
    from uncertainty.run import simulate

__all__ = ["Model", "distributions", "run", "sensitivity", "simulate"]

_PLACES = {"Model": "uncertainty.model", "simulate": "uncertainty.run"}


def __getattr__(name: str) -> Any:
    """Names of the face, imported when they are first asked for."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    if name in __all__:
        return import_module(f"uncertainty.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
