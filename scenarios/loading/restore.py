"""A study made again from what a result keeps of it."""

from collections.abc import Mapping
from typing import Any

from scenarios.errors import ScenarioError
from scenarios.language.tables import Tables
from scenarios.language.yaml_text import parse
from scenarios.library import catalogue as library
from scenarios.loading.load import from_mapping
from scenarios.model.study import Study


class NotRestored(ScenarioError):
    """A result does not hold all that makes its study."""


def restored(attributes: Mapping[str, Any]) -> Study:
    """The study of a result.

    Parameters
    ----------
    attributes : mapping
        What a result says of its run: ``study``, ``config``, ``point``,
        ``library_checksum``.

    Returns
    -------
    Study
        With the mixes, factors and GWP values of the run, whatever the library holds
        by now.

    Raises
    ------
    NotRestored
        The result is of a release that kept no such rows, and the library has changed
        since.
    """
    stated = parse(str(attributes["config"]), "config")
    # the result may come from anybody: it names no file that is then read
    point = attributes.get("point") == "True"
    study = from_mapping(stated, str(attributes["study"]), folder=None, point=point)
    same_library = str(attributes["library_checksum"]) == library.checksum()
    if not same_library and not _complete(stated, study.config.tables):
        raise NotRestored(
            f"{attributes['study']}: the library is not the one that the result was "
            "made with; run the study again"
        )
    return study


def _complete(stated: Mapping[str, Any], used: Tables) -> bool:
    """Whether a stored config holds every row that its study uses."""
    return all(
        getattr(used, section).keys() <= (stated.get(section) or {}).keys()
        for section in ("mixes", "factors", "gwp_sets")
    )
