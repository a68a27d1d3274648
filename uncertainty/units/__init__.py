"""Units strings: read, compare and convert them where data comes in.

The grammar is small and this module's own; pint serves as the dictionary of names,
so no text from a config reaches pint but single unit names. What a string means:

- ``kg CO2e/kWh``: a space multiplies and binds closer than a slash, as the field
  means it: ``CNY/t CO2e`` is CNY/(t CO2e), ``kg CO2e/t km`` is kg CO2e/(t km). (pint
  itself would read the last as (kg CO2e/t) km.)
- ``*`` after a slash would be read both ways by different people and is refused
  until parentheses say which; ``kg/t/km`` is read from left to right.
- ``m**2``, ``m^2``, ``m²`` and, for lengths only, ``m2``, ``m3``.
- ``1`` is the dimensionless unit. Offset and logarithmic units (degC, dB) are
  refused: they do not multiply.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from uncertainty.errors import UnitsError, nearest
from uncertainty.units.dimensions import DIMENSIONLESS, Dimension

if TYPE_CHECKING:
    import pint

__all__ = ["DIMENSIONLESS", "LONGEST", "Dimension", "Unit", "Units", "registry"]

LONGEST = 80
"""Characters a units string may have."""

_DEEPEST = 4
_LARGEST_POWER = 9

# Mostly one spelling with two meanings: refused, unless the domain defines them.
_AMBIGUOUS = {
    "ton": "a US short ton to some, 1000 kg to others; write t, or short_ton",
    "tons": "US short tons to some, 1000 kg to others; write t, or short_ton",
    "kt": "a knot to some, 1000 t to others; write Gg, or knot",
    "MT": "a megatesla to some, a tonne to others; write t or Mt, or megatesla",
    "mt": "a milli-tonne by its prefix, a metric tonne to the industry; write t, or kg",
    "kton": "1000 short tons to some, 1000 t to others; write Gg",
    "ktons": "1000 short tons to some, 1000 t to others; write Gg",
    "Mton": "a million short tons to some, a million t to others; write Mt",
    "MM": "a million to some, a megamole per litre to others; write M, as in MBtu",
    "Mm3": "a cubic megametre by its prefix, a million m3 in gas tables; write hm**3",
    "bbl": "a barrel of oil to some, of another liquid to others; write oil_bbl",
    "MMBtu": "a million Btu; write MBtu",
    "mmBtu": "a million Btu; write MBtu",
    "MMBTU": "a million Btu; write MBtu",
    "Nm3": "a cubic metre at normal conditions; write m3, and the conditions in a note",
    "Sm3": "a cubic metre at standard conditions; write m3, and those in a note",
    "dimensionless": "not a name here; write 1",
}
_ENERGY = (("mass", 1), ("length", 2), ("time", -2))
_USUAL: dict[tuple[tuple[str, int], ...], dict[str, str]] = {
    (("mass", 1),): {"kg": "1", "g": "1/1000", "t": "1000"},
    (("length", 1),): {"m": "1", "km": "1000"},
    (("time", 1),): {"s": "1", "min": "60", "h": "3600", "day": "86400"},
    _ENERGY: {
        **{"J": "1", "kJ": "1e3", "MJ": "1e6", "GJ": "1e9", "TJ": "1e12"},
        **{"Wh": "3600", "kWh": "3.6e6", "MWh": "3.6e9", "GWh": "3.6e12"},
    },
    (): {"percent": "1/100"},
}
"""Units that most studies keep to, in base units; a test holds them to pint's."""
_GLUED = re.compile(r"([kMGTm]?g|[kMG]?t)([A-Z]\w*?)(?:eq)?")
"""A mass written together with the gas that it is of: tCO2e, kgCO2eq."""
_DASHED = re.compile(r"([A-Z][A-Za-z]*\d*)-?e(?:q|quiv)?\b")
"""A gas in equivalents, as it is not written here: CO2-eq."""
_NEW_UNIT = re.compile(r"(\w+) = \[(\w*)\]")
_MULTIPLE = re.compile(r"(\w+) = (?:(\d[\d.e]*) )?(\w+)((?: = \w+)*)")
_SPELT_OUT = {"%": "percent", "‰": "permille"}
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
_PLAIN = str.maketrans(_SUPERSCRIPTS, "0123456789-")
_TOKEN = re.compile(
    rf"""(?P<space>\ +)
    |(?P<power>(?:\*\*|\^)\ *(?P<exponent>-?\d+(?:\.\d+)?|\(-?\d+(?:\.\d+)?\)))
    |(?P<superscript>[{_SUPERSCRIPTS}]+)
    |(?P<mark>[*·/()])
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[%‰]|(?:(?![{_SUPERSCRIPTS}\d])\w)(?:(?![{_SUPERSCRIPTS}])\w)*)""",
    re.VERBOSE,
)
_QUANTITY = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\s+(?=\S)|(?=[%‰A-Za-z一-鿿]))(.+)"
)
_MENDS = {
    ".": "write t*km for a product",
    "-": "write t*km for a product, kWh**-1 for a power",
    ",": "write a product as t*km",
    "°": "write K or delta_degC for temperature differences, deg for angles",
}

