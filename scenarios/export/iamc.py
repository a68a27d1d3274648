"""A result as an IAMC table: one row a scenario, variable and unit, a column a year.

The mean bears the variable's own name and a percentile ends in ``|97.5th Percentile``,
as the climate variables of the sixth assessment report do.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from scenarios.datafiles.xlsx import Sheet, workbook
from scenarios.results.result import OUTPUTS, PRIMARY, Cell, Result, at
from scenarios.results.table import ExportError
from uncertainty.storage import provenance

INDEX = ("model", "scenario", "region", "variable", "unit")
"""Columns of every IAMC table, in their order."""
WORDS = ("model", "region", "year")
"""What ``--about`` may say."""
FOOTPRINT = "Product Carbon Footprint"
PARTS = ("stages", "contribution")


def iamc(
    result: Result, scenarios: list[str], about: Mapping[str, Any]
) -> dict[str, bytes]:
    """Wide and long CSV, and a workbook with a sheet of metadata.

    Parameters
    ----------
    result : Result
    scenarios : list of str
    about : mapping
        ``region``; ``year`` where the study has none; ``model`` in place of potline
        with its version.

    Raises
    ------
    ExportError
        One of them is missing, or is none that the format has.

    Examples
    --------
    >>> from scenarios import run
    >>> result = run("configs/minimal.yaml", draws=1024)
    >>> made = iamc(result, ["hydro"], {"region": "China", "year": 2024})
    >>> made["iamc_long.csv"].decode().splitlines()[0]
    'model,scenario,region,variable,unit,year,value'
    """
    stated = _checked(result, about)
    rows = [
        {
            "model": stated["model"],
            "scenario": cell.scenario,
            "region": stated["region"],
            "variable": variable,
            "unit": unit,
            "year": stated["year"] if cell.year is None else cell.year,
            "value": value,
        }
        for cell in result.cells
        if cell.scenario in scenarios
        for variable, unit, value in _variables(result, cell)
    ]
    long = pd.DataFrame(rows)
    wide = long.pivot_table(
        index=list(INDEX), columns="year", values="value", sort=False
    ).reset_index()
    about_run = [result.study, result.title, result.draws, result.seed, result.design]
    meta = [
        [stated["model"], name, False, result.labels[name], *about_run]
        for name in scenarios
    ]
    heads = ["model", "scenario", "exclude", "label", "study", "title"]
    heads += ["draws", "seed", "design"]
    table = [
        [None if value != value else value for value in row]
        for row in wide.astype(object).to_numpy().tolist()
    ]
    book = workbook(
        [
            Sheet("data", [str(column) for column in wide], table),
            Sheet("meta", heads, meta),
        ]
    )
    return {
        "iamc.csv": _csv(wide),
        "iamc_long.csv": _csv(long),
        "iamc.xlsx": book,
    }


def _checked(result: Result, about: Mapping[str, Any]) -> dict[str, Any]:
    """What the table says of itself."""
    unknown = [word for word in about if word not in WORDS]
    if unknown:
        raise ExportError(
            f"an IAMC table has no {', '.join(unknown)}; there are {', '.join(WORDS)}"
        )
    own = {"model": f"potline {provenance()['versions'].split()[1].rstrip(',')}"}
    stated = own | dict(about)
    if result.years and "year" in stated:
        raise ExportError("the study has years of its own; leave year out")
    needed = ["region"] if result.years else ["region", "year"]
    if missing := [word for word in needed if word not in stated]:
        said = " ".join(f"--about {word}=..." for word in missing)
        raise ExportError(
            f"an IAMC table says {' and '.join(missing)}, and the study does not; "
            f"write {said}"
        )
    return stated


def _variables(result: Result, cell: Cell) -> Iterator[tuple[str, str, float]]:
    """Variables of one scenario and year with their units and values."""
    declared = result.config.declared_unit
    name = f"{FOOTPRINT}|{_title(declared.product)}" if declared else ""
    for table in (PRIMARY, *PARTS, OUTPUTS):
        found = result.summary(table)
        if found is None:
            continue
        data = at(found, cell)
        for where, label in _items(data, table):
            one = data.sel(where)
            mean = float(one["mean"])
            if np.isnan(mean):
                continue
            head = f"{name}{label}" if table != OUTPUTS else label
            unit = str(one["output_units"].item()) if table == OUTPUTS else result.units
            yield head, unit, mean
            for level in one["level"].values:
                value = float(one["percentile"].sel(level=level))
                yield f"{head}|{100 * level:.1f}th Percentile", unit, value


def _items(data: xr.Dataset, table: str) -> Iterator[tuple[dict[str, str], str]]:
    """Labels of what a table is of, and the words that the variable ends in."""
    if table == PRIMARY:
        yield {}, ""
    elif table == OUTPUTS:
        for name in data["output"].values:
            yield {"output": name}, _title(str(name))
    elif table == "stages":
        for stage in data["stage"].values:
            yield {"stage": stage}, f"|{_title(str(stage))}"
    else:
        for stage in data["stage"].values:
            for source in data["source"].values:
                label = f"|{_title(str(stage))}|{_title(str(source))}"
                yield {"stage": stage, "source": source}, label


def _title(name: str) -> str:
    """An id as a part of a variable's name."""
    return " ".join(name.replace(".", " ").replace("_", " ").split()).capitalize()


def _csv(frame: pd.DataFrame) -> bytes:
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()
