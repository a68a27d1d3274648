"""From a file or a mapping to a checked study: the one door for configs."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios.errors import ConfigError, Fault
from scenarios.language.yaml_text import Document
from scenarios.loading.checks import check
from scenarios.loading.define import define, with_tables
from scenarios.loading.draft import Draft, Folders
from scenarios.loading.faults import Faults
from scenarios.loading.merge import gather
from scenarios.loading.overrides import with_options, with_settings
from scenarios.loading.own_mixes import with_own_mixes
from scenarios.loading.plain_data import plain_document
from scenarios.loading.plausibility import implausible
from scenarios.loading.study_warnings import cautions
from scenarios.loading.sweeps import with_sweeps
from scenarios.loading.trial_run import trial
from scenarios.model.definitions import Definition
from scenarios.model.dependence import blamed, blocks, released
from scenarios.model.study import Study
from uncertainty.dependence import Block
from uncertainty.errors import DependenceError


def load(
    path: str | Path,
    overrides: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    data_dir: str | Path | None = None,
    point: bool = False,
    strict: bool = False,
) -> Study:
    """Read, merge and check a study.

    Parameters
    ----------
    path : str or Path
        The study's YAML file.
    overrides : mapping of id to text, optional
        Inputs and supplies set over the file and over its scenarios.
    settings : mapping, optional
        Keys of ``run`` (draws, design, seed, ...) that win over the file's.
    data_dir : str or Path, optional
        Where data files may lie beside the config's own folder.
    point : bool
        Put every uncertain input at its point value.
    strict : bool
        Make faults of warnings.

    Returns
    -------
    Study
        Frozen, with units checked.

    Raises
    ------
    ConfigError
        Every fault found, each with file, line, path and how to mend it.

    Examples
    --------
    >>> study = load("configs/minimal.yaml", settings={"draws": 1024})
    >>> study.name, study.settings.draws
    ('minimal', 1024)
    """
    path = Path(path)
    folders = Folders(path.parent, None if data_dir is None else Path(data_dir))
    return _loaded(path, path.stem, folders, overrides, settings, point, strict)


def from_mapping(
    stated: Mapping[str, Any],
    name: str = "study",
    overrides: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    folder: str | Path | None = "",
    point: bool = False,
    strict: bool = False,
) -> Study:
    """Check a study that a mapping states in the words of a config.

    It goes through the same steps as a file that says the same, and gives the same
    study to the bit.

    Parameters
    ----------
    stated : mapping
        Of text, numbers, truth values, lists and mappings.
    name : str
        What the study is called, also in faults.
    overrides, settings, point, strict
        As for `load`.
    folder : str or Path, optional
        Where files lie that the study names; the working folder unless it is told,
        and none at all where it is None.

    Returns
    -------
    Study

    Raises
    ------
    ConfigError
        Every fault found, each with its path and how to mend it.

    Examples
    --------
    >>> study = from_mapping({
    ...     "inputs": {"x": {"units": "m", "normal": {"mean": 2, "sd": 0.1},
    ...                      "source": "measured"}},
    ...     "outputs": {"area": {"units": "m^2", "formula": "x * x"}},
    ... })
    >>> list(study.definitions)[-1]
    'x'
    """
    folders = Folders(None if folder is None else Path(folder))
    document = plain_document(stated, name)
    return _loaded(document, name, folders, overrides, settings, point, strict)


def _loaded(
    first: Path | Document,
    name: str,
    folders: Folders,
    overrides: Mapping[str, str] | None,
    settings: Mapping[str, Any] | None,
    point: bool,
    strict: bool,
) -> Study:
    """Every step from the first file to the study."""
    faults = Faults()
    draft = gather(first, folders, faults)
    faults.raise_all()
    draft = with_options(draft, overrides or {}, faults)
    stated = draft
    draft = with_sweeps(draft, faults)
    draft = with_settings(draft, settings or {}, faults)
    draft = with_own_mixes(draft)
    draft = with_tables(draft)
    definitions = define(draft, faults)
    kept, warnings = released(draft.config.dependence, definitions, draft.origins)
    renamed = {
        ("dependence", tie.name): draft.origin("dependence", n) for n, tie in kept
    }
    draft = draft.updated(renamed, dependence=[tie for _, tie in kept])
    config = draft.config
    with faults.caught():
        check(config, definitions, draft.origins)
    faults.raise_all()
    ties = _blocks(draft, definitions, faults)
    faults.raise_all()
    file = first.name if isinstance(first, Document) else str(first)
    study = Study(name, config, definitions, draft.origins, ties, point=point)
    with faults.caught():
        model = trial(study, file)
    faults.raise_all()
    odd = faults.placed(implausible(study, model, stated))
    texts = (*warnings, *cautions(study, model, file))
    if strict and (odd or texts):
        raise ConfigError([*odd, *(Fault(file, 0, (), text) for text in texts)])
    told = [f"{fault.file}: {fault}" for fault in odd]
    return study.with_same_model(warnings=(*texts, *told))


def _blocks(
    draft: Draft, definitions: Mapping[str, Definition], faults: Faults
) -> tuple[Block, ...]:
    """Blocks of dependent columns; a fault is one of the correlation to blame."""
    config = draft.config
    try:
        return blocks(config, definitions, config.scenarios)
    except DependenceError as error:
        position = blamed(error, config.dependence)
        origin = draft.origin("dependence", config.dependence[position or 0].name)
        if position is None:
            faults.add(replace(origin, path=()).fault(str(error)))
        else:
            faults.add(origin.fault(str(error), "rank_correlation"))
        return ()
