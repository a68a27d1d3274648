"""The live page in a real browser: its numbers are the engine's, and it can be used.

Run with ``pytest -m browser``, as the tests of the report.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr

from scenarios.explorer import page as live_page
from scenarios.loading.load import load
from uncertainty.statistics import summarise

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")

NAMES = ("chromium", "chromium-browser", "google-chrome")
ROOT = Path(__file__).parents[2]
STUDIES = {
    "aluminium": ROOT / "configs" / "china_grid_mixes.yaml",
    "pathway": ROOT / "configs" / "national_pathway.yaml",
    "measures": ROOT / "configs" / "decarbonisation_wedge.yaml",
    "cement": ROOT / "tests" / "data" / "cement.yaml",
    "clinker": ROOT / "configs" / "cement_clinker.yaml",
    "fleet": ROOT / "configs" / "national_fleet.yaml",
}
DRAWS = 512
STATES, AT_ONCE = 200, 40
CLOSE = 1e-9
HOSTILE = "</script><img src=x onerror=document.title=1>=1+1{a}"

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# what a test reads of an answer, without its draws
ASK = """state => {
  const short = x => x && {mean: x.mean, median: x.median, low: x.low, high: x.high,
                           below: x.below, bad: Boolean(x.bad)};
  const found = potline.ask(state);
  return {a: short(found.a), b: short(found.b), gap: short(found.difference),
          lower: found.lower, drivers: found.drivers,
          state: potline.sound(state), record: potline.record(state)};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    found = os.environ.get("POTLINE_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium, or set POTLINE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        one = driver.chromium.launch(executable_path=found, args=flags)
        yield one
        one.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Pages of the studies, in both languages, and one with hostile texts."""
    where = tmp_path_factory.mktemp("pages")
    for name, path in STUDIES.items():
        study = load(path)
        for language in ("en", "zh"):
            text = live_page(study, draws=DRAWS, language=language)
            (where / f"{name}-{language}.html").write_text(text, encoding="utf-8")
    text = STUDIES["cement"].read_text(encoding="utf-8")
    for word in ("As today", "Cement 42.5 from one dry kiln, China", "Amine capture"):
        text = text.replace(word, json.dumps(f"{word} {HOSTILE}"))
    (where / "hostile.yaml").write_text(text, encoding="utf-8")
    study = load(where / "hostile.yaml")
    (where / "hostile-en.html").write_text(
        live_page(study, draws=DRAWS), encoding="utf-8"
    )
    return where


class Opened(NamedTuple):
    """A page with what it said on the console and what it asked the network for."""

    page: Any
    said: list[str]
    asked: list[str]


@pytest.fixture
def opened(browser, folder):
    """Open a page at a width, at a state."""
    contexts = []

    def open_(name: str, width: int = 1280, address: str = "") -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page, said, asked = context.new_page(), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / f"{name}.html").as_uri() + address)
        return Opened(page, said, asked)

    yield open_
    for context in contexts:
        context.close()


# ---- random states of the controls


def shares(rng: random.Random, words: list[str]) -> dict[str, float]:
    """Shares of some of the words, adding up to one."""
    chosen = rng.sample(words, rng.randint(1, min(4, len(words))))
    numbers = np.random.default_rng(rng.randrange(10**9)).dirichlet(
        np.ones(len(chosen))
    )
    return dict(zip(chosen, numbers.tolist(), strict=True))


def side(rng: random.Random, data: dict[str, Any]) -> dict[str, Any]:
    """One side of a comparison: a scenario with controls moved at random."""
    scenario = rng.choice([one for one in data["scenarios"] if not one.get("member")])
    if scenario["fixed"]:
        return {"s": scenario["name"]}
    inputs = {}
    for id in rng.sample(list(scenario["inputs"]), rng.randint(0, 5)):
        rule = data["rules"][scenario["inputs"][id]]
        point = rule["point"]
        value = point * rng.uniform(0.6, 1.4) or rng.uniform(0, rule.get("sd") or 1)
        moved = value if rng.random() < 0.7 else point
        inputs[id] = [moved, rng.choice([0, 0.35, 1, 1, 1.6, 2])]
    kinds = data["structures"][scenario["cells"][0][0]]
    supplies: dict[str, Any] = {}
    for one in data["supplies"]:
        ways = ["as stated", "option", *(["blend"] if kinds["mixes"] else [])]
        way = rng.choice([*ways, *(["shares"] if kinds["technologies"] else [])])
        losses = rng.choice([None, 0.03, 0.11])
        if way == "option":
            option = rng.randrange(len(one["options"]))
            supplies[one["id"]] = {"option": option, "losses": losses}
        elif way == "blend":
            blend = shares(rng, list(kinds["mixes"]))
            supplies[one["id"]] = {"blend": blend, "losses": losses}
        elif way == "shares":
            name = rng.choice(list(kinds["technologies"]))
            supplies[one["id"]] = {
                "shares": shares(rng, list(kinds["technologies"][name])),
                "set": name,
                "stated": rng.choice([None, *kinds["losses"]]),
                "losses": losses,
            }
    years = data["years"] or [0]
    levers = {
        one["id"]: [rng.choice([0, 0.3, 0.77, 1]), rng.choice(years)]
        for one in data["levers"]
        if rng.random() < 0.4
    }
    return {"s": scenario["name"], "i": inputs, "p": supplies, "l": levers}


def states(data: dict[str, Any], count: int, seed: int) -> list[dict[str, Any]]:
    """Random states; the coverage probability of the first holds for all."""
    rng = random.Random(seed)
    probability = rng.choice([0.95, 0.9, 0.6827])
    found = []
    for _ in range(count):
        one: dict[str, Any] = {"a": side(rng, data), "b": side(rng, data)}
        one |= {"p": probability, "t": rng.uniform(100, 14000)}
        if data["years"]:
            one["y"] = rng.choice(data["years"])
        found.append(one)
    return found


def same(one: float, other: float, where: object) -> None:
    assert one == pytest.approx(other, rel=CLOSE, abs=0), where


@pytest.mark.parametrize("start", range(0, STATES, AT_ONCE))
@pytest.mark.parametrize("name", STUDIES)
def test_the_page_answers_what_a_run_of_the_copied_scenarios_does(
    opened, tmp_path, name, start
):
    page = opened(f"{name}-en").page
    data = page.evaluate(
        "(() => { const {values, leaves, ...rest} = potline.data; return rest; })()"
    )
    asked = states(data, AT_ONCE, start)
    answers = [page.evaluate(ASK, state) for state in asked]
    # every state is a scenario or two of one study
    text, names = "", []
    for number, answer in enumerate(answers):
        copied = answer["record"]["scenarios"]
        both = []
        for side_ in "ab":
            called = answer["record"][side_]
            if called.startswith("what_if"):
                own = f"state_{number}_{side_}"
                copied = re.sub(rf"(?m)^  {called}:$", f"  {own}:", copied)
                called = own
            both.append(called)
        text += copied
        names.append(both)
    whole = data["study"]["head"] + f"run: {answers[0]['record']['run']}\n"
    path = tmp_path / "copied.yaml"
    path.write_text(whole + data["study"]["scenarios"] + text, encoding="utf-8")
    result = load(path).run()  # it passes the checks
    footprint = result.footprint
    summary = result.summary("footprint")
    drivers = result.first_order["variance_share"]
    compared = 0
    for state, answer, both in zip(asked, answers, names, strict=True):
        where = json.dumps(answer["state"])
        at = {"year": answer["state"]["y"]} if data["years"] else {}
        draws = [footprint.sel(scenario=one, **at) for one in both]
        if answer["a"] is None or answer["b"] is None:
            continue
        assert not answer["a"]["bad"]
        assert not answer["b"]["bad"]
        for side_, called, values in zip("ab", both, draws, strict=True):
            here = summary.sel(scenario=called, **at)
            same(answer[side_]["mean"], float(here["mean"]), where)
            same(answer[side_]["median"], float(here["median"]), where)
            same(answer[side_]["low"], float(here["coverage"][0]), where)
            same(answer[side_]["high"], float(here["coverage"][1]), where)
            assert answer[side_]["below"] == float((values < state["t"]).mean())
        gap = xr.DataArray(draws[0].values - draws[1].values, dims="draw", name="gap")
        if both[0] != both[1]:
            told = summarise(gap, state["p"])
            same(answer["gap"]["mean"], float(told["mean"]), where)
            same(answer["gap"]["median"], float(told["median"]), where)
            same(answer["gap"]["low"], float(told["coverage"][0]), where)
            same(answer["gap"]["high"], float(told["coverage"][1]), where)
        assert answer["lower"] == float((gap < 0).mean())
        of_page = {one["column"]: one["share"] for one in answer["drivers"]}
        here = drivers.sel(scenario=both[0], **at)
        for column, share in zip(here["parameter"].values, here.values, strict=True):
            assert of_page.get(str(column), 0.0) == pytest.approx(
                float(share), abs=1e-8
            )
        compared += 1
    assert compared > AT_ONCE * 0.9


def potline(folder: Path, *words: str) -> str:
    """What the command prints; it has to succeed."""
    call = "from scenarios.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", call, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_saved_study_is_run_and_checked_by_the_command(opened, tmp_path):
    page = opened("aluminium-en").page
    state = {
        "a": {
            "s": "yunnan",
            "p": {"smelting.power": {"blend": {"hydro_contract": 0.6, "cn_2023": 0.4}}},
            "i": {"power.mee23_coal": [0.9, 2], "smelting.ac_electricity": [13000, 0]},
        },
        "b": {"s": "national_grid"},
    }
    answer = page.evaluate(ASK, state)
    assert answer["record"]["b"] == "national_grid"
    (tmp_path / "saved.yaml").write_text(answer["record"]["study"], encoding="utf-8")
    potline(tmp_path, "check", "saved.yaml")
    told = potline(tmp_path, "run", "saved.yaml", "--json", "--figures", "none")
    rows = {
        row["scenario"]: row
        for row in json.loads(told)["results"]
        if row["output"] == "footprint"
    }
    for side_, name in (("a", "what_if"), ("b", "national_grid")):
        same(answer[side_]["mean"], rows[name]["mean"], name)
        same(answer[side_]["low"], rows[name]["lower"], name)
        same(answer[side_]["high"], rows[name]["upper"], name)


# ---- the page itself


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", STUDIES)
def test_it_opens_without_an_error_a_request_or_an_overflow(
    opened, name, language, width
):
    page, said, asked = opened(f"{name}-{language}", width)
    page.wait_for_timeout(500)
    assert said == []
    assert asked == [page.url.split("#")[0]]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#x-finding").inner_text().count("CO2e") >= 1


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_has_no_serious_finding(opened, language, width):
    page = opened(f"measures-{language}", width).page
    page.locator("#x-stages [role=button]").first.click()
    page.locator("#x-yaml").click()
    found = axe.Axe().run(page).response["violations"]
    assert [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ] == []


def test_hostile_texts_stay_texts(opened, tmp_path):
    page, said, asked = opened("hostile-en")
    page.wait_for_timeout(500)
    assert said == []
    assert asked == [page.url.split("#")[0]]
    assert page.title() != "1"
    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator("h1").inner_text()
    assert HOSTILE in page.locator("#x-finding").inner_text()
    state = {"a": {"s": "today", "l": {"capture": [0.5, 2060]}}}
    record = page.evaluate("state => potline.record(state)", state)
    (tmp_path / "copied.yaml").write_text(record["study"], encoding="utf-8")
    study = load(tmp_path / "copied.yaml")
    assert study.title.endswith(HOSTILE)
    assert study.scenarios["today"].label == f"As today {HOSTILE}"


def test_nothing_but_the_page_s_own_script_may_run(opened):
    page, said, _ = opened("cement-en")
    page.evaluate(
        """() => { const one = document.createElement("script");
        one.textContent = "document.title = 1"; document.body.append(one);
        document.body.setAttribute("onclick", "document.title = 1");
        document.body.click(); fetch("https://example.org").catch(() => 0); }"""
    )
    page.wait_for_timeout(200)
    assert page.title() != "1"
    assert len(said) >= 2
    assert all("Content Security Policy" in text for text in said)


def test_a_share_moves_the_answer_and_the_others_give_way(opened):
    page = opened("aluminium-en").page
    block = page.get_by_role("group", name="Power: smelting.power").first
    block.get_by_label("Supply").select_option("set:mee24")
    before = page.locator("#x-finding").inner_text()
    hydro = block.get_by_label("Share of hydro", exact=True)
    coal = block.get_by_label("Share of coal (%)")
    coal_before = float(coal.input_value())
    hydro.focus()
    for _ in range(4):
        hydro.press("PageDown")
    assert page.locator("#x-finding").inner_text() != before
    assert float(coal.input_value()) > coal_before
    assert "Sum 100" in block.inner_text()
    # a share that is held stays
    block.get_by_label("Hold the share of coal").check()
    held = coal.input_value()
    hydro.focus()
    hydro.press("Home")
    assert coal.input_value() == held
    numbers = block.locator(".x-share input[type=number]").all()
    assert sum(float(one.input_value()) for one in numbers) == pytest.approx(
        100, abs=0.1
    )


def test_every_control_has_a_name_and_takes_the_keyboard(opened):
    page = opened("measures-en").page
    controls = page.locator(
        ".explorer :is(input, select, button, textarea):not([disabled]):visible"
    )
    count = controls.count()
    assert count > 40
    seen = set()
    page.locator(".x-skip").focus()
    for _ in range(count + 20):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                """(() => { const all = [...document.querySelectorAll(
                ".explorer :is(input, select, button, textarea)")];
                return all.indexOf(document.activeElement); })()"""
            )
        )
    seen.discard(-1)
    assert len(seen) == count
    # a stage opens with Enter
    stage = page.locator("#x-stages [role=button]").nth(1)
    stage.focus()
    page.keyboard.press("Enter")
    assert page.locator("#x-stages + div table").count() == 1


def test_the_state_stands_in_the_address(opened):
    page, *_ = opened("measures-en")
    page.get_by_label("Adoption of Inert anodes (%)").last.fill("40")
    page.get_by_label("Year", exact=True).select_option("2050")
    page.get_by_label("Limit").fill("6")
    page.wait_for_timeout(600)
    told = page.locator("#x-finding").inner_text()
    address = page.evaluate("location.hash")
    again = opened("measures-en", address=address).page
    assert again.locator("#x-finding").inner_text() == told
    assert "below 6 t" in told
    page.locator("#x-hold").click()
    page.locator("#x-reset").click()
    page.wait_for_timeout(600)
    held = page.evaluate("potline.state")
    assert "l" in held["b"]
    assert "l" not in held["a"]


@pytest.mark.parametrize(
    "address",
    [
        "#s=%7B",
        "#s=null",
        "#s=%5B1%5D",
        "#other",
        "#s=" + "%7B%22a%22%3A%7B%22s%22%3A1%7D%7D",
    ],
)
def test_an_address_that_says_nothing_is_no_fault(opened, address):
    page, said, _ = opened("cement-en", address=address)
    assert said == []
    assert "CO2e" in page.locator("#x-finding").inner_text()


def test_what_is_saved_can_be_read(opened):
    page = opened("cement-en").page
    for button, ending, begin in (
        ("csv", ".csv", b"\xef\xbb\xbfmeasure,"),
        ("svg", ".svg", b"<svg"),
        ("png", ".png", b"\x89PNG"),
        ("study", ".yaml", b""),
    ):
        with page.expect_download() as waiting:
            page.locator(f"#x-{button}").click()
        assert waiting.value.suggested_filename.endswith(ending)
        content = Path(waiting.value.path()).read_bytes()
        assert content.startswith(begin)
        assert len(content) > 1000


def test_it_prints_without_the_controls(opened):
    page = opened("pathway-en").page
    page.emulate_media(media="print")
    assert not page.locator("#x-controls").is_visible()
    assert page.locator("#x-densities").is_visible()
    assert page.pdf()[:5] == b"%PDF-"
