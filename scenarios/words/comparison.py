"""What a comparison says: plain sentences for a reader, rows for a machine.

A sentence states how often, by how much and how well that is known. It makes no
significance test and grades nothing by a bar that a figure could slip across, so
more draws sharpen its figures and leave its words.
"""

import math
from collections.abc import Iterator
from typing import Any

import xarray as xr

from scenarios.numbers import known, rounded, scale, share_of
from scenarios.results.rows import PRIMARY


def as_object(data: xr.Dataset) -> dict[str, Any]:
    """The JSON object of `compare` (design section 9).

    Parameters
    ----------
    data : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it.

    Returns
    -------
    dict
        One result for each scenario but the reference, year and output that both
        have; a ratio that does not exist is None.
    """
    rows = [
        _row(cell)
        for place in _every_cell(data)
        for output in data["output"].values
        if _is_compared(cell := place.sel(output=output))
    ]
    return {
        "study": data.attrs["study"],
        "reference": data.attrs["reference"],
        "results": rows,
    }


def verdict(data: xr.Dataset) -> list[str]:
    """What the comparison shows, in sentences.

    Parameters
    ----------
    data : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it.

    Returns
    -------
    list of str
        Of the footprint where there is one, else of every output: one sentence for
        each scenario and year against the reference, one for each limit, then which
        scenario is lowest.
    """
    outputs = [str(output) for output in data["output"].values]
    lines = []
    for output in [PRIMARY] if PRIMARY in outputs else outputs:
        lines += [_sentence(data, cell, output) for cell in _cells(data, output)]
        if output == data.attrs["threshold_of"]:
            lines += _limits(data, output)
        lines += _lowest(data, output)
    return lines


def _cells(data: xr.Dataset, output: str) -> Iterator[xr.Dataset]:
    """Scenarios that were compared with the reference, year by year."""
    return filter(_is_compared, _every_cell(data.sel(output=output)))


def _is_compared(cell: xr.Dataset) -> bool:
    is_reference = str(cell["scenario"].item()) == cell.attrs["reference"]
    return not is_reference and math.isfinite(float(cell["difference"]))


def _every_cell(data: xr.Dataset) -> Iterator[xr.Dataset]:
    for name in data["scenario"].values:
        one = data.sel(scenario=name)
        for year in one["year"].values if "year" in one.dims else [None]:
            yield one if year is None else one.sel(year=year)


def _year(cell: xr.Dataset) -> int | None:
    return int(cell["year"].item()) if "year" in cell.coords else None


def _ends(cell: xr.Dataset, name: str) -> tuple[float, float]:
    ends = cell[name]
    return float(ends.sel(bound="lower")), float(ends.sel(bound="upper"))


def _row(cell: xr.Dataset) -> dict[str, Any]:
    lower, upper = _ends(cell, "difference_interval")
    ratio = {
        "ratio": float(cell["ratio"]),
        "ratio_lower": _ends(cell, "ratio_interval")[0],
        "ratio_upper": _ends(cell, "ratio_interval")[1],
    }
    error = cell["difference_error"]
    return {
        "scenario": str(cell["scenario"].item()),
        "year": _year(cell),
        "output": str(cell["output"].item()),
        "units": str(cell["output_units"].item()),
        "difference": float(cell["difference"]),
        "lower": lower,
        "upper": upper,
        **{word: x if math.isfinite(x) else None for word, x in ratio.items()},
        "probability_lower": float(cell["probability_lower"]),
        "probability_lower_confidence": list(
            _ends(cell, "probability_lower_confidence")
        ),
        "probability_higher": float(cell["probability_higher"]),
        "probability_tie": float(cell["probability_tie"]),
        "paired": bool(cell["paired"]),
        "reason": str(cell["reason"].item()),
        "monte_carlo_error": {
            str(word): float(error.sel(statistic=word))
            for word in error["statistic"].values
        },
    }