_Size = tuple[Fraction, Dimension]  # size in base units, and what it measures


@dataclass(frozen=True)
class Unit:
    """A units string that has been read.

    ``factor`` is the size of one of it in coherent base units (kg, m, s, ... and the
    base units that the domain defined); ``dimension`` is what it measures.
    """

    text: str
    factor: float
    dimension: Dimension


class Units:
    """A dictionary of unit names and a reader of units strings; see `registry`."""

    def __init__(self, definitions: tuple[str, ...] = ()) -> None:
        self._definitions = definitions
        self._own = {text.partition("=")[0].strip() for text in definitions}
        self._read: dict[str, Unit] = {}

    @property
    def labels(self) -> frozenset[str]:
        """Names that the domain has defined."""
        return frozenset(self._own)

    def parse(self, text: str) -> Unit:
        """Read a units string; one read before costs nothing.

        Parameters
        ----------
        text : str
            At most 80 characters, e.g. ``kg CO2e/kWh``; ``1`` is dimensionless.

        Returns
        -------
        Unit

        Raises
        ------
        UnitsError
            The text is not units, a name in it is unknown (the nearest known one is
            told), or a unit in it does not multiply (an offset, a logarithm).
        """
        if known := self._read.get(text):
            return known
        try:
            size, dimension = _Reader(self, text).read()
            factor = float(size)
        except ArithmeticError:
            factor = 0.0
        if factor == 0:
            raise UnitsError(f"{text}: the unit is too large or too small to compute")
        return self._read.setdefault(text, Unit(text, factor, dimension))

    def compatible(self, a: str, b: str) -> bool:
        """Whether two units strings measure the same thing."""
        return self.parse(a).dimension == self.parse(b).dimension

    def conversion(self, a: str, b: str) -> float:
        """Give the factor from a number in units `a` to the number in units `b`.

        Raises
        ------
        UnitsError
            They do not measure the same thing, or one of them cannot be read.
        """
        source, target = self.parse(a), self.parse(b)
        if source.dimension != target.dimension:
            raise UnitsError(
                f"{a} ({source.dimension}) cannot be turned into {b} "
                f"({target.dimension}): they do not measure the same thing"
            )
        return source.factor / target.factor

    def quantity(self, text: str) -> tuple[float, str]:
        """Split ``13500 kWh/t`` into its number and its units string.

        Raises
        ------
        UnitsError
            There is no number in front, it is not finite, or no units follow it.
        """
        found = _QUANTITY.fullmatch(text)
        if found is None or not math.isfinite(float(found[1])):
            raise UnitsError(
                f"{_shown(text)}: write a finite number, its decimal mark a point, "
                "and its units: 13500 kWh/t"
            )
        return float(found[1]), self.parse(found[2].strip()).text

    def size(self, name: str) -> _Size:
        """Exact size in base units and dimension of one unit name.

        Raises
        ------
        UnitsError
            The name is unknown or ambiguous, or the unit does not multiply.
        """
        if name in _AMBIGUOUS and name not in self._own:
            raise UnitsError(f"{name} is {_AMBIGUOUS[name]}")
        if found := self._look_up(_SPELT_OUT.get(name, name)):
            return found
        # m2, cm3: only lengths, since N2 or H2 would be a gas and not a square
        if (powered := re.fullmatch(r"([^\W\d]+)([23])", name)) and (
            base := self._look_up(powered[1])
        ):
            power = int(powered[2])
            if str(base[1]) == "length":
                return base[0] ** power, base[1] ** power
        mend = self._apart(name) or self._nearest(name)
        raise UnitsError(f"{name} is not a unit known here{mend}")

    def _apart(self, name: str) -> str:
        """How to write a mass that is glued to what it is a mass of, as a clause."""
        found = _GLUED.fullmatch(name)
        if found is None:
            return ""
        label = found[2].removesuffix("eq").removesuffix("e")
        label += "e" if found[2] != label or name.endswith("eq") else ""
        return f"; write {found[1]} {label}" if label in self._own else ""

    @cached_property
    def _dictionary(self) -> "pint.UnitRegistry[Fraction]":
        import pint  # late: it costs a quarter of a second

        # exact fractions, so that kWh and TJ are exact and a factor is rounded once;
        # a definition of the domain goes before one of pint's (kt)
        dictionary: pint.UnitRegistry[Fraction] = pint.UnitRegistry(
            non_int_type=Fraction, on_redefinition="ignore", cache_folder=None
        )
        for definition in self._definitions:
            try:
                dictionary.define(definition)
            except Exception as fault:  # pint and its parser raise many kinds
                raise UnitsError(
                    f"{definition}: not a definition of a unit; write name = units, "
                    "or name = [dimension] for a new base unit"
                ) from fault
        return dictionary

    @cached_property
    def _usual(self) -> dict[str, _Size]:
        """Sizes that need no dictionary, which takes most of a second to open.

        Empty where a definition of the domain is more than a new dimension, a mere
        label or a multiple of a unit known here: it may be at fault, or stand for
        one of these.
        """
        usual = {
            name: (
                Fraction(size),
                Dimension.of((f"[{d}]", Fraction(n)) for d, n in powers),
            )
            for powers, sizes in _USUAL.items()
            for name, size in sizes.items()
        }
        new: dict[str, _Size] = {}
        for definition in self._definitions:
            if found := _NEW_UNIT.fullmatch(definition):
                named = [(f"[{found[2]}]", Fraction(1))] if found[2] else []
                new[found[1]] = Fraction(1), Dimension.of(named)
                continue
            found = _MULTIPLE.fullmatch(definition)
            times, known = Fraction(1), None
            if found:
                known = usual.get(found[3]) or new.get(found[3])
                if known is None and found[3].startswith("k"):
                    times, known = Fraction(1000), new.get(found[3][1:])
            if found is None or known is None:
                return {}
            size = times * Fraction(found[2] or 1) * known[0], known[1]
            new |= dict.fromkeys([found[1], *found[4].split(" = ")[1:]], size)
        return {} if usual.keys() & new.keys() else usual | new

    def _look_up(self, name: str) -> _Size | None:
        """Size and dimension of a known name, None for an unknown one."""
        if found := self._usual.get(name):
            return found
        dictionary = self._dictionary
        if not dictionary.parse_unit_name(name):
            return None
        try:
            sizes = [
                Fraction(dictionary.Quantity(Fraction(n), name).to_base_units().m)
                for n in (0, 1)
            ]
        except TypeError:  # a logarithm of an exact fraction: dB and its like
            sizes = [Fraction(1), Fraction(1)]
        if sizes[0] != 0:
            raise UnitsError(
                f"{name} does not multiply (its zero is not zero); write a linear "
                "unit, K or delta_degC for temperatures"
            )
        powers = dictionary.get_dimensionality(name).items()
        # pint's type for a power is wider than the fractions this registry makes
        return sizes[1], Dimension.of((str(n), Fraction(str(p))) for n, p in powers)

    def _nearest(self, name: str) -> str:
        """Ask for the nearest known unit, as the end of a message."""
        prefixed = [p + u for u in ("Wh", "W", "J", "g", "m") for p in ("k", "M", "G")]
        known = [n for n in (*prefixed, *self._dictionary) if n not in _AMBIGUOUS]
        # what is left without its first letters is another size: no tce for kgce
        known = [n for n in known if not (name.endswith(n) and len(n) < len(name))]
        folded = [n for n in known if n.casefold() == name.casefold()]
        cutoff = 0.0 if folded else 0.6  # only the case is wrong: near enough
        return nearest(name, folded or known, cutoff)


