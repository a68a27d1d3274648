"""The door to ``kernel.c``: the hot loops of a page without the interpreter's lock.

The plain meaning of every function here stands in NumPy where it is called, and makes
the same bits: the compiled loops are the same sums, products and quotients in the same
order. They are built when the package is installed; where they could not be, the plain
lines run. What they buy is less the arithmetic than the lock: NumPy takes it back after
every operation on a page, so that two threads hinder each other.
"""

import ctypes
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray, Room

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
CHUNK = 512
"""Draws that straight-line code works on at a time; as in ``kernel.c``."""

STORE, CHECK = 17, 18
"""Numbers in ``kernel.c`` of the steps that are no arithmetic."""

_STEP = np.dtype([(name, np.int32) for name in ("code", "result", "a", "b", "c")])


LAYOUT = 7
"""Version of what passes between here and ``kernel.c``; raised with it."""


@cache
def compiled() -> ctypes.CDLL | None:
    """The compiled loops; None where they were not built, or for another release."""
    found = importlib.util.find_spec("uncertainty._kernel")
    if found is None or found.origin is None:
        return None
    try:
        loaded = ctypes.CDLL(found.origin)
        if loaded.potline_layout() != LAYOUT:
            return None
        for name in ("quantiles", "ranked", "count"):
            loaded[f"potline_{name}"].restype = ctypes.c_int64
    except (OSError, AttributeError):
        return None  # of another machine or an older release: the plain lines serve
    return loaded


