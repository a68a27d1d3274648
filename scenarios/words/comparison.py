"""What a comparison says: plain sentences for a reader, rows for a machine.

A sentence states how often, by how much and how well that is known. It makes no
significance test and grades nothing by a bar that a figure could slip across, so
more draws sharpen its figures and leave its words.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import xarray as xr
from rich.table import Table

from scenarios.language.label import Label
from scenarios.numbers import rounded, scale, share_of, significant, with_units
from scenarios.results.result import PRIMARY
from scenarios.words.catalogue import Words
from scenarios.words.faults import translated

if TYPE_CHECKING:
    from scenarios.analysis.break_even import BreakEven
    from scenarios.analysis.thresholds import Judgement
    from scenarios.results.result import Result

FEW = 3
"""Scenarios and years that have a sentence each; of more there is a table."""


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


def verdict(data: xr.Dataset, words: Words) -> list[str]:
    """What the comparison shows, in sentences.

    Parameters
    ----------
    data : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it.
    words : Words

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
        lines += [_sentence(data, one, output, words) for one in _cells(data, output)]
        if output == data.attrs["threshold_of"]:
            lines += _limits(data, output, words)
        lines += _lowest(data, output, words)
    return lines


def lines(data: xr.Dataset, words: Words) -> list["str | Table"]:
    """A comparison for a terminal: sentences, or one and a sorted table.

    Where every scenario is paired with the reference and more than `FEW` are, one
    sentence says how many lie lower and higher, and a table has the rest.

    Parameters
    ----------
    data : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it.
    words : Words
    """
    outputs = [str(output) for output in data["output"].values]
    cells = list(_cells(data, PRIMARY)) if PRIMARY in outputs else []
    plain = "threshold" not in data.attrs and all(bool(c["paired"]) for c in cells)
    if len(cells) <= FEW or not plain:
        return list(verdict(data, words))
    names = _names(data)
    level = float(data.attrs["confidence"])
    counts = {
        side: sum(float(c[f"probability_{side}"]) >= level for c in cells)
        for side in ("lower", "higher")
    }
    found: list[str | Table] = [
        words(
            "comparison.counted",
            reference=names[data.attrs["reference"]],
            level=f"{100 * level:g} %",
            open=len(cells) - sum(counts.values()),
            **counts,
        )
    ]
    found += _lowest(data, PRIMARY, words)
    table = Table(box=None, pad_edge=False)
    units = scale(str(cells[0]["output_units"].item()))[1]
    percent = f"{100 * float(data.attrs['coverage_probability']):g} %"
    heads = ("scenario", "difference", "interval", "chance")
    for head in heads:
        text = words(f"comparison.head.{head}", units=units, percent=percent)
        justify: Literal["left", "right"] = "left" if head == "scenario" else "right"
        table.add_column(text, justify=justify, no_wrap=head != "scenario")
    for cell in sorted(cells, key=lambda one: float(one["difference"])):
        name, year = names[str(cell["scenario"].item())], _year(cell)
        label = name if year is None else words.join([name, str(year)])
        if float(cell["probability_tie"]) == 1:
            table.add_row(label, words("comparison.head.equal"), "", "")
            continue
        mean, ends = _numbers(cell, words)
        table.add_row(label, mean, ends, share_of(float(cell["probability_lower"])))
    return [*found, table, *_limits(data, PRIMARY, words)]


def crossing(found: "BreakEven", result: "Result", words: Words) -> str:
    """At which value of a swept input a scenario equals the reference."""
    swept = [x for id, x in result.labels.items() if id.startswith(f"{found.sweep}_")]
    names = {
        "sweep": swept[0].partition(": ")[0] if swept else found.sweep,
        "against": result.labels.get(found.against, found.against),
        "parameter": _input(result, found.parameter, words),
    }
    if not found.probability:
        side = "below" if found.below > found.above else "above"
        return words(f"comparison.stays_{side}", **names)
    units = "" if found.units == "1" else f" {found.units}"
    ends = (significant(end) for end in (found.lower, found.upper))
    return words(
        "comparison.meets",
        **names,
        value=f"{significant(found.median)}{units}",
        ends=words.range(*ends),
        share=share_of(found.probability),
    )


def _total(data: xr.Dataset) -> float:
    """Mean difference that the changes add up to, in the last year."""
    found = data["footprint_contribution"].sum("change")
    return float(found if not found.dims else found.isel(year=-1))


