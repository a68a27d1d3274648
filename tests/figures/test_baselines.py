"""Figures against the pictures in ``baseline/``, which somebody has looked at.

Plain ``pytest`` compares (``--mpl`` is among its options). A figure that is meant to
look otherwise gets a new picture by

    pytest tests/figures/test_baselines.py --mpl-generate-path=tests/figures/baseline

to be looked at before it is committed. Each picture carries the version of matplotlib
that drew it; with another minor version, whose text and ticks may lie elsewhere, there
is nothing to compare and the test is skipped.
"""

from pathlib import Path

import matplotlib
import pytest
from PIL import Image

from scenarios.model.study import Study

BASELINE = Path(__file__).parent / "baseline"
KINDS = (
    "stages",
    "sources",
    "density",
    "intervals",
    "convergence",
    "fan",
    "differences",
    "ranks",
    "waterfall",
    "tornado",
    "sensitivity",
    "macc",
)
TOLERANCE = 1.0
"""Root mean square of the differences, of 255 grey levels.

One build of matplotlib draws the same to the bit. Another build may rasterise fonts
otherwise: all text moved by 1/64 pixel, the unit FreeType places outlines in, makes 0.6
to 0.9. The least fault tried, a tenth more spread in an input that makes a quarter of
the variance, makes 1.1 (fan) to 17 where it shows.
"""


def minor(version: str) -> str:
    """The first two numbers of a version."""
    return ".".join(version.split(".")[:2])


def made_with(path: Path) -> str:
    """Version of matplotlib that a picture says it was drawn with."""
    with Image.open(path) as picture:
        words = str(picture.info["Software"])
    return words.partition("version")[2].partition(",")[0].strip()


@pytest.fixture(scope="module")
def single(make) -> Study:
    return make()


@pytest.fixture(scope="module")
def yearly(make) -> Study:
    return make(years=True)


@pytest.fixture(scope="module")
def results(single, yearly):
    return {False: (single, single.run()), True: (yearly, yearly.run())}


@pytest.fixture
def comparable(request) -> None:
    """Skip where the picture is of another matplotlib; a missing one is no excuse."""
    if request.config.getoption("mpl_generate_path"):
        return
    path = BASELINE / f"{request.node.callspec.params['kind']}.png"
    if not path.exists():
        pytest.fail(f"{path.name}: no such picture in {BASELINE.name}/")
    theirs, ours = made_with(path), matplotlib.__version__
    if minor(theirs) != minor(ours):
        pytest.skip(f"{path.name} was drawn by matplotlib {theirs}, this is {ours}")


def compared(kind: str):
    """One picture to compare, under the name of its kind."""
    return pytest.param(
        kind,
        marks=pytest.mark.mpl_image_compare(
            baseline_dir="baseline",
            filename=f"{kind}.png",
            # figures are laid out for print; at few dots an inch hinted text is wider
            # than that and leaves the page
            style={"text.hinting": "none"},
            tolerance=TOLERANCE,
            # the version is kept in the file
            deterministic=False,
            savefig_kwargs={"dpi": 72},
        ),
    )


@pytest.mark.parametrize("kind", [compared(kind) for kind in KINDS])
def test_figure_looks_as_it_did(comparable, drawn, results, kind):
    return drawn(kind, *results[kind == "fan"])


def test_every_picture_has_a_test_and_all_are_of_one_matplotlib():
    found = sorted(BASELINE.glob("*.png"))
    assert [path.stem for path in found] == sorted(KINDS)
    assert len({made_with(path) for path in found}) == 1
    # a clone should not grow by much with each new set
    assert sum(path.stat().st_size for path in found) < 1_000_000
