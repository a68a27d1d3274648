"""Errors of the engine, and the words that every message shares.

Each error says what is wrong, where, and how to mend it.
"""

from collections.abc import Iterable


class UncertaintyError(Exception):
    """Base of every error the engine raises on purpose."""


class DistributionError(UncertaintyError, ValueError):
    """A distribution is asked for that cannot exist.

    ``parameter`` names the parameter at fault, empty where several together are.
    """

    def __init__(self, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter


class ExpressionError(UncertaintyError, ValueError):
    """A formula is not plain arithmetic over names, or its units do not agree."""


class UnitsError(UncertaintyError, ValueError):
    """A units string cannot be read, or two units do not measure the same thing."""


class DependenceError(UncertaintyError, ValueError):
    """A stated dependence between inputs cannot exist."""


class DesignError(UncertaintyError, ValueError):
    """A design on the unit cube cannot be built as asked."""


class SampleError(UncertaintyError, ValueError):
    """A sample cannot answer what is asked of it."""


class ModelError(UncertaintyError):
    """A model cannot be built, or a run of it produced an impossible value."""


class StorageError(UncertaintyError):
    """A result cannot be written or read."""


class ClusterError(UncertaintyError):
    """Workers cannot be reached, or lost a block too often."""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Ask whether the nearest known name was meant, as the end of a message.

    Parameters
    ----------
    word : str
        As the user wrote it.
    known : iterable of str
    cutoff : float
        How much alike two names must be, between 0 and 1.

    Returns
    -------
    str
        Empty where no known name is near.

    Examples
    --------
    >>> nearest("lognormla", ["normal", "lognormal"])
    '; did you mean lognormal?'
    >>> nearest("hydro", ["normal", "lognormal"])
    ''
    """
    from difflib import get_close_matches

    # a comparison costs length x length, and no name is as long as this
    near = get_close_matches(word[:200], list(known), n=1, cutoff=cutoff)
    return f"; did you mean {near[0]}?" if near else ""


def shown(value: object) -> str:
    """A value as a user would write it in YAML, cut to what fits a message.

    Examples
    --------
    >>> shown(True), shown("a" * 99)[-5:], shown(float("nan"))
    ('true', 'aa...', '.nan')
    """
    import json

    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= 60 else f"{text[:57]}..."
