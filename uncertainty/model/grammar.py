"""Grammar of formulas: from text to the steps of a stack program, running nothing.

A scan allows only numbers, ids, operators, commas and parentheses, and bounds length,
size and nesting; then Python's own grammar reads what is left (``ast``, so that
precedence is Python's); then a white list turns the tree into steps.
"""

import ast
import keyword
import math
import re
import unicodedata
from typing import NamedTuple

from uncertainty.errors import ExpressionError, nearest
from uncertainty.model.operations import FUNCTIONS, OPERATIONS

LONGEST = 2000
"""Characters a formula may have."""
LARGEST = 500
"""Numbers, ids, function names and operators a formula may have."""
DEEPEST = 50
"""Levels of nesting a formula may have; a long sum is one level."""

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>{_NAME})
    |(?P<open>\()
    |(?P<close>\))
    |(?P<comma>,)
    |(?P<operator>\*\*|[<>=!]=|[-+*/<>])""",
    re.VERBOSE,
)
_REFUSED = {
    "'": ("a string is not allowed in a formula", ""),
    '"': ("a string is not allowed in a formula", ""),
    "^": ("^ is no operator", "write ** for a power"),
    "%": ("% is no operator", "write 0.05 for 5 %"),
    "=": ("= is no operator", "write what stands right of it, or == to compare"),
    "[": ("[ has no place in a formula", "the parts of an id are joined by dots"),
    ".": ("a dot has its place inside a number or an id only", ""),
}
_WORDS = {
    "if": "write where(condition, a, b)",
    "else": "write where(condition, a, b)",
    "and": "nest one where(...) in another",
    "or": "nest one where(...) in another",
    "not": "turn the comparison round",
    "True": "write 1",
    "False": "write 0",
}
_SPELT = {
    "ln": "log is the natural logarithm",
    "pow": "write a ** b for a power",
    **{f"arc{name}": f"write a{name}(...)" for name in ("sin", "cos", "tan", "tan2")},
}


class Step(NamedTuple):
    """One step of a stack program, and the piece of the text it stands for.

    ``value`` is a number or an id to push (`arity` 0), or an operation word that
    takes `arity` operands off the stack.
    """

    value: float | str
    arity: int
    start: int
    end: int


def read(text: str) -> tuple[Step, ...]:
    """Turn a formula into the steps that compute it; see `expressions.parse`.

    Raises
    ------
    ExpressionError
        The text is not plain arithmetic, or beyond the bounds of this module.
    """
    if len(text) > LONGEST:
        raise fault(text, 0, f"{len(text)} characters; {LONGEST} are allowed")
    _scan(text)
    # YAML may keep line breaks: here they are spaces, and columns stay as they are
    line = re.sub(r"\s", " ", text)
    try:
        tree = ast.parse(line.strip(), mode="eval")
    except SyntaxError:
        mend = "a number has no zeros in front"
        raise fault(text, 0, "this cannot be read as arithmetic", mend) from None
    except (RecursionError, MemoryError):
        raise _too_deep(text, 0) from None
    translation = _Translation(text, line)
    translation.emit(tree.body, 0)
    return tuple(translation.steps)


def check_id(text: str) -> None:
    """Refuse a text that cannot name a quantity in a formula.

    Raises
    ------
    ExpressionError
        It is not dotted words of letters, digits and underscores, it is a
        function's name, or a part of it is a Python keyword.
    """
    if len(text) > LONGEST or not re.fullmatch(_NAME, text):
        raise ExpressionError(
            f"{shown(text)}: an id is words of letters, digits and underscores that "
            "begin with a letter, joined by dots: kiln.fuel_heat"
        )
    if unread := _name_fault(text):
        raise ExpressionError(f"{shown(text)}: {'; '.join(unread)}")
    if text in FUNCTIONS:
        raise ExpressionError(f"{text}: a function has this name; choose another")


def fault(text: str, at: int, what: str, mend: str = "") -> ExpressionError:
    """Make the error for a place in a formula, with a way to mend it."""
    mend = f"; {mend}" if mend else ""
    return ExpressionError(f"`{shown(text, at)}`: {what} (column {at + 1}){mend}")


def shown(text: str, at: int = 0) -> str:
    """Cut a text to what fits a message, round a place in it."""
    if len(text) <= 60 and text.isprintable():
        return text
    start = max(0, min(at - 30, len(text) - 60))
    piece = text[start : start + 60]
    piece = "".join(letter if letter.isprintable() else " " for letter in piece)
    return "..." * (start > 0) + piece + "..." * (start + 60 < len(text))


def _too_deep(text: str, at: int) -> ExpressionError:
    return fault(text, at, f"nested more than {DEEPEST} deep", "name a part of it")


def _scan(text: str) -> None:
    """Allow only the tokens of arithmetic, each in its place, in bounded number."""
    opened: list[int] = []
    at = size = 0
    before = "start"
    while at < len(text):
        kind, token = _token(text, at)
        if kind == "space":
            at += len(token)
            continue
        if what := _misplaced(before, kind, token):
            raise fault(text, at, f"{what} before {shown(token)}")
        if kind == "open":
            opened.append(at)
        elif kind == "close" and not opened:
            raise fault(text, at, "this parenthesis closes nothing")
        elif kind == "close":
            opened.pop()
        if len(opened) > DEEPEST:
            raise _too_deep(text, at)
        size += kind in ("number", "name", "operator")
        if size > LARGEST:
            raise fault(text, at, f"more than {LARGEST} parts", "name a part of it")
        # the parenthesis of a call may close at once, any other may not
        before = "call" if kind == "open" and before == "name" else kind
        at += len(token)
    if before == "start":
        raise ExpressionError("the formula is empty; write a number or an id")
    if before in ("operator", "comma", "open"):
        raise fault(text, len(text) - 1, "an operand is missing at the end")
    if opened:
        raise fault(text, opened[-1], "this parenthesis is not closed")


def _token(text: str, at: int) -> tuple[str, str]:
    """Kind and text of the token at a place."""
    found = _TOKEN.match(text, at)
    if found is None:
        what, mend = _REFUSED.get(text[at], (f"{text[at]!r} has no place here", ""))
        raise fault(text, at, what, mend or "formulas are arithmetic over ids")
    kind, token = found.lastgroup or "", found[0]
    if kind == "name" and (unread := _name_fault(token)):
        raise fault(text, at, *unread)
    if kind == "number" and not math.isfinite(float(token)):
        raise fault(text, at, f"{shown(token)} is beyond what a number can be")
    return kind, token


def _misplaced(before: str, kind: str, token: str) -> str | None:
    """Tell what is missing between two tokens, None where nothing is."""
    if before in ("number", "name", "close"):
        called = kind == "open" and before == "name"
        if kind in ("number", "name", "open") and not called:
            return "an operator is missing"
        return None
    signed = token in ("+", "-")
    if kind in ("operator", "comma") and not signed:
        return "an operand is missing"
    return "an operand is missing" if kind == "close" and before != "call" else None


def _name_fault(name: str) -> tuple[str, str] | None:
    """Fault and mend where Python would not read an id as it stands."""
    words = name.split(".")
    plain = unicodedata.normalize("NFKC", name) == name
    if not plain or not all(word.isidentifier() for word in words):
        return f"{shown(name)} is not written in plain letters", "retype it"
    if word := next((w for w in words if keyword.iskeyword(w)), None):
        return f"{word} is a word of Python", _WORDS.get(word, "choose another id")
    return None


def _takes(function: str) -> str:
    if function in ("min", "max"):
        return "two arguments or more"
    return ("one argument", "two arguments", "three arguments")[
        OPERATIONS[function].arity - 1
    ]


class _Translation:
    """The white list: a Python tree in, steps out."""

    def __init__(self, text: str, line: str) -> None:
        self.text = text
        self.steps: list[Step] = []
        self._lead = len(line) - len(line.lstrip())
        self._bytes = line.strip().encode()

    def emit(self, node: ast.expr, depth: int) -> None:
        """Append the steps that compute a node."""
        if depth > DEEPEST:
            raise _too_deep(self.text, self._span(node)[0])
        chain: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):  # a long sum leans left: not by recursion
            chain.append(node)
            node = node.left
        match node:
            case ast.Constant(value=int() | float() as value):
                self._push(float(value), 0, node)
            case ast.Name() | ast.Attribute():
                self._push(self._id(node), 0, node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                self.emit(operand, depth + 1)
                self._push("neg", 1, node)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                self.emit(operand, depth + 1)
            case ast.Call():
                self._call(node, depth)
            case ast.Compare():
                what = "a comparison stands only first in a where"
                raise self._fault(node, what, "write where(x > 0, a, b)")
            case ast.Tuple():
                raise self._fault(node, "a comma only parts a function's arguments")
            case _:
                raise self._fault(node, "this is not plain arithmetic")
        for outer in reversed(chain):
            self.emit(outer.right, depth + 1)
            self._push(_BINARY[type(outer.op)], 2, outer)

    def _call(self, node: ast.Call, depth: int) -> None:
        """Append a function's arguments and its steps."""
        name, count = self._dotted(node.func), len(node.args)
        if name not in FUNCTIONS:
            near = nearest(name, FUNCTIONS).removeprefix("; ")
            known = f"there are {', '.join(FUNCTIONS)}"
            mend = _SPELT.get(name) or near or known
            raise self._fault(node, f"there is no function {shown(name)}", mend)
        pairwise = name in ("min", "max")
        if count < 2 if pairwise else count != OPERATIONS[name].arity:
            raise self._fault(node, f"{name} takes {_takes(name)}, not {count}")
        for place, argument in enumerate(node.args):
            if name == "where" and place == 0:
                self._comparison(argument, depth + 1)
            else:
                self.emit(argument, depth + 1)
            if pairwise and place > 0:
                self._push(name, 2, node)
        if not pairwise:
            self._push(name, count, node)

    def _comparison(self, node: ast.expr, depth: int) -> None:
        """Append the condition of a where."""
        if not isinstance(node, ast.Compare):
            what = "where takes a comparison first"
            raise self._fault(node, what, "write where(x > 0, a, b)")
        if len(node.ops) > 1:
            what = "a chain of comparisons"
            raise self._fault(node, what, "nest one where(...) in another")
        self.emit(node.left, depth + 1)
        self.emit(node.comparators[0], depth + 1)
        self._push(_COMPARED[type(node.ops[0])], 2, node)

    def _id(self, node: ast.expr) -> str:
        name = self._dotted(node)
        if name in FUNCTIONS:
            raise self._fault(node, f"{name} is a function", f"write {name}(...)")
        return name

    def _dotted(self, node: ast.expr) -> str:
        """Join a chain of attributes on a name; the scan saw no other dots."""
        words: list[str] = []
        while isinstance(node, ast.Attribute):
            words.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise self._fault(node, "this is not plain arithmetic")
        return ".".join([node.id, *reversed(words)])

    def _push(self, value: float | str, arity: int, node: ast.expr) -> None:
        self.steps.append(Step(value, arity, *self._span(node)))

    def _fault(self, node: ast.expr, what: str, mend: str = "") -> ExpressionError:
        return fault(self.text, self._span(node)[0], what, mend)

    def _span(self, node: ast.expr) -> tuple[int, int]:
        """Place in the text: Python counts bytes, a reader counts letters."""
        start, end = node.col_offset, node.end_col_offset or node.col_offset
        before = len(self._bytes[:start].decode())
        width = len(self._bytes[start:end].decode())
        return self._lead + before, self._lead + before + width
