"""The bar of a long run: on a terminal only, and from the first moment on."""

import io
import sys

import pytest

from scenarios.cli.progress import bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_many_draws_are_done(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with bar("my_smelter", 20_000) as tell:
        assert tell is not None
        tell(10_000)
    text = terminal.getvalue()
    # shown before the first draws are done, when there is no speed yet
    for word in ("my_smelter", "0 draws", "10,000 draws"):
        assert word in text


def test_nothing_is_shown_where_it_is_piped(monkeypatch):
    monkeypatch.setattr(sys, "stderr", piped := io.StringIO())
    with bar("my_smelter", 20_000) as tell:
        assert tell is None
    assert piped.getvalue() == ""


def test_a_name_is_no_markup_and_no_format(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with bar("a {b} c", 10):
        pass
    assert "a {b} c" in terminal.getvalue()


def test_what_fails_inside_is_passed_on(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(ZeroDivisionError), bar("x", 1):
        raise ZeroDivisionError
