"""Formulas: what is read, what is refused, what they compute and measure."""

import math
import re
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from uncertainty.errors import ExpressionError
from uncertainty.model.expressions import (
    FUNCTIONS,
    Expression,
    check_id,
    dimension,
    parse,
)
from uncertainty.model.operations import OPERATIONS
from uncertainty.units import registry
from uncertainty.units.dimensions import DIMENSIONLESS

UNITS = registry(("CO2e = [carbon_dioxide_equivalent]",))


def spelt(expression: Expression) -> str:
    """Write the tree of a formula as nested operation words."""
    return expression.fold(
        lambda number: f"{number:g}",
        lambda name: name,
        lambda word, operands: f"{word}({', '.join(operands)})",
    )


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("smelting.power", "smelting.power"),
        ("a.b.c * 44 / 12", "div(mul(a.b.c, 44), 12)"),
        ("a - b - c", "sub(sub(a, b), c)"),
        ("a - (b - c)", "sub(a, sub(b, c))"),
        ("-x ** 2", "neg(pow(x, 2))"),
        ("2 ** -x", "pow(2, neg(x))"),
        ("a ** b ** 2", "pow(a, pow(b, 2))"),
        ("+x - +1", "sub(x, 1)"),
        ("min(a, b, c)", "min(min(a, b), c)"),
        ("max(0, x)", "max(0, x)"),
        ("where(a <= b, 1, log10(c))", "where(le(a, b), 1, log10(c))"),
        ("where(a != 0, where(b > 1, 2, 3), 4)",
         "where(ne(a, 0), where(gt(b, 1), 2, 3), 4)"),
        ("\ta\n  + b\n", "add(a, b)"),
        ("a\u00a0+ b", "add(a, b)"),
        ("排放 * 2", "mul(排放, 2)"),
        (".5 + 1.e2", "add(0.5, 100)"),
        ("__x__._y", "__x__._y"),
    ],
)  # fmt: skip
def test_a_formula_is_read_with_the_precedence_of_python(text, tree):
    assert spelt(parse(text)) == tree


def test_a_dotted_id_is_one_name():
    expression = parse("smelting.power * 2 + smelting.power / grid.factor + x")
    assert expression.names == {"smelting.power", "grid.factor", "x"}


def test_formulas_are_equal_and_hashed_by_their_text():
    assert parse("a + b") is parse("a + b")
    assert parse("a + b") == Expression("a + b", frozenset(), ())
    assert hash(parse("a + b")) == hash(Expression("a + b", frozenset(), ()))
    assert parse("a + b") != parse("a+b")


