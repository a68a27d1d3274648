"""A folder of results: held by one command, its files put in place together."""

import errno
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from scenarios.errors import ScenarioError

LOCK, STAGE = ".lock", ".new-"
"""File that a run holds, and folder in which it makes its files."""
DERIVED = ("comparison", "abatement", "attribution_", "sensitivity")
PICTURES = (".png", ".svg", ".pdf")
DRAWN = (
    *("intervals", "density", "stages", "sources", "drivers", "convergence", "fan"),
    *("differences", "ranks", "pairs", "macc", "waterfall", "tornado", "sensitivity"),
)
"""How files begin that are made of a run, beside it."""


class Busy(ScenarioError):
    """Another run writes to the folder."""


class Unwritable(ScenarioError):
    """A file or a folder cannot be written where it is asked for."""


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made, before a run and not after it.

    Raises
    ------
    Unwritable
        Something above it is a file, or is protected.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise Unwritable(f"{folder}: cannot be made, {there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Unwritable(f"{folder}: cannot be written, {there} is protected")


def write_file(path: Path, text: str) -> None:
    """Write a text file.

    Raises
    ------
    Unwritable
        Its folder is not there or is protected, or the disk is full.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unwritable(f"{path}: cannot be written ({error.strerror})") from None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one command; another that asks for it is refused.

    The folder is made if it is not there, and removed again if it stays empty.

    Raises
    ------
    Busy
        Another run holds it.
    StorageError
        It cannot be made.
    """
    from uncertainty.storage import make_folder

    above = (folder, *folder.parents)
    new = [path for path in above if not path.exists()]
    make_folder(folder)
    lock = folder / LOCK
    try:
        handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o666)
    except OSError as error:
        text = f"{folder}: cannot be written ({error.strerror})"
        raise Unwritable(text) from None
    try:
        if not _locked(handle):
            raise Busy(
                f"{folder}: another run writes to it; wait, or take another --out"
            )
        try:
            for left in folder.glob(f"{STAGE}*"):  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(handle)
        _remove_empty(new)


def _locked(handle: int) -> bool:
    """Take the lock of a file if nobody has it; the system gives it back."""
    try:
        import fcntl
    except ImportError:  # Windows: a file that is open cannot be replaced there
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in {errno.EWOULDBLOCK, errno.EACCES}
    # whoever held it before may have removed the file that was opened here
    return os.fstat(handle).st_nlink > 0


def _remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made and hold nothing, the deepest first."""
    with suppress(OSError):  # it holds something
        for folder in folders:
            folder.rmdir()


class Stage:
    """Files that are made apart, and take their places together.

    Parameters
    ----------
    path : Path
        Where they are made.

    Attributes
    ----------
    lost : list of str
        Why figures are missing, if any are: a figure costs no data.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost: list[str] = []

    def drawn(self, draw: Callable[[Path], object]) -> None:
        """Draw figures into the folder; whatever they fail of is told."""
        try:
            draw(self.path)
        except Exception as error:
            text = f"{type(error).__name__}: {error}".replace(f"{self.path}/", "")
            self.lost.append(text)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Files for a folder: all are moved there once the block has ended well, or none.

    Files of an earlier run that would be read with a new one are removed: a
    comparison, indices and figures. While files are put in place, signals wait. A
    dataset comes after its tables, so that a folder without one holds no whole run;
    figures come last.

    Raises
    ------
    Unwritable
        The folder cannot be written to, or the disk is full.
    """
    from uncertainty.errors import StorageError

    try:
        stage = Stage(Path(tempfile.mkdtemp(prefix=STAGE, dir=folder)))
    except OSError as error:
        text = f"{folder}: cannot be written ({error.strerror})"
        raise Unwritable(text) from None
    try:
        yield stage
        with _undisturbed():
            stage.lost += _put_in_place(stage.path, folder)
    except StorageError as error:  # the person knows the folder alone
        raise Unwritable(str(error).replace(str(stage.path), str(folder))) from None
    finally:
        shutil.rmtree(stage.path, ignore_errors=True)


def _put_in_place(stage: Path, folder: Path) -> list[str]:
    """Move files to where they belong; why figures could not be moved."""
    from scenarios.results.file import NETCDF, ZARR
    from uncertainty.storage import WRITTEN, remove

    def order(path: Path) -> tuple[bool, bool, str]:
        return path.suffix in PICTURES, path.name in {NETCDF, ZARR}, path.name

    files = sorted(stage.iterdir(), key=order)
    lost = []
    if any(path.name in {NETCDF, ZARR} for path in files):
        _forget(folder)
        remove(folder / ZARR)
    for path in files:
        try:
            path.replace(folder / path.name)
            WRITTEN.append(folder / path.name)
        except OSError as error:
            text = f"{folder / path.name}: cannot be written ({error.strerror})"
            if path.suffix not in PICTURES:
                raise Unwritable(text) from None
            lost.append(text)
    return lost


def _forget(folder: Path) -> None:
    """Remove what earlier runs left, and what was made of them by the tool."""
    from scenarios.results.file import NETCDF

    (folder / NETCDF).unlink(missing_ok=True)
    for path in folder.iterdir():
        name = path.stem
        derived = path.suffix == ".nc" and name.startswith(DERIVED)
        drawn = path.suffix in PICTURES and name.startswith(DRAWN)
        if (derived or drawn) and path.is_file():
            path.unlink(missing_ok=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until files are in place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(n, lambda n, _: waiting.append(n)) for n in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
