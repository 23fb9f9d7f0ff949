"""Grammar of a quantity: a number with an optional multiplier, unit and period.

    5B   5 bn   5 billion   400,000,000   20 GB   4B words   10M documents
    5%   5 % a year   3%/month   1.05x/year   4x every 2 years   0.3 OOM/year
    doubling every 9 months   halving in 3 years   1/3

The same grammar is used for the command line, TOML files and Python. `units.py` gives a quantity its
value in the unit of an input.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import final

from artesian.core.errors import UsageError

MULTIPLIERS = {
    "k": 1e3, "K": 1e3, "thousand": 1e3,
    "M": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6,
    "B": 1e9, "b": 1e9, "G": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "billions": 1e9,
    "T": 1e12, "t": 1e12, "tn": 1e12, "trn": 1e12, "trillion": 1e12, "trillions": 1e12,
    "P": 1e15, "quadrillion": 1e15,
}  # fmt: skip
"""Multipliers after a number, on the short scale."""

PREFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
"""Prefixes of formatted amounts, largest first."""

PERIODS_PER_YEAR = {
    "year": 1.0,
    "month": 12.0,
    "quarter": 4.0,
    "week": 365.25 / 7,
    "day": 365.25,
    "decade": 0.1,
}
_PERIODS = {
    "yr": "year", "y": "year", "yoy": "year", "annum": "year", "yearly": "year", "annually": "year",
    "p.a.": "year", "p.a": "year", "pa": "year", "annual": "year", "cagr": "year", "mo": "month",
    "mom": "month", "m/m": "month", "monthly": "month", "q": "quarter", "qoq": "quarter",
    "q/q": "quarter", "quarterly": "quarter", "weekly": "week", "daily": "day",
}  # fmt: skip
_CHANGES = {"doubl": 2.0, "tripl": 3.0, "quadrupl": 4.0, "halv": 0.5}

SIGN = r"[+-]?"
DIGITS = (
    r"(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?: \d{3})+(?![\d.])"
    r"|\d+/\d+|\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
)
NUMBER = rf"{SIGN}\s*{DIGITS}"
_MULTIPLIER_NAMES = "|".join(sorted(MULTIPLIERS, key=len, reverse=True))
_LONG_NAMES = "|".join(name for name in MULTIPLIERS if len(name) > 1)
# The multiplier must end the number: the T of `5TB` belongs to the unit.
_QUANTITY = re.compile(
    rf"(?P<sign>{SIGN})\s*(?P<times>x(?=[\d.]))?(?P<digits>{DIGITS})"
    rf"\s*(?:(?P<multiplier>{_MULTIPLIER_NAMES}|(?i:{_LONG_NAMES}))(?![A-Za-z]))?"
    r"\s*(?P<unit>.*)",
    re.DOTALL,
)
_PERIOD = re.compile(
    r"(?:(?:\s*/\s*|\s+(?:per|an?|each|every|in)\s+)(?:(?P<count>\d+(?:\.\d+)?)\s*)?"
    r"(?P<noun>years?|yr|y|annum|months?|mo|quarters?|q|weeks?|days?|decades?)"
    r"|\s*(?P<adverb>yearly|annually|annual|monthly|quarterly|weekly|daily|(?i:yoy|cagr|qoq|q/q|mom|m/m)"
    r"|p\.?\s?a\.?))$"
)
_CHANGE = re.compile(
    rf"(?P<change>{'|'.join(_CHANGES)})(?:ing|es|e|ed)(?:\s+time)?(?:\s+(?:of|in|every|each|over|per|an?))*"
    r"\s+(?P<rest>.+)",
    re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"(?P<whole>\d+),(?P<part>\d+)(?P<rest>(?:[^,\d].*)?)", re.DOTALL)
_POWER = re.compile(r"(?<=\d)\s*[x*\u00b7]\s*10\s*\^\s*(\d+)")
_POWER_OF_TEN = re.compile(r"(?<![\d.,])10\s*\^\s*(\d+)")
_SUPERSCRIPTS = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079", "0123456789"
)
_RAISED = re.compile(r"(?<=10)[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_SPELLED = {
    "half": "1/2", "third": "1/3", "quarter": "1/4", "fifth": "1/5", "tenth": "1/10",
    "two thirds": "2/3", "three quarters": "3/4",
}  # fmt: skip
_FOLD = re.compile(r"\b(two|three|four|five|ten)[\s-]?fold\b", re.IGNORECASE)
_FOLDS = {"two": "2x", "three": "3x", "four": "4x", "five": "5x", "ten": "10x"}
_SPELLED_FRACTION = re.compile(rf"(?:an?\s+|one[\s-])?(?P<words>{'|'.join(_SPELLED)})")
_GROUPED_BY_POINTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


@final
@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as written.

    Attributes:
        number: Value, with the multiplier applied; for `5 %` it is 5.
        unit: Unit as written without its period, may be empty.
        period: 'year', 'month', ... of a rate; "" if none is given.
        periods: Number of periods: 2 in 'every 2 years'.
        written: Number and multiplier as written.
        multiplier: The multiplier as written, may be empty.
    """

    number: float
    unit: str = ""
    period: str = ""
    periods: float = 1.0
    written: str = ""
    multiplier: str = ""

    def with_unit_of(self, other: Quantity) -> Quantity:
        """Return this quantity with the unit and the period of another one."""
        return replace(self, unit=other.unit, period=other.period, periods=other.periods)

    @property
    def has_unit(self) -> bool:
        """Whether a unit or a period is given."""
        return bool(self.unit or self.period)

    def text(self, unit: str | None = None) -> str:
        """Format with another unit: `text('%')` is '5 %', `text('x')` is '5x'."""
        unit = self.unit if unit is None else unit
        number = self.written or format_amount(self.number)
        space = "" if unit in ("", "x") else " "
        rate = f"/{self.period}" if self.period else ""
        return f"{number}{space}{unit}{rate}"


