"""Designs on the unit cube: one column of quantile levels for each uncertain input.

A design delivers pages of levels by column name. What stands on a page is a pure
function of the design, so pages may be asked for in any order, by any thread or
process, and agree bit for bit.
"""

import importlib.util
import math
import operator
import threading
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from uncertainty import kernel
from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import DesignError, nearest
from uncertainty.seeds import (
    WordArray,
    fill_uniforms,
    generator,
    page_slice,
    uniforms,
    words,
)

Kind = Literal["random", "latin_hypercube", "sobol"]

MAX_DRAWS = 10**9
MAX_REPLICATES = 1_000
MAX_HYPERCUBE_DRAWS = 10**7  # 4 bytes each, in every column
MAX_SOBOL_COLUMNS = 21_201  # dimensions of the Joe-Kuo table that scipy carries

_DIGITS = 52  # binary digits of a Sobol' level: the mantissa of a double
_ONE_TO_TWO = np.uint64(0x3FF << _DIGITS)  # with any mantissa, a double in [1, 2)


class Levels(Protocol):
    """Quantile levels, read by column and page."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of their dimensions."""

    def levels(self, column: str, page: int) -> FloatArray:
        """Quantile levels of a column on a page.

        Parameters
        ----------
        column : str
            One of `columns`.
        page : int
            Page number, counted from 0.

        Returns
        -------
        ndarray, shape (n,), pure numbers
            Inside (0, 1), never 0 or 1; n is ``seeds.PAGE``, less on a last page that
            is not full.

        Raises
        ------
        DesignError
            The design has no such column or page.
        """

    def fill(self, columns: tuple[str, ...], page: int, out: FloatArray) -> None:
        """Levels of several columns at once: row i of `out` is column i's.

        Parameters
        ----------
        columns : tuple of str
        page : int
        out : ndarray, shape (column, n), C order
        """


class Design(Levels, Protocol):
    """Points on the unit cube, read by column and page."""

    @property
    def kind(self) -> str:
        """Name of the design: random, latin_hypercube or sobol."""

    @property
    def seed(self) -> int:
        """Root seed of all streams."""

    @property
    def draws(self) -> int:
        """Number of draws; may be more than were asked for."""

    @property
    def replicates(self) -> int:
        """Number of independent parts of equal length that follow one another."""


