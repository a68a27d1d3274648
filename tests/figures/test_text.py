"""Chinese labels stay text in SVG: searchable, and right in any face that has them."""

from xml.etree import ElementTree

import pytest

from scenarios.figures import save

SVG = "{http://www.w3.org/2000/svg}"
CHINESE = {
    "HEAT": "焙烧热耗",
    "COAL": "自备煤电",
    "CELLS": "高效电解槽",
    "HYDRO": "云南水电铝",
    "OTHER": "另一座煤电厂",
}
SHOWN = {
    "stages": ("COAL", "HYDRO"),
    "sources": ("COAL", "HYDRO"),
    "density": ("COAL", "HYDRO"),
    "intervals": ("COAL", "HYDRO"),
    "convergence": ("COAL",),
    "fan": ("COAL", "HYDRO"),
    "differences": ("CELLS", "HYDRO"),
    "ranks": ("COAL", "HYDRO"),
    "pairs": ("COAL", "HYDRO"),
    "waterfall": ("COAL", "HYDRO"),
    "tornado": ("HEAT", "COAL"),
    "inputs": ("HEAT", "COAL"),
    "process": ("COAL",),
    "sensitivity": ("HEAT", "COAL"),
    "macc": ("CELLS", "HYDRO"),
}


@pytest.fixture(scope="module")
def results(make):
    found = {years: make(years=years, words=CHINESE) for years in (False, True)}
    return {years: (study, study.run()) for years, study in found.items()}


@pytest.mark.parametrize("kind", SHOWN)
def test_chinese_labels_are_text_elements_whole_and_not_outlines(
    drawn, results, kind, tmp_path
):
    figure = drawn(kind, *results[kind == "fan"])
    (path,) = save(figure, tmp_path / kind, ["svg"])
    root = ElementTree.parse(path).getroot()
    written = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    for place in SHOWN[kind]:
        assert any(CHINESE[place] in text for text in written), CHINESE[place]
    # a glyph that is drawn as an outline is a path whose id names its face
    outlines = [one.get("id", "") for one in root.iter(f"{SVG}path")]
    assert not any("DejaVu" in one or "CJK" in one for one in outlines)
