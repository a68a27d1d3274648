"""From a path to a checked study: the one door through which configs come in."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios import shipped as library
from scenarios.check import check, warnings
from scenarios.config import Change, Config, Input, Run, Supply
from scenarios.definitions import Definition, composition, gwp, of_factor, of_mix
from scenarios.definitions import quantity
from scenarios.errors import ConfigError, Fault
from scenarios.merge import Merged, gather, override
from scenarios.power import blend
from scenarios.reader import line_of
from scenarios.study import Study
from scenarios.units import units
from uncertainty.errors import UncertaintyError
from uncertainty.seeds import new_seed


def load(
    path: Path,
    overrides: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    data_dir: Path | None = None,
    point: bool = False,
) -> Study:
    """Read, merge and check a study.

    Parameters
    ----------
    path : Path
        The study's YAML file.
    overrides : mapping of id to text, optional
        Inputs and supplies set over the file and over its scenarios.
    settings : mapping, optional
        Keys of ``run`` (draws, design, seed, ...) that win over the file's.
    data_dir : Path, optional
        Where data files may lie beside the config's own folder.
    point : bool
        Put every uncertain input at its point value.

    Returns
    -------
    Study
        Frozen, with units checked.

    Raises
    ------
    ConfigError
        Every fault found, each with file, line, path and how to mend it.
    """
    merged = gather(path, data_dir)
    _raise(merged)
    override(merged, overrides or {})
    _raise(merged)
    config = _with_settings(merged.config(), settings or {})
    definitions = _definitions(merged, config)
    merged.faults += check(config, definitions, merged.origins)
    _raise(merged)
    study = Study(
        path.stem,
        config,
        as_yaml(config),
        definitions,
        merged.origins,
        point=point,
    )
    merged.faults += _trial(study, merged)
    _raise(merged)
    return replace(study, warnings=tuple(warnings(study, merged.notes)))


def as_yaml(config: Config) -> str:
    """A config as YAML, complete in itself."""
    from ruamel.yaml import YAML

    data = config.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    data.pop("import", None)
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 100
    text = io.StringIO()
    writer.dump(data, text)
    return text.getvalue()


def _raise(merged: Merged) -> None:
    if not merged.faults:
        return
    texts: dict[str, str] = {}
    placed = []
    for fault in dict.fromkeys(merged.faults):
        path = merged.files.get(fault.file)
        if fault.line or path is None or not fault.path:
            placed.append(fault)
            continue
        text = texts.setdefault(
            fault.file, path.read_text(encoding="utf-8") if path.is_file() else ""
        )
        placed.append(replace(fault, line=line_of(text, fault.path)))
    raise ConfigError(placed)


def _with_settings(config: Config, settings: Mapping[str, Any]) -> Config:
    run = config.run or Run()
    run = run.model_copy(update={k: v for k, v in settings.items() if v is not None})
    if run.seed is None:
        run = run.model_copy(update={"seed": new_seed()})
    return config.model_copy(update={"run": run})


def _definitions(merged: Merged, config: Config) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    settings = config.characterisation
    set_name = settings.set if settings else "AR6"
    if set_name in library.gwp_sets():
        gases = gwp(set_name, bool(settings and settings.uncertain))
        found |= {what.id: what for what in gases}
    found |= {what.id: what for what in map(of_factor, library.factors().values())}
    for name in used_mixes(config):
        if name in library.mixes():
            found |= {what.id: what for what in of_mix(library.mixes()[name])}
    for one in config.dependence:
        origin = merged.origins["dependence", one.composition]
        position = int(merged.origins["dependence.position", one.composition])
        place = (origin, ("dependence", position, "dirichlet", "means"))
        found |= {what.id: what for what in composition(one, place)}
    for id, stated in config.inputs.items():
        place = (merged.origins.get(("inputs", id), "command line"), ("inputs", id))
        try:
            found[id] = _stated(id, stated, place)
        except UncertaintyError as error:
            path = (*place[1], *stated.stated[:1])
            merged.faults.append(Fault(place[0], 0, path, str(error)))
    return found


def _stated(
    id: str, stated: Input, place: tuple[str, tuple[str | int, ...]]
) -> Definition:
    if stated.units is None and not isinstance(stated.value, str):
        raise UncertaintyError("units are missing; write units: \"1\" for a pure number")
    what = quantity(id, stated, units().parse(stated.units or "1"), place)
    if stated.units is None:
        return what
    unit = units().parse(stated.units)
    if what.unit.dimension != unit.dimension:
        raise UncertaintyError(
            f"{stated.value} is no amount of {stated.units}; the two measure "
            f"{what.unit.dimension} and {unit.dimension}"
        )
    return what


def used_mixes(config: Config) -> list[str]:
    """Names of the mixes that some supply of the study or a scenario takes."""
    found: dict[str, None] = {}
    for supply in all_supplies(config):
        found |= dict.fromkeys(blend(supply))
    return list(found)


def all_supplies(config: Config) -> Iterator[Supply]:
    """Supplies of the study and those that scenarios put in their place."""
    yield from config.supplies.values()
    for scenario in config.scenarios.values():
        for change in scenario.set.values():
            if isinstance(change, Change) and (change.mix or change.blend):
                yield change.supply()


def _trial(study: Study, merged: Merged) -> list[Fault]:
    """Faults that only show when the model is built and run at its point values."""
    import numpy as np

    from uncertainty.errors import ModelError

    file = next(iter(merged.files))
    try:
        model = study.model()
        for table in model.outputs.values():
            points = model.point(table)
            bad = (table.nodes >= 0) & ~np.isfinite(points)
            if not bad.any():
                continue
            cell = np.argwhere(bad)[0]
            labels = [study_label(model.scenarios, table.coords, table.dims, cell)]
            message = (
                f"{table.long_name} is not finite at the point values "
                f"({', '.join(labels)}); look for a division by zero or the logarithm "
                "of a number that is not above zero"
            )
            return [Fault(file, 0, (), message)]
    except ModelError as error:
        return [Fault(file, 0, ("processes",), str(error))]
    return []


def study_label(
    scenarios: tuple[str, ...],
    coords: Mapping[str, tuple[str, ...]],
    dims: tuple[str, ...],
    cell: Any,
) -> str:
    """Which cell of a table is meant."""
    words = [f"scenario {scenarios[int(cell[0])]}"]
    for dim, place in zip(dims, cell[2:], strict=True):
        words.append(f"{dim} {coords[dim][int(place)]}")
    return ", ".join(words)