def test_every_operation_word_has_its_number_of_operands():
    seen = {}

    def note(word: str, operands: tuple[None, ...]) -> None:
        seen[word] = len(operands)

    for text in (
        "a + b - c * d / e ** -f",
        *(f"{f}({', '.join('abc'[: OPERATIONS[f].arity])})"
          for f in FUNCTIONS if f != "where"),
        *(f"where(a {sign} b, c, d)" for sign in ("<", "<=", ">", ">=", "==", "!=")),
    ):  # fmt: skip
        parse(text).fold(lambda _: None, lambda _: None, note)
    # the square is what a graph makes of a power
    assert seen == {n: o.arity for n, o in OPERATIONS.items() if n != "square"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__import__('os')", "`__import__('os')`: a string is not allowed in a formula "
         "(column 12); formulas are arithmetic over ids"),
        ('eval("1")', "a string is not allowed in a formula (column 6)"),
        ("f'{x}'", "a string is not allowed in a formula (column 2)"),
        ("b'x'", "a string is not allowed"),
        ("'a' * 9", "a string is not allowed in a formula (column 1)"),
        ("().__class__.__bases__", "an operand is missing before ) (column 2)"),
        ("(x).__class__", "a dot has its place inside a number or an id only "
         "(column 4)"),
        ("x . real", "a dot has its place"),
        ("1..real", "a dot has its place"),
        ("...", "a dot has its place"),
        ("1.real", "an operator is missing before real"),
        ("print(1)", "there is no function print (column 1); there are min, max, abs"),
        ("x.__class__()", "there is no function x.__class__"),
        ("x.min(1, 2)", "there is no function x.min"),
        ("x(3)(4)", "an operator is missing before ("),
        ("(1)(2)", "an operator is missing before ("),
        ("2 (x)", "an operator is missing before ("),
        ("sqr(x)", "there is no function sqr (column 1); did you mean sqrt?"),
        ("ln(x)", "log is the natural logarithm"),
        ("pow(x, 2)", "write a ** b for a power"),
        ("arctan2(x, 2)", "there is no function arctan2 (column 1); write atan2(...)"),
        ("atan2(x)", "atan2 takes two arguments, not 1 (column 1)"),
        ("atan(x, y)", "atan takes one argument, not 2 (column 1)"),
        ("x[0]", "[ has no place in a formula (column 2)"),
        ("[1, 2]", "[ has no place in a formula (column 1)"),
        ("{1: 2}", "'{' has no place here (column 1)"),
        ("lambda: 0", "lambda is a word of Python (column 1)"),
        ("yield x", "yield is a word of Python"),
        ("await x", "await is a word of Python"),
        ("import os", "import is a word of Python"),
        ("a if b else c", "if is a word of Python (column 3); write where(condition"),
        ("a.if", "if is a word of Python"),
        ("a and b", "and is a word of Python (column 3); nest one where(...)"),
        ("not a", "turn the comparison round"),
        ("x is y", "is is a word of Python"),
        ("1or 2", "or is a word of Python"),
        ("True", "True is a word of Python (column 1); write 1"),
        ("None", "None is a word of Python"),
        ("x := 3", "':' has no place here"),
        ("x = 3", "= is no operator (column 3); write what stands right of it"),
        ("min(x=1)", "= is no operator"),
        ("x; y", "';' has no place here (column 2)"),
        ("x # y", "'#' has no place here"),
        ("x @ y", "'@' has no place here"),
        ("~x", "'~' has no place here"),
        ("x | y", "'|' has no place here"),
        ("a \\\n + b", "'\\\\' has no place here"),
        ("\x00", "'\\x00' has no place here"),
        ("x ^ 2", "^ is no operator (column 3); write ** for a power"),
        ("5 %", "% is no operator (column 3); write 0.05 for 5 %"),
        ("a // b", "an operand is missing before / (column 4)"),
        ("a << b", "an operand is missing before <"),
        ("a <> b", "an operand is missing before >"),
        ("*a", "an operand is missing before *"),
        ("min(*a)", "an operand is missing before *"),
        ("min(**a)", "an operand is missing before **"),
        ("a +", "an operand is missing at the end (column 3)"),
        ("(", "an operand is missing at the end"),
        ("(a", "this parenthesis is not closed (column 1)"),
        ("a)", "this parenthesis closes nothing (column 2)"),
        ("a b", "an operator is missing before b (column 3)"),
        ("2x", "an operator is missing before x (column 2)"),
        ("2 kWh", "an operator is missing before kWh"),
        ("0x10", "an operator is missing before x10"),
        ("1_000", "an operator is missing before _000"),
        ("2j", "an operator is missing before j"),
        ("007", "this cannot be read as arithmetic (column 1); a number has no zeros"),
        ("a, b", "a comma only parts a function's arguments"),
        ("(a, b)", "a comma only parts a function's arguments"),
        ("min(a,)", "an operand is missing before ) (column 7)"),
        ("a < b", "a comparison stands only first in a where (column 1)"),
        ("max(a < b, 1)", "a comparison stands only first in a where (column 5)"),
        ("where(a, 1, 2)", "where takes a comparison first (column 7); write where("),
        ("where(0 < a < 1, 1, 2)", "a chain of comparisons (column 7)"),
        ("where(a < b, 1 < 2, 2)", "a comparison stands only first in a where"),
        ("where(a < b, 1)", "where takes three arguments, not 2"),
        ("min(a)", "min takes two arguments or more, not 1"),
        ("sqrt()", "sqrt takes one argument, not 0"),
        ("log(a, 10)", "log takes one argument, not 2"),
        ("min + 1", "min is a function (column 1); write min(...)"),
        ("", "the formula is empty; write a number or an id"),
        (" \n", "the formula is empty"),
        ("1e400", "1e400 is beyond what a number can be (column 1)"),
        ("x + 1" + "0" * 400, "is beyond what a number can be (column 5)"),
        ("x²", "x² is not written in plain letters (column 1); retype it"),
        ("ﬁeld", "is not written in plain letters"),
        ("x" * 2001, "2001 characters; 2000 are allowed"),
        ("+".join(["x"] * 251), "more than 500 parts (column 501); name a part"),
        ("-" * 1000 + "x", "more than 500 parts"),
        ("-" * 499 + "x", "nested more than 50 deep"),
        ("(" * 51 + "x" + ")" * 51, "nested more than 50 deep (column 51)"),
        ("abs(" * 300 + "x" + ")" * 300, "nested more than 50 deep"),
        ("**".join(["x"] * 60), "nested more than 50 deep"),
    ],
)  # fmt: skip
def test_what_is_no_plain_arithmetic_is_refused_with_its_place(text, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ExpressionError, match=re.escape(message)):
            parse(text)


