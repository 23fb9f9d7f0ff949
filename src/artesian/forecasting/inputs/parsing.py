"""Parse distributions from text or from a TOML table.

Text: `0.2`, `0.1..0.4`, `0.1..0.4@90`, `30T..60T tokens`, `normal -1..1@90 within -2..2`,
`uniform 0..1`. The default family of an interval is log-normal, the default level 95 %. A number may
end in a suffix k, M, G or B, T, P (10^3 to 10^15) or % (10^-2).
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

# The suffix must end the number: the T of `5TB` and the % of `4%/year` belong to the unit.
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
    """Parse a distribution from text. `parse(str(distribution))` returns an equal distribution.

    Args:
        text: Text in the notation of this module's docstring.
        family: Family of an interval that states none: 'lognormal', 'normal' or 'uniform'.
        convert: Called with each number and the unit in the text ("" if none). Without it, a unit
            is an error.

    Raises:
        UsageError: The text has a syntax error, or its parts are inconsistent.

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
            f"{family_name!r} is not a distribution family",
            hint=did_you_mean(family_name, FAMILIES),
        )
    if convert is None and groups["unit"]:
        raise UsageError(
            f"{text!r} has the unit {groups['unit']!r}, but no unit is allowed here",
            hint="omit the unit",
        )

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
        # 30..60T may mean 30T..60T; parsing 30 literally would be off by twelve orders of magnitude.
        raise UsageError(
            f"{text!r}: only the high end has a suffix",
            hint="give both ends the suffix, as in "
            f"{groups['low']}{groups['high'][-1]}..{groups['high']}",
        )
    table: dict[str, Any] = {"min_value": number("min_value"), "max_value": number("max_value")}
    if groups["level"] is not None:
        # Rounding makes 0.7 % exactly 0.007.
        table["level"] = round(float(groups["level"]) / 100, 12)
    if high is None:
        table["value"] = low
    else:
        table |= {"low": low, "high": high, "family": family_name}
    return from_dict({name: value for name, value in table.items() if value is not None})


def from_dict(table: Mapping[str, Any]) -> Distribution:
    """Build a distribution from a table with `value`, or with `low` and `high`.

    Args:
        table: Keys `value`; or `low`, `high` and optionally `level`, `min_value`, `max_value` and
            `family`.

    Raises:
        UsageError: A key is unknown or missing, or the values are inconsistent.
    """
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"a distribution has no key {key!r}", hint=did_you_mean(key, _KEYS))
    if "value" in table:
        if len(table) > 1:
            extra = ", ".join(key for key in table if key != "value")
            raise UsageError(
                f"a single value has no {extra}",
                hint=f"give low and high instead of value, or remove {extra}",
            )
        return Fixed(table["value"])
    rest = dict(table)
    family = rest.pop("family", "lognormal")
    if family not in FAMILIES:
        raise UsageError(
            f"{family!r} is not a distribution family", hint=did_you_mean(str(family), FAMILIES)
        )
    if not {"low", "high"} <= rest.keys():
        raise UsageError("a distribution needs low and high, or value", hint=_HINT)
    family_name = FAMILIES[family]
    if family_name is Uniform and len(rest) > 2:
        raise UsageError(
            "a uniform distribution has no level and no bounds", hint="give low and high only"
        )
    return family_name(**rest)


def parse_number(text: str) -> float:
    """Parse a number with an optional suffix.

    >>> parse_number("30T")
    30000000000000.0
    """
    if text[-1] in SUFFIXES:
        # Division by 100 is correctly rounded, multiplication by 0.01 is not.
        factor = SUFFIXES[text[-1]]
        number = float(text[:-1])
        return number / 100 if text[-1] == "%" else number * factor
    return float(text)
