"""Cost of avoiding emissions in sentences."""

import math

import xarray as xr

from scenarios.analysis.abatement_cost import FEW, OF_MEANS
from scenarios.numbers import rounded
from scenarios.words.comparison import known_share


def words(data: xr.Dataset) -> list[str]:
    """What a tonne avoided costs, in sentences.

    Parameters
    ----------
    data : Dataset
        As `abatement` gives it.

    Returns
    -------
    list of str
        What the figures are; one sentence for each scenario but the reference and
        year; a warning where some cost per tonne is negative.
    """
    percent = 100 * float(data.attrs["coverage_probability"])
    named = zip(data["scenario"].values, data["label"].values, strict=True)
    labels = {str(name): str(label) for name, label in named}
    reference = str(data.attrs["reference"])
    lines = [
        f"Abatement against {labels[reference]}, cost: {data.attrs['cost']}; in "
        f"brackets {percent:g} % coverage intervals, probabilistically symmetric"
    ]
    for name, label in labels.items():
        one = data.sel(scenario=name)
        for year in one["year"].values if "year" in one.dims else [None]:
            cell = one if year is None else one.sel(year=year)
            if name != reference and math.isfinite(float(cell["abatement"])):
                own = label if year is None else f"{int(year)}: {label}"
                lines.append(f"{own} {_sentence(cell)}")
    if bool((data["cost_per_tonne"] < 0).any()):
        lines.append(
            "A negative cost per t CO2e saves money, but does not rank: avoiding more "
            "for the same saving brings it nearer to zero"
        )
    return lines


def _sentence(cell: xr.Dataset) -> str:
    avoids = known_share(cell, "probability_abates")
    told = (
        f"avoids {_spread(cell, 'abatement')} in {avoids}; "
        f"extra cost {_spread(cell, 'extra_cost')}, "
        f"below zero in {known_share(cell, 'probability_saves')}; "
    )
    if not bool(cell["meaningful"]):
        return told + (
            f"no cost per t CO2e, since more than {100 * FEW:g} % of the draws avoid "
            "none and a ratio to them means nothing"
        )
    some = float(cell["probability_abates"]) < 1
    of = "median of the draws that avoid any" if some else "median"
    ratio = float(cell[OF_MEANS])
    means = rounded(ratio, float(cell[f"{OF_MEANS}_error"]))
    return told + (
        f"cost of avoiding {_spread(cell, 'cost_per_tonne')} ({of}; ratio of the "
        f"means {means})"
    )


def _spread(cell: xr.Dataset, name: str) -> str:
    """A quantity with units and its interval, to the figures that are sure."""
    values = (cell[name], *cell[f"{name}_interval"].values)
    middle, *ends = (
        rounded(float(value), float(error))
        for value, error in zip(values, cell[f"{name}_error"].values, strict=True)
    )
    return f"{middle} {cell[name].attrs['units']} ({' to '.join(ends)})"
