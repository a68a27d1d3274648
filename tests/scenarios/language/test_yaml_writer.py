"""Plain data to YAML: what is written is read back as it was, and reads well."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.language.yaml_text import parse
from scenarios.language.yaml_writer import WIDTH, scalar, yaml_of

TEXT = st.text(max_size=20) | st.sampled_from(
    ["", "null", "1e3", "0o7", "yes", "~", "2024-01-01", "2024-13-01", "a: b", "a #b"]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(TEXT | st.integers(1900, 2200), below, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, ANY, min_size=1, max_size=4))
@settings(max_examples=120, deadline=None)
def test_what_is_written_is_read_as_it_was(data):
    back = parse(yaml_of(data), "x")
    assert repr(back) == repr(data)  # a number stays whole or decimal


def test_nan_is_written_as_yaml_has_it():
    assert math.isnan(parse(f"a: {scalar(math.nan)}", "x")["a"])


def test_long_text_and_lists_go_on_in_the_next_line():
    data = {"a": {"text": "word " * 60 + "end", "values": [0.125] * 60}}
    text = yaml_of(data)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert parse(text, "x") == data


def test_text_with_two_blanks_keeps_them():
    data = {"a": "one  two " + "word " * 40}
    assert parse(yaml_of(data), "x") == data


def test_nothing_at_all_is_an_empty_mapping():
    assert yaml_of({}) == "{}\n"


def test_what_is_no_plain_data_is_refused():
    with pytest.raises(TypeError, match="has no place in YAML"):
        scalar(object())
