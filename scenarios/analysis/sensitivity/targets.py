"""Which outputs of a study to explain, in which scenarios, and against which."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from scenarios.analysis.sensitivity.errors import DriverError
from scenarios.errors import called
from scenarios.results.result import PRIMARY
from uncertainty.errors import nearest

EVERY = "all"
"""Stands for every scenario, unless one is called so."""
PARTS: Mapping[str, tuple[str, str]] = {
    "stage": ("contribution", "stage"),
    "source": ("contribution", "source"),
    "account": ("accounts", "account"),
    "gas": ("by_gas", "gas"),
}
"""First word of an output's name -> table and dim that hold it."""
Labels = Mapping[str, Mapping[str, Sequence[str]]]
"""Labels of each dim of each output table."""


@dataclass(frozen=True)
class Question:
    """What is to be explained.

    Attributes
    ----------
    outputs : tuple of str
        Names, or patterns with ``*``: ``footprint``, ``stage.smelting``, ``source.*``,
        ``account.*``, ``gas.*``, declared outputs. Empty for the footprint, or every
        declared output of a study without a chain.
    scenarios : tuple of str
        Empty for the reference itself and the difference of every other one to it.
        Scenarios named are explained each, and their differences to the reference.
        ``all`` stands for all.
    reference : str, optional
        In place of the study's own.
    limit : float, optional
        Explain not the outputs but whether they lie above it, in the outputs' units.
    """

    outputs: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    reference: str | None = None
    limit: float | None = None

    @property
    def by_default(self) -> bool:
        """Whether nothing is said of outputs or scenarios."""
        return not (self.outputs or self.scenarios)


@dataclass(frozen=True)
class Target:
    """One scenario, or the difference of one to another.

    Attributes
    ----------
    scenario : str
    less : str, optional
        What is subtracted.
    """

    scenario: str
    less: str | None = None

    @property
    def name(self) -> str:
        """As results call it: ``yunnan`` or ``yunnan - shandong``."""
        return self.scenario if self.less is None else f"{self.scenario} - {self.less}"


def targets(question: Question, known: Mapping[str, str], own: str) -> list[Target]:
    """Scenarios and differences that a question asks of.

    Parameters
    ----------
    question : Question
    known : mapping of str to str
        The study's scenarios, with their labels.
    own : str
        The study's reference.

    Returns
    -------
    list of Target
        Scenarios, then differences.

    Raises
    ------
    DriverError
        A scenario is not known.
    """
    reference = own if question.reference is None else question.reference
    reference = called(reference, known)
    asked = list(dict.fromkeys(called(name, known) for name in question.scenarios))
    if EVERY in asked and EVERY not in known:
        asked = list(known)
    for name in (reference, *asked):
        if name not in known:
            raise DriverError(
                f"no scenario is called {name}{nearest(name, known)}; there are "
                f"{', '.join(known)}"
            )
    others = asked or list(known)
    return [
        *(Target(name) for name in asked or [reference]),
        *(Target(name, reference) for name in others if name != reference),
    ]


def known_outputs(labels: Labels) -> dict[str, tuple[str, dict[str, str]]]:
    """Names of outputs -> table, and label by dim, that hold each.

    Parameters
    ----------
    labels : mapping of table to dims and their labels
        Of the tables that there are.
    """
    found: dict[str, tuple[str, dict[str, str]]] = {}
    if PRIMARY in labels:
        found[PRIMARY] = (PRIMARY, {})
    for name in labels.get("outputs", {}).get("output", ()):
        found[name] = ("outputs", {"output": name})
    for word, (table, dim) in PARTS.items():
        for label in labels.get(table, {}).get(dim, ()):
            found.setdefault(f"{word}.{label}", (table, {dim: label}))
    return found


def chosen_outputs(question: Question, known: Mapping[str, object]) -> list[str]:
    """Names of the outputs that a question asks of.

    Parameters
    ----------
    question : Question
    known : mapping of name to anything
        As `known_outputs` gives it.

    Raises
    ------
    DriverError
        A name or pattern fits none.
    """
    if not question.outputs:
        return [PRIMARY] if PRIMARY in known else list(known)
    return list(dict.fromkeys(_matching(question.outputs, known)))


def _matching(patterns: Sequence[str], known: Mapping[str, object]) -> Iterator[str]:
    for pattern in patterns:
        fitting = [name for name in known if fnmatchcase(name, pattern)]
        if not fitting:
            raise DriverError(
                f"no output is called {pattern}{nearest(pattern, known)}; there are "
                f"{', '.join(known)}"
            )
        yield from fitting
