"""Formulas: plain arithmetic over named quantities, with their units checked.

`uncertainty.model.grammar` reads the text; no text of a user is ever evaluated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.errors import ExpressionError
from uncertainty.model.grammar import (
    FUNCTIONS,
    OPERATIONS,
    Step,
    check_id,
    fault,
    read,
    shown,
)
from uncertainty.units.dimensions import DIMENSIONLESS, Dimension

__all__ = [
    "FUNCTIONS",
    "LARGEST_POWER",
    "OPERATIONS",
    "Expression",
    "check_id",
    "dimension",
    "parse",
]

T = TypeVar("T")

LARGEST_POWER = 16
"""Largest exponent that may be written in numbers."""

_NUMPY: Mapping[str, Callable[..., FloatArray]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "pow": np.power,
    "neg": np.negative,
    "min": np.minimum,
    "max": np.maximum,
    "abs": np.abs,
    "floor": np.floor,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "where": np.where,
}


@dataclass(frozen=True)
class Expression:
    """A formula that has been read; equal and hashed by its text.

    ``names`` are the ids it reads, a dotted id being one name; ``steps`` are its
    stack program.
    """

    text: str
    names: frozenset[str] = field(compare=False)
    steps: tuple[Step, ...] = field(compare=False, repr=False)

    def fold(
        self,
        constant: Callable[[float], T],
        name: Callable[[str], T],
        apply: Callable[[str, tuple[T, ...]], T],
    ) -> T:
        """Reduce the formula from its leaves to its root.

        Parameters
        ----------
        constant, name : callable
            What a number and what an id stand for.
        apply : callable
            What an operation word (see `OPERATIONS`) makes of its operands. ``min``
            and ``max`` come pairwise from the left; a plus sign in front is gone.

        Returns
        -------
        T
            What stands for the whole.
        """

        def leaf(step: Step) -> T:
            value = step.value
            return name(value) if isinstance(value, str) else constant(value)

        return _reduce(
            self.steps, leaf, lambda step, args: apply(str(step.value), args)
        )

    def evaluate(self, values: Mapping[str, FloatArray]) -> FloatArray:
        """Compute the formula; what is not finite is passed on without a warning.

        Parameters
        ----------
        values : mapping of str to array
            One array for each of `names`, in coherent units; they broadcast.

        Returns
        -------
        array of the broadcast shape

        Raises
        ------
        ExpressionError
            An id has no value.
        """
        if missing := sorted(self.names - values.keys()):
            raise ExpressionError(f"{shown(self.text)}: no value for {missing[0]}")

        def apply(word: str, operands: tuple[FloatArray, ...]) -> FloatArray:
            return _NUMPY[word](*operands)

        with np.errstate(all="ignore"):
            result = self.fold(np.asarray, values.__getitem__, apply)
        return np.asarray(result, dtype=np.float64)


@lru_cache(4096)
def parse(text: str) -> Expression:
    """Read a formula.

    Parameters
    ----------
    text : str
        ``+ - * / **``, parentheses, numbers, dotted ids and the `FUNCTIONS`;
        a comparison as the first argument of ``where`` and nowhere else.

    Returns
    -------
    Expression

    Raises
    ------
    ExpressionError
        The text is anything else, is too long, too large or nested too deeply, or
        an exponent made of numbers is beyond 16; the message tells the column.
    """
    steps = read(text)

    def number(step: Step) -> float | None:
        return None if isinstance(step.value, str) else step.value

    def apply(step: Step, numbers: tuple[float | None, ...]) -> float | None:
        exponent = numbers[-1] if step.value == "pow" else None
        if exponent is not None and not abs(exponent) <= LARGEST_POWER:
            what = f"the exponent {exponent:g} is beyond {LARGEST_POWER}"
            raise fault(text, step.start, what, "large powers overflow")
        return _number(step, numbers)

    _reduce(steps, number, apply)
    names = {s.value for s in steps if isinstance(s.value, str) and s.arity == 0}
    return Expression(text, frozenset(names), steps)


def dimension(
    expression: Expression,
    lookup: Callable[[str], Dimension],
    expected: Dimension | None = None,
) -> Dimension:
    """Check the units of a formula and tell what it measures.

    Parameters
    ----------
    expression : Expression
    lookup : callable
        Dimension of an id.
    expected : Dimension, optional
        What the whole should measure.

    Returns
    -------
    Dimension
        Of the whole. Numbers are pure, save that a 0 goes with any dimension; a
        formula that is 0 measures what is `expected`.

    Raises
    ------
    ExpressionError
        Quantities of different dimension are added, compared or chosen between; a
        function or an exponent takes a pure number and gets another; a quantity
        that has units is raised to a power that is not a plain number; the whole is
        not what is expected. Both sides are shown, with the column.
    """

    def leaf(step: Step) -> _Side:
        piece = expression.text[step.start : step.end]
        if isinstance(step.value, str):
            return _Side(lookup(step.value), None, piece)
        return _Side(DIMENSIONLESS, step.value, piece)

    def apply(step: Step, sides: tuple[_Side, ...]) -> _Side:
        measured = _measured(str(step.value), sides)
        if not isinstance(measured, Dimension):
            raise fault(expression.text, step.start, *measured)
        number = _number(step, [side.number for side in sides])
        return _Side(measured, number, expression.text[step.start : step.end])

    whole = _reduce(expression.steps, leaf, apply)
    if expected is None or whole.dimension == expected:
        return whole.dimension
    if whole.number == 0:
        return expected
    raise ExpressionError(
        f"`{shown(expression.text)}`: the formula gives {whole.dimension} where "
        f"{expected} is declared; numbers in a formula are pure, a constant with "
        "units is an input of its own"
    )


class _Side(NamedTuple):
    """An operand in the unit check; `number` is set where no id takes part."""

    dimension: Dimension
    number: float | None
    piece: str

    def __str__(self) -> str:
        return f"`{shown(self.piece)}` ({self.dimension})"


_VERBS = {"add": "add", "sub": "subtract", "where": "choose between"}
_COMPARED = ("lt", "le", "gt", "ge", "eq", "ne")


def _measured(word: str, sides: tuple[_Side, ...]) -> Dimension | tuple[str, str]:
    """Dimension of one operation, or a fault and its mend."""
    first, last = sides[0], sides[-1]
    match word:
        case "mul":
            return first.dimension * last.dimension
        case "div":
            return first.dimension / last.dimension
        case "neg" | "abs":
            return first.dimension
        case "sqrt":
            return first.dimension**0.5
        case "pow":
            return _power(first, last)
        # floor of a quantity with units would depend on the units it is kept in
        case "exp" | "log" | "log10" | "sin" | "cos" | "tan" | "floor":
            if first.dimension.dimensionless:
                return DIMENSIONLESS
            mend = "divide it by a quantity of its kind"
            return f"{word} takes a pure number, not {first}", mend
    left, right = sides[-2:]
    if left.dimension != right.dimension and 0 not in (left.number, right.number):
        verb = _VERBS.get(word, "compare")
        return f"cannot {verb} {left} and {right}", "check the units of both"
    if word in _COMPARED:
        return DIMENSIONLESS
    return right.dimension if left.number == 0 else left.dimension


def _power(base: _Side, exponent: _Side) -> Dimension | tuple[str, str]:
    """Dimension of a power, or a fault and its mend."""
    if not exponent.dimension.dimensionless:
        return f"an exponent must be a pure number, not {exponent}", ""
    if base.dimension.dimensionless:
        return DIMENSIONLESS
    if exponent.number is None:
        mend = "divide the base by a quantity of its kind"
        return f"a power of {base} needs an exponent made of numbers", mend
    return base.dimension**exponent.number


def _number(step: Step, numbers: Sequence[float | None]) -> float | None:
    """One operation on plain numbers, None where an id takes part."""
    plain = [n for n in numbers if n is not None]
    if len(plain) < len(numbers):
        return None
    with np.errstate(all="ignore"):
        return float(_NUMPY[str(step.value)](*map(np.float64, plain)))


def _reduce(
    steps: Sequence[Step],
    leaf: Callable[[Step], T],
    apply: Callable[[Step, tuple[T, ...]], T],
) -> T:
    """Run a stack program: `Expression.fold` for those who want the place as well."""
    stack: list[T] = []
    for step in steps:
        if step.arity == 0:
            stack.append(leaf(step))
            continue
        operands = tuple(stack[-step.arity :])
        del stack[-step.arity :]
        stack.append(apply(step, operands))
    return stack.pop()
