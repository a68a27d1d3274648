"""Faults met on the way from a file to a study, kept to be raised all at once."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from scenarios.errors import ConfigError, Fault, Misstated, Origin
from scenarios.language.yaml_text import Document, Unreadable


@dataclass
class Faults:
    """Collects faults, and gives each its line when they are raised.

    Attributes
    ----------
    documents : dict of file to Document
        The texts that were read; a file that is not among them has no lines.
    found : list of Fault

    Examples
    --------
    >>> faults = Faults()
    >>> with faults.caught(Origin("study.yaml", ("inputs", "x"))):
    ...     raise Misstated("are missing", "units")
    >>> faults.raise_all()
    Traceback (most recent call last):
        ...
    scenarios.errors.ConfigError: study.yaml: 1 fault
      inputs.x.units: are missing
    """

    documents: dict[str, Document] = field(default_factory=dict)
    found: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Keep a fault."""
        self.found.append(fault)

    @contextmanager
    def caught(self, origin: Origin | None = None) -> Iterator[None]:
        """Keep the faults that a step raises, and go on behind it.

        Parameters
        ----------
        origin : Origin, optional
            What the step is about; where what is `Misstated` stands.
        """
        try:
            yield
        except ConfigError as error:
            self.found += error.faults
        except Unreadable as error:
            self.found.append(error.fault)
        except Misstated as error:
            if origin is None:
                raise
            self.found.append(origin.fault(str(error), *error.path))

    def raise_all(self) -> None:
        """Raise the faults kept so far, if there are any, each with its line."""
        if self.found:
            raise ConfigError(self.placed(self.found))

    def placed(self, found: Iterable[Fault]) -> list[Fault]:
        """Faults with their lines, each once."""
        return [self._placed(fault) for fault in dict.fromkeys(found)]

    def _placed(self, fault: Fault) -> Fault:
        document = self.documents.get(fault.file)
        if document is None or not fault.path:
            return fault
        return replace(fault, line=document.line(fault.path) or fault.line)