def test_a_message_about_a_long_formula_shows_the_place():
    text = " + ".join(f"input_{i}" for i in range(40)) + " + a ^ 2 + b" + " + c" * 30
    with pytest.raises(ExpressionError, match=r"`\.\.\..{28,}a \^ 2 \+ b.*\.\.\.`"):
        parse(text)


def test_bounds_are_reached_without_a_fault():
    long = parse("+".join(["x"] * 250))
    assert long.evaluate({"x": np.array(1.0)}) == 250
    deep = parse("(" * 50 + "x" + ")" * 50)
    assert spelt(deep) == "x"


@pytest.mark.parametrize("text", ["x ** 48", "(x ** 16) ** 3", "x ** (6 * 8)"])
def test_a_pure_number_may_have_any_power(text):
    got = parse(text).evaluate({"x": np.array([1.5, 1e300])})
    np.testing.assert_allclose(got, [1.5**48, np.inf], rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("min", "a function has this name"),
        ("a.lambda", "lambda is a word of Python"),
        ("1a", "begin with a letter"),
        ("a..b", "words of letters, digits and underscores"),
        ("a b", "words of letters"),
        ("", "words of letters"),
        ("x²", "not written in plain letters"),
        ("a" * 3000, "words of letters"),
    ],
)
def test_an_id_that_no_formula_could_read_is_refused(text, message):
    with pytest.raises(ExpressionError, match=message):
        check_id(text)


@given(text=st.from_regex(r"[a-z_][a-z0-9_]{0,4}(\.[a-z_]{1,4}){0,2}", fullmatch=True))
def test_an_id_is_good_exactly_where_a_formula_reads_it_as_one_name(text):
    try:
        check_id(text)
    except ExpressionError:
        with pytest.raises(ExpressionError):
            parse(text)
    else:
        assert parse(text).names == {text}


ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.text("xy1.0 ()*/+-<>=,e_", max_size=40),
    st.lists(
        st.sampled_from(
            [
                "x",
                "a.b",
                "min",
                "where",
                "(",
                ")",
                ",",
                "**",
                "-",
                "<",
                "1e9",
                "9",
                "if",
            ]
        ),
        max_size=25,
    ).map(" ".join),
)


@given(text=ANY_TEXT)
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        expression = parse(text)
    except ExpressionError:
        return
    got = expression.evaluate(dict.fromkeys(expression.names, np.array(0.5)))
    assert got.shape == ()
    # what is read is read by Python as well, and is an expression
    compile(" ".join(text.split()), "formula", "eval")


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas over smaller ones, in text that Python's own eval reads as well."""
    sign, two = st.sampled_from("+-*/"), st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        st.tuples(inner, sign, inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("sqrt(abs({}))".format),
        inner.map("floor({})".format),
        two.map(lambda parts: f"max({', '.join(parts)})"),
        two.map(lambda parts: f"min({', '.join(parts)})"),
        st.tuples(
            inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, two
        ).map(lambda p: f"where({p[0]} {p[1]} {p[2]}, {p[3][0]}, {p[3][1]})"),
    )


