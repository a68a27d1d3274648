"""How often intervals and verdicts of each sensitivity method are right: a table.

    .venv/bin/python -m benchmarks.verdicts [--seeds 100] [--kept FILE] [--write]

Each method analyses five models whose indices are known, at its default size, with one
seed after the other. Counted are, over all inputs of a model,

- coverage: how often the stated 95 % interval holds the true index,
- width: half the interval over 1.96 standard deviations of the estimate over seeds, the
  median over inputs,
- wrong "important": among inputs whose true index is 0,
- wrong "unimportant": among inputs whose true index is above twice the share,
- open: verdicts that are not settled at this size.

Of methods without intervals it counts how far their index is off in the mean, the most
over inputs, where the truth is known: that of an inert input always is, but for the
statistic of ``regional``. ``decision_value`` looks at each model less its mean. What is
counted is kept in a file, a row at a time, and taken up again; `--write` puts the table
into ``docs/methods.md``.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import pi, sqrt
from pathlib import Path

import numpy as np
import xarray as xr

from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal
from uncertainty.distributions import build as law
from uncertainty.errors import DependenceError
from uncertainty.model.expressions import parse
from uncertainty.model.graph import Graph
from uncertainty.sensitivity import (
    CARDS,
    DUMMY,
    SHARE,
    Block,
    Problem,
    analyse,
    build,
    linear_effects,
    of_run,
    plain_run,
)
from uncertainty.sensitivity.analyse import REPLICATES

PAGE = Path(__file__).parents[1] / "docs" / "methods.md"
BEGIN, END = "<!-- table: benchmarks/verdicts.py -->", "<!-- end of table -->"
INERT = ("inert1", "inert2")
"""Inputs that every model reads and that do nothing: 1e-9 of them is added."""
FINE = 16
"""Times the default size, and seeds, of a reference where there is no closed form."""

UNIFORM = law("uniform", {"low": 0, "high": 1})
ROUND = law("uniform", {"low": -pi, "high": pi})
NORMAL = law("normal", {"mean": 0, "sd": 1})
SHARES = (0.5, 0.3, 0.1, 0.05, 0.03, 0.015, 0.004, 0.001 - 0.0005, 0.0005)
G = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0)
GSD = (2.0, 1.6, 1.4, 1.2, 1.05)
RHO, SLOPES = 0.8, (1.0, 0.5, 1.0)


@dataclass(frozen=True)
class Case:
    """A model and what is true of it, by index and input.

    Attributes
    ----------
    problem : Problem
    truth : mapping of index to mapping of input to value
    """

    problem: Problem
    truth: Mapping[str, Mapping[str, float]]


def made(laws: Mapping[str, Marginal], text: str, *blocks: Block) -> Problem:
    """A problem of one output, with the inert inputs added."""
    graph = Graph()
    every = dict(laws) | dict.fromkeys(INERT, UNIFORM)
    leaves = {name: graph.quantile(name, one) for name, one in every.items()}
    text = " + ".join([f"({text})", *(f"1e-9 * {name}" for name in INERT)])
    node = parse(text).fold(graph.constant, leaves.__getitem__, graph.apply)
    return build(graph, xr.DataArray(np.array([node]), dims="output"), blocks=blocks)


def known(**indices: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """True indices with those of the inert inputs."""
    nothing = dict.fromkeys(INERT, 0.0)
    return {name: dict(values) | nothing for name, values in indices.items()}


def ishigami() -> Case:
    """sin x1 + 7 sin(x2)^2 + 0.1 x3^4 sin x1."""
    names = ("x1", "x2", "x3")
    text = "sin(x1) + 7 * sin(x2)**2 + 0.1 * x3**4 * sin(x1)"
    parts = (0.5 * (1 + 0.1 * pi**4 / 5) ** 2, 49 / 8, 0.01 * pi**8 * (1 / 18 - 1 / 50))
    v1, v2, v13 = (part / sum(parts) for part in parts)
    truth = known(
        first_order=dict(zip(names, (v1, v2, 0.0), strict=True)),
        total_order=dict(zip(names, (v1 + v13, v2, v13), strict=True)),
        shapley=dict(zip(names, (v1 + v13 / 2, v2, v13 / 2), strict=True)),
    )
    return Case(made(dict.fromkeys(names, ROUND), text), truth)


def g_function() -> Case:
    """Sobol' G of six inputs."""
    names = [f"x{i}" for i in range(len(G))]
    text = " * ".join(
        f"(abs(4 * {n} - 2) + {a}) / {1 + a}" for n, a in zip(names, G, strict=True)
    )
    own = np.array([1 / 3 / (1 + a) ** 2 for a in G])
    whole = np.prod(1 + own) - 1
    total = own * np.prod(1 + own) / (1 + own)
    truth = known(
        first_order=dict(zip(names, own / whole, strict=True)),
        total_order=dict(zip(names, total / whole, strict=True)),
    )
    return Case(made(dict.fromkeys(names, UNIFORM), text), truth)


