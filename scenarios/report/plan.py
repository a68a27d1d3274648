"""The chain as a config states it: order, what enters a process, what it emits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of what a process takes.

    Attributes
    ----------
    line : str
    product : str
        Of the line; the line itself where it says nothing else.
    label : str
    bought : bool
        Not made by a process of the study; electricity is bought.
    """

    line: str
    product: str
    label: str
    bought: bool


def ordered(config: Mapping[str, Any]) -> list[str]:
    """Processes with makers before users, as far as loops allow."""
    processes: dict[str, Any] = config.get("processes") or {}
    makers = {p["makes"]["product"]: id for id, p in processes.items()}
    found: list[str] = []
    begun: set[str] = set()

    def visit(id: str) -> None:
        if id in begun:
            return
        begun.add(id)
        for entry in entries(config, id):
            if not entry.bought:
                visit(makers[entry.product])
        found.append(id)

    for id in processes:
        visit(id)
    return found


def entries(config: Mapping[str, Any], process: str) -> Iterator[Entry]:
    """What a process takes, line by line."""
    processes = config["processes"]
    made = {p["makes"]["product"] for p in processes.values()}
    products = config.get("products") or {}
    for line, need in (processes[process].get("needs") or {}).items():
        stated = need if isinstance(need, dict) else {}
        product = str(stated.get("product") or line)
        from_supply = stated.get("supply") is not None
        own = (products.get(product) or {}).get("label")
        if from_supply or product != line:  # say which of several lines it is
            own = None
        label = stated.get("label") or own or plain(line)
        yield Entry(line, product, str(label), from_supply or product not in made)


def gases(process: Mapping[str, Any]) -> str:
    """What a process emits itself, gas by gas."""
    found: dict[str, None] = {}
    for line, emission in (process.get("emits") or {}).items():
        gas = emission.get("gas") if isinstance(emission, dict) else None
        found[str(gas or line)] = None
    return ", ".join(found)


def plain(id: str) -> str:
    """An id as words."""
    return id.replace("_", " ")
