"""Units strings: what they mean, what they cost, what is refused."""

import math
import re
import subprocess
import sys

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uncertainty.errors import UnitsError
from uncertainty.units import Units, registry
from uncertainty.units.dimensions import DIMENSIONLESS, Dimension

DOMAIN = ("CO2e = [carbon_dioxide_equivalent]", "CNY = [currency_CNY]", "CO2 = []")
MASS = Dimension.of([("[mass]", 1)])
LENGTH = Dimension.of([("[length]", 1)])
TIME = Dimension.of([("[time]", 1)])
CO2E = Dimension.of([("[carbon_dioxide_equivalent]", 1)])
CNY = Dimension.of([("[currency_CNY]", 1)])
ENERGY = MASS * LENGTH**2 / TIME**2


@pytest.fixture
def units() -> Units:
    return registry(DOMAIN)


# factors by hand from the SI: 1 kWh = 3.6e6 J, 1 t = 1000 kg, 1 day = 1440 min
@pytest.mark.parametrize(
    ("text", "factor", "dimension"),
    [
        ("kg CO2e/kWh", 1 / 3.6e6, MASS * CO2E / ENERGY),
        ("kg CO2e / (kW h)", 1 / 3.6e6, MASS * CO2E / ENERGY),
        ("kg CO2e per kWh", 1 / 3.6e6, MASS * CO2E / ENERGY),
        ("kg CO2e kWh**-1", 1 / 3.6e6, MASS * CO2E / ENERGY),
        ("kg CO2e kWh⁻¹", 1 / 3.6e6, MASS * CO2E / ENERGY),
        ("kg CO2e/t", 1e-3, CO2E),
        ("t CO2/t", 1, DIMENSIONLESS),
        ("kWh/t", 3600, ENERGY / MASS),
        ("MJ/t", 1000, ENERGY / MASS),
        ("min/day", 1 / 1440, DIMENSIONLESS),
        ("%", 0.01, DIMENSIONLESS),
        ("‰", 0.001, DIMENSIONLESS),
        ("1", 1, DIMENSIONLESS),
        (" 1 ", 1, DIMENSIONLESS),
        ("deg", math.pi / 180, DIMENSIONLESS),
        ("kg/(t*km)", 1e-6, LENGTH**-1),
        ("kg/(t·km)", 1e-6, LENGTH**-1),
        ("kg CO2e/(t km)", 1e-6, CO2E / LENGTH),
        ("kg CO2e/t/km", 1e-6, CO2E / LENGTH),
        ("CNY/t", 1e-3, CNY / MASS),
        ("kg/TJ", 1e-12, MASS / ENERGY),
        ("1/kWh", 1 / 3.6e6, ENERGY**-1),
        ("kWh⁻¹", 1 / 3.6e6, ENERGY**-1),
        ("t*km", 1e6, MASS * LENGTH),
        ("m**2", 1, LENGTH**2),
        ("m^2", 1, LENGTH**2),
        ("m²", 1, LENGTH**2),
        ("cm2", 1e-4, LENGTH**2),
        ("kg/m3", 1, MASS / LENGTH**3),
        ("(m/s)**2", 1, LENGTH**2 / TIME**2),
        ("m**0.5", 1, LENGTH**0.5),
        ("m**(-1)", 1, LENGTH**-1),
        ("Mt", 1e9, MASS),
    ],
)
def test_units_of_the_field_have_their_size(units, text, factor, dimension):
    unit = units.parse(text)
    # factors are exact fractions rounded once; the expectation may round twice
    assert unit.factor == pytest.approx(factor, rel=4e-16)
    assert unit.dimension == dimension
    assert unit.text == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("kg CO2e/t km", "kg CO2e/(t*km)"),
        ("CNY/t CO2e", "CNY/(t*CO2e)"),
        ("kg CO2e/kWh", "(kg*CO2e)/kWh"),
        ("m**2 kg/s", "(m**2)*kg/s"),
    ],
)
def test_a_space_binds_closer_than_a_slash(units, text, meant):
    assert units.parse(text).dimension == units.parse(meant).dimension
    assert units.parse(text).factor == units.parse(meant).factor


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no units; write 1 for a dimensionless"),
        ("   ", "no units; write 1"),
        ("2 kWh", "the number 2 does not belong in units"),
        ("1 kg", "the number 1 does not belong in units"),
        ("1000", "the number 1000 does not belong"),
        ("kg/2", "the number 2 does not belong"),
        ("t.km", re.escape("'.' has no place in units; write t*km")),
        ("t-km", re.escape("'-' has no place in units; write t*km")),
        ("kWh-1", re.escape("kWh**-1 for a power")),
        ("kg,t", "',' has no place in units"),
        ("°C", "write K or delta_degC"),
        ("kg/t*km", re.escape("read both ways; write kg/(t*km) or kg*km/t")),
        ("kg/t·km", "read both ways"),
        ("kg/", "a unit is missing at the end"),
        ("kg//t", "a unit is missing before '/'"),
        ("/t", "a unit is missing before '/'"),
        ("()", r"a unit is missing before '\)'"),
        ("(t", "a parenthesis is not closed"),
        ("t)", r"'\)' has no place there"),
        ("(((((t)))))", "parentheses more than 4 deep"),
        ("kg" * 50, "100 characters, units have 80 at most"),
        ("k" * 10_000, "10000 characters"),
        ("kg**9**9**9", "a power of a power"),
        ("kg**99", "the power 99 is beyond 9"),
        ("kg**9999999999", "is beyond 9"),
        ("kg⁻", "- is not a power"),
        ("((Ym**9)**9)**9", "too large or too small to compute"),
        ("((ym**9)**9)**9", "too large or too small to compute"),
        ("((Ym**9)**9)**0.5", "too large or too small to compute"),
        ("((ym**9)**9)**-0.5", "too large or too small to compute"),
        ("m**m", "'*' has no place|a unit is missing"),
        ("__import__('os')", '"\'" has no place in units'),
        ("__import__", "__import__ is not a unit known here"),
        ("kg\nt", r"'\\n' has no place in units"),
        ("kg{}", "'{' has no place in units"),
        ("[mass]", r"'\[' has no place in units"),
        ("N2", "N2 is not a unit known here"),
        ("dimensionless", "write 1"),
        ("degC", "degC does not multiply .* write .* K or delta_degC"),
        ("degF/h", "degF does not multiply"),
        ("dB", "dB does not multiply"),
        ("ton", "short ton to some, 1000 kg to others; write t"),
        ("tons/a", "short tons to some, 1000 kg to others"),
        ("kt", "a knot to some, 1000 t to others; write Gg"),
        ("MT", "a megatesla to some"),
    ],
)
def test_what_is_no_unit_is_refused_with_a_mend(units, text, message):
    with pytest.raises(UnitsError, match=message):
        units.parse(text)


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("KWh", "kWh"),
        ("kwh/t", "kWh"),
        ("MWH", "MWh"),
        ("Kg", "kg"),
        ("gj", "GJ"),
        ("CO2eq", "CO2e"),
        ("metre_", "metre"),
        ("cny/t", "CNY"),
    ],
)
def test_an_unknown_unit_is_answered_with_the_nearest(units, typed, near):
    with pytest.raises(UnitsError, match=rf"did you mean {near}\?"):
        units.parse(typed)


