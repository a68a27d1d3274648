"""What names of other tools mean here: units, greenhouse gases, formulas."""

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources

from scenarios.units import units
from uncertainty.errors import UncertaintyError
from uncertainty.model.expressions import parse

NAMES = tomllib.loads(
    (resources.files(__package__) / "names.toml").read_text(encoding="utf-8")
)
"""Units, gases and sections of other tools."""
UNITS: Mapping[str, str] = NAMES["units"]

FREE = "piece"
"""What is counted in a unit that is not known here."""

_GAS = {name: gas for gas, names in NAMES["gases"].items() for name in names}
ENDING = re.compile(r"(/(kg|air|ground-|low|high).*| \((fossil|air)\))$")


def gas_of(name: str) -> str | None:
    """The greenhouse gas of an elementary flow; None if it is none known here.

    Examples
    --------
    >>> gas_of("Carbon dioxide, fossil"), gas_of("Ammonia")
    ('CO2', None)
    """
    plain = name.strip().lower()
    return _GAS.get(plain) or _GAS.get(ENDING.sub("", plain))


def unit_of(text: str) -> str | None:
    """A unit of another tool in ours; None if there is none.

    Examples
    --------
    >>> unit_of("ton kilometer"), unit_of("MJ"), unit_of("guest night")
    ('t km', 'MJ', None)
    """
    plain = text.strip()
    found = UNITS.get(plain.lower(), plain)
    try:
        units().parse(found or "?")
    except UncertaintyError:
        return None
    return found


def slug(text: str, longest: int = 48) -> str:
    """A name as an id: small letters, digits and underscores.

    Examples
    --------
    >>> slug("Steel, hot rolled {GLO}"), slug("1-butanol")
    ('steel_hot_rolled_glo', 'x1_butanol')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:longest].strip("_")
    if not plain or not plain[0].isalpha():
        plain = f"x{plain}"
    return f"{plain}_" if plain in _TAKEN else plain


_TAKEN = frozenset(
    [
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "false",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "none",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "true",
        "try",
        "while",
        "with",
        "yield",
        "rest",
        "min",
        "max",
        "abs",
        "floor",
        "exp",
        "log",
        "log10",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "where",
        "asin",
        "acos",
        "atan",
        "atan2",
        "footprint",
    ]
)


def formula_of(text: str, dialect: str, rename: Callable[[str], str | None]) -> str:
    """A formula of another tool in the words of the config language.

    Parameters
    ----------
    text : str
    dialect : {"openlca", "python", "simapro", "ecospold2"}
    rename : callable
        Id of a parameter by its name; None where there is no such parameter.

    Raises
    ------
    ValueError
        It has a word that has no counterpart here; says which.

    Examples
    --------
    >>> formula_of("if(a>1; 2^A; 0)", "openlca", lambda name: f"p.{name.lower()}")
    'where(p.a>1, 2**p.a, 0)'
    """
    found = text.strip().lstrip("=")
    if dialect != "python":
        found = found.replace("^", "**").replace(";", ",")

    def word(match: re.Match[str]) -> str:
        name, called = match[1], match[2]
        if called:
            known = FUNCTIONS[dialect].get(name.lower().removeprefix("np."))
            if known is None:
                raise ValueError(f"no function here does what {name} does")
            return f"{known}{called}"
        renamed = rename(name)
        if renamed is None:
            raise ValueError(f"{name} is no parameter of the file")
        return renamed

    found = _WORD.sub(word, found)
    parse(found)
    return found


_WORD = re.compile(r"(?<![\w.])([A-Za-z_][\w.]*)(\s*\(|)")
_SAME = {
    name: name
    for name in [
        "abs",
        "min",
        "max",
        "exp",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "floor",
    ]
}
FUNCTIONS: dict[str, dict[str, str]] = {
    "openlca": {**_SAME, "ln": "log", "lg": "log10", "log10": "log10", "if": "where"},
    "python": {**_SAME, "log": "log", "log10": "log10", "where": "where"},
    "simapro": {**_SAME, "ln": "log", "log": "log10", "iff": "where"},
    "ecospold2": {**_SAME, "ln": "log", "lg": "log10", "if": "where"},
}
"""Functions of a dialect -> ours; what is ambiguous there is not among them."""
