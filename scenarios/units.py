"""Units of the domain: CO2e and currencies beside mass, energy and distance."""

from uncertainty.units import Dimension, Units, registry

_CODES = """
    CNY EUR USD AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND
    BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP COP CRC CVE CZK DJF DKK DOP DZD EGP
    ERN ETB FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD
    IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX UYU UZS
    VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
CURRENCIES = tuple(_CODES.split())
"""Codes of ISO 4217, none of which turns into another: a rate is an input."""
DEFINITIONS = (
    # a base dimension, so that kg of metal and kg of CO2e can never be added
    "CO2e = [carbon_dioxide_equivalent]",
    *(" = ".join((code, f"[currency_{code}]")) for code in CURRENCIES),
    # standard coal: a mass by name, an amount of heat by definition (7 000 kcal/kg)
    "gram_of_coal_equivalent = 29307.6 J = gce",
    "tonne_of_coal_equivalent = 29.3076 GJ = tce = TCE",
    # goods are counted, and a number of goods is no pure number
    "piece = [piece]",
    # dry metric tonne, and a hundredth of a tonne of a metal in ore
    "dry_metric_tonne = 1000 kg = dmt = DMT",
    "metric_tonne_unit = 10 kg = mtu = MTU",
    # what Chinese sheets write
    "克 = g",
    "千克 = kg = 公斤",
    "吨 = t",
    "万吨 = 1e4 t",
    "千瓦时 = kWh = 度",
    "兆瓦时 = MWh",
    "万千瓦时 = 1e4 kWh",
    "亿千瓦时 = 1e8 kWh",
    "兆焦 = MJ",
    "吉焦 = GJ",
    "件 = piece",
    "千克标准煤 = kgce = 公斤标准煤",
    "吨标准煤 = tce",
    "吨标煤 = tce",
    "万吨标准煤 = 1e4 tce",
    # what a mass is a mass of; says nothing about the dimension
    "CO2 = []",
    "CH4 = []",
    "N2O = []",
    "CF4 = []",
    "C2F6 = []",
    "SF6 = []",
    "Al = []",
    "DM = []",
)


def currency_of(measured: Dimension) -> str | None:
    """The currency that an amount is in, if it is one of money.

    Examples
    --------
    >>> currency_of(units().parse("EUR").dimension)
    'EUR'
    """
    name = str(measured).removeprefix("currency_")
    return name if name in CURRENCIES else None


def units() -> Units:
    """The registry that every study is read with."""
    return registry(DEFINITIONS)
