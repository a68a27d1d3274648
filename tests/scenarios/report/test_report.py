"""The report: one page that says what the result says, and nothing else gets in."""

import base64
import hashlib
import json
import math
import re
import string
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import html5lib
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from scenarios.analysis.masses import amounts
from scenarios.explorer import DRAWS
from scenarios.library import catalogue as library
from scenarios.loading.load import load
from scenarios.numbers import significant
from scenarios.report import LANGUAGES, TEMPLATES, ReportError, build, material
from scenarios.report.build import CHAPTERS
from scenarios.report.drawing.svg import axis_over, broken, columns, cut
from scenarios.report.material import CUSTOM, Material
from scenarios.results.result import Result
from scenarios.words.catalogue import Words, texts
from tests.builders import without_tables

XHTML = "{http://www.w3.org/1999/xhtml}"
LIMIT = 5_000_000
"""Bytes a report may have (issue 6)."""

PLAIN = """\
title: A sum
run: {draws: 64, seed: 1, replicates: 4}
inputs:
  one: {units: t, normal: {mean: 1, sd: 1}, source: x}
  two: {units: t, lognormal: {median: 1, gsd: 2}, source: x}
outputs:
  sum: {units: kg, formula: one + two}
"""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></script><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} {mean} {0}",
    "\\input{/etc/passwd} $x^2$ =cmd|' /C calc'!A0",
    "javascript:alert(1) https://example.org/x.js",
    "'; --><!-- &lt;b&gt; &amp;",
)
UNFIT = "bell \x07, lone \ud800, none \uffff"
"""Characters that no page can hold."""


