"""The live page as it is made: what it offers, what it holds, and when it refuses."""

import base64
import hashlib
import html
import json
import re

import numpy as np
import pytest

from scenarios.explorer import ExplorerError, draws, page
from scenarios.explorer.model import MOST_INPUTS, Explored
from scenarios.explorer.moves import ROLES, move
from scenarios.language.yaml_text import read
from scenarios.library.catalogue import folder, tables
from scenarios.loading.load import load
from uncertainty.distributions import FAMILIES, Lognormal, build, parameters

ROOT = folder().parents[1]
CONFIGS = ROOT / "configs"
CEMENT = ROOT / "tests" / "data" / "cement.yaml"
DATA = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.S)

EXAMPLES = {
    "normal": {"mean": 4, "sd": 1},
    "uniform": {"low": 1, "high": 3},
    "triangular": {"low": 1, "mode": 2, "high": 4},
    "pert": {"low": 1, "mode": 2, "high": 4, "lambda": 3},
    "beta": {"a": 2, "b": 3, "low": 0.1, "high": 0.7},
    "truncated_normal": {"mean": 2, "sd": 1, "low": 0.5},
    "student_t": {"mean": 3, "scale": 0.2, "dof": 5},
    "arcsine": {"low": 1, "high": 2},
    "trapezoid": {"low": 1, "high": 3, "top_ratio": 0.3},
    "curvilinear_trapezoid": {"low": 1, "high": 3, "inexactness": 0.2},
    "interval": {"low": 1, "high": 3, "level": 0.9, "shape": "normal", "value": 1.8},
    "percent": {"value": 5, "plus_minus": 20},
    "discrete": {"values": (1.0, 2.0, 4.0), "probabilities": (0.2, 0.5, 0.3)},
    "empirical": {"values": (1.0, 2.0, 4.0, 5.0)},
    "observed": {"values": (4.0, 4.2, 3.9, 4.1), "of": "mean"},
    "gumbel": {"location": 3, "scale": 0.4},
    "gamma": {"shape": 4, "scale": 0.5},
    "weibull": {"scale": 2, "shape": 3},
    "exponential": {"mean": 2},
}
LEVELS = np.linspace(0.001, 0.999, 201)


def data_of(text: str) -> dict:
    """The data that a page holds."""
    found = DATA.search(text)
    assert found
    return json.loads(found[1])


def stated(rule: dict, value: float, spread: float) -> dict:
    """What the page states for a moved input: the same rule in Python."""
    point = rule["point"]
    factor = spread * value / point if rule["ratio"] else spread
    moving = "offset" in rule or rule.get("negate", False)

    def place(x):
        return factor * x if moving else value + factor * (x - point)

    told: dict = {}
    for name, role, x in rule["parameters"]:
        many = isinstance(x, list)
        told[name] = {
            "place": lambda x=x, many=many: tuple(map(place, x)) if many else place(x),
            "width": lambda x=x: abs(factor) * x,
            "percent": lambda x=x: spread * x,
            "shape": lambda x=x, many=many: tuple(x) if many else x,
        }[role]()
    if "bounds" in rule:
        ends = rule["bounds"].items()
        told["bounds"] = {end: place(x) for end, x in ends if x is not None}
    if rule.get("negate"):
        told["negate"] = True
    if moving:
        told["offset"] = value + factor * (rule["offset"] - point)
    return told


def test_every_family_is_moved_or_known_to_stay():
    stay = {"constant", "lognormal", "loguniform", "bernoulli", "discrete_uniform"}
    together = {"pedigree", "evidence", "elicited", "updated"}  # made of others
    assert set(FAMILIES) == ROLES.keys() | stay | together
    assert ROLES.keys() == EXAMPLES.keys()
    for family, roles in ROLES.items():
        assert roles.keys() == parameters(family).keys()


