"""The Chinese report of the main study holds no English but names, ids and units."""

import re
from pathlib import Path

import html5lib
import pytest

from scenarios.loading.load import load
from scenarios.report import build

CONFIGS = Path(__file__).parents[3] / "configs"
XHTML = "{http://www.w3.org/1999/xhtml}"
WORD = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")
NAMES = {"potline", "ISO", "GWP", "JCGM", "GUM", "JJF", "IPCC", "GHG", "Protocol"}
NAMES |= {"CFP", "MWh", "Sobol'", "sensitivity", "china", "grid", "mixes"}
"""Standards, who made them, units, a command and the name of the study."""
DATA = {"records", "repeat"}
"""Annexes of inputs as they were stated, with their sources, and of the config."""


def english(element) -> list[str]:
    """English words that a reader sees, data apart."""
    if element.tag in {XHTML + "style", XHTML + "script"} or element.get("id") in DATA:
        return []
    found = WORD.findall(element.text or "")
    for child in element:
        found += english(child) + WORD.findall(child.tail or "")
    return found


@pytest.mark.parametrize("brief", [True, False])
def test_no_english_is_left(brief):
    result = load(CONFIGS / "china_grid_mixes.yaml", settings={"draws": 1024}).run()
    page = html5lib.parse(build([result], language="zh", brief=brief))
    assert {word for word in english(page) if word not in NAMES} == set()
