"""A chain of processes as a diagram shows it, and where each process stands."""

from dataclasses import dataclass

import numpy as np

from scenarios.analysis.masses import Chain

TALL = 0.3
"""Least distance between the main path and what joins it, heights of the tallest."""


@dataclass(frozen=True)
class Place:
    """Where a process stands: column, middle, heights in t per declared unit."""

    x: int
    y: float
    inward: float
    outward: float

    @property
    def height(self) -> float:
        """Of the larger of both."""
        return max(self.inward, self.outward)


def places_of(chain: Chain) -> dict[str, Place]:
    """Each process in a column of its own, makers before users.

    The heaviest path to the declared product runs along the middle; what joins it
    stands below.
    """
    depth = depths(chain)
    order = sorted(chain.stations, key=lambda s: -depth[s.name])
    inward = {s.name: sum(a.value for a in s.bought) for s in order}
    for station in order:
        for user, mass in station.users.items():
            inward[user] += mass_of(mass)
    main = _main_path(chain)
    tallest = max(max(inward[s.name], mass_of(s.mass)) for s in order) or 1.0
    found: dict[str, Place] = {}
    for x, station in enumerate(order):
        mine = max(inward[station.name], mass_of(station.mass))
        below = -(1.15 + TALL) * tallest / 2 - mine / 2
        away = 0.0 if station.name in main else below
        found[station.name] = Place(
            x, away, inward[station.name], mass_of(station.mass)
        )
    return found


def mass_of(value: float) -> float:
    """A mass; 0 for what is no mass."""
    return 0.0 if np.isnan(value) else value


def depths(chain: Chain) -> dict[str, int]:
    """Steps from each process to the declared product, the fewest."""
    found = {s.name: 0 for s in chain.stations if not s.users}
    found = found or {chain.stations[-1].name: 0}
    for step in range(1, len(chain.stations) + 1):
        for station in chain.stations:
            if any(found.get(user) == step - 1 for user in station.users):
                found.setdefault(station.name, step)
    return {s.name: found.get(s.name, 0) for s in chain.stations}


def _main_path(chain: Chain) -> set[str]:
    depth = depths(chain)
    here = next(s.name for s in chain.stations if depth[s.name] == 0)
    path = {here}
    while True:
        makers = [s for s in chain.stations if here in s.users and s.name not in path]
        if not makers:
            return path
        here = max(makers, key=lambda s: mass_of(s.users[here])).name
        path.add(here)
