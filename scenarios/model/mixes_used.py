"""Where a study's electricity comes from: supplies, and the mixes they take."""

from collections.abc import Iterator

from scenarios.language.config import Config
from scenarios.language.supplies import Supply, SupplyPath
from scenarios.model.power import blend


def used_mixes(config: Config) -> list[str]:
    """Names of the mixes that some supply of the study takes."""
    found: dict[str, None] = {}
    for supply in all_supplies(config):
        found |= dict.fromkeys(blend(supply))
    return list(found)


def contracts(config: Config) -> list[str]:
    """Mixes among them that are contracts: power that a buyer claims for itself.

    What is claimed here does not leave the mix of the grid it is made in, which a
    location-based figure of that grid still counts.
    """
    kinds = config.mixes
    used = {lever for s in config.scenarios.values() for lever in s.levers}
    kept = {name: lever for name, lever in config.levers.items() if name in used}
    own = config.model_copy(update={"levers": kept, "paths": _followed(config)})
    named = [name for name in used_mixes(own) if name in kinds]
    return [name for name in named if kinds[name].kind == "contract"]


def _followed(config: Config) -> dict[str, SupplyPath]:
    """Named paths that some supply of the study takes."""
    named = [supply.path for supply in _stated_supplies(config)]
    return {name: path for name, path in config.paths.items() if name in named}


def all_supplies(config: Config) -> Iterator[Supply]:
    """Supplies of the study, of its scenarios and levers, and of their paths."""
    for supply in _stated_supplies(config):
        yield supply
        if isinstance(supply.path, SupplyPath):
            yield from supply.path.knots.values()
    for path in config.paths.values():
        yield from path.knots.values()


def _stated_supplies(config: Config) -> Iterator[Supply]:
    yield from config.supplies.values()
    for scenario in config.scenarios.values():
        for change in scenario.set.values():
            if change.names_a_source:
                yield change.supply()
    for lever in config.levers.values():
        yield from lever.supplies.values()
