"""Foreign fields, read one by one: nothing unknown passes, nothing is guessed."""

from collections.abc import Iterable, Mapping
from math import isfinite, isnan
from numbers import Real

from scenarios.errors import ScenarioError
from uncertainty.errors import nearest

_SD = "the standard deviation of x (normal: sd)"
_CV = "the sd over the mean (lognormal: mean, cv)"
_TWO_SD = (
    "twice the sd of a normal (format simapro: xsd; ecospold1: standardDeviation95)"
)
_PERCENT = "the half-width of a 95 % interval in percent (percent: plus_minus)"
_SIGMA = "the sd of ln x (format stats_arrays: scale; format scipy: s)"
_LOG_VARIANCE = "the variance of ln x (format ecospold2: variance)"
_VARIANCE = "the variance of x (its root is the sd of a normal)"
_GSD = "the geometric sd (lognormal: gsd; format openlca: geomSd)"
_GSD2 = "its square, GSD^2 (format simapro: xsd; ecospold1: standardDeviation95)"

_ANY_SD = (_SD, _SIGMA, _GSD, _TWO_SD)
_ANY_SHARE = (_PERCENT, _CV, _SD, _GSD2)
MEANINGS: dict[str, tuple[str, ...]] = {
    "sd": _ANY_SD,
    "std": _ANY_SD,
    "stdev": _ANY_SD,
    "stddev": _ANY_SD,
    "standarddeviation": _ANY_SD,
    "standarddeviation95": (_GSD2, _TWO_SD),
    "sd2": (_GSD2, _TWO_SD),
    "sd95": (_GSD2, _TWO_SD),
    "xsd": (_GSD2, _TWO_SD),
    "sigma": (_SIGMA, _SD, _GSD),
    "s": (_SIGMA, _SD),
    "scale": (_SIGMA, _SD),
    "variance": (_LOG_VARIANCE, _VARIANCE),
    "var": (_LOG_VARIANCE, _VARIANCE),
    "sigma2": (_LOG_VARIANCE, _VARIANCE),
    "gsd": (_GSD, _GSD2),
    "gsd2": (_GSD2,),
    "sdg2": (_GSD2,),
    "sdg": (_GSD,),
    "gsigma": (_GSD, _SIGMA),
    "geometricstandarddeviation": (_GSD, _GSD2),
    "uncertainty": _ANY_SHARE,
    "uncertaintypercent": (_PERCENT, _CV),
    "relativeuncertainty": (_PERCENT, _CV),
    "rsd": (_CV, _PERCENT),
    "spread": _ANY_SHARE,
    "error": _ANY_SHARE,
    "percent": (_PERCENT, _CV),
    "plusminus": (_PERCENT, _SD),
}
"""What a word for a spread can mean; letters and digits alone, small."""


