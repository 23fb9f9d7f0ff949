"""How a source writes the values of a column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artesian.core.errors import SchemaError

SLOT = "{}"
"""Where the digits of a number are in the texts around it."""

MAX_DECIMALS = 38
"""Maximum number of decimals: that of the decimal type."""

RANGES = {
    "decimals": (0, MAX_DECIMALS),
    "significant": (0, MAX_DECIMALS),
    "width": (0, 1_000),
    "group": (1, 9),
}
"""Smallest and largest values of the numbers in a format."""

MAX_PATTERN = 1_000
"""Maximum number of characters of the pattern of a time."""

EXPONENT = re.compile(r"[eE]\+?0{0,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFormat:
    """How a source writes a column's values, so that synthetic data is written in the same way.

    Attributes:
        missing: The text for a missing value ('' for an empty field, '?', 'NA', ...).
        true, false: The texts for a boolean's values ('Yes', 'No'); None for the format's default.
        pattern: strftime pattern of a date or time, with %q for the quarter; None for ISO 8601. For
            durations, a pattern such as 'PT{h}H{m}M' or '{h}:{m:02}', or 'iso' or 'iso hours'.
        decimals: Constant number of decimals; None if it varies.
        significant: Constant number of significant digits; 0 if it varies.
        width: Zero-padded width of whole numbers ('00042'); 0 for none.
        positive, negative: The text around the digits of positive and negative numbers: '${}' and
            '(${})', '{} kg' and '-{} kg'.
        thousands: The mark between groups of three digits; '' for none.
        group: Digits of the groups above the last three: 2 for 12,34,567.
        decimal_mark: The decimal mark; '' for that of the file, which is a point in most.
        exponent: The form of exponents in scientific notation, 'E+00' for 1.89E-03; '' for none.
        stored: What a typed source holds instead of numbers or times: 'text' or 'integer' (packed
            dates such as 20230619); '' if it holds the values themselves.
        templated: Texts with numbers or times inside, such as '128/80', whose parts are modelled.
    """

    missing: str = ""
    true: str | None = None
    false: str | None = None
    pattern: str | None = None
    decimals: int | None = None
    significant: int = 0
    width: int = 0
    positive: str = SLOT
    negative: str = "-" + SLOT
    thousands: str = ""
    group: int = 3
    decimal_mark: str = ""
    exponent: str = ""
    stored: str = ""
    templated: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise SchemaError(
                    f"{name} = {value!r} is out of range",
                    hint=f"write a number from {low} to {high}",
                )
        if self.pattern is not None and len(self.pattern) > MAX_PATTERN:
            raise SchemaError(
                f"pattern has more than {MAX_PATTERN} characters", hint="write a shorter one"
            )
        if self.exponent and not EXPONENT.fullmatch(self.exponent):
            raise SchemaError(
                f"exponent = {self.exponent!r} is not the form of an exponent",
                hint="write 'E+00', 'e0' or the like",
            )
        for name in ("positive", "negative"):
            if getattr(self, name).count(SLOT) != 1:
                raise SchemaError(
                    f"{name} = {getattr(self, name)!r} does not say where the digits are",
                    hint=f"write {SLOT} in their place, as in '${SLOT}' or '({SLOT})'",
                )

    @property
    def plain(self) -> bool:
        """Whether numbers are written as any program writes them."""
        return not (
            self.thousands
            or self.exponent
            or self.significant
            or self.decimal_mark
            or (self.positive, self.negative) != (SLOT, "-" + SLOT)
        )


FORMAT_FIELDS: Mapping[str, type] = {
    "missing": str,
    "true": str,
    "false": str,
    "pattern": str,
    "decimals": int,
    "significant": int,
    "width": int,
    "positive": str,
    "negative": str,
    "thousands": str,
    "group": int,
    "decimal_mark": str,
    "exponent": str,
    "stored": str,
    "templated": bool,
}
"""The fields in a schema file, with the type of each."""


def differences(value_format: ValueFormat) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    plain = ValueFormat()
    return {
        name: value
        for name in FORMAT_FIELDS
        if (value := getattr(value_format, name)) != getattr(plain, name)
    }
