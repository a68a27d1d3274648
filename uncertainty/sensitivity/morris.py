"""Elementary effects: screening by few runs.

References
----------
Morris (1991), Technometrics 33, 161-174. Campolongo, Cariboni and Saltelli (2007),
Environ. Model. Softw. 22, 1509-1518 (mean of absolute effects, groups).
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray, IntArray
from uncertainty.errors import DesignError
from uncertainty.seeds import generator
from uncertainty.sensitivity.evaluation import evaluate, joined
from uncertainty.sensitivity.labelling import constants, labelled, with_bounds
from uncertainty.sensitivity.problem import DUMMY, Problem, inside
from uncertainty.sensitivity.replicates import refuse_odd, with_t
from uncertainty.sensitivity.salib_methods import salib_problem, untouched
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

# quantile levels 0.05, 0.35, 0.65 and 0.95; a step of half the range, as four strata
# of equal probability would have, is blind to functions of that period
EDGES = (0.05, 0.95)
STEP = 2 / 3
"""Of a trajectory, as a part of the range between the edges: SALib's for four levels.
"""
LEAST = 8


def morris(
    problem: Problem,
    n: int,
    *,
    seed: int,
    level: float = 0.95,
    share: float = SHARE,
) -> xr.Dataset:
    """Mean size and scatter of the elementary effects of every factor.

    Parameters
    ----------
    problem : Problem
        A block or a group is one factor.
    n : int
        Trajectories, 8 or more, each of one run more than there are factors.
    seed : int
        Root seed of SALib's trajectories; 0 is a seed.
    level : float
        Confidence level of the bounds: Student's t over the trajectories.
    share : float
        ``effect_share`` that counts as important.

    Returns
    -------
    Dataset, dims (*dims of ``problem.outputs``, parameter)
        ``mu_star`` with bounds, ``mu`` and ``sigma`` in the outputs' units (these two
        are NaN for several columns that step together, which have no sign);
        ``effect_share`` with bounds, the square of mu_star by the sum of all squares:
        the share of the variance of a model that is linear in the quantile levels,
        and a relative scale for others. What `with_verdicts` adds, by that share. A
        factor that an output does not read has 0, exactly; a constant output NaN.

    Raises
    ------
    DesignError
        `n` is below 8, or `level` or `share` is not between 0 and 1.
    SampleError
        A run is not finite.
    ModelError
        A check of the model fails.

    Examples
    --------
    >>> from uncertainty.distributions import build as law
    >>> from uncertainty.model import Model
    >>> from uncertainty.sensitivity import build, nodes_of
    >>> a = law("uniform", {"low": 0.0, "high": 1.0})
    >>> both = {"a": a, "b": a}
    >>> model = Model.from_function(lambda a, b: 3 * a + b, both, {"y": "1"})
    >>> problem = build(model.graph, nodes_of(model, "y"))
    >>> found = morris(problem, 16, seed=1)
    >>> found["mu_star"].values.round(3).ravel().tolist()
    [2.7, 0.9, 0.0]
    """
    refuse_odd(level)
    if n < LEAST:
        raise DesignError(f"morris takes an n of {LEAST} or more, not {n}")
    names = [*problem.factors, DUMMY]
    owners = [i for i, columns in enumerate(problem.factors.values()) for _ in columns]
    members = (*owners, len(problem.factors))
    levels = _trajectories(members, n, seed)
    place = {column: i for i, column in enumerate(problem.columns)}
    drawn = joined(problem, lambda column: inside(levels[:, place[column]]))
    values = evaluate(problem, drawn, len(levels))
    constant = values.std(axis=1) <= 1e-13 * np.abs(values).max(axis=1)
    values[constant] = np.nan
    effects = _effects(values, levels, np.array(members), n)
    size = np.abs(effects)
    mu_star = size.mean(axis=-1)
    total = (mu_star**2).sum(axis=1, keepdims=True)
    part = mu_star**2 / total
    # first-order change of the share with each trajectory
    off = mu_star[..., None] * size
    off = (
        2 * (off - part[..., None] * off.sum(axis=1, keepdims=True)) / total[..., None]
    )
    sigma = effects.std(axis=-1, ddof=1)
    several = np.bincount(members) > 1
    mu = effects.mean(axis=-1)
    mu[:, several] = sigma[:, several] = np.nan
    units = str(problem.outputs.attrs.get("units", "1"))
    bounded = [with_t(mu_star, size, level), with_t(part, off, level)]
    found = xr.Dataset(
        {
            **with_bounds(
                problem,
                "mu_star",
                "mean size of the elementary effects",
                bounded[0].swapaxes(0, 1),
                units=units,
            ),
            "mu": _plain(problem, mu, "mean elementary effect", units),
            "sigma": _plain(
                problem, sigma, "standard deviation of the elementary effects", units
            ),
            **with_bounds(
                problem,
                "effect_share",
                "share of the squared mean effects",
                bounded[1].swapaxes(0, 1),
            ),
        },
        {"parameter": names},
        {
            "method": "morris",
            "n": n,
            "seed": seed,
            "level": level,
            "replicates": n,
            "evaluations": len(levels),
            "constant": constants(problem, np.where(constant, 0.0, 1.0)),
        },
    )
    return with_verdicts(found, "effect_share", share=share)


def _plain(
    problem: Problem, values: FloatArray, long_name: str, units: str
) -> xr.DataArray:
    attrs = {"units": units, "long_name": long_name}
    return labelled(problem, values, ("parameter",), attrs)


def _trajectories(members: tuple[int, ...], n: int, seed: int) -> FloatArray:
    """Levels of all runs, trajectory by trajectory, shape (runs, columns)."""
    from SALib.sample import morris as sampler

    own = int(generator(seed, "salib", "morris").integers(1, 2**31))
    with untouched(own):
        found: FloatArray = sampler.sample(salib_problem(members, *EDGES), n, seed=own)
    return found


def _effects(
    values: FloatArray, levels: FloatArray, members: IntArray, n: int
) -> FloatArray:
    """Elementary effects, shape (outputs, factors, trajectories)."""
    runs = levels.reshape(n, -1, levels.shape[1])
    steps = np.diff(runs, axis=1)
    column = np.abs(steps).argmax(axis=-1)  # one that moved: (trajectory, step)
    sign = np.sign(np.take_along_axis(steps, column[..., None], axis=-1))[..., 0]
    change = np.diff(values.reshape(len(values), n, -1), axis=-1) * sign / STEP
    order = np.argsort(members[column], axis=1)
    found: FloatArray = np.take_along_axis(change, order[None], axis=-1)
    return found.swapaxes(1, 2)