LEAVES = st.sampled_from(["x", "y", "z"]) | st.floats(0, 100).map(repr)
PYTHON = {
    "__builtins__": {},
    "abs": abs,
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "floor": lambda x: float(math.floor(x)),
    "where": lambda condition, a, b: a if condition else b,
}


@given(
    text=st.recursive(LEAVES, grown, max_leaves=12),
    x=st.floats(-5, 5),
    y=st.floats(0.1, 5),
    z=st.integers(-3, 3).map(float),
)
def test_a_formula_computes_what_python_computes(text, x, y, z):
    try:
        expected = eval(text, PYTHON, {"x": x, "y": y, "z": z})
    except (ArithmeticError, ValueError):
        assume(False)  # Python raises where numpy gives inf or nan
    got = parse(text).evaluate({"x": np.array(x), "y": np.array(y), "z": np.array(z)})
    # IEEE 754 rounds each of these operations exactly: equal to the last bit
    assert got == expected or (math.isnan(got) and math.isnan(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exp(x)", [1.0, math.e]),
        ("log(exp(x))", [0.0, 1.0]),
        ("log10(100) + x", [2.0, 3.0]),
        ("cos(x) ** 2 + sin(x) ** 2", [1.0, 1.0]),
        ("tan(x) - sin(x) / cos(x)", [0.0, 0.0]),
        ("asin(x)", [0.0, math.pi / 2]),
        ("acos(x)", [math.pi / 2, 0.0]),
        ("4 * atan(x)", [0.0, math.pi]),
        ("atan2(-x, x - 1)", [-math.pi, -math.pi / 2]),
        ("7", 7.0),
        ("(x + 2) ** 3", [8.0, 27.0]),
        ("where(x > 0.5, 1, 2)", [2.0, 1.0]),
        ("where(x <= 0, 1 / x, x)", [np.inf, 1.0]),
    ],
)
def test_a_formula_maps_over_arrays(text, expected):
    got = parse(text).evaluate({"x": np.array([0.0, 1.0])})
    assert got.dtype == np.float64
    # a few roundings of 1e-16 in the transcendental functions
    np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-15)


def test_evaluation_broadcasts_and_leaves_its_arguments_alone():
    a, b = np.ones((3, 1)), np.arange(4.0)
    got = parse("-abs(a * b - 1)").evaluate({"a": a, "b": b})
    np.testing.assert_array_equal(got, np.tile([-1.0, 0.0, -1.0, -2.0], (3, 1)))
    np.testing.assert_array_equal(b, np.arange(4.0))


def test_an_id_without_a_value_is_named():
    with pytest.raises(ExpressionError, match=r"a\.b \+ c: no value for a\.b"):
        parse("a.b + c").evaluate({"c": np.array(1.0)})


DECLARED = {
    "electricity": "kWh/t",
    "factor": "kg CO2e/kWh",
    "heat": "GJ/t",
    "mass": "t",
    "area": "m**2",
    "share": "%",
    "distance": "km",
    "n": "1",
}


