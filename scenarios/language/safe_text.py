"""Text that comes from a config, made harmless for the program that will open it.

A label may begin like a formula, hold a tag or a macro. Each function here keeps what
a reader sees and takes away what a program would act on.
"""

import re

_FORMULA = "=+-@\t\r\n＝＋－＠"
"""First letters that make a spreadsheet take a text for a formula."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""Letters that XML has no place for, and nobody sees."""
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    # behind the end of a row these two would be its options
    "[": "{[}",
    "*": "{*}",
}
_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def visible(text: str) -> str:
    """The text with a blank for each control character but tabs and line ends."""
    return _UNSEEN.sub(" ", text)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula.

    Examples
    --------
    >>> is_formula("=1+1"), is_formula("1 = 1")
    (True, False)
    """
    return text.lstrip(" \ufeff\xa0").startswith(tuple(_FORMULA))


def cell(text: str) -> str:
    """A text as a cell of a CSV file, with an apostrophe before what could be run.

    Examples
    --------
    >>> cell("=cmd()"), cell("hydro, 2023")
    ("'=cmd()", 'hydro, 2023')
    """
    plain = visible(text)
    return f"'{plain}" if is_formula(plain) else plain


def tex(text: str) -> str:
    r"""A text as it stands in a line of LaTeX: no command, no line end.

    Examples
    --------
    >>> print(tex("50 % & more_"))
    50 \% \& more\_
    """
    line = " ".join(visible(text).split())
    return "".join(_TEX.get(letter, letter) for letter in line)


def script(text: str) -> str:
    """JSON with nothing in it that a web page around it would take for a tag.

    It is the same JSON: the letters are written by their numbers.
    """
    for letter, number in _SCRIPT.items():
        text = text.replace(letter, number)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
