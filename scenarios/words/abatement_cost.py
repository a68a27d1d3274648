"""Cost of avoiding emissions in sentences."""

import math

import xarray as xr

from scenarios.analysis.abatement_cost import FEW, OF_MEANS
from scenarios.numbers import rounded
from scenarios.words.catalogue import Words
from scenarios.words.comparison import known_share


def sentences(data: xr.Dataset, words: Words) -> list[str]:
    """What a tonne avoided costs, in sentences.

    Parameters
    ----------
    data : Dataset
        As `abatement` gives it.
    words : Words

    Returns
    -------
    list of str
        What the figures are; one sentence for each scenario but the reference and
        year; a warning where some cost per tonne is negative, or has no curve.
    """
    percent = 100 * float(data.attrs["coverage_probability"])
    named = zip(data["scenario"].values, data["label"].values, strict=True)
    labels = {str(name): str(label) for name, label in named}
    reference = str(data.attrs["reference"])
    lines = _cheapest(data, labels, words)
    lines += [
        words(
            "comparison.cost.title",
            reference=labels[reference],
            cost=data.attrs["cost"],
            percent=f"{percent:g} %",
        )
    ]
    for name, label in labels.items():
        one = data.sel(scenario=name)
        for year in one["year"].values if "year" in one.dims else [None]:
            cell = one if year is None else one.sel(year=year)
            if name == reference or not math.isfinite(float(cell["abatement"])):
                continue
            called = label
            if year is not None:
                called = words("comparison.cost.dated", year=int(year), name=label)
            lines.append(_sentence(called, cell, words))
    if bool((data["cost_per_tonne"] < 0).any()):
        lines.append(words("comparison.cost.negative"))
    return lines


def _cheapest(data: xr.Dataset, labels: dict[str, str], words: Words) -> list[str]:
    """The scenario of the lowest cost per tonne; of extra cost if one is negative."""
    if "year" in data["cost_per_tonne"].dims:
        return []
    is_negative = bool((data["cost_per_tonne"] < 0).any())
    by = "extra_cost" if is_negative else "cost_per_tonne"
    cells = [data.sel(scenario=name) for name in labels]
    cells = [cell for cell in cells if bool(cell["meaningful"])]
    if len(cells) < 2:
        return []
    first = min(cells, key=lambda cell: float(cell[by]))
    name = labels[str(first["scenario"].item())]
    key = "comparison.cost.least" if is_negative else "comparison.cost.cheapest"
    return [words(key, name=name, cost=_spread(first, by, words))]


def _sentence(name: str, cell: xr.Dataset, words: Words) -> str:
    return words(
        "comparison.cost.sentence",
        name=name,
        abatement=_spread(cell, "abatement", words),
        avoids=known_share(cell, "probability_abates", words),
        cost=_spread(cell, "extra_cost", words),
        saves=known_share(cell, "probability_saves", words),
        tonne=_tonne(cell, words),
    )


def _tonne(cell: xr.Dataset, words: Words) -> str:
    """The cost of a tonne, or why there is none."""
    if not bool(cell["meaningful"]):
        return words("comparison.cost.none", few=f"{100 * FEW:g} %")
    some = float(cell["probability_abates"]) < 1
    return words(
        "comparison.cost.some" if some else "comparison.cost.tonne",
        cost=_spread(cell, "cost_per_tonne", words),
        means=rounded(float(cell[OF_MEANS]), float(cell[f"{OF_MEANS}_error"])),
    )


def _spread(cell: xr.Dataset, name: str, words: Words) -> str:
    """A quantity with units and its interval, to the figures that are sure."""
    values = (cell[name], *cell[f"{name}_interval"].values)
    middle, *ends = (
        rounded(float(value), float(error))
        for value, error in zip(values, cell[f"{name}_error"].values, strict=True)
    )
    return f"{middle} {cell[name].attrs['units']} ({words.range(*ends)})"
