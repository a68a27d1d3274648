"""The live page in a browser: size, time until ready, and time from input to paint.

    python -m benchmarks.explorer [--draws 512 2048] [--moves 60] [--opened 7]

Each study's page is opened from disk, and its sliders (shares of the power mix, levers,
inputs) are moved again and again. An input event is sent as the browser sends one, at
the start of a frame; the clock stops when the frame has been painted, at the first
task after it. ``ready`` is from the start of navigation to the second frame.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scenarios.explorer import page
from scenarios.loading.load import load

CONFIGS = Path(__file__).parents[1] / "configs"
STUDIES = (
    *("china_grid_mixes", "cement_clinker", "national_pathway"),
    *("decarbonisation_wedge", "national_fleet"),
)
MOST = {"national_fleet": 1024}
"""Draws of a page that would be too large with more."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
READY = """() => new Promise(done => requestAnimationFrame(() =>
  requestAnimationFrame(() => done(performance.now()))))"""
MOVE = """async moves => {
  const sliders = [...document.querySelectorAll(
    ".explorer input[type=range]:not(:disabled)")].slice(0, 12);
  const took = [];
  for (let i = 0; i < moves; i++) {
    const slider = sliders[i % sliders.length];
    await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
    slider.value = String(Number(slider.max) * (0.2 + 0.6 * ((i * 37) % 61) / 61));
    took.push(await new Promise(done => requestAnimationFrame(() => {
      const start = performance.now();
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      const after = new MessageChannel();
      after.port1.onmessage = () => done(performance.now() - start);
      after.port2.postMessage(0);
    })));
  }
  return took;
}"""


def opened(browser: object, path: Path) -> tuple[Page, float]:
    """A page and the milliseconds until it was ready."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto(path.as_uri())
    return tab, float(tab.evaluate(READY))


def main() -> None:
    """Print one line a study and number of draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, nargs="+", default=[512, 2048])
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--opened", type=int, default=7)
    asked = parser.parse_args()
    chromium = os.environ.get("POTLINE_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    print("study draws MB ready_ms paint_ms_median paint_ms_90")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        for draws in asked.draws:
            for study in STUDIES:
                path = Path(name) / f"{study}.html"
                text = page(
                    load(CONFIGS / f"{study}.yaml"),
                    draws=min(draws, MOST.get(study, draws)),
                )
                path.write_text(text, encoding="utf-8")
                ready = []
                for _ in range(asked.opened):
                    tab, seconds = opened(browser, path)
                    ready.append(seconds)
                took = sorted(tab.evaluate(MOVE, asked.moves)[12:])
                print(
                    study,
                    min(draws, MOST.get(study, draws)),
                    f"{path.stat().st_size / 1e6:.2f}",
                    f"{statistics.median(ready):.0f}",
                    f"{statistics.median(took):.1f}",
                    f"{took[int(0.9 * len(took))]:.1f}",
                )
                tab.context.close()
        browser.close()


if __name__ == "__main__":
    main()
