"""A study made again from the config that a result carries."""

import tempfile
from dataclasses import replace
from pathlib import Path

from scenarios.errors import ScenarioError
from scenarios.library import catalogue as library
from scenarios.loading.load import load
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

    Raises
    ------
    StudyChanged
        The library has changed since, so that the study would be another one.
    """
    if result.provenance["library_checksum"] != library.checksum():
        raise StudyChanged(
            f"{result.study}: the library is not the one that the result was "
            "made with; run the study again"
        )
    with tempfile.TemporaryDirectory() as folder:
        # the file may come from anybody: its name is no path to write to
        path = Path(folder) / "study.yaml"
        path.write_text(result.config_text, encoding="utf-8")
        study = load(path, point=result.provenance.get("point") == "True")
        return replace(study, name=result.study)
