"""What an estimate of finite size can say: what matters, what does not, what is open.

One rule for every method. An input is *important* where the lower bound of its index
lies above a stated share, *unimportant* where the upper bound lies below it, and
otherwise *not settled* at this number of runs. A method without an interval gives no
verdict, but ranks.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr

from uncertainty.errors import DesignError
from uncertainty.sensitivity.problem import DUMMY

SHARE = 0.01
"""Of the variance, or of the method's own scale, unless told."""

FARTHEST = 2.0**30
"""Largest n that is named as one that would settle a verdict."""


def with_verdicts(
    indices: xr.Dataset,
    by: str,
    *,
    share: float = SHARE,
    bounds: tuple[str, str] | None = None,
) -> xr.Dataset:
    """Add ranks and, where the index has bounds, verdicts.

    Parameters
    ----------
    indices : Dataset, dims (..., parameter)
        ``attrs["n"]`` is the size of the design.
    by : str
        Index to rank by.
    share : float
        What counts as important, in units of the index.
    bounds : tuple of str, optional
        Variables of lower and upper bound; ``<by>_lower`` and ``<by>_upper`` if there
        are such.

    Returns
    -------
    Dataset
        `indices` with ``rank`` (1 is the largest). With bounds also ``important``,
        ``unimportant``, ``settling_n`` (about the n at which a verdict that is open
        would be settled if errors fall as 1/sqrt(n); infinite beyond 2^30, NaN where
        nothing is open) and ``settled`` (the bounds overlap neither neighbour's in the
        ranking; always so for what is not important, whose order is of no interest).
        ``attrs``: ``ranked_by``, ``share``.

    Raises
    ------
    DesignError
        `share` is not between 0 and 1.

    Examples
    --------
    >>> found = xr.Dataset(
    ...     {name: ("parameter", values) for name, values in {
    ...         "index": [0.5, 0.02, 0.001], "index_lower": [0.4, 0.0, 0.0],
    ...         "index_upper": [0.6, 0.04, 0.002]}.items()},
    ...     {"parameter": ["a", "b", "c"]}, {"n": 64})
    >>> found = with_verdicts(found, "index")
    >>> found["important"].values, found["unimportant"].values
    (array([ True, False, False]), array([False, False,  True]))
    >>> found["settling_n"].values
    array([ nan, 256.,  nan])
    """
    if not 0 < share < 1:
        raise DesignError(f"share must lie between 0 and 1, not {share}")
    added = {"rank": _along(_rank, indices[by])}
    lower, upper = bounds or (f"{by}_lower", f"{by}_upper")
    if lower in indices:
        real = indices["parameter"] != DUMMY
        low, high = indices[lower], indices[upper]
        important = (low > share) & real
        unimportant = (high < share) & real
        is_open = high.notnull() & ~important & ~unimportant & real
        added |= {
            "important": important,
            "unimportant": unimportant,
            "settling_n": _along(
                partial(_settling, share=share, n=float(indices.attrs["n"])),
                *(indices[by], low, high, is_open),
            ),
            "settled": _along(_apart, indices[by], low, high, important),
        }
    words = {
        "important": "whether the lower bound lies above the share",
        "unimportant": "whether the upper bound lies below the share",
        "settling_n": "n at which the verdict would be settled",
        "rank": f"rank by {by.replace('_', ' ')}",
        "settled": "whether the rank is settled at this number of runs",
    }
    found = indices.assign(
        {
            name: variable.transpose(*indices[by].dims).assign_attrs(
                units="1", long_name=words[name]
            )
            for name, variable in added.items()
        }
    )
    return found.assign_attrs(ranked_by=by, share=share)


def _settling(
    index: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    is_open: np.ndarray,
    share: float,
    n: float,
) -> np.ndarray:
    """N at which half the interval is the distance to the share: a power of two."""
    half = np.where(index > share, index - low, high - index)
    apart = np.abs(index - share)
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = 2 ** np.ceil(np.log2(n * (half / apart) ** 2))
    found: np.ndarray = np.where(wanted <= FARTHEST, wanted, np.inf)
    return np.where(is_open, found, np.nan)


def _along(work: Callable[..., np.ndarray], *arrays: xr.DataArray) -> xr.DataArray:
    """Let an array function work along ``parameter``, which comes last."""
    found: xr.DataArray = xr.apply_ufunc(
        work,
        *arrays,
        input_core_dims=[["parameter"]] * len(arrays),
        output_core_dims=[["parameter"]],
    )
    return found


def _rank(values: np.ndarray) -> np.ndarray:
    """Ranks over the last axis, largest first; NaN last; ties in order."""
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable") + 1


def _apart(
    values: np.ndarray, lower: np.ndarray, upper: np.ndarray, important: np.ndarray
) -> np.ndarray:
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), axis=-1, kind="stable")
    low, high = (np.take_along_axis(v, order, axis=-1) for v in (lower, upper))
    gap = low[..., :-1] > high[..., 1:]
    ends = np.ones((*gap.shape[:-1], 1), dtype=bool)
    clear = np.concatenate([ends, gap], axis=-1) & np.concatenate([gap, ends], axis=-1)
    back = np.argsort(order, axis=-1, kind="stable")
    settled: np.ndarray = np.take_along_axis(clear, back, axis=-1) | ~important
    return settled
