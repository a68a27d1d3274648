"""What an estimate of finite size can say: what matters, and in what order."""

import numpy as np
import xarray as xr

from uncertainty.sensitivity.problem import DUMMY


def with_evidence(indices: xr.Dataset, by: str) -> xr.Dataset:
    """Add what stands above the noise floor and where the ranking is settled.

    Parameters
    ----------
    indices : Dataset, dims (..., parameter)
        With `by` and its ``_lower`` and ``_upper``, ``dummy`` among the parameters.
    by : str
        Index to rank by.

    Returns
    -------
    Dataset
        `indices` with ``important`` (the lower bound lies above the dummy's upper
        bound), ``rank`` (1 is the largest) and ``settled`` (the bounds overlap
        neither neighbour's in the ranking; always so for what is not important,
        whose order is of no interest). ``attrs["ranked_by"]`` is `by`.
    """
    floor = indices[f"{by}_upper"].sel(parameter=DUMMY, drop=True).clip(min=0)
    important = indices[f"{by}_lower"] > floor
    important = important & (indices["parameter"] != DUMMY)
    settled = xr.apply_ufunc(
        _apart,
        *(indices[by + suffix] for suffix in ("", "_lower", "_upper")),
        important,
        input_core_dims=[["parameter"]] * 4,
        output_core_dims=[["parameter"]],
    )
    rank = xr.apply_ufunc(
        _rank,
        indices[by],
        input_core_dims=[["parameter"]],
        output_core_dims=[["parameter"]],
    )
    words = {
        "important": "whether the index stands above the noise floor",
        "rank": f"rank by {by.replace('_', ' ')}",
        "settled": "whether the rank is settled at this number of runs",
    }
    added = {"important": important, "rank": rank, "settled": settled}
    found = indices.assign(
        {
            name: variable.transpose(*indices[by].dims).assign_attrs(
                units="1", long_name=words[name]
            )
            for name, variable in added.items()
        }
    )
    return found.assign_attrs(ranked_by=by)


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