def format_amount(value: float) -> str:
    """Format an amount with a prefix: 5.0B, 12.5M, 500; beyond all prefixes 2e29.

    >>> format_amount(5e9), format_amount(1.234e13), format_amount(0.25)
    ('5.0B', '12.3T', '0.25')
    """
    if abs(value) >= 1e18:
        return f"{value:.3g}".replace("e+", "e")
    scale, prefix = next(((s, p) for s, p in PREFIXES if abs(value) >= s), (1.0, ""))
    mantissa = value / scale
    exact = abs(mantissa * 10 - round(mantissa * 10)) < 1e-6
    if prefix and abs(mantissa) < 10 and exact:
        return f"{mantissa:.1f}{prefix}"
    return f"{mantissa:.3g}{prefix}" if abs(mantissa) < 1000 else f"{mantissa:.0f}{prefix}"


def normalise(text: str) -> str:
    """Replace typographic characters by those of the grammar, and collapse whitespace."""
    for one, other in (
        ("\N{MINUS SIGN}", "-"),
        ("\N{MULTIPLICATION SIGN}", "x"),
        ("\N{PLUS-MINUS SIGN}", "+-"),
        ("+/-", "+-"),
        ("\N{EN DASH}", "-"),
        ("\N{HORIZONTAL ELLIPSIS}", ".."),
        ("\N{ALMOST EQUAL TO}", "~"),
    ):
        text = text.replace(one, other)
    text = _RAISED.sub(lambda raised: f"^{raised[0].translate(_SUPERSCRIPTS)}", text)
    text = _POWER_OF_TEN.sub(r"1e\1", _POWER.sub(r"e\1", " ".join(text.split())))
    text = _FOLD.sub(lambda fold: _FOLDS[fold[1].lower()], text)
    spelled = _SPELLED_FRACTION.fullmatch(text.lower().replace("-", " "))
    return text if spelled is None else _SPELLED[spelled["words"]]