def linear() -> Case:
    """Drivers from 0.05 % to 50 % of the variance."""
    shares = np.array(SHARES) / sum(SHARES)
    names = [f"x{i}" for i in range(len(shares))]
    terms = (f"{sqrt(s)!r} * {n}" for n, s in zip(names, shares.tolist(), strict=True))
    each = dict(zip(names, shares.tolist(), strict=True))
    truth = known(first_order=each, total_order=each, shapley=each, dgsm=each)
    return Case(made(dict.fromkeys(names, NORMAL), " + ".join(terms)), truth)


def lognormals() -> Case:
    """A product of lognormals, gsd 1.05 to 2."""
    names = [f"x{i}" for i in range(len(GSD))]
    laws = {
        n: law("lognormal", {"median": 1, "gsd": g})
        for n, g in zip(names, GSD, strict=True)
    }
    log_variance = np.log(GSD) ** 2
    whole, own = np.expm1(log_variance.sum()), np.expm1(log_variance)
    total = np.exp(log_variance.sum() - log_variance) * own
    high = log_variance * np.exp(log_variance.sum())
    truth = known(
        first_order=dict(zip(names, own / whole, strict=True)),
        total_order=dict(zip(names, total / whole, strict=True)),
        dgsm=dict(zip(names, high / whole, strict=True)),
    )
    return Case(made(laws, " * ".join(names)), truth)


def dependent() -> Case:
    """A line in three normals, two of them tied by 0.8."""
    names = ["x1", "x2", "x3"]
    slopes = np.array(SLOPES)
    matrix = np.eye(3)
    matrix[0, 1] = matrix[1, 0] = RHO
    variance = float(slopes @ matrix @ slopes)
    alone = dict(zip(names, ((matrix @ slopes) ** 2 / variance).tolist(), strict=True))
    split = linear_effects(matrix, slopes[None])[0] / variance
    block = {"tied": 1 - SLOPES[2] ** 2 / variance, "x3": SLOPES[2] ** 2 / variance}
    truth = known(
        first_order=alone | block,
        total_order=block,
        shapley=dict(zip(names, split.tolist(), strict=True)),
    )
    text = " + ".join(f"{s} * {n}" for s, n in zip(SLOPES, names, strict=True))
    tied = Block("tied", ("x1", "x2"), matrix[:2, :2])
    return Case(made(dict.fromkeys(names, NORMAL), text, tied), truth)


MODELS: Mapping[str, Callable[[], Case]] = {
    "Ishigami": ishigami,
    "Sobol' G": g_function,
    "linear": linear,
    "lognormals": lognormals,
    "dependent": dependent,
}
ZERO_AT_INERT = ("pawn", "value_of_information", "delta")
"""Without a closed form or a reference; an input that does nothing has 0."""
CURVE = 1025
"""Runs of a curve of ``fast``."""


@cache
def case(model: str) -> Case:
    """A model, made once."""
    return MODELS[model]()


def index_of(method: str) -> str:
    """Index whose interval is looked at: the one that gives the verdict."""
    return "first_order" if method == "rank" else CARDS[method].ranked_by


def one(method: str, model: str, seed: int, times: int = 1) -> xr.Dataset:
    """An analysis at the default size, or a multiple of it."""
    n = CARDS[method].n or CURVE
    problem = case(model).problem
    if method != "decision_value":
        return analyse(method, problem, n * times, seed=seed).isel(output=0)
    # a difference of mean 0, where the choice is most open
    inputs, outputs = plain_run(problem, n * times, seed=seed)
    return of_run(
        method, inputs, outputs - middle(model), seed=seed, replicates=REPLICATES
    ).isel(output=0)


@cache
def middle(model: str) -> float:
    """Mean of a model, of 2**20 draws."""
    return float(plain_run(case(model).problem, 2**20, seed=1)[1].mean())