def _told(label: str | None, id: str, words: Words) -> str:
    """A label of the config in the language; the id where there is none."""
    return label.told(words.language) if isinstance(label, Label) else label or id


def _input(result: "Result", id: str, words: Words) -> str:
    found = result.config.inputs.get(id)
    return _told(found.label if found else None, id, words)


def attribution(
    data: xr.Dataset, scenario: str, reference: str, result: "Result", words: Words
) -> list[str]:
    """A scenario's difference to the reference, change by change."""
    per, shown = scale(result.units)
    lines = [
        words(
            "comparison.attribution",
            scenario=result.labels[scenario],
            reference=result.labels[reference],
            total=significant(_total(data) / per, 3),
            units=shown,
        )
    ]
    for change in data["change"].values:
        one = data.sel(change=change)
        middle = one["footprint_contribution"]
        bounds = one["footprint_contribution_interval"]
        for year in middle["year"].values if middle.dims else [None]:
            where = {} if year is None else {"year": year}
            value = float(middle.sel(where)) / per
            ends = (significant(float(b) / per) for b in bounds.sel(where).values)
            id = str(change).partition(".")[2]
            name = _input(result, id, words)
            name = str(change) if name == id else name
            names = [name, *([] if year is None else [str(year)])]
            lines.append(
                words(
                    "comparison.change",
                    change=words.join(names),
                    value=significant(value),
                    ends=words.range(*ends),
                )
            )
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
            # JSON has no NaN: an error that cannot be stated is null
            str(word): None if math.isnan(value) else value
            for word, value in zip(
                error["statistic"].values, error.values.tolist(), strict=True
            )
        },
    }


def _sentence(data: xr.Dataset, cell: xr.Dataset, output: str, words: Words) -> str:
    names = _names(data)
    one, other = names[str(cell["scenario"].item())], names[data.attrs["reference"]]
    if output != PRIMARY:
        one = words.join([one, output])
    if float(cell["probability_tie"]) == 1:
        return _dated(cell, words("comparison.equal", one=one, other=other), words)
    side = _direction(cell)
    ties = float(cell["probability_tie"])
    text = words(
        f"comparison.{side}",
        one=one,
        other=other,
        share=known_share(cell, f"probability_{side}", words),
        ties=words("comparison.ties", share=share_of(ties)) if ties > 0 else "",
        gap=_gap(cell, words),
    )
    parts = [text]
    if output == data.attrs["threshold_of"] and "threshold" in data.attrs:
        per, units = scale(str(cell["output_units"].item()))
        gap = with_units(f"{float(data.attrs['threshold']) / per:g}", units)
        share = known_share(cell, f"probability_{side}_beyond", words)
        parts.append(words(f"comparison.{side}_beyond", gap=gap, share=share))
    if not bool(cell["paired"]):
        reason = translated(str(cell["reason"].item()), words.language)
        parts.append(words("comparison.unpaired", reason=reason))
    return _dated(cell, words("common.semicolon").join(parts), words)


def _dated(cell: xr.Dataset, text: str, words: Words) -> str:
    """A sentence with its year, if it has one."""
    year = _year(cell)
    return text if year is None else words("comparison.dated", year=year, text=text)


def _names(data: xr.Dataset) -> dict[str, str]:
    names, labels = data["scenario"].values, data["label"].values
    return {str(n): str(label) for n, label in zip(names, labels, strict=True)}


def _direction(cell: xr.Dataset) -> str:
    lower, higher = (float(cell[f"probability_{w}"]) for w in ("lower", "higher"))
    return "lower" if lower >= higher else "higher"


def _numbers(cell: xr.Dataset, words: Words) -> tuple[str, str]:
    """Mean difference and its interval, to the digits that their errors leave."""
    per, _ = scale(str(cell["output_units"].item()))
    errors = cell["difference_error"] / per
    of_ends = max(float(errors.sel(statistic=word)) for word in ("lower", "upper"))
    ends = (rounded(x / per, of_ends) for x in _ends(cell, "difference_interval"))
    of_mean = float(errors.sel(statistic="mean"))
    mean = rounded(float(cell["difference"]) / per, of_mean)
    return mean, words.range(*ends)