def _sentence(data: xr.Dataset, cell: xr.Dataset, output: str) -> str:
    names = _names(data)
    own, other = names[str(cell["scenario"].item())], names[data.attrs["reference"]]
    if output != PRIMARY:
        own = f"{own}, {output},"
    if (year := _year(cell)) is not None:
        own = f"{year}: {own}"
    if float(cell["probability_tie"]) == 1:
        return f"{own} equals {other} in every draw"
    word = _direction(cell)
    told = f"{own} is {word} than {other} in {known_share(cell, f'probability_{word}')}"
    if float(cell["probability_tie"]) > 0:
        told += f", equal in {share_of(float(cell['probability_tie']))}"
    told += f"; {_gap(cell)}"
    if output == data.attrs["threshold_of"] and "threshold" in data.attrs:
        per, units = scale(str(cell["output_units"].item()))
        gap = f"{float(data.attrs['threshold']) / per:g} {units}"
        share = known_share(cell, f"probability_{word}_beyond")
        told += f"; {word} by more than {gap} in {share}"
    if not bool(cell["paired"]):
        told += f"; not paired ({cell['reason'].item()})"
    return told


def _names(data: xr.Dataset) -> dict[str, str]:
    names, labels = data["scenario"].values, data["label"].values
    return {str(n): str(label) for n, label in zip(names, labels, strict=True)}


def _direction(cell: xr.Dataset) -> str:
    lower, higher = (float(cell[f"probability_{w}"]) for w in ("lower", "higher"))
    return "lower" if lower >= higher else "higher"


def _gap(cell: xr.Dataset) -> str:
    per, units = scale(str(cell["output_units"].item()))
    errors = cell["difference_error"] / per
    of_ends = max(float(errors.sel(statistic=word)) for word in ("lower", "upper"))
    ends = (rounded(x / per, of_ends) for x in _ends(cell, "difference_interval"))
    of_mean = float(errors.sel(statistic="mean"))
    middle = rounded(float(cell["difference"]) / per, of_mean)
    percent = 100 * float(cell.attrs["coverage_probability"])
    return f"difference {middle} {units}, {percent:g} % interval {' to '.join(ends)}"


def _limits(data: xr.Dataset, output: str) -> list[str]:
    if "probability_below" not in data:
        return []
    per, units = scale(str(data["output_units"].sel(output=output).item()))
    lines = []
    for limit in data["limit"].values:
        told = []
        for cell in _every_cell(data.sel(limit=limit)):
            if math.isfinite(float(cell["probability_below"])):
                own = _names(data)[str(cell["scenario"].item())]
                year = f" {_year(cell)}" if _year(cell) is not None else ""
                told.append(f"{own}{year} {share_of(float(cell['probability_below']))}")
        lines.append(f"below {float(limit) / per:g} {units}: {', '.join(told)}")
    return lines


def _lowest(data: xr.Dataset, output: str) -> list[str]:
    """Which scenario is lowest how often, where there are three or more."""
    if data.sizes["scenario"] < 3:
        return []
    first = data["rank_probability"].sel(output=output, rank=1)
    word = "" if output == PRIMARY else f" in {output}"
    years = first["year"].values if "year" in first.dims else [None]
    lines = []
    for year in years:
        one = first if year is None else first.sel(year=year)
        named = zip(data["label"].values, one.values, strict=True)
        order = sorted((s for s in named if s[1] > 0), key=lambda s: -float(s[1]))
        told = ", ".join(f"{label} in {share_of(float(p))}" for label, p in order[:3])
        when = "" if year is None else f"{int(year)}: "
        if told:
            lines.append(f"{when}lowest of {data.sizes['scenario']}{word}: {told}")
    return lines


def known_share(cell: xr.Dataset, name: str) -> str:
    """A probability of a comparison in per cent with its confidence interval."""
    return known(
        float(cell[name]),
        _ends(cell, f"{name}_confidence"),
        float(cell.attrs["confidence"]),
    )
