"""Carbon footprints of products with their uncertainty, and scenarios compared.

Examples
--------
>>> import scenarios as pl
>>> study = pl.load("configs/minimal.yaml")
>>> result = study.run(draws=1024, seed=1)
>>> result.scenarios[0]
'national_grid'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.api import (
        Result,
        Study,
        compare,
        load,
        open_result,
        run,
        sensitivity,
    )

    __version__: str

__all__ = [
    "Result",
    "Study",
    "__version__",
    "compare",
    "load",
    "open_result",
    "run",
    "sensitivity",
]


def __getattr__(name: str) -> Any:
    """Names of the face, imported when they are first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("potline")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("scenarios.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
