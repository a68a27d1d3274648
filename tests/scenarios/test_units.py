"""Units of the domain beside those of the SI."""

import pytest

from scenarios.units import units


@pytest.mark.parametrize(
    ("text", "other", "factor"),
    # GB/T 2589-2020: a kilogram of standard coal is 29 307.6 kJ, 7000 kcal of 4.1868 kJ
    [("kgce", "kJ", 7000 * 4.1868), ("tce", "GJ", 29.3076), ("gce/t", "kJ/t", 29.3076)],
)
def test_standard_coal_is_an_energy(text, other, factor):
    assert units().conversion(text, other) == pytest.approx(factor, rel=1e-12)
