"""Standard output, which may be closed, full, or unable to show a label."""

import os
import sys
from io import TextIOBase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.words.catalogue import Words


class Lost(Exception):
    """What was printed did not arrive.

    Attributes
    ----------
    reason : str
        Of the system; empty where the output is closed.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason

    def message(self, words: "Words") -> str:
        """One line that says so."""
        if self.reason:
            return words("commands.output_lost", reason=self.reason)
        return words("commands.output_closed")


class _Closed(TextIOBase):
    """Standard output that the caller has closed."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def write(self, text: str) -> int:
        """Say that nothing arrives."""
        if text:
            raise Lost
        return 0


class _Guarded:
    """Standard output whose failures are `Lost`; a reader that went is no failure."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            return int(self._stream.write(text))
        except OSError as error:
            raise _lost(error) from None

    def flush(self) -> None:
        """Write what is held back."""
        try:
            self._stream.flush()
        except OSError as error:
            raise _lost(error) from None


def _lost(error: OSError) -> BaseException:
    if isinstance(error, BrokenPipeError):
        give_up()
        return SystemExit(1)
    return Lost(error.strerror or str(error))


def prepare() -> None:
    """Make standard output say what it cannot do, and show what it can.

    A letter that its encoding does not have is written by its number.
    """
    if isinstance(sys.stdout, _Guarded | _Closed):
        return
    if sys.stdout is None:
        os.open(os.devnull, os.O_WRONLY)  # so that no file takes its number
        sys.stdout = _Closed()
        return
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout = _Guarded(sys.stdout)


def flush() -> None:
    """Write what is still held back, while somebody can be told that it fails."""
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up() -> None:
    """Let nothing more be written, so that leaving does not fail again."""
    try:
        number = os.open(os.devnull, os.O_WRONLY)
        os.dup2(number, 1)
        os.close(number)
    except OSError:
        pass  # there is nobody to tell
