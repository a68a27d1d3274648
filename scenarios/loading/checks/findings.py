"""What a check has found so far, and the checks that every part of a study shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scenarios.errors import Fault
from scenarios.language.config import Config
from scenarios.language.tables import Tables
from scenarios.library import catalogue as library
from scenarios.loading.checks.names import Namespace, UnknownName, namespace
from scenarios.loading.draft import Origins, stated_by_option
from scenarios.model.definitions import Definition
from scenarios.units import units
from uncertainty.errors import UncertaintyError, shown

Place = tuple[str | int, ...]


@dataclass
class Findings:
    """Faults of one study, and what is needed to look for more.

    Attributes
    ----------
    config : Config
        Merged.
    definitions : mapping of id to Definition
        Of the inputs that could be read.
    origins : mapping of (section, id) to Origin
    faults : list of Fault, without lines
    """

    config: Config
    definitions: Mapping[str, Definition]
    origins: Origins
    faults: list[Fault] = field(default_factory=list)

    @cached_property
    def tables(self) -> Tables:
        """Rows of the study and those that the library has beside them."""
        return self.config.tables.over(library.tables())

    @cached_property
    def gases(self) -> list[str]:
        """Gases that the study's GWP set knows."""
        known = (id.removeprefix("gwp.") for id in self.definitions if id[:4] == "gwp.")
        return [gas for gas in known if not gas.endswith("_error")]

    @cached_property
    def names(self) -> Namespace:
        """Names and dimensions; asked for once every units string can be read."""
        return namespace(self.config, self.definitions)

    def add(self, section: str, id: str, path: Place, message: str) -> None:
        """Note a fault where `section` and `id` are stated."""
        origin = self.origins.get((section, id)) or stated_by_option(section, id)
        self.faults.append(origin.fault(message, *path))

    def guard(
        self, section: str, id: str, path: Place, attempt: Callable[[], object]
    ) -> bool:
        """Note what an attempt raises; whether it went well."""
        try:
            attempt()
        except UncertaintyError as error:
            self.add(section, id, path, str(error))
            return False
        return True

    def formula(
        self,
        section: str,
        id: str,
        path: Place,
        stated: str | float,
        unit: str,
        *,
        results: bool = False,
    ) -> None:
        """Check a formula's names, and that it measures what `unit` does."""
        try:
            found = self.names.measure(stated, results=results)
        except (UncertaintyError, UnknownName) as error:
            self.add(section, id, path, str(error))
            return
        wanted = units().parse(unit).dimension
        if found is None or found == wanted or is_zero(stated):
            return
        text = stated if isinstance(stated, str) else f"{stated:g}"
        if found.dimensionless and as_number(stated) is not None:
            message = f"{text} is a pure number; write its units: {text} {unit}"
        elif unit == "1":
            message = f"{_cut(text)} measures {found}; a pure number belongs here"
        else:
            message = f"{_cut(text)} measures {found}, not {wanted} ({unit})"
            message += "; mend the amount or the units"
        self.add(section, id, path, message)

    def share(self, section: str, id: str, path: Place, stated: str | float) -> None:
        """Check a number, if it is one, to be a share of one."""
        number = as_number(stated)
        if number is not None and not 0 <= number <= 1:
            message = f"a share lies between 0 and 1, not at {number:g}"
            self.add(section, id, path, message)

    def not_negative(
        self, section: str, id: str, path: Place, stated: str | float
    ) -> None:
        """Check a number, if it is one, to be 0 or more."""
        number = as_number(str(stated).split(" ")[0])
        if number is not None and number < 0:
            self.add(section, id, path, f"must be 0 or more, not {stated}")


def as_number(stated: str | float) -> float | None:
    """The number that a formula is, if it is one and nothing else."""
    try:
        return float(stated)
    except ValueError:
        return None


def is_zero(stated: str | float) -> bool:
    """Whether a formula is nothing at all, which goes with any units."""
    return as_number(stated) == 0


def _cut(text: str) -> str:
    return shown(text).strip('"')
