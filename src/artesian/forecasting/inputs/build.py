"""Build distributions from tables of their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.core.errors import UsageError, did_you_mean
from artesian.forecasting.inputs.distributions import Component, Fixed, LogNormal, Normal, Uniform
from artesian.forecasting.inputs.refused_notations import HINT

FAMILIES: dict[str, type[LogNormal] | type[Normal] | type[Uniform]] = {
    "lognormal": LogNormal,
    "normal": Normal,
    "uniform": Uniform,
}
_KEYS = ("value", "low", "high", "level", "min_value", "max_value", "family")


def build(table: Mapping[str, float], family: type, level: float | None) -> Component:
    """Build a distribution of `family` from a table as in `from_dict`, with a level if not None."""
    content: dict[str, Any] = {**table, "family": family.__name__.lower()}
    if level is not None:
        content["level"] = level
    return from_dict(content)


def from_dict(table: Mapping[str, Any]) -> Component:
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
        raise UsageError("a distribution needs low and high, or value", hint=HINT)
    family_name = FAMILIES[family]
    if family_name is Uniform and len(rest) > 2:
        raise UsageError(
            "a uniform distribution has no level and no bounds", hint="give low and high only"
        )
    return family_name(**rest)
