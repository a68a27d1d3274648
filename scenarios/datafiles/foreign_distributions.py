"""Values stated in another tool's convention, turned into a config's own words.

``convention: {format: simapro, distribution: lognormal, mean: 42, xsd: 1.5625}`` names
the format it is in; a spread whose convention is not named is refused, never guessed.
"""

from collections.abc import Iterator
from typing import Any

from scenarios.datafiles.conventions import ExchangeError, from_config
from scenarios.errors import ConfigError, Fault

KEY = "convention"
Path = tuple[str | int, ...]


def translated(data: dict[str, Any], file: str) -> dict[str, Any]:
    """Data of one file with every foreign statement in the config's own words.

    Returns
    -------
    dict
        `data` itself where nothing is foreign.

    Raises
    ------
    ConfigError
        Conventions that are unknown, ambiguous, or stand for no distribution.
    """
    faults: list[Fault] = []
    changed: dict[Path, dict[str, Any]] = {}
    for path, stated in _stated(data):
        try:
            word, parameters = from_config(stated[KEY])
        except ExchangeError as error:
            place = (*path, KEY, *((error.parameter,) if error.parameter else ()))
            faults.append(Fault(file, 0, place, str(error)))
            continue
        rest = {key: value for key, value in stated.items() if key != KEY}
        value = parameters["value"] if word == "constant" else parameters
        changed[path] = rest | {"value" if word == "constant" else word: value}
    if faults:
        raise ConfigError(faults)
    return _replaced(data, changed, ()) if changed else data


def _stated(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Inputs and changes of scenarios that state a convention."""
    places: list[tuple[Path, Any]] = [(("inputs",), data.get("inputs"))]
    scenarios = data.get("scenarios")
    for name, scenario in scenarios.items() if isinstance(scenarios, dict) else ():
        for word in ("set", "scale"):
            inner = scenario.get(word) if isinstance(scenario, dict) else None
            places.append((("scenarios", name, word), inner))
    for path, section in places:
        for id, stated in section.items() if isinstance(section, dict) else ():
            if isinstance(stated, dict) and isinstance(stated.get(KEY), dict):
                yield (*path, id), stated


def _replaced(found: Any, changed: dict[Path, dict[str, Any]], path: Path) -> Any:
    if path in changed:
        return changed[path]
    if not isinstance(found, dict):
        return found
    return {key: _replaced(v, changed, (*path, key)) for key, v in found.items()}
