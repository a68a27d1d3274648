"""Formulas: plain arithmetic over named quantities, with their units checked.

`uncertainty.model.grammar` reads the text; no text of a user is ever evaluated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.errors import ExpressionError
from uncertainty.model.grammar import Step, check_id, fault, read, shown
from uncertainty.model.operations import FUNCTIONS, OPERATIONS, Mismatch, Operand
from uncertainty.units.dimensions import DIMENSIONLESS, Dimension

__all__ = ["FUNCTIONS", "Expression", "check_id", "dimension", "parse"]

T = TypeVar("T")


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
            return np.asarray(OPERATIONS[word].function(*operands))

        with np.errstate(all="ignore"):
            result = self.fold(np.asarray, values.__getitem__, apply)
        return np.asarray(result, dtype=np.float64)


@lru_cache(2**15)
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
        The text is anything else, is too long, too large or nested too deeply; the
        message tells the column.

    Examples
    --------
    >>> formula = parse("smelting.power * (1 - recovered)")
    >>> sorted(formula.names)
    ['recovered', 'smelting.power']
    >>> float(formula.evaluate({"smelting.power": 13.5, "recovered": 0.2}))
    10.8
    """
    steps = read(text)
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
        that has units is raised to a power that is not a plain number, or that takes
        one of its units beyond `operations.LARGEST_UNIT_POWER`; the whole is not what
        is expected. Both sides are shown, with the column.

    Examples
    --------
    >>> length = Dimension.of([("[length]", 1)])
    >>> print(dimension(parse("width * width / 2"), lambda name: length))
    length^2
    """

    def leaf(step: Step) -> Operand:
        piece = shown(expression.text[step.start : step.end])
        if isinstance(step.value, str):
            return Operand(lookup(step.value), None, piece)
        return Operand(DIMENSIONLESS, step.value, piece)

    def apply(step: Step, operands: tuple[Operand, ...]) -> Operand:
        word = str(step.value)
        try:
            measured = OPERATIONS[word].measure(word, operands)
        except Mismatch as error:
            raise fault(expression.text, step.start, error.what, error.mend) from None
        number = _number(word, [operand.number for operand in operands])
        piece = shown(expression.text[step.start : step.end])
        return Operand(measured, number, piece)

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


def _number(word: str, numbers: Sequence[float | None]) -> float | None:
    """One operation on plain numbers, None where an id takes part."""
    plain = [n for n in numbers if n is not None]
    if len(plain) < len(numbers):
        return None
    with np.errstate(all="ignore"):
        return float(OPERATIONS[word].function(*map(np.float64, plain)))


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
