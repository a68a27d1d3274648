"""Units of the domain beside those of the SI."""

import subprocess
import sys

import pytest

from scenarios.units import units


@pytest.mark.parametrize(
    ("text", "other", "factor"),
    # GB/T 2589-2020: a kilogram of standard coal is 29 307.6 kJ, 7000 kcal of 4.1868 kJ
    [("kgce", "kJ", 7000 * 4.1868), ("tce", "GJ", 29.3076), ("gce/t", "kJ/t", 29.3076)],
)
def test_standard_coal_is_an_energy(text, other, factor):
    assert units().conversion(text, other) == pytest.approx(factor, rel=1e-12)


def test_usual_units_need_no_dictionary():
    program = (
        "import sys; from scenarios.units import units\n"
        "for text in ('kg CO2e/kWh', 'kg/t', 'CNY/t'): units().parse(text)\n"
        "sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
