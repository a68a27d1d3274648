"""How often intervals pooled from few sources hold the true mean: cases, counted.

    .venv/bin/python benchmarks/pooling.py [--cases 1000] [--seed 1]

A case is k sources. Each has a true value of its own, normal about the mean sought
with the sd tau, and an estimate about that value with an sd that it states, from 0.5 to
2. It counts how often the 95 % interval of each way to pool holds the mean sought. The
same sds and normal deviates serve every tau, so that rows may be compared.
"""

import argparse

import numpy as np
from scipy import stats

from uncertainty.distributions import pool
from uncertainty.seeds import generator

SOURCES = (2, 3, 5, 10)
TAUS = (0.0, 1.0, 3.0)
WAYS = ("fixed", "random", "hartung_knapp")


def coverage(k: int, tau: float, cases: int, seed: int) -> dict[str, float]:
    """Share of cases in which each way's 95 % interval holds the mean."""
    random = generator(seed, f"pooling/{k}")
    sds = np.exp(random.uniform(np.log(0.5), np.log(2), (cases, k)))
    between, within = random.standard_normal((2, cases, k))
    estimates = tau * between + sds * within
    z, t = stats.norm.isf(0.025), stats.t.isf(0.025, k - 1)
    held = dict.fromkeys(WAYS, 0)
    for y, s in zip(estimates, sds, strict=True):
        fixed, free = pool(y, s, random=False), pool(y, s)
        held["fixed"] += abs(fixed.mean) <= z * fixed.se
        held["random"] += abs(free.mean) <= z * free.se
        held["hartung_knapp"] += abs(free.mean) <= t * free.hartung_knapp
    return {way: count / cases for way, count in held.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("| sources | tau | " + " | ".join(WAYS) + " |")
    print("| ---: " * (len(WAYS) + 2) + "|")
    for k in SOURCES:
        for tau in TAUS:
            shares = coverage(k, tau, given.cases, given.seed)
            cells = " | ".join(f"{100 * shares[way]:.1f} %" for way in WAYS)
            print(f"| {k} | {tau:g} | {cells} |")


if __name__ == "__main__":
    main()
