"""PAWN indices of all outputs at once: how far an input moves the distribution.

References
----------
Pianosi and Wagener (2018), Environ. Model. Softw. 108, 197-207 (from given data).
"""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.errors import SampleError
from uncertainty.sensitivity.given_data import Sample, sample
from uncertainty.sensitivity.verdicts import with_verdicts

STATISTICS: Mapping[str, Callable[..., FloatArray]] = {
    "minimum": np.min,
    "mean": np.mean,
    "median": np.median,
    "maximum": np.max,
    "stdev": np.std,
}


def pawn(
    inputs: xr.DataArray, outputs: xr.DataArray, *, seed: int, slices: int = 10
) -> xr.Dataset:
    """Kolmogorov-Smirnov distances between sliced and whole outputs.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels or values; only their order matters, ties apart.
    outputs : DataArray, dims (..., draw)
    seed : int
        For the dummy.
    slices : int
        Of equal count, along each input.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``pawn_minimum mean median maximum stdev cv`` over the slices, and ranks by
        the median. A slice of few draws lies off the whole by chance: what ``dummy``
        has is the noise floor. There are no bounds.

    Raises
    ------
    SampleError
        As for `sample`, or fewer than 2 slices or fewer than 10 draws in one.

    Notes
    -----
    A slice holds the draws from its lower edge up to, and without, its upper edge, so
    the largest draw is in none: SALib's convention, kept so that results agree. Each
    output is ranked once; the distance of a slice then needs its ranks alone.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> x = np.random.default_rng(1).uniform(size=(2, 2048))
    >>> names = {"parameter": ["a", "b"]}
    >>> inputs = xr.DataArray(x, dims=("parameter", "draw"), coords=names)
    >>> outputs = xr.DataArray(3 * x[0] + x[1], dims="draw")
    >>> found = pawn(inputs, outputs, seed=1)
    >>> found["pawn_median"].values.round(1).ravel().tolist()
    [0.5, 0.1, 0.1]
    """
    found = sample(inputs, outputs, seed)
    if not 2 <= slices <= found.draws // 10:
        raise SampleError(f"{slices} slices of {found.draws} draws: take 2 to draws/10")
    columns = [*inputs.transpose("parameter", "draw").values, found.ranks[-1]]
    distances = _distances(found, columns, slices)
    variables = {
        f"pawn_{name}": found.labelled(reduce(distances, axis=0), f"{name} distance")
        for name, reduce in STATISTICS.items()
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        variables["pawn_cv"] = found.labelled(
            distances.std(axis=0) / distances.mean(axis=0), "variation over slices"
        )
    indices = with_verdicts(xr.Dataset(variables), "pawn_median")
    return indices.assign_attrs(
        method="pawn", n=found.draws, seed=seed, slices=slices, evaluations=0
    )


def _distances(found: Sample, columns: list[FloatArray], slices: int) -> FloatArray:
    """Kolmogorov-Smirnov distances, shape (slices, outputs, inputs)."""
    from scipy.stats import rankdata

    draws = found.draws
    constant = np.isnan(found.scale)
    values = np.where(constant[:, None], 0.0, found.outputs)
    at_most = rankdata(values, "max", axis=1) / draws
    below = (rankdata(values, "min", axis=1) - 1) / draws
    distances = np.zeros((slices, len(values), len(columns)))
    edges = np.linspace(0, 1, slices + 1)
    for i, column in enumerate(columns):
        cuts = np.quantile(column, edges)
        slice_of = np.searchsorted(cuts, column, side="right") - 1
        for s in range(slices):
            members = np.flatnonzero(slice_of == s)
            if members.size:
                distances[s, :, i] = _distance(
                    np.sort(at_most[:, members], axis=1),
                    np.sort(below[:, members], axis=1),
                )
            else:
                distances[s, :, i] = np.nan  # a slice that ties have emptied
    distances[:, constant] = np.nan
    return distances


def _distance(at_most: FloatArray, below: FloatArray) -> FloatArray:
    """Largest gap between the distribution of a slice and that of all draws.

    Parameters
    ----------
    at_most, below : ndarray, shape (outputs, members)
        Share of all draws at or below, and below, each of a slice's draws, rising.

    Notes
    -----
    The slice's distribution is highest above the other at one of its own draws and
    lowest just before one; this holds with ties too.
    """
    members = at_most.shape[1]
    after = np.arange(1, members + 1) / members
    above = (after - at_most).max(axis=1)
    under = (below - (after - 1 / members)).max(axis=1)
    gap: FloatArray = np.maximum(above, under)
    return gap
