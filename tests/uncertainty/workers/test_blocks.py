"""Blocks: split, worked out by whom ever, kept, and put together to the same bits."""

import os
import subprocess
import sys
import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uncertainty.errors import StorageError
from uncertainty.seeds import PAGE
from uncertainty.workers.blocks import MOST, Block, Threads, begin, blocks, pool
from uncertainty.workers.checkpoint import Checkpoint, Saved


class Squares:
    """Work on a toy: squares of the numbers of the draws; it counts its calls."""

    def __init__(self):
        self.calls = []

    def __call__(self, block, room=None):
        self.calls.append(block.number)
        out = np.empty((1, block.stop - block.start)) if room is None else room
        for _, span in block.pages():
            out[:, span] = np.arange(block.start + span.start, block.start + span.stop)
        out *= out
        return {"draws": out, "sum": np.array([out.sum()])}


class Broken(Squares):
    def __call__(self, block, room=None):
        if block.number == 2:
            raise RuntimeError("block 2")
        return super().__call__(block, room)


@settings(deadline=None)
@given(st.integers(1, 10**9), st.none() | st.integers(1, 100))
def test_blocks_hold_every_draw_once(draws, each):
    found = blocks(draws, each)
    assert found[0].start == 0
    assert found[-1].stop == draws
    assert found[-1].last == -(-draws // PAGE)
    for one, following in pairwise(found):
        assert (one.number + 1, one.last, one.stop) == (
            following.number,
            following.first,
            following.start,
        )
        assert one.stop == one.last * PAGE
    if each is None:
        assert all(b.last - b.first <= MOST for b in found)


def gathered(runner, work, draws=7 * PAGE + 77, *, room=False):
    values = np.full((1, draws), np.nan)
    sums = {}

    def take(block, found):
        if not np.may_share_memory(found["draws"], values):
            values[:, block.draws] = found["draws"]
        assert block.number not in sums
        sums[block.number] = float(found["sum"][0])

    place = (lambda block: values[:, block.draws]) if room else None
    runner.run(work, blocks(draws, 2), take, place)
    return values, sums


RUNNERS = {
    "one thread": lambda tmp: Threads(1),
    "three threads": lambda tmp: Threads(3),
    "kept": lambda tmp: Saved(Threads(2), Checkpoint(tmp / "kept", "x", 0.0)),
    "kept later": lambda tmp: Saved(Threads(1), Checkpoint(tmp / "kept", "x", 1e9)),
}


@pytest.mark.parametrize("name", RUNNERS)
class TestEveryRunner:
    @pytest.mark.parametrize("room", [True, False])
    def test_every_block_is_handed_over_once(self, name, room, tmp_path):
        work = Squares()
        values, sums = gathered(RUNNERS[name](tmp_path), work, room=room)
        np.testing.assert_array_equal(values[0], np.arange(values.size) ** 2.0)
        assert sorted(work.calls) == sorted(sums) == [0, 1, 2, 3]

    def test_a_failure_comes_through(self, name, tmp_path):
        with pytest.raises(RuntimeError, match="block 2"):
            gathered(RUNNERS[name](tmp_path), Broken())


class TestCheckpoint:
    def test_what_was_done_is_not_done_again(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 0.0)
        with pytest.raises(RuntimeError):
            gathered(kept.over(Threads(1)), Broken())
        assert kept.begin(resume=True) == kept.count() == 2
        work = Squares()
        values, sums = gathered(kept.over(Threads(1)), work)
        assert work.calls == [2, 3]
        np.testing.assert_array_equal(values[0], np.arange(values.size) ** 2.0)
        alone = gathered(Threads(1), Squares())[1]
        assert sums == alone
        kept.end()
        assert not kept.folder.exists()

    def test_a_block_that_is_not_whole_is_done_again(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 0.0)
        gathered(kept.over(Threads(1)), Squares())
        path = kept.folder / "pass-0" / "block-000001.npz"
        path.write_bytes(path.read_bytes()[:-100])
        (path.parent / "block-000003.npz").write_bytes(b"")
        work = Squares()
        gathered(kept.over(Threads(1)), work)
        assert work.calls == [1, 3]

    def test_parts_that_are_kept_elsewhere_are_left_out(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 0.0)
        gathered(kept.over(Threads(1), without=("draws",)), Squares())
        with np.load(kept.folder / "pass-0" / "block-000000.npz") as found:
            assert found.files == ["sum"]

    def test_two_passes_are_two(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 0.0)
        runner, work = kept.over(Threads(1)), Squares()
        gathered(runner, work)
        gathered(runner, work)
        assert len(work.calls) == 8
        assert kept.count() == 8

    def test_blocks_of_another_run_are_refused(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 0.0)
        gathered(kept.over(Threads(1)), Squares())
        other = Checkpoint(tmp_path / "kept", "another", 0.0)
        with pytest.raises(StorageError, match="another config, seed"):
            other.begin(resume=True)
        assert other.begin(resume=False) == 0
        assert not kept.folder.exists()

    def test_what_was_left_without_a_name_is_removed(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run")
        kept.folder.mkdir()
        (kept.folder / "draws.zarr").mkdir()
        assert kept.begin(resume=True) == 0
        assert not kept.folder.exists()

    def test_a_short_run_writes_nothing(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run")
        gathered(kept.over(Threads(1)), Squares())
        assert not kept.folder.exists()

    def test_a_long_one_keeps_its_first_blocks_too(self, tmp_path):
        kept = Checkpoint(tmp_path / "kept", "a run", 2.5)
        seconds = iter(range(100))
        runner = Saved(Threads(1), kept, clock=lambda: float(next(seconds)))
        gathered(runner, Squares())
        assert kept.count() == 4


def test_a_block_knows_its_pages():
    block = Block(1, 2, 4, 2 * PAGE, 3 * PAGE + 5)
    assert list(block.pages()) == [(2, slice(0, PAGE)), (3, slice(PAGE, PAGE + 5))]


class TestThreadsThatStay:
    def test_a_fault_leaves_them_fit_for_the_next_run(self):
        with pytest.raises(RuntimeError, match="block 2"):
            gathered(Threads(3), Broken())
        expected, _ = gathered(Threads(1), Squares())
        np.testing.assert_array_equal(gathered(Threads(3), Squares())[0], expected)

    @pytest.mark.parametrize("threads", [1, 3])
    def test_each_number_is_worked_on_once(self, threads):
        done = []
        begin(done.append, 20, threads)()
        assert sorted(done) == list(range(20))

    @pytest.mark.parametrize("threads", [1, 3])
    def test_a_fault_in_one_of_them_is_told(self, threads):
        def work(i):
            if i == 2:
                raise RuntimeError("number 2")

        with pytest.raises(RuntimeError, match="number 2"):
            begin(work, 20, threads)()

    def test_work_goes_on_while_its_caller_does_something_else(self):
        carry_on, done = threading.Event(), []

        def work(i):
            assert carry_on.wait(60)
            done.append(i)

        finish = begin(work, 5, 2)
        assert not done
        carry_on.set()
        finish()
        assert sorted(done) == [0, 1, 2, 3, 4]

    def test_what_is_done_waits_to_be_taken_and_then_nobody_goes_on(self):
        begun, taken, ahead = [], [], 2 * 3  # two a thread

        class Ahead(Squares):
            def __call__(self, block, room=None):
                begun.append(block.number)
                assert len(begun) - len(taken) <= ahead + 1  # and the caller's own
                return super().__call__(block)

        def take(block, found):
            patience = time.monotonic() + 10
            while len(begun) < min(len(taken) + ahead, 40):  # let the others go ahead
                assert time.monotonic() < patience
                time.sleep(0.001)
            taken.append(block.number)

        Threads(3).run(Ahead(), blocks(40 * PAGE, 1), take)
        assert sorted(taken) == sorted(begun) == list(range(40))

    def test_a_run_goes_on_alone_while_others_have_the_threads(self):
        held = threading.Event()
        busy = [pool(2).submit(held.wait, 60) for _ in range(2)]
        try:
            values, _ = gathered(Threads(2), Squares())
            done = []
            begin(done.append, 5, 2)()
        finally:
            held.set()
        assert all(future.result() for future in busy)
        np.testing.assert_array_equal(values[0], np.arange(values.size) ** 2.0)
        assert done == [0, 1, 2, 3, 4]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no copies of processes here")
    def test_a_copy_of_the_process_has_threads_of_its_own(self):
        code = """if True:
            import os
            from uncertainty.workers.blocks import begin
            begin(lambda i: None, 4, 2)()
            if child := os.fork():
                raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            done = []
            begin(done.append, 4, 2)()
            os._exit(0 if sorted(done) == [0, 1, 2, 3] else 1)
        """
        ended = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
        assert ended.returncode == 0
