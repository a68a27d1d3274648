"""A large model of another program, read here and by that program.

    .venv/bin/python benchmarks/outside_models.py [--processes 300] [--draws 16384]

A bw_processing datapackage is made: each process takes about five products of those
behind it, some take one of those before them, so that the chain has loops, and each
emits two gases; every exchange is
lognormal. bw2calc reads the file as it is; `potline import` and `potline run` do, too.
Point values have to agree to rounding, means within five Monte Carlo errors of
bw2calc's own draws.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bw2calc
import bw_processing
import numpy as np
from fsspec.implementations.zip import ZipFileSystem

from scenarios.results.file import open_result

Row = dict[str, float]


def lognormal(row: int, column: int, amount: float, *, flip: bool = False) -> Row:
    """An exchange whose median is its amount, as bw_processing takes it."""
    law = {"uncertainty_type": 2, "loc": np.log(amount), "scale": 0.1}
    return {"row": row, "col": column, "amount": amount, "flip": flip, **law}


def write(path: Path, processes: int, loops: int, seed: int) -> int:
    """Write the datapackage; gives its number of uncertain exchanges.

    As many processes as `loops` take a product of any process before them.
    """
    random = np.random.default_rng(seed)
    made = [{"row": i, "col": i, "amount": 1.0} for i in range(1, processes + 1)]
    taken, emitted = [], []
    for i in range(1, processes + 1):
        ahead = i + 1 + random.integers(0, 20, 5)
        back = random.integers(1, i + 1, 1) if i % (processes // loops) == 0 else ahead
        for j in sorted({*ahead.tolist(), *back.tolist()} - {i}):
            if j <= processes:
                amount = 0.15 * random.random() + 0.01
                taken.append(lognormal(j, i, amount, flip=True))
        for gas in (1001, 1002):
            emitted.append(lognormal(gas, i, random.random() + 0.01))
    gwps = [{"row": 1001, "amount": 1.0}, {"row": 1002, "amount": 29.8}]
    package = bw_processing.create_datapackage(
        fs=ZipFileSystem(str(path), mode="w"),
        name="chain",
        metadata={"demand": {"1": 1.0}},
    )
    for name, rows in (
        ("technosphere", made + taken),
        ("biosphere", emitted),
        ("characterization", gwps),
    ):
        package.add_persistent_vector_from_iterator(
            matrix=f"{name}_matrix", name=name, dict_iterator=iter(rows)
        )
    package.finalize_serialization()
    return len(taken) + len(emitted)


def brightway(path: Path, draws: int) -> tuple[float, np.ndarray, float]:
    """Score, drawn scores, and seconds a draw of bw2calc."""

    def started(*, random: bool) -> bw2calc.LCA:
        package = bw_processing.load_datapackage(ZipFileSystem(str(path)))
        lca = bw2calc.LCA({1: 1.0}, data_objs=[package], use_distributions=random)
        lca.lci()
        lca.lcia()
        return lca

    lca = started(random=True)
    next(lca)  # warms up
    values = np.empty(draws)
    start = time.perf_counter()
    for i in range(draws):
        next(lca)
        values[i] = lca.score
    seconds = (time.perf_counter() - start) / draws
    return started(random=False).score, values, seconds


def command(*words: object) -> float:
    """Seconds of a potline command, start of Python included."""
    program = (
        "import sys; sys.argv[0] = 'potline'; from scenarios.cli import main; main()"
    )
    start = time.perf_counter()
    told = [sys.executable, "-c", program, *map(str, words)]
    subprocess.run(told, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print seconds, agreement and the ratio a draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=300)
    parser.add_argument("--loops", type=int, default=30)
    parser.add_argument("--draws", type=int, default=16_384)
    parser.add_argument("--peer-draws", type=int, default=400)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, study, out = (Path(folder) / name for name in ("p.zip", "s.yaml", "out"))
        count = write(path, given.processes, given.loops, 1)
        read = command("import", path, "--out", study)
        options = ("--figures", "none", "--out", out)
        ran = command("run", study, "--draws", given.draws, *options)
        result = open_result(out / "results.nc")
        own = result.footprint.values.ravel()
        point = float(result.statistics["point"].iloc[0])
        score, values, seconds = brightway(path, given.peer_draws)
    print(f"{given.processes} processes, {given.loops} loops, {count} exchanges")
    print(f"import {read:.1f} s, run of {given.draws} draws {ran:.1f} s")
    print(
        f"point: potline {point!r}, bw2calc {score!r}, "
        f"ratio - 1 {point / score - 1:.1e}"
    )
    error = values.std(ddof=1) / len(values) ** 0.5
    off = (values.mean() - own.mean()) / error
    print(
        f"mean: potline {own.mean():.6g}, bw2calc {values.mean():.6g}, "
        f"{off:+.1f} errors"
    )
    print(f"sd: potline {own.std():.4g}, bw2calc {values.std(ddof=1):.4g}")
    print(
        f"a draw: bw2calc {seconds * 1e3:.2f} ms, potline {ran / given.draws * 1e3:.2f}"
    )
    assert abs(point / score - 1) < 1e-6, "loc of the package is a float32"
    assert abs(off) < 5


if __name__ == "__main__":
    main()
