"""The door to ``kernel.c``: the hot loops of a page without the interpreter's lock.

The plain meaning of every function here stands in NumPy where it is called, and makes
the same bits: the compiled loops are the same sums, products and quotients in the same
order. They are built when the package is installed; where they could not be, the plain
lines run. What they buy is less the arithmetic than the lock: NumPy takes it back after
every operation on a page, so that two threads hinder each other.
"""

import ctypes
import importlib.util
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import FloatArray

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
CHUNK = 512
"""Draws that straight-line code works on at a time; as in ``kernel.c``."""

_CODED = """add sub mul div min max neg abs sqrt square lt le gt ge eq ne where
store check"""
CODES = {word: code for code, word in enumerate(_CODED.split())}
"""Operations that ``kernel.c`` knows. The others (exp, log, pow, ...) are NumPy's own,
whose last bits no other code makes."""

_STEP = np.dtype([(name, np.int32) for name in ("code", "result", "a", "b", "c")])


LAYOUT = 4
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
        for name in ("quantiles", "count"):
            loaded[f"potline_{name}"].restype = ctypes.c_int64
    except (OSError, AttributeError):
        return None  # of another machine or an older release: the plain lines serve
    return loaded


def _at(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _rows_at(array: npt.NDArray[Any]) -> Words:
    """Where each row begins."""
    first, step = array.ctypes.data, array.strides[0]
    return np.arange(len(array), dtype=np.uint64) * np.uint64(step) + np.uint64(first)


def _whole(number: int) -> ctypes.c_int64:
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
        _at(states),
        _whole(rows),
        ctypes.c_uint64(skip),
        _whole(draws),
        ctypes.c_double(least),
        _at(out),
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
        _at(tables.lows),
        _at(tables.highs),
        _whole(rows),
        _whole(tables.run),
        _whole(runs),
        _whole(start),
        _whole(draws),
        _at(out),
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


class _Scratch(threading.local):
    """Room for each thread: fresh arrays cost more than what is done in them."""

    def __init__(self) -> None:
        self.places = np.empty(0, dtype=np.int64)
        self.levels = np.empty(0)
        self.rows = np.empty(0)
        self.counts = np.empty(0, dtype=np.int32)

    def empties(self, size: int) -> tuple[Places, FloatArray]:
        if self.places.size < size:
            self.places = np.empty(size, dtype=np.int64)
            self.levels = np.empty(size)
        return self.places, self.levels

    def buckets(self, size: int) -> npt.NDArray[np.int32]:
        if self.counts.size < size:
            self.counts = np.empty(size, dtype=np.int32)
        return self.counts

    def chunks(self, count: int) -> FloatArray:
        if self.rows.size < count * CHUNK:
            self.rows = np.empty(count * CHUNK)
        return self.rows


_SCRATCH = _Scratch()


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
        places, levels = _SCRATCH.empties(rows.size)
        count = loaded.potline_quantiles(
            _at(self._laws),
            _whole(len(rows)),
            _whole(rows.shape[1]),
            _at(rows),
            _at(places),
            _at(levels),
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
        _at(scores),
        _whole(scores.shape[1]),
        _at(sums.rows),
        _whole(sums.rows.size),
        _at(sums.begin),
        _at(sums.parts),
        _at(sums.weights),
        _at(cubics),
        _whole(len(cubics)),
        ctypes.c_double(reach),
        ctypes.c_double(len(cubics) / (2 * reach)),
        *map(ctypes.c_double, ends),
        _at(page),
    )
    return True


class Step(NamedTuple):
    """One operation of straight-line code, by numbers of rows.

    ``store`` divides row `a` by factor `b` into output `result`; ``check`` asks row
    `a` to be above 0 throughout.
    """

    operation: str
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
        found = [(CODES[s.operation], s.result, s.a, s.b, s.c) for s in steps]
        self._steps = np.array(found, dtype=_STEP)
        self._given = given
        self._constants = np.array(constants, dtype=np.float64)
        self._factors = np.array(factors, dtype=np.float64)
        self._count = given + len(constants) + scratch

    def run(self, rows: FloatArray, outs: Sequence[FloatArray]) -> bool:
        """Run on one page.

        Parameters
        ----------
        rows : ndarray, shape (given, draw), C order
        outs : sequence of ndarrays, shape (output, draw) each
            Where the outputs go, the first to the first; the last axis in C order.

        Returns
        -------
        bool
            False if a value that is stored is not finite or a check fails.
        """
        loaded = compiled()
        assert loaded is not None  # who made code has asked
        addresses = np.empty(self._count, dtype=np.uint64)
        addresses[: self._given] = _rows_at(rows)
        places = np.concatenate([_rows_at(out) for out in outs])
        bad = loaded.potline_program(
            _at(self._steps),
            _whole(len(self._steps)),
            _at(addresses),
            _whole(self._given),
            _at(self._constants),
            _whole(len(self._constants)),
            _whole(self._count),
            _at(places),
            _at(self._factors),
            _whole(rows.shape[1]),
            _at(_SCRATCH.chunks(self._count - self._given)),
        )
        return not bad


def moments(rows: FloatArray, bounds: Places, out: FloatArray) -> bool:
    """Fill the pieces' moments as `moments.of_pieces` does; False if not compiled.

    Parameters
    ----------
    rows : ndarray, shape (row, draw)
        The last axis in C order.
    bounds : ndarray, shape (piece + 1,)
        Draws at which pieces begin and end.
    out : ndarray, shape (row, piece, 6), C order
    """
    if (loaded := compiled()) is None:
        return False
    loaded.potline_moments(
        _at(rows),
        _whole(len(rows)),
        _whole(rows.strides[0] // rows.itemsize),
        _at(bounds),
        _whole(bounds.size - 1),
        _at(out),
    )
    return True


def order(
    row: FloatArray, ends: tuple[float, float], wanted: Places, out: FloatArray
) -> bool:
    """Place draws at their ranks as `selection.placed` does; False if it did not.

    Parameters
    ----------
    row : ndarray, shape (draw,), C order
        Finite.
    ends : tuple of float
        Least and largest draw.
    wanted : ndarray, shape (span, 2)
        Ranks from the first up to the second, in rising order.
    out : ndarray, shape (draw,)
    """
    if (loaded := compiled()) is None:
        return False
    buckets = max(min(row.size // 8, 1 << 16), 16)
    failed = loaded.potline_order(
        _at(row),
        _whole(row.size),
        *map(ctypes.c_double, ends),
        _at(wanted),
        _whole(len(wanted)),
        _whole(buckets),
        _at(_SCRATCH.buckets(2 * (buckets + 1))),
        _at(out),
    )
    return not failed


def near(
    parts: FloatArray,
    ranks: Places,
    low: FloatArray,
    high: FloatArray,
    room: FloatArray,
    out: FloatArray,
) -> bool:
    """Find draws of given ranks in each part; False if not compiled or not found.

    Parameters
    ----------
    parts : ndarray, shape (part, draw), C order
        Finite.
    ranks : ndarray of int64, shape (rank,)
        Counted from 0.
    low, high : ndarrays, shape (rank,)
        Between which each is looked for.
    room : ndarray, shape (draw or more,)
    out : ndarray, shape (part, rank), C order
    """
    if (loaded := compiled()) is None:
        return False
    failed = loaded.potline_near(
        _at(parts),
        _whole(len(parts)),
        _whole(parts.shape[1]),
        _at(ranks),
        _at(low),
        _at(high),
        _whole(ranks.size),
        _at(room),
        _at(out),
    )
    return not failed


def count(
    rows: FloatArray,
    shift: int,
    begin: int,
    place: npt.NDArray[np.int32],
    used: Places,
    keys: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int32],
) -> int:
    """Count draws by their leading bits, as `counts.bins` numbers them.

    Parameters
    ----------
    rows : ndarray, shape (row, draw)
        The last axis in C order; finite.
    shift : int
        Bits that are left out.
    begin : int
        Draws that are counted already, over all rows in their order.
    place : ndarray, shape (row, octave)
        Where an octave's counts stand, -1 for one that has none yet.
    used : ndarray, shape (1,)
        How many octaves have a place.
    keys : ndarray, shape (room,)
        Their numbers over all rows.
    counts : ndarray, shape (room, bin)

    Returns
    -------
    int
        Draws that are counted now; not all if there is no room for an octave more.
    """
    loaded = compiled()
    assert loaded is not None  # who calls this has asked
    done: int = loaded.potline_count(
        _at(rows),
        _whole(len(rows)),
        _whole(rows.strides[0] // rows.itemsize),
        _whole(rows.shape[1]),
        _whole(shift),
        _whole(begin),
        _at(place),
        _at(used),
        _whole(len(keys)),
        _at(keys),
        _at(counts),
    )
    return done
