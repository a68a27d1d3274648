"""Blocks of pages: what a thread, a worker or an interrupted run does at a time."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Protocol

import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.seeds import PAGE, page_slice, pages

MOST, WISHED = 32, 32
"""Pages of a block at most, and how many blocks there should be until then."""

Payload = Mapping[str, npt.NDArray[Any]]
"""What is worked out on a block: plain arrays by name, which can be sent and kept."""


@dataclass(frozen=True)
class Block:
    """Pages from `first` up to `last`, draws from `start` up to `stop`."""

    number: int
    first: int
    last: int
    start: int
    stop: int

    @property
    def draws(self) -> slice:
        """Its draws among all."""
        return slice(self.start, self.stop)

    def pages(self) -> Iterator[tuple[int, slice]]:
        """Pages, each with its draws counted from the block's first."""
        for page in range(self.first, self.last):
            span = page_slice(page, self.stop)
            yield page, slice(span.start - self.start, span.stop - self.start)


def blocks(draws: int, each: int | None = None) -> list[Block]:
    """Split draws into blocks.

    Parameters
    ----------
    draws : int
    each : int, optional
        Pages of a block; by default 1 to 32, by how many draws there are.

    Examples
    --------
    >>> [(b.start, b.stop) for b in blocks(25_000)]
    [(0, 10000), (10000, 20000), (20000, 25000)]
    """
    count = pages(draws)
    size = each or min(max(count // WISHED, 1), MOST)
    return [
        Block(i, first, min(first + size, count), first * PAGE, stop)
        for i, first in enumerate(range(0, count, size))
        for stop in (min((first + size) * PAGE, draws),)
    ]


class Work(Protocol):
    """What is to be done on each block; it can be sent to another process."""

    def __call__(self, block: Block, room: FloatArray | None = None) -> Payload:
        """Work a block out.

        Parameters
        ----------
        block : Block
        room : ndarray, optional
            Where its draws may go; an array of its own is made without it.
        """


Take = Callable[[Block, Payload], None]
Room = Callable[[Block], FloatArray | None]


class Runner(Protocol):
    """Who works on the blocks. What comes out does not depend on it."""

    def run(
        self, work: Work, todo: Sequence[Block], take: Take, room: Room | None = None
    ) -> None:
        """Work every block out and hand it over, in any order.

        Parameters
        ----------
        work : Work
        todo : sequence of Block
        take : callable
            Called in the caller's own thread.
        room : callable, optional
            Where a block's draws may go, for who shares the caller's memory.
        """


@dataclass(frozen=True)
class Threads:
    """Threads of this process."""

    count: int = 1

    def run(
        self, work: Work, todo: Sequence[Block], take: Take, room: Room | None = None
    ) -> None:
        """See `Runner.run`."""

        def one(block: Block) -> Payload:
            return work(block, room(block) if room else None)

        if self.count == 1 or len(todo) == 1:
            for block in todo:
                take(block, one(block))
            return
        waiting: dict[Future[Payload], Block] = {}
        rest = iter(todo)
        try:
            while True:
                # few at a time: what is done waits in memory to be taken
                for block in islice(rest, 2 * self.count - len(waiting)):
                    waiting[pool(self.count).submit(one, block)] = block
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    take(waiting.pop(future), future.result())
        except BaseException:
            for future in waiting:
                future.cancel()
            wait(waiting)
            raise


def each(work: Callable[[int], None], count: int, threads: int) -> None:
    """Do work on the numbers 0 to count - 1, side by side if there are threads."""
    if threads == 1 or count < 2:
        for i in range(count):
            work(i)
        return
    asked = [pool(threads).submit(work, i) for i in range(count)]
    try:
        for future in asked:
            future.result()
    finally:
        for future in asked:
            future.cancel()
        wait(asked)


@cache
def pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay: the room each has made for a page costs as much as ten pages.

    What is done here asks for nothing to be done here, so that nothing waits for ever.
    """
    return ThreadPoolExecutor(threads, thread_name_prefix="potline")


if hasattr(os, "register_at_fork"):  # threads stay behind when a process is copied
    os.register_at_fork(after_in_child=pool.cache_clear)