def test_nothing_near_means_no_suggestion(units):
    with pytest.raises(UnitsError, match=r"not a unit known here$"):
        units.parse("qqqqqqqqqq")


def test_the_domain_may_settle_an_ambiguous_name():
    assert registry(("kt = 1000 * metric_ton",)).parse("kt").factor == 1e6


def test_the_domain_may_name_a_product():
    assert registry(("tkm = metric_ton * kilometer",)).parse("kg/tkm").factor == 1e-6


def test_one_registry_serves_one_set_of_definitions():
    assert registry(DOMAIN) is registry(list(DOMAIN))
    assert registry(DOMAIN) is not registry()
    with pytest.raises(UnitsError, match="CO2e is not a unit known here"):
        registry().parse("kg CO2e")


def test_a_broken_definition_is_told():
    with pytest.raises(UnitsError, match="a b c: not a definition of a unit"):
        registry(("a b c",)).parse("kg")


def test_units_of_one_kind_are_compatible_and_convert(units):
    assert units.compatible("kg CO2e/kWh", "t CO2e/MWh")
    assert units.conversion("kg CO2e/kWh", "t CO2e/MWh") == 1
    assert units.conversion("MWh/t", "kWh/kg") == 1
    assert not units.compatible("kg CO2e/kWh", "kg/kWh")


def test_a_conversion_between_kinds_shows_both_sides(units):
    with pytest.raises(
        UnitsError, match=r"kWh/t \(energy/mass\) .* into t \(mass\): .* same thing"
    ):
        units.conversion("kWh/t", "t")


