"""The report in a real browser: it works, loads nothing, fits, and can be read.

Run with ``pytest -m browser``. It takes Debian's ``chromium`` (or what POTLINE_CHROMIUM
names) and the ``test`` extra, which brings Playwright and axe-core.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from scenarios.loading.load import load
from scenarios.report import LANGUAGES, TEMPLATES, build

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")

NAMES = ("chromium", "chromium-browser", "google-chrome")
CONFIGS = Path(__file__).parents[2] / "configs"
HOSTILE = "<img src=x onerror=document.title=1><script>document.title=1</script>"
WIDTHS = (1280, 400)
FILES = [f"{template}-{language}" for template in TEMPLATES for language in LANGUAGES]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Opened(NamedTuple):
    """A page with what it said on the console and what it asked the network for."""

    page: object
    said: list[str]
    asked: list[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Reports of the largest shipped comparison, with a hostile label in it."""
    where = tmp_path_factory.mktemp("reports")
    text = (CONFIGS / "china_grid_mixes.yaml").read_text(encoding="utf-8")
    hostile = json.dumps(HOSTILE)  # a quoted string is the same in YAML
    title = text.splitlines()[0].removeprefix("title: ")
    text = text.replace(title, json.dumps(f"{title} {HOSTILE}"), 1)
    text = text.replace("label: {en: Yunnan grid, zh: 云南电网}", f"label: {hostile}")
    assert hostile in text
    shutil.copytree(CONFIGS, where / "configs")
    study = where / "configs" / "hostile.yaml"
    study.write_text(text, encoding="utf-8")
    result = load(study, settings={"draws": 1024}).run()
    for name in FILES:
        template, language = name.split("-")
        page = build([result], language=language, template=template)
        (where / f"{name}.html").write_text(page, encoding="utf-8")
    return where


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A headless Chromium."""
    found = os.environ.get("POTLINE_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium, or set POTLINE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        # the sandbox cannot be had by root, as in a container of a CI
        flags = ["--no-sandbox", "--disable-gpu"]
        one = driver.chromium.launch(executable_path=found, args=flags)
        yield one
        one.close()


@pytest.fixture
def opened(browser, folder):
    """Open a report at a width."""
    contexts = []

    def open_(name: str, width: int = 1280) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page, said, asked = context.new_page(), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / f"{name}.html").as_uri())
        page.evaluate(
            "document.querySelectorAll('.annex > details').forEach(d => d.open = true)"
        )
        return Opened(page, said, asked)

    yield open_
    for context in contexts:
        context.close()


def column(page, table: str, place: int) -> list[str]:
    """Visible cells of a column, from the top."""
    return page.eval_on_selector_all(
        f"#tab-{table} tbody tr:not([hidden])",
        f"rows => rows.map(row => row.cells[{place}].dataset.sort"
        f" ?? row.cells[{place}].textContent)",
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FILES)
def test_it_opens_without_an_error_a_request_or_an_overflow(opened, name, width):
    page, said, asked = opened(name, width)
    assert said == []
    assert asked == [page.url]
    assert page.title() != "1"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # what is wider than the page stands in a region that scrolls on its own
    outside = page.evaluate(
        """width => Array.from(document.querySelectorAll("main *"))
        .filter(e => !e.closest(".scroll, pre") && e.getClientRects().length)
        .filter(e => e.getBoundingClientRect().right > width + 1)
        .map(e => e.outerHTML.slice(0, 90))""",
        width,
    )
    assert outside == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FILES)
def test_axe_has_no_serious_finding(opened, name, width):
    page = opened(name, width).page
    found = axe.Axe().run(page).response["violations"]
    assert [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ] == []


def test_a_table_sorts_both_ways_by_value(opened):
    page = opened("gbt-en").page
    before = column(page, "footprint", 2)
    button = page.locator("#tab-footprint thead button").nth(2)
    button.click()
    up = [float(x) for x in column(page, "footprint", 2)]
    assert up == sorted(map(float, before))
    assert up != [float(x) for x in before]
    head = page.locator("#tab-footprint thead th").nth(2)
    assert head.get_attribute("aria-sort") == "ascending"
    button.press("Enter")  # works from the keyboard too
    assert [float(x) for x in column(page, "footprint", 2)] == up[::-1]
    assert head.get_attribute("aria-sort") == "descending"


def test_a_sum_stays_at_the_end_of_a_sorted_table(opened):
    page = opened("gbt-en").page
    for _ in range(2):
        page.locator("#tab-matrix thead button").last.click()
        page.locator("#tab-matrix thead button").first.click()
        assert column(page, "matrix", 0)[-1] == "All"


def test_a_table_filters_by_every_word(opened):
    page = opened("gbt-en").page
    whole = len(column(page, "inputs", 0))
    page.locator("#tab-inputs .filter").fill("ANODE triangular")
    found = column(page, "inputs", 0)
    assert 0 < len(found) < whole
    rows = page.locator("#tab-inputs tbody tr:visible").all_inner_texts()
    assert all("anode" in row.lower() and "triangular" in row for row in rows)
    assert f"{len(found)} of {whole}" in page.locator("#said").inner_text()
    page.locator("#tab-inputs .filter").fill("")
    assert len(column(page, "inputs", 0)) == whole


def test_the_picker_hides_rows_marks_and_columns(opened):
    page = opened("gbt-en").page
    count = page.locator("#picker input").count()
    assert len(column(page, "footprint", 0)) == count >= 12
    height = page.locator("#fig-by-stage svg").bounding_box()["height"]
    page.locator("#picker input").nth(2).uncheck()
    assert "Sichuan grid" not in column(page, "footprint", 0)
    assert len(column(page, "compared", 0)) == count - 1
    for figure in ("intervals-footprint", "by-stage"):
        assert page.locator(f"#fig-{figure} .slot:visible").count() == count - 1
    assert page.locator("#tab-pairs thead th:visible").count() == count
    assert page.locator("#fig-by-stage svg").bounding_box()["height"] < height
    page.get_by_role("button", name="None", exact=True).click()
    assert column(page, "footprint", 0) == []
    page.get_by_role("button", name="All", exact=True).click()
    assert len(column(page, "footprint", 0)) == count


def test_the_details_follow_the_scenario_that_is_chosen(opened):
    page = opened("gbt-en").page
    heads = [one.inner_text() for one in page.locator("#tab-matrix thead th").all()]
    place = heads.index("electricity")
    before = column(page, "matrix", place)
    page.locator("#focus").select_option(label="One captive coal plant")
    assert column(page, "matrix", place) != before
    told = page.locator("#tab-matrix .focused").inner_text()
    assert told == "One captive coal plant"


def test_the_table_of_stages_shows_shares_on_demand(opened):
    page = opened("gbt-en").page
    cell = page.locator("#tab-matrix tbody tr:visible").last.locator("td").nth(-2)
    assert "%" not in cell.inner_text()
    page.locator("#tab-matrix .shares").check()
    assert cell.inner_text().replace("\u00a0", " ") == "100 %"


def test_a_mark_tells_its_value_where_it_is_pointed_at(opened):
    page = opened("gbt-en").page
    page.locator("#fig-by-stage rect.part[data-tip]").nth(1).hover()
    told = page.locator("#tip")
    assert told.is_visible()
    assert "t CO2e/t" in told.inner_text()
    page.keyboard.press("Escape")
    assert not told.is_visible()


def test_one_of_two_figures_that_say_the_same_is_shown(opened):
    page = opened("gbt-en").page
    assert page.locator("#fig-by-stage").is_visible()
    assert not page.locator("#fig-by-source").is_visible()
    page.get_by_role("button", name="By source").click()
    assert page.locator("#fig-by-source").is_visible()


def test_it_can_be_read_without_its_script(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "gbt-en.html").as_uri())
    assert page.locator("#tab-footprint tbody tr").count() >= 12
    page.locator("#matrix summary").click()
    assert page.locator("#tab-matrix tbody tr:visible").count() == 6
    assert not page.locator("#controls").is_visible()
    context.close()


def test_it_prints_without_the_controls(opened):
    page = opened("gbt-en").page
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("#tab-inputs .filter").is_visible()
    assert page.locator("#tab-inputs tbody tr").last.is_visible()
    assert page.pdf()[:5] == b"%PDF-"


def pages(page) -> int:
    """Pages of a page in print."""
    return len(
        re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_brief_is_one_page_and_the_report_fourteen_before_its_annexes(
    browser, tmp_path, language
):
    result = load(CONFIGS / "china_grid_mixes.yaml", settings={"draws": 1024}).run()
    context = browser.new_context()
    page = context.new_page()
    for brief in (True, False):
        file = tmp_path / f"{brief}.html"
        file.write_text(build([result], language=language, brief=brief), "utf-8")
        page.goto(file.as_uri())
        if brief:
            assert pages(page) == 1
            continue
        whole = pages(page)
        page.evaluate("document.querySelectorAll('.annex').forEach(a => a.remove())")
        assert pages(page) <= 14 < whole
    context.close()
