"""Dependence of any kind between inputs and outputs: HSIC of their ranks.

The Hilbert-Schmidt independence criterion is 0 where two quantities are independent and
above it otherwise, whatever the form of the dependence. Here both are taken by their
ranks and the kernel is that of Blum, Kiefer and Rosenblatt, sum of 2 cos(pi k u)
cos(pi k v) / (pi k)^2, so that one set of cosines of each quantity serves all pairs,
nothing depends on units or tails, and the law of the criterion under independence is
known.

References
----------
Gretton, Bousquet, Smola and Schoelkopf (2005), Algorithmic Learning Theory, 63-77.
Da Veiga (2015), J. Stat. Comput. Simul. 85, 1283-1305 (as a sensitivity index). Blum,
Kiefer and Rosenblatt (1961), Ann. Math. Stat. 32, 485-498. Liu, Tang and Zhang (2009),
Comput. Stat. Data Anal. 53, 853-856 (sums of weighted chi-squares).
"""

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.sensitivity.given_data import in_parts, sample
from uncertainty.sensitivity.replicates import of_pairs, refuse_odd
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

WAVES = 12
"""Cosines of each quantity: they hold 99.99 % of the kernel's squared weights."""

WEIGHTS = 1 / (np.pi * np.arange(1, WAVES + 1)) ** 2


def hsic(
    inputs: xr.DataArray,
    outputs: xr.DataArray,
    *,
    seed: int,
    replicates: int = 1,
    level: float = 0.95,
    share: float = SHARE,
) -> xr.Dataset:
    """Normalised HSIC of every input and output, with the p-value of independence.

    Parameters
    ----------
    inputs, outputs, seed, replicates
        As for `rank`.
    level : float
        Confidence level of the bounds: a jackknife over replicates or parts.
    share : float
        Index that counts as important.

    Returns
    -------
    Dataset, dims (*dims of `outputs` but draw, parameter)
        ``hsic`` with bounds, 0 for independence and 1 where the output rises or falls
        with the input alone; ``p_value`` of independence; what `with_verdicts` adds.

    Raises
    ------
    SampleError
        As for `sample`, or the draws do not split into replicates.
    DesignError
        `level` or `share` is not between 0 and 1.

    Notes
    -----
    The index is made of products of different replicates, so that chance does not make
    it larger. The p-value takes draws as independent; those of scrambled nets and
    hypercubes lie more evenly, and it is then too large rather than too small.

    Examples
    --------
    >>> import xarray as xr
    >>> from uncertainty.seeds import generator
    >>> x = generator(1, "example").uniform(size=(2, 2048))
    >>> names = {"parameter": ["a", "b"]}
    >>> inputs = xr.DataArray(x, dims=("parameter", "draw"), coords=names)
    >>> outputs = xr.DataArray(3 * x[0] + x[1], dims="draw")
    >>> found = hsic(inputs, outputs, seed=1)
    >>> sorted(found.data_vars)[:3]
    ['hsic', 'hsic_lower', 'hsic_upper']
    """
    refuse_odd(level)
    inputs, outputs, parts = in_parts(inputs, outputs, replicates)
    found = sample(inputs, outputs, seed)
    constant = np.isnan(found.scale)
    # as they are: what is centred may have lost digits
    rows = np.nan_to_num(outputs.transpose(..., "draw").values).reshape(-1, found.draws)
    waves = [_waves(_levels(row)) for row in rows]
    weight = np.outer(WEIGHTS, WEIGHTS)
    whole = float((WEIGHTS**2).sum())
    estimates = np.empty((3, len(waves), len(found.names)))
    p_value = np.empty(estimates.shape[1:])
    for i, ranks in enumerate(found.ranks):
        own = _waves((ranks + 0.5) / found.draws).reshape(WAVES, parts, -1)
        own = np.ascontiguousarray(own.transpose(1, 0, 2))
        for j, other in enumerate(waves):
            both = other.reshape(WAVES, parts, -1).transpose(1, 2, 0)
            mean = own @ both / own.shape[-1]  # (parts, WAVES, WAVES)
            estimates[:, j, i] = of_pairs(*_index(mean, weight / whole), level)
            sums = found.draws * float((weight * mean.mean(axis=0) ** 2).sum())
            p_value[j, i] = _beyond(sums)
    estimates[:, constant], p_value[constant] = np.nan, np.nan
    text = "normalised HSIC of ranks"
    variables = {
        f"hsic{end}": found.labelled(
            part, f"{end[1:]} bound of {text}" if end else text
        )
        for end, part in zip(("", "_lower", "_upper"), estimates, strict=True)
    }
    variables["p_value"] = found.labelled(p_value, "p-value of independence")
    dataset = xr.Dataset(variables).assign_attrs(
        method="hsic",
        n=found.draws,
        seed=seed,
        level=level,
        replicates=parts,
        evaluations=0,
    )
    return with_verdicts(dataset, "hsic", share=share)


def _levels(row: FloatArray) -> FloatArray:
    """Ranks of draws as levels inside (0, 1); ties share their middle."""
    from scipy.stats import rankdata

    found: FloatArray = (rankdata(row) - 0.5) / row.size
    return found


def _waves(levels: FloatArray) -> FloatArray:
    """Cosines of levels, shape (WAVES, draws), by their rule of multiples."""
    found = np.empty((WAVES, levels.size))
    first = np.cos(np.pi * levels)
    before, found[0] = np.ones_like(first), first
    for k in range(1, WAVES):
        found[k] = 2 * first * found[k - 1] - before
        before = found[k - 1]
    found *= np.sqrt(2)
    return found


def _index(
    mean: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Index, it without each part in turn, and the products that it is the mean of.

    Parameters
    ----------
    mean : ndarray, shape (parts, WAVES, WAVES)
    weight : ndarray, shape (WAVES, WAVES)
    """
    flat = mean.reshape(len(mean), -1)
    products = (flat * weight.ravel()) @ flat.T
    np.fill_diagonal(products, 0.0)
    parts, total = len(flat), products.sum()
    without = (total - 2 * products.sum(axis=1)) / ((parts - 1) * (parts - 2))
    return np.asarray(total / (parts * (parts - 1))), without, products


def _beyond(value: float) -> float:
    """Probability that a sum of weighted chi-squares of independence exceeds a value.

    Liu, Tang and Zhang: a chi-square with the same first four moments as nearly as
    can be.
    """
    from scipy.stats import ncx2

    c = [float((WEIGHTS**k).sum()) ** 2 for k in range(1, 5)]
    s1, s2 = c[2] / c[1] ** 1.5, c[3] / c[1] ** 2
    if s1**2 > s2:
        a = 1 / (s1 - np.sqrt(s1**2 - s2))
        delta = s1 * a**3 - a**2
        freedom = a**2 - 2 * delta
    else:
        a, delta, freedom = 1 / s1, 0.0, c[1] ** 3 / c[2] ** 2
    spread = np.sqrt(2 * c[1])
    scaled = (value - c[0]) / spread * np.sqrt(2) * a + freedom + delta
    return float(ncx2.sf(scaled, freedom, delta)) if delta else _chi(scaled, freedom)


def _chi(value: float, freedom: float) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, max(value, 0.0)))
