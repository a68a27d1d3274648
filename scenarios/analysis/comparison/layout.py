"""The arrays of a comparison: which there are, over what, and what they say."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from scenarios.analysis.comparison.lineup import Lineup
from uncertainty.statistics import STATISTICS

_CELL = ("scenario", "year", "output")
_PAIR = ("scenario", "scenario_2", "year", "output")
# what has no dim `output` is of the one quantity that a threshold or limit is of
_VARIABLES = {
    "difference": (_CELL, "Scenario minus reference, mean of paired differences"),
    "ratio": (_CELL, "Scenario over reference, median of ratios per draw"),
    "probability_lower": (_CELL, "Probability of lying below the reference"),
    "probability_higher": (_CELL, "Probability of lying above the reference"),
    "probability_tie": (_CELL, "Probability of equalling the reference to the bit"),
    "pair_probability_lower": (_PAIR, "Probability that scenario is below scenario_2"),
    "pair_difference": (_PAIR, "Mean of scenario minus mean of scenario_2"),
    "rank_probability": (
        ("scenario", "rank", "year", "output"),
        "Probability of each rank, 1 the lowest; ties share theirs",
    ),
    "expected_rank": (_CELL, "Expected rank, 1 the lowest"),
    "probability_lower_beyond": (
        ("scenario", "year"),
        "Probability of lying below the reference by more than the threshold",
    ),
    "probability_higher_beyond": (
        ("scenario", "year"),
        "Probability of lying above the reference by more than the threshold",
    ),
    "probability_below": (
        ("scenario", "limit", "year"),
        "Probability of lying below a limit",
    ),
}
OF_THRESHOLD = ("probability_lower_beyond", "probability_higher_beyond")
_COUNTED = (
    "probability_lower",
    "probability_higher",
    "probability_tie",
    "probability_below",
    *OF_THRESHOLD,
)
"""Probabilities that carry a confidence interval."""
_BOUNDED = ("difference", "ratio")
"""Quantities that carry a coverage interval."""


Sheet = dict[str, xr.DataArray]
"""Arrays of a comparison; what is never filled is absent."""


def blank(lineup: Lineup, threshold: float | None, limits: Sequence[float]) -> Sheet:
    """Arrays of everything that is asked, full of NaN."""
    names = [member.name for member in lineup.members]
    coords: dict[str, list[str] | list[int] | list[float]] = {
        "scenario": names,
        "scenario_2": names,
        "year": lineup.years or [0],
        "output": list(lineup.quantities),
        "bound": ["lower", "upper"],
        "statistic": list(STATISTICS),
        "rank": list(range(1, len(names) + 1)),
        "limit": [float(limit) for limit in limits],
    }
    found: Sheet = {}

    def add(name: str, dims: tuple[str, ...], words: str) -> None:
        shape = [len(coords[dim]) for dim in dims]
        known = {dim: coords[dim] for dim in dims}
        units = "see output_units" if "difference" in name else "1"
        attrs = {"units": units, "long_name": words}
        found[name] = xr.DataArray(np.full(shape, np.nan), known, dims, attrs=attrs)

    for name, (dims, words) in _VARIABLES.items():
        if name in OF_THRESHOLD and threshold is None:
            continue
        if name == "probability_below" and not limits:
            continue
        add(name, dims, words)
        if name in _COUNTED:
            add(f"{name}_confidence", (*dims, "bound"), f"{words}: confidence interval")
        if name in _BOUNDED:
            add(f"{name}_interval", (*dims, "bound"), f"{words}: coverage interval")
    words = "Monte Carlo standard error of the difference's statistics"
    add("difference_error", (*_CELL, "statistic"), words)
    return found


def labelled(sheet: Sheet, lineup: Lineup, base: int, main: str | None) -> xr.Dataset:
    """Arrays as one dataset, with who is paired with whom and what was compared.

    Parameters
    ----------
    sheet : Sheet
    lineup : Lineup
    base : int
        Position of the reference.
    main : str or None
        Which output a threshold or limit is of.
    """
    data = xr.Dataset(sheet)
    if not lineup.years:
        data = data.isel(year=0, drop=True)
    places = range(len(lineup.members))
    reasons = [lineup.reason(i, base) for i in places]
    pairs = [[not lineup.reason(i, j) for j in places] for i in places]
    data["paired"] = "scenario", [not reason for reason in reasons]
    data["reason"] = "scenario", reasons
    data["pair_paired"] = ("scenario", "scenario_2"), pairs
    data["paired"].attrs = {"long_name": "Whether draws are shared with the reference"}
    data["reason"].attrs = {"long_name": "Why draws are not shared"}
    data["pair_paired"].attrs = {"long_name": "Whether two scenarios share draws"}
    labels = [member.label for member in lineup.members]
    data = data.assign_coords(
        label=("scenario", labels),
        output_units=("output", list(lineup.quantities.values())),
    )
    words = ("study", "design", "draws", "seed", "started")
    known = [result.provenance for result in lineup.results]
    runs = (" ".join(one.get(word, "") for word in words) for one in known)
    data.attrs = {
        "study": ", ".join(dict.fromkeys(result.study for result in lineup.results)),
        "reference": lineup.members[base].name,
        "runs": "; ".join(runs),
        "draws": lineup.draws,
        "threshold_of": main or "",
        "left_out": ", ".join(lineup.left_out),
    }
    return data
