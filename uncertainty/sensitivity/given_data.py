"""First-order indices from a run already made: no model, no new design.

Draws are sorted by an input and cut into bins of equal count; in each bin a straight
line is fitted in the input's normal score. The variance of the lines over that of the
output is the first-order index. It is estimated from products of lines that were
fitted to two independent parts of the run, which chance does not make larger.

References
----------
Plischke (2012), Reliab. Eng. Syst. Saf. 107, 149-156 (indices from given data).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import SampleError
from uncertainty.seeds import generator
from uncertainty.sensitivity.problem import DUMMY
from uncertainty.sensitivity.replicates import of_pairs, refuse_odd
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

LEAST_DRAWS = 256
PARTS = 16
"""What a run of few replicates is cut into: a Sobol' scramble's parts are nets too."""

LEAST_BINS, MOST_BINS = 4, 64
DRAWS_A_BIN = 16
"""In each part, for a line to be fitted to."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Draws of inputs and outputs, checked, with a dummy among the inputs.

    Attributes
    ----------
    names : tuple of str
        Of the inputs, the dummy last.
    ranks : ndarray of int, shape (inputs, draws)
        Rank of each draw, 0 to draws - 1; ties in random order, so that no design's
        own order comes in.
    outputs : ndarray, shape (cells, draws)
        Centred and scaled to unit variance; NaN where an output is constant.
    scale : ndarray, shape (cells,)
        Standard deviation that was taken out.
    frame : DataArray
        The outputs without ``draw``, for labels.
    """

    names: tuple[str, ...]
    ranks: IntArray
    outputs: FloatArray
    scale: FloatArray
    frame: xr.DataArray

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.outputs.shape[1])

    def labelled(
        self, values: FloatArray, long_name: str, units: str = "1"
    ) -> xr.DataArray:
        """Values of shape (cells, inputs) under the outputs' labels."""
        shape = (*self.frame.shape, len(self.names))
        return xr.DataArray(
            values.reshape(shape),
            dims=(*self.frame.dims, "parameter"),
            coords={**self.frame.coords, "parameter": list(self.names)},
            attrs={"units": units, "long_name": long_name},
        )


def sample(inputs: xr.DataArray, outputs: xr.DataArray, seed: int) -> Sample:
    """Check and rank the draws of a run.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels or values; only their order matters.
    outputs : DataArray, dims (..., draw)
        NaN in all draws where a cell is absent.
    seed : int
        For the dummy and for the order of ties.

    Returns
    -------
    Sample

    Raises
    ------
    SampleError
        Fewer than 256 draws, unequal numbers of draws, a draw that is not finite, or
        an input called "dummy".
    """
    inputs = inputs.transpose("parameter", "draw")
    outputs = outputs.transpose(..., "draw")
    draws = outputs.sizes["draw"]
    if inputs.sizes["draw"] != draws:
        raise SampleError(
            f"{inputs.sizes['draw']} draws of the inputs, {draws} of the outputs: "
            "they are not of one run"
        )
    if draws < LEAST_DRAWS:
        raise SampleError(
            f"{draws} draws are too few to tell inputs apart; "
            f"take {LEAST_DRAWS} or more"
        )
    names = [str(name) for name in inputs["parameter"].values]
    if DUMMY in names:
        raise SampleError(f"{DUMMY!r} is kept for the input that nothing reads")
    values = np.array(outputs.values, dtype=np.float64).reshape(-1, draws)
    absent = np.isnan(values).all(axis=1)
    if bad := int((~np.isfinite(values[~absent])).sum()):
        raise SampleError(
            f"{outputs.name or 'outputs'}: {bad} draws not finite, and no index is "
            "estimated from the rest; bound the inputs behind"
        )
    if bad := int((~np.isfinite(inputs.values)).sum()):
        raise SampleError(f"inputs: {bad} draws not finite")
    rng = generator(seed, "given_data", "dummy")
    columns = np.concatenate([inputs.values, rng.random((1, draws))])
    shuffled = rng.permutation(draws)
    ranks = np.empty(columns.shape, np.int64)
    for row, column in zip(ranks, columns, strict=True):
        row[shuffled[np.argsort(column[shuffled], kind="stable")]] = np.arange(draws)
    values -= values.mean(axis=1, keepdims=True)
    scale = values.std(axis=1)
    largest = np.abs(outputs.values.reshape(-1, draws)).max(axis=1)
    scale[scale <= 1e-13 * largest] = np.nan
    values /= scale[:, None]
    return Sample(
        (*names, DUMMY), ranks, values, scale, outputs.isel(draw=0, drop=True)
    )