def _gap(cell: xr.Dataset, words: Words) -> str:
    mean, ends = _numbers(cell, words)
    percent = 100 * float(cell.attrs["coverage_probability"])
    return words(
        "comparison.gap",
        mean=mean,
        units=scale(str(cell["output_units"].item()))[1],
        percent=f"{percent:g} %",
        ends=ends,
    )


def _limits(data: xr.Dataset, output: str, words: Words) -> list[str]:
    if "probability_below" not in data:
        return []
    per, units = scale(str(data["output_units"].sel(output=output).item()))
    lines = []
    for limit in data["limit"].values:
        shares = []
        for cell in _every_cell(data.sel(limit=limit)):
            if math.isfinite(float(cell["probability_below"])):
                name = _names(data)[str(cell["scenario"].item())]
                year = f" {_year(cell)}" if _year(cell) is not None else ""
                share = share_of(float(cell["probability_below"]))
                one = words("comparison.below_one", name=name + year, share=share)
                shares.append(one)
        shown = with_units(f"{float(limit) / per:g}", units)
        text = words("comparison.below", limit=shown, shares=words.join(shares))
        lines.append(text)
    return lines


def sure_below(data: xr.Dataset, confidence: float, words: Words) -> list[str]:
    """Which scenarios lie below each limit that surely; with years, from when on.

    Parameters
    ----------
    data : Dataset
        As `scenarios.analysis.comparison.compare.compare` gives it, with limits.
    confidence : float
        Probability that is asked for.
    words : Words

    Returns
    -------
    list of str
        One sentence a limit, the earliest scenarios first.
    """
    if "probability_below" not in data:
        return []
    output = str(data.attrs["threshold_of"])
    per, units = scale(str(data["output_units"].sel(output=output).item()))
    names, found, between = _names(data), [], words("common.semicolon")
    for limit in data["limit"].values:
        first: dict[str, int] = {}
        for cell in _every_cell(data.sel(limit=limit)):
            if float(cell["probability_below"]) >= confidence:
                first.setdefault(str(cell["scenario"].item()), _year(cell) or 0)
        dated = "year" in data["probability_below"].dims
        shares = [
            words("comparison.since", name=names[name], year=first[name])
            if dated
            else names[name]
            for name in sorted(first, key=lambda name: first[name])
        ]
        never = [names[str(n)] for n in data["scenario"].values if str(n) not in first]
        values = {
            "limit": with_units(f"{float(limit) / per:g}", units),
            "level": f"{100 * confidence:g} %",
        }
        key = "comparison.first_year" if dated else "comparison.sure"
        none = words("comparison.no_scenario")
        found.append(words(key, **values, names=between.join(shares) or none))
        if never and first:
            found.append(words("comparison.never", names=between.join(never)))
    return found


def judgement(found: "Judgement", words: Words) -> str:
    """How likely each scenario lies below a named threshold."""
    shares = [
        words("comparison.below_one", name=name, share=share_of(value))
        for name, value in found.named()
    ]
    per, units = scale(found.units)
    return words(
        "comparison.threshold",
        limit=with_units(f"{found.value / per:g}", units),
        label=found.label,
        shares=words.join(shares),
    )


def _lowest(data: xr.Dataset, output: str, words: Words) -> list[str]:
    """Which scenario is lowest how often, where there are three or more."""
    if data.sizes["scenario"] < 3:
        return []
    first = data["rank_probability"].sel(output=output, rank=1)
    where = "" if output == PRIMARY else words("comparison.in_output", output=output)
    years = first["year"].values if "year" in first.dims else [None]
    lines = []
    for year in years:
        one = first if year is None else first.sel(year=year)
        named = zip(data["label"].values, one.values, strict=True)
        order = sorted((s for s in named if s[1] > 0), key=lambda s: -float(s[1]))
        shares = [
            words("comparison.lowest_one", name=label, share=share_of(float(p)))
            for label, p in order[:3]
        ]
        if not shares:
            continue
        text = words(
            "comparison.lowest",
            count=data.sizes["scenario"],
            output=where,
            shares=words.join(shares),
        )
        if year is not None:
            text = words("comparison.dated", year=int(year), text=text)
        lines.append(text)
    return lines


def known_share(cell: xr.Dataset, name: str, words: Words) -> str:
    """A probability of a comparison in per cent with its confidence interval."""
    return words.of_draws(
        float(cell[name]),
        _ends(cell, f"{name}_confidence"),
        float(cell.attrs["confidence"]),
    )