def parse_quantity(text: str) -> Quantity | None:
    """Parse a quantity; None if the text is not one.

    Raises:
        UsageError: The number may be read in two ways.

    >>> parse_quantity("3%/month")
    Quantity(number=3.0, unit='%', period='month', periods=1.0, written='3', multiplier='')
    """
    change = split_change(text)
    if change is not None:
        factor, rest = change
        period = _PERIODS.get(rest.lower(), rest)
        duration = parse_quantity(rest if rest[:1].isdigit() else f"1 {period}")
        return None if duration is None else growth_of(factor, duration)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    _check_separators(text, match)
    number = parse_number(match["sign"] + match["digits"])
    multiplier = match["multiplier"] or ""
    # Multiplication of 4.27 by 1e9 rounds once, as the literal 4.27e9 does.
    number *= MULTIPLIERS.get(multiplier) or MULTIPLIERS.get(multiplier.lower()) or 1.0
    if not math.isfinite(number):
        return None
    unit, period, periods = _split_period(f" {match['unit'].strip()}")
    if match["times"]:
        unit = f"x{unit}"
    spaced = " " if len(multiplier) > 2 else ""
    written = f"{match['sign']}{match['digits']}{spaced}{multiplier}"
    return Quantity(number, unit, period, periods, written, multiplier)


def split_change(text: str) -> tuple[float, str] | None:
    """Split 'doubling every 9 months' into the factor 2 and '9 months'; None if it is no such text."""
    match = _CHANGE.fullmatch(text)
    return None if match is None else (_CHANGES[match["change"].lower()], match["rest"])


def growth_of(factor: float, duration: Quantity) -> Quantity:
    """Return the growth by `factor` every `duration`, such as doubling every 9 months.

    Raises:
        UsageError: The duration is not positive, or not in years, months or days.
    """
    noun = duration.unit.rstrip("s")
    noun = _PERIODS.get(noun, noun)
    if noun not in PERIODS_PER_YEAR or duration.number <= 0:
        raise UsageError(
            f"{duration.text()!r} is not a duration",
            hint="write `doubling every 9 months` or `doubling every 2 years`",
        )
    return Quantity(factor, "x", noun, duration.number, f"{factor:g}")


def parse_number(text: str) -> float:
    """Parse digits with optional sign, thousands separators and fraction bar.

    >>> parse_number("400,000,000"), parse_number("1/4")
    (400000000.0, 0.25)
    """
    plain = text.replace(",", "").replace("_", "").replace(" ", "")
    above, _, below = plain.partition("/")
    if not below:
        return float(plain)
    return float(above) / float(below) if float(below) else math.inf


def _split_period(unit: str) -> tuple[str, str, float]:
    match = _PERIOD.search(unit)
    if match is None:
        return unit.strip(), "", 1.0
    noun = match["noun"] or match["adverb"].replace(" ", "")
    singular = noun.lower().removesuffix("s")
    periods = float(match["count"] or 1)
    return unit[: match.start()].strip(), _PERIODS.get(singular, singular), periods or 1.0


def _check_separators(text: str, match: re.Match[str]) -> None:
    """Raise if the number continues with a comma or a point that has two readings."""
    comma = _DECIMAL_COMMA.fullmatch(match["digits"] + (match["multiplier"] or "") + match["unit"])
    if "," not in match["digits"] and comma is not None:
        one, other = (
            f"{match['sign']}{comma['whole']}{point}{comma['part']}{comma['rest']}"
            for point in (".", "")
        )
        if comma["whole"].startswith("0"):
            other = f"the two numbers {comma['whole']} and {comma['part']}{comma['rest']}"
        raise UsageError(
            f"{text!r} is ambiguous: {one}, with a decimal comma, or {other}",
            hint=f"write a decimal point and no lone comma, such as `{one}`",
        )
    grouped = _GROUPED_BY_POINTS.match(match["digits"] + match["unit"])
    if grouped:
        commas = grouped[0].replace(".", ",")
        raise UsageError(
            f"{text!r} is ambiguous: {commas}, or {match['digits']} followed by "
            f"{match['unit'] or match['multiplier']!r}",
            hint=f"write commas between thousands: `{commas}`",
        )
