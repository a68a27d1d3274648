"""What one declared unit takes: the chain's demands at the point values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from scenarios.analysis.attribution import study_of
from scenarios.errors import ScenarioError
from scenarios.language.config import Config, Output
from scenarios.model.definitions import literal
from scenarios.model.study import Study
from uncertainty.errors import UncertaintyError

Line = tuple[str, str]
"""Process and line of a need."""


@dataclass(frozen=True)
class Amounts:
    """Amounts per declared unit in the reference scenario, first year.

    Attributes
    ----------
    demands : dict of product or supply to (amount, units)
        All processes together.
    lines : dict of (process, line) to (amount, units)
        One need of one process; empty where levers or shares of an allocation change
        what a need takes.
    why_not : str
        Why there are none.
    """

    demands: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    lines: Mapping[Line, tuple[float, str]] = field(default_factory=dict)
    why_not: str = ""


def amounts(tree: xr.DataTree) -> Amounts:
    """Run the chain of a result once more, at its point values.

    Parameters
    ----------
    tree : DataTree
        With a chain.

    Returns
    -------
    Amounts
        Without figures if the study cannot be made again from what the result holds,
        say since the library has changed.
    """
    # the study's name becomes that of a file, and a result may come from anywhere
    named = tree.copy()
    named.attrs = {**tree.attrs, "study": "study"}
    try:
        return _computed(study_of(named))
    except (ScenarioError, UncertaintyError) as error:
        return Amounts(why_not=str(error))


def _computed(study: Study) -> Amounts:
    config = study.config
    asked = {**_totals(config), **_needs(study)}
    keys = {f"o{i}": place for i, place in enumerate(asked)}
    outputs = {
        key: Output(units=asked[place][1], formula=asked[place][0])
        for key, place in keys.items()
    }
    changed = config.model_copy(update={"outputs": outputs})
    model = replace(study, config=changed).model()
    table = model.outputs["outputs"]
    row = model.scenarios.index(study.reference)
    values = model.point(table)[row]
    first = values.reshape(-1, values.shape[-1])[0]
    found: dict[str | Line, tuple[float, str]] = {}
    for name, value in zip(table.coords["output"], first, strict=True):
        place = keys[str(name)]
        if np.isfinite(value):
            found[place] = float(value), asked[place][2]
    demands = {p: v for p, v in found.items() if isinstance(p, str)}
    lines = {p: v for p, v in found.items() if not isinstance(p, str)}
    return Amounts(demands, lines)


Asked = tuple[str, str, str]
"""Formula, its units, and the units to show: those of the product alone."""


def _units(config: Config) -> dict[str, str]:
    """Units of every product, made and bought."""
    found = {id: product.units for id, product in config.products.items()}
    for process in config.processes.values():
        makes = process.makes
        text = (
            str(makes.amount).partition(" ")[2] if makes.units is None else makes.units
        )
        found[makes.product] = text
    return found


def _totals(config: Config) -> dict[str | Line, Asked]:
    declared = config.declared_unit
    per = declared.units if declared else "1"
    found: dict[str | Line, Asked] = {
        id: (f"demand.{id}", f"{units}/({per})", units)
        for id, units in _units(config).items()
    }
    for id in config.supplies:
        found[f"supply {id}"] = f"supply.{id}", f"MWh/({per})", "MWh"
    return found


def _needs(study: Study) -> dict[str | Line, Asked]:
    config, system = study.config, study.system()
    declared = config.declared_unit
    if system is None or declared is None:
        return {}
    if getattr(study.scenarios[study.reference], "levers", None):
        return {}
    units = _units(config)
    found: dict[str | Line, Asked] = {}
    for name, process in config.processes.items():
        for line, need in process.needs.items():
            if process.allocation is not None or literal(need.amount):
                continue
            shown = "MWh" if need.supply else units.get(need.product or line)
            if shown is None:
                continue
            made = process.makes.product
            formula = f"({need.amount}) * demand.{made} / {system.per[name]!r}"
            found[name, line] = formula, f"{shown}/({declared.units})", shown
    return found
