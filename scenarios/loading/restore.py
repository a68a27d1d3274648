"""A study made again from what a result keeps of it."""

from collections.abc import Mapping
from typing import Any

from scenarios.errors import ConfigError, ScenarioError
from scenarios.language.tables import Tables
from scenarios.library import catalogue as library
from scenarios.loading.load import from_mapping
from scenarios.model.study import Study
from scenarios.results.result import Result


class StudyChanged(ScenarioError):
    """The library has changed since, so that the study would be another one."""


def study_of(result: Result) -> Study:
    """The study that a result is of, made again from the config it carries.

    Parameters
    ----------
    result : Result

    Returns
    -------
    Study
        With the mixes, factors and GWP values of the run, whatever the library holds
        by now.

    Raises
    ------
    StudyChanged
        The result is of a release that kept no such rows, and the library has changed
        since.
    """
    # the result may come from anybody: it names no file that is then read
    point = result.provenance.get("point") == "True"
    same_library = result.provenance["library_checksum"] == library.checksum()
    try:
        study = from_mapping(result.stated, result.study, folder=None, point=point)
    except ConfigError as error:
        if same_library:
            raise
        raise _changed(result) from error
    if not same_library and not _complete(result.stated, study.config.tables):
        raise _changed(result)
    return study


def _changed(result: Result) -> StudyChanged:
    return StudyChanged(
        f"{result.study}: the library is not the one that the result was "
        "made with; run the study again"
    )


def _complete(stated: Mapping[str, Any], used: Tables) -> bool:
    """Whether a stored config holds every row that its study uses."""
    return all(
        getattr(used, section).keys() <= (stated.get(section) or {}).keys()
        for section in ("mixes", "factors", "gwp_sets")
    )
