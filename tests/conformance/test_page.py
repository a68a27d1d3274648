"""The page of published values holds every row of the table, as it comes out today."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docs" / "make_conformance.py"


@pytest.fixture(scope="module")
def maker():
    """The script that writes the page, as a module."""
    spec = spec_from_file_location("make_conformance", SCRIPT)
    module = sys.modules["make_conformance"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["make_conformance"]


@pytest.fixture(scope="module")
def replays(maker):
    return maker.modules()


@pytest.fixture(scope="module")
def printed(maker) -> list[list[str]]:
    """Cells of every line of the page's tables."""
    lines = maker.PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line[2:-2].split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] not in ("case", "---")]


def test_no_row_is_left_out_and_none_is_replayed_twice(maker, replays):
    replayed = [maker.key_of(row) for m in replays.values() for row in m.rows()]
    wanted = [maker.key_of(row) for row in maker.table()]
    assert len(set(wanted)) == len(wanted) == 653
    assert sorted(replayed) == sorted(wanted)


def test_the_page_has_a_line_for_every_row_and_calls_none_off(maker, printed):
    expected = [
        [row["id"], row["quantity"], maker.number(float(row["expected"]))]
        for row in maker.table()
    ]
    assert [cells[:3] for cells in printed] == expected
    assert not any(cells[5].endswith("OFF") for cells in printed)


def test_computed_values_on_the_page_are_those_of_today(maker, replays, printed):
    keys = [maker.key_of(row) for row in maker.table()]
    lines = dict(zip(keys, printed, strict=True))
    checked = 0
    for one in maker.computed(replays):
        cells = lines[maker.key_of(one.row)]
        assert one.holds, cells
        # the page prints ten digits, and nought for less than 1e-15
        assert float(cells[3]) == pytest.approx(one.got, rel=1e-9, abs=1e-15)
        checked += 1
    assert checked == sum(cells[5] == "computed" for cells in printed) > 450


def test_a_value_that_is_off_is_said_to_be(maker):
    row = maker.table()[0]
    off = maker.Judged(row, 2 * float(row["expected"]), float(row["tol_abs"]), "drawn")
    assert not off.holds
    assert "drawn, OFF" in maker.line(off)
