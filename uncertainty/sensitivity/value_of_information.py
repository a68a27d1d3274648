"""What it would be worth to know an input exactly: a narrower interval.

References
----------
Oakley and O'Hagan (2004), J. R. Stat. Soc. B 66, 751-769 (expected reduction of the
variance); here of the width of the coverage interval as well.
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import SampleError
from uncertainty.sensitivity.given_data import Sample, sample
from uncertainty.sensitivity.problem import DUMMY
from uncertainty.sensitivity.verdicts import with_verdicts

DRAWS_A_BIN = 256
"""So that six draws lie beyond each end of a 95 % interval within a bin."""

MOST_BINS = 32


def value_of_information(
    inputs: xr.DataArray,
    outputs: xr.DataArray,
    *,
    seed: int,
    probability: float = 0.95,
    bins: int | None = None,
) -> xr.Dataset:
    """Expected narrowing of the coverage interval if an input were known exactly.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels or values; only their order matters. They may depend on each
        other: knowing one then tells of the others too.
    outputs : DataArray, dims (..., draw)
    seed : int
        For the dummy and for ties.
    probability : float
        Coverage probability of the probabilistically symmetric interval.
    bins : int, optional
        256 draws or more in each, and at most 32, unless told.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``expected_width``, units of `outputs`: of the interval, averaged over what the
        input may turn out to be. ``narrowing`` = 1 - expected_width / width, and
        ``variance_reduction``, the same of the variance: pure numbers, at most 1. A
        narrowing may be negative: the interval gets wider in the mean where an input
        only decides between narrow and wide. ``width (...)``, and ranks by the
        narrowing. There are no bounds.

    Raises
    ------
    ValueError
        `probability` is not between 0 and 1.
    SampleError
        As for `sample`, or too few draws for two bins.

    Notes
    -----
    In each bin of the input the output is followed along a straight line in the
    input's normal score, so that only what scatters about the line counts. Intervals
    of few draws come out narrow: widths are divided by the ratio that the dummy, which
    tells nothing, has after the same steps.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> x = np.random.default_rng(1).uniform(size=(2, 2048))
    >>> names = {"parameter": ["a", "b"]}
    >>> inputs = xr.DataArray(x, dims=("parameter", "draw"), coords=names)
    >>> outputs = xr.DataArray(3 * x[0] + x[1], dims="draw")
    >>> found = value_of_information(inputs, outputs, seed=1)
    >>> sorted(found.data_vars)[:3]
    ['expected_width', 'narrowing', 'rank']
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must lie between 0 and 1, not {probability}")
    found = sample(inputs, outputs, seed)
    bins = bins or min(MOST_BINS, found.draws // DRAWS_A_BIN)
    if not 2 <= bins <= found.draws // 32:
        raise SampleError(
            f"{bins} bins of {found.draws} draws: take 2 to {found.draws // 32}; 256 "
            "draws a bin are needed unless `bins` says otherwise"
        )
    whole = _width(np.sort(found.outputs, axis=1), probability)
    ratio = np.empty((2, len(found.outputs), len(found.names)))
    for i, ranks in enumerate(found.ranks):
        scatter = _scatter(found.outputs, ranks, bins)
        widths = _width(np.sort(scatter, axis=-1), probability)
        ratio[0, :, i] = widths.mean(axis=-1) / whole
        # a line takes two degrees of freedom from each bin
        ratio[1, :, i] = scatter.var(axis=-1).mean(axis=-1)
        ratio[1, :, i] *= found.draws / (found.draws - 2 * bins)
    return _dataset(found, whole, ratio).assign_attrs(
        method="value_of_information",
        n=found.draws,
        seed=seed,
        coverage_probability=probability,
        bins=bins,
        evaluations=0,
    )


def _width(ordered: FloatArray, probability: float) -> FloatArray:
    """Width of the symmetric interval, quantiles interpolated, over the last axis."""
    draws = ordered.shape[-1]
    ends = []
    for level in ((1 - probability) / 2, (1 + probability) / 2):
        place = np.clip(level * draws - 0.5, 0, draws - 1)
        low = int(place)
        high = min(low + 1, draws - 1)
        share = place - low
        ends.append(ordered[..., low] * (1 - share) + ordered[..., high] * share)
    width: FloatArray = ends[1] - ends[0]
    return width


def _scatter(rows: FloatArray, ranks: IntArray, bins: int) -> FloatArray:
    """Outputs about a line in each bin, shape (outputs, bins, draws a bin).

    A few draws spread over the range are left out where they do not fill the bins.
    """
    from scipy.special import ndtri

    each = len(ranks) // bins
    kept = np.linspace(0, len(ranks) - 1, each * bins).round().astype(np.int64)
    order = np.argsort(ranks)[kept]
    score = ndtri((kept + 0.5) / len(ranks)).reshape(bins, each)
    score -= score.mean(axis=1, keepdims=True)
    values = rows[:, order].reshape(-1, bins, each)
    values -= values.mean(axis=-1, keepdims=True)
    slope = np.einsum("obd,bd->ob", values, score) / (score**2).sum(axis=1)
    values -= slope[..., None] * score
    return values


def _dataset(found: Sample, whole: FloatArray, ratio: FloatArray) -> xr.Dataset:
    units = str(found.frame.attrs.get("units", "1"))
    blank = ratio[0, :, -1:]
    narrowing = 1 - ratio[0] / blank
    width = whole * found.scale
    variables = {
        "expected_width": found.labelled(
            (1 - narrowing) * width[:, None],
            "expected width of the interval if the input were known",
            units,
        ),
        "narrowing": found.labelled(narrowing, "expected narrowing of the interval"),
        "variance_reduction": found.labelled(
            1 - ratio[1], "expected reduction of the variance"
        ),
    }
    dataset = xr.Dataset(variables)
    dataset["width"] = found.frame.copy(data=width.reshape(found.frame.shape))
    dataset["width"].attrs = {"units": units, "long_name": "width of the interval"}
    dataset = dataset.assign_coords(parameter=[*found.names[:-1], DUMMY])
    return with_verdicts(dataset, "narrowing")
