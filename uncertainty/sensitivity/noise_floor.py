"""What an estimate of finite size can say: what matters, and in what order."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from uncertainty.sensitivity.problem import DUMMY


def with_evidence(
    indices: xr.Dataset, by: str, *, floor: str | None = None
) -> xr.Dataset:
    """Add what stands above the noise floor and where the ranking is settled.

    Parameters
    ----------
    indices : Dataset, dims (..., parameter)
        With `by` and, unless `floor` is given, its ``_lower`` and ``_upper``;
        ``dummy`` among the parameters.
    by : str
        Index to rank by.
    floor : str, optional
        For an index without bounds: the variable whose value for the dummy is the
        noise floor.

    Returns
    -------
    Dataset
        `indices` with ``important`` (the lower bound lies above the dummy's upper
        bound), ``rank`` (1 is the largest) and ``settled`` (the bounds overlap
        neither neighbour's in the ranking; always so for what is not important,
        whose order is of no interest; absent if there are no bounds).
        ``attrs["ranked_by"]`` is `by`.
    """
    lower, upper = (by, floor) if floor else (f"{by}_lower", f"{by}_upper")
    noise = indices[upper].sel(parameter=DUMMY, drop=True).clip(min=0)
    important = (indices[lower] > noise) & (indices["parameter"] != DUMMY)
    added = {"important": important, "rank": _along(_rank, indices[by])}
    if floor is None:
        added["settled"] = _along(
            _apart, indices[by], indices[lower], indices[upper], important
        )
    words = {
        "important": "whether the index stands above the noise floor",
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
    return found.assign_attrs(ranked_by=by)


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
