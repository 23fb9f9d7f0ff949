"""Currencies and units that are written beside the digits of a number."""

from __future__ import annotations

import re
import unicodedata

_CURRENCIES = """
AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW
KZT MAD MXN MYR NGN NOK NZD PEN PHP PKR PLN RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU
VND ZAR US$ A$ C$ R$ S$ HK$ NZ$ NT$ MX$ CA$ AU$ S/ S/. RM Rp Rs Rs. kr kr. Kč Ft lei zł Fr Fr. SFr
SFr. лв лв. руб руб. грн дин din kn KM R KSh Lt Ls TL ден Bs Bs. Q L B/. Gs
"""
_UNITS = """
% ‰ pp bp bps ° °C °F ºC ºF K kg g mg µg ug ng t lb lbs oz st ton tons km m dm cm mm µm nm mi mile
miles ft in yd yds nmi l L dl cl ml mL µl gal pt qt m2 m3 m² m³ cm² cm³ cm3 km² km2 ft² ft2 sqft
sqm sq ha ac acre acres b B kb kB KB Mb MB Gb GB TB PB KiB MiB GiB TiB bit bits byte bytes Mbps
Gbps kbps s sec secs ms µs us ns min mins h hr hrs hour hours d day days week weeks month months
mo yr yrs year years y a W kW MW GW Wh kWh MWh GWh J kJ MJ kcal cal BTU V mV kV A mA Ah mAh Ω kΩ
ohm F µF uF pF nF H mH Hz kHz MHz GHz Pa hPa kPa MPa bar mbar psi mmHg atm N kN Nm mol mmol µmol M
mM ppm ppb dB dBm lx lm cd rpm bpm mph kph kmh km/h m/s kn kts knots px dpi pt em x X × CO2 IU U
mEq g/dL mg/dL pcs pc ea Stk St. szt шт Jahre Tage Std Uhr ans jours años días anni giorni dias
anos år timer ct Ct cent cents Cent kWp k bn mn mio Mio Mrd M B T
"""
CURRENCIES, UNITS = frozenset(_CURRENCIES.split()), frozenset(_UNITS.split())
WORD = re.compile(r"[^\W\d_]{1,15}\.?")
_EXPONENT = re.compile(r"(\^[-−]?[1-9]|⁻?[¹²³⁴⁵⁶])$")
_BETWEEN = re.compile(r"[\s/·⋅*]+|(?<=[¹²³⁴⁵⁶])(?=[^\W\d_])")


def is_prefix(text: str) -> bool:
    """Whether a text before digits is a currency or a sign."""
    text = text.strip().removeprefix("+").strip()
    return not text or _is_currency(text) or text in ("%", "~", "≈", "x", "×")


def is_suffix(text: str) -> bool:
    """Whether a text after digits is a currency or a unit.

    >>> [is_suffix(text) for text in (" kWh/(m²·a)", " m·s⁻²", " €/m^2", " W/(m².K)", " (B)", " A4")]
    [True, True, True, True, False, False]
    """
    text = text.strip()
    if _is_bracketed(text):
        text = text.replace("(", "", 1)[:-1]
    return not text or all(map(_is_unit, filter(None, _BETWEEN.split(text))))


def _is_bracketed(text: str) -> bool:
    """Whether a product is divided by the product of units in brackets at its end."""
    single = text.count("(") == text.count(")") == 1
    return single and re.search(r"\w ?[/·*] ?\(.+\)$", text) is not None


def _is_unit(text: str) -> bool:
    """Whether a text is a unit, a power of one, or a product of units written with points."""
    if _is_currency(text) or text in UNITS:
        return True
    base = _EXPONENT.sub("", text)
    if base in UNITS:
        return base != text
    parts = text.split(".")
    return len(parts) > 1 and all(part and _is_unit(part) for part in parts)


def is_counted_thing(text: str) -> bool:
    """Whether a text after digits is a word of its own, as in '12 rooms'."""
    return text[:1].isspace() and WORD.fullmatch(text.strip()) is not None


def _is_currency(text: str) -> bool:
    return text in CURRENCIES or all(unicodedata.category(c) == "Sc" for c in text)
