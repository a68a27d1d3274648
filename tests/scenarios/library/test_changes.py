"""What differs between the library of the last release and this one."""

from scenarios.library.changes import changes, figures, since_release, write


def test_a_figure_that_moved_is_named_with_both_values():
    rows = {row[:2]: row[2:] for row in since_release()}
    kind, was, now = rows["power/factors", "mee24_wind"]
    assert (kind, was[:6], now[:6]) == ("changed", "0.0336", "0.0324")
    assert rows["aluminium/china_2023", "material.caustic_soda_factor"][0] == "gone"
    assert rows["policy/border", "cbam.default_markup"][0] == "new"
    # a figure in another file is compared with what it was
    kind, was, now = rows["policy/border", "cbam.price"]
    assert (kind, was[:28], now[:31]) == (
        "changed",
        "units EUR/t CO2e, value 75, ",
        "units EUR/t CO2e, value 75.36, ",
    )
    assert ("aluminium/accounts", "cbam.price") not in rows
    # what did not move is not in it
    assert ("power/factors", "mee23_hydro") not in rows


def test_a_library_does_not_differ_from_itself(tmp_path):
    found = figures()
    assert list(changes(found, found)) == []
    write(tmp_path / "table.csv", found)
    assert (tmp_path / "table.csv").read_text(encoding="utf-8").count("\n") > 500


def test_every_input_and_row_is_a_figure():
    from scenarios.library import catalogue

    found = figures()
    assert all(("power/factors", id) in found for id in catalogue.factors())
    assert all(("power/mixes", id) in found for id in catalogue.mixes())
    assert found["aluminium/chain", "caustic.salt"].startswith(
        "units kg/kg, value 0.671"
    )
