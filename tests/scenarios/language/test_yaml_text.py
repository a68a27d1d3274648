"""YAML text to plain data: what is read, what is refused, and where things stand."""

import json
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.language import yaml_text
from scenarios.language.yaml_text import (
    DEEPEST,
    LIMIT,
    Unreadable,
    as_json,
    compose,
    parse,
    read,
)


@pytest.fixture(scope="module", params=["libyaml", "ruamel.yaml"], autouse=True)
def parser(request):
    """Each test runs with libyaml, and as where PyYAML has none."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "libyaml":
            assert yaml_text.CParser is not None, "PyYAML's wheel brings libyaml"
        else:
            patch.setattr(yaml_text, "CParser", None)
        yield request.param


def refused(text: str) -> tuple[int, str]:
    """Line and message of the fault that a text makes."""
    with pytest.raises(Unreadable) as caught:
        parse(text, "study.yaml")
    assert caught.value.fault.file == "study.yaml"
    return caught.value.fault.line, caught.value.fault.message


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1", 1),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("0x10", 16),
        ("-3", -3),
        ("true", True),
        ("yes", "yes"),
        ("on", "on"),
        ("no", "no"),
        ("12:30", "12:30"),
        ("010", 10),
        ("0o17", 15),
        ("-0b11", -3),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        (".5", 0.5),
        (".5e3", ".5e3"),
        ("-.inf", float("-inf")),
        ("0O17", "0O17"),
        ("2024-01-01", date(2024, 1, 1)),
        ("2024-1-1", "2024-1-1"),
        ("2024-1-1 10:00:00", datetime(2024, 1, 1, 10)),
        ("", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("[=a]", ["=a"]),
        ("null", None),
        ('"1"', "1"),
        ("a # b", "a"),
        ("[1, a]", [1, "a"]),
        ("a & b * c ! d", "a & b * c ! d"),
        ('"&a *b !c << %"', "&a *b !c << %"),
        ("5 %", "5 %"),
        ("|\n  &a\n  !b", "&a\n!b\n"),
    ],
)
def test_a_value_means_what_yaml_1_2_says(written, meant):
    found = parse(f"key: {written}\n", "study.yaml")["key"]
    assert found == meant
    assert type(found) is type(meant)


def test_a_year_may_be_a_key():
    assert parse("adoption: {2030: 0, 2050: 1}", "x") == {
        "adoption": {2030: 0, 2050: 1}
    }


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: !x 2\n", 2, "a tag is not allowed"),
        ("a: &x 1\nb: *x\n", 1, "an anchor is not allowed"),
        ("a: *x\n", 1, "an alias is not allowed"),
        ("a: {<<: {b: 1}}\n", 1, "a merge key is not allowed"),
        ("%YAML 1.2\n---\na: 1\n", 1, "a directive is not allowed"),
        ("a: 1\nb: 1\na: 2\n", 3, 'the key "a" stands twice'),
        ("a: 1\n? [b]\n: 1\n", 2, 'the key ["b"] is no text; put it in quotes'),
        ("a:\n  b: 1\n  null: 1\n", 3, "the key null is no text"),
        ("a:\n\tb: 1\n", 2, "a tab where spaces belong"),
        ("a: [1\n", 2, "not YAML"),
        ("a: 1\nb: =\n", 2, "= alone; put it in quotes"),
        ("a: 1\nb: 2024-13-01\n", 2, "a date that cannot be; put it in quotes"),
        (f"a: {'9' * 5000}\n", 1, "a whole number of thousands of digits"),
        ("a: |# b\n  c\n", 1, "not YAML: expected chomping"),
        ("a: \x07\n", 0, "a control character"),
        ("a: 1\n---\nb: 1\n", 2, "a second document"),
        ("- a\n", 1, "is no mapping of keys to values"),
        ("", 0, "is empty"),
        ("# to do\n", 0, "is empty"),
    ],
)
def test_what_a_config_may_not_hold_is_refused_with_its_line(text, line, says):
    found = refused(text)
    assert found[0] == line
    assert says in found[1]


def test_a_key_that_stands_twice_does_not_print_what_is_below_it():
    _, message = refused(f"a: {{b: {'x' * 5000}}}\na: 1\n")
    assert len(message) < 100


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_nesting_has_an_end(brackets):
    opened, closed = brackets
    key = "a: " if opened == "{" else ""
    allowed, refused_depth = DEEPEST - 1, DEEPEST + 1
    for depth in (allowed, refused_depth):
        text = f"a: {f'{opened}{key}' * depth}1{closed * depth}"
        if depth == allowed:
            parse(text, "study.yaml")
        else:
            assert "nested more than 30 deep" in refused(text)[1]


def test_text_with_brackets_is_no_nesting():
    text = f"a: '{'[' * 150}'"
    assert parse(text, "study.yaml") == {"a": "[" * 150}


def test_a_file_is_read_whatever_its_line_ends_and_its_mark(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + "a: é\r\nb: 2\r\n".encode())
    assert read(path, "study.yaml") == {"a": "é", "b": 2}


def test_a_file_may_have_five_megabytes_and_not_a_byte_more(tmp_path):
    path = tmp_path / "study.yaml"
    text = "a: 1\n#"
    path.write_text(text + "x" * (LIMIT - len(text)))
    assert read(path, "study.yaml") == {"a": 1}
    path.write_text(text + "x" * (LIMIT - len(text) + 1))
    with pytest.raises(Unreadable, match=f"{LIMIT + 1} bytes; a file may have {LIMIT}"):
        read(path, "study.yaml")


def test_a_file_that_may_not_be_read_says_why(tmp_path, monkeypatch):
    path = tmp_path / "study.yaml"
    path.write_text("a: 1")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(Unreadable, match="cannot be read: Permission denied"):
        read(path, "study.yaml")


TEXT = """\
title: x
inputs:
  a.b:
    units: t
    normal: {mean: 1,
             sd: 2}
