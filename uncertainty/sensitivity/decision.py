"""What it would be worth to know an input before choosing between two alternatives.

An output is what one alternative has less the other, so that the first is chosen where
it is negative. Who knows an input chooses by what he expects given its value: what that
saves in the mean is the expected value of partial perfect information.

References
----------
Strong, Oakley and Brennan (2014), Med. Decis. Making 34, 311-326 (from one run, by
regression). Heath, Manolopoulou and Baio (2017), Med. Decis. Making 37, 747-758.
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import SampleError
from uncertainty.sensitivity.given_data import in_parts, sample
from uncertainty.sensitivity.replicates import ratio, refuse_odd, with_t
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

BINS = 16
"""Pieces of the line by which an output is expected along an input."""
DRAWS_A_BIN = 16


def decision_value(
    inputs: xr.DataArray,
    outputs: xr.DataArray,
    *,
    seed: int,
    replicates: int = 1,
    level: float = 0.95,
    share: float = SHARE,
) -> xr.Dataset:
    """Expected value of knowing each input before a choice, for every difference.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels or values; only their order matters. They may depend on each
        other: knowing one then tells of the others too.
    outputs : DataArray, dims (..., draw)
        Differences between two alternatives, of what is to be small.
    seed, replicates
        As for `rank`.
    level : float
        Confidence level of the bounds: Student's t over replicates or parts.
    share : float
        Part of the value of knowing everything that counts as important.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``evppi`` in units of the outputs: what the choice saves in the mean if the
        input is known first. ``evppi_share`` of ``evpi (...)``, the same with
        everything known; both with bounds. What `with_verdicts` adds, by the share;
        NaN where one alternative is better in every draw, so that nothing could change
        the choice.

    Raises
    ------
    SampleError
        As for `sample`, the draws do not split into replicates, or too few in one.
    DesignError
        `level` or `share` is not between 0 and 1.

    Notes
    -----
    What is expected is fitted to all replicates but one and the choice made in that
    one, so that chance earns nothing: the value is that of a choice which can be made,
    and at most by little below the best.

    Examples
    --------
    >>> import xarray as xr
    >>> from uncertainty.seeds import generator
    >>> x = generator(1, "example").uniform(size=(2, 2048))
    >>> names = {"parameter": ["a", "b"]}
    >>> inputs = xr.DataArray(x, dims=("parameter", "draw"), coords=names)
    >>> outputs = xr.DataArray(3 * x[0] + x[1], dims="draw")
    >>> found = decision_value(inputs, outputs - 2, seed=1)
    >>> sorted(found.data_vars)[:3]
    ['evpi', 'evppi', 'evppi_lower']
    """
    refuse_odd(level)
    inputs, outputs, parts = in_parts(inputs, outputs, replicates)
    found = sample(inputs, outputs, seed)
    if found.draws < BINS * DRAWS_A_BIN * 2:
        raise SampleError(
            f"{found.draws} draws are too few for {BINS} bins; take "
            f"{BINS * DRAWS_A_BIN * 2} or more"
        )
    shape = (-1, found.draws)
    rows = np.array(outputs.transpose(..., "draw").values, dtype=np.float64)
    rows = rows.reshape(shape)
    constant = np.isnan(found.scale)
    rows[constant] = 0.0
    part = np.arange(found.draws) * parts // found.draws
    usual = _means_without(rows, part, parts)[:, part] < 0
    paid = np.where(usual, rows, 0.0)
    perfect = _by_part(paid - np.minimum(rows, 0.0), parts)
    names = found.names
    value = np.empty((3, len(rows), len(names)))
    of_all = np.empty_like(value)
    for i, ranks in enumerate(found.ranks):
        known = _expected(rows, ranks, part, parts) < 0
        saved = _by_part(paid - np.where(known, rows, 0.0), parts)
        value[..., i] = with_t(saved.mean(axis=-1), saved, level, crossed=True)
        of_all[..., i] = ratio(saved, perfect, level, crossed=True)
    worthless = constant | (perfect.mean(axis=-1) <= 0)
    value[:, constant] = np.nan
    of_all[:, worthless] = np.nan
    units = str(outputs.attrs.get("units", "1"))
    variables = {}
    for name, text, values, own in (
        ("evppi", "value of knowing the input before the choice", value, units),
        ("evppi_share", "part of the value of knowing everything", of_all, "1"),
    ):
        for end, bound in zip(("", "_lower", "_upper"), values, strict=True):
            words = f"{end[1:]} bound of {text}" if end else text
            variables[name + end] = found.labelled(bound, words, own)
    dataset = xr.Dataset(variables)
    whole = np.where(constant, np.nan, perfect.mean(axis=-1))
    dataset["evpi"] = found.frame.copy(data=whole.reshape(found.frame.shape))
    dataset["evpi"].attrs = {"units": units, "long_name": "value of knowing everything"}
    dataset = dataset.assign_attrs(
        method="decision_value",
        n=found.draws,
        seed=seed,
        level=level,
        replicates=parts,
        evaluations=0,
    )
    return with_verdicts(dataset, "evppi_share", share=share)


def _by_part(rows: FloatArray, parts: int) -> FloatArray:
    found: FloatArray = rows.reshape(len(rows), parts, -1).mean(axis=-1)
    return found


def _means_without(rows: FloatArray, part: IntArray, parts: int) -> FloatArray:
    """Mean over all parts but each, shape (outputs, parts)."""
    sums = rows.reshape(len(rows), parts, -1).sum(axis=-1)
    left = rows.shape[1] - np.bincount(part, minlength=parts)
    found: FloatArray = (sums.sum(axis=1, keepdims=True) - sums) / left
    return found


def _expected(
    rows: FloatArray, ranks: IntArray, part: IntArray, parts: int
) -> FloatArray:
    """What is expected of each draw given the input, by lines fitted without its part.

    One line in the normal score for each bin of equal count.
    """
    from scipy import sparse
    from scipy.special import ndtri

    draws = len(ranks)
    score, of = ndtri((ranks + 0.5) / draws), ranks * BINS // draws
    cell = part * BINS + of
    gather = (cell, np.arange(draws))

    def without(weight: FloatArray, right: FloatArray) -> FloatArray:
        """Sums over all parts but each: (parts, BINS, columns)."""
        each = sparse.csr_array((weight, gather), (parts * BINS, draws)) @ right
        sums = np.asarray(each).reshape(parts, BINS, -1)
        found: FloatArray = sums.sum(axis=0) - sums
        return found

    ones = np.ones((draws, 1))
    count = np.maximum(without(np.ones(draws), ones), 1.0)
    middle = without(score, ones) / count
    spread = without(score**2, ones) - count * middle**2
    values = np.ascontiguousarray(rows.T)
    mean = without(np.ones(draws), values) / count
    slope = (without(score, values) - count * middle * mean) / np.maximum(spread, 1e-12)
    at = (part, of)
    found: FloatArray = (mean[at] + slope[at] * (score[:, None] - middle[at])).T
    return found
