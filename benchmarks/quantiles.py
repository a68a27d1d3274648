"""Quantiles of one page, exact and from a table: ns per draw by family.

Medians of five; the two take turns, so that a busy machine slows both.
"""

from statistics import median
from time import perf_counter

import numpy as np

from uncertainty.distributions import Beta, Marginal, build
from uncertainty.distributions import tabulated as quantiles
from uncertainty.seeds import PAGE

READINGS = (13512.0, 13380.0, 13467.0, 13598.0, 13421.0, 13505.0, 13444.0)

CASES: dict[str, tuple[str, dict[str, object]]] = {
    "normal": ("normal", {"mean": 3, "sd": 0.8}),
    "lognormal": ("lognormal", {"median": 0.9, "gsd": 1.5}),
    "lognormal, gsd 10": ("lognormal", {"median": 0.9, "gsd": 10}),
    "beta": ("beta", {"a": 3.3, "b": 2.2, "low": 1, "high": 5}),
    "beta, poles": ("beta", {"a": 0.3, "b": 0.4}),
    "pert": ("pert", {"low": 1, "mode": 2, "high": 5}),
    "gamma": ("gamma", {"shape": 2, "scale": 5}),
    "student_t": ("student_t", {"mean": 10, "scale": 2, "dof": 5}),
    "observed, mean": ("observed", {"values": READINGS, "of": "mean"}),
    "interval, halves": ("interval", {"low": 1, "high": 5, "value": 2}),
    "truncated_normal": (
        "truncated_normal",
        {"mean": 0.97, "sd": 0.02, "low": 0.9, "high": 1},
    ),
    "lognormal, bounds": (
        "lognormal",
        {"median": 0.9, "gsd": 1.5, "bounds": {"low": 0.5, "high": 2}},
    ),
    "pert, negated": ("pert", {"low": 1, "mode": 2, "high": 5, "negate": True}),
    "triangular, bounds": (
        "triangular",
        {"low": 0, "mode": 1, "high": 3, "bounds": {"low": 0.2}},
    ),
    "curvilinear_trapezoid": (
        "curvilinear_trapezoid",
        {"low": -1, "high": 1, "inexactness": 0.5},
    ),
    "arcsine": ("arcsine", {"low": -2, "high": 3}),
    "observed, bootstrap": ("observed", {"values": READINGS, "of": "bootstrap"}),
    "discrete_uniform": ("discrete_uniform", {"low": 1, "high": 6}),
    "uniform": ("uniform", {"low": -1, "high": 3}),
    "triangular": ("triangular", {"low": 1, "mode": 3, "high": 4}),
    "trapezoid": ("trapezoid", {"low": -1, "high": 3, "top_ratio": 0.5}),
    "loguniform": ("loguniform", {"low": 0.1, "high": 20}),
    "exponential": ("exponential", {"mean": 3}),
    "gumbel": ("gumbel", {"location": 2, "scale": 5}),
    "weibull": ("weibull", {"scale": 2, "shape": 5}),
}


def seconds(function: quantiles.Quantiles, u: np.ndarray, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        function(u)
    return (perf_counter() - start) / repeats


def row(name: str, law: Marginal, u: np.ndarray) -> str:
    table = quantiles.tabulate(law)
    miss = np.abs(table(u) - law.ppf(u)).max() / law.sd
    exact, quick = [], []
    for _ in range(5):
        exact.append(seconds(law.ppf, u, 3))
        quick.append(seconds(table, u, 100))
    ns = [1e9 / u.size * median(times) for times in (exact, quick)]
    ratio = ns[0] / ns[1]
    return f"{name:22s} {ns[0]:8.1f} {ns[1]:8.1f} {ratio:8.1f} {miss:8.0e}"


def main() -> None:
    u = np.random.default_rng(1).random(PAGE)
    heads = ("exact", "table", "ratio", "miss, sd")
    print("ns per draw".ljust(22), *(f"{head:>8s}" for head in heads))
    for name, (family, parameters) in CASES.items():
        print(row(name, build(family, parameters), u))
    shapes = np.random.default_rng(1).uniform(0.5, 8, (5, 100, 2))
    builds = []
    for hundred in shapes:
        start = perf_counter()
        for a, b in hundred:
            quantiles.tabulate(Beta(a, b))
        builds.append(perf_counter() - start)
    print(f"tables of 100 betas: {median(builds):.3f} s")


if __name__ == "__main__":
    main()