def in_parts(
    inputs: xr.DataArray, outputs: xr.DataArray, replicates: int
) -> tuple[xr.DataArray, xr.DataArray, int]:
    """A run as an even number of parts of one size, 16 or more of them.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
    outputs : DataArray, dims (..., draw)
    replicates : int

    Returns
    -------
    inputs, outputs : DataArray
        Without the few last draws of each replicate that fill no part.
    parts : int
        Each replicate is cut into a power of two of them.

    Raises
    ------
    SampleError
        The draws do not split into replicates.
    """
    draws = outputs.sizes["draw"]
    if draws % replicates:
        raise SampleError(f"{draws} draws do not split into {replicates} replicates")
    pieces = 1
    while replicates * pieces < PARTS or replicates * pieces % 2:
        pieces *= 2
    each = draws // replicates
    if (over := each % pieces) and inputs.sizes["draw"] == draws:
        kept = np.arange(draws).reshape(replicates, each)[:, : each - over].ravel()
        inputs, outputs = inputs.isel(draw=kept), outputs.isel(draw=kept)
    return inputs, outputs, replicates * pieces


def given_data(
    inputs: xr.DataArray,
    outputs: xr.DataArray,
    *,
    seed: int,
    replicates: int = 1,
    level: float = 0.95,
    share: float = SHARE,
    bins: int | None = None,
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> xr.Dataset:
    """First-order indices of every input for every output, from one run.

    Parameters
    ----------
    inputs : DataArray, dims (parameter, draw)
        Quantile levels or values of each input; only their order matters.
    outputs : DataArray, dims (..., draw)
    seed : int
        For the dummy and for ties.
    replicates : int
        Independent scrambles or hypercubes in the run, one after the other. With fewer
        than 16 they are cut into parts, 16 or more in all.
    level : float
        Confidence level of the bounds: a jackknife over the parts.
    share : float
        First order that counts as important.
    bins : int, optional
        4 to 64, for 16 draws of each part in one, unless told.
    blocks : mapping of name to inputs, optional
        Inputs that depend on each other.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``first_order`` with bounds, what `with_verdicts` adds, and
        ``total_order_limit``: no total-order index lies above first_order + 1 - the
        sum of all first orders, if the inputs are independent. Inside a block both
        are NaN: a share of the variance that belongs to one of several dependent
        inputs does not exist (take Shapley effects, or value_of_information for what
        knowing it would bring). Constant and absent outputs have NaN.

    Raises
    ------
    SampleError
        As for `sample`; the draws do not split into replicates; too many bins.
    DesignError
        Bounds cannot be had as asked.

    Notes
    -----
    Lines in the normal score follow a smooth output of a normal or lognormal input
    through the outermost bins, where a step function would lose some per cent.

    Examples
    --------
    >>> import xarray as xr
    >>> from uncertainty.seeds import generator
    >>> x = generator(1, "example").uniform(size=(2, 2048))
    >>> names = {"parameter": ["a", "b"]}
    >>> inputs = xr.DataArray(x, dims=("parameter", "draw"), coords=names)
    >>> outputs = xr.DataArray(3 * x[0] + x[1], dims="draw")
    >>> found = given_data(inputs, outputs, seed=1)
    >>> found["first_order"].values.round(1).ravel().tolist()
    [0.9, 0.1, -0.0]
    """
    refuse_odd(level)
    found = sample(inputs, outputs, seed)
    part = _parts(found.draws, replicates)
    parts = int(part[-1]) + 1
    bins = bins or max(LEAST_BINS, min(MOST_BINS, found.draws // parts // DRAWS_A_BIN))
    if not 2 <= bins <= found.draws // parts // 4:
        raise SampleError(
            f"{bins} bins of {found.draws // parts} draws in each of {parts} parts: "
            f"take 2 to {found.draws // parts // 4}"
        )
    # all parts, then all but one of them in turn
    weight = np.concatenate([np.ones((parts, 1)), 1 - np.eye(parts)], axis=1)
    rows = np.ascontiguousarray(found.outputs.T)
    variances = _variances(part, rows, weight)
    estimates = np.empty((3, len(found.outputs), len(found.names)))
    for i, ranks in enumerate(found.ranks):
        products = _products(_lines(ranks, part, bins, rows))
        index = _index(products, weight) / variances
        products /= variances[:, :1, None]
        estimates[:, :, i] = of_pairs(index[:, 0], index[:, 1:], products, level)
    dataset = _dataset(found, estimates, blocks or {}).assign_attrs(
        method="given_data",
        n=found.draws,
        seed=seed,
        level=level,
        replicates=parts,
        bins=bins,
        evaluations=0,
    )
    return with_verdicts(dataset, "first_order", share=share)


def _parts(draws: int, replicates: int) -> IntArray:
    """Part of the run that each draw belongs to."""
    if draws % replicates:
        raise SampleError(f"{draws} draws do not split into {replicates} replicates")
    parts = replicates * -(-PARTS // replicates)
    return np.arange(draws) * parts // draws


def _lines(ranks: IntArray, part: IntArray, bins: int, rows: FloatArray) -> FloatArray:
    """Lines fitted in each bin to each part of the run, as coefficients to multiply.

    Parameters
    ----------
    ranks, part : ndarray of int, shape (draws,)
    bins : int
    rows : ndarray, shape (draws, outputs)

    Returns
    -------
    ndarray, shape (outputs, parts, 2 * bins)
        Such that the product of two parts' coefficients, summed, estimates the
        variance of the output's mean along the input.
    """
    from scipy import sparse
    from scipy.special import ndtri

    draws, parts = len(ranks), int(part[-1]) + 1
    score, bin_of = ndtri((ranks + 0.5) / draws), ranks * bins // draws
    cell = part * bins + bin_of
    shape = (parts * bins, draws)

    def summed(weight: FloatArray) -> FloatArray:
        # one row a cell: the product sums its draws without sorting the outputs
        per_cell = sparse.csr_array((weight, (cell, np.arange(draws))), shape)
        return np.asarray(per_cell @ rows).reshape(parts, bins, -1)

    count, total, total2 = (
        np.bincount(cell, weight, shape[0]).reshape(parts, bins, 1)
        for weight in (np.ones(draws), score, score**2)
    )
    count = np.maximum(count, 1.0)  # an empty cell has sums of 0
    mean, below = summed(np.ones(draws)) / count, total2 - total**2 / count
    above = summed(score) - total * mean
    slope = np.divide(above, below, out=np.zeros_like(above), where=below > 1e-12)
    share = np.bincount(bin_of) / draws
    middle = np.bincount(bin_of, score) / draws / share
    spread = np.bincount(bin_of, score**2) / draws / share - middle**2
    height = mean + slope * (middle[:, None] - total / count)
    height -= np.einsum("b,kbm->km", share, height)[:, None]
    height *= np.sqrt(share)[:, None]
    slope *= np.sqrt(share * np.maximum(spread, 0.0))[:, None]
    return np.concatenate([height, slope], axis=1).transpose(2, 0, 1)


def _products(lines: FloatArray) -> FloatArray:
    """Products of two different parts, shape (outputs, parts, parts).

    Their errors are independent, whatever the design, so what the lines explain by
    chance has a mean of 0.
    """
    found: FloatArray = lines @ lines.transpose(0, 2, 1)
    own = np.arange(lines.shape[1])
    found[:, own, own] = 0.0
    return found


def _index(products: FloatArray, weight: FloatArray) -> FloatArray:
    """What is explained where part k counts ``weight[k]`` times: (outputs, weights)."""
    explained = ((products @ weight) * weight).sum(axis=1)
    found: FloatArray = explained / (weight.sum(axis=0) ** 2 - (weight**2).sum(axis=0))
    return found


def _variances(part: IntArray, rows: FloatArray, weight: FloatArray) -> FloatArray:
    """Variance of each output by the weights of parts, shape (outputs, weights)."""
    starts = np.flatnonzero(np.diff(part, prepend=-1))
    draws = np.bincount(part) @ weight
    mean = np.add.reduceat(rows, starts, axis=0).T @ weight / draws
    square = np.add.reduceat(rows**2, starts, axis=0).T @ weight / draws
    variance: FloatArray = square - mean**2
    return variance


def _dataset(
    found: Sample, estimates: FloatArray, blocks: Mapping[str, Sequence[str]]
) -> xr.Dataset:
    of = {name: block for block, names in blocks.items() for name in names}
    block = [of.get(name, "") for name in found.names]
    dependent = np.array([bool(name) for name in block])
    estimates[:, :, dependent] = np.nan
    texts = ("first-order index", "lower bound of it", "upper bound of it")
    variables = {
        f"first_order{suffix}": found.labelled(values, text)
        for suffix, values, text in zip(
            ("", "_lower", "_upper"), estimates, texts, strict=True
        )
    }
    indices = xr.Dataset(variables)
    first = estimates[0].copy()
    # noise may put an index below 0, which would tighten nobody's limit
    known = np.clip(first[:, :-1], 0, None).sum(axis=1, keepdims=True)
    limit = np.clip(np.clip(first, 0, None) + np.clip(1 - known, 0, None), 0, 1)
    if dependent.any():
        limit[:] = np.nan
    indices["total_order_limit"] = found.labelled(
        limit, "what the total-order index is at most"
    )
    return indices.assign_coords(block=("parameter", block))