@pytest.mark.parametrize(
    "modifiers", [{}, {"offset": 1.5}, {"negate": True, "offset": 9}]
)
@pytest.mark.parametrize("family", EXAMPLES)
def test_a_moved_value_is_the_quantile_of_the_moved_distribution(family, modifiers):
    law = build(family, EXAMPLES[family] | modifiers)
    rule = move(law)
    if family == "percent" and modifiers:
        assert rule["kind"] == "fixed"
        return
    assert rule["kind"] == "affine"
    for value, spread in ((rule["point"] * 1.2, 1.0), (rule["point"] * 0.9, 1.6)):
        given = stated(rule, value, spread)
        after = build(rule["family"], given)
        factor = spread * value / rule["point"]
        wanted = value + factor * (law.ppf(LEVELS) - rule["point"])
        np.testing.assert_allclose(after.ppf(LEVELS), wanted, rtol=1e-12, atol=1e-12)


def test_bounds_move_with_what_they_cut():
    law = build("normal", {"mean": 4, "sd": 1, "bounds": {"low": 3, "high": 6}})
    rule = move(law)
    after = build(rule["family"], stated(rule, 5.0, 0.5))
    wanted = 5 + 0.5 * 5 / 4 * (law.ppf(LEVELS) - 4)
    np.testing.assert_allclose(after.ppf(LEVELS), wanted, rtol=1e-12)


def test_a_lognormal_is_moved_on_its_own_scale():
    law = build("interval", {"low": 1, "high": 4, "shape": "lognormal"})
    rule = move(law)
    assert rule["kind"] == "log"
    after = Lognormal(median=rule["median"] * 1.5, gsd=rule["gsd"] ** 1.4)
    wanted = rule["median"] * 1.5 * (law.ppf(LEVELS) / rule["median"]) ** 1.4
    np.testing.assert_allclose(after.ppf(LEVELS), wanted, rtol=1e-12)


def test_a_distribution_of_another_shape_when_moved_is_only_held():
    assert move(build("bernoulli", {"probability": 0.3}))["kind"] == "fixed"
    cut = build("lognormal", {"median": 2, "gsd": 2, "bounds": {"high": 5}})
    assert move(cut)["kind"] == "fixed"
    resampled = {"values": (1.0, 2.0, 3.0), "of": "bootstrap"}
    assert move(build("observed", resampled))["kind"] == "fixed"


def test_draws_are_rounded_by_less_than_a_part_in_2_to_the_48():
    row = np.random.default_rng(1).lognormal(size=999)
    low, reach, text = draws.packed(row)
    parts = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 6)
    whole = parts.astype(np.float64) @ 256.0 ** np.arange(6)
    back = low + reach * whole / (2.0**48 - 1)
    assert np.abs(back - row).max() <= reach * 2.0**-48
    assert draws.packed(np.full(3, 7.0)) == [7.0, 0.0, ""]


@pytest.mark.parametrize(
    "name",
    ["china_grid_mixes", "national_pathway", "decarbonisation_wedge", "cbam_exporter"],
)
def test_nothing_that_is_offered_needs_a_draw_of_its_own(name, tmp_path):
    study = load(CONFIGS / f"{name}.yaml")
    explored = Explored(study)
    made = explored.data()
    columns = study.model().columns
    parts = draws.text(study)
    every = {mix: 1 / len(made["mixes"]) for mix in made["mixes"]}
    every[min(every)] += 1 - sum(every.values())
    text = parts["head"] + parts["run"] + parts["scenarios"]
    for number, supply in enumerate(made["supplies"]):
        text += (
            f"  added_{number}:\n    set:\n      {supply['id']}: {{blend: {every}}}\n"
        )
        for group, factors in explored.cells.technologies.items():
            share = {word: 1 / len(factors) for word in factors}
            given = f"{{shares: {share}, factor_set: {group}}}"
            text += f"  added_{number}_{group}:\n    set: {{{supply['id']}: {given}}}\n"
    path = tmp_path / "copied.yaml"
    path.write_text(text, encoding="utf-8")
    copied = load(path)
    assert set(copied.scenarios) > set(study.scenarios)
    assert copied.model().columns == columns