def design(
    kind: str,
    *,
    draws: int,
    seed: int,
    columns: Sequence[str],
    replicates: int = 16,
) -> Design:
    """Build a design over named columns.

    Parameters
    ----------
    kind : {"random", "latin_hypercube", "sobol"}
        Independent draws; replicated Latin hypercubes; independent scrambles of a
        Sobol' sequence.
    draws : int
        Draws wanted, 1 to 1e9. Rounded up to whole replicates, which for "sobol" hold
        a power of two each.
    seed : int
        Root seed, 0 or more.
    columns : sequence of str
        Names, each once. A column's levels depend on its name; for "sobol" on its
        position too, so new columns go to the end.
    replicates : int
        Independent replicates, 1 to 1000, whose spread gives the standard error of
        any statistic. 1 is the classical hypercube. "random" has no use for them.

    Returns
    -------
    Design
        Frozen and comparable; pickles to its few arguments.

    Raises
    ------
    DesignError
        Unknown kind, impossible number of draws or replicates, bad seed, a name that
        stands twice, or more columns or draws than the kind can serve. All faults
        are named at once.

    Examples
    --------
    >>> plan = design("sobol", draws=1000, seed=1, columns=["power", "anode"])
    >>> plan.draws, plan.replicates, plan.levels("anode", 0).shape
    (1024, 16, (1024,))
    """
    names = tuple(columns)
    if faults := _faults(kind, draws, seed, names, replicates):
        raise DesignError("; ".join(faults))
    draws, seed, replicates = (operator.index(n) for n in (draws, seed, replicates))
    each = -(-draws // replicates)
    if kind == "random":
        return RandomDesign(seed, names, draws)
    if kind == "latin_hypercube":
        return LatinHypercubeDesign(seed, names, each * replicates, replicates)
    return SobolDesign(seed, names, replicates << (each - 1).bit_length(), replicates)


@dataclass(frozen=True)
class _Columns:
    """What all designs share: fields, checks of what is asked, light pickles."""

    seed: int
    columns: tuple[str, ...]
    draws: int

    def __getstate__(self) -> dict[str, object]:
        """Fields alone: tables are cheaper to make again than to send."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {column: position for position, column in enumerate(self.columns)}

    def _check(self, columns: tuple[str, ...], page: int) -> slice:
        """Span of the page, or a fault; columns are looked up once, not once a page."""
        if columns not in self._checked:
            for column in columns:
                self._locate(column, page)
            self._checked.add(columns)
        return page_slice(page, self.draws)

    @cached_property
    def _checked(self) -> set[tuple[str, ...]]:
        return set()

    def _locate(self, column: str, page: int) -> tuple[int, slice]:
        """Position of the column and span of the page, or a fault that says why."""
        if column not in self._positions:
            raise DesignError(
                f"the design has no column {column!r}{nearest(column, self.columns)}"
            )
        return self._positions[column], page_slice(page, self.draws)


def _row_by_row(
    design: Levels, columns: tuple[str, ...], page: int, out: FloatArray
) -> None:
    """What `Levels.fill` means."""
    for column, row in zip(columns, out, strict=True):
        row[:] = design.levels(column, page)


@dataclass(frozen=True)
class RandomDesign(_Columns):
    """Independent draws, as JCGM 101:2008 asks for.

    A column depends on the seed, its name and the draw's number alone: neither on the
    other columns nor on how many draws there are.
    """

    kind: ClassVar[Kind] = "random"
    replicates: ClassVar[int] = 1

    def levels(self, column: str, page: int) -> FloatArray:
        """Quantile levels of a column on a page: see `Levels.levels`."""
        _, span = self._locate(column, page)
        return uniforms(self.seed, self.kind, column, page, span.stop - span.start)

    def fill(self, columns: tuple[str, ...], page: int, out: FloatArray) -> None:
        """Levels of several columns at once: see `Levels.fill`."""
        self._check(columns, page)
        fill_uniforms(self.seed, self.kind, columns, page, out)


@dataclass(frozen=True)
class LatinHypercubeDesign(_Columns):
    """Replicated Latin hypercubes: each column hits each of n strata once a replicate.

    The permutation of a column in a replicate has a stream of its own, and so has the
    place inside the strata. Draw d belongs to replicate ``d // n``.

    References
    ----------
    McKay, Beckman and Conover (1979), Technometrics 21(2), 239-245.
    """

    kind: ClassVar[Kind] = "latin_hypercube"
    replicates: int

    def levels(self, column: str, page: int) -> FloatArray:
        """Quantile levels of a column on a page: see `Levels.levels`."""
        _, span = self._locate(column, page)
        size = span.stop - span.start
        jitter = uniforms(self.seed, "latin_hypercube_jitter", column, page, size)
        # below 2**24 strata this margin outlives the rounding of the sum and of the
        # quotient, so that no level slips into the next stratum or to 1
        np.clip(jitter, 2.0**-27, 1 - 2.0**-27, out=jitter)
        jitter += self._strata(column)[span]
        jitter /= self.draws // self.replicates
        return jitter

    def fill(self, columns: tuple[str, ...], page: int, out: FloatArray) -> None:
        """Levels of several columns at once: see `Levels.fill`."""
        _row_by_row(self, columns, page, out)

    def _strata(self, column: str) -> npt.NDArray[np.uint32]:
        """Stratum of each draw of a column, 0 to n - 1, kept once worked out."""
        if column not in self._kept:
            ordered = np.arange(self.draws // self.replicates, dtype=np.uint32)
            # threads that race here work out the same numbers
            self._kept[column] = np.concatenate(
                [
                    generator(self.seed, self.kind, r, column).permutation(ordered)
                    for r in range(self.replicates)
                ]
            )
        return self._kept[column]

    @cached_property
    def _kept(self) -> dict[str, npt.NDArray[np.uint32]]:
        return {}


@dataclass(frozen=True)
class SobolDesign(_Columns):
    """Independent scrambles of 2^k points each of a Sobol' sequence.

    A column takes the dimension of its position. Its linear matrix scramble and
    digital shift are keyed by seed, scramble and name, so an appended column leaves
    the others as they were. Draw d is point ``d % 2**k`` of scramble ``d // 2**k``;
    the points of a scramble of 2^(k + 1) begin with those of 2^k.

    References
    ----------
    Joe and Kuo (2008), SIAM J. Sci. Comput. 30(5), 2635-2654 (direction numbers).
    Matousek (1998), J. Complexity 14(4), 527-556 (linear scramble).
    """

    kind: ClassVar[Kind] = "sobol"
    replicates: int

    def levels(self, column: str, page: int) -> FloatArray:
        """Quantile levels of a column on a page: see `Levels.levels`."""
        _, span = self._locate(column, page)
        (low, high), *_ = self._tables((column,))
        run = low.shape[1]  # draws from one entry of `high`: a run starts aligned
        first, last = span.start // run, -(-span.stop // run)
        runs_in_scramble = high.size // self.replicates
        words = low[np.arange(first, last) // runs_in_scramble]
        words ^= high[first:last, np.newaxis]
        skipped = span.start - first * run
        ones = words.reshape(-1)[skipped : skipped + span.stop - span.start]
        # 1 + m / 2**52 becomes (m + 1/2) / 2**52: the middle of the digit, and exact
        middles: FloatArray = ones.view(np.float64) - (1 - 2.0**-53)
        return middles

    def fill(self, columns: tuple[str, ...], page: int, out: FloatArray) -> None:
        """Levels of several columns at once: see `Levels.fill`."""
        if not columns:
            return
        span = self._check(columns, page)
        tables = self._addresses(columns)
        runs = self._kept[columns[0]][1].size // self.replicates
        if not kernel.sobol(tables, runs, span.start, out):
            _row_by_row(self, columns, page, out)

    def _addresses(self, columns: tuple[str, ...]) -> kernel.DigitTables:
        if columns not in self._found:
            self._found[columns] = kernel.DigitTables(self._tables(columns))
        return self._found[columns]

    def _tables(self, columns: tuple[str, ...]) -> list[tuple[WordArray, WordArray]]:
        """Digits of each column's points, split at a bit of the index.

        Returns
        -------
        low : ndarray, shape (replicates, 2**split)
            From the low bits of the index.
        high : ndarray, shape (replicates * 2**(k - split),)
            From the high bits, shifted and with the exponent of [1, 2) set; the
            exclusive or of both is the point as a double in [1, 2).
        """
        with self._lock:  # a thread that waits has nothing better to do
            if new := [column for column in columns if column not in self._kept]:
                bits = self._index_bits
                split = min(bits, max(8, bits // 2))  # small tables, runs not short
                shift, vectors = self._scrambled(new)
                low = _combinations(vectors[..., :split])
                high = _combinations(vectors[..., split:]) ^ (shift | _ONE_TO_TWO)
                pairs = zip(low, high.reshape(len(new), -1), strict=True)
                self._kept.update(zip(new, pairs, strict=True))
        return [self._kept[column] for column in columns]

    def _scrambled(self, columns: Sequence[str]) -> tuple[WordArray, WordArray]:
        """Digital shifts and scrambled direction numbers.

        Shapes (column, replicate, 1) and (column, replicate, k).
        """
        bits = self._index_bits
        positions = [self._positions[column] for column in columns]
        numbers = _direction_numbers(len(self.columns), bits)[positions]
        each = (_digits(self.seed, c, self.replicates, bits + 1) for c in columns)
        drawn = np.stack(list(each))
        digit = np.arange(bits, dtype=np.uint64)
        unit = np.uint64(1) << (np.uint64(_DIGITS - 1) - digit)
        # column i of the matrix: 1 on the diagonal, random digits below, 0 above
        matrix = unit | (drawn[..., 1:] & (unit - np.uint64(1)))
        vectors = np.zeros_like(matrix)
        for i in range(bits):
            holds = (numbers & unit[i]) != 0  # (column, k numbers)
            chosen = np.where(holds[:, np.newaxis], matrix[..., i : i + 1], 0)
            vectors ^= chosen.astype(np.uint64, copy=False)
        return drawn[..., :1], vectors

    @property
    def _index_bits(self) -> int:
        """k, where a scramble holds 2^k points."""
        return (self.draws // self.replicates).bit_length() - 1

    @cached_property
    def _kept(self) -> dict[str, tuple[WordArray, WordArray]]:
        return {}

    @cached_property
    def _found(self) -> dict[tuple[str, ...], kernel.DigitTables]:
        return {}

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()


@lru_cache(maxsize=4_096)
def _digits(seed: int, column: str, replicates: int, size: int) -> WordArray:
    """Random words of 52 digits for each scramble of a column: (replicate, size)."""
    found = [
        words(seed, SobolDesign.kind, replicate, column, size=size)
        for replicate in range(replicates)
    ]
    return np.stack(found) >> np.uint64(64 - _DIGITS)


@lru_cache(maxsize=4)
def _direction_numbers(dimensions: int, bits: int) -> WordArray:
    """Direction numbers of the Sobol' sequence, first digit at the top of 52.

    Returns
    -------
    ndarray, shape (dimensions, bits)
        Number j goes with bit j of a point's index in natural order.

    Notes
    -----
    Joe and Kuo (2008), section 2: number j of a dimension is an exclusive or of the
    numbers before it, picked by the coefficients of a primitive polynomial of degree
    m; the first m are given. Polynomials and first numbers come with scipy, whose own
    generator would take most of a second to import.
    """
    polynomials, first = _joe_kuo()
    polynomials, first = polynomials[:dimensions], first[:dimensions]
    degrees = np.frexp(polynomials.astype(float))[1] - 1
    numbers = np.ones((dimensions, bits), np.uint64)  # of the first dimension: all 1
    for degree in range(1, first.shape[1] + 1):
        rows = np.flatnonzero(degrees == degree)
        rows = rows[rows > 0]  # the first has no polynomial
        found = np.zeros((rows.size, max(bits, degree)), np.uint64)
        found[:, :degree] = first[rows, :degree]
        for j in range(degree, bits):
            number = found[:, j - degree].copy()
            for k in range(degree):
                picked = (polynomials[rows] >> (degree - 1 - k)) & 1
                shifted = found[:, j - k - 1] << np.uint64(k + 1)
                number ^= np.where(picked, shifted, np.uint64(0))
            found[:, j] = number
        numbers[rows] = found[:, :bits]
    return numbers << (np.uint64(_DIGITS - 1) - np.arange(bits, dtype=np.uint64))


@lru_cache(maxsize=1)
def _joe_kuo() -> tuple[IntArray, IntArray]:
    """Primitive polynomials, shape (dimension,), and first numbers (dimension, 18)."""
    where = importlib.util.find_spec("scipy.stats")
    if where is None or where.origin is None:
        raise DesignError("scipy is not installed whole: it has no scipy.stats")
    with np.load(Path(where.origin).with_name("_sobol_direction_numbers.npz")) as file:
        return file["poly"], file["vinit"]


def _combinations(vectors: WordArray) -> WordArray:
    """Exclusive or of each subset of m vectors: shape (..., m) -> (..., 2**m)."""
    bits = vectors.shape[-1]
    table = np.zeros((*vectors.shape[:-1], 1 << bits), np.uint64)
    for j in range(bits):
        half = 1 << j
        table[..., half : 2 * half] = table[..., :half] ^ vectors[..., j : j + 1]
    return table


def _faults(
    kind: str, draws: int, seed: int, columns: tuple[str, ...], replicates: int
) -> list[str]:
    """List everything that stops a design from being built, with what is possible."""
    faults = []
    kinds = get_args(Kind)
    if kind not in kinds:
        faults.append(
            f"no design {kind!r}{nearest(kind, kinds)} (there are {', '.join(kinds)})"
        )
    if not _whole_within(draws, 1, MAX_DRAWS):
        faults.append(f"draws must be a whole number from 1 to 1e9, not {draws!r}")
    elif kind == "latin_hypercube" and draws > MAX_HYPERCUBE_DRAWS:
        faults.append(
            f"latin_hypercube holds its permutations in memory and stops at 1e7 draws,"
            f" not {draws}; take sobol or random"
        )
    if not _whole_within(replicates, 1, MAX_REPLICATES):
        faults.append(
            f"replicates must be a whole number from 1 to {MAX_REPLICATES},"
            f" not {replicates!r}"
        )
    if not _whole_within(seed, 0, math.inf):
        faults.append(f"seed must be a whole number, 0 or more, not {seed!r}")
    if len(set(columns)) < len(columns):
        twice = sorted({name for name in columns if columns.count(name) > 1})
        faults.append(f"columns stand more than once: {', '.join(twice)}")
    if kind == "sobol" and len(columns) > MAX_SOBOL_COLUMNS:
        faults.append(
            f"sobol serves {MAX_SOBOL_COLUMNS} columns, not {len(columns)}; take"
            " latin_hypercube or random"
        )
    return faults


def _whole_within(number: object, low: int, high: float) -> bool:
    """Say whether it is a whole number (no truth value) within the bounds."""
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        return False
    return low <= int(number) <= high


def least_draws(probability: float) -> int:
    """Fewest draws from which an interval of this probability can be read.

    Examples
    --------
    >>> least_draws(0.95)
    20
    """
    return math.ceil(round(1 / (1 - probability), 9))
