"""Rows of levels mixed by triangles: levels -> normal scores -> sums -> levels."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import special

from uncertainty import kernel
from uncertainty.arrays import FloatArray, Room
from uncertainty.distributions import Normal
from uncertainty.distributions.chebyshev import cubic_through
from uncertainty.distributions.tabulated import Inputs
from uncertainty.seeds import HIGHEST, LOWEST

REACH = 8.3125
"""Score beyond which a level is `LOWEST` or `HIGHEST`."""

PIECES = 64
"""Cubics of a level to a unit of score; a level is off by what 2.2e-8 of score makes at
most, within three units of score by 7e-10."""

_ROOM = Room()  # scores of a page

Block = tuple[Sequence[int], FloatArray]
"""Rows that are tied, and the lower triangle of their correlations."""


class Mixing:
    """How rows of a page are tied, worked out once.

    Parameters
    ----------
    blocks : sequence of (rows, factor)
        The score of ``rows[i]`` becomes the sum of those of ``rows[j]`` times
        ``factor[i, j]``.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._alone: list[tuple[int, int, bool]] = []  # row, what it reads, mirrored
        sums: list[tuple[int, list[int], FloatArray]] = []
        for rows, factor in blocks:
            for row, weights in zip(rows, factor, strict=True):
                parts = np.flatnonzero(weights)
                read = [rows[j] for j in parts.tolist()]
                if len(read) > 1:
                    sums.append((row, read, weights[parts]))
                elif (mirrored := bool(weights[parts[0]] < 0)) or read != [row]:
                    self._alone.append((row, read[0], mirrored))
        self._read = sorted({part for _, read, _ in sums for part in read})
        place = {row: i for i, row in enumerate(self._read)}
        self._sums = kernel.Sums(
            [(row, [place[part] for part in read], by) for row, read, by in sums]
        )

    def tie(self, page: FloatArray) -> None:
        """Tie the levels of a page, shape (row, draw), C order, where they stand.

        No BLAS, whose sums may change with threads.
        """
        # one column alone, or its mirror image: no rounding
        alone = [
            (row, np.clip(1 - page[read], LOWEST, HIGHEST) if turned else +page[read])
            for row, read, turned in self._alone
        ]
        if self._read:
            scores = _ROOM.of(len(self._read), page.shape[1])
            # by the default mode NumPy would go through a copy of its own
            np.take(page, self._read, axis=0, out=scores, mode="clip")
            _normals(len(scores)).fill(scores)
            ends = (LOWEST, HIGHEST)
            if not kernel.tied(scores, self._sums, _cubics(), REACH, ends, page):
                self._plainly(scores, page)
        for row, levels in alone:
            page[row] = levels

    def _plainly(self, scores: FloatArray, page: FloatArray) -> None:
        """What the compiled loop makes of the scores."""
        for row, read, weights in self._sums.plain:
            total = scores[read[0]] * weights[0]
            for part, weight in zip(read[1:], weights[1:], strict=True):
                total += scores[part] * weight
            page[row] = levels_of(total)


def levels_of(scores: FloatArray) -> FloatArray:
    """Levels of normal scores, from a table of cubics.

    Parameters
    ----------
    scores : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
        Between `LOWEST` and `HIGHEST`.
    """
    table = _cubics()
    place = (np.clip(scores, -REACH, REACH) + REACH) * PIECES
    piece = np.minimum(place.astype(np.int64), len(table) - 1)
    t = place - piece
    third, second, first, start = table[piece].T
    levels = ((third * t + second) * t + first) * t + start
    found: FloatArray = np.clip(levels, LOWEST, HIGHEST)
    return found


@cache
def _cubics() -> FloatArray:
    """Cubics over each piece's width, third power first: shape (piece, 4).

    Each goes through the law at both ends of its piece, so that neighbours meet, and
    at a quarter of the way from either.
    """
    quarters = np.arange(2 * REACH * PIECES * 4 + 1) / (4 * PIECES) - REACH
    law = special.ndtr(quarters)
    start, rise = law[:-1:4], np.diff(law[::4])
    near, far = law[1::4] - start, law[3::4] - start
    return np.stack([*cubic_through(near, far, rise), start], axis=1)


@cache
def _normals(count: int) -> Inputs:
    return Inputs([Normal(0, 1)] * count, [1.0] * count)