@pytest.mark.parametrize(
    ("text", "number", "written"),
    [
        ("13500 kWh/t", 13500, "kWh/t"),
        ("1 t", 1, "t"),
        ("-2.5e3  kg", -2500, "kg"),
        (" .5 t ", 0.5, "t"),
        ("5%", 5, "%"),
        ("0.2 1", 0.2, "1"),
        ("3 1/kWh", 3, "1/kWh"),
    ],
)
def test_a_quantity_splits_into_number_and_units(units, text, number, written):
    assert units.quantity(text) == (number, written)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("13500", "write a finite number.* and its units"),
        ("kWh", "write a finite number"),
        ("", "write a finite number"),
        ("1,5 kg", "its decimal mark a point"),
        ("1e400 kg", "write a finite number"),
        ("nan kg", "write a finite number"),
        ("13 500 kWh", "the number 500 does not belong"),
        ("3 foo", "foo is not a unit known here"),
        ("3" * 10_000 + " kg", "write a finite number"),
    ],
)
def test_a_text_that_is_no_quantity_is_refused(units, text, message):
    with pytest.raises(UnitsError, match=message):
        units.quantity(text)


def test_a_string_read_once_is_kept(units):
    assert units.parse("kg CO2e/GWh") is units.parse("kg CO2e/GWh")


@given(text=st.text(max_size=90) | st.from_regex(r"[kgt0-9 */^()²⁻.%]{1,20}"))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        unit = registry(DOMAIN).parse(text)
    except UnitsError:
        return
    assert 0 < unit.factor < math.inf


NAMES = ("kWh", "t", "km", "day", "MJ", "CO2e", "kA", "%")
POWERS = st.dictionaries(
    st.sampled_from(NAMES), st.integers(-3, 3).filter(bool), min_size=1, max_size=4
)


@given(powers=POWERS)
def test_products_of_powers_agree_with_pint(powers):
    reference = PEER.Unit("dimensionless")
    for name, power in powers.items():
        reference *= PEER.Unit("percent" if name == "%" else name) ** power
    unit = registry(DOMAIN).parse("*".join(f"{n}**{p}" for n, p in powers.items()))
    # pint multiplies floats, some ten of them, each with an error of 2e-16
    expected = PEER.Quantity(1.0, reference).to_base_units()
    assert unit.factor == pytest.approx(expected.magnitude, rel=1e-14)
    assert dict(unit.dimension.powers) == dict(expected.dimensionality)


PEER = pint.UnitRegistry(cache_folder=None)
for _definition in DOMAIN:
    PEER.define(_definition)

DIMENSIONS = st.dictionaries(
    st.sampled_from(["[mass]", "[length]", "[time]", "[CO2e]"]), st.integers(-4, 4)
).map(lambda powers: Dimension.of(powers.items()))


@given(a=DIMENSIONS, b=DIMENSIONS, power=st.integers(1, 5))
def test_dimensions_form_a_group(a, b, power):
    assert a * b == b * a
    assert (a * b) / b == a
    assert (a / a).dimensionless
    assert (a**power) ** (1 / power) == a  # a third as a float is a third
    assert hash(a * b) == hash(b * a)


@given(a=DIMENSIONS, b=DIMENSIONS)
def test_dimensions_that_differ_print_differently(a, b):
    assert (str(a) == str(b)) == (a == b)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1", "dimensionless"),
        ("kWh/t", "energy/mass"),
        ("kg CO2e/MWh", "carbon_dioxide_equivalent*mass/energy"),
        ("1/kWh", "1/energy"),
        ("MW", "power"),
        ("V", "power/current"),
        ("W/(m K)", "power/(length*temperature)"),
        ("m**0.5", "length^0.5"),
        ("kg/m3", "mass/length^3"),
    ],
)
def test_a_dimension_prints_in_the_words_of_the_field(units, text, printed):
    assert str(units.parse(text).dimension) == printed


def test_importing_the_module_does_not_load_pint():
    code = "import sys, uncertainty.units; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_usual_units_are_those_of_the_dictionary():
    quick = registry(["CO2e = [carbon]", "tce = 29.3076 GJ"])
    slow = registry(["x = [y]", "kWh = 3.6 MJ"])
    assert not slow._usual
    names = set(quick._usual) - {"CO2e", "kWh", "tce"}
    assert {"kg", "MWh", "percent", "day"} <= names
    for name in names:
        assert quick.size(name) == slow.size(name), name
    assert "_dictionary" not in vars(quick)
