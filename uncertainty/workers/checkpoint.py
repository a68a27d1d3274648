"""Blocks on disk: what an interrupted run has done already, so that it can go on."""

import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from uncertainty.errors import StorageError
from uncertainty.storage import draft, make_folder, remove, write_text
from uncertainty.workers.blocks import Block, Payload, Room, Runner, Take, Work

PATIENCE = 2.0
"""Seconds before the first block is written: a short run costs less to repeat."""


@dataclass(frozen=True)
class Checkpoint:
    """A folder that keeps the finished blocks of one run.

    Attributes
    ----------
    folder : Path
        Holds nothing else; removed when the run is whole.
    identity : str
        All that decides the bits of the run, in words.
    patience : float
        Seconds of a run before anything is written.
    """

    folder: Path
    identity: str
    patience: float = PATIENCE

    @property
    def _run(self) -> Path:
        return self.folder / "run.json"

    def begin(self, *, resume: bool) -> int:
        """Get ready; say how many blocks are there to go on from.

        Parameters
        ----------
        resume : bool
            Without it, what an earlier run left is removed.

        Raises
        ------
        StorageError
            What is there is of another run, or cannot be read or removed.
        """
        if not resume or not self._run.exists():
            self.end()
            return 0
        try:
            found = json.loads(self._run.read_text(encoding="utf-8"))["identity"]
        except (OSError, ValueError, KeyError) as error:
            raise StorageError(f"{self._run}: cannot be read ({error})") from error
        if found != self._digest:
            raise StorageError(
                f"{self.folder}: blocks of a run with another config, seed, number of "
                "draws or release; run without --resume to begin anew"
            )
        return self.count()

    def count(self) -> int:
        """Blocks that are there."""
        return len(list(self.folder.glob("pass-*/*.npz")))

    def end(self) -> None:
        """Remove the blocks of a run that is whole, or is not wanted any more.

        Raises
        ------
        StorageError
            They cannot be removed.
        """
        remove(self.folder)

    def over(self, runner: Runner, without: Sequence[str] = ()) -> "Saved":
        """The same runner, whose blocks are kept and not worked out twice.

        Parameters
        ----------
        runner : Runner
        without : sequence of str
            Parts of a block that are kept elsewhere.
        """
        return Saved(runner, self, tuple(without))

    def prepare(self) -> None:
        """Make the folder and say whose it is."""
        if not self._run.exists():
            make_folder(self.folder)
            write_text(self._run, json.dumps({"identity": self._digest}) + "\n")

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.identity.encode("utf-8")).hexdigest()


@dataclass
class Saved:
    """A runner that leaves each finished block on disk."""

    runner: Runner
    checkpoint: Checkpoint
    without: tuple[str, ...] = ()
    clock: Callable[[], float] = time.monotonic
    _passes: int = field(default=0, init=False)

    def run(
        self, work: Work, todo: Sequence[Block], take: Take, room: Room | None = None
    ) -> None:
        """See `Runner.run`; what is on disk already is handed over first."""
        folder = self.checkpoint.folder / f"pass-{self._passes}"
        self._passes += 1
        rest = []
        for block in todo:
            found = _read(folder / _name(block))
            if found is None:
                rest.append(block)
            else:
                take(block, found)
        started = self.clock()
        waiting: list[tuple[Block, Payload]] = []

        def keep(block: Block, found: Payload) -> None:
            take(block, found)
            waiting.append((block, found))
            if self.clock() - started < self.checkpoint.patience:
                return
            self.checkpoint.prepare()
            make_folder(folder)
            for one, parts in waiting:
                kept = {k: v for k, v in parts.items() if k not in self.without}
                with draft(folder / _name(one)) as path, path.open("wb") as file:
                    np.savez(file, **kept)  # type: ignore[arg-type]  # its stub is odd
            waiting.clear()

        if rest:
            self.runner.run(work, rest, keep, room)


def _name(block: Block) -> str:
    return f"block-{block.number:06}.npz"


def _read(path: Path) -> Payload | None:
    """Parts of a block; None if it is not there, or not whole."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
