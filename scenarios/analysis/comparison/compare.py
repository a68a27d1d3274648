"""Scenarios against a reference and against each other, draw by draw.

Two means with two intervals say little about a difference when the inputs are
shared: what is uncertain in both alike drops out of it. So each statistic here is
taken of paired differences, and no significance test is made of it: with enough
draws any gap is significant, while the probability of being lower stays what it is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from scenarios.analysis.comparison.layout import OF_THRESHOLD, Sheet, blank, labelled
from scenarios.analysis.comparison.lineup import ComparisonError, Couple, Lineup
from scenarios.results.result import PRIMARY, Result
from uncertainty.arrays import FloatArray
from uncertainty.statistics import coverage_interval, summarise
from uncertainty.statistics.proportions import CONFIDENCE, BoolArray, frequency
from uncertainty.statistics.ranks import rank_shares

TOGETHER = 2**18
"""Draws of several scenarios that are summarised in one go: 2 MiB."""
Cells = Mapping[int, FloatArray]
"""Draws of a quantity by position of the scenario, where it has the quantity."""


def compare(
    results: Sequence[Result],
    reference: str | None = None,
    *,
    threshold: float | None = None,
    limits: Sequence[float] = (),
    probability: float = 0.95,
    outputs: Sequence[str] | None = None,
) -> xr.Dataset:
    """Compare every scenario of one or more results with a reference and in pairs.

    Parameters
    ----------
    results : sequence of Result
        With the draws of their outputs.
    reference : str, optional
        A scenario; by default the one that the first result marks.
    threshold : float, optional
        A gap that matters, 0 or more; like `limits` in units of the footprint, or of
        the only output of a study without a chain.
    limits : sequence of float
        Values below which a footprint is wanted.
    probability : float
        Coverage probability of the intervals of difference and ratio.
    outputs : sequence of str, optional
        Quantities to compare; by default the footprint and every output.

    Returns
    -------
    Dataset
        Over (scenario, [year,] output): ``difference``, ``ratio``,
        ``probability_lower`` (strict), ``probability_higher``, ``probability_tie``;
        with ``bound`` ``difference_interval``, ``ratio_interval`` (symmetric) and
        the confidence intervals ``probability_*_confidence``; with ``statistic``
        ``difference_error`` (Monte Carlo). Over pairs (scenario, scenario_2, ...):
        ``pair_probability_lower``, ``pair_difference``, ``pair_paired``.
        ``rank_probability`` (scenario, rank, ...), rank 1 the lowest, ties shared
        out evenly, and ``expected_rank``. As asked: ``probability_lower_beyond``,
        ``probability_higher_beyond`` (scenario, [year]), ``probability_below``
        (scenario, limit, [year]). ``paired`` and ``reason`` (scenario). What is
        absent is NaN; so is a ratio to a reference that is not of one sign.

    Raises
    ------
    ComparisonError
        There are no two scenarios or no such reference, quantities do not measure
        the same thing, or it is not clear what a threshold or limit is of.
    ValueError
        `probability`, `threshold` or a limit is not possible.
    SampleError
        A draw is not finite.

    Notes
    -----
    Where two results do not share draws, both are joined in random order from a
    stream of their own. The joined draws count as independent ones, as many as the
    smaller result has, which is on the safe side; the error of a mean difference
    follows from the errors of both means.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    if threshold is not None and not 0 <= threshold < math.inf:
        raise ValueError(f"threshold must be a number of 0 or more, not {threshold}")
    if not all(math.isfinite(limit) for limit in limits):
        raise ValueError(f"limits must be finite numbers, not {list(limits)}")
    lineup = Lineup(results, outputs)
    base = lineup.find(reference)
    asked = threshold is not None or bool(limits)
    main = _main(list(lineup.quantities)) if asked else None
    sheet = blank(lineup, threshold, limits)
    for y, year in enumerate(lineup.years or [None]):
        for o, output in enumerate(lineup.quantities):
            cells = lineup.cells(output, year)
            most = max(1, TOGETHER // lineup.draws)
            for first in range(0, len(cells), most) if base in cells else ():
                couples = {
                    i: lineup.couple(i, cells[i], base, cells[base])
                    for i in list(cells)[first : first + most]
                }
                _against(sheet, couples, (y, o), probability)
            _pairs(sheet, lineup, cells, (y, o))
            _ranks(sheet, lineup, cells, (y, o))
            if output == main and base in cells and threshold is not None:
                _beyond(sheet, lineup, cells, base, y, threshold)
            if output == main:
                _below(sheet, lineup, cells, y, limits)
    data = labelled(sheet, lineup, base, main)
    data.attrs |= {"coverage_probability": probability, "confidence": CONFIDENCE}
    return data.assign_attrs({} if threshold is None else {"threshold": threshold})


@dataclass(frozen=True)
class PairingGain:
    """What common random numbers are worth for one difference.

    Attributes
    ----------
    paired, unpaired : float
        Width of the coverage interval of the difference, units of the quantity.
    correlation : float
        Between the two scenarios' draws.
    expected : float
        Unpaired over paired width by theory: the root of the ratio of variances,
        (var a + var b) / (var a + var b - 2 cov), which is 1 / (1 - correlation) for
        equal variances.
    """

    paired: float
    unpaired: float
    correlation: float
    expected: float

    @property
    def measured(self) -> float:
        """Unpaired over paired width, as found."""
        return self.unpaired / self.paired if self.paired else math.inf


def pairing_gain(
    result: Result, a: str, b: str, *, probability: float = 0.95
) -> PairingGain:
    """Interval of a difference with and without the draws being shared.

    Parameters
    ----------
    result : Result
        Its footprint is taken, or the first output where there is none.
    a, b : str
        Scenarios; the first year is taken.
    probability : float
        Coverage probability.

    Returns
    -------
    PairingGain

    Raises
    ------
    ComparisonError
        There is no such scenario, or it lacks the quantity.
    """
    lineup = Lineup([result])
    i, j = lineup.find(a), lineup.find(b)
    output = next(iter(lineup.quantities))
    cells = lineup.cells(output, lineup.years[0] if lineup.years else None)
    for place, name in ((i, a), (j, b)):
        if place not in cells:
            raise ComparisonError(f"{name} has no {output}")
    first, second = cells[i], cells[j]
    covariance = np.cov(first, second)
    apart = float(covariance[0, 0] + covariance[1, 1])
    together = apart - 2 * float(covariance[0, 1])
    spread = math.sqrt(float(covariance[0, 0] * covariance[1, 1]))
    return PairingGain(
        _width(first - second, probability),
        _width(first - lineup.shuffled(second), probability),
        float(covariance[0, 1]) / spread if spread else math.nan,
        math.sqrt(apart / together) if together > 0 else math.inf,
    )


def _width(values: FloatArray, probability: float) -> float:
    sample = xr.DataArray(values, dims="draw")
    ends = coverage_interval(sample, probability, kind="symmetric").values
    return float(ends[1] - ends[0])


def _count(
    sheet: Sheet,
    name: str,
    place: tuple[int, ...],
    happened: BoolArray,
    couple: Couple,
) -> None:
    """Write the probability of an event with its confidence interval."""
    found = frequency(
        happened, replicates=couple.replicates, effective=couple.effective
    )
    sheet[name].values[place] = found.value
    sheet[f"{name}_confidence"].values[place] = found.lower, found.upper


def _against(
    sheet: Sheet,
    couples: Mapping[int, Couple],
    where: tuple[int, int],
    probability: float,
) -> None:
    """Some scenarios, each against the reference."""
    gaps = _spreads(couples, np.subtract, probability)
    divided = {i: c for i, c in couples.items() if (c.second > 0).all()}
    divided |= {i: c for i, c in couples.items() if (c.second < 0).all()}
    ratios = _spreads(divided, np.divide, probability)
    for i, couple in couples.items():
        a, b, gap = couple.first, couple.second, gaps[i]
        place = (i, *where)
        _count(sheet, "probability_lower", place, a < b, couple)
        _count(sheet, "probability_higher", place, a > b, couple)
        _count(sheet, "probability_tie", place, a == b, couple)
        # a sample that goes through the smaller result again knows no more for it
        errors = gap["monte_carlo_error"] * math.sqrt(a.size / couple.effective)
        if couple.mean_error is not None:
            errors[0] = couple.mean_error
        sheet["difference"].values[place] = gap["mean"]
        sheet["difference_interval"].values[place] = gap["coverage"]
        sheet["difference_error"].values[place] = errors
        if i in ratios:
            sheet["ratio"].values[place] = ratios[i]["median"]
            sheet["ratio_interval"].values[place] = ratios[i]["coverage"]


def _spreads(
    couples: Mapping[int, Couple], operation: np.ufunc, probability: float
) -> dict[int, dict[str, FloatArray]]:
    """`summarise` of what an operation makes of each couple; alike ones in one go."""
    designs = {i: (c.first.size, c.replicates) for i, c in couples.items()}
    found = {}
    for design in dict.fromkeys(designs.values()):
        places = [i for i in couples if designs[i] == design]
        rows = [operation(couples[i].first, couples[i].second) for i in places]
        sample = xr.DataArray(np.stack(rows), dims=("row", "draw"), name="difference")
        data = summarise(sample, probability, replicates=design[1], levels=(0.5,))
        numbers = {str(name): one.values for name, one in data.data_vars.items()}
        for row, i in enumerate(places):
            found[i] = {name: values[row] for name, values in numbers.items()}
    return found


def _beyond(
    sheet: Sheet, lineup: Lineup, cells: Cells, base: int, y: int, threshold: float
) -> None:
    """Whether a gap to the reference is one that matters."""
    for i, values in cells.items():
        couple = lineup.couple(i, values, base, cells[base])
        gap = couple.first - couple.second
        lower, higher = OF_THRESHOLD
        _count(sheet, lower, (i, y), gap < -threshold, couple)
        _count(sheet, higher, (i, y), gap > threshold, couple)


def _below(
    sheet: Sheet, lineup: Lineup, cells: Cells, y: int, limits: Sequence[float]
) -> None:
    for i, values in cells.items():
        own = Couple(values, values, lineup.replicates(i), values.size)
        for k, limit in enumerate(limits):
            _count(sheet, "probability_below", (i, k, y), values < limit, own)


def _pairs(sheet: Sheet, lineup: Lineup, cells: Cells, where: tuple[int, int]) -> None:
    """Each scenario against each other one."""
    lower = sheet["pair_probability_lower"].values
    means = {i: float(values.mean()) for i, values in cells.items()}
    for i in cells:
        for j in cells:
            sheet["pair_difference"].values[(i, j, *where)] = means[i] - means[j]
            if i < j:
                couple = lineup.couple(i, cells[i], j, cells[j])
                a, b = couple.first, couple.second
                lower[(i, j, *where)] = np.count_nonzero(a < b) / a.size
                lower[(j, i, *where)] = np.count_nonzero(a > b) / a.size
        lower[(i, i, *where)] = 0.0


def _ranks(sheet: Sheet, lineup: Lineup, cells: Cells, where: tuple[int, int]) -> None:
    """How often each scenario takes each rank."""
    shares = rank_shares([lineup.joint(i, values) for i, values in cells.items()])
    count = len(cells)
    for row, i in enumerate(cells):
        sheet["rank_probability"].values[(i, slice(0, count), *where)] = shares[row]
        expected = shares[row] @ np.arange(1, count + 1)
        sheet["expected_rank"].values[(i, *where)] = expected


def _main(outputs: list[str]) -> str:
    """Which quantity a threshold or a limit is of."""
    if PRIMARY in outputs:
        return PRIMARY
    if len(outputs) == 1:
        return outputs[0]
    those = ", ".join(outputs)
    raise ComparisonError(f"a threshold or limit of which output? There are {those}")
