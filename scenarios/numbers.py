"""How numbers, intervals and shares are written for people."""

import math
from collections.abc import Sequence


def scale(units: str) -> tuple[float, str]:
    """How to show a footprint: t CO2e/t reads better than kg CO2e/t."""
    return (1000.0, "t CO2e/t") if units == "kg CO2e/t" else (1.0, units)


def with_units(number: str, units: str) -> str:
    """A number that is written out, and its units; a pure number has none.

    Examples
    --------
    >>> with_units("0.5", "t CO2e/t"), with_units("0.5", "1")
    ('0.5 t CO2e/t', '0.5')
    """
    return number if units == "1" else f"{number} {units}"


def significant(value: float, digits: int = 4) -> str:
    """A number with `digits` significant figures and no exponent where one can do.

    Examples
    --------
    >>> significant(13.6801), significant(12345.6), significant(1.2e-7)
    ('13.68', '12346', '1.2e-07')
    """
    if value == 0:
        return "0"
    text = f"{value:.{digits}g}"
    if "e" not in text:
        whole = len(text.split(".")[0].lstrip("-0"))
        return f"{value:.{max(digits - max(whole, 1), 0)}f}" if whole else text
    return f"{value:.0f}" if 1 <= abs(value) < 1e9 else text


def fixed(value: float, places: int) -> str:
    """A number with so many decimals and a typographic minus."""
    # adding 0 turns the minus zero that rounding leaves into zero
    return f"{round(float(value), places) + 0.0:.{places}f}".replace(
        "-", "\N{MINUS SIGN}"
    )


def decimals(size: float) -> int:
    """So many that a size has two significant digits."""
    if size == 0:
        return 2
    size = float(f"{size:.1e}")  # 9.98 has the digits of 10
    return min(max(1 - math.floor(math.log10(size)), 0), 8)


def interval(middle: float, low: float, high: float, places: int) -> str:
    """A value and its interval in words: "1.000 (0.902 to 1.098)"."""
    shown = [fixed(value, places) for value in (middle, low, high)]
    return "{} ({} to {})".format(*shown)


def rounded(value: float, error: float) -> str:
    """A number to three figures, or to those that its standard error leaves sure.

    Examples
    --------
    >>> rounded(-6.1163, 0.0005), rounded(-6.1163, 0.09), rounded(12.3, 9.0)
    ('-6.12', '-6.1', '10')
    """
    decimals = 2 - _magnitude(abs(value))
    if error > 0:
        decimals = min(decimals, -_magnitude(error) - 1)
    number = round(value, decimals) + 0.0  # no minus sign on a zero
    return f"{number:.{max(decimals, 0)}f}"


def _magnitude(value: float) -> int:
    """Power of ten of the first significant figure."""
    return math.floor(math.log10(value)) if value > 0 else 0


def share_of(value: float) -> str:
    """Per cent with two significant figures of the smaller side.

    Examples
    --------
    >>> share_of(0.5), share_of(0.99977), share_of(0.0)
    ('50 %', '99.977 %', '0 %')
    """
    side = min(value, 1 - value)
    if side <= 0:
        return f"{100 * value:.0f} %"
    return written_share(value, min(max(1 - _magnitude(100 * side), 0), 4))


def written_share(value: float, decimals: int) -> str:
    """Per cent; what is short of all or none is never shown as either.

    Examples
    --------
    >>> written_share(0.25, 0), written_share(0.9996, 1), written_share(1e-9, 4)
    ('25 %', '> 99.9 %', '< 0.0001 %')
    """
    shown = f"{100 * value:.{decimals}f}"
    if float(shown) in {0.0, 100.0}:
        step = 10.0**-decimals
        if value > 0.5:
            return f"> {100 - step:.{decimals}f} %"
        return f"< {step:.{decimals}f} %"
    return f"{shown} %"


def floor_share(value: float) -> str:
    """Per cent, rounded down to two figures of what is missing to all of it.

    Examples
    --------
    >>> floor_share(0.99977)
    '99.977 %'
    """
    decimals = max(1 - _magnitude(100 * (1 - value)), 0)
    return f"{math.floor(100 * value * 10**decimals) / 10**decimals:.{decimals}f} %"


def percent(probability: float) -> str:
    """A probability in percent: 100 and 0 only where it is all or none.

    Examples
    --------
    >>> [percent(p) for p in (1.0, 0.9999, 0.5, 0.0001, 0.0)]
    ['100 %', '> 99.9 %', '50 %', '< 0.1 %', '0 %']
    """
    if probability in (0.0, 1.0):
        return f"{100 * probability:.0f} %"
    if probability > 0.999:
        return "> 99.9 %"
    if probability < 0.001:
        return "< 0.1 %"
    digits = 0 if 0.01 <= probability <= 0.99 else 1
    return f"{100 * probability:.{digits}f} %"


def largest_part(values: Sequence[float]) -> tuple[int, float | None]:
    """Place of the part of a sum that is the largest by size, and its share.

    Parameters
    ----------
    values : sequence of float
        Parts; NaN for one that is absent.

    Returns
    -------
    tuple of int and float or None
        No share where parts have different signs, for then they are shares of nothing,
        or where all are 0.

    Examples
    --------
    >>> largest_part([1.0, 3.0]), largest_part([1.0, -3.0])
    ((1, 0.75), (1, None))
    """
    sizes = [abs(value) if value == value else 0.0 for value in values]
    best = max(range(len(sizes)), key=sizes.__getitem__)
    signs = {value > 0 for value in values if value == value and value}
    return best, sizes[best] / sum(sizes) if len(signs) == 1 else None
