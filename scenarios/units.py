"""Units of the domain: CO2e and currencies beside mass, energy and distance."""

from uncertainty.units import Units, registry

DEFINITIONS = (
    # a base dimension, so that kg of metal and kg of CO2e can never be added
    "CO2e = [carbon_dioxide_equivalent]",
    "CNY = [currency_CNY]",
    "EUR = [currency_EUR]",
    "USD = [currency_USD]",
    # what a mass is a mass of; says nothing about the dimension
    "CO2 = []",
    "CH4 = []",
    "N2O = []",
    "CF4 = []",
    "C2F6 = []",
    "SF6 = []",
    "Al = []",
    # standard coal, 7000 kcal/kg: 29 307.6 kJ in GB/T 2589-2020
    "gce = 29.3076 kJ",
    "kgce = 29.3076 MJ",
    "tce = 29.3076 GJ",
)


def units() -> Units:
    """The registry that every study is read with."""
    return registry(DEFINITIONS)
