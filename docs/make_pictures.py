"""Make the pictures of the README: all of them, or those that are named.

    python docs/make_pictures.py [NAME ...]

A picture is a function that takes the folder to write to; put it into `PICTURES`.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "pictures"


def drivers(folder: Path) -> None:
    """What decides the national footprint, and the ranking Yunnan - Shandong."""
    from scenarios import figures
    from scenarios.analysis.sensitivity import Order, Question, explain
    from scenarios.figures.sensitivity.sensitivity import ranked
    from scenarios.loading.load import load

    study = load(ROOT / "configs" / "china_grid_mixes.yaml")
    order = Order(method="sobol", n=16384)
    asked = Question(scenarios=("national_grid", "yunnan"), reference="shandong")
    data = explain(study, asked, order)
    chosen = ("national_grid", "yunnan - shandong")
    figures.save(ranked(data, study.title, chosen=chosen), folder / "drivers", ("png",))


def stages(folder: Path) -> None:
    """Footprint of the shipped mixes by stage."""
    from scenarios import figures
    from scenarios.loading.load import load

    result = load(ROOT / "configs" / "china_grid_mixes.yaml").run(threads=2)
    figures.save(figures.stage_bars(result), folder / "stages", ("png",))


def differences(folder: Path) -> None:
    """Every shipped mix against Shandong's, draw by draw."""
    from scenarios import figures
    from scenarios.analysis.comparison.compare import compare
    from scenarios.loading.load import load

    study = load(ROOT / "configs" / "china_grid_mixes.yaml")
    data = compare([study.run(threads=2)], "shandong")
    figure = figures.differences(data, title=study.title)
    figures.save(figure, folder / "differences", ("png",))


def wedge(folder: Path) -> None:
    """Levers added one after another to 2060, as fan charts."""
    from scenarios import figures
    from scenarios.loading.load import load

    study = load(ROOT / "configs" / "decarbonisation_wedge.yaml")
    figures.save(figures.fan(study.run(threads=2)), folder / "wedge", ("png",))


PICTURES: dict[str, Callable[[Path], None]] = {
    "drivers": drivers,
    "stages": stages,
    "differences": differences,
    "wedge": wedge,
}


def main() -> None:
    """Make the pictures asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    names = parser.parse_args().names or list(PICTURES)
    if unknown := set(names) - PICTURES.keys():
        parser.error(
            f"no picture {', '.join(unknown)}; there are {', '.join(PICTURES)}"
        )
    FOLDER.mkdir(exist_ok=True)
    for name in names:
        PICTURES[name](FOLDER)
        print(f"{name}: {FOLDER / name}.png")


if __name__ == "__main__":
    main()
