"""Any Python function of arrays as operations of a graph, one for each output."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.errors import ModelError
from uncertainty.model.operations import Operation
from uncertainty.units.dimensions import DIMENSIONLESS, Dimension

STEP = float(np.finfo(float).eps) ** (1 / 3)
"""Relative step of a central difference: its rounding and its curvature are alike."""

FUNCTION = "function "
"""How the name of such an operation begins."""

Function = Callable[..., npt.ArrayLike | Mapping[str, npt.ArrayLike]]


@dataclass(frozen=True)
class _Output:
    """One output of a function: takes the arguments in order, and ``out``."""

    function: Function
    names: tuple[str, ...]
    output: str
    single: bool

    def __call__(self, *values: Any, out: FloatArray | None = None) -> FloatArray:
        arrays = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in values))
        found = self.function(**dict(zip(self.names, arrays, strict=True)))
        if isinstance(found, Mapping):
            if self.output not in found:
                told = ", ".join(map(str, found)) or "nothing"
                text = f"the function returns {told}, and no {self.output}"
                raise ModelError(text)
            found = found[self.output]
        elif not self.single:
            raise ModelError("a function of several outputs returns a dict of them")
        result = np.asarray(found, dtype=float)
        shape = arrays[0].shape if arrays else ()
        if result.shape not in (shape, ()):
            raise ModelError(
                f"{self.output}: the function returns shape {result.shape} for "
                f"arguments of shape {shape}; write it with NumPy's array functions"
            )
        if out is None:
            return np.array(np.broadcast_to(result, shape))
        out[...] = result
        return out


def operations(
    function: Function, names: Sequence[str], outputs: Sequence[str]
) -> dict[str, Operation]:
    """Operations that compute the outputs of a function.

    Parameters
    ----------
    function : callable
        Takes the arguments `names` by keyword, each an array of draws, and returns an
        array, or a dict of arrays by output.
    names : sequence of str
        Arguments, in the order of the operands.
    outputs : sequence of str

    Returns
    -------
    dict of output to Operation
        Its derivatives are central differences.

    Raises
    ------
    ModelError
        When it is run: an output is missing, or has another shape than the draws.

    Examples
    --------
    >>> found = operations(lambda a, b: a * b, ["a", "b"], ["y"])
    >>> float(found["y"].function(2.0, 3.0))
    6.0
    >>> round(float(found["y"].derivatives[0](6.0, 2.0, 3.0)), 6)
    3.0
    """
    single = len(outputs) == 1
    found = {}
    for output in outputs:
        one = _Output(function, tuple(names), output, single)
        slopes = tuple(_Slope(one, i) for i in range(len(names)))
        name = f"{FUNCTION}{output}"
        found[output] = Operation(name, "", one, slopes, _unmeasured)
    return found


@dataclass(frozen=True)
class _Slope:
    """Derivative of an output by one argument, from the result and the arguments."""

    output: _Output
    argument: int

    def __call__(self, result: float, *at: float) -> float:
        step = STEP * max(abs(at[self.argument]), 1.0)
        ends = [list(at), list(at)]
        ends[0][self.argument] -= step
        ends[1][self.argument] += step
        low, high = (float(self.output(*values)) for values in ends)
        slope: float = (high - low) / (2 * step)
        return slope


def _unmeasured(name: str, operands: object) -> Dimension:
    return DIMENSIONLESS
