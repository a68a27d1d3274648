"""Units of the field: standard coal, dry tonnes, and the names of Chinese sheets."""

import pytest

from scenarios.model.definitions import literal
from scenarios.units import units

TCE = 29.3076e9  # J, 7 000 kcal/kg of 4.1868 kJ


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("tce", TCE),
        ("TCE", TCE),
        ("kgce/t", TCE / 1e6),
        ("千克标准煤/吨", TCE / 1e6),
        ("吨标准煤", TCE),
        ("kgce/t DM", TCE / 1e6),
        ("万千瓦时", 1e4 * 3.6e6),
        ("千瓦时/吨", 3600.0),
        ("kg CO2e/万千瓦时", 1 / 3.6e10),
        ("万吨", 1e7),
        ("t DM", 1000.0),
        ("dmt", 1000.0),
        ("mtu", 10.0),
    ],
)
def test_a_unit_of_the_field_has_its_size(text, same):
    assert units().parse(text).factor == pytest.approx(same, rel=1e-15)


@pytest.mark.parametrize("text", ["13500 千瓦时/吨", "13500千瓦时/吨", "13500 kWh/t"])
def test_a_quantity_may_be_written_with_it(text):
    number, unit = literal(text)
    assert (number, unit.factor) == (13500, 3600.0)


def test_an_option_may_use_it(written):
    study = written(
        """
inputs: {refining.energy: {units: MJ/t, value: 10000, source: a meter}}
outputs: {energy: {units: MJ/t, formula: refining.energy}}
""",
        overrides={"refining.energy": "340 千克标准煤/吨"},
    )
    values = study.run().tree["draws/outputs"].values
    assert values == pytest.approx(340 * 29.3076, rel=1e-14)
    assert "340 千克标准煤/吨" in study.text


def test_a_mass_of_coal_is_no_heat(written):
    from scenarios.errors import ConfigError

    with pytest.raises(ConfigError, match="is no amount of"):
        written(
            """
inputs: {refining.energy: {units: MJ/t, value: 340 kg/t, source: a meter}}
outputs: {energy: {units: MJ/t, formula: refining.energy}}
"""
        )
