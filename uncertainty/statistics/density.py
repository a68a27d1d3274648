"""Density of a sample: linear binning, then a Gaussian kernel on the bins."""

import math

import numpy as np

from uncertainty.arrays import FloatArray

STEPS = 8
"""Bins a bandwidth: binning widens the kernel by under 1 % then (h^2 / 8^2 / 6)."""
DRAWN = 4
"""Points of a curve a bandwidth: more only makes a larger file."""
REACH = 5
"""Half-width of the kernel in bandwidths."""
LIMIT = 2**16
"""Most bins, however long the tails."""
TAIL = 5e-4
"""Part of the draws that the grid leaves off on either side."""


def bandwidth(ordered: FloatArray) -> float:
    """Silverman's bandwidth of a sorted sample; 0 if it does not vary.

    Notes
    -----
    0.9 min(sd, interquartile range / 1.34) M^(-1/5), Silverman (1986), Density
    Estimation for Statistics and Data Analysis, eq. 3.31. Where half of the draws
    agree the quartiles say nothing and the sd stands alone.
    """
    sd = float(ordered.std())
    lower, upper = np.quantile(ordered, (0.25, 0.75))
    spread = min(sd, float(upper - lower) / 1.34) or sd
    return 0.9 * spread / math.pow(ordered.size, 0.2)


def is_constant(ordered: FloatArray) -> bool:
    """Whether a sorted sample is one value, rounding apart."""
    width = float(ordered[-1] - ordered[0])
    return width <= 1e-9 * max(abs(float(ordered[0])), abs(float(ordered[-1])))


def estimate(sample: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Density on a grid that holds all but the far tails.

    Parameters
    ----------
    sample : array, shape (draw,)
        Finite, in any order, not constant.

    Returns
    -------
    grid, density : array, shape (bin,)
        In the units of `sample` and one over them. The mass that the grid leaves
        off is not spread over the rest.

    Notes
    -----
    At the least and the greatest draw the kernel is reflected, so that a law with a
    sharp end keeps it and no mass is shown where no draw can fall. Linear binning:
    Silverman (1982), Applied Statistics 31, 93-99.
    """
    ordered = np.sort(sample)
    width = bandwidth(ordered)
    cut = min(int(TAIL * ordered.size), ordered.size // 4)
    # four bandwidths beyond what is shown, so that a cut end throws no reflection
    low = max(float(ordered[0]), float(ordered[cut]) - 4 * width)
    high = min(float(ordered[-1]), float(ordered[-1 - cut]) + 4 * width)
    bins = int(np.clip(math.ceil((high - low) / width * STEPS), 64, LIMIT)) + 1
    grid = np.linspace(low, high, bins)
    step = (high - low) / (bins - 1)
    place = (ordered[(ordered >= low) & (ordered <= high)] - low) / step
    left = np.clip(place.astype(np.int64), 0, bins - 2)
    part = place - left
    weight: FloatArray = np.bincount(left, 1 - part, bins).astype(float)
    weight = weight + np.bincount(left + 1, part, bins)
    # an end bin is half as wide as the others
    weight[[0, -1]] *= 2
    smooth = _smoothed(weight, width / step)
    near = _near(ordered, grid)
    grid, density = grid[near], smooth[near] / (ordered.size * step)
    stride = max(STEPS // DRAWN, grid.size // 2000)
    return grid[::stride], density[::stride]


def _smoothed(weight: FloatArray, width: float) -> FloatArray:
    """Weights of bins under a Gaussian kernel that is `width` bins wide."""
    reach = int(REACH * width + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    # reflected about the centre of the end bin, which is the end itself
    mirrored = np.pad(weight, reach, mode="reflect")
    found: FloatArray = np.convolve(mirrored, kernel / kernel.sum(), mode="valid")
    return found


def _near(ordered: FloatArray, grid: FloatArray) -> slice:
    """The part of the grid that is worth drawing, however long the tails.

    It ends as far beyond the middle 95 % of the draws as these are wide.
    """
    lower, upper = np.quantile(ordered, (0.025, 0.975))
    if lower == upper:
        return slice(None)
    reach = upper - lower
    first, last = np.searchsorted(grid, (lower - reach, upper + reach))
    return slice(int(first), int(last))