@lru_cache
def _registry(definitions: tuple[str, ...]) -> Units:
    return Units(definitions)


def registry(extra_definitions: Sequence[str] = ()) -> Units:
    """Reader of units strings that also knows the units a domain adds.

    Parameters
    ----------
    extra_definitions : sequence of str
        Definitions in pint's syntax, from code and not from users: a new base unit
        ``CNY = [currency_CNY]``, a mere label ``CO2 = []``, or ``tkm = t * km``. They
        go before pint's own. A fault in one is raised when a unit is first
        read that is none of the usual ones.

    Returns
    -------
    Units
        The same object for the same definitions.
    """
    return _registry(tuple(extra_definitions))


def _shown(text: str) -> str:
    piece = "".join(c if c.isprintable() else " " for c in text[:LONGEST])
    return piece if len(text) <= LONGEST else piece + "..."


class _Reader:
    """One pass over a units string, by recursive descent."""

    def __init__(self, units: Units, text: str) -> None:
        self.units, self.text = units, text
        self.tokens = [*self._split(), ("end", "")]
        self.at = 0

    def read(self) -> _Size:
        """Size in base units and dimension of the whole string."""
        result = self._ratio(depth=0)
        if self._next[0] != "end":
            raise self._fault(f"{self._next[1]!r} has no place there")
        return result

    def _fault(self, what: str) -> UnitsError:
        return UnitsError(f"{_shown(self.text)}: {what}")

    def _split(self) -> Iterator[tuple[str, str]]:
        """Tokens as (kind, text), spaces left out; a mark's kind is itself."""
        text, at = self.text, 0
        if len(text) > LONGEST:
            raise self._fault(f"{len(text)} characters, units have {LONGEST} at most")
        if not text.strip(" "):
            raise self._fault("no units; write 1 for a dimensionless quantity")
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                mend = _MENDS.get(text[at], "units are like kg CO2e/kWh, m**2 or 1")
                before = re.search(r"\w*$", text[:at])
                dashed = _DASHED.match(text, at - len(before[0]) if before else at)
                if dashed and f"{dashed[1]}e" in self.units.labels:
                    mend = f"write {dashed[1]}e"
                raise self._fault(f"{text[at]!r} has no place in units; {mend}")
            kind, word = found.lastgroup or "", found[0]
            if kind in ("power", "superscript"):
                power = found["exponent"] or word.translate(_PLAIN)
                yield "power", power.strip("()")
            elif kind == "mark" or word == "per":
                yield ("/" if word == "per" else word,) * 2
            elif kind != "space":
                yield kind, word
            at = found.end()

    @property
    def _next(self) -> tuple[str, str]:
        return self.tokens[self.at]

    @property
    def _after(self) -> str:
        return self.tokens[self.at + 1][0]

    def _ratio(self, depth: int) -> _Size:
        """Products joined by * and /, from left to right."""
        if depth > _DEEPEST:
            raise self._fault(f"parentheses more than {_DEEPEST} deep")
        if self._next == ("number", "1") and self._after in ("end", "/", ")"):
            self.at += 1
            size, dimension = Fraction(1), DIMENSIONLESS
        else:
            size, dimension = self._product(depth)
        divided = False
        while (mark := self._next[0]) in ("*", "·", "/"):
            self.at += 1
            if mark != "/" and divided:
                raise self._fault(
                    "a product after a slash is read both ways; write "
                    "kg/(t*km) or kg*km/t"
                )
            divided = divided or mark == "/"
            factor, measured = self._product(depth)
            power = -1 if mark == "/" else 1
            size, dimension = size * factor**power, dimension * measured**power
        return size, dimension

    def _product(self, depth: int) -> _Size:
        """Units joined by spaces alone: at least one."""
        size, dimension = self._powered(depth)
        while self._next[0] in ("name", "number", "("):
            factor, measured = self._powered(depth)
            size, dimension = size * factor, dimension * measured
        return size, dimension

    def _powered(self, depth: int) -> _Size:
        """One name or group, with its power."""
        kind, word = self._next
        if kind not in ("name", "("):
            if kind == "number":
                raise self._fault(f"the number {word} does not belong in units")
            where = f"before {word!r}" if word else "at the end"
            raise self._fault(f"a unit is missing {where}")
        self.at += 1
        if kind == "name":
            try:
                size, dimension = self.units.size(word)
            except UnitsError as fault:
                raise self._fault(str(fault)) from None
        else:
            size, dimension = self._ratio(depth + 1)
            if self._next[0] != ")":
                raise self._fault("a parenthesis is not closed")
            self.at += 1
        if self._next[0] != "power":
            return size, dimension
        power = self._power()
        if power.denominator == 1:
            return size ** int(power), dimension**power
        return Fraction(float(size) ** float(power)), dimension**power

    def _power(self) -> Fraction:
        """Take the power that comes next."""
        written = self._next[1]
        self.at += 1
        if self._next[0] == "power":
            raise self._fault("a power of a power; multiply the two")
        try:
            power = Fraction(written)
        except ValueError:  # superscripts in no order, such as 2⁻
            raise self._fault(f"{written} is not a power") from None
        if abs(power) > _LARGEST_POWER:
            raise self._fault(f"the power {written} is beyond {_LARGEST_POWER}")
        return power
