"""What data files hold, put in place of the files' names."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from scenarios.datafiles.csv_columns import readings
from scenarios.datafiles.mix_files import MixfileError, with_knots
from scenarios.errors import Misstated, Origin
from scenarios.language.config import Config
from scenarios.language.quantities import AnyQuantity
from scenarios.language.supplies import AnySupply, SupplyPath
from scenarios.language.tables import Tables
from scenarios.loading.draft import each
from scenarios.loading.faults import Faults
from uncertainty.errors import DistributionError

Locate = Callable[[str], Path]
"""From a file's name to where it lies; raises Misstated where it may not be read."""


def with_data_files(
    config: Config, name: str, locate: Locate, tables: Tables, faults: Faults
) -> Config:
    """The config of one file with readings and mixes in place of files' names.

    Parameters
    ----------
    config : Config
    name : str
        What the file is called in faults.
    locate : Callable
    tables : Tables
        Emission factors that mixes may take.
    faults : Faults
    """
    read = partial(with_readings, locate=locate)
    mixes = partial(with_mixes, locate=locate, tables=tables)
    top = Origin(name)
    levers = {
        id: lever.model_copy(
            update={
                "supplies": each(
                    lever.supplies, mixes, top.below("levers", id, "supplies"), faults
                )
            }
        )
        for id, lever in config.levers.items()
    }
    scenarios = {}
    for id, scenario in config.scenarios.items():
        origin = top.below("scenarios", id)
        changes = each(scenario.set, read, origin.below("set"), faults)
        changes_read = {
            "set": each(changes, mixes, origin.below("set"), faults),
            "scale": each(scenario.scale, read, origin.below("scale"), faults),
        }
        scenarios[id] = scenario.model_copy(update=changes_read)
    knots = partial(path_with_knots, locate=locate, tables=tables)
    update: dict[str, object] = {
        "inputs": each(config.inputs, read, top.below("inputs"), faults),
        "paths": each(config.paths, knots, top.below("paths"), faults),
        "supplies": each(config.supplies, mixes, top.below("supplies"), faults),
        "levers": levers,
        "scenarios": scenarios,
    }
    return config.model_copy(update=update)


def with_readings(stated: AnyQuantity, locate: Locate) -> AnyQuantity:
    """A quantity with the readings of its data file in place of the file's name.

    Raises
    ------
    Misstated
        The file may not or cannot be read, or its readings make no distribution.
    """
    distribution = stated.distribution
    if distribution is None or not distribution.from_file:
        return stated
    word = distribution.family()
    try:
        target = locate(str(distribution.file))
        values = readings(target, distribution.column)
    except (Misstated, ValueError) as error:
        raise Misstated(str(error), word, "file") from None
    data = {"values": values, "file": None, "column": None}
    embedded = distribution.model_copy(update=data)
    try:
        embedded.marginal()
    except DistributionError as error:
        parameter = error.parameter
        key = "file" if parameter in {"", "values"} else parameter
        message = str(error).removeprefix(f"{parameter}: ")
        raise Misstated(message, word, key) from None
    return stated.model_copy(update={word: embedded})


def with_mixes(stated: AnySupply, locate: Locate, tables: Tables) -> AnySupply:
    """A supply with the knots of its file of mixes in place of the file's name.

    Raises
    ------
    Misstated
        The file may not or cannot be read, or holds no mixes.
    """
    if not isinstance(stated.path, SupplyPath):
        return stated
    try:
        path = path_with_knots(stated.path, locate, tables)
    except Misstated as error:
        raise Misstated(str(error), "path", *error.path) from None
    return stated.model_copy(update={"path": path})


def path_with_knots(stated: SupplyPath, locate: Locate, tables: Tables) -> SupplyPath:
    """A path with knots in place of its file of mixes; see `with_mixes`."""
    if stated.file is None:
        return stated
    try:
        target = locate(stated.file)
    except Misstated as error:
        raise Misstated(str(error), "file") from None
    try:
        return with_knots(stated, target, tables)
    except MixfileError as error:
        raise Misstated(str(error), error.key) from None
