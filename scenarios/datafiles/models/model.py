"""A life-cycle model as any format states it: what every reader fills.

A process makes products, takes products and emits flows; amounts are those of the file,
in the file's units, with the spread in the file's convention. What the form cannot hold
is entered in `Model.left_out`, item by item.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scenarios.errors import ScenarioError


class ModelFileError(ScenarioError):
    """A file of a model is damaged, hostile, or holds nothing that can be read."""


@dataclass(frozen=True)
class Amount:
    """A number with what is said of it.

    Attributes
    ----------
    value : float
        The deterministic value.
    formula : str
        Over parameters, in the words of the config language; empty if there is none.
    spread : mapping or None
        Fields of a convention with its name under ``format``; None if it has none.
    """

    value: float
    formula: str = ""
    spread: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Line:
    """What a process takes or emits; below 0 it gives back or takes up.

    Attributes
    ----------
    flow : str
        Key of the product or of the elementary flow.
    name : str
    amount : Amount
    unit : str
        As the file writes it.
    provider : str
        Key of the process that makes it, where the file says so.
    factor : float
        What the amount is multiplied by to be in `unit`, and its sign.
    """

    flow: str
    name: str
    amount: Amount
    unit: str
    provider: str = ""
    factor: float = 1.0


@dataclass(frozen=True)
class Made:
    """A product of a process.

    Attributes
    ----------
    share : float
        Part of all lines that is allocated to it.
    lines : mapping of number of a line to float
        Shares of single lines, where they differ: takes first, then emissions.
    """

    flow: str
    name: str
    amount: Amount
    unit: str
    factor: float = 1.0
    share: float = 1.0
    lines: Mapping[int, float] = field(default_factory=dict)


@dataclass
class Process:
    """One process of a file; the first of its products is its reference.

    Attributes
    ----------
    key, name, location : str
    category : str
    source : str
        Name, identifier and version by which the file knows it.
    makes : list of Made
    takes, emits : list of Line
    parameters : dict of name to Amount
    aggregated : bool
        A result of other processes, not a unit process.
    """

    key: str
    name: str
    category: str = ""
    source: str = ""
    location: str = ""
    makes: list[Made] = field(default_factory=list)
    takes: list[Line] = field(default_factory=list)
    emits: list[Line] = field(default_factory=list)
    parameters: dict[str, Amount] = field(default_factory=dict)
    aggregated: bool = False


@dataclass(frozen=True)
class LeftOut:
    """Something that a study does not carry, and why."""

    where: str
    what: str
    why: str


@dataclass
class Model:
    """All that a file says, as far as it is understood.

    Attributes
    ----------
    title, form : str
        Of the file, and the format it is in.
    processes : dict of key to Process
    parameters : dict of name to Amount
        Of the whole model; a process's own of the same name wins there.
    factors : dict of flow to float
        kg CO2e per kg, where the file characterises flows itself; else empty.
    demand : str
        Key of the process whose reference product the file is of, if it says so.
    left_out : list of LeftOut
    """

    title: str
    form: str
    processes: dict[str, Process] = field(default_factory=dict)
    parameters: dict[str, Amount] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    demand: str = ""
    left_out: list[LeftOut] = field(default_factory=list)

    def leave(self, where: str, what: str, why: str) -> None:
        """Enter what is not carried."""
        found = LeftOut(where, what, why)
        if found not in self.left_out[-1:]:
            self.left_out.append(found)