class ExchangeError(ScenarioError):
    """A foreign distribution cannot be read, or ours cannot be written so.

    ``parameter`` names the field at fault, empty where several together are.
    """

    def __init__(self, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter


def meanings(key: str) -> str:
    """What a word for a spread could mean, as the end of a sentence; or nothing."""
    found = MEANINGS.get("".join(c for c in key.lower() if c.isalnum()), ())
    if not found:
        return ""
    what = "; or ".join(found)
    return f"; {key} is never guessed, it could be {what}"


def nearest_or_all(word: str, known: Iterable[str]) -> str:
    """The nearest known word, or all of them, as the end of a sentence."""
    names = list(known)
    return nearest(word, names, cutoff=0.75) or f"; there are {', '.join(names)}"


class Fields:
    """The fields of one distribution in one convention.

    Parameters
    ----------
    title : str
        Of the convention, for messages.
    given : mapping
        Numbers, or the text of one as XML and CSV have it. None, NaN and empty text
        are the same as no field.
    known : mapping of str to str
        Every field of the convention with what it holds.

    Raises
    ------
    ExchangeError
        A field that the convention does not have; if it is a word for a spread, the
        message lists what it could mean.
    """

    def __init__(
        self, title: str, given: Mapping[str, object], known: Mapping[str, str]
    ) -> None:
        self.title = title
        self._given = {k: v for k, v in given.items() if not _is_empty(v)}
        for key in self._given:
            if key not in known:
                what = meanings(str(key)) or nearest_or_all(str(key), known)
                raise self.fault(str(key), f"is no field of {title}{what}")

    def __contains__(self, name: str) -> bool:
        """Whether the field is given."""
        return name in self._given

    def fault(self, name: str, text: str) -> ExchangeError:
        """Error about one field; its message starts with the field's name."""
        return ExchangeError(f"{name}: {text}", name)

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number, or `default` where the field is not given."""
        if name not in self._given:
            if default is None:
                raise self.fault(name, f"missing; {self.title} states it here")
            return default
        return self._number(name, self._given[name])

    def optional(self, name: str) -> float | None:
        """A finite number, or None where the field is not given."""
        return self.number(name) if name in self._given else None

    def numbers(self, name: str) -> list[float]:
        """A list of finite numbers."""
        value = self._given.get(name)
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise self.fault(name, f"{value!r} is not a list of numbers")
        return [self._number(f"{name}[{i}]", item) for i, item in enumerate(value)]

    def not_below(self, name: str, least: float, why: str) -> float:
        """A number of `least` or more; `why` says what the field holds."""
        if (value := self.number(name)) < least:
            raise self.fault(name, f"{value:g} is below {least:g}; {why}")
        return value

    def code(self, name: str) -> int:
        """A whole number."""
        value = self.number(name)
        if value != int(value):
            raise self.fault(name, f"{value:g} is not a whole number")
        return int(value)

    def word(self, name: str, known: Mapping[str, str], default: str = "") -> str:
        """Our word for the one given, whatever its capitals and hyphens.

        Parameters
        ----------
        name : str
        known : mapping of str to str
            The convention's words to ours; "" for one that is known and not sampled.
        default : str
            The convention's word where the field is not given; "" if it must be.
        """
        if name not in self._given and not default:
            raise self.fault(name, f"missing; one of {', '.join(known)}")
        value = str(self._given.get(name, default))
        found = {_plain(word): ours for word, ours in known.items()}
        ours = found.get(_plain(value))
        supported = [word for word, kept in known.items() if kept]
        if ours == "":
            text = f"{value} of {self.title} is not supported"
            raise self.fault(name, f"{text}; supported are {', '.join(supported)}")
        if ours is None:
            text = f"{value!r} is no distribution of {self.title}"
            raise self.fault(name, f"{text}{nearest_or_all(value, supported)}")
        return ours

    def flag(self, name: str) -> bool:
        """True or false; false where the field is not given."""
        value = self._given.get(name, False)
        if value in (0, 1):  # numpy's truth values and numbers among them
            return bool(value)
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise self.fault(name, f"{value!r} is not true or false")

    def only_with(self, name: str, who: str, *, empty: Iterable[float] = ()) -> None:
        """Refuse a field that says something which `who` alone can mean."""
        if name in self._given and self.number(name) not in tuple(empty):
            text = f"{self.number(name):g} says nothing here; {self.title} has it for"
            raise self.fault(name, f"{text} {who}")

    def _number(self, name: str, value: object) -> float:
        if isinstance(value, str):
            value = self._parsed(name, value.strip())
        if isinstance(value, bool) or not isinstance(value, Real):
            raise self.fault(name, f"{value!r} is not a number")
        if not isfinite(number := float(value)):
            raise self.fault(name, f"{number} is not a finite number")
        return number

    def _parsed(self, name: str, text: str) -> float:
        mend = "write a plain number"
        if text.startswith("#"):
            mend = "a spreadsheet error; mend it there"
        elif "," in text:
            mend = "write a decimal point, no comma"
        elif "%" in text:
            mend = "write the number without the sign"
        elif "_" not in text:  # Python would read 13_500
            try:
                return float(text)
            except ValueError:
                pass
        raise self.fault(name, f"{text!r} is no number; {mend}")


def _is_empty(value: object) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return isinstance(value, Real) and isnan(float(value))


def _plain(word: str) -> str:
    return "".join(c for c in word.lower() if c.isalnum())
