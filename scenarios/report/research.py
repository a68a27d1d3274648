"""What a reviewer asks for: convergence, Approach 1, percentiles, balances."""

import numpy as np

from scenarios.crosscheck import cross_checks
from scenarios.report.blocks import Block, Figure, Head, Item, Prose, Row, Table
from scenarios.report.charts import runs
from scenarios.report.material import Material
from scenarios.results import PRIMARY
from uncertainty.arrays import FloatArray

STEPS = 16
"""Points of a convergence curve of a design without replicates."""


def convergence(material: Material) -> list[Block]:
    """Mean and interval ends as draws are added, and the error of each cell."""
    words = material.words
    found: list[Block] = [Prose((words("convergence.reading"),))]
    figure = _runs(material)
    if figure is not None:
        found.append(figure)
    found.append(_errors(material))
    return found


def approach_1(material: Material) -> list[Block]:
    """First-order propagation beside Monte Carlo."""
    words = material.words
    names = ("scenario", "end", "approach_1", "monte_carlo", "tolerance", "verdict")
    units = material.units
    heads = [
        Head(words(f"heads.{n}", units=units), n in names[2:5]) for n in names
    ]
    rows = []
    known = {(p.tree, p.scenario, p.year): p for p in material.places}
    for t, tree in enumerate(material.trees):
        for check in cross_checks(tree):
            place = known.get((t, check.scenario, check.year))
            if place is None:
                continue
            values = (check.approach_1, check.monte_carlo, check.tolerance)
            shown = [Item(words.number(v / material.per), v) for v in values]
            word = "apart" if check.apart else "agree"
            items = (
                Item(place.name),
                Item(words(f"words.{check.end}")),
                *shown,
                Item(words(f"approach.{word}", reason=check.reason)),
            )
            rows.append(Row(items, place.key, place.when, strong=place.reference))
    caption = words("captions.approach")
    table = Table("approach-1", caption, tuple(heads), tuple(rows))
    return [Prose((words("approach.reading"),)), table]


def percentiles(material: Material) -> list[Block]:
    """Percentiles of each cell, order statistics of rank ceil(pM)."""
    words = material.words
    table = PRIMARY if material.has_chain else "outputs"
    data = material.data(0, table)
    levels = [] if data is None else [float(x) for x in data["level"].values]
    heads = [Head(words("heads.scenario")), Head(words("heads.skewness"), True)]
    heads += [Head(f"{100 * level:g} %", True) for level in levels]
    rows = []
    outputs: list[str | None] = [None] if material.has_chain else list(material.outputs)
    for output in outputs:
        for place in material.places:
            cell = material.cell(place, table)
            if cell is None:
                continue
            one = cell if output is None else cell.sel(output=output)
            per = material.per if output is None else 1.0
            values = [float(x) / per for x in one["percentile"].values]
            if not np.isfinite(values).all():
                continue
            skew = _skewness(_draws(material, place.tree, place.where, output))
            items = [Item(place.name if output is None else f"{place.name}, {output}")]
            items.append(Item(words.number(skew, 2), skew))
            items += [Item(words.number(v), v) for v in values]
            rows.append(Row(tuple(items), place.key, place.when, strong=place.reference))
    caption = words("captions.percentiles", units=material.units)
    return [Table("percentiles", caption, tuple(heads), tuple(rows))]


def balances(material: Material) -> list[Block]:
    """Which balances are closed in every draw, and what gap the data leave."""
    words = material.words
    rows = []
    for t, tree in enumerate(material.trees):
        draws = tree["draws"].to_dataset()
        if "outputs" not in draws:
            continue
        for name in draws["output"].values:
            if not str(name).startswith("balance."):
                continue
            one = draws["outputs"].sel(output=name)
            low, high = float(one.min()), float(one.max())
            closed = max(abs(low), abs(high)) <= 1e-9
            word = "closed" if closed else "gap"
            study = f"{tree.attrs['study']}: " if t else ""
            items = (
                Item(f"{study}{name}"),
                Item(str(one["output_units"].item())),
                Item(words.number(0.0 if closed else low, 3), low),
                Item(words.number(0.0 if closed else high, 3), high),
                Item(words(f"balances.{word}")),
            )
            rows.append(Row(items))
    if not rows:
        return [Prose((words("balances.none"),))]
    names = ("balance", "units", "least", "most", "verdict")
    heads = [Head(words(f"heads.{n}"), n in {"least", "most"}) for n in names]
    return [Table("balances", words("captions.balances"), tuple(heads), tuple(rows))]


def _draws(
    material: Material, tree: int, where: dict[str, object], output: str | None
) -> FloatArray | None:
    data = material.trees[tree]["draws"].to_dataset()
    name = PRIMARY if output is None else "outputs"
    if name not in data:
        return None
    found = data[name].sel(where if output is None else where | {"output": output})
    values: FloatArray = found.values
    return values


def _skewness(values: FloatArray | None) -> float:
    if values is None or not np.isfinite(values).all() or values.std() == 0:
        return float("nan")
    standard = (values - values.mean()) / values.std()
    return float((standard**3).mean())


def _runs(material: Material) -> Figure | None:
    words, place = material.words, material.reference
    output = None if material.has_chain else material.outputs[0]
    values = _draws(material, place.tree, place.where, output)
    if values is None or not np.isfinite(values).all():
        return None
    per = material.per if output is None else 1.0
    level = float(material.attrs["coverage_probability"])
    replicates = int(material.attrs["replicates"])
    parts = replicates if replicates > 1 else min(STEPS, values.size // 2)
    size = values.size // parts
    each = (values[: size * parts] / per).reshape(parts, size)
    names = ("lower", "mean", "upper")
    statistics = {
        "mean": each.mean(axis=1),
        "lower": np.quantile(each, (1 - level) / 2, axis=1),
        "upper": np.quantile(each, (1 + level) / 2, axis=1),
    }
    lines = []
    for name in names:
        found = statistics[name]
        points = [
            (
                float(size * r),
                float(found[:r].mean()),
                float(found[:r].std(ddof=1) / np.sqrt(r)),
            )
            for r in range(2, parts + 1)
        ]
        lines.append((words(f"words.{name}"), points))
    caption = words("captions.convergence", name=place.name)
    units = material.units if output is None else output
    chart = runs(lines, (words("words.draws"), units), caption)
    return Figure("convergence", caption, chart)


def _errors(material: Material) -> Table:
    words = material.words
    table = PRIMARY if material.has_chain else "outputs"
    heads = [Head(words("heads.scenario"))]
    names = ("mean", "sd", "lower", "upper")
    heads += [Head(words(f"words.{n}"), True) for n in names]
    rows = []
    outputs: list[str | None] = [None] if material.has_chain else list(material.outputs)
    for output in outputs:
        for place in material.places:
            cell = material.cell(place, table)
            if cell is None:
                continue
            one = cell if output is None else cell.sel(output=output)
            per = material.per if output is None else 1.0
            name = place.name if output is None else f"{place.name}, {output}"
            items = [Item(name)]
            for word in names:
                error = float(one["monte_carlo_error"].sel(statistic=word)) / per
                items.append(Item(words.number(error, 2), error))
            rows.append(Row(tuple(items), place.key, place.when, strong=place.reference))
    caption = words("captions.errors", units=material.units)
    return Table("errors", caption, tuple(heads), tuple(rows))