@cache
def run(config: str) -> Result:
    """Result of a config."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(config, encoding="utf-8")
        return load(path).run()


def saying(result: Result, **attributes: str) -> Result:
    """The same result with other words about the run."""
    return replace(result, attributes={**result.attributes, **attributes})


@pytest.fixture
def result(small) -> Result:
    """Result of the small study."""
    return run(small)


@cache
def _page(config: str, language: str, template: str) -> str:
    return build([run(config)], language=language, template=template)


@cache
def parsed(page: str):
    """The document; html5lib in strict mode raises on anything not well formed."""
    return html5lib.HTMLParser(strict=True).parse(page)


def every(document, name: str) -> list:
    """Elements of a name."""
    return list(document.iter(XHTML + name))


def text(element) -> str:
    """Text of an element, spaces and non-breaking ones alike."""
    return " ".join("".join(element.itertext()).split())


def table(document, name: str) -> list[list[str]]:
    """Cells of a table of the report, row by row."""
    sheet = next(e for e in document.iter() if e.get("id") == f"tab-{name}")
    body = next(sheet.iter(XHTML + "tbody"))
    return [[text(cell) for cell in row] for row in body]


def numbers(document) -> Counter:
    """What cells are sorted by: every number at full length."""
    return Counter(
        e.get("data-sort")
        for e in document.iter()
        if e.get("data-sort") is not None and e.tag == f"{XHTML}td"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
class TestEveryPage:
    def test_is_well_formed_small_and_has_its_sections(self, small, language, template):
        page = _page(small, language, template)
        document = parsed(page)
        assert len(page.encode()) < LIMIT
        found = [s.get("id") for s in every(document, "section")]
        parts = [name for chapter in CHAPTERS.values() for name in chapter]
        assert found[0] == "answer"
        assert [name for name in found if name in CHAPTERS] == list(CHAPTERS)
        assert [name for name in found if name in parts] == parts
        annexes = [
            s.get("id") for s in every(document, "section") if s.get("class") == "annex"
        ]
        assert tuple(annexes) == TEMPLATES[template]
        root = document.getroot() if hasattr(document, "getroot") else document
        assert root.get("lang") == {"en": "en", "zh": "zh-CN"}[language]

    def test_loads_nothing_from_anywhere(self, small, language, template):
        document = parsed(_page(small, language, template))
        links = [
            value
            for e in document.iter()
            for name, value in e.attrib.items()
            if name in {"src", "href", "action", "data", "poster", "srcset"}
        ]
        assert all(link.startswith("#") or link == "data:," for link in links)
        style = text(every(document, "style")[0])
        assert "url(" not in style
        assert "@import" not in style

    def test_has_heads_labels_and_landmarks(self, small, language, template):
        document = parsed(_page(small, language, template))
        for name in ("header", "nav", "main", "footer"):
            assert len(every(document, name)) == 1
        for head in every(document, "th"):
            assert head.get("scope") in {"row", "col"}
        for region in document.iter():
            if region.get("class") == "scroll":
                assert region.get("tabindex") == "0"
                assert region.get("aria-label")
        ids = [e.get("id") for e in document.iter() if e.get("id")]
        assert len(ids) == len(set(ids))


class TestWhatItSays:
    def test_the_footprint_is_that_of_the_result(self, result):
        document = parsed(build([result]))
        shown = {row[0]: row for row in table(document, "footprint")}
        for row in result.rows("footprint"):
            values = [
                significant(row.values[w] / 1000) for w in ("point", "mean", "median")
            ]
            assert shown[row.scenario][1:4] == values
            ends = [significant(row.values[w] / 1000) for w in ("lower", "upper")]
            assert shown[row.scenario][5:7] == ends

    def test_numbers_are_the_same_in_both_languages(self, small):
        for template in TEMPLATES:
            pages = [_page(small, language, template) for language in LANGUAGES]
            one, other = (numbers(parsed(page)) for page in pages)
            # marks of confidence are sorted by place, everything else by value
            assert one == other
            assert len(one) > 20

    def test_it_says_that_the_standards_were_not_at_hand(self, small):
        assert "did not have access" in _page(small, "en", "gbt")
        assert "未取得" in _page(small, "zh", "gbt")

    def test_the_field_s_own_terms_stand_in_the_chinese_page(self, small):
        page = _page(small, "zh", "research")
        for term in ("产品碳足迹", "声明单位", "系统边界", "单元过程", "包含区间"):
            assert term in page
        for term in ("概率对称区间", "蒙特卡罗", "从摇篮到大门", "活动数据"):
            assert term in page

    def test_the_cut_off_test_adds_up_the_flows_below_one_per_cent(self, result):
        document = parsed(build([result]))
        means: dict[str, float] = {}
        for row in result.rows("flows"):
            if row.scenario == "grid":
                means[row.item] = row.values["mean"]
        whole = sum(means.values())
        small = {n: x / whole for n, x in means.items() if x / whole < CUSTOM.flow}
        found = next(r for r in table(document, "cutoff") if r[0] == "grid")
        assert found[1:3] == [str(len(means)), str(len(small))]
        total = sum(small.values())
        # three figures are shown
        assert float(found[3].rstrip(" %")) == pytest.approx(100 * total, rel=5e-3)
        assert ("below 5 %" in found[4]) == (total < 0.05)

    def test_the_rating_is_the_mean_of_the_scores(self, small):
        scored = small.replace(
            "source: a table", "source: a table\n    data_quality: {time: 1, place: 4}"
        ).replace(
            "source: a meter", "source: a meter\n    data_quality: {time: 2, place: 2}"
        )
        page = build([run(scored)])
        facts = {
            text(e[0]): text(e[1])
            for e in parsed(page).iter()
            if len(e) == 2 and e[0].tag == f"{XHTML}dt"
        }
        assert facts["Rating from scores"].startswith("2.25 ")  # of 2.5 and 2.0
        assert facts["time"].startswith("1.50 ")
        assert facts["Inputs with scores"].startswith("2 of ")

    def test_without_scores_it_says_not_rated(self, result):
        assert "not rated" in build([result])

    def test_every_input_stands_in_the_data_table(self, result):
        shown = {row[0]: row for row in table(parsed(build([result])), "inputs")}
        assert set(shown) == {str(name) for name in result.inputs}
        assert "a meter" in shown["smelting.electricity"]
        assert "normal (mean 13500, sd 50)" in shown["smelting.electricity"]

    def test_demands_are_those_of_the_chain(self, result):
        found = amounts(result, "grid")
        # melt loss uniform from 0.2 to 0.8 %, its midpoint is the point value
        metal = 1 / (1 - 0.005)
        assert found.demands["metal"] == (pytest.approx(metal), "t")
        assert found.demands["alumina"] == (pytest.approx(1930 * metal), "kg")
        assert found.supplies["smelting.power"][0] == pytest.approx(13.5 * metal)
        assert found.exchanges["electrolysis", "alumina"] == found.demands["alumina"]

    def test_another_library_changes_nothing_that_the_result_holds(
        self, result, monkeypatch
    ):
        page = build([result])
        monkeypatch.setattr(library, "checksum", lambda: "another")
        assert build([result]) == page

    def test_what_the_result_does_not_hold_is_left_out_and_it_says_why(self, result):
        page = build([without_tables(result)])
        assert "No amounts are shown" in page
        assert 'id="tab-demands"' not in page

    def test_warnings_of_the_study_are_passed_on(self, result):
        warned = saying(result, warnings="smelting.x can become negative\nanother one")
        points = [text(e) for e in every(parsed(build([warned])), "li")]
        assert "smelting.x can become negative" in points
        assert "another one" in points

    def test_two_results_stand_side_by_side(self, small, result):
        other = saying(run(small.replace("sd: 50", "sd: 90")), study="second")
        document = parsed(build([result, other]))
        names = [row[0] for row in table(document, "footprint")]
        assert names[0] == "study: grid"
        assert names[-1] == "second: frugal"
        listed = [row[:2] for row in table(document, "inputs")]
        # the second result lists what differs, the changed input and no other
        assert [row[1] for row in listed if row[0] == "second"] == [
            "smelting.electricity"
        ]
        paired = {row[0]: row[-1] for row in table(document, "compared")}
        assert paired["study: grid"] == "yes"
        assert paired["second: frugal"].startswith("no (")

    def test_years_get_rows_of_their_own(self, small):
        document = parsed(build([run(f"years: [2020, 2030]\n{small}")]))
        found = [row[:2] for row in table(document, "footprint")]
        assert found[:2] == [["grid", "2020"], ["grid", "2030"]]
        years = {e.get("data-year") for e in document.iter() if e.get("data-year")}
        assert years == {"2020", "2030"}

    def test_more_scenarios_than_there_is_room_for_are_counted(
        self, small, monkeypatch
    ):
        monkeypatch.setattr(material, "ROWS", 2)
        last = small.replace("grid: {reference: true}", "grid: {}")
        last = last.replace("frugal: {", "frugal: {reference: true, ")
        document = parsed(build([run(last)]))
        # the reference is among those that are left, at the end or not
        assert [row[0] for row in table(document, "footprint")] == ["grid", "frugal"]
        assert "1 more scenarios" in text(document)


class TestBrief:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_is_page_one_of_the_report(self, small, language):
        page = build([run(small)], language=language, brief=True)
        document = parsed(page)
        assert [s.get("id") for s in every(document, "section")] == ["answer"]
        assert not every(document, "nav")
        # every scenario once, from the lowest mean to the highest
        drawn = [
            e.get("data-scenario")
            for e in every(document, "section")[0].iter()
            if e.get("data-scenario")
        ]
        means = [row.values["mean"] for row in run(small).rows("footprint")]
        assert drawn == [f"s{i}" for i in np.argsort(means)]

    def test_goes_without_a_template(self, result):
        with pytest.raises(ReportError, match="no --template"):
            build([result], brief=True, template="gbt")

    def test_the_cover_says_what_the_study_states(self, small):
        stated = f"report: {{producer: {{en: A works, zh: 某厂}}, site: Here}}\n{small}"
        for language, producer in (("en", "A works"), ("zh", "某厂")):
            found = parsed(build([run(stated)], language=language, brief=True))
            told = [text(e) for e in every(found, "dd")]
            assert told[:2] == [producer, told[1]]
            assert "Here" in told


class TestIndicesBesideTheResult:
    @staticmethod
    def indices(run: str) -> xr.DataTree:
        over = ("scenario", "output", "parameter")
        values = xr.DataArray([[[0.25, 0.75]]], dims=over)
        data = xr.Dataset(
            {"total_order": values, "total_order_lower": values - 0.125},
            {"scenario": ["grid"], "output": ["footprint"], "parameter": ["a", "b"]},
        )
        data["total_order_upper"] = values + 0.125
        data.attrs = {"method": "sobol", "n": 8, "ranked_by": "total_order"}
        found = xr.DataTree.from_dict({"/sobol": data})
        found.attrs["run"] = run
        return found

    def test_are_shown_with_their_confidence(self, result):
        beside = self.indices(result.provenance["started"])
        document = parsed(build([result], sensitivities=[beside]))
        found = table(document, "index-sobol-0")
        assert found[0][0] == "b"
        assert found[0][-2:] == ["0.75", "0.625 to 0.875"]

    def test_of_another_run_are_not_shown(self, result):
        page = build([result], sensitivities=[self.indices("2000-01-01")])
        assert "are of another run" in page
        assert "tab-index" not in page


class TestHostileText:
    @pytest.fixture
    def pages(self, small) -> list[str]:
        """The small study with hostile text wherever a text may stand."""
        words = iter(HOSTILE * 9)

        def quoted(found: re.Match[str]) -> str:
            stated = next(words).replace("'", "''")
            return f"{found[1]}: '{stated}'"

        text_of = re.sub(r"(title|source): a \w+", quoted, small, flags=re.I)
        text_of = re.sub(r"(title): .*", quoted, text_of)
        for id in ("grid: {reference: true", "hydro: {", "frugal: {"):
            label = next(words).replace("'", "''")
            comma = ", " if "true" in id else ""
            stated = f"label: '{label}'"
            tail = "" if "true" in id else ", "
            text_of = text_of.replace(f"  {id}", f"  {id}{comma}{stated}{tail}")
        for name in ("electrolysis", "casting"):
            label = next(words).replace("'", "''")
            text_of = text_of.replace(
                f"  {name}:\n", f"  {name}:\n    label: '{label}'\n"
            )
        hostile = saying(run(text_of), warnings="\n".join(HOSTILE), study=HOSTILE[0])
        return [build([hostile], template="research"), build([hostile], language="zh")]

    def test_comes_out_inert(self, pages):
        for document in map(parsed, pages):
            assert len(every(document, "script")) == 1
            assert every(document, "img") == every(document, "iframe") == []
            for element in document.iter():
                if isinstance(element.tag, str):
                    assert not any(name.startswith("on") for name in element.attrib)

    def test_comes_out_whole(self, pages):
        for document in map(parsed, pages):
            told = text(document)
            for words in HOSTILE:
                assert " ".join(words.split()) in told

    def test_characters_that_no_page_can_hold_are_replaced(self, result):
        page = build([saying(result, title=UNFIT)])
        assert "bell \ufffd, lone \ufffd, none \ufffd" in text(parsed(page))
        assert page.encode()

    def test_only_the_page_s_own_script_may_run(self, pages):
        document = parsed(pages[0])
        policy = next(
            e.get("content")
            for e in every(document, "meta")
            if e.get("http-equiv") == "Content-Security-Policy"
        )
        script = every(document, "script")[0].text
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in policy
        assert policy.startswith("default-src 'none'")


class TestWithoutAChain:
    def test_the_report_is_of_the_outputs(self):
        document = parsed(build([run(PLAIN)]))
        found = {s.get("id") for s in every(document, "section")}
        assert {"answer", "convergence", "percentiles", "records"} <= found
        assert not {"system", "gases", "cutoff", "compared"} & found
        assert table(document, "outputs")[0][1:3] == ["sum", "kg"]

    def test_the_template_gbt_is_refused(self):
        with pytest.raises(ReportError, match="gbt is for a footprint"):
            build([run(PLAIN)], template="gbt")

    def test_it_does_not_go_with_a_footprint(self, result):
        with pytest.raises(ReportError, match="do not measure the same thing"):
            build([result, run(PLAIN)])


def test_an_unknown_language_is_refused(result):
    with pytest.raises(ReportError, match="no language is called fr; there are en, zh"):
        build([result], language="fr")


def test_an_unknown_template_is_refused(result):
    with pytest.raises(ReportError, match="no template is called iso; there are gbt"):
        build([result], template="iso")


class TestTexts:
    @staticmethod
    def leaves(found: object, path: str = "") -> Iterator[tuple[str, set[str]]]:
        """Every text with the names that are filled into it."""
        if isinstance(found, dict):
            for key, inside in found.items():
                if path or key != "terms":
                    yield from TestTexts.leaves(inside, f"{path}.{key}")
        else:
            fields = string.Formatter().parse(str(found))
            yield path, {name for _, name, _, _ in fields if name}

    def test_both_languages_say_the_same_things(self):
        one, other = (dict(self.leaves(texts(x))) for x in LANGUAGES)
        assert one == other
        assert len(one) > 200

    def test_a_folded_chinese_line_has_no_space_in_it(self):
        wide = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
        found = str(texts("zh"))
        assert not re.search(f"{wide} {wide}", found)

    @given(value=st.floats(0, 1))
    def test_odds_never_round_to_all_or_none(self, value):
        shown = Words("en").odds(value)
        assert (shown == "0\u00a0%") == (value == 0)
        assert (shown == "100\u00a0%") == (value == 1)

    @pytest.mark.parametrize(
        ("value", "low", "high", "shown"),
        [
            (0.667, 0.665, 0.67, "66.7 % (66.5 to 67.0 %)"),
            (1.0, 0.99977, 1.0, "100 % (at least 99.977 %)"),
            (0.0, 0.0, 0.000225, "0 % (at most 0.0225 %)"),
            (0.9999, 0.9990, 1.0, "> 99.9 % (99.9 to 100.0 %)"),
            (math.nan, 0, 1, "–"),
        ],
    )
    def test_a_probability_says_how_well_it_is_known(self, value, low, high, shown):
        found = Words("en").chance(value, low, high)
        assert found.replace("\u00a0", " ") == shown

    def test_rounding_noise_is_shown_as_nothing(self):
        words = Words("en")
        assert words.number(-4e-10, spread=2.0) == "0"
        assert words.number(-4e-10) == "−4e−10"
        assert words.number(math.nan) == "–"


class TestDrawing:
    @given(
        ends=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), zero=st.booleans()
    )
    def test_an_axis_holds_its_values_and_has_ticks(self, ends, zero):
        axis = axis_over(ends, 100.0, 500.0, zero=zero)
        assert all(100 <= axis(value) <= 500 for value in ends)
        ticks = axis.ticks()
        assert len(ticks) >= 3 or ends[0] == ends[1]
        assert len(ticks) <= 9

    @given(words=st.text(), most=st.integers(4, 60))
    def test_a_cut_text_takes_no_more_than_it_may(self, words, most):
        assert columns(cut(words, most)) <= most
        assert all(columns(line) <= most for line in broken(words, most))
        assert len(broken(words, most)) <= 2

    def test_a_long_label_breaks_between_words(self):
        label = "Half national grid, half hydropower contract"
        assert broken(label, 30) == ["Half national grid, half", "hydropower contract"]

    def test_draws_that_are_not_stored_leave_intervals(self, result):
        draws = result.groups["draws"].drop_vars("footprint")
        slim = replace(result, groups={**result.groups, "draws": draws})
        page = build([slim], template="research")
        figure = re.search(
            r'<figure id="fig-intervals-footprint".*?</figure>', page, re.S
        )
        assert figure
        assert 'class="area"' not in figure[0]
        assert 'class="bar"' in page


class TestCommand:
    @pytest.fixture
    def report(self, potline, no_figures, small, tmp_path) -> Callable:
        (tmp_path / "study.yaml").write_text(small)
        assert potline("run", "study.yaml", "--out", "here", "-q").code == 0
        return lambda *words: potline("report", *words)

    def test_writes_a_page_and_says_how_large_it_is(self, report, tmp_path):
        told = report("here", "-o", "page.html", "--language", "zh")
        assert (told.code, told.err) == (0, "")
        assert re.fullmatch(r"已写入 page\.html（0\.\d\d MB），.*\n", told.out)
        assert 'lang="zh-CN"' in (tmp_path / "page.html").read_text(encoding="utf-8")

    def test_stands_beside_the_result_unless_told(self, report, tmp_path):
        assert report("here/results.nc").code == 0
        assert (tmp_path / "here" / "report.html").is_file()

    def test_a_folder_that_is_not_there_is_refused(self, report):
        told = report("here", "-o", "there/page.html")
        assert told.code == 2
        assert "there is no such folder" in told.err

    def test_a_language_that_is_not_there_is_refused(self, report):
        told = report("here", "--language", "fr")
        assert told.code == 2
        assert "no language is called fr" in told.err


def test_the_shipped_study_is_reported_whole(shipped):
    """The largest shipped comparison; the time is told by the benchmark, not here."""
    found = shipped("china_grid_mixes").result
    page = build([found], template="research")
    assert len(page.encode()) < LIMIT
    document = parsed(page)
    cells = Material([found], Words("en")).cells
    assert len(table(document, "footprint")) == len(cells) >= 12
    shares = [row[1:] for row in table(document, "matrix")]
    assert np.isfinite(float(shares[0][0]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_live_report_holds_the_explorer_of_its_study(result, language):
    plain = build([result], language=language)
    live = build([result], language=language, live=True)
    document = parsed(live)
    ids = {one.get("id") for one in document.iter() if one.get("id")}
    links = {one.get("href") for one in every(document, "a")}
    assert "live" in ids
    assert 'class="explorer"' not in plain
    assert {f"#{id}" for id in ids} >= {x for x in links if x and x.startswith("#")}
    policy = next(
        one.get("content")
        for one in every(document, "meta")
        if (one.get("http-equiv") or "").lower() == "content-security-policy"
    )
    scripts = [
        one.text
        for one in every(document, "script")
        if one.get("type") != "application/json"
    ]
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    held = next(
        json.loads(one.text)
        for one in every(document, "script")
        if one.get("type") == "application/json"
    )
    assert held["draws"] == DRAWS
    assert held["language"] == language


def test_the_command_writes_a_live_report(potline, no_figures, small, tmp_path):
    (tmp_path / "study.yaml").write_text(small, encoding="utf-8")
    assert potline("run", "study.yaml", "--out", "here", "-q").code == 0
    answer = potline("report", "here", "--live", "-o", "r.html")
    assert answer.code == 0, answer.err
    assert 'class="explorer"' in (tmp_path / "r.html").read_text(encoding="utf-8")
