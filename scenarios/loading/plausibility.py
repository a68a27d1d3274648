"""What a study may say, and hardly means: figures out of range, changes of nothing.

Nothing is corrected. Each is told with its place in the config, the run goes on, and a
strict reading makes faults of them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import exp, isfinite, log, log10

import numpy as np

from scenarios.errors import NOWHERE, Fault, Origin
from scenarios.language.config import Scenario
from scenarios.language.levers import Range
from scenarios.language.quantities import Input
from scenarios.language.supplies import Supply
from scenarios.library import catalogue as library
from scenarios.loading.draft import Draft
from scenarios.loading.signs import odd_signs
from scenarios.loading.trial_run import cells_of
from scenarios.model.cell import Cell
from scenarios.model.definitions import Definition, quantity
from scenarios.model.scenario import changed, supplies
from scenarios.model.study import Study
from scenarios.units import units
from uncertainty.distributions.fitting import sentinels
from uncertainty.errors import UncertaintyError
from uncertainty.model import Model

FRACTION = frozenset({"loss", "losses", "share", "efficiency", "yield", "recovery"})
"""Words in an id of what lies between 0 and 1."""
PURE = frozenset({"1", "%", "percent", "‰", "permille"})
"""Units of a fraction; t/t may be a yield above one."""
RARE = 1e-3
"""Part of the draws that may lie outside a range without a word."""
NEVER = 1e-6
"""Part of the draws of what is said to be an amount or a factor."""
PHYSICAL = ("activity data", "emission factor")
WIDEST = 10.0
"""Geometric standard deviation; of landfill gas, among the widest known, about 3."""
LARGEST_LOSS = 0.5
LARGEST_SCALE, SMALLEST_SCALE = 10.0, 0.1
DIRTIEST = 3.0
"""Emissions of electricity, kg CO2e/kWh; of coal with the poorest plants about 1.5."""
SLIPS = {
    3.6: "MJ for kWh",
    29.3076: "GJ for tce",
    41.868: "GJ for toe",
    4.1868: "kJ for kcal",
}
"""Ratios of two units that are taken for each other."""
FAR = 100.0
"""Times by which a figure may differ from the one that it replaces."""
RANGES: tuple[tuple[str, str, float, float], ...] = (
    ("kg CO2e/kWh", "emissions per kWh", 0.0, DIRTIEST),
    ("kg CO2e/kg", "emissions per mass", -100.0, 1000.0),
    ("kWh/kg", "energy per mass", 0.0, 1000.0),
)
"""Units, what they measure, and within what figures of industry lie."""
TABLES = ("power/mixes.csv", "power/factors.csv", "gwp")
"""Files of the library that hold tables."""
FOOTPRINT = (-100.0, 1000.0)
"""Least and largest footprint, t CO2e/t, of a product that nothing is said of."""


def implausible(study: Study, model: Model, before: Draft) -> Iterator[Fault]:
    """What hardly can be meant, each with its place and without its line.

    Parameters
    ----------
    study : Study
    model : Model
        The study's own.
    before : Draft
        As it was read, sweeps not yet taken apart.

    Yields
    ------
    Fault
    """
    shipped = set(library.names()) | set(TABLES)
    for fault in _implausible(study, model, before):
        if fault.file not in shipped:  # figures of the library are tested with it
            yield fault


def _implausible(study: Study, model: Model, before: Draft) -> Iterator[Fault]:
    yield from _replaced(study, before)
    seen: set[tuple[object, ...]] = set()
    for what in _definitions(study):
        texts = [*_figure(what)]
        if what.id in model.inputs and study.config.declared_unit is not None:
            texts += _negative(what)
        for text in texts:
            key = (what.origin.file, what.origin.path, text)
            if key not in seen:
                seen.add(key)
                yield what.origin.fault(text)
    yield from _scales(study, before)
    yield from dict.fromkeys(_supplies(study))
    yield from _measurements(study)
    yield from _footprints(study, model)
    yield from odd_signs(study, model)
    yield from _without_effect(study, model, before)
    yield from _labels(study)


def _definitions(study: Study) -> Iterator[Definition]:
    """Definitions of the study, and those that a scenario puts in their place."""
    yield from study.definitions.values()
    for name, scenario in study.config.scenarios.items():
        origin = study.origins.get(("scenarios", name), NOWHERE)
        for id, what in changed(study.definitions, name, scenario, origin).items():
            if id in scenario.set:
                yield what


def _figure(what: Definition) -> Iterator[str]:
    """What is odd in one figure, by its id, units and kind."""
    marginal = what.marginal
    if marginal is None:
        return
    size = what.unit.factor
    point = float(marginal.point) * size
    words = set(re.split(r"[._]", what.id))
    if what.unit.text in PURE and words & FRACTION:
        yield from _fraction(what, words)
        return
    if "gwp" in what.id:
        if what.id == "gwp.CO2" and point != 1:
            yield f"the GWP of CO2 is 1 by definition, not {point:g}"
        return
    for text, measured, low, high in RANGES:
        unit = units().parse(text)
        value = point / unit.factor
        if what.unit.dimension == unit.dimension and not low <= value <= high:
            yield (
                f"{_written(marginal.point)} {what.unit.text} is {_written(value)} "
                f"{text}, outside {low:g} to {high:g} for {measured}; look for a unit, "
                "g for kg or kWh for MWh"
            )
            break
    shape = getattr(marginal, "sigma", 0.0)
    if shape > log(WIDEST):
        yield (
            f"a geometric standard deviation of {exp(shape):.3g} spans "
            f"{exp(4 * shape):.1g} times from end to end; write 1.3 for 30 %"
        )


def _negative(what: Definition) -> Iterator[str]:
    """Draws below zero of an amount or a factor."""
    marginal, kind = what.marginal, what.papers.get("kind")
    if marginal is None or marginal.support[0] >= 0 or marginal.point <= 0:
        return
    physical = kind in PHYSICAL
    if physical or (kind is None and not what.unit.dimension.dimensionless):
        below = float(marginal.cdf(0.0))
        if below > (NEVER if physical else RARE):
            yield (
                f"can become negative in {below:.2g} of the draws; bound it: "
                "bounds: {low: 0}"
            )


def _fraction(what: Definition, words: set[str]) -> Iterator[str]:
    marginal, size = what.marginal, what.unit.factor
    if marginal is None:
        return
    point = float(marginal.point) * size
    outside = float(marginal.cdf(0.0 - 1e-12)) + float(marginal.sf((1 + 1e-12) / size))
    if not 0 <= point <= 1:
        yield (
            f"is {point:.4g}; a fraction lies between 0 and 1: write {point / 100:g} "
            f"or {point:g} %"
        )
    elif outside > RARE:
        yield (
            f"lies outside 0 to 1 in {100 * outside:.2g} % of the draws; bound it: "
            f"bounds: {{low: 0, high: {1 / size:g}}}"
        )
    elif words & {"loss", "losses"} and point > LARGEST_LOSS:
        yield f"a loss of {100 * point:.4g} % is more than half; look for a unit"


def _written(value: float) -> str:
    return f"{float(value):.6g}"


# --- figures that replace others ------------------------------------------------------


def _replaced(study: Study, before: Draft) -> Iterator[Fault]:
    """A figure far from the one it replaces, or by a ratio of two units."""
    for id, old in before.replaced.items():
        now, was = study.definitions.get(id), _known(id, old)
        if now is not None and was is not None:
            for text in _slip(now, was):
                yield now.origin.fault(text)
    swept = {id for s in before.config.scenarios.values() for id in s.sweep}
    for name, scenario in before.config.scenarios.items():
        if name not in study.config.scenarios:
            continue
        origin = study.origins.get(("scenarios", name), NOWHERE)
        after = changed(study.definitions, name, scenario, origin)
        for id in scenario.set:
            was = study.definitions.get(id)
            if was is None or id not in after or id in swept:
                continue
            for text in _slip(after[id], was):
                yield origin.fault(text, "set", id)


def _known(id: str, stated: Input) -> Definition | None:
    try:
        return quantity(id, stated, units().parse(stated.units or "1"), NOWHERE)
    except UncertaintyError:
        return None


def _slip(now: Definition, was: Definition) -> Iterator[str]:
    if now.marginal is None or was.marginal is None or now.unit.text in PURE:
        return
    new, old = (float(d.marginal.point) * d.unit.factor for d in (now, was))  # type: ignore[union-attr]  # both are there
    if not (isfinite(new) and isfinite(old)) or new * old <= 0:
        return
    ratio = new / old
    times, side = (ratio, "above") if ratio > 1 else (1 / ratio, "below")
    before = f"{old / now.unit.factor:.6g}"
    text = (
        f"{_written(now.marginal.point)} {now.unit.text} is {times:.4g} times {side} "
        f"the {before} that it replaces"
    )
    power = log10(times)
    if times >= FAR or (power > 0.5 and abs(power - round(power)) < 1e-9):
        yield f"{text}; is another unit meant (MWh for kWh), or a thousands separator?"
        return
    for slip, words in SLIPS.items():
        if abs(times / slip - 1) < 1e-3:
            yield f"{text}, as {words} would be; look for the unit"


# --- scales and supplies --------------------------------------------------------------


def _scales(study: Study, before: Draft) -> Iterator[Fault]:
    pure = units().parse("1")
    for name, scenario in before.config.scenarios.items():
        origin = study.origins.get(("scenarios", name), NOWHERE)
        for id, change in scenario.scale.items():
            try:
                what = quantity(id, change, pure, origin)
            except UncertaintyError:
                continue
            if what.marginal is None:
                continue
            by = float(what.marginal.point) * what.unit.factor
            if by < 0:
                text = f"multiplies by {by:g}, which turns the sign; is {-by:g} meant?"
            elif not SMALLEST_SCALE <= by <= LARGEST_SCALE and by != 0:
                text = (
                    f"multiplies by {by:g}; is {by:g} % meant? Then write {by / 100:g}"
                )
            else:
                continue
            yield origin.fault(text, "scale", id)


def _supplies(study: Study) -> Iterator[Fault]:
    """Losses above a half, and factors no power plant has."""
    per_kwh = units().parse("kg CO2e/kWh").factor
    for name, scenario, cell in cells_of(study):
        for id, supply in supplies(study.config.supplies, scenario).items():
            if id in scenario.set:
                origin = study.origins.get(("scenarios", name), NOWHERE)
                origin = origin.below("set", id)
            else:
                origin = study.origins.get(("supplies", id), NOWHERE)
            yield from _supply(supply, cell, origin, per_kwh)


def _supply(
    supply: Supply, cell: Cell, origin: Origin, per_kwh: float
) -> Iterator[Fault]:
    losses, factor = (
        None if stated is None else cell.graph.value(cell.formula(stated))
        for stated in (supply.losses, supply.factor)
    )
    if losses is not None and not 0 <= losses <= LARGEST_LOSS:
        text = f"losses of {100 * losses:.4g} %; is {losses:g} % meant? Then write"
        yield origin.fault(f"{text} {losses / 100:g}", "losses")
    if factor is not None and not 0 <= factor / per_kwh <= DIRTIEST:
        value = factor / per_kwh
        text = (
            f"{supply.factor} is {value / DIRTIEST:.3g} times the {DIRTIEST:g} kg "
            f"CO2e/kWh of the dirtiest power; is {value:g} kg or {value:g} g meant?"
        )
        yield origin.fault(text, "factor")
    if supply.shares and supply.losses is None:
        text = (
            "states no losses of the grid, so none are taken; write losses: 0 where "
            "the power is bought at the plant, else those of the grid"
        )
        yield origin.fault(text)


def _measurements(study: Study) -> Iterator[Fault]:
    """Measurements that are marks for missing ones."""
    for id, stated in study.config.inputs.items():
        distribution = stated.distribution
        values = getattr(distribution, "values", None)
        if distribution is None or not values or distribution.family() == "discrete":
            continue
        for text in sentinels(values):
            origin = study.origins.get(("inputs", id), NOWHERE)
            yield origin.fault(f"{text}; leave the cell empty", distribution.family())


# --- results at the point values ------------------------------------------------------


def _footprints(study: Study, model: Model) -> Iterator[Fault]:
    """Footprints that no product of that kind has."""
    unit, table = study.config.declared_unit, model.outputs.get("footprint")
    if unit is None or table is None or study.footprint_units is None:
        return
    stated = study.config.plausible.get(unit.product)
    low, high = (stated.low, stated.high) if stated else FOOTPRINT
    shown = stated.units if stated else "t CO2e/t"
    per, own = units().parse(shown), units().parse(study.footprint_units)
    if own.dimension != per.dimension:
        return
    points = np.where(table.nodes >= 0, model.point(table), np.nan)
    beyond: dict[str, float] = {}
    for row, name in enumerate(model.scenarios):
        values = points[row][np.isfinite(points[row])]
        values = values * own.factor / per.factor
        if values.size and not (low <= values.min() and values.max() <= high):
            beyond[name] = float(values[np.argmax(np.abs(values))])
    for name, worst in beyond.items():
        origin = study.origins.get(("scenarios", name), NOWHERE)
        if not origin.file:
            origin = study.origins.get(("declared_unit", ""), NOWHERE)
        others = f" ({len(beyond) - 1} more scenarios alike)" if len(beyond) > 1 else ""
        yield origin.fault(
            f"a footprint of {worst:.4g} {shown} lies outside {low:g} to {high:g} "
            f"{shown}, as {unit.product} has it{others}; look for a unit, MWh for kWh "
            "or kg for g"
        )
        return


# --- changes that change nothing ------------------------------------------------------


def _without_effect(study: Study, model: Model, before: Draft) -> Iterator[Fault]:
    config = study.config
    read = set(model.inputs)
    rows = {name: _nodes(model, i) for i, name in enumerate(model.scenarios)}
    reference = rows.get(study.reference)
    for name, scenario in config.scenarios.items():
        origin = study.origins.get(("scenarios", name), NOWHERE)
        stated = bool(scenario.set or scenario.scale or scenario.levers)
        for word in ("set", "scale"):
            for id in getattr(scenario, word):
                what = study.definitions.get(id)
                if what is not None and what.expression is None and id not in read:
                    yield origin.fault("changes nothing: nothing reads it", word, id)
        asked = before.config.scenarios.get(name)
        swept = asked is None or asked.sweep  # one of its points may be the reference's
        equal = name in rows and rows[name] == reference
        if equal and not swept and name != study.reference:
            more = "its changes reach no result" if stated else "it states no change"
            text = f"is equal to the reference {study.reference}: {more}"
            yield origin.fault(text)
    if len(config.years) > 1 and not _moves(model):
        origin = study.origins.get(("years", ""), NOWHERE)
        yield origin.fault(
            "nothing moves over the years; take them out, or state paths"
        )
    yield from _unneeded(study)
    yield from _sweeps(before)


def _nodes(model: Model, row: int) -> tuple[bytes, ...]:
    wanted = [model.outputs[t] for t in ("footprint", "outputs") if t in model.outputs]
    return tuple(table.nodes[row].tobytes() for table in wanted)


def _moves(model: Model) -> bool:
    for name in ("footprint", "outputs"):
        table = model.outputs.get(name)
        if table is not None and (table.nodes != table.nodes[:, :1]).any():
            return True
    return False


def _unneeded(study: Study) -> Iterator[Fault]:
    """Processes of the study's own file whose product nobody takes."""
    config = study.config
    if config.declared_unit is None:
        return
    taken = {config.declared_unit.product}
    for process in config.processes.values():
        taken |= {need.product or id for id, need in process.needs.items()}
    owner = study.origins.get(("declared_unit", ""), NOWHERE).file
    for id, process in config.processes.items():
        origin = study.origins.get(("processes", id), NOWHERE)
        if process.makes.product not in taken and origin.file == owner:
            text = f"nobody needs its {process.makes.product}; it adds nothing"
            yield origin.fault(text)


def _sweeps(before: Draft) -> Iterator[Fault]:
    for name, scenario in before.config.scenarios.items():
        origin = before.origins.get(("scenarios", name), NOWHERE)
        for id, stated in scenario.sweep.items():
            values = stated.values() if isinstance(stated, Range) else list(stated)
            if len(set(values)) < len(values):
                text = "has points that are equal; each is run, and says the same"
                yield origin.fault(text, "sweep", id)
            elif isinstance(stated, Range) and any(a > b for a, b in pairwise(values)):
                text = f"runs backwards, from {stated.start:g} to {stated.to:g}"
                yield origin.fault(text, "sweep", id)


def _labels(study: Study) -> Iterator[Fault]:
    named: Mapping[str, Scenario] = study.config.scenarios
    counts = Counter(s.label.strip() for s in named.values() if s.label)
    for label, count in counts.items():
        if count < 2:
            continue
        alike = [n for n, s in named.items() if s.label and s.label.strip() == label]
        origin = study.origins.get(("scenarios", alike[1]), NOWHERE)
        text = (
            f"{count} scenarios are labelled {label}: {', '.join(alike)}; their names "
            "are shown beside it"
        )
        yield origin.fault(text, "label")
