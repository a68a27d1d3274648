"""The words that every message of a fault shares."""

import pytest

from uncertainty.errors import nearest, shown


def test_the_nearest_name_is_asked_for_only_where_one_is_near():
    known = ["smelting.electricity", "casting.loss"]
    near = nearest("smelting.electrcity", known)
    assert near == "; did you mean smelting.electricity?"
    assert nearest("zzz", known) == ""
    assert nearest("x" * 10**6, known) == ""  # at once, not in minutes


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "null"),
        (float("nan"), ".nan"),
        (float("inf"), ".inf"),
        (float("-inf"), "-.inf"),
        ("a\x1b[31m", '"a\\u001b[31m"'),
        (1.5, "1.5"),
        ({"a": [1]}, '{"a": [1]}'),
    ],
)
def test_a_value_is_shown_as_a_user_would_write_it(value, text):
    assert shown(value) == text


def test_a_long_value_is_cut():
    assert len(shown("x" * 1000)) == 60
    assert shown("x" * 1000).endswith("...")