def truth_of(method: str, model: str, names: list[str]) -> FloatArray:
    """True indices; of a large analysis where there is no closed form."""
    index = index_of(method)
    stated = case(model).truth.get(index)
    if stated is None and not CARDS[method].rough:
        parts = [one(method, model, 10_000 + s, FINE)[index] for s in range(FINE)]
        found = np.mean([part.sel(parameter=names).values for part in parts], axis=0)
        return np.where(np.isin(names, INERT), 0.0, found)
    if method in ZERO_AT_INERT:
        stated = dict.fromkeys(INERT, 0.0)
    return np.array([(stated or {}).get(name, np.nan) for name in names])


def counted(method: str, model: str, seeds: int) -> dict[str, float | int | str]:
    """One row of the table.

    Raises
    ------
    UncertaintyError
        The method refuses the model.
    """
    found = [one(method, model, seed) for seed in range(seeds)]
    names = [str(p) for p in found[0]["parameter"].values if str(p) != DUMMY]
    index = index_of(method)
    truth = truth_of(method, model, names)
    values = np.array([f[index].sel(parameter=names).values for f in found])
    row: dict[str, float | int | str] = {
        "method": method,
        "model": model,
        "index": index,
        "seeds": seeds,
    }
    if np.isfinite(truth).any():
        row["off"] = float(np.nanmax(np.abs(values.mean(axis=0) - truth)))
    if CARDS[method].rough:
        return row
    both = {
        name: np.array([f[name].sel(parameter=names) for f in found])
        for name in (f"{index}_lower", f"{index}_upper", "important", "unimportant")
    }
    low, high = both[f"{index}_lower"], both[f"{index}_upper"]
    there = np.isfinite(values) & np.isfinite(truth) & np.isfinite(low)
    if not there[:, truth > 0].any():
        return row  # no bounds, for a tail too long
    inside = (low <= truth + 1e-12) & (truth - 1e-12 <= high)
    spread = values.std(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        width = (high - low).mean(axis=0) / 2 / 1.96 / spread
    large = there & (spread > 1e-9)
    inert, driver = there & (truth < 1e-9), there & (truth > 2 * SHARE)
    important, unimportant = both["important"], both["unimportant"]
    return row | {
        # without a spread over seeds it is exact
        "coverage": float(inside[large].mean()) if large.any() else 1.0,
        "width": float(np.nanmedian(width[large.any(axis=0)])) if large.any() else 0.0,
        "wrong_important": float(important[inert].mean()) if inert.any() else 0.0,
        "wrong_unimportant": float(unimportant[driver].mean()) if driver.any() else 0.0,
        "open": float((~(important | unimportant))[there].mean()),
    }


def rows(
    seeds: int, kept: Path | None, methods: Sequence[str]
) -> list[dict[str, float | int | str]]:
    """All rows, those in the file as they are."""
    found = json.loads(kept.read_text()) if kept and kept.exists() else []
    done = {(row["method"], row["model"]) for row in found}
    for method in methods:
        for model in MODELS:
            if (method, model) in done:
                continue
            try:
                row = counted(method, model, seeds)
            except DependenceError as error:
                row = {"method": method, "model": model, "refused": str(error)}
            found.append(row)
            print(json.dumps(row), flush=True)
            if kept:
                kept.write_text(json.dumps(found, indent=1))
    return found


def table(found: list[dict[str, float | int | str]]) -> str:
    """The rows as Markdown."""
    head = (
        "| method | model | index | coverage of 95 % | width | wrong important "
        "| wrong unimportant | open | off |\n"
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    lines = []
    for row in found:
        first = f"| {row['method']} | {row['model']} | "
        if "refused" in row:
            lines.append(first + "refuses dependent inputs | | | | | | |")
            continue
        first += f"{str(row['index']).replace('_', ' ')} | "
        off = f" {row['off']:.3f} |" if "off" in row else " no truth |"
        if row["method"] in ZERO_AT_INERT and "off" in row:
            off = off.replace(" |", " (inert) |")
        if "coverage" not in row:
            lines.append(first + "none stated | | | | |" + off)
            continue
        per = [
            f"{100 * float(row[w]):.1f} %"
            for w in ("wrong_important", "wrong_unimportant", "open")
        ]
        cover = f"{100 * float(row['coverage']):.0f} % | {float(row['width']):.2f}"
        if not row["width"]:
            cover = "exact | exact"
        lines.append(f"{first}{cover} | " + " | ".join(per) + " |" + off)
    return head + "\n".join(lines) + "\n"


def main() -> None:
    """Count, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--kept", type=Path)
    parser.add_argument(
        "--methods", nargs="+", choices=list(CARDS), default=list(CARDS)
    )
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = table(rows(options.seeds, options.kept, options.methods))
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
