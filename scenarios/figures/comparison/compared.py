"""What figures of a comparison share: its cells, their labels, its footer."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from scenarios.errors import ScenarioError
from scenarios.figures.base.quantities import in_cells
from scenarios.numbers import scale
from scenarios.results.result import PRIMARY, Cell
from scenarios.words.catalogue import Words


def main_output(data: xr.Dataset, output: str | None) -> str:
    """The quantity to show: the one asked for, else the footprint, else the first.

    Raises
    ------
    ScenarioError
        There is no such output.
    """
    known = [str(name) for name in data["output"].values]
    if output is None:
        return PRIMARY if PRIMARY in known else known[0]
    if output not in known:
        raise ScenarioError(f"no output {output!r}; there are {', '.join(known)}")
    return output


def years_of(data: xr.Dataset) -> Sequence[int | None]:
    """Years of a comparison; one None if it has none."""
    return [int(y) for y in data["year"].values] if "year" in data.dims else [None]


def at_year(data: xr.Dataset, year: int | None) -> xr.Dataset:
    """One year of a comparison."""
    return data if year is None else data.sel(year=year)


def called(data: xr.Dataset) -> list[str]:
    """Label of each scenario, else its name."""
    names = zip(data["scenario"].values, data["label"].values, strict=True)
    return [str(label).strip() or str(name) for name, label in names]


def label_of(data: xr.Dataset, name: str) -> str:
    """Label of one scenario."""
    return called(data.sel(scenario=[name]))[0]


def compared(data: xr.Dataset) -> list[Cell]:
    """Every scenario and year but the reference's, where a difference exists."""
    labels = dict(zip(data["scenario"].values.astype(str), called(data), strict=True))
    every = [
        Cell(name, year, label)
        for name, label in labels.items()
        if name != data.attrs["reference"]
        for year in years_of(data)
    ]
    there = np.isfinite(in_cells(data[["difference"]], every)["difference"].values)
    return [cell for cell, is_there in zip(every, there, strict=True) if is_there]


def units_of(data: xr.Dataset) -> tuple[float, str]:
    """Units stored per unit shown, and the units shown, of one output compared."""
    return scale(str(data["output_units"].item()))


def quantity_name(output: str, words: Words) -> str:
    """What to call the quantity that is compared."""
    return words("figures.carbon_footprint") if output == PRIMARY else output


def beginning(data: xr.Dataset, words: Words) -> str:
    """Begin of a footer: the study, and how the draws were put side by side."""
    paired = bool(data["paired"].values.all())
    text = words(
        "figures.paired" if paired else "figures.unpaired",
        count=int(data.attrs["draws"]),
    )
    return words("figures.start", title=study_of(data), rest=text)


def study_of(data: xr.Dataset) -> str:
    """What the studies that are compared call themselves."""
    return str(data.attrs.get("title") or data.attrs["study"])


def interval_of(data: xr.Dataset, words: Words) -> str:
    """What the interval is."""
    return words("figures.interval", percent=percent_of(data))


def percent_of(data: xr.Dataset) -> str:
    """Coverage probability of the intervals, "95 %"."""
    return f"{100 * float(data.attrs['coverage_probability']):g} %"
