"""Errors of the domain: what is wrong, in which file and line, and how to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass

COMMAND_LINE = "command line"
"""Stands for a file where something is stated by an option."""


class ScenarioError(Exception):
    """Base of every error the domain raises on purpose."""


class Misstated(ScenarioError):
    """Something cannot be what it is stated to be.

    `path` leads from where it is stated to the part at fault.
    """

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Origin:
    """Where something is stated.

    Attributes
    ----------
    file : str
        As the user named it; a library file by its import name.
    path : tuple
        Keys and list positions down to it.
    line : int
        Counted from 1; 0 where it is not known.
    """

    file: str
    path: tuple[str | int, ...] = ()
    line: int = 0

    def below(self, *path: str | int) -> "Origin":
        """Where a part of it is stated."""
        return Origin(self.file, (*self.path, *path), self.line)

    def fault(self, message: str, *path: str | int) -> "Fault":
        """A fault of it, or of the part that `path` leads to."""
        return Fault(self.file, self.line, (*self.path, *path), message)


NOWHERE = Origin("")
"""Of what no file states."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a config.

    Attributes
    ----------
    file : str
        As the user named it; a library file by its import name.
    line : int
        Counted from 1; 0 where the fault has no line of its own.
    path : tuple
        Keys and list positions down to the fault.
    message : str
        What is wrong and how to mend it.
    """

    file: str
    line: int
    path: tuple[str | int, ...]
    message: str

    @property
    def where(self) -> str:
        """The path as one word: ``inputs.smelting.dc_electricity.normal.sd``."""
        return ".".join(str(part) for part in self.path)

    def __str__(self) -> str:
        """Line, path and message, with no character that moves a terminal."""
        place = f"line {self.line}: " if self.line else ""
        path = f"{self.where}: " if self.path else ""
        text = f"{place}{path}{self.message}"
        return "".join(letter if letter.isprintable() else " " for letter in text)


class ConfigError(ScenarioError):
    """A config cannot be used; holds every fault that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda f: (f.file, f.line, f.where))
        super().__init__(self._text())

    def _text(self) -> str:
        lines = []
        for file in dict.fromkeys(fault.file for fault in self.faults):
            mine = [fault for fault in self.faults if fault.file == file]
            lines.append(f"{file}: {len(mine)} fault{'s' if len(mine) > 1 else ''}")
            lines += [f"  {fault}" for fault in mine]
        return "\n".join(lines)


def called(text: str, labels: Mapping[str, str]) -> str:
    """Name of the scenario that a text names or labels; the text where there is none.

    Examples
    --------
    >>> labels = {"hydro": "Hydropower", "grid": "National grid"}
    >>> [called(text, labels) for text in ("grid", "Hydropower", "solar")]
    ['grid', 'hydro', 'solar']
    """
    if text in labels:
        return text
    named = [n for n, label in labels.items() if text in {label, _chinese(label)}]
    return named[0] if len(named) == 1 else text


def _chinese(label: str) -> str | None:
    return getattr(label, "zh", None) or None
