"""SALib's samplers and analysers, one by one, behind one signature.

Their intervals are a bootstrap that was measured to hold the truth in 30 to 75 of 100
cases where 95 are promised, or none at all where the index is biased. They are not
taken over.

SALib takes a seed of 0 for none, seeds and reads NumPy's global state, replaces the
warning filters and ``warnings.formatwarning``, and writes into the problem it is
given. Here every call gets a problem of its own with names of ours, a seed of 1 or
more, and a world that is put back afterwards.
"""

import random
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from uncertainty.arrays import FloatArray
from uncertainty.designs import design
from uncertainty.sensitivity.evaluation import columns_of
from uncertainty.sensitivity.problem import DUMMY, Problem

Found = dict[str, FloatArray]
"""Name of an index -> values, shape (parameters,)."""


@dataclass(frozen=True, eq=False)
class Runs:
    """What one analysis works on.

    Attributes
    ----------
    names : tuple of str
        Of the parameters, the dummy last.
    members : tuple of int
        Parameter of each column of the design.
    design : ndarray, shape (runs, columns)
        As SALib drew it, or the levels after blocks are joined.
    seed : int
        For SALib, 1 or more.
    """

    names: tuple[str, ...]
    members: tuple[int, ...]
    design: FloatArray
    seed: int

    def problem(self, low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
        """A new problem for SALib: see `salib_problem`."""
        return salib_problem(self.members, low, high)


def salib_problem(members: tuple[int, ...], low: float, high: float) -> dict[str, Any]:
    """A new problem for SALib, with names that none of its methods refuses.

    Parameters
    ----------
    members : tuple of int
        Parameter of each column; several columns of one parameter make a group.
    low, high : float
        Bounds of every column.
    """
    columns = len(members)
    problem: dict[str, Any] = {
        "num_vars": columns,
        "names": [f"x{i}" for i in range(columns)],
        "bounds": [[low, high]] * columns,
    }
    if len(set(members)) < columns:
        problem["groups"] = [f"g{i}" for i in members]
    return problem


@contextmanager
def untouched(seed: int) -> Iterator[None]:
    """Let SALib work with NumPy's global state at `seed`, then put all back."""
    legacy, plain = np.random.get_state(), random.getstate()  # noqa: NPY002
    formatter = warnings.formatwarning
    try:
        # recorded and dropped: a filter would not do, since delta sets its own
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            # some analysers read the global state and pay no heed to their own seed
            np.random.seed(seed)  # noqa: NPY002
            yield
    finally:
        np.random.set_state(legacy)  # noqa: NPY002
        random.setstate(plain)
        warnings.formatwarning = formatter


@dataclass(frozen=True)
class Method:
    """How a method draws, analyses, and what it reports.

    Attributes
    ----------
    levels : callable
        (problem, members, n, SALib's seed, ours) -> independent levels, shape (runs,
        columns and dummy).
    analyse : callable
        (runs, output) -> the indices.
    main : str
        Index to rank by.
    least, least_each : int
        Smallest n, and what each further parameter adds to it.
    independent, given : bool
        Whether it assumes independence, and is given the levels after joining instead
        of its own design.
    """

    levels: Callable[[Problem, tuple[int, ...], int, int, int], FloatArray]
    analyse: Callable[[Runs, FloatArray], Found]
    main: str
    least: int
    least_each: int = 0
    independent: bool = True
    given: bool = False


def _plain(value: Any) -> FloatArray:
    return np.ma.filled(np.ma.asarray(value, dtype=np.float64), np.nan)


def _hypercube(
    problem: Problem, members: tuple[int, ...], n: int, own: int, seed: int
) -> FloatArray:
    columns = (*problem.columns, DUMMY)
    plan = design("latin_hypercube", draws=n, seed=seed, columns=columns, replicates=1)
    levels = columns_of(plan)
    return np.stack([levels(column) for column in columns], axis=1)


def _fast_levels(
    problem: Problem, members: tuple[int, ...], n: int, own: int, seed: int
) -> FloatArray:
    from SALib.sample import fast_sampler

    with untouched(own):
        found: FloatArray = fast_sampler.sample(
            salib_problem(members, 0, 1), n, seed=own
        )
    return found


def _fast(runs: Runs, output: FloatArray) -> Found:
    from SALib.analyze import fast

    with untouched(runs.seed):
        found = fast.analyze(
            runs.problem(),
            output,
            num_resamples=2,
            seed=runs.seed,
        )
    return {
        "first_order": _plain(found["S1"]),
        "total_order": _plain(found["ST"]),
    }


def _rbd_fast(runs: Runs, output: FloatArray) -> Found:
    from SALib.analyze import rbd_fast

    with untouched(runs.seed):
        found = rbd_fast.analyze(
            runs.problem(),
            runs.design,
            output,
            num_resamples=2,
            seed=runs.seed,
        )
    return {"first_order": _plain(found["S1"])}


BIAS_RESAMPLES = 20
"""Of delta's own correction of its bias."""


def _delta(runs: Runs, output: FloatArray) -> Found:
    from SALib.analyze import delta

    with untouched(runs.seed), _plain_density(delta):
        found = delta.analyze(
            runs.problem(),
            runs.design,
            output,
            num_resamples=BIAS_RESAMPLES,
            seed=runs.seed,
            method="delta",
        )
    # 1.5 has one delta; 1.6 tells the raw from one balanced over bins of the input
    key = "delta_raw" if "delta_raw" in found else "delta"
    return {"delta": _plain(found[key])}


@contextmanager
def _plain_density(module: ModuleType) -> Iterator[None]:
    """Let a module of SALib's use `_Density` for scipy's ``gaussian_kde``.

    scipy's calls LAPACK for the 1 x 1 covariance of each of thousands of small
    samples, and on a busy machine its threads make that twenty times slower.
    """
    usual = module.gaussian_kde
    module.gaussian_kde = _Density  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.gaussian_kde = usual  # type: ignore[attr-defined]


class _Density:
    """Gaussian kernel density of one quantity by Silverman's rule."""

    def __init__(self, values: FloatArray, bw_method: str) -> None:
        if bw_method != "silverman":
            raise ValueError(f"no bandwidth rule {bw_method!r}")
        self._values = values
        self._width = values.std(ddof=1) * (len(values) * 3 / 4) ** -0.2

    def __call__(self, points: FloatArray) -> FloatArray:
        apart = (points[:, None] - self._values) / self._width
        density: FloatArray = np.exp(-(apart**2) / 2).mean(axis=1)
        density /= self._width * np.sqrt(2 * np.pi)
        return density


SPLINES = 5
"""Pieces of each fitted curve: with SALib's own two, a whole wave is not followed."""


def _hdmr(runs: Runs, output: FloatArray) -> Found:
    from SALib.analyze import hdmr

    columns = runs.design.shape[1]
    with untouched(runs.seed):
        found = hdmr.analyze(
            runs.problem(),
            runs.design,
            output,
            # pairs take memory by the square of the inputs
            maxorder=2 if columns <= 12 else 1,
            m=SPLINES,
            K=1,
            seed=runs.seed,
        )
    names = {"S": "first_order", "ST": "total_order"}
    names |= {"Sa": "structural", "Sb": "correlative"}
    return {name: _plain(found[key])[:columns] for key, name in names.items()}


_BINS = 10


def _regional(runs: Runs, output: FloatArray) -> Found:
    from SALib.analyze import rsa

    problem = runs.problem()
    with untouched(runs.seed):
        found = rsa.analyze(
            problem, runs.design, output, bins=_BINS, target="Y", seed=runs.seed
        )
    by_bin = np.stack([found[name] for name in problem["names"]])
    return {
        "regional_mean": by_bin.mean(axis=1),
        "regional_maximum": by_bin.max(axis=1),
    }


SALIB_METHODS: Mapping[str, Method] = {
    # with fewer runs other inputs share frequencies and, in SALib, move in step: what
    # should be independent adds up and hides the one that is looked at
    "fast": Method(_fast_levels, _fast, "total_order", 65, least_each=64),
    "rbd_fast": Method(_hypercube, _rbd_fast, "first_order", 64),
    "delta": Method(_hypercube, _delta, "delta", 128, independent=False, given=True),
    "hdmr": Method(
        _hypercube, _hdmr, "total_order", 300, independent=False, given=True
    ),
    "regional": Method(
        _hypercube, _regional, "regional_mean", 128, independent=False, given=True
    ),
}
