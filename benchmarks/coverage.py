"""How often stated 95 % intervals hold the truth: synthetic studies, counted.

    .venv/bin/python benchmarks/coverage.py [--studies 1000] [--draws 4096] [--seed 1]

Each study is a config of its own, written, loaded and run: a product of lognormals or
a sum of normals, some of them tied by a rank correlation, whose mean and percentiles
are known in closed form. For each design it counts how often

- mean +/- the stated Monte Carlo error holds the true mean (normal for independent
  draws, Student t of 15 degrees of freedom for the 16 replicates of the others),
- the confidence bounds of the 2.5 % and 97.5 % percentiles hold the true ones (order
  statistics for independent draws; stated error and Student t for the others),

and, with readings of a plant in a study, how often the 95 % coverage interval of an
``observed`` mean holds the mean that the readings were drawn about. Counts come with
the band that the binomial law gives a method that is right.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy import stats

from benchmarks.tolerance_intervals import quantile_bounds
from scenarios.loading.load import load
from scenarios.model.study import Study

DESIGNS = ("random", "latin_hypercube", "sobol")
LEVELS = {"lower": 0.025, "upper": 0.975}
PROMISED = 0.95
DOUBT = 1e-4
"""Probability that a right method falls outside its band."""


@dataclass(frozen=True)
class Synthetic:
    """A study and what is true of its one output.

    Attributes
    ----------
    text : str
        The config, without its run.
    mean : float
    percentiles : dict of end to value
    """

    text: str
    mean: float
    percentiles: dict[str, float]


def synthetic(number: int, seed: int = 1) -> Synthetic:
    """The study of one number: even ones multiply lognormals, odd ones add normals."""
    rng = np.random.default_rng([seed, number])
    count = int(rng.integers(2, 7))
    names = [f"x{i}" for i in range(count)]
    rho = float(rng.uniform(-0.8, 0.8))
    r = 2 * np.sin(np.pi * rho / 6)  # of the normal scores of the first two
    centres = rng.uniform(-1, 1, count)
    spreads = rng.uniform(0.02, 0.35, count)
    weights = rng.choice([-1.0, 1.0, 2.0, 0.5], count)
    middle = float(weights @ centres)
    parts = weights * spreads
    variance = float(parts @ parts + 2 * r * parts[0] * parts[1])
    sd = sqrt(variance)
    ends = {end: middle + stats.norm.ppf(level) * sd for end, level in LEVELS.items()}
    if number % 2:
        laws = [
            f"normal: {{mean: {m!r}, sd: {s!r}}}"
            for m, s in zip(centres.tolist(), spreads.tolist(), strict=True)
        ]
        terms = [f"({w}) * {n}" for w, n in zip(weights, names, strict=True)]
        formula, mean = " + ".join(terms), middle
    else:
        laws = [
            f"lognormal: {{median: {exp(m)!r}, gsd: {exp(s)!r}}}"
            for m, s in zip(centres.tolist(), spreads.tolist(), strict=True)
        ]
        terms = [f"{n} ** ({w})" for w, n in zip(weights, names, strict=True)]
        formula, mean = " * ".join(terms), exp(middle + variance / 2)
        ends = {end: exp(value) for end, value in ends.items()}
    inputs = [
        f'  {n}: {{units: "1", {law}, source: s}}'
        for n, law in zip(names, laws, strict=True)
    ]
    text = "\n".join(
        [
            "inputs:",
            *inputs,
            f"dependence: [{{rank_correlation: {rho}, between: [x0, x1], source: s}}]",
            f'outputs: {{y: {{units: "1", formula: "{formula}"}}}}',
        ]
    )
    return Synthetic(text, mean, ends)


def loaded(text: str, folder: Path) -> Study:
    """A study of the text of a config."""
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def with_run(study: Study, **settings: object) -> Study:
    """The same study drawn otherwise."""
    run = study.settings.model_copy(update=settings)
    return replace(study, config=study.config.model_copy(update={"run": run}))


def held(study: Study, truth: Synthetic) -> Iterator[str]:
    """Which statements of a run hold what is true."""
    result = study.run()
    statistics = result.summary("outputs")
    assert statistics is not None
    summary = statistics.isel(scenario=0, output=0)
    replicates = result.replicates
    factor = stats.norm.ppf(0.975)
    if replicates > 1:
        factor = stats.t.ppf(0.975, replicates - 1)
    error = summary["monte_carlo_error"]
    away = abs(float(summary["mean"]) - truth.mean)
    if away <= factor * float(error.sel(statistic="mean")):
        yield "mean"
    sample = result.tree["draws/outputs"].isel(scenario=0, output=0)
    for end, level in LEVELS.items():
        if replicates > 1:
            middle = float(summary["coverage"].sel(bound=end))
            reach = factor * float(error.sel(statistic=end))
            low, high = middle - reach, middle + reach
        else:
            low, high = quantile_bounds(sample, level).values
        if low <= truth.percentiles[end] <= high:
            yield end


def count(design: str, studies: int, draws: int, seed: int = 1) -> Counter[str]:
    """How many of the studies hold each statement."""
    found: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        for number in range(studies):
            truth = synthetic(number, seed)
            study = loaded(truth.text, Path(folder))
            # draws of its own for every study of every seed
            own = seed * 1_000_000 + number
            study = with_run(study, draws=draws, design=design, seed=own)
            found.update(held(study, truth))
    return found


def observed(studies: int, shape: str = "normal", seed: int = 1) -> int:
    """How many 95 % coverage intervals of an observed mean hold the true one."""
    found = 0
    with TemporaryDirectory() as folder:
        for number in range(studies):
            rng = np.random.default_rng([seed, number])
            size, cv = int(rng.integers(4, 40)), rng.uniform(0.02, 0.5)
            if shape == "normal":
                values, mean = rng.normal(100, 100 * cv, size), 100.0
            else:
                sigma = sqrt(log(1 + cv**2))
                values, mean = (
                    rng.lognormal(log(100), sigma, size),
                    100 * exp(sigma**2 / 2),
                )
            listed = ", ".join(repr(float(v)) for v in values)
            text = (
                "run: {draws: 4096, design: sobol, seed: 1}\n"
                f'inputs: {{x: {{units: "1", observed: {{values: [{listed}], '
                "of: mean}, source: s}}\n"
                'outputs: {y: {units: "1", formula: x}}\n'
            )
            result = loaded(text, Path(folder)).run()
            low, high = result.tree["summary"]["coverage"].values.ravel()
            found += bool(low <= mean <= high)
    return found


def band(studies: int, promised: float = PROMISED) -> tuple[int, int]:
    """Counts between which a right method stays, but for a probability of `DOUBT`."""
    low, high = stats.binom.ppf([DOUBT / 2, 1 - DOUBT / 2], studies, promised)
    return int(low), int(high)


def row(name: str, found: int, studies: int) -> str:
    """One line: count, share with its own standard error, and the band."""
    share = found / studies
    error = sqrt(share * (1 - share) / studies)
    low, high = band(studies)
    return (
        f"  {name:34} {found:5} of {studies}  {100 * share:5.1f} +/- "
        f"{100 * error:.1f} %   (right: {low} to {high})"
    )


def main() -> None:
    """Print every count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=4096)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for design in DESIGNS:
        found = count(design, options.studies, options.draws, options.seed)
        print(f"{design}, {options.draws} draws a study")
        for name, words in (
            ("mean", "mean, by its stated error"),
            ("lower", "2.5 % percentile, by its bounds"),
            ("upper", "97.5 % percentile, by its bounds"),
        ):
            print(row(words, found[name], options.studies))
    print("observed mean, 4 to 39 readings a study")
    for shape in ("normal", "lognormal"):
        found_here = observed(options.studies, shape, options.seed)
        print(row(f"{shape} readings, Student t", found_here, options.studies))


if __name__ == "__main__":
    main()
