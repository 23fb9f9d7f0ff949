"""Read what is known about a number from text or from a TOML table.

Text: `0.2`, `0.1..0.4`, `0.1..0.4@90`, `30T..60T tokens`, `normal -1..1@90 within -2..2`,
`uniform 0..1`. An interval without a family is log-normal, one without a level holds 95 %. A number
may end in k, M, G or B, T, P (thousands, each time a thousand more) or % (hundredths).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from artesian.core.errors import UsageError, did_you_mean
from artesian.forecasting.inputs.distributions import (
    Distribution,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
)

UnitConverter: TypeAlias = Callable[[float, str], float]

FAMILIES: dict[str, type[LogNormal] | type[Normal] | type[Uniform]] = {
    "lognormal": LogNormal,
    "normal": Normal,
    "uniform": Uniform,
}
SUFFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12, "P": 1e15, "%": 1e-2}

# A letter of size ends the number: the T of `5TB` belongs to the unit, and so does the % of `4%/year`.
_NUMBER = r"[+-]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?:[kMGBTP](?![A-Za-z])|%(?!/))?"
_PATTERN = re.compile(
    rf"(?:(?P<family>[a-z]+)\s+)?(?P<low>{_NUMBER})(?:\s*\.\.\s*(?P<high>{_NUMBER}))?"
    rf"\s*(?P<unit>(?:[A-Za-z%][^@]*?)??)\s*(?:@\s*(?P<level>\d+(?:\.\d+)?)\s*%?)?"
    rf"(?:\s*\bwithin\s+(?P<min_value>{_NUMBER})?\s*\.\.\s*(?P<max_value>{_NUMBER})?)?"
)
_HINT = "write 0.2, 0.1..0.4, 0.1..0.4@90 or 30T..60T tokens"
_KEYS = ("value", "low", "high", "level", "min_value", "max_value", "family")


def parse(
    text: str, *, family: str = "lognormal", convert: UnitConverter | None = None
) -> Distribution:
    """Read a distribution from text; `str` of a distribution reads back as the same one.

    Args:
        text: As in this module's docstring.
        family: Of an interval that names none: 'lognormal', 'normal' or 'uniform'.
        convert: Called with each number and the unit of the text ("" if none). Without it a unit is
            an error.

    Raises:
        UsageError: the text cannot be read, or what it says contradicts itself.

    >>> parse("0.1..0.4@90")
    LogNormal(low=0.1, high=0.4, level=0.9, min_value=None, max_value=None)
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a number or an interval", hint=_HINT)
    groups = match.groupdict()
    family_name = groups["family"] or family
    if family_name not in FAMILIES:
        raise UsageError(
            f"{family_name!r} is no family of distributions",
            hint=did_you_mean(family_name, FAMILIES),
        )
    if convert is None and groups["unit"]:
        raise UsageError(f"{text!r} has the unit {groups['unit']!r}", hint="leave the unit out")

    def number(name: str) -> float | None:
        if groups[name] is None:
            return None
        value = parse_number(groups[name])
        return value if convert is None else convert(value, groups["unit"])

    low, high = number("low"), number("high")
    if (
        high is not None
        and low
        and groups["high"][-1] in SUFFIXES
        and groups["low"][-1] not in SUFFIXES
    ):
        # 30..60T may mean 30T, and then to read 30 would be wrong by twelve orders of magnitude.
        raise UsageError(
            f"{text!r}: only the high end has a letter of size",
            hint=f"write both ends alike, as in {groups['low']}{groups['high'][-1]}..{groups['high']}",
        )
    table: dict[str, Any] = {"min_value": number("min_value"), "max_value": number("max_value")}
    if groups["level"] is not None:
        # Rounded, so that 0.7 % is 0.007 to the last digit.
        table["level"] = round(float(groups["level"]) / 100, 12)
    if high is None:
        table["value"] = low
    else:
        table |= {"low": low, "high": high, "family": family_name}
    return from_dict({name: value for name, value in table.items() if value is not None})


def from_dict(table: Mapping[str, Any]) -> Distribution:
    """Read a distribution from a table: `value`, or `low` and `high` with `level` and others.

    Raises:
        UsageError: a key is unknown or missing, or what the table says contradicts itself.
    """
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"a distribution has no {key!r}", hint=did_you_mean(key, _KEYS))
    if "value" in table:
        if len(table) > 1:
            extra = ", ".join(key for key in table if key != "value")
            raise UsageError(f"a single value has no {extra}", hint="give low and high, or drop it")
        return Fixed(table["value"])
    rest = dict(table)
    family = rest.pop("family", "lognormal")
    if family not in FAMILIES:
        raise UsageError(
            f"{family!r} is no family of distributions", hint=did_you_mean(str(family), FAMILIES)
        )
    if not {"low", "high"} <= rest.keys():
        raise UsageError("a distribution needs low and high, or value", hint=_HINT)
    family_name = FAMILIES[family]
    if family_name is Uniform and len(rest) > 2:
        raise UsageError("a uniform interval has no level and no bounds", hint="give low and high")
    return family_name(**rest)


def parse_number(text: str) -> float:
    """Read a number with its letter of size.

    >>> parse_number("30T")
    30000000000000.0
    """
    if text[-1] in SUFFIXES:
        # Through text, so that 30% is 0.3 to the last digit.
        factor = SUFFIXES[text[-1]]
        number = float(text[:-1])
        return number / 100 if text[-1] == "%" else number * factor
    return float(text)
