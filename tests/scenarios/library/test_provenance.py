"""Every figure of the library says where it comes from and how far to trust it."""

import csv
import re
from pathlib import Path

import pytest

from scenarios.language.yaml_text import read
from scenarios.library import catalogue

MARKS = {"read", "derived", "recalled", "assumed"}
WEAK = re.compile(r"\bleaked\b|\bpress\b|\brecalled\b", re.IGNORECASE)
"""Words of a source that nobody has seen in the document itself."""
TABLES = ("power/factors.csv", "power/mixes.csv")
CITED = ("policy/cbam_prices.csv", "policy/cbam_goods.csv")
WAYS = {"value", "formula", "pathway"}
"""Ways to state a value that have no spread of their own."""


def rows(name):
    with (catalogue.folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def inputs():
    for name in catalogue.names():
        data = read(catalogue.path(name), name)
        for id, stated in (data.get("inputs") or {}).items():
            yield f"{name}: {id}", stated
        for one in data.get("dependence") or []:
            yield f"{name}: {next(iter(one.values()))}", one


def spread(stated) -> bool:
    knots = (stated.get("pathway") or {}).values()
    varies = any(isinstance(k, dict) and "formula" not in k for k in knots)
    return varies or not (WAYS | {"same_draw"}) & set(stated)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_table_has_source_licence_and_marks(name):
    for row in rows(name):
        assert all(row[word] for word in ("source", "licence")), row["id"]
        assert row["confidence"] in MARKS, row["id"]
        held = float(row.get("gsd") or 1) > 1 or row.get("concentration")
        assert row["spread_confidence"] in (MARKS if held else MARKS | {""}), row["id"]


@pytest.mark.parametrize("name", CITED)
def test_every_row_of_a_policy_table_has_source_and_mark(name):
    for row in rows(name):
        assert row["source"], row
        assert row["confidence"] in MARKS, row


def test_every_file_has_a_licence_and_a_source():
    for name in catalogue.names():
        data = read(catalogue.path(name), name)
        assert all(data.get(word) for word in ("licence", "source")), name


def test_every_input_that_is_no_formula_has_source_and_marks():
    for place, stated in inputs():
        if "formula" in stated:
            continue
        assert stated.get("source"), place
        assert stated.get("confidence") in MARKS, place
        if spread(stated):
            assert stated.get("spread_confidence") in MARKS, place


def weak(source, confidence) -> bool:
    """Whether a source that nobody has seen is marked as read."""
    return confidence == "read" and bool(WEAK.search(str(source)))


def test_what_nobody_has_seen_is_not_marked_as_read():
    for place, stated in inputs():
        assert not weak(stated.get("source"), stated.get("confidence")), place
    for name in (*TABLES, *CITED):
        for row in rows(name):
            assert not weak(row["source"], row["confidence"]), (name, row)
    for name in catalogue.names():
        stated = read(catalogue.path(name), name).get("thresholds", {})
        for id, one in stated.items():
            assert not weak(one["source"], one["confidence"]), id


@pytest.mark.parametrize(
    ("source", "mark", "refused"),
    [
        ("Argus, December 2025, on a leaked text", "read", True),
        ("Directive and press on it", "read", True),
        ("Recalled: sector mean", "read", True),
        ("Recalled: sector mean", "recalled", False),
        ("Express delivery statistics", "read", False),
    ],
)
def test_the_refusal_itself(source, mark, refused):
    assert weak(source, mark) is refused


def test_nothing_rests_on_data_that_may_not_be_shipped():
    for row in rows("power/mixes.csv"):
        stated = row["source"] + row["licence"]
        assert not re.search(r"MPP|AGPL|CREA|terminal", stated), row["id"]


def test_a_province_consumes_what_the_official_factors_say():
    official = {row["id"]: float(row["median"]) for row in rows("power/factors.csv")}
    burnt = official["mee_co2_2023_cn_fossil"]
    found = [row for row in rows("power/mixes.csv") if "_consumed_" in row["id"]]
    assert len(found) == 60
    for row in found:
        code = row["region"].removeprefix("CN-").lower()
        share = official[f"mee_co2_2023_cn_{code}"] / burnt
        assert float(row["coal"]) == pytest.approx(share, abs=5e-5), row["id"]
        assert float(row["coal"]) + float(row["other"]) == pytest.approx(1, abs=1e-12)
        owner = row["shares_of"] or row["id"]
        assert owner == row["id"].replace("_2024", "_2023")


def test_the_regulations_name_documents_not_rumours():
    names = ("aluminium/accounts", "policy/border")
    files = [Path(catalogue.path(name)) for name in names]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "leaked" not in text
    for act in ("2025/2547", "2025/2620", "2025/2621", "2023/959"):
        assert act in text