def test_only_what_is_asked_for_is_offered():
    text = page(
        load(CONFIGS / "china_grid_mixes.yaml"),
        draws=64,
        scenarios=["yunnan", "national_grid"],
        inputs=["power.mee23_coal"],
    )
    data = data_of(text)
    assert [one["name"] for one in data["scenarios"]] == ["national_grid", "yunnan"]
    assert {id for one in data["scenarios"] for id in one["inputs"]} == {
        "power.mee23_coal"
    }


def test_shares_of_technologies_begin_at_the_grid_of_their_year():
    data = data_of(page(load(CONFIGS / "china_grid_mixes.yaml"), draws=64))
    shipped = tables().mixes
    begun = {group: shipped[f"cn_20{group[3:]}_mix"] for group in ("mee24", "mee23")}
    assert data["starts"] == {group: mix.active for group, mix in begun.items()}


def test_what_draws_inputs_of_its_own_is_shown_and_not_moved():
    study = load(CEMENT)
    data = data_of(page(study, draws=64))
    kinds = {one["name"]: one for one in data["scenarios"]}
    assert kinds["alone"]["fixed"]
    assert kinds["alone"]["inputs"] == {}
    assert not kinds["today"]["fixed"]
    members = [
        (weight, data["scenarios"][i]["name"]) for weight, i in kinds["two"]["members"]
    ]
    assert members == [(0.25, "two.today"), (0.75, "two.alone")]
    assert kinds["two.alone"]["member"]
    with pytest.raises(ExplorerError, match="beside a scenario"):
        page(study, draws=64, scenarios=["two"])


def test_a_fleet_whose_weights_are_formulas_is_left_out(tmp_path):
    text = CEMENT.read_text(encoding="utf-8")
    text = text.replace("{today: 0.25, alone: 0.75}", "{today: 1 / 4, alone: 3 / 4}")
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    data = data_of(page(load(tmp_path / "study.yaml"), draws=64))
    assert data["leftOut"] == ["Two kilns"]


def test_the_page_says_what_it_does_not_offer_and_why():
    kept = data_of(page(load(CEMENT), draws=64))["kept"]
    assert any("coal" in label for label in kept["composition"])
    assert kept["scaled"]


def test_what_a_change_would_drop_is_not_offered():
    # a GWP value carries its error as a factor, which a change would lose
    data = data_of(page(load(CEMENT), draws=64))
    assert not any("gwp.CH4" in one["inputs"] for one in data["scenarios"])
    moved = [one for one in data["scenarios"] if not one["fixed"]]
    assert all("gwp.shared_error" in one["inputs"] for one in moved)


def test_the_policy_names_the_script_and_the_style_and_nothing_else():
    text = page(load(CONFIGS / "minimal.yaml"), draws=64)
    stated = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    policy = html.unescape(stated)
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    script = re.findall(r"<script>(.*?)</script>", text, re.S)[-1]

    def digest(of: str) -> str:
        made = hashlib.sha256(of.encode()).digest()
        return f"'sha256-{base64.b64encode(made).decode()}'"

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src {digest(style)}",
        f"script-src {digest(script)}",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "http" not in style
    assert not re.search(r"\beval\b|new Function|innerHTML", script)


def test_hostile_texts_are_data(tmp_path):
    hostile = "</script><script>alert(1)</script>"
    text = CEMENT.read_text(encoding="utf-8").replace("As today", json.dumps(hostile))
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    made = page(load(tmp_path / "study.yaml"), draws=64)
    assert hostile not in made
    assert data_of(made)["scenarios"][0]["label"] == hostile


def test_both_languages_say_the_same():
    def keys(found: object, path: str = "") -> set[str]:
        if not isinstance(found, dict):
            return {path}
        return {x for k, v in found.items() for x in keys(v, f"{path}.{k}")}

    where = folder().parent / "explorer" / "texts"
    english, chinese = (read(where / f"{x}.yaml", x) for x in ("en", "zh"))
    extra = {key for key in keys(chinese) if key.startswith(".terms.stage")}
    assert keys(english) - {".terms.stage"} == keys(chinese) - extra


