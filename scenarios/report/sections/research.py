"""What a reviewer asks for: convergence, Approach 1, percentiles, balances."""

import numpy as np

from scenarios.analysis.first_order import cross_checks
from scenarios.report.blocks import Block, Figure, Head, Item, Prose, Row, Table
from scenarios.report.drawing.charts import runs
from scenarios.report.material import Material, is_balance
from scenarios.results.result import OUTPUTS
from scenarios.words.catalogue import PERCENT
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
    heads = [Head(words(f"heads.{n}", units=units), n in names[2:5]) for n in names]
    rows = []
    for result in material.results:
        cells = {(c.scenario, c.year): c for c in material.cells_of(result)}
        for check in cross_checks(result):
            cell = cells[check.scenario, check.year]
            values = (check.approach_1, check.monte_carlo, check.tolerance)
            shown = [Item(words.number(v / material.per), v) for v in values]
            word = "apart" if check.apart else "agree"
            items = (
                Item(cell.name),
                Item(words(f"words.{check.end}")),
                *shown,
                Item(words(f"approach.{word}", reason=check.reason)),
            )
            rows.append(Row(items, cell.key, cell.when, strong=cell.reference))
    caption = words("captions.approach")
    table = Table("approach-1", caption, tuple(heads), tuple(rows))
    return [Prose((words("approach.reading"),)), table]


def percentiles(material: Material) -> list[Block]:
    """Percentiles of each cell, order statistics of rank ceil(pM)."""
    words = material.words
    heads = [Head(words("heads.scenario")), Head(words("heads.skewness"), True)]
    rows, levels = [], []
    for one in material.main():
        cell, spread = one.cell, one.statistics["sd"]
        skew = _skewness(material.draws(cell, one.output))
        items = [Item(one.name), Item(words.number(skew, 2), skew)]
        found = material.percentiles(one)
        levels, values = found["level"].values.tolist(), found.values.tolist()
        items += [Item(words.number(x, spread=spread), x) for x in values]
        rows.append(Row(tuple(items), cell.key, cell.when, strong=cell.reference))
    heads += [Head(f"{100 * level:g}{PERCENT}", True) for level in levels]
    caption = words("captions.percentiles", units=material.units)
    return [Table("percentiles", caption, tuple(heads), tuple(rows))]


def balances(material: Material) -> list[Block]:
    """Which balances are closed in every draw, and what gap the data leave."""
    words = material.words
    rows = []
    for result in material.results:
        draws = result.drawn(OUTPUTS)
        if draws is None:
            continue
        for name in filter(is_balance, result.outputs):
            one = draws.sel(output=name)
            low, high = float(one.min()), float(one.max())
            closed = max(abs(low), abs(high)) <= 1e-9
            word = "closed" if closed else "gap"
            study = "" if result is material.result else f"{result.study}: "
            items = (
                Item(f"{study}{result.label_of(name)}"),
                Item(result.units_of(name)),
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


def _skewness(values: FloatArray | None) -> float:
    spread = 0.0 if values is None else values.std()
    if values is None or spread == 0:
        return float("nan")
    standard = (values - values.mean()) / spread
    return float((standard**3).mean())


def _runs(material: Material) -> Figure | None:
    """Estimates from the first replicates, or the first parts of the sample."""
    words = material.words
    shown = next(one for one in material.main() if one.cell.reference)
    values = material.draws(shown.cell, shown.output)
    replicates = material.result.replicates
    if values is None or values.size < 2 * replicates:
        return None
    parts = replicates if replicates > 1 else min(STEPS, values.size // 2)
    if parts < 2:
        return None
    level = material.result.coverage_probability
    size = values.size // parts
    each = values[: size * parts].reshape(parts, size)
    statistics = {
        "lower": np.quantile(each, (1 - level) / 2, axis=1),
        "mean": each.mean(axis=1),
        "upper": np.quantile(each, (1 + level) / 2, axis=1),
    }
    lines = []
    for name, found in statistics.items():
        points = [
            (
                float(size * r),
                float(found[:r].mean()),
                float(found[:r].std(ddof=1) / np.sqrt(r)),
            )
            for r in range(2, parts + 1)
        ]
        lines.append((words(f"words.{name}"), points))
    caption = words("captions.convergence", name=shown.name)
    units = material.units_of(shown.output)
    chart = runs(lines, (words("words.draws"), units), caption)
    return Figure("convergence", caption, chart)


def _errors(material: Material) -> Table:
    words = material.words
    names = ("mean", "sd", "lower", "upper")
    heads = [Head(words("heads.scenario"))]
    heads += [Head(words(f"words.{n}"), True) for n in names]
    rows = []
    for one in material.main():
        cell, values = one.cell, one.statistics
        items = [Item(one.name)]
        for word in names:
            error = values[f"error_{word}"]
            items.append(Item(words.number(error, 2, values["sd"]), error))
        rows.append(Row(tuple(items), cell.key, cell.when, strong=cell.reference))
    caption = words("captions.errors", units=material.units)
    return Table("errors", caption, tuple(heads), tuple(rows))