def at(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    """Where an array begins."""
    return ctypes.c_void_p(array.ctypes.data)


def rows_at(array: npt.NDArray[Any]) -> Words:
    """Where each row begins."""
    first, step = array.ctypes.data, array.strides[0]
    return np.arange(len(array), dtype=np.uint64) * np.uint64(step) + np.uint64(first)


def whole(number: int) -> ctypes.c_int64:
    """A whole number as C takes it."""
    return ctypes.c_int64(number)


def uniforms(states: Words, skip: int, least: float, out: FloatArray) -> bool:
    """Fill rows with the levels of `seeds.uniforms`; False if not compiled.

    Parameters
    ----------
    states : ndarray, shape (row, 4)
        High and low words of a generator's state and increment, as at the start.
    skip : int
        Steps down each stream.
    least : float
        Below which no level lies.
    out : ndarray, shape (row, draw), C order
    """
    if (loaded := compiled()) is None:
        return False
    rows, draws = out.shape
    loaded.potline_uniforms(
        at(states),
        whole(rows),
        ctypes.c_uint64(skip),
        whole(draws),
        ctypes.c_double(least),
        at(out),
    )
    return True


class DigitTables:
    """Tables of some columns of a Sobol' design as ``kernel.c`` reads them.

    Parameters
    ----------
    tables : sequence of (low, high)
        Of each column: low digits, shape (replicate, run), and high digits, shape
        (run number,); see `sampling.SobolDesign`.
    """

    def __init__(self, tables: Sequence[tuple[Words, Words]]) -> None:
        self._kept = [(np.ascontiguousarray(low), high) for low, high in tables]
        self.run = tables[0][0].shape[1]
        self.lows = np.array([low.ctypes.data for low, _ in self._kept], np.uint64)
        self.highs = np.array([high.ctypes.data for _, high in self._kept], np.uint64)


def sobol(tables: DigitTables, runs: int, start: int, out: FloatArray) -> bool:
    """Fill rows with the levels of `sampling.SobolDesign`; False if not compiled.

    Parameters
    ----------
    tables : DigitTables
        Of the columns, in the order of the rows.
    runs : int
        Runs in a replicate.
    start : int
        First draw.
    out : ndarray, shape (column, draw), C order
    """
    if (loaded := compiled()) is None:
        return False
    rows, draws = out.shape
    loaded.potline_sobol(
        at(tables.lows),
        at(tables.highs),
        whole(rows),
        whole(tables.run),
        whole(runs),
        whole(start),
        whole(draws),
        at(out),
    )
    return True


KINDS = ("other", "table", "uniform", "triangular")
"""Laws that ``kernel.c`` knows; a row of another is left as it is."""

_LAW = np.dtype(
    [
        ("kind", np.int64),
        ("cubics", np.uint64),
        ("knots", np.uint64),
        *((w, np.int64) for w in ("knot_count", "last", "first", "shift", "mirrored")),
        *((w, np.float64) for w in ("scale", "location", "low", "mode", "high")),
        ("factor", np.float64),
    ]
)


_PLACES, _LEVELS, _CHUNKS = Room(np.int64), Room(), Room()


@dataclass(frozen=True, eq=False)
class Law:
    """A quantile function as ``kernel.c`` reads it.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    numbers : mapping
        Fields of the law beside its arrays.
    cubics : ndarray, shape (piece, 4)
        Third power first.
    knots : ndarray, shape (knot,)
    """

    kind: str = "other"
    numbers: Mapping[str, float] = field(default_factory=dict)
    cubics: FloatArray = field(default_factory=lambda: np.empty((0, 4)))
    knots: FloatArray = field(default_factory=lambda: np.empty(0))


class Laws:
    """Quantile functions of some rows, each with the factor of its units."""

    def __init__(self, laws: Sequence[Law], factors: Sequence[float]) -> None:
        self._kept = tuple(laws)  # their arrays are read by address
        self._laws = np.zeros(len(laws), dtype=_LAW)
        for row, one, factor in zip(self._laws, laws, factors, strict=True):
            row["kind"], row["factor"] = KINDS.index(one.kind), factor
            row["cubics"], row["knots"] = one.cubics.ctypes.data, one.knots.ctypes.data
            row["knot_count"], row["last"] = one.knots.size, len(one.cubics) - 1
            for name, number in one.numbers.items():
                row[name] = number

    def fill(self, rows: FloatArray) -> tuple[Places, FloatArray]:
        """Turn the levels in rows into values where they stand.

        Parameters
        ----------
        rows : ndarray, shape (law, draw), C order
            Rows of laws that ``kernel.c`` does not know are left as they are.

        Returns
        -------
        places, levels : ndarrays
            Of draws in empty pieces, counted over all rows; NaN in `rows` now.
        """
        loaded = compiled()
        assert loaded is not None  # who made this has asked
        places, levels = _PLACES.of(rows.size), _LEVELS.of(rows.size)
        count = loaded.potline_quantiles(
            at(self._laws),
            whole(len(rows)),
            whole(rows.shape[1]),
            at(rows),
            at(places),
            at(levels),
        )
        return places[:count], levels[:count]


class Sums:
    """Weighted sums of rows as ``kernel.c`` reads them.

    Attributes
    ----------
    plain : tuple of (row, parts, weights)
        Where each sum goes, the rows it is of, and the weight of each.
    """

    def __init__(self, sums: Sequence[tuple[int, Sequence[int], FloatArray]]) -> None:
        self.plain = tuple(sums)
        self.rows = np.array([row for row, _, _ in sums], np.int64)
        ends = np.cumsum([len(parts) for _, parts, _ in sums])
        self.begin = np.append(0, ends).astype(np.int64)
        self.parts = np.array([p for _, parts, _ in sums for p in parts], np.int64)
        self.weights = np.array([w for _, _, weights in sums for w in weights], float)


def tied(
    scores: FloatArray,
    sums: Sums,
    cubics: FloatArray,
    reach: float,
    ends: tuple[float, float],
    page: FloatArray,
) -> bool:
    """Fill rows with the levels of sums, as `mixing.Mixing`; False if not compiled.

    Parameters
    ----------
    scores : ndarray, shape (part, draw), C order
    sums : Sums
    cubics : ndarray, shape (piece, 4), C order
        Of a level, third power first, in pieces of equal width.
    reach : float
        The pieces go from ``-reach`` to ``reach``.
    ends : tuple of float
        Between which levels are kept.
    page : ndarray, shape (row, draw), C order
    """
    if (loaded := compiled()) is None:
        return False
    loaded.potline_tied(
        at(scores),
        whole(scores.shape[1]),
        at(sums.rows),
        whole(sums.rows.size),
        at(sums.begin),
        at(sums.parts),
        at(sums.weights),
        at(cubics),
        whole(len(cubics)),
        ctypes.c_double(reach),
        ctypes.c_double(len(cubics) / (2 * reach)),
        *map(ctypes.c_double, ends),
        at(page),
    )
    return True


class Step(NamedTuple):
    """One operation of straight-line code, by its number in ``kernel.c`` and of rows.

    ``store`` divides row `a` by factor `b` into output `result`; ``check`` asks row
    `a` to be above 0 throughout.
    """

    operation: int
    result: int = 0
    a: int = 0
    b: int = 0
    c: int = 0


class Code:
    """Straight-line code as ``kernel.c`` reads it.

    Parameters
    ----------
    steps : sequence of Step
        Rows are numbered: first what is given, then the constants, then scratch.
    given : int
        Rows that the caller brings.
    constants : sequence of float
    scratch : int
        Rows that are written.
    factors : sequence of float
        Divisors of what is stored.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        given: int,
        constants: Sequence[float],
        scratch: int,
        factors: Sequence[float],
    ) -> None:
        found = [(s.operation, s.result, s.a, s.b, s.c) for s in steps]
        self._steps = np.array(found, dtype=_STEP)
        self._given = given
        self._constants = np.array(constants, dtype=np.float64)
        self._factors = np.array(factors, dtype=np.float64)
        self._count = given + len(constants) + scratch

    def run(self, rows: FloatArray, out: FloatArray) -> bool:
        """Run on one page.

        Parameters
        ----------
        rows : ndarray, shape (given, draw), C order
        out : ndarray, shape (output, draw)
            Where the outputs go; the last axis in C order.

        Returns
        -------
        bool
            False if a value that is stored is not finite or a check fails.
        """
        loaded = compiled()
        assert loaded is not None  # who made code has asked
        addresses = np.empty(self._count, dtype=np.uint64)
        addresses[: self._given] = rows_at(rows)
        places = rows_at(out)
        bad = loaded.potline_program(
            at(self._steps),
            whole(len(self._steps)),
            at(addresses),
            whole(self._given),
            at(self._constants),
            whole(len(self._constants)),
            whole(self._count),
            at(places),
            at(self._factors),
            whole(rows.shape[1]),
            at(_CHUNKS.of(self._count - self._given, CHUNK)),
        )
        return not bad
