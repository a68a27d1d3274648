"""Blocks of pages: what a thread, a worker or an interrupted run does at a time."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue
from threading import Semaphore
from typing import Any, Protocol

import numpy.typing as npt

from uncertainty.arrays import FloatArray
from uncertainty.seeds import PAGE, page_slice, pages

MOST, WISHED = 32, 32
"""Pages of a block at most, and how many blocks there should be until then."""

PATIENCE = 0.01
"""Seconds to wait for a thread to begin, which may have work of another run to do."""

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
        """See `Runner.run`.

        The caller works blocks out too: to wait for the others it would have to be
        woken for each, and take turns with them.
        """

        def one(block: Block) -> Payload:
            return work(block, room(block) if room else None)

        rest = iter(todo)  # threads may share it: a block is taken in one step
        found = SimpleQueue[tuple[Block, Payload] | None]()
        places = Semaphore(2 * self.count)  # what is done waits in memory to be taken

        def help_out() -> None:
            try:
                while places.acquire() and (block := next(rest, None)):
                    found.put((block, one(block)))
            except BaseException:
                deque(rest, maxlen=0)  # nothing more is begun
                raise
            finally:
                found.put(None)

        def takes() -> bool:
            """Take what a helper has done; False if it has ended."""
            if item := found.get():
                take(*item)
                places.release()
            return item is not None

        wanted = min(self.count, len(todo)) - 1
        helpers = [pool(self.count).submit(help_out) for _ in range(wanted)]
        busy = len(helpers)
        try:
            for block in rest:
                take(block, one(block))
                while not found.empty():
                    busy -= not takes()
            begun = [helper for helper in helpers if not helper.cancel()]
            busy -= len(helpers) - len(begun)
            while busy:
                busy -= not takes()
            for helper in begun:
                helper.result()
        finally:
            deque(rest, maxlen=0)
            places.release(len(todo) + 1)  # nobody waits for a place any more
            wait([helper for helper in helpers if not helper.cancel()])


def begin(work: Callable[[int], None], count: int, threads: int) -> Callable[[], None]:
    """Begin work on the numbers 0 to count - 1 on all threads but the caller's own.

    Returns
    -------
    callable
        Lets the caller help, and returns when all is done.
    """
    numbers = iter(range(count))  # threads may share it: a number is taken in one step
    begun = Semaphore(0)

    def help_out() -> None:
        begun.release()
        for i in numbers:
            work(i)

    helpers = min(threads - 1, count)
    others = [pool(threads).submit(help_out) for _ in range(helpers)]
    # a thread begins when this one lets go of the lock, which it might not do for long
    for _ in others:
        begun.acquire(timeout=PATIENCE)

    def finish() -> None:
        try:
            help_out()
            for other in others:
                if not other.cancel():
                    other.result()
        finally:
            deque(numbers, maxlen=0)  # nothing more is begun
            wait([other for other in others if not other.cancel()])

    return finish


@cache
def pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay: the room each has made for a page costs as much as ten pages.

    What is done here asks for nothing to be done here, so that nothing waits for ever.
    """
    return ThreadPoolExecutor(threads, thread_name_prefix="potline")


if hasattr(os, "register_at_fork"):  # threads stay behind when a process is copied
    os.register_at_fork(after_in_child=pool.cache_clear)