outputs: []
imports:
  - one
  - two
years: {2030: 1,
  2040: 2}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("inputs", "a.b"), 3),
        (("inputs", "a.b", "normal", "mean"), 5),
        (("inputs", "a.b", "normal", "sd"), 6),
        (("imports", 1), 10),
        (("years", "2040"), 12),
        # the deepest part that is there
        (("inputs", "a.b", "missing"), 3),
        (("imports", 7), 8),
        (("title", "below", "text"), 1),
        (("nothing",), 0),
        ((), 0),
    ],
)
def test_a_path_has_the_line_of_its_deepest_part(path, line):
    assert compose(TEXT, "x").line(path) == line


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.from_regex(r"[a-z]{1,8}", fullmatch=True), below, max_size=3
        )
    ),
    max_leaves=8,
)


@given(PLAIN)
@settings(max_examples=100, deadline=None)
def test_what_json_writes_is_read_as_it_was(value):
    # JSON is YAML 1.2, so the reader gives back what json wrote
    text = json.dumps({"key": value}, ensure_ascii=False)
    assert parse(text, "x") == {"key": value}
    assert json.loads(as_json({"key": value})) == {"key": value}


@given(st.text(max_size=60))
@settings(max_examples=120, deadline=None)
def test_any_text_is_read_or_refused(text):
    with suppress(Unreadable):
        assert isinstance(parse(text, "x"), dict)


LETTERS = st.text("ab01 .:-#,[]{}?!&*|>'\"%@=<~\\\n\t\x85\u2028", max_size=12)


@given(LETTERS, LETTERS)
@settings(max_examples=150, deadline=None)
def test_both_parsers_read_the_same_and_refuse_the_same(one, other):
    text = f"key: {one}\nlist: [{other}]\n"
    outcomes = []
    for parser in (yaml_text.CParser, None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml_text, "CParser", parser)
            try:
                outcomes.append(repr(compose(text, "x")))
            except Unreadable:
                outcomes.append("refused")
    assert outcomes[0] == outcomes[1]


def test_half_a_surrogate_in_a_text_is_a_fault():
    """A setting on a command line can hold one: bytes that are no UTF-8."""
    with pytest.raises(Unreadable, match="a control character"):
        parse("a: \ud800", "--set")
