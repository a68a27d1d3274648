"""A study in the making: its config so far, and where each part is stated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from scenarios.errors import COMMAND_LINE, Misstated, Origin
from scenarios.language.config import Config
from scenarios.language.quantities import Input
from scenarios.loading.faults import Faults

Origins = Mapping[tuple[str, str], Origin]
"""Section and id -> where it is stated; the id is empty for a section of one value."""
Item = TypeVar("Item")


@dataclass(frozen=True)
class Folders:
    """Where files may lie: the study's own folder, and one for data.

    Attributes
    ----------
    own : Path or None
        None for a study that may read no file.
    data : Path or None
    """

    own: Path | None
    data: Path | None = None

    def check(self, target: Path) -> None:
        """Refuse a file that lies elsewhere.

        Raises
        ------
        Misstated
            It lies outside the folders, or its path can be none.
        """
        try:
            target.exists()
            resolved = target.resolve()
            allowed = [f.resolve() for f in (self.own, self.data) if f is not None]
        except (OSError, ValueError):  # too long, or with a null character
            message = "is not a path that can be; write letters, digits and slashes"
            raise Misstated(message) from None
        if not any(resolved.is_relative_to(folder) for folder in allowed):
            message = "lies outside the config's folder; move it there or pass"
            raise Misstated(f"{message} --data-dir")

    def locate(self, named: str, folder: Path) -> Path:
        """Where a data file lies: in `folder`, else in the folder for data.

        Raises
        ------
        Misstated
            It may not be read from there.
        """
        places = [base / named for base in (folder, self.data) if base is not None]
        allowed = [place for place in places if self._allows(place)]
        if not allowed:
            self.check(places[0])
        return next((place for place in allowed if place.exists()), places[0])

    def _allows(self, target: Path) -> bool:
        try:
            self.check(target)
        except Misstated:
            return False
        return True


@dataclass(frozen=True)
class Draft:
    """What has been read of a study so far.

    Attributes
    ----------
    config : Config
        Merged; its parts have been checked for themselves, not yet together.
    origins : mapping of (section, id) to Origin
    folders : Folders
    replaced : mapping of id to Input
        What stood for an input before a later file, a data sheet or an option.
    """

    config: Config
    origins: Origins
    folders: Folders
    replaced: Mapping[str, Input] = field(default_factory=dict)

    def origin(self, section: str, id: str = "") -> Origin:
        """Where something is stated; by an option where no file states it."""
        return self.origins.get((section, id)) or stated_by_option(section, id)

    def updated(self, origins: Origins | None = None, **sections: Any) -> "Draft":
        """The same with other sections, and origins of what is new in them."""
        config = self.config.model_copy(update=sections)
        return replace(self, config=config, origins={**self.origins, **(origins or {})})


def stated_by_option(section: str, id: str) -> Origin:
    """Where something stands that an option of the command line states."""
    return Origin(COMMAND_LINE, (f"--set {id}",) if id else (section,))


def each(
    stated: Mapping[str, Item],
    rule: Callable[[Item], Item],
    origin: Origin,
    faults: Faults,
) -> dict[str, Item]:
    """What a rule makes of each item; one that it refuses stays, and is a fault."""
    found = dict(stated)
    for id, item in stated.items():
        with faults.caught(origin.below(id)):
            found[id] = rule(item)
    return found
