"""Random streams: one root seed and a stream's name in, one Generator out.

No other module makes a generator. A stream depends on the seed and on the stream's
own name, so adding, dropping or reordering streams leaves the others as they were,
and one seed never feeds two generators raw.
"""

import hashlib
import operator
import secrets
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from uncertainty import kernel
from uncertainty.arrays import FloatArray
from uncertainty.errors import DesignError

WordArray = npt.NDArray[np.uint64]

PAGE = 10_000
"""Draws on one page. It is part of every stream's definition: a change of it changes
results. JCGM 101:2008, 7.9.4 works in blocks of the same size."""

_SEED_BITS = 53  # many readers of JSON hold whole numbers as doubles
LOWEST, HIGHEST = 2.0**-54, 1 - 2.0**-53
"""Ends between which all levels lie: `Generator.random` gives multiples of 2**-53, 0
among them."""


def new_seed() -> int:
    """Seed from the operating system, for a study that states none.

    Returns
    -------
    int
        0 <= seed < 2**53, to be written down with the results.
    """
    return secrets.randbits(_SEED_BITS)


def generator(seed: int, purpose: str, *keys: str | int) -> np.random.Generator:
    """Make the generator at the start of one named stream.

    Parameters
    ----------
    seed : int
        Root seed, 0 or more, of any size; 0 is a seed like any other.
    purpose : str
        What the stream is for, such as "random" or "bootstrap".
    *keys : str or int
        Which of the streams for this purpose; ``"1"`` and ``1`` are two keys.

    Returns
    -------
    Generator
        A new one at every call, always in the same state for the same arguments.

    Raises
    ------
    DesignError
        `seed` is not a whole number of 0 or more.

    Examples
    --------
    >>> generator(0, "bootstrap", "footprint").integers(100, size=3).tolist()
    [20, 27, 92]
    """
    return np.random.Generator(np.random.PCG64(_entropy(seed, purpose, keys)))


def words(seed: int, purpose: str, *keys: str | int, size: int) -> WordArray:
    """First words of a named stream.

    Parameters
    ----------
    seed, purpose, keys
        Name of the stream, as for `generator`.
    size : int

    Returns
    -------
    ndarray of uint64, shape (size,)
        All 64 bits of each are random.

    Raises
    ------
    DesignError
        As for `generator`.
    """
    found: WordArray = np.random.PCG64(_entropy(seed, purpose, keys)).random_raw(size)
    return found


def uniforms(
    seed: int, purpose: str, column: str, page: int, size: int = PAGE
) -> FloatArray:
    """Independent uniform levels on one page of a column.

    Parameters
    ----------
    seed, purpose, column : int, str, str
        Name of the column's stream, as for `generator`.
    page : int
        Page number, counted from 0.
    size : int
        Levels wanted from the start of the page, at most `PAGE`.

    Returns
    -------
    ndarray, shape (size,), pure numbers
        Inside (0, 1): the least possible is 2**-54, the greatest 1 - 2**-53.

    Raises
    ------
    DesignError
        `seed` or `page` is not a whole number of 0 or more, or `size` is more than a
        page.

    Notes
    -----
    A uniform double takes exactly one step of PCG64, so a page begins ``page * PAGE``
    steps down the column's stream and pages never overlap. Jumping there costs a
    seventh of seeding a generator for each page. Laws that take a varying number of
    steps (normals, integers) must come from `generator`.
    """
    if not 0 <= size <= PAGE:
        raise DesignError(f"a page holds {PAGE} draws, {size} were asked of it")
    bits = np.random.PCG64(_column_seed(_whole("seed", seed), purpose, column))
    bits.advance(_whole("page", page) * PAGE)
    levels = np.random.Generator(bits).random(size)
    return np.maximum(levels, LOWEST, out=levels)


def fill_uniforms(
    seed: int, purpose: str, columns: tuple[str, ...], page: int, out: FloatArray
) -> None:
    """Levels of several columns on one page: the rows of `uniforms`, all at once.

    Parameters
    ----------
    seed, purpose, columns : int, str, tuple of str
        Names of the streams.
    page : int
        Page number, counted from 0.
    out : ndarray, shape (column, draw), C order
        At most a page of draws.

    Raises
    ------
    DesignError
        As for `uniforms`.
    """
    if out.shape[1] <= PAGE and out.flags.c_contiguous:
        skip = _whole("page", page) * PAGE
        states = _states(_whole("seed", seed), purpose, columns)
        if kernel.uniforms(states, skip, LOWEST, out):
            return
    for column, row in zip(columns, out, strict=True):
        row[:] = uniforms(seed, purpose, column, page, row.size)


def pages(draws: int) -> int:
    """Count the pages that hold `draws` draws; the last may be a short one.

    Examples
    --------
    >>> pages(20_000), pages(20_001)
    (2, 3)
    """
    return -(-draws // PAGE)


def page_slice(page: int, draws: int) -> slice:
    """Draws that stand on a page, as a slice of the axis ``draw``.

    Raises
    ------
    DesignError
        There is no such page among `draws` draws.

    Examples
    --------
    >>> page_slice(1, 12_500)
    slice(10000, 12500, None)
    """
    if not 0 <= page < pages(draws):
        raise DesignError(
            f"no page {page}: {draws} draws fill {pages(draws)} pages, counted from 0"
        )
    return slice(page * PAGE, min((page + 1) * PAGE, draws))


class _ColumnSeed(np.random.SeedSequence):
    """Seed sequence that keeps the four words PCG64 starts from, worked out once."""

    def __init__(self, entropy: int) -> None:
        super().__init__(entropy)
        self._words = super().generate_state(4, np.uint64).astype(np.uint64, copy=False)

    def generate_state(self, n_words: int, dtype: object = np.uint64) -> WordArray:
        """Words for PCG64, which always asks for these four."""
        return self._words


@lru_cache(maxsize=65_536)
def _column_seed(seed: int, purpose: str, column: str) -> _ColumnSeed:
    """Start of a column's stream, the same as `generator` gives it."""
    return _ColumnSeed(_entropy(seed, purpose, (column,)))


@lru_cache(maxsize=256)
def _states(seed: int, purpose: str, columns: tuple[str, ...]) -> WordArray:
    """State and increment of each column's PCG64 at the start, high words first."""
    words = []
    for column in columns:
        bits = np.random.PCG64(_column_seed(seed, purpose, column))
        found = bits.state["state"]
        for number in (found["state"], found["inc"]):
            words.append(divmod(number, 1 << 64))
    return np.array(words, dtype=np.uint64).reshape(-1, 4)


def _entropy(seed: int, purpose: str, keys: tuple[str | int, ...]) -> int:
    """Hash a stream's whole name at once, so that no two names run together."""
    plain = [str(k) if isinstance(k, str) else operator.index(k) for k in keys]
    # str() strips subclasses such as numpy.str_, which would show in the text;
    # ascii() writes strings in quotes and escapes the rest: one name, one text
    name = ascii((_whole("seed", seed), str(purpose), *plain))
    digest = hashlib.sha256(name.encode("ascii")).digest()
    return int.from_bytes(digest, "little")


def _whole(what: str, number: int) -> int:
    """Plain int of 0 or more; numpy integers are taken, truth values are not."""
    fits = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not fits or number < 0:
        raise DesignError(f"{what} must be a whole number, 0 or more, not {number!r}")
    return int(number)