def measured(text: str, expected: str | None = None) -> object:
    """Dimension of a formula over `DECLARED`."""
    return dimension(
        parse(text),
        lambda name: UNITS.parse(DECLARED[name]).dimension,
        None if expected is None else UNITS.parse(expected).dimension,
    )


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("electricity * factor", "kg CO2e/t"),
        ("electricity / share + heat", "MJ/t"),
        ("max(0, electricity - heat)", "kWh/kg"),
        ("max(electricity, 0)", "kWh/kg"),
        ("min(electricity, heat, -0)", "kWh/kg"),
        ("0 * mass + mass", "kg"),
        ("mass + (1 - 1)", "kg"),
        ("sqrt(area)", "m"),
        ("area ** 0.5 + distance", "m"),
        ("area ** (3 / 2)", "m**3"),
        ("(area * distance) ** (1 / 3)", "m"),
        ("distance ** -1", "1/m"),
        ("mass ** 0", "1"),
        ("share ** n", "1"),
        ("2 ** share", "1"),
        ("exp(-distance / sqrt(area))", "1"),
        ("floor(mass / mass)", "1"),
        ("asin(share) + acos(share) + atan(n)", "1"),
        ("atan2(share, mass / mass)", "1"),
        ("(distance ** 4) ** 4", "m**4 * m**4 * m**4 * m**4"),
        ("(mass / mass) ** 99", "1"),
        ("abs(-mass)", "kg"),
        ("where(mass > 0, heat, electricity)", "kWh/t"),
        ("where(share < 0.5, 0, electricity)", "kWh/t"),
        ("where(sqrt(area) >= distance, 1, 2)", "1"),
    ],
)
def test_units_follow_the_formula(text, units):
    assert measured(text) == UNITS.parse(units).dimension
    assert measured(text, units) == UNITS.parse(units).dimension


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("electricity * factor + mass",
         "cannot add `electricity * factor` (carbon_dioxide_equivalent) and `mass` "
         "(mass) (column 1); check the units of both"),
        ("n * (electricity - mass)",
         "cannot subtract `electricity` (energy/mass) and `mass` (mass) (column 6)"),
        ("electricity + 5", "cannot add `electricity` (energy/mass) and `5` "
         "(dimensionless)"),
        ("max(1, mass)", "cannot compare `1` (dimensionless) and `mass` (mass)"),
        ("min(mass, n, mass)", "cannot compare `mass` (mass) and `n` (dimensionless)"),
        ("where(mass > 1, n, n)", "cannot compare `mass` (mass) and `1`"),
        ("where(n > 1, mass, n)", "cannot choose between `mass` (mass) and `n`"),
        ("log(mass)", "log takes a pure number, not `mass` (mass) (column 1); divide"),
        ("floor(mass)", "floor takes a pure number, not `mass` (mass)"),
        ("sin(distance)", "sin takes a pure number, not `distance` (length)"),
        ("mass ** n", "a power of `mass` (mass) needs an exponent made of numbers"),
        ("2 ** mass", "an exponent must be a pure number, not `mass` (mass)"),
        ("atan2(mass, n)", "atan2 takes pure numbers, not `mass` (mass) (column 1)"),
        ("acos(distance)", "acos takes a pure number, not `distance` (length)"),
        ("distance ** 17", "`distance` (length) to the power 17 has a unit to a power "
         "beyond 16 (column 1); divide the base by a quantity of its kind"),
        ("(distance ** 16) ** 3", "`distance ** 16` (length^16) to the power 3 has a "),
        ("area ** -9", "`area` (length^2) to the power -9 has a unit to a power"),
        ("mass ** (9 ** 9 ** 9)", "`mass` (mass) to the power inf has a unit to a"),
        ("mass ** (0 / 0)", "`mass` (mass) to the power nan has a unit to a power"),
        ("mass ** mass", "an exponent must be a pure number, not `mass` (mass)"),
    ],
)  # fmt: skip
def test_units_that_do_not_agree_are_a_fault_that_shows_both_sides(text, message):
    with pytest.raises(ExpressionError, match=re.escape(message)):
        measured(text)


def test_columns_and_pieces_count_letters_and_not_bytes():
    with pytest.raises(
        ExpressionError, match=r"cannot add `排放` .* `电` .*column 8\)"
    ):
        dimension(
            parse("(一) + (排放 + 电)"),
            lambda name: UNITS.parse("kg" if name == "电" else "1").dimension,
        )


def test_the_whole_must_measure_what_is_declared():
    message = "the formula gives energy/mass where mass is declared; numbers"
    with pytest.raises(ExpressionError, match=message):
        measured("electricity", "t")
    with pytest.raises(ExpressionError, match="gives dimensionless where mass"):
        measured("5", "t")


def test_a_formula_that_is_zero_measures_anything():
    assert measured("0", "kWh/t") == UNITS.parse("kWh/t").dimension
    assert measured("0") == DIMENSIONLESS
