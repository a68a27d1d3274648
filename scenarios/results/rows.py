"""What a result says, as rows: one reader for the table, the CSV and the JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from scenarios.errors import ScenarioError

PRIMARY = "footprint"


class NoDraws(ScenarioError):
    """A result keeps statistics only."""


DETAILS = (
    *("outputs", "accounts", "stages", "sources"),
    *("contribution", "by_gas", "flows"),
)
"""Groups of ``/summary`` beside the footprint's own."""


@dataclass(frozen=True)
class Row:
    """Statistics of one quantity in one scenario and year.

    Attributes
    ----------
    scenario : str
    year : int or None
    table : str
        ``footprint``, ``outputs``, ``contribution``, ...
    item : str
        What of the table: an output's name, ``smelting/electricity``, a gas, ...
    units : str
    values : dict of statistic to number
        point, mean, sd, median, lower, upper, lower_shortest, upper_shortest and
        error_mean, error_sd, error_lower, error_upper (Monte Carlo).
    """

    scenario: str
    year: int | None
    table: str
    item: str
    units: str
    values: dict[str, float]


def rows(tree: xr.DataTree, table: str) -> Iterator[Row]:
    """Rows of one table of a result; cells that are absent have none."""
    data = group(tree, table)
    if data is None:
        return
    dims = list(data["mean"].dims)
    extra = [dim for dim in dims if dim not in {"scenario", "year"}]
    for index in np.ndindex(*data["mean"].shape):
        cell = data.isel(dict(zip(dims, index, strict=True)))
        if not np.isfinite(float(cell["mean"])):
            continue
        own = cell.coords.get("output_units")
        yield Row(
            str(cell["scenario"].item()),
            int(cell["year"].item()) if "year" in cell.coords else None,
            table,
            "/".join(str(cell[dim].item()) for dim in extra) or PRIMARY,
            str(own.item()) if own is not None else str(data["mean"].attrs["units"]),
            _values(cell),
        )


def headline(tree: xr.DataTree) -> list[Row]:
    """Footprint and declared outputs, scenario by scenario."""
    found = [*rows(tree, PRIMARY), *rows(tree, "outputs")]
    order = {name: i for i, name in enumerate(scenarios(tree))}
    return sorted(found, key=lambda row: (order[row.scenario], row.year or 0))


def every_row(tree: xr.DataTree) -> Iterator[Row]:
    """Every statistic of a result."""
    for table in (PRIMARY, *DETAILS):
        yield from rows(tree, table)


def scenarios(tree: xr.DataTree) -> list[str]:
    """Names of the scenarios, in the order of the study."""
    return [str(name) for name in tree["draws"].to_dataset()["scenario"].values]


def has_draws(tree: xr.DataTree) -> bool:
    """Whether a result keeps its draws, or only what was read from them."""
    return bool(tree["draws"].to_dataset().data_vars)


def need_draws(tree: xr.DataTree, what: str) -> None:
    """Refuse what cannot be told from statistics.

    Parameters
    ----------
    tree : DataTree
    what : str
        What is asked for, as the message begins.

    Raises
    ------
    NoDraws
        The result keeps statistics only.
    """
    if not has_draws(tree):
        raise NoDraws(
            f"{what} takes draws, and the result of {tree.attrs['study']} keeps "
            "statistics only; run it again with --store full, or zarr"
        )


def labels(tree: xr.DataTree) -> dict[str, str]:
    """What to call each scenario: its label, else its name."""
    from scenarios.language.yaml_text import parse

    config = parse(str(tree.attrs["config"]), "config")
    stated = {**(config.get("scenarios") or {}), **(config.get("fleets") or {})}
    names = scenarios(tree)
    return {n: str((stated.get(n) or {}).get("label") or n) for n in names}


def at(data: xr.Dataset, scenario: str, year: int | None) -> xr.Dataset:
    """One scenario of a dataset, and one year of it if it has years."""
    found = data.sel(scenario=scenario) if "scenario" in data.dims else data
    if "year" not in found.dims:
        return found
    return found.sel(year=year) if year is not None else found.isel(year=0)


def assumed_share(
    tree: xr.DataTree, scenario: str, year: int | None = None
) -> float | None:
    """Share of the footprint's first-order variance that rests on assumed spreads.

    Returns
    -------
    float or None
        None if the result has no chain; NaN if nothing in it is uncertain.
    """
    if "first_order" not in tree.children:
        return None
    data = at(tree["first_order"].to_dataset(), scenario, year)
    shares = data["variance_share"]
    if float(shares.sum()) == 0:
        return float("nan")
    return float(shares.where(data["spread_confidence"] == "assumed", 0.0).sum())


def as_object(tree: xr.DataTree) -> dict[str, Any]:
    """The JSON object of `run` and `show` (design section 9)."""
    return {
        "study": str(tree.attrs["study"]),
        "draws": int(tree.attrs["draws"]),
        "seed": int(tree.attrs["seed"]),
        "design": str(tree.attrs["design"]),
        "units": str(tree.attrs["units"]) or None,
        "results": [_object(row) for row in headline(tree)],
    }


def as_csv(tree: xr.DataTree) -> str:
    """Every statistic of a result as CSV text, one row a quantity."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    first = next(every_row(tree))
    head = ("scenario", "year", "table", "item", "units")
    writer.writerow([*head, *first.values])
    for row in every_row(tree):
        year = "" if row.year is None else row.year
        names = (row.scenario, year, row.table, row.item, row.units)
        writer.writerow([*names, *(f"{value:.10g}" for value in row.values.values())])
    return text.getvalue()


def group(tree: xr.DataTree, table: str) -> xr.Dataset | None:
    """Statistics of one table of a result; None where the study has no such."""
    summary = tree["summary"]
    if table in summary.children:
        return summary[table].to_dataset()
    data = summary.to_dataset()
    is_footprint = "mean" in data and "output" not in data.dims
    return (
        data
        if is_footprint == (table == PRIMARY)
        and table
        in {
            PRIMARY,
            "outputs",
        }
        else None
    )


def _values(cell: xr.Dataset) -> dict[str, float]:
    found = {word: float(cell[word]) for word in ("point", "mean", "sd", "median")}
    for bound in ("lower", "upper"):
        found[bound] = float(cell["coverage"].sel(bound=bound))
    for bound in ("lower", "upper"):
        found[f"{bound}_shortest"] = float(cell["coverage_shortest"].sel(bound=bound))
    for word in ("mean", "sd", "lower", "upper"):
        error = cell["monte_carlo_error"].sel(statistic=word)
        found[f"error_{word}"] = float(error)
    return found


def _object(row: Row) -> dict[str, Any]:
    values = dict(row.values)
    error = {w: values.pop(f"error_{w}") for w in ("mean", "sd", "lower", "upper")}
    return {
        "scenario": row.scenario,
        "year": row.year,
        "output": row.item,
        "units": row.units,
        **values,
        "monte_carlo_error": error,
    }
