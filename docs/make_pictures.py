"""Make the pictures of the README and the pages: all of them, or those that are named.

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
    figure = figures.differences(data)
    figures.save(figure, folder / "differences", ("png",))


def wedge(folder: Path) -> None:
    """Levers added one after another to 2060, as fan charts."""
    from scenarios import figures
    from scenarios.loading.load import load

    study = load(ROOT / "configs" / "decarbonisation_wedge.yaml")
    figures.save(figures.fan(study.run(threads=2)), folder / "wedge", ("png",))


LIVE: dict[str, tuple[str, str, int, int, dict[str, object]]] = {
    "share-en": (
        *("china_grid_mixes", "en", 1280, 1240),
        {
            "a": {
                "s": "captive_coal",
                "p": {
                    "smelting.power": {
                        "blend": {"hydro_contract": 0.6, "captive_coal_plant": 0.4}
                    }
                },
            },
            "t": 12_000,
        },
    ),
    "measures-zh": (
        *("decarbonisation_wedge", "zh", 1280, 1240),
        {
            "a": {"s": "capture", "l": {"inert_anodes": [0.8, 2050]}},
            "t": 6_000,
            "y": 2050,
        },
    ),
    "small-en": ("minimal", "en", 400, 1500, {"a": {"s": "hydro"}}),
    "small-zh": ("minimal", "zh", 400, 1500, {"a": {"s": "hydro"}}),
}
"""Pictures of the live page: study, language, width, height, state in its address."""


def live(folder: Path) -> None:
    """Live pages in a headless Chromium, as their states have them."""
    import json
    import shutil
    import tempfile
    from urllib.parse import quote

    from PIL import Image
    from PIL.Image import Dither
    from playwright.sync_api import sync_playwright

    from scenarios.explorer import page
    from scenarios.loading.load import load

    with sync_playwright() as driver, tempfile.TemporaryDirectory() as written:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (study, language, width, height, state) in LIVE.items():
            path = Path(written) / f"{name}.html"
            text = page(load(ROOT / "configs" / f"{study}.yaml"), language=language)
            path.write_text(text, encoding="utf-8")
            view = browser.new_page(
                viewport={"width": width, "height": height},
                device_scale_factor=min(1.0, 960 / width),
            )
            view.goto(f"{path.as_uri()}#s={quote(json.dumps(state))}")
            view.locator("#x-finding").wait_for()
            picture = folder / f"explorer-{name}.png"
            view.screenshot(path=picture)
            few = Image.open(picture).convert("RGB").quantize(128, dither=Dither.NONE)
            few.save(picture, optimize=True)
        browser.close()


PICTURES: dict[str, Callable[[Path], None]] = {
    "drivers": drivers,
    "stages": stages,
    "differences": differences,
    "wedge": wedge,
    "live": live,
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
