"""Whether two installations of potline give the same numbers, to the bit.

Every config, three designs, both stores::

    python -m benchmarks.same_numbers PATH/TO/OTHER/bin/potline [--draws N] [--rtol R]

Each study is run by both; every statistic and every draw is compared. What differs is
printed with the largest relative difference, and the exit status is 1.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import scenarios as pl

CONFIGS = Path(__file__).parents[1] / "configs"
DESIGNS = ("sobol", "latin_hypercube", "random")
STORES = ("full", "zarr")
OWN = [sys.executable, "-c", "from scenarios.cli import main; main()"]


def run(command: list[str], config: Path, out: Path, *options: str) -> None:
    """Run a study with one of the installations, without what takes time to draw."""
    whole = [*command, "run", str(config), "-q", "--out", str(out), *options]
    subprocess.run(whole, check=True, capture_output=True)


def differences(one: pl.Result, other: pl.Result) -> Iterator[tuple[str, int, float]]:
    """Name, numbers compared and largest relative difference of each variable."""
    for path in one.groups:
        if path not in other.groups:
            yield path, 0, np.inf
            continue
        for name, array in one.groups[path].data_vars.items():
            if array.dtype.kind != "f":
                continue
            if name not in other.groups[path]:
                yield f"{path}/{name}", 0, np.inf
                continue
            a, b = array.values, other.groups[path][name].transpose(*array.dims).values
            if a.shape != b.shape:
                yield f"{path}/{name}", a.size, np.inf
            elif not np.array_equal(a, b, equal_nan=True):
                scale = np.maximum(np.abs(b), np.finfo(float).tiny)
                gap = np.nanmax(np.abs(a - b) / scale)
                gone = (np.isnan(a) != np.isnan(b)).any()
                yield f"{path}/{name}", a.size, np.inf if gone else float(gap)
            else:
                yield f"{path}/{name}", a.size, 0.0


def main() -> int:
    """Compare; 1 if anything differs by more than is allowed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("other", help="the other installation's potline command")
    reader.add_argument("--draws", default="4096")
    reader.add_argument("--rtol", type=float, default=0.0)
    reader.add_argument("--configs", nargs="*", type=Path)
    asked = reader.parse_args()
    worst = 0.0
    for config in asked.configs or sorted(CONFIGS.glob("*.yaml")):
        for design in DESIGNS:
            for store in STORES:
                options = ("--draws", asked.draws, "--design", design, "--store", store)
                with tempfile.TemporaryDirectory() as folder:
                    new, old = Path(folder, "new"), Path(folder, "old")
                    run(OWN, config, new, *options)
                    run([asked.other], config, old, *options)
                    found = list(differences(pl.open_result(old), pl.open_result(new)))
                apart = [row for row in found if row[2] > asked.rtol]
                count = sum(size for _, size, _ in found)
                told = "; ".join(f"{name} {gap:.2g}" for name, _, gap in apart)
                print(
                    f"{config.stem} {design} {store}: {count} numbers, {told or 'same'}"
                )
                worst = max([worst, *(gap for *_, gap in apart)])
    return int(worst > 0)


if __name__ == "__main__":
    sys.exit(main())
