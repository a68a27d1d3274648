"""First order and dependence from ranks alone: one sort for each input of a run.

Draws are put in the order of an input. Neighbours share its value but for little, so
what still differs between them is due to the other inputs: half the mean square of
their differences is E[Var(y | x)]. Neighbours of one scrambled net are no independent
draws of the other inputs, so replicates are taken in pairs and only neighbours from the
two sides of a pair are compared.

References
----------
Chatterjee (2021), J. Am. Stat. Assoc. 116, 2009-2022. Gamboa, Gremaud, Klein and
Lagnoux (2022), Bernoulli 28, 2345-2374 (Sobol' indices from ranks).
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.sensitivity.conditional import BoolArray
from uncertainty.sensitivity.given_data import in_parts, sample
from uncertainty.sensitivity.replicates import ratio, refuse_odd, with_t
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts


def rank(
    inputs: xr.DataArray,
    outputs: xr.DataArray,
    *,
    seed: int,
    replicates: int = 1,
    level: float = 0.95,
    share: float = SHARE,
) -> xr.Dataset:
    """First-order indices and Chatterjee's coefficient of every input and output.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels or values; only their order matters. They may depend on each
        other: what an input tells of its partners is in its value.
    outputs : DataArray, dims (..., draw)
    seed : int
        For the dummy and for ties.
    replicates : int
        Independent scrambles or hypercubes in the run; with fewer than 16 they are cut
        into parts, 16 in all.
    level : float
        Confidence level of the bounds: Student's t over pairs of replicates or parts.
    share : float
        First order that counts as important.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``first_order`` and ``xi`` with bounds; what `with_verdicts` adds, by first
        order. ``xi`` is Chatterjee's coefficient: 0 where the output is independent of
        the input, 1 where it is a function of it, whatever the shape.

    Raises
    ------
    SampleError
        As for `sample`, or the draws do not split into replicates.
    DesignError
        `level` or `share` is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> x = np.random.default_rng(1).uniform(size=(2, 2048))
    >>> names = {"parameter": ["a", "b"]}
    >>> inputs = xr.DataArray(x, dims=("parameter", "draw"), coords=names)
    >>> outputs = xr.DataArray(3 * x[0] + x[1], dims="draw")
    >>> found = rank(inputs, outputs, seed=1)
    >>> found["first_order"].values.round(1).ravel().tolist()
    [0.9, 0.1, 0.0]
    """
    refuse_odd(level)
    inputs, outputs, parts = in_parts(inputs, outputs, replicates)
    found = sample(inputs, outputs, seed)
    pairs = parts // 2
    order_of_parts = _mixed(found.draws, replicates, parts)
    rows = np.nan_to_num(found.outputs)
    # as they are: what is centred may have lost digits
    stated = np.nan_to_num(outputs.transpose(..., "draw").values)
    places = _ranks(stated.reshape(rows.shape))[:, order_of_parts]
    places = places.reshape(len(rows), pairs, -1)
    rows = rows[:, order_of_parts].reshape(len(rows), pairs, -1)
    variance = (rows**2).mean(axis=-1)
    half = rows.shape[-1] // 2
    estimates = np.empty((2, 3, len(rows), len(found.names)))
    for i, ranks in enumerate(found.ranks):
        order = np.argsort(ranks[order_of_parts].reshape(pairs, -1), axis=1)
        use = np.diff(order < half, axis=1)  # from the two sides of a pair
        steps = _steps(rows, order)
        rest = variance - _mean(steps**2, use) / 2
        estimates[0, ..., i] = ratio(rest, variance, level)
        # two independent uniforms lie 1/3 apart in the mean
        apart = 1 - 3 * _mean(np.abs(_steps(places, order)), use)
        estimates[1, ..., i] = with_t(apart.mean(axis=-1), apart, level)
    estimates[:, :, np.isnan(found.scale)] = np.nan
    texts = {"first_order": "first-order index", "xi": "Chatterjee's coefficient"}
    variables = {}
    for (name, text), values in zip(texts.items(), estimates, strict=True):
        for end, part in zip(("", "_lower", "_upper"), values, strict=True):
            words = f"{end[1:]} bound of {text}" if end else text
            variables[name + end] = found.labelled(part, words)
    dataset = xr.Dataset(variables).assign_attrs(
        method="rank",
        n=found.draws,
        seed=seed,
        level=level,
        replicates=pairs,
        evaluations=0,
    )
    return with_verdicts(dataset, "first_order", share=share)


def _mixed(draws: int, replicates: int, parts: int) -> IntArray:
    """Draws part by part, in an order in which no two neighbours share a replicate."""
    pieces = np.arange(draws).reshape(replicates, parts // replicates, -1)
    found: IntArray = pieces.swapaxes(0, 1).ravel()
    return found


def _steps(rows: FloatArray, order: IntArray) -> FloatArray:
    """Steps between neighbours in the order of an input, pair of replicates by pair."""
    found: FloatArray = np.diff(np.take_along_axis(rows, order[None], axis=-1), axis=-1)
    return found


def _mean(steps: FloatArray, use: BoolArray) -> FloatArray:
    """Mean of the steps that count, shape (outputs, pairs)."""
    found: FloatArray = np.einsum("opd,pd->op", steps, use) / use.sum(axis=1)
    return found


def _ranks(rows: FloatArray) -> FloatArray:
    """Ranks of draws over their number, in each row; ties share their middle."""
    from scipy.stats import rankdata

    found: FloatArray = rankdata(rows, axis=1) / rows.shape[1]
    return found
