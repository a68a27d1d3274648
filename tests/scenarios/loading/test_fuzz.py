"""Whatever is done to a study, it is read or its faults are told, and nothing else."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.errors import ConfigError, ScenarioError
from scenarios.loading.load import load
from uncertainty.errors import UncertaintyError

WORDS = [
    *("", "0", "-1", "1e400", ".nan", "-.inf", "true", "null", "~", "[]", "{}", "''"),
    *("x", "rest", "9**9", "1 / 0", "smelting", "casting.loss", "footprint", "kWh/t"),
    *("{mix: cn_2023}", "{normal: {mean: 0, sd: 1}}", "[1, 2]", "2030", "2023-01-01"),
    *("%", "1 kg", "- 1", "? a", "!x", "&a b", "*a", "<<", "\t", "\x00", "'", '"', "#"),
    *("metal", "ingot", "grid", "gwp.CO2", "demand.metal", "power.mee23_coal", "CO2e"),
    *("\ud800", "é", "\U0001f600", "__class__", "lambda", "{", "}", "[", "]", ":", ","),
]
TOKEN = re.compile(r"[\w.]+|[^\w\s]")


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """The text with one to three small edits."""
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["word", "word", "cut", "line", "swap", "twice"]))
        lines = text.splitlines(keepends=True)
        tokens = list(TOKEN.finditer(text))
        if not tokens:
            return text
        if kind == "word":
            found = draw(st.sampled_from(tokens))
            word = draw(
                st.sampled_from(WORDS) | st.sampled_from(tokens).map(lambda t: t[0])
            )
            text = text[: found.start()] + word + text[found.end() :]
        elif kind == "cut":
            start = draw(st.integers(0, len(text) - 1))
            text = text[:start] + text[start + draw(st.integers(1, 30)) :]
        else:
            first = draw(st.integers(0, len(lines) - 1))
            second = draw(st.integers(0, len(lines) - 1))
            if kind == "line":
                del lines[first]
            elif kind == "swap":
                lines[first], lines[second] = lines[second], lines[first]
            else:
                lines.insert(second, lines[first])
            text = "".join(lines)
    return text


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each study of the examples is written in turn."""
    return tmp_path_factory.mktemp("fuzz") / "study.yaml"


# one file is written again and again: no example leaves a trace for the next
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_an_edited_study_is_read_or_its_faults_are_told(data, small, study):
    text = data.draw(edited(small))
    study.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        load(study)
    except ConfigError as error:
        told = error
    else:
        return
    for fault in told.faults:
        assert fault.message
        # lines end in other ways than \n, too
        assert 0 <= fault.line <= len(text.splitlines()) + 1
        assert len(str(fault)) < 1000


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_an_edited_option_is_read_or_its_faults_are_told(data, small, study):
    study.write_text(small)
    ids = [
        "smelting.electricity",
        "smelting.power",
        "casting.melt",
        "gwp.CO2",
        "fuel.gas",
    ]
    values = [
        *("{normal: {mean: 13500, sd: 50}}", "{formula: smelting.alumina * 2}"),
        *("{blend: {cn_2023: 0.5, hydro_contract: rest}}", "{mix: cn_2023, losses: 0}"),
        *("13500 kWh/t", "cn_2023", "{observed: {of: mean, values: [1, 2, 3, 4]}}"),
    ]
    id = data.draw(st.sampled_from(ids))
    value = data.draw(edited(data.draw(st.sampled_from(values))))
    with suppress(ScenarioError, UncertaintyError):
        load(study, {id: value})