@pytest.mark.parametrize("name", ["minimal", "decarbonisation_wedge"])
def test_a_chinese_page_has_chinese_labels_and_saves_both_languages(name):
    study = load(CONFIGS / f"{name}.yaml")
    data = data_of(page(study, draws=64, language="zh"))
    rows = (data["scenarios"], data["rules"], data["levers"])
    labels = [one["label"] for each in rows for one in each]
    labels += [one["label"] for each in data["supplies"] for one in each["options"]]
    labels += [data["title"], *data["mixes"].values(), *data["kept"]["composition"]]
    chinese = re.compile("[\u4e00-\u9fff]")
    assert not [x for x in labels if not (chinese.search(x) or x in study.definitions)]
    assert data["study"] == data_of(page(study, draws=64))["study"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_scenario_is_asked_for_by_either_label(language):
    study = load(CONFIGS / "minimal.yaml")
    for label in ("hydro", "Hydropower by a direct line", "专线水电"):
        text = page(study, draws=64, language=language, scenarios=[label])
        assert [one["name"] for one in data_of(text)["scenarios"]] == ["hydro"]


def test_a_page_that_is_too_large_says_what_to_leave_out():
    study = load(CONFIGS / "world_regions.yaml")
    with pytest.raises(ExplorerError, match=r"more than 3 MB: .* --draws 512, --scen"):
        page(study, draws=2048)


def test_a_large_study_takes_as_many_draws_as_fit_and_says_so(potline, tmp_path):
    answer = potline("explore", str(CONFIGS / "world_regions.yaml"))
    assert answer.code == 0, answer.err
    assert "holds 512 draws in place of 2048" in answer.out
    text = (tmp_path / "explorer.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 3_000_000
    assert data_of(text)["draws"] == 512


def test_a_study_with_thousands_of_inputs_says_so(tmp_path):
    count = MOST_INPUTS + 1
    law = "{units: kg/kg, normal: {mean: 1, sd: 0.1}, source: x}"
    lines = ["declared_unit: {amount: 1, units: kg, product: p}", "inputs:"]
    lines += [f"  e{i}: {law}" for i in range(count)]
    lines += [
        "processes:",
        "  q:",
        "    stage: s",
        "    makes: {product: p, units: kg}",
    ]
    lines.append("    emits:")
    lines += [
        f"      f{i}: {{gas: CO2, amount: e{i}, source: process}}" for i in range(count)
    ]
    (tmp_path / "study.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ExplorerError, match=f"draws {count} inputs, more than"):
        page(load(tmp_path / "study.yaml"), draws=64)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--scenarios", "hydor"), "did you mean hydro"),
        (("--inputs", "smelting.alumna"), "did you mean smelting.alumina"),
        (("--language", "fr"), "there are en, zh"),
        (("-o", "nowhere/page.html"), "there is no such folder"),
    ],
)
def test_bad_options_end_with_2_and_write_nothing(potline, tmp_path, words, told):
    out = tmp_path / "page.html"
    given = words if words[0] == "-o" else (*words, "-o", str(out))
    answer = potline("explore", str(CONFIGS / "minimal.yaml"), *given)
    assert answer.code == 2
    assert told in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_study_without_a_footprint_is_told_what_to_use(potline, tmp_path):
    answer = potline("explore", str(CONFIGS / "measurement_model.yaml"))
    assert answer.code == 2
    assert "no footprint to move" in answer.err


def test_the_command_writes_the_page(potline, tmp_path):
    answer = potline(
        "explore", str(CONFIGS / "minimal.yaml"), "--draws", "128", "--language", "zh"
    )
    assert answer.code == 0, answer.err
    text = (tmp_path / "explorer.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in text
    assert data_of(text)["draws"] == 128


def test_the_chinese_page_has_the_study_s_chinese_labels():
    text = page(load(CONFIGS / "china_grid_mixes.yaml"), draws=256, language="zh")
    found = data_of(text)
    assert "<h1>中国电解铝的电网结构" in text
    assert found["scenarios"][0]["label"] == "全国电力碳足迹因子 2024"
    assert found["mixes"]["cn_2024"] == "中国，全国电力碳足迹因子 2024"
    labels = {label for _, label in found["columns"]}
    assert "煤电，中国" in labels
    assert "Coal power, China" not in labels
