"""The operations of arithmetic: all that is known of each stands in one table.

Formulas, the graph, its derivatives, the unit check and the compiled loops read
`OPERATIONS`; an operation that is added here is known to all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.units.dimensions import DIMENSIONLESS, Dimension

LARGEST_UNIT_POWER = 16
"""Largest power that an exponent in a formula may raise a base unit to."""


class Mismatch(Exception):
    """The operands of an operation do not measure what it takes.

    Attributes
    ----------
    what : str
    mend : str
        Empty where there is nothing to advise.
    """

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


class Operand(NamedTuple):
    """What the unit check knows of an operand.

    Attributes
    ----------
    dimension : Dimension
    number : float or None
        Its value where no id takes part in it.
    text : str
        As the formula writes it, cut to what fits a message.
    """

    dimension: Dimension
    number: float | None
    text: str

    def __str__(self) -> str:
        """As a message shows it."""
        return f"`{self.text}` ({self.dimension})"


DimensionRule = Callable[[str, tuple[Operand, ...]], Dimension]
Derivative = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """One operation of arithmetic.

    Attributes
    ----------
    name : str
        Its name in a graph; a function has the same name in a formula.
    symbol : str
        How a formula writes it: a sign, a function's name, or "" for an operation
        that only a graph uses.
    function : callable
        NumPy's: takes the operands and, unless it is a comparison, ``out``.
    derivatives : tuple of callable
        By each operand, from the result and the operands; none for a comparison,
        which only ``where`` reads.
    measure : callable
        Dimension of the result, from the name and the operands.
    kernel : int or None
        Its number in ``kernel.c``. None for what NumPy alone computes, because no
        other code makes the same last bits.
    total : bool
        Whether finite operands always have a finite result, overflow apart.
    commutative : bool
    """

    name: str
    symbol: str
    function: Callable[..., Any]
    derivatives: tuple[Derivative, ...]
    measure: DimensionRule
    kernel: int | None = None
    total: bool = False
    commutative: bool = False

    @property
    def comparison(self) -> bool:
        """Whether the result is a truth value."""
        return not self.derivatives

    @property
    def arity(self) -> int:
        """Number of operands."""
        return len(self.derivatives) or 2

    @property
    def called(self) -> bool:
        """Whether a formula writes it as a function."""
        return self.symbol.isidentifier()


def _where(
    condition: Any, left: Any, right: Any, out: FloatArray | None = None
) -> FloatArray:
    """`numpy.where`, into a buffer if there is one."""
    if out is None:
        return np.asarray(np.where(condition, left, right))
    np.copyto(out, right)
    np.copyto(out, left, where=condition)
    return out


# ------------------------------------------------------------- rules of dimensions


def _product(_: str, operands: tuple[Operand, ...]) -> Dimension:
    return operands[0].dimension * operands[1].dimension


def _ratio(_: str, operands: tuple[Operand, ...]) -> Dimension:
    return operands[0].dimension / operands[1].dimension


def _kept(_: str, operands: tuple[Operand, ...]) -> Dimension:
    return operands[0].dimension


def _square(_: str, operands: tuple[Operand, ...]) -> Dimension:
    return operands[0].dimension ** 2


def _root(_: str, operands: tuple[Operand, ...]) -> Dimension:
    return operands[0].dimension ** 0.5


def _power(_: str, operands: tuple[Operand, ...]) -> Dimension:
    base, exponent = operands
    if not exponent.dimension.dimensionless:
        raise Mismatch(f"an exponent must be a pure number, not {exponent}")
    if base.dimension.dimensionless:
        return DIMENSIONLESS
    if exponent.number is None:
        mend = "divide the base by a quantity of its kind"
        raise Mismatch(f"a power of {base} needs an exponent made of numbers", mend)
    largest = max(abs(float(power)) for _, power in base.dimension.powers)
    if not largest * abs(exponent.number) <= LARGEST_UNIT_POWER:
        what = f"{base} to the power {exponent.number:g} has a unit to a power beyond "
        mend = "divide the base by a quantity of its kind"
        raise Mismatch(f"{what}{LARGEST_UNIT_POWER}", mend)
    return base.dimension**exponent.number


def _pure(name: str, operands: tuple[Operand, ...]) -> Dimension:
    for operand in operands:
        if not operand.dimension.dimensionless:
            mend = "divide it by a quantity of its kind"
            takes = "a pure number" if len(operands) == 1 else "pure numbers"
            raise Mismatch(f"{name} takes {takes}, not {operand}", mend)
    return DIMENSIONLESS


def _alike(verb: str) -> DimensionRule:
    """The last two operands measure the same; a 0 goes with any dimension."""

    def rule(_: str, operands: tuple[Operand, ...]) -> Dimension:
        left, right = operands[-2:]
        differ = left.dimension != right.dimension
        if differ and 0 not in (left.number, right.number):
            what = f"cannot {verb} {left} and {right}"
            raise Mismatch(what, "check the units of both")
        return right.dimension if left.number == 0 else left.dimension

    return rule


def _compared(name: str, operands: tuple[Operand, ...]) -> Dimension:
    _alike("compare")(name, operands)
    return DIMENSIONLESS


# -------------------------------------------------------------------------- the table


def _side(one: float, other: float) -> float:
    """Derivative of max with respect to `one`; a half where both are equal."""
    return 1.0 if one > other else 0.5 if one == other else 0.0


_LN10 = float(np.log(10.0))


def _table() -> dict[str, Operation]:
    number = np.float64  # divides by zero without an exception
    rows = (
        Operation(
            "add", "+", np.add, (lambda y, a, b: 1.0, lambda y, a, b: 1.0),
            _alike("add"), 0, total=True, commutative=True,
        ),
        Operation(
            "sub", "-", np.subtract, (lambda y, a, b: 1.0, lambda y, a, b: -1.0),
            _alike("subtract"), 1, total=True,
        ),
        Operation(
            "mul", "*", np.multiply, (lambda y, a, b: b, lambda y, a, b: a),
            _product, 2, total=True, commutative=True,
        ),
        Operation(
            "div", "/", np.divide,
            (lambda y, a, b: 1 / number(b), lambda y, a, b: -y / number(b)),
            _ratio, 3,
        ),
        Operation(
            "pow", "**", np.power,
            (lambda y, a, b: b * number(a) ** (b - 1), lambda y, a, b: y * np.log(a)),
            _power,
        ),
        Operation(
            "neg", "-", np.negative, (lambda y, a: -1.0,), _kept, 6, total=True
        ),
        Operation(
            "min", "min", np.minimum,
            (lambda y, a, b: _side(-a, -b), lambda y, a, b: _side(-b, -a)),
            _alike("compare"), 4, total=True, commutative=True,
        ),
        Operation(
            "max", "max", np.maximum,
            (lambda y, a, b: _side(a, b), lambda y, a, b: _side(b, a)),
            _alike("compare"), 5, total=True, commutative=True,
        ),
        Operation(
            "abs", "abs", np.absolute, (lambda y, a: float(np.sign(a)),),
            _kept, 7, total=True,
        ),
        # floor of a quantity with units would depend on the units it is kept in
        Operation(
            "floor", "floor", np.floor, (lambda y, a: 0.0,), _pure, total=True
        ),
        Operation("exp", "exp", np.exp, (lambda y, a: y,), _pure),
        Operation("log", "log", np.log, (lambda y, a: 1 / number(a),), _pure),
        Operation(
            "log10", "log10", np.log10, (lambda y, a: 1 / (number(a) * _LN10),), _pure
        ),
        Operation("sqrt", "sqrt", np.sqrt, (lambda y, a: 0.5 / number(y),), _root, 8),
        Operation(
            "square", "", np.square, (lambda y, a: 2 * a,), _square, 9, total=True
        ),
        Operation("sin", "sin", np.sin, (lambda y, a: np.cos(a),), _pure, total=True),
        Operation("cos", "cos", np.cos, (lambda y, a: -np.sin(a),), _pure, total=True),
        Operation("tan", "tan", np.tan, (lambda y, a: 1 + y * y,), _pure),
        Operation(
            "asin", "asin", np.arcsin, (lambda y, a: 1 / np.sqrt(1 - number(a) ** 2),),
            _pure,
        ),
        Operation(
            "acos", "acos", np.arccos, (lambda y, a: -1 / np.sqrt(1 - number(a) ** 2),),
            _pure,
        ),
        Operation(
            "atan", "atan", np.arctan, (lambda y, a: 1 / (1 + a * a),),
            _pure, total=True,
        ),
        Operation(
            "atan2", "atan2", np.arctan2,
            (
                lambda y, a, b: b / number(a * a + b * b),
                lambda y, a, b: -a / number(a * a + b * b),
            ),
            _pure, total=True,
        ),
        Operation("lt", "<", np.less, (), _compared, 10, total=True),
        Operation("le", "<=", np.less_equal, (), _compared, 11, total=True),
        Operation("gt", ">", np.greater, (), _compared, 12, total=True),
        Operation("ge", ">=", np.greater_equal, (), _compared, 13, total=True),
        Operation("eq", "==", np.equal, (), _compared, 14, total=True),
        Operation("ne", "!=", np.not_equal, (), _compared, 15, total=True),
        Operation(
            "where", "where", _where,
            (
                lambda y, c, a, b: 0.0,
                lambda y, c, a, b: float(bool(c)),
                lambda y, c, a, b: float(not c),
            ),
            _alike("choose between"), 16, total=True,
        ),
    )  # fmt: skip
    return {row.name: row for row in rows}


OPERATIONS: Mapping[str, Operation] = _table()
"""Name -> operation."""

FUNCTIONS = tuple(row.name for row in OPERATIONS.values() if row.called)
"""Functions a formula may call; ``log`` is the natural logarithm."""
